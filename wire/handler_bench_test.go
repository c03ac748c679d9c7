package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

// BenchmarkHandler asks a handler in process, beside what httptest's recorder
// takes, which imitates the server and forgets what it would put on the wire.
func BenchmarkHandler(b *testing.B) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		io.WriteString(w, "{}")
	})
	b.Run("server", func(b *testing.B) {
		network := wire.Handler(h)
		r := &wire.Request{Method: "GET", URL: "https://api.example/things", Headers: headers.List{
			{Name: "Accept", Value: "*/*"}, {Name: "Origin", Value: "https://app.example"},
		}}
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
	b.Run("recorder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "https://api.example/things", nil))
		}
	})
}
