package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// A request is a [Request] that is known to be writable.
type request struct {
	*Request
	// host is as in the URL, with the port where it is not the scheme's.
	host, target string
	// addr is where to connect to; serverName is for TLS, and empty without.
	addr, serverName string
	userAgent        string
}

// newRequest refuses what cannot be written without becoming something else.
func newRequest(n *Request, userAgent string) (*request, error) {
	r := &request{Request: n, userAgent: userAgent}
	if !headers.IsToken(n.Method) {
		return nil, invalid(n.URL, "the method %q must be a token", n.Method)
	}
	if err := r.parseURL(); err != nil {
		return nil, err
	}
	for _, h := range n.Headers {
		switch {
		case !headers.IsToken(h.Name):
			return nil, invalid(n.URL, "the header name %q must be a token", h.Name)
		case strings.ContainsAny(h.Value, "\x00\r\n"):
			return nil, invalid(n.URL, "the value %q of %s must not contain NUL, CR or LF", h.Value, h.Name)
		case headers.EqualFold(h.Name, "transfer-encoding"):
			return nil, invalid(n.URL, "%s is not the caller's to set: a ContentLength of -1 makes a body chunked", h.Name)
		case headers.EqualFold(h.Name, "content-length"):
			if length, ok := parseLength(h.Value); !ok || length != r.length() {
				return nil, invalid(n.URL, "%s %q does not fit the body, whose length is %d", h.Name, h.Value, r.length())
			}
		}
	}
	return r, nil
}

// length is the length of the body, -1 where it is chunked.
func (r *request) length() int64 {
	if r.Body == nil {
		return 0
	}
	return max(r.ContentLength, -1)
}

