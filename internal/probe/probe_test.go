package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

const app = "https://app.example"

// isPreflight reports whether a request is a CORS-preflight request.
func isPreflight(r *http.Request) bool {
	return r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != ""
}

// layer is a CORS layer that allows origins by a function, around an application.
type layer struct {
	allows      func(origin string) bool
	methods     string // that preflights are permitted
	headers     string
	credentials bool
	noVary      bool
	refuse      func(w http.ResponseWriter, r *http.Request) // what is not allowed; nil lets it pass silently
}

func (l layer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !l.noVary {
		h.Add("Vary", "Origin")
	}
	origin := r.Header.Get("Origin")
	method := r.Header.Get("Access-Control-Request-Method")
	allowed := origin != "" && l.allows(origin)
	if isPreflight(r) && allowed {
		names := strings.Split(l.headers, ", ")
		for _, name := range strings.FieldsFunc(r.Header.Get("Access-Control-Request-Headers"), func(c rune) bool { return c == ',' }) {
			allowed = allowed && slices.Contains(names, name)
		}
		allowed = allowed && (method == "GET" || strings.Contains(l.methods, method))
	}
	if allowed {
		h.Set("Access-Control-Allow-Origin", origin)
		if l.credentials {
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	} else if origin != "" && l.refuse != nil {
		l.refuse(w, r)
		return
	}
	if isPreflight(r) {
		if allowed {
			h.Set("Access-Control-Allow-Methods", l.methods)
			h.Set("Access-Control-Allow-Headers", l.headers)
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	io.WriteString(w, "hi")
}

func only(origins ...string) func(string) bool {
	return func(origin string) bool { return slices.Contains(origins, origin) }
}

// silent is what rs/cors does: a preflight that is refused is answered with 204
// and Vary, whatever it is that is refused.
func silent(l layer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if isPreflight(r) {
			w.Header().Add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
		}
		l.noVary = isPreflight(r)
		l.ServeHTTP(w, r)
	}
}

// spring is what Spring does: 403 and a body that says so, for preflights and for
// requests.
func spring(l layer) http.HandlerFunc {
	l.refuse = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "Invalid CORS request")
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Access-Control-Request-Method")
		w.Header().Add("Vary", "Access-Control-Request-Headers")
		l.ServeHTTP(w, r)
	}
}

// quiet is what jub0bs/cors does: 403 without a header about CORS for a preflight
// that is refused.
func quiet(l layer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if isPreflight(r) && !l.allows(r.Header.Get("Origin")) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.Method == "OPTIONS" && !isPreflight(r) {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		l.noVary = isPreflight(r)
		l.ServeHTTP(w, r)
	}
}

func plainStatus(options int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" {
			w.Header().Set("Allow", "GET, HEAD, PUT")
			w.WriteHeader(options)
			return
		}
		io.WriteString(w, "hi")
	}
}

// redirects redirects preflights and requests.
func redirects(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

func always(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Add(name, value)
		}
	}
}

