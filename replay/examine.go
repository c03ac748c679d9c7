package replay

import (
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/weburl"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/record"
)

// A recorder is who wrote a recording, as far as that says what the absence of
// an error means.
type recorder struct {
	// engine is what was recorded; nil for none that is known, such as a proxy's
	// clients.
	engine *browser.Engine
	// marksFailures: an entry with a response and without an error is one that
	// the page got. Firefox records a response that its page never saw as any
	// other.
	marksFailures bool
	// wire: a proxy recorded, which sees what is sent and nothing else.
	wire bool
}

func recorderOf(log record.Log) recorder {
	switch log.Creator {
	case "WebInspector":
		return recorder{engine: browser.Chromium, marksFailures: true}
	case "WebKit Web Inspector":
		return recorder{engine: browser.WebKit, marksFailures: true}
	case "Firefox":
		return recorder{engine: browser.Firefox}
	case "NetLog":
		// A response that the CORS check refused may have no event of its own.
		return recorder{engine: browser.Chromium}
	case "Playwright":
		return recorder{engine: browser.All()[headers.Lower(log.Browser)], marksFailures: true}
	}
	for _, proxy := range [...]string{"mitmproxy", "Charles", "Fiddler"} {
		if strings.HasPrefix(log.Creator, proxy) {
			return recorder{wire: true}
		}
	}
	return recorder{}
}

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
	exempt      Exemption // for a reason that stands in the entry itself
	cors        bool      // the mode is "cors" for certain
	site        string    // Sec-Fetch-Site
	// sent says that the request headers are those of the wire: browsers record
	// what they never sent, and what the HTTP cache answered, with fewer.
	sent     bool
	elements bool // an element or style sheet asked, which chooses no headers
	happened Happened

	// originHeader is the Origin header, where there is one.
	originHeader string
	hasOrigin    bool
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
	cached             []bool // by engine and credentials mode: the preflight cache has it
	missing            Missing
	result             *Result
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
	if err != nil || !u.IsHTTP() {
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
	x.sent = rec.wire || list.Contains("host") || e.Request.Pseudo.Authority != ""
	x.site, _ = list.Get("sec-fetch-site")
	x.originHeader, x.hasOrigin = list.Get("origin")
	if x.url, _ = weburl.Parse(e.Request.URL); x.url == nil {
		x.missing = URL
		if e.Fidelity.Has(record.RequestMissing) {
			x.missing = Request
		}
	}
	x.page = recordedPage(e, x.originHeader, x.hasOrigin)
	x.classify()
	return x
}

func recordedPage(e *record.Exchange, originHeader string, hasOrigin bool) page {
	if hasOrigin {
		return pageOf(originHeader, FromOrigin)
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
	mode, hasMode := list.Get("sec-fetch-mode")
	destination, _ := list.Get("sec-fetch-dest")
	resource := headers.Lower(e.ResourceType)
	switch {
	case e.APIRequest, headers.IsForbiddenMethod(e.Request.Method):
		x.exempt = NotFromPage
		return
	case x.url == nil:
		return
	case x.url.Scheme() == "ws", x.url.Scheme() == "wss", mode == "websocket", resource == "websocket" && !hasMode:
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
		return
	}
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
	switch resource {
	case "document":
		x.exempt = Navigation
	case "xhr", "eventsource":
		x.cors = true
	case "font":
		x.cors, x.elements = true, true
	case "image", "media", "script", "stylesheet", "texttrack", "manifest":
		// With the attribute crossorigin, and in modules, they are fetched in
		// mode "cors", which a GET shows by its Origin header.
		x.elements = true
		if x.cors = x.hasOrigin; !x.cors {
			x.exempt = NoCORS
		}
	case "ping", "beacon", "csp-violation-report", "cspviolationreport":
		x.exempt = NoCORS
	}
	if upgrade, _ := list.Get("upgrade"); headers.EqualFold(upgrade, "websocket") {
		x.exempt = WebSocket
	}
}

// settleMode decides the mode of a cross-origin request of which neither browser
// nor recorder has said it. recordedCross says that the request was cross-origin
// as it was recorded, so that a missing Origin header means something.
func (x *request) settleMode(recordedCross bool) {
	method := x.e.Request.Method
	list := x.e.Request.Headers
	switch {
	case x.cors || x.exempt != 0:
		return
	case x.preflight != nil, !headers.IsCORSSafelistedMethod(method):
		// Nothing else can ask so.
	case x.hasOrigin && method == "POST" && (list.Contains("upgrade-insecure-requests") || acceptsHTML(list)):
		x.exempt = Navigation
		return
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
	}
	x.cors = true
}

func acceptsHTML(list headers.List) bool {
	accept, _ := list.Get("accept")
	return strings.HasPrefix(accept, "text/html")
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
	case e.Response.HasResponse && rec.marksFailures:
		return Delivered
	case !e.Response.HasResponse && rec.engine != nil:
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
	for _, words := range [...]string{"access control", "Access-Control-", "CORS"} {
		if strings.Contains(s, words) {
			return true
		}
	}
	return false
}
