package wpt

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/headers"
)

const (
	headersClass = "https://fetch.spec.whatwg.org/#headers-class"
	headersGuard = "https://fetch.spec.whatwg.org/#headers-validate"
)

var _ = register(
	function{
		"fetch/api/headers/headers-no-cors.any.js", "headers of a request in mode no-cors take safelisted ones alone",
		"https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header", headersNoCORS,
	},
	function{
		"fetch/api/request/request-headers.any.js", "headers of a request take none that is forbidden", headersGuard,
		requestHeaders,
	},
	function{
		"fetch/api/basic/request-private-network-headers.tentative.any.js",
		"Access-Control-Request-Private-Network is a forbidden request-header", headersGuard,
		func(c *collector) {
			c.test(`Adding invalid request header "Access-Control-Request-Private-Network: KO"`, func(t *tester) {
				h := t.headers(headers.GuardRequest, nil)
				t.ok(h.Set("Access-Control-Request-Private-Network", "KO"))
				h.get("Access-Control-Request-Private-Network", nil)
			})
		},
	},
	function{
		"fetch/range/general.any.js", "what headers take Range", headersGuard, rangeGuards,
	},
)

// A guarded is a Headers object that reports to a test.
type guarded struct {
	*headers.Headers
	t *tester
}

// headers returns a new Headers object.
func (t *tester) headers(guard headers.Guard, init headers.List) guarded {
	h, err := headers.NewHeaders(guard, init)
	if err != nil {
		t.fatalf("new Headers: %v", err)
	}
	return guarded{h, t}
}

// ok fails the case for an error.
func (t *tester) ok(err error) {
	if err != nil {
		t.fatalf("%v", err)
	}
}

// throws fails the case without one.
func (t *tester) throws(what string, err error) {
	if err == nil {
		t.errorf("%s does not throw", what)
	}
}

// get compares a header with a value, nil for none. Values are strings as script
// has them, not bytes.
func (h guarded) get(name string, want any) {
	value, has, err := h.Get(name)
	h.t.ok(err)
	var got any
	if has {
		got = isomorphicDecode(value)
	}
	h.t.equal(name, got, want)
	if there, err := h.Has(name); err != nil || there != (want != nil) {
		h.t.errorf("has(%q) is %t", name, there)
	}
}

// entries compares all headers, given as names and values in turn.
func (h guarded) entries(pairs ...string) {
	h.t.equal("entries", fmt.Sprintf("%q", h.Entries()), fmt.Sprintf("%q", list(pairs...)))
}

func headersNoCORS(c *collector) {
	long := strings.Repeat("s", 127)
	for _, safelisted := range []struct {
		names  []string
		values []string
	}{
		{[]string{"accept", "accept-language", "content-language"}, []string{long, "", long}},
		{[]string{"accept", "accept-language", "content-language"}, []string{"", long}},
		{[]string{"content-type"}, []string{"text/plain;" + strings.Repeat("s", 116), "text/plain"}},
	} {
		for _, name := range safelisted.names {
			all := strings.Join(safelisted.values, ", ")
			c.test(`"no-cors" Headers object cannot have `+name+" set to "+all, func(t *tester) {
				h := t.headers(headers.GuardRequestNoCORS, nil)
				for _, value := range safelisted.values {
					t.ok(h.Append(name, value))
					h.get(name, safelisted.values[0])
				}
				t.ok(h.Set(name, all))
				h.get(name, safelisted.values[0])
				t.ok(h.Delete(name))
				h.get(name, nil)
			})
		}
	}
	for _, header := range [][2]string{
		{"accept", `"`}, {"accept", strings.Repeat("0123456789", 12) + "012345678"}, {"accept-language", "\x01"},
		{"accept-language", "@"}, {"authorization", "basics"}, {"content-language", "\x01"}, {"content-language", "@"},
		{"content-type", "text/html"}, {"content-type", "text/plain; long=" + strings.Repeat("0123456789", 11) + "01"},
		{"range", "bytes 0-"}, {"test", "hi"},
		{"dpr", "2"}, {"rtt", "1.0"}, {"downlink", "-1.0"}, {"ect", "6g"}, {"save-data", "on"}, {"viewport-width", "100"},
		{"width", "100"}, {"unknown", "doesitmatter"},
	} {
		name, value := header[0], header[1]
		c.test(`"no-cors" Headers object cannot have `+name+"/"+value+" as header", func(t *tester) {
			h := t.headers(headers.GuardRequestNoCORS, nil)
			t.ok(h.Append(name, value))
			h.get(name, nil)
			t.ok(h.Set(name, value))
			h.get(name, nil)
		})
	}
}

func rangeGuards(c *collector) {
	for _, guard := range []struct {
		name string
		headers.Guard
	}{{"none", headers.GuardNone}, {"response", headers.GuardResponse}, {"request", headers.GuardRequest}} {
		c.test("Range header setting allowed for guard type: "+guard.name, func(t *tester) {
			t.setThreeWays(guard.Guard, "Range", "foo", "foo")
		})
	}
	c.test("Privileged header not allowed for guard type: request-no-cors", func(t *tester) {
		t.setThreeWays(headers.GuardRequestNoCORS, "Range", "foo", nil)
	})
}

// setThreeWays gives Headers objects a header by the constructor, append() and
// set(), and says what get() should return then.
func (t *tester) setThreeWays(guard headers.Guard, name, value string, want any) {
	t.headers(guard, list(name, value)).get(name, want)
	h := t.headers(guard, nil)
	t.ok(h.Append(name, value))
	h.get(name, want)
	h = t.headers(guard, nil)
	t.ok(h.Set(name, value))
	h.get(name, want)
}
