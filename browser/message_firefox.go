package browser

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// firefoxMessages are the texts of security.properties, which nsCORSListenerProxy
// and others log. See [Firefox] for the version.
func firefoxMessages(f *Failure) (messages []Message) {
	log := func(category, format string, args ...any) {
		messages = append(messages, Message{Category: category, Text: fmt.Sprintf(format, args...)})
	}
	for _, name := range f.refusedHeaders("") {
		log("DOM", "Attempt to set a forbidden header was denied: %s", name)
	}
	for _, url := range f.AuthorizationByWildcard {
		messages = append(messages, Message{Category: "CORSAllowHeaderFromPreflightDeprecation", Warning: true, Text: "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at " + url +
			" soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered. To include the `Authorization` header, it must be explicitly listed in CORS header `Access-Control-Allow-Headers`)."})
	}
	if f.Err == nil {
		return messages
	}
	if f.reason() == cors.InvalidArgument {
		return append(messages, Message{Category: Exception, Text: firefoxException(f)})
	}
	firefoxFailure(f, log)
	if f.API == "script" && f.reason().IsCORS() {
		log("Script Loader", "<script> source URI is not allowed in this document: “%s”.", f.url())
	}
	if f.API == APIFetch {
		messages = append(messages, Message{Category: Exception, Text: "TypeError: NetworkError when attempting to fetch resource."})
	}
	return messages
}

func firefoxFailure(f *Failure, log func(category, format string, args ...any)) {
	e := f.Err
	blocked := func(category, url, why string) {
		log(category, "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at %s. (Reason: %s)%s", url, why, firefoxStatus(category, e.Status))
	}
	didNotSucceed := func() { blocked("CORSDidNotSucceed2", f.url(), "CORS request did not succeed") }
	check := func(e *cors.Error) {
		category, why := firefoxCheck(e)
		url := f.url()
		if category == "CORSNotSupportingCredentials" {
			url = "‘" + url + "’" // it alone quotes the URL
		}
		blocked(category, url, why)
	}
	scheme, _, _ := strings.Cut(f.url(), ":")
	switch {
	case e.Preflight && hasReason(e, cors.PreflightRedirect):
		firefoxPreflightRedirect(f, check, blocked, didNotSucceed)
	case e.Preflight && e.Reason == cors.Transport:
		didNotSucceed()
		didNotSucceed()
	case e.Reason.IsCORS():
		check(e)
		if location, _ := f.Response.Get("location"); e.Preflight || headers.IsRedirectStatus(e.Status) && location != "" {
			didNotSucceed()
		}
	case f.Mode == "same-origin" && isAboutURL(e.Reason):
		if scheme != "blob" || len(f.URLs) > 1 {
			log("SOP", "Security Error: Content at %s may not load data from %s.", firefoxPrincipal(f), f.url())
		}
	case (e.Reason == cors.BadPort || e.Reason == cors.Timeout) && len(f.URLs) > 1:
		if f.Mode == "cors" {
			blocked("CORSDidNotSucceed2", f.URLs[len(f.URLs)-2], "CORS request did not succeed")
		}
	case e.Reason == cors.ContentSecurityPolicy:
		log("CSP_CSPGenericViolation", "Content-Security-Policy: The page’s settings blocked the loading of a resource (%s) at %s because it violates the following directive: “%s”", e.Header, f.url(), firefoxDirective(f))
	case e.Reason == cors.MixedContent:
		log("Mixed Content Blocker", "Blocked loading mixed active content “%s”", f.url())
	case e.Reason == cors.CrossOriginResourcePolicy:
		log("COEP", "The resource at “%s” was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof). See %s", f.url(),
			"https://developer.mozilla.org/docs/Web/HTTP/Cross-Origin_Resource_Policy_(CORP)#")
	case e.Reason == cors.RedirectScheme:
		firefoxRedirectScheme(f, log, blocked)
		if f.CORS {
			didNotSucceed()
		}
	case e.Reason == cors.SchemeNotHTTP:
		switch {
		case scheme == "blob":
			log("SOP", "Security Error: Content at %s may not load data from %s.", firefoxPrincipal(f), f.url())
		case scheme == "file":
			log("SOP", "Security Error: Content at %s may not load or link to %s.", firefoxPrincipal(f), f.url())
		case f.Mode == "cors" && !firefoxNotCORS(scheme):
			blocked("CORSRequestNotHttp", f.url(), "CORS request not http")
		}
	case f.CORS && e.Reason != cors.RedirectMode && e.Reason != cors.ProxyAuthentication, e.Reason == cors.RedirectCredentials:
		didNotSucceed()
	}
}

