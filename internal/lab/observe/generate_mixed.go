package observe

import (
	"slices"
	"strconv"
	"strings"
)

// The features of this file mix what the others hold apart: several requests that
// share caches and cookies, redirects across schemes and modes, and values that
// are odd in more than one way.

func init() {
	features = append(features,
		feature{"session", 12, sessionFeature}, feature{"chain", 12, chainFeature}, feature{"lists", 8, listsFeature},
		feature{"locations", 7, locationsFeature}, feature{"frame", 6, frameFeature}, feature{"answer", 8, answerFeature},
		feature{"caching", 8, cachingFeature}, feature{"xhrbody", 6, xhrBodyFeature}, feature{"asked", 7, askedFeature},
		feature{"cookies", 6, cookiesFeature},
	)
}

// documents are those that ask, with their origins.
var documents = []clientSpec{
	{URL: plainClient + "/page.html", Origin: plainClient}, {URL: plainClient + "/page.html", Origin: plainClient},
	{URL: secureClient + "/page.html", Origin: secureClient}, {URL: plainClient + "/page.html", Origin: "null"},
	{URL: secureClient + "/dir/page.html?q", Origin: "null"}, {URL: plainClient + "/dir/page.html?a=b", Origin: plainClient, ReferrerPolicy: "unsafe-url"},
}

// anywhere returns an origin that may be asked: of the client's scheme mostly.
func (g *generator) anywhere(client clientSpec) string {
	secure := strings.HasPrefix(client.URL, "https:")
	if g.chance(12) {
		secure = !secure
	}
	if secure {
		return pick(g, secureTargets...)
	}
	return pick(g, plainTargets...)
}

// permission returns the CORS headers of an answer: right mostly, and otherwise
// wrong in one point.
func (g *generator) permission(origin string, credentials bool) [][2]string {
	allowed := pick(g, origin, origin, origin, "null")
	if !credentials {
		allowed = pick(g, origin, "*", "*", origin, "null")
	}
	list := [][2]string{{"Access-Control-Allow-Origin", allowed}}
	if credentials || g.chance(15) {
		list = append(list, [2]string{"Access-Control-Allow-Credentials", "true"})
	}
	switch g.IntN(14) {
	case 0:
		list = list[1:]
	case 1:
		list = list[:1]
	case 2:
		list = append(list, list[0])
	}
	return list
}

// permits are headers of answers to preflights that allow what steps here ask for.
func (g *generator) permits() [][2]string {
	list := [][2]string{
		{"Access-Control-Allow-Methods", pick(g, "PUT, DELETE, PATCH", "*", "PUT,DELETE,PATCH,GET,POST,HEAD", "PUT", "put, PATCH")},
		{"Access-Control-Allow-Headers", pick(g, "x-a, content-type, authorization", "*", "X-A,Content-Type,Authorization,X-B", "content-type", "*, authorization")},
	}
	switch g.IntN(10) {
	case 0:
		list = list[:1]
	case 1:
		list = list[1:]
	}
	if g.chance(40) {
		list = append(list, [2]string{"Access-Control-Max-Age", pick(g, maxAges...)})
	}
	return list
}

