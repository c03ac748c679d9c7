package wire

import (
	"io"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// A Request is a request as it goes over the network.
type Request struct {
	Method string
	// URL is the serialized URL, without its credentials and fragment.
	URL string
	// Headers are the headers of the request, Content-Length among them, but
	// not those that the connection needs: Host, Connection, Transfer-Encoding.
	Headers headers.List
	// Body is nil where there is none; ContentLength is its length in bytes, -1
	// where that is not known.
	Body          io.Reader
	ContentLength int64
	// GetBody returns the body anew, for the case that a kept connection turns out
	// to be closed; nil where that cannot be.
	GetBody func() io.Reader
	// Preflight says that this is a CORS-preflight request.
	Preflight bool
	// NewConnection asks for a connection that was not used before.
	NewConnection bool
	// WithoutCredentials sends no TLS client certificate, over a connection of its own where there is
	// one to send.
	WithoutCredentials bool
	// HTTP1 asks for HTTP/1.1, whatever else the server speaks.
	HTTP1 bool
	// HTTP2 asks for HTTP/2: nothing is sent over a connection that does not speak it.
	HTTP2 bool
	// Rules are how the engine reads the response; nil means as described above, in the
	// documentation of the package.
	Rules *Rules
}

// Rules are how an engine reads responses that are not framed as they should be. Package browser
// has those of real engines.
type Rules quirks.Framing

var noRules Rules

func (r *Request) rules() *Rules {
	if r.Rules == nil {
		return &noRules
	}
	return r.Rules
}

// A Response is a response as it comes from the network.
type Response struct {
	Status     int
	StatusText string
	Headers    headers.List
	// Body is never nil, and must be closed. Content codings are not undone.
	Body io.ReadCloser
	// HTTP2 says that it came over HTTP/2, in which there is no status text, and HasTrailers that header fields follow
	// the body.
	HTTP2, HasTrailers bool
}

// NoBody is the body of a response that has none.
var NoBody io.ReadCloser = noBody{}

type noBody struct{}

// Read is at the end.
func (noBody) Read([]byte) (int, error) { return 0, io.EOF }

// Close has nothing to release.
func (noBody) Close() error { return nil }

// WriteTo spares io.Copy its buffer.
func (noBody) WriteTo(io.Writer) (int64, error) { return 0, nil }
