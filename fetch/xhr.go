package fetch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// An XHR is what script has told an XMLHttpRequest before send(). Empty fields
// stand for what was not called.
//
// https://xhr.spec.whatwg.org/
type XHR struct {
	// Method is that of open(); empty stands for GET.
	Method string
	// Headers are those of setRequestHeader(), a call each.
	Headers headers.List
	// Body is what send() is given.
	Body *Body
	// WithCredentials is the attribute of that name.
	WithCredentials bool
	// User and Password are the fourth and fifth argument of open(); nil means that they are not
	// given.
	User, Password *string
	// UploadListener says that an event listener was registered on upload.
	UploadListener bool
	// Sync says that the third argument of open() is false.
	Sync bool
}

// DOMException names of what XMLHttpRequest throws; see [ExceptionName].
const (
	syntaxError   = "SyntaxError"
	securityError = "SecurityError"
	typeError     = "TypeError"
)

// exception is an error whose name script sees.
type exception struct {
	name string
	err  error
}

// Error is the cause's text: the name is for [ExceptionName].
func (e exception) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e exception) Unwrap() error { return e.err }

// ExceptionName returns the name of the exception that script gets thrown for an
// error of [NewRequest] or [NewXHR]: "TypeError", "SyntaxError" or "SecurityError".
func ExceptionName(err error) string {
	if e, ok := errors.AsType[exception](err); ok {
		return e.name
	}
	return typeError
}

// NewXHR returns the request that an XMLHttpRequest of a page sends to a URL,
// which may be relative to the page's. The error is what open(),
// setRequestHeader() or send() would throw, an *[cors.Error] with the reason
// [cors.InvalidArgument].
//
// https://xhr.spec.whatwg.org/#the-send()-method
func NewXHR(page *Page, url string, x *XHR) (*Request, error) {
	if page == nil {
		return nil, invalidArgument("the page", errNil)
	}
	parsed, method, err := x.open(page, url)
	if err != nil {
		return nil, err
	}
	r := &Request{
		page: page, origin: page.origin,
		method: method, url: parsed, guard: headers.GuardRequest,
		mode: ModeCORS, credentials: CredentialsSameOrigin, cacheMode: CacheDefault, redirect: RedirectFollow,
		referrer:      clientReferrer,
		unsafeRequest: true, useCORSPreflight: x.UploadListener, uploadListener: x.UploadListener, xhr: true, sync: x.Sync,
	}
	if x.WithCredentials {
		r.credentials = CredentialsInclude
	}
	if r.headers, err = x.authorHeaders(); err != nil {
		return nil, err
	}
	if x.Body != nil && method != "GET" && method != "HEAD" {
		r.body = x.Body
	}
	return r, nil
}

// open is what the open() method checks.
//
// https://xhr.spec.whatwg.org/#the-open()-method
func (x *XHR) open(page *Page, url string) (*weburl.URL, string, error) {
	method := x.Method
	if method == "" {
		method = "GET"
	}
	if i := headers.IndexNonToken(method); i >= 0 {
		return nil, "", thrown("method", method, syntaxError, fmt.Errorf("%q: byte %d (%q) cannot be in a method", method, i, method[i]))
	}
	if headers.IsForbiddenMethod(method) {
		return nil, "", thrown("method", method, securityError, fmt.Errorf("%s is forbidden", method))
	}
	parsed, err := page.url.Parse(url)
	if err != nil {
		return nil, "", thrown("the URL", url, syntaxError, err)
	}
	if x.User != nil || x.Password != nil {
		parsed = parsed.WithCredentials(x.User, x.Password)
	}
	return parsed, headers.NormalizeMethod(method), nil
}

// authorHeaders is what the setRequestHeader() method makes of its calls.
//
// https://xhr.spec.whatwg.org/#the-setrequestheader()-method
func (x *XHR) authorHeaders() (headers.List, error) {
	var list combining
	for _, h := range x.Headers {
		value := headers.Normalize(h.Value)
		if err := headers.CheckName(h.Name); err != nil {
			return nil, thrownHeader(err)
		}
		if err := headers.CheckValue(h.Name, value); err != nil {
			return nil, thrownHeader(err)
		}
		if !headers.IsForbiddenRequestHeader(h.Name, value) {
			list.combine(headers.Header{Name: h.Name, Value: value})
		}
	}
	return list.finished(), nil
}

// setContentType gives a request the Content-Type of its body: the body's own, or
// the author's with the charset that the body is in.
//
// https://xhr.spec.whatwg.org/#the-send()-method
func (r *request) setContentType(inPlace bool) {
	author, given := r.headers.Get("content-type")
	if !given {
		if r.body.contentType != "" {
			r.headers.Set("Content-Type", r.body.contentType)
		}
		return
	}
	if !r.body.text {
		return
	}
	if inPlace {
		r.headers.Set("Content-Type", replaceCharset(author))
		return
	}
	mimeType, ok := headers.ParseMIMEType(author)
	if !ok {
		return
	}
	if charset, has := mimeType.Parameter("charset"); has && !headers.EqualFold(charset, "utf-8") {
		mimeType.SetParameter("charset", "UTF-8")
		r.headers.Set("Content-Type", mimeType.String())
	}
}

// replaceCharset replaces what follows "charset=" by UTF-8 where it stands, as
// Chromium does whatever it was: white space and quotes around it are kept.
func replaceCharset(contentType string) string {
	const charset, replacement = "charset", "UTF-8"
	for from := 0; ; {
		start := from
		for start+len(charset) <= len(contentType) && !headers.EqualFold(contentType[start:start+len(charset)], charset) {
			start++
		}
		from = start + len(charset)
		if from > len(contentType) {
			return contentType
		}
		if start > 0 && contentType[start-1] > ' ' && contentType[start-1] != ';' {
			continue
		}
		value := skipSpaces(contentType, from)
		if value == len(contentType) || contentType[value] != '=' {
			continue
		}
		value = skipSpaces(contentType, value+1)
		for value < len(contentType) && (contentType[value] <= ' ' || isQuote(contentType[value])) {
			value++
		}
		end := value
		for end < len(contentType) && contentType[end] > ' ' && !isQuote(contentType[end]) && contentType[end] != ';' {
			end++
		}
		if end == value {
			from = end
			continue
		}
		contentType = contentType[:value] + replacement + contentType[end:]
		from = value + len(replacement)
	}
}

func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] <= ' ' {
		i++
	}
	return i
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

func thrown(what, value, name string, err error) error {
	return invalidValue(what, value, exception{name, err})
}

func thrownHeader(err error) error {
	e := invalidHeader(err)
	e.Err = exception{syntaxError, err}
	return e
}

// AllResponseHeaders returns a response's headers in the order and form in which
// getAllResponseHeaders() has them.
//
// https://xhr.spec.whatwg.org/#the-getallresponseheaders()-method
func (r *Response) AllResponseHeaders() headers.List {
	if r.internal.namesKept {
		return r.Headers.Clone()
	}
	list := r.Headers.SortAndCombine()
	slices.SortStableFunc(list, func(a, b headers.Header) int {
		return strings.Compare(strings.ToUpper(a.Name), strings.ToUpper(b.Name))
	})
	return list
}
