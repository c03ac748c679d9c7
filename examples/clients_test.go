package examples

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"golang.org/x/oauth2"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/examples/pets"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

// petShop permits https://app.example all but DELETE.
type petShop struct{ asked, sent atomic.Int64 }

// ServeHTTP answers with a pet.
func (p *petShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Origin")
	if r.Header.Get("Origin") == app {
		h.Set("Access-Control-Allow-Origin", app)
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "authorization, content-type, traceparent, user-agent, x-flaky")
	}
	if r.Method == "OPTIONS" {
		p.asked.Add(1)
		return
	}
	if n := p.sent.Add(1); r.Header.Get("X-Flaky") != "" && n == 1 {
		panic(http.ErrAbortHandler)
	}
	h.Set("Content-Type", "application/json")
	io.WriteString(w, `{"name":"Rex"}`)
}

// page returns a transport that asks a handler for a page of https://app.example.
func page(t testing.TB, h http.Handler) *fetch.Transport {
	t.Helper()
	p, err := fetch.NewPage(app, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &fetch.Transport{Page: p, Client: &fetch.Client{Network: wire.Handler(h)}}
}

// clients are the clients that people use, each with a fetch.Transport beneath. Each gets a pet, or the error.
var clients = map[string]func(t *testing.T, transport http.RoundTripper, method string) error{
	"http.Client": func(t *testing.T, transport http.RoundTripper, method string) error {
		r, err := http.NewRequestWithContext(t.Context(), method, api+"/pets/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		return isPet((&http.Client{Transport: transport}).Do(r))
	},
	"resty": func(t *testing.T, transport http.RoundTripper, method string) error {
		var pet pets.Pet
		// Resty's own User-Agent needs a preflight in the standard and in Firefox.
		_, err := resty.New().SetTransport(transport).SetHeader("User-Agent", "").R().SetContext(t.Context()).SetResult(&pet).Execute(method, api+"/pets/1")
		if err == nil && pet.Name != "Rex" {
			err = fmt.Errorf("it is %+v", pet)
		}
		return err
	},
	"retryablehttp": func(t *testing.T, transport http.RoundTripper, method string) error {
		r, err := retryablehttp.NewRequestWithContext(t.Context(), method, api+"/pets/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		return isPet(retrying(transport).Do(r))
	},
	"oauth2": func(t *testing.T, transport http.RoundTripper, method string) error {
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport})
		r, err := http.NewRequestWithContext(ctx, method, api+"/pets/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		return isPet(oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"})).Do(r))
	},
	"otelhttp": func(t *testing.T, transport http.RoundTripper, method string) error {
		r, err := http.NewRequestWithContext(t.Context(), method, api+"/pets/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		return isPet((&http.Client{Transport: otelhttp.NewTransport(transport)}).Do(r))
	},
	"oapi-codegen": func(t *testing.T, transport http.RoundTripper, method string) error {
		client, err := pets.NewClient(api, pets.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		if method != "DELETE" {
			return isPet(client.ReplacePet(t.Context(), 1, pets.Pet{Name: "Rex"}))
		}
		return isPet(client.GetPet(t.Context(), 1, func(_ context.Context, r *http.Request) error { r.Method = method; return nil }))
	},
}

// retrying returns a client that tries again what may succeed at another time: not what a server refuses to a page,
// which it would refuse again.
func retrying(transport http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.Logger, client.RetryWaitMin, client.RetryWaitMax = nil, time.Millisecond, time.Millisecond
	client.HTTPClient = &http.Client{Transport: transport}
	client.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if e, ok := errors.AsType[*cors.Error](err); ok && !e.Temporary() {
			return false, err
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	return client
}

func isPet(response *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !strings.Contains(string(body), "Rex") {
		err = fmt.Errorf("it is %q", body)
	}
	return err
}

// TestClients has each client get a pet, and be told why it may not delete one, by one preflight.
func TestClients(t *testing.T) {
	for name, do := range clients {
		t.Run(name, func(t *testing.T) {
			if err := do(t, page(t, new(petShop)), "PUT"); err != nil {
				t.Error(err)
			}
			shop := new(petShop)
			err := do(t, page(t, shop), "DELETE")
			if !errors.Is(err, cors.MethodNotAllowed) || !strings.Contains(err.Error(), `preflight: method DELETE is not in Access-Control-Allow-Methods "PUT"`) {
				t.Errorf("%v", err)
			}
			if asked, sent := shop.asked.Load(), shop.sent.Load(); asked != 1 || sent != 0 {
				t.Errorf("%d preflights and %d requests", asked, sent)
			}
		})
	}
}

// A retrying client does try again where that can help.
func TestRetry(t *testing.T) {
	r, err := retryablehttp.NewRequestWithContext(t.Context(), "GET", api+"/pets/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Flaky", "1")
	shop := new(petShop)
	if err := isPet(retrying(page(t, shop)).Do(r)); err != nil || shop.sent.Load() != 2 {
		t.Errorf("%v, after %d requests", err, shop.sent.Load())
	}
}

// What resty sets makes a preflight necessary: the error says so.
func TestUserAgentOfResty(t *testing.T) {
	refuses := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") })
	_, err := resty.New().SetTransport(page(t, refuses)).R().Get(api + "/pets/1")
	if err == nil || !strings.Contains(err.Error(), "(it was sent first because header User-Agent is not CORS-safelisted)") {
		t.Errorf("%v", err)
	}
}

// TestManyAtOnce has 1,000 requests with preflights at the same time, and no goroutine left over.
func TestManyAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	shop := new(petShop)
	client := &http.Client{Transport: page(t, shop)}
	var all sync.WaitGroup
	errs := make(chan error, 1000)
	for i := range cap(errs) {
		all.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), "PUT", fmt.Sprintf("%s/pets/%d", api, i), strings.NewReader("{}"))
			if err == nil {
				err = isPet(client.Do(r))
			}
			errs <- err
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if shop.asked.Load() != 1000 || shop.sent.Load() != 1000 {
		t.Errorf("%d preflights, %d requests", shop.asked.Load(), shop.sent.Load())
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
	}
}

// zeros is a body of so many bytes, which nobody holds in memory.
type zeros struct{ left int64 }

// Read returns zeros.
func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	z.left -= int64(n)
	return n, nil
}

// TestLargeBodies sends 100 MB, and receives as much, over a socket and without holding them.
func TestLargeBodies(t *testing.T) {
	const length = 100 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == "POST" {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%d %v", n, err)
			return
		}
		io.Copy(w, &zeros{length})
	}))
	defer server.Close()
	p, err := fetch.NewPage("http://app.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	network := new(wire.Network)
	defer network.Close()
	client := &http.Client{Transport: &fetch.Transport{Page: p, Client: &fetch.Client{Network: network}}}
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, &zeros{length})
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(&zeros{length}), nil }
	r.Header.Set("Content-Type", "text/plain")
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if want := fmt.Sprintf("%d <nil>", length); err != nil || string(body) != want {
		t.Errorf("%q, %v", body, err)
	}
	response, err = client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if n != length || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&end)
	if allocated := end.TotalAlloc - start.TotalAlloc; allocated > 8<<20 {
		t.Errorf("%d bytes were allocated", allocated)
	}
}
