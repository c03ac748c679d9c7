package record

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// messageReader reads raw HTTP messages and what curl -i prints.
//
// https://httpwg.org/specs/rfc9112.html#message.format
type messageReader struct {
	*scanner
	opts Options
	a    assembler
	keep []byte // a line that is not in the window as a whole

	begun   bool
	part    part
	head    head
	body    bool // the request has a body
	waiting bool // the request was read, the response not yet
	due     bool // a file of an archive has begun: with a message
	interim bool // the response is of the 1xx class: another follows
	tunnel  bool // the response may be a proxy's to CONNECT
	cut     bool // the input ended in a line of headers
}

// part is where in a message a line stands.
type part uint8

const (
	inBody part = iota // or before the first message
	inRequest
	inResponse
)

func (m *messageReader) next(index int) (Raw, error) {
	if !m.begun {
		m.begun, m.a.opts = true, m.opts
	}
	for {
		number, offset := m.line(), m.offset()
		line, cut, ok := m.textLine(&m.keep)
		if !ok {
			return m.last(index)
		}
		l, ok := parseStartLine(line)
		if ok = ok && !cut; !ok && m.part == inBody {
			if l, ok = brokenStatusLine(line, m.waiting || m.due, number); !ok {
				l, ok = brokenRequestLine(line, cut, m.due, number)
			}
		}
		m.due = m.due && len(line) == 0
		if ok {
			if m.part != inBody {
				m.endHead() // the empty line is missing
			}
			if raw, ok := m.start(index, l, number, offset); ok {
				return raw, nil
			}
			continue
		}
		switch {
		case isMarker(line):
			if m.part != inBody {
				m.endHead()
			}
			m.due = true
		case m.part == inBody:
			if m.waiting && len(line) > 0 {
				m.body = true
			}
		case len(line) == 0:
			m.endHead()
			m.skipBody()
		default:
			m.head.add(line, cut, number)
		}
	}
}

// last completes the last exchange, and then tells how the input ended. Headers need
// no empty line behind them, but a line has an end.
func (m *messageReader) last(index int) (Raw, error) {
	if m.part != inBody {
		if m.lost() {
			return Raw{}, m.atEnd()
		}
		m.cut = m.openLine
		m.endHead()
	}
	if m.a.ex != nil {
		return m.a.finish(index, m.body), nil
	}
	if m.cut {
		m.endsIn("the middle of the headers: it was cut off, or the last line lacks its line feed")
	}
	err := m.atEnd()
	if err == io.EOF && index == 0 {
		err = &FormatError{"the input has no HTTP message in it: one begins with a line such as \"GET https://api.example/ HTTP/1.1\" or \"HTTP/1.1 200 OK\""}
	}
	return Raw{}, err
}

// start begins a message, and returns the exchange that ends with that.
func (m *messageReader) start(index int, l startLine, number, offset int64) (raw Raw, ended bool) {
	m.head = head{}
	if !l.response {
		if m.a.ex != nil {
			raw, ended = m.a.finish(index, m.body), true
		}
		m.a.begin(number, offset)
		m.a.request(l)
		m.part, m.waiting, m.body, m.interim = inRequest, true, false, false
		return raw, ended
	}
	switch {
	case m.waiting, m.interim && m.a.ex != nil:
	case m.tunnel && m.a.ex != nil && len(m.a.ex.Response.Headers) == 0:
		m.a.begin(number, offset)
		m.a.unasked()
	default:
		if m.a.ex != nil {
			raw, ended = m.a.finish(index, m.body), true
		}
		m.a.begin(number, offset)
		m.a.unasked()
	}
	m.a.response(l)
	m.part, m.waiting = inResponse, false
	m.interim = l.status/100 == 1 && l.status != 101
	m.tunnel = strings.EqualFold(l.statusText, "connection established") && m.a.ex.Fidelity.Has(RequestMissing)
	return raw, ended
}

func (m *messageReader) endHead() {
	m.a.setHead(m.part == inResponse, &m.head)
	m.part, m.head = inBody, head{}
}

// skipBody passes over a body whose Content-Length is right, which it is if
// another message or the end follows; so the body may hold lines that look like
// the beginning of a message. Recordings made by hand have wrong lengths more
// often than such lines: then the body ends where the next message begins. Line
// feeds may have become CRLF on the way here, and the program script adds a line.
func (m *messageReader) skipBody() {
	list := m.a.ex.Response.Headers
	if m.waiting {
		list = m.a.ex.Request.Headers
	}
	length, _ := list.Get("content-length")
	n, err := strconv.Atoi(length)
	const look = 1024 // long enough for a start line
	if err != nil || n <= 0 || n > len(m.buf)/2-look {
		return
	}
	for m.end-m.pos < 2*n+look && m.more() {
	}
	text := m.buf[m.pos:m.end]
	for _, end := range [...]int{n, n + crBefore(text, n)} {
		if end > len(text) {
			continue
		}
		rest := bytes.TrimLeft(text[end:], "\r\n")
		line, _, _ := bytes.Cut(rest, newline)
		line = trimCR(line)
		if _, ok := parseStartLine(line); ok || isMarker(line) || len(rest) == 0 || bytes.HasPrefix(line, []byte("Script done on ")) {
			m.pos += end
			m.body = m.body || m.waiting
			return
		}
	}
}

// isMarker reports whether line separates the files of a txtar archive.
func isMarker(line []byte) bool {
	return len(line) > 6 && bytes.HasPrefix(line, []byte("-- ")) && bytes.HasSuffix(line, []byte(" --"))
}
