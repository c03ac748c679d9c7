//go:build !nonetwork

package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"github.com/corsim/corsim/headers"
)

// A Transport is fetch(), called by a page, for code that takes an
// *[net/http.Client]:
//
//	page, err := fetch.NewPage("https://app.example", nil)
//	client := &http.Client{Transport: &fetch.Transport{Page: page}}
//
// The client then sees what script would: a response with the headers that script
// can read, or an error, in which [errors.Is] finds the [cors.Reason] and
// [errors.As] the *[cors.Error]; of a fetch that the client's own Timeout has ended,
// net/http keeps the text alone.
//
// # Requests
//
// A request is what the Request constructor makes of its URL, method and headers.
// Of the headers that script cannot set, Cookie (as the Jar of an [net/http.Client] adds it), Host and
// an Origin other than the page's are refused, as they would be meant to be sent; the others, such as
// Accept-Encoding, are ignored. A GET with a body is refused, and so is a URL with a username or password,
// of which [net/http.Client] makes an Authorization header: set that instead.
//
// A header is the script's, whoever has set it: the User-Agent that resty and generated clients set
// makes the standard and Firefox ask by a preflight first. The error says so. Leave it
// out, or set that of the user agent, [Client.UserAgent].
//
// A body with GetBody, which [net/http.NewRequest] sets for bytes at hand, can be
// sent again after a redirect. Any other is a stream: it is sent in chunks, needs a
// preflight whatever else the request is, and fails on a redirect other than 303; with a Client whose Engine is
// that of a browser it is what that makes of streams.
// Neither brings a Content-Type. Bodies are closed when they have been sent, and at
// the latest when the response's body is closed.
//
// The modes are those of [WithInit] or of Init. As in a program for GOOS=js, the
// keys "js.fetch:mode", "js.fetch:credentials" and "js.fetch:redirect" of the
// request's Header, which are not sent, take precedence. The request itself is
// never changed.
//
// # Responses
//
// Redirects are followed here, checks and preflights included, so that CheckRedirect
// is never called; the Request of the response has the final URL. Cookies are the
// user agent's ([Client.Jar], for which [HTTPJar] takes an [net/http.CookieJar]): the Jar of
// the [net/http.Client] must be nil. Content
// codings are undone, and Uncompressed says so. Proto is always HTTP/1.1, and there are
// no trailers, which script cannot see. An opaque response, which script
// gets in mode "no-cors" or with redirect mode "manual", has status 0 and is empty.
//
// A client that tries again after errors must not do so after a refusal, which a server repeats:
// [cors.Error.Temporary] tells them apart. The hooks of [net/http/httptrace] in the request's context are
// called for each exchange, preflights and redirects included.
//
// A Transport can be used by many goroutines at once; its fields must not change
// once it is used. What a fetch needs of goroutines and connections is the
// Network's, whose connections are used again once a response's body has been read
// to its end and closed.
//
// https://fetch.spec.whatwg.org/#fetch-method
type Transport struct {
	// Page is who asks. It must be set.
	Page *Page
	// Client is the user agent; nil stands for one of the transport's own, which
	// follows the standard and has the default Network and no cookies.
	Client *Client
	// Init is what requests are fetched with that have none of their own; nil
	// stands for what fetch() does by default. See [WithInit].
	Init *Init

	own Client
}

var _ http.RoundTripper = (*Transport)(nil)

type initKey struct{}

// WithInit returns a context with the init that a [Transport] fetches requests
// with, in place of its own. Method, Headers and Body are those of the
// [net/http.Request], and must be empty here.
func WithInit(ctx context.Context, init *Init) context.Context {
	return context.WithValue(ctx, initKey{}, init)
}

// The keys of a Header that Go's transport for GOOS=js takes for options.
const (
	jsFetchMode        = "js.fetch:mode"
	jsFetchCredentials = "js.fetch:credentials"
	jsFetchRedirect    = "js.fetch:redirect"
)

// RoundTrip fetches a request. The error is an *[cors.Error]; that of a context
// that has ended is among its causes.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body := requestBodyOf(r)
	response, request, err := t.fetch(r, body)
	if err != nil {
		body.Close()
		return nil, err
	}
	return httpResponse(response, request, r, body), nil
}

// CloseIdleConnections closes the connections that the Network keeps, where it
// has a method of that name. [net/http.Client.CloseIdleConnections] calls it.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.client().network().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *Transport) client() *Client {
	if t.Client != nil {
		return t.Client
	}
	return &t.own
}

var (
	errNoPage    = errors.New("it is nil: set it to who asks, as NewPage returns it")
	errInitParts = errors.New("Method, Headers and Body must be empty: they are those of the http.Request")
)

func (t *Transport) fetch(r *http.Request, body *requestBody) (*Response, *Request, error) {
	switch {
	case t.Page == nil:
		return nil, nil, invalidArgument("Transport.Page", errNoPage)
	case r.URL == nil:
		return nil, nil, invalidArgument("the URL", errNil)
	}
	init, err := t.init(r)
	if err != nil {
		return nil, nil, err
	}
	if err := t.checkHeaders(r); err != nil {
		return nil, nil, err
	}
	init.Method, init.Headers, init.Body = r.Method, requestHeaders(r.Header), body.body()
	request, err := NewRequest(t.Page, r.URL.String(), &init)
	if err != nil {
		return nil, nil, err
	}
	response, err := t.client().Do(r.Context(), request)
	return response, request, err
}

