package server

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

func xhrAccept(q *request, p *response) {
	p.add("Content-Type", "text/plain")
	p.reply(q.headerOr("Accept", "NO"))
}

// xhrAuthentication challenges once for each X-User, and tells whether it did
// when credentials come.
func xhrAuthentication(q *request, p *response) {
	user, password, ok := q.auth()
	token, named := q.header("X-User")
	if !ok {
		if named && q.take(token) != nil {
			p.reply("FAIL (did not authorize)")
			return
		}
		if named {
			q.put(token, "1")
		}
		p.statusText(401, "Unauthorized")
		p.add("WWW-Authenticate", `Basic realm="test"`)
		p.reply("FAIL (should be transparent)")
		return
	}
	challenge := "DID-NOT"
	if q.takeString(q.needHeader("X-User")) == "1" {
		challenge = "DID"
	}
	p.add("XHR-USER", token)
	p.add("SES-USER", user)
	p.add("X-challenge", challenge)
	p.reply(user + "\n" + password)
}

// xhrAuthCORS is xhrAuthentication for other origins, with these headers
// allowed.
func xhrAuthCORS(allowed string) handler {
	return func(q *request, p *response) {
		p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
		p.set("Access-Control-Allow-Credentials", "true")
		p.set("Access-Control-Allow-Methods", "GET")
		p.set("Access-Control-Allow-Headers", allowed)
		p.set("Access-Control-Expose-Headers", "x-challenge, xhr-user, ses-user")
		if q.method == "OPTIONS" {
			p.reply("")
			return
		}
		xhrAuthentication(q, p)
	}
}

// xhrAuthPrompt wants one user and password. Without any, upstream's second
// variant of it is an error.
func xhrAuthPrompt(wantsAny bool) handler {
	return func(q *request, p *response) {
		user, password, ok := q.auth()
		if wantsAny && !ok {
			fail(500, "the request has no credentials, which this handler needs")
		}
		content := ""
		if user == "usr" && password == "secret" {
			p.set("Content-type", "text/plain")
		} else {
			p.status(401)
			p.set("Status", "401 Authorization required")
			p.set("WWW-Authenticate", `Basic realm="test"`)
			content = "User name/password wrong or not given: "
		}
		p.reply(content + user + "\n" + password)
	}
}

func xhrBadChunkEncoding(q *request, p *response) {
	p.set("Transfer-Encoding", "chunked")
	p.set("Content-Type", "text/plain")
	p.set("X-Content-Type-Options", "nosniff")
	p.set("Connection", "close")
	badChunks(p, 100*time.Millisecond, 5)
}

func xhrChunked(q *request, p *response) {
	p.set("Transfer-Encoding", "chunked")
	p.set("Trailer", "X-Test-Me")
	p.set("Content-Type", "text/plain")
	p.writeHead()
	for _, line := range [...]string{"First chunk", "Second chunk", "Yet another (third) chunk", "Yet another (fourth) chunk"} {
		line += "\r\n"
		p.write(fmt.Sprintf("%x\r\n%s\r\n", len(line), line))
	}
	p.write("0\r\nX-Test-Me: Trailer header value\r\n\r\n")
}

func xhrConditional(q *request, p *response) {
	tag, hasTag := q.params.get("tag")
	date := q.paramOr("date", "")
	cors := q.paramOr("cors", "") != ""
	if q.method == "OPTIONS" {
		p.set("Access-Control-Allow-Origin", "*")
		p.set("Access-Control-Allow-Headers", "IF-NONE-MATCH")
		p.reply("")
		return
	}
	if tag != "" {
		p.set("ETag", `"`+tag+`"`)
	} else if date != "" {
		p.set("Last-Modified", date)
	}
	if cors {
		p.set("Access-Control-Allow-Origin", "*")
	}
	match, hasMatch := q.header("If-None-Match")
	since, hasSince := q.header("If-Modified-Since")
	if hasMatch && hasTag && match == tag || hasSince && since == date {
		p.statusText(304, "SUPERCOOL")
		p.reply("")
		return
	}
	if !cors {
		p.set("Access-Control-Allow-Origin", "*")
	}
	p.set("Content-Type", "text/plain")
	p.reply("MAYBE NOT")
}

