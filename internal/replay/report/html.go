package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// HTML writes one page that needs nothing else: what it all comes to, the causes, the worst
// first, with why and what to do, and below each a timeline of its requests with their preflights, each of which
// opens as a diagram of what went between page and server, with the header that
// decides marked. Without JavaScript it lacks but the search.
type HTML struct {
	Out     io.Writer
	Options *Options
	about   *Options // of the result that is added
	All     bool     // list also what is not subject to CORS
	MaxRows int      // how many requests are shown at most; 0 means 2,000, more than which is that

	files     []string
	diagnosis Diagnosis
	totals    Totals
	problems  problems
	firsts    [rankNotSubject + 1][]*htmlRow // by rank: the first of each cause
	rows      [rankNotSubject + 1][]*htmlRow // by rank: the others
	left      int                            // requests that are among neither
}

// Bounds of a page: the requests, of which the first of each cause and then the worst
// are kept; those of a cause, and the causes, that are not folded; the headers of a message; and what is
// shown of a URL or a header, in bytes.
const (
	maxHTMLRows    = 2000
	unfolded       = 20
	maxHTMLHeaders = 20
	maxHTMLText    = 1000
)

//go:embed html.tmpl
var htmlSource string

//go:embed html.js
var htmlScript string

//go:embed html.css
var htmlStyle string

// Sheet returns the style sheet of the page. Other pages of ours have it as well.
func Sheet() string { return htmlStyle }

// Script returns the script of the page, which makes the list of requests searchable.
func Script() string { return htmlScript }

var htmlTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"name": func(string) string { return "" }, "several": func() bool { return false }, "engines": func() int { return 0 },
}).Parse(htmlSource))

// htmlRow is one request.
type htmlRow struct {
	File, Anchor, Entry string
	Method, URL         string
	Place               string // the URL without its scheme
	Findings            []htmlFinding
	Class               string // of the worst of them
	Contradicted        string // what the recording says, where it contradicts
	Facts               []string
	Page, Server        string
	Steps               []htmlStep
	Bars                []htmlBar
	Advice              []string

	of               *causeRow
	fileIndex, index int
	times            []span // of the preflight, if any, and of the request
}

type htmlFinding struct {
	Engines, Class, Verdict, Reason string
	Rules                           []htmlRule
}

// htmlRule is a requirement that is not met, with its place in the standard.
type htmlRule struct{ Text, Anchor string }

// htmlStep is a message between page and server, or with Note what stands
// instead of one.
type htmlStep struct {
	Class   string // "to", "from", "note"
	Title   string
	Headers []htmlHeader
	Left    int // headers that are not among them
	Note    string
}

func (s *htmlStep) add(h htmlHeader) {
	if len(s.Headers) == maxHTMLHeaders {
		s.Left++
		return
	}
	s.Headers = append(s.Headers, h)
}

type htmlHeader struct {
	Name, Value string
	Hidden      bool   // the value is not shown
	Absent      bool   // the response lacks it
	Class       string // "bad", "good" or ""
	Why         string
}

type htmlBar struct {
	Class string
	Style template.CSS
	Title string
}

type span struct {
	from, to  time.Time
	preflight bool
}

// Begin implements [Sink].
func (h *HTML) Begin(file string) { h.files = append(h.files, h.Options.clean(file)) }

func (h *HTML) file() string { return h.files[len(h.files)-1] }

// Bad implements [Sink].
func (h *HTML) Bad(err error) { h.problems.add(h.file(), err, h.Options) }

// Add implements [Sink].
func (h *HTML) Add(r *replay.Result) {
	h.about = h.Options.about(r)
	h.totals.Add(r)
	h.diagnosis.withAllowed, h.diagnosis.withExempt = true, h.All
	h.diagnosis.anchor = h.anchor(r)
	of, first := h.diagnosis.add(r, h.about)
	list := findings(r, h.All)
	if len(list) == 0 || of == nil {
		return
	}
	worst := slices.MinFunc(list, func(a, b finding) int {
		return cmp.Compare(rank(a.outcome, a.contradicted), rank(b.outcome, b.contradicted))
	})
	rows := &h.rows[of.rank]
	if first {
		rows = &h.firsts[of.rank]
	}
	switch {
	case len(*rows) < maxHTMLRows:
		row := h.row(r, list, &worst)
		row.of = of
		*rows = append(*rows, row)
	default:
		h.left++
	}
}

