package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/scenario"
)

// recordings writes observations of two scenarios, and returns their directory.
func recordings(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	scenarios := `{"id":"long","client":{"url":"http://a.test/"},"servers":[{"url":"http://b.test/","answers":[{"body":"xxxxxxxxxxxxxxxxxxxxxxxxxxx"}]}],"steps":[{"url":"http://b.test/"}]}
{"id":"short","client":{"url":"http://a.test/"},"steps":[{"url":"http://b.test/"}]}
`
	outcomes := `{"id":"long","steps":[{"result":"network-error","requests":[{"method":"GET","url":"http://b.test/","headers":[["accept","*/*"]]}]}]}
{"id":"short","steps":[{"result":"network-error","requests":[{"method":"GET","url":"http://b.test/","headers":[["accept","*/*"]]}]}]}
`
	for _, set := range Sets {
		for of, text := range map[string]string{"scenarios": scenarios, "firefox": outcomes} {
			if set != "" {
				text = "" // the other sets have none
			}
			if err := writeLines(fileOf(dir, set, of), func(line []byte, i int) ([]byte, bool) {
				lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
				if text == "" || i == len(lines) {
					return nil, false
				}
				return append(line, lines[i]...), true
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func TestRecording(t *testing.T) {
	dir := recordings(t)
	changed := &scenario.Outcome{ID: "short", Steps: []scenario.StepOutcome{{
		Result: scenario.ResultNetworkError, Console: []string{"said"},
		Requests: []scenario.Request{{Method: "GET", URL: "http://b.test/"}},
	}}}
	whole, err := wholeOutcomes(dir, "", "firefox")
	if err != nil {
		t.Fatal(err)
	}
	r := &Recording{Browser: "firefox", Version: "999.1.2", Observed: "2026-12-01", Build: "a test", Sets: map[string]int{"": 1}}
	if err := r.Store(dir, map[string][]*scenario.Outcome{"": {whole["long"], changed}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "versions", "firefox@999.jsonl.gz")); err != nil {
		t.Fatal(err)
	}
	list, err := Recordings(dir)
	if err != nil || len(list) != 1 || list[0].Name() != "firefox@999.1.2" || len(list[0].changed) != 1 || list[0].changed["short"].Steps[0].Console != nil {
		t.Fatalf("stored were %+v, %v", list, err)
	}
	observed, err := list[0].Read(dir)
	if err != nil || len(observed) != 2 || !scenario.Agree(observed[0].Outcome, whole["long"]) || !scenario.Agree(observed[1].Outcome, changed) {
		t.Errorf("read were %+v, %v", observed, err)
	}

	var b strings.Builder
	if err := Diff(dir, "firefox", "firefox@999", false, &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"firefox@153.7.0 and firefox@999.1.2: 2 scenarios were recorded in both, 1 came out differently", "requests.headers (accept): 1\n  short\n    step 0, requests[0].headers"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s\nlacks %q", b.String(), want)
		}
	}
	for _, wrong := range [][2]string{{"firefox@7", "firefox"}, {"firefox", "webkit"}, {"lynx", "firefox"}} {
		if err := Diff(dir, wrong[0], wrong[1], false, &b); err == nil {
			t.Errorf("%q are compared", wrong)
		}
	}
	if sc, err := FindScenario(dir, "", "short"); err != nil || sc.ID != "short" {
		t.Errorf("%v, %v", sc, err)
	}
	if _, err := FindScenario(dir, "", "none"); err == nil {
		t.Error("a scenario that there is not was found")
	}
}

func TestDifferencesByKind(t *testing.T) {
	outcome := func(id, result string) *scenario.Outcome {
		return &scenario.Outcome{ID: id, Steps: []scenario.StepOutcome{{Result: result}}}
	}
	var was, is []Observed
	for i, id := range []string{"long", "short", "same", "other"} {
		sc := &scenario.Scenario{ID: id, Steps: make([]scenario.Step, 3-i%3)}
		was = append(was, Observed{"", sc, outcome(id, "load")})
		is = append(is, Observed{"", sc, outcome(id, []string{"error", "error", "load", "timeout"}[i])})
	}
	kinds, compared := differences(was, is)
	if compared != 4 || countOf(kinds) != 3 || len(kinds) != 2 || kinds[0].found[0].id != "short" || kinds[0].found[1].id != "long" {
		t.Errorf("%d compared, %+v", compared, kinds)
	}
	if kinds[0].name != `result: "load" became "error"` {
		t.Errorf("the kind is %q", kinds[0].name)
	}
}

func TestWriteStep(t *testing.T) {
	var b strings.Builder
	load := &scenario.Outcome{ID: "x", Steps: []scenario.StepOutcome{{Result: "load"}}}
	writeStep(&b, "", "firefox@1", nil, load)
	writeStep(&b, "firefox@1", "firefox@2", load, load)
	writeStep(&b, "firefox@2", "firefox@3", load, &scenario.Outcome{ID: "x", Steps: []scenario.StepOutcome{{Result: "error"}}})
	writeStep(&b, "firefox@3", "firefox@4", load, &scenario.Outcome{ID: "x", Error: "no"})
	const want = "firefox@1: the first that was asked\nfirefox@2: as firefox@1\nfirefox@3: changed after firefox@2\n  step 0, result\n    before \"load\"\n    now    \"error\"\nfirefox@4: not measured: no\n"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
