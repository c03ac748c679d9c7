package wpt

import (
	"context"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
)

// TestStandard puts the standard's own behaviour to every case.
func TestStandard(t *testing.T) { testEngine(t, nil) }

func testEngine(t *testing.T, engine *browser.Engine) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report, err := Run(ctx, Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Failed() {
		t.Errorf("%s#%s: %q\n%s", r.File, r.Subtest, r.Problems, r.Trace)
	}
	if len(report.Results) == 0 {
		t.Error("no case ran")
	}
}
