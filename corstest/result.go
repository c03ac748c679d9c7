package corstest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

// A Result is what came of a Fetch, in each user agent. Its assertions return it, so
// that they can be chained; after one that failed, the others say nothing more.
type Result struct {
	*fetched
	tab      *Tab
	target   string
	attempts []*transcript.Attempt
	// again makes the request once more, in the standard's user agent, for a page of
	// another origin.
	again  func(origin string) *transcript.Attempt
	failed bool
}

// refuse ends the test: what it asks for cannot be fetched as it is meant.
func (r *Result) refuse(format string, arguments ...any) *Result {
	r.tab.t.Helper()
	r.tab.t.Fatalf("corstest: "+format, arguments...)
	r.failed = true
	return r
}

// Allowed asserts that script gets the response of a request to another origin.
// Where the request is same-origin, this would hold whatever the server does, and
// fails. So it does where the response is opaque, of which script can read nothing, and where
// the browser asks the user first; [Document] says what the user decides.
func (r *Result) Allowed() *Result {
	r.tab.t.Helper()
	return r.assert("allowed", func(a *transcript.Attempt) string {
		problem := transcript.Allowed(a)
		if a.Asks() != "" {
			problem += ". What the user decides is said by corstest.Document(fetch.PageOptions{Permissions: map[fetch.Permission]fetch.PermissionState{" +
				strconv.Quote(a.Asks()) + ": fetch.PermissionGranted}})"
		}
		return problem
	})
}

// Blocked asserts that the browser keeps the response from script, and that each of
// the reasons is among the requirements that are not met. Without reasons any will
// do that the server has a part in: that nothing was sent, as with mixed content, that
// the server gave no response, or that the arguments are wrong, is none unless it is
// named.
func (r *Result) Blocked(reasons ...cors.Reason) *Result {
	r.tab.t.Helper()
	want := "blocked"
	for i, reason := range reasons {
		want += [...]string{": ", ", "}[min(i, 1)] + reason.String()
	}
	return r.assert(want, transcript.Blocked(reasons))
}

// Exposes asserts that the response is allowed and that script can read its headers
// of these names.
func (r *Result) Exposes(names ...string) *Result {
	r.tab.t.Helper()
	return r.assertNames("exposes", names, transcript.Exposes(names))
}

// Hides asserts that the response is allowed and that script cannot read its headers
// of these names, which the server must have sent: otherwise this would say
// nothing.
func (r *Result) Hides(names ...string) *Result {
	r.tab.t.Helper()
	return r.assertNames("hides", names, transcript.Hides(names))
}

func (r *Result) assertNames(what string, names []string, check func(*transcript.Attempt) string) *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if len(names) == 0 {
		return r.refuse("%s: no header names are given", what)
	}
	return r.assert(what+" "+strings.Join(names, ", "), check)
}

// SafeToCache asserts that the response is allowed, and that a cache on the way, which
// the pages of all origins share, can keep it without harm: it asks once more, for a
// page of another origin, and where the answers permit different things, both must
// have Vary: Origin, unless no shared cache may keep them anyway. It is for GET.
func (r *Result) SafeToCache() *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if r.failed {
		return r
	}
	other := "https://another-origin.example"
	if strings.Contains(r.target, " http://") {
		other = "http://another-origin.example" // from https it would be mixed content
	}
	if !strings.HasPrefix(r.target, "GET ") {
		return r.refuse("SafeToCache is for GET: no cache keeps what comes of %s", r.target)
	}
	return r.assert("safe to cache", transcript.SafeToCache(r.tab.page.Origin().String(), r.again(other), other))
}

// Preflighted asserts that the browser asks before it sends the request.
func (r *Result) Preflighted() *Result {
	r.tab.t.Helper()
	return r.assert("preflighted", func(a *transcript.Attempt) string {
		if !a.Preflighted {
			return "no preflight was sent"
		}
		return ""
	})
}

