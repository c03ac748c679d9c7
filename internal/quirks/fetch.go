package quirks

// Request holds how a request is made of what script or a page asks for, and what main fetch
// refuses at once. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#main-fetch
type Request struct {
	// UserAgentReserved sends the product's User-Agent, whatever script sets.
	UserAgentReserved bool
	// MergeAsGecko sends one of repeated headers that HTTP allows once, where
	// fetch() was given them, and drops empty ones.
	MergeAsGecko bool
	// RewriteRange sends a Range header that can be parsed in a normal form.
	RewriteRange bool
	// PrivateNetworkHeaderForbidden does not let script set Access-Control-Request-Private-Network.
	PrivateNetworkHeaderForbidden bool
	// EmptyPriorityReplaced sends the browser's own Priority for one that script made empty.
	EmptyPriorityReplaced bool
	// ValuesAsUTF8 sends bytes from 0x80 in header values as the UTF-8 encoding
	// of their code points.
	ValuesAsUTF8 bool
	// UploadListenerNeedsBody takes an upload listener to be a reason for a
	// preflight only where there is a body.
	UploadListenerNeedsBody bool
	// StreamsOverHTTP2Alone sends a body that is a stream over HTTP/2 only, StreamsAreText sends the text
	// "[object ReadableStream]" in its place, and StreamsRefused does not take it.
	StreamsOverHTTP2Alone, StreamsAreText, StreamsRefused bool
	// CharsetInPlace replaces the charset of a string body's Content-Type where
	// it stands, and always; the standard serializes the MIME type anew, if the
	// charset is another.
	CharsetInPlace bool
	// NoLengthOfEmptyUpload sends no Content-Length for an empty body with an
	// upload listener, except with POST and PUT.
	NoLengthOfEmptyUpload bool
	// NoCacheHeaderMode is the cache mode of a request in which script asks for
	// no cached response by Cache-Control or Pragma; empty for no such.
	NoCacheHeaderMode string
	// ConditionalCacheMode is the cache mode of a request in which script has set a
	// conditional header, if its own is not "default"; empty for its own.
	ConditionalCacheMode string
	// NoAboutBlank fails to fetch about:blank.
	NoAboutBlank bool
	// SharedWorkersMayMix lets shared workers fetch over http, and MixedByOwnURL does not look at the
	// top-level document.
	SharedWorkersMayMix, MixedByOwnURL bool
	// NegotiateAskedTwice makes a request again that is answered with a challenge of Negotiate.
	NegotiateAskedTwice bool
	// CredentialsAcrossOrigins sends the credentials in the URL of an XMLHttpRequest, once a server of
	// another origin asks for them, whatever the credentials mode; OwnAuthorizationStays does not ask
	// again with an Authorization that script has set.
	CredentialsAcrossOrigins, OwnAuthorizationStays bool
	// URLCredentialsReplace sends the credentials in the URL in place of an Authorization that script has set, once the
	// server has asked, and URLCredentialsRemembered remembers them though script's were sent.
	URLCredentialsReplace, URLCredentialsRemembered bool
	// URLCredentialsDespiteOmit sends them to the page's own server with the credentials mode "omit" too.
	URLCredentialsDespiteOmit bool
	// UnspecifiedRefused does not connect to 0.0.0.0.
	UnspecifiedRefused bool
	// LoopbackIsMixed blocks http: URLs of loopback addresses in a secure page.
	LoopbackIsMixed bool
}

// Preflight holds what CORS-preflight fetch does differently. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
type Preflight struct {
	// SecFetchModeAlways sends Sec-Fetch-Mode with every preflight, to
	// untrustworthy URLs as well.
	SecFetchModeAlways bool
	// Hops is which hops of a redirected request get a preflight.
	Hops PreflightHops
	// HeadersAsGiven asks, after a redirect, for the headers of the
	// request as script made it.
	HeadersAsGiven bool
	// BodyHeadersForgotten takes from those headers, too, the ones about a body that a redirect dropped.
	BodyHeadersForgotten bool
	// ReferrerOfFirstHop sends a preflight after a redirect with the
	// referrer of the first request.
	ReferrerOfFirstHop bool
	// SiteOfTaint says "cross-site" in a preflight's Sec-Fetch-Site
	// after a tainting redirect.
	SiteOfTaint bool
	// OriginOfPage sends and checks preflights with the page's own origin
	// even after a tainting redirect.
	OriginOfPage bool
	// SiteOfCurrentURL says in a preflight's Sec-Fetch-Site how the page is
	// related to the current URL alone, not to those before it.
	SiteOfCurrentURL bool
	// SiteOfCurrentURLAfterwards says so in the request as well for which a preflight was made.
	SiteOfCurrentURLAfterwards bool
	// UncheckedAtOwnOrigin does no CORS check on the response to a preflight for
	// the page's own origin, to which a redirect led back.
	UncheckedAtOwnOrigin bool
	// MetadataOfFirstHop leaves them away from preflights where the
	// request began at a URL that is not to have them.
	MetadataOfFirstHop bool
}

