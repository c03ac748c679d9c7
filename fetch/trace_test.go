package fetch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/httpcache"
)

// tell returns a trace that writes down all it is told.
func tell(b *strings.Builder) *fetch.Trace {
	say := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	return &fetch.Trace{
		PreflightNeeded: func(url string, _ *cors.Request, causes []cors.Cause) { say("needed %s %v", url, causes) },
		PreflightCached: func(url string) { say("cached %s", url) },
		RequestSent:     func(r *fetch.NetworkRequest, _ *cors.Request) { say("sent %s %s %t", r.Method, r.URL, r.Preflight) },
		ResponseReceived: func(r *fetch.NetworkRequest, answer *fetch.NetworkResponse) {
			say("received %s %s %d", r.Method, r.URL, answer.Status)
		},
		Checked: func(url string, _ *cors.Request, preflight bool, err error) {
			say("checked %s %t %v", url, preflight, cors.ReasonOf(err) == 0)
		},
		Redirected:  func(from, to string, status int) { say("redirected %s %s %d", from, to, status) },
		CookiesSent: func(url, cookies string) { say("cookies %s %q", url, cookies) },
		CacheUsed:   func(url string, validated bool) { say("cache %s %t", url, validated) },
		Responded:   func(r *fetch.Response) { say("responded %s %d", r.Type, r.Status) },
	}
}

// Each callback is called when its time has come, with what it is about.
func TestTrace(t *testing.T) {
	const to = "https://b.test/to"
	cacheable := "200\nacao: https://a.test\nacac: true\ncache-control: max-age=0\netag: e"
	n := &network{site: site{
		"OPTIONS " + away: {"200\nacao: https://a.test\nacac: true\nacah: x-a\nacma: 60"},
		"OPTIONS " + to:   {"200\nacao: https://a.test\nacac: true\nacah: x-a\nacma: 60"},
		away:              {"302\nacao: https://a.test\nacac: true\nlocation: /to#f"},
		to:                {cacheable, "304\netag: e", "200\netag: f"},
	}}
	c := &fetch.Client{
		Network: n, HTTPCache: httpcache.New(httpcache.Options{}), Now: newClock().Now,
		Jar: &jar{cookies: map[string]string{to: "c=1"}},
	}
	init := fetch.Init{Headers: list("X-A: 1"), Credentials: fetch.CredentialsInclude}
	for i, want := range []string{
		`needed https://b.test/away [header X-A is not CORS-safelisted]
		sent OPTIONS https://b.test/away true
		received OPTIONS https://b.test/away 200
		checked https://b.test/away true true
		cookies https://b.test/away ""
		sent GET https://b.test/away false
		received GET https://b.test/away 302
		checked https://b.test/away false true
		redirected https://b.test/away https://b.test/to 302
		needed https://b.test/to [header X-A is not CORS-safelisted]
		sent OPTIONS https://b.test/to true
		received OPTIONS https://b.test/to 200
		checked https://b.test/to true true
		cookies https://b.test/to "c=1"
		sent GET https://b.test/to false
		received GET https://b.test/to 200
		checked https://b.test/to false true
		responded cors 200`,
		`cached https://b.test/away
		cookies https://b.test/away ""
		sent GET https://b.test/away false
		received GET https://b.test/away 302
		checked https://b.test/away false true
		redirected https://b.test/away https://b.test/to 302
		cached https://b.test/to
		cookies https://b.test/to "c=1"
		sent GET https://b.test/to false
		received GET https://b.test/to 304
		cache https://b.test/to true
		checked https://b.test/to false true
		responded cors 200`,
		`cached https://b.test/away
		cookies https://b.test/away ""
		sent GET https://b.test/away false
		received GET https://b.test/away 302
		checked https://b.test/away false true
		redirected https://b.test/away https://b.test/to 302
		cached https://b.test/to
		cookies https://b.test/to "c=1"
		sent GET https://b.test/to false
		received GET https://b.test/to 200
		checked https://b.test/to false false`,
	} {
		var got strings.Builder
		r, err := c.Fetch(fetch.WithTrace(t.Context(), tell(&got)), newPage(t, "", nil), away+"#f", &init)
		if (err == nil) != (i < 2) {
			t.Error(err)
		}
		if err == nil {
			r.Body.Close()
		}
		if diff := cmp.Diff(lines(want), got.String()); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

// A fresh response is told as one that nobody was asked about, and a preflight
// that fails as such.
func TestTraceMore(t *testing.T) {
	n := &network{site: site{own: {"200\ncache-control: max-age=60"}, away: {"404\nacao: *"}}}
	c := &fetch.Client{Network: n, HTTPCache: httpcache.New(httpcache.Options{}), Now: newClock().Now}
	var got strings.Builder
	ctx := fetch.WithTrace(t.Context(), tell(&got))
	for range 2 {
		r, err := c.Fetch(ctx, newPage(t, "", nil), own, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
	}
	if _, err := c.Fetch(ctx, newPage(t, "", nil), away, &fetch.Init{Method: "PUT"}); err == nil {
		t.Error("no error")
	}
	want := lines(`sent GET https://a.test/own false
		received GET https://a.test/own 200
		responded basic 200
		cache https://a.test/own false
		responded basic 200
		needed https://b.test/away [method PUT is not one of GET, HEAD, POST]
		sent OPTIONS https://b.test/away true
		received OPTIONS https://b.test/away 404
		checked https://b.test/away true false`)
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// A trace that has no functions is called for nothing, and costs as little as
// none: what is allocated for a listener is allocated for listeners only.
func TestTraceCostsNothing(t *testing.T) {
	c := &fetch.Client{Network: newPreflighted("0")}
	page := newPage(t, home, nil)
	allocations := func(ctx context.Context) float64 {
		return testing.AllocsPerRun(100, func() {
			r, err := c.Fetch(ctx, page, "https://b.test/things", &put)
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
		})
	}
	without := allocations(context.Background())
	with := allocations(fetch.WithTrace(context.Background(), &fetch.Trace{}))
	if without != with {
		t.Errorf("%v allocations without a trace, %v with an empty one", without, with)
	}
	var causes int
	listening := allocations(fetch.WithTrace(context.Background(), &fetch.Trace{
		PreflightNeeded: func(_ string, _ *cors.Request, c []cors.Cause) { causes += len(c) },
	}))
	if listening <= without || causes == 0 {
		t.Errorf("%v allocations with a listener, %v without", listening, without)
	}
	const limit = 60
	if without > limit {
		t.Errorf("a preflight and a request take %v allocations, more than %d", without, limit)
	}
}
