package browser

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

var chromium = &history{
	name: "chromium", messages: chromiumMessages, numbers: 1, oldest: "60",
	usual: "156",
	builds: []build{
		{"131.0.6778.0", "2026-12-01"},
		{"137.0.7151.0", "2026-12-01"},
		{"143.0.7499.0", "2026-12-01"},
		{"148.0.7778.0", "2026-12-01"},
		{"150.0.7871.100", "2026-12-01"},
		{"152.0.7977.0", "2026-12-01"},
		{"156.0.8078.79", "2026-11-22"},
	},
	facts:   chromiumFacts,
	product: chromiumProduct,
}

// chromiumProduct returns what Chromium of a version says of itself.
func chromiumProduct(version string) quirks.Product {
	brands, codings := chromiumBrands(version), "gzip, deflate, br, zstd"
	if compareVersions(version, "123") < 0 {
		codings = "gzip, deflate, br"
	}
	product := quirks.Product{
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + version + ".0.0.0 Safari/537.36",
		Headers:   headers.List{{Name: "Accept-Encoding", Value: "gzip, deflate"}, {Name: "Accept-Language", Value: "en-US,en;q=0.9"}},
		SecureHeaders: headers.List{
			{Name: "Sec-CH-UA", Value: brands},
			{Name: "Sec-CH-UA-Mobile", Value: "?0"}, {Name: "Sec-CH-UA-Platform", Value: `"Linux"`},
			{Name: "Accept-Encoding", Value: codings}, {Name: "Accept-Language", Value: "en-US,en;q=0.9"},
		},
		Connection: "keep-alive",
	}
	if compareVersions(version, "89") < 0 {
		product.SecureHeaders = product.SecureHeaders[3:] // without client hints
	}
	return product
}

// chromiumBrands returns Sec-CH-UA: the brand, and one that is no brand, whose letters and place change with the version so
// that nobody takes either for granted.
//
// https://wicg.github.io/ua-client-hints/#create-arbitrary-brands-section
func chromiumBrands(version string) string {
	seed, _ := strconv.Atoi(version)
	letters := [...]string{" ", "(", ":", "-", ".", "/", ")", ";", "=", "?", "_"}
	none := fmt.Sprintf(`"Not%sA%sBrand";v="%s"`, letters[seed%len(letters)], letters[(seed+1)%len(letters)], [...]string{"8", "99", "24"}[seed%3])
	brand := fmt.Sprintf(`"Chromium";v="%s"`, version)
	if seed%2 == 0 {
		return none + ", " + brand
	}
	return brand + ", " + none
}

// Chromium returns Chromium as Debian has it, as observed on Linux: the engine of
// Chrome and Edge.
func Chromium() *Engine { return chromium.withoutVersion() }

