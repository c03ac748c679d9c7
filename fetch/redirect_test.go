package fetch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

// What becomes of a request's method, body and headers, by status.
func TestRedirectMethod(t *testing.T) {
	const to = "https://a.test/to"
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "patch"} {
			wantMethod := method
			if method == "POST" && status < 303 || status == 303 && method != "GET" && method != "HEAD" {
				wantMethod = "GET"
			}
			init := fetch.Init{Method: method, Headers: list("Content-Language: de", "Content-Location: x", "Content-Encoding: y", "X-A: 1", "Authorization: z")}
			if method != "GET" && method != "HEAD" {
				init.Body = fetch.Text("body")
			}
			n := &network{site: site{own: {fmt.Sprintf("%d\nlocation: /to", status)}, to: {"200"}}}
			if got := result((&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), own, &init)); got != "= basic 200 redirected" {
				t.Errorf("%d, %s: %s", status, method, got)
			}
			const kept = " content-language=de content-location=x content-encoding=y"
			headers, body := "", " body="
			if wantMethod == method {
				headers = kept
				if init.Body != nil {
					headers += " content-type=text/plain;charset=UTF-8 content-length=4"
					body = " body=body"
				}
			}
			_, got, _ := strings.Cut(n.log("content-language content-location content-encoding content-type content-length body x-a authorization"), "\n")
			if want := wantMethod + " " + to + headers + body + " x-a=1 authorization=z\n"; got != want {
				t.Errorf("%d, %s: %s, want %s", status, method, got, want)
			}
		}
	}
}

