package observe

import (
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/scenario"
)

// A Report is what comparing outcomes gave.
type Report struct {
	Compared   int // scenarios of which both sides have an outcome
	Agreed     int
	Unmeasured []Unmeasured // which agree with anything, and count as compared and agreed
	Missing    []string     // the scenarios of which only one side has an outcome

	Disagreements []Disagreement
}

// Unmeasured is a scenario that a side could not measure, and why.
type Unmeasured struct{ ID, Error string }

// A Disagreement is a scenario in which two outcomes differ.
type Disagreement struct {
	ID          string
	Differences []scenario.Difference
	Reasons     []string // the engine's, where it gave any
}

// Compare compares outcomes by the id of their scenario.
func Compare(want, got []*scenario.Outcome) *Report {
	r := new(Report)
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
