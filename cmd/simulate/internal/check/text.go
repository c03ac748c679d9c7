package check

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/transcript"
)

// View says how a report is shown. The zero value shows what matters, without
// colours and with secrets redacted.
type View struct {
	// Verbose shows all headers, whole values and every exchange.
	Verbose bool
	// ShowSecrets shows cookies, credentials and tokens.
	ShowSecrets bool
	// Configured says that a server's configuration is shown besides, so that the
	// report need not say how to get one.
	Configured bool
	// Color marks the verdict and the decisions with the colours of a terminal.
	Color bool
}

// Text writes the report for people. The first line and the last say the verdict.
func (r *Report) Text(w io.Writer, view View) error {
	p := &printer{view: view, redact: redactorOf(view, r), dry: r.Verdict == NotSent}
	p.report(r)
	_, err := io.WriteString(w, p.b.String())
	return err
}

type printer struct {
	b      strings.Builder
	view   View
	redact redactor
	dry    bool // nothing was sent, so that what would be is shown whole
}

func (p *printer) linef(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *printer) report(r *Report) {
	if r.Initiator != nil {
		p.linef("%s  %s %s, in a page of %s", p.verdict(r.Verdict), r.Initiator.Markup, p.safe(r.URL), r.Origin)
	} else {
		p.linef("%s  %s %s, asked by %s", p.verdict(r.Verdict), r.Method, p.safe(r.URL), r.Origin)
	}
	for _, line := range r.Learns {
		p.linef("  %s", p.safe(line))
	}
	p.told(r)
	p.steps(r.Steps)
	p.asked(r)
	p.response(r.Response)
	if r.Failure != nil && r.Server != "" && !p.view.Configured && r.Failure.Reason.IsCORS() {
		p.linef("\nAs configuration, by what the answer says of its server: --server %s", r.Server)
	}
	if len(r.Notes) > 0 {
		p.linef("\nNotes")
		for _, note := range r.Notes {
			p.linef("  %s", p.safe(note))
		}
	}
	p.linef("\n%s  %s", p.verdict(r.Verdict), p.safe(r.Summary()))
}

