// Package corstest is for tests of what a server permits to pages of other origins,
// without a browser:
//
//	func TestCORS(t *testing.T) {
//		page := corstest.Page(t, "https://app.example", newServer())
//		page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials).Allowed().Exposes("X-Total-Count")
//		page.Fetch("DELETE https://api.example/things/1").Blocked(cors.MethodNotAllowed)
//	}
//
// What a test says is what a page's script would call, never what a preflight
// would ask: that follows. Each assertion holds in the user agent of the standard
// and in Chromium, Firefox and WebKit, or the failure names those in which it does
// not, and shows what would be sent, what came back, which rule failed, and what to
// change.
//
// So each [Tab.Fetch] reaches the server once for each of the four, one after the
// other, as if four people had opened the page; [In] chooses fewer. Between one Fetch
// and the next a page remembers its cookies, but not, unless [KeepPreflights] is given,
// what preflights have permitted: a test does not depend on those before it.
//
// A handler that panics fails the test, with its stack, also where it had written its
// response before: what an assertion has not shown is shown at the test's end.
package corstest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/preflightcache"
	"github.com/corsim/corsim/wire"
)

// TB is the part of [testing.TB] that this package needs. *[testing.T],
// *[testing.B] and *[testing.F] have it.
type TB interface {
	Helper()
	Errorf(format string, arguments ...any)
	Fatalf(format string, arguments ...any)
	Cleanup(func())
	Context() context.Context
}

// A Tab is a page that is open in one or more user agents. Its methods may be called at the same
// time, as by parallel subtests; [Tab.For] gives a subtest a page of its own, whose failures
// are reported there.
type Tab struct {
	t      TB
	page   *fetch.Page
	agents []*agent
	// network returns where the requests of a Fetch go.
	network func(*panics) fetch.Network
	options settings
	// streams are the streams that were sent, which are at their end.
	streams *streams
	fetched *fetches
}

// fetches are what there may be to complain about in the end.
type fetches struct {
	mu   sync.Mutex
	list []*fetched
}

// add adds a Fetch, and drops those that there is nothing more to say of.
func (f *fetches) add(made *fetched) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(f *fetched) bool { return f.asserted.Load() && f.panics.over() })
	f.list = append(f.list, made)
}

func (f *fetches) all() []*fetched {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// An agent is a user agent, and what it remembers between one Fetch and the next.
type agent struct {
	engine     *browser.Engine
	base       string
	jar        *cookies.Jar
	preflights *preflightcache.Cache // nil where they are forgotten

	mu      sync.Mutex
	refused []string // cookies that it did not store, and why
}

// refuse remembers why a cookie was not stored.
func (a *agent) refuse(setCookie, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if line := transcript.NotStored(setCookie, why); !slices.Contains(a.refused, line) {
		a.refused = append(a.refused, line)
	}
}

func (a *agent) refusals() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.refused)
}

func (a *agent) client(n fetch.Network) *fetch.Client {
	return &fetch.Client{Network: n, Engine: a.engine, Jar: a.jar, Preflights: a.preflights, AddressSpace: transcript.StandIn(a.base, n)}
}

// fetched is a Fetch that was made.
type fetched struct {
	where    string
	asserted atomic.Bool
	panics   panics
}

// settings are what PageOptions set.
type settings struct {
	engines        []*browser.Engine
	always         []Option
	cookies        []cookie
	document       fetch.PageOptions
	base           string
	network        fetch.Network
	keepPreflights bool
	timeout        time.Duration
}

type cookie struct{ url, setCookie string }

// A PageOption says what is not plain about a page or the user agents.
type PageOption func(*settings)

// In opens the page in these user agents only, of package browser.
func In(engines ...*browser.Engine) PageOption {
	return func(s *settings) { s.engines = engines }
}

// Always gives options to each Fetch, before its own.
func Always(options ...Option) PageOption {
	return func(s *settings) { s.always = append(s.always, options...) }
}

// Cookie gives the user agents a cookie, as if they had been at a URL before and its
// response had this Set-Cookie. One that was given before under the same name is
// replaced, or deleted by Max-Age=0. A user agent that refuses it does not have it;
// it is a fatal error if all do.
func Cookie(url, setCookie string) PageOption {
	return func(s *settings) { s.cookies = append(s.cookies, cookie{url, setCookie}) }
}

// Base is what comes before the path in a Fetch that gives a path alone, such as
// "https://api.example".
func Base(url string) PageOption { return func(s *settings) { s.base = url } }

// Document says more about the page: its origin (that of a sandboxed frame is
// "null"), its referrer policy, the top-level document that it is framed by, its
// embedder policy.
func Document(options fetch.PageOptions) PageOption {
	return func(s *settings) { s.document = options }
}

// Through sends requests through another network, such as
// fetch.RoundTripper(server.Client().Transport) for a [net/http/httptest.Server]
// with TLS.
func Through(n fetch.Network) PageOption { return func(s *settings) { s.network = n } }

// KeepPreflights lets a Fetch profit from what preflights for earlier ones have
// permitted, as it would in a browser.
func KeepPreflights(s *settings) { s.keepPreflights = true }

