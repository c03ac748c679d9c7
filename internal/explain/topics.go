package explain

import (
	"regexp"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
)

// topics are the rules behind messages that name none of the reasons but are about the
// CORS protocol. What to do about each has its row in texts, under the topic's name or
// that of topicCauses, as have all other topics.
var topics = map[Topic]struct{ rule, anchor, mdn string }{
	TopicNotExposed: {
		"script may read the safelisted response headers, and those that Access-Control-Expose-Headers lists",
		"https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name", "HTTP/Reference/Headers/Access-Control-Expose-Headers",
	},
	TopicDisabled:       {"content.cors.disable must be false", "https://fetch.spec.whatwg.org/#http-cors-protocol", "HTTP/Guides/CORS/Errors/CORSDisabled"},
	TopicOriginNotAdded: {"a cross-origin request carries Origin", "https://fetch.spec.whatwg.org/#origin-header", "HTTP/Guides/CORS/Errors/CORSOriginHeaderNotAdded"},
	TopicAuthorizationWildcard: {
		cors.NonWildcardHeaderNotAllowed.Requirement(), cors.NonWildcardHeaderNotAllowed.Anchor(), "HTTP/Reference/Headers/Access-Control-Allow-Headers",
	},
	TopicUnknown: {"a cross-origin response must permit being read", "https://fetch.spec.whatwg.org/#http-cors-protocol", "HTTP/Guides/CORS/Errors"},
}

// topicCauses are the causes of topics that are not named like their cause.
var topicCauses = map[Topic]string{TopicNotExposed: "not-exposed"}

// Cause returns the id of the topic's cause.
func (t Topic) Cause() string {
	if id := topicCauses[t]; id != "" {
		return id
	}
	return string(t)
}

// Explain returns what a message means. pageOrigin stands for the page's origin
// where the message has none.
func (m *Message) Explain(pageOrigin string) *Explanation {
	if pageOrigin == "" {
		pageOrigin = unknownOrigin
	}
	failure, r := m.Failure(pageOrigin)
	if failure == nil {
		return m.explainTopic(pageOrigin)
	}
	e := explainAs(failure, r, m.exchange(failure, r), func(e *Explanation) {
		if slices.Contains(m.Or, cors.AllowOriginMismatch) {
			e.Causes = append(e.Causes, NewCause("fixed-origin", Possible))
		}
		e.Advice = m.asked(e.Advice, failure, r)
		if m.sends != "" && m.Reason <= cors.HeaderNotAllowed {
			e.Causes = append(e.Causes, NewCause("response-header-sent", Likely, Evidence{What: m.sends, Where: "the script"}))
		}
	})
	e.Saw = []string{m.saw(failure)}
	return e
}

// asked adds to what a preflight's response needs what the message does not tell: browsers name
// the first thing that is missing, and whoever adds only that finds the next.
func (m *Message) asked(advice []Advice, failure *cors.Error, r *cors.Request) []Advice {
	if len(advice) == 0 || failure.Reason > cors.PreflightRedirect {
		return advice
	}
	first := &advice[0]
	if failure.Reason == cors.PreflightStatus {
		first.set(allowOrigin, r.Origin)
	}
	for i := range advice {
		if r.IncludeCredentials && slices.ContainsFunc(advice[i].Headers, func(h HeaderLine) bool { return h.Name == allowOrigin }) {
			advice[i].set(allowCredentials, "true")
		}
	}
	if !first.Preflight {
		return advice
	}
	unsafe := r.Method != "GET" && r.Method != "HEAD" && r.Method != "POST"
	if unsafe {
		first.set(allowMethods, r.Method)
	}
	if names := askedNames(r); len(names) > 0 {
		first.set(allowHeaders, strings.Join(names, ", "))
	} else if !unsafe {
		first.say("Besides, what the request asks for: its method in Access-Control-Allow-Methods (if it is not GET, HEAD or POST), and the headers that script sets in Access-Control-Allow-Headers (content-type for JSON, authorization, …).")
	}
	return advice
}

