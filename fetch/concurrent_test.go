package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
)

// One client serves many goroutines, with all its caches and its jar, over real
// connections; each fetch ends as it would alone.
func TestConcurrent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "http://a.test")
		h.Set("Access-Control-Allow-Credentials", "true")
		if r.Method == "OPTIONS" {
			h.Set("Access-Control-Allow-Methods", "PUT")
			h.Set("Access-Control-Max-Age", "600")
			return
		}
		switch r.URL.Path {
		case "/refused":
			h.Del("Access-Control-Allow-Origin")
		case "/redirect":
			http.Redirect(w, r, "/put", http.StatusTemporaryRedirect)
			return
		case "/cached":
			h.Set("Cache-Control", "max-age=600")
		}
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "1"})
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
	}))
	defer server.Close()
	cookies, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &fetch.Client{
		Network: fetch.RoundTripper(server.Client().Transport), Jar: fetch.HTTPJar(cookies), HTTPCache: httpcache.New(httpcache.Options{}),
	}
	page := newPage(t, "http://a.test/", nil)
	put := fetch.Init{Method: "PUT", Body: fetch.Text("x"), Keepalive: true, Credentials: fetch.CredentialsInclude}
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for _, f := range []struct {
				path string
				init *fetch.Init
				want string
			}{
				{"/put", &put, "= cors 200 PUT /put x"},
				{"/redirect", &put, "= cors 200 redirected PUT /put x"},
				{"/cached", nil, "= cors 200 GET /cached "},
				{"/refused", &put, "! missing-allow-origin"},
				{"/opaque", &fetch.Init{Mode: fetch.ModeNoCORS}, "= opaque 0"},
			} {
				if got := result(c.Fetch(context.Background(), page, server.URL+f.path, f.init)); got != f.want {
					t.Errorf("%s: %s, want %s", f.path, got, f.want)
				}
			}
		})
	}
	wait.Wait()
	// All that was under way has ended: there is room for a keepalive body again.
	full := fetch.Init{Method: "POST", Keepalive: true, Body: fetch.Bytes(make([]byte, fetch.MaxKeepaliveBytes))}
	if got := result(c.Fetch(t.Context(), page, server.URL+"/put", &full)); !strings.HasPrefix(got, "= cors 200") {
		t.Error(got)
	}
}

// Over net/http a request has the headers that it was given, except those of
// the connection, and no others that tell the product.
func TestRoundTripper(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header()["x-lower"] = []string{"1", "2"}
		w.Header().Set("Set-Cookie", "a=b")
		w.WriteHeader(299)
		io.WriteString(w, "hi")
	}))
	defer server.Close()
	n := fetch.RoundTripper(server.Client().Transport)
	for _, test := range []struct {
		request fetch.NetworkRequest
		length  int64
	}{
		{fetch.NetworkRequest{Method: "GET"}, 0},
		{fetch.NetworkRequest{Method: "POST", Headers: list("Content-Length: 0")}, 0},
		{fetch.NetworkRequest{Method: "POST", Body: strings.NewReader("abc"), ContentLength: 3, Headers: list("Content-Length: 3")}, 3},
		{fetch.NetworkRequest{Method: "PUT", Body: strings.NewReader(""), ContentLength: 0, Headers: list("Content-Length: 0")}, 0},
		{fetch.NetworkRequest{Method: "patch", Body: strings.NewReader("abc"), ContentLength: -1}, -1},
	} {
		r := test.request
		r.URL = server.URL + "/%7Ea?b=%zz"
		r.Headers = append(r.Headers, list("X-A: 1", "x-a: 2", "Accept: */*")...)
		before := r.Headers.Clone()
		response, err := n.RoundTrip(t.Context(), &r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.Status != 299 || string(text) != "hi" || err != nil {
			t.Errorf("%+v, %q, %v", response, text, err)
		}
		if lines := response.Headers.Values("x-lower"); len(lines) != 2 {
			t.Errorf("%v", response.Headers)
		}
		if got.Method != r.Method || got.RequestURI != "/%7Ea?b=%zz" || got.ContentLength != test.length {
			t.Errorf("%s %s, %d bytes; want %d of %+v", got.Method, got.RequestURI, got.ContentLength, test.length, test.request)
		}
		if want := "abc"; test.length != 0 && string(body) != want {
			t.Errorf("body %q", body)
		}
		if ua, has := got.Header["User-Agent"]; has {
			t.Errorf("User-Agent: %q", ua)
		}
		if x := got.Header.Values("X-A"); len(x) != 2 {
			t.Errorf("%v", got.Header)
		}
		if fmt.Sprint(before) != fmt.Sprint(r.Headers) {
			t.Errorf("the headers were changed to %v", r.Headers)
		}
	}
	for _, url := range []string{"http://[::1", server.URL + ":x/"} {
		if _, err := n.RoundTrip(t.Context(), &fetch.NetworkRequest{Method: "GET", URL: url}); err == nil {
			t.Errorf("%s: no error", url)
		}
	}
}

