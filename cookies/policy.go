package cookies

import (
	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/quirks"
)

// A Policy is what an engine does differently in what it stores and sends. The zero value
// is the draft that the Fetch standard builds on, which knows no third-party cookies.
// [PolicyFor] has those of real engines.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html
type Policy quirks.Cookies

// PolicyFor returns the policy of an engine; that of nil is the standard's.
func PolicyFor(e *browser.Engine) Policy { return Policy(e.Rules(quirks.Key{}).Cookies) }
