package fetch

import (
	"io"
	"math"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
)

// cachedOrNetwork is what HTTP-network-or-cache fetch does between the HTTP cache
// and the network: steps 8.23 to 10.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (x *exchange) cachedOrNetwork(cacheMode CacheMode) (*response, error) {
	if redirect := x.hstsRedirect(); redirect != nil {
		return redirect, nil
	}
	cache, now := x.client.HTTPCache, x.client.now
	rules := x.client.rules()
	if cacheMode == CacheOnlyIfCached && rules.Cache.OnlyIfCachedUsesNetwork {
		cacheMode = CacheForceCache
	}
	actual := x.actualCacheMode(cacheMode)
	if cacheMode == CacheOnlyIfCached && actual != cacheMode {
		return nil, x.networkError(cors.OnlyIfCached)
	}
	cacheMode = actual
	if rules.Cache.OpaqueOriginBypasses && x.request.page.origin.IsOpaque() {
		cache = nil
	}
	if rules.Elements.MediaBypassesCache && (x.request.destination == "video" || x.request.destination == "audio") {
		cache = nil
	}
	if cache == nil {
		if cacheMode == CacheOnlyIfCached {
			return nil, x.networkError(cors.OnlyIfCached)
		}
		return x.httpNetworkFetch()
	}
	// The cache is asked and told by the request as it was before it is made
	// conditional, or Vary would not find it again.
	key := &httpcache.Request{
		Partition: x.request.page.topLevelSite, URL: x.request.currentURL().StringExcludingFragment(),
		Method: x.request.method, Headers: x.headers,
	}
	if value, _ := x.headers.Get("range"); value == "bytes=0-" && x.request.initiator != "" {
		key.Headers = x.headers.Clone() // all of it, which a stored response is
		key.Headers.Delete("range")
	}
	if rules.Elements.CacheByCredentials && !x.includeCredentials {
		key.Partition += " anonymous"
	}
	var stored *httpcache.Stored
	var freshness httpcache.Freshness
	if cacheMode != CacheNoStore && cacheMode != CacheReload && !x.newConnection && !(rules.Cache.HEADBypasses && x.request.method == "HEAD") {
		var found bool
		stored, freshness, found = cache.Select(now(), key)
		switch {
		case !found:
			stored = nil
		case freshness == httpcache.Unmatched:
		case freshness == httpcache.Fresh && cacheMode != CacheNoCache, cacheMode == CacheForceCache, cacheMode == CacheOnlyIfCached:
			return x.fromCache(stored, false), nil
		case freshness == httpcache.StaleWhileRevalidate && cacheMode == CacheDefault:
			// The standard revalidates in parallel. Nobody sees the difference
			// but the one who waits, and no goroutine outlives the fetch.
			if revalidated, err := x.forward(key, stored, freshness); err == nil {
				io.Copy(io.Discard, revalidated.body)
				revalidated.body.Close()
			}
			return x.fromCache(stored, false), nil
		}
	}
	if cacheMode == CacheOnlyIfCached {
		return nil, x.networkError(cors.OnlyIfCached)
	}
	if cacheMode == CacheNoStore {
		response, err := x.httpNetworkFetch()
		x.invalidate(key, response)
		return response, err
	}
	return x.forward(key, stored, freshness)
}

// actualCacheMode returns the cache mode that engines make of a request's, for how
// it came about and for headers that script has set.
func (x *exchange) actualCacheMode(cacheMode CacheMode) CacheMode {
	rules := x.client.rules()
	switch {
	case cacheMode == CacheNoStore:
	case rules.Cache.RedirectedBypasses && x.request.redirectedByNetwork:
		return CacheReload
	case rules.Request.ConditionalCacheMode != "" && isConditional(x.request.headers):
		return CacheMode(rules.Request.ConditionalCacheMode)
	case rules.Request.NoCacheHeaderMode != "" && bypassesByHeader(x.request.headers):
		return CacheMode(rules.Request.NoCacheHeaderMode)
	}
	return cacheMode
}

// forward asks the server, on condition that what is stored has changed, and
// keeps its answer.
func (x *exchange) forward(key *httpcache.Request, stored *httpcache.Stored, freshness httpcache.Freshness) (*response, error) {
	cache, now := x.client.HTTPCache, x.client.now
	conditional := *x
	if stored != nil {
		etag, lastModified, ok := cache.Validators(stored, freshness)
		if !ok {
			stored = nil
		}
		if etag != "" || lastModified != "" {
			conditional.headers = x.headers.Clone()
		}
		if etag != "" {
			conditional.headers.Append("If-None-Match", etag)
		}
		if lastModified != "" {
			conditional.headers.Append("If-Modified-Since", lastModified)
		}
	}
	requestTime := now()
	response, err := conditional.httpNetworkFetch()
	if err != nil {
		return nil, err
	}
	if x.invalidate(key, response) {
		stored = nil
	}
	if stored != nil && response.status == 304 {
		discard(response.body)
		return x.fromCache(cache.Freshen(key, stored, response.headers, requestTime, now()), true), nil
	}
	response.body = &storingBody{
		ReadCloser: response.body, cache: cache, key: key,
		response: httpcache.Response{
			Status: response.status, StatusText: response.statusText, Headers: response.headers,
			RequestIncludesCredentials: x.includeCredentials, RequestTime: requestTime, ResponseTime: now(),
		},
	}
	return response, nil
}

