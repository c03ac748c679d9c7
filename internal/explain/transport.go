package explain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// transport says why no response came. A page's console often calls that a CORS
// failure too, but no header can mend it.
func transport(err error) string {
	const notCORS = "This is not CORS: "
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return notCORS + fmt.Sprintf("there is no host %s. Check its name.", dns.Name)
	}
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return notCORS + certificate(unverified.Err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return notCORS + "the server does not speak TLS at this port. Check the scheme and the port of the URL."
	}
	if _, ok := errors.AsType[interface {
		error
		Malformed() bool
	}](err); ok {
		return notCORS + malformed
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return notCORS + "nothing listens at this address. Check the host and the port, and that the server runs."
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return notCORS + "there is no way to this address from here."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return notCORS + "the server closed the connection before its response was complete. See its log."
	case errors.Is(err, context.DeadlineExceeded):
		return notCORS + "no connection came about in time."
	case err != nil && strings.Contains(err.Error(), "malformed"):
		return notCORS + malformed
	}
	return notCORS + "no valid HTTP response came, so that there is no header to judge."
}

const malformed = "what the server sent is no valid HTTP. Check that the port is that of an HTTP server."

func certificate(err error) string {
	switch err.(type) {
	case x509.UnknownAuthorityError:
		return "the certificate is of an authority that is not trusted. Browsers refuse it too, unless the authority is installed there."
	case x509.HostnameError:
		return "the certificate is for another host."
	case x509.CertificateInvalidError:
		return "the certificate is not valid: " + err.Error() + "."
	}
	return "the certificate cannot be verified: " + err.Error() + "."
}
