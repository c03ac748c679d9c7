package replay

import (
	"slices"
	"time"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/preflightcache"
)

// caches simulate the preflight cache of each engine over the recording's own
// clock. Where the credentials mode is unknown, each engine has two pasts: one
// in which every such request included credentials, and one in which none did.
type caches struct {
	engines []*browser.Engine
	caches  [][2]*preflightcache.Cache // by engine; made when first needed
	pending []stored
}

// maxPending bounds the preflights that are not over yet.
const maxPending = 256

// stored is the answer to a preflight, which is known from a time on.
type stored struct {
	at      time.Time
	engine  int
	past    int
	key     preflightcache.Key
	query   preflightcache.Query
	refused bool
	granted cors.Permissions
}

func newCaches(engines []*browser.Engine) *caches { return &caches{engines: engines} }

func (c *caches) cache(engine, past int) *preflightcache.Cache {
	if c.caches == nil {
		c.caches = make([][2]*preflightcache.Cache, len(c.engines))
		for i, e := range c.engines {
			for past := range c.caches[i] {
				c.caches[i][past] = preflightcache.New(preflightcache.Options{Rules: e.PreflightCache()})
			}
		}
	}
	return c.caches[engine][past]
}

// settle looks up whether the caches permit x, where it has no preflight, and
// stores and clears what x and its preflight make of them.
func (c *caches) settle(j *judge, x *request) {
	if x.e.Started.IsZero() || x.isPreflight {
		return // without a clock, nothing can be said
	}
	ripe, known := false, x.credentials != CredentialsUnknown
	for i, e := range c.engines {
		request := x.corsRequest(x.credentials == CredentialsIncluded)
		if !j.concerns(i, x) || !x.getsPreflight(e, &request) {
			continue
		}
		if !ripe {
			ripe = true
			c.ripen(x.e.Started)
		}
		key := x.preflightKey(e)
		var hits [2]bool
		for past := range hits {
			if !known {
				request.IncludeCredentials = past == 1
			}
			q := x.preflightQuery(e, &request)
			refused := false
			if x.preflight == nil {
				cache := c.cache(i, past)
				hits[past] = cache.Len() > 0 && cache.Permits(x.e.Started, key, &q)
			} else if x.preflight.Response.HasResponse {
				granted, missing, err := x.validatePreflight(e, request, x.preflight)
				if refused = err != nil; missing == 0 {
					c.add(stored{x.preflight.Started.Add(max(0, x.preflight.Duration)), i, past, key, q, refused, granted})
				}
			}
			if failure, failed := x.failure(e, refused, &request); failed {
				c.failed(i, past, key, failure)
			}
		}
		if known {
			// Where the pasts differ, nobody knows.
			hits = [2]bool{hits[0] && hits[1], hits[0] && hits[1]}
		}
		if hits != [2]bool{} && x.cached == nil {
			x.cached = make([]bool, 2*len(c.engines))
		}
		if x.cached != nil {
			copy(x.cached[2*i:], hits[:])
		}
	}
}

func (c *caches) add(s stored) {
	c.pending = append(c.pending, s)
	if len(c.pending) > maxPending {
		c.ripen(c.pending[0].at)
	}
}

// failed tells a cache of a network error, before what was to be stored for the key is.
func (c *caches) failed(engine, past int, key preflightcache.Key, failure preflightcache.Failure) {
	c.ripenAll(func(s *stored) bool { return s.engine == engine && s.past == past && s.key == key })
	c.cache(engine, past).Failed(key, failure)
}

// ripen stores the answers that were there by now.
func (c *caches) ripen(now time.Time) {
	c.ripenAll(func(s *stored) bool { return !s.at.After(now) })
}

// ripenAll stores the answers for which is holds.
func (c *caches) ripenAll(is func(*stored) bool) {
	later := c.pending[:0]
	for i := range c.pending {
		s := &c.pending[i]
		if !is(s) {
			later = append(later, *s)
			continue
		}
		c.cache(s.engine, s.past).Remember(s.at, s.key, &s.query, s.refused, s.granted.MaxAge, s.granted.Methods(), s.granted.HeaderNames())
	}
	clear(c.pending[len(later):])
	c.pending = later
}

