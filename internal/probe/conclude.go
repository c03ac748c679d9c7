package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// sentences say what the conclusions mean.
var sentences = map[Conclusion]string{
	Allowed:                  "The page can make this request and read the response.",
	PreflightAllowed:         "The preflight permits the request. Whether its response has the headers, too, shows only when it is sent, which is not done here.",
	NoCORS:                   "There is no sign that this server knows CORS at this URL.",
	OriginRefused:            "The server knows CORS, and refuses this origin.",
	CredentialsRefused:       "The server allows the origin, but not with credentials.",
	MethodOrHeaderRefused:    "The server allows the origin, but not this method or these headers.",
	OptionsNotRouted:         "The server allows the origin where no preflight is needed, but OPTIONS does not reach its CORS layer.",
	ResponseRefused:          "The preflight permits the request, but the response itself lacks the headers.",
	Misconfigured:            "The server knows CORS, but what it sends is of no use to any browser.",
	RedirectBeforeCORS:       "A redirect comes before CORS.",
	AuthenticationBeforeCORS: "Authentication comes before CORS.",
	ProxyAnswers:             "Something in front of the application answers in its place.",
	Unreachable:              "No answer came, so that nothing can be said about CORS.",
}

// conclude sets the conclusion, and the failure and the causes that it comes from.
func (s *session) conclude() {
	r := s.report
	r.Conclusion = s.passes()
	if r.Conclusion == "" {
		s.fail()
		r.Conclusion = s.conclusionOf(r.explanation)
		s.evidence()
	}
	r.Text = sentences[r.Conclusion]
}

func (s *session) say(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.report.Evidence, text) {
		s.report.Evidence = append(s.report.Evidence, text)
	}
}

// passes returns the conclusion where no browser would fail on an answer, and "" where one
// would.
func (s *session) passes() Conclusion {
	r := s.report
	preflight, actual := r.find(preflightAsked), r.find(actualAsked)
	// decisive is the exchange on which the request depends first.
	decisive := preflight
	if s.simple {
		decisive = actual
	}
	if decisive.Err != nil {
		s.say("%s: %v", decisive.Name, decisive.Err)
		if preflight.Err != nil && actual.Err != nil || s.simple {
			return Unreachable
		}
		return ProxyAnswers
	}
	switch {
	case !s.simple && s.preflightError(preflightAsked) != nil:
		return ""
	case s.actualError() == nil:
		s.say("the answer to %s has Access-Control-Allow-Origin: %s", actual.Method, actual.header("Access-Control-Allow-Origin"))
		return Allowed
	case !s.simple && s.asked.Method != actual.Method:
		s.say("the answer to the preflight permits %s; %s, sent in its place, is answered with status %d and not allowed", s.asked.Method, actual.Method, actual.Status)
		return PreflightAllowed
	}
	return ""
}

// fail sets what a browser would fail on first, and explains it by all answers.
func (s *session) fail() {
	r := s.report
	failed := r.find(actualAsked)
	err := s.actualError()
	if refused := s.preflightError(preflightAsked); refused != nil && !s.simple {
		failed, err = r.find(preflightAsked), refused
	}
	failure, ok := errors.AsType[*cors.Error](err)
	if !ok { // the request itself got no answer, and the preflight permits it
		failure = &cors.Error{Reason: cors.Transport, Err: failed.Err}
	}
	for _, e := range failure.All() {
		e.URL, e.Status, e.Preflight = r.URL, failed.Status, failed.Name == preflightAsked
	}
	known := explain.Exchange{Body: failed.body}
	if failed.Err == nil {
		known.Response = append(headers.List{}, failed.Response...)
	}
	for _, x := range r.Exchanges {
		if x != failed && x.Err == nil {
			known.Others = append(known.Others, x.Seen())
		}
	}
	r.Failure, r.explanation = failure, explain.Explain(failure, r.request, known)
}

// conclusions are what the causes of a failure come to.
var conclusions = map[string]Conclusion{
	"origin-refused": OriginRefused, "origin-refused-by": OriginRefused, "layer-refuses": OriginRefused, "fixed-origin": OriginRefused,
	"scheme-differs": OriginRefused, "port-differs": OriginRefused, "loopback-names-differ": OriginRefused, "host-differs": OriginRefused,
	"development-left": OriginRefused, "null-sent": OriginRefused, "bucket-rule-misses": OriginRefused, "csrf-refused": OriginRefused,

	"credentials-missing": CredentialsRefused, "credentials-spelling": CredentialsRefused, "wildcard-credentials": CredentialsRefused,

	"method-not-listed": MethodOrHeaderRefused, "method-case": MethodOrHeaderRefused, "method-spelling": MethodOrHeaderRefused,
	"header-not-listed": MethodOrHeaderRefused, "response-header-sent": MethodOrHeaderRefused, "added-by-library": MethodOrHeaderRefused,
	"method-refused-by": MethodOrHeaderRefused, "headers-refused-by": MethodOrHeaderRefused, "part-refused-by": MethodOrHeaderRefused,

	"headers-on-response-only": OptionsNotRouted,
	"options-not-routed":       NoCORS, "options-no-route": NoCORS, "options-by-framework": NoCORS, "options-server-error": NoCORS,
	"options-refused-in-front": NoCORS, "preflight-failed": NoCORS, "not-configured": NoCORS, "no-such-path": NoCORS, "page-for-api": NoCORS,
	"wrong-port": NoCORS, "not-deployed": NoCORS, "host-refused": NoCORS, "output-before-headers": NoCORS, "program-failed": NoCORS,
	"error-response": NoCORS, "bucket-unconfigured": NoCORS,

	"headers-on-preflight-only": ResponseRefused, "error-without-headers": ResponseRefused,

	"two-layers": Misconfigured, "list-in-header": Misconfigured, "allow-origin-empty": Misconfigured, "placeholder-in-header": Misconfigured,
	"pattern-in-header": Misconfigured, "pattern-fits": Misconfigured, "switch-in-header": Misconfigured, "leaked-value": Misconfigured,
	"quoted-origin": Misconfigured, "origin-without-scheme": Misconfigured, "slash-behind-origin": Misconfigured, "path-behind-origin": Misconfigured,
	"origin-spelling": Misconfigured, "not-an-origin": Misconfigured, "not-a-list": Misconfigured,

	"redirect": RedirectBeforeCORS, "redirect-https": RedirectBeforeCORS, "redirect-slash": RedirectBeforeCORS, "redirect-login": RedirectBeforeCORS,
	"redirect-to-http": RedirectBeforeCORS, "redirect-www": RedirectBeforeCORS, "headers-too-large": ProxyAnswers,
	"bucket-elsewhere": RedirectBeforeCORS,

	"options-authentication": AuthenticationBeforeCORS, "unauthorized-response": AuthenticationBeforeCORS, "portal": AuthenticationBeforeCORS,
	"key-in-front": AuthenticationBeforeCORS,

	"in-front": ProxyAnswers, "answered-by": ProxyAnswers, "challenge": ProxyAnswers, "firewall": ProxyAnswers, "gateway-no-route": ProxyAnswers,
	"users-network": ProxyAnswers, "captive-portal": ProxyAnswers, "too-large": ProxyAnswers, "rate-limited": ProxyAnswers,
	"cdn-cache-key": ProxyAnswers, "stale-cache": ProxyAnswers,
}

