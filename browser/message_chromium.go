package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/weburl"
)

// chromiumSchemes are those that Chromium's message about another scheme lists.
const chromiumSchemes = "chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app"

// chromiumMessages are the texts of blink's cors_error_string.cc and of what
// else fetch() and XMLHttpRequest log. See [Chromium] for the version.
func chromiumMessages(f *Failure) (messages []Message) {
	log := func(format string, args ...any) {
		messages = append(messages, Message{Text: fmt.Sprintf(format, args...)})
	}
	for _, name := range f.refusedHeaders("user-agent") {
		log(`Refused to set unsafe header "%s"`, name)
	}
	if f.Err == nil {
		return messages
	}
	if f.reason() == cors.InvalidArgument {
		return append(messages, Message{Category: Exception, Text: chromiumException(f)})
	}
	chromiumFailure(f, log)
	if f.API == APIFetch {
		messages = append(messages, Message{Category: Exception, Text: "TypeError: Failed to fetch"})
	}
	return messages
}

func chromiumFailure(f *Failure, log func(format string, args ...any)) {
	if body := chromiumBlocked(f); body != "" {
		urls, redirected := f.URLs, ""
		if f.reason() == cors.RedirectScheme {
			urls = append(slices.Clip(urls), f.location())
		}
		if len(urls) > 1 {
			redirected = " (redirected from '" + urls[0] + "')"
		}
		at := ""
		if len(urls) > 0 {
			at = urls[len(urls)-1]
		}
		log("Access to %s at '%s'%s from origin '%s' has been blocked by CORS policy: %s", chromiumKind(f.API), at, redirected, f.Origin, body)
		return
	}
	scheme, _, _ := strings.Cut(f.url(), ":")
	unsafeAttempt := func(url string) {
		log("Unsafe attempt to load URL %s from frame with URL %s. Domains, protocols and ports must match.\n", url, f.PageURL)
	}
	switch f.reason() {
	case cors.RedirectCredentials:
		if location := f.location(); f.Mode == "same-origin" && f.isCrossOrigin(location) {
			unsafeAttempt(location)
		}
		return
	case cors.SameOriginMode, cors.MixedContent, cors.BadPort, cors.SchemeNotHTTP:
		if f.Mode == "same-origin" {
			if len(f.URLs) > 1 {
				unsafeAttempt(f.url())
				return
			}
			log(`Fetch API cannot load %s. Request mode is "same-origin" but the URL's origin is not same as the request origin %s.`, f.url(), f.Origin)
			return
		}
	case cors.NoCORSRedirectMode:
		log(`Fetch API cannot load %s. Request mode is "no-cors" but the redirect mode is not "follow".`, f.url())
		return
	}
	switch {
	case f.reason() == cors.ContentSecurityPolicy:
		chromiumPolicy(f, log)
	case f.reason() == cors.MixedContent:
		what := "resource"
		if f.API == APIXHR {
			what = "XMLHttpRequest endpoint"
		}
		log("Mixed Content: The page at '%s' was loaded over HTTPS, but requested an insecure %s '%s'. This request has been blocked; the content must be served over HTTPS.", f.PageURL, what, f.url())
	case f.reason() == cors.SchemeNotHTTP && (scheme == "file" || scheme == "blob" && f.Mode == "no-cors" || scheme == "chrome" && f.API == APIXHR):
		log("Not allowed to load local resource: %s", chromiumURL(f.url()))
	case f.reason() == cors.SchemeNotHTTP && f.API == APIFetch:
		log(`Fetch API cannot load %s. URL scheme "%s" is not supported.`, chromiumURL(f.url()), scheme)
	case f.reason() == cors.SchemeNotHTTP && scheme == "ftp":
		log("FTP is not supported.")
	case f.reason() == cors.RedirectScheme && strings.HasPrefix(f.location(), "view-source:"):
		log("Not allowed to load local resource: %s", f.location())
	}
}

