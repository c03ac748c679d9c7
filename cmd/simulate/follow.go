package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/internal/replay"
)

// followPause is how long a file that has not grown is left alone.
const followPause = 200 * time.Millisecond

// A followed file is read on as it grows, until ctx is done, which is its end. If another file has
// taken its place, as when logs are rotated, the old one is read to its end and then the new one; a
// file that became shorter is read from its beginning.
type followed struct {
	ctx  context.Context
	name string
	file *os.File
	read int64
}

// follow returns a reader that follows an input; one that is no file is read to its end.
func follow(ctx context.Context, name string, in io.Reader) io.Reader {
	file, ok := in.(*os.File)
	if ok {
		info, err := file.Stat()
		ok = err == nil && info.Mode().IsRegular()
	}
	if !ok {
		return endsWhenDone{ctx, interruptible(ctx, in)}
	}
	return &followed{ctx: ctx, name: name, file: file}
}

// Read implements [io.Reader].
func (f *followed) Read(p []byte) (int, error) {
	for {
		n, err := f.file.Read(p)
		f.read += int64(n)
		if n > 0 || err != nil && err != io.EOF {
			return n, err
		}
		if replaced, err := f.reopen(); err != nil {
			return 0, err
		} else if replaced {
			continue
		}
		select {
		case <-f.ctx.Done():
			return 0, io.EOF
		case <-time.After(followPause):
		}
	}
}

// reopen looks whether the file was rotated or cut.
func (f *followed) reopen() (bool, error) {
	old, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if old.Size() < f.read {
		f.read = 0
		_, err = f.file.Seek(0, io.SeekStart)
		return true, err
	}
	now, err := os.Stat(f.name)
	if err != nil || os.SameFile(old, now) {
		return false, nil // between two files there is none
	}
	next, err := os.Open(f.name)
	if err != nil {
		return false, nil
	}
	f.file.Close()
	f.file, f.read = next, 0
	return true, nil
}

// endsWhenDone is a reader for which the end of a context is the end of the input.
type endsWhenDone struct {
	ctx context.Context
	in  io.Reader
}

// Read implements [io.Reader].
func (r endsWhenDone) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if err != nil && r.ctx.Err() != nil {
		err = io.EOF
	}
	return n, err
}

// printWhileFollowing prints the totals every so often, if there is something new, until stopped.
func (r *replayRun) printWhileFollowing() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(r.every)
		defer ticker.Stop()
		for printed := 0; ; {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				r.mu.Lock()
				if r.table() && r.judged > printed {
					printed = r.judged
					fmt.Fprintf(r.out, "%s\n", now.Format(time.DateTime))
					r.totals.Print(r.out, r.width)
					fmt.Fprintf(r.out, "%s\n\n", r.refused)
					r.out.Flush()
				}
				r.mu.Unlock()
			}
		}
	}()
	return func() { close(done); <-ended }
}

// A refusedShare counts what is refused among the requests to which CORS applies.
type refusedShare struct {
	blocked, subject int
	limited          bool
	most             float64
}

// add counts a result; refused is what any of the browsers refuses.
func (s *refusedShare) add(r *replay.Result) {
	subject, blocked := false, false
	for i := range r.Verdicts {
		subject = subject || r.Verdicts[i].Outcome != replay.NotSubject
		blocked = blocked || r.Verdicts[i].Outcome == replay.Blocked
	}
	if subject {
		s.subject++
	}
	if blocked {
		s.blocked++
	}
}

// exceeded reports whether more is refused than --max-refused allows.
func (s *refusedShare) exceeded() bool {
	return float64(s.blocked) > s.most*float64(s.subject)
}

// String says how many are refused.
func (s refusedShare) String() string {
	text := fmt.Sprintf("refused: %d of %d cross-origin requests", s.blocked, s.subject)
	if s.subject > 0 {
		text += fmt.Sprintf(" (%.3g%%)", 100*float64(s.blocked)/float64(s.subject))
	}
	switch {
	case s.limited && s.exceeded():
		text += fmt.Sprintf(", more than %g%%", 100*s.most)
	case s.limited:
		text += fmt.Sprintf(", not more than %g%%", 100*s.most)
	}
	return text
}

// set reads a share, such as "0.1%" or "0.001".
func (s *refusedShare) set(value string) error {
	number, percent := strings.CutSuffix(value, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return errors.New("a share is a number of percent, such as 0.1%, or from 0 to 1")
	}
	s.limited, s.most = true, share
	return nil
}
