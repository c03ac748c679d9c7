//go:build e2e

// Package e2e tests the command against real servers and browsers, which
// `go test ./...` does not need: .ci/run runs it with the build tag e2e.
package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// simulate builds the command and returns a function that runs it, and gives
// what it printed and its exit status.
func simulate(t *testing.T) func(args ...string) (string, int) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "simulate")
	if out, err := exec.Command("go", "build", "-o", binary, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return func(args ...string) (string, int) {
		t.Helper()
		out, err := exec.Command(binary, args...).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return string(out), exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out), 0
	}
}

// pageBlock returns the first block of a language in the page about solving an error.
func pageBlock(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile("../../../docs/solve.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatalf("docs/solve.md has no block of %s", language)
	}
	return string(block[1])
}

// startNginx starts nginx with the given lines in its http block and waits until
// it listens.
func startNginx(t *testing.T, address, lines string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf("daemon off;\nmaster_process off;\npid %[1]s/pid;\nerror_log stderr;\nevents {}\n"+
		"http {\naccess_log off;\nclient_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/proxy;\n"+
		"fastcgi_temp_path %[1]s/fastcgi;\nuwsgi_temp_path %[1]s/uwsgi;\nscgi_temp_path %[1]s/scgi;\n%[2]s\n}\n", dir, lines)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	nginx := exec.Command("nginx", "-c", config, "-e", "stderr")
	nginx.Stderr = &stderr
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nginx.Process.Kill()
		nginx.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nginx does not listen:\n%s\n%s", stderr.String(), text)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestNginx checks the nginx configuration of docs/solve.md: with it requests are
// allowed, without it blocked, each for the right reason.
func TestNginx(t *testing.T) {
	run := simulate(t)
	snippet := pageBlock(t, "nginx")
	const listen = "127.0.0.1:8080"
	if !strings.Contains(snippet, listen) {
		t.Fatalf("the nginx configuration of docs/solve.md does not listen on %s", listen)
	}
	bare := "server { listen " + listen + "; location / { return 200 'hello'; } }"

	simple := []string{"--origin", "http://localhost:3000"}
	put := append([]string{"-X", "PUT", "-H", "Content-Type: application/json", "-d", "{}", "--credentials", "include"}, simple...)

	for _, test := range []struct {
		name, config string
		args         []string
		exit         int
		says         string
	}{
		{"configured, GET", snippet, simple, 0, "ALLOWED"},
		{"configured, PUT with JSON and credentials", snippet, put, 0, "ALLOWED"},
		{"bare, GET", bare, simple, 1, "Access-Control-Allow-Origin"},
		{"bare, PUT with JSON and credentials", bare, put, 1, "Access-Control-Allow-Origin"},
		{"configured, another origin", snippet, []string{"--origin", "http://evil.example"}, 1, "Access-Control-Allow-Origin"},
		{"configured, another method", snippet, append([]string{"-X", "DELETE"}, simple...), 1, "DELETE"},
		{"configured, another header", snippet, append([]string{"-H", "X-Other: 1"}, simple...), 1, "x-other"},
	} {
		t.Run(test.name, func(t *testing.T) {
			address := freeAddress(t)
			startNginx(t, address, strings.ReplaceAll(test.config, listen, address))
			out, exit := run(append([]string{"check", "http://" + address + "/api/things"}, test.args...)...)
			if exit != test.exit || !strings.Contains(out, test.says) {
				t.Errorf("simulate check %v: exit status %d, want %d, saying %q:\n%s", test.args, exit, test.exit, test.says, out)
			}
		})
	}
}
