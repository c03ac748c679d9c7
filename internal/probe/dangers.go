package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

const (
	refCredentials = "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials"
	refCaches      = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches"
	refPermissive  = "https://cwe.mitre.org/data/definitions/942.html"
	refExposure    = "https://cwe.mitre.org/data/definitions/200.html"
	refOpaque      = "https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-opaque"
	refMixed       = "https://w3c.github.io/webappsec-mixed-content/"
)

func (s *session) found(name string, severity Severity, reference, text, evidence string, args ...any) {
	if len(args) > 0 {
		evidence = fmt.Sprintf(evidence, args...)
	}
	s.report.Findings = append(s.report.Findings, Finding{name, severity, text, evidence, reference})
	slices.SortStableFunc(s.report.Findings, func(a, b Finding) int { return int(b.Severity - a.Severity) })
}

// echoed reports whether an exchange's origin is allowed by its name.
func (s *session) echoed(name string) *Trial {
	x := s.report.find(name)
	if x == nil || !s.report.accepted(name) || x.header("Access-Control-Allow-Origin") == "*" {
		return nil
	}
	return x
}

func withCredentials(x *Trial) bool { return x.header("Access-Control-Allow-Credentials") == "true" }

// answer shows how an origin is allowed.
func answer(x *Trial) string {
	text := fmt.Sprintf("Origin: %s is answered with Access-Control-Allow-Origin: %s", x.origin, x.header("Access-Control-Allow-Origin"))
	if withCredentials(x) {
		text += " and Access-Control-Allow-Credentials: true"
	}
	return text
}

// by returns the first severity with credentials, and the other without.
func by(x *Trial, with, without Severity) Severity {
	if withCredentials(x) {
		return with
	}
	return without
}

// dangers looks for what is allowed that should not be. carrier is the exchange by
// which the asked origin was seen to be allowed.
func (s *session) dangers(carrier *Trial) {
	if x := s.echoed(otherOrigin); x != nil {
		if withCredentials(x) {
			s.found("reflected-with-credentials", High, refCredentials,
				"Every page on the web can act as the user who is logged in, and read the answers: the origin is repeated whatever it is, with credentials.", "%s", answer(x))
		} else {
			s.found("reflected", Low, refPermissive,
				`The origin is repeated whatever it is, as "*" would allow: every page can read the answers that need no credentials.`, "%s", answer(x))
		}
	}
	if x := s.echoed(nullOrigin); x != nil && s.from.String() != "null" {
		s.found("null-accepted", by(x, High, Medium), refOpaque,
			`The origin "null" is allowed, which any page can get itself by a sandboxed frame.`, "%s", answer(x))
	}
	if x := s.echoed(lookalikeOrigin); x != nil {
		s.found("lookalike-accepted", by(x, High, Medium), refPermissive,
			"Origins are compared by how they begin, by how they end or by what is in them: somebody else can own a domain that matches. Compare them whole.", "%s", answer(x))
	}
	if x := s.echoed(insecureOrigin); x != nil {
		s.found("http-accepted", by(x, Medium, Low), refMixed,
			"The same site is allowed over http: whoever can change what comes over that connection can read the answers.", "%s", answer(x))
	}
	if carrier.header("Access-Control-Allow-Origin") == "*" && withCredentials(carrier) {
		s.found("wildcard-with-credentials", Info, refCredentials,
			`"*" and Access-Control-Allow-Credentials contradict each other: no browser allows credentials by that.`, "%s", answer(carrier))
	}
	s.vary()
}

// vary looks for answers that depend on Origin and do not say so to caches.
func (s *session) vary() {
	with := s.report.find(actualAsked)
	if with == nil || !s.report.accepted(actualAsked) || with.header("Access-Control-Allow-Origin") == "*" {
		return
	}
	differs := ""
	for _, name := range []string{actualNoOrigin, otherOrigin, nullOrigin, lookalikeOrigin} {
		x := s.report.find(name)
		if x == nil || x.Err != nil || x.Method != with.Method || x.header("Access-Control-Allow-Origin") == with.header("Access-Control-Allow-Origin") {
			continue
		}
		differs = fmt.Sprintf("Access-Control-Allow-Origin is %s for Origin: %s, and %s for %s",
			with.header("Access-Control-Allow-Origin"), with.origin, orNone(x.header("Access-Control-Allow-Origin")), originOf(x))
		for _, one := range []*Trial{with, x} {
			if !mayBeCached(one) {
				continue
			}
			list := headers.TokenListOf(one.header("Vary"))
			if list.HasFold("origin") || list.Has("*") {
				continue
			}
			severity := Medium
			if cache := headers.Lower(one.header("Cache-Control")); strings.Contains(cache, "no-store") || strings.Contains(cache, "private") {
				severity = Low
			}
			s.found("vary-missing", severity, refCaches,
				"The answer depends on Origin, and a response lacks Vary: Origin: a shared cache gives one page what was made for another, so that pages fail by turns.",
				"%s; the answer for %s has Vary: %s", differs, originOf(one), orNone(one.header("Vary")))
			return
		}
	}
}

// mayBeCached reports whether a cache may keep a response for which nothing is
// said of how long: its status is heuristically cacheable, or it has a lifetime.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-15.1
func mayBeCached(x *Trial) bool {
	switch x.Status {
	case 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return strings.Contains(headers.Lower(x.header("Cache-Control")), "max-age") || x.Response.Contains("Expires")
}

func originOf(x *Trial) string {
	if x.origin == "" {
		return "no Origin"
	}
	return "Origin: " + x.origin
}

// internalNames looks for names that say something of the inside of a network.
func (s *session) internalNames() {
	seen := map[string]bool{s.url.Host(): true, s.from.Host(): true}
	for _, x := range s.report.Exchanges {
		for _, name := range []string{"Access-Control-Allow-Origin", "Location", "Via", "X-Backend-Server", "X-Served-By"} {
			for _, value := range x.Response.Values(name) {
				for word := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ' ' || c == ',' || c == '(' || c == ')' }) {
					host := hostIn(word)
					if seen[host] || !isInternal(host) {
						continue
					}
					seen[host] = true
					s.found("internal-name", Low, refExposure, "A response names a host that only those inside should know.", "%s: %s", name, value)
				}
			}
		}
	}
}

// hostIn returns the host of a URL or of "host:port".
func hostIn(word string) string {
	if u, err := weburl.Parse(word); err == nil && u.IsHTTP() {
		return u.Host()
	}
	host, _, _ := strings.Cut(word, ":")
	return headers.Lower(host)
}

func isInternal(host string) bool {
	if address, ok := origin.HostAddress(host); ok {
		return address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast()
	}
	for _, ending := range []string{".local", ".internal", ".lan", ".corp", ".intranet", ".home.arpa", ".svc", ".localhost"} {
		if strings.HasSuffix(host, ending) {
			return true
		}
	}
	return host == "localhost"
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
