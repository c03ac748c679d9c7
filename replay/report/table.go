package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/replay"
)

// MinWidth is the narrowest table.
const MinWidth = 72

// maxHeld is how many bytes of rows are held back so that what is contradicted
// can stand before them. Longer tables have it behind them, so that memory does
// not grow with the recording; maxContradicted is how much of it is kept.
const (
	maxHeld         = 4 << 20
	maxContradicted = 1000
)

// A Table writes one line a request: where it stands in the recording, its
// method, its URL, shortened, the verdict, and why. Engines that come to the same
// share a line. "(+2)" counts further requirements that are not met. What is not
// subject to CORS is left out, unless All is set. What the recording contradicts
// comes first.
type Table struct {
	Out   io.Writer
	Width int // columns; 0 and less than MinWidth mean MinWidth
	All   bool
	Color bool // verdicts in ANSI's colours

	held              bytes.Buffer
	contradicted      []byte
	contradictions    int
	headed, streaming bool
	err               error
}

// Rows returns the rows of a result, which may be none. It may be called by
// several goroutines at a time.
func (t *Table) Rows(r *replay.Result, o *Options) []byte {
	var b []byte
	method, url := o.clean(r.Exchange.Request.Method), o.clean(r.Exchange.Request.URL)
	_, number, _ := strings.Cut(r.Exchange.Entry, " ")
	list := findings(r, t.All)
	for i, f := range list {
		reason := o.clean(f.reason)
		if len(list) > 1 {
			reason = strings.TrimSuffix(strings.Join(f.engines, ", ")+": "+reason, ": ")
		}
		if i > 0 {
			number, method, url = "", "", ""
		}
		b = t.row(b, number, method, url, f.outcome, reason)
	}
	return b
}

// clean makes what a recording holds fit for a line of text: secrets are
// redacted, and what does not print is replaced.
func (o *Options) clean(s string) string {
	if !o.ShowSecrets {
		s = Redact(s)
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return '?'
		}
		return c
	}, s)
}

// Reason says why a verdict is what it is, in a few words.
func Reason(v *replay.Verdict) string {
	switch v.Outcome {
	case replay.Blocked:
		return blockReason(v.Err)
	case replay.Undecidable:
		for i := range v.Alternatives {
			if a := &v.Alternatives[i]; a.Err != nil {
				// With credentials, since what fails without them fails with them.
				rest := (v.Missing &^ replay.CredentialsMode).Text()
				return strings.TrimSuffix(replay.CredentialsMode.Text()+"; if included: "+blockReason(a.Err)+"; "+rest, "; ")
			}
		}
		return v.Missing.Text()
	case replay.NotSubject:
		return v.Exempt.Text()
	}
	switch v.PreflightFrom {
	case replay.PreflightRecorded:
		return "after its preflight"
	case replay.PreflightCached:
		return "by an earlier preflight, cached"
	case replay.PreflightImplied:
		return "by a preflight that must have been"
	}
	return ""
}

func blockReason(e *cors.Error) string {
	s := blockedFor{e.Reason, e.Preflight}.String()
	switch e.Reason {
	case cors.MethodNotAllowed, cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		s += " " + e.Subject
	case cors.PreflightStatus:
		s += fmt.Sprintf(" %d", e.Status)
	}
	if n := len(e.Also); n > 0 {
		s += fmt.Sprintf(" (+%d)", n)
	}
	return s
}

// noOutcome is for rows that have no verdict.
const noOutcome replay.Outcome = 255

// row appends one line.
func (t *Table) row(b []byte, number, method, url string, outcome replay.Outcome, reason string) []byte {
	return t.cells(b, number, method, url, outcome, "", reason)
}

// cells appends one line, with heading in place of the verdict where it has none.
// URL and reason share what the others leave.
func (t *Table) cells(b []byte, number, method, url string, outcome replay.Outcome, heading, reason string) []byte {
	urlWidth, reasonWidth := t.widths()
	verdict, color := heading, ""
	if outcome != noOutcome {
		verdict, color = outcomeText(outcome), colors[outcome]
	}
	verdict = pad(verdict, 11)
	if t.Color && color != "" {
		verdict = color + verdict + "\x1b[0m"
	}
	line := fmt.Sprintf("%5s %-7s %s %s %s", number, cut(method, 7), pad(shorten(url, urlWidth), urlWidth), verdict, cut(reason, reasonWidth))
	return append(append(b, strings.TrimRight(line, " ")...), '\n')
}