// anyStep returns a step of fetch() or XMLHttpRequest with members of all kinds.
func (g *generator) anyStep(url string) stepSpec {
	step := stepSpec{URL: url}
	g.method(&step, "GET", "GET", "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "post", "patch", "OPTIONS")
	for range pick(g, 0, 0, 0, 1, 1, 2) {
		step.Headers = append(step.Headers, pick(g, [2]string{"X-A", "1"}, [2]string{"Content-Type", pick(g, contentTypes...)}, [2]string{"Authorization", "x"},
			[2]string{"Accept", "text/html"}, [2]string{"x-b", pick(g, "", "\u00e9", "a, b")}, [2]string{"Cache-Control", "no-cache"}, [2]string{"Accept-Language", "en"},
			[2]string{"If-None-Match", `"e"`}, [2]string{"Range", "bytes=0-1"}, [2]string{"Referer", "x"}, [2]string{"Content-Language", "en"}))
	}
	if *step.Method != "GET" && *step.Method != "HEAD" && g.chance(50) || g.chance(3) {
		g.body(&step)
	}
	if g.chance(25) {
		step.API, step.WithCredentials, step.UploadListener = "xhr", g.chance(50), g.chance(25)
		return step
	}
	step.Credentials = pick(g, credentialsModes...)
	step.Mode = pick(g, "", "", "", "cors", "cors", "same-origin", "no-cors")
	if step.Mode == "no-cors" && g.chance(80) {
		g.method(&step, "GET", "POST", "HEAD")
		if *step.Method != "POST" {
			step.Body = nil
		}
	}
	step.Redirect = pick(g, "", "", "", "", "", "follow", "manual", "error")
	step.Cache = pick(g, "", "", "", "", "default", "no-store", "reload", "no-cache", "force-cache")
	step.ReferrerPolicy = pick(g, append(slices.Repeat([]string{""}, 12), referrerPolicies...)...)
	step.Keepalive = g.chance(5)
	if g.chance(8) {
		referrer := pick(g, "", "about:client", "/rel?x", "http://b.test:18001/elsewhere", plainClient+"/other#f")
		step.Referrer = &referrer
	}
	return step
}

// sessionFeature has several requests, to one or two URLs whose answers change.
func sessionFeature(g *generator, s *spec) {
	s.Client = pick(g, documents...)
	urls := make([]string, pick(g, 1, 1, 2))
	for i := range urls {
		urls[i] = g.anywhere(s.Client) + pick(g, "/s", "/s?q=1", "/d/s") + strconv.Itoa(i)
		credentials := g.chance(40)
		var answers []answerSpec
		for range pick(g, 1, 1, 2) {
			preflight := g.preflight(g.permission(s.Client.Origin, credentials), g.permits())
			if g.chance(30) {
				preflight.Times = 1
			}
			answers = append(answers, preflight)
		}
		for n := range pick(g, 1, 2, 2, 3) {
			answer := actual("body"+strconv.Itoa(n), g.permission(s.Client.Origin, credentials), some(g, 0, 2, [][2]string{
				{"Cache-Control", "max-age=60"}, {"Cache-Control", "no-store"}, {"Cache-Control", "no-cache"}, {"ETag", `"e"`}, {"Vary", "Origin"},
				{"Set-Cookie", "c=1"}, {"Set-Cookie", "d=2; Path=/"}, {"Access-Control-Expose-Headers", "x-r, etag"}, {"X-R", "1"}, {"Content-Length", "5"},
			}))
			answer.Status = pick(g, 200, 200, 200, 200, 200, 404, 500, 204, 304, 403, 401, 503)
			if g.chance(60) {
				answer.Times = pick(g, 1, 1, 2)
			}
			answers = append(answers, answer)
		}
		s.serve(urls[i], answers...)
	}
	step := g.anyStep(pick(g, urls...))
	for range pick(g, 2, 3, 3, 4) {
		if g.chance(35) {
			step = g.anyStep(pick(g, urls...))
		} else {
			step.URL = pick(g, urls...)
		}
		if g.chance(15) && step.API != "xhr" {
			step.Credentials = pick(g, credentialsModes...)
		}
		s.Steps = append(s.Steps, step)
	}
}

// chainFeature is about redirects in a row, over origins and schemes.
func chainFeature(g *generator, s *spec) {
	s.Client = pick(g, documents...)
	urls := make([]string, pick(g, 2, 2, 3, 3, 4))
	for i := range urls {
		urls[i] = g.anywhere(s.Client) + "/c" + strconv.Itoa(i)
		if i > 0 && g.chance(35) {
			urls[i] = strings.TrimSuffix(urls[i-1], strconv.Itoa(i-1)) + strconv.Itoa(i)
		}
	}
	credentials := g.chance(40)
	for i, url := range urls {
		permission := g.permission(s.Client.Origin, credentials)
		answer := actual("end", permission, some(g, 0, 1, responseHeaders))
		if i+1 < len(urls) {
			answer = answerSpec{Status: pick(g, redirectStatuses...), Headers: append(slices.Clone(permission), [2]string{"Location", urls[i+1]})}
			if g.chance(15) {
				answer.Headers = append(answer.Headers, [2]string{"Referrer-Policy", pick(g, referrerPolicies...)})
			}
			if g.chance(10) {
				answer.Headers = append(answer.Headers, [2]string{"Set-Cookie", "r=" + strconv.Itoa(i)})
			}
			if g.chance(10) {
				answer.Headers = append(answer.Headers, [2]string{"Cache-Control", "max-age=60"})
			}
		}
		s.serve(url, g.preflight(permission, g.permits()), answer)
	}
	step := g.anyStep(urls[0])
	s.Steps = append(s.Steps, step)
	if g.chance(20) {
		s.Steps = append(s.Steps, step)
	}
}

// oddMembers are members of lists.
var oddMembers = []string{
	"x-a", "X-A", "x-b", "*", "content-type", "PUT", "put", "", " ", "\t", "\u00e9", "x-a x-b", `"x-a"`, "x-a;q=1", "x_a", "x-a,", "**", "* ", "a\u0000b", "x-\u00ff", "\u0007",
	"PUT;", "GET", "DELETE", "@", "{x}", "x-a\u00a0", "\u000bx-a", "x/a", "?", "authorization",
}

// listsFeature is about lists with odd members, on several lines.
func listsFeature(g *generator, s *spec) {
	list := func(name string, good ...string) (lines [][2]string) {
		for range pick(g, 1, 1, 1, 2, 3) {
			members := some(g, 0, 3, append(slices.Repeat(good, 8), oddMembers...))
			if g.chance(3) {
				members = append(members, fillers(pick(g, 100, 1000))...)
			}
			lines = append(lines, [2]string{g.recase(name), strings.Join(members, pick(g, ",", ", ", " ,", ",\t", ",,", ", , "))})
		}
		return lines
	}
	credentials := g.chance(30)
	allow := allows(plainClient, credentials, "", "")
	preflight := g.preflight(allow, list("Access-Control-Allow-Methods", "PUT"), list("Access-Control-Allow-Headers", "x-a", "x-b"), one("Access-Control-Max-Age", "60"))
	step := s.ask(g.cross(), preflight, actual("actual", allow, list("Access-Control-Expose-Headers", "x-a", "x-b"), one("X-A", "1"), one("X-B", "2"), one("ETag", `"e"`)))
	g.method(step, "PUT", "PUT", "GET", "put", "DELETE")
	if g.chance(60) {
		step.Headers = some(g, 1, 2, [][2]string{{"X-A", "1"}, {"x-b", "2"}, {"x_a", "3"}, {"Authorization", "x"}})
	}
	if g.chance(30) {
		step.API, step.WithCredentials = "xhr", credentials
	} else if credentials {
		step.Credentials = "include"
	}
	if g.chance(30) {
		s.Steps = append(s.Steps, *step)
	}
}

// locationsFeature is about odd Locations in all modes, one after another.
func locationsFeature(g *generator, s *spec) {
	s.Client = pick(g, documents[:3]...)
	origin := s.Client.Origin
	target := pick(g, "http://b.test:18001", plainClient)
	if origin == secureClient {
		target = pick(g, "https://b.test:18444", secureClient)
	}
	permission := allows(pick(g, origin, "*"), g.chance(40), "PUT", "x-a")
	location := pick(g, append(slices.Clone(locations), target+"/to", "/to", "/to#frag", "/to?\u00e9", "/%2e%2e/to", "/a/../to", "/to;x=1", "/t%6f", "//"+strings.SplitN(target, "//", 2)[1]+"/to",
		"/\u20ac", "/to\\", "/to?a|b", "/to\"", "/to<", "/to`", "/to{}", "http://b.test:018001/to", "http://b.test.:18001/to", "http://B.test:18001/to#\u00e9", "https:/to", "?", "#", ".", "..", "/to%", "http://127.0.0.1:18001/to")...)
	location = asBytes(location)
	answer := answerSpec{Status: pick(g, redirectStatuses...), Headers: append(slices.Clone(permission), g.lines("Location", location, "/to", location)...), Body: "moved"}
	from := target + pick(g, "/r", "/dir/r", "/r?q=1")
	step := s.ask(from, g.preflight(permission), answer)
	for _, path := range []string{"/to", "/", "/dir/to", "/r?", "/dir/", "/to?a|b"} {
		s.serve(target+path, g.preflight(permission), actual("end", permission))
	}
	step.Redirect = pick(g, "", "", "", "manual", "error")
	step.Mode = pick(g, "", "", "cors", "same-origin", "no-cors")
	step.Credentials = pick(g, credentialsModes...)
	if step.Mode == "no-cors" {
		step.Redirect = ""
	}
	if g.chance(20) {
		step.URL += "#start"
	}
	if g.chance(25) {
		step.API, step.Mode, step.Redirect, step.Credentials = "xhr", "", "", ""
	}
	if g.chance(25) && step.Mode != "no-cors" {
		g.method(step, "POST", "PUT", "HEAD")
	}
}

// asBytes returns s with the bytes of its UTF-8 encoding as code points, where it
// has code points that are no bytes.
func asBytes(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c > 0xFF }) {
		return s
	}
	encoded := make([]rune, 0, len(s))
	for i := range len(s) {
		encoded = append(encoded, rune(s[i]))
	}
	return string(encoded)
}

