package wire

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

const benchResponse = "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: application/json\r\n" +
	"Access-Control-Allow-Origin: https://app.example\r\nAccess-Control-Allow-Credentials: true\r\nVary: Origin\r\nContent-Length: 2\r\n\r\n{}"

// BenchmarkRoundTrip asks a server that costs next to nothing, over one connection.
func BenchmarkRoundTrip(b *testing.B) {
	s := serve(b, func(_ int64, c net.Conn) {
		br := bufio.NewReader(c)
		for {
			line, err := br.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == len("\r\n") {
				io.WriteString(c, benchResponse)
			}
		}
	})
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	list := headers.List{{Name: "Accept", Value: "*/*"}, {Name: "Origin", Value: "https://app.example"}, {Name: "Referer", Value: "https://app.example/"}}
	network := newNetwork(b)
	b.Run("wire", func(b *testing.B) {
		r := get(s.url())
		r.Headers = list
		b.ReportAllocs()
		for b.Loop() {
			response, err := network.RoundTrip(b.Context(), r)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	})
	b.Run("net-http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.NewRequestWithContext(b.Context(), "GET", s.url(), nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header = list.Map()
			response, err := transport.RoundTrip(r)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	})
}

func BenchmarkParseResponse(b *testing.B) {
	for _, bench := range []struct{ name, raw string }{
		{"plain", benchResponse},
		{"a line continued without end", "HTTP/1.1 200 OK\r\na: b\r\n" + strings.Repeat(" c\r\n", 60_000) + "\r\n"},
		{"lines that are skipped", "HTTP/1.1 200 OK\r\n" + strings.Repeat("x y:\n", 50_000) + "\r\n"},
		{"many lengths", "HTTP/1.1 200 OK\r\n" + strings.Repeat("Content-Length:0\n", 15_000) + "\r\n"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.raw)))
			b.ReportAllocs()
			r := strings.NewReader(bench.raw)
			br := bufio.NewReader(r)
			for b.Loop() {
				r.Reset(bench.raw)
				br.Reset(r)
				response, err := ParseResponse(br, "GET")
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, response.Body)
			}
		})
	}
}
