package httpcache

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// names is a set of header names in lower case.
type names map[string]struct{}

func (n names) add(name string) { n[headers.Lower(name)] = struct{}{} }

func (n names) has(name string) bool {
	_, ok := n[headers.Lower(name)]
	return ok
}

// storable returns a copy of h without the headers in connectionOnly and those
// that Connection names.
//
// https://httpwg.org/specs/rfc9111.html#storing.fields
func storable(h headers.List) headers.List {
	nominated := names{}
	for i := range h {
		if !headers.EqualFold(h[i].Name, "Connection") {
			continue
		}
		for option := range strings.SplitSeq(h[i].Value, ",") {
			nominated.add(headers.TrimTabOrSpace(option))
		}
	}
	kept := make(headers.List, 0, len(h))
	for _, header := range h {
		if !isAny(header.Name, connectionOnly) && (len(nominated) == 0 || !nominated.has(header.Name)) {
			kept = append(kept, header)
		}
	}
	return kept
}

// connectionOnly are the headers that are for one connection or for a proxy.
//
// https://httpwg.org/specs/rfc9111.html#storing.fields
var connectionOnly = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade",
	"Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
}

// aboutStoredBody are the headers that describe the body as it was received,
// which a 304 does not replace.
//
// https://httpwg.org/specs/rfc9111.html#update
var aboutStoredBody = []string{"Content-Length", "Content-Encoding", "Content-Range"}

func isAny(name string, of []string) bool {
	return slices.ContainsFunc(of, func(other string) bool { return headers.EqualFold(name, other) })
}

// updated returns a copy of the stored header list with the headers of a 304 in
// place of those of the same names.
//
// https://httpwg.org/specs/rfc9111.html#update
func updated(stored, notModified headers.List) headers.List {
	// Without Age, the 304 comes from the origin: the Age of the response that it
	// confirms tells of a journey that is over.
	replaced := names{"age": {}}
	fresh := storable(notModified)
	for _, h := range fresh {
		replaced.add(h.Name)
	}
	merged := make(headers.List, 0, len(stored)+len(fresh))
	for _, h := range stored {
		if isAny(h.Name, aboutStoredBody) || !replaced.has(h.Name) {
			merged = append(merged, h)
		}
	}
	for _, h := range fresh {
		if !isAny(h.Name, aboutStoredBody) {
			merged = append(merged, h)
		}
	}
	return merged
}

// confirms reports whether a 304 is about the stored response: where both have
// an entity tag, or else both a Last-Modified, these are the same. A 304 often
// repeats neither; it was then the request that named the response.
//
// https://httpwg.org/specs/rfc9111.html#freshening.responses
func confirms(notModified headers.List, stored *Stored) bool {
	for _, name := range []string{"ETag", "Last-Modified"} {
		a, okA := notModified.Get(name)
		b, okB := stored.headers.Get(name)
		if okA && okB {
			return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/")
		}
	}
	return true
}
