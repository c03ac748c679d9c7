package wpt

import (
	"crypto/tls"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
	"github.com/corsim/corsim/wpt/server"
)

// newNetwork returns the network on which the names of the tests lead to srv,
// and what ends its connections.
func newNetwork(srv *server.Server) (fetch.Network, func() error) {
	n := &wire.Network{DialContext: srv.DialContext, TLS: &tls.Config{RootCAs: srv.RootCAs()}}
	return n, n.Close
}
