package explain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Message is what was recognized in the text of a browser's console: what one
// failure is about. What the text does not tell is empty.
type Message struct {
	// Engine is "chromium", "firefox", "webkit" or "ie"; "script" for what a program in a
	// browser writes, "server" for what a server does.
	Engine string
	// Reason is why it failed. It is 0 where Topic says what else the message is
	// about: the id of a cause.
	Reason cors.Reason
	// Or are the reasons that the engine does not tell apart from Reason.
	Or    []cors.Reason
	Topic Topic
	// Preflight says that it was a preflight that failed. Where it is not set, the
	// engine may not have said so.
	Preflight bool
	// URL is what was asked for, From what had redirected there.
	URL, From string
	// Origin is that of the page.
	Origin string
	// Method is that of the request, where a line beside the message tells it.
	Method string
	// Subject is the method or header name that was not allowed; Value what the
	// header of the response holds.
	Subject, Value string
	Status         int
	// Credentials says that the request included credentials.
	Credentials bool
	// XHR says that script asked by XMLHttpRequest; API is what asked, in the browser's
	// words, such as "font" or "manifest".
	XHR bool
	API string

	at   int  // where in the text
	told bool // the header's value is
	weak bool // a name of the failure, which gives way to the message itself
	// sends is what script that is in the text sends, and only a response can have.
	sends string

	beside *beside // the rest of the text
	single bool    // no other message in the text is about CORS
}

// A Topic is what a message is about that names none of the reasons. It is the id of
// that cause, except those that topicCauses has.
type Topic string

// The topics that recognition itself has to know.
const (
	// TopicNotExposed: script asked for a response header that it may not read.
	TopicNotExposed Topic = "header-not-exposed"
	// TopicDisabled: CORS is switched off in Firefox's settings.
	TopicDisabled Topic = "cors-disabled"
	// TopicOriginNotAdded: the browser could not add the Origin header.
	TopicOriginNotAdded Topic = "origin-not-added"
	// TopicAuthorizationWildcard: a warning that "*" will not cover Authorization.
	TopicAuthorizationWildcard Topic = "authorization-by-wildcard"
	// TopicUnknown: a CORS failure, for which the text has no reason that is known.
	TopicUnknown Topic = "unknown-cors-failure"
	// TopicNoAnswer: the browser has no answer to show, and this line does not say why.
	TopicNoAnswer Topic = "no-answer"
	// TopicSafariOther: Safari did not allow it, and this line does not say why.
	TopicSafariOther Topic = "not-allowed-by-safari"
	// TopicScript: what script sees of any failure.
	TopicScript Topic = "script-sees-no-reason"
)

// ranks say how much a topic tells. What tells less gives way to what tells more of the
// same event; whatever is not here, as each reason, names its cause.
var ranks = map[Topic]int{
	TopicUnknown: 2, "font-needs-cors": 2, "script-needs-crossorigin": 2, "issue-header-values": 2, "enable-cors-2014": 2, "invalid-response": 2,
	"event-stream-refused": 2, "blocked-by-response": 2,
	TopicNoAnswer: 1, TopicSafariOther: 1, "operation-insecure": 1, "service-worker-failed": 1,
	TopicScript: 0, "swagger-guess": 0, "program-guesses": 0, "muted-script-error": 0, "react-native": 0,
}

const named = 3 // the rank of what names its cause

func (m *Message) rank() int {
	if m.Reason != 0 {
		if m.Reason == cors.Transport {
			return ranks[TopicNoAnswer]
		}
		if m.weak {
			return ranks[TopicUnknown]
		}
		return named
	}
	if rank, ok := ranks[m.Topic]; ok {
		return rank
	}
	return named
}

// MaxConsole is how many bytes of a console [Recognize] reads.
const MaxConsole = 1 << 20

// Recognize finds the messages about CORS, and about what is taken for it, in text that
// was copied from a browser's console or its tools: of Chromium and its derivatives,
// Firefox in any language, Safari and Internet Explorer, in old and new wordings, over
// several lines, escaped, cut off and with anything in between. Of several lines about
// one event the one that names the cause is returned. What is beside them, such as script,
// a server's code and answers as curl -i shows them, is evidence; where no message names a
// cause, such an answer may. Text without any gives nil.
func Recognize(text string) []Message {
	if len(text) > MaxConsole {
		text = text[:MaxConsole]
	}
	text = unescaped(text)
	return besideOf(text).complete(recognize(plainBlanks(text)))
}

