package cookies

import "time"

// Standard is the policy of the drafts, where they have one.
var Standard = Policy{}

// Chromium is Chromium 156 with a fresh profile. "Observed" is what a
// browser did, in an experiment; "source" what its code says.
var Chromium = Policy{
	// Observed: "c=1" set by a cross-site response is never sent back, over
	// http, where no third-party cookie is blocked for any other reason.
	DefaultLax: true,
	// Source: net/cookies, kLaxAllowUnsafeMaxAge.
	LaxAllowingUnsafe: 2 * time.Minute,
	// Observed: page of a.test, b.test redirects to a.test: a.test gets its
	// cookie without SameSite.
	IgnoreRedirects: true,
	// Observed: "c=1; SameSite=None; Secure" of b.test in a page of a.test, both
	// https, is not sent back; with Partitioned it is.
	BlockThirdParty: true,
	Partitioned:     true,
	// Source: CookieMonster::kPerPartitionDomainMaxCookieBytes.
	MaxPartitionedBytes: 10240,
	// Source: the cookie access scheme "trustworthy".
	TrustworthyIsSecure: true,
	// Source: CookieMonster inherits a creation date where the values are equal.
	NewValueNewCreation: true,
}

// Firefox is Firefox ESR 153 with total cookie protection, as by default.
var Firefox = Policy{
	// Source: network.cookie.sameSite.schemeful is off by default.
	Schemeless: true,
	// Observed: "c=1" and "c=1; SameSite=None; Secure" of b.test in a page of
	// a.test are sent back there. That they are kept apart is from the product's
	// documentation.
	PartitionThirdParty: true,
	// Observed: a Partitioned cookie is sent back; one that is third-party is
	// kept apart anyway.
	Partitioned: true,
	// Observed: "c" comes back as "c=", and "=v" does not come back.
	LoneTokenIsName: true,
	RefuseNameless:  true,
	// Observed: "c=a\xE9b" comes back with U+FFFD.
	ReplaceInvalidUTF8: true,
	// Source: secure contexts count as secure.
	TrustworthyIsSecure: true,
}

// WebKit is WebKitGTK 2.50, whose network library is libsoup, set to accept all
// cookies, third-party ones too. Safari's prevention of tracking is not in it.
var WebKit = Policy{
	// Observed: "c=1; SameSite=None" is sent back over http.
	AllowSameSiteNoneInsecure: true,
	// Source: sites are compared as registrable domains, without a scheme.
	Schemeless: true,
	// Observed: after "Set-Cookie: " an empty Cookie header is sent.
	KeepEmpty: true,
	// Observed: "c=a\xE9b" comes back as "c=a", and "__Secure-c=1" over http.
	ASCIIOnly:      true,
	IgnorePrefixes: true,
	// Observed: "c=2" and then "c=1; Domain=b.test" come back as "c=1; c=2".
	DomainFirst: true,
}