// chromiumPolicy is what Chromium logs where a Content Security Policy does not allow a URL.
func chromiumPolicy(f *Failure, log func(format string, args ...any)) {
	note := ""
	if f.Err.Value != f.Err.Header {
		note = fmt.Sprintf(" Note that '%s' was not explicitly set, so '%s' is used as a fallback.", f.Err.Header, f.Err.Value)
	}
	action := "Connecting to '%s'"
	switch f.Err.Header {
	case "connect-src":
	case "img-src":
		action = "Loading the image '%s'"
	case "script-src-elem":
		action = "Loading the script '%s'"
	case "style-src-elem":
		action = "Loading the stylesheet '%s'"
	case "font-src":
		action = "Loading the font '%s'"
	case "media-src":
		action = "Loading media from '%s'"
	default:
		action = "Loading '%s'"
	}
	log(action+` violates the following Content Security Policy directive: "%s".%s The action has been blocked.`, f.Err.URL, f.Err.Subject, note)
	if f.API == APIFetch && len(f.URLs) < 2 && f.Err.URL == f.url() {
		log("Fetch API cannot load %s. Refused to connect because it violates the document's Content Security Policy.", f.url())
	}
}

// chromiumKind is what Chromium calls that which was fetched.
func chromiumKind(api string) string {
	switch api {
	case APIXHR:
		return "XMLHttpRequest"
	case "style":
		return "CSS stylesheet"
	case "track":
		return "text track"
	}
	return api
}

// redirectCredentials lacks the location in the real message as well.
const redirectCredentials = "Redirect location '' contains a username and password, which is disallowed for cross-origin requests."

// chromiumURL serializes a URL as Chromium does, to which chrome: is a scheme with
// a host and a path.
func chromiumURL(url string) string {
	if rest, ok := strings.CutPrefix(url, "chrome://"); ok && !strings.Contains(rest, "/") {
		return url + "/"
	}
	return url
}

// isCrossOrigin reports whether a URL's origin is another than the page's.
func (f *Failure) isCrossOrigin(url string) bool {
	u, err := weburl.Parse(url)
	return err == nil && u.Origin().String() != f.Origin
}

