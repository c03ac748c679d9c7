package preflightcache

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	start = time.Unix(1_700_000_000, 0)
	key   = Key{"https://app.example", "https://app.example", "https://api.example/"}
)

// list returns the members of a list that is written with spaces.
func list(members string) iter.Seq[string] { return slices.Values(strings.Fields(members)) }

// numbered returns a key of its own for each i.
func numbered(i int) Key {
	return Key{"https://app.example", "https://app.example", fmt.Sprintf("https://api.example/v1/items/%d", i)}
}

const (
	include = true
	omit    = false
)

func TestMatch(t *testing.T) {
	other := func(change func(k *Key)) Key { k := key; change(&k); return k }
	for _, test := range []struct {
		name                    string
		key                     Key
		stored, asked           bool // with credentials
		methods, names          string
		wantMethods, wantNames  string // that match
		otherMethods, otherName string // that do not
	}{
		{
			name: "methods byte for byte, names in any case", key: key, methods: "PUT patch", names: "X-A x-b",
			wantMethods: "PUT patch", otherMethods: "put PATCH DELETE *", wantNames: "x-a X-A X-B", otherName: "x-c x-ab *",
		},
		{name: "with credentials for one without", key: key, stored: include, methods: "PUT", names: "x-a", wantMethods: "PUT", wantNames: "x-a"},
		{name: "with credentials for one with", key: key, stored: include, asked: include, methods: "PUT", names: "x-a", wantMethods: "PUT", wantNames: "x-a"},
		{name: "without credentials for one with", key: key, asked: include, methods: "PUT *", names: "x-a *", otherMethods: "PUT", otherName: "x-a"},
		{
			name: "wildcards", key: key, methods: "*", names: "*",
			wantMethods: "PUT * anything", wantNames: "x-a * anything", otherName: "authorization Authorization",
		},
		{
			name: "wildcards with credentials", key: key, stored: include, asked: include, methods: "*", names: "*",
			wantMethods: "PUT", wantNames: "x-a", otherName: "authorization",
		},
		{name: "a wildcard and Authorization", key: key, names: "* AUTHORIZATION", wantNames: "x-a authorization", otherMethods: "PUT *"},
		{name: "another partition", key: other(func(k *Key) { k.Partition = "https://b.example" }), methods: "*", names: "*", otherMethods: "PUT", otherName: "x-a"},
		{name: "another origin", key: other(func(k *Key) { k.Origin = "null" }), methods: "*", names: "*", otherMethods: "PUT", otherName: "x-a"},
		{name: "another URL", key: other(func(k *Key) { k.URL += "?" }), methods: "*", names: "*", otherMethods: "PUT", otherName: "x-a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{})
			c.Store(start, test.key, test.stored, time.Minute, list(test.methods), list(test.names))
			match := func(members string, want bool, is func(time.Time, Key, bool, string) bool) {
				for member := range list(members) {
					if got := is(start, key, test.asked, member); got != want {
						t.Errorf("%s matches: %v", member, got)
					}
				}
			}
			match(test.wantMethods, true, c.MatchMethod)
			match(test.otherMethods, false, c.MatchMethod)
			match(test.wantNames, true, c.MatchHeaderName)
			match(test.otherName, false, c.MatchHeaderName)
		})
	}
}

// until returns how long from start a method matches, in seconds.
func until(c *Cache, k Key, includeCredentials bool, method string) int {
	for s := range 1000 {
		if !c.MatchMethod(start.Add(time.Duration(s)*time.Second), k, includeCredentials, method) {
			return s
		}
	}
	return -1
}

func TestMaxAge(t *testing.T) {
	c := New(Options{})
	c.Store(start, key, omit, 10*time.Second, list("PUT"), list("x-a"))
	for _, at := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {10*time.Second - 1, true}, {10 * time.Second, false}, {time.Hour, false}} {
		if got := c.MatchMethod(start.Add(at.after), key, omit, "PUT"); got != at.want {
			t.Errorf("after %v the method matches: %v", at.after, got)
		}
		if got := c.MatchHeaderName(start.Add(at.after), key, omit, "x-a"); got != at.want {
			t.Errorf("after %v the name matches: %v", at.after, got)
		}
	}
	c.Store(start, numbered(1), omit, 0, list("PUT"), list("x-a"))
	if c.MatchMethod(start, numbered(1), omit, "PUT") || c.Len() != 2 {
		t.Errorf("a max-age of 0 is remembered: %d entries", c.Len())
	}
}

