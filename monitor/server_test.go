package monitor_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsim/corsim/monitor"
)

// The optional interfaces of writers.
type (
	flusher  struct{}
	hijacker struct{}
	readFrom struct{}
	pusher   struct{}
	notifier struct{}
)

func (f flusher) Flush() {}
func (hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not here")
}
func (readFrom) ReadFrom(r io.Reader) (int64, error)         { return io.Copy(io.Discard, r) }
func (pusher) Push(target string, o *http.PushOptions) error { return nil }
func (notifier) CloseNotify() <-chan bool                    { return nil }

// The wrapper has exactly those interfaces that the inner writer has, for each set of them.
func TestInterfaces(t *testing.T) {
	optional := []reflect.Type{reflect.TypeFor[http.Flusher](), reflect.TypeFor[http.Hijacker](), reflect.TypeFor[io.ReaderFrom](), reflect.TypeFor[http.Pusher](), reflect.TypeFor[interface{ CloseNotify() <-chan bool }]()}
	w := func() nothing { return nothing{http.Header{}} }
	type base = nothing
	for i, inner := range []http.ResponseWriter{
		&struct{ base }{w()},
		&struct {
			base
			flusher
		}{base: w()},
		&struct {
			base
			hijacker
		}{base: w()},
		&struct {
			base
			readFrom
		}{base: w()},
		&struct {
			base
			pusher
		}{base: w()},
		&struct { // of HTTP/1
			base
			flusher
			hijacker
			readFrom
			notifier
		}{base: w()},
		&struct { // of HTTP/2
			base
			flusher
			pusher
			notifier
		}{base: w()},
		&struct {
			base
			hijacker
			readFrom
			pusher
		}{base: w()},
		&struct {
			base
			flusher
			hijacker
			readFrom
			pusher
			notifier
		}{base: w()},
	} {
		m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, o := range optional {
				if had, has := reflect.TypeOf(inner).Implements(o), reflect.TypeOf(w).Implements(o); had != has {
					t.Errorf("writer %d: %v: %v, the inner one: %v", i, o, has, had)
				}
			}
			if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); !ok || u.Unwrap() != inner {
				t.Errorf("writer %d: Unwrap does not return the inner one", i)
			}
		}), monitor.Options{})
		c := watched{method: "GET", request: browserMade}
		m.ServeHTTP(inner, c.newRequest())
	}
}

// misbehaving is a handler for each thing that handlers do with a connection.
func misbehaving() *http.ServeMux {
	mux := http.NewServeMux()
	allow := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
	}
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) { allow(w, r); io.WriteString(w, "plain") })
	mux.HandleFunc("/nothing", func(w http.ResponseWriter, r *http.Request) { allow(w, r) })
	mux.HandleFunc("/refused", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200); allow(w, r) })
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		allow(w, r)
		w.Header().Set("Access-Control-Expose-Headers", "Link")
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			if i%2 == 0 {
				w.(http.Flusher).Flush()
			} else if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
		}
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		io.Copy(w, strings.NewReader(strings.Repeat("x", 1<<20)))
	})
	mux.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", "42")
		w.Header().Set(http.TrailerPrefix+"X-Late", "43")
	})
	mux.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/panic/late", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		io.WriteString(w, strings.Repeat("x", 1<<14))
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, r *http.Request) {
		h, ok := w.(http.Hijacker)
		if !ok {
			allow(w, r) // HTTP/2
			return
		}
		conn, rw, err := h.Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nhijacked")
		rw.Flush()
	})
	mux.HandleFunc("/deadline", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := errors.Join(c.SetReadDeadline(time.Now().Add(time.Minute)), c.SetWriteDeadline(time.Now().Add(time.Minute))); err != nil {
			panic(err)
		}
		allow(w, r)
	})
	return mux
}

// got is what a client got.
type got struct {
	status         int
	header         http.Header
	body, trailers string
	failed         bool
}

