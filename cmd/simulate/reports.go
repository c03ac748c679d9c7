package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/corsim/corsim/internal/replay/report"
)

// reportFiles are the files that reports go to. Each is written beside its place
// and put there once it is whole, so that no half of a report is taken for one.
type reportFiles struct {
	files []reportFile
	// toOutput is how many reports are written to standard output.
	toOutput int
	err      error
}

type reportFile struct {
	name string
	file *os.File
	out  *bufio.Writer
}

// open begins the report that a flag names: none for "", and for "-" one on standard
// output. It returns nil where there is none, or where opening failed.
func (f *reportFiles) open(name string, std io.Writer) io.Writer {
	switch {
	case name == "" || f.err != nil:
		return nil
	case name == "-":
		f.toOutput++
		return std
	}
	out, err := f.create(name)
	if err != nil {
		f.err = err
		return nil
	}
	return out
}

// opened returns why the reports cannot be written, and removes what was begun.
func (f *reportFiles) opened() error {
	if f.toOutput > 1 {
		f.err = errors.Join(f.err, fmt.Errorf("%d outputs are to be written to standard output; there is room for one", f.toOutput))
	}
	if f.err != nil {
		f.remove()
	}
	return f.err
}

// checkOutputs reports which output would overwrite an input, or another output.
func (r *replayRun) checkOutputs(std *streams, args []string) error {
	var inputs []os.FileInfo
	for _, arg := range args {
		info, err := os.Stat(arg)
		if file, ok := std.in.(*os.File); arg == "-" && ok {
			info, err = file.Stat()
		}
		if err == nil {
			inputs = append(inputs, info)
		}
	}
	written := make(map[string]string) // the flag, by the place
	for _, output := range []struct{ flag, name string }{
		{"--redact", r.redact}, {"--html", r.html}, {"--markdown", r.markdown}, {"--junit", r.junit}, {"--sarif", r.sarif},
	} {
		if output.name == "" || output.name == "-" {
			continue
		}
		if info, err := os.Stat(output.name); err == nil {
			for _, input := range inputs {
				if os.SameFile(info, input) {
					return fmt.Errorf("%s %s would overwrite the recording: name another file", output.flag, output.name)
				}
			}
		}
		place := placeOf(output.name)
		if other := written[place]; other != "" {
			return fmt.Errorf("%s and %s are both to be written to %s: name two files", other, output.flag, output.name)
		}
		written[place] = output.flag
	}
	return nil
}

// placeOf returns a name of a file, which need not exist, that is the same for all names of
// it but for hard links.
func placeOf(name string) string {
	if whole, err := filepath.EvalSymlinks(name); err == nil {
		name = whole
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		name = filepath.Join(dir, filepath.Base(name))
	}
	if absolute, err := filepath.Abs(name); err == nil {
		return absolute
	}
	return name
}

// openReports opens the files of the reports that the flags ask for.
func (r *replayRun) openReports() (*reportFiles, error) {
	files := new(reportFiles)
	if r.json {
		files.toOutput++
	}
	if r.list && r.json {
		return nil, errors.New("--list is about the table, and --json takes its place")
	}
	for _, report := range []struct {
		name string
		sink func(io.Writer) report.Sink
	}{
		{r.html, func(w io.Writer) report.Sink { return &report.HTML{Out: w, Options: &r.report, All: r.all} }},
		{r.markdown, func(w io.Writer) report.Sink { return &report.Markdown{Out: w, Options: &r.report} }},
		{r.junit, func(w io.Writer) report.Sink { return &report.JUnit{Out: w, Options: &r.report} }},
		{r.sarif, func(w io.Writer) report.Sink { return &report.SARIF{Out: w, Options: &r.report} }},
	} {
		if out := files.open(report.name, r.out); out != nil {
			r.sinks = append(r.sinks, report.sink(out))
		}
	}
	r.quiet = files.toOutput > 0
	if r.github {
		if r.json {
			files.err = errors.Join(files.err, errors.New("--github prints no JSON, and --json nothing else"))
		}
		r.sinks = append(r.sinks, &report.GitHub{Out: r.out, Options: &r.report})
	}
	return files, files.opened()
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
	f.files = append(f.files, reportFile{name, file, out})
	return out, nil
}

// close puts the reports in their places.
func (f *reportFiles) close() error {
	var errs []error
	for _, r := range f.files {
		err := errors.Join(r.out.Flush(), r.file.Chmod(0o644), r.file.Close())
		if err == nil {
			err = os.Rename(r.file.Name(), r.name)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	f.files = nil
	return nil
}

// remove removes what close has not put in its place.
func (f *reportFiles) remove() {
	for _, r := range f.files {
		r.file.Close()
		os.Remove(r.file.Name())
	}
}
