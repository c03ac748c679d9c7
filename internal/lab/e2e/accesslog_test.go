//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// logged are the requests of the traffic that each server logs, and the answers of the back end,
// by the lines of their headers.
var logged = []struct {
	method, path, request string
	status                int
	answer                string
}{
	{"GET", "/allowed?q=1&r=%22", "Origin: https://app.example\nSec-Fetch-Mode: cors\nCookie: a=b", 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nVary: Origin"},
	{"GET", "/star", "Origin: https://app.example\nSec-Fetch-Mode: cors", 200, "Access-Control-Allow-Origin: *"},
	{"GET", "/star-cookie", "Origin: https://app.example\nSec-Fetch-Mode: cors\nCookie: a=b", 200, "Access-Control-Allow-Origin: *"},
	{"GET", "/none", "Origin: https://app.example\nSec-Fetch-Mode: cors", 200, ""},
	{"GET", "/other", "Origin: https://app.example", 200, "Access-Control-Allow-Origin: https://other.example"},
	{"GET", "/twice", "Origin: https://app.example\nSec-Fetch-Mode: cors", 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true"},
	{"GET", "/quoted", "Origin: https://app.example\nSec-Fetch-Mode: cors", 200, `Access-Control-Allow-Origin: "https://app.example\"`},
	{"GET", "/null", "Origin: null", 200, "Access-Control-Allow-Origin: https://app.example"},
	{"GET", "/same", "Sec-Fetch-Mode: cors\nSec-Fetch-Site: same-origin", 200, ""},
	{"GET", "/image", "Sec-Fetch-Mode: no-cors\nSec-Fetch-Site: cross-site", 200, ""},
	{"GET", "/plain", "", 200, ""},
	{"POST", "/form", "Origin: https://app.example\nSec-Fetch-Mode: navigate\nContent-Type: text/plain", 200, ""},
	{"POST", "/beacon", "Origin: https://app.example\nContent-Type: text/plain", 200, ""},
	{"GET", "/error", "Origin: https://app.example\nSec-Fetch-Mode: cors", 500, ""},
	{"GET", "/redirect", "Origin: https://app.example\nSec-Fetch-Mode: cors", 302, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nLocation: mailto:a@b.example"},
	{"OPTIONS", "/put", "Origin: https://app.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: content-type,x-a", 204, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: content-type, x-a"},
	{"PUT", "/put", "Origin: https://app.example\nSec-Fetch-Mode: cors\nContent-Type: application/json\nX-A: 1", 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true"},
	{"OPTIONS", "/method", "Origin: https://app.example\nAccess-Control-Request-Method: DELETE", 204, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT"},
	{"OPTIONS", "/header", "Origin: https://app.example\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: x-a,x-b", 204, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Headers: x-a"},
	{"OPTIONS", "/missing", "Origin: https://app.example\nAccess-Control-Request-Method: PUT", 404, ""},
}

// headerLines reads the lines of headers.
func headerLines(text string) (list [][2]string) {
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			list = append(list, [2]string{name, value})
		}
	}
	return list
}

// backendOfLogs answers as logged says.
func backendOfLogs(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, l := range logged {
			if path, _, _ := strings.Cut(l.path, "?"); path == r.URL.Path && l.method == r.Method {
				for _, h := range headerLines(l.answer) {
					w.Header().Add(h[0], h[1])
				}
				w.WriteHeader(l.status)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// sendLogged sends the traffic and returns it as a HAR, as a proxy between would record it; with
// merged, as recorders do that keep one value a name.
func sendLogged(t *testing.T, address string, merged bool) []byte {
	t.Helper()
	entries := []any{}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, l := range logged {
		r, err := http.NewRequest(l.method, "http://"+address+l.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		requested := [][2]string{{"Host", address}, {"User-Agent", "e2e"}}
		for _, h := range headerLines(l.request) {
			r.Header.Add(h[0], h[1])
			requested = append(requested, h)
		}
		started := time.Now()
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != l.status {
			t.Fatalf("%s %s: status %d", l.method, l.path, response.StatusCode)
		}
		var answered any
		if merged {
			object := map[string]string{}
			for name := range response.Header {
				object[name] = response.Header.Get(name)
			}
			answered = object
		} else {
			pairs := [][2]string{}
			for name, values := range response.Header {
				for _, value := range values {
					pairs = append(pairs, [2]string{name, value})
				}
			}
			answered = pairs
		}
		entries = append(entries, map[string]any{
			"startedDateTime": started.Format(time.RFC3339Nano), "time": 1,
			"request":  map[string]any{"method": l.method, "url": "http://" + address + l.path, "headers": requested},
			"response": map[string]any{"status": response.StatusCode, "headers": answered},
		})
	}
	har, err := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]string{"name": "mitmproxy", "version": "12"}, "entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	return har
}

// verdicts judges a recording in every engine, a line a request.
func verdicts(t *testing.T, recording []byte) (lines []string) {
	t.Helper()
	in, err := record.NewReader(bytes.NewReader(recording), record.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, recording)
	}
	for line, err := range replay.Judge(context.Background(), in, replay.Options{Engines: browser.All()}, func(r *replay.Result) string {
		if strings.HasPrefix(r.Exchange.Request.Method, "<") {
			return "" // a connection that was closed without a request: the test looked whether the server listens
		}
		_, path, _ := strings.Cut(strings.TrimPrefix(r.Exchange.Request.URL, "http://"), "/")
		line := r.Exchange.Request.Method + " /" + path
		for _, v := range r.Verdicts {
			line += fmt.Sprintf(" | %s %s %v", v.Engine.Name(), v.Outcome, v.Missing.Text())
			if v.Err != nil {
				for _, e := range v.Err.All() {
					line += fmt.Sprintf(" %s %q", e.Reason, e.Value)
				}
			}
			if v.Exempt != 0 {
				line += " " + v.Exempt.String()
			}
		}
		return line
	}) {
		if err != nil {
			t.Fatalf("%v\n%s", err, recording)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// watchBlock returns the block of a language in docs/watch-production.md.
func watchBlock(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/watch-production.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatalf("docs/watch-production.md has no block of %s", language)
	}
	return string(block[1])
}

// TestAccessLogs sends the same traffic through each server, which logs it in the documented
// format: what replay makes of the log is what it makes of a HAR of the traffic.
func TestAccessLogs(t *testing.T) {
	type server struct {
		merged bool // its log has the first header of a name only
		start  func(t *testing.T, listen, backend, log string)
	}
	command := func(t *testing.T, listen string, cmd *exec.Cmd) *process {
		p := start(t, cmd)
		t.Cleanup(p.stop)
		for range 200 {
			if c, err := net.Dial("tcp", listen); err == nil {
				c.Close()
				return p
			}
			time.Sleep(25 * time.Millisecond)
		}
		t.Fatalf("%s does not listen:\n%s", cmd.Path, p.output)
		return nil
	}
	for name, s := range map[string]server{
		"nginx": {nginxMergesRepeats(t), func(t *testing.T, listen, backend, log string) {
			lines := strings.ReplaceAll(watchBlock(t, "nginx"), "/var/log/nginx/cors.log", log)
			format, accessLog, _ := strings.Cut(lines, "access_log ") // startNginx has switched off those of http
			startNginx(t, listen, format+"\nserver { listen "+listen+"; access_log "+accessLog+" location / { proxy_pass http://"+backend+"; } }")
		}},
		"apache": {true, func(t *testing.T, listen, backend, log string) {
			lines := strings.NewReplacer("/var/log/apache2/cors.log", log, `\"scheme\":\"https\"`, `\"scheme\":\"http\"`).Replace(watchBlock(t, "apache"))
			dir := files(t, nil)
			config := filepath.Join(dir, "apache.conf")
			modules := ""
			for _, m := range []string{"mpm_event", "authz_core", "proxy", "proxy_http", "setenvif"} {
				modules += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
			}
			text := "ServerName 127.0.0.1\nListen " + listen + "\nPidFile " + dir + "/pid\nErrorLog " + dir + "/error.log\n" + modules + lines +
				"\nProxyPass / http://" + backend + "/\n"
			if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			command(t, listen, exec.Command(program(t, "apache2", "apache2"), "-X", "-f", config))
		}},
		"haproxy": {false, func(t *testing.T, listen, backend, log string) {
			lines := strings.ReplaceAll(watchBlock(t, "haproxy"), `"scheme":"https"`, `"scheme":"http"`)
			dir := files(t, map[string]string{"haproxy.cfg": "global\n log stdout len 8192 format raw local0\ndefaults\n mode http\n log global\n timeout client 9s\n timeout server 9s\n timeout connect 9s\n" +
				"frontend f\n bind " + listen + "\n" + lines + " default_backend b\nbackend b\n server s " + backend + "\n"})
			out, err := os.Create(log)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { out.Close() })
			p := command(t, listen, exec.Command("sh", "-c", "exec "+program(t, "haproxy", "haproxy")+" -f "+dir+"/haproxy.cfg >"+log))
			_ = p
		}},
		"caddy": {false, func(t *testing.T, listen, backend, log string) {
			dir := files(t, map[string]string{"Caddyfile": "{\n admin off\n auto_https off\n}\nhttp://" + listen + " {\n log {\n  output file " + log + "\n }\n reverse_proxy " + backend + "\n}\n"})
			cmd := exec.Command(program(t, "caddy", "caddy"), "run", "--config", dir+"/Caddyfile", "--adapter", "caddyfile")
			cmd.Env = append(os.Environ(), "HOME="+dir)
			command(t, listen, cmd)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			listen, log := freeAddress(t), filepath.Join(files(t, nil), "access.log")
			s.start(t, listen, backendOfLogs(t), log)
			want := verdicts(t, sendLogged(t, listen, s.merged))
			var got []string
			for range 100 { // servers write their logs a little later
				if text, _ := os.ReadFile(log); bytes.Count(text, []byte("\n")) >= len(logged) {
					if got = verdicts(t, text); len(got) >= len(want) {
						break
					}
				}
				time.Sleep(50 * time.Millisecond)
			}
			if len(got) != len(want) {
				text, _ := os.ReadFile(log)
				t.Fatalf("%d requests, want %d:\n%s", len(got), len(want), text)
			}
			// Servers log what went over two connections in either order.
			slices.Sort(got)
			slices.Sort(want)
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("the log:\n%s\nthe HAR:\n%s", got[i], want[i])
				}
			}
			if len(want) != len(logged)-1 { // one preflight has its request
				t.Errorf("%d verdicts: %q", len(want), want)
			}
		})
	}
}

// nginxMergesRepeats reports whether the installed nginx logs the first header of a name only.
func nginxMergesRepeats(t *testing.T) bool {
	out, err := exec.Command(program(t, "nginx", "nginx-light"), "-v").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var minor int
	_, version, _ := strings.Cut(string(out), "nginx/1.")
	fmt.Sscanf(version, "%d", &minor)
	return minor < 23
}
