package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/corsim/corsim/replay/report"
)

// reportFiles are the files that reports go to. Each is written beside its place
// and put there once it is whole, so that no half of a report is taken for one.
type reportFiles []reportFile

type reportFile struct {
	name string
	file *os.File
	out  *bufio.Writer
}

// openReports opens the files of the reports that the flags ask for.
func (r *replayRun) openReports() (files reportFiles, err error) {
	toOutput := 0
	if r.json {
		toOutput++
	}
	if r.list && r.json {
		return nil, errors.New("--list is about the table, and --json takes its place")
	}
	open := func(name string, sink func(*bufio.Writer) report.Sink) {
		switch {
		case name == "" || err != nil:
		case name == "-":
			toOutput++
			r.quiet = true
			r.sinks = append(r.sinks, sink(r.out))
		default:
			var out *bufio.Writer
			if out, err = files.create(name); err == nil {
				r.sinks = append(r.sinks, sink(out))
			}
		}
	}
	open(r.html, func(w *bufio.Writer) report.Sink { return &report.HTML{Out: w, Options: &r.report, All: r.all} })
	open(r.markdown, func(w *bufio.Writer) report.Sink { return &report.Markdown{Out: w, Options: &r.report} })
	open(r.junit, func(w *bufio.Writer) report.Sink { return &report.JUnit{Out: w, Options: &r.report} })
	open(r.sarif, func(w *bufio.Writer) report.Sink { return &report.SARIF{Out: w, Options: &r.report} })
	if r.github {
		if r.json {
			err = errors.Join(err, errors.New("--github prints no JSON, and --json nothing else"))
		}
		r.sinks = append(r.sinks, &report.GitHub{Out: r.out, Options: &r.report})
	}
	if toOutput > 1 {
		err = errors.Join(err, fmt.Errorf("%d outputs are to be written to standard output; there is room for one", toOutput))
	}
	if err != nil {
		files.remove()
	}
	return files, err
}

// create begins a file.
func (f *reportFiles) create(name string) (*bufio.Writer, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file that could be replaced", name)
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriter(file)
	*f = append(*f, reportFile{name, file, out})
	return out, nil
}

// close puts the reports in their places.
func (f *reportFiles) close() error {
	var errs []error
	for _, r := range *f {
		err := errors.Join(r.out.Flush(), r.file.Chmod(0o644), r.file.Close())
		if err == nil {
			err = os.Rename(r.file.Name(), r.name)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	*f = nil
	return nil
}

// remove removes what close has not put in its place.
func (f *reportFiles) remove() {
	for _, r := range *f {
		r.file.Close()
		os.Remove(r.file.Name())
	}
}
