package wpt

import (
	"io"
	"strings"

	"github.com/corsim/corsim/fetch"
)

var _ = register(function{
	"fetch/api/request/request-keepalive-quota.html", "bodies of keepalive requests under way have 64 KiB at most together",
	"https://fetch.spec.whatwg.org/#http-network-or-cache-fetch", keepaliveQuota,
})

// keepaliveQuota needs no slow server, as upstream does: what is under way is so
// until its response is read.
func keepaliveQuota(c *collector) {
	const quota = 64 << 10
	alone := func(subtest string, size int, ok bool) {
		c.test(subtest, func(t *tester) { t.equal("succeeds", t.keepalive(size) == nil, ok) })
	}
	alone("A Keep-Alive fetch() with a small body should succeed.", 1, true)
	alone("A Keep-Alive fetch() with a body at the Quota Limit should succeed.", quota, true)
	alone("A Keep-Alive fetch() with a body over the Quota Limit should reject.", quota+1, false)
	c.test("A Keep-Alive fetch() should return its allocated Quota upon promise resolution.", func(t *tester) {
		t.ok(t.keepalive(quota))
		t.ok(t.keepalive(quota))
	})
	c.test("A Keep-Alive fetch() should return only its allocated Quota upon promise resolution.", func(t *tester) {
		finish := t.underWay(quota - 1)
		t.ok(t.keepalive(1))
		t.throws("fetch() of 2 bytes", t.keepalive(2))
		t.ok(t.keepalive(1))
		t.ok(finish())
	})
	c.test("A Keep-Alive fetch() should not be allowed if the Quota is used up.", func(t *tester) {
		finish := t.underWay(quota)
		t.throws("fetch() of a byte", t.keepalive(1))
		t.ok(finish())
	})
}

// underWay begins a keepalive fetch with a body of a size, and returns what
// finishes it.
func (t *tester) underWay(size int) (finish func() error) {
	response, err := t.client.Fetch(t.ctx, t.page, "../resources/trickle.py?count=1&ms=0", &fetch.Init{
		Method: "POST", Keepalive: true, Body: fetch.Text(strings.Repeat("*", size)),
	})
	return func() error {
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err := io.Copy(io.Discard, response.Body)
		return err
	}
}

func (t *tester) keepalive(size int) error { return t.underWay(size)() }
