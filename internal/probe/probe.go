// Package probe finds out by a handful of requests what one response cannot tell:
// whether a server knows nothing of CORS or refuses this page, what exactly it
// refuses, what answers in its place, and whether it allows more than it should.
//
// It sends only OPTIONS, GET and HEAD, at most eight of them, all to the one URL,
// and follows no redirect.
package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/peek"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
	"github.com/corsim/corsim/wire"
)

// MaxRequests is how many requests are sent at most.
const MaxRequests = 8

// DefaultTimeout is how long all of it may take where nothing else is said.
const DefaultTimeout = 30 * time.Second

// Options say which request is asked about. URL and Origin are required.
type Options struct {
	URL string
	// Origin is the serialized origin of the page.
	Origin string
	// Method and Headers are those of the request as script makes it. The method
	// itself is sent only if it is GET or HEAD.
	Method  string
	Headers headers.List
	// Credentials says that the request includes them. No cookies are sent.
	Credentials bool

	// Network is where the requests go; nil stands for a [wire.Network].
	Network fetch.Network
	// Timeout bounds all of it; 0 stands for [DefaultTimeout].
	Timeout time.Duration
}

// A Request is one of the requests that are sent.
type Request struct {
	// Name is machine-readable; Why says what it is to tell, and When under which
	// condition it is sent, "" for always.
	Name, Why, When string
	Method, URL     string
	Headers         headers.List

	// origin is what it says in Origin, "" for no such header.
	origin string
	// authorSet are the lower-case names of the headers that script sets.
	authorSet map[string]bool
}

// network returns the request as it is sent: over a connection of its own, since what
// meets one that the server has closed is sent twice.
func (r *Request) network() *fetch.NetworkRequest {
	return &fetch.NetworkRequest{
		Method: r.Method, URL: r.URL, Headers: r.Headers, Preflight: r.Headers.Contains("Access-Control-Request-Method"), NewConnection: true,
	}
}

// A Trial is a request and what came of it.
type Trial struct {
	Request
	// Err says why no response came; nil where one did.
	Err      error
	Status   int
	Response headers.List

	body string // its beginning
}

func (x *Trial) header(name string) string {
	value, _ := x.Response.Get(name)
	return value
}

// Seen returns the trial as what causes are concluded from.
func (x *Trial) Seen() explain.Seen {
	return explain.Seen{Method: x.Method, URL: x.URL, Request: x.Headers, Status: x.Status, Response: x.Response, Body: x.body}
}

// The names of the requests.
const (
	preflightAsked  = "preflight"
	actualAsked     = "actual"
	optionsPlain    = "options-without-cors"
	actualNoOrigin  = "actual-without-origin"
	preflightSimple = "preflight-for-get"
	otherOrigin     = "another-origin"
	nullOrigin      = "null-origin"
	lookalikeOrigin = "lookalike-origin"
	insecureOrigin  = "insecure-origin"
)

// plan is what may be sent for a request.
type plan struct {
	asked   *cors.Request
	url     *weburl.URL
	simple  bool // it needs no preflight
	from    origin.Origin
	actual  string // GET or HEAD
	headers headers.List
	// authorSet are their lower-case names.
	authorSet map[string]bool
}

// An ArgumentError says what is wrong with an option.
type ArgumentError struct{ Option, Problem string }

// Error returns the option and its problem.
func (e *ArgumentError) Error() string { return e.Option + ": " + e.Problem }

