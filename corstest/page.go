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
// So each [Tab.Fetch] reaches the server once for each of the four, as if four
// people had opened the page; [In] chooses fewer. Between one Fetch and the next a
// page remembers its cookies, but not, unless [KeepPreflights] is given, what
// preflights have permitted: a test does not depend on those before it.
package corstest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
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

// A Tab is a page that is open in one or more user agents. Its methods are for one
// goroutine at a time.
type Tab struct {
	t       TB
	page    *fetch.Page
	agents  []*fetch.Client
	network fetch.Network
	options settings
	panics  *panics
	// unasserted are results of which nothing was asserted yet.
	unasserted map[*Result]string
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
// response had this Set-Cookie. A user agent that refuses it does not have it; it
// is a fatal error if all do.
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

// Page opens a page whose requests a handler answers, whatever host they go to: see
// [wire.Handler]. The page is given by its origin or its URL; "null" stands for a
// page with an opaque origin.
func Page(t TB, url string, server http.Handler, options ...PageOption) *Tab {
	t.Helper()
	if server == nil {
		t.Fatalf("corstest.Page: the handler is nil")
		server = http.NotFoundHandler()
	}
	p := new(panics)
	return open(t, url, wire.Handler(p.watch(server)), p, options)
}

// LivePage opens a page whose requests go to servers that are running. Base is that
// of the server that is meant, as [Base] has it, such as the URL of a
// [net/http/httptest.Server]. Requests are sent, whatever their method does.
func LivePage(t TB, url, base string, options ...PageOption) *Tab {
	t.Helper()
	network := new(wire.Network)
	t.Cleanup(func() { network.Close() })
	return open(t, url, network, new(panics), append([]PageOption{Base(base)}, options...))
}

func open(t TB, pageURL string, network fetch.Network, p *panics, options []PageOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, network: network, panics: p, unasserted: make(map[*Result]string)}
	for _, option := range options {
		option(&tab.options)
	}
	s := &tab.options
	if s.network != nil {
		tab.network = s.network
	}
	if s.base != "" {
		if u, err := url.Parse(s.base); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("corstest: the base %q must be like \"https://api.example\": a scheme, a host and, if any, a path", s.base)
		}
		s.base = strings.TrimSuffix(s.base, "/")
	}
	if s.engines == nil {
		s.engines = []*browser.Engine{browser.Standard, browser.Chromium, browser.Firefox, browser.WebKit}
	}
	if pageURL == "null" {
		// What is opened from nowhere has an opaque origin and no referrer.
		pageURL = "about:blank"
	}
	page, err := fetch.NewPage(pageURL, &s.document)
	if err != nil {
		t.Fatalf("corstest: %v", err)
		page, _ = fetch.NewPage("about:blank", nil)
	}
	tab.page = page
	for _, engine := range s.engines {
		tab.agents = append(tab.agents, &fetch.Client{Network: tab.network, Engine: engine})
	}
	tab.setCookies()
	t.Cleanup(tab.complain)
	return tab
}

// setCookies gives each user agent its jar.
func (p *Tab) setCookies() {
	p.t.Helper()
	stored, why := make([]int, len(p.options.cookies)), ""
	for _, agent := range p.agents {
		jar := cookies.New(cookies.Options{
			Policy:    cookies.PolicyFor(agent.Engine),
			OnRefused: func(_, reason string) { why = reason },
		})
		agent.Jar = jar
		for i, c := range p.options.cookies {
			before := jar.Len()
			jar.SetCookies(&fetch.CookieContext{URL: c.url, Method: "GET", TopLevelNavigation: true}, []string{c.setCookie})
			stored[i] += jar.Len() - before
		}
	}
	for i, c := range p.options.cookies {
		if stored[i] == 0 {
			p.t.Fatalf("corstest.Cookie: no browser would store %q from %s: %s", c.setCookie, c.url, why)
		}
	}
}

// complain fails the test where a Fetch was made and nothing asserted of it.
func (p *Tab) complain() {
	for _, where := range p.unasserted {
		p.t.Errorf("corstest: nothing is asserted of %s: call Allowed, Blocked or another method of the result", where)
	}
}

// For returns the page for a subtest, whose failures are then reported there. It
// shares cookies and everything else.
func (p *Tab) For(t TB) *Tab {
	sub := *p
	sub.t, sub.unasserted = t, make(map[*Result]string)
	t.Cleanup(sub.complain)
	return &sub
}

// panics remembers what a handler has panicked with.
type panics struct {
	mu   sync.Mutex
	last string
}

// watch returns a handler that remembers its panics, in place of logging them.
func (p *panics) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v != http.ErrAbortHandler {
				p.mu.Lock()
				p.last = fmt.Sprintf("%v\n%s", v, debug.Stack())
				p.mu.Unlock()
			}
			panic(http.ErrAbortHandler)
		}()
		h.ServeHTTP(w, r)
	})
}

// take returns what was panicked with since the last call, "" for nothing.
func (p *panics) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last
	p.last = ""
	return last
}
