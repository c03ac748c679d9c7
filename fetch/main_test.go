package fetch_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// Where main fetch sends a request: to the network, with which tainting, or
// nowhere.
func TestMainFetch(t *testing.T) {
	sameOrigin := fetch.Init{Mode: fetch.ModeSameOrigin}
	noCORS := fetch.Init{Mode: fetch.ModeNoCORS}
	runFlows(t, []flow{
		{name: "own", url: own, site: site{own: {"200\n\nx"}}, want: "GET https://a.test/own\n= basic 200 x"},
		{name: "own, relative", url: "own", site: site{own: {"200\n\nx"}}, want: "GET https://a.test/own\n= basic 200 x"},
		{name: "own, fragment", url: own + "#f", site: site{own: {"200"}}, want: "GET https://a.test/own\n= basic 200"},
		{name: "own, mode same-origin", url: own, init: sameOrigin, site: site{own: {"200"}}, want: "GET https://a.test/own\n= basic 200"},
		{name: "own, mode no-cors", url: own, init: noCORS, site: site{own: {"200\n\nx"}}, want: "GET https://a.test/own\n= basic 200 x"},
		{name: "cors", site: site{away: {"200\nacao: *\n\nx"}}, want: "GET https://b.test/away\n= cors 200 x"},
		{name: "cors, refused", site: site{away: {"200\n\nx"}}, want: "GET https://b.test/away\n! missing-allow-origin"},
		{name: "cors, no server", want: "GET https://b.test/away\n! transport"},
		{
			name: "a subdomain is another origin", url: "https://sub.a.test/", site: site{"https://sub.a.test/": {"200"}},
			want: "GET https://sub.a.test/\n! missing-allow-origin",
		},
		{
			name: "a port is another origin", url: "https://a.test:8443/", site: site{"https://a.test:8443/": {"200"}},
			want: "GET https://a.test:8443/\n! missing-allow-origin",
		},
		{name: "opaque origin", url: own, options: &fetch.PageOptions{Origin: "null"}, site: site{own: {"200\nacao: null"}}, want: "GET https://a.test/own\n= cors 200"},
		{name: "away, mode same-origin", init: sameOrigin, want: "! same-origin-mode"},
		{name: "no-cors", init: noCORS, site: site{away: {"200\n\nx"}}, want: "GET https://b.test/away\n= opaque 0"},
		{name: "no-cors, redirect error", init: fetch.Init{Mode: fetch.ModeNoCORS, Redirect: fetch.RedirectError}, want: "! no-cors-redirect-mode"},
		{name: "no-cors, redirect manual", init: fetch.Init{Mode: fetch.ModeNoCORS, Redirect: fetch.RedirectManual}, want: "! no-cors-redirect-mode"},
		{
			name: "own, no-cors, redirect manual", url: own, init: fetch.Init{Mode: fetch.ModeNoCORS, Redirect: fetch.RedirectManual},
			site: site{own: {"302\nlocation: /x"}}, want: "GET https://a.test/own\n= opaqueredirect 0",
		},

		{name: "data:", url: "data:text/plain,a%20b#f", want: "= basic 200 a b"},
		{name: "data:, mode same-origin", url: "data:,x", init: sameOrigin, want: "= basic 200 x"},
		{name: "data:, mode no-cors", url: "data:,x", init: noCORS, want: "= basic 200 x"},
		{name: "data:, POST", url: "data:,x", init: fetch.Init{Method: "POST", Body: fetch.Text("y")}, want: "= basic 200 x"},
		{name: "data: without comma", url: "data:x", want: "! invalid-data-url"},
		{name: "about:blank", url: "about:blank", want: "! scheme-not-http"},
		{name: "about:blank, mode no-cors", url: "about:blank", init: noCORS, want: "= opaque 0"},
		{name: "about:blank, mode same-origin", url: "about:blank", init: sameOrigin, want: "! same-origin-mode"},
		{name: "about:srcdoc, mode no-cors", url: "about:srcdoc", init: noCORS, want: "! scheme-not-http"},
		{name: "ftp:", url: "ftp://b.test/", want: "! scheme-not-http"},
		{name: "file:, mode no-cors", url: "file:///x", init: noCORS, want: "! scheme-not-http"},
		{name: "javascript:", url: "javascript:1", want: "! scheme-not-http"},
		{name: "ws:", url: "ws://b.test/", want: "! scheme-not-http"},
		{name: "blob:", url: "blob:https://b.test/1", want: "! scheme-not-http"},
		{name: "own blob:", url: "blob:https://a.test/1", want: "! scheme-not-http"},
	})
}

