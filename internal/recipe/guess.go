package recipe

import (
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
