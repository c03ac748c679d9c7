package report

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/weburl"
)

// maxCauses bounds the rows of a diagnosis that are kept, and maxServers the servers that a row counts.
const (
	maxCauses  = 1000 // of each rank
	maxServers = 1000
	maxMethod  = 20 // columns of the method of a row's first request, and maxPath of its path
	maxPath    = 60
)

// A Diagnosis is what recordings come to as people are told it: a sentence, and a row for each
// cause, server and page, the worst first. It has the words of explain.
type Diagnosis struct {
	// Assumed: the verdicts are about something else than what was recorded.
	Assumed bool
	// Unreadable counts the entries that could not be read.
	Unreadable int
	// withAllowed and withExempt: there are rows for what is allowed, and not subject to CORS, as well.
	withAllowed, withExempt bool
	// anchor is of the result that is added, in a page.
	anchor string

	requests, subject, allowed, blocked, asks, undecidable, failed, contradicted int
	exempt                                                                       map[replay.Exemption]int
	engines                                                                      int

	rows  []*causeRow
	byKey map[causeKey]*causeRow
	kept  [rankNotSubject + 1]int // rows of each rank
	// explained are the rows of what is explained alike.
	explained map[alike]*causeRow
	seed      maphash.Seed
	more      int // requests of rows that were not kept
}

// A causeKey is what the requests of a row have in common.
type causeKey struct {
	rank         int
	cause        string // explain's id, or what is missing
	preflight    bool
	server, page string
	engines      string // those that come to it, where not all do
}

// A causeRow is a row: requests that come to the same for the same cause.
type causeRow struct {
	causeKey
	outcome     replay.Outcome
	failed      bool   // for another reason than CORS
	title       string // in a few words
	explanation *explain.Explanation
	remedy      string // where there is no explanation
	count       int
	first       string // entry, with its file where there are several
	anchor      string // of it, in a page
	servers     map[string]bool
}

// Ranks of the rows, the worst first.
const (
	rankContradicted = iota
	rankBlocked
	rankAsks
	rankFailed
	rankUndecidable
	rankAllowed
	rankNotSubject
)

// Add adds a result of a recording; the file is named where there are several.
func (d *Diagnosis) Add(r *replay.Result, o *Options) { d.add(r, o) }

// add is Add. It returns the row of the worst that is said of the result, nil where none was kept, and whether
// the result is the first of any row.
func (d *Diagnosis) add(r *replay.Result, o *Options) (of *causeRow, first bool) {
	d.requests++
	d.engines = len(r.Verdicts)
	o = o.about(r)
	place := o.clean(cut(r.Exchange.Request.Method, maxMethod)+" "+cutMiddle(pathOf(Endpoint(r.Exchange.Request.URL)), maxPath)) + ", " + r.Exchange.Entry
	if o.File != "" {
		place += " of " + o.File
	}
	worst := replay.NotSubject
	for _, f := range findings(r, d.withExempt) {
		row, isFirst := d.addFinding(r, &f, o, place)
		first = first || isFirst
		if of == nil || row != nil && row.rank < of.rank {
			of = row
		}
		if rank(f.outcome, false) < rank(worst, false) {
			worst = f.outcome
		}
	}
	if r.Contradicted() {
		d.contradicted++
	}
	if r.Happened == replay.FailedOtherwise {
		row, isFirst := d.addFailed(r, o, place)
		first = first || isFirst
		if of == nil || row != nil && row.rank < of.rank {
			of = row
		}
	}
	switch worst {
	case replay.NotSubject:
		if len(r.Verdicts) > 0 {
			if d.exempt == nil {
				d.exempt = make(map[replay.Exemption]int)
			}
			d.exempt[r.Verdicts[0].Exempt]++
		}
		return of, first
	case replay.Allowed:
		d.allowed++
	case replay.Blocked:
		d.blocked++
	case replay.Asks:
		d.asks++
	case replay.Undecidable:
		d.undecidable++
	}
	d.subject++
	return of, first
}

