package fetch_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

// inBubble runs f with a client whose connections, all in memory, are served by
// serve, which is called with each once its first request has been read. Time
// passes at once, and the test fails where a goroutine is left.
func inBubble(t *testing.T, serve func(conn net.Conn, r *http.Request), f func(t *testing.T, c *fetch.Client, page *fetch.Page)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var servers sync.WaitGroup
		transport := &http.Transport{
			MaxResponseHeaderBytes: 1 << 16,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				if serve == nil {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				client, server := net.Pipe()
				servers.Go(func() {
					defer server.Close()
					if r, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
						serve(server, r)
					}
				})
				return client, nil
			},
		}
		f(t, &fetch.Client{Network: fetch.RoundTripper(transport)}, newPage(t, "http://a.test/", nil))
		transport.CloseIdleConnections()
		servers.Wait()
	})
}

// say sends bytes, and hang waits until the client has gone.
func say(conn net.Conn, s string) { io.WriteString(conn, s) }
func hang(conn net.Conn)          { io.Copy(io.Discard, conn) }

const remote = "http://b.test/x"

// A fetch ends as soon as its context does, with an error that says which way,
// wherever it stands, and leaves nothing behind.
func TestContextEnds(t *testing.T) {
	const headers = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 10\r\n\r\n"
	hanging := func(text string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) { say(conn, text); hang(conn) }
	}
	for _, test := range []struct {
		name      string
		serve     func(net.Conn, *http.Request)
		init      fetch.Init
		preflight bool
		inBody    bool
	}{
		{name: "dialling"},
		{name: "waiting for headers", serve: hanging("")},
		{name: "in the status line", serve: hanging("HTTP/1.1 2")},
		{name: "in the headers", serve: hanging("HTTP/1.1 200 OK\r\nA: b\r\n")},
		{name: "waiting for the preflight", serve: hanging(""), init: fetch.Init{Method: "PUT"}, preflight: true},
		{name: "in the body", serve: hanging(headers + "abc"), inBody: true},
		{name: "in the body, for its integrity", serve: hanging(headers + "abc"), init: fetch.Init{Integrity: "sha256-x"}},
		{
			name: "after a redirect", serve: func(conn net.Conn, r *http.Request) {
				if r.URL.Path == "/x" {
					say(conn, "HTTP/1.1 302 F\r\nAccess-Control-Allow-Origin: *\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n")
				}
				hang(conn)
			},
		},
		{
			name: "bytes one by one", serve: func(conn net.Conn, _ *http.Request) {
				for {
					if _, err := conn.Write([]byte("H")); err != nil {
						return
					}
					time.Sleep(time.Minute)
				}
			},
		},
		{
			name: "request body", serve: func(conn net.Conn, _ *http.Request) { hang(conn) },
			init: fetch.Init{Method: "POST", Body: fetch.Bytes(make([]byte, 1<<20))},
		},
	} {
		for _, end := range []struct {
			name    string
			context func(context.Context) (context.Context, context.CancelFunc)
			reason  cors.Reason
			err     error
		}{
			{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 10*time.Second)
			}, cors.Timeout, context.DeadlineExceeded},
			{"abort", func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				timer := time.AfterFunc(10*time.Second, cancel)
				return ctx, func() { timer.Stop(); cancel() }
			}, cors.Aborted, context.Canceled},
		} {
			t.Run(test.name+", "+end.name, func(t *testing.T) {
				inBubble(t, test.serve, func(t *testing.T, c *fetch.Client, page *fetch.Page) {
					ctx, cancel := end.context(t.Context())
					defer cancel()
					start := time.Now()
					r, err := c.Fetch(ctx, page, remote, &test.init)
					if test.inBody {
						if err != nil {
							t.Fatal(err)
						}
						body, err := io.ReadAll(r.Body)
						r.Body.Close()
						if string(body) != "abc" || !errors.Is(err, end.err) {
							t.Errorf("%q, %v", body, err)
						}
					} else if e, ok := err.(*cors.Error); !ok || e.Reason != end.reason || e.Preflight != test.preflight || !errors.Is(err, end.err) {
						t.Errorf("%#v", err)
					}
					if took := time.Since(start); took != 10*time.Second {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, url := range []string{remote, "http://a.test/"} {
			inBubble(t, nil, func(t *testing.T, c *fetch.Client, page *fetch.Page) {
				if _, err := c.Fetch(ctx, page, url, nil); cors.ReasonOf(err) != cors.Aborted {
					t.Error(err)
				}
			})
		}
	})
}

// What servers send that is no HTTP, or that has no end, is an error that says
// so, and costs no more than its bounds.
func TestHostileServers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
	text := func(s string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) { say(conn, s) }
	}
	endless := func(first, more string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) {
			for s := first; ; s = more {
				if _, err := io.WriteString(conn, s); err != nil {
					return
				}
			}
		}
	}
	for _, test := range []struct {
		name  string
		serve func(net.Conn, *http.Request)
		want  cors.Reason // 0 for a response
		body  string      // of which this is read, before an error where that ends in "!"
	}{
		{name: "nothing", serve: text(""), want: cors.Transport},
		{name: "garbage", serve: text("\x00\xff\x16\x03\x01\r\n\r\n"), want: cors.Transport},
		{name: "another protocol", serve: text("220 mail.test ESMTP\r\n"), want: cors.Transport},
		{name: "HTTP/0.9", serve: text("<html>"), want: cors.Transport},
		{name: "no status", serve: text("HTTP/1.1 abc OK\r\n\r\n"), want: cors.Transport},
		{name: "status -1", serve: text("HTTP/1.1 -1 x\r\n\r\n"), want: cors.Transport},
		{name: "no colon", serve: text(ok + "nonsense\r\n\r\n"), want: cors.Transport},
		{name: "cut off", serve: text("HTTP/1.1 200 OK\r\nAccess-Control"), want: cors.Transport},
		{name: "headers without end", serve: endless(ok, "X-A: 1\r\n"), want: cors.Transport},
		{name: "a header without end", serve: endless(ok+"X-A: ", "x"), want: cors.Transport},
		{name: "a status without end", serve: endless("HTTP/1.1 200 ", "x"), want: cors.Transport},
		{name: "early hints without end", serve: endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"), want: cors.Transport},
		{name: "Content-Length -1", serve: text(ok + "Content-Length: -1\r\n\r\nx"), want: cors.Transport},
		{name: "two Content-Lengths", serve: text(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), want: cors.Transport},
		{name: "unknown Transfer-Encoding", serve: text(ok + "Transfer-Encoding: x\r\n\r\nx"), want: cors.Transport},
		{name: "Content-Length too large", serve: text(ok + "Content-Length: 10\r\n\r\nabc"), body: "abc!"},
		{name: "Content-Length too small", serve: text(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nabc"), body: "ab"},
		{name: "bad chunk", serve: text(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n"), body: "a!"},
		{name: "no last chunk", serve: text(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"), body: "a!"},
		{name: "body without end", serve: endless(ok+"\r\n", "x"), body: strings.Repeat("x", 1<<16)},
		{name: "bytes until the connection closes", serve: text(ok + "\r\nabc"), body: "abc"},
		{name: "no gzip", serve: text(ok + "Content-Encoding: gzip\r\n\r\nabc"), body: "!"},
		{name: "gzip cut off", serve: text(ok + "Content-Encoding: gzip\r\n\r\n" + zipped("abc")[:14]), body: "abc!"},
		{name: "gzip", serve: text(ok + "Content-Encoding: gzip\r\n\r\n" + zipped("abc")), body: "abc"},
		{name: "gzip twice", serve: text(ok + "Content-Encoding: gzip, X-GZIP\r\n\r\n" + zipped(zipped("abc"))), body: "abc"},
		{name: "gzip, empty", serve: text(ok + "Content-Encoding: gzip\r\n\r\n"), body: ""},
		{name: "gzip bomb", serve: text(ok + "Content-Encoding: gzip, gzip\r\n\r\n" + zipped(zipped(strings.Repeat("x", 32<<20)))), body: strings.Repeat("x", 1<<16)},
		{name: "unknown coding", serve: text(ok + "Content-Encoding: gzip, x\r\n\r\nabc"), body: "abc"},
		{name: "no list of codings", serve: text(ok + "Content-Encoding: gzip gzip\r\n\r\nabc"), body: "abc"},
		{
			name: "redirects without end", serve: func(conn net.Conn, _ *http.Request) {
				say(conn, "HTTP/1.1 302 F\r\nAccess-Control-Allow-Origin: *\r\nLocation: "+remote+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}, want: cors.RedirectCount,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, test.serve, func(t *testing.T, c *fetch.Client, page *fetch.Page) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				r, err := c.Fetch(ctx, page, remote, nil)
				if test.want != 0 {
					if e, ok := err.(*cors.Error); !ok || e.Reason != test.want || e.Reason == cors.Transport && (e.Err == nil || e.URL != remote) {
						t.Errorf("%#v, %v", err, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
				r.Body.Close()
				got := string(body)
				if err != nil {
					got += "!"
				}
				if got != test.body {
					t.Errorf("%.40q, %v; want %.40q", got, err, test.body)
				}
			})
		})
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// A connection that is reset is an error like others.
func TestReset(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c := &fetch.Client{Network: fetch.RoundTripper(transport)}
	_, err = c.Fetch(t.Context(), newPage(t, "http://a.test/", nil), "http://"+listener.Addr().String(), nil)
	if cors.ReasonOf(err) != cors.Transport {
		t.Error(err)
	}
	listener.Close()
	_, err = c.Fetch(t.Context(), newPage(t, "http://a.test/", nil), "http://"+listener.Addr().String(), nil)
	if cors.ReasonOf(err) != cors.Transport {
		t.Error(err)
	}
}

// deflate is what DecodeContent takes for either form of it.
func TestDecodeContent(t *testing.T) {
	for _, test := range []struct{ coding, encoded, want string }{
		{"deflate", "\x78\x9c\x4b\x4c\x4a\x06\x00\x02\x4d\x01\x27", "abc"},
		{"deflate", "\x4b\x4c\x4a\x06\x00", "abc"},
		{"DEFLATE", "", ""},
		{"identity", "abc", "abc"},
		{"", "abc", "abc"},
		{"br", "abc", "abc"},
	} {
		l := list("Content-Encoding: " + test.coding)
		body := fetch.DecodeContent(l, fetch.StringBody(test.encoded))
		got, err := io.ReadAll(body)
		if string(got) != test.want || err != nil || body.Close() != nil {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
	if got, err := io.ReadAll(fetch.DecodeContent(nil, fetch.StringBody("x"))); string(got) != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	body := fetch.DecodeContent(list("content-encoding: gzip"), fetch.StringBody("no gzip"))
	for range 2 { // the error stays
		if _, err := body.Read(make([]byte, 1)); err == nil {
			t.Error("no error")
		}
	}
	if fmt.Sprint(body.Close()) != "<nil>" {
		t.Error("Close")
	}
}
