package origin

import (
	"net/netip"
	"strings"
)

// An AddressSpace says how private the network is that an address is of.
//
// https://wicg.github.io/local-network-access/#ip-address-space-section
type AddressSpace uint8

// The address spaces. Those of the greater numbers are the more private ones.
const (
	SpaceUnknown AddressSpace = iota
	SpacePublic
	SpaceLocal    // of a network at home or in an office
	SpaceLoopback // of the machine itself
)

// String returns "public", "local" or "loopback", and "unknown".
func (s AddressSpace) String() string {
	return [...]string{"unknown", "public", "local", "loopback"}[min(s, SpaceLoopback)&3]
}

// ParseAddressSpace returns the address space that [AddressSpace.String] writes so.
func ParseAddressSpace(s string) (space AddressSpace, ok bool) {
	for space := SpaceUnknown; space <= SpaceLoopback; space++ {
		if space.String() == s {
			return space, true
		}
	}
	return SpaceUnknown, false
}

// localPrefixes are the networks of which addresses are local, as Chromium and Firefox were
// observed to have them: more than those of the draft.
var localPrefixes = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("2001:db8::/32"),
}

// AddressSpaceOf returns the address space of an IP address.
//
// https://wicg.github.io/local-network-access/#determine-the-ip-address-space
func AddressSpaceOf(ip netip.Addr) AddressSpace {
	ip = ip.Unmap().WithZone("")
	switch {
	case !ip.IsValid():
		return SpaceUnknown
	case ip.IsLoopback(), ip.IsUnspecified():
		return SpaceLoopback
	}
	for _, p := range localPrefixes {
		if p.Contains(ip) {
			return SpaceLocal
		}
	}
	return SpacePublic
}

// HostAddressSpace returns the address space that a serialized host tells: of an IP address, and
// of localhost and the names below it. Of other names it is unknown.
func HostAddressSpace(host string) AddressSpace {
	if ip, ok := HostAddress(host); ok {
		return AddressSpaceOf(ip)
	}
	host = strings.TrimSuffix(host, ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return SpaceLoopback
	}
	return SpaceUnknown
}

// HostAddress returns the IP address that a serialized host is, if it is one.
//
// https://url.spec.whatwg.org/#ip-address
func HostAddress(host string) (address netip.Addr, ok bool) {
	if host == "" || host[0] != '[' && !isDigit(host[len(host)-1]) {
		return netip.Addr{}, false // which saves most the attempt
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return address, err == nil
}
