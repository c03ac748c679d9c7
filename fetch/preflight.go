package fetch

import (
	"errors"
	"io"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
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
	r, cache := &f.request, f.client.preflights()
	if cache.Len() == 0 {
		return false // which saves the list of names
	}
	q := f.preflightQuery()
	c := r.cors()
	if q.Unneeded = !f.needsPreflight(); q.Unneeded {
		c = f.preflightRequest()
	}
	q.IncludeCredentials, q.UnsafeNames = c.IncludeCredentials, f.client.policy().CORSUnsafeRequestHeaderNames(c.Headers)
	cached := cache.Permits(f.client.now(), r.preflightKey(f.client.rules()), &q)
	if cached {
		f.trace.preflightCached(r)
	}
	return cached
}

// preflightQuery is what the CORS-preflight cache looks at in the request, except whether it includes
// credentials, and its headers.
func (f *fetching) preflightQuery() preflightcache.Query {
	r := &f.request
	return preflightcache.Query{
		Method: r.method, UseCORSPreflight: r.useCORSPreflight, Opaque: r.origin.IsOpaque(), Tainted: r.redirectTaint() != origin.TaintSameOrigin,
		CacheMode: string(r.cacheMode), Conditional: isConditional(r.headers) && !(r.xhr && f.client.rules().PreflightCache.ConditionalXHRDoesNot),
	}
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

// failureOf returns what a network error is to the CORS-preflight cache.
func failureOf(err error) preflightcache.Failure {
	e, _ := errors.AsType[*cors.Error](err)
	switch {
	case e.Preflight:
		return preflightcache.FailedPreflight
	case e.Reason == cors.RedirectMode:
		return preflightcache.FailedRedirectMode
	}
	return preflightcache.FailedOtherwise
}

// corsPreflightFetch is CORS-preflight fetch. Its error says why it was needed.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetching) corsPreflightFetch() error {
	err := f.preflightFetch()
	if e, ok := err.(*cors.Error); ok && e.Preflight {
		c := f.preflightRequest()
		e.Causes = f.client.policy().PreflightCauses(&c)
	}
	return err
}

// preflightFetch is CORS-preflight fetch itself.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetching) preflightFetch() error {
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
		list = cors.PassingCheck(&c, list)
	}
	granted, err := policy.ValidatePreflight(&c, response.status, &list)
	f.trace.checked(response.url(), c, true, err)
	if err == nil && granted.CoverAuthorizationByWildcard(&c) {
		r.authorizedByWildcard = append(r.authorizedByWildcard, r.currentURL().String())
	}
	// Step 7.12. Methods, and step 7.14, header names: old entries and new ones.
	q := f.preflightQuery()
	q.IncludeCredentials = c.IncludeCredentials
	f.client.preflights().Remember(f.client.now(), r.preflightKey(rules), &q, err != nil, granted.MaxAge, granted.Methods(), granted.HeaderNames())
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
