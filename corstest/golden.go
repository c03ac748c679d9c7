package corstest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"

	"github.com/corsim/corsim/internal/transcript"
)

// updates reports whether golden files are to be written: the test has a flag -update, as many have, that is set, or the
// environment has CORSTEST_UPDATE.
func updates() bool {
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		return true
	}
	return os.Getenv("CORSTEST_UPDATE") != ""
}

// Golden asserts that what is sent and what comes of it, as a failure shows it, is what a file has, such as
// "testdata/things.golden". With the test's flag -update, where it has one, or CORSTEST_UPDATE=1 in the environment it is
// written instead. Values of headers are shown: do not have secrets in a test.
func (r *Result) Golden(file string) *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if r.failed {
		return r
	}
	r.askAgain()
	got := r.target + " in a page of " + r.tab.page.Origin().String() + "\n" + transcript.Together(r.attempts)
	if updates() {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return r.refuse("Golden: %v", err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			return r.refuse("Golden: %v", err)
		}
		return r
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return r.refuse("Golden: %v; run the test with -update or CORSTEST_UPDATE=1 to write it", err)
	}
	if want := strings.ReplaceAll(string(text), "\r\n", "\n"); want != got {
		r.failed = true
		r.tab.t.Errorf("%s in a page of %s\n  is not as in %s (- there, + here; -update or CORSTEST_UPDATE=1 writes it anew)\n%s", r.target, r.tab.page.Origin(), file, differences(want, got))
	}
	return r
}

// differences shows the lines of two texts from the first that differs to the last.
func differences(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var lines []string
	if start > 0 {
		lines = append(lines, "    "+a[start-1])
	}
	for _, line := range a[start : len(a)-end] {
		lines = append(lines, "  - "+line)
	}
	for _, line := range b[start : len(b)-end] {
		lines = append(lines, "  + "+line)
	}
	return strings.Join(lines, "\n")
}
