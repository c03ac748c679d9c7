package corstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

// A Result is what came of a Fetch, in each user agent. Its assertions return it, so
// that they can be chained; after one that failed, the others say nothing more.
type Result struct {
	*fetched
	tab                 *Tab
	method, url, target string
	init                *fetch.Init // as the first user agent has it
	// again makes the request once more, changed, in the standard's user agent, for a page
	// of some origin.
	again  func(origin string, change func(*fetch.Init)) *transcript.Attempt
	failed bool
	asked  bool // whatever else the server had to be asked
}

// attempted keeps attempts to end their bodies.
func (f *fetched) attempted(attempts ...*transcript.Attempt) { f.all = append(f.all, attempts...) }

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
// the browser asks the user first; [Permission] says what the user decides.
func (r *Result) Allowed() *Result {
	r.tab.t.Helper()
	return r.assert("allowed", func(a *transcript.Attempt) string {
		problem := transcript.Allowed(a)
		if a.Asks() != "" {
			problem += ". What the user decides is said by corstest.Permission(" + strconv.Quote(a.Asks()) + ", fetch.PermissionGranted)"
		}
		return problem
	})
}

// Blocked asserts that the browser keeps the response from script, and that each of
// the reasons is among the requirements that are not met. Without reasons any will
// do that the server has a part in: that nothing was sent, as with mixed content, that
// the server gave no response, or that the arguments are wrong, is not one unless it is
// named. It does not say that the handler did nothing: a request that needs no preflight was
// sent, and [Result.NotSent] fails for it.
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

// SafeToCache asserts that the response is allowed, and that a cache, be it on the way or the
// browser's own, can keep it without harm: it asks once more for a page of another origin, and once
// without Origin, as for an <img>. Where the answers permit different things, each must
// have Vary: Origin, unless no shared cache may keep it anyway. It is for GET.
//
// https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
func (r *Result) SafeToCache() *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if r.failed {
		return r
	}
	if r.method != "GET" {
		return r.refuse("SafeToCache is for GET: no cache keeps what comes of %s", r.target)
	}
	mine := r.tab.page.Origin().String()
	other := "https://another-origin.example"
	if strings.HasPrefix(r.url, "http://") {
		other = "http://another-origin.example" // from https it would be mixed content
	}
	others := []transcript.Other{
		{Who: other, Attempt: r.again(other, func(*fetch.Init) {})},
		{Who: "a request without Origin", Attempt: r.again(other, func(i *fetch.Init) {
			i.Mode, i.Destination, i.Headers = fetch.ModeNoCORS, "image", nil
		})},
	}
	return r.assert("safe to cache", transcript.SafeToCache(mine, others))
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

// Body asserts that script gets a response with a body, of at most 16 MiB, and waits for all of it.
func (r *Result) Body(want string) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("body %s", excerpt([]byte(want), 0)), func(a *transcript.Attempt) string {
		body, problem := whole(a)
		if problem == "" && string(body) != want {
			problem = otherBody(body, want)
		}
		return problem
	})
}

// JSON asserts that script gets a response whose body is JSON that fits in v, as
// [json.Unmarshal] says, and stores it there. It is the answer to the first of the user agents.
func (r *Result) JSON(v any) *Result {
	r.tab.t.Helper()
	first := true
	return r.assert("a body of JSON", func(a *transcript.Attempt) string {
		body, problem := whole(a)
		if problem != "" || !first {
			return problem
		}
		first = false
		if err := json.Unmarshal(body, v); err != nil {
			return fmt.Sprintf("%v: body %s", err, excerpt(body, 0))
		}
		return ""
	})
}

// whole returns a body, or says why it is not there.
func whole(a *transcript.Attempt) (body []byte, problem string) {
	if a.Err != nil {
		return nil, a.Outcome()
	}
	body, err := a.Read()
	switch {
	case err == transcript.ErrTooLong:
		return nil, "the body is too long to be compared: " + err.Error()
	case cors.ReasonOf(err) == cors.Timeout:
		return nil, "the body did not end in time"
	case err != nil:
		return nil, fmt.Sprintf("the body broke off after %d bytes: %v", len(body), err)
	}
	return body, ""
}

