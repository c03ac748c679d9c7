package fetch_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/httpcache"
)

// What each cache mode makes of a response that is fresh, stale, or not there.
func TestCacheModes(t *testing.T) {
	const shown = "if-none-match if-modified-since cache-control pragma"
	const url = own
	const (
		none    = "GET https://a.test/own\n= basic 200 new"
		old     = "= basic 200 old"
		checked = "GET https://a.test/own if-none-match=\"e\" if-modified-since=Mon, 01 Jun 2026 00:00:00 GMT"
	)
	for _, test := range []struct {
		mode                 fetch.CacheMode
		fresh, stale, absent string
		stored               bool // is the new response kept, where one came?
	}{
		{fetch.CacheDefault, old, checked + "\n= basic 200 new", none, true},
		{fetch.CacheNoStore, "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", false},
		{fetch.CacheReload, "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", "GET https://a.test/own cache-control=no-cache pragma=no-cache\n= basic 200 new", true},
		{fetch.CacheNoCache, checked + " cache-control=max-age=0\n= basic 200 new", checked + " cache-control=max-age=0\n= basic 200 new", "GET https://a.test/own cache-control=max-age=0\n= basic 200 new", true},
		{fetch.CacheForceCache, old, old, none, true},
		{fetch.CacheOnlyIfCached, old, old, "! only-if-cached", false},
	} {
		for _, state := range []struct {
			name, want string
			age        time.Duration
		}{{"fresh", test.fresh, time.Minute}, {"stale", test.stale, time.Hour}, {"absent", test.absent, -1}} {
			t.Run(string(test.mode)+" "+state.name, func(t *testing.T) {
				answers := []string{
					"200\ncache-control: max-age=600\netag: \"e\"\nlast-modified: Mon, 01 Jun 2026 00:00:00 GMT\n\nold",
					"200\ncache-control: max-age=600\n\nnew", "200\n\nlast",
				}
				c := &fetch.Client{HTTPCache: httpcache.New(httpcache.Options{})}
				k := newClock()
				n := &network{site: site{url: answers}}
				c.Network, c.Now = n, k.Now
				page := newPage(t, "", nil)
				if state.age >= 0 {
					if got := result(c.Fetch(t.Context(), page, url, nil)); got != old {
						t.Fatal(got)
					}
					k.advance(state.age)
				} else {
					n.site[url] = answers[1:]
				}
				n.requests, n.bodies = nil, nil
				init := fetch.Init{Cache: test.mode}
				if test.mode == fetch.CacheOnlyIfCached {
					init.Mode = fetch.ModeSameOrigin
				}
				got := result(c.Fetch(t.Context(), page, url, &init))
				if diff := cmp.Diff(lines(state.want), n.log(shown)+got+"\n"); diff != "" {
					t.Error(diff)
				}
				want := "= basic 200 old"
				switch {
				case strings.Contains(state.want, "GET") && test.stored:
					want = "= basic 200 new"
				case state.age < 0 && !test.stored:
					want = "! only-if-cached"
				}
				if got := result(c.Fetch(t.Context(), page, url, &fetch.Init{Mode: fetch.ModeSameOrigin, Cache: fetch.CacheOnlyIfCached})); got != want {
					t.Errorf("then %s, want %s", got, want)
				}
			})
		}
	}
}

