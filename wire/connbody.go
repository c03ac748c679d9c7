//go:build !nonetwork

package wire

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// A connBody is a body that comes over a connection.
type connBody struct {
	ctx  context.Context
	conn *conn
	// finish ends the exchange, and lets the connection be used again if whole.
	finish func(whole bool)

	state   atomic.Uint32
	reading sync.Mutex
	reader  io.Reader // guarded by reading
	err     error     // guarded by reading
}

// The states of a connBody. Whoever moves it out of bodyOpen finishes the exchange,
// once: the connection may belong to another one from then on.
const (
	bodyOpen = iota
	bodyEnded
	bodyClosed
)

// Read gives the connection back at the end, and gives it up at an error.
func (b *connBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.state.Load() == bodyClosed {
		return 0, errReadAfterClose
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.reader.Read(p)
	if err == nil {
		return n, nil
	}
	whole := err == io.EOF
	if !whole {
		err = failed(b.ctx, opBody, b.conn.addr, err)
	}
	b.err = err
	if b.state.CompareAndSwap(bodyOpen, bodyEnded) {
		b.finish(whole)
	}
	return n, err
}

// Close ends the exchange. What is left of the body is not waited for: the
// connection can be used again only if the rest has already come.
func (b *connBody) Close() error {
	if !b.state.CompareAndSwap(bodyOpen, bodyClosed) {
		return nil
	}
	if b.reading.TryLock() {
		b.finish(b.conn.readBuffered(b.reader))
	} else {
		b.conn.nc.Close() // so that the Read under way returns
		b.reading.Lock()
		b.finish(false)
	}
	b.reading.Unlock()
	return nil
}
