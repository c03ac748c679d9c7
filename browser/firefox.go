package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// Firefox is Firefox ESR 153, as observed on Linux. How the evidence beside the
// fields is to be read says [Engine].
var Firefox = &Engine{
	Name: "firefox", Version: "153.7.0", messages: firefoxMessages,
	Product: Product{
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
		Headers: headers.List{
			{Name: "Accept-Language", Value: "en-US,en;q=0.9"}, {Name: "Accept-Encoding", Value: "gzip, deflate"},
			{Name: "Priority", Value: "u=4"},
		},
		SecureHeaders: headers.List{
			{Name: "Accept-Language", Value: "en-US,en;q=0.9"}, {Name: "Accept-Encoding", Value: "gzip, deflate, br, zstd"},
			{Name: "Priority", Value: "u=4"},
		},
		Connection: "keep-alive",
	},
	CORS: cors.Policy{
		// Which headers need a preflight.
		NoSafelistedTotal:    true,      // seen: probe-length-3x3x128
		RangeLimit:           1<<64 - 1, // seen: probe-range-"bytes=0-18446744073709551616"
		StrictContentType:    true,      // seen: probe-ctype-"text/plain;;"
		StrictAccept:         true,      // seen: probe-safebytes-Accept-80
		RepeatRequestHeaders: true,      // seen: g1-02299-acah

		// The CORS check.
		IgnoreEmptyLines:   true, // seen: g2-02368-acao | g2-00913-acac
		AllowOriginCounted: true, // seen: g1-00379-acao

		// What the response to a preflight permits, and for how long; and what an actual one exposes.
		NoImpliedMethod:             true,                    // live: quirk upload-method
		AllowMethodsFirst:           true,                    // seen: g1-01043-mix
		WildcardCoversAuthorization: true,                    // seen: g1-01500-acah
		WildcardBeforeInvalid:       true,                    // live: quirk expose-wildcard-before-invalid
		MaxAge:                      cors.MaxAgeDigitsOrZero, // seen: probe-maxage-"1.5" | probe-maxage--1 after 1 s
		MaxAgeLimit:                 86400,                   // source: netwerk/protocol/http/nsCORSListenerProxy.cpp
	},
	Preflights: preflightcache.Rules{
		SeparateCredentials: true, // seen: probe-pfcache-include then same-origin
		WildcardForgotten:   true, // seen: g1-00142-maxage
	},
	HTTPCache: httpcache.Rules{
		IgnoreRequestPragma:   true,                                                         // seen: g1-00089-cache
		Variants:              httpcache.VariantValidated,                                   // live: quirk variants
		ResponsePragma:        true,                                                         // live: quirk response-pragma
		NotModified:           httpcache.NotModifiedForgets,                                 // live: quirk not-modified
		LastingStatuses:       []int{410},                                                   // live: quirk moved-cached
		AnyStatus:             true,                                                         // live: quirk cached-statuses
		UnstoredStatuses:      []int{300, 305, 310, 408, 425, 429},                          // live: quirk cached-statuses
		RedirectNeedsLocation: true,                                                         // live: quirk cached-statuses
		FreshStatuses:         []int{200, 203, 204, 206, 301, 302, 303, 304, 307, 308, 410}, // live: quirk cached-statuses
		Validated:             httpcache.ValidatedSuccess,                                   // live: quirk revalidation
		ValidatedByLength:     true,                                                         // seen: g1-02099-cache
	},
	Fetch: Fetch{
		// Requests, as script makes them.
		MergeAsGecko: true, // seen: v-twice-header fetch Authorization

		// Preflights, and what of them is remembered.
		PreflightAgain:          []string{"no-store", "reload"}, // seen: g1-01324-maxage | probe-pfcache-cache no-store
		ConditionalIsNoStore:    ConditionalGET,                 // live: quirk cache-modes
		Refused:                 RefusedByCORSKept,              // live: quirk refused-cached
		CachedMethodsSafelisted: true,                           // live: quirk upload-method
		HEADPastCache:           true,                           // live: quirk head-cached
		Invalidates:             InvalidatesAnyStatus,           // live: quirk invalidation
		CachedHEADListed:        true,                           // live: quirk cached-head
		Clear:                   ClearButOnRedirectMode,         // live: quirk cache-clearing
		PreflightHops:           PreflightHopsOnceNeeded,        // seen: probe-redirect-cross-cross PUT 303
		PreflightHopsRemembered: true,                           // live: quirk preflight-after-redirect
		PreflightOrigin:         true,                           // seen: probe-redirect-cross-other x-a, second answers null
		PreflightHomeUnchecked:  true,                           // seen: probe-redirect-cross-same x-a, second answers -
		PreflightSiteOfHop:      true,                           // seen: g1-01409-https

		// Redirects.
		HeadersReapplied:      true,                  // seen: g1-00086-redirect
		RepeatedLocation:      RepeatedLocationEqual, // seen: probe-location-b cors "same twice"
		LocationKeepsControls: true,                  // seen: probe-location-a cors "/x\x01"
		BadPortRedirectHangs:  true,                  // seen: v-xhr-location b http://b.test:6000/
		UnfollowedForgotten:   true,                  // live: quirk unfollowed-redirect

		// Origin, Referer and Sec-Fetch headers.
		OriginOfInactive:    OriginOfInactiveSaid,   // live: quirk opaque-origin
		OriginNeedsReferrer: true,                   // seen: g1-00347-referrer
		ReferrerAnew:        true,                   // seen: g1-00821-referrer
		DowngradeByScheme:   true,                   // seen: probe-mixed-https page to http localhost cors
		StorageAccess:       StorageAccessUntainted, // seen: g1-00996-https

		// Responses.
		ContentCodings:             ContentCodingsAsGecko,   // live: quirk content-codings
		CombineResponses:           CombineAsGecko,          // seen: g1-01458-expose
		ShortBodyOfErrorTaken:      true,                    // live: quirk short-body
		MisdirectedRetry:           MisdirectedRetryAsGecko, // live: quirk status-421
		NULIsError:                 true,                    // seen: g1-01694-expose
		DataURLAsFile:              true,                    // seen: g1-02348-url
		DeliverProxyAuthentication: true,                    // seen: probe-status-407
	},
	Privacy: Privacy{
		StrictReferrerCrossSite: true, // seen: g1-02524-referrer
	},
}
