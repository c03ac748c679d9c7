package explain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Firefox says everything in the user's language. Never translated are the URL, the names
// of headers, "CORS", what is in quotes, and the status; the shape of the sentence is the
// same in all: "… URL … (reason: … CORS 'header' … 'value' …). status: N." By these it
// is read; words are looked at only where nothing else tells two reasons apart.

// localized returns the messages of Firefox in other languages that text has between from
// and to.
func localized(text string, from, to int) (list []Message) {
	for at := from; at < to; {
		n := nextURL(text[at:to])
		if n < 0 {
			return list
		}
		at += n
		start := schemeStart(text, from, at)
		url := urlAt(text[:to], start)
		at = max(at+3, start+len(url))
		if url == "" {
			continue
		}
		s := sentence{url: url, before: lineStart(text, from, start), after: sentenceEnd(text, start+len(url), to)}
		if m, ok := s.read(); ok {
			m.at = start
			list = append(list, m)
		}
	}
	return list
}

// nextURL returns where the colon of the next URL is, -1 for none.
func nextURL(text string) int {
	n := strings.Index(text, "://")
	if data := strings.Index(text, " data:"); data >= 0 && (n < 0 || data < n) {
		return data + len(" data")
	}
	return n
}

// sentence is what surrounds a URL.
type sentence struct{ before, url, after string }

// The most bytes of a sentence that are looked at.
const (
	maxBefore = 400
	maxAfter  = 900
)

func schemeStart(text string, from, colon int) int {
	start := colon
	for start > from && (isWord(text[start-1]) || text[start-1] == '-' || text[start-1] == '+') {
		start--
	}
	return start
}

// lineStart returns what is before a URL in its line and the one before it: mail and
// chat wrap lines.
func lineStart(text string, from, start int) string {
	begin := max(from, start-maxBefore)
	before := text[begin:start]
	if first := strings.LastIndexByte(before, '\n'); first >= 0 {
		if second := strings.LastIndexByte(before[:first], '\n'); second >= 0 {
			before = before[second+1:]
		}
	}
	return before
}

// sentenceEnd returns what is behind a URL, up to the next one.
func sentenceEnd(text string, end, to int) string {
	after := text[end:min(to, end+maxAfter)]
	if next := strings.Index(after, "://"); next >= 0 && !strings.Contains(after[:next], "Access-Control-") {
		after = after[:next]
	}
	if line := strings.Index(after, "\n\n"); line >= 0 {
		after = after[:line]
	}
	return strings.ReplaceAll(after, "\n", " ")
}

// read reads the sentence as one of Firefox's.
func (s sentence) read() (Message, bool) {
	for _, read := range []func() (Message, bool){s.readCORS, s.read2014, s.readNeighbour} {
		if m, ok := read(); ok {
			m.Engine, m.URL = firefox, s.url
			m.settle()
			return m, true
		}
	}
	return Message{}, false
}

// readCORS reads "… URL … (reason: … CORS …)".
func (s sentence) readCORS() (m Message, ok bool) {
	reason, rest, ok := s.reason()
	if !ok {
		return m, false
	}
	status, hasStatus := statusIn(rest)
	header, quoted := headerIn(reason), quotedIn(reason)
	words := strings.ToLower(reason)
	if header == "" && (!strings.Contains(reason, "CORS") || !strings.Contains(s.before, ":")) {
		return m, false
	}
	m.Status = status
	switch header {
	case "access-control-allow-origin":
		m.allowOrigin(quoted, words)
	case "access-control-allow-credentials":
		m.Reason = cors.AllowCredentialsNotTrue
		if contains(quoted, "*") { // as some translations have it
			m.Reason = cors.WildcardAllowOriginWithCredentials
		}
	case "access-control-allow-methods":
		m.Reason = cors.MethodNotAllowed
		if len(quoted) > 0 {
			m.Reason, m.Subject = cors.InvalidAllowMethods, quoted[0]
		}
	case "access-control-allow-headers":
		return m, m.allowHeaders(quoted)
	case "":
		return m, m.withoutHeader(s.url, words, quoted, status, hasStatus)
	default:
		return m, false
	}
	return m, true
}

// read2014 reads "… URL. … CORS.", which Firefox said until 2014 and which has no reason. That it is
// not English tells it from what people write.
func (s sentence) read2014() (m Message, ok bool) {
	next, found := strings.CutPrefix(strings.TrimLeft(s.after, "'\""), ". ")
	end := strings.Index(next, ".")
	if !found || end < 0 || !strings.HasSuffix(strings.TrimSpace(next[:end]), "CORS") || !strings.Contains(s.before, ":") || !strings.ContainsFunc(s.before+next[:end], func(r rune) bool { return r > unicode.MaxLatin1 || unicode.IsLetter(r) && r > unicode.MaxASCII }) {
		return m, false
	}
	return Message{Topic: "enable-cors-2014"}, true
}