// recognize is Recognize for text that is plain.
func recognize(text string) []Message {
	a := &assembly{text: text}
	for i := 0; i < len(text); {
		e, end := wordings.matchAt(text, i)
		if end == 0 {
			e, end = netErrorAt(text, i)
		}
		if end == 0 {
			i++
			continue
		}
		a.foreign(a.end, i)
		a.add(e, a.adjacent(text[a.end:i]))
		a.end = end
		i = end
	}
	a.foreign(a.end, len(text))
	a.flush()
	return a.merged()
}

// assembly makes messages of events.
type assembly struct {
	text     string
	end      int      // of the last event in the text
	context  *Message // what comes before a reason that is still to come
	whole    bool     // the context by itself says that it is about CORS
	messages []Message
	requests []event
}

// adjacent reports whether what is between two events is nothing.
func (a *assembly) adjacent(between string) bool { return strings.Trim(between, " \n:.()*'\"`>") == "" }

// foreign adds what Firefox says in other languages between two events.
func (a *assembly) foreign(from, to int) {
	for _, m := range localized(a.text, from, to) {
		a.flush()
		a.messages = append(a.messages, m)
	}
}

// add adds what an event says; adjacent says that nothing is between it and the one
// before.
func (a *assembly) add(e event, adjacent bool) {
	if !adjacent {
		a.flush()
	}
	switch e.role {
	case contextRole, wholeRole:
		if a.context == nil {
			a.context = &Message{at: e.at}
		}
		a.whole = a.whole || e.role == wholeRole
		e.fill(a.context)
	case suffixRole:
		if n := len(a.messages); adjacent && a.context == nil && n > 0 {
			e.fill(&a.messages[n-1])
		}
	case requestRole:
		a.requests = append(a.requests, e)
	case locationRole:
		a.location(e)
	case reasonRole:
		m := Message{at: e.at}
		if a.context != nil {
			m = *a.context
		}
		a.context, a.whole = nil, false
		e.fill(&m)
		a.messages = append(a.messages, m)
	}
}

// location adds WebKit's second line, which says which URL the first was about.
func (a *assembly) location(e event) {
	a.flush()
	if n := len(a.messages); n > 0 {
		last := &a.messages[n-1]
		if last.Engine == e.engine && last.Reason != 0 && (last.URL == "" || last.URL == e.fields["url"]) {
			e.fill(last)
			return
		}
	}
	m := Message{Topic: TopicUnknown, at: e.at}
	e.fill(&m)
	a.messages = append(a.messages, m)
}

// flush ends a context that no known reason follows.
func (a *assembly) flush() {
	if a.context != nil && a.whole {
		m := *a.context
		m.Topic = TopicUnknown
		a.messages = append(a.messages, m)
	}
	a.context, a.whole = nil, false
}

// merged returns the messages, each event once, by the line that tells most of it.
func (a *assembly) merged() (list []Message) {
	a.failedRequests()
	slices.SortStableFunc(a.messages, func(x, y Message) int { return cmp.Compare(x.at, y.at) })
	for i := range a.messages {
		a.beside(&a.messages[i])
		a.messages[i].settle()
	}
	// Twice: a URL that one line learns from another may show that a third is of its event.
	list = dropGeneral(folded(folded(a.messages)))
	if sends := sentByScript(a.text); sends != "" {
		for i := range list {
			list[i].sends = sends
		}
	}
	return list
}

// folded returns the messages with those of one event made one.
func folded(list []Message) (out []Message) {
	for i := range list {
		m := &list[i]
		at := slices.IndexFunc(out, func(other Message) bool { return other.sameEvent(m) })
		switch {
		case at < 0:
			out = append(out, *m)
		case m.tellsMore(&out[at]):
			m.learn(&out[at])
			out[at] = *m
		default:
			out[at].learn(m)
		}
	}
	return out
}

// dropGeneral drops what tells nothing beside what tells something.
func dropGeneral(list []Message) []Message {
	most := 0
	for i := range list {
		most = max(most, list[i].rank())
	}
	return slices.DeleteFunc(list, func(m Message) bool { return m.rank() == 0 && most > 0 || m.rank() == 1 && m.URL == "" && most > 1 })
}

