package browser_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	page  = "https://app.example/page.html"
	app   = "https://app.example"
	thing = "https://api.example/thing"
	first = "https://old.example/start"
)

// failures are one or more of each kind, as fetch makes them.
var failures = []struct {
	name string
	browser.Failure
}{
	{"success", browser.Failure{}},
	{"success, with headers that script may not set", browser.Failure{Headers: headers.List{{Name: "Cookie", Value: "a=1"}, {Name: "X-A", Value: "1"}, {Name: "user-agent", Value: "mine"}}}},
	{"success, Authorization under *", browser.Failure{AuthorizationByWildcard: []string{thing}}},

	{"missing-allow-origin", browser.Failure{Err: &cors.Error{Reason: cors.MissingAllowOrigin, Subject: app, Status: 200}}},
	{"missing-allow-origin of a preflight", browser.Failure{Err: &cors.Error{Reason: cors.MissingAllowOrigin, Subject: app, Status: 404, Preflight: true}}},
	{"missing-allow-origin after a redirect", browser.Failure{URLs: []string{first, thing}, Err: &cors.Error{Reason: cors.MissingAllowOrigin, Subject: "null", Status: 200}}},
	{"missing-allow-origin of a redirect", redirected("https://other.example/", &cors.Error{Reason: cors.MissingAllowOrigin, Subject: app})},
	{"wildcard-allow-origin-with-credentials", browser.Failure{Err: &cors.Error{Reason: cors.WildcardAllowOriginWithCredentials, Value: "*", Subject: app, Status: 200}}},
	{"wildcard-allow-origin-with-credentials of a preflight", browser.Failure{Err: &cors.Error{Reason: cors.WildcardAllowOriginWithCredentials, Value: "*", Subject: app, Status: 204, Preflight: true}}},
	{"multiple-allow-origin", browser.Failure{Err: &cors.Error{Reason: cors.MultipleAllowOrigin, Value: app + ", " + app, Subject: app, Status: 200}}},
	{"invalid-allow-origin", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowOrigin, Value: "app.example", Subject: app, Status: 200}}},
	{"invalid-allow-origin, a URL to Chromium", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowOrigin, Value: app + "/", Subject: app, Status: 200}}},
	{"invalid-allow-origin, empty", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowOrigin, Subject: app, Present: true, Status: 200}}},
	{"invalid-allow-origin, bytes", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowOrigin, Value: "\v\xe9", Subject: app, Status: 200}}},
	{"allow-origin-mismatch", browser.Failure{Err: &cors.Error{Reason: cors.AllowOriginMismatch, Value: "https://other.example", Subject: app, Status: 200}}},
	{"allow-origin-mismatch of a preflight", browser.Failure{Err: &cors.Error{Reason: cors.AllowOriginMismatch, Value: "null", Subject: app, Status: 204, Preflight: true}}},
	{"allow-credentials-not-true", browser.Failure{Err: &cors.Error{Reason: cors.AllowCredentialsNotTrue, Value: "True", Subject: app, Status: 200}}},
	{"preflight-status", browser.Failure{Err: &cors.Error{Reason: cors.PreflightStatus, Status: 405, Preflight: true}}},
	{"preflight-redirect", preflightRedirected("https://api.example/other")},
	{"preflight-redirect to another origin", preflightRedirected("https://other.example/")},
	{"preflight-redirect to credentials", preflightRedirected("https://u:p@other.example/")},
	{"invalid-allow-methods", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowMethods, Header: "Access-Control-Allow-Methods", Value: "GET @, PUT", Subject: "GET @", Status: 204, Preflight: true}}},
	{"invalid-allow-headers", browser.Failure{Err: &cors.Error{Reason: cors.InvalidAllowHeaders, Header: "Access-Control-Allow-Headers", Value: "x y", Subject: "x y", Status: 204, Preflight: true}}},
	{"method-not-allowed", browser.Failure{Err: &cors.Error{Reason: cors.MethodNotAllowed, Subject: "PUT", Status: 204, Preflight: true}}},
	{"header-not-allowed", browser.Failure{
		Headers: headers.List{{Name: "X-CSRF", Value: "1"}, {Name: "content-type", Value: "application/json"}},
		Err: &cors.Error{Reason: cors.HeaderNotAllowed, Subject: "content-type", Status: 204, Preflight: true,
			Also: []*cors.Error{{Reason: cors.HeaderNotAllowed, Subject: "x-csrf", Status: 204, Preflight: true}}},
	}},
	{"non-wildcard-header-not-allowed", browser.Failure{
		Headers: headers.List{{Name: "authorization", Value: "t"}},
		Err:     &cors.Error{Reason: cors.NonWildcardHeaderNotAllowed, Subject: "authorization", Status: 204, Preflight: true},
	}},

	{"redirect-mode", func() browser.Failure {
		f := redirected("https://api.example/other", &cors.Error{Reason: cors.RedirectMode})
		f.Redirect = "error"
		return f
	}()},
	{"redirect-location", redirected("http://[::1/x", &cors.Error{Reason: cors.RedirectLocation})},
	{"redirect-scheme", redirected("ftp://api.example/", &cors.Error{Reason: cors.RedirectScheme})},
	{"redirect-scheme, data", redirected("data:text/plain,hi", &cors.Error{Reason: cors.RedirectScheme})},
	{"redirect-scheme, file", redirected("file:///etc/hosts", &cors.Error{Reason: cors.RedirectScheme})},
	{"redirect-scheme, blob", redirected("blob:x", &cors.Error{Reason: cors.RedirectScheme})},
	{"redirect-scheme, unknown", redirected("x:y", &cors.Error{Reason: cors.RedirectScheme})},
	{"redirect-scheme in mode no-cors", func() browser.Failure {
		f := redirected("x:y", &cors.Error{Reason: cors.RedirectScheme})
		f.Mode, f.CORS = "no-cors", false
		return f
	}()},
	{"redirect-count", redirected("/again", &cors.Error{Reason: cors.RedirectCount})},
	{"redirect-credentials", redirected("https://u:p@other.example/", &cors.Error{Reason: cors.RedirectCredentials})},
	{"redirect-body", redirected("https://api.example/other", &cors.Error{Reason: cors.RedirectBody})},

	{"same-origin-mode", browser.Failure{Mode: "same-origin", Err: &cors.Error{Reason: cors.SameOriginMode}}},
	{"same-origin-mode of an opaque origin", browser.Failure{Mode: "same-origin", Origin: "null", Err: &cors.Error{Reason: cors.SameOriginMode}}},
	{"same-origin-mode after a redirect", browser.Failure{Mode: "same-origin", URLs: []string{app + "/start", thing}, Err: &cors.Error{Reason: cors.SameOriginMode}}},
	{"no-cors-redirect-mode", browser.Failure{Mode: "no-cors", Redirect: "manual", Err: &cors.Error{Reason: cors.NoCORSRedirectMode}}},
	{"scheme-not-http", browser.Failure{URLs: []string{"ftp://api.example/"}, Err: &cors.Error{Reason: cors.SchemeNotHTTP}}},
	{"scheme-not-http, file", browser.Failure{URLs: []string{"file:///etc/hosts"}, Err: &cors.Error{Reason: cors.SchemeNotHTTP}}},
	{"invalid-data-url", browser.Failure{URLs: []string{"data:x"}, Err: &cors.Error{Reason: cors.InvalidDataURL}}},
	{"bad-port", browser.Failure{URLs: []string{"https://api.example:6000/"}, Err: &cors.Error{Reason: cors.BadPort}}},
	{"mixed-content", browser.Failure{URLs: []string{"http://api.example/thing"}, Err: &cors.Error{Reason: cors.MixedContent}}},
	{"mixed-content after a redirect", browser.Failure{URLs: []string{first, "http://api.example/thing"}, CORS: true, Err: &cors.Error{Reason: cors.MixedContent}}},
	{"cross-origin-resource-policy", browser.Failure{Mode: "no-cors", Err: &cors.Error{Reason: cors.CrossOriginResourcePolicy, Status: 200}}},
	{"only-if-cached", browser.Failure{Mode: "same-origin", URLs: []string{app + "/thing"}, Err: &cors.Error{Reason: cors.OnlyIfCached}}},
	{"proxy-authentication", browser.Failure{CORS: true, Err: &cors.Error{Reason: cors.ProxyAuthentication, Status: 407}}},
	{"transport", browser.Failure{CORS: true, Err: &cors.Error{Reason: cors.Transport}}},
	{"transport of a preflight", browser.Failure{CORS: true, Err: &cors.Error{Reason: cors.Transport, Preflight: true}}},

	{"invalid-argument, method", invalid("method", "", "G T")},
	{"invalid-argument, forbidden method", invalid("method", "", "CONNECT")},
	{"invalid-argument, method in mode no-cors", func() browser.Failure {
		f := invalid("method", "", "PUT")
		f.Mode = "no-cors"
		return f
	}()},
	{"invalid-argument, header name", invalid("headers", "X A", "1")},
	{"invalid-argument, header value", invalid("headers", "X-A", "a\nb")},
	{"invalid-argument, URL", invalid("the URL", "", "http://[::1/x")},
	{"invalid-argument, URL with credentials", invalid("the URL", "", "https://u:p@api.example/")},
	{"invalid-argument, referrer", invalid("referrer", "", "http://")},
	{"invalid-argument, cache", invalid("cache", "", "only-if-cached")},
}

