package corstest_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
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
	if r.URL.Path == "/kept" {
		h.Set("Vary", "Origin")
		return
	}
	if r.Method == "OPTIONS" {
		h.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
		h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
		return
	}
	switch r.URL.Path {
	case "/longest":
		w.Write(make([]byte, 16<<20))
		return
	case "/long":
		w.Write(make([]byte, 16<<20+1))
		return
	case "/cut":
		h.Set("Content-Length", "2")
		io.WriteString(w, "x")
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

// TestEachHeaderIsNamed takes from the README's server one header after the other: the
// failure names it, in a line to add.
func TestEachHeaderIsNamed(t *testing.T) {
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Headers", "Access-Control-Expose-Headers",
	} {
		r := &recorder{T: t}
		page := corstest.Page(r, "https://app.example", without(name, newServer()))
		page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).Allowed().Exposes("X-Total-Count")
		if text := r.end(); len(r.errors) != 1 || !strings.Contains(text, "\n      + "+name+": ") {
			t.Errorf("without %s there are %d failures:\n%s", name, len(r.errors), text)
		}
	}
}

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
		{"blocked", func(p *corstest.Tab) { p.Fetch("PATCH " + api + "/kept").Blocked() }, ""},
		{"blocked, nothing sent", func(p *corstest.Tab) { p.Fetch("http://api.example/").Blocked() },
			"got  blocked: mixed-content, and nothing was sent: the server was not asked, so that this says nothing about it. If it is meant, name the reason: mixed-content\n"},
		{"blocked, bad port", func(p *corstest.Tab) { p.Fetch(api + ":6000/").Blocked() }, "name the reason: bad-port\n"},
		{"blocked, no http", func(p *corstest.Tab) { p.Fetch("GET app://api.example/").Blocked() }, "name the reason: scheme-not-http\n"},
		{"blocked, nothing sent, as it is meant", func(p *corstest.Tab) { p.Fetch("http://api.example/").Blocked(cors.MixedContent) }, ""},
		{"blocked, same origin", func(p *corstest.Tab) { p.Fetch("https://app.example/").Blocked() }, "CORS is not involved"},
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
		{"sets Cookie", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("Cookie", "b")).Sends("Cookie", "b") },
			"script cannot set the header Cookie: it would not be sent. Give the browsers the cookie by corstest.Cookie"},
		{"sets Origin", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("origin", "https://evil.example")).Blocked() },
			"script cannot set the header origin: it would not be sent. It is that of the page: give it to Page"},
		{"sets Referer", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("Referer", "x")).Allowed() }, "URL given to Page or LivePage"},
		{"sets a header of preflights", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("Access-Control-Request-Method", "PUT")).Allowed() }, "follows from the method"},
		{"sets Host", func(p *corstest.Tab) { p.Fetch(api, corstest.Header("Host", "x")).Allowed() }, "script cannot set the header Host: it would not be sent"},
		{"a nil option", func(p *corstest.Tab) { p.Fetch(api, corstest.Credentials(), nil).Allowed() }, "GET https://api.example: an option is nil"},
		{"white space", func(p *corstest.Tab) { p.Fetch(" PUT\t \n" + api + "/ ").Body("PUT  ") }, ""},
		{"a method in lower case", func(p *corstest.Tab) { p.Fetch("get " + api + "/kept").SafeToCache() }, ""},
		{"too many words", func(p *corstest.Tab) { p.Fetch("GET " + api + "/a b").Allowed() }, "the target has 3 words: it must be a method and a URL, in which a space is written %20"},
		{"no words", func(p *corstest.Tab) { p.Fetch(" ").Allowed() }, "the target must be a method and a URL"},
		{"a stream for all", func(p *corstest.Tab) {
			p.Fetch("PUT "+api, corstest.Body(fetch.Stream(strings.NewReader("x")))).Body("PUT  x")
		},
			"PUT https://api.example: the body is a stream that was sent before, and can be read once: each user agent needs one of its own, as in corstest.Stream("},
		{"a stream for all, each time in a body", func(p *corstest.Tab) {
			stream := strings.NewReader("x")
			p.Fetch("PUT "+api, func(i *fetch.Init) { i.Body = fetch.Stream(stream) }).Body("PUT  x")
		}, "the body is a stream that was sent before"},
		{"a stream for each", func(p *corstest.Tab) {
			p.Fetch("POST "+api, corstest.Stream(func() io.Reader { return strings.NewReader("x") })).Allowed().Body("POST  x")
		}, "got  failed: transport\n  in   chromium\n"},
		{"a body that is too long", func(p *corstest.Tab) { p.Fetch(api + "/long").Body("x") }, "got  the body is too long to be compared: no more than 16 MiB are kept\n"},
		{"a text that is too long", func(p *corstest.Tab) { p.Fetch(api + "/long").Text() }, "the body is too long to be compared: no more than 16 MiB are kept"},
		{"a text that is as long as can be", func(p *corstest.Tab) {
			if n := len(p.Fetch(api + "/longest").Text()); n != 16<<20 {
				panic(n)
			}
		}, ""},
		{"a text that breaks off", func(p *corstest.Tab) { p.Fetch(api + "/cut").Text() }, "the body broke off after 1 bytes: "},
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
		{"no URL", func(t corstest.TB) { corstest.Page(t, "app", echo) }, `corstest: "app" is no origin, such as https://app.example`},
		{"no scheme", func(t corstest.TB) { corstest.Page(t, "localhost:3000", echo) }, "did you mean http://localhost:3000?"},
		{"no scheme, live", func(t corstest.TB) { corstest.LivePage(t, "app.example:3000", "http://api.example") }, "did you mean http://app.example:3000?"},
		{"no scheme, on top", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Document(fetch.PageOptions{TopLevel: "localhost:3000"}))
		}, "did you mean http://localhost:3000?"},
		{"no handler", func(t corstest.TB) { corstest.Page(t, "https://app.example", nil) }, "the handler is nil"},
		{"no function", func(t corstest.TB) { corstest.Page(t, "https://app.example", http.HandlerFunc(nil)) }, "the handler is a nil http.HandlerFunc"},
		{"no pointer", func(t corstest.TB) { corstest.Page(t, "https://app.example", (*http.ServeMux)(nil)) }, "the handler is a nil *http.ServeMux"},
		{"a nil option", func(t corstest.TB) { corstest.Page(t, "https://app.example", echo, nil) }, "an option of the page is nil"},
		{"a nil engine", func(t corstest.TB) { corstest.Page(t, "https://app.example", echo, corstest.In(nil)) }, "corstest.In: an engine is nil"},
		{"no time", func(t corstest.TB) { corstest.Page(t, "https://app.example", echo, corstest.Timeout(0)) }, "the timeout 0s is not more than 0"},
		{"one engine", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.In(browser.Firefox())).Fetch("https://api.example/").Blocked()
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
			p := corstest.Page(t, "https://app.example", echo, corstest.KeepPreflights())
			p.Fetch("PUT https://api.example/").Preflighted()
			p.Fetch("PUT https://api.example/").NotPreflighted()
		}, ""},
		{"cookies of one site", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b; Secure; SameSite=None")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "a=b")
		}, ""},
		{"third-party cookies", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.example/", "a=b; Secure; SameSite=None")).
				Fetch("https://api.example/", corstest.Credentials()).Sends("Cookie", "a=b")
		}, "got  the request has no Cookie; a is not sent: third-party cookies are kept apart for each top-level site, and it was set under its own\n  in   firefox; not in standard, chromium, webkit\n"},
		{"cookies without credentials", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b")).
				Fetch("https://api.app.example/").Sends("Cookie", "a=b")
		}, "got  the request has no Cookie; a is not sent: the credentials mode is \"same-origin\"\n  in   standard, chromium, firefox, webkit"},
		{"cookies that only some take", func(t corstest.TB) {
			older, _ := browser.Find("webkit@2.50")
			corstest.Page(t, "https://app.example", echo, corstest.In(browser.Firefox(), older), corstest.Cookie("https://api.app.example/", "a=b; SameSite=None")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "a=b")
		}, "got  the request has no Cookie; a was not stored: it is SameSite=None without Secure\n  in   firefox; not in webkit\n"},
		{"no cookies", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://other.example/", "a=b")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("cookie", "a=b")
		}, "got  the request has no cookie: the browser has none for this site\n"},
		{"other cookies", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b; Path=/v1"), corstest.Cookie("https://api.app.example/", "c=d")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "a=b")
		}, "got  Cookie: c=d; a is not sent: the URL's path is not in its Path\n"},
		{"cookies that were refused before", func(t corstest.TB) {
			page := corstest.Page(t, "https://app.example", server("Set-Cookie", "sid=1; Domain=other.example"), corstest.In(browser.Chromium()))
			page.Fetch("https://api.app.example/login", corstest.Credentials()).Allowed()
			page.Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "sid=1")
		}, "got  the request has no Cookie; sid was not stored: the host is not in its Domain\n"},
		{"cookies in a transcript", func(t corstest.TB) {
			page := corstest.Page(t, "https://app.example", server("Set-Cookie", "e=f; Domain=other.example", "Access-Control-Allow-Origin", ""),
				corstest.In(browser.Chromium()), corstest.Cookie("https://api.example/", "a=b; Secure"))
			page.Fetch("https://api.example/", corstest.Credentials()).Allowed()
		}, "    → GET https://api.example/\n        Origin: https://app.example\n" +
			"        (a is not sent: it has no SameSite attribute, which is as SameSite=Lax, and the request is cross-site)\n    ← 200 OK\n" +
			"        Access-Control-Allow-Credentials: true\n        Access-Control-Allow-Origin:\n        Access-Control-Expose-Headers: X-Total-Count\n" +
			"        Set-Cookie: e=f; Domain=other.example\n        Vary: Origin\n        (e was not stored: the host is not in its Domain)\n"},
		{"a cookie that nobody takes", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.example/", "a=b; Domain=elsewhere.example"))
		}, `no browser would store "a=b; Domain=elsewhere.example" from https://api.example/: `},
		{"a cookie twice", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b"), corstest.Cookie("https://api.app.example/", "a=c")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "a=c")
		}, ""},
		{"a cookie that is deleted", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", echo, corstest.Cookie("https://api.app.example/", "a=b"), corstest.Cookie("https://api.app.example/", "c=d"),
				corstest.Cookie("https://api.app.example/", "a=; Max-Age=0")).
				Fetch("https://api.app.example/", corstest.Credentials()).Sends("Cookie", "c=d")
		}, ""},
		{"a panic", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") })).
				Fetch("https://api.example/").Allowed()
		}, "  the handler panicked: oh no (4 times)\n    in answer to GET /\n    github.com/corsim/corsim/corstest_test.TestPages."},
		{"a panic after the response", func(t corstest.TB) {
			page := corstest.Page(t, "https://app.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Content-Length", "0")
				w.(http.Flusher).Flush()
				if r.URL.Path == "/late" {
					<-r.Context().Done()
					panic("oh no")
				}
			}))
			page.Fetch("https://api.example/late").Allowed()
			page.Fetch("https://api.example/").Status(200)
		}, "corstest: GET https://api.example/late, fetched at corstest_test.go:"},
		{"no response is no block", func(t corstest.TB) {
			corstest.Page(t, "https://app.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })).
				Fetch("https://api.example/").Blocked()
		}, "got  failed: transport"},
		{"safe to cache", func(t corstest.TB) {
			for _, h := range []http.Handler{newServer(), server("Access-Control-Allow-Origin", "*"), server("Vary", "", "Cache-Control", "private, No-Store")} {
				corstest.Page(t, "https://app.example", h).Fetch("https://api.example/").SafeToCache()
			}
			corstest.Page(t, "http://app.example", echo, corstest.In(browser.Standard())).Fetch("http://api.example/").SafeToCache()
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

// TestPanics shows that each panic is told once, of the Fetch that it belongs to, with
// the handler's part of the stack.
func TestPanics(t *testing.T) {
	r := &recorder{T: t}
	page := corstest.Page(r, "https://app.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path != "/fine" {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "all of it")
			w.(http.Flusher).Flush()
			oops(r)
		}
	}), corstest.In(browser.Standard()))
	subtest := page.For(r)
	page.Fetch("https://api.example/1").Allowed()
	subtest.Fetch("https://api.example/2").Allowed()
	page.Fetch("https://api.example/fine").Status(201)
	r.end()
	slices.Sort(r.errors)
	if len(r.errors) != 3 || strings.Contains(r.errors[0], "panicked") {
		t.Fatalf("%q", r.errors)
	}
	for i, want := range []string{
		`^GET https://api.example/fine in `,
		`^corstest: GET https://api.example/1, fetched at corstest_test.go:\d+: the handler panicked: \[1\]\n  in answer to GET /1\n` +
			`  [^\n]*corstest_test.oops\n  \t[^\n]*/corstest_test.go:\d+\n  [^\n]*TestPanics.func1\n  \t[^\n]*\n  net/http.HandlerFunc.ServeHTTP\n  \t[^\n]*$`,
		`^corstest: GET https://api.example/2, fetched at corstest_test.go:\d+: the handler panicked: \[2\]\n  in answer to GET /2\n`,
	} {
		if !regexp.MustCompile(want).MatchString(r.errors[i]) {
			t.Errorf("%s\nis not %s", r.errors[i], want)
		}
	}
}

