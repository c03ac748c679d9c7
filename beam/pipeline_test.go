package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
)

var lines = flag.Int("lines", 5_000, "how many lines of a log go through the pipeline")

// mostVerdicts is up to how many lines of a log the verdicts themselves are compared: Prism keeps
// them in memory. Beyond that, the totals are.
const mostVerdicts = 20_000

func init() {
	beam.RegisterType(reflect.TypeFor[retriedFn]())
	beam.RegisterType(reflect.TypeFor[failsOnceFn]())
}

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// makeLog makes up lines of an access log.
func makeLog(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	log := make([]string, n)
	for i := range log {
		origin := pick("https://app.example", "https://app.example", "https://shop.example", "null", "-")
		method, asked, names, status, methods := pick("GET", "GET", "POST", "PUT"), "-", "-", pick("200", "200", "200", "304", "500"), "-"
		if r.IntN(5) == 0 {
			method, asked, names, status, methods = "OPTIONS", pick("PUT", "DELETE"), pick("-", "content-type", "x-a,x-b"), pick("204", "204", "405"), pick("PUT", "-")
		}
		log[i] = fmt.Sprintf(`{"accessLog":"haproxy","ts":%d.%03d,"request":{"method":"%s","scheme":"https","host":"%s","uri":"/things/%d?token=%d","headers":[["origin","%s"],["cookie","%s"],["sec-fetch-mode","%s"],["access-control-request-method","%s"],["access-control-request-headers","%s"]]},"response":{"status":%s,"headers":[["access-control-allow-origin","%s"],["access-control-allow-credentials","%s"],["access-control-allow-methods","%s"],["access-control-allow-headers","%s"]]}}`,
			1796122443+r.IntN(4*3600), r.IntN(1000), method, pick("api.example", "img.example"), r.IntN(1000), i, origin, pick("yes", "-"), pick("cors", "-"), asked, names, status, pick(origin, origin, "*", "-", "https://other.example"), pick("true", "-"), methods, pick("content-type", "x-a, x-b", "*"))
		if r.IntN(200) == 0 {
			log[i] = "not a line of the log"
		}
	}
	return log
}

// alone judges a log in this process, without Beam: what the pipeline must come to.
func alone(t *testing.T, log []string) (totals map[Key]int64, verdicts []string) {
	t.Helper()
	f := &judgeFn{}
	if err := f.Setup(); err != nil {
		t.Fatal(err)
	}
	in, err := record.NewReader(strings.NewReader(strings.Join(log, "\n")), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	totals = map[Key]int64{}
	type result struct {
		keys []Key
		line string
	}
	for r, err := range replay.Judge(context.Background(), in, f.options, func(r *replay.Result) result {
		if len(log) > mostVerdicts {
			return result{keys: keysOf(r)}
		}
		return result{keysOf(r), string(report.Line(nil, r, &report.Options{Independent: true}))}
	}) {
		if _, bad := errors.AsType[*record.EntryError](err); bad {
			totals[Key{Verdict: "unreadable"}]++
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		for _, k := range r.keys {
			totals[k]++
		}
		if r.line != "" {
			verdicts = append(verdicts, r.line)
		}
	}
	slices.Sort(verdicts)
	return totals, verdicts
}

// split writes a log, in any order, into n files, some of them compressed.
func split(t *testing.T, log []string, n int, r *rand.Rand) (pattern string) {
	t.Helper()
	dir := t.TempDir()
	texts := make([]bytes.Buffer, n)
	order := r.Perm(len(log))
	// Some file begins with what is no line of the log.
	bad := slices.IndexFunc(order, func(i int) bool { return !strings.HasPrefix(log[i], "{") })
	if bad >= 0 {
		order[0], order[bad] = order[bad], order[0]
	}
	for _, i := range order {
		texts[r.IntN(n)].WriteString(log[i] + "\n")
	}
	for i := range texts {
		if texts[i].Len() == 0 {
			continue
		}
		name, data := filepath.Join(dir, fmt.Sprintf("part-%03d.log", i)), texts[i].Bytes()
		if i%3 == 1 {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write(data)
			z.Close()
			name, data = name+".gz", packed.Bytes()
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "part-*")
}

// readLines reads the lines of a file, sorted.
func readLines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(all)
	return all
}

// totalLines are totals as the pipeline writes them.
func totalLines(totals map[Key]int64) (all []string) {
	for k, n := range totals {
		b := new(bytes.Buffer)
		fmt.Fprintf(b, `{"service":%q,"browser":%q,"verdict":%q`, k.Service, k.Browser, k.Verdict)
		if k.Cause != "" {
			fmt.Fprintf(b, `,"cause":%q`, k.Cause)
		}
		if k.Hour != "" {
			fmt.Fprintf(b, `,"hour":%q`, k.Hour)
		}
		fmt.Fprintf(b, `,"count":%d}`, n)
		all = append(all, b.String())
	}
	slices.Sort(all)
	return all
}

func runPipeline(o Options) error {
	p, s := beam.NewPipelineWithRoot()
	build(s, o)
	return beamx.Run(context.Background(), p)
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d lines, want %d", what, len(got), len(want))
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("the first that differs:\n%s\nwant\n%s", got[i], want[i])
		}
	}
}

