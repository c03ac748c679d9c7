// Package browser holds facts about real browser engines, as data: where they
// differ from the Fetch standard and from each other.
package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// An Engine is a user agent: the points on which it differs from the standard.
// The zero value, and a nil *Engine, is the standard itself.
//
// Beside each field of the engines of this package stands its evidence. "Seen"
// names scenarios of testdata/observations, which the real browser was observed
// in and which come out otherwise without the field; " | " stands between two.
// "Live" names the quirk whose scenarios show it, which the browser was seen to run
// just so but which are not among the recorded; "source" the file of the browser
// that has the rule, where neither shows it. [Quirks] says in words what the fields come to.
type Engine struct {
	// Name is "standard", "chromium", "firefox" or "webkit".
	Name string
	// Version is that of the browser in which the differences were observed.
	Version string

	// Product holds the headers of every request that tell the product.
	Product Product
	// CORS is what the engine decides otherwise.
	CORS cors.Policy
	// Preflights is what the engine's preflight cache remembers otherwise.
	Preflights preflightcache.Rules
	// HTTPCache is what the engine's HTTP cache does otherwise.
	HTTPCache httpcache.Rules
	// Fetch is what the engine does otherwise on the way.
	Fetch Fetch
	// Privacy is the browser's own policy, which is no matter of CORS.
	Privacy Privacy

	// messages renders what the engine tells the developer; nil for none.
	messages func(*Failure) []Message
}

// Product holds the headers by which a browser tells what it is and what it can
// take. They are added to requests that do not have them.
type Product struct {
	UserAgent string
	// Headers are for http: URLs, SecureHeaders for others.
	Headers, SecureHeaders headers.List
	// Connection is for connections of HTTP/1.1.
	Connection string
}

// HeadersFor returns the headers for URLs of a scheme.
func (p *Product) HeadersFor(scheme string) headers.List {
	if scheme == "https" {
		return p.SecureHeaders
	}
	return p.Headers
}

