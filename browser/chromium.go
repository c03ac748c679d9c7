package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/preflightcache"
)

// Chromium is Chromium 156, as observed on Linux.
var Chromium = &Engine{
	Name: "chromium", Version: "156.0.8078.79",
	CORS: cors.Policy{
		ClientHintsSafelisted:       true,
		UserAgentReserved:           true,
		CombineBeforeSafelisting:    true,
		LimitedRange:                true,
		WildcardCoversAuthorization: true,
		MaxAge:                      cors.MaxAgeInt64,
		MaxAgeLimit:                 7200,
	},
	Preflights: preflightcache.Rules{OnePerKey: true, WildcardWithoutCredentials: true},
	Fetch: Fetch{
		UserAgent:               "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		RewriteRange:            true,
		UploadListenerNeedsBody: true,
		CharsetInPlace:          true,
		PreflightSecFetchMode:   true,
		PreflightAgain:          []string{"no-store", "reload", "no-cache"},
		Clear:                   ClearOnPreflightFailure,
		RedirectCredentials:     true,
		TaintedOrigin:           true,
		EmptyLocation:           EmptyLocationNone,

		OriginIgnoresReferrerPolicy: true,
		OpaqueOriginAlways:          true,
		StorageAccess:               StorageAccessActual,
	},
}