// A port is refused before anything is sent, and only those that the standard
// lists are.
func TestBadPort(t *testing.T) {
	// Written down anew from the standard's table.
	bad := map[string]bool{}
	for port := range strings.FieldsSeq(`0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110
		111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563
		587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679
		6697 10080`) {
		bad[port] = true
	}
	n := &network{}
	c := &fetch.Client{Network: n}
	page := newPage(t, "", nil)
	for port := range 10100 {
		want := cors.Transport
		url := "https://b.test:" + strconv.Itoa(port) + "/"
		if bad[strconv.Itoa(port)] {
			want = cors.BadPort
		}
		for _, mode := range []fetch.Mode{fetch.ModeCORS, fetch.ModeNoCORS} {
			n.requests = n.requests[:0]
			_, err := c.Fetch(t.Context(), page, url, &fetch.Init{Mode: mode})
			if cors.ReasonOf(err) != want || (want == cors.BadPort) != (len(n.requests) == 0) {
				t.Errorf("%s in mode %s: %v, want %v", url, mode, err, want)
			}
		}
	}
}

// A page that came over https fetches nothing over http, but what is
// potentially trustworthy and what its elements ask for and can be upgraded.
func TestMixedContent(t *testing.T) {
	const insecure = "http://b.test/"
	image := fetch.Init{Mode: fetch.ModeNoCORS, Destination: "image"}
	any := func(urls ...string) site {
		s := site{}
		for _, url := range urls {
			s[url] = []string{"200\nacao: *"}
		}
		return s
	}
	runFlows(t, []flow{
		{name: "http", url: insecure, want: "! mixed-content"},
		{name: "no-cors", url: insecure, init: fetch.Init{Mode: fetch.ModeNoCORS}, want: "! mixed-content"},
		{name: "from http", page: "http://a.test/", url: insecure, site: any(insecure), want: "GET http://b.test/\n= cors 200"},
		{name: "from http in a frame of https", page: "http://a.test/", options: &fetch.PageOptions{TopLevel: home}, url: insecure, want: "! mixed-content"},
		{name: "from a sandboxed page", options: &fetch.PageOptions{Origin: "null"}, url: insecure, want: "! mixed-content"},
		{name: "localhost", url: "http://localhost:8080/", site: any("http://localhost:8080/"), want: "GET http://localhost:8080/\n= cors 200"},
		{name: "127.0.0.1", url: "http://127.1:8080/", site: any("http://127.0.0.1:8080/"), want: "GET http://127.0.0.1:8080/\n= cors 200"},
		{name: "from localhost", page: "http://localhost/", url: insecure, site: any(insecure), want: "GET http://b.test/\n= cors 200"},
		{name: "redirect", site: site{away: {"302\nacao: *\nlocation: http://b.test/"}}, want: "GET https://b.test/away\n! mixed-content"},
		{name: "a bad port is worse", url: "http://b.test:22/", want: "! bad-port"},
		{name: "image", url: insecure, init: image, site: any("https://b.test/"), want: "GET https://b.test/\n= opaque 0"},
		{name: "image, cors", url: insecure, init: fetch.Init{Destination: "image"}, want: "! mixed-content"},
		{name: "script", url: insecure, init: fetch.Init{Mode: fetch.ModeNoCORS, Destination: "script"}, want: "! mixed-content"},
		{name: "image of an address", url: "http://192.0.2.1/", init: image, want: "! mixed-content"},
		{name: "image of an IPv6 address", url: "http://[2001:db8::1]/", init: image, want: "! mixed-content"},
		{name: "image redirected", init: image, site: site{away: {"302\nlocation: " + insecure}, "https://b.test/": {"200"}}, want: "GET https://b.test/away\nGET https://b.test/\n= opaque 0"},
	})
}