// The pipeline comes to what one process does, whatever the sharding and the order.
func TestSharding(t *testing.T) {
	log := makeLog(*lines)
	wantTotals, wantVerdicts := alone(t, log)
	r := rand.New(rand.NewPCG(3, 4))
	for _, files := range []int{1, 2 + r.IntN(30), 64} {
		t.Run(fmt.Sprint(files, " files"), func(t *testing.T) {
			dir := t.TempDir()
			o := Options{Inputs: []string{split(t, log, files, r)}, Totals: filepath.Join(dir, "totals")}
			if *lines <= mostVerdicts {
				o.Verdicts = filepath.Join(dir, "verdicts")
			}
			if err := runPipeline(o); err != nil {
				t.Fatal(err)
			}
			compare(t, "totals", readLines(t, o.Totals), totalLines(wantTotals))
			if o.Verdicts != "" {
				compare(t, "verdicts", readLines(t, o.Verdicts), wantVerdicts)
			}
		})
	}
	outcomes := map[string]int64{}
	for k, n := range wantTotals {
		outcomes[k.Verdict] += n
	}
	t.Log(outcomes)
	for _, verdict := range []string{"allowed", "blocked", "undecidable", "not-subject", "unreadable"} {
		if outcomes[verdict] == 0 {
			t.Errorf("nothing is %s: the test shows too little", verdict)
		}
	}
}

