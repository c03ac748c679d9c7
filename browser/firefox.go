package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/preflightcache"
)

// Firefox is Firefox ESR 153, as observed on Linux.
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
		NoSafelistedTotal:           true,
		RangeLimit:                  1<<64 - 1,
		StrictContentType:           true,
		StrictAccept:                true,
		RepeatRequestHeaders:        true,
		IgnoreEmptyLines:            true,
		AllowOriginCounted:          true,
		AllowMethodsFirst:           true,
		WildcardCoversAuthorization: true,
		WildcardBeforeInvalid:       true,
		MaxAge:                      cors.MaxAgeDigitsOrZero,
		MaxAgeLimit:                 86400,
	},
	Preflights: preflightcache.Rules{SeparateCredentials: true, WildcardForgotten: true},
	HTTPCache:  httpcache.Rules{IgnoreRequestPragma: true},
	Fetch: Fetch{
		MergeAsGecko:               true,
		PreflightAgain:             []string{"no-store", "reload"},
		Clear:                      ClearOnCheckFailure,
		PreflightHops:              PreflightHopsOnceNeeded,
		NeverConditional:           true,
		PreflightOrigin:            true,
		PreflightHomeUnchecked:     true,
		PreflightSiteOfHop:         true,
		HeadersReapplied:           true,
		LocationKeepsControls:      true,
		OriginNeedsReferrer:        true,
		DowngradeByScheme:          true,
		NULIsError:                 true,
		ReferrerAnew:               true,
		RepeatedLocation:           RepeatedLocationEqual,
		StorageAccess:              StorageAccessPreflightToo,
		CombineResponses:           CombineAsGecko,
		DataURLAsFile:              true,
		DeliverProxyAuthentication: true,
		BadPortRedirectHangs:       true,
	},
	Privacy: Privacy{StrictReferrerCrossSite: true},
}
