package redact

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

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

// A tokenRun is a run of the bytes that JSON Web Tokens are made of. What is known of it
// is looked up once, however many tokens may begin in it.
type tokenRun struct {
	end     int // 0 where none was looked at yet
	dot     int // the first dot that is not before the latest token
	lastDot int
}

// webTokenLength returns how long the JSON Web Token is that begins at i, or 0: a header
// and what follows it after dots, in base64 for URLs. One that was cut off has only its
// payload. The i of its calls grow.
//
// https://www.rfc-editor.org/rfc/rfc7519.html#section-3
func (run *tokenRun) webTokenLength(s string, i int) int {
	if i >= run.end {
		run.end, run.dot, run.lastDot = i, i, -1
		for run.end < len(s) && isWebTokenByte(s[run.end]) {
			if s[run.end] == '.' {
				run.lastDot = run.end
			}
			run.end++
		}
	}
	for run.dot = max(run.dot, i); run.dot < run.end && s[run.dot] != '.'; {
		run.dot++
	}
	if run.dot == run.end || run.lastDot == run.dot && !strings.HasPrefix(s[run.dot+1:run.end], webTokenStart) {
		return 0
	}
	return run.end - i
}

func isWebTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// A scan replaces in a text the JSON Web Tokens, the user information of URLs, the values
// of the parameters, members of JSON and header lines whose name says that they are
// secret, and the values that are known to be.
type scan struct {
	secret      func(name string) bool // nil: only what is known is secret
	known       *values
	replacement func(value string) string
}

func (sc *scan) replace(s string) string {
	d := decode(s)
	var find *finder
	if !sc.known.empty() {
		find = &finder{values: sc.known, lower: headers.Lower(d.text)}
	}
	var b strings.Builder
	done := 0 // of s, which b has
	host := 0 // where one ends that is shown as it is, whatever else it is
	quoted := false
	for i := 0; i < len(d.text); i++ {
		from, to := i, i // of a secret
		switch c := d.text[i]; {
		case sc.secret == nil:
		case c == '"':
			quoted = quoted != d.quote(i)
		case c == webTokenStart[0] && strings.HasPrefix(d.text[i:], webTokenStart):
			to = i + d.tokens.webTokenLength(d.text, i)
		case c == '=':
			if name := d.nameBefore(i); name != "" && sc.secret(name) {
				from = i + 1
				to = d.end(from, "&#", d.depthAt(i), quoted)
				for to > from+1 && strings.IndexByte("',", d.text[to-1]) >= 0 {
					to-- // it belongs to the sentence, or to the command, that the URL is in
				}
			}
		case c == ':' && i > 0 && d.text[i-1] == '"':
			from, to = d.member(i, sc.secret)
		case c == ':' && i+1 < len(d.text) && d.text[i+1] == ' ':
			if isSecretHeader(d.nameBefore(i)) {
				from = i + 2
				to = d.end(from, "\r\n", d.depthAt(i), true)
			}
		case d.at && (c == ':' || c == '/' || c == '\\'):
			from, to = d.userinfo(i, quoted)
			i = max(i, from-1)
		}
		if find != nil && strings.HasPrefix(d.text[i:], "://") {
			host = i + len("://")
			host += indexOrEnd(d.text[host:], "/\\?#\"' \t\r\n<>,;")
		}
		if from == to && find != nil && i >= host && d.text[i] != '=' {
			if n := find.find(i); n > 0 {
				from, to = i, i+n
			}
		}
		// An empty value is replaced as well, so that it does not tell that it is.
		if from == to && (from == i || d.text[i] != '=') {
			continue
		}
		b.WriteString(s[done:d.rawAt(from)])
		done = d.rawAt(to)
		b.WriteString(sc.replacement(s[d.rawAt(from):done]))
		i = to - 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// An authority is where one ends that was looked at, so that the next that begins in it
// need not look again.
type authority struct {
	from, end int
	depth     uint8
	quoted    bool
	at        int // of its last @; -1 where it has none
}

// authorityAt returns the authority that begins at from, or begins before and goes on
// there.
func (d *decoded) authorityAt(from int, depth uint8, quoted bool) *authority {
	a := &d.authorities[depth]
	if a.from < from && from <= a.end && a.quoted == quoted && a.depth == depth {
		return a
	}
	end := d.end(from, `/\?#`, depth, quoted)
	*a = authority{from, end, depth, quoted, -1}
	if at := strings.LastIndexByte(d.text[from:end], '@'); at >= 0 {
		a.at = from + at
	}
	return a
}

// userinfo returns where the user information is in a URL whose authority begins
// behind i, if it has any. Browsers take any number of slashes either way behind the
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
	at := d.authorityAt(from, depth, quoted).at
	if at <= from || d.text[from:at] == ":" { // which are no credentials
		return from, from
	}
	return from, at
}

func isSpecialScheme(s string) bool {
	const longest = len("https")
	if len(s) > longest {
		return false
	}
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
		if n := strings.IndexAny(d.text[from:], ",}] \"\\"); n >= 0 {
			return from, from + n
		}
		return from, len(d.text)
	}
	from += len(mark)
	if n := strings.Index(d.text[from:], mark); n >= 0 {
		return from, from + n
	}
	return from, len(d.text)
}

// indexOrEnd returns where the first of chars is in s, or else where s ends.
func indexOrEnd(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// isSecretHeader reports whether the lines of a header hold secrets.
func isSecretHeader(name string) bool {
	switch name = headers.Lower(name); name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return strings.HasPrefix(name, "x-") && namesSecret(name)
}