// allowOrigin tells apart what is said of Access-Control-Allow-Origin.
func (m *Message) allowOrigin(quoted []string, words string) {
	switch {
	case contains(quoted, "*"):
		m.Reason = cors.WildcardAllowOriginWithCredentials
	case len(quoted) > 0:
		m.Reason, m.Value, m.told = cors.AllowOriginMismatch, quoted[0], true
	case hasAny(words, saySeveral):
		m.Reason = cors.MultipleAllowOrigin
	default:
		m.Reason = cors.MissingAllowOrigin
	}
}

// allowHeaders tells apart what is said of Access-Control-Allow-Headers: what is no token
// is in the response, and what is one in the request.
func (m *Message) allowHeaders(quoted []string) bool {
	if contains(quoted, "*") {
		m.Topic = TopicAuthorizationWildcard
		return true
	}
	if len(quoted) == 0 {
		m.Reason = cors.HeaderNotAllowed
		return true
	}
	m.Subject = quoted[0]
	m.Reason = cors.InvalidAllowHeaders
	if headers.IsToken(m.Subject) {
		m.Reason = cors.HeaderNotAllowed
	}
	return true
}

// withoutHeader tells apart the reasons in which no header is named.
func (m *Message) withoutHeader(url, words string, quoted []string, status int, hasStatus bool) bool {
	scheme, _, _ := strings.Cut(url, ":")
	switch {
	case len(quoted) > 0 && (strings.EqualFold(quoted[0], "origin") || strings.HasPrefix(strings.ToLower(quoted[0]), "orig")):
		m.Topic = TopicOriginNotAdded
	case !strings.HasPrefix(strings.ToLower(scheme), "http") || strings.Contains(words, "http"):
		m.Reason, m.Or = cors.SchemeNotHTTP, []cors.Reason{cors.RedirectScheme}
	case hasAny(words, sayRedirect):
		m.Reason = cors.PreflightRedirect
	case hasAny(words, sayDisabled):
		m.Topic = TopicDisabled
	case hasAny(words, sayPreflight), status > 0:
		m.Reason = cors.PreflightStatus
	default:
		m.Reason = cors.Transport
	}
	return true
}

// What tells apart, in the languages of most users, where no token does.
var (
	saySeveral   = []string{"multipl", "múltipl", "nur ein", "mehrere", "plusieurs", "vários", "várias", "несколько", "多个", "複数", "여러", "meerdere", "birden fazla", "wiel", "kilka", "několik", "flera"}
	sayRedirect  = []string{"redire", "redirig", "weiterleitung", "umleitung", "перенаправлен", "重定向", "リダイレクト", "리다이렉트", "omleiding", "yönlendir", "przekierow", "přesměrov", "omdiriger"}
	sayDisabled  = []string{"disabled", "deaktiviert", "désactiv", "desactiv", "disattiv", "desativ", "отключ", "未启用", "停用", "無効", "비활성", "uitgeschakeld", "devre dışı", "wyłącz", "zakáz", "inaktiver"}
	sayPreflight = []string{"preflight", "vérification", "verificación previa", "comprovação", "预检", "預檢", "プリフライト", "사전 점검", "предварительн", "ön kontrol", "wstępn", "kontrollförfrågan"}
)

func hasAny(text string, stems []string) bool {
	for _, stem := range stems {
		if strings.Contains(text, stem) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, member := range list {
		if member == s {
			return true
		}
	}
	return false
}

// reason returns what is in the parentheses behind the URL, or behind the colon of the
// next sentence, and what follows it. Before its colon is one word, in every language.
func (s sentence) reason() (reason, rest string, ok bool) {
	if inner, rest, ok := inParentheses(s.after); ok {
		if label, reason, colon := strings.Cut(inner, ":"); colon && isLabel(label) && isReason(reason) {
			return reason, rest, true
		}
	}
	next, found := strings.CutPrefix(strings.TrimLeft(s.after, "'\""), ". ")
	label, reason, colon := strings.Cut(next, ":")
	if !found || !colon || !isLabel(label) || !isReason(reason) {
		return "", "", false
	}
	if end := strings.Index(reason, ". "); end >= 0 {
		return reason[:end], reason[end:], true
	}
	return reason, "", true
}

// inParentheses returns what is in the first parentheses of a text, and what follows.
func inParentheses(text string) (inner, rest string, ok bool) {
	open := strings.IndexByte(text, '(')
	if open < 0 || open > maxBetween {
		return "", "", false
	}
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return text[open+1 : i], text[i+1:], true
		}
	}
	return text[open+1:], "", true // cut off
}

// maxBetween is how many bytes of a sentence are between its URL and its reason.
const maxBetween = 160

// isLabel reports whether a text is the word before a reason.
func isLabel(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && len(text) <= 40 && !strings.ContainsAny(text, " -'\"=/")
}

// isReason reports whether a text has what a reason of Firefox has.
func isReason(text string) bool {
	if len(text) > maxAfter {
		return false
	}
	at := strings.Index(text, "Access-Control-Allow-")
	if at < 0 {
		return strings.Contains(text, "CORS")
	}
	// A header in a dump of headers has its value behind a colon.
	name := text[at:]
	for i := range len(name) {
		if !isWord(name[i]) && name[i] != '-' {
			return name[i] != ':' && name[i] != '='
		}
	}
	return true
}

