package scenario

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// What the standard makes of the scenarios that were written for it.
func TestRunBehaviour(t *testing.T) {
	scenarios := slices.Collect(bytes.Lines(sample(t, "behaviour/scenarios")))
	outcomes := slices.Collect(bytes.Lines(sample(t, "behaviour/outcomes")))
	if len(scenarios) != len(outcomes) || len(scenarios) < 25 {
		t.Fatalf("%d scenarios, %d outcomes", len(scenarios), len(outcomes))
	}
	for i := range scenarios {
		s, err := Decode(scenarios[i])
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		want, err := DecodeOutcome(outcomes[i])
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		t.Run(s.ID, func(t *testing.T) {
			got := Run(t.Context(), s, nil)
			for _, d := range Diff(want, got) {
				t.Errorf("step %d, %s: want %s, got %s", d.Step, d.Field, d.Want, d.Got)
			}
			for i := range min(len(want.Steps), len(got.Steps)) {
				if want.Steps[i].Reason != got.Steps[i].Reason {
					t.Errorf("step %d: reason %s, want %s", i, got.Steps[i].Reason, want.Steps[i].Reason)
				}
			}
			if want.ID != s.ID || got.ID != s.ID || got.Error != "" {
				t.Errorf("%s, %s: %s", want.ID, got.ID, got.Error)
			}
		})
	}
}

