package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

var update = flag.Bool("update", false, "write the golden files")

var everyEngine = []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}

// write writes what options ask for about a recording, and returns what could not
// be read.
func write(t testing.TB, recording string, width int, judge replay.Options, o Options) (table, lines string, totals *Totals) {
	table, _, lines, totals = writeBoth(t, recording, width, judge, o)
	return table, lines, totals
}

// writeBoth also returns the groups.
func writeBoth(t testing.TB, recording string, width int, judge replay.Options, o Options) (table, diagnosed, lines string, totals *Totals) {
	in, err := record.NewReader(strings.NewReader(recording), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Assumptions, o.Independent = judge.Assumptions(), judge.Independent
	var out bytes.Buffer
	tab := &Table{Out: &out, Width: width, All: true}
	totals = new(Totals)
	var diagnosis Diagnosis
	var all []byte
	type written struct {
		result     *replay.Result
		rows, line []byte
	}
	for w, err := range replay.Judge(context.Background(), in, judge, func(r *replay.Result) written {
		return written{r, tab.Rows(r, &o), append(Line(nil, r, &o), '\n')}
	}) {
		if bad, ok := errors.AsType[*record.EntryError](err); ok {
			all = append(BadLine(all, bad, &o), '\n')
			totals.Unreadable++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		totals.Add(w.result)
		diagnosis.Add(w.result, &o)
		all = append(all, w.line...)
		if err := tab.Add(w.rows, w.result); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.Finish(); err != nil {
		t.Fatal(err)
	}
	totals.Print(&out, width)
	var printed bytes.Buffer
	diagnosis.Print(&printed, DiagnosisView{Width: width, Terminal: true})
	return out.String(), printed.String(), string(all), totals
}

func readFile(t testing.TB, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The golden files are what is written about the recordings in testdata.
func TestGolden(t *testing.T) {
	tests := []struct {
		golden, recording string
		width             int
		judge             replay.Options
		options           Options
	}{
		{"devtools", "../../../testdata/recordings/chromium-devtools.har", 100, replay.Options{}, Options{}},
		{"firefox-every-browser", "../../../testdata/recordings/firefox.har", 120, replay.Options{Engines: everyEngine}, Options{}},
		{"playwright-narrow", "../../../testdata/recordings/chromium-playwright.har", 0, replay.Options{}, Options{File: "chromium-playwright.har"}},
		{"playwright-phone", "../../../testdata/recordings/chromium-playwright.har", 44, replay.Options{Engines: everyEngine}, Options{}},
		{"what-if", "../../../testdata/recordings/chromium-devtools.har", 132, replay.Options{Origin: "https://staging.example", Credentials: replay.CredentialsIncluded}, Options{}},
		{"mixed", "testdata/mixed.har", 120, replay.Options{Engines: everyEngine}, Options{}},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			table, diagnosed, lines, _ := writeBoth(t, readFile(t, test.recording), test.width, test.judge, test.options)
			for line := range strings.Lines(table + diagnosed) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > atLeast(test.width) {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
			for name, got := range map[string]string{".txt": table, "-diagnosis.txt": diagnosed, ".jsonl": lines} {
				golden := filepath.Join("testdata", test.golden+name)
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(readFile(t, golden), got); diff != "" {
					t.Errorf("%s: -want +got:\n%s", golden, diff)
				}
			}
		})
	}
}

// Each line is a JSON object with no member twice, whatever a recording holds.
func TestLinesAreJSON(t *testing.T) {
	recordings, err := filepath.Glob("../../../testdata/recordings/*.har")
	if err != nil || len(recordings) == 0 {
		t.Fatal(recordings, err)
	}
	for _, recording := range append(recordings, "testdata/mixed.har") {
		_, lines, _ := write(t, readFile(t, recording), 0, replay.Options{Engines: everyEngine}, Options{})
		for line := range strings.Lines(lines) {
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if object["v"] != 1.0 || (object["verdicts"] == nil) == (object["unreadable"] == nil) {
				t.Errorf("%s", line)
			}
		}
	}
}

// planted are secrets that are in testdata/mixed.har.
var planted = []string{
	"COOKIE-SECRET", "BEARER-SECRET", "SETCOOKIE-SECRET", "APIKEY-SECRET", "QUERY-SECRET", "PASSWORD-SECRET", "FRAGMENT-SECRET", "LOCATION-SECRET",
	"REFERER-SECRET", "ERROR-SECRET", "BODY-SECRET",
}

func TestNoSecretIsWritten(t *testing.T) {
	recording := readFile(t, "testdata/mixed.har")
	for _, secret := range planted {
		if !strings.Contains(recording, secret) {
			t.Errorf("%s is not in the recording", secret)
		}
	}
	for _, judge := range []replay.Options{{Engines: everyEngine}, {Independent: true}, {Origin: "https://other.example"}} {
		for _, width := range []int{0, 400} {
			table, diagnosed, lines, _ := writeBoth(t, recording, width, judge, Options{})
			for _, secret := range planted {
				if strings.Contains(table+diagnosed+lines, secret) {
					t.Errorf("%s is written", secret)
				}
			}
		}
	}
	_, lines, _ := write(t, recording, 0, replay.Options{}, Options{ShowSecrets: true})
	for _, secret := range []string{"QUERY-SECRET", "PASSWORD-SECRET", "LOCATION-SECRET"} {
		if !strings.Contains(lines, secret) {
			t.Errorf("%s is not written, though secrets are asked for", secret)
		}
	}
}

// A filter over JSON lines writes a line for each, the same however the lines are
// split among processes.
func TestIndependentOfSplits(t *testing.T) {
	var lines []string
	for _, recording := range []string{"../../../testdata/recordings/chromium-devtools.har", "testdata/mixed.har"} {
		var har struct {
			Log struct{ Entries []json.RawMessage }
		}
		if err := json.Unmarshal([]byte(readFile(t, recording)), &har); err != nil {
			t.Fatal(err)
		}
		for _, entry := range har.Log.Entries {
			var line bytes.Buffer
			if err := json.Compact(&line, entry); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line.String()+"\n")
		}
	}
	lines = append(lines, "{\"request\":\n", "1\n", lines[0])
	filter := func(lines []string) string {
		in, err := record.NewReader(strings.NewReader(strings.Join(lines, "")), record.Options{Format: record.JSONLines})
		if err != nil {
			t.Fatal(err)
		}
		o := &Options{Independent: true}
		var out []byte
		for line, err := range replay.Judge(context.Background(), in, replay.Options{Independent: true}, func(r *replay.Result) []byte { return Line(nil, r, o) }) {
			if err != nil {
				line = BadLine(nil, err, o)
			}
			out = append(append(out, line...), '\n')
		}
		return string(out)
	}
	whole := filter(lines)
	if n := strings.Count(whole, "\n"); n != len(lines) {
		t.Fatalf("%d lines for %d", n, len(lines))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		cuts := []int{0, len(lines)}
		for range 7 {
			cuts = append(cuts, random.IntN(len(lines)))
		}
		slices.Sort(cuts)
		var got string
		for i := range cuts[1:] {
			if cuts[i] < cuts[i+1] {
				got += filter(lines[cuts[i]:cuts[i+1]])
			}
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Fatalf("split at %v:\n%s", cuts, diff)
		}
	}
}

// A table that is too long to be held back is written as it grows, with what is
// contradicted behind it.
func TestLongTable(t *testing.T) {
	const n = 70_000
	entry := `{"request":{"method":"GET","url":"https://api.example/","headers":[{"name":"origin","value":"https://app.example"}]},"response":{"status":200,"headers":[{"name":"x","value":"y"}],"_error":null}}`
	recording := `{"log":{"creator":{"name":"WebInspector"},"entries":[` + strings.Repeat(entry+",", n-1) + entry + `]}}`
	table, _, totals := write(t, recording, 80, replay.Options{}, Options{})
	want := fmt.Sprintf("CONTRADICTED by the recording (%d)", n)
	if i := strings.Index(table, want); i < maxHeld || strings.Count(table, "\n") < n || strings.Count(table[i:], "missing-allow-origin") != maxContradicted+1 {
		t.Errorf("%q is at %d of %d lines", want, i, strings.Count(table, "\n"))
	}
	if totals.Outcome() != replay.Blocked {
		t.Error(totals.Outcome())
	}
}

// Colours change nothing else.
func TestColors(t *testing.T) {
	r := &replay.Result{
		Exchange: &record.Exchange{Entry: "entry 1", Request: record.Request{Method: "GET", URL: "https://a.example/"}},
		Verdicts: []replay.Verdict{{Engine: browser.Standard()}},
	}
	plain, colored := &Table{Width: 100}, &Table{Width: 100, Color: true}
	want := string(plain.Rows(r, &Options{}))
	got := string(colored.Rows(r, &Options{}))
	if !strings.Contains(got, "\x1b[32mallowed    \x1b[0m") {
		t.Errorf("no colour: %q", got)
	}
	got = strings.NewReplacer("\x1b[32m", "", "\x1b[0m", "").Replace(got)
	if strings.TrimRight(got, " \n") != strings.TrimRight(want, " \n") {
		t.Errorf("got %q, want %q", got, want)
	}
}
