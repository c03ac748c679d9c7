package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/google/go-cmp/cmp"
)

// A server is a listener on loopback that hands its connections, numbered from 1
// on, to a function.
type server struct {
	net.Listener
	conns atomic.Int64
}

func serve(t testing.TB, handle func(number int64, c net.Conn)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Listener: l}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			number := s.conns.Add(1)
			running.Go(func() {
				defer c.Close()
				handle(number, c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return s
}

func (s *server) url() string { return "http://" + s.Addr().String() + "/" }

// readRequest reads a request with its body, and returns its bytes.
func readRequest(br *bufio.Reader) (string, error) {
	var raw bytes.Buffer
	r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(&oneRequest{br: br}, &raw)))
	if err != nil {
		return raw.String(), err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return raw.String(), err
}

// oneRequest gives a line at a time, so that nothing of a next request is read.
type oneRequest struct {
	br   *bufio.Reader
	line []byte
}

func (r *oneRequest) Read(p []byte) (int, error) {
	if len(r.line) == 0 {
		if r.br.Buffered() == 0 {
			if _, err := r.br.Peek(1); err != nil {
				return 0, err
			}
		}
		buffered, _ := r.br.Peek(r.br.Buffered())
		if i := bytes.IndexByte(buffered, '\n'); i >= 0 {
			buffered = buffered[:i+1]
		}
		r.line = bytes.Clone(buffered)
		r.br.Discard(len(buffered))
	}
	n := copy(p, r.line)
	r.line = r.line[n:]
	return n, nil
}

// answer answers the requests of a connection with the same bytes.
func answer(raw string) func(int64, net.Conn) {
	return func(_ int64, c net.Conn) {
		br := bufio.NewReader(c)
		for {
			if _, err := readRequest(br); err != nil {
				return
			}
			io.WriteString(c, raw)
		}
	}
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func newNetwork(t testing.TB) *Network {
	n := &Network{}
	t.Cleanup(func() { n.Close() })
	return n
}

func get(url string) *Request { return &Request{Method: "GET", URL: url} }

// roundTrip returns the body of a response.
func roundTrip(ctx context.Context, n *Network, r *Request) (string, error) {
	response, err := n.RoundTrip(ctx, r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestRequestBytes(t *testing.T) {
	for _, test := range []struct {
		name, userAgent string
		request         Request
		want            string
	}{
		{
			"order, spelling, repeats and bytes are kept", "",
			Request{Method: "GET", URL: "/x?q=%zz|y", Headers: headers.List{
				{Name: "b", Value: "1"}, {Name: "A", Value: " \t2 "}, {Name: "B", Value: "\x01\x7f\x80\xff"}, {Name: "accept-encoding", Value: "br"}, {Name: "b", Value: ""},
			}},
			"GET /x?q=%zz|y HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nb: 1\r\nA:  \t2 \r\nB: \x01\x7f\x80\xff\r\naccept-encoding: br\r\nb: \r\n\r\n",
		},
		{
			"nothing given", "corsim", Request{Method: "CHICKEN", URL: "?q"},
			"CHICKEN /?q HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: corsim\r\n\r\n",
		},
		{
			"everything given", "corsim",
			Request{Method: "POST", URL: "/", Body: strings.NewReader("BODY"), ContentLength: 4, Headers: headers.List{
				{Name: "content-length", Value: "4"}, {Name: "user-agent", Value: "x"}, {Name: "Accept-Encoding", Value: "x"}, {Name: "connection", Value: "close"}, {Name: "HOST", Value: "y"},
			}},
			"POST / HTTP/1.1\r\ncontent-length: 4\r\nuser-agent: x\r\nAccept-Encoding: x\r\nconnection: close\r\nHOST: y\r\n\r\nBODY",
		},
		{
			"no body, with its length", "",
			Request{Method: "POST", URL: "/", Headers: headers.List{{Name: "Content-Length", Value: "0"}}},
			"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nContent-Length: 0\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
		},
		{
			"a length that only the field has", "",
			Request{Method: "POST", URL: "/", Body: struct{ io.Reader }{strings.NewReader("BODY")}, ContentLength: 4},
			"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nContent-Length: 4\r\nAccept-Encoding: gzip, deflate\r\n\r\nBODY",
		},
		{
			"no length", "",
			Request{Method: "POST", URL: "/", Body: strings.NewReader("0123456789BODY"), ContentLength: -1},
			"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nAccept-Encoding: gzip, deflate\r\n\r\nE\r\n0123456789BODY\r\n0\r\n\r\n",
		},
		{
			"no length and no bytes", "",
			Request{Method: "POST", URL: "/", Body: strings.NewReader(""), ContentLength: -1},
			"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nAccept-Encoding: gzip, deflate\r\n\r\n0\r\n\r\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := make(chan string, 1)
			s := serve(t, func(_ int64, c net.Conn) {
				// With no parser in between, and byte by byte up to what is wanted.
				raw := make([]byte, len(strings.Replace(test.want, "{host}", c.LocalAddr().String(), 1)))
				n, _ := io.ReadFull(c, raw)
				got <- string(raw[:n])
				io.WriteString(c, ok)
			})
			n := newNetwork(t)
			n.UserAgent = test.userAgent
			r := test.request
			r.URL = strings.TrimSuffix(s.url(), "/") + r.URL
			if body, err := roundTrip(t.Context(), n, &r); body != "ok" || err != nil {
				t.Fatalf("%q, %v", body, err)
			}
			if diff := cmp.Diff(strings.Replace(test.want, "{host}", s.Addr().String(), 1), <-got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRequestsThatCannotBeWritten(t *testing.T) {
	header := func(name, value string) Request {
		return Request{Method: "GET", URL: "http://a.test/", Headers: headers.List{{Name: name, Value: value}}}
	}
	for name, r := range map[string]Request{
		"method":              {Method: "G T", URL: "http://a.test/"},
		"no method":           {URL: "http://a.test/"},
		"scheme":              {Method: "GET", URL: "ftp://a.test/"},
		"no URL":              {Method: "GET"},
		"no host":             {Method: "GET", URL: "http:///x"},
		"port":                {Method: "GET", URL: "http://a.test:x/"},
		"space":               {Method: "GET", URL: "http://a.test/ HTTP/1.1"},
		"line break":          {Method: "GET", URL: "http://a.test/\r\nx: y"},
		"line break in host":  {Method: "GET", URL: "http://a\n.test/"},
		"header name":         header("x y", ""),
		"no header name":      header("", "x"),
		"CR":                  header("x", "a\rb"),
		"LF":                  header("x", "a\nb"),
		"NUL":                 header("x", "a\x00b"),
		"transfer-encoding":   header("Transfer-Encoding", "chunked"),
		"length of no body":   header("Content-Length", "4"),
		"length of no number": header("Content-Length", "x"),
		"length of another":   {Method: "PUT", URL: "http://a.test/", Body: strings.NewReader("BODY"), ContentLength: 4, Headers: headers.List{{Name: "Content-Length", Value: "5"}}},
		"length of a stream":  {Method: "PUT", URL: "http://a.test/", Body: strings.NewReader("BODY"), ContentLength: -1, Headers: headers.List{{Name: "Content-Length", Value: "4"}}},
	} {
		n := Network{DialContext: func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s: connects", name)
			return nil, io.EOF
		}}
		_, err := n.RoundTrip(t.Context(), &r)
		if !errors.Is(err, cors.InvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, test := range []struct {
		name, raw string
		conns     int64
	}{
		{"length", ok, 1},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1},
		{"long", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + long, 1},
		{"no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", 1},
		{"304 with the length of what it has not", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 1},
		{"HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 1},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 3},
		{"close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok", 3},
		{"204 with a body to come", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", 3},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 3},
		{"more than the length", ok + "HTTP/1.1 200 OK\r\n\r\nsmuggled", 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, answer(test.raw))
			n := newNetwork(t)
			for range 3 {
				if body, err := roundTrip(t.Context(), n, get(s.url())); err != nil || body != "ok" && body != "" && body != long {
					t.Fatalf("%.20q, %v", body, err)
				}
			}
			if got := s.conns.Load(); got != test.conns {
				t.Errorf("%d connections, want %d", got, test.conns)
			}
		})
	}
}

func TestNewConnection(t *testing.T) {
	s := serve(t, answer(ok))
	n := newNetwork(t)
	for want := range 3 {
		r := get(s.url())
		r.NewConnection = true
		if _, err := roundTrip(t.Context(), n, r); err != nil || s.conns.Load() != int64(want+1) {
			t.Fatalf("%v, %d connections", err, s.conns.Load())
		}
	}
}

// What is left of a body when it is closed is read if it has come, not waited for.
func TestCloseOfBodies(t *testing.T) {
	for name, test := range map[string]struct {
		raw   string
		read  int
		conns int64
	}{
		"come":              {ok, 1, 1},
		"come, none read":   {ok, 0, 1},
		"chunked, come":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 2, 1},
		"to come":           {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", 2, 2},
		"chunked, to come":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", 2, 2},
		"with no known end": {"HTTP/1.1 200 OK\r\n\r\nok", 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(test.raw))
			n := newNetwork(t)
			for range 2 {
				response, err := n.RoundTrip(t.Context(), get(s.url()))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(response.Body, make([]byte, test.read)); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if err := response.Body.Close(); err != nil {
						t.Error(err)
					}
				}
				if n, err := response.Body.Read(make([]byte, 1)); n != 0 || err == nil {
					t.Errorf("read after close: %d, %v", n, err)
				}
			}
			if got := s.conns.Load(); got != test.conns {
				t.Errorf("%d connections, want %d", got, test.conns)
			}
		})
	}
}

// A server closes a kept connection at the moment at which it is used again.
func TestRetry(t *testing.T) {
	for name, test := range map[string]struct {
		body, again func() io.Reader
		conns       int64 // -1 for a failure
	}{
		"no body":                {conns: 2},
		"body, which comes anew": {func() io.Reader { return strings.NewReader("BODY") }, func() io.Reader { return strings.NewReader("BODY") }, 2},
		"body that is read":      {func() io.Reader { return strings.NewReader("BODY") }, nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			var bodies []string
			s := serve(t, func(number int64, c net.Conn) {
				br := bufio.NewReader(c)
				for i := 0; ; i++ {
					raw, err := readRequest(br)
					if err != nil || number == 1 && i == 1 {
						return
					}
					_, body, _ := strings.Cut(raw, "\r\n\r\n")
					if number == 2 {
						bodies = append(bodies, body)
					}
					io.WriteString(c, ok)
				}
			})
			n := newNetwork(t)
			if _, err := roundTrip(t.Context(), n, get(s.url())); err != nil {
				t.Fatal(err)
			}
			r := get(s.url())
			if test.body != nil {
				r.Method, r.Body, r.GetBody, r.ContentLength = "POST", test.body(), test.again, 4
			}
			body, err := roundTrip(t.Context(), n, r)
			if test.conns < 0 {
				if !errors.Is(err, ErrNoResponse) {
					t.Errorf("got %q, %v", body, err)
				}
				return
			}
			if body != "ok" || err != nil || s.conns.Load() != test.conns {
				t.Fatalf("%q, %v, %d connections", body, err, s.conns.Load())
			}
			if r.Body != nil && (len(bodies) != 1 || bodies[0] != "BODY") {
				t.Errorf("the bodies that came are %q", bodies)
			}
		})
	}
}

// A fresh connection that brings nothing is no reason to try again.
func TestNoRetryOfFreshConnections(t *testing.T) {
	s := serve(t, func(_ int64, c net.Conn) { readRequest(bufio.NewReader(c)) })
	_, err := roundTrip(t.Context(), newNetwork(t), get(s.url()))
	if !errors.Is(err, ErrNoResponse) || s.conns.Load() != 1 {
		t.Errorf("%v, %d connections", err, s.conns.Load())
	}
}

// pipe is a server at the other end of a pipe: time in a synctest bubble goes by for
// it.
func pipe(handle func(int64, net.Conn)) *Network {
	var conns int64
	return &Network{DialContext: func(context.Context, string, string) (net.Conn, error) {
		conns++
		number := conns
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			handle(number, far)
		}()
		return near, nil
	}}
}

func TestIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last int64
		n := pipe(func(number int64, c net.Conn) {
			last = number
			answer(ok)(number, c)
		})
		n.IdleTimeout = time.Minute
		for _, test := range []struct {
			wait time.Duration
			want int64
		}{{0, 1}, {59 * time.Second, 1}, {59 * time.Second, 1}, {61 * time.Second, 2}, {0, 2}} {
			time.Sleep(test.wait)
			if _, err := roundTrip(t.Context(), n, get("http://a.test/")); err != nil || last != test.want {
				t.Errorf("after %v: %v, connection %d, want %d", test.wait, err, last, test.want)
			}
		}
		n.Close()
		if _, err := n.RoundTrip(t.Context(), get("http://a.test/")); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		// The bubble ends only if no goroutine is left.
	})
}

func TestIdleBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := pipe(answer(ok))
		n.MaxIdleConns, n.MaxIdleConnsPerHost = 3, 2
		use := func(url string, at int) {
			var all []*Response
			for range at {
				response, err := n.RoundTrip(t.Context(), get(url))
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, response)
			}
			for _, response := range all {
				io.Copy(io.Discard, response.Body)
			}
		}
		for _, test := range []struct {
			url  string
			want string
		}{
			{"http://a.test/", "http://a.test:80 http://a.test:80"},
			{"http://b.test/", "http://a.test:80 http://b.test:80 http://b.test:80"},
			{"http://a.test:81/", "http://b.test:80 http://a.test:81 http://a.test:81"},
		} {
			use(test.url, 4)
			synctest.Wait()
			var keys []string
			for _, c := range n.idle {
				keys = append(keys, c.key)
			}
			if got := strings.Join(keys, " "); got != test.want {
				t.Errorf("kept: %s, want %s", got, test.want)
			}
		}
		n.CloseIdleConnections()
		synctest.Wait()
		if len(n.idle) != 0 {
			t.Error("CloseIdleConnections leaves some")
		}
		use("http://a.test/", 1)
		n.Close()
	})
}

// Bytes that nobody asked for, and the end, of a kept connection are noticed.
func TestKeptConnectionsAreWatched(t *testing.T) {
	for name, unasked := range map[string]string{"bytes": "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned", "end": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := pipe(func(number int64, c net.Conn) {
					br := bufio.NewReader(c)
					for {
						if _, err := readRequest(br); err != nil {
							return
						}
						io.WriteString(c, ok)
						if number == 1 {
							time.Sleep(time.Second)
							io.WriteString(c, unasked)
							return
						}
					}
				})
				for range 3 {
					if body, err := roundTrip(t.Context(), n, get("http://a.test/")); body != "ok" || err != nil {
						t.Errorf("%q, %v", body, err)
					}
					time.Sleep(2 * time.Second)
				}
				n.Close()
			})
		})
	}
}