// invalidate removes what a response to an unsafe method makes worthless, and
// reports whether it did.
//
// https://httpwg.org/specs/rfc9111.html#invalidation
func (x *exchange) invalidate(key *httpcache.Request, response *response) bool {
	if response == nil || !x.invalidates(response.status) {
		return false
	}
	if headers.IsSafeMethod(key.Method) {
		x.client.HTTPCache.Remove(key)
	} else {
		x.client.HTTPCache.Invalidate(key, response.headers)
	}
	return true
}

func (x *exchange) fromCache(stored *httpcache.Stored, validated bool) *response {
	x.trace.cacheUsed(x.request.currentURL(), validated)
	return &response{
		status: stored.Status(), statusText: stored.StatusText(), headers: stored.Headers(),
		body: StringBody(stored.Body()), fromCache: true,
	}
}

// storingBody stores a response in the HTTP cache once its body was read to its end.
type storingBody struct {
	io.ReadCloser
	cache    *httpcache.Cache
	key      *httpcache.Request
	response httpcache.Response
	done     bool
}

// Read keeps what it reads, up to maxStoredBody, and stores the response at the end.
func (b *storingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if !b.done {
		b.response.Body = append(b.response.Body, p[:n]...)
		if len(b.response.Body) > maxStoredBody {
			b.response.Body, b.done = nil, true
		}
		if err == io.EOF {
			b.store()
		}
	}
	return n, err
}

func (b *storingBody) store() {
	if !b.done {
		b.done = true
		b.cache.Store(b.key, &b.response)
	}
}

// Bounds of what is held in memory for the cache's sake.
const (
	maxStoredBody  = 8 << 20  // a longer body is not stored
	maxDrainedBody = 64 << 10 // a body that nobody wants is read up to here, to store it
)

// Close stores a response of which nobody read the body, as that of a redirect,
// if what is left of it is known to be short.
func (b *storingBody) Close() error {
	if !b.done && b.left() <= maxDrainedBody {
		rest, err := io.ReadAll(io.LimitReader(b.ReadCloser, maxDrainedBody+1))
		if err == nil && len(rest) <= maxDrainedBody {
			b.response.Body = append(b.response.Body, rest...)
			b.store()
		}
	}
	return b.ReadCloser.Close()
}

// left returns how much of the body is left at most, as far as that is known.
func (b *storingBody) left() int64 {
	if b.ReadCloser == NoBody {
		return 0
	}
	if inMemory, ok := b.ReadCloser.(*stringBody); ok {
		return int64(inMemory.Len())
	}
	if length, ok := headers.ExtractDeltaSeconds(b.response.Headers.Lines("content-length")); ok {
		return length
	}
	return math.MaxInt64
}

// invalidates reports whether a response with a status makes the HTTP cache forget
// what it has of the request's URL.
//
// https://httpwg.org/specs/rfc9111.html#invalidation
func (f *fetching) invalidates(status int) bool {
	method := f.request.method
	succeeded := 200 <= status && status <= 399
	switch f.client.rules().Cache.InvalidatedBy {
	case quirks.InvalidatesButPUT:
		return !headers.IsSafeMethod(method) && succeeded && method != "PUT" && !headers.EqualFold(method, "PATCH")
	case quirks.InvalidatesAnyStatus:
		return !headers.IsSafeMethod(method) && status != 304
	case quirks.InvalidatesAnyMethod:
		return method != "GET" && f.request.preflightFor == nil && (status < 300 || 399 < status)
	}
	return !headers.IsSafeMethod(method) && succeeded
}

// forgetUnfollowed keeps a redirect that is not to be followed out of the HTTP
// cache, in engines that store only permanent ones of those.
func (f *fetching) forgetUnfollowed(response *response) {
	if body, ok := response.body.(*storingBody); ok && f.client.rules().Cache.UnfollowedRedirectNotStored {
		body.done = body.done || response.status != 301 && response.status != 308
	}
}

// discardRefused closes a response that the page may not read, for the CORS check or its
// resource policy, and keeps it out of the HTTP cache in engines that do not
// store it.
func (f *fetching) discardRefused(response *response, byCORS bool) {
	redirect := f.client.redirectPolicy().IsRedirect(response.status, &response.headers)
	if body, ok := response.body.(*storingBody); ok {
		switch f.client.rules().Cache.RefusedResponses {
		case quirks.RefusedRedirectsKept:
			body.done = body.done || !redirect
		case quirks.RefusedAsChromium:
			if !redirect && !(f.request.xhr && body.sniffedWhole()) {
				body.done = true
				body.cache.Remove(body.key)
			}
		case quirks.RefusedByCORSKept:
			body.done = body.done || redirect || !byCORS
		}
	}
	discard(response.body)
}

// maxBytesToSniff is how much of a body Chromium has to see to sniff its MIME type.
const maxBytesToSniff = 1024

// sniffedWhole reports whether Chromium, to sniff the MIME type of what an
// XMLHttpRequest asked for, reads a body to its end before it refuses the response.
func (b *storingBody) sniffedWhole() bool {
	list := b.response.Headers
	if b.left() >= maxBytesToSniff || DetermineNosniff(list) {
		return false
	}
	mimeType, ok := list.ExtractMIMEType()
	return !ok || mimeType.Essence() == "text/plain"
}

// bypassesByHeader reports whether the headers of a request ask for a response
// that does not come from a cache.
func bypassesByHeader(list headers.List) bool {
	for _, name := range [...]string{"cache-control", "pragma"} {
		if directives, _, ok := headers.ExtractTokenList(list.Lines(name)); ok && directives.HasFold("no-cache") {
			return true
		}
	}
	return false
}
