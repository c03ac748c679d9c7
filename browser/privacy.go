package browser

import "fmt"

// ThirdPartyCookies is what a browser does with the cookies of other sites than that of the page: a setting of its user.
type ThirdPartyCookies string

// What a browser does with third-party cookies. As they are shipped, Chromium allows them, Firefox partitions them, and
// WebKit as observed allows them; Safari blocks them.
const (
	ThirdPartyAllowed     ThirdPartyCookies = "allowed"
	ThirdPartyBlocked     ThirdPartyCookies = "blocked"
	ThirdPartyPartitioned ThirdPartyCookies = "partitioned"
)

// WithThirdPartyCookies returns the engine with another setting for third-party cookies; with "" it is as shipped.
func (e *Engine) WithThirdPartyCookies(setting ThirdPartyCookies) (*Engine, error) {
	changed := *e.orStandard()
	c := &changed.rules.Cookies
	switch setting {
	case "":
		return e.orStandard(), nil
	case ThirdPartyAllowed:
		c.BlockThirdParty, c.PartitionThirdParty = false, false
	case ThirdPartyBlocked:
		c.BlockThirdParty, c.PartitionThirdParty = true, false
	case ThirdPartyPartitioned:
		c.BlockThirdParty, c.PartitionThirdParty = false, true
	default:
		return nil, fmt.Errorf("there is no setting %q for third-party cookies, only allowed, blocked and partitioned", setting)
	}
	// Sec-Fetch-Storage-Access says what the setting makes of a request.
	changed.rules.Headers.StorageAccessActive = changed.rules.Headers.StorageAccess != 0 && setting == ThirdPartyAllowed
	return &changed, nil
}