// What a page can read of a response, by its type.
func TestFilteredResponses(t *testing.T) {
	const fields = "\nX-A: 1\nContent-Type: text/plain\nContent-Length: 4\nCache-Control: no-store\nExpires: 0\nPragma: x\n" +
		"Last-Modified: y\nContent-Language: de\nSet-Cookie: c=1\nSet-Cookie2: d\nX-B: 2\nx-b: 3\nETag: e\n*: star"
	all := list("X-A: 1", "Content-Type: text/plain", "Content-Length: 4", "Cache-Control: no-store", "Expires: 0", "Pragma: x",
		"Last-Modified: y", "Content-Language: de", "X-B: 2", "x-b: 3", "ETag: e", "*: star")
	safelisted := list("Content-Type: text/plain", "Content-Length: 4", "Cache-Control: no-store", "Expires: 0", "Pragma: x",
		"Last-Modified: y", "Content-Language: de")
	with := func(l headers.List, more ...string) headers.List { return append(l.Clone(), list(more...)...) }
	include := fetch.Init{Credentials: fetch.CredentialsInclude}
	const allow = "\nacao: https://a.test\nacac: true"
	allowed := list("acao: x", "acac: true")
	allowed[0] = headers.Header{Name: "Access-Control-Allow-Origin", Value: "https://a.test"}
	allowed[1].Name = "Access-Control-Allow-Credentials"
	exposedAll := func(aceh string) headers.List {
		return append(append(allowed.Clone(), headers.Header{Name: "Access-Control-Expose-Headers", Value: aceh}), all...)
	}
	for _, test := range []struct {
		name string
		url  string
		init fetch.Init
		text string
		want fetch.Response
	}{
		{
			name: "basic", url: own, text: "201" + fields,
			want: fetch.Response{Type: fetch.TypeBasic, Status: 201, StatusText: "Text", URL: own, Headers: all, TimingAllowed: true},
		},
		{
			name: "basic, fragment", url: own + "#f", text: "200",
			want: fetch.Response{Type: fetch.TypeBasic, Status: 200, StatusText: "Text", URL: own, TimingAllowed: true},
		},
		{
			name: "cors", url: away, text: "404" + allow + fields,
			want: fetch.Response{Type: fetch.TypeCORS, Status: 404, StatusText: "Text", URL: away, Headers: safelisted},
		},
		{
			name: "cors, exposed", url: away, text: "200" + allow + "\naceh: x-b, set-cookie , *" + fields, init: include,
			want: fetch.Response{Type: fetch.TypeCORS, Status: 200, StatusText: "Text", URL: away, Headers: with(safelisted, "X-B: 2", "x-b: 3", "*: star")},
		},
		{
			name: "cors, all exposed", url: away, text: "200" + allow + "\naceh: *" + fields,
			want: fetch.Response{Type: fetch.TypeCORS, Status: 200, StatusText: "Text", URL: away, Headers: exposedAll("*")},
		},
		{
			name: "cors, exposed is no list", url: away, text: "200" + allow + "\naceh: x-b, x a" + fields,
			want: fetch.Response{Type: fetch.TypeCORS, Status: 200, StatusText: "Text", URL: away, Headers: safelisted},
		},
		{
			name: "cors, timing", url: away, text: "200" + allow + "\ntiming-allow-origin: https://x.test, https://a.test",
			want: fetch.Response{Type: fetch.TypeCORS, Status: 200, StatusText: "Text", URL: away, TimingAllowed: true},
		},
		{
			name: "opaque", url: away, text: "500" + fields, init: fetch.Init{Mode: fetch.ModeNoCORS},
			want: fetch.Response{Type: fetch.TypeOpaque},
		},
		{
			name: "opaque redirect", url: own + "#f", text: "302\nlocation: x" + fields, init: fetch.Init{Redirect: fetch.RedirectManual},
			want: fetch.Response{Type: fetch.TypeOpaqueRedirect, URL: own, TimingAllowed: true},
		},
		{
			name: "opaque redirect, cors", url: away, text: "307" + allow + fields, init: fetch.Init{Redirect: fetch.RedirectManual},
			want: fetch.Response{Type: fetch.TypeOpaqueRedirect, URL: away},
		},
		{
			name: "no redirect status", url: own, text: "300\nlocation: x", init: fetch.Init{Redirect: fetch.RedirectManual},
			want: fetch.Response{Type: fetch.TypeBasic, Status: 300, StatusText: "Text", URL: own, Headers: list("location: x"), TimingAllowed: true},
		},
		{
			name: "data:", url: "data:text/html;charset=x,y",
			want: fetch.Response{Type: fetch.TypeBasic, Status: 200, StatusText: "OK", URL: "data:text/html;charset=x,y", Headers: list("Content-Type: text/html;charset=x"), TimingAllowed: true},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := &network{site: site{own: {test.text + "\n\nbody"}, away: {test.text + "\n\nbody"}}}
			r, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), test.url, &test.init)
			if err != nil {
				t.Fatal(err)
			}
			diff := cmp.Diff(&test.want, r, cmpopts.IgnoreUnexported(fetch.Response{}), cmpopts.IgnoreFields(fetch.Response{}, "Body"), cmpopts.EquateEmpty())
			if diff != "" {
				t.Error(diff)
			}
			body, err := io.ReadAll(r.Body)
			if hidden := r.Status == 0; err != nil || hidden != (len(body) == 0) {
				t.Errorf("body %q, %v", body, err)
			}
			if test.text != "" {
				status, statusText, fields := r.Unfiltered()
				received := parseResponse(test.text)
				if status != received.Status || statusText != "Text" || cmp.Diff(received.Headers, fields, cmpopts.EquateEmpty()) != "" {
					t.Errorf("unfiltered: %d %s %v", status, statusText, fields)
				}
			}
		})
	}
}

