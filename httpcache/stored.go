package httpcache

import (
	"iter"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// A Stored is a response in the cache. It never changes and is safe for
// concurrent use: freshening makes another one.
type Stored struct {
	key         key
	status      int
	statusText  string
	headers     headers.List
	body        string
	credentials bool
	vary        []nominated
	terms       terms
	size        int64
}

// Status returns the response's status.
func (s *Stored) Status() int { return s.status }

// StatusText returns the response's status message.
func (s *Stored) StatusText() string { return s.statusText }

// Headers returns a copy of the response's header list, without the fields that
// were for one connection only.
func (s *Stored) Headers() headers.List { return s.headers.Clone() }

// Header returns the value of a header, as [headers.List.Get] does, without
// copying the list.
func (s *Stored) Header(name string) (value string, ok bool) { return s.headers.Get(name) }

// Body returns the body. It is a string so that it can be shared by everyone to
// whom it is handed out: nobody can alter it, and nobody needs a copy.
func (s *Stored) Body() string { return s.body }

// RequestIncludesCredentials reports whether the request that obtained the
// response included credentials. The fetch that uses the stored response sets
// its own flag of that name from its own request.
//
// https://fetch.spec.whatwg.org/#response-request-includes-credentials
func (s *Stored) RequestIncludesCredentials() bool { return s.credentials }

// ETag returns the value for If-None-Match in a validation request, and false
// where there is none: an empty ETag is no entity tag.
//
// https://httpwg.org/specs/rfc9111.html#validation.sent
func (s *Stored) ETag() (string, bool) {
	etag, _ := s.headers.Get("ETag")
	return etag, etag != ""
}

// LastModified returns the value for If-Modified-Since in a validation request,
// and false where there is none.
//
// https://httpwg.org/specs/rfc9111.html#validation.sent
func (s *Stored) LastModified() (string, bool) {
	modified, _ := s.headers.Get("Last-Modified")
	return modified, modified != ""
}

// hasLength reports whether the length of the body is known from the headers.
func (s *Stored) hasLength() bool {
	return s.status == 204 || s.status == 205 || s.headers.Contains("Content-Length")
}

// Age returns the response's current age.
//
// https://httpwg.org/specs/rfc9111.html#age.calculations
func (s *Stored) Age(now time.Time) time.Duration { return s.terms.age(now) }

// Lifetime returns the response's freshness lifetime: the age until which it is
// fresh, by what it says itself or heuristically.
//
// https://httpwg.org/specs/rfc9111.html#calculating.freshness.lifetime
func (s *Stored) Lifetime() time.Duration { return s.terms.lifetime }

// A nominated is a header that a response's Vary names, with its value in the
// request that obtained the response.
type nominated struct {
	name, value string
	present     bool
}

// nominate returns what the Vary of h names, with the values in request. It
// returns false where it has more names than are looked at.
//
// https://httpwg.org/specs/rfc9110.html#field.vary
func nominate(h, request headers.List) (vary []nominated, ok bool) {
	for name := range varyNames(h) {
		if len(vary) == maxVaryNames {
			return nil, false
		}
		if containsName(vary, name) {
			continue
		}
		value, present := request.Get(name)
		vary = append(vary, nominated{headers.Lower(name), value, present})
	}
	return vary, true
}

func containsName(vary []nominated, name string) bool {
	for i := range vary {
		if headers.EqualFold(vary[i].name, name) {
			return true
		}
	}
	return false
}

func varyNames(h headers.List) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range h {
			if !headers.EqualFold(h[i].Name, "Vary") {
				continue
			}
			for member := range strings.SplitSeq(h[i].Value, ",") {
				if member = headers.TrimTabOrSpace(member); member != "" && !yield(member) {
					return
				}
			}
		}
	}
}

// matches reports whether the headers that s nominates are in request as they
// were in the request that obtained s; "*" never is. Lines are combined; beyond that values
// are compared as bytes, since a difference that means nothing costs a request
// and one that means something would cost a wrong answer.
//
// https://httpwg.org/specs/rfc9111.html#caching.negotiated.responses
func (s *Stored) matches(request headers.List) bool {
	for i := range s.vary {
		value, present := request.Get(s.vary[i].name)
		if s.vary[i].name == "*" || present != s.vary[i].present || value != s.vary[i].value {
			return false
		}
	}
	return true
}

// seal copies the texts that s was given into memory of its own, in one piece,
// and adds its size up. A header is often a slice of a much larger text, which
// it would hold in memory, uncounted. The key is apart from them: the cache's
// map may hold it for longer than s lives.
func (s *Stored) seal() {
	n := len(s.statusText)
	for _, h := range s.headers {
		n += len(h.Name) + len(h.Value)
	}
	for _, v := range s.vary {
		n += len(v.name) + len(v.value)
	}
	var b strings.Builder
	b.Grow(n)
	own := func(s *string) {
		start := b.Len()
		b.WriteString(*s)
		*s = b.String()[start:]
	}
	own(&s.statusText)
	for i := range s.headers {
		own(&s.headers[i].Name)
		own(&s.headers[i].Value)
	}
	for i := range s.vary {
		own(&s.vary[i].name)
		own(&s.vary[i].value)
	}
	const listMember, varyMember = 32, 40 // bytes of a headers.Header, a nominated
	s.size = int64(entryOverhead + len(s.key.partition) + len(s.key.url) + n + len(s.body) + listMember*len(s.headers) + varyMember*len(s.vary))
}
