package record

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// maxLine bounds what is kept of a line.
const maxLine = 1 << 20

// textLine returns the next line without its end. Of one longer than maxLine
// the rest is passed over and cut is true. It is valid until the next call; ok
// is false at the end of the input.
func (s *scanner) textLine(keep *[]byte) (line []byte, cut, ok bool) {
	if !s.fill() {
		return nil, false, false
	}
	if w := s.buf[s.pos:s.end]; len(w) > 0 {
		if i := bytes.IndexByte(w, '\n'); i >= 0 {
			s.pos += i + 1
			s.openLine = false
			return trimCR(w[:i]), false, true
		}
	}
	*keep = (*keep)[:0]
	s.openLine = true
	for s.fill() {
		w := s.buf[s.pos:s.end]
		i := bytes.IndexByte(w, '\n')
		n := len(w)
		if i >= 0 {
			w, n = w[:i], i+1
		}
		room := min(len(w), maxLine-len(*keep))
		*keep = append(*keep, w[:room]...)
		cut = cut || room < len(w)
		s.pos += n
		if i >= 0 {
			s.openLine = false
			break
		}
	}
	return trimCR(*keep), cut, true
}

// trimCR removes what is left of the end of a line. What terminals and editors make
// of CRLF has several CR.
func trimCR(line []byte) []byte { return bytes.TrimRight(line, "\r") }

// A startLine is the first line of a message.
type startLine struct {
	method, target string // of a request
	version        string
	status         int // of a response
	statusText     string
	response       bool
	problem        string // of a line that was meant to be one
}

// parseStartLine takes a request line, "GET /path HTTP/1.1", or a status line,
// "HTTP/2 200".
//
// https://httpwg.org/specs/rfc9112.html#request.line
func parseStartLine(line []byte) (l startLine, ok bool) {
	if bytes.HasPrefix(line, []byte("HTTP/")) {
		version, rest, ok := bytes.Cut(line, []byte{' '})
		status, text, _ := bytes.Cut(bytes.TrimLeft(rest, " "), []byte{' '})
		n, isStatus := parseStatus(string(status))
		if !ok || !isStatus || len(version) > len("HTTP/1.1") {
			return l, false
		}
		return startLine{response: true, version: string(version), status: n, statusText: string(bytes.TrimSpace(text))}, true
	}
	i := bytes.LastIndex(line, []byte(" HTTP/"))
	if i < 0 || len(line) > i+len(" HTTP/1.1")+1 {
		return l, false
	}
	method, target, ok := bytes.Cut(line[:i], []byte{' '})
	target = bytes.Trim(target, " ")
	if !ok || len(method) > 64 || !headers.IsToken(string(method)) || len(target) == 0 || bytes.IndexByte(target, ' ') >= 0 {
		return l, false
	}
	return startLine{method: string(method), target: string(target), version: string(bytes.TrimSpace(line[i:]))}, true
}

