// Package redact decides what is secret in a text, a URL or a header, and what it is
// replaced by.
package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
)

// Redacted is written in place of a secret.
const Redacted = "REDACTED"

// Text replaces what gives access in a URL, or in the URLs that a text holds:
// user names and passwords, the values of parameters that are named as secrets are
// (see [namesSecret]), and JSON Web Tokens wherever they stand; percent-encoded or
// not, however often, as in a URL that is a parameter of another. What else stands
// in a path cannot be known from the rest of it.
func Text(s string) string {
	if !suspicious(s) {
		return s
	}
	return replaceSecrets(s, namesSecret, func(string) string { return Redacted })
}

// suspicious reports whether s has what no secret that is looked for is without.
func suspicious(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case '=', '@', '%':
			return true
		case ':':
			if i+1 < len(s) && s[i+1] == ' ' || i > 0 && s[i-1] == '"' {
				return true
			}
		case webTokenStart[0]:
			if strings.HasPrefix(s[i:], webTokenStart) {
				return true
			}
		}
	}
	return false
}

// webTokenStart is the base64 of {" with which the JSON of a token's header begins.
const webTokenStart = "eyJ"

// webTokenLength returns how long the JSON Web Token is with which s begins, or 0: a
// header and what follows it after dots, in base64 for URLs. One that was cut off has
// but its payload.
//
// https://www.rfc-editor.org/rfc/rfc7519.html#section-3
func webTokenLength(s string) int {
	n := 0
	for n < len(s) && isWebTokenByte(s[n]) {
		n++
	}
	_, payload, ok := strings.Cut(s[:n], ".")
	if !ok || strings.IndexByte(payload, '.') < 0 && !strings.HasPrefix(payload, webTokenStart) {
		return 0
	}
	return n
}

func isWebTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// A decoded is a text with nothing percent-encoded left in it.
type decoded struct {
	raw, text string
	// Of each byte of text, and nil where nothing was encoded: from is where it begins
	// in raw, with the end of raw behind the last; depth is how often it was encoded.
	from  []int
	depth []uint8
	// url says that raw is a URL as a whole, in which blanks and quotes end nothing.
	url bool
	at  bool // there is an @ in the text
}

// maxEncodings is how often what is looked at may be percent-encoded.
const maxEncodings = 8

func decode(s string) *decoded {
	d := &decoded{raw: s, text: s, url: isURL(s)}
	if encodes(s) {
		d.decode()
	}
	d.at = strings.IndexByte(d.text, '@') >= 0
	return d
}

// encodes reports whether more is percent-encoded in s than blanks and what is not ASCII.
func encodes(s string) bool {
	for {
		_, rest, ok := strings.Cut(s, "%")
		if !ok {
			return false
		}
		if len(rest) >= 2 && rest[0] < '8' && rest[:2] != "20" {
			return true
		}
		s = rest
	}
}

func (d *decoded) decode() {
	text := []byte(d.raw)
	from, depth := make([]int, len(text)+1), make([]uint8, len(text))
	for i := range from {
		from[i] = i
	}
	for range maxEncodings {
		n := 0
		for i := 0; i < len(text); n++ {
			c, often, length := text[i], depth[i], 1
			if c == '%' && i+2 < len(text) {
				var b [1]byte
				if _, err := hex.Decode(b[:], text[i+1:i+3]); err == nil {
					c, often, length = b[0], 1+max(often, depth[i+1], depth[i+2]), 3
				}
			}
			text[n], depth[n], from[n] = c, often, from[i]
			i += length
		}
		if n == len(text) {
			break
		}
		text, depth, from = text[:n], depth[:n], from[:n+1]
		from[n] = len(d.raw)
	}
	d.text, d.depth, d.from = string(text), depth, from
}

