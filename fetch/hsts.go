package fetch

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// An HSTS is what a user agent knows of hosts that must be asked over https alone. Its zero value
// knows none. Its methods may be called at the same time.
//
// https://httpwg.org/specs/rfc6797.html
type HSTS struct {
	mu    sync.Mutex
	hosts map[string]hstsEntry
}

// maxHSTSHosts bounds the hosts that are known: no more are stored.
const maxHSTSHosts = 10_000

type hstsEntry struct {
	expires           time.Time
	includeSubDomains bool
}

// Visited stores what a host answered when the user visited it: the value of its
// Strict-Transport-Security header, at a time.
func (s *HSTS) Visited(host, header string, now time.Time) {
	s.remember(headers.Lower(host), header, now)
}

// remember stores a Strict-Transport-Security header. One that is not valid is ignored.
//
// https://httpwg.org/specs/rfc6797.html#sts-processing
func (s *HSTS) remember(host, header string, now time.Time) {
	entry, ok := parseSTS(header, now)
	if _, isAddress := origin.HostAddress(host); !ok || isAddress {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry.expires.Equal(now) {
		delete(s.hosts, host)
		return
	}
	if s.hosts == nil {
		s.hosts = make(map[string]hstsEntry)
	}
	if len(s.hosts) < maxHSTSHosts {
		s.hosts[host] = entry
	}
}

// parseSTS parses a Strict-Transport-Security header.
//
// https://httpwg.org/specs/rfc6797.html#strict-transport-security-syntax
func parseSTS(header string, now time.Time) (entry hstsEntry, ok bool) {
	hasMaxAge := false
	for directive := range strings.SplitSeq(header, ";") {
		name, value, hasValue := strings.Cut(directive, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case name == "" && !hasValue:
		case name != "" && headers.IndexNonToken(name) >= 0:
			return entry, false
		case headers.EqualFold(name, "max-age"):
			if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			seconds, err := strconv.ParseUint(value, 10, 32)
			if err != nil && strings.Trim(value, "0123456789") != "" || value == "" || hasMaxAge {
				return entry, false
			}
			if err != nil {
				seconds = 1<<32 - 1
			}
			hasMaxAge = true
			entry.expires = now.Add(time.Duration(seconds) * time.Second)
		case headers.EqualFold(name, "includeSubDomains"):
			if hasValue {
				return entry, false
			}
			entry.includeSubDomains = true
		}
	}
	return entry, hasMaxAge
}

// Knows reports whether a host must be asked over https alone at a time, as in a navigation.
func (s *HSTS) Knows(host string, now time.Time) bool { return s.knows(headers.Lower(host), now) }

// knows reports whether a host must be asked over https alone.
//
// https://httpwg.org/specs/rfc6797.html#known-hsts-host-domain-name-matching
func (s *HSTS) knows(host string, now time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := host; name != ""; {
		if e, ok := s.hosts[name]; ok && e.expires.After(now) && (name == host || e.includeSubDomains) {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}

// isKnownHSTSHost reports whether the request's current URL is of a host that must be asked over
// https alone.
func (f *fetching) isKnownHSTSHost() bool {
	url := f.request.currentURL()
	if f.client.HSTS == nil || url.Scheme() != "http" {
		return false
	}
	if f.client.rules().HSTS.SameSiteOnly && !url.Origin().SchemelesslySameSite(f.request.page.topOrigin) {
		return false
	}
	return f.client.HSTS.knows(url.Host(), f.client.now())
}

// upgradeByHSTS sets the scheme of the request's current URL to https, if its host is known.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (f *fetching) upgradeByHSTS() {
	if f.client.rules().HSTS.Upgrades == quirks.HSTSInPlace && f.isKnownHSTSHost() {
		f.request.upgradedFrom = f.request.currentURL()
		f.request.replaceCurrentURL(f.request.currentURL().WithScheme("https"))
	}
}

// hstsRedirect returns the redirect within the user agent that an engine makes of a request to a
// known host, nil for none. It has the headers with which it passes a CORS check.
func (f *fetching) hstsRedirect() *response {
	if f.client.rules().HSTS.Upgrades != quirks.HSTSByRedirect || !f.isKnownHSTSHost() {
		return nil
	}
	list := headers.List{
		{Name: "Location", Value: f.request.currentURL().WithScheme("https").StringExcludingFragment()},
		{Name: "Access-Control-Allow-Origin", Value: f.request.byteSerializeOrigin()}, {Name: "Access-Control-Allow-Credentials", Value: "true"},
		{Name: "Non-Authoritative-Reason", Value: "HSTS"},
	}
	return &response{status: 307, statusText: "Internal Redirect", headers: list, body: NoBody}
}

// rememberHSTS stores what a response over https says.
//
// https://httpwg.org/specs/rfc6797.html#sts-processing
func (f *fetching) rememberHSTS(list headers.List) {
	url := f.request.currentURL()
	if f.client.HSTS == nil || url.Scheme() != "https" {
		return
	}
	if lines := list.Lines("strict-transport-security"); lines.Len() > 0 {
		f.client.HSTS.remember(url.Host(), lines.At(0), f.client.now())
	}
}
