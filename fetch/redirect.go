package fetch

import (
	"slices"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// MaxRedirects is how often a request may be redirected.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
const MaxRedirects = 20

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
func (r *Request) dropBodyHeaders() {
	isAboutBody := func(h headers.Header) bool { return headers.IsRequestBodyHeaderName(h.Name) }
	for _, h := range r.headers {
		if isAboutBody(h) {
			r.dropped = append(r.dropped, h)
		}
	}
	r.headers = slices.DeleteFunc(r.headers.Clone(), isAboutBody)
}

// httpRedirectFetch is HTTP-redirect fetch.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (f *fetching) httpRedirectFetch(response *response) (*response, error) {
	r, quirks := f.request, f.client.quirks()
	fragment, hasFragment := r.currentURL().Fragment()
	// Steps 3 and 4.
	location, err := response.locationURL(fragment, hasFragment, quirks)
	if location == nil && err == nil {
		return response, nil
	}
	broken := f.letGo(response)
	// Step 5.
	if err != nil {
		return nil, f.located(err, response)
	}
	if broken != nil {
		return nil, broken
	}
	refused := func(reason cors.Reason) error {
		e := f.networkError(reason)
		e.Subject, e.Status = location.Redacted(), response.status
		return e
	}
	// Step 6.
	if !location.IsHTTP() {
		return nil, refused(cors.RedirectScheme)
	}
	// Steps 7 and 8.
	if r.redirectCount == MaxRedirects {
		return nil, refused(cors.RedirectCount)
	}
	r.redirectCount++
	// Steps 9 and 10.
	if location.IncludesCredentials() &&
		(quirks.RedirectCredentials || r.mode == ModeCORS && !r.origin.SameOrigin(location.Origin()) || r.tainting == TaintingCORS) {
		if !quirks.RedirectCredentialsLate || r.tainting == TaintingCORS {
			return nil, refused(cors.RedirectCredentials)
		}
		r.redirectRefused = &refusedRedirect{refused(cors.RedirectCredentials), response.headers}
	}
	// Step 11.
	if response.status != 303 && r.body != nil && r.body.source == nil {
		return nil, refused(cors.RedirectBody)
	}
	// Step 12.
	crossOrigin := !r.currentURL().Origin().SameOrigin(location.Origin())
	f.restoreHeaders(response.status, location)
	switch {
	case becomesGET(response.status, r.method):
		r.method, r.body, r.wasPOST = "GET", nil, true
		r.dropBodyHeaders()
	case quirks.DeleteBecomesGET && r.method == "DELETE" && crossOrigin:
		r.method, r.body = "GET", nil
	}
	// Step 13.
	if crossOrigin {
		r.headers = slices.DeleteFunc(r.headers.Clone(), func(h headers.Header) bool {
			return headers.IsCORSNonWildcardRequestHeaderName(h.Name)
		})
	}
	r.redirectedByNetwork = !response.fromCache
	f.trace.redirected(r.currentURL(), location, response.status)
	// Step 18. The list is shared with the response.
	r.urlList = append(slices.Clip(r.urlList), location)
	// Step 19.
	r.setReferrerPolicyOnRedirect(response.headers)
	// Step 22.
	return f.mainFetchRecursive()
}
