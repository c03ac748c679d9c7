package explain

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// role is what a template stands for in a message.
type role uint8

const (
	reasonRole   role = iota // says why
	contextRole              // stands before a reason
	wholeRole                // stands before a reason, and says by itself that it is about CORS
	suffixRole               // stands behind a reason
	locationRole             // a second line, with the URL
	requestRole              // a line about the request, with its method, URL and status
)

// template is a wording. In its text {name} stands for what a message fills in,
// and a space for any blanks, the end of a line included.
type template struct {
	engine      string
	role        role
	text        string
	reason      cors.Reason
	topic       Topic
	or          []cors.Reason
	preflight   bool
	credentials bool

	pieces []piece
}

// piece is a literal, or the name of a field.
type piece struct{ literal, field string }

const (
	chromium = "chromium"
	firefox  = "firefox"
	webkit   = "webkit"
)

// templates are the wordings, each before those of which it is a longer form.
// Where a wording is of more than one engine it stands with the first.
var templates = slices.Concat(chromiumTemplates, firefoxTemplates, webkitTemplates)

var chromiumTemplates = []*template{
	{role: wholeRole, text: "Access to {api} at '{url}' (redirected from '{from}') from origin '{origin}' has been blocked by CORS policy:"},
	{role: wholeRole, text: "Access to {api} at '{url}' from origin '{origin}' has been blocked by CORS policy:"},
	{role: wholeRole, text: "Redirect from '{from}' to '{url}' has been blocked by CORS policy:"},
	{role: wholeRole, text: "Redirect at '{from}' from origin '{origin}' has been blocked by CORS policy:"},
	{role: wholeRole, text: "Redirect from '{from}' to '{url}' has been blocked by Cross-Origin Resource Sharing policy:"},
	{role: wholeRole, text: "from origin '{url}' has been blocked from loading by Cross-Origin Resource Sharing policy:"},
	{role: wholeRole, text: "from origin '{url}' has been blocked by CORS policy:"},
	{role: wholeRole, text: "Access blocked by CORS policy:"},
	{role: wholeRole, text: "Response to preflight request doesn't pass access control check:", preflight: true},

	// WebKit has the same first words; what follows them differs.
	{engine: webkit, role: locationRole, text: "XMLHttpRequest cannot load {url} due to access control checks."},
	{engine: webkit, role: locationRole, text: "Fetch API cannot load {url} due to access control checks."},
	{engine: webkit, role: locationRole, text: "EventSource cannot load {url} due to access control checks."},
	{engine: webkit, role: locationRole, text: "Cannot load {url} due to access control checks."},
	{reason: cors.SameOriginMode, text: "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}."},
	{reason: cors.NoCORSRedirectMode, text: "Fetch API cannot load {url}. Request mode is \"no-cors\" but the redirect mode is not \"follow\"."},
	{reason: cors.SchemeNotHTTP, text: "Fetch API cannot load {url}. URL scheme \"{subject}\" is not supported."},
	{role: contextRole, text: "XMLHttpRequest cannot load {url}. "},
	{role: contextRole, text: "Fetch API cannot load {url}. "},
	{role: contextRole, text: "EventSource cannot load {url}. "},
	{role: contextRole, text: "Failed to load {url}: "},

	{reason: cors.MissingAllowOrigin, text: "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true. Origin '{origin}' is therefore not allowed access."},
	{reason: cors.MultipleAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed."},
	{reason: cors.MultipleAllowOrigin, text: "The Access-Control-Allow-Origin header contains multiple values '{value}', but only one is allowed."},
	{reason: cors.InvalidAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'."},
	{reason: cors.AllowOriginMismatch, text: "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin."},
	{reason: cors.AllowOriginMismatch, text: "The 'Access-Control-Allow-Origin' whitelists only '{value}'."},
	{reason: cors.AllowCredentialsNotTrue, text: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."},
	{reason: cors.AllowCredentialsNotTrue, text: "Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is '{value}'."},
	{reason: cors.PreflightStatus, preflight: true, text: "It does not have HTTP ok status."},
	{reason: cors.PreflightStatus, text: "Response for preflight has invalid HTTP status code {status}"},
	{reason: cors.PreflightStatus, text: "Response for preflight does not have HTTP ok status."},
	{reason: cors.PreflightStatus, text: "Invalid HTTP status code {status}"},
	{reason: cors.PreflightRedirect, text: "Redirect is not allowed for a preflight request."},
	{reason: cors.PreflightRedirect, text: "Response for preflight is invalid (redirect)"},
	{reason: cors.PreflightRedirect, text: "The request was redirected to '{value}', which is disallowed for cross-origin requests that require preflight."},
	{reason: cors.InvalidAllowMethods, text: "Cannot parse Access-Control-Allow-Methods response header field in preflight response."},
	{reason: cors.InvalidAllowHeaders, text: "Cannot parse Access-Control-Allow-Headers response header field in preflight response."},
	{reason: cors.MethodNotAllowed, text: "Method {subject} is not allowed by Access-Control-Allow-Methods in preflight response."},
	{reason: cors.HeaderNotAllowed, text: "Request header field {subject} is not allowed by Access-Control-Allow-Headers in preflight response."},
	{reason: cors.RedirectCredentials, text: "Redirect location '{value}' contains a username and password, which is disallowed for cross-origin requests."},
	{reason: cors.RedirectCredentials, text: "The request was redirected to a URL ('{value}') containing userinfo, which is disallowed for cross-origin requests."},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Cross origin requests are only supported for protocol schemes:"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Not allowed to load local resource: {url}"},
	{reason: cors.SameOriginMode, text: "Unsafe attempt to load URL {url} from frame with URL {page}. Domains, protocols and ports must match."},
	{reason: cors.InvalidArgument, text: "Failed to execute 'fetch' on 'Window': {subject}"},
	{reason: cors.InvalidArgument, text: "Failed to execute 'open' on 'XMLHttpRequest': {subject}"},
	{reason: cors.InvalidArgument, text: "Failed to execute 'setRequestHeader' on 'XMLHttpRequest': {subject}"},
	{reason: cors.MixedContent, text: "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure {api} '{url}'. This request has been blocked; the content must be served over HTTPS."},
	{reason: cors.CrossOriginResourcePolicy, text: "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin"},
	{reason: cors.CrossOriginResourcePolicy, text: "net::ERR_BLOCKED_BY_RESPONSE.NotSameSite"},
	{reason: cors.RedirectCount, text: "net::ERR_TOO_MANY_REDIRECTS"},
	{reason: cors.BadPort, text: "net::ERR_UNSAFE_PORT"},
	{reason: cors.Transport, text: "net::ERR_CONNECTION_REFUSED"},
	{reason: cors.Transport, text: "net::ERR_CONNECTION_RESET"},
	{reason: cors.Transport, text: "net::ERR_CONNECTION_CLOSED"},
	{reason: cors.Transport, text: "net::ERR_CONNECTION_TIMED_OUT"},
	{reason: cors.Transport, text: "net::ERR_EMPTY_RESPONSE"},
	{reason: cors.Transport, text: "net::ERR_NAME_NOT_RESOLVED"},
	{reason: cors.Transport, text: "net::ERR_ADDRESS_UNREACHABLE"},
	{reason: cors.Transport, text: "net::ERR_SSL_PROTOCOL_ERROR"},
	{reason: cors.Transport, text: "net::ERR_CERT_AUTHORITY_INVALID"},
	{reason: cors.Transport, text: "net::ERR_CERT_COMMON_NAME_INVALID"},
	{reason: cors.Transport, text: "net::ERR_CERT_DATE_INVALID"},
	{topic: TopicBlockedByClient, text: "net::ERR_BLOCKED_BY_CLIENT"},
	{topic: TopicNotExposed, text: "Refused to get unsafe header \"{subject}\""},
	{topic: TopicAuthorizationWildcard, text: "Authorization will not be covered by the wildcard symbol (*) in CORS Access-Control-Allow-Headers handling."},
	{topic: TopicLocalNetwork, text: "The request client is not a secure context and the resource is in more-private address space `{value}`."},
	{topic: TopicLocalNetwork, text: "Request had a target IP address space of `{value}` yet the resource is in address space `{subject}`."},
	{topic: TopicLocalNetwork, text: "Request had no target IP address space, yet the resource is in address space `{value}`."},
	{topic: TopicLocalNetwork, text: "Permission was denied for this request to access the `{value}` address space."},
	{topic: TopicLocalNetwork, text: "Unable to ask for permission to access the `{value}` IP address space."},
	{topic: TopicLocalNetwork, text: "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `{value}` address space."},
	{topic: TopicLocalNetwork, text: "The 'Access-Control-Allow-Private-Network' header in the preflight response for this private network request targeting the `{value}` address space had a value of '{subject}', not 'true'."},

	{role: suffixRole, text: "The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."},
	{role: suffixRole, text: "Have the server send the header with a valid value."},
	{role: suffixRole, text: "Have the server send the header with a valid value, or, if an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."},
	{role: suffixRole, text: "If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."},
	{role: suffixRole, text: "It must be 'true' to allow credentials."},
	{role: suffixRole, text: "Origin '{origin}' is therefore not allowed access."},
	{role: suffixRole, text: "The response had HTTP status code {status}."},
}

const firefoxBlocked = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. "

var firefoxTemplates = []*template{
	{role: wholeRole, text: firefoxBlocked},
	{topic: TopicAuthorizationWildcard, text: "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at {url} soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered."},
	{topic: TopicDisabled, text: "(Reason: CORS disabled)"},
	{reason: cors.Transport, text: "(Reason: CORS request did not succeed)"},
	{reason: cors.Transport, text: "(Reason: CORS request failed)"},
	{topic: TopicOriginNotAdded, text: "(Reason: CORS header 'Origin' cannot be added)"},
	{reason: cors.PreflightRedirect, text: "(Reason: CORS request external redirect not allowed)"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "(Reason: CORS request not http)"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "(Reason: CORS request not HTTP)"},
	{reason: cors.MissingAllowOrigin, text: "(Reason: CORS header 'Access-Control-Allow-Origin' missing)"},
	{reason: cors.MultipleAllowOrigin, text: "(Reason: Multiple CORS header 'Access-Control-Allow-Origin' not allowed)"},
	{reason: cors.AllowOriginMismatch, text: "(Reason: CORS header 'Access-Control-Allow-Origin' does not match '{value}')"},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "(Reason: Credential is not supported if the CORS header 'Access-Control-Allow-Origin' is '*')"},
	{reason: cors.MethodNotAllowed, text: "(Reason: Did not find method in CORS header 'Access-Control-Allow-Methods')"},
	{reason: cors.AllowCredentialsNotTrue, text: "(Reason: expected 'true' in CORS header 'Access-Control-Allow-Credentials')"},
	{reason: cors.PreflightStatus, text: "(Reason: CORS preflight response did not succeed)"},
	{reason: cors.PreflightStatus, text: "(Reason: CORS preflight channel did not succeed)"},
	{reason: cors.InvalidAllowMethods, text: "(Reason: invalid token '{subject}' in CORS header 'Access-Control-Allow-Methods')"},
	{reason: cors.InvalidAllowHeaders, text: "(Reason: invalid token '{subject}' in CORS header 'Access-Control-Allow-Headers')"},
	{reason: cors.HeaderNotAllowed, text: "(Reason: header '{subject}' is not allowed according to header 'Access-Control-Allow-Headers' from CORS preflight response)"},
	{reason: cors.HeaderNotAllowed, text: "(Reason: missing token '{subject}' in CORS header 'Access-Control-Allow-Headers' from CORS preflight channel)"},
	{reason: cors.SameOriginMode, text: "Security Error: Content at {page} may not load data from {url}."},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme, cors.SameOriginMode}, text: "Security Error: Content at {page} may not load or link to {url}."},
	{reason: cors.RedirectScheme, text: "Redirecting to data: URI not allowed (Blocked loading of: \"{url}\")"},
	{reason: cors.InvalidArgument, text: "TypeError: Window.fetch: {subject}"},
	{reason: cors.MixedContent, text: "Blocked loading mixed active content \"{url}\""},
	{reason: cors.CrossOriginResourcePolicy, text: "The resource at \"{url}\" was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof)."},
	{role: suffixRole, text: "Status code: {status}"},
	{role: suffixRole, text: "Status code: (null)"},
}