// isURL reports whether s looks like a URL, absolute or relative, and like no text.
func isURL(s string) bool {
	if s != "" && strings.IndexByte("/?#", s[0]) >= 0 {
		return true
	}
	scheme, rest, ok := strings.Cut(s, ":")
	return ok && isScheme(scheme) && rest != "" && rest[0] != ' '
}

func (d *decoded) depthAt(i int) uint8 {
	if d.depth == nil {
		return 0
	}
	return d.depth[i]
}

// rawAt returns where in raw what stands at i begins.
func (d *decoded) rawAt(i int) int {
	if d.from == nil {
		return i
	}
	return d.from[i]
}

// quote reports whether the quotation mark at i is one of the text.
func (d *decoded) quote(i int) bool {
	return !d.url && d.text[i] == '"' && d.depthAt(i) == 0 && (i == 0 || d.text[i-1] != '\\')
}

// end returns where what begins at i ends: before one of the delimiters, unless it is
// encoded deeper than what it would end, or with the URL in a text: at a quotation mark
// or, outside of quotation marks, a blank.
func (d *decoded) end(i int, delimiters string, depth uint8, quoted bool) int {
	for ; i < len(d.text); i++ {
		c := d.text[i]
		if strings.IndexByte(delimiters, c) >= 0 && d.depthAt(i) <= depth || d.quote(i) {
			break
		}
		if !d.url && !quoted && d.depthAt(i) == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			break
		}
	}
	return i
}

// endsName are the bytes that stand in no name of a parameter.
var endsName = func() (is [256]bool) {
	for _, c := range []byte("?&;#=/,:|(){}<>\\\"' \t\r\n") {
		is[c] = true
	}
	return is
}()

// nameBefore returns the name that ends before i.
func (d *decoded) nameBefore(i int) string {
	from := i
	for from > 0 && !endsName[d.text[from-1]] {
		from--
	}
	return d.text[from:i]
}