// frameFeature has a document in a frame of another.
func frameFeature(g *generator, s *spec) {
	s.Client = pick(g, documents...)
	top := []string{"http://b.test:18001/top", "http://a.test:18002/top", "http://www.a.test:18001/top", plainClient + "/top"}
	if strings.HasPrefix(s.Client.URL, "https:") {
		top = []string{"https://b.test:18444/top", "https://a.test:18445/top", "https://www.a.test:18444/top", secureClient + "/top"}
	}
	s.Client.TopLevel = pick(g, top...)
	url := g.anywhere(s.Client) + "/f"
	credentials := g.chance(60)
	s.serve(url, g.preflight(g.permission(s.Client.Origin, credentials), g.permits()),
		actual("body", g.permission(s.Client.Origin, credentials), one("Set-Cookie", pick(g, cookies...)), some(g, 0, 1, [][2]string{{"Cache-Control", "max-age=60"}, {"ETag", `"e"`}})))
	for range pick(g, 1, 2, 2) {
		s.Steps = append(s.Steps, g.anyStep(url))
	}
}

// answerFeature is about answers with any status, in all modes.
func answerFeature(g *generator, s *spec) {
	s.Client = pick(g, documents...)
	credentials := g.chance(30)
	answer := actual(pick(g, "body", "", "\u00e9\u00ff", strings.Repeat("long ", 500)), g.permission(s.Client.Origin, credentials), some(g, 0, 3, responseHeaders),
		g.split("Access-Control-Expose-Headers", some(g, 0, 2, []string{"x-a", "*", "x-e", "server", "set-cookie", "link"})))
	answer.Status = pick(g, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 250, 300, 301, 302, 303, 304, 305, 306, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415,
		416, 417, 418, 422, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 511, 520, 599, 600, 999)
	url := g.anywhere(s.Client) + pick(g, paths...)
	s.serve(url, g.preflight(g.permission(s.Client.Origin, credentials), g.permits()), answer)
	s.Steps = append(s.Steps, g.anyStep(url))
	if g.chance(25) {
		s.Steps = append(s.Steps, s.Steps[0])
	}
}

