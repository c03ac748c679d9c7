package check

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// redacted stands for what is not to be shown.
const redacted = "[redacted]"

// A redactor takes secrets out of what is shown. The zero value shows everything.
type redactor struct{ on bool }

// header returns the value of a header as it can be shown.
func (r redactor) header(name, value string) string {
	if !r.on {
		return value
	}
	switch lower := headers.Lower(name); {
	case lower == "cookie":
		return redactPairs(value, -1)
	case lower == "set-cookie":
		return redactPairs(value, 1)
	case lower == "authorization", lower == "proxy-authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + redacted
		}
		return redacted
	case strings.HasPrefix(lower, "access-control-"), strings.HasPrefix(lower, "sec-"):
		return r.text(value)
	case isSecretName(lower):
		return redacted
	}
	return r.text(value)
}

// redactPairs takes the values out of the first n pairs of a cookie string, of
// all of them for -1.
func redactPairs(cookies string, n int) string {
	pairs := strings.Split(cookies, ";")
	for i, pair := range pairs {
		if i == n {
			break
		}
		name, _, ok := strings.Cut(pair, "=")
		if !ok {
			name = pair[:len(pair)-len(strings.TrimLeft(pair, " "))]
			pairs[i] = name + redacted
			continue
		}
		pairs[i] = name + "=" + redacted
	}
	return strings.Join(pairs, ";")
}

// text takes out of a text the secrets of the URLs in it: passwords, and the
// values of parameters whose names say that they are secret.
func (r redactor) text(s string) string {
	if !r.on || !strings.ContainsAny(s, "=@") {
		return s
	}
	return redactParameters(redactUserinfo(s))
}

func redactUserinfo(s string) string {
	var b strings.Builder
	for {
		start := strings.Index(s, "://")
		if start < 0 {
			return b.String() + s
		}
		start += len("://")
		b.WriteString(s[:start])
		s = s[start:]
		end := strings.IndexAny(s, "/?#\\\"' \t\r\n<>")
		if end < 0 {
			end = len(s)
		}
		if at := strings.LastIndexByte(s[:end], '@'); at >= 0 {
			b.WriteString(redacted)
			s = s[at:]
		}
	}
}

func redactParameters(s string) string {
	var b strings.Builder
	for {
		start := strings.IndexAny(s, "?&#;")
		if start < 0 {
			return b.String() + s
		}
		b.WriteString(s[:start+1])
		s = s[start+1:]
		equals := strings.IndexAny(s, "=?&#;\"' \t\r\n<>")
		if equals < 0 || s[equals] != '=' || !isSecretName(headers.Lower(s[:equals])) {
			continue
		}
		b.WriteString(s[:equals+1] + redacted)
		end := strings.IndexAny(s, "&#;\"' \t\r\n<>")
		if end < 0 {
			end = len(s)
		}
		s = s[end:]
	}
}

// isSecretName reports whether the name of a parameter or a header, in lower
// case, says that its value is a secret.
func isSecretName(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", ".", "", "%5b", "", "%5d", "", "[", "", "]", "").Replace(name)
	return slices.ContainsFunc(secretEndings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

var secretEndings = []string{
	"token", "key", "sig", "signature", "secret", "password", "passwd", "passphrase", "pwd", "pass", "pw", "jwt",
	"credential", "credentials", "auth", "authorization", "session", "sessionid", "sid", "code", "assertion", "otp", "pin",
}
