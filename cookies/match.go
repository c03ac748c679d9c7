package cookies

import (
	"strings"

	"github.com/corsim/corsim/origin"
	"golang.org/x/net/publicsuffix"
)

// domainMatches reports whether a host Domain-Matches a cookie's host.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-domain-matching
func domainMatches(host, domain string) bool {
	if host == domain {
		return true
	}
	return len(host) > len(domain) && host[len(host)-len(domain)-1] == '.' && strings.HasSuffix(host, domain) &&
		domain != "" && !isIPAddress(host)
}

// isIPAddress reports whether a serialized host is an IP address.
func isIPAddress(host string) bool {
	_, ok := origin.HostAddress(host)
	return ok
}

// isPublicSuffix reports whether a host is one. Those that no rule of the list
// covers are by their last label, as browsers have it.
//
// https://url.spec.whatwg.org/#host-public-suffix
func isPublicSuffix(host string) bool {
	if isIPAddress(host) {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix == host
}

// defaultPath is Cookie Default Path.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-cookie-default-path
func defaultPath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// pathMatches reports whether a request's path Path-Matches a cookie's. The last
// step of the draft, -01, lets "/foobar" match "/foo"; what it means, and what
// RFC 6265, the platform's tests and all engines have, is that a cookie's path
// ends where a segment of the request's does.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-path-matching
func pathMatches(path, cookiePath string) bool {
	return strings.HasPrefix(path, cookiePath) &&
		(len(path) == len(cookiePath) || cookiePath[len(cookiePath)-1] == '/' || path[len(cookiePath)] == '/')
}
