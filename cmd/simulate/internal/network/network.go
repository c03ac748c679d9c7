// Package network makes the connections of the command: those that a browser
// would make, but for what curl's --resolve, --cacert and -k change.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/corsim/corsim/wire"
)

// Options are what differs from a browser's network. The zero value differs in
// nothing.
type Options struct {
	// Resolve says where connections go instead of where DNS says.
	Resolve Resolver
	// CACert are PEM certificates of the only authorities that are trusted; nil
	// stands for the system's.
	CACert []byte
	// Insecure accepts every certificate.
	Insecure bool
	// Proxy is what to go through; nil stands for what the environment says, but of
	// hosts that Resolve names.
	Proxy *url.URL
}

// ParseProxy parses a proxy as curl takes it: a URL, or HOST:PORT of one that speaks
// HTTP.
func ParseProxy(value string) (*url.URL, error) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("must be [SCHEME://]HOST[:PORT], such as http://proxy.example:3128")
	case !wire.IsProxyScheme(u.Scheme):
		return nil, fmt.Errorf("the scheme %q is none of http, https and socks5", u.Scheme)
	}
	return u, nil
}

// New returns a network with a connection pool of its own. The error says what is
// wrong with the certificates.
func New(o Options) (*wire.Network, error) {
	proxy := func(u *url.URL) (*url.URL, error) {
		if o.Resolve.names(u.Hostname()) {
			return nil, nil // a proxy would resolve the name itself
		}
		return wire.ProxyFromEnvironment(u)
	}
	if o.Proxy != nil {
		proxy = func(*url.URL) (*url.URL, error) { return o.Proxy, nil }
	}
	tlsConfig := &tls.Config{InsecureSkipVerify: o.Insecure}
	if o.CACert != nil {
		tlsConfig.RootCAs = x509.NewCertPool()
		if !tlsConfig.RootCAs.AppendCertsFromPEM(o.CACert) {
			return nil, errors.New("there is no PEM certificate in it")
		}
	}
	dialer := new(net.Dialer)
	return &wire.Network{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, o.Resolve.address(address))
		},
		TLS: tlsConfig, Proxy: proxy,
	}, nil
}
