package observe

import (
	"bufio"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// Bounds of what a browser may send to the servers.
const (
	maxHead = 4 << 20
	maxBody = 64 << 20
)

// A server is every server of the experiments, on all their ports: it gives the
// browser the runner page, takes part in the runner's long poll, and answers for
// the scripted servers. It writes the bytes of their answers by hand, since
// net/http would add to them.
type server struct {
	tls     *tls.Config
	address string // of the interface, "127.0.0.1" but in tests

	mu        sync.Mutex
	listeners map[int]net.Listener // by port
	schemes   map[int][2]bool      // by port: whether http and https are served
	documents map[int]*document
	pages     map[string]*document // by URL
	running   *running             // nil between scenarios
}

// A running is what the server knows of the scenario that is running.
type running struct {
	prefix   *prefix
	servers  *scenario.Servers
	step     *scenario.Step
	requests []scenario.Request // of the current step
	latest   time.Time          // when the latest came
	err      error              // why the scenario cannot be measured
}

func newServer(config *tls.Config) *server {
	return &server{
		tls: config, address: "127.0.0.1",
		listeners: map[int]net.Listener{}, schemes: map[int][2]bool{},
		documents: map[int]*document{}, pages: map[string]*document{},
	}
}

// listen sees to it that the given ports are listened on, for the schemes that
// are given with them, and no others: connecting to any other is refused.
func (s *server) listen(schemes map[int][2]bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for port, l := range s.listeners {
		if _, ok := schemes[port]; !ok {
			l.Close()
			delete(s.listeners, port)
		}
	}
	s.schemes = schemes
	for port := range schemes {
		if s.listeners[port] != nil {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(s.address, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("listening for the scripted servers: %w", err)
		}
		s.listeners[port] = l
		go s.accept(l, port)
	}
	return nil
}

func (s *server) accept(l net.Listener, port int) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go s.connection(conn.(*net.TCPConn), port)
	}
}

// errReset makes the connection end with a TCP reset.
var errReset = errors.New("to be reset")

// errTruncated makes a connection of TLS end without a close_notify.
var errTruncated = errors.New("to be truncated")

// connection serves one connection until it ends.
func (s *server) connection(tcp *net.TCPConn, port int) {
	err := s.serve(tcp, port)
	if errors.Is(err, errReset) {
		tcp.SetLinger(0)
	}
	tcp.Close()
}

// A replay is a connection whose first bytes were looked at.
type replay struct {
	*net.TCPConn
	r io.Reader
}

// Read begins with the bytes that were looked at.
func (c *replay) Read(p []byte) (int, error) { return c.r.Read(p) }

// serve answers requests until the connection is to end, and says whether with a
// reset. It tells TLS by the first byte, 0x16 (RFC 8446, section 5.1).
func (s *server) serve(tcp *net.TCPConn, port int) error {
	in := bufio.NewReader(tcp)
	first, err := in.Peek(1)
	if err != nil {
		return err
	}
	s.mu.Lock()
	schemes := s.schemes[port]
	s.mu.Unlock()
	var conn net.Conn = tcp
	scheme := "http"
	if first[0] == 0x16 {
		scheme = "https"
		secure := tls.Server(&replay{tcp, in}, s.tls)
		if !schemes[1] {
			return errReset
		}
		if err := secure.Handshake(); err != nil {
			return err
		}
		conn, in = secure, bufio.NewReader(secure)
		err := s.answer(conn, in, scheme)
		if !errors.Is(err, errTruncated) {
			secure.CloseWrite()
		}
		return err
	} else if !schemes[0] {
		return errReset
	}
	return s.answer(conn, in, scheme)
}

// answer answers the requests of a connection until it is to end.
func (s *server) answer(conn net.Conn, in *bufio.Reader, scheme string) error {
	for {
		r, err := readRequest(in, scheme)
		if err != nil {
			return err
		}
		response, open, end := s.respond(r)
		if response != nil {
			if _, err := conn.Write(response); err != nil {
				return err
			}
		}
		if end != nil || !open {
			return end
		}
	}
}

// A wireRequest is a request as it came.
type wireRequest struct {
	method, target string
	url            string // without fragment
	headers        headers.List
	body           []byte
}

