// Package preflightcache is the CORS-preflight cache of the Fetch standard:
// what earlier preflights permitted, for how long.
//
// The standard's cache is a list of entries, one for each method or header name.
// Here they are kept by key, so that a look-up costs the same however many there
// are, and bounded: the keys that were not used for longest go first.
//
// https://fetch.spec.whatwg.org/#cors-preflight-cache
package preflightcache

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// A Key is what all entries that one preflight makes have in common, their
// credentials apart.
type Key struct {
	// Partition is the network partition key, serialized.
	//
	// https://fetch.spec.whatwg.org/#network-partition-keys
	Partition string
	// Origin is the byte-serialized origin of the request.
	Origin string
	// URL is the request's current URL, serialized. The standard compares whole
	// URLs, so that the fragment is part of it.
	URL string
}

// Bounds of a cache made by [New] without others.
const (
	// DefaultMaxEntries is how many entries (methods and header names) a cache
	// holds. Chromium holds 1024 keys, Firefox 100.
	DefaultMaxEntries = 16384
	// DefaultMaxKeyLength is how many bytes a key may have, and a method or
	// header name. Chromium does not store for URLs of 1024 or more.
	DefaultMaxKeyLength = 8192
)

// Rules are what an engine's cache does differently. The zero value is the standard.
// Package browser has those of real engines.
type Rules quirks.PreflightCache

// Options are the bounds and rules of a cache; zero values stand for the
// defaults and the standard.
type Options struct {
	MaxEntries   int // methods and header names
	MaxKeyLength int // bytes of a [Key], and of a method or header name
	Rules        Rules
}

// A Cache is a CORS-preflight cache. Its methods may be called at the same time.
type Cache struct {
	options Options

	mu      sync.Mutex
	keys    map[Key]*permissions
	entries int
	used    permissions // ring of all permissions, most recently used next
}

// permissions are the entries of a key.
type permissions struct {
	key            Key
	methods, names tokens
	next, prev     *permissions
}

// New returns an empty cache.
func New(options Options) *Cache {
	if options.MaxEntries <= 0 {
		options.MaxEntries = DefaultMaxEntries
	}
	if options.MaxKeyLength <= 0 {
		options.MaxKeyLength = DefaultMaxKeyLength
	}
	c := &Cache{options: options}
	c.Reset()
	return c
}

// Reset removes every entry.
func (c *Cache) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = make(map[Key]*permissions)
	c.entries = 0
	c.used.next, c.used.prev = &c.used, &c.used
}

// Len returns the number of entries, those included whose time has run out but
// that were not yet come upon.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries
}

// MatchMethod reports whether there is a method cache entry match for method.
//
// https://fetch.spec.whatwg.org/#concept-cache-match-method
func (c *Cache) MatchMethod(now time.Time, key Key, includeCredentials bool, method string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.use(key)
	return p != nil && (c.match(now, &p.methods, includeCredentials, method) ||
		c.wildcard(includeCredentials) && c.match(now, &p.methods, includeCredentials, "*"))
}

// MatchHeaderName reports whether there is a header-name cache entry match for
// name, in any case.
//
// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (c *Cache) MatchHeaderName(now time.Time, key Key, includeCredentials bool, name string) bool {
	name = headers.Lower(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.use(key)
	return p != nil && (c.match(now, &p.names, includeCredentials, name) ||
		c.wildcard(includeCredentials) && c.wildcardCovers(name) && c.match(now, &p.names, includeCredentials, "*"))
}

// match is a cache entry match, given that the key is the same.
//
// https://fetch.spec.whatwg.org/#concept-cache-match
func (c *Cache) match(now time.Time, t *tokens, includeCredentials bool, token string) bool {
	e := t.find(token)
	return e != nil && c.serves(now, e, includeCredentials)
}

// remembers reports whether there is any entry for a key that may serve a request.
// Nothing in the standard asks that.
func (c *Cache) remembers(now time.Time, key Key, includeCredentials bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.use(key)
	if p == nil {
		return false
	}
	serves := func(e entry) bool { return c.serves(now, &e, includeCredentials) }
	return slices.ContainsFunc(p.methods.list, serves) || slices.ContainsFunc(p.names.list, serves)
}

