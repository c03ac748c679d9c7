package redact

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

const (
	// shortestValue is how many bytes a value must have to be a secret wherever it is
	// found, as a part of a word too. A shorter one is found where it is a whole word.
	shortestValue = 8
	shortestWord  = 4
	// maxValues is how many values are remembered. After these, each word that is no
	// ordinary one is taken for a secret.
	maxValues = 1 << 20
	// maxAlike is how many values that begin alike are told apart.
	maxAlike = 16
)

// A values is a set of secrets that are known because they were those of a cookie or of
// credentials. It finds them, in upper or lower case, in time that grows linearly with
// the text.
type values struct {
	// long has the lengths and the hashes of values, by their first bytes.
	long  map[[shortestValue]byte][]value
	words map[string]struct{} // the values that are shorter
	n     int
}

type value struct {
	length int
	hash   uint64 // see [hashOf]
}

func newValues() *values {
	return &values{long: make(map[[shortestValue]byte][]value), words: make(map[string]struct{})}
}

// add remembers a value and what it is without its encoding.
func (v *values) add(s string) {
	s = strings.Trim(s, "\" \t")
	v.addOne(s)
	if decoded, err := url.QueryUnescape(s); err == nil && decoded != s {
		v.addOne(decoded)
	}
}

func (v *values) addOne(s string) {
	s = headers.Lower(s)
	if _, err := origin.Parse(s); err == nil {
		return // origins are shown
	}
	switch {
	case IsPlaceholder(s), strings.HasPrefix(s, "redacted-"), len(s) < shortestWord, ordinaryWords[s], v.n >= maxValues && !v.full():
		return
	case len(s) < shortestValue:
		if strings.Trim(s, "0123456789") == "" {
			return // a year, or a count
		}
		if _, has := v.words[s]; !has {
			v.words[s] = struct{}{}
			v.n++
		}
		return
	}
	first := [shortestValue]byte([]byte(s[:shortestValue]))
	alike := v.long[first]
	if len(alike) >= maxAlike {
		return // what begins like these is a secret up to its word's end
	}
	one := value{len(s), hashOf(s)}
	for _, other := range alike {
		if other == one {
			return
		}
	}
	v.long[first] = append(alike, one)
	v.n++
}

// full reports whether there are so many values that others are not remembered.
func (v *values) full() bool { return v.n >= maxValues }

// empty reports whether there is nothing to find.
func (v *values) empty() bool { return v == nil || v.n == 0 }

// ordinaryWords are values of cookies that tell nothing.
var ordinaryWords = set("true false null none undefined light dark auto system default accepted rejected enabled disabled allow deny granted denied essential necessary visited")

const (
	hashBase   = 0x9E3779B97F4A7C15
	hashOffset = 0xCBF29CE484222325
)

// hashOf returns the hash that [hashes.of] gives.
func hashOf(s string) (h uint64) {
	for i := range len(s) {
		h = h*hashBase + uint64(s[i]) + hashOffset
	}
	return h
}

// A hashes has the hashes of all beginnings of a text, from which those of its parts
// follow.
type hashes struct{ of, power []uint64 }

func newHashes(lower string) *hashes {
	h := &hashes{make([]uint64, len(lower)+1), make([]uint64, len(lower)+1)}
	h.power[0] = 1
	for i := range len(lower) {
		h.of[i+1] = h.of[i]*hashBase + uint64(lower[i]) + hashOffset
		h.power[i+1] = h.power[i] * hashBase
	}
	return h
}

func (h *hashes) part(from, to int) uint64 { return h.of[to] - h.of[from]*h.power[to-from] }

// A finder finds known values in a text, from its beginning to its end.
type finder struct {
	values *values
	lower  string
	hashes *hashes
}

// find returns how long the known value is that begins at i, or 0. It is the longest.
func (f *finder) find(i int) (length int) {
	if len(f.lower)-i >= shortestValue {
		alike := f.values.long[[shortestValue]byte([]byte(f.lower[i:i+shortestValue]))]
		if len(alike) >= maxAlike {
			length = wordEnd(f.lower, i+shortestValue) - i
		}
		for _, one := range alike {
			if one.length <= length || len(f.lower)-i < one.length {
				continue
			}
			if f.hashes == nil {
				f.hashes = newHashes(f.lower)
			}
			if f.hashes.part(i, i+one.length) == one.hash {
				length = one.length
			}
		}
	}
	if length > 0 || i > 0 && isWordByte(f.lower[i-1]) || len(f.values.words) == 0 || !isWordByte(f.lower[i]) {
		return length
	}
	end := wordEnd(f.lower, i)
	if _, known := f.values.words[f.lower[i:end]]; known && end-i < shortestValue {
		return end - i
	}
	return 0
}