// escapeNonASCII writes bytes that are no printable ASCII as \u and four digits.
func escapeNonASCII(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7E {
			fmt.Fprintf(&b, `\u%04X`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// chromiumBlocked is what follows "has been blocked by CORS policy: ", and "" for
// a failure about which there is no such message.
func chromiumBlocked(f *Failure) string {
	e := f.Err
	hint := escapeNonASCII(e.Value)
	var fetchAdvice, xhrAdvice string
	switch f.API {
	case APIFetch:
		fetchAdvice = " Have the server send the header with a valid value."
	case APIXHR:
		xhrAdvice = " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."
	}
	preflight := ""
	if e.Preflight {
		preflight = "Response to preflight request doesn't pass access control check: "
	}
	switch e.Reason {
	case cors.MissingAllowOrigin:
		return preflight + "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	case cors.WildcardAllowOriginWithCredentials:
		return preflight + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'." + xhrAdvice
	case cors.MultipleAllowOrigin, cors.InvalidAllowOrigin, cors.AllowOriginMismatch:
		text := "header has a value '%s' that is not equal to the supplied origin."
		if strings.ContainsAny(e.Value, " ,") {
			text = "header contains multiple values '%s', but only one is allowed."
		} else if _, err := weburl.Parse(e.Value); err != nil && e.Value != "null" {
			text = "header contains the invalid value '%s'."
		}
		return preflight + "The 'Access-Control-Allow-Origin' " + fmt.Sprintf(text, hint) + fetchAdvice
	case cors.AllowCredentialsNotTrue:
		return preflight + "The value of the 'Access-Control-Allow-Credentials' header in the response is '" + hint +
			"' which must be 'true' when the request's credentials mode is 'include'." + xhrAdvice
	case cors.PreflightStatus:
		return preflight + "It does not have HTTP ok status."
	case cors.PreflightRedirect:
		return preflight + "Redirect is not allowed for a preflight request."
	case cors.InvalidAllowMethods:
		return "Cannot parse Access-Control-Allow-Methods response header field in preflight response."
	case cors.InvalidAllowHeaders:
		return "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
	case cors.MethodNotAllowed:
		return "Method " + e.Subject + " is not allowed by Access-Control-Allow-Methods in preflight response."
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		return "Request header field " + e.Subject + " is not allowed by Access-Control-Allow-Headers in preflight response."
	case cors.LocalNetworkPrompt, cors.LocalNetworkDenied:
		return "Permission was denied for this request to access the `" + e.Value + "` address space."
	case cors.LocalNetworkInsecure:
		return "The request client is not a secure context and the resource is in more-private address space `" + e.Value + "`."
	case cors.TargetAddressSpace:
		return "Request had a target IP address space of `" + e.Subject + "` yet the resource is in address space `" + e.Value + "`."
	case cors.RedirectCredentials:
		if f.CORS || f.Mode == "cors" && f.isCrossOrigin(f.location()) {
			return redirectCredentials
		}
	case cors.RedirectMode:
		// Chromium looks at the credentials first.
		if location, err := weburl.Parse(f.location()); f.CORS && err == nil && location.IncludesCredentials() {
			return redirectCredentials
		}
	case cors.RedirectScheme:
		switch scheme, _, _ := strings.Cut(f.location(), ":"); scheme {
		case "about", "blob", "chrome", "data", "file", "view-source":
			return ""
		}
		if f.Mode == "cors" {
			return "Cross origin requests are only supported for protocol schemes: " + chromiumSchemes + "."
		}
	}
	return ""
}

// chromiumException is what fetch() rejects with, or XMLHttpRequest throws, for an
// argument that it refuses.
func chromiumException(f *Failure) string {
	what, value := f.argument()
	if f.API == APIXHR {
		switch what {
		case argumentMethod:
			return "SyntaxError: Failed to execute 'open' on 'XMLHttpRequest': '" + value + "' is not a valid HTTP method."
		case argumentMethodForbidden:
			return "SecurityError: Failed to execute 'open' on 'XMLHttpRequest': '" + value + "' HTTP method is unsupported."
		case argumentHeaderName:
			return "SyntaxError: Failed to execute 'setRequestHeader' on 'XMLHttpRequest': '" + value + "' is not a valid HTTP header field name."
		case argumentHeaderValue:
			return "SyntaxError: Failed to execute 'setRequestHeader' on 'XMLHttpRequest': '" + value + "' is not a valid HTTP header field value."
		case argumentNotByteString:
			return "TypeError: Failed to execute 'setRequestHeader' on 'XMLHttpRequest': String contains non ISO-8859-1 code point."
		}
		return "SyntaxError: Failed to execute 'open' on 'XMLHttpRequest': Invalid URL"
	}
	const failed = "TypeError: Failed to execute 'fetch' on 'Window': "
	switch what {
	case argumentMethod:
		return failed + "'" + value + "' is not a valid HTTP method."
	case argumentMethodForbidden:
		return failed + "'" + value + "' HTTP method is unsupported."
	case argumentMethodNoCORS:
		return failed + "'" + value + "' is unsupported in no-cors mode."
	case argumentHeaderName:
		return failed + "Invalid name"
	case argumentHeaderValue:
		return failed + "Invalid value"
	case argumentNotByteString:
		return failed + "Failed to read the 'headers' property from 'RequestInit': String contains non ISO-8859-1 code point."
	case argumentURL:
		return failed + "Failed to parse URL from " + value
	case argumentURLCredentials:
		return failed + "Request cannot be constructed from a URL that includes credentials: " + value
	case argumentReferrer:
		return failed + "Referrer '" + value + "' is not a valid URL."
	case argumentOnlyIfCached:
		return failed + "'only-if-cached' can be set only with 'same-origin' mode"
	}
	return strings.TrimSuffix(failed, ": ")
}
