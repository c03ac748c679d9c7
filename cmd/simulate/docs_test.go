package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/lab/demo"
)

// documents are the pages whose commands are run, as names from the root.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 9 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	return append(pages, "../../README.md")
}

// A block is one between fences.
type block struct {
	language, file string // what is behind the fence: ```LANGUAGE file=NAME
	text           string
	begin, end     int // of the text, in the page
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)([^\n]*)\n(.*?)^```$")

func blocks(page string) (all []block) {
	for _, m := range fence.FindAllStringSubmatchIndex(page, -1) {
		_, file, _ := strings.Cut(page[m[4]:m[5]], "file=")
		all = append(all, block{page[m[2]:m[3]], file, page[m[6]:m[7]], m[6], m[7]})
	}
	return all
}

// demoAddress is what the pages call the server that docs/server starts.
const demoAddress = "127.0.0.1:8080"

// TestDocuments runs each command of a block of language console, which is behind "$ ", and
// compares what it prints with what is there; a line "..." is any lines. Blocks with file= are
// files beside which the commands run. With -update, what is printed is written into the pages,
// except where it is shortened by "...".
func TestDocuments(t *testing.T) {
	server := httptest.NewServer(demo.Handler())
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, name := range documents(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page := string(content)
		dir := t.TempDir()
		root, err := filepath.Abs("../..")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(root, "testdata"), filepath.Join(dir, "testdata")); err != nil {
			t.Fatal(err)
		}
		updated, at := "", 0
		for _, b := range blocks(page) {
			if b.file != "" {
				if err := os.WriteFile(filepath.Join(dir, b.file), []byte(strings.ReplaceAll(b.text, demoAddress, u.Host)), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if b.language != "console" {
				continue
			}
			text := ""
			for _, c := range shownRuns(b.text) {
				ran++
				got := runShell(t, dir, strings.ReplaceAll(c.line, demoAddress, u.Host))
				got = strings.ReplaceAll(got, u.Host, demoAddress)
				if *update && !strings.Contains(c.output, "\n...\n") && !strings.HasPrefix(c.output, "...\n") {
					c.output = got
				} else if !matches(c.output, got) {
					t.Errorf("%s: $ %s\n-page +printed:\n%s", name, c.line, cmp.Diff(c.output, got))
				}
				text += "$ " + c.line + "\n" + c.output
			}
			updated, at = updated+page[at:b.begin]+text, b.end
		}
		updated += page[at:]
		if *update && updated != page {
			if err := os.WriteFile(name, []byte(updated), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ran < 15 {
		t.Errorf("only %d commands are run", ran)
	}
}

// A commandRun is a command line in a page, and what it prints.
type commandRun struct{ line, output string }

func shownRuns(text string) (runs []commandRun) {
	for line := range strings.Lines(text) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			runs = append(runs, commandRun{line: strings.TrimSuffix(command, "\n")})
		} else if n := len(runs); n > 0 {
			runs[n-1].output += line
		}
	}
	return runs
}

func runShell(t *testing.T, dir, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_PROXY=*", "NO_COLOR=1", "COLUMNS=100", "LC_ALL=C")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("%s: %v", line, err)
	}
	return out.String()
}

// matches reports whether what is printed is what a page shows.
func matches(shown, printed string) bool {
	var pattern strings.Builder
	pattern.WriteString("(?s)^")
	for line := range strings.Lines(shown) {
		if line == "...\n" {
			pattern.WriteString("(?:[^\n]*\n)*")
		} else {
			pattern.WriteString(regexp.QuoteMeta(line))
		}
	}
	ok, err := regexp.MatchString(pattern.String()+"$", printed)
	return err == nil && ok
}

// Every command line in a page has flags that there are, and values that they take, also where
// its output is not shown.
func TestDocumentsNameFlags(t *testing.T) {
	line := regexp.MustCompile(`(?m)(?:^|[ |(])simulate ((?:[^|;&>\n\x60]|\\\n)+)`)
	n := 0
	for _, name := range documents(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(commandsOf(string(content)), -1) {
			words := shellWords(strings.ReplaceAll(m[1], "\\\n", " "))
			if len(words) == 0 || words[0] == "help" || words[0] == completeWord {
				continue
			}
			c := find(words[0])
			if c == nil {
				t.Errorf("%s: there is no command %q: simulate %s", name, words[0], m[1])
				continue
			}
			n++
			f, _ := c.flags(new(colorMode))
			if _, err := f.parse(words[1:]); err != nil && err != errHelp && !placeholders.MatchString(m[1]) {
				t.Errorf("%s: simulate %s: %v", name, m[1], err)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d command lines are found", n)
	}
}

// placeholders are what a reader puts something else in place of.
var placeholders = regexp.MustCompile(`\b(ORIGIN|NAME|URL|FILE|ID|COMMAND|PAGE)\b`)

// commandsOf returns the lines of a page that are commands: in blocks of console and sh, in
// those that are indented, and in code within text.
func commandsOf(page string) string {
	var b strings.Builder
	for _, block := range blocks(page) {
		for line := range strings.Lines(block.text) {
			line, prompt := strings.CutPrefix(line, "$ ")
			if prompt || block.language == "sh" {
				b.WriteString(line)
			}
		}
	}
	text := fence.ReplaceAllString(page, "")
	for _, m := range regexp.MustCompile("`(simulate [^`\n]+)`|(?m)^    ((?:go run ./cmd/)?simulate .*)$").FindAllStringSubmatch(text, -1) {
		b.WriteString(strings.TrimPrefix(m[1]+m[2], "go run ./cmd/") + "\n")
	}
	return b.String()
}

// shellWords splits a line as a shell does, as far as these pages need it; a comment ends it.
func shellWords(line string) (words []string) {
	for _, m := range regexp.MustCompile(`#.*|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+)`).FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(m[0], "#") {
			break
		}
		words = append(words, m[1]+m[2]+m[3])
	}
	return words
}

