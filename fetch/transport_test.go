package fetch_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

const app = "https://app.example"

func newTransport(t testing.TB, h http.Handler) *fetch.Transport {
	t.Helper()
	page, err := fetch.NewPage(app, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &fetch.Transport{Page: page, Client: &fetch.Client{Network: wire.Handler(h)}}
}

// allow permits everything to everybody, except credentials.
func allow(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "*")
	h.Set("Access-Control-Allow-Headers", "*")
	return r.Method == "OPTIONS"
}

func newRequest(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTransportResponse(t *testing.T) {
	var seen []string
	client := &http.Client{Transport: newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.Host+r.URL.Path+" "+r.Header.Get("X-A")+r.Header.Get("Cookie"))
		if allow(w, r) {
			return
		}
		w.Header().Set("X-Secret", "1")
		w.Header().Set("X-Shown", "2")
		w.Header().Set("Access-Control-Expose-Headers", "x-shown")
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "https://api.example/new#f", http.StatusFound)
			return
		}
		io.WriteString(w, "body")
	}))}
	r := newRequest(t, "GET", "https://api.example/old", nil)
	r.Header.Set("X-A", "a")
	r.Header.Set("Accept-Encoding", "x")
	r.Header.Set("Origin", app)
	r.Header["js.fetch:credentials"] = []string{"omit"}
	header, whole := maps.Clone(r.Header), *r
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if want := []string{"OPTIONS api.example/old ", "GET api.example/old a", "OPTIONS api.example/new ", "GET api.example/new a"}; !slices.Equal(seen, want) {
		t.Errorf("the server saw %q, want %q", seen, want)
	}
	if response.Status != "200 OK" || string(body) != "body" || response.ContentLength != 4 || response.Request.URL.String() != "https://api.example/new" ||
		response.Header.Get("X-Shown") != "2" || response.Header.Get("X-Secret") != "" || response.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%+v, body %q, URL %s", response, body, response.Request.URL)
	}
	if !maps.EqualFunc(r.Header, header, slices.Equal) || r.URL != whole.URL || r.Method != whole.Method || r.Host != whole.Host {
		t.Errorf("the request has changed: %+v", r)
	}
}

