package browser

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// The values of [Failure.API] that are no destination.
const (
	APIFetch = "fetch"
	APIXHR   = "xhr"
)

// A Failure is a fetch that ended in a network error, or arguments that an API
// refused: what an engine's console messages are made from. It can stand for a
// fetch that succeeded as well, about which some engines warn.
type Failure struct {
	// API is what asked: [APIFetch], [APIXHR], or a request's destination, such
	// as "script", "font" or "image".
	API string
	// Err says why it failed; nil where it did not.
	Err *cors.Error
	// URLs are the request's URL and those to which it was redirected, the last
	// being that which failed; serialized, with their fragments.
	URLs []string
	// PageURL and Origin are those of the page: its URL, and its serialized
	// origin, "null" for an opaque one.
	PageURL, Origin string
	// Mode, Redirect and Credentials are the request's modes.
	Mode, Redirect, Credentials string
	// CORS says that the request's response tainting was "cors" in the end.
	CORS bool
	// Headers are the request's as script wrote them, forbidden ones among them.
	Headers headers.List
	// Response holds the headers of the response that failed, where one did.
	Response headers.List
	// AuthorizationByWildcard are the URLs whose preflight permitted Authorization
	// by "*" alone.
	AuthorizationByWildcard []string
}

// url is the URL that failed.
func (f *Failure) url() string {
	if len(f.URLs) == 0 {
		return ""
	}
	return f.URLs[len(f.URLs)-1]
}

// reason is why it failed, 0 where it did not.
func (f *Failure) reason() cors.Reason {
	if f.Err == nil {
		return 0
	}
	return f.Err.Reason
}

// location is where the response that failed would have led, "" if nowhere. What
// is no URL is as it was sent.
func (f *Failure) location() string {
	value, _ := f.Response.Get("location")
	return f.resolve(value)
}

// resolve resolves a value of Location.
func (f *Failure) resolve(value string) string {
	if value == "" {
		return ""
	}
	base, err := weburl.Parse(f.url())
	if err != nil {
		return value
	}
	location, err := base.Parse(value)
	if err != nil {
		return value
	}
	if _, has := location.Fragment(); !has {
		location = location.WithFragment(base.Fragment())
	}
	return location.String()
}

// A Message is one line that a browser shows its developer.
type Message struct {
	// Category is Firefox's, by which its documentation goes, such as
	// "CORSMissingAllowOrigin2"; WebKit's "SECURITY" or "JS"; "" in Chromium. It
	// is [Exception] for what script gets instead of a response.
	Category string
	// Warning says that it is no error.
	Warning bool
	Text    string
}

// Exception is the category of an exception that is thrown, or that a promise is
// rejected with; its text has the exception's name before a colon.
const Exception = "exception"

// String returns the message as outcomes of scenarios have it: Chromium's plain,
// Firefox's as "[category] text", WebKit's as "SECURITY ERROR text", exceptions as
// "[exception] name: text".
func (m Message) String() string {
	switch {
	case m.Category == "":
		return m.Text
	case m.Category != categorySecurity && m.Category != categoryJS:
		return "[" + m.Category + "] " + m.Text
	case m.Warning:
		return m.Category + " WARN " + m.Text
	}
	return m.Category + " ERROR " + m.Text
}

// Messages returns what the engine tells the developer about a failure, in the
// order in which it does: its console's messages to the character, and the
// exception that script gets. They are nil for [Standard], which leaves messages
// to the user agent. What browsers log of cookies and caches, and what their
// developer tools add about the network, is not among them.
func (e *Engine) Messages(f *Failure) []Message {
	if e == nil || e.messages == nil {
		return nil
	}
	return e.messages(f)
}

// HasMessages reports whether the engine has messages at all, so that a
// [Failure] need not be made for one that has not.
func (e *Engine) HasMessages() bool { return e != nil && e.messages != nil }

// refusedHeaders are the headers that script may not set, as it wrote them.
func (f *Failure) refusedHeaders(also string) (names []string) {
	if f.API != APIXHR {
		return nil // fetch() drops them without a word
	}
	for _, h := range f.Headers {
		if headers.IsForbiddenRequestHeader(h.Name, h.Value) || also != "" && headers.EqualFold(h.Name, also) {
			names = append(names, h.Name)
		}
	}
	return names
}

// An argument is what is wrong with an argument that an API refused.
type argument uint8

const (
	argumentOther argument = iota
	argumentMethod
	argumentMethodForbidden
	argumentMethodNoCORS
	argumentHeaderName
	argumentHeaderValue
	argumentNotByteString
	argumentURL
	argumentURLCredentials
	argumentReferrer
	argumentOnlyIfCached
)

// argument says what is wrong with the argument, and with which.
func (f *Failure) argument() (argument, string) {
	value := headers.IsomorphicDecode(f.Err.Value)
	switch f.Err.Subject {
	case "method":
		value = f.Err.Value // a method is text, not bytes
		switch {
		case !headers.IsToken(f.Err.Value):
			return argumentMethod, value
		case headers.IsForbiddenMethod(f.Err.Value):
			return argumentMethodForbidden, value
		}
		return argumentMethodNoCORS, value
	case "headers":
		switch {
		case !f.Err.Present:
			return argumentNotByteString, ""
		case !headers.IsToken(f.Err.Header):
			return argumentHeaderName, headers.IsomorphicDecode(f.Err.Header)
		}
		return argumentHeaderValue, value
	case "the URL":
		if page, err := weburl.Parse(f.PageURL); err == nil {
			if _, err := page.Parse(f.Err.Value); err == nil {
				return argumentURLCredentials, f.Err.Value
			}
		}
		return argumentURL, f.Err.Value
	case "referrer":
		return argumentReferrer, f.Err.Value
	case "cache":
		return argumentOnlyIfCached, f.Err.Value
	}
	return argumentOther, ""
}

// withoutCredentials removes username and password from a URL.
func withoutCredentials(url string) string {
	u, err := weburl.Parse(url)
	if err != nil || !u.IncludesCredentials() {
		return url
	}
	return u.WithoutCredentials().String()
}
