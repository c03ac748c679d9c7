package fetch_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// What open(), setRequestHeader() and send() throw, by name and in words.
func TestXHRThrows(t *testing.T) {
	const arguments = "the API does not take the arguments: "
	for _, test := range []struct {
		url        string
		xhr        fetch.XHR
		name, want string
	}{
		{xhr: fetch.XHR{Method: "G@T"}, name: "SyntaxError", want: `method: "G@T": byte 1 ('@') cannot be in a method`},
		{xhr: fetch.XHR{Method: "track"}, name: "SecurityError", want: "method: track is forbidden"},
		{xhr: fetch.XHR{Method: "CONNECT"}, name: "SecurityError", want: "method: CONNECT is forbidden"},
		{url: "https://", name: "SyntaxError"},
		// The method is looked at first.
		{url: "https://", xhr: fetch.XHR{Method: "TRACE"}, name: "SecurityError"},
		{xhr: fetch.XHR{Headers: list("a(: b")}, name: "SyntaxError", want: `headers: header name "a(": byte 1 ('(') cannot be in a header name`},
		{xhr: fetch.XHR{Headers: list(": b")}, name: "SyntaxError", want: "headers: a header name is empty"},
		{xhr: fetch.XHR{Headers: list("a: b\rc")}, name: "SyntaxError", want: `headers: value of header "a": byte 1 ('\r') cannot be in a header value`},
	} {
		_, err := fetch.NewXHR(newPage(t, "", nil), or(test.url, away), &test.xhr)
		if cors.ReasonOf(err) != cors.InvalidArgument || fetch.ExceptionName(err) != test.name ||
			test.want != "" && err.Error() != arguments+test.want {
			t.Errorf("%q, %+v: %s: %v; want %s: %s", test.url, test.xhr, fetch.ExceptionName(err), err, test.name, test.want)
		}
		// The cause can be had through all that is around it.
		if _, ok := errors.AsType[*headers.TypeError](err); ok != (test.xhr.Headers != nil) {
			t.Errorf("%+v: %v", test.xhr, err)
		}
	}
}

