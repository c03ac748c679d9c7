package fetch

import "slices"

// A Mode is a request's mode.
//
// https://fetch.spec.whatwg.org/#concept-request-mode
type Mode string

// The modes.
const (
	ModeSameOrigin Mode = "same-origin"
	ModeCORS       Mode = "cors"
	ModeNoCORS     Mode = "no-cors"
	ModeNavigate   Mode = "navigate"
	ModeWebSocket  Mode = "websocket"
)

// A Credentials is a request's credentials mode.
//
// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
type Credentials string

// The credentials modes.
const (
	CredentialsOmit       Credentials = "omit"
	CredentialsSameOrigin Credentials = "same-origin"
	CredentialsInclude    Credentials = "include"
)

// A Redirect is a request's redirect mode.
//
// https://fetch.spec.whatwg.org/#concept-request-redirect-mode
type Redirect string

// The redirect modes.
const (
	RedirectFollow Redirect = "follow"
	RedirectError  Redirect = "error"
	RedirectManual Redirect = "manual"
)

// A CacheMode is a request's cache mode: what it wants of the HTTP cache.
//
// https://fetch.spec.whatwg.org/#concept-request-cache-mode
type CacheMode string

// The cache modes.
const (
	CacheDefault      CacheMode = "default"
	CacheNoStore      CacheMode = "no-store"
	CacheReload       CacheMode = "reload"
	CacheNoCache      CacheMode = "no-cache"
	CacheForceCache   CacheMode = "force-cache"
	CacheOnlyIfCached CacheMode = "only-if-cached"
)

// A ReferrerPolicy says how much of the page's URL goes into Referer.
//
// https://w3c.github.io/webappsec-referrer-policy/#referrer-policies
type ReferrerPolicy string

// The referrer policies. The empty string stands for the page's own, and there
// for [ReferrerPolicyStrictOriginWhenCrossOrigin].
const (
	ReferrerPolicyNoReferrer                  ReferrerPolicy = "no-referrer"
	ReferrerPolicyNoReferrerWhenDowngrade     ReferrerPolicy = "no-referrer-when-downgrade"
	ReferrerPolicySameOrigin                  ReferrerPolicy = "same-origin"
	ReferrerPolicyOrigin                      ReferrerPolicy = "origin"
	ReferrerPolicyStrictOrigin                ReferrerPolicy = "strict-origin"
	ReferrerPolicyOriginWhenCrossOrigin       ReferrerPolicy = "origin-when-cross-origin"
	ReferrerPolicyStrictOriginWhenCrossOrigin ReferrerPolicy = "strict-origin-when-cross-origin"
	ReferrerPolicyUnsafeURL                   ReferrerPolicy = "unsafe-url"
)

// A Tainting is a request's response tainting.
//
// https://fetch.spec.whatwg.org/#concept-request-response-tainting
type Tainting string

// The response taintings.
const (
	TaintingBasic  Tainting = "basic"
	TaintingCORS   Tainting = "cors"
	TaintingOpaque Tainting = "opaque"
)

// A Destination is what a response is meant for, such as "image" or "script";
// empty for fetch() and XMLHttpRequest.
//
// https://fetch.spec.whatwg.org/#concept-request-destination
type Destination string

// isKnown reports whether d is a destination type.
func (d Destination) isKnown() bool {
	return slices.Contains([]Destination{
		"", "audio", "audioworklet", "document", "embed", "font", "frame", "iframe", "image", "json",
		"manifest", "object", "paintworklet", "report", "script", "serviceworker", "sharedworker",
		"style", "text", "track", "video", "webidentity", "worker", "xslt",
	}, d)
}

// isScriptLike reports whether d is script-like.
//
// https://fetch.spec.whatwg.org/#request-destination-script-like
func (d Destination) isScriptLike() bool {
	switch d {
	case "audioworklet", "paintworklet", "script", "serviceworker", "sharedworker", "worker":
		return true
	}
	return false
}

func (m Mode) isKnown() bool {
	return slices.Contains([]Mode{ModeSameOrigin, ModeCORS, ModeNoCORS, ModeNavigate}, m)
}

func (c Credentials) isKnown() bool {
	return slices.Contains([]Credentials{CredentialsOmit, CredentialsSameOrigin, CredentialsInclude}, c)
}

func (r Redirect) isKnown() bool {
	return slices.Contains([]Redirect{RedirectFollow, RedirectError, RedirectManual}, r)
}

func (c CacheMode) isKnown() bool {
	return slices.Contains([]CacheMode{
		CacheDefault, CacheNoStore, CacheReload, CacheNoCache, CacheForceCache, CacheOnlyIfCached,
	}, c)
}

func (p ReferrerPolicy) isKnown() bool {
	return slices.Contains([]ReferrerPolicy{
		"", ReferrerPolicyNoReferrer, ReferrerPolicyNoReferrerWhenDowngrade, ReferrerPolicySameOrigin, ReferrerPolicyOrigin, ReferrerPolicyStrictOrigin,
		ReferrerPolicyOriginWhenCrossOrigin, ReferrerPolicyStrictOriginWhenCrossOrigin, ReferrerPolicyUnsafeURL,
	}, p)
}
