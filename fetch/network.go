package fetch

import (
	"context"
	"io"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

// A Network makes HTTP requests and knows nothing of CORS. A [wire.Network] does,
// over sockets; [wire.Handler] makes one of an [net/http.Handler], [RoundTripper] one
// of an [net/http.RoundTripper]; others are scripted or replayed. Its methods may be
// called at the same time.
type Network interface {
	// RoundTrip sends a request and returns its response as soon as its headers
	// are there. It follows no redirect, stores no cookie, and changes no
	// header. A response that the user agent could not make sense of is an
	// error.
	RoundTrip(ctx context.Context, r *NetworkRequest) (*NetworkResponse, error)
}

// A NetworkRequest is a request as it goes over the network.
type NetworkRequest = wire.Request

// A NetworkResponse is a response as it comes from the network.
type NetworkResponse = wire.Response

// NoBody is the body of a response that has none.
var NoBody = wire.NoBody

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
	list, err := readHeaders(received.Headers, f.client.quirks())
	if err != nil {
		received.Body.Close()
		return nil, f.transportError(err, n)
	}
	if x.includeCredentials && f.client.Jar != nil {
		f.storeCookies(r, list)
	}
	return &response{
		status: received.Status, statusText: received.StatusText, headers: list, body: received.Body,
	}, nil
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
