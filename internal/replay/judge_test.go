package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// say puts a result into a few words: the engine if there are several, the
// outcome, why, and how it stands to what happened.
func say(r *Result) string {
	var all []string
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		s := v.Outcome.String()
		if len(r.Verdicts) > 1 {
			s = v.Engine.Name() + " " + s
		}
		switch v.Outcome {
		case Blocked:
			for _, e := range v.Err.All() {
				s += " " + reason(e)
			}
		case Undecidable:
			for one := range v.Missing.All() {
				s += " " + one.String()
			}
		case NotSubject:
			s += " " + v.Exempt.String()
		case Asks:
			s += " " + v.Permission
		}
		if v.PreflightFrom == PreflightCached {
			s += " cached"
		}
		if v.Agreement != Silent {
			s += ", " + v.Agreement.String()
		}
		if len(all) == 0 || !strings.HasSuffix(all[len(all)-1], strings.TrimPrefix(s, v.Engine.Name())) {
			all = append(all, s)
		}
	}
	return strings.Join(all, " | ")
}

// entry is a line of a recording. fields are "name: value" of the request, and
// after "=" with a status those of the response; "@ N" is when it began, in
// seconds; other lines are members of the entry as they stand.
func entry(method, url string, fields ...string) string {
	var request, response []string
	into, status, started, members := &request, 0, "", ""
	for _, f := range fields {
		switch {
		case strings.HasPrefix(f, "= "):
			into = &response
			fmt.Sscan(f[2:], &status)
		case strings.HasPrefix(f, "@ "):
			started = fmt.Sprintf(`"startedDateTime":"2026-11-22T07:%02s:%sZ",`, "0", f[2:])
		case strings.HasPrefix(f, `"`):
			members += f + ","
		default:
			name, value, _ := strings.Cut(f, ": ")
			*into = append(*into, fmt.Sprintf(`[%q,%q]`, name, value))
		}
	}
	return fmt.Sprintf(`{%s%s"request":{"method":%q,"url":%q,"headers":[%s]},"response":{"status":%d,"headers":[%s]}}`,
		started, members, method, url, strings.Join(request, ","), status, strings.Join(response, ","))
}

// har makes a HAR of entries as a program writes it, or JSON lines if that is "".
func har(creator string, entries ...string) string {
	if creator == "" {
		return strings.Join(entries, "\n")
	}
	entries = append([]string(nil), entries...)
	for i, e := range entries {
		if creator == "WebInspector" && e[0] == '{' && !strings.Contains(e, `"_error":`) {
			entries[i] = `{"_error":null,` + e[1:]
		}
	}
	name, browserName, _ := strings.Cut(creator, "/")
	return fmt.Sprintf(`{"log":{"creator":{"name":%q},"browser":{"name":%q},"entries":[%s]}}`, name, browserName, strings.Join(entries, ","))
}

const (
	fromApp   = "origin: https://app.example"
	api       = "https://api.example/things"
	modeCORS  = "sec-fetch-mode: cors"
	anyOrigin = "access-control-allow-origin: *"
	echo      = "access-control-allow-origin: https://app.example"
	acac      = "access-control-allow-credentials: true"
	host      = "host: api.example"
)