// Fetch holds the points on which engines differ in the fetch algorithms. The
// zero value is the standard.
type Fetch struct {
	// Requests, as script makes them.

	// UserAgentReserved sends the product's User-Agent, whatever script sets.
	UserAgentReserved bool
	// MergeAsGecko sends one of repeated headers that HTTP allows once, where
	// fetch() was given them, and drops empty ones.
	MergeAsGecko bool
	// RewriteRange sends a Range header that can be parsed in a normal form.
	RewriteRange bool
	// ValuesAsUTF8 sends bytes from 0x80 in header values as the UTF-8 encoding
	// of their code points.
	ValuesAsUTF8 bool
	// UploadListenerNeedsBody takes an upload listener to be a reason for a
	// preflight only where there is a body.
	UploadListenerNeedsBody bool
	// CharsetInPlace replaces the charset of a string body's Content-Type where
	// it stands, and always; the standard serializes the MIME type anew, if the
	// charset is another.
	CharsetInPlace bool

	// Preflights.

	// PreflightSecFetchMode sends Sec-Fetch-Mode with every preflight, to
	// untrustworthy URLs as well.
	PreflightSecFetchMode bool
	// PreflightAgain are the cache modes that go past the preflight cache.
	PreflightAgain []string
	// ConditionalIsNoStore is which requests with a conditional header are taken
	// for ones of cache mode "no-store" in this as well.
	ConditionalIsNoStore Conditional
	// Clear is what clears a preflight cache's entries.
	Clear Clearing
	// PreflightHops is which hops of a redirected request get a preflight.
	PreflightHops PreflightHops
	// PreflightHopsRemembered spares a preflight that the request itself does not
	// need, where the cache remembers something for it, and all headers that the
	// preflight would ask for.
	PreflightHopsRemembered bool
	// PreflightHeadersAsGiven asks, after a redirect, for the headers of the
	// request as script made it.
	PreflightHeadersAsGiven bool
	// PreflightReferrerOfFirstHop sends a preflight after a redirect with the
	// referrer of the first request.
	PreflightReferrerOfFirstHop bool
	// PreflightSiteOfTaint says "cross-site" in a preflight's Sec-Fetch-Site
	// after a tainting redirect.
	PreflightSiteOfTaint bool
	// CachedHEADListed has the preflight cache serve a HEAD request only if an
	// answer allowed the method by name or by "*".
	CachedHEADListed bool
	// InsufficientErases removes the entries of a preflight cache that were
	// looked up and do not suffice.
	InsufficientErases bool
	// RefusedRemembered stores what a preflight's response permits even where
	// that does not suffice.
	RefusedRemembered bool
	// PreflightOrigin sends and checks preflights with the page's own origin
	// even after a tainting redirect.
	PreflightOrigin bool
	// PreflightSiteOfHop says in a preflight's Sec-Fetch-Site how the page is
	// related to the current URL alone, not to those before it.
	PreflightSiteOfHop bool
	// PreflightHomeUnchecked takes any response to a preflight for the page's
	// own origin, to which a redirect led back.
	PreflightHomeUnchecked bool

	// Redirects.

	// RedirectCredentials refuses every redirect to a URL with credentials.
	RedirectCredentials bool
	// RedirectCredentialsLate refuses a request's first redirect to a URL with
	// credentials at another origin only after the preflight for that URL.
	RedirectCredentialsLate bool
	// RedirectCheckedAsBegun checks a redirect by another origin, of a request
	// that began within the page's origin with the credentials mode
	// "same-origin", as if credentials were included: when the next hop's
	// preflight has passed.
	RedirectCheckedAsBegun bool
	// CredentialsStay goes on to include credentials of mode "same-origin" when a
	// request in mode "no-cors" is redirected to another origin.
	CredentialsStay bool
	// DeleteBecomesGET turns DELETE into GET at a cross-origin redirect.
	DeleteBecomesGET bool
	// ContentTypeReturns sends the Content-Type of a body that a redirect
	// dropped with the second redirect.
	ContentTypeReturns bool
	// HeadersReapplied gives the request, at each redirect, the headers again
	// that earlier redirects took away.
	HeadersReapplied bool
	// OriginStays keeps an Origin header when a redirect within an origin turns
	// POST into GET.
	OriginStays bool
	// TaintedOrigin sends "null" as the origin of a request in mode "no-cors"
	// that was redirected to another origin.
	TaintedOrigin bool
	// EmptyLocation is what an empty Location is.
	EmptyLocation EmptyLocation
	// RepeatedLocation is what a response with more than one Location is.
	RepeatedLocation RepeatedLocation
	// LocationIsLatin1 decodes Location isomorphically, even where it is UTF-8.
	LocationIsLatin1 bool
	// LocationKeepsControls percent-encodes control bytes of Location that a
	// URL parser would strip.
	LocationKeepsControls bool
	// LocationEncodesBar percent-encodes "|" in Location.
	LocationEncodesBar bool
	// ManualLocationParsed fails a redirect whose Location is no URL even where
	// the redirect mode is "manual".
	ManualLocationParsed bool
	// ManualLocationFTP fails one that leads to an ftp: URL.
	ManualLocationFTP bool
	// ManualRedirectBody lets script read the body of an opaque-redirect
	// response that has no Location.
	ManualRedirectBody bool

	// Origin, Referer and Sec-Fetch headers.

	// OriginIgnoresReferrerPolicy sends the page's origin where the referrer
	// policy would have it be "null".
	OriginIgnoresReferrerPolicy bool
	// OriginNeedsReferrer sends "null" in mode "no-cors" where the request has
	// no referrer.
	OriginNeedsReferrer bool
	// OpaqueOriginAlways sends `Origin: null` with a credentialed "no-cors"
	// request of an opaque origin to the top-level document's site, whatever its
	// method.
	OpaqueOriginAlways bool
	// OpaqueReferrer sends a Referer from a document with an opaque origin.
	OpaqueReferrer bool
	// ReferrerAnew works the referrer out from the start at each hop, under a
	// relaxed referrer policy.
	ReferrerAnew bool
	// DowngradeByScheme takes every step from https: to http: for a downgrade,
	// even to a URL that is potentially trustworthy.
	DowngradeByScheme bool
	// NoMetadataAfterRedirect leaves the Sec-Fetch headers away after a redirect
	// of a request that had them to another origin, in mode "cors".
	NoMetadataAfterRedirect bool
	// StorageAccess is when Sec-Fetch-Storage-Access is sent.
	StorageAccess StorageAccess

	// NoLengthOfEmptyUpload sends no Content-Length for an empty body to whose
	// upload somebody listens, but with POST and PUT.
	NoLengthOfEmptyUpload bool

	// Responses.

	// BodiesAwaited waits for the whole body of a response to a preflight, and of a
	// redirect that is followed, and fails where it breaks off.
	BodiesAwaited bool
	// ContentCodings is which content codings of a response's body are undone.
	ContentCodings ContentCodings
	// CombineResponses is how repeated response headers are combined.
	CombineResponses Combining
	// NULIsError takes a response with a NUL in a header for none.
	NULIsError bool
	// OnlyChunked takes a response with a Transfer-Encoding other than chunked and
	// identity for none, and one whose Content-Length is neither a number nor empty.
	OnlyChunked bool
	// ReplaceInvalidUTF8 replaces the bytes from 0x80 of a response header's
	// value that is not UTF-8 by U+FFFD.
	ReplaceInvalidUTF8 bool
	// ResetContentBody lets script read the body of a response with status 205.
	ResetContentBody bool
	// DataURLAsFile gives the response of a data: URL a Content-Length for
	// fetch(), and to an XMLHttpRequest its Content-Type in capitals.
	DataURLAsFile bool
	// DeliverProxyAuthentication hands a 407 to the page.
	DeliverProxyAuthentication bool
	// ResponseURLWithoutCredentials removes credentials from responseURL.
	ResponseURLWithoutCredentials bool
	// NoCacheHeaderMode is the cache mode of a request in which script asks for
	// no cached response by Cache-Control or Pragma; empty for no such.
	NoCacheHeaderMode string
	// ConditionalPastCache goes past the HTTP cache with a request in which script
	// has set a conditional header in every cache mode, not only in "default".
	ConditionalPastCache bool
	// Refused is which responses the HTTP cache keeps though they are refused to
	// the page, by the CORS check or by their resource policy.
	Refused RefusedResponses
	// ConditionalNeedsLength asks for what is stale in the HTTP cache
	// unconditionally where its Content-Length is not known.
	ConditionalNeedsLength bool
	// RedirectedPastCache goes past the HTTP cache with a request that was
	// redirected by a response from the network.
	RedirectedPastCache bool
	// OnlyIfCachedAsks goes to the network for cache mode "only-if-cached".
	OnlyIfCachedAsks bool
	// LoopbackIsMixed blocks http: URLs of loopback addresses in a secure page.
	LoopbackIsMixed bool
	// BadPortRedirectHangs never ends an XMLHttpRequest that a redirect leads to
	// a bad port.
	BadPortRedirectHangs bool
}

