package wire

import (
	"net"
	"testing"

	"golang.org/x/net/nettest"
)

func TestPipe(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		client, server := newPipe()
		return client, server, func() { client.Close(); server.Close() }, nil
	})
}
