package ci

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// A Suite is what the cases that follow it belong to.
type Suite struct {
	// Name is what was checked.
	Name string
	// Time is when that began; where that is not known, 1970 stands for it.
	Time time.Time
	// Properties are under what conditions: names, each with a value.
	Properties [][2]string
}

// A Case is a check.
type Case struct {
	// Name says what is checked, and Group what it belongs to.
	Name, Group string
	// Duration is how long that took.
	Duration time.Duration
	Outcome  Outcome
	// Rule is the machine-readable name of the rule that is not met, Message says in
	// a line what is wrong or why nothing can be told, and Detail whatever helps to
	// see why.
	Rule, Message, Detail string
}

// An Outcome is what came of a case.
type Outcome int

// The outcomes.
const (
	Passed  Outcome = iota
	Failed          // the rule is not met
	Errored         // the check itself went wrong
	Skipped         // nothing can be told
)

// A JUnit writes suites as JUnit's XML, in the order and with the attributes that two
// schemas allow: that of Apache Ant's task, which is the stricter one, and that of
// the Jenkins plugin. Both want the number of a suite's cases before them, so that
// they are held back to its end, outside memory if they are many.
//
// https://github.com/windyroad/JUnit-Schema
type JUnit struct {
	Out io.Writer

	suite    *Suite
	suites   int
	cases    spool
	outcomes [Skipped + 1]int
	time     time.Duration
	err      error
}

// Begin begins a suite, of which the name must be right now and the rest by its end.
func (j *JUnit) Begin(s *Suite) {
	j.end()
	j.suite = s
}

// Add adds a case to the suite.
func (j *JUnit) Add(c *Case) {
	j.outcomes[c.Outcome]++
	j.time += c.Duration
	group := c.Group
	if group == "" {
		group = j.suite.name()
	}
	fmt.Fprintf(&j.cases, `    <testcase name=%s classname=%s time="%.3f"`, attribute(c.Name), attribute(group), c.Duration.Seconds())
	switch c.Outcome {
	case Passed:
		io.WriteString(&j.cases, "/>\n")
	case Failed:
		j.problem("failure", c)
	case Errored:
		j.problem("error", c)
	case Skipped:
		// An attribute is what Jenkins' schema has no place for.
		fmt.Fprintf(&j.cases, "><skipped>%s</skipped></testcase>\n", text(c.Message))
	}
}

func (j *JUnit) problem(element string, c *Case) {
	fmt.Fprintf(&j.cases, "><%s type=%s message=%s>%s</%[1]s></testcase>\n", element, attribute(c.Rule), attribute(c.Message), text(c.Detail))
}

// Finish ends the report.
func (j *JUnit) Finish() error {
	j.end()
	j.begin()
	j.print("</testsuites>\n")
	return j.err
}

// begin writes what comes before the first suite.
func (j *JUnit) begin() {
	if j.suites == 0 {
		j.print("%s<testsuites>\n", xml.Header)
	}
}

// end writes the suite.
func (j *JUnit) end() {
	s := j.suite
	if s == nil {
		return
	}
	j.begin()
	n := &j.outcomes
	j.print(`  <testsuite name=%s package="corsim" id="%d" timestamp="%s" hostname="localhost" tests="%d" failures="%d" errors="%d"`,
		attribute(s.name()), j.suites, s.timestamp(), n[Passed]+n[Failed]+n[Errored]+n[Skipped], n[Failed], n[Errored])
	if n[Skipped] > 0 {
		j.print(` skipped="%d"`, n[Skipped])
	}
	j.print(" time=\"%.3f\">\n    <properties>\n", j.time.Seconds())
	for _, p := range append([][2]string{{"tool", "corsim"}}, s.Properties...) { // without any, Jenkins' schema forbids the element
		j.print("      <property name=%s value=%s/>\n", attribute(p[0]), attribute(p[1]))
	}
	j.print("    </properties>\n")
	if err := j.cases.drain(j.Out); j.err == nil {
		j.err = err
	}
	j.print("    <system-out/>\n    <system-err/>\n  </testsuite>\n")
	j.suites++
	j.suite, j.outcomes, j.time = nil, [Skipped + 1]int{}, 0
}

// print writes unless writing has failed.
func (j *JUnit) print(format string, a ...any) {
	if j.err == nil {
		_, j.err = fmt.Fprintf(j.Out, format, a...)
	}
}

// name returns the name, which must not be empty.
func (s *Suite) name() string {
	if s.Name == "" {
		return "corsim"
	}
	return s.Name
}

// timestamp returns the time, which must be there, without a zone, which must not.
func (s *Suite) timestamp() string {
	began := s.Time
	if began.IsZero() {
		began = time.Unix(0, 0)
	}
	return began.UTC().Format("2006-01-02T15:04:05")
}

func attribute(s string) string { return `"` + escape(s) + `"` }

// text escapes what stands between tags, where lines may end.
func text(s string) string { return strings.ReplaceAll(escape(s), "&#xA;", "\n") }

// escape escapes what has a meaning in XML, and replaces what XML cannot hold, not
// even escaped: servers send it.
func escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// plain reports whether s is in XML as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || strings.IndexByte(`<>&"'`, c) >= 0 {
			return false
		}
	}
	return true
}