// Redirect holds what HTTP-redirect fetch does differently. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
type Redirect struct {
	// CredentialsRefused refuses every redirect to a URL with credentials.
	CredentialsRefused bool
	// CredentialsRefusedAfterPreflight refuses a request's first redirect to a URL with
	// credentials at another origin only after the preflight for that URL.
	CredentialsRefusedAfterPreflight bool
	// CheckedWithInitialCredentials checks a redirect by another origin, of a request
	// that began within the page's origin with the credentials mode
	// "same-origin", as if credentials were included: when the next hop's
	// preflight has passed.
	CheckedWithInitialCredentials bool
	// CredentialsKept goes on to include credentials of mode "same-origin" when a
	// request in mode "no-cors" is redirected to another origin.
	CredentialsKept bool
	// DeleteBecomesGET turns DELETE into GET at a cross-origin redirect.
	DeleteBecomesGET bool
	// BodyHeadersRestored gives a request that became a GET the headers about its
	// body again at the next redirect, once another origin is in play; before that
	// ContentTypeRestored gives it Content-Type again at a 307 or 308.
	BodyHeadersRestored, ContentTypeRestored bool
	// HeadersRestored gives the request, at each redirect, the headers again
	// that earlier redirects took away. Those about a body are asked for in the
	// preflight only, if the redirect would have taken them from the request as it
	// began.
	HeadersRestored bool
	// StatusFrom309 takes a response with a status from 309 to 399 and a Location
	// for a redirect.
	StatusFrom309 bool
	// OriginKeptAfterPOST keeps an Origin header when a redirect within an origin turns
	// POST into GET.
	OriginKeptAfterPOST bool
	// NullOriginInNoCORS sends "null" as the origin of a request in mode "no-cors"
	// that was redirected to another origin.
	NullOriginInNoCORS bool
	// EmptyLocation is what an empty Location is.
	EmptyLocation EmptyLocation
	// RepeatedLocation is what a response with more than one Location is.
	RepeatedLocation RepeatedLocation
	// LocationIsLatin1 decodes Location isomorphically, even where it is UTF-8.
	LocationIsLatin1 bool
	// LocationKeepsControls percent-encodes control bytes of Location that a
	// URL parser would strip.
	LocationKeepsControls bool
	// LocationEncodesBar percent-encodes "|" in Location, before a query.
	LocationEncodesBar bool
	// ManualLocationParsed fails a redirect whose Location is no URL even where
	// the redirect mode is "manual".
	ManualLocationParsed bool
	// ManualLocationRefused are the schemes of URLs at which one fails to which it leads.
	ManualLocationRefused []string
	// BodyHeadersKept does not drop the headers about a body, except its length, where a redirect makes a GET.
	BodyHeadersKept bool
	// ErrorNeedsLocation delivers a redirect without a Location, or with an empty
	// one, where the redirect mode is "error".
	ErrorNeedsLocation bool
	// MixedContentAfterPreflight blocks a redirect to mixed content after the preflight for
	// it only.
	MixedContentAfterPreflight bool
	// ManualBodyReadable lets script read the body of an opaque-redirect
	// response that has no Location.
	ManualBodyReadable bool
	// BadPortHangsXHR never ends an XMLHttpRequest that a redirect leads to
	// a bad port.
	BadPortHangsXHR bool
}

