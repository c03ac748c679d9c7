package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// What decides beside CORS, as far as a recording tells.
func TestBesideCORS(t *testing.T) {
	const (
		public   = `"serverIPAddress":"203.0.113.7"`
		local    = `"serverIPAddress":"192.168.1.20"`
		loopback = `"serverIPAddress":"[::1]"`
		page     = `"pageref":"p1"`
		refused  = `"_error":"net::ERR_FAILED"`
		printer  = "http://printer.example/status"
		dev      = "http://localhost:3000/api"
		app      = "https://app.example/"
	)
	document := func(fields ...string) string {
		return entry("GET", app, append([]string{page, "sec-fetch-mode: navigate", "= 200", "content-type: text/html"}, fields...)...)
	}
	all := []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}
	one := all[:1]
	granted := map[string]string{"loopback-network": "granted"}
	for _, test := range []struct {
		name    string
		creator string
		options Options
		entries []string
		want    []string
	}{
		{"the host says that it is this machine", "mitmproxy", Options{Engines: all}, []string{
			document(public), entry("GET", dev, fromApp, "= 200", echo, acac)},
			[]string{"chromium not-subject navigation", "chromium asks loopback-network | webkit allowed"}},
		{"a host at home, by its address", "mitmproxy", Options{Engines: one}, []string{
			document(public), entry("GET", printer, fromApp, local, "= 200", echo, acac)},
			[]string{"not-subject navigation", "asks local-network"}},
		{"by its address, before that of the page is known", "mitmproxy", Options{Engines: one}, []string{entry("GET", printer, fromApp, local, "= 200", echo, acac)},
			[]string{"asks local-network"}},
		{"a host on the internet", "mitmproxy", Options{Engines: one}, []string{
			document(public), entry("GET", api, fromApp, public, "= 200", echo, acac)},
			[]string{"not-subject navigation", "allowed"}},
		{"the page is at home as well", "mitmproxy", Options{Engines: one}, []string{
			document(local), entry("GET", printer, fromApp, loopback, "= 200", echo, acac)},
			[]string{"not-subject navigation", "allowed"}},
		{"from a page of this machine", "mitmproxy", Options{Engines: one}, []string{entry("GET", "http://127.0.0.1:8000/", "origin: http://localhost:3000", "= 200", "access-control-allow-origin: http://localhost:3000", acac)},
			[]string{"allowed"}},
		{"the user has said yes", "mitmproxy", Options{Engines: one, Permissions: granted}, []string{document(public), entry("GET", dev, fromApp, "= 200", echo, acac)},
			[]string{"not-subject navigation", "allowed"}},
		{"the user has said no", "mitmproxy", Options{Engines: one, Permissions: map[string]string{"loopback-network": "denied"}}, []string{document(public), entry("GET", dev, fromApp, "= 200", echo, acac)},
			[]string{"not-subject navigation", "blocked local-network-denied"}},
		{"no, but nothing tells where the page is", "mitmproxy", Options{Engines: one, Permissions: map[string]string{"loopback-network": "denied"}}, []string{entry("GET", dev, fromApp, "= 200", echo, acac)},
			[]string{"undecidable page-address"}},
		{"CORS refuses it anyway", "mitmproxy", Options{Engines: one}, []string{document(public), entry("GET", dev, fromApp, "= 200", "x: y")},
			[]string{"not-subject navigation", "blocked missing-allow-origin"}},
		{"from an insecure page on the internet", "mitmproxy", Options{Engines: one}, []string{
			entry("GET", "http://app.example/", public, "sec-fetch-mode: navigate", "= 200"), entry("GET", printer, "origin: http://app.example", local, "= 200", "access-control-allow-origin: http://app.example", acac)},
			[]string{"not-subject navigation", "blocked local-network-insecure-page"}},
		{"from an insecure page that may be anywhere", "mitmproxy", Options{Engines: one}, []string{entry("GET", printer, "origin: http://intranet.example", local, "= 200", "access-control-allow-origin: http://intranet.example", acac)},
			[]string{"undecidable page-address"}},
		{"the browser that was recorded delivered it", "WebInspector", Options{Engines: one}, []string{
			document(public), entry("GET", dev, fromApp, modeCORS, "= 200", echo, acac)},
			[]string{"not-subject navigation", "allowed, explained"}},

		{"the page's policy refused it", "WebInspector", Options{Engines: one}, []string{
			document("content-security-policy: connect-src 'self'"), entry("GET", api, page, refused, `"_resourceType":"fetch"`, "referer: "+app, "= 0")},
			[]string{"not-subject navigation", "blocked content-security-policy, explained"}},
		{"the page's policy allows it", "WebInspector", Options{Engines: one}, []string{
			document("content-security-policy: connect-src https://api.example"), entry("GET", api, page, refused, `"_resourceType":"fetch"`, "referer: "+app, "= 0")},
			[]string{"not-subject navigation", "undecidable response"}},
		{"the page's policy was redacted", "WebInspector", Options{Engines: one}, []string{
			document("content-security-policy: connect-src https://REDACTED"), entry("GET", api, page, refused, `"_resourceType":"fetch"`, "referer: "+app, "= 0")},
			[]string{"not-subject navigation", "undecidable response"}},
		{"it was answered, so that it was not the page that asked", "WebInspector", Options{Engines: one}, []string{
			document("content-security-policy: connect-src 'self'"), entry("GET", api, page, fromApp, modeCORS, "= 200", echo)},
			[]string{"not-subject navigation", "allowed, explained"}},
		{"another page's policy", "WebInspector", Options{Engines: one}, []string{
			document("content-security-policy: connect-src 'self'"), entry("GET", api, `"pageref":"p2"`, refused, `"_resourceType":"fetch"`, "referer: "+app, "= 0")},
			[]string{"not-subject navigation", "undecidable response"}},

		{"the copy of an image without CORS", "WebInspector", Options{Engines: one}, []string{
			entry("GET", api, `"_resourceType":"image"`, "referer: "+app, "sec-fetch-mode: no-cors", "= 200", "content-type: image/png", "date: Sun, 22 Nov 2026 07:41:40 GMT"),
			entry("GET", api, refused, fromApp, modeCORS, "= 200", "content-type: image/png", "date: Sun, 22 Nov 2026 07:41:40 GMT"),
			entry("GET", api, refused, fromApp, modeCORS, "= 200", "content-type: image/png", "date: Sun, 22 Nov 2026 07:41:59 GMT"),
			entry("GET", api, refused, `"_fromCache":"disk"`, fromApp, modeCORS, "= 200", "content-type: image/png")},
			[]string{"not-subject no-cors", "blocked missing-allow-origin, explained; cached from entry 1", "blocked missing-allow-origin, explained", "blocked missing-allow-origin, explained; cached from entry 1"}},

		{"upgraded by the browser", "WebInspector", Options{Engines: one}, []string{
			entry("GET", "http://api.example/things", fromApp, modeCORS, "= 307", "location: "+api, "non-authoritative-reason: HSTS"),
			entry("GET", api, "origin: null", modeCORS, "= 200", "access-control-allow-origin: null", acac)},
			[]string{"not-subject internal-redirect", "allowed, explained"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, err := record.NewReader(strings.NewReader(har(test.creator, test.entries...)), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range judgeAll(t, in, test.options) {
				said := say(r)
				if r.CachedFrom != "" {
					said += "; cached from " + r.CachedFrom
				}
				got = append(got, said)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
