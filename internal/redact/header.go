package redact

import (
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/status"
)

// A grammar says of a word of a header's value whether it may be kept: it knows all
// words that there are, or a form in which nothing secret fits.
type grammar struct {
	// words are the bytes besides letters and digits that words are made of.
	words string
	keep  func(w *word) bool
	// digits says that digits are kept, and end words: engines differ in how they read
	// what begins or ends as a number.
	digits bool
}

// A word is a word in the value of a header, with what is around it.
type word struct {
	text          string
	before, after string
	// name is the word before the "=" that is before this one, in lower case.
	name string
}

// fixed returns a grammar of words of a list, numbers, and nothing else.
func fixed(list string) *grammar {
	known := set(list)
	return &grammar{words: "-_.", keep: func(w *word) bool { return isNumber(w.text) || known[headers.Lower(w.text)] }}
}

// grammars are of headers of which something is kept. Of others nothing is.
var grammars = func() map[string]*grammar {
	m := make(map[string]*grammar)
	for names, g := range map[string]*grammar{
		"accept content-type":                         mimeTypes,
		"accept-language content-language":            languages,
		"accept-encoding content-encoding te":         codings,
		"user-agent server x-powered-by via":          products,
		"www-authenticate proxy-authenticate":         challenges,
		"date expires last-modified if-range":         dates,
		"if-modified-since if-unmodified-since":       dates,
		"allow x-http-method x-http-method-override":  methods,
		"x-method-override":                           methods,
		"age content-length max-forwards rtt ect dpr": numbers,
		"access-control-max-age downlink width":       numbers,
		"viewport-width device-memory retry-after":    numbers,
		"range":                                     ranges,
		"accept-ranges":                             fixed("bytes none"),
		"content-range":                             fixed("bytes"),
		"cache-control":                             fixed(`no-cache no-store no-transform only-if-cached must-revalidate must-understand public private proxy-revalidate max-age s-maxage max-stale min-fresh immutable stale-while-revalidate stale-if-error`),
		"pragma":                                    fixed("no-cache"),
		"connection":                                fixed("keep-alive close upgrade te http2-settings transfer-encoding"),
		"keep-alive":                                fixed("timeout max"),
		"dnt sec-gpc":                               numbers,
		"expect":                                    fixed("100-continue"),
		"priority":                                  fixed("u i"),
		"purpose":                                   fixed("prefetch preview"),
		"sec-purpose":                               fixed("prefetch prerender anonymous-client-ip"),
		"sec-fetch-dest":                            fixed(destinations),
		"sec-fetch-mode":                            fixed("cors navigate nested-navigate no-cors same-origin websocket"),
		"sec-fetch-site":                            fixed("cross-site same-origin same-site none"),
		"sec-fetch-user":                            numbers,
		"sec-fetch-storage-access":                  fixed("none inactive active"),
		"access-control-allow-credentials":          fixed("true false yes no on off"),
		"access-control-request-private-network":    fixed("true false"),
		"access-control-allow-private-network":      fixed("true false"),
		"access-control-request-local-network":      fixed("true false"),
		"access-control-allow-local-network":        fixed("true false"),
		"cross-origin-resource-policy":              fixed("same-site same-origin cross-origin"),
		"cross-origin-embedder-policy":              fixed("unsafe-none require-corp credentialless report-to"),
		"cross-origin-embedder-policy-report-only":  fixed("unsafe-none require-corp credentialless report-to"),
		"cross-origin-opener-policy":                fixed("unsafe-none same-origin same-origin-allow-popups noopener-allow-popups report-to"),
		"strict-transport-security":                 fixed("max-age includesubdomains preload"),
		"transfer-encoding":                         fixed("chunked compress deflate gzip identity"),
		"upgrade":                                   fixed("websocket h2c tls http"),
		"upgrade-insecure-requests save-data x-moz": fixed("on prefetch"),
		"x-content-type-options":                    fixed("nosniff"),
		"x-frame-options":                           fixed("deny sameorigin allow-from"),
		"x-cache cf-cache-status x-cache-status":    fixed("hit miss expired stale bypass revalidated updating dynamic error from cloudfront refreshhit tcp_hit tcp_miss"),
		"cf-mitigated":                              fixed("challenge"),
		"referrer-policy":                           fixed("no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin strict-origin-when-cross-origin unsafe-url"),
		"sec-ch-ua-mobile sec-ch-prefers-reduced-motion": fixed("no-preference reduce"),
		"sec-ch-ua-platform sec-ch-prefers-color-scheme": fixed("android chrome os chromium ios linux macos windows unknown light dark"),
		"sec-ch-ua": brands,
		"timing-allow-origin access-control-allow-origin": origins,
		"origin": origins,
		"content-security-policy content-security-policy-report-only": policies,
	} {
		for name := range strings.FieldsSeq(names) {
			m[name] = g
		}
	}
	return m
}()

