package cookies

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// A sameSite is a cookie's same-site.
type sameSite uint8

const (
	unset sameSite = iota
	none
	lax
	strict
)

// A cookie is a cookie of the draft, and its place in the jar.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-cookie-struct
type cookie struct {
	name, value string
	host        string // as the Domain attribute gave it until it is stored, "" for none
	hostOnly    bool
	path        string
	hasPath     bool
	secure      bool
	httpOnly    bool
	sameSite    sameSite
	partitioned bool
	expires     time.Time // zero for a cookie of the session
	created     time.Time

	// serial orders cookies of one creation time.
	serial uint64
	// accessed grows with every use of any cookie.
	accessed uint64
	// of is where the cookie is kept.
	of         *partition
	next, prev *cookie
}

// isEmpty reports whether there is nothing of a cookie to send.
func (c *cookie) isEmpty() bool { return c.name == "" && c.value == "" }

func (c *cookie) expired(now time.Time) bool { return !c.expires.IsZero() && !c.expires.After(now) }

// parse is Parse a Cookie. It returns why the input is none.
//
// An empty Domain attribute is ignored, as engines and the platform's tests have
// it; the draft would have the cookie fail.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-parse-a-cookie
func parse(input, requestPath string, now time.Time, policy *Policy) (c cookie, why string) {
	for i := 0; i < len(input); i++ {
		if b := input[i]; b < ' ' && b != '\t' || b == 0x7F {
			return c, "byte " + strconv.Itoa(i) + " is a control character"
		}
	}
	if i := strings.IndexFunc(input, func(c rune) bool { return c >= utf8.RuneSelf }); i >= 0 && policy.ASCIIOnly {
		input = input[:i]
	}
	pair, attributes, more := strings.Cut(input, ";")
	name, value, hasEqualsSign := strings.Cut(pair, "=")
	if !hasEqualsSign && !policy.LoneTokenIsName {
		name, value = "", pair
	}
	c.name, c.value = trim(name), trim(value)
	if policy.ReplaceInvalidUTF8 {
		c.value = strings.ToValidUTF8(c.value, "\uFFFD")
	}
	switch n := len(c.name) + len(c.value); {
	case n == 0 && !policy.KeepEmpty:
		return c, "it has neither a name nor a value"
	case n > MaxNameValueLength:
		return c, "its name and value have " + strconv.Itoa(n) + " bytes, more than " + strconv.Itoa(MaxNameValueLength)
	case c.name == "" && policy.RefuseNameless:
		return c, "it has no name"
	}
	c.path = defaultPath(requestPath)
	maxAgeSeen := false
	for more {
		var attribute string
		attribute, attributes, more = strings.Cut(attributes, ";")
		name, value, _ := strings.Cut(attribute, "=")
		if name, value = trim(name), trim(value); len(value) <= MaxAttributeLength {
			maxAgeSeen = c.set(name, value, maxAgeSeen, now) || maxAgeSeen
		}
	}
	c.partitioned = c.partitioned && policy.Partitioned
	return c, ""
}

// set gives a cookie an attribute, and reports whether it was a Max-Age, which counts more than
// Expires. What is not known, or not valid, is ignored.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-parse-a-cookie
func (c *cookie) set(name, value string, maxAgeSeen bool, now time.Time) (isMaxAge bool) {
	switch {
	case headers.EqualFold(name, "Expires"):
		if t, ok := parseDate(value); ok && !maxAgeSeen {
			c.expires = earlier(t, now.Add(MaxAge))
		}
	case headers.EqualFold(name, "Max-Age"):
		age, ok := parseMaxAge(value)
		if ok {
			c.expires = now.Add(age)
		}
		return ok
	case headers.EqualFold(name, "Domain"):
		if value != "" { // an empty one is ignored
			c.host = cmp.Or(headers.Lower(strings.TrimPrefix(value, ".")), matchesNothing)
		}
	case headers.EqualFold(name, "Path"):
		if strings.HasPrefix(value, "/") {
			c.path, c.hasPath = value, true
		}
	case headers.EqualFold(name, "Secure"):
		c.secure = true
	case headers.EqualFold(name, "HttpOnly"):
		c.httpOnly = true
	case headers.EqualFold(name, "Partitioned"):
		c.partitioned = true
	case headers.EqualFold(name, "SameSite"):
		c.setSameSite(value)
	}
	return false
}

// matchesNothing is a host that no URL has.
const matchesNothing = "."

func (c *cookie) setSameSite(value string) {
	switch {
	case headers.EqualFold(value, "None"):
		c.sameSite = none
	case headers.EqualFold(value, "Strict"):
		c.sameSite = strict
	case headers.EqualFold(value, "Lax"):
		c.sameSite = lax
	}
}

func trim(s string) string {
	for s != "" && headers.IsTabOrSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && headers.IsTabOrSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// parseMaxAge reads the value of Max-Age: digits that "-" may precede. The
// result is no more than [MaxAge], and 0 for what is not positive.
func parseMaxAge(s string) (age time.Duration, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" {
		return 0, false
	}
	seconds := int64(0)
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return 0, false
		}
		seconds = min(seconds*10+int64(digits[i]-'0'), int64(MaxAge/time.Second))
	}
	if len(digits) < len(s) {
		return 0, true
	}
	return time.Duration(seconds) * time.Second, true
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
