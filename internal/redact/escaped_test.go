package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestEscaped(t *testing.T) {
	for _, s := range []string{"", "plain", "ä€😀", "\x00\x1b[31m\x7f", "\u009b31m", "a\u202eb\u2066\u2029", "\U000E0001", "a\u00a0b"} {
		var b bytes.Buffer
		if err := json.NewEncoder(Escaped(&b)).Encode(s); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSuffix(b.String(), "\n")
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q is written as %q", s, text)
		}
		var got string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != s {
			t.Errorf("%q comes back as %q, %v", s, got, err)
		}
	}
}
