package corsim

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// phrases are those that a reader whose second language is English stumbles over, and what to
// write in their place.
var phrases = []struct {
	banned *regexp.Regexp
	say    string
}{
	{regexp.MustCompile(`\b[Mm]end(s|ed|ing)?\b`), "fix"},
	{regexp.MustCompile(`\bis none of\b`), "is not one of"},
	{regexp.MustCompile(`[a-z,] but for [a-z]`), "except"},
	{regexp.MustCompile(`\bleft away\b|\bleave it away\b`), "omitted, omit"},
	{regexp.MustCompile(`\bsomebody listens\b`), "a listener is registered"},
	{regexp.MustCompile(`\bcomes to be\b`), "becomes"},
	{regexp.MustCompile(`\bwould have it\b`), "requires"},
}

// TestEnglish keeps them out of the Go files and the documents.
func TestEnglish(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return filepath.SkipDir
		case entry.IsDir() || name == "english_test.go" || filepath.Ext(name) != ".go" && filepath.Ext(name) != ".md":
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, p := range phrases {
				if found := p.banned.FindString(line); found != "" {
					t.Errorf("%s:%d: %q: say %s", name, i+1, found, p.say)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