// Links lead to files and headings that there are.
func TestDocumentsLink(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	names := append(documents(t), "../../CONTRIBUTING.md", "../../SECURITY.md", "../../CHANGELOG.md")
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(content), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if u, err := url.Parse(m[1]); err != nil || u.Scheme != "" && (u.Scheme != "https" || u.Host == "") {
				t.Errorf("%s: %s is no link", name, m[1])
			} else if u.Scheme != "" {
				continue
			}
			file := name
			if target != "" {
				file = path.Join(path.Dir(filepath.ToSlash(name)), target)
			}
			linked, err := os.ReadFile(file)
			if info, statErr := os.Stat(file); statErr == nil && info.IsDir() && anchor == "" {
				continue
			}
			if err != nil {
				t.Errorf("%s: the link %s: %v", name, m[1], err)
				continue
			}
			headings := heading.FindAllStringSubmatch(string(linked), -1)
			if anchor != "" && !slices.ContainsFunc(headings, func(h []string) bool { return anchorOf(h[1]) == anchor }) {
				t.Errorf("%s: the link %s: there is no such heading", name, m[1])
			}
		}
	}
}

// anchorOf is the anchor that hosts of Markdown give a heading.
func anchorOf(heading string) string {
	heading = strings.ToLower(heading)
	heading = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(heading, "")
	return strings.ReplaceAll(heading, " ", "-")
}

// The exit statuses are on a page, and the README is no longer than it should be.
func TestDocumentsAreWhole(t *testing.T) {
	interfaces, err := os.ReadFile("../../docs/interfaces.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range exitStatuses {
		if !strings.Contains(string(interfaces), fmt.Sprintf("%d  %s", s.status, s.meaning)) {
			t.Errorf("docs/interfaces.md does not say what exit status %d is", s.status)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(readme, []byte("\n")); n > 250 {
		t.Errorf("README.md has %d lines, more than 250", n)
	}
	for _, c := range commands() {
		if !regexp.MustCompile("(?m)^\\|.*`(simulate )?" + c.name + "[` ]").Match(readme) {
			t.Errorf("README.md's table of subcommands has no row with %s", c.name)
		}
	}
}

// Every block of Go is part of a file that is compiled.
func TestDocumentsGo(t *testing.T) {
	var source strings.Builder
	for _, dir := range []string{"../../docs", "../../corstest", "../../fetch", "../../monitor"} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			source.WriteString(unindented(string(text)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range documents(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(string(content)) {
			if b.language == "go" && !strings.Contains(source.String(), unindented(b.text)) {
				t.Errorf("%s: this is in no test of docs, corstest, fetch or monitor:\n%s", name, b.text)
			}
		}
	}
}

// unindented is a text without what begins its lines, and what is behind the code of a line.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+| +//.*$`).ReplaceAllString(text, "")
}
