package transcript

import (
	"context"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// StandIn returns the AddressSpace of a [fetch.Client] whose server at base is under test: on
// loopback it replaces one that will be elsewhere, and its address says nothing. Other
// servers are where the network has them.
func StandIn(base string, network fetch.Network) func(ctx context.Context, url string) (origin.AddressSpace, error) {
	tested := ""
	if u, err := weburl.Parse(base); err == nil && origin.HostAddressSpace(u.Host()) == origin.SpaceLoopback {
		tested = u.Host()
	}
	resolver, _ := network.(fetch.AddressResolver)
	return func(ctx context.Context, url string) (origin.AddressSpace, error) {
		u, err := weburl.Parse(url)
		switch {
		case err != nil:
			return origin.SpaceUnknown, err
		case u.Host() == tested:
			return origin.SpaceUnknown, nil
		case resolver != nil:
			return resolver.AddressSpace(ctx, url)
		}
		return origin.HostAddressSpace(u.Host()), nil
	}
}
