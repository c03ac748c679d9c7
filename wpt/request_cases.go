package wpt

import (
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
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
		got = isomorphicDecode(value)
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
	c.test("Request should get its content-type from the init request", func(t *tester) {
		t.requestHeader(t.requestFrom(t.request("", &fetch.Init{Headers: potato}), nil), "Content-Type", "potato")
	})
	c.test("Request should not get its content-type from the init request if init headers are provided", func(t *tester) {
		r := t.requestFrom(t.request("", &fetch.Init{Headers: potato}), &fetch.Init{Headers: headers.List{}})
		t.requestHeader(r, "Content-Type", nil)
	})
	plate := fetch.Text("this is my plate")
	c.test("Request should get its content-type from the body if none is provided", func(t *tester) {
		first := t.request("", &fetch.Init{Headers: list("Content-Type-Extra", "potato"), Body: plate, Method: "POST"})
		t.requestHeader(t.requestFrom(first, nil), "Content-Type", "text/plain;charset=UTF-8")
	})
	c.test("Request should get its content-type from init headers if one is provided", func(t *tester) {
		first := t.request("", &fetch.Init{Headers: potato, Body: plate, Method: "POST"})
		t.requestHeader(t.requestFrom(first, nil), "Content-Type", "potato")
	})
	c.test("Testing empty Request Content-Type header", func(t *tester) {
		r := t.request("", &fetch.Init{Headers: list("Content-Type", ""), Body: plate, Method: "POST"})
		t.requestHeader(r, "Content-Type", "")
		_, ok := r.Headers().ExtractMIMEType()
		t.equal("the type of the blob is one", ok, false)
	})
}
