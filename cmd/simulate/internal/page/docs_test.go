package page

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What docs/try-it.md tells a newcomer to see is what is shown.
func TestDocumentedMinutes(t *testing.T) {
	content, err := os.ReadFile("../../../../docs/try-it.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	blocks := regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(text, -1)
	var kinds []string
	for _, b := range blocks {
		kinds = append(kinds, b[1])
	}
	if got := strings.Join(kinds, " "); got != "text http nginx sh http" {
		t.Fatalf("the blocks are %s", got)
	}
	message, needed, lines, curl, answer := blocks[0][2], blocks[1][2], blocks[2][2], blocks[3][2], blocks[4][2]

	var got struct {
		Messages []struct {
			Verdict string
			Told    struct {
				About  string
				Causes []struct{ Why, Do string }
				Advice []string
			}
		}
		Config *config
	}
	do(t, "explain", pasted{Text: message, Server: "nginx"}, &got)
	told := got.Messages[0].Told
	for _, shown := range []string{"**" + got.Messages[0].Verdict + "** `" + told.About + "`", told.Causes[0].Why, told.Causes[0].Do, "*" + got.Config.Parts[0].Where + "*", "*" + got.Config.Notes[0] + "*"} {
		if !strings.Contains(text, shown) {
			t.Errorf("the page shows %q, which the text has not", shown)
		}
	}
	for line := range strings.Lines(needed) {
		if !strings.Contains(strings.Join(told.Advice, "\n"), strings.TrimSpace(line)) {
			t.Errorf("the page asks for %[2]q, not for %[1]q", line, told.Advice)
		}
	}
	if len(got.Config.Parts) != 1 || got.Config.Parts[0].Text != lines {
		t.Errorf("the lines for nginx are %+v", got.Config.Parts)
	}

	d := description{Page: "https://app.example", URL: "https://api.example/things", Answers: answer}
	var copied copies
	if do(t, "copy", d, &copied); copied.Curl != curl {
		t.Errorf("curl is %q", copied.Curl)
	}
	var result checked
	do(t, "check", d, &result)
	for _, report := range result.Reports {
		if !strings.Contains(string(report), `"verdict":"allowed"`) {
			t.Errorf("not allowed: %s", report)
		}
	}
}
