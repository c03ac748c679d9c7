// Package network makes the connections of the command: those that a browser
// would make, but for what curl's --resolve, --cacert and -k change.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"

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
}

// New returns a network with a connection pool of its own. The error says what is
// wrong with the certificates.
func New(o Options) (*wire.Network, error) {
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
		TLS: tlsConfig,
	}, nil
}
