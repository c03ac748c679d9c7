package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/replay"
)

// Markdown writes totals and the groups, the worst first, as GitHub's Markdown:
// for a comment on a pull request, or $GITHUB_STEP_SUMMARY.
type Markdown struct {
	Out     io.Writer
	Options *Options

	file     string
	files    int
	groups   Groups
	totals   Totals
	problems problems
}

// markdownRows bounds the table: GitHub cuts comments at 65,536 characters.
const markdownRows = 200

// Begin implements [Sink].
func (m *Markdown) Begin(file string) {
	m.file = m.Options.clean(file)
	m.files++
}

// Add implements [Sink].
func (m *Markdown) Add(r *replay.Result) {
	m.totals.Add(r)
	m.groups.Add(m.file, r, m.Options, false)
}

// Bad implements [Sink].
func (m *Markdown) Bad(err error) { m.problems.add(m.file, err, m.Options) }

// Finish implements [Sink].
func (m *Markdown) Finish() error {
	var b strings.Builder
	b.WriteString("## CORS replay\n\n")
	if m.files == 1 {
		fmt.Fprintf(&b, "Recording: %s\n\n", code(shownNames([]string{m.file})[0]))
	}
	for _, a := range m.Options.Assumptions {
		fmt.Fprintf(&b, "Assumed: %s\n\n", markdownText(a))
	}
	b.WriteString("| browser | allowed | blocked | undecidable | not subject to CORS | explained | contradicted |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i := range m.totals.engines {
		e := &m.totals.engines[i]
		n := e.outcomes
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d |\n", e.name, n[replay.Allowed], n[replay.Blocked], n[replay.Undecidable], n[replay.NotSubject],
			e.agreements[replay.Explained], e.agreements[replay.Contradicted])
	}
	rows := m.groups.Worst()
	if len(rows) > 0 {
		b.WriteString("\n| requests | endpoint | verdict | why | first |\n| ---: | --- | --- | --- | --- |\n")
	}
	for i, g := range rows {
		if i == markdownRows {
			fmt.Fprintf(&b, "\n%s not shown.\n", plural(len(rows)-i, "row", "rows"))
			break
		}
		verdict := outcomeText(g.Outcome)
		if g.Outcome == replay.Blocked {
			verdict = "**blocked**"
		}
		if len(g.Engines) < len(m.totals.engines) {
			verdict += " in " + strings.Join(g.Engines, ", ")
		}
		why := markdownText(g.Reason)
		if g.Contradicted {
			why = "**contradicted** by the recording (" + markdownText(g.Told) + "): " + why
		}
		first := g.Entry
		if m.files > 1 {
			first = code(g.File) + " " + first
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", g.Count, code(g.Method+" "+g.Endpoint), verdict, why, first)
	}
	if m.problems.count > 0 {
		fmt.Fprintf(&b, "\n%s could not be read:\n\n", plural(m.problems.count, "entry or file", "entries or files"))
		for _, p := range m.problems.list {
			fmt.Fprintf(&b, "- %s %s\n", code(p.File), markdownText(p.Text))
		}
	}
	_, err := io.WriteString(m.Out, b.String())
	return err
}

// code makes a code span of s that may be in a table.
func code(s string) string {
	const most = 300
	s = cut(s, most)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.HasPrefix(s, " ") {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}

// markdownText escapes what would be markup.
func markdownText(s string) string {
	var b strings.Builder
	for _, c := range s {
		if strings.ContainsRune("\\`*_{}[]<>#|~&@", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
