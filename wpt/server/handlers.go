package server

import (
	"maps"
	"slices"
)

// A handler is the port of one upstream script.
type handler func(q *request, p *response)

// Handlers returns the paths of all that is served, in ascending order:
// scripts (.py), responses written as they are (.asis), and plain files.
func Handlers() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, paths := range [...][]string{
			slices.Collect(maps.Keys(handlers)), slices.Collect(maps.Keys(asIs)), slices.Collect(maps.Keys(files)),
		} {
			for _, path := range paths {
				if !yield(path) {
					return
				}
			}
		}
	})
}

// handlers is filled by init: one of them calls others by their path.
var handlers map[string]handler

func init() {
	handlers = map[string]handler{
		"/common/CustomCorsResponse.py": commonCustomCORSResponse,
		"/common/echo.py":               commonEcho,
		"/common/redirect-opt-in.py":    commonRedirectOptIn,
		"/common/redirect.py":           commonRedirect,
		"/common/refresh.py":            commonRefresh,
		"/common/slow-redirect.py":      commonSlowRedirect,
		"/common/slow.py":               commonSlow,

		"/cors/resources/304.py":                    corsRevalidation,
		"/cors/resources/cache-304.py":              corsCache304,
		"/cors/resources/cors-cookie.py":            corsCookie,
		"/cors/resources/cors-makeheader.py":        corsMakeHeader,
		"/cors/resources/expose-headers.py":         corsExposeHeaders,
		"/cors/resources/preflight-partitioning.py": corsPreflightPartitioning,
		"/cors/resources/preflight.py":              corsPreflight,
		"/cors/resources/status.py":                 corsStatus,

		"/eventsource/resources/cors-cookie.py":      eventSourceCORSCookie,
		"/eventsource/resources/cors.py":             eventSourceCORS,
		"/eventsource/resources/last-event-id.py":    eventSourceLastEventID,
		"/eventsource/resources/message.py":          eventSourceMessage,
		"/eventsource/resources/status-error.py":     eventSourceStatusError,
		"/eventsource/resources/status-reconnect.py": eventSourceStatusReconnect,

		"/fetch/api/request/resources/cache.py":                     fetchRequestCache,
		"/fetch/api/resources/authentication.py":                    fetchAuthentication,
		"/fetch/api/resources/bad-chunk-encoding.py":                fetchBadChunkEncoding,
		"/fetch/api/resources/cache.py":                             fetchCache,
		"/fetch/api/resources/clean-stash.py":                       fetchCleanStash,
		"/fetch/api/resources/dump-authorization-header.py":         fetchDumpAuthorization,
		"/fetch/api/resources/echo-content.py":                      fetchEchoContent,
		"/fetch/api/resources/infinite-slow-response.py":            fetchInfiniteSlowResponse,
		"/fetch/api/resources/inspect-headers.py":                   fetchInspectHeaders,
		"/fetch/api/resources/method.py":                            fetchMethod,
		"/fetch/api/resources/preflight.py":                         fetchPreflight,
		"/fetch/api/resources/redirect-empty-location.py":           fetchRedirectEmptyLocation,
		"/fetch/api/resources/redirect.py":                          fetchRedirect,
		"/fetch/api/resources/script-with-header.py":                fetchScriptWithHeader,
		"/fetch/api/resources/stash-put.py":                         fetchStashPut,
		"/fetch/api/resources/stash-take.py":                        fetchStashTake,
		"/fetch/api/resources/status.py":                            status,
		"/fetch/api/resources/trickle.py":                           fetchTrickle,
		"/fetch/connection-pool/resources/network-partition-key.py": networkPartitionKey,

		"/fetch/content-encoding/br/resources/bad-br-body.py":         badBody("br"),
		"/fetch/content-encoding/gzip/resources/bad-gzip-body.py":     badBody("gzip"),
		"/fetch/content-encoding/zstd/resources/bad-zstd-body.py":     badBody("zstd"),
		"/fetch/content-length/resources/content-length.py":           contentLength,
		"/fetch/content-type/resources/content-type.py":               contentType,
		"/fetch/h1-parsing/resources/document-with-0x00-in-header.py": nulInHeader("text/html", "<!doctype html><p>loaded"),
		"/fetch/h1-parsing/resources/message.py":                      h1Message,
		"/fetch/h1-parsing/resources/script-with-0x00-in-header.py":   nulInHeader("text/javascript", "var loaded = 0"),
		"/fetch/h1-parsing/resources/status-code.py":                  h1StatusCode,
		"/fetch/redirect-navigate/302-found-post-handler.py":          foundPost,

		"/fetch/cross-origin-resource-policy/resources/hello.py":    corpHello,
		"/fetch/cross-origin-resource-policy/resources/iframe.py":   corpFrame,
		"/fetch/cross-origin-resource-policy/resources/image.py":    corpImage,
		"/fetch/cross-origin-resource-policy/resources/redirect.py": corpRedirect,
		"/fetch/cross-origin-resource-policy/resources/script.py":   corpScript,

		"/fetch/http-cache/resources/http-cache.py": httpCache,

		"/fetch/metadata/resources/echo-as-json.py":   metadataJSON,
		"/fetch/metadata/resources/echo-as-script.py": metadataScript,
		"/fetch/metadata/resources/header-link.py":    metadataLink,
		"/fetch/metadata/resources/post-to-owner.py":  metadataPostToOwner,
		"/fetch/metadata/resources/record-header.py":  metadataRecord,
		"/fetch/metadata/resources/record-headers.py": metadataRecordAll,

		"/fetch/nosniff/resources/css.py":     nosniffStyle,
		"/fetch/nosniff/resources/image.py":   nosniffImage,
		"/fetch/nosniff/resources/js.py":      nosniffScript,
		"/fetch/nosniff/resources/nosniff.py": nosniffHeader,
		"/fetch/nosniff/resources/worker.py":  nosniffWorker,

		"/fetch/origin/resources/redirect-and-stash.py": originRedirectAndStash,
		"/fetch/origin/resources/referrer-policy.py":    originReferrerPolicy,

		"/fetch/range/resources/long-wav.py":       rangeWAV,
		"/fetch/range/resources/partial-script.py": rangeScript,
		"/fetch/range/resources/partial-text.py":   rangeText,
		"/fetch/range/resources/stash-take.py":     rangeStashTake,

		"/images/blue-png-cachable.py":                                      cacheableImage,
		"/service-workers/service-worker/resources/fetch-access-control.py": serviceWorkerAccessControl,

		"/xhr/resources/accept.py":                                                      xhrAccept,
		"/xhr/resources/access-control-allow-lists.py":                                  xhrAllowLists,
		"/xhr/resources/access-control-allow-with-body.py":                              xhrAllowWithBody,
		"/xhr/resources/access-control-auth-basic.py":                                   xhrAuthBasic,
		"/xhr/resources/access-control-basic-allow-no-credentials.py":                   xhrAllowNoCredentials,
		"/xhr/resources/access-control-basic-allow-star.py":                             xhrAllowStar,
		"/xhr/resources/access-control-basic-allow.py":                                  xhrAllow,
		"/xhr/resources/access-control-basic-cors-safelisted-request-headers.py":        xhrSafelistedRequest,
		"/xhr/resources/access-control-basic-cors-safelisted-response-headers.py":       xhrSafelistedResponse,
		"/xhr/resources/access-control-basic-denied.py":                                 xhrDenied,
		"/xhr/resources/access-control-basic-options-not-supported.py":                  xhrOptionsNotSupported,
		"/xhr/resources/access-control-basic-preflight-cache-invalidation.py":           xhrPreflightCacheInvalidation,
		"/xhr/resources/access-control-basic-preflight-cache-timeout.py":                xhrPreflightCacheTimeout,
		"/xhr/resources/access-control-basic-preflight-cache.py":                        xhrPreflightCache,
		"/xhr/resources/access-control-basic-put-allow.py":                              xhrPutAllow,
		"/xhr/resources/access-control-cookie.py":                                       xhrCookie,
		"/xhr/resources/access-control-origin-header.py":                                xhrOriginHeader,
		"/xhr/resources/access-control-preflight-denied.py":                             xhrPreflightDenied,
		"/xhr/resources/access-control-preflight-request-allow-headers-returns-star.py": xhrAllowHeadersStar,
		"/xhr/resources/access-control-preflight-request-header-lowercase.py":           xhrHeaderLowercase,
		"/xhr/resources/access-control-preflight-request-header-returns-origin.py":      xhrHeaderReturnsOrigin,
		"/xhr/resources/access-control-preflight-request-header-sorted.py":              xhrHeadersSorted,
		"/xhr/resources/access-control-preflight-request-headers-origin.py":             xhrHeadersOrigin,
		"/xhr/resources/access-control-preflight-request-invalid-status.py":             xhrInvalidStatus,
		"/xhr/resources/access-control-preflight-request-must-not-contain-cookie.py":    xhrNoCookie,
		"/xhr/resources/auth1/auth.py":                                                  xhrAuthentication,
		"/xhr/resources/auth10/auth.py":                                                 xhrAuthentication,
		"/xhr/resources/auth11/auth.py":                                                 xhrAuthentication,
		"/xhr/resources/auth2/auth.py":                                                  xhrAuthentication,
		"/xhr/resources/auth2/corsenabled.py":                                           xhrAuthCORS("authorization, x-user, x-pass"),
		"/xhr/resources/auth3/auth.py":                                                  xhrAuthentication,
		"/xhr/resources/auth4/auth.py":                                                  xhrAuthentication,
		"/xhr/resources/auth5/auth.py":                                                  xhrAuthPrompt(false),
		"/xhr/resources/auth6/auth.py":                                                  xhrAuthPrompt(true),
		"/xhr/resources/auth7/corsenabled.py":                                           xhrAuthCORS("authorization, x-user, x-pass"),
		"/xhr/resources/auth8/corsenabled-no-authorize.py":                              xhrAuthCORS("x-user, x-pass"),
		"/xhr/resources/auth9/auth.py":                                                  xhrAuthentication,
		"/xhr/resources/authentication.py":                                              xhrAuthentication,
		"/xhr/resources/bad-chunk-encoding.py":                                          xhrBadChunkEncoding,
		"/xhr/resources/chunked.py":                                                     xhrChunked,
		"/xhr/resources/conditional.py":                                                 xhrConditional,
		"/xhr/resources/content.py":                                                     xhrContent,
		"/xhr/resources/corsenabled.py":                                                 xhrCORSEnabled,
		"/xhr/resources/delay.py":                                                       xhrDelay,
		"/xhr/resources/echo-content-cors.py":                                           xhrEchoContentCORS,
		"/xhr/resources/echo-content-type.py":                                           xhrEchoContentType,
		"/xhr/resources/echo-headers.py":                                                xhrEchoHeaders,
		"/xhr/resources/echo-method.py":                                                 xhrEchoMethod,
		"/xhr/resources/empty-div-utf8-html.py":                                         document("text/html;charset=utf-8", "<!DOCTYPE html><div></div>"),
		"/xhr/resources/form.py":                                                        xhrForm,
		"/xhr/resources/get-set-cookie.py":                                              xhrGetSetCookie,
		"/xhr/resources/gzip.py":                                                        xhrCompressed("gzip"),
		"/xhr/resources/header-user-agent.py":                                           xhrHeaderUserAgent,
		"/xhr/resources/headers.py":                                                     xhrHeaders,
		"/xhr/resources/img-utf8-html.py":                                               document("text/html;charset=utf-8", "<img>foo"),
		"/xhr/resources/infinite-redirects.py":                                          xhrInfiniteRedirects,
		"/xhr/resources/inspect-headers.py":                                             xhrInspectHeaders,
		"/xhr/resources/invalid-utf8-html.py":                                           document("text/html;charset=utf-8", "\xFF"),
		"/xhr/resources/no-custom-header-on-preflight.py":                               xhrNoCustomHeader,
		"/xhr/resources/parse-headers.py":                                               xhrParseHeaders,
		"/xhr/resources/redirect-cors.py":                                               xhrRedirectCORS,
		"/xhr/resources/redirect.py":                                                    xhrRedirect,
		"/xhr/resources/requri.py":                                                      xhrRequestURI,
		"/xhr/resources/reset-token.py":                                                 xhrResetToken,
		"/xhr/resources/shift-jis-html.py":                                              document("text/html;charset=shift-jis", "\x83\x65\x83\x58\x83\x67"),
		"/xhr/resources/status.py":                                                      status,
		"/xhr/resources/trickle.py":                                                     xhrTrickle,
		"/xhr/resources/upload.py":                                                      xhrUpload,
		"/xhr/resources/win-1252-html.py":                                               document("text/html;charset=windows-1252", "ÿ"),
		"/xhr/resources/win-1252-xml.py":                                                document("application/xml;charset=windows-1252", "<\xFF/>"),
		"/xhr/resources/zlib.py":                                                        xhrCompressed("deflate"),
	}
}
