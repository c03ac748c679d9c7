package server

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/corsim/corsim/headers"
)

// statusOr302 reads the status parameter, in which anything but a number
// stands for 302.
func statusOr302(q *request) int {
	if n, err := strconv.Atoi(q.paramOr("status", "302")); err == nil {
		return n
	}
	return 302
}

func commonRedirect(q *request, p *response) {
	p.status(statusOr302(q))
	p.set("Location", q.need("location"))
	if origin, _ := q.header("Origin"); q.has("enable-cors") && origin != "" {
		p.set("Content-Type", "text/plain")
		p.set("Access-Control-Allow-Origin", origin)
		p.set("Access-Control-Allow-Credentials", "true")
	}
}

func commonRedirectOptIn(q *request, p *response) {
	p.status(statusOr302(q))
	p.set("Location", q.need("location"))
	p.set("Timing-Allow-Origin", "*")
}

func commonSlowRedirect(q *request, p *response) {
	seconds, err := strconv.Atoi(q.paramOr("delay", "2"))
	if err != nil {
		seconds = 2
	}
	p.status(statusOr302(q))
	p.pause(time.Duration(seconds) * time.Second)
	p.set("Location", q.need("location"))
}

func commonSlow(q *request, p *response) {
	p.pause(milliseconds(q.paramOr("delay", "2000")))
	p.reply("")
}

// milliseconds reads a decimal number of them.
func milliseconds(s string) time.Duration {
	return time.Duration(decimal(s) * float64(time.Millisecond))
}

func commonRefresh(q *request, p *response) {
	p.add("Content-Type", "text/html")
	p.add("Refresh", "0; URL="+q.need("location"))
	p.reply("")
}

func commonEcho(q *request, p *response) {
	p.set("X-XSS-Protection", "0")
	p.set("Content-Type", "text/html")
	p.content(q.need("content"))
}

// commonCustomCORSResponse takes headers (an object) and content (a string)
// from the query as JSON. The status parameter does nothing, upstream either:
// it is stored where nobody looks.
func commonCustomCORSResponse(q *request, p *response) {
	var named map[string]string
	if err := json.Unmarshal([]byte(q.need("headers")), &named); err != nil {
		fail(500, "headers: %v", err)
	}
	for _, h := range headers.FromMap(toLists(named)) {
		p.set(h.Name, h.Value)
	}
	content := "/* CustomCorsResponse.py content */"
	if given, ok := q.params.get("content"); ok {
		if err := json.Unmarshal([]byte(given), &content); err != nil {
			fail(500, "content: %v", err)
		}
	}
	p.content(content)
}

func toLists(m map[string]string) map[string][]string {
	lists := make(map[string][]string, len(m))
	for name, value := range m {
		lists[name] = []string{value}
	}
	return lists
}

// status answers with the code, text, type and content of the query. Two
// upstream files do so.
func status(q *request, p *response) {
	p.statusText(integer(q.paramOr("code", "200")), q.paramOr("text", "OMG"))
	p.add("Content-Type", q.paramOr("type", ""))
	p.add("X-Request-Method", q.method)
	p.reply(q.paramOr("content", ""))
}

// document answers with content of a type.
func document(mime, content string) handler {
	return func(q *request, p *response) {
		p.add("Content-type", mime)
		p.reply(content)
	}
}

func cacheableImage(q *request, p *response) {
	p.set("Cache-Control", "max-age=3600")
	p.set("Content-Type", "image/png")
	p.content(pixel)
}
