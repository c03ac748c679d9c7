package wpt

import (
	"net/url"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// request constructs a Request of a page.
func (t *tester) request(url string, init *fetch.Init) *fetch.Request {
	r, err := fetch.NewRequest(t.page, url, init)
	if err != nil {
		t.fatalf("new Request: %v", err)
	}
	return r
}

// requestFrom constructs a Request from another.
func (t *tester) requestFrom(input *fetch.Request, init *fetch.Init) *fetch.Request {
	r, err := fetch.NewRequestFrom(t.page, input, init)
	if err != nil {
		t.fatalf("new Request: %v", err)
	}
	return r
}

// requestHeader compares a header of a Request, nil for none.
func (t *tester) requestHeader(r *fetch.Request, name string, want any) {
	var got any
	if value, ok := r.Headers().Get(name); ok {
		got = headers.IsomorphicDecode(value)
	}
	t.equal(name, got, want)
}

func requestHeaders(c *collector) {
	set := func(valid string, guard headers.Guard, name, value string) {
		c.test("Adding "+valid+` header "`+name+": "+value+`"`, func(t *tester) {
			h := t.headers(guard, nil)
			t.ok(h.Set(name, value))
			if valid == "valid request" || valid == "valid no-cors request" {
				h.get(name, value)
			} else {
				h.get(name, nil)
			}
		})
	}
	for _, name := range []string{
		"Content-Type", "Potato", "proxy", "proxya", "sec", "secb", "Set-Cookie2", "User-Agent",
	} {
		set("valid request", headers.GuardRequest, name, "OK")
	}
	for _, name := range []string{
		"Accept-Charset", "accept-charset", "ACCEPT-ENCODING", "Accept-Encoding", "Access-Control-Request-Headers",
		"Access-Control-Request-Method", "Connection", "Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect",
		"Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via",
		"Proxy-", "proxy-a", "Sec-", "sec-b",
	} {
		set("invalid request", headers.GuardRequest, name, "KO")
	}
	for _, header := range [][2]string{
		{"Accept", "OK"}, {"Accept-Language", "OK"}, {"content-language", "OK"},
		{"content-type", "application/x-www-form-urlencoded"},
		{"content-type", "application/x-www-form-urlencoded;charset=UTF-8"},
		{"content-type", "multipart/form-data"}, {"content-type", "multipart/form-data;charset=UTF-8"},
		{"content-TYPE", "text/plain"}, {"CONTENT-type", "text/plain;charset=UTF-8"},
	} {
		set("valid no-cors request", headers.GuardRequestNoCORS, header[0], header[1])
	}
	for _, name := range []string{"Content-Type", "Potato", "proxy", "proxya", "sec", "secb"} {
		set("invalid no-cors request", headers.GuardRequestNoCORS, name, "KO")
	}
	set("invalid no-cors request", headers.GuardRequestNoCORS, "Empty-Value", "")

	c.test("Check that request constructor is filtering headers provided as init parameter", func(t *tester) {
		t.requestHeader(t.request("", &fetch.Init{Headers: list("Cookie2", "potato")}), "Cookie2", nil)
	})
	potato := list("Content-Type", "potato")
	c.test("Check that no-cors request constructor is filtering headers provided as init parameter", func(t *tester) {
		t.requestHeader(t.request("", &fetch.Init{Headers: potato, Mode: fetch.ModeNoCORS}), "Content-Type", nil)
	})
	c.test("Check that no-cors request constructor is filtering headers provided as part of request parameter", func(t *tester) {
		r := t.requestFrom(t.request("", &fetch.Init{Headers: potato}), &fetch.Init{Mode: fetch.ModeNoCORS})
		t.requestHeader(r, "Content-Type", nil)
	})
	requestFromRequest(c)
	c.test("Testing empty Request Content-Type header", func(t *tester) {
		r := t.request("", &fetch.Init{Headers: list("Content-Type", ""), Body: plate, Method: "POST"})
		t.requestHeader(r, "Content-Type", "")
		_, ok := r.Headers().ExtractMIMEType()
		t.equal("the type of the blob is one", ok, false)
	})
}

// plate is a body of text.
var plate = fetch.Text("this is my plate")

// requestFromRequest adds the cases of what a request takes from another, which
// two of upstream's files have.
func requestFromRequest(c *collector) {
	potato := list("Content-Type", "potato")
	c.test("Request should get its content-type from the init request", func(t *tester) {
		t.requestHeader(t.requestFrom(t.request("", &fetch.Init{Headers: potato}), nil), "Content-Type", "potato")
	})
	c.test("Request should not get its content-type from the init request if init headers are provided", func(t *tester) {
		r := t.requestFrom(t.request("", &fetch.Init{Headers: potato}), &fetch.Init{Headers: headers.List{}})
		t.requestHeader(r, "Content-Type", nil)
	})
	c.test("Request should get its content-type from the body if none is provided", func(t *tester) {
		first := t.request("", &fetch.Init{Headers: list("Content-Type-Extra", "potato"), Body: plate, Method: "POST"})
		t.requestHeader(t.requestFrom(first, nil), "Content-Type", "text/plain;charset=UTF-8")
	})
	c.test("Request should get its content-type from init headers if one is provided", func(t *tester) {
		first := t.request("", &fetch.Init{Headers: potato, Body: plate, Method: "POST"})
		t.requestHeader(t.requestFrom(first, nil), "Content-Type", "potato")
	})
}

const (
	requestConstructor = "https://fetch.spec.whatwg.org/#dom-request"
	bodyExtract        = "https://fetch.spec.whatwg.org/#concept-bodyinit-extract"
)

var _ = register(
	function{
		"fetch/api/request/request-error.any.js", "the constructor refuses what is not one of its values", requestConstructor,
		requestErrors,
	},
	function{
		"fetch/api/request/request-init-001.sub.html", "a request has what its init says", requestConstructor, requestInit,
	},
	function{
		"fetch/api/request/request-init-002.any.js", "headers and bodies of a request", requestConstructor, requestInitBody,
	},
	function{
		"fetch/api/request/request-init-003.sub.html", "a request made of another, or of a URL", requestConstructor,
		requestInitFrom,
	},
	function{
		"fetch/api/request/request-init-contenttype.any.js", "the Content-Type that a body brings", bodyExtract,
		requestContentType,
	},
	function{
		"fetch/api/request/request-constructor-init-body-override.any.js", "the init's body takes the place of the request's",
		requestConstructor,
		func(c *collector) {
			c.test("Check that the body of a new request can be overridden when created from an existing Request object", func(t *tester) {
				const echo = "/fetch/api/resources/echo-content.py"
				first := t.request(echo, &fetch.Init{Method: "POST", Body: fetch.Text("req1")})
				second := t.requestFrom(first, &fetch.Init{Body: fetch.Text("req2")})
				r := t.finish(&scenario.Step{API: scenario.APIFetch}, second, nil)
				t.equal("body", r.Body.Value, "req2")
			})
		},
	},
	function{
		"fetch/api/request/request-keepalive.any.js", "the keepalive flag", requestConstructor,
		func(c *collector) {
			c.test("keepalive flag", func(t *tester) {
				t.equal("default", t.request("/", nil).Keepalive(), false)
				t.equal("true", t.request("/", &fetch.Init{Keepalive: true}).Keepalive(), true)
				t.equal("false", t.request("/", &fetch.Init{Keepalive: false}).Keepalive(), false)
			})
			c.test("keepalive flag with stream body", func(t *tester) {
				_, err := fetch.NewRequest(t.page, "/", &fetch.Init{
					Method: "POST", Keepalive: true, Body: fetch.Stream(strings.NewReader("")),
				})
				t.throws("new Request()", err)
			})
		},
	},
	function{
		"fetch/api/request/url-encoding.html", "a URL is encoded in UTF-8", requestConstructor,
		func(c *collector) {
			c.test("URL encoding and Request", func(t *tester) {
				for input, query := range map[string]string{"?\u00DF": "?%C3%9F", "?\uFFFD": "?%EF%BF%BD"} {
					t.equal("url", t.request(input, nil).URL(), t.page.URL()+query)
				}
			})
		},
	},
)

func requestErrors(c *collector) {
	refuses := func(subtest, url string, init *fetch.Init) {
		c.test(subtest, func(t *tester) {
			_, err := fetch.NewRequest(t.page, url, init)
			t.throws("new Request()", err)
		})
	}
	refuses("Input URL is not valid", "http://:not a valid URL", nil)
	refuses("Input URL has credentials", "http://user:pass@test.url", nil)
	refuses("RequestInit's mode is navigate", "", &fetch.Init{Mode: "navigate"})
	refuses("RequestInit's referrer is invalid", "", &fetch.Init{Referrer: "http://:not a valid URL"})
	refuses("RequestInit's method is invalid", "", &fetch.Init{Method: "IN VALID"})
	refuses("RequestInit's method is forbidden", "", &fetch.Init{Method: "TRACE"})
	refuses("RequestInit's mode is no-cors and method is not simple", "", &fetch.Init{Mode: "no-cors", Method: "PUT"})
	refuses("RequestInit's cache mode is only-if-cached and mode is not same-origin", "",
		&fetch.Init{Mode: "cors", Cache: "only-if-cached"})
	refuses("Request with cache mode: only-if-cached and fetch mode cors", "test", &fetch.Init{Mode: "cors", Cache: "only-if-cached"})
	refuses("Request with cache mode: only-if-cached and fetch mode no-cors", "test",
		&fetch.Init{Mode: "no-cors", Cache: "only-if-cached"})
	for member, init := range map[string]*fetch.Init{
		"referrerPolicy": {ReferrerPolicy: "BAD"}, "mode": {Mode: "BAD"}, "credentials": {Credentials: "BAD"},
		"cache": {Cache: "BAD"}, "redirect": {Redirect: "BAD"},
	} {
		refuses("Bad "+member+" init parameter value", "", init)
	}
	requestFromRequest(c)
	c.test("Request with cache mode: only-if-cached and fetch mode: same-origin", func(t *tester) {
		t.request("test", &fetch.Init{Mode: "same-origin", Cache: "only-if-cached"})
	})
}

func requestInit(c *collector) {
	// is adds a case of one attribute for each given value, with what the
	// attribute is then where that is another.
	is := func(attribute string, init func(string) *fetch.Init, get func(*fetch.Request) string, values ...[2]string) {
		for _, value := range values {
			c.test("Check "+attribute+" init value of "+value[0]+" and associated getter", func(t *tester) {
				t.equal(attribute, get(t.request("", init(value[0]))), value[1])
			})
		}
	}
	same := func(values ...string) (pairs [][2]string) {
		for _, value := range values {
			pairs = append(pairs, [2]string{value, value})
		}
		return pairs
	}
	methods := same("PATCH", "patch", "patCh")
	for _, method := range []string{
		"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", "head", "post", "put", "delete", "options",
		"Get", "hEad", "poSt", "Put", "deleTe", "optionS",
	} {
		methods = append(methods, [2]string{method, strings.ToUpper(method)})
	}
	is("method", func(v string) *fetch.Init { return &fetch.Init{Method: v} }, (*fetch.Request).Method, methods...)
	is("referrer", func(v string) *fetch.Init { return &fetch.Init{Referrer: v, NoReferrer: v == ""} }, (*fetch.Request).Referrer,
		[2]string{"/relative/ressource", "http://web-platform.test:8000/relative/ressource"},
		[2]string{
			"http://web-platform.test:8000/relative/ressource?query=true#fragment",
			"http://web-platform.test:8000/relative/ressource?query=true#fragment",
		},
		[2]string{"http://web-platform.test:8000/", "http://web-platform.test:8000/"},
		[2]string{"http://test.url", "about:client"}, [2]string{"about:client", "about:client"}, [2]string{"", ""})
	is("referrerPolicy", func(v string) *fetch.Init { return &fetch.Init{ReferrerPolicy: fetch.ReferrerPolicy(v)} },
		func(r *fetch.Request) string { return string(r.ReferrerPolicy()) },
		same("", "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "unsafe-url", "same-origin",
			"strict-origin", "strict-origin-when-cross-origin")...)
	is("mode", func(v string) *fetch.Init { return &fetch.Init{Mode: fetch.Mode(v)} },
		func(r *fetch.Request) string { return string(r.Mode()) }, same("same-origin", "no-cors", "cors")...)
	is("credentials", func(v string) *fetch.Init { return &fetch.Init{Credentials: fetch.Credentials(v)} },
		func(r *fetch.Request) string { return string(r.Credentials()) }, same("omit", "same-origin", "include")...)
	is("cache", func(v string) *fetch.Init { return &fetch.Init{Cache: fetch.CacheMode(v)} },
		func(r *fetch.Request) string { return string(r.Cache()) }, same("default", "no-store", "reload", "no-cache", "force-cache")...)
	is("redirect", func(v string) *fetch.Init { return &fetch.Init{Redirect: fetch.Redirect(v)} },
		func(r *fetch.Request) string { return string(r.Redirect()) }, same("follow", "error", "manual")...)
}

func requestInitBody(c *collector) {
	c.test("Initialize Request with headers values", func(t *tester) {
		r := t.request("", &fetch.Init{Headers: list("name1", "value1", "name2", "value2", "name3", "value3")})
		for _, n := range []string{"1", "2", "3"} {
			t.requestHeader(r, "name"+n, "value"+n)
		}
	})
	for _, of := range []struct {
		name, mime string
		body       *fetch.Body
	}{
		{`"undefined", undefined`, "", nil},
		{`"null", null`, "", nil},
		{`"[object Blob]", application/octet-binary`, "application/octet-binary", fetch.Blob([]byte("This is a blob"), "application/octet-binary")},
		{`"[object FormData]", multipart/form-data`, "multipart/form-data", fetch.Blob([]byte("--b--\r\n"), "multipart/form-data; boundary=b")},
		{`"This is a USVString", text/plain;charset=UTF-8`, "text/plain;charset=UTF-8", fetch.Text("This is a USVString")},
		{`"hi!", text/plain;charset=UTF-8`, "text/plain;charset=UTF-8", fetch.Text("hi!")},
		{
			`"name=value", application/x-www-form-urlencoded;charset=UTF-8`, "application/x-www-form-urlencoded;charset=UTF-8",
			fetch.Form(url.Values{"name": {"value"}}),
		},
	} {
		c.test("Initialize Request's body with "+of.name, func(t *tester) {
			for _, method := range []string{"GET", "HEAD"} {
				_, err := fetch.NewRequest(t.page, "", &fetch.Init{Method: method, Body: of.body})
				t.equal(method+" throws", err != nil, of.body != nil)
			}
			mime, _ := t.request("", &fetch.Init{Method: "POST", Body: of.body}).Headers().Get("Content-Type")
			if !strings.HasPrefix(mime, of.mime) {
				t.errorf("Content-Type is %q, want %q", mime, of.mime)
			}
		})
	}
}

func requestInitFrom(c *collector) {
	initialized := func() *fetch.Init {
		return &fetch.Init{
			Method: "POST", Referrer: "http://web-platform.test:8000/", ReferrerPolicy: "origin", Mode: "same-origin",
			Credentials: "include", Cache: "no-cache", Redirect: "error", Integrity: "Request's Integrity",
			Headers: list("name", "value"), Body: fetch.Text("Request's body"),
		}
	}
	const elsewhere = "http://url.test:1234/path/subpath?query=true#fragment"
	check := func(t *tester, r *fetch.Request, url string, want ...string) {
		t.equal("url", r.URL(), url)
		t.equal("attributes", []string{
			r.Method(), r.Referrer(), string(r.ReferrerPolicy()), string(r.Mode()), string(r.Credentials()), string(r.Cache()),
			string(r.Redirect()),
		}, want)
	}
	given := []string{"POST", "http://web-platform.test:8000/", "origin", "same-origin", "include", "no-cache", "error"}
	c.test("Check request values when initialized from Request", func(t *tester) {
		r := t.requestFrom(t.request("", initialized()), nil)
		check(t, r, t.page.URL(), given...)
		t.requestHeader(r, "name", "value")
		t.requestHeader(r, "Content-Type", "text/plain;charset=UTF-8")
	})
	c.test("Check request values when initialized from Request and init values", func(t *tester) {
		r := t.requestFrom(t.request("", nil), initialized())
		check(t, r, t.page.URL(), given...)
		t.requestHeader(r, "name", "value")
	})
	c.test("Check request values when initialized from url string", func(t *tester) {
		check(t, t.request(elsewhere, nil), elsewhere, "GET", "about:client", "", "cors", "same-origin", "default", "follow")
	})
	c.test("Check request values when initialized from url and init values", func(t *tester) {
		check(t, t.request(elsewhere, initialized()), elsewhere, given...)
	})
}

func requestContentType(c *collector) {
	for _, of := range []struct {
		name string
		mime any
		body func() *fetch.Body
	}{
		{"empty body", nil, func() *fetch.Body { return nil }},
		{"Blob body (no type set)", nil, func() *fetch.Body { return fetch.Blob(nil, "") }},
		{"Blob body (empty type)", nil, func() *fetch.Body { return fetch.Blob(nil, "") }},
		{"Blob body (set type)", "a/b; c=d", func() *fetch.Body { return fetch.Blob(nil, "a/b; c=d") }},
		{"buffer source body", nil, func() *fetch.Body { return fetch.Bytes(nil) }},
		{"FormData body", "multipart/form-data; boundary=b", func() *fetch.Body { return fetch.Blob(nil, "multipart/form-data; boundary=b") }},
		{"URLSearchParams body", "application/x-www-form-urlencoded;charset=UTF-8", func() *fetch.Body { return fetch.Form(nil) }},
		{"string body", "text/plain;charset=UTF-8", func() *fetch.Body { return fetch.Text("") }},
		{"ReadableStream body", nil, func() *fetch.Body { return fetch.Stream(strings.NewReader("")) }},
	} {
		c.test("Default Content-Type for Request with "+of.name, func(t *tester) {
			r := t.request("https://example.com", &fetch.Init{Method: "POST", Body: of.body()})
			t.requestHeader(r, "Content-Type", of.mime)
		})
		c.test("Can override Content-Type for Request with "+of.name, func(t *tester) {
			const own = "test/only; mime=type"
			r := t.request("https://example.com", &fetch.Init{Method: "POST", Body: of.body(), Headers: list("Content-Type", own)})
			t.requestHeader(r, "Content-Type", own)
		})
	}
}
