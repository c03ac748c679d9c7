package redact

import (
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A maskedWords replaces words by as many bytes of the same kind, so that what is allowed
// for what length and for which bytes is so of what is left too.
type maskedWords struct{ *Copy }

// mask is a byte that values of all headers may have, in every place.
const mask = '-'

func (maskedWords) replace(word string) string {
	b := []byte(word)
	for i, c := range b {
		b[i] = mask
		if c >= utf8.RuneSelf {
			b[i] = 0xE9 // é
		}
	}
	return string(b)
}

func (m maskedWords) secret(word string) bool { return m.known.has(word) }

// Header returns the value of a header as far as a copy is judged by it.
func (c *Copy) Header(name, value string) string {
	switch name = headers.Lower(name); name {
	case "set-cookie", "cookie":
		if value == "" {
			return ""
		}
		return Redacted
	case "location":
		return c.URL(value)
	case "host":
		return c.Authority(value)
	case "referer":
		return c.OriginOf(value)
	case "origin", "access-control-allow-origin":
		// Origins stay, though a cookie may have had "https" or a host as its value.
		if u, err := weburl.Parse(value); err == nil && u.IsHTTP() && u.Origin().String() == value {
			return value
		}
	case "access-control-request-method", "access-control-allow-methods":
		return c.members(value, c.Method)
	case "access-control-request-headers", "access-control-allow-headers", "access-control-expose-headers", "vary":
		return c.members(value, c.HeaderName)
	}
	return reduce(name, value, maskedWords{c})
}

// members returns a list of tokens with another token in place of each. What is no token
// stays one that is not.
func (c *Copy) members(list string, token func(string) string) string {
	if IsPlaceholder(list) {
		return Redacted
	}
	var b strings.Builder
	for i, member := range strings.Split(list, ",") {
		if i > 0 {
			b.WriteByte(',')
		}
		text := strings.Trim(member, " \t")
		at := strings.Index(member, text)
		if headers.IsToken(text) {
			text = token(text)
		} else {
			text = c.masked(text)
		}
		b.WriteString(member[:at] + text + member[at+len(strings.Trim(member, " \t")):])
	}
	return b.String()
}

// masked masks all letters and digits.
func (c *Copy) masked(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if isWordByte(s[i]) || s[i] >= utf8.RuneSelf {
			b.WriteString(maskedWords{c}.replace(s[i : i+1]))
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// Method returns a method that is known, or a name for another, which is in lower case
// where that is.
func (c *Copy) Method(method string) string {
	if !headers.IsToken(method) || isKnownMethod(method) || method == "*" {
		return method
	}
	name := "METHOD-" + strings.ToUpper(c.digest(headers.Lower(method)))
	switch method {
	case strings.ToUpper(method):
		return name
	case headers.Lower(method):
		return headers.Lower(name)
	}
	return "Method-" + c.digest(headers.Lower(method))
}

// HeaderName returns the name of a header, unless there is a secret in it.
func (c *Copy) HeaderName(name string) string {
	switch {
	case !headers.IsToken(name):
		return "not a token"
	case tokenLike(name) && !isWords(name), c.known.has(name):
		return "x-" + c.digest(headers.Lower(name))
	}
	return name
}

// isWords reports whether a long name is made of words between hyphens, as that of a header
// is.
func isWords(name string) bool {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if !isPlainWord(word) && !isNumber(word) {
			return false
		}
	}
	return true
}

// URL returns a URL, absolute or relative, of which all is replaced that is no host, no
// name of a parameter and no plain word of a path, without its fragment. Of URLs without a
// host only the scheme is left.
func (c *Copy) URL(s string) string {
	if IsPlaceholder(s) {
		return Redacted
	}
	if scheme, _, ok := strings.Cut(s, ":"); ok && isScheme(scheme) && !isSpecialScheme(scheme) && !strings.Contains(s, "://") {
		return scheme + ":" + Redacted
	}
	s, _, _ = strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(s, "?")
	// Scheme and host stay, though a cookie may have had them as its value; not what lets somebody in.
	host, path := path[:authorityEnd(path)], path[authorityEnd(path):]
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		if begin := strings.Index(host, "//") + 2; begin >= 2 && begin <= at {
			host = host[:begin] + c.Name(host[begin:at]) + host[at:]
		} else {
			host = c.Text(host)
		}
	}
	var b strings.Builder
	b.WriteString(host)
	for i, segment := range strings.Split(c.Text(path), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(c.word(segment))
		if name, last := c.word(segment), strings.LastIndexByte(segment, '.'); last >= 0 && name != segment && !strings.HasSuffix(name, segment[last:]) && extensions[headers.Lower(segment[last+1:])] {
			b.WriteString(segment[last:]) // which tells what the request is for
		}
	}
	if !hasQuery {
		return b.String()
	}
	separator := byte('?')
	for parameter := range strings.SplitSeq(query, "&") {
		b.WriteByte(separator)
		separator = '&'
		name, value, ok := strings.Cut(parameter, "=")
		if c.Text(name) != name {
			name = c.Name(name)
		}
		b.WriteString(c.word(name))
		if ok {
			b.WriteString("=" + c.Name(value))
		}
	}
	return b.String()
}

// word returns a word of a path, or a name for one that may be a secret.
func (c *Copy) word(s string) string {
	const shortest = 4
	if tokenLike(s) || c.known.full() && len(s) >= shortest && !strings.HasPrefix(s, Redacted) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-_.") != "" {
		return c.Name(s)
	}
	return s
}

