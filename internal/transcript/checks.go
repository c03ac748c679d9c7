package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// Allowed says why script does not get the response of a request to another origin.
func Allowed(a *Attempt) string {
	switch {
	case a.Err != nil:
		return a.Outcome()
	case !a.CrossOrigin:
		return OwnOrigin
	case a.Response != nil && a.Response.Type == fetch.TypeOpaque:
		return Unreadable
	}
	return ""
}

// Unreadable is what is wrong with a promise that script gets an opaque response.
const Unreadable = `the response is opaque: in mode "no-cors" the request is sent, and script can read nothing of what comes`

// OwnOrigin is what is wrong with a promise about a request that is same-origin.
const OwnOrigin = "the URL is of the page's own origin: CORS is not involved, so that this says nothing about the server"

// Blocked returns a check that says what else came of an attempt than that the browser
// kept the response from script, for each of the reasons; for none, for whichever that
// the server has a part in: where nothing was sent, a reason must be named.
func Blocked(reasons []cors.Reason) func(*Attempt) string {
	return func(a *Attempt) string {
		e := a.CORSError()
		if a.Err == nil && !a.CrossOrigin {
			return OwnOrigin
		}
		if e == nil || len(reasons) == 0 && !isBlock(e) {
			return a.Outcome()
		}
		if len(reasons) == 0 && !a.asked() {
			return fmt.Sprintf("%s, and nothing was sent: the server was not asked, so that this says nothing about it. If it is meant, name the reason: %s",
				a.Outcome(), e.Reason.String())
		}
		for _, reason := range reasons {
			if !slices.ContainsFunc(e.All(), func(e *cors.Error) bool { return e.Reason == reason }) {
				return a.Outcome()
			}
		}
		return ""
	}
}

// Exposes returns a check that says which headers script cannot read of a response.
func Exposes(names []string) func(*Attempt) string {
	return named(names, func(a *Attempt, name string) string {
		a.expose(names)
		switch _, readable, sent := a.Header(name); {
		case readable:
			return ""
		case headers.IsForbiddenResponseHeaderName(name):
			return fmt.Sprintf("no script can ever read %s", name)
		case !sent:
			return fmt.Sprintf("the server sent no %s", name)
		default:
			return fmt.Sprintf("the server sent %s, but script cannot read it", name)
		}
	})
}

// Hides returns a check that says which headers script can read of a response, or
// which were not sent.
func Hides(names []string) func(*Attempt) string {
	return named(names, func(a *Attempt, name string) string {
		a.Shown = names
		switch _, readable, sent := a.Header(name); {
		case readable:
			return fmt.Sprintf("script can read %s", name)
		case !sent:
			return fmt.Sprintf("the server sent no %s, so that there is nothing to hide", name)
		}
		return ""
	})
}

func named(names []string, check func(*Attempt, string) string) func(*Attempt) string {
	return func(a *Attempt) string {
		if problem := Allowed(a); problem != "" {
			return problem
		}
		var problems []string
		for _, name := range names {
			if problem := check(a, name); problem != "" {
				problems = append(problems, problem)
			}
		}
		return strings.Join(problems, "; ")
	}
}

// An Other is what came of a request like the one that is checked.
type Other struct {
	// Who asked, in a sentence.
	Who string
	*Attempt
}

// SafeToCache says what is wrong where a cache may give one who asks what was made for another: the
// responses permit different things, and one of them does not say that it depends on Origin.
func SafeToCache(origin string, others []Other) func(*Attempt) string {
	return func(a *Attempt) string {
		if problem := Allowed(a); problem != "" {
			return problem
		}
		mine := a.received()
		for _, other := range others {
			its := other.received()
			if its == nil {
				return other.Who + " gets no response to compare: " + other.Outcome()
			}
			what := differs(mine.ResponseHeaders, its.ResponseHeaders)
			if what == "" {
				continue
			}
			for _, response := range []struct {
				*Exchange
				who string
			}{{mine, origin}, {its, other.Who}} {
				if !variesByOrigin(response.ResponseHeaders) && mayBeCached(response.Exchange) {
					a.Fix = fix("response to "+response.who, 0, []explain.HeaderLine{{Name: "Vary", Value: "Origin", Add: true}}, nil)
					return fmt.Sprintf("%s is %s for %s and %s for %s, but the response to %s has no Vary: Origin, so that a cache may give one the other's",
						what, shown(mine.ResponseHeaders, what), origin, shown(its.ResponseHeaders, what), other.Who, response.who)
				}
			}
		}
		return ""
	}
}

// differs returns the name of a header of CORS in which two responses differ.
func differs(a, b headers.List) string {
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"} {
		if shown(a, name) != shown(b, name) {
			return name
		}
	}
	return ""
}

func shown(list headers.List, name string) string {
	if value, ok := list.Get(name); ok {
		return quoteControls(value)
	}
	return "absent"
}

func variesByOrigin(list headers.List) bool {
	names, _, ok := headers.ExtractTokenList(list.Lines("vary"))
	return ok && (names.HasFold("origin") || names.Has("*"))
}

// mayBeCached reports whether a shared cache may keep a response: unless it is told
// not to, and where nothing is said, by its status.
//
// https://httpwg.org/specs/rfc9111.html#response.cacheability
func mayBeCached(x *Exchange) bool {
	said := x.ResponseHeaders.Contains("expires")
	value, _ := x.ResponseHeaders.Get("cache-control")
	for _, directive := range headers.GetDecodeAndSplit(value) {
		name, _, _ := strings.Cut(headers.Lower(directive), "=")
		switch name {
		case "no-store", "private":
			return false
		case "public", "max-age", "s-maxage":
			said = true
		}
	}
	switch x.Status {
	case 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return said
}
