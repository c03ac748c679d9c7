package corstest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
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

const app, api = "https://app.example", "https://api.example"

// strict answers as rs/cors does: it leaves out every header where anything of the preflight does
// not match.
func strict(methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		asked := r.Header.Get("Access-Control-Request-Method")
		switch {
		case r.Header.Get("Origin") != app:
		case r.Method == "OPTIONS" && asked != "" && !slices.Contains(methods, asked):
		default:
			w.Header().Set("Access-Control-Allow-Origin", app)
			w.Header().Set("Access-Control-Allow-Methods", asked)
		}
	})
}

// failure returns what a test that must fail says.
func failure(t *testing.T, test func(corstest.TB)) string {
	t.Helper()
	r := &recorder{T: t}
	test(r)
	text := r.end()
	if text == "" {
		t.Error("it does not fail")
	}
	return text
}

func mustSay(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

func TestThirdPartyCookies(t *testing.T) {
	cookie := corstest.Cookie("https://api.other", "c=1; SameSite=None; Secure")
	fetched := func(t corstest.TB, options ...corstest.PageOption) *corstest.Result {
		return corstest.Page(t, app, echo, append(options, cookie)...).Fetch("https://api.other/x", corstest.Credentials())
	}
	fetched(t, corstest.In(browser.Chromium())).Allowed().SendsCookie("c", "1")
	fetched(t, corstest.ThirdPartyCookies(browser.ThirdPartyAllowed)).SendsCookie("c", "1")
	fetched(t, corstest.ThirdPartyCookies(browser.ThirdPartyBlocked)).SendsNoCookie("c").SendsNo("Cookie")
	mustSay(t, failure(t, func(t corstest.TB) { fetched(t).SendsCookie("c", "1") }), "in   firefox; not in standard, chromium, webkit")
	mustSay(t, failure(t, func(t corstest.TB) { fetched(t, corstest.ThirdPartyCookies("x")) }), `there is no setting "x"`)
}

// No browser sends a stream over HTTP/1.1: Chromium wants HTTP/2, Firefox sends the object as text, WebKit refuses.
func TestStreams(t *testing.T) {
	var seen []string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+string(body))
	})
	stream := corstest.Stream(func() io.Reader { return strings.NewReader("hello") })
	for _, test := range []struct {
		engine *browser.Engine
		reason cors.Reason
		want   []string
	}{
		{browser.Standard(), 0, []string{"OPTIONS ", "POST hello"}},
		{browser.Chromium(), cors.Transport, []string{"OPTIONS "}},
		{browser.Firefox(), 0, []string{"POST [object ReadableStream]"}},
		{browser.WebKit(), cors.RequestBody, nil},
	} {
		seen = nil
		result := corstest.Page(t, app, h, corstest.In(test.engine)).Fetch("POST "+api+"/", stream)
		if got := cors.ReasonOf(result.Err()); got != test.reason || !slices.Equal(seen, test.want) {
			t.Errorf("%s: %v, and the server saw %q", test.engine, result.Err(), seen)
		}
	}
	// Over HTTP/2 Chromium sends it.
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	for name, through := range map[string]fetch.Network{
		"net/http": fetch.RoundTripper(server.Client().Transport),
		"wire":     &wire.Network{TLS: server.Client().Transport.(*http.Transport).TLSClientConfig},
	} {
		seen = nil
		corstest.LivePage(t, app, server.URL, corstest.In(browser.Chromium()), corstest.Through(through)).Fetch("POST /", stream).Allowed()
		if !slices.Equal(seen, []string{"OPTIONS ", "POST hello"}) {
			t.Errorf("%s: the server saw %q", name, seen)
		}
	}
}