// maxRows is how many requests are shown.
func (h *HTML) maxRows() int {
	if 0 < h.MaxRows && h.MaxRows < maxHTMLRows {
		return h.MaxRows
	}
	return maxHTMLRows
}

// show is what of a recording may be on the page.
func (h *HTML) show(s string) string {
	s = h.about.clean(s)
	if len(s) > maxHTMLText {
		s = strings.ToValidUTF8(s[:maxHTMLText], "") + "…"
	}
	return strings.Clone(s)
}

func (h *HTML) row(r *replay.Result, list []finding, worst *finding) *htmlRow {
	e := r.Exchange
	row := &htmlRow{
		File: h.file(), Entry: e.Entry, Method: h.show(e.Request.Method), URL: h.show(e.Request.URL), Class: worst.outcome.String(),
		Page: h.show(cmp.Or(r.Page, "an unknown page")), fileIndex: len(h.files), index: e.Index,
	}
	row.Anchor = h.anchor(r)
	scheme, rest, ok := strings.Cut(row.URL, "://")
	if row.Place = rest; !ok {
		row.Place = scheme
	}
	row.Server, _, _ = strings.Cut(row.Place, "/")
	for _, f := range list {
		finding := htmlFinding{Engines: strings.Join(f.engines, ", "), Class: f.outcome.String(), Verdict: outcomeText(f.outcome), Reason: h.show(f.reason)}
		if f.verdict.Err != nil {
			foremost, others := explain.Foremost(f.verdict.Err)
			for _, e := range foremost {
				finding.Rules = append(finding.Rules, htmlRule{h.show(e.Detail()), e.Reason.Anchor()})
			}
			if others > 0 {
				finding.Rules = append(finding.Rules, htmlRule{fmt.Sprintf("and %d more of these", others), f.verdict.Err.Reason.Anchor()})
			}
		}
		row.Findings = append(row.Findings, finding)
		if f.contradicted {
			row.Contradicted = h.show(told(e))
			row.Class = "contradicted"
		}
	}
	h.facts(row, r)
	h.steps(row, r, worst)
	h.advice(row, r, worst.verdict.Err)
	for _, e := range []*record.Exchange{r.Preflight, e} {
		if e != nil && !e.Started.IsZero() {
			row.times = append(row.times, span{e.Started, e.Started.Add(max(0, e.Duration)), e.IsPreflight()})
		}
	}
	return row
}

// facts are what the verdict rests on.
func (h *HTML) facts(row *htmlRow, r *replay.Result) {
	fact := func(format string, args ...any) { row.Facts = append(row.Facts, h.show(fmt.Sprintf(format, args...))) }
	if r.Page != "" {
		fact("page: %s (known from %s)", h.show(r.Page), r.PageFrom)
	}
	if r.Origin != "" {
		if r.Origin != r.Page {
			fact("origin after redirects: %s", h.show(r.Origin))
		}
		if from := r.CredentialsFrom.String(); from != "" {
			fact("credentials: %s (known from %s)", r.Credentials, from)
		} else {
			fact("credentials: %s", r.Credentials)
		}
	}
	if r.RedirectedFrom != nil {
		fact("redirected here by %s", r.RedirectedFrom.Entry)
	}
	for _, note := range r.Notes {
		fact("%s", note)
	}
	if f := r.Exchange.Fidelity &^ (record.OrderLost | record.BodyCut | record.NoResponse); f != 0 {
		fact("the recording: %s", f)
	}
	if !r.Exchange.Started.IsZero() {
		fact("started %s, took %s", r.Exchange.Started.Format(time.RFC3339Nano), r.Exchange.Duration.Round(time.Millisecond))
	}
}

