package fetch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// sent returns what the network was sent by a fetch that nobody refuses.
func sent(t *testing.T, c *fetch.Client, page *fetch.Page, url string, init *fetch.Init) headers.List {
	t.Helper()
	var last headers.List
	c.Network = networkFunc(func(r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
		last = r.Headers
		return parseResponse("200\nacao: " + page.Origin().String() + "\nacac: true\nacah: *\nacam: *"), nil
	})
	if _, err := c.Fetch(t.Context(), page, url, init); err != nil {
		t.Errorf("%s, %+v: %v", url, init, err)
	}
	return last
}

// What each referrer policy tells, same-origin, cross-origin and to somebody less
// trustworthy.
func TestReferrerPolicies(t *testing.T) {
	// A page on localhost is trustworthy, yet may fetch over http.
	const pageURL, pageOrigin, none = "http://u:p@localhost/page?q#f", "http://localhost/", ""
	const whole = "http://localhost/page?q"
	targets := [3]string{"http://localhost/x", "https://b.test/", "http://b.test/"}
	for policy, want := range map[fetch.ReferrerPolicy][3]string{
		"":                             {whole, pageOrigin, none},
		fetch.ReferrerPolicyNoReferrer: {none, none, none},
		fetch.ReferrerPolicyNoReferrerWhenDowngrade:     {whole, whole, none},
		fetch.ReferrerPolicySameOrigin:                  {whole, none, none},
		fetch.ReferrerPolicyOrigin:                      {pageOrigin, pageOrigin, pageOrigin},
		fetch.ReferrerPolicyStrictOrigin:                {pageOrigin, pageOrigin, none},
		fetch.ReferrerPolicyOriginWhenCrossOrigin:       {whole, pageOrigin, pageOrigin},
		fetch.ReferrerPolicyStrictOriginWhenCrossOrigin: {whole, pageOrigin, none},
		fetch.ReferrerPolicyUnsafeURL:                   {whole, whole, whole},
	} {
		for i, target := range targets {
			for _, mode := range []fetch.Mode{fetch.ModeCORS, fetch.ModeNoCORS} {
				// The page's policy, and that of the request, which counts for more.
				other := fetch.ReferrerPolicy(fetch.ReferrerPolicyUnsafeURL)
				if policy == other {
					other = fetch.ReferrerPolicyNoReferrer
				}
				ofPage := newPage(t, pageURL, &fetch.PageOptions{ReferrerPolicy: policy})
				ofOther := newPage(t, pageURL, &fetch.PageOptions{ReferrerPolicy: other})
				got, _ := sent(t, &fetch.Client{}, ofPage, target, &fetch.Init{Mode: mode}).Get("referer")
				if got != want[i] {
					t.Errorf("%q of the page, %s: %q, want %q", policy, target, got, want[i])
				}
				if policy == "" {
					continue
				}
				got, _ = sent(t, &fetch.Client{}, ofOther, target, &fetch.Init{Mode: mode, ReferrerPolicy: policy}).Get("referer")
				if got != want[i] {
					t.Errorf("%q of the request, %s: %q, want %q", policy, target, got, want[i])
				}
			}
		}
	}
}

