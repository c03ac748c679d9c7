package quirks

// HSTS holds how an engine asks hosts over https that must be asked over https alone.
//
// https://httpwg.org/specs/rfc6797.html
type HSTS struct {
	Upgrades HSTSUpgrade
	// SameSiteOnly upgrades requests only to hosts of the site of the top-level document.
	SameSiteOnly bool
}

// HSTSUpgrade is how a request to a known host is upgraded.
type HSTSUpgrade uint8

// How a request to a known host is upgraded.
const (
	// HSTSInPlace: before anything else is decided about it, as in the standard.
	HSTSInPlace HSTSUpgrade = iota
	// HSTSByRedirect: by a redirect within the user agent.
	HSTSByRedirect
	// HSTSNever: it is not, if it is not a navigation.
	HSTSNever
)
