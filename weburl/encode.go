package weburl

import (
	"strings"
	"unicode/utf8"
)

// The percent-encode sets, and what else the plain parser asks of a byte.
//
// https://url.spec.whatwg.org/#c0-control-percent-encode-set
const (
	c0ControlSet uint8 = 1 << iota
	fragmentSet
	querySet
	specialQuerySet
	pathSet
	userinfoSet
	slash     // '/' and '\\'
	plainHost // ASCII that a domain is made of and that no mapping changes
)

// class says of each byte which of the sets it is in.
var class = func() (table [256]uint8) {
	const query = " \"#<>"
	const path = query + "?^`{}"
	for _, set := range []struct {
		bit   uint8
		bytes string
	}{
		{fragmentSet, " \"<>`"},
		{querySet, query},
		{specialQuerySet, query + "'"},
		{pathSet, path},
		{userinfoSet, path + "/:;=@[\\]|"},
		{slash, `/\`},
		{plainHost, "abcdefghijklmnopqrstuvwxyz0123456789-_"},
	} {
		for i := 0; i < len(set.bytes); i++ {
			table[set.bytes[i]] |= set.bit
		}
	}
	for c := range table {
		if c < ' ' || c > '~' {
			table[c] = c0ControlSet | fragmentSet | querySet | specialQuerySet | pathSet | userinfoSet
		}
	}
	return table
}()

// percentEncode runs UTF-8 percent-encode with one of the sets.
//
// https://url.spec.whatwg.org/#string-utf-8-percent-encode
func percentEncode(s string, set uint8) string {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&set != 0 {
			return string(appendPercentEncoded(make([]byte, 0, len(s)+16), s, set))
		}
	}
	return s
}

func appendPercentEncoded(dst []byte, s string, set uint8) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		if c := s[i]; class[c]&set != 0 {
			dst = append(dst, '%', hex[c>>4], hex[c&0xF])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// percentDecode leaves a '%' that two hexadecimal digits do not follow.
//
// https://url.spec.whatwg.org/#string-percent-decode
func percentDecode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := hexValue(s[i+1]), hexValue(s[i+2])
			if high >= 0 && low >= 0 {
				b = append(b, byte(high<<4|low))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// hexValue returns -1 for what is not a hexadecimal digit.
func hexValue(c byte) int {
	switch {
	case isASCIIDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
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
