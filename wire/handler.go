//go:build !nonetwork

package wire

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
)

// Handler returns a Network in which a handler of this process answers every
// request, whatever its scheme, host and port.
//
// A [net/http.Server] runs the handler and this package reads what it writes, over
// a connection in memory, so that nothing is imitated: a handler that puts
// "access-control-allow-origin" in the header map beside the canonical key sends
// two lines, and both arrive; Date, Content-Length, a Content-Type found by sniffing
// and 1xx responses are the server's own; a handler that panics closes the
// connection, which is an error of reason cors.Transport, and is logged by package
// log unless it panics with [net/http.ErrAbortHandler]. Bodies are streamed in
// both directions. When the body of a response is closed, or the context of the
// fetch ends, the context of the handler's request ends, if the handler has read
// the request's body: until then the server does not notice.
//
// The handler's request has the Host of the URL, the RemoteAddr 192.0.2.1:1234 and,
// for an https URL, a TLS field that says no more than that there was TLS. Each
// request has a connection of its own: nothing lives on once an exchange has
// ended and the handler has returned, and there is nothing to close.
func Handler(h http.Handler) *Network {
	p := &inProcess{}
	p.plain.Handler = h
	p.secure.Handler = secureHandler{h}
	p.network.MaxIdleConnsPerHost = -1
	p.network.MaxIdleConns = -1
	p.network.inProcess = p
	return &p.network
}

// inProcess is what is in the place of all servers there are.
type inProcess struct {
	network       Network
	plain, secure http.Server
}

// dial begins to serve one connection.
func (p *inProcess) dial(secure bool) net.Conn {
	server := &p.plain
	if secure {
		server = &p.secure
	}
	client, conn := newPipe()
	// Serve returns once it has been refused a second connection; the first one is
	// being served by then.
	server.Serve(&oneListener{conn: conn})
	return client
}

// A oneListener accepts one connection.
type oneListener struct{ conn net.Conn }

// Accept returns the connection, and then io.EOF, which ends Serve.
func (l *oneListener) Accept() (net.Conn, error) {
	conn := l.conn
	if conn == nil {
		return nil, io.EOF
	}
	l.conn = nil
	return conn, nil
}

// Close leaves the connection to its server.
func (l *oneListener) Close() error { return nil }

// Addr returns the address that handlers see.
func (l *oneListener) Addr() net.Addr { return serverAddr }

// secureHandler tells the handler that the request came over TLS, as it would have
// if there were a network to protect.
type secureHandler struct{ handler http.Handler }

// ServeHTTP sets the TLS state that a server would have found.
func (h secureHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	r.TLS = &tls.ConnectionState{
		Version: tls.VersionTLS13, HandshakeComplete: true, CipherSuite: tls.TLS_AES_128_GCM_SHA256,
		NegotiatedProtocol: "http/1.1", ServerName: strings.Trim(name, "[]"),
	}
	h.handler.ServeHTTP(w, r)
}

// connectInProcess is connect for the Network of a handler.
func (n *Network) connectInProcess(ctx context.Context, r *request) (*conn, error) {
	if ctx.Err() != nil {
		return nil, failed(ctx, opConnect, r.addr, ctx.Err())
	}
	return n.newConn(n.inProcess.dial(r.serverName != ""), r), nil
}