func TestReferrer(t *testing.T) {
	base := "https://a.test/"
	at := base + strings.Repeat("x", 4096-len(base))
	for _, test := range []struct {
		name, page string
		options    fetch.PageOptions
		url        string
		init       fetch.Init
		want       string
	}{
		{name: "page", url: own, want: home},
		{name: "explicit", url: own, init: fetch.Init{Referrer: "/other?x#y"}, want: "https://a.test/other?x"},
		{name: "explicit, cross-origin", init: fetch.Init{Referrer: "/other"}, want: "https://a.test/"},
		{name: "none", url: own, init: fetch.Init{NoReferrer: true}},
		{name: "of another origin", url: own, init: fetch.Init{Referrer: "https://b.test/"}, want: home},
		{name: "4096 bytes", page: at, url: own, want: at},
		{name: "4096 bytes and a fragment", page: at + "#f", url: own, want: at},
		{name: "4097 bytes", page: at + "x", url: own, want: base},
		{name: "4097 bytes, unsafe-url", page: at + "x", init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}, want: base},
		{name: "4096 bytes, unsafe-url", page: at, init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}, want: at},
		{name: "opaque origin", options: fetch.PageOptions{Origin: "null"}, init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}},
		{name: "data: page", page: "data:,x", init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}},
		{name: "about:blank", page: "about:blank", options: fetch.PageOptions{Origin: "https://a.test"}, url: own, init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL}},
		{name: "localhost is no downgrade", url: "http://localhost/", init: fetch.Init{ReferrerPolicy: fetch.ReferrerPolicyStrictOrigin}, want: "https://a.test/"},
	} {
		got, _ := sent(t, &fetch.Client{}, newPage(t, test.page, &test.options), or(test.url, away), &test.init).Get("referer")
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Whether Origin is sent, and what it says.
func TestOrigin(t *testing.T) {
	const a, null, none = "https://a.test", "null", ""
	targets := [3]string{own, away, "http://localhost/"}
	for policy, want := range map[fetch.ReferrerPolicy][3]string{
		"":                             {a, a, null},
		fetch.ReferrerPolicyNoReferrer: {null, null, null},
		fetch.ReferrerPolicyNoReferrerWhenDowngrade:     {a, a, null},
		fetch.ReferrerPolicySameOrigin:                  {a, null, null},
		fetch.ReferrerPolicyOrigin:                      {a, a, a},
		fetch.ReferrerPolicyStrictOrigin:                {a, a, null},
		fetch.ReferrerPolicyOriginWhenCrossOrigin:       {a, a, a},
		fetch.ReferrerPolicyStrictOriginWhenCrossOrigin: {a, a, null},
		fetch.ReferrerPolicyUnsafeURL:                   {a, a, a},
	} {
		for i, target := range targets {
			cors := [3]string{none, a, a}
			for _, test := range []struct {
				mode   fetch.Mode
				method string
				want   string
			}{
				{fetch.ModeNoCORS, "POST", want[i]},
				{fetch.ModeNoCORS, "GET", none},
				{fetch.ModeNoCORS, "HEAD", none},
				{fetch.ModeCORS, "GET", cors[i]},
				{fetch.ModeCORS, "HEAD", cors[i]},
				{fetch.ModeCORS, "POST", a},
				{fetch.ModeCORS, "PUT", a},
			} {
				init := fetch.Init{Mode: test.mode, Method: test.method, ReferrerPolicy: policy}
				if got, _ := sent(t, &fetch.Client{}, newPage(t, "", nil), target, &init).Get("origin"); got != test.want {
					t.Errorf("%s %s in mode %s, %q: %q, want %q", test.method, target, test.mode, policy, got, test.want)
				}
			}
		}
	}
	sameOrigin := fetch.Init{Mode: fetch.ModeSameOrigin, Method: "PUT", ReferrerPolicy: fetch.ReferrerPolicyNoReferrer}
	if got, _ := sent(t, &fetch.Client{}, newPage(t, "", nil), own, &sameOrigin).Get("origin"); got != null {
		t.Errorf("mode same-origin: %q", got)
	}
	opaque := newPage(t, "", &fetch.PageOptions{Origin: "null"})
	if got, _ := sent(t, &fetch.Client{}, opaque, own, &fetch.Init{}).Get("origin"); got != null {
		t.Errorf("opaque origin: %q", got)
	}
}

// The Fetch metadata headers go to trustworthy URLs alone.
func TestFetchMetadata(t *testing.T) {
	runFlows(t, []flow{
		{name: "own", url: own, site: site{own: {"200"}}, want: "GET https://a.test/own sec-fetch-site=same-origin sec-fetch-mode=cors sec-fetch-dest=empty\n= basic 200"},
		{
			name: "same site", url: "https://sub.a.test:1234/", site: site{"https://sub.a.test:1234/": {"200\nacao: *"}},
			want: "GET https://sub.a.test:1234/ sec-fetch-site=same-site sec-fetch-mode=cors sec-fetch-dest=empty\n= cors 200",
		},
		{
			name: "preflight", init: fetch.Init{Method: "PUT", Destination: "json"}, site: site{away: {"200\nacao: *\nacam: *"}},
			want: `OPTIONS https://b.test/away sec-fetch-site=cross-site sec-fetch-mode=cors sec-fetch-dest=json
				PUT https://b.test/away sec-fetch-site=cross-site sec-fetch-mode=cors sec-fetch-dest=json
				= cors 200`,
		},
		{
			name: "no-cors", init: fetch.Init{Mode: fetch.ModeNoCORS, Destination: "image"}, site: site{away: {"200"}},
			want: "GET https://b.test/away sec-fetch-site=cross-site sec-fetch-mode=no-cors sec-fetch-dest=image\n= opaque 0",
		},
		{
			name: "mode same-origin", url: own, init: fetch.Init{Mode: fetch.ModeSameOrigin}, site: site{own: {"200"}},
			want: "GET https://a.test/own sec-fetch-site=same-origin sec-fetch-mode=same-origin sec-fetch-dest=empty\n= basic 200",
		},
		{
			name: "opaque origin", url: own, options: &fetch.PageOptions{Origin: "null"}, site: site{own: {"200\nacao: *"}},
			want: "GET https://a.test/own sec-fetch-site=cross-site sec-fetch-mode=cors sec-fetch-dest=empty\n= cors 200",
		},
		{name: "http", page: "http://a.test/", url: "http://a.test/own", site: site{"http://a.test/own": {"200"}}, want: "GET http://a.test/own\n= basic 200"},
		{
			name: "another scheme is another site", page: "http://a.test/", url: own, site: site{own: {"200\nacao: *"}},
			want: "GET https://a.test/own sec-fetch-site=cross-site sec-fetch-mode=cors sec-fetch-dest=empty\n= cors 200",
		},
		{
			name: "localhost", url: "http://localhost/", site: site{"http://localhost/": {"200\nacao: *"}},
			want: "GET http://localhost/ sec-fetch-site=cross-site sec-fetch-mode=cors sec-fetch-dest=empty\n= cors 200",
		},
		{
			name: "redirects never come closer", url: own,
			site: site{
				own:                   {"302\nlocation: https://sub.a.test/", "200\nacao: *"},
				"https://sub.a.test/": {"302\nacao: *\nlocation: " + own},
			},
			want: `GET https://a.test/own sec-fetch-site=same-origin sec-fetch-mode=cors sec-fetch-dest=empty
				GET https://sub.a.test/ sec-fetch-site=same-site sec-fetch-mode=cors sec-fetch-dest=empty
				GET https://a.test/own sec-fetch-site=same-site sec-fetch-mode=cors sec-fetch-dest=empty
				= cors 200 redirected`,
		},
	}, "sec-fetch-site sec-fetch-mode sec-fetch-dest")
}

// The headers that the user agent adds for other reasons.
func TestOtherHeaders(t *testing.T) {
	post := func(method string, body *fetch.Body) fetch.Init { return fetch.Init{Method: method, Body: body} }
	for _, test := range []struct {
		name, header string
		agent        string
		init         fetch.Init
		want         string // "-" for absent
	}{
		{name: "GET", header: "content-length", want: "-"},
		{name: "POST", header: "content-length", init: post("POST", nil), want: "0"},
		{name: "PUT", header: "content-length", init: post("PUT", nil), want: "0"},
		{name: "DELETE", header: "content-length", init: post("DELETE", nil), want: "-"},
		{name: "PATCH", header: "content-length", init: post("PATCH", nil), want: "-"},
		{name: "OPTIONS", header: "content-length", init: post("OPTIONS", nil), want: "-"},
		{name: "DELETE with an empty body", header: "content-length", init: post("DELETE", fetch.Text("")), want: "0"},
		{name: "PATCH with a body", header: "content-length", init: post("PATCH", fetch.Text("é")), want: "2"},
		{name: "stream", header: "content-length", init: post("POST", fetch.Stream(strings.NewReader("x"))), want: "-"},
		{name: "script's is forbidden", header: "content-length", init: fetch.Init{Headers: list("Content-Length: 7")}, want: "-"},

		{name: "fetch()", header: "accept", want: "*/*"},
		{name: "script's", header: "accept", init: fetch.Init{Headers: list("accept: a/b")}, want: "a/b"},
		{name: "empty", header: "accept", init: fetch.Init{Headers: list("accept:")}, want: ""},
		{name: "image", header: "accept", init: fetch.Init{Destination: "image"}, want: "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"},
		{name: "style", header: "accept", init: fetch.Init{Destination: "style"}, want: "text/css,*/*;q=0.1"},
		{name: "json", header: "accept", init: fetch.Init{Destination: "json"}, want: "application/json,*/*;q=0.5"},
		{name: "text", header: "accept", init: fetch.Init{Destination: "text"}, want: "text/plain,*/*;q=0.5"},
		{name: "iframe", header: "accept", init: fetch.Init{Destination: "iframe"}, want: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		{name: "script", header: "accept", init: fetch.Init{Destination: "script"}, want: "*/*"},

		{name: "none", header: "user-agent", want: "-"},
		{name: "default", header: "user-agent", agent: "x/1", want: "x/1"},
		{name: "script's", header: "user-agent", agent: "x/1", init: fetch.Init{Headers: list("User-Agent: y/2")}, want: "y/2"},

		{name: "default", header: "cache-control", want: "-"},
		{name: "no-cache", header: "cache-control", init: fetch.Init{Cache: fetch.CacheNoCache}, want: "max-age=0"},
		{name: "no-cache", header: "pragma", init: fetch.Init{Cache: fetch.CacheNoCache}, want: "-"},
		{name: "no-cache, script's", header: "cache-control", init: fetch.Init{Cache: fetch.CacheNoCache, Headers: list("cache-control: x")}, want: "x"},
		{name: "no-store", header: "cache-control", init: fetch.Init{Cache: fetch.CacheNoStore}, want: "no-cache"},
		{name: "no-store", header: "pragma", init: fetch.Init{Cache: fetch.CacheNoStore}, want: "no-cache"},
		{name: "reload", header: "cache-control", init: fetch.Init{Cache: fetch.CacheReload}, want: "no-cache"},
		{name: "reload", header: "pragma", init: fetch.Init{Cache: fetch.CacheReload, Headers: list("pragma: x")}, want: "x"},
		{name: "force-cache", header: "cache-control", init: fetch.Init{Cache: fetch.CacheForceCache}, want: "-"},
		// A condition of script's own keeps the cache out.
		{name: "If-None-Match", header: "cache-control", init: fetch.Init{Headers: list("If-None-Match: x")}, want: "no-cache"},
		{name: "If-Modified-Since", header: "cache-control", init: fetch.Init{Headers: list("if-modified-since: x")}, want: "no-cache"},
		{name: "If-Unmodified-Since", header: "cache-control", init: fetch.Init{Headers: list("if-unmodified-since: x")}, want: "no-cache"},
		{name: "If-Match", header: "cache-control", init: fetch.Init{Headers: list("If-Match: x")}, want: "no-cache"},
		{name: "If-Range", header: "cache-control", init: fetch.Init{Headers: list("If-Range: x")}, want: "no-cache"},
		{name: "If-None-Match, no-cache", header: "cache-control", init: fetch.Init{Cache: fetch.CacheNoCache, Headers: list("If-None-Match: x")}, want: "max-age=0"},
		{name: "If-None-Match, force-cache", header: "cache-control", init: fetch.Init{Cache: fetch.CacheForceCache, Headers: list("If-None-Match: x")}, want: "-"},

		{name: "default", header: "accept-encoding", want: "-"},
		{name: "range", header: "accept-encoding", init: fetch.Init{Headers: list("Range: bytes=1-")}, want: "identity"},
		{name: "authorization", header: "authorization", init: fetch.Init{Headers: list("Authorization: x"), Credentials: fetch.CredentialsOmit}, want: "x"},
	} {
		got, ok := sent(t, &fetch.Client{UserAgent: test.agent}, newPage(t, "", nil), own, &test.init).Get(test.header)
		if !ok {
			got = "-"
		}
		if got != test.want {
			t.Errorf("%s, %s: %q, want %q", test.header, test.name, got, test.want)
		}
	}
}

// A preflight tells about the request, but has none of its headers.
func TestPreflightHeaders(t *testing.T) {
	n := &network{site: site{away + "?q": {"200\nacao: https://a.test\nacac: true\nacah: *,authorization,x-a,x-b,content-type\nacam: PUT"}}}
	c := &fetch.Client{Network: n, UserAgent: "x/1", Jar: &jar{cookies: map[string]string{away + "?q": "c=1"}}}
	_, err := c.Fetch(t.Context(), newPage(t, "", nil), away+"?q#f", &fetch.Init{
		Method: "PUT", Credentials: fetch.CredentialsInclude, Body: fetch.Text("x"), Cache: fetch.CacheReload,
		Headers: list("X-B: 1", "x-a: 2", "AUTHORIZATION: 3", "X-b: 4", "Accept: text/html", "Content-Type: a/b", "Accept-Language: de"),
	})
	if err != nil || len(n.requests) != 2 {
		t.Fatal(err, len(n.requests))
	}
	preflight := n.requests[0]
	if preflight.Method != "OPTIONS" || preflight.URL != away+"?q" || !preflight.Preflight || preflight.Body != nil || n.requests[1].Preflight {
		t.Errorf("%+v", preflight)
	}
	want := list("Accept: */*", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,content-type,x-a,x-b",
		"Referer: https://a.test/", "Origin: https://a.test", "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: cross-site",
		"User-Agent: x/1")
	if diff := cmp.Diff(want, preflight.Headers); diff != "" {
		t.Error(diff)
	}
	want = list("X-B: 1, 4", "x-a: 2", "AUTHORIZATION: 3", "Accept: text/html", "Content-Type: a/b", "Accept-Language: de", "Content-Length: 1",
		"Referer: https://a.test/", "Origin: https://a.test", "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: cross-site",
		"User-Agent: x/1", "Pragma: no-cache", "Cache-Control: no-cache", "Cookie: c=1")
	if diff := cmp.Diff(want, n.requests[1].Headers); diff != "" {
		t.Error(diff)
	}
}
