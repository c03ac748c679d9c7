package record

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// curlReader reads what curl -v prints: "> " before what it sent, "< " before
// what it received, "* " before what it has to say.
type curlReader struct {
	*scanner
	opts Options
	a    assembler
	keep []byte

	begun    bool
	part     part
	head     head
	answered bool   // a response to the request was begun
	interim  bool   // it is of the 1xx class: another follows
	url      string // of the request to come, where curl says so
	pseudo   Pseudo // likewise
	tunnel   bool   // the exchange is a CONNECT to a proxy
	length   int    // of the body that is to come, where that is known
	printed  bool   // lines of a body have come
}

func (c *curlReader) next(index int) (Raw, error) {
	if !c.begun {
		c.begun, c.a.opts = true, c.opts
	}
	for {
		c.skipBody()
		number, offset := c.line(), c.offset()
		line, cut, ok := c.textLine(&c.keep)
		if !ok {
			if c.part != inBody {
				c.endsIn("the headers, before the empty line that curl prints behind them: it was cut off")
				return Raw{}, c.err
			}
			if raw, ok := c.complete(index); ok {
				return raw, nil
			}
			err := c.atEnd()
			if err == io.EOF && index == 0 {
				err = &FormatError{"the output of curl -v has no request in it: curl could not connect, or the lines that begin with > and < are missing"}
			}
			return Raw{}, err
		}
		mark, rest := curlLine(line)
		c.printed = c.printed || c.part == inBody && mark == 0 && !isMeter(line)
		switch l, start := c.startLine(mark, rest, cut, number); {
		case mark == '>' && start && !l.response:
			raw, ended := c.complete(index)
			c.a.begin(number, offset)
			c.sent(l)
			if ended {
				return raw, nil
			}
		case mark == '<' && start && l.response:
			var raw Raw
			ended := false
			// One response follows a request, except those of the 1xx class.
			if c.a.ex == nil || c.answered && !c.interim {
				raw, ended = c.complete(index)
				c.a.begin(number, offset)
				c.a.unasked()
			}
			c.endHead()
			c.a.response(l)
			c.part, c.answered, c.interim = inResponse, true, l.status/100 == 1 && l.status != 101
			if ended {
				return raw, nil
			}
		case mark == '>' && c.part == inRequest, mark == '<' && c.part == inResponse:
			if len(rest) == 0 {
				c.endHead()
			} else {
				c.head.add(rest, cut, number)
			}
		case mark == '*':
			c.note(string(rest))
		case bytes.HasPrefix(line, []byte("curl: (")) && c.a.ex != nil && (!c.answered || c.part != inBody):
			c.a.ex.Error = string(line)
			c.endHead() // the server ended it
		case mark == 0 && c.part != inBody && !isMeter(line):
			c.head.wrong(lineIs(line, number) + "in the middle of the headers without one of curl's marks: was a long line broken?")
		}
	}
}

// startLine takes the first line of a message, which may be a broken one where a
// message is due.
func (c *curlReader) startLine(mark byte, rest []byte, cut bool, number int64) (l startLine, ok bool) {
	l, ok = parseStartLine(rest)
	whole := ok
	if !ok && c.part == inBody {
		switch {
		case mark == '>':
			l, ok = brokenRequestLine(rest, cut, true, number)
		case mark == '<' && c.a.ex != nil && !c.answered:
			l, ok = brokenStatusLine(rest, true, number)
		}
	}
	if ok && c.part == inBody && c.answered && !c.interim && (whole || c.printed) {
		ok = c.headFollows(mark) // else it is a line of the body
	}
	return l, ok
}

// headFollows reports whether the next line has the given mark, as it has behind the
// first line of a message; in a response there may be notes in between. In a body,
// which may hold anything, a line that looks like the first of a message mostly stands
// by itself.
func (c *curlReader) headFollows(mark byte) bool {
	const most = 16 // notes in between
	skip := 0
	for range most {
		i := bytes.IndexByte(c.buf[c.pos+skip:c.end], '\n')
		for i < 0 && c.more() {
			i = bytes.IndexByte(c.buf[c.pos+skip:c.end], '\n')
		}
		if i < 0 {
			if i = c.end - c.pos - skip; i == 0 {
				return !c.printed // cut off behind the first line
			}
		}
		line := trimCR(c.buf[c.pos+skip : c.pos+skip+i])
		next, _ := curlLine(line)
		if !isMeter(line) && (next != '*' || mark == '>') {
			return next == mark
		}
		skip = min(skip+i+1, c.end-c.pos)
	}
	return false
}

// skipBody passes over a body of which the length is known, once it begins: curl may
// print notes before it, or not print it at all. It is there if a note, or the end,
// stands behind it. Its line feeds may have become CRLF on the way here.
func (c *curlReader) skipBody() {
	n := c.length
	const look = 1024
	if n == 0 || c.part != inBody {
		return
	}
	line := c.ahead(4)
	if mark, _ := curlLine([]byte(line)); mark == '*' || strings.HasPrefix(line, "{ [") {
		return
	}
	c.length = 0
	if n > len(c.buf)/2-look {
		return
	}
	for c.end-c.pos < 2*n+look && c.more() {
	}
	text := c.buf[c.pos:c.end]
	for _, end := range [...]int{n, n + crBefore(text, n)} {
		if end > len(text) || hasConnectionNotes(text[:end]) {
			continue
		}
		rest := bytes.TrimLeft(text[end:], "\r\n")
		if len(rest) == 0 || bytes.HasPrefix(rest, []byte("* ")) || bytes.HasPrefix(rest, []byte("curl: (")) {
			c.pos += end
			return
		}
	}
}

