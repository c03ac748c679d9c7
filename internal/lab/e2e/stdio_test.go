//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStdioExamples runs the documented examples of driving simulate stdio from
// other languages.
func TestStdioExamples(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "http://app.example")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		if r.URL.Path == "/put" {
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
		}
	}))
	defer server.Close()
	for _, example := range []struct{ language, command, file string }{
		{"js", "node", "example.mjs"},
		{"python", "python3", "example.py"},
	} {
		code := regexp.MustCompile("(?s)```" + example.language + "\n(.*?)```").FindSubmatch(text)
		if code == nil {
			t.Errorf("the README has no block of %s", example.language)
			continue
		}
		file := filepath.Join(dir, example.file)
		if err := os.WriteFile(file, code[1], 0o666); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{"/put": "response 200", "/": "network-error method-not-allowed"} {
			cmd := exec.Command(example.command, file, server.URL+path)
			cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_PROXY=*")
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("%s %s: got %q, %v, want %q", example.command, path, got, err, want)
			}
		}
	}
}
