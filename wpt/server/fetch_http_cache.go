package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// cacheExchange is what httpCache remembers of a request that reached it.
type cacheExchange struct {
	method    string
	now       time.Time
	asked     values       // the request's headers
	validated headers.List // those of the response that requests are compared with
}

// cacheAnswer is how the test wants a request answered.
type cacheAnswer struct {
	Headers      [][2]any `json:"response_headers"`
	Status       []any    `json:"response_status"` // code and phrase
	Body         *string  `json:"response_body"`
	ExpectedType string   `json:"expected_type"`
}

// httpCache answers the requests under a uuid as the list in Test-Requests says,
// one after another, and tells with dispatch=state what they were.
func httpCache(q *request, p *response) {
	p.set("Access-Control-Allow-Credentials", "true")
	if q.method == "OPTIONS" {
		p.set("Access-Control-Allow-Origin", q.headerOr("Origin", "*"))
		p.set("Access-Control-Allow-Methods", "GET")
		p.set("Access-Control-Allow-Headers", q.headerOr("Access-Control-Request-Headers", "*"))
		p.set("Access-Control-Max-Age", "86400")
		p.content("Preflight request")
		return
	}
	uuid := q.paramOr("uuid", "")
	switch dispatch := q.paramOr("dispatch", ""); {
	case uuid == "":
		p.refuse(404, "Not Found", "UUID not found")
	case dispatch == "test":
		httpCacheTest(q, p, uuid)
	case dispatch == "state":
		p.set("Content-Type", "text/plain")
		p.content(httpCacheState(q, uuid))
	default:
		p.refuse(404, "Not Found", "Fallthrough")
	}
}

func (p *response) refuse(code int, reason, text string) {
	p.statusText(code, reason)
	p.set("Content-Type", "text/plain")
	p.content(text)
}

func httpCacheState(q *request, uuid string) string {
	seen, ok := q.take(uuid).([]cacheExchange)
	if !ok {
		return "null"
	}
	var all []string
	for _, e := range seen {
		all = append(all, jsonObject(values{
			{Name: "now", Value: strconv.FormatFloat(float64(e.now.UnixMicro())/1e6, 'f', -1, 64)},
			{Name: "request_method", Value: jsonString(e.method)},
			{Name: "request_headers", Value: jsonStrings(e.asked)},
			{Name: "response_headers", Value: jsonStrings(values(e.validated))},
		}))
	}
	return jsonArray(all)
}

func httpCacheTest(q *request, p *response, uuid string) {
	seen, _ := q.take(uuid).([]cacheExchange)
	text, err := base64.StdEncoding.DecodeString(q.headerOr("Test-Requests", ""))
	var answers []cacheAnswer
	if err != nil || json.Unmarshal(text, &answers) != nil {
		p.refuse(400, "Bad Request", "No or bad Test-Requests request header")
		return
	}
	if len(seen) >= len(answers) {
		fail(500, "request %d under %s, of %d", len(seen)+1, uuid, len(answers))
	}
	answer := answers[len(seen)]
	e := cacheExchange{method: q.method, now: time.Now(), asked: q.headers()}
	for _, h := range answer.Headers {
		name, _ := h[0].(string)
		value := cacheHeaderValue(q, name, h[1], e.now)
		p.set(latin1(name), latin1(value))
		if slices.Contains([]string{"content-type", "access-control-allow-origin", "last-modified", "etag"}, headers.Lower(name)) {
			e.validated.Set(headers.Lower(name), value)
		}
	}
	seen = append(seen, e)
	q.put(uuid, seen)
	if !e.validated.Contains("access-control-allow-origin") {
		p.set("Access-Control-Allow-Origin", "*")
	}
	if !e.validated.Contains("content-type") {
		p.set("Content-Type", "text/plain")
	}
	p.set("Server-Request-Count", strconv.Itoa(len(seen)))

	code, phrase := 200, "OK"
	if len(answer.Status) == 2 {
		number, _ := answer.Status[0].(float64)
		code = int(number)
		phrase, _ = answer.Status[1].(string)
	}
	if strings.HasSuffix(answer.ExpectedType, "validated") {
		code, phrase = 999, "304 Not Generated"
		for validator, condition := range map[string]string{"last-modified": "If-Modified-Since", "etag": "If-None-Match"} {
			first, stored := seen[0].validated.Get(validator)
			if asked, given := q.header(condition); stored && given && asked == first {
				code, phrase = 304, "Not Modified"
			}
		}
	}
	p.statusText(code, phrase)
	switch {
	case code == 204 || code == 304:
		p.content("")
	case answer.Body != nil:
		p.content(*answer.Body)
	default:
		p.content(uuid)
	}
}

// cacheHeaderValue replaces locations, which are relative to the request, and the
// numbers that stand for dates, in seconds from now.
func cacheHeaderValue(q *request, name string, value any, now time.Time) string {
	switch headers.Lower(name) {
	case "location", "content-location":
		if value == "" {
			return q.url()
		}
		text, _ := value.(string)
		return q.url() + "&target=" + text
	case "date", "expires", "last-modified":
		if seconds, ok := value.(float64); ok {
			return now.Add(time.Duration(seconds) * time.Second).UTC().Format(http.TimeFormat)
		}
	}
	text, ok := value.(string)
	if !ok {
		fail(500, "the value of %s is no string", name)
	}
	return text
}

// latin1 converts text to the bytes that its code points stand for.
func latin1(s string) string {
	bytes, ok := headers.IsomorphicEncode(s)
	if !ok {
		fail(500, "%q has a code point above U+00FF", s)
	}
	return bytes
}
