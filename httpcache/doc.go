// Package httpcache is a browser's private HTTP cache, as the Fetch standard's
// HTTP-network-or-cache fetch uses it. It decides and remembers; it reads no
// clock and does no I/O: times are passed in.
//
// The four places where that algorithm meets the cache are the four methods of
// [Cache]:
//
//   - selecting a response, possibly needing validation: [Cache.Select];
//   - storing request and response: [Cache.Store];
//   - updating the stored response from a 304: [Cache.Freshen];
//   - invalidating after an unsafe method: [Cache.Invalidate].
//
// The cache modes (no-store, reload, no-cache, force-cache, only-if-cached) are
// the caller's: "no-store" and "reload" do not call Select, "no-store" does not
// call Store, "no-cache" adds the header Cache-Control: max-age=0 that Select
// honours, and the last two use whatever Select returns, however stale.
//
// What a private cache for whole responses leaves out:
//
//   - Only responses to GET are stored. HEAD is answered from them; the caller
//     leaves the body away.
//   - A partial response is never stored, and a request with a Range header
//     neither selects nor stores.
//   - Redirects are responses like others: one with explicit freshness
//     information is stored and followed again from the cache, 301 and 308 are
//     also kept without, as 200 is. [Rules] has the engines that keep the
//     latter two for ever.
//   - One cache serves requests with and without credentials, as in the
//     standard: they are told apart by what Vary nominates (Cookie,
//     Authorization, Origin), and by nothing else. [Stored] remembers with which
//     it was obtained. A caller who wants the two apart puts that into
//     [Request.Partition].
//   - Directives for shared caches (s-maxage, proxy-revalidate) are ignored, and
//     so are must-understand (no-store wins over it), immutable and, in a
//     request, only-if-cached: the cache mode of that name is the caller's.
//     no-cache with field names counts as no-cache, as RFC 9111 allows.
//   - Network errors are not stored.
//   - No Age header is added to what is handed out, as no browser does;
//     [Stored.Age] is its value.
//
// See [HTTP Caching], [stale-while-revalidate] and [HTTP-network-or-cache fetch].
//
// [HTTP Caching]: https://httpwg.org/specs/rfc9111.html
// [stale-while-revalidate]: https://httpwg.org/specs/rfc5861.html#n-the-stale-while-revalidate-cache-control-extension
// [HTTP-network-or-cache fetch]: https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
package httpcache
