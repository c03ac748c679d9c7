package explain

import (
	"regexp"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Every reason is explained: what was seen, the rule with both its addresses, what
// it commonly means, and what to change. Reasons are counted here, so that a new
// one is not forgotten.
func TestEveryReasonIsExplained(t *testing.T) {
	n := 0
	for _, reason := range cors.Reasons() {
		n++
		for _, preflight := range []bool{false, true} {
			e := &cors.Error{Reason: reason, Preflight: preflight, URL: "https://api.example/x"}
			x := Explain(e, &cors.Request{Origin: "https://app.example", Method: "PUT"}, Exchange{})
			if len(x.Saw) != 1 || x.Rule == "" || !strings.HasPrefix(x.Anchor, "https://") || !strings.HasPrefix(x.MDN, mdnBase) || len(x.MDN) < len(mdnBase)+5 {
				t.Errorf("%v: %+v", reason, x)
			}
			if len(x.Causes) == 0 || len(x.Advice) == 0 || len(x.Short()) == 0 || len(x.Long()) < 6 {
				t.Errorf("%v: %d causes, %d advice", reason, len(x.Causes), len(x.Advice))
			}
			for _, c := range x.Causes {
				if c.ID == "" || !strings.HasSuffix(c.Why(), ".") || !strings.HasSuffix(c.Do(), ".") {
					t.Errorf("%v: cause %+v", reason, c)
				}
			}
		}
	}
	if len(mdn) != n {
		t.Errorf("%d reasons, and documentation for %d", n, len(mdn))
	}
	for topic := range topics {
		m := Message{Topic: topic, Subject: "X-A"}
		if x := m.Explain(""); len(x.Causes) == 0 || x.Causes[0].Why() == "" || x.Rule == "" {
			t.Errorf("%s: %+v", topic, x)
		}
	}
}

// unfilled is a value that nothing has filled in.
var unfilled = regexp.MustCompile(`\{[a-z]+\}`)

// TestCauses checks which cause comes first, and by what evidence.
func TestCauses(t *testing.T) {
	const app, url = "https://app.example", "http://api.example/things"
	missing := func(status int, preflight bool) *cors.Error {
		return &cors.Error{Reason: cors.MissingAllowOrigin, Status: status, Preflight: preflight, URL: url, Header: allowOrigin, Subject: app}
	}
	value := func(reason cors.Reason, header, value, subject string) *cors.Error {
		return &cors.Error{Reason: reason, Status: 200, URL: url, Header: header, Value: value, Present: true, Subject: subject}
	}
	failedPreflight := missing(404, true)
	failedPreflight.Also = []*cors.Error{{Reason: cors.PreflightStatus, Status: 404, Preflight: true, URL: url}}
	tests := []struct {
		failure     *cors.Error
		origin      string
		credentials bool
		page        string
		response    []string
		want, by    string
	}{
		{missing(200, false), app, false, "", []string{"Content-Type: text/plain"}, "not-configured", "status 200"},
		{missing(200, false), app, false, "", []string{"Vary: Accept-Encoding, Origin"}, "origin-refused", "Vary"},
		{missing(204, true), app, false, "", []string{"Vary: Access-Control-Request-Method"}, "origin-refused", "Vary"},
		{missing(500, false), app, false, "", []string{"Server: gunicorn"}, "error-response", "status 500"},
		{missing(502, false), app, false, "", []string{"Server: nginx"}, "in-front", "Server: nginx"},
		{missing(401, false), app, false, "", []string{"WWW-Authenticate: Bearer realm=x"}, "unauthorized-response", "Bearer"},
		{missing(301, false), app, false, "", []string{"Location: https://api.example/things"}, "redirect-https", "301"},
		{missing(308, true), app, false, "", []string{"Location: /things/"}, "redirect-slash", "/things/"},
		{missing(302, false), app, false, "", []string{"Location: https://idp.example/oauth2/authorize"}, "redirect-login", "oauth2"},
		{missing(302, false), app, false, "", []string{"Location: https://elsewhere.example/"}, "redirect", "elsewhere"},
		{missing(405, true), app, false, "", []string{"Allow: GET, PUT"}, "options-not-routed", "GET, PUT"},
		{failedPreflight, app, false, "", nil, "options-not-routed", "404"},
		{missing(401, true), app, false, "", []string{"WWW-Authenticate: Basic"}, "options-authentication", "Basic"},
		{missing(403, true), app, false, "", []string{"Vary: Origin"}, "origin-refused", "403"},
		{missing(200, true), app, false, "", []string{"Allow: GET,HEAD,OPTIONS"}, "options-by-framework", "Allow"},
		{missing(500, true), app, false, "", nil, "options-server-error", "500"},
		{missing(200, false), app, false, "", []string{"Age: 120"}, "stale-cache", "Age: 120"},
		{missing(200, false), app, false, "", []string{"X-Cache: Hit from cloudfront"}, "cdn-cache-key", "X-Cache"},
		{missing(200, false), "null", false, "file:///home/me/index.html", []string{}, "file-page", "file:///"},
		{missing(200, false), "null", false, "", []string{}, "sandboxed-page", "null"},

		{value(cors.WildcardAllowOriginWithCredentials, allowOrigin, "*", app), app, true, "", nil, "wildcard-credentials", "*"},
		{value(cors.MultipleAllowOrigin, allowOrigin, "*, *", app), app, false, "", nil, "two-layers", "*, *"},
		{value(cors.MultipleAllowOrigin, allowOrigin, app+", https://b.example", app), app, false, "",
			[]string{"Access-Control-Allow-Origin: " + app, "Access-Control-Allow-Origin: https://b.example"}, "two-layers", "2 times"},
		{value(cors.MultipleAllowOrigin, allowOrigin, app+", https://b.example", app), app, false, "",
			[]string{"Access-Control-Allow-Origin: " + app + ", https://b.example"}, "list-in-header", "once"},
		{value(cors.InvalidAllowOrigin, allowOrigin, app+"/", app), app, false, "", nil, "slash-behind-origin", "slash"},
		{value(cors.InvalidAllowOrigin, allowOrigin, "*.app.example", app), app, false, "", nil, "pattern-in-header", "pattern"},
		{value(cors.InvalidAllowOrigin, allowOrigin, "$http_origin", app), app, false, "", nil, "placeholder-in-header", "placeholder"},
		{value(cors.InvalidAllowOrigin, allowOrigin, "app.example", app), app, false, "", nil, "origin-without-scheme", "scheme"},
		{value(cors.AllowOriginMismatch, allowOrigin, "http://app.example", app), app, false, "", nil, "scheme-differs", "http://"},
		{value(cors.AllowOriginMismatch, allowOrigin, "https://app.example:8443", app), app, false, "", nil, "port-differs", "8443"},
		{value(cors.AllowOriginMismatch, allowOrigin, "https://www.app.example", app), app, false, "", nil, "host-differs", "www"},
		{value(cors.AllowOriginMismatch, allowOrigin, "http://localhost:3000", "http://127.0.0.1:3000"), "http://127.0.0.1:3000", false, "", nil, "loopback-names-differ", "127.0.0.1"},
		{value(cors.AllowOriginMismatch, allowOrigin, "http://localhost:3000", app), app, false, "", nil, "development-left", "localhost"},
		{value(cors.AllowOriginMismatch, allowOrigin, "https://other.test", app), app, false, "", []string{}, "fixed-origin", "other.test"},
		{value(cors.AllowOriginMismatch, allowOrigin, "null", app), app, false, "", nil, "null-sent", "null"},
		{value(cors.AllowOriginMismatch, allowOrigin, "*, *", app), app, false, "",
			[]string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: *"}, "two-layers", "2 times"},
		{value(cors.AllowCredentialsNotTrue, allowCredentials, "True", ""), app, true, "", nil, "credentials-spelling", "true"},
		{value(cors.MethodNotAllowed, allowMethods, "GET, PATCH", "patch"), app, false, "", nil, "method-case", "PATCH"},
		{value(cors.MethodNotAllowed, allowMethods, "*", "PUT"), app, true, "", nil, "wildcard-credentials", "*"},
		{value(cors.HeaderNotAllowed, allowHeaders, "*", "x-a"), app, true, "", nil, "wildcard-credentials", "*"},
		{value(cors.HeaderNotAllowed, allowHeaders, "x-b", "access-control-allow-origin"), app, false, "", nil, "response-header-sent", "access-control-allow-origin"},
		{value(cors.HeaderNotAllowed, allowHeaders, "x-b", "sentry-trace"), app, false, "", nil, "added-by-library", "sentry-trace"},
		{value(cors.HeaderNotAllowed, allowHeaders, "x-b", "x-a"), app, false, "", nil, "header-not-listed", ""},
		{&cors.Error{Reason: cors.PreflightRedirect, Status: 301, Preflight: true, URL: url}, app, false, "",
			[]string{"Location: https://api.example/things"}, "redirect-https", "301"},
		{&cors.Error{Reason: cors.PreflightRedirect, Status: 301, Preflight: true, URL: url}, app, false, "",
			[]string{"Location: http://www.api.example/things"}, "redirect-www", "301"},
		{&cors.Error{Reason: cors.MissingAllowOrigin, Status: 302, URL: "https://api.example/things"}, app, false, "",
			[]string{"Location: http://api.example/things/"}, "redirect-to-http", "302"},
		{&cors.Error{Reason: cors.MissingAllowOrigin, Status: 511, URL: url}, app, false, "", []string{}, "captive-portal", "511"},
		{&cors.Error{Reason: cors.MissingAllowOrigin, Status: 431, URL: url}, app, false, "", []string{}, "headers-too-large", "431"},
	}
	for _, tt := range tests {
		var response headers.List
		if tt.response != nil {
			response = headers.List{}
		}
		for _, line := range tt.response {
			name, value, _ := strings.Cut(line, ": ")
			response.Append(name, value)
		}
		r := &cors.Request{Origin: tt.origin, Method: "GET", IncludeCredentials: tt.credentials}
		x := Explain(tt.failure, r, Exchange{Page: tt.page, Response: response})
		for _, c := range x.Causes {
			if said := c.Title() + c.Why() + c.Do() + c.Try(); unfilled.MatchString(said) {
				t.Errorf("%v: %s has a value that is not filled in: %s", tt.failure, c.ID, said)
			}
		}
		if c := x.Causes[0]; c.ID != tt.want || !strings.Contains(c.String(), tt.by) {
			t.Errorf("%v, %q: %s: %s; want %s by %q", tt.failure, tt.response, c.ID, c, tt.want, tt.by)
		}
	}
}

// Each cause names what its own failure is about, not the first one.
func TestCausesNameTheirOwnSubject(t *testing.T) {
	failure := &cors.Error{Reason: cors.AllowOriginMismatch, Header: "Access-Control-Allow-Origin", Value: "https://b.example", Present: true, Subject: "https://app.example", Status: 200, Preflight: true, URL: "https://api.example/",
		Also: []*cors.Error{{Reason: cors.MethodNotAllowed, Header: "Access-Control-Allow-Methods", Value: "GET", Present: true, Subject: "DELETE", Status: 200, Preflight: true, URL: "https://api.example/"}}}
	x := Explain(failure, &cors.Request{Origin: "https://app.example", Method: "DELETE"}, Exchange{Response: headers.List{{Name: "Access-Control-Allow-Origin", Value: "https://b.example"}, {Name: "Access-Control-Allow-Methods", Value: "GET"}}})
	for _, c := range x.Causes {
		if c.ID == "method-not-listed" {
			if !strings.Contains(c.Why(), "DELETE is not among them") {
				t.Error(c.Why())
			}
			return
		}
	}
	t.Error("there is no cause for the method")
}
