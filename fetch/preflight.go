package fetch

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/preflightcache"
)

// needsPreflight is the condition under which main fetch makes a CORS-preflight.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) needsPreflight() bool {
	r := &f.request
	if !r.unsafeRequest { // as of all that elements ask for
		return r.useCORSPreflight
	}
	c := r.cors()
	return f.client.policy().NeedsPreflight(&c)
}

// preflightCached is the condition of step 4.1 of HTTP fetch: does the
// CORS-preflight cache know that the request is permitted?
func (f *fetching) preflightCached() bool {
	r := &f.request
	cacheMode, rules := r.cacheMode, f.client.rules()
	past := rules.PreflightCache.ConditionalBypasses == quirks.ConditionalAll || rules.PreflightCache.ConditionalBypasses == quirks.ConditionalGET && (r.method == "GET" || r.method == "HEAD")
	if past && cacheMode == CacheDefault && isConditional(r.headers) {
		cacheMode = CacheNoStore
	}
	if slices.Contains(rules.PreflightCache.BypassModes, string(cacheMode)) || f.forgetsPreflight() {
		return false
	}
	cached := false
	switch {
	case f.needsPreflight():
		cached = f.preflightCacheMatches()
	case rules.PreflightCache.UnneededIsLookedUp:
		cached = f.preflightRemembered()
	default:
		return false
	}
	if cached {
		f.trace.preflightCached(r)
	} else if rules.PreflightCache.InsufficientEntryRemoved {
		f.client.preflights().Clear(r.preflightKey(f.client.rules()))
	}
	return cached
}

// preflightCacheMatches reports whether there is a cache entry match for all that
// the request needs.
func (f *fetching) preflightCacheMatches() bool {
	r := &f.request
	cache, now, key := f.client.preflights(), f.client.now(), r.preflightKey(f.client.rules())
	c := r.cors()
	rules := f.client.rules()
	switch {
	case !headers.IsCORSSafelistedMethod(r.method), r.method == "HEAD" && rules.PreflightCache.HEADNeedsEntry,
		r.useCORSPreflight && !rules.PreflightCache.SafelistedMethodNeedsNoEntry:
		if !cache.MatchMethod(now, key, c.IncludeCredentials, r.method) {
			return false
		}
	case r.useCORSPreflight && !cache.Remembers(now, key, c.IncludeCredentials):
		return false
	}
	for _, name := range f.client.policy().CORSUnsafeRequestHeaderNames(r.headers) {
		if !cache.MatchHeaderName(now, key, c.IncludeCredentials, name) {
			return false
		}
	}
	return true
}

// preflightKey is what the CORS-preflight cache has entries of r under.
func (r *request) preflightKey(rules *quirks.Engine) preflightcache.Key {
	serialized := r.byteSerializeOrigin()
	if rules.Preflight.OriginOfPage {
		serialized = r.origin.String()
	}
	return preflightcache.Key{
		Partition: r.page.topLevelSite, Origin: serialized, URL: r.currentURL().String(),
	}
}

// clearsPreflights reports whether a network error of a request that needed a
// preflight clears cache entries using request, as in the standard each does.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) clearsPreflights(err error) bool {
	e, _ := errors.AsType[*cors.Error](err)
	switch f.client.rules().PreflightCache.ClearedBy {
	case quirks.ClearOnPreflightFailure:
		return e.Preflight
	case quirks.ClearButOnRedirectMode:
		return e.Reason != cors.RedirectMode
	case quirks.ClearNever:
		return false
	}
	return true
}

