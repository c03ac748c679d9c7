package wire

import (
	"io"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// deflate is what DecodeContent takes for either form of it.
func TestDecodeContent(t *testing.T) {
	for _, test := range []struct{ coding, encoded, want string }{
		{"deflate", "\x78\x9c\x4b\x4c\x4a\x06\x00\x02\x4d\x01\x27", "abc"},
		{"deflate", "\x4b\x4c\x4a\x06\x00", "abc"},
		{"DEFLATE", "", ""},
		{"identity", "abc", "abc"},
		{"", "abc", "abc"},
		{"br", "abc", "abc"},
	} {
		l := headers.List{{Name: "Content-Encoding", Value: test.coding}}
		b := DecodeContent(l, body(test.encoded))
		got, err := io.ReadAll(b)
		if decoded := IsContentDecoded(l); decoded != (test.coding == "deflate" || test.coding == "DEFLATE") {
			t.Errorf("%q: decoded %t", test.coding, decoded)
		}
		if string(got) != test.want || err != nil || b.Close() != nil {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
	if got, err := io.ReadAll(DecodeContent(nil, body("x"))); string(got) != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	b := DecodeContent(headers.List{{Name: "content-encoding", Value: "gzip"}}, body("no gzip"))
	for range 2 { // the error stays
		if _, err := b.Read(make([]byte, 1)); err == nil {
			t.Error("no error")
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}

	// As many codings as a header can list must not cost what they would.
	many := headers.List{{Name: "Content-Encoding", Value: strings.Repeat("gzip,", MaxContentCodings) + "gzip"}}
	if _, err := DecodeContent(many, body("x")).Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "not be in more than 16 content codings") {
		t.Error(err)
	}
}
