package csp

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// matchesSource reports whether a URL matches an expression in a source list.
//
// https://w3c.github.io/webappsec-csp/#match-url-to-source-expression
func matchesSource(r *Request, expression string, rules *quirks.CSP) bool {
	url := r.URL
	if expression == "*" {
		return isNetworkScheme(url.Scheme()) || schemePartMatches(r.Self.Scheme(), url.Scheme(), rules)
	}
	if headers.EqualFold(expression, "'self'") {
		return matchesSelf(r, rules)
	}
	if strings.HasPrefix(expression, "'") {
		return false // keywords, nonces and hashes allow no URL
	}
	if scheme, rest, ok := strings.Cut(expression, ":"); ok && rest == "" && isScheme(scheme) {
		return schemePartMatches(headers.Lower(scheme), url.Scheme(), rules)
	}
	source, ok := parseHostSource(expression)
	if !ok || url.Host() == "" {
		return false
	}
	scheme := source.scheme
	if scheme == "" {
		if r.OpaqueOrigin && rules.SelfOfOpaqueMatchesNothing {
			return false
		}
		scheme = r.Self.Scheme()
	}
	return schemePartMatches(scheme, url.Scheme(), rules) &&
		hostPartMatches(source.host, url.Host()) &&
		portPartMatches(source, scheme, r, rules) &&
		(r.Redirected || pathPartMatches(source.path, url.Path()))
}

// matchesSelf reports whether a URL is of the origin of the policies' own, or of an upgrade of
// it.
func matchesSelf(r *Request, rules *quirks.CSP) bool {
	if r.OpaqueOrigin && rules.SelfOfOpaqueMatchesNothing {
		return false
	}
	self, url := r.Self, r.URL
	if self.Origin().SameOrigin(url.Origin()) {
		return true
	}
	samePort := self.EffectivePort() == url.EffectivePort()
	defaultPorts := isDefaultPort(self.EffectivePort(), self.Scheme()) && isDefaultPort(url.EffectivePort(), url.Scheme())
	return self.Host() != "" && self.Host() == url.Host() && (samePort || defaultPorts) &&
		(url.Scheme() == "https" || url.Scheme() == "wss" || self.Scheme() == "http" && url.Scheme() == "ws")
}

func isNetworkScheme(scheme string) bool {
	switch scheme {
	case "ftp", "http", "https", "ws", "wss":
		return true
	}
	return false
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !('0' <= s[i] && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.')) {
			return false
		}
	}
	return s != ""
}

// schemePartMatches reports whether a scheme matches that of a source: it may be an upgrade.
//
// https://w3c.github.io/webappsec-csp/#scheme-part-match
func schemePartMatches(source, url string, rules *quirks.CSP) bool {
	switch {
	case source == url, source == "http" && url == "https", source == "ws" && url == "wss":
		return true
	case rules.WSMatchesHTTP:
		return source == "ws" && (url == "http" || url == "https") || source == "wss" && url == "https"
	}
	return false
}

// A hostSource is a host-source: a host with what may be before and after it.
//
// https://w3c.github.io/webappsec-csp/#grammardef-host-source
type hostSource struct {
	scheme string // in lower case; "" for none
	host   string // in lower case; may begin with "*."
	port   string // "*" for any, "" for none
	path   string
}

func parseHostSource(expression string) (hostSource, bool) {
	var s hostSource
	rest := expression
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !isScheme(scheme) {
			return s, false
		}
		s.scheme, rest = headers.Lower(scheme), after
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, s.path = rest[:i], rest[i:]
	}
	if i := strings.IndexAny(s.path, "?#"); i >= 0 { // queries and fragments do not count
		s.path = s.path[:i]
	}
	host, port := rest, ""
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, port = rest[:i], rest[i+1:]
		if port != "*" && (port == "" || strings.Trim(port, "0123456789") != "") {
			return s, false
		}
	}
	s.host, s.port = headers.Lower(host), port
	return s, isHostPart(s.host)
}

// isHostPart reports whether a host is one of a source: "*", or labels of letters, digits, "-" and
// "_", of which the first may be "*".
func isHostPart(host string) bool {
	if host == "*" {
		return true
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return true
	}
	host = strings.TrimPrefix(host, "*.")
	if host == "" {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// hostPartMatches reports whether a host matches that of a source.
//
// https://w3c.github.io/webappsec-csp/#host-part-match
func hostPartMatches(source, host string) bool {
	if source == "*" {
		return host != ""
	}
	if suffix, ok := strings.CutPrefix(source, "*"); ok {
		return strings.HasSuffix(host, suffix)
	}
	return source == host
}

// portPartMatches reports whether a port matches that of a source.
//
// https://w3c.github.io/webappsec-csp/#port-part-matches
func portPartMatches(s hostSource, scheme string, r *Request, rules *quirks.CSP) bool {
	url := r.URL
	port := url.EffectivePort()
	switch {
	case s.host == "*" && s.port != "" && s.scheme == "" && rules.AnyHostPortMatchesNothing:
		return false
	case s.port == "*":
		return true
	case s.port == "":
		return isDefaultPort(port, url.Scheme())
	}
	if rules.PortsAsWritten {
		return s.port == strconv.Itoa(port) || s.port == "80" && port == 443
	}
	source, err := strconv.Atoi(s.port)
	if err != nil || source == port {
		return err == nil && !(rules.UpgradesTogether && scheme != url.Scheme())
	}
	upgraded := source == 80 && port == 443 && (url.Scheme() == "https" || url.Scheme() == "wss")
	return upgraded && !((rules.UpgradesTogether || rules.UpgradedPortNeedsScheme) && scheme == url.Scheme())
}

func isDefaultPort(port int, scheme string) bool {
	return port >= 0 && port == origin.DefaultPort(scheme)
}

// pathPartMatches reports whether a path matches that of a source: exactly, or as its beginning if
// it ends with a slash.
//
// https://w3c.github.io/webappsec-csp/#path-part-match
func pathPartMatches(source, path string) bool {
	switch {
	case source == "", source == "/" && path == "":
		return true
	}
	exact := !strings.HasSuffix(source, "/")
	a, b := strings.Split(source, "/"), strings.Split(path, "/")
	if len(a) > len(b) || exact && len(a) != len(b) {
		return false
	}
	if !exact {
		a = a[:len(a)-1]
	}
	for i := range a {
		if percentDecode(a[i]) != percentDecode(b[i]) {
			return false
		}
	}
	return true
}

func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, ok1 := hexDigit(s[i+1])
			low, ok2 := hexDigit(s[i+2])
			if ok1 && ok2 {
				b.WriteByte(high<<4 | low)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
