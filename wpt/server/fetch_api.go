package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

func fetchAuthentication(q *request, p *response) {
	if user, password, _ := q.auth(); user == "user" && password == "password" {
		p.reply("Authentication done")
		return
	}
	p.statusText(401, "Unauthorized")
	p.add("WWW-Authenticate", `Basic realm="`+q.paramOr("realm", "test")+`"`)
	p.reply("Please login with credentials 'user' and 'password'")
}

func fetchBadChunkEncoding(q *request, p *response) {
	p.set("Transfer-Encoding", "chunked")
	badChunks(p, milliseconds(q.paramOr("ms", "1000")), integer(q.paramOr("count", "50")))
}

// badChunks sends good chunks and then what is none, pausing between them.
func badChunks(p *response, delay time.Duration, count int) {
	p.pause(delay)
	p.writeHead()
	for range count {
		if !p.pause(delay) {
			return
		}
		p.write("a\r\nTEST_CHUNK\r\n")
	}
	p.pause(delay)
	p.write("garbage")
}

func fetchCache(q *request, p *response) {
	const etag = `"123abc"`
	if match, _ := q.header("If-None-Match"); match == etag {
		p.set("X-HTTP-STATUS", "304")
		p.statusText(304, "Not Modified")
		p.reply("")
		return
	}
	p.statusText(200, "OK")
	p.set("ETag", etag)
	p.set("Content-Type", "text/plain")
	p.reply("lorem ipsum dolor sit amet")
}

// fetchRequestCache notes the conditional headers of each request under the
// token and tells them with querystate.
func fetchRequestCache(q *request, p *response) {
	token := q.need("token")
	if q.has("querystate") {
		p.set("Content-Type", "text/plain")
		if states, ok := q.take(token).([]string); ok {
			p.reply(jsonArray(states))
		} else {
			p.reply("null")
		}
		return
	}
	var state values
	if !q.has("ignore") {
		for _, name := range [...]string{"If-None-Match", "If-Modified-Since", "Pragma", "Cache-Control"} {
			if value, _ := q.header(name); value != "" {
				state = append(state, headers.Header{Name: name, Value: value})
			}
		}
	}
	states, _ := q.take(token).([]string)
	q.put(token, append(states, jsonStrings(state)))

	tag, hasTag := q.params.get("tag")
	date, hasDate := q.params.get("date")
	if tag != "" {
		tag = `"` + tag + `"`
		p.set("ETag", tag)
	} else if date != "" {
		p.set("Last-Modified", date)
	}
	for _, from := range [][2]string{{"expires", "Expires"}, {"vary", "Vary"}, {"cache_control", "Cache-Control"}} {
		if value := q.paramOr(from[0], ""); value != "" {
			p.set(from[1], value)
		}
	}
	p.set("Access-Control-Allow-Origin", "*")

	match, hasMatch := q.header("If-None-Match")
	since, hasSince := q.header("If-Modified-Since")
	if to := q.paramOr("redirect", ""); to != "" {
		p.set("Location", to)
		p.statusText(302, "Redirect")
		p.reply("")
	} else if hasMatch && hasTag && match == tag || hasSince && hasDate && since == date {
		p.statusText(304, "Not Modified")
		p.reply("")
	} else {
		p.statusText(200, "OK")
		p.set("Content-Type", "text/plain")
		if content, ok := q.params.get("content"); ok {
			p.reply(content)
		}
	}
}

func fetchCleanStash(q *request, p *response) {
	if q.take(q.need("token")) != nil {
		p.reply("1")
	} else {
		p.reply("0")
	}
}

func fetchDumpAuthorization(q *request, p *response) {
	p.add("Content-Type", "text/html")
	p.add("Cache-Control", "no-cache")
	asked := headers.Lower(q.headerOr("Access-Control-Request-Headers", ""))
	if q.paramOr("strip_auth_header", "") != "" && q.method == "OPTIONS" && strings.Contains(asked, "authorization") {
		p.status(500)
		p.reply("fail")
		return
	}
	if origin, ok := q.header("Origin"); ok {
		p.add("Access-Control-Allow-Origin", origin)
		p.add("Access-Control-Allow-Credentials", "true")
	} else {
		p.add("Access-Control-Allow-Origin", "*")
	}
	p.add("Access-Control-Allow-Headers", "Authorization")
	p.reply(q.headerOr("Authorization", "none"))
}

func fetchEchoContent(q *request, p *response) {
	p.add("X-Request-Method", q.method)
	p.add("X-Request-Content-Length", q.headerOr("Content-Length", "NO"))
	p.add("X-Request-Content-Type", q.headerOr("Content-Type", "NO"))
	p.add("Content-Type", "text/plain")
	p.reply(string(q.body))
}

