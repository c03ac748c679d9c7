package observe

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// Directory is where recorded observations are, from the root of the repository.
const Directory = "testdata/observations"

// A Recording is what a version of a browser did with the recorded scenarios. What is in its file is what differs from
// the whole recording of the same browser, of the version that the machine has.
type Recording struct {
	Browser  string `json:"browser"`
	Version  string `json:"version"`
	Observed string `json:"observed"` // the day, as 2006-01-02
	Build    string `json:"build"`    // where it is from
	// Sets are the sets that were recorded, and of each every how manieth scenario.
	Sets map[string]int `json:"sets"`

	changed map[string]*scenario.Outcome // by scenario: where it did not do as in the whole recording
}

// Name returns the browser with its version, such as "firefox@159.0".
func (r *Recording) Name() string { return r.Browser + "@" + r.Version }

// Sets are the names of the sets of scenarios, and quirksSet that of those which show quirks.
var Sets = []string{"", "environment", "initiators", "framing", quirksSet}

const quirksSet = "quirks"

// fileOf returns the name of a set's file in a directory of observations.
func fileOf(dir, set, of string) string {
	if set != "" {
		set += "."
	}
	return filepath.Join(dir, set+of+".jsonl.gz")
}

// SetScenarios returns the scenarios of a set.
func SetScenarios(dir, set string) ([]*scenario.Scenario, error) {
	return ReadScenarios(fileOf(dir, set, "scenarios"))
}

// versionFiles returns the path of recordings of versions.
func versionFiles(dir, name string) string { return filepath.Join(dir, "versions", name+".jsonl.gz") }

// Recordings returns the recordings of versions in a directory of observations, by browser and then oldest first.
func Recordings(dir string) ([]*Recording, error) {
	files, err := filepath.Glob(versionFiles(dir, "*"))
	if err != nil {
		return nil, err
	}
	var list []*Recording
	for _, file := range files {
		r, err := readRecording(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *Recording) int { return compareSpecs(a.Name(), b.Name()) })
	return list, nil
}

func readRecording(file string) (*Recording, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewReader(unzipped)
	head, err := lines.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	r := &Recording{changed: make(map[string]*scenario.Outcome)}
	if err := json.Unmarshal(head, r); err != nil {
		return nil, err
	}
	for reader := scenario.NewReader(lines); ; {
		outcome, err := reader.NextOutcome()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		r.changed[outcome.ID] = outcome
	}
}

// An Observed is a scenario and what a browser did with it.
type Observed struct {
	Set      string
	Scenario *scenario.Scenario
	Outcome  *scenario.Outcome
}

// Read returns what the browser did with each scenario of the recording's sets.
func (r *Recording) Read(dir string) (list []Observed, err error) {
	for _, set := range Sets {
		every := r.Sets[set]
		if every == 0 {
			continue
		}
		scenarios, err := SetScenarios(dir, set)
		if err != nil {
			return nil, err
		}
		whole, err := wholeOutcomes(dir, set, r.Browser)
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(scenarios); i += every {
			outcome := r.changed[scenarios[i].ID]
			if outcome == nil {
				outcome = whole[scenarios[i].ID]
			}
			if outcome == nil {
				return nil, fmt.Errorf("%s: no outcome of %q", r.Name(), scenarios[i].ID)
			}
			list = append(list, Observed{set, scenarios[i], outcome})
		}
	}
	return list, nil
}

// wholeOutcomes returns the outcomes of a set in the version of a browser that was recorded whole.
func wholeOutcomes(dir, set, name string) (map[string]*scenario.Outcome, error) {
	outcomes, err := ReadOutcomes(fileOf(dir, set, name))
	if err != nil {
		return nil, err
	}
	whole := make(map[string]*scenario.Outcome, len(outcomes))
	for _, o := range outcomes {
		whole[o.ID] = o
	}
	return whole, nil
}