// Summary says the verdict's grounds in a sentence.
func (r *Report) Summary() string {
	switch r.Verdict {
	case NotSubject:
		return "CORS does not judge it: the server must look at Origin itself"
	case Allowed:
		if r.Initiator != nil && r.Opaque {
			return r.Initiator.Opaque
		} else if r.Initiator != nil {
			return r.Initiator.Readable
		}
		if r.Response != nil && (r.Response.Type == "opaque" || r.Response.Type == "opaqueredirect") {
			return "the request is sent, and script can read nothing of the response"
		}
		return "script gets the response"
	case Asks:
		return "the browser asks the user first whether the page may reach " + placeOf(r.Permission) + "; nothing is sent before. --permission " + r.Permission + "=granted shows what follows"
	case NotSent:
		return "this is what a browser would send, if each response permits what follows"
	}
	if r.missing != "" {
		return r.missing
	}
	reasons := make([]string, 0, 4)
	for _, e := range r.Failure.All() {
		if reason := e.Reason.String(); !contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	where := ""
	if r.Failure.Preflight {
		where = "preflight: "
	}
	return where + strings.Join(reasons, ", ")
}

// placeOf says in words what a permission is about.
func placeOf(permission string) string {
	if permission == string(fetch.PermissionLoopbackNetwork) {
		return "the user's own computer"
	}
	return "the local network"
}

func contains(list []string, s string) bool {
	for _, member := range list {
		if member == s {
			return true
		}
	}
	return false
}

// Of more than maxExchanges, as many redirects make, the middle ones are left
// out: of twenty redirects nobody reads the tenth.
const (
	maxExchanges = 6
	firstLast    = 2
)

func (p *printer) steps(steps []transcript.Step) {
	total := 0
	for _, step := range steps {
		if step.Exchange != nil {
			total++
		}
	}
	nth := 0 // exchange; decisions go with the one before them
	for i, step := range steps {
		if step.Exchange != nil {
			nth++
		}
		if !p.view.Verbose && total > maxExchanges && firstLast < nth && nth <= total-firstLast {
			if nth == firstLast+1 && step.Exchange != nil {
				p.linef("\n  … %d exchanges more, which -v shows", total-2*firstLast)
			}
			continue
		}
		if step.Exchange != nil {
			p.b.WriteByte('\n')
			p.exchange(step.Exchange)
			continue
		}
		var before, after *transcript.Decision
		if i > 0 {
			before = steps[i-1].Decision
		}
		if i+1 < len(steps) {
			after = steps[i+1].Decision
		}
		p.decision(step.Decision, before, after, i == 0)
	}
}

// decision writes a decision, given those beside it: what several have in common
// is written once.
func (p *printer) decision(d, before, after *transcript.Decision, first bool) {
	if first || before == nil && d.Kind == transcript.KindPreflight {
		p.b.WriteByte('\n')
	}
	indent, mark := "  ", "·"
	switch {
	case d.Asks:
		if before == nil || !before.Asks {
			p.linef("  · a preflight asks first, because")
		}
		indent, mark = "    ", "-"
	case d.Outcome == transcript.Passed:
		mark = p.colored("✓", green)
	case d.Outcome == transcript.Failed:
		mark = p.colored("✗", red)
	}
	p.linef("%s%s %s", indent, mark, p.safe(d.Text))
	if d.Anchor != "" && (after == nil || after.Anchor != d.Anchor || after.Asks != d.Asks) {
		p.linef("%s  %s", indent, d.Anchor)
	}
}

func (p *printer) exchange(x *transcript.Exchange) {
	p.linef("  > %s %s", x.Method, p.safe(x.URL))
	shown := 0
	for _, h := range x.Headers {
		if p.view.Verbose || p.dry || relevantRequest(h.Name) || x.AuthorSet[headers.Lower(h.Name)] {
			p.header(">", h.Name, p.redact.sent(x, h), &shown)
		}
	}
	p.omitted(">", shown)
	if !x.Answered {
		return
	}
	p.linef("  < %d %s", x.Status, p.safe(p.redact.statusText(x.Status, x.StatusText)))
	shown = 0
	for _, h := range x.ResponseHeaders {
		if p.view.Verbose || relevantResponse(h.Name) {
			p.header("<", h.Name, p.redact.received(h), &shown)
		}
	}
	p.omitted("<", shown)
}

// maxHeaders is how many headers of a message are shown.
const maxHeaders = 40

func (p *printer) header(mark, name, value string, shown *int) {
	if *shown++; *shown <= maxHeaders || p.view.Verbose {
		p.linef("  %s %s: %s", mark, p.safe(name), p.short(value))
	}
}

func (p *printer) omitted(mark string, shown int) {
	if shown > maxHeaders && !p.view.Verbose {
		p.linef("  %s … %d headers more, which -v shows", mark, shown-maxHeaders)
	}
}

func relevantRequest(name string) bool {
	switch lower := headers.Lower(name); lower {
	case "origin", "cookie", "authorization":
		return true
	default:
		return strings.HasPrefix(lower, "access-control-")
	}
}

func relevantResponse(name string) bool {
	switch lower := headers.Lower(name); lower {
	case "vary", "location", "set-cookie", "content-type", "cross-origin-resource-policy", "www-authenticate", "allow",
		"x-content-type-options":
		return true
	default:
		return strings.HasPrefix(lower, "access-control-")
	}
}

func (p *printer) response(r *Response) {
	if r == nil || r.BodyEnd == BodyNone {
		return
	}
	p.linef("\nScript can read")
	status := fmt.Sprintf("%d %s", r.Status, p.safe(p.redact.statusText(r.Status, r.StatusText)))
	p.linef("  status   %s", strings.TrimSpace(status))
	p.linef("  body     %s", r.body())
	if p.view.Verbose {
		for _, h := range r.Headers {
			p.linef("  header   %s: %s", p.safe(h.Name), p.short(p.redact.received(h)))
		}
	} else if len(r.Headers) > 0 {
		p.linef("  headers  %s", p.names(names(r.Headers)))
	}
	if len(r.Hidden) > 0 {
		p.linef("Script cannot read\n  headers  %s", p.names(r.Hidden))
	}
}

func (r *Response) body() string {
	size := fmt.Sprintf("%d bytes", r.BodyBytes)
	if r.BodyBytes == 1 {
		size = "1 byte"
	}
	switch r.BodyEnd {
	case BodyUnread:
		return size + " and more, which were not waited for"
	case BodyFailed:
		return size + ", then reading it failed"
	}
	return size
}

func names(list headers.List) (names []string) {
	for _, h := range list {
		if !contains(names, h.Name) {
			names = append(names, h.Name)
		}
	}
	return names
}

func (p *printer) names(names []string) string {
	const most = 20
	if len(names) > most && !p.view.Verbose {
		return fmt.Sprintf("%s and %d more", p.safe(strings.Join(names[:most], ", ")), len(names)-most)
	}
	return p.safe(strings.Join(names, ", "))
}

// told says behind the verdict why, what to do and for whom.
func (p *printer) told(r *Report) {
	if r.Explanation != nil {
		for _, line := range r.Explanation.Told(new(explain.Glossary), p.view.Verbose) {
			p.linef("  %s", p.safe(line))
		}
	}
	if r.hint {
		p.linef("  Try: the same with --why, which asks up to %d times more (OPTIONS and GET only) to tell the causes apart", probe.MaxWhy)
	}
	if r.missing != "" {
		p.linef("  %s%s.", strings.ToUpper(r.missing[:1]), p.safe(r.missing[1:]))
	}
	for _, c := range r.Besides {
		for _, line := range c.ToldBesides() {
			p.linef("  %s", p.safe(line))
		}
	}
	if r.Explanation != nil && p.view.Verbose {
		p.linef("  The rule: %s  %s", r.Explanation.Rule, r.Explanation.MDN)
	}
}

// asked writes what was asked besides, and what came of it.
func (p *printer) asked(r *Report) {
	if len(r.Asked) == 0 {
		return
	}
	p.linef("\nAsked besides, to tell the causes apart: %d, OPTIONS and GET only", len(r.Asked))
	for _, x := range r.Asked {
		from, ok := x.Headers.Get("Origin")
		if !ok {
			from = "nobody"
		}
		p.linef("  > %s %s, asked by %s: %s", x.Method, p.safe(x.URL), from, x.Why)
		for _, h := range x.Headers {
			if strings.HasPrefix(headers.Lower(h.Name), "access-control-") {
				p.linef("  > %s: %s", h.Name, p.safe(h.Value))
			}
		}
		if x.Err != nil {
			p.linef("  ! %s", p.safe(x.Err.Error()))
			continue
		}
		p.linef("  < %d", x.Status)
		for _, h := range x.Response {
			if relevantResponse(h.Name) {
				p.linef("  < %s: %s", p.safe(h.Name), p.short(p.redact.received(h)))
			}
		}
	}
}

const (
	red   = "31"
	green = "32"
	amber = "33"
)

func (p *printer) verdict(v Verdict) string {
	color := map[Verdict]string{Allowed: green, Blocked: red, Asks: amber, Undecidable: amber, NotSent: amber, NotSubject: amber}[v]
	return p.colored(strings.ToUpper(string(v)), color)
}

func (p *printer) colored(s, color string) string {
	if !p.view.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// safe returns s without secrets, and with what could upset a terminal escaped:
// servers choose it.
func (p *printer) safe(s string) string { return printable(p.redact.text(s)) }

// short is a header's value, which is cut where it is long.
func (p *printer) short(value string) string {
	const most = 300
	if len(value) > most && !p.view.Verbose {
		return fmt.Sprintf("%s… (%d bytes)", printable(value[:most]), len(value))
	}
	return printable(value)
}

// printable escapes what is not to be printed.
func printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			b.WriteString(s[i : i+n])
		} else {
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		i += n
	}
	return b.String()
}
