package fetch

import (
	"context"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// fetching is what the standard calls fetch params: one fetch under way.
//
// https://fetch.spec.whatwg.org/#fetch-params
type fetching struct {
	ctx    context.Context
	client *Client
	trace  *Trace
	// request is the request as redirects change it.
	request *Request
}

// fetch is the part of the fetch algorithm that comes before main fetch.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (f *fetching) fetch() (*Response, error) {
	f.settle()
	// Step 13. Accept-Language is the user agent's to add later, so that it does
	// not count among the headers that script has chosen.
	if !f.request.headers.Contains("accept") {
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
	r := f.request
	// Step 14.1.
	if r.tainting == TaintingCORS && !internal.opaqueRedirect {
		internal.exposed = f.exposed(internal)
	}
	// Step 19. Content Security Policy is not modelled.
	if err := f.blockedResponse(internal); err != nil {
		discard(internal.body)
		return nil, err
	}
	// Step 14.2.
	filtered := internal.filter(r, f.client.quirks())
	// Step 18.
	filtered.TimingAllowed = !r.timingAllowFailed
	// Step 20.
	if filtered.Type == TypeOpaque && (internal.status == 206 || internal.status == 416) &&
		internal.rangeRequested && !r.headers.Contains("range") {
		return nil, f.networkError(cors.UnrequestedRange)
	}
	// Step 21.
	nullBody := r.method == "HEAD" ||
		isNullBodyStatus(internal.status) && !(internal.status == 205 && f.client.quirks().ResetContentBody)
	if nullBody {
		filtered.Body.Close()
		filtered.Body = NoBody
	}
	// Step 22.
	if r.integrity != "" {
		if err := f.checkIntegrity(filtered, nullBody); err != nil {
			return nil, err
		}
	}
	filtered.Body = f.withErrors(filtered.Body, filtered.URL)
	f.trace.responded(filtered)
	return filtered, nil
}

// blockedResponse decides whether a response is to be blocked for its MIME type
// or for nosniff. That a response is mixed content cannot be: its URL is that of
// a request which was not.
func (f *fetching) blockedResponse(internal *response) error {
	destination := f.request.destination
	if !destination.isScriptLike() && destination != "style" {
		return nil
	}
	mimeType, ok := internal.headers.ExtractMIMEType()
	value, present := internal.headers.Get("content-type")
	blocked := func(reason cors.Reason) error {
		e := f.networkError(reason)
		e.Header, e.Value, e.Present, e.Status = "Content-Type", value, present, internal.status
		e.Subject = string(destination)
		return e
	}
	// Should response to request be blocked due to its MIME type?
	if ok && destination.isScriptLike() && (mimeType.Type == "audio" || mimeType.Type == "image" ||
		mimeType.Type == "video" || mimeType.Essence() == "text/csv") {
		return blocked(cors.MIMEType)
	}
	// Should response to request be blocked due to nosniff?
	if DetermineNosniff(internal.headers) {
		if destination.isScriptLike() && !(ok && mimeType.IsJavaScript()) ||
			destination == "style" && !(ok && mimeType.Essence() == "text/css") {
			return blocked(cors.NoSniff)
		}
	}
	return nil
}

// DetermineNosniff determines nosniff from a response's X-Content-Type-Options.
//
// https://fetch.spec.whatwg.org/#determine-nosniff
func DetermineNosniff(list headers.List) bool {
	values := list.GetDecodeAndSplit("x-content-type-options")
	return len(values) > 0 && headers.EqualFold(values[0], "nosniff")
}

// mainFetchRecursive is main fetch with recursive true, up to step 13. Content
// Security Policy, Integrity Policy, HSTS, preloads and service workers are not
// modelled.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) mainFetchRecursive() (*response, error) {
	r := f.request
	// Step 6. Upgrade a mixed content request to a potentially trustworthy URL.
	f.upgradeMixedContent()
	url := r.currentURL()
	// Step 7.
	if url.IsHTTP() && isBadPort(url.EffectivePort()) {
		reason := cors.BadPort
		if r.xhr && len(r.urlList) > 1 && f.client.quirks().BadPortRedirectHangs {
			reason = cors.Timeout
		}
		return nil, f.networkError(reason)
	}
	if url.IsHTTP() && f.isMixedContent() {
		err := f.networkError(cors.MixedContent)
		if !f.client.quirks().MixedContentLate || len(r.urlList) == 1 {
			return nil, err
		}
		r.redirectRefused = &refusedRedirect{err, r.lastResponse}
	}
	// Step 8.
	if r.referrerPolicy == "" {
		if r.referrerPolicy = r.page.referrerPolicy; r.referrerPolicy == "" {
			r.referrerPolicy = StrictOriginWhenCrossOrigin
		}
	}
	// Step 9.
	r.referrer = r.determineReferrer(f.client.engine())
	if len(r.urlList) == 1 {
		r.firstReferrer = r.referrer
	}
	// Step 12.
	switch {
	case url.Origin().SameOrigin(r.origin) && r.tainting == TaintingBasic,
		url.Scheme() == "data", r.mode == ModeNavigate:
		r.tainting = TaintingBasic
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
	r.preflighted = true
	hop := len(r.urlList)
	response, err := f.httpFetch(true)
	if err != nil && f.clearsPreflights(err) {
		// The current URL may be that of a later hop by now.
		f.client.preflights().Clear(r.preflightKey())
		f.clearOfHop(hop, err)
	}
	return response, err
}

// needsPreflight is the condition under which main fetch makes a CORS-preflight.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) needsPreflight() bool {
	r := f.request
	if !r.unsafeRequest {
		return r.useCORSPreflight
	}
	c := r.cors()
	return f.client.policy().NeedsPreflight(&c)
}

// isMixedContent reports whether fetching request should be blocked as mixed
// content.
//
// https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
func (f *fetching) isMixedContent() bool {
	url := f.request.currentURL()
	trustworthy := url.PotentiallyTrustworthy()
	if f.client.quirks().LoopbackIsMixed {
		trustworthy = url.Scheme() == "https"
	}
	return !trustworthy && f.request.page.prohibitsMixedContent()
}

// upgradeMixedContent upgrades what the page's elements ask for, of which a
// secure page gets no insecure version: images, audio and video in mode "no-cors".
//
// https://w3c.github.io/webappsec-mixed-content/#upgrade-algorithm
func (f *fetching) upgradeMixedContent() {
	r := f.request
	url := r.currentURL()
	if url.Scheme() != "http" || url.PotentiallyTrustworthy() || isIPAddress(url.Host()) ||
		!r.page.prohibitsMixedContent() {
		return
	}
	switch r.destination {
	case "image", "audio", "video":
		if r.mode == ModeNoCORS {
			r.urlList[len(r.urlList)-1] = url.WithScheme("https")
		}
	}
}

// isIPAddress reports whether a serialized host is an IP address: only such a
// host ends in a digit or a bracket.
func isIPAddress(host string) bool {
	if host == "" {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return host[0] == '[' || strings.Trim(last, "0123456789") == ""
}

// networkError returns an error about the request's current URL.
func (f *fetching) networkError(reason cors.Reason) *cors.Error {
	url := f.request.currentURL()
	return &cors.Error{Reason: reason, URL: url.StringExcludingFragment(), Subject: url.StringExcludingFragment()}
}