// firefoxDirective writes a directive as Firefox has understood it: keywords in lower case, hosts with the scheme of the
// page, no 'none' beside other sources.
func firefoxDirective(f *Failure) string {
	words := strings.Fields(f.Err.Subject)
	if len(words) == 0 {
		return ""
	}
	written := []string{strings.ToLower(words[0])}
	scheme, _, _ := strings.Cut(f.PageURL, ":")
	for _, word := range words[1:] {
		switch {
		case headers.EqualFold(word, "'none'") && len(words) > 2:
			continue
		case strings.HasPrefix(word, "'") && !headers.EqualFold(word[:min(len(word), 7)], "'nonce-"):
			word = strings.ToLower(word)
		case strings.HasPrefix(word, "'"), word == "*", strings.HasSuffix(word, ":"):
		case !strings.Contains(word, "://"):
			word = scheme + "://" + word
		}
		if before, _, ok := strings.Cut(word, "?"); ok && strings.Contains(word, "://") {
			word = before
		}
		if before, host, ok := strings.Cut(word, "://"); ok {
			host, path, hasPath := strings.Cut(host, "/")
			word = strings.ToLower(before + "://" + host)
			if hasPath {
				word += "/" + path
			}
		}
		written = append(written, word)
	}
	if len(written) == 1 {
		written = append(written, "'none'")
	}
	return strings.Join(written, " ")
}

// firefoxPreflightRedirect is what Firefox makes of a preflight that is redirected:
// it puts the redirect to the CORS check, refuses it, and then puts it to the check
// once more as if it had been followed.
func firefoxPreflightRedirect(f *Failure, check func(*cors.Error), blocked func(category, url, why string), didNotSucceed func()) {
	e := f.Err
	location, err := weburl.Parse(f.location())
	followed := f.Redirect == "follow" || f.Redirect == ""
	switch {
	case !followed && e.Reason != cors.PreflightRedirect:
		check(e)
	case !followed:
		blocked("CORSPreflightDidNotSucceed3", f.url(), "CORS preflight response did not succeed")
	case e.Reason != cors.PreflightRedirect:
		check(e)
		didNotSucceed()
	case err == nil && location.IncludesCredentials():
		didNotSucceed()
	default:
		blocked("CORSExternalRedirectNotAllowed", f.url(), "CORS request external redirect not allowed")
		url, _ := weburl.Parse(f.url())
		if origin, _ := f.Response.Get("access-control-allow-origin"); err == nil && url != nil && origin != "*" && !url.Origin().SameOrigin(location.Origin()) {
			check(&cors.Error{Reason: cors.AllowOriginMismatch, Value: origin})
		} else {
			blocked("CORSPreflightDidNotSucceed3", f.url(), "CORS preflight response did not succeed")
		}
	}
	didNotSucceed()
}

// firefoxRedirectScheme is what Firefox logs about a redirect to a URL that is not
// http.
func firefoxRedirectScheme(f *Failure, log func(category, format string, args ...any), blocked func(category, url, why string)) {
	location, principal := f.location(), firefoxPrincipal(f)
	if f.API == APIFetch && f.Mode == "cors" {
		principal = f.url()
	}
	switch scheme, _, _ := strings.Cut(location, ":"); scheme {
	case "data":
		log("DATA_URI_BLOCKED", "Redirecting to data: URI not allowed (Blocked loading of: “%s”)", location)
	case "file", "view-source":
		log("SOP", "Security Error: Content at %s may not load or link to %s.", principal, location)
	case "blob":
		log("SOP", "Security Error: Content at %s may not load data from %s.", principal, location)
	default:
		if f.Mode == "cors" && !firefoxNotCORS(scheme) {
			blocked("CORSRequestNotHttp", location, "CORS request not http")
		}
	}
}

// firefoxNotCORS reports whether Firefox refuses URLs of a scheme before it comes
// to CORS.
func firefoxNotCORS(scheme string) bool {
	switch scheme {
	case "chrome", "javascript", "ws", "wss":
		return true
	}
	return false
}

