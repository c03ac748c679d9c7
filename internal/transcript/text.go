package transcript

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/status"
)

// Text returns what was sent, what came back, which rule failed and what to change,
// in lines that begin with indent and end with a line break. Of the headers it has
// those that matter to CORS and those that script has set.
func (a *Attempt) Text(indent string) string {
	w := &writer{indent: indent, secrets: a.secrets()}
	w.steps(a.steps, a.Shown)
	if a.NotSent {
		if a.Preflighted {
			w.line("  permits %s %s, which was not sent", a.kept.Method, w.text(a.kept.URL))
		} else {
			w.line("%s %s was not sent", a.kept.Method, w.text(a.kept.URL))
		}
	} else if e := a.CORSError(); e != nil {
		all := e.All()
		for i, failure := range all {
			w.line("✗ %s  (%s)", quoteControls(w.text(failure.Detail())), failure.Reason.String())
			if i == len(all)-1 || all[i+1].Reason.Anchor() != failure.Reason.Anchor() {
				w.line("  %s", failure.Reason.Anchor())
			}
		}
		if !a.Unadvised {
			for _, line := range append(a.advise(e), a.Hints.of(e)...) {
				w.line("%s", w.text(line))
			}
		}
	} else if a.Err != nil {
		w.line("✗ %s", w.text(a.Err.Error()))
	}
	for _, line := range a.Fix {
		w.line("%s", w.text(line))
	}
	return w.b.String()
}

type writer struct {
	b       strings.Builder
	indent  string
	secrets *redact.Shown // nil where there are none
}

// secrets returns what the text of a private attempt must not show; nil for any other.
func (a *Attempt) secrets() *redact.Shown {
	if !a.Private {
		return nil
	}
	secrets := new(redact.Shown)
	secrets.Learn(a.request.Headers)
	for x := range a.exchanges() {
		secrets.Learn(x.Headers)
		secrets.Learn(x.ResponseHeaders)
	}
	return secrets
}

func (w *writer) line(format string, arguments ...any) {
	w.b.WriteString(w.indent + printable(strings.TrimRight(fmt.Sprintf(format, arguments...), " ")) + "\n")
}

// printable replaces what a terminal would act on, wherever in a line it is: servers choose much of it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' || r == '\t' {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// text returns a text as it is shown.
func (w *writer) text(s string) string {
	if w.secrets == nil {
		return s
	}
	return w.secrets.Text(s)
}

func (w *writer) headers(list headers.List, shown func(name string) bool) {
	for _, h := range list {
		if shown(headers.Lower(h.Name)) {
			value := h.Value
			if w.secrets != nil {
				value = w.secrets.Header(h.Name, value)
			}
			w.line("    %s: %s", w.text(h.Name), quoteControls(value))
		}
	}
}

// quoteControls shows what a terminal would act on.
func quoteControls(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) < 0 {
		return s
	}
	return strings.Trim(fmt.Sprintf("%q", s), `"`)
}

// steps writes what was sent and what came back, with the headers of CORS and those of
// these names. Why a preflight is sent is said of the preflight.
func (w *writer) steps(steps []Step, shown []string) {
	var causes []string
	for _, s := range steps {
		switch {
		case s.Exchange != nil:
			w.request(s.Exchange, causes)
			w.response(s.Exchange, shown)
			causes = nil
		case s.Decision.Asks:
			causes = append(causes, s.Decision.Text)
		}
	}
}

// Format writes steps with all that is known of them, secrets as well, in lines.
func Format(steps []Step) string {
	w := new(writer)
	all := func(string) bool { return true }
	for _, s := range steps {
		if x := s.Exchange; x == nil {
			w.line("* %s", quoteControls(s.Decision.Text))
		} else {
			w.line("→ %s %s", x.Method, x.URL)
			w.headers(x.Headers, all)
			if x.Answered {
				w.line("← %d %s", x.Status, quoteControls(x.StatusText))
				w.headers(x.ResponseHeaders, all)
			}
		}
	}
	return w.b.String()
}

func (w *writer) request(x *Exchange, causes []string) {
	what := ""
	if x.Preflight {
		what = "  (preflight)"
	}
	w.line("→ %s %s%s", x.Method, w.text(x.URL), what)
	w.headers(x.Headers, func(name string) bool {
		switch name {
		case "origin", "access-control-request-method", "access-control-request-headers", "cookie":
			return true
		}
		return x.AuthorSet[name]
	})
	for i := range x.Unsent {
		w.line("    (%s)", notSent(&x.Unsent[i]))
	}
	for _, cause := range causes {
		w.line("    because %s", quoteControls(w.text(cause)))
	}
}

func (w *writer) response(x *Exchange, shown []string) {
	if !x.Answered {
		return
	}
	text := x.StatusText
	if text == "" {
		text = status.Text(x.Status)
	}
	if w.secrets != nil {
		text = redact.StatusText(x.Status, text)
	}
	w.line("← %d %s", x.Status, quoteControls(text))
	w.headers(x.ResponseHeaders, func(name string) bool {
		switch name {
		case "location", "vary", "set-cookie", "timing-allow-origin", "www-authenticate", "cross-origin-resource-policy":
			return true
		}
		return strings.HasPrefix(name, "access-control-") ||
			slices.ContainsFunc(shown, func(s string) bool { return headers.EqualFold(s, name) })
	})
	if !hasCORSHeader(x.ResponseHeaders) {
		w.line("    (no Access-Control header)")
	}
	for _, why := range x.Refused {
		w.line("    (%s)", w.text(why))
	}
	if x.RedirectedTo != "" {
		w.line("  is followed to %s", w.text(x.RedirectedTo))
	}
}

func hasCORSHeader(list headers.List) bool {
	for _, h := range list {
		if strings.HasPrefix(headers.Lower(h.Name), "access-control-") {
			return true
		}
	}
	return false
}

// Outcome says in a clause what came of an attempt.
func (a *Attempt) Outcome() string {
	switch {
	case a.Err == nil:
		return "allowed"
	case a.Asks() != "":
		return "asks: the user is asked for the permission " + a.Asks() + " first, and decides"
	case isBlock(a.Err):
		// Engines come to the same requirements in different orders.
		var reasons []cors.Reason
		for _, e := range a.CORSError().All() {
			reasons = append(reasons, e.Reason)
		}
		slices.Sort(reasons)
		names := make([]string, 0, 1)
		for _, reason := range slices.Compact(reasons) {
			names = append(names, reason.String())
		}
		return "blocked: " + strings.Join(names, ", ")
	}
	return "failed: " + cors.ReasonOf(a.Err).String()
}

// isBlock reports whether it was the browser that kept the response from script,
// rather than the server that gave none or the caller who asked for nonsense.
func isBlock(err error) bool {
	switch cors.ReasonOf(err) {
	case 0, cors.LocalNetworkPrompt, cors.Transport, cors.ResponseTooLarge, cors.Timeout, cors.Aborted, cors.InvalidArgument:
		return false
	}
	return true
}

// Asks returns the name of the permission that the user is asked for, on which it depends what comes of the attempt; ""
// where nobody is asked.
func (a *Attempt) Asks() string {
	if e := a.CORSError(); e != nil && e.Reason == cors.LocalNetworkPrompt {
		return e.Subject
	}
	return ""
}

// IsBlocked reports whether the browser kept the response from script.
func (a *Attempt) IsBlocked() bool { return a.Err != nil && isBlock(a.Err) }
