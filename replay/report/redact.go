package report

import (
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
)

// redacted stands in place of a secret.
const redacted = "REDACTED"

// Redact replaces what gives access in the URLs that s is or holds: passwords,
// and the values of query and fragment parameters that are named like a token, a
// key, a signature, a password or a code. What stands in a path cannot be known
// from the rest of it.
func Redact(s string) string {
	if strings.IndexByte(s, '=') < 0 && strings.IndexByte(s, '@') < 0 {
		return s
	}
	var b strings.Builder
	done := 0 // of s, which b has
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '?' || c == '&' || c == ';' || c == '#':
			end := i + 1 + nameLength(s[i+1:])
			if end == len(s) || s[end] != '=' || !namesSecret(s[i+1:end]) {
				continue
			}
			b.WriteString(s[done : end+1])
			b.WriteString(redacted)
			done = end + 1 + valueLength(s[end+1:])
			i = done - 1
		case c == '/' && strings.HasPrefix(s[i:], "//"):
			authority := s[i+2:]
			if n := strings.IndexAny(authority, "/?# \"\n"); n >= 0 {
				authority = authority[:n]
			}
			at := strings.LastIndexByte(authority, '@')
			colon := strings.IndexByte(authority, ':')
			if i++; at < 0 || colon < 0 || colon > at {
				continue
			}
			b.WriteString(s[done : i+1+colon+1])
			b.WriteString(redacted)
			done = i + 1 + at
			i = done
		}
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

func nameLength(s string) int {
	if n := strings.IndexAny(s, "=&;#?/ \"\n"); n >= 0 {
		return n
	}
	return len(s)
}

func valueLength(s string) int {
	if n := strings.IndexAny(s, "&;# \"\n"); n >= 0 {
		return n
	}
	return len(s)
}

// namesSecret reports whether a parameter's name is that of a secret, however it
// is encoded and spelled: access_token, X-Amz-Signature, apiKey, sessionid.
func namesSecret(name string) bool {
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	name = headers.Lower(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r == '[' || r == ']' {
			return -1
		}
		return r
	}, name))
	switch name {
	case "key", "sig", "code", "auth", "pass", "pwd", "pin", "jwt", "sid", "otp", "session", "sessionid", "authorization",
		"assertion", "samlresponse", "samlrequest", "cookie", "ticket", "nonce", "state", "verifier", "codeverifier":
		return true
	}
	for _, end := range [...]string{
		"token", "secret", "password", "passwd", "passphrase", "signature", "apikey", "accesskey", "authkey", "accesskeyid", "credential",
		"credentials", "sessionid", "authcode",
	} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
