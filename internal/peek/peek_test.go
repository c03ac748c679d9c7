package peek

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/headers"
)

// slow is a body that never ends and never comes, until it is closed.
type slow struct{ closed chan struct{} }

func (s *slow) Read([]byte) (int, error) { <-s.closed; return 0, io.ErrClosedPipe }
func (s *slow) Close() error             { close(s.closed); return nil }

func TestBody(t *testing.T) {
	long := strings.Repeat("a", 3*Max)
	for _, read := range []int{0, 1, Max, 2 * Max, 3 * Max} {
		b := New(io.NopCloser(strings.NewReader(long)))
		got, err := io.ReadAll(io.LimitReader(b, int64(read)))
		if err != nil || len(got) != read {
			t.Fatalf("%d, %v", len(got), err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		kept := b.Beginning(nil)
		if read == 0 && len(kept) != Max || read > 0 && len(kept) > Max || read >= Max && len(kept) != Max {
			t.Errorf("of %d bytes read %d are kept", read, len(kept))
		}
	}
}

func TestCloseDoesNotWait(t *testing.T) {
	b := New(&slow{make(chan struct{})})
	begin := time.Now()
	if err := b.Close(); err != nil || time.Since(begin) > 20*patience {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	if kept := b.Beginning(nil); kept != "" {
		t.Errorf("%q", kept)
	}
}

func TestDecode(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, "Disallowed CORS origin")
	w.Close()
	coded := headers.List{{Name: "Content-Encoding", Value: "gzip"}}
	if got := Decode(coded, z.Bytes()); got != "Disallowed CORS origin" {
		t.Errorf("%q", got)
	}
	if got := Decode(coded, z.Bytes()[:z.Len()-9]); !strings.HasPrefix("Disallowed CORS origin", got) {
		t.Errorf("%q", got)
	}
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		coded[0].Value = coding
		if got := Decode(coded, []byte("no such coding")); got != "" && coding != "br" {
			t.Errorf("%s: %q", coding, got)
		}
	}
	if got := Decode(nil, []byte("plain")); got != "plain" {
		t.Errorf("%q", got)
	}
}
