package server

import (
	"strconv"

	"github.com/corsim/corsim/headers"
)

// corsRevalidation answers numbered pairs of requests, the first of each with
// an entity and the second with a 304 whose CORS headers differ.
func corsRevalidation(q *request, p *response) {
	const exposed, etag = "content-language", "abcdef"
	clientError := func(message string) {
		p.statusText(299, "Client Error")
		p.headers = headers.List{
			{Name: "content-type", Value: "text/plain"},
			{Name: "access-control-allow-origin", Value: "*"},
			{Name: "access-control-expose-headers", Value: exposed},
			{Name: "cache-control", Value: "no-store"},
		}
		p.reply(message)
	}
	number, ok := q.header(exposed)
	if !ok {
		clientError("no req_num header in request")
		return
	}
	n := integer(number)
	if n > 8 {
		clientError("req_num " + strconv.Itoa(n) + " out of range")
		return
	}
	p.add("Access-Control-Expose-Headers", exposed)
	p.add(exposed, strconv.Itoa(n))
	p.add("A", strconv.Itoa(n))
	p.add("B", strconv.Itoa(n))

	match, conditional := q.header("If-None-Match")
	switch {
	case n%2 != 0 && match != "":
		clientError("If-None-Match on first request")
		return
	case n%2 != 0:
		p.statusText(200, "OK")
		p.add("Access-Control-Allow-Origin", "*")
		p.add("Content-Type", "text/plain")
		p.add("Cache-Control", "private, max-age=3, must-revalidate")
		p.add("ETag", etag)
		p.reply("Success")
		return
	case !conditional:
		clientError("If-None-Match missing")
		return
	case match != etag:
		clientError("If-None-Match '%s' mismatches")
		return
	}
	switch n {
	case 4:
		p.add("Access-Control-Expose-Headers", "a, b")
	case 6:
		p.add("Access-Control-Expose-Headers", "a")
	case 8:
		p.add("Access-Control-Allow-Origin", "other.origin.example:80")
	}
	p.statusText(304, "Not Modified")
	p.reply("")
}

func corsCache304(q *request, p *response) {
	const etag = "mybestscript-v1"
	if match, _ := q.header("If-None-Match"); match == etag {
		p.statusText(304, "YEP")
		p.reply("")
		return
	}
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Cache-Control", "must-revalidate")
	p.set("ETag", etag)
	p.set("Content-Type", "text/javascript")
	p.reply("function hep() { }")
}

// corsCookie tells the value of a cookie and deletes it, or sets it.
func corsCookie(q *request, p *response) {
	origin := q.paramOr("origin", q.needHeader("Origin"))
	credentials := q.paramOr("credentials", "true")
	name := q.paramOr("ident", "test")
	body, ok := q.cookies().get(name)
	if ok {
		p.deleteCookie(name)
	} else {
		p.cookie(name, "COOKIE", "; Path=/")
		body = "NO_COOKIE"
	}
	p.add("Content-Type", "text/plain")
	if origin != "none" {
		p.add("Access-Control-Allow-Origin", origin)
	}
	if credentials != "none" {
		p.add("Access-Control-Allow-Credentials", credentials)
	}
	p.reply(body)
}

// checkToken answers whether a preflight left its mark under the token.
func checkToken(q *request) string {
	token := q.need("token")
	mark := q.take(token)
	if mark == nil {
		return "0"
	}
	if q.paramOr("check", "") == "keep" {
		q.put(token, mark)
	}
	return "1"
}