var webkitTemplates = []*template{
	{role: wholeRole, text: "Cross-origin redirection to {value} denied by Cross-Origin Resource Sharing policy:"},
	{role: wholeRole, text: "Cross-origin redirection denied by Cross-Origin Resource Sharing policy"},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."},
	{reason: cors.MultipleAllowOrigin, text: "Access-Control-Allow-Origin cannot contain more than one origin."},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin."},
	{reason: cors.AllowCredentialsNotTrue, text: "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."},
	{reason: cors.PreflightStatus, text: "Preflight response is not successful"},
	{reason: cors.InvalidAllowMethods, text: "Header Access-Control-Allow-Methods has an invalid value: {value}"},
	{reason: cors.InvalidAllowHeaders, text: "Header Access-Control-Allow-Headers has an invalid value: {value}"},
	{reason: cors.MethodNotAllowed, text: "Method {subject} is not allowed by Access-Control-Allow-Methods."},
	{reason: cors.HeaderNotAllowed, text: "Request header field {subject} is not allowed by Access-Control-Allow-Headers."},
	{reason: cors.RedirectScheme, or: []cors.Reason{cors.RedirectLocation}, text: "not allowed to follow a cross-origin CORS redirection with non CORS scheme"},
	{reason: cors.RedirectCredentials, text: "redirection URL {value} has credentials"},
	{reason: cors.RedirectMode, text: "Not allowed to follow a redirection while loading {url}"},
	{reason: cors.RedirectCount, text: "Load cannot follow more than 20 redirections"},
	{reason: cors.SameOriginMode, text: "Unsafe attempt to load URL {url} from origin {origin}. Domains, protocols and ports must match."},
	{reason: cors.SameOriginMode, text: "Cross origin requests are not allowed when using same-origin fetch mode."},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Cross origin requests are only supported for HTTP."},
	{reason: cors.RedirectScheme, text: "Redirection to URL with a scheme that is not HTTP(S)."},
	{reason: cors.NoCORSRedirectMode, text: "No-Cors mode requires follow redirect mode"},
	{reason: cors.BadPort, text: "Not allowed to use restricted network port {value}: {url}"},
	{reason: cors.MixedContent, text: "[blocked] The page at {page} requested insecure content from {url}. This content was blocked and must be served over HTTPS."},
	{reason: cors.CrossOriginResourcePolicy, text: "Cancelled load to {url} because it violates the resource's Cross-Origin-Resource-Policy response header."},
	{topic: TopicBlockedByClient, preflight: true, text: "CORS-preflight request was blocked"},
	{topic: TopicBlockedByClient, preflight: true, text: "Preflight response was blocked"},
}

