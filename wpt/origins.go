package wpt

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/corsim/corsim/weburl"
)

func init() { tables["url/origins"] = readOrigins }

// readOrigins reads the table of URLs and their origins, each a list of input,
// base (null for none) and serialized origin, for the three files that use it.
// One of the inputs has lone surrogates, which are U+FFFD by the time that they
// reach a URL parser, and "U+d800" in the name of the subtest.
func readOrigins(_ string, data []byte) ([]*Case, error) {
	var rows [][3]*string
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("url/origins.json: %w", err)
	}
	const (
		requires = "the origin of a URL"
		anchor   = "https://url.spec.whatwg.org/#concept-url-origin"
	)
	var cases []*Case
	for _, row := range rows {
		if row[0] == nil || row[2] == nil {
			return nil, fmt.Errorf("url/origins.json: a row has no input or no origin")
		}
		input, base, origin := *row[0], row[1], *row[2]
		name := input
		if strings.HasPrefix(input, "http://example.com/\uFFFD") {
			name = surrogates.Replace(input)
		}
		against := "without base"
		if base != nil && *base != "" {
			against = "against <" + *base + ">"
		}
		cases = append(cases, &Case{
			File: "url/url-origin.any.js", Subtest: "Origin parsing: <" + name + "> " + against,
			Requires: requires, Anchor: anchor, run: func(t *tester) { t.origin(input, base, origin) },
		})
		// As an attribute of an element: an element has a base always, a fragment
		// is relative to about:blank, and HTML takes no such URLs as a base.
		if base == nil && strings.HasPrefix(input, "#") ||
			base != nil && (strings.HasPrefix(*base, "data:") || strings.HasPrefix(*base, "javascript:")) {
			continue
		}
		blank := "about:blank"
		if base == nil {
			base = &blank
		}
		for _, file := range []string{"url/a-element-origin.html", "url/a-element-origin-xhtml.xhtml"} {
			cases = append(cases, &Case{
				File: file, Subtest: "Parsing origin: <" + name + "> against <" + *base + ">",
				Requires: requires, Anchor: anchor, run: func(t *tester) { t.origin(input, base, origin) },
			})
		}
	}
	return cases, nil
}

var surrogates = strings.NewReplacer("/\uFFFD", "/U+d800", "?\uFFFD", "?U+d800", "\uFFFD", "U+dfff")

// origin parses a URL and compares its origin.
func (t *tester) origin(input string, base *string, want string) {
	var url *weburl.URL
	var err error
	if base == nil {
		url, err = weburl.Parse(input)
	} else if url, err = weburl.Parse(*base); err == nil {
		url, err = url.Parse(input)
	}
	if err != nil {
		t.fatalf("parsing: %v", err)
	}
	t.equal("origin", url.Origin().String(), want)
}
