// Package cors makes the decisions of the CORS protocol that the Fetch standard
// gives to a user agent, as pure functions: the CORS check, whether a request
// needs a preflight and why, what the preflight asks, what its response permits,
// which headers of a response script may read, and the neighbouring TAO and
// cross-origin resource policy checks.
//
// Each decision is a function, which follows the standard, and a method of
// [Policy], which follows the standard except the points on which that policy
// says that an engine differs.
package cors

import "github.com/corsim/corsim/headers"

// Fields are the headers of a response, to be looked up by name in any case.
// [net/http.Header] is one; so is *[headers.List], for which a look-up of a
// header that stands once does not allocate.
type Fields interface {
	// Values returns the value of each header called name, in order. The
	// result is only read.
	Values(name string) []string
}

// A Request is what the decisions need to know of a request.
type Request struct {
	// Origin is the result of byte-serializing a request origin: a serialized
	// origin, or "null" for an opaque one or once redirects have tainted it.
	//
	// https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin
	Origin string

	// IncludeCredentials says that the credentials mode is "include". The
	// other two modes are alike to the CORS protocol.
	//
	// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
	IncludeCredentials bool

	// Method is the request's method, normalized.
	Method string

	// Headers is the request's header list, without those that the user agent
	// adds on the way to the network.
	Headers headers.List

	// UseCORSPreflight is the use-CORS-preflight flag: an upload progress
	// listener is registered, or the body is a stream.
	//
	// https://fetch.spec.whatwg.org/#use-cors-preflight-flag
	UseCORSPreflight bool
}

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
	exposeHeaders    = "Access-Control-Expose-Headers"
	maxAge           = "Access-Control-Max-Age"
	location         = "Location"
)
