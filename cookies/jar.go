// Package cookies is a browser's cookie jar: it implements [fetch.CookieJar]
// with SameSite, Secure, HttpOnly, Domain, Path, prefixes of names, expiry,
// third-party cookies and partitions, and document.cookie, and it says why a
// cookie was not stored or is not sent.
//
// The algorithms are those of the draft that the Fetch standard builds on. Where
// engines do otherwise, a [Policy] says so: [Chromium], [Firefox], [WebKit].
// Where this package does otherwise than the draft, the function says so.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html
package cookies

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/fetch"
)

// A Jar is a cookie store. Its methods may be called at the same time.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-cookie-store-and-limits
type Jar struct {
	options Options

	mu    sync.Mutex
	sites map[string]*site // by registrable domain, or by the host that has none
	count int
	tick  uint64
	used  cookie // the ring of all cookies, that used last next
}

var _ fetch.CookieExplainer = (*Jar)(nil)

// A site holds the cookies of a registrable domain, by partition key.
type site struct {
	name       string
	partitions map[string]*partition
}

// A partition is where cookies are kept that can be sent together.
type partition struct {
	site    *site
	key     string // "" for what is not partitioned
	cookies []*cookie
}

// Options are what is not plain about a jar. The zero value has the standard's
// policy, the default bounds and the machine's clock.
type Options struct {
	// Policy says where the user agent differs from the standard.
	Policy Policy
	// Now tells the time; nil stands for [time.Now].
	Now func() time.Time
	// OnRefused, if not nil, is told of each cookie that is not stored, as the
	// Set-Cookie value or document.cookie's new value, and why. It is called by
	// the goroutine that stores; it may use the jar.
	OnRefused func(setCookie, why string)
	// MaxPerSite bounds the cookies of a registrable domain in a partition, and
	// MaxTotal all cookies; what is not positive stands for [DefaultMaxPerSite]
	// and [DefaultMaxTotal].
	MaxPerSite, MaxTotal int
}

// New returns an empty jar.
func New(options Options) *Jar {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.MaxPerSite <= 0 {
		options.MaxPerSite = DefaultMaxPerSite
	}
	if options.MaxTotal <= 0 {
		options.MaxTotal = DefaultMaxTotal
	}
	j := &Jar{options: options}
	j.Clear()
	return j
}

// Clear removes all cookies.
func (j *Jar) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sites = make(map[string]*site)
	j.count = 0
	j.used.next, j.used.prev = &j.used, &j.used
}

// Len returns the number of cookies, those included that have expired but were
// not yet come upon.
func (j *Jar) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count
}

// Cookies returns the value of the Cookie header of a request, "" for none.
//
// https://fetch.spec.whatwg.org/#append-a-request-cookie-header
func (j *Jar) Cookies(c *fetch.CookieContext) string { return j.retrieve(c, true) }

// SendsEmpty reports whether the Cookie header of a request is there though it is
// empty; see [Policy.KeepEmpty].
func (j *Jar) SendsEmpty(c *fetch.CookieContext) bool {
	if !j.options.Policy.KeepEmpty {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	list := j.matching(nil, c, true)
	return len(list) > 0 && !slices.ContainsFunc(list, func(c *cookie) bool { return !c.isEmpty() })
}

// SetCookies stores the values of the Set-Cookie headers of a response.
//
// https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers
func (j *Jar) SetCookies(c *fetch.CookieContext, setCookies []string) {
	j.store(c, setCookies, true, nil)
}

// StoreCookies is SetCookies, and calls refused, as [Options.OnRefused], for each value
// that is not stored.
//
// https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers
func (j *Jar) StoreCookies(c *fetch.CookieContext, setCookies []string, refused func(setCookie, why string)) {
	j.store(c, setCookies, true, refused)
}

// DocumentCookie is the getter of document.cookie. Its context is that of
// [fetch.Page.CookieContext].
//
// https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie
func (j *Jar) DocumentCookie(c *fetch.CookieContext) string { return j.retrieve(c, false) }

// SetDocumentCookie is the setter of document.cookie: it stores one cookie, given
// as in a Set-Cookie header. Its context is that of [fetch.Page.CookieContext].
//
// https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie
func (j *Jar) SetDocumentCookie(c *fetch.CookieContext, line string) {
	j.store(c, []string{line}, false, nil)
}

// retrieve is Retrieve Cookies and Serialize Cookies.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-retrieve-cookies
func (j *Jar) retrieve(c *fetch.CookieContext, httpOnlyAllowed bool) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var few [16]*cookie
	list := j.matching(few[:0], c, httpOnlyAllowed)
	slices.SortFunc(list, j.options.Policy.inOrder)
	length := 0
	for _, c := range list {
		j.use(c)
		length += len(c.name) + len(c.value) + len("; =")
	}
	var b strings.Builder
	b.Grow(length)
	for _, c := range list {
		if c.isEmpty() {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if c.name != "" {
			b.WriteString(c.name)
			b.WriteByte('=')
		}
		b.WriteString(c.value)
	}
	return b.String()
}

// matching appends the cookies that go with a request.
func (j *Jar) matching(list []*cookie, c *fetch.CookieContext, httpOnlyAllowed bool) []*cookie {
	if j.count == 0 {
		return list
	}
	r, err := j.resolve(c, httpOnlyAllowed)
	if err != nil {
		return list
	}
	s := j.sites[r.site]
	if s == nil {
		return list
	}
	list = j.append(list, s, &r, "")
	if r.partitionKey != "" {
		list = j.append(list, s, &r, r.partitionKey)
	}
	return list
}

// append appends the cookies of a partition that go with a request, and removes
// the expired ones.
func (j *Jar) append(list []*cookie, s *site, r *request, key string) []*cookie {
	p := s.partitions[key]
	if p == nil {
		return list
	}
	for i := 0; i < len(p.cookies); {
		c := p.cookies[i]
		switch {
		case c.expired(r.now):
			j.removeAt(p, i)
			continue
		case j.notSent(c, r) == "":
			list = append(list, c)
		}
		i++
	}
	return list
}

// inOrder puts longer paths first, then what was created first.
func (p *Policy) inOrder(a, b *cookie) int {
	switch {
	case len(a.path) != len(b.path):
		return len(b.path) - len(a.path)
	case p.DomainFirst && len(a.host) != len(b.host):
		return len(b.host) - len(a.host)
	case p.DomainFirst && a.hostOnly != b.hostOnly:
		if b.hostOnly {
			return -1
		}
		return 1
	}
	if !a.created.Equal(b.created) {
		return a.created.Compare(b.created)
	}
	if a.serial < b.serial {
		return -1
	}
	return 1
}

// use makes c the cookie that was used last.
func (j *Jar) use(c *cookie) {
	j.tick++
	c.accessed = j.tick
	if c.prev != nil {
		c.prev.next, c.next.prev = c.next, c.prev
	}
	c.next, c.prev = j.used.next, &j.used
	c.next.prev, c.prev.next = c, c
}
