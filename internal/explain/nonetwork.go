//go:build nonetwork

package explain

// noTLS knows no failure of TLS: there is none where nothing is sent.
func noTLS(error) (id, why string) { return "", "" }

// IsUntrusted reports false, for the same reason.
func IsUntrusted(error) bool { return false }