const destinations = `audio audioworklet document embed empty fencedframe font frame iframe image json manifest object paintworklet report script
	serviceworker sharedworker speculationrules style text track video webidentity worker xslt`

var (
	numbers = &grammar{digits: true, keep: func(*word) bool { return false }}
	ranges  = &grammar{digits: true, keep: func(w *word) bool { return headers.EqualFold(w.text, "bytes") }}
	dates   = fixed("mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may jun jul aug sep oct nov dec gmt utc")
	methods = &grammar{words: "-_.", keep: func(w *word) bool { return isKnownMethod(w.text) }}
	codings = fixed("gzip x-gzip deflate br zstd compress x-compress identity dcb dcz aes128gcm exi pack200-gzip trailers chunked q")
	// https://www.iana.org/assignments/http-authschemes/
	authSchemes = set("basic bearer concealed digest dpop gnap hoba mutual negotiate ntlm oauth privatetoken scram-sha-1 scram-sha-256 vapid aws4-hmac-sha256 apikey token")
	challenges  = &grammar{words: "-_.", keep: func(w *word) bool {
		text := headers.Lower(w.text)
		switch {
		case strings.HasPrefix(w.after, "="):
			return challengeNames[text]
		case w.name != "":
			return challengeValues[w.name][text]
		}
		return authSchemes[text]
	}}
	challengeNames  = set("realm charset algorithm stale qop nonce opaque domain error error_description error_uri scope title max-age authz_server resource_metadata")
	challengeValues = map[string]map[string]bool{
		"charset": set("utf-8"), "stale": set("true false"), "qop": set("auth auth-int"), "algorithm": set("md5 sha-256 sha-512-256 md5-sess sha-256-sess"),
		"error": set("invalid_request invalid_token insufficient_scope"),
	}
	languages = &grammar{words: "-", keep: func(w *word) bool {
		if text := headers.Lower(w.text); text == "q" || isNumber(text) {
			return true
		}
		return isLanguageTag(w.text)
	}}
	mimeTypes = &grammar{words: "-_.+!#$&^*", keep: keepOfMIMEType}
	// The product tokens of User-Agent, with their major versions.
	products = &grammar{words: "-_.", keep: func(w *word) bool {
		switch {
		case strings.HasSuffix(w.before, "/"):
			return isNumber(w.text)
		case w.before == "" || strings.HasSuffix(w.before, " ") || strings.HasSuffix(w.before, ","):
			return isPlainWord(w.text)
		}
		return false
	}}
	brands = &grammar{words: "-_ ()/.;", keep: func(w *word) bool { return isNumber(w.text) || w.text == "v" || isBrand(w.text) }}
	// origins keeps what is of a scheme and a host, which are before and behind "://", and
	// hosts that are alone.
	origins = &grammar{words: "-_.", keep: func(w *word) bool {
		text := headers.Lower(w.text)
		switch {
		case originWords[text]:
			return true
		case strings.HasPrefix(w.after, "://"):
			return isScheme(w.text) && isPlainWord(w.text)
		case strings.HasSuffix(w.before, "://"), strings.HasSuffix(w.before, "://["), strings.HasSuffix(w.before, "://*."):
			return !strings.HasPrefix(w.after, "@") && !strings.Contains(authorityOf(w.after), "@")
		case strings.HasSuffix(w.before, ":"):
			return isNumber(w.text) && len(w.text) <= len("65535")
		}
		return looksLikeHost(w.text)
	}}
	// policies keeps the directives and keywords of Content Security Policy, and the hosts that are
	// allowed, of which a verdict depends on all; nonces, hashes and paths go.
	policies = &grammar{words: "-_.", keep: func(w *word) bool { return policyWords[headers.Lower(w.text)] || origins.keep(w) }}
	// https://w3c.github.io/webappsec-csp/#csp-directives
	policyWords = set(`child-src connect-src default-src fenced-frame-src font-src frame-src img-src manifest-src media-src object-src prefetch-src
		script-src script-src-elem script-src-attr style-src style-src-elem style-src-attr worker-src base-uri sandbox form-action frame-ancestors
		webrtc report-uri report-to require-trusted-types-for trusted-types upgrade-insecure-requests block-all-mixed-content
		self none unsafe-inline unsafe-eval unsafe-hashes strict-dynamic report-sample wasm-unsafe-eval
		http https ws wss data blob mediastream filesystem
		allow-downloads allow-forms allow-modals allow-orientation-lock allow-pointer-lock allow-popups allow-popups-to-escape-sandbox
		allow-presentation allow-same-origin allow-scripts allow-top-navigation allow-top-navigation-by-user-activation`)
	originWords = set("null none true false undefined self any all origin http_origin localhost file")
)

