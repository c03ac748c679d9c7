package headers

import (
	"iter"
	"strings"
)

// Lines are the values of the headers of one name, in order. Unlike a []string
// they cost no allocation where there is none or one.
type Lines struct {
	first string
	rest  []string
	n     int
}

// Lines returns the values of the headers called name. It allocates only where
// there is more than one.
func (l List) Lines(name string) Lines {
	i := l.index(name)
	if i < 0 {
		return Lines{}
	}
	return Lines{l[i].Value, l[i+1:].Values(name), 1}.count()
}

// LinesOf returns values, which it retains, as Lines.
func LinesOf(values []string) Lines {
	if len(values) == 0 {
		return Lines{}
	}
	return Lines{values[0], values[1:], 1}.count()
}

func (v Lines) count() Lines {
	v.n += len(v.rest)
	return v
}

// Len returns the number of headers.
func (v Lines) Len() int { return v.n }

// At returns the value of the i-th header.
func (v Lines) At(i int) string {
	if i == 0 {
		return v.first
	}
	return v.rest[i-1]
}

// Get returns the values joined by ", ", and false where there is none. It
// allocates only where there is more than one.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get
func (v Lines) Get() (value string, ok bool) {
	if v.n > 1 {
		return v.first + ", " + strings.Join(v.rest, ", "), true
	}
	return v.first, v.n == 1
}

// A TokenList is what extracting header list values gives for a header whose
// ABNF is #token, such as #method or #field-name. Its members are cut from the
// header's lines as they are asked for.
type TokenList struct{ lines Lines }

// ExtractTokenList extracts header list values from the lines of a header whose
// ABNF is #token: tokens between commas, with tabs and spaces around them; empty
// members are ignored. ok is false, and bad the first member that is not a
// token, where the extraction gives failure. A header that is absent gives an
// empty list.
//
// https://fetch.spec.whatwg.org/#extract-header-list-values
// https://httpwg.org/specs/rfc9110.html#abnf.extension
func ExtractTokenList(lines Lines) (list TokenList, bad string, ok bool) {
	for i := range lines.Len() {
		for rest := lines.At(i); rest != ""; {
			var member string
			member, rest = cutMember(rest)
			if member != "" && IndexNonToken(member) >= 0 {
				return TokenList{}, member, false
			}
		}
	}
	return TokenList{lines}, "", true
}

// TokenListOf returns a list of the tokens that s has between commas.
// It does not check them.
func TokenListOf(s string) TokenList { return TokenList{Lines{first: s, n: 1}} }

// IsNull reports whether the header was absent, which the standard calls null
// and which is not the same as an empty list.
func (l TokenList) IsNull() bool { return l.lines.n == 0 }

// Has reports whether token is in l, byte for byte.
func (l TokenList) Has(token string) bool {
	for i := range l.lines.Len() {
		for rest := l.lines.At(i); rest != ""; {
			var member string
			if member, rest = cutComma(rest); len(member) >= len(token) && TrimTabOrSpace(member) == token && token != "" {
				return true
			}
		}
	}
	return false
}

// HasFold reports whether a byte-case-insensitive match for token is in l.
func (l TokenList) HasFold(token string) bool {
	for i := range l.lines.Len() {
		for rest := l.lines.At(i); rest != ""; {
			var member string
			if member, rest = cutComma(rest); len(member) >= len(token) && EqualFold(TrimTabOrSpace(member), token) && token != "" {
				return true
			}
		}
	}
	return false
}

// All returns the tokens of l in order, repeats kept.
func (l TokenList) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range l.lines.Len() {
			for rest := l.lines.At(i); rest != ""; {
				var member string
				if member, rest = cutMember(rest); member != "" && !yield(member) {
					return
				}
			}
		}
	}
}

// cutMember cuts the first comma-separated member from s and trims it.
func cutMember(s string) (member, rest string) {
	member, rest = cutComma(s)
	return TrimTabOrSpace(member), rest
}

// cutComma cuts the first comma-separated member from s. Trimming it takes most
// of the time, which a member too short to be what is looked for is not worth.
func cutComma(s string) (member, rest string) {
	if i := strings.IndexByte(s, ','); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// MaxDeltaSeconds is what [ExtractDeltaSeconds] returns for every larger number.
const MaxDeltaSeconds = 1<<63 - 1

// ExtractDeltaSeconds extracts header list values from the lines of a header
// whose ABNF is delta-seconds: digits, in one header. ok is false where the
// extraction gives null or failure.
//
// https://fetch.spec.whatwg.org/#extract-header-list-values
// https://httpwg.org/specs/rfc9111.html#delta-seconds
func ExtractDeltaSeconds(lines Lines) (seconds int64, ok bool) {
	if lines.Len() != 1 || lines.first == "" {
		return 0, false
	}
	for i := 0; i < len(lines.first); i++ {
		c := lines.first[i]
		if c < '0' || '9' < c {
			return 0, false
		}
		if d := int64(c - '0'); seconds > (MaxDeltaSeconds-d)/10 {
			seconds = MaxDeltaSeconds
		} else {
			seconds = seconds*10 + d
		}
	}
	return seconds, true
}

// GetDecodeAndSplit splits the values of all headers called name at commas that
// stand outside of quoted strings, which keep their quotes. It returns nil where
// there is no such header.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get-decode-split
func (l List) GetDecodeAndSplit(name string) []string {
	value, ok := l.Get(name)
	if !ok {
		return nil
	}
	return GetDecodeAndSplit(value)
}

// GetDecodeAndSplit splits a header value at commas that stand outside of quoted
// strings, which keep their quotes. The strings returned are bytes still:
// decoding them isomorphically commutes with splitting.
//
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func GetDecodeAndSplit(value string) []string {
	values := make([]string, 0, 1+strings.Count(value, ","))
	start, i := 0, 0
	for {
		for i < len(value) && value[i] != '"' && value[i] != ',' {
			i++
		}
		if i < len(value) && value[i] == '"' {
			i = quotedStringEnd(value, i)
			continue
		}
		values = append(values, TrimTabOrSpace(value[start:i]))
		if i == len(value) {
			return values
		}
		i++
		start = i
	}
}

// quotedStringEnd returns the index after the HTTP quoted string that begins at
// s[i]. A quoted string that is not closed ends with s.
//
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func quotedStringEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(s)
}

// unquote returns the value of the HTTP quoted string that begins at s[i], and
// the index after it.
//
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func unquote(s string, i int) (value string, end int) {
	var b strings.Builder
	for i++; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), min(i+1, len(s))
}