// templatesByStart has the templates by the byte with which they begin.
var templatesByStart [256][]*template

func init() {
	for i, list := range [][]*template{chromiumTemplates, firefoxTemplates, webkitTemplates} {
		for _, t := range list {
			if t.engine == "" {
				t.engine = []string{chromium, firefox, webkit}[i]
			}
		}
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		templates = append(templates,
			&template{engine: chromium, role: requestRole, text: method + " {url} net::ERR_FAILED {status} ("},
			&template{engine: chromium, role: requestRole, text: method + " {url} net::ERR_FAILED"})
	}
	for _, t := range templates {
		for rest := t.text; rest != ""; {
			literal, field, found := strings.Cut(rest, "{")
			t.pieces = append(t.pieces, piece{literal: literal})
			rest = ""
			if found {
				field, rest, _ = strings.Cut(field, "}")
				t.pieces = append(t.pieces, piece{field: field})
			}
		}
		templatesByStart[t.text[0]] = append(templatesByStart[t.text[0]], t)
	}
	for i := range templatesByStart {
		// Of two that fit, the longer one says more.
		slices.SortStableFunc(templatesByStart[i], func(a, b *template) int { return len(b.text) - len(a.text) })
	}
}

// maxField is how long what fills in a field may be.
const maxField = 4096

