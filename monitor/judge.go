package monitor

import (
	"errors"
	"net/http"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// The verdicts, as every output of this module spells them.
const (
	allowed     = "allowed"
	blocked     = "blocked"
	undecidable = "undecidable"
	notSubject  = "not-subject"
)

// What undecidable verdicts lack, and mistakes that are not verdicts.
const (
	credentialsMode = "credentials-mode"
	requestMode     = "request-mode"
	responseHeaders = "response-headers" // the stored ones, of a response that was revalidated
	response        = "response"
	varyMissing     = "vary-missing"
	notExposed      = "not-exposed"
	connectionLost  = "connection-lost"
)

// judge judges the response whose status and headers are about to go out.
func (m *Monitor) judge(x *exchange, status int) {
	a := &x.request
	route := m.routes.get(m.routeOf(x.r))
	if a.exempt == "" && status == http.StatusSwitchingProtocols {
		a.exempt = "websocket"
	}
	var out [3]*series
	kept := out[:0]
	if a.exempt != "" {
		kept = append(kept, m.series.get(Labels{Verdict: notSubject, Cause: a.exempt, Route: route.name, Origin: a.origin, Browsers: "all"}))
	} else {
		route.count(a.preflight)
		kept = m.recall(x, route, status, kept)
		if a.preflight && kept[0].labels.Verdict != blocked {
			m.repeats.add(m, x, route, status)
		}
	}
	for _, s := range kept {
		m.count(x, s, status)
	}
}

// hijacked counts a request that is answered past the server.
func (m *Monitor) hijacked(x *exchange) {
	l := Labels{Verdict: undecidable, Cause: response, Route: m.routes.get(m.routeOf(x.r)).name, Origin: x.request.origin, Browsers: "all"}
	if x.request.exempt != "" {
		l.Verdict, l.Cause = notSubject, x.request.exempt
	}
	m.count(x, m.series.get(l), 0)
}

// unanswered counts a request whose handler panicked before it wrote anything: the connection is
// closed, and the page gets the error that it gets from CORS.
func (m *Monitor) unanswered(x *exchange) {
	l := Labels{Verdict: blocked, Cause: connectionLost, Route: m.routes.get(m.routeOf(x.r)).name, Origin: x.request.origin, Browsers: "all"}
	if x.request.exempt != "" {
		l.Verdict, l.Cause = notSubject, x.request.exempt
	}
	m.count(x, m.series.get(l), 0)
}

// routeOf returns the name of a request's route.
func (m *Monitor) routeOf(r *http.Request) string {
	switch {
	case m.options.Route != nil:
		return m.options.Route(r)
	case r.Pattern != "":
		return r.Pattern
	}
	segment, more, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !isWord(segment) {
		segment = "*"
	}
	if more != "" {
		return "/" + segment + "/…"
	}
	return "/" + segment
}

// isWord reports whether a segment of a path is a plain word, not an identifier.
func isWord(segment string) bool {
	for i := range len(segment) {
		if c := segment[i] | 0x20; (c < 'a' || c > 'z') && segment[i] != '-' && segment[i] != '_' {
			return false
		}
	}
	return len(segment) <= 24
}

// A verdict is what one engine, or all, come to.
type verdict struct {
	outcome, missing string
	err              *cors.Error
}

// verdict judges a response in one engine. Where the credentials mode is not known, both are
// tried: what fails without credentials fails with them as well.
func (x *exchange) verdict(e *browser.Engine, c cors.Request, status int, response *headers.List) verdict {
	a := &x.request
	if a.credentials != credentialsUnknown {
		c.IncludeCredentials = a.credentials == credentialsIncluded
		return x.unsure(x.branch(e, c, status, response))
	}
	without := x.branch(e, c, status, response)
	if without.outcome != allowed {
		return x.unsure(without)
	}
	c.IncludeCredentials = true
	if with := x.branch(e, c, status, response); with.outcome != allowed {
		return x.unsure(verdict{outcome: undecidable, missing: credentialsMode, err: with.err})
	}
	return without
}

// unsure takes back what depends on the mode, where that is not known.
func (x *exchange) unsure(v verdict) verdict {
	if x.request.modeUnsure && v.outcome != allowed {
		return verdict{outcome: undecidable, missing: requestMode, err: v.err}
	}
	return v
}

// branch judges a response in one engine and with one credentials mode.
func (x *exchange) branch(e *browser.Engine, c cors.Request, status int, response *headers.List) verdict {
	rules := e.Rules(quirks.Key{})
	policy, err := (*cors.Policy)(&rules.CORS), error(nil)
	if x.request.preflight {
		_, err = policy.ValidatePreflight(&c, status, response)
	} else if err = policy.Check(&c, response); err == nil {
		err = x.checkRedirect((*cors.RedirectPolicy)(&rules.Redirect), status, response)
	}
	failure, ok := errors.AsType[*cors.Error](err)
	if !ok {
		return verdict{outcome: allowed}
	}
	if !x.request.preflight && x.request.revalidates && status == http.StatusNotModified && !failure.Present {
		return verdict{outcome: undecidable, missing: responseHeaders}
	}
	for _, each := range failure.All() {
		each.Status = status
	}
	return verdict{outcome: blocked, err: failure}
}

// checkRedirect does what HTTP-redirect fetch does with the URL that a response leads to.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (x *exchange) checkRedirect(policy *cors.RedirectPolicy, status int, response *headers.List) error {
	if !policy.IsRedirect(status, response) {
		return nil
	}
	url, err := weburl.Parse(x.url())
	if err != nil {
		return nil
	}
	location, err := policy.LocationURL(url, status, response)
	if err != nil || location == nil {
		return err
	}
	page, _ := origin.Parse(x.request.origin) // "null" is opaque
	_, err = policy.Check(&cors.Redirect{Status: status, Location: location, Origin: page, CORSMode: true, CORSTainting: true})
	return err
}