// Store writes a recording: the outcomes of its sets that differ from the whole recording.
func (r *Recording) Store(dir string, outcomes map[string][]*scenario.Outcome) error {
	var changed []*scenario.Outcome
	for _, set := range Sets {
		whole, err := wholeOutcomes(dir, set, r.Browser)
		if err != nil {
			return err
		}
		for _, o := range outcomes[set] {
			w := whole[o.ID]
			if w != nil && (w.Error != "") == (o.Error != "") && scenario.Agree(w, o) || slices.ContainsFunc(changed, func(c *scenario.Outcome) bool { return c.ID == o.ID }) {
				continue
			}
			for i := range o.Steps {
				o.Steps[i].Console = nil
			}
			changed = append(changed, o)
		}
	}
	head, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file := versionFiles(dir, r.Browser+"@"+majorOf(r.Browser, r.Version))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return writeLines(file, func(line []byte, i int) ([]byte, bool) {
		switch {
		case i == 0:
			return append(line, head...), true
		case i <= len(changed):
			return changed[i-1].AppendJSON(line), true
		}
		return nil, false
	})
}

// findRecording returns the recording of a version, such as "firefox@159"; without a version, or with that of the whole
// recording, the whole one.
func findRecording(dir, name string) (*Recording, error) {
	family, version, _ := strings.Cut(name, "@")
	list, err := Recordings(dir)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, r := range list {
		if r.Browser == family && version != "" && hasVersion(r.Version, version) {
			return r, nil
		}
		known = append(known, r.Name())
	}
	if !slices.Contains(Browsers, family) {
		return nil, fmt.Errorf("there is no browser %q", name)
	}
	whole := &Recording{Browser: family, Version: wholeVersions[family], Sets: make(map[string]int)}
	if version != "" && !hasVersion(whole.Version, version) {
		return nil, fmt.Errorf("there is no recording of %s, only of %s and those of the machine's own: %v", name, strings.Join(known, ", "), wholeVersions)
	}
	for _, set := range Sets {
		whole.Sets[set] = 1
	}
	return whole, nil
}

// wholeVersions are the versions that were recorded whole: those that Debian's bookworm had.
var wholeVersions = map[string]string{"chromium": "156.0.8078.79", "firefox": "153.7.0", "webkit": "2.50"}

// Diff writes how two recorded versions differ: by kind of difference, of each the smallest scenario first; and the quirks
// of which a fact changed between them.
func Diff(dir, a, b string, all bool, out io.Writer) error {
	older, err := findRecording(dir, a)
	if err != nil {
		return err
	}
	newer, err := findRecording(dir, b)
	if err != nil {
		return err
	}
	if older.Browser != newer.Browser {
		return fmt.Errorf("%s and %s are not versions of one browser", a, b)
	}
	was, err := older.Read(dir)
	if err != nil {
		return err
	}
	is, err := newer.Read(dir)
	if err != nil {
		return err
	}
	kinds, compared := differences(was, is)
	fmt.Fprintf(out, "%s and %s: %d scenarios were recorded in both, %d came out differently\n", older.Name(), newer.Name(), compared, countOf(kinds))
	for _, k := range kinds {
		fmt.Fprintf(out, "\n%s: %d\n", k.name, len(k.found))
		shown := k.found
		if !all {
			shown = shown[:1]
		}
		for _, d := range shown {
			fmt.Fprintf(out, "  %s\n", d.id)
			for _, difference := range d.differences {
				fmt.Fprintf(out, "    step %d, %s\n      %-16s %s\n      %-16s %s\n", difference.Step, difference.Field, older.Version, difference.Want, newer.Version, difference.Got)
			}
		}
	}
	return writeChangedQuirks(out, older, newer)
}

// writeChangedQuirks writes the quirks of which a fact holds in one of two versions alone.
func writeChangedQuirks(out io.Writer, older, newer *Recording) error {
	was, err := browser.Find(older.Name())
	if err != nil {
		return nil // a version of which nothing is known yet
	}
	is, err := browser.Find(newer.Name())
	if err != nil {
		return nil
	}
	ids := browser.Changed(was, is)
	if len(ids) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nQuirks that changed:\n")
	for _, q := range browser.Quirks() {
		if slices.Contains(ids, q.ID) {
			fmt.Fprintf(out, "  %s: %s. A server: %s\n", q.ID, q.Title, q.Advice)
		}
	}
	return nil
}

// A kind is differences of the same fields.
type kind struct {
	name  string
	found []changedOutcome
}

type changedOutcome struct {
	id          string
	size        int
	differences []scenario.Difference
}

