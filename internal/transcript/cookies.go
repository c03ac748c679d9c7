package transcript

import (
	"strings"

	"github.com/corsim/corsim/fetch"
)

// NotStored says of a Set-Cookie value that a user agent refused why it did.
func NotStored(setCookie, why string) string {
	pair, _, _ := strings.Cut(setCookie, ";")
	name, _, named := strings.Cut(pair, "=")
	if name = strings.TrimSpace(name); !named || name == "" {
		name = "the cookie without a name"
	}
	return quoteControls(name) + " was not stored: " + why
}

func notSent(d *fetch.CookieDecision) string {
	name := d.Name
	if name == "" {
		name = "the cookie without a name"
	}
	return quoteControls(name) + " is not sent: " + d.Why
}

// CookiesMissing says why the last request that is no preflight did not get the
// cookies that the user agent has of its site, and which it has refused before, of
// whichever site.
func (a *Attempt) CookiesMissing() string {
	var all []string
	if x := a.last(); x != nil {
		for i := range x.Unsent {
			all = append(all, notSent(&x.Unsent[i]))
		}
	}
	return strings.Join(append(all, a.Refused...), "; ")
}
