package explain

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// How much speaks for a cause.
const (
	possible = 2  // nothing but that it is common
	likely   = 4  // it is the commonest
	hinted   = 6  // something in the exchange
	shown    = 10 // the exchange shows it
)

// candidates returns the causes that one failure may have.
func (q *inquiry) candidates() (list []Cause) {
	add := func(weight int, id, evidence string, args ...any) {
		c := NewCause(id, confidence(weight))
		if evidence != "" {
			c.Evidence = []Evidence{seen(evidence, args...)}
			if q.Preflight && q.known && strings.HasPrefix(evidence, "status") {
				c.Evidence[0].Where = "the answer to OPTIONS"
			}
		}
		c.order = weight
		list = append(list, c)
	}
	// say adds what is certain, with the values of its sentences.
	say := func(id string, values ...string) { list = append(list, NewCause(id, Certain).With(values...)) }
	if value, ok := q.request.Headers.Get("Content-Type"); ok && q.asked == "GET" && strings.Contains(value, "json") && q.Reason <= cors.HeaderNotAllowed {
		add(hinted, "content-type-on-get", "Content-Type: %s", value)
	}
	switch q.Reason {
	case cors.MissingAllowOrigin:
		if q.from != "" && q.URL == "" { // "Redirect at origin …"
			add(shown+2, "redirect", "the message is about a redirect")
		}
		q.nullOrigin(add)
		q.status(add)
		q.cached(add)
		q.cachedByWords(add)
		switch sign := q.knowsCORS(); {
		case q.Preflight && !q.known && q.Status == 0:
			add(likely, "preflight-unanswered", "")
			if layer := loginLayer.FindString(q.text); layer != "" {
				add(hinted, "options-authentication", "the text has %s", layer)
			}
			for _, id := range []string{"options-not-routed", "options-authentication", "not-configured", "origin-refused"} {
				add(possible, id, "")
			}
		case sign != "":
			add(hinted, "origin-refused", "%s", sign)
			add(possible, "not-configured", "")
		case q.known && 200 <= q.Status && q.Status <= 299:
			add(hinted, "not-configured", "status %d, and no header is about CORS", q.Status)
			add(possible, "origin-refused", "")
		default:
			add(likely, "not-configured", "")
			add(possible, "origin-refused", "")
		}
	case cors.WildcardAllowOriginWithCredentials:
		add(shown, "wildcard-credentials", `Access-Control-Allow-Origin is "*", and the request includes credentials`)
		add(possible, "needless-credentials", "")
	case cors.MultipleAllowOrigin:
		if isLeaked(q.Value) {
			q.malformed(say)
			break
		}
		q.multiple(add)
	case cors.InvalidAllowOrigin:
		q.malformed(say)
	case cors.AllowOriginMismatch:
		q.cachedByWords(add)
		q.nullOrigin(add)
		q.mismatch(add, say)
		q.cached(add)
	case cors.AllowCredentialsNotTrue:
		if q.Present {
			say("credentials-spelling")
		} else {
			add(likely, "credentials-missing", "")
		}
		add(possible, "needless-credentials", "")
	case cors.PreflightStatus:
		q.status(add)
		if len(list) == 0 {
			add(likely, "preflight-failed", "")
			add(possible, "options-not-routed", "")
			if layer := loginLayer.FindString(q.text); layer != "" {
				add(hinted, "options-authentication", "the text has %s", layer)
			} else {
				add(possible, "options-authentication", "")
			}
		}
	case cors.PreflightRedirect:
		q.status(add)
		if !q.redirects() {
			q.unseenRedirect(add)
		}
	case cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
		add(shown, "not-a-list", "")
		add(possible, "two-layers", "")
	case cors.MethodNotAllowed:
		q.method(add, say)
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		q.headerName(add)
	case cors.SchemeNotHTTP:
		q.scheme(add)
	case cors.Transport:
		if id, why := noAnswer(q.Err); q.Err != nil {
			add(shown, id, "%s", strings.TrimSuffix(why, "."))
			break
		}
		add(likely, q.Reason.String(), "")
	default:
		add(likely, q.Reason.String(), "")
	}
	return list
}

// adder adds a cause by its id.
type adder func(weight int, id, evidence string, args ...any)

// sayer adds a cause that is certain, with the values of its sentences.
type sayer func(id string, values ...string)

// confidence returns what a weight means.
func confidence(weight int) Confidence {
	switch {
	case weight >= shown:
		return Certain
	case weight > possible:
		return Likely
	}
	return Possible
}

