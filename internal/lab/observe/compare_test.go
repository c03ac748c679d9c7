package observe

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

func outcomes(t *testing.T, lines ...string) []*scenario.Outcome {
	t.Helper()
	var all []*scenario.Outcome
	for _, line := range lines {
		o, err := scenario.DecodeOutcome([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func TestCompare(t *testing.T) {
	want := outcomes(t,
		`{"id":"same","steps":[{"result":"network-error","requests":[],"console":["x"]}]}`,
		`{"id":"other","steps":[{"result":"network-error","requests":[]}]}`,
		`{"id":"unmeasured","error":"it hung","steps":[]}`,
		`{"id":"gone","steps":[]}`)
	got := outcomes(t,
		`{"id":"new","steps":[]}`,
		`{"id":"unmeasured","steps":[]}`,
		`{"id":"other","steps":[{"result":"throws","requests":[],"reason":"invalid-argument"}]}`,
		`{"id":"same","steps":[{"result":"network-error","requests":[]}]}`)
	var b strings.Builder
	Compare(want, got, false).Write(&b, "chromium", "engine")
	const report = `other
  step 0, result
    chromium   "network-error"
    engine     "throws"
  reason step 0: invalid-argument
unmeasured was not measured: it hung
gone has an outcome on one side only
new has an outcome on one side only
chromium and engine agree on 2 of 3 scenarios (66.67 %), 1 of them not measured; 2 have an outcome on one side only
`
	if b.String() != report {
		t.Errorf("got\n%s\nwant\n%s", b.String(), report)
	}
}

func TestConsoleDiff(t *testing.T) {
	want := outcomes(t, `{"id":"a","steps":[{"result":"throws","requests":[],"console":["b","[SOP] at moz-nullprincipal:{1-2}?x","[exception] x"]},{"result":"throws","requests":[],"console":["a"]}]}`)
	got := outcomes(t, `{"id":"a","steps":[{"result":"throws","requests":[],"console":["[SOP] at moz-nullprincipal:{3}?x","b"]},{"result":"throws","requests":[]}]}`)
	if r := Compare(want, got, false); r.Agreed != 1 {
		t.Error("consoles were compared unasked")
	}
	r := Compare(want, got, true)
	if len(r.Disagreements) != 1 || len(r.Disagreements[0].Differences) != 1 {
		t.Fatalf("got %+v", r.Disagreements)
	}
	if d := r.Disagreements[0].Differences[0]; d != (scenario.Difference{Step: 1, Field: "console", Want: `["a"]`, Got: "[]"}) {
		t.Errorf("got %+v", d)
	}
}

func TestCheckFails(t *testing.T) {
	for _, test := range []struct {
		browser, installed, recorded string
		agreed                       int
		want                         bool
	}{
		{"chromium", "156.1.2.3", "156.0.8078.79", 1, true},
		{"chromium", "156.1.2.3", "156.0.8078.79", 2, false},
		{"chromium", "157.0.0.0", "156.0.8078.79", 1, false},
		{"firefox", "153.8.0", "153.7.0", 1, true},
		{"firefox", "165.0", "153.7.0", 1, false},
		{"webkit", "2.50.6", "2.50", 1, true},
		{"webkit", "2.52.0", "2.50", 1, false},
		{"webkit", "2.50.6", "", 1, false},
	} {
		c := &Check{Report: &Report{Compared: 2, Agreed: test.agreed}, Browser: test.browser, Installed: test.installed, Recorded: test.recorded}
		if got := c.Failed(); got != test.want {
			t.Errorf("%s %s against %q, %d of 2: failed is %v", test.browser, test.installed, test.recorded, test.agreed, got)
		}
	}
}

// What the browser did otherwise only once is no disagreement, and is said.
func TestCheckAsksAgain(t *testing.T) {
	outcome := func(id, body string) *scenario.Outcome {
		return &scenario.Outcome{ID: id, Steps: []scenario.StepOutcome{{Result: "response", Body: scenario.Optional[string]{Given: true, Value: body}}}}
	}
	simulated := []*scenario.Outcome{outcome("a", "engine"), outcome("b", "engine"), outcome("c", "engine")}
	c := &Check{Browser: "firefox", Installed: "153.8", Recorded: "153.7"}
	c.Report = Compare([]*scenario.Outcome{outcome("a", "engine"), outcome("b", "seen"), outcome("c", "seen")}, simulated, false)
	c.settle([]*scenario.Outcome{outcome("b", "engine"), outcome("c", "seen")}, simulated, false)
	if c.Agreed != 2 || len(c.Disagreements) != 1 || c.Disagreements[0].ID != "c" || len(c.Unsteady) != 1 || !c.Failed() {
		t.Errorf("%+v, %v", c.Report, c.Unsteady)
	}
	var b strings.Builder
	c.Write(&b)
	if !strings.Contains(b.String(), "b: firefox did otherwise at first") {
		t.Error(b.String())
	}
}

// A browser is held against the engine of its own version, where there is one, whatever fixes it has had since.
func TestEngineOfVersion(t *testing.T) {
	for _, test := range []struct{ name, installed, want string }{
		{"firefox", "153.8.0", "firefox@153."}, {"firefox@153", "153.9.1", "firefox@153."}, {"firefox", "159.0.2", "firefox@159."},
		{"webkit", "2.50.6", "webkit@2.50"}, {"webkit@2.54", "2.54.4", "webkit@2.54."}, {"chromium", "156.0.9999.1", "chromium@156."},
		{"firefox", "999.0", browser.Firefox().String()}, {"nonesuch", "1.0", "standard"},
	} {
		if got := engineOf(test.name, test.installed).String(); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s %s is held against %s, not %s", test.name, test.installed, got, test.want)
		}
	}
}
