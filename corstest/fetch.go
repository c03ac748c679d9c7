package corstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

// An Option is part of the second argument of fetch(). Those that are not here can
// be written as functions, which are called anew for each user agent.
type Option func(*fetch.Init)

// Credentials includes credentials: credentials: "include".
func Credentials() Option {
	return func(i *fetch.Init) { i.Credentials = fetch.CredentialsInclude }
}

// JSON sends a body with the Content-Type application/json, as
// headers: {"Content-Type": "application/json"}, body: JSON.stringify(…) does. A string, []byte or
// [json.RawMessage] is sent as it is.
func JSON(value any) Option {
	text, err := jsonOf(value)
	return func(i *fetch.Init) {
		i.Headers.Set("Content-Type", "application/json")
		i.Body = fetch.Text(text)
		if err != nil {
			i.Body = fetch.Source(-1, func() io.Reader { return failingReader{err} })
		}
	}
}

func jsonOf(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case json.RawMessage:
		return string(v), nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

type failingReader struct{ err error }

// Read fails.
func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// Text sends a string, whose Content-Type is text/plain;charset=UTF-8 unless
// [Header] says otherwise.
func Text(body string) Option { return func(i *fetch.Init) { i.Body = fetch.Text(body) } }

// Form sends a form that is URL-encoded.
func Form(values url.Values) Option { return func(i *fetch.Init) { i.Body = fetch.Form(values) } }

// A File is a part of a form that [Multipart] sends.
type File struct {
	Field, Name, ContentType string
	Content                  []byte
}

// Multipart sends a form with files, as body: new FormData() does: its Content-Type needs no
// preflight.
func Multipart(values url.Values, files ...File) Option {
	return func(i *fetch.Init) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.SetBoundary("----corstestFormBoundary7MA4YWxkTrZu0gW")
		for _, name := range slices.Sorted(maps.Keys(values)) {
			for _, value := range values[name] {
				w.WriteField(name, value)
			}
		}
		for _, f := range files {
			header := make(textproto.MIMEHeader)
			header.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
			header.Set("Content-Type", cmp.Or(f.ContentType, "application/octet-stream"))
			part, _ := w.CreatePart(header) // a buffer takes everything
			part.Write(f.Content)
		}
		w.Close()
		i.Body = fetch.Blob(b.Bytes(), w.FormDataContentType())
	}
}

// Body sends any body that can be sent more than once: for a stream see [Stream].
func Body(body *fetch.Body) Option { return func(i *fetch.Init) { i.Body = body } }

// Stream sends a stream, which open gives anew for each user agent: without a length,
// always after a preflight, and not again after a redirect. Of the browsers only Chromium sends one, over
// HTTP/2, which a handler in the same process does not speak: see [LivePage]. Firefox sends a text in its
// place, and WebKit refuses it.
func Stream(open func() io.Reader) Option {
	return func(i *fetch.Init) { i.Body = fetch.Stream(open()) }
}

// Header adds a request header, as script does. One that script cannot set, and that
// would not be sent, is a fatal error.
func Header(name, value string) Option {
	return func(i *fetch.Init) { i.Headers = append(i.Headers, headers.Header{Name: name, Value: value}) }
}

// Redirect sets the redirect mode.
func Redirect(mode fetch.Redirect) Option { return func(i *fetch.Init) { i.Redirect = mode } }

// Mode sets the request's mode.
func Mode(mode fetch.Mode) Option { return func(i *fetch.Init) { i.Mode = mode } }

// Fetch is fetch(), called by a script of the page, in each user agent. The target is
// a method and a URL, such as "PUT https://api.example/things/1"; without a method
// it is GET, and where [Base] is given, or the page is a [LivePage], the URL may be
// a path. Something must be asserted of the result.
func (p *Tab) Fetch(target string, options ...Option) *Result {
	p.t.Helper()
	return p.send("", target, options, func(page *fetch.Page, address string, i *fetch.Init) (*fetch.Request, error) {
		return fetch.NewRequest(page, address, i)
	})
}