func TestTransportErrors(t *testing.T) {
	client := &http.Client{Transport: newTransport(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}
	for _, test := range []struct {
		name, method, url string
		change            func(*http.Request)
		want              cors.Reason
	}{
		{"no permission", "GET", "https://api.example/", nil, cors.MissingAllowOrigin},
		{"no permission for the method", "PUT", "https://api.example/", nil, cors.MissingAllowOrigin},
		{"mixed content", "GET", "http://api.example/", nil, cors.MixedContent},
		{"forbidden method", "TRACE", "https://api.example/", nil, cors.InvalidArgument},
		{"userinfo", "GET", "https://u:p@api.example/", nil, cors.InvalidArgument},
		{"mode", "GET", "https://api.example/", func(r *http.Request) { r.Header["js.fetch:mode"] = []string{"same-origin"} }, cors.SameOriginMode},
		{"unknown mode", "GET", "https://api.example/", func(r *http.Request) { r.Header["js.fetch:mode"] = []string{"x"} }, cors.InvalidArgument},
		{"header name", "GET", "https://api.example/", func(r *http.Request) { r.Header["a b"] = []string{"x"} }, cors.InvalidArgument},
		{"Cookie", "GET", "https://api.example/", func(r *http.Request) { r.Header.Set("Cookie", "c=d") }, cors.InvalidArgument},
		{"Host", "GET", "https://api.example/", func(r *http.Request) { r.Host = "other.example" }, cors.InvalidArgument},
		{"Origin", "GET", "https://api.example/", func(r *http.Request) { r.Header.Set("Origin", "https://other.example") }, cors.InvalidArgument},
		{"GET with a body", "GET", "https://api.example/", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")) }, cors.InvalidArgument},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRequest(t, test.method, test.url, nil)
			if test.change != nil {
				test.change(r)
			}
			_, err := client.Do(r)
			e, ok := errors.AsType[*cors.Error](err)
			if _, isURL := errors.AsType[*url.Error](err); !isURL || !ok || e.Reason != test.want || !errors.Is(err, test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
	for name, transport := range map[string]*fetch.Transport{
		"no page":          {},
		"init with method": {Page: newTransport(t, nil).Page, Init: &fetch.Init{Method: "PUT"}},
	} {
		if _, err := transport.RoundTrip(newRequest(t, "GET", "https://api.example/", nil)); !errors.Is(err, cors.InvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newTransport(t, nil).RoundTrip(&http.Request{}); !errors.Is(err, cors.InvalidArgument) {
		t.Errorf("no URL: %v", err)
	}
}

func TestTransportInit(t *testing.T) {
	transport := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		io.WriteString(w, r.Header.Get("Cookie"))
	}))
	jar := cookies.New(cookies.Options{})
	jar.SetCookies(&fetch.CookieContext{URL: "https://api.example/", Method: "GET"}, []string{"a=b; SameSite=None; Secure"})
	transport.Client.Jar = jar
	transport.Init = &fetch.Init{Credentials: fetch.CredentialsInclude}
	for _, test := range []struct {
		name   string
		init   *fetch.Init
		header string
		want   string
	}{
		{"the transport's", nil, "", "a=b"},
		{"the context's", &fetch.Init{Credentials: fetch.CredentialsOmit}, "", ""},
		{"the context's, which says nothing", &fetch.Init{}, "", ""},
		{"the header's", &fetch.Init{Credentials: fetch.CredentialsOmit}, "include", "a=b"},
	} {
		r := newRequest(t, "GET", "https://api.example/", nil)
		if test.init != nil {
			r = r.WithContext(fetch.WithInit(t.Context(), test.init))
		}
		if test.header != "" {
			r.Header["js.fetch:credentials"] = []string{test.header}
		}
		response, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(body) != test.want {
			t.Errorf("%s: %q, want %q", test.name, body, test.want)
		}
	}
}

// countedBody counts how often it is closed.
type countedBody struct {
	io.Reader
	closed atomic.Int32
}

func (b *countedBody) Close() error { b.closed.Add(1); return nil }

func TestTransportBodies(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" && r.URL.Path == "/refused" {
			return
		}
		if allow(w, r) {
			return
		}
		if status := r.URL.Query().Get("redirect"); status != "" {
			w.Header().Set("Location", "/end")
			w.WriteHeader(map[string]int{"307": 307, "303": 303}[status])
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %q %d %v", r.Method, body, r.ContentLength, r.TransferEncoding)
	})
	for _, test := range []struct {
		name, path string
		stream     bool
		preflights int
		want       string
	}{
		{"bytes", "/", false, 0, `POST "body" 4 []`},
		{"bytes again", "/?redirect=307", false, 0, `POST "body" 4 []`},
		{"stream", "/", true, 1, `POST "body" -1 [chunked]`},
		{"stream given up", "/?redirect=303", true, 1, `GET "" 0 []`},
		{"stream again", "/?redirect=307", true, 1, "redirect-body"},
		{"stream refused", "/refused", true, 1, "missing-allow-origin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			transport := newTransport(t, handler)
			bodies := []*countedBody{{Reader: strings.NewReader("body")}}
			r := newRequest(t, "POST", "https://api.example"+test.path, nil)
			r.Body, r.ContentLength = bodies[0], 4
			if !test.stream {
				r.GetBody = func() (io.ReadCloser, error) {
					bodies = append(bodies, &countedBody{Reader: strings.NewReader("body")})
					return bodies[len(bodies)-1], nil
				}
			}
			preflights := 0
			r = r.WithContext(fetch.WithTrace(r.Context(), &fetch.Trace{RequestSent: func(n *fetch.NetworkRequest, _ *cors.Request) {
				if n.Preflight && n.URL == r.URL.String() {
					preflights++
				}
			}}))
			var got string
			response, err := transport.RoundTrip(r)
			if err != nil {
				got = cors.ReasonOf(err).String()
			} else {
				b, _ := io.ReadAll(response.Body)
				response.Body.Close()
				got = string(b)
			}
			if got != test.want || preflights != test.preflights {
				t.Errorf("%s, %d preflights, want %s, %d", got, preflights, test.want, test.preflights)
			}
			for i, b := range bodies {
				if n := b.closed.Load(); n != 1 {
					t.Errorf("body %d was closed %d times", i, n)
				}
			}
		})
	}
}

func TestTransportGetBodyFails(t *testing.T) {
	transport := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Location", "/")
		w.WriteHeader(307)
	}))
	r := newRequest(t, "POST", "https://api.example/", strings.NewReader("body"))
	failure := errors.New("gone")
	r.GetBody = func() (io.ReadCloser, error) { return nil, failure }
	if _, err := transport.RoundTrip(r); !errors.Is(err, failure) || !errors.Is(err, cors.RequestBody) {
		t.Error(err)
	}
}