// authorityOf returns what is left of an authority.
func authorityOf(s string) string { return s[:indexOrEnd(s, "/\\?# \t,\"'")] }

func isNumber(s string) bool {
	const longest = 20
	return s != "" && len(s) <= longest && strings.Trim(s, "0123456789.-") == "" && strings.ContainsAny(s, "0123456789")
}

func isKnownMethod(s string) bool { return knownMethods[headers.Lower(s)] }

// https://www.iana.org/assignments/http-methods/
var knownMethods = set(`get head post put delete connect options trace patch query acl baseline-control bind checkin checkout copy label link lock merge
	mkactivity mkcalendar mkcol mkredirectref mkworkspace move orderpatch pri propfind proppatch purge rebind report search track unbind uncheckout
	unlink unlock update updateredirectref version-control`)

// isLanguageTag reports whether s is made as a language tag is: a language of two or three
// letters and a few short subtags.
//
// https://www.rfc-editor.org/rfc/rfc5646.html#section-2.1
func isLanguageTag(s string) bool {
	language, rest, more := strings.Cut(s, "-")
	if len(language) < 2 || len(language) > 3 || strings.ContainsAny(language, "0123456789") {
		return false
	}
	for range 3 {
		if !more {
			return true
		}
		var subtag string
		subtag, rest, more = strings.Cut(rest, "-")
		const script, longest = 4, 8
		digits := strings.ContainsAny(subtag, "0123456789")
		if subtag == "" || len(subtag) > longest || len(subtag) > script && !digits || digits && len(subtag) != 3 && len(subtag) != script && !isVariant(subtag) {
			return false
		}
	}
	return !more
}

func isVariant(subtag string) bool { return variants[headers.Lower(subtag)] }

// Those variants of languages that browsers' settings offer.
var variants = set("1901 1996 1994 valencia ekavsk ijekavsk oxendict tarask polyton monoton")

// keepOfMIMEType keeps type and subtype, the names of parameters that are known, and
// values that a list of character encodings has, or that are numbers.
func keepOfMIMEType(w *word) bool {
	text := headers.Lower(w.text)
	switch {
	case strings.HasPrefix(w.after, "="):
		return mimeParameters[text]
	case w.name == "charset":
		return isCharset(text)
	case w.name == "q", w.name == "level", w.name == "version":
		return isNumber(text)
	case w.name == "v":
		return isNumber(strings.TrimPrefix(text, "b"))
	case w.name != "":
		return false
	case strings.HasPrefix(w.after, "/"):
		return mimeKinds[text]
	case strings.HasSuffix(w.before, "/"):
		kind := w.before[strings.LastIndexAny(w.before[:len(w.before)-1], " ,;\t\"/")+1 : len(w.before)-1]
		return mimeKinds[headers.Lower(kind)] && (text == "*" || isPlainWord(w.text))
	}
	return false
}

var (
	mimeKinds      = set("application audio font image message model multipart text video *")
	mimeParameters = set("charset q boundary v level version profile type start-info codecs delsp format odata.metadata ieee754compatible streaming")
)

func isCharset(s string) bool {
	for _, family := range [...]string{"iso-8859-", "windows-", "ibm", "cp", "koi8-"} {
		if rest, ok := strings.CutPrefix(s, family); ok {
			return isNumber(rest) || rest == "r" || rest == "u" || rest == "8-i"
		}
	}
	return charsets[s]
}

var charsets = set(`utf-8 utf8 utf-16 utf-16le utf-16be utf-7 us-ascii ascii latin1 iso-2022-jp iso-2022-kr shift_jis shift-jis sjis euc-jp euc-kr gbk gb2312 gb18030 big5
	big5-hkscs macintosh x-mac-cyrillic x-user-defined tis-620 binary`)

// isPlainWord reports whether s is a word of letters, perhaps with a few digits, as names
// of products and types are, and not one that was made at random.
func isPlainWord(s string) bool {
	const longest = 80
	digits, letters, turns := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
			if i > 0 && isLower(s[i-1]|0x20) {
				turns++
			}
		case isLower(c | 0x20):
			letters++
		case c >= utf8.RuneSelf:
			return false
		}
	}
	const most = 4
	return len(s) <= longest && letters > 0 && digits <= most && turns <= 2 && !tokenLike(s)
}

// isBrand reports whether s is the name of a browser, or one that is there to be ignored.
//
// https://wicg.github.io/ua-client-hints/#create-arbitrary-brands-section
func isBrand(s string) bool {
	for name := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune(" ()-./;_", c) }) {
		if !brandWords[headers.Lower(name)] && !isNumber(name) {
			return false
		}
	}
	return true
}

var brandWords = set("not a brand google chrome chromium microsoft edge opera brave yabrowser yowser headlesschrome android webview samsung internet vivaldi v any")