var (
	errCookieHeader = errors.New("script cannot set it, so that it would not be sent: the Jar of the http.Client must be nil, as cookies are the user agent's, in Client.Jar; fetch.HTTPJar takes an http.CookieJar there")
	errHostHeader   = errors.New("script cannot set it, so that it would not be sent: it is the host of the URL")
	errOriginHeader = errors.New("script cannot set it, so that it would not be sent: it is that of the page, as NewPage returns it")
)

// checkHeaders refuses what a page would silently not send, and whoever has set it counts on.
func (t *Transport) checkHeaders(r *http.Request) error {
	switch {
	case len(r.Header["Cookie"]) > 0:
		return invalidArgument("the header Cookie", errCookieHeader)
	case r.Host != "" && r.Host != r.URL.Host:
		return invalidArgument("the request's Host, "+r.Host, errHostHeader)
	case len(r.Header["Origin"]) > 0 && r.Header.Get("Origin") != t.Page.origin.String():
		return invalidArgument("the header Origin", errOriginHeader)
	}
	return nil
}

// init returns what the request must be fetched with, as a copy.
func (t *Transport) init(r *http.Request) (init Init, err error) {
	given, ok := r.Context().Value(initKey{}).(*Init)
	if !ok {
		given = t.Init
	}
	if given != nil {
		init = *given
	}
	if init.Method != "" || init.Headers != nil || init.Body != nil {
		return init, invalidArgument("the init", errInitParts)
	}
	init.Mode = jsFetch(r.Header, jsFetchMode, init.Mode)
	init.Credentials = jsFetch(r.Header, jsFetchCredentials, init.Credentials)
	init.Redirect = jsFetch(r.Header, jsFetchRedirect, init.Redirect)
	return init, nil
}

// jsFetch returns the value of a key of h, or what holds otherwise.
func jsFetch[T ~string](h http.Header, key string, otherwise T) T {
	if values := h[key]; len(values) > 0 && values[0] != "" {
		return T(values[0])
	}
	return otherwise
}

// requestHeaders returns the headers that script has set.
func requestHeaders(h http.Header) headers.List {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	list := make(headers.List, 0, n)
	for name, values := range h {
		switch name {
		case jsFetchMode, jsFetchCredentials, jsFetchRedirect:
			continue
		}
		for _, value := range values {
			list = append(list, headers.Header{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(list, byName)
	return list
}

func byName(a, b headers.Header) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}

// httpResponse returns a response as net/http has them.
func httpResponse(response *Response, request *Request, r *http.Request, sent *requestBody) *http.Response {
	h := &http.Response{
		Status: statusLine(response.Status, response.StatusText), StatusCode: response.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: response.Headers.Map(), Body: response.Body, ContentLength: -1, Request: r,
	}
	list := response.internal.headers
	switch {
	case response.Body == NoBody && request.method != "HEAD":
		h.ContentLength = 0
	case response.Type == TypeOpaque || response.Type == TypeOpaqueRedirect:
	case response.internal.decoded:
		h.Uncompressed = true
	default:
		if length, ok := headers.ExtractDeltaSeconds(list.Lines("content-length")); ok {
			h.ContentLength = length
		}
	}
	if response.Redirected && response.URL != "" {
		if final, err := url.Parse(response.URL); err == nil {
			h.Request = r.WithContext(r.Context())
			h.Request.Method, h.Request.URL, h.Request.Host = request.method, final, ""
		}
	}
	if sent != nil {
		h.Body = &closingBody{h.Body, sent}
	}
	return h
}

func statusLine(status int, text string) string {
	if status == http.StatusOK && text == "OK" {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + text
}

// A closingBody closes the request's body with the response's.
type closingBody struct {
	io.ReadCloser
	sent *requestBody
}

// Close returns the error of the response's body.
func (b *closingBody) Close() error {
	err := b.ReadCloser.Close()
	b.sent.Close()
	return err
}

// A requestBody is the body of an [net/http.Request]; nil is none. It sees to it
// that each reader of it is closed once.
type requestBody struct {
	r *http.Request

	mu     sync.Mutex
	opened bool
	closed bool
	// current is what was opened last.
	current *closeOnce
}

func requestBodyOf(r *http.Request) *requestBody {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	return &requestBody{r: r}
}

// body returns the body as the algorithms have it.
func (b *requestBody) body() *Body {
	switch {
	case b == nil:
		return nil
	case b.r.GetBody == nil:
		return Stream(b.first())
	case b.r.ContentLength <= 0:
		return Source(-1, b.open)
	}
	return Source(b.r.ContentLength, b.open)
}

// first returns the body that the request came with.
func (b *requestBody) first() io.Reader {
	b.current = &closeOnce{ReadCloser: b.r.Body}
	b.opened = true
	return b.current
}

// open returns the body from its start.
func (b *requestBody) open() io.Reader {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return failingReader{http.ErrBodyReadAfterClose}
	}
	if !b.opened {
		return b.first()
	}
	again, err := b.r.GetBody()
	if err != nil {
		return failingReader{fmt.Errorf("GetBody: %w", err)}
	}
	b.current.Close()
	b.current = &closeOnce{ReadCloser: again}
	return b.current
}

// Close closes what is open.
func (b *requestBody) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.current == nil {
		b.first()
	}
	b.current.Close()
}

// closeOnce is a body that is closed at its end, or before, once.
type closeOnce struct {
	io.ReadCloser
	once sync.Once
	err  error
}

// Read closes the body at its end or first error, before the caller comes to.
func (c *closeOnce) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil {
		c.Close()
	}
	return n, err
}

// Close returns the error of the first time.
func (c *closeOnce) Close() error {
	c.once.Do(func() { c.err = c.ReadCloser.Close() })
	return c.err
}