// parseURL splits a serialized URL. It decodes nothing: package net/url refuses
// paths that browsers send.
func (r *request) parseURL() error {
	scheme, rest, _ := strings.Cut(r.URL, "://")
	port := ""
	switch scheme {
	case "http":
		port = "80"
	case "https":
		port = "443"
	default:
		return invalid(r.URL, "the URL must be a serialized http or https URL")
	}
	rest, _, _ = strings.Cut(rest, "#")
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, r.target = rest[:i], rest[i:]
	}
	if !strings.HasPrefix(r.target, "/") {
		r.target = "/" + r.target
	}
	r.host = authority[strings.LastIndexByte(authority, '@')+1:]
	name := r.host
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, ']') {
		name, port = name[:i], name[i+1:]
	}
	if name == "" || !isPort(port) || strings.IndexFunc(r.host+r.target, isSpaceOrControl) >= 0 {
		return invalid(r.URL, "the URL must be a serialized http or https URL")
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	r.addr = net.JoinHostPort(name, port)
	if scheme == "https" {
		r.serverName = name
	}
	return nil
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isSpaceOrControl(r rune) bool { return r <= ' ' || r == 0x7f }

func (r *request) scheme() string {
	if r.serverName != "" {
		return "https"
	}
	return "http"
}

// inlineBytes is up to which length a body at hand is written before the response
// is looked for: it fits in what the system buffers.
const inlineBytes = 64 << 10

// inline reports whether writing cannot take long.
func (r *request) inline() bool {
	switch r.Body.(type) {
	case nil:
		return true
	case *bytes.Reader, *strings.Reader, *bytes.Buffer:
		return 0 <= r.ContentLength && r.ContentLength <= inlineBytes
	}
	return false
}

// write writes the request, to its server or to a proxy that forwards it, and flushes
// it.
func (r *request) write(w *bufio.Writer, f *forwarding) error {
	r.writeHeaders(w, f)
	var err error
	switch {
	case r.Body == nil:
	case r.ContentLength < 0:
		err = r.writeChunked(w)
	default:
		err = r.writeLength(w)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// forwarding is what an HTTP proxy is told beside the request.
type forwarding struct {
	authorization string // of the proxy, as Proxy-Authorization has it; empty for none
}

// write writes the proxy's own headers.
func (f *forwarding) write(w *bufio.Writer) {
	if f.authorization != "" {
		writeHeader(w, "Proxy-Authorization", f.authorization)
	}
}

func (r *request) writeHeaders(w *bufio.Writer, f *forwarding) {
	// A bufio.Writer remembers its first error until it is flushed.
	w.WriteString(r.Method)
	w.WriteByte(' ')
	if f != nil {
		w.WriteString("http://")
		w.WriteString(r.host)
	}
	w.WriteString(r.target)
	w.WriteString(" HTTP/1.1\r\n")
	if !r.Headers.Contains("host") {
		writeHeader(w, "Host", r.host)
	}
	if !r.Headers.Contains("connection") {
		writeHeader(w, "Connection", "keep-alive")
	}
	switch {
	case r.length() < 0:
		writeHeader(w, "Transfer-Encoding", "chunked")
	case r.Body != nil && !r.Headers.Contains("content-length"):
		writeHeader(w, "Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	if f != nil {
		f.write(w)
	}
	for _, h := range r.Headers {
		writeHeader(w, h.Name, h.Value)
	}
	if !r.Headers.Contains("accept-encoding") {
		writeHeader(w, "Accept-Encoding", "gzip, deflate")
	}
	if r.userAgent != "" && !r.Headers.Contains("user-agent") {
		writeHeader(w, "User-Agent", r.userAgent)
	}
	w.WriteString("\r\n")
}

// Written returns the headers of a request as a [Network] without a UserAgent writes them
// to a server: all of them, in their order. The error is that of RoundTrip for a request
// that cannot be written.
func (n *Request) Written() (headers.List, error) {
	r, err := newRequest(n, "")
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	w := bufio.NewWriter(&head)
	r.writeHeaders(w, nil)
	w.Flush() // a bytes.Buffer takes everything
	var list headers.List
	_, lines, _ := strings.Cut(head.String(), "\r\n")
	for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\r\n\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		list = append(list, headers.Header{Name: name, Value: value})
	}
	return list, nil
}

func writeHeader(w *bufio.Writer, name, value string) {
	w.WriteString(name)
	w.WriteString(": ")
	w.WriteString(value)
	w.WriteString("\r\n")
}

// A RequestBodyError says that a request's body could not be read: nothing that
// another connection would fix, or that the server has to do with.
type RequestBodyError struct {
	// Err is the error of the body's reader, or says how the body is not as long as
	// it was to be.
	Err error
}

// Error says that it was the body.
func (e *RequestBodyError) Error() string { return "the request's body: " + e.Err.Error() }

// Unwrap returns the error of the body's reader, and [cors.RequestBody].
func (e *RequestBodyError) Unwrap() []error { return []error{e.Err, cors.RequestBody} }

func isBodyError(err error) bool {
	_, ok := errors.AsType[*RequestBodyError](err)
	return ok
}

// A bodyReader tells the errors of the body from those of the connection.
type bodyReader struct{ r io.Reader }

// Read returns each error but io.EOF as a *RequestBodyError.
func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		err = &RequestBodyError{err}
	}
	return n, err
}

func (r *request) writeLength(w *bufio.Writer) error {
	body := bodyReader{r.Body}
	switch n, err := io.Copy(w, io.LimitReader(body, r.ContentLength)); {
	case err != nil:
		return err
	case n < r.ContentLength:
		return &RequestBodyError{fmt.Errorf("it ended after %d of %d bytes: %w", n, r.ContentLength, io.ErrUnexpectedEOF)}
	}
	// A body that goes on is told, not cut off in silence; but what the server waits
	// for must not wait for that.
	if err := w.Flush(); err != nil {
		return err
	}
	var more [1]byte
	switch n, err := io.ReadFull(body, more[:]); {
	case n > 0:
		return &RequestBodyError{fmt.Errorf("it has more than the %d bytes of its length", r.ContentLength)}
	case err != io.EOF:
		return err
	}
	return nil
}

func (r *request) writeChunked(w *bufio.Writer) error {
	// The headers go ahead: the body may take its time.
	if err := w.Flush(); err != nil {
		return err
	}
	body := bodyReader{r.Body}
	buf := make([]byte, 16<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			fmt.Fprintf(w, "%X\r\n", n)
			w.Write(buf[:n])
			w.WriteString("\r\n")
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			_, err := w.WriteString("0\r\n\r\n")
			return err
		}
		if err != nil {
			return err
		}
	}
}

// rewind makes the body begin anew, and reports whether it does.
func (r *request) rewind() bool {
	if r.Body == nil {
		return true
	}
	if r.GetBody == nil {
		return false
	}
	again := *r.Request // the caller's stays as it is
	again.Body = r.GetBody()
	r.Request = &again
	return true
}

var errReadAfterClose = errors.New("read of a closed response body")
