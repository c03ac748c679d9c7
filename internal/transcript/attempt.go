// Package transcript fetches something in a user agent and keeps what happened, for
// the person who is to read why it did not come out as it should.
package transcript

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/weburl"
)

// MaxBody is how many bytes of a response's body are kept.
const MaxBody = 16 << 20

// ErrTooLong is why the rest of a body was not kept.
var ErrTooLong = errors.New("no more than 16 MiB are kept")

// ErrNotSent is the error of a network that keeps a request back.
var ErrNotSent = errors.New("it was not sent")

// An Attempt is a fetch that has come to its end, as one user agent made it.
type Attempt struct {
	// Engine is the user agent's name.
	Engine string
	// Err is why there is no response; nil where there is one.
	Err error
	// Response is what script got, its body closed; Body is what could be read of it,
	// and BodyErr why that is not all.
	Response *fetch.Response
	Body     []byte
	BodyErr  error
	// Preflighted says that a preflight was sent.
	Preflighted bool
	// CrossOrigin says that some request, be it one that was kept back, was to another
	// origin than the page's: it was one that CORS is about.
	CrossOrigin bool
	// NotSent says that a request was kept back, with ErrNotSent.
	NotSent bool
	// Refused say which cookies the user agent was given before and refused, as
	// NotStored does.
	Refused []string
	// Hints are what to do beside what is wrong with a response.
	Hints Hints
	// Private keeps values out of the text on which CORS does not depend.
	Private bool
	// Shown are names of response headers to be shown beside those of CORS, and Mend
	// is what to change where nothing has failed.
	Shown, Mend []string

	request cors.Request
	steps   []step
	kept    *fetch.NetworkRequest // that which was not sent
}

// Hints say what else mends a failure, in the terms of those who read it.
type Hints struct {
	// Untrusted is for a certificate of an unknown authority, Mixed for mixed content.
	Untrusted, Mixed string
}

// A step is a request with what came of it.
type step struct {
	sent     *fetch.NetworkRequest
	causes   []cors.Cause
	received *fetch.NetworkResponse
	redirect string // the URL that it leads to
	unsent   []fetch.CookieDecision
	refused  []string // as NotStored says it
}

// InTurn makes n attempts, each with so much time, one after the other: a server is
// asked in an order that does not change. Once one has used up its time those that are
// left are made at once, so that a server which does not answer costs the time twice,
// however many they are.
func InTurn(ctx context.Context, n int, timeout time.Duration, attempt func(ctx context.Context, i int) *Attempt) []*Attempt {
	attempts := make([]*Attempt, n)
	inTime := func(i int) bool {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		attempts[i] = attempt(ctx, i)
		return ctx.Err() == nil
	}
	for i := range n {
		if inTime(i) {
			continue
		}
		var left sync.WaitGroup
		for j := i + 1; j < n; j++ {
			left.Go(func() { inTime(j) })
		}
		left.Wait()
		break
	}
	return attempts
}

// Run fetches a request in a user agent. Requests are not taken for answered where
// the context ends.
func Run(ctx context.Context, client *fetch.Client, page *fetch.Page, url string, init *fetch.Init) *Attempt {
	a := &Attempt{Engine: "standard"}
	if client.Engine != nil {
		a.Engine = client.Engine.Name
	}
	request, err := fetch.NewRequest(page, url, init)
	if err != nil {
		a.Err = err
		return a
	}
	a.request = cors.Request{
		Origin: page.Origin().String(), Method: request.Method(), Headers: request.Headers(),
		IncludeCredentials: request.Credentials() == fetch.CredentialsInclude,
	}
	response, err := client.Do(fetch.WithTrace(ctx, a.trace(page)), request)
	if err != nil {
		a.Err = err
		if a.NotSent = errors.Is(err, ErrNotSent); a.NotSent {
			last := len(a.steps) - 1
			a.kept, a.steps = a.steps[last].sent, a.steps[:last]
		}
		return a
	}
	defer response.Body.Close()
	a.Response = response
	a.Body, a.BodyErr = io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if len(a.Body) > MaxBody {
		a.Body, a.BodyErr = a.Body[:MaxBody], ErrTooLong
	}
	return a
}

