package fetch_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsim/corsim/fetch"
)

// BenchmarkTransport fetches over loopback, on connections that are kept, what
// needs a preflight that is cached, beside a plain http.Client that asks the same
// server for the same in the same run.
func BenchmarkTransport(b *testing.B) {
	server := serveBench(b)
	newPage := func() *fetch.Page {
		page, err := fetch.NewPage("http://app.example", &fetch.PageOptions{Origin: "https://app.example"})
		if err != nil {
			b.Fatal(err)
		}
		return page
	}
	base := &http.Transport{MaxIdleConnsPerHost: 100}
	transport := &fetch.Transport{Page: newPage()}
	b.Cleanup(base.CloseIdleConnections)
	b.Cleanup(transport.CloseIdleConnections)
	clients := []struct {
		name      string
		transport http.RoundTripper
	}{
		{"http.Client", base},
		{"fetch.Transport", transport},
		{"fetch.Transport over net-http", &fetch.Transport{Page: newPage(), Client: &fetch.Client{Network: fetch.RoundTripper(base)}}},
	}
	get := func(b *testing.B, client *http.Client) {
		r, err := http.NewRequestWithContext(b.Context(), "GET", "http://"+server+"/things", nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("X-Requested-With", "benchmark")
		r.Header.Set("Accept", "application/json")
		response, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	for _, c := range clients {
		client := &http.Client{Transport: c.transport}
		b.Run("allocations/"+c.name, func(b *testing.B) {
			get(b, client)
			b.ReportAllocs()
			for b.Loop() {
				get(b, client)
			}
		})
	}
	// Taking turns, the clients have the same share of what else the machine does.
	const batch = 256
	for _, goroutines := range []int{1, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			took := make([][]time.Duration, len(clients))
			for b.Loop() {
				for i, c := range clients {
					client := &http.Client{Transport: c.transport}
					start := time.Now()
					var wg sync.WaitGroup
					for range goroutines {
						wg.Go(func() {
							for range batch / goroutines {
								get(b, client)
							}
						})
					}
					wg.Wait()
					took[i] = append(took[i], time.Since(start)/batch)
				}
			}
			b.ReportMetric(0, "ns/op")
			for i, c := range clients {
				slices.Sort(took[i])
				name := strings.ReplaceAll(c.name, " ", "-")
				b.ReportMetric(float64(took[i][len(took[i])/2].Nanoseconds()), "ns/"+name)
				if i > 0 {
					b.ReportMetric(float64(took[i][len(took[i])/2])/float64(took[0][len(took[0])/2]), "x/"+name)
				}
			}
		})
	}
}

const benchResponse = "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: application/json\r\n" +
	"Access-Control-Allow-Origin: https://app.example\r\nAccess-Control-Allow-Headers: X-Requested-With\r\n" +
	"Access-Control-Max-Age: 600\r\nVary: Origin\r\nContent-Length: 7\r\n\r\n{\"a\":1}"

// serveBench serves on loopback what costs next to nothing, and nothing more with
// more request headers, and returns its address.
func serveBench(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for br := bufio.NewReader(c); ; {
					line, err := br.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == len("\r\n") {
						io.WriteString(c, benchResponse)
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