// RequestURL returns the URL of a request: as browsers spell it, or if it is none for
// them, none.
func (c *Copy) RequestURL(raw string) string {
	u, err := weburl.Parse(raw)
	if err != nil {
		return Redacted
	}
	return c.URL(u.String())
}

// Authority returns a host and a port without the user information before them.
func (c *Copy) Authority(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return c.Name(s[:at]) + "@" + c.Authority(s[at+1:])
	}
	if IsPlaceholder(s) {
		return Redacted
	}
	if strings.Trim(headers.Lower(s), "abcdefghijklmnopqrstuvwxyz0123456789-._~%:[]*") != "" {
		return c.masked(s)
	}
	return s
}

// OriginOf returns the URL of a page without all that is behind its origin.
func (c *Copy) OriginOf(url string) string {
	u, err := weburl.Parse(url)
	if err != nil {
		return ""
	}
	scheme, rest, ok := strings.Cut(u.String(), "://")
	if !ok {
		return ""
	}
	rest = rest[:indexOrEnd(rest, "/?#")]
	return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:] + "/"
}

// Product returns the name of a program and the major number of its version.
func (c *Copy) Product(name, version string) (string, string) {
	const longest = 40
	if len(name) > longest || c.known.has(name) {
		name = Redacted
	}
	for word := range strings.FieldsSeq(name) {
		if strings.Trim(headers.Lower(word), "abcdefghijklmnopqrstuvwxyz0123456789-_.()") != "" || !isPlainWord(word) && !isNumber(word) {
			name = Redacted
		}
	}
	return name, major(version)
}

// Scheme returns the scheme of a URL.
func (c *Copy) Scheme(s string) string {
	if s == "" || isSpecialScheme(s) {
		return s
	}
	return c.masked(s)
}

// HTTPVersion returns the version of HTTP that a recorder wrote.
func (c *Copy) HTTPVersion(s string) string {
	version := headers.Lower(s)
	if rest, ok := strings.CutPrefix(version, "http/"); ok && isNumber(rest) || httpVersions[version] {
		return s
	}
	return ""
}

// extensions are those of files that pages load.
var extensions = set("avif bmp css eot gif ico jpeg jpg js json m4a m4v mjs mp3 mp4 ogg otf png svg ttf wav webm webp woff woff2")

var httpVersions = set("h2 h3 h3-29 h2c http quic http/2+quic/46 data blob unknown spdy/3.1 ws wss")

// Kind returns what a recorder calls the kind of a resource or of what asked for it.
func (c *Copy) Kind(s string) string {
	if s == "" || kinds[headers.Lower(s)] {
		return s
	}
	return "other"
}