// addFinding adds what some engines say of a request.
func (d *Diagnosis) addFinding(r *replay.Result, f *finding, o *Options, first string) (row *causeRow, isFirst bool) {
	key := causeKey{server: serverOf(r, o), page: o.brief(r.Page)}
	if len(f.engines) < len(r.Verdicts) {
		key.engines = strings.Join(f.engines, ", ")
	}
	made := causeRow{outcome: f.outcome, first: first}
	switch {
	case f.contradicted:
		key.rank, key.cause, made.title = rankContradicted, "contradicted", "The recording contradicts what this program says: "+o.brief(told(r.Exchange))
		made.remedy = "This is a mistake of this program, or the recording was changed: please report it, with a copy that --redact writes."
	case f.outcome == replay.Blocked || f.outcome == replay.Asks:
		alike := d.alikeAs(r, f.verdict, key)
		if row := d.explained[alike]; row != nil {
			row.count++
			return row, false
		}
		defer func() {
			if row != nil && len(d.explained) < maxAlike {
				d.explained[alike] = row
			}
		}()
		key.rank, key.preflight = rankBlocked, f.verdict.Err.Preflight
		if f.outcome == replay.Asks {
			key.rank = rankAsks
		}
		x := explainResult(r, f.verdict)
		for i := range x.Causes {
			x.Causes[i] = x.Causes[i].Map(o.brief)
		}
		key.cause, made.title, made.explanation = x.Causes[0].ID, x.Causes[0].Title(), x
	case f.outcome == replay.Undecidable:
		// Of many servers, for want of the same.
		key.rank, key.cause, key.server, key.page = rankUndecidable, o.brief(f.reason), "", ""
		made.title, made.remedy = "The recording does not tell: "+key.cause, lacks(f.verdict.Missing)
	case f.outcome == replay.Allowed && !d.withAllowed:
		return nil, false
	case f.outcome == replay.NotSubject:
		key.rank, key.cause, made.title = rankNotSubject, f.reason, "CORS has no say: "+f.reason
	default:
		key.rank, made.title = rankAllowed, "The page gets what it asked for"
	}
	return d.count(key, &made, serverOf(r, o))
}

// An alike is what explanations are made of, so that each is made once.
type alike struct {
	server, page, engines string
	reason                cors.Reason
	preflight             bool
	exchange              uint64
}

// maxAlike bounds the explanations that are remembered.
const maxAlike = 4096

// alikeAs returns what the explanation of a verdict depends on: all of the exchange but what differs from response to
// response.
func (d *Diagnosis) alikeAs(r *replay.Result, v *replay.Verdict, key causeKey) alike {
	if d.explained == nil {
		d.explained, d.seed = make(map[alike]*causeRow), maphash.MakeSeed()
	}
	x := r.Exchange
	if v.Err.Preflight && r.Preflight != nil {
		x = r.Preflight
	}
	var h maphash.Hash
	h.SetSeed(d.seed)
	say := func(texts ...string) {
		for _, text := range texts {
			h.WriteString(text)
			h.WriteByte(0)
		}
	}
	say(r.Exchange.Request.Method, x.Page.URL, strconv.FormatBool(r.CachedFrom != ""), itoa(x.Response.Status), r.Origin, r.Credentials.String(), v.Err.Subject)
	say(r.AuthorHeaders...)
	for _, failure := range v.Err.All() {
		say(failure.Reason.String())
	}
	for _, line := range x.Response.Headers {
		if !varies[line.Name] {
			say(line.Name, line.Value)
		}
	}
	return alike{strings.Clone(key.server), strings.Clone(key.page), key.engines, v.Err.Reason, v.Err.Preflight, h.Sum64()}
}

// varies are response headers of which no explanation depends on the value.
var varies = map[string]bool{
	"date": true, "age": true, "expires": true, "last-modified": true, "etag": true, "set-cookie": true, "content-length": true,
	"x-request-id": true, "x-correlation-id": true, "x-trace-id": true, "traceparent": true, "x-runtime": true, "server-timing": true,
	"x-response-time": true, "report-to": true, "nel": true, "cf-ray": true, "x-amz-request-id": true, "x-amz-id-2": true, "x-amz-cf-id": true,
}

// addFailed adds what failed for another reason than CORS, where the recorder's word for it is known.
func (d *Diagnosis) addFailed(r *replay.Result, o *Options, first string) (*causeRow, bool) {
	cause, ok := explain.NetError(r.Exchange.Error, r.Exchange.Request.URL, r.Page)
	if !ok {
		return nil, false
	}
	d.failed++
	x := &explain.Explanation{Causes: []explain.Cause{cause.Map(o.brief)}}
	key := causeKey{rank: rankFailed, cause: cause.ID, server: serverOf(r, o), page: o.brief(r.Page)}
	return d.count(key, &causeRow{failed: true, title: o.brief(r.Exchange.Error) + ": " + x.Causes[0].Title(), explanation: x, first: first}, key.server)
}

