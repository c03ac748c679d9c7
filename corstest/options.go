package corstest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/contract"
)

// settings are what PageOptions set.
type settings struct {
	engines        []*browser.Engine
	thirdParty     browser.ThirdPartyCookies
	always         []Option
	cookies        []cookie
	knowsHSTS      bool
	hsts           []string
	doubleSubmit   [][2]string // cookies and headers
	document       fetch.PageOptions
	base           string
	network        fetch.Network
	fresh          func() http.Handler
	keepPreflights bool
	now            func() time.Time
	timeout        time.Duration
}

type cookie struct{ url, setCookie string }

// A PageOption says what is not plain about a page or the user agents.
type PageOption interface{ set(*settings) }

// A setting is how all of them are made.
type setting func(*settings)

func (f setting) set(s *settings) { f(s) }

// In opens the page in these user agents only, of package browser.
func In(engines ...*browser.Engine) PageOption {
	return setting(func(s *settings) { s.engines = engines })
}

// ThirdPartyCookies has every user agent treat the cookies of other sites than the page's in this way,
// whatever it does as it is shipped: a setting that users change.
func ThirdPartyCookies(treatment browser.ThirdPartyCookies) PageOption {
	return setting(func(s *settings) { s.thirdParty = treatment })
}

// Permission says what the user has decided when a page wants to reach a local network.
func Permission(name fetch.Permission, state fetch.PermissionState) PageOption {
	return setting(func(s *settings) {
		s.document.Permissions = maps.Clone(s.document.Permissions)
		if s.document.Permissions == nil {
			s.document.Permissions = make(map[fetch.Permission]fetch.PermissionState)
		}
		s.document.Permissions[name] = state
	})
}

// HSTS has the user agents know that hosts must be asked over https alone, as
// Strict-Transport-Security says; those that say so in a response are remembered besides.
func HSTS(hosts ...string) PageOption {
	return setting(func(s *settings) { s.knowsHSTS, s.hsts = true, append(slices.Clip(s.hsts), hosts...) })
}

// DoubleSubmit has each Fetch send the value of a cookie of the page in a header, as script does
// against request forgery: it finds it in document.cookie, and so not where it is HttpOnly or of
// another site.
func DoubleSubmit(cookie, header string) PageOption {
	return setting(func(s *settings) { s.doubleSubmit = append(s.doubleSubmit, [2]string{cookie, header}) })
}

// Always gives options to each Fetch, before its own.
func Always(options ...Option) PageOption {
	return setting(func(s *settings) { s.always = append(s.always, options...) })
}

// Cookie gives the user agents a cookie, as if they had been at a URL before and its
// response had this Set-Cookie. One that was given before under the same name is
// replaced, or deleted by Max-Age=0. A user agent that refuses it does not have it;
// it is a fatal error if all do.
func Cookie(url, setCookie string) PageOption {
	return setting(func(s *settings) { s.cookies = append(s.cookies, cookie{url, setCookie}) })
}

// Base is what comes before the path in a Fetch that gives a path alone, such as
// "https://api.example".
func Base(url string) PageOption { return setting(func(s *settings) { s.base = url }) }

// Document says more about the page: its origin (that of a sandboxed frame is
// "null"), its referrer policy, the top-level document that it is framed by, its
// embedder policy. It replaces what [Permission] has said before.
func Document(options fetch.PageOptions) PageOption {
	return setting(func(s *settings) { s.document = options })
}

// Through sends requests through another network, such as
// fetch.RoundTripper(server.Client().Transport) for a [net/http/httptest.Server]
// with TLS.
func Through(n fetch.Network) PageOption { return setting(func(s *settings) { s.network = n }) }

// Fresh gives each user agent a server of its own, which open returns: for a server whose answers
// depend on what it was asked before, by whomever.
func Fresh(open func() http.Handler) PageOption { return setting(func(s *settings) { s.fresh = open }) }

// KeepPreflights lets a Fetch profit from what preflights for earlier ones have
// permitted, as it would in a browser. [Now] lets the time pass after which they are forgotten.
func KeepPreflights() PageOption { return setting(func(s *settings) { s.keepPreflights = true }) }

// Now is the clock of the user agents, in place of [time.Now]: by it cookies and permissions
// expire. It may be called at the same time.
func Now(clock func() time.Time) PageOption { return setting(func(s *settings) { s.now = clock }) }

// DefaultTimeout is how long a Fetch may take in each user agent, its body included,
// unless [Timeout] says otherwise.
const DefaultTimeout = contract.DefaultTimeout

// Timeout sets how long a Fetch may take in each user agent, its body included. Once
// one has waited in vain the others are asked at the same time, so that a handler which
// hangs costs the time twice; otherwise they are asked one after the other, in an
// order that does not change.
func Timeout(d time.Duration) PageOption { return setting(func(s *settings) { s.timeout = d }) }

// newSettings applies options. What is wrong with them ends the test.
func newSettings(t TB, options []PageOption) *settings {
	t.Helper()
	s := &settings{timeout: DefaultTimeout}
	for _, option := range options {
		if option == nil {
			t.Fatalf("corstest: an option of the page is nil")
			continue
		}
		option.set(s)
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
		s.engines = browser.All()
	}
	s.engines = slices.Clone(s.engines)
	for i, engine := range s.engines {
		changed, err := engine.WithThirdPartyCookies(s.thirdParty)
		if err != nil {
			t.Fatalf("corstest.ThirdPartyCookies: %v", err)
			break
		}
		s.engines[i] = changed
	}
	return s
}

// knownHSTS returns what a user agent knows of hosts.
func (s *settings) knownHSTS() *fetch.HSTS {
	known, now := new(fetch.HSTS), time.Now
	if s.now != nil {
		now = s.now
	}
	for _, host := range s.hsts {
		known.Visited(host, "max-age=31536000", now())
	}
	return known
}
