package spec_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/internal/lab/spec"
)

const before = `<div algorithm><p>To <dfn id=check>check</dfn>: <ol>
<li><p>Let <var>a</var> be null.
<li><p>If it is set: <ol><li>Do one thing. <li>Do another.</ol>
<li><p>Return. <p class=note>A note does not count.</ol></div>`

const after = `<div algorithm><p>To <dfn id=check>check</dfn>: <ol>
<li><p>Assert: it is set.
<li><p>Let <var>a</var> be
 null.
<li><p>If it is set: <ol><li>Do one other thing. <li>Do another.</ol>
<li><p>Return. <p class=note>Another note.</ol></div>
<div algorithm><p>To <dfn>check it again</dfn>: <ol><li>Return.</ol></div>`

func read(t *testing.T, source string) []spec.Step {
	t.Helper()
	steps, err := spec.Read(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

func TestDiff(t *testing.T) {
	var got []string
	for _, c := range spec.Diff(read(t, before), read(t, after)) {
		got = append(got, strings.TrimSpace(c.Algorithm+" "+c.Number+" "+c.What+" "+c.To))
	}
	want := []string{
		"check 1 moved 2", "check 2 moved 3", "check 2.1 removed", "check 2.2 moved 3.2", "check 3 moved 4",
		"check 1 added", "check 3.1 added", "check-it-again 1 added",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if same := spec.Diff(spec.Known(), spec.Known()); len(same) != 0 {
		t.Errorf("the snapshot differs from itself: %v", same)
	}
}

var (
	anchor    = regexp.MustCompile(`https://fetch\.spec\.whatwg\.org/#(\S+)`)
	mentioned = regexp.MustCompile(`[Ss]teps? (\d[\d.]*\d|\d)(?:(?:,| and| to) (\d[\d.]*\d|\d))?`)
	inWords   = regexp.MustCompile(`^// Steps? \d[\d.]*[.,:] \S+ \S+`)
)

// TestStepComments holds each comment that names a step of the standard to a step that there
// is, in the algorithm whose anchor the function's doc comment has, and to say in words what
// the step does.
func TestStepComments(t *testing.T) {
	steps := make(map[string][]string)
	for _, s := range spec.Known() {
		steps[s.Algorithm] = append(steps[s.Algorithm], s.Number)
	}
	count := 0
	for _, pattern := range []string{"../../../fetch/*.go", "../../../cors/*.go", "../../../preflightcache/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || files == nil {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			positions := token.NewFileSet()
			file, err := parser.ParseFile(positions, name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, group := range file.Comments {
				text := group.List[0].Text
				if !strings.HasPrefix(text, "// Step") {
					continue
				}
				at := positions.Position(group.Pos())
				count++
				if !inWords.MatchString(text) {
					t.Errorf("%s: %q does not say what the step does", at, text)
				}
				algorithm := algorithmAround(file, group.Pos())
				all, ok := steps[algorithm]
				if !ok {
					all, ok = steps["concept-"+algorithm]
				}
				if !ok {
					t.Errorf("%s: the function around %q has no anchor of an algorithm: %q", at, text, algorithm)
					continue
				}
				for _, m := range mentioned.FindAllStringSubmatch(group.Text(), -1) {
					for _, number := range m[1:] {
						if number != "" && !slices.Contains(all, number) {
							t.Errorf("%s: #%s has no step %s", at, algorithm, number)
						}
					}
				}
			}
		}
	}
	t.Logf("%d comments of steps", count)
	if count < 60 {
		t.Errorf("only %d comments name a step", count)
	}
}

// algorithmAround returns the fragment of the standard's URL that the doc comment of the
// function around a position has.
func algorithmAround(file *ast.File, pos token.Pos) string {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || pos < f.Pos() || f.End() < pos || f.Doc == nil {
			continue
		}
		if m := anchor.FindStringSubmatch(f.Doc.Text()); m != nil {
			return m[1]
		}
	}
	return ""
}
