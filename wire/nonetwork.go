//go:build nonetwork

package wire

import (
	"context"
	"errors"
)

// errNoNetwork is why nothing is sent.
var errNoNetwork = errors.New("this program is built without sockets (tag nonetwork)")

// A Network sends nothing in a program that is built with the tag nonetwork: one for a page,
// say, which has no sockets and must be small.
type Network struct{}

// RoundTrip returns an error.
func (*Network) RoundTrip(_ context.Context, r *Request) (*Response, error) {
	return nil, &Error{Op: "connect to", Addr: r.URL, Err: errNoNetwork}
}

// Close has nothing to close.
func (*Network) Close() error { return nil }