// excerptBytes is how much of a body is shown.
const excerptBytes = 200

// excerpt quotes a body, or so much of it around an offset that somebody can read.
func excerpt(body []byte, around int) string {
	if len(body) <= excerptBytes {
		return fmt.Sprintf("%q", body)
	}
	start := max(0, min(around-excerptBytes/2, len(body)-excerptBytes))
	return fmt.Sprintf("of %d bytes, from byte %d on %q…", len(body), start, body[start:start+excerptBytes])
}

// otherBody says how a body is not the one that is wanted.
func otherBody(body []byte, want string) string {
	if len(body) <= excerptBytes && len(want) <= excerptBytes {
		return fmt.Sprintf("body %q", body)
	}
	at := 0
	for at < min(len(body), len(want)) && body[at] == want[at] {
		at++
	}
	return fmt.Sprintf("body %s; it has %d bytes, not %d, and differs from byte %d on, where want has %s", excerpt(body, at), len(body), len(want), at, excerpt([]byte(want), at))
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

// SendsNo asserts that the request itself went out without headers of these names: with "Cookie", that it
// has no cookies.
func (r *Result) SendsNo(names ...string) *Result {
	r.tab.t.Helper()
	return r.assertNames("sends no", names, func(a *transcript.Attempt) string {
		sent := a.Sent()
		if sent == nil {
			return a.Outcome() + ", before the request was sent"
		}
		for _, name := range names {
			if value, ok := sent.Get(name); ok {
				return name + ": " + value
			}
		}
		return ""
	})
}

// SendsCookie asserts that the request itself went out with a cookie of this name and value, among
// others.
func (r *Result) SendsCookie(name, value string) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("sends the cookie %s=%s", name, value), func(a *transcript.Attempt) string {
		got, ok, problem := cookieOf(a, name)
		switch {
		case problem != "" || ok && got == value:
			return problem
		case ok:
			return "the cookie " + name + "=" + got
		}
		problem = "the request has no cookie " + name
		if missing := a.CookiesMissing(); missing != "" {
			problem += "; " + missing
		}
		return problem
	})
}

// SendsNoCookie asserts that the request itself went out without cookies of these names.
func (r *Result) SendsNoCookie(names ...string) *Result {
	r.tab.t.Helper()
	return r.assertNames("sends no cookie", names, func(a *transcript.Attempt) string {
		for _, name := range names {
			if got, ok, problem := cookieOf(a, name); problem != "" || ok {
				return cmp.Or(problem, "the cookie "+name+"="+got)
			}
		}
		return ""
	})
}

// cookieOf returns a cookie of the request, or says why that was not sent.
func cookieOf(a *transcript.Attempt, name string) (value string, ok bool, problem string) {
	sent := a.Sent()
	if sent == nil {
		return "", false, a.Outcome() + ", before the request was sent"
	}
	all, _ := sent.Get("cookie")
	for part := range strings.SplitSeq(all, ";") {
		if n, value, _ := strings.Cut(strings.TrimSpace(part), "="); n == name && all != "" {
			return value, true, ""
		}
	}
	return "", false, ""
}

// Sent asserts that the request itself reached the server, whether or not script gets its
// response: what the handler did is done.
func (r *Result) Sent() *Result {
	r.tab.t.Helper()
	return r.assert("sent", func(a *transcript.Attempt) string {
		if a.Sent() == nil {
			return a.Outcome() + ", before the request was sent"
		}
		return ""
	})
}

// NotSent asserts that the request itself did not reach the server: at most its preflight did. It is
// what protects a handler that changes something; that the response is blocked does not.
func (r *Result) NotSent() *Result {
	r.tab.t.Helper()
	return r.assert("not sent", func(a *transcript.Attempt) string {
		if a.Sent() == nil {
			return ""
		}
		a.Unadvised = true
		problem := "the request was sent, and the handler ran"
		if a.IsBlocked() {
			problem += "; only its response is kept from script (" + a.Outcome() + ")"
		}
		if !a.Preflighted {
			problem += ": it needs no preflight. Let the handler refuse it by its Origin or Sec-Fetch-Site, as http.CrossOriginProtection does, or take only what needs one, such as application/json"
		}
		return problem
	})
}

