package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

var runCommand = &command{
	name: "run", summary: "run scenarios against scripted servers",
	arguments: "[flags] FILE.jsonl|-",
	help: `Each line of the file is a scenario: who asks, what the servers would answer, and
what is asked. For each, in order, a line with its outcome is written. A line that
is no scenario is reported on standard error and gives an outcome with an error, so
that lines stay aligned; the rest is still run. With --browser all there is a line for
each browser, which begins with its name.`,
	examples: `  simulate run scenarios.jsonl > outcomes.jsonl
  zcat scenarios.jsonl.gz | simulate run --browser firefox -`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		var engines []*browser.Engine
		defineBrowsers(f, &engines)
		return func(ctx context.Context, std *streams, args []string) (int, error) {
			name, in, err := openInput(std, args)
			if err != nil {
				return exitUsage, err
			}
			defer in.Close()
			if os.Getenv("GOGC") == "" {
				// What is live is a few megabytes: collecting it less often costs a
				// few more, and saves a tenth of the time.
				debug.SetGCPercent(400)
			}
			return runScenarios(ctx, &scenarioRun{
				engines: engines, name: name, in: in, out: std.out, err: std.err, workers: runtime.GOMAXPROCS(0),
			})
		}
	},
}

// openInput opens the one file that args name, "-" for standard input, and
// returns what to call it in messages.
func openInput(std *streams, args []string) (string, io.ReadCloser, error) {
	switch {
	case len(args) == 0:
		return "", nil, errors.New(`no file is given; "-" is standard input`)
	case len(args) > 1:
		return "", nil, fmt.Errorf("%d files are given; one is read", len(args))
	case args[0] == "-":
		if err := std.checkInput("standard input", std.in); err != nil {
			return "", nil, err
		}
		return "standard input", io.NopCloser(std.in), nil
	}
	file, err := os.Open(args[0])
	if err != nil {
		return "", nil, err
	}
	if err := std.checkInput(args[0], file); err != nil {
		file.Close()
		return "", nil, err
	}
	return args[0], file, nil
}

// checkInput says why a file cannot be read: it is a directory, or what is said of it would be
// written to its end, which damages it and may go on for ever.
func (std *streams) checkInput(name string, in io.Reader) error {
	file, ok := in.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	switch {
	case err != nil: // reading will say why
		return nil
	case info.IsDir():
		return fmt.Errorf("%s is a directory", name)
	}
	return std.checkOutput(name, info)
}

// checkOutput says why a file that is read cannot be standard output as well.
func (std *streams) checkOutput(name string, info os.FileInfo) error {
	out := fileOf(std.out)
	if out == nil || !info.Mode().IsRegular() {
		return nil
	}
	if to, err := out.Stat(); err == nil && os.SameFile(info, to) {
		return fmt.Errorf("%s is standard output as well: write to another file", name)
	}
	return nil
}

// scenarioRun is a run of a file of scenarios.
type scenarioRun struct {
	engines  []*browser.Engine // whose outcome is written for each scenario, a line each
	name     string            // of the file
	in       io.Reader
	out, err io.Writer
	workers  int
	long     chan struct{} // the place of the one long batch
}

// A batch holds so many scenarios that handing it over costs little, and so few
// that the batches under way need little memory. A batch that is long all the same, because
// of one scenario, is the only such one from when it is read until its outcomes are written.
const (
	batchScenarios = 64
	batchBytes     = 256 << 10
	longBatch      = 1 << 20
)

// batch is a number of scenarios, and once done is closed, what came of them.
type batch struct {
	raws  []scenario.Raw
	errs  []error // of the raws; nil for none
	long  bool
	done  chan struct{}
	out   [][]byte // in pieces, so that a long outcome is not copied for the next
	err   []byte
	tally tally
}

// tally counts outcomes.
type tally struct{ wrong, blocked, undecidable int }

func (t *tally) add(u tally) {
	t.wrong += u.wrong
	t.blocked += u.blocked
	t.undecidable += u.undecidable
}

func (t *tally) exit() int {
	switch {
	case t.wrong > 0:
		return exitUsage
	case t.blocked > 0:
		return exitBlocked
	case t.undecidable > 0:
		return exitUndecidable
	}
	return exitAllowed
}

