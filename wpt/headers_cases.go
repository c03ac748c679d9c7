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
		got = headers.IsomorphicDecode(value)
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

var _ = register(
	function{
		"fetch/api/headers/header-setcookie.any.js", "Set-Cookie headers are not combined", headersClass, headersSetCookie,
	},
	function{
		"fetch/api/headers/headers-basic.any.js", "what a Headers object holds", headersClass, headersBasic,
	},
	function{
		"fetch/api/headers/headers-casing.any.js", "header names are the same in any case", headersClass, headersCasing,
	},
	function{
		"fetch/api/headers/headers-combine.any.js", "values of one name are combined, and names sorted", headersClass,
		headersCombine,
	},
	function{
		"fetch/api/headers/headers-errors.any.js", "names that are no tokens are refused", headersGuard, headersErrors,
	},
	function{
		"fetch/api/headers/headers-normalize.any.js", "whitespace around values is stripped",
		"https://fetch.spec.whatwg.org/#concept-header-value-normalize", headersNormalize,
	},
)

func headersSetCookie(c *collector) {
	two := list("set-cookie", "foo=bar", "Set-Cookie", "fizz=buzz; domain=example.com")
	two2 := list("set-cookie2", "foo2=bar2", "Set-Cookie2", "fizz2=buzz2; domain=example2.com")
	three := list("set-cookie", "z=z", "set-cookie", "a=a", "set-cookie", "n=n")
	// holds adds a case of the entries of a new object.
	holds := func(subtest string, init headers.List, pairs ...string) {
		c.test(subtest, func(t *tester) { t.headers(headers.GuardNone, init).entries(pairs...) })
	}
	// cookies adds a case of what getSetCookie() returns.
	cookies := func(subtest string, init headers.List, want ...string) {
		c.test("Headers.prototype.getSetCookie "+subtest, func(t *tester) {
			t.equal("getSetCookie()", fmt.Sprintf("%q", t.headers(headers.GuardNone, init).GetSetCookie()), fmt.Sprintf("%q", want))
		})
	}
	c.test("Headers.prototype.get combines set-cookie headers in order", func(t *tester) {
		t.headers(headers.GuardNone, two).get("set-cookie", "foo=bar, fizz=buzz; domain=example.com")
	})
	holds("Headers iterator does not combine set-cookie headers", two,
		"set-cookie", "foo=bar", "set-cookie", "fizz=buzz; domain=example.com")
	holds("Headers iterator does not special case set-cookie2 headers", two2,
		"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com")
	holds("Headers iterator does not combine set-cookie & set-cookie2 headers", append(two[:2:2], two2...),
		"set-cookie", "foo=bar", "set-cookie", "fizz=buzz; domain=example.com",
		"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com")
	holds("Headers iterator preserves set-cookie ordering", three,
		"set-cookie", "z=z", "set-cookie", "a=a", "set-cookie", "n=n")
	holds("Headers iterator preserves per header ordering, but sorts keys alphabetically",
		list("xylophone-header", "1", "best-header", "2", "set-cookie", "3", "a-cool-header", "4", "set-cookie", "5",
			"a-cool-header", "6", "best-header", "7"),
		"a-cool-header", "4, 6", "best-header", "2, 7", "set-cookie", "3", "set-cookie", "5", "xylophone-header", "1")
	holds("Headers iterator preserves per header ordering, but sorts keys alphabetically (and ignores value ordering)",
		list("xylophone-header", "7", "best-header", "6", "set-cookie", "5", "a-cool-header", "4", "set-cookie", "3",
			"a-cool-header", "2", "best-header", "1"),
		"a-cool-header", "4, 2", "best-header", "6, 1", "set-cookie", "5", "set-cookie", "3", "xylophone-header", "7")
	c.test("Headers.prototype.has works for set-cookie", func(t *tester) {
		has, err := t.headers(headers.GuardNone, two).Has("sEt-cOoKiE")
		t.ok(err)
		t.equal("has()", has, true)
	})
	c.test("Headers.prototype.append works for set-cookie", func(t *tester) {
		h := t.headers(headers.GuardNone, two2)
		t.ok(h.Append("set-Cookie", "foo=bar"))
		t.ok(h.Append("sEt-cOoKiE", "fizz=buzz"))
		h.entries("set-cookie", "foo=bar", "set-cookie", "fizz=buzz",
			"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com")
	})
	c.test("Headers.prototype.set works for set-cookie", func(t *tester) {
		h := t.headers(headers.GuardNone, two)
		t.ok(h.Set("set-cookie", "foo2=bar2"))
		h.entries("set-cookie", "foo2=bar2")
	})
	c.test("Headers.prototype.delete works for set-cookie", func(t *tester) {
		h := t.headers(headers.GuardNone, two)
		t.ok(h.Delete("set-Cookie"))
		h.entries()
	})
	cookies("with no headers present", nil)
	cookies("with one header", two[:1], "foo=bar")
	cookies("with one header created from an object", list("Set-Cookie", "foo=bar"), "foo=bar")
	cookies("with multiple headers", two, "foo=bar", "fizz=buzz; domain=example.com")
	cookies("with an empty header", list("set-cookie", ""), "")
	cookies("with two equal headers", list("set-cookie", "x", "set-cookie", "x"), "x", "x")
	cookies("ignores set-cookie2 headers", list("set-cookie2", "x", "set-cookie", "y", "set-cookie2", "z"), "y")
	cookies("preserves header ordering", three, "z=z", "a=a", "n=n")
	c.test("Adding Set-Cookie headers normalizes their value", func(t *tester) {
		h := t.headers(headers.GuardNone, list("Set-Cookie", "  a=b\n"))
		t.ok(h.Append("set-cookie", "\n\rc=d  "))
		h.entries("set-cookie", "a=b", "set-cookie", "c=d")
		t.ok(h.Set("set-cookie", "\te=f "))
		h.entries("set-cookie", "e=f")
	})
	c.test("Adding invalid Set-Cookie headers throws", func(t *tester) {
		_, err := headers.NewHeaders(headers.GuardNone, list("set-cookie", "\x00"))
		t.throws("new Headers()", err)
		h := t.headers(headers.GuardNone, nil)
		t.throws("append()", h.Append("Set-Cookie", "a\nb"))
		t.throws("set()", h.Set("Set-Cookie", "a\rb"))
	})
	c.test("Set-Cookie is a forbidden response header", func(t *tester) {
		h := t.headers(headers.GuardResponse, nil)
		for _, name := range []string{"Set-Cookie", "sEt-cOokIe"} {
			t.ok(h.Append(name, "foo=bar"))
			t.equal("getSetCookie()", len(h.GetSetCookie()), 0)
		}
	})
}