func TestConclusions(t *testing.T) {
	good := layer{allows: only(app), methods: "PUT", headers: "x-a"}
	put := Options{Method: "PUT", Headers: headers.List{{Name: "X-A", Value: "1"}}}
	with := func(o Options) Options { o.Credentials = true; return o }
	get := Options{}
	tests := []struct {
		name    string
		server  http.Handler
		options Options
		want    Conclusion
		by      string // in the evidence
	}{
		{"allowed, simple", good, get, Allowed, app},
		{"allowed, preflight", good, put, Allowed, app},
		{"open to all", always("Access-Control-Allow-Origin: *"), get, Allowed, "*"},
		{"no CORS, 404", plainStatus(404), put, NoCORS, "404"},
		{"no CORS, 405", plainStatus(405), put, NoCORS, "405"},
		{"no CORS, 501", plainStatus(501), put, NoCORS, "501"},
		{"no CORS, OPTIONS answered with the page", always(), put, NoCORS, "alike"},
		{"no CORS, simple", plainStatus(405), get, NoCORS, "no answer"},
		{"rs/cors, another origin", silent(layer{allows: only("https://other.example"), methods: "PUT", headers: "x-a"}), put, OriginRefused, "Vary"},
		{"rs/cors, another origin, simple", silent(layer{allows: only("https://other.example")}), get, OriginRefused, "Vary"},
		{"rs/cors, another method", silent(layer{allows: only(app), methods: "DELETE", headers: "x-a"}), put, MethodOrHeaderRefused, "PUT with x-a"},
		{"rs/cors, another header", silent(layer{allows: only(app), methods: "PUT", headers: "x-b"}), put, MethodOrHeaderRefused, "PUT with x-a"},
		{"Starlette, another method", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", app)
			if r.Header.Get("Access-Control-Request-Method") == "PUT" {
				w.WriteHeader(http.StatusBadRequest)
			}
		}), put, MethodOrHeaderRefused, "status 400"},
		{"rs/cors, allowed", silent(good), put, Allowed, app},
		{"Spring, another origin", spring(layer{allows: only("https://other.example"), methods: "PUT", headers: "x-a"}), put, OriginRefused, "body that speaks of CORS"},
		{"Spring, another origin, simple", spring(layer{allows: only("https://other.example")}), get, OriginRefused, "403 with Origin, and 200 without"},
		{"Spring, another method", spring(layer{allows: only(app), methods: "DELETE", headers: "x-a"}), put, MethodOrHeaderRefused, "PUT"},
		{"Spring, allowed", spring(good), put, Allowed, app},
		{"jub0bs, another origin", quiet(layer{allows: only("https://other.example")}), put, OriginRefused, "403 as a preflight, and 405 otherwise"},
		{"a fixed origin", always("Access-Control-Allow-Origin: https://other.example"), put, OriginRefused, "https://other.example"},
		{"method not listed", always("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET"), put, MethodOrHeaderRefused, "PUT"},
		{"wildcard, credentials", always("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *"), with(put), CredentialsRefused, "credentials"},
		{"no credentials", good, with(get), CredentialsRefused, "Access-Control-Allow-Credentials"},
		{"two layers", always("Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Origin: *"), get, Misconfigured, app + ", *"},
		{"a placeholder", always("Access-Control-Allow-Origin: ${ORIGIN}"), get, Misconfigured, "${ORIGIN}"},
		{"OPTIONS not routed", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "OPTIONS" {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			good.ServeHTTP(w, r)
		}), put, OptionsNotRouted, "405"},
		{"OPTIONS allowed, with status 404", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			plainStatus(404)(w, r)
		}), put, OptionsNotRouted, "404"},
		{"redirect to https", redirects("https://api.example/thing"), put, RedirectBeforeCORS, "https://api.example"},
		{"redirect to a slash", redirects("/thing/"), get, RedirectBeforeCORS, "/thing/"},
		{"redirect to a login", redirects("/login"), put, RedirectBeforeCORS, "/login"},
		{"authentication", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
			w.WriteHeader(http.StatusUnauthorized)
		}), put, AuthenticationBeforeCORS, "Bearer"},
		{"authentication of OPTIONS alone", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "OPTIONS" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			good.ServeHTTP(w, r)
		}), put, AuthenticationBeforeCORS, "401"},
		{"a gateway without its application", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "nginx")
			w.WriteHeader(http.StatusBadGateway)
		}), put, ProxyAnswers, "502"},
		{"a proxy that refuses OPTIONS", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "OPTIONS" {
				w.Header().Set("Server", "edge")
				w.WriteHeader(http.StatusForbidden)
				return
			}
			w.Header().Set("Server", "app")
			good.ServeHTTP(w, r)
		}), put, ProxyAnswers, "edge"},
		{"a challenge", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(http.StatusForbidden)
		}), put, ProxyAnswers, "challenge"},
		{"the response lacks what the preflight has", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isPreflight(r) {
				good.ServeHTTP(w, r)
			}
		}), Options{Headers: put.Headers}, ResponseRefused, "GET"},
		{"only the method itself could tell", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isPreflight(r) {
				good.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusMethodNotAllowed)
		}), put, PreflightAllowed, "405"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, tt.server, tt.options)
			evidence := strings.Join(r.Evidence, "\n")
			if r.Conclusion != tt.want || !strings.Contains(evidence, tt.by) {
				t.Errorf("%s by %q, want %s by %q\n%s", r.Conclusion, evidence, tt.want, tt.by, text(t, r))
			}
			if (r.Failure == nil) != r.Conclusion.Passes() {
				t.Errorf("%s, failure %v", r.Conclusion, r.Failure)
			}
			if r.Conclusion.Passes() {
				return
			}
			causes := r.Explanation().Causes
			if len(causes) == 0 {
				t.Fatal("it is not explained")
			}
			// What the report says of the cause and its conclusion are one: no cause above
			// possible comes to another.
			for _, c := range causes {
				if got, ok := conclusions[c.ID]; ok && c.Confidence > explain.Possible && got != r.Conclusion && got != NoCORS {
					t.Errorf("%s beside the cause %s (%s)", r.Conclusion, c.ID, c.Confidence)
				}
			}
		})
	}
}

