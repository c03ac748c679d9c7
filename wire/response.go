package wire

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
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
	return ReadResponse(br, &Request{Method: method})
}

// ReadResponse is [ParseResponse] for a request with its rules. An [io.ErrUnexpectedEOF] of br is
// the end of a connection of TLS without a close_notify.
func ReadResponse(br *bufio.Reader, r *Request) (*Response, error) {
	reader := responseReader{br: br, method: r.Method, limit: MaxHeaderBytes, tls: strings.HasPrefix(r.URL, "https:"), rules: r.rules(), atHand: true}
	m, err := reader.read()
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

// A responseReader reads a response as far as its body.
type responseReader struct {
	br     *bufio.Reader
	method string
	limit  int // of the bytes of a head
	tls    bool
	rules  *Rules
	// scratch, which may be nil, is used for the bytes of heads.
	scratch *[]byte
	// atHand says that reading does not wait for a server.
	atHand bool
	// truncated says that the connection ended within the head, without a close_notify.
	truncated bool
}

// isEnd reports whether a connection has ended, with a close_notify or without.
func isEnd(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }

// read reads all of a response but its body.
func (r *responseReader) read() (*message, error) {
	for range MaxInterimResponses + 1 {
		if fallback := r.fallback(); fallback != nil {
			return fallback, nil
		}
		block, whole, err := r.block()
		if err != nil {
			return nil, err
		}
		m, err := r.parse(block)
		switch {
		case err != nil:
			return nil, err
		case m.status == 101 && r.rules.Switching == quirks.SwitchingDelivered:
			return m, nil
		case m.status == 101 && r.rules.Switching == quirks.SwitchingRefused:
			return nil, malformed(1, "", "status 101 switches to a protocol that was not offered")
		case m.status/100 == 1:
			continue
		case !whole && r.truncated && r.rules.CutHead == quirks.CutHeadAsSoup:
			m.body = brokenReader{&TruncatedError{Expected: -1}}
			return m, nil
		case !whole && (r.rules.CutHead == quirks.CutHeadAny || r.rules.CutHead == quirks.CutHeadOverHTTP):
			return m, nil
		}
		if err := r.frame(m); err != nil {
			return nil, err
		}
		return m, r.refuseBrokenBody(m)
	}
	return nil, malformed(0, "", "more than %d interim (1xx) responses", MaxInterimResponses)
}

// slop is how many bytes browsers skip before a status line.
const slop = 4

const httpName = "HTTP/"

// start returns where the status line begins in what comes first, -1 if nowhere.
func (r *responseReader) start(first string) int {
	name := httpName
	switch r.rules.StatusLine {
	case quirks.StatusLineAsChromium:
		name = "HTTP"
	case quirks.StatusLineAsGecko:
		if hasPrefixFold(first, icy) || len(first) < len(httpName) && hasPrefixFold(first, "HTTP") {
			return 0
		}
	case quirks.StatusLineAsSoup:
		line := strings.TrimLeft(first, "\r\n")
		if strings.HasPrefix(line, icy) || strings.HasPrefix(line, httpName) {
			return len(first) - len(line)
		}
		return -1
	}
	for i := 0; i <= slop && i+len(name) <= len(first); i++ {
		if hasPrefixFold(first[i:], name) {
			return i
		}
	}
	return -1
}

// icy is the version by which servers of radio stations begin.
const icy = "ICY "

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && headers.EqualFold(s[:len(prefix)], prefix)
}

// fallback returns a response of HTTP/0.9, which is a body and nothing else, in engines that take
// what has no status line for one; nil for no such.
func (r *responseReader) fallback() *message {
	gecko := r.rules.StatusLine == quirks.StatusLineAsGecko
	if !gecko && (r.rules.StatusLine != quirks.StatusLineAsChromium || r.tls) {
		return nil
	}
	const longestVersion = len("HTTP/1.1 ")
	peeked, _ := r.br.Peek(slop + longestVersion)
	first := string(peeked)
	if gecko && len(first) >= len("HTTP") {
		at := r.start(first)
		if at < 0 || !isGeckoVersion(first[at:]) {
			return &message{status: 200, statusText: "OK", body: r.br}
		}
	}
	if !gecko && hasPrefixFold(first, icy) {
		return &message{status: 200, statusText: "OK", body: r.br}
	}
	return nil
}

