package replay

import (
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/asker"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/origin"
)

// A sequencer takes the requests in the order of the recording and adds what
// others tell about them: their preflights, the redirects that led to them, what
// a preflight cache would hold by then.
type sequencer struct {
	judge        *judge
	pairer       record.Pairer
	waiting      map[*record.Exchange]*request // in the pairer
	bad          []*request                    // among those that wait
	hops         hops
	caches       *caches
	originsShown bool // by an entry
	// documents are the pages, by the id that the recording has for them, of which it says nothing.
	documents map[string]page
	stored    storedHeaders
	// neighbours are what entries tell about what decides beside CORS.
	neighbours neighbours
}

func newSequencer(j *judge) *sequencer {
	return &sequencer{judge: j, waiting: make(map[*record.Exchange]*request), caches: newCaches(j.engines), stored: make(storedHeaders), documents: make(map[string]page), neighbours: newNeighbours()}
}

// maxBad bounds how many bad entries wait for the exchanges before them.
const maxBad = 1024

// add takes the next request and gives to emit those, in order, that nothing
// later can add to.
func (s *sequencer) add(x *request, emit func(*request)) {
	switch {
	case s.judge.options.Independent:
		if x.bad == nil {
			s.settle(x)
		}
		emit(x)
	case x.bad != nil && len(s.waiting) == 0:
		emit(x)
	case x.bad != nil:
		s.bad = append(s.bad, x)
		if len(s.bad) > maxBad {
			s.flush(emit)
		}
	default:
		s.waiting[x.e] = x
		s.take(s.pairer.Add(x.e), emit)
	}
}

func (s *sequencer) flush(emit func(*request)) {
	s.take(s.pairer.Flush(), emit)
	for _, bad := range s.bad {
		emit(bad)
	}
	s.bad = nil
}

func (s *sequencer) take(pairs []record.Pair, emit func(*request)) {
	for _, pair := range pairs {
		e := pair.Exchange
		if e == nil {
			e = pair.Preflight
		} else if pair.Preflight != nil {
			delete(s.waiting, pair.Preflight)
		}
		x := s.waiting[e]
		delete(s.waiting, e)
		if pair.Exchange != nil {
			x.preflight = pair.Preflight
		}
		for len(s.bad) > 0 && s.bad[0].index < x.index {
			emit(s.bad[0])
			s.bad = s.bad[1:]
		}
		s.settle(x)
		emit(x)
	}
}

// settle decides all that the order of the recording matters to.
func (s *sequencer) settle(x *request) {
	options := s.judge.options
	if !options.Independent {
		if x.from = s.hops.take(x); x.from != nil && x.from.cors {
			x.cors = true
			if x.taken(x.from) {
				x.exempt = 0
			}
		}
	}
	if x.preflight != nil && x.exempt == NoCORS && fetchMetadata(x.e.Request.Headers, "mode") == "" {
		x.exempt = 0 // taken to be in that mode by its type
	}
	s.originsShown = s.originsShown || x.originKnown && !x.isPreflight
	x.originsShown = s.originsShown
	s.settlePageDocument(x)
	x.settlePage(options)
	if !options.Independent {
		s.neighbours.settle(x)
	}
	if x.exempt == 0 && x.e.Response.Headers.Contains("non-authoritative-reason") {
		x.exempt = InternalRedirect
	}
	if x.exempt == 0 && x.missing&(PageOrigin|URL) == 0 {
		x.author = authorHeaders(x)
		x.settleCredentials(options)
		if !options.Independent {
			s.stored.settle(x)
			s.caches.settle(s.judge, x)
		}
	}
	if !options.Independent && x.redirects() && (x.exempt == 0 || x.exempt == SameOrigin || x.exempt == InternalRedirect) {
		if x.exempt != 0 {
			x.author = authorHeaders(x) // of which what it leads to has some
		}
		// Those that it leads to need to know whether it was followed.
		x.result = s.judge.result(x)
		s.hops.add(x)
	}
}

// settlePage decides where the page stands, whether the request is subject to
// the CORS protocol, and the origin that it has there.
func (x *request) settlePage(options *Options) {
	if x.exempt != 0 || x.url == nil {
		return
	}
	x.settleRecordedPage()
	tainting := x.from != nil && x.from.corsTainting
	home := x.page.sameOrigin(x.url)
	x.recordedSameOrigin = !x.isPreflight && (x.site == "same-origin" || home && !tainting && (x.site == "" || x.from != nil))
	sameOrigin, recordedCross := x.recordedSameOrigin, x.page.serialized != "" && !x.recordedSameOrigin
	if options.Origin != "" {
		x.page = pageOf(options.Origin, FromOption)
		home = x.page.sameOrigin(x.url)
		sameOrigin = home && !tainting && !x.isPreflight
	}
	switch {
	case options.Origin == "" && x.maybeNull():
		x.missing |= PageOrigin
		return
	case sameOrigin:
		x.exempt = SameOrigin
		return
	case x.page.serialized == "" && x.preflight == nil && x.from == nil && x.lacksOrigin() && !x.modeRedacted:
		// Whichever the page is: the request is same-origin, or not in mode "cors".
		x.exempt = NoCORS
		if acceptsHTML(x.e.Request.Headers) {
			x.exempt = Navigation
		}
		return
	case x.page.serialized == "":
		x.missing |= PageOrigin
		return
	case x.happened == Delivered && isExtension(x.page.serialized):
		x.exempt = Extension
		return
	}
	x.settleMode(recordedCross, options.hypothetical())
	x.origin = x.page.serialized
	switch {
	case x.originKnown && options.Origin == "":
		x.origin = x.originHeader
	case x.from != nil && x.from.taintAt(x.url.Origin(), &x.page) != origin.TaintSameOrigin,
		// It came back to the page's own origin through another.
		x.from == nil && home && !x.isPreflight:
		x.origin = "null"
	}
}

