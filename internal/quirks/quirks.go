// Package quirks holds what browser engines may do differently from the standards, as
// types without values: a group for each stage at which a difference acts. Package
// browser has the values for each engine and version, with their evidence; what acts on
// them is in the package of its stage.
//
// The package is internal since its fields change with every release of a browser. To
// users of the module an engine is an opaque value.
package quirks

import "github.com/corsim/corsim/headers"

// A Key opens an engine to the packages of this module, and to no others: those cannot
// name its type.
type Key struct{ _ struct{} }

// An Engine is all that a user agent does differently. The zero value is the standard.
type Engine struct {
	Product        Product
	Request        Request
	CORS           CORS
	CSP            CSP
	LocalNetwork   LocalNetwork
	HSTS           HSTS
	HTTP2          HTTP2
	Preflight      Preflight
	PreflightCache PreflightCache
	Redirect       Redirect
	Headers        Headers
	Framing        Framing
	Response       Response
	Cache          Cache
	HTTPCache      HTTPCache
	Cookies        Cookies
	Privacy        Privacy
	Elements       Elements
}

// Product holds the headers by which a browser tells what it is and what it can
// take. They are added to requests that do not have them.
type Product struct {
	UserAgent string
	// Headers are for URLs that are not trusted, SecureHeaders for those that are: https: ones, and in some browsers
	// those of loopback hosts.
	Headers, SecureHeaders headers.List
	// Connection is for connections of HTTP/1.1.
	Connection string
}

// HeadersFor returns the headers for URLs that are trusted, or for others.
func (p *Product) HeadersFor(trusted bool) headers.List {
	if trusted {
		return p.SecureHeaders
	}
	return p.Headers
}

// Privacy holds what is a browser's own policy rather than CORS.
type Privacy struct {
	// StrictReferrerCrossSite makes the relaxed referrer policies act as
	// "strict-origin-when-cross-origin" for cross-site requests.
	StrictReferrerCrossSite bool
}
