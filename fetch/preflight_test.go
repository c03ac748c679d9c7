package fetch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/preflightcache"
)

// A step is a fetch, and what is expected of it, in a flow of several.
type step struct {
	page    string
	options *fetch.PageOptions
	url     string
	wait    time.Duration
	init    fetch.Init
	want    string
}

// steps runs them one after another with one client.
func steps(t *testing.T, c *fetch.Client, s site, show string, all []step) {
	t.Helper()
	n := &network{site: s}
	k := newClock()
	c.Network, c.Now = n, k.Now
	for i, step := range all {
		n.requests, n.bodies = nil, nil
		k.advance(step.wait)
		got := result(c.Fetch(t.Context(), newPage(t, step.page, step.options), or(step.url, away), &step.init))
		if diff := cmp.Diff(lines(step.want), n.log(show)+got+"\n"); diff != "" {
			t.Errorf("step %d: %s", i, diff)
		}
	}
}

const (
	putPreflighted = "OPTIONS https://b.test/away\nPUT https://b.test/away\n= cors 200"
	putAlone       = "PUT https://b.test/away\n= cors 200"
)

// When the preflight cache spares a preflight.
func TestPreflightCache(t *testing.T) {
	put := fetch.Init{Method: "PUT"}
	include := fetch.Init{Method: "PUT", Credentials: fetch.CredentialsInclude}
	with := func(h ...string) fetch.Init { return fetch.Init{Method: "PUT", Headers: list(h...)} }
	for _, test := range []struct {
		name   string
		answer string // to preflights
		actual []string
		steps  []step
	}{
		{"five seconds, if it does not say", "acam: PUT", nil, []step{
			{init: put, want: putPreflighted}, {init: put, wait: 5*time.Second - 1, want: putAlone}, {init: put, wait: 1, want: putPreflighted},
		}},
		{"max-age", "acam: PUT\nacma: 600", nil, []step{
			{init: put, want: putPreflighted}, {init: put, wait: 599 * time.Second, want: putAlone}, {init: put, wait: time.Second, want: putPreflighted},
		}},
		{"none", "acam: PUT\nacma: 0", nil, []step{{init: put, want: putPreflighted}, {init: put, want: putPreflighted}}},
		{"invalid", "acam: PUT\nacma: -1", nil, []step{{init: put, want: putPreflighted}, {init: put, wait: 4 * time.Second, want: putAlone}, {init: put, wait: time.Second, want: putPreflighted}}},
		{"for ever", "acam: PUT\nacma: 99999999999999999999", nil, []step{{init: put, want: putPreflighted}, {init: put, wait: 24 * time.Hour * 365 * 200, want: putAlone}}},
		{"another method", "acam: PUT, DELETE", nil, []step{
			{init: put, want: putPreflighted}, {init: fetch.Init{Method: "DELETE"}, want: "DELETE https://b.test/away\n= cors 200"},
			{init: fetch.Init{Method: "patch"}, want: "OPTIONS https://b.test/away\n! preflight method-not-allowed"},
		}},
		{"any method", "acam: *", nil, []step{
			{init: put, want: putPreflighted}, {init: fetch.Init{Method: "x"}, want: "x https://b.test/away\n= cors 200"},
		}},
		{"headers", "acam: PUT\nacah: X-A, x-b", nil, []step{
			{init: with("x-a: 1"), want: putPreflighted}, {init: with("X-B: 1", "X-A: 2"), want: putAlone},
			{init: with("x-c: 1"), want: "OPTIONS https://b.test/away\n! preflight header-not-allowed"},
			// That was a network error, which clears the cache.
			{init: with("x-a: 1"), want: putPreflighted},
		}},
		{"any header", "acam: PUT\nacah: *, authorization", nil, []step{
			{init: with("x-a: 1"), want: putPreflighted}, {init: with("x-b: 1", "authorization: 1"), want: putAlone},
		}},
		{"any header but Authorization", "acam: PUT\nacah: *", nil, []step{
			{init: with("x-a: 1"), want: putPreflighted},
			{init: with("authorization: 1"), want: "OPTIONS https://b.test/away\n! preflight non-wildcard-header-not-allowed"},
		}},
		{"a safelisted method needs no entry", "acah: x-a", nil, []step{
			{init: fetch.Init{Headers: list("x-a: 1")}, want: "OPTIONS https://b.test/away\nGET https://b.test/away\n= cors 200"},
			{init: fetch.Init{Headers: list("x-a: 1"), Method: "POST"}, want: "POST https://b.test/away\n= cors 200"},
		}},
		{"another URL", "acam: PUT", nil, []step{
			{init: put, want: putPreflighted},
			{init: put, url: away + "?q", want: "OPTIONS https://b.test/away?q\nPUT https://b.test/away?q\n= cors 200"},
		}},
		{"another page of the same", "acam: PUT", nil, []step{{init: put, want: putPreflighted}, {page: own, init: put, want: putAlone}}},
		{"another partition", "acam: PUT", nil, []step{
			{init: put, want: putPreflighted}, {init: put, options: &fetch.PageOptions{TopLevel: "https://x.test/"}, want: putPreflighted},
			{init: put, options: &fetch.PageOptions{TopLevel: "https://sub.a.test/"}, want: putAlone},
		}},
		{"what holds with credentials holds without, not the other way", "acam: PUT", nil, []step{
			{init: put, want: putPreflighted}, {init: include, want: putPreflighted}, {init: put, want: putAlone}, {init: include, want: putAlone},
		}},
		{"with credentials first", "acam: PUT", nil, []step{{init: include, want: putPreflighted}, {init: put, want: putAlone}}},
		{"a stream's method is stored", "", nil, []step{
			{init: fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("x"))}, want: "OPTIONS https://b.test/away\nPOST https://b.test/away\n= cors 200"},
			{init: fetch.Init{Method: "POST", Body: fetch.Stream(strings.NewReader("x"))}, want: "POST https://b.test/away\n= cors 200"},
		}},
		{"cleared by a network error", "acam: PUT\nacma: 600", []string{"200\nacao: https://a.test\nacac: true", "200", "200\nacao: https://a.test\nacac: true"}, []step{
			{init: put, want: putPreflighted}, {init: put, want: "PUT https://b.test/away\n! missing-allow-origin"}, {init: put, want: putPreflighted},
		}},
		{"not by one of a request without", "acam: PUT\nacma: 600", nil, []step{
			{init: put, want: putPreflighted}, {init: fetch.Init{Redirect: fetch.RedirectError, Mode: fetch.ModeNoCORS}, want: "! no-cors-redirect-mode"},
			{init: fetch.Init{Integrity: "sha256-x"}, want: "GET https://b.test/away\n! integrity"}, {init: put, want: putAlone},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			const allow = "\nacao: https://a.test\nacac: true"
			s := site{}
			for _, url := range []string{away, away + "?q"} {
				s["OPTIONS "+url] = []string{"204\nacao: https://a.test\nacac: true\n" + test.answer}
				s[url] = []string{"200" + allow}
				if test.actual != nil {
					s[url] = test.actual
				}
			}
			steps(t, &fetch.Client{}, s, "", test.steps)
		})
	}
}

