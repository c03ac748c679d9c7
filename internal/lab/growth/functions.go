//go:build unix

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/preflightcache"
	"github.com/corsim/corsim/weburl"
)

// A function is one of the library's, with inputs of a kind. Its prepare makes an input of n; only
// what that returns is measured.
type function struct {
	name    string
	n       int
	prepare []func(n int) func()
}

// measure returns what cost says of n, 2n and 4n, for the input of which it grows the fastest; what is below
// noise does not count.
func (f function) measure(cost func(func()) (uint64, error), noise uint64) (worst [3]uint64, err error) {
	for _, prepare := range f.prepare {
		var work [3]uint64
		for i := range work {
			run := prepare(f.n << i)
			if work[i], err = cost(run); err != nil {
				return worst, err
			}
		}
		if worst[2] == 0 || work[2] > noise && ratio(work[2], work[1]) > ratio(worst[2], worst[1]) {
			worst = work
		}
	}
	return worst, nil
}

// pieces are what texts are repeated of: what begins something in one grammar or another, and does not
// end it.
var pieces = []string{
	"http:", "eyJ", "eyJ.", "@/http:", "://", "=", "a=", "&token=", "%25", "%253d", "\"token\":", "\\\"token\\\":1", ": ", "cookie: ", "/", "a/a/", "../", " ", "\t", "\"", "\\", "(", "a@",
	"aaaaaaaa", "aaaa-", "A", ";", ",", ",,", "a,", "a;b=c;", "\xe9", "é", "xn--a.", "1.", "[", "https://a:b@c/?", "\n", "\r\n", "'", "Access to fetch at '", "Reason: ", "*", "0",
}

// text is a function of one text.
func text(name string, f func(string)) function {
	of := function{name: name, n: 1 << 10}
	for _, piece := range pieces {
		for _, front := range []string{"", "https://api.example/@/"} {
			of.prepare = append(of.prepare, func(n int) func() {
				s := front + strings.Repeat(piece, n/len(piece))
				return func() { f(s) }
			})
		}
	}
	return of
}

// names are n header names.
func names(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s-%05d", prefix, i)
	}
	return list
}

func list(prefix, value string, n int) (l headers.List) {
	for _, name := range names(prefix, n) {
		l = append(l, headers.Header{Name: name, Value: value})
	}
	return l
}

// asked is a request with n header names that need permission.
func asked(n int) *cors.Request {
	return &cors.Request{Origin: "https://app.example", Method: "PUT", Headers: list("x", "v", n)}
}

// refusing allows n others; repeated, in a line each.
func refusing(n int, lines bool) headers.List {
	l := headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}}
	if !lines {
		return append(l, headers.Header{Name: "Access-Control-Allow-Headers", Value: strings.Join(names("y", n), ",")},
			headers.Header{Name: "Access-Control-Allow-Methods", Value: strings.Join(names("Y", n), ",")})
	}
	for _, name := range names("y", n) {
		l = append(l, headers.Header{Name: "Access-Control-Allow-Headers", Value: name}, headers.Header{Name: "Access-Control-Expose-Headers", Value: name})
	}
	return l
}

// one is a function of something else.
func one(name string, n int, prepare ...func(n int) func()) function {
	return function{name, n, prepare}
}

