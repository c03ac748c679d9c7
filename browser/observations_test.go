package browser_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// maxDisagreements is how many of a browser's observations, in a thousand, may
// be listed as ones with which the engine does not agree.
const maxDisagreements = 3

// observations are the recorded scenarios and, index for index, what each browser
// did. They are read once for all tests.
var observations = sync.OnceValue(func() (o struct {
	scenarios []*scenario.Scenario
	outcomes  map[string][]*scenario.Outcome
	err       error
}) {
	read := func(name string, next func(*scenario.Reader) error) {
		if o.err != nil {
			return
		}
		path := filepath.Join("..", "testdata", "observations", name+".jsonl.gz")
		file, err := os.Open(path)
		if err != nil {
			o.err = err
			return
		}
		defer file.Close()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			o.err = fmt.Errorf("%s: %w", path, err)
			return
		}
		for r := scenario.NewReader(unzipped); ; {
			if err := next(r); err == io.EOF {
				return
			} else if err != nil {
				o.err = fmt.Errorf("%s: %w", path, err)
				return
			}
		}
	}
	o.outcomes = make(map[string][]*scenario.Outcome)
	for _, set := range observationSets {
		read(set+"scenarios", func(r *scenario.Reader) error {
			s, err := r.Next()
			if err == nil {
				o.scenarios = append(o.scenarios, s)
			}
			return err
		})
		for _, engine := range engines {
			read(set+engine.Name(), func(r *scenario.Reader) error {
				outcome, err := r.NextOutcome()
				if err == nil {
					shipped(outcome)
					o.outcomes[engine.Name()] = append(o.outcomes[engine.Name()], outcome)
				}
				return err
			})
			if n := len(o.outcomes[engine.Name()]); o.err == nil && n != len(o.scenarios) {
				o.err = fmt.Errorf("%d scenarios up to %s, but %d outcomes of %s", len(o.scenarios), set, n, engine.Name())
			}
		}
	}
	return o
})

// shipped changes what an outcome has of how it was recorded to what the browser has as it is shipped: it ran without a
// window, and said so.
func shipped(o *scenario.Outcome) {
	for i := range o.Steps {
		for j := range o.Steps[i].Requests {
			list := o.Steps[i].Requests[j].Headers
			for k := range list {
				if list[k].Name == "user-agent" {
					list[k].Value = strings.Replace(list[k].Value, "HeadlessChrome/", "Chrome/", 1)
				}
			}
		}
	}
}

// observationSets are what the names of the files of each set begin with.
var observationSets = []string{"", "environment.", "initiators."}

// family returns what a scenario is about: of the environment, as its id says; the API of the first step that is
// neither fetch() nor XMLHttpRequest, if there is one; "cors" for the others.
func family(s *scenario.Scenario) string {
	for i := range s.Steps {
		if api := s.Steps[i].API; api != scenario.APIFetch && api != scenario.APIXHR {
			return api
		}
	}
	id := s.ID
	if rest, ok := strings.CutPrefix(id, "probe3-"); ok {
		name, _, _ := strings.Cut(rest, "-")
		return name
	}
	if strings.HasPrefix(id, "e1-") {
		return id[strings.LastIndexByte(id, '-')+1:]
	}
	return "cors"
}

// leastOfFamily is how many of a family's observations, in a hundred, must agree; of a small one all but one.
const leastOfFamily = 98

// A tally counts how many of a family's observations agree, and in how many the verdict does: how each step ended.
// loads counts those of which it would have been right to say that all loads.
type tally struct{ n, agree, verdict, loads int }

func (c *tally) add(observed, got *scenario.Outcome, agrees bool) {
	c.n++
	if agrees {
		c.agree++
	}
	if !slices.ContainsFunc(observed.Steps, func(s scenario.StepOutcome) bool { return !loads[s.Result] }) {
		c.loads++
	}
	sameResult := func(a, b scenario.StepOutcome) bool { return a.Result == b.Result }
	if observed.Error != "" || slices.EqualFunc(observed.Steps, got.Steps, sameResult) {
		c.verdict++
	}
}

// loads are the results of a step that went well.
var loads = map[string]bool{scenario.ResultLoad: true, scenario.ResultDone: true, scenario.ResultResponse: true}

