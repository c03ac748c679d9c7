package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// WebKit is WebKitGTK 2.50, as observed on Linux. Its network library is
// libsoup, which Safari's is not. How the evidence beside the fields is to be read
// says [Engine].
var WebKit = &Engine{
	Name: "webkit", Version: "2.50", messages: webkitMessages,
	Product: Product{
		UserAgent:     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/60.5 Safari/605.1.15",
		Headers:       headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate"}},
		SecureHeaders: headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate, br"}},
		Connection:    "Keep-Alive",
	},
	CORS: cors.Policy{
		// Which headers need a preflight.
		CombineBeforeSafelisting: true,      // seen: probe-length-2xAccept-85 | probe-ctype-twice text/plain
		LenientRange:             true,      // seen: probe-range-"Bytes=0-1"
		RangeLimit:               1<<64 - 1, // seen: probe-range-"bytes=0-18446744073709551616"

		// What the response to a preflight permits, and for how long.
		PreflightStatusFirst:        true,                    // seen: g1-00476-redirect
		NoImpliedMethod:             true,                    // live: quirk upload-method
		WildcardCoversAuthorization: true,                    // seen: g1-01500-acah
		MaxAge:                      cors.MaxAgeInt64Trimmed, // seen: probe-maxage-+10 after 6 s | probe-maxage-"10\v" after 6 s
		MaxAgeLimit:                 600,                     // source: Source/WebCore/loader/CrossOriginPreflightResultCache.cpp
	},
	Preflights: preflightcache.Rules{
		WildcardWithoutCredentials:  true, // seen: g1-00289-maxage
		WildcardCoversAuthorization: true, // seen: probe-pfcache-headers *, then Authorization
	},
	HTTPCache: httpcache.Rules{
		Variants:             httpcache.VariantReplaced,                                                                            // live: quirk variants
		ResponsePragma:       true,                                                                                                 // live: quirk response-pragma
		LastingStatuses:      []int{301, 410},                                                                                      // seen: v-twice 301 a
		ExplicitLifetime:     true,                                                                                                 // live: quirk cached-statuses
		StoredStatuses:       []int{200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 403, 404, 405, 406, 410, 414, 415, 501}, // live: quirk cached-statuses
		OnlyReusable:         true,                                                                                                 // live: quirk only-reusable
		Validated:            httpcache.ValidatedNoRedirects,                                                                       // live: quirk revalidation
		ValidatedByValidator: true,                                                                                                 // live: quirk revalidation
	},
	Fetch: Fetch{
		// Requests, as script makes them.
		ValuesAsUTF8:          true,                 // seen: v-req utf8
		NoLengthOfEmptyUpload: true,                 // seen: g1-02460-xhr
		Refused:               RefusedRedirectsKept, // live: quirk refused-cached
		ConditionalCacheMode:  "reload",             // live: quirk conditional-past-cache

		// Preflights, and what of them is remembered.
		CachedMethodsSafelisted:     true,                    // live: quirk upload-method
		Forgotten:                   ForgottenTainted,        // live: quirk opaque-preflights
		Clear:                       ClearNever,              // seen: g1-00880-maxage | probe-pfcache-refused in between
		InsufficientErases:          true,                    // live: quirk cache-clearing
		RefusedRemembered:           true,                    // seen: g1-02559-maxage
		PreflightHops:               PreflightHopsOnceNeeded, // seen: probe-redirect-cross-cross PUT 303
		PreflightHopsRemembered:     true,                    // live: quirk preflight-after-redirect
		PreflightHeadersAsGiven:     true,                    // seen: probe-redirect-cross-other authorization, second answers -
		PreflightReferrerOfFirstHop: true,                    // seen: probe-redirect-same-cross PUT 307 xhr
		PreflightSiteOfTaint:        true,                    // seen: g1-01409-https

		// Redirects.
		RedirectCheckedAsBegun:  true,                     // seen: g1-00645-redirect | g1-00117-redirect
		RedirectCredentialsLate: true,                     // live: quirk redirect-to-credentials
		CredentialsStay:         true,                     // seen: g1-02543-redirect
		DeleteBecomesGET:        true,                     // seen: probe-redirect-same-cross DELETE 307
		BodyHeadersReturn:       true,                     // seen: g1-00086-redirect
		OddRedirects:            true,                     // live: quirk redirect-statuses
		OriginStays:             true,                     // seen: probe-redirect-same-same POST 302
		EmptyLocation:           EmptyLocationError,       // seen: probe-location-a cors ""
		RepeatedLocation:        RepeatedLocationCombined, // live: quirk location-repeated
		LocationIsLatin1:        true,                     // seen: probe-location-a cors "/Ã©"
		ManualLocationFTP:       true,                     // seen: probe-location-b manual "ftp://b.test/"
		ErrorNeedsLocation:      true,                     // live: quirk redirect-error-location
		MixedContentLate:        true,                     // live: quirk mixed-content-redirect
		ManualRedirectBody:      true,                     // seen: probe-location-b manual "-"
		RedirectedPastCache:     true,                     // seen: v-loop 301 a

		// Origin, Referer and Sec-Fetch headers.
		OriginNeedsReferrer:         true, // seen: g1-00347-referrer
		OpaqueReferrer:              true, // seen: g1-00413-null
		NoMetadataAfterRedirect:     true, // seen: g1-02545-https
		PreflightMetadataOfFirstHop: true, // live: quirk metadata-after-redirect

		// Responses.
		ContentCodings:                ContentCodingsAsWebKit, // live: quirk content-codings
		BodiesAwaited:                 true,                   // live: quirk broken-preflight-body
		NoAboutBlank:                  true,                   // live: quirk about-blank
		HEADPastCache:                 true,                   // live: quirk head-cached
		Invalidates:                   InvalidatesAnyMethod,   // live: quirk invalidation
		NULIsError:                    true,                   // seen: g1-01694-expose
		OnlyChunked:                   true,                   // live: quirk transfer-encoding
		ReplaceInvalidUTF8:            true,                   // seen: probe-respvalues-mid-80
		ResetContentBody:              true,                   // seen: probe-status-205
		DeliverProxyAuthentication:    true,                   // seen: probe-status-407
		ResponseURLWithoutCredentials: true,                   // seen: g2-00111-url
		OnlyIfCachedAsks:              true,                   // seen: g1-00341-cache
		LoopbackIsMixed:               true,                   // seen: probe-mixed-https page to http localhost cors
	},
}