func headersBasic(c *collector) {
	dict := list("name1", "value1", "name2", "value2", "name3", "value3", "name4", "null", "name5", "undefined", "name6", "1",
		"Content-Type", "value4")
	all := func(h guarded) {
		for _, header := range dict {
			h.get(header.Name, header.Value)
		}
		h.get("nameNotInHeaders", nil)
	}
	for _, subtest := range []string{
		"Create headers with sequence", "Create headers with record", "Check get method", "Check has method",
	} {
		c.test(subtest, func(t *tester) {
			h := t.headers(headers.GuardNone, dict)
			all(h)
			h.get("length", nil)
		})
	}
	c.test("Create headers with existing headers", func(t *tester) {
		all(t.headers(headers.GuardNone, t.headers(headers.GuardNone, dict).Entries()))
	})
	c.test("Check append method", func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, header := range dict {
			t.ok(h.Append(header.Name, header.Value))
		}
		all(h)
	})
	c.test("Check set method", func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, header := range dict {
			t.ok(h.Set(header.Name, header.Value))
		}
		all(h)
	})
	c.test("Check delete method", func(t *tester) {
		h := t.headers(headers.GuardNone, dict)
		for _, header := range dict {
			t.ok(h.Delete(header.Name))
			h.get(header.Name, nil)
		}
	})
	for _, subtest := range []string{
		"Check keys method", "Check values method", "Check entries method", "Check Symbol.iterator method", "Check forEach method",
	} {
		c.test(subtest, func(t *tester) {
			t.headers(headers.GuardNone, list("name1", "value1", "Name2", "value2", "name", "value3", "content-Type", "value4",
				"Content-Typ", "value5", "Content-Types", "value6")).
				entries("content-typ", "value5", "content-type", "value4", "content-types", "value6", "name", "value3",
					"name1", "value1", "name2", "value2")
		})
	}
}

