package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/monitor"
)

// watched is a request, what its handler answers, and what must be counted: verdict, cause and
// browsers of each counter.
type watched struct {
	name    string
	method  string
	request string // header lines
	status  int
	answer  string // header lines
	want    string
}

const browserMade = "Sec-Fetch-Mode: cors\nSec-Fetch-Site: cross-site\nOrigin: https://app.example\n"

var cases = []watched{
	{"no Origin", "GET", "", 200, "", ""},
	{"own origin by Sec-Fetch-Site", "POST", "Origin: https://elsewhere.example\nSec-Fetch-Site: same-origin\n", 200, "", ""},
	{"own origin by Host", "POST", "Origin: http://api.example\n", 200, "", ""},
	{"own origin behind TLS", "POST", "Origin: https://api.example\n", 200, "", ""},
	{"another port", "GET", "Origin: http://api.example:8080\n", 200, "", "blocked/not-configured/all"},

	{"allowed by name", "GET", browserMade, 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true", "allowed//all"},
	{"allowed to all, no cookie", "GET", browserMade, 200, "Access-Control-Allow-Origin: *", "undecidable/credentials-mode/all"},
	{"allowed to all, a cookie", "GET", browserMade + "Cookie: a=b\n", 200, "Access-Control-Allow-Origin: *", "blocked/wildcard-credentials/all"},
	{"fonts have no credentials", "GET", browserMade + "Sec-Fetch-Dest: font\n", 200, "Access-Control-Allow-Origin: *", "allowed//all"},
	{"refused", "GET", browserMade, 200, "", "blocked/not-configured/all"},
	{"an error without headers", "GET", browserMade, 500, "Vary: Origin", "blocked/error-response/all"},
	{"another origin", "GET", browserMade, 200, "Access-Control-Allow-Origin: https://other.example", "blocked/fixed-origin/all"},
	{"twice", "GET", browserMade, 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: https://app.example", "blocked/two-layers/all"},
	{"spelled in lower case", "GET", browserMade + "Cookie: a=b\n", 200, "access-control-allow-origin: https://app.example\naccess-control-allow-credentials: true", "allowed//all"},
	{"a form", "POST", "Origin: https://app.example\nSec-Fetch-Mode: navigate\n", 200, "", "not-subject/navigation/all"},
	{"a beacon", "POST", "Origin: https://app.example\nSec-Fetch-Mode: no-cors\n", 200, "", "not-subject/no-cors/all"},
	{"a POST, of whom nobody knows", "POST", "Origin: https://app.example\nContent-Type: text/plain\n", 200, "", "undecidable/request-mode/all"},
	{"a POST of a script", "POST", "Origin: https://app.example\nContent-Type: application/json\n", 200, "", "blocked/not-configured/all"},
	{"a WebSocket", "GET", "Origin: https://app.example\nUpgrade: websocket\n", 101, "", "not-subject/websocket/all"},
	{"not an origin", "GET", "Origin: app.example\n", 200, "", "not-subject/not-from-a-page/all"},
	{"revalidated", "GET", browserMade + "If-None-Match: \"a\"\n", 304, "", "undecidable/response-headers/all"},
	{"redirected to a login", "GET", browserMade, 302, "Location: /login", "blocked/redirect-login/all"},
	{"redirected, allowed", "GET", browserMade, 302, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nLocation: /new", "allowed//all"},
	{"redirected to credentials", "GET", browserMade, 302, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nLocation: https://u:p@x.example/", "blocked/redirect-credentials/all"},
	{"not exposed", "GET", browserMade, 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nX-Total-Count: 17", "allowed//all /not-exposed/all"},
	{"exposed", "GET", browserMade, 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nX-Total-Count: 17\nAccess-Control-Expose-Headers: x-total-count", "allowed//all"},

	{"preflight allowed", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: content-type,x-a\n", 204,
		"Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: content-type, x-a", "allowed//all"},
	{"preflight refused its method", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\n", 204,
		"Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PATCH", "blocked/method-not-listed/all"},
	{"preflight refused a header", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a,x-b\n", 204,
		"Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: x-a", "blocked/header-not-listed/all"},
	{"preflight redirected", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\n", 301, "Location: /things/1/", "blocked/redirect-slash/all"},
	{"an empty line before", "GET", browserMade + "Cookie: a=b\n", 200, "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: \nAccess-Control-Allow-Credentials: true", "blocked/credentials-spelling/chromium webkit"},
	{"preflight not routed", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\n", 405, "Allow: GET\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT", "blocked/options-not-routed/all"},
	{"Authorization by *", "OPTIONS", browserMade + "Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: authorization\n", 204,
		"Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: *", "undecidable/credentials-mode/all"},
}

func parseLines(lines string) http.Header {
	h := http.Header{}
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		h[name] = append(h[name], value) // as it is spelled
	}
	return h
}

func (c *watched) newRequest() *http.Request {
	r := httptest.NewRequest(c.method, "http://api.example/things/1?token=hidden", nil)
	for name, values := range parseLines(c.request) {
		r.Header[name] = values
	}
	return r
}

func (c *watched) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range parseLines(c.answer) {
			w.Header()[name] = values
		}
		if c.status != 0 {
			w.WriteHeader(c.status)
		}
	})
}

func counted(m *monitor.Monitor) string {
	var found []string
	for _, s := range m.Stats().Series {
		l := fmt.Sprintf("%s/%s/%s", s.Verdict, s.Cause, s.Browsers)
		if s.Verdict == "" {
			found = append(found, l)
		} else {
			found = append([]string{l}, found...)
		}
	}
	return strings.Join(found, " ")
}

func TestVerdicts(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := monitor.Handler(c.handler(), monitor.Options{})
			for i := range 3 { // the second is remembered
				m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
				if got := counted(m); got != c.want {
					t.Fatalf("request %d: %s, want %s", i+1, got, c.want)
				}
			}
			for _, s := range m.Stats().Series {
				if s.Count != 3 || s.Route != "/things/…" {
					t.Errorf("%+v, want 3 for /things/…", s)
				}
			}
		})
	}
}

// A route whose answers depend on Origin says so, or a cache mixes them up.
func TestVaryMissing(t *testing.T) {
	for vary, want := range map[string]uint64{"": 2, "Origin": 0, "*": 0} {
		m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			if vary != "" {
				w.Header().Set("Vary", vary)
			}
		}), monitor.Options{})
		for _, origin := range []string{"https://a.example", "https://a.example", "https://b.example", "https://a.example"} {
			c := watched{method: "GET", request: "Origin: " + origin + "\n"}
			m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
		}
		got := uint64(0)
		for _, s := range m.Stats().Series {
			if s.Cause == "vary-missing" {
				got += s.Count
			}
		}
		if got != want {
			t.Errorf("Vary: %q: %d, want %d", vary, got, want)
		}
	}
}

