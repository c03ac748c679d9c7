package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/report"
	"github.com/corsim/corsim/wire"
)

// DefaultTimeout is how long a request may take in each user agent where nothing else
// is said.
const DefaultTimeout = 30 * time.Second

// Options say how a contract is checked.
type Options struct {
	// Base is where the service is; empty stands for that of the contract.
	Base string
	// Network is where requests go; nil stands for a [wire.Network].
	Network fetch.Network
	// Engines are the user agents in which every promise must hold; nil stands for the
	// standard and the three browsers.
	Engines []*browser.Engine
	// SendUnsafe sends requests whatever their method does. Otherwise only the
	// preflights of those go out that are none of GET, HEAD and OPTIONS.
	SendUnsafe bool
	// Timeout is how long each request may take in each user agent; 0 stands for
	// [DefaultTimeout].
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
	return []*browser.Engine{browser.Standard, browser.Chromium, browser.Firefox, browser.WebKit}
}

// A Verdict is what came of a promise.
type Verdict string

// The verdicts.
const (
	Kept   Verdict = "kept"
	Broken Verdict = "broken"
	// Unknown: only sending a request could tell, which was not to be.
	Unknown Verdict = "unknown"
)

// A Result says whether a promise was kept.
type Result struct {
	Page    *Page
	Promise *Promise
	Verdict Verdict
	// Note says what was not looked at although the promise is kept, or why nothing
	// can be told; empty where there is nothing to say.
	Note string
	// Problem says in a clause what is wrong, Engines in which user agents, and Detail,
	// in lines, what happened, which rule was not met and what to change. They are
	// empty unless the promise is broken.
	Problem, Detail string
	Engines         []string
	// Reason is the first of the requirements that were not met, 0 where it is none of
	// those.
	Reason cors.Reason
	// Duration is how long checking it took.
	Duration time.Duration
}

// A Report is what came of a contract.
type Report struct {
	Contract *Contract
	Start    time.Time
	Results  []Result
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
		return nil, errors.New("it is not known where the service is: the contract has no base, and none is given")
	}
	if err := CheckBase(base); err != nil {
		return nil, err
	}
	r := &runner{options: o, base: strings.TrimSuffix(base, "/"), network: o.Network}
	if r.network == nil {
		network := new(wire.Network)
		defer network.Close()
		r.network = network
	}
	if !o.SendUnsafe {
		r.network = preflightsOnly{r.network}
	}
	report := &Report{Contract: c, Start: time.Now()}
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

// errNotSent is why a request that is not safe has no response.
var errNotSent = errors.New("only its preflight was sent, as its method is not safe")

// preflightsOnly sends nothing that may change something.
type preflightsOnly struct{ network fetch.Network }

// RoundTrip refuses with errNotSent what is neither safe nor a preflight.
func (p preflightsOnly) RoundTrip(ctx context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	if !n.Preflight && !isSafe(n.Method) {
		return nil, errNotSent
	}
	return p.network.RoundTrip(ctx, n)
}

type runner struct {
	options *Options
	base    string
	network fetch.Network
}

func (r *runner) url(path string) string {
	if strings.HasPrefix(path, "/") {
		return r.base + path
	}
	return path
}

// attempts makes the request that a promise is about in each user agent.
func (r *runner) attempts(ctx context.Context, page *fetch.Page, p *Promise) []*transcript.Attempt {
	var attempts []*transcript.Attempt
	for _, engine := range r.options.engines() {
		attempts = append(attempts, r.attempt(ctx, engine, page, p))
	}
	return attempts
}

func (r *runner) attempt(ctx context.Context, engine *browser.Engine, page *fetch.Page, p *Promise) *transcript.Attempt {
	ctx, cancel := context.WithTimeout(ctx, r.options.timeout())
	defer cancel()
	init := &fetch.Init{Method: p.Method, Headers: p.Headers.Clone()}
	if p.Credentials {
		init.Credentials = fetch.CredentialsInclude
	}
	if p.JSON {
		if !init.Headers.Contains("content-type") {
			init.Headers = append(init.Headers, headers.Header{Name: "Content-Type", Value: "application/json"})
		}
		init.Body = fetch.Text("{}")
	}
	return transcript.Run(ctx, &fetch.Client{Network: r.network, Engine: engine}, page, r.url(p.Path), init)
}

func notSent(a *transcript.Attempt) bool { return errors.Is(a.Err, errNotSent) }

