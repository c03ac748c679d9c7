//go:build !nonetwork

package wire

//lint:file-ignore SA1019 what net/http has in place of golang.org/x/net/http2 dials by itself: it takes no connection that is open, as through a proxy, and reserves no stream on it.

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/http2"

	"github.com/corsim/corsim/headers"
)

// http2Conns are the connections over HTTP/2, of which any number of exchanges use one at a time.
type http2Conns struct {
	mu    sync.Mutex
	byKey map[string]*http2Conn
}

// An http2Conn is a connection over HTTP/2.
type http2Conn struct {
	client *http2.ClientConn
	nc     net.Conn
	addr   string
}

// take returns a connection that takes one more request, nil where there is none.
func (h *http2Conns) take(key string) *http2Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.byKey[key]
	if c != nil && !c.client.ReserveNewRequest() {
		delete(h.byKey, key)
		return nil
	}
	return c
}

// put keeps a connection in place of another.
func (h *http2Conns) put(key string, c *http2Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byKey == nil {
		h.byKey = make(map[string]*http2Conn)
	}
	h.byKey[key] = c
}

// close closes the connections that nothing uses, and forgets all: those under way end with their exchanges.
func (h *http2Conns) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, c := range h.byKey {
		if c.client.State().StreamsActive == 0 {
			c.client.Close()
			delete(h.byKey, key)
		}
	}
}

// newHTTP2Conn makes a connection over HTTP/2 of one with TLS.
func (n *Network) newHTTP2Conn(nc net.Conn, r *request) (*http2Conn, error) {
	limit := n.MaxHeaderBytes
	if limit <= 0 {
		limit = MaxHeaderBytes
	}
	t := &http2.Transport{DisableCompression: true, MaxHeaderListSize: uint32(limit), IdleConnTimeout: n.idleTimeout()}
	client, err := t.NewClientConn(nc)
	if err != nil {
		nc.Close()
		return nil, err
	}
	c := &http2Conn{client: client, nc: nc, addr: r.addr}
	if client.ReserveNewRequest() {
		n.http2.put(n.key(r), c)
	}
	return c, nil
}

// speaksHTTP2 reports whether the server of a connection has chosen HTTP/2.
func speaksHTTP2(nc net.Conn) bool {
	c, ok := nc.(interface{ ConnectionState() tls.ConnectionState })
	return ok && c.ConnectionState().NegotiatedProtocol == http2.NextProtoTLS
}

// exchange sends a request over HTTP/2 and reads the headers of its response. It returns errStale where the connection
// was at its end before the request was taken.
//
// https://httpwg.org/specs/rfc9113.html#HttpFraming
func (c *http2Conn) exchange(ctx context.Context, r *request) (*Response, error) {
	response, err := c.client.RoundTrip(r.overHTTP2(ctx))
	if err != nil {
		if reset, ok := errors.AsType[http2.StreamError](err); ok {
			err = &StreamError{Code: reset.Code.String()}
		} else if !c.client.CanTakeNewRequest() && ctx.Err() == nil && r.rewind() {
			return nil, errStale
		}
		closeBody(r)
		return nil, failed(ctx, opHeaders, c.addr, err)
	}
	received := &Response{
		Status: response.StatusCode, Headers: headersOverHTTP2(response.Header), Body: NoBody,
		HTTP2: true, HasTrailers: len(response.Trailer) > 0,
	}
	if response.Body != http.NoBody {
		received.Body = &http2Body{response.Body, ctx, c.addr}
	}
	return received, nil
}

// overHTTP2 returns the request as package http2 takes it. The names of its headers become lower-case, and each cookie
// has a field of its own.
func (r *request) overHTTP2(ctx context.Context) *http.Request {
	// The target as it is: package net/url refuses paths that browsers send.
	target := &url.URL{Scheme: "https", Host: r.host, Opaque: "//" + r.host + r.target}
	hr := (&http.Request{
		Method: r.Method, URL: target, Host: r.host, Header: make(http.Header, len(r.Headers)+2), ContentLength: r.length(),
	}).WithContext(ctx)
	for _, h := range r.Headers {
		switch name := headers.Lower(h.Name); name {
		case "connection", "content-length", "host", "keep-alive", "proxy-connection", "upgrade":
		default:
			hr.Header[http.CanonicalHeaderKey(name)] = append(hr.Header[http.CanonicalHeaderKey(name)], h.Value)
		}
	}
	if _, ok := hr.Header["Accept-Encoding"]; !ok {
		hr.Header["Accept-Encoding"] = []string{"gzip, deflate"}
	}
	if _, ok := hr.Header["User-Agent"]; !ok {
		hr.Header["User-Agent"] = []string{r.userAgent} // "" is none
	}
	if r.Body != nil {
		hr.Body = io.NopCloser(r.Body)
		if closer, ok := r.Body.(io.ReadCloser); ok {
			hr.Body = closer
		}
		if r.length() == 0 {
			hr.Body = nil
		}
	}
	return hr
}

// headersOverHTTP2 returns the headers of a response, with their names in lower case as they were sent, by name.
func headersOverHTTP2(header http.Header) headers.List {
	list := make(headers.List, 0, len(header))
	for name, values := range header {
		for _, value := range values {
			list = append(list, headers.Header{Name: headers.Lower(name), Value: value})
		}
	}
	slices.SortStableFunc(list, func(a, b headers.Header) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// An http2Body is the body of a response over HTTP/2.
type http2Body struct {
	io.ReadCloser
	ctx  context.Context
	addr string
}

// Read returns an [*Error], except io.EOF.
func (b *http2Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		if reset, ok := errors.AsType[http2.StreamError](err); ok {
			err = &StreamError{Code: reset.Code.String()}
		}
		err = failed(b.ctx, opBody, b.addr, err)
	}
	return n, err
}
