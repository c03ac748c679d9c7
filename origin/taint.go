package origin

// A RedirectTaint is what redirects have made of a request's origin: with any but
// [TaintSameOrigin] it is serialized as "null".
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
type RedirectTaint uint8

// The redirect-taints.
const (
	TaintSameOrigin RedirectTaint = iota
	TaintSameSite
	TaintCrossSite
)

// Redirected returns the redirect-taint of a request of an origin once a URL of the origin last
// has redirected it to one of the origin next, if it was t before: one round of the standard's
// loop over the request's URL list.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (t RedirectTaint) Redirected(request, last, next Origin) RedirectTaint {
	switch {
	case next.SameOrigin(last), request.SameOrigin(last):
		return t
	case !next.SameSite(last) && !request.SameSite(last):
		return TaintCrossSite
	}
	return max(t, TaintSameSite)
}