// count counts a request into its row, which is made at its first. It returns the row, nil where it was not kept.
func (d *Diagnosis) count(key causeKey, made *causeRow, server string) (row *causeRow, first bool) {
	row = d.byKey[key]
	if row == nil {
		if d.kept[key.rank] == maxCauses {
			d.more++
			return nil, false
		}
		d.kept[key.rank]++
		first = true
		if d.byKey == nil {
			d.byKey = make(map[causeKey]*causeRow)
		}
		row = made
		row.causeKey, row.servers, row.anchor = key, make(map[string]bool), d.anchor
		d.byKey[key] = row
		d.rows = append(d.rows, row)
	}
	row.count++
	if len(row.servers) < maxServers {
		row.servers[server] = true
	}
	return row, first
}

// serverOf returns the origin of a request's URL.
func serverOf(r *replay.Result, o *Options) string {
	if u, err := weburl.Parse(r.Exchange.Request.URL); err == nil && u.IsHTTP() {
		return o.clean(u.Origin().String())
	}
	return o.clean(cutMiddle(r.Exchange.Request.URL, maxWord))
}

// explainResult explains a verdict by the exchange that it is about.
func explainResult(r *replay.Result, v *replay.Verdict) *explain.Explanation {
	x := r.Exchange
	if v.Err.Preflight && r.Preflight != nil {
		x = r.Preflight
	}
	asked := &cors.Request{
		Origin: r.Origin, Method: r.Exchange.Request.Method, IncludeCredentials: r.Credentials == replay.CredentialsIncluded,
	}
	if r.Exchange.IsPreflight() {
		asked.Method, _ = r.Exchange.Request.Headers.Get("access-control-request-method")
	}
	for _, name := range r.AuthorHeaders {
		value, _ := r.Exchange.Request.Headers.Get(name)
		asked.Headers = append(asked.Headers, headers.Header{Name: name, Value: value})
	}
	known := explain.Exchange{Page: x.Page.URL, CachedFrom: r.CachedFrom}
	if x.Response.HasResponse && !x.Fidelity.Has(record.ResponseHeadersMissing) {
		known.Response = append(headers.List{}, x.Response.Headers...)
	}
	return explain.Explain(v.Err, asked, known)
}

// remedies say how to get what a recording lacks.
var remedies = map[replay.Missing]string{
	replay.CredentialsMode:   "Whether cookies and logins were included, recorders do not write: --credentials include or omit says it.",
	replay.CookiesRemoved:    "Record again with sensitive data, or say it by --credentials include or omit; --redact then makes a copy that can be shared.",
	replay.PageOrigin:        "Say where the page is by --origin, or record in the browser that shows it.",
	replay.Preflight:         "Record where preflights are kept: in the DevTools of Chromium or Firefox, or with a proxy.",
	replay.PreflightResponse: "The answer to the preflight is not in the recording: ask the server by simulate check.",
	replay.Response:          "No answer is in the recording. Look at the console for why, or ask the server by simulate check.",
	replay.ResponseHeaders:   "Record again with all headers.",
	replay.RequestHeaders:    "Record again with all headers.",
	replay.Repeats:           "Record again with a recorder that keeps repeated headers apart, such as the DevTools of Chromium or Firefox.",
	replay.RedactedValues:    "Record again, and let --redact make the copy: it keeps what decides.",
	replay.URL:               "The recording has something else in place of the URL: record again.",
	replay.Request:           "Say what was asked by --url, -X and -H.",
	replay.RequestMode:       "Record in a browser that sends Sec-Fetch-Mode, as all do to https servers since 2023.",
	replay.PageAddress:       "Record from the page's own document on, with addresses (serverIPAddress).",
}

// lacks says how to get what is missing, of several things the first.
func lacks(m replay.Missing) string {
	for one := range m.All() {
		return remedies[one]
	}
	return ""
}

