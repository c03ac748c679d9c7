// Command spec compares the steps of the Fetch standard that this module follows with those
// of another snapshot of its source, fetch.bs, and prints which moved or changed:
//
//	go run ./internal/lab/spec/cmd/spec fetch.bs
//
// With -write it prints the steps of that snapshot, as steps.tsv has them.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/corsim/corsim/internal/lab/spec"
)

func main() {
	write := flag.Bool("write", false, "print the steps themselves")
	flag.Parse()
	if err := run(flag.Arg(0), *write); err != nil {
		fmt.Fprintln(os.Stderr, "spec:", err)
		os.Exit(2)
	}
}

func run(name string, write bool) error {
	if name == "" {
		return fmt.Errorf("give the standard's source: a file fetch.bs of github.com/whatwg/fetch")
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	steps, err := spec.Read(file)
	if err != nil {
		return err
	}
	if write {
		return spec.Write(os.Stdout, steps)
	}
	changes := spec.Diff(spec.Known(), steps)
	for _, c := range changes {
		fmt.Printf("#%s step %s %s", c.Algorithm, c.Number, c.What)
		if c.To != "" {
			fmt.Printf(" to %s", c.To)
		}
		fmt.Println()
	}
	fmt.Printf("%d steps, %d of them moved or changed since %.7s\n", len(steps), len(changes), spec.Snapshot)
	return nil
}
