//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletion types into real shells: flags, their values and the names of files are
// completed, also behind characters at which Readline breaks words.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		program(t, shell, shell)
	}
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "customer file.har"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("HOME", dir)
	script, err := exec.Command("simulate", "completion", "zsh").Output()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "_simulate"), script, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	shells := []struct{ shell, setup string }{
		{"bash", "cd " + dir + "; source <(simulate completion bash)"},
		{"zsh", "cd " + dir + "; autoload -U compinit; compinit -u -D; source <(simulate completion zsh)"},
		{"zsh", "cd " + dir + "; fpath=(" + dir + " $fpath); autoload -U compinit; compinit -u -D"}, // as a package installs it
	}
	driver, err := filepath.Abs("testdata/complete.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ typed, wanted string }{
		{"simulate expl", "explain "},
		{"simulate check --credentials incl", "include "},
		{"simulate check --credentials=incl", "--credentials=include "},
		{"simulate check --browser firefox@14", "firefox@140.12.0"},
		{"simulate check --browser=webkit@", "--browser=webkit@2"},
		{"simulate check --browser chromium@156", "chromium@156.0."},
		{"simulate explain --server clou", "cloudfront"},
		{"simulate explain --cause options-not-r", "options-not-routed "},
		{"simulate quirks authorization-under", "authorization-under-wildcard "},
		{"simulate check --permission local-network=g", "local-network=granted "},
		{"simulate replay --no-such-flag cust", `customer\ file.har`},
		{"simulate replay --html cust", `customer\ file.har`},
	} {
		for _, s := range shells {
			if out, err := exec.Command(python, driver, s.shell, s.setup, tt.typed, tt.wanted).CombinedOutput(); err != nil {
				t.Errorf("%s, %s: %q is not completed to %q: %v\n%s", s.shell, s.setup, tt.typed, tt.wanted, err, out)
			}
		}
		out, err := exec.Command("fish", "-c", "cd "+dir+"; simulate completion fish | source; complete -C '"+tt.typed+"'").CombinedOutput()
		wanted := strings.ReplaceAll(strings.TrimSpace(tt.wanted), `\ `, " ")
		if err != nil || !strings.Contains(strings.ReplaceAll(string(out), `\ `, " "), wanted) {
			t.Errorf("fish: %q is not completed to %q: %v\n%s", tt.typed, wanted, err, out)
		}
	}
}

// TestManual has man read each page without a complaint.
func TestManual(t *testing.T) {
	program(t, "man", "man-db")
	run := simulate(t)
	dir := t.TempDir()
	if out, exit := run("man", "--all", dir); exit != 0 {
		t.Fatal(out)
	}
	pages, err := filepath.Glob(dir + "/*.1")
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	for _, page := range pages {
		cmd := exec.Command("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANROFFSEQ=", "MANWIDTH=80")
		var complaints strings.Builder
		cmd.Stderr = &complaints
		if out, err := cmd.Output(); err != nil || complaints.Len() > 0 || len(out) < 500 {
			t.Errorf("%s: %v, %d bytes: %s", page, err, len(out), complaints.String())
		}
	}
}