// endlessly writes until the other side has had enough.
func endlessly(c net.Conn, s string) {
	chunk := strings.Repeat(s, 1+4096/len(s))
	for {
		if _, err := io.WriteString(c, chunk); err != nil {
			return
		}
	}
}

func wait(c net.Conn) { io.Copy(io.Discard, c) }

func reset(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }

// TestHostileServers has servers that misbehave at each point. Each is over, with an
// error that says what happened, within the deadline: at once where the server gives
// a reason.
func TestHostileServers(t *testing.T) {
	timeout := context.DeadlineExceeded
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct {
		name   string
		handle func(c net.Conn)
		op     string
		err    error
	}{
		{"accepts and hangs", wait, opHeaders, timeout},
		{"hangs in the status line", func(c net.Conn) { io.WriteString(c, "HTT"); wait(c) }, opHeaders, timeout},
		{"hangs in the headers", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\na: "); wait(c) }, opHeaders, timeout},
		{"hangs after an interim response", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n"); wait(c) }, opHeaders, timeout},
		{"hangs in a body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"); wait(c) }, opBody, timeout},
		{"hangs in an endless body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nabc"); wait(c) }, opBody, timeout},
		{"hangs in a chunk's size", func(c net.Conn) { io.WriteString(c, chunked+"1\r\na\r\n1"); wait(c) }, opBody, timeout},
		{"hangs before the last chunk", func(c net.Conn) { io.WriteString(c, chunked+"1\r\na\r\n"); wait(c) }, opBody, timeout},
		{"endless body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); endlessly(c, "x") }, opBody, timeout},
		{"endless chunks", func(c net.Conn) { io.WriteString(c, chunked); endlessly(c, "1\r\na\r\n") }, opBody, timeout},

		{"endless headers", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"); endlessly(c, "a: b\r\n") }, opHeaders, cors.ResponseTooLarge},
		{"endless header", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\na: "); endlessly(c, "b") }, opHeaders, cors.ResponseTooLarge},
		{"endless continuation", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\na: b\r\n"); endlessly(c, " \r\n") }, opHeaders, cors.ResponseTooLarge},
		{"endless status line", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 "); endlessly(c, "b") }, opHeaders, cors.ResponseTooLarge},
		{"endless interim responses", func(c net.Conn) { endlessly(c, "HTTP/1.1 100 Continue\r\n\r\n") }, opHeaders, errMalformed},
		{"garbage", func(c net.Conn) { endlessly(c, "\x00\x01\xff") }, opHeaders, errMalformed},
		{"endless line breaks", func(c net.Conn) { endlessly(c, "\r\n") }, opHeaders, errMalformed},
		{"endless chunk size", func(c net.Conn) { io.WriteString(c, chunked); endlessly(c, "0") }, opBody, errMalformed},
		{"endless chunk extension", func(c net.Conn) { io.WriteString(c, chunked+"1;"); endlessly(c, "x") }, opBody, errMalformed},
		{"endless trailer", func(c net.Conn) { io.WriteString(c, chunked+"0\r\n"); endlessly(c, "a: b\r\n") }, opBody, errMalformed},
		{"closes", func(c net.Conn) {}, opHeaders, ErrNoResponse},
		{"closes in the headers", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\na: b") }, opHeaders, io.ErrUnexpectedEOF},
		{"closes in a body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc") }, opBody, io.ErrUnexpectedEOF},
		{"closes in a chunk", func(c net.Conn) { io.WriteString(c, chunked+"5\r\nabc") }, opBody, io.ErrUnexpectedEOF},
		{"resets", reset, opHeaders, errReset},
		{"resets in the headers", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\na: b\r\n"); reset(c) }, opHeaders, errReset},
		{"resets in a body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nabc"); reset(c) }, "", errReset},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(_ int64, c net.Conn) {
				br := bufio.NewReader(c)
				if _, err := readRequest(br); err == nil {
					test.handle(c)
				}
			})
			ctx := t.Context()
			if test.err == timeout {
				var cancel func()
				ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
				defer cancel()
			}
			n := newNetwork(t)
			response, err := n.RoundTrip(ctx, get(s.url()))
			if err == nil {
				_, err = io.Copy(io.Discard, response.Body)
				if _, again := response.Body.Read(make([]byte, 1)); again != err {
					t.Errorf("a second read gives %v, the first %v", again, err)
				}
				response.Body.Close()
			}
			e, isError := errors.AsType[*Error](err)
			_, malformed := errors.AsType[*MalformedError](err)
			_, reset := errors.AsType[*net.OpError](err)
			switch {
			case !isError || e.Addr != s.Addr().String() || e.Op != test.op && test.op != "":
				t.Errorf("error is %T %v", err, err)
			case test.err == errMalformed && malformed, test.err == errReset && reset:
			case !errors.Is(err, test.err):
				t.Errorf("got %v, want %v", err, test.err)
			case e.Timeout() != (test.err == timeout):
				t.Errorf("Timeout() is %v", e.Timeout())
			}
			if len(n.idle) != 0 {
				t.Error("the connection is kept")
			}
		})
	}
}

