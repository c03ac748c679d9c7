package browser

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

var firefox = &history{
	name: "firefox", messages: firefoxMessages, numbers: 1, oldest: "60",
	usual: "153",
	builds: []build{
		{"140.12.0", "2026-12-01"},
		{"153.7.0", "2026-11-22"},
		{"159.0", "2026-12-01"},
	},
	facts:   firefoxFacts,
	product: firefoxProduct,
}

// firefoxProduct returns what Firefox of a version says of itself.
func firefoxProduct(version string) quirks.Product {
	language, codings := "en-US,en;q=0.9", "gzip, deflate, br, zstd"
	if compareVersions(version, "153") < 0 {
		language = "en-US,en;q=0.5" // as seen in 140
	}
	if compareVersions(version, "126") < 0 {
		codings = "gzip, deflate, br"
	}
	product := quirks.Product{
		UserAgent:     "Mozilla/5.0 (X11; Linux x86_64; rv:" + version + ".0) Gecko/20100101 Firefox/" + version + ".0",
		Headers:       headers.List{{Name: "Accept-Language", Value: language}, {Name: "Accept-Encoding", Value: "gzip, deflate"}, {Name: "Priority", Value: "u=4"}},
		SecureHeaders: headers.List{{Name: "Accept-Language", Value: language}, {Name: "Accept-Encoding", Value: codings}, {Name: "Priority", Value: "u=4"}},
		Connection:    "keep-alive",
	}
	if compareVersions(version, "128") < 0 {
		product.Headers, product.SecureHeaders = product.Headers[:2], product.SecureHeaders[:2] // without Priority
	}
	return product
}

// Firefox returns Firefox as Debian has it, as observed on Linux.
func Firefox() *Engine { return firefox.withoutVersion() }

