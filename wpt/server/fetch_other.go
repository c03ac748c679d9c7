package server

import (
	"strconv"
	"strings"
)

// badBody answers with a body that is not in the encoding that it claims.
func badBody(encoding string) handler {
	return func(q *request, p *response) {
		p.add("Content-Encoding", encoding)
		p.reply("not actually " + encoding)
	}
}

// writeRaw sends a whole response and ends the connection.
func writeRaw(p *response, parts ...string) {
	p.write(strings.Join(parts, ""))
	p.close = true
}

func contentLength(q *request, p *response) {
	writeRaw(p, "HTTP/1.1 200 OK\r\n",
		"Content-Type: text/plain;charset=UTF-8\r\n",
		"Connection: close\r\n",
		q.need("length"), "\r\n\r\n",
		"Fact: this is really forty-two bytes long.")
}

func contentType(q *request, p *response) {
	var types []string
	for _, h := range q.params {
		if h.Name == "value" {
			types = append(types, h.Value)
		}
	}
	if q.has("single_header") {
		types = []string{strings.Join(types, ",")}
	}
	content := q.paramOr("content", "<b>hi</b>\n")
	head := "HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\n"
	for _, value := range types {
		head += "Content-Type: " + value + "\r\n"
	}
	writeRaw(p, head, "Content-Length: ", strconv.Itoa(len(content)), "\r\nConnection: close\r\n\r\n", content)
}

func nulInHeader(mime, content string) handler {
	return func(q *request, p *response) {
		p.set("Content-Type", mime)
		p.set("Custom", "\x00")
		p.reply(content)
	}
}

func h1Message(q *request, p *response) { writeRaw(p, q.need("message")) }

func h1StatusCode(q *request, p *response) {
	writeRaw(p, "HTTP/1.1 ", q.need("input"), "\nheader-parsing: is sad\n")
}

func foundPost(q *request, p *response) {
	switch q.method {
	case "POST":
		p.bare = true
		p.writeStatus(302, "", false)
		p.writeHeader("Location", q.url())
		p.endHeaders()
	case "GET":
		p.add("Content-Type", "text/plain")
		p.reply("OK")
	default:
		p.add("Content-Type", "text/plain")
		p.reply("FAIL")
	}
}

// bareResponse writes a response without Server and Date, its headers in the
// order that upstream writes them in, with the Content-Type of the query's type
// or none.
func bareResponse(q *request, p *response, content string, first ...[2]string) {
	p.bare = true
	p.writeStatus(p.code, "", false)
	for _, h := range first {
		p.writeHeader(h[0], h[1])
	}
	p.writeHeader("content-length", strconv.Itoa(len(content)))
	if mime, ok := q.params.get("type"); ok {
		p.writeHeader("content-type", mime)
	}
	p.endHeaders()
	p.write(content)
}
