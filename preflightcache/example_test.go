package preflightcache_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/preflightcache"
)

// A preflight allowed PUT for ten minutes: so long, a PUT without further headers needs no other.
func ExampleCache_Permits() {
	cache := preflightcache.New(preflightcache.Options{Rules: browser.Firefox().PreflightCache()})
	key := preflightcache.Key{Partition: "https://app.example", Origin: "https://app.example", URL: "https://api.example/things/1"}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

	put := &preflightcache.Query{Method: "PUT"}
	fmt.Println("at first:", cache.Permits(now, key, put))
	cache.Remember(now, key, put, false, 600, slices.Values([]string{"PUT"}), slices.Values([]string{}))
	fmt.Println("after the preflight:", cache.Permits(now.Add(9*time.Minute), key, put))
	fmt.Println("with a header:", cache.Permits(now, key, &preflightcache.Query{Method: "PUT", UnsafeNames: []string{"x-trace"}}))
	fmt.Println("when it has expired:", cache.Permits(now.Add(11*time.Minute), key, put))
	// Output:
	// at first: false
	// after the preflight: true
	// with a header: false
	// when it has expired: false
}
