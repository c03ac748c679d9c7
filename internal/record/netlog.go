package record

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// A Decision is what a browser itself decided about a request, which only NetLogs
// record.
type Decision uint8

// The decisions, which may be combined.
const (
	// PreflightRequired: the request needs a preflight.
	PreflightRequired Decision = 1 << iota
	// PreflightNotRequired: it needs none.
	PreflightNotRequired
	// PreflightCached: the preflight cache allowed it.
	PreflightCached
	// CredentialsIncluded: cookies of the response would be stored.
	CredentialsIncluded
	// CredentialsNotIncluded: they would not.
	CredentialsNotIncluded
)

// netLogReader reads a NetLog of Chromium: events, each of a source, and among
// the sources requests. What belongs to one request is spread over the file; so
// requests are held until they are over.
//
// https://www.chromium.org/developers/design-documents/network-stack/netlog/
type netLogReader struct {
	c   collector
	log **Log

	begun, inEvents bool
	hadEvents       bool
	ended           bool                 // the closing brace was read
	names           [3]map[string]string // by number: events, phases, errors
	offset          int64                // from the ticks of the events to milliseconds of Unix time

	sources map[string]*netLogSource
	hops    []*netLogHop // in the order in which they began
	bytes   int          // of the hops
}

// Bounds on the requests that are not over. Those that began first are taken to
// be over where there are more.
const (
	maxHops     = 8192
	maxHopBytes = 32 << 20
)

// Bounds on what is kept besides. Those of Chromium are far below.
const (
	maxSources   = 2 * maxHops // of preflights that are announced too
	maxNames     = 10_000
	maxNameBytes = 256 // of a name with its number, and of the number of a source
)

// netLogSource is one source that is a request. Each redirect begins another hop.
type netLogSource struct {
	id   string
	hop  *netLogHop
	hops int
	of   string // of a preflight: the ID of the request that it is for
}

// netLogHop is a request and its response.
type netLogHop struct {
	e          *Exchange
	source     string
	started    bool // its job was
	redirected bool
	done       bool
	latest     time.Time
}

// Kinds of names.
const (
	netLogEvents = iota
	netLogPhases
	netLogErrors
)

var netLogEventNode = node{shape: object, members: []node{
	{name: "params", field: fParams, shape: object, members: []node{
		{name: "url", field: fURL},
		{name: "method", field: fMethod},
		{name: "line", field: fLine},
		{name: "headers", field: fRequestHeaders, shape: headList},
		{name: "request_headers", field: fRequest, shape: object, members: []node{
			{name: "line", field: fLine},
			{name: "headers", field: fRequestHeaders, shape: headList},
		}},
		{name: "initiator", field: fPageURL},
		{name: "load_flags", field: fLoadFlags},
		{name: "request_type", field: fResourceType},
		{name: "upload_id", field: fPostData},
		{name: "net_error", field: fNetError},
		{name: "error", field: fError},
		{name: "preflight_required", field: fPreflightRequired},
		{name: "status", field: fStatus},
		{name: "location", field: fRedirectURL},
		{name: "source_dependency", field: fResponse, shape: object, members: []node{{name: "id", field: fInitiatorID}}},
	}},
	{name: "phase", field: fPhase},
	{name: "source", field: fContent, shape: object, members: []node{{name: "id", field: fID}}},
	{name: "time", field: fTime},
	{name: "type", field: fInitiatorType},
}}

// netLogEvent is one event, as far as it is wanted.
type netLogEvent struct {
	kind, source, phase string
	text                map[field]string
	lines               []string // of headers
	line, offset        int64
	time                float64
	problem             string
}

func (n *netLogReader) next(index int) (Raw, error) {
	c := &n.c
	for c.err == nil {
		if raw, ok := n.ready(index, false); ok {
			return raw, nil
		}
		switch {
		case !n.begun:
			b, ok := c.need()
			if !ok {
				continue
			}
			if b != '{' {
				return Raw{}, &FormatError{"the input does not begin with an object, but with " + kindOf(b) + ": not a NetLog"}
			}
			c.pos++
			n.begun = true
			n.sources = make(map[string]*netLogSource)
			*n.log = &Log{Creator: netLogCreator, Browser: "Chromium"}
		case n.ended:
			if _, ok := c.next(); ok {
				c.fail("want the end of the file")
			} else if c.err == nil {
				return Raw{}, c.atEnd()
			}
		case n.inEvents:
			b, ok := c.element()
			if !ok {
				n.inEvents = false
				if c.err == nil {
					n.finish()
				}
				continue
			}
			if b != '{' {
				c.skip()
				continue
			}
			n.event()
		default:
			name, ok := c.member()
			if !ok {
				n.finish()
				if n.ended = true; !n.hadEvents && c.err == nil {
					return Raw{}, &FormatError{"the input is JSON without the constants and events of a NetLog"}
				}
				continue
			}
			b, ok := c.need()
			switch {
			case !ok:
			case string(name) == "constants" && b == '{':
				c.pos++
				n.constants()
			case string(name) == "events" && b == '[':
				if n.names[netLogEvents] == nil {
					return Raw{}, &FormatError{"the NetLog has no constants before its events, so that nobody knows what they mean"}
				}
				c.pos++
				n.inEvents, n.hadEvents = true, true
			default:
				c.skip()
			}
		}
	}
	// A NetLog of a browser that did not end is cut off: what it holds is read.
	if raw, ok := n.ready(index, true); ok {
		return raw, nil
	}
	return Raw{}, c.err
}

