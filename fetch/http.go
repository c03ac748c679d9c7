package fetch

import (
	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/cors"
)

// httpFetch is HTTP fetch.
//
// https://fetch.spec.whatwg.org/#http-fetch
func (f *fetching) httpFetch(makeCORSPreflight bool) (*response, error) {
	r := &f.request
	r.kept = f.takeKept()
	// Step 4.1. A preflight, unless the cache knows its answer.
	if makeCORSPreflight && r.kept == nil && !f.preflightCached() {
		if err := f.corsPreflightFetch(); err != nil {
			return nil, err
		}
	}
	if refused := r.refusedRedirect; refused != nil {
		r.urlList, r.lastResponse = r.urlList[:len(r.urlList)-1], refused.response
		return nil, refused.err
	}
	// Step 4.3. The response, of the cache or the network.
	response, err := f.httpNetworkOrCacheFetch(false, false)
	if err != nil {
		return nil, err
	}
	r.lastResponse = response.headers
	// Step 4.4. The CORS check.
	if r.tainting == TaintingCORS && !response.checked {
		c := r.cors()
		err := f.client.policy().Check(&c, &response.headers)
		f.trace.checked(response.url(), c, false, err)
		if err != nil {
			f.discardRefused(response, true)
			return nil, f.located(err, response)
		}
	}
	if r.kept == nil {
		f.keep()
	}
	// Step 4.5. The TAO check.
	if !f.taoCheck(response) {
		r.timingAllowFailed = true
	}
	// Step 5. The cross-origin resource policy check.
	if r.tainting == TaintingOpaque {
		list := response.headers
		if f.client.rules().Response.Combining == quirks.CombineAsGecko {
			list = combineAsGecko(list)
		}
		err := cors.CrossOriginResourcePolicyCheck(&cors.ResourcePolicyRequest{
			Origin: r.origin, ResponseOrigin: response.url().Origin(),
			EmbedderPolicy: r.page.embedderPolicyIn(f.client.rules()), UnknownAllows: f.client.rules().CORS.UnknownResourcePolicyAllows,
			LocalhostIsOneSite:         f.client.rules().CORS.LocalhostIsOneSite,
			RequestIncludesCredentials: response.requestIncludesCredentials && !f.client.rules().CORS.CredentialedUnderCredentialless,
		}, &list)
		if err != nil {
			f.discardRefused(response, false)
			return nil, f.located(err, response)
		}
	}
	// Step 6. Redirects, by the redirect mode.
	if f.client.redirectPolicy().IsRedirect(response.status, &response.headers) {
		switch r.redirect {
		case RedirectError:
			if f.client.rules().Redirect.ErrorNeedsLocation && isBlank(response.headers.Lines("location")) {
				return response, nil
			}
			f.forgetUnfollowed(response)
			discard(response.body)
			e := f.networkError(cors.RedirectMode)
			e.Status = response.status
			return nil, e
		case RedirectManual:
			f.forgetUnfollowed(response)
			if f.client.rules().Redirect.ManualBodyReadable && isBlank(response.headers.Lines("location")) {
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
	r := &f.request
	return cors.TAOCheck(&cors.TAORequest{
		Origin: r.byteSerializeOrigin(), TimingAllowFailed: r.timingAllowFailed,
		BasicTainting: r.tainting == TaintingBasic,
	}, &response.headers)
}