func TestRedirect(t *testing.T) {
	const c = "https://c.test/"
	location := func(l string) string { return "302\nacao: *\nacah: *, authorization\nlocation: " + l }
	authorized := fetch.Init{Headers: list("Authorization: z", "X-A: 1")}
	allow := []string{"200\nacao: *\nacah: *, authorization"}
	runFlows(t, []flow{
		{name: "no Location", url: own, site: site{own: {"302\n\nx"}}, want: "GET https://a.test/own\n= basic 302 x"},
		{name: "cors, no Location", site: site{away: {"302\nacao: *\n\nx"}}, want: "GET https://b.test/away\n= cors 302 x"},
		{name: "two Locations", url: own, site: site{own: {"302\nlocation: /x\nlocation: /x"}}, want: "GET https://a.test/own\n! redirect-location"},
		{name: "empty Location", url: own, site: site{own: {"302\nlocation:", "200"}}, want: "GET https://a.test/own\nGET https://a.test/own\n= basic 200 redirected"},
		{name: "no URL", url: own, site: site{own: {location("https://")}}, want: "GET https://a.test/own\n! redirect-location"},
		{name: "relative", url: own, site: site{own: {location("to?q")}, "https://a.test/to?q": {"200"}}, want: "GET https://a.test/own\nGET https://a.test/to?q\n= basic 200 redirected"},
		{name: "UTF-8", url: own, site: site{own: {location("/é")}, "https://a.test/%C3%A9": {"200"}}, want: "GET https://a.test/own\nGET https://a.test/%C3%A9\n= basic 200 redirected"},
		{name: "no redirect status", url: own, site: site{own: {"304\nlocation: /x"}}, want: "GET https://a.test/own\n= basic 304"},

		{name: "data:", url: own, site: site{own: {location("data:,x")}}, want: "GET https://a.test/own\n! redirect-scheme"},
		{name: "about:", url: own, site: site{own: {location("about:blank")}}, want: "GET https://a.test/own\n! redirect-scheme"},
		{name: "data:, manual", url: own, init: fetch.Init{Redirect: fetch.RedirectManual}, site: site{own: {location("data:,x")}}, want: "GET https://a.test/own\n= opaqueredirect 0"},
		{name: "error", url: own, init: fetch.Init{Redirect: fetch.RedirectError}, site: site{own: {location("/x")}}, want: "GET https://a.test/own\n! redirect-mode"},
		{name: "error, no Location", url: own, init: fetch.Init{Redirect: fetch.RedirectError}, site: site{own: {"302"}}, want: "GET https://a.test/own\n! redirect-mode"},
		{name: "manual", url: own, init: fetch.Init{Redirect: fetch.RedirectManual}, site: site{own: {location("/x")}}, want: "GET https://a.test/own\n= opaqueredirect 0"},
		{name: "manual, refused", init: fetch.Init{Redirect: fetch.RedirectManual}, site: site{away: {"302\nlocation: /x"}}, want: "GET https://b.test/away\n! missing-allow-origin"},
		{name: "mode same-origin", url: own, init: fetch.Init{Mode: fetch.ModeSameOrigin}, site: site{own: {location(away)}}, want: "GET https://a.test/own\n! same-origin-mode"},
		{name: "bad port", url: own, site: site{own: {location("https://b.test:22/")}}, want: "GET https://a.test/own\n! bad-port"},

		{name: "credentials in the URL, cross-origin", url: own, site: site{own: {location("https://u:p@b.test/away")}}, want: "GET https://a.test/own\n! redirect-credentials"},
		{name: "a username alone", url: own, site: site{own: {location("https://u@b.test/away")}}, want: "GET https://a.test/own\n! redirect-credentials"},
		{name: "credentials in the URL, own", url: own, site: site{own: {location("https://u:p@a.test/to")}, "https://a.test/to": {"200"}}, want: "GET https://a.test/own\nGET https://a.test/to\n= basic 200 redirected"},
		{name: "credentials in the URL, back home", site: site{away: {location("https://u:p@a.test/own")}}, want: "GET https://b.test/away\n! redirect-credentials"},
		{name: "credentials in the URL, no-cors", init: fetch.Init{Mode: fetch.ModeNoCORS}, site: site{away: {location("https://u:p@c.test/")}, c: {"200"}}, want: "GET https://b.test/away\nGET https://c.test/\n= opaque 0"},

		{
			name: "Authorization stays at home", url: own, init: authorized, show: "authorization x-a",
			site: site{own: {location("/to")}, "https://a.test/to": {"200"}},
			want: "GET https://a.test/own authorization=z x-a=1\nGET https://a.test/to authorization=z x-a=1\n= basic 200 redirected",
		},
		{
			name: "and goes when the origin changes", url: own, init: authorized, show: "authorization x-a acrh",
			site: site{own: {location(away)}, away: {allow[0]}},
			want: `GET https://a.test/own authorization=z x-a=1
				OPTIONS https://b.test/away acrh=x-a
				GET https://b.test/away x-a=1
				= cors 200 redirected`,
		},
		{
			name: "for good", init: authorized, show: "authorization x-a acrh origin",
			site: site{away: {allow[0], location(own)}, own: allow},
			want: `OPTIONS https://b.test/away acrh=authorization,x-a origin=https://a.test
				GET https://b.test/away authorization=z x-a=1 origin=https://a.test
				OPTIONS https://a.test/own acrh=x-a origin=null
				GET https://a.test/own x-a=1 origin=null
				= cors 200 redirected`,
		},
		{
			name: "a scheme makes another origin", page: "http://a.test/", url: "http://a.test/own", init: authorized, show: "authorization",
			site: site{"http://a.test/own": {location(own)}, own: allow},
			want: "GET http://a.test/own authorization=z\nOPTIONS https://a.test/own\nGET https://a.test/own\n= cors 200 redirected",
		},

		{name: "own to cors", url: own, show: "origin", site: site{own: {location(away)}, away: allow}, want: "GET https://a.test/own\nGET https://b.test/away origin=https://a.test\n= cors 200 redirected"},
		{name: "cors within an origin", show: "origin", site: site{away: {location("/to")}, "https://b.test/to": allow}, want: "GET https://b.test/away origin=https://a.test\nGET https://b.test/to origin=https://a.test\n= cors 200 redirected"},
		{name: "cors to a third", show: "origin", site: site{away: {location(c)}, c: allow}, want: "GET https://b.test/away origin=https://a.test\nGET https://c.test/ origin=null\n= cors 200 redirected"},
		{name: "each response is checked", site: site{away: {"302\nlocation: " + c}}, want: "GET https://b.test/away\n! missing-allow-origin"},
		{
			name: "with the origin that was sent", show: "origin", site: site{away: {"302\nacao: https://a.test\nlocation: " + c}, c: {"200\nacao: https://a.test"}},
			want: "GET https://b.test/away origin=https://a.test\nGET https://c.test/ origin=null\n! allow-origin-mismatch",
		},
		{
			name: "null is allowed by its name", show: "origin", site: site{away: {"302\nacao: https://a.test\nlocation: " + c}, c: {"200\nacao: null"}},
			want: "GET https://b.test/away origin=https://a.test\nGET https://c.test/ origin=null\n= cors 200 redirected",
		},
		{
			name: "no-cors", init: fetch.Init{Mode: fetch.ModeNoCORS, Method: "POST", ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}, show: "origin",
			site: site{away: {"307\nlocation: " + c}, c: {"200"}},
			want: "POST https://b.test/away origin=https://a.test\nPOST https://c.test/ origin=null\n= opaque 0",
		},

		{
			name: "a preflight is not redirected", init: fetch.Init{Method: "PUT"}, site: site{away: {location(c)}},
			want: "OPTIONS https://b.test/away\n! preflight preflight-redirect",
		},
		{
			name: "a POST that becomes GET needs no preflight any more", url: own, init: fetch.Init{Method: "POST", Body: fetch.Blob([]byte("x"), "a/b")},
			site: site{own: {location(away)}, away: allow},
			want: "POST https://a.test/own\nGET https://b.test/away\n= cors 200 redirected",
		},
		{
			name: "stream, 303", url: own, init: fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("x"))},
			site: site{own: {"303\nlocation: /to"}, "https://a.test/to": {"200"}}, show: "body",
			want: "POST https://a.test/own body=x\nGET https://a.test/to body=\n= basic 200 redirected",
		},
		{
			name: "stream, 302", url: own, init: fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("x"))},
			site: site{own: {location("/to")}}, want: "POST https://a.test/own\n! redirect-body",
		},
	})
}

