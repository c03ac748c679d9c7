package fetch

import (
	"context"
	"io"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// A Network makes HTTP requests and knows nothing of CORS. [RoundTripper] makes
// one of an [net/http.RoundTripper]; others are scripted, replayed or in process.
// Its methods may be called at the same time.
type Network interface {
	// RoundTrip sends a request and returns its response as soon as its headers
	// are there. It follows no redirect, stores no cookie, and changes no
	// header. A response that the user agent could not make sense of is an
	// error.
	RoundTrip(ctx context.Context, r *NetworkRequest) (*NetworkResponse, error)
}

// A NetworkRequest is a request as it goes over the network.
type NetworkRequest struct {
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
	// Preflight says that this is a CORS-preflight request.
	Preflight bool
	// NewConnection asks for a connection that was not used before.
	NewConnection bool
}

// A NetworkResponse is a response as it comes from the network.
type NetworkResponse struct {
	Status     int
	StatusText string
	Headers    headers.List
	// Body is never nil, and is to be closed. Content codings are undone.
	Body io.ReadCloser
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

// StringBody returns a body of bytes at hand.
func StringBody(s string) io.ReadCloser {
	if s == "" {
		return NoBody
	}
	return &stringBody{*strings.NewReader(s)}
}

type stringBody struct{ strings.Reader }

// Close has nothing to release.
func (*stringBody) Close() error { return nil }

// exchange is one pass through HTTP-network-or-cache fetch: a request with the
// headers that it goes over the network with.
type exchange struct {
	*fetching
	headers            headers.List
	includeCredentials bool
	newConnection      bool
	preflight          bool
}

// httpNetworkFetch is HTTP-network fetch. What a proxy or a TLS client
// certificate would add is not modelled.
//
// https://fetch.spec.whatwg.org/#http-network-fetch
func (x *exchange) httpNetworkFetch() (*response, error) {
	f, r := x.fetching, x.request
	n := &NetworkRequest{
		Method: r.method, URL: r.currentURL().WithoutCredentials().StringExcludingFragment(), Headers: x.headers,
		Preflight: x.preflight, NewConnection: x.newConnection,
	}
	if r.body != nil {
		n.Body, n.ContentLength = r.body.reader(), r.body.length
	}
	f.trace.requestSent(n)
	received, err := f.client.network().RoundTrip(f.ctx, n)
	if err != nil {
		return nil, f.transportError(err, n)
	}
	f.trace.responseReceived(n, received)
	list, err := readHeaders(received.Headers, r.method, f.client.quirks())
	if err != nil {
		received.Body.Close()
		return nil, f.transportError(err, n)
	}
	if x.includeCredentials && f.client.Jar != nil {
		f.storeCookies(r, list)
	}
	body := received.Body
	if f.client.quirks().ShortBodyOfErrorTaken && (received.Status < 200 || 299 < received.Status) && list.Contains("content-length") {
		body = shortBody{body}
	}
	return &response{status: received.Status, statusText: received.StatusText, headers: list, body: body}, nil
}

// transportError says why no response came.
func (f *fetching) transportError(err error, n *NetworkRequest) *cors.Error {
	e := &cors.Error{Reason: cors.Transport, URL: n.URL, Preflight: n.Preflight, Err: err}
	switch {
	case cors.ReasonOf(err) != 0:
		e.Reason = cors.ReasonOf(err)
	case f.ctx.Err() == context.DeadlineExceeded || isTimeout(err):
		e.Reason = cors.Timeout
	case f.ctx.Err() != nil:
		e.Reason = cors.Aborted
	}
	return e
}

func isTimeout(err error) bool {
	for err != nil {
		if t, ok := err.(interface{ Timeout() bool }); ok {
			return t.Timeout()
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = u.Unwrap()
	}
	return false
}
