package monitor

import (
	"encoding/binary"
	"hash/maphash"
	"sync/atomic"

	"github.com/corsim/corsim/headers"
)

// A server is asked the same by the same pages, and answers the same: what was concluded is
// remembered by all that it was concluded from.
const (
	memoSlots  = 4096
	maxMemoKey = 2048 // bytes
)

// memo is a table of conclusions, each in one of two places; a new one takes the place of an old
// one. Reading takes no lock.
type memo struct {
	slots [memoSlots]atomic.Pointer[conclusion]
}

// A conclusion is what was concluded from all that is in its key.
type conclusion struct {
	key   string
	route *routeState
	// generation is that of the route: what depends on its other answers may have changed since.
	generation uint64
	series     []*series
}

func (c *conclusion) is(key []byte, route *routeState) bool {
	return c != nil && c.route == route && c.generation == route.generation.Load() && c.key == string(key)
}

// decisive are the response headers, in canonical spelling, on whose values a conclusion depends.
var decisive = [...]string{
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
	"Vary", "Cache-Control", "Server", "Content-Type", "Www-Authenticate", "Allow",
	"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age", // of preflights alone
}

const ofPreflights = 3

// recall returns what was concluded of a request and response that are alike in all that matters,
// or concludes.
func (m *Monitor) recall(x *exchange, route *routeState, status int, out []*series) []*series {
	var buffer [maxMemoKey]byte
	key, ok := m.key(x, status, buffer[:0])
	if !ok {
		route.saw(x.inner.Header())
		return m.conclude(x, route, status, out)
	}
	h := maphash.Bytes(m.seed, key)
	at, other := &m.memo.slots[h%memoSlots], &m.memo.slots[h>>32%memoSlots]
	for _, slot := range [...]*atomic.Pointer[conclusion]{at, other} {
		if c := slot.Load(); c.is(key, route) {
			return append(out, c.series...)
		}
	}
	route.saw(x.inner.Header())
	c := &conclusion{key: string(key), route: route, generation: route.generation.Load()}
	out = m.conclude(x, route, status, out)
	c.series = append(c.series, out...)
	if at.Load() != nil && other.Load() == nil {
		at = other
	}
	at.Store(c)
	return out
}

// key appends all that a conclusion depends on, except the route, to b. ok is false for what is
// too long to be remembered, or depends on the URL as well.
func (m *Monitor) key(x *exchange, status int, b []byte) (key []byte, ok bool) {
	a, h := &x.request, x.inner.Header()
	if location := h["Location"]; len(location) > 0 && headers.IsRedirectStatus(status) {
		return nil, false
	}
	flags := byte(a.credentials)
	for i, is := range [...]bool{a.preflight, a.hasRequested, a.modeUnsure, a.revalidates} {
		if is {
			flags |= 4 << i
		}
	}
	b = append(b, flags, byte(status), byte(status>>8))
	b = appendText(b, a.origin)
	b = appendText(b, a.method)
	b = appendText(b, a.requested)
	var found [len(decisive)][]string
	// The other names, in whatever order a map has them: some may not be exposed, and some tell
	// what answered.
	others := uint64(0)
	for name, values := range h {
		switch i, spelled := decides(name); {
		case i < 0:
			others += maphash.String(m.seed, name)
		case !spelled:
			return nil, false // a handler wrote into the map
		default:
			found[i] = values
		}
	}
	b = binary.LittleEndian.AppendUint64(b, others)
	for i, values := range found {
		if i == len(found)-ofPreflights && !a.preflight {
			break
		}
		b = append(b, byte(min(len(values), 255)))
		for _, value := range values {
			if b = appendText(b, value); len(b) > maxMemoKey {
				return nil, false
			}
		}
	}
	return b, len(b) <= maxMemoKey
}

// decides returns the index of a name in decisive, -1 where it has none. spelled is false where it
// is not spelled as [http.Header.Set] spells it.
func decides(name string) (i int, spelled bool) {
	for i, d := range decisive {
		if len(d) == len(name) && (d == name || headers.EqualFold(d, name)) {
			return i, d == name
		}
	}
	return -1, false
}

// appendText appends a text so that its end is known.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