// errReset stands for any error of a connection.
var errReset = errors.New("reset")

func TestContextEndsConnecting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := &Network{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for range 2 {
		_, err := n.RoundTrip(ctx, get("http://a.test/"))
		if e, ok := errors.AsType[*Error](err); !ok || e.Op != opConnect || !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}

func TestContextEndsHandshake(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ int64, c net.Conn) {
		c.Read(make([]byte, 1))
		cancel()
		wait(c)
	})
	_, err := newNetwork(t).RoundTrip(ctx, get("https://"+s.Addr().String()+"/"))
	if e, ok := errors.AsType[*Error](err); !ok || e.Op != opTLS || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// zeros is a body that goes on and on, and says when it is read.
type zeros struct {
	read func()
}

func (z zeros) Read(p []byte) (int, error) {
	z.read()
	clear(p)
	return len(p), nil
}

// The server takes nothing, so that writing has to wait, or the body brings nothing.
func TestContextEndsSending(t *testing.T) {
	blocked, unblock := io.Pipe()
	defer unblock.Close()
	for name, test := range map[string]struct {
		body   io.Reader
		length int64
	}{
		"endless":            {zeros{func() {}}, -1},
		"long":               {zeros{func() {}}, 1 << 40},
		"that brings nought": {blocked, -1},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			release := make(chan struct{})
			s := serve(t, func(_ int64, c net.Conn) { <-release })
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := newNetwork(t).RoundTrip(ctx, &Request{Method: "POST", URL: s.url(), Body: test.body, ContentLength: test.length})
			if _, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			close(release)
			s.Close()
			for runtime.NumGoroutine() > before {
				runtime.Gosched() // the test's own deadline is the bound
			}
		})
	}
}