var firefoxFacts = []fact{
	// Which headers need a preflight.
	{"safelisted-total", always, `seen: probe-length-3x3x128`, func(r *quirks.Engine) { r.CORS.NoSafelistedTotal = true }},
	{"range-safelisted", always, `seen: probe-range-"bytes=0-18446744073709551616"`, func(r *quirks.Engine) { r.CORS.RangeLimit = 1<<64 - 1 }},
	{"content-type-parameters", always, `seen: probe-ctype-"text/plain;;"`, func(r *quirks.Engine) { r.CORS.StrictContentType = true }},
	{"accept-bytes", always, `seen: probe-safebytes-Accept-80`, func(r *quirks.Engine) { r.CORS.StrictAccept = true }},
	{"repeated-name", always, `seen: g1-02299-acah`, func(r *quirks.Engine) { r.CORS.RepeatRequestHeaders = true }},

	// The CORS check.
	{"allow-origin-lines", always, `seen: g2-02368-acao | g2-00913-acac`, func(r *quirks.Engine) { r.CORS.IgnoreEmptyLines = true }},
	{"allow-origin-lines", always, `seen: g1-00379-acao`, func(r *quirks.Engine) { r.CORS.AllowOriginCounted = true }},

	// What the response to a preflight permits, and for how long; and what an actual one exposes.
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.CORS.MethodNeverImplied = true }},
	{"first-failure", always, `seen: g1-01043-mix`, func(r *quirks.Engine) { r.CORS.AllowMethodsFirst = true }},
	{"authorization-under-wildcard", always, `seen: g1-01500-acah`, func(r *quirks.Engine) { r.CORS.WildcardCoversAuthorization = true }},
	{"expose-wildcard-before-invalid", always, `live: quirk expose-wildcard-before-invalid`, func(r *quirks.Engine) { r.CORS.WildcardBeforeInvalid = true }},
	{"max-age-syntax", always, `seen: probe-maxage-"1.5" | probe-maxage--1 after 1 s`, func(r *quirks.Engine) { r.CORS.MaxAge = quirks.MaxAgeDigitsOrZero }},
	{"max-age-limit", always, `source: netwerk/protocol/http/nsCORSListenerProxy.cpp`, func(r *quirks.Engine) { r.CORS.MaxAgeLimit = 86400 }},

	// The preflight cache.
	{"cached-with-credentials", always, `seen: probe-pfcache-include then same-origin`, func(r *quirks.Engine) { r.PreflightCache.SeparateCredentials = true }},
	{"stored-wildcard", always, `seen: g1-00142-maxage`, func(r *quirks.Engine) { r.PreflightCache.WildcardNotStored = true }},

	// The HTTP cache.
	{"request-pragma", always, `seen: g1-00089-cache`, func(r *quirks.Engine) { r.HTTPCache.IgnoreRequestPragma = true }},
	{"variants", always, `live: quirk variants`, func(r *quirks.Engine) { r.HTTPCache.Variants = quirks.VariantValidated }},
	{"response-pragma", span{until: "140.12.0..153.7.0"}, `live: quirk response-pragma`, func(r *quirks.Engine) { r.HTTPCache.ResponsePragmaAlone = true }},
	{"response-pragma", span{since: "140.12.0..153.7.0"}, `live: quirk response-pragma`, func(r *quirks.Engine) { r.HTTPCache.ResponsePragma = true }},
	{"not-modified", always, `live: quirk not-modified`, func(r *quirks.Engine) { r.HTTPCache.NotModified = quirks.NotModifiedForgets }},
	{"moved-cached", always, `live: quirk moved-cached`, func(r *quirks.Engine) { r.HTTPCache.LastingStatuses = []int{410} }},
	{"heuristic-statuses", always, `live: quirk heuristic-statuses`, func(r *quirks.Engine) {
		r.HTTPCache.HeuristicStatuses = []int{200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}
	}},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.PartialIsStored = true }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.AnyStatus = true }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.UnstoredStatuses = []int{300, 305, 310, 408, 425, 429} }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) { r.HTTPCache.RedirectNeedsLocation = true }},
	{"cached-statuses", always, `live: quirk cached-statuses`, func(r *quirks.Engine) {
		r.HTTPCache.FreshStatuses = []int{200, 203, 204, 206, 301, 302, 303, 304, 307, 308, 410}
	}},
	{"revalidation", always, `live: quirk revalidation`, func(r *quirks.Engine) { r.HTTPCache.Validated = quirks.ValidatedSuccess }},
	{"revalidation", always, `seen: g1-02099-cache`, func(r *quirks.Engine) { r.HTTPCache.ValidatedByLength = true }},

	// Requests, as script makes them.
	{"stream-bodies", always, `live: quirk stream-bodies`, func(r *quirks.Engine) { r.Request.StreamsAreText = true }},
	{"repeated-request-header", always, `seen: v-twice-header fetch Authorization`, func(r *quirks.Engine) { r.Request.MergeAsGecko = true }},
	{"empty-priority", always, `seen: probe-hints-Priority=`, func(r *quirks.Engine) { r.Request.EmptyPriorityReplaced = true }},

	// Preflights, and what of them is remembered.
	{"cache-modes", always, `seen: g1-01324-maxage | probe-pfcache-cache no-store`, func(r *quirks.Engine) { r.PreflightCache.BypassModes = []string{"no-store", "reload"} }},
	{"cache-modes", always, `live: quirk cache-modes`, func(r *quirks.Engine) { r.PreflightCache.ConditionalBypasses = quirks.ConditionalGET }},
	{"cache-modes", always, `live: quirk cache-modes`, func(r *quirks.Engine) { r.PreflightCache.ConditionalXHRDoesNot = true }},
	{"refused-cached", always, `live: quirk refused-cached`, func(r *quirks.Engine) { r.Cache.RefusedResponses = quirks.RefusedByCORSKept }},
	{"upload-method", always, `live: quirk upload-method`, func(r *quirks.Engine) { r.PreflightCache.SafelistedMethodNeedsNoEntry = true }},
	{"head-cached", always, `live: quirk head-cached`, func(r *quirks.Engine) { r.Cache.HEADBypasses = true }},
	{"invalidation", always, `live: quirk invalidation`, func(r *quirks.Engine) { r.Cache.InvalidatedBy = quirks.InvalidatesAnyStatus }},
	{"cached-head", always, `live: quirk cached-head`, func(r *quirks.Engine) { r.PreflightCache.HEADNeedsEntry = true }},
	{"cache-clearing", always, `live: quirk cache-clearing`, func(r *quirks.Engine) { r.PreflightCache.ClearedBy = quirks.ClearButOnRedirectMode }},
	{"preflight-after-redirect", always, `seen: probe-redirect-cross-cross PUT 303 `, func(r *quirks.Engine) { r.Preflight.Hops = quirks.HopsOnceNeeded }},
	{"preflight-after-redirect", always, `live: quirk preflight-after-redirect`, func(r *quirks.Engine) { r.PreflightCache.UnneededIsLookedUp = true }},
	{"preflight-origin-after-redirect", always, `seen: probe-redirect-cross-other x-a, second answers null`, func(r *quirks.Engine) { r.Preflight.OriginOfPage = true }},
	{"preflight-origin-after-redirect", always, `seen: probe-redirect-cross-same x-a, second answers -`, func(r *quirks.Engine) { r.Preflight.UncheckedAtOwnOrigin = true }},
	{"metadata-ipv6", span{since: "140.12.0..153.7.0"}, `live: quirk metadata-ipv6`, func(r *quirks.Engine) { r.Headers.IPv6HostsHaveNoSite = true }},
	{"preflight-sec-fetch-site", always, `seen: g1-01409-https`, func(r *quirks.Engine) { r.Preflight.SiteOfCurrentURL = true }},

	// Redirects.
	{"headers-come-back", always, `seen: g1-00086-redirect`, func(r *quirks.Engine) { r.Redirect.HeadersRestored = true }},
	{"location-repeated", always, `seen: probe-location-b cors "same twice"`, func(r *quirks.Engine) { r.Redirect.RepeatedLocation = quirks.RepeatedLocationEqual }},
	{"location-bytes", always, `seen: probe-location-a cors "/x\x01"`, func(r *quirks.Engine) { r.Redirect.LocationKeepsControls = true }},
	{"bad-port-redirect", always, `seen: v-xhr-location b http://b.test:6000/`, func(r *quirks.Engine) { r.Redirect.BadPortHangsXHR = true }},
	{"unfollowed-redirect", always, `live: quirk unfollowed-redirect`, func(r *quirks.Engine) { r.Cache.UnfollowedRedirectNotStored = true }},

	// Origin, Referer and Sec-Fetch headers.
	{"client-workers", span{since: "147"}, `live: quirk client-workers`, func(r *quirks.Engine) { r.Headers.NoStorageAccessInWorkers = true }},
	{"client-referrer", span{until: "140.12.0..153.7.0"}, `live: quirk client-referrer`, func(r *quirks.Engine) { r.Headers.WholeReferrerOfBlobs = true }},
	{"client-referrer", always, `live: quirk client-referrer`, func(r *quirks.Engine) { r.Headers.ReferrerOfLocalURLs = true }},
	{"opaque-origin", span{since: "147"}, `live: quirk opaque-origin`, func(r *quirks.Engine) { r.Headers.OriginOfInactiveStorage = quirks.OriginOfInactiveSaid }},
	{"origin-and-referrer-policy", always, `seen: g1-00347-referrer`, func(r *quirks.Engine) { r.Headers.OriginNeedsReferrer = true }},
	{"referrer-after-redirect", always, `seen: g1-00821-referrer`, func(r *quirks.Engine) { r.Headers.ReferrerRecomputed = true }},
	{"referrer-to-loopback", always, `seen: probe-mixed-https page to http localhost cors`, func(r *quirks.Engine) { r.Headers.DowngradeByScheme = true }},
	{"storage-access", span{since: "147"}, `seen: g1-00996-https`, func(r *quirks.Engine) { r.Headers.StorageAccess = quirks.StorageAccessUntainted }},

	// Responses.
	{"content-codings", always, `live: quirk content-codings`, func(r *quirks.Engine) { r.Response.ContentCodings = quirks.ContentCodingsAsGecko }},
	{"repeated-response-header", always, `seen: g1-01458-expose`, func(r *quirks.Engine) { r.Response.Combining = quirks.CombineAsGecko }},
	{"short-body", always, `live: quirk short-body`, func(r *quirks.Engine) { r.Response.ShortBodyOfErrorAccepted = true }},
	{"status-421", always, `live: quirk status-421`, func(r *quirks.Engine) { r.Response.MisdirectedRetry = quirks.MisdirectedRetryAsGecko }},
	{"nul-in-header", always, `seen: g1-01694-expose`, func(r *quirks.Engine) { r.Response.NULIsError = true }},
	{"data-url-headers", always, `seen: g1-02348-url`, func(r *quirks.Engine) { r.Response.DataURLAsFile = true }},
	{"status-407", always, `seen: probe-status-407`, func(r *quirks.Engine) { r.Response.ProxyAuthenticationDelivered = true }},

	// The browser's own policy, which is not a matter of CORS.
	{"referrer-relaxed", always, `seen: g1-02524-referrer`, func(r *quirks.Engine) { r.Privacy.StrictReferrerCrossSite = true }},

	// Local networks and Content Security Policy.
	{"authentication", always, `live: quirk authentication`, func(r *quirks.Engine) { r.Request.CredentialsAcrossOrigins = true }},
	{"authentication", always, `live: quirk authentication`, func(r *quirks.Engine) { r.Request.OwnAuthorizationStays = true }},
	{"hsts", always, `live: quirk hsts`, func(r *quirks.Engine) { r.HSTS.SameSiteOnly = true }},
	{"mixed-own-url", always, `live: quirk mixed-own-url`, func(r *quirks.Engine) { r.Request.MixedByOwnURL = true }},
	{"csp-upgrade", always, `live: quirk csp-upgrade`, func(r *quirks.Engine) { r.CSP.UpgradeCountsBefore = true }},
	{"csp-upgrade-loopback", always, `live: quirk csp-upgrade-loopback`, func(r *quirks.Engine) { r.CSP.UpgradeDecidedByFirstURL = true }},
	{"metadata-loopback", always, `live: quirk metadata-loopback`, func(r *quirks.Engine) { r.Headers.SchemelessLoopbackSite = true }},
	{"corp-unknown", always, `live: quirk corp-unknown`, func(r *quirks.Engine) { r.CORS.UnknownResourcePolicyAllows = true }},
	{"csp-upgrade", always, `live: quirk csp-upgrade`, func(r *quirks.Engine) { r.CSP.UpgradeIsRedirect = true }},
	{"unspecified-address", span{until: "140.12.0..153.7.0"}, `live: quirk unspecified-address`, func(r *quirks.Engine) { r.Request.UnspecifiedRefused = true }},
	{"local-network-access", span{since: "140.12.0..153.7.0"}, `live: quirk local-network-access`, func(r *quirks.Engine) { r.LocalNetwork.Checked = true }},
	{"local-network-frames", span{since: "140.12.0..153.7.0"}, `live: quirk local-network-frames`, func(r *quirks.Engine) { r.LocalNetwork.SandboxedAsParent = true }},
	{"local-network-frames", span{since: "153.7.0..159.0"}, `seen: probe3-lna-kind-about:blank-local-granted`, func(r *quirks.Engine) { r.LocalNetwork.BlankDocumentsDenied = true }},
	{"local-network-frames", span{since: "140.12.0..153.7.0"}, `live: quirk local-network-frames`, func(r *quirks.Engine) { r.LocalNetwork.SharedWorkersDenied = true }},
	{"local-network-frames", span{since: "140.12.0..153.7.0"}, `live: quirk local-network-frames`, func(r *quirks.Engine) { r.LocalNetwork.SandboxedPagesHang = true }},
	{"csp-ports", always, `live: quirk csp-ports`, func(r *quirks.Engine) { r.CSP.PortsAsWritten = true }},
	{"csp-redirected-preflight", always, `live: quirk csp-redirected-preflight`, func(r *quirks.Engine) { r.CSP.PathsOfRedirectedPreflights = true }},

	// How the bytes of responses are read.
	{"framing-status-line", always, `live: quirk framing-status-line`, func(r *quirks.Engine) { r.Framing.StatusLine = quirks.StatusLineAsGecko }},
	{"framing-cut-head", always, `live: quirk framing-cut-head`, func(r *quirks.Engine) { r.Framing.CutHead = quirks.CutHeadAny }},
	{"framing-lines", always, `live: quirk framing-lines`, func(r *quirks.Engine) { r.Framing.CRInvalidates = true }},
	{"framing-lines", always, `live: quirk framing-lines`, func(r *quirks.Engine) { r.Framing.FoldingKept = true }},
	{"framing-lines", always, `live: quirk framing-lines`, func(r *quirks.Engine) { r.Framing.NULInValueOnly = true }},
	{"framing-switching", always, `live: quirk framing-switching`, func(r *quirks.Engine) { r.Framing.Switching = quirks.SwitchingDelivered }},
	{"framing-codings", always, `live: quirk framing-codings`, func(r *quirks.Engine) { r.Framing.ChunkedInHTTP10 = true }},
	{"framing-codings", always, `live: quirk framing-codings`, func(r *quirks.Engine) { r.Framing.SpacesSeparateCodings = true }},
	{"framing-chunks", always, `live: quirk framing-chunks`, func(r *quirks.Engine) { r.Framing.Chunks = quirks.ChunksAsGecko }},
	{"framing-broken-body", span{until: "140.12.0..153.7.0"}, `live: quirk framing-broken-body`, func(r *quirks.Engine) { r.Framing.BrokenAtOnceIsNoResponse = true }},
	{"framing-broken-body", always, `live: quirk framing-broken-body`, func(r *quirks.Engine) { r.Framing.BrokenBodyIsNoResponse = true }},

	// What elements and the other APIs ask for, and make of it.
	{"element-accept", always, `live: quirk element-accept`, func(r *quirks.Engine) {
		r.Elements.Accept = map[string]string{"image": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "font": "application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8", "video": "video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,audio/*;q=0.6,*/*;q=0.5", "audio": "audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5", "svg-use": "*/*", "iframe": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
	}},
	{"element-accept", span{since: "153.7.0..159.0"}, `live: quirk element-accept`, func(r *quirks.Engine) {
		r.Elements.Accept["image"] = "image/avif,image/jxl,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	}},
	{"track-mode", always, `live: quirk track-mode`, func(r *quirks.Engine) { r.Elements.TracksWithoutReferrer = true }},
	{"media-requests", always, `live: quirk media-requests`, func(r *quirks.Engine) { r.Elements.MediaRange = true }},
	{"style-type", always, `live: quirk style-type`, func(r *quirks.Engine) { r.Elements.AnyTypeIsCSS = true }},
	{"opaque-blocking", always, `live: quirk opaque-blocking`, func(r *quirks.Engine) { r.Elements.OpaqueBlocking = true }},
	{"muted-errors", always, `live: quirk muted-errors`, func(r *quirks.Engine) { r.Elements.MutedByLastURL = true }},
	{"muted-errors", always, `live: quirk muted-errors`, func(r *quirks.Engine) { r.Elements.OwnErrorsTold = true }},
	{"preload-events", always, `live: quirk preload-events`, func(r *quirks.Engine) { r.Elements.FailedPreloadsLoad = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BeaconsUnlimited = true }},
	{"event-stream", span{until: "140.12.0..153.7.0"}, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamOriginOfRequest = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamOfOtherCharset = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamGivesUp = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamReconnectsToPermanent = true }},
	{"websocket-handshake", always, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.SocketMetadata = true }},
	{"websocket-handshake", always, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.SocketDestinationEmpty = true }},
	{"websocket-handshake", span{since: "153.7.0..159.0"}, `live: quirk websocket-handshake`, func(r *quirks.Engine) { r.Elements.MixedSocketsFail = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamNULDropsEvent = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsLoadUnasked = []string{"audio", "video", "json"} }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsFailUnasked = []string{"track"} }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.FontPreloadsUseCORS = true }},
	{"failed-modules", span{until: "153.7.0..159.0"}, `live: quirk failed-modules`, func(r *quirks.Engine) { r.Elements.FailedModulesKept = true }},
	{"element-referrer", always, `live: quirk element-referrer`, func(r *quirks.Engine) { r.Elements.OpaqueHasReferrer = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BeaconTypesUnbounded = true }},
	{"cache-by-credentials", always, `live: quirk cache-by-credentials`, func(r *quirks.Engine) { r.Elements.CacheByCredentials = true }},
	{"element-statuses", always, `live: quirk element-statuses`, func(r *quirks.Engine) { r.Elements.AnyTrackStatus = true }},
	{"element-statuses", always, `live: quirk element-statuses`, func(r *quirks.Engine) { r.Elements.OpaquePartialRefused = true }},
	{"image-type", always, `live: quirk image-type`, func(r *quirks.Engine) { r.Elements.SVGSniffed = true }},
	{"document-memory", always, `live: quirk document-memory`, func(r *quirks.Engine) { r.Elements.KeptInDocument = []string{"font", "style", "video", "audio"} }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.PreloadsByCORSState = true }},
	{"preloads", always, `live: quirk preloads`, func(r *quirks.Engine) { r.Elements.FailedPreloadsAskAgain = []string{"script"} }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BeaconHopsAsSent = true }},
	{"track-mode", always, `live: quirk track-mode`, func(r *quirks.Engine) { r.Elements.MixedTracks = true }},
	{"imports", always, `live: quirk imports`, func(r *quirks.Engine) { r.Elements.ImportsOfSheet = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.BadPortBeaconsRefused = true }},
	{"beacons", always, `live: quirk beacons`, func(r *quirks.Engine) { r.Elements.MixedBeaconsRefused = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamIDsOfEventsOnly = true }},
	{"event-stream", always, `live: quirk event-stream`, func(r *quirks.Engine) { r.Elements.StreamRetryAtLeast = 500 }},
	{"frames-without-load", always, `live: quirk frames-without-load`, func(r *quirks.Engine) { r.Elements.RefusedFramesHang = true }},
	{"frames-without-load", always, `live: quirk frames-without-load`, func(r *quirks.Engine) { r.Elements.MixedRedirectsHangFrames = true }},
	{"integrity-names", always, `live: quirk integrity-names`, func(r *quirks.Engine) { r.Elements.IntegrityCaseCounts = true }},

	// Cookies.
	{"third-party-cookies", always, `source: network.cookie.sameSite.schemeful is off by default.`, func(r *quirks.Engine) { r.Cookies.Schemeless = true }},
	{"third-party-cookies", always, `observed: "c=1" and "c=1; SameSite=None; Secure" of b.test in a page of a.test are sent back there. That they are kept apart is from the product's documentation.`, func(r *quirks.Engine) { r.Cookies.PartitionThirdParty = true }},
	{"third-party-cookies", always, `observed: a Partitioned cookie is sent back; one that is third-party is kept apart anyway.`, func(r *quirks.Engine) { r.Cookies.Partitioned = true }},
	{"cookie-syntax", always, `observed: "c" comes back as "c=", and "=v" does not come back.`, func(r *quirks.Engine) { r.Cookies.LoneTokenIsName = true }},
	{"cookie-syntax", always, `observed: "c" comes back as "c=", and "=v" does not come back.`, func(r *quirks.Engine) { r.Cookies.RefuseNameless = true }},
	{"cookie-syntax", always, `observed: "c=a\xE9b" comes back with U+FFFD.`, func(r *quirks.Engine) { r.Cookies.ReplaceInvalidUTF8 = true }},
	{"third-party-cookies", always, `source: secure contexts count as secure.`, func(r *quirks.Engine) { r.Cookies.TrustworthyIsSecure = true }},

	// Local networks.
	{"site-local", span{since: "140.12.0..153.7.0"}, `seen: probe3-lna-address-[fec0::1]-https`, func(r *quirks.Engine) { r.LocalNetwork.SiteLocalIsPublic = true }},

	// HTTP/2.
	{"http2-cookies", always, `seen: probe3-h2-more-cookies`, func(r *quirks.Engine) { r.HTTP2.CookiesApart = true }},
	{"http2-resets", always, `seen: probe3-h2-reset-REFUSED_STREAM-true-POST`, func(r *quirks.Engine) { r.HTTP2.RefusedTries = 10 }},
	{"http2-resets", always, `seen: probe3-h2-reset-HTTP_1_1_REQUIRED-false-GET`, func(r *quirks.Engine) { r.HTTP2.ErrorTries = 10 }},
	{"http2-resets", always, `seen: probe3-h2-reset-HTTP_1_1_REQUIRED-true-GET`, func(r *quirks.Engine) { r.HTTP2.FallsBack = true }},
	{"http2-spdy-header", always, `seen: probe3-h2-basic-get`, func(r *quirks.Engine) { r.HTTP2.SpdyHeader = true }},

	// Before the oldest version that was observed.
	{"wildcards", span{until: "69"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Allow-Headers and -Methods`, func(r *quirks.Engine) {
		r.CORS.WildcardIsName, r.PreflightCache.WildcardNotStored = true, true
	}},
	{"wildcards", span{until: "69"}, `published: MDN browser-compat-data of 2026-08-07, Access-Control-Expose-Headers`, func(r *quirks.Engine) { r.CORS.ExposedWildcardIsName = true }},
	{"no-metadata", span{until: "90"}, `published: MDN browser-compat-data of 2026-08-07, Sec-Fetch-Mode`, func(r *quirks.Engine) { r.Headers.NoMetadata = true }},
	{"third-party-cookies", span{until: "131"}, `published: MDN browser-compat-data of 2026-08-07, Set-Cookie, none_requires_secure`, func(r *quirks.Engine) { r.Cookies.AllowSameSiteNoneInsecure = true }},
	{"cookie-syntax", span{until: "143"}, `published: MDN browser-compat-data of 2026-08-07, Set-Cookie, http_host-http_prefixes`, func(r *quirks.Engine) { r.Cookies.IgnoreHTTPPrefixes = true }},
}
