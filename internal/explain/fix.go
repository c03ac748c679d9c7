package explain

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
)

// Fix returns what to change so that a request passes what it failed, everything
// that err has in Also included. r is the request as it was when it failed: the
// origin is "null" where redirects have tainted it, and Headers are those that
// script has set. Of a preflight that failed it also returns what the response
// to the request itself will need.
func Fix(err *cors.Error, r *cors.Request) []Advice {
	first := Advice{Preflight: err.Preflight, URL: err.URL}
	aboutPreflight := false
	all := err.All()
	for _, e := range all {
		first.fix(e, r, all)
		aboutPreflight = aboutPreflight || err.Preflight && e.Header != "" || e.Reason == cors.PreflightStatus || e.Reason == cors.PreflightRedirect
	}
	if !aboutPreflight {
		return []Advice{first}
	}
	then := Advice{URL: err.URL, Unseen: true}
	then.allowOrigin(r)
	if r.IncludeCredentials {
		then.set(allowCredentials, "true")
	}
	return []Advice{first, then}
}

// fix adds what fixes one failure of all that there are.
func (a *Advice) fix(e *cors.Error, r *cors.Request, all []*cors.Error) {
	switch e.Reason {
	case cors.MissingAllowOrigin, cors.WildcardAllowOriginWithCredentials, cors.MultipleAllowOrigin,
		cors.InvalidAllowOrigin, cors.AllowOriginMismatch:
		a.allowOrigin(r)
	case cors.AllowCredentialsNotTrue:
		a.set(allowCredentials, "true")
	case cors.PreflightStatus, cors.PreflightRedirect:
		a.Status = 204
	case cors.InvalidAllowMethods:
		a.set(allowMethods, r.Method)
	case cors.MethodNotAllowed:
		a.set(allowMethods, extended(e, r, []string{e.Subject}))
	case cors.InvalidAllowHeaders:
		a.set(allowHeaders, strings.Join(askedNames(r), ", "))
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed:
		// Each of several names that are not allowed is a failure of its own, with the same value:
		// the first has the line for all.
		if !slices.ContainsFunc(a.Headers, func(h HeaderLine) bool { return h.Name == allowHeaders }) {
			a.set(allowHeaders, extended(e, r, namesNotAllowed(all)))
		}
	case cors.CrossOriginResourcePolicy:
		a.set("Cross-Origin-Resource-Policy", resourcePolicy(e, r))
	}
	for _, sentence := range sentences(e, r) {
		a.say(sentence)
	}
}

// allowOrigin allows the origin, and nobody else. A preflight's response is in no
// HTTP cache, so that only the other needs Vary.
func (a *Advice) allowOrigin(r *cors.Request) {
	a.set(allowOrigin, r.Origin)
	if !a.Preflight {
		a.Headers = append(a.Headers, HeaderLine{Name: "Vary", Value: "Origin", Add: true})
	}
}

// namesNotAllowed returns the request headers that a preflight's response does not allow.
func namesNotAllowed(all []*cors.Error) (names []string) {
	for _, e := range all {
		if e.Reason == cors.HeaderNotAllowed || e.Reason == cors.NonWildcardHeaderNotAllowed {
			names = append(names, e.Subject)
		}
	}
	return names
}

// extended returns the list that a response has, with more members. "*" stays
// where it stands for anything: it is a mere name once credentials are included.
func extended(e *cors.Error, r *cors.Request, more []string) string {
	var members []string
	has := map[string]bool{}
	add := func(member string) {
		if !has[member] {
			has[member] = true
			members = append(members, member)
		}
	}
	list := headers.TokenListOf(e.Value)
	for member := range list.All() {
		if member != "*" || !r.IncludeCredentials {
			add(member)
		}
	}
	for _, member := range more {
		add(member)
	}
	return strings.Join(members, ", ")
}

// askedNames returns the header names that a preflight asks for.
func askedNames(r *cors.Request) []string {
	value, _ := cors.PreflightHeaders(r).Get("Access-Control-Request-Headers")
	if value == "" {
		return nil
	}
	return strings.Split(value, ",")
}

// headerOf returns a request header of a name that needs a preflight.
func headerOf(name string) headers.Header {
	value := "x"
	if headers.EqualFold(name, "content-type") {
		value = "application/json"
	}
	return headers.Header{Name: name, Value: value}
}
