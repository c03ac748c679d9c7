package fetch_test

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// What the Request constructor throws, in the words in which it does.
func TestNewRequestThrows(t *testing.T) {
	const arguments = "the API does not take the arguments: "
	stream := fetch.Stream(strings.NewReader("x"))
	for _, test := range []struct {
		url  string
		init fetch.Init
		want string
	}{
		{url: "https://b.test:99999/", want: "the URL: "},
		{url: "https://u:p@b.test/", want: `the URL: "https://u:xxxxx@b.test/" includes credentials`},
		{url: "https://u@b.test/", want: `the URL: "https://u@b.test/" includes credentials`},
		{init: fetch.Init{Referrer: "https://b.test:x/"}, want: "referrer: "},
		{init: fetch.Init{ReferrerPolicy: "always"}, want: `referrerPolicy: "always" is not one of its values`},
		{init: fetch.Init{Mode: "CORS"}, want: `mode: "CORS" is not one of its values`},
		{init: fetch.Init{Mode: fetch.ModeNavigate}, want: `mode: "navigate" is for the user agent alone`},
		{init: fetch.Init{Credentials: "yes"}, want: `credentials: "yes" is not one of its values`},
		{init: fetch.Init{Cache: "no"}, want: `cache: "no" is not one of its values`},
		{init: fetch.Init{Cache: fetch.CacheOnlyIfCached}, want: `cache: "only-if-cached" needs mode "same-origin"`},
		{init: fetch.Init{Redirect: "none"}, want: `redirect: "none" is not one of its values`},
		{init: fetch.Init{Destination: "picture"}, want: `destination: "picture" is not one of its values`},
		{init: fetch.Init{Method: "G ET"}, want: `method: "G ET": byte 1 (' ') cannot be in a method`},
		{init: fetch.Init{Method: "connect"}, want: "method: connect is forbidden"},
		{init: fetch.Init{Method: "TRACE"}, want: "method: TRACE is forbidden"},
		{init: fetch.Init{Method: "Track"}, want: "method: Track is forbidden"},
		{
			init: fetch.Init{Mode: fetch.ModeNoCORS, Method: "put"},
			want: `method: mode "no-cors" allows GET, HEAD and POST, not PUT`,
		},
		{
			init: fetch.Init{Mode: fetch.ModeNoCORS, Method: "patch"},
			want: `method: mode "no-cors" allows GET, HEAD and POST, not patch`,
		},
		{init: fetch.Init{Headers: list("a b: c")}, want: `headers: header name "a b": byte 1 (' ') cannot be in a header name`},
		{init: fetch.Init{Headers: list(": c")}, want: "headers: a header name is empty"},
		{
			init: fetch.Init{Headers: list("a:  c\x00d")},
			want: `headers: value of header "a": byte 2 ('\x00') cannot be in a header value`,
		},
		{init: fetch.Init{Headers: list("Host: x", "a: c\nd")}, want: `headers: value of header "a": byte 1 ('\n') cannot be in a header value`},
		{init: fetch.Init{Body: fetch.Text("")}, want: "body: a request with method GET cannot have one"},
		{init: fetch.Init{Body: fetch.Text(""), Method: "head"}, want: "body: a request with method HEAD cannot have one"},
		{init: fetch.Init{Body: stream, Method: "POST", Keepalive: true}, want: "body: a stream cannot be sent with keepalive"},
		{
			init: fetch.Init{Body: stream, Method: "POST", Mode: fetch.ModeNoCORS},
			want: `body: a stream cannot be sent in mode "no-cors"`,
		},
	} {
		r, err := fetch.NewRequest(newPage(t, "", nil), or(test.url, away), &test.init)
		switch {
		case err == nil:
			t.Errorf("%+v: %+v, want error %s", test.init, r, test.want)
		case cors.ReasonOf(err) != cors.InvalidArgument, fetch.ExceptionName(err) != "TypeError":
			t.Errorf("%+v: %v, %s", test.init, cors.ReasonOf(err), fetch.ExceptionName(err))
		case strings.HasSuffix(test.want, ": "):
			if !strings.HasPrefix(err.Error(), arguments+test.want) {
				t.Errorf("%q, want %q", err, arguments+test.want+"…")
			}
		case err.Error() != arguments+test.want:
			t.Errorf("%q, want %q", err, arguments+test.want)
		}
	}
}

// A request that cannot be made is not fetched either.
func TestFetchThrows(t *testing.T) {
	n := &network{}
	r, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), "//", nil)
	if r != nil || cors.ReasonOf(err) != cors.InvalidArgument || len(n.requests) != 0 {
		t.Error(r, err, n.requests)
	}
}