func headersCasing(c *collector) {
	dict := list("UPPERCASE", "value1", "lowercase", "value2", "mixedCase", "value3", "Content-TYPE", "value4")
	all := func(h guarded) {
		for _, header := range dict {
			for _, name := range []string{header.Name, strings.ToLower(header.Name), strings.ToUpper(header.Name)} {
				h.get(name, header.Value)
			}
		}
	}
	const names = ", names use characters with different case"
	c.test("Create headers"+names, func(t *tester) { all(t.headers(headers.GuardNone, dict)) })
	c.test("Check append method"+names, func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, header := range dict {
			t.ok(h.Append(header.Name, header.Value))
		}
		all(h)
	})
	c.test("Check set method"+names, func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, header := range dict {
			t.ok(h.Set(header.Name, header.Value))
		}
		all(h)
	})
	c.test("Check delete method"+names, func(t *tester) {
		h := t.headers(headers.GuardNone, dict)
		for _, header := range dict {
			t.ok(h.Delete(strings.ToLower(header.Name)))
		}
		h.entries()
	})
}

func headersCombine(c *collector) {
	init := list("single", "singleValue", "double", "doubleValue1", "double", "doubleValue2",
		"triple", "tripleValue1", "triple", "tripleValue2", "triple", "tripleValue3")
	combined := list("single", "singleValue", "double", "doubleValue1, doubleValue2",
		"triple", "tripleValue1, tripleValue2, tripleValue3")
	each := func(subtest string, check func(h guarded, name, value string)) {
		c.test(subtest, func(t *tester) {
			h := t.headers(headers.GuardNone, init)
			for _, header := range combined {
				check(h, header.Name, header.Value)
			}
		})
	}
	each("Create headers using same name for different values", func(h guarded, name, value string) { h.get(name, value) })
	each("Check delete and has methods when using same name for different values", func(h guarded, name, value string) {
		h.get(name, value)
		h.t.ok(h.Delete(name))
		h.get(name, nil)
	})
	each("Check set methods when called with already used name", func(h guarded, name, _ string) {
		h.t.ok(h.Set(name, "newSingleValue"))
		h.get(name, "newSingleValue")
	})
	each("Check append methods when called with already used name", func(h guarded, name, value string) {
		h.t.ok(h.Append(name, "newSingleValue"))
		h.get(name, value+", newSingleValue")
	})
	c.test("Iterate combined values", func(t *tester) {
		t.headers(headers.GuardNone, list("1", "a", "1", "b")).entries("1", "a, b")
	})
	c.test("Iterate combined values in sorted order", func(t *tester) {
		t.headers(headers.GuardNone, list("2", "a", "1", "b", "2", "b")).entries("1", "b", "2", "a, b")
	})
}

// headersErrors has names alone: a value with a code point above U+00FF is refused
// where it is converted to bytes, before the functions here are called.
func headersErrors(c *collector) {
	c.test("Create headers giving bad header name as init argument", func(t *tester) {
		_, err := headers.NewHeaders(headers.GuardNone, list("invalid\u0100", "Value1"))
		t.throws("new Headers()", err)
	})
	for _, name := range []string{"invalid\u0100", "[object Object]"} {
		for method, call := range map[string]func(*headers.Headers) error{
			"get":    func(h *headers.Headers) error { _, _, err := h.Get(name); return err },
			"delete": func(h *headers.Headers) error { return h.Delete(name) },
			"has":    func(h *headers.Headers) error { _, err := h.Has(name); return err },
			"set":    func(h *headers.Headers) error { return h.Set(name, "Value1") },
			"append": func(h *headers.Headers) error { return h.Append(name, "Value1") },
		} {
			c.test("Check headers "+method+" with an invalid name "+name, func(t *tester) {
				t.throws(method+"()", call(t.headers(headers.GuardNone, nil).Headers))
			})
		}
	}
}

func headersNormalize(c *collector) {
	values := []struct{ name, given, want string }{
		{"name1", " space ", "space"}, {"name2", "\ttab\t", "tab"}, {"name3", " spaceAndTab\t", "spaceAndTab"},
		{"name4", "\r\n newLine", "newLine"}, {"name5", "newLine\r\n ", "newLine"}, {"name6", "\r\n\tnewLine", "newLine"},
		{"name7", "\t\f\tnewLine\n", "\f\tnewLine"}, {"name8", "newLine\xA0", "newLine\u00A0"},
	}
	c.test("Create headers with not normalized values", func(t *tester) {
		var init headers.List
		for _, v := range values {
			init.Append(v.name, v.given)
		}
		h := t.headers(headers.GuardNone, init)
		for _, v := range values {
			h.get(v.name, v.want)
		}
	})
	c.test("Check append method with not normalized values", func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, v := range values {
			t.ok(h.Append(v.name, v.given))
			h.get(v.name, v.want)
		}
	})
	c.test("Check set method with not normalized values", func(t *tester) {
		h := t.headers(headers.GuardNone, nil)
		for _, v := range values {
			t.ok(h.Set(v.name, v.given))
			h.get(v.name, v.want)
		}
	})
}
