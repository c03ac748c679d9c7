package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The names and ports that tests know. Each name is also served under the
// subdomains in [Subdomains], one or two levels deep.
const (
	Host    = "web-platform.test"     // the site under test
	AltHost = "not-web-platform.test" // a cross-site one

	HTTPPort   = 8000
	HTTPPort2  = 8001
	HTTPSPort  = 8443
	HTTPSPort2 = 8444
)

// Subdomains returns the labels under which [Host] and [AltHost] are served, in
// the ASCII form that DNS has.
func Subdomains() []string {
	return []string{"www", "www1", "www2", "xn--n8j6ds53lwwkrqhv28a", "xn--lve-6lad"}
}

// A Server answers as the web-platform-tests' own server does, on loopback
// sockets that have other ports than the tests know; [Server.DialContext] maps
// the names. It is safe for concurrent use.
type Server struct {
	pool   *x509.CertPool
	root   fs.FS        // what else is served; nil for nothing
	sites  map[int]site // by the port that tests know
	stash  stash
	done   chan struct{}
	closed sync.Once
	wg     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once closed
}

// site is one listener and what its URLs begin with.
type site struct {
	net.Listener
	scheme string
	port   int
	tls    *tls.Config // nil for http
}

// New starts a server: one listener for each port, on 127.0.0.1, with a
// certificate for its names under an authority made for it alone.
func New() (*Server, error) { return NewWithFiles(nil) }

// NewWithFiles is [New] for a server that has the plain files of root, an upstream
// tree, as well, with what their .headers files add. What is ported goes first;
// scripts are never run from there.
func NewWithFiles(root fs.FS) (*Server, error) {
	cert, pool, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("wpt server: making a certificate: %w", err)
	}
	s := &Server{
		pool:  pool,
		root:  root,
		sites: make(map[int]site),
		stash: stash{values: make(map[stashKey]any)},
		done:  make(chan struct{}),
		conns: make(map[net.Conn]struct{}),
	}
	secure := &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}
	for _, at := range []site{
		{scheme: "http", port: HTTPPort},
		{scheme: "http", port: HTTPPort2},
		{scheme: "https", port: HTTPSPort, tls: secure},
		{scheme: "https", port: HTTPSPort2, tls: secure},
	} {
		at.Listener, err = net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("wpt server: listening for %s port %d: %w", at.scheme, at.port, err)
		}
		s.sites[at.port] = at
		s.wg.Go(func() { s.accept(at) })
	}
	return s, nil
}

// Close ends the listeners and all connections and waits for their handlers.
func (s *Server) Close() error {
	var errs []error
	s.closed.Do(func() {
		close(s.done)
		for _, at := range s.sites {
			errs = append(errs, at.Listener.Close())
		}
		s.mu.Lock()
		for c := range s.conns {
			c.Close()
		}
		s.conns = nil
		s.mu.Unlock()
	})
	s.wg.Wait()
	return errors.Join(errs...)
}

// RootCAs returns the pool with the authority that signed the certificate of
// the https ports.
func (s *Server) RootCAs() *x509.CertPool { return s.pool }

// DialContext connects to the listener that stands for addr, a host and port as
// URLs have them. It has the form of [net/http.Transport]'s field of that name;
// where addr has an https port, TLS is left to the caller. A name that is not
// served ("nonexistent." is upstream's example) fails as an unknown host does,
// with a [*net.DNSError], and another port as one where nothing listens.
func (s *Server) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return fail(err)
	}
	if !served(host) {
		return fail(&net.DNSError{Err: "no such host", Name: host, IsNotFound: true})
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return fail(&net.AddrError{Err: "the port is not a number", Addr: addr})
	}
	at, ok := s.sites[port]
	if !ok {
		return fail(syscall.ECONNREFUSED)
	}
	return new(net.Dialer).DialContext(ctx, network, at.Addr().String())
}

// Resolve returns what [Server.DialContext] does as rules of the form that the
// command's --resolve takes, HOST:PORT:ADDRESS:PORT, for another process: one for
// each name and port that is served.
func (s *Server) Resolve() []string {
	labels := []string{""}
	for _, first := range Subdomains() {
		labels = append(labels, first+".")
		for _, second := range Subdomains() {
			labels = append(labels, first+"."+second+".")
		}
	}
	var rules []string
	for _, port := range slices.Sorted(maps.Keys(s.sites)) {
		for _, host := range []string{Host, AltHost} {
			for _, label := range labels {
				rules = append(rules, fmt.Sprintf("%s%s:%d:%s", label, host, port, s.sites[port].Addr()))
			}
		}
	}
	return rules
}

// served reports whether host is one of the server's names. A final dot is the
// DNS root and changes nothing.
func served(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	rest, ok := strings.CutSuffix(host, AltHost)
	if !ok {
		rest, ok = strings.CutSuffix(host, Host)
	}
	if !ok {
		return false
	}
	if rest == "" {
		return true
	}
	labels := strings.Split(rest, ".")
	if len(labels) > 3 || labels[len(labels)-1] != "" {
		return false
	}
	for _, label := range labels[:len(labels)-1] {
		if !slices.Contains(Subdomains(), label) {
			return false
		}
	}
	return true
}

// accept serves the connections of one listener until it is closed.
func (s *Server) accept(at site) {
	for {
		c, err := at.Accept()
		if err != nil {
			select {
			case <-s.done:
				return
			case <-time.After(10 * time.Millisecond):
				continue // one connection failed to come about; others may
			}
		}
		if !s.track(c) {
			c.Close()
			return
		}
		s.wg.Go(func() {
			defer s.untrack(c)
			defer c.Close()
			stream := c.(closeWriter)
			if at.tls != nil {
				stream = tls.Server(c, at.tls)
			}
			s.serveConn(stream, at)
			// To close with bytes unread would reset the connection, and what
			// was just sent might be lost.
			if stream.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(time.Second)) == nil {
				io.Copy(io.Discard, c)
			}
		})
	}
}

// A closeWriter is a connection of which one direction can be closed.
type closeWriter interface {
	net.Conn
	CloseWrite() error
}

func (s *Server) track(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) untrack(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}