// What a longer max-age saves: each client's first preflight counts, the others do not.
func TestSavedPreflights(t *testing.T) {
	c := watched{method: "OPTIONS", request: browserMade + "Access-Control-Request-Method: PUT\n", status: 204,
		answer: "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Max-Age: 1"}
	m := monitor.Handler(c.handler(), monitor.Options{})
	for client := range 3 {
		for range 4 {
			r := c.newRequest()
			r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", client)
			m.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	get := watched{method: "GET", request: browserMade}
	m.ServeHTTP(httptest.NewRecorder(), get.newRequest())
	want := monitor.Route{Route: "/things/…", Requests: 1, Preflights: 12, Saved: 9, MaxAge: 1}
	if got := m.Stats().Routes; len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Options.Origins is for servers whose Host a proxy has changed.
func TestOwnOrigins(t *testing.T) {
	c := watched{method: "POST", request: "Origin: https://www.example\n"}
	m := monitor.Handler(c.handler(), monitor.Options{Origins: []string{"https://WWW.example/"}})
	m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
	if got := counted(m); got != "" {
		t.Errorf("counted %s", got)
	}
}

// The route is that of the ServeMux inside, or what Options.Route says.
func TestRoutes(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {})
	for want, o := range map[string]monitor.Options{"GET /things/{id}": {}, "mine": {Route: func(*http.Request) string { return "mine" }}} {
		m := monitor.Handler(mux, o)
		c := watched{method: "GET", request: browserMade}
		m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
		if got := m.Stats().Series[0].Route; got != want {
			t.Errorf("route %q, want %q", got, want)
		}
	}
}

// Whoever sends origins and paths at random fills the memory up to a bound, and what others send
// is told apart all the same.
func TestBounded(t *testing.T) {
	m := monitor.Handler(http.NotFoundHandler(), monitor.Options{MaxSeries: 500})
	send := func(origin, path string) {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Origin", origin)
		m.ServeHTTP(httptest.NewRecorder(), r)
	}
	word := func(i int) string { return string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26), 'a' + byte(i/676%26)}) }
	const n = 5000
	for i := range n {
		send(fmt.Sprintf("https://%d.example", i), "/"+word(i))
	}
	before := len(m.Stats().Series)
	send("https://app.example", "/real")
	total := uint64(0)
	for _, s := range m.Stats().Series {
		total += s.Count
	}
	if before > 510 || total != n+1 {
		t.Errorf("%d series, %d requests counted, want at most 510 and %d", before, total, n+1)
	}
	if got := len(m.Stats().Routes); got > 201 {
		t.Errorf("%d routes", got)
	}

	m = monitor.Handler(http.NotFoundHandler(), monitor.Options{})
	for i := range n {
		send(fmt.Sprintf("https://%d.example", i), "/one")
	}
	send("https://app.example", "/real")
	found := false
	for _, s := range m.Stats().Series {
		found = found || s.Origin == "https://app.example" && s.Route == "/real"
	}
	if got := len(m.Stats().Series); got > 40 || !found {
		t.Errorf("%d series, another page told apart: %v", got, found)
	}
}

