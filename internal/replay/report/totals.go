package report

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/replay"
)

// Totals count verdicts. The zero value is ready for use.
type Totals struct {
	// Unreadable is how many entries could not be read.
	Unreadable int

	requests             int
	preflights, unpaired int
	engines              []engineTotals
}

// engineTotals are what one engine would do.
type engineTotals struct {
	name       string
	outcomes   map[replay.Outcome]int
	reasons    map[blockedFor]int
	missing    map[replay.Missing]int
	exempt     map[replay.Exemption]int
	agreements map[replay.Agreement]int
	cached     int
}

// blockedFor is the first requirement that was not met.
type blockedFor struct {
	reason    cors.Reason
	preflight bool
}

// String returns the reason as the table prints it.
func (b blockedFor) String() string {
	if b.preflight {
		return "preflight: " + b.reason.String()
	}
	return b.reason.String()
}

// Add counts a result.
func (t *Totals) Add(r *replay.Result) {
	t.requests++
	if r.Preflight != nil {
		t.preflights++
	}
	if r.Exchange.IsPreflight() {
		t.unpaired++
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if i == len(t.engines) {
			t.engines = append(t.engines, engineTotals{
				name: v.Engine.Label(), outcomes: make(map[replay.Outcome]int), reasons: make(map[blockedFor]int),
				missing: make(map[replay.Missing]int), exempt: make(map[replay.Exemption]int), agreements: make(map[replay.Agreement]int),
			})
		}
		e := &t.engines[i]
		e.outcomes[v.Outcome]++
		switch v.Outcome {
		case replay.Blocked:
			e.reasons[blockedFor{v.Err.Reason, v.Err.Preflight}]++
		case replay.Undecidable:
			e.missing[v.Missing]++
		case replay.NotSubject:
			e.exempt[v.Exempt]++
			continue
		}
		e.agreements[v.Agreement]++
		if v.PreflightFrom == replay.PreflightCached {
			e.cached++
		}
	}
}

// Outcome is what all verdicts come to: [replay.Blocked] if anything is blocked
// in any engine, else [replay.Undecidable] if anything is undecidable, else
// [replay.Allowed].
func (t *Totals) Outcome() replay.Outcome {
	outcome := replay.Allowed
	for i := range t.engines {
		switch outcomes := t.engines[i].outcomes; {
		case outcomes[replay.Blocked] > 0:
			return replay.Blocked
		case outcomes[replay.Undecidable] > 0, outcomes[replay.Asks] > 0:
			outcome = replay.Undecidable
		}
	}
	return outcome
}

// Print writes the totals for people, in lines of width columns (0 means 72) if they can
// be, engines that agree together.
func (t *Totals) Print(w io.Writer, width int) {
	width = atLeast(width)
	line := func(format string, args ...any) {
		fmt.Fprintln(w, wrap(fmt.Sprintf(format, args...), 0, width, width))
	}
	for first := 0; first < len(t.engines); {
		names := []string{t.engines[first].name}
		last := first + 1
		for ; last < len(t.engines) && t.engines[last].agrees(&t.engines[first]); last++ {
			names = append(names, t.engines[last].name)
		}
		of := ""
		if last-first < len(t.engines) {
			of = strings.Join(names, ", ") + ": "
		}
		t.engines[first].print(w, width, of, line)
		first = last
	}
	if t.requests == 0 {
		line("no requests")
	}
	if t.preflights > 0 {
		line("%s", plural(t.preflights, "preflight with its request", "preflights with their requests"))
	}
	if t.unpaired > 0 {
		line("%s, judged alone", plural(t.unpaired, "preflight without its request", "preflights without their requests"))
	}
	if t.Unreadable > 0 {
		line("%s could not be read", plural(t.Unreadable, "entry", "entries"))
	}
}

func (e *engineTotals) agrees(f *engineTotals) bool {
	a, b := *e, *f
	a.name, b.name = "", ""
	return reflect.DeepEqual(a, b)
}

func (e *engineTotals) print(w io.Writer, width int, of string, line func(string, ...any)) {
	n := e.outcomes
	asked := ""
	if n[replay.Asks] > 0 {
		asked = fmt.Sprintf("%d for the user to allow, ", n[replay.Asks])
	}
	line("%s%d allowed, %d blocked, %s%d undecidable, %d not subject to CORS", of,
		n[replay.Allowed], n[replay.Blocked], asked, n[replay.Undecidable], n[replay.NotSubject])
	printCounts(w, width, "blocked", e.reasons, func(b blockedFor) (string, string) { return b.String(), b.reason.Requirement() })
	printCounts(w, width, "undecidable for want of", e.missing, func(m replay.Missing) (string, string) { return m.Text(), "" })
	printCounts(w, width, "not subject to CORS", e.exempt, func(x replay.Exemption) (string, string) { return x.Text(), "" })
	if e.cached > 0 {
		line("%s answered by the preflight cache", plural(e.cached, "preflight", "preflights"))
	}
	if explained, contradicted := e.agreements[replay.Explained], e.agreements[replay.Contradicted]; explained+contradicted > 0 {
		line("against what happened: %d explained, %d contradicted, %d silent",
			explained, contradicted, e.agreements[replay.Silent])
	}
}

// printCounts writes counts, the highest first.
func printCounts[K comparable](w io.Writer, width int, heading string, counts map[K]int, text func(K) (name, explanation string)) {
	if len(counts) == 0 {
		return
	}
	type line struct {
		n                 int
		name, explanation string
	}
	var lines []line
	names := 0
	for key, n := range counts {
		name, explanation := text(key)
		lines = append(lines, line{n, name, explanation})
		names = max(names, columns(name))
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(b.n-a.n, strings.Compare(a.name, b.name)) })
	fmt.Fprintf(w, "  %s\n", heading)
	for _, l := range lines {
		s := fmt.Sprintf("  %6d  %s  %s", l.n, pad(l.name, names), l.explanation)
		if columns(s) > width {
			const indent = 10
			name := strings.TrimLeft(wrap(l.name, indent+4, width, width-indent-4), " ")
			s = strings.TrimRight(fmt.Sprintf("  %6d  %s\n%s", l.n, name, wrap(l.explanation, indent+4, width, width-indent-4)), "\n")
		}
		fmt.Fprintf(w, "%s\n", strings.TrimRight(s, " "))
	}
}

// plural returns n with what there are n of.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
