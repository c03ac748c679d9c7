package stdio

import (
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/internal/scenario"
)

// A session is a user agent of its own: its caches, cookies and connections.
type session struct {
	client fetch.Client
	jar    *cookies.Jar

	mu    sync.Mutex
	pages map[string]*fetch.Page // by the JSON of the client
}

// userAgent is what requests carry as User-Agent where the engine has none of its
// own: the standard leaves the value open, and asks for one.
//
// https://fetch.spec.whatwg.org/#default-user-agent-value
const userAgent = "Mozilla/5.0 (compatible; corsim)"

// session returns the session of a name, which begins with its first use.
func (v *serving) session(name string) *session {
	s := v.sessions[name]
	if s == nil {
		engine := v.server.Engine
		s = &session{jar: cookies.New(cookies.Options{Policy: cookies.PolicyFor(engine)}), pages: map[string]*fetch.Page{}}
		options := httpcache.Options{MaxBytes: sessionCacheBytes, MaxBodyBytes: sessionCacheBytes / 2}
		if engine != nil {
			options.Rules = engine.HTTPCache()
		}
		s.client.Network, s.client.Engine, s.client.Jar = v.server.newNetwork(), engine, s.jar
		s.client.HTTPCache = httpcache.New(options)
		if engine == nil || engine.Rules(quirks.Key{}).Product.UserAgent == "" {
			s.client.UserAgent = userAgent
		}
		v.sessions[name] = s
	}
	return s
}

func (s *session) close() {
	if c, ok := s.client.Network.(io.Closer); ok {
		c.Close()
	}
}

// maxPages is how many pages a session remembers at a time.
const maxPages = 1024

// page returns the page that a client stands for: the same each time, so that
// what its keepalive requests may send is counted together.
func (s *session) page(client json.RawMessage) (*fetch.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if page, ok := s.pages[string(client)]; ok {
		return page, nil
	}
	page, err := newPage(client)
	if err != nil {
		return nil, err
	}
	if len(s.pages) == maxPages {
		clear(s.pages)
	}
	s.pages[string(client)] = page
	return page, nil
}

// newPage reads a client and returns the page that it stands for.
func newPage(client json.RawMessage) (*fetch.Page, error) {
	if client == nil {
		return nil, errors.New("client: is missing; it says who asks")
	}
	c, err := scenario.DecodeClient(client)
	if err != nil {
		return nil, within("client", err)
	}
	page, err := scenario.NewPage(c)
	if err != nil {
		return nil, within("client", errors.New(problem(err)))
	}
	return page, nil
}

// reset forgets a session. The fetches of it that are under way go on.
func (v *serving) reset(m *message) (any, error) {
	var r struct {
		Session string `json:"session"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	if s := v.sessions[r.Session]; s != nil {
		delete(v.sessions, r.Session)
		if c, ok := s.client.Network.(interface{ CloseIdleConnections() }); ok {
			c.CloseIdleConnections()
		}
	}
	return nothing{}, nil
}

// cookies is document.cookie, its setter where there is something to set.
func (v *serving) cookies(m *message) (any, error) {
	var r struct {
		Session string          `json:"session"`
		URL     *string         `json:"url"`
		Client  json.RawMessage `json:"client"`
		Set     *string         `json:"set"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	s := v.session(r.Session)
	var page *fetch.Page
	var err error
	switch {
	case r.URL != nil:
		if page, err = fetch.NewPage(*r.URL, nil); err != nil {
			return nil, errors.New("url: " + problem(err))
		}
	case r.Client != nil:
		if page, err = s.page(r.Client); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("url: is missing; it is that of the document")
	}
	if r.Set != nil {
		s.jar.SetDocumentCookie(page.CookieContext(), *r.Set)
		return nothing{}, nil
	}
	return struct {
		Cookie string `json:"cookie"`
	}{s.jar.DocumentCookie(page.CookieContext())}, nil
}