func TestHTTPCache(t *testing.T) {
	const cacheable = "200\ncache-control: max-age=600\n"
	get := fetch.Init{}
	noCORS := fetch.Init{Mode: fetch.ModeNoCORS}
	for _, test := range []struct {
		name  string
		site  site
		show  string
		steps []step
	}{
		{"revalidated", site{own: {cacheable + "etag: e\nx-a: 1\n\nold", "304\netag: e\nx-a: 2\ncache-control: max-age=60"}}, "if-none-match", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 old"},
			{url: own, wait: time.Hour, want: "GET https://a.test/own if-none-match=e\n= basic 200 old"},
			{url: own, wait: 59 * time.Second, want: "= basic 200 old"},
			{url: own, wait: time.Second, want: "GET https://a.test/own if-none-match=e\n= basic 200 old"},
		}},
		{"a condition of script's own gets the 304", site{own: {cacheable + "etag: e\n\nold", "304\netag: e"}}, "if-none-match", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 old"},
			{url: own, init: fetch.Init{Headers: list("If-None-Match: e")}, want: "GET https://a.test/own if-none-match=e\n= basic 304"},
		}},
		{"the CORS check is on what the cache has", site{away: {cacheable + "acao: https://a.test\n\nold"}}, "", []step{
			{want: "GET https://b.test/away\n= cors 200 old"},
			{want: "= cors 200 old"},
			{options: &fetch.PageOptions{Origin: "https://x.test", TopLevel: home}, want: "! allow-origin-mismatch"},
			{init: noCORS, want: "= opaque 0"},
		}},
		{"an opaque response is no way around it", site{away: {cacheable + "\nold"}}, "", []step{
			{init: noCORS, want: "GET https://b.test/away\n= opaque 0"},
			{init: get, want: "! missing-allow-origin"},
		}},
		{"the CORS check is on what a 304 revives", site{away: {
			cacheable + "etag: e\nacao: https://a.test\n\nold", "304\netag: e\nacao: https://x.test", "304\netag: e\nacao: https://a.test",
		}}, "if-none-match origin", []step{
			{want: "GET https://b.test/away origin=https://a.test\n= cors 200 old"},
			{wait: time.Hour, want: "GET https://b.test/away if-none-match=e origin=https://a.test\n! allow-origin-mismatch"},
			{wait: time.Hour, want: "GET https://b.test/away if-none-match=e origin=https://a.test\n= cors 200 old"},
		}},
		{"a 304 without Access-Control-Allow-Origin keeps the stored one", site{away: {cacheable + "etag: e\nacao: *\n\nold", "304\netag: e"}}, "if-none-match", []step{
			{want: "GET https://b.test/away\n= cors 200 old"},
			{wait: time.Hour, want: "GET https://b.test/away if-none-match=e\n= cors 200 old"},
		}},
		{"Vary: Origin", site{away: {cacheable + "vary: origin\nacao: https://a.test\n\na", cacheable + "vary: origin\nacao: https://x.test\n\nx"}}, "", []step{
			{want: "GET https://b.test/away\n= cors 200 a"},
			{options: &fetch.PageOptions{Origin: "https://x.test", TopLevel: home}, want: "GET https://b.test/away\n= cors 200 x"},
			{want: "= cors 200 a"},
			{options: &fetch.PageOptions{Origin: "https://x.test", TopLevel: home}, want: "= cors 200 x"},
			{init: noCORS, want: "GET https://b.test/away\n= opaque 0"},
		}},
		{"Vary: *", site{own: {cacheable + "vary: *\n\na"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"}, {url: own, want: "GET https://a.test/own\n= basic 200 a"},
		}},
		{"partitioned by the top-level site", site{own: {cacheable + "\na"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
			{url: own, options: &fetch.PageOptions{TopLevel: "https://x.test/"}, want: "GET https://a.test/own\n= basic 200 a"},
			{url: own, options: &fetch.PageOptions{TopLevel: "https://sub.a.test/"}, want: "= basic 200 a"},
		}},
		{"not by the fragment", site{own: {cacheable + "\na"}}, "", []step{
			{url: own + "#x", want: "GET https://a.test/own\n= basic 200 a"}, {url: own + "#y", want: "= basic 200 a"},
		}},
		{"HEAD is answered from GET", site{own: {cacheable + "\na"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"}, {url: own, init: fetch.Init{Method: "HEAD"}, want: "= basic 200"},
		}},
		{"an unsafe method invalidates", site{own: {cacheable + "\na"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
			{url: own, init: fetch.Init{Method: "DELETE"}, want: "DELETE https://a.test/own\n= basic 200 a"},
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
		}},
		{"with no-store as well", site{own: {cacheable + "\na"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
			{url: own, init: fetch.Init{Method: "DELETE", Cache: fetch.CacheNoStore}, want: "DELETE https://a.test/own\n= basic 200 a"},
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
		}},
		{"no-store does not look, whatever the headers", site{own: {cacheable + "\nold", "200\n\nnew"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 old"},
			{url: own, init: fetch.Init{Cache: fetch.CacheNoStore, Headers: list("Cache-Control: x", "Pragma: x")}, want: "GET https://a.test/own\n= basic 200 new"},
			{url: own, want: "= basic 200 old"},
		}},
		{"an unsafe method that fails does not", site{own: {cacheable + "\na", "500", "200"}}, "", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 a"},
			{url: own, init: fetch.Init{Method: "DELETE"}, want: "DELETE https://a.test/own\n= basic 500"},
			{url: own, want: "= basic 200 a"},
		}},
		{"a redirect is cached, and followed again", site{
			own: {"301\ncache-control: max-age=600\nlocation: " + away, "500"}, away: {"200\nacao: *\n\nend"},
		}, "", []step{
			{url: own, want: "GET https://a.test/own\nGET https://b.test/away\n= cors 200 redirected end"},
			{url: own, want: "GET https://b.test/away\n= cors 200 redirected end"},
		}},
		{"a preflight is not", site{away: {cacheable + "acao: *\nacam: PUT\nacma: 0\n\na"}}, "", []step{
			{init: fetch.Init{Method: "PUT"}, want: "OPTIONS https://b.test/away\nPUT https://b.test/away\n= cors 200 a"},
			{init: fetch.Init{Method: "PUT"}, want: "OPTIONS https://b.test/away\nPUT https://b.test/away\n= cors 200 a"},
		}},
		{"what is cached needs its preflight", site{away: {cacheable + "acao: *\nacah: x-a\nacma: 0\n\na"}}, "", []step{
			{want: "GET https://b.test/away\n= cors 200 a"},
			{init: fetch.Init{Headers: list("x-a: 1")}, want: "OPTIONS https://b.test/away\n= cors 200 a"},
		}},
		{"stale-while-revalidate", site{own: {
			"200\ncache-control: max-age=60, stale-while-revalidate=60\netag: e\n\nold", "200\ncache-control: max-age=600\n\nnew",
		}}, "if-none-match cache-control", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 old"},
			{url: own, wait: 90 * time.Second, want: "GET https://a.test/own if-none-match=e\n= basic 200 old"},
			{url: own, want: "= basic 200 new"},
		}},
		{"stale-while-revalidate, in vain", site{own: {"200\ncache-control: max-age=60, stale-while-revalidate=600\netag: e\n\nold", "304\netag: e"}}, "if-none-match", []step{
			{url: own, want: "GET https://a.test/own\n= basic 200 old"},
			{url: own, wait: 90 * time.Second, want: "GET https://a.test/own if-none-match=e\n= basic 200 old"},
			{url: own, want: "= basic 200 old"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			steps(t, &fetch.Client{HTTPCache: httpcache.New(httpcache.Options{})}, test.site, test.show, test.steps)
		})
	}
}

// A page learns nothing of the cache; whoever explains does.
func TestFromCache(t *testing.T) {
	n := &network{site: site{own: {"200\ncache-control: max-age=60\n\nx"}}}
	c := &fetch.Client{Network: n, HTTPCache: httpcache.New(httpcache.Options{}), Now: newClock().Now}
	for _, want := range []bool{false, true} {
		r, err := c.Fetch(t.Context(), newPage(t, "", nil), own, nil)
		if err != nil || r.FromCache != want {
			t.Errorf("%+v, %v", r, err)
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
}

// Only what was read to its end is stored, and only what is short is read for
// the cache's sake.
func TestStoredBodies(t *testing.T) {
	const cacheable = "200\ncache-control: max-age=60\n"
	long := strings.Repeat("x", 64<<10+1)
	for _, test := range []struct {
		name, body string
		read       int64
		stored     bool
	}{
		{"short, not read", "x", 0, true},
		{"empty", "", 0, true},
		{"long, not read", long, 0, false},
		{"long, begun", long, 100, true}, // what is left is short
		{"long, read", long, 1 << 20, true},
		{"longer than is kept", strings.Repeat(long, 128), 1 << 30, false},
	} {
		n := &network{site: site{own: {cacheable + "\n" + test.body}}}
		c := &fetch.Client{Network: n, HTTPCache: httpcache.New(httpcache.Options{MaxBytes: 1 << 30}), Now: newClock().Now}
		r, err := c.Fetch(t.Context(), newPage(t, "", nil), own, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, io.LimitReader(r.Body, test.read))
		r.Body.Close()
		if got := c.HTTPCache.Len() == 1; got != test.stored {
			t.Errorf("%s: stored %t", test.name, got)
		}
	}
}

// Without a cache, "only-if-cached" finds nothing.
func TestNoHTTPCache(t *testing.T) {
	f := flow{url: own, init: fetch.Init{Mode: fetch.ModeSameOrigin, Cache: fetch.CacheOnlyIfCached}, want: "! only-if-cached"}
	f.run(t, &fetch.Client{})
}