func TestRequestBodyThatFails(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		body   io.Reader
		length int64
		want   error
	}{
		"fails":             {io.MultiReader(strings.NewReader("x"), errReader{broken}), 5, broken},
		"fails, chunked":    {errReader{broken}, -1, broken},
		"too short":         {strings.NewReader("BODY"), 5, io.ErrUnexpectedEOF},
		"too short, stream": {struct{ io.Reader }{strings.NewReader("BODY")}, 5, io.ErrUnexpectedEOF},
		"too long":          {strings.NewReader("BODY"), 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(_ int64, c net.Conn) { wait(c) })
			_, err := newNetwork(t).RoundTrip(t.Context(), &Request{Method: "POST", URL: s.url(), Body: test.body, ContentLength: test.length})
			if e, ok := errors.AsType[*Error](err); !ok || e.Op != opSend || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// A server that has seen enough of a request may say so before its end.
func TestEarlyResponse(t *testing.T) {
	s := serve(t, func(_ int64, c net.Conn) {
		c.Read(make([]byte, 1))
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
		wait(c)
	})
	n := newNetwork(t)
	response, err := n.RoundTrip(t.Context(), &Request{Method: "POST", URL: s.url(), Body: zeros{func() {}}, ContentLength: -1})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if response.Status != 413 || string(body) != "no" || err != nil {
		t.Errorf("%d %q %v", response.Status, body, err)
	}
	if len(n.idle) != 0 {
		t.Error("the connection is kept")
	}
}

func TestLongBodies(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		io.WriteString(w, strconv.FormatInt(n, 10))
	}))
	defer s.Close()
	n := newNetwork(t)
	const size = 3 << 20
	for _, length := range []int64{size, -1} {
		r := &Request{Method: "POST", URL: s.URL + "/", Body: bytes.NewReader(make([]byte, size)), ContentLength: length}
		if body, err := roundTrip(t.Context(), n, r); body != "3145728" || err != nil {
			t.Errorf("%q, %v", body, err)
		}
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto+" "+r.TLS.NegotiatedProtocol+" "+r.RemoteAddr)
	}))
	s.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	n := newNetwork(t)
	n.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
	n.TLS.NextProtos = []string{"h2"}
	first, err := roundTrip(t.Context(), n, get(s.URL+"/"))
	if !strings.HasPrefix(first, "HTTP/2.0 h2 ") || err != nil {
		t.Fatalf("%q, %v", first, err)
	}
	if second, err := roundTrip(t.Context(), n, get(s.URL+"/")); second != first || err != nil {
		t.Errorf("%q, %v: not over the same connection as %q", second, err, first)
	}
	n.CloseIdleConnections()
	n.TLS = &tls.Config{}
	_, err = roundTrip(t.Context(), n, get(s.URL+"/"))
	if e, ok := errors.AsType[*Error](err); !ok || e.Op != opTLS {
		t.Errorf("of an unknown certificate: %v", err)
	}
}

