//go:build !nonetwork && !unix

package wire

import (
	"net"
	"syscall"
)

// rawConn returns nil: connections cannot be peeked into here.
func rawConn(net.Conn) syscall.RawConn { return nil }

// isSilent is not called.
func isSilent(syscall.RawConn) bool { return false }
