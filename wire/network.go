//go:build !nonetwork

package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http2"

	"github.com/corsim/corsim/origin"
)

const (
	opConnect = "connect to"
	opTLS     = "TLS handshake with"
	opSend    = "send the request to"
	opHeaders = "read the response headers of"
	opBody    = "read the response body of"
)

// What stands for a zero in a [Network].
const (
	// DefaultMaxIdleConns is how many unused connections are kept at most.
	DefaultMaxIdleConns = 100
	// DefaultMaxIdleConnsPerHost is how many of them to one scheme, host and
	// port: all. Browsers, which ask no server more than six things at a time over
	// HTTP/1.1, need no more.
	DefaultMaxIdleConnsPerHost = DefaultMaxIdleConns
	// DefaultIdleTimeout is for how long.
	DefaultIdleTimeout = 90 * time.Second
)

// A Network sends requests over sockets, in HTTP/2 where a server with TLS speaks it and else in HTTP/1.1, and keeps
// connections to use them again. Its zero value is ready to use. It must not be copied, and its
// fields must not change once it is used; its methods may be called at the same
// time.
//
// An exchange lasts as long as its context allows, to the end of the body: nothing
// else bounds how long a server may take.
type Network struct {
	// DialContext connects to "host:port"; nil stands for that of a [net.Dialer].
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Lookup returns the addresses of a host, as [Network.AddressSpace] wants them; nil stands for
	// that of [net.DefaultResolver], and for none where DialContext is set.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Proxy returns the proxy for a URL, of which only the scheme and the host are
	// set, or nil for none; the proxy's URL is of scheme http, https or socks5. nil
	// stands for no proxy at all; see [ProxyFromEnvironment].
	Proxy func(*url.URL) (*url.URL, error)
	// TLS is for https URLs; nil stands for the zero Config. ServerName, where it
	// is empty, and NextProtos are set to what the request needs.
	TLS *tls.Config
	// MaxHeaderBytes is how many bytes the status line and headers of a response
	// may have; 0 stands for the constant [MaxHeaderBytes].
	MaxHeaderBytes int
	// UserAgent is sent as User-Agent with requests that have none; empty for no
	// such header.
	UserAgent string
	// MaxIdleConns and MaxIdleConnsPerHost bound how many connections are kept
	// while nothing uses them, in all and to one scheme, host and port. 0 stands
	// for the default, -1 for none.
	MaxIdleConns, MaxIdleConnsPerHost int
	// IdleTimeout is for how long they are kept; 0 stands for the default.
	IdleTimeout time.Duration

	mu       sync.Mutex
	idle     []*conn // the one used last is last
	http2    http2Conns
	sweeping *time.Timer
	closed   bool

	// inProcess, where it is not nil, answers instead of all servers.
	inProcess *inProcess
}

// RoundTrip sends a request and returns its response as soon as its headers are
// there. The response's Body must be read to its end, or closed.
//
// Written are Host and Connection, then the request's headers as they are, then
// Accept-Encoding if it is not among them; Content-Length or Transfer-Encoding as
// the body needs. A Host or Connection among the request's headers is sent instead.
//
// A request that meets a kept connection which the server has closed is sent once
// more, over a new one, if its body can be had again (it is nil, or there is a GetBody)
// and no byte of a response came: as browsers do, for any method.
//
// The error is an [*Error], or, where a request cannot be written as it is, an
// error of reason cors.InvalidArgument. If the context ends the exchange, a body
// that is an [io.Closer] is closed; one that blocks in Read otherwise keeps a
// goroutine until it returns.
//
// The hooks of an [net/http/httptrace.ClientTrace] in the context are called, except those about
// 100-continue and idle connections.
//
// https://fetch.spec.whatwg.org/#concept-http-network-fetch
func (n *Network) RoundTrip(ctx context.Context, nr *Request) (*Response, error) {
	r, err := newRequest(nr, n.UserAgent)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, failed(ctx, opConnect, r.addr, ctx.Err())
	}
	if nr.HTTP2 && (n.inProcess != nil || r.serverName == "") {
		return nil, &Error{Op: opSend, Addr: r.addr, Err: ErrHTTP2Required}
	}
	hooks := httptrace.ContextClientTrace(ctx)
	if hooks != nil && hooks.GetConn != nil {
		hooks.GetConn(r.addr)
	}
	if !nr.NewConnection {
		if c := n.takeHTTP2(r); c != nil {
			response, err := c.exchange(ctx, r)
			if !errors.Is(err, errStale) {
				return response, err
			}
		}
		if c := n.takeHTTP1(r); c != nil {
			c.hooks = hooks
			response, err := c.exchange(ctx, r)
			if !errors.Is(err, errStale) {
				return response, err
			}
			if !r.rewind() {
				return nil, &Error{Op: opHeaders, Addr: r.addr, Err: ErrNoResponse}
			}
		}
	}
	c, err := n.connect(ctx, r)
	if err != nil {
		return nil, err
	}
	if speaksHTTP2(c.nc) {
		c, err := n.newHTTP2Conn(c.nc, r)
		if err != nil {
			return nil, failed(ctx, opSend, r.addr, err)
		}
		response, err := c.exchange(ctx, r)
		if errors.Is(err, errStale) {
			err = &Error{Op: opHeaders, Addr: r.addr, Err: ErrNoResponse}
		}
		return response, err
	}
	if nr.HTTP2 {
		c.nc.Close()
		return nil, &Error{Op: opSend, Addr: r.addr, Err: ErrHTTP2Required}
	}
	c.hooks = hooks
	return c.exchange(ctx, r)
}

