package network

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Resolver says to which address connections to a host and port go.
type Resolver []rule

type rule struct {
	host    string // in lower case, "*" for any
	port    string // "*" for any
	address netip.Addr
	to      string // the port to go to; "" for the same
}

// Add adds a rule in the form of curl's --resolve, HOST:PORT:ADDRESS, in which
// HOST may be "*" for any host, PORT may be "*" for any port, and an IPv6 address
// is in brackets. Beyond what curl has, ADDRESS:PORT leads to another port.
// The first rule that fits a connection is used.
func (r *Resolver) Add(s string) error {
	wrong := func(problem string) error {
		return fmt.Errorf("%q %s; write HOST:PORT:ADDRESS, such as api.example:443:127.0.0.1", s, problem)
	}
	rest := s
	host, rest, ok := cutHost(rest)
	if !ok || host == "" {
		return wrong("has no host")
	}
	port, rest, ok := strings.Cut(rest, ":")
	if _, err := strconv.ParseUint(port, 10, 16); !ok || err != nil && port != "*" {
		return wrong("has no port")
	}
	address, to, _ := cutHost(rest)
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		// An IPv6 address without brackets goes on to the end.
		if parsed, err = netip.ParseAddr(rest); err != nil {
			return wrong("has no IP address")
		}
		to = ""
	}
	if _, err := strconv.ParseUint(to, 10, 16); to != "" && err != nil {
		return wrong("ends in what is no port")
	}
	*r = append(*r, rule{strings.ToLower(host), port, parsed, to})
	return nil
}

// names reports whether there is a rule for a host.
func (r Resolver) names(host string) bool {
	return slices.ContainsFunc(r, func(rule rule) bool { return rule.host == "*" || rule.host == strings.ToLower(host) })
}

// cutHost cuts a host, which may be in brackets, from what follows its colon.
func cutHost(s string) (host, rest string, ok bool) {
	if strings.HasPrefix(s, "[") {
		if host, rest, ok = strings.Cut(s[1:], "]"); ok {
			return host, strings.TrimPrefix(rest, ":"), true
		}
	}
	return strings.Cut(s, ":")
}

// address returns where a connection to address, a host and a port, goes.
func (r Resolver) address(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	host = strings.ToLower(host)
	for _, rule := range r {
		if (rule.host == "*" || rule.host == host) && (rule.port == "*" || rule.port == port) {
			if rule.to != "" {
				port = rule.to
			}
			return net.JoinHostPort(rule.address.String(), port)
		}
	}
	// Browsers ask no name server about these.
	if name := strings.TrimSuffix(host, "."); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return net.JoinHostPort("localhost", port)
	}
	return address
}
