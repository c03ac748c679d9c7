package origin

import (
	"net/netip"
	"strings"
)

var loopback4 = netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)

// PotentiallyTrustworthy reports whether o is a potentially trustworthy origin:
// one that a page can get over a connection that nobody else writes to. Names
// under localhost are, since browsers resolve them to loopback addresses; what
// an administrator has configured as trustworthy is unknown here.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func (o Origin) PotentiallyTrustworthy() bool {
	switch o.scheme {
	case "":
		return false
	case "https", "wss", "file":
		return true
	}
	if a, ok := HostAddress(o.host); ok {
		return loopback4.Contains(a) || a == netip.IPv6Loopback()
	}
	domain := strings.TrimSuffix(o.host, ".")
	return domain == "localhost" || strings.HasSuffix(domain, ".localhost")
}
