package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// Chromium is Chromium 156, as observed on Linux.
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
		ClientHintsSafelisted:       true,
		UserAgentReserved:           true,
		CombineBeforeSafelisting:    true,
		RangeLimit:                  1<<63 - 2,
		PreflightRedirectFirst:      true,
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
		NoCacheHeaderMode:       "reload",
		ConditionalIsNoStore:    true,

		OriginIgnoresReferrerPolicy: true,
		OpaqueOriginAlways:          true,
		StorageAccess:               StorageAccessActual,
	},
}