func (r *runner) check(ctx context.Context, page *Page, p *Promise) Result {
	result := Result{Page: page, Promise: p, Verdict: Kept}
	opened, err := newPage(page.URL)
	if err != nil {
		result.Verdict, result.Problem = Broken, err.Error()
		return result
	}
	attempts := r.attempts(ctx, opened, p)
	check := p.check()
	judgement := transcript.Judge(attempts, func(a *transcript.Attempt) string {
		switch {
		case !notSent(a):
			return check(a)
		case !a.Preflighted:
			result.Verdict = Unknown
			result.Note = fmt.Sprintf("%s needs no preflight, and its method is not safe: only sending it could tell", p.Method)
		case p.Block:
			return "the preflight permits it, so that the request would be sent"
		case p.Expose != nil || p.Hide != nil:
			result.Note = "only its preflight was sent: which headers script can read was not looked at"
		default:
			result.Note = "only its preflight was sent"
		}
		return ""
	})
	if judgement.OK() {
		return result
	}
	problem := judgement.Problems[0]
	result.Verdict, result.Note, result.Problem, result.Detail = Broken, "", problem.Text, judgement.Text("")
	for _, problem := range judgement.Problems {
		result.Engines = append(result.Engines, problem.Engines()...)
	}
	result.Reason = cors.ReasonOf(problem.Attempts[0].Err)
	return result
}

// check returns the check that the promise stands for.
func (p *Promise) check() func(*transcript.Attempt) string {
	if p.Block {
		return transcript.Blocked(p.Because)
	}
	exposes, hides := transcript.Exposes(p.Expose), transcript.Hides(p.Hide)
	return func(a *transcript.Attempt) string {
		problem := exposes(a)
		if problem == "" && p.Hide != nil {
			problem = hides(a)
		}
		return problem
	}
}

// Broken returns how many promises were broken, and how many could not be checked.
func (r *Report) Broken() (broken, unknown int) {
	for i := range r.Results {
		switch r.Results[i].Verdict {
		case Broken:
			broken++
		case Unknown:
			unknown++
		}
	}
	return broken, unknown
}

// Text writes the report for people: a line for each promise, and what happened under
// those that were broken.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	var page *Page
	for i := range r.Results {
		result := &r.Results[i]
		if result.Page != page {
			page = result.Page
			fmt.Fprintf(&b, "page %s\n", page.URL)
		}
		mark := map[Verdict]string{Kept: "✓", Broken: "✗", Unknown: "?"}[result.Verdict]
		fmt.Fprintf(&b, "  %s %s", mark, result.Promise)
		if result.Note != "" {
			fmt.Fprintf(&b, "  (%s)", result.Note)
		}
		b.WriteByte('\n')
		if result.Verdict == Broken {
			fmt.Fprintf(&b, "      %s:%d\n%s", r.Contract.File, result.Promise.Line, indent(result.Detail, "      "))
		}
	}
	broken, unknown := r.Broken()
	fmt.Fprintf(&b, "%d kept, %d broken, %d unknown\n", len(r.Results)-broken-unknown, broken, unknown)
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(text, with string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(with)
		}
		b.WriteString(line)
	}
	return b.String()
}

// Suite returns the report for the writers of package report.
func (r *Report) Suite() *report.Suite {
	s := &report.Suite{Name: "CORS contract", File: r.Contract.File, Time: r.Start}
	for i := range r.Results {
		result := &r.Results[i]
		c := report.Case{
			Name: result.Promise.String(), Group: "page " + result.Page.URL, Line: result.Promise.Line,
			Column: result.Promise.Column, Duration: result.Duration,
		}
		switch result.Verdict {
		case Unknown:
			c.Skipped = result.Note
		case Broken:
			c.Failure = result.failure()
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func (r *Result) failure() *report.Failure {
	f := &report.Failure{
		Rule: "contract", Requirement: "what the contract promises must hold in every browser", Help: "https://fetch.spec.whatwg.org/#http-cors-protocol",
		Message: r.Problem + " in " + strings.Join(r.Engines, ", "), Detail: r.Detail,
	}
	if r.Reason != 0 {
		f.Rule, f.Requirement, f.Help = r.Reason.String(), r.Reason.Requirement(), r.Reason.Anchor()
	}
	return f
}

// Handler returns the options under which a handler of this process is checked: in
// the place of every server, with requests of every method.
func Handler(h http.Handler) *Options {
	return &Options{Base: DefaultBase, Network: wire.Handler(h), SendUnsafe: true}
}

// DefaultBase is where a handler is that no base is given for.
const DefaultBase = "https://api.example"
