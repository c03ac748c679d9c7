package record

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// readLog reads an access log; bad lines come as their errors.
func readLog(t *testing.T, text string, format Format) (exchanges []*Exchange, bad []error) {
	t.Helper()
	in, err := NewReader(strings.NewReader(text), Options{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	if in.Format() != AccessLog {
		t.Fatalf("recognized as %v", in.Format())
	}
	for e, err := range in.All() {
		if _, ok := errors.AsType[*EntryError](err); ok {
			bad = append(bad, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		exchanges = append(exchanges, e)
	}
	return exchanges, bad
}

// The logs are those of the servers themselves, of the same traffic; internal/lab/e2e compares them
// with what went over the wire.
func TestAccessLogs(t *testing.T) {
	for name, fidelity := range map[string]Fidelity{"nginx": RepeatsMerged, "apache": RepeatsMerged, "haproxy": 0, "caddy": 0} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../../testdata/accesslogs/" + name + ".log")
			if err != nil {
				t.Fatal(err)
			}
			all, bad := readLog(t, string(text), AnyFormat)
			if len(all) != 20 || len(bad) > 0 {
				t.Fatalf("%d requests, bad lines %v", len(all), bad)
			}
			byPath := map[string]*Exchange{}
			for _, e := range all {
				byPath[e.Request.Method+" "+strings.TrimPrefix(e.Request.URL, "http://api.example")] = e
				if got := e.Fidelity &^ ValuesRedacted; got != fidelity {
					t.Errorf("%s: fidelity %v, want %v", e.Entry, got, fidelity)
				}
				if e.Started.Year() != 2026 || e.Started.Location() != time.UTC {
					t.Errorf("%s: started %v", e.Entry, e.Started)
				}
			}
			value := func(request, header string) string {
				e := byPath[request]
				if e == nil {
					t.Fatalf("there is no %s", request)
				}
				if v, ok := e.Response.Headers.Get(header); ok {
					return v
				}
				v, _ := e.Request.Headers.Get(header)
				return v
			}
			if got := value("GET /allowed?q=1&r=%22", "access-control-allow-origin"); got != "https://app.example" {
				t.Errorf("allowed: %q", got)
			}
			if got := value("GET /quoted", "access-control-allow-origin"); got != `"https://app.example\"` {
				t.Errorf("quoted: %q", got)
			}
			if got := value("OPTIONS /put", "access-control-request-headers"); got != "content-type,x-a" {
				t.Errorf("requested headers: %q", got)
			}
			if byPath["GET /none"].Response.Headers.Contains("access-control-allow-origin") || len(byPath["GET /none"].Response.Headers) == 0 {
				t.Errorf("none: %v", byPath["GET /none"].Response.Headers)
			}
			if byPath["GET /star"].Request.Headers.Contains("cookie") || !byPath["GET /star-cookie"].Request.Headers.Contains("cookie") {
				t.Error("cookies are not told from none")
			}
			twice := byPath["GET /twice"].Response.Headers.Values("access-control-allow-origin")
			if want := 2; fidelity == 0 && len(twice) != want {
				t.Errorf("twice: %q", twice)
			}
			if got := byPath["GET /error"].Response.Status; got != 500 {
				t.Errorf("error: status %d", got)
			}
		})
	}
}

// Lines of Envoy and Traefik, as their documentation has them, and of an nginx that joins repeated
// headers.
func TestAccessLogLines(t *testing.T) {
	for name, test := range map[string]struct {
		line, want string
		fidelity   Fidelity
	}{
		"envoy": {`{"accessLog":"envoy","ts":"1796122443.651","request":{"method":"GET","scheme":"https","host":"api.example","uri":"/a?b","headers":{"origin":"https://app.example","cookie":null,"accept":"-"}},"response":{"status":200,"headers":{"access-control-allow-origin":"*","vary":null}}}`,
			"GET https://api.example/a?b 200 origin=https://app.example host=api.example access-control-allow-origin=* server=envoy", RepeatsMerged},
		"traefik": {`{"ClientAddr":"192.0.2.1:5","DownstreamStatus":200,"Duration":1500000,"RequestAddr":"api.example","RequestMethod":"GET","RequestPath":"/a?b","RequestProtocol":"HTTP/2.0","RequestScheme":"https","StartUTC":"2026-12-01T10:54:03.651Z","downstream_Access-Control-Allow-Origin":"*","request_Origin":"https://app.example","request_Cookie":"REDACTED","level":"info"}`,
			"GET https://api.example/a?b 200 cookie=REDACTED origin=https://app.example host=api.example access-control-allow-origin=* server=traefik", RepeatsJoined | ValuesRedacted},
		"nginx 1.28": {`{"accessLog":"nginx/1.28.0","ts":1796122443.651,"request":{"method":"GET","scheme":"https","host":"api.example","uri":"/a?b","headers":[["origin","https://app.example"],["cookie",""]]},"response":{"status":200,"headers":[["access-control-allow-origin","*, *"]]}}`,
			"GET https://api.example/a?b 200 origin=https://app.example host=api.example access-control-allow-origin=*, * server=nginx/1.28.0", RepeatsJoined},
		"a closed connection": {`{"accessLog":"apache","ts":1796122443.651,"request":{"line":"-","scheme":"https","host":"-","headers":[]},"response":{"status":408,"headers":[]}}`,
			"<none> https://-/ 408 host=- server=apache", RepeatsMerged},
	} {
		all, bad := readLog(t, test.line+"\n", AnyFormat)
		if len(all) != 1 || len(bad) > 0 {
			t.Errorf("%s: %v", name, bad)
			continue
		}
		e := all[0]
		got := strings.Join([]string{e.Request.Method, e.Request.URL, map[int]string{200: "200", 408: "408"}[e.Response.Status]}, " ")
		for _, h := range append(e.Request.Headers, e.Response.Headers...) {
			got += " " + h.Name + "=" + h.Value
		}
		if got != test.want || e.Fidelity != test.fidelity || e.Started.UnixMilli() != 1796122443651 {
			t.Errorf("%s: %s, %v, %v\nwant %s, %v", name, got, e.Fidelity, e.Started, test.want, test.fidelity)
		}
	}
}

// A broken line costs that line, and says what is wrong with it.
func TestAccessLogBadLines(t *testing.T) {
	const good = `{"accessLog":"envoy","request":{"method":"GET","scheme":"http","host":"api.example","uri":"/"},"response":{"status":200,"headers":{}}}`
	lines := []string{good, `2026/12/01 [error] connect() failed`, "", `{"accessLog":"envoy","request":{"method":"GET"`, `{"accessLog":"envoy","request":[]}`, `{"accessLog":"envoy","request":{"host":"a","uri":"/"}}`,
		`{"accessLog":"envoy","request":{"method":"GET","host":"a"}}`, `{"accessLog":"envoy","request":{"method":"GET","uri":"/"}}`, `{"accessLog":"` + strings.Repeat("x", maxLine) + `"}`, good}
	all, bad := readLog(t, strings.Join(lines, "\r\n"), AccessLog)
	if len(all) != 2 || len(bad) != 7 {
		t.Fatalf("%d good, %d bad: %v", len(all), len(bad), bad)
	}
	for i, want := range []string{"line 2", "line 4", "line 5", "line 6", "line 7", "line 8", "line 9"} {
		if !strings.Contains(bad[i].Error(), want) {
			t.Errorf("%v, want one of %s", bad[i], want)
		}
	}
}

// A log is recognized that begins in the middle of a line, or with what is no line of it.
func TestAccessLogBegins(t *testing.T) {
	for name := range map[string]bool{"nginx": true, "caddy": true} {
		text, err := os.ReadFile("../../testdata/accesslogs/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		for what, before := range map[string]string{"the rest of a line": `e.example","uri":"/"}}` + "\n", "a message": "2026/12/01 10:00:00 starting up\n", "many": strings.Repeat("starting up\n", 1000)} {
			all, bad := readLog(t, before+string(text), AnyFormat)
			if len(all) != 20 || len(bad) != strings.Count(before, "\n") {
				t.Errorf("%s, %s: %d requests, %d bad lines", name, what, len(all), len(bad))
			}
		}
	}
}

// FuzzAccessLog: whatever a line holds, it is an exchange or an error, and those beside it are read.
func FuzzAccessLog(f *testing.F) {
	for _, name := range []string{"nginx", "apache", "haproxy", "caddy"} {
		text, err := os.ReadFile("../../testdata/accesslogs/" + name + ".log")
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f.Add(strings.TrimSuffix(line, "\n"))
		}
	}
	for _, line := range []string{"\x02", "\x02{", "\ufeff", "\ufeff\x00", "\xef\xbb", " \t\x1b["} {
		f.Add(line)
	}
	const good = `{"accessLog":"envoy","request":{"method":"GET","scheme":"http","host":"api.example","uri":"/"},"response":{"status":200,"headers":{}}}`
	f.Fuzz(func(t *testing.T, line string) {
		in, err := NewReader(strings.NewReader(good+"\n"+line+"\n"+good+"\n"), Options{Format: AccessLog})
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for {
			raw, err := in.NextRaw()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, err := raw.Decode(); err == nil && e.Request.URL == "http://api.example/" {
				read++
			}
		}
		if read < 2 {
			t.Errorf("%d of the lines beside it were read", read)
		}
	})
}