// A response is blocked for its MIME type where a script or a style sheet is
// wanted.
func TestBlockedByMIMEType(t *testing.T) {
	for _, test := range []struct {
		contentType string // "-" for no header
		nosniff     string
		want        map[fetch.Destination]cors.Reason // those that are not blocked are left out
	}{
		{contentType: "text/plain"},
		{contentType: "-"},
		{contentType: "image/png", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType}},
		{contentType: "AUDIO/x;a=b", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType}},
		{contentType: "video/x", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType}},
		{contentType: "text/CSV", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType}},
		{contentType: "image", want: nil},
		// The last that is a MIME type counts.
		{contentType: "image/png, text/javascript", want: nil},
		{contentType: "text/javascript, image/png", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType}},
		{contentType: "text/javascript;charset=x", nosniff: "nosniff", want: map[fetch.Destination]cors.Reason{"style": cors.NoSniff}},
		{contentType: "application/ecmascript", nosniff: "NoSniff", want: map[fetch.Destination]cors.Reason{"style": cors.NoSniff}},
		{contentType: "text/css", nosniff: "nosniff", want: map[fetch.Destination]cors.Reason{"script": cors.NoSniff, "worker": cors.NoSniff}},
		{contentType: "text/plain", nosniff: "nosniff", want: map[fetch.Destination]cors.Reason{"script": cors.NoSniff, "worker": cors.NoSniff, "style": cors.NoSniff}},
		{contentType: "-", nosniff: "nosniff", want: map[fetch.Destination]cors.Reason{"script": cors.NoSniff, "worker": cors.NoSniff, "style": cors.NoSniff}},
		{contentType: "image/png", nosniff: "nosniff", want: map[fetch.Destination]cors.Reason{"script": cors.MIMEType, "worker": cors.MIMEType, "style": cors.NoSniff}},
		{contentType: "text/plain", nosniff: "nosniff, x", want: map[fetch.Destination]cors.Reason{"script": cors.NoSniff, "worker": cors.NoSniff, "style": cors.NoSniff}},
		{contentType: "text/plain", nosniff: "x, nosniff"},
		{contentType: "text/plain", nosniff: `"nosniff"`},
		{contentType: "text/plain", nosniff: "no-sniff"},
	} {
		text := "200"
		if test.contentType != "-" {
			text += "\ncontent-type: " + test.contentType
		}
		if test.nosniff != "" {
			text += "\nx-content-type-options: " + test.nosniff
		}
		for _, destination := range []fetch.Destination{"", "script", "worker", "style", "image", "json", "document"} {
			for _, url := range []string{own, away} {
				n := &network{site: site{url: {text}}}
				_, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), url, &fetch.Init{Mode: fetch.ModeNoCORS, Destination: destination})
				if got := cors.ReasonOf(err); got != test.want[destination] {
					t.Errorf("%q, %q, %s as %q: %v, want %v", test.contentType, test.nosniff, url, destination, got, test.want[destination])
				}
				if e, ok := err.(*cors.Error); ok && (e.Header != "Content-Type" || e.Present != (test.contentType != "-") || e.Present && e.Value != test.contentType || e.URL != url || e.Status != 200) {
					t.Errorf("%+v", e)
				}
			}
		}
	}
}

