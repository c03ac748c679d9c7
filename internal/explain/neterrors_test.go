package explain

import (
	"strings"
	"testing"
)

// Codes of network errors name their cause, however they are written; what is not known is
// not guessed.
func TestNetError(t *testing.T) {
	for code, want := range map[string]string{
		"net::ERR_BLOCKED_BY_CLIENT": "blocked-by-client", "net::ERR_BLOCKED_BY_CSP": "content-security-policy", "ERR_CERT_AUTHORITY_INVALID": "certificate",
		"net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS": "local-network-denied", "net::ERR_CONNECTION_REFUSED": "connection-refused", "net::ERR_FAILED": "no-answer",
		"NS_ERROR_UNKNOWN_HOST": "host-not-found", "net::ERR_BLOCKED_BY_RESPONSE.NotSameSite": "cross-origin-resource-policy", "net::ERR_ABORTED": "", "ERR_MODULE_NOT_FOUND": "",
		"net::ERR_HTTP2_PROTOCOL_ERROR": "broken-answer", "net::ERR_TOO_MANY_REDIRECTS": "redirect-count", "": "",
	} {
		c, ok := NetError(code, "https://api.example/x", "https://app.example")
		if c.ID != want || ok != (want != "") || ok && !strings.Contains(c.Seen(), code) {
			t.Errorf("%s: %s, %v, by %s", code, c.ID, ok, c.Seen())
		}
	}
}