func functions() []function {
	all := redactions()
	for _, m := range []struct {
		name string
		f    func(string)
	}{
		{"headers.CheckValue", func(s string) { headers.CheckValue("a", s) }},
		{"headers.CheckName", func(s string) { headers.CheckName(s) }},
		{"headers.GetDecodeAndSplit", func(s string) { headers.GetDecodeAndSplit(s) }},
		{"headers.TokenListOf", func(s string) { list := headers.TokenListOf(s); list.HasFold("x") }},
		{"headers.ParseMIMEType", func(s string) {
			if m, ok := headers.ParseMIMEType("text/plain;" + s); ok {
				_ = m.String()
			}
		}},
		{"headers.ParseSingleRangeHeaderValue", func(s string) { headers.ParseSingleRangeHeaderValue("bytes="+s, true) }},
		{"headers.IsCORSSafelistedRequestHeader", func(s string) {
			for _, name := range []string{"accept", "accept-language", "content-type", "range", "x"} {
				headers.IsCORSSafelistedRequestHeader(name, s)
			}
		}},
		{"headers.IsForbiddenRequestHeader", func(s string) { headers.IsForbiddenRequestHeader("x-http-method-override", s) }},
		{"headers.ExtractDeltaSeconds", func(s string) { headers.ExtractDeltaSeconds(headers.LinesOf([]string{s})) }},
		{"origin.Parse", func(s string) { origin.Parse(s); origin.Parse("https://" + s) }},
		{"origin.HostAddressSpace", func(s string) { origin.HostAddressSpace(s) }},
		{"weburl.Parse", func(s string) {
			for _, front := range []string{"", "https://", "https://a/", "https://a/?", "file:///", "data:"} {
				if u, err := weburl.Parse(front + s); err == nil {
					_ = u.String()
				}
			}
		}},
		{"cors.ParseEmbedderPolicy", func(s string) { cors.ParseEmbedderPolicy(s) }},
		{"browser.Find", func(s string) { browser.Find(s); browser.Find("chromium@" + s) }},
		{"explain.Recognize", func(s string) { explain.Recognize(s) }},
		{"explain.ParseReplies", func(s string) {
			explain.ParseReplies("HTTP/1.1 200 OK\r\n" + s + "\r\n\r\n")
		}},
		{"explain.Ask", func(s string) { explain.Ask(s) }},
		{"explain.NetError", func(s string) { explain.NetError(s, s, s) }},
	} {
		all = append(all, text(m.name, m.f))
	}
	return append(all, structured()...)
}

// redactions are the functions of internal/redact, by themselves and once they have learned values.
func redactions() (all []function) {
	learned, copied := new(redact.Shown), redact.NewCopy()
	values := headers.List{{Name: "cookie", Value: "a=aaaaaaaaaaaaaaaab; b=eyJaaaaa; c=aaaaaaaaaaaaaaaaaaaaaaaaaaaac; d=http:http:"}}
	learned.Learn(values)
	copied.Learn(values)
	all = append(all, text("redact.Text", func(s string) { redact.Text(s) }), text("redact.Lines", func(s string) { redact.Lines(s) }),
		text("redact.StatusText", func(s string) { redact.StatusText(200, s) }), text("redact.Shown.Text", func(s string) { learned.Text(s) }),
		text("redact.Copy.URL", func(s string) { copied.URL(s) }), text("redact.Copy.Error", func(s string) { copied.Error(s) }),
		text("redact.Shown.Learn", func(s string) { new(redact.Shown).Learn(headers.List{{Name: "cookie", Value: s}}) }))
	for _, name := range []string{"cookie", "set-cookie", "accept", "accept-language", "user-agent", "www-authenticate", "access-control-allow-origin", "access-control-allow-headers", "location", "cache-control", "host", "sec-ch-ua"} {
		all = append(all, text("redact.Header "+name, func(s string) { redact.Header(name, s) }), text("redact.Copy.Header "+name, func(s string) { copied.Header(name, s) }))
	}
	return all
}