// NotPreflighted asserts that the browser sends the request, to another origin,
// without asking.
func (r *Result) NotPreflighted() *Result {
	r.tab.t.Helper()
	return r.assert("not preflighted", func(a *transcript.Attempt) string {
		switch {
		case a.Preflighted:
			return "a preflight was sent"
		case a.Err == nil && !a.CrossOrigin:
			return transcript.Allowed(a)
		case a.CORSError() != nil && a.Sent() == nil:
			return a.Outcome()
		}
		return ""
	})
}

// Status asserts that script gets a response with a status.
func (r *Result) Status(code int) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("status %d", code), func(a *transcript.Attempt) string {
		switch {
		case a.Err != nil:
			return a.Outcome()
		case a.Response.Status != code:
			return fmt.Sprintf("status %d", a.Response.Status)
		}
		return ""
	})
}

// Body asserts that script gets a response with a body, of at most 16 MiB.
func (r *Result) Body(want string) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("body %q", want), func(a *transcript.Attempt) string {
		switch {
		case a.Err != nil:
			return a.Outcome()
		case a.BodyErr != nil:
			return brokeOff(a)
		case string(a.Body) != want:
			return fmt.Sprintf("body %q", a.Body)
		}
		return ""
	})
}

// brokeOff says what is wrong with a body that is not whole.
func brokeOff(a *transcript.Attempt) string {
	if a.BodyErr == transcript.ErrTooLong {
		return "the body is too long to be compared: " + a.BodyErr.Error()
	}
	return fmt.Sprintf("the body broke off after %d bytes: %v", len(a.Body), a.BodyErr)
}

// Sends asserts that the request itself, not its preflight, went out with a header of
// this value. For "Cookie" it says which cookies went along, and a failure why others
// did not.
func (r *Result) Sends(name, value string) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("sends %s: %s", name, value), func(a *transcript.Attempt) string {
		sent := a.Sent()
		if sent == nil {
			return a.Outcome() + ", before the request was sent"
		}
		got, ok := sent.Get(name)
		if ok && got == value {
			return ""
		}
		problem := name + ": " + got
		if !ok {
			problem = "the request has no " + name
		}
		if !headers.EqualFold(name, "cookie") {
			return problem
		}
		switch missing := a.CookiesMissing(); {
		case missing != "":
			problem += "; " + missing
		case !ok:
			problem += ": the browser has none for this site"
		}
		return problem
	})
}

// Text returns the body that script gets in the first of the user agents, and "" where
// there is none. It asserts nothing but that the body is whole, and has no more than
// 16 MiB.
func (r *Result) Text() string {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if len(r.attempts) == 0 {
		return ""
	}
	a := r.attempts[0]
	if a.BodyErr != nil && !r.failed {
		r.failed = true
		r.tab.t.Errorf("corstest: Text of %s: %s", r.where, brokeOff(a))
	}
	return string(a.Body)
}

// Header returns what script reads as the value of a response header in the first of
// the user agents, and "" where it gets none. It asserts nothing.
func (r *Result) Header(name string) string {
	r.asserted.Store(true)
	if len(r.attempts) == 0 {
		return ""
	}
	value, _, _ := r.attempts[0].Header(name)
	return value
}

// Err returns why script gets no response in the first of the user agents, nil where
// it does: for what no assertion says. It asserts nothing.
func (r *Result) Err() error {
	r.asserted.Store(true)
	if len(r.attempts) == 0 {
		return nil
	}
	return r.attempts[0].Err
}

// assert fails the test where check says what is wrong in some user agent.
func (r *Result) assert(want string, check func(*transcript.Attempt) string) *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if r.failed {
		return r
	}
	v := transcript.Judge(r.attempts, check)
	if v.OK() {
		return r
	}
	r.failed = true
	text := fmt.Sprintf("%s in a page of %s\n  want %s\n%s", r.target, r.tab.page.Origin(), want, v.Text("  "))
	if panicked := r.panics.take(); panicked != "" {
		text += "  " + strings.ReplaceAll(strings.TrimSuffix(panicked, "\n"), "\n", "\n  ") + "\n"
	}
	r.tab.t.Errorf("%s", strings.TrimSuffix(text, "\n"))
	return r
}
