package fetch_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

var soak = flag.Int("soak", 2000, "how many fetches TestSoak makes")

// TestSoak makes many fetches of all kinds, eight at a time, and shows that they leave
// nothing behind. For a million: go test ./fetch -run Soak -soak 1000000
func TestSoak(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Max-Age", "600")
		if allow(w, r) {
			return
		}
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "/end", http.StatusTemporaryRedirect)
			return
		}
		io.Copy(w, r.Body)
	}))
	defer server.Close()
	network := new(wire.Network)
	defer network.Close()
	page, err := fetch.NewPage("http://app.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &fetch.Transport{Page: page, Client: &fetch.Client{Network: network}}}
	run := func(fetches int) {
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := worker; i < fetches; i += 8 {
					switch i % 4 {
					case 0: // another URL each time, so that the preflight cache must forget
						do(t, client, newRequest(t, "PUT", fmt.Sprint(server.URL, "/", i), strings.NewReader("body")), "body")
					case 1:
						do(t, client, newRequest(t, "GET", server.URL+"/", nil), "")
					case 2:
						do(t, client, newRequest(t, "POST", server.URL+"/redirect", strings.NewReader("body")), "body")
					case 3: // a body that nobody reads
						response, err := client.Do(newRequest(t, "POST", server.URL+"/", strings.NewReader("body")))
						if err != nil {
							t.Error(err)
							return
						}
						response.Body.Close()
					}
				}
			})
		}
		wg.Wait()
	}
	// As many as the cache needs to be full, if there are so many.
	run(min(*soak/2, 80_000))
	before, goroutines := heap(), runtime.NumGoroutine()
	run(*soak - *soak/2)
	if *soak < 200_000 {
		// Until it is full, the cache grows.
		before += uint64(*soak) * 500
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap has grown from %d KiB to %d KiB", before>>10, after>>10)
	}
	// Of each connection that is kept, one goroutine of ours waits for its end, and one
	// of the server.
	if n := runtime.NumGoroutine(); n > goroutines+32 {
		t.Errorf("there are %d goroutines, after %d", n, goroutines)
	}
}

func do(t *testing.T, client *http.Client, r *http.Request, want string) {
	response, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	if body, err := io.ReadAll(response.Body); string(body) != want || err != nil {
		t.Errorf("%q, %v, want %q", body, err, want)
	}
	response.Body.Close()
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
