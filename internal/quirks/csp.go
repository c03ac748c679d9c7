package quirks

// CSP holds how an engine matches URLs with Content Security Policies differently. The zero value
// is the standard.
//
// https://w3c.github.io/webappsec-csp/#match-url-to-source-expression
type CSP struct {
	// WSMatchesHTTP lets sources of ws: and wss: match http: and https:.
	WSMatchesHTTP bool
	// AnyHostPortMatchesNothing has "*" with a port match nothing.
	AnyHostPortMatchesNothing bool
	// SelfOfOpaqueMatchesNothing has 'self', and hosts without a scheme, match nothing in a page with an opaque origin.
	SelfOfOpaqueMatchesNothing bool
	// UpgradesTogether lets a URL be of an upgraded scheme only if its port is the upgraded one as
	// well, or was not written, and the other way round.
	UpgradesTogether bool
	// UpgradedPortNeedsScheme lets port 80 stand for 443 only if the scheme of the source was upgraded as well.
	UpgradedPortNeedsScheme bool
	// PortsAsWritten compares ports as they are written, with zeros before them.
	PortsAsWritten bool
	// CheckedBeforeUpgrade checks what upgrade-insecure-requests upgrades before that as well.
	CheckedBeforeUpgrade bool
	// UpgradeCountsBefore matches http: URLs with sources as what upgrade-insecure-requests makes of
	// them, whether or not it will.
	UpgradeCountsBefore bool
	// UpgradeDecidedByFirstURL upgrades, in a worker, no URL to which a redirect leads from a loopback host over
	// http.
	UpgradeDecidedByFirstURL bool
	// UpgradeKeepsURL tells script the URL from before upgrade-insecure-requests, and
	// UpgradeIsRedirect tells it that the request was redirected.
	UpgradeKeepsURL, UpgradeIsRedirect bool
	// PathsOfRedirectedPreflights lets paths count for the preflight of a request that was
	// redirected.
	PathsOfRedirectedPreflights bool
	// UpgradesLoopback has upgrade-insecure-requests upgrade hosts that are loopback: always, or
	// only those to which a redirect leads.
	UpgradesLoopback LoopbackUpgrade
}

// LoopbackUpgrade is which requests to loopback hosts are upgraded.
type LoopbackUpgrade uint8

// Which requests to loopback hosts upgrade-insecure-requests upgrades.
const (
	LoopbackNotUpgraded LoopbackUpgrade = iota
	// LoopbackUpgradedByRedirect: those to which a redirect leads.
	LoopbackUpgradedByRedirect
	// LoopbackUpgraded: all.
	LoopbackUpgraded
)