// CORS headers that are sent only in answer to CORS requests are what the standard warns of.
func TestSafeToCacheAsksWithoutOrigin(t *testing.T) {
	onlyToCORS := func(vary string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			if r.Header.Get("Origin") != "" {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Vary", "Origin")
			}
			if vary != "" {
				w.Header().Set("Vary", vary)
			}
		})
	}
	text := failure(t, func(t corstest.TB) { corstest.Page(t, app, onlyToCORS("")).Fetch(api + "/logo.png").SafeToCache() })
	mustSay(t, text, "Access-Control-Allow-Origin is * for https://app.example and absent for a request without Origin, but the response to a request without Origin has no Vary: Origin",
		"To fix it, the response to a request without Origin must have:\n      + Vary: Origin")
	corstest.Page(t, app, onlyToCORS("Origin")).Fetch(api + "/logo.png").SafeToCache()
}

func TestLocalhostCodings(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Encoding", "br")
		io.WriteString(w, "\x0b\x02\x80hello\x03")
	})
	corstest.Page(t, "http://localhost:5173", h, corstest.In(browser.Chromium(), browser.Firefox())).Fetch("http://localhost:8080/").Allowed().Body("hello")
}

// The method is refused, and not the origin.
func TestWhatIsRefused(t *testing.T) {
	corstest.Page(t, app, strict("GET")).Fetch(api + "/").Allowed()
	text := failure(t, func(t corstest.TB) { corstest.Page(t, app, strict("GET")).Fetch("DELETE " + api + "/").Allowed() })
	mustSay(t, text, "allows the origin, and refuses the method DELETE")
	if strings.Contains(text, "this origin is not among those that it allows") {
		t.Errorf("the origin is blamed:\n%s", text)
	}
	text = failure(t, func(t corstest.TB) {
		corstest.Page(t, "https://other.example", strict("GET", "DELETE")).Fetch("DELETE " + api + "/").Allowed()
	})
	mustSay(t, text, "origin")
	if strings.Contains(text, "refuses the method") {
		t.Errorf("the method is blamed:\n%s", text)
	}
}

// endless is an event stream.
var endless = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", "text/event-stream")
	for r.Context().Err() == nil {
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		time.Sleep(10 * time.Millisecond)
	}
})

func TestEndlessBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		page := corstest.Page(t, app, endless)
		page.Fetch(api + "/events").Allowed().Status(200)
		if d := time.Since(start); d > time.Second {
			t.Errorf("it took %v", d)
		}
		text := failure(t, func(tb corstest.TB) {
			corstest.Page(tb, app, endless, corstest.Timeout(time.Minute)).Fetch(api + "/events").Body("x")
		})
		mustSay(t, text, "got  the body did not end in time\n  in   standard, chromium, firefox, webkit")
	})
	server := httptest.NewServer(endless)
	t.Cleanup(server.Close) // after the page's own
	corstest.LivePage(t, "http://app.example", server.URL).Fetch("/events").Allowed()
}

// once answers the first request differently from all others.
func once() http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path == "/varies" {
			w.Header().Set("Vary", "User-Agent")
		}
		w.WriteHeader([]int{201, 409}[min(n.Add(1)-1, 1)])
	})
}

func TestServerWithState(t *testing.T) {
	corstest.Page(t, app, once()).Fetch("POST " + api + "/users").Status(201)
	page := corstest.Page(t, app, nil, corstest.Fresh(once))
	page.Fetch("POST " + api + "/users").Status(201)
	page.Fetch("POST " + api + "/users").Status(409)
	text := failure(t, func(t corstest.TB) { corstest.Page(t, app, once()).Fetch("POST " + api + "/varies").Status(201) })
	mustSay(t, text, "differently", "status 201, then status 409", "corstest.Fresh")
	mustSay(t, failure(t, func(t corstest.TB) { corstest.Page(t, app, nil, corstest.Fresh(func() http.Handler { return nil })) }), "corstest.Fresh: the handler is nil")
}

// What the user agents ask differently, each asks for itself: here one has no cookie.
func TestEachForItself(t *testing.T) {
	var asked []string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Cookie"))
		echo(w, r)
	})
	corstest.Page(t, app, h, corstest.Cookie(api, "a=b; SameSite=None; Secure")).Fetch(api+"/", corstest.Credentials()).Allowed()
	if want := []string{"a=b", ""}; !slices.Equal(asked, want) {
		t.Errorf("the server saw %q, not %q", asked, want)
	}
}

