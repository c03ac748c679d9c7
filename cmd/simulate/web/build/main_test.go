package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/corsim/corsim/cmd/simulate/web/site"
)

// What the page is built with calls no method from a template: the packages with templates pass their tests with the
// file of text/template that the page has.
func TestTemplatesCallNoMethod(t *testing.T) {
	dir := t.TempDir()
	replace := map[string]string{}
	if err := withoutMethods(dir, replace); err != nil {
		t.Fatal(err)
	}
	overlay := dir + "/overlay.json"
	text, _ := json.Marshal(map[string]any{"Replace": replace})
	if err := os.WriteFile(overlay, text, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "-overlay", overlay, "-run", "Golden|Recipe|Configure|Explain", module+"/internal/recipe", module+"/internal/replay/report", module+"/cmd/simulate/internal/page")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestServiceWorkerNamesAllFiles(t *testing.T) {
	files := site.Files()
	files["simulate.wasm"] = []byte("engine")
	worker := string(serviceWorker(files))
	for name := range files {
		if name != site.ServiceWorker && !strings.Contains(worker, `"`+name+`"`) {
			t.Errorf("the service worker does not keep %s", name)
		}
	}
	files["simulate.wasm"] = []byte("another")
	if string(serviceWorker(files)) == worker {
		t.Error("another engine makes no other version")
	}
}

// go generate says nothing of a directory in which it runs nothing.
func TestGenerateBuilds(t *testing.T) {
	cmd := exec.Command("go", "generate", "-n", "./...")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "go run ../build -o ../dist" {
		t.Errorf("go generate runs %q, %v", out, err)
	}
}
