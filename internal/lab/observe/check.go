package observe

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// A Check is how an engine's outcomes compare with those of the browser that it
// stands for.
type Check struct {
	*Report
	Browser   string // its name
	Installed string // its version
	Recorded  string // the version that the engine stands for; "" where no engine does
	// Unsteady are the scenarios in which the browser did not do as the engine at
	// first, and did when it was asked again.
	Unsteady []string
}

// Check runs scenarios in a browser and through its engine, or through the
// standard's where it has none, and compares; with console, also what they log.
func (o *Observer) Check(name string, scenarios []*scenario.Scenario, console bool) (*Check, error) {
	installed, err := o.Version(name)
	if err != nil {
		return nil, err
	}
	seen, err := o.Observe(name, scenarios)
	if err != nil {
		return nil, err
	}
	c := &Check{Browser: name, Installed: installed}
	engine := engineOf(name, installed)
	c.Recorded = engine.Version()
	simulated := make([]*scenario.Outcome, len(scenarios))
	for i, s := range scenarios {
		simulated[i] = scenario.Run(context.Background(), s, engine)
	}
	c.Report = Compare(seen, simulated, console)
	if len(c.Disagreements) == 0 || len(c.Disagreements) > maxAgain {
		return c, nil
	}
	var again []*scenario.Scenario
	for _, s := range scenarios {
		if slices.ContainsFunc(c.Disagreements, func(d Disagreement) bool { return d.ID == s.ID }) {
			again = append(again, s)
		}
	}
	seenAgain, err := o.Observe(name, again)
	if err != nil {
		return nil, err
	}
	c.settle(seenAgain, simulated, console)
	return c, nil
}

// engineOf returns the engine of a browser's version; without one that of the name alone, or the standard.
func engineOf(name, version string) *browser.Engine {
	product, _, _ := strings.Cut(name, "@")
	for _, name := range []string{product + "@" + majorOf(product, version), product} {
		if engine, err := browser.Find(name); err == nil {
			return engine
		}
	}
	return browser.Standard()
}

// maxAgain is how many scenarios are run again: a browser is seldom unsteady.
const maxAgain = 20

// settle drops disagreements that are gone in what the browser did when it was asked
// again. Browsers forget a preflight now and then that they had remembered.
func (c *Check) settle(seenAgain, simulated []*scenario.Outcome, console bool) {
	outcomes := make(map[string]*scenario.Outcome, len(simulated))
	for _, o := range simulated {
		outcomes[o.ID] = o
	}
	for _, o := range seenAgain {
		if Compare([]*scenario.Outcome{o}, []*scenario.Outcome{outcomes[o.ID]}, console).Agreed == 1 {
			c.Unsteady = append(c.Unsteady, o.ID)
		}
	}
	c.Disagreements = slices.DeleteFunc(c.Disagreements, func(d Disagreement) bool { return slices.Contains(c.Unsteady, d.ID) })
	c.Agreed += len(c.Unsteady)
}

// SameMajor reports whether the installed browser is of the major version that
// the engine stands for.
func (c *Check) SameMajor() bool {
	return majorOf(c.Browser, c.Installed) == majorOf(c.Browser, c.Recorded)
}

// Failed reports whether the engine has to be fixed: a browser of another major
// version may well differ.
func (c *Check) Failed() bool { return c.SameMajor() && c.Agreed < c.Compared }

// Write writes the check for people.
func (c *Check) Write(w io.Writer) {
	c.Report.Write(w, c.Browser, "engine")
	for _, id := range c.Unsteady {
		fmt.Fprintf(w, "%s: %s did otherwise at first, and as the engine when it was asked again\n", id, c.Browser)
	}
	switch {
	case c.Recorded == "":
		fmt.Fprintf(w, "%s %s is installed; no engine stands for it, so this was the standard's\n", c.Browser, c.Installed)
	case c.SameMajor():
		fmt.Fprintf(w, "%s %s is installed, the engine is that of %s\n", c.Browser, c.Installed, c.Recorded)
	default:
		fmt.Fprintf(w, "%s %s is installed, the engine is that of %s: what differs is a report, and no failure\n", c.Browser, c.Installed, c.Recorded)
	}
}

// majorOf returns the part of a version that changes with what the browser does:
// of WebKitGTK's the first two numbers, of others the first.
func majorOf(name, version string) string {
	name, _, _ = strings.Cut(name, "@")
	first, rest, _ := strings.Cut(version, ".")
	if name != "webkit" {
		return first
	}
	second, _, _ := strings.Cut(rest, ".")
	return first + "." + second
}