// RefusedResponses is which responses that are refused to the page an HTTP cache
// keeps.
type RefusedResponses uint8

// Which responses are kept though they are refused.
const (
	// RefusedKept: all of them, as the standard has it, in which a response has
	// been stored when it is checked.
	RefusedKept RefusedResponses = iota
	// RefusedRedirectsKept: redirects. Others leave the cache as it was.
	RefusedRedirectsKept
	// RefusedRedirectsKeptOthersForget: redirects. Others remove what is stored.
	RefusedRedirectsKeptOthersForget
	// RefusedByCORSKept: what the CORS check refuses, if it is no redirect.
	RefusedByCORSKept
)

// Conditional is which requests with a conditional header of script's go past the
// preflight cache.
type Conditional uint8

// Which requests with a conditional header go past the preflight cache.
const (
	ConditionalNone Conditional = iota
	// ConditionalGET: those whose method is GET or HEAD.
	ConditionalGET
	// ConditionalAll: all.
	ConditionalAll
)

// Clearing is what clears the entries of a preflight cache.
type Clearing uint8

// What clears the entries of a preflight cache.
const (
	// ClearOnNetworkError: any network error of a request that needed a
	// preflight, as the standard has it.
	ClearOnNetworkError Clearing = iota
	// ClearOnPreflightFailure: a preflight that fails.
	ClearOnPreflightFailure
	// ClearButOnRedirectMode: any network error but that of a redirect where the
	// redirect mode is "error". A redirect to a bad port clears those of the URL
	// that redirects.
	ClearButOnRedirectMode
	// ClearNever: nothing.
	ClearNever
)

