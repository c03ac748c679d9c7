//go:build unix

// Command growth measures how the work of the library's functions grows with their worst inputs, or with -simulate that of its
// subcommands, and their memory and output. Work is counted: it is how often blocks of code were entered, in this module and in the
// packages of Go's library that search and sort, so that it is the same on each machine. It fails where twice the input needs more than
// 2.2 times the work, where an output is much larger than its input, and where a process needs more than 200 MB.
//
//	.ci/growth
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
)

const (
	mostGrowth = 2.2
	mostPeak   = 200 << 20
	// An output may be this many times as large as its input, beside what is said of whatever input.
	mostAmplification = 80
	anyOutput         = 256 << 10
)

func main() {
	simulate := flag.String("simulate", "", "a simulate that counts (built with -cover)")
	plain := flag.String("plain", "", "a simulate that does not, of which the memory is measured")
	only := flag.String("only", "", "the one subcommand or function to measure")
	flag.Parse()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	r := &results{w: w, only: *only}
	var err error
	if *simulate == "" {
		err = r.functions()
	} else {
		err = r.commands(*simulate, *plain)
	}
	w.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(2)
	}
	for _, b := range r.bad {
		fmt.Fprintln(os.Stderr, "growth:", b)
	}
	if len(r.bad) > 0 {
		os.Exit(1)
	}
}

// results are printed row by row.
type results struct {
	w    *tabwriter.Writer
	only string
	bad  []string // what grows too fast
}

func (r *results) judge(name string, work [3]uint64) (growth float64) {
	growth = ratio(work[2], work[1])
	if growth > mostGrowth {
		r.bad = append(r.bad, fmt.Sprintf("%s: %d, %d and %d blocks of code for n, 2n and 4n", name, work[0], work[1], work[2]))
	}
	return growth
}

func (r *results) functions() error {
	fmt.Fprintln(r.w, "work of 4n\t4n/2n\t2n/n\t\tof\t")
	for _, f := range functions() {
		if r.only != "" && r.only != f.name {
			continue
		}
		work, err := f.measure(count, 1000) // maps grow by steps
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		growth := r.judge(f.name, work)
		fmt.Fprintf(r.w, "%d\t%.2f\t%.2f\t\t%s\t\n", work[2], growth, ratio(work[1], work[0]), f.name)
	}
	return nil
}

func (r *results) commands(simulate, plain string) error {
	fmt.Fprintln(r.w, "work of 4n\t4n/2n\t2n/n\tKB in\tKB out\tpeak MB\tof simulate\t")
	s := newServer()
	defer s.Close()
	for _, c := range commands(s) {
		if r.only != "" && r.only != c.what {
			continue
		}
		m, err := c.measure(simulate, plain)
		if err != nil {
			return fmt.Errorf("simulate %s: %w", c.what, err)
		}
		growth := r.judge("simulate "+c.what, m.work)
		fmt.Fprintf(r.w, "%d\t%.2f\t%.2f\t%d\t%d\t%d\t%s\t\n", m.work[2], growth, ratio(m.work[1], m.work[0]), m.in>>10, m.out>>10, m.peak>>20, c.what)
		if m.out > mostAmplification*m.in+anyOutput {
			r.bad = append(r.bad, fmt.Sprintf("simulate %s: %d bytes of output for %d bytes", c.what, m.out, m.in))
		}
		if m.peak > mostPeak {
			r.bad = append(r.bad, fmt.Sprintf("simulate %s: needs %d MB", c.what, m.peak>>20))
		}
	}
	return nil
}

func ratio(a, b uint64) float64 { return float64(a) / float64(max(b, 1)) }
