package explain

import (
	"fmt"
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

// texts are the causes that need no value to be said.
var texts = map[string]string{
	"not-configured":         "The server has no CORS configuration for this URL.",
	"origin-refused":         "The server knows CORS, and this origin is not among those that it allows.",
	"error-response":         "The application failed, and its error responses lack the CORS headers: script sees a CORS failure instead of the error. Have the headers added to every response.",
	"in-front":               "The response is not the application's but of something in front of it (a proxy, gateway, firewall or CDN), which adds no CORS headers.",
	"two-layers":             "Two layers each add the header: the application, and a proxy or middleware in front of it. Leave it to one of them.",
	"list-in-header":         "Several origins are listed in one header. It can hold one: compare the request's Origin with a list, and answer with the one that is there.",
	"redirect-https":         "The server redirects http to https before it comes to CORS. Request the https URL.",
	"redirect-slash":         "The server redirects to the same path with, or without, a final slash before it comes to CORS. Request the URL that it leads to.",
	"redirect-login":         "The server redirects to a login page: the request came without what would authenticate it. An API does better to answer 401, with CORS headers.",
	"redirect":               "The server redirects before it comes to CORS. Request the URL that it leads to, or have the redirect carry the headers.",
	"options-not-routed":     "Nothing handles OPTIONS at this URL: routes exist for the other methods only.",
	"options-authentication": "OPTIONS needs authentication, but a preflight never carries cookies or Authorization. Let preflights through before authentication.",
	"wildcard-credentials":   `"*" stands for anything only without credentials: with them, everything is to be named.`,
	"needless-credentials":   "The request includes credentials, though it may not need them: leave credentials \"include\" (or withCredentials) away if no cookie is used.",
	"file-page":              "The page was opened from a file: its origin is \"null\". Serve it over http, as from http://localhost.",
	"sandboxed-page":         "The origin is \"null\": the page is sandboxed, a data: URL or a file, or a redirect led from one foreign origin to another.",
	"stale-cache":            "A cache answers with what was made for another origin, or for a request without one: the response lacks Vary: Origin.",
	"stale-preflight":        "The server was changed, and the browser still has the answer to an earlier preflight. Its cache ends with Access-Control-Max-Age, or with a restart.",
	"not-exposed":            "The server sends the header but does not expose it: script can read others than the safelisted ones only where Access-Control-Expose-Headers lists them.",
	"credentials-missing":    "The server's CORS configuration does not allow credentials, which is a setting of its own.",
	"method-not-listed":      "The server's CORS configuration lists methods, and this is not among them.",
	"header-not-listed":      "The server's CORS configuration lists request headers, and this is not among them.",
	"response-header-sent":   "Script sends a header that belongs into responses. It does nothing in a request but make a preflight necessary: remove it from the script.",
	"added-by-library":       "A library, not your own code, adds this header: tracing, monitoring or a default of the HTTP client. Switch that off for this host, or allow the header.",
	"safelist-left":          "The header needs a preflight because of its value: Content-Type is safelisted only for form and text types.",
	"not-a-list":             "The value was written by hand and is no comma-separated list of tokens: quotes, semicolons, spaces or URLs stand in it.",
	"fixed-origin":           "The server always answers with one fixed origin, and this page has another.",
	"options-server-error":   "The server fails on OPTIONS: a handler that expects a body or a session gets none.",
}

// candidates returns the causes that one failure may have.
func (q *inquiry) candidates() (list []Cause) {
	add := func(weight int, name, evidence string, args ...any) {
		if len(args) > 0 {
			evidence = fmt.Sprintf(evidence, args...)
		}
		list = append(list, Cause{name, texts[name], evidence, weight})
	}
	say := func(weight int, name, text string) { list = append(list, Cause{name, text, "", weight}) }
	switch q.Reason {
	case cors.MissingAllowOrigin:
		q.nullOrigin(add)
		q.status(add)
		q.cached(add)
		switch sign := q.knowsCORS(); {
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
		q.multiple(add)
	case cors.InvalidAllowOrigin:
		say(shown, "malformed-origin", malformedOrigin(q.Value))
	case cors.AllowOriginMismatch:
		q.nullOrigin(add)
		q.mismatch(add, say)
		q.cached(add)
	case cors.AllowCredentialsNotTrue:
		if q.Present {
			say(shown, "credentials-spelling", `The value is not exactly "true": no other spelling, and no upper case, will do.`)
		} else {
			add(likely, "credentials-missing", "")
		}
		add(possible, "needless-credentials", "")
	case cors.PreflightStatus, cors.PreflightRedirect:
		q.status(add)
		if len(list) == 0 {
			add(likely, "options-not-routed", "")
			add(possible, "options-authentication", "")
		}
		if q.Reason == cors.PreflightRedirect && !q.redirects() {
			add(likely, "redirect", "")
			add(possible, "redirect-https", "")
			add(possible, "redirect-slash", "")
			add(possible, "redirect-login", "")
		}
	case cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
		add(shown, "not-a-list", "")
		add(possible, "two-layers", "")
	case cors.MethodNotAllowed:
		q.method(add, say)
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		q.headerName(add)
	default:
		say(likely, q.Reason.String(), otherCauses[q.Reason])
	}
	return list
}

// adder adds a cause by its name.
type adder func(weight int, name, evidence string, args ...any)

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

// status looks for what a status tells.
func (q *inquiry) status(add adder) {
	switch s := q.Status; {
	case q.redirects():
		name, evidence := q.redirect()
		add(shown, name, "%s", evidence)
	case s == 502 || s == 503 || s == 504 || s == 429 || s == 413 || 520 <= s && s <= 530:
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
		add(hinted, "options-not-routed", "the answer to OPTIONS has Allow: %s, as servers make it themselves", q.header("Allow"))
	case q.Preflight:
		if s >= 400 {
			add(hinted, "options-not-routed", "status %d", s)
		}
	case s == 401 || s == 403:
		add(shown, "error-response", "status %d%s", s, challenge(q.header("WWW-Authenticate")))
		if server := q.server(); server != "" {
			add(hinted, "in-front", "status %d%s", s, server)
		}
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
	for _, word := range []string{"login", "signin", "sign-in", "sign_in", "logon", "oauth", "/auth", "auth.", "sso", "saml", "openid", "accounts."} {
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

// cached looks for signs that a cache answered.
func (q *inquiry) cached(add adder) {
	if q.Preflight || !q.known || varies(q.header("Vary")) || q.header("Vary") == "*" {
		return
	}
	for _, name := range []string{"Age", "X-Cache", "Cf-Cache-Status", "X-Cache-Status"} {
		value := q.header(name)
		if name == "Age" && value != "" && value != "0" || strings.Contains(headers.Lower(value), "hit") {
			add(hinted+1, "stale-cache", "%s: %s, and no Vary: Origin", name, value)
			return
		}
	}
	if q.Status == 304 {
		add(hinted+1, "stale-cache", "status 304, and no Vary: Origin")
		return
	}
	if q.Reason == cors.AllowOriginMismatch {
		add(possible, "stale-cache", "")
	}
}

// multiple tells whether two layers answer or one names several origins.
func (q *inquiry) multiple(add adder) {
	members := headers.GetDecodeAndSplit(q.Value)
	lines := len(q.response.Values(allowOrigin))
	switch {
	case lines > 1:
		add(shown, "two-layers", "the header stands %d times", lines)
		add(possible, "list-in-header", "")
	case len(members) > 1 && (members[0] == members[1] || members[0] == "*" || members[1] == "*"):
		add(shown, "two-layers", "%s", q.Value)
		add(possible, "list-in-header", "")
	case lines == 1:
		add(shown, "list-in-header", "the header stands once: %s", q.Value)
	default:
		add(likely, "list-in-header", "")
		add(likely-1, "two-layers", "")
	}
}

// malformedOrigin says what is wrong with a value that is no origin.
func malformedOrigin(value string) string {
	switch {
	case value == "":
		return "The header is empty: what it is made from is not set."
	case strings.ContainsAny(value, "${}%<>"):
		return "A placeholder stands in the header that nothing has replaced: the configuration's variable is not set, or its syntax another's."
	case value != "*" && strings.Contains(value, "*"):
		return `A pattern stands in the header. "*" stands for any origin by itself only: compare the request's Origin with the pattern, and answer with the origin.`
	case strings.EqualFold(value, "true") || strings.EqualFold(value, "all") || strings.EqualFold(value, "any"):
		return "The header holds an origin, not a switch."
	case !strings.Contains(value, "://"):
		return "The scheme is missing: an origin begins with https:// or http://."
	}
	if u, err := weburl.Parse(value); err == nil {
		if u.Path() != "" && strings.HasSuffix(value, u.Path()) {
			if u.Path() == "/" {
				return "A final slash stands behind the origin: it is " + u.Origin().String() + "."
			}
			return "A URL stands in the header, with its path: the origin is " + u.Origin().String() + "."
		}
		return "The origin is not written as browsers write it: that is " + u.Origin().String() + "."
	}
	return "The value is no origin: scheme://host[:port], in lower case, without a path."
}

// mismatch tells in what two origins differ.
func (q *inquiry) mismatch(add adder, say func(int, string, string)) {
	if len(headers.GetDecodeAndSplit(q.Value)) > 1 { // an engine that looks for more than one elsewhere
		q.multiple(add)
		return
	}
	has, err1 := origin.Parse(q.Value)
	wants, err2 := origin.Parse(q.request.Origin)
	switch {
	case q.Value == "null":
		say(shown, "null-sent", `The server answers with the origin "null": it was made without a request's Origin, or allows sandboxed pages instead of this one.`)
	case q.Value == "": // not known
		add(likely, "fixed-origin", "")
	case err1 != nil || err2 != nil || has.IsOpaque() || wants.IsOpaque():
		add(likely, "fixed-origin", "%s", q.Value)
	case has.Host() == wants.Host() && has.Scheme() != wants.Scheme():
		say(shown, "scheme-differs", fmt.Sprintf("The scheme differs: the server allows %s, the page came over %s.", q.Value, wants.Scheme()))
	case has.Host() == wants.Host():
		say(shown, "port-differs", fmt.Sprintf("The port differs: the server allows %s, and the page is at %s.", q.Value, q.request.Origin))
	case isLoopback(has.Host()) && isLoopback(wants.Host()):
		say(shown, "host-differs", fmt.Sprintf("localhost and 127.0.0.1 are different origins: the server allows %s, and the page is at %s.", q.Value, q.request.Origin))
	case has.SchemelesslySameSite(wants):
		say(shown, "host-differs", fmt.Sprintf("The host differs within one site, as with and without \"www.\": the server allows %s.", q.Value))
	case isLoopback(has.Host()):
		say(shown, "development-left", fmt.Sprintf("The server still allows the origin of development, %s.", q.Value))
	default:
		add(likely, "fixed-origin", "%s", q.Value)
	}
}

func isLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "[::1]"
}

func (q *inquiry) method(add adder, say func(int, string, string)) {
	list := headers.TokenListOf(q.Value)
	for method := range list.All() {
		if method != q.Subject && headers.EqualFold(method, q.Subject) {
			say(shown, "method-case", fmt.Sprintf("Methods have a case: script asks for %s, and the server allows %s. Only DELETE, GET, HEAD, OPTIONS, POST and PUT are put in upper case by browsers.", q.Subject, method))
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
		add(likely, "options-not-routed", "the answer to OPTIONS has Allow: %s", allow)
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
		add(hinted, "header-not-listed", `Authorization is to be listed by its name: "*" does not cover it`)
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

// otherCauses say where what is no matter of a server's CORS headers commonly
// comes from.
var otherCauses = map[cors.Reason]string{
	cors.RedirectMode:              `Script asked for redirect mode "error", and the server redirects: the URL is an old one.`,
	cors.RedirectLocation:          "The server makes its Location from parts, one of which is empty or not encoded.",
	cors.RedirectScheme:            "A login or payment flow redirects to an app's own scheme, which only a navigation can follow.",
	cors.RedirectCount:             "Two rules redirect to each other, as http to https behind a proxy that ends TLS.",
	cors.RedirectCredentials:       "A username and password stand in the URL that the server redirects to, as in a configuration of an upstream.",
	cors.RedirectBody:              "An upload from a stream was redirected: it can be read once only.",
	cors.SameOriginMode:            `Script asked for mode "same-origin", and the URL, or one that it redirects to, is of another origin: its scheme, host or port differs.`,
	cors.NoCORSRedirectMode:        `Mode "no-cors" was set to silence a CORS failure; it never lets script read anything.`,
	cors.SchemeNotHTTP:             "The URL has no http or https scheme: a file opened from disk, localhost:3000 without http:// before it, or an app's own scheme.",
	cors.InvalidDataURL:            "The data: URL was cut off, or its base64 is the URL-safe kind.",
	cors.BadPort:                   "The server listens on a port that belongs to another protocol, such as 6000 or 6667.",
	cors.MixedContent:              "The page came over https and the API's URL says http: a leftover of development, or a server behind a proxy that takes itself to be at http.",
	cors.CrossOriginResourcePolicy: "A security middleware sends Cross-Origin-Resource-Policy: same-origin by default, or the page's Cross-Origin-Embedder-Policy demands that the resource opts in.",
	cors.NoSniff:                   "The URL answers with an error page, or its file ending has no type in the server's configuration.",
	cors.MIMEType:                  "The URL answers with something that is no script.",
	cors.UnrequestedRange:          "A cache in between answers with a part that it has of the whole.",
	cors.KeepaliveLimit:            "Statistics are sent with keepalive, more at a time than browsers take.",
	cors.OnlyIfCached:              "Nothing has put the URL into the cache before.",
	cors.ProxyAuthentication:       "A company's proxy asks for a password, or a server answers 407 where 401 is meant.",
	cors.Integrity:                 "The file was changed, as by a CDN that minifies it, or the hash is of another version.",
	cors.ContentCoding:             "The server compresses what is compressed already, says so of what is not, or uses Brotli or zstd for a client that did not ask for it.",
	cors.RequestBody:               "The program that gives the body failed, or gave more or less than it had said.",
	cors.Transport:                 "No response came, so that this is not about CORS: the server does not run there, its name, port or certificate is wrong, or an extension, firewall or VPN keeps the request from it.",
	cors.ResponseTooLarge:          "Cookies or tokens pile up in response headers.",
	cors.Timeout:                   "The server is slow, or something in between drops the packets.",
	cors.Aborted:                   "The page was left, or script aborted: nothing need be wrong.",
	cors.InvalidArgument:           "Script built the method, header or URL from a value that it did not check: an undefined token, a line break at its end.",
}