// requestHeaders adds what many handlers tell of a request.
func requestHeaders(q *request, p *response) {
	query := q.query
	if query == "" {
		query = "NO"
	}
	p.add("X-Request-Method", q.method)
	p.add("X-Request-Query", query)
	p.add("X-Request-Content-Length", q.headerOr("Content-Length", "NO"))
	p.add("X-Request-Content-Type", q.headerOr("Content-Type", "NO"))
}

func xhrContent(q *request, p *response) {
	mime := "text/plain"
	if label, ok := q.params.get("response_charset_label"); ok {
		mime += ";charset=" + label
	}
	p.add("Content-type", mime)
	requestHeaders(q, p)
	p.reply(q.paramOr("content", string(q.body)))
}

func xhrCORSEnabled(q *request, p *response) {
	p.add("Access-Control-Allow-Origin", "*")
	p.add("Access-Control-Allow-Credentials", "true")
	p.add("Access-Control-Allow-Methods", "GET, POST, PUT, FOO")
	p.add("Access-Control-Allow-Headers", "x-test, x-foo")
	p.add("Access-Control-Expose-Headers", "x-request-method, x-request-content-type, x-request-query, x-request-content-length, x-request-data")
	if seconds, ok := q.params.get("delay"); ok {
		p.pause(time.Duration(integer(seconds)) * time.Second)
	}
	if q.has("safelist_content_type") {
		p.add("Access-Control-Allow-Headers", "content-type")
	}
	requestHeaders(q, p)
	p.add("X-Request-Data", string(q.body))
	p.reply("Test")
}

func xhrDelay(q *request, p *response) {
	p.pause(milliseconds(q.paramOr("ms", "500")))
	p.add("Access-Control-Allow-Origin", "*")
	p.add("Access-Control-Allow-Methods", "YO")
	p.add("Content-type", "text/plain")
	p.reply("TEST_DELAY")
}

func xhrEchoContentCORS(q *request, p *response) {
	p.add("X-Request-Method", q.method)
	p.add("X-Request-Content-Length", q.headerOr("Content-Length", "NO"))
	p.add("X-Request-Content-Type", q.headerOr("Content-Type", "NO"))
	p.add("Access-Control-Allow-Credentials", "true")
	p.add("Content-Type", "text/plain")
	// One parameter replaces three headers, upstream too.
	for _, from := range [][3]string{
		{"Origin", "Access-Control-Allow-Origin", ""},
		{"Access-Control-Request-Headers", "Access-Control-Allow-Headers", ""},
		{"Access-Control-Request-Method", "Access-Control-Allow-Methods", "OPTIONS, "},
	} {
		value, ok := q.params.get("origin")
		if !ok {
			value, ok = q.header(from[0])
		}
		if ok {
			p.add(from[1], from[2]+value)
		}
	}
	p.reply(string(q.body))
}

func xhrEchoContentType(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("Connection", "close")
	p.contentOf(q.header("Content-Type"))
	p.close = true
}

func xhrEchoHeaders(q *request, p *response) {
	var all strings.Builder
	for _, h := range q.raw {
		all.WriteString(headers.IsomorphicDecode(h.Name + ": " + h.Value + "\n"))
	}
	all.WriteByte('\n')
	p.writeStatus(200, "", false)
	p.writeHeader("Content-Type", "text/plain")
	p.writeHeader("Content-Length", strconv.Itoa(len([]rune(all.String()))))
	p.writeHeader("Connection", "close")
	p.endHeaders()
	p.write(all.String())
	p.close = true
}

// xhrEchoMethod sends a body in answer to HEAD too, together with the headers,
// so that a client that takes it for a body or a response shows.
func xhrEchoMethod(q *request, p *response) {
	p.write("HTTP/1.1 200 OK\nContent-type: text/plain\nContent-Length: " + strconv.Itoa(len(q.method)) + "\n\n" + q.method)
}

func xhrForm(q *request, p *response) {
	fields, _ := q.form()
	id, ok := fields.get("id")
	value, ok2 := fields.get("value")
	if !ok || !ok2 {
		fail(500, "the form has no id or no value, which this handler needs")
	}
	p.reply("id:" + id + ";value:" + value + ";")
}