func countOf(kinds []kind) (n int) {
	for _, k := range kinds {
		n += len(k.found)
	}
	return n
}

// differences returns where two recordings differ, the most frequent kind first.
func differences(was, is []Observed) (kinds []kind, compared int) {
	before := make(map[string]*scenario.Outcome, len(was))
	for _, o := range was {
		before[o.Scenario.ID] = o.Outcome
	}
	seen := make(map[string]bool)
	for _, o := range is {
		w := before[o.Scenario.ID]
		if w == nil || seen[o.Scenario.ID] {
			continue
		}
		seen[o.Scenario.ID] = true
		compared++
		found := scenario.Diff(w, o.Outcome)
		if len(found) == 0 {
			continue
		}
		name := kindOf(found)
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, kind{name: name})
		}
		kinds[i].found = append(kinds[i].found, changedOutcome{o.Scenario.ID, sizeOf(o.Scenario), found})
	}
	for _, k := range kinds {
		slices.SortStableFunc(k.found, func(a, b changedOutcome) int { return a.size - b.size })
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return len(b.found) - len(a.found) })
	return kinds, compared
}

// sizeOf returns about how much somebody has to read of a scenario.
func sizeOf(s *scenario.Scenario) int {
	size := 20 * len(s.Steps)
	for i := range s.Steps {
		size += 10 * len(s.Steps[i].Headers)
	}
	for i := range s.Servers {
		for _, a := range s.Servers[i].Answers {
			size += 10 + 10*len(a.Headers) + len(a.Body) + len(a.Raw)
		}
	}
	return size
}

// kindOf names the fields in which two outcomes differ; of headers, those that do.
func kindOf(found []scenario.Difference) string {
	var names []string
	for _, d := range found {
		field, rest, indexed := strings.Cut(d.Field, "[")
		if indexed {
			_, rest, _ = strings.Cut(rest, "]")
			field += rest
		}
		if strings.HasSuffix(field, "headers") {
			field += headerNames(d)
		}
		if !slices.Contains(names, field) {
			names = append(names, field)
		}
	}
	if slices.Contains(names, "result") {
		return "result: " + found[slices.IndexFunc(found, func(d scenario.Difference) bool { return d.Field == "result" })].Want + " became " +
			found[slices.IndexFunc(found, func(d scenario.Difference) bool { return d.Field == "result" })].Got
	}
	return strings.Join(names, ", ")
}

// headerNames returns the names of the headers in a difference.
func headerNames(d scenario.Difference) string {
	var names []string
	for _, text := range []string{d.Want, d.Got} {
		var list [][]string
		if json.Unmarshal([]byte(text), &list) != nil {
			continue
		}
		for _, h := range list {
			if len(h) > 0 && !slices.Contains(names, h[0]) {
				names = append(names, h[0])
			}
		}
	}
	slices.Sort(names)
	return " (" + strings.Join(names, " ") + ")"
}

// RecordVersion has a version of a browser run the recorded scenarios, every n-th of each set that is large, stores what
// differs from the whole recording, and writes what the version does differently from its engine: the quirks that changed.
func (o *Observer) RecordVersion(dir, spec, day string, every int, out io.Writer) error {
	version, err := o.Version(spec)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(spec, "@")
	r := &Recording{Browser: name, Version: version, Observed: day, Build: o.buildOf(spec), Sets: make(map[string]int)}
	outcomes := make(map[string][]*scenario.Outcome)
	for _, set := range Sets {
		scenarios, err := SetScenarios(dir, set)
		if err != nil {
			return err
		}
		r.Sets[set] = every
		if set == quirksSet || set == "framing" {
			r.Sets[set] = 1 // they are few, and show the most
		}
		scenarios = nth(r.Sets[set], scenarios)
		if outcomes[set], err = o.Observe(spec, scenarios); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: recorded %d scenarios of the set %q\n", spec, len(scenarios), set)
	}
	if err := r.Store(dir, outcomes); err != nil {
		return err
	}
	return writeAgreement(dir, r, out)
}

// NewForSets returns an observer for the recorded sets of scenarios.
func NewForSets(dir string, log io.Writer) (*Observer, error) {
	var all []*scenario.Scenario
	for _, set := range Sets {
		scenarios, err := SetScenarios(dir, set)
		if err != nil {
			return nil, err
		}
		all = append(all, scenarios...)
	}
	return New(all, log)
}

