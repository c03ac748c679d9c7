package observe

import (
	"os/exec"
	"strings"
)

// chromium drives Chromium, headless.
type chromium struct{}

func (chromium) path() (string, error) { return find("chromium", "chromium") }

func (c chromium) version() (string, error) {
	path, err := c.path()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return "", err
	}
	return versionIn(out)
}

func (c chromium) start(l *launch) (*process, error) {
	path, err := c.path()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path,
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-breakpad",
		"--disable-features=HttpsUpgrades,LocalNetworkAccessChecks",
		"--ignore-certificate-errors-spki-list="+l.fingerprint,
		"--user-data-dir="+l.dir,
		"--enable-logging=stderr",
		l.url)
	cmd.Env = environment(l.dir)
	return run(cmd, "observed", l.log, parseChromium)
}

// parseChromium reads a line of Chromium's log, such as
//
//	[12:34:1122/081500.123456:INFO:CONSOLE:1] "message", source: http://a.test/ (1)
func parseChromium(line string) (string, bool) {
	head, rest, ok := strings.Cut(line, "] ")
	if !ok || !strings.HasPrefix(head, "[") || !strings.Contains(head, ":CONSOLE") {
		return "", false
	}
	end := strings.LastIndex(rest, `", source: `)
	if !strings.HasPrefix(rest, `"`) || end < 0 {
		return "", false
	}
	if strings.HasPrefix(rest[end+len(`", source: `):], "chrome") {
		return "", false // the browser's own pages
	}
	return rest[1:end], true
}
