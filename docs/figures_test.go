package docs_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/lab/observe"
	"github.com/corsim/corsim/wpt"
)

var update = flag.Bool("update", false, "write the tables of exact.md")

// TestFigures holds the tables of exact.md to what they are made of: the recorded observations
// and the list of those that disagree, which package browser's tests hold to be exact; the ported
// tests, which are run; and the table of quirks.
func TestFigures(t *testing.T) {
	content, err := os.ReadFile("exact.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for name, table := range map[string]string{"browsers": browsersTable(t), "versions": versionsTable(t), "changes": changesTable(t), "wpt": wptTable(t), "quirks": quirksSentence()} {
		part := regexp.MustCompile("(?s)(<!-- " + name + " -->\n).*?(<!-- end -->)")
		if !part.MatchString(page) {
			t.Fatalf("exact.md has no place for %s", name)
		}
		page = part.ReplaceAllLiteralString(page, "<!-- "+name+" -->\n\n"+table+"\n<!-- end -->")
	}
	if *update {
		if err := os.WriteFile("exact.md", []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(string(content), page); diff != "" {
		t.Errorf("exact.md: go test ./docs -update writes it\n-is +must be:\n%s", diff)
	}
}

// sets are the recorded observations, by what their files begin with.
var sets = []struct{ prefix, about string }{
	{"", "fetch() and XMLHttpRequest: CORS"},
	{"environment.", "what decides besides CORS: local networks, CSP, HSTS, authentication, kinds of clients, COEP, mixed content, HTTP/2"},
	{"initiators.", "what elements and the other APIs ask for, and what the page makes of it"},
}

func browsersTable(t *testing.T) string {
	t.Helper()
	listed := map[string]map[string]bool{}
	list, err := os.ReadFile("../browser/testdata/disagreements.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		if fields := strings.Split(line, "\t"); len(fields) == 3 && line[0] != '#' {
			if listed[fields[0]] == nil {
				listed[fields[0]] = map[string]bool{}
			}
			listed[fields[0]][fields[1]] = true
		}
	}
	var b strings.Builder
	engines := wholeEngines(t)
	b.WriteString("| recorded experiments | of them |")
	for _, e := range engines {
		fmt.Fprintf(&b, " %s %s |", e.Name(), e.Version())
	}
	b.WriteString("\n| --- | ---: |" + strings.Repeat(" ---: |", len(engines)) + "\n")
	for _, set := range sets {
		ids := scenarioIDs(t, set.prefix)
		fmt.Fprintf(&b, "| %s | %d |", set.about, len(ids))
		for _, e := range engines {
			disagree := 0
			for _, id := range ids {
				if listed[e.Name()][id] {
					disagree++
				}
			}
			fmt.Fprintf(&b, " %.2f %% |", 100*float64(len(ids)-disagree)/float64(len(ids)))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "| responses that are not framed as they should be | %d |%s\n", len(scenarioIDs(t, "framing.")), strings.Repeat(" 100 % |", len(engines)))
	return b.String()
}

// wholeEngines are those of the versions that were recorded whole.
func wholeEngines(t *testing.T) (engines []*browser.Engine) {
	t.Helper()
	for _, name := range []string{"chromium@156", "firefox@153", "webkit@2.50"} {
		e, err := browser.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
	}
	return engines
}

// versionsTable has a row for each version that was observed besides.
func versionsTable(t *testing.T) string {
	t.Helper()
	list, err := os.ReadFile("../browser/testdata/disagreements.tsv")
	if err != nil {
		t.Fatal(err)
	}
	recordings, err := observe.Recordings("../testdata/observations")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| version | build | recorded experiments | agree |\n| --- | --- | ---: | ---: |\n")
	for _, r := range recordings {
		observed, err := r.Read("../testdata/observations")
		if err != nil {
			t.Fatal(err)
		}
		n, disagree := 0, strings.Count("\n"+string(list), "\n"+r.Name()+"\t")
		for _, o := range observed {
			if o.Outcome.Error == "" {
				n++
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %.2f %% |\n", r.Name(), r.Build, n, 100*float64(n-disagree)/float64(n))
	}
	return b.String()
}

// changesTable has what each browser changed since the oldest version that was observed.
func changesTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"chromium@131", "firefox@140", "webkit@2.50"} {
		older, err := browser.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		newest, err := browser.Find(older.Name() + "@newest")
		if err != nil {
			t.Fatal(err)
		}
		ids := browser.Changed(older, newest)
		fmt.Fprintf(&b, "**%s %s to %s**\n\n| quirk | what | changed | a server should |\n| --- | --- | --- | --- |\n", older.Name(), older.Version(), newest.Version())
		for _, q := range browser.Quirks() {
			if slices.Contains(ids, q.ID) {
				words := map[string]string{"chromium": q.Chromium, "firefox": q.Firefox, "webkit": q.WebKit}[older.Name()]
				fmt.Fprintf(&b, "| %s | %s: %s | %s | %s |\n", q.ID, q.Title, words, strings.Join(q.Changes(newest), ", "), q.Advice)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// scenarioIDs returns the ids of a set of scenarios.
func scenarioIDs(t *testing.T, prefix string) (ids []string) {
	t.Helper()
	in, err := os.Open("../testdata/observations/" + prefix + "scenarios.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var s struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func wptTable(t *testing.T) string {
	t.Helper()
	report, err := wpt.Run(context.Background(), wpt.Options{Engine: browser.Standard()})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| | upstream | ported | passing | expected failures | left out |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, d := range report.Directories() {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", d.Name, d.Upstream, d.Ported, d.Passed, d.ExpectedFailures, d.LeftOut)
	}
	return b.String()
}

func quirksSentence() string {
	return fmt.Sprintf("`simulate quirks` says where browsers differ from the standard and from each other, from the data that the engine runs on: %d points, with a\nscenario each that shows it and what a server should send.\n", len(browser.Quirks()))
}
