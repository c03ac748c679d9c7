// Package asker tells what a request's headers say about who asked and how, where requests
// are seen from outside: in recordings, and by the server that they reach.
package asker

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// UnsafeValue makes any header that can be safelisted one that is not.
const UnsafeValue = `"`

// RequestedHeaders returns what the value of a preflight's Access-Control-Request-Headers asks
// for, each name once, with a value that is not safelisted, since that is why it is asked for.
func RequestedHeaders(value string) headers.List {
	var list headers.List
	seen := map[string]bool{}
	for name := range strings.SplitSeq(value, ",") {
		name = headers.Lower(headers.TrimTabOrSpace(name))
		// WebKit before Safari 10 asks for the Origin header as well, and checks it against nothing.
		if headers.IsName(name) && !headers.IsForbiddenRequestHeader(name, "") && !seen[name] {
			seen[name] = true
			list = append(list, headers.Header{Name: name, Value: UnsafeValue})
		}
	}
	return list
}

// ByScript reports whether a header of a request without a preflight is one that script set.
// Where both script and the user agent may have, it was the user agent: script's would have
// needed a preflight. The name is in lower case; accept is the request's Accept.
func ByScript(h headers.Header, accept string) bool {
	switch h.Name {
	case "accept", "accept-language", "content-language":
		// Both send these; what script sets matters only if its value is unsafe,
		// and then so it is here.
		return true
	case "user-agent", "upgrade-insecure-requests", "priority", "pragma", "cache-control", "if-none-match",
		"if-modified-since", "if-range", "save-data", "purpose", "x-purpose", "x-moz", "alt-used", "ping-from", "ping-to",
		"x-client-data", "x-devtools-emulate-network-conditions-client-id", "dpr", "width", "viewport-width",
		"device-memory", "rtt", "downlink", "ect", "intervention", "x-browser-channel", "x-browser-copyright",
		"x-browser-validation", "x-browser-year", "available-dictionary", "dictionary-id", "http2-settings":
		return false
	case "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-forwarded-server",
		"x-real-ip", "x-amzn-trace-id", "true-client-ip", "cdn-loop":
		// Added behind the browser, where servers and proxies record.
		return false
	case "last-event-id":
		return accept != "text/event-stream"
	case "authorization":
		return !ByUserAgent(h.Value)
	}
	return !strings.HasPrefix(h.Name, "cf-") && !headers.IsForbiddenRequestHeader(h.Name, h.Value)
}

// ByUserAgent reports whether the value of an Authorization is of a scheme that user agents
// answer a challenge with. Script that sets one of them is known by the preflight.
//
// https://httpwg.org/specs/rfc9110.html#auth.client.proxy
func ByUserAgent(authorization string) bool {
	scheme, _, _ := strings.Cut(authorization, " ")
	switch headers.Lower(scheme) {
	case "basic", "digest", "ntlm", "negotiate":
		return true
	}
	return false
}

// AcceptsHTML reports whether an Accept header is one of a form or a link, not of a script.
func AcceptsHTML(accept string) bool { return strings.HasPrefix(accept, "text/html") }

// Navigates reports whether an Accept header is that of a navigation.
func Navigates(accept string) bool {
	return strings.HasPrefix(accept, "text/html,application/xhtml+xml") || strings.HasPrefix(accept, "text/html, application/xhtml+xml, ")
}
