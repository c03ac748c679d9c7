// Command build makes the page to try corsim on: a directory of files for any static host.
//
//	go run ./cmd/simulate/web/build [-o DIR] [-fast]
//
// The engine is this repository's, compiled to WebAssembly without what a page has no use for: sockets, TLS and
// net/http (tag nonetwork), and without inlining, which makes a sixth of the size. Beside each file that compresses
// there is one of Brotli (.br) and one of gzip (.gz), for hosts that serve those; -fast leaves them out.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"

	"github.com/corsim/corsim/cmd/simulate/web/site"
)

const module = "github.com/corsim/corsim"

func main() {
	log.SetFlags(0)
	log.SetPrefix("build: ")
	out := flag.String("o", "dist", "the directory, which is made")
	fast := flag.Bool("fast", false, "do not compress")
	flag.Parse()
	if err := build(*out, !*fast); err != nil {
		log.Fatal(err)
	}
}

func build(out string, compressed bool) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	files := site.Files()
	for _, name := range []string{site.AskForReal, site.AskForRealScript} {
		delete(files, name)
	}
	engine, err := compile()
	if err != nil {
		return err
	}
	files["simulate.wasm"] = engine
	if files["wasm_exec.js"], err = support(); err != nil {
		return err
	}
	files[site.ServiceWorker] = serviceWorker(files)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := write(filepath.Join(out, name), files[name], compressed); err != nil {
			return err
		}
	}
	return nil
}

// serviceWorker names in the service worker all other files, and their version.
func serviceWorker(files map[string][]byte) []byte {
	hash := sha256.New()
	list := []string{"./"}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n", name, len(files[name]))
		hash.Write(files[name])
		if name != site.ServiceWorker {
			list = append(list, name)
		}
	}
	names, _ := json.Marshal(list)
	return []byte(strings.NewReplacer(
		"VERSION", hex.EncodeToString(hash.Sum(nil))[:16], `["FILES"]`, string(names),
	).Replace(string(files[site.ServiceWorker])))
}

// compile returns the engine.
func compile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "corsim-page")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	overlay, err := overlay(dir)
	if err != nil {
		return nil, err
	}
	wasm := filepath.Join(dir, "simulate.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "nonetwork", "-overlay", overlay, "-gcflags=all=-l", "-ldflags=-s -w", "-o", wasm, module+"/cmd/simulate/web")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	return os.ReadFile(wasm)
}

// overlay has net/http and its cookie jar replaced by their stand-ins, as two libraries name types of theirs in
// functions that nothing here calls, and text/template by one that calls no methods; and returns the file that says so.
func overlay(dir string) (string, error) {
	root, err := goList("-f", "{{.Dir}}", module+"/cmd/simulate/web/standin/http")
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for pkg, standin := range map[string]string{
		"net/http": filepath.Join(root, "http.go"), "net/http/cookiejar": filepath.Join(root, "..", "cookiejar", "cookiejar.go"),
	} {
		at, err := goList("-f", "{{.Dir}}", pkg)
		if err != nil {
			return "", err
		}
		sources, err := filepath.Glob(filepath.Join(at, "*.go"))
		if err != nil {
			return "", err
		}
		for _, source := range sources {
			if !strings.HasSuffix(source, "_test.go") {
				replace[source], standin = standin, "" // the first has it, the others are gone
			}
		}
	}
	if err := withoutMethods(dir, replace); err != nil {
		return "", err
	}
	text, _ := json.Marshal(map[string]any{"Replace": replace})
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o666)
}

// withoutMethods replaces the file of text/template that finds methods by their names, for which the linker keeps each
// exported method of each type. No template here calls one: TestTemplatesCallNoMethod holds that.
func withoutMethods(dir string, replace map[string]string) error {
	at, err := goList("-f", "{{.Dir}}", "text/template")
	if err != nil {
		return err
	}
	source := filepath.Join(at, "exec.go")
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	const call = "method := ptr.MethodByName(fieldName);"
	if strings.Count(string(text), call) != 1 {
		return fmt.Errorf("%s is another one than expected: it has no %q", source, call)
	}
	replace[source] = filepath.Join(dir, "exec.go")
	return os.WriteFile(replace[source], []byte(strings.Replace(string(text), call, "method := (reflect.Value{});", 1)), 0o666)
}

// goList runs go list.
func goList(args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, &errs)
	}
	return strings.TrimSpace(string(text)), nil
}

// support returns the script with which Go's programs run in a browser.
func support() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
}

// write writes a file, and what it is compressed.
func write(name string, content []byte, compressed bool) error {
	if err := os.WriteFile(name, content, 0o666); err != nil || !compressed {
		return err
	}
	for suffix, writer := range map[string]func(io.Writer) io.WriteCloser{
		".br": func(w io.Writer) io.WriteCloser {
			return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
		},
		".gz": func(w io.Writer) io.WriteCloser {
			z, _ := gzip.NewWriterLevel(w, gzip.BestCompression)
			return z
		},
	} {
		var b bytes.Buffer
		w := writer(&b)
		if _, err := w.Write(content); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(name+suffix, b.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return nil
}
