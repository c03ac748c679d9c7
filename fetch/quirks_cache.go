package fetch

import (
	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
)

// invalidates reports whether a response with a status makes the HTTP cache forget
// what it has of the request's URL.
//
// https://httpwg.org/specs/rfc9111.html#invalidation
func (f *fetching) invalidates(status int) bool {
	method := f.request.method
	succeeded := 200 <= status && status <= 399
	switch f.client.quirks().Invalidates {
	case browser.InvalidatesButPUT:
		return !isSafe(method) && succeeded && method != "PUT" && !headers.EqualFold(method, "PATCH")
	case browser.InvalidatesAnyStatus:
		return !isSafe(method) && status != 304
	case browser.InvalidatesAnyMethod:
		return method != "GET" && f.request.preflightFor == nil && (status < 300 || 399 < status)
	}
	return !isSafe(method) && succeeded
}

// forgetUnfollowed keeps a redirect that is not to be followed out of the HTTP
// cache, in engines that store only permanent ones of those.
func (f *fetching) forgetUnfollowed(response *response) {
	if body, ok := response.body.(*storingBody); ok && f.client.quirks().UnfollowedForgotten {
		body.done = body.done || response.status != 301 && response.status != 308
	}
}

// refuse closes a response that the page may not read, for the CORS check or its
// resource policy, and keeps it out of the HTTP cache in engines that do not
// store it.
func (f *fetching) refuse(response *response, byCORS bool) {
	redirect := response.isRedirect(f.client.quirks())
	if body, ok := response.body.(*storingBody); ok {
		switch f.client.quirks().Refused {
		case browser.RefusedRedirectsKept:
			body.done = body.done || !redirect
		case browser.RefusedAsChromium:
			if !redirect && !(f.request.xhr && body.sniffedWhole()) {
				body.done = true
				body.cache.Remove(body.key)
			}
		case browser.RefusedByCORSKept:
			body.done = body.done || redirect || !byCORS
		}
	}
	discard(response.body)
}

// maxBytesToSniff is how much of a body Chromium has to see to sniff its MIME type.
const maxBytesToSniff = 1024

// sniffedWhole reports whether Chromium, to sniff the MIME type of what an
// XMLHttpRequest asked for, reads a body to its end before it refuses the response.
func (b *storingBody) sniffedWhole() bool {
	list := b.response.Headers
	if b.left() >= maxBytesToSniff || DetermineNosniff(list) {
		return false
	}
	mimeType, ok := list.ExtractMIMEType()
	return !ok || mimeType.Essence() == "text/plain"
}

// bypassesByHeader reports whether the headers of a request ask for a response
// that does not come from a cache.
func bypassesByHeader(list headers.List) bool {
	for _, name := range [...]string{"cache-control", "pragma"} {
		if directives, _, ok := headers.ExtractTokenList(list.Lines(name)); ok && directives.HasFold("no-cache") {
			return true
		}
	}
	return false
}