func TestOriginsOfApps(t *testing.T) {
	for _, origin := range []string{"capacitor://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "tauri://localhost"} {
		corstest.Page(t, origin, echo).Fetch(api+"/").Sends("Origin", origin)
	}
}

// What real browsers send beside that: client hints, and the site of an IPv6 address.
func TestHeadersOfProducts(t *testing.T) {
	corstest.Page(t, app, echo, corstest.In(browser.Chromium())).Fetch(api+"/").Sends("Sec-CH-UA-Mobile", "?0").Sends("Sec-CH-UA-Platform", `"Linux"`)
	for origin, want := range map[string]string{"http://[::1]": "cross-site", "http://127.0.0.1": "same-site"} {
		corstest.Page(t, origin+":3000", echo, corstest.In(browser.Firefox())).Fetch(origin+":4000/").Sends("Sec-Fetch-Site", want)
		corstest.Page(t, origin+":3000", echo, corstest.In(browser.Chromium())).Fetch(origin+":4000/").Sends("Sec-Fetch-Site", "same-site")
	}
}

func TestOpaqueIsNotAllowed(t *testing.T) {
	mustSay(t, failure(t, func(t corstest.TB) {
		corstest.Page(t, app, http.NotFoundHandler()).Fetch(api+"/", corstest.Mode(fetch.ModeNoCORS)).Allowed()
	}), "the response is opaque")
}

func TestLongBodyIsNotShownWhole(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Write(append(bytes.Repeat([]byte("a"), 8<<20), "end"...))
	})
	text := failure(t, func(t corstest.TB) {
		corstest.Page(t, app, h).Fetch(api + "/").Body(strings.Repeat("a", 8<<20) + "END")
	})
	mustSay(t, text, `aend"…; it has 8388611 bytes, not 8388611, and differs from byte 8388608 on, where want has of 8388611 bytes`)
	if len(text) > 4096 {
		t.Errorf("a failure of %d bytes", len(text))
	}
}

func TestCookiesAreAsserted(t *testing.T) {
	page := corstest.Page(t, app, echo, corstest.Cookie("https://api.app.example/", "s=1"), corstest.Cookie("https://api.app.example/", "u=2"), corstest.Base("https://api.app.example"))
	page.Fetch("/").Allowed().SendsNo("Cookie").SendsNoCookie("s", "u")
	page.Fetch("/", corstest.Credentials()).SendsCookie("s", "1").SendsCookie("u", "2").SendsNoCookie("v")
	for _, test := range []struct {
		want string
		do   func(*corstest.Result)
	}{
		{"want sends no Cookie\n  got  Cookie: s=1; u=2\n", func(r *corstest.Result) { r.SendsNo("Cookie") }},
		{"want sends no cookie u\n  got  the cookie u=2\n", func(r *corstest.Result) { r.SendsNoCookie("u") }},
		{"want sends the cookie s=2\n  got  the cookie s=1\n", func(r *corstest.Result) { r.SendsCookie("s", "2") }},
		{"got  the request has no cookie v\n", func(r *corstest.Result) { r.SendsCookie("v", "2") }},
		{"no header names are given", func(r *corstest.Result) { r.SendsNo() }},
	} {
		mustSay(t, failure(t, func(t corstest.TB) { test.do(page.For(t).Fetch("/", corstest.Credentials())) }), test.want)
	}
}