// failedRequests makes messages of lines about requests that failed, and of which no
// other line says more: with a status an answer came, and was not given to script.
func (a *assembly) failedRequests() {
	for _, e := range a.requests {
		if !strings.Contains(e.text, "ERR_FAILED") {
			continue
		}
		m := Message{Topic: TopicNoAnswer, at: e.at}
		if e.fields["status"] != "" {
			m.Topic = TopicUnknown
		}
		e.fill(&m)
		m.Method, _, _ = strings.Cut(e.text, " ")
		a.messages = append(a.messages, m)
	}
}

// beside gives a message the method and status that a line about its request tells. The
// status of OPTIONS is that of a preflight, and no other.
func (a *assembly) beside(m *Message) {
	if m.URL == "" && m.Reason == 0 && m.Topic != TopicUnknown {
		return
	}
	for _, e := range a.requests {
		url, near := e.fields["url"], abs(e.at-m.at) < nearby
		if url != m.URL && !(url == "" && near && len(a.messages) <= 2) {
			continue
		}
		method, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(e.text, "XHR failed loading: "), "Fetch failed loading: "), " ")
		options := method == "OPTIONS"
		if !options && url != "" && m.Method == "" {
			m.Method = method
		}
		status, _ := strconv.Atoi(e.fields["status"])
		if m.Status == 0 && status >= 100 && (options || !m.Preflight) {
			m.Status = status
			m.Preflight = m.Preflight || options
		}
	}
}

// nearby is how far apart lines are, in bytes, that may be about one event.
const nearby = 1200

func abs(n int) int { return max(n, -n) }

// sameEvent reports whether m and n may be about one event: nothing in them differs but
// how much they tell.
func (m *Message) sameEvent(n *Message) bool {
	agree := func(a, b string) bool { return a == "" || b == "" || a == b }
	if !agree(m.Origin, n.Origin) || !m.sameURL(n) || !sameEngine(m.Engine, n.Engine) {
		return false
	}
	if m.Reason == n.Reason && m.Topic == n.Topic {
		return agree(m.Subject, n.Subject) && agree(m.Value, n.Value) && (m.Status == 0 || n.Status == 0 || m.Status == n.Status)
	}
	if m.isLocalNetwork() && n.Reason == cors.MixedContent || n.isLocalNetwork() && m.Reason == cors.MixedContent {
		return true // Chromium warns of mixed content in any case
	}
	if m.rank() == n.rank() {
		return false
	}
	return m.URL != "" && n.URL != "" || abs(m.at-n.at) < nearby
}

func (m *Message) isLocalNetwork() bool { return strings.HasPrefix(string(m.Topic), "local-network-") }

// sameURL reports whether two messages are about one URL, as far as they tell. Some
// lines have only its end.
func (m *Message) sameURL(n *Message) bool {
	if m.URL == "" || n.URL == "" || m.URL == n.URL {
		return true
	}
	bare := func(url string) string {
		url, _, _ = strings.Cut(url, "?")
		return strings.TrimSuffix(url, "/")
	}
	return (m.rank() != n.rank()) && (bare(m.URL) == bare(n.URL) || m.URL == n.From || n.URL == m.From)
}

func sameEngine(a, b string) bool {
	return a == b || a == script || b == script || a == server || b == server
}

// tellsMore reports whether m says more of an event than n does.
func (m *Message) tellsMore(n *Message) bool {
	if m.Reason == cors.MixedContent || n.Reason == cors.MixedContent {
		return m.isLocalNetwork() || m.rank() > n.rank() && !n.isLocalNetwork()
	}
	return m.rank() > n.rank()
}

// learn fills in what m does not tell from another message about the same event.
func (m *Message) learn(n *Message) {
	fill := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	fill(&m.URL, n.URL)
	fill(&m.From, n.From)
	fill(&m.Origin, n.Origin)
	fill(&m.Method, n.Method)
	fill(&m.API, n.API)
	if m.Engine == script || m.Engine == server {
		m.Engine = n.Engine
	}
	if m.Reason == n.Reason && m.Topic == n.Topic {
		fill(&m.Subject, n.Subject)
		fill(&m.Value, n.Value)
	}
	if m.Status == 0 && (n.Preflight == m.Preflight || n.Topic == TopicUnknown && !m.Preflight) {
		m.Status = n.Status
	}
	m.XHR = m.XHR || n.XHR
}