func oops(r *http.Request) { panic(strings.Split(r.URL.Path, "/")[1:]) }

// TestTimeout shows that a handler which hangs costs the time twice, and only itself.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		r := &recorder{T: t}
		page := corstest.Page(r, "https://app.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if r.URL.Path == "/hangs" {
				<-r.Context().Done()
			}
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}), corstest.Timeout(time.Hour))
		start := time.Now()
		page.Fetch("https://api.example/hangs").Blocked(cors.Timeout)
		if took := time.Since(start); took != 2*time.Hour {
			t.Errorf("it took %v", took)
		}
		page.Fetch("https://api.example/").Allowed()
		if got := r.end(); got != "" || asked.Load() != 5 { // the second Fetch once for all

			t.Errorf("asked %d times: %s", asked.Load(), got)
		}
	})
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

	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
	for _, test := range []struct{ base, want string }{
		{server.URL, "got  blocked: mixed-content\n  in   webkit; not in standard, chromium, firefox\n(.|\n)*\n    Or give the page an http origin\\.$"},
		{secure.URL, "got  failed: transport\n  in   standard, chromium, firefox, webkit\n(.|\n)*\n    Let the test trust the server: corstest.Through\\("},
	} {
		r := &recorder{T: t}
		corstest.LivePage(r, "https://app.example", test.base).Fetch("/").Allowed()
		if got := r.end(); !regexp.MustCompile(test.want).MatchString(got) || strings.Contains(got, "--") {
			t.Errorf("%s\nis not %s", got, test.want)
		}
	}
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
			"the handler panicked: oh no", "things.contract:4", "things.contract:5", "the handler panicked: oh no",
		}},
		{"no handler", nil, "testdata/things.contract", []string{"corstest.Contract: the handler is nil"}},
		{"no function", http.HandlerFunc(nil), "testdata/things.contract", []string{"corstest.Contract: the handler is a nil http.HandlerFunc"}},
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

