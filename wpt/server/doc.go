// Package server answers as the server of web-platform-tests does: it is a port
// of the handlers that the tests of CORS and Fetch talk to, at the paths and
// with the parameters that those tests use, under the same names and ports.
//
// [New] listens on loopback; [Server.DialContext] takes the place of the name
// service, so that nothing on the machine needs to be configured:
//
//	http://web-platform.test:8000, :8001    https://web-platform.test:8443, :8444
//
// and so on for its subdomains and for not-web-platform.test. There is HTTP/1.1
// alone; requests are read and responses are written here, not by net/http,
// because what tests are about is often what that package smooths out:
// the order, repetition and spelling of headers, status texts, malformed
// responses, whitespace at the end of a value.
//
// # What is ported
//
// [Handlers] lists every path. By directory of upstream, and file here:
//
//   - common/ and images/ (common.go): redirect, redirect-opt-in, refresh, slow,
//     slow-redirect, echo, CustomCorsResponse, blue-png-cachable
//   - cors/resources/ (cors.go): all but checkandremove, which no test uses
//   - eventsource/resources/ (eventsource.go): message, cors, cors-cookie,
//     last-event-id, status-error, status-reconnect
//   - fetch/api/resources/ and fetch/api/request/resources/ (fetch_api.go): all
//     but huge-response (8 GiB) and the two for HTTP/2; also the connection
//     pool's network-partition-key, without its documents
//   - fetch/cross-origin-resource-policy/, fetch/nosniff/, fetch/origin/,
//     fetch/metadata/ (fetch_….go): all
//   - fetch/range/ (fetch_range.go): all but video-with-range
//   - fetch/http-cache/ (fetch_http_cache.go): http-cache
//   - fetch/content-encoding/, fetch/content-length/, fetch/content-type/,
//     fetch/h1-parsing/, fetch/redirect-navigate/ (fetch_other.go): all
//   - service-workers/…/fetch-access-control (service_workers.go): without videos
//     and uploaded files
//   - xhr/resources/ (xhr.go, xhr_access_control.go): all but accept-language and
//     last-modified, which no test of networking uses
//
// The files beside them that the tests fetch are there with their .headers
// (static.go), images and documents as small equivalents; .asis files go out as
// they are. The pipes status, header, slice, trickle, sub and gzip work on all of
// it, and so do byte ranges on files.
//
// Upstream's mistakes are part of what tests rely on and are kept: of repeated
// request headers only the first is seen, a pipe is applied twice to what a
// handler returns, an exception is a 500 with a JSON body. What upstream's
// server answered is recorded under testdata/answers, and a test compares.
package server
