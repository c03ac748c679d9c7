package wire_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

func ask(t *testing.T, h http.HandlerFunc, method, body string) (*wire.Response, string) {
	t.Helper()
	r := &wire.Request{Method: method, URL: "http://api.example/things?a=1"}
	if body != "" {
		r.Body, r.ContentLength = strings.NewReader(body), int64(len(body))
	}
	response, err := wire.Handler(h).RoundTrip(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response, string(b)
}

func TestHandlerHeaders(t *testing.T) {
	for _, test := range []struct {
		name, method string
		handler      http.HandlerFunc
		want         headers.List // besides Date
		body         string
	}{
		{"nothing written", "GET", func(w http.ResponseWriter, r *http.Request) {}, headers.List{{Name: "Content-Length", Value: "0"}}, ""},
		{"a key that is not canonical beside one that is", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["access-control-allow-origin"] = []string{"*"}
			w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
			w.WriteHeader(204)
		}, headers.List{{Name: "Access-Control-Allow-Origin", Value: "https://app.example"}, {Name: "access-control-allow-origin", Value: "*"}}, ""},
		{"sniffed", "GET", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") },
			headers.List{{Name: "Content-Length", Value: "6"}, {Name: "Content-Type", Value: "text/html; charset=utf-8"}}, "<html>"},
		{"HEAD", "HEAD", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") },
			headers.List{{Name: "Content-Length", Value: "6"}, {Name: "Content-Type", Value: "text/html; charset=utf-8"}}, ""},
		{"invalid names are left out, line breaks become spaces", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["X Y"] = []string{"1"}
			w.Header()["X-Z"] = []string{"a\r\nb: c"}
			w.Header()["Content-Type"] = nil
			w.WriteHeader(304)
		}, headers.List{{Name: "X-Z", Value: "a  b: c"}}, ""},
		{"interim responses", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</a>; rel=preload")
			w.WriteHeader(103)
			w.Header().Del("Link")
			w.WriteHeader(204)
		}, nil, ""},
		{"flushed", "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.(http.Flusher).Flush()
			io.WriteString(w, "chunks")
		}, headers.List{{Name: "Content-Type", Value: "text/plain"}, {Name: "Transfer-Encoding", Value: "chunked"}}, "chunks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := ask(t, test.handler, test.method, "")
			got := slices.DeleteFunc(response.Headers.Clone(), func(h headers.Header) bool { return h.Name == "Date" })
			slices.SortFunc(got, func(a, b headers.Header) int { return strings.Compare(a.Name, b.Name) })
			if !slices.Equal(got, test.want) || body != test.body {
				t.Errorf("headers %q, body %q, want %q, %q", got, body, test.want, test.body)
			}
		})
	}
}

func TestHandlerSeesTheRequest(t *testing.T) {
	var got *http.Request
	network := wire.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		io.Copy(w, r.Body)
	}))
	response, err := network.RoundTrip(t.Context(), &wire.Request{
		Method: "PUT", URL: "https://api.example:8443/a%2Fb?q", Body: strings.NewReader("body"), ContentLength: 4,
		Headers: headers.List{{Name: "Origin", Value: "https://app.example"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if string(body) != "body" || got.Host != "api.example:8443" || got.RequestURI != "/a%2Fb?q" || got.TLS == nil ||
		got.TLS.ServerName != "api.example" || got.RemoteAddr != "192.0.2.1:1234" || got.Header.Get("Origin") != "https://app.example" {
		t.Errorf("the handler saw %+v", got)
	}
	if response, _ := ask(t, func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil {
			w.WriteHeader(500)
		}
	}, "GET", ""); response.Status != 200 {
		t.Error("an http URL has TLS")
	}
}

func TestHandlerPanics(t *testing.T) {
	var logged strings.Builder
	defer log.SetOutput(log.Writer())
	log.SetOutput(&logged)
	for _, test := range []struct {
		value any
		log   bool
	}{{"oh no", true}, {http.ErrAbortHandler, false}} {
		logged.Reset()
		client := fetch.Client{Network: wire.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(test.value) }))}
		page, _ := fetch.NewPage("https://app.example", nil)
		_, err := client.Fetch(t.Context(), page, "https://api.example/", nil)
		if !errors.Is(err, cors.Transport) || !errors.Is(err, wire.ErrNoResponse) {
			t.Errorf("panic(%v): %v", test.value, err)
		}
		if got := strings.Contains(logged.String(), "oh no"); got != test.log {
			t.Errorf("panic(%v): logged %q", test.value, &logged)
		}
	}
}

func TestHandlerStreams(t *testing.T) {
	network := wire.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		w.(http.Flusher).Flush()
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			io.WriteString(w, "got "+lines.Text()+"\n")
			w.(http.Flusher).Flush()
		}
	}))
	body, send := io.Pipe()
	response, err := network.RoundTrip(t.Context(), &wire.Request{Method: "POST", URL: "http://api.example/", Body: body, ContentLength: -1})
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
	send.Close()
	if rest, err := io.ReadAll(received); len(rest) != 0 || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	response.Body.Close()
}

// TestHandlerEnds shows that nothing is left of an exchange, however it ends: the
// bubble's goroutines must all have returned.
func TestHandlerEnds(t *testing.T) {
	for name, end := range map[string]func(cancel func(), body io.ReadCloser){
		"closed":    func(_ func(), body io.ReadCloser) { body.Close() },
		"cancelled": func(cancel func(), body io.ReadCloser) { cancel(); io.ReadAll(body) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				done := make(chan error, 1)
				network := wire.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.(http.Flusher).Flush()
					<-r.Context().Done()
					done <- r.Context().Err()
				}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				response, err := network.RoundTrip(ctx, &wire.Request{Method: "GET", URL: "http://api.example/"})
				if err != nil {
					t.Fatal(err)
				}
				end(cancel, response.Body)
				response.Body.Close()
				if err := <-done; err != context.Canceled {
					t.Error(err)
				}
			})
		})
	}
}

// TestHandlerLarge has both sides write more than the pipe holds.
func TestHandlerLarge(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<16)
	response, body := ask(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	}, "POST", large)
	if response.Status != 200 || body != large {
		t.Errorf("status %d, %d bytes", response.Status, len(body))
	}
}

func TestHandlerConcurrent(t *testing.T) {
	network := wire.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) }))
	var wg sync.WaitGroup
	for _, path := range []string{"/a", "/b", "/c", "/d"} {
		wg.Go(func() {
			for range 50 {
				response, err := network.RoundTrip(t.Context(), &wire.Request{Method: "GET", URL: "http://api.example" + path})
				if err != nil {
					t.Error(err)
					return
				}
				if b, _ := io.ReadAll(response.Body); string(b) != path {
					t.Errorf("%s: %q", path, b)
				}
				response.Body.Close()
			}
		})
	}
	wg.Wait()
}
