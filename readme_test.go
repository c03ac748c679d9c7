package corsim_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README's Go example is one that compiles and passes.
func TestREADMEExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("corstest/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	if block == nil || !strings.Contains(string(tests), string(block[1])) {
		t.Errorf("the README's first Go block does not stand in corstest/example_test.go:\n%s", block)
	}
}
