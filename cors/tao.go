package cors

import (
	"slices"

	"github.com/corsim/corsim/headers"
)

// A TAORequest is what the TAO check needs to know of a request.
type TAORequest struct {
	// Origin is the result of serializing a request origin.
	Origin string
	// TimingAllowFailed is the timing allow failed flag.
	TimingAllowFailed bool
	// CrossOriginNavigation says that the mode is "navigate" and the current
	// URL's origin is not same origin with the request's origin.
	CrossOriginNavigation bool
	// BasicTainting says that the response tainting is "basic".
	BasicTainting bool
}

// TAOCheck is the TAO check: may script see how long the response took?
//
// https://fetch.spec.whatwg.org/#concept-tao-check
func TAOCheck(r *TAORequest, response Fields) bool {
	if r.TimingAllowFailed {
		return false
	}
	if value, ok := lines(response, "Timing-Allow-Origin").Get(); ok {
		values := headers.GetDecodeAndSplit(value)
		if slices.Contains(values, "*") || slices.Contains(values, r.Origin) {
			return true
		}
	}
	return !r.CrossOriginNavigation && r.BasicTainting
}
