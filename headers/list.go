// Package headers implements header lists and the definitions around them as
// the Fetch standard has them: ordered, repeats kept, values kept as bytes.
//
// Names and values are Go strings that hold bytes. A value read from or shown
// to JavaScript is the isomorphic decoding of those bytes (one code point
// U+0000 to U+00FF a byte); see [IsomorphicDecode] and [IsomorphicEncode].
//
// [Header lists]: https://fetch.spec.whatwg.org/#concept-header-list
package headers

import (
	"slices"
	"strings"
)

// A Header is a name and a value.
//
// https://fetch.spec.whatwg.org/#concept-header
type Header struct{ Name, Value string }

// A List is a header list: an ordered list of headers, in which a name may
// stand more than once. Its zero value is the empty list.
//
// https://fetch.spec.whatwg.org/#concept-header-list
type List []Header

// Contains reports whether l contains a header called name, in any ASCII case.
//
// https://fetch.spec.whatwg.org/#header-list-contains
func (l List) Contains(name string) bool {
	return l.index(name) >= 0
}

// Get returns the values of all headers called name, in order, joined by ", ".
// It returns false where there is none. It allocates only where there is more
// than one.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get
func (l List) Get(name string) (value string, ok bool) {
	first := l.index(name)
	if first < 0 {
		return "", false
	}
	if l[first+1:].index(name) < 0 {
		return l[first].Value, true
	}
	return strings.Join(l.Values(name), ", "), true
}

// Values returns the value of each header called name, in order, and nil where
// there is none.
func (l List) Values(name string) []string {
	var values []string
	for i := range l {
		if EqualFold(l[i].Name, name) {
			values = append(values, l[i].Value)
		}
	}
	return values
}

// Append appends a header, spelling its name as the list already does.
//
// https://fetch.spec.whatwg.org/#concept-header-list-append
func (l *List) Append(name, value string) {
	if i := l.index(name); i >= 0 {
		name = (*l)[i].Name
	}
	*l = append(*l, Header{name, value})
}

// Delete removes every header called name.
//
// https://fetch.spec.whatwg.org/#concept-header-list-delete
func (l *List) Delete(name string) {
	*l = slices.DeleteFunc(*l, func(h Header) bool { return EqualFold(h.Name, name) })
}

// Set gives the first header called name the value and removes the others; it
// appends the header where there is none.
//
// https://fetch.spec.whatwg.org/#concept-header-list-set
func (l *List) Set(name, value string) {
	i := l.index(name)
	if i < 0 {
		*l = append(*l, Header{name, value})
		return
	}
	(*l)[i].Value = value
	rest := (*l)[i+1:]
	rest.Delete(name)
	*l = (*l)[:i+1+len(rest)]
}

// Combine adds value to the first header called name, after ", "; it appends
// the header where there is none.
//
// https://fetch.spec.whatwg.org/#concept-header-list-combine
func (l *List) Combine(name, value string) {
	if i := l.index(name); i >= 0 {
		(*l)[i].Value += ", " + value
		return
	}
	*l = append(*l, Header{name, value})
}

// SortAndCombine returns a new list with lower-case names in ascending order,
// the values of each name combined, except Set-Cookie, whose values stay apart.
//
// https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
func (l List) SortAndCombine() List {
	sorted := make(List, len(l))
	for i, h := range l {
		sorted[i] = Header{Lower(h.Name), h.Value}
	}
	slices.SortStableFunc(sorted, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	combined := sorted[:0]
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Name == sorted[0].Name && sorted[0].Name != "set-cookie" {
			n++
		}
		combined = append(combined, Header{sorted[0].Name, sorted[:n].join()})
		sorted = sorted[n:]
	}
	return combined
}

// join returns the values of all headers of l, of which there is at least one. A
// server decides how many there are: the time must not grow with their square.
func (l List) join() string {
	if len(l) == 1 {
		return l[0].Value
	}
	n := 0
	for _, h := range l {
		n += len(h.Value) + len(", ")
	}
	var b strings.Builder
	b.Grow(n)
	for i, h := range l {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(h.Value)
	}
	return b.String()
}

// Clone returns a copy that shares nothing with l.
func (l List) Clone() List { return slices.Clone(l) }

// FromMap returns the headers of m, which is typically an [net/http.Header].
// The map has forgotten the order of its names: they come out sorted.
func FromMap(m map[string][]string) List {
	n := 0
	for _, values := range m {
		n += len(values)
	}
	l := make(List, 0, n)
	for name, values := range m {
		for _, value := range values {
			l = append(l, Header{name, value})
		}
	}
	slices.SortStableFunc(l, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return l
}

// Map returns l in the form of an [net/http.Header], with names spelled as that
// type's methods expect them.
func (l List) Map() map[string][]string {
	m := make(map[string][]string, len(l))
	// Nearly all names stand once: their values share an array, each with room for
	// itself alone.
	values := make([]string, len(l))
	for i, h := range l {
		name := canonical(h.Name)
		if earlier, ok := m[name]; ok {
			m[name] = append(earlier, h.Value)
			continue
		}
		values[i] = h.Value
		m[name] = values[i : i+1 : i+1]
	}
	return m
}

func (l List) index(name string) int {
	for i := range l {
		if EqualFold(l[i].Name, name) {
			return i
		}
	}
	return -1
}
