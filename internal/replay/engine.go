package replay

import (
	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/quirks"
)

// policyOf returns what an engine decides differently about CORS.
func policyOf(e *browser.Engine) *cors.Policy { return (*cors.Policy)(&rulesOf(e).CORS) }

// redirectPolicyOf returns what an engine does differently with redirects.
func redirectPolicyOf(e *browser.Engine) *cors.RedirectPolicy {
	return (*cors.RedirectPolicy)(&rulesOf(e).Redirect)
}

// localNetworkPolicyOf returns what an engine has of Local Network Access.
func localNetworkPolicyOf(e *browser.Engine) *cors.LocalNetworkPolicy {
	return (*cors.LocalNetworkPolicy)(&rulesOf(e).LocalNetwork)
}

// rulesOf returns all that an engine does differently; only to be read.
func rulesOf(e *browser.Engine) *quirks.Engine { return e.Rules(quirks.Key{}) }

// engineNamed returns the engine that a name alone means, nil if there is none.
func engineNamed(name string) *browser.Engine {
	e, _ := browser.Find(name)
	return e
}
