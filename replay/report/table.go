package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/record"
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
// share a line. "(+2)" counts further requirements that are not met. What is not subject to CORS is left out, unless All is set. What
// the recording contradicts comes first.
type Table struct {
	Out   io.Writer
	Width int // columns; 0 and less than MinWidth mean MinWidth
	All   bool

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
	clean := func(s string) string {
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
	method, url := clean(r.Exchange.Request.Method), clean(r.Exchange.Request.URL)
	_, number, _ := strings.Cut(r.Exchange.Entry, " ")
	type group struct {
		names           []string
		verdict, reason string
	}
	var groups []group
next:
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Outcome == replay.NotSubject && !t.All {
			continue
		}
		verdict, reason := strings.ReplaceAll(v.Outcome.String(), "-", " "), clean(Reason(v))
		for j := range groups {
			if g := &groups[j]; g.verdict == verdict && g.reason == reason {
				g.names = append(g.names, v.Engine.Name)
				continue next
			}
		}
		groups = append(groups, group{[]string{v.Engine.Name}, verdict, reason})
	}
	for i, g := range groups {
		if len(groups) > 1 {
			g.reason = strings.TrimSuffix(strings.Join(g.names, ", ")+": "+g.reason, ": ")
		}
		if i > 0 {
			number, method, url = "", "", ""
		}
		b = t.row(b, number, method, url, g.verdict, g.reason)
	}
	return b
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

// row appends one line. URL and reason share what the others leave.
func (t *Table) row(b []byte, number, method, url, verdict, reason string) []byte {
	const others = 5 + 1 + 7 + 1 + 1 + 11 + 1
	rest := max(t.Width, MinWidth) - others
	urlWidth := min(max(rest*3/8, min(rest/2, 30)), 64)
	line := fmt.Sprintf("%5s %-7s %s %-11s %s", number, cut(method, 7), pad(shorten(url, urlWidth), urlWidth), verdict, cut(reason, rest-urlWidth))
	return append(append(b, strings.TrimRight(line, " ")...), '\n')
}

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
			t.contradicted = t.row(t.contradicted, "", "", "", "", "the recording: "+told(r.Exchange))
		}
	}
	t.held.Write(rows)
	if t.held.Len() >= maxHeld || t.streaming && t.held.Len() >= 64<<10 {
		t.streaming = true
		t.flush()
	}
	return t.err
}

// told is what the recording says came of a request.
func told(e *record.Exchange) string {
	if e.Error != "" {
		return Redact(e.Error)
	}
	return fmt.Sprintf("status %d, no error", e.Response.Status)
}

func (t *Table) flush() {
	if !t.headed && t.held.Len() > 0 {
		t.headed = true
		t.write(t.row(nil, "#", "METHOD", "URL", "VERDICT", "REASON"))
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
		t.write(fmt.Appendf(nil, "CONTRADICTED by the recording (%d): a bug of ours or of the browser's\n%s\n", t.contradictions, t.contradicted))
	}
	t.flush()
	if t.headed {
		t.write([]byte{'\n'})
	}
	return t.err
}
