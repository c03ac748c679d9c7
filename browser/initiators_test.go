package browser_test

import (
	"context"
	"testing"

	"github.com/corsim/corsim/internal/lab/observe"
	"github.com/corsim/corsim/internal/scenario"
)

// TestInitiators runs what was observed of elements and the other APIs that ask. How many of the
// 5,060 scenarios do not agree yet is written down, so that it gets less and never more.
func TestInitiators(t *testing.T) {
	const dir = "../testdata/observations/initiators."
	scenarios, err := observe.ReadScenarios(dir + "scenarios.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	disagree := map[string]int{"chromium": 68, "firefox": 117, "webkit": 112}
	for _, engine := range engines {
		t.Run(engine.Name(), func(t *testing.T) {
			t.Parallel()
			observed, err := observe.ReadOutcomes(dir + engine.Name() + ".jsonl.gz")
			if err != nil {
				t.Fatal(err)
			}
			wrong := map[string]int{}
			total := 0
			for i, s := range scenarios {
				if !scenario.Agree(observed[i], scenario.Run(context.Background(), s, engine)) {
					wrong[s.Steps[0].API]++
					total++
				}
			}
			if total != disagree[engine.Name()] {
				t.Errorf("%d of %d disagree, want %d: %v", total, len(scenarios), disagree[engine.Name()], wrong)
			}
			t.Logf("%d of %d agree; of the others by API: %v", len(scenarios)-total, len(scenarios), wrong)
		})
	}
}
