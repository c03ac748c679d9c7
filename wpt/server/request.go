package server

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// Bounds on what a client may send.
const (
	maxHeadBytes = 1 << 20
	maxBodyBytes = 64 << 20
)

// request is a request as handlers see it. Strings hold bytes.
type request struct {
	method, target string
	scheme, host   string // of the URL, the host with its port as sent
	port           int
	path, query    string       // of the target, still percent-encoded
	raw            headers.List // the header lines in order, a value's trailing whitespace kept
	params         values       // of the query
	body           []byte
	client         string // address
	keepAlive      bool

	stash *stash
	root  fs.FS // the upstream tree, if there is one
}

// values are the name-value pairs of a query or form.
type values headers.List

func (v values) get(name string) (string, bool) {
	for _, h := range v {
		if h.Name == name {
			return h.Value, true
		}
	}
	return "", false
}

// firsts returns each name once, in order, with its first value.
func (v values) firsts() values {
	var once values
	for _, h := range v {
		if _, ok := once.get(h.Name); !ok {
			once = append(once, h)
		}
	}
	return once
}

// parseValues parses a query as Python's parse_qsl does with blank values kept.
func parseValues(s string) values {
	var v values
	for pair := range strings.SplitSeq(s, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			v = append(v, headers.Header{Name: unquotePlus(name), Value: unquotePlus(value)})
		}
	}
	return v
}

func unquotePlus(s string) string { return unquote(strings.ReplaceAll(s, "+", " ")) }

// unquote decodes percent-encoded bytes and leaves malformed ones alone.
func unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c, ok := percentByte(s[i:]); ok {
			b = append(b, c)
			i += 2
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func percentByte(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:3], 16, 8)
	return byte(n), err == nil
}

// unquoteText decodes percent-encoded bytes as UTF-8 and the rest as Latin-1,
// and gives the result as Latin-1 bytes. That is what a name or value in a pipe
// goes through upstream, where "%C3%A9" comes out as the one byte E9.
func unquoteText(s string) string {
	var text []byte
	for i := 0; i < len(s); {
		var run []byte
		for {
			c, ok := percentByte(s[i:])
			if !ok {
				break
			}
			run = append(run, c)
			i += 3
		}
		text = append(text, bytes.ToValidUTF8(run, []byte("\uFFFD"))...)
		if len(run) == 0 {
			text = utf8.AppendRune(text, rune(s[i]))
			i++
		}
	}
	latin1, ok := headers.IsomorphicEncode(string(text))
	if !ok {
		fail(500, "%q has a code point above U+00FF", text)
	}
	return latin1
}

// readRequest reads one request. The errors of a connection that is at its end
// are the reader's own.
func readRequest(r *bufio.Reader, w io.Writer) (*request, error) {
	left := maxHeadBytes
	line, err := readLine(r, &left)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(line)
	if len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/1.") {
		return nil, badRequestf("request line %q: want method, target and HTTP/1.x", line)
	}
	q := &request{method: words[0], target: words[1], keepAlive: words[2] != "HTTP/1.0"}
	if strings.HasPrefix(q.target, "//") {
		q.target = "/" + strings.TrimLeft(q.target, "/")
	}
	for {
		line, err := readLine(r, &left)
		if err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !headers.IsName(name) {
			return nil, badRequestf("request header %q: want a name and a colon", line)
		}
		q.raw = append(q.raw, headers.Header{Name: name, Value: strings.TrimLeft(value, " \t")})
	}
	switch strings.ToLower(q.headerOr("Connection", "")) {
	case "close":
		q.keepAlive = false
	case "keep-alive":
		q.keepAlive = true
	}
	if strings.EqualFold(q.headerOr("Expect", ""), "100-continue") {
		if _, err := io.WriteString(w, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return nil, err
		}
	}
	if _, chunked := q.header("Transfer-Encoding"); chunked {
		q.keepAlive = false // upstream reads no chunked bodies either
	}
	n, err := strconv.ParseUint(strings.TrimSpace(q.headerOr("Content-Length", "0")), 10, 31)
	if err != nil || n > maxBodyBytes {
		return nil, badRequestf("Content-Length %q: want a number of bytes up to %d", q.headerOr("Content-Length", ""), maxBodyBytes)
	}
	q.body = make([]byte, n)
	if _, err := io.ReadFull(r, q.body); err != nil {
		return nil, err
	}
	return q, nil
}

// A badRequest says why what came is no request.
type badRequest string

// Error returns the reason.
func (e badRequest) Error() string { return string(e) }

func badRequestf(format string, args ...any) error { return badRequest(fmt.Sprintf(format, args...)) }

func readLine(r *bufio.Reader, left *int) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if *left -= len(part); *left < 0 {
			return "", badRequestf("the head of the request is longer than %d bytes", maxHeadBytes)
		}
		line = append(line, part...)
		if err == nil {
			return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}

// place fills in what follows from the listener that q came to.
func (q *request) place(at site) {
	q.scheme, q.port = at.scheme, at.port
	host := q.headerOr("Host", "127.0.0.1")
	if name, port, ok := strings.Cut(host, ":"); ok {
		host = name
		q.port, _ = strconv.Atoi(port)
	}
	q.host = host + ":" + strconv.Itoa(q.port)
	rest, ok := strings.CutPrefix(q.target, q.scheme+"://")
	if ok {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			slash = len(rest)
		}
		q.host, rest = rest[:slash], rest[slash:]
	} else {
		rest = q.target
	}
	rest, _, _ = strings.Cut(rest, "#")
	q.path, q.query, _ = strings.Cut(rest, "?")
	q.params = parseValues(q.query)
}

