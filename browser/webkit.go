package browser

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

var webkit = &history{
	name: "webkit", messages: webkitMessages, numbers: 2, oldest: "2.22",
	usual: "2.50",
	builds: []build{
		{"2.50", "2026-11-22"},
		{"2.52.6", "2026-12-01"},
		{"2.54.3", "2026-12-01"},
	},
	facts:   webkitFacts,
	product: func(string) quirks.Product { return webkitProduct },
}

// webkitProduct is what WebKitGTK says of itself, which does not change with its version.
var webkitProduct = quirks.Product{
	UserAgent:     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/60.5 Safari/605.1.15",
	Headers:       headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate"}},
	SecureHeaders: headers.List{{Name: "Accept-Language", Value: "en-US"}, {Name: "Accept-Encoding", Value: "gzip, deflate, br"}},
	Connection:    "Keep-Alive",
}

// WebKit returns WebKitGTK as Debian has it, as observed on Linux. Its network
// library is libsoup, which Safari's is not.
func WebKit() *Engine { return webkit.withoutVersion() }

var webkitFacts = []fact{
	// Which headers need a preflight.
	{"safelisted-twice", always, `seen: probe-length-2xAccept-85 | probe-ctype-twice text/plain`, func(r *quirks.Engine) { r.CORS.CombineBeforeSafelisting = true }},
	{"range-safelisted", always, `seen: probe-range-"Bytes=0-1"`, func(r *quirks.Engine) { r.CORS.LenientRange = true }},
	{"range-safelisted", always, `seen: probe-range-"bytes=0-18446744073709551616"`, func(r *quirks.Engine) { r.CORS.RangeLimit = 1<<64 - 1 }},

	// What the response to a preflight permits, and for how long.
	{"first-failure", always, `seen: g1-00476-redirect`, func(r *quirks.Engine) { r.CORS.PreflightStatusFirst = true }},
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.CORS.MethodNeverImplied = true }},
	{"authorization-under-wildcard", always, `seen: g1-01500-acah`, func(r *quirks.Engine) { r.CORS.WildcardCoversAuthorization = true }},
	{"max-age-syntax", always, `seen: probe-maxage-+10 after 6 s | probe-maxage-"10\v" after 6 s`, func(r *quirks.Engine) { r.CORS.MaxAge = quirks.MaxAgeInt64Trimmed }},
	{"max-age-limit", always, `source: Source/WebCore/loader/CrossOriginPreflightResultCache.cpp`, func(r *quirks.Engine) { r.CORS.MaxAgeLimit = 600 }},

	// The preflight cache.
	{"stored-wildcard", always, `seen: g1-00289-maxage`, func(r *quirks.Engine) { r.PreflightCache.WildcardWithoutCredentials = true }},
	{"authorization-under-wildcard", always, `seen: probe-pfcache-headers *, then Authorization`, func(r *quirks.Engine) { r.PreflightCache.WildcardCoversAuthorization = true }},

	// The HTTP cache.
	{"variants", always, `live: quirk variants`, func(r *quirks.Engine) { r.HTTPCache.Variants = quirks.VariantReplaced }},
	{"response-pragma", always, `live: quirk response-pragma`, func(r *quirks.Engine) { r.HTTPCache.ResponsePragma = true }},
	{"moved-cached", always, `seen: v-twice 301 a`, func(r *quirks.Engine) { r.HTTPCache.LastingStatuses = []int{301, 410} }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.ExplicitLifetime = true }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.PartialIsStored = true }},
	{"heuristic-statuses", always, `live: quirk heuristic-statuses`, func(r *quirks.Engine) {
		r.HTTPCache.HeuristicStatuses = []int{200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501}
	}},
	{"cached-statuses", span{until: "2.52.6..2.54.3"}, `live: quirk cached-statuses`, func(r *quirks.Engine) {
		r.HTTPCache.StoredStatuses = []int{200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 307, 403, 404, 405, 406, 410, 414, 415, 501}
	}},
	{"only-reusable", always, `live: quirk only-reusable`, func(r *quirks.Engine) { r.HTTPCache.OnlyReusable = true }},
	{"revalidation", always, `live: quirk revalidation`, func(r *quirks.Engine) { r.HTTPCache.Validated = quirks.ValidatedNoRedirects }},
	{"revalidation", always, `live: quirk revalidation`, func(r *quirks.Engine) { r.HTTPCache.ValidatedByValidator = true }},

	// Requests, as script makes them.
	{"stream-bodies", always, `live: quirk stream-bodies`, func(r *quirks.Engine) { r.Request.StreamsRefused = true }},
	{"request-header-bytes", always, `seen: v-req utf8`, func(r *quirks.Engine) { r.Request.ValuesAsUTF8 = true }},
	{"empty-upload-length", always, `seen: g1-02460-xhr`, func(r *quirks.Engine) { r.Request.NoLengthOfEmptyUpload = true }},
	{"refused-cached", always, `live: quirk refused-cached`, func(r *quirks.Engine) { r.Cache.RefusedResponses = quirks.RefusedRedirectsKept }},
	{"conditional-past-cache", always, `live: quirk conditional-past-cache`, func(r *quirks.Engine) { r.Request.ConditionalCacheMode = "reload" }},

	// Preflights, and what of them is remembered.
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.PreflightCache.SafelistedMethodNeedsNoEntry = true }},
	{"opaque-preflights", always, `live: quirk opaque-preflights`, func(r *quirks.Engine) { r.PreflightCache.NotStored = quirks.NotStoredTainted }},
	{"cache-clearing", always, `seen: g1-00880-maxage | probe-pfcache-refused in between`, func(r *quirks.Engine) { r.PreflightCache.ClearedBy = quirks.ClearNever }},
	{"cache-clearing", always, `live: quirk cache-clearing`, func(r *quirks.Engine) { r.PreflightCache.InsufficientEntryRemoved = true }},
	{"cache-clearing", always, `seen: g1-02559-maxage`, func(r *quirks.Engine) { r.PreflightCache.RefusedIsStored = true }},
	{"preflight-after-redirect", always, `seen: probe-redirect-cross-cross PUT 303 `, func(r *quirks.Engine) { r.Preflight.Hops = quirks.HopsOnceNeeded }},
	{"preflight-after-redirect", always, `live: quirk preflight-after-redirect`, func(r *quirks.Engine) { r.PreflightCache.UnneededIsLookedUp = true }},
	{"preflight-after-redirect", always, `seen: probe-redirect-cross-other authorization, second answers -`, func(r *quirks.Engine) { r.Preflight.HeadersAsGiven = true }},
	{"preflight-after-redirect", span{since: "2.50..2.52.6"}, `seen: probe-redirect-same-cross post json 302, second answers *`, func(r *quirks.Engine) { r.Preflight.BodyHeadersForgotten = true }},
	{"preflight-after-redirect", always, `seen: probe-redirect-same-cross PUT 307 xhr`, func(r *quirks.Engine) { r.Preflight.ReferrerOfFirstHop = true }},
	{"preflight-sec-fetch-site", always, `seen: g1-01409-https`, func(r *quirks.Engine) { r.Preflight.SiteOfTaint = true }},

	// Redirects.
	{"redirect-checked-as-begun", always, `seen: g1-00645-redirect | g1-00117-redirect`, func(r *quirks.Engine) { r.Redirect.CheckedWithInitialCredentials = true }},
	{"redirect-to-credentials", always, `live: quirk redirect-to-credentials`, func(r *quirks.Engine) { r.Redirect.CredentialsRefusedAfterPreflight = true }},
	{"no-cors-credentials", always, `live: quirk no-cors-credentials`, func(r *quirks.Engine) { r.Redirect.CredentialsKept = true }},
	{"delete-redirect", always, `seen: probe-redirect-same-cross DELETE 307 `, func(r *quirks.Engine) { r.Redirect.DeleteBecomesGET = true }},
	{"headers-come-back", span{until: "2.50..2.52.6"}, `seen: g1-00086-redirect`, func(r *quirks.Engine) { r.Redirect.BodyHeadersRestored = true }},
	{"headers-come-back", always, `live: quirk headers-come-back`, func(r *quirks.Engine) { r.Redirect.ContentTypeRestored = true }},
	{"redirect-statuses", span{until: "2.52.6..2.54.3"}, `live: quirk redirect-statuses`, func(r *quirks.Engine) { r.Redirect.StatusFrom309 = true }},
	{"origin-after-redirect", always, `seen: probe-redirect-same-same POST 302 `, func(r *quirks.Engine) { r.Redirect.OriginKeptAfterPOST = true }},
	{"location-empty", always, `seen: probe-location-a cors ""`, func(r *quirks.Engine) { r.Redirect.EmptyLocation = quirks.EmptyLocationError }},
	{"location-repeated", always, `live: quirk location-repeated`, func(r *quirks.Engine) { r.Redirect.RepeatedLocation = quirks.RepeatedLocationCombined }},
	{"location-bytes", always, `seen: probe-location-a cors "/Ã©"`, func(r *quirks.Engine) { r.Redirect.LocationIsLatin1 = true }},
	{"manual-location", span{until: "2.50..2.52.6"}, `seen: probe-location-b manual "ftp://b.test/"`, func(r *quirks.Engine) { r.Redirect.ManualLocationRefused = []string{"ftp"} }},
	{"manual-location", span{since: "2.50..2.52.6"}, `seen: probe-location-b manual "file:///etc/hosts"`, func(r *quirks.Engine) { r.Redirect.ManualLocationRefused = []string{"ftp", "file"} }},
	{"redirect-error-location", always, `live: quirk redirect-error-location`, func(r *quirks.Engine) { r.Redirect.ErrorNeedsLocation = true }},
	{"mixed-content-redirect", always, `live: quirk mixed-content-redirect`, func(r *quirks.Engine) { r.Redirect.MixedContentAfterPreflight = true }},
	{"manual-redirect-body", always, `seen: probe-location-b manual "-"`, func(r *quirks.Engine) { r.Redirect.ManualBodyReadable = true }},
	{"kept-in-page", always, `live: quirk kept-in-page`, func(r *quirks.Engine) { r.Cache.KeptInPage = true }},
	{"redirected-cache", always, `seen: v-loop 301 a`, func(r *quirks.Engine) { r.Cache.RedirectedBypasses = true }},

	// Origin, Referer and Sec-Fetch headers.
	{"client-cookies", always, `live: quirk client-cookies`, func(r *quirks.Engine) { r.Cookies.OpaqueIsItsURL = true }},
	{"client-cookies", span{since: "2.50..2.52.6"}, `live: quirk client-cookies`, func(r *quirks.Engine) { r.Cookies.BlobDocumentsAreCrossSite = true }},
	{"client-workers", always, `live: quirk client-workers`, func(r *quirks.Engine) { r.Headers.DataWorkersOfCreator = true }},
	{"client-referrer", always, `live: quirk client-referrer`, func(r *quirks.Engine) { r.Headers.NoReferrerOfSrcdoc = true }},
	{"origin-and-referrer-policy", always, `seen: g1-00347-referrer`, func(r *quirks.Engine) { r.Headers.OriginNeedsReferrer = true }},
	{"opaque-origin", always, `seen: g1-00413-null`, func(r *quirks.Engine) { r.Headers.ReferrerOfOpaqueOrigin = true }},
	{"metadata-after-redirect", always, `seen: g1-02545-https`, func(r *quirks.Engine) { r.Headers.NoMetadataAfterRedirect = true }},
	{"metadata-after-redirect", always, `live: quirk metadata-after-redirect`, func(r *quirks.Engine) { r.Preflight.MetadataOfFirstHop = true }},

	// Responses.
	{"content-codings", always, `live: quirk content-codings`, func(r *quirks.Engine) { r.Response.ContentCodings = quirks.ContentCodingsAsWebKit }},
	{"broken-preflight-body", always, `live: quirk broken-preflight-body`, func(r *quirks.Engine) { r.Response.BodiesReadToEnd = true }},
	{"about-blank", always, `live: quirk about-blank`, func(r *quirks.Engine) { r.Request.NoAboutBlank = true }},
	{"head-cached", always, `live: quirk head-cached`, func(r *quirks.Engine) { r.Cache.HEADBypasses = true }},
	{"invalidation", always, `live: quirk invalidation`, func(r *quirks.Engine) { r.Cache.InvalidatedBy = quirks.InvalidatesAnyMethod }},
	{"nul-in-header", always, `seen: g1-01694-expose`, func(r *quirks.Engine) { r.Response.NULIsError = true }},
	{"transfer-encoding", always, `live: quirk transfer-encoding`, func(r *quirks.Engine) { r.Response.OnlyKnownFraming = true }},
	{"response-header-bytes", always, `seen: probe-respvalues-mid-80`, func(r *quirks.Engine) { r.Response.ReplaceInvalidUTF8 = true }},
	{"status-205", always, `seen: probe-status-205`, func(r *quirks.Engine) { r.Response.ResetContentBody = true }},
	{"status-407", always, `seen: probe-status-407`, func(r *quirks.Engine) { r.Response.ProxyAuthenticationDelivered = true }},
	{"response-url-credentials", always, `seen: g2-00111-url`, func(r *quirks.Engine) { r.Response.ResponseURLWithoutCredentials = true }},
	{"only-if-cached", always, `seen: g1-00341-cache`, func(r *quirks.Engine) { r.Cache.OnlyIfCachedUsesNetwork = true }},
	{"loopback-mixed", always, `seen: probe-mixed-https page to http localhost cors`, func(r *quirks.Engine) { r.Request.LoopbackIsMixed = true }},

	// Local networks and Content Security Policy.
	{"authentication", always, `live: quirk authentication`, func(r *quirks.Engine) { r.Request.NegotiateAskedTwice = true }},
	{"hsts", always, `live: quirk hsts`, func(r *quirks.Engine) { r.HSTS.Upgrades = quirks.HSTSNever }},
	{"referrer-from-loopback", always, `live: quirk referrer-from-loopback`, func(r *quirks.Engine) { r.Headers.DowngradeFromHTTPSOnly = true }},
	{"unspecified-address", always, `live: quirk unspecified-address`, func(r *quirks.Engine) { r.Request.UnspecifiedRefused = true }},
	{"csp-ws", always, `live: quirk csp-ws`, func(r *quirks.Engine) { r.CSP.WSMatchesHTTP = true }},
	{"csp-any-host-port", always, `live: quirk csp-any-host-port`, func(r *quirks.Engine) { r.CSP.AnyHostPortMatchesNothing = true }},
	{"csp-ports", span{since: "2.52.6..2.54.3"}, `live: quirk csp-ports`, func(r *quirks.Engine) { r.CSP.UpgradedPortNeedsScheme = true }},
	{"csp-self-of-opaque", always, `live: quirk csp-self-of-opaque`, func(r *quirks.Engine) { r.CSP.SelfOfOpaqueMatchesNothing = true }},
	{"csp-upgrade-loopback", always, `live: quirk csp-upgrade-loopback`, func(r *quirks.Engine) { r.CSP.UpgradesLoopback = quirks.LoopbackUpgraded }},

	// How the bytes of responses are read.
	{"framing-status-line", always, `live: quirk framing-status-line`, func(r *quirks.Engine) { r.Framing.StatusLine = quirks.StatusLineAsSoup }},
	{"framing-cut-head", always, `live: quirk framing-cut-head`, func(r *quirks.Engine) { r.Framing.CutHead = quirks.CutHeadAsSoup }},
	{"framing-switching", always, `live: quirk framing-switching`, func(r *quirks.Engine) { r.Framing.Switching = quirks.SwitchingSkipped }},
	{"framing-lengths", always, `live: quirk framing-lengths`, func(r *quirks.Engine) { r.Framing.Lengths = quirks.LengthsAsSoup }},
	{"framing-codings", always, `live: quirk framing-codings`, func(r *quirks.Engine) { r.Framing.ChunkedInHTTP10 = true }},
	{"framing-codings", always, `live: quirk framing-codings`, func(r *quirks.Engine) { r.Framing.OnlyChunked = true }},
	{"framing-chunks", span{until: "2.50..2.52.6"}, `live: quirk framing-chunks`, func(r *quirks.Engine) { r.Framing.Chunks = quirks.ChunksAsSoup }},
	{"framing-chunks", span{since: "2.50..2.52.6"}, `live: quirk framing-chunks`, func(r *quirks.Engine) { r.Framing.Chunks = quirks.ChunksAsNewerSoup }},
	{"status-205", always, `live: quirk status-205`, func(r *quirks.Engine) { r.Framing.ResetContentHasBody = true }},

	// What elements and the other APIs ask for, and make of it.
	{"element-accept", always, `live: quirk element-accept`, func(r *quirks.Engine) {
		r.Elements.Accept = map[string]string{"image": "image/webp,image/avif,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "svg-use": "image/svg+xml", "iframe": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "websocket": ""}
	}},
	{"element-accept", span{since: "2.50..2.52.6"}, `live: quirk element-accept`, func(r *quirks.Engine) {
		r.Elements.Accept["image"] = "image/webp,image/avif,image/jxl,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	}},
	{"image-type", always, `live: quirk image-type`, func(r *quirks.Engine) { r.Elements.ImagesOfOtherTypesRefused = true }},
	{"font-mode", always, `live: quirk font-mode`, func(r *quirks.Engine) { r.Elements.FontsWithoutCORS = true }},
	{"track-mode", always, `live: quirk track-mode`, func(r *quirks.Engine) { r.Elements.TracksWithoutCORS = true }},
	{"element-origin", always, `live: quirk element-origin`, func(r *quirks.Engine) {
		r.Elements.OriginOfSame = []string{"image", "script", "style", "font", "video", "audio", "track"}
	}},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.IcyMetadata = true }},
	{"worker-load", span{until: "2.50..2.52.6"}, `live: quirk worker-load`, func(r *quirks.Engine) { r.Elements.WorkersThrow = true }},
	{"preload-events", always, `live: quirk preload-events`, func(r *quirks.Engine) { r.Elements.PreloadsUnchecked = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamOfOtherCharset = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamByFirstType = true }},
	{"websocket-handshake", always, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.SocketMetadata = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncWithoutMetadata = true }},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.MediaAskedTwice = true }},
	{"websocket-handshake", always, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.SocketFollows = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadKinds = []string{"track", "worker"} }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadCaseCounts = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsServeAll = true }},
	{"imports", always, `live: quirk imports`, func(r *quirks.Engine) { r.Elements.ImportsOfDocument = true }},
	{"failed-modules", span{until: "2.52.6..2.54.3"}, `live: quirk failed-modules`, func(r *quirks.Engine) { r.Elements.ModuleErrorsOnce = true }},
	{"failed-modules", span{since: "2.52.6..2.54.3"}, `live: quirk failed-modules`, func(r *quirks.Engine) { r.Elements.RepeatedModulesSilent = true }},
	{"failed-modules", span{since: "2.50..2.52.6"}, `live: quirk failed-modules`, func(r *quirks.Engine) { r.Elements.FailedModulesKept = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsOfAnyStatus = true }},
	{"element-statuses", always, `live: quirk element-statuses`, func(r *quirks.Engine) {
		r.Elements.UnfollowedRedirectsLoad = []string{"script", "module", "font", "svg-use", "media", "track", "fetch"}
	}},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.MediaBypassesCache = true }},
	{"module-preloads", always, `live: quirk module-preloads`, func(r *quirks.Engine) { r.Elements.FailedModulePreloadsKept = true }},
	{"module-preloads", always, `live: quirk module-preloads`, func(r *quirks.Engine) { r.Elements.ModulePreloadsCheckedWithCredentials = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncWithoutUploadListener = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncReferrerKept = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncMixedFollowed = true }},
	{"sync-xhr", always, `live: quirk sync-xhr`, func(r *quirks.Engine) { r.Elements.SyncMixedIsEmpty = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.OpaqueBeaconsHaveOrigin = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BadPortBeaconsRefused = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.MixedBeaconsRefused = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamIDsOfEventsOnly = true }},
	{"worker-load", always, `live: quirk worker-load`, func(r *quirks.Engine) { r.Elements.ModuleWorkersOfAnyType = true }},
	{"shape-credentials", always, `live: quirk shape-credentials`, func(r *quirks.Engine) { r.Elements.ShapesWithoutCredentials = true }},
	{"redirects-to-data", span{until: "2.52.6..2.54.3"}, `live: quirk redirects-to-data`, func(r *quirks.Engine) { r.Elements.RedirectsToData = true }},
	{"form-origin", always, `live: quirk form-origin`, func(r *quirks.Engine) { r.Elements.NavigationOriginNulled = true }},
	{"form-origin", always, `live: quirk form-origin`, func(r *quirks.Engine) { r.Elements.NavigationOriginLost = true }},
	{"frames-without-load", always, `live: quirk frames-without-load`, func(r *quirks.Engine) { r.Elements.RefusedFramesHang = true }},
	{"frames-without-load", always, `live: quirk frames-without-load`, func(r *quirks.Engine) { r.Elements.MixedRedirectsHangFrames = true }},
	{"websocket-handshake", always, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.MixedSocketsFail = true }},
	{"element-timing", always, `live: quirk element-timing`, func(r *quirks.Engine) { r.Elements.FailuresUntimed = true }},

	// Cookies.
	{"third-party-cookies", span{since: "2.50..2.52.6"}, `seen: v-cookie plain b.test:18444`, func(r *quirks.Engine) { r.Cookies.DefaultLax = true }},
	{"third-party-cookies", span{until: "2.50..2.52.6"}, `seen: g1-00057-cookie`, func(r *quirks.Engine) { r.Cookies.AllowSameSiteNoneInsecure = true }},
	{"third-party-cookies", always, `source: sites are compared as registrable domains, without a scheme.`, func(r *quirks.Engine) { r.Cookies.Schemeless = true }},
	{"empty-cookie", span{until: "2.50..2.52.6"}, `observed: after "Set-Cookie: " an empty Cookie header is sent.`, func(r *quirks.Engine) { r.Cookies.KeepEmpty = true }},
	{"cookie-syntax", always, `live: quirk cookie-syntax`, func(r *quirks.Engine) { r.Cookies.IgnoreHTTPPrefixes = true }},
	{"cookie-syntax", span{until: "2.50..2.52.6"}, `observed: "c=a\xE9b" comes back as "c=a", and "__Secure-c=1" over http.`, func(r *quirks.Engine) { r.Cookies.ASCIIOnly = true }},
	{"cookie-syntax", span{since: "2.50..2.52.6"}, `live: quirk cookie-syntax`, func(r *quirks.Engine) { r.Cookies.ReplaceInvalidUTF8 = true }},
	{"cookie-syntax", span{until: "2.50..2.52.6"}, `observed: "c=a\xE9b" comes back as "c=a", and "__Secure-c=1" over http.`, func(r *quirks.Engine) { r.Cookies.IgnorePrefixes = true }},
	{"cookie-syntax", always, `observed: "c=2" and then "c=1; Domain=b.test" come back as "c=1; c=2".`, func(r *quirks.Engine) { r.Cookies.DomainFirst = true }},

	// Authentication.
	{"url-credentials", always, `seen: probe3-auth-xhr-own-header-and-user-true-true`, func(r *quirks.Engine) { r.Request.URLCredentialsReplace = true }},
	{"url-credentials", always, `live: quirk url-credentials`, func(r *quirks.Engine) { r.Request.URLCredentialsDespiteOmit = true }},

	// HTTP/2.
	{"http2-resets", always, `seen: probe3-h2-reset-REFUSED_STREAM-true-POST`, func(r *quirks.Engine) { r.HTTP2.RefusedTries = quirks.Endless }},
	{"http2-resets", always, `seen: probe3-h2-reset-HTTP_1_1_REQUIRED-true-GET`, func(r *quirks.Engine) { r.HTTP2.FallsBack = true }},
	{"http2-resets", always, `seen: probe3-h2-reset-NO_ERROR-true-GET`, func(r *quirks.Engine) { r.HTTP2.NoErrorHangs = true }},
	{"http2-status-text", always, `seen: probe3-h2-basic-get`, func(r *quirks.Engine) { r.HTTP2.StatusTextMadeUp = true }},
	{"http2-headers", always, `seen: probe3-h2-header-space-value`, func(r *quirks.Engine) { r.HTTP2.SpacesKept = true }},
	{"http2-headers", always, `seen: probe3-h2-header-connection`, func(r *quirks.Engine) {
		r.HTTP2.RefusedHeaders = []string{"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
	}},
	{"http2-headers", always, `seen: probe3-h2-trailers-GET`, func(r *quirks.Engine) { r.HTTP2.TrailersHang = true }},

	// Embedder and resource policies.
	{"credentialless-cookies", always, `seen: probe3-coep-cookies-credentialless`, func(r *quirks.Engine) { r.CORS.CredentialedUnderCredentialless = true }},
	{"localhost-site", always, `seen: probe3-coep-require-corp|localhost|same-site|`, func(r *quirks.Engine) { r.CORS.LocalhostIsOneSite = true }},
	{"data-worker-embedder", always, `live: quirk data-worker-embedder`, func(r *quirks.Engine) { r.CORS.DataWorkersHaveNoEmbedderPolicy = true }},

	// Before the oldest version that was observed.
	{"wildcards", span{until: "2.26"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Allow-Headers and -Methods, of Safari 13`, func(r *quirks.Engine) {
		r.CORS.WildcardIsName, r.PreflightCache.WildcardNotStored = true, true
	}},
	{"wildcards", span{until: "2.26"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Expose-Headers, of Safari 13`, func(r *quirks.Engine) { r.CORS.ExposedWildcardIsName = true }},
	{"no-metadata", span{until: "2.40"}, `published: MDN browser-compat-data of 2026-08-07, Sec-Fetch-Mode, of Safari 16.4`, func(r *quirks.Engine) { r.Headers.NoMetadata = true }},
}