// explainTopic explains what has no reason.
func (m *Message) explainTopic(pageOrigin string) *Explanation {
	t := topics[m.Topic]
	id := m.Topic.Cause()
	e := &Explanation{Rule: t.rule, Anchor: t.anchor, MDN: t.mdn}
	if e.MDN == "" {
		e.MDN = texts[id].mdn
	}
	if e.MDN != "" {
		e.MDN = mdnBase + e.MDN
	}
	r := &cors.Request{Origin: pageOrigin, Method: "GET"}
	if m.Origin != "" {
		r.Origin = m.Origin
	}
	advice := Advice{URL: m.URL}
	switch {
	case m.Topic == TopicNotExposed && m.Subject != "":
		advice.set("Access-Control-Expose-Headers", m.Subject)
	case texts[id].headers:
		advice.allowOrigin(r)
	}
	if len(advice.Headers) > 0 {
		e.Advice = []Advice{advice}
	}
	causes := []Cause{m.cause(id)}
	if m.Topic == TopicScript && m.beside != nil {
		q := &inquiry{Error: &cors.Error{Reason: cors.MissingAllowOrigin, URL: m.URL}, request: r, servers: m.Servers(), text: m.beside.text}
		if shown := m.beside.permitted(); shown != nil {
			advice.allowOrigin(r)
			e.Advice = []Advice{advice}
			causes = append(causes, NewCause("headers-not-always", Likely, Evidence{What: "Access-Control-Allow-Origin: " + shown.header(allowOrigin), Where: shown.where()}))
			causes[len(causes)-1].order = hinted
		} else if m.beside.outside {
			advice.allowOrigin(r)
			e.Advice = []Advice{advice}
			causes = append(q.circumstances(), NewCause("works-outside-of-pages", Likely, seen("the text says that it works elsewhere")))
		} else if ids := m.Servers(); len(ids) > 0 && isCauseByName(ids[0]) {
			causes = append(causes, q.circumstances()...)
		}
	}
	if m.Topic == TopicUnknown {
		q := &inquiry{Error: &cors.Error{Reason: cors.MissingAllowOrigin, URL: m.URL, Status: m.Status}, request: r, from: m.From, api: m.API, servers: m.Servers()}
		if m.beside != nil && m.single {
			q.text = m.beside.text
			if contentScript.MatchString(q.text) {
				c := NewCause("extension-page", Likely, seen("the text tells of a content script"))
				c.order = shown
				causes = append(causes, c)
			}
		}
		if m.Status >= 400 {
			causes = append(causes, q.candidates()...)
		}
		if scheme, _, _ := strings.Cut(m.URL, ":"); m.URL != "" && scheme != "http" && scheme != "https" {
			q.Reason = cors.SchemeNotHTTP
			causes = append(q.candidates(), causes...)
		}
		causes = append(causes, q.circumstances()...)
	}
	e.Causes = withFixes(addressed(Rank(causes...), m.URL, r.Origin, m.Subject), e.Advice)
	return e
}

// cause returns the cause of a message that names it, with what it says as evidence.
func (m *Message) cause(id string) Cause {
	confidence := Certain
	if k := texts[id].kind; k == corsUnclear || k == unclear {
		confidence = Likely
	}
	c := NewCause(id, confidence)
	if k := texts[id].kind; k == corsUnclear && m.Status > 0 {
		c.Evidence = append(c.Evidence, seen("status %d", m.Status))
	}
	switch {
	case m.Value != "" && m.Topic != TopicNoAnswer:
		c.Evidence = append(c.Evidence, seen("%s", m.Value))
	case m.Subject != "":
		c.Evidence = append(c.Evidence, seen("%s", m.Subject))
	}
	return c
}

// saw says what the browser saw, as far as a message tells: nothing is claimed of
// a value that the message does not have.
func (m *Message) saw(failure *cors.Error) string {
	switch {
	case len(m.Or) > 0 && m.Reason == cors.MissingAllowOrigin:
		return "Access-Control-Allow-Origin is missing, or names another origin: this browser does not tell which."
	case m.Value == "" && m.Subject == "" && m.Status == 0 && m.Reason != cors.MissingAllowOrigin,
		m.Value == "" && (m.Reason == cors.MethodNotAllowed || m.Reason == cors.HeaderNotAllowed) && m.Subject == "":
		return "This was not met: " + m.Reason.Requirement() + "."
	case m.Reason == cors.MethodNotAllowed:
		return "Access-Control-Allow-Methods of the response to the preflight does not list " + m.Subject + "."
	case m.Reason == cors.HeaderNotAllowed:
		return "Access-Control-Allow-Headers of the response to the preflight does not list " + m.Subject + "."
	case m.Reason == cors.InvalidAllowMethods || m.Reason == cors.InvalidAllowHeaders,
		m.Reason == cors.PreflightStatus && m.Status == 0, m.Reason == cors.PreflightRedirect && m.Status == 0:
		return "This was not met: " + m.Reason.Requirement() + "."
	}
	return saw(failure)
}

// unknownOrigin is in advice where nothing tells the page's origin.
const unknownOrigin = "<the page's origin>"

// outsideOfPages is how people say that a request works where no browser applies CORS.
var outsideOfPages = regexp.MustCompile(`(?i)(?:works?|working|fine|succe\w*|accessible|able to|can (?:get|call|access))\b[^.\n]{0,80}\b(?:postman|insomnia|curl|swagger|ios|android|mobile|simulator|emulator|python|node|server[- ]side|windows|desktop|typing the url|browser by)\b|\b(?:postman|insomnia|curl|ios|android|mobile|simulator|emulator|python)\b[^.\n]{0,60}\b(?:works?|fine|ok|succe\w*|no problem)`)
