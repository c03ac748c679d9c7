package probe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
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

// conclude sets the conclusion, and the failure that it is about.
func (s *session) conclude() {
	r := s.report
	conclusion := s.conclusion()
	r.Conclusion, r.Text = conclusion, sentences[conclusion]
	if conclusion.Passes() || conclusion == Unreachable {
		return
	}
	if e, ok := errors.AsType[*cors.Error](s.preflightError(preflightAsked)); ok && !s.simple {
		r.Failure = e
	} else if e, ok := errors.AsType[*cors.Error](s.actualError()); ok {
		r.Failure = e
	}
	if e := r.Failure; e != nil {
		for _, e := range e.All() {
			e.URL, e.Preflight = r.URL, !s.simple && s.preflightError(preflightAsked) != nil
			if x := r.find(actualAsked); !e.Preflight && x != nil {
				e.Status = x.Status
			}
			if x := r.find(preflightAsked); e.Preflight && x != nil {
				e.Status = x.Status
			}
		}
	}
}

func (s *session) say(format string, args ...any) {
	s.report.Evidence = append(s.report.Evidence, fmt.Sprintf(format, args...))
}

// conclusion weighs the answers.
func (s *session) conclusion() Conclusion {
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
	preflightErr, actualErr := s.preflightError(preflightAsked), s.actualError()
	if s.simple || preflightErr == nil {
		switch {
		case actualErr == nil:
			s.say("the answer to %s has Access-Control-Allow-Origin: %s", actual.Method, actual.header("Access-Control-Allow-Origin"))
			return Allowed
		case !s.simple && s.asked.Method != actual.Method:
			s.say("the answer to the preflight permits %s; %s, sent in its place, is answered with status %d and not allowed", s.asked.Method, actual.Method, actual.Status)
			return PreflightAllowed
		case !s.simple && !before(actual):
			s.say("the answer to the preflight permits the request; the answer to %s, status %d, does not", actual.Method, actual.Status)
			return ResponseRefused
		}
		decisive = actual
	}
	switch {
	case isRedirect(decisive.Status) && !r.accepted(decisive.Name):
		s.say("%s is answered with status %d to %s", decisive.Method, decisive.Status, decisive.shown("Location"))
		return RedirectBeforeCORS
	case (decisive.Status == 401 || decisive.Status == 407 || decisive.Status == 403 && decisive.Response.Contains("WWW-Authenticate")) && !r.accepted(decisive.Name):
		s.say("%s is answered with status %d, WWW-Authenticate: %s", decisive.Method, decisive.Status, decisive.shown("WWW-Authenticate"))
		return AuthenticationBeforeCORS
	}
	if why := s.proxy(decisive); why != "" {
		s.say("%s", why)
		return ProxyAnswers
	}
	return s.refusal(decisive, preflightErr, actualErr)
}

// before reports whether a response is one of what comes before CORS.
func before(x *Trial) bool {
	return isRedirect(x.Status) || x.Status == 401 || x.Status == 407 || isGatewayError(x.Status)
}

func isRedirect(status int) bool { return 300 <= status && status <= 399 && status != 304 }

func isGatewayError(status int) bool {
	return status == 502 || status == 503 || status == 504 || 520 <= status && status <= 530
}

// proxy says why an answer seems not to be the application's.
func (s *session) proxy(x *Trial) string {
	if s.report.accepted(x.Name) {
		return ""
	}
	server := x.header("Server")
	other := s.report.find(actualAsked)
	if x == other {
		other = s.report.find(preflightAsked)
	}
	switch {
	case isGatewayError(x.Status):
		return fmt.Sprintf("%s is answered with status %d, as gateways do that get no answer of the application; Server: %s", x.Method, x.Status, orNone(x.shown("Server")))
	case x.Response.Contains("Cf-Mitigated"):
		return fmt.Sprintf("%s is answered with a challenge, Cf-Mitigated: %s", x.Method, x.header("Cf-Mitigated"))
	case x.Method == "OPTIONS" && x.Status >= 400 && other != nil && other.Err == nil && other.Status < 400 && server != other.header("Server"):
		return fmt.Sprintf("OPTIONS is answered by Server: %s with status %d, %s by Server: %s", orNone(x.shown("Server")), x.Status, other.Method, orNone(other.shown("Server")))
	}
	return ""
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// refusal tells apart whether CORS is not known, or what it refuses.
func (s *session) refusal(decisive *Trial, preflightErr, actualErr error) Conclusion {
	r := s.report
	accepted := r.accepted(decisive.Name)
	failure, _ := errors.AsType[*cors.Error](preflightErr)
	if s.simple {
		failure, _ = errors.AsType[*cors.Error](actualErr)
	}
	if failure != nil {
		switch failure.Reason {
		case cors.WildcardAllowOriginWithCredentials, cors.AllowCredentialsNotTrue:
			s.say("%v", failure)
			return CredentialsRefused
		case cors.MultipleAllowOrigin, cors.InvalidAllowOrigin, cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
			s.say("%v", failure)
			return Misconfigured
		}
	}
	if !s.simple {
		if accepted && 200 <= decisive.Status && decisive.Status <= 299 {
			for _, e := range failure.All() {
				s.say("%v", e)
			}
			return MethodOrHeaderRefused
		}
		if r.find(preflightSimple) != nil && s.preflightError(preflightSimple) == nil {
			s.say("a preflight for GET without headers is answered with status %d and Access-Control-Allow-Origin: %s, that for %s with status %d and %s",
				r.find(preflightSimple).Status, r.find(preflightSimple).header("Access-Control-Allow-Origin"), s.describe(),
				decisive.Status, orNone(decisive.header("Access-Control-Allow-Origin")))
			return MethodOrHeaderRefused
		}
		if actualErr == nil || accepted {
			s.say("%s is allowed, and OPTIONS is answered with status %d", s.actual, decisive.Status)
			if same(decisive, r.find(optionsPlain)) {
				s.say("OPTIONS is answered alike with and without the headers of a preflight")
			}
			return OptionsNotRouted
		}
	}
	if signs := s.signs(); len(signs) > 0 {
		for _, sign := range signs {
			s.say("%s", sign)
		}
		return OriginRefused
	}
	s.say("no answer has a header of CORS, nor Vary: Origin")
	if same(r.find(preflightAsked), r.find(optionsPlain)) {
		s.say("OPTIONS is answered alike, with status %d, with and without the headers of a preflight", r.find(preflightAsked).Status)
	}
	return NoCORS
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

// same reports whether two answers are alike but for what always differs.
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