// netLogCreator is [Log.Creator] of a NetLog, which does not say.
const netLogCreator = "NetLog"

// constants reads the names of the numbers that follow.
func (n *netLogReader) constants() {
	c := &n.c
	for {
		name, ok := c.member()
		if !ok {
			return
		}
		kind := -1
		switch string(name) {
		case "logEventTypes":
			kind = netLogEvents
		case "logEventPhase":
			kind = netLogPhases
		case "netError":
			kind = netLogErrors
		case "timeTickOffset":
			c.reset()
			if c.value(&node{field: fTime}) {
				it, _ := nextItem(string(c.items))
				n.offset, _ = it.integer()
			}
			continue
		case "clientInfo":
			c.reset()
			if c.value(&productNode) {
				h := harReader{c: n.c}
				log := **n.log
				log.BrowserVersion = h.product().version
				*n.log = &log
			}
			continue
		}
		b, ok := c.need()
		if !ok {
			return
		}
		if kind < 0 || b != '{' {
			if !c.skip() {
				return
			}
			continue
		}
		c.pos++
		n.names[kind] = make(map[string]string)
		for {
			name, ok := c.member()
			if !ok {
				break
			}
			text := string(name)
			c.reset()
			if !c.value(&node{field: fTime}) {
				return
			}
			it, _ := nextItem(string(c.items))
			if number, ok := it.text(); ok && len(n.names[kind]) < maxNames && len(text)+len(number) <= maxNameBytes {
				n.names[kind][strings.Clone(number)] = text
			}
		}
	}
}

// event reads an event, whose brace is the next byte, and gives it to its source. Each
// member is read by itself, so that one that is too large leaves the others.
func (n *netLogReader) event() {
	c := &n.c
	ev := netLogEvent{offset: c.offset(), line: c.line(), text: make(map[field]string)}
	c.pos++
	for {
		name, ok := c.member()
		if !ok {
			break
		}
		c.reset()
		if !c.value(netLogEventNode.lookup(name)) {
			break
		}
		if c.tooBig != noField {
			ev.problem = "has an event larger than " + strconv.Itoa(MaxEntryBytes>>20) + " MiB"
			continue
		}
		ev.member(string(c.items))
	}
	if c.err != nil {
		return
	}
	ev.kind = n.names[netLogEvents][ev.text[fInitiatorType]]
	ev.phase = n.names[netLogPhases][ev.text[fPhase]]
	ev.source = ev.text[fID]
	if ev.source != "" && len(ev.source) <= maxNameBytes && ev.kind != "" {
		n.take(&ev)
	}
}

// member takes what is wanted of one member.
func (ev *netLogEvent) member(items string) {
	for items != "" {
		var it item
		it, items = nextItem(items)
		s, ok := it.text()
		switch {
		case it.field == fRequestHeader && ok:
			ev.lines = append(ev.lines, strings.Clone(s))
		case it.field == fTime:
			ev.time, _ = it.number()
		case ok:
			ev.text[it.field] = strings.Clone(s)
		}
	}
}

