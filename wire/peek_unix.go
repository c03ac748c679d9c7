//go:build !nonetwork && unix

package wire

import (
	"net"
	"syscall"
)

// rawConn returns what a connection can be peeked into with, nil where it cannot be.
func rawConn(nc net.Conn) syscall.RawConn {
	if t, ok := nc.(tlsConn); ok {
		nc = t.NetConn()
	}
	if s, ok := nc.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// isSilent reports whether nothing has come over a connection, not even its end,
// without reading anything, and without waiting.
func isSilent(raw syscall.RawConn) bool {
	var peeked error
	err := raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, peeked = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && (peeked == syscall.EAGAIN || peeked == syscall.EWOULDBLOCK)
}
