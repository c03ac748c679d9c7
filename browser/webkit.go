package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// WebKit is WebKitGTK 2.50, as observed on Linux. Its network library is
// libsoup, which Safari's is not.
var WebKit = &Engine{
	Name: "webkit", Version: "2.50", messages: webkitMessages,
	Product: Product{
		UserAgent:     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/60.5 Safari/605.1.15",
		Headers:       headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate"}},
		SecureHeaders: headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate, br"}},
		Connection:    "Keep-Alive",
	},
	CORS: cors.Policy{
		CombineBeforeSafelisting:    true,
		NoSafelistedTotal:           true,
		LenientRange:                true,
		RangeLimit:                  1<<64 - 1,
		PreflightStatusFirst:        true,
		WildcardCoversAuthorization: true,
		MaxAge:                      cors.MaxAgeInt64Trimmed,
		MaxAgeLimit:                 600,
	},
	Preflights: preflightcache.Rules{
		OnePerKey: true, WildcardWithoutCredentials: true, WildcardCoversAuthorization: true,
	},
	HTTPCache: httpcache.Rules{KeepMovedPermanently: true, OnlyReusable: true},
	Fetch: Fetch{
		ValuesAsUTF8:                  true,
		Clear:                         ClearNever,
		PreflightHops:                 PreflightHopsOnceNeeded,
		LocationIsLatin1:              true,
		ManualLocationFTP:             true,
		PreflightHeadersAsGiven:       true,
		PreflightReferrerOfFirstHop:   true,
		PreflightSiteOfTaint:          true,
		InsufficientErases:            true,
		RefusedRemembered:             true,
		NoLengthOfEmptyUpload:         true,
		ResetContentBody:              true,
		RedirectedPastCache:           true,
		OriginNeedsReferrer:           true,
		NULIsError:                    true,
		OnlyChunked:                   true,
		NoCacheHeaderMode:             "no-cache",
		RedirectCheckedAsBegun:        true,
		CredentialsStay:               true,
		DeleteBecomesGET:              true,
		ContentTypeReturns:            true,
		OriginStays:                   true,
		EmptyLocation:                 EmptyLocationError,
		ManualRedirectBody:            true,
		OpaqueReferrer:                true,
		NoMetadataAfterRedirect:       true,
		ReplaceInvalidUTF8:            true,
		DeliverProxyAuthentication:    true,
		ResponseURLWithoutCredentials: true,
		OnlyIfCachedAsks:              true,
		LoopbackIsMixed:               true,
	},
}