// fetchInfiniteSlowResponse sends until the client goes or a value is put under
// abortKey, and keeps under stateKey whether it still does.
func fetchInfiniteSlowResponse(q *request, p *response) {
	state, abort := q.paramOr("stateKey", ""), q.paramOr("abortKey", "")
	note := func(value string) {
		if state != "" {
			q.stash.update(q.dir(), state, func(any) any { return value })
		}
	}
	note("open")
	p.set("Content-type", "text/plain")
	p.writeHead()
	p.write(strings.Repeat(".", 2048))
	for {
		p.write(".")
		if abort != "" && q.stash.take(q.dir(), abort) != nil {
			break
		}
		if !p.pause(10 * time.Millisecond) {
			break
		}
	}
	note("closed")
}

// fetchInspectHeaders sends the request's headers back as x-request-….
func fetchInspectHeaders(q *request, p *response) {
	var names []string
	if list, ok := q.params.get("headers"); ok {
		names = strings.Split(list, "|")
	}
	for _, name := range names {
		if value, ok := q.header(name); ok {
			p.add("x-request-"+name, value)
		}
	}
	if q.has("cors") {
		q.need("headers")
		p.add("Access-Control-Allow-Origin", q.headerOr("Origin", "*"))
		p.add("Access-Control-Allow-Credentials", "true")
		p.add("Access-Control-Allow-Methods", "GET, POST, HEAD")
		p.add("Access-Control-Expose-Headers", "x-request-"+strings.Join(names, ", x-request-"))
		allowed, ok := q.params.get("allow_headers")
		if !ok {
			var all []string
			for _, h := range q.headers() {
				all = append(all, h.Name)
			}
			allowed = strings.Join(all, ", ")
		}
		p.add("Access-Control-Allow-Headers", allowed)
	}
	p.add("content-type", "text/plain")
	p.reply("")
}

func fetchMethod(q *request, p *response) {
	if q.has("cors") {
		p.add("Access-Control-Allow-Origin", "*")
		p.add("Access-Control-Allow-Credentials", "true")
		p.add("Access-Control-Allow-Methods", "GET, POST, PUT, FOO")
		p.add("Access-Control-Allow-Headers", "x-test, x-foo")
		p.add("Access-Control-Expose-Headers", "x-request-method")
	}
	p.add("x-request-method", q.method)
	for _, name := range [...]string{"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location"} {
		p.add("x-request-"+headers.Lower(name), q.headerOr(name, "NO"))
	}
	p.reply(string(q.body))
}

// preflightNote is what fetchPreflight keeps of a preflight.
type preflightNote struct {
	did                 string
	requestHeaders      string
	noRequestHeaders    bool
	referrer, userAgent string
	hasUserAgent        bool
}

// fetchPreflight answers preflights as the query says and tells the request
// that follows what the preflight was like.
func fetchPreflight(q *request, p *response) {
	note := preflightNote{did: "0"}
	token := q.paramOr("token", "")
	l := headers.List{{Name: "Content-Type", Value: "text/plain"}}
	add := func(name, value string) { l = append(l, headers.Header{Name: name, Value: value}) }
	for _, origin := range strings.Split(q.paramOr("origin", "*"), ", ") {
		add("Access-Control-Allow-Origin", origin)
	}
	if q.has("clear-stash") {
		body := "0"
		if q.take(q.need("token")) != nil {
			body = "1"
		}
		p.addAll(l)
		p.reply(body)
		return
	}
	if q.has("credentials") {
		add("Access-Control-Allow-Credentials", "true")
	}

	if q.method == "OPTIONS" {
		if _, ok := q.header("Access-Control-Request-Method"); !ok {
			p.fails(400, "No Access-Control-Request-Method header")
			p.reply("ERROR: No access-control-request-method in preflight!")
			return
		}
		if q.headerOr("Accept", "") != "*/*" {
			p.fails(400, "Request does not have 'Accept: */*' header")
			p.reply("ERROR: Invalid access in preflight!")
			return
		}
		if q.has("control_request_headers") {
			value, ok := q.header("Access-Control-Request-Headers")
			note.requestHeaders, note.noRequestHeaders = value, !ok
		}
		for _, from := range [][2]string{
			{"max_age", "Access-Control-Max-Age"},
			{"allow_headers", "Access-Control-Allow-Headers"},
			{"allow_methods", "Access-Control-Allow-Methods"},
		} {
			if value, ok := q.params.get(from[0]); ok {
				add(from[1], value)
			}
		}
		code := integer(q.paramOr("preflight_status", "200"))
		note.did = "1"
		note.referrer = q.headerOr("Referer", "")
		note.userAgent, note.hasUserAgent = q.headerOr("User-Agent", ""), true
		if token != "" {
			q.put(token, note)
		}
		p.status(code)
		p.addAll(l)
		p.reply("")
		return
	}

	if token != "" {
		if noted, ok := q.take(token).(preflightNote); ok {
			note = noted
		}
	}
	if q.has("checkUserAgentHeaderInPreflight") {
		if !note.hasUserAgent {
			fail(500, "there was no preflight whose User-Agent could be checked")
		}
		if agent, ok := q.header("User-Agent"); !ok || agent != note.userAgent {
			p.status(400)
			p.addAll(l)
			p.reply("ERROR: No user-agent header in preflight")
			return
		}
	}
	add("Access-Control-Expose-Headers", "x-did-preflight, x-control-request-headers, x-referrer, x-preflight-referrer, x-origin")
	add("x-did-preflight", note.did)
	if !note.noRequestHeaders {
		add("x-control-request-headers", note.requestHeaders)
	}
	add("x-preflight-referrer", note.referrer)
	add("x-referrer", q.headerOr("Referer", ""))
	add("x-origin", q.headerOr("Origin", ""))
	if token != "" {
		q.put(token, note)
	}
	p.addAll(l)
	p.reply("")
}

