package wpt

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/browser"
	wptdata "github.com/corsim/corsim/testdata/wpt"
	"github.com/corsim/corsim/wpt/server"
)

// Options say what is run.
type Options struct {
	// Engine is whose behaviour is put to the test; nil stands for the standard's.
	Engine *browser.Engine
	// Pattern selects cases: those whose "file#subtest" contains it, or whose
	// file matches it as [path.Match] has it. Empty selects all.
	Pattern string
	// Parallel is how many cases run at the same time; 0 stands for twice the
	// number of processors.
	Parallel int
	// Done, where it is not nil, is called with each result as it comes, by one
	// goroutine at a time.
	Done func(*Result)
}

// A Result is what came of one case.
type Result struct {
	File     string `json:"file"`
	Subtest  string `json:"subtest"`
	Requires string `json:"requires,omitempty"`
	Anchor   string `json:"anchor,omitempty"`
	// OK says that the case came out as expected: it passed, or it failed and
	// that was expected.
	OK bool `json:"ok"`
	// Passed says that the engine does what the case requires.
	Passed bool `json:"passed"`
	// Problems say what was not as required.
	Problems []string `json:"problems,omitempty"`
	// Expected is the expected failure that the case is listed as.
	Expected *ExpectedFailure `json:"expected,omitempty"`
	// Trace is what went over the network and was decided, where the case is not OK.
	Trace string `json:"trace,omitempty"`
	// Took is how long it took.
	Took time.Duration `json:"tookNanoseconds"`
}

// An ExpectedFailure says why an engine fails a case.
type ExpectedFailure struct {
	File string `json:"file"`
	// Subtests are names of subtests; one that ends in "*" stands for all that
	// begin so.
	Subtests []string `json:"subtests"`
	// Engines are names of engines, "standard" among them.
	Engines []string `json:"engines"`
	Reason  string   `json:"reason"`
	// Link is where it is discussed.
	Link string `json:"link"`
}

func (e *ExpectedFailure) covers(c *Case) bool {
	return e.File == c.File && slices.ContainsFunc(e.Subtests, func(subtest string) bool {
		begin, ok := strings.CutSuffix(subtest, "*")
		return subtest == c.Subtest || ok && strings.HasPrefix(c.Subtest, begin)
	})
}

// A suite is all that is ported.
type suite struct {
	cases    []*Case
	leftOut  map[string][]LeftOut // by file
	upstream []upstreamFile
	expected []ExpectedFailure
}

// An upstreamFile is one line of upstream.tsv.
type upstreamFile struct {
	file, relevance string
	subtests        int
}

// load reads the data and collects the cases that are functions.
var load = sync.OnceValues(func() (*suite, error) {
	s := &suite{leftOut: make(map[string][]LeftOut)}
	if err := s.readUpstream(); err != nil {
		return nil, err
	}
	data, err := wptdata.Files.ReadFile("expected.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &s.expected); err != nil {
		return nil, fmt.Errorf("expected.json: %w", err)
	}
	err = fs.WalkDir(wptdata.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		file, ok := strings.CutSuffix(name, ".json")
		if err != nil || entry.IsDir() || !ok || path.Dir(name) == "." {
			return err
		}
		data, err := wptdata.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if read := tables[file]; read != nil {
			cases, err := read(file, data)
			s.cases = append(s.cases, cases...)
			return err
		}
		cases, leftOut, err := readCaseFile(file, data)
		s.cases = append(s.cases, cases...)
		s.leftOut[file] = append(s.leftOut[file], leftOut...)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		collected := &collector{file: f.file, requires: f.requires, anchor: f.anchor}
		f.add(collected)
		s.cases = append(s.cases, collected.cases...)
	}
	slices.SortStableFunc(s.cases, func(a, b *Case) int { return strings.Compare(a.File, b.File) })
	return s, s.check()
})

func (s *suite) readUpstream() error {
	data, err := wptdata.Files.ReadFile("upstream.tsv")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if fields[0] == "file" {
			continue
		}
		if len(fields) != 3 {
			return fmt.Errorf("upstream.tsv: %q has %d fields, not 3", line, len(fields))
		}
		subtests, err := strconv.Atoi(fields[2])
		if err != nil {
			return fmt.Errorf("upstream.tsv: %w", err)
		}
		s.upstream = append(s.upstream, upstreamFile{fields[0], fields[1], subtests})
	}
	return s.readLeftOutFiles()
}

// readLeftOutFiles reads which files have no case at all.
func (s *suite) readLeftOutFiles() error {
	data, err := wptdata.Files.ReadFile("leftout.json")
	if err != nil {
		return err
	}
	var groups []struct {
		Files  []string
		Reason string
	}
	if err := json.Unmarshal(data, &groups); err != nil {
		return fmt.Errorf("leftout.json: %w", err)
	}
	for _, group := range groups {
		for _, file := range group.Files {
			s.leftOut[file] = append(s.leftOut[file], LeftOut{Reason: group.Reason})
		}
	}
	return nil
}