func TestNewRequestDefaults(t *testing.T) {
	r, err := fetch.NewRequest(newPage(t, "https://a.test/dir/page", nil), "../x?y#z", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		r.Method(), r.URL(), r.Headers(), r.Mode(), r.Credentials(), r.Cache(), r.Redirect(), r.Destination(),
		r.Keepalive(), r.Referrer(), r.ReferrerPolicy(),
	}
	want := []any{
		"GET", "https://a.test/x?y#z", headers.List{}, fetch.ModeCORS, fetch.CredentialsSameOrigin, fetch.CacheDefault,
		fetch.RedirectFollow, fetch.Destination(""), false, "about:client", fetch.ReferrerPolicy(""),
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// Methods are normalized, as those that HTML knew are.
func TestNewRequestMethod(t *testing.T) {
	for given, want := range map[string]string{
		"": "GET", "get": "GET", "Head": "HEAD", "pOST": "POST", "put": "PUT", "delete": "DELETE", "options": "OPTIONS",
		"patch": "patch", "query": "query", "foo!": "foo!",
	} {
		r, err := fetch.NewRequest(newPage(t, "", nil), away, &fetch.Init{Method: given})
		if err != nil || r.Method() != want {
			t.Errorf("%q: %q, %v", given, r.Method(), err)
		}
	}
}

// The guard of the headers is that of the mode: some cannot be set, and are left
// out without a word.
func TestNewRequestHeaders(t *testing.T) {
	all := list("X-A: 1", "x-a:  2 ", "Host: h", "Cookie: c", "Origin: o", "Sec-Fetch-Mode: m", "Proxy-X: p",
		"X-HTTP-Method: TRACE", "X-HTTP-Method-Override: GET", "Accept: text/html", "Content-Type: text/plain",
		"Content-Type: application/json", "Accept-Language: en", "Content-Language: de,\"", "Range: bytes=0-",
		"Authorization: a")
	for _, test := range []struct {
		mode fetch.Mode
		want headers.List
	}{
		{fetch.ModeCORS, list("accept: text/html", "accept-language: en", "authorization: a", "content-language: de,\"",
			"content-type: text/plain, application/json", "range: bytes=0-", "x-a: 1, 2", "x-http-method-override: GET")},
		{fetch.ModeNoCORS, list("accept: text/html", "accept-language: en", "content-type: text/plain")},
	} {
		r, err := fetch.NewRequest(newPage(t, "", nil), away, &fetch.Init{Mode: test.mode, Headers: all})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, r.Headers()); diff != "" {
			t.Errorf("%s: %s", test.mode, diff)
		}
	}
}

func TestNewRequestReferrer(t *testing.T) {
	for _, test := range []struct {
		init fetch.Init
		want string
	}{
		{fetch.Init{}, "about:client"},
		{fetch.Init{Referrer: "about:client"}, "about:client"},
		{fetch.Init{Referrer: "about:client?x"}, "about:client"},
		{fetch.Init{Referrer: "about:blank"}, "about:client"},
		{fetch.Init{NoReferrer: true}, ""},
		{fetch.Init{Referrer: "other#f"}, "https://a.test/other#f"},
		{fetch.Init{Referrer: "https://a.test:443/x"}, "https://a.test/x"},
		{fetch.Init{Referrer: "https://b.test/x"}, "about:client"},
		{fetch.Init{Referrer: "http://a.test/x"}, "about:client"},
		{fetch.Init{Referrer: "data:,x"}, "about:client"},
	} {
		r, err := fetch.NewRequest(newPage(t, "", nil), away, &test.init)
		if err != nil || r.Referrer() != test.want {
			t.Errorf("%+v: %q, %v", test.init, r.Referrer(), err)
		}
	}
}

// A body brings a Content-Type unless script gave one, in either case one that
// the preflight sees.
func TestNewRequestBody(t *testing.T) {
	for _, test := range []struct {
		name    string
		body    *fetch.Body
		headers headers.List
		mode    fetch.Mode
		want    string
	}{
		{name: "text", body: fetch.Text("é"), want: "POST https://b.test/away content-type=text/plain;charset=UTF-8 content-length=2 body=é"},
		{name: "empty text", body: fetch.Text(""), want: "POST https://b.test/away content-type=text/plain;charset=UTF-8 content-length=0 body="},
		{
			name: "text with a type", body: fetch.Text("x"), headers: list("CONTENT-TYPE: text/plain"),
			want: "POST https://b.test/away content-type=text/plain content-length=1 body=x",
		},
		{name: "bytes", body: fetch.Bytes([]byte("\x00\xff")), want: "POST https://b.test/away content-length=2 body=\x00\xff"},
		{
			name: "form", body: fetch.Form(url.Values{"a": {"1 2"}}),
			want: "POST https://b.test/away content-type=application/x-www-form-urlencoded;charset=UTF-8 content-length=5 body=a=1+2",
		},
		{name: "blob", body: fetch.Blob([]byte("x"), "text/plain"), want: "POST https://b.test/away content-type=text/plain content-length=1 body=x"},
		{name: "blob without a type", body: fetch.Blob([]byte("x"), ""), want: "POST https://b.test/away content-length=1 body=x"},
		{
			name: "blob whose type is not safelisted", body: fetch.Blob([]byte("x"), "text/json"),
			want: `OPTIONS https://b.test/away body= acrh=content-type
				POST https://b.test/away content-type=text/json content-length=1 body=x`,
		},
		{
			name: "blob in mode no-cors", body: fetch.Blob([]byte("x"), "text/json"), mode: fetch.ModeNoCORS,
			want: "POST https://b.test/away content-length=1 body=x",
		},
		{
			name: "stream", body: fetch.Stream(strings.NewReader("x")),
			want: `OPTIONS https://b.test/away body=
				POST https://b.test/away body=x`,
		},
		{
			name: "source", body: fetch.Source(-1, func() io.Reader { return strings.NewReader("x") }),
			want: "POST https://b.test/away body=x",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := flow{
				init: fetch.Init{Method: "POST", Body: test.body, Headers: test.headers, Mode: test.mode},
				show: "content-type content-length body acrh",
				site: site{away: {"200\nacao: *\nacah: *\n\nok"}},
				want: test.want + "\n= cors 200 ok",
			}
			if test.mode == fetch.ModeNoCORS {
				f.want = test.want + "\n= opaque 0"
			}
			f.run(t, &fetch.Client{})
		})
	}
}

