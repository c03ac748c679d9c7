package recipe

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// sign is what a server tells of itself: a response header and a part of its
// value, both in lower case, or the name that its hosts are below, with the header
// "host".
type sign struct{ header, value string }

// Guess returns the ids of the servers that a host and the headers of its response
// point to, the likeliest first: what made the response before what passed it on.
func Guess(host string, response headers.List) (ids []string) {
	for _, r := range All() {
		for _, s := range r.signs {
			if s.fits(host, response) {
				ids = append(ids, r.ID)
				break
			}
		}
	}
	return ids
}

func (s sign) fits(host string, response headers.List) bool {
	if s.header == "host" {
		return host != "" && isHostBelow(host, s.value)
	}
	for _, h := range response {
		if headers.EqualFold(h.Name, s.header) && strings.Contains(headers.Lower(h.Value), s.value) {
			return true
		}
	}
	return false
}

// Named returns the ids of the servers that a text names, by their code and configuration
// or, where it has none, by their names; the likeliest first.
func Named(text string) (ids []string) {
	lower := strings.ToLower(text)
	best := 0
	signs := map[string]int{} // how many of each
	for _, r := range All() {
		weight, n := 0, 0
		for _, t := range r.texts {
			if w := weightOf(t); w == ofCode && holds(text, t) || w == ofName && holds(lower, strings.ToLower(t)) {
				weight = max(weight, w)
				n++
			}
		}
		if weight > best {
			ids, best = nil, weight
		}
		if weight == best && weight > 0 {
			ids = append(ids, r.ID)
			signs[r.ID] = n
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return signs[b] - signs[a] })
	return ids
}

// How much a sign tells: code and configuration are of the server that is used, and written in one
// way; a name may only be mentioned.
const (
	ofName = iota + 1
	ofCode
)

func weightOf(sign string) int {
	if strings.ContainsAny(sign, "()<>/_'\\\"=@:") || strings.Count(sign, ".") > 1 {
		return ofCode
	}
	return ofName
}

// holds reports whether a text has a sign that is no part of a longer word.
func holds(text, sign string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], sign)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(sign)
		if (at == 0 || !isWord(text[at-1]) || !isWord(sign[0])) && (end == len(text) || !isWord(text[end]) || !isWord(sign[len(sign)-1])) {
			return true
		}
		from = at + 1
	}
}

func isWord(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' }