// Examples have no secrets, nor does anything else that is shown.
func TestNoSecrets(t *testing.T) {
	const secret = "s3cr3t0123456789"
	c := watched{method: "GET", status: 200, request: browserMade + "Cookie: session=" + secret + "\nAuthorization: Bearer " + secret + "\n", answer: "Access-Control-Allow-Origin: *\nSet-Cookie: session=" + secret}
	var log bytes.Buffer
	m := monitor.Handler(c.handler(), monitor.Options{Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for range 5 {
		r := c.newRequest()
		r.URL.RawQuery = "access_token=" + secret
		m.ServeHTTP(httptest.NewRecorder(), r)
	}
	page := httptest.NewRecorder()
	m.Page().ServeHTTP(page, httptest.NewRequest("GET", "/", nil))
	for name, text := range map[string]string{"log": log.String(), "JSON": m.String(), "page": page.Body.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the %s has the secret:\n%s", name, text)
		}
		if !strings.Contains(text, "wildcard-credentials") {
			t.Errorf("the %s lacks the cause:\n%s", name, text)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 3 { // the 1st, 2nd and 4th
		t.Errorf("%d examples, want 3:\n%s", lines, log.String())
	}
	if !strings.Contains(page.Body.String(), "Browsers refused 5 of 5 answers") {
		t.Errorf("the page:\n%s", page.Body.String())
	}
}

// Page gives programs the same as JSON.
func TestPageJSON(t *testing.T) {
	m := monitor.Handler(cases[9].handler(), monitor.Options{})
	m.ServeHTTP(httptest.NewRecorder(), cases[9].newRequest())
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept", "application/json")
	m.Page().ServeHTTP(w, r)
	var got, direct monitor.Stats
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(m.String()), &direct); err != nil {
		t.Fatal(err)
	}
	if got.V != 1 || len(got.Series) != 1 || got.Series[0].Count != 1 || got.Series[0].Labels != direct.Series[0].Labels {
		t.Errorf("%s", w.Body)
	}
}

type observer struct {
	mu   sync.Mutex
	seen map[monitor.Labels]uint64
}

func (o *observer) Observe(_ context.Context, l monitor.Labels) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[l]++
}

// An observer is told of all that is counted.
func TestObserver(t *testing.T) {
	for _, c := range cases {
		o := &observer{seen: map[monitor.Labels]uint64{}}
		m := monitor.Handler(c.handler(), monitor.Options{Observer: o})
		m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
		for _, s := range m.Stats().Series {
			if o.seen[s.Labels] != s.Count {
				t.Errorf("%s: %+v observed %d times", c.name, s, o.seen[s.Labels])
			}
			delete(o.seen, s.Labels)
		}
		if len(o.seen) > 0 {
			t.Errorf("%s: also observed: %v", c.name, o.seen)
		}
	}
}

// What a request costs beside its handler: allocations do not depend on the machine.
func TestAllocations(t *testing.T) {
	for name, c := range calls() {
		header := http.Header{}
		for name, value := range c.answer {
			header.Set(name, value)
		}
		m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(c.status) }), monitor.Options{})
		w := &nothing{header}
		for range 64 {
			m.ServeHTTP(w, c.r) // examples are made of the first ones
		}
		most := 1.0
		if strings.HasPrefix(name, "same-origin") {
			most = 0
		}
		if got := testing.AllocsPerRun(60, func() { m.ServeHTTP(w, c.r) }); got > most {
			t.Errorf("%s: %v allocations, more than %v", name, got, most)
		}
	}
}