// url returns the request's URL, as far as the server knows its own scheme.
func (x *exchange) url() string {
	scheme := "http://"
	if x.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + x.r.Host + x.r.URL.RequestURI()
}

// wireHeaders returns a response's headers as net/http puts them on the wire.
func wireHeaders(h http.Header) headers.List {
	list := make(headers.List, 0, len(h))
	for name, values := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) || !headers.IsName(name) {
			continue
		}
		if headers.EqualFold(name, allowOrigin) {
			name = allowOrigin // an engine counts the lines of this spelling
		}
		for _, value := range values {
			list = append(list, headers.Header{Name: name, Value: onWire(value)})
		}
	}
	return list
}

const allowOrigin = "Access-Control-Allow-Origin"

var newlines = strings.NewReplacer("\n", " ", "\r", " ")

// onWire returns a header's value as net/http writes it.
func onWire(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = newlines.Replace(value)
	}
	return headers.TrimTabOrSpace(value)
}

// conclude judges a response in every browser, and finds what to count.
func (m *Monitor) conclude(x *exchange, route *routeState, status int, out []*series) []*series {
	response := wireHeaders(x.inner.Header())
	c := x.request.cors()
	verdicts := make([]verdict, len(m.engines))
	for i, e := range m.engines {
		verdicts[i] = x.verdict(e, c, status, &response)
	}
	worst := worstOf(verdicts)
	v := verdicts[worst]
	l := Labels{Verdict: v.outcome, Cause: v.missing, Route: route.name, Origin: x.request.origin, Browsers: m.browsers(verdicts, v.outcome)}
	if v.outcome == blocked {
		l.Cause = explainFailure(x, v.err, c, response).Causes[0].ID
	}
	out = append(out, m.series.get(l))
	l.Verdict, l.Browsers = "", "all"
	if route.dependsOnOrigin() && lacksVary(&response) {
		l.Cause = varyMissing
		out = append(out, m.series.get(l))
	}
	if v.outcome != blocked && !x.request.preflight && unexposed(&c, &response) != "" {
		l.Cause = notExposed
		out = append(out, m.series.get(l))
	}
	return out
}

// worstOf returns the index of the verdict that counts: blocked before undecidable before allowed.
func worstOf(verdicts []verdict) (worst int) {
	rank := map[string]int{allowed: 0, undecidable: 1, blocked: 2}
	for i := range verdicts {
		if rank[verdicts[i].outcome] > rank[verdicts[worst].outcome] {
			worst = i
		}
	}
	return worst
}

// browsers names those that come to an outcome.
func (m *Monitor) browsers(verdicts []verdict, outcome string) string {
	var names []string
	for i := range verdicts {
		if verdicts[i].outcome == outcome {
			names = append(names, m.engines[i].Name())
		}
	}
	if len(names) == len(verdicts) {
		return "all"
	}
	return strings.Join(names, " ")
}

func explainFailure(x *exchange, err *cors.Error, c cors.Request, response headers.List) *explain.Explanation {
	err.URL = x.url()
	c.IncludeCredentials = x.request.credentials == credentialsIncluded
	return explain.Explain(err, &c, explain.Exchange{Response: response})
}

// lacksVary reports whether a shared cache may give a response to another origin.
func lacksVary(response *headers.List) bool {
	vary, control := response.Lines("Vary"), response.Lines("Cache-Control")
	for i := range vary.Len() {
		if names := headers.TokenListOf(vary.At(i)); names.HasFold("origin") || names.Has("*") {
			return false
		}
	}
	for i := range control.Len() {
		if directives := headers.TokenListOf(control.At(i)); directives.HasFold("no-store") || directives.HasFold("private") {
			return false
		}
	}
	return true
}

// unexposed returns the name of a header that a handler has set for its clients and script may not
// read, "" for none.
func unexposed(c *cors.Request, response *headers.List) string {
	exposed := cors.ExposedHeaderNames(c, response)
	found := ""
	for _, h := range *response {
		if name := headers.Lower(h.Name); !ofTransport(name) && !exposed.Has(name) && (found == "" || name < found) {
			found = name
		}
	}
	return found
}

// ofTransport reports whether a response header is not meant for script: servers, proxies and
// browsers have them for each other.
func ofTransport(name string) bool {
	switch name {
	case "date", "server", "via", "vary", "age", "connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "alt-svc",
		"accept-ranges", "content-encoding", "etag", "location", "allow", "www-authenticate", "strict-transport-security",
		"x-content-type-options", "x-frame-options", "x-xss-protection", "x-powered-by", "referrer-policy", "permissions-policy",
		"report-to", "reporting-endpoints", "nel", "timing-allow-origin", "server-timing", "accept-ch",
		"origin-agent-cluster", "x-dns-prefetch-control", "x-download-options", "x-permitted-cross-domain-policies":
		return true
	}
	for _, prefix := range [...]string{"access-control-", "content-security-policy", "cross-origin-", "set-cookie", "clear-site-data"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
