package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/wire"
)

// DefaultTimeout is how long a request may take in each user agent where nothing else
// is said.
const DefaultTimeout = 30 * time.Second

// Options say how a contract is checked.
type Options struct {
	// Base is where the service is; empty stands for that of the contract.
	Base string
	// Bases are other places for the bases that have names.
	Bases map[string]string
	// Network is where requests go; nil stands for a [wire.Network].
	Network fetch.Network
	// ThirdPartyCookies is a setting of the users; "" is as the engines are shipped.
	ThirdPartyCookies browser.ThirdPartyCookies
	// Engines are the user agents in which every promise must hold; nil stands for the
	// standard and the three browsers.
	Engines []*browser.Engine
	// SendUnsafe sends requests whatever their method does. Otherwise only the
	// preflights of those go out that are none of GET, HEAD and OPTIONS.
	SendUnsafe bool
	// Timeout is how long each request may take in each user agent; 0 stands for
	// [DefaultTimeout]. They are asked one after the other. Once one has waited in vain
	// the others are asked at the same time, so that a server which does not answer
	// costs the time twice.
	Timeout time.Duration
}

func (o *Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

func (o *Options) engines() []*browser.Engine {
	if o.Engines != nil {
		return o.Engines
	}
	return []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
}

// Run checks each promise of a contract. The error is about the options, or that of
// the context where it ends; whatever a server does is in the report.
func Run(ctx context.Context, c *Contract, o *Options) (*Report, error) {
	if o == nil {
		o = new(Options)
	}
	base := o.Base
	if base == "" {
		base = c.Base
	}
	if base == "" {
		return nil, errors.New("it is not known where the service is: the contract has no line like \"base https://api.example\", and no base is given")
	}
	if err := CheckBase(base); err != nil {
		return nil, err
	}
	r := &runner{options: o, base: strings.TrimSuffix(base, "/"), bases: maps.Clone(c.Bases), network: o.Network}
	for name, base := range o.Bases {
		if _, known := c.Bases[name]; !known {
			return nil, fmt.Errorf("the contract has no base %s", name)
		}
		if err := CheckBase(base); err != nil {
			return nil, err
		}
		r.bases[name] = base
	}
	if _, err := browser.Standard().WithThirdPartyCookies(o.ThirdPartyCookies); err != nil {
		return nil, err
	}
	if r.network == nil {
		network := new(wire.Network)
		defer network.Close()
		r.network = network
	}
	if !o.SendUnsafe {
		r.network = preflightsOnly{r.network}
	}
	report := &Report{Contract: c, Base: base, Start: time.Now()}
	for i := range c.Pages {
		page := &c.Pages[i]
		for j := range page.Promises {
			if err := ctx.Err(); err != nil {
				return report, context.Cause(ctx)
			}
			start := time.Now()
			result := r.check(ctx, page, &page.Promises[j])
			result.Duration = time.Since(start)
			report.Results = append(report.Results, result)
		}
	}
	return report, nil
}

// preflightsOnly sends nothing that may change something.
type preflightsOnly struct{ network fetch.Network }

// RoundTrip refuses with transcript.ErrNotSent what is neither safe nor a preflight.
func (p preflightsOnly) RoundTrip(ctx context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	if !n.Preflight && !isSafe(n.Method) {
		return nil, transcript.ErrNotSent
	}
	return p.network.RoundTrip(ctx, n)
}

// AddressSpace implements [fetch.AddressResolver].
func (p preflightsOnly) AddressSpace(ctx context.Context, url string) (origin.AddressSpace, error) {
	return transcript.StandIn("", p.network)(ctx, url)
}

type runner struct {
	options *Options
	base    string
	bases   map[string]string
	network fetch.Network
}

func (r *runner) url(path string) string {
	if name, rest, named := cutBase(path); named {
		return strings.TrimSuffix(r.bases[name], "/") + rest
	}
	if strings.HasPrefix(path, "/") {
		return r.base + path
	}
	return path
}

// attempts makes the request that a promise is about in each user agent.
func (r *runner) attempts(ctx context.Context, page *fetch.Page, p *Promise) []*transcript.Attempt {
	engines := r.options.engines()
	shared := transcript.NewShared(r.network)
	defer shared.Done()
	attempts := transcript.InTurn(ctx, len(engines), r.options.timeout(), func(ctx context.Context, i int) *transcript.Attempt {
		return r.attempt(ctx, shared.Agent(), engines[i], page, p)
	})
	if i := slices.IndexFunc(attempts, (*transcript.Attempt).MayAskAgain); i >= 0 {
		transcript.AskAgain(ctx, r.network, attempts[i:]...)
	}
	return attempts
}

// hints are for who runs a contract by the command.
var hints = transcript.Hints{
	Untrusted: transcript.TrustFlags,
	Mixed:     "Or give the page an http origin, or have --at put a server without TLS in the place of an https base.",
}

func (r *runner) attempt(ctx context.Context, network fetch.Network, engine *browser.Engine, page *fetch.Page, p *Promise) *transcript.Attempt {
	init := &fetch.Init{Method: p.Method, Headers: p.headers(), Body: p.body()}
	if p.Credentials {
		init.Credentials = fetch.CredentialsInclude
	}
	if changed, err := engine.WithThirdPartyCookies(r.options.ThirdPartyCookies); err == nil { // Run has checked it
		engine = changed
	}
	url := r.url(p.Path)
	jar, refused := r.jar(engine, url, p.Cookies)
	client := &fetch.Client{Network: network, Engine: engine, Jar: jar, AddressSpace: transcript.StandIn(r.base, r.network)}
	if p.Loads {
		initiator := fetch.Initiator(explain.FindInitiator(p.Method).API)
		a := transcript.Load(ctx, client, page.Reload(), initiator, url, p.attributes())
		a.Private, a.Hints, a.Refused = true, hints, refused
		return a
	}
	a := transcript.Run(ctx, client, page, func() (*fetch.Request, error) { return fetch.NewRequest(page, url, init) })
	a.Refused = refused
	a.Private = true // what is written about live servers goes to logs and into reports
	a.Hints = hints
	return a
}

func closeAll(attempts []*transcript.Attempt) {
	for _, a := range attempts {
		a.Close()
	}
}

// attributes are the content attributes of the element that loads what is promised.
func (p *Promise) attributes() *fetch.Attributes {
	a := new(fetch.Attributes)
	kind := explain.FindInitiator(p.Method)
	switch value := "anonymous"; {
	case p.Credentials && kind.Attribute:
		value = "use-credentials"
		fallthrough
	case p.CrossOrigin:
		a.CrossOrigin = &value
	case p.Credentials:
		a.WithCredentials = true
	}
	if kind.As == "beacon" {
		a.Body = fetch.Blob([]byte("{}"), "text/plain")
		if p.JSON {
			a.Body = fetch.Blob([]byte("{}"), "application/json")
		}
	}
	return a
}

// body returns the body of the request, nil for none.
func (p *Promise) body() *fetch.Body {
	switch {
	case p.BodyType == "form":
		return fetch.Blob([]byte(p.Body), "application/x-www-form-urlencoded;charset=UTF-8")
	case p.BodyType == "text", p.JSON && p.Body != "":
		return fetch.Text(p.Body)
	case p.JSON:
		return fetch.Text("{}")
	}
	return nil
}

// jar returns what a browser has of cookies, and which of them it has refused.
func (r *runner) jar(engine *browser.Engine, url string, given []string) (fetch.CookieJar, []string) {
	var refused []string
	jar := cookies.New(cookies.Options{Policy: cookies.PolicyFor(engine)})
	for _, c := range given {
		if !strings.Contains(c, ";") {
			c += "; SameSite=None; Secure"
		}
		jar.StoreCookies(&fetch.CookieContext{URL: url, Method: "GET", TopLevelNavigation: true}, []string{c}, func(setCookie, why string) {
			refused = append(refused, transcript.NotStored(setCookie, why))
		})
	}
	return jar, refused
}

// headers returns the headers that script sets.
func (p *Promise) headers() headers.List {
	list := p.Headers.Clone()
	if p.JSON && !list.Contains("content-type") {
		list.Append("Content-Type", "application/json")
	}
	return list
}

func (r *runner) check(ctx context.Context, page *Page, p *Promise) Result {
	result := Result{Page: page, Promise: p, Verdict: Kept}
	opened, err := transcript.OpenPage(page.URL, nil)
	if err != nil {
		result.Verdict, result.Problem = Broken, redact.Text(err.Error())
		return result
	}
	attempts := r.attempts(ctx, opened, p)
	defer closeAll(attempts)
	check := p.check()
	judgement := transcript.Judge(attempts, func(a *transcript.Attempt) string {
		switch {
		case a.Asks() != "":
			result.Verdict, result.Note = Unknown, a.Outcome()
		case !a.NotSent:
			return check(a)
		case !a.CrossOrigin:
			return transcript.OwnOrigin
		case !a.Preflighted:
			result.Verdict = Unknown
			result.Note = fmt.Sprintf("%s needs no preflight, and its method is not safe: only sending it could tell", p.Method)
		case p.NoPreflight:
			return "a preflight was sent"
		case p.Block:
			return "permitted: only its preflight was sent, and that permits the request"
		case p.Expose != nil || p.Hide != nil || p.Status != 0 || p.Contains != nil:
			result.Note = "only its preflight was sent: what comes of the request was not looked at"
		default:
			result.Note = "only its preflight was sent"
		}
		return ""
	})
	if judgement.OK() {
		return result
	}
	problem := judgement.Problems[0]
	result.Verdict, result.Note, result.Problem, result.Detail = Broken, "", redact.Text(problem.Text), judgement.Text("")
	for _, problem := range judgement.Problems {
		result.Engines = append(result.Engines, problem.Engines()...)
	}
	if first := problem.Attempts[0]; !first.NotSent {
		result.Reason = cors.ReasonOf(first.Err)
	}
	return result
}

// check returns the check that the promise stands for.
func (p *Promise) check() func(*transcript.Attempt) string {
	checks := []func(*transcript.Attempt) string{transcript.Exposes(p.Expose), p.checkResponse}
	if p.Hide != nil {
		checks = append(checks, transcript.Hides(p.Hide))
	}
	if p.Block {
		checks = []func(*transcript.Attempt) string{transcript.Blocked(p.Because), p.checkUnsent}
	}
	switch {
	case p.Block || !p.Loads:
	case p.CrossOrigin || p.Credentials:
		checks = []func(*transcript.Attempt) string{transcript.Opaque(false)}
	default:
		checks = []func(*transcript.Attempt) string{transcript.Loads}
	}
	checks = append(checks, p.checkPreflight)
	return func(a *transcript.Attempt) string {
		for _, check := range checks {
			if problem := check(a); problem != "" {
				return problem
			}
		}
		return ""
	}
}

// checkResponse looks at the response that script gets.
func (p *Promise) checkResponse(a *transcript.Attempt) string {
	if p.Status != 0 && a.Response.Status != p.Status {
		return fmt.Sprintf("status %d, not %d", a.Response.Status, p.Status)
	}
	if p.Contains == nil {
		return ""
	}
	body, err := a.Read()
	if err != nil {
		return fmt.Sprintf("the body could not be read to its end: %v", err)
	}
	for _, text := range p.Contains {
		if !bytes.Contains(body, []byte(text)) {
			return fmt.Sprintf("the body, of %d bytes, does not have %q in it", len(body), text)
		}
	}
	return ""
}

func (p *Promise) checkUnsent(a *transcript.Attempt) string {
	if p.Unsent && a.Sent() != nil {
		a.Unadvised = true
		return "the request was sent, and only its response is kept from script"
	}
	return ""
}

func (p *Promise) checkPreflight(a *transcript.Attempt) string {
	switch {
	case p.Preflight && !a.Preflighted:
		return "no preflight was sent"
	case p.NoPreflight && a.Preflighted:
		return "a preflight was sent"
	}
	return ""
}

// DefaultBase is where a handler is that no base is given for.
const DefaultBase = "https://api.example"
