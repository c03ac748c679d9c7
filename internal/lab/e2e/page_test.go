//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lookAt looks at a page in Chromium, and returns what is wrong with it, a line each.
func lookAt(t *testing.T, page string) string {
	t.Helper()
	program(t, "chromium", "chromium")
	cmd := exec.Command(program(t, "node", "nodejs"), "testdata/report.mjs", page)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &errs)
	}
	return strings.TrimSpace(string(out))
}

// TestPage looks at the page that replay --html writes: at 1280 and 390 pixels, light and
// dark, with scripts and without.
func TestPage(t *testing.T) {
	run := simulate(t)
	page := filepath.Join(t.TempDir(), "page.html")
	for _, recordings := range [][]string{
		{"../../../testdata/recordings/chromium-devtools.har"},
		{"../../../testdata/recordings/firefox.har", "../../../testdata/recordings/webkit.har"},
		{"../../../internal/replay/report/testdata/mixed.har"},
	} {
		run(append([]string{"replay", "--browser", "all", "--all", "--html", page}, recordings...)...)
		if wrong := lookAt(t, page); wrong != "" {
			t.Errorf("%v:\n%s", recordings, wrong)
		}
	}
}

// TestPageFindsErrors shows that what is wrong with a page is found.
func TestPageFindsErrors(t *testing.T) {
	run := simulate(t)
	dir := t.TempDir()
	page := filepath.Join(dir, "page.html")
	run("replay", "--html", page, "../../../testdata/recordings/chromium-devtools.har")
	// The policy would keep another script from running.
	text := strings.Replace(read(t, page), `http-equiv="Content-Security-Policy"`, `name="policy"`, 1)
	for _, test := range []struct{ old, new, want string }{
		{"<main>", `<main style="width:1400px">`, "pixels too wide"},
		{"--dim: #9aa6b2", "--dim: #555", "dark, without scripts: the contrast of"},
		{"<main>", `<main><img src="https://example.com/x.png">`, "it asks for https://example.com/x.png"},
		{`"use strict";`, `"use strict"; console.log("x"); setTimeout(() => { throw 1; });`, "exception: "},
		{`class="row`, `hidden class="row`, "without scripts: no request is there"},
		{"show = classes", "show = !classes", "the search for"},
		{`href="#r`, `href="#s`, "a link does not open its request"},
	} {
		if !strings.Contains(text, test.old) {
			t.Fatalf("the page has no %s", test.old)
		}
		broken := filepath.Join(files(t, map[string]string{"page.html": strings.ReplaceAll(text, test.old, test.new)}), "page.html")
		if wrong := lookAt(t, broken); !strings.Contains(wrong, test.want) {
			t.Errorf("%s is taken for right, want %q:\n%s", test.new, test.want, wrong)
		}
	}
}
