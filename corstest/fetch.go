package corstest

import (
	"context"
	"errors"
	"fmt"
	"io"
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
func Credentials(i *fetch.Init) { i.Credentials = fetch.CredentialsInclude }

// JSON sends a body with the Content-Type application/json, as
// headers: {"Content-Type": "application/json"}, body: … does.
func JSON(body string) Option {
	return func(i *fetch.Init) {
		i.Headers.Set("Content-Type", "application/json")
		i.Body = fetch.Text(body)
	}
}

// Text sends a string, whose Content-Type is text/plain;charset=UTF-8 unless
// [Header] says otherwise.
func Text(body string) Option { return func(i *fetch.Init) { i.Body = fetch.Text(body) } }

// Form sends a form that is URL-encoded.
func Form(values url.Values) Option { return func(i *fetch.Init) { i.Body = fetch.Form(values) } }

// Body sends any body that can be sent more than once: for a stream see [Stream].
func Body(body *fetch.Body) Option { return func(i *fetch.Init) { i.Body = body } }

// Stream sends a stream, which open gives anew for each user agent: without a length,
// always after a preflight, and not again after a redirect.
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
	r := &Result{tab: p, fetched: new(fetched)}
	method, address, err := p.parseTarget(target)
	if err != nil {
		return r.refuse("%v", err)
	}
	r.target = method + " " + address
	var inits []*fetch.Init
	for range p.agents {
		init, err := p.newInit(method, options)
		if err != nil {
			return r.refuse("%s: %v", r.target, err)
		}
		inits = append(inits, init)
	}
	_, file, line, _ := runtime.Caller(1)
	r.where = fmt.Sprintf("%s, fetched at %s:%d", r.target, file[strings.LastIndexByte(file, '/')+1:], line)
	p.fetched.add(r.fetched)
	network := p.network(&r.panics)
	r.attempts = transcript.InTurn(p.t.Context(), len(p.agents), p.options.timeout, func(ctx context.Context, i int) *transcript.Attempt {
		refused := p.agents[i].refusals()
		a := p.attempt(ctx, p.agents[i].client(network), p.page, address, inits[i])
		a.Refused = refused
		return a
	})
	r.again = func(origin string) *transcript.Attempt {
		page, err := transcript.OpenPage(origin, nil)
		if err != nil {
			return &transcript.Attempt{Err: err}
		}
		init, err := p.newInit(method, options)
		if err != nil {
			return &transcript.Attempt{Err: err}
		}
		return transcript.InTurn(p.t.Context(), 1, p.options.timeout, func(ctx context.Context, _ int) *transcript.Attempt {
			return p.attempt(ctx, &fetch.Client{Network: network}, page, address, init)
		})[0]
	}
	return r
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
func (p *Tab) newInit(method string, options []Option) (*fetch.Init, error) {
	init := &fetch.Init{Method: method}
	for _, option := range append(slices.Clip(p.options.always), options...) {
		if option == nil {
			return nil, errors.New("an option is nil")
		}
		option(init)
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
		return ". Give the browsers the cookie by corstest.Cookie, and the Fetch corstest.Credentials"
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

func (p *Tab) attempt(ctx context.Context, client *fetch.Client, page *fetch.Page, address string, init *fetch.Init) *transcript.Attempt {
	a := transcript.Run(ctx, client, page, address, init)
	a.Hints = hints
	return a
}