func wordEnd(s string, i int) int {
	for i < len(s) && isWordByte(s[i]) {
		i++
	}
	return i
}

func isWordByte(c byte) bool {
	return isLower(c|0x20) || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// has reports whether s has a known value in it.
func (v *values) has(s string) bool {
	if v.empty() {
		return false
	}
	f := finder{values: v, lower: headers.Lower(s)}
	for i := range len(s) {
		if f.find(i) > 0 {
			return true
		}
	}
	return false
}

// learn remembers what is secret in a header that [isSecretHeader] reports.
func (v *values) learn(name, value string) {
	switch headers.Lower(name) {
	case "cookie":
		for pair := range strings.SplitSeq(value, ";") {
			v.learnPair(pair)
		}
	case "set-cookie":
		pair, _, _ := strings.Cut(value, ";")
		v.learnPair(pair)
	case "authorization", "proxy-authorization":
		v.learnCredentials(value)
	default:
		v.add(value)
	}
}

func (v *values) learnPair(pair string) {
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		value = name
	}
	v.add(value)
}

// learnCredentials remembers the credentials of Authorization: a token, or parameters,
// or a user name and a password.
//
// https://httpwg.org/specs/rfc9110.html#credentials
func (v *values) learnCredentials(value string) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(value), " ")
	if !ok {
		v.add(scheme)
		return
	}
	rest = strings.TrimSpace(rest)
	if headers.EqualFold(scheme, "basic") {
		if both, err := base64.StdEncoding.DecodeString(rest); err == nil {
			_, password, _ := strings.Cut(string(both), ":")
			v.add(string(both))
			v.add(password)
		}
	}
	v.add(rest)
	if strings.Contains(rest, ",") {
		for parameter := range strings.SplitSeq(rest, ",") {
			if _, value, ok := strings.Cut(parameter, "="); ok {
				v.add(value)
			}
		}
	}
}

// starts are the first bytes of values, which tell of most texts that no value is in them,
// in a fraction of the time that it takes to remember the values.
type starts struct {
	bits [64]uint64 // by their hashes
	list []uint32   // as [shiftIn] makes them
	all  bool       // values are encoded, or are too many to tell
}

// maxStarts is how many are told apart.
const maxStarts = 256

// shiftIn appends a byte to the latest that there were, of which it keeps shortestWord, in
// lower case.
func shiftIn(latest uint32, c byte) uint32 {
	if isUpper(c) {
		c |= 0x20
	}
	return latest<<8 | uint32(c)
}

// bitOf returns where in bits a start is.
func bitOf(start uint32) (word uint32, bit uint64) {
	h := start * 0x9E3779B1 >> 20
	return h / 64, 1 << (h % 64)
}

func newStarts(list headers.List) *starts {
	s := new(starts)
	for _, h := range list {
		s.all = s.all || strings.IndexByte(h.Value, '%') >= 0 || len(h.Value) > 6 && headers.EqualFold(h.Value[:6], "basic ")
		latest, n := uint32(0), 0 // bytes of a value
		for i := 0; i < len(h.Value) && !s.all; i++ {
			c := h.Value[i]
			if latest, n = shiftIn(latest, c), n+1; n == shortestWord {
				word, bit := bitOf(latest)
				s.bits[word] |= bit
				s.list = append(s.list, latest)
				s.all = len(s.list) > maxStarts
			}
			if strings.IndexByte("=; \t,\"", c) >= 0 {
				n = 0
			}
		}
	}
	return s
}

// mayBeIn reports whether a text may have one of the values.
func (s *starts) mayBeIn(text string) bool {
	if s.all || strings.IndexByte(text, '%') >= 0 { // of which some may be encoded
		return true
	}
	latest := uint32(0)
	for i := range len(text) {
		latest = shiftIn(latest, text[i])
		if word, bit := bitOf(latest); s.bits[word]&bit != 0 && i+1 >= shortestWord && slices.Contains(s.list, latest) {
			return true
		}
	}
	return false
}