// isGeckoVersion reports whether a status line has a version that Firefox reads, as far as it has
// come: a digit that is not 0, and after a dot another one; "HTTP/2" as well; or "ICY ".
func isGeckoVersion(line string) bool {
	if hasPrefixFold(line, icy) {
		return true
	}
	if len(line) <= len(httpName) {
		return hasPrefixFold(httpName, line)
	}
	version := line[len(httpName):]
	switch {
	case !strings.HasPrefix(line, httpName):
		return hasPrefixFold(line, httpName) // in other letters it is no version, and no HTTP/0.9 either
	case version[0] < '1' || '9' < version[0]:
		return false
	case len(version) == 1, version[0] == '2' && version[1] == ' ':
		return true
	case version[1] != '.':
		return false
	}
	return len(version) == 2 || isDigit(version[2])
}

// block reads from the status line to the blank line that ends the headers. It reports whether
// the blank line is there.
func (r *responseReader) block() (block string, whole bool, err error) {
	br := r.br
	if _, err := br.Peek(1); err != nil {
		if isEnd(err) {
			err = ErrNoResponse
		}
		return "", false, err
	}
	first, err := br.Peek(slop + len(httpName))
	junk := r.start(string(first))
	if junk < 0 {
		if err != nil && err != io.EOF {
			return "", false, err
		}
		return "", false, malformed(1, string(first), "a response must begin with a status line such as HTTP/1.1 200 OK")
	}
	br.Discard(junk)

	var own []byte
	scratch := r.scratch
	if scratch == nil {
		scratch = &own
	}
	bytes, line := (*scratch)[:0], 0
	for {
		more, err := br.ReadSlice('\n')
		bytes = append(bytes, more...)
		*scratch = bytes
		ended := isEnd(err)
		switch {
		case len(bytes) > r.limit:
			return "", false, &TooLargeError{r.limit}
		case ended && r.takesCutHead(len(more) == 0 && line > 0):
			*scratch = append(bytes, '\n')
			r.truncated = err == io.ErrUnexpectedEOF
			return string(*scratch), false, nil
		case ended:
			e := malformed(0, string(bytes[line:]), "the connection ended within the headers")
			e.Err = io.ErrUnexpectedEOF
			return "", false, e
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return "", false, err
		}
		if l := bytes[line:]; len(l) == 1 || len(l) == 2 && l[0] == '\r' {
			return string(bytes), true, nil
		}
		line = len(bytes)
	}
}

// takesCutHead reports whether a head is taken for one that the connection ends, after a whole
// line or within one.
func (r *responseReader) takesCutHead(wholeLine bool) bool {
	switch r.rules.CutHead {
	case quirks.CutHeadAny:
		return true
	case quirks.CutHeadOverHTTP:
		return !r.tls
	}
	return wholeLine
}

func (r *responseReader) parse(block string) (*message, error) {
	if r.rules.CRBreaksLine && strings.Contains(strings.ReplaceAll(block, "\r\n", ""), "\r") {
		lines := strings.FieldsFunc(block, func(c rune) bool { return c == '\r' || c == '\n' })
		block = strings.Join(lines, "\n") + "\n\n"
	}
	statusLine, block := cutLine(block)
	if !r.rules.NULInValueOnly {
		if err := refuseNUL(statusLine, 1); err != nil {
			return nil, err
		}
	}
	m := &message{}
	var err error
	switch r.rules.StatusLine {
	case quirks.StatusLineAsChromium:
		m.parseStatusLineAsChromium(statusLine)
	case quirks.StatusLineAsSoup:
		err = m.parseStatusLineAsSoup(statusLine)
	case quirks.StatusLineAsGecko:
		err = m.parseStatusLineAsGecko(statusLine, r.tls)
	default:
		err = m.parseStatusLine(statusLine)
	}
	if err != nil {
		return nil, err
	}
	m.headers, err = r.rules.parseHeaderBlock(block)
	return m, err
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
	digits := m.parseStatus(rest)
	if digits == 0 || digits > 3 || digits < len(rest) && !strings.Contains(whitespace, rest[digits:digits+1]) {
		return malformed(1, line, "the status must be a number of one to three digits")
	}
	m.statusText = spaced(rest[digits:])
	return nil
}

