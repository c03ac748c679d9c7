package browser_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// fields calls f for each field of an engine that differs from the standard's.
func fields(e *browser.Engine, f func(path string, v reflect.Value)) {
	for _, group := range []string{"CORS", "Preflights", "HTTPCache", "Fetch", "Privacy"} {
		for field, v := range reflect.ValueOf(e).Elem().FieldByName(group).Fields() {
			if !v.IsZero() {
				f(group+"."+field.Name, v)
			}
		}
	}
}

// without returns a copy of an engine that is the standard in some fields.
func without(e *browser.Engine, paths ...string) *browser.Engine {
	c := *e
	fields(&c, func(path string, v reflect.Value) {
		if slices.Contains(paths, path) {
			v.SetZero()
		}
	})
	return &c
}

// same reports whether two outcomes are the same, console included.
func same(a, b *scenario.Outcome) bool {
	return scenario.Agree(a, b) && slices.EqualFunc(a.Steps, b.Steps, func(a, b scenario.StepOutcome) bool {
		return slices.Equal(a.Console, b.Console)
	})
}

// TestEvidence reads the comments beside the fields of the engines. Each must
// name scenarios that come out otherwise without the field, and in which the
// engine does what was observed, or a quirk, or a source file.
func TestEvidence(t *testing.T) {
	scenarios, outcomes := recorded(t)
	index := make(map[string]int)
	for i, s := range scenarios {
		index[s.ID] = i
	}
	for _, engine := range engines {
		t.Run(engine.Name, func(t *testing.T) {
			comments := fieldComments(t, engine.Name+".go")
			fields(engine, func(path string, _ reflect.Value) {
				text := comments[path]
				if source, ok := strings.CutPrefix(text, "source: "); ok && source != "" {
					return
				}
				if id, ok := strings.CutPrefix(text, "live: quirk "); ok {
					// TestQuirkScenarios holds that its scenarios show the field.
					if !slices.ContainsFunc(browser.Quirks(), func(q browser.Quirk) bool { return q.ID == id && slices.Contains(q.Fields, path) }) {
						t.Errorf("%s: %s is no quirk that has it", path, id)
					}
					return
				}
				ids, ok := strings.CutPrefix(text, "seen: ")
				if !ok {
					t.Errorf("%s has no evidence beside it: %q", path, text)
					return
				}
				for _, id := range strings.Split(ids, " | ") {
					i, ok := index[id]
					if !ok {
						i, ok = index[id+" "] // a comment loses the space
					}
					if !ok {
						t.Errorf("%s: no scenario has the id %q", path, id)
						continue
					}
					got := scenario.Run(context.Background(), scenarios[i], engine)
					if !scenario.Agree(outcomes[engine.Name][i], got) {
						t.Errorf("%s: the engine does not do what was observed in %q", path, id)
					}
					if same(got, scenario.Run(context.Background(), scenarios[i], without(engine, path))) {
						t.Errorf("%s: %q comes out the same without it", path, id)
					}
				}
			})
		})
	}
}

// fieldComments returns the comment beside each field of the engine that a file
// defines, by the field's path.
func fieldComments(t *testing.T, file string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	byLine := make(map[int]string)
	for _, group := range f.Comments {
		for _, c := range group.List {
			byLine[set.Position(c.Pos()).Line] = strings.TrimPrefix(c.Text, "// ")
		}
	}
	comments := make(map[string]string)
	ast.Inspect(f, func(n ast.Node) bool {
		group, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		literal, ok := group.Value.(*ast.CompositeLit)
		if !ok {
			return true
		}
		for _, element := range literal.Elts {
			if field, ok := element.(*ast.KeyValueExpr); ok {
				comments[group.Key.(*ast.Ident).Name+"."+field.Key.(*ast.Ident).Name] = byLine[set.Position(field.Pos()).Line]
			}
		}
		return false
	})
	return comments
}
