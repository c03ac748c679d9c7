package status

import (
	"net/http"
	"testing"
)

func TestPhrasesAreThoseOfNetHTTP(t *testing.T) {
	for code := range 1100 {
		if got, want := Text(code), http.StatusText(code); got != want {
			t.Errorf("Text(%d) = %q; want %q", code, got, want)
		}
	}
}