// The cross-origin resource policy check is for opaque responses alone.
func TestCrossOriginResourcePolicy(t *testing.T) {
	const sub = "https://sub.a.test/"
	for _, test := range []struct {
		policy string // "-" for no header
		own    bool   // not blocked
		sub    bool
		away   bool
		// with Cross-Origin-Embedder-Policy
		requireCORP    [2]bool // sub, away
		credentialless [2]bool
	}{
		{"-", true, true, true, [2]bool{}, [2]bool{true, true}},
		{"same-origin", true, false, false, [2]bool{}, [2]bool{}},
		{"same-site", true, true, false, [2]bool{true, false}, [2]bool{true, false}},
		{"cross-origin", true, true, true, [2]bool{true, true}, [2]bool{true, true}},
		// What is not known counts as absent.
		{"Same-Origin", true, true, true, [2]bool{}, [2]bool{true, true}},
		{"same-origin, same-origin", true, true, true, [2]bool{}, [2]bool{true, true}},
		{"", true, true, true, [2]bool{}, [2]bool{true, true}},
	} {
		text := "200"
		if test.policy != "-" {
			text += "\ncorp: " + test.policy
		}
		n := &network{site: site{own: {text}, sub: {text}, away: {text}}}
		for _, c := range []struct {
			url      string
			embedder cors.EmbedderPolicy
			mode     fetch.Mode
			allowed  bool
		}{
			{own, cors.UnsafeNone, fetch.ModeNoCORS, test.own},
			{sub, cors.UnsafeNone, fetch.ModeNoCORS, test.sub},
			{away, cors.UnsafeNone, fetch.ModeNoCORS, test.away},
			{own, cors.RequireCORP, fetch.ModeNoCORS, true},
			{sub, cors.RequireCORP, fetch.ModeNoCORS, test.requireCORP[0]},
			{away, cors.RequireCORP, fetch.ModeNoCORS, test.requireCORP[1]},
			{own, cors.Credentialless, fetch.ModeNoCORS, true},
			{sub, cors.Credentialless, fetch.ModeNoCORS, test.credentialless[0]},
			{away, cors.Credentialless, fetch.ModeNoCORS, test.credentialless[1]},
		} {
			page := newPage(t, "", &fetch.PageOptions{EmbedderPolicy: c.embedder})
			// With "credentialless" there are no credentials to include.
			_, err := (&fetch.Client{Network: n}).Fetch(t.Context(), page, c.url, &fetch.Init{Mode: c.mode, Credentials: fetch.CredentialsInclude})
			if (err == nil) != c.allowed || err != nil && cors.ReasonOf(err) != cors.CrossOriginResourcePolicy {
				t.Errorf("%q from %s for %s: %v", test.policy, c.url, c.embedder, err)
			}
			if e, ok := err.(*cors.Error); ok && (e.URL != c.url || e.Status != 200 || e.Present != (test.policy != "-")) {
				t.Errorf("%+v", e)
			}
		}
	}
	runFlows(t, []flow{
		{name: "cors", options: &fetch.PageOptions{EmbedderPolicy: cors.RequireCORP}, site: site{away: {"200\nacao: *\ncorp: same-origin"}}, want: "GET https://b.test/away\n= cors 200"},
		{
			name: "a redirect is checked too", init: fetch.Init{Mode: fetch.ModeNoCORS}, site: site{away: {"302\nlocation: /x\ncorp: same-origin"}},
			want: "GET https://b.test/away\n! cross-origin-resource-policy",
		},
		{
			name: "same site needs https where the response has it", page: "http://a.test/", url: sub, init: fetch.Init{Mode: fetch.ModeNoCORS},
			site: site{sub: {"200\ncorp: same-site"}}, want: "GET https://sub.a.test/\n! cross-origin-resource-policy",
		},
	})
}

