package corstest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
	"github.com/corsim/corsim/fetch"
)

// recorder is a TB that keeps its failures.
type recorder struct {
	*testing.T
	errors, fatal []string
	cleanups      []func()
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, a ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, a...))
}
func (r *recorder) Fatalf(format string, a ...any) {
	r.fatal = append(r.fatal, fmt.Sprintf(format, a...))
}
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Context() context.Context { return r.T.Context() }

// end runs the cleanups and returns what was complained about.
func (r *recorder) end() string {
	for _, f := range r.cleanups {
		f()
	}
	return strings.Join(append(r.errors, r.fatal...), "\n")
}

var (
	_ corstest.TB = (*testing.T)(nil)
	_ corstest.TB = (*testing.B)(nil)
	_ corstest.TB = (*testing.F)(nil)
)

// echo permits app.example what it asks for, and says what it got.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if origin := r.Header.Get("Origin"); strings.HasSuffix(origin, "://app.example") {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method == "OPTIONS" {
		h.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
		h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
		return
	}
	h.Set("X-Shown", "1")
	h.Set("X-Hidden", "2")
	h.Set("Access-Control-Expose-Headers", "X-Shown")
	if r.URL.Path == "/teapot" {
		w.WriteHeader(http.StatusTeapot)
	}
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("Content-Type"), body)
})

func TestAssertions(t *testing.T) {
	const api = "https://api.example"
	get := func(p *corstest.Tab) *corstest.Result { return p.Fetch(api + "/") }
	for _, test := range []struct {
		name string
		do   func(p *corstest.Tab)
		want string // in the failure; "" where there is none
	}{
		{"allowed", func(p *corstest.Tab) { get(p).Allowed() }, ""},
		{"allowed, same origin", func(p *corstest.Tab) { p.Fetch("https://app.example/").Allowed() }, "CORS is not involved"},
		{"blocked, allowed", func(p *corstest.Tab) { get(p).Blocked() }, "want blocked\n  got  allowed\n  in   standard, chromium, firefox, webkit\n"},
		{"blocked for a reason, allowed", func(p *corstest.Tab) { get(p).Blocked(cors.MissingAllowOrigin, cors.MethodNotAllowed) },
			"want blocked: missing-allow-origin, method-not-allowed\n  got  allowed"},
		{"blocked", func(p *corstest.Tab) { p.Fetch("http://api.example/").Blocked() }, ""},
		{"blocked for another reason", func(p *corstest.Tab) { p.Fetch("http://api.example/").Blocked(cors.BadPort) },
			"want blocked: bad-port\n  got  blocked: mixed-content"},
		{"refused arguments are no block", func(p *corstest.Tab) { p.Fetch("TRACE " + api).Blocked() }, "got  failed: invalid-argument"},
		{"refused arguments", func(p *corstest.Tab) { p.Fetch("TRACE " + api).Blocked(cors.InvalidArgument) }, ""},
		{"exposes", func(p *corstest.Tab) { get(p).Exposes("x-shown", "Content-Type") }, ""},
		{"exposes what is hidden", func(p *corstest.Tab) { get(p).Exposes("X-Shown", "X-Hidden") }, "- Access-Control-Expose-Headers: X-Shown\n      + Access-Control-Expose-Headers: X-Shown, X-Hidden"},
		{"exposes what is absent", func(p *corstest.Tab) { get(p).Exposes("X-Absent") }, "got  the server sent no X-Absent"},
		{"exposes what never is", func(p *corstest.Tab) { get(p).Exposes("Set-Cookie") }, "no script can ever read Set-Cookie"},
		{"exposes nothing", func(p *corstest.Tab) { get(p).Exposes() }, "no header names are given"},
		{"hides", func(p *corstest.Tab) { get(p).Hides("X-Hidden") }, ""},
		{"hides what is exposed", func(p *corstest.Tab) { get(p).Hides("X-Shown") }, "script can read X-Shown"},
		{"hides what is absent", func(p *corstest.Tab) { get(p).Hides("X-Absent") }, "nothing to hide"},
		{"preflighted", func(p *corstest.Tab) { p.Fetch("PUT " + api).Preflighted() }, ""},
		{"preflighted, not so", func(p *corstest.Tab) { get(p).Preflighted() }, "no preflight was sent"},
		{"not preflighted", func(p *corstest.Tab) { get(p).NotPreflighted() }, ""},
		{"not preflighted, same origin", func(p *corstest.Tab) { p.Fetch("https://app.example/").NotPreflighted() }, "CORS is not involved"},
		{"not preflighted, not sent", func(p *corstest.Tab) { p.Fetch("http://api.example/").NotPreflighted() }, "got  blocked: mixed-content"},
		{"not preflighted, but so", func(p *corstest.Tab) { p.Fetch("PUT " + api).NotPreflighted() }, "a preflight was sent"},
		{"status", func(p *corstest.Tab) { p.Fetch(api + "/teapot").Status(418) }, ""},
		{"another status", func(p *corstest.Tab) { get(p).Status(418) }, "want status 418\n  got  status 200"},
		{"body", func(p *corstest.Tab) {
			p.Fetch("POST "+api, corstest.Text("x")).Body("POST text/plain;charset=UTF-8 x")
		}, ""},
		{"another body", func(p *corstest.Tab) { get(p).Body("x") }, `got  body "GET  "`},
		{"form", func(p *corstest.Tab) {
			p.Fetch("POST "+api, corstest.Form(url.Values{"a": {"b"}})).NotPreflighted().Body("POST application/x-www-form-urlencoded;charset=UTF-8 a=b")
		}, ""},
		{"bytes", func(p *corstest.Tab) { p.Fetch("PUT "+api, corstest.Body(fetch.Bytes([]byte("x")))).Body("PUT  x") }, ""},
		{"sends", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("X-A", "b")).Sends("x-a", "b") }, ""},
		{"sends what script cannot set", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("Cookie", "b")).Sends("Cookie", "b") }, "the request has no Cookie"},
		{"sends something else", func(p *corstest.Tab) { get(p).Sends("Origin", "x") }, "got  Origin: https://app.example"},
		{"safe to cache, but it is not", func(p *corstest.Tab) { get(p).SafeToCache() },
			"got  Access-Control-Allow-Origin is https://app.example for https://app.example and absent for https://another-origin.example, " +
				"but the response to https://app.example has no Vary: Origin"},
		{"safe to cache, blocked", func(p *corstest.Tab) { p.Fetch("http://api.example/").SafeToCache() }, "got  blocked: mixed-content"},
		{"safe to cache, PUT", func(p *corstest.Tab) { p.Fetch("PUT " + api).SafeToCache() }, "SafeToCache is for GET"},
		{"mode", func(p *corstest.Tab) { p.Fetch(api, corstest.Mode(fetch.ModeSameOrigin)).Blocked(cors.SameOriginMode) }, ""},
		{"redirect", func(p *corstest.Tab) { p.Fetch(api, corstest.Redirect("x")).Blocked(cors.InvalidArgument) }, ""},
		{"one failure is enough", func(p *corstest.Tab) { get(p).Status(1).Status(2) }, "want status 1\n"},
		{"nothing asserted", func(p *corstest.Tab) { get(p) }, "nothing is asserted of GET https://api.example/, fetched at corstest_test.go:"},
		{"path", func(p *corstest.Tab) { p.Fetch("PUT /things").Allowed() }, `write the whole URL, as in "PUT https://api.example/things"`},
		{"no URL", func(p *corstest.Tab) { p.Fetch("PUT").Allowed() }, "the target must be a method and a URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &recorder{T: t}
			test.do(corstest.Page(r, "https://app.example", echo))
			got := r.end()
			if test.want == "" && got != "" || !strings.Contains(got, test.want) || len(r.errors)+len(r.fatal) > 1 {
				t.Errorf("failed with %q, want %q", got, test.want)
			}
		})
	}
}