func TestJudge(t *testing.T) {
	preflight := func(fields ...string) string {
		return entry("OPTIONS", api, append([]string{fromApp, host, "access-control-request-method: PUT"}, fields...)...)
	}
	both := Options{Engines: []*browser.Engine{browser.Standard(), browser.Chromium()}}
	tests := []struct {
		name    string
		creator string
		options Options
		entries []string
		want    []string
	}{
		// Who is subject.
		{name: "same origin", entries: []string{entry("GET", "https://app.example/x", "referer: https://app.example/", "= 200")}, want: []string{"not-subject same-origin"}},
		{name: "same origin by the browser's word", entries: []string{entry("GET", api, modeCORS, "sec-fetch-site: same-origin", "= 200")}, want: []string{"not-subject same-origin"}},
		{name: "navigation", entries: []string{entry("GET", api, "sec-fetch-mode: navigate", "= 200")}, want: []string{"not-subject navigation"}},
		{name: "a form's POST", entries: []string{entry("POST", api, fromApp, "upgrade-insecure-requests: 1", "= 200")}, want: []string{"not-subject navigation"}},
		{name: "no-cors", entries: []string{entry("GET", api, "sec-fetch-mode: no-cors", "= 200")}, want: []string{"not-subject no-cors"}},
		{name: "an image", entries: []string{entry("GET", api, `"_resourceType":"image"`, "referer: https://app.example/", "= 200")}, want: []string{"not-subject no-cors"}},
		{name: "an image that was not sent", creator: "Playwright/chromium", entries: []string{
			entry("GET", api, `"_resourceType":"image"`, "referer: https://app.example/", `"_failureText":"net::ERR_FAILED"`, "= -1"),
			entry("GET", api, `"_resourceType":"image"`, "referer: https://app.example/", `"_failureText":"net::ERR_CONNECTION_REFUSED"`, "= -1")},
			want: []string{"undecidable response", "not-subject no-cors"}},
		{name: "a POST that got what does not allow it", creator: "WebInspector", entries: []string{
			entry("POST", api, fromApp, host, "= 200", "access-control-allow-origin: https://other.example"), entry("POST", api, fromApp, host, `"_error":"net::ERR_FAILED"`, "= 200", "x: y"),
			entry("POST", "https://api.example/x", "origin: null", host, "= 303", "access-control-allow-origin: null", acac, "location: "+api), entry("GET", api, host, "= 200", "x: y")},
			want: []string{"not-subject no-cors", "blocked missing-allow-origin, explained", "allowed, explained", "not-subject no-cors"}},
		{name: "a fetch of a sandboxed document", creator: "WebInspector", entries: []string{
			entry("GET", api, `"_resourceType":"fetch"`, "origin: null", host, "= 200", "x: y"), entry("GET", api, `"_resourceType":"fetch"`, fromApp, host, "= 200", "x: y")},
			want: []string{"not-subject no-cors", "blocked missing-allow-origin, contradicted"}},
		{name: "beacons", creator: "WebInspector", entries: []string{
			entry("POST", api, `"_resourceType":"ping"`, fromApp, "content-type: application/json", `"_error":"net::ERR_FAILED"`, "= 200", "x: y"),
			entry("POST", api, `"_resourceType":"ping"`, fromApp, "content-type: text/plain", "= 200", "x: y"), entry("POST", api, `"_resourceType":"ping"`, fromApp, "content-type: text/ping", "= 200", "x: y")},
			want: []string{"blocked missing-allow-origin, explained", "not-subject no-cors", "not-subject no-cors"}},
		{name: "a script of a frame, sandboxed or of another site", creator: "WebInspector", entries: []string{
			entry("GET", api, `"_resourceType":"script"`, "origin: null", host, "= 200", "x: y"),
			entry("GET", api, `"_resourceType":"script"`, "origin: null", host, "= 200", "access-control-allow-origin: null", acac),
			entry("GET", api, `"_resourceType":"script"`, "origin: null", host, `"_error":"net::ERR_FAILED"`, "= 200", "x: y"),
			entry("GET", api, `"_resourceType":"script"`, fromApp, host, "= 200", "x: y")},
			want: []string{"not-subject no-cors", "allowed, explained", "blocked missing-allow-origin, explained", "not-subject no-cors"}},
		{name: "Sec-Fetch-Mode before the type", entries: []string{entry("GET", api, `"_resourceType":"image"`, modeCORS, fromApp, "= 200", "x: y")}, want: []string{"blocked missing-allow-origin"}},
		{name: "a GET of another site that sent no Origin", entries: []string{entry("GET", api, host, "referer: https://app.example/", "= 200")}, want: []string{"not-subject no-cors"}},
		{name: "a POST without Origin is no browser's", entries: []string{entry("POST", api, host, "referer: https://app.example/", "= 200")}, want: []string{"not-subject not-from-a-page"}},
		{name: "websocket", entries: []string{entry("GET", "wss://api.example/", fromApp, "= 101")}, want: []string{"not-subject websocket"}},
		{name: "data", entries: []string{entry("GET", "data:,", "= 200")}, want: []string{"not-subject other-scheme"}},
		{name: "a test's own request", entries: []string{entry("GET", api, `"_apiRequest":true`, fromApp, "= 200")}, want: []string{"not-subject not-from-a-page"}},
		{name: "a service worker's answer", entries: []string{entry("GET", api, `"_fetchedViaServiceWorker":true`, fromApp, modeCORS, "= 200")}, want: []string{"not-subject service-worker"}},
		{name: "a service worker's answer in Safari", entries: []string{entry("GET", api, `"_fetchType":"Service Worker"`, fromApp, modeCORS, "= 200")}, want: []string{"not-subject service-worker"}},
		{name: "a GET through a proxy that sent no Origin", creator: "mitmproxy", entries: []string{entry("GET", api, "referer: https://app.example/", "= 200")}, want: []string{"not-subject no-cors"}},
		{name: "no URL", entries: []string{entry("GET", "https://", fromApp, "= 200")}, want: []string{"undecidable url"}},
		{name: "nobody asked", entries: []string{entry("GET", api, host, "= 200", anyOrigin)}, want: []string{"not-subject no-cors"}},
		{name: "nobody asked, and it failed", entries: []string{entry("GET", api, "= 0")}, want: []string{"undecidable page-origin"}},

		// The page.
		{name: "Origin before Referer", entries: []string{entry("GET", api, fromApp, "referer: https://other.example/", "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "Referer before the page", entries: []string{entry("GET", api, modeCORS, "referer: https://app.example/x", `"pageURL":"https://other.example/"`, "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "the page", entries: []string{entry("GET", api, modeCORS, `"pageURL":"https://app.example/"`, "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "null", entries: []string{entry("GET", api, modeCORS, "origin: null", "= 200", "access-control-allow-origin: null", acac)}, want: []string{"allowed"}},

		// Credentials.
		{name: "unknown, and it matters", entries: []string{entry("GET", api, fromApp, "= 200", anyOrigin)}, want: []string{"undecidable credentials-mode"}},
		{name: "unknown, and it does not matter", entries: []string{entry("GET", api, fromApp, "= 200", echo, acac), entry("GET", api, fromApp, "= 200", "x: y")},
			want: []string{"allowed", "blocked missing-allow-origin"}},
		{name: "cookies", entries: []string{entry("GET", api, fromApp, "cookie: a=1", "= 200", anyOrigin)},
			want: []string{"blocked wildcard-allow-origin-with-credentials allow-credentials-not-true"}},
		{name: "storage access", entries: []string{entry("GET", api, fromApp, "sec-fetch-storage-access: active", "= 200", echo)}, want: []string{"blocked allow-credentials-not-true"}},
		{name: "a font", entries: []string{entry("GET", api, fromApp, modeCORS, "sec-fetch-dest: font", "= 200", anyOrigin)}, want: []string{"allowed"}},
		{name: "by what happened", creator: "WebInspector", entries: []string{entry("GET", api, fromApp, host, "= 200", anyOrigin), entry("GET", api, fromApp, host, `"_error":"net::ERR_FAILED"`, "= 200", anyOrigin)},
			want: []string{"allowed, explained", "blocked wildcard-allow-origin-with-credentials allow-credentials-not-true, explained"}},
		{name: "by what happened at the preflight", creator: "WebInspector", entries: []string{
			entry("PUT", api, "referer: https://app.example/", `"_error":"net::ERR_FAILED"`, "= 0"), preflight("= 204", anyOrigin, "access-control-allow-methods: PUT"),
			entry("PUT", api, "referer: https://app.example/", `"_error":"net::ERR_FAILED"`, "= 0"), preflight(`"pageref":"page_1"`, "= 204", anyOrigin, "access-control-allow-methods: PUT"),
			entry("PUT", api, "referer: https://app.example/", `"_error":"net::ERR_CONNECTION_RESET"`, "= 0"), preflight("= 204", anyOrigin, "access-control-allow-methods: PUT")},
			want: []string{
				"blocked preflight: wildcard-allow-origin-with-credentials preflight: allow-credentials-not-true, explained",
				"undecidable credentials-mode cookies-removed response", "undecidable credentials-mode cookies-removed response"}},
		{name: "by what was sent after the preflight", creator: "WebInspector", entries: []string{
			entry("PUT", api, fromApp, host, `"_error":"net::ERR_EMPTY_RESPONSE"`, "= 0"), preflight("= 204", anyOrigin, "access-control-allow-methods: PUT")},
			want: []string{"undecidable response"}},
		{name: "by a response that broke off", creator: "WebInspector", entries: []string{entry("GET", api, fromApp, `"_error":"net::ERR_CONTENT_LENGTH_MISMATCH"`, "= 200", anyOrigin)}, want: []string{"allowed"}},
		{name: "what if included", options: Options{Credentials: CredentialsIncluded}, entries: []string{entry("GET", api, fromApp, "= 200", anyOrigin)},
			want: []string{"blocked wildcard-allow-origin-with-credentials allow-credentials-not-true"}},
		{name: "what if not", options: Options{Credentials: CredentialsNotIncluded}, entries: []string{entry("GET", api, fromApp, "cookie: a=1", "= 200", anyOrigin)}, want: []string{"allowed"}},
		{name: "removed", creator: "WebInspector", entries: []string{entry("GET", api, fromApp, `"_error":"net::ERR_ABORTED"`, "= 0", anyOrigin)}, want: []string{"undecidable credentials-mode cookies-removed"}},

		// Preflights.
		{name: "paired", entries: []string{preflight("= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, fromApp, "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "refused", entries: []string{preflight("= 204", echo, acac), entry("PUT", api, fromApp, "= 0")}, want: []string{"blocked preflight: method-not-allowed"}},
		{name: "alone", entries: []string{preflight("= 404", echo, acac, "access-control-allow-methods: PUT")}, want: []string{"blocked preflight: preflight-status"}},
		{name: "missing", entries: []string{entry("PUT", api, fromApp, "= 200", echo, acac)}, want: []string{"undecidable preflight"}},
		{name: "missing, and the response decides", entries: []string{entry("PUT", api, fromApp, "= 200", "x: y")}, want: []string{"blocked missing-allow-origin"}},
		{name: "missing for a header of script", entries: []string{entry("GET", api, fromApp, "x-key: 1", "= 200", echo, acac)}, want: []string{"undecidable preflight"}},
		{name: "what user agents and proxies add needs none",
			entries: []string{entry("GET", api, fromApp, "user-agent: x", "dnt: 1", "priority: u=1", "if-none-match: x", "x-forwarded-for: ::1", "cf-ray: 1", "sec-gpc: 1", "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "missing, but the page got the response, as far as the browser itself goes", creator: "WebInspector", options: both, entries: []string{entry("PUT", api, fromApp, host, "= 200", echo, acac)},
			want: []string{"standard allowed, explained"}},
		{name: "missing, and a page elsewhere might not have got it", creator: "WebInspector", options: Options{Engines: both.Engines, Origin: "https://app.example"}, entries: []string{entry("PUT", api, fromApp, host, "= 200", echo, acac)},
			want: []string{"standard undecidable preflight"}},
		{name: "missing, and the credentials mode is what let the page have it", creator: "Playwright/chromium", options: both, entries: []string{entry("PUT", api, fromApp, host, "= 200", anyOrigin)},
			want: []string{"standard allowed, explained"}},
		{name: "without its response", entries: []string{preflight("= 0"), entry("PUT", api, fromApp, "= 200", echo, acac)}, want: []string{"undecidable preflight-response"}},
		{name: "for an upload listener", entries: []string{
			entry("OPTIONS", api, fromApp, "access-control-request-method: POST", "= 204", "x: y"), entry("POST", api, fromApp, "= 0")},
			want: []string{"blocked preflight: missing-allow-origin"}},
		{name: "Authorization that was removed is known by the preflight", creator: "WebInspector", entries: []string{
			entry("GET", api, fromApp, host, "= 200", anyOrigin),
			entry("OPTIONS", api, fromApp, host, "access-control-request-method: GET", "access-control-request-headers: authorization", "= 204", anyOrigin, "access-control-allow-headers: *")},
			want: []string{"blocked preflight: non-wildcard-header-not-allowed"}},

		// The preflight cache.
		{name: "cached", entries: []string{
			preflight("@ 01", "= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, fromApp, "@ 02", "= 200", echo, acac),
			entry("PUT", api, fromApp, "@ 05", "= 200", echo, acac), entry("PUT", api, fromApp, "@ 07", "= 200", echo, acac)},
			want: []string{"allowed", "allowed cached", "undecidable preflight"}},
		{name: "cached for another method", entries: []string{
			preflight("@ 01", "= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, fromApp, "@ 02", "= 200", echo, acac),
			entry("DELETE", api, fromApp, "@ 03", "= 200", echo, acac)},
			want: []string{"allowed", "undecidable preflight"}},
		{name: "cached no longer after a failure", entries: []string{
			preflight("@ 01", "= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, fromApp, "@ 02", "= 200", "x: y"),
			entry("PUT", api, fromApp, "@ 03", "= 200", echo, acac)},
			want: []string{"blocked missing-allow-origin", "undecidable preflight"}},

		// Redirects.
		{name: "within an origin", entries: []string{
			entry("GET", api, fromApp, "= 302", echo, acac, "location: /other"), entry("GET", "https://api.example/other", fromApp, "= 200", echo, acac)},
			want: []string{"allowed", "allowed"}},
		{name: "out and back taints", entries: []string{
			entry("GET", "https://app.example/x", modeCORS, "sec-fetch-site: same-origin", "referer: https://app.example/", "= 302", "location: "+api),
			entry("GET", api, modeCORS, "referer: https://app.example/", "= 302", echo, acac, "location: https://app.example/y"),
			entry("GET", "https://app.example/y", modeCORS, "referer: https://app.example/", "= 200", echo, acac)},
			want: []string{"not-subject same-origin", "allowed", "blocked allow-origin-mismatch"}},
		{name: "a third origin taints", entries: []string{
			entry("GET", api, modeCORS, fromApp, "= 302", echo, acac, "location: https://third.example/"),
			entry("GET", "https://third.example/", modeCORS, "referer: https://app.example/", "= 200", "access-control-allow-origin: null", acac)},
			want: []string{"allowed", "allowed"}},
		{name: "refused", creator: "Firefox", entries: []string{
			entry("GET", api, modeCORS, fromApp, host, "= 302", "location: /other"), entry("GET", "https://api.example/other", host, "referer: https://app.example/", "= 0")},
			want: []string{"blocked missing-allow-origin", "not-subject never-sent"}},
		{name: "of an image in mode cors, refused at the second", creator: "Playwright/chromium", entries: []string{
			entry("GET", api, `"_resourceType":"image"`, fromApp, host, "= 302", echo, acac, "location: /other"), entry("GET", "https://api.example/other", `"_resourceType":"image"`, `"_failureText":"net::ERR_FAILED"`, "= -1"),
			entry("GET", api, `"_resourceType":"image"`, host, "= 302", "location: /other"), entry("GET", "https://api.example/other", `"_resourceType":"image"`, "user-agent: x", `"_failureText":"net::ERR_TIMED_OUT"`, "= -1")},
			want: []string{"allowed, explained", "undecidable response", "not-subject no-cors", "not-subject no-cors"}},
		{name: "allowed and not followed", creator: "WebInspector", entries: []string{
			entry("GET", api, fromApp, host, `"_error":"net::ERR_FAILED"`, "= 302", anyOrigin, acac, "location: /other"), entry("GET", api, fromApp, host, `"_error":"net::ERR_FAILED"`, "= 302", echo, acac, "location: /other")},
			want: []string{"undecidable credentials-mode cookies-removed", "allowed"}},
		{name: "refused after a POST", creator: "Firefox", entries: []string{
			entry("POST", api, fromApp, host, "content-type: text/plain", "= 302", "x: y", "location: https://app.example/x"), entry("GET", "https://app.example/x", host, "referer: https://app.example/", "= 0")},
			want: []string{"undecidable request-mode", "undecidable response"}},
		{name: "answered by the HTTP cache", entries: []string{
			`{"request":{"method":"GET","url":"` + api + `","headers":[["origin","https://app.example"]]},"response":{"status":0,"redirectURL":"https://third.example/"}}`,
			entry("GET", "https://third.example/", modeCORS, "= 200", "access-control-allow-origin: null", acac)},
			want: []string{"undecidable response", "allowed"}},
		{name: "to another scheme, which is recorded apart", creator: "WebInspector", entries: []string{
			entry("GET", api, fromApp, host, "= 302", echo, acac, "location: ftp://b.example/"), entry("GET", "ftp://b.example/", `"_error":"net::ERR_FAILED"`, "= 0")},
			want: []string{"blocked redirect-scheme", "not-subject other-scheme"}},
		{name: "not followed, and asked again by another page", creator: "WebInspector", entries: []string{
			entry("GET", api, "origin: null", host, `"_error":"net::ERR_FAILED"`, "= 302", "x: y", "location: "+api), entry("GET", api, "referer: https://app.example/", "= 200", echo, acac)},
			want: []string{"blocked missing-allow-origin, explained", "undecidable request-mode"}},
		{name: "to credentials", entries: []string{entry("GET", api, fromApp, "= 302", echo, acac, "location: https://u:p@api.example/")}, want: []string{"blocked redirect-credentials"}},
		{name: "to another scheme", entries: []string{entry("GET", api, fromApp, "= 302", echo, acac, "location: data:,x")}, want: []string{"blocked redirect-scheme"}},
		{name: "to nothing", entries: []string{entry("GET", api, fromApp, "= 302", echo, acac, "location: https://[")}, want: []string{"blocked redirect-location"}},

		{name: "preflighted for the page's origin, as in Firefox", creator: "Firefox", entries: []string{
			entry("PUT", "https://third.example/", "origin: null", host, "= 200", "access-control-allow-origin: null", acac),
			entry("OPTIONS", "https://third.example/", fromApp, host, "access-control-request-method: PUT", "= 204", echo, acac, "access-control-allow-methods: PUT")},
			want: []string{"allowed"}},
		{name: "preflighted at home, which Firefox does not check", creator: "Firefox", options: Options{Engines: []*browser.Engine{browser.Firefox(), browser.WebKit()}}, entries: []string{
			entry("PUT", api, fromApp, host, "= 307", echo, acac, "location: https://app.example/x"), preflight("= 204", echo, acac, "access-control-allow-methods: PUT"),
			entry("PUT", "https://app.example/x", "origin: null", host, "= 200", "access-control-allow-origin: null", acac),
			entry("OPTIONS", "https://app.example/x", fromApp, host, "access-control-request-method: PUT", "= 204", "access-control-allow-methods: PUT")},
			want: []string{"firefox allowed", "firefox allowed | webkit blocked preflight: missing-allow-origin"}},
		{name: "of which Firefox checks the rest", creator: "Firefox", options: Options{Engines: []*browser.Engine{browser.Firefox()}}, entries: []string{
			entry("PUT", api, fromApp, host, "= 307", echo, acac, "location: https://app.example/x"), preflight("= 204", echo, acac, "access-control-allow-methods: PUT"),
			entry("PUT", "https://app.example/x", "origin: null", host, `"_error":"NS_ERROR_DOM_BAD_URI"`, "= 0"),
			entry("OPTIONS", "https://app.example/x", fromApp, host, "access-control-request-method: PUT", "= 404", "access-control-allow-methods: PUT")},
			want: []string{"allowed", "blocked preflight: preflight-status, explained"}},

		// What recordings leave out.
		{name: "the stored response of what is not modified", creator: "WebInspector", entries: []string{
			entry("GET", api, fromApp, host, "if-none-match: x", "= 304", "x: y"), entry("GET", api, fromApp, host, "if-none-match: x", "= 304", echo, acac),
			entry("GET", api, fromApp, host, "if-none-match: x", `"_error":"net::ERR_FAILED"`, "= 304", "access-control-allow-origin: https://other.example"),
			entry("GET", api, fromApp, host, "if-none-match: x", `"_error":"net::ERR_FAILED"`, "= 200", "x: y")},
			want: []string{"undecidable response-headers", "allowed, explained", "blocked allow-origin-mismatch, explained", "blocked missing-allow-origin, explained"}},
		{name: "the stored response is recorded", creator: "Firefox", entries: []string{
			entry("GET", api, fromApp, host, "= 200", "etag: x", echo, acac), entry("GET", api, fromApp, host, "if-none-match: x", "= 304", "etag: x"),
			entry("GET", api, fromApp, host, "if-none-match: y", "= 304", "etag: y"), entry("GET", api, fromApp, host, "if-none-match: x", "= 200", "etag: z"),
			entry("GET", api, fromApp, host, "if-none-match: z", "= 304"), entry("GET", api, fromApp, host, "if-none-match: x", "= 304", "access-control-allow-origin: null")},
			want: []string{"allowed", "allowed", "undecidable response-headers", "blocked missing-allow-origin", "undecidable response-headers", "blocked allow-origin-mismatch"}},
		{name: "no response", entries: []string{entry("GET", api, fromApp, "= 0")}, want: []string{"undecidable response"}},
		{name: "a status of 0 with headers is judged by them", entries: []string{entry("GET", api, fromApp, "= 0", "content-type: text/plain")}, want: []string{"blocked missing-allow-origin"}},
		{name: "no response headers", entries: []string{`{"request":{"method":"GET","url":"` + api + `","headers":{"origin":"https://app.example"}},"response":{"status":200}}`}, want: []string{"undecidable response-headers"}},
		{name: "headers as an object", entries: []string{
			`{"request":{"method":"GET","url":"` + api + `","headers":{"origin":"https://app.example"}},"response":{"status":200,"headers":{"access-control-allow-origin":"https://app.example","access-control-allow-credentials":"true"}}}`,
			`{"request":{"method":"GET","url":"` + api + `","headers":{"origin":"https://app.example"}},"response":{"status":200,"headers":{"access-control-allow-origin":"https://other.example"}}}`},
			want: []string{"undecidable repeats", "blocked allow-origin-mismatch"}},
		{name: "redacted", entries: []string{entry("GET", api, fromApp, "= 200", "access-control-allow-origin: [redacted]"), entry("GET", api, fromApp, "cookie: [redacted]", "= 200", echo)},
			want: []string{"undecidable credentials-mode redacted-values", "blocked allow-credentials-not-true"}},

		{name: "Origin redacted", entries: []string{
			entry("GET", api, modeCORS, "origin: [redacted]", "= 200", echo, acac), entry("GET", api, "origin: REDACTED", "= 200", "x: y"), entry("GET", api, modeCORS, "origin: ***", "= 200", echo, acac),
			entry("GET", api, modeCORS, "origin: ", "= 200", echo, acac), entry("GET", api, modeCORS, "origin: https://app.example/", "= 200", echo, acac),
			entry("GET", api, modeCORS, "origin: https://redacted.example", "= 200", echo, acac)},
			want: []string{"undecidable page-origin", "undecidable page-origin", "undecidable page-origin", "undecidable page-origin", "undecidable page-origin", "undecidable page-origin"}},
		{name: "Origin redacted, and others tell the page", entries: []string{
			entry("GET", api, modeCORS, "origin: [redacted]", "referer: https://app.example/x", "= 200", echo, acac),
			entry("GET", api, modeCORS, "origin: [redacted]", "referer: [redacted]", `"pageURL":"https://app.example/"`, "= 200", echo, acac),
			entry("GET", api, modeCORS, "origin: [redacted]", "referer: https://[redacted]/", "= 200", echo, acac),
			preflight("= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, modeCORS, host, "origin: [redacted]", "= 200", echo, acac)},
			want: []string{"allowed", "allowed", "undecidable page-origin", "allowed"}},
		{name: "an extension's Origin", entries: []string{entry("GET", api, modeCORS, "origin: chrome-extension://abcdefghijklmnop", "= 200", "access-control-allow-origin: chrome-extension://abcdefghijklmnop", acac)}, want: []string{"allowed"}},
		{name: "no-cors by what the page got, though its Origin was redacted", creator: "WebInspector", entries: []string{
			entry("GET", api, "origin: [redacted]", "referer: https://app.example/", "= 200", "x: y"), entry("GET", api, "origin: [redacted]", "referer: https://app.example/", "= 200", "access-control-allow-origin: null", acac)},
			want: []string{"not-subject no-cors", "undecidable page-origin"}},
		{name: "preflight's values redacted", entries: []string{
			entry("OPTIONS", api, fromApp, "access-control-request-method: [redacted]", "= 204", echo, acac),
			entry("OPTIONS", api, fromApp, "access-control-request-method: PUT", "access-control-request-headers: [redacted]", "= 204", echo, acac, "access-control-allow-methods: PUT"),
			entry("OPTIONS", api, fromApp, "access-control-request-method: PUT", "access-control-request-headers: [redacted]", "= 204", echo, acac),
			entry("OPTIONS", api, "origin: [redacted]", "access-control-request-method: PUT", "= 204", echo, acac)},
			want: []string{"undecidable request-headers", "undecidable redacted-values", "blocked preflight: method-not-allowed", "undecidable page-origin"}},
		{name: "what the preflight asked for redacted, and the request has it", entries: []string{
			entry("OPTIONS", api, fromApp, "access-control-request-method: PUT", "access-control-request-headers: ***", "= 204", echo, acac, "access-control-allow-methods: PUT", "access-control-allow-headers: x-a"),
			entry("PUT", api, fromApp, host, "x-a: 1", "= 200", echo, acac),
			entry("OPTIONS", api, fromApp, "access-control-request-method: PUT", "access-control-request-headers: ***", "= 204", echo, acac, "access-control-allow-methods: PUT", "access-control-allow-headers: x-b"),
			entry("PUT", api, fromApp, host, "x-a: 1", "= 200", echo, acac)},
			want: []string{"allowed", "blocked preflight: header-not-allowed"}},
		{name: "redacted, and either way the same", entries: []string{
			entry("GET", api, fromApp, "cookie: a", "= 200", echo, acac, "access-control-allow-methods: [redacted]"),
			entry("GET", api, fromApp, "cookie: a", "= 200", "access-control-allow-credentials: [redacted]"),
			entry("GET", api, fromApp, "cookie: a", "= 200", "access-control-allow-origin: https://other.example", "access-control-allow-credentials: [redacted]"),
			entry("GET", api, fromApp, "sec-fetch-dest: font", "= 200", anyOrigin, "access-control-allow-credentials: [redacted]"),
			entry("GET", api, fromApp, "cookie: a", "= 200", echo, "access-control-allow-credentials: [redacted]"),
			preflight("= 204", echo, acac, "access-control-allow-methods: PUT", "access-control-allow-headers: [redacted]"), entry("PUT", api, fromApp, "= 200", echo, acac),
			preflight("= 204", echo, acac, "access-control-allow-methods: [redacted]"), entry("PUT", api, fromApp, "= 200", echo, acac),
			preflight("= 404", echo, acac, "access-control-allow-methods: [redacted]"), entry("PUT", api, fromApp, "= 200", echo, acac)},
			want: []string{"allowed", "blocked missing-allow-origin", "blocked allow-origin-mismatch", "allowed", "undecidable redacted-values",
				"allowed", "undecidable redacted-values", "blocked preflight: preflight-status"}},
		{name: "no request headers", creator: "WebInspector", entries: []string{
			entry("GET", api, `"_resourceType":"image"`, `"pageURL":"https://app.example/"`, "= 200", "x: y"), entry("GET", api, `"_resourceType":"script"`, `"pageURL":"https://app.example/"`, "= 200", echo, acac),
			entry("GET", api, `"_resourceType":"fetch"`, `"pageURL":"https://app.example/"`, `"_error":"net::ERR_FAILED"`, "= 200", "x: y"), entry("GET", api, `"_resourceType":"fetch"`, `"pageURL":"https://app.example/"`, "= 200", "x: y"),
			entry("GET", api, `"_resourceType":"xhr"`, `"pageURL":"https://app.example/"`, `"_error":"net::ERR_FAILED"`, "= 200", "x: y"), entry("PUT", api, `"_resourceType":"fetch"`, `"pageURL":"https://app.example/"`, `"_error":"net::ERR_FAILED"`, "= 200", "x: y")},
			want: []string{"not-subject no-cors", "undecidable request-headers", "undecidable request-headers", "not-subject no-cors",
				"blocked missing-allow-origin, explained", "blocked missing-allow-origin, explained"}},
		{name: "no request headers, and nobody says what became of it", entries: []string{entry("GET", api, `"_resourceType":"image"`, `"pageURL":"https://app.example/"`, "= 200", "x: y")}, want: []string{"undecidable request-headers"}},
		{name: "one value a name in the request's headers, or a line for each value in the response's", entries: []string{
			`{"request":{"method":"GET","url":"` + api + `","headers":{"origin":"https://app.example"}},"response":{"status":200,"headers":[["access-control-allow-origin","https://app.example"],["access-control-allow-credentials","true"]]}}`,
			`{"request":{"method":"GET","url":"` + api + `","headers":{"Origin":["https://app.example"]}},"response":{"status":200,"headers":{"Access-Control-Allow-Origin":["https://app.example"],"Access-Control-Allow-Credentials":["true"]}}}`},
			want: []string{"allowed", "allowed"}},
		{name: "cookies, though the header was removed or emptied", entries: []string{
			`{"request":{"method":"GET","url":"` + api + `","cookies":[{"name":"a","value":"b"}],"headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","*"]]}}`,
			entry("GET", api, fromApp, "cookie: ", "= 200", echo),
			`{"request":{"method":"GET","url":"` + api + `","cookies":[],"headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","*"]]}}`},
			want: []string{"blocked wildcard-allow-origin-with-credentials allow-credentials-not-true", "blocked allow-credentials-not-true", "undecidable credentials-mode"}},
		{name: "what no browser sends", entries: []string{
			entry("G T", api, fromApp, "= 200", echo, acac), entry("GET", api, fromApp, "a b: c", "= 200", echo, acac), strings.Replace(entry("GET", api, fromApp, "a: NUL", "= 200", echo, acac), "NUL", `\u0000`, 1),
			entry("OPTIONS", api, fromApp, "access-control-request-method: G T", "= 204", echo, acac), entry("TRACE", api, fromApp, "= 200", echo, acac)},
			want: []string{"not-subject not-from-a-page", "not-subject not-from-a-page", "not-subject not-from-a-page", "not-subject not-from-a-page", "not-subject not-from-a-page"}},

		// What happened.
		{name: "DevTools without its errors says nothing", creator: "WebInspector", entries: []string{
			`{"_error":null,"request":{"method":"GET","url":"` + api + `","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["x","y"]]}}`,
			` {"request":{"method":"GET","url":"` + api + `","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["x","y"]]}}`},
			want: []string{"blocked missing-allow-origin, contradicted", "undecidable request-headers"}},
		{name: "DevTools without its errors, and the mode is recorded", creator: "WebInspector", entries: []string{
			` {"request":{"method":"GET","url":"` + api + `","headers":[["origin","https://app.example"],["sec-fetch-mode","cors"]]},"response":{"status":200,"headers":[["x","y"]]}}`},
			want: []string{"blocked missing-allow-origin"}},
		{name: "the mode redacted", entries: []string{
			entry("GET", api, fromApp, "sec-fetch-mode: [redacted]", "= 200", "x: y"), entry("POST", api, fromApp, `"_resourceType":"xhr"`, "sec-fetch-mode: [redacted]", "= 200", "x: y"),
			entry("POST", api, fromApp, `"_resourceType":"ping"`, "content-type: [redacted]", "= 200", "x: y")},
			want: []string{"undecidable redacted-values", "blocked missing-allow-origin", "undecidable redacted-values"}},
		{name: "a beacon with a preflight, though its type was removed", entries: []string{
			entry("OPTIONS", api, fromApp, "access-control-request-method: POST", "access-control-request-headers: content-type", "= 204", "x: y"),
			entry("POST", api, fromApp, `"_resourceType":"ping"`, "= 0")}, want: []string{"blocked preflight: missing-allow-origin preflight: header-not-allowed"}},
		{name: "Origin redacted of a request to the page's own origin", entries: []string{
			entry("GET", api, "origin: [redacted]", "referer: https://api.example/", "= 200", "x: y"), entry("POST", api, "origin: [redacted]", "referer: https://api.example/", "= 200", "x: y"),
			entry("PUT", api, "origin: [redacted]", "referer: https://api.example/", "= 200", "x: y"), entry("POST", api, "origin: [redacted]", "sec-fetch-site: same-origin", "referer: https://api.example/", "= 200", "x: y")},
			want: []string{"undecidable page-origin", "undecidable page-origin", "not-subject same-origin", "not-subject same-origin"}},
		{name: "a redirect of a page that was redacted", entries: []string{
			entry("GET", api, modeCORS, "origin: [redacted]", "= 302", echo, acac, "location: /other"), entry("GET", "https://api.example/other", `"_resourceType":"script"`, "= 200", echo, acac)},
			want: []string{"undecidable page-origin", "undecidable page-origin"}},
		{name: "Authorization of script, though what the preflight asks for was redacted", entries: []string{
			entry("OPTIONS", api, fromApp, "access-control-request-method: GET", "access-control-request-headers: [redacted]", "= 204", anyOrigin, "access-control-allow-headers: authorization"),
			entry("GET", api, fromApp, host, "authorization: Basic x", "= 200", anyOrigin)}, want: []string{"undecidable credentials-mode"}},
		{name: "explained", creator: "WebInspector", entries: []string{entry("GET", api, fromApp, `"_error":"net::ERR_FAILED"`, "= 200", "x: y")}, want: []string{"blocked missing-allow-origin, explained"}},
		{name: "contradicted", creator: "WebInspector", entries: []string{
			entry("GET", api, fromApp, "= 200", "x: y"), entry("GET", api, fromApp, `"_error":"net::ERR_FAILED"`, "= 200", echo, acac)},
			want: []string{"blocked missing-allow-origin, contradicted", "allowed, contradicted"}},
		{name: "none of CORS's doing", creator: "WebInspector", entries: []string{entry("GET", api, fromApp, `"_error":"net::ERR_HTTP2_PROTOCOL_ERROR"`, "= 200", echo, acac)}, want: []string{"allowed"}},
		{name: "a proxy knows nothing", creator: "mitmproxy", entries: []string{entry("GET", api, fromApp, "= 200", "x: y")}, want: []string{"blocked missing-allow-origin"}},
		{name: "Safari says so", creator: "WebKit Web Inspector", entries: []string{entry("GET", api, fromApp, `"_error":"Origin https://app.example is not allowed by Access-Control-Allow-Origin."`, "= 200", "x: y")},
			want: []string{"blocked missing-allow-origin, explained"}},
		{name: "Safari says so in fewer words", creator: "WebKit Web Inspector", entries: []string{entry("GET", api, fromApp, `"_error":"Origin [redacted] is not allowed by the server"`, "= 200", "x: y")},
			want: []string{"blocked missing-allow-origin, explained"}},
		{name: "another engine than the one that is asked for", creator: "WebInspector", options: both, entries: []string{
			entry("PUT", api, fromApp, host, "x: 1", "authorization: Bearer x", "= 200", echo, acac),
			entry("OPTIONS", api, fromApp, host, "access-control-request-method: PUT", "access-control-request-headers: authorization,x",
				"= 204", anyOrigin, "access-control-allow-methods: PUT", "access-control-allow-headers: *")},
			want: []string{"standard blocked preflight: non-wildcard-header-not-allowed | chromium allowed, explained"}},

		// What if.
		{name: "what if it stood elsewhere", options: Options{Origin: "https://staging.example"}, entries: []string{
			entry("GET", api, fromApp, "= 200", echo, acac), entry("GET", api, fromApp, "= 200", "access-control-allow-origin: https://staging.example", acac),
			entry("GET", "https://staging.example/", fromApp, "= 200"), entry("GET", "https://app.example/", modeCORS, "sec-fetch-site: same-origin", "= 200", "x: y")},
			want: []string{"blocked allow-origin-mismatch", "allowed", "not-subject same-origin", "blocked missing-allow-origin"}},
		{name: "what if a page had asked", options: Options{Origin: "https://app.example"}, entries: []string{entry("GET", api, host, "= 200", echo, acac)}, want: []string{"allowed"}},

		{name: "each by itself", options: Options{Independent: true}, entries: []string{
			preflight("= 204", echo, acac, "access-control-allow-methods: PUT"), entry("PUT", api, fromApp, "= 200", echo, acac)},
			want: []string{"allowed", "undecidable preflight"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, err := record.NewReader(strings.NewReader(har(test.creator, test.entries...)), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range judgeAll(t, in, test.options) {
				got = append(got, say(r))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a result says besides its verdict.
func TestResult(t *testing.T) {
	in, err := record.NewReader(strings.NewReader(har("WebInspector",
		entry("GET", api, fromApp, host, "accept: */*", "x-key: 1", "cookie: a=1", "= 307", echo, acac, "location: https://third.example/"),
		entry("OPTIONS", api, fromApp, host, "access-control-request-method: GET", "access-control-request-headers: x-key", "= 204", echo, acac, "access-control-allow-headers: x-key"),
		entry("GET", "https://third.example/", "origin: null", host, modeCORS, "= 200", "access-control-allow-origin: null", acac),
	)), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	results := judgeAll(t, in, Options{})
	if len(results) != 2 {
		t.Fatalf("%d results", len(results))
	}
	first, second := results[0], results[1]
	if first.Preflight == nil || first.Preflight.Index != 1 || first.Hop != 0 || first.RedirectedFrom != nil {
		t.Errorf("%+v", first)
	}
	if diff := cmp.Diff([]string{"x-key"}, first.AuthorHeaders); diff != "" {
		t.Error(diff)
	}
	if first.Credentials != CredentialsIncluded || first.CredentialsFrom != FromCookie || first.PageFrom != FromOrigin {
		t.Errorf("%+v", first)
	}
	if second.RedirectedFrom != first.Exchange || second.Hop != 1 || second.Preflight != nil {
		t.Errorf("%+v", second)
	}
	// The page and the credentials mode are those of the fetch.
	if second.Page != "https://app.example" || second.PageFrom != FromRedirect || second.Origin != "null" || second.Credentials != CredentialsIncluded {
		t.Errorf("%+v", second)
	}
}

// A reader that gives up in the middle, and a context that ends, end the judging.
func TestJudgeStops(t *testing.T) {
	har := har("WebInspector", slices.Repeat([]string{entry("GET", api, fromApp, "= 200", "x: y")}, 5000)...)
	in, err := record.NewReader(strings.NewReader(har[:len(har)-100]), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var last error
	for _, err := range Judge(context.Background(), in, Options{}, func(r *Result) int { return r.Exchange.Index }) {
		if last = err; err == nil {
			n++
		}
	}
	if syntax, ok := errors.AsType[*record.SyntaxError](last); !ok || !syntax.CutOff || n != 4999 {
		t.Errorf("%d results, then %v", n, last)
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if in, err = record.NewReader(strings.NewReader(har), record.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, err := range Judge(ctx, in, Options{}, func(r *Result) int { return r.Exchange.Index }) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
}
