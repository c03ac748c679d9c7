package contract

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
)

// things is the service of the README: it has forgotten that clients send JSON.
var things = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Origin")
	if r.Header.Get("Origin") == "https://app.example" {
		h.Set("Access-Control-Allow-Origin", "https://app.example")
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "X-Total-Count")
	}
	if r.Method == "OPTIONS" {
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "X-Api-Key")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("X-Total-Count", "3")
	h.Set("X-Internal", "1")
})

// TestREADME holds the README's contract and what it says is written about it to be
// true.
func TestREADME(t *testing.T) {
	blocks := regexp.MustCompile("(?s)\n```\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	c, err := Parse("cors.contract", blocks[0][1])
	if err != nil {
		t.Fatal(err)
	}
	options := Handler(things)
	options.Base = ""
	report, err := Run(t.Context(), c, options)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := report.Text(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(blocks[1][1], b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestREADMEReasons holds the README's table to have the reasons that the CORS check,
// preflights and redirects give.
func TestREADMEReasons(t *testing.T) {
	var want strings.Builder
	for _, reason := range cors.Reasons() {
		if reason.IsCORS() || reason == cors.MixedContent || reason.IsRedirect() && reason != cors.RedirectMode && reason != cors.RedirectBody {
			fmt.Fprintf(&want, "| `%s` | %s |\n", reason.String(), reason.Requirement())
		}
	}
	_, got, _ := strings.Cut(readme(t), "| what is not met |\n| --- | --- |\n")
	if diff := cmp.Diff(want.String(), got); diff != "" {
		t.Error(diff)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
