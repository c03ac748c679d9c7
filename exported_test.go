package corsim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mostExported is how many exported identifiers the importable packages may have: what a user
// has to learn, and what we have to keep: a thousand, and 150 for what elements ask and for the monitor.
const mostExported = 1150

// TestExportedIdentifiers counts the exported functions, types, methods, fields, constants and
// variables of the packages that others can import.
func TestExportedIdentifiers(t *testing.T) {
	counts := make(map[string]int)
	total := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"internal", "cmd", "testdata", "examples", "openapi", "beam", ".git", ".ci"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, problem := range unexportedIn(file) {
			t.Errorf("%s: %s", path, problem)
		}
		n := exportedOf(file)
		counts[filepath.ToSlash(filepath.Dir(path))] += n
		total += n
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range counts {
		t.Logf("%5d %s", n, name)
	}
	t.Logf("%5d exported identifiers", total)
	if total > mostExported {
		t.Errorf("%d exported identifiers, more than %d", total, mostExported)
	}
}

// exportedOf counts the exported identifiers that a file declares. Methods and fields of types
// that are not exported do not count.
func exportedOf(file *ast.File) (n int) {
	count := func(names ...*ast.Ident) {
		for _, name := range names {
			if name.IsExported() {
				n++
			}
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type)) {
				count(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					count(s.Names...)
				case *ast.TypeSpec:
					if !s.Name.IsExported() {
						continue
					}
					n++
					switch of := s.Type.(type) {
					case *ast.StructType:
						for _, field := range of.Fields.List {
							count(field.Names...)
						}
					case *ast.InterfaceType:
						for _, method := range of.Methods.List {
							count(method.Names...)
						}
					}
				}
			}
		}
	}
	return n
}

// unexportedIn says which exported functions and function types have a type in their signature that is not
// exported: nobody else can write it down.
func unexportedIn(file *ast.File) (problems []string) {
	var look func(name string, n ast.Node)
	look = func(name string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				return false // of another package
			case *ast.Field:
				look(name, n.Type) // and not its names
				return false
			case *ast.Ident:
				if !n.IsExported() && types.Universe.Lookup(n.Name) == nil {
					problems = append(problems, name+" has "+n.Name+" in its signature")
				}
			}
			return true
		})
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Type.TypeParams == nil && (d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type))) {
				look(d.Name.Name, d.Type)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.IsExported() {
					if signature, ok := spec.Type.(*ast.FuncType); ok {
						look(spec.Name.Name, signature)
					}
				}
			}
		}
	}
	return problems
}

// receiver returns the name of the type of a method's receiver.
func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}