// run probes a server, and checks that it was asked no more and for nothing else
// than is promised.
func run(t *testing.T, handler http.Handler, o Options) *Report {
	t.Helper()
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Header.Get("Origin")))
		mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	o.URL, o.Origin = server.URL+"/thing?a=b", app
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := Plan(o)
	if err != nil {
		t.Fatal(err)
	}
	var plan []string
	for _, p := range planned {
		origin, _ := p.Headers.Get("Origin")
		plan = append(plan, fmt.Sprintf("%s %s %s", p.Method, "/thing?a=b", origin))
	}
	if len(asked) > MaxRequests || len(asked) != len(r.Exchanges) {
		t.Errorf("%d requests for %d exchanges", len(asked), len(r.Exchanges))
	}
	for _, line := range asked {
		method, rest, _ := strings.Cut(line, " ")
		if !slices.Contains(plan, line) && !slices.Contains(plan, "GET "+rest) {
			t.Errorf("%s was sent, which a dry run does not show:\n%s", line, strings.Join(plan, "\n"))
		}
		if !slices.Contains([]string{"OPTIONS", "GET", "HEAD"}, method) || !strings.HasPrefix(rest, "/thing?a=b ") {
			t.Errorf("%s was sent", line)
		}
	}
	return r
}

func text(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Print(&b, View{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDangers(t *testing.T) {
	from := func(allows func(string) bool) layer { return layer{allows: allows, credentials: true} }
	tests := []struct {
		name   string
		server http.Handler
		want   string // names and severities
	}{
		{"none", from(only(app)), ""},
		{"*", always("Access-Control-Allow-Origin: *"), ""},
		{"a fixed origin without Vary", always("Access-Control-Allow-Origin: " + app), ""},
		{"* with credentials", always("Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"), "wildcard-with-credentials info"},
		{"reflected", layer{allows: func(o string) bool { return o != "null" }}, "reflected low"},
		{"reflected with credentials", from(func(o string) bool { return o != "null" }), "reflected-with-credentials high"},
		{"everything with credentials", from(func(string) bool { return true }), "reflected-with-credentials high, null-accepted high"},
		{"null", layer{allows: only(app, "null")}, "null-accepted medium"},
		{"prefix", from(func(o string) bool { return strings.HasPrefix(o, app) }), "lookalike-accepted high"},
		{"suffix", from(func(o string) bool { return strings.HasSuffix(o, "app.example") }), "lookalike-accepted high, http-accepted medium"},
		{"substring", from(func(o string) bool { return strings.Contains(o, "app.example") }), "lookalike-accepted high, http-accepted medium"},
		{"subdomains, which are the site's own", from(func(o string) bool { return o == app || strings.HasSuffix(o, ".app.example") }), ""},
		{"http", layer{allows: only(app, "http://app.example")}, "http-accepted low"},
		{"no Vary", layer{allows: only(app), noVary: true}, "vary-missing medium"},
		{"no Vary without Origin", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Origin") != "" {
				layer{allows: only(app)}.ServeHTTP(w, r)
			}
		}), "vary-missing medium"},
		{"no Vary where nothing is cached", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Origin") != app {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			layer{allows: only(app)}.ServeHTTP(w, r)
		}), ""},
		{"no Vary, not cached", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			layer{allows: only(app), noVary: true}.ServeHTTP(w, r)
		}), "vary-missing low"},
		{"an internal origin", always("Access-Control-Allow-Origin: http://admin.corp.internal:8080"), "internal-name low"},
		{"an internal proxy", always("Access-Control-Allow-Origin: *", "Via: 1.1 edge-7.lan (squid)"), "internal-name low"},
		{"an internal redirect", redirects("http://10.0.0.7/login"), "internal-name low"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, tt.server, Options{})
			var got []string
			dangerous := false
			for _, f := range r.Findings {
				got = append(got, f.Name+" "+f.Severity.String())
				dangerous = dangerous || f.Severity >= Medium
				if f.Evidence == "" || !strings.HasPrefix(f.Reference, "https://") || f.Text == "" {
					t.Errorf("%+v", f)
				}
			}
			if strings.Join(got, ", ") != tt.want || r.Dangerous() != dangerous {
				t.Errorf("%q, want %q\n%s", got, tt.want, text(t, r))
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	r, err := Run(context.Background(), Options{URL: server.URL, Origin: app, Method: "PUT"})
	if err != nil || r.Conclusion != Unreachable || len(r.Exchanges) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		says string
	}{
		{Options{URL: "https://api.example/"}, "who asks?"},
		{Options{URL: "https://api.example/", Origin: "app.example"}, "not a serialized origin"},
		{Options{URL: "api.example/x", Origin: app}, "did you mean https://api.example/x?"},
		{Options{URL: "https://app.example/x", Origin: app}, "own origin"},
		{Options{URL: "ftp://app.example/x", Origin: app}, "neither http nor https"},
		{Options{URL: "https://u:p@api.example/", Origin: app}, "credentials"},
		{Options{URL: "https://api.example/", Origin: app, Method: "P T"}, "byte 1"},
		{Options{URL: "https://api.example/", Origin: app, Headers: headers.List{{Name: "X A", Value: "1"}}}, "byte 1"},
	} {
		_, err := Run(context.Background(), tt.o)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v, want %q in it", tt.o, err, tt.says)
		}
		if _, planErr := Plan(tt.o); planErr == nil || err != nil && planErr.Error() != err.Error() {
			t.Errorf("a dry run says %v, and a run %v", planErr, err)
		}
	}
}