func TestNewRequestFrom(t *testing.T) {
	page := newPage(t, "", nil)
	from := func(url string, init *fetch.Init) *fetch.Request {
		t.Helper()
		r, err := fetch.NewRequest(page, url, init)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	input := from("https://b.test/x", &fetch.Init{
		Method: "PUT", Headers: list("X-A: 1"), Body: fetch.Text("body"), Credentials: fetch.CredentialsInclude,
		Cache: fetch.CacheReload, Redirect: fetch.RedirectManual, Referrer: "/ref", ReferrerPolicy: fetch.ReferrerPolicyUnsafeURL,
		Keepalive: true, Destination: "image",
	})
	describe := func(r *fetch.Request) []any {
		return []any{
			r.Method(), r.URL(), r.Headers(), r.Mode(), r.Credentials(), r.Cache(), r.Redirect(), r.Destination(),
			r.Keepalive(), r.Referrer(), r.ReferrerPolicy(),
		}
	}
	copied := []any{
		"PUT", "https://b.test/x", list("content-type: text/plain;charset=UTF-8", "x-a: 1"), fetch.ModeCORS,
		fetch.CredentialsInclude, fetch.CacheReload, fetch.RedirectManual, fetch.Destination(""), true,
		"https://a.test/ref", fetch.ReferrerPolicyUnsafeURL,
	}
	for _, test := range []struct {
		name string
		init *fetch.Init
		set  map[int]any // what differs from copied
		err  string
	}{
		{name: "no init"},
		// An init, even an empty one that is given, takes the referrer away.
		{name: "init", init: &fetch.Init{Redirect: fetch.RedirectError}, set: map[int]any{
			6: fetch.RedirectError, 9: "about:client", 10: fetch.ReferrerPolicy(""),
		}},
		{name: "headers", init: &fetch.Init{Headers: list("X-B: 2")}, set: map[int]any{
			2: list("x-b: 2"), 9: "about:client", 10: fetch.ReferrerPolicy(""),
		}},
		{name: "no headers", init: &fetch.Init{Headers: headers.List{}}, set: map[int]any{
			2: headers.List(nil), 9: "about:client", 10: fetch.ReferrerPolicy(""),
		}},
		{name: "body", init: &fetch.Init{Body: fetch.Blob(nil, "a/b"), Headers: headers.List{}}, set: map[int]any{
			2: list("content-type: a/b"), 9: "about:client", 10: fetch.ReferrerPolicy(""),
		}},
		// The body stays.
		{name: "GET", init: &fetch.Init{Method: "GET"}, err: "a request with method GET cannot have one"},
		{name: "no-cors", init: &fetch.Init{Mode: fetch.ModeNoCORS}, err: `mode "no-cors" allows GET, HEAD and POST, not PUT`},
		{name: "no-cors POST", init: &fetch.Init{Mode: fetch.ModeNoCORS, Method: "POST"}, set: map[int]any{
			0: "POST", 2: list("content-type: text/plain;charset=UTF-8"), 3: fetch.ModeNoCORS, 9: "about:client", 10: fetch.ReferrerPolicy(""),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := fetch.NewRequestFrom(page, input, test.init)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := append([]any(nil), copied...)
			for i, v := range test.set {
				want[i] = v
			}
			if diff := cmp.Diff(want, describe(r), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
	want := append([]any(nil), copied...)
	want[7] = fetch.Destination("image")
	if diff := cmp.Diff(want, describe(input)); diff != "" {
		t.Errorf("the input was changed: %s", diff)
	}
}

// A request and a copy of it can both be fetched.
func TestNewRequestFromBothFetched(t *testing.T) {
	page := newPage(t, "", nil)
	input, err := fetch.NewRequest(page, away, &fetch.Init{Method: "POST", Body: fetch.Text("x"), Headers: list("Accept-Language: de")})
	if err != nil {
		t.Fatal(err)
	}
	copied, err := fetch.NewRequestFrom(page, input, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := &network{site: site{away: {"302\nacao: *\nlocation: https://c.test/"}, "https://c.test/": {"200\nacao: *"}}}
	c := &fetch.Client{Network: n}
	for _, r := range []*fetch.Request{input, copied} {
		if got := result(c.Do(t.Context(), r)); got != "= cors 200 redirected" {
			t.Error(got)
		}
	}
	const once = `POST https://b.test/away body=x accept-language=de content-type=text/plain;charset=UTF-8
		GET https://c.test/ body= accept-language=de`
	if diff := cmp.Diff(lines(once+"\n"+once), n.log("body accept-language content-type")); diff != "" {
		t.Error(diff)
	}
}

// A stream makes a preflight necessary, and a body that takes its place does not.
func TestNewRequestFromStream(t *testing.T) {
	page := newPage(t, "", nil)
	for _, test := range []struct {
		name string
		init *fetch.Init
		want string
	}{
		{"kept", nil, "OPTIONS https://b.test/away\nPOST https://b.test/away body=stream"},
		{"replaced", &fetch.Init{Body: fetch.Text("text")}, "POST https://b.test/away body=text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			input, err := fetch.NewRequest(page, away, &fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("stream"))})
			if err != nil {
				t.Fatal(err)
			}
			r, err := fetch.NewRequestFrom(page, input, test.init)
			if err != nil {
				t.Fatal(err)
			}
			n := &network{site: site{away: {"200\nacao: *"}}}
			if got := result((&fetch.Client{Network: n}).Do(t.Context(), r)); got != "= cors 200" {
				t.Error(got)
			}
			if diff := cmp.Diff(lines(test.want), strings.ReplaceAll(n.log("body"), " body=\n", "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a caller passes in is not altered.
func TestRequestLeavesArgumentsAlone(t *testing.T) {
	given := append(make(headers.List, 0, 16), list("Content-Type: a/b", "Authorization: x", "X-A: 1")...)
	body := []byte("body")
	init := fetch.Init{Method: "POST", Headers: given, Body: fetch.Bytes(body)}
	for _, engine := range engines {
		n := &network{site: site{
			away:                      {"302\nacao: *\nacah: *, authorization\nlocation: https://c.test/"},
			"OPTIONS " + away:         {"200\nacao: *\nacah: *, authorization"},
			"https://c.test/":         {"302\nacao: *\nacah: *, authorization\nlocation: https://d.test/"},
			"https://d.test/":         {"200\nacao: *\nacah: *, authorization"},
			"OPTIONS https://c.test/": {"200\nacao: *\nacah: *, authorization"},
		}}
		c := &fetch.Client{Network: n, Engine: engine}
		first := result(c.Fetch(t.Context(), newPage(t, "", nil), away, &init))
		firstLog := n.log("content-type authorization x-a body")
		n.requests, n.bodies, c.Preflights = nil, nil, nil
		c2 := &fetch.Client{Network: n, Engine: engine}
		if second := result(c2.Fetch(t.Context(), newPage(t, "", nil), away, &init)); first != second || firstLog != n.log("content-type authorization x-a body") {
			t.Errorf("%s: %s\n%s, then %s\n%s", engine.Name(), first, firstLog, second, n.log("content-type authorization x-a body"))
		}
		if diff := cmp.Diff(list("Content-Type: a/b", "Authorization: x", "X-A: 1"), given); diff != "" || !bytes.Equal(body, []byte("body")) {
			t.Errorf("%s: %s", engine.Name(), diff)
		}
	}
}

func TestExceptionName(t *testing.T) {
	if got := fetch.ExceptionName(errors.New("x")); got != "TypeError" {
		t.Error(got)
	}
}
