package wpt

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
)

func TestStandard(t *testing.T) { testEngine(t, nil) }
func TestChromium(t *testing.T) { testEngine(t, browser.Chromium()) }
func TestFirefox(t *testing.T)  { testEngine(t, browser.Firefox()) }
func TestWebKit(t *testing.T)   { testEngine(t, browser.WebKit()) }

// testEngine puts an engine to every case.
func testEngine(t *testing.T, engine *browser.Engine) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report, err := Run(ctx, Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Failed() {
		t.Errorf("%s#%s: %q\n%s", r.File, r.Subtest, r.Problems, r.Trace)
	}
}

// TestAccounts checks that every subtest in scope is ported or left out for a
// reason, and that what is about CORS is all but ported.
func TestAccounts(t *testing.T) {
	report, err := Run(t.Context(), Options{Pattern: "cors/basic.htm"})
	if err != nil {
		t.Fatal(err)
	}
	s := report.suite
	ported := make(map[string]int)
	for _, c := range s.cases {
		if c.Requires == "" || !strings.HasPrefix(c.Anchor, "https://") || !strings.Contains(c.Anchor, "#") {
			t.Errorf("%s#%s requires %q by %q", c.File, c.Subtest, c.Requires, c.Anchor)
		}
		ported[c.File]++
	}
	core, leftOutOfCore := 0, 0
	for _, f := range s.upstream {
		leftOut := 0
		for _, l := range s.leftOut[f.file] {
			if l.Reason == "" {
				t.Errorf("%s: no reason for %q", f.file, l.Subtests)
			}
			if leftOut += len(l.Subtests); l.Subtests == nil {
				leftOut = f.subtests
			}
		}
		if ported[f.file]+leftOut != f.subtests {
			t.Errorf("%s: %d ported, %d left out, of %d", f.file, ported[f.file], leftOut, f.subtests)
		}
		if f.relevance == "core" {
			core += f.subtests
			leftOutOfCore += leftOut
		}
	}
	if leftOutOfCore*20 > core {
		t.Errorf("%d of %d subtests about CORS are left out", leftOutOfCore, core)
	}
	for _, e := range s.expected {
		if e.Reason == "" || !strings.HasPrefix(e.Link, "https://") {
			t.Errorf("expected failures of %s: reason %q, link %q", e.File, e.Reason, e.Link)
		}
	}
}

