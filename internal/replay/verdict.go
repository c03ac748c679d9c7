package replay

import (
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/record"
)

// A Result is what is said about one request of a recording.
type Result struct {
	// Exchange is the request that was judged: for a preflight without its
	// request in the recording, the preflight itself.
	Exchange *record.Exchange
	// Preflight is the recorded preflight of the request, if any.
	Preflight *record.Exchange
	// RedirectedFrom is the redirect that led to the request, if any.
	RedirectedFrom *record.Exchange
	// Hop counts the redirects before the request.
	Hop int

	// Page is the serialized origin of the page that asked; empty where unknown.
	Page     string
	PageFrom PageSource
	// Origin is the serialized origin that the response is checked against:
	// that of the page, or "null" after redirects that taint it.
	Origin string

	Credentials     Credentials
	CredentialsFrom CredentialsSource

	// AuthorHeaders are the names of the request headers that script set, as far
	// as can be told, in lower case.
	AuthorHeaders []string

	// Happened is what the recording says came of the request.
	Happened Happened

	// CachedFrom is the entry whose response the browser's cache answered with, though it was asked for
	// without CORS and has none of the headers; "" for none that is known.
	CachedFrom string

	// Verdicts are one for each engine of [Options], in that order.
	Verdicts []Verdict

	// Notes are what else a reader should know, each a sentence.
	Notes []string

	request cors.Request
	asked   *request // that it is about
}

// Request returns what the response was checked for, with credentials if they are
// known to have been included. It is the zero value for what is not subject to
// CORS, and where the page's origin is missing.
func (r *Result) Request() cors.Request {
	request := r.request
	request.IncludeCredentials = r.Credentials == CredentialsIncluded
	return request
}

// note adds a note, once.
func (r *Result) note(text string) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// Contradicted reports whether a verdict is contradicted by the recording.
func (r *Result) Contradicted() bool {
	for i := range r.Verdicts {
		if r.Verdicts[i].Agreement == Contradicted {
			return true
		}
	}
	return false
}

// A Verdict is what an engine would do with a request.
type Verdict struct {
	Engine  *browser.Engine
	Outcome Outcome

	// Err says why, where the outcome is Blocked or Asks. What else is not met is in its
	// Also.
	Err *cors.Error
	// Missing is what would have to be known, where the outcome is Undecidable.
	Missing Missing
	// Alternatives are what the request would come to with each credentials
	// mode, where Missing has CredentialsMode.
	Alternatives []Alternative
	// Exempt says why the outcome is NotSubject.
	Exempt Exemption
	// Permission is the name of the one that the user is asked for, where the outcome is Asks.
	Permission string

	// PreflightFrom is where the answer to the preflight question came from.
	PreflightFrom PreflightSource

	Agreement Agreement
}

// An Alternative is the outcome under an assumption about the credentials mode.
type Alternative struct {
	IncludeCredentials bool
	Outcome            Outcome
	Err                *cors.Error
	Missing            Missing
}

// An Outcome is what a verdict comes to.
type Outcome uint8

// The outcomes. Two would lie: recordings leave things out.
const (
	Allowed Outcome = iota
	Blocked
	// Undecidable: what the recording lacks would decide.
	Undecidable
	// NotSubject: the CORS protocol has no say.
	NotSubject
	// Asks: the user is asked for a permission first, and decides.
	Asks
)

var outcomeNames = [...]string{"allowed", "blocked", "undecidable", "not-subject", "asks"}

// String returns the machine-readable name.
func (o Outcome) String() string { return outcomeNames[o] }

// An Exemption is why the CORS protocol has no say in a request.
type Exemption uint8

// The exemptions.
const (
	_ Exemption = iota
	SameOrigin
	Navigation
	NoCORS
	WebSocket
	// NotFromPage: a test script, a server or the user agent itself asked.
	NotFromPage
	// OtherScheme: the URL is not http or https (data:, blob:, an extension's).
	OtherScheme
	// ServiceWorker: a service worker answered; what it fetched itself is in
	// the recording by itself.
	ServiceWorker
	// NeverSent: the redirect that led here was blocked, or the browser gave up
	// before.
	NeverSent
	// Extension: a browser's extension asked, and has a permission for the host.
	Extension
	// InternalRedirect: the browser itself redirected it, before anything was sent, as to https.
	InternalRedirect
	exemptions
)

