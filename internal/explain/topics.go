package explain

import (
	"slices"

	"github.com/corsim/corsim/cors"
)

// topics are the rules behind messages that name none of the reasons. What to do about
// each has its row in texts, under the topic's name or that of topicCauses.
var topics = map[Topic]struct{ saw, rule, anchor, mdn string }{
	TopicNotExposed: {
		"Script asked for a response header that it may not read.",
		"script may read the safelisted response headers, and those that Access-Control-Expose-Headers lists",
		"https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name", "HTTP/Reference/Headers/Access-Control-Expose-Headers",
	},
	TopicLocalNetwork: {
		"A page asked for something in a private network, or on the user's own machine.",
		"a page needs to be secure, and the user's permission, to reach a local network",
		"https://wicg.github.io/local-network-access/", "HTTP/Reference/Headers/Permissions-Policy/local-network-access",
	},
	TopicDisabled: {
		"CORS is switched off in this Firefox.",
		"content.cors.disable must be false", "https://fetch.spec.whatwg.org/#http-cors-protocol", "HTTP/Guides/CORS/Errors/CORSDisabled",
	},
	TopicOriginNotAdded: {
		"The browser could not add the Origin header.",
		"a cross-origin request carries Origin", "https://fetch.spec.whatwg.org/#origin-header", "HTTP/Guides/CORS/Errors/CORSOriginHeaderNotAdded",
	},
	TopicAuthorizationWildcard: {
		`The request has Authorization, which only "*" in Access-Control-Allow-Headers permits. It passed, with a warning.`,
		cors.NonWildcardHeaderNotAllowed.Requirement(), cors.NonWildcardHeaderNotAllowed.Anchor(), "HTTP/Reference/Headers/Access-Control-Allow-Headers",
	},
	TopicBlockedByClient: {
		"The browser itself, or an extension, kept the request from being sent.",
		"what is not sent cannot be answered", "https://fetch.spec.whatwg.org/#concept-main-fetch", "HTTP/Guides/CORS/Errors/CORSDidNotSucceed",
	},
	TopicUnknown: {
		"The browser blocked the request by CORS, and this text does not say why.",
		"a cross-origin response must permit being read", "https://fetch.spec.whatwg.org/#http-cors-protocol", "HTTP/Guides/CORS/Errors",
	},
}

// topicCauses are the causes of topics that are not named like their cause.
var topicCauses = map[Topic]string{TopicNotExposed: "not-exposed"}

// Explain returns what a message means. pageOrigin stands for the page's origin
// where the message has none.
func (m *Message) Explain(pageOrigin string) *Explanation {
	if pageOrigin == "" {
		pageOrigin = unknownOrigin
	}
	if failure, r := m.Failure(pageOrigin); failure != nil {
		e := Explain(failure, r, Exchange{})
		e.Saw = []string{m.saw(failure)}
		if slices.Contains(m.Or, cors.AllowOriginMismatch) {
			e.Causes = Rank(append(e.Causes, NewCause("fixed-origin", Possible))...)
		}
		return e
	}
	t := topics[m.Topic]
	e := &Explanation{Saw: []string{t.saw}, Rule: t.rule, Anchor: t.anchor, MDN: mdnBase + t.mdn}
	id := topicCauses[m.Topic]
	if id == "" {
		id = string(m.Topic)
	}
	if m.Topic == TopicNotExposed && m.Subject != "" {
		advice := Advice{URL: m.URL}
		advice.set("Access-Control-Expose-Headers", m.Subject)
		e.Advice = []Advice{advice}
	}
	e.Causes = withFixes([]Cause{NewCause(id, Likely).With("url", m.URL, "origin", pageOrigin)}, e.Advice)
	return e
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

// unknownOrigin stands in advice where nothing tells the page's origin.
const unknownOrigin = "<the page's origin>"

// Need returns what the server would have to permit, as far as a message tells;
// pageOrigin is as for [Message.Explain]. ok is false where the server's CORS
// configuration can do nothing about it, or the origin is not known.
func (m *Message) Need(pageOrigin string) (n Need, ok bool) {
	n = Need{Origins: []string{m.Origin}, Credentials: m.Credentials}
	if m.Origin == "" {
		n.Origins[0] = pageOrigin
	}
	if m.Method != "" {
		n.Methods = []string{m.Method}
	}
	switch {
	case n.Origins[0] == "":
		return Need{}, false
	case m.Topic == TopicNotExposed:
		n.Expose = []string{m.Subject}
	case m.Topic == TopicAuthorizationWildcard:
		n.Headers = []string{"authorization"}
	case m.Reason == cors.MethodNotAllowed && m.Subject != "":
		n.Methods = []string{m.Subject}
	case (m.Reason == cors.HeaderNotAllowed || m.Reason == cors.NonWildcardHeaderNotAllowed) && m.Subject != "":
		n.Headers = []string{m.Subject}
	case !m.Reason.IsCORS() && (m.Reason != 0 || m.Topic != TopicUnknown):
		return Need{}, false
	}
	return n, true
}
