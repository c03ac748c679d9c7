package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/ci"
	"github.com/corsim/corsim/internal/replay"
)

// GitHub writes workflow commands, which GitHub Actions shows as annotations of
// the recording: an error for each group of blocked requests, a warning for what
// is undecidable. GitHub shows ten of each kind a step, so the worst come first.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
type GitHub struct {
	Out     io.Writer
	Options *Options

	file     string
	groups   Groups
	problems problems
}

// Begin implements [Sink].
func (g *GitHub) Begin(file string) { g.file = g.Options.clean(file) }

// Add implements [Sink].
func (g *GitHub) Add(r *replay.Result) { g.groups.Add(g.file, r, g.Options, false) }

// Bad implements [Sink].
func (g *GitHub) Bad(err error) { g.problems.add(g.file, err, g.Options) }

// Finish implements [Sink].
func (g *GitHub) Finish() error {
	var b strings.Builder
	for _, p := range g.problems.list {
		annotate(&b, "error", p.File, p.line, "cannot be read", p.Text)
	}
	for _, group := range g.groups.Worst() {
		level := "error"
		switch {
		case group.Contradicted || group.Outcome == replay.Blocked:
		case group.Outcome == replay.Undecidable, group.Outcome == replay.Asks:
			level = "warning"
		default:
			continue
		}
		annotate(&b, level, group.File, group.Line, strings.TrimSuffix(outcomeText(group.Outcome)+": "+group.Reason, ": "), group.text())
	}
	_, err := io.WriteString(g.Out, b.String())
	return err
}

// text says what a group is, in a line or more.
func (g *Group) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s, first %s; %s)", g.Method, g.Endpoint, plural(g.Count, "request", "requests"), g.Entry, strings.Join(g.Engines, ", "))
	for _, m := range g.Messages {
		b.WriteString("\n" + m)
	}
	if g.Contradicted {
		b.WriteString("\ncontradicted by the recording: " + g.Told)
	}
	return b.String()
}

func annotate(b *strings.Builder, level, file string, line int64, title, message string) {
	b.WriteString((&ci.Annotation{Level: level, File: file, Line: line, Title: "CORS " + title, Message: message}).String())
}
