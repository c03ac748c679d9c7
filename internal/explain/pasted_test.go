package explain

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestPasted checks what is told first of what people paste.
func TestPasted(t *testing.T) {
	content, err := os.ReadFile("testdata/pasted.txt")
	if err != nil {
		t.Fatal(err)
	}
	n, causes := 0, map[string]bool{}
	for entry := range strings.SplitSeq("\n"+string(content), "\n== ") {
		want, text, ok := strings.Cut(entry, "\n")
		if !ok || want == "" {
			continue
		}
		n++
		causes[want] = true
		list := Recognize(text)
		if len(list) != 1 {
			t.Errorf("%s: %d messages in\n%s", want, len(list), text)
			for _, m := range list {
				t.Logf("%s %s: %+v", aboutMessage(m), m.Explain("").Causes[0].ID, m)
			}
			continue
		}
		x := list[0].Explain("")
		if got := x.Causes[0].ID; got != want {
			t.Errorf("%s is told first, want %s, of\n%s", got, want, text)
		}
		var g Glossary
		for _, line := range x.Told(&g, true) {
			if unfilled.MatchString(line) {
				t.Errorf("%s: not filled in: %s", want, line)
			}
		}
	}
	if n < 200 || len(causes) < 80 {
		t.Errorf("only %d texts of %d causes", n, len(causes))
	}
}

// TestUnrelated checks that nothing is recognized in what is about something else, neither
// line by line nor in all of it together, and that it is no question.
func TestUnrelated(t *testing.T) {
	content, err := os.ReadFile("testdata/unrelated.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(content)) {
		if line[0] == '#' {
			continue
		}
		n++
		for _, m := range Recognize(line) {
			t.Errorf("%s in %s", aboutMessage(m), line)
		}
		if a, ok := Ask(line); ok {
			t.Errorf("%s is asked by %s", a.ID, line)
		}
	}
	for _, m := range Recognize(string(content)) {
		t.Errorf("%s in all of it: %+v", aboutMessage(m), m)
	}
	if n < 100 {
		t.Errorf("only %d lines", n)
	}
}

// TestRecognizeCost checks that time grows with the text, whatever it is: twice as much
// takes about twice as long.
func TestRecognizeCost(t *testing.T) {
	for _, piece := range []string{
		"'", "Access to fetch at 'https://a/", "https://", "XMLHttpRequest cannot load ", "https://x (a: CORS ", "net::ERR_ ", "&amp;", "(", "\n", "...",
		"The value of the 'Access-Control-Allow-Origin' header ", `Refused to connect to 'x"`, `\u0027`,
		"GET https://a.test/x 500\nAccess to fetch at 'https://a.test/x' from origin 'https://b.test' has been blocked by CORS policy: It does not have HTTP ok status.\n",
	} {
		cost := func(size int) time.Duration {
			text := strings.Repeat(piece, size/len(piece))
			start := time.Now()
			Recognize(text)
			return time.Since(start)
		}
		cost(1 << 14)
		if once, eight := cost(1<<15), cost(1<<18); eight > 40*once && eight > 2*time.Second {
			t.Errorf("%.30q: %v, and %v for eight times as much", piece, once, eight)
		}
	}
}
