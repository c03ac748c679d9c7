// Package redact decides what is secret in a text, a URL or a header, and what it is
// replaced by. Every output of every command goes by it.
//
// A secret is what gives access: the values of cookies and credentials, wherever they are
// found again; user names and passwords in URLs; JSON Web Tokens; the values of parameters,
// members of JSON and header lines that are named as secrets are (see [namesSecret]);
// percent-encoded or not, however often, as in a URL that is a parameter of another.
//
// There are two ways to leave them out. What is shown to people ([Shown]) has the values
// of the headers that matter to CORS, and of others what a closed grammar knows. A copy
// that is passed on ([Copy]) has less: what it is judged by, and nothing else. Both need
// time that grows linearly with the text.
package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/status"
)

// Redacted is written in place of a secret.
const Redacted = "REDACTED"

// Text returns a text for people without what gives access: a URL, or a sentence with
// URLs, header lines or JSON in it. What else is in a path cannot be known from the rest
// of it.
func Text(s string) string {
	if !suspicious(s) {
		return s
	}
	return shown.replace(s)
}

// Lines is [Text] of each line of a text.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Text(line)
	}
	return strings.Join(lines, "\n")
}

var shown = scan{secret: namesSecret, replacement: func(string) string { return Redacted }}

// Header returns the value of a header as people may see it.
func Header(name, value string) string { return new(Shown).Header(name, value) }

// A Shown makes what it is given fit to be shown to people. The zero value knows no
// secrets by their values.
type Shown struct {
	known   *values
	learned headers.List // what is not among the known yet: most texts have nothing of it
	starts  *starts      // of what was learned; nil where that is not looked at yet
}

// Learn remembers the secrets in headers, cookies and credentials, so that they are
// secrets wherever they are.
func (r *Shown) Learn(list headers.List) {
	for _, h := range list {
		if isSecretHeader(h.Name) && h.Value != "" {
			r.learned, r.starts = append(r.learned, h), nil
		}
	}
}

// Knows reports whether anything was learned.
func (r *Shown) Knows() bool { return r.known != nil || len(r.learned) > 0 }

// mayHave reports whether a text may have a value that was learned.
func (r *Shown) mayHave(s string) bool {
	if r.known == nil {
		if len(r.learned) == 0 {
			return false
		}
		if r.starts == nil {
			r.starts = newStarts(r.learned)
		}
		if !r.starts.mayBeIn(s) {
			return false
		}
		r.known = newValues()
	}
	for _, h := range r.learned {
		r.known.learn(h.Name, h.Value)
	}
	r.learned = nil
	return !r.known.empty()
}

// Text is [Text] that knows more secrets.
func (r *Shown) Text(s string) string {
	if !r.mayHave(s) {
		return Text(s)
	}
	sc := shown
	sc.known = r.known
	return sc.replace(s)
}

// Header returns the value of a header as people may see it: that of a header that CORS
// depends on as it is, of cookies the names and the attributes, of credentials the
// scheme, and of others what is surely no secret.
func (r *Shown) Header(name, value string) string {
	name = headers.Lower(name)
	if shownAsText[name] || strings.HasPrefix(name, "access-control-") {
		return r.Text(value)
	}
	return r.Values(reduce(name, value, redactedWords{}))
}

// Values returns a text that has no secrets but perhaps values that were learned.
func (r *Shown) Values(s string) string {
	if !r.mayHave(s) {
		return s
	}
	sc := scan{known: r.known, replacement: shown.replacement}
	return sc.replace(s)
}

// StatusText returns the reason phrase of a response if it is a usual one; others, which
// servers make up, may hold anything.
func StatusText(code int, text string) string {
	if text == "" || text == status.Text(code) || statusTexts[headers.Lower(text)] {
		return text
	}
	return Redacted
}

// OwnHeader returns the value of a header that the user agent set itself, of which only
// cookies and credentials are secret.
func (r *Shown) OwnHeader(name, value string) string {
	if isSecretHeader(name) {
		return r.Header(name, value)
	}
	return r.Text(value)
}

// shownAsText are headers, beside those of CORS, whose values are shown as texts are.
var shownAsText = set(`origin vary location timing-allow-origin referer host allow content-security-policy content-security-policy-report-only
	cross-origin-resource-policy cross-origin-embedder-policy cross-origin-opener-policy`)

// A Copy makes what it is given fit for a copy of a recording that is passed on: secrets
// get names that tell only which of them are the same, in this copy and in no other.
// Whoever does not have its key cannot find out more by guessing.
type Copy struct {
	key   []byte
	known *values
}

// NewCopy returns what a copy needs.
func NewCopy() *Copy {
	c := &Copy{make([]byte, sha256.Size), newValues()}
	rand.Read(c.key) // never fails
	return c
}

// Learn remembers the secrets in headers, cookies and credentials, so that they are
// secrets wherever they are.
func (c *Copy) Learn(list headers.List) {
	for _, h := range list {
		if isSecretHeader(h.Name) {
			c.known.learn(h.Name, h.Value)
		}
	}
}

// Name returns the name of a secret, or value where it is one: a copy of a copy is the same.
func (c *Copy) Name(value string) string {
	if value == "" || isName(value) {
		return value
	}
	// A browser encodes what a Location holds as it is.
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	return Redacted + "-" + c.digest(value)
}

// isName reports whether value is what Name returns.
func isName(value string) bool {
	digits, ok := strings.CutPrefix(value, Redacted+"-")
	return ok && len(digits) == 2*digestBytes && strings.Trim(digits, "0123456789abcdef") == ""
}

// digestBytes is enough for the secrets of a recording to have names of their own.
const digestBytes = 8

func (c *Copy) digest(value string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)[:digestBytes])
}

// Text returns a text without what gives access and without the values of all parameters.
func (c *Copy) Text(s string) string {
	sc := scan{secret: func(string) bool { return true }, known: c.known, replacement: c.Name}
	return sc.replace(s)
}

// IsPlaceholder reports whether value is what is put in place of a secret, here or by
// other tools: "[Cookie redacted]", "<removed>", "REDACTED", "***".
func IsPlaceholder(value string) bool {
	if len(value) < 3 || len(value) > 64 {
		return false
	}
	switch first, last := value[0], value[len(value)-1]; {
	case first == '*', first == 'x', first == 'X':
		return strings.Trim(value, string(first)) == ""
	case first == '[' && last == ']', first == '<' && last == '>', first == '(' && last == ')', first == '{' && last == '}':
		value = headers.Lower(value)
		for _, word := range [...]string{"redact", "remov", "filter", "hidden", "mask", "strip", "omit", "sanitiz", "scrub"} {
			if strings.Contains(value, word) {
				return true
			}
		}
	case first == '[', first == '<', first == '(', first == '{', first == 'r', first == 'R':
		return strings.Contains(headers.Lower(value), "redacted")
	}
	return false
}