var chromiumFacts = []fact{
	// Which headers need a preflight.
	{"client-hints", always, `seen: probe-hints-DPR=1.5 | probe-hints-Intervention=abc`, func(r *quirks.Engine) { r.CORS.ClientHintsSafelisted = true }},
	{"user-agent", always, `seen: g1-01762-acah`, func(r *quirks.Engine) { r.CORS.UserAgentReserved = true }},
	{"safelisted-twice", always, `seen: probe-length-2xAccept-85 | probe-ctype-twice text/plain`, func(r *quirks.Engine) { r.CORS.CombineBeforeSafelisting = true }},
	{"range-safelisted", span{since: "152.0.7977.0..156.0.8078.79"}, `seen: probe-range-"bytes=0-9223372036854775807"`, func(r *quirks.Engine) { r.CORS.RangeLimit = 1<<63 - 2 }},
	{"range-safelisted", span{until: "152.0.7977.0..156.0.8078.79"}, `live: quirk range-safelisted`, func(r *quirks.Engine) { r.CORS.LenientRange = true }},
	{"range-safelisted", span{until: "152.0.7977.0..156.0.8078.79"}, `live: quirk range-safelisted`, func(r *quirks.Engine) { r.CORS.RangeLimit = 1<<63 - 1 }},

	// What the response to a preflight permits, and for how long.
	{"first-failure", always, `seen: g1-00476-redirect`, func(r *quirks.Engine) { r.CORS.PreflightRedirectFirst = true }},
	{"authorization-under-wildcard", always, `seen: g1-01500-acah`, func(r *quirks.Engine) { r.CORS.WildcardCoversAuthorization = true }},
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.CORS.MethodNeverImplied = true }},
	{"max-age-syntax", always, `seen: probe-maxage-+10 after 6 s | probe-maxage-"9223372036854775808" after 6 s`, func(r *quirks.Engine) { r.CORS.MaxAge = quirks.MaxAgeInt64 }},
	{"max-age-limit", always, `source: services/network/public/cpp/cors/preflight_result.cc`, func(r *quirks.Engine) { r.CORS.MaxAgeLimit = 7200 }},

	// The preflight cache.
	{"one-entry", always, `live: quirk one-entry`, func(r *quirks.Engine) { r.PreflightCache.OnePerKey = true }},
	{"stored-wildcard", always, `live: quirk stored-wildcard`, func(r *quirks.Engine) { r.PreflightCache.WildcardWithoutCredentials = true }},

	// The HTTP cache.
	{"variants", always, `live: quirk variants`, func(r *quirks.Engine) { r.HTTPCache.Variants = quirks.VariantValidated }},
	{"moved-cached", always, `seen: v-loop 301 a | v-loop 308 a`, func(r *quirks.Engine) { r.HTTPCache.LastingStatuses = []int{300, 301, 308, 410} }},
	{"heuristic-statuses", always, `live: quirk heuristic-statuses`, func(r *quirks.Engine) { r.HTTPCache.HeuristicStatuses = []int{200, 203, 206} }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.AnyStatus = true }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.UnstoredStatuses = []int{401, 407, 416} }},
	{"revalidation", always, `live: quirk revalidation`, func(r *quirks.Engine) { r.HTTPCache.Validated = quirks.ValidatedOK }},
	{"revalidation", always, `live: quirk revalidation`, func(r *quirks.Engine) { r.HTTPCache.ValidatedByValidator = true }},
	{"response-pragma", always, `live: quirk response-pragma`, func(r *quirks.Engine) { r.HTTPCache.ResponsePragma = true }},
	{"not-modified", always, `live: quirk not-modified`, func(r *quirks.Engine) { r.HTTPCache.NotModified = quirks.NotModifiedStored }},

	// Requests, as script makes them.
	{"stream-bodies", always, `live: quirk stream-bodies`, func(r *quirks.Engine) { r.Request.StreamsOverHTTP2Alone = true }},
	{"user-agent", always, `seen: v-twice-header fetch User-Agent`, func(r *quirks.Engine) { r.Request.UserAgentReserved = true }},
	{"private-network-header", span{until: "150.0.7871.100..156.0.8078.79"}, `seen: probe-forbidden-Access-Control-Request-Private-Network xhr`, func(r *quirks.Engine) { r.Request.PrivateNetworkHeaderForbidden = true }},
	{"range-rewritten", always, `seen: probe-range-"bytes= 0-1" | g1-00949-safelist`, func(r *quirks.Engine) { r.Request.RewriteRange = true }},
	{"upload-listener", always, `seen: probe-upload-POST body "-" listener true b.test:18001`, func(r *quirks.Engine) { r.Request.UploadListenerNeedsBody = true }},
	{"xhr-charset", always, `seen: probe-ctype-xhr charset text/plain`, func(r *quirks.Engine) { r.Request.CharsetInPlace = true }},
	{"request-pragma", always, `seen: g1-02497-cache`, func(r *quirks.Engine) { r.Request.NoCacheHeaderMode = "reload" }},
	{"refused-cached", always, `live: quirk refused-cached`, func(r *quirks.Engine) { r.Cache.RefusedResponses = quirks.RefusedAsChromium }},
	{"conditional-past-cache", always, `live: quirk conditional-past-cache`, func(r *quirks.Engine) { r.Request.ConditionalCacheMode = "no-store" }},
	{"opaque-uncached", always, `live: quirk opaque-uncached`, func(r *quirks.Engine) { r.Cache.OpaqueOriginBypasses = true }},
	{"invalidation", always, `live: quirk invalidation`, func(r *quirks.Engine) { r.Cache.InvalidatedBy = quirks.InvalidatesButPUT }},

	// Preflights, and what of them is remembered.
	{"preflight-sec-fetch-mode", always, `seen: probe-method-"put" allow "-" xhr`, func(r *quirks.Engine) { r.Preflight.SecFetchModeAlways = true }},
	{"preflight-sec-fetch-site", always, `seen: g1-01409-https`, func(r *quirks.Engine) { r.Preflight.SiteOfCurrentURL = true }},
	{"preflight-sec-fetch-site", span{until: "152.0.7977.0..156.0.8078.79"}, `seen: g1-01409-https`, func(r *quirks.Engine) { r.Preflight.SiteOfCurrentURLAfterwards = true }},
	{"cache-modes", always, `seen: g1-00360-maxage | probe-pfcache-cache no-store`, func(r *quirks.Engine) { r.PreflightCache.BypassModes = []string{"no-store", "reload", "no-cache"} }},
	{"cache-modes", always, `seen: g1-01895-mix`, func(r *quirks.Engine) { r.PreflightCache.ConditionalBypasses = quirks.ConditionalAll }},
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.PreflightCache.SafelistedMethodNeedsNoEntry = true }},
	{"cache-modes", always, `live: quirk cache-modes`, func(r *quirks.Engine) { r.PreflightCache.NoStoreIsNotStored = true }},
	{"opaque-preflights", span{since: "152.0.7977.0..156.0.8078.79"}, `live: quirk opaque-preflights`, func(r *quirks.Engine) { r.PreflightCache.NotStored = quirks.NotStoredOpaque }},
	{"opaque-preflights", span{until: "152.0.7977.0..156.0.8078.79"}, `live: quirk opaque-preflights`, func(r *quirks.Engine) { r.PreflightCache.NotStored = quirks.NotStoredOfOpaquePage }},
	{"cache-clearing", always, `seen: g1-00880-maxage | probe-pfcache-actual fails CORS`, func(r *quirks.Engine) { r.PreflightCache.ClearedBy = quirks.ClearOnPreflightFailure }},

	// Redirects.
	{"redirect-to-credentials", always, `seen: probe-redirect-same-same userinfo "u:p@" cors follow`, func(r *quirks.Engine) { r.Redirect.CredentialsRefused = true }},
	{"origin-after-redirect", always, `seen: g1-01074-redirect`, func(r *quirks.Engine) { r.Redirect.NullOriginInNoCORS = true }},
	{"location-empty", always, `seen: probe-location-a cors ""`, func(r *quirks.Engine) { r.Redirect.EmptyLocation = quirks.EmptyLocationNone }},
	{"location-repeated", always, `seen: probe-location-b cors "same twice"`, func(r *quirks.Engine) { r.Redirect.RepeatedLocation = quirks.RepeatedLocationEqual }},
	{"location-bytes", always, `seen: probe-location-a cors "/x|"`, func(r *quirks.Engine) { r.Redirect.LocationEncodesBar = true }},
	{"manual-location", always, `seen: probe-location-b manual "http://[::1/x"`, func(r *quirks.Engine) { r.Redirect.ManualLocationParsed = true }},
	{"manual-location", span{until: "148.0.7778.0..150.0.7871.100"}, `live: quirk manual-location`, func(r *quirks.Engine) {
		r.Redirect.ManualLocationRefused = []string{"about", "blob", "chrome", "chrome-untrusted", "data", "devtools", "file", "filesystem"}
	}},
	{"headers-come-back", span{until: "131.0.6778.0..137.0.7151.0"}, `live: quirk headers-come-back`, func(r *quirks.Engine) { r.Redirect.BodyHeadersKept = true }},
	{"redirect-error-location", always, `live: quirk redirect-error-location`, func(r *quirks.Engine) { r.Redirect.ErrorNeedsLocation = true }},

	// Origin, Referer and Sec-Fetch headers.
	{"client-workers", span{since: "133"}, `live: quirk client-workers`, func(r *quirks.Engine) { r.Headers.StorageAccessOfDataWorkers = true }},
	{"origin-and-referrer-policy", always, `seen: g1-02044-referrer`, func(r *quirks.Engine) { r.Headers.OriginIgnoresReferrerPolicy = true }},
	{"opaque-origin", always, `seen: g2-00752-null`, func(r *quirks.Engine) { r.Headers.OriginOfInactiveStorage = quirks.OriginOfInactiveFirst }},
	{"referrer-to-loopback", always, `seen: probe-mixed-https page to http localhost cors`, func(r *quirks.Engine) { r.Headers.DowngradeByScheme = true }},
	{"storage-access", span{since: "133"}, `seen: g1-00996-https`, func(r *quirks.Engine) { r.Headers.StorageAccess = quirks.StorageAccessActual }},
	{"storage-access", span{since: "133"}, `live: quirk storage-access`, func(r *quirks.Engine) { r.Headers.StorageAccessActive = true }},
	{"storage-access", span{since: "133", until: "150.0.7871.100..156.0.8078.79"}, `live: quirk storage-access`, func(r *quirks.Engine) { r.Headers.StorageAccessOfOwn = true }},

	// Responses.
	{"content-codings", always, `live: quirk content-codings`, func(r *quirks.Engine) { r.Response.ContentCodings = quirks.ContentCodingsAsChromium }},
	{"nul-in-header", always, `seen: g1-01694-expose`, func(r *quirks.Engine) { r.Response.NULIsError = true }},
	{"cached-statuses", span{until: "143.0.7499.0..148.0.7778.0"}, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.Response.TooEarlyRetried = true }},
	{"about-blank", always, `live: quirk about-blank`, func(r *quirks.Engine) { r.Request.NoAboutBlank = true }},

	// Local networks and Content Security Policy.
	{"hsts", always, `live: quirk hsts`, func(r *quirks.Engine) { r.HSTS.Upgrades = quirks.HSTSByRedirect }},
	{"mixed-shared-worker", always, `live: quirk mixed-shared-worker`, func(r *quirks.Engine) { r.Request.SharedWorkersMayMix = true }},
	{"csp-upgrade", always, `live: quirk csp-upgrade`, func(r *quirks.Engine) { r.CSP.UpgradeKeepsURL = true }},
	{"local-network-access", span{since: "142"}, `live: quirk local-network-access`, func(r *quirks.Engine) { r.LocalNetwork.Checked = true }},
	{"local-network-insecure", span{since: "142"}, `live: quirk local-network-insecure`, func(r *quirks.Engine) { r.LocalNetwork.SecureContextOnly = true }},
	{"local-network-mixed", span{since: "142"}, `live: quirk local-network-mixed`, func(r *quirks.Engine) { r.LocalNetwork.RelaxesMixedContent = true }},
	{"target-address-space", span{since: "142"}, `live: quirk target-address-space`, func(r *quirks.Engine) { r.LocalNetwork.TargetAddressSpace = true }},
	{"local-network-frames", span{since: "142"}, `live: quirk local-network-frames`, func(r *quirks.Engine) { r.LocalNetwork.OneFeatureForBoth = true }},
	{"csp-ports", always, `live: quirk csp-ports`, func(r *quirks.Engine) { r.CSP.UpgradesTogether = true }},
	{"csp-upgrade", always, `live: quirk csp-upgrade`, func(r *quirks.Engine) { r.CSP.CheckedBeforeUpgrade = true }},
	{"csp-upgrade-loopback", always, `live: quirk csp-upgrade-loopback`, func(r *quirks.Engine) { r.CSP.UpgradesLoopback = quirks.LoopbackUpgradedByRedirect }},

	// How the bytes of responses are read.
	{"framing-status-line", always, `live: quirk framing-status-line`, func(r *quirks.Engine) { r.Framing.StatusLine = quirks.StatusLineAsChromium }},
	{"framing-cut-head", always, `live: quirk framing-cut-head`, func(r *quirks.Engine) { r.Framing.CutHead = quirks.CutHeadOverHTTP }},
	{"framing-lines", always, `live: quirk framing-lines`, func(r *quirks.Engine) { r.Framing.CRBreaksLine = true }},
	{"framing-lines", always, `live: quirk framing-lines`, func(r *quirks.Engine) { r.Framing.SpacedNames = true }},
	{"framing-switching", always, `live: quirk framing-switching`, func(r *quirks.Engine) { r.Framing.Switching = quirks.SwitchingSkipped }},
	{"framing-chunks", always, `live: quirk framing-chunks`, func(r *quirks.Engine) { r.Framing.Chunks = quirks.ChunksAsChromium }},

	// What elements and the other APIs ask for, and make of it.
	{"element-accept", always, `live: quirk element-accept`, func(r *quirks.Engine) {
		r.Elements.Accept = map[string]string{"image": "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "iframe": "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7", "websocket": ""}
	}},
	{"element-accept", span{until: "152.0.7977.0..156.0.8078.79"}, `live: quirk element-accept`, func(r *quirks.Engine) {
		for kind, accept := range r.Elements.Accept {
			r.Elements.Accept[kind] = strings.Replace(accept, "image/jxl,", "", 1)
		}
	}},
	{"element-origin", always, `live: quirk element-origin`, func(r *quirks.Engine) {
		r.Elements.OriginOfSame = []string{"image", "script", "style", "font", "track"}
	}},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.MediaRange = true }},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.MediaNeedsOK = true }},
	{"style-type", always, `live: quirk style-type`, func(r *quirks.Engine) { r.Elements.SheetOfWrongTypeLoads = true }},
	{"style-type", span{since: "150.0.7871.100..152.0.7977.0"}, `live: quirk style-type`, func(r *quirks.Engine) { r.Elements.AnyTypeIsCSS = true }},
	{"worker-load", always, `live: quirk worker-load`, func(r *quirks.Engine) { r.Elements.WorkersOfAnyType = true }},
	{"worker-load", always, `live: quirk worker-load`, func(r *quirks.Engine) { r.Elements.WorkersThrow = true }},
	{"opaque-blocking", always, `live: quirk opaque-blocking`, func(r *quirks.Engine) { r.Elements.OpaqueBlocking = true }},
	{"opaque-blocking", always, `live: quirk opaque-blocking`, func(r *quirks.Engine) { r.Elements.OpaqueBlockingOfScripts = true }},
	{"opaque-blocking", always, `live: quirk opaque-blocking`, func(r *quirks.Engine) { r.Elements.PlainImagesNosniff = true }},
	{"integrity-of-opaque", always, `live: quirk integrity-of-opaque`, func(r *quirks.Engine) { r.Elements.OpaqueIntegrityIgnoresUnknown = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BeaconDropsUnparsable = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamReconnectsToLast = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadKinds = []string{"track"} }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsServeModules = true }},
	{"element-referrer", always, `live: quirk element-referrer`, func(r *quirks.Engine) { r.Elements.OpaqueImportsHaveReferrer = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsOfAnyStatus = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BeaconTypesUnbounded = true }},
	{"element-statuses", always, `live: quirk element-statuses`, func(r *quirks.Engine) {
		r.Elements.UnfollowedRedirectsLoad = []string{"script", "style", "font", "svg-use", "track", "fetch"}
	}},
	{"element-statuses", always, `live: quirk element-statuses`, func(r *quirks.Engine) { r.Elements.AnyTrackStatus = true }},
	{"module-preloads", always, `live: quirk module-preloads`, func(r *quirks.Engine) { r.Elements.ModulePreloadsOfScripts = true }},
	{"module-preloads", span{until: "148.0.7778.0..150.0.7871.100"}, `live: quirk module-preloads`, func(r *quirks.Engine) { r.Elements.ModulePreloadsWithoutReferrer = true }},
	{"failed-modules", span{until: "152.0.7977.0..156.0.8078.79"}, `live: quirk failed-modules`, func(r *quirks.Engine) { r.Elements.FailedModulesKept = true }},
	{"module-preloads", span{since: "143.0.7499.0..148.0.7778.0"}, `live: quirk module-preloads`, func(r *quirks.Engine) { r.Elements.ModulePreloadKinds = []string{"style", "json"} }},
	{"css-referrer", always, `live: quirk css-referrer`, func(r *quirks.Engine) { r.Elements.SheetsOfDefaultPolicy = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncWithoutUploadListener = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamRetriesRedirects = true }},
	{"form-origin", always, `live: quirk form-origin`, func(r *quirks.Engine) { r.Elements.NavigationOriginNulled = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.MixedBeaconsRefused = true }},
	{"frames-without-load", always, `live: quirk frames-without-load`, func(r *quirks.Engine) { r.Elements.MixedRedirectsHangFrames = true }},
	{"integrity-names", always, `live: quirk integrity-names`, func(r *quirks.Engine) { r.Elements.IntegrityCaseCounts = true }},

	// Cookies.
	{"third-party-cookies", span{since: "80"}, `observed: "c=1" set by a cross-site response is never sent back, over http, where no third-party cookie is blocked for any other reason.`, func(r *quirks.Engine) { r.Cookies.DefaultLax = true }},
	{"third-party-cookies", always, `source: net/cookies, kLaxAllowUnsafeMaxAge.`, func(r *quirks.Engine) { r.Cookies.LaxAllowingUnsafe = 2 * time.Minute }},
	{"third-party-cookies", always, `observed: page of a.test, b.test redirects to a.test: a.test gets its cookie without SameSite.`, func(r *quirks.Engine) { r.Cookies.IgnoreRedirects = true }},
	{"third-party-cookies", span{since: "114"}, `observed: "c=1; SameSite=None; Secure" of b.test in a page of a.test, both https, is not sent back; with Partitioned it is.`, func(r *quirks.Engine) { r.Cookies.Partitioned = true }},
	{"third-party-cookies", always, `source: CookieMonster::kPerPartitionDomainMaxCookieBytes.`, func(r *quirks.Engine) { r.Cookies.MaxPartitionedBytes = 10240 }},
	{"third-party-cookies", always, `source: the cookie access scheme "trustworthy".`, func(r *quirks.Engine) { r.Cookies.TrustworthyIsSecure = true }},
	{"cookie-order", always, `source: CookieMonster inherits a creation date where the values are equal.`, func(r *quirks.Engine) { r.Cookies.NewValueNewCreation = true }},

	// Authentication.
	{"url-credentials", always, `seen: probe3-auth-xhr-own-header-and-user-true-true`, func(r *quirks.Engine) { r.Request.URLCredentialsRemembered = true }},

	// HTTP/2.
	{"http2-cookies", always, `seen: probe3-h2-more-cookies`, func(r *quirks.Engine) { r.HTTP2.CookiesApart = true }},
	{"http2-resets", always, `seen: probe3-h2-reset-REFUSED_STREAM-true-POST`, func(r *quirks.Engine) { r.HTTP2.RefusedTries = 3 }},
	{"http2-resets", always, `seen: probe3-h2-reset-HTTP_1_1_REQUIRED-true-GET`, func(r *quirks.Engine) { r.HTTP2.FallsBack = true }},
	{"http2-headers", always, `seen: probe3-h2-header-transfer-encoding`, func(r *quirks.Engine) { r.HTTP2.RefusedHeaders = []string{"transfer-encoding"} }},

	// Before the oldest version that was observed.
	{"wildcards", span{until: "63"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Allow-Headers and -Methods`, func(r *quirks.Engine) {
		r.CORS.WildcardIsName, r.PreflightCache.WildcardNotStored = true, true
	}},
	{"wildcards", span{until: "65"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Expose-Headers`, func(r *quirks.Engine) { r.CORS.ExposedWildcardIsName = true }},
	{"max-age-limit", span{until: "76"}, `published: MDN, Access-Control-Max-Age: 10 minutes before 76, 2 hours from it on`, func(r *quirks.Engine) { r.CORS.MaxAgeLimit = 600 }},
	{"no-metadata", span{until: "76"}, `published: MDN browser-compat-data of 2026-08-07, Sec-Fetch-Mode`, func(r *quirks.Engine) { r.Headers.NoMetadata = true }},
	{"third-party-cookies", span{until: "80"}, `published: MDN browser-compat-data of 2026-08-07, Set-Cookie, none_requires_secure`, func(r *quirks.Engine) { r.Cookies.AllowSameSiteNoneInsecure = true }},
	{"third-party-cookies", span{until: "91"}, `published: MDN browser-compat-data of 2026-08-07, Set-Cookie, schemeful`, func(r *quirks.Engine) { r.Cookies.Schemeless = true }},
	{"cookie-syntax", span{until: "140"}, `published: MDN browser-compat-data of 2026-08-07, Set-Cookie, http_host-http_prefixes`, func(r *quirks.Engine) { r.Cookies.IgnoreHTTPPrefixes = true }},
}