func (n *netLogReader) take(ev *netLogEvent) {
	s := n.sources[ev.source]
	begin := ev.phase == "PHASE_BEGIN"
	switch {
	case ev.kind == "CORS_REQUEST" && begin, ev.kind == "URL_REQUEST_START_JOB" && begin:
		if s == nil {
			s = &netLogSource{id: ev.source}
			n.sources[ev.source] = s
		}
		if s.hop == nil || s.hop.redirected || s.hop.started && ev.kind == "CORS_REQUEST" {
			n.begin(s, ev)
		}
	case s == nil || s.hop == nil:
		return
	case ev.kind == "CHECK_CORS_PREFLIGHT_REQUIRED" && s.hop.leads():
		// What is decided about a preflight now is about the next hop, whose job
		// begins once that has passed.
		s.hop.redirected = true
		n.beginNext(s, ev)
	}
	h := s.hop
	e := h.e
	before := cost(e)
	h.latest = n.at(ev)
	if ev.problem != "" {
		e.problem = ev.problem
	}
	switch ev.kind {
	case "CORS_REQUEST":
		if begin {
			e.Request.URL = ev.text[fURL]
			e.Request.Method, _, _ = strings.Cut(ev.text[fLine], " ")
			setNetLogHead(e, ev, false)
		}
	case "URL_REQUEST_START_JOB":
		if begin {
			h.start(ev)
		}
		n.failed(h, ev)
	case "CHECK_CORS_PREFLIGHT_REQUIRED":
		e.Decision |= PreflightNotRequired
		if ev.text[fPreflightRequired] == "true" {
			e.Decision ^= PreflightRequired | PreflightNotRequired
		}
	case "CHECK_CORS_PREFLIGHT_CACHE":
		if ev.text[fStatus] == "hit-and-pass" {
			e.Decision |= PreflightCached
		}
	case "CORS_PREFLIGHT_URL_REQUEST":
		id := ev.text[fInitiatorID]
		if n.sources[id] == nil && len(n.sources) < maxSources && len(id) <= maxNameBytes {
			n.sources[id] = &netLogSource{id: id}
		}
		if preflight := n.sources[id]; preflight != nil {
			preflight.preflightOf(e.ID)
		}
	case "CORS_PREFLIGHT_ERROR":
		e.Error = "net::ERR_FAILED"
		if name := ev.text[fError]; strings.HasPrefix(name, "ERR_") {
			e.Error = "net::" + name
		}
	case "HTTP_TRANSACTION_SEND_REQUEST_HEADERS", "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS", "HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS":
		setNetLogHead(e, ev, false)
	case "HTTP_TRANSACTION_READ_RESPONSE_HEADERS":
		setNetLogHead(e, ev, true)
	case "HTTP_CACHE_CALLER_REQUEST_HEADERS":
		// What the cache answers has this in place of the other two.
	case "HTTP_CACHE_READ_DATA":
		e.FromCache = e.FromCache || e.Response.Status == 0
	case "URL_REQUEST_REDIRECTED":
		if h.started {
			h.redirected = true
			e.Response.RedirectURL = ev.text[fRedirectURL]
		}
	case "FAILED":
		n.failed(h, ev)
	case "CANCELLED":
		e.Cancelled = true
		n.failed(h, ev)
	case "REQUEST_ALIVE":
		if ev.phase == "PHASE_END" {
			n.failed(h, ev)
			delete(n.sources, s.id)
			h.done = true
		}
	}
	n.bytes += cost(e) - before
}

// begin begins another hop of a source.
func (n *netLogReader) begin(s *netLogSource, ev *netLogEvent) {
	e := &Exchange{
		Entry: "source " + s.id, Offset: ev.offset, Line: ev.line, ID: s.id, Started: n.at(ev), RequestFirst: true,
		Request: Request{BodySize: -1, BodyKnown: true}, Response: Response{BodySize: -1},
	}
	if s.hops > 0 {
		// A request of the same source that comes after a redirect.
		e.ID += "." + strconv.Itoa(s.hops)
		s.hop.done = true
	}
	if s.hops++; s.of != "" {
		e.Initiator, e.InitiatorID, e.ResourceType = "preflight", s.of, "preflight"
	}
	s.hop = &netLogHop{e: e, source: s.id}
	n.hops = append(n.hops, s.hop)
	n.bytes += cost(e)
}

// beginNext begins the hop that a redirect leads to, before its job has told what
// it is, which it never does if the preflight fails.
func (n *netLogReader) beginNext(s *netLogSource, ev *netLogEvent) {
	was := s.hop.e
	n.begin(s, ev)
	e := s.hop.e
	e.Page, e.APIRequest = was.Page, was.APIRequest
	e.Request.URL, e.Request.Method = was.Request.URL, was.Request.Method
	location, _ := was.Response.Headers.Get("location")
	if base, err := url.Parse(was.Request.URL); err == nil {
		if u, err := base.Parse(location); err == nil {
			e.Request.URL = u.String()
		}
	}
	// https://fetch.spec.whatwg.org/#http-redirect-fetch
	switch method, status := was.Request.Method, was.Response.Status; {
	case (status == 301 || status == 302) && method == "POST", status == 303 && method != "GET" && method != "HEAD":
		e.Request.Method = "GET"
	}
}

// leads reports whether a response has come that redirects.
func (h *netLogHop) leads() bool {
	switch h.e.Response.Status {
	case 301, 302, 303, 307, 308:
		return h.started && h.e.Response.Headers.Contains("location")
	}
	return false
}

func (s *netLogSource) preflightOf(id string) {
	s.of = id
	if s.hop != nil {
		s.hop.e.Initiator, s.hop.e.InitiatorID, s.hop.e.ResourceType = "preflight", id, "preflight"
	}
}

