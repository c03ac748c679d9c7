package scenario

import (
	"bytes"
	"io"
	"reflect"
	"testing"

	"github.com/corsim/corsim/headers"
)

var browsers = []string{"chromium", "firefox", "webkit"}

// What browsers did is read, and written again byte for byte.
func TestRecordedOutcomes(t *testing.T) {
	for _, browser := range browsers {
		n := 0
		for line := range bytes.Lines(sample(t, browser)) {
			n++
			line = bytes.TrimSuffix(line, []byte("\n"))
			o, err := DecodeOutcome(line)
			if err != nil {
				t.Errorf("%s: %s", browser, err)
				continue
			}
			if got := o.AppendJSON(nil); !bytes.Equal(got, line) {
				t.Errorf("%s:\n got %s\nwant %s", browser, got, line)
			}
		}
		if n != 67 {
			t.Errorf("%s: %d lines, want 67", browser, n)
		}
	}
}

func TestOutcomeReader(t *testing.T) {
	r := NewReader(bytes.NewReader([]byte("{\"id\":\"a\",\"steps\":[]}\n\n{\n\"id\":\"b\",\"error\":\"e\"}")))
	for _, want := range []*Outcome{{ID: "a"}, {ID: "b", Error: "e"}} {
		if got, err := r.NextOutcome(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	if _, err := r.NextOutcome(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestAppendJSON(t *testing.T) {
	for _, test := range []struct {
		outcome StepOutcome
		want    string
	}{
		{StepOutcome{Result: ResultNetworkError, Reason: "r"}, `{"result":"network-error","requests":[],"reason":"r"}`},
		{StepOutcome{Result: ResultThrows, Console: []string{"☃\u2028<\x7f", "\xff\x01"}},
			`{"result":"throws","requests":[],"console":["☃` + "\u2028<\x7f" + `","�\u0001"]}`},
		{StepOutcome{Result: ResultResponse, Type: "cors", Status: 200, StatusText: "OK", URL: "u", Headers: headers.List{{Name: "a", Value: "\xe9\"\\\b\f\n\r\t\x00/"}}, Body: Some("\xff")},
			`{"result":"response","type":"cors","status":200,"statusText":"OK","url":"u","redirected":false,"headers":[["a","é\"\\\b\f\n\r\t\u0000/"]],"body":"ÿ","requests":[]}`},
		{StepOutcome{Result: ResultResponse, Status: 404, Requests: []Request{{Method: "GET", URL: "u"}, {Headers: headers.List{{Name: "a", Value: "b"}, {Name: "c"}}}}},
			`{"result":"response","status":404,"statusText":"","url":"","headers":[],"requests":[{"method":"GET","url":"u","headers":[]},{"method":"","url":"","headers":[["a","b"],["c",""]]}]}`},
	} {
		if got := string(test.outcome.AppendJSON([]byte("x"))); got != "x"+test.want {
			t.Errorf("\n got %s\nwant x%s", got, test.want)
		}
	}
}

func TestDecodeOutcomeErrors(t *testing.T) {
	step := func(s string) string { return `{"steps":[{"result":"throws",` + s + `}]}` }
	for _, test := range []struct{ text, want string }{
		{`{}`, `line 1, offset 0: steps: is missing; it says what came of each step`},
		{`{"error":""}`, `line 1, offset 9: error: must not be empty; leave it out where the scenario could be measured`},
		{`{"step":[]}`, `line 1, offset 1: step: there is no such field; did you mean "steps"?`},
		{`{"steps":[{}]}`, `line 1, offset 10: steps[0].result: is missing; it says how the step ended`},
		{`{"steps":[{"result":""}]}`, `line 1, offset 20: steps[0].result: must not be empty; it says how the step ended`},
		{step(`"status":-1`), `line 1, offset 38: steps[0].status: must be a whole number from 0 on, not -1`},
		{step(`"redirected":0`), `line 1, offset 42: steps[0].redirected: must be true or false, not a number`},
		{step(`"body":"\u0100"`), `line 1, offset 37: steps[0].body: has U+0100, but each character stands for one byte, U+0000 to U+00FF`},
		{step(`"headers":[["Ā",""]]`), `line 1, offset 42: steps[0].headers[0][0]: has U+0100, but each character stands for one byte, U+0000 to U+00FF`},
		{step(`"console":[null]`), `line 1, offset 40: steps[0].console[0]: must be a string, not null`},
		{step(`"requests":[{"URL":"u"}]`), `line 1, offset 42: steps[0].requests[0].URL: there is no such field; did you mean "url"?`},
	} {
		if _, err := DecodeOutcome([]byte(test.text)); err == nil || err.Error() != test.want {
			t.Errorf("%s\n got %v\nwant %s", test.text, err, test.want)
		}
	}
}