var exemptionNames = [exemptions]struct{ name, text string }{
	SameOrigin:       {"same-origin", "same-origin"},
	Navigation:       {"navigation", "a navigation"},
	NoCORS:           {"no-cors", "mode no-cors"},
	WebSocket:        {"websocket", "a WebSocket"},
	NotFromPage:      {"not-from-a-page", "not from a page"},
	OtherScheme:      {"other-scheme", "neither http nor https"},
	ServiceWorker:    {"service-worker", "answered by a service worker"},
	NeverSent:        {"never-sent", "never sent: the redirect to it was blocked"},
	Extension:        {"extension", "an extension with a permission for the host"},
	InternalRedirect: {"internal-redirect", "redirected by the browser itself, before anything was sent"},
}

// String returns the machine-readable name.
func (x Exemption) String() string { return exemptionNames[x].name }

// Text says it for people.
func (x Exemption) Text() string { return exemptionNames[x].text }

// Missing is a set of things that a recording does not tell.
type Missing uint16

// What may be missing.
const (
	// CredentialsMode: no recording has it, and the two possibilities differ.
	CredentialsMode Missing = 1 << iota
	// CookiesRemoved: Cookie and Authorization, which would tell the credentials
	// mode, have been removed from the recording.
	CookiesRemoved
	// PageOrigin: nothing tells where the page stands.
	PageOrigin
	// Preflight: a preflight is needed, and was neither recorded nor answered
	// by an earlier one.
	Preflight
	// PreflightResponse: the preflight was recorded without its response.
	PreflightResponse
	// Response: no response was recorded.
	Response
	// ResponseHeaders: a response was recorded without its headers.
	ResponseHeaders
	// RequestHeaders: whether the request needed a preflight depends on its
	// headers, which were not recorded.
	RequestHeaders
	// Repeats: the recording has one value a name, so that whether
	// Access-Control-Allow-Origin stood more than once is unknown.
	Repeats
	// RedactedValues: the value of a header that decides was replaced.
	RedactedValues
	// URL: what the recording has is no URL that a browser takes.
	URL
	// Request: only the response was recorded.
	Request
	// RequestMode: whether the request was in mode "cors" at all.
	RequestMode
	// PageAddress: whether the page's own server is in a local network.
	PageAddress
	missingEnd
)

var missingNames = [...]struct{ name, text string }{
	{"credentials-mode", "credentials mode"},
	{"cookies-removed", "cookies and Authorization were removed"},
	{"page-origin", "the page's origin"},
	{"preflight", "preflight not recorded"},
	{"preflight-response", "the preflight's response"},
	{"response", "no response recorded"},
	{"response-headers", "the response's headers"},
	{"request-headers", "the request's headers"},
	{"repeats", "whether headers were repeated"},
	{"redacted-values", "a header's value, which was redacted"},
	{"url", "a URL that browsers take"},
	{"request", "request not recorded"},
	{"request-mode", "request mode"},
	{"page-address", "the address of the page's server"},
}

// All returns the members of the set, one at a time.
func (m Missing) All() iter.Seq[Missing] {
	return func(yield func(Missing) bool) {
		for ; m != 0; m &= m - 1 {
			if !yield(m & -m) {
				return
			}
		}
	}
}

// String returns the machine-readable name of the first member.
func (m Missing) String() string {
	if m == 0 || m >= missingEnd {
		return ""
	}
	return missingNames[bits.TrailingZeros16(uint16(m))].name
}

// Text lists the members for people.
func (m Missing) Text() string {
	var b strings.Builder
	for one := range m.All() {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(missingNames[bits.TrailingZeros16(uint16(one))].text)
	}
	return b.String()
}

// A PageSource is what the page's origin was taken from.
type PageSource uint8

