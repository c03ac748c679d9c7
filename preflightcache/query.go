package preflightcache

import (
	"iter"
	"slices"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// A Query is what decides about the cache in a request that gets a preflight, unless the cache
// permits it. The zero value of a field is what most requests have.
type Query struct {
	// Method is the request's, as it is sent.
	Method string
	// UnsafeNames are the request's CORS-unsafe request-header names.
	UnsafeNames        []string
	IncludeCredentials bool
	// UseCORSPreflight is the request's use-CORS-preflight flag.
	UseCORSPreflight bool
	// Unneeded: nothing in the request needs a preflight. The engine sends one since it sent one
	// before a redirect.
	Unneeded bool
	// Opaque: the request's origin is opaque by itself. Tainted: its redirect-taint is not
	// "same-origin".
	Opaque, Tainted bool
	// CacheMode is the request's cache mode; "" for "default".
	CacheMode string
	// Conditional: the request has a header such as If-None-Match.
	Conditional bool
}

// Permits reports whether what the cache remembers permits a request, so that it is sent without
// a preflight: the condition of step 4.1 of HTTP fetch, with the rules of the cache.
//
// https://fetch.spec.whatwg.org/#http-fetch
func (c *Cache) Permits(now time.Time, key Key, q *Query) bool {
	rules := &c.options.Rules
	if c.isBypassedBy(q) || c.forgets(q) || q.Unneeded && !rules.UnneededIsLookedUp {
		return false
	}
	permitted := c.permitsMethod(now, key, q)
	for i := 0; permitted && i < len(q.UnsafeNames); i++ {
		permitted = c.MatchHeaderName(now, key, q.IncludeCredentials, q.UnsafeNames[i])
	}
	if !permitted && rules.InsufficientEntryRemoved {
		c.Clear(key)
	}
	return permitted
}

// permitsMethod is the half of the condition that is about the method.
func (c *Cache) permitsMethod(now time.Time, key Key, q *Query) bool {
	rules := &c.options.Rules
	switch {
	case q.Unneeded:
		return c.remembers(now, key, q.IncludeCredentials)
	case !headers.IsCORSSafelistedMethod(q.Method), q.Method == "HEAD" && rules.HEADNeedsEntry,
		q.UseCORSPreflight && !rules.SafelistedMethodNeedsNoEntry:
		return c.MatchMethod(now, key, q.IncludeCredentials, q.Method)
	case q.UseCORSPreflight:
		return c.remembers(now, key, q.IncludeCredentials)
	}
	return true
}

// Remember stores what the response to a preflight for a request permits, for maxAge seconds:
// steps 7.9 to 7.14 of CORS-preflight fetch, with the rules of the cache. The response may have
// refused the request all the same, which in the standard leaves nothing behind.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (c *Cache) Remember(now time.Time, key Key, q *Query, refused bool, maxAge int64, methods, headerNames iter.Seq[string]) {
	rules := &c.options.Rules
	if refused && !rules.RefusedIsStored || rules.NoStoreIsNotStored && q.CacheMode == "no-store" || c.forgets(q) {
		return
	}
	const longest = int64(1<<63-1) / int64(time.Second)
	c.Store(now, key, q.IncludeCredentials, time.Duration(min(maxAge, longest))*time.Second, methods, headerNames)
}

// A Failure is a kind of network error, as far as caches tell them apart.
type Failure uint8

// The kinds of network errors.
const (
	FailedOtherwise    Failure = iota
	FailedPreflight            // by its preflight
	FailedRedirectMode         // by a redirect in redirect mode "error"
)

// Failed clears the entries of a request that needed a preflight and ended in a network error:
// the last part of step 12 of main fetch, with the rules of the cache.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (c *Cache) Failed(key Key, failure Failure) {
	switch c.options.Rules.ClearedBy {
	case quirks.ClearNever:
		return
	case quirks.ClearOnPreflightFailure:
		if failure != FailedPreflight {
			return
		}
	case quirks.ClearButOnRedirectMode:
		if failure == FailedRedirectMode {
			return
		}
	}
	c.Clear(key)
}

// isBypassedBy reports whether a request goes past the cache.
func (c *Cache) isBypassedBy(q *Query) bool {
	rules, mode := &c.options.Rules, q.CacheMode
	if q.Conditional && (mode == "" || mode == "default") {
		safe := q.Method == "GET" || q.Method == "HEAD"
		if rules.ConditionalBypasses == quirks.ConditionalAll || rules.ConditionalBypasses == quirks.ConditionalGET && safe {
			mode = "no-store"
		}
	}
	return slices.Contains(rules.BypassModes, mode)
}

// forgets reports whether preflights for a request's origin are not remembered, as it is opaque.
func (c *Cache) forgets(q *Query) bool {
	switch c.options.Rules.NotStored {
	case quirks.NotStoredTainted:
		return !q.Opaque && q.Tainted
	case quirks.NotStoredOfOpaquePage:
		return q.Opaque
	case quirks.NotStoredOpaque:
		return q.Opaque || q.Tainted
	}
	return false
}
