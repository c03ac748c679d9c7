package fetch

import (
	"github.com/corsim/corsim/cors"
)

// fetch is the part of the fetch algorithm that comes before main fetch.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (f *fetching) fetch() (*Response, error) {
	// Step 12. Accept, by destination. Accept-Language (steps 13 and 14) is the user agent's to add later, so that it does
	// not count among the headers that script has chosen.
	if !f.request.headers.Contains("accept") && !f.request.withoutAccept {
		f.request.headers.Append("Accept", f.request.destination.accept())
	}
	return f.mainFetch()
}

// accept is the value of Accept for a destination.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (d Destination) accept() string {
	switch d {
	case "document", "frame", "iframe":
		return "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	case "image":
		return "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	case "json":
		return "application/json,*/*;q=0.5"
	case "style":
		return "text/css,*/*;q=0.1"
	case "text":
		return "text/plain,*/*;q=0.5"
	}
	return "*/*"
}

// mainFetch is main fetch with recursive false: it filters what
// mainFetchRecursive returns and gives it a last look.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) mainFetch() (*Response, error) {
	internal, err := f.mainFetchRecursive()
	if err != nil {
		return nil, err
	}
	r := &f.request
	// Step 14.1. What the response exposes, where its tainting is "cors".
	if r.tainting == TaintingCORS && !internal.opaqueRedirect {
		internal.exposed = f.exposed(internal)
	}
	// Step 20. A response may be blocked for its MIME type.
	if err := f.blockedResponse(internal); err != nil {
		discard(internal.body)
		return nil, err
	}
	// Step 14.2. The filtered response, by the response tainting.
	filtered := internal.filter(r, f.client.rules())
	// Step 19. The timing allow passed flag.
	filtered.TimingAllowed = !r.timingAllowFailed
	// Step 21. An opaque response to a range that was not asked for.
	if filtered.Type == TypeOpaque && (internal.status == 206 || internal.status == 416) &&
		internal.rangeRequested && !r.headers.Contains("range") {
		return nil, f.networkError(cors.UnrequestedRange)
	}
	// Step 22. Responses that have no body, whatever came.
	nullBody := r.method == "HEAD" ||
		isNullBodyStatus(internal.status) && !(internal.status == 205 && f.client.rules().Response.ResetContentBody)
	if nullBody {
		filtered.Body.Close()
		filtered.Body = NoBody
	}
	// Step 23. Integrity metadata.
	if r.integrity != "" {
		if err := f.checkIntegrity(filtered, nullBody); err != nil {
			return nil, err
		}
	}
	filtered.Body = f.withErrors(filtered.Body, filtered.URL)
	f.trace.responded(filtered)
	return filtered, nil
}

// mainFetchRecursive is main fetch with recursive true, up to step 13. Content
// Security Policy, Integrity Policy, HSTS, preloads and service workers are not
// modelled.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) mainFetchRecursive() (*response, error) {
	r := &f.request
	// Step 5. Upgrade what the page's policy has upgraded.
	if err := f.upgradeInsecureRequest(); err != nil {
		return nil, err
	}
	// Step 6. Upgrade mixed content that has to be upgraded.
	f.upgradeMixedContent()
	url := r.currentURL()
	// Step 7. Bad ports and mixed content are blocked.
	if url.IsHTTP() && isBadPort(url.EffectivePort()) {
		reason := cors.BadPort
		if r.xhr && len(r.urlList) > 1 && f.client.rules().Redirect.BadPortHangsXHR {
			reason = cors.Timeout
		}
		return nil, f.networkError(reason)
	}
	if url.Host() == "0.0.0.0" && f.client.rules().Request.UnspecifiedRefused {
		return nil, f.networkError(cors.Transport)
	}
	if url.IsHTTP() && f.isMixedContent() {
		err := f.networkError(cors.MixedContent)
		if !f.client.rules().Redirect.MixedContentAfterPreflight || len(r.urlList) == 1 {
			return nil, err
		}
		r.refusedRedirect = &refusal{err, r.lastResponse}
	}
	if err := f.contentSecurityPolicyCheck(); err != nil {
		return nil, err
	}
	// Step 8. The referrer policy is the page's where the request has none.
	if r.referrerPolicy == "" {
		if r.referrerPolicy = r.page.referrerPolicyFor(f.client.rules()); r.referrerPolicy == "" {
			r.referrerPolicy = ReferrerPolicyStrictOriginWhenCrossOrigin
		}
	}
	// Step 9. The referrer.
	r.referrer = r.determineReferrer(f.client.rules())
	if len(r.urlList) == 1 {
		r.firstReferrer = r.referrer
	}
	// Step 10. Hosts that must be asked over https alone.
	f.upgradeByHSTS()
	url = r.currentURL()
	// Step 12. How to fetch, by origin, mode and scheme.
	switch {
	case url.Origin().SameOrigin(r.origin) && r.tainting == TaintingBasic,
		url.Scheme() == "data", r.mode == ModeNavigate, r.mode == ModeWebSocket:
		r.tainting = TaintingBasic
		if url.Scheme() == "data" && r.mayRedirectToData(&f.client.rules().Elements) && len(r.urlList) > 1 {
			r.tainting = TaintingOpaque
		}
		return f.schemeFetch()

	case r.mode == ModeSameOrigin:
		return nil, f.networkError(cors.SameOriginMode)

	case r.mode == ModeNoCORS:
		if r.redirect != RedirectFollow {
			return nil, f.networkError(cors.NoCORSRedirectMode)
		}
		r.tainting = TaintingOpaque
		return f.schemeFetch()

	case !url.IsHTTP():
		return nil, f.networkError(cors.SchemeNotHTTP)
	}
	r.tainting = TaintingCORS
	if !f.needsPreflight() && !f.preflightsEveryHop() {
		return f.httpFetch(false)
	}
	r.preflighted, r.askedFirst = true, true
	hop := len(r.urlList)
	response, err := f.httpFetch(true)
	if err != nil {
		// The current URL may be that of a later hop by now.
		f.client.preflights().Failed(r.preflightKey(f.client.rules()), failureOf(err))
		f.clearOfHop(hop, err)
	}
	return response, err
}

// networkError returns an error about the request's current URL.
func (f *fetching) networkError(reason cors.Reason) *cors.Error {
	url := f.request.currentURL()
	return &cors.Error{Reason: reason, URL: url.StringExcludingFragment(), Subject: url.StringExcludingFragment()}
}