// The embedder policy "credentialless" keeps credentials from other origins in
// mode "no-cors".
func TestCredentialless(t *testing.T) {
	for _, test := range []struct {
		url  string
		mode fetch.Mode
		want string
	}{
		{own, fetch.ModeNoCORS, "GET https://a.test/own cookie=1\n"},
		{away, fetch.ModeNoCORS, "GET https://b.test/away\n"},
		{away, fetch.ModeCORS, "GET https://b.test/away cookie=1\n"},
		{own + "?back", fetch.ModeNoCORS, "GET https://a.test/own?back cookie=1\nGET https://b.test/away?back\nGET https://a.test/own\n"},
	} {
		n := &network{site: site{own: {"200"}, own + "?back": {"302\nlocation: " + away + "?back"}, away + "?back": {"302\nlocation: " + own}, away: {"200\nacao: https://a.test\nacac: true"}}}
		c := &fetch.Client{Network: n, Jar: &jar{cookies: map[string]string{own: "1", own + "?back": "1", away + "?back": "1", away: "1"}}}
		page := newPage(t, "", &fetch.PageOptions{EmbedderPolicy: cors.Credentialless})
		if _, err := c.Fetch(t.Context(), page, test.url, &fetch.Init{Mode: test.mode, Credentials: fetch.CredentialsInclude}); err != nil {
			t.Error(err)
		}
		if got := n.log("cookie"); got != test.want {
			t.Errorf("%s, %s: %s", test.url, test.mode, got)
		}
	}
}

// No body comes with HEAD and with a null body status, whatever the server sends.
func TestNullBody(t *testing.T) {
	for _, test := range []struct {
		method string
		status int
		body   string
	}{
		{"GET", 200, " x"}, {"HEAD", 200, ""}, {"POST", 200, " x"}, {"GET", 404, " x"},
		{"GET", 101, ""}, {"GET", 103, ""}, {"GET", 204, ""}, {"GET", 205, ""}, {"GET", 304, ""}, {"GET", 206, " x"},
	} {
		n := &network{site: site{own: {strconv.Itoa(test.status) + "\n\nx"}}}
		want := "= basic " + strconv.Itoa(test.status) + test.body
		if got := result((&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), own, &fetch.Init{Method: test.method})); got != want {
			t.Errorf("%s: %s, want %s", test.method, got, want)
		}
	}
}

func TestIntegrity(t *testing.T) {
	const body = "alert(1)"
	s256, s384, s512 := sha256.Sum256([]byte(body)), sha512.Sum384([]byte(body)), sha512.Sum512([]byte(body))
	encode := base64.StdEncoding.EncodeToString
	good256, good384, good512 := "sha256-"+encode(s256[:]), "sha384-"+encode(s384[:]), "sha512-"+encode(s512[:])
	bad512 := "sha512-" + encode(make([]byte, 64))
	urlSafe := "sha512-" + base64.URLEncoding.EncodeToString(s512[:])
	empty := sha256.Sum256(nil)
	for _, test := range []struct {
		name, integrity string
		url             string
		init            fetch.Init
		ok              bool
	}{
		{name: "sha256", integrity: good256, ok: true},
		{name: "sha384", integrity: good384, ok: true},
		{name: "sha512", integrity: good512, ok: true},
		{name: "URL-safe", integrity: urlSafe, ok: true},
		{name: "without padding", integrity: strings.TrimRight(good512, "="), ok: true},
		{name: "URL-safe without padding", integrity: strings.TrimRight(urlSafe, "="), ok: true},
		{name: "upper case", integrity: "SHA256-" + encode(s256[:]), ok: true},
		{name: "options", integrity: good256 + "?x=y", ok: true},
		{name: "wrong", integrity: bad512},
		{name: "one of two", integrity: bad512 + "\n " + good512, ok: true},
		{name: "the strongest counts", integrity: good256 + " " + bad512},
		{name: "the strongest counts, first", integrity: bad512 + " " + good256},
		{name: "weaker and wrong", integrity: good512 + " sha256-AAAA", ok: true},
		{name: "not base64", integrity: "sha256-!", ok: true},
		{name: "unknown algorithm", integrity: "md5-AAAA", ok: true},
		{name: "no metadata", integrity: " x ", ok: true},
		{name: "cors", url: away, integrity: good256, ok: true},
		{name: "cors, wrong", url: away, integrity: bad512},
		{name: "opaque", url: away, init: fetch.Init{Mode: fetch.ModeNoCORS}, integrity: good256},
		{name: "opaque, no metadata", url: away, init: fetch.Init{Mode: fetch.ModeNoCORS}, integrity: "x"},
		// A null body is not an empty one.
		{name: "HEAD", init: fetch.Init{Method: "HEAD"}, integrity: "sha256-" + encode(empty[:])},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := &network{site: site{own: {"200\n\n" + body}, away: {"200\nacao: *\n\n" + body}}}
			test.init.Integrity = test.integrity
			r, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), or(test.url, own), &test.init)
			switch {
			case test.ok && err != nil, !test.ok && cors.ReasonOf(err) != cors.Integrity:
				t.Error(err)
			case test.ok:
				if got, err := io.ReadAll(r.Body); string(got) != body || err != nil {
					t.Errorf("%q, %v", got, err)
				}
			}
		})
	}
	n := &network{site: site{own: {"200\n\n" + body}}}
	_, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), own, &fetch.Init{Integrity: bad512})
	if want := "the body's digest is " + good512; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// The bodies of keepalive requests have 64 KiB together, as long as they are
