//go:build !nonetwork

package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

// RoundTripper returns the Network that an [net/http.RoundTripper] makes, for what
// a [wire.Network] has not: HTTP/2, or a transport of your own; nil stands for
// [net/http.DefaultTransport]. Header names come back in the one spelling that
// net/http gives them, sorted, and a response that net/http refuses is an error even
// where browsers merely skip a line of it. It costs more than a wire.Network does.
func RoundTripper(transport http.RoundTripper) Network {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return roundTripper{transport}
}

type roundTripper struct{ transport http.RoundTripper }

var errSwitched = errors.New("status 101 switches to a protocol that was not offered")

// RoundTrip sends n with net/http, without the user information that browsers
// never send in a request target.
func (t roundTripper) RoundTrip(ctx context.Context, n *NetworkRequest) (*NetworkResponse, error) {
	u, err := url.Parse(n.URL)
	if err != nil {
		return nil, err
	}
	u.User = nil
	if n.HTTP2 && u.Scheme != "https" {
		return nil, wire.ErrHTTP2Required
	}
	request := (&http.Request{
		Method: n.Method, URL: u, Host: u.Host, Header: requestHeader(n), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	var body *sentBody
	if n.Body != nil {
		body = &sentBody{r: n.Body, left: n.ContentLength}
		request.Body, request.ContentLength = body, n.ContentLength
		if n.ContentLength == 0 {
			request.Body = http.NoBody
		}
	}
	response, err := t.on(n).RoundTrip(request)
	if err != nil {
		return nil, body.explain(err)
	}
	if n.HTTP2 && response.ProtoMajor < 2 {
		response.Body.Close()
		return nil, wire.ErrHTTP2Required
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		response.Body.Close()
		return nil, errSwitched
	}
	_, reason, _ := strings.Cut(response.Status, " ")
	return &NetworkResponse{
		Status: response.StatusCode, StatusText: reason, Headers: headers.FromMap(response.Header),
		Body: &receivedBody{response.Body, response.ContentLength},
	}, nil
}

// on returns the transport to use: one that has no connections yet, where a new one is
// wanted. Of a transport that is not net/http's own it cannot be had.
func (t roundTripper) on(n *NetworkRequest) http.RoundTripper {
	if own, ok := t.transport.(*http.Transport); ok && n.NewConnection {
		fresh := own.Clone()
		fresh.DisableKeepAlives = true
		return fresh
	}
	return t.transport
}

// requestHeader returns the headers of a request, except its Content-Length, and
// with those of which net/http would otherwise add its own.
func requestHeader(n *NetworkRequest) http.Header {
	list := make(headers.List, 0, len(n.Headers)+2)
	for _, h := range n.Headers {
		if !headers.EqualFold(h.Name, "content-length") {
			list = append(list, h)
		}
	}
	if !list.Contains("user-agent") {
		list = append(list, headers.Header{Name: "User-Agent"}) // empty, it is not sent
	}
	// Saying which codings are taken, rather than letting net/http do so, keeps it
	// from undoing them and from dropping Content-Encoding.
	if value, _ := list.Get("accept-encoding"); value == "" {
		list.Set("Accept-Encoding", "gzip, deflate")
	}
	return list.Map()
}

// CloseIdleConnections closes the connections that the transport keeps.
func (t roundTripper) CloseIdleConnections() {
	if c, ok := t.transport.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A sentBody is the body of a request. It is closed once it was sent, or will not be,
// if it can be, and keeps its own error, which net/http does not tell from others.
type sentBody struct {
	r    io.Reader
	left int64 // of its length, negative where that is not known or was more
	err  atomic.Pointer[error]
}

// Read keeps an error. One is that the body ends before its length, of which net/http
// does not always say so.
func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if err == io.EOF && b.left > 0 {
		err = fmt.Errorf("it ended %d bytes before its length: %w", b.left, io.ErrUnexpectedEOF)
	}
	if err != nil && err != io.EOF {
		b.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Close closes what can be closed.
func (b *sentBody) Close() error {
	if closer, ok := b.r.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// explain returns the error with which a request failed as one of its body, if it is
// that.
func (b *sentBody) explain(err error) error {
	switch {
	case b == nil:
	case b.err.Load() != nil:
		return &wire.RequestBodyError{Err: *b.err.Load()}
	case strings.Contains(err.Error(), "http: ContentLength="):
		return &wire.RequestBodyError{Err: err}
	}
	return err
}

// A receivedBody is the body of a response. Its connection can be used again only if
// it is read to its end.
type receivedBody struct {
	io.ReadCloser
	length int64 // -1 where it is not known
}

// maxDiscardedBody is up to which length the body of a response that nobody wants is
// read, rather than its connection given up; as net/http has it for redirects.
const maxDiscardedBody = 2 << 10

// discard reads what is left of a body, if that is known to be short.
func (b *receivedBody) discard() {
	if 0 < b.length && b.length <= maxDiscardedBody {
		io.CopyN(io.Discard, b.ReadCloser, b.length+1)
	}
}
