package cors

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

const (
	methodAnchor   = "https://fetch.spec.whatwg.org/#cors-safelisted-method"
	flagAnchor     = "https://fetch.spec.whatwg.org/#use-cors-preflight-flag"
	safelistAnchor = "https://fetch.spec.whatwg.org/#cors-safelisted-request-header"
	namesAnchor    = "https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names"
)

func TestPreflightCauses(t *testing.T) {
	a129 := strings.Repeat("a", 129)
	// Nine headers of 114 bytes have 1026 together; without two bytes they are safe.
	nine := func(last int) headers.List {
		list := make(headers.List, 0, 9)
		for range 8 {
			list = append(list, headers.Header{Name: "Accept", Value: strings.Repeat("a", 114)})
		}
		return append(list, headers.Header{Name: "Accept-Language", Value: strings.Repeat("a", last)})
	}
	type cause struct {
		Rule         Rule
		Text, Anchor string
	}
	for _, test := range []struct {
		name    string
		request Request
		want    []cause
		asked   string // Access-Control-Request-Headers
	}{
		{name: "GET", request: Request{Method: "GET"}},
		{name: "HEAD", request: Request{Method: "HEAD"}},
		{name: "POST", request: Request{Method: "POST"}},
		{
			name: "safelisted headers",
			request: Request{Method: "POST", Headers: *fields("ACCEPT: */*", "accept-language: de", "Content-Language: de",
				"Content-Type: text/plain; charset=x", "Range: bytes=5-")},
		},
		{name: "128 bytes", request: Request{Method: "GET", Headers: *fields("Accept-Language: " + strings.Repeat("a", 128))}},
		{name: "1024 bytes together", request: Request{Method: "GET", Headers: nine(112)}},
		{
			name: "method", request: Request{Method: "PUT"},
			want: []cause{{RuleMethod, "method PUT is not one of GET, HEAD, POST", methodAnchor}},
		},
		{
			name: "method in another case", request: Request{Method: "Post"},
			want: []cause{{RuleMethod, "method Post is not one of GET, HEAD, POST", methodAnchor}},
		},
		{
			name: "flag", request: Request{Method: "POST", UseCORSPreflight: true},
			want: []cause{{RuleUseCORSPreflight, "an upload progress listener is registered, or the body is a stream", flagAnchor}},
		},
		{
			name: "header name", request: Request{Method: "GET", Headers: *fields("X-A: 1")}, asked: "x-a",
			want: []cause{{RuleHeaderName, "header X-A is not CORS-safelisted", safelistAnchor}},
		},
		{
			name: "long value of a header that is not safelisted anyway", request: Request{Method: "GET", Headers: *fields("X-A: " + a129)},
			asked: "x-a", want: []cause{{RuleHeaderName, "header X-A is not CORS-safelisted", safelistAnchor}},
		},
		{
			name: "129 bytes", request: Request{Method: "GET", Headers: *fields("Accept: " + a129)}, asked: "accept",
			want: []cause{{RuleValueLength, "the value of Accept has 129 bytes, more than 128", safelistAnchor}},
		},
		{
			name: "129 bytes of Range", request: Request{Method: "GET", Headers: *fields("Range: bytes=" + strings.Repeat("0", 122) + "-")},
			asked: "range", want: []cause{{RuleValueLength, "the value of Range has 129 bytes, more than 128", safelistAnchor}},
		},
		{
			name: "unsafe byte in Accept", request: Request{Method: "GET", Headers: *fields(`Accept: a/b;c="d"`)}, asked: "accept",
			want: []cause{{RuleUnsafeByte, `the value of Accept has the byte '"' at 6`, safelistAnchor}},
		},
		{
			name: "unsafe byte in Accept-Language", request: Request{Method: "GET", Headers: *fields(`Accept-Language: de_DE`)},
			asked: "accept-language",
			want:  []cause{{RuleUnsafeByte, `the value of Accept-Language has the byte '_' at 2`, safelistAnchor}},
		},
		{
			name: "high byte in Content-Language", request: Request{Method: "GET", Headers: *fields("Content-Language: d\xE9")},
			asked: "content-language",
			want:  []cause{{RuleUnsafeByte, `the value of Content-Language has the byte '\xe9' at 1`, safelistAnchor}},
		},
		{
			name: "unsafe byte in Content-Type", request: Request{Method: "POST", Headers: *fields("Content-Type: text/plain;a=(")},
			asked: "content-type",
			want:  []cause{{RuleUnsafeByte, `the value of Content-Type has the byte '(' at 13`, safelistAnchor}},
		},
		{
			name: "Content-Type", request: Request{Method: "POST", Headers: *fields("content-type: application/json")}, asked: "content-type",
			want: []cause{{RuleContentType, `Content-Type "application/json" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain`, safelistAnchor}},
		},
		{
			name: "empty Content-Type", request: Request{Method: "POST", Headers: *fields("Content-Type:")}, asked: "content-type",
			want: []cause{{RuleContentType, `Content-Type "" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain`, safelistAnchor}},
		},
		{
			name: "Range without a start", request: Request{Method: "GET", Headers: *fields("Range: bytes=-5")}, asked: "range",
			want: []cause{{RuleRange, `Range "bytes=-5" is not bytes=N- or bytes=N-M`, safelistAnchor}},
		},
		{
			name: "two ranges", request: Request{Method: "GET", Headers: *fields("range: bytes=0-1,3-4")}, asked: "range",
			want: []cause{{RuleRange, `Range "bytes=0-1,3-4" is not bytes=N- or bytes=N-M`, safelistAnchor}},
		},
		{
			name: "1025 bytes together", request: Request{Method: "GET", Headers: append(*fields("Content-Type: text/plain"), nine(103)...)},
			asked: "accept,accept-language,content-type",
			want: append(append([]cause{
				{RuleTotalLength, "the safelisted headers have more than 1024 bytes together, Content-Type among them", namesAnchor},
			}, repeated(8, cause{RuleTotalLength, "the safelisted headers have more than 1024 bytes together, Accept among them", namesAnchor})...),
				cause{RuleTotalLength, "the safelisted headers have more than 1024 bytes together, Accept-Language among them", namesAnchor}),
		},
		{
			name: "unsafe values do not count towards the total", request: Request{Method: "GET", Headers: append(*fields("X-A: " + a129), nine(112)...)},
			asked: "x-a", want: []cause{{RuleHeaderName, "header X-A is not CORS-safelisted", safelistAnchor}},
		},
		{
			name: "all at once", asked: "accept,authorization,content-type",
			request: Request{
				Method: "PATCH", UseCORSPreflight: true,
				Headers: *fields("Content-Type: application/json", "Authorization: Bearer x", "Accept: (", "Accept: */*", "authorization: y"),
			},
			want: []cause{
				{RuleMethod, "method PATCH is not one of GET, HEAD, POST", methodAnchor},
				{RuleUseCORSPreflight, "an upload progress listener is registered, or the body is a stream", flagAnchor},
				{RuleContentType, `Content-Type "application/json" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain`, safelistAnchor},
				{RuleHeaderName, "header Authorization is not CORS-safelisted", safelistAnchor},
				{RuleUnsafeByte, "the value of Accept has the byte '(' at 0", safelistAnchor},
				{RuleHeaderName, "header authorization is not CORS-safelisted", safelistAnchor},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []cause
			for _, c := range PreflightCauses(&test.request) {
				got = append(got, cause{c.Rule, c.String(), c.Anchor()})
			}
			diff(t, got, test.want)
			if got := NeedsPreflight(&test.request); got != (len(test.want) > 0) {
				t.Errorf("NeedsPreflight = %v", got)
			}
			want := fields("Accept: */*", "Access-Control-Request-Method: "+test.request.Method)
			if test.asked != "" {
				*want = append(*want, headers.Header{Name: "Access-Control-Request-Headers", Value: test.asked})
			}
			diff(t, PreflightHeaders(&test.request), *want)
		})
	}
}

func repeated[T any](n int, v T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = v
	}
	return all
}

func TestCauseFields(t *testing.T) {
	r := &Request{Method: "PUT", Headers: *fields("X-A: 1", "Accept: a{", "Content-Type: x")}
	diff(t, PreflightCauses(r), []Cause{
		{Rule: RuleMethod, Method: "PUT"},
		{Rule: RuleHeaderName, Header: "X-A", Value: "1"},
		{Rule: RuleUnsafeByte, Header: "Accept", Value: "a{", Byte: 1},
		{Rule: RuleContentType, Header: "Content-Type", Value: "x"},
	})
}