func get(client *http.Client, url string) got {
	r, _ := http.NewRequest("GET", url, nil)
	r.Header.Set("Origin", app)
	r.Header.Set("Sec-Fetch-Mode", "cors")
	response, err := client.Do(r)
	if err != nil {
		return got{failed: true}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	response.Header.Del("Date")
	g := got{response.StatusCode, response.Header, string(body), fmt.Sprint(response.Trailer), err != nil}
	if g.failed {
		g.body = "" // how much came is a matter of time
	}
	return g
}

// With a monitor, a client gets what it gets without, over HTTP/1 and HTTP/2, whatever the handler
// does; and each request is counted once.
func TestChangesNothing(t *testing.T) {
	paths := map[string]string{
		"/plain": "allowed/", "/nothing": "allowed/", "/refused": "blocked/unauthorized-response", "/late": "blocked/not-configured", "/hints": "allowed/",
		"/flush": "allowed/", "/stream": "allowed/", "/trailers": "allowed/", "/panic": "blocked/connection-lost", "/panic/late": "allowed/", "/deadline": "allowed/",
		"/hijack": "undecidable/response",
	}
	for _, http2 := range []bool{false, true} {
		m := monitor.Handler(misbehaving(), monitor.Options{})
		with, without := httptest.NewUnstartedServer(m), httptest.NewUnstartedServer(misbehaving())
		for _, s := range []*httptest.Server{with, without} {
			s.Config.ErrorLog = nil
			s.EnableHTTP2 = http2
			s.TLS = &tls.Config{}
			s.StartTLS()
			t.Cleanup(s.Close)
		}
		const times = 8
		var wg sync.WaitGroup
		for path := range paths {
			for range times {
				wg.Go(func() {
					a, b := get(with.Client(), with.URL+path), get(without.Client(), without.URL+path)
					if !reflect.DeepEqual(a, b) {
						t.Errorf("HTTP/2 %v, %s: with a monitor %.300v, without %.300v", http2, path, a, b)
					}
				})
			}
		}
		wg.Wait()
		counts := map[string]uint64{}
		for _, s := range m.Stats().Series {
			if s.Verdict != "" {
				counts[s.Route+" "+s.Verdict+"/"+s.Cause] += s.Count
			}
		}
		for path, want := range paths {
			if http2 && path == "/hijack" {
				want = "allowed/"
			}
			if n := counts[path+" "+want]; n < times || n > times && !strings.HasPrefix(path, "/panic") {
				// A client sends again what an aborted connection did not answer.
				t.Errorf("HTTP/2 %v, %s: %d times %s, want %d; counted: %v", http2, path, n, want, times, counts)
			}
		}
	}
}

// A handler may answer after the time of a TimeoutHandler around it, and beside its own return.
func TestTimeoutHandler(t *testing.T) {
	release := make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		w.Header().Set("Access-Control-Allow-Origin", "*")
		io.WriteString(w, "late")
	})
	m := monitor.Handler(http.TimeoutHandler(slow, time.Millisecond, "too slow"), monitor.Options{})
	s := httptest.NewServer(m)
	defer s.Close()
	g := get(s.Client(), s.URL)
	close(release)
	if g.status != http.StatusServiceUnavailable || counted(m) != "blocked/in-front/all" {
		t.Errorf("status %d, counted %s", g.status, counted(m))
	}
}

// The context of the request reaches the handler, and an upload its body, unread.
func TestHandsOn(t *testing.T) {
	type key struct{}
	var body bytes.Buffer
	m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(&body, r.Body)
		body.WriteString(r.Context().Value(key{}).(string))
	}), monitor.Options{})
	r := httptest.NewRequest("POST", "/", strings.NewReader("sent "))
	r.Header.Set("Origin", app)
	m.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), key{}, "and kept")))
	if body.String() != "sent and kept" {
		t.Errorf("%q", body.String())
	}
}
