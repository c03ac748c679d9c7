// Package network makes the connections of the command: the network that a
// browser would use, but for what curl's --resolve, --cacert and -k change.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

// maxHeaderBytes is how long the header of a response may be, in bytes, which is
// Chromium's limit.
const maxHeaderBytes = 256 << 10

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

// New returns a network with a connection pool of its own, and what closes its
// idle connections. The error says what is wrong with the certificates.
func New(o Options) (network fetch.Network, closeIdle func(), err error) {
	tlsConfig := &tls.Config{InsecureSkipVerify: o.Insecure}
	if o.CACert != nil {
		tlsConfig.RootCAs = x509.NewCertPool()
		if !tlsConfig.RootCAs.AppendCertsFromPEM(o.CACert) {
			return nil, nil, errors.New("there is no PEM certificate in it")
		}
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, o.Resolve.address(address))
		},
		TLSClientConfig: tlsConfig, TLSHandshakeTimeout: 30 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes, MaxIdleConnsPerHost: 6, IdleConnTimeout: 90 * time.Second,
		DisableCompression: true,
	}
	return bounded{fetch.RoundTripper(transport)}, transport.CloseIdleConnections, nil
}

// bounded tells a response whose header is too long from other failures.
type bounded struct{ fetch.Network }

func (b bounded) RoundTrip(ctx context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	response, err := b.Network.RoundTrip(ctx, r)
	if err != nil && strings.Contains(err.Error(), "server response headers exceeded") {
		return nil, cors.ResponseTooLarge
	}
	return response, err
}