// nullOrigin looks for why the origin is "null".
func (q *inquiry) nullOrigin(add adder) {
	switch {
	case strings.HasPrefix(q.page, "file:"):
		add(shown+1, "file-page", "the page is %s", q.page)
	case q.request.Origin == "null":
		add(hinted+1, "sandboxed-page", "the origin is null")
		add(hinted, "file-page", "")
	}
}

// unseenRedirect names where a preflight's redirect may lead, which no message tells.
func (q *inquiry) unseenRedirect(add adder) {
	if strings.HasPrefix(q.URL, "http:") && !strings.HasPrefix(q.URL, "http://localhost") && !strings.HasPrefix(q.URL, "http://127.") {
		add(hinted, "redirect-https", "the URL is http, and the OPTIONS request was redirected")
	}
	if u, err := weburl.Parse(q.URL); err == nil && q.text != "" {
		other := u.Path() + "/"
		if strings.HasSuffix(u.Path(), "/") {
			other = strings.TrimSuffix(u.Path(), "/")
		}
		if len(other) > 1 && (strings.Contains(q.text, `"`+other+`"`) || strings.Contains(q.text, "'"+other+"'")) {
			add(hinted+1, "redirect-slash", "the code has %q", other)
		}
	}
	if words := slashInWords.FindString(q.text); words != "" {
		add(hinted+2, "redirect-slash", "the text says %s", words)
	}
	add(likely, "preflight-redirected", "")
	add(possible, "redirect-slash", "")
	add(possible, "redirect-login", "")
}

// status looks for what a status tells.
func (q *inquiry) status(add adder) {
	switch s := q.Status; {
	case q.redirects():
		name, evidence := q.redirect()
		add(shown, name, "%s", evidence)
	case s == 413:
		add(shown, "too-large", "status 413%s", q.server())
	case s == 429:
		add(shown, "rate-limited", "status 429%s", q.server())
	case s == 502 || s == 503 || s == 504 || 520 <= s && s <= 530:
		add(shown, "in-front", "status %d%s", s, q.server())
		if !q.Preflight {
			add(hinted, "error-response", "status %d", s)
		}
	case q.Preflight && (s == 401 || s == 407 || q.header("WWW-Authenticate") != ""):
		add(shown, "options-authentication", "status %d%s", s, challenge(q.header("WWW-Authenticate")))
	case q.Preflight && s == 403:
		if sign := q.knowsCORS(); sign != "" {
			add(shown, "origin-refused", "status 403, and %s", sign)
			return
		}
		add(hinted, "origin-refused", "status 403, as some CORS layers answer what they refuse")
		add(hinted, "options-authentication", "status 403")
		add(likely, "in-front", "status 403%s", q.server())
	case q.Preflight && (s == 404 || s == 405 || s == 501):
		evidence := fmt.Sprintf("status %d", s)
		if allow := q.header("Allow"); allow != "" {
			evidence += ", and Allow lists " + allow
		}
		add(shown, "options-not-routed", "%s", evidence)
		add(possible, "in-front", "%s", strings.TrimPrefix(q.server(), ", "))
	case q.Preflight && s >= 500:
		add(shown, "options-server-error", "status %d", s)
	case q.Preflight && q.header("Allow") != "":
		add(hinted, "options-not-routed", "Allow: %s, as servers make it themselves", q.header("Allow"))
	case q.Preflight:
		if s >= 400 {
			add(hinted, "options-not-routed", "status %d", s)
		}
	case s == 403 && q.header("WWW-Authenticate") == "" && q.knowsCORS() != "":
		// As CORS layers answer an origin that they do not allow.
		add(likely, "unauthorized-response", "status %d", s)
	case s == 401 || s == 403:
		add(shown, "unauthorized-response", "status %d%s", s, challenge(q.header("WWW-Authenticate")))
		if server := q.server(); server != "" {
			add(hinted, "in-front", "status %d%s", s, server)
		}
	case s == 404 || s == 405 || s == 410:
		add(shown, "not-found-response", "status %d", s)
	case s == 421:
		add(shown, "misdirected", "status 421%s", q.server())
	case s >= 400:
		add(shown, "error-response", "status %d", s)
		if server := q.server(); server != "" {
			add(hinted, "in-front", "status %d%s", s, server)
		}
	}
}

