package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

// A standIn is a network on which a server without TLS replaces an origin: it is
// asked what the origin would be, under its name.
type standIn struct {
	network *wire.Network
	origin  string
}

// newStandIn lets the server at an address replace the origin of a URL.
func newStandIn(network *wire.Network, base, address string) (*standIn, error) {
	address = strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("%q is no address such as localhost:8080", address)
	}
	page, err := fetch.NewPage(base, nil)
	if err != nil {
		return nil, err
	}
	s := &standIn{network, page.Origin().String()}
	_, asked, _ := strings.Cut(s.origin, "://")
	if _, _, err := net.SplitHostPort(asked); err != nil {
		asked += ":80"
	}
	proxy := network.Proxy
	network.Proxy = func(u *url.URL) (*url.URL, error) {
		if u.Host == asked || u.Host+":80" == asked {
			return nil, nil
		}
		return proxy(u)
	}
	dial := network.DialContext
	network.DialContext = func(ctx context.Context, network, to string) (net.Conn, error) {
		if to == asked {
			to = address
		}
		return dial(ctx, network, to)
	}
	return s, nil
}

// RoundTrip implements [fetch.Network].
func (s *standIn) RoundTrip(ctx context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	if rest, ok := strings.CutPrefix(n.URL, s.origin+"/"); ok {
		_, host, _ := strings.Cut(s.origin, "://")
		plain := *n
		plain.URL = "http://" + host + "/" + rest
		n = &plain
	}
	return s.network.RoundTrip(ctx, n)
}
