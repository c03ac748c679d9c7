// Package report writes what came of a contract for programs and for those who review: as JUnit's XML,
// as SARIF, as annotations of GitHub Actions, and as Markdown.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/ci"
	"github.com/corsim/corsim/internal/contract"
)

// JUnit writes the report as JUnit's XML: a promise is a test case, skipped where
// nothing can be told. Where a promise is written is in the text of its failure:
// the format has no place for it.
func JUnit(w io.Writer, r *contract.Report) error {
	j, secrets := &ci.JUnit{Out: w}, r.Secrets()
	j.Begin(&ci.Suite{Name: "CORS contract", Time: r.Start, Properties: [][2]string{{"contract", r.Contract.File}, {"base", secrets.Text(r.Base)}}})
	for i := range r.Results {
		result := &r.Results[i]
		c := &ci.Case{Name: secrets.Values(result.Promise.Title()), Group: "page " + secrets.Text(result.Page.URL), Duration: result.Duration}
		switch result.Verdict {
		case contract.Unknown:
			c.Outcome, c.Message = ci.Skipped, result.Note
		case contract.Broken:
			c.Outcome, c.Rule, c.Message = ci.Failed, rule(result).ID, secrets.Values(problem(result))
			c.Detail = fmt.Sprintf("%s:%d:%d: %s\n%s", r.Contract.File, result.Promise.Line, result.Promise.Column, c.Message, secrets.Values(result.Detail))
		}
		j.Add(c)
	}
	return j.Finish()
}

// SARIF writes the promises that are broken as SARIF 2.1.0, each where it is written.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func SARIF(w io.Writer, r *contract.Report) error {
	findings, secrets := &ci.Findings{Tool: "corsim simulate test"}, r.Secrets()
	for i := range r.Results {
		result := &r.Results[i]
		if result.Verdict != contract.Broken {
			continue
		}
		p := result.Promise
		findings.List = append(findings.List, ci.Finding{
			Rule: rule(result), Level: ci.Error,
			Message: strings.TrimSpace(fmt.Sprintf("page %s: %s: %s\n\n%s", secrets.Text(result.Page.URL), secrets.Values(p.Title()), secrets.Values(problem(result)), secrets.Values(result.Detail))),
			Place:   ci.Place{File: r.Contract.File, Line: int64(p.Line), Column: int64(p.Column)},
		})
	}
	return findings.SARIF(w)
}

// GitHub writes an annotation for each promise that is broken, where it is written.
func GitHub(w io.Writer, r *contract.Report) error {
	var b strings.Builder
	secrets := r.Secrets()
	for i := range r.Results {
		result := &r.Results[i]
		if result.Verdict != contract.Broken {
			continue
		}
		p := result.Promise
		b.WriteString((&ci.Annotation{
			Level: string(ci.Error), File: r.Contract.File, Line: int64(p.Line), Column: int64(p.Column), Title: "CORS: " + rule(result).ID,
			Message: fmt.Sprintf("page %s: %s: %s\n%s", secrets.Text(result.Page.URL), secrets.Values(p.Title()), secrets.Values(problem(result)), strings.TrimSpace(secrets.Values(result.Detail))),
		}).String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes a summary, as for a pull request: how many promises are kept, and a row for
// each that is not.
func Markdown(w io.Writer, r *contract.Report) error {
	secrets := r.Secrets()
	broken, unknown := r.Broken()
	var b, details strings.Builder
	verdict := "kept"
	if broken > 0 {
		verdict = "broken"
	}
	fmt.Fprintf(&b, "### CORS contract: %s\n\nPromises: %d. Broken: %d. Cannot be told: %d. The contract is `%s`, the server %s.\n", verdict, len(r.Results), broken, unknown, cell(r.Contract.File), cell(secrets.Text(r.Base)))
	if broken+unknown > 0 {
		b.WriteString("\n| | line | page | promise | what happens |\n| --- | ---: | --- | --- | --- |\n")
	}
	for i := range r.Results {
		result := &r.Results[i]
		mark, what := "unknown", result.Note
		switch result.Verdict {
		case contract.Broken:
			mark, what = "broken", secrets.Values(problem(result))
			fmt.Fprintf(&details, "\n<details><summary>line %d: why</summary>\n\n```text\n%s\n```\n\n</details>\n", result.Promise.Line, unfenced(strings.TrimSpace(secrets.Values(result.Detail))))
		case contract.Unknown:
		default:
			continue
		}
		fmt.Fprintf(&b, "| %s | %d | %s | `%s` | %s |\n", mark, result.Promise.Line, cell(secrets.Text(result.Page.URL)), cell(secrets.Values(result.Promise.Title())), cell(what))
	}
	_, err := io.WriteString(w, b.String()+details.String())
	return err
}

// cell is a text that cannot end a cell of a table, or code in it.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "`", "'", "<", "&lt;").Replace(s)
}

// unfenced is a text that cannot end the block that it is in.
func unfenced(s string) string { return strings.ReplaceAll(s, "```", "` ` `") }

// problem says in a line what is wrong where.
func problem(r *contract.Result) string {
	if r.Engines == nil {
		return r.Problem
	}
	return r.Problem + " in " + strings.Join(r.Engines, ", ")
}

// rule returns the rule that is not met.
func rule(r *contract.Result) ci.Rule {
	if r.Reason != 0 {
		return ci.Rule{ID: r.Reason.String(), Requirement: r.Reason.Requirement(), Help: r.Reason.Anchor()}
	}
	return ci.Rule{
		ID: "contract", Requirement: "what the contract promises must hold in every browser", Help: "https://fetch.spec.whatwg.org/#http-cors-protocol",
	}
}