// The sources of a page's origin, the best first except FromOption.
const (
	PageUnknown         PageSource = iota
	FromOrigin                     // the Origin request header
	FromPreflightOrigin            // the Origin header of the request's preflight
	FromReferer                    // the Referer request header
	FromPage                       // the page as the recording describes it
	FromRedirect                   // the request at the head of the redirects
	FromOption                     // [Options]: what if
)

var pageSourceNames = [...]string{"unknown", "origin", "preflight-origin", "referer", "page", "redirect", "option"}

// String returns the machine-readable name.
func (s PageSource) String() string { return pageSourceNames[s] }

// Credentials is what is known of a request's credentials mode. The modes "omit"
// and "same-origin" are alike to the CORS protocol.
type Credentials uint8

// What may be known of a credentials mode.
const (
	CredentialsUnknown Credentials = iota
	CredentialsNotIncluded
	CredentialsIncluded
)

var credentialsNames = [...]string{"unknown", "not-included", "included"}

// String returns the machine-readable name.
func (c Credentials) String() string { return credentialsNames[c] }

// A CredentialsSource is what the credentials mode was inferred from.
type CredentialsSource uint8

// The sources of a credentials mode.
const (
	NoCredentialsSource CredentialsSource = iota
	// FromCookie: the request, or one before it in its redirects, has cookies.
	FromCookie
	// FromAuthorization: it has an Authorization that only a user agent sends.
	FromAuthorization
	// FromStorageAccess: it has a Sec-Fetch-Storage-Access.
	FromStorageAccess
	// FromDestination: CSS fetches fonts without.
	FromDestination
	// FromHappened: the two modes would have come to different ends, and the
	// recording says to which it came.
	FromHappened
	// FromBrowser: the browser itself recorded it, in a NetLog.
	FromBrowser
	// FromCredentialsOption: [Options]: what if.
	FromCredentialsOption
)

var credentialsSourceNames = [...]string{"", "cookie", "authorization", "sec-fetch-storage-access", "destination", "happened", "browser", "option"}

// String returns the machine-readable name.
func (s CredentialsSource) String() string { return credentialsSourceNames[s] }

// A PreflightSource is where the permission of a request that needs a preflight
// comes from.
type PreflightSource uint8

// The sources of permission.
const (
	// NoPreflight: none is needed.
	NoPreflight PreflightSource = iota
	// PreflightRecorded: a preflight in the recording.
	PreflightRecorded
	// PreflightCached: an earlier preflight in the recording, by the simulated
	// preflight cache.
	PreflightCached
	// PreflightMissing: one is needed and missing.
	PreflightMissing
	// PreflightImplied: one is needed and missing, but the recorded browser let the
	// page have the response, which it does after a preflight that allows it only.
	PreflightImplied
)

var preflightSourceNames = [...]string{"not-needed", "recorded", "cached", "missing", "implied"}

// String returns the machine-readable name.
func (s PreflightSource) String() string { return preflightSourceNames[s] }

// Happened is what a recording says came of a request.
type Happened uint8

// What may have happened.
const (
	// HappenedUnknown: the recording does not say.
	HappenedUnknown Happened = iota
	// Delivered: the page got the response, or the redirect was followed.
	Delivered
	// Refused: the request failed with the error that CORS failures have.
	Refused
	// Failed: the request failed, and the recorder does not say why.
	Failed
	// FailedOtherwise: the request failed for a reason that has nothing to do
	// with CORS: no connection, aborted.
	FailedOtherwise
)

var happenedNames = [...]string{"unknown", "delivered", "refused", "failed", "failed-otherwise"}

// String returns the machine-readable name.
func (h Happened) String() string { return happenedNames[h] }

// Agreement is how a verdict stands to what happened.
type Agreement uint8

// The agreements.
const (
	// Silent: the recording says nothing to the point.
	Silent Agreement = iota
	// Explained: what happened is what the verdict says.
	Explained
	// Contradicted: it is not. Either the verdict is wrong or the browser is.
	Contradicted
)

var agreementNames = [...]string{"silent", "explained", "contradicted"}

// String returns the machine-readable name.
func (a Agreement) String() string { return agreementNames[a] }