// That the response is blocked does not protect a handler.
func TestNotSent(t *testing.T) {
	evil := corstest.Page(t, "https://evil.example", strict("POST"))
	post := []corstest.Option{corstest.Text("to=evil"), corstest.Credentials()}
	evil.Fetch("POST "+api+"/transfer", post...).Blocked().Sent()
	evil.Fetch("PUT "+api+"/transfer", post...).Blocked().NotSent()
	evil.Fetch("http://api.example/").NotSent()
	text := failure(t, func(t corstest.TB) { evil.For(t).Fetch("POST "+api+"/transfer", post...).NotSent() })
	mustSay(t, text, "want not sent", "got  the request was sent, and the handler ran; only its response is kept from script (blocked: missing-allow-origin, allow-credentials-not-true): it needs no preflight.")
	mustSay(t, failure(t, func(t corstest.TB) { evil.For(t).Fetch("PUT "+api+"/transfer", post...).Sent() }), "method-not-allowed, before the request was sent")
	if strings.Contains(text, "To fix it") {
		t.Errorf("how the attack would succeed is no advice:\n%s", text)
	}
	protected := new(http.CrossOriginProtection).Handler(strict("POST"))
	corstest.Page(t, "https://evil.example", protected).Fetch("POST "+api+"/transfer", post...).Blocked()
}

func TestPreflightIsAsserted(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Max-Age", "600")
		w.WriteHeader(204)
	})
	page := corstest.Page(t, app, h)
	page.Fetch("PUT "+api+"/").Allowed().PreflightStatus(204).PreflightHeader("Access-Control-Allow-Methods", "PUT").MaxAge(10 * time.Minute)
	for want, do := range map[string]func(*corstest.Result){
		"got  preflight status 204":                   func(r *corstest.Result) { r.PreflightStatus(200) },
		"got  Access-Control-Allow-Methods: PUT":      func(r *corstest.Result) { r.PreflightHeader("Access-Control-Allow-Methods", "*") },
		"got  the answer to the preflight has no X-A": func(r *corstest.Result) { r.PreflightHeader("X-A", "") },
		"want max age 1h0m0s\n  got  max age 10m0s":   func(r *corstest.Result) { r.MaxAge(time.Hour) },
	} {
		mustSay(t, failure(t, func(t corstest.TB) { do(page.For(t).Fetch("PUT " + api + "/")) }), want)
	}
	mustSay(t, failure(t, func(t corstest.TB) { page.For(t).Fetch(api + "/").MaxAge(time.Hour) }), "no preflight was sent")

	now := time.Now()
	kept := corstest.Page(t, app, h, corstest.KeepPreflights(), corstest.Now(func() time.Time { return now }))
	kept.Fetch("PUT " + api + "/").Preflighted()
	now = now.Add(9 * time.Minute)
	kept.Fetch("PUT " + api + "/").NotPreflighted()
	now = now.Add(2 * time.Minute)
	kept.Fetch("PUT " + api + "/").Preflighted()
}

func TestXHR(t *testing.T) {
	page := corstest.Page(t, app, echo)
	page.XHR("POST "+api+"/", corstest.Text("x"), corstest.Credentials()).NotPreflighted().Allowed().Body("POST text/plain;charset=UTF-8 x")
	page.XHRUpload("POST "+api+"/", corstest.Text("x")).Preflighted().Allowed()
	mustSay(t, failure(t, func(t corstest.TB) { page.For(t).XHR(api + "/").Blocked() }), "XMLHttpRequest GET https://api.example/ in a page of https://app.example\n  want blocked\n")
}

func TestForms(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		r.ParseMultipartForm(1 << 20)
		file, header, err := r.FormFile("photo")
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		content, _ := io.ReadAll(file)
		fmt.Fprintf(w, "%s %s %s %s", r.FormValue("title"), header.Filename, header.Header.Get("Content-Type"), content)
	})
	corstest.Page(t, app, h).Fetch("POST "+api+"/", corstest.Multipart(url.Values{"title": {"Sun"}}, corstest.File{Field: "photo", Name: "sun.png", ContentType: "image/png", Content: []byte("PNG")})).
		NotPreflighted().Status(200).Body("Sun sun.png image/png PNG")
}

