package fetch_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
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
	"github.com/corsim/corsim/wire"
)

// A dial opens a connection.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// networks are those that every hostile server is put to.
var networks = []struct {
	name string
	open func(dial) fetch.Network
}{
	{"net-http", func(d dial) fetch.Network {
		return fetch.RoundTripper(&http.Transport{MaxResponseHeaderBytes: 1 << 16, DialContext: d})
	}},
	{"wire", func(d dial) fetch.Network { return &wire.Network{MaxHeaderBytes: 1 << 16, DialContext: d} }},
}

// inBubble runs f over each network, with a client whose connections, all in memory,
// are served by serve, which is called with each once its first request has been
// read. Time passes at once, and the test fails where a goroutine is left.
func inBubble(t *testing.T, serve func(conn net.Conn, r *http.Request), f func(t *testing.T, c *fetch.Client, page *fetch.Page)) {
	t.Helper()
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var servers sync.WaitGroup
				opened := network.open(func(ctx context.Context, _, _ string) (net.Conn, error) {
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
				})
				f(t, &fetch.Client{Network: opened}, newPage(t, "http://a.test/", nil))
				opened.(interface{ CloseIdleConnections() }).CloseIdleConnections()
				servers.Wait()
			})
		})
	}
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
		// want is "! " and a reason, or "= " and what is read of the response's body,
		// with " !" where an error follows.
		want string
		wire string // instead of want, over wire, which reads as browsers do
	}{
		{name: "nothing", serve: text(""), want: "! transport"},
		{name: "garbage", serve: text("\x00\xff\x16\x03\x01\r\n\r\n"), want: "! transport"},
		{name: "another protocol", serve: text("220 mail.test ESMTP\r\n"), want: "! transport"},
		{name: "HTTP/0.9", serve: text("<html>"), want: "! transport"},
		{name: "no status", serve: text("HTTP/1.1 abc OK\r\n\r\n"), want: "! transport"},
		{name: "status -1", serve: text("HTTP/1.1 -1 x\r\n\r\n"), want: "! transport"},
		{name: "no colon", serve: text(ok + "nonsense\r\n\r\n"), want: "! transport", wire: "= "},
		{name: "cut off", serve: text("HTTP/1.1 200 OK\r\nAccess-Control"), want: "! transport"},
		{name: "headers without end", serve: endless(ok, "X-A: 1\r\n"), want: "! transport", wire: "! response-too-large"},
		{name: "a header without end", serve: endless(ok+"X-A: ", "x"), want: "! transport", wire: "! response-too-large"},
		{name: "a status without end", serve: endless("HTTP/1.1 200 ", "x"), want: "! transport", wire: "! response-too-large"},
		{name: "early hints without end", serve: endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"), want: "! transport"},
		{name: "Content-Length -1", serve: text(ok + "Content-Length: -1\r\n\r\nx"), want: "! transport", wire: "= x"},
		{name: "two Content-Lengths", serve: text(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), want: "! transport"},
		{name: "unknown Transfer-Encoding", serve: text(ok + "Transfer-Encoding: x\r\n\r\nx"), want: "! transport", wire: "= x"},
		{name: "Content-Length too large", serve: text(ok + "Content-Length: 10\r\n\r\nabc"), want: "= abc !"},
		{name: "Content-Length too small", serve: text(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nabc"), want: "= ab"},
		{name: "bad chunk", serve: text(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n"), want: "= a !"},
		{name: "no last chunk", serve: text(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"), want: "= a !"},
		{name: "body without end", serve: endless(ok+"\r\n", "x"), want: "= " + strings.Repeat("x", 1<<16)},
		{name: "bytes until the connection closes", serve: text(ok + "\r\nabc"), want: "= abc"},
		{name: "no gzip", serve: text(ok + "Content-Encoding: gzip\r\n\r\nabc"), want: "=  !"},
		{name: "gzip cut off", serve: text(ok + "Content-Encoding: gzip\r\n\r\n" + zipped("abc")[:14]), want: "= abc"},
		{name: "gzip", serve: text(ok + "Content-Encoding: gzip\r\n\r\n" + zipped("abc")), want: "= abc"},
		{name: "gzip twice", serve: text(ok + "Content-Encoding: gzip, X-GZIP\r\n\r\n" + zipped(zipped("abc"))), want: "= abc"},
		{name: "gzip, empty", serve: text(ok + "Content-Encoding: gzip\r\n\r\n"), want: "= "},
		{name: "gzip bomb", serve: text(ok + "Content-Encoding: gzip, gzip\r\n\r\n" + zipped(zipped(strings.Repeat("x", 32<<20)))), want: "= " + strings.Repeat("x", 1<<16)},
		{name: "unknown coding", serve: text(ok + "Content-Encoding: gzip, x\r\n\r\nabc"), want: "= abc"},
		{name: "no list of codings", serve: text(ok + "Content-Encoding: gzip gzip\r\n\r\nabc"), want: "= abc"},
		{
			name: "redirects without end", serve: func(conn net.Conn, _ *http.Request) {
				say(conn, "HTTP/1.1 302 F\r\nAccess-Control-Allow-Origin: *\r\nLocation: "+remote+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}, want: "! redirect-count",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, test.serve, func(t *testing.T, c *fetch.Client, page *fetch.Page) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				want := test.want
				if _, ok := c.Network.(*wire.Network); ok && test.wire != "" {
					want = test.wire
				}
				r, err := c.Fetch(ctx, page, remote, nil)
				if err != nil {
					e, ok := err.(*cors.Error)
					if got := "! " + cors.ReasonOf(err).String(); got != want || !ok || e.Reason == cors.Transport && (e.Err == nil || e.URL != remote) {
						t.Errorf("%s, %v; want %.40q", got, err, want)
					}
					return
				}
				body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
				r.Body.Close()
				got := "= " + string(body)
				if err != nil {
					got += " !"
				}
				if got != want {
					t.Errorf("%.40q, %v; want %.40q", got, err, want)
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
