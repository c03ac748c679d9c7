package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// xhrAllowLists takes the CORS headers from the query and tells the request's.
func xhrAllowLists(q *request, p *response) {
	for _, from := range [][2]string{
		{"origin", "Access-Control-Allow-Origin"},
		{"headers", "Access-Control-Allow-Headers"},
		{"methods", "Access-Control-Allow-Methods"},
	} {
		if value, ok := q.params.get(from[0]); ok {
			p.set(from[1], value)
		}
	}
	if q.has("origins") {
		q.need("origin") // upstream reads this one for each of those
	}
	p.reply(jsonStrings(q.headers()))
}

func xhrAllowWithBody(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Headers", "X-Requested-With")
	p.set("Access-Control-Max-Age", "0")
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Access-Control-Allow-Methods", "*")
	p.set("Vary", "Accept-Encoding")
	p.set("Content-Type", "text/plain")
	p.content("PASS")
}

func xhrAuthBasic(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Allow-Credentials", "true")
	if q.method == "OPTIONS" {
		p.set("Access-Control-Allow-Methods", "PUT")
		return
	}
	user, password, _ := q.auth()
	if id, ok := q.params.get("uid"); user == "" || !ok || user != id {
		p.set("WWW-Authenticate", "Basic realm='Test Realm/Cross Origin'")
		p.status(401)
		p.content("Authentication cancelled")
		return
	}
	p.content("User: " + user + ", Password: " + password)
}

const xhrAllowed = "PASS: Cross-domain access allowed."

func xhrAllowNoCredentials(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.content(xhrAllowed)
}

func xhrAllowStar(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("Access-Control-Allow-Origin", "*")
	p.content(xhrAllowed)
}

func xhrAllow(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("Access-Control-Allow-Credentials", "true")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.content(xhrAllowed)
}

func xhrSafelistedRequest(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	if q.method != "POST" {
		p.status(400)
		return
	}
	p.set("Access-Control-Allow-Credentials", "true")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	var all strings.Builder
	for _, name := range [...]string{"Accept", "Accept-Language", "Content-Language", "Content-Type"} {
		value := q.headerOr(name, "")
		if value == "" {
			value = "<None>"
		}
		all.WriteString(name + ": " + headers.IsomorphicDecode(value) + "\n")
	}
	p.body = body{chunks: []chunk{{data: all.String()}}}
}

func xhrSafelistedResponse(q *request, p *response) {
	p.set("content-type", "text/plain")
	p.set("cache-control", "no cache")
	p.set("content-language", "en")
	p.set("expires", "Fri, 30 Oct 1998 14:19:41 GMT")
	p.set("last-modified", "Tue, 15 Nov 1994 12:45:26 GMT")
	p.set("pragma", "no-cache")
	p.set("x-test", "foobar")
	p.set("Access-Control-Allow-Origin", "*")
	p.content(xhrAllowed)
}

func xhrDenied(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Content-Type", "text/plain")
}

func xhrOptionsNotSupported(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	origin, ok := q.header("Origin")
	switch {
	case q.method == "OPTIONS":
		p.status(400)
	case !ok:
		p.status(500)
	default:
		p.set("Access-Control-Allow-Credentials", "true")
		p.set("Access-Control-Allow-Origin", origin)
	}
}

// A stage is one state of a handler that watches a sequence of requests.
type stage struct {
	method  string
	allow   [][2]string // Access-Control-… headers of the answer
	content string
	next    string
}

// stages answers as the state says that the stash has under the query's token,
// and refuses, with the status failed, a method that no stage of it has. A
// stage whose next is "" ends the sequence.
func stages(q *request, p *response, failed int, all map[string][]stage) {
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Allow-Credentials", "true")
	token := q.need("token")
	state := q.takeString(token)
	if state == "" {
		state = "Uninitialized"
	}
	for _, s := range all[state] {
		if s.method != q.method {
			continue
		}
		for _, h := range s.allow {
			p.set("Access-Control-"+h[0], h[1])
		}
		if s.content != "" {
			p.content(s.content)
		}
		if strings.HasPrefix(s.content, "FAIL") && failed != 0 {
			p.status(failed)
		}
		if s.next != "" {
			q.put(token, s.next)
		}
		return
	}
	p.content("FAIL " + q.method + ": " + state)
	if failed != 0 {
		p.status(failed)
	}
}

