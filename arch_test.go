package corsim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/corsim/corsim"

// mayImport holds the direction in which data goes: what a package of this module
// may import of the others, directly. "…" stands for all that fetch is made of, and
// fetch. What is not named may import whatever it likes but commands.
var mayImport = map[string]string{
	"headers":        "",
	"origin":         "",
	"weburl":         "origin",
	"cors":           "headers origin weburl internal/quirks",
	"preflightcache": "headers internal/quirks",
	"httpcache":      "headers internal/quirks",
	"browser":        "internal/quirks headers cors preflightcache httpcache weburl",
	"wire":           "headers origin cors internal/quirks",
	"fetch":          "internal/csp internal/quirks internal/status headers origin cors preflightcache httpcache browser wire weburl",
	"cookies":        "…",
	"corstest":       "… cookies internal/transcript internal/contract internal/probe",
	"wpt":            "… cookies internal/scenario internal/transcript wpt/server testdata/wpt",
	"wpt/server":     "headers",

	"monitor": "headers cors browser weburl origin internal/quirks internal/asker internal/explain internal/redact",

	"internal/ci":            "",
	"internal/quirks":        "headers",
	"internal/peek":          "headers",
	"internal/status":        "",
	"internal/nearest":       "",
	"internal/schema":        "",
	"internal/recipe":        "headers origin internal/nearest",
	"internal/explain":       "headers origin cors weburl internal/recipe",
	"internal/record":        "headers origin cors weburl internal/redact",
	"internal/transcript":    "… internal/explain internal/redact internal/peek internal/status",
	"internal/scenario":      "… cookies internal/nearest internal/status",
	"internal/asker":         "headers",
	"internal/replay":        "… internal/record internal/explain internal/asker internal/redact cookies",
	"internal/replay/report": "… internal/record internal/explain internal/replay internal/ci internal/redact internal/jsonappend",
	"internal/replay/share":  "… internal/record internal/redact internal/jsonappend",
	"internal/redact":        "headers origin weburl internal/status",
	"internal/jsonappend":    "… internal/redact",
	"internal/probe":         "… internal/explain internal/recipe internal/redact internal/peek",
	"internal/contract":      "… cookies internal/explain internal/transcript internal/redact",

	"internal/contract/report": "internal/ci internal/contract",

	"cmd/simulate/internal/check":        "… internal/explain internal/recipe internal/redact internal/transcript cookies internal/probe",
	"cmd/simulate/internal/console":      "internal/explain internal/recipe internal/redact",
	"cmd/simulate/internal/devtools":     "headers cmd/simulate/internal/duration",
	"cmd/simulate/internal/duration":     "",
	"cmd/simulate/internal/network":      "…",
	"cmd/simulate/internal/page":         "… internal/explain internal/recipe internal/redact internal/transcript internal/probe internal/contract internal/scenario internal/record internal/replay internal/replay/report internal/replay/share cmd/simulate/internal/check cmd/simulate/internal/console cmd/simulate/internal/devtools cmd/simulate/internal/recordings",
	"cmd/simulate/internal/recordings":   "weburl internal/record internal/replay",
	"cmd/simulate/internal/serve":        "fetch cmd/simulate/internal/page cmd/simulate/web/site",
	"cmd/simulate/internal/stdio":        "… cookies internal/scenario cmd/simulate/internal/duration",
	"cmd/simulate/web/site":              "internal/replay/report",
	"cmd/simulate/web/build":             "cmd/simulate/web/site",
	"cmd/simulate/web/standin/http":      "",
	"cmd/simulate/web/standin/cookiejar": "",
}

// withoutNetwork are the packages that decide and remember. net/http has no place
// in them, nor below them, except publicSuffix, which imports it for the sake of
// an interface of net/http/cookiejar.
var withoutNetwork = []string{"headers", "origin", "cors", "preflightcache", "httpcache", "browser", "internal/recipe", "internal/explain", "weburl"}

const publicSuffix = "golang.org/x/net/publicsuffix"

// A goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// listPackages returns the packages of this module and all that they import.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// short returns the path of a package of this module from its root.
func short(importPath string) (path string, ours bool) {
	return strings.CutPrefix(importPath, module+"/")
}

func TestDirectionOfImports(t *testing.T) {
	engine := mayImport["fetch"] + " fetch"
	packages := listPackages(t)
	imports := map[string][]string{}
	for _, p := range packages {
		imports[p.ImportPath] = p.Imports
	}
	for _, p := range packages {
		path, ours := short(p.ImportPath)
		if !ours {
			continue
		}
		allowed, named := mayImport[path]
		list := strings.Fields(strings.ReplaceAll(allowed, "…", engine))
		for _, imported := range p.Imports {
			imported, ours := short(imported)
			switch {
			case !ours:
			case named && !slices.Contains(list, imported):
				t.Errorf("%s imports %s: it may import %s", path, imported, list)
			case strings.HasPrefix(imported, "cmd/simulate/") && strings.HasPrefix(path, "cmd/simulate"):
			case strings.HasPrefix(imported, "cmd/"):
				t.Errorf("%s imports %s: only the command itself imports what is the command's", path, imported)
			}
		}
	}
	for _, path := range withoutNetwork {
		if imports[module+"/"+path] == nil {
			t.Errorf("there is no package %s: the test checks nothing for it", path)
		}
		if way := wayTo("net/http", module+"/"+path, imports, map[string]bool{publicSuffix: true}); way != nil {
			t.Errorf("%s: net/http is below fetch, where nothing does I/O", strings.Join(way, " imports "))
		}
	}
}

// wayTo returns how from comes to import target, and nil where it does not but
// through what is seen already.
func wayTo(target, from string, imports map[string][]string, seen map[string]bool) []string {
	if from == target {
		return []string{target}
	}
	seen[from] = true
	for _, next := range imports[from] {
		if !seen[next] {
			if way := wayTo(target, next, imports, seen); way != nil {
				return append([]string{from}, way...)
			}
		}
	}
	return nil
}

// The rules themselves have one direction: no package may, by way of others,
// import itself.
func TestRulesHaveNoCycle(t *testing.T) {
	engine := mayImport["fetch"] + " fetch"
	var visit func(path string, under []string)
	visit = func(path string, under []string) {
		if slices.Contains(under, path) {
			t.Fatalf("a cycle: %s", strings.Join(append(under, path), " → "))
		}
		for _, next := range strings.Fields(strings.ReplaceAll(mayImport[path], "…", engine)) {
			visit(next, append(slices.Clone(under), path))
		}
	}
	for path := range mayImport {
		visit(path, nil)
	}
}
