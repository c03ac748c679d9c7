package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// A finding is what engines say alike about one request.
type finding struct {
	engines      []string
	outcome      replay.Outcome
	reason       string // as [Reason] has it
	contradicted bool
	verdict      *replay.Verdict // of the first of the engines
}

// findings returns what the engines say, those that say the same together. What
// is not subject to CORS is left out unless it is asked for.
func findings(r *replay.Result, all bool) []finding {
	var list []finding
next:
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Outcome == replay.NotSubject && !all {
			continue
		}
		f := finding{[]string{v.Engine.Label()}, v.Outcome, Reason(v), v.Agreement == replay.Contradicted, v}
		for j := range list {
			if g := &list[j]; g.outcome == f.outcome && g.reason == f.reason && g.contradicted == f.contradicted {
				g.engines = append(g.engines, v.Engine.Label())
				continue next
			}
		}
		list = append(list, f)
	}
	return list
}

// rank orders outcomes, the worst first.
func rank(o replay.Outcome, contradicted bool) int {
	if contradicted {
		return 0
	}
	return 1 + slices.Index([]replay.Outcome{replay.Blocked, replay.Asks, replay.Undecidable, replay.Allowed, replay.NotSubject}, o)
}

// Outcome returns the outcome as people read it.
func outcomeText(o replay.Outcome) string { return strings.ReplaceAll(o.String(), "-", " ") }

// messages say of a verdict, a sentence each, what is not met or not known.
func messages(v *replay.Verdict) []string {
	var all []string
	switch {
	case v.Err != nil:
		foremost, others := explain.Foremost(v.Err)
		for _, e := range foremost {
			s := e.Detail()
			if e.Preflight {
				s = "preflight: " + strings.TrimPrefix(s, "preflight: ")
			}
			all = append(all, s)
		}
		if others > 0 {
			all = append(all, fmt.Sprintf("and %d more of these", others))
		}
	case v.Outcome == replay.Undecidable:
		all = append(all, "what is missing: "+Reason(v))
	}
	return all
}

// A Group is the requests to one endpoint that come to the same for the same
// reason.
type Group struct {
	File     string // the recording
	Method   string
	Endpoint string // as [Endpoint] has it
	Outcome  replay.Outcome
	Reason   string // as [Reason] has it
	Engines  []string
	// Contradicted says that the recording contradicts the verdicts, and Told how.
	Contradicted bool
	Told         string

	Count int

	// Of the first of the requests:

	Entry    string // where it stands, for people
	Index    int
	Line     int64
	Rule     string   // the machine-readable reason: cors.Reason's, or what is missing
	Messages []string // all that is not met, a sentence each
}

// maxGroups bounds how many groups are kept. What comes later is counted by
// outcome alone.
const maxGroups = 10_000

// Groups collects the requests of recordings by endpoint and reason. The zero
// value is ready for use.
type Groups struct {
	groups map[groupKey]*Group
	all    []*Group
}

type groupKey struct {
	file, method, endpoint, reason, engines string
	outcome                                 replay.Outcome
	contradicted                            bool
}

// Add takes a result of a recording. With all, what is not subject to CORS counts
// as well. It reports whether the result is the first of a group.
func (g *Groups) Add(file string, r *replay.Result, o *Options, all bool) (first bool) {
	e := r.Exchange
	o = o.about(r)
	for _, f := range findings(r, all) {
		key := groupKey{file, o.clean(e.Request.Method), o.clean(Endpoint(e.Request.URL)), o.brief(f.reason), strings.Join(f.engines, ", "), f.outcome, f.contradicted}
		if len(g.all) >= maxGroups && g.groups[key] == nil {
			key = groupKey{file: file, engines: key.engines, outcome: f.outcome, contradicted: f.contradicted,
				endpoint: "other endpoints", reason: "for various reasons"}
		}
		if group := g.groups[key]; group != nil {
			group.Count++
			continue
		}
		group := &Group{
			File: file, Method: strings.Clone(key.method), Endpoint: strings.Clone(key.endpoint), Outcome: f.outcome,
			Reason: strings.Clone(key.reason), Engines: f.engines, Contradicted: f.contradicted, Count: 1,
			Entry: e.Entry, Index: e.Index, Line: e.Line, Rule: rule(f.verdict),
		}
		// The key must not hold the exchange either.
		key.method, key.endpoint, key.reason = group.Method, group.Endpoint, group.Reason
		for _, m := range messages(f.verdict) {
			group.Messages = append(group.Messages, strings.Clone(o.clean(m)))
		}
		if f.contradicted {
			group.Told = strings.Clone(o.brief(told(e)))
		}
		if g.groups == nil {
			g.groups = make(map[groupKey]*Group)
		}
		g.groups[key] = group
		g.all = append(g.all, group)
		first = true
	}
	return first
}

// rule returns the machine-readable reason of a verdict.
func rule(v *replay.Verdict) string {
	switch v.Outcome {
	case replay.Blocked:
		return v.Err.Reason.String()
	case replay.Undecidable:
		return v.Missing.String()
	case replay.NotSubject:
		return v.Exempt.String()
	case replay.Asks:
		return v.Permission
	}
	return v.Outcome.String()
}

// Worst returns the groups: what is contradicted, what is blocked, what is
// undecidable, the rest; the largest first.
func (g *Groups) Worst() []*Group {
	sorted := slices.Clone(g.all)
	slices.SortStableFunc(sorted, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(rank(a.Outcome, a.Contradicted), rank(b.Outcome, b.Contradicted)), cmp.Compare(b.Count, a.Count))
	})
	return sorted
}

// Endpoint returns a URL without its query and fragment, and with "*" in place of
// the segments of its path that are numbers and identifiers.
func Endpoint(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	var b strings.Builder
	b.WriteString(scheme + "://" + authority)
	for segment := range strings.SplitSeq(path, "/") {
		b.WriteByte('/')
		if identifies(segment) {
			segment = "*"
		}
		b.WriteString(segment)
	}
	return b.String()
}

// identifies reports whether a segment of a path is likely one of many: a number,
// a UUID, a hash, something long with digits in it.
func identifies(segment string) bool {
	digits, hex := 0, 0
	for i := range len(segment) {
		switch c := segment[i]; {
		case '0' <= c && c <= '9':
			digits++
			hex++
		case 'a' <= c && c <= 'f', 'A' <= c && c <= 'F', c == '-':
			hex++
		}
	}
	n := len(segment)
	return digits > 0 && (digits == n || n >= 8 && hex == n || n >= 20 && digits >= 3)
}

// shownNames returns what to call recordings in headings: their names without
// directories, unless these are then alike.
func shownNames(files []string) []string {
	names := make([]string, len(files))
	seen := make(map[string]string)
	for i, file := range files {
		name := filepath.Base(file)
		if other, ok := seen[name]; ok && other != file {
			return files
		}
		names[i], seen[name] = name, file
	}
	return names
}

// told is what the recording says came of a request.
func told(e *record.Exchange) string {
	if e.Error != "" {
		return e.Error
	}
	return "status " + itoa(e.Response.Status) + ", no error"
}