func fetchRedirectEmptyLocation(q *request, p *response) {
	p.status(302)
	p.add("Location", "")
	p.reply("")
}

// redirectNote is what fetchRedirect keeps under the token.
type redirectNote struct {
	count     int
	preflight string
}

// fetchRedirect redirects to location, counting under the token. Unless simple
// is there, it hands its own query on to http(s) and relative locations.
func fetchRedirect(q *request, p *response) {
	note := redirectNote{preflight: "0"}
	l := headers.List{
		{Name: "Content-Type", Value: "text/plain"},
		{Name: "Cache-Control", Value: "no-cache"},
		{Name: "Pragma", Value: "no-cache"},
	}
	add := func(name, value string) { l = append(l, headers.Header{Name: name, Value: value}) }
	if origin, ok := q.header("Origin"); ok {
		add("Access-Control-Allow-Origin", origin)
		add("Access-Control-Allow-Credentials", "true")
	} else {
		add("Access-Control-Allow-Origin", "*")
	}
	token := q.paramOr("token", "")
	if q.has("token") {
		if noted, ok := q.take(token).(redirectNote); ok {
			note = noted
		}
	}
	if q.method == "OPTIONS" {
		if allowed, ok := q.params.get("allow_headers"); ok {
			add("Access-Control-Allow-Headers", allowed)
		}
		note.preflight = "1"
		if !q.has("redirect_preflight") {
			if token != "" {
				q.put(token, note)
			}
			p.status(200)
			p.addAll(l)
			p.reply("")
			return
		}
	}

	code, ok := q.params.get("redirect_status")
	if !ok {
		fields, _ := q.form()
		if code, ok = fields.get("redirect_status"); !ok {
			code = "302"
		}
	}
	status := integer(code)
	note.count++
	if location, ok := q.params.get("location"); ok {
		if !q.has("simple") && handsOn(location) {
			location = handOn(location, q.params) + "&count=" + strconv.Itoa(note.count)
		}
		add("Location", location)
	}
	if policy, ok := q.params.get("redirect_referrerpolicy"); ok {
		add("Referrer-Policy", policy)
	}
	if delay, ok := q.params.get("delay"); ok {
		p.pause(milliseconds(delay))
	}
	if token != "" {
		q.put(token, note)
		if limit, ok := q.params.get("max_count"); ok && note.count > integer(limit) {
			p.reply(strconv.Itoa(note.count - 1)) // the last one redirects no more
			return
		}
	}
	p.status(status)
	p.addAll(l)
	p.reply("")
}