// cachingFeature is about the HTTP cache: freshness, validators and Vary.
func cachingFeature(g *generator, s *spec) {
	url := g.target()
	allow := allows(pick(g, plainClient, plainClient, "*"), false, "PUT", "x-a, if-none-match, cache-control, if-modified-since, range, pragma")
	controls := []string{
		"max-age=60", "max-age=60", "max-age=0", "no-cache", "no-store", "private", "public", "private, max-age=60", "max-age=60, must-revalidate", "max-age=x", "MAX-AGE=60",
		"s-maxage=60", "immutable", "max-age=60, no-cache", "no-store, max-age=60",
	}
	stored := [][2]string{
		{"ETag", `"e"`}, {"ETag", `W/"e"`}, {"Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Vary", "*"}, {"Vary", "X-A"}, {"Vary", "Origin"}, {"Vary", "Accept, x-a"},
		{"Expires", "Fri, 01 Jan 2100 00:00:00 GMT"}, {"Expires", "0"}, {"Pragma", "no-cache"}, {"Age", "10"}, {"Age", "100"}, {"Content-Length", "3"}, {"Content-Length", "3"},
	}
	answers := []answerSpec{g.preflight(allow, one("Access-Control-Max-Age", "60"))}
	for _, body := range []string{"one", "two"} {
		answer := actual(body, allow, one("Cache-Control", pick(g, controls...)), some(g, 0, 3, stored))
		answer.Status = pick(g, 200, 200, 200, 200, 200, 404, 301, 410, 302, 203, 500)
		if body == "two" {
			answer.Status = pick(g, 200, 200, 304, 304, 404, 500)
		}
		if answer.Status == 301 || answer.Status == 302 {
			answer.Headers = append(answer.Headers, [2]string{"Location", "/moved"})
			origin, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
			s.serve("http://"+origin+"/moved", actual("mov", allow))
		}
		answer.Times = 1
		answers = append(answers, answer)
	}
	s.serve(url, append(answers, actual("tre", allow))...)
	for range pick(g, 2, 2, 3, 4) {
		step := stepSpec{URL: url, Cache: pick(g, "", "", "", "", "default", "no-store", "reload", "no-cache", "force-cache")}
		if g.chance(25) {
			step.Headers = one("X-A", pick(g, "1", "2"))
		}
		if g.chance(10) {
			step.Headers = append(step.Headers, pick(g, [2]string{"If-None-Match", `"e"`}, [2]string{"Cache-Control", "no-cache"}, [2]string{"Cache-Control", "max-age=0"}, [2]string{"Range", "bytes=0-1"},
				[2]string{"Pragma", "no-cache"}, [2]string{"Cache-Control", "no-store"}, [2]string{"If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT"}))
		}
		if g.chance(15) {
			g.method(&step, "HEAD", "POST", "PUT")
		}
		step.Mode = pick(g, "", "", "", "no-cors", "cors")
		if step.Mode == "no-cors" {
			step.Headers, step.Method = nil, nil
		}
		if step.Mode == "" && g.chance(20) {
			step.API, step.Cache = "xhr", ""
		}
		s.Steps = append(s.Steps, step)
	}
}

