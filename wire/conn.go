//go:build !nonetwork

package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"syscall"
	"time"
)

// A conn is a connection to a server. One exchange uses it at a time.
type conn struct {
	hooks   *httptrace.ClientTrace // of the exchange under way, nil for none
	network *Network
	nc      net.Conn
	br      *bufio.Reader
	bw      *bufio.Writer
	// key says what it can be used for; addr is for errors.
	key, addr string
	// forwarded is nil unless the other end is an HTTP proxy that forwards requests.
	forwarded *forwarding
	// reused says that an exchange over it has succeeded before.
	reused bool
	// expires is until when it is kept while nothing uses it. raw is for peeking into
	// it then; where it is nil, watch looks after it, and watched receives what that
	// found.
	expires time.Time
	raw     syscall.RawConn
	watched chan error
	// scratch is reused for the header blocks; see maxScratchBytes.
	scratch []byte
}

// maxScratchBytes is how much of a buffer for header blocks is kept with a
// connection.
const maxScratchBytes = 16 << 10

// errStale says that a connection turned out to be closed before it was used
// again. It never leaves the package.
var errStale = errors.New("stale connection")

// exchange sends a request and reads the headers of its response. It returns
// errStale where the request may be sent again.
func (c *conn) exchange(ctx context.Context, r *request) (*Response, error) {
	// Deadlines in the past make all that waits for the connection return.
	stop := context.AfterFunc(ctx, func() { c.nc.SetDeadline(past) })
	hooks := c.hooks
	if hooks != nil && hooks.GotConn != nil {
		hooks.GotConn(httptrace.GotConnInfo{Conn: c.nc, Reused: c.reused, WasIdle: c.reused})
	}
	sent := c.send(r)
	limit := c.network.MaxHeaderBytes
	if limit <= 0 {
		limit = MaxHeaderBytes
	}
	var m *message
	_, err := c.br.Peek(1)
	silent := err != nil
	if !silent && hooks != nil && hooks.GotFirstResponseByte != nil {
		hooks.GotFirstResponseByte()
	}
	switch {
	case !silent:
		reader := responseReader{br: c.br, method: r.Method, limit: limit, tls: r.serverName != "", rules: r.rules(), scratch: &c.scratch}
		m, err = reader.read()
	case isEnd(err):
		err = ErrNoResponse
	}
	if cap(c.scratch) > maxScratchBytes {
		c.scratch = nil
	}
	var sendErr error
	select {
	case sendErr = <-sent:
		sent <- sendErr
	default:
	}
	if err == nil && sendErr != nil && m.status/100 != 4 && m.status/100 != 5 {
		// Only an error explains why a server did not take the whole request.
		err = sendErr
	}
	if err != nil {
		stop()
		c.nc.Close()
		if silent && c.reused && ctx.Err() == nil && c.mayResend(ctx, r, sent) {
			return nil, errStale
		}
		return nil, c.failure(ctx, r, sent, err)
	}

	finish := func(whole bool) {
		stopped := stop()
		whole = whole && sentWhole(sent)
		select {
		case <-sent:
		default:
			closeBody(r)
		}
		if whole && stopped && m.reusable && c.br.Buffered() == 0 && !hasMember(r.Headers, "connection", "close") {
			c.network.put(c)
			return
		}
		c.nc.Close()
	}
	if m.body == nil {
		finish(true)
		return m.response(nil), nil
	}
	return m.response(&connBody{ctx: ctx, conn: c, finish: finish, reader: m.body}), nil
}

// send writes a request. Where that may take long, or wait for a body, it goes on
// in the background, as a response may come before the end. The channel has room
// for the one result.
func (c *conn) send(r *request) chan error {
	sent := make(chan error, 1)
	hooks := c.hooks
	write := func() {
		err := r.write(c.bw, c.forwarded)
		if hooks != nil && hooks.WroteRequest != nil {
			hooks.WroteRequest(httptrace.WroteRequestInfo{Err: err})
		}
		sent <- err
		if isBodyError(err) {
			// The server waits for a rest that will not come, and we for the server.
			c.nc.Close()
		}
	}
	if r.inline() {
		write()
	} else {
		go write()
	}
	return sent
}

// maxWaitForWriter is for how long a connection waits, after the end of a response, for
// who writes the request to say that it is done: where the server has read it all, that
// is a matter of the scheduler.
const maxWaitForWriter = 50 * time.Millisecond

// sentWhole reports whether all of a request was written, so that its connection can be
// used for another.
func sentWhole(sent chan error) bool {
	if len(sent) == 0 {
		timer := time.NewTimer(maxWaitForWriter)
		defer timer.Stop()
		select {
		case err := <-sent:
			sent <- err
		case <-timer.C:
			return false
		}
	}
	err := <-sent
	sent <- err
	return err == nil
}

// mayResend reports whether a request can be written once more. c is closed by now,
// so that the first attempt to write it comes to its end: a body must not be read by
// two at a time.
func (c *conn) mayResend(ctx context.Context, r *request, sent chan error) bool {
	if r.Body != nil && r.GetBody == nil {
		return false
	}
	select {
	case err := <-sent:
		sent <- err
		return !isBodyError(err)
	case <-ctx.Done():
		return false
	}
}

// failure says why an exchange over c, which is closed by now, has no response.
func (c *conn) failure(ctx context.Context, r *request, sent chan error, err error) error {
	select {
	case sendErr := <-sent:
		_, understood := errors.AsType[*MalformedError](err)
		if isBodyError(sendErr) || sendErr != nil && !understood {
			return failed(ctx, opSend, c.addr, sendErr)
		}
	default:
		closeBody(r)
	}
	return failed(ctx, opHeaders, c.addr, err)
}

// closeBody lets a body know that nobody wants it any more, so that a Read of it
// that is under way returns.
func closeBody(r *request) {
	if closer, ok := r.Body.(io.Closer); ok {
		closer.Close()
	}
}

// readBuffered reads on as far as that needs no waiting, and reports whether that
// is to the end.
func (c *conn) readBuffered(r io.Reader) bool {
	if c.nc.SetReadDeadline(past) != nil {
		return false
	}
	_, err := io.Copy(io.Discard, r)
	return err == nil && c.nc.SetReadDeadline(time.Time{}) == nil
}