func redirected(location string, err *cors.Error) browser.Failure {
	err.Status = 302
	return browser.Failure{CORS: true, Err: err, Response: headers.List{{Name: "Location", Value: location}}}
}

func preflightRedirected(location string) browser.Failure {
	f := redirected(location, &cors.Error{Reason: cors.PreflightRedirect, Preflight: true})
	f.Response = append(f.Response, headers.Header{Name: "Access-Control-Allow-Origin", Value: app})
	return f
}

func invalid(what, header, value string) browser.Failure {
	return browser.Failure{Err: &cors.Error{Reason: cors.InvalidArgument, Subject: what, Header: header, Value: value, Present: true}}
}

// TestMessages holds every message of every engine: for each kind of failure, and
// each API that differs.
func TestMessages(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.Name(), func(t *testing.T) {
			apis := []string{browser.APIFetch, browser.APIXHR, "script", "font", "image", "style"}
			if engine.Name() == "firefox" {
				apis = apis[:3] // it says the same of the others as of XMLHttpRequest
			}
			var b strings.Builder
			for _, test := range failures {
				fmt.Fprintf(&b, "# %s\n", test.name)
				for _, api := range apis {
					f := test.Failure
					f.API = api
					for _, m := range engine.Messages(complete(&f)) {
						fmt.Fprintf(&b, "%-6s  %s\n", api, strings.ReplaceAll(m.String(), "\n", `\n`))
					}
				}
				b.WriteByte('\n')
			}
			file := filepath.Join("testdata", "messages-"+engine.Name()+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
				t.Errorf("%s (-want +got), to be written anew with go test -update:\n%s", file, diff)
			}
		})
	}
}

