package cookies

import (
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// store is Parse and Store a Cookie, and Garbage Collect Cookies, for each line.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-parse-and-store-a-cookie
func (j *Jar) store(c *fetch.CookieContext, lines []string, httpOnlyAllowed bool, refused func(setCookie, why string)) {
	r, err := j.resolve(c, httpOnlyAllowed)
	for _, line := range lines {
		why := ""
		if err != nil {
			why = err.Error()
		} else {
			why = j.parseAndStore(&r, line)
		}
		if why == "" {
			continue
		}
		if refused != nil {
			refused(line, why)
		}
		if j.options.OnRefused != nil {
			j.options.OnRefused(line, why)
		}
	}
}

func (j *Jar) parseAndStore(r *request, line string) (why string) {
	c, why := parse(line, r.path, r.now, &j.options.Policy)
	if why != "" {
		return why
	}
	if why = j.refused(&c, r); why != "" {
		return why
	}
	key := ""
	if c.partitioned || r.thirdParty && j.options.Policy.PartitionThirdParty {
		key = r.partitionKey
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.put(&c, r, key)
}

// refused returns why a cookie cannot be stored, whatever is in the jar, and
// gives the cookie its host.
//
// A cookie without SameSite is refused in cross-site responses only where it is
// treated as Lax. The draft refuses it always, though it would send it.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-store-a-cookie
func (j *Jar) refused(c *cookie, r *request) string {
	policy := &j.options.Policy
	if c.host != "" && c.host != r.host {
		switch {
		case !domainMatches(r.host, c.host):
			return "the host is not in its Domain"
		case isPublicSuffix(c.host):
			return "its Domain is a public suffix"
		}
	}
	// A public suffix, or an IP address, can set cookies for itself alone.
	c.hostOnly = c.host == "" || c.host == r.host && (isIPAddress(c.host) || isPublicSuffix(c.host))
	if c.hostOnly {
		c.host = r.host
	}
	switch {
	case c.httpOnly && !r.httpOnlyAllowed:
		return "it is HttpOnly, and script sets it"
	case c.secure && !r.secure:
		return "it is Secure and the URL is http"
	case !r.storesSameSite && (c.sameSite == strict || c.sameSite == lax):
		return "it is SameSite=Strict or Lax and the response is cross-site"
	case !r.storesSameSite && c.sameSite == unset && policy.DefaultLax:
		return "it has no SameSite attribute, which is as SameSite=Lax, and the response is cross-site"
	case c.sameSite == none && !c.secure && !policy.AllowSameSiteNoneInsecure:
		return "it is SameSite=None without Secure"
	case c.partitioned && !c.secure:
		return "it is Partitioned without Secure"
	case r.thirdParty && policy.BlockThirdParty && !c.partitioned:
		return "third-party cookies are blocked unless they are Partitioned"
	}
	return j.refusedByPrefix(c)
}

func (j *Jar) refusedByPrefix(c *cookie) string {
	name := c.name
	if name == "" {
		name = c.value
	}
	if j.options.Policy.IgnorePrefixes {
		return ""
	}
	host := hasPrefix(name, "__Host-")
	http := !j.options.Policy.IgnoreHTTPPrefixes && (hasPrefix(name, "__Http-") || hasPrefix(name, "__Host-Http-"))
	switch {
	case !host && !http && !hasPrefix(name, "__Secure-"):
		return ""
	case c.name == "":
		return "it has no name, and a value that looks like a name with a prefix"
	case !c.secure:
		return "the prefix of its name wants Secure"
	case host && !c.hostOnly:
		return "the prefix of its name wants no Domain"
	case host && (!c.hasPath || c.path != "/"):
		return "the prefix of its name wants Path=/"
	case http && !c.httpOnly:
		return "the prefix of its name wants HttpOnly"
	}
	return ""
}

func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && headers.EqualFold(name[:len(prefix)], prefix)
}

// put stores a cookie in a partition of its site, in place of the one it
// replaces, unless what is there forbids it.
func (j *Jar) put(c *cookie, r *request, key string) (why string) {
	s := j.sites[r.site]
	if s == nil {
		s = &site{name: strings.Clone(r.site), partitions: make(map[string]*partition)}
	}
	if !r.secure {
		// Leave Secure cookies alone. The partition counts: a cookie that is
		// never sent together with another one cannot lie over it.
		for _, p := range s.partitions {
			if p.key != "" && p.key != key {
				continue
			}
			for _, existing := range p.cookies {
				if existing.secure && existing.name == c.name && !existing.expired(r.now) &&
					(domainMatches(existing.host, c.host) || domainMatches(c.host, existing.host)) &&
					pathMatches(c.path, existing.path) {
					return "a Secure cookie of that name is there, and the URL is http"
				}
			}
		}
	}
	c.created = r.now
	p := s.partitions[key]
	if p != nil {
		if i := p.find(c); i >= 0 {
			old := p.cookies[i]
			if !old.expired(r.now) {
				if old.httpOnly && !r.httpOnlyAllowed {
					return "an HttpOnly cookie is there in its place, and script sets it"
				}
				if old.value == c.value || !j.options.Policy.NewValueNewCreation {
					c.created, c.serial = old.created, old.serial
				}
			}
			j.removeAt(p, i)
			s = j.sites[r.site] // nil if that was the last
		}
	}
	if c.expired(r.now) {
		return ""
	}
	j.insert(c, r, s, key)
	return ""
}

// insert adds a cookie to the partition of a site, or of a new site.
func (j *Jar) insert(c *cookie, r *request, s *site, key string) {
	if s == nil || j.sites[r.site] == nil {
		s = &site{name: strings.Clone(r.site), partitions: make(map[string]*partition)}
		j.sites[s.name] = s
	}
	p := s.partitions[key]
	if p == nil {
		p = &partition{site: s, key: key}
		s.partitions[key] = p
	}
	// What is kept must not keep a whole header alive.
	c.name, c.value, c.host, c.path = strings.Clone(c.name), strings.Clone(c.value), strings.Clone(c.host), strings.Clone(c.path)
	kept := new(cookie)
	*kept = *c
	kept.of = p
	p.cookies = append(p.cookies, kept)
	j.count++
	j.use(kept)
	if kept.serial == 0 {
		kept.serial = j.tick
	}
	j.collect(p, r)
}

// find returns the index of the cookie that c replaces, or -1.
func (p *partition) find(c *cookie) int {
	for i, old := range p.cookies {
		if old.name == c.name && old.path == c.path && old.host == c.host && old.hostOnly == c.hostOnly &&
			old.partitioned == c.partitioned {
			return i
		}
	}
	return -1
}