// settle derives what follows from what the message says.
func (m *Message) settle() {
	switch m.Reason {
	case cors.AllowOriginMismatch, cors.InvalidAllowOrigin:
		m.Reason = cors.AllowOriginMismatch
		if m.Value == "(null)" { // Firefox of 2015 to 2020, where the header is empty
			m.Value, m.told = "", false
		}
		if !m.told {
			break
		}
		if _, err := origin.Parse(m.Value); err != nil {
			m.Reason = cors.InvalidAllowOrigin
			if strings.ContainsAny(strings.TrimSpace(m.Value), " ,") {
				m.Reason = cors.MultipleAllowOrigin
			}
		}
	case cors.PreflightStatus:
		if 300 <= m.Status && m.Status <= 399 {
			m.Reason = cors.PreflightRedirect
		}
	}
	switch m.Reason {
	case cors.PreflightStatus, cors.PreflightRedirect, cors.MethodNotAllowed, cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed,
		cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
		m.Preflight = true
	case cors.WildcardAllowOriginWithCredentials, cors.AllowCredentialsNotTrue:
		m.Credentials = true
	}
	if m.Reason == cors.HeaderNotAllowed && strings.EqualFold(m.Subject, "authorization") && len(m.Or) == 0 {
		m.Or = append(m.Or, cors.NonWildcardHeaderNotAllowed)
	}
}

// Failure returns the message as a failure of the CORS protocol, and the request
// as far as it tells of it; nil where it has no reason. origin stands for the
// page's origin where the message has none.
func (m *Message) Failure(pageOrigin string) (*cors.Error, *cors.Request) {
	if m.Reason == 0 {
		return nil, nil
	}
	r := &cors.Request{Origin: m.Origin, Method: "GET", IncludeCredentials: m.Credentials}
	if m.Method != "" {
		r.Method = m.Method
	}
	if r.Origin == "" {
		r.Origin = pageOrigin
	}
	e := &cors.Error{
		Reason: m.Reason, Preflight: m.Preflight, URL: m.URL, Subject: m.Subject, Value: m.Value, Status: m.Status,
		Present: m.Value != "",
	}
	switch m.Reason {
	case cors.MissingAllowOrigin, cors.WildcardAllowOriginWithCredentials, cors.MultipleAllowOrigin, cors.InvalidAllowOrigin,
		cors.AllowOriginMismatch:
		e.Header, e.Subject = allowOrigin, r.Origin
	case cors.AllowCredentialsNotTrue:
		e.Header = allowCredentials
	case cors.MethodNotAllowed, cors.InvalidAllowMethods:
		e.Header = allowMethods
		if m.Subject != "" && m.Reason == cors.MethodNotAllowed {
			r.Method = m.Subject
		}
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed, cors.InvalidAllowHeaders:
		e.Header = allowHeaders
		if m.Subject != "" && m.Reason != cors.InvalidAllowHeaders {
			r.Headers = append(r.Headers, headerOf(m.Subject))
		}
	}
	m.request(e, r)
	return e, r
}

// fill puts what the event says into a message.
func (e *event) fill(m *Message) {
	if e.role != suffixRole {
		m.Engine = e.engine
	}
	if e.reason != 0 {
		m.Reason = e.reason
	}
	if e.topic != "" {
		m.Topic = e.topic
	}
	m.Or = append(m.Or, e.or...)
	m.Preflight = m.Preflight || e.preflight
	m.Credentials = m.Credentials || e.credentials
	set := func(to *string, name string) {
		if value, ok := e.fields[name]; ok && value != "" {
			*to = value
		}
	}
	set(&m.URL, "url")
	set(&m.From, "from")
	set(&m.Origin, "origin")
	m.Origin = strings.TrimSuffix(strings.TrimSuffix(m.Origin, "/"), "'") // browsers write none; people do
	set(&m.Subject, "subject")
	set(&m.Value, "value")
	_, told := e.fields["value"]
	m.told = m.told || told
	m.weak = e.name
	if api := e.fields["api"]; api != "" {
		m.API = api
		m.XHR = m.XHR || api == "XMLHttpRequest"
	}
	set(&m.Method, "method")
	if page := e.fields["page"]; page != "" && m.Origin == "" {
		if u, err := weburl.Parse(page); err == nil {
			m.Origin = u.Origin().String()
		}
	}
	if n, err := strconv.Atoi(e.fields["status"]); err == nil {
		m.Status = n
	}
}