// headerIn returns the name of the CORS header that a text has, in lower case. A
// translation may have torn it apart.
func headerIn(text string) string {
	at := strings.Index(text, "Access-Control-Allow")
	if at < 0 {
		return ""
	}
	name := headers.Lower(strings.Replace(text[at:], "Allow -", "Allow-", 1))
	for _, known := range []string{"access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods", "access-control-allow-headers"} {
		if strings.HasPrefix(name, known) {
			return known
		}
	}
	return "other"
}

// quotedIn returns what is in quotes, except the names of CORS headers. An apostrophe
// within a word opens nothing.
func quotedIn(text string) (list []string) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); !isQuote(c) || unicode.In(before, unicode.Latin, unicode.Cyrillic) {
			continue
		}
		n := strings.IndexByte(text[i+1:], c)
		if n < 0 {
			continue
		}
		inner := strings.TrimSpace(text[i+1 : i+1+n])
		if strings.HasPrefix(headers.Lower(inner), "access-control-allow") || strings.EqualFold(inner, "preflight") {
			i += n + 1
			continue
		}
		if strings.ContainsAny(inner, "(") && !strings.HasPrefix(inner, "(") || inner == "" {
			continue
		}
		list = append(list, inner)
		i += n + 1
	}
	return list
}

// statusIn returns the status that ends a message; ok says that there is one, if only
// (null).
func statusIn(rest string) (status int, ok bool) {
	_, value, colon := strings.Cut(rest, ":")
	if !colon || len(rest)-len(value) > 60 {
		return 0, false
	}
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "(null)") {
		return 0, true
	}
	n := 0
	for n < len(value) && n < 4 && '0' <= value[n] && value[n] <= '9' {
		status = status*10 + int(value[n]-'0')
		n++
	}
	return status, n == 3
}

// readNeighbour reads what is not about CORS, by the tokens that it has in every
// language.
func (s sentence) readNeighbour() (m Message, ok bool) {
	around := s.before + " " + s.after
	lowered := strings.ToLower(around)
	switch {
	case strings.Contains(around, "OpaqueResponseBlocking"):
		m.Topic = "opaque-response-blocking"
	case strings.Contains(s.after, "Cross-Origin-Resource-Policy") && !strings.Contains(s.after, "Cross-Origin-Resource-Policy:"):
		m.Reason = cors.CrossOriginResourcePolicy
	case strings.Contains(s.after, "CORS") && strings.Contains(lowered, "same-origin") && s.quoted():
		m.Topic = "integrity-needs-cors"
	case strings.Contains(s.before, "Content-Security-Policy:") || strings.Contains(s.before, "Content Security Policy:"):
		directive := directiveIn(s.after)
		if directive == "" {
			directive = directiveIn(s.before)
		}
		if directive == "" || isPolicy(s.before) {
			return m, false
		}
		m.Topic, m.Value = "content-security-policy", directive
	case s.quoted() && strings.HasPrefix(s.url, "http://") && hasAny(lowered, sayMixed) && hasAny(lowered, sayActive):
		m.Reason = cors.MixedContent
	default:
		return m, false
	}
	return m, true
}

// Mixed content has no token of its own.
var (
	sayMixed  = []string{"gemischt", "contenu mixte", "mixto", "misto", "смешанн", "混合", "混在", "혼합", "gemengde", "karma ", "mieszan", "smíšen", "blandat"}
	sayActive = []string{"aktiv", "actif", "activ", "attiv", "ativo", "активн", "活动", "アクティブ", "액티브", "actieve", "etkin", "活動"}
)

// quoted reports whether the URL is in quotes.
func (s sentence) quoted() bool {
	before := strings.TrimRight(s.before, " ")
	return before != "" && isQuote(before[len(before)-1])
}

// directives of Content Security Policy that name what may be loaded.
var directives = []string{"connect-src", "default-src", "img-src", "font-src", "script-src", "style-src", "media-src", "frame-src", "worker-src", "manifest-src", "object-src", "child-src"}

// directiveIn returns the directive that a text names, with its sources where they are in
// quotes.
func directiveIn(text string) string {
	for _, name := range directives {
		if at := strings.Index(text, name); at >= 0 {
			rest := text[at:]
			if end := strings.IndexAny(rest, "\")"); end >= 0 {
				rest = rest[:end]
			}
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// isPolicy reports whether what precedes is a policy itself, as in a dump of headers.
func isPolicy(before string) bool {
	_, policy, _ := strings.Cut(before, "olicy:")
	policy = strings.TrimSpace(policy)
	for _, name := range directives {
		if strings.HasPrefix(policy, name) {
			return true
		}
	}
	return strings.HasPrefix(policy, "upgrade-insecure-requests") || strings.HasPrefix(policy, "frame-ancestors")
}
