package fetch_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// encoders are of the content codings.
var encoders = map[string]func(io.Writer) io.WriteCloser{
	"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 1) },
	"zstd": func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			panic(err)
		}
		return z
	},
	"raw deflate": func(w io.Writer) io.WriteCloser {
		z, err := flate.NewWriter(w, flate.BestSpeed)
		if err != nil {
			panic(err)
		}
		return z
	},
}

// zeros encodes n zeros.
func zeros(t *testing.T, coding string, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := encoders[coding](&b)
	piece := make([]byte, 1<<20)
	for n > 0 {
		m, err := w.Write(piece[:min(n, len(piece))])
		if err != nil {
			t.Fatal(err)
		}
		n -= m
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A one answers all requests with a body in a content coding.
type one struct {
	coding string
	body   io.Reader
}

func (o one) RoundTrip(context.Context, *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	return &fetch.NetworkResponse{Status: 200, Headers: headers.List{{Name: "Content-Encoding", Value: o.coding}}, Body: io.NopCloser(o.body)}, nil
}

// A body that is kept until it is known to match integrity metadata is kept only up to a
// bound, whatever its content codings make of it.
func TestIntegrityOfBombs(t *testing.T) {
	const most = fetch.MaxIntegrityBody
	nested := zeros(t, "gzip", most+1)
	for range 3 {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(nested)
		w.Close()
		nested = b.Bytes()
	}
	for _, test := range []struct {
		name, coding string
		body         io.Reader
	}{
		{"gzip", "gzip", bytes.NewReader(zeros(t, "gzip", most+1))}, {"deflate", "deflate", bytes.NewReader(zeros(t, "deflate", most+1))},
		{"raw deflate", "deflate", bytes.NewReader(zeros(t, "raw deflate", most+1))},
		{"br", "br", bytes.NewReader(zeros(t, "br", most+1))}, {"zstd", "zstd", bytes.NewReader(zeros(t, "zstd", most+1))},
		{"gzip in gzip", "gzip, gzip, gzip, gzip", bytes.NewReader(nested)},
		{"no coding, without an end", "identity", endless{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := fetch.NewPage("https://a.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			request, err := fetch.NewRequest(page, "https://a.test/x", &fetch.Init{Integrity: "sha256-AAAA"})
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err = (&fetch.Client{Network: one{test.coding, test.body}}).Do(t.Context(), request)
			runtime.ReadMemStats(&after)
			if cors.ReasonOf(err) != cors.Integrity || !strings.Contains(err.Error(), "more than the 64 MiB") {
				t.Errorf("got %v", err)
			}
			const decoder = 48 << 20
			if used := after.TotalAlloc - before.TotalAlloc; used > most+decoder {
				t.Errorf("%d MiB are allocated", used>>20)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Blocks that hold nothing make nothing of any number of bytes: what is kept of them, for
// engines that take a body in a wrong coding as it is, is bounded.
func TestEmptyBlocks(t *testing.T) {
	const blocks = 4 << 20 // of five bytes each
	body := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x00\x00\x00\xff\xff", blocks) + "\x07"
	for _, engine := range []*browser.Engine{browser.Standard(), browser.WebKit(), browser.Chromium(), browser.Firefox()} {
		page, err := fetch.NewPage("https://a.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request, err := fetch.NewRequest(page, "https://a.test/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		response, err := (&fetch.Client{Engine: engine, Network: one{"gzip", strings.NewReader(body)}}).Do(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); cors.ReasonOf(err) != cors.ContentCoding {
			t.Errorf("%s: the body ends with %v", engine.Name(), err)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("%s: %d KiB are allocated", engine.Name(), used>>10)
		}
	}
}
