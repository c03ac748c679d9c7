package cors

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

type granted struct {
	Methods, HeaderNames []string
	MaxAge               int64
}

func collect(p Permissions) granted {
	return granted{slices.Collect(p.Methods()), slices.Collect(p.HeaderNames()), p.MaxAge}
}

func TestValidatePreflight(t *testing.T) {
	const anyOrigin = "Access-Control-Allow-Origin: *"
	named := []string{"Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true"}
	put := Request{Origin: app, Method: "PUT"}
	asking := func(lines ...string) Request { return Request{Origin: app, Method: "POST", Headers: *fields(lines...)} }
	credentialed := func(r Request) Request { r.IncludeCredentials = true; return r }
	flagged := func(r Request) Request { r.UseCORSPreflight = true; return r }
	nine := slices.Repeat(headers.List{{Name: "Accept", Value: strings.Repeat("a", 114)}}, 9)
	many := append(slices.Repeat(headers.List{{Name: "X-A"}}, 64), headers.Header{Name: "X-B"})
	for _, test := range []struct {
		name     string
		request  Request
		status   int // 204 where it is 0
		response *headers.List
		want     granted
		errors   []string // messages; none where the preflight passes
	}{
		{
			name: "the method", request: put, response: fields(anyOrigin, "Access-Control-Allow-Methods: PUT"),
			want: granted{Methods: []string{"PUT"}, MaxAge: 5},
		},
		{
			name: "among others, on lines", request: put, want: granted{Methods: []string{"GET", "a", "PUT", "PUT"}, MaxAge: 5},
			response: fields(anyOrigin, "Access-Control-Allow-Methods: GET ,\ta", "access-control-allow-methods: ,PUT,,PUT"),
		},
		{
			name: "any method", request: put, response: fields(anyOrigin, "Access-Control-Allow-Methods: *"),
			want: granted{Methods: []string{"*"}, MaxAge: 5},
		},
		{name: "a safelisted method", request: asking(), response: fields(anyOrigin), want: granted{MaxAge: 5}},
		{
			name: "a safelisted method, another listed", request: asking(), want: granted{Methods: []string{"PUT"}, MaxAge: 5},
			response: fields(anyOrigin, "Access-Control-Allow-Methods: PUT"),
		},
		{
			name: "the flag grants the method where none is listed", request: flagged(asking()), response: fields(anyOrigin),
			want: granted{Methods: []string{"POST"}, MaxAge: 5},
		},
		{
			name: "also one that is not safelisted", request: flagged(put), response: fields(anyOrigin),
			want: granted{Methods: []string{"PUT"}, MaxAge: 5},
		},
		{
			name: "an empty list is not null", request: flagged(put), response: fields(anyOrigin, "Access-Control-Allow-Methods:"),
			errors: []string{`preflight: method PUT is not in Access-Control-Allow-Methods ""`},
		},
		{
			name: "the header, in any case", request: asking("X-A: 1"), want: granted{HeaderNames: []string{"x-A"}, MaxAge: 5},
			response: fields(anyOrigin, "Access-Control-Allow-Headers: x-A"),
		},
		{
			name: "any header", request: asking("X-A: 1", "X-B: 2"), want: granted{HeaderNames: []string{"*"}, MaxAge: 5},
			response: fields(anyOrigin, "Access-Control-Allow-Headers: *"),
		},
		{
			name: "a safelisted header", request: asking("Accept: */*"), response: fields(anyOrigin), want: granted{MaxAge: 5},
		},
		{
			name: "any header, and Authorization", request: asking("X-A: 1", "authorization: x"),
			response: fields(anyOrigin, "Access-Control-Allow-Headers: *, AUTHORIZATION"),
			want:     granted{HeaderNames: []string{"*", "AUTHORIZATION"}, MaxAge: 5},
		},
		{
			name: "credentials", request: credentialed(Request{Origin: app, Method: "PUT", Headers: *fields("X-A: 1")}),
			response: fields(append(named, "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: X-A")...),
			want:     granted{[]string{"PUT"}, []string{"X-A"}, 5},
		},
		{
			name: "a method and a header called *", request: credentialed(Request{Origin: app, Method: "*", Headers: *fields("*: 1")}),
			response: fields(append(named, "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *")...),
			want:     granted{[]string{"*"}, []string{"*"}, 5},
		},
		{
			name: "safelisted headers of more than 1024 bytes", request: Request{Origin: app, Method: "GET", Headers: nine},
			response: fields(anyOrigin, "Access-Control-Allow-Headers: ACCEPT"), want: granted{HeaderNames: []string{"ACCEPT"}, MaxAge: 5},
		},
		{
			name: "they have to be listed", request: Request{Origin: app, Method: "GET", Headers: nine}, response: fields(anyOrigin),
			errors: []string{"preflight: request header accept is not in Access-Control-Allow-Headers (absent)"},
		},
		{
			name: "64 headers and one more", request: Request{Origin: app, Method: "GET", Headers: many}, response: fields(anyOrigin, "Access-Control-Allow-Headers: x-a"),
			errors: []string{`preflight: request header x-b is not in Access-Control-Allow-Headers "x-a"`},
		},
		{name: "status 200", request: asking(), status: 200, response: fields(anyOrigin), want: granted{MaxAge: 5}},
		{name: "status 299", request: asking(), status: 299, response: fields(anyOrigin), want: granted{MaxAge: 5}},

		{
			name: "status 199", request: asking(), status: 199, response: fields(anyOrigin),
			errors: []string{"preflight: the response has status 199: it must be from 200 to 299"},
		},
		{
			name: "status 300", request: asking(), status: 300, response: fields(anyOrigin, "Location: /"),
			errors: []string{"preflight: the response has status 300: it must be from 200 to 299"},
		},
		{
			name: "redirect", request: asking(), status: 301, response: fields(anyOrigin, "Location: /"),
			errors: []string{"preflight: the response is a redirect (status 301), which a preflight must not meet"},
		},
		{
			name: "redirect status without Location", request: asking(), status: 308, response: fields(anyOrigin),
			errors: []string{"preflight: the response has status 308: it must be from 200 to 299"},
		},
		{
			name: "a server that knows nothing of CORS", request: put, status: 405, response: fields("Allow: GET"),
			errors: []string{
				"preflight: the response has no Access-Control-Allow-Origin header (status 405)",
				"preflight: the response has status 405: it must be from 200 to 299",
				"preflight: method PUT is not in Access-Control-Allow-Methods (absent)",
			},
		},
		{
			name: "the method in another case", request: Request{Origin: app, Method: "patch"},
			response: fields(anyOrigin, "Access-Control-Allow-Methods: PATCH"),
			errors:   []string{`preflight: method patch is not in Access-Control-Allow-Methods "PATCH"`},
		},
		{
			name: "wildcards, credentials", request: credentialed(Request{Origin: app, Method: "PUT", Headers: *fields("X-B: 1", "X-A: 1")}),
			response: fields(append(named, "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *")...),
			errors: []string{
				`preflight: method PUT is not in Access-Control-Allow-Methods "*"`,
				`preflight: request header x-a is not in Access-Control-Allow-Headers "*"`,
				`preflight: request header x-b is not in Access-Control-Allow-Headers "*"`,
			},
		},
		{
			name: "no method list", request: put, response: fields(anyOrigin, "Access-Control-Allow-Methods: GET, PUT POST"),
			errors: []string{`preflight: Access-Control-Allow-Methods is "GET, PUT POST", in which "PUT POST" is no token`},
		},
		{
			name: "no lists at all", request: Request{Origin: app, Method: "PUT", Headers: *fields("Authorization: x", "X-A: 1")},
			response: fields(anyOrigin, "Access-Control-Allow-Methods: PUT;", "Access-Control-Allow-Headers: *", `Access-Control-Allow-Headers: "x-a"`),
			errors: []string{
				`preflight: Access-Control-Allow-Methods is "PUT;", in which "PUT;" is no token`,
				`preflight: Access-Control-Allow-Headers is "*, \"x-a\"", in which "\"x-a\"" is no token`,
			},
		},
		{
			name: "Authorization", request: asking("X-A: 1", "Authorization: x", "authorization: y"),
			response: fields(anyOrigin, "Access-Control-Allow-Headers: *"),
			errors:   []string{`preflight: request header authorization is not in Access-Control-Allow-Headers "*"; "*" does not cover it`},
		},
		{
			name: "Authorization comes first", request: asking("A: 1", "Authorization: x", "a: 1", "Accept: ("), response: fields(anyOrigin),
			errors: []string{
				`preflight: request header authorization is not in Access-Control-Allow-Headers (absent); "*" does not cover it`,
				"preflight: request header a is not in Access-Control-Allow-Headers (absent)",
				"preflight: request header accept is not in Access-Control-Allow-Headers (absent)",
			},
		},
		{
			name: "everything", status: 500,
			request:  credentialed(flagged(Request{Origin: app, Method: "PUT", Headers: *fields("X-A: 1", "Content-Type: application/json")})),
			response: fields("Access-Control-Allow-Methods: GET", "Access-Control-Allow-Headers: x-b", "Access-Control-Allow-Headers: x-a"),
			errors: []string{
				"preflight: the response has no Access-Control-Allow-Origin header (status 500)",
				`preflight: the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included`,
				"preflight: the response has status 500: it must be from 200 to 299",
				`preflight: method PUT is not in Access-Control-Allow-Methods "GET"`,
				`preflight: request header content-type is not in Access-Control-Allow-Headers "x-b, x-a"`,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.status == 0 {
				test.status = 204
			}
			for _, response := range []Fields{test.response, http.Header(test.response.Map())} {
				permissions, err := ValidatePreflight(&test.request, test.status, response)
				if got := collect(permissions); err == nil {
					diff(t, got, test.want)
				} else if !ReasonOf(err).notPermitted() {
					diff(t, got, granted{})
				}
				diff(t, texts(err), test.errors)
				if e, ok := errors.AsType[*Error](err); ok {
					for _, e := range e.All() {
						if !e.Preflight || e.Status != test.status {
							t.Errorf("%v: Preflight %v, Status %d", e, e.Preflight, e.Status)
						}
					}
				}
			}
		})
	}
}