func TestTransportStreamsBothWays(t *testing.T) {
	transport := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allow(w, r) {
			return
		}
		http.NewResponseController(w).EnableFullDuplex()
		w.(http.Flusher).Flush()
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			io.WriteString(w, "got "+lines.Text()+"\n")
			w.(http.Flusher).Flush()
		}
	}))
	body, send := io.Pipe()
	response, err := transport.RoundTrip(newRequest(t, "POST", "https://api.example/", body))
	if err != nil {
		t.Fatal(err)
	}
	received := bufio.NewReader(response.Body)
	for _, line := range []string{"a", "b"} {
		io.WriteString(send, line+"\n")
		if got, err := received.ReadString('\n'); got != "got "+line+"\n" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	// Who closes the response is told so at the other end of the request's body.
	response.Body.Close()
	if _, err := io.WriteString(send, "more"); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

func TestTransportUncompresses(t *testing.T) {
	gzipped := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcaH\xcd\xc9\xc9\x07\x04\x00\x00\xff\xff\x86\xa6\x106\x05\x00\x00\x00")
	response, err := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(gzipped)
	})).RoundTrip(newRequest(t, "GET", "https://api.example/", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if string(body) != "hello" || err != nil || !response.Uncompressed || response.ContentLength != -1 {
		t.Errorf("%q, %v, %v, %d", body, err, response.Uncompressed, response.ContentLength)
	}
}

func TestTransportOpaque(t *testing.T) {
	client := &http.Client{Transport: newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		allow(w, r)
		if r.URL.Path == "/redirect" {
			w.WriteHeader(302)
		}
		io.WriteString(w, "secret")
	}))}
	for path, init := range map[string]*fetch.Init{"/": {Mode: fetch.ModeNoCORS}, "/redirect": {Redirect: fetch.RedirectManual}} {
		r := newRequest(t, "GET", "https://api.example"+path, nil)
		response, err := client.Do(r.WithContext(fetch.WithInit(t.Context(), init)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 0 || len(response.Header) != 0 || len(body) != 0 || response.ContentLength != 0 {
			t.Errorf("%s: %+v, %q", path, response, body)
		}
	}
}

// TestTransportCancelled ends the context at each point of a fetch that has a
// preflight, a redirect and bodies, and shows that no goroutine is left of it: the
// bubble's must all have returned.
func TestTransportCancelled(t *testing.T) {
	points := []string{"before", "preflight", "request", "redirected preflight", "redirected request", "body", "timeout"}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				client := &http.Client{Transport: newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					at := "request"
					if r.Method == "OPTIONS" {
						at = "preflight"
					}
					if r.URL.Path == "/2" {
						at = "redirected " + at
					}
					if at == point || point == "timeout" && at == "redirected request" {
						if point != "timeout" {
							cancel()
						}
						// Until then a server does not notice that the client has gone.
						io.Copy(io.Discard, r.Body)
						<-r.Context().Done()
						return
					}
					io.Copy(io.Discard, r.Body)
					if allow(w, r) {
						return
					}
					if r.URL.Path == "/1" {
						w.Header().Set("Location", "/2")
						w.WriteHeader(307)
						return
					}
					io.WriteString(w, "some")
					w.(http.Flusher).Flush()
					<-r.Context().Done()
				}))}
				if point == "timeout" {
					client.Timeout = time.Minute
				}
				if point == "before" {
					cancel()
				}
				r, _ := http.NewRequestWithContext(ctx, "PUT", "https://api.example/1", bytes.NewReader(make([]byte, 1<<20)))
				response, err := client.Do(r)
				switch point {
				case "body":
					if err != nil {
						t.Fatal(err)
					}
					cancel()
					if _, err := io.ReadAll(response.Body); !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					response.Body.Close()
				case "timeout":
					if e, ok := errors.AsType[*url.Error](err); !ok || !e.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
				default:
					if !errors.Is(err, context.Canceled) || !errors.Is(err, cors.Aborted) {
						t.Error(err)
					}
				}
				// The server's own goroutine lingers for half a second of the bubble's time
				// where it closes a connection before it has read all that was sent.
				time.Sleep(time.Second)
			})
		})
	}
}

func TestTransportConcurrent(t *testing.T) {
	var preflights atomic.Int32
	transport := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Max-Age", "600")
		if allow(w, r) {
			preflights.Add(1)
			return
		}
		io.Copy(w, r.Body)
	}))
	client := &http.Client{Transport: transport}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				want := fmt.Sprint("body ", i)
				response, err := client.Do(newRequest(t, "PUT", "https://api.example/", strings.NewReader(want)))
				if err != nil {
					t.Error(err)
					return
				}
				if got, _ := io.ReadAll(response.Body); string(got) != want {
					t.Errorf("%q, want %q", got, want)
				}
				response.Body.Close()
			}
		})
	}
	wg.Wait()
	if n := preflights.Load(); n == 0 || n > 8 {
		t.Errorf("%d preflights: the cache is not shared", n)
	}
}

