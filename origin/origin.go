// Package origin implements origins and sites as HTML defines them.
//
// [Origin]: https://html.spec.whatwg.org/multipage/browsers.html#concept-origin
package origin

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// An Origin is a tuple origin (scheme, host, port) or an opaque origin. Two
// values are == if and only if they are same origin. The zero value is an
// opaque origin that is the same as every other zero value; use [NewOpaque] for
// one that is the same as itself alone.
//
// https://html.spec.whatwg.org/multipage/browsers.html#concept-origin
type Origin struct {
	serialization string // "" for an opaque origin
	scheme, host  string
	port          int32 // -1 for null
	nonce         uint64
}

var nonce atomic.Uint64

// NewOpaque returns an opaque origin that is same origin with nothing but itself.
//
// https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-opaque
func NewOpaque() Origin { return Origin{nonce: nonce.Add(1)} }

// New returns the tuple origin of a scheme, a serialized host as the URL
// standard's host serializer gives it (an IPv6 address in brackets), and a
// port, -1 for null, which is what a scheme's default port is given as.
//
// https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-tuple
func New(scheme, host string, port int) Origin {
	var serialization string
	if port >= 0 {
		var digits [20]byte // one allocation in all, since a URL's parser comes here
		serialization = scheme + "://" + host + ":" + string(strconv.AppendInt(digits[:0], int64(port), 10))
	} else {
		serialization = scheme + "://" + host
	}
	return Origin{
		serialization: serialization,
		scheme:        serialization[:len(scheme)],
		host:          serialization[len(scheme)+3 : len(scheme)+3+len(host)],
		port:          int32(port),
	}
}

// IsOpaque reports whether o is an opaque origin.
func (o Origin) IsOpaque() bool { return o.serialization == "" }

// Scheme returns the scheme of a tuple origin, and "" for an opaque one.
func (o Origin) Scheme() string { return o.scheme }

// Host returns the serialized host of a tuple origin, and "" for an opaque one.
func (o Origin) Host() string { return o.host }

// Port returns the port of a tuple origin, and -1 where it is null, which
// stands for the scheme's default.
func (o Origin) Port() int {
	if o.IsOpaque() {
		return -1
	}
	return int(o.port)
}

// String serializes o; an opaque origin is "null".
//
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func (o Origin) String() string {
	if o.IsOpaque() {
		return "null"
	}
	return o.serialization
}

// SameOrigin reports whether o and p are same origin.
//
// https://html.spec.whatwg.org/multipage/browsers.html#same-origin
func (o Origin) SameOrigin(p Origin) bool { return o == p }

// A SyntaxError says why a string is not a serialized origin.
type SyntaxError struct {
	Input   string
	Offset  int // of the offending byte
	Problem string
}

// Error returns the input and what is wrong at which byte.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%q is not a serialized origin: byte %d: %s", e.Input, e.Offset, e.Problem)
}

// Parse parses a serialized origin: what an Origin request header holds, a
// scheme, "://", a host and, unless it is the scheme's default, a port, with
// nothing before or after. "null" gives a new opaque origin. What the
// serialization never produces (upper-case letters, a default port, a path) is
// a *[SyntaxError].
//
// https://fetch.spec.whatwg.org/#origin-header
func Parse(s string) (Origin, error) {
	if s == "null" {
		return NewOpaque(), nil
	}
	fail := func(at int, problem string) (Origin, error) {
		return Origin{}, &SyntaxError{s, at, problem}
	}
	schemeEnd := strings.Index(s, "://")
	if schemeEnd < 0 {
		return fail(len(s), `no "://" follows a scheme`)
	}
	for i := 0; i < schemeEnd; i++ {
		c := s[i]
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return fail(i, "a scheme is lower-case letters, digits, '+', '-' and '.', and begins with a letter")
		}
	}
	if schemeEnd == 0 {
		return fail(0, "the scheme is empty")
	}
	scheme, hostStart := s[:schemeEnd], schemeEnd+3
	hostEnd, problem := scanHost(s, hostStart)
	if problem != "" {
		return fail(hostEnd, problem)
	}
	if hostEnd == hostStart {
		return fail(hostEnd, "the host is empty")
	}
	if hostEnd == len(s) {
		return New(scheme, s[hostStart:], -1), nil
	}
	if s[hostEnd] != ':' {
		return fail(hostEnd, "only a port may follow the host")
	}
	digits := s[hostEnd+1:]
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return fail(hostEnd+1+i, "a port is decimal digits")
		}
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || digits != strconv.FormatUint(port, 10) {
		return fail(hostEnd+1, "a port is a number up to 65535 without leading zeros")
	}
	if int(port) == DefaultPort(scheme) {
		return fail(hostEnd, "the scheme's default port is not serialized")
	}
	return New(scheme, s[hostStart:hostEnd], int(port)), nil
}

// scanHost returns the end of the serialized host that begins at start, or the
// offset of what cannot be there and why.
func scanHost(s string, start int) (end int, problem string) {
	if start < len(s) && s[start] == '[' {
		for i := start + 1; i < len(s); i++ {
			c := s[i]
			switch {
			case c == ']':
				return i + 1, ""
			case !isDigit(c) && !('a' <= c && c <= 'f') && c != ':':
				return i, "an IPv6 address is lower-case hexadecimal digits and ':'"
			}
		}
		return len(s), "']' is missing"
	}
	for i := start; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ':':
			return i, ""
		case 'A' <= c && c <= 'Z':
			return i, "a serialized host is lower case"
		case c <= ' ' || c >= 0x7F || strings.IndexByte("#%/<>?@[\\]^|", c) >= 0:
			return i, "not allowed in a host"
		}
	}
	return len(s), ""
}

// DefaultPort returns the default port of a special scheme, and -1 for others.
//
// https://url.spec.whatwg.org/#default-port
func DefaultPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "ftp":
		return 21
	}
	return -1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
