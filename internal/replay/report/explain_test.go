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

// TestExplanations checks, over all recordings of the repository, that what is
// blocked is explained, and each kind of failure once.
func TestExplanations(t *testing.T) {
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
		var e Explanations
		blocked := 0
		for r, err := range replay.Judge(context.Background(), in, replay.Options{}, func(r *replay.Result) *replay.Result { return r }) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if r.Verdicts[0].Outcome == replay.Blocked {
				blocked++
			}
			e.Add(r)
		}
		file.Close()
		sum := 0
		for _, k := range e.list {
			sum += k.count
			if k.Causes[0].Why() == "" || len(k.Advice) == 0 {
				t.Errorf("%s: %v is not explained", name, k.reason.String())
			}
		}
		if sum != blocked {
			t.Errorf("%s: %d requests are blocked, and %d explained", name, blocked, sum)
		}
		kinds += len(e.list)
		var short, long strings.Builder
		e.Print(&short, &Options{}, 0, false)
		e.Print(&long, &Options{}, 0, true)
		if len(e.list) > 0 && (!strings.HasPrefix(short.String(), "what it most likely means\n") || long.Len() <= short.Len()) {
			t.Errorf("%s: %s", name, short.String())
		}
	}
	if kinds < 5 {
		t.Errorf("%d kinds of failures in %d files", kinds, len(files))
	}
}
