// Package browser holds facts about real browser engines, as data: where they
// differ from the Fetch standard and from each other.
package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/preflightcache"
)

// An Engine is a user agent: the points on which it differs from the standard.
// The zero value, and a nil *Engine, is the standard itself.
type Engine struct {
	// Name is "standard", "chromium", "firefox" or "webkit".
	Name string
	// Version is that of the browser in which the differences were observed.
	Version string
	// CORS is what the engine decides otherwise.
	CORS cors.Policy
	// Preflights is what the engine's preflight cache remembers otherwise.
	Preflights preflightcache.Rules
}

// Standard is the user agent that the standard describes.
var Standard = &Engine{Name: "standard"}