func structured() []function {
	app := origin.New("https", "app.example", 443)
	return []function{
		one("headers.Headers.Append", 100, func(n int) func() {
			return func() { h, _ := headers.NewHeaders(headers.GuardRequest, list("x", "v", n)); _ = h }
		}, func(n int) func() {
			return func() { h, _ := headers.NewHeaders(headers.GuardNone, list("x", "v", n)); h.Append("y", "z") }
		}),
		one("headers.ExtractTokenList", 500, func(n int) func() {
			lines := names("x", n)
			return func() { headers.ExtractTokenList(headers.LinesOf(lines)) }
		}),
		one("cors.CORSUnsafeRequestHeaderNames", 500, func(n int) func() {
			l := list("x", "v", n)
			return func() { cors.CORSUnsafeRequestHeaderNames(l) }
		}, func(n int) func() {
			var l headers.List
			for range n {
				l = append(l, headers.Header{Name: "Accept", Value: strings.Repeat("a", 100)})
			}
			return func() { cors.CORSUnsafeRequestHeaderNames(l) }
		}),
		one("cors.NeedsPreflight", 500, func(n int) func() { r := asked(n); return func() { cors.NeedsPreflight(r) } }),
		one("cors.PreflightHeaders", 500, func(n int) func() { r := asked(n); return func() { cors.PreflightHeaders(r) } }),
		one("cors.PreflightCauses", 500, func(n int) func() { r := asked(n); return func() { cors.PreflightCauses(r) } }),
		one("cors.Check", 500, func(n int) func() {
			r, l := asked(1), headers.List{}
			for range n {
				l = append(l, headers.Header{Name: "Access-Control-Allow-Origin", Value: "https://app.example"})
			}
			return func() { cors.Check(r, l) }
		}),
		one("cors.ValidatePreflight and its message", 500, func(n int) func() {
			r, l := asked(n), refusing(n, false)
			return func() {
				if _, err := cors.ValidatePreflight(r, 200, l); err != nil {
					_ = err.Error()
				}
			}
		}, func(n int) func() {
			r, l := asked(n), refusing(n, true)
			return func() {
				if _, err := cors.ValidatePreflight(r, 200, l); err != nil {
					_ = err.Error()
				}
			}
		}),
		one("cors.PassingCheck", 500, func(n int) func() {
			r, l := asked(1), refusing(n, true)
			return func() { cors.PassingCheck(r, l) }
		}),
		one("cors.ExposedHeaderNames", 500, func(n int) func() {
			r, l := asked(1), append(refusing(n, true), list("y", "v", n)...)
			return func() { cors.ExposedHeaderNames(r, l) }
		}),
		one("explain.Fix", 500, func(n int) func() {
			r, l := asked(n), refusing(n, false)
			_, err := cors.ValidatePreflight(r, 200, l)
			refused, _ := err.(*cors.Error)
			return func() { explain.Fix(refused, r) }
		}),
		one("explain.Explain", 500, func(n int) func() {
			r, l := asked(n), refusing(n, false)
			_, err := cors.ValidatePreflight(r, 200, l)
			refused, _ := err.(*cors.Error)
			return func() { explain.Explain(refused, r, explain.Exchange{}) }
		}),
		one("preflightcache.Remember and Permits", 500, func(n int) func() {
			c := preflightcache.New(preflightcache.Options{})
			r := asked(n)
			names := cors.CORSUnsafeRequestHeaderNames(r.Headers)
			now := time.Unix(1, 0)
			key := preflightcache.Key{Origin: "https://app.example", URL: "https://api.example/"}
			l := headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "PUT"}, {Name: "Access-Control-Allow-Headers", Value: strings.Join(names, ",")}}
			permissions, err := cors.ValidatePreflight(r, 200, l)
			if err != nil {
				panic(err)
			}
			return func() {
				q := &preflightcache.Query{Method: "PUT", UnsafeNames: names}
				c.Remember(now, key, q, false, 60, permissions.Methods(), permissions.HeaderNames())
				c.Permits(now, key, q)
			}
		}),
		one("httpcache.Cache.Store and Select", 500, func(n int) func() {
			c := httpcache.New(httpcache.Options{})
			lines := append(list("vary", "x", n), list("x", "v", n)...)
			for i := range n {
				lines[i] = headers.Header{Name: "Vary", Value: lines[n+i].Name}
			}
			lines = append(lines, headers.Header{Name: "Cache-Control", Value: "max-age=60"})
			r := &httpcache.Request{URL: "https://api.example/", Method: "GET", Headers: lines[n:]}
			return func() {
				now := time.Unix(100, 0)
				c.Store(r, &httpcache.Response{Status: 200, Headers: lines, RequestTime: now, ResponseTime: now})
				c.Select(now, r)
			}
		}, func(n int) func() {
			c := httpcache.New(httpcache.Options{})
			return func() {
				now := time.Unix(100, 0)
				for _, name := range names("a", n) {
					r := &httpcache.Request{URL: "https://api.example/" + name, Method: "GET"}
					c.Store(r, &httpcache.Response{Status: 200, Headers: headers.List{{Name: "Cache-Control", Value: "max-age=60"}}, RequestTime: now, ResponseTime: now})
					c.Select(now, r)
				}
			}
		}),
		one("cookies.Jar.SetCookies and Cookies", 4000, func(n int) func() {
			jar := cookies.New(cookies.Options{})
			c := cookieContext()
			return func() {
				for _, name := range names("c", n) {
					jar.SetCookies(c, []string{name + "=v"})
				}
				jar.Cookies(c)
			}
		}, func(n int) func() {
			jar := cookies.New(cookies.Options{})
			c := cookieContext()
			line := "a=b" + strings.Repeat("; Path=/a; =", n)
			return func() { jar.SetCookies(c, []string{line}); jar.SetDocumentCookie(c, line) }
		}),
		one("origin.Origin.String", 500, func(n int) func() { return func() { _ = app.String() } }),
	}
}

// cookieContext is that of a page's own server.
func cookieContext() *fetch.CookieContext {
	return &fetch.CookieContext{URL: "https://a.example/", Method: "GET"}
}