// The twenty-first redirect is one too many.
func TestRedirectCount(t *testing.T) {
	for _, loop := range []bool{false, true} {
		n := &network{}
		url := func(i int) string { return fmt.Sprintf("https://a.test/%d", i) }
		n.site = site{}
		for i := range 20 {
			n.site[url(i)] = []string{"307\nlocation: " + url(i+1)}
		}
		n.site[url(20)] = []string{"200"}
		want := "= basic 200 redirected"
		if loop {
			n.site[url(20)] = []string{"307\nlocation: " + url(0)}
			want = "! redirect-count"
		}
		if got := result((&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), url(0), nil)); got != want || len(n.requests) != 1+cors.MaxRedirects {
			t.Errorf("%s after %d requests, want %s", got, len(n.requests), want)
		}
	}
}

// A URL has the fragment of its Location, or else the one from before; the
// preflight cache, which keeps whole URLs, tells which. The response has none.
func TestRedirectFragment(t *testing.T) {
	for _, test := range []struct{ url, location, want string }{
		{own + "#a", away, away + "#a"},
		{own + "#a", away + "#b", away + "#b"},
		{own + "#a", away + "#", away + "#"},
		{own, away + "#b", away + "#b"},
		{own, away, away},
	} {
		n := &network{site: site{own: {"307\nlocation: " + test.location}, away: {"200\nacao: *\nacam: PUT"}}}
		c := &fetch.Client{Network: n}
		r, err := c.Fetch(t.Context(), newPage(t, "", nil), test.url, &fetch.Init{Method: "PUT"})
		if err != nil || r.URL != away || !r.Redirected {
			t.Errorf("%v, %v", r, err)
		}
		for _, direct := range []string{away, away + "#", away + "#a", away + "#b"} {
			n.requests = nil
			if got := result(c.Fetch(t.Context(), newPage(t, "", nil), direct, &fetch.Init{Method: "PUT"})); got != "= cors 200" {
				t.Error(got)
			}
			if cached := len(n.requests) == 1; cached != (direct == test.want) {
				t.Errorf("%s leading to %s: a preflight is cached for %s: %t", test.url, test.location, direct, cached)
			}
		}
	}
}

