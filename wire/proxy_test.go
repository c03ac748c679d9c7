package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// A testProxy forwards requests and opens tunnels, and keeps what it was asked.
type testProxy struct {
	mu    sync.Mutex
	asked []string
	// origin is where every request goes.
	origin string
	refuse bool
}

func (p *testProxy) log(format string, arguments ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, fmt.Sprintf(format, arguments...))
}

// ServeHTTP speaks as proxies do.
func (p *testProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.log("%s %s %s %s", r.Method, r.RequestURI, r.Host, r.Header.Get("Proxy-Authorization"))
	if p.refuse {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != "CONNECT" {
		w.Header().Set("Via", "1.1 test")
		io.WriteString(w, "forwarded")
		return
	}
	server, err := net.Dial("tcp", p.origin)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	client, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { io.Copy(server, client); server.Close() }()
	io.Copy(client, server)
	client.Close()
}

func through(t *testing.T, proxy string) *Network {
	t.Helper()
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	n := newNetwork(t)
	n.Proxy = func(asked *url.URL) (*url.URL, error) {
		if asked.Host == "direct.test" {
			return nil, nil
		}
		return u, nil
	}
	n.TLS = &tls.Config{InsecureSkipVerify: true}
	return n
}

func TestProxy(t *testing.T) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "tunnelled "+r.RequestURI)
	}))
	defer origin.Close()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			p := &testProxy{origin: origin.Listener.Addr().String()}
			server := httptest.NewUnstartedServer(p)
			if scheme == "https" {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			n := through(t, strings.Replace(server.URL, "://", "://user:p%40ss@", 1))
			for _, test := range []struct{ url, want string }{
				{"http://api.test/a?b=%zz", "forwarded"},
				{"http://api.test:8080/", "forwarded"},
				{"http://api.test/a?b=%zz", "forwarded"},
				{"https://api.test/c", "tunnelled /c"},
				{"https://api.test/d", "tunnelled /d"},
			} {
				if got, err := roundTrip(t.Context(), n, get(test.url)); got != test.want || err != nil {
					t.Errorf("%s: %q, %v; want %q", test.url, got, err, test.want)
				}
			}
			const authorization = " Basic dXNlcjpwQHNz"
			want := []string{
				"GET http://api.test/a?b=%zz api.test" + authorization,
				"GET http://api.test:8080/ api.test:8080" + authorization,
				"GET http://api.test/a?b=%zz api.test" + authorization,
				"CONNECT api.test:443 api.test:443" + authorization, // once: the tunnel is used again
			}
			if fmt.Sprint(p.asked) != fmt.Sprint(want) {
				t.Errorf("the proxy was asked %q, want %q", p.asked, want)
			}

			p.refuse = true
			n.CloseIdleConnections()
			response, err := n.RoundTrip(t.Context(), get("http://api.test/"))
			if err != nil || response.Status != 407 {
				t.Errorf("%+v, %v", response, err)
			}
			_, err = n.RoundTrip(t.Context(), get("https://api.test/"))
			if want := "the proxy refuses to connect to api.test:443: 407 Proxy Authentication Required"; err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		})
	}
}

// serveSOCKS connects a SOCKS5 client with a server, and says for whom it asked.
//
// https://www.rfc-editor.org/rfc/rfc1928
func serveSOCKS(client net.Conn, origin string, asked chan<- string) error {
	br := bufio.NewReader(client)
	greeting := make([]byte, 2)
	if _, err := io.ReadFull(br, greeting); err != nil {
		return err
	}
	br.Discard(int(greeting[1]))
	client.Write([]byte{5, 0})
	head := make([]byte, 5) // version, command, reserved, address type, length
	if _, err := io.ReadFull(br, head); err != nil {
		return err
	}
	nameAndPort := make([]byte, int(head[4])+2)
	if _, err := io.ReadFull(br, nameAndPort); err != nil {
		return err
	}
	asked <- string(nameAndPort[:head[4]])
	server, err := net.Dial("tcp", origin)
	if err != nil {
		return err
	}
	client.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	go func() { io.Copy(server, br); server.Close() }()
	io.Copy(client, server)
	return nil
}

func TestSOCKSProxy(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+r.RequestURI)
	}))
	defer origin.Close()
	asked := make(chan string, 1)
	s := serve(t, func(_ int64, c net.Conn) {
		if err := serveSOCKS(c, origin.Listener.Addr().String(), asked); err != nil {
			t.Error(err)
		}
	})
	n := through(t, "socks5h://"+s.Addr().String())
	if got, err := roundTrip(t.Context(), n, get("http://api.test/a")); got != "api.test/a" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if name := <-asked; name != "api.test" {
		t.Errorf("the proxy was asked for %q", name)
	}
}

func TestProxyErrors(t *testing.T) {
	silent := serve(t, func(_ int64, c net.Conn) { io.Copy(io.Discard, c) })
	early := serve(t, func(_ int64, c net.Conn) {
		br := bufio.NewReader(c)
		readRequest(br)
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\ntoo early")
		io.Copy(io.Discard, br)
	})
	garbage := serve(t, func(_ int64, c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n") })
	for _, test := range []struct{ name, proxy, want string }{
		{"another scheme", "ftp://127.0.0.1", `the scheme of the proxy "ftp://127.0.0.1" is not one of http, https and socks5`},
		{"no host", "http://:80", `the proxy "http://:80" has no host`},
		{"refused", "http://127.0.0.1:1", "connect to 127.0.0.1:1: "},
		{"socks, refused", "socks5://127.0.0.1:1", "connect to api.test:443: "},
		{"garbage", "http://" + garbage.Addr().String(), "a response must begin with a status line"},
		{"too early", "http://" + early.Addr().String(), "the proxy sends 9 bytes that api.test:443 cannot have sent yet"},
		{"silence", "http://" + silent.Addr().String(), "context deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			if test.name == "silence" {
				var cancel func()
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
			}
			_, err := through(t, test.proxy).RoundTrip(ctx, get("https://api.test/"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// A proxy that the environment names and that is malformed is an error for the URLs that
// it is for, and no other; its password is not told.
func TestMalformedProxyOfEnvironment(t *testing.T) {
	for _, value := range []string{"http://user:pa%ss@127.0.0.1:1", "http://", "ftp://user:pa%25ss@proxy", "http://proxy:port", "ht tp://proxy", "http://[::1", ":1"} {
		choose := proxyFunc(&httpproxy.Config{HTTPProxy: value, HTTPSProxy: "proxy.example:8080", NoProxy: "direct.example"})
		for target, fails := range map[string]bool{"http://a.example": true, "http://direct.example": false, "https://a.example": false, "http://localhost": false} {
			u, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			via, err := choose(u)
			if (err != nil) != fails || fails && via != nil || err != nil && (strings.Contains(err.Error(), "pa%") || !strings.Contains(err.Error(), "http_proxy")) {
				t.Errorf("%s for %s: %v, %v", value, target, via, err)
			}
			if u.Scheme == "https" && (via == nil || via.Host != "proxy.example:8080") {
				t.Errorf("the other proxy is %v", via)
			}
		}
	}
	for _, value := range []string{"proxy", "proxy:1", "http://user:pass@proxy:1", "https://proxy", "socks5://[::1]:1", "socks5h://proxy", "http://proxy/"} {
		via, err := proxyFunc(&httpproxy.Config{HTTPProxy: value})(&url.URL{Scheme: "http", Host: "a.example"})
		if err != nil || via == nil {
			t.Errorf("%s: %v, %v", value, via, err)
		}
	}
}
