//go:build !nonetwork

package explain

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// noTLS returns the cause of a failure of TLS, and what exactly it was; "" for another failure.
func noTLS(err error) (id, why string) {
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate", certificate(unverified.Err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "broken-answer", "the server does not speak TLS at this port. Check the scheme and the port of the URL."
	}
	return "", ""
}

// IsUntrusted reports whether an error is that of a certificate whose authority is not trusted.
func IsUntrusted(err error) bool {
	_, untrusted := errors.AsType[x509.UnknownAuthorityError](err)
	return untrusted
}

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
