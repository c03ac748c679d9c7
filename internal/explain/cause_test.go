package explain

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Each row has all that people are told, in whole sentences.
func TestCauseTexts(t *testing.T) {
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	parties := []Party{ThePage, TheServer, Intermediary, TheUser}
	for name, row := range texts {
		if !id.MatchString(name) || row.title == "" || strings.HasSuffix(row.title, ".") || !slices.Contains(parties, row.who) ||
			!ends(row.why) || !ends(row.do) {
			t.Errorf("%s: %+v", name, row)
		}
	}
	seen := map[string]string{}
	for name, row := range texts {
		if other := seen[row.why]; other != "" {
			t.Errorf("%s and %s are explained by one sentence", name, other)
		}
		seen[row.why] = name
	}
}

func ends(sentence string) bool {
	return strings.HasSuffix(sentence, ".") || strings.HasSuffix(sentence, ".)") || strings.HasSuffix(sentence, "?")
}

// Each row is used, and each id in the program has its row: the ids of calls are read
// from the sources of the module.
func TestCauseIDs(t *testing.T) {
	used := map[string]bool{}
	for _, r := range cors.Reasons() {
		used[r.String()] = true
	}
	for topic := range topics {
		used[string(topic)] = true
	}
	fset := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "causetexts.go" {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && calls(call, "NewCause") && len(call.Args) > 0 {
				if name, ok := literal(call.Args[0]); ok && texts[name].why == "" {
					t.Errorf("%s: there is no text for %q", fset.Position(call.Pos()), name)
				}
			}
			if e, ok := n.(ast.Expr); ok {
				if name, ok := literal(e); ok {
					used[name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range texts {
		if !used[name] {
			t.Errorf("nothing gives the cause %q", name)
		}
	}
}

func calls(call *ast.CallExpr, name string) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == name
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	}
	return false
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// Whatever is found, of causes that answer one question only one is above possible.
func TestRankExcludes(t *testing.T) {
	var all []Cause
	for id := range texts {
		for _, c := range []Confidence{Possible, Likely, Certain} {
			all = append(all, NewCause(id, c))
		}
	}
	for _, list := range [][]Cause{
		all,
		{NewCause("origin-refused", Likely), NewCause("options-not-routed", Certain), NewCause("transport", Certain)},
		{NewCause("header-not-listed", Certain), NewCause("added-by-library", Likely), NewCause("not-configured", Likely)},
	} {
		ranked := Rank(list...)
		above := map[question]string{}
		ids := map[string]bool{}
		for i, c := range ranked {
			if ids[c.ID] {
				t.Errorf("%s is there twice", c.ID)
			}
			ids[c.ID] = true
			if i > 0 && c.Confidence > ranked[i-1].Confidence {
				t.Errorf("%s (%s) comes after %s (%s)", c.ID, c.Confidence, ranked[i-1].ID, ranked[i-1].Confidence)
			}
			if about := texts[c.ID].about; about != "" && c.Confidence > Possible {
				if other := above[about]; other != "" {
					t.Errorf("%s and %s exclude each other", c.ID, other)
				}
				above[about] = c.ID
			}
		}
	}
	ranked := Rank(NewCause("header-not-listed", Likely), NewCause("added-by-library", Likely), NewCause("not-configured", Likely), NewCause("origin-refused", Possible))
	if got := ids(ranked); got != "header-not-listed likely, added-by-library likely, not-configured likely, origin-refused possible" {
		t.Error(got)
	}
}

func ids(list []Cause) string {
	var all []string
	for _, c := range list {
		all = append(all, c.ID+" "+c.Confidence.String())
	}
	return strings.Join(all, ", ")
}

func TestCauseJSON(t *testing.T) {
	advice := Advice{Preflight: true, Status: 204}
	advice.set(allowOrigin, "https://app.example")
	c := NewCause("scheme-differs", Certain, Evidence{"http://app.example", allowOrigin}).With("allowed", "http://app.example", "scheme", "https")
	c.Fix = []Remedy{{Text: "Do."}, {Lines: &advice}}
	got, err := json.Marshal(c.Map(strings.ToUpper))
	want := `{"id":"scheme-differs","confidence":"certain","who":"server","title":"the scheme differs",` +
		`"why":"The scheme differs: the server allows HTTP://APP.EXAMPLE, the page came over HTTPS.",` +
		`"do":"Allow the origin with its scheme, or open the page by the address that is allowed.",` +
		`"evidence":[{"what":"HTTP://APP.EXAMPLE","where":"Access-Control-Allow-Origin"}],` +
		`"fix":[{"text":"DO."},{"on":"preflight","status":204,"headers":[{"name":"Access-Control-Allow-Origin","value":"https://app.example"}]}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
	if c.Evidence[0].What != "http://app.example" {
		t.Error("Map changed what it was given")
	}
}

// A name or value of megabytes is cited in part, by whatever cause.
func TestCitationsAreBounded(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	x := Explain(&cors.Error{Reason: cors.MissingAllowOrigin}, &cors.Request{Origin: "https://app.example", Method: "GET"},
		Exchange{Response: headers.List{{Name: "Access-Control-" + long, Value: long}, {Name: "Server", Value: long}, {Name: "Vary", Value: "Origin, " + long}}})
	text, err := json.Marshal(x.Causes)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 100_000 || !utf8.Valid(text) || !strings.Contains(string(text), "é…") {
		t.Errorf("%d bytes: %.300s", len(text), text)
	}
}
