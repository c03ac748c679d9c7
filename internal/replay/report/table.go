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
	"github.com/corsim/corsim/internal/replay"
)

// MinWidth is the narrowest table, and of those that have a line a row oneLineWidth.
const (
	MinWidth     = 40
	oneLineWidth = 72
)

// atLeast returns the width for a terminal of so many columns, 0 where that is not known.
func atLeast(width int) int {
	if width == 0 {
		return oneLineWidth
	}
	return max(width, MinWidth)
}

// maxHeld is how many bytes of rows are held back so that what is contradicted
// can stand before them. Longer tables have it behind them, so that memory does
// not grow with the recording; maxContradicted is how much of it is kept.
const (
	maxHeld         = 4 << 20
	maxContradicted = 1000
)

// A Table writes one line a request, or in less than 72 columns two and more: where it is in the recording, its
// method, its URL, shortened, the verdict, and why. Engines that come to the same
// share a line. "(+2)" counts further requirements that are not met. What is not
// subject to CORS is left out, unless All is set. What the recording contradicts
// comes first.
type Table struct {
	Out   io.Writer
	Width int  // columns; 0 means 72, less than MinWidth means that
	Whole bool // nothing is cut, as where a program reads it
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
	o = o.about(r)
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

// Message returns the text of an error as it may be shown: it may hold pieces of the
// recording.
func (o *Options) Message(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = o.clean(line)
	}
	return strings.Join(lines, "\n")
}

// clean makes what a recording holds fit for a line of text: secrets are
// redacted, and what does not print is replaced.
func (o *Options) clean(s string) string {
	s = o.text(s)
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return '?'
		}
		return c
	}, s)
}

// brief is clean, without the middle of what is too long for somebody to read.
func (o *Options) brief(s string) string { return shortened(o.clean(s)) }

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
	case replay.Asks:
		return "the user is asked for the permission " + v.Permission + " first"
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
	verdict, color := heading, ""
	if outcome != noOutcome {
		verdict, color = outcomeText(outcome), colors[outcome]
	}
	number = fmt.Sprintf("%5s", number)
	method = pad(cut(method, 7), 7)
	if width := atLeast(t.Width); width < oneLineWidth {
		const indent = 6
		if url != "" {
			line := number + " " + method + " " + shorten(url, width-len(number)-9)
			b = append(append(b, strings.TrimRight(line, " ")...), '\n')
		}
		rest := wrap(verdict+" "+reason, indent, width, width-indent)
		return append(append(b, strings.Replace(rest, verdict, t.colored(verdict, color), 1)...), '\n')
	}
	urlWidth, reasonWidth := t.widths()
	verdict = t.colored(pad(verdict, 11), color)
	if t.Whole {
		urlWidth, reasonWidth = max(urlWidth, columns(url)), max(reasonWidth, columns(reason))
	}
	line := fmt.Sprintf("%s %s %s %s %s", number, method, pad(shorten(url, urlWidth), urlWidth), verdict, cut(reason, reasonWidth))
	return append(append(b, strings.TrimRight(line, " ")...), '\n')
}

func (t *Table) colored(s, color string) string {
	if !t.Color || color == "" {
		return s
	}
	return color + s + "\x1b[0m"
}

// widths returns those of the columns that share what the others leave.
func (t *Table) widths() (url, reason int) {
	const others = 5 + 1 + 7 + 1 + 1 + 11 + 1
	rest := atLeast(t.Width) - others
	url = min(max(rest*3/8, min(rest/2, 30)), 64)
	return url, rest - url
}

// colors are ANSI's for the verdicts. What is not subject has none.
var colors = [...]string{
	replay.Allowed: "\x1b[32m", replay.Blocked: "\x1b[31m", replay.Undecidable: "\x1b[33m", replay.NotSubject: "", replay.Asks: "\x1b[33m",
}

func (t *Table) contradictedHeading(n int) string {
	return wrap(fmt.Sprintf("CONTRADICTED by the recording (%d): a bug of ours or of the browser's", n), 0, atLeast(t.Width), MinWidth) + "\n"
}

func itoa(n int) string { return strconv.Itoa(n) }

// shorten drops the scheme of a URL, and of what is then too long the middle:
// hosts begin and paths end with what tells them apart.
func shorten(url string, width int) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	return cutMiddle(url, width)
}

// Add writes the rows of a result, or holds them back.
func (t *Table) Add(rows []byte, r *replay.Result) error {
	if len(rows) == 0 {
		return t.err
	}
	if r.Contradicted() {
		if t.contradictions++; t.contradictions <= maxContradicted {
			t.contradicted = append(t.contradicted, rows...)
			t.contradicted = t.row(t.contradicted, "", "", "", noOutcome, "the recording: "+new(Options).about(r).clean(told(r.Exchange)))
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
		t.write(fmt.Appendf(nil, "%s%s\n", t.contradictedHeading(t.contradictions), t.contradicted))
	}
	t.flush()
	if t.headed {
		t.write([]byte{'\n'})
	}
	return t.err
}