// serves reports whether the time of an entry has not run out for requests with
// or without credentials.
func (c *Cache) serves(now time.Time, e *entry, includeCredentials bool) bool {
	if now.Before(e.until[with]) && (includeCredentials || !c.options.Rules.SeparateCredentials) {
		return true
	}
	return !includeCredentials && now.Before(e.until[without])
}

func (c *Cache) wildcard(includeCredentials bool) bool {
	r := c.options.Rules
	return !r.WildcardNotStored && !(r.WildcardWithoutCredentials && includeCredentials)
}

func (c *Cache) wildcardCovers(name string) bool {
	return c.options.Rules.WildcardCoversAuthorization || !headers.IsCORSNonWildcardRequestHeaderName(name)
}

// Store remembers what the response to a preflight permits for maxAge from now:
// entries that match get the new max-age, others are created. What is longer than
// the cache's limit is not stored.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (c *Cache) Store(now time.Time, key Key, includeCredentials bool, maxAge time.Duration, methods, headerNames iter.Seq[string]) {
	if len(key.Partition)+len(key.Origin)+len(key.URL) > c.options.MaxKeyLength {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.use(key)
	if p != nil && c.options.Rules.OnePerKey {
		c.remove(p)
		p = nil
	}
	if p != nil { // else what has expired would fill a key to the bound for good
		c.entries -= p.methods.removeExpired(now) + p.names.removeExpired(now)
	} else {
		p = &permissions{key: key}
		c.keys[key] = p
		c.linkFirst(p)
	}
	until := now.Add(maxAge)
	for method := range methods {
		c.refresh(now, p, &p.methods, includeCredentials, method, true, until)
	}
	for name := range headerNames {
		c.refresh(now, p, &p.names, includeCredentials, headers.Lower(name), c.wildcardCovers(name), until)
	}
	if len(p.methods.list)+len(p.names.list) == 0 {
		c.remove(p)
	}
}

// refresh gives the entries that match token the time until which they hold, or
// creates one. By the letter the new max-age counts from when an entry was first stored; browsers, and this,
// count from now, which is what the standard can only mean.
func (c *Cache) refresh(now time.Time, p *permissions, t *tokens, includeCredentials bool, token string, wildcardCovers bool, until time.Time) {
	matched := false
	for _, candidate := range [...]string{token, "*"} {
		if candidate == "*" && token != "*" && !(wildcardCovers && c.wildcard(includeCredentials)) {
			continue
		}
		e := t.find(candidate)
		if e == nil {
			continue
		}
		if now.Before(e.until[with]) && (includeCredentials || !c.options.Rules.SeparateCredentials) {
			e.until[with], matched = until, true
		}
		if !includeCredentials && now.Before(e.until[without]) {
			e.until[without], matched = until, true
		}
	}
	if matched || !now.Before(until) {
		return
	}
	e := t.find(token)
	if e == nil {
		if len(token) > c.options.MaxKeyLength || !c.makeRoom(p) {
			return
		}
		e = t.add(token)
		c.entries++
	}
	if includeCredentials {
		e.until[with] = until
	} else {
		e.until[without] = until
	}
}

// makeRoom removes the least recently used permissions until one more entry
// fits. It reports whether one fits beside those of p itself.
func (c *Cache) makeRoom(p *permissions) bool {
	for c.entries >= c.options.MaxEntries {
		last := c.used.prev
		if last == p {
			return false
		}
		c.remove(last)
	}
	return true
}

// Clear removes the entries of a key, with and without credentials.
//
// https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *Cache) Clear(key Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.keys[key]; p != nil {
		c.remove(p)
	}
}

// use returns the permissions of a key, which it makes the most recently used.
func (c *Cache) use(key Key) *permissions {
	p := c.keys[key]
	if p != nil && c.used.next != p {
		p.unlink()
		c.linkFirst(p)
	}
	return p
}

func (c *Cache) linkFirst(p *permissions) {
	p.next, p.prev = c.used.next, &c.used
	p.next.prev, p.prev.next = p, p
}

func (p *permissions) unlink() { p.next.prev, p.prev.next = p.prev, p.next }

func (c *Cache) remove(p *permissions) {
	p.unlink()
	delete(c.keys, p.key)
	c.entries -= len(p.methods.list) + len(p.names.list)
}
