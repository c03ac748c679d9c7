package redact

import "strings"

// authorityEnd returns where the path of a URL begins, absolute or relative.
func authorityEnd(url string) int {
	i := 0
	if scheme, _, ok := strings.Cut(url, ":"); ok && isScheme(scheme) {
		i = len(scheme) + 1
	} else if !strings.HasPrefix(url, "//") {
		return 0
	}
	i += len(url[i:]) - len(strings.TrimLeft(url[i:], `/\`))
	if n := strings.IndexAny(url[i:], `/\`); n >= 0 {
		return i + n
	}
	return len(url)
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
	return len(s) >= 20 && digits >= 3 && !strings.HasPrefix(s, Redacted)
}
