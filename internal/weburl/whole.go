package weburl

import (
	"errors"
	"strings"
	"unicode/utf8"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

var parser = whatwg.NewParser(
	whatwg.WithPathPercentEncodeSet(whatwg.PathPercentEncodeSet.Set('^')),
)

// parseWhole runs the URL parser on input, which is valid UTF-8, with the
// serialization of a base URL or "" for none, and returns the serialization of
// the result, or why there is none.
func parseWhole(input, base string) (href, problem string) {
	var u *whatwg.Url
	var err error
	if base == "" {
		u, err = parser.Parse(input)
	} else {
		u, err = parser.ParseRef(base, input)
	}
	if err != nil {
		return "", problemOf(err)
	}
	return u.Href(false), ""
}

// problemOf says why the parser refused its input.
func problemOf(err error) string {
	var e *whatwgerrors.ValidationError
	if !errors.As(err, &e) {
		return err.Error()
	}
	return string(e.Type())
}

// decodeUTF8 returns s with what is not UTF-8 replaced by U+FFFD, one for each
// maximal subpart, as browsers decode.
//
// https://encoding.spec.whatwg.org/#utf-8-decoder
func decodeUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			size = subpart(s)
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// subpart returns the length of the maximal subpart at the beginning of s,
// which is not a whole UTF-8 sequence: the longest beginning of one, or a byte.
func subpart(s string) int {
	lower, upper, needed := byte(0x80), byte(0xBF), 0
	switch lead := s[0]; {
	case 0xC2 <= lead && lead <= 0xDF:
		needed = 1
	case 0xE0 <= lead && lead <= 0xEF:
		needed = 2
		switch lead {
		case 0xE0:
			lower = 0xA0
		case 0xED:
			upper = 0x9F
		}
	case 0xF0 <= lead && lead <= 0xF4:
		needed = 3
		switch lead {
		case 0xF0:
			lower = 0x90
		case 0xF4:
			upper = 0x8F
		}
	}
	n := 1
	for n <= needed && n < len(s) && lower <= s[n] && s[n] <= upper {
		lower, upper = 0x80, 0xBF
		n++
	}
	return n
}
