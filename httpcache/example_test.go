package httpcache_test

import (
	"fmt"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
)

// A response with Vary: Origin is for the page that it came for.
func ExampleCache_Select() {
	cache := httpcache.New(httpcache.Options{})
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	request := &httpcache.Request{
		URL: "https://cdn.example/font.woff2", Method: "GET",
		Headers: headers.List{{Name: "Origin", Value: "https://app.example"}},
	}
	cache.Store(request, &httpcache.Response{
		Status: 200,
		Headers: headers.List{
			{Name: "Access-Control-Allow-Origin", Value: "https://app.example"},
			{Name: "Cache-Control", Value: "max-age=600"},
			{Name: "Vary", Value: "Origin"},
		},
		ResponseTime: now,
	})
	ask := func(after time.Duration, origin string) {
		r := *request
		r.Headers = headers.List{{Name: "Origin", Value: origin}}
		_, freshness, ok := cache.Select(now.Add(after), &r)
		fmt.Println(origin, "after", after, ok, ok && freshness == httpcache.Fresh)
	}
	ask(time.Minute, "https://app.example")
	ask(time.Hour, "https://app.example")
	ask(time.Minute, "https://www.example")
	// Output:
	// https://app.example after 1m0s true true
	// https://app.example after 1h0m0s true false
	// https://www.example after 1m0s false false
}
