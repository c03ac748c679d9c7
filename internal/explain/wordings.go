package explain

import "github.com/corsim/corsim/cors"

const (
	chromium = "chromium"
	firefox  = "firefox"
	webkit   = "webkit"
	ie       = "ie"
	script   = "script" // what programs that run in browsers write
	server   = "server" // what servers log and answer
)

// wordings has every template, by its first byte.
var wordings = newIndex(allTemplates())

// allTemplates are the wordings. What is of more than one engine is listed with the
// first of them.
func allTemplates() (all []*template) {
	for _, list := range []struct {
		engine    string
		templates []*template
	}{
		{chromium, chromiumTemplates}, {chromium, chromiumNeighbours}, {chromium, devToolsTemplates}, {firefox, firefoxTemplates},
		{firefox, firefoxNeighbours}, {webkit, webkitTemplates}, {webkit, webkitNeighbours}, {ie, ieTemplates}, {script, scriptTemplates},
		{server, serverTemplates},
	} {
		for _, t := range list.templates {
			if t.engine == "" {
				t.engine = list.engine
			}
			all = append(all, t)
		}
	}
	return append(all, requestTemplates()...)
}

// chromiumTemplates are what Chromium and its derivatives have said about CORS since 2012.
var chromiumTemplates = []*template{
	{role: contextRole, preflight: true, text: "OPTIONS {url} "},
	{role: wholeRole, text: "Access to {api} at '{url}' (redirected from '{from}') from origin '{origin}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Access to {api} at '{url}' from origin '{origin}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Access to {api} at '{url}' (redirected from '{from}') from origin '{origin}'"},
	{role: wholeRole, text: "Access to {api} at '{url}' from origin '{origin}'"},
	{role: wholeRole, text: "Access to {api} from '{origin}' to origin '{url}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Redirect from '{from}' to '{url}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Redirect at '{from}' from origin '{origin}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Redirect from '{from}' to '{url}' has been blocked by Cross-Origin Resource Sharing policy"},
	{role: wholeRole, text: "Redirect at origin '{from}' has been blocked from loading by Cross-Origin Resource Sharing policy"},
	{role: wholeRole, text: "Redirect at origin '{from}' has been blocked by CORS policy"},
	{role: wholeRole, text: "Font from origin '{url}' has been blocked"},
	{role: wholeRole, text: "Image from origin '{url}' has been blocked"},
	{role: wholeRole, text: "Script from origin '{url}' has been blocked"},
	{role: wholeRole, text: "Video from origin '{url}' has been blocked"},
	{role: wholeRole, text: "Imported resource from origin '{url}' has been blocked"},
	{role: wholeRole, text: "Text track from origin '{url}' has been blocked"},
	{role: wholeRole, text: "from loading by Cross-Origin Resource Sharing policy"},
	{role: wholeRole, text: "from origin '{origin}' has been blocked by CORS policy"},
	{role: wholeRole, text: "has been blocked by CORS policy"},
	{role: wholeRole, text: "blocked by CORS policy"},
	{role: wholeRole, text: "Access blocked by CORS policy"},
	{role: wholeRole, text: "blocked by CORS"},
	{role: wholeRole, text: "Response to preflight request doesn't pass access control check", preflight: true},
	{role: wholeRole, text: "Response to the preflight request doesn't pass access control check", preflight: true},

	{reason: cors.SameOriginMode, text: "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}."},
	{reason: cors.NoCORSRedirectMode, text: "Fetch API cannot load {url}. Request mode is \"no-cors\" but the redirect mode is not \"follow\"."},
	{reason: cors.SchemeNotHTTP, text: "Fetch API cannot load {url}. URL scheme \"{subject}\" is not supported."},
	{reason: cors.SchemeNotHTTP, text: "Fetch API cannot load {url}. URL scheme must be \"http\" or \"https\" for CORS request."},
	{whole: true, reason: cors.SchemeNotHTTP, text: "URL scheme must be \"http\" or \"https\" for CORS request. Fetch API cannot load {url}"},
	{role: contextRole, text: "OPTIONS XMLHttpRequest cannot load {url}. ", preflight: true},
	{role: contextRole, text: "OPTIONS {url} XMLHttpRequest cannot load {url}. ", preflight: true},
	{role: contextRole, text: "XMLHttpRequest cannot load {url}. "},
	{role: contextRole, text: "XMLHttpRequest cannot load {url} "},
	{role: contextRole, text: "Fetch API cannot load {url}. "},
	{role: contextRole, text: "Fetch API cannot load {url} "},
	{role: contextRole, text: "EventSource cannot load {url}. "},
	{role: contextRole, text: "Failed to load {url}: "},

	{reason: cors.MissingAllowOrigin, text: "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '{_}' when the request's credentials mode is 'include'."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "A wildcard '{_}' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true."},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true. Origin '{origin}' is therefore not allowed access."},
	{reason: cors.MultipleAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed."},
	{reason: cors.MultipleAllowOrigin, text: "Access-Control-Allow-Origin header contains multiple values '{value}', but only one is allowed."},
	{reason: cors.InvalidAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'."},
	{reason: cors.AllowOriginMismatch, text: "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin."},
	{reason: cors.AllowOriginMismatch, text: "The 'Access-Control-Allow-Origin' whitelists only '{value}'."},
	{reason: cors.AllowCredentialsNotTrue, text: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."},
	{reason: cors.AllowCredentialsNotTrue, text: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include' (redirected response)"},
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
	{reason: cors.InvalidAllowHeaders, text: "Cannot parse Access-Control-Allow-Headers response header field."},
	{reason: cors.InvalidAllowMethods, text: "Cannot parse Access-Control-Allow-Methods response header field."},
	{reason: cors.MethodNotAllowed, text: "Method {subject} is not allowed by Access-Control-Allow-Methods in preflight response."},
	{reason: cors.HeaderNotAllowed, text: "Request header field {subject} is not allowed by Access-Control-Allow-Headers in preflight response."},
	{reason: cors.HeaderNotAllowed, text: "Request header field {subject} is not allowed by Access-Control-Allow-Headers itself in preflight response."},
	{reason: cors.RedirectCredentials, text: "Redirect location '{value}' contains a username and password, which is disallowed for cross-origin requests."},
	{reason: cors.RedirectCredentials, text: "The request was redirected to a URL ('{value}') containing userinfo, which is disallowed for cross-origin requests."},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Cross origin requests are only supported for protocol schemes:"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Cross origin requests are only supported for protocol schemes"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Not allowed to load local resource: {url}"},
	{topic: "invalid-response", text: "The response is invalid."},

	{topic: TopicNotExposed, text: "Refused to get unsafe header \"{subject}\""},
	{topic: TopicAuthorizationWildcard, text: "Authorization will not be covered by the wildcard symbol (*) in CORS Access-Control-Allow-Headers handling."},
	{topic: TopicAuthorizationWildcard, text: "Authorization will not be covered by the wildcard symbol (*)in CORS Access-Control-Allow-Headers handling."},
	{topic: "local-network-insecure-page", text: "The request client is not a secure context and the resource is in more-private address space `{value}`."},
	{topic: "local-network-insecure-page", text: "The request client is not a secure context and the resource is in more-private address space"},
	{topic: "local-network-wrong-space", text: "Request had a target IP address space of `{value}` yet the resource is in address space `{subject}`."},
	{topic: "local-network-wrong-space", text: "Request had no target IP address space, yet the resource is in address space `{value}`."},
	{topic: "local-network-denied", text: "Permission was denied for this request to access the `{value}` address space."},
	{topic: "local-network-denied", text: "Unable to ask for permission to access the `{value}` IP address space."},
	{topic: "private-network-preflight", text: "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `{value}` address space."},
	{topic: "private-network-preflight", text: "The 'Access-Control-Allow-Private-Network' header in the preflight response for this private network request targeting the `{value}` address space had a value of '{subject}', not 'true'."},
	{topic: "private-network-preflight", text: "Request had no target IP address space, yet the resource is in address space"},

	{role: suffixRole, text: "The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."},
	{role: suffixRole, text: "Have the server send the header with a valid value."},
	{role: suffixRole, text: "Have the server send the header with a valid value, or, if an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."},
	{role: suffixRole, text: "If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."},
	{role: suffixRole, text: "It must be 'true' to allow credentials."},
	{role: suffixRole, text: "Origin '{origin}' is therefore not allowed access."},
	{role: suffixRole, text: "The response had HTTP status code {status}."},
}

const firefoxBlocked = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. "

// firefoxTemplates are Firefox's messages in English; those in other languages are read
// by what they have in common.
var firefoxTemplates = []*template{
	{role: wholeRole, text: firefoxBlocked},
	{role: wholeRole, text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url} "},
	{role: wholeRole, text: "The Same Origin Policy disallows reading the remote resource at {url}. "},
	{role: wholeRole, text: "The Same Origin Policy disallows reading the remote resource at {url} "},
	{topic: "enable-cors-2014", text: "This can be fixed by moving the resource to the same domain or enabling CORS."},
	{topic: TopicAuthorizationWildcard, text: "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at {url} soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered."},
	{topic: TopicDisabled, text: "Reason: CORS disabled"},
	{reason: cors.Transport, text: "Reason: CORS request did not succeed"},
	{reason: cors.Transport, text: "Reason: CORS request failed"},
	{topic: TopicOriginNotAdded, text: "Reason: CORS header 'Origin' cannot be added"},
	{reason: cors.PreflightRedirect, text: "Reason: CORS request external redirect not allowed"},
	{reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "Reason: CORS request not http"},
	{reason: cors.MissingAllowOrigin, text: "Reason: CORS header 'Access-Control-Allow-Origin' missing"},
	{reason: cors.MultipleAllowOrigin, text: "Reason: Multiple CORS header 'Access-Control-Allow-Origin' not allowed"},
	{reason: cors.AllowOriginMismatch, text: "Reason: CORS header 'Access-Control-Allow-Origin' does not match '{value}')"},
	{reason: cors.AllowOriginMismatch, text: "Reason: CORS header 'Access-Control-Allow-Origin' does not match"},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "Reason: Credential is not supported if the CORS header 'Access-Control-Allow-Origin' is '*'"},
	{reason: cors.MethodNotAllowed, text: "Reason: Did not find method in CORS header 'Access-Control-Allow-Methods'"},
	{reason: cors.AllowCredentialsNotTrue, text: "Reason: expected 'true' in CORS header 'Access-Control-Allow-Credentials'"},
	{reason: cors.PreflightStatus, text: "Reason: CORS preflight response did not succeed"},
	{reason: cors.PreflightStatus, text: "Reason: CORS preflight channel did not succeed"},
	{reason: cors.InvalidAllowMethods, text: "Reason: invalid token '{subject}' in CORS header 'Access-Control-Allow-Methods'"},
	{reason: cors.InvalidAllowHeaders, text: "Reason: invalid token '{subject}' in CORS header 'Access-Control-Allow-Headers'"},
	{reason: cors.HeaderNotAllowed, text: "Reason: header '{subject}' is not allowed according to header 'Access-Control-Allow-Headers' from CORS preflight response"},
	{reason: cors.HeaderNotAllowed, text: "Reason: missing token '{subject}' in CORS header 'Access-Control-Allow-Headers' from CORS preflight channel"},
	{reason: cors.HeaderNotAllowed, text: "Reason: missing token '{subject}' in CORS header 'Access-Control-Allow-Headers'"},

	// The names of the Network panel, of the console's categories and of MDN's pages.
	{name: true, reason: cors.MissingAllowOrigin, text: "CORS Missing Allow Origin"},
	{name: true, reason: cors.MultipleAllowOrigin, text: "CORS Multiple Allow Origin Not Allowed"},
	{name: true, reason: cors.AllowOriginMismatch, text: "CORS Allow Origin Not Matching Origin"},
	{name: true, reason: cors.WildcardAllowOriginWithCredentials, text: "CORS Not Supporting Credentials"},
	{name: true, reason: cors.MethodNotAllowed, text: "CORS Method Not Found"},
	{name: true, reason: cors.AllowCredentialsNotTrue, text: "CORS Missing Allow Credentials"},
	{name: true, reason: cors.AllowCredentialsNotTrue, text: "CORS Not Allow Credentials"},
	{name: true, reason: cors.PreflightStatus, text: "CORS Preflight Did Not Succeed"},
	{name: true, reason: cors.InvalidAllowMethods, text: "CORS Invalid Allow Method"},
	{name: true, reason: cors.InvalidAllowHeaders, text: "CORS Invalid Allow Header"},
	{name: true, reason: cors.HeaderNotAllowed, text: "CORS Missing Allow Header From Preflight"},
	{name: true, reason: cors.HeaderNotAllowed, text: "CORS Missing Allow Header"},
	{name: true, reason: cors.PreflightRedirect, text: "CORS External Redirect Not Allowed"},
	{name: true, reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "CORS Request Not Http", whole: true},
	{name: true, reason: cors.Transport, text: "CORS Did Not Succeed", whole: true},
	{name: true, topic: TopicOriginNotAdded, text: "CORS Origin Header Not Added"},
	{name: true, reason: cors.MissingAllowOrigin, text: "CORSMissingAllowOrigin"},
	{name: true, reason: cors.MultipleAllowOrigin, text: "CORSMultipleAllowOriginNotAllowed"},
	{name: true, reason: cors.AllowOriginMismatch, text: "CORSAllowOriginNotMatchingOrigin"},
	{name: true, reason: cors.WildcardAllowOriginWithCredentials, text: "CORSNotSupportingCredentials"},
	{name: true, reason: cors.MethodNotAllowed, text: "CORSMethodNotFound"},
	{name: true, reason: cors.AllowCredentialsNotTrue, text: "CORSMissingAllowCredentials"},
	{name: true, reason: cors.PreflightStatus, text: "CORSPreflightDidNotSucceed"},
	{name: true, reason: cors.InvalidAllowMethods, text: "CORSInvalidAllowMethod"},
	{name: true, reason: cors.InvalidAllowHeaders, text: "CORSInvalidAllowHeader"},
	{name: true, reason: cors.HeaderNotAllowed, text: "CORSMissingAllowHeaderFromPreflight"},
	{name: true, reason: cors.PreflightRedirect, text: "CORSExternalRedirectNotAllowed"},
	{name: true, reason: cors.SchemeNotHTTP, or: []cors.Reason{cors.RedirectScheme}, text: "CORSRequestNotHttp", whole: true},
	{name: true, reason: cors.Transport, text: "CORSDidNotSucceed", whole: true},
	{name: true, topic: TopicOriginNotAdded, text: "CORSOriginHeaderNotAdded"},
	{name: true, topic: TopicDisabled, text: "CORSDisabled", whole: true},

	{role: suffixRole, text: "Status code: {status}"},
	{role: suffixRole, text: "Status code: (null)"},
}

// webkitTemplates are Safari's, and those of Chrome before it left WebKit in 2013.
var webkitTemplates = []*template{
	{role: locationRole, text: "XMLHttpRequest cannot load {url} due to access control checks."},
	{role: locationRole, text: "Fetch API cannot load {url} due to access control checks."},
	{role: locationRole, text: "EventSource cannot load {url} due to access control checks."},
	{role: locationRole, text: "Beacon API cannot load {url} due to access control checks."},
	{role: locationRole, text: "Cannot load {api} {url} due to access control checks."},
	{role: locationRole, text: "Cannot load {url} due to access control checks."},
	{role: locationRole, text: "Beacon API cannot load {url}. "},
	{topic: TopicUnknown, text: "due to access control checks."},
	{role: wholeRole, text: "Cross-origin redirection to {value} denied by Cross-Origin Resource Sharing policy"},
	{role: wholeRole, text: "Cross-origin redirection denied by Cross-Origin Resource Sharing policy"},
	{topic: "script-needs-crossorigin", text: "Cross-origin script load denied by Cross-Origin Resource Sharing policy."},
	{topic: "track-needs-crossorigin", text: "Cross-origin text track load denied by Cross-Origin Resource Sharing policy."},
	{role: wholeRole, text: "load denied by Cross-Origin Resource Sharing policy"},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."},
	{reason: cors.MultipleAllowOrigin, text: "Access-Control-Allow-Origin cannot contain more than one origin."},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin."},
	{reason: cors.AllowCredentialsNotTrue, text: "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."},
	{reason: cors.PreflightStatus, text: "Preflight response is not successful. Status code: {status}"},
	{reason: cors.PreflightStatus, text: "Preflight response is not successful"},
	{reason: cors.InvalidAllowMethods, text: "Header Access-Control-Allow-Methods has an invalid value: {value}"},
	{reason: cors.InvalidAllowHeaders, text: "Header Access-Control-Allow-Headers has an invalid value: {value}"},
	{reason: cors.MethodNotAllowed, text: "Method {subject} is not allowed by Access-Control-Allow-Methods."},
	{reason: cors.HeaderNotAllowed, text: "Request header field {subject} is not allowed by Access-Control-Allow-Headers."},
	{reason: cors.HeaderNotAllowed, text: "Content-Type is not allowed by Access-Control-Allow-Header"},
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
	{topic: "blocked-by-client", preflight: true, text: "CORS-preflight request was blocked"},
	{topic: "blocked-by-client", preflight: true, text: "Preflight response was blocked"},
}

// ieTemplates are those of Internet Explorer and the first Edge. Their codes are the same
// in every language.
var ieTemplates = []*template{
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "SEC7120: Origin {origin} not found in Access-Control-Allow-Origin header."},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "SEC7120: [CORS] The origin '{origin}' did not find '{_}' in the Access-Control-Allow-Origin response header for cross-origin resource at '{url}'."},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "[CORS] The origin '{origin}' did not find '{_}' in the Access-Control-Allow-Origin response header for cross-origin {api} resource at '{url}'."},
	{reason: cors.MissingAllowOrigin, or: []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}, text: "SEC7120"},
	{reason: cors.WildcardAllowOriginWithCredentials, text: "SEC7121"},
	{reason: cors.AllowCredentialsNotTrue, text: "SEC7122"},
	{reason: cors.HeaderNotAllowed, text: "SEC7123: Request header {subject} was not present in the Access-Control-Allow-Headers list."},
	{reason: cors.HeaderNotAllowed, text: "SEC7123"},
	{reason: cors.MethodNotAllowed, text: "SEC7124: Request method {subject} was not present in the Access-Control-Allow-Methods list."},
	{reason: cors.MethodNotAllowed, text: "SEC7124"},
	{topic: "invalid-response", text: "SEC7125"},
	{reason: cors.PreflightRedirect, text: "SEC7126"},
	{reason: cors.PreflightRedirect, text: "SEC7127"},
	{reason: cors.MultipleAllowOrigin, text: "SEC7128"},
	{reason: cors.AllowCredentialsNotTrue, text: "SEC7129"},
	{role: contextRole, text: "SEC7118: XMLHttpRequest for {url} required Cross Origin Resource Sharing (CORS)."},
	{role: contextRole, text: "SEC7119: XMLHttpRequest for {url} required CORS preflight."},
	{topic: TopicUnknown, text: "XMLHttpRequest: Network Error 0x80070005, Access is denied."},
	{topic: TopicUnknown, text: "XMLHttpRequest: Network Error 0x80070005"},
	{topic: "connection-refused", text: "XMLHttpRequest: Network Error 0x2efd"},
	{topic: "host-not-found", text: "XMLHttpRequest: Network Error 0x2ee7"},
	{topic: "connection-lost", text: "XMLHttpRequest: Network Error 0x2eff"},
	{topic: "connection-lost", text: "XMLHttpRequest: Network Error 0x2efe"},
	{topic: "connection-timed-out", text: "XMLHttpRequest: Network Error 0x2ee2"},
	{topic: "certificate", text: "XMLHttpRequest: Network Error 0x800c0019"},
}

// requestTemplates are the lines about a request that are beside a message, and say its
// method and status.
func requestTemplates() (all []*template) {
	add := func(text string) {
		all = append(all, &template{engine: chromium, role: requestRole, text: text, whole: true})
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		add(method + " {url} net::ERR_FAILED {status}")
		add(method + " {url} net::ERR_FAILED")
		add(method + " {url} {status}")
		add("XHR failed loading: " + method + " '{url}'")
		add("Fetch failed loading: " + method + " '{url}'")
	}
	add("Failed to load resource: the server responded with a status of {status}")
	add("the server responded with a status of {status}")
	return all
}
