package record

import (
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// eventReader reads the events of the Chrome DevTools Protocol's Network domain: a list or a line each, as
// automation logs them, also where a driver has put each into a message of its own. What belongs to one
// request is spread over several; so requests are held until they are over, and for a while longer, since
// what was on the wire is told by events that come in any order.
//
// https://chromedevtools.github.io/devtools-protocol/tot/Network/
type eventReader struct {
	c     collector
	log   **Log
	begun bool
	list  bool
	ended bool

	requests map[string]*eventRequest
	hops     []*eventHop // in the order in which they began
	bytes    int
}

// eventsHeld is how many requests that began later are waited for after a request is over.
const eventsHeld = 256

// eventRequest is a request with its redirects.
type eventRequest struct {
	hops []*eventHop
	// What was on the wire, which is told apart: of the nth hop that was sent the nth.
	sent, received []eventHead
}

// eventHop is a request and its response.
type eventHop struct {
	e    *Exchange
	id   string
	done bool
	sent bool    // it is known that there is a head that was on the wire, or one may be
	at   float64 // of its beginning, in seconds of a clock without a date
}

// eventHead are headers as they were on the wire.
type eventHead struct {
	headers headers.List
	status  int
	unsure  bool
}

// networkEvent is an event, as far as it is wanted.
type networkEvent struct {
	method, id   string
	text         map[field]string
	request      headers.List
	response     headers.List
	redirect     bool // the response is that of a redirect
	answered     bool // there is a response
	unsure       bool
	line, offset int64
	problem      string
}

// eventResponseNode is what is wanted of a response.
var eventResponseMembers = []node{
	{name: "status", field: fStatus},
	{name: "statusText", field: fStatusText},
	{name: "headers", field: fResponseHeaders, shape: headList},
	{name: "protocol", field: fResponseVersion},
	{name: "mimeType", field: fMIMEType},
	{name: "remoteIPAddress", field: fServerAddress},
	{name: "fromDiskCache", field: fFromCache},
	{name: "fromPrefetchCache", field: fFromCache},
	{name: "fromServiceWorker", field: fFromServiceWorker},
}

var networkEventNode = node{shape: object, members: []node{
	{name: "method", field: fName},
	{name: "message", field: fTitle},
	{name: "params", field: fParams, shape: object, members: []node{
		{name: "requestId", field: fID},
		{name: "documentURL", field: fPageURL},
		{name: "wallTime", field: fStarted},
		{name: "timestamp", field: fTime},
		{name: "type", field: fResourceType},
		{name: "request", field: fRequest, shape: object, members: []node{
			{name: "method", field: fMethod},
			{name: "url", field: fURL},
			{name: "hasPostData", field: fPostData},
			{name: "headers", field: fRequestHeaders, shape: headList},
		}},
		{name: "initiator", field: fInitiator, shape: object, members: []node{
			{name: "type", field: fInitiatorType},
			{name: "requestId", field: fInitiatorID},
		}},
		{name: "redirectResponse", field: fRedirectURL, shape: object, members: eventResponseMembers},
		{name: "response", field: fResponse, shape: object, members: eventResponseMembers},
		{name: "hasExtraInfo", field: fLine},
		{name: "redirectHasExtraInfo", field: fPhase},
		{name: "headers", field: fRequestHeaders, shape: headList}, // of …ExtraInfo, of either kind
		{name: "statusCode", field: fStatus},
		{name: "errorText", field: fError},
		{name: "canceled", field: fAborted},
		{name: "blockedReason", field: fContentComment},
		{name: "corsErrorStatus", field: fContent, shape: object, members: []node{
			{name: "corsError", field: fCORSError},
			{name: "failedParameter", field: fCORSParameter},
		}},
	}},
}}

func (n *eventReader) next(index int) (Raw, error) {
	c := &n.c
	for c.err == nil {
		if raw, ok := n.ready(index, false); ok {
			return raw, nil
		}
		if n.ended {
			return Raw{}, c.atEnd()
		}
		if !n.begun {
			n.begin()
			continue
		}
		b, ok := n.toEvent()
		switch {
		case !ok && c.err == nil:
			n.ended = true
			n.finish()
		case !ok:
		case b != '{':
			c.skip()
		default:
			n.event()
		}
	}
	// Of what was cut off, what it holds is read.
	if raw, ok := n.ready(index, true); ok {
		return raw, nil
	}
	return Raw{}, c.err
}

func (n *eventReader) begin() {
	n.begun = true
	n.requests = make(map[string]*eventRequest)
	*n.log = &Log{Creator: networkEventsCreator, Browser: "Chromium"}
	if b, ok := n.c.next(); ok && b == '[' {
		n.c.pos++
		n.list = true
	}
}

// networkEventsCreator is [Log.Creator] of events, which do not say.
const networkEventsCreator = "Network events"

// toEvent goes to the next event.
func (n *eventReader) toEvent() (byte, bool) {
	if n.list {
		return n.c.element()
	}
	for {
		b, ok := n.c.next()
		if !ok || b != ',' {
			return b, ok
		}
		n.c.pos++
	}
}

// event reads an event, whose brace is the next byte.
func (n *eventReader) event() {
	c := &n.c
	ev := networkEvent{offset: c.offset(), line: c.line(), text: make(map[field]string)}
	c.pos++
	c.reset()
	if !c.members(&networkEventNode) {
		return
	}
	ev.take(string(c.items))
	if c.tooBig != noField {
		ev.problem = "has an event larger than " + strconv.Itoa(MaxEntryBytes>>20) + " MiB"
	}
	// A driver's log has the event as a text in the text of its message.
	for range 2 {
		inner := ev.text[fTitle]
		if ev.method != "" || !strings.HasPrefix(inner, "{") {
			break
		}
		within := collector{scanner: &scanner{buf: []byte(inner), pos: 1, end: len(inner), srcErr: io.EOF}}
		line, offset := ev.line, ev.offset
		ev = networkEvent{line: line, offset: offset, text: make(map[field]string)}
		if !within.members(&driverNode) {
			return
		}
		ev.take(string(within.items))
	}
	if ev.id != "" && strings.HasPrefix(ev.method, "Network.") {
		n.take(&ev)
	}
}

// driverNode is a driver's message: the event within it.
var driverNode = node{shape: object, members: append([]node{{name: "message", field: fConnection, shape: object, members: networkEventNode.members}}, networkEventNode.members...)}

// take reads the items of an event.
func (ev *networkEvent) take(items string) {
	var name string
	list := &ev.request
	for items != "" {
		var it item
		it, items = nextItem(items)
		s, ok := it.text()
		switch it.field {
		case fRequestHeaders:
			list = &ev.request
		case fResponseHeaders:
			list = &ev.response
		case fRedirectURL:
			ev.redirect, ev.answered = true, true
		case fResponse:
			ev.answered = true
		case fRequestHeaderName, fResponseHeaderName:
			name = headers.Lower(s)
		case fRequestHeaderValue, fResponseHeaderValue:
			value, unsure := headerBytes(s)
			ev.unsure = ev.unsure || unsure
			if name != "" && name[0] != ':' {
				appendLines(list, strings.Clone(name), value)
			}
		case fName:
			ev.method = strings.Clone(s)
		case fID:
			ev.id = strings.Clone(s)
		default:
			if ok {
				ev.text[it.field] = strings.Clone(s)
			}
		}
	}
}

// takes are what is done with the events.
var takes = map[string]func(*eventReader, *networkEvent, *eventRequest){
	"Network.requestWillBeSent": (*eventReader).willBeSent,
	"Network.requestWillBeSentExtraInfo": func(n *eventReader, ev *networkEvent, r *eventRequest) {
		r.sent = append(r.sent, eventHead{headers: ev.request, unsure: ev.unsure})
	},
	"Network.responseReceivedExtraInfo": func(n *eventReader, ev *networkEvent, r *eventRequest) {
		status, _ := strconv.Atoi(ev.text[fStatus])
		r.received = append(r.received, eventHead{ev.request, status, ev.unsure})
	},
	"Network.responseReceived": func(n *eventReader, ev *networkEvent, r *eventRequest) {
		if h := r.last(); h != nil {
			h.answer(ev)
			h.sent = ev.text[fLine] != "false"
		}
	},
	"Network.requestServedFromCache": func(n *eventReader, ev *networkEvent, r *eventRequest) {
		if h := r.last(); h != nil {
			h.e.FromCache, h.sent = true, false
		}
	},
	"Network.loadingFinished": func(n *eventReader, ev *networkEvent, r *eventRequest) { r.end(ev) },
	"Network.loadingFailed": func(n *eventReader, ev *networkEvent, r *eventRequest) {
		h := r.last()
		if h == nil {
			return
		}
		h.e.Error = ev.text[fError]
		h.e.Aborted = ev.text[fAborted] == "true"
		if reason := ev.text[fContentComment]; reason != "" {
			h.e.Error = "net::ERR_BLOCKED_BY_" + strings.ToUpper(strings.ReplaceAll(reason, "-", "_"))
		}
		if code := ev.text[fCORSError]; code != "" {
			h.e.CORSError, h.e.CORSParameter = code, ev.text[fCORSParameter]
			h.e.Error, h.e.Aborted = "net::ERR_FAILED", false
			if strings.HasSuffix(code, "WildcardOriginNotAllowed") || strings.HasSuffix(code, "InvalidAllowCredentials") {
				h.e.Decision |= CredentialsIncluded // which alone are refused for that
			}
		}
		r.end(ev)
	},
}

// take gives an event to its request.
func (n *eventReader) take(ev *networkEvent) {
	do := takes[ev.method]
	if do == nil || len(ev.id) > maxNameBytes {
		return
	}
	r := n.requests[ev.id]
	if r == nil {
		// What was on the wire may be told before the request is.
		if len(n.requests) >= maxSources {
			return
		}
		r = new(eventRequest)
		n.requests[ev.id] = r
	}
	do(n, ev, r)
	if h := r.last(); h != nil && ev.problem != "" {
		h.e.problem = ev.problem
	}
}

func (r *eventRequest) last() *eventHop {
	if len(r.hops) == 0 {
		return nil
	}
	return r.hops[len(r.hops)-1]
}

// end ends a request.
func (r *eventRequest) end(ev *networkEvent) {
	h := r.last()
	if h == nil {
		return
	}
	h.done = true
	h.lasted(ev)
}

// lasted sets how long a request took.
func (h *eventHop) lasted(ev *networkEvent) {
	if at, err := strconv.ParseFloat(ev.text[fTime], 64); err == nil && at > h.at && h.at > 0 {
		h.e.Duration = milliseconds((at - h.at) * 1000)
	}
}

// willBeSent begins a request, or the next hop of one, of which it ends the last.
func (n *eventReader) willBeSent(ev *networkEvent, r *eventRequest) {
	if h := r.last(); h != nil {
		if ev.redirect {
			h.answer(ev)
			h.sent = ev.text[fPhase] != "false"
		}
		h.done = true
		h.lasted(ev)
	}
	e := &Exchange{
		Entry: "request " + ev.id, Offset: ev.offset, Line: ev.line, ID: ev.id, Started: wallTime(ev.text[fStarted]), RequestFirst: true, ErrorKnown: true,
		Page: Page{URL: ev.text[fPageURL]}, Initiator: ev.text[fInitiatorType], InitiatorID: ev.text[fInitiatorID], ResourceType: headers.Lower(ev.text[fResourceType]),
		Request:  Request{Method: ev.text[fMethod], URL: ev.text[fURL], Headers: ev.request, BodySize: -1, HasBody: ev.text[fPostData] == "true", BodyKnown: true},
		Response: Response{BodySize: -1},
	}
	if !isHTTPURL(e.Page.URL) {
		e.Page.URL = ""
	}
	if ev.unsure {
		e.Fidelity |= BytesUnsure
	}
	if k := len(r.hops); k > 0 {
		e.ID += "." + strconv.Itoa(k)
	}
	h := &eventHop{e: e, id: ev.id, sent: true}
	h.at, _ = strconv.ParseFloat(ev.text[fTime], 64)
	r.hops = append(r.hops, h)
	n.hops = append(n.hops, h)
	n.bytes += cost(e)
}

// answer takes a response.
func (h *eventHop) answer(ev *networkEvent) {
	e, r := h.e, &h.e.Response
	r.Status, _ = strconv.Atoi(ev.text[fStatus])
	r.StatusText, r.HTTPVersion, r.MIMEType, r.Headers = ev.text[fStatusText], ev.text[fResponseVersion], ev.text[fMIMEType], ev.response
	e.FromCache = e.FromCache || ev.text[fFromCache] == "true"
	e.FromServiceWorker = ev.text[fFromServiceWorker] == "true"
	e.AddressSpace = origin.HostAddressSpace(strings.Trim(ev.text[fServerAddress], "[]"))
	if kind := ev.text[fResourceType]; kind != "" && !ev.redirect {
		e.ResourceType = headers.Lower(kind)
	}
}

// wallTime reads seconds of Unix time.
func wallTime(s string) time.Time {
	at, err := strconv.ParseFloat(s, 64)
	if err != nil || !(at > 0) || at > math.MaxInt32*1000 {
		return time.Time{}
	}
	return time.UnixMicro(int64(at * 1e6)).UTC()
}

// finish ends all requests.
func (n *eventReader) finish() {
	for _, h := range n.hops {
		h.done = true
	}
}

// ready returns the first request if it is over, and enough came behind it.
func (n *eventReader) ready(index int, all bool) (Raw, bool) {
	if len(n.hops) == 0 {
		return Raw{}, false
	}
	h := n.hops[0]
	waits := !n.ended && !all && (!h.done || len(n.hops) <= eventsHeld)
	if waits && len(n.hops) <= maxHops && n.bytes <= maxHopBytes {
		return Raw{}, false
	}
	n.hops[0] = nil
	n.hops = n.hops[1:]
	n.bytes -= cost(h.e)
	if r := n.requests[h.id]; r != nil {
		r.onWire(h)
		if r.last() == h {
			delete(n.requests, h.id)
		}
	}
	e := h.e
	e.Index = index
	return e.whole(), true
}

// onWire gives a hop the heads that were on the wire, which come in the order of the hops.
func (r *eventRequest) onWire(h *eventHop) {
	if !h.sent {
		return
	}
	e := h.e
	if len(r.sent) > 0 {
		head := r.sent[0]
		r.sent = r.sent[1:]
		if len(head.headers) > 0 {
			e.Request.Headers = head.headers
		}
		if head.unsure {
			e.Fidelity |= BytesUnsure
		}
	}
	if len(r.received) > 0 {
		head := r.received[0]
		r.received = r.received[1:]
		e.Response.Headers = head.headers
		if e.Response.Status == 0 {
			e.Response.Status = head.status
		}
		if head.unsure {
			e.Fidelity |= BytesUnsure
		}
	}
}