func TestPages(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t corstest.TB)
		want string
	}{
		{"a URL", func(t corstest.TB) {
			corstest.Page(t, "https://app.example/a/b?c", echo).Fetch("https://api.example/").Allowed()
		}, ""},
		{"null", func(t corstest.TB) {
			corstest.Page(t, "null", echo).Fetch("https://api.example/").Sends("Origin", "null").Blocked(cors.MissingAllowOrigin)
		}, ""},
		{"sandboxed", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Document(fetch.PageOptions{Origin: "null"})).Fetch("https://api.example/").Blocked(cors.MissingAllowOrigin)
		}, ""},
		{"no URL", func(t corstest.TB) { corstest.Page(t, "app", echo) }, `"app" is not a URL`},
		{"no handler", func(t corstest.TB) { corstest.Page(t, "https://app.example", nil) }, "the handler is nil"},
		{"one engine", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.In(browser.Firefox)).Fetch("https://api.example/").Blocked()
		}, "in   firefox\n"},
		{"always, and a base", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Always(corstest.Header("X-A", "b")), corstest.Base("https://api.example/v1/")).
				Fetch("/things").Preflighted().Sends("X-A", "b")
		}, ""},
		{"no base", func(t corstest.TB) { corstest.Page(t, "https://app.example", echo, corstest.Base("api.example")) }, `the base "api.example" must be like`},
		{"preflights are forgotten", func(t corstest.TB) {
			p := corstest.Page(t, "https://app.example", echo)
			p.Fetch("PUT https://api.example/").Preflighted()
			p.Fetch("PUT https://api.example/").Preflighted()
		}, ""},
		{"preflights are kept", func(t corstest.TB) {
			p := corstest.Page(t, "https://app.example", echo, corstest.KeepPreflights)
			p.Fetch("PUT https://api.example/").Preflighted()
			p.Fetch("PUT https://api.example/").NotPreflighted()
		}, ""},
		{"cookies of one site", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b; Secure; SameSite=None")).
				Fetch("https://api.app.example/", corstest.Credentials).Sends("Cookie", "a=b")
		}, ""},
		{"third-party cookies", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.example/", "a=b; Secure; SameSite=None")).
				Fetch("https://api.example/", corstest.Credentials).Sends("Cookie", "a=b")
		}, "got  the request has no Cookie\n  in   chromium"},
		{"cookies without credentials", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b")).
				Fetch("https://api.app.example/").Sends("Cookie", "a=b")
		}, "got  the request has no Cookie\n  in   standard, chromium, firefox, webkit"},
		{"a cookie that nobody takes", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.example/", "a=b; Domain=elsewhere.example"))
		}, `no browser would store "a=b; Domain=elsewhere.example" from https://api.example/: `},
		{"a panic", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") })).
				Fetch("https://api.example/").Allowed()
		}, "the handler panicked: oh no\n"},
		{"no response is no block", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })).
				Fetch("https://api.example/").Blocked()
		}, "got  failed: transport"},
		{"safe to cache", func(t corstest.TB) {
			for _, h := range []http.Handler{newServer(), server("Access-Control-Allow-Origin", "*"), server("Vary", "", "Cache-Control", "private, No-Store")} {
				corstest.Page(t, "https://app.example", h).Fetch("https://api.example/").SafeToCache()
			}
			corstest.Page(t, "http://app.example", echo, corstest.In(browser.Standard)).Fetch("http://api.example/").SafeToCache()
		}, "but the response to http://app.example has no Vary"},
		{"what a terminal would act on", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", server("Access-Control-Allow-Origin", "\x1b[2J\u202e\xff")).Fetch("https://api.example/").Allowed()
		}, `Access-Control-Allow-Origin: \x1b[2J\u202e\xff` + "\n"},
		{"accessors", func(t corstest.TB) {
			r := corstest.Page(t, "https://app.example", echo).Fetch("https://api.example/")
			if r.Text() != "GET  " || r.Header("x-shown") != "1" || r.Header("X-Hidden") != "" || r.Err() != nil {
				t.Errorf("%q, %q, %q, %v", r.Text(), r.Header("x-shown"), r.Header("X-Hidden"), r.Err())
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &recorder{T: t}
			test.do(r)
			if got := r.end(); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("failed with %q, want %q", got, test.want)
			}
		})
	}
}