func xhrUpload(q *request, p *response) {
	fields, uploaded := q.form()
	byName := func(a, b string) int { return strings.Compare(a, b) }
	fields = fields.firsts()
	slices.SortStableFunc(fields, func(a, b headers.Header) int { return byName(a.Name, b.Name) })
	slices.SortStableFunc(uploaded, func(a, b file) int { return byName(a.field, b.field) })
	var all strings.Builder
	for _, f := range fields {
		all.WriteString(f.Name + "=" + f.Value + ",")
	}
	all.WriteByte('\n')
	for _, f := range uploaded {
		mime := f.mime
		if mime == "" {
			mime = "None"
		}
		fmt.Fprintf(&all, "%s=%s:%s:%d,", f.field, f.name, mime, len(f.content))
	}
	p.reply(all.String())
}

func xhrGetSetCookie(q *request, p *response) {
	p.set("Content-type", "text/plain")
	when := ""
	if q.paramOr("clear", "") != "" {
		when = "; " + expires(-24*time.Hour)
	}
	p.cookie("WK-test", "1", when+"; Path=/")
	p.cookie("WK-test-secure", "1", when+"; Path=/; Secure")
	content := ""
	for _, c := range q.cookies() {
		content += " " + c.Name + "=" + c.Value
	}
	p.content(content)
}

// xhrCompressed answers with the query's content or the request's body in a
// content coding.
func xhrCompressed(coding string) handler {
	return func(q *request, p *response) {
		var b bytes.Buffer
		var w io.WriteCloser = gzip.NewWriter(&b)
		if coding == "deflate" {
			w = zlib.NewWriter(&b)
		}
		io.WriteString(w, q.paramOr("content", string(q.body))) // a bytes.Buffer takes everything
		w.Close()
		p.add("Content-type", "text/plain")
		p.add("Content-Encoding", coding)
		requestHeaders(q, p)
		p.add("Content-Length", strconv.Itoa(b.Len()))
		p.reply(b.String())
	}
}

func xhrHeaderUserAgent(q *request, p *response) {
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Access-Control-Max-Age", "0")
	p.set("Access-Control-Allow-Headers", "x-test")
	agent := q.headerOr("User-Agent", "")
	switch {
	case q.method == "OPTIONS" && agent == "":
		p.content("FAIL: User-Agent header missing in preflight request.")
		p.status(400)
	case q.method == "OPTIONS":
	case agent == "":
		p.content("FAIL: User-Agent header missing in request")
		p.status(400)
	default:
		p.content("PASS")
	}
}

func xhrHeaders(q *request, p *response) {
	p.set("Content-Type", "text/plain")
	p.set("X-Custom-Header", "test")
	p.set("Set-Cookie", "test")
	p.set("Set-Cookie2", "test")
	p.set("X-Custom-Header-Empty", "")
	p.set("X-Custom-Header-Comma", "1")
	p.add("X-Custom-Header-Comma", "2")
	p.set("X-Custom-Header-Bytes", "…")
	p.reply("TEST")
}

func xhrInfiniteRedirects(q *request, p *response) {
	page, code, mix := "alternate", 302, 0
	if q.paramOr("page", "") == "alternate" {
		page = "default"
	}
	if q.paramOr("type", "") == "301" {
		code = 301
	}
	if q.paramOr("mix", "") == "1" {
		mix, code = 1, 603-code
	}
	to := fmt.Sprintf("%s://%s%s?page=%s&type=%d&mix=%d", q.scheme, q.host, q.path, page, code, mix)
	p.status(301)
	p.add("Cache-Control", "no-cache")
	p.add("Pragma", "no-cache")
	p.add("Location", to)
	p.reply("Hello guest. You have been redirected to " + to)
}

