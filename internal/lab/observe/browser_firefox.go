package observe

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// firefox drives Firefox ESR, headless.
type firefox struct{ place }

// firefoxPreferences turn off what asks the network by itself or rewrites
// http: URLs; what a page may do is as it comes.
//
//go:embed firefox_user.js
var firefoxPreferences string

// firefoxConsole is what Firefox runs when it starts, with the rights of its own
// code: it writes what the console service is told to a pipe.
//
//go:embed firefox_console.js
var firefoxConsole string

func (f firefox) path() (string, error) {
	return f.find("firefox-esr", "/usr/lib/firefox-esr/firefox-esr", "/usr/lib/firefox/firefox")
}

func (f firefox) version() (string, error) {
	if f.built != "" {
		return f.built, nil
	}
	path, err := f.path()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return "", err
	}
	return versionIn(out)
}

func (f firefox) start(l *launch) (*process, error) {
	path, err := f.path()
	if err != nil {
		return nil, err
	}
	certutil, err := find("libnss3-tools", "certutil")
	if err != nil {
		return nil, err
	}
	profile, pipe, program := filepath.Join(l.dir, "profile"), filepath.Join(l.dir, "console"), ""
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	if program, err = f.shadow(path, filepath.Join(l.dir, "firefox"), pipe); err != nil {
		return nil, fmt.Errorf("preparing Firefox: %w", err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPreferences+localNetworkPreferences(l.permits)), 0o600); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"-N", "-d", "sql:" + profile, "--empty-password"},
		{"-A", "-d", "sql:" + profile, "-n", "observer", "-t", "C,,", "-i", l.authority},
	} {
		if out, err := exec.Command(certutil, args...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("certutil %s: %w: %s", args[0], err, out)
		}
	}
	if err := makePipe(pipe); err != nil {
		return nil, err
	}
	// Both ends, so that neither side waits for the other to open it.
	console, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	cmd := f.command(program, "--headless", "--no-remote", "--profile", profile, l.url)
	cmd.Env = environment(l.dir, "MOZ_CRASHREPORTER_DISABLE=1")
	cmd.Stdout, cmd.Stderr = l.log, l.log
	p, err := start(cmd, "error:observed")
	if err != nil {
		console.Close()
		return nil, err
	}
	go p.scan(console, io.Discard, parseFirefox)
	go func() {
		<-p.exited
		console.Close()
	}()
	return p, nil
}

// localNetworkPreferences say what the user has said of local networks: without them Firefox asks, and waits.
func localNetworkPreferences(p permissions) string {
	state := func(granted bool) int {
		if granted {
			return 1
		}
		return 2
	}
	return fmt.Sprintf("user_pref(\"permissions.default.local-network\", %d);\nuser_pref(\"permissions.default.loopback-network\", %d);\n",
		state(p.local), state(p.loopback))
}

// shadow makes a directory with links to all that is in Firefox's own, a
// copy of the program, and the script that listens to the console beside it: it
// is only looked for there. It returns the path of the copy.
func (f firefox) shadow(program, dir, pipe string) (string, error) {
	from := filepath.Dir(program)
	preferences := filepath.Join("defaults", "pref")
	if err := os.MkdirAll(filepath.Join(dir, preferences), 0o700); err != nil {
		return "", err
	}
	for _, sub := range []string{"", "defaults", preferences} {
		entries, err := os.ReadDir(f.within(filepath.Join(from, sub)))
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
		for _, e := range entries {
			name := filepath.Join(sub, e.Name())
			if name == filepath.Base(program) || name == "defaults" || name == preferences {
				continue
			}
			if err := os.Symlink(filepath.Join(from, name), filepath.Join(dir, name)); err != nil {
				return "", err
			}
		}
	}
	copied, err := os.ReadFile(f.within(program))
	if err != nil {
		return "", err
	}
	shadow := filepath.Join(dir, filepath.Base(program))
	if err := os.WriteFile(shadow, copied, 0o700); err != nil {
		return "", err
	}
	const config = `pref("general.config.filename", "observe.cfg");
pref("general.config.obscure_value", 0);
pref("general.config.sandbox_enabled", false);
`
	if err := os.WriteFile(filepath.Join(dir, preferences, "observe.js"), []byte(config), 0o600); err != nil {
		return "", err
	}
	quoted, _ := json.Marshal(pipe)
	script := strings.Replace(firefoxConsole, `"PIPE"`, string(quoted), 1)
	return shadow, os.WriteFile(filepath.Join(dir, "observe.cfg"), []byte(script), 0o600)
}

// parseFirefox reads what firefox_console.js writes.
func parseFirefox(line string) (string, bool) {
	var m struct{ Category, Text, Source string }
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return "", false
	}
	if strings.Contains(m.Text, "error:observed") {
		return m.Text, true
	}
	switch m.Category {
	case "", "content javascript", "chrome javascript", "XPConnect JavaScript", "component javascript":
		return "", false // errors of the browser's own code
	}
	return "[" + m.Category + "] " + m.Text, true
}
