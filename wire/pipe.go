//go:build !nonetwork

package wire

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeBytes is how many bytes that nobody has read a pipe holds in one direction:
// as with a socket, both ends may write before either reads.
const pipeBytes = 256 << 10

// newPipe returns the two ends of a connection in memory.
func newPipe() (client, server net.Conn) {
	up, down := newHalfPipe(), newHalfPipe()
	return &pipeEnd{in: down, out: up, local: clientAddr, remote: serverAddr},
		&pipeEnd{in: up, out: down, local: serverAddr, remote: clientAddr}
}

// Addresses that are set aside for documentation, so that no handler can take
// them for its own machine or network.
var (
	clientAddr = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1234}
	serverAddr = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 80}
)

type pipeEnd struct {
	in, out       *halfPipe
	local, remote net.Addr
}

// Read waits for the other end to write or close.
func (e *pipeEnd) Read(p []byte) (int, error) { return e.in.read(p) }

// Write waits only while pipeBytes are unread.
func (e *pipeEnd) Write(p []byte) (int, error) { return e.out.write(p) }

// LocalAddr returns the documentation address of this end.
func (e *pipeEnd) LocalAddr() net.Addr { return e.local }

// RemoteAddr returns the documentation address of the other end.
func (e *pipeEnd) RemoteAddr() net.Addr { return e.remote }

// Close leaves to the other end what is written.
func (e *pipeEnd) Close() error {
	e.in.close(true)
	e.out.close(false)
	return nil
}

// SetDeadline sets both deadlines; the zero time takes them away.
func (e *pipeEnd) SetDeadline(t time.Time) error {
	e.SetReadDeadline(t)
	return e.SetWriteDeadline(t)
}

// SetReadDeadline also holds for a Read that waits already.
func (e *pipeEnd) SetReadDeadline(t time.Time) error { return e.in.reader.set(e.in, t) }

// SetWriteDeadline also holds for a Write that waits already.
func (e *pipeEnd) SetWriteDeadline(t time.Time) error { return e.out.writer.set(e.out, t) }

// A halfPipe is one direction of a pipe.
type halfPipe struct {
	mu   sync.Mutex
	cond sync.Cond
	data []byte // what is left of buf to be read
	buf  []byte

	readerClosed, writerClosed bool
	reader, writer             pipeDeadline
}

func newHalfPipe() *halfPipe {
	h := new(halfPipe)
	h.cond.L = &h.mu
	return h
}

func (h *halfPipe) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readerClosed:
			return 0, net.ErrClosed
		case h.reader.passed():
			return 0, os.ErrDeadlineExceeded
		case len(h.data) > 0:
			n := copy(p, h.data)
			if h.data = h.data[n:]; len(h.data) == 0 {
				h.data = h.buf[:0]
			}
			h.cond.Broadcast()
			return n, nil
		case h.writerClosed:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		h.cond.Wait()
	}
}

func (h *halfPipe) write(p []byte) (written int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.writerClosed:
			return written, net.ErrClosed
		case h.writer.passed():
			return written, os.ErrDeadlineExceeded
		case h.readerClosed:
			return written, io.ErrClosedPipe
		case len(p) == 0:
			return written, nil
		}
		if n := min(pipeBytes-len(h.data), len(p)); n > 0 {
			h.data = append(h.data, p[:n]...)
			if len(h.data) == n {
				h.buf = h.data
			}
			written, p = written+n, p[n:]
			h.cond.Broadcast()
			continue
		}
		h.cond.Wait()
	}
}

// close is called by the one who reads or the one who writes.
func (h *halfPipe) close(byReader bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if byReader {
		h.readerClosed, h.data, h.buf = true, nil, nil
		h.reader.stop()
	} else {
		h.writerClosed = true
		h.writer.stop()
	}
	h.cond.Broadcast()
}

// A pipeDeadline is the moment until which reading or writing may wait; its
// fields are guarded by the mutex of the halfPipe.
type pipeDeadline struct {
	at    time.Time // zero for never
	timer *time.Timer
}

func (d *pipeDeadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *pipeDeadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (d *pipeDeadline) set(h *halfPipe, t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.stop()
	d.at = t
	if !t.IsZero() {
		if wait := time.Until(t); wait > 0 {
			d.timer = time.AfterFunc(wait, func() {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.cond.Broadcast()
			})
		}
		h.cond.Broadcast()
	}
	return nil
}
