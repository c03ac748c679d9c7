package fetch

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/preflightcache"
)

// httpFetch is HTTP fetch.
//
// https://fetch.spec.whatwg.org/#http-fetch
func (f *fetching) httpFetch(makeCORSPreflight bool) (*response, error) {
	r := f.request
	// Step 4.1.
	if makeCORSPreflight && !f.preflightCached() {
		if err := f.corsPreflightFetch(); err != nil {
			return nil, err
		}
	}
	if refused := r.redirectRefused; refused != nil {
		r.urlList, r.lastResponse = r.urlList[:len(r.urlList)-1], refused.response
		return nil, refused.err
	}
	// Step 4.3.
	response, err := f.httpNetworkOrCacheFetch(false)
	if err != nil {
		return nil, err
	}
	r.lastResponse = response.headers
	// Step 4.4.
	if r.tainting == TaintingCORS {
		c := r.cors()
		err := f.client.policy().Check(&c, &response.headers)
		f.trace.checked(response.url(), false, err)
		if err != nil {
			f.refuse(response, true)
			return nil, f.located(err, response)
		}
	}
	// Step 4.5.
	if !f.taoCheck(response) {
		r.timingAllowFailed = true
	}
	// Step 5.
	if r.tainting == TaintingOpaque {
		list := response.headers
		if f.client.quirks().CombineResponses == browser.CombineAsGecko {
			list = combineAsGecko(list)
		}
		err := cors.CrossOriginResourcePolicyCheck(&cors.ResourcePolicyRequest{
			Origin: r.origin, ResponseOrigin: response.url().Origin(),
			EmbedderPolicy:             r.page.embedderPolicy,
			RequestIncludesCredentials: response.requestIncludesCredentials,
		}, &list)
		if err != nil {
			f.refuse(response, false)
			return nil, f.located(err, response)
		}
	}
	// Step 6.
	if response.isRedirect(f.client.quirks()) {
		switch r.redirect {
		case RedirectError:
			if f.client.quirks().ErrorNeedsLocation && isBlank(response.headers.Lines("location")) {
				return response, nil
			}
			f.forgetUnfollowed(response)
			discard(response.body)
			e := f.networkError(cors.RedirectMode)
			e.Status = response.status
			return nil, e
		case RedirectManual:
			f.forgetUnfollowed(response)
			if f.client.quirks().ManualRedirectBody && isBlank(response.headers.Lines("location")) {
				response.readableRedirect = true
			}
			if err := f.checkManualLocation(response); err != nil {
				return nil, err
			}
			response.opaqueRedirect = true
		default:
			f.checkRedirectAsBegun(response)
			return f.httpRedirectFetch(response)
		}
	}
	return response, nil
}

// located adds to a failure which response it is about.
func (f *fetching) located(err error, r *response) error {
	e := err.(*cors.Error)
	for _, failure := range e.All() {
		failure.URL, failure.Status = r.url().StringExcludingFragment(), r.status
	}
	return e
}

func (f *fetching) taoCheck(response *response) bool {
	r := f.request
	return cors.TAOCheck(&cors.TAORequest{
		Origin: r.byteSerializeOrigin(), TimingAllowFailed: r.timingAllowFailed,
		BasicTainting: r.tainting == TaintingBasic,
	}, &response.headers)
}

// preflightCached is the condition of step 4.1 of HTTP fetch: does the
// CORS-preflight cache know that the request is permitted?
func (f *fetching) preflightCached() bool {
	r := f.request
	cacheMode, quirks := r.cacheMode, f.client.quirks()
	past := quirks.ConditionalIsNoStore == browser.ConditionalAll || quirks.ConditionalIsNoStore == browser.ConditionalGET && (r.method == "GET" || r.method == "HEAD")
	if past && cacheMode == CacheDefault && isConditional(r.headers) {
		cacheMode = CacheNoStore
	}
	if slices.Contains(quirks.PreflightAgain, string(cacheMode)) || f.forgetsPreflight() {
		return false
	}
	cached := false
	switch {
	case f.needsPreflight():
		cached = f.preflightCacheMatches()
	case quirks.PreflightHopsRemembered:
		cached = f.preflightRemembered()
	default:
		return false
	}
	if cached {
		f.trace.preflightCached(r)
	} else if quirks.InsufficientErases {
		f.client.preflights().Clear(r.preflightKey())
	}
	return cached
}