var kinds = set(destinations + ` fetch xhr xmlhttprequest eventsource websocket media stylesheet texttrack preflight preload prefetch signedexchange signed-exchange
	parser script redirect other ping beacon csp cspviolationreport csp-violation-report csp_report main_frame sub_frame subdocument mainframe subframe
	imageset web_manifest websockets speculative html css js fonts images wasm data fedcm navigation user link direct`)

// MIMEType returns a MIME type without what is of a form or of a user.
func (c *Copy) MIMEType(s string) string { return c.Header("content-type", s) }

// StatusText returns the reason phrase of a response if it is a usual one.
func (c *Copy) StatusText(status int, text string) string {
	if StatusText(status, text) == text {
		return text
	}
	return ""
}

// Error returns what a recorder wrote about a failure: of the sentences that browsers
// write, the words, the hosts and the paths.
func (c *Copy) Error(s string) string {
	s = c.Text(s)
	var b strings.Builder
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && s[end] > ' ' {
			end++
		}
		if end == i {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString(c.errorWord(s[i:end]))
		i = end
	}
	return b.String()
}

func (c *Copy) errorWord(word string) string {
	bare := strings.Trim(word, "'\"“”‘’`().,:;!?<>[]")
	at := strings.Index(word, bare)
	switch {
	case bare == "", isNumber(bare), errorWords[headers.Lower(bare)], strings.HasPrefix(bare, Redacted):
		return word
	case isErrorCode(bare):
		return word
	case isURL(bare) && strings.Contains(bare, "://"):
		return word[:at] + c.URL(bare) + word[at+len(bare):]
	case headers.IsToken(bare) && strings.Contains(bare, "-") && isWords(bare) && grammars[headers.Lower(bare)] != nil,
		strings.HasPrefix(headers.Lower(bare), "access-control-") && headers.IsToken(bare):
		return word[:at] + c.HeaderName(bare) + word[at+len(bare):]
	}
	return word[:at] + "…" + word[at+len(bare):]
}

// isErrorCode reports whether s is a code of a browser's network: net::ERR_FAILED,
// NS_ERROR_DOM_BAD_URI, kCFErrorDomainCFNetwork.
func isErrorCode(s string) bool {
	code := strings.TrimPrefix(s, "net::")
	for _, prefix := range [...]string{"ERR_", "NS_ERROR_", "NS_BINDING_", "SEC_ERROR_", "SSL_ERROR_", "MOZILLA_PKIX_ERROR_", "CORS", "BLOCKED_BY_"} {
		if rest, ok := strings.CutPrefix(code, prefix); ok {
			return strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == "" && !tokenLike(rest) || errorWords[headers.Lower(code)]
		}
	}
	return false
}

// errorWords are the words in which browsers and their tools speak of failures.
var errorWords = set(`a aborted access access-control active added address all allow allowed allowlist an and any are as at authority authorization auth be because been before
	blocked body by cache cached cancelled canceled cannot certificate check checks client closed code connect connection content context control cookie cookies
	cors could credentials cross-origin data default denied did different disallowed disallows dns does domain due empty end error errors exception expired
	exceeded expected expose failed failure fetch fetched file for found from frame function get had handshake has have header headers host http https in include
	included info insecure inspector integrity internal internet intervention invalid is issuer it its json kind layer line list load loaded loading local location lost
	match may message method methods missing mixed mode mode's module must name named names net network no none nosniff not null object of offline on only opaque
	opaqueredirect opaque-response-blocking open option options or origin origin's origins other page parse passed passing path peer permission permitted policy port post preflight
	preflight's private process protocol proxy public put range reached read reading readable reason received redirect redirected redirects referrer refused remote request requested requests require required
	required: reset resolve resolved resource resources response response's responses same same-origin sandbox sandboxed scheme schemes script secure security self sent server service set should site
	socket source space ssl state status strict stream supported t terminated that the then this time timed timeout tls to too type unable unexpected
	unknown unreachable unsafe unsupported until uri url urls use used user using valid value values variable via vary was web when where which wildcard will with without
	worker xmlhttprequest you your succeed success successful true false get head delete patch trace
	didn’t doesn’t isn’t can't didn't doesn't isn't won't target targets unspecified only-if-cached cross site multiple contains must-be blocked:other`)
