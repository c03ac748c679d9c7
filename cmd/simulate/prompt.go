package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"sync"
	"time"
)

// A promptWriter buffers what is written, but not for long if someone waits for it.
type promptWriter struct {
	mu   sync.Mutex
	out  *bufio.Writer
	done chan struct{} // nil where nobody waits
}

// promptly is how long output is kept, and then input, for more of it to come.
const promptly = 50 * time.Millisecond

// newPromptWriter returns a writer to out; with prompt, what it gets is soon there.
func newPromptWriter(out io.Writer, prompt bool) *promptWriter {
	p := &promptWriter{out: bufio.NewWriterSize(out, 64<<10)}
	if prompt {
		p.done = make(chan struct{})
		go p.tick()
	}
	return p
}

func (p *promptWriter) tick() {
	ticker := time.NewTicker(promptly)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.Flush() // bufio keeps the error
		case <-p.done:
			return
		}
	}
}

// Write implements [io.Writer].
func (p *promptWriter) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// Flush writes what is buffered.
func (p *promptWriter) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Flush()
}

func (p *promptWriter) stop() {
	if p.done != nil {
		close(p.done)
	}
}

// An interruptibleReader reads until its context ends, of which the input knows nothing,
// and waits for the input no longer than that.
type interruptibleReader struct {
	ctx  context.Context
	read chan chunk
	free chan []byte
	chunk
	used []byte // the buffer of the chunk
}

// A chunk is what one reading gave.
type chunk struct {
	data []byte
	err  error
}

// interruptible returns a reader of in that ends with the context.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return contextReader{ctx, in} // which does not wait
		}
	}
	r := &interruptibleReader{ctx: ctx, read: make(chan chunk), free: make(chan []byte, 2)}
	for range cap(r.free) {
		r.free <- make([]byte, 128<<10)
	}
	go r.pump(in)
	return r
}

// pump reads ahead, which goes on beside the work on what was read.
func (r *interruptibleReader) pump(in io.Reader) {
	for {
		b := <-r.free
		n, err := in.Read(b)
		select {
		case r.read <- chunk{b[:n], err}:
		case <-r.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// Read implements [io.Reader].
func (r *interruptibleReader) Read(b []byte) (int, error) {
	if len(r.data) == 0 && r.err == nil {
		if r.used != nil {
			r.free <- r.used[:cap(r.used)]
			r.used = nil
		}
		select {
		case r.chunk = <-r.read:
			r.used = r.data
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
	n := copy(b, r.data)
	if r.data = r.data[n:]; len(r.data) == 0 {
		return n, r.err
	}
	return n, nil
}

// A contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

// Read implements [io.Reader].
func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
}

// rereadable returns what opens an input again and again, from its beginning, and what to
// call once that is over. What is no file is kept in one, which has no name.
func rereadable(ctx context.Context, in io.Reader) (open func() (io.Reader, error), done func(), err error) {
	file, ok := in.(*os.File)
	if ok {
		info, err := file.Stat()
		ok = err == nil && info.Mode().IsRegular()
	}
	begin := int64(0)
	done = func() {}
	if ok {
		begin, err = file.Seek(0, io.SeekCurrent)
	} else {
		file, err = spooled(interruptible(ctx, in))
		if err != nil {
			return nil, nil, err
		}
		done = func() { file.Close() }
	}
	return func() (io.Reader, error) {
		_, err := file.Seek(begin, io.SeekStart)
		return interruptible(ctx, file), err
	}, done, err
}

// spooled returns a temporary file with all of an input.
func spooled(in io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "simulate-*")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name()) // it goes on without
	if _, err := io.Copy(file, in); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
