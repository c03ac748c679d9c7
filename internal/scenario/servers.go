package scenario

import (
	"strings"
	"sync"
)

// Servers are a scenario's scripted servers during one run of it: they remember
// how often each answer was used. They are safe for concurrent use.
type Servers struct {
	servers []Server
	byURL   map[string]int // nil where there are few

	mu   sync.Mutex
	used map[*Answer]int // of the answers that have a limit
}

// fewServers is how many it is quicker to walk than to make a map of.
const fewServers = 8

// NewServers returns the servers of s, with no answer used yet. It keeps s, and
// does not change it, so that several runs may share a scenario.
func NewServers(s *Scenario) *Servers {
	servers := &Servers{servers: s.Servers}
	if len(s.Servers) > fewServers {
		servers.byURL = make(map[string]int, len(s.Servers))
		for i := range s.Servers {
			if _, ok := servers.byURL[s.Servers[i].URL]; !ok {
				servers.byURL[s.Servers[i].URL] = i
			}
		}
	}
	return servers
}

// Answer returns what answers a request, whose url is without fragment, and
// counts it as used. The first server whose URL is url is asked, and where there
// is none, the first whose URL is url without its query; it gives the first of
// its answers that is for method, byte for byte, or for any, and has uses left.
// Answer returns false where there is none: the connection is refused.
//
// An answer whose NotBytes is not nil cannot be sent.
func (s *Servers) Answer(method, url string) (*Answer, bool) {
	server := s.find(url)
	if server == nil {
		if query := strings.IndexByte(url, '?'); query >= 0 {
			server = s.find(url[:query])
		}
	}
	if server == nil {
		return nil, false
	}
	for i := range server.Answers {
		a := &server.Answers[i]
		if (a.Method == method || a.Method == "*" || a.Method == "") && s.use(a) {
			return a, true
		}
	}
	return nil, false
}

func (s *Servers) find(url string) *Server {
	if s.byURL != nil {
		if i, ok := s.byURL[url]; ok {
			return &s.servers[i]
		}
		return nil
	}
	for i := range s.servers {
		if s.servers[i].URL == url {
			return &s.servers[i]
		}
	}
	return nil
}

// use counts a use of an answer, and reports whether there was one left.
func (s *Servers) use(a *Answer) bool {
	if a.Times == 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[a] >= a.Times {
		return false
	}
	if s.used == nil {
		s.used = make(map[*Answer]int)
	}
	s.used[a]++
	return true
}

// speaksHTTP2 reports whether the server of a URL speaks HTTP/2: the entries of a port all say so.
func (s *Servers) speaksHTTP2(url string) bool {
	if server := s.find(url); server != nil {
		return server.Protocol == "h2"
	}
	return false
}
