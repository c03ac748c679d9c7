package explain

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// Whoever asks for help pastes more than the message: the script that asks, what curl -i or the
// Network tab has shown of the answer, the code and configuration of the server. All of that is
// evidence.

// beside is what a text tells besides its messages. The zero value tells nothing.
type beside struct {
	// text is the text, unescaped, with its lines.
	text string
	// method, url, origin, headers and credentials are those of the request, as code, a command or
	// the Network tab tells them; "" where nothing does, or not with one voice.
	method, url, origin string
	headers             headers.List
	credentials         bool
	answers             []shownAnswer
	// options is the status that a sentence gives to OPTIONS, 0 for none.
	options int
	// failed is the status of a failure that a sentence tells of, 0 for none.
	failed int
	// servers are the ids of the recipes of servers that the text names, and outside says that the
	// request works where no browser is.
	servers []string
	outside bool
}

// shownAnswer is an answer that is shown in a text.
type shownAnswer struct {
	Seen
	// whole says that all headers of its request are known, bare that it has no status line: then
	// it may be a part of the answer, or what somebody wants to be one.
	whole, bare bool
	// either says that nothing tells whether it is the answer to OPTIONS.
	either bool
}

// besideOf reads what a text tells besides its messages.
func besideOf(text string) *beside {
	b := &beside{text: text[:min(len(text), maxWords)]}
	t := readTranscripts(text)
	b.answers = t.answers
	if len(b.answers) == 0 {
		b.answers = answersByBody(text)
	}
	b.fromScript(t)
	b.url = cmp.Or(t.asked.URL, b.urlInText())
	b.options, b.failed = statusesInWords(b.text)
	return b
}

var (
	// scriptMethods are where script says by which method it asks, and for which URL.
	scriptMethods = []*regexp.Regexp{
		regexp.MustCompile("(?i)\\bmethod\\s*:\\s*[\"'`](GET|POST|PUT|PATCH|DELETE|HEAD)[\"'`]"),
		regexp.MustCompile("(?i)\\btype\\s*:\\s*[\"'`](POST|PUT|PATCH|DELETE)[\"'`]"),
		regexp.MustCompile(`(?i)\.open\s*\(\s*["'](GET|POST|PUT|PATCH|DELETE|HEAD)["']`),
		regexp.MustCompile(`(?i)(?:\baxios|\$http|this\.http|\bhttp|\bsuperagent|\bky|\$)\.(get|post|put|patch|delete)\s*(?:<[^>\n]*>)?\(`),
	}
	scriptHeader      = regexp.MustCompile("(?i)(?:[\"'`](authorization|content-type|x-[a-z0-9-]{1,40}|api-?key|apikey)[\"'`]\\s*:\\s*|\\b(Authorization)\\s*:\\s*[\"'`]|setRequestHeader\\s*\\(\\s*[\"']([A-Za-z0-9-]{1,40})[\"']\\s*,\\s*)([^\\n,]{0,60})")
	scriptCredentials = regexp.MustCompile(`(?i)withCredentials["']?\s*[:=]\s*true|credentials["']?\s*:\s*["']include["']`)
	otherMethod       = regexp.MustCompile(`\b(?:an?|my|the|sends?|sending|do|make|making) (PUT|PATCH|DELETE) (?:request|call|method)`)
)

// answersByBody returns the answer whose body a text has, in the words of what answers in place of an
// application.
func answersByBody(text string) []shownAnswer {
	for i := range answerSigns {
		s := &answerSigns[i]
		if len(s.body) < minBody || !strings.Contains(s.body, " ") || !strings.Contains(text, s.body) || s.on == "OPTIONS" {
			continue
		}
		status := 502
		if s.statuses != nil {
			status = s.statuses[0]
		}
		return []shownAnswer{{Seen: Seen{Method: "GET", Status: status, Response: headers.List{}, Body: s.body}, either: true}}
	}
	return nil
}

// maxWords is how much of a text is read for what is said in words: a log that is longer tells
// nothing more.
const maxWords = 64 << 10

// minBody is how long a sentence must be that nobody else says.
const minBody = 20

