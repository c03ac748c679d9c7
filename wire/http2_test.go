package wire_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

// http2Server returns a server that speaks HTTP/2, and a network that trusts it.
func http2Server(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *wire.Network) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	n := &wire.Network{TLS: &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	t.Cleanup(func() { n.Close() })
	return s, n
}

func TestHTTP2(t *testing.T) {
	s, n := http2Server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("X-B", "1")
		w.Header().Add("X-B", "2")
		w.Header().Add("X-A", "\xe9")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusTeapot)
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %q %q %q %d %s", r.Proto, r.Method, r.RequestURI, r.Header["Cookie"], r.Header["User-Agent"], r.Header["X-Q"], r.ContentLength, body)
	})
	for _, test := range []struct {
		request wire.Request
		target  string
		want    string
		http2   bool
	}{
		{wire.Request{Method: "GET"}, "/a//b?c|d", `HTTP/2.0 GET /a//b?c|d [] [] [] 0 `, true},
		{wire.Request{Method: "GET"}, "//x", `HTTP/2.0 GET //x [] [] [] 0 `, true},
		{wire.Request{Method: "PATCH", Body: strings.NewReader("hi"), ContentLength: 2, Headers: headers.List{
			{Name: "Cookie", Value: "a=1; b=2"}, {Name: "X-q", Value: "v"}, {Name: "Connection", Value: "close"}, {Name: "Content-Length", Value: "2"}, {Name: "User-Agent", Value: "u"},
		}}, "/", `HTTP/2.0 PATCH / ["a=1; b=2"] ["u"] ["v"] 2 hi`, true},
		{wire.Request{Method: "POST", Body: strings.NewReader("stream"), ContentLength: -1}, "/", `HTTP/2.0 POST / [] [] [] -1 stream`, true},
		{wire.Request{Method: "GET", HTTP1: true}, "/", `HTTP/1.1 GET / [] [] [] 0 `, false},
	} {
		test.request.URL = s.URL + test.target
		response, err := n.RoundTrip(context.Background(), &test.request)
		if err != nil {
			t.Errorf("%s %s: %v", test.request.Method, test.target, err)
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(body) != test.want || response.Status != 418 || response.HTTP2 != test.http2 || (response.StatusText == "") != test.http2 {
			t.Errorf("%s %s: %d %q, %v, HTTP/2 %v, %q, want %q", test.request.Method, test.target, response.Status, response.StatusText, err, response.HTTP2, body, test.want)
		}
		if got := response.Headers.Values("x-b"); len(got) != 2 || got[0] != "1" || got[1] != "2" {
			t.Errorf("x-b is %q", got)
		}
		if got, _ := response.Headers.Get("x-a"); got != "\xe9" {
			t.Errorf("x-a is %q", got)
		}
	}
}

// Exchanges at the same time share a connection, and one that the server has closed is replaced.
func TestHTTP2Connections(t *testing.T) {
	var mu sync.Mutex
	addresses := make(map[string]bool)
	s, n := http2Server(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		addresses[r.RemoteAddr] = true
	})
	get := func() {
		response, err := n.RoundTrip(context.Background(), &wire.Request{Method: "GET", URL: s.URL + "/"})
		if err != nil {
			t.Error(err)
			return
		}
		response.Body.Close()
	}
	get()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(get)
	}
	wait.Wait()
	if len(addresses) != 1 {
		t.Errorf("%d connections were used", len(addresses))
	}
	s.CloseClientConnections()
	get()
	if len(addresses) != 2 {
		t.Errorf("%d connections were used", len(addresses))
	}
	n.CloseIdleConnections()
	get()
	if len(addresses) != 3 {
		t.Errorf("%d connections were used", len(addresses))
	}
}

func TestHTTP2Reset(t *testing.T) {
	s, n := http2Server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			io.WriteString(w, "beginning")
			w.(http.Flusher).Flush()
		}
		panic(http.ErrAbortHandler)
	})
	_, err := n.RoundTrip(context.Background(), &wire.Request{Method: "GET", URL: s.URL + "/"})
	if reset, ok := errors.AsType[*wire.StreamError](err); !ok || reset.Code != "INTERNAL_ERROR" {
		t.Errorf("reset: %v", err)
	}
	response, err := n.RoundTrip(context.Background(), &wire.Request{Method: "GET", URL: s.URL + "/late"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if reset, ok := errors.AsType[*wire.StreamError](err); !ok || reset.Code != "INTERNAL_ERROR" || string(body) != "beginning" {
		t.Errorf("reset later: %q, %v", body, err)
	}
}

func TestHTTP2Ends(t *testing.T) {
	began := make(chan bool, 1)
	s, n := http2Server(t, func(w http.ResponseWriter, r *http.Request) {
		began <- true
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-began
		cancel()
	}()
	if _, err := n.RoundTrip(ctx, &wire.Request{Method: "GET", URL: s.URL + "/"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