// A contract takes the options that have a meaning for it.
func TestContractOptions(t *testing.T) {
	server := httptest.NewServer(newServer())
	defer server.Close()
	corstest.Contract(t, nil, "testdata/things.contract", corstest.Through(wire.Handler(newServer())), corstest.In(browser.Firefox()), corstest.Timeout(time.Minute))
	file := filepath.Join(t.TempDir(), "cookies.contract")
	if err := os.WriteFile(file, []byte("page https://app.example\n  allow GET / credentials cookie a=b\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var hosts, cookies []string
	seen := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts, cookies = append(hosts, r.Host), append(cookies, r.Header.Get("Cookie"))
		newServer().ServeHTTP(w, r)
	})
	corstest.Contract(t, seen, file, corstest.Base("https://other.example"), corstest.ThirdPartyCookies(browser.ThirdPartyBlocked))
	corstest.Contract(t, seen, file, corstest.Base("https://other.example"), corstest.ThirdPartyCookies(browser.ThirdPartyAllowed))
	if !slices.Equal(hosts, []string{"other.example", "other.example"}) || !slices.Equal(cookies, []string{"", "a=b"}) {
		t.Errorf("the server saw %q with %q", hosts, cookies)
	}
	mustSay(t, failure(t, func(t corstest.TB) { corstest.Contract(t, echo, file, corstest.KeepPreflights()) }), "only In, ThirdPartyCookies, Base, Timeout and Through are options")
}

// A page that parallel subtests share works.
func TestParallel(t *testing.T) {
	page := corstest.Page(t, "https://app.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Run("group", func(t *testing.T) {
		for i := range 50 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				page.Fetch("GET https://api.example/x").Allowed()
				page.For(t).Fetch("PUT https://api.example/x").Blocked(cors.MethodNotAllowed)
			})
		}
	})
}
