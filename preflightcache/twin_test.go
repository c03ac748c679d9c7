package preflightcache

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A twin is the CORS-preflight cache as the standard describes it: a list of
// entries, of which each is gone through, step by step.
//
// https://fetch.spec.whatwg.org/#cors-preflight-cache
type twin struct{ entries []*twinEntry }

// A twinEntry is a cache entry. That method or header name is null is "" here.
type twinEntry struct {
	key                Key
	stored             time.Time
	maxAge             time.Duration
	credentials        bool
	method, headerName string
}

// removeExpired: "Cache entries must be removed after the seconds specified in
// their max-age field have passed since storing the entry."
func (c *twin) removeExpired(now time.Time) {
	c.entries = slices.DeleteFunc(c.entries, func(e *twinEntry) bool { return now.Sub(e.stored) >= e.maxAge })
}

// https://fetch.spec.whatwg.org/#concept-cache-match
func (e *twinEntry) match(key Key, includeCredentials bool) bool {
	return e.key == key && (e.credentials || !e.credentials && !includeCredentials)
}

// https://fetch.spec.whatwg.org/#concept-cache-match-method
func (c *twin) methodMatches(now time.Time, key Key, includeCredentials bool, method string) (matching []*twinEntry) {
	c.removeExpired(now)
	for _, e := range c.entries {
		if e.match(key, includeCredentials) && (e.method == method || e.method == "*") {
			matching = append(matching, e)
		}
	}
	return matching
}

// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (c *twin) headerNameMatches(now time.Time, key Key, includeCredentials bool, name string) (matching []*twinEntry) {
	c.removeExpired(now)
	for _, e := range c.entries {
		if e.match(key, includeCredentials) && (e.headerName != "" && strings.EqualFold(e.headerName, name) ||
			e.headerName == "*" && !strings.EqualFold(name, "Authorization")) {
			matching = append(matching, e)
		}
	}
	return matching
}

// store is steps 7.12 to 7.15 of https://fetch.spec.whatwg.org/#cors-preflight-fetch-0.
// To set an entry's max-age is to store it anew: seconds that passed before the
// response came cannot count against what it permits.
func (c *twin) store(now time.Time, key Key, includeCredentials bool, maxAge time.Duration, methods, headerNames []string) {
	for _, method := range methods {
		for _, e := range c.methodMatches(now, key, includeCredentials, method) {
			e.stored, e.maxAge = now, maxAge
		}
	}
	for _, method := range methods {
		if len(c.methodMatches(now, key, includeCredentials, method)) == 0 {
			c.entries = append(c.entries, &twinEntry{key, now, maxAge, includeCredentials, method, ""})
		}
	}
	for _, name := range headerNames {
		for _, e := range c.headerNameMatches(now, key, includeCredentials, name) {
			e.stored, e.maxAge = now, maxAge
		}
	}
	for _, name := range headerNames {
		if len(c.headerNameMatches(now, key, includeCredentials, name)) == 0 {
			c.entries = append(c.entries, &twinEntry{key, now, maxAge, includeCredentials, "", name})
		}
	}
}

// https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *twin) clear(key Key) {
	c.entries = slices.DeleteFunc(c.entries, func(e *twinEntry) bool { return e.key == key })
}

var (
	twinKeys    = []Key{numbered(0), numbered(1), {"https://b.example", "https://app.example", numbered(0).URL}, {"https://app.example", "null", numbered(0).URL}}
	twinMethods = []string{"PUT", "*", "put", "DELETE", "PATCH"}
	twinNames   = []string{"x-a", "*", "X-A", "authorization", "Authorization", "x-b", "x-ab"}
)

// everything is a cache that forgets nothing and never shortens a max-age: all that
// preflights have permitted since the key was last cleared.
type everything struct{ twin }

func (c *everything) store(now time.Time, key Key, includeCredentials bool, maxAge time.Duration, methods, headerNames []string) {
	lengthen := func(e *twinEntry) {
		if now.Add(maxAge).After(e.stored.Add(e.maxAge)) {
			e.stored, e.maxAge = now, maxAge
		}
	}
	permit := func(matches []*twinEntry, method, headerName string) {
		own := -1
		for i, e := range c.entries {
			if slices.Contains(matches, e) {
				lengthen(e)
			}
			if e.key == key && e.credentials == includeCredentials && e.method == method && e.headerName == headerName {
				own = i
			}
		}
		if own < 0 {
			c.entries = append(c.entries, &twinEntry{key, now, maxAge, includeCredentials, method, headerName})
		} else {
			lengthen(c.entries[own])
		}
	}
	for _, method := range methods {
		permit(c.methodMatches(now, key, includeCredentials, method), method, "")
	}
	for _, name := range headerNames {
		permit(c.headerNameMatches(now, key, includeCredentials, name), "", name)
	}
}

