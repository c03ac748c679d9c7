// Package network makes the connections of the command: those that a browser
// would make, except what curl's --resolve, --cacert and -k change.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"

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

// New returns a network with a connection pool of its own. The error says what is
// wrong with the certificates, or with the proxy that the environment names.
func New(o Options) (*wire.Network, error) {
	if err := o.checkEnvironment(); err != nil {
		return nil, err
	}
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
			return nil, errors.New("--cacert: there is no PEM certificate in it")
		}
	}
	dialer := new(net.Dialer)
	return &wire.Network{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, o.Resolve.address(address))
		},
		Lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
			if o.Resolve.names(host) {
				return nil, nil // what replaces a server is not where the server is
			}
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
		TLS: tlsConfig, Proxy: proxy,
	}, nil
}

// checkEnvironment says what is wrong with the proxies that the environment names, before
// anything is sent.
func (o *Options) checkEnvironment() error {
	if o.Proxy != nil {
		return nil
	}
	for _, scheme := range []string{"http", "https"} {
		// A host that no_proxy can name only by naming all.
		if _, err := wire.ProxyFromEnvironment(&url.URL{Scheme: scheme, Host: "proxied.invalid"}); err != nil {
			return err
		}
	}
	return nil
}
