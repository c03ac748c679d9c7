package explain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// transport says why no response came. A page's console often calls that a CORS
// failure too, but no header can fix it.
func transport(err error) string {
	_, why := noAnswer(err)
	return "This is not CORS: " + why
}

// noAnswer returns the cause of a failure of the network, and what exactly it was.
func noAnswer(err error) (id, why string) {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "host-not-found", fmt.Sprintf("there is no host %s. Check its name.", dns.Name)
	}
	if id, why := noTLS(err); id != "" {
		return id, why
	}
	if _, ok := errors.AsType[interface {
		error
		Malformed() bool
	}](err); ok {
		return "broken-answer", malformed
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection-refused", "nothing listens at this address. Check the host and the port, and that the server runs."
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "unreachable", "there is no way to this address from here."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection-lost", "the server closed the connection before its response was complete. See its log."
	case errors.Is(err, context.DeadlineExceeded):
		return "connection-timed-out", "no connection came about in time."
	case err != nil && strings.Contains(err.Error(), "malformed"):
		return "broken-answer", malformed
	}
	return "transport", "no valid HTTP response came, so that there is no header to judge."
}

const malformed = "what the server sent is no valid HTTP. Check that the port is that of an HTTP server."