// Sentence is what it all comes to.
func (d *Diagnosis) Sentence() string {
	if d.requests == 0 && d.Unreadable == 0 {
		return "There are no requests in it."
	}
	is := "is"
	if d.Assumed {
		is = "would be"
	}
	are := func(n int) string {
		if n != 1 && !d.Assumed {
			return "are"
		}
		return is
	}
	var b strings.Builder
	switch {
	case d.requests == 0:
		b.WriteString("No request could be read.")
	case d.subject == 0:
		fmt.Fprintf(&b, "CORS has no say in %s: %s.", plural(d.requests, "request", "requests"), d.exemptions())
	case d.blocked > 0:
		fmt.Fprintf(&b, "%d of %s that CORS decides %s blocked.", d.blocked, plural(d.subject, "request", "requests"), are(d.blocked))
	case d.allowed == d.subject:
		fmt.Fprintf(&b, "Nothing %s blocked: CORS allows %s that it decides.", is, all(d.allowed))
	default:
		fmt.Fprintf(&b, "Nothing %s blocked for certain: of %s that CORS decides, %d %s allowed.", is, plural(d.subject, "request", "requests"), d.allowed, are(d.allowed))
	}
	say := func(n int, format string) {
		if n > 0 {
			fmt.Fprintf(&b, " "+format, n)
		}
	}
	say(d.asks, "For %d the user is asked first.")
	say(d.undecidable, "%d cannot be decided from the recording.")
	say(d.failed, "%d failed for another reason.")
	say(d.contradicted, "The recording contradicts %d.")
	if d.Unreadable > 0 {
		fmt.Fprintf(&b, " %s could not be read.", plural(d.Unreadable, "entry", "entries"))
	}
	return b.String()
}

// all says all of n requests.
func all(n int) string {
	if n == 1 {
		return "the one request"
	}
	return fmt.Sprintf("all %d requests", n)
}

// exemptions says what is not subject to CORS, the commonest first.
func (d *Diagnosis) exemptions() string {
	kinds := make([]replay.Exemption, 0, len(d.exempt))
	for x := range d.exempt {
		kinds = append(kinds, x)
	}
	slices.SortFunc(kinds, func(a, b replay.Exemption) int {
		return cmp.Or(cmp.Compare(d.exempt[b], d.exempt[a]), cmp.Compare(a, b))
	})
	texts := make([]string, len(kinds))
	for i, x := range kinds {
		texts[i] = fmt.Sprintf("%d %s", d.exempt[x], x.Text())
	}
	return strings.Join(texts, ", ")
}

// Worst returns the rows, the worst first: by rank, and then the largest.
func (d *Diagnosis) worst() []*causeRow {
	slices.SortStableFunc(d.rows, func(a, b *causeRow) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.count, a.count))
	})
	return d.rows
}

// causes returns the rows of a cause as one, with the servers of all: that of the largest, the worst first.
func (d *Diagnosis) causes() (merged []*causeRow) {
	byCause := make(map[causeKey]*causeRow)
	for _, row := range d.worst() {
		key := causeKey{rank: row.rank, cause: row.cause, preflight: row.preflight, engines: row.engines}
		whole := byCause[key]
		if whole == nil {
			copied := *row
			copied.servers = maps.Clone(row.servers)
			byCause[key] = &copied
			merged = append(merged, &copied)
			continue
		}
		whole.count += row.count
		if whole.server != row.server {
			whole.server = ""
		}
		if whole.page != row.page {
			whole.page = ""
		}
		for server := range row.servers {
			if len(whole.servers) < maxServers {
				whole.servers[server] = true
			}
		}
	}
	slices.SortStableFunc(merged, func(a, b *causeRow) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.count, a.count))
	})
	return merged
}

// verdict is what a row comes to, in a word or two.
func (c *causeRow) verdict() string {
	switch {
	case c.rank == rankContradicted:
		return "contradicted"
	case c.failed:
		return "failed"
	case c.preflight:
		return outcomeText(c.outcome) + " by its preflight"
	}
	return outcomeText(c.outcome)
}

// where says which server and page a row is about, and in which browsers; the page unless it is the one that
// all are about.
func (c *causeRow) where(page string) string {
	where := c.server
	switch {
	case where == "" && len(c.servers) == 1:
		for server := range c.servers {
			where = server
		}
	case where == "":
		where = plural(len(c.servers), "server", "servers")
		if len(c.servers) == maxServers {
			where = "more than " + where
		}
	}
	if c.page != "" && c.page != page {
		where += ", asked by " + c.page
	}
	if c.engines != "" {
		where += ", in " + c.engines
	}
	return where
}

// commonPage returns the page that all requests of the rows come from, "" where there are several.
func (d *Diagnosis) commonPage() (page string) {
	for _, row := range d.rows {
		switch {
		case row.page == "" || row.page == page:
		case page == "":
			page = row.page
		default:
			return ""
		}
	}
	return page
}

