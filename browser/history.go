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
	// numbers is how many numbers of a version say what the engine does: later ones count fixes.
	numbers int
	// oldest is the first version of which something is known, from published data.
	oldest string
	builds []build
	// usual is the build that the name without a version means: the one that is asked anew with each change.
	usual string
	facts []fact
	// product returns what a version says of itself.
	product func(version string) quirks.Product

	once    sync.Once
	engines []*Engine // one for each build

	mu      sync.Mutex
	derived map[string]*Engine // of versions that were not observed
}

// A build is a version that was observed.
type build struct {
	version  string
	observed string // the day of its observation, as 2006-01-02; "" for none
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
	// the browser that has the rule, where neither shows it. "published: " is where it is written that it changed in a
	// version that was not observed.
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
	e.rules.Product = h.product(h.release(b.version))
	for i, f := range h.facts {
		if f.span.has(b.version) && keep(i) {
			f.set(&e.rules)
		}
	}
	return e
}

// withoutVersion returns the engine that the name alone means.
func (h *history) withoutVersion() *Engine { return h.find(h.usual) }

func (h *history) newest() *Engine {
	all := h.all()
	return all[len(all)-1]
}

// find returns the newest observed engine whose version is the given one or begins with its numbers; else one that is
// derived for a version between those of which something is known; nil for none.
func (h *history) find(version string) *Engine {
	for _, e := range slices.Backward(h.all()) {
		if e.version == version || strings.HasPrefix(e.version, version+".") {
			return e
		}
	}
	newest := h.newest()
	if !isVersion(version) || compareVersions(version, h.oldest) < 0 ||
		compareVersions(version, newest.version) > 0 && h.release(version) != h.release(newest.version) {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.derived[version]; e != nil {
		return e
	}
	e := h.engine(build{version: version}, func(int) bool { return true })
	if h.derived == nil {
		h.derived = make(map[string]*Engine)
	}
	if len(h.derived) < maxDerived {
		h.derived[version] = e
	}
	return e
}

// maxDerived bounds the versions that are kept, for a recording can name any.
const maxDerived = 1000

// isVersion reports whether text is numbers with dots between them.
func isVersion(text string) bool {
	for number := range strings.SplitSeq(text, ".") {
		if n, err := strconv.Atoi(number); err != nil || n < 0 || number[0] == '+' {
			return false
		}
	}
	return true
}

// release returns the numbers of a version that say what the engine does.
func (h *history) release(version string) string {
	numbers := strings.Split(version, ".")
	return strings.Join(numbers[:min(h.numbers, len(numbers))], ".")
}

// around returns the observed engines before and after a version: nil where there is none.
func (h *history) around(version string) (older, newer *Engine) {
	for _, e := range h.all() {
		if compareVersions(e.version, version) <= 0 || h.release(e.version) == h.release(version) {
			older = e
		} else if newer == nil {
			newer = e
		}
	}
	return older, newer
}

// changed returns the quirks of which a fact holds in only one of two versions, in the order of the facts.
func (h *history) changed(a, b string) (ids []string) {
	for _, f := range h.facts {
		if f.span.has(a) != f.span.has(b) && !slices.Contains(ids, f.quirk) {
			ids = append(ids, f.quirk)
		}
	}
	return ids
}

// basis says on what an engine stands.
func (h *history) basis(e *Engine) string {
	if e.observed != "" {
		return "observed on " + e.observed
	}
	older, newer := h.around(e.version)
	if older == nil {
		return "not observed: " + newer.version + " is the oldest that was; what changed before is from published data"
	}
	if newer == nil || h.release(older.version) == h.release(e.version) {
		return "not observed itself: as " + older.version + ", which was"
	}
	text := "not observed: between " + older.version + " and " + newer.version + ", "
	if ids := h.changed(older.version, newer.version); len(ids) > 0 {
		return text + "which were and differ in " + strings.Join(ids, ", ")
	}
	return text + "which were and do not differ"
}

func (h *history) versions() (versions []string) {
	for _, b := range h.builds {
		versions = append(versions, b.version)
	}
	return versions
}
