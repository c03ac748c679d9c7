package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/record"
)

// What recorders of all kinds write, and the reader has to know: nothing is blocked for which there
// is no evidence of CORS, and what the file tells is used.
func TestWild(t *testing.T) {
	const (
		referer = "referer: https://app.example/"
		agent   = "user-agent: Mozilla/5.0 AppleWebKit/537.36 Chrome/58.0.0.0 Safari/537.36"
		html    = "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		any     = "accept: */*"
		cdn     = "https://cdn.example/"
	)
	for _, test := range []struct {
		name, creator string
		entries       []string
		want          []string
	}{
		{"QtWebKit, which leaves the headers of the network out", "Splash", []string{
			entry("GET", "https://app.example/", agent, html, "= 200"),
			entry("GET", cdn+"a", referer, agent, any, "= 200", "content-type: image/jpeg", anyOrigin),
			entry("GET", cdn+"b", referer, agent, any, "cookie: a=b", "= 200", "content-type: text/plain"),
			entry("GET", cdn+"frame", referer, agent, html, "= 200", "content-type: text/html"),
		}, []string{"not-subject navigation", "not-subject no-cors", "not-subject no-cors", "not-subject navigation"}},
		{"the same, of which one failed", "Splash", []string{entry("GET", cdn+"data", referer, agent, any, "= 0")},
			[]string{"undecidable response request-mode"}},
		{"a recorder that is not known, without what was sent", "Somebody's", []string{
			entry("GET", cdn+"data", referer, agent, "= 200", "content-type: application/json"),
			entry("GET", cdn+"a.png", referer, agent, "= 200", "content-type: image/png"),
		}, []string{"undecidable request-mode", "not-subject no-cors"}},
		{"the page is not known, and does not matter", "Firebug", []string{
			entry("GET", "https://app.example/", host, html, "= 200"),
			entry("GET", "http://ocsp.example/AAA", host, any, "= 200", "content-type: application/ocsp-response"),
			entry("GET", "http://ocsp.example/AAA", host, any, "= 0"),
		}, []string{"not-subject navigation", "not-subject no-cors", "undecidable page-origin"}},
		{"Chrome before it marked every entry", "WebInspector/", []string{
			entry("GET", cdn+"app.css", referer, agent, "= 200", "content-type: text/css"),
			entry("GET", cdn+"f.woff2", fromApp, host, agent, "= 200", "content-type: font/woff2", anyOrigin),
			entry("GET", api, fromApp, host, agent, "= 200", echo, acac),
			entry("GET", api, fromApp, host, "= 200", echo, acac),
		}, []string{"not-subject no-cors", "allowed", "allowed", "undecidable request-headers"}},
		{"old Chrome lists a preflight before its request", "WebInspector", []string{
			entry("OPTIONS", api, fromApp, host, `"_resourceType":"fetch"`, "access-control-request-method: PUT", "= 204", echo, acac, "access-control-allow-methods: PUT"),
			entry("PUT", api, fromApp, host, `"_resourceType":"fetch"`, "= 200", echo, acac),
		}, []string{"allowed, explained"}},
		{"a font has no credentials", "Chrome HAR Capturer", []string{
			entry("GET", cdn+"fonts/a.woff2", fromApp, host, "= 200", "content-type: font/woff2", anyOrigin),
			entry("GET", cdn+"fonts/a", fromApp, host, "= 200", "content-type: application/font-woff", anyOrigin),
			entry("GET", cdn+"fonts.json", fromApp, host, "= 200", "content-type: application/json", anyOrigin),
		}, []string{"allowed", "allowed", "undecidable credentials-mode"}},
		{"fetch() may have asked in mode no-cors", "WebInspector", []string{
			entry("POST", api, fromApp, host, any, `"_resourceType":"fetch"`, `"_error":null`, "content-type: text/plain", "cookie: a=b", "= 200", echo, "access-control-allow-credentials: True"),
			entry("POST", api, fromApp, host, any, `"_resourceType":"fetch"`, `"_error":null`, "content-type: text/plain", "cookie: a=b", "= 200", echo, acac),
			entry("POST", api, fromApp, host, any, `"_resourceType":"fetch"`, `"_error":"net::ERR_FAILED"`, "content-type: text/plain", "cookie: a=b", "= 200", echo, "access-control-allow-credentials: True"),
		}, []string{"undecidable request-mode", "allowed, explained", "blocked allow-credentials-not-true, explained"}},
		{"a POST has an Origin in each mode", "Somebody's", []string{
			entry("POST", api, fromApp, host, any, "content-type: text/plain", "= 200", "x: y"),
			entry("POST", api, fromApp, host, any, "content-type: text/plain", "= 200", echo, acac),
			entry("POST", api, fromApp, host, "accept: application/json", "content-type: text/plain", "= 200", "x: y"),
			entry("POST", api, fromApp, host, any, "content-type: application/json", "= 200", "x: y"),
		}, []string{"undecidable request-mode", "allowed", "blocked missing-allow-origin", "blocked missing-allow-origin"}},
		{"a form's POST that is redirected to a GET, which keeps the Origin", "Splash", []string{entry("GET", cdn, fromApp, html, "= 200")}, []string{"not-subject navigation"}},
		{"a method that has no name", "Splash", []string{
			entry("?", api, fromApp, any, "access-control-request-method: PUT", "access-control-request-headers: origin, content-type", "= 200", echo, acac, "access-control-allow-methods: PUT", "access-control-allow-headers: content-type"),
			entry("PUT", api, fromApp, any, "content-type: application/json", "= 200", echo, acac),
		}, []string{"allowed"}},
		{"the request line as a header", "WebPagetest", []string{
			entry("GET", api, "GET /things?next=http: //app.example/ HTTP/1.1", host, fromApp, "= 200", echo, acac),
			entry("GET", api, "GET /things?next=http: //app.example/ HTTP/1.1", host, referer, "= 200"),
		}, []string{"allowed", "not-subject no-cors"}},
		{"an extension may read what it has a permission for", "WebInspector", []string{
			entry("GET", api, "origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop", host, modeCORS, "= 200"),
			entry("GET", api, "origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop", host, modeCORS, `"_error":"net::ERR_FAILED"`, "= 200", "x: y"),
		}, []string{"not-subject extension", "blocked missing-allow-origin, explained"}},
		{"a page of which only the document is recorded", "Somebody's", []string{
			entry("GET", "https://app.example/start", host, html, `"pageref":"p"`, "= 200"),
			entry("GET", api, host, modeCORS, `"pageref":"p"`, "= 200", echo, acac),
		}, []string{"not-subject navigation", "allowed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, err := record.NewReader(strings.NewReader(har(test.creator, test.entries...)), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range judgeAll(t, in, Options{}) {
				got = append(got, say(r))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a request came to instead is said, in the words that explain has for it.
func TestFailedOtherwise(t *testing.T) {
	for code, want := range map[string]string{
		"net::ERR_BLOCKED_BY_CLIENT":      "extension",
		"net::ERR_BLOCKED_BY_CSP":         "Content Security Policy",
		"net::ERR_CERT_AUTHORITY_INVALID": "certificate",
	} {
		in, err := record.NewReader(strings.NewReader(har("WebInspector", entry("GET", api, fromApp, `"_error":"`+code+`"`, "= 0"))), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range judgeAll(t, in, Options{}) {
			if notes := strings.Join(r.Notes, " "); !strings.Contains(notes, code+": ") || !strings.Contains(notes, want) {
				t.Errorf("%s: %q, want %q in it", code, notes, want)
			}
		}
	}
}
