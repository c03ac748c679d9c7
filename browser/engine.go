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
// "2026-11-22"; "" for the standard, and for a version that was not; see [Engine.Basis].
func (e *Engine) Observed() string { return e.orStandard().observed }

// Basis says how it is known what the engine does: that it was observed, or between which
// versions that were it is and what changed between them, or that it is from published data.
// It is "" for the standard.
func (e *Engine) Basis() string {
	e = e.orStandard()
	for _, h := range histories {
		if h.name == e.name {
			return h.basis(e)
		}
	}
	return ""
}

// Label returns the name, and of another release than the one that the name alone means that as well, such as
// "firefox@140": it tells engines apart of which some are versions of one.
func (e *Engine) Label() string {
	e = e.orStandard()
	for _, h := range histories {
		if h.name == e.name && h.release(h.withoutVersion().version) != h.release(e.version) {
			return e.name + "@" + h.release(e.version)
		}
	}
	return e.name
}

// Changed returns the ids of the quirks of which a fact holds in only one of two engines that
// are versions of one; nil for other engines.
func Changed(a, b *Engine) []string {
	for _, h := range histories {
		if h.name == a.Name() && h.name == b.Name() {
			return h.changed(a.Version(), b.Version())
		}
	}
	return nil
}

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

// All returns the engines that the names without a version mean, the standard first.
func All() []*Engine { return []*Engine{Standard(), Chromium(), Firefox(), WebKit()} }

// histories are the engines that have versions.
var histories = []*history{chromium, firefox, webkit}

// aliases are other names of engines: of browsers that have them.
var aliases = map[string]string{"chrome": "chromium", "edge": "chromium", "safari": "webkit"}

// safariVersions are the versions of Safari, newest first, from which on it has the WebKit of which WebKitGTK was released in
// the same season. The versions of Safari and of its WebKit are those that MDN's browser-compat-data has.
var safariVersions = []struct{ safari, webkit string }{
	{"27", "2.54"}, {"26.4", "2.52"}, {"26", "2.50"}, {"18.4", "2.48"}, {"18", "2.46"}, {"17.4", "2.44"}, {"17", "2.42"}, {"16.4", "2.40"}, {"16", "2.38"},
	{"15.4", "2.36"}, {"15", "2.34"}, {"14.1", "2.32"}, {"14", "2.30"}, {"13.1", "2.28"}, {"13", "2.26"}, {"12", "2.22"},
}

// webkitOfSafari returns the version of WebKitGTK that is nearest to a version of Safari, "" for none.
func webkitOfSafari(version string) string {
	if !isVersion(version) {
		return ""
	}
	newest, _, _ := strings.Cut(safariVersions[0].safari, ".")
	if first, _, _ := strings.Cut(version, "."); compareVersions(first, newest) > 0 {
		return ""
	}
	for _, s := range safariVersions {
		if compareVersions(version, s.safari) >= 0 {
			return s.webkit
		}
	}
	return ""
}

// Known returns every version of each engine that was observed, the standard first and then
// oldest first.
func Known() []*Engine {
	known := []*Engine{Standard()}
	for _, h := range histories {
		known = append(known, h.all()...)
	}
	return known
}

// Names returns the names that [Find] takes without a version.
func Names() []string {
	return []string{"standard", "chromium", "firefox", "webkit", "chrome", "edge", "safari"}
}

// Find returns an engine by its name, such as "firefox" for the version that Debian has, which is asked anew
// with each change; or by its name and version, such as "firefox@153" or "firefox@newest", the newest that is known; "chrome" and "edge" are "chromium", and
// "safari" is the "webkit" of the same season. A version may leave out its last numbers. One
// that was not observed is derived from the facts; see [Engine.Basis]. The error lists what
// there is.
func Find(name string) (*Engine, error) {
	asked := name
	name, version, versioned := strings.Cut(name, "@")
	safari := name == "safari"
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
		return histories[i].withoutVersion(), nil
	}
	if safari && version != "newest" {
		if version = webkitOfSafari(version); version == "" {
			return nil, fmt.Errorf("there is no %q: safari is known from %s to %s", asked, safariVersions[len(safariVersions)-1].safari, safariVersions[0].safari)
		}
	}
	h := histories[i]
	if version == "newest" {
		return h.newest(), nil
	}
	if e := h.find(version); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("there is no %s %q: it is known from %s to %s, of which %s were observed", name, version, h.oldest, h.release(h.newest().version), strings.Join(h.versions(), ", "))
}