// corsMakeHeader takes the CORS headers, the status and a redirect from the
// query, notes preflights, and tells which headers the request had.
func corsMakeHeader(q *request, p *response) {
	origin, _ := q.header("Origin")
	if origin == "" {
		origin = "none"
	}
	origin = q.paramOr("origin", origin)
	if q.has("check") {
		p.add("Content-Type", "text/plain")
		p.reply(checkToken(q))
		return
	}
	if origin != "none" {
		p.set("Access-Control-Allow-Origin", origin)
	}
	if second, ok := q.params.get("origin2"); ok {
		p.add("Access-Control-Allow-Origin", second)
	}
	for _, from := range [][2]string{
		{"headers", "Access-Control-Allow-Headers"},
		{"credentials", "Access-Control-Allow-Credentials"},
		{"methods", "Access-Control-Allow-Methods"},
	} {
		if value, ok := q.params.get(from[0]); ok {
			p.set(from[1], value)
		}
	}
	code := 0
	if c := q.paramOr("code", ""); c != "" {
		code = integer(c)
	}
	if q.method == "OPTIONS" {
		if c, ok := q.params.get("preflight"); ok {
			code = integer(c)
		}
		if token, ok := q.params.get("token"); ok {
			q.put(token, true)
		}
	}
	if location, ok := q.params.get("location"); ok {
		if code == 0 {
			code = 302
		}
		if 300 <= code && code < 400 {
			p.set("Location", location)
		}
	}
	told := append(q.headers(), headers.Header{Name: "get_value", Value: q.paramOr("get_value", "")})
	if code != 0 {
		p.statusText(code, "StatusText")
	}
	p.reply(jsonStrings(told))
}

func corsExposeHeaders(q *request, p *response) {
	p.bare = true
	p.write("HTTP/1.1 221 ALL YOUR BASE BELONG TO H1\r\n" +
		"Access-Control-Allow-Origin: *\r\n" +
		"Connection: close\r\n" +
		"BB-8: hey\r\n" +
		"Content-Language: mkay\r\n" +
		q.need("expose") + "\r\n\r\n")
	p.close = true
}

func corsPreflight(q *request, p *response) {
	preflight(q, p, q.has("check"), nil)
}

func corsPreflightPartitioning(q *request, p *response) {
	preflight(q, p, q.method == "GET", headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}})
}

// preflight allows what a preflight asks for, marks it under the token, and
// tells with check whether there was one. With no headers of its own, check
// gives none of the CORS headers either.
func preflight(q *request, p *response, check bool, own headers.List) {
	l := append(headers.List{{Name: "Content-Type", Value: "text/plain"}}, own...)
	if check {
		p.addAll(l)
		p.reply(checkToken(q))
		return
	}
	if q.method == "OPTIONS" {
		method, ok := q.header("Access-Control-Request-Method")
		if !ok {
			p.fails(400, "No Access-Control-Request-Method header")
			p.reply("ERROR: No access-control-request-method in preflight!")
			return
		}
		l = append(l, headers.Header{Name: "Access-Control-Allow-Methods", Value: method})
		if age, ok := q.params.get("max_age"); ok {
			l = append(l, headers.Header{Name: "Access-Control-Max-Age", Value: age})
		}
		if token, ok := q.params.get("token"); ok {
			q.put(token, true)
		}
	}
	if own == nil {
		l = append(l, headers.Header{Name: "Access-Control-Allow-Origin", Value: "*"})
	}
	p.addAll(append(l, headers.Header{Name: "Access-Control-Allow-Headers", Value: "x-print"}))
	p.reply(q.headerOr("x-print", "NO"))
}

// corsStatus answers with the status, text, type and content of the query.
func corsStatus(q *request, p *response) {
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return 200
	}
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Expose-Headers", "X-Request-Method")
	if q.method == "OPTIONS" {
		p.set("Access-Control-Allow-Methods", "GET, CHICKEN, HEAD, POST, PUT")
	}
	if allowed, ok := q.params.get("headers"); ok {
		p.set("Access-Control-Allow-Headers", allowed)
	}
	p.set("X-Request-Method", q.method)
	p.set("X-A-C-Request-Method", q.headerOr("Access-Control-Request-Method", ""))
	code := number(q.paramOr("code", "200"))
	if c, ok := q.params.get("preflight"); ok && q.method == "OPTIONS" {
		code = integer(c)
	}
	p.statusText(code, q.paramOr("text", "OMG"))
	if mime, ok := q.params.get("type"); ok {
		p.set("Content-Type", mime)
	}
	p.reply(q.paramOr("content", ""))
}
