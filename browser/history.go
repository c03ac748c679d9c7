package browser

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/corsim/corsim/internal/quirks"
)

// A history is all that is known of an engine: its versions that were observed, oldest
// first, and the facts of which each holds in some of them.
type history struct {
	name     string
	messages func(*Failure) []Message
	builds   []build
	facts    []fact

	once    sync.Once
	engines []*Engine // one for each build
}

// A build is a version that was observed, with the headers by which it tells what it is.
type build struct {
	version  string
	observed string // the day of its observation, as 2006-01-02
	product  quirks.Product
}

// A fact is one thing that an engine does differently from the standard.
type fact struct {
	// quirk is the id of the [Quirk] that says it in words.
	quirk string
	span  span
	// evidence says how it is known. "seen: " names scenarios of testdata/observations in
	// which the real browser was observed, and which come out differently without the fact;
	// " | " is between two. "live: quirk ID" is one whose scenarios show it, which the browser
	// was observed to run in the same way but which are not recorded. "source: " is the file of
	// the browser that has the rule, where neither shows it.
	evidence string
	set      func(*quirks.Engine)
}

// A span is the versions in which a fact holds. Each end is a version, the first in which it
// holds and the first in which it does not; or "A..B", if it changed between two observed
// builds, A being the last before the change and B the first after it; or "" if it is open.
type span struct{ since, until string }

// always is the span of a fact that holds in all versions that were observed.
var always = span{}

// has reports whether a version is in the span. Between two observed builds the older one
// counts.
func (s span) has(version string) bool {
	return (s.since == "" || compareVersions(version, firstAfter(s.since)) >= 0) &&
		(s.until == "" || compareVersions(version, firstAfter(s.until)) < 0)
}

// firstAfter returns the first version that is known to be after a change.
func firstAfter(end string) string {
	if _, after, between := strings.Cut(end, ".."); between {
		return after
	}
	return end
}

// compareVersions compares versions number by number; a missing number is 0.
func compareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		if m != n {
			return m - n
		}
	}
	return 0
}

// all returns an engine for each build: the standard, and the facts that hold for it.
func (h *history) all() []*Engine {
	h.once.Do(func() {
		for _, b := range h.builds {
			h.engines = append(h.engines, h.engine(b, func(int) bool { return true }))
		}
	})
	return h.engines
}

// engine returns the engine of a build with those of its facts, by index, that keep chooses.
func (h *history) engine(b build, keep func(i int) bool) *Engine {
	e := &Engine{name: h.name, version: b.version, observed: b.observed, messages: h.messages}
	e.rules.Product = b.product
	for i, f := range h.facts {
		if f.span.has(b.version) && keep(i) {
			f.set(&e.rules)
		}
	}
	return e
}

func (h *history) newest() *Engine {
	all := h.all()
	return all[len(all)-1]
}

// find returns the newest engine whose version is the given one or begins with its numbers;
// nil for none.
func (h *history) find(version string) *Engine {
	for _, e := range slices.Backward(h.all()) {
		if e.version == version || strings.HasPrefix(e.version, version+".") {
			return e
		}
	}
	return nil
}

func (h *history) versions() (versions []string) {
	for _, b := range h.builds {
		versions = append(versions, b.version)
	}
	return versions
}
