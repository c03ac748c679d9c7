package replay

import (
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/asker"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A request is what is known of a request of a recording. What examine finds
// out needs nothing but the exchange; the rest is added in the recording's order.
type request struct {
	e        *record.Exchange
	bad      error // instead of e, of an entry that cannot be read
	index    int
	size     int // about the bytes that e holds
	recorder recorder

	url         *weburl.URL // nil where it is none
	isPreflight bool
	exempt      Exemption // for a reason that is in the entry itself
	cors        bool      // the mode is "cors" for certain
	// typed: it is so by what the recorder says that the request is for, not by the browser's word.
	typed bool
	// guessed: what the request is for is not recorded, and was told by other things.
	guessed bool
	// modeUnsure: the mode is "cors" or not, and nothing tells.
	modeUnsure bool
	// originsShown: an entry before it has an Origin header, so that nobody has removed them.
	originsShown bool
	// modeRedacted: it had a Sec-Fetch-Mode, which is lost.
	modeRedacted bool
	site         string // Sec-Fetch-Site
	// sent says that the request headers are those of the wire: browsers record
	// what they never sent, and what the HTTP cache answered, with fewer.
	sent     bool
	elements bool // an element or style sheet asked, which chooses no headers
	happened Happened

	// originHeader is the Origin header, where there is one that was not redacted.
	originHeader string
	originKnown  bool
	hasOrigin    bool // or one that was
	page         page // as the entry itself tells it

	// In the recording's order.
	preflight *record.Exchange
	from      *hop // the redirect that led here
	author    headers.List
	origin    string // that the response is checked against
	// recordedSameOrigin: in the recording, the request was same-origin.
	recordedSameOrigin bool
	credentials        Credentials
	credentialsFrom    CredentialsSource
	stored             headers.List // of the response that it asks about
	cached             []bool       // by engine and credentials mode: the preflight cache has it
	missing            Missing
	result             *Result

	target, pageSpace origin.AddressSpace // of the server, and of the page's own
	document          *document           // the page's, where the recording has it
	cachedFrom        string              // the entry, without CORS, whose response the cache answered with
}

// A page is where a page stands, and how that is known.
type page struct {
	serialized string
	origin     origin.Origin // of a tuple origin
	from       PageSource
}

func pageOf(serialized string, from PageSource) page {
	o, err := origin.Parse(serialized)
	if err != nil {
		// An extension's, or none. It is compared as it stands.
		o = origin.Origin{}
	}
	return page{serialized, o, from}
}

func pageOfURL(url string, from PageSource) page {
	u, err := weburl.Parse(url)
	if err != nil || !u.IsHTTP() || record.RedactedHost(u.Host()) {
		return page{}
	}
	o := u.Origin()
	return page{o.String(), o, from}
}

// sameOrigin reports whether the page is same origin with a URL.
func (p *page) sameOrigin(u *weburl.URL) bool {
	return !p.origin.IsOpaque() && p.origin.SameOrigin(u.Origin())
}

// examine finds out what the exchange tells by itself.
func examine(e *record.Exchange, rec recorder) *request {
	x := &request{e: e, index: e.Index, recorder: rec, isPreflight: e.IsPreflight(), happened: happened(e, rec)}
	list := e.Request.Headers
	x.sent = rec.wire || e.Request.OnWire()
	x.site = fetchMetadata(list, "site")
	x.originHeader, x.originKnown = e.Request.Origin()
	x.hasOrigin = list.Contains("origin")
	if x.url, _ = weburl.Parse(e.Request.URL); x.url == nil {
		x.missing = URL
		if e.Fidelity.Has(record.RequestMissing) {
			x.missing = Request
		}
	}
	x.page = x.recordedPage()
	x.classify()
	return x
}

// fetchMetadata returns the value of a Sec-Fetch header, empty where it was not
// recorded as it was.
func fetchMetadata(list headers.List, name string) string {
	value, _ := list.Get("sec-fetch-" + name)
	if record.Redacted(value) {
		return ""
	}
	return value
}

func (x *request) recordedPage() page {
	e := x.e
	if x.originKnown {
		return pageOf(x.originHeader, FromOrigin)
	}
	if referer, ok := e.Request.Headers.Get("referer"); ok {
		if p := pageOfURL(referer, FromReferer); p.serialized != "" {
			return p
		}
	}
	if e.Page.URL != "" {
		return pageOfURL(e.Page.URL, FromPage)
	}
	return page{}
}

// classify decides, as far as the entry itself tells, whether the request is one
// that the CORS protocol is for. Sec-Fetch-Mode and its like are the browser's
// own word; what recorders call a resource's type is less.
//
// https://w3c.github.io/webappsec-fetch-metadata/
func (x *request) classify() {
	e := x.e
	list := e.Request.Headers
	mode, destination := fetchMetadata(list, "mode"), fetchMetadata(list, "dest")
	switch {
	case e.APIRequest, headers.IsForbiddenMethod(e.Request.Method), x.unsendable() != "":
		x.exempt = NotFromPage
		return
	case x.url == nil:
		return
	case x.url.Scheme() == "ws", x.url.Scheme() == "wss", mode == "websocket", mode == "" && headers.EqualFold(e.ResourceType, "websocket"):
		x.exempt = WebSocket
		return
	case !x.url.IsHTTP():
		x.exempt = OtherScheme
		return
	case e.FromServiceWorker:
		x.exempt = ServiceWorker
		return
	case x.isPreflight:
		x.cors = true
		if _, ok := e.PreflightedMethod(); !ok {
			x.missing |= RequestHeaders
		}
		return
	}
	x.modeRedacted = mode == "" && list.Contains("sec-fetch-mode")
	switch mode {
	case "cors":
		x.cors = true
		x.elements = destination != "" && destination != "empty"
		if x.site == "none" {
			x.exempt = NotFromPage
		}
		return
	case "navigate", "nested-navigate":
		x.exempt = Navigation
		return
	case "no-cors":
		x.exempt = NoCORS
		return
	case "same-origin":
		x.exempt = SameOrigin
		return
	}
	x.classifyKind()
	if upgrade, _ := list.Get("upgrade"); headers.EqualFold(upgrade, "websocket") {
		x.exempt = WebSocket
	}
}

// classifyKind does the same by what the request is for.
func (x *request) classifyKind() {
	k := x.recordedKind()
	if k == kindUnknown && (x.e.Request.Method == "GET" || x.e.Request.Method == "HEAD") {
		switch likely := x.likelyKind(); {
		case likely == kindFont:
			k = kindFont
		case likely == kindDocument, likely == kindElement && !x.hasOrigin && len(x.e.Request.Headers) > 0:
			k, x.guessed = likely, true
		}
	}
	switch k {
	case kindDocument:
		x.exempt = Navigation
	case kindScripted:
		x.cors, x.typed = true, true
	case kindFont:
		x.cors, x.typed, x.elements = true, true, true
	case kindElement:
		x.classifyElement()
	case kindBeacon:
		// A beacon is fetched in mode "cors" if its type is not safelisted; that of
		// a hyperlink's ping never is.
		contentType, typed := x.e.Request.Headers.Get("content-type")
		if record.Redacted(contentType) || x.e.Fidelity.Has(record.RequestHeadersMissing) {
			return // settleMode will
		}
		x.cors = typed && contentType != "text/ping" && !headers.IsCORSSafelistedRequestHeader("content-type", contentType)
		if !x.cors {
			x.exempt = NoCORS
		}
	case kindReport:
		x.exempt = NoCORS
	}
}

// classifyElement decides the mode of what an element asks for. With the attribute crossorigin, and
// in modules, that is "cors", which a GET shows by its Origin header; but Chromium sends one with
// all that some frames ask. What was not sent has none, and may have been refused before.
func (x *request) classifyElement() {
	x.elements = true
	untold := (x.e.Fidelity.Has(record.RequestHeadersMissing) || x.hasOrigin && x.stripped()) && !x.gotUnallowed()
	x.cors = x.hasOrigin && !x.gotUnallowed() && !untold
	if !x.cors && !untold && (x.sent || x.happened != Refused) {
		x.exempt = NoCORS
	}
}

// unsendable says what of the request no browser sends, empty if nothing is.
func (x *request) unsendable() string {
	e := x.e
	if !headers.IsMethod(e.Request.Method) && !e.Fidelity.Has(record.RequestMissing) {
		return "the method"
	}
	for _, h := range e.Request.Headers {
		switch {
		case !headers.IsName(h.Name):
			return "the name of a header"
		case !headers.IsValue(h.Value):
			return "the value of a header"
		}
	}
	if method, ok := e.Request.Headers.Get("access-control-request-method"); ok && !headers.IsMethod(method) && !record.Redacted(method) {
		return "the method that is asked for"
	}
	return ""
}

// originTells reports whether the request has an Origin header that it would not
// have in another mode than "cors". Chromium gives all requests of a sandboxed
// document one, "null".
func (x *request) originTells() bool {
	return x.originKnown && x.originHeader != "null" && x.e.Request.Method != "POST"
}

// gotUnallowed reports whether the page got a response that does not allow its
// origin, so that the mode is not "cors".
func (x *request) gotUnallowed() bool {
	allowed, ok := x.e.Response.Headers.Get("access-control-allow-origin")
	if x.happened != Delivered || len(x.e.Response.Headers) == 0 || x.revalidated() {
		return false
	}
	switch {
	case !ok:
		return true
	case record.Redacted(allowed), !x.originKnown && (x.hasOrigin || x.page.serialized == ""):
		return false // it may allow the origin
	}
	return allowed != "*" && allowed != x.originHeader && allowed != x.page.serialized
}

// lacksOrigin reports whether a request was sent and answered without an Origin header, which no
// request in mode "cors" lacks that crosses origins. Where the recorder does not say what was
// sent, and for what failed, that is not known.
func (x *request) lacksOrigin() bool {
	known := (x.sent || x.recorder.writesOrigin) && !x.e.Fidelity.Has(record.RequestHeadersMissing)
	if x.recorder.engine != nil || x.typed || headers.EqualFold(x.e.ResourceType, "fetch") {
		known = known && x.originsShown // a browser's has Origins, unless someone removed them
	}
	answered := x.e.Response.HasResponse && x.happened != Refused && x.happened != Failed && x.happened != FailedOtherwise
	return !x.hasOrigin && known && answered && (x.e.Request.Method == "GET" || x.e.Request.Method == "HEAD") && !(x.cors && !x.typed)
}

// settleMode decides the mode of a cross-origin request of which neither browser
// nor recorder has said it. recordedCross says that the request was cross-origin
// as it was recorded, so that a missing Origin header means something.
func (x *request) settleMode(recordedCross, hypothetical bool) {
	method := x.e.Request.Method
	list := x.e.Request.Headers
	switch {
	case x.exempt != 0, x.cors && !x.typed:
		return
	case x.typed && x.preflight == nil && x.from == nil && recordedCross && x.lacksOrigin() && !x.revalidated():
		x.cors, x.exempt = false, NoCORS // a browser that says otherwise shows it
		return
	case x.cors:
		return
	case x.preflight != nil, !headers.IsCORSSafelistedMethod(method):
		x.cors = true // nothing else can ask so
		return
	case !x.originTells() && x.gotUnallowed():
		x.exempt = NoCORS
		return
	case x.hasOrigin && method == "POST" && (list.Contains("upgrade-insecure-requests") || acceptsHTML(list)):
		x.exempt = Navigation
		return
	case x.from != nil && !x.e.Response.HasResponse:
		// Firefox records what a refused redirect leads to as if it was sent.
	case !x.hasOrigin && x.sent && recordedCross:
		switch {
		case method == "POST":
			x.exempt = NotFromPage // browsers send an Origin in every mode
		case acceptsHTML(list):
			x.exempt = Navigation
		default:
			x.exempt = NoCORS
		}
		return
	case recordedCross && x.lacksOrigin():
		x.exempt = NoCORS
		return
	}
	if missing := x.untoldMode(); missing != 0 {
		x.missing |= missing
		return
	}
	// What was delivered to fetch() may have been asked for in mode "no-cors", in which a POST has an Origin too.
	fetched := headers.EqualFold(x.e.ResourceType, "fetch") && !(x.happened == Delivered && method == "POST")
	x.cors = x.originTells() || x.happened == Refused || x.from != nil || !recordedCross && hypothetical || fetched || x.scripted()
	x.modeUnsure = !x.cors
}

// scripted reports whether only a script can have made a POST as it is: by its headers it needs a
// preflight, or accepts what no element and no beacon does. Its Origin header proves nothing.
func (x *request) scripted() bool {
	if x.e.Request.Method != "POST" {
		return false
	}
	c := cors.Request{Method: "POST", Origin: x.originHeader, Headers: authorHeaders(x)}
	accept, ok := x.e.Request.Headers.Get("accept")
	return cors.NeedsPreflight(&c) || ok && accept != "*/*" && !acceptsHTML(x.e.Request.Headers)
}

// untoldMode says what would tell the mode of a request and has been taken out of
// the recording.
func (x *request) untoldMode() Missing {
	list := x.e.Request.Headers
	contentType, _ := list.Get("content-type")
	beacon := headers.EqualFold(x.e.ResourceType, "ping") || headers.EqualFold(x.e.ResourceType, "beacon")
	switch {
	case x.e.Fidelity&(record.RequestHeadersMissing|record.RequestMissing) == record.RequestHeadersMissing:
		return RequestHeaders
	case x.modeRedacted, beacon && record.Redacted(contentType):
		return RedactedValues
	case x.stripped():
		return RequestHeaders // of which Sec-Fetch-Mode would tell
	}
	return 0
}

func acceptsHTML(list headers.List) bool {
	accept, _ := list.Get("accept")
	return asker.AcceptsHTML(accept)
}

// happened is what the entry says came of the request.
func happened(e *record.Exchange, rec recorder) Happened {
	switch {
	case e.Error != "" && corsFailure(e.Error):
		return Refused
	case e.Aborted, e.Error != "":
		return FailedOtherwise
	case e.Cancelled && e.Response.HasResponse:
		return Failed
	case e.Cancelled:
		return FailedOtherwise
	case e.IsPreflight():
		// Recorders mark its request, not the preflight that failed.
	case e.Response.HasResponse && rec.marksFailures && (e.ErrorKnown || !rec.keepsRefused):
		return Delivered
	case !e.Response.HasResponse && rec.engine != nil && !e.FromCache:
		return Failed
	}
	return HappenedUnknown
}

// corsFailure reports whether an error is one that a recorder writes for what the
// CORS protocol refused. Chromium's is the most general that it has, WebKit's
// are sentences, Firefox's is that of Playwright.
func corsFailure(s string) bool {
	if s == "net::ERR_FAILED" || s == "NS_ERROR_DOM_BAD_URI" {
		return true
	}
	for _, words := range [...]string{"access control", "Access-Control-", "CORS", " is not allowed by "} {
		if strings.Contains(s, words) {
			return true
		}
	}
	return false
}
