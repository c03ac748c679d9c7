package report

import (
	"errors"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// A Sink writes a report on recordings that is complete only at its end. What it
// keeps until then is bounded, unless it says otherwise. It is not safe for
// concurrent use.
type Sink interface {
	// Begin begins a recording.
	Begin(file string)
	// Add takes the next result of the recording.
	Add(r *replay.Result)
	// Bad takes an error: an entry that cannot be read, or what ended the reading.
	Bad(err error)
	// Finish writes what has not been written.
	Finish() error
}

// maxBad bounds how many errors a report lists.
const maxBad = 100

// A problem is what could not be read of a recording.
type problem struct {
	File, Text string
	line       int64
}

// problems are the first of them, and how many there are.
type problems struct {
	list  []problem
	count int
}

func (p *problems) add(file string, err error, o *Options) {
	if p.count++; p.count > maxBad {
		return
	}
	bad := problem{File: file, Text: o.clean(err.Error())}
	if entry, ok := errors.AsType[*record.EntryError](err); ok {
		bad.line = entry.Line
	} else if syntax, ok := errors.AsType[*record.SyntaxError](err); ok {
		bad.line = syntax.Line
	}
	p.list = append(p.list, bad)
}
