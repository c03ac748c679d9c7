package wpt

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// A cacheCase is a series of fetches of one URL, and what reached the server.
type cacheCase struct {
	name  string
	state string // "fresh" or "stale"
	// modes are the cache modes of the fetches, in order.
	modes string
	// conditional is a header of the fetch with that index, from 0.
	conditional, value string
	index              int
	// vary, cacheControl and redirect tell the server what to answer.
	vary, cacheControl, redirect string
	// fails says which fetch, from 1, is a network error.
	fails int
	// seen has a letter for each request that reaches the server: "-" for a plain
	// one, "v" for one that validates, "n" for one with no-cache headers, "m" for
	// one that validates with max-age=0.
	seen string
}

func cacheFile(name string, cases ...cacheCase) function {
	return function{
		"fetch/api/request/request-cache-" + name + ".any.js", "what each cache mode takes from the HTTP cache, and sends",
		"https://fetch.spec.whatwg.org/#concept-request-cache-mode",
		func(c *collector) {
			for _, of := range cases {
				c.test(of.name+" with Etag and "+of.state+" response", func(t *tester) { t.cached(&of, "tag") })
				c.test(of.name+" with Last-Modified and "+of.state+" response", func(t *tester) { t.cached(&of, "date") })
			}
		},
	}
}