// under way.
func TestKeepalive(t *testing.T) {
	bytes := func(n int) fetch.Init {
		return fetch.Init{Method: "POST", Keepalive: true, Body: fetch.Bytes(make([]byte, n))}
	}
	page := newPage(t, "", nil)
	n := &network{site: site{own: {"200"}}}
	c := &fetch.Client{Network: n}
	do := func(c *fetch.Client, init fetch.Init) (*fetch.Response, cors.Reason) {
		response, err := c.Fetch(t.Context(), page, own, &init)
		return response, cors.ReasonOf(err)
	}
	post := func(init fetch.Init) cors.Reason {
		response, reason := do(c, init)
		if response != nil {
			response.Body.Close()
		}
		return reason
	}
	if got := post(bytes(64<<10 + 1)); got != cors.KeepaliveLimit || len(n.requests) != 0 {
		t.Error("one byte too many:", got)
	}
	for range 2 {
		if got := post(bytes(64 << 10)); got != 0 {
			t.Error("64 KiB:", got)
		}
	}
	unlimited := bytes(64<<10 + 1)
	unlimited.Keepalive = false
	if got := post(unlimited); got != 0 {
		t.Error("without keepalive:", got)
	}
	// While one is under way, another has what it left.
	during := []cors.Reason{}
	c.Network = networkFunc(func(r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
		c := &fetch.Client{Network: n}
		for _, length := range []int{24<<10 + 1, 24 << 10} {
			init := bytes(length)
			response, reason := do(c, init)
			during = append(during, reason)
			if response != nil {
				response.Body.Close()
			}
		}
		_, reason := do(c, fetch.Init{Method: "POST", Keepalive: true, Body: fetch.Source(-1, func() io.Reader { return strings.NewReader("x") })})
		during = append(during, reason)
		_, reason = do(c, bytes(24<<10+1))
		during = append(during, reason)
		return parseResponse("200"), nil
	})
	if got := post(bytes(40 << 10)); got != 0 {
		t.Error(got)
	}
	want := []cors.Reason{cors.KeepaliveLimit, 0, 0, cors.KeepaliveLimit}
	if diff := cmp.Diff(want, during); diff != "" {
		t.Error(diff)
	}
	// A request is under way until the response's body has ended.
	c.Network = networkFunc(func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
		return parseResponse("200\n\nbody"), nil
	})
	for _, end := range []func(*fetch.Response){
		func(r *fetch.Response) { io.ReadAll(r.Body) },
		func(r *fetch.Response) { r.Body.Close(); r.Body.Close() },
	} {
		response, reason := do(c, bytes(64<<10))
		if reason != 0 {
			t.Fatal(reason)
		}
		if got := post(bytes(1)); got != cors.KeepaliveLimit {
			t.Error("before the body has ended:", got)
		}
		end(response)
	}
	if got := post(bytes(64 << 10)); got != 0 {
		t.Error("once all have ended:", got)
	}
}

// A body of unknown length takes nothing of the limit, nor adds to it.
func TestKeepaliveUnknownLength(t *testing.T) {
	page := newPage(t, "", nil)
	inner := &fetch.Client{Network: &network{site: site{own: {"200"}}}}
	var reason cors.Reason
	c := &fetch.Client{Network: networkFunc(func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
		_, err := inner.Fetch(t.Context(), page, own, &fetch.Init{Method: "POST", Keepalive: true, Body: fetch.Bytes(make([]byte, 64<<10+1))})
		reason = cors.ReasonOf(err)
		return parseResponse("200"), nil
	})}
	init := fetch.Init{Method: "POST", Keepalive: true, Body: fetch.Source(-1, func() io.Reader { return strings.NewReader("x") })}
	if _, err := c.Fetch(t.Context(), page, own, &init); err != nil || reason != cors.KeepaliveLimit {
		t.Error(err, reason)
	}
}