func TestTransportWithHTTPTransport(t *testing.T) {
	closed := &countedBody{Reader: strings.NewReader("body")}
	page, _ := fetch.NewPage(app, nil)
	transport := &fetch.Transport{Page: page, Client: &fetch.Client{Network: fetch.RoundTripper(roundTripFunc(func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Methods": {"PUT"}}
		if r.Body != nil {
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		return &http.Response{Status: "204 No Content", StatusCode: 204, Header: h, Body: http.NoBody, Request: r}, nil
	}))}}
	r := newRequest(t, "PUT", "https://api.example/", closed)
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if n := closed.closed.Load(); n != 1 || response.Status != "204 No Content" {
		t.Errorf("closed %d times, %s", n, response.Status)
	}
	transport.CloseIdleConnections()
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A client with a jar of its own would send no cookies: it is told.
func TestTransportOfClientWithJar(t *testing.T) {
	jar, _ := cookiejar.New(nil) // it returns no error
	client := &http.Client{Jar: jar, Transport: newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { allow(w, r) }))}
	response, err := client.Do(newRequest(t, "GET", "https://api.example/", nil))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	jar.SetCookies(response.Request.URL, []*http.Cookie{{Name: "a", Value: "b"}})
	if _, err := client.Do(newRequest(t, "GET", "https://api.example/", nil)); !errors.Is(err, cors.InvalidArgument) || !strings.Contains(err.Error(), "Client.Jar") {
		t.Errorf("%v", err)
	}
}

// An error says what happened, of all requirements that are not met, and why a preflight was sent.
func TestTransportErrorTexts(t *testing.T) {
	loop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			return
		}
		allow(w, r)
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		path   string
		change func(*http.Request) *http.Request
		want   string
	}{
		{"/loop", nil, `Get "https://api.example/loop": it was redirected more than 20 times: https://api.example/loop`},
		{"/loop", func(r *http.Request) *http.Request { return r.WithContext(ended) }, `Get "https://api.example/loop": the fetch was aborted: `},
		{"/refuse", func(r *http.Request) *http.Request { r.Header.Set("User-Agent", "resty"); return r },
			`Get "https://api.example/refuse": preflight: the response has no Access-Control-Allow-Origin header; request header user-agent is not in Access-Control-Allow-Headers (absent) ` +
				`(it was sent first because header User-Agent is not CORS-safelisted)`},
	} {
		r := newRequest(t, "GET", "https://api.example"+test.path, nil)
		if test.change != nil {
			r = test.change(r)
		}
		_, err := (&http.Client{Transport: newTransport(t, loop)}).Do(r)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v\nis not %s", err, test.want)
		}
	}
}

// Whoever tries again after an error is told whether that can help.
func TestTransportErrorIsTemporary(t *testing.T) {
	for reason, want := range map[cors.Reason]bool{cors.MissingAllowOrigin: false, cors.MethodNotAllowed: false, cors.Aborted: false, cors.Transport: true, cors.Timeout: true} {
		var temporary interface{ Temporary() bool }
		if err := error(&url.Error{Err: &cors.Error{Reason: reason}}); !errors.As(err, &temporary) || temporary.Temporary() != want {
			t.Errorf("%v: %v", reason, !want)
		}
	}
}

// The hooks of net/http/httptrace are called, for each exchange.
func TestTransportTrace(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allow(w, r) {
			io.WriteString(w, "body")
		}
	}))
	defer server.Close()
	network := &wire.Network{TLS: server.Client().Transport.(*http.Transport).TLSClientConfig}
	defer network.Close()
	page, err := fetch.NewPage(app, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &fetch.Transport{Page: page, Client: &fetch.Client{Network: network}}}
	var mu sync.Mutex
	var called []string
	note := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		called = append(called, s)
	}
	trace := &httptrace.ClientTrace{
		GetConn:              func(string) { note("GetConn") },
		ConnectDone:          func(string, string, error) { note("ConnectDone") },
		TLSHandshakeStart:    func() { note("TLSHandshakeStart") },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { note("TLSHandshakeDone") },
		GotConn:              func(c httptrace.GotConnInfo) { note(fmt.Sprintf("GotConn %t", c.Reused)) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { note("WroteRequest") },
		GotFirstResponseByte: func() { note("GotFirstResponseByte") },
	}
	r := newRequest(t, "PUT", server.URL, nil)
	response, err := client.Do(r.WithContext(httptrace.WithClientTrace(t.Context(), trace)))
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	want := []string{"GetConn", "ConnectDone", "TLSHandshakeStart", "TLSHandshakeDone", "GotConn false", "WroteRequest", "GotFirstResponseByte",
		"GetConn", "GotConn true", "WroteRequest", "GotFirstResponseByte"}
	if !slices.Equal(called, want) {
		t.Errorf("called were %q, not %q", called, want)
	}
}