// replaceSecrets replaces in s the JSON Web Tokens, the user information of URLs, and
// the values of the parameters, members of JSON and header lines whose name secret
// reports.
func replaceSecrets(s string, secret func(name string) bool, replacement func(value string) string) string {
	d := decode(s)
	var b strings.Builder
	done := 0 // of s, which b has
	quoted := false
	for i := 0; i < len(d.text); i++ {
		from, to := i, i // of a secret
		switch c := d.text[i]; {
		case c == '"':
			quoted = quoted != d.quote(i)
		case c == webTokenStart[0] && strings.HasPrefix(d.text[i:], webTokenStart):
			to = i + webTokenLength(d.text[i:])
		case c == '=':
			if name := d.nameBefore(i); name != "" && secret(name) {
				from = i + 1
				to = d.end(from, "&#", d.depthAt(i), quoted)
			}
		case c == ':' && i > 0 && d.text[i-1] == '"':
			from, to = d.member(i, secret)
		case c == ':' && i+1 < len(d.text) && d.text[i+1] == ' ':
			if isSecretHeader(d.nameBefore(i)) {
				from = i + 2
				to = d.end(from, "\r\n", d.depthAt(i), true)
			}
		case d.at && (c == ':' || c == '/' || c == '\\'):
			from, to = d.userinfo(i, quoted)
			i = max(i, from-1)
		}
		// An empty value is replaced as well, so that it does not tell that it is.
		if from == to && (from == i || d.text[i] != '=') {
			continue
		}
		b.WriteString(s[done:d.rawAt(from)])
		done = d.rawAt(to)
		b.WriteString(replacement(s[d.rawAt(from):done]))
		i = to - 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// userinfo returns where the user information stands in a URL whose authority begins
// behind i, if one does. Browsers take any number of slashes either way behind the
// schemes that they know.
//
// https://url.spec.whatwg.org/#special-authority-slashes-state
func (d *decoded) userinfo(i int, quoted bool) (from, to int) {
	from = i
	depth := d.depthAt(i)
	if d.text[i] == ':' {
		if !isSpecialScheme(d.nameBefore(i)) {
			return i, i
		}
		from++
	}
	for from < len(d.text) && (d.text[from] == '/' || d.text[from] == '\\') {
		depth = max(depth, d.depthAt(from))
		from++
	}
	if d.text[i] != ':' && from-i < 2 {
		return i, i
	}
	authority := d.text[from:d.end(from, `/\?#`, depth, quoted)]
	at := strings.LastIndexByte(authority, '@')
	if at <= 0 || authority[:at] == ":" { // which are no credentials
		return from, from
	}
	return from, from + at
}

func isSpecialScheme(s string) bool {
	switch headers.Lower(s) {
	case "http", "https", "ws", "wss", "ftp":
		return true
	}
	return false
}

// member returns where the value of a member of JSON stands, whose colon is at i, if its
// name is that of a secret. It may be in a string itself.
func (d *decoded) member(i int, secret func(name string) bool) (from, to int) {
	mark := `"`
	name := i - 1
	if name > 0 && d.text[name-1] == '\\' {
		name--
		mark = `\"`
	}
	if !secret(d.nameBefore(name)) {
		return i, i
	}
	from = i + 1
	for from < len(d.text) && d.text[from] == ' ' {
		from++
	}
	if !strings.HasPrefix(d.text[from:], mark) {
		return from, from + strings.IndexAny(d.text[from:]+",", ",}] \"\\")
	}
	from += len(mark)
	if n := strings.Index(d.text[from:], mark); n >= 0 {
		return from, from + n
	}
	return from, len(d.text)
}

// isSecretHeader reports whether the lines of a header hold secrets.
func isSecretHeader(name string) bool {
	switch headers.Lower(name) {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return false
}

// A Pseudonyms replaces secrets by names that tell only which of them are the
// same. Whoever does not have the key cannot find out more by guessing.
type Pseudonyms struct{ key []byte }

// NewPseudonyms returns pseudonyms that nobody has used before.
func NewPseudonyms() *Pseudonyms {
	p := &Pseudonyms{make([]byte, sha256.Size)}
	rand.Read(p.key) // never fails
	return p
}

// Name returns the name of a secret.
func (p *Pseudonyms) Name(value string) string {
	if value == "" {
		return ""
	}
	// A browser encodes what a Location holds as it is.
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(value))
	return Redacted + "-" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// URL replaces in a URL, absolute or relative, all that is no host, no name of a
// parameter and no plain word of a path. Of URLs without a host only the scheme
// is left.
func (p *Pseudonyms) URL(s string) string {
	if scheme, _, ok := strings.Cut(s, ":"); ok && isScheme(scheme) && !isSpecialScheme(scheme) && !strings.Contains(s, "://") {
		return scheme + ":" + Redacted
	}
	path, rest := s, ""
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		path, rest = s[:i], s[i:]
	}
	path = p.Text(path)
	host := authorityEnd(path) // which may look like a secret
	segments := strings.Split(path[host:], "/")
	for i, segment := range segments {
		if tokenLike(segment) {
			segments[i] = p.Name(segment)
		}
	}
	var b strings.Builder
	b.WriteString(path[:host] + strings.Join(segments, "/"))
	for rest != "" {
		b.WriteByte(rest[0])
		end := len(rest)
		if i := strings.IndexAny(rest[1:], "&#"); i >= 0 {
			end = i + 1
		}
		name, value, ok := strings.Cut(rest[1:end], "=")
		if tokenLike(name) || p.Text(name) != name {
			name = p.Name(name)
		}
		if b.WriteString(name); ok {
			b.WriteString("=" + p.Name(value))
		}
		rest = rest[end:]
	}
	return b.String()
}

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

// Text replaces what gives access in a text for people.
func (p *Pseudonyms) Text(s string) string {
	return replaceSecrets(s, func(string) bool { return true }, p.Name)
}

// Authority replaces the user information before a host.
func (p *Pseudonyms) Authority(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return p.Name(s[:at]) + s[at:]
	}
	return s
}
