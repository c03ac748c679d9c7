package browser_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// same reports whether two outcomes are the same, console included.
func same(a, b *scenario.Outcome) bool {
	return scenario.Agree(a, b) && slices.EqualFunc(a.Steps, b.Steps, func(a, b scenario.StepOutcome) bool {
		return slices.Equal(a.Console, b.Console)
	})
}

// TestEvidence holds the evidence of each fact of the engines: scenarios that come out
// differently without the fact, and in which the engine does what was observed, or the quirk
// whose scenarios TestQuirkScenarios holds, or a source file.
func TestEvidence(t *testing.T) {
	scenarios, outcomes := recorded(t)
	index := make(map[string]int)
	for i, s := range scenarios {
		index[s.ID] = i
	}
	for _, engine := range browser.Known()[1:] {
		whole := slices.Contains(engines, engine)
		outcomeOf := func(id string) *scenario.Outcome {
			if i, ok := index[id]; ok && whole {
				return outcomes[engine.Name()][i]
			}
			if v := recordedVersions(t)[engine.String()]; v != nil {
				return v.outcomes[id]
			}
			return nil
		}
		t.Run(engine.String(), func(t *testing.T) {
			for n, f := range browser.FactsOf(engine) {
				if !f.Holds {
					continue
				}
				kind, text, _ := strings.Cut(f.Evidence, ": ")
				switch {
				case text == "":
					t.Errorf("%s: a fact has no evidence: %q", f.Quirk, f.Evidence)
				case kind == "source", kind == "observed", kind == "published":
				case kind == "live" && text == "quirk "+f.Quirk:
				case kind == "seen":
					without := browser.WithoutFacts(engine, func(i int) bool { return i == n })
					for id := range strings.SplitSeq(text, " | ") {
						i, ok := index[id]
						if !ok {
							t.Errorf("%s: no scenario has the id %q", f.Quirk, id)
							continue
						}
						got := scenario.Run(context.Background(), scenarios[i], engine)
						// Of some versions only a part was observed.
						if o := outcomeOf(id); o != nil && !scenario.Agree(o, got) {
							t.Errorf("%s: the engine does not do what was observed in %q", f.Quirk, id)
						}
						if same(got, scenario.Run(context.Background(), scenarios[i], without)) {
							t.Errorf("%s: %q comes out the same without the fact", f.Quirk, id)
						}
					}
				default:
					t.Errorf("%s: %q is no evidence", f.Quirk, f.Evidence)
				}
			}
		})
	}
}
