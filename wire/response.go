package wire

import (
	"bufio"
	"io"
	"strings"

	"github.com/corsim/corsim/headers"
)

const (
	// MaxHeaderBytes is how many bytes the status line and headers of one
	// response may have; Chromium's bound (kMaxHeaderBufSize).
	MaxHeaderBytes = 256 << 10
	// MaxInterimResponses is how many 1xx responses are skipped before one that
	// counts. Browsers have no bound but the user's patience.
	MaxInterimResponses = 64
)

// ParseResponse reads a response to a request of a method: interim responses are
// skipped, the headers are read, the body is left to be read from br through the
// response's Body. Closing the body leaves br alone.
//
// What comes is a [*MalformedError], a [*TooLargeError], [ErrNoResponse] where br is
// at its end, or the error of br. Reading the body may give a [*MalformedError] or a
// [*TruncatedError].
func ParseResponse(br *bufio.Reader, method string) (*Response, error) {
	m, err := readMessage(br, method, MaxHeaderBytes, nil)
	if err != nil {
		return nil, err
	}
	return m.response(io.NopCloser(m.body)), nil
}

// A message is a response whose body is yet to be read.
type message struct {
	status     int
	statusText string
	headers    headers.List
	// http11 says that the version is 1.1 or later.
	http11 bool
	// body is nil where there is none.
	body io.Reader
	// reusable says that the connection can be used again after the body.
	reusable bool
}

func (m *message) response(body io.ReadCloser) *Response {
	if m.body == nil {
		body = NoBody
	}
	return &Response{Status: m.status, StatusText: m.statusText, Headers: m.headers, Body: body}
}

// readMessage reads all of a response but its body. It uses scratch, which may be
// nil, as it likes.
func readMessage(br *bufio.Reader, method string, limit int, scratch *[]byte) (*message, error) {
	for range MaxInterimResponses + 1 {
		block, err := readBlock(br, limit, scratch)
		if err != nil {
			return nil, err
		}
		m, err := parseMessage(block)
		switch {
		case err != nil:
			return nil, err
		case m.status == 101:
			return nil, malformed(1, "", "status 101 switches to a protocol that was not offered")
		case m.status/100 == 1:
			continue
		}
		return m, m.frame(br, method)
	}
	return nil, malformed(0, "", "more than %d interim (1xx) responses", MaxInterimResponses)
}

// slop is how many bytes browsers skip before a status line.
const slop = 4

const httpName = "HTTP/"

// readBlock reads from the status line to the blank line that ends the headers.
func readBlock(br *bufio.Reader, limit int, scratch *[]byte) (string, error) {
	if _, err := br.Peek(1); err != nil {
		if err == io.EOF {
			err = ErrNoResponse
		}
		return "", err
	}
	start, err := br.Peek(slop + len(httpName))
	junk := -1
	for i := 0; i <= slop && i+len(httpName) <= len(start) && junk < 0; i++ {
		if headers.EqualFold(string(start[i:i+len(httpName)]), httpName) {
			junk = i
		}
	}
	if junk < 0 {
		if err != nil && err != io.EOF {
			return "", err
		}
		return "", malformed(1, string(start), "a response must begin with a status line such as HTTP/1.1 200 OK")
	}
	br.Discard(junk)

	var own []byte
	if scratch == nil {
		scratch = &own
	}
	block, line := (*scratch)[:0], 0
	for {
		more, err := br.ReadSlice('\n')
		block = append(block, more...)
		*scratch = block
		switch {
		case len(block) > limit:
			return "", &TooLargeError{limit}
		case err == io.EOF && len(more) == 0 && line > 0:
			// All lines are there: no engine misses the blank one.
			*scratch = append(block, '\n')
			return string(*scratch), nil
		case err == io.EOF:
			e := malformed(0, string(block[line:]), "the connection ended within a line of the headers")
			e.Err = io.ErrUnexpectedEOF
			return "", e
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return "", err
		}
		if l := block[line:]; len(l) == 1 || len(l) == 2 && l[0] == '\r' {
			return string(block), nil
		}
		line = len(block)
	}
}