// PreflightHops is which hops of a redirected request get a preflight.
type PreflightHops uint8

// Which hops of a redirected request get a preflight.
const (
	// PreflightHopsAsNeeded: those that need one, as the standard has it.
	PreflightHopsAsNeeded PreflightHops = iota
	// PreflightHopsOnceNeeded: all after one that needed it, and those of a
	// request with headers, as script made it, that need one.
	PreflightHopsOnceNeeded
)

// EmptyLocation is what an empty Location header is.
type EmptyLocation uint8

// What an empty Location header is.
const (
	// EmptyLocationSelf: a relative URL, which leads to the URL itself, as the
	// standard has it.
	EmptyLocationSelf EmptyLocation = iota
	// EmptyLocationNone: no Location at all.
	EmptyLocationNone
	// EmptyLocationError: a network error.
	EmptyLocationError
)

// Combining is how repeated response headers are combined.
type Combining uint8

// How repeated response headers are combined.
const (
	// CombineWithCommas: all values with ", ", as the standard has it.
	CombineWithCommas Combining = iota
	// CombineAsGecko: Content-Type with "," and no space, only the first
	// Content-Length and Location, empty lines dropped; Proxy-Authenticate cannot
	// be read.
	CombineAsGecko
)

// ContentCodings is which of the content codings that a response lists are undone, and
// what is made of a list that is none, and of a body that is in none of them.
type ContentCodings uint8

// Which content codings are undone.
const (
	// ContentCodingsAsStandard: all, in any case, if all are known; none where the
	// list is none.
	ContentCodingsAsStandard ContentCodings = iota
	// ContentCodingsAsChromium: the same, where an empty member and "identity" are
	// not known. A list that is none, and a coding that Accept-Encoding does not
	// have, are no valid response, but that of a redirect. The check sums of gzip
	// do not count.
	ContentCodingsAsChromium
	// ContentCodingsAsGecko: all that are known and were asked for; others are
	// passed over. Spaces separate members. The check sums of gzip do not count.
	ContentCodingsAsGecko
	// ContentCodingsAsWebKit: all, if all are known, in lower case; zstd is not. A
	// body that is in no gzip or deflate from its beginning stays as it is.
	ContentCodingsAsWebKit
)

// RepeatedLocation is what a response with more than one Location is.
type RepeatedLocation uint8

// What a response with more than one Location is.
const (
	// RepeatedLocationError: a redirect that fails, as the standard has it.
	RepeatedLocationError RepeatedLocation = iota
	// RepeatedLocationEqual: a redirect if they are equal, and otherwise no
	// valid response at all, whatever its status.
	RepeatedLocationEqual
)

// StorageAccess is when Sec-Fetch-Storage-Access is sent.
type StorageAccess uint8

// When Sec-Fetch-Storage-Access is sent with a cross-site request that includes
// credentials.
const (
	StorageAccessNever StorageAccess = iota
	StorageAccessActual
	StorageAccessPreflightToo
)

// Privacy holds what is a browser's own policy rather than CORS.
type Privacy struct {
	// StrictReferrerCrossSite makes the relaxed referrer policies act as
	// "strict-origin-when-cross-origin" for cross-site requests.
	StrictReferrerCrossSite bool
}

// Standard is the user agent that the standard describes.
var Standard = &Engine{Name: "standard"}