// XHR is an XMLHttpRequest of the page, as that of axios, as Fetch has it. Of the options those have no
// meaning that it has not: a mode, a redirect mode.
func (p *Tab) XHR(target string, options ...Option) *Result {
	p.t.Helper()
	return p.send("XMLHttpRequest ", target, options, xhr(false))
}

// XHRUpload is XHR with a listener for the progress of the upload, as that of axios with
// onUploadProgress: a preflight is sent first, whatever else the request is.
func (p *Tab) XHRUpload(target string, options ...Option) *Result {
	p.t.Helper()
	return p.send("XMLHttpRequest ", target, options, xhr(true))
}

// newRequest makes a request of what an API is given.
type newRequest func(page *fetch.Page, address string, i *fetch.Init) (*fetch.Request, error)

func xhr(upload bool) newRequest {
	return func(page *fetch.Page, address string, i *fetch.Init) (*fetch.Request, error) {
		return fetch.NewXHR(page, address, &fetch.XHR{
			Method: i.Method, Headers: i.Headers, Body: i.Body, WithCredentials: i.Credentials == fetch.CredentialsInclude, UploadListener: upload,
		})
	}
}

// send makes a request in each user agent.
func (p *Tab) send(api, target string, options []Option, newRequest newRequest) *Result {
	p.t.Helper()
	r := &Result{tab: p, fetched: new(fetched)}
	method, address, err := p.parseTarget(target)
	if err != nil {
		return r.refuse("%v", err)
	}
	r.method, r.url, r.target = method, address, api+method+" "+address
	var inits []*fetch.Init
	for _, agent := range p.agents {
		init, err := p.newInit(agent, method, options)
		if err != nil {
			return r.refuse("%s: %v", r.target, err)
		}
		inits = append(inits, init)
	}
	r.init = inits[0]
	r.run("fetched", func(ctx context.Context, i int, client *fetch.Client) *transcript.Attempt {
		return transcript.Run(ctx, client, p.page, func() (*fetch.Request, error) { return newRequest(p.page, address, inits[i]) })
	})
	r.again = func(origin string, change func(*fetch.Init)) *transcript.Attempt {
		page, err := transcript.OpenPage(origin, nil)
		if err != nil {
			return &transcript.Attempt{Err: err}
		}
		init, err := p.newInit(nil, method, options)
		if err != nil {
			return &transcript.Attempt{Err: err}
		}
		change(init)
		again := transcript.InTurn(p.t.Context(), 1, p.options.timeout, func(ctx context.Context, _ int) *transcript.Attempt {
			return transcript.Run(ctx, &fetch.Client{Network: p.network(&r.panics, p.agents[0])}, page, func() (*fetch.Request, error) {
				return fetch.NewRequest(page, address, init)
			})
		})[0]
		r.attempted(again)
		return again
	}
	return r
}

// run makes the attempts of all user agents. What they ask alike is asked once, unless each has a
// server of its own.
func (r *Result) run(did string, attempt func(ctx context.Context, i int, client *fetch.Client) *transcript.Attempt) {
	p := r.tab
	_, file, line, _ := runtime.Caller(3)
	r.where = fmt.Sprintf("%s, %s at %s:%d", r.target, did, file[strings.LastIndexByte(file, '/')+1:], line)
	var shared *transcript.Shared
	if len(p.agents) > 1 && p.options.fresh == nil {
		shared = transcript.NewShared(p.network(&r.panics, p.agents[0]))
	}
	r.attempts = transcript.InTurn(p.t.Context(), len(p.agents), p.options.timeout, func(ctx context.Context, i int) *transcript.Attempt {
		var network fetch.Network
		if shared != nil {
			network = shared.Agent()
		} else {
			network = p.network(&r.panics, p.agents[i])
		}
		refused := p.agents[i].refusals()
		a := attempt(ctx, i, p.agents[i].client(network))
		a.Refused, a.Hints = refused, hints
		return a
	})
	if shared != nil {
		shared.Done()
	}
	r.attempted(r.attempts...)
	p.fetched.add(r.fetched)
}