// newPlan checks the options as a browser would.
func newPlan(o *Options) (*plan, error) {
	from, err := origin.Parse(o.Origin)
	if o.Origin == "" {
		err = errors.New("who asks? Give the origin of the page, such as https://app.example")
	}
	if err != nil {
		return nil, &ArgumentError{"origin", err.Error()}
	}
	pageURL := o.Origin + "/"
	if from.IsOpaque() {
		pageURL = "about:blank"
	}
	page, err := fetch.NewPage(pageURL, &fetch.PageOptions{Origin: o.Origin})
	if err != nil {
		return nil, err
	}
	if !strings.Contains(o.URL, "://") {
		return nil, &ArgumentError{"URL", fmt.Sprintf("%q has no scheme; did you mean https://%s?", o.URL, o.URL)}
	}
	credentials := fetch.CredentialsSameOrigin
	if o.Credentials {
		credentials = fetch.CredentialsInclude
	}
	r, err := fetch.NewRequest(page, o.URL, &fetch.Init{Method: o.Method, Headers: o.Headers, Credentials: credentials})
	if err != nil {
		if e, ok := errors.AsType[*cors.Error](err); ok && e.Err != nil {
			return nil, &ArgumentError{e.Subject, e.Err.Error()}
		}
		return nil, err
	}
	url, err := weburl.Parse(r.URL())
	if err != nil {
		return nil, &ArgumentError{"URL", err.Error()}
	}
	switch {
	case !url.IsHTTP():
		return nil, &ArgumentError{"URL", fmt.Sprintf("%s is neither http nor https", url)}
	case url.Origin().SameOrigin(from):
		return nil, &ArgumentError{"origin", fmt.Sprintf("the URL is of the page's own origin, %s: CORS has no say in it", o.Origin)}
	}
	p := &plan{
		asked: &cors.Request{Origin: from.String(), Method: r.Method(), Headers: r.Headers(), IncludeCredentials: o.Credentials},
		url:   url, from: from, actual: "GET", authorSet: map[string]bool{},
	}
	p.simple = !cors.NeedsPreflight(p.asked)
	if p.asked.Method == "HEAD" {
		p.actual = "HEAD"
	}
	for _, h := range p.asked.Headers {
		if !headers.IsRequestBodyHeaderName(h.Name) {
			p.headers = append(p.headers, h)
			p.authorSet[headers.Lower(h.Name)] = true
		}
	}
	return p, nil
}

func (p *plan) preflight(name, from, why string, asked *cors.Request) Request {
	list := cors.PreflightHeaders(asked)
	list.Set("Origin", from)
	return p.request(name, "OPTIONS", from, why, list)
}

func (p *plan) request(name, method, from, why string, list headers.List) Request {
	list = list.Clone()
	if !list.Contains("Accept") {
		list.Append("Accept", "*/*")
	}
	if !list.Contains("User-Agent") {
		list.Append("User-Agent", userAgent)
	}
	return Request{Name: name, Why: why, Method: method, URL: p.url.StringExcludingFragment(), Headers: list, origin: from, authorSet: p.authorSet}
}

// actualFrom returns the request itself, or a GET in its place.
func (p *plan) actualFrom(name, from, why string) Request {
	list := p.headers.Clone()
	if from != "" {
		list.Set("Origin", from)
	}
	return p.request(name, p.actual, from, why, list)
}

// like returns a request that asks as x did, for another origin.
func (p *plan) like(x *Trial, name, from, why string) Request {
	if x.Name == actualAsked {
		return p.actualFrom(name, from, why)
	}
	list := x.Headers.Clone()
	list.Set("Origin", from)
	return p.request(name, "OPTIONS", from, why, list)
}

func (p *plan) first() []Request {
	return []Request{
		p.preflight(preflightAsked, p.asked.Origin, "is the request permitted by a preflight?", p.asked),
		p.actualFrom(actualAsked, p.asked.Origin, "can the page read a response?"),
		p.request(optionsPlain, "OPTIONS", "", "is OPTIONS answered otherwise without the headers of CORS?", p.headers[:0:0]),
		p.actualFrom(actualNoOrigin, "", "does the response depend on Origin?"),
	}
}

func (p *plan) forGET() Request {
	return p.preflight(preflightSimple, p.asked.Origin, "is it the method or a header that is refused?", &cors.Request{Origin: p.asked.Origin, Method: "GET"})
}

// strangers returns the requests of other origins, which are sent as x was.
func (p *plan) strangers(x *Trial) []Request {
	list := []Request{
		p.like(x, otherOrigin, foreignOrigin, "is any origin allowed?"),
		p.like(x, nullOrigin, "null", "are sandboxed pages allowed?"),
	}
	if lookalike := lookalikeOf(p.from); lookalike != "" {
		list = append(list, p.like(x, lookalikeOrigin, lookalike, "are origins compared by a part of them?"))
	}
	if p.from.Scheme() == "https" {
		list = append(list, p.like(x, insecureOrigin, "http"+strings.TrimPrefix(p.from.String(), "https"), "is the same site over http allowed?"))
	}
	return list
}

// foreignOrigin is an origin that nobody has: the name can never be registered
// (RFC 6761, section 6.4).
const foreignOrigin = "https://cors-probe.invalid"

// lookalikeOf returns an origin that begins and ends as another does and holds all
// of it, and is nevertheless a stranger's: whoever owns a domain that ends with the
// host can have it.
func lookalikeOf(o origin.Origin) string {
	if o.IsOpaque() || strings.HasPrefix(o.Host(), "[") {
		return ""
	}
	port := strings.TrimPrefix(o.String(), o.Scheme()+"://"+o.Host())
	return o.Scheme() + "://" + o.Host() + ".x-" + o.Host() + port
}