// widths returns those of the columns that share what the others leave.
func (t *Table) widths() (url, reason int) {
	const others = 5 + 1 + 7 + 1 + 1 + 11 + 1
	rest := max(t.Width, MinWidth) - others
	url = min(max(rest*3/8, min(rest/2, 30)), 64)
	return url, rest - url
}

// colors are ANSI's for the verdicts. What is not subject has none.
var colors = [...]string{
	replay.Allowed: "\x1b[32m", replay.Blocked: "\x1b[31m", replay.Undecidable: "\x1b[33m", replay.NotSubject: "",
}

// Print writes the groups, the worst first, one a line: how many requests, their
// method, their endpoint, the verdict, why, and where the first of them stands.
func (g *Groups) Print(t *Table) error {
	sorted := g.Worst()
	if len(sorted) == 0 {
		return nil
	}
	engines := 0
	for _, g := range sorted {
		engines = max(engines, len(g.Engines))
	}
	contradicted := 0
	for _, g := range sorted {
		if g.Contradicted {
			contradicted += g.Count
		}
	}
	if contradicted > 0 {
		t.write(fmt.Appendf(nil, "%s\n", contradictedHeading(contradicted)))
	}
	t.write(t.cells(nil, "COUNT", "METHOD", "ENDPOINT", noOutcome, "VERDICT", "REASON, FIRST ENTRY"))
	for i, g := range sorted {
		if i > 0 && sorted[i-1].Contradicted && !g.Contradicted {
			t.write([]byte{'\n'})
		}
		reason := g.Reason
		if len(g.Engines) < engines {
			reason = strings.TrimSuffix(strings.Join(g.Engines, ", ")+": "+reason, ": ")
		}
		_, number, _ := strings.Cut(g.Entry, " ")
		t.write(t.reasonAndEntry(g, reason, number))
		if g.Contradicted {
			t.write(t.row(nil, "", "", "", noOutcome, "the recording: "+g.Told))
		}
	}
	t.write([]byte{'\n'})
	return t.err
}

// reasonAndEntry is the row of a group, whose reason is cut rather than the number.
func (t *Table) reasonAndEntry(g *Group, reason, number string) []byte {
	if g.Entry != "" {
		number = "#" + number
	}
	_, width := t.widths()
	reason = cut(reason, max(width-len(number)-2, 8))
	if reason != "" {
		number = reason + "  " + number
	}
	return t.row(nil, itoa(g.Count), g.Method, g.Endpoint, g.Outcome, number)
}

func contradictedHeading(n int) string {
	return fmt.Sprintf("CONTRADICTED by the recording (%d): a bug of ours or of the browser's", n)
}

func itoa(n int) string { return strconv.Itoa(n) }

// shorten drops the scheme of a URL, and of what is then too long the middle:
// hosts begin and paths end with what tells them apart.
func shorten(url string, width int) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	runes := []rune(url)
	if len(runes) <= width {
		return url
	}
	head := width * 2 / 5
	return string(runes[:head]) + "…" + string(runes[len(runes)-(width-head-1):])
}

func cut(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// Add writes the rows of a result, or holds them back.
func (t *Table) Add(rows []byte, r *replay.Result) error {
	if len(rows) == 0 {
		return t.err
	}
	if r.Contradicted() {
		if t.contradictions++; t.contradictions <= maxContradicted {
			t.contradicted = append(t.contradicted, rows...)
			t.contradicted = t.row(t.contradicted, "", "", "", noOutcome, "the recording: "+Redact(told(r.Exchange)))
		}
	}
	t.held.Write(rows)
	if t.held.Len() >= maxHeld || t.streaming && t.held.Len() >= 64<<10 {
		t.streaming = true
		t.flush()
	}
	return t.err
}

func (t *Table) flush() {
	if !t.headed && t.held.Len() > 0 {
		t.headed = true
		t.write(t.cells(nil, "#", "METHOD", "URL", noOutcome, "VERDICT", "REASON"))
	}
	t.write(t.held.Bytes())
	t.held.Reset()
}

func (t *Table) write(b []byte) {
	if t.err == nil && len(b) > 0 {
		_, t.err = t.Out.Write(b)
	}
}

// Finish writes what was held back.
func (t *Table) Finish() error {
	if t.streaming {
		t.flush()
	}
	if t.contradictions > 0 {
		t.write(fmt.Appendf(nil, "%s\n%s\n", contradictedHeading(t.contradictions), t.contradicted))
	}
	t.flush()
	if t.headed {
		t.write([]byte{'\n'})
	}
	return t.err
}