// parseTarget returns the method and the URL of a target.
func (p *Tab) parseTarget(target string) (method, address string, err error) {
	words := strings.Fields(target)
	switch len(words) {
	case 1:
		method, address = "GET", words[0]
	case 2:
		method, address = headers.NormalizeMethod(words[0]), words[1]
	default:
		if len(words) > 2 {
			return "", "", fmt.Errorf("Fetch(%q): the target has %d words: it must be a method and a URL, in which a space is written %%20", target, len(words))
		}
	}
	switch {
	case strings.Contains(address, "://"):
		return method, address, nil
	case p.options.base != "" && strings.HasPrefix(address, "/"):
		return method, p.options.base + address, nil
	case strings.HasPrefix(address, "/"):
		return "", "", fmt.Errorf("Fetch(%q): without corstest.Base a path is one of the page's own origin, which CORS is not about: "+
			"write the whole URL, as in %q", target, method+" https://api.example"+address)
	}
	return "", "", fmt.Errorf("Fetch(%q): the target must be a method and a URL, as in \"PUT https://api.example/things/1\"", target)
}

// newInit returns the second argument of a fetch(). The error says what would not be
// sent as the test has it.
func (p *Tab) newInit(agent *agent, method string, options []Option) (*fetch.Init, error) {
	init := &fetch.Init{Method: method}
	for _, option := range append(slices.Clip(p.options.always), options...) {
		if option == nil {
			return nil, errors.New("an option is nil")
		}
		option(init)
	}
	if agent != nil {
		p.submitTwice(agent, init)
	}
	for _, h := range init.Headers {
		if headers.IsForbiddenRequestHeader(h.Name, h.Value) {
			return nil, fmt.Errorf("script cannot set the header %s: it would not be sent%s", h.Name, insteadOf(h.Name))
		}
	}
	if init.Body != nil && p.streams.used(init.Body.Stream()) {
		return nil, errors.New("the body is a stream that was sent before, and can be read once: each user agent needs one of its own, " +
			"as in corstest.Stream(func() io.Reader { return strings.NewReader(\"…\") })")
	}
	return init, nil
}

// insteadOf says what a test does instead of setting a header that script cannot set.
func insteadOf(name string) string {
	switch name := headers.Lower(name); {
	case name == "origin":
		return ". It is that of the page: give it to Page or LivePage"
	case name == "cookie":
		return ". Give the browsers the cookie by corstest.Cookie, and the Fetch corstest.Credentials()"
	case name == "referer":
		return ". It follows from the URL given to Page or LivePage, and from ReferrerPolicy of corstest.Document"
	case strings.HasPrefix(name, "access-control-request-"):
		return ". It follows from the method and the headers of the Fetch"
	}
	return ""
}

// streams remembers which streams were sent.
type streams struct {
	mu   sync.Mutex
	sent map[io.Reader]bool
}

// used reports whether a stream was asked about before. What is no pointer may have no
// state of its own, and be the same each time for that reason.
func (s *streams) used(stream io.Reader) bool {
	if reflect.ValueOf(stream).Kind() != reflect.Pointer {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	used := s.sent[stream]
	if s.sent == nil {
		s.sent = make(map[io.Reader]bool)
	}
	s.sent[stream] = true
	return used
}

// hints are for who writes a test.
var hints = transcript.Hints{
	Untrusted: "Let the test trust the server: corstest.Through(fetch.RoundTripper(server.Client().Transport)).",
	Mixed:     "Or give the page an http origin.",
}

// submitTwice sets the headers that repeat cookies of the page.
func (p *Tab) submitTwice(agent *agent, init *fetch.Init) {
	for _, pair := range p.options.doubleSubmit {
		for part := range strings.SplitSeq(agent.jar.DocumentCookie(p.page.CookieContext()), ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name == pair[0] {
				init.Headers.Set(pair[1], value)
			}
		}
	}
}
