package httpcache

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/headers"
)

// A Cache is an HTTP cache, or several: one for each partition. It is bounded;
// what was not used for longest goes first. It is safe for concurrent use.
//
// https://fetch.spec.whatwg.org/#http-cache-partitions
type Cache struct {
	options Options

	mu    sync.Mutex
	heads map[key]*entry // the newest response of each URL
	lru   entry          // the ring's fixed point: lru.next was used last
	count int
	bytes int64
}

type key struct{ partition, url string }

// An entry is a place in the cache: in the list of its URL's responses, newest
// first, and in the ring of all by last use.
type entry struct {
	stored     *Stored
	older      *entry
	next, prev *entry
}

// A Request is what the cache needs to know of a request.
type Request struct {
	// Partition is the serialized network partition key. A request whose key is
	// null has no cache: the caller gives it the cache mode "no-store".
	//
	// https://fetch.spec.whatwg.org/#determine-the-http-cache-partition
	Partition string

	// URL is the request's current URL, serialized; a fragment does not count.
	URL string

	// Method is the request's method, normalized.
	Method string

	// Headers are the headers about to be sent, Cookie, Authorization and Origin
	// among them, since Vary may nominate any.
	Headers headers.List

	// IgnoreCacheControl: the request's Cache-Control and Pragma do not count.
	IgnoreCacheControl bool
}

func (r *Request) key() key {
	withoutFragment, _, _ := strings.Cut(r.URL, "#")
	return key{r.Partition, withoutFragment}
}

// A Response is a response from the network.
type Response struct {
	Status     int
	StatusText string
	Headers    headers.List

	// Body is the body as the page will get it: content codings are undone.
	Body []byte

	// Incomplete says that the body ended early. Such a response is not stored.
	Incomplete bool

	// RequestIncludesCredentials says whether the request included credentials.
	//
	// https://fetch.spec.whatwg.org/#response-request-includes-credentials
	RequestIncludesCredentials bool

	// RequestTime and ResponseTime are when the request was sent and when the
	// response's headers arrived. A zero RequestTime means no delay between them.
	//
	// https://httpwg.org/specs/rfc9111.html#age.calculations
	RequestTime, ResponseTime time.Time
}

// New returns an empty cache.
func New(options Options) *Cache {
	options.setDefaults()
	c := &Cache{options: options}
	c.Clear()
	return c
}

// Clear removes everything.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heads = make(map[key]*entry)
	c.lru.next, c.lru.prev = &c.lru, &c.lru
	c.count, c.bytes = 0, 0
}

// Len returns the number of stored responses.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// Bytes returns the memory that the stored responses are counted with.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Select returns the stored response for r, if any, and what may be done with
// it at now. Of several that match it is the one with the latest Date, and one
// that does not match only under [Rules] that have it so. It
// returns false for methods other than GET and HEAD, and for a request that has
// a Range header or Cache-Control: no-store.
//
// The response is returned however stale it is, and without validators too: the
// cache modes "force-cache" and "only-if-cached" want it.
//
// https://httpwg.org/specs/rfc9111.html#constructing.responses.from.caches
func (c *Cache) Select(now time.Time, r *Request) (stored *Stored, freshness Freshness, ok bool) {
	if r.Method != "GET" && r.Method != "HEAD" || r.Headers.Contains("Range") {
		return nil, Stale, false
	}
	var want requestControl
	if !r.IgnoreCacheControl {
		want = parseRequestControl(r.Headers, c.options.Rules)
	}
	if want.noStore {
		return nil, Stale, false
	}
	stored = c.find(r)
	if stored == nil {
		return nil, Stale, false
	}
	if !stored.matches(r.Headers) {
		return stored, Unmatched, true
	}
	return stored, stored.terms.freshness(now, want), true
}

// Validators returns what a request for a stored response, which is as fresh as
// [Cache.Select] said, is made conditional with: an entity tag, a date, or "" for
// either. It returns false where the response must be asked for as if it was not
// stored.
//
// https://httpwg.org/specs/rfc9111.html#validation.sent
func (c *Cache) Validators(stored *Stored, freshness Freshness) (etag, lastModified string, ok bool) {
	rules := &c.options.Rules
	if !isValidated(rules.Validated, stored) || rules.ValidatedByLength && !stored.hasLength() {
		return "", "", false
	}
	etag, ok = stored.ETag()
	if freshness != Unmatched {
		var dated bool
		lastModified, dated = stored.LastModified()
		ok = ok || dated
	}
	return etag, lastModified, ok || !rules.ValidatedByValidator
}

