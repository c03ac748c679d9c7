//go:build !nonetwork

package wire

import (
	"slices"
	"time"
)

// past is a deadline that makes what is waiting return.
var past = time.Unix(1, 0)

// key says which connections are as good as each other: those with and without a client certificate
// are not.
//
// https://fetch.spec.whatwg.org/#concept-connection-obtain
func (n *Network) key(r *request) string {
	key := r.scheme() + "://" + r.addr
	if r.WithoutCredentials && n.hasCertificate() && r.serverName != "" {
		key += " without credentials"
	}
	return key
}

// hasCertificate reports whether there is a client certificate that TLS may send.
func (n *Network) hasCertificate() bool {
	return n.TLS != nil && (len(n.TLS.Certificates) > 0 || n.TLS.GetClientCertificate != nil)
}

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
		if c.isFine() {
			c.reused = true
			return c
		}
		c.nc.Close()
	}
}

// put keeps a connection, and may close another one for it.
func (n *Network) put(c *conn) {
	c.expires = time.Now().Add(n.idleTimeout())
	if c.raw == nil && c.nc.SetReadDeadline(c.expires) != nil {
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
		if c.raw == nil {
			go c.watch()
		} else if n.sweeping == nil {
			n.sweeping = time.AfterFunc(n.idleTimeout(), n.sweep)
		}
	}
	n.mu.Unlock()
	if evicted != nil {
		evicted.nc.Close()
	}
}

func (n *Network) idleTimeout() time.Duration {
	if n.IdleTimeout == 0 {
		return DefaultIdleTimeout
	}
	return n.IdleTimeout
}

// sweep closes the connections that were kept for too long. Those that were put last
// are last, so that the first that stays says when to come again.
func (n *Network) sweep() {
	now := time.Now()
	n.mu.Lock()
	i := 0
	for i < len(n.idle) && !n.idle[i].expires.After(now) {
		i++
	}
	expired := slices.Clone(n.idle[:i])
	n.idle = slices.Delete(n.idle, 0, i)
	n.sweeping = nil
	if len(n.idle) > 0 {
		n.sweeping = time.AfterFunc(n.idle[0].expires.Sub(now), n.sweep)
	}
	n.mu.Unlock()
	for _, c := range expired {
		c.nc.Close()
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
	n.http2.close()
	n.mu.Lock()
	idle := n.idle
	n.idle = nil
	if n.sweeping != nil {
		n.sweeping.Stop()
		n.sweeping = nil
	}
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

// isFine reports whether a kept connection can be used again: nothing has come over it,
// neither its end nor bytes that nobody asked for, which would be taken for the next
// response.
func (c *conn) isFine() bool {
	if c.raw == nil {
		return c.unwatch()
	}
	return isSilent(c.raw) && time.Now().Before(c.expires)
}

// watch waits, while nothing uses the connection, for what must not come, where that
// cannot be found out when the connection must be used. It returns at the read
// deadline: the idle timeout, or a moment in the past once somebody has taken the
// connection.
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
