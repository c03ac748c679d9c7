package wpt

import (
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	cases, leftOut, err := readCaseFile("a/b.any.js", []byte(`{
		"requires": "of the file", "anchor": "https://a.test/#file",
		"tests": [
			{"subtest": "${name} by ${method}", "columns": ["name", "value"], "rows": [["one", "a b&${"], ["two"]],
			 "each": {"method": ["GET", "PUT"]}, "let": [["target", "/x?${value|uri}&${uuid}"]],
			 "steps": [{"url": "${target|uri}", "method": "${method}", "body": "${value}", "expect": {"status": 200}}]},
			{"subtest": "alone", "requires": "its own", "anchor": "https://a.test/#own", "steps": [{"url": "", "expect": {}}]}],
		"leftOut": [{"subtests": ["other"], "reason": "why"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range cases {
		names = append(names, c.Subtest)
	}
	if got := strings.Join(names, "; "); got != "one by GET; one by PUT; two by GET; two by PUT; alone" {
		t.Errorf("subtests are %s", got)
	}
	if c := cases[4]; c.Requires != "its own" || c.Anchor != "https://a.test/#own" || cases[0].Requires != "of the file" {
		t.Errorf("requirements are %+v and %+v", cases[0], c)
	}
	if len(leftOut) != 1 || leftOut[0].Reason != "why" || cases[0].client.URL != "http://web-platform.test:8000/a/b.any.html" {
		t.Errorf("left out are %v, the page is %v", leftOut, cases[0].client)
	}
	for _, test := range []struct {
		in   string
		want any
	}{
		{"${s}", "a/b"}, {"x${s}${s|uri}", "xa/ba%2Fb"}, {"${list}", 1}, {"${none}", nil}, {"-${none}-", "--"}, {"plain", "plain"},
		{"${uuid|uri}", "${uuid}"},
	} {
		got, err := expand(test.in, map[string]any{"s": "a/b", "list": 1, "none": nil, "uuid": "${uuid}"})
		if err != nil || got != test.want {
			t.Errorf("%s gives %v, %v; want %v", test.in, got, err, test.want)
		}
	}
}

func TestBadCaseFiles(t *testing.T) {
	test := func(test string) string { return `{"tests": [{"subtest": "x", ` + test + `}]}` }
	const step = `"steps": [{"url": "/", "expect": {}}]`
	for file, problem := range map[string]string{
		`{`:                               "unexpected EOF",
		`{"test": []}`:                    `unknown field "test"`,
		test(`"steps": []`):               "it has no steps",
		test(`"steps": [{"expect": {}}]`): "url",
		test(`"steps": [{"url": "/", "methd": "GET", "expect": {}}]`):               `"methd" is no member of a step`,
		test(`"steps": [{"url": "/", "expect": {"statuss": 200}}]`):                 `unknown field "statuss"`,
		test(`"steps": [{"url": "${x}", "expect": {}}]`):                            `there is no value ${x}`,
		test(`"steps": [{"url": "${x", "expect": {}}]`):                             "without a }",
		test(`"steps": [{"url": "${uuid|base64}", "expect": {}}]`):                  "there is no filter base64",
		test(`"columns": ["a"], "rows": [[1, 2]], ` + step):                         "2 values for 1 columns",
		test(`"client": {"url": ""}, ` + step):                                      "client",
		test(`"let": [[1, "x"]], ` + step):                                          "is no name",
		test(`"columns": ["a"], "rows": [[[1]]], "let": [["b", "-${a}"]], ` + step): "is no text",
	} {
		_, _, err := readCaseFile("cors/basic.htm", []byte(file))
		if err == nil || !strings.Contains(err.Error(), problem) || !strings.HasPrefix(err.Error(), "cors/basic.htm: ") {
			t.Errorf("%s: %v, want %s", file, err, problem)
		}
	}
}

func TestInventory(t *testing.T) {
	for _, test := range []struct{ table, want, err string }{
		{"file\trelevance\tsubtests\ncors/basic.htm\tcore\t14\nnot/ours.html\tjs\t3\n", "14        12         0         2  cors/basic.htm\n", ""},
		{"file\tsubtests\ncors/basic.htm\t12\n", "12        12         0         0  total (0 files are not in scope)\n", ""},
		{"file\tsubtest\tchromium\ncors/status.htm?variant\t[harness]\tPASS\ncors/status.htm\tnew one\tPASS\n", "missing: new one\n", ""},
		{"file\tsubtest\ncors/status.htm\tnew one\n", "unknown: 1. CORS disallowed, response status 400.\n", ""},
		{"name\tsubtests\n", "", "line 1: "},
		{"file\tsubtests\ncors/basic.htm\tmany\n", "", "line 2: "},
		{"file\tsubtests\ncors/basic.htm\n", "", "line 2 "},
	} {
		var out strings.Builder
		err := Inventory(&out, strings.NewReader(test.table))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q: error %v, want %s", test.table, err, test.err)
			}
			continue
		}
		if err != nil || !strings.Contains(out.String(), test.want) {
			t.Errorf("%q: %v\n%s\nwant %s", test.table, err, &out, test.want)
		}
	}
}