// xhrBodyFeature is about the Content-Type of what an XMLHttpRequest sends.
func xhrBodyFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, "PUT", "content-type, x-a")
	step := s.ask(g.target(), g.preflight(allow), actual("actual", allow))
	step.API = "xhr"
	g.method(step, "POST", "POST", "PUT", "GET")
	charset := pick(g, "charset=utf-8", "charset=UTF-8", "charset=iso-8859-1", "CHARSET=x", "charset=\"utf-8\"", "charset=\"x\"", "charset=", "charset", "a=b;charset=x;c=d", "charset=x;charset=y", "charset=utf8",
		" charset = x", "charset='x'", "xcharset=x", "charset=x ; a=b", "a=\"charset=x\"", "charset=\"x", "charset=\u00e9")
	value := pick(g, "text/plain", "application/json", "TEXT/Html", "text/plain ", "multipart/form-data;boundary=b", "x", "", "text/xml", "*/*") + pick(g, ";", "; ", ";\t", ";;") + charset
	if g.chance(15) {
		value = pick(g, contentTypes...)
	}
	step.Headers = one(g.recase("Content-Type"), value)
	if g.chance(15) {
		step.Headers = append(step.Headers, [2]string{"Content-Type", pick(g, "text/plain", charset, "")})
	}
	if g.chance(85) {
		g.body(step)
	}
	step.UploadListener, step.WithCredentials = g.chance(20), g.chance(10)
}