// FuzzCache does what a fuzzer's bytes say to a cache and to its twin, and
// compares all that can be asked after each step. A cache with little room may
// forget, but has no more than fits, and nothing that no preflight has permitted.
// (It may have what the twin has not: where "*" was forgotten, a method gets an
// entry of its own, which a later preflight that shortens the "*" leaves alone.)
func FuzzCache(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		data := make([]byte, 160)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		below := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return int(b) % n
		}
		some := func(of []string) (chosen []string) {
			for range below(4) {
				chosen = append(chosen, of[below(len(of))])
			}
			if below(16) == 1 { // beyond what is searched without an index
				for c := range 'Z' - 'A' + 1 {
					chosen = append(chosen, "Y"+string('A'+c))
				}
			}
			return chosen
		}
		const room = 4
		c, tight, want, permitted := New(Options{}), New(Options{MaxEntries: room}), &twin{}, &everything{}
		now := start
		for range 100 {
			if len(data) == 0 {
				break
			}
			now = now.Add(time.Duration(below(4)) * time.Second)
			switch key := twinKeys[below(len(twinKeys))]; below(8) {
			default:
				credentials, maxAge := below(2) == 1, time.Duration(below(8))*time.Second
				methods, names := some(twinMethods), some(twinNames)
				want.store(now, key, credentials, maxAge, methods, names)
				permitted.store(now, key, credentials, maxAge, methods, names)
				c.Store(now, key, credentials, maxAge, slices.Values(methods), slices.Values(names))
				tight.Store(now, key, credentials, maxAge, slices.Values(methods), slices.Values(names))
			case 6:
				want.clear(key)
				permitted.clear(key)
				c.Clear(key)
				tight.Clear(key)
			case 7: // time passes
				now = now.Add(time.Duration(below(8)) * time.Second)
			}
			if n := tight.Len(); n > room {
				t.Fatalf("%d entries, more than %d", n, room)
			}
			for _, key := range twinKeys {
				for _, credentials := range []bool{false, true} {
					for _, method := range append(twinMethods, "YZ") {
						want := len(want.methodMatches(now, key, credentials, method)) > 0
						if got := c.MatchMethod(now, key, credentials, method); got != want {
							t.Fatalf("%v, credentials %v: method %s matches: %v; step by step %v", key, credentials, method, got, want)
						}
						if tight.MatchMethod(now, key, credentials, method) && len(permitted.methodMatches(now, key, credentials, method)) == 0 {
							t.Fatalf("%v, credentials %v: with little room, method %s matches", key, credentials, method)
						}
					}
					for _, name := range append(twinNames, "yz") {
						want := len(want.headerNameMatches(now, key, credentials, name)) > 0
						if got := c.MatchHeaderName(now, key, credentials, name); got != want {
							t.Fatalf("%v, credentials %v: header name %s matches: %v; step by step %v", key, credentials, name, got, want)
						}
						if tight.MatchHeaderName(now, key, credentials, name) && len(permitted.headerNameMatches(now, key, credentials, name)) == 0 {
							t.Fatalf("%v, credentials %v: with little room, header name %s matches", key, credentials, name)
						}
					}
				}
			}
			testInvariants(t, c)
			testInvariants(t, tight)
		}
	})
}

// testInvariants holds that the count, the ring and the indexes are true.
func testInvariants(t *testing.T, c *Cache) {
	t.Helper()
	entries, keys := 0, 0
	for p := c.used.next; p != &c.used; p = p.next {
		if c.keys[p.key] != p || p.next.prev != p {
			t.Fatalf("%v is not linked as it should be", p.key)
		}
		keys++
		for _, tokens := range []*tokens{&p.methods, &p.names} {
			entries += len(tokens.list)
			for i := range tokens.list {
				if tokens.find(tokens.list[i].token) != &tokens.list[i] {
					t.Fatalf("%s is not found", tokens.list[i].token)
				}
			}
		}
	}
	if entries != c.entries || keys != len(c.keys) {
		t.Fatalf("%d entries of %d keys, counted as %d of %d", entries, keys, c.entries, len(c.keys))
	}
}
