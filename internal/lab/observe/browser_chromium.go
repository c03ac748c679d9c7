package observe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// chromium drives Chromium, headless.
type chromium struct{ place }

func (c chromium) path() (string, error) { return c.find("chromium", "chromium") }

func (c chromium) version() (string, error) {
	if c.built != "" {
		return c.built, nil
	}
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
	if err := writeChromiumPreferences(l); err != nil {
		return nil, err
	}
	off := "HttpsUpgrades"
	if !l.localNetworks {
		off += ",LocalNetworkAccessChecks"
	}
	version, err := c.version()
	if err != nil {
		return nil, err
	}
	cmd := c.command(path,
		"--user-agent="+chromiumUserAgent(version),
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--no-default-browser-check", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-breakpad",
		"--disable-features="+off,
		"--ignore-certificate-errors-spki-list="+l.fingerprint,
		"--user-data-dir="+l.dir,
		"--enable-logging=stderr",
		l.url)
	cmd.Env = environment(l.dir)
	return run(cmd, "observed", l.log, chromiumParser())
}

// chromiumUserAgent returns what Chromium of a version says that it is where it has a window.
func chromiumUserAgent(version string) string {
	return "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + majorOf("chromium", version) + ".0.0.0 Safari/537.36"
}

// writeChromiumPreferences writes what a new profile begins with: third-party cookies as Chrome is shipped, which Debian's
// build has changed (profile.cookie_controls_mode is 1 there, which blocks them), and what the user has permitted.
func writeChromiumPreferences(l *launch) error {
	profile := map[string]any{"cookie_controls_mode": 2}
	// The permission local-network is stored under the name that both once had.
	states := make(map[string]any)
	exceptions := make(map[string]any)
	for name, granted := range map[string]bool{"local_network_access": l.permits.local, "local_network": l.permits.local, "loopback_network": l.permits.loopback} {
		state := 2 // blocked
		if granted {
			state = 1
		}
		states[name] = state
		exceptions[name] = map[string]any{"*,*": map[string]any{"setting": state}}
	}
	profile["default_content_setting_values"] = states
	profile["content_settings"] = map[string]any{"exceptions": exceptions}
	text, err := json.Marshal(map[string]any{"profile": profile})
	if err != nil {
		return err
	}
	dir := filepath.Join(l.dir, "Default")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "Preferences"), text, 0o600)
}

// chromiumParser returns a function that reads lines of Chromium's log, such as
//
//	[12:34:1122/081500.123456:INFO:CONSOLE:1] "message", source: http://a.test/ (1)
//
// where the message may have line feeds.
func chromiumParser() func(line string) (string, bool) {
	open := "" // an entry that is not at its end yet
	return func(line string) (string, bool) {
		if open != "" {
			line = open + "\n" + line
			open = ""
		}
		head, rest, _ := strings.Cut(line, "] ")
		if !strings.HasPrefix(head, "[") || !strings.Contains(head, ":CONSOLE") || !strings.HasPrefix(rest, `"`) {
			return "", false
		}
		const middle = `", source: `
		end := strings.LastIndex(rest, middle)
		if end < 0 {
			open = line
			return "", false
		}
		if strings.HasPrefix(rest[end+len(middle):], "chrome") {
			return "", false // the browser's own pages
		}
		return rest[1:end], true
	}
}
