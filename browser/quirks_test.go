package browser_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// TestQuirksCoverFacts holds that each fact belongs to a quirk, and that a quirk has words for
// just those engines of which it has facts.
func TestQuirksCoverFacts(t *testing.T) {
	all := browser.Quirks()
	for _, engine := range browser.Known()[1:] {
		for _, f := range browser.FactsOf(engine) {
			if !slices.ContainsFunc(all, func(q browser.Quirk) bool { return q.ID == f.Quirk }) {
				t.Errorf("a fact of %s belongs to no quirk: %q", engine.Name(), f.Quirk)
			}
		}
		for _, q := range all {
			words := map[string]string{"chromium": q.Chromium, "firefox": q.Firefox, "webkit": q.WebKit}[engine.Name()]
			if facts := q.Facts(engine); (len(facts) > 0) != (words != "") {
				t.Errorf("%s: %s has %d facts, but its words are %q", q.ID, engine.Name(), len(facts), words)
			}
		}
	}
}

// TestQuirkScenarios runs the scenarios of each quirk. In each engine that has the quirk one of
// them must come out differently without its facts; and each that was recorded as it was
// observed in every engine.
func TestQuirkScenarios(t *testing.T) {
	scenarios, outcomes := recorded(t)
	index := make(map[string]int)
	for i, s := range scenarios {
		index[s.ID] = i
	}
	observed := 0
	for _, q := range browser.Quirks() {
		for _, engine := range browser.Known()[1:] {
			whole := slices.Contains(engines, engine)
			facts := browser.FactsOf(engine)
			without := browser.WithoutFacts(engine, func(i int) bool { return facts[i].Quirk == q.ID })
			shown := false
			for _, text := range q.Scenarios {
				s, err := scenario.Decode([]byte(text))
				if err != nil {
					t.Fatalf("%s: %v", q.ID, err)
				}
				got := scenario.Run(context.Background(), s, engine)
				if i, ok := index[s.ID]; ok && whole {
					observed++
					if !scenario.Agree(outcomes[engine.Name()][i], got) {
						t.Errorf("%s: %q comes out differently in %s than was observed", q.ID, s.ID, engine.Name())
					}
				}
				shown = shown || !same(got, scenario.Run(context.Background(), s, without))
			}
			if shown != (q.Of(engine) != "") {
				t.Errorf("%s: its scenarios show it in %s: %v, but its words are %q", q.ID, engine, shown, q.Of(engine))
			}
		}
	}
	t.Logf("%d quirks, %d outcomes compared with those observed", len(browser.Quirks()), observed)
}

func TestQuirkTexts(t *testing.T) {
	ids := make(map[string]bool)
	for _, q := range browser.Quirks() {
		if q.Title == "" || q.Stage == "" || q.Standard == "" || q.Advice == "" || len(q.Scenarios) == 0 || ids[q.ID] {
			t.Errorf("%s lacks something, or appears twice", q.ID)
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
