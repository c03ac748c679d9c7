package report

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/corsim/corsim/internal/replay"
)

// elementsOf returns the elements below a node that have a name and a class, each "" for any.
func elementsOf(n *html.Node, name, class string) (found []*html.Node) {
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && (name == "" || child.Data == name) && (class == "" || slices.Contains(strings.Fields(attribute(child, "class")), class)) {
			found = append(found, child)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf returns the text below a node, its white space made one.
func textOf(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestPage looks at what a page is made of: it opens with a sentence and the worst causes, whose rows lead to their
// requests, which show the page's origin and what went between page and server.
func TestPage(t *testing.T) {
	for _, test := range []struct {
		name, recording, sentence string
		told                      string // of the worst cause
	}{
		{"devtools.har", "../../../testdata/recordings/chromium-devtools.har",
			"16 of 36 requests that CORS decides are blocked. 3 cannot be decided from the recording. 2 failed for another reason.",
			"Most likely: The server has no CORS configuration for this URL."},
		{"mixed.har", "testdata/mixed.har", "6 of 8 requests that CORS decides are blocked. 1 cannot be decided from the recording. The recording contradicts 2. 1 entry could not be read.",
			"The recording contradicts what this program says"},
	} {
		text := reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{test.name: readFile(t, test.recording)})["html"]
		page, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if sentences := elementsOf(page, "p", "sentence"); len(sentences) != 1 || textOf(sentences[0]) != test.sentence {
			t.Errorf("%s: it says %q, not %q", test.name, textOf(sentences[0]), test.sentence)
		}
		worst := elementsOf(elementsOf(page, "ol", "worst")[0], "li", "")
		if len(worst) != 3 || !strings.Contains(textOf(worst[0]), test.told) {
			t.Errorf("%s: %d causes first, of which the worst is %q", test.name, len(worst), textOf(worst[0]))
		}
		ids := make(map[string]bool)
		for _, n := range elementsOf(page, "", "") {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: the id %s is there twice", test.name, id)
				}
				ids[id] = true
			}
		}
		rows := elementsOf(page, "details", "row")
		counted := 0
		for _, table := range elementsOf(page, "table", "groups") {
			for _, row := range elementsOf(elementsOf(table, "tbody", "")[0], "tr", "") {
				links := elementsOf(row, "a", "")
				if len(links) != 1 || !ids[strings.TrimPrefix(attribute(links[0], "href"), "#")] {
					t.Errorf("%s: the row %q does not lead to a request", test.name, textOf(row))
				}
				counted++
			}
		}
		if counted < len(worst) || len(rows) < counted-2 {
			t.Errorf("%s: %d causes, %d requests", test.name, counted, len(rows))
		}
		for _, row := range rows {
			summary := textOf(elementsOf(row, "summary", "")[0])
			if !strings.Contains(summary, "asked by") || len(elementsOf(row, "div", "arrow")) == 0 {
				t.Errorf("%s: the request %q lacks its page or its diagram", test.name, summary)
			}
			if attribute(row, "data-class") == "blocked" && len(elementsOf(row, "li", "bad")) == 0 {
				t.Errorf("%s: nothing is marked in %q", test.name, summary)
			}
		}
		for _, section := range elementsOf(page, "div", "section") {
			unfoldedRows, headings := 0, 0
			for child := range section.ChildNodes() {
				if child.Type == html.ElementNode && child.Data == "details" && attribute(child, "class") != "more" {
					unfoldedRows++
				} else if child.Type == html.ElementNode && child.Data == "h3" {
					headings++
				}
			}
			if unfoldedRows == 0 || unfoldedRows > unfolded || headings != 1 {
				t.Errorf("%s: a section shows %d requests", test.name, unfoldedRows)
			}
		}
	}
}
