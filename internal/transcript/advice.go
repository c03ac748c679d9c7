package transcript

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// advise says which lines the responses must have so that the request passes what
// it failed, and no other.
func advise(err *cors.Error, r *cors.Request) []string {
	a := new(advice)
	for _, e := range err.All() {
		a.fix(e, r)
	}
	which := "the response"
	if err.Preflight {
		which = "the response to the preflight"
	}
	return append(mend(which, a.lines), a.text...)
}

// mend says which lines a response must have.
func mend(which string, list headers.List) []string {
	if len(list) == 0 {
		return nil
	}
	lines := []string{"To mend it, " + which + " must have:"}
	for _, h := range list {
		lines = append(lines, "  + "+h.Name+": "+h.Value)
	}
	return lines
}

type advice struct {
	lines headers.List
	text  []string
}

func (a *advice) fix(e *cors.Error, r *cors.Request) {
	switch e.Reason {
	case cors.MissingAllowOrigin, cors.WildcardAllowOriginWithCredentials, cors.MultipleAllowOrigin,
		cors.InvalidAllowOrigin, cors.AllowOriginMismatch:
		a.lines.Set("Access-Control-Allow-Origin", r.Origin)
		if !e.Preflight {
			a.lines.Set("Vary", "Origin")
		}
		if e.Reason == cors.MultipleAllowOrigin {
			a.text = append(a.text, "in place of all that it has of that name: two layers may each be adding it.")
		}
	case cors.AllowCredentialsNotTrue:
		a.lines.Set("Access-Control-Allow-Credentials", "true")
	case cors.PreflightStatus, cors.PreflightRedirect:
		a.text = append(a.text, "OPTIONS must be answered with status 204 before redirects, routing and authentication have their turn.")
	case cors.MethodNotAllowed, cors.InvalidAllowMethods:
		a.lines.Set("Access-Control-Allow-Methods", listed(e, r.Method, r))
	case cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed, cors.InvalidAllowHeaders:
		value := listed(e, e.Subject, r)
		if old, ok := a.lines.Get("Access-Control-Allow-Headers"); ok {
			value = old + ", " + e.Subject
		}
		a.lines.Set("Access-Control-Allow-Headers", value)
	}
}

// listed returns the list that a response has, with one more member.
func listed(e *cors.Error, member string, r *cors.Request) string {
	if e.Reason == cors.InvalidAllowMethods || e.Reason == cors.InvalidAllowHeaders {
		return member
	}
	var members []string
	list := headers.TokenListOf(e.Value)
	for m := range list.All() {
		if m != "*" || !r.IncludeCredentials {
			members = append(members, m)
		}
	}
	if !slices.Contains(members, member) {
		members = append(members, member)
	}
	return strings.Join(members, ", ")
}
