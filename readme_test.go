package corsim_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestREADMEExamples holds the README's Go examples to be functions that are compiled
// and run in tests, and the failure beside the first to be what an example of package
// corstest prints.
func TestREADMEExamples(t *testing.T) {
	blocks := readmeBlocks(t, "go")
	examples := []struct{ file, function string }{
		{"corstest/example_test.go", "TestThings"},
		{"corstest/load_test.go", "TestCDN"},
		{"fetch/example_test.go", "newBrowser"},
	}
	if len(blocks) != len(examples) {
		t.Fatalf("README.md has %d blocks of Go, not %d", len(blocks), len(examples))
	}
	for i, example := range examples {
		_, functions := parse(t, example.file)
		if diff := cmp.Diff(functions[example.function], blocks[i]); diff != "" {
			t.Errorf("-%s +README.md:\n%s", example.file, diff)
		}
	}
	parsed, _ := parse(t, examples[0].file)
	for _, example := range doc.Examples(parsed) {
		if example.Name != "Result_Allowed" {
			continue
		}
		if diff := cmp.Diff(strings.TrimSpace(example.Output), strings.TrimSpace(readmeBlocks(t, "text")[0])); diff != "" {
			t.Errorf("-%s +README.md:\n%s", examples[0].file, diff)
		}
		return
	}
	t.Error("there is no example that fails")
}

// parse parses a file, and returns the source of its functions as well.
func parse(t *testing.T, file string) (*ast.File, map[string]string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	functions := make(map[string]string)
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok {
			functions[f.Name.Name] = string(source[positions.Position(f.Pos()).Offset:positions.Position(f.End()).Offset]) + "\n"
		}
	}
	return parsed, functions
}

// readmeBlocks returns the README's blocks of a language.
func readmeBlocks(t *testing.T, language string) (blocks []string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```").FindAllSubmatch(readme, -1) {
		blocks = append(blocks, string(block[1]))
	}
	if blocks == nil {
		t.Fatalf("README.md has no block of %s", language)
	}
	return blocks
}

// TestDocumentsNameFiles holds the paths in what contributors read to be there, so that a recipe leads nowhere
// that has moved. A name in capitals stands for one to choose.
func TestDocumentsNameFiles(t *testing.T) {
	named := regexp.MustCompile("`\\.?([a-z0-9_.-]+/[A-Za-z0-9_./{},-]*)`")
	for _, document := range []string{"CONTRIBUTING.md", "SECURITY.md", "internal/recipe/README.md"} {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		paths := named.FindAllStringSubmatch(string(text), -1)
		if document == "CONTRIBUTING.md" && len(paths) < 10 {
			t.Errorf("%s names only %d paths", document, len(paths))
		}
		for _, path := range paths {
			name := strings.Trim(path[0], "`")
			if strings.ContainsAny(name, "{") || regexp.MustCompile("(^|[/_.])[A-Z]{2,}").MatchString(name) {
				continue
			}
			if _, err := os.Stat(name); err != nil {
				t.Errorf("%s names %s, which is not there", document, name)
			}
		}
	}
}
