package replay

import (
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
)

// unsafeValue makes any header that can be safelisted one that is not.
const unsafeValue = `"`

// authorHeaders returns the headers of a request that script set, as far as a
// recording tells. What a preflight asks for is the best evidence: the names in
// its Access-Control-Request-Headers are the CORS-unsafe ones of script, whatever
// the request's headers are or have lost since; and no others are unsafe. Without
// a preflight, script's are those that are not the user agent's.
func authorHeaders(x *request) headers.List {
	if x.elements {
		return nil
	}
	recorded := x.e.Request.Headers
	if x.preflight == nil || !asksKnown(x.preflight) {
		n := 0
		for i := range recorded {
			if byScript(x.e, recorded[i]) {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		list := make(headers.List, 0, n)
		for _, h := range recorded {
			if byScript(x.e, h) {
				list = append(list, h)
			}
		}
		return list
	}
	asked := requestedHeaders(x.preflight)
	var list headers.List
	for _, h := range recorded {
		// What is not asked for was safelisted, whatever is in its place now.
		switch {
		case asked.Contains(h.Name):
			if headers.IsCORSSafelistedRequestHeader(h.Name, h.Value) {
				h.Value = unsafeValue // it was normalized since, or another engine is as strict
			}
			list = append(list, h)
		case canBeSafelisted(h.Name) && !record.Redacted(h.Value):
			list = append(list, h)
		}
	}
	for _, h := range asked {
		if !recorded.Contains(h.Name) {
			list = append(list, h)
		}
	}
	return list
}

// asksKnown reports whether what a preflight asks for was recorded.
func asksKnown(preflight *record.Exchange) bool {
	value, _ := preflight.Request.Headers.Get("access-control-request-headers")
	return !preflight.Fidelity.Has(record.RequestHeadersMissing) && !record.Redacted(value)
}

// requestedHeaders returns what a preflight asks for, each with a value that is
// not safelisted, since that is why it is asked for.
func requestedHeaders(preflight *record.Exchange) headers.List {
	value, ok := preflight.Request.Headers.Get("access-control-request-headers")
	if !ok || record.Redacted(value) {
		return nil
	}
	var list headers.List
	for name := range strings.SplitSeq(value, ",") {
		name = headers.Lower(headers.TrimTabOrSpace(name))
		// WebKit before Safari 10 asks for the Origin header as well, and checks it against nothing.
		if headers.IsName(name) && !headers.IsForbiddenRequestHeader(name, "") && !list.Contains(name) {
			list = append(list, headers.Header{Name: name, Value: unsafeValue})
		}
	}
	return list
}

// canBeSafelisted reports whether name is that of a CORS-safelisted
// request-header in the standard.
func canBeSafelisted(name string) bool {
	switch name {
	case "accept", "accept-language", "content-language", "content-type", "range":
		return true
	}
	return false
}

// byScript reports whether a header of a request without a preflight is one that
// script set. Where both script and the user agent may have, it was the user
// agent: script's would have needed a preflight.
func byScript(e *record.Exchange, h headers.Header) bool {
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
		accept, _ := e.Request.Headers.Get("accept")
		return accept != "text/event-stream"
	case "authorization":
		return !byUserAgent(h.Value)
	}
	return !strings.HasPrefix(h.Name, "cf-") && !headers.IsForbiddenRequestHeader(h.Name, h.Value)
}

// byUserAgent reports whether the value of an Authorization is of a scheme that
// user agents answer a challenge with. Script that sets one of them is known by
// the preflight.
//
// https://httpwg.org/specs/rfc9110.html#auth.client.proxy
func byUserAgent(authorization string) bool {
	scheme, _, _ := strings.Cut(authorization, " ")
	switch headers.Lower(scheme) {
	case "basic", "digest", "ntlm", "negotiate":
		return true
	}
	return false
}
