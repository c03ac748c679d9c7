// Package corstest is for tests of what a server permits to pages of other origins,
// without a browser:
//
//	func TestCORS(t *testing.T) {
//		page := corstest.Page(t, "https://app.example", newServer())
//		page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).Allowed().Exposes("X-Total-Count")
//		page.Fetch("DELETE https://api.example/things/1").Blocked(cors.MethodNotAllowed)
//	}
//
// What a test says is what a page's script would call, never what a preflight
// would ask: that follows. Each assertion holds in the user agent of the standard
// and in Chromium, Firefox and WebKit, or the failure names those in which it does
// not, and shows what would be sent, what came back, which rule failed, and what to
// change.
//
// What the user agents ask alike, the server is asked once, and its answer is judged in each of
// them; what they ask differently, as where one has a cookie that another refused, it is asked
// for each, one after the other. [Fresh] gives each a server of its own, [In] chooses fewer. Between one
// Fetch and the next a page remembers its cookies, but not, unless [KeepPreflights] is given,
// what preflights have permitted: a test does not depend on those before it.
//
// That script cannot read a response does not undo what the handler did: [Result.Blocked] says
// nothing about that, [Result.NotSent] does.
//
// Headers are enough for most assertions, so that a response which never ends, such as one of
// text/event-stream, is judged as soon as they are there. Within [testing/synctest] all of this
// works, and takes no time.
//
// Much else can be asserted: what elements load ([Tab.Image], [Tab.EventSource]), XMLHttpRequests ([Tab.XHR]),
// cookies ([Cookie], [Result.SendsCookie]), the answer to a preflight ([Result.MaxAge]), that a cache does no harm
// ([Result.SafeToCache]), that no more is permitted than should be ([Result.Audit], [Routes]), and what a file
// promises ([Contract]).
//
// A handler that panics fails the test, with its stack, also where it had written its
// response before: what an assertion has not shown is shown at the test's end.
package corstest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
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
	// network returns where the requests of a user agent go in a Fetch.
	network func(*panics, *agent) fetch.Network
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
	f.list = slices.DeleteFunc(f.list, func(f *fetched) bool { return f.asserted.Load() && f.ended() && f.panics.over() })
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
	server     http.Handler // its own, nil where all have the same
	jar        *cookies.Jar
	preflights *preflightcache.Cache // nil where they are forgotten
	hsts       *fetch.HSTS           // nil for none
	now        func() time.Time

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
	return &fetch.Client{Network: n, Engine: a.engine, Jar: a.jar, Preflights: a.preflights, HSTS: a.hsts, Now: a.now, AddressSpace: transcript.StandIn(a.base, n)}
}

// fetched is a Fetch that was made.
type fetched struct {
	where    string
	asserted atomic.Bool
	panics   panics
	attempts []*transcript.Attempt
	all      []*transcript.Attempt // and those that compare with them
}

// ended reports whether all bodies have ended.
func (f *fetched) ended() bool {
	return !slices.ContainsFunc(f.all, func(a *transcript.Attempt) bool { return !a.Ended() })
}

// close ends all bodies.
func (f *fetched) close() {
	for _, a := range f.all {
		a.Close()
	}
}

// Page opens a page whose requests a handler answers, whatever host they go to: see
// [wire.Handler]. The page is given by its origin or its URL; "null" stands for a
// page with an opaque origin. With [Fresh] the handler may be nil.
func Page(t TB, url string, server http.Handler, options ...PageOption) *Tab {
	t.Helper()
	s := newSettings(t, options)
	if problem := checkHandler(server); problem != "" && s.fresh == nil {
		t.Fatalf("corstest.Page: %s", problem)
		server = http.NotFoundHandler()
	}
	return open(t, url, func(p *panics, a *agent) fetch.Network {
		if a.server != nil {
			return wire.Handler(p.watch(a.server))
		}
		return wire.Handler(p.watch(server))
	}, s)
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
	return open(t, url, func(*panics, *agent) fetch.Network { return network }, newSettings(t, append([]PageOption{Base(base)}, options...)))
}

func open(t TB, pageURL string, network func(*panics, *agent) fetch.Network, s *settings) *Tab {
	t.Helper()
	tab := &Tab{t: t, network: network, options: *s, streams: new(streams), fetched: new(fetches)}
	if s.network != nil {
		tab.network = func(*panics, *agent) fetch.Network { return s.network }
	}
	page, err := transcript.OpenPage(pageURL, &s.document)
	if err != nil {
		t.Fatalf("corstest: %v", err)
		page, _ = transcript.OpenPage("null", nil)
	}
	tab.page = page
	for _, engine := range s.engines {
		a := &agent{engine: engine, base: s.base, now: s.now}
		if s.keepPreflights {
			a.preflights = preflightcache.New(preflightcache.Options{Rules: engine.PreflightCache()})
		}
		if s.knowsHSTS {
			a.hsts = s.knownHSTS()
		}
		if s.fresh != nil {
			a.server = s.fresh()
			if problem := checkHandler(a.server); problem != "" {
				t.Fatalf("corstest.Fresh: %s", problem)
				a.server = http.NotFoundHandler()
			}
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
		agent.jar = cookies.New(cookies.Options{Policy: cookies.PolicyFor(agent.engine), OnRefused: agent.refuse, Now: p.options.now})
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
	all := p.fetched.all()
	for _, f := range all {
		f.close()
	}
	for _, f := range all {
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