func (c *Cache) find(r *Request) *Stored {
	k := r.key()
	c.mu.Lock()
	defer c.mu.Unlock()
	var best *entry
	for e := c.heads[k]; e != nil; e = e.older {
		if (best == nil || e.stored.terms.date.After(best.stored.terms.date)) && (c.options.validatesVariants() || e.stored.matches(r.Headers)) {
			best = e
		}
	}
	if best == nil {
		return nil
	}
	c.use(best)
	return best.stored
}

// Store stores a response from the network if a private cache may, and reports
// whether it did. What it copies is the cache's own: resp may be altered
// afterwards.
//
// A complete response takes the place of what was stored for the same request
// even if it is not stored itself, as in browsers: the older response would
// come back once the newer is gone. A partial or incomplete response, a 304, or
// any answer to a method other than GET or to a request with no-store changes
// nothing.
//
// https://httpwg.org/specs/rfc9111.html#response.cacheability
func (c *Cache) Store(r *Request, resp *Response) (stored bool) {
	if r.Method != "GET" || r.Headers.Contains("Range") || resp.Incomplete ||
		resp.Status < 200 || resp.Status == 206 && !c.options.Rules.PartialIsStored || resp.Status == 304 && c.options.Rules.NotModified == quirks.NotModifiedPasses ||
		parseRequestControl(r.Headers, c.options.Rules).noStore {
		return false
	}
	s := c.newStored(r, resp)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.supersede(r)
	if s != nil {
		c.insert(s)
	}
	return s != nil
}

// newStored returns what to store of resp, and nil where it must not be.
func (c *Cache) newStored(r *Request, resp *Response) *Stored {
	control := parseResponseControl(resp.Headers)
	rules := &c.options.Rules
	if len(rules.StoredStatuses) > 0 && !slices.Contains(rules.StoredStatuses, resp.Status) || slices.Contains(rules.UnstoredStatuses, resp.Status) {
		return nil
	}
	if resp.Status == 304 && rules.NotModified != quirks.NotModifiedStored {
		return nil
	}
	if rules.RedirectNeedsLocation && headers.IsRedirectStatus(resp.Status) && isBlank(resp.Headers, "Location") {
		return nil
	}
	if control.noStore || !c.options.mayKeep(resp, control) || int64(len(resp.Body)) > c.options.MaxBodyBytes {
		return nil
	}
	vary, ok := nominate(resp.Headers, r.Headers)
	if !ok || !c.options.mayBeFound(vary) {
		return nil
	}
	k := r.key()
	s := &Stored{
		key:         key{strings.Clone(k.partition), strings.Clone(k.url)},
		status:      resp.Status,
		statusText:  resp.StatusText,
		headers:     storable(resp.Headers),
		body:        string(resp.Body),
		credentials: resp.RequestIncludesCredentials,
		vary:        vary,
		terms:       c.options.newTerms(resp.Status, resp.Headers, resp.Headers, control, resp.RequestTime, resp.ResponseTime),
	}
	s.seal()
	if s.size > c.options.MaxBytes || rules.OnlyReusable && !s.reusable() {
		return nil
	}
	return s
}

// mayKeep reports whether a response may be kept, by its status or because it says
// so.
//
// https://httpwg.org/specs/rfc9111.html#response.cacheability
func (o *Options) mayKeep(resp *Response, control responseControl) bool {
	if o.Rules.AnyStatus || o.heuristic(resp.Status) || heuristicallyCacheable(resp.Status) && !o.Rules.ExplicitLifetime || control.maxAge.present {
		return true
	}
	expires, ok := first(resp.Headers, "Expires")
	if o.Rules.ExplicitLifetime {
		_, isDate := parseDate(expires, resp.ResponseTime)
		return isDate
	}
	return ok || control.public || control.private
}

// validatesVariants reports whether a response may be found by requests that it
// does not match.
func (o *Options) validatesVariants() bool { return o.Rules.Variants == quirks.VariantValidated }

// mayBeFound reports whether a response that nominates headers could ever be found.
func (o *Options) mayBeFound(vary []nominated) bool {
	return o.validatesVariants() || !containsName(vary, "*")
}

// isBlank reports whether a header is absent or empty.
func isBlank(h headers.List, name string) bool {
	value, _ := first(h, name)
	return value == ""
}

// reusable reports whether a response will be fresh for a while, or can be
// validated.
func (s *Stored) reusable() bool {
	_, hasETag := s.ETag()
	_, hasLastModified := s.LastModified()
	return hasETag || hasLastModified || s.Lifetime() > 0 && !s.terms.noCache
}

