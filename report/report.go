// Package report writes what checks have found in the forms that CI servers read:
// JUnit's XML and SARIF.
package report

import "time"

// A Suite is a list of checks with what came of them.
type Suite struct {
	// Name is what was checked; File is where the checks are written, as a path
	// relative to where the reader of the report will look for it.
	Name, File string
	// Time is when the checks began.
	Time  time.Time
	Cases []Case
}

// A Case is a check. It has passed where it has neither Failure nor Skipped.
type Case struct {
	// Name says what is checked, and Group what it belongs to.
	Name, Group string
	// Line and Column are where it is written in the suite's file, from 1 on; 0 is
	// unknown.
	Line, Column int
	Duration     time.Duration
	Failure      *Failure
	// Skipped says why nothing can be told.
	Skipped string
}

// A Failure is what is wrong.
type Failure struct {
	// Rule is the machine-readable name of the rule that is not met, such as
	// "missing-allow-origin"; Requirement is the rule in a sentence, and Help the URL
	// at which more is written about it.
	Rule, Requirement, Help string
	// Message says in a line what is wrong, Detail whatever helps to see why.
	Message, Detail string
}

// Counts returns how many cases there are, have failed, and were skipped.
func (s *Suite) Counts() (cases, failed, skipped int) {
	for i := range s.Cases {
		switch c := &s.Cases[i]; {
		case c.Failure != nil:
			failed++
		case c.Skipped != "":
			skipped++
		}
	}
	return len(s.Cases), failed, skipped
}