// PreflightStatus asserts that a preflight was answered with a status: the last one, where redirects
// made more.
func (r *Result) PreflightStatus(code int) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("preflight status %d", code), func(a *transcript.Attempt) string {
		return ofPreflight(a, func(status int, _ headers.List) string {
			if status != code {
				return fmt.Sprintf("preflight status %d", status)
			}
			return ""
		})
	})
}

// PreflightHeader asserts that a preflight was answered with a header of this value, all its lines
// combined.
func (r *Result) PreflightHeader(name, value string) *Result {
	r.tab.t.Helper()
	return r.assert(fmt.Sprintf("preflight answered with %s: %s", name, value), func(a *transcript.Attempt) string {
		return ofPreflight(a, func(_ int, list headers.List) string {
			got, ok := list.Get(name)
			switch {
			case !ok:
				return "the answer to the preflight has no " + name
			case got != value:
				return name + ": " + got
			}
			return ""
		})
	})
}

// MaxAge asserts for how long the answer to a preflight says that it is good. Browsers have limits of
// their own; with [KeepPreflights] and [Now] a test sees when they ask again.
func (r *Result) MaxAge(want time.Duration) *Result {
	r.tab.t.Helper()
	return r.assert("max age "+want.String(), func(a *transcript.Attempt) string {
		return ofPreflight(a, func(_ int, list headers.List) string {
			seconds, ok := headers.ExtractDeltaSeconds(list.Lines("access-control-max-age"))
			switch {
			case !ok && !list.Contains("access-control-max-age"):
				return "the answer to the preflight has no Access-Control-Max-Age, which stands for 5 seconds"
			case !ok:
				value, _ := list.Get("access-control-max-age")
				return "Access-Control-Max-Age: " + value + ", which is no number of seconds"
			case time.Duration(seconds)*time.Second != want:
				return "max age " + (time.Duration(seconds) * time.Second).String()
			}
			return ""
		})
	})
}

// ofPreflight checks the answer to the last preflight.
func ofPreflight(a *transcript.Attempt, check func(status int, list headers.List) string) string {
	status, list, ok := a.Preflight()
	switch {
	case !a.Preflighted:
		return "no preflight was sent"
	case !ok:
		return "the preflight was not answered: " + a.Outcome()
	}
	return check(status, list)
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
	body, err := r.attempts[0].Read()
	if err != nil && !r.failed {
		_, problem := whole(r.attempts[0])
		r.failed = true
		r.tab.t.Errorf("corstest: Text of %s: %s", r.where, problem)
	}
	return string(body)
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
	r.askAgain()
	text := fmt.Sprintf("%s in a page of %s\n  want %s\n%s", r.target, r.tab.page.Origin(), want, v.Text("  "))
	text += r.state()
	if panicked := r.panics.take(); panicked != "" {
		text += "  " + strings.ReplaceAll(strings.TrimSuffix(panicked, "\n"), "\n", "\n  ") + "\n"
	}
	r.tab.t.Errorf("%s", strings.TrimSuffix(text, "\n"))
	return r
}

// askAgain asks the server what tells more of why a preflight was refused.
func (r *Result) askAgain() {
	if r.asked {
		return
	}
	r.asked = true
	if i := slices.IndexFunc(r.attempts, (*transcript.Attempt).MayAskAgain); i >= 0 {
		transcript.AskAgain(r.tab.t.Context(), r.tab.network(&r.panics, r.tab.agents[i]), r.attempts[i:]...)
	}
}

// state says that the server answered the same request differently, "" where it did not.
func (r *Result) state() string {
	if r.tab.options.fresh != nil {
		return ""
	}
	if answers := transcript.Differently(r.attempts); answers != "" {
		return "  The server answered requests differently that are alike except in what says which browser asks: " + answers +
			". If that is by what it was asked before, give each browser a server of its own by corstest.Fresh.\n"
	}
	return ""
}
