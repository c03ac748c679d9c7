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
	include bool
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
	var key preflightcache.Key
	known := x.credentials != CredentialsUnknown
	for i, e := range c.engines {
		request := x.corsRequest(x.credentials == CredentialsIncluded)
		if !j.concerns(i, x) || !policyOf(e).NeedsPreflight(&request) {
			continue
		}
		if key.URL == "" {
			key = preflightcache.Key{Partition: x.page.serialized, Origin: x.origin, URL: x.url.String()}
			c.ripen(x.e.Started)
		}
		var hits [2]bool
		for past := range hits {
			if !known {
				request.IncludeCredentials = past == 1
			}
			failed := false
			if x.preflight == nil {
				hits[past] = c.match(i, past, x, &request, key)
			} else if x.preflight.Response.HasResponse {
				granted, missing, err := j.validatePreflight(x, i, request, x.preflight)
				if failed = err != nil; !failed && missing == 0 {
					c.add(stored{x.preflight.Started.Add(max(0, x.preflight.Duration)), i, past, key, request.IncludeCredentials, granted})
				}
			}
			if c.clears(i, failed, x, &request) {
				c.clear(i, past, key)
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

// clear forgets a key, and what was to be stored for it.
func (c *caches) clear(engine, past int, key preflightcache.Key) {
	c.pending = slices.DeleteFunc(c.pending, func(s stored) bool { return s.engine == engine && s.past == past && s.key == key })
	c.cache(engine, past).Clear(key)
}

// ripen stores the answers that were there by now.
func (c *caches) ripen(now time.Time) {
	later := c.pending[:0]
	for _, s := range c.pending {
		if s.at.After(now) {
			later = append(later, s)
			continue
		}
		const longest = 100 * 365 * 24 * 3600
		maxAge := time.Duration(min(s.granted.MaxAge, longest)) * time.Second
		c.cache(s.engine, s.past).Store(s.at, s.key, s.include, maxAge, s.granted.Methods(), s.granted.HeaderNames())
	}
	clear(c.pending[len(later):])
	c.pending = later
}

// match reports whether the cache of an engine permits x.
func (c *caches) match(engine, past int, x *request, request *cors.Request, key preflightcache.Key) bool {
	cache := c.cache(engine, past)
	return cache.Len() > 0 && permits(cache, x.e.Started, key, request, policyOf(c.engines[engine]).CORSUnsafeRequestHeaderNames(request.Headers))
}

// permits is the condition of step 4.1 of HTTP fetch, with the names of the
// request's CORS-unsafe headers.
//
// https://fetch.spec.whatwg.org/#http-fetch
func permits(cache *preflightcache.Cache, now time.Time, key preflightcache.Key, r *cors.Request, unsafe []string) bool {
	if (!headers.IsCORSSafelistedMethod(r.Method) || r.UseCORSPreflight) && !cache.MatchMethod(now, key, r.IncludeCredentials, r.Method) {
		return false
	}
	for _, name := range unsafe {
		if !cache.MatchHeaderName(now, key, r.IncludeCredentials, name) {
			return false
		}
	}
	return true
}

// clears reports whether what came of x clears the entries of its key.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (c *caches) clears(engine int, preflightFailed bool, x *request, request *cors.Request) bool {
	e := c.engines[engine]
	switch rulesOf(e).PreflightCache.ClearedBy {
	case quirks.ClearNever:
		return false
	case quirks.ClearOnPreflightFailure:
		return preflightFailed
	}
	if preflightFailed || !x.e.Response.HasResponse {
		return preflightFailed || rulesOf(e).PreflightCache.ClearedBy == quirks.ClearOnNetworkError && x.happened != HappenedUnknown
	}
	missing, err := x.check(policyOf(e), request)
	return missing == 0 && err != nil
}