// fromScript reads the request from script and from tools.
func (b *beside) fromScript(t *transcripts) {
	b.origin, _ = t.asked.Request.Get("Origin")
	for i := range b.answers {
		if b.origin == "" {
			b.origin = b.answers[i].from()
		}
	}
	if _, err := origin.Parse(b.origin); err != nil {
		b.origin = ""
	}
	b.credentials = scriptCredentials.MatchString(b.text)
	var methods []string
	if method := t.asked.Method; method != "" && method != "OPTIONS" && method != "HEAD" {
		methods = append(methods, method)
	}
	for _, expression := range append(scriptMethods, otherMethod) {
		for _, match := range expression.FindAllStringSubmatch(b.text, 20) {
			methods = append(methods, strings.ToUpper(match[1]))
		}
	}
	slices.Sort(methods)
	methods = slices.Compact(methods)
	if simple := func(m string) bool { return m == "GET" || m == "POST" }; len(methods) > 1 {
		// Of several that which needs a preflight tells more.
		methods = slices.DeleteFunc(methods, simple)
	}
	if len(methods) == 1 {
		b.method = methods[0]
	}
	for _, at := range scriptHeader.FindAllStringSubmatchIndex(b.text, 40) {
		b.scriptHeader(at)
	}
	for _, h := range t.asked.Request {
		if name := headers.Lower(h.Name); name == "authorization" || name == "content-type" || strings.HasPrefix(name, "x-") {
			b.addHeader(h.Name, h.Value)
		}
	}
}

// scriptHeader adds a header that script sends, if it is script that asks: a server's code that
// answers names headers too.
func (b *beside) scriptHeader(at []int) {
	group := func(n int) string {
		if at[2*n] < 0 {
			return ""
		}
		return b.text[at[2*n]:at[2*n+1]]
	}
	before := b.text[max(0, at[0]-nearScript):at[0]]
	calls := asksByScript.FindAllStringIndex(before, -1)
	if group(3) == "" && (calls == nil || answers.MatchString(before[calls[len(calls)-1][0]:])) {
		return
	}
	b.addHeader(cmp.Or(group(1), group(2), group(3)), strings.Trim(group(4), " \"'`,;})"))
}

// addHeader adds a request header, once.
func (b *beside) addHeader(name, value string) {
	if !b.headers.Contains(name) && headers.IsToken(name) {
		b.headers.Append(name, value)
	}
}

// urls are addresses in a text, and what is directly before them.
var urls = regexp.MustCompile("(.{0,24})\\b((?:https?|wss?)://[^\\s\"'`<>\\\\|]+)")

// notAsked is what is before an address that is not one that script asks for.
var notAsked = regexp.MustCompile(`(?i)(?:from|import|require\(|src=|href=|image\]\(|see|docs?:?|@)\s*["'(]?$`)

// elsewhere are the hosts to which people link from what they write.
var elsewhere = []string{
	"github.com", "githubusercontent.com", "stackoverflow.com", "chromestatus.com", "mozilla.org", "deno.land", "npmjs.com", "imgur.com", "w3.org", "whatwg.org", "jsfiddle.net",
	"codepen.io", "codesandbox.io", "stackblitz.com", "enable-cors.org", "wikipedia.org", "goo.gl", "bit.ly", "youtube.com", "microsoft.com/", "unpkg.com", "jsdelivr.net", "schemas.", "xmlns",
	"reactjs.org", "angular.io", "spring.io", "test-cors.org", "chrome.com", "chromium.org", "schema.org", "example.org/docs",
}

// urlInText returns the address that a text is about where it has addresses of one host only,
// apart from links.
func (b *beside) urlInText() (found string) {
	host := ""
	for _, match := range urls.FindAllStringSubmatch(b.text, 60) {
		url := strings.TrimRight(match[2], ".,;:)]}*_>")
		if notAsked.MatchString(match[1]) || slices.ContainsFunc(elsewhere, func(s string) bool { return strings.Contains(url, s) }) {
			continue
		}
		u, err := weburl.Parse(url)
		if err != nil || u.Path() == "/" && isPageAddress(match[1]) {
			continue
		}
		this := u.Origin().String()
		if host != "" && this != host {
			return ""
		}
		if host == "" || u.Path() != "/" && strings.HasSuffix(found, "/") {
			host, found = this, url
		}
	}
	return found
}

// isPageAddress reports whether what is before an address says that it is the page's.
func isPageAddress(before string) bool {
	before = strings.ToLower(before)
	for _, word := range []string{"origin", "front", "client", "page", "running on", "react", "angular", "vue"} {
		if strings.Contains(before, word) {
			return true
		}
	}
	return false
}