// readRequest reads a request of HTTP/1.1.
func readRequest(in *bufio.Reader, scheme string) (*wireRequest, error) {
	line, err := readLine(in, maxHead)
	if err != nil {
		return nil, err
	}
	r := new(wireRequest)
	var rest string
	r.method, rest, _ = strings.Cut(line, " ")
	var version string
	if r.target, version, _ = strings.Cut(rest, " "); version != "HTTP/1.1" {
		return nil, fmt.Errorf("the request line %q is not one of HTTP/1.1", line)
	}
	for size := len(line); ; size += len(line) {
		if line, err = readLine(in, maxHead-size); err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		r.headers = append(r.headers, headers.Header{Name: name, Value: headers.TrimTabOrSpace(value)})
	}
	host, _ := r.headers.Get("host")
	r.url = scheme + "://" + host + r.target
	if r.headers.Contains("transfer-encoding") {
		r.body, err = readChunks(in)
		return r, err
	}
	if length, ok := r.headers.Get("content-length"); ok {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > maxBody {
			return nil, fmt.Errorf("the Content-Length %q cannot be taken", length)
		}
		r.body = make([]byte, n)
		_, err = io.ReadFull(in, r.body)
		return r, err
	}
	return r, nil
}

// readLine reads a line that ends with CRLF or LF, of at most limit bytes.
func readLine(in *bufio.Reader, limit int) (string, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		if len(line) > limit {
			return "", fmt.Errorf("the head of a request is longer than %d bytes", maxHead)
		}
		if err == nil {
			return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
}

func readChunks(in *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := readLine(in, maxHead)
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 32)
		if err != nil || len(body)+int(n) > maxBody {
			return nil, fmt.Errorf("the chunk size %q cannot be taken", line)
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		body = append(body, chunk...)
		if line, err := readLine(in, maxHead); err != nil || n == 0 && line == "" {
			return body, err
		}
	}
}

// respond returns the bytes of the response to a request, and whether the
// connection stays open after it.
func (s *server) respond(r *wireRequest) (response []byte, open bool, err error) {
	s.mu.Lock()
	doc := s.pages[r.url]
	running := s.running
	s.mu.Unlock()
	switch {
	case r.target == controlPath:
		return s.poll(r)
	case r.target == workerPath && s.current() != nil:
		return s.current().worker, true, nil
	case doc != nil && doc.client != nil && r.url == doc.clientURL:
		return doc.client, true, nil
	case doc != nil:
		return doc.page, true, nil
	case running != nil:
		return s.script(running, r)
	}
	return nil, false, errReset
}

// script returns the response of the scripted servers, and records the request.
func (s *server) script(running *running, r *wireRequest) ([]byte, bool, error) {
	target, ok := running.prefix.cut(r.target)
	if !ok {
		return nil, false, errReset // such as a favicon, or a scenario that is over
	}
	url := strings.TrimSuffix(r.url, r.target) + target
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, ok := running.servers.Answer(r.method, url)
	switch {
	case !ok:
		return nil, false, errReset
	case answer.NotBytes != nil:
		running.err = answer.NotBytes
		return nil, false, errReset
	}
	running.requests, running.latest = append(running.requests, seen(running.step, running.prefix, r, url)), time.Now()
	if key, ok := r.headers.Get("sec-websocket-key"); ok && answer.Status == http.StatusSwitchingProtocols {
		return acceptSocket(key), true, nil
	}
	if answer.Raw != "" {
		var end error
		if answer.Truncated {
			end = errTruncated
		}
		return []byte(answer.Raw), false, end
	}
	wire := *answer
	wire.Headers = running.prefix.headers(answer.Headers, url)
	response, open := appendAnswer(nil, r.method, &wire)
	return response, open, nil
}

// acceptSocket returns the response that accepts a WebSocket.
//
// https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2
func acceptSocket(key string) []byte {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return fmt.Appendf(nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
}

// current returns the document that is loaded.
func (s *server) current() *document {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.documents {
		return doc
	}
	return nil
}

// quiet waits until no request has come for some time.
func (s *server) quiet(idle time.Duration) {
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		latest := s.running.latest
		s.mu.Unlock()
		if time.Since(latest) > idle {
			return
		}
	}
}