// runOne runs one case of a case file.
func runOne(t *testing.T, file string, expected ...ExpectedFailure) *Report {
	t.Helper()
	cases, _, err := readCaseFile("cors/basic.htm", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{cases: cases, expected: expected, upstream: []upstreamFile{{"cors/basic.htm", "core", len(cases)}}}
	report, err := s.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const makeHeader = "http://www1.web-platform.test:8000/cors/resources/cors-makeheader.py"

func TestExpectations(t *testing.T) {
	const pass = ""
	for _, test := range []struct{ url, expect, problem string }{
		{makeHeader, `{"status": 200, "type": "cors", "redirected": false, "json": {"origin": "http://web-platform.test:8000"}}`, pass},
		{makeHeader + "?origin=none", `"network-error"`, pass},
		{makeHeader + "?origin=none", `{}`, "got network-error (the response has no Access-Control-Allow-Origin header"},
		{makeHeader, `"network-error"`, "got a response (status 200), want network-error"},
		{makeHeader, `{"status": 201}`, "status: got 200, want 201"},
		{makeHeader, `{"type": "basic"}`, `type: got "cors", want "basic"`},
		{makeHeader, `{"statusText": "no"}`, `statusText: got "OK", want "no"`},
		{makeHeader, `{"url": "http://a.test/"}`, "url: got "},
		{makeHeader, `{"redirected": true}`, "redirected: got false, want true"},
		{makeHeader, `{"body": ""}`, "body: got "},
		{makeHeader, `{"bodyHas": ["nothing of it"]}`, `does not contain "nothing of it"`},
		{makeHeader, `{"json": {"origin": null}}`, `JSON member origin: got "http://web-platform.test:8000", want none`},
		{makeHeader, `{"json": ["a"]}`, "JSON: got "},
		{makeHeader, `{"headers": {"content-length": null}}`, "content-length: got "},
		{makeHeader, `{"headers": {"x-none": true}}`, "x-none: got none, want true"},
		{makeHeader, `{"preflights": 1}`, "preflights: got 0, want 1"},
		{makeHeader, `{"requests": []}`, `requests: got ["GET"], want []`},
		{"http://:80", `{"exception": "TypeError"}`, pass},
		{"http://:80", `{"exception": "SyntaxError"}`, `exception: got "TypeError", want "SyntaxError"`},
		{"about:blank", `{"exception": "TypeError"}`, "want throws"},
	} {
		report := runOne(t, `{"tests": [{"subtest": "x", "steps": [{"url": "`+test.url+`", "expect": `+test.expect+`}]}]}`)
		problems := strings.Join(report.Results[0].Problems, "; ")
		if test.problem == pass && problems != "" || !strings.Contains(problems, test.problem) {
			t.Errorf("%s, expecting %s: problems %q, want %q", test.url, test.expect, problems, test.problem)
		}
	}
}

func TestExpectedFailures(t *testing.T) {
	const passes = `{"tests": [{"subtest": "a case", "steps": [{"url": "/common/blank.html", "expect": {}}]}]}`
	const fails = `{"tests": [{"subtest": "a case", "steps": [{"url": "/common/blank.html", "expect": "network-error"}]}]}`
	expected := ExpectedFailure{File: "cors/basic.htm", Subtests: []string{"a *"}, Engines: []string{"standard"}, Reason: "r"}
	other := ExpectedFailure{File: "cors/basic.htm", Subtests: []string{"a case"}, Engines: []string{"firefox"}, Reason: "r"}
	for _, test := range []struct {
		file     string
		expected []ExpectedFailure
		ok       bool
	}{
		{passes, nil, true},
		{fails, nil, false},
		{fails, []ExpectedFailure{other}, false},
		{fails, []ExpectedFailure{expected}, true},
		{passes, []ExpectedFailure{expected}, false},
	} {
		report := runOne(t, test.file, test.expected...)
		if report.OK() != test.ok {
			t.Errorf("%s with %v: OK is %t", test.file, test.expected, report.OK())
		}
		if result := report.Results[0]; (result.Trace == "") != test.ok || !test.ok && len(result.Problems) == 0 {
			t.Errorf("%s with %v: trace %q, problems %q", test.file, test.expected, result.Trace, result.Problems)
		}
	}
}

func TestReportForms(t *testing.T) {
	report := runOne(t, `{"requires": "nothing", "anchor": "https://a.test/#b", "tests": [
		{"subtest": "good", "steps": [{"url": "/common/blank.html", "expect": {}}]},
		{"subtest": "bad", "steps": [{"url": "/common/blank.html", "expect": {"status": 299}}]}]}`)
	var table, verbose, object bytes.Buffer
	if report.WriteTable(&table, false) != nil || report.WriteTable(&verbose, true) != nil || report.WriteJSON(&object) != nil {
		t.Fatal("writing failed")
	}
	for _, want := range []string{
		"  2       2        1                  0        1         0        0   cors",
		"\nFAIL cors/basic.htm#bad\n  requires: nothing (https://a.test/#b)\n  step 1: status: got 200, want 299\n",
	} {
		if !strings.Contains(strings.Join(strings.Fields(table.String()), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("the table has no %q:\n%s", want, &table)
		}
	}
	if trace := "→ GET http://web-platform.test:8000/common/blank.html"; strings.Contains(table.String(), trace) ||
		!strings.Contains(verbose.String(), trace) {
		t.Errorf("only the verbose table should have the trace:\n%s", &verbose)
	}
	var decoded struct {
		Engine      string
		OK          bool
		Directories []Directory
		Results     []Result
	}
	if err := json.Unmarshal(object.Bytes(), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Engine != "standard" || decoded.OK || len(decoded.Results) != 2 || decoded.Directories[0].Failed != 1 {
		t.Errorf("JSON is %s", &object)
	}
}

func TestPattern(t *testing.T) {
	for pattern, n := range map[string]int{
		"cors/origin.htm#Allow origin: *": 1, "xhr/open-method-*": 9, "cors/status.htm": 5, "no such case": 0,
	} {
		report, err := Run(t.Context(), Options{Pattern: pattern})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Results) != n {
			t.Errorf("%q selects %d cases, want %d", pattern, len(report.Results), n)
		}
	}
	if _, err := Run(t.Context(), Options{Pattern: "["}); err == nil {
		t.Error("a pattern that is none is no error")
	}
}
