// Package browser holds facts about real browser engines, as data: where they
// differ from the Fetch standard and from each other, in which versions, and how that is
// known.
package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/preflightcache"
)

// An Engine is a user agent of one version: the standard, and what the engine does
// differently. It cannot be changed, so that all can share it; a nil *Engine is the
// standard. [Quirks] says in words what engines do differently.
type Engine struct {
	name, version, observed string
	rules                   quirks.Engine
	messages                func(*Failure) []Message // nil for none
}

var standard = &Engine{name: "standard"}

// Standard returns the user agent that the standard describes.
func Standard() *Engine { return standard }

// Name returns "standard", "chromium", "firefox" or "webkit".
func (e *Engine) Name() string { return e.orStandard().name }

// Version returns the version of the browser in which the differences were observed, ""
// for the standard.
func (e *Engine) Version() string { return e.orStandard().version }

// Observed returns the day on which the browser of that version was observed, such as
// "2026-11-22"; "" for the standard.
func (e *Engine) Observed() string { return e.orStandard().observed }

// String returns the name by which [Find] finds the engine, such as "firefox@153.7.0".
func (e *Engine) String() string {
	e = e.orStandard()
	if e.version == "" {
		return e.name
	}
	return e.name + "@" + e.version
}

// CORS returns what the engine decides differently about CORS.
func (e *Engine) CORS() cors.Policy { return cors.Policy(e.orStandard().rules.CORS) }

// PreflightCache returns what the engine's CORS-preflight cache does differently.
func (e *Engine) PreflightCache() preflightcache.Rules {
	return preflightcache.Rules(e.orStandard().rules.PreflightCache)
}

// HTTPCache returns what the engine's HTTP cache does differently.
func (e *Engine) HTTPCache() httpcache.Rules { return httpcache.Rules(e.orStandard().rules.HTTPCache) }

// Rules opens the engine to the packages of this module: only they can make a key. What it
// points to must not be changed.
func (e *Engine) Rules(quirks.Key) *quirks.Engine { return &e.orStandard().rules }

func (e *Engine) orStandard() *Engine {
	if e == nil {
		return standard
	}
	return e
}

// All returns the newest known version of each engine, the standard first.
func All() []*Engine { return []*Engine{Standard(), Chromium(), Firefox(), WebKit()} }

// histories are the engines that have versions.
var histories = []*history{chromium, firefox, webkit}

// aliases are other names of engines: of browsers that have them.
var aliases = map[string]string{"chrome": "chromium", "edge": "chromium"}

// Known returns every version of each engine that is known, the standard first and then
// oldest first.
func Known() []*Engine {
	known := []*Engine{Standard()}
	for _, h := range histories {
		known = append(known, h.all()...)
	}
	return known
}

// Names returns the names that [Find] takes without a version.
func Names() []string { return []string{"standard", "chromium", "firefox", "webkit", "chrome", "edge"} }

// Find returns an engine by its name, such as "firefox" for the newest version that is known,
// or by its name and version, such as "firefox@153"; "chrome" and "edge" are "chromium".
// A version may leave out its last numbers. The error lists what there is.
func Find(name string) (*Engine, error) {
	name, version, versioned := strings.Cut(name, "@")
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	if name == standard.name && !versioned {
		return standard, nil
	}
	i := slices.IndexFunc(histories, func(h *history) bool { return h.name == name })
	switch {
	case name == standard.name:
		return nil, fmt.Errorf("%q: the standard has no versions", name+"@"+version)
	case i < 0:
		return nil, fmt.Errorf("there is no browser %q, only %s", name, strings.Join(Names(), ", "))
	case !versioned:
		return histories[i].newest(), nil
	}
	if e := histories[i].find(version); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("there is no %s %q, only %s", name, version, strings.Join(histories[i].versions(), ", "))
}