// A network error of a later hop clears the entries of the URL that it is at.
func TestPreflightCacheClearedAtHop(t *testing.T) {
	const c = "https://c.test/"
	put := fetch.Init{Method: "PUT"}
	steps(t, &fetch.Client{}, site{
		"OPTIONS " + away: {"200\nacao: *\nacam: *\nacma: 600"}, "OPTIONS " + c: {"200\nacao: *\nacam: *\nacma: 600"},
		away: {"200\nacao: *", "307\nacao: *\nlocation: " + c, "200\nacao: *"}, c: {"200\nacao: *", "200"},
	}, "", []step{
		{init: put, want: putPreflighted},
		{init: put, url: c, want: "OPTIONS https://c.test/\nPUT https://c.test/\n= cors 200"},
		// With the tainted origin, "null", there is another preflight at c.
		{init: put, want: "PUT https://b.test/away\nOPTIONS https://c.test/\nPUT https://c.test/\n! missing-allow-origin"},
		{init: put, want: putAlone},
		{init: put, url: c, want: "PUT https://c.test/\n! missing-allow-origin"},
		{init: put, url: c, want: "OPTIONS https://c.test/\nPUT https://c.test/\n! missing-allow-origin"},
	})
}

// What one origin is permitted says nothing of another.
func TestPreflightCacheOrigin(t *testing.T) {
	put := fetch.Init{Method: "PUT"}
	steps(t, &fetch.Client{}, site{away: {"200\nacao: *\nacam: PUT\nacma: 600"}}, "", []step{
		{init: put, want: putPreflighted},
		{init: put, options: &fetch.PageOptions{Origin: "https://x.test", TopLevel: home}, want: putPreflighted},
		{init: put, options: &fetch.PageOptions{Origin: "https://sub.a.test", TopLevel: home}, want: putPreflighted},
		{init: put, want: putAlone},
	})
}

