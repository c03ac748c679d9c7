package scenario

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/corsim/corsim/headers"
)

func TestDiff(t *testing.T) {
	base := func() *Outcome {
		return &Outcome{ID: "a", Steps: []StepOutcome{{Result: ResultThrows}, {
			Result: ResultResponse, Type: "cors", Status: 200, StatusText: "OK", URL: "u",
			Headers: headers.List{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c", Value: "3"}}, Body: Some(""),
			Requests: []Request{{"OPTIONS", "u", headers.List{{Name: "accept", Value: "*/*"}}}, {"PUT", "u", nil}},
		}}}
	}
	for _, test := range []struct {
		name   string
		change func(o *Outcome, s *StepOutcome)
		want   []Difference
	}{
		{"nothing", func(*Outcome, *StepOutcome) {}, nil},
		{"console and reason", func(_ *Outcome, s *StepOutcome) { s.Console, s.Reason = []string{"c"}, "r" }, nil},
		{"could not be measured", func(o *Outcome, _ *StepOutcome) { o.Error, o.Steps, o.ID = "e", nil, "" }, nil},
		{"id", func(o *Outcome, _ *StepOutcome) { o.ID = "b" }, []Difference{{-1, "id", `"a"`, `"b"`}}},
		{"steps", func(o *Outcome, _ *StepOutcome) { o.Steps = o.Steps[:1] }, []Difference{{-1, "steps", "2", "1"}}},
		{"result", func(_ *Outcome, s *StepOutcome) { s.Result = ResultTimeout }, []Difference{{1, "result", `"response"`, `"timeout"`}}},
		{"type", func(_ *Outcome, s *StepOutcome) { s.Type = "" }, []Difference{{1, "type", `"cors"`, `""`}}},
		{"status and statusText", func(_ *Outcome, s *StepOutcome) { s.Status, s.StatusText = 299, "\xe9" },
			[]Difference{{1, "status", "200", "299"}, {1, "statusText", `"OK"`, `"é"`}}},
		{"url", func(_ *Outcome, s *StepOutcome) { s.URL = "v" }, []Difference{{1, "url", `"u"`, `"v"`}}},
		{"redirected", func(_ *Outcome, s *StepOutcome) { s.Redirected = true }, []Difference{{1, "redirected", "false", "true"}}},
		{"header", func(_ *Outcome, s *StepOutcome) { s.Headers[1].Value = "x" }, []Difference{{1, "headers", `[["b","2"]]`, `[["b","x"]]`}}},
		{"header more", func(_ *Outcome, s *StepOutcome) { s.Headers = append(s.Headers, s.Headers[2]) }, []Difference{{1, "headers", `[]`, `[["c","3"]]`}}},
		{"body", func(_ *Outcome, s *StepOutcome) { s.Body = Optional[string]{} }, []Difference{{1, "body", `""`, "absent"}}},
		{"request less", func(_ *Outcome, s *StepOutcome) { s.Requests = s.Requests[1:] }, []Difference{{1, "requests", "[OPTIONS u, PUT u]", "[PUT u]"}}},
		{"request", func(_ *Outcome, s *StepOutcome) { s.Requests[1] = Request{"GET", "v", nil} },
			[]Difference{{1, "requests[1].method", `"PUT"`, `"GET"`}, {1, "requests[1].url", `"u"`, `"v"`}}},
		{"request header", func(_ *Outcome, s *StepOutcome) { s.Requests[0].Headers = nil },
			[]Difference{{1, "requests[0].headers", `[["accept","*/*"]]`, `[]`}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, got := base(), base()
			test.change(got, &got.Steps[1])
			if found := Diff(want, got); !reflect.DeepEqual(found, test.want) {
				t.Errorf("got %+v, want %+v", found, test.want)
			}
			if agree := Agree(want, got); agree != (test.want == nil) || agree != Agree(got, want) {
				t.Errorf("Agree is %t", agree)
			}
		})
	}
}

// Among what the browsers did there are both agreement and difference, and Diff
// and Agree always say the same.
func TestDiffRecorded(t *testing.T) {
	chromium, firefox := bytes.Split(sample(t, "chromium"), []byte("\n")), bytes.Split(sample(t, "firefox"), []byte("\n"))
	agreed, differed := 0, 0
	for i := range 67 {
		a, errA := DecodeOutcome(chromium[i])
		b, errB := DecodeOutcome(firefox[i])
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		agree := Agree(a, b)
		if agree != (Diff(a, b) == nil) {
			t.Errorf("%s: Agree is %t, Diff is %+v", a.ID, agree, Diff(a, b))
		}
		if agree {
			agreed++
		} else {
			differed++
		}
	}
	if agreed == 0 || differed == 0 {
		t.Errorf("%d agree, %d differ", agreed, differed)
	}
}
