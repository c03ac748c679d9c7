package browser

import (
	"embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Quirk is a point on which engines differ from the Fetch standard or from each
// other, in words.
type Quirk struct {
	// ID names it, in lower case with dashes.
	ID string
	// Title says what it is about.
	Title string
	// Stage is where in a fetch it acts.
	Stage Stage
	// Standard is what the standard has; Chromium, Firefox and WebKit what those
	// do that differ from it, "" where they do not.
	Standard, Chromium, Firefox, WebKit string
	// Advice is what a server should send, or a page do, to fare the same in all
	// of them.
	Advice string
	// Network says that in WebKit it is libsoup's doing, so that Safari need not
	// do it.
	Network bool
	// Scenarios show it: scenarios in JSON, each of which can be run. One whose id
	// is that of a recorded one has been observed.
	Scenarios []string
}

// Of returns what an engine does, "" where it does what the standard has.
func (q *Quirk) Of(e *Engine) string {
	if !slices.ContainsFunc(q.Facts(e), func(f Fact) bool { return span{f.Since, f.Until}.has(e.Version()) }) {
		return ""
	}
	switch e.Name() {
	case chromium.name:
		return q.Chromium
	case firefox.name:
		return q.Firefox
	case webkit.name:
		return q.WebKit
	}
	return ""
}

// A Fact is one thing that an engine does differently and that belongs to a [Quirk].
type Fact struct {
	// Since is the first version in which it holds, and Until the first in which it does not:
	// "A..B" where it changed between the observed versions A and B, "" where no other is known.
	Since, Until string
	// Evidence says how it is known: "seen: " and the recorded scenarios that show it, "live:
	// quirk " and the quirk whose scenarios do, or "source: " and the browser's file that has it.
	Evidence string
}

// Facts returns what makes up a quirk in an engine, of all its versions.
func (q *Quirk) Facts(e *Engine) (facts []Fact) {
	for _, h := range histories {
		if h.name != e.Name() {
			continue
		}
		for _, f := range h.facts {
			if f.quirk == q.ID {
				facts = append(facts, Fact{f.span.since, f.span.until, f.evidence})
			}
		}
	}
	return facts
}

// Changes returns when an engine changed what it does, oldest first: a version, or "between A and B"
// where these are the observed versions around the change; none where no change is known.
func (q *Quirk) Changes(e *Engine) (changes []string) {
	var ends []string
	for _, f := range q.Facts(e) {
		for _, end := range []string{f.Since, f.Until} {
			if end != "" && !slices.Contains(ends, end) {
				ends = append(ends, end)
			}
		}
	}
	slices.SortFunc(ends, func(a, b string) int { return compareVersions(firstAfter(a), firstAfter(b)) })
	for _, end := range ends {
		if before, after, between := strings.Cut(end, ".."); between {
			end = "between " + before + " and " + after
		}
		changes = append(changes, end)
	}
	return changes
}

// A Stage is a part of a fetch.
type Stage string

// The stages, in the order of a fetch.
const (
	StageRequest        Stage = "request"         // what a request is made into
	StageUnsafe         Stage = "unsafe request"  // whether it needs a preflight
	StagePreflight      Stage = "preflight"       // the preflight and what its response permits
	StagePreflightCache Stage = "preflight cache" // what is remembered of preflights
	StageRedirect       Stage = "redirect"        // what is followed, and with what
	StageHeaders        Stage = "headers"         // what the browser adds
	StageResponse       Stage = "response"        // how a response is read
	StageCheck          Stage = "CORS check"      // whether script gets it, and what of it
	StageHTTPCache      Stage = "HTTP cache"      // what is stored and used again
	StageCookies        Stage = "cookies"         // what is stored and sent
)

// quirkFiles has a file for each quirk with its scenarios, one a line.
//
//go:embed quirks
var quirkFiles embed.FS

// Quirks returns the quirks that are known, those that matter to most servers
// first. Tests hold them against the engines: every fact belongs to one quirk, a quirk has
// words for just those engines of which it has facts, and its scenarios come out differently
// without them.
func Quirks() []Quirk { return slices.Clone(allQuirks()) }

var allQuirks = sync.OnceValue(func() []Quirk {
	limits := strings.NewReplacer(
		"{chromium limit}", strconv.FormatInt(Chromium().rules.CORS.MaxAgeLimit, 10),
		"{firefox limit}", strconv.FormatInt(Firefox().rules.CORS.MaxAgeLimit, 10),
		"{webkit limit}", strconv.FormatInt(WebKit().rules.CORS.MaxAgeLimit, 10))
	all := slices.Clone(quirkTable)
	for i := range all {
		q := &all[i]
		for _, text := range []*string{&q.Chromium, &q.Firefox, &q.WebKit, &q.Advice} {
			*text = limits.Replace(*text)
		}
		text, err := quirkFiles.ReadFile("quirks/" + q.ID + ".jsonl")
		if err != nil {
			panic(err) // a test holds that each has its file
		}
		q.Scenarios = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return all
})

// agreements are ground on which the standard and all engines agree, so that a server may rely on it.
var agreements = []struct{ title, text string }{
	{"Access-Control-Allow-Origin", "is compared byte for byte with the request's origin, once tabs and spaces around it are stripped: another case, a slash at the end, a list or Null fails."},
	{"Access-Control-Allow-Credentials", "is true in lower case and nothing else."},
	{"Access-Control-Allow-Methods and -Headers", "are lists of tokens in which empty members do not count; one member that is no token fails the whole preflight. Methods are compared with regard to case, header names without."},
	{"Access-Control-Expose-Headers", "is such a list as well; a member that is no token exposes nothing (but see expose-wildcard-before-invalid)."},
	{"The status of a preflight", "must be from 200 to 299."},
	{"A preflight", "carries no cookie and no Authorization, and asks for its headers in lower case, sorted, with commas and no space between them."},
	{"The preflight cache", "keeps what has no Access-Control-Max-Age for 5 seconds, and goes by the whole URL, with its query and its fragment: #a and #b have a preflight each."},
	{"Methods", "delete, get, head, options, post and put are written in capitals; others, patch among them, stay as they are."},
	{"Redirects", "may be 20. 301 and 302 turn POST into GET, 303 all but GET and HEAD (but see delete-redirect). The origin becomes null once a redirect leads from another origin to a third, or back."},
	{"Set-Cookie and Set-Cookie2", "are never readable, whatever is exposed."},
}
