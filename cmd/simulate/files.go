package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// outputs are the files that a run writes, of whichever command. Each is written beside its
// place and put there once all are whole, so that no half of one is taken for it; none
// takes the place of what the run reads, or of another. A file that is replaced keeps its
// permissions, and a new one has those that the user gives new files.
type outputs struct {
	std    *streams
	inputs []input
	files  []*outputFile
	// toOutput are the flags whose output is standard output.
	toOutput []string
	err      error
}

// An input is a file that is read.
type input struct {
	what string
	info os.FileInfo
}

type outputFile struct {
	flag, name string
	place      string      // where it is in truth
	info       os.FileInfo // of what it replaces; nil for none
	temporary  *os.File
	out        *bufio.Writer
}

// newOutputs returns the outputs of a run that reads the files that its arguments name,
// which are what they are called.
func newOutputs(std *streams, what string, args []string) *outputs {
	o := &outputs{std: std}
	for _, arg := range args {
		o.reads(what, arg)
	}
	return o
}

// reads tells of a file that is read, "-" for standard input, or "" for none.
func (o *outputs) reads(what, name string) {
	info, err := os.Stat(name)
	if file, ok := o.std.in.(*os.File); name == "-" && ok {
		info, err = file.Stat()
	}
	if name != "" && err == nil {
		if name == "-" {
			name = "standard input"
		}
		o.err = errors.Join(o.err, o.std.checkOutput(name, info))
		o.inputs = append(o.inputs, input{what, info})
	}
}

// open begins the output that a flag names: none for "", and for "-" one on standard
// output. It returns nil where there is none, or where opening failed; [outputs.opened]
// says why.
func (o *outputs) open(flag, name string) io.Writer {
	switch {
	case name == "" || o.err != nil:
		return nil
	case name == "-":
		o.toOutput = append(o.toOutput, flag)
		return o.std.out
	}
	f := &outputFile{flag: flag, name: name, place: placeOf(name)}
	info, err := os.Stat(name)
	switch {
	case err == nil:
		f.info = info
	case !errors.Is(err, fs.ErrNotExist): // such as links in a circle
		o.err = fmt.Errorf("%s: %w", flag, err)
		return nil
	}
	if o.err = o.check(f); o.err != nil {
		return nil
	}
	if o.err = f.create(); o.err != nil {
		return nil
	}
	o.files = append(o.files, f)
	return f.out
}

// check says why a file cannot be written.
func (o *outputs) check(f *outputFile) error {
	if f.info != nil && !f.info.Mode().IsRegular() {
		return fmt.Errorf("%s: %s is no file that could be replaced", f.flag, f.name)
	}
	for _, in := range o.inputs {
		if f.info != nil && os.SameFile(f.info, in.info) {
			return fmt.Errorf("%s %s would overwrite %s: name another file", f.flag, f.name, in.what)
		}
	}
	if file := fileOf(o.std.out); file != nil && f.info != nil {
		if info, err := file.Stat(); err == nil && os.SameFile(f.info, info) {
			return fmt.Errorf("%s and standard output are both to be written to %s: name two files", f.flag, f.name)
		}
	}
	for _, other := range o.files {
		if f.place == other.place || f.info != nil && other.info != nil && os.SameFile(f.info, other.info) {
			return fmt.Errorf("%s and %s are both to be written to %s: name two files", other.flag, f.flag, f.name)
		}
	}
	return nil
}

// placeOf returns a name of a file, which need not exist, that is the same for all names of
// it except hard links.
func placeOf(name string) string {
	const mostLinks = 40 // as Linux follows; whoever links in a circle is told so by the system
	for range mostLinks {
		target, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target // which may not be there yet
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		name = filepath.Join(dir, filepath.Base(name))
	}
	if absolute, err := filepath.Abs(name); err == nil {
		return absolute
	}
	return name
}

// create begins a file beside its place.
func (f *outputFile) create() (err error) {
	const everybody = 0o666 // of which the system takes what new files are not to have
	mode := os.FileMode(everybody)
	if f.info != nil {
		mode = f.info.Mode().Perm()
	}
	temporaries.Lock()
	defer temporaries.Unlock()
	name := f.place + "." + rand.Text()[:8]
	if f.temporary, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode); err != nil {
		return fmt.Errorf("%s: %w", f.flag, err)
	}
	temporaries.names[name] = struct{}{}
	f.out = bufio.NewWriterSize(f.temporary, 64<<10)
	if f.info != nil {
		err = f.temporary.Chmod(mode)
	}
	return err
}

// opened returns why the outputs cannot be written, and discards what was begun.
func (o *outputs) opened() error {
	if len(o.toOutput) > 1 {
		o.err = errors.Join(o.err, fmt.Errorf("%d outputs are meant for standard output; there is room for one", len(o.toOutput)))
	}
	if o.err != nil {
		o.discard()
	}
	return o.err
}

// commit puts all files in their places, or none where one of them is not whole or the run
// was interrupted.
func (o *outputs) commit(ctx context.Context) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	for _, f := range o.files {
		if err := errors.Join(f.out.Flush(), f.temporary.Sync(), f.temporary.Close()); err != nil {
			return fmt.Errorf("%s %s is not written: %w", f.flag, f.name, err)
		}
	}
	for _, f := range o.files {
		if err := f.put(); err != nil {
			return err
		}
	}
	o.files = nil
	return nil
}

// put moves a file that is whole to its place.
func (f *outputFile) put() error {
	temporaries.Lock()
	defer temporaries.Unlock()
	if err := os.Rename(f.temporary.Name(), f.place); err != nil {
		return fmt.Errorf("%s %s is not written: %w", f.flag, f.name, err)
	}
	delete(temporaries.names, f.temporary.Name())
	return nil
}

// discard removes what commit has not put in its place.
func (o *outputs) discard() {
	temporaries.Lock()
	defer temporaries.Unlock()
	for _, f := range o.files {
		f.temporary.Close()
		os.Remove(f.temporary.Name())
		delete(temporaries.names, f.temporary.Name())
	}
	o.files = nil
}

// temporaries are the files that are begun and in no place yet, for when the process ends
// without returning.
var temporaries = struct {
	sync.Mutex
	names map[string]struct{}
}{names: make(map[string]struct{})}

// removeTemporaries removes them. No other is begun after it.
func removeTemporaries() {
	temporaries.Lock()
	for name := range temporaries.names {
		os.Remove(name)
	}
}
