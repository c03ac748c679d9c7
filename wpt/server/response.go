package server

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/corsim/corsim/headers"
)

// response is what a handler answers, in either of two ways that upstream has:
// by describing status, headers and body, which are written when the handler is
// done, or by writing bytes itself.
type response struct {
	code    int
	reason  string // with hasReason false, the usual one of the code
	headers headers.List
	body    body

	hasReason bool
	returned  bool // the body is the handler's return value, see reply
	bare      bool // neither Server, Date nor Content-Length are added
	close     bool // the connection ends after this response

	head         bool // the request's method is HEAD
	wroteStatus  bool
	wroteHeaders bool
	written      bool // the handler wrote bytes itself
	names        []string
	w            *bufio.Writer
	stop         <-chan struct{}
}

// body is a sequence of chunks with pauses before them. Only a sized body gets
// a Content-Length; any other ends with the connection.
type body struct {
	sized  bool
	chunks []chunk
}

type chunk struct {
	pause time.Duration
	data  string
}

// String returns the chunks as one.
func (b body) String() string {
	var all string
	for _, c := range b.chunks {
		all += c.data
	}
	return all
}

func (p *response) status(code int) { p.code, p.reason, p.hasReason = code, "", false }

func (p *response) statusText(code int, reason string) {
	p.code, p.reason, p.hasReason = code, reason, true
}

// set gives the header its only value. A header that is there keeps its place
// but takes the new spelling.
func (p *response) set(name, value string) {
	i := slices.IndexFunc(p.headers, func(h headers.Header) bool { return headers.EqualFold(h.Name, name) })
	p.headers.Set(name, value)
	if i >= 0 {
		p.headers[i].Name = name
	}
}

// add adds a value to the header: headers of one name stand together on the
// wire, in the spelling of the first.
func (p *response) add(name, value string) {
	for i, h := range slices.Backward(p.headers) {
		if headers.EqualFold(h.Name, name) {
			p.headers = slices.Insert(p.headers, i+1, headers.Header{Name: h.Name, Value: value})
			return
		}
	}
	p.headers = append(p.headers, headers.Header{Name: name, Value: value})
}

func (p *response) addAll(l headers.List) {
	for _, h := range l {
		p.add(h.Name, h.Value)
	}
}

// content sets the body.
func (p *response) content(s string) { p.body = body{sized: true, chunks: []chunk{{data: s}}} }

// contentOf sets the body to a header's value. Without one, the response ends
// after its headers and with the connection, as it does upstream.
func (p *response) contentOf(value string, ok bool) {
	if ok {
		p.content(value)
	}
}

// reply sets the body as the handler's return value does upstream, where the
// pipes of the query are then applied once more than otherwise.
func (p *response) reply(s string) {
	p.content(s)
	p.returned = true
}

// fails makes p the error response that upstream makes of exceptions.
func (p *response) fails(code int, message string) {
	p.status(code)
	p.content(fmt.Sprintf(`{"error": {"code": %d, "message": %s}}`, code, jsonString(message)))
	p.headers = headers.List{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Content-Length", Value: strconv.Itoa(len(p.body.String()))},
	}
}

// cookie adds a Set-Cookie header with the attributes given.
func (p *response) cookie(name, value, attributes string) {
	if !headers.IsToken(name) {
		fail(500, "%q is not a cookie name", name)
	}
	p.add("Set-Cookie", name+"="+value+attributes)
}

func (p *response) deleteCookie(name string) {
	p.cookie(name, "", "; "+expires(-24*time.Hour)+"; Max-Age=0; Path=/")
}

// expires is the attribute as upstream spells it, without a weekday and with
// the month in lower case.
func expires(in time.Duration) string {
	at := time.Now().UTC().Add(in)
	return "expires=" + at.Format("02 ") + headers.Lower(at.Format("Jan")) + at.Format(" 2006 15:04:05 GMT")
}

// write writes s as it is.
func (p *response) write(s string) {
	p.written = true
	p.w.WriteString(s) // a client that has gone shows in flush
}

// flush sends what was written, and reports whether the client is still there.
func (p *response) flush() bool { return p.w.Flush() == nil }

// pause sends what was written and waits. It returns false when there is no use
// in going on: the client has gone, or the server is closed.
func (p *response) pause(d time.Duration) bool {
	if !p.flush() {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.stop:
		return false
	}
}

func (p *response) writeStatus(code int, reason string, hasReason bool) {
	if !hasReason {
		reason = reasons[code]
	}
	p.write("HTTP/1.1 " + strconv.Itoa(code) + " " + reason + "\r\n")
	p.wroteStatus = true
}

func (p *response) writeHeader(name, value string) {
	if !p.wroteStatus {
		p.writeStatus(200, "", false)
	}
	p.names = append(p.names, name)
	p.write(name + ": " + value + "\r\n")
}

func (p *response) wrote(name string) bool {
	return slices.ContainsFunc(p.names, func(n string) bool { return headers.EqualFold(n, name) })
}

// endHeaders adds what every response has and the empty line. A response whose
// length is not told ends with the connection.
func (p *response) endHeaders() {
	if !p.bare {
		if !p.wrote("Server") {
			p.writeHeader("Server", "corsim-wpt")
		}
		if !p.wrote("Date") {
			p.writeHeader("Date", time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
		}
		if p.body.sized && !p.wrote("Content-Length") {
			p.writeHeader("Content-Length", strconv.Itoa(len(p.body.String())))
		}
	}
	p.write("\r\n")
	p.close = p.close || !p.wrote("Content-Length")
	p.wroteHeaders = true
}

// writeHead writes the status line and headers that were set.
func (p *response) writeHead() {
	p.writeStatus(p.code, p.reason, p.hasReason)
	for _, h := range p.headers {
		p.writeHeader(h.Name, h.Value)
	}
	p.endHeaders()
}

// writeAll writes the whole response as it was set.
func (p *response) writeAll() {
	p.writeHead()
	if p.head {
		return
	}
	for _, c := range p.body.chunks {
		if c.pause > 0 && !p.pause(c.pause) {
			return
		}
		p.write(c.data)
	}
}

// reasons are the phrases that upstream has for status codes; others have none.
var reasons = map[int]string{
	100: "Continue", 101: "Switching Protocols",
	200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information",
	204: "No Content", 205: "Reset Content", 206: "Partial Content",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
	304: "Not Modified", 305: "Use Proxy", 307: "Temporary Redirect",
	400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
	404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
	407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
	411: "Length Required", 412: "Precondition Failed", 413: "Request Entity Too Large",
	414: "Request-URI Too Long", 415: "Unsupported Media Type",
	416: "Requested Range Not Satisfiable", 417: "Expectation Failed",
	500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
	503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
}
