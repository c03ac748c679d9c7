package httpcache

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/headers"
)

// epoch is when every first response of these tests arrives.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// date is the HTTP-date seconds after epoch.
func date(seconds int) string {
	return epoch.Add(time.Duration(seconds) * time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT")
}

func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

// list reads headers, one a line.
func list(lines string) (h headers.List) {
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), ":")
		h = append(h, headers.Header{Name: name, Value: headers.Normalize(value)})
	}
	return h
}

func get(lines string) *Request {
	return &Request{Partition: "https://site.test", URL: "https://a.test/x", Method: "GET", Headers: list(lines)}
}

func response(status int, lines, body string) *Response {
	return &Response{Status: status, Headers: list(lines), Body: []byte(body), ResponseTime: epoch}
}

// selected runs Select and renders the result: the freshness, or "none".
func selected(c *Cache, seconds int, r *Request) string {
	_, freshness, ok := c.Select(at(seconds), r)
	if !ok {
		return "none"
	}
	return freshness.String()
}

func TestFreshness(t *testing.T) {
	const fresh, swr, stale, none = "fresh", "stale-while-revalidate", "stale", "none"
	tests := []struct {
		name     string
		response string
		after    int // seconds
		request  string
		want     string
	}{
		{"max-age", "Cache-Control: max-age=60", 59, "", fresh},
		{"max-age is over at its end", "Cache-Control: max-age=60", 60, "", stale},
		{"max-age=0", "Cache-Control: max-age=0", 0, "", stale},
		{"a directive in capitals", "Cache-Control: MAX-AGE=60", 1, "", fresh},
		{"max-age quoted", `Cache-Control: max-age="60"`, 1, "", fresh},
		{"max-age among others", `Cache-Control: , foo="a, max-age=0", max-age=60,`, 1, "", fresh},
		{"max-age in a second line", "Cache-Control: public\nCache-Control: max-age=60", 1, "", fresh},
		{"max-age beyond 2^63", "Cache-Control: max-age=99999999999999999999", 1e9, "", fresh},
		{"max-age negative", "Cache-Control: max-age=-1", 0, "", stale},
		{"max-age with a fraction", "Cache-Control: max-age=60.5", 0, "", stale},
		{"max-age not a number", "Cache-Control: max-age=1h", 0, "", stale},
		{"max-age with a space before =", "Cache-Control: max-age =60", 0, "", stale},
		{"max-age with a space after =", "Cache-Control: max-age= 60", 0, "", stale},
		{"max-age without a value", "Cache-Control: max-age", 0, "", stale},
		{"max-age in an open quote", `Cache-Control: max-age="60`, 0, "", stale},
		{"the first of two max-age, short", "Cache-Control: max-age=1, max-age=60", 30, "", stale},
		{"the first of two max-age, long", "Cache-Control: max-age=60, max-age=1", 30, "", fresh},
		{"an invalid max-age before a valid one", "Cache-Control: max-age=x, max-age=60", 0, "", stale},
		{"an invalid max-age beats Expires", "Cache-Control: max-age=x\nExpires: " + date(60), 0, "", stale},
		{"max-age beats Expires in the past", "Cache-Control: max-age=60\nExpires: " + date(-60), 1, "", fresh},
		{"max-age beats an invalid Expires", "Cache-Control: max-age=60\nExpires: 0", 1, "", fresh},
		{"max-age=0 beats a future Expires", "Cache-Control: max-age=0\nExpires: " + date(60), 0, "", stale},
		{"s-maxage is for shared caches", "Cache-Control: max-age=1, s-maxage=60", 2, "", stale},

		{"Expires", "Date: " + date(0) + "\nExpires: " + date(60), 59, "", fresh},
		{"Expires at its end", "Date: " + date(0) + "\nExpires: " + date(60), 60, "", stale},
		{"Expires counts from Date, in whichever clock", "Date: " + date(5000) + "\nExpires: " + date(5060), 59, "", fresh},
		{"Expires without Date", "Expires: " + date(60), 59, "", fresh},
		{"Expires equal to Date", "Date: " + date(0) + "\nExpires: " + date(0), 0, "", stale},
		{"Expires: 0", "Expires: 0\nLast-Modified: " + date(-100000), 0, "", stale},
		{"Expires empty", "Expires:\nLast-Modified: " + date(-100000), 0, "", stale},
		{"Expires in another zone", "Expires: Sun, 01 Mar 2027 12:00:00 CET", 0, "", stale},
		{"Expires in lower case", "Expires: " + strings.ToLower(date(60)), 59, "", fresh},

		{"heuristic: a tenth of the time since Last-Modified", "Date: " + date(0) + "\nLast-Modified: " + date(-1000), 99, "", fresh},
		{"heuristic: over", "Date: " + date(0) + "\nLast-Modified: " + date(-1000), 100, "", stale},
		{"heuristic: without Date", "Last-Modified: " + date(-1000), 99, "", fresh},
		{"heuristic: modified after Date", "Date: " + date(0) + "\nLast-Modified: " + date(1000), 0, "", stale},
		{"heuristic: nothing to go by", "ETag: \"e\"", 0, "", stale},
		{"heuristic: an invalid Last-Modified", "Last-Modified: yesterday", 0, "", stale},

		{"Age", "Cache-Control: max-age=60\nAge: 50", 9, "", fresh},
		{"Age reaches the lifetime", "Cache-Control: max-age=60\nAge: 50", 10, "", stale},
		{"Age: the first of two counts", "Cache-Control: max-age=60\nAge: 10, 100", 1, "", fresh},
		{"Age: not a number", "Cache-Control: max-age=60\nAge: old", 1, "", fresh},
		{"Age beyond 2^63", "Cache-Control: max-age=60\nAge: 99999999999999999999", 0, "", stale},
		{"a Date in the past is age", "Cache-Control: max-age=60\nDate: " + date(-50), 10, "", stale},
		{"a Date in the future is not", "Cache-Control: max-age=60\nDate: " + date(50), 59, "", fresh},
		{"a Date that is none", "Cache-Control: max-age=60\nDate: today", 59, "", fresh},
		{"a clock set back", "Cache-Control: max-age=60", -1000, "", fresh},

		{"no-cache", "Cache-Control: no-cache, max-age=60", 0, "", stale},
		{"no-cache with field names", `Cache-Control: max-age=60, no-cache="set-cookie"`, 0, "", stale},
		{"Pragma says nothing in a response", "Cache-Control: max-age=60\nPragma: no-cache", 0, "", fresh},
		{"no-cache is not lifted by max-stale", "Cache-Control: no-cache", 0, "Cache-Control: max-stale", stale},

		{"stale-while-revalidate, still fresh", "Cache-Control: max-age=60, stale-while-revalidate=30", 59, "", fresh},
		{"stale-while-revalidate", "Cache-Control: max-age=60, stale-while-revalidate=30", 60, "", swr},
		{"stale-while-revalidate at its end", "Cache-Control: max-age=60, stale-while-revalidate=30", 90, "", swr},
		{"stale-while-revalidate is over", "Cache-Control: max-age=60, stale-while-revalidate=30", 91, "", stale},
		{"stale-while-revalidate=0", "Cache-Control: max-age=60, stale-while-revalidate=0", 60, "", stale},
		{"stale-while-revalidate invalid", "Cache-Control: max-age=60, stale-while-revalidate=x", 60, "", stale},
		{"stale-while-revalidate and must-revalidate", "Cache-Control: max-age=60, stale-while-revalidate=30, must-revalidate", 60, "", stale},
		{"stale-while-revalidate and no-cache", "Cache-Control: max-age=60, stale-while-revalidate=30, no-cache", 0, "", stale},
		{"stale-while-revalidate, the request has max-age", "Cache-Control: max-age=60, stale-while-revalidate=30", 60, "Cache-Control: max-age=100", stale},
		{"stale-while-revalidate, the request has min-fresh", "Cache-Control: max-age=60, stale-while-revalidate=30", 60, "Cache-Control: min-fresh=0", stale},

		{"request max-age=0", "Cache-Control: max-age=60", 0, "Cache-Control: max-age=0", stale},
		{"request max-age", "Cache-Control: max-age=60", 10, "Cache-Control: max-age=10", fresh},
		{"request max-age exceeded", "Cache-Control: max-age=60", 11, "Cache-Control: max-age=10", stale},
		{"request max-age and Age", "Cache-Control: max-age=3600\nAge: 1800", 0, "Cache-Control: max-age=600", stale},
		{"request max-age invalid", "Cache-Control: max-age=60", 0, "Cache-Control: max-age=x", stale},
		{"request min-fresh", "Cache-Control: max-age=60", 50, "Cache-Control: min-fresh=10", fresh},
		{"request min-fresh missed", "Cache-Control: max-age=60", 51, "Cache-Control: min-fresh=10", stale},
		{"request min-fresh invalid", "Cache-Control: max-age=60", 0, "Cache-Control: min-fresh", stale},
		{"request min-fresh is not lifted by max-stale", "Cache-Control: max-age=60", 51, "Cache-Control: min-fresh=10, max-stale", stale},
		{"request max-stale", "Cache-Control: max-age=60", 70, "Cache-Control: max-stale=10", fresh},
		{"request max-stale exceeded", "Cache-Control: max-age=60", 71, "Cache-Control: max-stale=10", stale},
		{"request max-stale without a value", "Cache-Control: max-age=60", 1e6, "Cache-Control: max-stale", fresh},
		{"request max-stale invalid", "Cache-Control: max-age=60", 61, "Cache-Control: max-stale=x", stale},
		{"request max-stale and must-revalidate", "Cache-Control: max-age=60, must-revalidate", 61, "Cache-Control: max-stale", stale},
		{"must-revalidate while fresh", "Cache-Control: max-age=60, must-revalidate", 59, "", fresh},
		{"request no-cache", "Cache-Control: max-age=60", 0, "Cache-Control: no-cache", stale},
		{"request no-store", "Cache-Control: max-age=60", 0, "Cache-Control: no-store", none},
		{"request only-if-cached is the caller's", "Cache-Control: max-age=60", 0, "Cache-Control: only-if-cached", fresh},
		{"request Pragma", "Cache-Control: max-age=60", 0, "Pragma: no-cache", stale},
		{"request Pragma yields to Cache-Control", "Cache-Control: max-age=60", 0, "Pragma: no-cache\nCache-Control: max-age=10", fresh},
		{"request Range", "Cache-Control: max-age=60", 0, "Range: bytes=0-1", none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{})
			if !c.Store(get(""), response(200, test.response, "body")) {
				t.Fatal("not stored")
			}
			if got := selected(c, test.after, get(test.request)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestStore(t *testing.T) {
	heuristic := map[int]bool{200: true, 203: true, 204: true, 300: true, 301: true, 308: true, 404: true, 405: true, 410: true, 414: true, 501: true}
	for status := range 600 {
		final := status >= 200 && status != 206 && status != 304
		for lines, want := range map[string]bool{
			"":                                   heuristic[status],
			"Last-Modified: " + date(-1000):      heuristic[status],
			"Cache-Control: s-maxage=60":         heuristic[status],
			"Cache-Control: max-age=60":          final,
			"Cache-Control: public":              final,
			"Cache-Control: private":             final,
			"Cache-Control: PRIVATE=\"x, y\"":    final,
			"Expires: 0":                         final,
			"Cache-Control: max-age=60,no-store": false,
			"Cache-Control: no-store=\"x\"":      false,
			"Vary: accept, *":                    false,
		} {
			if got := New(Options{}).Store(get(""), response(status, lines, "")); got != want {
				t.Errorf("status %d, %q: stored %t, want %t", status, lines, got, want)
			}
		}
	}

	post := get("")
	post.Method = "POST"
	head := get("")
	head.Method = "HEAD"
	incomplete := response(200, "Cache-Control: max-age=60", "bo")
	incomplete.Incomplete = true
	ok := response(200, "Cache-Control: max-age=60", "body")
	for _, test := range []struct {
		name     string
		request  *Request
		response *Response
	}{
		{"POST", post, ok},
		{"HEAD", head, ok},
		{"Range", get("Range: bytes=0-"), ok},
		{"request no-store", get("Cache-Control: no-store"), ok},
		{"partial", get(""), response(206, "Cache-Control: max-age=60", "bo")},
		{"304", get(""), response(304, "Cache-Control: max-age=60", "")},
		{"incomplete", get(""), incomplete},
	} {
		c := New(Options{})
		if c.Store(test.request, test.response) {
			t.Errorf("%s: stored", test.name)
		}
		c.Store(get(""), response(200, "Cache-Control: max-age=60", "before"))
		c.Store(test.request, test.response)
		if s, _, ok := c.Select(epoch, get("")); !ok || s.Body() != "before" {
			t.Errorf("%s: what was stored before is gone", test.name)
		}
	}
}

func TestStoreSupersedes(t *testing.T) {
	for _, test := range []struct{ name, response string }{
		{"no-store", "Cache-Control: no-store"},
		{"Vary: *", "Vary: *"},
		{"too long", "Cache-Control: max-age=60\nToo-Long: " + strings.Repeat("x", 4000)},
	} {
		c := New(Options{MaxBytes: 4000})
		c.Store(get(""), response(200, "Cache-Control: max-age=60", "old"))
		if c.Store(get(""), response(200, test.response, "new")) {
			t.Errorf("%s: stored", test.name)
		}
		if got := selected(c, 0, get("")); got != "none" {
			t.Errorf("%s: the older response comes back", test.name)
		}
	}
}

func TestRules(t *testing.T) {
	kept := Rules{LastingStatuses: []int{301, 308}}
	for _, test := range []struct {
		name              string
		rules             Rules
		status            int
		response, request string
		want, standard    string
	}{
		{"request Pragma", Rules{IgnoreRequestPragma: true}, 200, "Cache-Control: max-age=60", "Pragma: no-cache", "fresh", "stale"},
		{"request Cache-Control stays", Rules{IgnoreRequestPragma: true}, 200, "Cache-Control: max-age=60", "Cache-Control: no-cache", "stale", "stale"},
		{"limits: max-age", Rules{IgnoreRequestLimits: true}, 200, "Cache-Control: max-age=60", "Cache-Control: max-age=5", "fresh", "stale"},
		{"limits: max-age=0 stays", Rules{IgnoreRequestLimits: true}, 200, "Cache-Control: max-age=60", "Cache-Control: max-age=0", "stale", "stale"},
		{"limits: min-fresh", Rules{IgnoreRequestLimits: true}, 200, "Cache-Control: max-age=60", "Cache-Control: min-fresh=59", "fresh", "stale"},
		{"limits: max-stale", Rules{IgnoreRequestLimits: true}, 200, "Cache-Control: max-age=0", "Cache-Control: max-stale", "stale", "fresh"},
		{"limits: no-store", Rules{IgnoreRequestLimits: true}, 200, "Cache-Control: max-age=60", "Cache-Control: no-store", "fresh", "none"},
		{"response Pragma", Rules{ResponsePragma: true}, 200, "Cache-Control: max-age=60\nPragma: No-Cache", "", "stale", "fresh"},
		{"301", kept, 301, "Location: /y", "", "fresh", "stale"},
		{"308", kept, 308, "Location: /y", "", "fresh", "stale"},
		{"302", kept, 302, "Location: /y", "", "none", "none"},
		{"301 that says itself", kept, 301, "Location: /y\nCache-Control: max-age=0", "", "stale", "stale"},
		{"nothing to reuse it by", Rules{OnlyReusable: true}, 200, "X-A: 1", "", "none", "stale"},
		{"freshness of no time", Rules{OnlyReusable: true}, 200, "Cache-Control: max-age=0", "", "none", "stale"},
		{"a validator", Rules{OnlyReusable: true}, 200, "ETag: \"e\"", "", "stale", "stale"},
		{"freshness", Rules{OnlyReusable: true}, 200, "Cache-Control: max-age=60", "", "fresh", "fresh"},
		{"no-cache is nothing to reuse it by", Rules{OnlyReusable: true}, 200, "Cache-Control: max-age=60, no-cache", "", "none", "stale"},
		{"heuristic statuses", Rules{HeuristicStatuses: []int{200}}, 404, "Last-Modified: " + date(-100000), "", "stale", "fresh"},
		{"any status", Rules{AnyStatus: true}, 500, "X-A: 1", "", "stale", "none"},
		{"any status but", Rules{AnyStatus: true, UnstoredStatuses: []int{500}}, 500, "Cache-Control: max-age=60", "", "none", "fresh"},
		{"private is no lifetime", Rules{ExplicitLifetime: true}, 500, "Cache-Control: private", "", "none", "stale"},
		{"an Expires that is none", Rules{ExplicitLifetime: true}, 500, "Expires: 0", "", "none", "stale"},
		{"a lifetime", Rules{ExplicitLifetime: true}, 500, "Cache-Control: max-age=60", "", "fresh", "fresh"},
		{"a redirect to nowhere", Rules{RedirectNeedsLocation: true}, 301, "Cache-Control: max-age=60", "", "none", "fresh"},
		{"a redirect", Rules{RedirectNeedsLocation: true}, 301, "Cache-Control: max-age=60\nLocation: /y", "", "fresh", "fresh"},
		{"304", Rules{NotModified: quirks.NotModifiedStored, AnyStatus: true}, 304, "X-A: 1", "", "stale", "none"},
		{"Vary: *", Rules{Variants: quirks.VariantValidated}, 200, "Vary: *\nCache-Control: max-age=60", "", "unmatched", "none"},
		{"another variant", Rules{Variants: quirks.VariantValidated}, 200, "Vary: X-A\nCache-Control: max-age=60", "X-A: 1", "unmatched", "none"},
		{"the variant", Rules{Variants: quirks.VariantValidated}, 200, "Vary: X-A\nCache-Control: max-age=60", "", "fresh", "fresh"},
		{"301 with must-revalidate", kept, 301, "Location: /y\nCache-Control: must-revalidate", "", "stale", "stale"},
	} {
		for _, run := range []struct {
			rules Rules
			want  string
		}{{test.rules, test.want}, {Rules{}, test.standard}} {
			c := New(Options{Rules: run.rules})
			c.Store(get(""), response(test.status, test.response, ""))
			if got := selected(c, 10, get(test.request)); got != run.want {
				t.Errorf("%s: got %s under %+v, want %s", test.name, got, run.rules, run.want)
			}
		}
	}

	c := New(Options{Rules: Rules{Variants: quirks.VariantReplaced}})
	c.Store(get("Accept: a"), response(200, "Vary: Accept\nCache-Control: max-age=60", ""))
	c.Store(get("Accept: b"), response(200, "Vary: Accept\nCache-Control: max-age=60", ""))
	if got := selected(c, 0, get("Accept: a")); got != "none" {
		t.Errorf("quirks.VariantReplaced: the first variant is %s, want none", got)
	}
}

func TestNotModified(t *testing.T) {
	for rule, want := range map[quirks.NotModified]string{quirks.NotModifiedPasses: "fresh", quirks.NotModifiedForgets: "none", quirks.NotModifiedStored: "stale"} {
		c := New(Options{Rules: Rules{NotModified: rule, AnyStatus: true}})
		c.Store(get(""), response(200, "Cache-Control: max-age=60", ""))
		c.Store(get(""), response(304, "", ""))
		if got := selected(c, 0, get("")); got != want {
			t.Errorf("rule %d: got %s, want %s", rule, got, want)
		}
	}
}

func TestValidators(t *testing.T) {
	const both = "ETag: e\nLast-Modified: d\nCache-Control: max-age=0"
	for _, test := range []struct {
		name               string
		rules              Rules
		status             int
		response           string
		freshness          Freshness
		etag, lastModified string
		ok                 bool
	}{
		{"both", Rules{}, 404, both, Stale, "e", "d", true},
		{"none", Rules{}, 200, "ETag:\nLast-Modified:", Stale, "", "", true},
		{"none, but one is needed", Rules{ValidatedByValidator: true}, 200, "ETag:", Stale, "", "", false},
		{"one is needed", Rules{ValidatedByValidator: true}, 200, "Last-Modified: d", Stale, "", "d", true},
		{"no 200", Rules{Validated: quirks.ValidatedOK}, 203, both, Stale, "", "", false},
		{"no 2xx", Rules{Validated: quirks.ValidatedSuccess}, 404, both, Stale, "", "", false},
		{"a 2xx", Rules{Validated: quirks.ValidatedSuccess}, 203, both, Stale, "e", "d", true},
		{"a redirect", Rules{Validated: quirks.ValidatedNoRedirects}, 301, both + "\nLocation: /y", Stale, "", "", false},
		{"a redirect to nowhere", Rules{Validated: quirks.ValidatedNoRedirects}, 301, both, Stale, "e", "d", true},
		{"no length", Rules{ValidatedByLength: true}, 200, both, Stale, "", "", false},
		{"a length", Rules{ValidatedByLength: true}, 200, both + "\nContent-Length: 0", Stale, "e", "d", true},
		{"another variant", Rules{}, 200, both, Unmatched, "e", "", true},
	} {
		c := New(Options{Rules: test.rules})
		c.Store(get(""), response(test.status, test.response, ""))
		stored, _, found := c.Select(epoch, get(""))
		if !found {
			t.Errorf("%s: not stored", test.name)
			continue
		}
		etag, lastModified, ok := c.Validators(stored, test.freshness)
		if etag != test.etag || lastModified != test.lastModified || ok != test.ok {
			t.Errorf("%s: got %q, %q, %v, want %q, %q, %v", test.name, etag, lastModified, ok, test.etag, test.lastModified, test.ok)
		}
	}
}

func TestHeuristic(t *testing.T) {
	for _, test := range []struct {
		name      string
		heuristic Heuristic
		status    int
		response  string
		want      time.Duration
	}{
		{"the default", Heuristic{}, 200, "", 100 * time.Second},
		{"20 %", Heuristic{Percent: 20}, 200, "", 200 * time.Second},
		{"not more than all", Heuristic{Percent: 1 << 40}, 200, "", 1000 * time.Second},
		{"none", Heuristic{Percent: -1}, 200, "", 0},
		{"bounded", Heuristic{Max: time.Second}, 200, "", time.Second},
		{"another status", Heuristic{}, 299, "Cache-Control: private", 0},
		{"another status, public", Heuristic{}, 299, "Cache-Control: public", 100 * time.Second},
	} {
		c := New(Options{Heuristic: test.heuristic})
		c.Store(get(""), response(test.status, "Last-Modified: "+date(-1000)+"\n"+test.response, ""))
		if s, _, _ := c.Select(epoch, get("")); s == nil || s.Lifetime() != test.want {
			t.Errorf("%s: got %+v, want a lifetime of %v", test.name, s, test.want)
		}
	}
}

func TestAge(t *testing.T) {
	for _, test := range []struct {
		name     string
		response string
		delay    int // seconds between request and response
		after    int
		want     time.Duration
	}{
		{"nothing known", "", 0, 5, 5 * time.Second},
		{"the way counts to Age", "Age: 10", 3, 5, 18 * time.Second},
		{"the way counts without Age", "", 3, 5, 8 * time.Second},
		{"the greater of Date's and Age's", "Age: 10\nDate: " + date(-100), 3, 5, 105 * time.Second},
		{"a request after its response", "Age: 10", -100, 0, 10 * time.Second},
	} {
		c := New(Options{})
		r := response(200, test.response, "")
		r.RequestTime = at(-test.delay)
		c.Store(get(""), r)
		if s, _, _ := c.Select(epoch, get("")); s == nil || s.Age(at(test.after)) != test.want {
			t.Errorf("%s: got %v, want %v", test.name, s.Age(at(test.after)), test.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	nov94 := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, test := range []struct {
		value string
		want  time.Time // zero for none
	}{
		{"Sun, 06 Nov 1994 08:49:37 GMT", nov94},
		{"Sunday, 06-Nov-94 08:49:37 GMT", nov94},
		{"Sun Nov  6 08:49:37 1994", nov94},
		{"sun, 06 nov 1994 08:49:37 gmt", nov94},
		{"Sun, 6 Nov 1994 08:49:37 UTC", nov94},
		{" Sun, 06 Nov 1994 08:49:37 GMT\t", nov94},
		{"Saturday, 06-Nov-70 08:49:37 GMT", time.Date(2070, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Saturday, 06-Nov-76 08:49:37 GMT", time.Date(2076, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Saturday, 06-Nov-77 08:49:37 GMT", time.Date(1977, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Sun, 06 Nov 1994 08:49:37 EST", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37", time.Time{}},
		{"Sun, 31 Feb 1994 08:49:37 GMT", time.Time{}},
		{"784111777", time.Time{}},
		{"0", time.Time{}},
		{"GMT", time.Time{}},
		{"", time.Time{}},
	} {
		got, ok := parseDate(test.value, epoch)
		if ok == test.want.IsZero() || !got.Equal(test.want) {
			t.Errorf("%q: got %v, %t, want %v", test.value, got, ok, test.want)
		}
	}
}

func TestSelectKey(t *testing.T) {
	c := New(Options{})
	c.Store(get(""), response(200, "Cache-Control: max-age=60", ""))
	for _, test := range []struct {
		change func(*Request)
		want   string
	}{
		{func(r *Request) {}, "fresh"},
		{func(r *Request) { r.Method = "HEAD" }, "fresh"},
		{func(r *Request) { r.URL += "#fragment" }, "fresh"},
		{func(r *Request) { r.Method = "POST" }, "none"},
		{func(r *Request) { r.Method = "OPTIONS" }, "none"},
		{func(r *Request) { r.Method = "get" }, "none"},
		{func(r *Request) { r.URL += "?" }, "none"},
		{func(r *Request) { r.Partition = "https://other.test" }, "none"},
	} {
		r := get("")
		test.change(r)
		if got := selected(c, 0, r); got != test.want {
			t.Errorf("%s %s in %s: got %s, want %s", r.Method, r.URL, r.Partition, got, test.want)
		}
	}
}

func TestVary(t *testing.T) {
	for _, test := range []struct {
		name, vary, first, second string
		want                      string
	}{
		{"same", "Vary: Foo", "Foo: 1", "Foo: 1", "fresh"},
		{"different", "Vary: Foo", "Foo: 1", "Foo: 2", "none"},
		{"now absent", "Vary: Foo", "Foo: 1", "", "none"},
		{"then absent", "Vary: Foo", "", "Foo: 1", "none"},
		{"absent is not empty", "Vary: Foo", "Foo:", "", "none"},
		{"absent twice", "Vary: Foo", "", "", "fresh"},
		{"case of the name", "Vary: fOO", "Foo: 1", "FOO: 1", "fresh"},
		{"case of the value", "Vary: Foo", "Foo: a", "Foo: A", "none"},
		{"others do not count", "Vary: Foo", "Foo: 1\nBar: 2", "Foo: 1\nBar: 3", "fresh"},
		{"two lines are one list", "Vary: Foo", "Foo: 1\nFoo: 2", "Foo: 1, 2", "fresh"},
		{"the order of values", "Vary: Foo", "Foo: 1, 2", "Foo: 2, 1", "none"},
		{"two names", "Vary: Foo, Bar", "Foo: 1\nBar: 2", "Bar: 2\nFoo: 1", "fresh"},
		{"two names, one different", "Vary: Foo, Bar", "Foo: 1\nBar: 2", "Foo: 1\nBar: 3", "none"},
		{"two lines of names", "Vary: Foo\nVary: Bar", "Foo: 1\nBar: 2", "Foo: 1\nBar: 3", "none"},
		{"empty members", "Vary: ,Foo,,", "Foo: 1", "Foo: 1", "fresh"},
		{"the credentials", "Vary: Cookie", "Cookie: a=b", "", "none"},
		{"the origin", "Vary: Origin", "Origin: https://a.test", "Origin: https://b.test", "none"},
		{"without Vary the credentials do not count", "", "Cookie: a=b\nAuthorization: x", "", "fresh"},
	} {
		c := New(Options{})
		if !c.Store(get(test.first), response(200, "Cache-Control: max-age=60\n"+test.vary, "")) {
			t.Errorf("%s: not stored", test.name)
		}
		if got := selected(c, 0, get(test.second)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestVariants(t *testing.T) {
	c := New(Options{})
	store := func(request, response string, status int, body string) {
		t.Helper()
		r := &Response{Status: status, Headers: list("Cache-Control: max-age=60\n" + response), Body: []byte(body), ResponseTime: epoch}
		if !c.Store(get(request), r) {
			t.Fatalf("%s: not stored", body)
		}
	}
	body := func(request string) string {
		s, _, ok := c.Select(epoch, get(request))
		if !ok {
			return ""
		}
		return s.Body()
	}
	store("Foo: 1", "Vary: Foo", 200, "one")
	store("Foo: 2", "Vary: Foo", 200, "two")
	if body("Foo: 1") != "one" || body("Foo: 2") != "two" || c.Len() != 2 {
		t.Error("one variant takes the other's place")
	}
	store("Foo: 1", "Vary: Foo", 404, "newer")
	if body("Foo: 1") != "newer" || body("Foo: 2") != "two" || c.Len() != 2 {
		t.Error("a variant does not take its own place")
	}

	c.Clear()
	store("Foo: 1\nBar: 1", "Vary: Foo\nDate: "+date(-1), 200, "by Foo")
	store("Foo: 2\nBar: 1", "Vary: Bar\nDate: "+date(-2), 200, "by Bar, of an earlier Date")
	if got := body("Foo: 1\nBar: 1"); got != "by Foo" {
		t.Errorf("two match: got %q, want that with the later Date", got)
	}
	store("Foo: 2\nBar: 1", "Vary: Bar\nDate: "+date(-1), 200, "by Bar, of the same Date")
	if got := body("Foo: 1\nBar: 1"); got != "by Bar, of the same Date" {
		t.Errorf("two of the same Date match: got %q, want that stored last", got)
	}

	c.Clear()
	for i := range 2 * maxVariants {
		store(fmt.Sprintf("Foo: %d", i), "Vary: Foo", 200, "")
	}
	if c.Len() != maxVariants {
		t.Errorf("%d variants, want %d", c.Len(), maxVariants)
	}
	many := "Vary: a"
	for i := range maxVaryNames {
		many += fmt.Sprintf(", n%d", i)
	}
	if c.Store(get(""), response(200, many, "")) {
		t.Error("stored with too many names in Vary")
	}
	if !c.Store(get(""), response(200, "Vary: "+strings.Repeat("a,A,", 1000), "")) {
		t.Error("not stored with one name repeated in Vary")
	}
}

func TestFreshen(t *testing.T) {
	for _, test := range []struct {
		name                string
		stored, notModified string
		want                string // headers
		freshness           string // 5 s after the 304
	}{
		{"new freshness", "Cache-Control: max-age=1\nETag: \"e\"", "Cache-Control: max-age=60\nETag: \"e\"", "Cache-Control: max-age=60\nETag: \"e\"", "fresh"},
		{"nothing new", "Cache-Control: max-age=60\nETag: \"e\"\nX: 1", "", "Cache-Control: max-age=60\nETag: \"e\"\nX: 1", "fresh"},
		{"others stay, more come", "Cache-Control: max-age=60\nA: 1\nB: 1", "b: 2\nC: 2", "Cache-Control: max-age=60\nA: 1\nb: 2\nC: 2", "fresh"},
		{"all lines of a name are replaced", "Cache-Control: max-age=60\nA: 1\nA: 2", "A: 3\nA: 4", "Cache-Control: max-age=60\nA: 3\nA: 4", "fresh"},
		{"what is about the body stays", "Cache-Control: max-age=60\nContent-Length: 4\nContent-Encoding: br\nContent-Type: a/b", "Content-Length: 0\nContent-Encoding: gzip\nContent-Range: bytes 0-1/2\nContent-Type: c/d", "Cache-Control: max-age=60\nContent-Length: 4\nContent-Encoding: br\nContent-Type: c/d", "fresh"},
		{"what is for the connection does not come", "Cache-Control: max-age=60", "Connection: x-a, close\nX-A: 1\nKeep-Alive: 1", "Cache-Control: max-age=60", "fresh"},
		{"the old Age is over", "Cache-Control: max-age=60\nAge: 59", "X: 1", "Cache-Control: max-age=60\nX: 1", "fresh"},
		{"a new Age counts", "Cache-Control: max-age=60", "Age: 59", "Cache-Control: max-age=60\nAge: 59", "stale"},
		{"the old Date is over", "Cache-Control: max-age=60\nDate: " + date(0), "X: 1", "Cache-Control: max-age=60\nDate: " + date(0) + "\nX: 1", "fresh"},
		{"another entity tag", "Cache-Control: max-age=60\nETag: \"e\"", "ETag: \"f\"\nX: 1", "Cache-Control: max-age=60\nETag: \"e\"", "stale"},
		{"the same, weakly", "Cache-Control: max-age=60\nETag: \"e\"", "ETag: W/\"e\"", "Cache-Control: max-age=60\nETag: W/\"e\"", "fresh"},
		{"another Last-Modified", "Cache-Control: max-age=60\nLast-Modified: " + date(-2), "Last-Modified: " + date(-1), "Cache-Control: max-age=60\nLast-Modified: " + date(-2), "stale"},
		{"the entity tag decides", "Cache-Control: max-age=60\nETag: \"e\"\nLast-Modified: " + date(-2), "ETag: \"e\"\nLast-Modified: " + date(-1), "Cache-Control: max-age=60\nETag: \"e\"\nLast-Modified: " + date(-1), "fresh"},
		{"no-store", "Cache-Control: max-age=60", "Cache-Control: no-store", "Cache-Control: no-store", "none"},
		{"Vary: *", "Cache-Control: max-age=60", "Vary: *", "Cache-Control: max-age=60\nVary: *", "none"},
		{"Vary now nominates what this request has", "Cache-Control: max-age=60", "Vary: Foo", "Cache-Control: max-age=60\nVary: Foo", "fresh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{})
			resp := response(200, test.stored, "body")
			resp.StatusText, resp.RequestIncludesCredentials = "Fine", true
			c.Store(get("Foo: first"), resp)
			r := get("Foo: second")
			old, _, _ := c.Select(at(1000), r)
			before := old.Headers()
			s := c.Freshen(r, old, list(test.notModified), at(1000), at(1000))
			if got, want := fmt.Sprint(s.Headers()), fmt.Sprint(list(test.want)); got != want {
				t.Errorf("headers:\n got %s\nwant %s", got, want)
			}
			if s.Status() != 200 || s.StatusText() != "Fine" || s.Body() != "body" || !s.RequestIncludesCredentials() {
				t.Errorf("got %d %s %q, want status, message, body and flag as stored", s.Status(), s.StatusText(), s.Body())
			}
			if got := selected(c, 1005, r); got != test.freshness {
				t.Errorf("afterwards: got %s, want %s", got, test.freshness)
			}
			if fmt.Sprint(old.Headers()) != fmt.Sprint(before) {
				t.Error("the response handed out before has changed")
			}
			check(t, c)
		})
	}
}

func TestFreshenGone(t *testing.T) {
	for name, remove := range map[string]func(*Cache){
		"cleared":     (*Cache).Clear,
		"invalidated": func(c *Cache) { r := get(""); r.Method = "PUT"; c.Invalidate(r, nil) },
		"superseded":  func(c *Cache) { c.Store(get(""), response(200, "Cache-Control: no-store", "")) },
	} {
		c := New(Options{})
		c.Store(get(""), response(200, "Cache-Control: max-age=1", "body"))
		s, _, _ := c.Select(at(5), get(""))
		remove(c)
		if s := c.Freshen(get(""), s, list("Cache-Control: max-age=60"), at(5), at(5)); s.Lifetime() != time.Minute {
			t.Errorf("%s: the caller does not get the updated response", name)
		}
		if c.Len() != 0 {
			t.Errorf("%s: a late 304 brought the response back", name)
		}
	}
}

func TestInvalidate(t *testing.T) {
	urls := []string{"https://a.test/dir/x", "https://a.test/dir/y", "https://a.test/y?q", "https://b.test/dir/y"}
	for _, test := range []struct {
		name, method, response string
		gone                   string // indices in urls
	}{
		{"POST", "POST", "", "0"},
		{"PUT", "PUT", "", "0"},
		{"unknown method", "FOO", "", "0"},
		{"GET", "GET", "Location: y", ""},
		{"HEAD", "HEAD", "", ""},
		{"OPTIONS", "OPTIONS", "", ""},
		{"TRACE", "TRACE", "", ""},
		{"Location", "POST", "Location: y", "01"},
		{"Content-Location", "POST", "Content-Location: /y?q#f", "02"},
		{"both", "DELETE", "Content-Location: https://a.test/y?q\nLocation: ../dir/./y", "012"},
		{"another origin", "POST", "Location: https://b.test/dir/y", "0"},
		{"another scheme", "POST", "Location: http://a.test/dir/y", "0"},
		{"no URL", "POST", "Location: http://[\x01", "0"},
	} {
		c := New(Options{})
		for _, url := range urls {
			for _, variant := range []string{"Foo: 1", "Foo: 2"} {
				r := get(variant)
				r.URL = url
				c.Store(r, response(200, "Cache-Control: max-age=60\nVary: Foo", ""))
			}
		}
		c.Invalidate(&Request{Partition: "https://other.test", URL: urls[0], Method: "POST"}, nil)
		if c.Len() != 2*len(urls) {
			t.Errorf("%s: another partition invalidates", test.name)
		}
		c.Invalidate(&Request{Partition: "https://site.test", URL: urls[0] + "#f", Method: test.method}, list(test.response))
		gone := ""
		for i, url := range urls {
			r1, r2 := get("Foo: 1"), get("Foo: 2")
			r1.URL, r2.URL = url, url
			if selected(c, 0, r1) == "none" && selected(c, 0, r2) == "none" {
				gone += fmt.Sprint(i)
			}
		}
		if gone != test.gone {
			t.Errorf("%s: gone are %q, want %q", test.name, gone, test.gone)
		}
		check(t, c)
	}
}

func TestStored(t *testing.T) {
	c := New(Options{})
	resp := response(200, "Cache-Control: max-age=60\nETag: \"e\"\nLast-Modified: "+date(0)+"\nA: 1\nConnection: close, B\nB: 1\nTransfer-Encoding: chunked\nA: 2", "body")
	c.Store(get(""), resp)
	copy(resp.Body, "evil")
	resp.Headers[0].Value = "no-store"
	s, _, _ := c.Select(epoch, get(""))
	s.Headers()[0].Value = "no-store"
	want := list("Cache-Control: max-age=60\nETag: \"e\"\nLast-Modified: " + date(0) + "\nA: 1\nA: 2")
	if got := s.Headers(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("headers: got %v, want %v", got, want)
	}
	if s.Body() != "body" {
		t.Errorf("body: got %q, want it as it was stored", s.Body())
	}
	etag, okETag := s.ETag()
	lastModified, okLastModified := s.LastModified()
	a, okA := s.Header("a")
	if etag != `"e"` || lastModified != date(0) || a != "1, 2" || !okETag || !okLastModified || !okA {
		t.Errorf("got %q, %q, %q", etag, lastModified, a)
	}
	c.Store(get(""), response(200, "", ""))
	s, _, _ = c.Select(epoch, get(""))
	_, okETag = s.ETag()
	_, okLastModified = s.LastModified()
	if okETag || okLastModified {
		t.Error("validators out of nothing")
	}
}

func TestBounds(t *testing.T) {
	get := func(i int) *Request {
		return &Request{URL: fmt.Sprintf("https://a.test/%d", i), Method: "GET"}
	}
	c := New(Options{MaxEntries: 3})
	for i := range 3 {
		c.Store(get(i), response(200, "", ""))
	}
	c.Select(epoch, get(0))
	c.Store(get(3), response(200, "", ""))
	if selected(c, 0, get(1)) != "none" || selected(c, 0, get(0)) == "none" || c.Len() != 3 {
		t.Error("not the least recently used went first")
	}

	const body = 10_000
	c = New(Options{MaxBytes: 3 * (body + 1000), MaxBodyBytes: body})
	for i := range 10 {
		if !c.Store(get(i), response(200, "", strings.Repeat("x", body))) {
			t.Fatal("a body of the greatest length is not stored")
		}
	}
	if c.Len() != 3 || c.Bytes() > 3*(body+1000) || c.Bytes() < 3*body {
		t.Errorf("%d entries, %d bytes", c.Len(), c.Bytes())
	}
	if c.Store(get(1), response(200, "", strings.Repeat("x", body+1))) {
		t.Error("a longer body is stored")
	}
	s, _, _ := c.Select(epoch, get(9))
	c.Freshen(get(9), s, list("A: "+strings.Repeat("x", 2*body)), epoch, epoch)
	if selected(c, 0, get(9)) == "none" || c.Len() != 1 {
		t.Errorf("%d entries after one grew, want it alone", c.Len())
	}
	check(t, c)
	c.Clear()
	if c.Len() != 0 || c.Bytes() != 0 {
		t.Error("something is left after Clear")
	}
	if c := New(Options{MaxBytes: 80}); c.options.MaxBodyBytes != 10 || c.options.MaxEntries != DefaultMaxEntries {
		t.Errorf("got %+v", c.options)
	}
}

func TestConcurrentUse(t *testing.T) {
	c := New(Options{MaxEntries: 20})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				r := get(fmt.Sprintf("Foo: %d", i%3))
				r.URL += fmt.Sprint(i % 11)
				switch (i + g) % 5 {
				case 0:
					c.Store(r, response(200, "Vary: Foo\nCache-Control: max-age=60", r.URL))
				case 1:
					if s, _, ok := c.Select(epoch, r); ok {
						s = c.Freshen(r, s, list("X: 1"), epoch, epoch)
						s.Headers()[0].Value = "altered"
					}
				case 2:
					r.Method = "POST"
					c.Invalidate(r, list("Location: y"))
				case 3:
					if s, _, ok := c.Select(epoch, r); ok && s.Body() != r.URL {
						t.Errorf("got the body of %s for %s", s.Body(), r.URL)
					}
				default:
					if i%100 == 0 {
						c.Clear()
					}
					c.Len()
				}
			}
		})
	}
	wg.Wait()
	check(t, c)
}