// steps are the messages in order, up to where f ends.
func (h *HTML) steps(row *htmlRow, r *replay.Result, f *finding) {
	v, e := f.verdict, r.Exchange
	note := func(class, s string) { row.Steps = append(row.Steps, htmlStep{Class: class, Note: h.show(s)}) }
	blockedAtPreflight := v.Err != nil && v.Err.Preflight
	switch {
	case e.IsPreflight():
		h.exchange(row, e, v, true, nil)
		note("note", "the request that this preflight is for is not in the recording")
	case r.Preflight != nil:
		h.exchange(row, r.Preflight, v, true, nil)
	case v.PreflightFrom == replay.PreflightCached:
		note("note", "an earlier preflight allows it: the browser's preflight cache has its answer")
	case v.PreflightFrom == replay.PreflightImplied:
		note("note", "a preflight is needed here, and none is in the recording: since the page got the response, there was one that allows it")
	case v.PreflightFrom == replay.PreflightMissing:
		note("note", "a preflight is needed here, and none is in the recording")
	}
	if !e.IsPreflight() {
		if blockedAtPreflight {
			note("end blocked", "what the preflight does not allow is not sent")
			if e.Response.HasResponse {
				h.exchange(row, e, v, false, r)
			}
		} else {
			h.exchange(row, e, v, false, r)
		}
	}
	switch v.Outcome {
	case replay.Blocked:
		note("end blocked", "the page gets a network error: "+f.reason)
	case replay.Allowed:
		end := "the page gets the response"
		switch {
		case e.IsPreflight():
			end = "the request may be sent"
		case e.Response.Status/100 == 3 && e.Response.RedirectURL != "":
			end = "the browser follows the redirect"
		}
		note("end allowed", end)
	case replay.Undecidable:
		note("end undecidable", "not known: "+f.reason)
	case replay.Asks:
		note("end undecidable", "it is for the user to say: "+f.reason)
	case replay.NotSubject:
		note("end not-subject", "CORS has no say: "+f.reason)
	}
	if row.Contradicted != "" {
		note("end contradicted", "but the recording says: "+row.Contradicted)
	}
}

// exchange adds a request and its response. Header values of requests are shown
// where they are the browser's own words about CORS; r is nil for a preflight.
func (h *HTML) exchange(row *htmlRow, e *record.Exchange, v *replay.Verdict, preflight bool, r *replay.Result) {
	sent := htmlStep{Class: "to", Title: h.show(e.Request.Method) + " " + h.show(pathOf(e.Request.URL))}
	byScript := make(map[string]bool)
	if r != nil {
		for _, name := range r.AuthorHeaders {
			byScript[name] = true
		}
	}
	for _, line := range e.Request.Headers {
		switch {
		case line.Name == "origin" || strings.HasPrefix(line.Name, "access-control-request-"):
			sent.add(htmlHeader{Name: spelled(h.show(line.Name)), Value: h.show(line.Value)})
		case line.Name == "cookie" || byScript[line.Name]:
			sent.add(htmlHeader{Name: spelled(h.show(line.Name)), Hidden: true})
		}
	}
	row.Steps = append(row.Steps, sent)

	received := htmlStep{Class: "from", Title: strings.TrimSpace(itoa(e.Response.Status) + " " + h.show(h.about.statusText(e)))}
	if !e.Response.HasResponse {
		received.Title = strings.TrimSpace("no response recorded " + h.show(e.Error))
	}
	failures := make(map[string]*cors.Error)
	if v.Err != nil {
		for _, failure := range v.Err.All() {
			if failure.Preflight == preflight && failures[headers.Lower(failure.Header)] == nil {
				failures[headers.Lower(failure.Header)] = failure
			}
		}
	}
	shown := make(map[string]bool)
	for _, line := range e.Response.Headers {
		name := headers.Lower(line.Name)
		if !strings.HasPrefix(name, "access-control-") && name != "vary" && name != "location" && name != "cross-origin-resource-policy" {
			continue
		}
		header := htmlHeader{Name: spelled(h.show(name)), Value: h.show(line.Value)}
		if failure := failures[name]; failure != nil {
			if header.Class = "bad"; !shown[name] {
				header.Why = h.show(failure.Detail())
			}
		} else if v.Outcome == replay.Allowed && Deciding(name, preflight) {
			header.Class = "good"
		}
		shown[name] = true
		received.add(header)
	}
	if v.Err != nil {
		for _, failure := range v.Err.All() {
			name := headers.Lower(failure.Header)
			if failure.Preflight != preflight || shown[name] {
				continue
			}
			shown[name] = true
			received.add(htmlHeader{Name: failure.Header, Absent: failure.Header != "", Class: "bad", Why: h.show(failure.Detail())})
		}
	}
	row.Steps = append(row.Steps, received)
}

// Deciding reports whether a header of a response is one that allows.
func Deciding(name string, preflight bool) bool {
	switch name {
	case "access-control-allow-origin", "access-control-allow-credentials":
		return true
	case "access-control-allow-methods", "access-control-allow-headers":
		return preflight
	}
	return false
}

// spelled spells a header's name as people do.
func spelled(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

func pathOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?"); ok && i >= 0 {
		return rest[i:]
	}
	return "/"
}