// check reports what would make the counts a lie: a case or an expected failure
// of a file that upstream has not, two cases of one name, a reason for nothing.
func (s *suite) check() error {
	known := make(map[string]int)
	for _, f := range s.upstream {
		known[f.file] = f.subtests
	}
	ported := make(map[string]int)
	seen := make(map[string]bool)
	for _, c := range s.cases {
		if _, ok := known[c.File]; !ok {
			return fmt.Errorf("%s is not in upstream.tsv", c.File)
		}
		if key := c.File + "#" + c.Subtest; seen[key] {
			return fmt.Errorf("there are two cases %s", key)
		} else {
			seen[key] = true
		}
		ported[c.File]++
	}
	for file, groups := range s.leftOut {
		subtests, ok := known[file]
		if !ok {
			return fmt.Errorf("%s is not in upstream.tsv", file)
		}
		n := ported[file]
		for _, g := range groups {
			if g.Subtests == nil && ported[file] > 0 {
				return fmt.Errorf("%s is left out and has cases", file)
			}
			n += len(g.Subtests)
			for _, subtest := range g.Subtests {
				if seen[file+"#"+subtest] {
					return fmt.Errorf("%s#%s is left out and ported", file, subtest)
				}
			}
		}
		if n > subtests {
			return fmt.Errorf("%s: %d subtests are ported or left out, of %d", file, n, subtests)
		}
	}
	for i := range s.expected {
		e := &s.expected[i]
		if !slices.ContainsFunc(s.cases, e.covers) {
			return fmt.Errorf("expected.json: no case of %s is any of %q", e.File, e.Subtests)
		}
	}
	return nil
}

// engineName is how expected failures name an engine.
func engineName(engine *browser.Engine) string {
	if engine == nil {
		engine = browser.Standard()
	}
	return engine.Name()
}

// Run runs cases. Its error says what kept it from running them, an invalid
// pattern for instance; that cases fail is in the report.
func Run(ctx context.Context, options Options) (*Report, error) {
	s, err := load()
	if err != nil {
		return nil, err
	}
	return s.run(ctx, options)
}

func (s *suite) run(ctx context.Context, options Options) (*Report, error) {
	if _, err := path.Match(options.Pattern, ""); err != nil {
		return nil, fmt.Errorf("the pattern %q: %w", options.Pattern, err)
	}
	srv, err := server.New()
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	network, closeNetwork := newNetwork(srv)
	defer closeNetwork()

	report := &Report{Engine: engineName(options.Engine), suite: s, pattern: options.Pattern}
	parallel := cmp.Or(options.Parallel, 2*runtime.GOMAXPROCS(0))
	tokens := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, c := range s.cases {
		if !selects(options.Pattern, c) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		tokens <- struct{}{}
		wg.Go(func() {
			defer func() { <-tokens }()
			caseContext, cancel := context.WithTimeout(ctx, caseTimeout)
			defer cancel()
			begin := time.Now()
			t := newTester(caseContext, c, network, options.Engine)
			t.do()
			result := report.judge(t, time.Since(begin))
			mu.Lock()
			defer mu.Unlock()
			report.Results = append(report.Results, result)
			if options.Done != nil {
				options.Done(result)
			}
		})
	}
	wg.Wait()
	slices.SortFunc(report.Results, func(a, b *Result) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Subtest, b.Subtest))
	})
	return report, ctx.Err()
}

// caseTimeout bounds a case, so that one that hangs is a failure with a trace.
const caseTimeout = 30 * time.Second

func selects(pattern string, c *Case) bool {
	if matched, _ := path.Match(pattern, c.File); matched {
		return true
	}
	return strings.Contains(c.File+"#"+c.Subtest, pattern)
}

// judge makes the result of a case that has run.
func (r *Report) judge(t *tester, took time.Duration) *Result {
	result := &Result{
		File: t.File, Subtest: t.Subtest, Requires: t.Requires, Anchor: t.Anchor,
		Passed: len(t.problems) == 0, Problems: t.problems, Took: took,
	}
	for i := range r.suite.expected {
		if e := &r.suite.expected[i]; slices.Contains(e.Engines, r.Engine) && e.covers(t.Case) {
			result.Expected = e
		}
	}
	result.OK = result.Passed == (result.Expected == nil)
	if result.Passed && !result.OK {
		result.Problems = []string{"passes, but is listed as an expected failure"}
	}
	if !result.OK {
		result.Trace = t.trace.String()
	}
	return result
}