func looksLikeHost(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	return dot > 0 && len(s)-dot > 2 && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		strings.Trim(s[dot+1:], "abcdefghijklmnopqrstuvwxyz") == "" && !tokenLike(s)
}

// A replacer says what comes in place of a word that is not kept.
type replacer interface {
	replace(word string) string
	secret(word string) bool // a word that is not kept although the grammar would
}

// reduce returns the value of a header with those words that its grammar keeps.
func reduce(name, value string, r replacer) string {
	name = headers.Lower(name)
	switch {
	case value == "":
		return "" // which tells that there are no credentials in it
	case name == "cookie", name == "set-cookie":
		return cookies(value, name == "set-cookie")
	case IsPlaceholder(value):
		return Redacted
	case name == "authorization", name == "proxy-authorization":
		return credentials(value)
	case name == "user-agent", name == "server", name == "x-powered-by", name == "via":
		value = withoutComments(value)
	}
	g := grammars[name]
	if g == nil {
		return Redacted
	}
	var b strings.Builder
	w := new(word)
	done := 0
	for i := 0; i < len(value); {
		if !g.isWordByte(value[i]) {
			if strings.IndexByte(";, ", value[i]) >= 0 {
				w.name = ""
			}
			i++
			continue
		}
		end := i
		for end < len(value) && g.isWordByte(value[end]) {
			end++
		}
		w.text, w.before, w.after = value[i:end], value[:i], value[end:]
		b.WriteString(value[done:i])
		switch {
		case g == products && strings.HasSuffix(w.before, "/") && isNumber(major(w.text)):
			b.WriteString(major(w.text))
		case g.keep(w) && !r.secret(w.text):
			b.WriteString(w.text)
		default:
			b.WriteString(r.replace(w.text))
		}
		if strings.HasPrefix(w.after, "=") {
			w.name = headers.Lower(w.text)
		}
		done, i = end, end
	}
	b.WriteString(value[done:])
	return b.String()
}

func (g *grammar) isWordByte(c byte) bool {
	return isLower(c|0x20) || '0' <= c && c <= '9' && !g.digits || c >= utf8.RuneSelf || strings.IndexByte(g.words, c) >= 0
}

// redactedWords replaces words for people.
type redactedWords struct{}

func (redactedWords) replace(string) string { return Redacted }
func (redactedWords) secret(string) bool    { return false }

// cookies returns a Cookie header with the names of the cookies, or a Set-Cookie header
// with the name and the attributes.
func cookies(value string, set bool) string {
	parts := strings.Split(value, ";")
	for i, part := range parts {
		if set && i > 0 {
			parts[i] = cookieAttribute(part)
			continue
		}
		space := part[:len(part)-len(strings.TrimLeft(part, " \t"))]
		if name, _, ok := strings.Cut(part, "="); ok && !tokenLike(name) {
			parts[i] = name + "=" + Redacted
		} else if strings.TrimSpace(part) != "" {
			parts[i] = space + Redacted
		}
	}
	return strings.Join(parts, ";")
}

// cookieAttribute returns an attribute of a cookie if browsers know it.
func cookieAttribute(attribute string) string {
	name, value, ok := strings.Cut(attribute, "=")
	switch headers.Lower(strings.TrimSpace(name)) {
	case "secure", "httponly", "partitioned", "samesite", "max-age", "domain", "priority", "expires":
		if !ok || len(value) <= len("Wednesday, 01-Jan-2030 00:00:00 GMT") && !tokenLike(value) {
			return attribute
		}
		return name + "=" + Redacted
	case "path":
		return name + "=" + Text(value)
	}
	return " " + Redacted
}

// credentials returns the scheme of an Authorization.
func credentials(value string) string {
	scheme, _, ok := strings.Cut(value, " ")
	if ok && authSchemes[headers.Lower(scheme)] {
		return scheme + " " + Redacted
	}
	return Redacted
}

// withoutComments returns the product tokens of a User-Agent.
//
// https://httpwg.org/specs/rfc9110.html#field.user-agent
func withoutComments(s string) string {
	var b strings.Builder
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && !(c == ' ' && strings.HasSuffix(b.String(), " ")):
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}

// major returns the major one of the numbers of a version.
func major(version string) string {
	end := 0
	for end < len(version) && '0' <= version[end] && version[end] <= '9' {
		end++
	}
	const longest = 4
	return version[:min(end, longest)]
}

// statusTexts are the reason phrases that are registered or often used.
var statusTexts = func() map[string]bool {
	m := map[string]bool{"ok": true, "connection established": true, "moved temporarily": true, "no response": true, "request-uri too long": true}
	for code := range 600 {
		if text := status.Text(code); text != "" {
			m[headers.Lower(text)] = true
		}
	}
	return m
}()