// What is shown holds neither the values of script's headers nor cookies, and
// nothing that could upset a terminal.
func TestNothingSecretIsShown(t *testing.T) {
	handler := always("Access-Control-Allow-Origin: "+app, "Set-Cookie: session=verysecret", "X-A: \x1b[31m")
	o := Options{Headers: headers.List{{Name: "Authorization", Value: "Bearer verysecret"}}}
	r := run(t, handler, o)
	var out bytes.Buffer
	out.WriteString(text(t, r))
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	o.URL, o.Origin = "https://api.example/", app
	plan, err := Plan(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Print(&out, plan); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "verysecret") || strings.Contains(s, "\x1b") {
		t.Errorf("it shows too much:\n%s", s)
	}
	var parsed map[string]any
	lines := strings.Split(out.String(), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "{") })
	if at < 0 || json.Unmarshal([]byte(lines[at]), &parsed) != nil || parsed["conclusion"] != "method-or-header-refused" {
		t.Errorf("JSON: %v", parsed)
	}
}

// Every conclusion has its sentence, and every id in the table is one of a cause.
func TestConclusionsAreKnown(t *testing.T) {
	for id, conclusion := range conclusions {
		if sentences[conclusion] == "" {
			t.Errorf("%s comes to %q", id, conclusion)
		}
		explain.NewCause(id, explain.Likely) // panics where there is none
	}
}

// A refusal in the server's own words is told as such, in one cause.
func TestOwnWords(t *testing.T) {
	starlette := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isPreflight(r):
			w.Header().Set("Vary", "Origin")
			w.Header().Set("Access-Control-Allow-Methods", "GET, PUT")
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, "Disallowed CORS origin")
		case r.Method == "OPTIONS":
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
	r := run(t, starlette, Options{Method: "PUT"})
	if c := r.Explanation().Causes[0]; r.Conclusion != OriginRefused || c.ID != "origin-refused-by" || !strings.Contains(c.Do(), "allow_origins") {
		t.Errorf("%s, %s: %s", r.Conclusion, c.ID, c)
	}
	lines := strings.Split(text(t, r), "\n")
	if !strings.HasPrefix(lines[0], "ORIGIN-REFUSED") || !strings.Contains(lines[1], "Most likely: ") || !strings.Contains(lines[2], "What to do") {
		t.Errorf("the report begins with %q", lines[:3])
	}
	for _, line := range lines {
		if strings.Contains(line, "Nothing handles OPTIONS") {
			t.Error(line)
		}
	}
}
