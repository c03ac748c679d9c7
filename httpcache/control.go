package httpcache

import (
	"iter"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// maxDelta is the longest time that counts, in ages and lifetimes: the value
// that RFC 9111 gives a delta-seconds too great to represent. Four of them
// still fit into a time.Duration, and no sum here has more terms.
//
// https://httpwg.org/specs/rfc9111.html#delta-seconds
const maxDelta = 1 << 31 * time.Second

// A delta is the argument of a directive that takes seconds.
type delta struct {
	time.Duration
	present bool
}

// responseControl is what a response's Cache-Control says to a private cache.
//
// https://httpwg.org/specs/rfc9111.html#cache-response-directive
type responseControl struct {
	noStore, noCache, mustRevalidate bool
	public, private                  bool
	maxAge, staleWhileRevalidate     delta
}

func parseResponseControl(h headers.List) (c responseControl) {
	for d := range directives(h, "Cache-Control") {
		switch {
		case d.is("no-store"):
			c.noStore = true
		case d.is("no-cache"):
			c.noCache = true
		case d.is("must-revalidate"):
			c.mustRevalidate = true
		case d.is("public"):
			c.public = true
		case d.is("private"):
			c.private = true
		case d.is("max-age"):
			d.seconds(&c.maxAge, 0)
		case d.is("stale-while-revalidate"):
			d.seconds(&c.staleWhileRevalidate, 0)
		}
	}
	return c
}

// requestControl is what a request's Cache-Control and Pragma ask for.
//
// https://httpwg.org/specs/rfc9111.html#cache-request-directive
type requestControl struct {
	noStore, noCache           bool
	maxAge, minFresh, maxStale delta
}

func parseRequestControl(h headers.List, rules Rules) (c requestControl) {
	for d := range directives(h, "Cache-Control") {
		switch {
		case d.is("no-store"):
			c.noStore = true
		case d.is("no-cache"):
			c.noCache = true
		case d.is("max-age"):
			d.seconds(&c.maxAge, 0)
		case d.is("min-fresh"):
			d.seconds(&c.minFresh, maxDelta)
		case d.is("max-stale") && !d.hasValue:
			if !c.maxStale.present {
				c.maxStale = delta{maxDelta, true}
			}
		case d.is("max-stale"):
			d.seconds(&c.maxStale, 0)
		}
	}
	if rules.IgnoreRequestLimits {
		c.noStore, c.minFresh, c.maxStale = false, delta{}, delta{}
		if c.maxAge.Duration > 0 {
			c.maxAge = delta{}
		}
	}
	// Pragma was for servers that do not know Cache-Control, and yields to it.
	if !rules.IgnoreRequestPragma && !h.Contains("Cache-Control") {
		c.noCache = hasPragmaNoCache(h)
	}
	return c
}

func hasPragmaNoCache(h headers.List) bool {
	for d := range directives(h, "Pragma") {
		if d.is("no-cache") {
			return true
		}
	}
	return false
}

// A directive is a member of Cache-Control. Its value is without the quotes of
// a quoted-string but with its backslashes: no directive that counts here has
// a reason to have any.
type directive struct {
	name, value string
	hasValue    bool
}

func (d directive) is(name string) bool { return headers.EqualFold(d.name, name) }

// seconds sets to from the directive's argument, and to the value invalid, the
// most restrictive one, where it is none. Of several directives the first
// counts.
//
// https://httpwg.org/specs/rfc9111.html#calculating.freshness.lifetime
func (d directive) seconds(to *delta, invalid time.Duration) {
	if to.present {
		return
	}
	to.present = true
	var ok bool
	if to.Duration, ok = parseDelta(d.value); !ok {
		to.Duration = invalid
	}
}

// directives returns the directives of all headers called name. Each line is
// read on its own, so that an open quote in one cannot hide the next.
func directives(h headers.List, name string) iter.Seq[directive] {
	return func(yield func(directive) bool) {
		for i := range h {
			if !headers.EqualFold(h[i].Name, name) {
				continue
			}
			d, rest, ok := nextDirective(h[i].Value)
			for ; ok; d, rest, ok = nextDirective(rest) {
				if !yield(d) {
					return
				}
			}
		}
	}
}

// nextDirective reads the directive at the start of s, and returns false where
// there is none. It takes anything: what is not well formed keeps a name that
// no directive has, or a value that is not a number. White space at "=" is kept
// in the value for that end.
func nextDirective(s string) (d directive, rest string, ok bool) {
	for s != "" && (s[0] == ',' || headers.IsTabOrSpace(s[0])) {
		s = s[1:]
	}
	if s == "" {
		return d, "", false
	}
	i := strings.IndexAny(s, ",=")
	if i < 0 {
		i = len(s)
	}
	d.name = headers.TrimTabOrSpace(s[:i])
	if i == len(s) || s[i] == ',' {
		return d, s[i:], true
	}
	d.hasValue = true
	start := len(d.name)
	if start == i {
		start++
	}
	if value, after, ok := cutQuoted(s[start:]); ok {
		end := indexComma(after)
		if headers.TrimTabOrSpace(after[:end]) == "" {
			d.value = value
			return d, after[end:], true
		}
	}
	end := start + indexComma(s[start:])
	d.value = s[start:end]
	for d.value != "" && headers.IsTabOrSpace(d.value[len(d.value)-1]) {
		d.value = d.value[:len(d.value)-1]
	}
	return d, s[end:], true
}

// cutQuoted cuts the quoted-string off the start of s. It returns false where
// there is none or it does not end.
func cutQuoted(s string) (value, after string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[1:i], s[i+1:], true
		}
	}
	return "", s, false
}

// indexComma returns the index of the first comma in s, or its length.
func indexComma(s string) int {
	if i := strings.IndexByte(s, ','); i >= 0 {
		return i
	}
	return len(s)
}

// parseDelta parses delta-seconds: digits and nothing else.
//
// https://httpwg.org/specs/rfc9111.html#delta-seconds
func parseDelta(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	var n time.Duration
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+time.Duration(s[i]-'0'), maxDelta/time.Second)
	}
	return n * time.Second, true
}
