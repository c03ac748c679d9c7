package fetch

import (
	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
)

// clearOfHop clears the cache entries of the URL, the hop-th, that led to a bad
// port, in engines that refuse the redirect rather than the request.
func (f *fetching) clearOfHop(hop int, err error) {
	r := f.request
	if f.client.quirks().Clear != browser.ClearButOnRedirectMode || cors.ReasonOf(err) != cors.BadPort || len(r.urlList) == hop {
		return
	}
	redirecting := *r
	redirecting.urlList = r.urlList[:hop]
	f.client.preflights().Clear(redirecting.preflightKey())
}

// preflightRemembered reports whether the cache knows, of a request that needs no
// preflight but would get one, that what the preflight would ask for is permitted.
func (f *fetching) preflightRemembered() bool {
	c := f.preflightRequest()
	cache, now, key := f.client.preflights(), f.client.now(), f.request.preflightKey()
	if !cache.Remembers(now, key, c.IncludeCredentials) {
		return false
	}
	for _, name := range f.client.policy().CORSUnsafeRequestHeaderNames(c.Headers) {
		if !cache.MatchHeaderName(now, key, c.IncludeCredentials, name) {
			return false
		}
	}
	return true
}

// forgetsPreflight reports whether preflights for the request's origin are not
// remembered, as it is opaque.
func (f *fetching) forgetsPreflight() bool {
	r := f.request
	switch f.client.quirks().Forgotten {
	case browser.ForgottenTainted:
		return !r.origin.IsOpaque() && r.redirectTaint() != "same-origin"
	case browser.ForgottenOpaque:
		return r.origin.IsOpaque() || r.redirectTaint() != "same-origin"
	}
	return false
}

// remembersPreflight reports whether a preflight for the request is stored.
func (f *fetching) remembersPreflight() bool {
	return !(f.client.quirks().NoStoreForgets && f.request.cacheMode == CacheNoStore) && !f.forgetsPreflight()
}

// preflightRequest returns what the decisions about a preflight are made on: the
// request, or what some engines take for it after a redirect.
func (f *fetching) preflightRequest() cors.Request {
	r, quirks := f.request, f.client.quirks()
	c := r.cors()
	if quirks.PreflightOrigin {
		c.Origin = r.origin.String()
	}
	if quirks.PreflightHeadersAsGiven && len(r.urlList) > 1 {
		c.Headers = r.given
	}
	return c
}

// preflightsEveryHop reports whether a request that needs no preflight gets one,
// as an earlier hop did or as it would have needed one before it was redirected.
func (f *fetching) preflightsEveryHop() bool {
	return f.request.preflighted && f.client.quirks().PreflightHops != browser.PreflightHopsAsNeeded
}
