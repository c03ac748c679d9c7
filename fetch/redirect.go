package fetch

import (
	"slices"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// becomesGET reports whether a redirect with a status turns a request into a GET
// request without a body.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func becomesGET(status int, method string) bool {
	switch status {
	case 301, 302:
		return method == "POST"
	case 303:
		return method != "GET" && method != "HEAD"
	}
	return false
}

// dropBodyHeaders removes the headers that are about the body.
func (r *request) dropBodyHeaders() {
	isAboutBody := func(h headers.Header) bool { return headers.IsRequestBodyHeaderName(h.Name) }
	for _, h := range r.headers {
		if isAboutBody(h) {
			r.dropped = append(r.dropped, h)
		}
	}
	r.headers = slices.DeleteFunc(r.headers.Clone(), isAboutBody)
}

// forgetBodyHeaders removes the headers that are about the body from those that the request was given, in engines that
// make preflights of them.
func (r *request) forgetBodyHeaders(policy *cors.Policy) {
	r.given = slices.DeleteFunc(r.given.Clone(), func(h headers.Header) bool { return headers.IsRequestBodyHeaderName(h.Name) })
	r.preflighted = r.askedFirst || r.preflighted && policy.CORSUnsafeRequestHeaderNames(r.given) != nil
}

// httpRedirectFetch is HTTP-redirect fetch.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (f *fetching) httpRedirectFetch(response *response) (*response, error) {
	r, policy := &f.request, f.client.redirectPolicy()
	// Step 3. Where the response leads; step 4: it leads nowhere.
	location, err := policy.LocationURL(r.currentURL(), response.status, &response.headers)
	if location == nil && err == nil {
		return response, nil
	}
	broken := f.finishBody(response)
	// Step 5. The Location is not a URL.
	if err != nil {
		return nil, f.located(err, response)
	}
	if broken != nil {
		return nil, broken
	}
	// Step 6. What is not followed, up to step 11; step 8, the count, is the length of the URL list.
	afterPreflight, err := policy.Check(&cors.Redirect{
		Status: response.status, Location: location, Count: len(r.urlList) - 1, Origin: r.origin, CORSMode: r.mode == ModeCORS,
		CORSTainting: r.tainting == TaintingCORS, StreamBody: r.body != nil && r.body.source == nil,
		DataFollowed: r.mayRedirectToData(&f.client.rules().Elements),
	})
	if err != nil {
		f.located(err, response)
		if !afterPreflight {
			return nil, err
		}
		r.refusedRedirect = &refusal{err, response.headers}
	}
	// Step 12. 301, 302 and 303 make a GET of some methods.
	crossOrigin := !r.currentURL().Origin().SameOrigin(location.Origin())
	f.restoreHeaders(response.status, location)
	switch {
	case becomesGET(response.status, r.method):
		r.method, r.body, r.wasPOST = "GET", nil, true
		if !policy.BodyHeadersKept || r.mode != ModeCORS || r.tainting != TaintingCORS && location.Origin().SameOrigin(r.origin) {
			r.dropBodyHeaders()
		}
		if f.client.rules().Preflight.BodyHeadersForgotten {
			r.forgetBodyHeaders(f.client.policy())
		}
	case policy.DeleteBecomesGET && r.method == "DELETE" && crossOrigin:
		r.method, r.body = "GET", nil
	}
	// Step 13. Authorization stays with the origin that it was for.
	if crossOrigin {
		r.headers = slices.DeleteFunc(r.headers.Clone(), func(h headers.Header) bool {
			return headers.IsCORSNonWildcardRequestHeaderName(h.Name)
		})
	}
	r.redirectedByNetwork = !response.fromCache
	f.trace.redirected(r.currentURL(), location, response.status)
	// Step 18. Add to the URL list, which is shared with the response.
	if response.status == 301 || response.status == 308 {
		r.movedTo = len(r.urlList)
	}
	r.urlList, r.upgradedFrom = append(slices.Clip(r.urlList), location), nil
	// Step 19. The response may set another referrer policy.
	r.setReferrerPolicyOnRedirect(response.headers)
	// Step 22. Main fetch again, for the response tainting.
	return f.mainFetchRecursive()
}

// mayRedirectToData reports whether the engine follows a redirect of the request to a data: URL.
func (r *request) mayRedirectToData(rules *quirks.Elements) bool {
	if !rules.RedirectsToData || r.mode != ModeNoCORS {
		return false
	}
	return r.initiator == InitiatorImage || r.initiator == InitiatorScript || r.initiator == InitiatorStyle
}

// checkRedirectAsBegun does the CORS check of a redirect again in engines that do
// it as if the request still had the credentials that it began with. They do so
// late: what the check says holds once the next hop's preflight has passed.
func (f *fetching) checkRedirectAsBegun(response *response) {
	r := &f.request
	began := f.client.rules().Redirect.CheckedWithInitialCredentials && r.urlList[0].Origin().SameOrigin(r.origin) ||
		f.client.rules().Elements.ModulePreloadsCheckedWithCredentials && r.initiator == InitiatorModulePreload
	if !began || r.tainting != TaintingCORS || r.credentials != CredentialsSameOrigin {
		return
	}
	c := r.cors()
	c.IncludeCredentials = true
	if err := f.client.policy().Check(&c, &response.headers); err != nil {
		r.refusedRedirect = &refusal{f.located(err, response), response.headers}
	}
}

// A refusal is why the redirect that led to the current URL was refused, by
// engines that say so late, and the headers of its response.
type refusal struct {
	err      error
	response headers.List
}

// restoreHeaders gives a request headers again that earlier redirects took, before
// one with a status to a location takes some.
func (f *fetching) restoreHeaders(status int, location *weburl.URL) {
	r, rules := &f.request, f.client.rules()
	cross := r.tainting == TaintingCORS || !location.Origin().SameOrigin(r.origin)
	switch {
	case r.mode == ModeNoCORS, r.hopsAsSent(&rules.Elements):
	case rules.Redirect.HeadersRestored:
		r.restore(r.given)
		r.withholdsBodyHeaders = becomesGET(status, r.givenMethod)
	case rules.Redirect.BodyHeadersRestored && cross:
		r.restore(r.dropped)
	case rules.Redirect.ContentTypeRestored && !cross && (status == 307 || status == 308):
		for _, h := range r.dropped {
			if headers.EqualFold(h.Name, "content-type") {
				r.restore(headers.List{h})
			}
		}
	}
}

// restore appends the headers of a list whose names the request's lacks.
func (r *request) restore(list headers.List) {
	restored := r.headers.Clone()
	for _, h := range list {
		if !restored.Contains(h.Name) {
			restored = append(restored, h)
		}
	}
	r.headers = restored
}

// checkManualLocation fails a redirect that nobody follows, in engines that look
// at its Location nevertheless.
func (f *fetching) checkManualLocation(r *response) error {
	policy := f.client.redirectPolicy()
	if !policy.ManualLocationParsed && policy.ManualLocationRefused == nil {
		return nil
	}
	location, err := policy.LocationURL(r.url(), r.status, &r.headers)
	switch {
	case err != nil && policy.ManualLocationParsed:
	case location != nil && slices.Contains(policy.ManualLocationRefused, location.Scheme()):
		err = f.networkError(cors.RedirectScheme)
	default:
		return nil
	}
	discard(r.body)
	return f.located(err, r)
}
