package quirks

import "time"

// Cookies holds the points on which engines differ in what they store and send.
// The zero value is the draft that the Fetch standard builds on, which knows no
// third-party cookies.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html
type Cookies struct {
	// OpaqueIsItsURL takes a page whose origin is opaque to be of the site of its URL in what it
	// asks of that host, and one from disk to be of every site.
	OpaqueIsItsURL bool
	// BlobDocumentsAreCrossSite takes a document from a blob: URL for one of another site than every host.
	BlobDocumentsAreCrossSite bool
	// DefaultLax treats a cookie without SameSite as one with SameSite=Lax.
	DefaultLax bool
	// LaxAllowingUnsafe is for how long, since its creation, a cookie without
	// SameSite goes with cross-site top-level navigations of any method, where
	// DefaultLax is set. Zero is never.
	LaxAllowingUnsafe time.Duration
	// AllowSameSiteNoneInsecure stores SameSite=None cookies without Secure.
	AllowSameSiteNoneInsecure bool
	// IgnoreRedirects lets a request that came by a URL of another site be a
	// same-site one.
	IgnoreRedirects bool
	// Schemeless lets http and https URLs of one registrable domain be same site.
	Schemeless bool
	// BlockThirdParty neither stores nor sends a cookie in a request to another
	// site than those of the page and its top-level document, unless it is
	// Partitioned.
	BlockThirdParty bool
	// PartitionThirdParty keeps the cookies of such requests apart for each
	// top-level site.
	PartitionThirdParty bool
	// Partitioned knows the Partitioned attribute, which the draft does not:
	// such a cookie is kept apart for each top-level site, and must be Secure.
	//
	// https://github.com/privacycg/CHIPS
	Partitioned bool
	// MaxPartitionedBytes bounds the names and values that a site's Partitioned
	// cookies may have in all under one top-level site. Zero is no such bound.
	MaxPartitionedBytes int
	// LoneTokenIsName takes what has no "=" to be the name of a cookie with an
	// empty value: "c" is sent as "c=". Otherwise it is the value of a cookie
	// without a name.
	LoneTokenIsName bool
	// RefuseNameless refuses a cookie whose name is empty.
	RefuseNameless bool
	// KeepEmpty keeps a cookie that has neither a name nor a value. Where no other
	// goes with a request, its Cookie header is empty.
	KeepEmpty bool
	// ASCIIOnly cuts Set-Cookie off before the first byte from 0x80.
	// ReplaceInvalidUTF8 stores U+FFFD for each byte of a value that is not UTF-8.
	ASCIIOnly, ReplaceInvalidUTF8 bool
	// IgnorePrefixes gives names that begin with "__Host-" or "__Secure-" no
	// meaning.
	IgnorePrefixes bool
	// DomainFirst sends, of the cookies with paths of equal length, those of the
	// longer domain first, and those with a Domain attribute before others.
	DomainFirst bool
	// IgnoreHTTPPrefixes gives names that begin with "__Http-" and
	// "__Host-Http-" no meaning but that of "__Host-".
	IgnoreHTTPPrefixes bool
	// TrustworthyIsSecure lets a potentially trustworthy http URL, such as one
	// of localhost, set and get Secure cookies.
	TrustworthyIsSecure bool
	// NewValueNewCreation gives a cookie that another one replaces a creation
	// time of its own unless their values are equal; otherwise the old one's is
	// kept. It decides the order in which cookies are sent.
	NewValueNewCreation bool
}
