package explain

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Message is what was recognized in the text of a browser's console: what one
// failure is about. What the text does not tell is empty.
type Message struct {
	// Engine is "chromium", "firefox" or "webkit".
	Engine string
	// Reason is why it failed. It is 0 where Topic says what else the message is
	// about.
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
	// XHR says that script asked by XMLHttpRequest.
	XHR bool
}

// A Topic is what a message is about that names none of the reasons.
type Topic string

// The topics.
const (
	// TopicNotExposed: script asked for a response header that it may not read.
	TopicNotExposed Topic = "header-not-exposed"
	// TopicLocalNetwork: Chromium keeps public pages from private networks.
	TopicLocalNetwork Topic = "local-network-access"
	// TopicDisabled: CORS is switched off in Firefox's settings.
	TopicDisabled Topic = "cors-disabled"
	// TopicOriginNotAdded: the browser could not add the Origin header.
	TopicOriginNotAdded Topic = "origin-not-added"
	// TopicAuthorizationWildcard: a warning that "*" will not cover Authorization.
	TopicAuthorizationWildcard Topic = "authorization-by-wildcard"
	// TopicBlockedByClient: a content blocker or a policy kept it from being sent.
	TopicBlockedByClient Topic = "blocked-by-client"
	// TopicUnknown: a CORS failure, for which the text has no reason that is known.
	TopicUnknown Topic = "unknown-cors-failure"
)

// MaxConsole is how many bytes of a console [Recognize] reads.
const MaxConsole = 1 << 20

// Recognize finds the messages about CORS in text that was copied from a browser's
// console: of Chromium and its derivatives, Firefox and Safari, in old and new
// wordings, over several lines and with anything in between. What is said twice is
// returned once. Text without any gives nil.
func Recognize(text string) []Message {
	if len(text) > MaxConsole {
		text = text[:MaxConsole]
	}
	a := &assembly{}
	text = plainConsole(text)
	for i := 0; i < len(text); {
		event, end := matchAt(text, i)
		if end == 0 {
			i++
			continue
		}
		a.add(event, a.adjacent(text[a.end:i]))
		a.end = end
		i = end
	}
	a.flush()
	return a.merged()
}

// plainConsole puts quotes into their ASCII form, and blanks, but for the ends of
// lines, into single spaces.
func plainConsole(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	last := byte('\n')
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		switch {
		case r == '\n' || r == '\r':
			if last == ' ' || last == '\n' {
				continue
			}
			r = '\n'
		case unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b':
			if last == ' ' || last == '\n' {
				continue
			}
			r = ' '
		case r == '>' && last == '\n': // as in a quotation
			continue
		case r == '‘' || r == '’' || r == '‚' || r == '‛':
			r = '\''
		case r == '“' || r == '”' || r == '„':
			r = '"'
		}
		b.WriteRune(r)
		last = 0
		if r < utf8.RuneSelf {
			last = byte(r)
		}
	}
	return b.String()
}

// event is a template that was found, with what its fields hold.
type event struct {
	*template
	fields map[string]string
}

// matchAt returns the template that text has at i, and its end there, 0 for none.
func matchAt(text string, i int) (event, int) {
	if i > 0 && isWord(text[i-1]) && isWord(text[i]) {
		return event{}, 0
	}
	for _, t := range templatesByStart[text[i]] {
		fields := map[string]string{}
		if end := t.match(text, i, fields); end > 0 {
			return event{t, fields}, end
		}
	}
	return event{}, 0
}

func isWord(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}

// assembly makes messages of events.
type assembly struct {
	end      int      // of the last event in the text
	context  *Message // what stood before a reason that is still to come
	whole    bool     // the context by itself says that it is about CORS
	messages []Message
}

// adjacent reports whether what stands between two events is nothing.
func (a *assembly) adjacent(between string) bool { return strings.Trim(between, " \n:.") == "" }

func (a *assembly) add(e event, adjacent bool) {
	if !adjacent {
		a.flush()
	}
	switch e.role {
	case contextRole, wholeRole:
		if a.context == nil {
			a.context = &Message{}
		}
		a.whole = a.whole || e.role == wholeRole
		e.fill(a.context)
	case suffixRole:
		if adjacent && a.context == nil && len(a.messages) > 0 {
			e.fill(&a.messages[len(a.messages)-1])
		}
	case requestRole:
		a.flush()
		for i := range a.messages {
			if m := &a.messages[i]; m.Engine == e.engine && m.URL == e.fields["url"] {
				m.Method, _, _ = strings.Cut(e.text, " ")
				if status := m.Status; !m.Preflight && status == 0 {
					e.fill(m)
				}
			}
		}
	case locationRole:
		a.flush()
		// WebKit says in a second line which URL the first was about.
		if n := len(a.messages); n > 0 && a.messages[n-1].Engine == e.engine && (a.messages[n-1].URL == "" || a.messages[n-1].URL == e.fields["url"]) {
			e.fill(&a.messages[n-1])
			return
		}
		m := Message{Topic: TopicUnknown}
		e.fill(&m)
		a.messages = append(a.messages, m)
	case reasonRole:
		m := Message{}
		if a.context != nil {
			m = *a.context
		}
		a.context, a.whole = nil, false
		e.fill(&m)
		a.messages = append(a.messages, m)
	}
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

// merged returns the messages, each failure once.
func (a *assembly) merged() (list []Message) {
	for _, m := range a.messages {
		m.settle()
		if slices.ContainsFunc(list, func(other Message) bool { return m.repeats(&other) }) {
			continue
		}
		// What is said in general is dropped for what is said exactly.
		list = slices.DeleteFunc(list, func(other Message) bool { return other.repeats(&m) })
		list = append(list, m)
	}
	return list
}

// repeats reports whether m says nothing that n does not say.
func (m *Message) repeats(n *Message) bool {
	covers := func(mine, theirs string) bool { return mine == "" || mine == theirs }
	if m.Engine != n.Engine || !covers(m.URL, n.URL) || !covers(m.Origin, n.Origin) || m.Status != 0 && m.Status != n.Status {
		return false
	}
	if m.Reason == n.Reason && m.Topic == n.Topic {
		return covers(m.Subject, n.Subject) && covers(m.Value, n.Value)
	}
	general := m.Topic == TopicUnknown || m.Reason == cors.Transport
	return general && (m.URL != "" || m.Topic == TopicUnknown) && n.Reason != 0
}

// settle derives what follows from what the message says.
func (m *Message) settle() {
	switch m.Reason {
	case cors.AllowOriginMismatch, cors.InvalidAllowOrigin:
		m.Reason = cors.AllowOriginMismatch
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
	if m.Reason == cors.HeaderNotAllowed && strings.EqualFold(m.Subject, "authorization") {
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
	set(&m.Subject, "subject")
	set(&m.Value, "value")
	if e.fields["api"] == "XMLHttpRequest" {
		m.XHR = true
	}
	if page := e.fields["page"]; page != "" && m.Origin == "" {
		if u, err := weburl.Parse(page); err == nil {
			m.Origin = u.Origin().String()
		}
	}
	if n, err := strconv.Atoi(e.fields["status"]); err == nil {
		m.Status = n
	}
}