// isExtension reports whether an origin is that of a browser extension, which may read what it has
// a permission for, whatever the server allows.
func isExtension(serialized string) bool {
	scheme, _, _ := strings.Cut(serialized, "://")
	return scheme == "chrome-extension" || scheme == "moz-extension" || scheme == "safari-web-extension"
}

// settlePageDocument finds the page of a request that names one of which nothing is said but what
// it loaded first, its document.
func (s *sequencer) settlePageDocument(x *request) {
	id := x.e.Page.ID
	if id == "" || x.e.Page.URL != "" {
		return
	}
	if document, ok := s.documents[id]; ok {
		if x.page.serialized == "" {
			x.page = document
		}
		return
	}
	if x.exempt == Navigation && !x.redirects() && len(s.documents) < record.MaxPages {
		s.documents[id] = pageOfURL(x.e.Request.URL, FromPage)
	}
}

// maybeNull reports whether the Origin header, which was redacted, was "null" as
// likely as not, wherever the page stands: a server allows that, or the request is
// one that has no Origin header in the page's own origin.
func (x *request) maybeNull() bool {
	if !x.hasOrigin || x.originKnown || x.page.from != FromReferer && x.page.from != FromPage {
		return false
	}
	allowed, _ := x.e.Response.Headers.Get("access-control-allow-origin")
	preflighted := !headers.IsCORSSafelistedMethod(x.e.Request.Method) // if it is not same-origin
	return allowed == "null" || x.page.sameOrigin(x.url) && x.site == "" && (x.preflight != nil || !preflighted)
}

// settleRecordedPage improves on what the entry itself tells about its page.
func (x *request) settleRecordedPage() {
	if x.preflight != nil && !x.originKnown {
		if asks, ok := x.preflight.Request.Origin(); ok {
			x.page = pageOf(asks, FromPreflightOrigin)
		}
	}
	if x.from != nil && x.from.page.serialized != "" && (x.page.from != FromOrigin || x.page.serialized == "null") {
		x.page = x.from.page
		x.page.from = FromRedirect
	}
}

// settleCredentials infers the credentials mode, which no recording has.
func (x *request) settleCredentials(options *Options) {
	list := x.e.Request.Headers
	switch {
	case options.Credentials != CredentialsUnknown:
		x.credentials, x.credentialsFrom = options.Credentials, FromCredentialsOption
		return
	case x.from != nil && x.from.credentials != CredentialsUnknown:
		x.credentials, x.credentialsFrom = x.from.credentials, x.from.credentialsFrom
		return
	case x.isPreflight, x.recordedSameOrigin:
		// Preflights never have credentials, and in its own origin a page's
		// requests have them in mode "same-origin" too.
		return
	}
	included := func(from CredentialsSource) { x.credentials, x.credentialsFrom = CredentialsIncluded, from }
	if list.Contains("cookie") || x.e.Request.HasCookies { // even if its value was removed
		included(FromCookie)
	} else if x.e.Decision&record.CredentialsIncluded != 0 {
		included(FromBrowser)
	} else if x.e.Decision&record.CredentialsNotIncluded != 0 {
		x.credentials, x.credentialsFrom = CredentialsNotIncluded, FromBrowser
	} else if list.Contains("sec-fetch-storage-access") {
		included(FromStorageAccess)
	} else if authorization, ok := list.Get("authorization"); ok && asker.ByUserAgent(authorization) && x.preflight != nil && asksKnown(x.preflight) && !x.author.Contains("authorization") {
		included(FromAuthorization)
	} else if destination, _ := list.Get("sec-fetch-dest"); destination == "font" || destination == "" && x.elements && (x.recordedKind() == kindFont || x.likelyKind() == kindFont) {
		x.credentials, x.credentialsFrom = CredentialsNotIncluded, FromDestination
	}
}

// redirects reports whether the response is a redirect that a browser follows. A
// NetLog has no status of what the HTTP cache answered, but where it led to.
func (x *request) redirects() bool {
	r := &x.e.Response
	status := headers.IsRedirectStatus(r.Status) || r.Status == 0
	return x.url != nil && !x.isPreflight && status && (r.Headers.Contains("location") || r.RedirectURL != "")
}

