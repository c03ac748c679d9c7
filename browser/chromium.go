package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// Chromium is Chromium 156, as observed on Linux.
var Chromium = &Engine{
	Name: "chromium", Version: "156.0.8078.79",
	Product: Product{
		UserAgent:      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
		AcceptLanguage: "en-US,en;q=0.9", AcceptEncoding: "gzip, deflate", SecureAcceptEncoding: "gzip, deflate, br, zstd",
		Connection: "keep-alive",
	},
	CORS: cors.Policy{
		ClientHintsSafelisted:       true,
		UserAgentReserved:           true,
		CombineBeforeSafelisting:    true,
		RangeLimit:                  1<<63 - 2,
		WildcardCoversAuthorization: true,
		MaxAge:                      cors.MaxAgeInt64,
		MaxAgeLimit:                 7200,
	},
	Preflights: preflightcache.Rules{OnePerKey: true, WildcardWithoutCredentials: true},
	HTTPCache:  httpcache.Rules{KeepMovedPermanently: true, KeepPermanentRedirect: true},
	Fetch: Fetch{
		UserAgentReserved:       true,
		RewriteRange:            true,
		UploadListenerNeedsBody: true,
		CharsetInPlace:          true,
		PreflightSecFetchMode:   true,
		PreflightAgain:          []string{"no-store", "reload", "no-cache"},
		Clear:                   ClearOnPreflightFailure,
		RedirectCredentials:     true,
		TaintedOrigin:           true,
		EmptyLocation:           EmptyLocationNone,
		RepeatedLocation:        RepeatedLocationEqual,
		PreflightSiteOfHop:      true,
		NULIsError:              true,
		LocationEncodesBar:      true,
		ManualLocationParsed:    true,
		DowngradeByScheme:       true,
		BypassByHeader:          true,

		OriginIgnoresReferrerPolicy: true,
		OpaqueOriginAlways:          true,
		StorageAccess:               StorageAccessActual,
	},
}