// complete fills in what most failures have in common.
func complete(f *browser.Failure) *browser.Failure {
	if f.URLs == nil {
		f.URLs = []string{thing}
	}
	if f.Mode == "" {
		f.Mode = "cors"
	}
	if f.Origin == "" {
		f.Origin = app
	}
	f.PageURL = page
	if f.Err != nil && f.Err.Reason.IsCORS() {
		f.CORS = true
	}
	return f
}

// TestMessagesOfEveryReason renders failures of which nothing is known but the
// reason: no engine may need more not to panic.
func TestMessagesOfEveryReason(t *testing.T) {
	for _, engine := range engines {
		for _, reason := range cors.Reasons() {
			for _, mode := range []string{"", "cors", "no-cors", "same-origin", "navigate"} {
				for _, api := range []string{"", browser.APIFetch, browser.APIXHR, "style"} {
					for _, preflight := range []bool{false, true} {
						engine.Messages(&browser.Failure{API: api, Mode: mode, Err: &cors.Error{Reason: reason, Preflight: preflight, Status: 302}})
					}
				}
			}
		}
	}
}

func TestStandardHasNoMessages(t *testing.T) {
	for _, engine := range []*browser.Engine{nil, browser.Standard()} {
		if m := engine.Messages(complete(&browser.Failure{Err: &cors.Error{Reason: cors.MissingAllowOrigin}})); m != nil || engine.HasMessages() {
			t.Errorf("%v", m)
		}
	}
}