// preflightCacheMatches reports whether there is a cache entry match for all that
// the request needs.
func (f *fetching) preflightCacheMatches() bool {
	r := f.request
	cache, now, key := f.client.preflights(), f.client.now(), r.preflightKey()
	c := r.cors()
	quirks := f.client.quirks()
	switch {
	case !headers.IsCORSSafelistedMethod(r.method), r.method == "HEAD" && quirks.CachedHEADListed,
		r.useCORSPreflight && !quirks.CachedMethodsSafelisted:
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
func (r *Request) preflightKey() preflightcache.Key {
	return preflightcache.Key{
		Partition: r.page.topLevelSite, Origin: r.byteSerializeOrigin(), URL: r.currentURL().String(),
	}
}

// clearsPreflights reports whether a network error of a request that needed a
// preflight clears cache entries using request, as in the standard each does.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) clearsPreflights(err error) bool {
	e, _ := errors.AsType[*cors.Error](err)
	switch f.client.quirks().Clear {
	case browser.ClearOnPreflightFailure:
		return e.Preflight
	case browser.ClearButOnRedirectMode:
		return e.Reason != cors.RedirectMode
	case browser.ClearNever:
		return false
	}
	return true
}

// corsPreflightFetch is CORS-preflight fetch.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetching) corsPreflightFetch() error {
	r := f.request
	c := f.preflightRequest()
	policy, quirks := f.client.policy(), f.client.quirks()
	if f.trace != nil && f.trace.PreflightNeeded != nil {
		f.trace.PreflightNeeded(r.currentURL().StringExcludingFragment(), policy.PreflightCauses(&c))
	}
	// Steps 1 to 5.
	preflight := &Request{
		page: r.page, method: "OPTIONS", urlList: r.urlList, headers: policy.PreflightHeaders(&c),
		origin: r.origin, destination: r.destination, referrer: r.referrer, referrerPolicy: r.referrerPolicy,
		mode: ModeCORS, credentials: CredentialsSameOrigin, cacheMode: CacheDefault, tainting: TaintingCORS,
		preflightFor: r, serializedOrigin: c.Origin, serializedOriginOf: len(r.urlList),
	}
	// Step 6.
	if quirks.PreflightReferrerOfFirstHop {
		preflight.referrer = r.firstReferrer
	}
	fp := *f
	fp.request = preflight
	response, err := fp.httpNetworkOrCacheFetch(false)
	if err != nil {
		return err
	}
	if err := fp.letGo(response); err != nil {
		err.Preflight = true
		return err
	}
	r.lastResponse = response.headers
	// Step 7.
	list := response.headers
	if quirks.PreflightHomeUnchecked && r.currentURL().Origin().SameOrigin(r.origin) {
		list = list.Clone()
		list.Set("Access-Control-Allow-Origin", c.Origin)
		list.Set("Access-Control-Allow-Credentials", "true")
	}
	granted, err := policy.ValidatePreflight(&c, response.status, &list)
	f.trace.checked(response.url(), true, err)
	if err == nil && granted.CoverAuthorizationByWildcard(&c) {
		r.wildcarded = append(r.wildcarded, r.currentURL().String())
	}
	if (err == nil || quirks.RefusedRemembered) && f.remembersPreflight() {
		// Steps 7.11 to 7.14.
		f.client.preflights().Store(f.client.now(), r.preflightKey(), c.IncludeCredentials,
			seconds(granted.MaxAge), granted.Methods(), granted.HeaderNames())
	}
	if err != nil {
		return f.located(err, response)
	}
	return nil
}

// letGo closes the body of a response that nobody reads. The error is that of an engine
// which reads it nevertheless.
func (f *fetching) letGo(response *response) *cors.Error {
	defer discard(response.body)
	if !f.client.quirks().BodiesAwaited {
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