var (
	optionsInLog      = regexp.MustCompile(`"OPTIONS \S+ HTTP/[\d.]+" ([45]\d\d)\b|\| +([45]\d\d) +\|[^\n]{0,80}\| +OPTIONS\b|\bOPTIONS \S+ ([45]\d\d) [\d.]+ ?ms`)
	optionsThenStatus = regexp.MustCompile(`(?i)\b(?:options|pre-?flight)\b[^.\n|]{0,70}?\b([45]\d\d)\b`)
	statusThenOptions = regexp.MustCompile(`(?i)\b([45]\d\d)\b[^.\n|]{0,60}?\b(?:options|pre-?flight)\b`)
	statusInWords     = regexp.MustCompile(`(?i)\bstatus=([45]\d\d)\b|(?:status(?: code)?|error|returns?|returned|with|HTTP|got|getting|gives|a|an)[ :(]{1,3}([45]\d\d)\b|\b(5\d\d) (?:\(?internal server|bad gateway|service unavail|gateway time|error)|\b(413) |\b(4\d\d) \(?(?:unauthorized|forbidden|not found|method not)`)
)

// statusesInWords returns the statuses that sentences give: to OPTIONS, and to what failed.
func statusesInWords(text string) (options, failed int) {
	if strings.Contains(text, "No route matches [OPTIONS]") { // Rails
		options = 404
	}
	if match := optionsInLog.FindStringSubmatch(text); match != nil && options == 0 {
		options, _ = strconv.Atoi(cmp.Or(match[1:]...))
	}
	for _, expression := range []*regexp.Regexp{optionsThenStatus, statusThenOptions} {
		if match := expression.FindStringSubmatch(text); match != nil && options == 0 {
			options, _ = strconv.Atoi(match[1])
		}
	}
	if match := statusInWords.FindStringSubmatch(text); match != nil {
		failed, _ = strconv.Atoi(cmp.Or(match[1:]...))
	}
	return options, failed
}

// slashInWords is who has seen that it depends on the slash at an URL's end.
var slashInWords = regexp.MustCompile(`(?i)\b(?:trailing|last|final|ending) slash`)

// mixedContent is who has trouble with it.
var mixedContent = regexp.MustCompile(`(?i)mixed[- ]content[^\n]{0,60}(?:error|block|issue|problem)|(?:error|block|issue|problem)[^\n]{0,60}mixed[- ]content`)

// addedHeader are names of request headers that libraries add, and nobody else mentions.
var addedHeader = regexp.MustCompile(`(?i)\b(?:sentry-trace|traceparent|tracestate|x-datadog-[a-z-]+|uber-trace-id|newrelic|x-amzn-trace-id|ngsw-bypass)\b`)

// contentScript is what extensions have.
var contentScript = regexp.MustCompile(`(?i)\bcontent[- ]?scripts?\b|\buserscripts?\b|tampermonkey|greasemonkey|violentmonkey`)

// complains is who has trouble with CORS, in a sentence.
var complains = regexp.MustCompile(`(?i)(?:` + corsWords + `)[^\n]{0,80}?(?:` + troubleWords + `)|(?:` + troubleWords + `)[^\n]{0,80}?(?:` + corsWords + `)`)

const (
	corsWords    = `\bcors\b|跨域|blocage de requ|\borigin\b.{0,2} header|origin is not allowed|cross[- ]?origin|cross[- ]?domain|access-control-[a-z-]+|pre-?flight`
	troubleWords = `error|\bno\b|without|erreur|erro\b|fehler|probl|ошибк|报错|错误|失败|解决|エラー|오류|issue|problem|block|fail|wrong|missing|absent|\bnot\b|n't\b|twice|\bwhy\b|denied|refus|reject|drop|\blos[et]|lacks?\b|strip|\b[45]\d\d\b`
)

// complete returns the messages with what the rest of the text tells: each knows it, and where none
// names a cause the answers that are shown may.
func (b *beside) complete(list []Message) []Message {
	most := -1
	for i := range list {
		most = max(most, list[i].rank())
	}
	if most < ranks[TopicUnknown] {
		if m, ok := b.judged(); ok && (most >= 0 || len(b.answers) == 0 || m.Reason == cors.MultipleAllowOrigin || complains.MatchString(b.text)) {
			list = slices.DeleteFunc(list, func(n Message) bool { return n.rank() <= ranks[TopicNoAnswer] })
			list = append(list, m)
		}
	}
	if len(list) > 0 {
		b.servers = recipe.Named(b.text)
		b.outside = outsideOfPages.MatchString(b.text)
	}
	about := 0
	for i := range list {
		if list[i].isAboutCORS() {
			about++
		}
	}
	for i := range list {
		m := &list[i]
		m.beside = b
		if !m.isAboutCORS() && m.Topic != TopicScript {
			continue
		}
		m.single = about <= 1
		if m.single && m.Reason == cors.MissingAllowOrigin && b.options != 0 && (m.Status == 0 || m.Status == b.options) {
			m.Preflight, m.Status = true, b.options // old messages do not tell
		}
		if m.URL == "" && len(list) == 1 && b.url != "" && !strings.HasPrefix(b.url+"/", m.Origin+"/") {
			m.URL = b.url
		}
		if m.Origin == "" {
			m.Origin = b.origin
		}
	}
	return list
}