func challenge(value string) string {
	if value == "" {
		return ""
	}
	scheme, _, _ := strings.Cut(value, " ")
	return ", WWW-Authenticate: " + scheme
}

// server says which server or proxy calls itself by a header, behind a comma.
func (q *inquiry) server() (s string) {
	for _, name := range []string{"Server", "Via"} {
		if value := q.header(name); value != "" {
			s += ", " + name + ": " + value
		}
	}
	return s
}

// redirect tells the kinds of redirects apart.
func (q *inquiry) redirect() (name, evidence string) {
	location := q.header("Location")
	evidence = fmt.Sprintf("status %d", q.Status)
	if location == "" {
		return "redirect", evidence
	}
	evidence += " to " + location
	from, err := weburl.Parse(q.URL)
	if err != nil {
		return "redirect", evidence
	}
	to, err := from.Parse(location)
	if err != nil {
		return "redirect", evidence
	}
	switch {
	case from.Scheme() == "http" && to.Scheme() == "https" && from.Host() == to.Host():
		return "redirect-https", evidence
	case from.Scheme() == "https" && to.Scheme() == "http" && from.Host() == to.Host():
		return "redirect-to-http", evidence
	case "www."+from.Host() == to.Host() || from.Host() == "www."+to.Host():
		return "redirect-www", evidence
	case from.Host() == to.Host() && from.Path() != to.Path() && strings.TrimSuffix(from.Path(), "/") == strings.TrimSuffix(to.Path(), "/"):
		return "redirect-slash", evidence
	case isLogin(to):
		return "redirect-login", evidence
	}
	return "redirect", evidence
}

// isLogin reports whether a URL looks like that of a login page.
func isLogin(u *weburl.URL) bool {
	where := headers.Lower(u.Host() + u.Path())
	for _, word := range []string{"login", "signin", "sign-in", "sign_in", "logon", "oauth", "/auth", "auth.", "sso", "saml", "openid", "accounts.", "/connect/"} {
		if strings.Contains(where, word) {
			return true
		}
	}
	return false
}

// knowsCORS says what in a response shows that something there knows CORS.
func (q *inquiry) knowsCORS() string {
	for _, h := range q.response {
		name := headers.Lower(h.Name)
		switch {
		case name == "vary" && varies(h.Value):
			return "the response has Vary: " + h.Value
		case name == "access-control-allow-origin":
		case strings.HasPrefix(name, "access-control-"):
			return "the response has " + h.Name
		}
	}
	return ""
}

func varies(value string) bool {
	list := headers.TokenListOf(value)
	return list.HasFold("origin") || list.HasFold("access-control-request-method") || list.HasFold("access-control-request-headers")
}

// cached adds that a cache may answer, where nothing in the exchange shows it; see
// cachedFor.
func (q *inquiry) cached(add adder) {
	if q.Preflight || !q.known || varies(q.header("Vary")) || q.header("Vary") == "*" {
		return
	}
	if q.Reason == cors.AllowOriginMismatch {
		add(possible, "stale-cache", "")
	}
}

// loginLayer is what refuses requests without a login, OPTIONS as well unless it is told.
var loginLayer = regexp.MustCompile(`(?i)\bspring[- ]?security\b|\bHttpSecurity\b|@EnableWebSecurity|@PreAuthorize\b|SecurityFilterChain|\bpassport(?:\.authenticate|\.?js|-jwt)?\b|\bdevise\b|\bidentityserver\d?\b|\bauth(?:entication|orization)? middleware\b|\bmiddleware\b.{0,12}\bauth:|\[Authorize\]|\bIsAuthenticated\b|\bjwt_required\b|\bauth_request\b|\bauth_basic\b|\bWindows Authentication\b`)

// saysCached is who has seen that it depends on what was loaded before.
var saysCached = regexp.MustCompile(`(?i)\bcach(?:e|ed|ing)\b|incognito|private window|hard (?:refresh|reload)|ctrl ?\+ ?(?:shift ?\+ ?)?f5|\bsometimes\b|intermittent|occasional|sporadic|randomly`)

// cachedByWords adds that a cache may answer, where somebody says what points to it.
func (q *inquiry) cachedByWords(add adder) {
	if q.known || q.Preflight || q.Status >= 400 {
		return
	}
	word := saysCached.FindString(q.text)
	switch {
	case word == "":
	case q.Reason == cors.AllowOriginMismatch && !q.redirects():
		add(shown+2, "stale-cache", "the header names another of the pages' origins, and the text says %q", word)
	case q.Reason == cors.MissingAllowOrigin:
		add(likely-1, "cached-without-cors", "the text says %q", word)
	}
}

