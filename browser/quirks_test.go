package browser_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// TestQuirksCoverFields holds that each field of an engine that differs from the
// standard belongs to one quirk, and that a quirk has words for just those engines
// in which a field of its own differs.
func TestQuirksCoverFields(t *testing.T) {
	quirkOf := make(map[string]string)
	for _, q := range browser.Quirks() {
		for _, path := range q.Fields {
			if other, ok := quirkOf[path]; ok {
				t.Errorf("%s belongs to %s and to %s", path, other, q.ID)
			}
			quirkOf[path] = q.ID
		}
	}
	differing := make(map[string]bool)
	for _, engine := range engines {
		differs := make(map[string]bool)
		fields(engine, func(path string, _ reflect.Value) {
			differing[path] = true
			if quirkOf[path] == "" {
				t.Errorf("%s of %s belongs to no quirk", path, engine.Name)
			}
			differs[quirkOf[path]] = true
		})
		for _, q := range browser.Quirks() {
			if len(q.Fields) > 0 && differs[q.ID] != (q.Of(engine) != "") {
				t.Errorf("%s: a field of %s differs: %v, but its words are %q", q.ID, engine.Name, differs[q.ID], q.Of(engine))
			}
		}
	}
	for path, quirk := range quirkOf {
		if !differing[path] {
			t.Errorf("%s of %s differs in no engine", path, quirk)
		}
	}
}

// TestQuirkScenarios runs the scenarios of each quirk. In each engine that has the
// quirk one of them must come out otherwise without its fields, or where it has
// none otherwise than by the standard; and each that was recorded as it was
// observed in every engine.
func TestQuirkScenarios(t *testing.T) {
	scenarios, outcomes := recorded(t)
	index := make(map[string]int)
	for i, s := range scenarios {
		index[s.ID] = i
	}
	observed := 0
	for _, q := range browser.Quirks() {
		for _, engine := range engines {
			shown := false
			for _, text := range q.Scenarios {
				s, err := scenario.Decode([]byte(text))
				if err != nil {
					t.Fatalf("%s: %v", q.ID, err)
				}
				got := scenario.Run(context.Background(), s, engine)
				if i, ok := index[s.ID]; ok {
					observed++
					if !scenario.Agree(outcomes[engine.Name][i], got) {
						t.Errorf("%s: %q comes out otherwise in %s than was observed", q.ID, s.ID, engine.Name)
					}
				}
				otherwise := without(engine, q.Fields...)
				if len(q.Fields) == 0 {
					otherwise = browser.Standard
				}
				shown = shown || !same(got, scenario.Run(context.Background(), s, otherwise))
			}
			if shown != (q.Of(engine) != "") && !(len(q.Fields) == 0 && shown) {
				t.Errorf("%s: its scenarios show it in %s: %v, but its words are %q", q.ID, engine.Name, shown, q.Of(engine))
			}
		}
	}
	t.Logf("%d quirks, %d outcomes compared with those observed", len(browser.Quirks()), observed)
}

func TestQuirkTexts(t *testing.T) {
	ids := make(map[string]bool)
	for _, q := range browser.Quirks() {
		if q.Title == "" || q.Standard == "" || q.Advice == "" || len(q.Scenarios) == 0 || ids[q.ID] {
			t.Errorf("%s lacks something, or stands twice", q.ID)
		}
		ids[q.ID] = true
		for _, text := range []string{q.Standard, q.Chromium, q.Firefox, q.WebKit, q.Advice, q.Title} {
			if strings.ContainsAny(text, "{}\n\t") || strings.TrimSpace(text) != text {
				t.Errorf("%s: %q", q.ID, text)
			}
		}
	}
	files, err := fs.Glob(os.DirFS("quirks"), "*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !ids[strings.TrimSuffix(name, ".jsonl")] {
			t.Errorf("quirks/%s is of no quirk", name)
		}
	}
}

func TestQuirksAreCopies(t *testing.T) {
	browser.Quirks()[0].ID = "changed"
	if browser.Quirks()[0].ID == "changed" {
		t.Error("a caller can change the table")
	}
}

func TestWriteQuirks(t *testing.T) {
	var b bytes.Buffer
	if err := browser.WriteQuirks(&b, browser.Quirks()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "quirks.txt")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got), to be written anew with go test -update:\n%s", file, diff)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("%d characters: %s", len([]rune(line)), line)
		}
	}
}
