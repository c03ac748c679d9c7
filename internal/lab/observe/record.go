package observe

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/corsim/corsim/browser"
)

// Record runs the scenarios in dir, scenarios.jsonl.gz, in browsers, and writes
// their outcomes beside it, line for line. It writes to out what changed.
func Record(dir string, browsers []string, out, log io.Writer, progress func(browser string, done, total int)) error {
	scenarios, err := ReadScenarios(filepath.Join(dir, "scenarios.jsonl.gz"))
	if err != nil {
		return err
	}
	o, err := New(scenarios, log)
	if err != nil {
		return err
	}
	o.Progress = progress
	for _, name := range browsers {
		version, err := o.Version(name)
		if err != nil {
			return err
		}
		outcomes, err := o.Observe(name, scenarios)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, name+".jsonl.gz")
		before, err := ReadOutcomes(file)
		if err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("what was recorded before: %w", err)
		}
		if before != nil {
			Compare(before, outcomes, false).Write(out, "recorded", "now")
		}
		// The old recording stays until the new one is whole.
		if err := WriteOutcomes(file+".new.gz", outcomes); err != nil {
			return err
		}
		if err := os.Rename(file+".new.gz", file); err != nil {
			return err
		}
		fmt.Fprintf(out, "recorded %d scenarios in %s %s: %s\n", len(outcomes), name, version, file)
		if engine, err := browser.Find(name); err == nil && !strings.HasPrefix(version, engine.Version()) {
			fmt.Fprintf(out, "the engine's version is %q: set it in package browser once the engine agrees\n", engine.Version())
		}
	}
	return nil
}
