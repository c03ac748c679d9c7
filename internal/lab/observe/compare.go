package observe

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/internal/scenario"
)

// A Report is what comparing outcomes gave.
type Report struct {
	Compared   int // scenarios of which both sides have an outcome
	Agreed     int
	Unmeasured []Unmeasured // which agree with anything, and count as compared and agreed
	Missing    []string     // the scenarios of which only one side has an outcome

	Disagreements []Disagreement

	console bool // is compared as well
}

// Unmeasured is a scenario that a side could not measure, and why.
type Unmeasured struct{ ID, Error string }

// A Disagreement is a scenario in which two outcomes differ.
type Disagreement struct {
	ID          string
	Differences []scenario.Difference
	Reasons     []string // the engine's, where it gave any
}

// Compare compares outcomes by the id of their scenario; with console, also what
// was logged: see [ConsoleDiff].
func Compare(want, got []*scenario.Outcome, console bool) *Report {
	r := &Report{console: console}
	byID := make(map[string]*scenario.Outcome, len(got))
	for _, o := range got {
		byID[o.ID] = o
	}
	for _, w := range want {
		g := byID[w.ID]
		if g == nil {
			r.Missing = append(r.Missing, w.ID)
			continue
		}
		delete(byID, w.ID)
		r.add(w, g)
	}
	for _, g := range got { // in their order
		if byID[g.ID] != nil {
			r.Missing = append(r.Missing, g.ID)
		}
	}
	return r
}

func (r *Report) add(want, got *scenario.Outcome) {
	r.Compared++
	for _, o := range []*scenario.Outcome{want, got} {
		if o.Error != "" {
			r.Unmeasured = append(r.Unmeasured, Unmeasured{o.ID, o.Error})
			break
		}
	}
	differences := scenario.Diff(want, got)
	if r.console {
		differences = append(differences, ConsoleDiff(want, got)...)
	}
	if len(differences) == 0 {
		r.Agreed++
		return
	}
	d := Disagreement{ID: want.ID, Differences: differences}
	for _, o := range []*scenario.Outcome{want, got} {
		for i := range o.Steps {
			if reason := o.Steps[i].Reason; reason != "" {
				d.Reasons = append(d.Reasons, fmt.Sprintf("step %d: %s", i, reason))
			}
		}
	}
	r.Disagreements = append(r.Disagreements, d)
}

// ConsoleDiff returns the steps for which other messages were logged. Their order
// does not matter, since browsers log from several processes; exceptions, which
// are what script got to see, are left out; and so is the random part of the
// names that Firefox has for opaque origins.
func ConsoleDiff(want, got *scenario.Outcome) []scenario.Difference {
	if want.Error != "" || got.Error != "" {
		return nil
	}
	var differences []scenario.Difference
	for i := range min(len(want.Steps), len(got.Steps)) {
		w, g := logged(want.Steps[i].Console), logged(got.Steps[i].Console)
		if !slices.Equal(w, g) {
			differences = append(differences, scenario.Difference{Step: i, Field: "console", Want: fmt.Sprintf("%q", w), Got: fmt.Sprintf("%q", g)})
		}
	}
	return differences
}

// logged returns messages as ConsoleDiff compares them.
func logged(console []string) []string {
	var messages []string
	for _, text := range console {
		if strings.HasPrefix(text, "[exception] ") {
			continue
		}
		const opaque = "moz-nullprincipal:{"
		if at := strings.Index(text, opaque); at >= 0 {
			if end := strings.IndexByte(text[at:], '}'); end >= 0 {
				text = text[:at+len(opaque)] + text[at+end:]
			}
		}
		messages = append(messages, text)
	}
	slices.Sort(messages)
	return messages
}

// Rate is how many of 100 compared scenarios agreed.
func (r *Report) Rate() float64 {
	if r.Compared == 0 {
		return 0
	}
	return 100 * float64(r.Agreed) / float64(r.Compared)
}

// Write writes the report for people, with names for the two sides.
func (r *Report) Write(w io.Writer, want, got string) {
	var b strings.Builder
	for _, d := range r.Disagreements {
		fmt.Fprintf(&b, "%s\n", d.ID)
		for _, difference := range d.Differences {
			where := fmt.Sprintf("step %d, %s", difference.Step, difference.Field)
			if difference.Step < 0 {
				where = difference.Field
			}
			fmt.Fprintf(&b, "  %s\n    %-10s %s\n    %-10s %s\n", where, want, difference.Want, got, difference.Got)
		}
		for _, reason := range d.Reasons {
			fmt.Fprintf(&b, "  reason %s\n", reason)
		}
	}
	for _, u := range r.Unmeasured {
		fmt.Fprintf(&b, "%s was not measured: %s\n", u.ID, u.Error)
	}
	for _, id := range r.Missing {
		fmt.Fprintf(&b, "%s has an outcome on one side only\n", id)
	}
	fmt.Fprintf(&b, "%s and %s agree on %d of %d scenarios (%.2f %%)", want, got, r.Agreed, r.Compared, r.Rate())
	if n := len(r.Unmeasured); n > 0 {
		fmt.Fprintf(&b, ", %d of them not measured", n)
	}
	if n := len(r.Missing); n > 0 {
		fmt.Fprintf(&b, "; %d have an outcome on one side only", n)
	}
	b.WriteByte('\n')
	io.WriteString(w, b.String())
}
