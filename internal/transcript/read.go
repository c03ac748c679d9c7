package transcript

import (
	"context"
	"io"
	"time"

	"github.com/corsim/corsim/fetch"
)

// patience is how long the end of a body is waited for where nobody asks for the body: that of a
// stream never comes.
const patience = 200 * time.Millisecond

// A reading is a body that is being read.
type reading struct {
	body io.ReadCloser
	done chan struct{} // closed once kept and err are there

	kept []byte
	err  error // why that is not all

	cancel context.CancelFunc
}

// read begins to read a body, and waits for its end as long as that comes soon: then its handler
// has returned, and what it does is seen by the test.
func (a *Attempt) read(body io.ReadCloser) {
	if body == fetch.NoBody {
		return
	}
	r := &reading{body: body, done: make(chan struct{})}
	a.reading = r
	go func() {
		defer close(r.done)
		r.kept, r.err = io.ReadAll(io.LimitReader(body, MaxBody+1))
		if len(r.kept) > MaxBody {
			r.kept, r.err = r.kept[:MaxBody], ErrTooLong
		}
		body.Close()
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.done:
	case <-timer.C:
	}
}

// Read returns the response's body, of at most [MaxBody] bytes, and why that is not all. It waits
// for the body's end.
func (a *Attempt) Read() ([]byte, error) {
	if a.reading == nil {
		return nil, nil
	}
	<-a.reading.done
	return a.reading.kept, a.reading.err
}

// Ended reports whether nothing more of the body comes.
func (a *Attempt) Ended() bool {
	if a.reading == nil {
		return true
	}
	select {
	case <-a.reading.done:
		return true
	default:
		return false
	}
}

// ended has cancel called when the body has ended.
func (a *Attempt) ended(cancel context.CancelFunc) {
	if a.Ended() {
		cancel()
		return
	}
	a.reading.cancel = cancel
}

// Close ends the body. A network that does not heed the end of its context is not waited for.
func (a *Attempt) Close() {
	if a.Ended() {
		return
	}
	if a.reading.cancel == nil {
		a.reading.body.Close()
	} else {
		a.reading.cancel()
	}
	select {
	case <-a.reading.done:
	case <-time.After(patience):
	}
}
