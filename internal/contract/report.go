package contract

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/ci"
	"github.com/corsim/corsim/internal/redact"
)

// A Verdict is what came of a promise.
type Verdict string

// The verdicts.
const (
	Kept   Verdict = "kept"
	Broken Verdict = "broken"
	// Unknown: only sending a request could tell, which was not to be.
	Unknown Verdict = "unknown"
)

// A Result says whether a promise was kept.
type Result struct {
	Page    *Page
	Promise *Promise
	Verdict Verdict
	// Note says what was not looked at although the promise is kept, or why nothing
	// can be told; empty where there is nothing to say.
	Note string
	// Problem says in a clause what is wrong, Engines in which user agents, and Detail,
	// in lines, what happened, which rule was not met and what to change. They are
	// empty unless the promise is broken.
	Problem, Detail string
	Engines         []string
	// Reason is the first of the requirements that were not met, 0 where it is not one of
	// those.
	Reason cors.Reason
	// Duration is how long checking it took.
	Duration time.Duration
}

// A Report is what came of a contract.
type Report struct {
	Contract *Contract
	// Base is where the service was.
	Base    string
	Start   time.Time
	Results []Result
}

// secrets returns what is secret in a contract.
func (r *Report) secrets() *redact.Shown {
	secrets := new(redact.Shown)
	for i := range r.Results {
		secrets.Learn(r.Results[i].Promise.Headers)
	}
	return secrets
}

// Broken returns how many promises were broken, and how many could not be checked.
func (r *Report) Broken() (broken, unknown int) {
	for i := range r.Results {
		switch r.Results[i].Verdict {
		case Broken:
			broken++
		case Unknown:
			unknown++
		}
	}
	return broken, unknown
}

// Text writes the report for people: a line for each promise, and what happened under
// those that were broken.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	var page *Page
	secrets := r.secrets()
	for i := range r.Results {
		result := &r.Results[i]
		if result.Page != page {
			page = result.Page
			fmt.Fprintf(&b, "page %s\n", secrets.Text(page.URL))
		}
		mark := map[Verdict]string{Kept: "✓", Broken: "✗", Unknown: "?"}[result.Verdict]
		fmt.Fprintf(&b, "  %s %s", mark, secrets.Values(result.Promise.Title()))
		if result.Note != "" {
			fmt.Fprintf(&b, "  (%s)", result.Note)
		}
		b.WriteByte('\n')
		if result.Verdict == Broken {
			fmt.Fprintf(&b, "      %s:%d\n%s", r.Contract.File, result.Promise.Line, indent(secrets.Values(result.Detail), "      "))
		}
	}
	broken, unknown := r.Broken()
	fmt.Fprintf(&b, "%d kept, %d broken, %d unknown\n", len(r.Results)-broken-unknown, broken, unknown)
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(text, with string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(with)
		}
		b.WriteString(line)
	}
	return b.String()
}

// JUnit writes the report as JUnit's XML: a promise is a test case, skipped where
// nothing can be told. Where a promise is written is in the text of its failure:
// the format has no place for it.
func (r *Report) JUnit(w io.Writer) error {
	j, secrets := &ci.JUnit{Out: w}, r.secrets()
	j.Begin(&ci.Suite{Name: "CORS contract", Time: r.Start, Properties: [][2]string{{"contract", r.Contract.File}, {"base", secrets.Text(r.Base)}}})
	for i := range r.Results {
		result := &r.Results[i]
		c := &ci.Case{Name: secrets.Values(result.Promise.Title()), Group: "page " + secrets.Text(result.Page.URL), Duration: result.Duration}
		switch result.Verdict {
		case Unknown:
			c.Outcome, c.Message = ci.Skipped, result.Note
		case Broken:
			c.Outcome, c.Rule, c.Message = ci.Failed, result.rule().ID, secrets.Values(result.problem())
			c.Detail = fmt.Sprintf("%s:%d:%d: %s\n%s", r.Contract.File, result.Promise.Line, result.Promise.Column, c.Message, secrets.Values(result.Detail))
		}
		j.Add(c)
	}
	return j.Finish()
}

// SARIF writes the promises that are broken as SARIF 2.1.0, each where it is written.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func (r *Report) SARIF(w io.Writer) error {
	findings, secrets := &ci.Findings{Tool: "corsim simulate test"}, r.secrets()
	for i := range r.Results {
		result := &r.Results[i]
		if result.Verdict != Broken {
			continue
		}
		p := result.Promise
		findings.List = append(findings.List, ci.Finding{
			Rule: result.rule(), Level: ci.Error,
			Message: strings.TrimSpace(fmt.Sprintf("page %s: %s: %s\n\n%s", secrets.Text(result.Page.URL), secrets.Values(p.Title()), secrets.Values(result.problem()), secrets.Values(result.Detail))),
			Place:   ci.Place{File: r.Contract.File, Line: int64(p.Line), Column: int64(p.Column)},
		})
	}
	return findings.SARIF(w)
}

// problem says in a line what is wrong where.
func (r *Result) problem() string {
	if r.Engines == nil {
		return r.Problem
	}
	return r.Problem + " in " + strings.Join(r.Engines, ", ")
}

// rule returns the rule that is not met.
func (r *Result) rule() ci.Rule {
	if r.Reason != 0 {
		return ci.Rule{ID: r.Reason.String(), Requirement: r.Reason.Requirement(), Help: r.Reason.Anchor()}
	}
	return ci.Rule{
		ID: "contract", Requirement: "what the contract promises must hold in every browser", Help: "https://fetch.spec.whatwg.org/#http-cors-protocol",
	}
}