// parseStatus takes three digits, and what recorders write where there was no
// response.
func parseStatus(s string) (n int, ok bool) {
	switch s {
	case "0", "-1", "-999":
	default:
		if len(s) != 3 || strings.Trim(s, "0123456789") != "" {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// brokenStatusLine recognizes a line between messages that was meant to begin a
// response and does not, so that the response is not lost. due says that one is
// expected there.
func brokenStatusLine(line []byte, due bool, number int64) (l startLine, ok bool) {
	version, rest, _ := bytes.Cut(line, []byte{' '})
	if !isHTTPVersion(version) || !due && (len(rest) == 0 || rest[0] != '-' && (rest[0] < '0' || '9' < rest[0])) {
		return l, false
	}
	return startLine{response: true, version: string(version), problem: lineIs(line, number) + "no status line with a status of three digits"}, true
}

// brokenRequestLine recognizes a line between messages that was meant to begin a
// request and does not, so that its response is not taken for that to another. due
// says that one is expected there; cut, that the line is longer than line.
func brokenRequestLine(line []byte, cut, due bool, number int64) (l startLine, ok bool) {
	i := bytes.LastIndexByte(line, ' ')
	versioned := i >= 0 && isHTTPVersion(line[i+1:])
	if !versioned && !cut && !due {
		return l, false // most lines of bodies
	}
	method, rest, _ := bytes.Cut(line, []byte{' '})
	named := headers.IsToken(string(method))
	begun := named && (bytes.HasPrefix(rest, []byte{'/'}) || isHTTPURL(string(rest[:min(len(rest), len("https://"))])))
	problem := "no request line: a method, a URL without spaces and a version"
	switch {
	case cut:
		problem = "too long for a request line"
		ok = begun
	case versioned:
		before := bytes.TrimRight(line[:i], " ")
		ok = due || named && len(before) == len(method) || bytes.Contains(before, []byte(" /")) || bytes.Contains(before, []byte("://"))
	default:
		ok = due && begun && bytes.IndexByte(rest, ' ') < 0
	}
	if ok {
		l.problem = lineIs(line, number) + problem
	}
	return l, ok
}

func lineIs(line []byte, number int64) string {
	return "line " + strconv.FormatInt(number, 10) + " (" + length(len(line)) + ") is "
}

// isHTTPVersion reports whether b is "HTTP/1.1" or the like.
func isHTTPVersion(b []byte) bool {
	b, ok := bytes.CutPrefix(b, []byte("HTTP/"))
	return ok && len(b) > 0 && len(b) <= len("1.1") && len(bytes.Trim(b, "0123456789.")) == 0
}

// A head is the header section of a message, read line by line. Folded lines
// are joined as servers must.
//
// https://httpwg.org/specs/rfc9112.html#line.folding
type head struct {
	list    headers.List
	size    int
	problem string // the first that is wrong
}

func (h *head) add(line []byte, cut bool, number int64) {
	h.size += len(line)
	line = unstyled(line)
	if cut || h.size > MaxEntryBytes {
		h.wrong("line " + strconv.FormatInt(number, 10) + " is too long for a header")
		return
	}
	if len(line) == 0 {
		return
	}
	if line[0] == ' ' || line[0] == '\t' {
		if n := len(h.list); n > 0 {
			h.list[n-1].Value = headers.Normalize(h.list[n-1].Value + " " + headers.Normalize(string(line)))
			return
		}
	}
	// A pseudo-header's name begins with a colon.
	i := bytes.IndexByte(line[1:], ':')
	if i < 0 {
		h.wrong(lineIs(line, number) + "neither \"name: value\" nor the empty line that ends the headers")
		return
	}
	name, value := headers.TrimTabOrSpace(string(line[:i+1])), string(line[i+2:])
	if name == "" {
		h.wrong("line " + strconv.FormatInt(number, 10) + " has a header without a name")
	}
	h.list = append(h.list, headers.Header{Name: headers.Lower(name), Value: headers.Normalize(value)})
}

// unstyled removes the escape sequences with which curl prints names in bold on a
// terminal.
func unstyled(line []byte) []byte {
	if !bytes.HasPrefix(line, []byte("\x1b[")) {
		return line
	}
	var plain []byte
	for {
		before, rest, ok := bytes.Cut(line, []byte("\x1b["))
		plain = append(plain, before...)
		if !ok {
			return plain
		}
		rest = bytes.TrimLeft(rest, "0123456789;")
		line = bytes.TrimPrefix(rest, []byte{'m'})
	}
}

func (h *head) wrong(problem string) {
	if h.problem == "" {
		h.problem = problem
	}
}

// An assembler puts exchanges together from the messages of a text.
type assembler struct {
	opts Options
	ex   *Exchange // being put together; nil if there is none
	bad  string    // what is wrong with it

	scheme     string // what is known of the connection's scheme
	redirected bool   // the response before was a redirect
	redirect   string // to this URL; empty where that is not known
}

func (a *assembler) begin(line, offset int64) {
	a.ex = &Exchange{Entry: "line " + strconv.FormatInt(line, 10), Offset: offset, Line: line,
		Request: Request{BodySize: -1}, Response: Response{BodySize: -1}}
	a.bad = ""
}

// request takes the start line of a request; its headers come by setHead.
func (a *assembler) request(l startLine) {
	r := &a.ex.Request
	r.Method, r.URL, r.HTTPVersion = l.method, l.target, l.version
	a.wrong(l.problem)
}

// response takes the start line of a response.
func (a *assembler) response(l startLine) {
	r := &a.ex.Response
	r.Status, r.StatusText, r.HTTPVersion = l.status, l.statusText, l.version
	a.wrong(l.problem)
}

// wrong keeps the first problem of an exchange.
func (a *assembler) wrong(problem string) {
	if a.bad == "" {
		a.bad = problem
	}
}

// unasked gives a response the request of the options.
func (a *assembler) unasked() {
	a.ex.Fidelity |= RequestMissing
	if a.opts.Request != nil {
		a.ex.Request = *a.opts.Request
		a.ex.Request.Headers = a.opts.Request.Headers.Clone()
	}
	if a.redirected {
		a.ex.Request.URL = a.redirect
		a.ex.Fidelity |= URLGuessed
	}
}

func (a *assembler) setHead(response bool, h *head) {
	a.wrong(h.problem)
	list := h.list[:0]
	for _, h := range h.list {
		if strings.HasPrefix(h.Name, ":") {
			if !response {
				a.ex.Request.Pseudo.set(h.Name, h.Value)
			}
			continue
		}
		if Redacted(h.Value) {
			a.ex.Fidelity |= ValuesRedacted
		}
		list = append(list, h)
	}
	if response {
		a.ex.Response.Headers = list
	} else {
		a.ex.Request.Headers = list
	}
}

// finish completes the exchange and returns it as a Raw. body says whether the
// request was seen to have one.
func (a *assembler) finish(index int, body bool) Raw {
	ex := a.ex
	a.ex = nil
	ex.Index = index
	req, resp := &ex.Request, &ex.Response
	if ex.Fidelity&RequestMissing == 0 {
		a.locate(ex)
		req.bodyFromHeaders()
		req.HasBody, req.BodyKnown = req.HasBody || body, true
	}
	ex.conclude()
	a.redirected = resp.RedirectURL != "" && resp.Status/100 == 3
	if a.redirected {
		a.redirect = resolve(req.URL, resp.RedirectURL)
	}
	return Raw{index: index, entry: ex.Entry, offset: ex.Offset, line: ex.Line, problem: a.bad, exchange: ex}
}

// locate makes the request's target a URL.
func (a *assembler) locate(ex *Exchange) {
	req := &ex.Request
	if strings.Contains(req.URL, "://") && !strings.HasPrefix(req.URL, "/") {
		return
	}
	host := req.host()
	if host == "" {
		a.wrong("the request has no Host header, so that its URL is not known")
		return
	}
	ex.locate(host, a.scheme)
}

// host returns the host that the request's headers name, empty where none does.
func (r *Request) host() string {
	if r.Pseudo.Authority != "" {
		return r.Pseudo.Authority
	}
	host, _ := r.Headers.Get("host")
	return host
}

// locate makes a URL of the request's target. scheme is that of the connection,
// empty where it is not known.
func (e *Exchange) locate(host, scheme string) {
	req := &e.Request
	if req.Pseudo.Scheme != "" {
		scheme = req.Pseudo.Scheme
	}
	if scheme == "" {
		scheme = guessScheme(host)
		e.Fidelity |= URLGuessed
	}
	if req.URL == "*" {
		req.URL = ""
	}
	req.URL = scheme + "://" + host + req.URL
}

// guessScheme says what a host without further evidence is likely asked by.
func guessScheme(host string) string {
	name := host
	port := ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i+1:]
	}
	switch {
	case port == "443":
		return "https"
	case port == "80", name == "localhost", strings.HasSuffix(name, ".localhost"), strings.HasPrefix(name, "127."), name == "[::1]":
		return "http"
	}
	return "https"
}

// resolve returns the URL that a Location leads to, empty where it cannot be
// told.
func resolve(base, location string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u, err := b.Parse(location)
	if err != nil || !u.IsAbs() {
		return ""
	}
	return u.String()
}