// advice is what to change.
func (h *HTML) advice(row *htmlRow, r *replay.Result, err *cors.Error) {
	request := r.Request()
	if err == nil || request.Origin == "" {
		return
	}
	for _, a := range explain.Fix(err, &request) {
		which := "The response to the request needs"
		if a.Preflight {
			which = "The response to the preflight needs"
		}
		var b strings.Builder
		if a.Status != 0 {
			fmt.Fprintf(&b, "\nstatus %d", a.Status)
		}
		for _, line := range a.Headers {
			fmt.Fprintf(&b, "\n%s: %s", line.Name, h.show(line.Value))
		}
		if b.Len() > 0 {
			row.Advice = append(row.Advice, which+b.String())
		}
		for _, text := range a.Text {
			row.Advice = append(row.Advice, h.show(text))
		}
	}
}

// htmlTotals are the counts of engines that agree.
type htmlTotals struct {
	Engines                                   string
	Allowed, Blocked, Undecidable, NotSubject int
	Explained, Contradicted, Silent           int
}

// An htmlCause is a row of the diagnosis as the page has it.
type htmlCause struct {
	Count                               int
	Class, Verdict, Where, Title, First string
	Told                                []string // why, and what to do
	Anchor                              string   // of its first request
}

// anchor is the id of a request in the page.
func (h *HTML) anchor(r *replay.Result) string {
	return fmt.Sprintf("r%d-%d", len(h.files), r.Exchange.Index)
}

func (h *HTML) cause(row *causeRow) htmlCause {
	return htmlCause{
		Count: row.count, Class: row.class(), Verdict: row.verdict(), Where: row.where(""), Title: row.title, First: row.first, Told: row.told(nil, false), Anchor: row.anchor,
	}
}

// class names the colours of a row.
func (c *causeRow) class() string {
	switch {
	case c.rank == rankContradicted:
		return "contradicted"
	case c.failed:
		return "failed"
	}
	return c.outcome.String()
}

// shownRows returns the requests that are shown, in the order of their causes, and of the recordings.
func (h *HTML) shownRows() (rows []*htmlRow) {
	for _, others := range [...]*[rankNotSubject + 1][]*htmlRow{&h.firsts, &h.rows} {
		for _, list := range others {
			n := min(len(list), max(0, h.maxRows()-len(rows)))
			h.left += len(list) - n
			rows = append(rows, list[:n]...)
		}
	}
	at := make(map[*causeRow]int)
	for i, row := range h.diagnosis.worst() {
		at[row] = i
	}
	slices.SortStableFunc(rows, func(a, b *htmlRow) int {
		return cmp.Or(cmp.Compare(at[a.of], at[b.of]), cmp.Compare(a.fileIndex, b.fileIndex), cmp.Compare(a.index, b.index))
	})
	return rows
}

// shownTotals returns the counts, those of engines that agree together.
func (h *HTML) shownTotals() (totals []htmlTotals) {
	for i := range h.totals.engines {
		e := &h.totals.engines[i]
		n, a := e.outcomes, e.agreements
		t := htmlTotals{e.name, n[replay.Allowed], n[replay.Blocked], n[replay.Undecidable], n[replay.NotSubject], a[replay.Explained], a[replay.Contradicted], a[replay.Silent]}
		if last := len(totals) - 1; last >= 0 {
			same := totals[last]
			if same.Engines = t.Engines; same == t {
				totals[last].Engines += ", " + t.Engines
				continue
			}
		}
		totals = append(totals, t)
	}
	return totals
}

// Finish implements [Sink].
func (h *HTML) Finish() error {
	rows := h.shownRows()
	sections := h.timelines(rows)
	shown := make(map[string]bool)
	for _, row := range rows {
		shown[row.Anchor] = true
	}
	var causes, problems []htmlCause
	linked := func(row *causeRow) htmlCause {
		cause := h.cause(row)
		if !shown[cause.Anchor] {
			cause.Anchor = ""
		}
		return cause
	}
	for _, row := range h.diagnosis.worst() {
		causes = append(causes, linked(row))
	}
	for _, row := range h.diagnosis.causes() {
		if row.rank < rankAllowed && len(problems) < terminalFull {
			problems = append(problems, linked(row))
		}
	}
	h.diagnosis.Assumed, h.diagnosis.Unreadable = len(h.Options.Assumptions) > 0, h.problems.count
	names := shownNames(h.files)
	name := func(file string) string { return names[slices.Index(h.files, file)] }
	sum := sha256.Sum256([]byte(htmlScript))
	page, err := htmlTemplate.Clone()
	if err != nil {
		return err
	}
	return page.Funcs(template.FuncMap{"name": name, "several": func() bool { return len(h.files) > 1 }, "engines": func() int { return len(h.totals.engines) }}).Execute(h.Out, map[string]any{
		"Files": h.files, "Assumptions": h.Options.Assumptions, "Totals": h.shownTotals(), "Sentence": h.diagnosis.Sentence(), "Worst": problems, "Causes": causes[:min(len(causes), unfolded)], "Folded": causes[min(len(causes), unfolded):],
		"Sections": sections, "Left": h.left, "Requests": h.totals.requests, "Preflights": h.totals.preflights, "Unpaired": h.totals.unpaired,
		"Problems": h.problems.list, "ProblemCount": h.problems.count, "Several": len(h.files) > 1, "SeveralEngines": len(h.totals.engines) > 1, "Engines": len(h.totals.engines),
		"Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
		"Script": template.JS(htmlScript), "Style": template.CSS(htmlStyle),
	})
}