// runScenarios reads batches, has workers run them, and writes what came of them
// in their order.
func runScenarios(ctx context.Context, r *scenarioRun) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.long = make(chan struct{}, 1)
	// Both channels bound how many batches there are at a time.
	todo, ordered := make(chan *batch, r.workers), make(chan *batch, 4*r.workers)
	for range r.workers {
		go func() {
			for b := range todo {
				r.run(ctx, b)
			}
		}()
	}
	var readErr error
	go func() {
		defer close(ordered)
		defer close(todo)
		readErr = r.read(ctx, todo, ordered)
	}()
	var total tally
	out := bufio.NewWriterSize(r.out, 256<<10)
	for {
		b, err := next(ctx, ordered)
		if err != nil {
			out.Flush()
			return exitUsage, fmt.Errorf("%s: %w", r.name, err)
		}
		if b == nil {
			break
		}
		r.err.Write(b.err)
		for _, piece := range b.out {
			if _, err := out.Write(piece); err != nil {
				return exitUsage, err
			}
		}
		total.add(b.tally)
		if b.long {
			<-r.long
		}
	}
	if err := out.Flush(); err != nil {
		return exitUsage, err
	}
	if readErr != nil {
		return exitUsage, fmt.Errorf("%s: %w", r.name, readErr)
	}
	return total.exit(), nil
}

// next returns the next batch when it is done, and nil at the end. It does not
// wait for a reader that waits for its input once ctx is done.
func next(ctx context.Context, ordered <-chan *batch) (*batch, error) {
	select {
	case b, ok := <-ordered:
		if !ok {
			return nil, ctx.Err()
		}
		<-b.done
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read makes batches of what it reads, until the end or until ctx is done.
func (r *scenarioRun) read(ctx context.Context, todo, ordered chan<- *batch) error {
	in := scenario.NewReader(r.in)
	b, size := &batch{done: make(chan struct{})}, 0
	send := func() bool {
		if b.long = size > longBatch; b.long {
			select {
			case r.long <- struct{}{}:
			case <-ctx.Done():
				return false
			}
		}
		select {
		case ordered <- b:
		case <-ctx.Done():
			return false
		}
		todo <- b
		b, size = &batch{done: make(chan struct{})}, 0
		return true
	}
	for {
		raw, err := in.NextRaw()
		if _, wrong := errors.AsType[*scenario.LineError](err); err != nil && !wrong {
			if len(b.raws) > 0 {
				send()
			}
			if err == io.EOF {
				return nil
			}
			return err
		}
		b.raws, b.errs = append(b.raws, raw), append(b.errs, err)
		size += len(raw.Text)
		if len(b.raws) == batchScenarios || size >= batchBytes {
			if !send() {
				return nil
			}
		}
	}
}

// run runs the scenarios of a batch.
func (r *scenarioRun) run(ctx context.Context, b *batch) {
	defer close(b.done)
	for i, raw := range b.raws {
		err := b.errs[i]
		var s *scenario.Scenario
		if err == nil {
			s, err = raw.Decode()
		}
		if err != nil {
			b.tally.wrong++
			b.err = append(b.err, r.wrongLine(err)...)
		}
		for _, engine := range r.engines {
			var outcome *scenario.Outcome
			if err != nil {
				outcome = &scenario.Outcome{Error: err.Error()}
			} else {
				outcome = scenario.Run(ctx, s, engine)
				b.tally.count(outcome)
			}
			last := len(b.out) - 1
			if last < 0 || len(b.out[last]) > longBatch {
				b.out, last = append(b.out, nil), last+1
			}
			b.out[last] = r.appendLine(b.out[last], engine, outcome)
		}
	}
	b.raws = nil
}

// appendLine appends an outcome, which begins with the browser's name where there
// is more than one.
func (r *scenarioRun) appendLine(out []byte, engine *browser.Engine, outcome *scenario.Outcome) []byte {
	if len(r.engines) == 1 {
		return append(outcome.AppendJSON(out), '\n')
	}
	out = fmt.Appendf(out, "{\"browser\":%q,", engine.Label())
	begin := len(out)
	out = outcome.AppendJSON(out)
	return append(append(out[:begin], out[begin+1:]...), '\n')
}

// count adds what came of a scenario: it counts as blocked where one step is.
func (t *tally) count(outcome *scenario.Outcome) {
	if outcome.Error != "" {
		t.undecidable++
		return
	}
	for i := range outcome.Steps {
		if outcome.Steps[i].Result != scenario.ResultResponse {
			t.blocked++
			return
		}
	}
}

// wrongLine says what is wrong with a line as compilers do, so that editors find it.
func (r *scenarioRun) wrongLine(err error) string {
	wrong, ok := errors.AsType[*scenario.LineError](err)
	if !ok {
		return fmt.Sprintf("%s: %v\n", r.name, err)
	}
	if wrong.Field != "" {
		return fmt.Sprintf("%s:%d: %s: %s\n", r.name, wrong.Line, wrong.Field, wrong.Problem)
	}
	return fmt.Sprintf("%s:%d: %s\n", r.name, wrong.Line, wrong.Problem)
}
