package fetch

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
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

// httpNetworkFetch is HTTP-network fetch. Nobody is asked for a TLS client certificate: that of the
// network is sent where credentials are included.
//
// https://fetch.spec.whatwg.org/#http-network-fetch
func (x *exchange) httpNetworkFetch() (*response, error) {
	f, r := x.fetching, &x.request
	if err := f.localNetworkAccessCheck(); err != nil {
		return nil, err
	}
	n := &NetworkRequest{
		Method: r.method, URL: r.currentURL().WithoutCredentials().StringExcludingFragment(), Headers: x.headers,
		Preflight: x.preflight, WithoutCredentials: !x.includeCredentials, NewConnection: x.newConnection, Rules: (*wire.Rules)(&f.client.rules().Framing),
	}
	if r.body != nil {
		n.Body, n.ContentLength, n.GetBody = r.body.reader(), r.body.length, r.body.source
		n.HTTP2 = r.body.stream != nil && f.client.rules().Request.StreamsOverHTTP2Alone
	}
	f.trace.requestSent(n, r)
	received, err := f.roundTrip(n)
	if err == nil && received.HTTP2 {
		if err = f.overHTTP2(received); err != nil {
			received.Body.Close()
		}
	}
	if err != nil {
		return nil, f.transportError(err, n)
	}
	f.trace.responseReceived(n, received)
	f.rememberHSTS(received.Headers)
	list, err := readHeaders(received.Headers, r.method, f.client.rules())
	if err != nil {
		received.Body.Close()
		return nil, f.transportError(err, n)
	}
	if x.includeCredentials && f.client.Jar != nil {
		f.storeCookies(r, list)
	}
	body := received.Body
	if f.client.rules().Response.ShortBodyOfErrorAccepted && body != NoBody && (received.Status < 200 || 299 < received.Status) && list.Contains("content-length") {
		body = shortBody{body}
	}
	response := &response{status: received.Status, statusText: received.StatusText, headers: list, body: body}
	if response.decoded, err = x.handleContentCodings(response); err != nil {
		received.Body.Close()
		return nil, err
	}
	return response, nil
}

// transportError says why no response came, or not all of one.
func (f *fetching) transportError(err error, n *NetworkRequest) *cors.Error {
	e := &cors.Error{Reason: cors.Transport, URL: n.URL, Preflight: n.Preflight, Err: err}
	switch ended := f.ctx.Err(); {
	case cors.ReasonOf(err) != 0:
		e.Reason = cors.ReasonOf(err)
	case ended == context.DeadlineExceeded || isTimeout(err):
		e.Reason = cors.Timeout
	case ended != nil:
		e.Reason = cors.Aborted
	}
	if f.ctx.Err() != nil {
		e.Err = &contextError{err, f.ctx}
	}
	return e
}

// A contextError is an error that came of the end of a context.
type contextError struct {
	err error
	ctx context.Context
}

// Error is what the network says of it.
func (e *contextError) Error() string { return e.err.Error() }

// Unwrap returns the error of the network, and those of the context, of which networks
// give one or the other.
func (e *contextError) Unwrap() []error {
	return []error{e.err, e.ctx.Err(), context.Cause(e.ctx)}
}

// A responseBody is a body as the page reads it: an error is an *[cors.Error].
type responseBody struct {
	io.ReadCloser
	fetching *fetching
	url      string
	closed   atomic.Bool
}

// withErrors returns a body whose errors say what they mean to a fetch.
func (f *fetching) withErrors(body io.ReadCloser, url string) io.ReadCloser {
	if _, inMemory := body.(*stringBody); inMemory || body == NoBody {
		return body
	}
	return &responseBody{ReadCloser: body, fetching: f, url: url}
}

// Read returns an *[cors.Error], except io.EOF and for who reads on after Close.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && !b.closed.Load() {
		err = b.fetching.transportError(err, &NetworkRequest{URL: b.url})
	}
	return n, err
}

// Close closes the body of the network.
func (b *responseBody) Close() error {
	b.closed.Store(true)
	return b.ReadCloser.Close()
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

// shortBody is a body that ends well even where it is shorter than was said.
type shortBody struct{ io.ReadCloser }

// Read takes an early end for the end.
func (b shortBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

var (
	errNUL              = errors.New("a header of the response has a NUL byte")
	errTransferEncoding = errors.New("the response's Transfer-Encoding is not chunked, or its Content-Length no number")
	errRepeatedLocation = errors.New("the response has more than one Location, which differ")
)

// readHeaders returns the headers of a response as the engine has them.
func readHeaders(list headers.List, method string, rules *quirks.Engine) (headers.List, error) {
	if rules.Response.NULIsError && slices.ContainsFunc(list, func(h headers.Header) bool { return strings.Contains(h.Value, "\x00") }) {
		return nil, errNUL
	}
	if rules.Response.OnlyKnownFraming && method != "HEAD" && !isFramed(list) {
		return nil, errTransferEncoding
	}
	if rules.Redirect.RepeatedLocation == quirks.RepeatedLocationEqual {
		locations := list.Lines("location")
		for i := 1; i < locations.Len(); i++ {
			if locations.At(i) != locations.At(0) {
				return nil, errRepeatedLocation
			}
		}
	}
	if rules.Response.ReplaceInvalidUTF8 {
		list = replaceInvalidUTF8(list)
	}
	return list, nil
}

// isFramed reports whether the last header that says where a body ends is one that
// libsoup knows.
func isFramed(list headers.List) bool {
	framed := true
	for _, h := range list {
		switch {
		case headers.EqualFold(h.Name, "transfer-encoding"):
			framed = headers.EqualFold(h.Value, "chunked") || headers.EqualFold(h.Value, "identity")
		case headers.EqualFold(h.Name, "content-length"):
			framed = strings.Trim(strings.TrimLeft(h.Value, "+-\v\f"), "0123456789") == ""
		}
	}
	return framed
}

// replaceInvalidUTF8 writes U+FFFD for each byte from 0x80 of a value that is not
// UTF-8.
func replaceInvalidUTF8(list headers.List) headers.List {
	var replaced headers.List
	for i, h := range list {
		if utf8.ValidString(h.Value) {
			continue
		}
		if replaced == nil {
			replaced = list.Clone()
		}
		replaced[i].Value = string([]rune(h.Value))
	}
	if replaced == nil {
		return list
	}
	return replaced
}
