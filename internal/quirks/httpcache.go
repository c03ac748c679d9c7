package quirks

// HTTPCache holds the places where engines differ from RFC 9111, as observed with
// web-platform-tests and scenarios. The zero value is the RFC.
type HTTPCache struct {
	// IgnoreRequestPragma gives Pragma: no-cache in a request no meaning. Firefox
	// was observed to answer such a request from its cache, except a cause that
	// is not known to be this rule.
	IgnoreRequestPragma bool

	// IgnoreRequestLimits gives max-age (other than 0), min-fresh, max-stale and
	// no-store in a request no meaning, as in Chromium.
	IgnoreRequestLimits bool

	// ResponsePragma lets Pragma: no-cache in a response stand for
	// Cache-Control: no-cache. All engines do that, even where the response has a
	// Cache-Control of its own.
	ResponsePragma bool
	// ResponsePragmaAlone does so only where the response has no Cache-Control.
	ResponsePragmaAlone bool

	// Variants is what is kept and found of the responses that a URL has for
	// different requests, as Vary tells them apart.
	Variants Variants

	// LastingStatuses are those of which a response without freshness information
	// is fresh for ever.
	LastingStatuses []int

	// HeuristicStatuses, if there are any, are those of which a response may be
	// heuristically fresh, and stored though it says nothing of how long.
	HeuristicStatuses []int

	// OnlyReusable stores a response only if it is fresh for a while or has
	// a validator, as libsoup does.
	OnlyReusable bool

	// AnyStatus stores a response that says nothing of how long it may be kept
	// whatever its status, and ExplicitLifetime takes only max-age and an Expires
	// that is a date for saying it: not public or private, and an Expires that is
	// none is passed over.
	AnyStatus, ExplicitLifetime bool

	// StoredStatuses, if there are any, are those of which a response may be
	// stored, and UnstoredStatuses those of which none is, whatever its headers
	// say.
	StoredStatuses, UnstoredStatuses []int

	// PartialIsStored stores a 206 to a request without Range.
	PartialIsStored bool

	// FreshStatuses, if there are any, are those of which a response may be fresh.
	// What is stored with another is validated each time, as in Firefox.
	FreshStatuses []int

	// Validated is what of the stored responses is validated. Others are asked for
	// anew, as if they were not stored.
	Validated Validated

	// ValidatedByLength asks anew for a response whose Content-Length is not known,
	// and ValidatedByValidator for one that has no validator: a 304 confirms none.
	ValidatedByLength, ValidatedByValidator bool

	// NotModified is what becomes of a 304 that confirms nothing.
	NotModified NotModified

	// RedirectNeedsLocation stores no redirect without a Location.
	RedirectNeedsLocation bool
}

// Variants is what is kept and found of the responses that a URL has for different
// requests.
type Variants uint8

const (
	// VariantsKept keeps each response that Vary tells apart, and finds the one
	// that matches a request, as RFC 9111 has it.
	VariantsKept Variants = iota
	// VariantReplaced keeps the last, and finds it for requests that it matches.
	VariantReplaced
	// VariantValidated keeps the last, and lets it be validated, by its entity tag,
	// by a request that it does not match; none matches "*".
	VariantValidated
)

// NotModified is what becomes of a 304 that confirms nothing.
type NotModified uint8

// What becomes of a 304 that confirms nothing.
const (
	// NotModifiedPasses: it leaves what is stored as it is.
	NotModifiedPasses NotModified = iota
	// NotModifiedForgets: it removes what is stored.
	NotModifiedForgets
	// NotModifiedStored: it is stored as another response is.
	NotModifiedStored
)

// Validated is what of the stored responses is validated.
type Validated uint8

// What of the stored responses is validated.
const (
	// ValidatedAll: all, as RFC 9111 has it.
	ValidatedAll Validated = iota
	// ValidatedNoRedirects: all but redirects with a Location.
	ValidatedNoRedirects
	// ValidatedSuccess: those whose status is from 200 to 299.
	ValidatedSuccess
	// ValidatedOK: those whose status is 200 or 206.
	ValidatedOK
)