// match matches the template with text from i on, fills in the fields and returns
// the end, 0 where it does not match.
func (t *template) match(text string, i int, fields map[string]string) int {
	for n := 0; n < len(t.pieces); n++ {
		p := t.pieces[n]
		if p.field == "" {
			if i = skip(text, i, p.literal); i < 0 {
				return 0
			}
			continue
		}
		start, next := i, ""
		if n+1 < len(t.pieces) {
			next = t.pieces[n+1].literal
		}
		for {
			if next != "" && skip(text, i, next) >= 0 && !(i == start && p.field != "value") {
				break
			}
			if i == len(text) || i-start > maxField || !p.takes(text[i]) {
				if next == "" && i > start {
					break
				}
				return 0
			}
			i++
		}
		value := text[start:i]
		if p.field == "url" || p.field == "from" {
			if !strings.Contains(value, ":") {
				return 0
			}
			if value = strings.Trim(value, "'"); next == "" {
				trimmed := strings.TrimRight(value, ".,")
				i -= len(value) - len(trimmed)
				value = trimmed
			}
		}
		fields[p.field] = value
	}
	return i
}

// takes reports whether a byte can stand in what fills in the field.
func (p piece) takes(c byte) bool {
	switch p.field {
	case "status":
		return '0' <= c && c <= '9'
	case "url", "from", "origin", "page":
		return c > ' '
	}
	return c != '\n'
}

// skip returns the end of a literal that text has at i, -1 where it has not.
func skip(text string, i int, literal string) int {
	for j := 0; j < len(literal); j++ {
		if i == len(text) {
			if j == len(literal)-1 && literal[j] == ' ' {
				return i
			}
			return -1
		}
		c := text[i]
		if literal[j] == ' ' {
			if c != ' ' && c != '\n' {
				return -1
			}
			for i < len(text) && (text[i] == ' ' || text[i] == '\n') {
				i++
			}
			continue
		}
		if c != literal[j] {
			return -1
		}
		i++
	}
	return i
}

// headerOf returns a request header of a name that needs a preflight.
func headerOf(name string) headers.Header {
	value := "x"
	if headers.EqualFold(name, "content-type") {
		value = "application/json"
	}
	return headers.Header{Name: name, Value: value}
}
