package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/preflightcache"
)

// Firefox is Firefox ESR 153, as observed on Linux.
var Firefox = &Engine{
	Name: "firefox", Version: "153.7.0",
	CORS: cors.Policy{
		NoSafelistedTotal:           true,
		StrictContentType:           true,
		StrictAccept:                true,
		RepeatRequestHeaders:        true,
		IgnoreEmptyLines:            true,
		WildcardCoversAuthorization: true,
		MaxAge:                      cors.MaxAgeDigitsOrZero,
		MaxAgeLimit:                 86400,
	},
	Preflights: preflightcache.Rules{SeparateCredentials: true, WildcardForgotten: true},
	Fetch: Fetch{
		LastSingleton:              true,
		PreflightAgain:             []string{"no-store", "reload"},
		Clear:                      ClearOnCheckFailure,
		PreflightEveryHop:          true,
		PreflightOrigin:            true,
		PreflightHomeUnchecked:     true,
		ContentTypeReturns:         true,
		ReferrerAnew:               true,
		StorageAccess:              StorageAccessPreflightToo,
		CombineResponses:           CombineAsGecko,
		DataURLLength:              true,
		DeliverProxyAuthentication: true,
		BadPortRedirectHangs:       true,
	},
	Privacy: Privacy{StrictReferrerCrossSite: true},
}
