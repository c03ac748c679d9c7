package report

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// TestDiagnosis checks, over all recordings of the repository, that what is blocked has a row with why and
// what to do, that a terminal is told no more than it shows at once, and a pipe everything.
func TestDiagnosis(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/recordings/*")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, name := range files {
		if strings.HasSuffix(name, ".json") && !strings.Contains(name, "netlog.json") || strings.HasSuffix(name, ".md") || strings.HasSuffix(name, "make") {
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		in, err := record.NewReader(file, record.Options{})
		if err != nil {
			file.Close()
			continue // formats that are read elsewhere
		}
		var d Diagnosis
		blocked := 0
		for r, err := range replay.Judge(context.Background(), in, replay.Options{}, func(r *replay.Result) *replay.Result { return r }) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if r.Verdicts[0].Outcome == replay.Blocked {
				blocked++
			}
			d.Add(r, &Options{})
		}
		file.Close()
		sum := 0
		for _, row := range d.rows {
			if told := row.told(nil, false); len(told) != 2 || told[0] == "" || told[1] == "" || row.title == "" {
				t.Errorf("%s: %s is told as %q", name, row.cause, told)
			}
			if row.rank == rankBlocked {
				sum += row.count
				kinds++
			}
		}
		if sum != blocked || d.blocked != blocked {
			t.Errorf("%s: %d requests are blocked, and %d explained", name, blocked, sum)
		}
		var short, long, piped strings.Builder
		d.Print(&short, DiagnosisView{Width: 100, Terminal: true})
		d.Print(&piped, DiagnosisView{Width: 100})
		d.Print(&long, DiagnosisView{Width: 100, Terminal: true, All: true})
		if n := strings.Count(short.String(), "\n"); n > terminalLines {
			t.Errorf("%s: %d lines", name, n)
		}
		if kinds > 0 && d.blocked > 0 && long.Len() <= short.Len() {
			t.Errorf("%s: %s", name, short.String())
		}
		for _, row := range d.causes() {
			if text := strings.Join(strings.Fields(piped.String()), " "); !strings.Contains(text, strings.Join(strings.Fields(row.where(d.commonPage())), " ")) {
				t.Errorf("%s: a pipe lacks the row of %s", name, row.where(""))
			}
		}
	}
	if kinds < 5 {
		t.Errorf("%d kinds of failures in %d files", kinds, len(files))
	}
}
