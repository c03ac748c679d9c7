package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
	"github.com/corsim/corsim/weburl"
)

func init() {
	beam.RegisterType(reflect.TypeFor[judgeFn]())
	beam.RegisterType(reflect.TypeFor[writeTotalsFn]())
	beam.RegisterFunction(keyOne)
	beam.RegisterType(reflect.TypeFor[Key]())
	beam.RegisterType(reflect.TypeFor[Total]())
}

// A Key is what verdicts are counted by.
type Key struct {
	Service string `json:"service"` // the origin that was asked; "" for what cannot be read
	Browser string `json:"browser"`
	Verdict string `json:"verdict"` // as replay's, or "unreadable"
	// Cause is why: of what is blocked the likeliest cause; of what is undecidable what is missing;
	// of what is not subject to CORS what it is.
	Cause string `json:"cause,omitempty"`
	Hour  string `json:"hour,omitempty"` // in UTC, such as "2026-12-01T10"
}

// A Total is how often a Key came.
type Total struct {
	Key
	Count int64 `json:"count"`
}

// Options are for build.
type Options struct {
	Inputs   []string // patterns of files, on any filesystem that Beam knows
	Totals   string   // the file that gets the totals; "" for none
	Verdicts string   // the file that gets a line of JSON for each request; "" for none
	Format   string   // as simulate replay's; "" recognizes it
	Browsers []string // as package browser names them
}

// build adds to a scope what reads, judges, counts and writes. It returns the totals.
func build(s beam.Scope, o Options) beam.PCollection {
	files := fileio.ReadMatches(s, fileio.MatchAll(s, beam.CreateList(s, o.Inputs)), fileio.ReadUncompressed())
	// What is judged together must not be together on one machine.
	files = beam.Reshuffle(s, files)
	keys, lines := beam.ParDo2(s, &judgeFn{Format: o.Format, Browsers: o.Browsers, Lines: o.Verdicts != ""}, files)
	return finish(s, o, keys, lines)
}

// finish counts and writes.
func finish(s beam.Scope, o Options, keys, lines beam.PCollection) beam.PCollection {
	totals := stats.SumPerKey(s, keys)
	if o.Totals != "" {
		one := beam.GroupByKey(s, beam.ParDo(s, keyOne, totals))
		beam.ParDo0(s, &writeTotalsFn{File: o.Totals}, one)
	}
	if o.Verdicts != "" {
		textio.Write(s, o.Verdicts, lines)
	}
	return totals
}

// judgeFn judges a file. Each exchange is judged by itself, so that nothing depends on how the
// exchanges were split among files, and in which order they are read.
type judgeFn struct {
	Format   string
	Browsers []string
	Lines    bool

	options replay.Options
	format  record.Format
}

// Setup is called once, before the first file.
func (f *judgeFn) Setup() error {
	f.options = replay.Options{Independent: true}
	for _, name := range f.Browsers {
		e, err := browser.Find(name)
		if err != nil {
			return err
		}
		f.options.Engines = append(f.options.Engines, e)
	}
	if len(f.options.Engines) == 0 {
		f.options.Engines = browser.All()
	}
	if f.Format == "" {
		return nil
	}
	var err error
	f.format, err = record.FormatNamed(f.Format)
	return err
}

// ProcessElement judges a file, and emits how often each key came in it, and a line for each
// request. What cannot be read is counted; a file that ends in the middle counts up to there.
func (f *judgeFn) ProcessElement(ctx context.Context, file fileio.ReadableFile, key func(Key, int64), line func(string)) error {
	in, err := file.Open(ctx)
	if err != nil {
		return err // of the filesystem: the runner tries again
	}
	defer in.Close()
	return f.judge(ctx, in, key, line)
}

