// Package record reads recordings of HTTP traffic into exchanges: HAR 1.1 to
// 1.3 in the dialects of the browsers and tools that write it, JSON lines, raw
// HTTP messages, what curl -v and curl -i print, NetLogs of Chromium, events of the Chrome
// DevTools Protocol, and what Burp Suite, Fiddler and Charles save.
//
// A [Reader] streams: it holds one entry's headers and never a body, so that
// memory stays small whatever the size of the file. It says with each exchange
// how much of it can be relied on ([Fidelity]), because recordings leave things
// out: one that a browser sanitized has no cookies, one of Safari's has lost
// which headers were repeated. The package decides nothing: whether a request
// would have been allowed is for the packages above it.
package record

import (
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// An Exchange is one request and, where one was recorded, its response.
type Exchange struct {
	Index  int    // the position among the entries of the input, from 0; bad entries count
	Entry  string // the same for people: "entry 17" of a HAR, "source 17" of a NetLog, "line 17" of other formats
	Offset int64  // the byte at which the entry begins, after decompression
	Line   int64  // the line at which it begins, from 1, likewise
	Page   Page   // the page that asked; zero where the recording does not say

	Started  time.Time     // zero where not recorded
	Duration time.Duration // zero where not recorded

	Request  Request
	Response Response

	// AddressSpace is that of the server's address (serverIPAddress); SpaceUnknown where none was recorded.
	AddressSpace origin.AddressSpace

	ID           string // the request's own id (_requestId), where the dialect records one
	Initiator    string // Chrome's _initiator.type: "script", "parser", "preflight", …
	InitiatorID  string // Chrome's _initiator.requestId: in a preflight, the id of the request that needed it
	ResourceType string // Chrome's _resourceType ("fetch", "xhr", "preflight", "image", …)
	Error        string // why the request failed, in the recorder's words (_error, _failureText); there may be a response all the same
	ErrorKnown   bool   // the entry has a member for Error, be it null, as Chromium's DevTools always write one
	RequestFirst bool   // the recorder lists a request before its preflight (Chromium's DevTools, Firefox)

	Aborted           bool // the page or the user gave the request up (Playwright's _wasAborted)
	FromCache         bool // answered from the HTTP cache: nothing was on the wire
	FromServiceWorker bool // a service worker answered
	APIRequest        bool // sent by a test script, not by a page (Playwright's _apiRequest): CORS did not apply
	Fulfilled         bool // answered by a test script (Playwright's _wasFulfilled)

	// Cancelled says that the request was given up after it began, by the page or
	// because the response was not for it (NetLog).
	Cancelled bool
	// Decision is what the browser itself decided, as far as a NetLog tells.
	Decision Decision
	// CORSError is the browser's own reason for refusing the request, as the Chrome DevTools
	// Protocol calls it, and CORSParameter what of the exchange it is about.
	CORSError, CORSParameter string

	Fidelity Fidelity

	problem string // of a NetLog's request
}

// IsPreflight reports whether the request is a CORS-preflight request. Its headers
// say so, as no page can set Access-Control-Request-Method; of one that was never
// sent, or has lost its headers, only the recorder does. It has an Origin, which may
// have been removed.
//
// https://fetch.spec.whatwg.org/#cors-preflight-request
func (e *Exchange) IsPreflight() bool {
	return e.Request.Method == "OPTIONS" &&
		(e.Request.Headers.Contains("access-control-request-method") || e.Initiator == "preflight" || headers.EqualFold(e.ResourceType, "preflight"))
}

// PreflightedMethod returns the method that a preflight asks for, if it is known.
func (e *Exchange) PreflightedMethod() (method string, ok bool) {
	method, ok = e.Request.Headers.Get("access-control-request-method")
	return method, ok && headers.IsMethod(method) && !Redacted(method)
}

// A Page is a document that requests were made for, as HAR lists them.
type Page struct {
	ID    string
	Title string // Chrome and Firefox put the URL here; others the document's title
	URL   string // an http or https URL from _url, or from the title if that is one; else empty
}

// A Request is the recorded request.
type Request struct {
	Method      string
	URL         string       // as recorded
	Headers     headers.List // names in lower case, one header a line, without pseudo-headers
	HTTPVersion string       // as recorded: "HTTP/1.1", "h2", "http/2.0", …
	Pseudo      Pseudo

	BodySize     int64  // in bytes; -1 where not recorded
	HasBody      bool   // a body was sent
	BodyKnown    bool   // HasBody is what the recording says; where false, HasBody is false for want of knowledge
	PostMIMEType string // HAR's postData.mimeType

	HasCookies bool // HAR's request.cookies are not empty, whatever became of the Cookie header
}

// Origin returns the value of the Origin header, if that is what a browser sends:
// "null" or a serialized origin. Sanitizers leave other words.
//
// https://fetch.spec.whatwg.org/#origin-header
func (r *Request) Origin() (value string, ok bool) {
	value, ok = r.Headers.Get("origin")
	if !ok || value == "null" {
		return value, ok
	}
	o, err := origin.Parse(value)
	if err != nil || RedactedHost(o.Host()) {
		return "", false
	}
	return value, true
}

// OnWire reports whether the headers are those that were sent. What never was sent,
// and what the HTTP cache answered, browsers record without those that are added on
// the way.
func (r *Request) OnWire() bool {
	return r.Pseudo.Authority != "" || r.Headers.Contains("host") || r.Headers.Contains("accept-encoding")
}

// Pseudo holds the pseudo-headers of HTTP/2 and HTTP/3, each empty where not
// recorded. [PseudoMismatch] says when they contradict the method or the URL.
//
// https://httpwg.org/specs/rfc9113.html#PseudoHeaderFields
type Pseudo struct{ Method, Scheme, Authority, Path string }

// A Response is the recorded response. It is all zero except BodySize and,
// perhaps, Status and Headers where none was recorded.
type Response struct {
	HasResponse bool         // there was a response: Status is above 0
	Status      int          // as recorded; 0, -1 and -999 are what recorders write for none
	StatusText  string       //
	HTTPVersion string       // as recorded
	Headers     headers.List // names in lower case, one header a line, without pseudo-headers
	RedirectURL string       // HAR's redirectURL, or the Location header
	BodySize    int64        // in bytes; -1 where not recorded
	MIMEType    string       // HAR's content.mimeType
}