// takeHTTP1 returns a kept connection for a request that may use one, nil for none.
func (n *Network) takeHTTP1(r *request) *conn {
	if r.HTTP2 {
		return nil
	}
	return n.take(n.key(r))
}

// takeHTTP2 returns a connection over HTTP/2 for a request that may use one, nil for none.
func (n *Network) takeHTTP2(r *request) *http2Conn {
	if r.HTTP1 || r.serverName == "" || n.inProcess != nil {
		return nil
	}
	return n.http2.take(n.key(r))
}

// connect opens a connection.
//
// https://fetch.spec.whatwg.org/#create-a-connection
func (n *Network) connect(ctx context.Context, r *request) (*conn, error) {
	if n.inProcess != nil {
		return n.connectInProcess(ctx, r)
	}
	n.mu.Lock()
	closed := n.closed
	n.mu.Unlock()
	if closed {
		return nil, &Error{Op: opConnect, Addr: r.addr, Err: ErrClosed}
	}
	nc, forwarded, err := n.open(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.serverName != "" {
		if nc, err = n.handshake(ctx, nc, r.serverName, r.addr, !r.HTTP1, !r.WithoutCredentials); err != nil {
			return nil, err
		}
	}
	c := n.newConn(nc, r)
	c.forwarded = forwarded
	return c, nil
}

// open opens what the request, or TLS with its server, is to go over.
func (n *Network) open(ctx context.Context, r *request) (net.Conn, *forwarding, error) {
	via, err := n.proxyFor(r)
	switch {
	case err != nil:
		return nil, nil, failed(ctx, opConnect, r.addr, err)
	case via != nil:
		return n.dialProxy(ctx, via, r)
	}
	nc, err := n.dial(ctx, "tcp", r.addr)
	if err != nil {
		return nil, nil, failed(ctx, opConnect, r.addr, err)
	}
	return nc, nil, nil
}

// AddressSpace returns the space of the address to which a connection for a URL is made: that of a
// connection which is kept, of the host if it is an address, and of the first of its addresses. It
// is unknown where a proxy makes the connection, where the host has no address (which the
// exchange will say), and for a handler in the same process. The error is that of the context.
//
// https://wicg.github.io/local-network-access/#ip-address-space-section
func (n *Network) AddressSpace(ctx context.Context, url string) (origin.AddressSpace, error) {
	r := &request{Request: &Request{URL: url}}
	if err := r.parseURL(); err != nil {
		return 0, err
	}
	if via, err := n.proxyFor(r); via != nil || err != nil {
		return origin.SpaceUnknown, nil
	}
	host, _, _ := net.SplitHostPort(r.addr)
	if space := origin.HostAddressSpace(host); space != origin.SpaceUnknown || n.inProcess != nil {
		return space, nil
	}
	if ip, ok := n.keptAddress(n.key(r)); ok {
		return origin.AddressSpaceOf(ip), nil
	}
	lookup := n.Lookup
	switch {
	case lookup == nil && n.DialContext != nil:
		return origin.SpaceUnknown, nil
	case lookup == nil:
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addresses, err := lookup(ctx, host)
	if ctx.Err() != nil {
		return 0, failed(ctx, opConnect, r.addr, ctx.Err())
	}
	if err != nil || len(addresses) == 0 {
		return origin.SpaceUnknown, nil
	}
	return origin.AddressSpaceOf(addresses[0]), nil
}

// keptAddress returns the address of the server of a connection that is kept.
func (n *Network) keptAddress(key string) (netip.Addr, bool) {
	if n.DialContext != nil {
		return netip.Addr{}, false // it may go elsewhere than to the host
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.idle {
		if c.key == key {
			address, err := netip.ParseAddrPort(c.nc.RemoteAddr().String())
			return address.Addr(), err == nil
		}
	}
	return netip.Addr{}, false
}

func (n *Network) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if n.DialContext != nil {
		return n.DialContext(ctx, network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// handshake makes a connection one with TLS, or closes it.
func (n *Network) handshake(ctx context.Context, nc net.Conn, serverName, addr string, offersHTTP2, credentials bool) (net.Conn, error) {
	config := n.tlsConfig(serverName)
	if !credentials {
		// Create a connection: "If credentials is false, then do not send a TLS client certificate."
		config.Certificates, config.GetClientCertificate = nil, nil
	}
	if offersHTTP2 {
		config.NextProtos = []string{http2.NextProtoTLS, "http/1.1"}
	}
	tc := tls.Client(nc, config)
	hooks := httptrace.ContextClientTrace(ctx)
	if hooks != nil && hooks.TLSHandshakeStart != nil {
		hooks.TLSHandshakeStart()
	}
	err := tc.HandshakeContext(ctx)
	if hooks != nil && hooks.TLSHandshakeDone != nil {
		hooks.TLSHandshakeDone(tc.ConnectionState(), err)
	}
	if err != nil {
		nc.Close()
		return nil, failed(ctx, opTLS, addr, err)
	}
	return tlsConn{tc}, nil
}

func (n *Network) newConn(nc net.Conn, r *request) *conn {
	return &conn{
		network: n, nc: nc, br: bufio.NewReader(nc), bw: bufio.NewWriter(nc), key: n.key(r), addr: r.addr,
		raw: rawConn(nc), watched: make(chan error, 1),
	}
}

func (n *Network) tlsConfig(serverName string) *tls.Config {
	config := n.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config.ServerName = serverName
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}

// A tlsConn ends as in browsers: without waiting for a close_notify to be taken. A server that
// sends none ends with an [io.ErrUnexpectedEOF].
type tlsConn struct{ *tls.Conn }

// Close closes the connection beneath, without a close_notify.
func (c tlsConn) Close() error { return c.NetConn().Close() }