// corsPreflightFetch is CORS-preflight fetch.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetching) corsPreflightFetch() error {
	r := &f.request
	c := f.preflightRequest()
	policy, rules := f.client.policy(), f.client.rules()
	if rules.CSP.PathsOfRedirectedPreflights && len(r.urlList) > 1 {
		if err := f.violatedPolicy(false); err != nil {
			return err
		}
	}
	f.trace.preflightNeeded(r, c, policy)
	// Step 1. The preflight, with the headers of steps 2 to 5.
	fp := fetching{ctx: f.ctx, client: f.client, trace: f.trace, request: request{
		Request: Request{
			page: r.page, method: "OPTIONS", url: r.url, headers: policy.PreflightHeaders(&c),
			origin: r.origin, destination: r.destination, referrer: r.referrer, referrerPolicy: r.referrerPolicy,
			mode: ModeCORS, credentials: CredentialsSameOrigin, cacheMode: CacheDefault,
		},
		urlList: r.urlList, tainting: TaintingCORS,
		preflightFor: r, asksFor: &c, serializedOrigin: c.Origin, serializedOriginOf: len(r.urlList),
	}}
	// Step 6. Its response, of which no cache knows.
	if rules.Preflight.ReferrerOfFirstHop {
		fp.request.referrer = r.firstReferrer
	}
	response, err := fp.httpNetworkOrCacheFetch(false, false)
	if err != nil {
		return err
	}
	if err := fp.finishBody(response); err != nil {
		err.Preflight = true
		return err
	}
	r.lastResponse = response.headers
	// Step 7. The CORS check, done on the request itself, and what is permitted.
	list := response.headers
	if rules.Preflight.UncheckedAtOwnOrigin && r.currentURL().Origin().SameOrigin(r.origin) {
		list = list.Clone()
		list.Set("Access-Control-Allow-Origin", c.Origin)
		list.Set("Access-Control-Allow-Credentials", "true")
	}
	granted, err := policy.ValidatePreflight(&c, response.status, &list)
	f.trace.checked(response.url(), c, true, err)
	if err == nil && granted.CoverAuthorizationByWildcard(&c) {
		r.authorizedByWildcard = append(r.authorizedByWildcard, r.currentURL().String())
	}
	if (err == nil || rules.PreflightCache.RefusedIsStored) && f.remembersPreflight() {
		// Step 7.12. Methods, and step 7.14, header names: old entries and new ones.
		f.client.preflights().Store(f.client.now(), r.preflightKey(f.client.rules()), c.IncludeCredentials,
			seconds(granted.MaxAge), granted.Methods(), granted.HeaderNames())
	}
	if err != nil {
		return f.located(err, response)
	}
	return nil
}

// finishBody closes the body of a response that nobody reads. The error is that of an engine
// which reads it nevertheless.
func (f *fetching) finishBody(response *response) *cors.Error {
	defer discard(response.body)
	if !f.client.rules().Response.BodiesReadToEnd {
		return nil
	}
	if _, err := io.Copy(io.Discard, response.body); err != nil {
		return f.transportError(err, &NetworkRequest{URL: response.url().StringExcludingFragment()})
	}
	return nil
}

// seconds converts a number of seconds, which may be any, to a duration.
func seconds(n int64) time.Duration {
	const longest = time.Duration(1<<63-1) / time.Second
	return min(time.Duration(n), longest) * time.Second
}

// clearOfHop clears the cache entries of the URL, the hop-th, that led to a bad
// port, in engines that refuse the redirect rather than the request.
func (f *fetching) clearOfHop(hop int, err error) {
	r := &f.request
	if f.client.rules().PreflightCache.ClearedBy != quirks.ClearButOnRedirectMode || cors.ReasonOf(err) != cors.BadPort || len(r.urlList) == hop {
		return
	}
	redirecting := *r
	redirecting.urlList = r.urlList[:hop]
	f.client.preflights().Clear(redirecting.preflightKey(f.client.rules()))
}

// preflightRemembered reports whether the cache knows, of a request that needs no
// preflight but would get one, that what the preflight would ask for is permitted.
func (f *fetching) preflightRemembered() bool {
	c := f.preflightRequest()
	cache, now, key := f.client.preflights(), f.client.now(), f.request.preflightKey(f.client.rules())
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
	r := &f.request
	switch f.client.rules().PreflightCache.NotStored {
	case quirks.NotStoredTainted:
		return !r.origin.IsOpaque() && r.redirectTaint() != "same-origin"
	case quirks.NotStoredOpaque:
		return r.origin.IsOpaque() || r.redirectTaint() != "same-origin"
	}
	return false
}

// remembersPreflight reports whether a preflight for the request is stored.
func (f *fetching) remembersPreflight() bool {
	return !(f.client.rules().PreflightCache.NoStoreIsNotStored && f.request.cacheMode == CacheNoStore) && !f.forgetsPreflight()
}

// preflightRequest returns what the decisions about a preflight are made on: the
// request, or what some engines take for it after a redirect.
func (f *fetching) preflightRequest() cors.Request {
	r, rules := &f.request, f.client.rules()
	c := r.cors()
	if rules.Preflight.OriginOfPage {
		c.Origin = r.origin.String()
	}
	if (rules.Preflight.HeadersAsGiven || r.hopsAsSent(&rules.Elements)) && len(r.urlList) > 1 {
		c.Headers = r.given
	}
	return c
}

// preflightsEveryHop reports whether a request that needs no preflight gets one,
// as an earlier hop did or as it would have needed one before it was redirected.
func (f *fetching) preflightsEveryHop() bool {
	return f.request.preflighted && f.client.rules().Preflight.Hops != quirks.HopsAsNeeded
}
