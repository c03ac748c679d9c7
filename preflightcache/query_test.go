package preflightcache

import (
	"math"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/quirks"
)

func TestPermits(t *testing.T) {
	put := Query{Method: "PUT", UnsafeNames: []string{"x-a"}}
	changed := func(change func(q *Query)) Query { q := put; change(&q); return q }
	get := changed(func(q *Query) { q.Method = "GET" })
	for _, test := range []struct {
		name           string
		rules          Rules
		methods, names string // that are remembered, without credentials
		query          Query
		want           bool
	}{
		{"all that it needs", Rules{}, "PUT", "x-a", put, true},
		{"not its method", Rules{}, "PATCH", "x-a", put, false},
		{"not its header", Rules{}, "PUT", "x-b", put, false},
		{"one of two headers", Rules{}, "PUT", "x-a", changed(func(q *Query) { q.UnsafeNames = []string{"x-a", "x-b"} }), false},
		{"with credentials", Rules{}, "PUT", "x-a", changed(func(q *Query) { q.IncludeCredentials = true }), false},
		{"a safelisted method", Rules{}, "", "x-a", get, true},
		{"nothing", Rules{}, "", "", get, false},

		{"an upload listener", Rules{}, "GET", "", Query{Method: "GET", UseCORSPreflight: true}, true},
		{"an upload listener, another method", Rules{}, "PUT", "", Query{Method: "GET", UseCORSPreflight: true}, false},
		{"an upload listener, where any entry will do", Rules{SafelistedMethodNeedsNoEntry: true}, "PUT", "", Query{Method: "GET", UseCORSPreflight: true}, true},
		{"an upload listener, where any entry will do and there is none", Rules{SafelistedMethodNeedsNoEntry: true}, "", "", Query{Method: "GET", UseCORSPreflight: true}, false},
		{"HEAD", Rules{}, "", "x-a", changed(func(q *Query) { q.Method = "HEAD" }), true},
		{"HEAD, where it needs an entry", Rules{HEADNeedsEntry: true}, "GET", "x-a", changed(func(q *Query) { q.Method = "HEAD" }), false},
		{"HEAD, where it has one", Rules{HEADNeedsEntry: true}, "HEAD", "x-a", changed(func(q *Query) { q.Method = "HEAD" }), true},

		{"not needed", Rules{}, "PUT", "x-a", changed(func(q *Query) { q.Unneeded = true }), false},
		{"not needed, where it is looked up", Rules{UnneededIsLookedUp: true}, "DELETE", "x-a", changed(func(q *Query) { q.Unneeded = true }), true},
		{"not needed, looked up, not its header", Rules{UnneededIsLookedUp: true}, "PUT", "x-b", changed(func(q *Query) { q.Unneeded = true }), false},

		{"a cache mode that goes past", Rules{BypassModes: []string{"reload"}}, "PUT", "x-a", changed(func(q *Query) { q.CacheMode = "reload" }), false},
		{"one that does not", Rules{BypassModes: []string{"reload"}}, "PUT", "x-a", changed(func(q *Query) { q.CacheMode = "no-cache" }), true},
		{"conditional", Rules{BypassModes: []string{"no-store"}}, "PUT", "x-a", changed(func(q *Query) { q.Conditional = true }), true},
		{"conditional, where that goes past", Rules{BypassModes: []string{"no-store"}, ConditionalBypasses: quirks.ConditionalAll}, "PUT", "x-a", changed(func(q *Query) { q.Conditional, q.CacheMode = true, "default" }), false},
		{"conditional in force-cache", Rules{BypassModes: []string{"no-store"}, ConditionalBypasses: quirks.ConditionalAll}, "PUT", "x-a", changed(func(q *Query) { q.Conditional, q.CacheMode = true, "force-cache" }), true},
		{"a conditional PUT, where only GETs go past", Rules{BypassModes: []string{"no-store"}, ConditionalBypasses: quirks.ConditionalGET}, "PUT", "x-a", changed(func(q *Query) { q.Conditional = true }), true},
		{"a conditional GET there", Rules{BypassModes: []string{"no-store"}, ConditionalBypasses: quirks.ConditionalGET}, "GET", "x-a", changed(func(q *Query) { q.Conditional, q.Method = true, "GET" }), false},
		{"a conditional HEAD there", Rules{BypassModes: []string{"no-store"}, ConditionalBypasses: quirks.ConditionalGET}, "HEAD", "x-a", changed(func(q *Query) { q.Conditional, q.Method = true, "HEAD" }), false},

		{"tainted", Rules{}, "PUT", "x-a", changed(func(q *Query) { q.Tainted = true }), true},
		{"tainted, which is forgotten", Rules{NotStored: quirks.NotStoredTainted}, "PUT", "x-a", changed(func(q *Query) { q.Tainted = true }), false},
		{"opaque, where tainted is forgotten", Rules{NotStored: quirks.NotStoredTainted}, "PUT", "x-a", changed(func(q *Query) { q.Tainted, q.Opaque = true, true }), true},
		{"opaque, which is forgotten", Rules{NotStored: quirks.NotStoredOpaque}, "PUT", "x-a", changed(func(q *Query) { q.Opaque = true }), false},
		{"tainted, where opaque is forgotten", Rules{NotStored: quirks.NotStoredOpaque}, "PUT", "x-a", changed(func(q *Query) { q.Tainted = true }), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{Rules: test.rules})
			c.Store(start, key, omit, time.Minute, list(test.methods), list(test.names))
			if got := c.Permits(start, key, &test.query); got != test.want {
				t.Errorf("permits: %v", got)
			}
			if c.Permits(start.Add(time.Hour), key, &test.query) {
				t.Error("permits an hour later")
			}
		})
	}
}

