package headers

import "unicode/utf8"

// IsName reports whether s is a header name: one or more token bytes.
//
// https://fetch.spec.whatwg.org/#header-name
func IsName(s string) bool { return IsToken(s) }

// IsToken reports whether s is a token of HTTP: one or more of its tchar bytes.
//
// https://httpwg.org/specs/rfc9110.html#tokens
func IsToken(s string) bool {
	return s != "" && IndexNonToken(s) < 0
}

// IndexNonToken returns the index of the first byte of s that cannot be in a
// token, and -1 where there is none.
func IndexNonToken(s string) int {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&tchar == 0 {
			return i
		}
	}
	return -1
}

// IsValue reports whether s is a header value: it neither begins nor ends with
// a tab or space, and holds no NUL, CR or LF.
//
// https://fetch.spec.whatwg.org/#header-value
func IsValue(s string) bool {
	return s == "" || !IsTabOrSpace(s[0]) && !IsTabOrSpace(s[len(s)-1]) && IndexNonValue(s) < 0
}

// IndexNonValue returns the index of the first NUL, CR or LF in s, and -1 where
// there is none.
func IndexNonValue(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == 0 || c == '\n' || c == '\r' {
			return i
		}
	}
	return -1
}

// Normalize removes HTTP whitespace bytes (tab, LF, CR, space) from both ends.
//
// https://fetch.spec.whatwg.org/#concept-header-value-normalize
func Normalize(potentialValue string) string {
	s := potentialValue
	for s != "" && isWhitespace(s[0]) {
		s = s[1:]
	}
	for s != "" && isWhitespace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// TrimTabOrSpace removes HTTP tab or space bytes from both ends.
//
// https://fetch.spec.whatwg.org/#http-tab-or-space
func TrimTabOrSpace(s string) string {
	for s != "" && IsTabOrSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && IsTabOrSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// IsTabOrSpace reports whether c is an HTTP tab or space byte.
//
// https://fetch.spec.whatwg.org/#http-tab-or-space
func IsTabOrSpace(c byte) bool { return c == ' ' || c == '\t' }

func isWhitespace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// EqualFold reports whether a is a byte-case-insensitive match for b.
//
// https://infra.spec.whatwg.org/#byte-case-insensitive
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	if a == b {
		return true
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower[a[i]] != lower[b[i]] {
			return false
		}
	}
	return true
}

// Lower byte-lowercases s. It allocates only where s has an upper-case letter.
//
// https://infra.spec.whatwg.org/#byte-lowercase
func Lower(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower[b[i]]
			}
			return string(b)
		}
	}
	return s
}

// IsomorphicDecode returns the string whose code points are the bytes of s.
//
// https://infra.spec.whatwg.org/#isomorphic-decode
func IsomorphicDecode(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			b := make([]byte, i, 2*len(s))
			copy(b, s)
			for ; i < len(s); i++ {
				b = utf8.AppendRune(b, rune(s[i]))
			}
			return string(b)
		}
	}
	return s
}

// IsomorphicEncode returns the bytes that are the code points of s. It returns
// false where one is above U+00FF, as converting to Web IDL's ByteString does.
//
// https://infra.spec.whatwg.org/#isomorphic-encode
func IsomorphicEncode(s string) (string, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			b := make([]byte, 0, len(s))
			for _, r := range s {
				if r > 0xFF {
					return "", false
				}
				b = append(b, byte(r))
			}
			return string(b), true
		}
	}
	return s, true
}

// canonical spells a name as [net/textproto.CanonicalMIMEHeaderKey] does. It
// allocates only where that is another spelling.
func canonical(name string) string {
	upper, is := true, true
	for i := range len(name) {
		c := name[i]
		if class[c]&tchar == 0 {
			return name
		}
		is = is && !(upper && 'a' <= c && c <= 'z') && !(!upper && 'A' <= c && c <= 'Z')
		upper = c == '-'
	}
	if is {
		return name
	}
	return canonicalized(name)
}

func canonicalized(name string) string {
	b := []byte(name)
	upper := true
	for i, c := range b {
		c = lower[c]
		if upper && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b[i] = c
		upper = c == '-'
	}
	return string(b)
}

// Classes of bytes, looked up in class.
const (
	tchar      uint8 = 1 << iota // may be in a token
	unsafeByte                   // CORS-unsafe request-header byte
	langByte                     // may be in a safelisted Accept-Language
	quotedByte                   // HTTP quoted-string token code point
)

// class and lower are tables over all bytes: reading one beats a chain of
// comparisons, and its construction below states each class as its definition
// does.
var class, lower = func() (class, lower [256]uint8) {
	for i := range 256 {
		c := byte(i)
		alnum := '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if alnum || oneOf(c, "!#$%&'*+-.^_`|~") {
			class[c] |= tchar
		}
		if c < 0x20 && c != '\t' || oneOf(c, "\"():<>?@[\\]{}\x7F") {
			class[c] |= unsafeByte
		}
		if alnum || oneOf(c, " *,-.;=") {
			class[c] |= langByte
		}
		if c == '\t' || 0x20 <= c && c <= 0x7E || c >= 0x80 {
			class[c] |= quotedByte
		}
		lower[c] = c
		if 'A' <= c && c <= 'Z' {
			lower[c] = c + 'a' - 'A'
		}
	}
	return class, lower
}()

func oneOf(c byte, set string) bool {
	for i := 0; i < len(set); i++ {
		if set[i] == c {
			return true
		}
	}
	return false
}