// isAboutCORS reports whether the message says that the CORS protocol refused something.
func (m *Message) isAboutCORS() bool {
	return m.Reason != 0 && m.Reason <= cors.HeaderNotAllowed || m.Topic == TopicUnknown
}

// judged returns what a browser would have said of the answers that are shown, the first that it
// would have refused.
func (b *beside) judged() (Message, bool) {
	order := make([]*shownAnswer, 0, len(b.answers))
	for i := range b.answers {
		order = append(order, &b.answers[i])
	}
	slices.SortStableFunc(order, func(x, y *shownAnswer) int { return cmp.Compare(y.optionsFirst(), x.optionsFirst()) })
	for _, a := range order {
		r := b.requestOf(a, "")
		var e *cors.Error
		if !errors.As(a.judge(r), &e) || !a.speaks(e) {
			continue
		}
		m := Message{Reason: e.Reason, Preflight: e.Preflight, URL: cmp.Or(a.URL, b.url), Origin: b.origin, Status: a.Status, Subject: e.Subject, Value: e.Value, Credentials: b.credentials}
		if a.bare {
			m.Status = 0
		}
		if e.Header == allowOrigin {
			m.Subject = ""
		}
		if m.Method = b.method; m.Method == "" && a.Method != "OPTIONS" {
			m.Method = a.Method
		}
		return m, true
	}
	if b.options >= 400 && (complains.MatchString(b.text) || strings.Contains(b.text, "[OPTIONS]")) {
		return Message{Reason: cors.PreflightStatus, Preflight: true, Status: b.options, URL: b.url, Origin: b.origin, Method: b.method}, true
	}
	if name := addedHeader.FindString(b.text); name != "" && complains.MatchString(b.text) {
		return Message{Reason: cors.HeaderNotAllowed, Preflight: true, Subject: strings.ToLower(name), URL: b.url, Origin: b.origin, Method: b.method}, true
	}
	if ids := recipe.Named(b.text); len(ids) > 0 && isCauseByName(ids[0]) && complains.MatchString(b.text) || contentScript.MatchString(b.text) && complains.MatchString(b.text) {
		return Message{Topic: TopicUnknown, URL: b.url, Origin: b.origin, Method: b.method, Status: b.failed}, true
	}
	if slashInWords.MatchString(b.text) && mentionsCORS.MatchString(b.text) && !strings.Contains(strings.ToLower(b.text), "origin") {
		return Message{Reason: cors.PreflightRedirect, Preflight: true, URL: b.url}, true
	}
	if mixedContent.MatchString(b.text) {
		return Message{Reason: cors.MixedContent, URL: b.url}, true
	}
	if u, err := weburl.Parse(b.url); err == nil && complains.MatchString(b.text) && (knownAPI(u.Host()) || slices.ContainsFunc(places, func(p hostPlace) bool { return p.is(u.Host(), u.Path()) })) {
		return Message{Topic: TopicUnknown, URL: b.url, Origin: b.origin, Method: b.method, Status: b.failed}, true
	}
	if b.failed >= 400 && complains.MatchString(b.text) {
		return Message{Reason: cors.MissingAllowOrigin, Status: b.failed, URL: b.url, Origin: b.origin, Method: b.method}, true
	}
	return Message{}, false
}

// permitted returns an answer that is shown which permits a page, apart from those to OPTIONS; nil
// for none.
func (b *beside) permitted() *Seen {
	for i := range b.answers {
		if a := &b.answers[i]; a.Method != "OPTIONS" && a.judge(b.requestOf(a, "")) == nil {
			return &a.Seen
		}
	}
	return nil
}

func (a *shownAnswer) optionsFirst() int {
	if a.Method == "OPTIONS" {
		return 1
	}
	return 0
}

// judge decides as a browser does.
func (a *shownAnswer) judge(r *cors.Request) error {
	if a.Method == "OPTIONS" {
		_, err := cors.ValidatePreflight(r, a.Status, &a.Response)
		return err
	}
	return cors.Check(r, &a.Response)
}

// speaks reports whether an answer that is shown is evidence of a failure: a header that is not
// there may not have been copied, and a request without Origin need not get it.
func (a *shownAnswer) speaks(e *cors.Error) bool {
	switch {
	case a.bare:
		return e.Present || a.redirects()
	case e.Reason == cors.MissingAllowOrigin:
		return !a.whole || a.from() != "" || a.Status >= 300
	}
	return true
}

