package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// The sources that WebKit's console tells of a message.
const (
	categorySecurity = "SECURITY"
	categoryJS       = "JS"
)

// webkitMessages are the texts of CrossOriginAccessControl.cpp,
// CrossOriginPreflightChecker.cpp, NetworkLoadChecker.cpp and ThreadableLoader.cpp.
// See [WebKit] for the version.
func webkitMessages(f *Failure) (messages []Message) {
	log := func(category, format string, args ...any) {
		messages = append(messages, Message{Category: category, Text: fmt.Sprintf(format, args...)})
	}
	for _, name := range f.refusedHeaders("") {
		log(categoryJS, `Refused to set unsafe header "%s"`, name)
	}
	if f.Err == nil {
		return messages
	}
	if f.reason() == cors.InvalidArgument {
		return append(messages, Message{Category: Exception, Text: webkitException(f)})
	}
	if f.API == "font" {
		return nil // not a word about fonts
	}
	cannot := func(url, why string) {
		switch f.API {
		case APIFetch:
			log(categoryJS, "Fetch API cannot load %s%s", url, why)
		case APIXHR:
			log(categoryJS, "XMLHttpRequest cannot load %s%s", url, why)
		case "script":
			log(categoryJS, "Cross-origin script load denied by Cross-Origin Resource Sharing policy.")
		case "image":
			log(categorySecurity, "Cannot load image %s%s", url, why)
		case "style":
		default:
			log(categoryJS, "Cannot load %s%s", url, why)
		}
	}
	url := withoutCredentials(f.url())
	const accessControl = " due to access control checks."
	switch scheme, _, _ := strings.Cut(url, ":"); {
	case f.Mode == "same-origin" && len(f.URLs) == 1 && isAboutURL(f.reason()),
		f.reason() == cors.InvalidDataURL:
		cannot(url, ".")
	case f.Mode == "same-origin" && isAboutURL(f.reason()):
		log(categorySecurity, "Unsafe attempt to load URL %s from origin %s. Domains, protocols and ports must match.", url, f.Origin)
		cannot(url, accessControl)
	case f.reason() == cors.ContentSecurityPolicy:
		log(categorySecurity, "%s", webkitPolicy(f))
	case f.reason() == cors.MixedContent:
		messages = append(messages, Message{Category: categorySecurity, Warning: true, Text: fmt.Sprintf(
			"[blocked] The page at %s requested insecure content from %s. This content was blocked and must be served over HTTPS.", f.PageURL, url)})
		if len(f.URLs) < 2 {
			log(categorySecurity, "Not allowed to request resource")
			cannot(url, accessControl)
			break
		}
		cannot(f.URLs[len(f.URLs)-2], accessControl)
	case f.reason() == cors.NoCORSRedirectMode:
		log(categorySecurity, "No-Cors mode requires follow redirect mode")
		log(categorySecurity, "Not allowed to request resource")
		cannot(url, accessControl)
	case f.reason() == cors.BadPort:
		if u, err := weburl.Parse(url); err == nil {
			log(categorySecurity, "Not allowed to use restricted network port %d: %s", u.EffectivePort(), url)
		}
	case f.reason() == cors.SchemeNotHTTP && f.Mode == "no-cors" && scheme == "blob":
		log(categorySecurity, "Not allowed to load local resource: %s", url)
		log(categorySecurity, "Not allowed to request resource")
		cannot(url, accessControl)
	default:
		if text := webkitRefused(f); text != "" {
			log(categorySecurity, "%s", text)
			if text == webkitNotHTTP {
				url = webkitLocation(f)
			}
			cannot(url, accessControl)
		}
	}
	if f.API == APIFetch {
		messages = append(messages, Message{Category: Exception, Text: "TypeError: Load failed"})
	}
	return messages
}

// webkitPolicy is what WebKit logs where a Content Security Policy does not allow a URL.
func webkitPolicy(f *Failure) string {
	action := "connect to"
	if f.Err.Header != "connect-src" {
		action = "load"
	}
	where := "does not appear in the " + f.Err.Header + " directive"
	if f.Err.Value != f.Err.Header {
		where = "appears in neither the " + f.Err.Header + " directive nor the " + f.Err.Value + " directive"
	}
	return "Refused to " + action + " " + f.url() + " because it " + where + " of the Content Security Policy."
}

// webkitNotHTTP is the one text after which the second line has the URL that was
// not loaded.
const webkitNotHTTP = "Redirection to URL with a scheme that is not HTTP(S)."

// webkitLocation is where the response that failed would have led, to WebKit,
// which takes the bytes of Location for Latin-1.
func webkitLocation(f *Failure) string {
	value, _ := f.Response.Get("location")
	return f.resolve(headers.IsomorphicDecode(value))
}

// isAboutURL reports whether a reason is about the URL, so that mode
// "same-origin" comes before it.
func isAboutURL(reason cors.Reason) bool {
	switch reason {
	case cors.SameOriginMode, cors.MixedContent, cors.BadPort, cors.SchemeNotHTTP:
		return true
	}
	return false
}