// firefoxPrincipal is how Firefox's console calls the page. That of an opaque
// origin has a name made at random, for which zeros stand here.
func firefoxPrincipal(f *Failure) string {
	if f.Origin != "null" {
		return f.PageURL
	}
	page, err := weburl.Parse(f.PageURL)
	if err != nil {
		return f.PageURL
	}
	return "moz-nullprincipal:{00000000-0000-0000-0000-000000000000}?" + page.Origin().String()
}

func hasReason(e *cors.Error, reason cors.Reason) bool {
	for _, failure := range e.All() {
		if failure.Reason == reason {
			return true
		}
	}
	return false
}

// firefoxStatus ends the messages that have a status at their end.
func firefoxStatus(category string, status int) string {
	switch category {
	case "CORSMissingAllowOrigin2", "CORSPreflightDidNotSucceed3":
		return ". Status code: " + strconv.Itoa(status) + "."
	case "CORSDidNotSucceed2":
		return ". Status code: (null)."
	}
	return "."
}

// firefoxCheck is the category and the reason in words of a response that the CORS
// check or the rules for preflights refuse.
func firefoxCheck(e *cors.Error) (category, why string) {
	switch value := firefoxText(e.Value); e.Reason {
	case cors.MissingAllowOrigin:
		return "CORSMissingAllowOrigin2", "CORS header ‘Access-Control-Allow-Origin’ missing"
	case cors.WildcardAllowOriginWithCredentials:
		return "CORSNotSupportingCredentials", "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’"
	case cors.MultipleAllowOrigin:
		return "CORSMultipleAllowOriginNotAllowed", "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed"
	case cors.AllowCredentialsNotTrue:
		return "CORSMissingAllowCredentials", "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’"
	case cors.PreflightStatus, cors.PreflightRedirect:
		return "CORSPreflightDidNotSucceed3", "CORS preflight response did not succeed"
	case cors.InvalidAllowMethods:
		return "CORSInvalidAllowMethod", "invalid token ‘" + firefoxText(e.Subject) + "’ in CORS header ‘Access-Control-Allow-Methods’"
	case cors.InvalidAllowHeaders:
		return "CORSInvalidAllowHeader", "invalid token ‘" + firefoxText(e.Subject) + "’ in CORS header ‘Access-Control-Allow-Headers’"
	case cors.MethodNotAllowed:
		return "CORSMethodNotFound", "Did not find method in CORS header ‘Access-Control-Allow-Methods’"
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		return "CORSMissingAllowHeaderFromPreflight2", "header ‘" + e.Subject + "’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response"
	default:
		return "CORSAllowOriginNotMatchingOrigin", "CORS header ‘Access-Control-Allow-Origin’ does not match ‘" + value + "’"
	}
}

// firefoxText is how Firefox's console shows bytes: as UTF-8, with U+FFFD for
// what is none, up to the first NUL.
func firefoxText(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// firefoxMethod is how Firefox shows a method: a byte for each character.
func firefoxMethod(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return utf8.RuneError
		}
		return r
	}, s)
}

func firefoxException(f *Failure) string {
	what, value := f.argument()
	if f.API == APIXHR {
		switch what {
		case argumentMethodForbidden:
			return "SecurityError: The operation is insecure."
		case argumentHeaderName, argumentHeaderValue:
			return "SyntaxError: Invalid header name." // of a value as well
		}
		return "SyntaxError: An invalid or illegal string was specified"
	}
	const failed = "TypeError: Window.fetch: "
	switch what {
	case argumentMethod, argumentMethodForbidden, argumentMethodNoCORS:
		return failed + "Invalid request method " + firefoxMethod(value) + "."
	case argumentHeaderName:
		return failed + firefoxText(headers.Lower(f.Err.Header)) + " is an invalid header name."
	case argumentHeaderValue:
		return failed + firefoxText(f.Err.Value) + " is an invalid header value."
	case argumentURL:
		return failed + value + " is not a valid URL."
	case argumentURLCredentials:
		return failed + value + " is an url with embedded credentials."
	case argumentReferrer:
		return failed + "Invalid referrer URL " + value + "."
	case argumentOnlyIfCached:
		return failed + "Request mode '" + f.Mode + "' was used, but request cache mode 'only-if-cached' can only be used with request mode 'same-origin'."
	}
	return strings.TrimSuffix(failed, ": ")
}
