package wpt

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"
)

// A Report is what came of a run.
type Report struct {
	// Engine is the name of the engine, "standard" for none.
	Engine string
	// Results are those of the cases that ran, by file and subtest.
	Results []*Result

	suite   *suite
	pattern string
}

// A Directory is what a report says of an upstream directory.
type Directory struct {
	Name string `json:"directory"`
	// Upstream counts the subtests of its files that are in scope, Core those of
	// them that are about CORS itself.
	Upstream int `json:"upstream"`
	// Ported counts those that were run, Passed those of them that passed, and
	// ExpectedFailures those that failed as expected; Failed is the rest.
	Ported           int `json:"ported"`
	Passed           int `json:"passed"`
	ExpectedFailures int `json:"expectedFailures"`
	Failed           int `json:"failed"`
	// LeftOut counts those that are not ported, for a reason that is known, and
	// Missing those that are not accounted for.
	LeftOut int `json:"leftOut"`
	Missing int `json:"missing"`
}

func (d *Directory) add(e *Directory) {
	d.Upstream += e.Upstream
	d.Ported += e.Ported
	d.Passed += e.Passed
	d.ExpectedFailures += e.ExpectedFailures
	d.Failed += e.Failed
	d.LeftOut += e.LeftOut
	d.Missing += e.Missing
}

// Failed returns the results that are not as expected.
func (r *Report) Failed() (failed []*Result) {
	for _, result := range r.Results {
		if !result.OK {
			failed = append(failed, result)
		}
	}
	return failed
}

// OK reports whether every case that ran came out as expected.
func (r *Report) OK() bool { return len(r.Failed()) == 0 }

// Files returns what the report says of each upstream file, in order: those of
// which a case ran, and, where all were asked for, those that are left out.
func (r *Report) Files() []*Directory {
	byFile := make(map[string]*Directory)
	for _, result := range r.Results {
		d := byFile[result.File]
		if d == nil {
			d = &Directory{Name: result.File}
			byFile[result.File] = d
		}
		d.Ported++
		switch {
		case !result.OK:
			d.Failed++
		case result.Passed:
			d.Passed++
		default:
			d.ExpectedFailures++
		}
	}
	var files []*Directory
	for _, f := range r.suite.upstream {
		d := byFile[f.file]
		if d == nil {
			if r.pattern != "" {
				continue
			}
			d = &Directory{Name: f.file}
		}
		d.Upstream = f.subtests
		for _, l := range r.suite.leftOut[f.file] {
			if l.Subtests == nil {
				d.LeftOut = f.subtests
			}
			d.LeftOut += len(l.Subtests)
		}
		d.Missing = max(0, d.Upstream-d.Ported-d.LeftOut)
		files = append(files, d)
	}
	return files
}

// Directories returns the same by upstream directory. The files that are about
// CORS itself ("core") come first as an entry of their own, as does the total, last.
func (r *Report) Directories() []*Directory {
	core, total := &Directory{Name: "core"}, &Directory{Name: "total"}
	directories := []*Directory{core}
	relevance, byName := make(map[string]string), make(map[string]*Directory)
	for _, f := range r.suite.upstream {
		relevance[f.file] = f.relevance
	}
	for _, f := range r.Files() {
		name := path.Dir(f.Name)
		d := byName[name]
		if d == nil {
			d = &Directory{Name: name}
			byName[name] = d
			directories = append(directories, d)
		}
		d.add(f)
		total.add(f)
		if relevance[f.Name] == "core" {
			core.add(f)
		}
	}
	return append(directories, total)
}

// WriteTable writes a table by upstream directory, and below it what failed.
// Verbose adds the trace of each failure.
func (r *Report) WriteTable(w io.Writer, verbose bool) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "upstream\tported\tpassing\texpected failures\tfailing\tleft out\tmissing\t  "+r.Engine+"\t")
	for _, d := range r.Directories() {
		fmt.Fprintf(tw, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t  %s\t\n",
			d.Upstream, d.Ported, d.Passed, d.ExpectedFailures, d.Failed, d.LeftOut, d.Missing, d.Name)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, result := range r.Failed() {
		if _, err := fmt.Fprintf(w, "\nFAIL %s#%s\n", result.File, result.Subtest); err != nil {
			return err
		}
		if result.Requires != "" {
			fmt.Fprintf(w, "  requires: %s (%s)\n", result.Requires, result.Anchor)
		}
		for _, problem := range result.Problems {
			fmt.Fprintf(w, "  %s\n", problem)
		}
		if verbose {
			fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(strings.TrimSpace(result.Trace), "\n", "\n  "))
		}
	}
	return nil
}

// WriteJSON writes the report as one JSON object: the engine, the table and the
// results.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(struct {
		V           int          `json:"v"`
		Engine      string       `json:"engine"`
		OK          bool         `json:"ok"`
		Directories []*Directory `json:"directories"`
		Results     []*Result    `json:"results"`
	}{1, r.Engine, r.OK(), r.Directories(), r.Results})
}