// FindScenario returns a scenario by its id: of a file, or else of the recorded sets.
func FindScenario(dir, file, id string) (*scenario.Scenario, error) {
	lists := make(map[string]func() ([]*scenario.Scenario, error))
	if file != "" {
		lists[file] = func() ([]*scenario.Scenario, error) { return ReadScenarios(file) }
	} else {
		for _, set := range Sets {
			lists[set] = func() ([]*scenario.Scenario, error) { return SetScenarios(dir, set) }
		}
	}
	for _, list := range lists {
		scenarios, err := list()
		if err != nil {
			return nil, err
		}
		for _, s := range scenarios {
			if s.ID == id {
				return s, nil
			}
		}
	}
	return nil, fmt.Errorf("there is no scenario %q", id)
}

// nth returns every n-th of a list, the first among them.
func nth[T any](n int, list []T) (some []T) {
	for i := 0; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}

// writeAgreement compares a recording with the engine of its version, or with the usual one where it is not known, and
// names the quirks whose scenarios came out differently.
func writeAgreement(dir string, r *Recording, out io.Writer) error {
	stored, err := findRecording(dir, r.Name())
	if err != nil {
		return err
	}
	observed, err := stored.Read(dir)
	if err != nil {
		return err
	}
	engine, err := browser.Find(r.Name())
	if err != nil {
		if engine, err = browser.Find(r.Browser); err != nil {
			return err
		}
	}
	agree := 0
	differs := make(map[string]bool)
	for _, one := range observed {
		if scenario.Agree(one.Outcome, scenario.Run(context.Background(), one.Scenario, engine)) {
			agree++
		} else {
			differs[one.Scenario.ID] = true
		}
	}
	fmt.Fprintf(out, "%s agrees with the engine %s on %d of %d scenarios (%.2f %%)\n", r.Name(), engine, agree, len(observed), 100*float64(agree)/float64(max(len(observed), 1)))
	for _, q := range browser.Quirks() {
		for _, text := range q.Scenarios {
			s, err := scenario.Decode([]byte(text))
			if err == nil && differs[s.ID] {
				fmt.Fprintf(out, "  quirk %s: %q comes out differently\n", q.ID, s.ID)
				delete(differs, s.ID)
			}
		}
	}
	fmt.Fprintf(out, "  %d other scenarios come out differently: observe diff %s %s shows them\n", len(differs), engine, r.Name())
	return nil
}

// Bisect has each installed version of a browser run a scenario, and writes between which of them its outcome changed.
func (o *Observer) Bisect(name string, sc *scenario.Scenario, out io.Writer) error {
	installed, err := InstalledIn(o.Installed)
	if err != nil {
		return err
	}
	var before *scenario.Outcome
	last, versions := "", 0
	for _, spec := range installed {
		if family, _, _ := strings.Cut(spec, "@"); family != name {
			continue
		}
		outcomes, err := o.Observe(spec, []*scenario.Scenario{sc})
		if err != nil {
			fmt.Fprintf(out, "%s could not be asked: %v\n", spec, err)
			continue
		}
		versions++
		writeStep(out, last, spec, before, outcomes[0])
		before, last = outcomes[0], spec
	}
	if versions < 2 {
		return fmt.Errorf("%d versions of %s are in %s: two are needed", versions, name, o.Installed)
	}
	return nil
}

// writeStep writes how the outcome of a version differs from that of the version before.
func writeStep(out io.Writer, last, spec string, before, outcome *scenario.Outcome) {
	switch {
	case outcome.Error != "":
		fmt.Fprintf(out, "%s: not measured: %s\n", spec, outcome.Error)
	case before == nil || before.Error != "":
		fmt.Fprintf(out, "%s: the first that was asked\n", spec)
	case scenario.Agree(before, outcome):
		fmt.Fprintf(out, "%s: as %s\n", spec, last)
	default:
		fmt.Fprintf(out, "%s: changed after %s\n", spec, last)
		for _, d := range scenario.Diff(before, outcome) {
			fmt.Fprintf(out, "  step %d, %s\n    before %s\n    now    %s\n", d.Step, d.Field, d.Want, d.Got)
		}
	}
}