// htmlSection is the timeline of the requests of a cause in one recording.
type htmlSection struct {
	Cause      htmlCause
	File       string
	Rows, More []*htmlRow   // More are folded
	Style      template.CSS // how far the ticks are from each other
	Ticks      []htmlTick
}

type htmlTick struct {
	Style template.CSS
	Text  string
}

// timelines places the times of the requests on the scale of each recording.
func (h *HTML) timelines(rows []*htmlRow) (sections []htmlSection) {
	scales := make(map[int]span)
	for _, row := range rows {
		scales[row.fileIndex] = scales[row.fileIndex].with(row.times)
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].fileIndex == rows[0].fileIndex && rows[n].of == rows[0].of {
			n++
		}
		section := htmlSection{Cause: h.cause(rows[0].of), File: rows[0].File, Rows: rows[:n]}
		section.draw(scales[rows[0].fileIndex])
		if n > unfolded {
			section.Rows, section.More = rows[:unfolded], rows[unfolded:n]
		}
		sections = append(sections, section)
		rows = rows[n:]
	}
	return sections
}

// with returns the span from the beginning of the first to the end of the last.
func (s span) with(others []span) span {
	for _, at := range others {
		if s.from.IsZero() || at.from.Before(s.from) {
			s.from = at.from
		}
		if at.to.After(s.to) {
			s.to = at.to
		}
	}
	return s
}

// draw places the requests of a section on a scale.
func (s *htmlSection) draw(scale span) {
	from, to := scale.from, scale.to
	if from.IsZero() {
		return
	}
	whole := max(to.Sub(from), time.Millisecond)
	percent := func(d time.Duration) float64 { return 100 * float64(d) / float64(whole) }
	for _, row := range s.Rows {
		for _, at := range row.times {
			class, name := row.Class, "request"
			if at.preflight {
				class, name = "preflight", "preflight"
			}
			row.Bars = append(row.Bars, htmlBar{
				class, template.CSS(fmt.Sprintf("left:%.2f%%;width:%.2f%%", percent(at.from.Sub(from)), percent(at.to.Sub(at.from)))),
				fmt.Sprintf("%s: from %s, for %s", name, at.from.Sub(from).Round(time.Millisecond), at.to.Sub(at.from).Round(time.Millisecond)),
			})
		}
	}
	step := tickStep(whole)
	s.Style = template.CSS(fmt.Sprintf("--step:%.4f%%", percent(step)))
	for at := time.Duration(0); at <= whole; at += step {
		tick := htmlTick{Style: template.CSS(fmt.Sprintf("left:%.2f%%", percent(at)))}
		if percent(at) < 88 { // behind which there is no room for it
			tick.Text = tickText(at)
		}
		s.Ticks = append(s.Ticks, tick)
	}
}

// tickStep returns a round time of which a few make the whole.
func tickStep(whole time.Duration) time.Duration {
	const most = 4
	for _, unit := range []time.Duration{time.Millisecond, time.Second, time.Minute, time.Hour} {
		for _, n := range []time.Duration{1, 2, 5, 10, 20, 30, 50, 100, 200, 500} {
			// Sixty seconds are a minute, and so on.
			if unit > time.Millisecond && n > 30 {
				break
			}
			if n*unit*most >= whole {
				return n * unit
			}
		}
	}
	day := 24 * time.Hour
	return day * (1 + whole/(most*day))
}

// tickText writes a round time in its largest unit.
func tickText(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}