// xhrInspectHeaders tells the names of the headers with a value, or the lines
// of those with a name, as they were sent.
func xhrInspectHeaders(q *request, p *response) {
	if q.has("cors") {
		p.add("Access-Control-Allow-Origin", "*")
		p.add("Access-Control-Allow-Credentials", "true")
		p.add("Access-Control-Allow-Methods", "GET, POST, PUT, FOO")
		p.add("Access-Control-Allow-Headers", "x-test, x-foo")
		p.add("Access-Control-Expose-Headers", "x-request-method, x-request-content-type, x-request-query, x-request-content-length")
	}
	p.add("content-type", "text/plain")
	value, name := q.paramOr("filter_value", ""), q.paramOr("filter_name", "")
	var found strings.Builder
	for _, h := range q.raw {
		if value != "" {
			if h.Value == value {
				found.WriteString(h.Name + ",")
			}
		} else if headers.EqualFold(h.Name, name) {
			found.WriteString(h.Name + ": " + h.Value + "\n")
		}
	}
	p.reply(found.String())
}

func xhrNoCustomHeader(q *request, p *response) {
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Access-Control-Allow-Headers", "x-test")
	p.set("Access-Control-Max-Age", "0")
	token, named := q.params.get("token")
	test := q.headerOr("x-test", "") != ""
	switch {
	case q.method == "OPTIONS" && test:
		p.content("FAIL: Invalid header in preflight request.")
		p.status(400)
	case q.method != "OPTIONS" && !test:
		p.content("FAIL: X-Test header missing in request")
		p.status(400)
	case !named:
		q.need("token")
	case q.method == "OPTIONS":
		q.put(token, "PASS")
	default:
		state := q.takeString(token)
		if state == "" {
			state = "Uninitialized"
		}
		p.content(state)
	}
}

func xhrParseHeaders(q *request, p *response) {
	if value, ok := q.params.get("my-custom-header"); ok {
		p.set("My-Custom-Header", value)
	}
	p.reply("")
}

func xhrRedirectCORS(q *request, p *response) {
	location := q.need("location")
	switch {
	case q.method == "OPTIONS":
		if q.has("redirect_preflight") {
			p.status(302)
			p.set("Location", location)
		}
		p.set("Access-Control-Allow-Methods", "GET")
		p.set("Access-Control-Max-Age", "1")
	case q.method == "GET":
		p.status(302)
		p.set("Location", location)
	}
	if q.has("allow_origin") {
		p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	}
	if allowed, ok := q.params.get("allow_header"); ok {
		p.set("Access-Control-Allow-Headers", allowed)
	}
}

// xhrRedirect redirects to location, which is decoded once more, as UTF-8, and
// ends where that has a "&", and by default to itself, which then tells that it
// was followed.
func xhrRedirect(q *request, p *response) {
	code := integer(q.paramOr("code", "302"))
	location := q.paramOr("location", q.path+"?followed")
	if location != "" {
		location, _, _ = strings.Cut(location, "&")
		latin1, ok := headers.IsomorphicEncode(location)
		if location == "" || !utf8.ValidString(location) || !ok {
			fail(500, "location %q: want text up to U+00FF before the first &", location)
		}
		location = unquoteText(strings.ReplaceAll(latin1, "+", " "))
		if strings.HasPrefix(location, "redirect.py") {
			location += "&code=" + strconv.Itoa(code)
		}
	}
	if delay, ok := q.params.get("delay"); ok {
		p.pause(milliseconds(delay))
	}
	if q.has("followed") {
		p.add("Content:Type", "text/plain")
		p.reply("MAGIC HAPPENED")
		return
	}
	p.statusText(code, "WEBSRT MARKETING")
	p.add("Location", location)
	p.reply("TEST")
}

func xhrRequestURI(q *request, p *response) {
	if q.has("full") {
		p.reply(q.url())
	} else {
		p.reply(q.target)
	}
}

func xhrResetToken(q *request, p *response) {
	p.set("Access-Control-Allow-Origin", q.needHeader("Origin"))
	q.put(q.need("token"), "")
	p.content("PASS")
}

func xhrTrickle(q *request, p *response) {
	const line = "TEST_TRICKLE\n"
	delay := milliseconds(q.paramOr("ms", "500"))
	count := integer(q.paramOr("count", "50"))
	if q.has("specifylength") {
		p.set("Content-Length", strconv.Itoa(count*len(line)))
	}
	p.pause(delay)
	p.set("Content-type", "text/plain")
	p.writeHead()
	for range count {
		if !p.pause(delay) {
			return
		}
		p.write(line)
	}
	p.pause(delay)
}