// A network that gives a reason has it told.
func TestNetworkReason(t *testing.T) {
	for _, test := range []struct {
		err  error
		want cors.Reason
	}{
		{io.ErrUnexpectedEOF, cors.Transport},
		{cors.ResponseTooLarge, cors.ResponseTooLarge},
		{fmt.Errorf("headers: %w", cors.ResponseTooLarge), cors.ResponseTooLarge},
		{timeout{}, cors.Timeout},
		{fmt.Errorf("dial: %w", timeout{}), cors.Timeout},
		{fmt.Errorf("dial: %w", context.DeadlineExceeded), cors.Timeout},
	} {
		c := &fetch.Client{Network: networkFunc(func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error) { return nil, test.err })}
		_, err := c.Fetch(t.Context(), newPage(t, "", nil), own, nil)
		if e, ok := err.(*cors.Error); !ok || e.Reason != test.want || e.Err != test.err || e.URL != own {
			t.Errorf("%v: %#v", test.err, err)
		}
	}
}

type timeout struct{}

func (timeout) Error() string { return "too late" }
func (timeout) Timeout() bool { return true }

// What is read of a response does not touch what the HTTP cache keeps, whoever
// changes it.
func TestResponsesAreTheCallers(t *testing.T) {
	n := &network{site: site{own: {"200\ncache-control: max-age=60\nx-a: 1\n\nx"}}}
	c := &fetch.Client{Network: n, HTTPCache: httpcache.New(httpcache.Options{}), Now: newClock().Now}
	for i := range 3 {
		r, err := c.Fetch(t.Context(), newPage(t, "", nil), own, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := r.Headers.Get("x-a"); got != "1" || i > 0 != r.FromCache {
			t.Errorf("%d: %q", i, got)
		}
		for j := range r.Headers {
			r.Headers[j] = headers.Header{Name: "changed", Value: "changed"}
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
}

// Over net/http, connections are used again after responses that nobody reads, if
// these are short, and a new one is opened where that is asked for.
func TestRoundTripperConnections(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Max-Age", "0")
		switch {
		case r.URL.Path == "/redirect":
			w.Header().Set("Location", "/")
			w.WriteHeader(http.StatusFound)
		case r.URL.Path == "/misdirected" && connections.Load() == 1:
			w.WriteHeader(http.StatusMisdirectedRequest)
		case r.URL.Path == "/refused":
			w.Header().Del("Access-Control-Allow-Origin")
		case r.URL.Path == "/switch":
			w.Header().Set("Upgrade", "x")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			return
		}
		io.WriteString(w, "a body")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	page := newPage(t, "http://a.test/", nil)
	for _, test := range []struct {
		path, want  string
		init        fetch.Init
		connections int32
	}{
		{"/", "= cors 200 a body", fetch.Init{Method: "PUT"}, 1},
		{"/redirect", "= cors 200 redirected a body", fetch.Init{}, 1},
		{"/refused", "! missing-allow-origin", fetch.Init{}, 1},
		{"/", "= opaque 0", fetch.Init{Mode: fetch.ModeNoCORS}, 1},
		{"/misdirected", "= cors 200 a body", fetch.Init{}, 2}, // the second time meets no 421
		{"/switch", "! transport", fetch.Init{}, 2},
	} {
		t.Run(test.path, func(t *testing.T) {
			connections.Store(0)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			c := &fetch.Client{Network: fetch.RoundTripper(transport)}
			for range 2 {
				if got := result(c.Fetch(t.Context(), page, server.URL+test.path, &test.init)); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			}
			if n := connections.Load(); n != test.connections {
				t.Errorf("%d connections, want %d", n, test.connections)
			}
		})
	}
}

// What fails of a request's own body is no failure of the server.
func TestRequestBodyFails(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		io.Copy(io.Discard, r.Body)
	}))
	defer server.Close()
	broken := errors.New("broken")
	for _, network := range networks {
		for name, body := range map[string]*fetch.Body{
			"stream":    fetch.Stream(failing{broken}),
			"too short": fetch.Source(5, func() io.Reader { return strings.NewReader("abc") }),
		} {
			t.Run(network.name+"/"+name, func(t *testing.T) {
				c := &fetch.Client{Network: network.open(new(net.Dialer).DialContext)}
				init := fetch.Init{Method: "POST", Body: body, Mode: fetch.ModeSameOrigin}
				own := newPage(t, server.URL, nil)
				_, err := c.Fetch(t.Context(), own, server.URL, &init)
				if cors.ReasonOf(err) != cors.RequestBody || name == "stream" && !errors.Is(err, broken) {
					t.Errorf("%v", err)
				}
			})
		}
	}
	if _, err := (&fetch.Client{}).Fetch(t.Context(), nil, "http://b.test/", nil); cors.ReasonOf(err) != cors.InvalidArgument {
		t.Errorf("no page: %v", err)
	}
	c := new(fetch.Client)
	for name, body := range map[string]*fetch.Body{"text": fetch.Text("x"), "stream": fetch.Stream(strings.NewReader("x"))} {
		own := newPage(t, server.URL, nil)
		r, err := fetch.NewRequest(own, server.URL, &fetch.Init{Method: "POST", Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), r); (cors.ReasonOf(err) == cors.InvalidArgument) != (name == "stream") {
			t.Errorf("%s, a second time: %v", name, err)
		}
	}
}
