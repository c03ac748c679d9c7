package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Allowed says why script does not get the response of a request to another origin.
func Allowed(a *Attempt) string {
	switch {
	case a.Err != nil:
		return a.Outcome()
	case !a.CrossOrigin:
		return "the URL is of the page's own origin: CORS is not involved, so that this says nothing about the server"
	}
	return ""
}

// Blocked returns a check that says what else came of an attempt than that the browser
// kept the response from script, for each of the reasons; for none, for whichever.
func Blocked(reasons []cors.Reason) func(*Attempt) string {
	return func(a *Attempt) string {
		e := a.CORSError()
		if e == nil || len(reasons) == 0 && !isBlock(e) {
			return a.Outcome()
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
