package wpt

import (
	"github.com/corsim/corsim/internal/scenario"
)

// A function adds the cases of one upstream file that are Go, not data.
type function struct {
	file, requires, anchor string
	add                    func(*collector)
}

// functions are all of them.
var functions []function

func register(fs ...function) struct{} {
	functions = append(functions, fs...)
	return struct{}{}
}

// tables are the files that are tables of their own kind, not cases: what reads
// them, by upstream's name.
var tables = map[string]func(file string, data []byte) ([]*Case, error){}

// A collector takes the cases of one file.
type collector struct {
	file, requires, anchor string
	client                 scenario.Client
	cases                  []*Case
}

// test adds a case.
func (c *collector) test(subtest string, run func(*tester)) {
	c.cases = append(c.cases, &Case{
		File: c.file, Subtest: subtest, Requires: c.requires, Anchor: c.anchor, client: c.client, run: run,
	})
}
