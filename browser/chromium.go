package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// Chromium is Chromium 156, as observed on Linux. How the evidence beside the
// fields is to be read says [Engine].
var Chromium = &Engine{
	Name: "chromium", Version: "156.0.8078.79", messages: chromiumMessages,
	Product: Product{
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
		Headers:   headers.List{{Name: "Accept-Encoding", Value: "gzip, deflate"}, {Name: "Accept-Language", Value: "en-US,en;q=0.9"}},
		SecureHeaders: headers.List{
			{Name: "Sec-CH-UA", Value: `"Not:A-Brand";v="8", "Chromium";v="156"`},
			{Name: "Accept-Encoding", Value: "gzip, deflate, br, zstd"}, {Name: "Accept-Language", Value: "en-US,en;q=0.9"},
		},
		Connection: "keep-alive",
	},
	CORS: cors.Policy{
		// Which headers need a preflight.
		ClientHintsSafelisted:    true,      // seen: probe-hints-DPR=1.5 | probe-hints-Intervention=abc
		UserAgentReserved:        true,      // seen: g1-01762-acah
		CombineBeforeSafelisting: true,      // seen: probe-length-2xAccept-85 | probe-ctype-twice text/plain
		RangeLimit:               1<<63 - 2, // seen: probe-range-"bytes=0-9223372036854775807"

		// What the response to a preflight permits, and for how long.
		PreflightRedirectFirst:      true,             // seen: g1-00476-redirect
		WildcardCoversAuthorization: true,             // seen: g1-01500-acah
		NoImpliedMethod:             true,             // live: quirk upload-method
		MaxAge:                      cors.MaxAgeInt64, // seen: probe-maxage-+10 after 6 s | probe-maxage-"9223372036854775808" after 6 s
		MaxAgeLimit:                 7200,             // source: services/network/public/cpp/cors/preflight_result.cc
	},
	Preflights: preflightcache.Rules{
		OnePerKey:                  true, // live: quirk one-entry
		WildcardWithoutCredentials: true, // live: quirk stored-wildcard
	},
	HTTPCache: httpcache.Rules{
		Variants:             httpcache.VariantValidated,  // live: quirk variants
		LastingStatuses:      []int{300, 301, 308, 410},   // seen: v-loop 301 a | v-loop 308 a
		HeuristicStatuses:    []int{200, 203, 206},        // live: quirk heuristic-statuses
		AnyStatus:            true,                        // live: quirk cached-statuses
		UnstoredStatuses:     []int{401, 407, 416},        // live: quirk cached-statuses
		Validated:            httpcache.ValidatedOK,       // live: quirk revalidation
		ValidatedByValidator: true,                        // live: quirk revalidation
		ResponsePragma:       true,                        // live: quirk response-pragma
		NotModified:          httpcache.NotModifiedStored, // live: quirk not-modified
	},
	Fetch: Fetch{
		// Requests, as script makes them.
		UserAgentReserved:       true,              // seen: v-twice-header fetch User-Agent
		RewriteRange:            true,              // seen: probe-range-"bytes= 0-1" | g1-00949-safelist
		UploadListenerNeedsBody: true,              // seen: probe-upload-POST body "-" listener true b.test:18001
		CharsetInPlace:          true,              // seen: probe-ctype-xhr charset text/plain
		NoCacheHeaderMode:       "reload",          // seen: g1-02497-cache
		Refused:                 RefusedAsChromium, // live: quirk refused-cached
		ConditionalCacheMode:    "no-store",        // live: quirk conditional-past-cache
		OpaqueUncached:          true,              // live: quirk opaque-uncached
		Invalidates:             InvalidatesButPUT, // live: quirk invalidation

		// Preflights, and what of them is remembered.
		PreflightSecFetchMode:   true,                                       // seen: probe-method-"put" allow "-" xhr
		PreflightSiteOfHop:      true,                                       // seen: g1-01409-https
		PreflightAgain:          []string{"no-store", "reload", "no-cache"}, // seen: g1-00360-maxage | probe-pfcache-cache no-store
		ConditionalIsNoStore:    ConditionalAll,                             // seen: g1-01895-mix
		CachedMethodsSafelisted: true,                                       // live: quirk upload-method
		NoStoreForgets:          true,                                       // live: quirk cache-modes
		Forgotten:               ForgottenOpaque,                            // live: quirk opaque-preflights
		Clear:                   ClearOnPreflightFailure,                    // seen: g1-00880-maxage | probe-pfcache-actual fails CORS

		// Redirects.
		RedirectCredentials:  true,                  // seen: probe-redirect-same-same userinfo "u:p@" cors follow
		TaintedOrigin:        true,                  // seen: g1-01074-redirect
		EmptyLocation:        EmptyLocationNone,     // seen: probe-location-a cors ""
		RepeatedLocation:     RepeatedLocationEqual, // seen: probe-location-b cors "same twice"
		LocationEncodesBar:   true,                  // seen: probe-location-a cors "/x|"
		ManualLocationParsed: true,                  // seen: probe-location-b manual "http://[::1/x"
		ErrorNeedsLocation:   true,                  // live: quirk redirect-error-location

		// Origin, Referer and Sec-Fetch headers.
		OriginIgnoresReferrerPolicy: true,                  // seen: g1-02044-referrer
		OriginOfInactive:            OriginOfInactiveFirst, // seen: g2-00752-null
		DowngradeByScheme:           true,                  // seen: probe-mixed-https page to http localhost cors
		StorageAccess:               StorageAccessActual,   // seen: g1-00996-https

		// Responses.
		ContentCodings: ContentCodingsAsChromium, // live: quirk content-codings
		NULIsError:     true,                     // seen: g1-01694-expose
		NoAboutBlank:   true,                     // live: quirk about-blank
	},
}
