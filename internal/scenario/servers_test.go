package scenario

import (
	"fmt"
	"testing"
)

func TestServers(t *testing.T) {
	servers := []Server{
		{URL: "http://a.test/x", Answers: []Answer{
			{Method: "OPTIONS", Body: "x1", Times: 2}, {Method: "PUT", Body: "x2"}, {Method: "*", Body: "x3", Times: 1}, {Method: "OPTIONS", Body: "x4"},
		}},
		{URL: "http://a.test/x?q", Answers: []Answer{{Method: "GET", Body: "q"}}},
		{URL: "http://a.test/x", Answers: []Answer{{Body: "never: the first entry is taken"}}},
		{URL: "http://a.test/y", Answers: []Answer{{Body: "y"}}},
		{URL: "http://a.test/z?", Answers: []Answer{{Body: "z"}}},
	}
	var many []Server
	for i := range 2 * fewServers {
		many = append(many, Server{URL: fmt.Sprint("http://b.test/", i)})
	}
	for name, s := range map[string]*Scenario{"few": {Servers: servers}, "many": {Servers: append(servers, many...)}} {
		for range 2 { // a run leaves nothing behind in the scenario
			run := NewServers(s)
			for i, test := range []struct{ method, url, want string }{
				{"OPTIONS", "http://a.test/x", "x1"},
				{"OPTIONS", "http://a.test/x?other", "x1"},
				{"OPTIONS", "http://a.test/x", "x3"},
				{"OPTIONS", "http://a.test/x", "x4"},
				{"PUT", "http://a.test/x", "x2"},
				{"put", "http://a.test/x", ""},
				{"GET", "http://a.test/x", ""},
				{"GET", "http://a.test/x?q", "q"},
				{"PUT", "http://a.test/x?q", ""}, // an exact entry, though it has no answer
				{"PUT", "http://a.test/x?q?", "x2"},
				{"GET", "http://a.test/y", "y"},
				{"GET", "http://a.test/y?", "y"},
				{"GET", "http://a.test/z?", "z"},
				{"GET", "http://a.test/z", ""},
				{"GET", "http://a.test/z?q", ""},
				{"GET", "http://b.test/1", ""},
			} {
				got, ok := run.Answer(test.method, test.url)
				if ok != (test.want != "") || ok && got.Body != test.want {
					t.Errorf("%s, request %d: %s %s gives %+v, want %q", name, i, test.method, test.url, got, test.want)
				}
			}
		}
	}
}

func TestServersAllocate(t *testing.T) {
	s := NewServers(&Scenario{Servers: []Server{{URL: "http://a.test/x", Answers: []Answer{{Method: "GET", Times: 1e6}}}}})
	s.Answer("GET", "http://a.test/x") // the first makes the counters
	if n := testing.AllocsPerRun(100, func() { s.Answer("GET", "http://a.test/x?q") }); n != 0 {
		t.Errorf("an answer costs %v allocations", n)
	}
}