func parseMessage(block string) (*message, error) {
	if err := refuseNUL(block, 1); err != nil {
		return nil, err
	}
	statusLine, block := cutLine(block)
	m := &message{}
	if err := m.parseStatusLine(statusLine); err != nil {
		return nil, err
	}
	m.headers = parseHeaderBlock(block)
	return m, nil
}

// parseStatusLine parses a line that begins with "HTTP/".
//
// https://httpwg.org/specs/rfc9112.html#status.line
func (m *message) parseStatusLine(line string) error {
	version, rest, ok := strings.Cut(line, " ")
	m.http11 = isHTTP11(version)
	if !ok {
		// Nothing but the version: Chromium and Firefox take it for 200 OK.
		m.status, m.statusText = 200, "OK"
		return nil
	}
	rest = strings.TrimLeft(rest, whitespace)
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 3 || digits < len(rest) && !strings.Contains(whitespace, rest[digits:digits+1]) {
		return malformed(1, line, "the status must be a number of one to three digits")
	}
	for _, c := range []byte(rest[:digits]) {
		m.status = m.status*10 + int(c-'0')
	}
	m.statusText = spaced(rest[digits:])
	return nil
}

// isHTTP11 reports whether a version is 1.1 or later. A version that is none
// counts as 1.0, as in Chromium.
func isHTTP11(version string) bool {
	major, minor, ok := strings.Cut(version[len(httpName):], ".")
	if !ok || major == "" || minor == "" || !isDigit(major[0]) || !isDigit(minor[0]) {
		return false
	}
	return major[0] > '1' || major[0] == '1' && minor[0] >= '1'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// frame finds out where the body ends.
//
// https://httpwg.org/specs/rfc9112.html#message.body.length
func (m *message) frame(br *bufio.Reader, method string) error {
	chunked := m.http11 && hasMember(m.headers, "transfer-encoding", "chunked")
	length := int64(-1)
	if !chunked {
		var err error
		if length, err = extractLength(m.headers); err != nil {
			return err
		}
	}
	m.reusable = keepsAlive(m.headers, m.http11)
	switch {
	case method == "HEAD" || m.status == 304:
		// The headers say what a GET would have brought.
	case m.status == 204 || m.status == 205:
		// What a server sends nevertheless must not be taken for the next response.
		m.reusable = m.reusable && !chunked && length <= 0
	case chunked:
		m.body = &chunkedReader{br: br, trailerBytes: MaxHeaderBytes}
		// A server that gives two lengths may mean either.
		m.reusable = m.reusable && !m.headers.Contains("content-length")
	case length > 0:
		m.body = &lengthReader{br: br, length: length, remaining: length}
	case length == 0:
	default:
		m.body = br
		m.reusable = false
	}
	return nil
}

// hasMember reports whether a comma-separated header lists a member, in any case.
func hasMember(list headers.List, name, member string) bool {
	for _, v := range list.GetDecodeAndSplit(name) {
		if headers.EqualFold(v, member) {
			return true
		}
	}
	return false
}

// keepsAlive reports whether a server keeps the connection open: the first of
// "close" and "keep-alive" counts, then the version.
func keepsAlive(list headers.List, http11 bool) bool {
	for _, v := range list.GetDecodeAndSplit("connection") {
		switch {
		case headers.EqualFold(v, "close"):
			return false
		case headers.EqualFold(v, "keep-alive"):
			return true
		}
	}
	return http11
}

// extractLength is extract a length, with -1 for null.
//
// https://fetch.spec.whatwg.org/#content-length-header
func extractLength(list headers.List) (int64, error) {
	values := list.GetDecodeAndSplit("content-length")
	for _, v := range values {
		if v != values[0] {
			all, _ := list.Get("content-length")
			return 0, malformed(0, all, "the values of Content-Length must be the same")
		}
	}
	if len(values) == 0 {
		return -1, nil
	}
	n, ok := parseLength(values[0])
	if !ok {
		return -1, nil
	}
	return n, nil
}

// parseLength parses a number of at least one digit. One that an int64 cannot
// hold is none, as in Chromium: the body then ends with the connection.
func parseLength(s string) (n int64, ok bool) {
	for _, c := range []byte(s) {
		if !isDigit(c) || n > (1<<63-1-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, s != ""
}
