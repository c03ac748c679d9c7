package httpcache

import "time"

// Bounds of a cache whose [Options] say nothing else.
const (
	// DefaultMaxEntries bounds the number of stored responses. It is this
	// package's own: browsers bound bytes only, but small responses cost more
	// memory than their bytes.
	DefaultMaxEntries = 10_000

	// DefaultMaxBytes bounds the memory of all stored responses together.
	DefaultMaxBytes = 64 << 20
)

const (
	// bodyShare is the part of MaxBytes that one body may take, as in Chromium's
	// cache backends.
	bodyShare = 8

	// maxVariants bounds the stored responses of one URL, which are searched one
	// by one, so that a Vary header cannot make a look-up slow. Browsers keep one.
	maxVariants = 32

	// maxVaryNames bounds the distinct header names that one response may
	// nominate, for the same reason.
	maxVaryNames = 32

	// entryOverhead is about what a stored response costs beside its strings.
	entryOverhead = 512
)

// Options configure a [Cache]. The zero value is RFC 9111 with the default
// bounds.
type Options struct {
	// MaxEntries, MaxBytes and MaxBodyBytes bound the number of stored
	// responses, their memory in bytes (bodies, headers, URLs and an allowance
	// for each), and the length of one body in bytes. What is not above zero
	// stands for the default, which is an eighth of MaxBytes for a body.
	MaxEntries   int
	MaxBytes     int64
	MaxBodyBytes int64

	Heuristic Heuristic
	Rules     Rules
}

// A Heuristic says how long a response without explicit freshness information
// is fresh: for a share of the time that had passed at its Date since its
// Last-Modified.
//
// https://httpwg.org/specs/rfc9111.html#heuristic.freshness
type Heuristic struct {
	// Percent is the share. Zero stands for 10, which RFC 9111 suggests and
	// browsers use; below zero nothing is ever heuristically fresh.
	Percent int

	// Max is the longest heuristic lifetime, without limit if not above zero.
	Max time.Duration
}

// Rules are places where engines differ from RFC 9111, as observed with
// web-platform-tests and scenarios. The zero value is the RFC.
type Rules struct {
	// IgnoreRequestPragma gives Pragma: no-cache in a request no meaning. Firefox
	// was observed to answer such a request from its cache, but for a cause that
	// is not known to be this rule.
	IgnoreRequestPragma bool

	// IgnoreRequestLimits gives max-age (other than 0), min-fresh, max-stale and
	// no-store in a request no meaning, as in Chromium.
	IgnoreRequestLimits bool

	// ResponsePragma lets Pragma: no-cache in a response stand for
	// Cache-Control: no-cache. All engines do that, even where the response has a
	// Cache-Control of its own.
	ResponsePragma bool

	// Variants is what is kept and found of the responses that a URL has for
	// different requests, as Vary tells them apart.
	Variants Variants

	// LastingStatuses are those of which a response without freshness information
	// is fresh for ever.
	LastingStatuses []int

	// HeuristicStatuses, if there are any, are those of which a response may be
	// heuristically fresh.
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

func (v Validated) has(s *Stored) bool {
	switch v {
	case ValidatedNoRedirects:
		return !isRedirect(s.status) || isBlank(s.headers, "Location")
	case ValidatedSuccess:
		return 200 <= s.status && s.status <= 299
	case ValidatedOK:
		return s.status == 200 || s.status == 206
	}
	return true
}

func (o *Options) setDefaults() {
	if o.MaxEntries <= 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxBodyBytes <= 0 {
		o.MaxBodyBytes = o.MaxBytes / bodyShare
	}
	if o.Heuristic.Percent == 0 {
		o.Heuristic.Percent = 10
	}
}
