//go:build !nonetwork

package wire

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/proxy"
)

// ProxyFromEnvironment is for [Network.Proxy]: what HTTP_PROXY, HTTPS_PROXY and
// NO_PROXY said, in either case, when it was first called. To this machine itself
// there is no proxy. A URL for which a proxy is named that is malformed is an error: who
// wants a proxy does not want to be without. It may be called at the same time.
func ProxyFromEnvironment(u *url.URL) (*url.URL, error) { return environmentProxy()(u) }

var environmentProxy = sync.OnceValue(func() func(*url.URL) (*url.URL, error) {
	return proxyFunc(httpproxy.FromEnvironment())
})

// proxyFunc returns the proxy for a URL as the environment says. Package httpproxy takes a
// malformed proxy for none.
func proxyFunc(config *httpproxy.Config) func(*url.URL) (*url.URL, error) {
	malformed := make(map[string]error) // by the scheme of the URL
	for scheme, proxy := range map[string]*string{"http": &config.HTTPProxy, "https": &config.HTTPSProxy} {
		if *proxy == "" {
			continue
		}
		if _, err := ParseProxy(*proxy); err != nil {
			malformed[scheme] = fmt.Errorf("the proxy that %s_proxy names %w", scheme, err)
			*proxy = "http://malformed.invalid" // so that it is told for which URLs it is
		}
	}
	choose := config.ProxyFunc()
	return func(u *url.URL) (*url.URL, error) {
		via, err := choose(u)
		if via != nil && err == nil && malformed[u.Scheme] != nil {
			return nil, malformed[u.Scheme]
		}
		return via, err
	}
}

// ParseProxy parses a proxy as curl takes it: a URL, or HOST:PORT of one that speaks
// HTTP. The error is what it must be, and does not name it: it may have a password.
func ParseProxy(value string) (*url.URL, error) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" || strings.Trim(u.Port(), "0123456789") != "":
		return nil, errors.New("must be [SCHEME://]HOST[:PORT], such as http://proxy.example:3128")
	case !isProxyScheme(u.Scheme):
		return nil, fmt.Errorf("has the scheme %q: it must be http, https or socks5", u.Scheme)
	}
	return u, nil
}

// proxyFor returns the proxy of a request, nil for none.
func (n *Network) proxyFor(r *request) (*url.URL, error) {
	if n.Proxy == nil {
		return nil, nil
	}
	u, err := n.Proxy(&url.URL{Scheme: r.scheme(), Host: r.host})
	if u == nil || err != nil {
		return nil, err
	}
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("the proxy %q has no host", u.Redacted())
	case !isProxyScheme(u.Scheme):
		return nil, fmt.Errorf("the scheme of the proxy %q is not one of http, https and socks5", u.Redacted())
	}
	return u, nil
}

// proxyPorts are the ports of proxies whose URL has none.
var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// isProxyScheme reports whether a URL with a scheme can be that of a proxy.
func isProxyScheme(scheme string) bool { return proxyPorts[scheme] != "" }

// dialProxy opens a connection to the request's server through a proxy; or, where an
// HTTP proxy is to forward plain http, to the proxy, with what it is told beside the
// request.
func (n *Network) dialProxy(ctx context.Context, u *url.URL, r *request) (net.Conn, *forwarding, error) {
	port := u.Port()
	if port == "" {
		port = proxyPorts[u.Scheme]
	}
	addr := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "socks5" || u.Scheme == "socks5h" {
		via := &url.URL{Scheme: u.Scheme, User: u.User, Host: addr}
		dialer, err := proxy.FromURL(via, dialer(n.dial))
		if err != nil {
			return nil, nil, &Error{Op: opConnect, Addr: addr, Err: err}
		}
		nc, err := dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", r.addr)
		if err != nil {
			return nil, nil, failed(ctx, opConnect, r.addr, err)
		}
		return nc, nil, nil
	}
	nc, err := n.dial(ctx, "tcp", addr)
	if err != nil {
		return nil, nil, failed(ctx, opConnect, addr, err)
	}
	if u.Scheme == "https" {
		if nc, err = n.handshake(ctx, nc, u.Hostname(), addr, false, true); err != nil {
			return nil, nil, err
		}
	}
	f := &forwarding{authorization: basicAuthorization(u.User)}
	if r.serverName == "" {
		return nc, f, nil
	}
	if err := f.tunnel(ctx, nc, r.addr); err != nil {
		nc.Close()
		return nil, nil, failed(ctx, opConnect, addr, err)
	}
	return nc, nil, nil
}

// A dialer is a function that connects, as package proxy wants it.
type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// Dial has no context that could end it.
func (d dialer) Dial(network, addr string) (net.Conn, error) {
	return d(context.Background(), network, addr)
}

// DialContext connects.
func (d dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return d(ctx, network, addr)
}

func basicAuthorization(user *url.Userinfo) string {
	if user == nil {
		return ""
	}
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}

// tunnel asks for a connection to a server.
//
// https://httpwg.org/specs/rfc9110.html#CONNECT
func (f *forwarding) tunnel(ctx context.Context, nc net.Conn, addr string) error {
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(past) })
	defer stop()
	w := bufio.NewWriter(nc)
	w.WriteString("CONNECT " + addr + " HTTP/1.1\r\n")
	writeHeader(w, "Host", addr)
	f.write(w)
	w.WriteString("\r\n")
	if err := w.Flush(); err != nil {
		return err
	}
	br := bufio.NewReader(nc)
	reader := responseReader{br: br, method: "CONNECT", limit: MaxHeaderBytes, rules: &noRules}
	m, err := reader.read()
	switch {
	case err != nil:
		return err
	case m.status/100 != 2:
		return fmt.Errorf("the proxy refuses to connect to %s: %d %s", addr, m.status, m.statusText)
	case br.Buffered() > 0:
		return fmt.Errorf("the proxy sends %d bytes that %s cannot have sent yet", br.Buffered(), addr)
	}
	return nil
}