// Many use one Network at a time, close some bodies early and cancel some exchanges;
// nobody gets what another asked for.
func TestConcurrently(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat(r.URL.Path, 500))
	}))
	defer s.Close()
	n := newNetwork(t)
	var all sync.WaitGroup
	for i := range 16 {
		path := "/" + strconv.Itoa(i)
		all.Go(func() {
			for j := range 30 {
				ctx, cancel := context.WithCancel(t.Context())
				response, err := n.RoundTrip(ctx, get(s.URL+path))
				if err != nil {
					t.Error(err)
					cancel()
					return
				}
				switch j % 4 {
				case 0:
					go cancel()
					io.Copy(io.Discard, response.Body)
				case 1:
					done := make(chan struct{})
					go func() { response.Body.Close(); close(done) }()
					io.Copy(io.Discard, response.Body)
					<-done
				case 2:
					io.ReadFull(response.Body, make([]byte, j))
				default:
					body, err := io.ReadAll(response.Body)
					if string(body) != strings.Repeat(path, 500) || err != nil {
						t.Errorf("%s: %.40q, %v", path, body, err)
					}
				}
				response.Body.Close()
				cancel()
			}
		})
	}
	all.Wait()
}

// Who closes a body need not be who reads it.
func TestCloseEndsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := pipe(func(_ int64, c net.Conn) {
			readRequest(bufio.NewReader(c))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok")
			wait(c)
		})
		response, err := n.RoundTrip(t.Context(), get("http://a.test/"))
		if err != nil {
			t.Fatal(err)
		}
		var readErr error
		go func() { _, readErr = io.ReadAll(response.Body) }()
		synctest.Wait() // until it waits for the third byte
		response.Body.Close()
		synctest.Wait()
		if readErr == nil || len(n.idle) != 0 {
			t.Errorf("read gives %v, %d connections are kept", readErr, len(n.idle))
		}
	})
}

