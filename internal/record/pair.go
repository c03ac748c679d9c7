package record

import (
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// Bounds on what a [Pairer] holds back. Browsers list a preflight right after
// its request; what stands between the two is what else began in the meantime.
const (
	pairWindow      = 256     // exchanges
	pairWindowBytes = 8 << 20 // of headers and URLs
)

// A Pair is a request and the preflight that went before it.
type Pair struct {
	// Exchange is nil for a preflight whose request is not in the recording,
	// as after a preflight that failed.
	Exchange *Exchange
	// Preflight is nil where none was recorded.
	Preflight *Exchange
	// ByID says that the recording names the two as belonging together;
	// otherwise they were found to fit.
	ByID bool
}

// A Pairer finds the preflights of the exchanges that it is given in the order
// of the recording. The zero value is ready for use.
//
// A preflight belongs to a request if its InitiatorID is the request's ID; else
// if its URL, Origin and Access-Control-Request-Method are the request's own URL,
// Origin and method, and then to the nearest; on the wire, if the request has the headers that it asks for. An Origin that was removed or redacted
// speaks against nothing. Where browsers record, that is one before it, since they
// list a request when it is made, before its preflight ([Exchange.RequestFirst]);
// where the wire is recorded, it is one after it. Their times, where both have one,
// are not the other way round. A preflight has one request, and a request one
// preflight at most. Where the two stand more than 256 exchanges apart, they come
// unpaired.
type Pairer struct {
	window []*candidate // in order
	bytes  int
}

type candidate struct {
	exchange  *Exchange
	preflight bool
	paired    *Exchange // of a request: its preflight
	byID      bool
	used      bool // of a preflight: it has its request
	bytes     int
	url       string // as a browser spells it, without fragment; made when first needed
}

// Add takes the next exchange and returns those, in order, for which no
// preflight can come any more. A preflight that was paired comes with its
// request, not by itself.
func (p *Pairer) Add(e *Exchange) []Pair {
	c := &candidate{exchange: e, preflight: e.IsPreflight(), bytes: cost(e)}
	p.window = append(p.window, c)
	p.bytes += c.bytes
	if c.preflight {
		p.placePreflight(c)
	} else {
		p.placeRequest(c)
	}
	var ready []Pair
	for len(p.window) > pairWindow || p.bytes > pairWindowBytes {
		ready = p.take(ready)
	}
	return ready
}

// Flush returns what is still held back, at the end of the recording.
func (p *Pairer) Flush() []Pair {
	var ready []Pair
	for len(p.window) > 0 {
		ready = p.take(ready)
	}
	return ready
}

// take moves the oldest of the window to ready.
func (p *Pairer) take(ready []Pair) []Pair {
	c := p.window[0]
	p.window[0] = nil
	p.window = p.window[1:]
	p.bytes -= c.bytes
	switch {
	case !c.preflight:
		return append(ready, Pair{Exchange: c.exchange, Preflight: c.paired, ByID: c.byID})
	case !c.used:
		return append(ready, Pair{Preflight: c.exchange})
	}
	return ready
}

// placeRequest looks for the preflight of a request among those before it.
func (p *Pairer) placeRequest(r *candidate) {
	var fits *candidate
	for i := len(p.window) - 2; i >= 0; i-- {
		c := p.window[i]
		if !c.preflight || c.used {
			continue
		}
		if c.exchange.RequestFirst && c.exchange.InitiatorID == "" {
			continue // it was for an earlier one
		}
		if id := c.exchange.InitiatorID; id != "" && r.exchange.ID != "" {
			if id == r.exchange.ID && belongs(c, r) {
				pair(r, c, true)
				return
			}
			continue // another's
		}
		if fits == nil && belongs(c, r) && inTime(c, r) {
			fits = c
		}
	}
	if fits != nil {
		pair(r, fits, false)
	}
}

// placePreflight looks for the request of a preflight among those before it,
// where the recorder has it there. Otherwise the request is waited for.
func (p *Pairer) placePreflight(f *candidate) {
	e := f.exchange
	if !e.RequestFirst {
		return
	}
	var fits *candidate
	for i := len(p.window) - 2; i >= 0; i-- {
		c := p.window[i]
		if c.preflight || c.paired != nil {
			continue
		}
		if e.InitiatorID != "" && c.exchange.ID != "" {
			if e.InitiatorID == c.exchange.ID && belongs(f, c) {
				pair(c, f, true)
				return
			}
			continue
		}
		if fits == nil && belongs(f, c) && inTime(c, f) {
			fits = c
		}
	}
	if fits != nil {
		pair(fits, f, false)
	}
}

func pair(request, preflight *candidate, byID bool) {
	request.paired, request.byID = preflight.exchange, byID
	preflight.used = true
}

// inTime reports whether first did not begin after second, as far as is known.
func inTime(first, second *candidate) bool {
	a, b := first.exchange.Started, second.exchange.Started
	return a.IsZero() || b.IsZero() || !a.After(b)
}

// belongs reports whether what a preflight asks is whether r may be sent.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func belongs(f, r *candidate) bool {
	if !f.sameURL(r) {
		return false
	}
	preflight, request := f.exchange, r.exchange
	method, ok := preflight.PreflightedMethod()
	if !ok {
		return request.ID != "" && request.ID == preflight.InitiatorID
	}
	if method != request.Request.Method || wasAnswered(preflight, request) && !hasAsked(preflight, request) {
		return false
	}
	asks, known := preflight.Request.Origin()
	origin, ok := request.Request.Origin()
	switch {
	case !request.Request.Headers.Contains("origin"):
		return lacksOrigin(preflight, request)
	case !ok, !known:
		return true
	case origin == "null" && preflight.InitiatorID == "":
		// Firefox asks for the page's origin where redirects have made that of the
		// request "null".
		return true
	}
	return asks == origin
}

