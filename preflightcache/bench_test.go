package preflightcache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestLookUpsDoNotAllocate(t *testing.T) {
	for _, n := range []int{1, 1000} {
		spread, asked := spreadOverKeys(n), someOf(n)
		underOne := underOneKey(n)
		for _, test := range []struct {
			name string
			do   func()
		}{
			{"found, spread over keys", func() { sink = spread.MatchMethod(start, numberedKeys[asked[0]], omit, "PUT") }},
			{"not found, spread over keys", func() { sink = spread.MatchHeaderName(start, key, omit, "x-a") }},
			{"found, under one key", func() { sink = underOne.MatchHeaderName(start, key, omit, tokenNames[asked[0]]) }},
			{"not found, under one key", func() { sink = underOne.MatchMethod(start, key, omit, "PUT") }},
		} {
			if allocations := testing.AllocsPerRun(100, test.do); allocations != 0 {
				t.Errorf("%s, %d entries: %v allocations", test.name, n, allocations)
			}
		}
	}
}

var (
	sink         bool
	numberedKeys []Key    // as many as any benchmark needs
	tokenNames   []string // likewise
)

func grow(n int) {
	for i := len(numberedKeys); i < n; i++ {
		numberedKeys = append(numberedKeys, numbered(i))
		tokenNames = append(tokenNames, fmt.Sprintf("x-header-%d", i))
	}
}

func spreadOverKeys(n int) *Cache {
	grow(n)
	c := New(Options{MaxEntries: n})
	for i := range n {
		c.Store(start, numbered(i), omit, time.Hour, list("PUT"), list(""))
	}
	return c
}

func underOneKey(n int) *Cache {
	grow(n)
	c := New(Options{MaxEntries: n})
	c.Store(start, key, omit, time.Hour, list(""), slices.Values(tokenNames[:n]))
	return c
}

// someOf returns up to 100 different numbers below n, in no order.
func someOf(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n)[:min(n, 100)] }

// BenchmarkLookUp is one look-up that finds its entry, among so many. A page asks
// for the same few URLs over and over; so 100 of them take turns, scattered over
// all. What it costs must be the same within 3×, whatever the number of entries.
func BenchmarkLookUp(b *testing.B) {
	for _, n := range []int{1, 1000, 1_000_000} {
		asked := someOf(n)
		c := spreadOverKeys(n)
		b.Run(fmt.Sprintf("spread over keys, entries=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = c.MatchMethod(start, numberedKeys[asked[i%len(asked)]], omit, "PUT")
			}
		})
		c = underOneKey(n)
		b.Run(fmt.Sprintf("under one key, entries=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = c.MatchHeaderName(start, key, omit, tokenNames[asked[i%len(asked)]])
			}
		})
	}
}

// BenchmarkLookUpOfAll asks for each of a million keys before it asks for one again.
// That measures memory, which the processor's caches do not hold; so a map with
// the same keys is beside it, to tell the look-up's own share.
func BenchmarkLookUpOfAll(b *testing.B) {
	for _, n := range []int{1, 1000, 1_000_000} {
		order := rand.New(rand.NewPCG(1, 2)).Perm(n)
		c := spreadOverKeys(n)
		baseline := make(map[Key]*int, n)
		for i := range n {
			baseline[numbered(i)] = new(int)
		}
		b.Run(fmt.Sprintf("cache, entries=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = c.MatchMethod(start, numberedKeys[order[i%n]], omit, "PUT")
			}
		})
		b.Run(fmt.Sprintf("map, entries=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink = baseline[numberedKeys[order[i%n]]] != nil
			}
		})
	}
}

// BenchmarkStore is a preflight's response of 10 methods and 20 header names, of
// a URL that is known, of one that is new and pushes another out, and of what a
// hostile server can put into 256 KiB.
func BenchmarkStore(b *testing.B) {
	grow(100_000)
	usual := slices.Values(tokenNames[:10])
	usualNames := slices.Values(tokenNames[:20])
	known := New(Options{})
	full := New(Options{})
	for i := range DefaultMaxEntries {
		full.Store(start, numberedKeys[i], omit, time.Hour, list("PUT"), list(""))
	}
	hostile := slices.Values(tokenNames)
	for _, bench := range []struct {
		name string
		do   func(i int)
	}{
		{"known", func(i int) { known.Store(start, key, omit, time.Hour, usual, usualNames) }},
		{"new, pushes out", func(i int) {
			full.Store(start, numberedKeys[(DefaultMaxEntries+i)%len(numberedKeys)], omit, time.Hour, usual, usualNames)
		}},
		{"hostile, 100,000 names", func(i int) { known.Store(start, numberedKeys[i%2], omit, time.Hour, usual, hostile) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				bench.do(i)
			}
		})
	}
}