// trace returns a trace that keeps what it is told.
func (a *Attempt) trace(page *fetch.Page) *fetch.Trace {
	var causes []cors.Cause
	var unsent []fetch.CookieDecision
	return &fetch.Trace{
		CookieNotSent: func(_ string, cookie fetch.CookieDecision) { unsent = append(unsent, cookie) },
		CookieRefused: func(_, setCookie, why string) {
			s := &a.steps[len(a.steps)-1]
			s.refused = append(s.refused, NotStored(setCookie, why))
		},
		PreflightNeeded: func(_ string, c []cors.Cause) { causes = c },
		RequestSent: func(n *fetch.NetworkRequest) {
			s := step{sent: n}
			if to, err := weburl.Parse(n.URL); err == nil && !to.Origin().SameOrigin(page.Origin()) {
				a.CrossOrigin = true
			}
			if n.Preflight {
				a.Preflighted, s.causes = true, causes
			} else {
				s.unsent, unsent = unsent, nil
			}
			if origin, ok := n.Headers.Get("origin"); ok {
				a.request.Origin = origin
			}
			a.steps = append(a.steps, s)
		},
		ResponseReceived: func(_ *fetch.NetworkRequest, r *fetch.NetworkResponse) { a.steps[len(a.steps)-1].received = r },
		Redirected:       func(_, to string, _ int) { a.steps[len(a.steps)-1].redirect = to },
	}
}

// CORSError returns the error where it is one of a fetch, and nil otherwise.
func (a *Attempt) CORSError() *cors.Error {
	e, _ := a.Err.(*cors.Error)
	return e
}

// Header returns the values of a header that script can read, and whether the
// server sent it at all.
func (a *Attempt) Header(name string) (value string, readable, sent bool) {
	if a.Response == nil {
		return "", false, false
	}
	value, readable = a.Response.Headers.Get(name)
	_, _, list := a.Response.Unfiltered()
	return value, readable, list.Contains(name)
}

// expose says what lets script read response headers of these names.
func (a *Attempt) expose(names []string) {
	a.Shown = names
	if a.Response == nil {
		return
	}
	_, _, list := a.Response.Unfiltered()
	var members, missing []string
	value, _ := list.Get("access-control-expose-headers")
	for _, member := range headers.GetDecodeAndSplit(value) {
		if member != "" && !(member == "*" && a.request.IncludeCredentials) {
			members = append(members, member)
		}
	}
	for _, name := range names {
		if _, readable, sent := a.Header(name); sent && !readable {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		a.Mend = mend("response", 0, []explain.HeaderLine{{Name: "Access-Control-Expose-Headers", Value: strings.Join(append(members, missing...), ", ")}}, list)
	}
}

// lastReceived returns the headers of the last response, nil where there is none.
func (a *Attempt) lastReceived() headers.List {
	if len(a.steps) == 0 || a.steps[len(a.steps)-1].received == nil {
		return nil
	}
	return a.steps[len(a.steps)-1].received.Headers
}

// received returns the last response to a request that is no preflight, whether or
// not script may read it, and nil where there is none.
func (a *Attempt) received() *fetch.NetworkResponse {
	for i := len(a.steps) - 1; i >= 0; i-- {
		if s := &a.steps[i]; !s.sent.Preflight && s.received != nil {
			return s.received
		}
	}
	return nil
}

// Sent returns the headers of the last request that is no preflight; nil where
// there is none.
func (a *Attempt) Sent() headers.List {
	if s := a.last(); s != nil {
		return s.sent.Headers
	}
	return nil
}

// last returns the last step that is no preflight; nil where there is none.
func (a *Attempt) last() *step {
	for i := len(a.steps) - 1; i >= 0; i-- {
		if !a.steps[i].sent.Preflight {
			return &a.steps[i]
		}
	}
	return nil
}

// Exposed returns the names of the response headers that script can read because the
// server says so, each once.
func (a *Attempt) Exposed() (names []string) {
	if a.Response == nil || a.Response.Type != fetch.TypeCORS {
		return nil
	}
	for _, h := range a.Response.Headers {
		name := headers.Lower(h.Name)
		if headers.IsCORSSafelistedResponseHeaderName(name, headers.TokenList{}) || strings.HasPrefix(name, "access-control-") ||
			name == "date" || slices.ContainsFunc(names, func(n string) bool { return headers.EqualFold(n, name) }) {
			continue
		}
		names = append(names, h.Name)
	}
	return names
}
