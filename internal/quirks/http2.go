package quirks

// HTTP2 holds what an engine does differently over HTTP/2. The zero value is the standard.
//
// https://httpwg.org/specs/rfc9113.html
type HTTP2 struct {
	// RefusedTries is how often a request is sent in all where the server refuses its stream; 0 and 1 are once, and
	// Endless is without end.
	RefusedTries int
	// ErrorTries is the same for other errors than CANCEL and NO_ERROR.
	ErrorTries int
	// FallsBack sends a request again over HTTP/1.1 where the server asks for that.
	FallsBack bool
	// NoErrorHangs never ends a request whose stream is reset with NO_ERROR.
	NoErrorHangs bool
	// StatusTextMadeUp gives a response the phrase that is registered for its status.
	StatusTextMadeUp bool
	// CookiesApart sends each cookie in a field of its own.
	CookiesApart bool
	// SpdyHeader adds a header to responses, X-Firefox-Spdy.
	SpdyHeader bool
	// RefusedHeaders are names of headers, in lower case, with which a response is none.
	RefusedHeaders []string
	// SpacesKept keeps spaces around values.
	SpacesKept bool
	// TrailersHang never ends the body of a response with trailers, or with another length than its Content-Length
	// says; its preflight is forgotten.
	TrailersHang bool
}

// Endless is more than anybody counts.
const Endless = 1 << 30