// conclusionOf returns what the likeliest of the causes comes to.
func (s *session) conclusionOf(e *explain.Explanation) Conclusion {
	if e.Reason == cors.Transport {
		return ProxyAnswers
	}
	for _, c := range e.Causes {
		conclusion, ok := conclusions[c.ID]
		switch {
		case !ok:
		case conclusion == NoCORS && !s.simple && e.Reason != cors.MissingAllowOrigin && s.report.accepted(preflightAsked), conclusion == NoCORS && s.report.accepted(actualAsked):
			return OptionsNotRouted
		default:
			return conclusion
		}
	}
	return NoCORS
}

// evidence says what speaks for the conclusion.
func (s *session) evidence() {
	r := s.report
	for _, c := range r.explanation.Causes {
		if c.Confidence > explain.Possible {
			for _, e := range c.Evidence {
				s.say("%s", e)
			}
		}
	}
	for _, e := range r.Failure.All() {
		s.say("%s", e.Detail())
	}
	switch r.Conclusion {
	case MethodOrHeaderRefused:
		s.say("what is refused is %s", s.describe())
	case OriginRefused:
		for _, sign := range s.signs() {
			s.say("%s", sign)
		}
	case NoCORS, OptionsNotRouted:
		if asked := r.find(preflightAsked); same(asked, r.find(optionsPlain)) {
			s.say("OPTIONS is answered alike, with status %d, with and without the headers of a preflight", asked.Status)
		}
	}
}

// describe names what is asked for.
func (s *session) describe() string {
	text := s.asked.Method
	list := cors.PreflightHeaders(s.asked)
	if names, ok := list.Get("Access-Control-Request-Headers"); ok {
		text += " with " + names
	}
	return text
}

// signs are what shows that the server knows CORS.
func (s *session) signs() (list []string) {
	r := s.report
	seen := map[string]bool{} // what each answer has is said once
	for _, x := range r.Exchanges {
		if x.Err != nil {
			continue
		}
		for _, h := range x.Response {
			name := headers.Lower(h.Name)
			vary := headers.TokenListOf(h.Value)
			line := h.Name + ": " + h.Value
			switch {
			case seen[line]:
			case name == "vary" && (vary.HasFold("origin") || vary.HasFold("access-control-request-method") || vary.HasFold("access-control-request-headers")),
				strings.HasPrefix(name, "access-control-"):
				seen[line] = true
				list = append(list, fmt.Sprintf("%s is answered with %s", x.Name, line))
			}
		}
		if body := headers.Lower(x.body); strings.Contains(body, "cors") {
			list = append(list, fmt.Sprintf("%s is answered with status %d and a body that speaks of CORS", x.Name, x.Status))
		}
	}
	with, without := r.find(actualAsked), r.find(actualNoOrigin)
	if with != nil && without != nil && with.Err == nil && without.Err == nil && with.Status != without.Status {
		list = append(list, fmt.Sprintf("%s is answered with status %d with Origin, and %d without", with.Method, with.Status, without.Status))
	}
	asked, plain := r.find(preflightAsked), r.find(optionsPlain)
	if asked != nil && plain != nil && asked.Err == nil && plain.Err == nil && asked.Status != plain.Status {
		list = append(list, fmt.Sprintf("OPTIONS is answered with status %d as a preflight, and %d otherwise", asked.Status, plain.Status))
	}
	return list
}

// same reports whether two answers are alike except what always differs.
func same(a, b *Trial) bool {
	if a == nil || b == nil || a.Err != nil || b.Err != nil || a.Status != b.Status {
		return false
	}
	return essence(a.Response) == essence(b.Response)
}

func essence(list headers.List) string {
	var b strings.Builder
	for _, h := range list.SortAndCombine() {
		switch h.Name {
		case "allow", "vary", "content-type", "server", "location":
			b.WriteString(h.Name + ":" + h.Value + "\n")
		}
		if strings.HasPrefix(h.Name, "access-control-") {
			b.WriteString(h.Name + ":" + h.Value + "\n")
		}
	}
	return b.String()
}