func TestStoreUpdates(t *testing.T) {
	second := func(n int) time.Duration { return time.Duration(n) * time.Second }
	type store struct {
		at, maxAge  int
		credentials bool
		methods     string
	}
	type match struct {
		method      string
		credentials bool
		until       int
	}
	for _, test := range []struct {
		name   string
		stores []store
		want   []match
		len    int
	}{
		{"longer", []store{{0, 10, omit, "PUT"}, {5, 10, omit, "PUT"}}, []match{{"PUT", omit, 15}}, 1},
		{"shorter", []store{{0, 100, omit, "PUT"}, {5, 10, omit, "PUT"}}, []match{{"PUT", omit, 15}}, 1},
		{"to nothing", []store{{0, 100, omit, "PUT DELETE"}, {0, 0, omit, "PUT"}}, []match{{"PUT", omit, 0}, {"DELETE", omit, 100}}, 2},
		{"not mentioned", []store{{0, 10, omit, "PUT"}, {5, 50, omit, "DELETE"}}, []match{{"PUT", omit, 10}, {"DELETE", omit, 55}}, 2},
		{
			"a method that a wildcard matches gives that its max-age, and makes no entry",
			[]store{{0, 100, omit, "*"}, {5, 10, omit, "PUT"}}, []match{{"PUT", omit, 15}, {"DELETE", omit, 15}}, 1,
		},
		{
			"a wildcard matches only a wildcard",
			[]store{{0, 10, omit, "PUT"}, {5, 50, omit, "*"}}, []match{{"*", omit, 55}, {"PUT", omit, 55}, {"DELETE", omit, 55}}, 2,
		},
		{
			"with credentials, an entry without does not match: there are two",
			[]store{{0, 10, omit, "PUT"}, {0, 20, include, "PUT"}}, []match{{"PUT", omit, 20}, {"PUT", include, 20}}, 1,
		},
		{
			"without credentials, an entry with matches and is updated",
			[]store{{0, 10, include, "PUT"}, {0, 20, omit, "PUT"}}, []match{{"PUT", include, 20}, {"PUT", omit, 20}}, 1,
		},
		{
			"both match a request without credentials, and both are updated",
			[]store{{0, 10, omit, "PUT"}, {0, 20, include, "PUT"}, {0, 30, omit, "PUT"}}, []match{{"PUT", include, 30}, {"PUT", omit, 30}}, 1,
		},
		{
			"what has expired matches nothing any more",
			[]store{{0, 10, include, "PUT"}, {10, 10, omit, "PUT"}}, []match{{"PUT", include, 0}, {"PUT", omit, 20}}, 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{})
			for _, s := range test.stores {
				c.Store(start.Add(second(s.at)), key, s.credentials, second(s.maxAge), list(s.methods), list(""))
			}
			for _, m := range test.want {
				if got := until(c, key, m.credentials, m.method); got != m.until {
					t.Errorf("%s, credentials %v, matches for %d s, want %d", m.method, m.credentials, got, m.until)
				}
			}
			if c.Len() != test.len {
				t.Errorf("%d entries, want %d", c.Len(), test.len)
			}
		})
	}
}

// A header name that is not covered by a wildcard does not update it either.
func TestAuthorizationLeavesWildcardAlone(t *testing.T) {
	c := New(Options{})
	c.Store(start, key, omit, time.Minute, list(""), list("*"))
	c.Store(start, key, omit, time.Hour, list(""), list("Authorization"))
	later := start.Add(30 * time.Minute)
	if c.MatchHeaderName(later, key, omit, "x-a") || !c.MatchHeaderName(later, key, omit, "authorization") {
		t.Error("Authorization gave the wildcard its max-age, or got none of its own")
	}
}