// crBefore returns how many CR stand before a line feed in the part of text that has
// n bytes without them.
func crBefore(text []byte, n int) (crs int) {
	for i := 0; i < len(text) && i-crs < n; i++ {
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			crs++
		}
	}
	return crs
}

// hasConnectionNotes reports whether there is a note in text that curl prints between
// two transfers, so that it is no body.
func hasConnectionNotes(text []byte) bool {
	for line := range bytes.Lines(text) {
		note, ok := bytes.CutPrefix(line, []byte("* "))
		if note = bytes.TrimLeft(note, " "); !ok {
			continue
		}
		for _, words := range [...]string{"Trying ", "Connected to ", "Established connection ", "Re-using ", "Found bundle ", "Connection #"} {
			if bytes.HasPrefix(note, []byte(words)) {
				return true
			}
		}
	}
	return false
}

// bodyLength returns the length of the response's body, 0 where it is not known.
func (e *Exchange) bodyLength() int {
	length, _ := e.Response.Headers.Get("content-length")
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || e.Request.Method == "HEAD" || e.Response.Status == 304 {
		return 0
	}
	return n
}

// sent takes the request line.
func (c *curlReader) sent(l startLine) {
	c.tunnel = l.method == "CONNECT"
	if !c.tunnel {
		if c.url != "" {
			// The fragment is not sent, and the target is as it was sent.
			l.target = c.url
		}
		c.url = ""
		c.a.ex.Request.Pseudo, c.pseudo = c.pseudo, Pseudo{}
	}
	c.a.request(l)
	c.part, c.answered, c.interim = inRequest, false, false
}

func (c *curlReader) endHead() {
	if c.part != inBody && c.a.ex != nil {
		c.a.setHead(c.part == inResponse, &c.head)
		c.length, c.printed = 0, false
		if c.part == inResponse {
			c.length = c.a.ex.bodyLength()
		}
	}
	c.part, c.head = inBody, head{}
}

// complete ends the exchange, unless there is none or it is a proxy's business.
func (c *curlReader) complete(index int) (Raw, bool) {
	c.endHead()
	if c.a.ex == nil {
		return Raw{}, false
	}
	if c.tunnel {
		// What is asked through a tunnel is asked over TLS.
		c.a.ex, c.tunnel = nil, false
		return Raw{}, false
	}
	return c.a.finish(index, false), true
}

// note takes what curl says about the connection: how it got the scheme, and
// with HTTP/2 the URL as a whole.
func (c *curlReader) note(s string) {
	if c.part != inBody && (strings.HasPrefix(s, "Connection #") || strings.HasPrefix(strings.ToLower(s), "closing connection")) {
		c.endHead() // the server ended it
	}
	if i := strings.Index(s, "OPENED stream for "); i >= 0 {
		c.url = s[i+len("OPENED stream for "):]
		return
	}
	if _, rest, ok := strings.Cut(s, "Issue another request to this URL: '"); ok {
		c.url = strings.TrimSuffix(rest, "'")
		return
	}
	// "[HTTP/2] [1] [:method: OPTIONS]", before that "h2h3 [:method: OPTIONS]".
	if _, rest, ok := strings.Cut(s, "[:"); ok && strings.HasSuffix(rest, "]") {
		if name, value, ok := strings.Cut(strings.TrimSuffix(rest, "]"), ": "); ok {
			c.pseudo.set(":"+name, value)
		}
		return
	}
	s = strings.TrimSpace(s)
	switch {
	case strings.HasPrefix(s, "Trying "), strings.HasPrefix(s, "Connected to "), strings.HasPrefix(s, "Established connection to "):
		// Notes on TLS come after the first and before or after the others.
		switch {
		case strings.Contains(s, " port 443"), strings.HasSuffix(s, ":443..."):
			c.a.scheme = "https"
		case strings.Contains(s, " port 80 "), strings.HasSuffix(s, ":80..."):
			c.a.scheme = "http"
		case strings.HasPrefix(s, "Trying "):
			c.a.scheme = "http"
		}
	case strings.HasPrefix(s, "SSL connection using "), strings.HasPrefix(s, "TLSv1"), strings.HasPrefix(s, "ALPN"), strings.HasPrefix(s, "schannel: "):
		c.a.scheme = "https"
	}
}

// isMeter reports whether line, which has no mark, is of what curl prints of the
// transfer's progress, or empty.
func isMeter(line []byte) bool {
	line = bytes.TrimSpace(afterMeter(line))
	return len(line) == 0 || bytes.HasPrefix(line, []byte("{ [")) || bytes.HasPrefix(line, []byte("} [")) ||
		bytes.HasPrefix(line, []byte("% Total")) || bytes.HasPrefix(line, []byte("Dload"))
}

// afterMeter returns what stands behind the progress meter, which has no line of its
// own: numbers, and three times with colons or dashes.
func afterMeter(line []byte) []byte {
	rest := bytes.TrimLeft(line, " 0123456789kMGTPdh.:-\r")
	if bytes.Count(line[:len(line)-len(rest)], []byte{':'}) < 6 {
		return line
	}
	return rest
}

// curlLine returns what stands behind curl's mark, and the mark, which is 0 if
// there is none. The progress meter may stand before it.
func curlLine(line []byte) (mark byte, rest []byte) {
	line = afterMeter(bytes.TrimLeft(line, " \t\r"))
	if len(line) == 0 {
		return 0, nil
	}
	switch line[0] {
	case '>', '<', '*':
		if len(line) == 1 {
			return line[0], nil
		}
		if line[1] == ' ' {
			return line[0], line[2:]
		}
	}
	return 0, nil
}
