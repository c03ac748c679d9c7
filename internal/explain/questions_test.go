package explain

import (
	"strings"
	"testing"
)

// Each question is answered in at most ten lines, with a command.
func TestAnswers(t *testing.T) {
	for _, q := range questions() {
		if len(q.Lines) < 2 || len(q.Lines) > 9 || q.Try == "" || q.Question == "" {
			t.Errorf("%s: %d lines, try %q", q.ID, len(q.Lines), q.Try)
		}
		for _, line := range q.Lines {
			if !strings.ContainsAny(line[len(line)-1:], ".)?") {
				t.Errorf("%s: %q is no sentence", q.ID, line)
			}
		}
	}
}

// TestQuestions asks in people's words.
func TestQuestions(t *testing.T) {
	want := ""
	asked := map[string]int{}
	for line := range strings.Lines(phrasingsText) {
		line = strings.TrimSpace(line)
		if id, ok := strings.CutPrefix(line, "= "); ok {
			want = id
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		asked[want]++
		got := "nothing"
		if a, ok := Ask(line); ok {
			got = a.ID
		}
		if got != want {
			t.Errorf("%q is answered by %s, want %s", line, got, want)
		}
	}
	for _, id := range []string{"header-on-the-page", "works-elsewhere", "allow-nobody", "open-to-all", "jsonp", "crossdomain-xml", "frames", "max-age", "expose-or-allow", "switch-off"} {
		if asked[id] < 12 {
			t.Errorf("%s: only %d phrasings", id, asked[id])
		}
	}
}
