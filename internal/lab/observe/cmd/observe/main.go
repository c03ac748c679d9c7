// Command observe finds out what real browsers do with scenarios.
//
//	observe generate --seed N -n COUNT
//	observe run --browser B [--scenarios FILE] [--out FILE]
//	observe compare [--console] WANT GOT
//	observe check --browser B [--console] [--seed N -n COUNT | --scenarios FILE]
//	observe record [--dir DIRECTORY] [--browser B]
//	observe rerecord --browser B@VERSION [--every N]
//	observe diff [--all] B@VERSION B@VERSION
//	observe bisect --browser B [--scenarios FILE] ID
//	observe install --browser B@VERSION [--into DIRECTORY] | --list --browser B
//
// It needs Linux, root's rights, and the browsers: on Debian the packages
// chromium, firefox-esr with libnss3-tools, libwebkit2gtk-4.1-0 with xvfb, and
// iproute2. It gives itself namespaces of its own, so that nothing of the machine
// is touched or asked.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/internal/lab/observe"
	"github.com/corsim/corsim/internal/scenario"
)

const usage = `observe finds out what real browsers do with scenarios.

  observe generate --seed N -n COUNT | --framing
      prints scenarios near the boundaries of a browser's decisions
  observe run --browser B [--scenarios FILE] [--out FILE]
      has a browser run scenarios, and writes the outcomes
  observe compare [--console] WANT GOT
      shows where two files of outcomes differ
  observe check --browser B [--console] [--seed N -n COUNT [--environment | --elements] | --scenarios FILE [--every N]]
      has a browser run scenarios, and shows where the engine differs
  observe record [--dir DIRECTORY] [--browser B]
      runs the recorded scenarios anew, records the outcomes, and shows what changed
  observe install --browser B@VERSION [--into DIRECTORY] | --list --browser B
      puts a version into a folder of its own, or says which versions there are and where
  observe rerecord --browser B@VERSION [--every N] [--into DIRECTORY]
      installs a version, has it run the recorded scenarios, stores what differs from the whole
      recording, and shows the quirks that changed
  observe diff [--all] B@VERSION B@VERSION
      shows what changed between two recorded versions: by kind, of each the smallest scenario
  observe bisect --browser B [--scenarios FILE] ID
      has each installed version run a scenario, and shows which of them changed it

B is chromium, firefox or webkit, the machine's own, or with @VERSION one that was
installed; check and record take "all" for the machine's own three.
Files have one object a line; "-" is standard input or output, and names that end
with ".gz" are compressed.
Exit codes: 0 for agreement, 1 for differences, 2 for what could not be done.
`

// What a run ends with.
const (
	agreed   = 0
	differed = 1
	failed   = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// A command is a subcommand with its flags.
type command struct {
	flags *flag.FlagSet
	live  bool // observes browsers
	run   func(out, log io.Writer, args []string) (code int, err error)
}

func run(args []string, out, errors io.Writer) int {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	makeCommand, ok := commands[name]
	if !ok {
		fmt.Fprint(errors, usage)
		if name == "help" || name == "-h" || name == "--help" {
			return agreed
		}
		fmt.Fprintf(errors, "\nthere is no command %q\n", name)
		return failed
	}
	c := makeCommand(flag.NewFlagSet("observe "+name, flag.ContinueOnError))
	c.flags.SetOutput(errors)
	verbose := false
	if c.live {
		c.flags.BoolVar(&verbose, "v", false, "show what the browsers write")
	}
	if err := c.flags.Parse(args); err != nil {
		return failed
	}
	code, err := func() (int, error) {
		if c.live && !observe.Isolated() {
			return observe.Isolate()
		}
		log := io.Discard
		if verbose {
			log = errors
		}
		return c.run(out, log, c.flags.Args())
	}()
	if err != nil {
		fmt.Fprintf(errors, "observe %s: %v\n", name, err)
		return failed
	}
	return code
}

var commands = map[string]func(*flag.FlagSet) command{
	"generate": generateCommand, "run": runCommand, "compare": compareCommand, "check": checkCommand, "record": recordCommand,
	"install": installCommand, "rerecord": rerecordCommand, "diff": diffCommand, "bisect": bisectCommand,
}

func generateCommand(f *flag.FlagSet) command {
	seed := f.Uint64("seed", 1, "the `number` that the choices follow from")
	count := f.Int("n", 100, "how many scenarios")
	framing := f.Bool("framing", false, "those about where messages end, instead")
	return command{flags: f, run: func(out, _ io.Writer, _ []string) (int, error) {
		lines := observe.Generate(*seed, *count)
		if *framing {
			lines = observe.GenerateFraming()
		}
		for _, line := range lines {
			if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
				return 0, err
			}
		}
		return agreed, nil
	}}
}

func runCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "", "which `browser`")
	from := f.String("scenarios", "-", "the `file` with the scenarios")
	to := f.String("out", "-", "the `file` for the outcomes")
	into := defineInto(f)
	return command{flags: f, live: true, run: func(_, log io.Writer, _ []string) (int, error) {
		scenarios, err := scenariosOf(*from)
		if err != nil {
			return 0, err
		}
		o, err := observe.New(scenarios, log)
		if err != nil {
			return 0, err
		}
		o.Progress, o.Installed = progress, *into
		outcomes, err := o.Observe(*browser, scenarios)
		if err != nil {
			return 0, err
		}
		return agreed, observe.WriteOutcomes(*to, outcomes)
	}}
}

// defineInto adds the flag for where browsers are installed.
func defineInto(f *flag.FlagSet) *string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return f.String("into", filepath.Join(cache, "corsim", "browsers"), "the `directory` of the browsers that are installed, a folder for each")
}

func installCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "", "which `browser`, with its version, such as firefox@159")
	list := f.Bool("list", false, "say which versions there are, instead")
	into := defineInto(f)
	return command{flags: f, run: func(out, log io.Writer, _ []string) (int, error) {
		if *list {
			return agreed, observe.Available(*browser, out)
		}
		folder, err := observe.Install(*browser, *into, os.Stderr)
		if err != nil {
			return 0, err
		}
		fmt.Fprintln(out, folder)
		return agreed, nil
	}}
}

func rerecordCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "", "which `browser`, with its version, such as firefox@159")
	every := f.Int("every", 1, "take each `N`-th of the scenarios of the large sets")
	into := defineInto(f)
	dir := f.String("dir", observe.Directory, "the `directory` of the observations")
	return command{flags: f, run: func(out, log io.Writer, _ []string) (int, error) {
		if !observe.Isolated() { // which has no network
			if _, err := observe.Install(*browser, *into, os.Stderr); err != nil {
				return 0, err
			}
			return observe.Isolate()
		}
		o, err := observe.NewForSets(*dir, log)
		if err != nil {
			return 0, err
		}
		o.Progress, o.Installed = progress, *into
		return agreed, o.RecordVersion(*dir, *browser, time.Now().Format(time.DateOnly), *every, out)
	}}
}

func diffCommand(f *flag.FlagSet) command {
	all := f.Bool("all", false, "show each scenario, not only the smallest of a kind")
	dir := f.String("dir", observe.Directory, "the `directory` of the observations")
	return command{flags: f, run: func(out, _ io.Writer, args []string) (int, error) {
		if len(args) != 2 {
			return 0, errors.New("give two versions, such as firefox@140 and firefox@159")
		}
		return agreed, observe.Diff(*dir, args[0], args[1], *all, out)
	}}
}

func bisectCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "", "which `browser`")
	from := f.String("scenarios", "", "the `file` with the scenario, instead of those that are recorded")
	into := defineInto(f)
	dir := f.String("dir", observe.Directory, "the `directory` of the observations")
	return command{flags: f, live: true, run: func(out, log io.Writer, args []string) (int, error) {
		if len(args) != 1 {
			return 0, errors.New("give the id of a scenario")
		}
		sc, err := observe.FindScenario(*dir, *from, args[0])
		if err != nil {
			return 0, err
		}
		o, err := observe.New([]*scenario.Scenario{sc}, log)
		if err != nil {
			return 0, err
		}
		o.Installed = *into
		return agreed, o.Bisect(*browser, sc, out)
	}}
}