// multiple tells whether two layers answer or one names several origins.
func (q *inquiry) multiple(add adder) {
	members := headers.GetDecodeAndSplit(q.Value)
	lines := len(q.response.Values(allowOrigin))
	switch {
	case lines > 1:
		add(shown, "two-layers", "the header is there %d times", lines)
		add(possible, "list-in-header", "")
	case len(members) > 1 && (members[0] == members[1] || members[0] == "*" || members[1] == "*"):
		add(shown, "two-layers", "%s", q.Value)
		add(possible, "list-in-header", "")
	case lines == 1:
		add(shown, "list-in-header", "the header is there once: %s", q.Value)
	default:
		add(likely, "list-in-header", "")
		add(likely-1, "two-layers", "")
	}
}

// malformed says what is wrong with a value that is not an origin, given whose page asks.
func (q *inquiry) malformed(say sayer) {
	if fits(q.Value, q.request.Origin) {
		say("pattern-fits", "value", q.Value)
		return
	}
	say(malformedOrigin(q.Value))
}

// fits reports whether a pattern with one "*" is one that somebody who wrote it would
// expect an origin to fit.
func fits(pattern, origin string) bool {
	before, after, ok := strings.Cut(pattern, "*")
	if !ok || before == "" && after == "" || strings.Contains(after, "*") {
		return false
	}
	if !strings.Contains(pattern, "://") {
		_, origin, _ = strings.Cut(origin, "://")
	}
	return strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after) && len(origin) > len(before)+len(after)
}

// malformedOrigin says what is wrong with a value that is not an origin.
func malformedOrigin(value string) (id, name, filled string) {
	switch {
	case value == "":
		return "allow-origin-empty", "", ""
	case isLeaked(value):
		return "leaked-value", "value", value
	case strings.ContainsAny(value, `"'`+"`[]"):
		return "quoted-origin", "value", value
	case strings.ContainsAny(value, "${}%<>"):
		return "placeholder-in-header", "", ""
	case value != "*" && strings.Contains(value, "*"):
		return "pattern-in-header", "", ""
	case strings.EqualFold(value, "true") || strings.EqualFold(value, "all") || strings.EqualFold(value, "any"):
		return "switch-in-header", "value", value
	case !strings.Contains(value, "://"):
		return "origin-without-scheme", "", ""
	}
	u, err := weburl.Parse(value)
	if err != nil {
		return "not-an-origin", "", ""
	}
	right := u.Origin().String()
	switch {
	case u.Path() == "" || !strings.HasSuffix(value, u.Path()):
		return "origin-spelling", "right", right
	case u.Path() == "/":
		return "slash-behind-origin", "right", right
	}
	return "path-behind-origin", "right", right
}

// isLeaked reports whether a value is what programs write for what is no text.
func isLeaked(value string) bool {
	switch headers.Lower(value) {
	case "false", "undefined", "none", "nil", "nan", "0", "1", "array", "[object object]", "<nil>", "{}", "[]", "system.string[]":
		return true
	}
	return strings.HasPrefix(value, "function ") || strings.HasPrefix(value, "[Function")
}

// mismatch tells in what two origins differ.
func (q *inquiry) mismatch(add adder, say sayer) {
	if len(headers.GetDecodeAndSplit(q.Value)) > 1 { // an engine that looks for more than one elsewhere
		q.multiple(add)
		return
	}
	has, err1 := origin.Parse(q.Value)
	wants, err2 := origin.Parse(q.request.Origin)
	switch {
	case strings.Contains(q.Value, "*"), isLeaked(q.Value):
		q.malformed(say)
	case q.Value == "null":
		say("null-sent")
	case q.Value == "": // not known
		add(likely, "no-value-shown", "")
		add(possible, "fixed-origin", "")
	case q.Value == q.request.Origin && q.from != "": // behind the redirect it was null
	case err1 != nil || err2 != nil || has.IsOpaque() || wants.IsOpaque():
		add(likely, "fixed-origin", "%s", q.Value)
	case has.Host() == wants.Host() && has.Scheme() != wants.Scheme():
		say("scheme-differs", "allowed", q.Value, "scheme", wants.Scheme())
	case has.Host() == wants.Host():
		say("port-differs", "allowed", q.Value, "origin", q.request.Origin)
	case isLoopback(has.Host()) && isLoopback(wants.Host()):
		say("loopback-names-differ", "allowed", q.Value, "origin", q.request.Origin)
	case has.SchemelesslySameSite(wants):
		say("host-differs", "allowed", q.Value)
	case isLoopback(has.Host()):
		say("development-left", "allowed", q.Value)
	default:
		add(likely, "fixed-origin", "%s", q.Value)
	}
}

func isLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "[::1]"
}

func (q *inquiry) method(add adder, say sayer) {
	if q.Value == "" && headers.EqualFold(q.Subject, "patch") && q.Subject != "PATCH" {
		add(hinted, "method-spelling", "script asks for %s", q.Subject)
	}
	list := headers.TokenListOf(q.Value)
	for method := range list.All() {
		if method != q.Subject && headers.EqualFold(method, q.Subject) {
			say("method-case", "asked", q.Subject, "allowed", method)
		}
	}
	if q.wildcardWithCredentials() {
		add(shown, "wildcard-credentials", `Access-Control-Allow-Methods is "*", and the request includes credentials`)
	}
	if !q.Present && q.known {
		add(hinted, "method-not-listed", "Access-Control-Allow-Methods is absent")
	} else {
		add(likely, "method-not-listed", "")
	}
	if allow := q.header("Allow"); allow != "" && q.known && !q.Present {
		add(likely, "options-not-routed", "Allow: %s", allow)
	}
	add(possible, "stale-preflight", "")
}

func (q *inquiry) wildcardWithCredentials() bool {
	list := headers.TokenListOf(q.Value)
	return q.request.IncludeCredentials && list.Has("*")
}

func (q *inquiry) headerName(add adder) {
	name := headers.Lower(q.Subject)
	switch {
	case strings.HasPrefix(name, "access-control-") || name == "vary":
		add(shown, "response-header-sent", "%s", name)
	case isAdded(name):
		add(hinted+1, "added-by-library", "%s", name)
	}
	if q.wildcardWithCredentials() {
		add(shown, "wildcard-credentials", `Access-Control-Allow-Headers is "*", and the request includes credentials`)
	}
	switch {
	case q.Reason == cors.NonWildcardHeaderNotAllowed:
		add(hinted, "header-not-listed", `Authorization must be listed by its name: "*" does not cover it`)
	case !q.Present && q.known:
		add(hinted, "header-not-listed", "Access-Control-Allow-Headers is absent")
	default:
		add(likely, "header-not-listed", "")
	}
	if name == "content-type" {
		add(likely-1, "safelist-left", "")
	}
	add(possible, "stale-preflight", "")
}

// isAdded reports whether a header is one that libraries add by themselves.
func isAdded(name string) bool {
	switch name {
	case "traceparent", "tracestate", "sentry-trace", "baggage", "newrelic", "x-newrelic-id", "b3", "request-id", "request-context",
		"x-requested-with", "cache-control", "pragma", "if-modified-since", "upgrade-insecure-requests", "x-client-data", "uber-trace-id",
		"x-xsrf-token", "x-csrf-token", "x-amzn-trace-id", "x-socket-id", "ngsw-bypass", "user-agent":
		return true
	}
	return strings.HasPrefix(name, "x-datadog-") || strings.HasPrefix(name, "x-b3-") || strings.HasPrefix(name, "x-stainless-")
}

// scheme tells why a URL is not http: a page from a file, a forgotten http://, or the
// scheme of an app.
func (q *inquiry) scheme(add adder) {
	scheme, rest, _ := strings.Cut(q.URL, ":")
	scheme = headers.Lower(scheme)
	if q.Subject != "" {
		scheme = headers.Lower(q.Subject)
	}
	switch {
	case scheme == "file" && q.api == "script":
		add(shown, "module-from-file", "%s", q.URL)
	case scheme == "file" || q.URL == "" && q.request.Origin == "null":
		add(shown, "file-request", "%s", q.URL)
	case scheme == "localhost" || strings.Contains(scheme, ".") || rest != "" && '0' <= rest[0] && rest[0] <= '9':
		add(shown, "forgotten-scheme", "%s", q.URL)
	case scheme == "ws" || scheme == "wss":
		add(shown, "websocket-url-fetched", "%s", q.URL)
	case scheme != "" && scheme != "http" && scheme != "https" && scheme != "data" && scheme != "blob":
		add(hinted, "app-scheme", "%s", q.URL)
	default:
		add(likely, q.Reason.String(), "")
	}
}
