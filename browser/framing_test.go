package browser_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/corsim/corsim/internal/lab/observe"
	"github.com/corsim/corsim/internal/scenario"
)

// TestFraming holds that each engine reads responses that are not framed as they should be, over
// http and over TLS, and cut off at each byte, as its browser was observed to.
func TestFraming(t *testing.T) {
	dir := filepath.Join("..", "testdata", "observations")
	scenarios, err := observe.ReadScenarios(filepath.Join(dir, "framing.scenarios.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range engines {
		outcomes, err := observe.ReadOutcomes(filepath.Join(dir, "framing."+engine.Name()+".jsonl.gz"))
		if err != nil {
			t.Fatal(err)
		}
		agree := 0
		for i, s := range scenarios {
			differences := scenario.Diff(outcomes[i], scenario.Run(context.Background(), s, engine))
			for _, d := range differences {
				t.Errorf("%s, %s: %s:\n the browser %s\n the engine  %s", engine.Name(), s.ID, d.Field, d.Want, d.Got)
			}
			if len(differences) == 0 {
				agree++
			}
		}
		t.Logf("%s: %d of %d agree", engine, agree, len(scenarios))
	}
}
