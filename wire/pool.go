package wire

import (
	"errors"
	"slices"
	"time"
)

// past is a deadline that makes what is waiting return.
var past = time.Unix(1, 0)

// take returns a kept connection that was fine a moment ago, and nil where there
// is none.
func (n *Network) take(key string) *conn {
	for {
		n.mu.Lock()
		var c *conn
		for i := len(n.idle) - 1; i >= 0 && c == nil; i-- {
			if n.idle[i].key == key {
				c = n.idle[i]
				n.idle = slices.Delete(n.idle, i, i+1)
			}
		}
		n.mu.Unlock()
		if c == nil {
			return nil
		}
		if c.unwatch() {
			c.reused = true
			return c
		}
		c.nc.Close()
	}
}

// put keeps a connection, and may close another one for it.
func (n *Network) put(c *conn) {
	idleTimeout := n.IdleTimeout
	if idleTimeout == 0 {
		idleTimeout = DefaultIdleTimeout
	}
	if c.nc.SetReadDeadline(time.Now().Add(idleTimeout)) != nil {
		c.nc.Close()
		return
	}
	n.mu.Lock()
	var evicted *conn
	perHost := 0
	for _, other := range n.idle {
		if other.key == c.key {
			perHost++
		}
	}
	switch {
	case n.closed || n.MaxIdleConns < 0 || perHost >= bound(n.MaxIdleConnsPerHost, DefaultMaxIdleConnsPerHost):
		evicted = c
	default:
		if len(n.idle) >= bound(n.MaxIdleConns, DefaultMaxIdleConns) {
			evicted = n.idle[0]
			n.idle = slices.Delete(n.idle, 0, 1)
		}
		n.idle = append(n.idle, c)
		go c.watch()
	}
	n.mu.Unlock()
	if evicted != nil {
		evicted.nc.Close()
	}
}

func bound(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return max(n, 0)
}

// drop forgets a kept connection, unless somebody has taken it.
func (n *Network) drop(c *conn) {
	n.mu.Lock()
	i := slices.Index(n.idle, c)
	if i >= 0 {
		n.idle = slices.Delete(n.idle, i, i+1)
	}
	n.mu.Unlock()
	if i >= 0 {
		c.nc.Close()
	}
}

// CloseIdleConnections closes the connections that nothing uses.
func (n *Network) CloseIdleConnections() {
	n.mu.Lock()
	idle := n.idle
	n.idle = nil
	n.mu.Unlock()
	for _, c := range idle {
		c.nc.Close()
	}
}

// Close closes the connections that nothing uses, and lets no new one be opened.
// Exchanges under way go on to their end; their connections are then closed.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.CloseIdleConnections()
	return nil
}

// watch waits, while nothing uses the connection, for what must not come: its end,
// or bytes that nobody asked for, which would be taken for the next response. It
// returns at the read deadline: the idle timeout, or a moment in the past once
// somebody has taken the connection.
func (c *conn) watch() {
	_, err := c.br.Peek(1)
	c.network.drop(c)
	c.watched <- err
}

// unwatch ends watch, and reports whether the connection is still fine.
func (c *conn) unwatch() bool {
	if c.nc.SetReadDeadline(past) != nil {
		return false
	}
	if err := <-c.watched; !isTimeout(err) {
		return false
	}
	return c.nc.SetReadDeadline(time.Time{}) == nil
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
