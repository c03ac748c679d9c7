package corstest

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

// Timeout is how long a Fetch may take in each user agent, its body included.
const Timeout = 30 * time.Second

// An Option is part of the second argument of fetch(). Those that are not here can
// be written as functions.
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

// Body sends any body.
func Body(body *fetch.Body) Option { return func(i *fetch.Init) { i.Body = body } }

// Header adds a request header, as script does. Those that script cannot set are
// not sent.
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
// a path. Something is to be asserted of the result.
func (p *Tab) Fetch(target string, options ...Option) *Result {
	p.t.Helper()
	r := &Result{tab: p}
	method, address, ok := strings.Cut(strings.TrimSpace(target), " ")
	if address = strings.TrimSpace(address); !ok {
		method, address = "GET", method
	}
	r.target = method + " " + address
	switch {
	case strings.Contains(address, "://"):
	case p.options.base != "" && strings.HasPrefix(address, "/"):
		address = p.options.base + address
		r.target = method + " " + address
	case strings.HasPrefix(address, "/"):
		p.t.Fatalf("corstest: Fetch(%q): without corstest.Base a path is one of the page's own origin, which CORS is not about: "+
			"write the whole URL, as in %q", target, method+" https://api.example"+address)
		r.failed = true
		return r
	default:
		p.t.Fatalf("corstest: Fetch(%q): the target must be a method and a URL, as in \"PUT https://api.example/things/1\"", target)
		r.failed = true
		return r
	}
	_, file, line, _ := runtime.Caller(1)
	p.unasserted[r] = fmt.Sprintf("%s, fetched at %s:%d", r.target, file[strings.LastIndexByte(file, '/')+1:], line)
	for _, agent := range p.agents {
		if !p.options.keepPreflights {
			agent = &fetch.Client{Network: agent.Network, Engine: agent.Engine, Jar: agent.Jar}
		}
		r.attempts = append(r.attempts, p.attempt(agent, p.page, method, address, options))
	}
	r.panicked = p.panics.take()
	r.again = func(origin string) *transcript.Attempt {
		page, err := fetch.NewPage(origin, nil)
		if err != nil {
			return &transcript.Attempt{Err: err}
		}
		return p.attempt(&fetch.Client{Network: p.network}, page, method, address, options)
	}
	return r
}

func (p *Tab) attempt(agent *fetch.Client, page *fetch.Page, method, address string, options []Option) *transcript.Attempt {
	init := &fetch.Init{Method: method}
	for _, option := range append(slices.Clip(p.options.always), options...) {
		option(init)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), Timeout)
	defer cancel()
	return transcript.Run(ctx, agent, page, address, init)
}