func TestInsufficientEntryRemoved(t *testing.T) {
	for _, remove := range []bool{false, true} {
		c := New(Options{Rules: Rules{InsufficientEntryRemoved: remove, BypassModes: []string{"reload"}}})
		c.Store(start, key, omit, time.Minute, list("PUT"), list(""))
		c.Permits(start, key, &Query{Method: "DELETE", CacheMode: "reload"})
		if c.Len() != 1 {
			t.Error("removed by a request that goes past the cache")
		}
		c.Permits(start, key, &Query{Method: "DELETE"})
		if got := c.Len() == 0; got != remove {
			t.Errorf("removed: %v, want %v", got, remove)
		}
	}
}

func TestRemember(t *testing.T) {
	for _, test := range []struct {
		name    string
		rules   Rules
		query   Query
		refused bool
		want    int // entries
	}{
		{"what was granted", Rules{}, Query{}, false, 2},
		{"refused", Rules{}, Query{}, true, 0},
		{"refused, which is stored", Rules{RefusedIsStored: true}, Query{}, true, 2},
		{"no-store", Rules{}, Query{CacheMode: "no-store"}, false, 2},
		{"no-store, which is not stored", Rules{NoStoreIsNotStored: true}, Query{CacheMode: "no-store"}, false, 0},
		{"reload, where no-store is not stored", Rules{NoStoreIsNotStored: true}, Query{CacheMode: "reload"}, false, 2},
		{"an opaque origin, which is forgotten", Rules{NotStored: quirks.NotStoredOpaque}, Query{Opaque: true}, false, 0},
	} {
		c := New(Options{Rules: test.rules})
		c.Remember(start, key, &test.query, test.refused, 60, list("PUT"), list("x-a"))
		if c.Len() != test.want {
			t.Errorf("%s: %d entries, want %d", test.name, c.Len(), test.want)
		}
	}
	c := New(Options{})
	c.Remember(start, key, &Query{IncludeCredentials: true}, false, math.MaxInt64, list("PUT"), list(""))
	if !c.Permits(start.Add(100*365*24*time.Hour), key, &Query{Method: "PUT", IncludeCredentials: true}) {
		t.Error("the longest max-age does not last for a century")
	}
	c.Remember(start, key, &Query{}, false, 60, list("DELETE"), list(""))
	for _, test := range []struct {
		after time.Duration
		want  bool
	}{{time.Minute - 1, true}, {time.Minute, false}} {
		if got := c.Permits(start.Add(test.after), key, &Query{Method: "DELETE"}); got != test.want {
			t.Errorf("after %v: %v", test.after, got)
		}
	}
}

func TestFailed(t *testing.T) {
	for _, test := range []struct {
		by   quirks.Clearing
		want [3]bool // cleared by: another failure, that of a preflight, the redirect mode
	}{
		{quirks.ClearOnNetworkError, [3]bool{true, true, true}},
		{quirks.ClearOnPreflightFailure, [3]bool{false, true, false}},
		{quirks.ClearButOnRedirectMode, [3]bool{true, true, false}},
		{quirks.ClearNever, [3]bool{}},
	} {
		for failure, want := range test.want {
			c := New(Options{Rules: Rules{ClearedBy: test.by}})
			c.Store(start, key, omit, time.Minute, list("PUT"), list(""))
			c.Store(start, numbered(1), omit, time.Minute, list("PUT"), list(""))
			c.Failed(key, Failure(failure))
			if got := c.Len() == 1; got != want {
				t.Errorf("rule %d, failure %d: cleared %v, want %v", test.by, failure, got, want)
			}
		}
	}
}
