package cors

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

const app = "https://app.example"

// fields returns headers given as "Name: value" lines, as a list.
func fields(lines ...string) *headers.List {
	list := make(headers.List, 0, len(lines))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		list = append(list, headers.Header{Name: name, Value: strings.TrimPrefix(value, " ")})
	}
	return &list
}

// texts are the messages of an error and of what it has in Also.
func texts(err error) []string {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return nil
	}
	var all []string
	for _, e := range e.All() {
		all = append(all, e.Detail())
	}
	return all
}

// reasonsOf are the reasons of an error and of what it has in Also.
func reasonsOf(err error) (all []Reason) {
	if e, ok := errors.AsType[*Error](err); ok {
		for _, e := range e.All() {
			all = append(all, e.Reason)
		}
	}
	return all
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name        string
		origin      string
		credentials bool
		response    *headers.List
		want        []string // messages, none for success
	}{
		{name: "the origin", response: fields("Access-Control-Allow-Origin: https://app.example")},
		{name: "the name in any case", response: fields("access-CONTROL-allow-origin: https://app.example")},
		{name: "wildcard", response: fields("Access-Control-Allow-Origin: *")},
		{name: "null", origin: "null", response: fields("Access-Control-Allow-Origin: null")},
		{name: "wildcard for null", origin: "null", response: fields("Access-Control-Allow-Origin: *")},
		{
			name: "the origin, credentials", credentials: true,
			response: fields("Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true"),
		},
		{
			name: "null, credentials", origin: "null", credentials: true,
			response: fields("Access-Control-Allow-Origin: null", "Access-Control-Allow-Credentials: true"),
		},
		{
			name:     "credentials do not matter where none are included",
			response: fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: maybe"),
		},
		{
			name: "absent", response: fields("Allow-Origin: *"),
			want: []string{"the response has no Access-Control-Allow-Origin header"},
		},
		{
			name: "empty", response: fields("Access-Control-Allow-Origin:"),
			want: []string{`Access-Control-Allow-Origin is "", which is no serialized origin: it must be https://app.example`},
		},
		{
			name: "another origin", response: fields("Access-Control-Allow-Origin: http://app.example"),
			want: []string{`Access-Control-Allow-Origin is "http://app.example", not https://app.example`},
		},
		{
			name: "null for an origin", response: fields("Access-Control-Allow-Origin: null"),
			want: []string{`Access-Control-Allow-Origin is "null", not https://app.example`},
		},
		{
			name: "an origin for null", origin: "null", response: fields("Access-Control-Allow-Origin: https://app.example"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example", not null`},
		},
		{
			name: "trailing slash", response: fields("Access-Control-Allow-Origin: https://app.example/"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example/", which is no serialized origin: it must be https://app.example`},
		},
		{
			name: "upper case", response: fields("Access-Control-Allow-Origin: https://App.example"),
			want: []string{`Access-Control-Allow-Origin is "https://App.example", which is no serialized origin: it must be https://app.example`},
		},
		{
			name: "default port", response: fields("Access-Control-Allow-Origin: https://app.example:443"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example:443", which is no serialized origin: it must be https://app.example`},
		},
		{
			name: "Null", origin: "null", response: fields("Access-Control-Allow-Origin: Null"),
			want: []string{`Access-Control-Allow-Origin is "Null", which is no serialized origin: it must be null`},
		},
		{
			name: "wildcard host", response: fields("Access-Control-Allow-Origin: https://*.example"),
			want: []string{`Access-Control-Allow-Origin is "https://*.example", not https://app.example`},
		},
		{
			name: "list", response: fields("Access-Control-Allow-Origin: https://app.example, https://b.example"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example, https://b.example": it must stand once and name one origin, https://app.example`},
		},
		{
			name: "list with spaces", response: fields("Access-Control-Allow-Origin: https://app.example https://b.example"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example https://b.example": it must stand once and name one origin, https://app.example`},
		},
		{
			name: "twice", response: fields("Access-Control-Allow-Origin: *", "access-control-allow-origin: *"),
			want: []string{`Access-Control-Allow-Origin is "*, *": it must stand once and name one origin, https://app.example`},
		},
		{
			name: "an empty line beside", response: fields("Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Origin:"),
			want: []string{`Access-Control-Allow-Origin is "https://app.example, ": it must stand once and name one origin, https://app.example`},
		},
		{
			name: "wildcard, credentials", credentials: true,
			response: fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"),
			want:     []string{`Access-Control-Allow-Origin is "*", but credentials are included: it must name the origin https://app.example`},
		},
		{
			name: "credentials not allowed", credentials: true, response: fields("Access-Control-Allow-Origin: https://app.example"),
			want: []string{`the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included`},
		},
		{
			name: "True", credentials: true,
			response: fields("Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: True"),
			want:     []string{`Access-Control-Allow-Credentials is "True": it must be "true", as credentials are included`},
		},
		{
			name: "true twice", credentials: true,
			response: fields("Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true"),
			want:     []string{`Access-Control-Allow-Credentials is "true, true": it must be "true", as credentials are included`},
		},
		{
			name: "both wrong", credentials: true,
			response: fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: 1"),
			want: []string{
				`Access-Control-Allow-Origin is "*", but credentials are included: it must name the origin https://app.example`,
				`Access-Control-Allow-Credentials is "1": it must be "true", as credentials are included`,
			},
		},
		{
			name: "both absent", credentials: true, response: fields(),
			want: []string{
				"the response has no Access-Control-Allow-Origin header",
				`the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included`,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &Request{Origin: app, IncludeCredentials: test.credentials}
			if test.origin != "" {
				r.Origin = test.origin
			}
			diff(t, texts(Check(r, test.response)), test.want)
			diff(t, texts(Check(r, http.Header(test.response.Map()))), test.want)
			diff(t, texts((*Policy)(nil).Check(r, test.response)), test.want)
		})
	}
}

func TestCheckErrorFields(t *testing.T) {
	r := &Request{Origin: app, IncludeCredentials: true}
	err := Check(r, fields("Access-Control-Allow-Origin: app.example"))
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("Check returns %T", err)
	}
	if syntax, ok := errors.AsType[*origin.SyntaxError](err); !ok || syntax.Input != "app.example" {
		t.Errorf("the cause is %v, not the parser's error", e.Err)
	}
	e.Err = nil
	diff(t, e, &Error{
		Reason: InvalidAllowOrigin, Header: "Access-Control-Allow-Origin", Value: "app.example", Present: true, Subject: app,
		Also: []*Error{{Reason: AllowCredentialsNotTrue, Header: "Access-Control-Allow-Credentials"}},
	})
}
