package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
)

// oneStep is a scenario of one step, with a preflight.
const oneStep = `{"id":"s%d","client":{"url":"http://a.test:18000/page.html"},"servers":[{"url":"http://b.test:18001/r","answers":[` +
	`{"method":"OPTIONS","status":204,"headers":[["Access-Control-Allow-Origin","http://a.test:18000"],["Access-Control-Allow-Methods","PUT"],` +
	`["Access-Control-Allow-Headers","content-type"]]},{"headers":[["Access-Control-Allow-Origin","*"]],"body":"hi"}]}],` +
	`"steps":[{"url":"http://b.test:18001/r","method":"PUT","headers":[["Content-Type","application/json"]],"body":"{}"}]}` + "\n"

func TestOutcomesStayInOrder(t *testing.T) {
	var in strings.Builder
	const n = 5000
	for i := range n {
		if i%1000 == 7 {
			in.WriteString("{\"id\":\n")
			continue
		}
		fmt.Fprintf(&in, oneStep, i)
	}
	var out, errs bytes.Buffer
	exit, err := runScenarios(context.Background(), &scenarioRun{
		engines: []*browser.Engine{browser.Standard()}, name: "in", in: strings.NewReader(in.String()), out: &out, err: &errs, workers: 4,
	})
	if exit != exitUsage || err != nil {
		t.Fatalf("exit status %d, error %v; want %d for the wrong lines", exit, err, exitUsage)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != n {
		t.Fatalf("%d outcomes for %d lines", len(lines), n)
	}
	for i, line := range lines {
		want := fmt.Sprintf(`{"id":"s%d","steps":[{"result":"response"`, i)
		if i%1000 == 7 {
			want = fmt.Sprintf(`{"id":"","error":"line %d, `, i+1)
		}
		if !strings.HasPrefix(line, want) {
			t.Fatalf("line %d is %.80s, want %s…", i+1, line, want)
		}
	}
	if got := strings.Count(errs.String(), "\n"); got != 5 || !strings.HasPrefix(errs.String(), "in:8: ") {
		t.Errorf("%d messages, beginning %.60q; want 5, the first about in:8", got, errs.String())
	}
}

// BenchmarkRun counts scenarios a second on all cores, reading and writing included.
func BenchmarkRun(b *testing.B) {
	var in bytes.Buffer
	const n = 20_000
	for i := range n {
		fmt.Fprintf(&in, oneStep, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		exit, err := runScenarios(context.Background(), &scenarioRun{
			engines: []*browser.Engine{browser.Standard()}, name: "in", in: bytes.NewReader(in.Bytes()), out: io.Discard, err: io.Discard,
			workers: runtime.GOMAXPROCS(0),
		})
		if exit != exitAllowed || err != nil {
			b.Fatal(exit, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "scenarios/s")
}
