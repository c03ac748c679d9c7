package fetch

import (
	"encoding/base64"
	"strings"
	"sync"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// AuthenticationEntries are the names and passwords that servers have accepted, by their origin and
// the directory in which they did. The zero value has none. Its methods may be called at the same
// time.
//
// https://fetch.spec.whatwg.org/#authentication-entries
type AuthenticationEntries struct {
	mu      sync.Mutex
	entries map[string][]authenticationEntry // by origin
}

type authenticationEntry struct{ directory, authorization string }

// maxEntriesOfOrigin bounds the entries of one origin: the oldest go first.
const maxEntriesOfOrigin = 64

// directoryOf returns the directory of a URL's path.
func directoryOf(url *weburl.URL) string {
	return url.Path()[:strings.LastIndexByte(url.Path(), '/')+1]
}

func (a *AuthenticationEntries) store(url *weburl.URL, authorization string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.entries == nil {
		a.entries = make(map[string][]authenticationEntry)
	}
	server := url.Origin().String()
	list := append(a.entries[server], authenticationEntry{directoryOf(url), authorization})
	a.entries[server] = list[max(0, len(list)-maxEntriesOfOrigin):]
}

// find returns the Authorization value that the server of a URL has accepted in its directory, or
// in one above it; "" for none.
func (a *AuthenticationEntries) find(url *weburl.URL) string {
	if a == nil {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.entries[url.Origin().String()]
	for i := len(list) - 1; i >= 0; i-- {
		if strings.HasPrefix(url.Path(), list[i].directory) {
			return list[i].authorization
		}
	}
	return ""
}

// appendAuthorization is step 8.21.2 of HTTP-network-or-cache fetch: it appends an Authorization
// header for the credentials in the URL, if this is an authentication fetch, or for an entry.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (f *fetching) appendAuthorization(list *headers.List, includeCredentials, isAuthenticationFetch bool) {
	r, rules := &f.request, f.client.rules()
	// Script's own stays, unless the engine gives it up for the credentials in the URL.
	replaced := isAuthenticationFetch && rules.Request.URLCredentialsReplace && r.currentURL().IncludesCredentials()
	if r.preflightFor != nil || list.Contains("authorization") && !replaced {
		return
	}
	value := ""
	switch {
	// Step 8.21.2.3. The credentials in the URL, once they were asked for.
	case isAuthenticationFetch && r.currentURL().IncludesCredentials():
		value = basicAuthorization(r.currentURL())
	// Step 8.21.2.2. What the server has accepted before.
	case includeCredentials && (r.tainting != TaintingCORS || rules.Request.CredentialsAcrossOrigins):
		value = f.client.Authentication.find(r.currentURL())
	}
	if value != "" {
		list.Set("Authorization", value)
	}
}

// acceptedAuthorization returns what is remembered of a request that a server has accepted.
func (f *fetching) acceptedAuthorization(sent string) string {
	if f.client.rules().Request.URLCredentialsRemembered && f.request.currentURL().IncludesCredentials() {
		return basicAuthorization(f.request.currentURL())
	}
	return sent
}

// basicAuthorization returns a URL's credentials as an Authorization value.
//
// https://httpwg.org/specs/rfc7617.html
func basicAuthorization(url *weburl.URL) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(percentDecode(url.Username())+":"+percentDecode(url.Password())))
}

// wantsAuthentication reports whether a response asks for credentials that the URL has. Nobody is
// prompted for any: a user who is asked is taken to cancel.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (f *fetching) wantsAuthentication(response *response, includeCredentials bool) bool {
	r, rules := &f.request, f.client.rules()
	if response.status != 401 || r.preflightFor != nil || rules.Request.OwnAuthorizationStays && r.headers.Contains("authorization") {
		return false
	}
	omitted := !includeCredentials && !(rules.Request.URLCredentialsDespiteOmit && r.currentURL().IncludesCredentials())
	if !rules.Request.CredentialsAcrossOrigins && (r.tainting == TaintingCORS || omitted) {
		return false
	}
	for _, challenge := range response.headers.Values("www-authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimLeft(challenge, " \t"), " ")
		if headers.EqualFold(scheme, "basic") && r.currentURL().IncludesCredentials() ||
			headers.EqualFold(scheme, "negotiate") && rules.Request.NegotiateAskedTwice {
			return true
		}
	}
	return false
}
