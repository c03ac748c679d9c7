package browser_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/lab/observe"
	"github.com/corsim/corsim/internal/scenario"
)

var observationsDir = filepath.Join("..", "testdata", "observations")

// A version is a recording of one, with what the browser did by scenario.
type version struct {
	*observe.Recording
	observed []observe.Observed
	outcomes map[string]*scenario.Outcome
}

// versions are the recorded ones, by the engine's name with its version. They are read once for all tests.
var versions = sync.OnceValues(func() (map[string]*version, error) {
	recordings, err := observe.Recordings(observationsDir)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*version)
	for _, r := range recordings {
		v := &version{Recording: r, outcomes: make(map[string]*scenario.Outcome)}
		if v.observed, err = r.Read(observationsDir); err != nil {
			return nil, err
		}
		for _, o := range v.observed {
			shipped(o.Outcome)
			v.outcomes[o.Scenario.ID] = o.Outcome
		}
		all[r.Name()] = v
	}
	return all, nil
})

func recordedVersions(t testing.TB) map[string]*version {
	t.Helper()
	all, err := versions()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestVersions runs every scenario that was observed in a version of a browser through the engine of that version, and
// demands what it did, except the listed ones, of which it demands that they still disagree.
func TestVersions(t *testing.T) {
	listed := readDisagreements(t)
	for name, v := range recordedVersions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine, err := browser.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			if engine.Observed() != v.Observed {
				t.Errorf("the engine was observed on %q, its recording is of %s", engine.Observed(), v.Observed)
			}
			reasons := listed[name]
			agree := 0
			for _, o := range v.observed {
				differences := scenario.Diff(o.Outcome, scenario.Run(context.Background(), o.Scenario, engine))
				_, isListed := reasons[o.Scenario.ID]
				switch {
				case len(differences) == 0 && isListed:
					t.Errorf("%s: agrees, and must be struck off disagreements.tsv", o.Scenario.ID)
				case len(differences) == 0:
					agree++
				case isListed:
				default:
					for _, d := range differences {
						t.Errorf("%s: step %d, %s:\n the browser %s\n the engine  %s", o.Scenario.ID, d.Step, d.Field, d.Want, d.Got)
					}
				}
			}
			for id := range reasons {
				if v.outcomes[id] == nil {
					t.Errorf("disagreements.tsv lists %s, which was not observed", id)
				}
			}
			n := len(v.observed)
			t.Logf("%d of %d observations agree (%.2f %%)", agree, n, 100*float64(agree)/float64(n))
			if (n-agree)*1000 > maxDisagreements*n && n > 1000 {
				t.Errorf("%d disagreements of %d: more than %d in a thousand", n-agree, n, maxDisagreements)
			}
		})
	}
}

// Every version that an engine is said to have been observed in has its recording.
func TestVersionsAreRecorded(t *testing.T) {
	recorded := recordedVersions(t)
	for _, engine := range browser.Known()[1:] {
		if whole := engine == engines[0] || engine == engines[1] || engine == engines[2]; !whole && recorded[engine.String()] == nil {
			t.Errorf("%s has no recording", engine)
		}
	}
}