// told returns what people are told of a row, in lines: why, and what to do for whom.
func (c *causeRow) told(g *explain.Glossary, all bool) []string {
	if c.explanation == nil {
		return []string{c.title + ".", c.remedy}
	}
	lines := c.explanation.Told(g, all)
	switch x := c.explanation; {
	case !all:
		lines = lines[:min(len(lines), 2)] // why, and what to do
	case x.Rule != "":
		lines = append(lines, "The rule: "+x.Rule+". "+x.Anchor+" "+x.MDN)
	}
	return lines
}

// How much a terminal is told unless everything is asked for: as much as is seen at once.
const (
	terminalLines = 25
	terminalFull  = 3 // rows that are explained
)

// A DiagnosisView says how a diagnosis is printed.
type DiagnosisView struct {
	Width    int  // columns; 0 means 72
	Terminal bool // somebody reads it as it is printed: rows are cut, and no more than fit on a screen
	All      bool // explain every row, with all that it may be
	Color    bool // verdicts in ANSI's colours
}

// Print writes the sentence and the rows: the first of them with why and what to do, the others in a
// line each.
func (d *Diagnosis) Print(w io.Writer, v DiagnosisView) {
	width := atLeast(v.Width)
	p := &diagnosisPrinter{w: w}
	page, sentence := d.commonPage(), d.Sentence()
	if page != "" {
		sentence += " The page is " + page + "."
	}
	p.say(wrap(sentence, 0, width, min(maxWord, width)))
	glossary := new(explain.Glossary)
	rows := d.causes()
	for i, row := range rows {
		block := row.lines(&v, page, width)
		if i < terminalFull || v.All {
			block = row.block(&v, page, width, glossary)
		}
		if v.Terminal && !v.All && i > 0 && p.lines+height(block)+2 > terminalLines {
			p.say(fmt.Sprintf("… and %s", plural(len(rows)-i, "cause more", "causes more")))
			break
		}
		if i == terminalFull && !v.All && !v.Terminal {
			p.say("")
		}
		p.say(block...)
	}
	if d.more > 0 {
		p.say(fmt.Sprintf("… and %s for further causes", plural(d.more, "request", "requests")))
	}
	if v.Terminal && len(rows) > 0 && !v.All {
		p.say(wrap("-v explains every cause, --list shows every request, --html FILE writes a page of it", 0, width, width))
	}
}

// block returns a row with why and what to do.
func (c *causeRow) block(v *DiagnosisView, page string, width int, g *explain.Glossary) []string {
	head := fmt.Sprintf("%d × %s at %s (%s)", c.count, c.verdict(), c.where(page), countFrom(c.first, c.count))
	block := []string{v.paint(c, wrap(head, 0, width, min(maxWord, width)))}
	if v.All || !v.Terminal {
		block = append([]string{""}, block...)
	}
	for _, line := range c.told(g, v.All) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		block = append(block, wrap(cutMiddle(line, maxExplained), 4+indent, width, min(maxWord, width-4-indent)))
	}
	return block
}

// lines returns a row in one line.
func (c *causeRow) lines(v *DiagnosisView, page string, width int) []string {
	line := fmt.Sprintf("%d × %s at %s: %s (%s)", c.count, c.verdict(), c.where(page), c.title, countFrom(c.first, c.count))
	if v.Terminal {
		line = cut(line, width)
	}
	return []string{v.paint(c, line)}
}

// A diagnosisPrinter counts the lines that it has written.
type diagnosisPrinter struct {
	w     io.Writer
	lines int
}

func (p *diagnosisPrinter) say(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(p.w, line)
	}
	p.lines += height(lines)
}

// height returns how many lines of a terminal lines take, each of which may be several.
func height(lines []string) (n int) {
	for _, line := range lines {
		n += 1 + strings.Count(line, "\n")
	}
	return n
}

// paint colours the verdict in a line about a row.
func (v *DiagnosisView) paint(row *causeRow, line string) string {
	color := colors[row.outcome]
	if row.rank == rankContradicted {
		color = "\x1b[35m"
	}
	if !v.Color || color == "" || row.failed {
		return line
	}
	return strings.Replace(line, row.verdict(), color+row.verdict()+"\x1b[0m", 1)
}

// countFrom names the first of a number of entries.
func countFrom(first string, count int) string {
	if count > 1 {
		return fmt.Sprintf("%s and %d more", first, count-1)
	}
	return first
}

// maxExplained bounds a line of an explanation, in columns, and maxWord a word in it: a
// header may have any length.
const (
	maxExplained = 600
	maxWord      = 120
)