// A server that leaves TLS without a close_notify has not cut the body off.
func TestTLSWithoutCloseNotify(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, _ := http.NewResponseController(w).Hijack()
		io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.TrimPrefix(r.URL.Path, "/")+"\r\n\r\nBODY")
		c.(*tls.Conn).NetConn().Close()
	}))
	defer s.Close()
	n := newNetwork(t)
	n.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
	if body, err := roundTrip(t.Context(), n, get(s.URL+"/a:b")); body != "BODY" || err != nil {
		t.Errorf("without a length: %q, %v", body, err)
	}
	if body, err := roundTrip(t.Context(), n, get(s.URL+"/content-length:5")); body != "BODY" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("with another length: %q, %v", body, err)
	}
}

func TestErrorMessages(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{
			&Error{opBody, "a.test:80", &TruncatedError{4, 5}},
			"read the response body of a.test:80: the connection ended after 4 of the 5 bytes that Content-Length promised",
		},
		{
			&Error{opBody, "a.test:80", &TruncatedError{4, -1}},
			"read the response body of a.test:80: the connection ended after 4 bytes of a chunked body, before its last chunk",
		},
		{
			&Error{opSend, "a.test:80", &RequestBodyError{io.ErrUnexpectedEOF}},
			"send the request to a.test:80: the request's body: unexpected EOF",
		},
		{
			malformed(1, strings.Repeat("x", 99), "a response must be %s", "one"),
			`line 1: a response must be one: "` + strings.Repeat("x", 64) + `"`,
		},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