func TestJSON(t *testing.T) {
	type thing struct {
		Name string `json:"name"`
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		io.Copy(w, r.Body)
	})
	page := corstest.Page(t, app, h)
	var got thing
	page.Fetch("POST "+api+"/", corstest.JSON(thing{"a"})).Body(`{"name":"a"}`).JSON(&got)
	page.Fetch("POST "+api+"/", corstest.JSON(json.RawMessage(`{}`))).Body(`{}`)
	page.Fetch("POST "+api+"/", corstest.JSON([]byte(`[1]`))).Body(`[1]`)
	if got.Name != "a" {
		t.Errorf("it is %+v", got)
	}
	mustSay(t, failure(t, func(t corstest.TB) { page.For(t).Fetch("POST "+api+"/", corstest.JSON("x")).JSON(&got) }), `invalid character 'x'`, `body "x"`)
	mustSay(t, failure(t, func(t corstest.TB) { page.For(t).Fetch("POST "+api+"/", corstest.JSON(func() {})).Allowed() }), "unsupported type: func()")
}

func TestDoubleSubmit(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", app)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "X-XSRF-TOKEN")
		if cookie, err := r.Cookie("XSRF-TOKEN"); r.Method != "OPTIONS" && (err != nil || r.Header.Get("X-XSRF-TOKEN") != cookie.Value) {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	double := corstest.DoubleSubmit("XSRF-TOKEN", "X-XSRF-TOKEN")
	fetched := func(t corstest.TB, setCookie string) *corstest.Result {
		return corstest.Page(t, app, h, double, corstest.Cookie(app+"/", setCookie)).Fetch("POST https://api.app.example/", corstest.Credentials())
	}
	fetched(t, "XSRF-TOKEN=7; Domain=app.example").Status(200).Sends("X-XSRF-TOKEN", "7")
	fetched(t, "XSRF-TOKEN=7; Domain=app.example; HttpOnly").Status(403).SendsNo("X-XSRF-TOKEN")
	fetched(t, "XSRF-TOKEN=7").Status(403).Sends("X-XSRF-TOKEN", "7") // the API does not get it
}

func TestHSTS(t *testing.T) {
	secure := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, r.TLS != nil)
	})
	for _, known := range []bool{true, false} {
		options := []corstest.PageOption{corstest.In(browser.Firefox())}
		if known {
			options = append(options, corstest.HSTS("api.app.example"))
		}
		corstest.Page(t, "http://app.example", secure, options...).Fetch("http://api.app.example/").Body(fmt.Sprint(known))
	}
}

func TestPermission(t *testing.T) {
	local := "http://192.168.1.1/"
	chromium := corstest.In(browser.Chromium())
	mustSay(t, failure(t, func(t corstest.TB) { corstest.Page(t, app, echo, chromium).Fetch(local).Allowed() }), "corstest.Permission(")
	corstest.Page(t, app, echo, chromium, corstest.Permission(fetch.PermissionLocalNetwork, fetch.PermissionDenied)).Fetch(local).Blocked(cors.LocalNetworkDenied).NotSent()
	corstest.Page(t, app, echo, chromium, corstest.Permission(fetch.PermissionLocalNetwork, fetch.PermissionGranted)).Fetch(local).Allowed()
}

func TestGolden(t *testing.T) {
	fetched := func(t corstest.TB, methods string) *corstest.Result {
		h := server("Access-Control-Allow-Methods", methods, "Access-Control-Allow-Headers", "*", "Access-Control-Allow-Credentials", "")
		return corstest.Page(t, app, h).Fetch("PUT "+api+"/things/1", corstest.Header("Authorization", "Bearer x"))
	}
	fetched(t, "PUT").Golden("testdata/things.golden")
	mustSay(t, failure(t, func(t corstest.TB) { fetched(t, "PUT, DELETE").Golden("testdata/things.golden") }),
		"is not as in testdata/things.golden", "  -         Access-Control-Allow-Methods: PUT\n", "  +         Access-Control-Allow-Methods: PUT, DELETE\n")
	file := filepath.Join(t.TempDir(), "new", "a.golden")
	mustSay(t, failure(t, func(t corstest.TB) { fetched(t, "PUT").Golden(file) }), "no such file", "CORSTEST_UPDATE=1 to write it")
	t.Setenv("CORSTEST_UPDATE", "1")
	fetched(t, "PUT").Golden(file)
	t.Setenv("CORSTEST_UPDATE", "")
	fetched(t, "PUT").Golden(file)
}