func TestClearAndReset(t *testing.T) {
	c := New(Options{})
	for i := range 3 {
		c.Store(start, numbered(i), omit, time.Minute, list("PUT"), list("x-a"))
		c.Store(start, numbered(i), include, time.Minute, list("PUT"), list("x-a"))
	}
	c.Clear(numbered(1))
	c.Clear(key) // which has none
	for i := range 3 {
		for _, credentials := range []bool{omit, include} {
			if got := c.MatchMethod(start, numbered(i), credentials, "PUT"); got != (i != 1) {
				t.Errorf("after Clear, key %d matches: %v", i, got)
			}
		}
	}
	if c.Len() != 4 {
		t.Errorf("after Clear there are %d entries", c.Len())
	}
	c.Reset()
	if c.Len() != 0 || c.MatchMethod(start, numbered(0), omit, "PUT") {
		t.Errorf("after Reset there are %d entries", c.Len())
	}
	c.Store(start, key, omit, time.Minute, list("PUT"), list(""))
	if !c.MatchMethod(start, key, omit, "PUT") || c.Len() != 1 {
		t.Error("after Reset nothing is stored")
	}
}

// matching returns the numbers below n of the keys that have an entry for PUT.
func matching(c *Cache, n int) (numbers []int) {
	for i := range n {
		c.mu.Lock() // looked at without use
		_, ok := c.keys[numbered(i)]
		c.mu.Unlock()
		if ok {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	store := func(c *Cache, i int) {
		c.Store(start, numbered(i), omit, time.Minute, list("PUT"), list(""))
	}
	for _, test := range []struct {
		name string
		use  func(c *Cache)
		want []int
	}{
		{"stored first", func(*Cache) {}, []int{1, 2, 3}},
		{"matched", func(c *Cache) { c.MatchMethod(start, numbered(0), omit, "PUT") }, []int{0, 2, 3}},
		{"asked for a method", func(c *Cache) { c.MatchMethod(start, numbered(0), omit, "DELETE") }, []int{0, 2, 3}},
		{"asked for a header name", func(c *Cache) { c.MatchHeaderName(start, numbered(0), omit, "x-a") }, []int{0, 2, 3}},
		{"stored again", func(c *Cache) { store(c, 0) }, []int{0, 2, 3}},
		{"all but the last", func(c *Cache) {
			c.MatchMethod(start, numbered(1), omit, "PUT")
			c.MatchMethod(start, numbered(0), omit, "PUT")
		}, []int{0, 1, 3}},
		{"removed in the middle", func(c *Cache) { c.Clear(numbered(1)) }, []int{0, 2, 3}},
	} {
		c := New(Options{MaxEntries: 3})
		for i := range 3 {
			store(c, i)
		}
		test.use(c)
		store(c, 3)
		if got := matching(c, 4); !slices.Equal(got, test.want) || c.Len() != 3 {
			t.Errorf("%s: keys %d are left, want %d; %d entries", test.name, got, test.want, c.Len())
		}
	}
}

func TestBounds(t *testing.T) {
	t.Run("defaults", func(t *testing.T) {
		c := New(Options{MaxEntries: -1, MaxKeyLength: -1})
		for i := range DefaultMaxEntries/2 + 10 {
			c.Store(start, numbered(i), omit, time.Minute, list("PUT"), list("x-a"))
		}
		if c.Len() != DefaultMaxEntries {
			t.Errorf("%d entries, want %d", c.Len(), DefaultMaxEntries)
		}
	})
	t.Run("a key with more than all others", func(t *testing.T) {
		c := New(Options{MaxEntries: 20})
		for i := range 5 {
			c.Store(start, numbered(i), omit, time.Minute, list("PUT"), list(""))
		}
		var methods []string
		for i := range 30 {
			methods = append(methods, fmt.Sprintf("M%d", i))
		}
		c.Store(start, key, omit, time.Minute, slices.Values(methods), list("x-a"))
		for i, method := range methods {
			if got := c.MatchMethod(start, key, omit, method); got != (i < 20) {
				t.Errorf("method %d matches: %v", i, got)
			}
		}
		if c.Len() != 20 || len(c.keys) != 1 {
			t.Errorf("%d entries of %d keys", c.Len(), len(c.keys))
		}
		c.Store(start, numbered(0), omit, time.Minute, list("PUT"), list(""))
		if c.Len() != 1 || !c.MatchMethod(start, numbered(0), omit, "PUT") {
			t.Errorf("%d entries after another key", c.Len())
		}
	})
	t.Run("what has expired makes room for its own key", func(t *testing.T) {
		c := New(Options{MaxEntries: 40})
		for i := range 10 {
			var methods []string
			for j := range 40 {
				methods = append(methods, fmt.Sprintf("M%d-%d", i, j))
			}
			now := start.Add(time.Duration(i) * time.Minute)
			c.Store(now, key, omit, time.Minute, slices.Values(methods), list(""))
			for _, method := range methods {
				if !c.MatchMethod(now, key, omit, method) {
					t.Errorf("%s does not match", method)
				}
			}
		}
		if c.Len() != 40 {
			t.Errorf("%d entries", c.Len())
		}
	})
	t.Run("key length", func(t *testing.T) {
		c := New(Options{MaxKeyLength: 10})
		for _, test := range []struct {
			key  Key
			want bool
		}{{Key{"a", "bbbb", "ccccc"}, true}, {Key{"a", "bbbb", "cccccc"}, false}, {Key{"aaaaaaaaaaa", "", ""}, false}} {
			c.Store(start, test.key, omit, time.Minute, list("PUT"), list(""))
			if got := c.MatchMethod(start, test.key, omit, "PUT"); got != test.want {
				t.Errorf("%v is stored: %v", test.key, got)
			}
		}
	})
	t.Run("token length", func(t *testing.T) {
		c := New(Options{MaxKeyLength: 10})
		c.Store(start, Key{"a", "b", "c"}, omit, time.Minute, list("ABCDEFGHIJ ABCDEFGHIJK PUT"), list("abcdefghijk x-a"))
		for method, want := range map[string]bool{"ABCDEFGHIJ": true, "ABCDEFGHIJK": false, "PUT": true} {
			if got := c.MatchMethod(start, Key{"a", "b", "c"}, omit, method); got != want {
				t.Errorf("%s is stored: %v", method, got)
			}
		}
		if c.Len() != 3 {
			t.Errorf("%d entries", c.Len())
		}
	})
	t.Run("nothing granted", func(t *testing.T) {
		c := New(Options{})
		c.Store(start, key, omit, time.Minute, list(""), list(""))
		if c.Len() != 0 || len(c.keys) != 0 {
			t.Errorf("%d entries of %d keys", c.Len(), len(c.keys))
		}
	})
}

// TestRules has a case for each field: what the standard and the rule make of the
// same requests.
func TestRules(t *testing.T) {
	put := func(credentials bool) func(*Cache) bool {
		return func(c *Cache) bool { return c.MatchMethod(start, key, credentials, "PUT") }
	}
	name := func(credentials bool, name string) func(*Cache) bool {
		return func(c *Cache) bool { return c.MatchHeaderName(start, key, credentials, name) }
	}
	store := func(credentials bool, methods, names string) func(*Cache) {
		return func(c *Cache) { c.Store(start, key, credentials, time.Minute, list(methods), list(names)) }
	}
	for _, test := range []struct {
		name           string
		rules          Rules
		stores         []func(*Cache)
		match          func(*Cache) bool
		standard, rule bool
	}{
		{"OnePerKey", Rules{OnePerKey: true}, []func(*Cache){store(omit, "PUT", ""), store(omit, "DELETE", "")}, put(omit), true, false},
		{"OnePerKey, the latest", Rules{OnePerKey: true}, []func(*Cache){store(omit, "DELETE", ""), store(omit, "PUT", "")}, put(omit), true, true},
		{"OnePerKey, credentials too", Rules{OnePerKey: true}, []func(*Cache){store(include, "PUT", ""), store(omit, "PUT", "")}, put(include), true, false},
		{"SeparateCredentials", Rules{SeparateCredentials: true}, []func(*Cache){store(include, "PUT", "")}, put(omit), true, false},
		{"SeparateCredentials, with", Rules{SeparateCredentials: true}, []func(*Cache){store(include, "PUT", "")}, put(include), true, true},
		{"SeparateCredentials, both", Rules{SeparateCredentials: true}, []func(*Cache){store(include, "PUT", ""), store(omit, "PUT", "")}, put(omit), true, true},
		{"WildcardWithoutCredentials", Rules{WildcardWithoutCredentials: true}, []func(*Cache){store(include, "*", "")}, put(include), true, false},
		{"WildcardWithoutCredentials, name", Rules{WildcardWithoutCredentials: true}, []func(*Cache){store(include, "", "*")}, name(include, "x-a"), true, false},
		{"WildcardWithoutCredentials, without", Rules{WildcardWithoutCredentials: true}, []func(*Cache){store(include, "*", "")}, put(omit), true, true},
		{"WildcardNotStored", Rules{WildcardNotStored: true}, []func(*Cache){store(omit, "*", "")}, put(omit), true, false},
		{"WildcardNotStored, name", Rules{WildcardNotStored: true}, []func(*Cache){store(omit, "", "*")}, name(omit, "x-a"), true, false},
		{"WildcardNotStored, what is beside it", Rules{WildcardNotStored: true}, []func(*Cache){store(omit, "*", ""), store(omit, "PUT", "")}, put(omit), true, true},
		{"WildcardCoversAuthorization", Rules{WildcardCoversAuthorization: true}, []func(*Cache){store(omit, "", "*")}, name(omit, "Authorization"), false, true},
	} {
		for _, by := range []struct {
			name  string
			rules Rules
			want  bool
		}{{"the standard", Rules{}, test.standard}, {"the rule", test.rules, test.rule}} {
			c := New(Options{Rules: by.rules})
			for _, store := range test.stores {
				store(c)
			}
			if got := test.match(c); got != by.want {
				t.Errorf("%s: by %s there is a match: %v", test.name, by.name, got)
			}
		}
	}
}

// With OnePerKey, a preflight that grants nothing, or for no time, leaves nothing.
func TestOnePerKeyRemoves(t *testing.T) {
	c := New(Options{Rules: Rules{OnePerKey: true}})
	c.Store(start, key, omit, time.Minute, list("PUT"), list("x-a"))
	c.Store(start, key, omit, 0, list("PUT"), list("x-a"))
	if c.Len() != 0 || len(c.keys) != 0 {
		t.Errorf("%d entries of %d keys", c.Len(), len(c.keys))
	}
}

// TestConcurrentUse is for the race detector; it also holds that nothing of one
// goroutine's is lost to another where there is room.
func TestConcurrentUse(t *testing.T) {
	const goroutines, rounds = 8, 200
	roomy, tight := New(Options{}), New(Options{MaxEntries: 10})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				mine := numbered(g*rounds + i)
				for _, c := range []*Cache{roomy, tight} {
					c.Store(start, mine, i%2 == 0, time.Minute, list("PUT"), list("x-a"))
					c.Store(start, key, i%2 == 0, time.Minute, list("PUT"), list("x-a"))
					c.MatchHeaderName(start, key, omit, "x-a")
				}
				if !roomy.MatchMethod(start, mine, omit, "PUT") {
					t.Errorf("key %v is lost", mine)
				}
				if n := tight.Len(); n > 10 {
					t.Errorf("%d entries", n)
				}
				switch i % 50 {
				case 10:
					roomy.Clear(mine)
				case 20:
					tight.Reset()
				}
			}
		})
	}
	wg.Wait()
	if want := 2*goroutines*(rounds-rounds/50) + 2; roomy.Len() != want {
		t.Errorf("%d entries, want %d", roomy.Len(), want)
	}
}

func TestRemembers(t *testing.T) {
	c := New(Options{Rules: Rules{SeparateCredentials: true}})
	if c.remembers(start, key, false) {
		t.Error("an empty cache remembers something")
	}
	c.Store(start, key, false, 10*time.Second, list(""), list("x-a"))
	for _, test := range []struct {
		after              time.Duration
		includeCredentials bool
		want               bool
	}{{0, false, true}, {9 * time.Second, false, true}, {10 * time.Second, false, false}, {0, true, false}} {
		if got := c.remembers(start.Add(test.after), key, test.includeCredentials); got != test.want {
			t.Errorf("after %v, with credentials %v: %v", test.after, test.includeCredentials, got)
		}
	}
	if other := (Key{Partition: key.Partition, Origin: key.Origin, URL: key.URL + "?"}); c.remembers(start, other, false) {
		t.Error("another URL's entry counts")
	}
}
