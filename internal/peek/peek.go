// Package peek reads the beginning of a response's body for the person who asks why a
// request failed: servers say there what they refuse.
package peek

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/corsim/corsim/headers"
)

// Max is how many bytes of a body are kept: enough for what servers say at its beginning.
const Max = 4096

// patience is how long a body is waited for that nobody reads: most of it is there with
// the headers, and a stream never ends.
const patience = 300 * time.Millisecond

// A Body is a response's body of which the beginning is kept. It reads on its own account
// only when it is closed before anybody has read from it.
type Body struct {
	io.ReadCloser
	kept []byte
	read bool
}

// New returns a body that keeps the beginning of another.
func New(body io.ReadCloser) *Body { return &Body{ReadCloser: body} }

// Read reads from the body.
func (b *Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read = true
	b.keep(p[:n])
	return n, err
}

func (b *Body) keep(p []byte) {
	if room := Max - len(b.kept); room > 0 {
		b.kept = append(b.kept, p[:min(room, len(p))]...)
	}
}

// Close closes the body. Of one that nobody has read it takes the beginning first.
func (b *Body) Close() error {
	if b.read {
		return b.ReadCloser.Close()
	}
	b.read = true
	done := make(chan []byte, 1)
	go func() {
		beginning, _ := io.ReadAll(io.LimitReader(b.ReadCloser, Max)) // what came before an error will do
		done <- beginning
	}()
	select {
	case beginning := <-done:
		b.keep(beginning)
		return b.ReadCloser.Close()
	case <-time.After(patience):
		return b.ReadCloser.Close() // which ends the reading
	}
}

// Beginning returns what was kept, without the content codings that the response's headers
// name, as far as it can be decoded.
func (b *Body) Beginning(response headers.List) string { return Decode(response, b.kept) }

// Decode returns the beginning of a body without the content codings that the response's
// headers name, as far as it can be decoded.
func Decode(response headers.List, encoded []byte) string {
	codings := response.GetDecodeAndSplit("Content-Encoding")
	for i := len(codings) - 1; i >= 0 && len(encoded) > 0; i-- {
		encoded = decode(headers.Lower(strings.TrimSpace(codings[i])), encoded)
	}
	return string(encoded)
}

func decode(coding string, encoded []byte) []byte {
	source := bytes.NewReader(encoded)
	var decoded io.Reader
	switch coding {
	case "gzip", "x-gzip":
		if z, err := gzip.NewReader(source); err == nil {
			decoded = z
		}
	case "deflate":
		if z, err := zlib.NewReader(source); err == nil {
			decoded = z
		}
	case "br":
		decoded = brotli.NewReader(source)
	case "zstd":
		if z, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)); err == nil {
			defer z.Close()
			decoded = z
		}
	default:
		return encoded
	}
	if decoded == nil {
		return nil
	}
	beginning, _ := io.ReadAll(io.LimitReader(decoded, Max)) // it ends where the beginning does
	return beginning
}
