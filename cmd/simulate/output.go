package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/corsim/corsim/internal/redact"
)

// errInterrupted is why a run that a signal ended has no result.
var errInterrupted = errors.New("interrupted; nothing is written")

// An output is standard output. It keeps why it could not be written to, so that no
// command ends as if all was well when what it said was lost.
type output struct {
	w     io.Writer
	color colorMode
	stop  func() // ends the run: nobody reads what it says

	mu  sync.Mutex
	err error
}

// Write implements [io.Writer].
func (o *output) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
			o.stop()
		}
	}
	return n, err
}

// A printable is standard error. Messages name files, arguments and what servers say: what a
// terminal would act on is replaced, except that the progress is drawn.
type printable struct{ w io.Writer }

// Write implements [io.Writer].
func (p *printable) Write(b []byte) (int, error) {
	const clearLine = "\x1b[K"
	text, ends := strings.CutSuffix(string(b), clearLine)
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' || r == '\t' || r == '\r' {
			return r
		}
		return unicode.ReplacementChar
	}, text)
	if ends {
		text += clearLine
	}
	if _, err := io.WriteString(p.w, text); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// encodeLine writes a value as one line of JSON.
func encodeLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(redact.Escaped(w))
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// fileOf returns the file that a writer writes to, nil where it is none.
func fileOf(w io.Writer) *os.File {
	switch wrapped := w.(type) {
	case *output:
		w = wrapped.w
	case *printable:
		w = wrapped.w
	}
	file, _ := w.(*os.File)
	return file
}

// exitClosed is as of what a shell says that a closed pipe ended.
const exitClosed = 128 + int(syscall.SIGPIPE)

// patience is how long a command has to end by itself once a signal has asked it to.
const patience = 3 * time.Second

// untilSignal returns a context that ends with the first signal that asks the process to
// end. It ends with the second, or if the command does not end by itself, without leaving
// half a file behind. Writing to a pipe that is closed is an error, not the end.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		cancel()
		select {
		case <-signals:
		case <-time.After(patience):
		}
		removeTemporaries()
		os.Exit(exitInterrupted)
	}()
	return ctx
}