// askedFeature is about what is asked: methods, headers and their values in all
// forms, and URLs.
func askedFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, pick(g, "*", "PUT, PATCH, FOO, x, PROPFIND"), pick(g, "*", "x-a, x-b, content-type, accept, range"))
	url := pick(g, "http://b.test:18001/x", "http://b.test:18001/x", plainClient+"/x", "http://b.test:18001/x?a=b&c", "http://b.test:18001/a%20b", "http://b.test:18001/%C3%A9?%C3%A9")
	s.serve(url, g.preflight(allow), actual("body", allow))
	step := stepSpec{URL: pick(g, url, url, url, url+"#frag", strings.Replace(url, "http", "HTTP", 1), " "+url+"\n", strings.Replace(url, "/x", "/./x", 1), strings.Replace(url, "/x", "/y/../x", 1),
		strings.Replace(url, "b.test", "B.TEST", 1), strings.Replace(url, "%20", " ", 1), strings.Replace(url, "//", "//@", 1), strings.Replace(url, "%C3%A9", "\u00e9", 1), strings.Replace(url, "//", "//u:p@", 1))}
	if g.chance(60) {
		g.method(&step, methods...)
	}
	for range pick(g, 0, 1, 1, 2, 3) {
		name := pick(g, "X-A", "x-b", "Content-Type", "Accept", "Range", "Accept-Language", "Content-Language", "Cookie", "Sec-X", "x-A", "Save-Data", "Priority", "Upgrade-Insecure-Requests", "Access-Control-Request-Method")
		value := pick(g, "1", "", "a, b", "a,b", " a", "a\t", "\u00e9", "\u00a0", filled("a", g.length(128)), filled("a", pick(g, 1000, 4000)), "\u00ff\u0080", "text/plain", "bytes=1-", "*/*", "a\"b", "a;b=c", ",", ", ,")
		step.Headers = append(step.Headers, [2]string{name, value})
	}
	if g.chance(30) {
		step.API = "xhr"
	} else {
		step.Mode = pick(g, "", "", "cors", "same-origin", "no-cors")
	}
	if g.chance(40) {
		g.body(&step)
	}
	s.Steps = append(s.Steps, step)
}

// cookiesFeature is about cookies over several requests.
func cookiesFeature(g *generator, s *spec) {
	s.Client = pick(g, documents[:3]...)
	host := g.anywhere(s.Client)
	permission := allows(s.Client.Origin, true, "PUT", "x-a")
	values := append(slices.Clone(cookies), "c=2", "d=3; Path=/", "c=1; Max-Age=-1", "c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "c=a b", "c=\"x\"", "c=\u00e9", "c=1; Path=/dir", "c=1; Domain=.test", "c=1; Domain=b.test",
		"c=1; Domain=www.a.test", "__Secure-c=1; Secure", "__Secure-c=1", "c=1; samesite=none; secure; partitioned", "c = 1", "c=1;HttpOnly", "c=1; SameSite", "c=1; SameSite=x", "c=a=b", "c=1; Max-Age=x", "a=1, b=2")
	first, second := host+"/dir/set", host+pick(g, "/dir/set", "/dir/get", "/get", "/dir", "/dir/sub/x")
	setting := actual("set", permission)
	for range pick(g, 1, 1, 2, 3) {
		setting.Headers = append(setting.Headers, [2]string{"Set-Cookie", pick(g, values...)})
	}
	s.serve(first, setting)
	if second != first {
		s.serve(second, g.preflight(permission), actual("get", permission))
	}
	s.Steps = append(s.Steps, stepSpec{URL: first, Credentials: pick(g, "include", "include", "same-origin")})
	for range pick(g, 1, 1, 2) {
		step := stepSpec{URL: second, Credentials: pick(g, "include", "include", "include", "same-origin", "omit")}
		step.Mode = pick(g, "", "", "", "no-cors", "same-origin")
		if step.Mode == "" && g.chance(30) {
			step.API, step.Credentials, step.WithCredentials = "xhr", "", g.chance(70)
		}
		s.Steps = append(s.Steps, step)
	}
}