// webkitRefused is the first message about a failure, "" where there is none.
func webkitRefused(f *Failure) string {
	e := f.Err
	location := webkitLocation(f)
	redirection := ""
	if location != "" && headers.IsRedirectStatus(e.Status) && !e.Preflight {
		redirection = "Cross-origin redirection to " + withoutCredentials(location) + " denied by Cross-Origin Resource Sharing policy: "
	}
	if text := webkitCheck(f); text != "" {
		return redirection + text
	}
	scheme, _, _ := strings.Cut(f.url(), ":")
	switch e.Reason {
	case cors.RedirectMode:
		return "Not allowed to follow a redirection while loading " + f.url()
	case cors.RedirectCount:
		return "Load cannot follow more than 20 redirections"
	case cors.RedirectCredentials:
		return redirection + "redirection URL " + location + " has credentials"
	case cors.RedirectLocation:
		if f.CORS && location != "" {
			return redirection + "not allowed to follow a cross-origin CORS redirection with non CORS scheme"
		}
	case cors.RedirectScheme:
		scheme, _, _ = strings.Cut(location, ":")
		switch {
		case scheme == "ftp":
			return "FTP URLs are disabled"
		case f.CORS:
			return redirection + "not allowed to follow a cross-origin CORS redirection with non CORS scheme"
		case scheme == "blob" || scheme == "file":
			return "Not allowed to load local resource: " + location
		case f.Mode == "no-cors":
			return webkitNotHTTP
		}
		return redirection + "not allowed to follow a cross-origin CORS redirection with non CORS scheme"
	case cors.SchemeNotHTTP:
		switch {
		case f.Mode != "no-cors":
			return "Cross origin requests are only supported for HTTP."
		case scheme == "ftp":
			return "FTP URLs are disabled"
		}
	case cors.CrossOriginResourcePolicy:
		return "Cancelled load to " + f.url() + " because it violates the resource's Cross-Origin-Resource-Policy response header."
	}
	return ""
}

// webkitCheck is the message about a response that the CORS check or the rules
// for preflights refuse.
func webkitCheck(f *Failure) string {
	e := f.Err
	switch e.Reason {
	case cors.WildcardAllowOriginWithCredentials:
		return "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
	case cors.MultipleAllowOrigin, cors.MissingAllowOrigin, cors.InvalidAllowOrigin, cors.AllowOriginMismatch:
		if strings.Contains(e.Value, ",") {
			return "Access-Control-Allow-Origin cannot contain more than one origin."
		}
		return fmt.Sprintf("Origin %s is not allowed by Access-Control-Allow-Origin. Status code: %d", e.Subject, e.Status)
	case cors.AllowCredentialsNotTrue:
		return `Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`
	case cors.PreflightStatus, cors.PreflightRedirect:
		return fmt.Sprintf("Preflight response is not successful. Status code: %d", e.Status)
	case cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
		return "Header " + e.Header + " has an invalid value: " + headers.IsomorphicDecode(e.Value)
	case cors.MethodNotAllowed:
		return "Method " + e.Subject + " is not allowed by Access-Control-Allow-Methods."
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		return "Request header field " + webkitHeader(f) + " is not allowed by Access-Control-Allow-Headers."
	}
	return ""
}

// webkitHeader is the name of the header that WebKit refuses first: of those that
// it knows, in its own spelling, and then of the others, in that of script.
func webkitHeader(f *Failure) string {
	refused := func(name string) bool {
		for _, e := range f.Err.All() {
			if e.Reason == cors.HeaderNotAllowed || e.Reason == cors.NonWildcardHeaderNotAllowed {
				if headers.EqualFold(e.Subject, name) {
					return true
				}
			}
		}
		return false
	}
	for _, h := range f.Headers {
		if i := webkitKnows(h.Name); i >= 0 && refused(h.Name) {
			return webkitHeaders[i]
		}
	}
	if i := webkitKnows(f.Err.Subject); i >= 0 {
		return webkitHeaders[i] // that of the body, which script did not write
	}
	for _, h := range f.Headers {
		if refused(h.Name) {
			return h.Name
		}
	}
	return f.Err.Subject
}

// webkitHeaders are the request headers that HTTPHeaderNames.in lists and script
// can set.
var webkitHeaders = [...]string{
	"Accept", "Accept-Language", "Age", "Authorization", "Cache-Control", "Content-Disposition", "Content-Encoding",
	"Content-Language", "Content-Location", "Content-Range", "Content-Type", "ETag", "Expires", "If-Match",
	"If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Last-Event-ID", "Last-Modified", "Link",
	"Location", "Ping-From", "Ping-To", "Pragma", "Range", "Referrer-Policy", "Refresh", "Service-Worker",
	"Upgrade-Insecure-Requests", "User-Agent", "Vary",
}

func webkitKnows(name string) int {
	return slices.IndexFunc(webkitHeaders[:], func(known string) bool { return headers.EqualFold(known, name) })
}

func webkitException(f *Failure) string {
	what, value := f.argument()
	if f.API == APIXHR {
		switch what {
		case argumentMethodForbidden:
			return "SecurityError: The operation is insecure."
		case argumentNotByteString:
			return "TypeError: Type error"
		}
		return "SyntaxError: The string did not match the expected pattern."
	}
	switch what {
	case argumentMethod:
		return "TypeError: Method is not a valid HTTP token."
	case argumentMethodForbidden:
		return "TypeError: Method is forbidden."
	case argumentMethodNoCORS:
		return "TypeError: Method must be GET, POST or HEAD in no-cors mode."
	case argumentHeaderName:
		return "TypeError: Invalid header name: '" + value + "'"
	case argumentHeaderValue:
		return "TypeError: Header '" + f.Err.Header + "' has invalid value: '" + value + "'"
	case argumentURL, argumentURLCredentials:
		return "TypeError: URL is not valid or contains user credentials."
	case argumentReferrer:
		return "TypeError: Referrer is not a valid URL."
	case argumentOnlyIfCached:
		return "TypeError: only-if-cached cache option requires fetch mode to be same-origin."
	}
	return "TypeError: Type error"
}