func TestMaxAge(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  int64
	}{
		{nil, 5}, {[]string{""}, 5}, {[]string{"0"}, 0}, {[]string{"10"}, 10}, {[]string{"010"}, 10},
		{[]string{"-1"}, 5}, {[]string{"+10"}, 5}, {[]string{"1.5"}, 5}, {[]string{"10s"}, 5}, {[]string{"10\v"}, 5},
		{[]string{"1e3"}, 5}, {[]string{`"10"`}, 5}, {[]string{"10, 10"}, 5}, {[]string{"10", "10"}, 5}, {[]string{"10", ""}, 5},
		{[]string{"9223372036854775806"}, 1<<63 - 2},
		{[]string{"9223372036854775807"}, 1<<63 - 1},
		{[]string{"9223372036854775808"}, 1<<63 - 1},
		{[]string{strings.Repeat("9", 1000)}, 1<<63 - 1},
	} {
		response := fields("Access-Control-Allow-Origin: *")
		for _, line := range test.lines {
			*response = append(*response, headers.Header{Name: "Access-Control-Max-Age", Value: line})
		}
		granted, err := ValidatePreflight(&Request{Origin: app, Method: "GET"}, 204, response)
		if granted.MaxAge != test.want || err != nil {
			t.Errorf("%q: %d, %v; want %d", test.lines, granted.MaxAge, err, test.want)
		}
	}
}

// A caller may stop an iteration at any member.
func TestPermissionsIteration(t *testing.T) {
	r := &Request{Origin: app, Method: "PUT", UseCORSPreflight: true}
	granted, err := ValidatePreflight(r, 200, fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: a, b"))
	if err != nil {
		t.Fatal(err)
	}
	for method := range granted.Methods() {
		if method == "PUT" {
			break
		}
		t.Errorf("method %s", method)
	}
	for name := range granted.HeaderNames() {
		if name == "a" {
			break
		}
		t.Errorf("header name %s", name)
	}
}

// What a response grants that does not suffice is told as well, for caches that
// remember it.
func TestValidatePreflightGrantsThoughRefused(t *testing.T) {
	permissions, err := ValidatePreflight(&Request{Origin: app, Method: "DELETE"}, 204,
		fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Max-Age: 60"))
	if !errors.Is(err, MethodNotAllowed) {
		t.Errorf("the error is %v", err)
	}
	diff(t, collect(permissions), granted{Methods: []string{"PUT"}, MaxAge: 60})
}