func decodeScenario(t testing.TB, text string) *Scenario {
	t.Helper()
	s, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// render writes what came of each step in a line.
func render(o *Outcome) string {
	var b strings.Builder
	for i := range o.Steps {
		s := &o.Steps[i]
		fmt.Fprintf(&b, "%s %d %s %s", s.Result, s.Status, s.Reason, s.Body.Value)
		for _, r := range s.Requests {
			fmt.Fprintf(&b, "; %s %s", r.Method, r.URL)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// What a scenario's network does: answers in turn, a refused connection, a HEAD,
// a coding, and header lines that a parser skips or trims.
func TestRunNetwork(t *testing.T) {
	s := decodeScenario(t, `{"client":{"url":"http://a.test/"},"servers":[
		{"url":"http://a.test/turns","answers":[{"times":1,"body":"1"},{"method":"PUT","times":1,"body":"put"},{"times":2,"body":"2"}]},
		{"url":"http://a.test/lines","answers":[{"headers":[["X-A"," 1 "],["X A","2"],["",""],["Content-Encoding","gzip"]]}]},
		{"url":"http://a.test/broken","answers":[{"headers":[["Content-Encoding","gzip"]],"body":"x"}]}],
		"steps":[{"url":"turns"},{"url":"turns","method":"PUT"},{"url":"turns?q#f"},{"url":"turns"},{"url":"turns"},{"url":"nowhere"},
			{"url":"lines"},{"url":"lines","method":"HEAD"},{"url":"broken"},{"api":"xhr","url":"broken"}]}`)
	var zipped strings.Builder
	w := gzip.NewWriter(&zipped)
	io.WriteString(w, "abc")
	w.Close()
	s.Servers[1].Answers[0].Body = zipped.String()
	o := Run(t.Context(), s, nil)
	want := `response 200  1; GET http://a.test/turns
response 200  put; PUT http://a.test/turns
response 200  2; GET http://a.test/turns?q
response 200  2; GET http://a.test/turns
network-error 0 transport 
network-error 0 transport 
response 200  abc; GET http://a.test/lines
response 200  ; HEAD http://a.test/lines
response 200  ; GET http://a.test/broken
network-error 0 transport ; GET http://a.test/broken
`
	if diff := cmp.Diff(want, render(o)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(headers.List{{Name: "content-encoding", Value: "gzip"}, {Name: "x-a", Value: "1"}}, o.Steps[6].Headers); diff != "" {
		t.Error(diff)
	}
	// A body that is empty was read; one that cannot be read was not.
	if o.Steps[7].Body != Some("") || o.Steps[8].Body.Given {
		t.Errorf("%+v, %+v", o.Steps[7].Body, o.Steps[8].Body)
	}
}

// What cannot be measured says so, and what the API refuses throws.
func TestRunErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"client":{"url":"page"},"steps":[]}`, "the page's URL"},
		{`{"client":{"url":"http://a.test/","origin":"x"},"steps":[]}`, "the page's origin"},
		{`{"client":{"url":"http://a.test/","referrerPolicy":"x"},"steps":[]}`, "referrer policy"},
		{`{"client":{"url":"http://a.test/","topLevel":"x"},"steps":[]}`, "top-level"},
		{`{"client":{"url":"http://a.test/"},"servers":[{"url":"http://a.test/x","answers":[{"body":"☃"}]}],"steps":[{"url":"x"},{"url":"x"}]}`, "U+2603"},
	} {
		o := Run(t.Context(), decodeScenario(t, test.text), nil)
		if !strings.Contains(o.Error, test.want) || o.Steps != nil {
			t.Errorf("%s: %q, %v", test.text, o.Error, o.Steps)
		}
	}
	// An answer that cannot be sent and is not asked for does not matter.
	o := Run(t.Context(), decodeScenario(t, `{"client":{"url":"http://a.test/"},"servers":[{"url":"http://a.test/x","answers":[{"method":"PUT","body":"☃"},{}]}],
		"steps":[{"url":"x"},{"url":"x","headers":[["a","☃"]]},{"url":"x","method":""},{"url":"x","mode":""},{"url":"x","credentials":""},
			{"url":"x","redirect":""},{"url":"x","cache":""},{"api":"xhr","url":"x","method":""},{"url":"x","destination":"nowhere"},{"url":"x","referrerPolicy":""}]}`), nil)
	want := "response 200  ; GET http://a.test/x\n" + strings.Repeat("throws 0 invalid-argument \n", 8) + "response 200  ; GET http://a.test/x\n"
	if diff := cmp.Diff(want, render(o)); diff != "" {
		t.Error(diff, o.Error)
	}
}

// A trace in the context is told what a scenario's fetches do.
func TestRunTraced(t *testing.T) {
	var sent, checked int
	ctx := fetch.WithTrace(t.Context(), &fetch.Trace{
		RequestSent: func(*fetch.NetworkRequest, *cors.Request) { sent++ },
		Checked:     func(string, *cors.Request, bool, error) { checked++ },
	})
	Run(ctx, decodeScenario(t, typical), nil)
	if sent != 1 || checked != 1 {
		t.Errorf("%d sent, %d checked", sent, checked)
	}
}

// The headers that tell the product are left out, unless the step set them, and
// always of preflights.
func TestRequestSeen(t *testing.T) {
	s := &Step{Headers: headers.List{{Name: "Cache-Control", Value: "x"}, {Name: "X-A"}}}
	n := &fetch.NetworkRequest{Method: "GET", URL: "http://a.test/", Headers: headers.List{
		{Name: "X-A", Value: "1,"}, {Name: "User-Agent", Value: "u"}, {Name: "Cache-Control", Value: "x"}, {Name: "Sec-CH-UA-Mobile", Value: "?0"},
		{Name: "Accept", Value: " a "}, {Name: "X-a", Value: "0"}, {Name: "Pragma", Value: "y"},
	}}
	want := headers.List{{Name: "accept", Value: "a"}, {Name: "cache-control", Value: "x"}, {Name: "x-a", Value: "1,"}, {Name: "x-a", Value: "0"}}
	if diff := cmp.Diff(Request{"GET", "http://a.test/", want}, s.RequestSeen(n)); diff != "" {
		t.Error(diff)
	}
	n.Preflight = true
	want = slices.Delete(want, 1, 2)
	if diff := cmp.Diff(Request{"GET", "http://a.test/", want}, s.RequestSeen(n)); diff != "" {
		t.Error(diff)
	}
}

// One scenario can be run by many at once, and comes out the same.
func TestRunConcurrently(t *testing.T) {
	s := decodeScenario(t, typical)
	for _, engine := range browser.All() {
		want := string(Run(t.Context(), s, engine).AppendJSON(nil))
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				if got := string(Run(context.Background(), s, engine).AppendJSON(nil)); got != want {
					t.Errorf("%s: %s, then %s", engine.Name(), want, got)
				}
			})
		}
		wait.Wait()
	}
}

// BenchmarkRun is a scenario of one step, a preflight among its requests, from
// what was decoded to its outcome.
func BenchmarkRun(b *testing.B) {
	s := decodeScenario(b, `{"id":"x","client":{"url":"http://a.test:18000/page.html"},"servers":[{"url":"http://b.test:18001/r","answers":[
		{"method":"OPTIONS","status":204,"headers":[["Access-Control-Allow-Origin","*"],["Access-Control-Allow-Methods","PUT"],["Access-Control-Allow-Headers","content-type"]]},
		{"headers":[["Access-Control-Allow-Origin","*"],["X-A","1"]],"body":"hi"}]}],
		"steps":[{"url":"http://b.test:18001/r","method":"PUT","headers":[["Content-Type","application/json"]],"body":"{}"}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if o := Run(context.Background(), s, nil); o.Steps[0].Status != 200 {
			b.Fatal(render(o))
		}
	}
}

// BenchmarkRunLine is a scenario of 1 KB whose preflight fails, from its line to
// the line of its outcome.
func BenchmarkRunLine(b *testing.B) {
	line := []byte(typical)
	var buffer []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := Decode(line)
		if err != nil {
			b.Fatal(err)
		}
		buffer = Run(context.Background(), s, nil).AppendJSON(buffer[:0])
	}
}
