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

// TestREADMEExample holds the README's Go example to be a test that is compiled and
// run, and the failure beside it to be what an example of package corstest prints.
func TestREADMEExample(t *testing.T) {
	const file = "corstest/example_test.go"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	compiled := make(map[string]string)
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok {
			compiled[f.Name.Name] = string(source[positions.Position(f.Pos()).Offset:positions.Position(f.End()).Offset]) + "\n"
		}
	}
	if diff := cmp.Diff(compiled["TestThings"], readmeBlock(t, "go")); diff != "" {
		t.Errorf("-%s +README.md:\n%s", file, diff)
	}
	for _, example := range doc.Examples(parsed) {
		if example.Name != "Result_Allowed" {
			continue
		}
		if diff := cmp.Diff(strings.TrimSpace(example.Output), strings.TrimSpace(readmeBlock(t, "text"))); diff != "" {
			t.Errorf("-%s +README.md:\n%s", file, diff)
		}
		return
	}
	t.Error("there is no example that fails")
}

// readmeBlock returns the README's first block of a language.
func readmeBlock(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatalf("README.md has no block of %s", language)
	}
	return string(block[1])
}