// engines are those of the versions that were recorded whole.
var engines = []*browser.Engine{found("chromium@156"), found("firefox@153"), found("webkit@2.50")}

func found(name string) *browser.Engine {
	engine, err := browser.Find(name)
	if err != nil {
		panic(err)
	}
	return engine
}

// recorded returns the observations; the outcomes are by the engine's name.
func recorded(t testing.TB) ([]*scenario.Scenario, map[string][]*scenario.Outcome) {
	t.Helper()
	o := observations()
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.scenarios, o.outcomes
}

// TestObservations runs every scenario that was observed in the real browsers and
// demands what they did, except the listed ones, of which it demands that they
// still disagree: so that the list is no longer than it has to be.
func TestObservations(t *testing.T) {
	scenarios, outcomes := recorded(t)
	listed := readDisagreements(t)
	for _, engine := range engines {
		t.Run(engine.Name(), func(t *testing.T) {
			t.Parallel()
			reasons := listed[engine.Name()]
			agree, unmeasured := 0, 0
			families := make(map[string]*tally)
			for i, s := range scenarios {
				observed := outcomes[engine.Name()][i]
				if observed.Error != "" {
					unmeasured++
				}
				got := scenario.Run(context.Background(), s, engine)
				differences := scenario.Diff(observed, got)
				f := families[family(s)]
				if f == nil {
					f = new(tally)
					families[family(s)] = f
				}
				f.add(observed, got, len(differences) == 0)
				reason, isListed := reasons[s.ID]
				delete(reasons, s.ID)
				switch {
				case len(differences) == 0 && isListed:
					t.Errorf("%s: agrees, and must be struck off disagreements.tsv (there for: %s)", s.ID, reason)
				case len(differences) == 0:
					agree++
				case isListed:
					t.Logf("%s: listed: %s", s.ID, reason)
				default:
					for _, d := range differences {
						t.Errorf("%s: step %d, %s:\n the browser %s\n the engine  %s", s.ID, d.Step, d.Field, d.Want, d.Got)
					}
				}
			}
			for id := range reasons {
				t.Errorf("disagreements.tsv lists %s, which is no scenario", id)
			}
			for _, name := range slices.Sorted(maps.Keys(families)) {
				c := families[name]
				of := func(n int) float64 { return 100 * float64(n) / float64(c.n) }
				t.Logf("%-13s %5d: %6.2f %% agree, %6.2f %% in the verdict; all loads would be right for %5.1f %%", name, c.n, of(c.agree), of(c.verdict), of(c.loads))
				if c.agree*100 < leastOfFamily*c.n && c.n-c.agree > 1 {
					t.Errorf("%s: %d of %d observations agree", name, c.agree, c.n)
				}
			}
			n := len(scenarios)
			t.Logf("%s %s: %d of %d observations agree (%.2f %%), %d listed, %d could not be measured", engine.Name(), engine.Version(),
				agree, n, 100*float64(agree)/float64(n), n-agree, unmeasured)
			if (n-agree)*1000 > maxDisagreements*n {
				t.Errorf("%d disagreements of %d: more than %d in a thousand", n-agree, n, maxDisagreements)
			}
		})
	}
}

// readDisagreements reads the list of the observations with which an engine does
// not agree: browser, scenario, reason; it returns the reasons by browser and
// scenario.
func readDisagreements(t *testing.T) map[string]map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "disagreements.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	listed := make(map[string]map[string]string)
	for lines, n := bufio.NewScanner(file), 1; lines.Scan(); n++ {
		if text := lines.Text(); text == "" || text[0] == '#' {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 || !slices.ContainsFunc(browser.Known(), func(e *browser.Engine) bool { return e.Name() == fields[0] || e.String() == fields[0] }) || fields[2] == "" {
			t.Fatalf("disagreements.tsv:%d: %q is not: browser, scenario, reason", n, lines.Text())
		}
		if listed[fields[0]] == nil {
			listed[fields[0]] = make(map[string]string)
		}
		if listed[fields[0]][fields[1]] != "" {
			t.Fatalf("disagreements.tsv:%d: %s of %s is listed twice", n, fields[1], fields[0])
		}
		listed[fields[0]][fields[1]] = fields[2]
	}
	return listed
}