// What an XMLHttpRequest sends.
func TestXHR(t *testing.T) {
	jar := &jar{cookies: map[string]string{"https://b.test/away": "c=1"}}
	for _, test := range []struct {
		name string
		url  string
		xhr  fetch.XHR
		show string
		want string
	}{
		{name: "default", want: "GET https://b.test/away origin=https://a.test"},
		{name: "method", xhr: fetch.XHR{Method: "post"}, want: "POST https://b.test/away origin=https://a.test content-length=0"},
		{name: "credentials in the URL", url: "https://u:p@b.test/away#f", want: "GET https://b.test/away origin=https://a.test"},
		{
			name: "headers are combined, forbidden ones skipped",
			xhr:  fetch.XHR{Headers: list("Accept: a", "accept: b", "Cookie: x", "Origin: x", "Accept-Charset: x")},
			show: "origin accept",
			want: "GET https://b.test/away origin=https://a.test accept=a, b",
		},
		{name: "GET has no body", xhr: fetch.XHR{Body: fetch.Text("x")}, want: "GET https://b.test/away origin=https://a.test"},
		{name: "HEAD has no body", xhr: fetch.XHR{Method: "HEAD", Body: fetch.Text("x")}, want: "HEAD https://b.test/away origin=https://a.test"},
		{
			name: "credentials", xhr: fetch.XHR{WithCredentials: true},
			want: "GET https://b.test/away origin=https://a.test cookie=c=1",
		},
		{
			name: "upload listener", xhr: fetch.XHR{UploadListener: true},
			want: `OPTIONS https://b.test/away acrm=GET origin=https://a.test
				GET https://b.test/away origin=https://a.test`,
		},
		{
			name: "text", xhr: fetch.XHR{Method: "POST", Body: fetch.Text("x")},
			want: "POST https://b.test/away origin=https://a.test content-type=text/plain;charset=UTF-8 content-length=1",
		},
		{
			name: "author's type without a charset", xhr: fetch.XHR{Method: "POST", Body: fetch.Text("x"), Headers: list("Content-Type: Text/Plain")},
			want: "POST https://b.test/away origin=https://a.test content-type=Text/Plain content-length=1",
		},
		{
			name: "another charset", xhr: fetch.XHR{Method: "POST", Body: fetch.Text("x"), Headers: list("Content-Type: Text/Plain ;  CHARSET=\"latin1\";x=y")},
			want: "POST https://b.test/away origin=https://a.test content-type=text/plain;charset=UTF-8;x=y content-length=1",
		},
		{
			name: "the same charset", xhr: fetch.XHR{Method: "POST", Body: fetch.Text("x"), Headers: list("Content-Type: Text/Plain ; charset=utf-8")},
			want: "POST https://b.test/away origin=https://a.test content-type=Text/Plain ; charset=utf-8 content-length=1",
		},
		{
			name: "no MIME type", xhr: fetch.XHR{Method: "POST", Body: fetch.Text("x"), Headers: list("Content-Type: text; charset=latin1")},
			want: `OPTIONS https://b.test/away acrm=POST acrh=content-type origin=https://a.test
				POST https://b.test/away origin=https://a.test content-type=text; charset=latin1 content-length=1`,
		},
		{
			name: "bytes keep the charset", xhr: fetch.XHR{Method: "POST", Body: fetch.Bytes([]byte("x")), Headers: list("Content-Type: text/plain;charset=latin1")},
			want: "POST https://b.test/away origin=https://a.test content-type=text/plain;charset=latin1 content-length=1",
		},
		{
			name: "a blob's type", xhr: fetch.XHR{Method: "POST", Body: fetch.Blob([]byte("x"), "text/plain")},
			want: "POST https://b.test/away origin=https://a.test content-type=text/plain content-length=1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := &network{site: site{away: {"200\nacao: https://a.test\nacac: true\nacah: content-type\n\nok"}}}
			r, err := fetch.NewXHR(newPage(t, "", nil), or(test.url, away), &test.xhr)
			if err != nil {
				t.Fatal(err)
			}
			want := "= cors 200 ok"
			if r.Method() == "HEAD" {
				want = "= cors 200"
			}
			got := result((&fetch.Client{Network: n, Jar: jar}).Do(t.Context(), r))
			if diff := cmp.Diff(lines(test.want)+want, n.log(or(test.show, "acrm acrh origin cookie content-type content-length"))+got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// getAllResponseHeaders() sorts by name in upper case, so that "_" comes after
// the letters.
func TestAllResponseHeaders(t *testing.T) {
	n := &network{site: site{own: {"200\nx_a: 1\nX-A: 2\nxza: 3\nx-a: 4\nset-cookie: c"}}}
	r, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), own, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list("x-a: 2, 4", "xza: 3", "x_a: 1"), r.AllResponseHeaders()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(list("x-a: 2, 4", "x_a: 1", "xza: 3"), r.Headers.SortAndCombine()); diff != "" {
		t.Error(diff)
	}
}

// The charset of what script says that a form is encoded in is that in which it is sent, as of a string.
//
// https://xhr.spec.whatwg.org/#the-send()-method
func TestXHRCharsetOfForms(t *testing.T) {
	for name, body := range map[string]*fetch.Body{"form": fetch.Form(url.Values{"a": {"b"}}), "text": fetch.Text("a=b")} {
		for given, want := range map[string]string{
			"application/x-www-form-urlencoded;charset=ISO-8859-1": "application/x-www-form-urlencoded;charset=UTF-8",
			"application/x-www-form-urlencoded":                    "application/x-www-form-urlencoded",
		} {
			request, err := fetch.NewXHR(newPage(t, "", nil), away, &fetch.XHR{Method: "POST", Headers: list("Content-Type: " + given), Body: body})
			if err != nil {
				t.Fatal(err)
			}
			n := &network{site: site{away: {"200\nacao: *"}}}
			if _, err := (&fetch.Client{Network: n}).Do(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			if got, _ := n.requests[len(n.requests)-1].Headers.Get("content-type"); got != want {
				t.Errorf("%s as %s: %s, want %s", name, given, got, want)
			}
		}
	}
}