type networkFunc func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error)

func (f networkFunc) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	return f(r)
}

// A partial response is passed on, whether or not the page asked for it: only the
// other who asked for it could be spied on.
func TestRangeRequested(t *testing.T) {
	for _, test := range []struct {
		init fetch.Init
		want string
	}{
		{fetch.Init{Mode: fetch.ModeNoCORS}, "= opaque 0"},
		{fetch.Init{Headers: list("Range: bytes=0-")}, "= cors 206 x"},
	} {
		f := flow{init: test.init, site: site{away: {"206\nacao: *\n\nx"}}, want: "GET https://b.test/away\n" + test.want}
		f.run(t, &fetch.Client{})
	}
}

func TestProcessDataURL(t *testing.T) {
	for _, test := range []struct{ url, mimeType, body string }{
		{"data:,", "text/plain;charset=US-ASCII", ""},
		{"data:,x%20%zz%4", "text/plain;charset=US-ASCII", "x %zz%4"},
		{"data:text/html,%3Cp%3E", "text/html", "<p>"},
		{"data:text/html,a,b", "text/html", "a,b"},
		{"data:TEXT/HTML; Charset=X,", "text/html;charset=X", ""},
		{"data: text/html ,x", "text/html", "x"},
		{"data:;charset=x,", "text/plain;charset=x", ""},
		{"data:nonsense,x", "text/plain;charset=US-ASCII", "x"},
		{"data:%1,x", "text/plain;charset=US-ASCII", "x"},
		{"data:;base64,WA==", "text/plain;charset=US-ASCII", "X"},
		{"data:;base64,WA", "text/plain;charset=US-ASCII", "X"},
		{"data:; BASE64,WA", "text/plain;charset=US-ASCII", "X"},
		{"data:;base64 ,WA", "text/plain;charset=US-ASCII", "X"},
		{"data:text/plain;base64,W%20A%0A%3D%3D", "text/plain", "X"},
		{"data:text/plain; base64 ;x,WA", "text/plain", "WA"},
		{"data:base64,WA", "text/plain;charset=US-ASCII", "WA"},
		{"data:text/plain;base64;charset=x,WA", "text/plain;charset=x", "WA"},
		{"data:;base64,WB", "text/plain;charset=US-ASCII", "X"}, // bits that are left over are not looked at
		{"data:;base64,%FF", "", ""},
		{"data:;base64,W", "", ""},
		{"data:;base64,WA=", "", ""},
		{"data:;base64,WA===", "", ""},
		{"data:;base64,=", "", ""},
		{"data:;base64,W-A_", "", ""},
		{"data:text/plain", "", ""},
		{"data:", "", ""},
	} {
		mimeType, body, err := fetch.ProcessDataURL(test.url)
		if test.mimeType == "" {
			if cors.ReasonOf(err) != cors.InvalidDataURL {
				t.Errorf("%q: %v, %q, %v", test.url, mimeType, body, err)
			}
			continue
		}
		if err != nil || mimeType.String() != test.mimeType || body != test.body {
			t.Errorf("%q: %v, %q, %v; want %s, %q", test.url, mimeType, body, err, test.mimeType, test.body)
		}
	}
}

// An encoded body comes out of the URL again.
func FuzzProcessDataURL(f *testing.F) {
	f.Add("data:text/plain;base64,WA==", []byte("X"))
	f.Add("data:%,%", []byte{0, 255})
	f.Fuzz(func(t *testing.T, url string, body []byte) {
		if _, _, err := fetch.ProcessDataURL(url); err != nil && cors.ReasonOf(err) != cors.InvalidDataURL {
			t.Errorf("%q: %v", url, err)
		}
		for _, encoded := range []string{"data:;base64," + base64.StdEncoding.EncodeToString(body), "data:;base64," + base64.RawStdEncoding.EncodeToString(body), "data:," + percent(body)} {
			if _, got, err := fetch.ProcessDataURL(encoded); err != nil || got != string(body) {
				t.Errorf("%q: %q, %v", encoded, got, err)
			}
		}
	})
}

func percent(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteString("%" + string("0123456789abcdef"[c>>4]) + string("0123456789ABCDEF"[c&15]))
	}
	return s.String()
}