// requestOf returns the request that got an answer, given the page's origin. Where nothing tells
// the origin it is one that the answer allows.
func (b *beside) requestOf(a *shownAnswer, pageOrigin string) *cors.Request {
	r := &cors.Request{Origin: cmp.Or(a.from(), pageOrigin, b.origin), Method: cmp.Or(b.method, "GET"), IncludeCredentials: b.credentials, Headers: b.headers}
	if a.Method == "OPTIONS" {
		if method, ok := a.Request.Get("Access-Control-Request-Method"); ok {
			r.Method = method
		}
	} else if b.method == "" {
		r.Method = a.Method
	}
	if r.Origin == "" {
		if values := a.Response.Values(allowOrigin); len(values) == 1 && values[0] != "*" {
			if _, err := origin.Parse(values[0]); err == nil {
				r.Origin = values[0]
			}
		}
	}
	r.Origin = cmp.Or(r.Origin, unknownOrigin)
	return r
}

// exchange returns what the text shows of the exchange that a message is about, and of others.
func (m *Message) exchange(failure *cors.Error, r *cors.Request) Exchange {
	x := Exchange{From: m.From, API: m.API, Servers: m.Servers()}
	b := m.beside
	if b == nil || !m.single {
		return x
	}
	x.Text, x.Asked = b.text, cmp.Or(m.Method, b.method)
	failed := -1
	for i := range b.answers {
		a := &b.answers[i]
		if (a.Method == "OPTIONS") != failure.Preflight && !a.either {
			continue
		}
		if a.either && failure.Preflight {
			a.Method = "OPTIONS"
		}
		var e *cors.Error
		if errors.As(a.judge(b.requestOf(a, r.Origin)), &e) && a.speaks(e) && sameRefusal(e.Reason, failure.Reason) && (failure.Status == 0 || failure.Status == a.Status || a.bare) {
			failed = i
		}
	}
	for i := range b.answers {
		a := b.answers[i]
		a.URL = cmp.Or(a.URL, failure.URL)
		if i == failed {
			x.Response, x.Body = slices.Clone(a.Response), a.Body
			if x.Response == nil {
				x.Response = headers.List{}
			}
			if failure.Status == 0 && (!a.bare || a.redirects()) {
				failure.Status = a.Status
			}
			continue
		}
		if !a.whole {
			a.Request = slices.Clone(a.Request)
			if a.from() == "" {
				a.Request.Append("Origin", r.Origin)
			}
			if a.Method == "OPTIONS" && !a.IsPreflight() {
				a.Request.Append("Access-Control-Request-Method", r.Method)
			}
		}
		x.Others = append(x.Others, a.Seen)
	}
	return x
}

// sameRefusal reports whether what an answer lacks is what a message complains of.
func sameRefusal(a, b cors.Reason) bool {
	unanswering := func(r cors.Reason) bool {
		return r == cors.MissingAllowOrigin || r == cors.PreflightStatus || r == cors.PreflightRedirect
	}
	return a == b || unanswering(a) && unanswering(b)
}

// request fills in what the text tells of the request of a message.
func (m *Message) request(failure *cors.Error, r *cors.Request) {
	b := m.beside
	if b == nil || !m.single {
		return
	}
	if m.Method == "" && b.method != "" && failure.Reason != cors.MethodNotAllowed {
		r.Method = b.method
	}
	r.IncludeCredentials = r.IncludeCredentials || b.credentials
	for _, h := range b.headers {
		if !r.Headers.Contains(h.Name) && !isResponseHeader(h.Name) {
			r.Headers = append(r.Headers, h)
		}
	}
	if failure.Status == 0 {
		if failure.Preflight {
			failure.Status = b.options
		} else if failure.Reason == cors.MissingAllowOrigin && b.options == 0 {
			failure.Status = b.failed
		}
	}
}

// Servers returns the ids of the recipes of the server that is asked, as far as the message and the
// text around it tell, the likeliest first.
func (m *Message) Servers() []string {
	host := HostOf(m.URL)
	if knownAPI(host) {
		return nil
	}
	ids := recipe.Named(m.URL)
	var response headers.List
	if m.beside != nil {
		for i := range m.beside.answers {
			response = append(response, m.beside.answers[i].Response...)
		}
	}
	ids = append(ids, recipe.Guess(host, response)...)
	if m.beside != nil {
		ids = append(ids, m.beside.servers...)
	}
	return slices.Compact(ids)
}