// Plan returns what may be sent, in order, without sending it. Of those with a
// condition not all are: never more than [MaxRequests].
func Plan(o Options) ([]Request, error) {
	p, err := newPlan(&o)
	if err != nil {
		return nil, err
	}
	list := p.first()
	if !p.simple {
		c := p.forGET()
		c.When = "if the preflight is refused"
		list = append(list, c)
	}
	for _, r := range p.strangers(&Trial{Request: list[1]}) {
		switch r.Name {
		case otherOrigin:
			r.When = "as the preflight, if only that is answered with headers of CORS; not if nothing is"
		case insecureOrigin:
			r.When = "if one of the eight is left, and the origin is allowed but not every one"
		case lookalikeOrigin:
			r.When = "if the origin is allowed, but not every one"
		default:
			r.When = "if the origin is allowed"
		}
		list = append(list, r)
	}
	return list, nil
}

// Run probes. An error is one of the options; what happens on the way is in the
// report.
func Run(ctx context.Context, o Options) (*Report, error) {
	p, err := newPlan(&o)
	if err != nil {
		return nil, err
	}
	if o.Network == nil {
		network := new(wire.Network)
		defer network.Close()
		o.Network = network
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	s := &session{plan: p, ctx: ctx, network: o.Network, report: &Report{
		URL: p.url.StringExcludingFragment(), Origin: p.asked.Origin, Method: p.asked.Method, Credentials: o.Credentials, request: p.asked,
	}}
	s.probe()
	return s.report, nil
}

// session is a run.
type session struct {
	*plan
	ctx     context.Context
	network fetch.Network
	report  *Report
}

func (s *session) probe() {
	for i, r := range s.first() {
		s.send(r)
		if i == 1 && s.report.find(preflightAsked).Err != nil && s.report.find(actualAsked).Err != nil {
			break // nobody is there
		}
	}
	if !s.simple && s.ctx.Err() == nil && s.preflightError(preflightAsked) != nil && s.report.find(preflightAsked).Err == nil {
		s.send(s.forGET())
	}
	carrier := s.carrier()
	if carrier != nil {
		for _, r := range s.strangers(carrier) {
			anybody := s.report.accepted(otherOrigin)
			if len(s.report.Exchanges) == MaxRequests || s.ctx.Err() != nil || anybody && (r.Name == lookalikeOrigin || r.Name == insecureOrigin) {
				break
			}
			s.send(r)
		}
	}
	s.conclude()
	if carrier != nil {
		s.dangers(carrier)
	}
	s.internalNames()
}

// carrier returns the exchange by which the server showed that it allows the
// origin: the request itself rather than a preflight, as that is what gives data
// away. It is nil where there is none.
func (s *session) carrier() *Trial {
	for _, name := range []string{actualAsked, preflightAsked, preflightSimple} {
		if s.report.accepted(name) {
			return s.report.find(name)
		}
	}
	return nil
}

// userAgent begins as that of every browser does, since some servers answer
// nothing else.
const userAgent = "Mozilla/5.0 (compatible; corsim)"

// send sends a request.
func (s *session) send(r Request) {
	x := &Trial{Request: r}
	s.report.Exchanges = append(s.report.Exchanges, x)
	response, err := s.network.RoundTrip(s.ctx, r.network())
	if err != nil {
		x.Err = err
		return
	}
	x.Status, x.Response = response.Status, response.Headers
	body := peek.New(response.Body)
	body.Close() // which reads the beginning
	x.body = body.Beginning(x.Response)
}

// preflightError returns why a preflight does not permit the request that it asks
// for; nil where it does.
func (s *session) preflightError(name string) error {
	x := s.report.find(name)
	if x == nil || x.Err != nil {
		return errors.New("no response")
	}
	asked := s.asked
	if name == preflightSimple {
		asked = &cors.Request{Origin: s.asked.Origin, Method: "GET", IncludeCredentials: s.asked.IncludeCredentials}
	}
	_, err := cors.ValidatePreflight(asked, x.Status, &x.Response)
	return err
}

// actualError returns why the page cannot read the response; nil where it can.
func (s *session) actualError() error {
	x := s.report.find(actualAsked)
	if x == nil || x.Err != nil {
		return errors.New("no response")
	}
	return cors.Check(s.asked, &x.Response)
}