// A response's Referrer-Policy holds for what it leads to.
func TestRedirectReferrerPolicy(t *testing.T) {
	const to = "https://a.test/to"
	for _, test := range []struct{ name, policy, toURL, want string }{
		{"none", "", to, home},
		{"no-referrer", "no-referrer", to, ""},
		{"origin", "ORIGIN", to, "https://a.test/"},
		{"the last that is known", "unsafe-url, origin, what", away, "https://a.test/"},
		{"unsafe-url", "unsafe-url", away, home},
		{"no list", "unsafe url", away, "https://a.test/"},
		{"unknown", "x", away, "https://a.test/"},
	} {
		response := "302\nacao: *\nlocation: " + test.toURL
		if test.policy != "" {
			response += "\nreferrer-policy: " + test.policy
		}
		n := &network{site: site{own: {response}, test.toURL: {"200\nacao: *"}}}
		if got := result((&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), own, nil)); got[0] != '=' {
			t.Errorf("%s: %s", test.name, got)
		}
		if got, _ := n.requests[1].Headers.Get("referer"); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	// What a hop has cut from the referrer does not come back.
	n := &network{site: site{
		away:              {"302\nacao: *\nlocation: https://c.test/\nreferrer-policy: unsafe-url"},
		"https://c.test/": {"302\nacao: *\nlocation: " + own + "\nreferrer-policy: no-referrer"},
		own:               {"302\nacao: *\nlocation: " + to + "\nreferrer-policy: unsafe-url"}, to: {"200\nacao: *"},
	}}
	if got := result((&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), away, nil)); got != "= cors 200 redirected" {
		t.Error(got)
	}
	want := lines(`GET https://b.test/away referer=https://a.test/
		GET https://c.test/ referer=https://a.test/
		GET https://a.test/own
		GET https://a.test/to`)
	if diff := cmp.Diff(want, n.log("referer")); diff != "" {
		t.Error(diff)
	}
}

// The errors of redirects say where they led and which response it was.
func TestRedirectErrors(t *testing.T) {
	n := &network{site: site{own: {"302\nlocation: data:,x#f"}, away: {"307\nacao: *\nlocation: https://u@b.test:77777/"}}}
	c := &fetch.Client{Network: n}
	_, err := c.Fetch(t.Context(), newPage(t, "", nil), own+"#f", nil)
	e, ok := err.(*cors.Error)
	if !ok || e.URL != own || e.Subject != "data:,x" || e.Status != 302 {
		t.Errorf("%+v", e)
	}
	_, err = c.Fetch(t.Context(), newPage(t, "", nil), away, nil)
	if e, ok = err.(*cors.Error); !ok || e.URL != away || e.Header != "Location" || e.Value != "https://u@b.test:77777/" || e.Status != 307 || e.Err == nil {
		t.Errorf("%+v", e)
	}
}

// A misdirected request is made once more, over a new connection.
func TestMisdirected(t *testing.T) {
	runFlows(t, []flow{
		{name: "once", url: own, site: site{own: {"421", "200"}}, want: "GET https://a.test/own\nGET https://a.test/own new\n= basic 200"},
		{name: "twice", url: own, site: site{own: {"421", "421\n\nx"}}, want: "GET https://a.test/own\nGET https://a.test/own new\n= basic 421 x"},
		{
			name: "body", url: own, init: fetch.Init{Method: "POST", Body: fetch.Text("x")}, site: site{own: {"421", "200"}}, show: "body new",
			want: "POST https://a.test/own body=x\nPOST https://a.test/own body=x new\n= basic 200",
		},
		{
			name: "stream", url: own, init: fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("x"))}, site: site{own: {"421", "200"}}, show: "body new",
			want: "POST https://a.test/own body=x\n= basic 421",
		},
		{name: "not checked before", site: site{away: {"421", "200\nacao: *"}}, want: "GET https://b.test/away\nGET https://b.test/away new\n= cors 200"},
		{
			name: "preflight", init: fetch.Init{Method: "PUT"}, site: site{away: {"421", "200\nacao: *\nacam: PUT"}},
			want: "OPTIONS https://b.test/away\nOPTIONS https://b.test/away new\nPUT https://b.test/away\n= cors 200",
		},
	}, "new")
}

// Nobody is there to give a proxy its password.
func TestProxyAuthentication(t *testing.T) {
	runFlows(t, []flow{
		{name: "own", url: own, site: site{own: {"407"}}, want: "GET https://a.test/own\n! proxy-authentication"},
		{name: "cors", site: site{away: {"407\nacao: *"}}, want: "GET https://b.test/away\n! proxy-authentication"},
		{name: "preflight", init: fetch.Init{Method: "PUT"}, site: site{away: {"407\nacao: *"}}, want: "OPTIONS https://b.test/away\n! preflight proxy-authentication"},
		{name: "401 is a response", url: own, site: site{own: {"401\n\nx"}}, want: "GET https://a.test/own\n= basic 401 x"},
	})
}