// getsPreflight reports whether an engine makes a preflight for x, unless its cache permits x.
func (x *request) getsPreflight(e *browser.Engine, request *cors.Request) bool {
	return policyOf(e).NeedsPreflight(request) || x.preflightedBefore(e)
}

// preflightedBefore reports whether the engine makes a preflight for x since a request that was
// redirected to it needed one.
func (x *request) preflightedBefore(e *browser.Engine) bool {
	if rulesOf(e).Preflight.Hops == quirks.HopsAsNeeded {
		return false
	}
	for h := x.from; h != nil; h = h.x.from {
		request := h.x.corsRequest(false)
		if h.corsTainting && policyOf(e).NeedsPreflight(&request) || policyOf(e).CORSUnsafeRequestHeaderNames(request.Headers) != nil {
			return true // within the page's origin the headers alone count
		}
	}
	return false
}

// preflightKey is what an engine's cache has entries of x under.
func (x *request) preflightKey(e *browser.Engine) preflightcache.Key {
	key := preflightcache.Key{Partition: x.page.serialized, Origin: x.origin, URL: x.url.String()}
	if rulesOf(e).Preflight.OriginOfPage {
		key.Origin = x.page.serialized
	}
	return key
}

// preflightQuery is what an engine's cache looks at in x.
func (x *request) preflightQuery(e *browser.Engine, request *cors.Request) preflightcache.Query {
	needed, author := policyOf(e).NeedsPreflight(request), request.Headers
	if !needed && rulesOf(e).Preflight.HeadersAsGiven {
		first := x
		for first.from != nil {
			first = first.from.x
		}
		author = first.author
		if rulesOf(e).Preflight.BodyHeadersForgotten && request.Method != first.e.Request.Method {
			author = slices.DeleteFunc(author.Clone(), func(h headers.Header) bool { return headers.IsRequestBodyHeaderName(h.Name) })
		}
	}
	return preflightcache.Query{
		Method: request.Method, UnsafeNames: policyOf(e).CORSUnsafeRequestHeaderNames(author), IncludeCredentials: request.IncludeCredentials,
		UseCORSPreflight: request.UseCORSPreflight, Unneeded: !needed, Opaque: x.page.serialized == "null",
		Tainted: x.origin == "null" && x.page.serialized != "null", CacheMode: x.cacheMode(),
		Conditional: slices.ContainsFunc(x.author, func(h headers.Header) bool { return headers.IsConditionalRequestHeaderName(h.Name) }),
	}
}

// cacheMode infers the cache mode of which a request has the headers: "reload", with which
// "no-store" shares them, "no-cache", or "" for another. Where script set them, the mode is
// "no-store" by step 8.17 of HTTP-network-or-cache fetch, which adds nothing here.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (x *request) cacheMode() string {
	control, _ := x.e.Request.Headers.Get("cache-control")
	switch {
	case x.author.Contains("cache-control") || x.author.Contains("pragma"):
	case control == "no-cache":
		return "reload"
	case control == "max-age=0":
		return "no-cache"
	}
	return ""
}

// failure returns the network error that an engine makes of x, if it makes one and the recording tells.
func (x *request) failure(e *browser.Engine, preflightRefused bool, request *cors.Request) (failure preflightcache.Failure, failed bool) {
	switch {
	case preflightRefused:
		return preflightcache.FailedPreflight, true
	case !x.e.Response.HasResponse:
		return preflightcache.FailedOtherwise, x.happened != HappenedUnknown
	}
	missing, err := x.check(policyOf(e), request)
	if missing == 0 && err == nil {
		err = x.checkRedirect(e)
	}
	return preflightcache.FailedOtherwise, missing == 0 && err != nil
}
