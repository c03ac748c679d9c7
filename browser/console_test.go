package browser_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// notOfFailures are the messages that the browsers logged beside those about
// failures: of cookies, of referrers, of a slow machine.
var notOfFailures = []string{
	"Slow network is detected.", "[cookies", "[cookieSameSite]", "[Security] Referrer Policy:",
}

// nullPrincipal is Firefox's name for an opaque origin, which is made at random.
var nullPrincipal = regexp.MustCompile(`moz-nullprincipal:\{[-0-9a-f]*\}`)

// uniquePath is what the recorder put before the paths of URLs, where it is still
// in a message.
var uniquePath = regexp.MustCompile(`/~[0-9a-z]{8}`)

// logged returns the messages of a recorded step that are about failures.
func logged(step *scenario.StepOutcome) (messages []string) {
	for _, m := range step.Console {
		if slices.ContainsFunc(notOfFailures, func(prefix string) bool { return strings.HasPrefix(m, prefix) }) {
			continue
		}
		m = uniquePath.ReplaceAllString(m, "")
		messages = append(messages, nullPrincipal.ReplaceAllString(m, "moz-nullprincipal:{00000000-0000-0000-0000-000000000000}"))
	}
	return messages
}

// cancel removes from both lists what they have in common.
func cancel(a, b []string) (onlyA, onlyB []string) {
	onlyB = slices.Clone(b)
	for _, m := range a {
		if i := slices.Index(onlyB, m); i >= 0 {
			onlyB = slices.Delete(onlyB, i, i+1)
		} else {
			onlyA = append(onlyA, m)
		}
	}
	return onlyA, onlyB
}

// consoleStep is a step whose messages differ from what was recorded.
type consoleStep struct {
	index, step        int // of the scenario and in it
	reason             string
	recorded, rendered []string // what the other does not have
}

// minConsole is of how many steps, in a thousand of those with messages, the
// messages must be exactly those that the browser logged.
const minConsole = 995

// minConsoleOfEnvironment is the same for the scenarios of the environment, among whose messages are those of workers,
// of policies that only report, and of the instrument itself.
const minConsoleOfEnvironment = 500

// minConsoleOfElements is the same for what elements and the other APIs ask for.
const minConsoleOfElements = 10

// isOfElement reports whether a scenario is of the set initiators.
func isOfElement(s *scenario.Scenario) bool {
	return strings.HasPrefix(s.ID, "i11-") || strings.HasPrefix(s.ID, "probe-i-")
}

// TestConsole compares the messages of every scenario with those that the browser
// logged. Only their order is left open: browsers log from several processes.
func TestConsole(t *testing.T) {
	scenarios, outcomes := recorded(t)
	for _, engine := range engines {
		t.Run(engine.Name(), func(t *testing.T) {
			t.Parallel()
			n := slices.IndexFunc(scenarios, func(s *scenario.Scenario) bool { return family(s) != "cors" })
			compareConsole(t, engine, scenarios[:n], outcomes[engine.Name()][:n], minConsole)
			m := slices.IndexFunc(scenarios, isOfElement)
			compareConsole(t, engine, scenarios[n:m], outcomes[engine.Name()][n:m], minConsoleOfEnvironment)
			compareConsole(t, engine, scenarios[m:], outcomes[engine.Name()][m:], minConsoleOfElements)
		})
	}
}

func compareConsole(t *testing.T, engine *browser.Engine, scenarios []*scenario.Scenario, outcomes []*scenario.Outcome, least int) {
	counts := make(map[string]*consoleCount)
	count := func(reason string) *consoleCount {
		if counts[reason] == nil {
			counts[reason] = new(consoleCount)
		}
		return counts[reason]
	}
	var open []consoleStep
	for i, s := range scenarios {
		if outcomes[i].Error != "" {
			continue
		}
		got := scenario.Run(context.Background(), s, engine)
		for j := range min(len(got.Steps), len(outcomes[i].Steps)) {
			want := logged(&outcomes[i].Steps[j])
			if len(want) == 0 && len(got.Steps[j].Console) == 0 {
				continue
			}
			reason := got.Steps[j].Reason
			count(reason).steps++
			onlyWant, onlyGot := cancel(want, got.Steps[j].Console)
			if onlyWant == nil && len(onlyGot) == 0 {
				count(reason).exact++
				continue
			}
			open = append(open, consoleStep{i, j, reason, onlyWant, onlyGot})
		}
	}
	settleLate(open)
	for _, o := range open {
		switch c := count(o.reason); {
		case len(o.recorded) > 0:
			c.wrong++
			t.Logf("%s step %d (%s):\n recorded %q\n rendered %q", scenarios[o.index].ID, o.step, o.reason, o.recorded, o.rendered)
		case len(o.rendered) > 0:
			c.missed++
		default:
			c.late++
		}
	}
	var total consoleCount
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		c := counts[reason]
		if reason == "" {
			reason = "(no failure)"
		}
		t.Logf("%-40s %v", reason, c)
		total.add(c)
	}
	t.Logf("%-40s %v", engine.Name(), &total)
	if recorded := total.steps - total.missed; (recorded-total.wrong)*1000 < least*recorded {
		t.Errorf("the messages of %d of %d steps are not those of the browser", total.wrong, recorded)
	}
}

// lateBy is how many scenarios later a browser may log a message: it does so
// when it comes to it, and the recorder gives it to the step that runs.
const lateBy = 60

// settleLate strikes off messages that were recorded with another step than that
// which they are about.
func settleLate(open []consoleStep) {
	for i := range open {
		for j := range open {
			if distance := open[j].index - open[i].index; i != j && -lateBy <= distance && distance <= lateBy {
				open[i].rendered, open[j].recorded = cancel(open[i].rendered, open[j].recorded)
			}
		}
	}
}

type consoleCount struct{ steps, exact, late, missed, wrong int }

func (c *consoleCount) add(o *consoleCount) {
	c.steps += o.steps
	c.exact += o.exact
	c.late += o.late
	c.missed += o.missed
	c.wrong += o.wrong
}

func (c *consoleCount) String() string {
	return fmt.Sprintf("%5d steps: %5d exact, %3d recorded late, %3d missed by the recorder, %3d wrong", c.steps, c.exact, c.late, c.missed, c.wrong)
}