// handsOn reports whether location has no scheme or http or https.
func handsOn(location string) bool {
	location = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(strings.TrimLeft(location, c0OrSpace))
	scheme, _, ok := strings.Cut(location, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) {
		return true
	}
	for i := range len(scheme) {
		if c := scheme[i]; !isLetter(c) && !('0' <= c && c <= '9') && !strings.ContainsRune("+-.", rune(c)) {
			return true
		}
	}
	scheme = headers.Lower(scheme)
	return scheme == "http" || scheme == "https"
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

var c0OrSpace = func() string {
	var b strings.Builder
	for c := range ' ' + 1 {
		b.WriteRune(c)
	}
	return b.String()
}()

// handOn appends the parameters to the query of location.
func handOn(location string, params values) string {
	separator := "?"
	if strings.Contains(location, "?") {
		separator = "&"
	}
	for _, h := range params.firsts() {
		location += separator + queryEscape(h.Name) + "=" + queryEscape(h.Value)
		separator = "&"
	}
	return location
}

func fetchScriptWithHeader(q *request, p *response) {
	p.add("Content-type", q.need("mime"))
	if q.paramOr("content", "") == "empty" {
		p.reply("")
	} else {
		p.reply("console.log('Script loaded')")
	}
}

// fetchStashPut stores a value. Where cross-origin requests are not to store
// one, upstream looks for the frame's origin under a misspelt name, so that
// only requests that say no-cors get past it; so it is here.
func fetchStashPut(q *request, p *response) {
	if q.method == "OPTIONS" {
		for _, name := range [...]string{"Origin", "Methods", "Headers"} {
			p.set("Access-Control-Allow-"+name, "*")
		}
		p.reply("done")
		return
	}
	if !q.has("disallow_cross_origin") {
		p.set("Access-Control-Allow-Origin", "*")
	} else if q.need("mode") != "no-cors" {
		fail(500, "mode %q cannot be told from cross-origin", q.need("mode"))
	}
	q.stash.put(q.dir(), q.need("key"), q.need("value"))
	p.reply("done")
}

func fetchStashTake(q *request, p *response) {
	key := q.need("key")
	p.set("Access-Control-Allow-Origin", "*")
	takeJSON(q, p, q.dir(), key)
}

// takeJSON answers with the value as JSON.
func takeJSON(q *request, p *response, path, key string) {
	body := "null"
	if value, ok := q.stash.take(path, key).(string); ok {
		body = jsonString(value)
	}
	p.set("Content-Type", "application/json")
	p.set("Content-Length", strconv.Itoa(len(body)))
	p.reply(body)
}

func fetchTrickle(q *request, p *response) {
	delay := milliseconds(q.paramOr("ms", "500"))
	count := integer(q.paramOr("count", "50"))
	p.pause(delay)
	if !q.has("notype") {
		p.set("Content-type", "text/plain")
	}
	p.writeHead()
	for range count {
		if !p.pause(delay) {
			return
		}
		p.write("TEST_TRICKLE\n")
	}
	p.pause(delay)
}

// connectionNote is what networkPartitionKey keeps under the uuid.
type connectionNote struct {
	failed      bool
	requests    int
	connections []headers.Header // address and partition
}

// networkPartitionKey tells whether requests of different partitions came over
// one connection. Its dispatch=fetch_file, which serves documents for nested
// frames, is not ported.
func networkPartitionKey(q *request, p *response) {
	p.set("Cache-Control", "no-store")
	answer := func(code int, text, body string) {
		p.statusText(code, text)
		p.set("Content-Type", "text/plain")
		p.reply(body)
	}
	dispatch, id, partition := q.paramOr("dispatch", ""), q.paramOr("uuid", ""), q.paramOr("partition_id", "")
	if id == "" || dispatch == "" || partition == "" {
		answer(404, "Not found", "Invalid query parameters")
		return
	}
	var note connectionNote
	connections := 0 // new ones; upstream forgets the others
	if q.paramOr("nocheck_partition", "") != "True" {
		address := q.client + "|" + strconv.Itoa(q.port)
		q.stash.update(q.path, id, func(old any) any {
			note, _ = old.(connectionNote)
			note.requests++
			i := slices.IndexFunc(note.connections, func(h headers.Header) bool { return h.Name == address })
			if i < 0 {
				note.connections = append(slices.Clip(note.connections), headers.Header{Name: address, Value: partition})
				connections = len(note.connections)
			} else {
				note.failed = note.failed || note.connections[i].Value != partition
				note.connections = slices.Clone(note.connections)
				note.connections[i].Value = partition
			}
			return note
		})
	}
	if origin, _ := q.header("Origin"); origin != "" {
		p.set("Access-Control-Allow-Origin", origin)
		p.set("Access-Control-Allow-Credentials", "true")
	}
	switch {
	case q.method == "OPTIONS":
		p.statusText(200, "OK")
		p.set("Access-Control-Allow-Methods", "GET")
		p.set("Access-Control-Allow-Headers", "header-to-force-cors")
		p.set("Access-Control-Max-Age", "86400")
		p.reply("Preflight request")
	case dispatch == "check_partition":
		code := integer(q.paramOr("status", "200"))
		body := "ok"
		if note.failed {
			body = "Multiple partition IDs used on a socket"
		} else if q.paramOr("addcounter", "") != "" {
			body += fmt.Sprintf(". Request was sent %d times. %d connections were created.", note.requests, connections)
		}
		answer(code, "OK", body)
	case dispatch == "clean_up":
		q.take(id)
		body := "cleanup complete"
		if note.failed {
			body = "Test failed, but cleanup completed."
		}
		answer(200, "OK", body)
	default:
		answer(404, "Not Found", "Unrecognized dispatch parameter: "+dispatch)
	}
}