// url returns the absolute URL of q.
func (q *request) url() string {
	if strings.HasPrefix(q.target, q.scheme+"://") {
		return q.target
	}
	return q.scheme + "://" + q.host + q.target
}

// dir returns the path of q up to its last slash.
func (q *request) dir() string { return q.path[:strings.LastIndexByte(q.path, '/')+1] }

// header returns the value of the first header called name. Repeated ones are
// not joined: upstream's lookup does not find them either.
func (q *request) header(name string) (string, bool) {
	for _, h := range q.raw {
		if headers.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

func (q *request) headerOr(name, otherwise string) string {
	if value, ok := q.header(name); ok {
		return value
	}
	return otherwise
}

// needHeader is for handlers that answer 500 where the header is missing.
func (q *request) needHeader(name string) string {
	value, ok := q.header(name)
	if !ok {
		fail(500, "the request has no %s header, which this handler needs", name)
	}
	return value
}

// headers returns each header once, with a lower-case name and the first value.
func (q *request) headers() values {
	var v values
	for _, h := range q.raw {
		v = append(v, headers.Header{Name: headers.Lower(h.Name), Value: h.Value})
	}
	return v.firsts()
}

func (q *request) has(name string) bool {
	_, ok := q.params.get(name)
	return ok
}

func (q *request) paramOr(name, otherwise string) string {
	if value, ok := q.params.get(name); ok {
		return value
	}
	return otherwise
}

func (q *request) need(name string) string {
	value, ok := q.params.get(name)
	if !ok {
		fail(500, "the query has no %s, which this handler needs", name)
	}
	return value
}

// integer reads a number as Python's int does.
func integer(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		fail(500, "%q is not a number", s)
	}
	return n
}

// decimal reads a number as Python's float does.
func decimal(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		fail(500, "%q is not a number", s)
	}
	return f
}

func (q *request) take(key string) any       { return q.stash.take(q.path, key) }
func (q *request) put(key string, value any) { q.stash.put(q.path, key, value) }

// takeString returns "" where there is no value.
func (q *request) takeString(key string) string {
	s, _ := q.take(key).(string)
	return s
}

// auth returns the user name and password of HTTP basic authentication.
func (q *request) auth() (user, password string, ok bool) {
	value, ok := q.header("Authorization")
	if !ok {
		return "", "", false
	}
	scheme, data, ok := strings.Cut(value, " ")
	if !ok {
		fail(500, "Authorization %q: want a scheme and credentials", value)
	}
	if scheme != "Basic" {
		fail(400, "%d", 400)
	}
	decoded, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		fail(500, "Authorization %q: %v", value, err)
	}
	user, password, ok = strings.Cut(string(decoded), ":")
	if !ok {
		fail(500, "Authorization %q: want a user name, a colon and a password", value)
	}
	return user, password, true
}

// cookies returns the cookies of the Cookie header, the last of each name.
func (q *request) cookies() values {
	var v values
	for pair := range strings.SplitSeq(q.headerOr("Cookie", ""), ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			continue
		}
		value = strings.Trim(value, `"`)
		if i := v.index(name); i >= 0 {
			v[i].Value = value
		} else {
			v = append(v, headers.Header{Name: name, Value: value})
		}
	}
	return v
}

func (v values) index(name string) int {
	for i := range v {
		if v[i].Name == name {
			return i
		}
	}
	return -1
}

// A file is an uploaded file of a form.
type file struct {
	field, name, mime string
	content           []byte
}

// form returns the fields and files of the body. GET and HEAD have none; other
// requests whose body is not that of a form are an error.
func (q *request) form() (values, []file) {
	if q.method == "GET" || q.method == "HEAD" {
		return nil, nil
	}
	contentType, ok := q.header("Content-Type")
	if !ok && q.method == "POST" {
		contentType = "application/x-www-form-urlencoded"
	}
	essence, _, _ := strings.Cut(contentType, ";")
	switch essence {
	case "application/x-www-form-urlencoded":
		return parseValues(string(q.body)), nil
	case "multipart/form-data":
	default:
		if len(q.body) > 0 {
			fail(500, "the body of type %q is not a form, which this handler needs", contentType)
		}
		return nil, nil
	}
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		fail(500, "form: Content-Type %q: %v", contentType, err)
	}
	var fields values
	var files []file
	r := multipart.NewReader(bytes.NewReader(q.body), parameters["boundary"])
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields, files
		}
		if err != nil {
			fail(500, "form: %v", err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			fail(500, "form: %v", err)
		}
		_, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if disposition["filename"] == "" {
			fields = append(fields, headers.Header{Name: part.FormName(), Value: string(content)})
			continue
		}
		files = append(files, file{part.FormName(), disposition["filename"], part.Header.Get("Content-Type"), content})
	}
}

// queryEscape encodes as Python's urlencode does: what Go does, with the bytes
// as code points in UTF-8.
func queryEscape(s string) string { return url.QueryEscape(headers.IsomorphicDecode(s)) }