// Headers holds how the headers that the user agent adds differ: Origin, Referer and
// the Sec-Fetch headers. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
type Headers struct {
	// IPv6HostsHaveNoSite calls what another port of the same IPv6 address is asked cross-site.
	IPv6HostsHaveNoSite bool
	// OriginIgnoresReferrerPolicy sends the page's origin where the referrer
	// policy makes it "null".
	OriginIgnoresReferrerPolicy bool
	// OriginNeedsReferrer sends "null" in mode "no-cors" where the request has
	// no referrer.
	OriginNeedsReferrer bool
	// OriginOfInactiveStorage is which requests in mode "no-cors" to the site of the
	// top-level document that another origin makes, or an opaque one, have an
	// Origin whatever their method.
	OriginOfInactiveStorage OriginOfInactive
	// ReferrerOfLocalURLs sends the URL of the document that created a page at about:blank as its
	// referrer, and its origin as that of one at a blob: URL; neither has the creator's referrer
	// policy. NoReferrerOfSrcdoc sends none from a srcdoc document, except for XMLHttpRequest.
	ReferrerOfLocalURLs, NoReferrerOfSrcdoc bool
	// ReferrerOfOpaqueOrigin sends a Referer from a document with an opaque origin.
	ReferrerOfOpaqueOrigin bool
	// DowngradeFromHTTPSOnly takes no step from a page over http for a downgrade, even if that is
	// potentially trustworthy.
	DowngradeFromHTTPSOnly bool
	// SchemelessLoopbackSite takes http: and https: URLs of one loopback host to be of the same site
	// in Sec-Fetch-Site.
	SchemelessLoopbackSite bool
	// ReferrerRecomputed works the referrer out from the start after a cross-site hop,
	// under a relaxed referrer policy.
	ReferrerRecomputed bool
	// DowngradeByScheme takes every step from https: to http: for a downgrade,
	// even to a URL that is potentially trustworthy.
	DowngradeByScheme bool
	// NoMetadata knows no Sec-Fetch headers.
	NoMetadata bool
	// NoMetadataAfterRedirect leaves the Sec-Fetch headers away at a URL to which
	// another origin redirected, in mode "cors".
	NoMetadataAfterRedirect bool
	// StorageAccess is when Sec-Fetch-Storage-Access is sent.
	StorageAccess StorageAccess
	// NoStorageAccessInWorkers leaves it out of what workers ask for, and
	// StorageAccessOfDataWorkers treats a worker from a data: URL as if its origin were its
	// creator's.
	NoStorageAccessInWorkers, StorageAccessOfDataWorkers bool
	// DataWorkersOfCreator treats a worker from a data: URL as if its origin were its creator's in
	// Sec-Fetch-Site, and in the Origin of requests without CORS.
	DataWorkersOfCreator bool
	// WholeReferrerOfBlobs gives what a document from a blob: URL asks for the whole URL of its creator for a referrer.
	WholeReferrerOfBlobs bool
	// StorageAccessOfOwn says it for credentials mode "same-origin", too, of a request within the page's origin, or in mode
	// "no-cors" of one that began there.
	StorageAccessOfOwn bool
	// StorageAccessActive says "active" in it, since third-party cookies are not blocked.
	StorageAccessActive bool
}

// Response holds what becomes of a response differently. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#http-network-fetch
type Response struct {
	// BodiesReadToEnd waits for the whole body of a response to a preflight, and of a
	// redirect that is followed, and fails where it breaks off.
	BodiesReadToEnd bool
	// ContentCodings is which content codings of a response's body are undone.
	ContentCodings ContentCodings
	// Combining is how repeated response headers are combined.
	Combining Combining
	// ShortBodyOfErrorAccepted takes a body that is shorter than its Content-Length
	// for whole where the status is not one from 200 to 299.
	ShortBodyOfErrorAccepted bool
	// MisdirectedRetry is what becomes of a request that is made again after a 421.
	MisdirectedRetry MisdirectedRetry
	// TooEarlyRetried makes a request anew that was answered by a 425.
	TooEarlyRetried bool
	// NULIsError takes a response with a NUL in a header for none.
	NULIsError bool
	// OnlyKnownFraming takes a response with a Transfer-Encoding other than chunked and
	// identity, or a Content-Length that is neither a number nor empty, for none; the
	// later of the two counts.
	OnlyKnownFraming bool
	// ReplaceInvalidUTF8 replaces the bytes from 0x80 of a response header's
	// value that is not UTF-8 by U+FFFD.
	ReplaceInvalidUTF8 bool
	// ResetContentBody lets script read the body of a response with status 205.
	ResetContentBody bool
	// DataURLAsFile gives the response of a data: URL a Content-Length for
	// fetch(), and to an XMLHttpRequest its Content-Type in capitals.
	DataURLAsFile bool
	// ProxyAuthenticationDelivered hands a 407 to the page.
	ProxyAuthenticationDelivered bool
	// ResponseURLWithoutCredentials removes credentials from the responseURL of
	// another origin.
	ResponseURLWithoutCredentials bool
}