func TestLivePage(t *testing.T) {
	server := httptest.NewServer(echo)
	defer server.Close()
	page := corstest.LivePage(t, "http://app.example", server.URL)
	page.Fetch("PUT /things", corstest.JSON("{}")).Allowed().Body("PUT application/json {}")
	page.Fetch(server.URL + "/teapot").Status(418)

	secure := httptest.NewTLSServer(echo)
	defer secure.Close()
	corstest.LivePage(t, "https://app.example", secure.URL, corstest.Through(fetch.RoundTripper(secure.Client().Transport))).
		Fetch("DELETE /things").Allowed()
}

func TestSubtests(t *testing.T) {
	page := corstest.Page(t, "https://app.example", echo)
	r := &recorder{T: t}
	page.For(r).Fetch("https://api.example/").Blocked()
	page.For(r).Fetch("https://api.example/")
	if got := r.end(); len(r.errors) != 2 || !strings.Contains(got, "want blocked") || !strings.Contains(got, "nothing is asserted") {
		t.Errorf("%q", got)
	}
}

func TestContract(t *testing.T) {
	corstest.Contract(t, newServer(), "testdata/things.contract")
	for _, test := range []struct {
		name   string
		server http.Handler
		file   string
		want   []string
	}{
		{"broken", server("Access-Control-Allow-Methods", "PUT, DELETE"), "testdata/things.contract", []string{
			"things.contract:4: page https://app.example: allow PUT /things/1 json credentials\ngot  blocked: header-not-allowed\nin   standard, chromium, firefox, webkit\n",
			"things.contract:5: page https://app.example: block DELETE /things/1 because method-not-allowed\ngot  allowed\n",
		}},
		{"panics", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") }), "testdata/things.contract", []string{
			"things.contract:3", "things.contract:4", "things.contract:5", "things.contract:7", "the handler panicked: oh no",
		}},
		{"no file", echo, "testdata/no.contract", []string{"no.contract: no such file"}},
		{"no contract", echo, "corstest_test.go", []string{`corstest_test.go:1:1: "package" begins no line`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &recorder{T: t}
			corstest.Contract(r, test.server, test.file)
			got := append(r.errors, r.fatal...)
			if len(got) != len(test.want) {
				t.Fatalf("%q, want %q", got, test.want)
			}
			for i := range got {
				if !strings.Contains(got[i], test.want[i]) {
					t.Errorf("%s, want %s", got[i], test.want[i])
				}
			}
		})
	}
}