// Files of several formats are read together, and one that is no recording is counted.
func TestFormats(t *testing.T) {
	dir := t.TempDir()
	har := filepath.Join(dir, "in.har")
	text, err := os.ReadFile("../testdata/recordings/chromium-devtools.har")
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "in.txt")
	if err := errors.Join(os.WriteFile(har, text, 0o644), os.WriteFile(bad, []byte("nothing\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	log := makeLog(200)
	want, _ := alone(t, log)
	f := &judgeFn{}
	if err := f.Setup(); err != nil {
		t.Fatal(err)
	}
	if err := f.judge(context.Background(), bytes.NewReader(text), func(k Key, n int64) { want[k] += n }, nil); err != nil {
		t.Fatal(err)
	}
	want[Key{Verdict: "unreadable"}]++
	o := Options{Inputs: []string{split(t, log, 3, rand.New(rand.NewPCG(5, 6))), har, bad}, Totals: filepath.Join(dir, "totals")}
	if err := runPipeline(o); err != nil {
		t.Fatal(err)
	}
	compare(t, "totals", readLines(t, o.Totals), totalLines(want))
}

// attempts counts by file how often a test's function was called.
var attempts sync.Map

func attempt(name string) int64 {
	n, _ := attempts.LoadOrStore(name, new(atomic.Int64))
	return n.(*atomic.Int64).Add(1)
}

var errInjected = errors.New("injected")

// A retriedFn is a judgeFn whose bundle fails once in the middle of each file, and is tried again, as
// runners do: what the first attempt has emitted is dropped.
type retriedFn struct{ judgeFn }

// Setup is called once, before the first file.
func (f *retriedFn) Setup() error { return f.judgeFn.Setup() }

// ProcessElement judges a file twice, the first time not to its end.
func (f *retriedFn) ProcessElement(ctx context.Context, file fileio.ReadableFile, key func(Key, int64), line func(string)) error {
	dropped := 0
	err := func() error {
		in, err := file.Open(ctx)
		if err != nil {
			return err
		}
		defer in.Close()
		return f.judge(ctx, io.MultiReader(io.LimitReader(in, 2000), failing{}), func(Key, int64) { dropped++ }, func(string) { dropped++ })
	}()
	if !errors.Is(err, errInjected) {
		return fmt.Errorf("the first attempt: %v, not %w", err, errInjected)
	}
	attempt("retried")
	return f.judgeFn.ProcessElement(ctx, file, key, line)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errInjected }

// A failsOnceFn hands on what it gets, except the first time, when it fails after some.
type failsOnceFn struct{ Name string }

// ProcessElement fails at the 10th key.
func (f *failsOnceFn) ProcessElement(k Key, n int64, emit func(Key, int64)) error {
	if attempt(f.Name) == 10 {
		return errInjected
	}
	emit(k, n)
	return nil
}

// A bundle that is tried again changes nothing.
func TestRetriedBundle(t *testing.T) {
	log := makeLog(1000)
	want, verdicts := alone(t, log)
	dir := t.TempDir()
	o := Options{Totals: filepath.Join(dir, "totals"), Verdicts: filepath.Join(dir, "verdicts")}
	p, s := beam.NewPipelineWithRoot()
	files := fileio.ReadMatches(s, fileio.MatchFiles(s, split(t, log, 9, rand.New(rand.NewPCG(7, 8)))), fileio.ReadUncompressed())
	keys, verdictLines := beam.ParDo2(s, &retriedFn{judgeFn{Lines: true}}, files)
	finish(s, o, keys, verdictLines)
	if err := beamx.Run(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	compare(t, "totals", readLines(t, o.Totals), totalLines(want))
	compare(t, "verdicts", readLines(t, o.Verdicts), verdicts)
	if n := attempt("retried"); n < 9 {
		t.Errorf("%d files were tried again", n)
	}
}

// Prism does not try a failed bundle again: the job fails and writes nothing, and run again it comes
// to the same.
func TestFailedJob(t *testing.T) {
	log := makeLog(500)
	want, _ := alone(t, log)
	o := Options{Totals: filepath.Join(t.TempDir(), "totals")}
	pattern := split(t, log, 5, rand.New(rand.NewPCG(9, 10)))
	run := func() error {
		p, s := beam.NewPipelineWithRoot()
		files := fileio.ReadMatches(s, fileio.MatchFiles(s, pattern), fileio.ReadUncompressed())
		keys, lines := beam.ParDo2(s, &judgeFn{}, files)
		finish(s, o, beam.ParDo(s, &failsOnceFn{"job"}, keys), lines)
		return beamx.Run(context.Background(), p)
	}
	if err := run(); err == nil || !strings.Contains(err.Error(), "injected") {
		t.Fatalf("the first run: %v", err)
	}
	if _, err := os.Stat(o.Totals); err == nil {
		t.Error("a job that failed has written totals")
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	compare(t, "totals", readLines(t, o.Totals), totalLines(want))
}

// What is emitted for a file is the same each time.
func TestSameAgain(t *testing.T) {
	f := &judgeFn{Lines: true}
	if err := f.Setup(); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(makeLog(500), "\n")
	emit := func() (map[Key]int64, []string) {
		totals, verdicts := map[Key]int64{}, []string(nil)
		if err := f.judge(context.Background(), strings.NewReader(text), func(k Key, n int64) { totals[k] += n }, func(l string) { verdicts = append(verdicts, l) }); err != nil {
			t.Fatal(err)
		}
		return totals, verdicts
	}
	a, al := emit()
	b, bl := emit()
	if !maps.Equal(a, b) || !slices.Equal(al, bl) {
		t.Error("a second time is not as the first")
	}
}