// scenariosOf returns the scenarios of a file, or those about where messages end for "framing".
func scenariosOf(name string) ([]*scenario.Scenario, error) {
	if name == "framing" {
		return observe.FramingScenarios()
	}
	return observe.ReadScenarios(name)
}

func compareCommand(f *flag.FlagSet) command {
	console := f.Bool("console", false, "compare what was logged as well")
	return command{flags: f, run: func(out, _ io.Writer, args []string) (int, error) {
		if len(args) != 2 {
			return 0, errors.New("give two files of outcomes: what is wanted, and what there is")
		}
		want, err := observe.ReadOutcomes(args[0])
		if err != nil {
			return 0, err
		}
		got, err := observe.ReadOutcomes(args[1])
		if err != nil {
			return 0, err
		}
		report := observe.Compare(want, got, *console)
		report.Write(out, "want", "got")
		if len(report.Disagreements) > 0 || len(report.Missing) > 0 {
			return differed, nil
		}
		return agreed, nil
	}}
}

func checkCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "all", "which `browser`")
	seed := f.Uint64("seed", 1, "the `number` that generated scenarios follow from")
	count := f.Int("n", 150, "how many scenarios to generate")
	from := f.String("scenarios", "", "the `file` with the scenarios, instead of generated ones; \"framing\" means those about where messages end")
	environment := f.Bool("environment", false, "generate scenarios about what decides besides CORS")
	elements := f.Bool("elements", false, "generate scenarios about what elements and the other APIs load")
	every := f.Int("every", 0, "take each `N`-th of the scenarios that can be observed")
	console := f.Bool("console", false, "compare what is logged as well")
	into := defineInto(f)
	return command{flags: f, live: true, run: func(out, log io.Writer, _ []string) (int, error) {
		scenarios, err := observe.GenerateScenarios(*seed, *count)
		if *environment {
			scenarios = observe.GenerateEnvironment(*seed, *count)
		}
		if *elements {
			scenarios = observe.GenerateElements(*seed, *count)
		}
		if *from != "" {
			scenarios, err = scenariosOf(*from)
		}
		if *every > 0 {
			scenarios = observe.Every(*every, scenarios)
		}
		if err != nil {
			return 0, err
		}
		names, err := browsers(*browser)
		if err != nil {
			return 0, err
		}
		o, err := observe.New(scenarios, log)
		if err != nil {
			return 0, err
		}
		o.Progress, o.Installed = progress, *into
		code := agreed
		for _, name := range names {
			check, err := o.Check(name, scenarios, *console)
			if err != nil {
				return 0, err
			}
			check.Write(out)
			if check.Failed() {
				code = differed
			}
		}
		return code, nil
	}}
}

func recordCommand(f *flag.FlagSet) command {
	browser := f.String("browser", "all", "which `browser`")
	dir := f.String("dir", "testdata/observations", "the `directory` with scenarios.jsonl.gz and the outcomes")
	return command{flags: f, live: true, run: func(out, log io.Writer, _ []string) (int, error) {
		names, err := browsers(*browser)
		if err != nil {
			return 0, err
		}
		if err := observe.Record(*dir, names, out, log, progress); err != nil {
			return 0, err
		}
		return agreed, nil
	}}
}

// progress says how far a long run is.
func progress(browser string, done, total int) {
	if done%1000 == 0 {
		fmt.Fprintf(os.Stderr, "%s: %d of %d\n", browser, done, total)
	}
}

// browsers returns those that a flag names.
func browsers(name string) ([]string, error) {
	if name == "all" {
		return observe.Browsers, nil
	}
	if family, _, _ := strings.Cut(name, "@"); !slices.Contains(observe.Browsers, family) {
		return nil, fmt.Errorf("there is no browser %q: it is one of %s, with @VERSION for one that was installed, or all", name, strings.Join(observe.Browsers, ", "))
	}
	return []string{name}, nil
}