// Freshen returns the stored response that [Cache.Select] returned for r, updated
// with the headers of the 304 that came in answer to its validation. The cache
// then holds the updated one, provided that it still held the other. Where the
// headers now forbid storing, the cache holds neither.
//
// A 304 whose validators are not those of stored is about something else; stored
// is returned as it is, and stays as stale as it was.
//
// https://httpwg.org/specs/rfc9111.html#freshening.responses
func (c *Cache) Freshen(r *Request, stored *Stored, notModified headers.List, requestTime, responseTime time.Time) *Stored {
	if !confirms(notModified, stored) {
		return stored
	}
	s := *stored
	s.headers = updated(stored.headers, notModified)
	control := parseResponseControl(s.headers)
	s.terms = c.options.newTerms(s.status, s.headers, notModified, control, requestTime, responseTime)
	vary, keep := nominate(s.headers, r.Headers)
	s.vary = vary
	s.seal()
	keep = keep && c.options.mayBeFound(vary) && !control.noStore && !parseResponseControl(notModified).noStore && s.size <= c.options.MaxBytes

	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.heads[stored.key]; e != nil; e = e.older {
		if e.stored != stored {
			continue
		}
		if !keep {
			c.remove(e)
			break
		}
		c.bytes += s.size - stored.size
		e.stored = &s
		c.use(e)
		c.evict()
		break
	}
	return &s
}

// Invalidate removes what is stored for the URL of r, in all variants, and for
// those that Location and Content-Location name on the same origin. It must be
// called when an unsafe method was answered with a status from 200 to 399; a safe
// method invalidates nothing.
//
// https://httpwg.org/specs/rfc9111.html#invalidation
func (c *Cache) Invalidate(r *Request, response headers.List) {
	if headers.IsSafeMethod(r.Method) {
		return
	}
	stale := []key{r.key()}
	for _, name := range []string{"Location", "Content-Location"} {
		value, ok := response.Get(name)
		if !ok {
			continue
		}
		if named, ok := sameOriginURL(stale[0].url, value); ok {
			stale = append(stale, key{r.Partition, named})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range stale {
		c.removeURL(k)
	}
}

// Remove removes what could be selected for r, for browsers that forget it by
// themselves.
func (c *Cache) Remove(r *Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.supersede(r)
}

// sameOriginURL resolves ref and returns false where that is not possible or
// leaves the origin of base. To invalidate such URLs is optional, and one that
// only a browser's parser understands may stay.
func sameOriginURL(base, ref string) (string, bool) {
	b, err := url.Parse(base)
	if err != nil {
		return "", false
	}
	u, err := b.Parse(ref)
	if err != nil || u.Scheme != b.Scheme || u.Host != b.Host {
		return "", false
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), true
}

// The methods below need c.mu.

func (c *Cache) insert(s *Stored) {
	e := &entry{stored: s, older: c.heads[s.key]}
	c.heads[s.key] = e
	e.next, e.prev = e, e
	c.use(e)
	c.count++
	c.bytes += s.size
	variants, oldest := 0, e
	for v := e; v != nil; v = v.older {
		variants, oldest = variants+1, v
	}
	if variants > maxVariants {
		c.remove(oldest)
	}
	c.evict()
}

// supersede removes what could be selected for r.
func (c *Cache) supersede(r *Request) {
	for e := c.heads[r.key()]; e != nil; e = e.older {
		if c.options.Rules.Variants != quirks.VariantsKept || e.stored.matches(r.Headers) {
			c.remove(e)
		}
	}
}

func (c *Cache) removeURL(k key) {
	for e := c.heads[k]; e != nil; e = e.older {
		c.remove(e)
	}
}

func (c *Cache) evict() {
	for c.count > c.options.MaxEntries || c.bytes > c.options.MaxBytes {
		c.remove(c.lru.prev)
	}
}

// use moves e to the front of the ring.
func (c *Cache) use(e *entry) {
	e.prev.next, e.next.prev = e.next, e.prev
	e.next, e.prev = c.lru.next, &c.lru
	e.next.prev, e.prev.next = e, e
}

// remove takes e out of the cache. It leaves e.older alone, for the loops that
// remove as they go.
func (c *Cache) remove(e *entry) {
	e.prev.next, e.next.prev = e.next, e.prev
	switch newer := c.heads[e.stored.key]; {
	case newer != e:
		for newer.older != e {
			newer = newer.older
		}
		newer.older = e.older
	case e.older != nil:
		c.heads[e.stored.key] = e.older
	default:
		delete(c.heads, e.stored.key)
	}
	c.count--
	c.bytes -= e.stored.size
}