// seen returns a request as an outcome lists it.
func seen(step *scenario.Step, p *prefix, r *wireRequest, url string) scenario.Request {
	list := make(headers.List, 0, len(r.headers))
	for _, h := range r.headers {
		if name := headers.Lower(h.Name); name == "sec-websocket-key" || name == "sec-websocket-extensions" {
			continue
		}
		list = append(list, headers.Header{Name: h.Name, Value: p.strip(h.Value)})
	}
	return step.RequestSeen(&fetch.NetworkRequest{
		Method: r.method, URL: url, Headers: list,
		Preflight: r.method == "OPTIONS" && list.Contains("access-control-request-method") && list.Contains("origin"),
	})
}

// appendAnswer appends the bytes of an answer, and reports whether the
// connection stays open after it: where the browser knows the end of the message
// from its head, it takes the connection to be persistent, and would race with
// its being closed. Where it does not, the end of the connection is the end of
// the body.
func appendAnswer(dst []byte, method string, a *scenario.Answer) (response []byte, open bool) {
	dst = fmt.Appendf(dst, "HTTP/1.1 %03d %s\r\n", a.Status, http.StatusText(a.Status))
	for _, h := range a.Headers {
		dst = append(append(append(append(dst, h.Name...), ": "...), h.Value...), "\r\n"...)
	}
	dst = append(dst, "\r\n"...)
	if method == "HEAD" || a.Status == http.StatusNoContent || a.Status == http.StatusNotModified {
		return dst, true
	}
	lengths := a.Headers.Values("content-length")
	open = len(lengths) == 1 && lengths[0] == strconv.Itoa(len(a.Body)) && !a.Headers.Contains("transfer-encoding") &&
		a.Status >= 200
	return append(dst, a.Body...), open
}

// controlPath is where the runner asks for the next command, on its own origin.
const controlPath = "/observe-next"

// poll hands a runner's message over, and returns the next command for it.
func (s *server) poll(r *wireRequest) ([]byte, bool, error) {
	var m message
	if err := json.Unmarshal(r.body, &m); err != nil {
		return nil, false, fmt.Errorf("reading what the runner page posted: %w", err)
	}
	s.mu.Lock()
	doc := s.documents[m.Document]
	s.mu.Unlock()
	if doc == nil {
		return nil, false, errReset
	}
	c, ok := doc.exchange(m)
	if !ok {
		return nil, false, errReset
	}
	body, err := json.Marshal(c)
	if err != nil {
		return nil, false, err
	}
	return complete("application/json", nil, body), true, nil
}

// complete returns a whole response of the observer's own.
func complete(contentType string, extra headers.List, body []byte) []byte {
	length := strconv.Itoa(len(body))
	answer := &scenario.Answer{Status: 200, Body: string(body), Headers: append(headers.List{
		{Name: "Content-Type", Value: contentType},
		{Name: "Content-Length", Value: length},
		{Name: "Cache-Control", Value: "no-store"},
	}, extra...)}
	response, _ := appendAnswer(nil, "GET", answer)
	return response
}

// open makes a document known, so that its page can be loaded at urls. One
// before it can still be given the command that it is waiting for.
func (s *server) open(doc *document, urls ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.documents)
	clear(s.pages)
	s.documents[doc.id] = doc
	for _, url := range urls {
		s.pages[url] = doc
	}
}

// begin and end are called around a scenario, and next before each step.

func (s *server) begin(r *running) {
	s.mu.Lock()
	s.running = r
	s.mu.Unlock()
}

func (s *server) end() {
	s.mu.Lock()
	s.running = nil
	s.mu.Unlock()
}

func (s *server) next(step *scenario.Step) {
	s.mu.Lock()
	s.running.step, s.running.requests = step, []scenario.Request{}
	s.mu.Unlock()
}

// requests returns those of the current step, and why the scenario cannot be
// measured.
func (s *server) requests() ([]scenario.Request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running.requests, s.running.err
}

// close stops listening.
func (s *server) close() { s.listen(nil) }
