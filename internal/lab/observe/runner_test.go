package observe

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

func TestOrder(t *testing.T) {
	for _, test := range []struct{ name, step, want string }{
		{"only what is given", `{"url":"/x"}`, `{"api":"fetch","url":"/P/x","init":{},"withCredentials":false,"uploadListener":false,"timeout":8000,"mark":""}`},
		{"all", `{"url":"/x","method":"","headers":[["A","\u00e9"]],"body":"b","mode":"cors","credentials":"omit","redirect":"error","referrer":"","referrerPolicy":"","cache":"reload","integrity":"sha256-x","keepalive":true}`,
			`{"api":"fetch","url":"/P/x","init":{"body":"b","cache":"reload","credentials":"omit","headers":[["A","é"]],"integrity":"sha256-x","keepalive":true,"method":"","mode":"cors","redirect":"error","referrer":"","referrerPolicy":""},"withCredentials":false,"uploadListener":false,"timeout":8000,"mark":""}`},
		{"bytes", `{"api":"xhr","url":"/x","body":"\u00e9","contentTypeFromBody":false,"withCredentials":true,"uploadListener":true}`,
			`{"api":"xhr","url":"/P/x","init":{},"bodyBytes":"w6k=","withCredentials":true,"uploadListener":true,"timeout":8000,"mark":""}`},
		{"an element", `{"url":"/x","destination":"image"}`,
			`{"api":"fetch","destination":"image","url":"/P/x","init":{},"withCredentials":false,"uploadListener":false,"timeout":8000,"mark":""}`},
		{"no byte string", `{"url":"/x","headers":[["A","\u0100"]]}`,
			`{"api":"fetch","url":"/P/x","init":{"headers":[["x","Ā"]]},"withCredentials":false,"uploadListener":false,"timeout":8000,"mark":""}`},
	} {
		sc, err := scenario.Decode([]byte(`{"id":"s","client":{"url":"http://a.test/"},"steps":[` + test.step + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(newOrder(&sc.Steps[0], "/P/x"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(got)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestOutcome(t *testing.T) {
	p := &prefix{path: "/P", rewritten: [][2]string{{"http://b.test/P/", "http://b.test"}}}
	requests := []scenario.Request{{Method: "GET", URL: "http://b.test/x"}}
	for _, test := range []struct {
		name, reply string
		want        scenario.StepOutcome
	}{
		{"response", `{"result":"response","type":"basic","status":201,"statusText":"\u00e9","url":"http://b.test/P/x","redirected":true,
			"headers":[["location","http://b.test/P/"],["a","\u00ff/P/x"]],"body":"\u0000\u00ff"}`,
			scenario.StepOutcome{
				Result: "response", Type: "basic", Status: 201, StatusText: "\xe9", URL: "http://b.test/x", Redirected: true,
				Headers: headers.List{{Name: "location", Value: "http://b.test"}, {Name: "a", Value: "\xff/x"}},
				Body:    scenario.Some("\x00\xff"), Console: []string{"blocked http://b.test/x"},
			}},
		{"of XMLHttpRequest, whose body is gone", `{"result":"response","status":200,"statusText":"OK","url":"","headers":[]}`,
			scenario.StepOutcome{Result: "response", Status: 200, StatusText: "OK", Headers: headers.List{}, Console: []string{"blocked http://b.test/x"}}},
		{"rejection", `{"result":"network-error","exception":"TypeError: http://b.test/P/x"}`,
			scenario.StepOutcome{Result: "network-error", Console: []string{"blocked http://b.test/x", "[exception] TypeError: http://b.test/x"}}},
		{"timeout", `{"result":"timeout"}`, scenario.StepOutcome{Result: "timeout", Console: []string{"blocked http://b.test/x"}}},
	} {
		var r reply
		if err := json.Unmarshal([]byte(test.reply), &r); err != nil {
			t.Fatal(err)
		}
		test.want.Requests = requests
		got := r.outcome(p, requests, []string{"blocked http://b.test/P/x"})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestIsomorphic(t *testing.T) {
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	if got := isomorphicEncode(isomorphicDecode(string(all[:]))); got != string(all[:]) {
		t.Errorf("bytes became %q", got)
	}
	if got := isomorphicEncode("a\ufffd"); got != "a\xef\xbf\xbd" {
		t.Errorf("U+FFFD became %q", got)
	}
}