// lacksOrigin reports whether a request that has no Origin header may yet be the one
// that a preflight with its method is for.
func lacksOrigin(preflight, r *Exchange) bool {
	list := r.Request.Headers
	// What was never sent, because of its preflight or the HTTP cache, Chromium
	// records without the headers that are added on the way, and so it does with
	// all that workers ask.
	if !r.Response.HasResponse || r.FromCache || preflight.RequestFirst && !r.Request.OnWire() {
		return true
	}
	// It was removed where browsers always send one, or where the rest shows that the
	// request had a preflight.
	if method := r.Request.Method; method != "GET" && method != "HEAD" {
		return true
	}
	if mode, _ := list.Get("sec-fetch-mode"); mode == "cors" {
		return true
	}
	asked, _ := preflight.Request.Headers.Get("access-control-request-headers")
	return asked != "" && hasAsked(preflight, r)
}

// wasAnswered reports whether a request was recorded with all headers that were on the wire, and with its answer. Access
// logs have some headers, and not User-Agent.
func wasAnswered(preflight, r *Exchange) bool {
	whole := r.Request.Headers.Contains("origin") && r.Request.Headers.Contains("user-agent")
	return whole && !preflight.RequestFirst && r.Response.HasResponse && !r.FromCache
}

// hasAsked reports whether a request has the headers that a preflight asks for, except those that are removed
// before recordings are passed on.
func hasAsked(preflight, r *Exchange) bool {
	asked, _ := preflight.Request.Headers.Get("access-control-request-headers")
	if Redacted(asked) {
		return true
	}
	for name := range strings.SplitSeq(asked, ",") {
		name = headers.Lower(headers.TrimTabOrSpace(name))
		if name != "" && name != "authorization" && !r.Request.Headers.Contains(name) {
			return false
		}
	}
	return true
}

// sameURL compares URLs as browsers read them: recorders and tools spell them
// differently.
func (c *candidate) sameURL(other *candidate) bool {
	return c.exchange.Request.URL == other.exchange.Request.URL || c.spelledURL() == other.spelledURL()
}

func (c *candidate) spelledURL() string {
	if c.url == "" {
		raw := c.exchange.Request.URL
		if u, err := weburl.Parse(raw); err == nil {
			c.url = u.StringExcludingFragment()
		} else {
			c.url, _, _ = strings.Cut(raw, "#")
		}
	}
	return c.url
}

func cost(e *Exchange) int {
	n := len(e.Request.URL) + len(e.Request.Method) + len(e.Page.URL) + len(e.Error) + len(e.Response.RedirectURL) + len(e.Response.StatusText) + 512
	for _, l := range [...]headers.List{e.Request.Headers, e.Response.Headers} {
		for _, h := range l {
			n += len(h.Name) + len(h.Value) + 32
		}
	}
	return n
}