// start takes what the beginning of a job says.
func (h *netLogHop) start(ev *netLogEvent) {
	h.started = true
	e := h.e
	e.Request.URL, e.Request.Method = ev.text[fURL], ev.text[fMethod]
	kind := ev.text[fResourceType]
	navigation := kind == "main frame" || kind == "subframe"
	if navigation {
		e.ResourceType = "document" // as DevTools calls it
	}
	if initiator := ev.text[fPageURL]; isHTTPURL(initiator) {
		e.Page.URL = initiator
	} else if initiator != "" && initiator != "null" && !navigation {
		e.APIRequest = true // the browser's own
	}
	_, e.Request.HasBody = ev.text[fPostData]
	// LOAD_DO_NOT_SAVE_COOKIES of net/base/load_flags_list.h.
	const doNotSaveCookies = 1 << 6
	if flags, err := strconv.ParseUint(ev.text[fLoadFlags], 10, 32); err == nil {
		e.Decision &^= CredentialsIncluded | CredentialsNotIncluded
		if flags&doNotSaveCookies != 0 {
			e.Decision |= CredentialsNotIncluded
		} else {
			e.Decision |= CredentialsIncluded
		}
	}
}

// failed takes the error of an event, if there is one.
func (n *netLogReader) failed(h *netLogHop, ev *netLogEvent) {
	code := ev.text[fNetError]
	if name := n.names[netLogErrors][code]; name != "" && code != "0" {
		h.e.Error = "net::" + name
	} else if code != "" && code != "0" {
		h.e.Error = "net error " + code
	}
}

func (n *netLogReader) at(ev *netLogEvent) time.Time {
	const most = 1 << 52
	ms := ev.time + float64(n.offset)
	if !(ms > 0 && ms < most) {
		return time.Time{}
	}
	return time.UnixMicro(int64(ms * 1000)).UTC()
}

// setNetLogHead takes header lines. The first of a response is its status line.
func setNetLogHead(e *Exchange, ev *netLogEvent, response bool) {
	lines := ev.lines
	var list headers.List
	if response {
		if len(lines) == 0 {
			return
		}
		// Chromium leaves the space away where there is no text.
		l, ok := parseStartLine([]byte(strings.TrimRight(lines[0], " ")))
		if !ok || !l.response {
			e.problem = "has a response whose first line (" + length(len(lines[0])) + ") is no status line"
			return
		}
		r := &e.Response
		r.Status, r.StatusText, r.HTTPVersion = l.status, l.statusText, l.version
		lines = lines[1:]
	}
	for _, line := range lines {
		i := strings.IndexByte(line[min(1, len(line)):], ':')
		if i < 0 {
			e.problem = "has a header (" + length(len(line)) + ") that is not \"name: value\""
			return
		}
		name, value := headers.Lower(line[:i+1]), line[i+2:]
		value, unsure := headerBytes(value)
		if unsure {
			e.Fidelity |= BytesUnsure
		}
		// What the capture mode hides: "[20 bytes were stripped]".
		if strings.HasPrefix(headers.Normalize(value), "[") && strings.HasSuffix(value, "stripped]") || Redacted(value) {
			e.Fidelity |= ValuesRedacted
		}
		if name[0] == ':' {
			if !response {
				e.Request.Pseudo.set(name, headers.Normalize(value))
			}
			continue
		}
		appendLines(&list, name, value)
	}
	if response {
		e.Response.Headers = list
	} else {
		e.Request.Headers = list
	}
}

// finish ends all requests: there are no more events.
func (n *netLogReader) finish() {
	for _, h := range n.hops {
		h.done = true
	}
	clear(n.sources)
}

// ready returns the first request if it is over, or all others must wait too long.
func (n *netLogReader) ready(index int, all bool) (Raw, bool) {
	if len(n.hops) == 0 {
		return Raw{}, false
	}
	h := n.hops[0]
	if !h.done && !all && len(n.hops) <= maxHops && n.bytes <= maxHopBytes {
		return Raw{}, false
	}
	n.hops[0] = nil
	n.hops = n.hops[1:]
	e := h.e
	if s := n.sources[h.source]; !h.done && s != nil && s.hop == h {
		delete(n.sources, h.source)
	}
	n.bytes -= cost(e)
	e.Index = index
	if !e.Started.IsZero() && h.latest.After(e.Started) {
		e.Duration = h.latest.Sub(e.Started)
	}
	return e.whole(), true
}

// whole returns an exchange that a reader has put together from events, with what it lacks to be one.
func (e *Exchange) whole() Raw {
	e.conclude()
	problem := e.problem
	switch {
	case problem != "":
	case e.Request.URL == "":
		problem = "has no URL"
	case e.Request.Method == "":
		problem = "has no method"
	}
	return Raw{index: e.Index, entry: e.Entry, offset: e.Offset, line: e.Line, problem: problem, exchange: e}
}