func (f *judgeFn) judge(ctx context.Context, in io.Reader, key func(Key, int64), line func(string)) error {
	counts := map[Key]int64{}
	err := f.count(ctx, in, counts, line)
	if err != nil && !unreadable(err) {
		return err
	}
	if err != nil {
		counts[Key{Verdict: "unreadable"}]++
	}
	for k, n := range counts {
		key(k, n)
	}
	return nil
}

// unreadable reports whether an error is about what a file holds, so that to try again is of no use.
func unreadable(err error) bool {
	_, syntax := errors.AsType[*record.SyntaxError](err)
	_, format := errors.AsType[*record.FormatError](err)
	return syntax || format
}

type judged struct {
	keys []Key
	line string
}

func (f *judgeFn) count(ctx context.Context, in io.Reader, counts map[Key]int64, line func(string)) error {
	recording, err := record.NewReader(in, record.Options{Format: f.format})
	if err != nil {
		return err
	}
	output := report.Options{Independent: true}
	for j, err := range replay.Judge(ctx, recording, f.options, func(r *replay.Result) judged {
		j := judged{keys: keysOf(r)}
		if f.Lines {
			j.line = string(report.Line(nil, r, &output))
		}
		return j
	}) {
		if _, bad := errors.AsType[*record.EntryError](err); bad {
			counts[Key{Verdict: "unreadable"}]++
			continue
		}
		if err != nil {
			return err
		}
		for _, k := range j.keys {
			counts[k]++
		}
		if f.Lines {
			line(j.line)
		}
	}
	return nil
}

// keysOf returns what a result is counted by, one for each browser.
func keysOf(r *replay.Result) []Key {
	keys := make([]Key, len(r.Verdicts))
	service, hour := "", ""
	if u, err := weburl.Parse(r.Exchange.Request.URL); err == nil {
		service = u.Origin().String()
	}
	if !r.Exchange.Started.IsZero() {
		hour = r.Exchange.Started.UTC().Truncate(time.Hour).Format("2006-01-02T15")
	}
	var explained *cors.Error
	cause := ""
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		k := Key{Service: service, Browser: v.Engine.Name(), Verdict: v.Outcome.String(), Hour: hour}
		switch v.Outcome {
		case replay.Blocked:
			if explained == nil || explained.Reason != v.Err.Reason || explained.Value != v.Err.Value || explained.Preflight != v.Err.Preflight {
				explained, cause = v.Err, likeliest(r, v.Err)
			}
			k.Cause = cause
		case replay.Undecidable:
			k.Cause = v.Missing.String()
		case replay.NotSubject:
			k.Cause = v.Exempt.String()
		case replay.Asks:
			k.Cause = v.Permission
		}
		keys[i] = k
	}
	return keys
}

// likeliest returns the id of the likeliest cause of a failure.
func likeliest(r *replay.Result, err *cors.Error) string {
	request := r.Request()
	response := r.Exchange.Response.Headers
	if err.Preflight && r.Preflight != nil {
		response = r.Preflight.Response.Headers
	}
	return explain.Explain(err, &request, explain.Exchange{Response: response}).Causes[0].ID
}

func keyOne(k Key, n int64) (int, Total) { return 0, Total{k, n} }

// writeTotalsFn writes all totals, a line of JSON each, in an order that does not depend on that in
// which they came.
type writeTotalsFn struct{ File string }

// ProcessElement writes the file.
func (f *writeTotalsFn) ProcessElement(ctx context.Context, _ int, totals func(*Total) bool) (err error) {
	var all []Total
	var t Total
	for totals(&t) {
		all = append(all, t)
	}
	slices.SortFunc(all, compareTotals)
	fs, err := filesystem.New(ctx, f.File)
	if err != nil {
		return err
	}
	defer fs.Close()
	out, err := fs.OpenWrite(ctx, f.File)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, t := range all {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s\n", b)
	}
	_, err = io.WriteString(out, text.String())
	return errors.Join(err, out.Close())
}

func compareTotals(a, b Total) int {
	return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Browser, b.Browser), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Cause, b.Cause))
}