// parseStatus sets the status to the digits that s begins with, and returns how many those are.
func (m *message) parseStatus(s string) (digits int) {
	for digits < len(s) && isDigit(s[digits]) {
		if m.status < maxStatus {
			m.status = m.status*10 + int(s[digits]-'0')
		}
		digits++
	}
	return digits
}

// maxStatus keeps a status of many digits from overflowing.
const maxStatus = 1 << 24

// parseStatusLineAsChromium takes everything for a status line.
func (m *message) parseStatusLineAsChromium(line string) {
	version, rest, ok := strings.Cut(line, " ")
	m.http11 = len(version) >= len(httpName) && isHTTP11(version)
	if !ok {
		m.status, m.statusText = 200, "OK"
		return
	}
	rest = strings.TrimLeft(rest, " ")
	digits := m.parseStatus(rest)
	if digits == 0 {
		m.status = 200
		return
	}
	m.statusText = spaced(rest[digits:])
}

// parseStatusLineAsGecko parses a line whose version is one that Firefox reads; see isGeckoVersion.
func (m *message) parseStatusLineAsGecko(line string, tls bool) error {
	if hasPrefixFold(line, icy) {
		line = "HTTP/1.0 " + line[len(icy):]
	}
	if len(line) < len(httpName) || !strings.HasPrefix(line, httpName) {
		m.status, m.statusText = 200, "OK"
		return nil
	}
	text, afterCR, hasCR := strings.Cut(line, "\r")
	err := m.parseStatusLine(text)
	switch {
	case strings.HasPrefix(line[len(httpName):], "2") && !tls:
		m.statusText = ""
	case hasCR:
		m.statusText += "\r" + afterCR
	}
	return err
}