// Cache holds how a fetch uses the HTTP cache differently. What the cache itself does
// differently is in [HTTPCache]. The zero value is the standard.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
type Cache struct {
	// UnfollowedRedirectNotStored keeps a 302, 303 or 307 out of the HTTP cache where the
	// redirect mode is not "follow".
	UnfollowedRedirectNotStored bool
	// RefusedResponses is which responses the HTTP cache keeps though they are refused to
	// the page, by the CORS check or by their resource policy.
	RefusedResponses RefusedResponses
	// RedirectedBypasses goes past the HTTP cache with a request that was
	// redirected by a response from the network.
	RedirectedBypasses bool
	// OpaqueOriginBypasses goes past the HTTP cache with all requests of a page with an
	// opaque origin.
	OpaqueOriginBypasses bool
	// HEADBypasses goes past the HTTP cache with HEAD requests.
	HEADBypasses bool
	// InvalidatedBy is what makes the HTTP cache forget what it has of a URL.
	InvalidatedBy Invalidates
	// KeptInPage gives a GET of script what an XMLHttpRequest of the page has got from the same URL, if the HTTP
	// cache has it and it is fresh: with the same credentials mode and the same headers of script, except those
	// that say how caches and servers may answer. No preflight is sent for it.
	KeptInPage bool
	// OnlyIfCachedUsesNetwork goes to the network for cache mode "only-if-cached".
	OnlyIfCachedUsesNetwork bool
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
	// RefusedAsChromium: redirects, and of what an XMLHttpRequest asked for that
	// whose MIME type is sniffed, in a body of less than 1024 bytes. Others remove
	// what is stored.
	RefusedAsChromium
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

// NotStoredPreflights is which preflights are not remembered.
type NotStoredPreflights uint8

// Which preflights are not remembered.
const (
	NotStoredNone NotStoredPreflights = iota
	// NotStoredTainted: those after a redirect that made the origin opaque.
	NotStoredTainted
	// NotStoredOfOpaquePage: those of a page with an opaque origin.
	NotStoredOfOpaquePage
	// NotStoredOpaque: both, those after such a redirect and all of a page with an opaque origin.
	NotStoredOpaque
)

// Invalidates is which responses make the HTTP cache forget what it has of their
// URL.
type Invalidates uint8

// Which responses make the HTTP cache forget what it has of their URL.
const (
	// InvalidatesUnsafe: those to unsafe methods with a status from 200 to 399, as
	// RFC 9111 has it.
	InvalidatesUnsafe Invalidates = iota
	// InvalidatesButPUT: those, but to PUT and PATCH.
	InvalidatesButPUT
	// InvalidatesAnyStatus: those to unsafe methods, but 304.
	InvalidatesAnyStatus
	// InvalidatesAnyMethod: those to all methods but GET, preflights apart, with a status that is none
	// from 300 to 399.
	InvalidatesAnyMethod
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
	// HopsAsNeeded: those that need one, as the standard has it.
	HopsAsNeeded PreflightHops = iota
	// HopsOnceNeeded: all after one that needed it, and those of a
	// request with headers, as script made it, that need one.
	HopsOnceNeeded
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
	// RepeatedLocationCombined: a redirect to what they are combined with ", ".
	RepeatedLocationCombined
	// RepeatedLocationEqual: a redirect if they are equal, and otherwise no
	// valid response at all, whatever its status.
	RepeatedLocationEqual
)

// MisdirectedRetry is what becomes of a request that is made again after a 421.
type MisdirectedRetry uint8

// What becomes of a request that is made again after a 421.
const (
	// MisdirectedRetryAlone: its own response, as the standard has it.
	MisdirectedRetryAlone MisdirectedRetry = iota
	// MisdirectedRetryAsGecko: its response has the Content-Type of the 421 before
	// its own; a HEAD request never ends.
	MisdirectedRetryAsGecko
)

// OriginOfInactive is which requests whose storage access is inactive have an
// Origin whatever their method.
type OriginOfInactive uint8

// Which requests whose storage access is inactive have an Origin.
const (
	OriginOfInactiveNone OriginOfInactive = iota
	// OriginOfInactiveFirst: those whose first URL has it, unless they were POST.
	OriginOfInactiveFirst
	// OriginOfInactiveSaid: those whose Sec-Fetch-Storage-Access says so.
	OriginOfInactiveSaid
)

// StorageAccess is when Sec-Fetch-Storage-Access is sent.
type StorageAccess uint8

// When Sec-Fetch-Storage-Access is sent with a cross-site request that includes
// credentials.
const (
	StorageAccessNever StorageAccess = iota
	// StorageAccessActual: with all of them but preflights.
	StorageAccessActual
	// StorageAccessUntainted: with preflights, and with actual requests unless a
	// redirect has tainted the origin; a site is the same over http and https.
	StorageAccessUntainted
)
