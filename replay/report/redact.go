package report

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
)

// redacted stands in place of a secret.
const redacted = "REDACTED"

// Redact replaces what gives access in the URLs that s is or holds: user names and
// passwords, and the values of query and fragment parameters that are named like a
// token, a key, a signature, a password or a code; and JSON Web Tokens wherever they
// stand. What else stands in a path cannot be known from the rest of it.
func Redact(s string) string {
	s = replaceWebTokens(s)
	if strings.IndexByte(s, '=') < 0 && strings.IndexByte(s, '@') < 0 {
		return s
	}
	return replaceSecrets(s, namesSecret, func(string) string { return redacted })
}

// webTokenStart is the base64 of {" with which the JSON of a token's header begins.
const webTokenStart = "eyJ"

// replaceWebTokens replaces the JSON Web Tokens in s: a header and what follows it
// after dots, in base64 for URLs.
//
// https://www.rfc-editor.org/rfc/rfc7519.html#section-3
func replaceWebTokens(s string) string {
	if !strings.Contains(s, webTokenStart) {
		return s
	}
	var b strings.Builder
	for {
		before, _, found := strings.Cut(s, webTokenStart)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = s[len(before):]
		n := 0
		for n < len(s) && isWebTokenByte(s[n]) {
			n++
		}
		if token := s[:n]; strings.Count(token, ".") < 2 {
			b.WriteString(token)
		} else {
			b.WriteString(redacted)
		}
		s = s[n:]
	}
}

func isWebTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// replaceSecrets replaces the user information of URLs in s, and the values of the
// parameters whose name secret reports.
func replaceSecrets(s string, secret func(name string) bool, replacement func(value string) string) string {
	var b strings.Builder
	done := 0 // of s, which b has
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '?' || c == '&' || c == ';' || c == '#':
			end := i + 1 + nameLength(s[i+1:])
			if end == len(s) || s[end] != '=' || !secret(s[i+1:end]) {
				continue
			}
			b.WriteString(s[done : end+1])
			done = end + 1 + valueLength(s[end+1:])
			b.WriteString(replacement(s[end+1 : done]))
			i = done - 1
		case c == '/' && strings.HasPrefix(s[i:], "//"):
			authority := s[i+2:]
			if n := strings.IndexAny(authority, "/?# \"\n"); n >= 0 {
				authority = authority[:n]
			}
			at := strings.LastIndexByte(authority, '@')
			if i++; at <= 0 || authority[:at] == ":" { // which are no credentials
				continue
			}
			b.WriteString(s[done : i+1])
			b.WriteString(replacement(authority[:at]))
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

// A pseudonymizer replaces secrets by names that tell only which of them are the
// same. Whoever does not have the key cannot find out more by guessing.
type pseudonymizer struct{ key []byte }

func (p *pseudonymizer) name(value string) string {
	if value == "" {
		return ""
	}
	// A browser encodes what a Location holds as it is.
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(value))
	return redacted + "-" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// url replaces in a URL, absolute or relative, all that is no host, no name of a
// parameter and no plain word of a path. Of URLs without a host only the scheme
// is left.
func (p *pseudonymizer) url(s string) string {
	if scheme, rest, ok := strings.Cut(s, ":"); ok && isScheme(scheme) && !strings.Contains(s, "://") {
		// Browsers take https:host for https://host.
		if lower := headers.Lower(scheme); lower != "http" && lower != "https" || strings.Contains(rest, "@") {
			return scheme + ":" + redacted
		}
	}
	path, rest := s, ""
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		path, rest = s[:i], s[i:]
	}
	path = replaceSecrets(path, func(string) bool { return true }, p.name)
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		// The host may look like it.
		if host := i == 2 && strings.HasSuffix(segments[0], ":") && segments[1] == ""; !host && tokenLike(segment) {
			segments[i] = p.name(segment)
		}
	}
	var b strings.Builder
	b.WriteString(strings.Join(segments, "/"))
	for rest != "" {
		b.WriteByte(rest[0])
		end := len(rest)
		if i := strings.IndexAny(rest[1:], "?&;#"); i >= 0 {
			end = i + 1
		}
		name, value, ok := strings.Cut(rest[1:end], "=")
		switch {
		case ok:
			b.WriteString(name + "=" + p.name(value))
		case tokenLike(name):
			b.WriteString(p.name(name))
		default:
			b.WriteString(name)
		}
		rest = rest[end:]
	}
	return b.String()
}

// isScheme reports whether s may stand before the colon of a URL.
//
// https://url.spec.whatwg.org/#url-scheme-string
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || strings.IndexByte("0123456789+-.", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

// tokenLike reports whether a word is so long, with so many digits, that it may
// be a secret.
func tokenLike(s string) bool {
	digits := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	return len(s) >= 20 && digits >= 3 && !strings.HasPrefix(s, redacted)
}

// text replaces what gives access in a text for people.
func (p *pseudonymizer) text(s string) string {
	words := strings.Split(replaceWebTokens(s), " ")
	for i, word := range words {
		if strings.ContainsAny(word, "=@") || strings.Contains(word, "://") {
			words[i] = replaceSecrets(word, func(string) bool { return true }, p.name)
		}
	}
	return strings.Join(words, " ")
}