// A hop is a redirect that was followed, or could have been.
type hop struct {
	x      *request // that was redirected
	target string   // the URL that it leads to, without fragment
	count  int      // redirects, this one included
	page   page
	last   origin.Origin // of the URL
	cors   bool          // the mode is "cors" for certain
	taint  origin.RedirectTaint
	// corsTainting: the response tainting is "cors" from here on.
	corsTainting    bool
	blocked         []bool // by engine
	credentials     Credentials
	credentialsFrom CredentialsSource
}

// taintAt returns the redirect-taint of a request that the hop leads to.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (h *hop) taintAt(next origin.Origin, p *page) origin.RedirectTaint {
	return h.taint.Redirected(p.origin, h.last, next)
}

// fits reports whether nothing in x speaks against its being the request that
// the hop leads to.
func (h *hop) fits(x *request) bool {
	switch {
	case x.exempt == 0, x.exempt == SameOrigin, x.taken(h):
	default:
		return false
	}
	if h.corsTainting && x.site == "same-origin" {
		return false
	}
	if x.originKnown && x.originHeader != "null" && x.originHeader != h.page.serialized && h.page.serialized != "" && h.page.from != FromOption {
		return false
	}
	method, was := x.e.Request.Method, h.x.e.Request.Method
	return method == was || method == "GET"
}

// taken reports whether x was taken to be in mode "no-cors" for want of an Origin
// header, which it has not since it was never sent, and the mode is that of h.
func (x *request) taken(h *hop) bool {
	return x.exempt == NoCORS && h.cors && (!x.sent || x.guessed) && !x.e.Request.Headers.Contains("sec-fetch-mode")
}

// hops are the redirects whose next request has not come yet.
type hops struct{ open []*hop }

// Bounds on redirects that wait for what they lead to, which may never come.
const (
	maxHops     = 256
	maxHopCount = 21 // redirects of one request: one more than browsers follow
	hopDistance = 1024
)

// add remembers a request that was redirected, unless the recording says that it
// failed at that.
func (s *hops) add(x *request) {
	failed := x.happened == Refused || x.happened == Failed || x.happened == FailedOtherwise
	if failed && x.e.Response.HasResponse {
		return
	}
	location, err := (*cors.RedirectPolicy)(nil).LocationURL(x.url, x.e.Response.Status, x.redirectFields())
	if err != nil || location == nil || !location.IsHTTP() {
		return
	}
	h := &hop{
		x: x, target: location.StringExcludingFragment(), count: 1, page: x.page,
		last: x.url.Origin(), cors: x.cors, corsTainting: x.exempt != SameOrigin && x.missing&PageOrigin == 0,
		credentials: x.result.Credentials, credentialsFrom: x.result.CredentialsFrom,
	}
	if x.from != nil {
		h.taint = x.from.taintAt(x.url.Origin(), &x.page)
	}
	if h.corsTainting {
		if x.origin == "null" && x.page.serialized != "null" {
			h.taint = max(h.taint, origin.TaintSameSite)
		}
		for i := range x.result.Verdicts {
			h.blocked = append(h.blocked, x.result.Verdicts[i].Outcome == Blocked)
		}
	}
	if x.from != nil {
		h.count = x.from.count + 1
	}
	if h.count > maxHopCount {
		return
	}
	if len(s.open) == maxHops {
		s.open = append(s.open[:0], s.open[1:]...)
	}
	s.open = append(s.open, h)
}

// take returns the oldest redirect that leads to x, which it then has.
func (s *hops) take(x *request) *hop {
	if len(s.open) == 0 || x.url == nil || x.isPreflight {
		return nil
	}
	for len(s.open) > 0 && x.index-s.open[0].x.index > hopDistance {
		s.open = s.open[1:]
	}
	var url string
	for i, h := range s.open {
		if url == "" {
			url = x.url.StringExcludingFragment()
		}
		if h.target != url || !h.fits(x) || !x.e.Started.IsZero() && x.e.Started.Before(h.x.e.Started) {
			continue
		}
		s.open = append(s.open[:i], s.open[i+1:]...)
		return h
	}
	return nil
}

// corsRequest is what the decisions about x are made of.
func (x *request) corsRequest(includeCredentials bool) cors.Request {
	c := cors.Request{Origin: x.origin, IncludeCredentials: includeCredentials, Method: x.e.Request.Method, Headers: x.author}
	preflight := x.preflight
	if x.isPreflight {
		preflight = x.e
		c.Method, _ = x.e.Request.Headers.Get("access-control-request-method")
		c.Headers = requestedHeaders(x.e)
	}
	// A preflight without any other cause was for an upload listener.
	c.UseCORSPreflight = preflight != nil && headers.IsCORSSafelistedMethod(c.Method) &&
		!preflight.Request.Headers.Contains("access-control-request-headers")
	return c
}