var _ = register(
	cacheFile("default",
		cacheCase{name: `RequestCache "default" mode checks the cache for previously cached content and goes to the network for stale responses`, state: "stale", modes: "default default", seen: "-v"},
		cacheCase{name: `RequestCache "default" mode checks the cache for previously cached content and avoids going to the network if a fresh response exists`, state: "fresh", modes: "default default", seen: "-"},
		cacheCase{name: `Responses with the "Cache-Control: no-store" header are not stored in the cache`, state: "stale", cacheControl: "no-store", modes: "default default", seen: "--"},
		cacheCase{name: `Responses with the "Cache-Control: no-store" header are not stored in the cache`, state: "fresh", cacheControl: "no-store", modes: "default default", seen: "--"},
	),
	cacheFile("force-cache",
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and avoid revalidation for stale responses`, state: "stale", modes: "default force-cache", seen: "-"},
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and avoid revalidation for fresh responses`, state: "fresh", modes: "default force-cache", seen: "-"},
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and goes to the network if a cached response is not found`, state: "stale", modes: "force-cache", seen: "-"},
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and goes to the network if a cached response is not found`, state: "fresh", modes: "force-cache", seen: "-"},
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and goes to the network if a cached response would vary`, state: "stale", vary: "*", modes: "default force-cache", seen: "-v"},
		cacheCase{name: `RequestCache "force-cache" mode checks the cache for previously cached content and goes to the network if a cached response would vary`, state: "fresh", vary: "*", modes: "default force-cache", seen: "-v"},
		cacheCase{name: `RequestCache "force-cache" stores the response in the cache if it goes to the network`, state: "stale", modes: "force-cache default", seen: "-v"},
		cacheCase{name: `RequestCache "force-cache" stores the response in the cache if it goes to the network`, state: "fresh", modes: "force-cache default", seen: "-"},
	),
	cacheFile("no-cache",
		cacheCase{name: `RequestCache "no-cache" mode revalidates stale responses found in the cache`, state: "stale", modes: "default no-cache", seen: "-m"},
		cacheCase{name: `RequestCache "no-cache" mode revalidates fresh responses found in the cache`, state: "fresh", modes: "default no-cache", seen: "-m"},
	),
	cacheFile("no-store",
		cacheCase{name: `RequestCache "no-store" mode does not check the cache for previously cached content and goes to the network regardless`, state: "stale", modes: "default no-store", seen: "-n"},
		cacheCase{name: `RequestCache "no-store" mode does not check the cache for previously cached content and goes to the network regardless`, state: "fresh", modes: "default no-store", seen: "-n"},
		cacheCase{name: `RequestCache "no-store" mode does not store the response in the cache`, state: "stale", modes: "no-store default", seen: "n-"},
		cacheCase{name: `RequestCache "no-store" mode does not store the response in the cache`, state: "fresh", modes: "no-store default", seen: "n-"},
	),
	cacheFile("only-if-cached",
		cacheCase{name: `RequestCache "only-if-cached" mode checks the cache for previously cached content and avoids revalidation for stale responses`, state: "stale", modes: "default only-if-cached", seen: "-"},
		cacheCase{name: `RequestCache "only-if-cached" mode checks the cache for previously cached content and avoids revalidation for fresh responses`, state: "fresh", modes: "default only-if-cached", seen: "-"},
		cacheCase{name: `RequestCache "only-if-cached" mode checks the cache for previously cached content and does not go to the network if a cached response is not found`, state: "fresh", modes: "only-if-cached", fails: 1},
		cacheCase{name: `RequestCache "only-if-cached" (with "same-origin") uses cached same-origin redirects to same-origin content`, state: "fresh", modes: "default only-if-cached", redirect: "http://web-platform.test:8000", seen: "--"},
		cacheCase{name: `RequestCache "only-if-cached" (with "same-origin") uses cached same-origin redirects to same-origin content`, state: "stale", modes: "default only-if-cached", redirect: "http://web-platform.test:8000", seen: "--"},
		cacheCase{name: `RequestCache "only-if-cached" (with "same-origin") does not follow redirects across origins and rejects`, state: "fresh", modes: "default only-if-cached", redirect: "http://www1.web-platform.test:8000", fails: 2, seen: "--"},
		cacheCase{name: `RequestCache "only-if-cached" (with "same-origin") does not follow redirects across origins and rejects`, state: "stale", modes: "default only-if-cached", redirect: "http://www1.web-platform.test:8000", fails: 2, seen: "--"},
	),
	cacheFile("reload",
		cacheCase{name: `RequestCache "reload" mode does not check the cache for previously cached content and goes to the network regardless`, state: "stale", modes: "default reload", seen: "-n"},
		cacheCase{name: `RequestCache "reload" mode does not check the cache for previously cached content and goes to the network regardless`, state: "fresh", modes: "default reload", seen: "-n"},
		cacheCase{name: `RequestCache "reload" mode does store the response in the cache`, state: "stale", modes: "reload default", seen: "nv"},
		cacheCase{name: `RequestCache "reload" mode does store the response in the cache`, state: "fresh", modes: "reload default", seen: "n"},
		cacheCase{name: `RequestCache "reload" mode does store the response in the cache even if a previous response is already stored`, state: "stale", modes: "default reload default", seen: "-nv"},
		cacheCase{name: `RequestCache "reload" mode does store the response in the cache even if a previous response is already stored`, state: "fresh", modes: "default reload default", seen: "-n"},
	),
	cacheFile("default-conditional", conditionalCases()...),
)

// conditionalCases are the fetches with a conditional header of script's own,
// which neither look into the cache nor are stored.
func conditionalCases() (cases []cacheCase) {
	for _, header := range []string{"If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "If-Match", "If-Range"} {
		value := `"foo"`
		if header == "If-Modified-Since" || header == "If-Unmodified-Since" {
			value = "" // now
		}
		for _, state := range []string{"stale", "fresh"} {
			name := `RequestCache "default" mode with an ` + header + " header"
			cases = append(cases,
				cacheCase{
					name: name + ` (following a request without additional headers) is treated similarly to "no-store"`, state: state,
					modes: "default default", conditional: header, value: value, index: 1, seen: "-n",
				},
				cacheCase{
					name: name + ` is treated similarly to "no-store"`, state: state,
					modes: "default default", conditional: header, value: value, index: 0, seen: "n-",
				})
		}
	}
	return cases
}

// cached runs a cacheCase whose server has an ETag or a Last-Modified ("date").
func (t *tester) cached(c *cacheCase, kind string) {
	const content = "0.123456"
	now := time.Now().UTC()
	date := now.Format(http.TimeFormat)
	identifier := "0.987654"
	if kind == "date" {
		identifier = date
	}
	expires := now.AddDate(1, 0, 0)
	if c.state == "stale" {
		expires = now.AddDate(-1, 0, 0)
	}
	query := url.Values{
		"token": {t.uuids[0]}, "content": {content}, kind: {identifier}, "expires": {expires.Format(http.TimeFormat)},
	}
	for name, value := range map[string]string{"vary": c.vary, "cache_control": c.cacheControl} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.conditional != "" {
		query.Set("ignore", "")
	}
	target := "resources/cache.py?" + query.Encode()
	if c.redirect != "" {
		target += "&redirect=" + encodeURIComponent(c.redirect+"/fetch/api/request/"+target)
	}
	for i, mode := range strings.Fields(c.modes) {
		init := &fetch.Init{Cache: fetch.CacheMode(mode)}
		if init.Cache == fetch.CacheOnlyIfCached {
			init.Mode = fetch.ModeSameOrigin
		}
		status, body := 200, content
		if c.conditional != "" && c.index == i {
			value := c.value
			if value == "" {
				value = date
			}
			init.Headers = headers.List{{Name: c.conditional, Value: value}}
			if kind == "date" && c.conditional == "If-Modified-Since" {
				status, body = 304, ""
			}
		}
		r := t.fetch(target, init)
		if c.fails == i+1 {
			t.equal("result", r.Result, scenario.ResultNetworkError)
			continue
		}
		t.expect(&expectation{Status: &status, Body: &body}, r)
	}
	t.equal("what the server saw", t.serverSaw(), c.wants(kind, identifier))
}

// serverSaw returns the headers of each request that reached the server.
func (t *tester) serverSaw() []map[string]string {
	r := t.fetch("resources/cache.py?querystate&token="+t.uuids[0], nil)
	states := []map[string]string{}
	if err := json.Unmarshal([]byte(r.Body.Value), &states); err != nil {
		t.fatalf("the server's state %q: %v", r.Body.Value, err)
	}
	if states == nil { // null: no request came
		states = []map[string]string{}
	}
	return states
}

// wants returns the headers that each request should have had. The server notes
// none for requests with a condition of script's own.
func (c *cacheCase) wants(kind, identifier string) []map[string]string {
	states := []map[string]string{}
	for _, letter := range c.seen {
		state := make(map[string]string)
		if c.conditional == "" {
			if letter == 'v' || letter == 'm' {
				if kind == "tag" {
					state["If-None-Match"] = `"` + identifier + `"`
				} else {
					state["If-Modified-Since"] = identifier
				}
			}
			switch letter {
			case 'n':
				state["Pragma"], state["Cache-Control"] = "no-cache", "no-cache"
			case 'm':
				state["Cache-Control"] = "max-age=0"
			}
		}
		states = append(states, state)
	}
	return states
}
