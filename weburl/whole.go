package weburl

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/origin"
)

// A record is a URL record in the making.
type record struct {
	special            bool
	scheme             string
	username, password string
	host               string
	hasHost            bool // false where the host is null
	port               int  // -1 for null
	path               []byte
	opaquePath         bool
	query, fragment    string
	hasQuery           bool
	hasFragment        bool
}

// parseWhole runs the basic URL parser on input, which is valid UTF-8, and
// returns the result or why there is none. The state machine of the standard is
// here a function for each group of states, each called with what is left of
// the input. It takes time linear in the input, which a server may have chosen.
//
// https://url.spec.whatwg.org/#concept-basic-url-parser
func parseWhole(input string, base *URL) (r record, problem string) {
	input = strings.TrimFunc(input, func(c rune) bool { return c <= ' ' })
	if strings.ContainsAny(input, "\t\n\r") {
		input = strings.Map(func(c rune) rune {
			if c == '\t' || c == '\n' || c == '\r' {
				return -1
			}
			return c
		}, input)
	}
	r.port = -1

	scheme, rest, ok := cutScheme(input)
	if !ok {
		switch {
		case base == nil:
			return r, "it has no scheme, and there is no base URL"
		case base.opaquePath && !strings.HasPrefix(input, "#"):
			return r, "it has no scheme, and only a fragment can be relative to a base URL with an opaque path"
		case base.opaquePath:
			r.setScheme(base.Scheme())
			r.path, r.opaquePath = []byte(base.Path()), true
			r.query, r.hasQuery = base.Query()
			r.parseFragment(input[1:])
			return r, ""
		case base.Scheme() == "file":
			return r, r.parseFile(input, base)
		}
		return r, r.parseRelative(input, base)
	}
	r.setScheme(scheme)
	switch {
	case scheme == "file":
		return r, r.parseFile(rest, base)
	case r.special && base != nil && base.Scheme() == scheme && !strings.HasPrefix(rest, "//"):
		return r, r.parseRelative(rest, base)
	case r.special:
		return r, r.parseAuthority(strings.TrimLeft(rest, `/\`))
	case strings.HasPrefix(rest, "//"):
		return r, r.parseAuthority(rest[2:])
	case strings.HasPrefix(rest, "/"):
		r.parsePath(rest[1:])
		return r, ""
	}
	r.parseOpaquePath(rest)
	return r, ""
}

// cutScheme is the scheme start state and the scheme state.
func cutScheme(s string) (scheme, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isASCIIAlpha(c):
		case i > 0 && (isASCIIDigit(c) || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return strings.ToLower(s[:i]), s[i+1:], true
		default:
			return "", "", false
		}
	}
	return "", "", false
}

func (r *record) setScheme(scheme string) {
	r.scheme = scheme
	r.special = scheme == "file" || origin.DefaultPort(scheme) >= 0
}

// isSlash reports whether c separates path segments.
func (r *record) isSlash(c byte) bool { return c == '/' || c == '\\' && r.special }

// startsWithSlash reports whether s begins with what separates path segments.
func (r *record) startsWithSlash(s string) bool { return s != "" && r.isSlash(s[0]) }

func (r *record) copyAuthority(base *URL) {
	r.username, r.password = base.Username(), base.Password()
	r.host, r.hasHost, r.port = base.Host(), base.hasHost(), base.Port()
}

// parseRelative is the relative state and the relative slash state.
func (r *record) parseRelative(s string, base *URL) (problem string) {
	r.setScheme(base.Scheme())
	if r.startsWithSlash(s) {
		s = s[1:]
		switch {
		case r.special && r.startsWithSlash(s):
			return r.parseAuthority(strings.TrimLeft(s, `/\`))
		case r.startsWithSlash(s):
			return r.parseAuthority(s[1:])
		}
		r.copyAuthority(base)
		r.parsePath(s)
		return ""
	}
	r.copyAuthority(base)
	r.path = []byte(base.Path())
	if s == "" || s[0] == '#' || s[0] == '?' {
		r.query, r.hasQuery = base.Query()
		r.parseAfterPath(s)
		return ""
	}
	r.shortenPath()
	r.parsePath(s)
	return ""
}

// parseAuthority is the authority state, the host state and the port state.
func (r *record) parseAuthority(s string) (problem string) {
	end := 0
	for end < len(s) && !r.isSlash(s[end]) && s[end] != '?' && s[end] != '#' {
		end++
	}
	authority, rest := s[:end], s[end:]
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if at == len(authority)-1 {
			return "no host follows the credentials"
		}
		username, password, _ := strings.Cut(authority[:at], ":")
		r.username, r.password = percentEncode(username, userinfoSet), percentEncode(password, userinfoSet)
		authority = authority[at+1:]
	}
	host, port, hasPort := cutPort(authority)
	if host == "" && (hasPort || r.special) {
		return "the host is missing"
	}
	if r.host, problem = parseHost(host, r.special); problem != "" {
		return problem
	}
	r.hasHost = true
	if r.port, problem = parsePort(port); problem != "" {
		return problem
	}
	if r.port == origin.DefaultPort(r.scheme) {
		r.port = -1
	}
	r.parsePathStart(rest)
	return ""
}

// cutPort cuts s at the first colon outside brackets.
func cutPort(s string) (host, port string, ok bool) {
	inBrackets := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			inBrackets = true
		case ']':
			inBrackets = false
		case ':':
			if !inBrackets {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

// parsePort returns -1 for the empty string.
func parsePort(s string) (port int, problem string) {
	if s == "" {
		return -1, ""
	}
	for i := 0; i < len(s); i++ {
		if !isASCIIDigit(s[i]) {
			return 0, "the port " + quote(s) + " is not a number"
		}
		if port = port*10 + int(s[i]-'0'); port > 65535 {
			return 0, "the port is larger than 65535"
		}
	}
	return port, ""
}

// parseFile is the file state, the file slash state and the file host state.
func (r *record) parseFile(s string, base *URL) (problem string) {
	r.setScheme("file")
	r.hasHost = true
	if base != nil && base.Scheme() != "file" {
		base = nil
	}
	switch {
	case r.startsWithSlash(s) && r.startsWithSlash(s[1:]):
		return r.parseFileHost(s[2:])
	case r.startsWithSlash(s):
		s = s[1:]
		if base != nil {
			r.host = base.Host()
			if path := base.Path(); !startsWithDriveLetter(s) && startsWithDriveLetter(path[1:]) && path[2] == ':' {
				r.path = append(r.path, path[:3]...)
			}
		}
	case base != nil:
		r.host = base.Host()
		if s == "" || s[0] == '#' || s[0] == '?' {
			r.path = []byte(base.Path())
			r.query, r.hasQuery = base.Query()
			r.parseAfterPath(s)
			return ""
		}
		if !startsWithDriveLetter(s) {
			r.path = []byte(base.Path())
			r.shortenPath()
		}
	}
	r.parsePath(s)
	return ""
}

func (r *record) parseFileHost(s string) (problem string) {
	end := strings.IndexAny(s, `/\?#`)
	if end < 0 {
		end = len(s)
	}
	if end == 2 && startsWithDriveLetter(s) {
		r.parsePath(s)
		return ""
	}
	if end > 0 {
		if r.host, problem = parseHost(s[:end], true); problem != "" {
			return problem
		}
		if r.host == "localhost" {
			r.host = ""
		}
	}
	r.parsePathStart(s[end:])
	return ""
}

// parsePathStart is the path start state.
func (r *record) parsePathStart(s string) {
	switch {
	case r.startsWithSlash(s):
		r.parsePath(s[1:])
	case r.special:
		r.parsePath(s)
	default:
		r.parseAfterPath(s)
	}
}

// parsePath is the path state. It appends the segments of s to the path.
func (r *record) parsePath(s string) {
	for {
		end := 0
		for end < len(s) && !r.isSlash(s[end]) && s[end] != '?' && s[end] != '#' {
			end++
		}
		segment, rest := s[:end], s[end:]
		more := r.startsWithSlash(rest)
		switch dots := countDots(segment); {
		case dots == 2:
			r.shortenPath()
			if !more {
				r.path = append(r.path, '/')
			}
		case dots == 1:
			if !more {
				r.path = append(r.path, '/')
			}
		default:
			start := len(r.path)
			r.path = append(r.path, '/')
			r.path = appendPercentEncoded(r.path, segment, pathSet)
			if r.scheme == "file" && start == 0 && len(segment) == 2 && startsWithDriveLetter(segment) {
				r.path[2] = ':'
			}
		}
		if !more {
			r.parseAfterPath(rest)
			return
		}
		s = rest[1:]
	}
}

// shortenPath removes the last segment.
//
// https://url.spec.whatwg.org/#shorten-a-urls-path
func (r *record) shortenPath() {
	if r.scheme == "file" && len(r.path) == 3 && isASCIIAlpha(r.path[1]) && r.path[2] == ':' {
		return
	}
	if i := bytes.LastIndexByte(r.path, '/'); i >= 0 {
		r.path = r.path[:i]
	}
}

// parseOpaquePath is the opaque path state.
func (r *record) parseOpaquePath(s string) {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	r.opaquePath = true
	path := s[:end]
	// A space at the end would be lost when the serialization without query and fragment is parsed.
	if end < len(s) && strings.HasSuffix(path, " ") {
		path = path[:len(path)-1] + "%20"
	}
	r.path = appendPercentEncoded(nil, path, c0ControlSet)
	r.parseAfterPath(s[end:])
}

// parseAfterPath is the query state, where s begins with '?', and the fragment
// state. Without either, the query stays as it is.
func (r *record) parseAfterPath(s string) {
	before, fragment, hasFragment := strings.Cut(s, "#")
	if before != "" {
		set := querySet
		if r.special {
			set = specialQuerySet
		}
		r.query, r.hasQuery = percentEncode(before[1:], set), true
	}
	if hasFragment {
		r.parseFragment(fragment)
	}
}

func (r *record) parseFragment(s string) {
	r.fragment, r.hasFragment = percentEncode(s, fragmentSet), true
}

// serialize runs the URL serializer.
//
// https://url.spec.whatwg.org/#concept-url-serializer
func (r *record) serialize() string {
	var b strings.Builder
	b.Grow(len(r.scheme) + len(r.username) + len(r.password) + len(r.host) + len(r.path) + len(r.query) + len(r.fragment) + len("://:@:65535?#"))
	b.WriteString(r.scheme)
	b.WriteByte(':')
	if r.hasHost {
		b.WriteString("//")
		if r.username != "" || r.password != "" {
			b.WriteString(r.username)
			if r.password != "" {
				b.WriteByte(':')
				b.WriteString(r.password)
			}
			b.WriteByte('@')
		}
		b.WriteString(r.host)
		if r.port >= 0 {
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(r.port))
		}
	} else if !r.opaquePath && len(r.path) > 1 && r.path[1] == '/' {
		b.WriteString("/.")
	}
	b.Write(r.path)
	if r.hasQuery {
		b.WriteByte('?')
		b.WriteString(r.query)
	}
	if r.hasFragment {
		b.WriteByte('#')
		b.WriteString(r.fragment)
	}
	return b.String()
}

// startsWithDriveLetter reports whether s starts with a Windows drive letter.
//
// https://url.spec.whatwg.org/#start-with-a-windows-drive-letter
func startsWithDriveLetter(s string) bool {
	return len(s) >= 2 && isASCIIAlpha(s[0]) && (s[1] == ':' || s[1] == '|') &&
		(len(s) == 2 || strings.IndexByte(`/\?#`, s[2]) >= 0)
}

// countDots returns 1 for a single-dot path segment, 2 for a double-dot path
// segment, and 0 for every other segment.
//
// https://url.spec.whatwg.org/#single-dot-path-segment
func countDots(segment string) int {
	for dots := 0; dots <= 2; dots++ {
		switch {
		case segment == "":
			return dots
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && segment[:2] == "%2" && segment[2]|0x20 == 'e':
			segment = segment[3:]
		default:
			return 0
		}
	}
	return 0
}

func isASCIIAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isASCIIDigit(c byte) bool { return '0' <= c && c <= '9' }

// quote shows s in a problem, cut where it is long.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(cut(s)) + "…"
	}
	return strconv.Quote(s)
}

// cut returns the beginning of s, which is longer than maxQuoted, up to the
// beginning of a rune.
func cut(s string) string {
	end := maxQuoted
	for end > maxQuoted-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