// parseStatusLineAsSoup parses a line as libsoup does.
func (m *message) parseStatusLineAsSoup(line string) error {
	rest, isICY := strings.CutPrefix(line, "ICY")
	if !isICY {
		var ok bool
		if rest, ok = strings.CutPrefix(line, httpName); !ok {
			return malformed(1, line, "the version must be HTTP/1.0 or HTTP/1.1")
		}
		rest = strings.TrimLeft(rest, "0")
		switch {
		case strings.HasPrefix(rest, "1.1"):
			m.http11 = true
			fallthrough
		case strings.HasPrefix(rest, "1.0"):
			rest = rest[len("1.1"):]
		default:
			return malformed(1, line, "the version must be HTTP/1.0 or HTTP/1.1")
		}
	}
	rest = strings.TrimLeft(rest, " \t")
	digits := m.parseStatus(rest[:min(len(rest), 3)])
	if digits < 3 || m.status < 100 || len(rest) > 3 && isDigit(rest[3]) {
		return malformed(1, line, "the status must be a number of three digits, from 100 on")
	}
	m.statusText = strings.Trim(rest[digits:], " \t")
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

// frame finds out where the body of a response ends.
//
// https://httpwg.org/specs/rfc9112.html#message.body.length
func (r *responseReader) frame(m *message) error {
	chunked := r.isChunked(m)
	length := int64(-1)
	if !chunked {
		var err error
		if length, err = r.rules.length(m.headers); err != nil {
			return err
		}
	}
	m.reusable = keepsAlive(m.headers, m.http11)
	switch {
	case r.method == "HEAD" || m.status == 304:
		// The headers say what a GET would have brought.
	case m.status == 204 || m.status == 205 && !r.rules.ResetContentHasBody:
		// What a server sends nevertheless must not be taken for the next response.
		m.reusable = m.reusable && !chunked && length <= 0
	case chunked:
		m.body = &chunkedReader{br: r.br, trailerBytes: MaxHeaderBytes, chunks: r.rules.Chunks}
		// A server that gives two lengths may mean either.
		m.reusable = m.reusable && !m.headers.Contains("content-length")
	case length > 0:
		m.body = &lengthReader{br: r.br, length: length, remaining: length}
	case length == 0:
	default:
		m.body = closeReader{r.br}
		m.reusable = false
	}
	return nil
}

// isChunked reports whether a response is in the chunked coding.
func (r *responseReader) isChunked(m *message) bool {
	if !m.http11 && !r.rules.ChunkedInHTTP10 || !m.headers.Contains("transfer-encoding") {
		return false
	}
	if r.rules.OnlyChunked && m.headers.Contains("content-length") {
		return slices.ContainsFunc(m.headers.Values("transfer-encoding"), isChunkedCoding)
	}
	if !r.rules.SpacesSeparateCodings {
		return hasMember(m.headers, "transfer-encoding", "chunked")
	}
	for _, v := range m.headers.GetDecodeAndSplit("transfer-encoding") {
		if slices.ContainsFunc(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' || c == '\t' }), isChunkedCoding) {
			return true
		}
	}
	return false
}

func isChunkedCoding(coding string) bool { return headers.EqualFold(coding, "chunked") }

// refuseBrokenBody returns the error of a body that breaks before its first byte, in engines to
// which that is no response. Of a response that comes over a connection only what is there already
// is looked at.
func (r *responseReader) refuseBrokenBody(m *message) error {
	if _, hasLength := m.body.(*lengthReader); hasLength && m.status/100 != 2 {
		return nil // a short body of an error is whole to such engines
	}
	if !r.rules.BrokenBodyIsNoResponse || m.body == nil || !r.atHand && r.br.Buffered() == 0 {
		return nil
	}
	var first []byte
	buffer := make([]byte, 4<<10)
	for {
		n, err := m.body.Read(buffer)
		first = append(first, buffer[:n]...)
		_, isMalformed := errors.AsType[*MalformedError](err)
		switch {
		case err != nil && err != io.EOF && (len(first) == 0 || isMalformed || r.rules.BrokenAtOnceIsNoResponse):
			return err
		case err != nil, r.br.Buffered() == 0 && !(r.rules.BrokenAtOnceIsNoResponse && r.atHand), len(first) >= maxFirstBytes:
			m.body = &begunReader{first, err, m.body}
			return nil
		}
	}
}

// A brokenReader is a body of which nothing comes.
type brokenReader struct{ err error }

// Read returns the error.
func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

// maxFirstBytes is how much of a body is looked at for what breaks it.
const maxFirstBytes = 64 << 10

// A begunReader is a body whose first bytes, and the error after them if there was one, are known.
type begunReader struct {
	first []byte
	err   error
	rest  io.Reader
}

// Read returns what is known first.
func (b *begunReader) Read(p []byte) (int, error) {
	if len(b.first) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.rest.Read(p)
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

// length is the value of Content-Length, -1 for null.
func (r *Rules) length(list headers.List) (int64, error) {
	if r.Lengths == quirks.LengthsAsSoup {
		lines := list.Lines("content-length")
		if lines.Len() == 0 {
			return -1, nil
		}
		return lengthAsSoup(lines.At(lines.Len() - 1)), nil
	}
	return extractLength(list)
}

// lengthAsSoup reads a number as strtoull does, and as libsoup uses it: a negative one is 0, and
// one that does not fit is the largest that does.
func lengthAsSoup(s string) int64 {
	s = strings.TrimLeft(s, " \t\v\f\r")
	digits, negative := strings.CutPrefix(s, "-")
	if !negative {
		digits, _ = strings.CutPrefix(s, "+")
	}
	end := 0
	for end < len(digits) && isDigit(digits[end]) {
		end++
	}
	n, err := strconv.ParseUint(digits[:end], 10, 64)
	switch {
	case end == 0, negative:
		return 0
	case err != nil, n == 1<<64-1:
		return 1<<63 - 1
	case n > 1<<63-1:
		return 0
	}
	return int64(n)
}

// parseLength parses a number of at least one digit, or "-0". One that an int64 cannot
// hold is none, as in Chromium: the body then ends with the connection.
func parseLength(s string) (n int64, ok bool) {
	if s == "-0" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && isDigit(s[0])
}