// DefaultTimeout is how long a Fetch may take in each user agent, its body included,
// unless [Timeout] says otherwise.
const DefaultTimeout = contract.DefaultTimeout

// Timeout sets how long a Fetch may take in each user agent, its body included. Once
// one has waited in vain the others are asked at the same time, so that a handler which
// hangs costs the time twice; otherwise they are asked one after the other, in an
// order that does not change.
func Timeout(d time.Duration) PageOption { return func(s *settings) { s.timeout = d } }

// Page opens a page whose requests a handler answers, whatever host they go to: see
// [wire.Handler]. The page is given by its origin or its URL; "null" stands for a
// page with an opaque origin.
func Page(t TB, url string, server http.Handler, options ...PageOption) *Tab {
	t.Helper()
	if problem := checkHandler(server); problem != "" {
		t.Fatalf("corstest.Page: %s", problem)
		server = http.NotFoundHandler()
	}
	return open(t, url, func(p *panics) fetch.Network { return wire.Handler(p.watch(server)) }, options)
}

// LivePage opens a page whose requests go to servers that are running. Base is that
// of the server that is meant, as [Base] has it, such as the URL of a
// [net/http/httptest.Server]. Requests are sent, whatever their method does.
//
// The page's scheme should be that of the server. A page of https that asks a server
// without TLS, as one of [net/http/httptest.NewServer] is, asks for mixed content:
// Chromium, Firefox and the standard except hosts such as 127.0.0.1, WebKit does not.
// A base on loopback replaces a server elsewhere: no browser asks the user about it.
// So give the page an http origin, or use [net/http/httptest.NewTLSServer] and [Through].
func LivePage(t TB, url, base string, options ...PageOption) *Tab {
	t.Helper()
	network := new(wire.Network)
	t.Cleanup(func() { network.Close() })
	return open(t, url, func(*panics) fetch.Network { return network }, append([]PageOption{Base(base)}, options...))
}

func open(t TB, pageURL string, network func(*panics) fetch.Network, options []PageOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, network: network, streams: new(streams), fetched: new(fetches)}
	tab.options.timeout = DefaultTimeout
	for _, option := range options {
		if option == nil {
			t.Fatalf("corstest: an option of the page is nil")
			continue
		}
		option(&tab.options)
	}
	s := &tab.options
	if s.network != nil {
		tab.network = func(*panics) fetch.Network { return s.network }
	}
	if s.timeout <= 0 {
		t.Fatalf("corstest: the timeout %v is not more than 0", s.timeout)
		s.timeout = DefaultTimeout
	}
	if slices.Contains(s.engines, nil) {
		t.Fatalf("corstest.In: an engine is nil")
		s.engines = nil
	}
	if s.base != "" {
		if u, err := url.Parse(s.base); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("corstest: the base %q must be like \"https://api.example\": a scheme, a host and, if any, a path", s.base)
		}
		s.base = strings.TrimSuffix(s.base, "/")
	}
	if s.engines == nil {
		s.engines = []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
	}
	page, err := transcript.OpenPage(pageURL, &s.document)
	if err != nil {
		t.Fatalf("corstest: %v", err)
		page, _ = transcript.OpenPage("null", nil)
	}
	tab.page = page
	for _, engine := range s.engines {
		a := &agent{engine: engine, base: s.base}
		if s.keepPreflights {
			a.preflights = preflightcache.New(preflightcache.Options{Rules: engine.PreflightCache()})
		}
		tab.agents = append(tab.agents, a)
	}
	tab.setCookies()
	t.Cleanup(tab.complain)
	return tab
}

// setCookies gives each user agent its jar.
func (p *Tab) setCookies() {
	p.t.Helper()
	for _, agent := range p.agents {
		agent.jar = cookies.New(cookies.Options{Policy: cookies.PolicyFor(agent.engine), OnRefused: agent.refuse})
	}
	for _, c := range p.options.cookies {
		taken, why := false, ""
		for _, agent := range p.agents {
			refused := false
			agent.jar.StoreCookies(&fetch.CookieContext{URL: c.url, Method: "GET", TopLevelNavigation: true}, []string{c.setCookie}, func(_, reason string) {
				refused, why = true, reason
			})
			taken = taken || !refused
		}
		if !taken {
			p.t.Fatalf("corstest.Cookie: no browser would store %q from %s: %s", c.setCookie, c.url, why)
		}
	}
}

// complain fails the test where a Fetch was made and nothing asserted of it, and where
// a handler has panicked and no failure said so.
func (p *Tab) complain() {
	deadline := time.Now().Add(settle)
	for _, f := range p.fetched.all() {
		if !f.asserted.Load() {
			p.t.Errorf("corstest: nothing is asserted of %s: call Allowed, Blocked or another method of the result", f.where)
		}
		if panicked := f.panics.close(deadline); panicked != "" {
			p.t.Errorf("corstest: %s: %s", f.where, strings.TrimSuffix(panicked, "\n"))
		}
	}
}

// For returns the page for a subtest, whose failures are then reported there. It
// shares cookies and everything else.
func (p *Tab) For(t TB) *Tab {
	sub := *p
	sub.t, sub.fetched = t, new(fetches)
	t.Cleanup(sub.complain)
	return &sub
}
