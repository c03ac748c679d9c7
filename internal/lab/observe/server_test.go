package observe

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// serve returns a server, and a port at which it listens.
func serve(t *testing.T) (s *server, authority *authority, port int) {
	t.Helper()
	authority, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	s = newServer(authority.config())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = l.Addr().(*net.TCPAddr).Port
	s.listeners[port], s.schemes[port] = l, [2]bool{true, true}
	go s.accept(l, port)
	t.Cleanup(s.close)
	return s, authority, port
}

// play begins a scenario of one server with answers, and returns the prefix.
func play(t *testing.T, s *server, port int, answers string) *running {
	t.Helper()
	line := fmt.Sprintf(`{"id":"s","client":{"url":"http://127.0.0.1:%d/page.html"},"servers":[{"url":"http://127.0.0.1:%[1]d/x","answers":%s}],"steps":[{"url":"http://127.0.0.1:%[1]d/x","headers":[["User-Agent","mine"]]}]}`, port, answers)
	sc, err := scenario.Decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	r := &running{prefix: newPrefix(), servers: scenario.NewServers(sc)}
	s.begin(r)
	s.next(&sc.Steps[0])
	return r
}

func dial(t *testing.T, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestAnswerBytes(t *testing.T) {
	for _, test := range []struct {
		name, method, answer string
		want                 string
		open                 bool
	}{
		{"the body ends with the connection", "GET", `{"headers":[["x-A"," v "],["X-a","\u00e9"]],"body":"\u00ff\r\n"}`,
			"HTTP/1.1 200 OK\r\nx-A:  v \r\nX-a: \xe9\r\n\r\n\xff\r\n", false},
		{"no reason phrase is registered", "GET", `{"status":299}`, "HTTP/1.1 299 \r\n\r\n", false},
		{"the end of a 204 is known", "GET", `{"status":204,"body":"x"}`, "HTTP/1.1 204 No Content\r\n\r\n", true},
		{"the end of a 304 is known", "GET", `{"status":304}`, "HTTP/1.1 304 Not Modified\r\n\r\n", true},
		{"the end of an answer to HEAD is known", "HEAD", `{"body":"x"}`, "HTTP/1.1 200 OK\r\n\r\n", true},
		{"the length is true", "GET", `{"headers":[["content-length","1"]],"body":"x"}`, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", true},
		{"the length is not", "GET", `{"headers":[["content-length","2"]],"body":"x"}`, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx", false},
		{"there are two lengths", "GET", `{"headers":[["content-length","1"],["content-length","1"]],"body":"x"}`,
			"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx", false},
		{"a header that is none", "GET", `{"headers":[["not a token",""]]}`, "HTTP/1.1 200 OK\r\nnot a token: \r\n\r\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _, port := serve(t)
			r := play(t, s, port, "["+test.answer+`,{"status":299}]`)
			conn := dial(t, port)
			// A second request tells whether the connection was left open.
			request := fmt.Sprintf("%s %s/x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", test.method, r.prefix.path, port)
			io.WriteString(conn, request+strings.Replace(request, "/x", "/nowhere", 1))
			got, err := io.ReadAll(conn)
			if string(got) != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if reset := errors.Is(err, syscall.ECONNRESET); test.open && !reset {
				t.Errorf("the connection was closed, though the browser takes it to be persistent")
			}
			if requests, _ := s.requests(); len(requests) != 1 {
				t.Errorf("recorded %v", requests)
			}
		})
	}
}

func TestServerRecords(t *testing.T) {
	s, _, port := serve(t)
	r := play(t, s, port, `[{"times":1,"headers":[["Location","/x"]],"status":302},{"method":"POST","body":"done"}]`)
	send := func(request string) (string, error) {
		conn := dial(t, port)
		io.WriteString(conn, strings.NewReplacer("\n", "\r\n", "PREFIX", r.prefix.path, "HOST", fmt.Sprintf("127.0.0.1:%d", port)).Replace(request))
		got, err := io.ReadAll(conn)
		return string(got), err
	}
	got, err := send("OPTIONS PREFIX/x?q HTTP/1.1\nHost: HOST\nOrigin: http://a.test\nAccess-Control-Request-Method: PUT\nUser-Agent: mine\nX-URL: PREFIX/x\n\n")
	if want := "HTTP/1.1 302 Found\r\nLocation: " + r.prefix.path + "/x\r\n\r\n"; got != want || err != nil {
		t.Errorf("got %q, %v, not %q", got, err, want)
	}
	got, err = send("POST PREFIX/x HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\nUser-Agent: mine\nB: \xff\nA: 1\n\n3;e\nabc\n0\n\n")
	if want := "HTTP/1.1 200 OK\r\n\r\ndone"; got != want || err != nil {
		t.Errorf("got %q, %v, not %q", got, err, want)
	}
	for _, missing := range []string{"GET PREFIX/x HTTP/1.1\nHost: HOST\n\n", "GET /favicon.ico HTTP/1.1\nHost: HOST\n\n", "GET PREFIX/y HTTP/1.1\nHost: HOST\n\n"} {
		if got, err := send(missing); got != "" || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%q got %q and %v instead of a reset", missing, got, err)
		}
	}
	requests, err := s.requests()
	if err != nil {
		t.Error(err)
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	want := []scenario.Request{
		{Method: "OPTIONS", URL: base + "/x?q", Headers: headers.List{
			{Name: "access-control-request-method", Value: "PUT"}, {Name: "origin", Value: "http://a.test"}, {Name: "x-url", Value: "/x"},
		}},
		{Method: "POST", URL: base + "/x", Headers: headers.List{
			{Name: "a", Value: "1"}, {Name: "b", Value: "\xff"}, {Name: "transfer-encoding", Value: "chunked"}, {Name: "user-agent", Value: "mine"},
		}},
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Error(diff)
	}
}

func TestServerCannotSend(t *testing.T) {
	s, _, port := serve(t)
	r := play(t, s, port, `[{"headers":[["X","\u0100"]]}]`)
	conn := dial(t, port)
	fmt.Fprintf(conn, "GET %s/x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", r.prefix.path, port)
	io.ReadAll(conn)
	if _, err := s.requests(); err == nil {
		t.Error("nothing says that the answer cannot be sent")
	}
}

func TestServerRefuses(t *testing.T) {
	s, _, port := serve(t)
	if err := s.listen(map[int][2]bool{port: {true, false}}); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, port)
	if err := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake(); err == nil {
		t.Error("a server of http only spoke TLS")
	}
	if err := s.listen(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a port that is not to be listened on gave %v", err)
	}
}

func TestServerTLS(t *testing.T) {
	s, authority, port := serve(t)
	document, urls, err := newClientDocument(1, &scenario.Client{URL: fmt.Sprintf("https://a.test:%d/page.html", port), ReferrerPolicy: "origin"})
	if err != nil {
		t.Fatal(err)
	}
	s.open(document, urls...)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority.pem())
	conn := tls.Client(dial(t, port), &tls.Config{RootCAs: pool, ServerName: "a.test", NextProtos: []string{"h2", "http/1.1"}})
	if _, err := fmt.Fprintf(conn, "GET /page.html HTTP/1.1\r\nHost: a.test:%d\r\n\r\n", port); err != nil {
		t.Fatal(err)
	}
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("negotiated %q", got)
	}
	in := bufio.NewReader(conn)
	head := ""
	for !strings.HasSuffix(head, "\r\n\r\n") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		head += line
	}
	if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "\r\nReferrer-Policy: origin\r\n") {
		t.Errorf("the page's head is %q", head)
	}
}

func TestReadRequestErrors(t *testing.T) {
	for _, bad := range []string{
		"GET / HTTP/1.0\r\n\r\n", "x\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx",
		"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "GET / HTTP/1.1\r\nA: b",
		"GET / HTTP/1.1\r\nA: " + strings.Repeat("a", maxHead) + "\r\n\r\n",
	} {
		if _, err := readRequest(bufio.NewReader(strings.NewReader(bad)), "http"); err == nil {
			t.Errorf("%.60q was taken for a request", bad)
		}
	}
}