// A cache can be shared by clients, and a client without one has one of its own.
func TestPreflightCacheShared(t *testing.T) {
	shared := preflightcache.New(preflightcache.Options{})
	s := site{away: {"200\nacao: *\nacam: *"}}
	put := []step{{init: fetch.Init{Method: "PUT"}, want: putPreflighted}}
	cached := []step{{init: fetch.Init{Method: "PUT"}, want: putAlone}}
	steps(t, &fetch.Client{Preflights: shared}, s, "", put)
	steps(t, &fetch.Client{Preflights: shared}, s, "", cached)
	steps(t, &fetch.Client{}, s, "", put)
	if shared.Len() != 1 {
		t.Error(shared.Len())
	}
}

// What a preflight's response fails, all of it, and where.
func TestPreflightErrors(t *testing.T) {
	n := &network{site: site{away: {"404\nacao: https://x.test\nacam: a b"}}}
	_, err := (&fetch.Client{Network: n}).Fetch(t.Context(), newPage(t, "", nil), away+"#f", &fetch.Init{
		Method: "PUT", Headers: list("x-a: 1"), Credentials: fetch.CredentialsInclude,
	})
	e, ok := err.(*cors.Error)
	if !ok {
		t.Fatal(err)
	}
	var reasons []cors.Reason
	for _, failure := range e.All() {
		reasons = append(reasons, failure.Reason)
		if failure.URL != away || failure.Status != 404 || !failure.Preflight {
			t.Errorf("%+v", failure)
		}
	}
	want := []cors.Reason{cors.AllowOriginMismatch, cors.AllowCredentialsNotTrue, cors.PreflightStatus, cors.InvalidAllowMethods, cors.HeaderNotAllowed}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
	_, err = (&fetch.Client{Network: &network{}}).Fetch(t.Context(), newPage(t, "", nil), away, &fetch.Init{Method: "PUT"})
	if e, ok := err.(*cors.Error); !ok || e.Reason != cors.Transport || !e.Preflight || e.URL != away || e.Err != errRefused {
		t.Errorf("%+v", e)
	}
}

// The top-level documents of opaque origins have a preflight cache each, and one document keeps its own.
func TestOpaqueTopLevelsHavePartitions(t *testing.T) {
	c := &fetch.Client{Network: &network{site: site{away: {"200\nacao: *\nacam: PUT\nacma: 600"}}}}
	count := func(page *fetch.Page) int {
		n := c.Network.(*network)
		before := len(n.requests)
		response, err := c.Fetch(t.Context(), page, away, &fetch.Init{Method: "PUT"})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return len(n.requests) - before
	}
	one, other := newPage(t, "data:text/html,x", nil), newPage(t, "data:text/html,x", nil)
	if first, again, another := count(one), count(one), count(other); first != 2 || again != 1 || another != 2 {
		t.Errorf("%d requests, then %d, and %d of another document; want 2, 1, 2", first, again, another)
	}
}
