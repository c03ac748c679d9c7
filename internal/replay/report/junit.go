package report

import (
	"io"
	"strings"

	"github.com/corsim/corsim/internal/ci"
	"github.com/corsim/corsim/internal/replay"
)

// JUnit writes JUnit's XML, which continuous integration reads: a test suite for
// each recording, and in it a test case for each request and browser. A blocked
// request is a failure, one that the recording contradicts or that cannot be read
// an error, an undecidable one is skipped. What is not subject to CORS is left
// out. Its time is what the recording says.
type JUnit struct {
	Out     io.Writer
	Options *Options

	xml   ci.JUnit
	suite *ci.Suite
	bad   int
}

// Begin implements [Sink].
func (j *JUnit) Begin(file string) {
	j.xml.Out = j.Out
	j.suite, j.bad = &ci.Suite{Name: j.Options.clean(file)}, 0
	for _, assumption := range j.Options.Assumptions {
		j.suite.Properties = append(j.suite.Properties, [2]string{"assumed", assumption})
	}
	j.xml.Begin(j.suite)
}

// Add implements [Sink].
func (j *JUnit) Add(r *replay.Result) {
	o, e := j.Options.about(r), r.Exchange
	if j.suite.Time.IsZero() {
		j.suite.Time = e.Started
	}
	name := e.Entry + ": " + o.clean(e.Request.Method) + " " + o.clean(e.Request.URL)
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Outcome == replay.NotSubject {
			continue
		}
		c := &ci.Case{Name: name, Group: v.Engine.Label(), Duration: e.Duration}
		detail := o.clean(strings.Join(messages(v), "; "))
		switch {
		case v.Agreement == replay.Contradicted:
			c.Outcome, c.Rule, c.Detail = ci.Errored, contradicted.ID, detail
			c.Message = "the verdict is " + v.Outcome.String() + ", and the recording says: " + o.clean(told(e))
		case v.Outcome == replay.Blocked:
			c.Outcome, c.Rule, c.Detail = ci.Failed, v.Err.Reason.String(), detail+"\n"+v.Err.Reason.Anchor()
			c.Message = o.clean(Reason(v))
		case v.Outcome == replay.Asks:
			c.Outcome, c.Message = ci.Skipped, "asks: "+o.clean(Reason(v))
		case v.Outcome == replay.Undecidable:
			c.Outcome, c.Message = ci.Skipped, "undecidable: "+o.clean(Reason(v))
		}
		j.xml.Add(c)
	}
}

// Bad implements [Sink].
func (j *JUnit) Bad(err error) {
	j.bad++
	j.xml.Add(&ci.Case{
		Name: "error " + itoa(j.bad), Group: "reading", Outcome: ci.Errored, Rule: "unreadable", Message: j.Options.clean(err.Error()),
	})
}

// Finish implements [Sink].
func (j *JUnit) Finish() error {
	j.xml.Out = j.Out
	return j.xml.Finish()
}
