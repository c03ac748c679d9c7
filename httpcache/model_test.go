package httpcache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/headers"
)

// check holds the cache's two lists and its sums against each other.
func check(t testing.TB, c *Cache) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[*entry]bool{}
	bytes := int64(0)
	for e := c.lru.next; e != &c.lru; e = e.next {
		if e.next.prev != e || e.prev.next != e {
			t.Fatal("the ring is broken")
		}
		all[e] = true
		bytes += e.stored.size
	}
	if len(all) != c.count || bytes != c.bytes {
		t.Fatalf("count %d of %d, bytes %d of %d", c.count, len(all), c.bytes, bytes)
	}
	if c.count > c.options.MaxEntries || c.bytes > c.options.MaxBytes {
		t.Fatalf("%d entries, %d bytes are beyond the bounds", c.count, c.bytes)
	}
	for k, e := range c.heads {
		for ; e != nil; e = e.older {
			if !all[e] || e.stored.key != k {
				t.Fatalf("a response of %v is not in the ring or has another key", k)
			}
			delete(all, e)
		}
	}
	if len(all) != 0 {
		t.Fatalf("%d responses cannot be found", len(all))
	}
}

// model is what Cache does, in one slice, least recently used first.
type model struct {
	max     int
	entries []modelEntry
}

type modelEntry struct{ url, foo, body string }

func (m *model) index(url, foo string) int {
	return slices.IndexFunc(m.entries, func(e modelEntry) bool { return e.url == url && e.foo == foo })
}

func (m *model) use(url, foo string) string {
	i := m.index(url, foo)
	if i < 0 {
		return ""
	}
	e := m.entries[i]
	m.entries = append(slices.Delete(m.entries, i, i+1), e)
	return e.body
}

func (m *model) store(url, foo, body string, keep bool) {
	if i := m.index(url, foo); i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
	if keep {
		m.entries = append(m.entries, modelEntry{url, foo, body})
	}
	if len(m.entries) > m.max {
		m.entries = m.entries[1:]
	}
}

func (m *model) invalidate(url string) {
	m.entries = slices.DeleteFunc(m.entries, func(e modelEntry) bool { return e.url == url })
}

func TestAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		m := &model{max: 1 + random.IntN(12)}
		c := New(Options{MaxEntries: m.max})
		for step := range 500 {
			url := fmt.Sprintf("https://a.test/%d", random.IntN(5))
			foo := fmt.Sprint(random.IntN(4))
			r := &Request{URL: url, Method: "GET", Headers: headers.List{{Name: "Foo", Value: foo}}}
			switch body := fmt.Sprint(step); random.IntN(10) {
			case 0, 1, 2:
				c.Store(r, response(200, "Vary: Foo", body))
				m.store(url, foo, body, true)
			case 3:
				c.Store(r, response(200, "Cache-Control: no-store", body))
				m.store(url, foo, body, false)
			case 4:
				r.Method = "DELETE"
				c.Invalidate(r, nil)
				m.invalidate(url)
			case 5:
				if s, _, ok := c.Select(epoch, r); ok {
					c.Freshen(r, s, list("X: 1"), epoch, epoch)
				}
				m.use(url, foo)
			default:
				got := ""
				if s, _, ok := c.Select(epoch, r); ok {
					got = s.Body()
				}
				if want := m.use(url, foo); got != want {
					t.Fatalf("seed %d, step %d: got body %q, want %q", seed, step, got, want)
				}
			}
			check(t, c)
		}
	}
}

// FuzzCache holds for any header lists, read one header a line:
// nothing panics; what is stale stays stale; a later no-store, in whichever
// line, leaves nothing behind; what is selected is what was stored.
func FuzzCache(f *testing.F) {
	f.Add("Cache-Control: max-age=60, stale-while-revalidate=5\nVary: Foo", "Foo: 1", "ETag: \"e\"", uint16(200), uint16(3))
	f.Add("Expires: "+date(60)+"\nDate: "+date(1)+"\nAge: 3", "Cache-Control: max-stale=5, min-fresh=1", "", uint16(301), uint16(0))
	f.Add("Last-Modified: "+date(-1000)+"\nConnection: x", "Pragma: no-cache", "Cache-Control: no-store", uint16(404), uint16(1))
	f.Add("Cache-Control: max-age=\"1, max-stale\nPragma: x", "Cache-Control: max-stale\nRange: x", "Vary: *", uint16(500), uint16(2))
	f.Fuzz(func(t *testing.T, responseLines, requestLines, updateLines string, status, place uint16) {
		options := Options{Rules: Rules{
			IgnoreRequestPragma: status&1 != 0,
			IgnoreRequestLimits: status&2 != 0,
			ResponsePragma:      status&4 != 0,
			Variants:            quirks.Variants(status >> 3 & 3),
		}}
		c := New(options)
		r := get(requestLines)
		resp := response(int(status), responseLines, "body")
		stored := c.Store(r, resp)
		check(t, c)
		s, freshness, ok := c.Select(epoch, r)
		if ok != stored {
			t.Fatalf("stored %t, selected %t", stored, ok)
		}
		if !ok {
			return
		}
		if s.Status() != int(status) || s.Body() != "body" {
			t.Errorf("got %d %q", s.Status(), s.Body())
		}
		monotone := func(from time.Time) {
			t.Helper()
			last := Fresh
			for shift := range 33 {
				_, freshness, ok := c.Select(from.Add(time.Duration(1<<shift)*time.Second/4), r)
				if !ok {
					t.Fatal("gone by itself")
				}
				if freshness < last {
					t.Fatalf("%v after %v, 2^%d/4 s later", freshness, last, shift)
				}
				last = freshness
			}
		}
		if _, later, _ := c.Select(at(1), r); later < freshness {
			t.Errorf("%v, then %v", freshness, later)
		}
		monotone(epoch)

		c.Freshen(r, s, list(updateLines), at(10), at(11))
		check(t, c)
		if _, _, ok := c.Select(at(11), r); ok {
			monotone(at(11))
		}
		again := slices.Clone(resp.Headers)
		again = slices.Insert(again, int(place)%(len(again)+1), headers.Header{Name: "cache-control", Value: "No-Store"})
		if c.Store(r, &Response{Status: int(status), Headers: again, ResponseTime: at(12)}) {
			t.Error("stored in spite of no-store")
		}
		if _, _, ok := c.Select(at(12), r); ok {
			t.Error("something comes back after no-store")
		}
		c.Store(r, resp)
		c.Invalidate(&Request{Partition: r.Partition, URL: r.URL, Method: "PUT"}, list(updateLines))
		if c.Len() != 0 {
			t.Error("left after invalidation")
		}
	})
}