var secondOptions = []stage{
	{method: "PUT", content: "PASS: Second OPTIONS request was sent."},
	{method: "XMETHOD", content: "PASS: Second OPTIONS request was sent."},
}

func xhrPreflightCacheInvalidation(q *request, p *response) {
	stages(q, p, 0, map[string][]stage{
		"Uninitialized": {{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT"}, {"Max-Age", "10"}}, next: "OPTIONSSent"}},
		"OPTIONSSent":   {{method: "PUT", content: "PASS: First PUT request.", next: "FirstPUTSent"}},
		"FirstPUTSent": {
			{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT, XMETHOD"}, {"Allow-Headers", "x-test"}}, next: "SecondOPTIONSSent"},
			{method: "PUT", content: "FAIL PUT: Second PUT request sent without preflight"},
		},
		"SecondOPTIONSSent": secondOptions,
	})
}

func xhrPreflightCacheTimeout(q *request, p *response) {
	stages(q, p, 0, map[string][]stage{
		"Uninitialized": {{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT"}, {"Allow-Headers", "x-test"}, {"Max-Age", "1"}}, next: "OPTIONSSent"}},
		"OPTIONSSent":   {{method: "PUT", content: "PASS: First PUT request.", next: "FirstPUTSent"}},
		"FirstPUTSent": {
			{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT"}, {"Allow-Headers", "x-test"}}, next: "SecondOPTIONSSent"},
			{method: "PUT", content: "FAIL PUT: Second PUT request sent without preflight"},
		},
		"SecondOPTIONSSent": secondOptions[:1],
	})
}

func xhrPreflightCache(q *request, p *response) {
	stages(q, p, 400, map[string][]stage{
		"Uninitialized": {{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT"}, {"Max-Age", "10"}}, next: "OPTIONSSent"}},
		"OPTIONSSent":   {{method: "PUT", content: "PASS: First PUT request.", next: "FirstPUTSent"}},
		"FirstPUTSent": {
			{method: "PUT", content: "PASS: Second PUT request. Preflight worked."},
			{method: "OPTIONS", allow: [][2]string{{"Allow-Methods", "PUT"}}, next: "FAILSecondOPTIONSSent"},
		},
		"FAILSecondOPTIONSSent": {{method: "PUT", content: "FAIL PUT: Second OPTIONS request was sent. Preflight failed."}},
	})
}

func xhrPutAllow(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	switch q.method {
	case "OPTIONS":
		p.set("Access-Control-Allow-Credentials", "true")
		p.set("Access-Control-Allow-Methods", "PUT")
		p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	case "PUT":
		p.set("Access-Control-Allow-Credentials", "true")
		p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
		p.content(xhrAllowed + "\n" + string(q.body))
	default:
		p.content("Wrong method: " + q.method)
	}
}

// xhrCookie deletes all cookies of the request and sets one.
func xhrCookie(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Allow-Credentials", "true")
	for _, c := range q.cookies() {
		p.cookie(c.Name, "deleted", "; "+expires(-24*time.Hour)+"; Path=/")
	}
	if name := q.paramOr("cookie_name", ""); name != "" {
		p.cookie(name, "COOKIE", "; "+expires(24*time.Hour)+"; Path=/")
	}
}

func xhrOriginHeader(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("Cache-Control", "no-cache, no-store")
	p.set("Access-Control-Allow-External", "true")
	p.set("Access-Control-Allow-Origin", "*")
	p.content(xhrAllowed + "\nHTTP_ORIGIN: " + q.needHeader("Origin"))
}

// xhrPreflightDenied answers preflights so that they fail, and tells with
// command=complete whether another request came in spite of that.
func xhrPreflightDenied(q *request, p *response) {
	failed := func(message string) {
		p.content("FAIL: " + message)
		p.status(400)
	}
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Max-Age", "1")
	token := q.need("token")
	state := q.takeString(token)
	if state == "" {
		state = "Uninitialized"
	}
	switch command := q.paramOr("command", ""); {
	case command == "reset" && q.method == "GET":
		q.put(token, "")
		p.content("Server state reset")
	case command == "reset":
		failed("Invalid Method.")
	case state == "Uninitialized" && q.method == "OPTIONS":
		p.content("This request should not be displayed.")
		q.put(token, "Denied")
	case state == "Uninitialized":
		failed(state)
	case state == "Denied" && q.method == "GET" && command == "complete":
		q.put(token, "")
		p.content("Request successfully blocked.")
	case state == "Denied":
		q.put(token, "Deny Ignored")
		failed("The request was not denied.")
	default:
		q.put(token, "")
		failed(state)
	}
}

func xhrAllowHeadersStar(q *request, p *response) { xhrTestHeader(q, p, "*", "*") }

func xhrHeaderReturnsOrigin(q *request, p *response) {
	xhrTestHeader(q, p, q.headerOr("Origin", ""), "X-Test")
}

// xhrTestHeader allows headers in a preflight for origin, and passes a GET that
// has X-Test.
func xhrTestHeader(q *request, p *response, origin, allowed string) {
	switch q.method {
	case "OPTIONS":
		if origin == "" {
			q.needHeader("Origin")
		}
		p.set("Access-Control-Allow-Origin", origin)
		p.set("Access-Control-Allow-Headers", allowed)
	case "GET":
		p.set("Access-Control-Allow-Origin", "*")
		if q.headerOr("X-Test", "") == "" {
			p.status(400)
			return
		}
		p.set("Content-Type", "text/plain")
		p.content("PASS")
	}
}

func xhrHeaderLowercase(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Access-Control-Max-Age", "0")
	switch q.method {
	case "OPTIONS":
		for _, name := range strings.Split(q.needHeader("Access-Control-Request-Headers"), ",") {
			if strings.Trim(name, " ") == "x-test" {
				p.set("Access-Control-Allow-Headers", "X-Test")
				return
			}
		}
		p.status(400)
	case "GET":
		if q.headerOr("X-Test", "") == "" {
			p.status(400)
			return
		}
		p.content("PASS")
	}
}

func xhrHeadersSorted(q *request, p *response) {
	const sorted = "x-custom-s,x-custom-test,x-custom-u,x-custom-ua,x-custom-v"
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	switch {
	case q.method == "OPTIONS":
		p.set("Access-Control-Max-Age", "0")
		p.set("Access-Control-Allow-Headers", sorted)
		if q.headerOr("Access-Control-Request-Headers", "") != sorted {
			p.status(400)
		}
	case q.headerOr("x-custom-s", "") != "":
		p.content("PASS")
	default:
		p.status(400)
		p.content("FAIL")
	}
}

func xhrHeadersOrigin(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", "*")
	if q.method != "OPTIONS" {
		p.contentOf(q.header("x-pass"))
		return
	}
	if strings.Contains(headers.Lower(q.needHeader("Access-Control-Request-Headers")), "origin") {
		p.status(400)
		p.content("Error: 'origin' included in Access-Control-Request-Headers")
		return
	}
	p.set("Access-Control-Allow-Headers", "x-pass")
}

func xhrInvalidStatus(q *request, p *response) {
	if q.method == "OPTIONS" {
		if code, err := strconv.Atoi(q.paramOr("code", "")); err == nil && code != 0 {
			p.status(code)
		}
		p.set("Access-Control-Max-Age", "1")
		p.set("Access-Control-Allow-Headers", "x-pass")
	}
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
}

func xhrNoCookie(q *request, p *response) {
	cookie, ok := q.cookies().get("foo")
	if q.method == "OPTIONS" && ok {
		p.status(400)
		return
	}
	p.set("Cache-Control", "no-store")
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	p.set("Access-Control-Allow-Credentials", "true")
	p.set("Access-Control-Allow-Headers", "X-Proprietary-Header")
	p.set("Connection", "close")
	if ok {
		p.content(cookie)
	}
}
