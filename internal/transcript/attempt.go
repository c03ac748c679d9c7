// Package transcript fetches something in a user agent and keeps what happened, for
// the person who is to read why it did not come out as it should.
package transcript

import (
	"context"
	"errors"
	"iter"
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
	// Response is what script got; for its body see Read.
	Response *fetch.Response
	// Loaded is what an element of the page loaded, nil where it is no element.
	Loaded *fetch.Loaded
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
	// Unadvised leaves out how the request would pass, where that is not wanted.
	Unadvised bool
	// Shown are names of response headers to be shown beside those of CORS, and Fix
	// is what to change where nothing has failed.
	Shown, Fix []string

	steps   []Step
	request *cors.Request // as it failed, or else as it was last sent
	kept    *Exchange     // that which was not sent
	known   explain.Exchange
	tainted bool     // the origin is null because of a redirect
	reading *reading // nil where there is no body
}

// Hints say what else fixes a failure, in the terms of those who read it.
type Hints struct {
	// Untrusted is for a certificate of an unknown authority, Mixed for mixed content.
	Untrusted, Mixed string
}

// InTurn makes n attempts, each with so much time, one after the other: a server is
// asked in an order that does not change. Once one has used up its time those that are
// left are made at once, so that a server which does not answer costs the time twice,
// however many they are. The time goes on for a body that has not ended.
func InTurn(ctx context.Context, n int, timeout time.Duration, attempt func(ctx context.Context, i int) *Attempt) []*Attempt {
	attempts := make([]*Attempt, n)
	inTime := func(i int) bool {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		attempts[i] = attempt(ctx, i)
		inTime := ctx.Err() == nil
		attempts[i].ended(cancel)
		return inTime
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

// Run fetches a request of a page in a user agent that is used for nothing else at the time. It
// returns as soon as the headers of the response are there, and its body, unless that takes long:
// see [Attempt.Read]. Requests are not taken for answered where the context ends.
func Run(ctx context.Context, client *fetch.Client, page *fetch.Page, newRequest func() (*fetch.Request, error)) *Attempt {
	a := &Attempt{Engine: "standard", request: new(cors.Request)}
	if client.Engine != nil {
		a.Engine = client.Engine.Label()
	}
	request, err := newRequest()
	if err != nil {
		a.Err = err
		return a
	}
	recorder := NewRecorder(page, request)
	client.Network = recorder.Network(client.Network)
	response, err := client.Do(fetch.WithTrace(ctx, recorder.Trace()), request)
	a.record(recorder, page)
	if err != nil {
		a.Err = err
		a.keepBack()
		return a
	}
	a.Response = response
	a.read(response.Body)
	return a
}

// keepBack takes the last request out of the steps, where it was not sent.
func (a *Attempt) keepBack() {
	if a.NotSent = errors.Is(a.Err, ErrNotSent); a.NotSent {
		last := len(a.steps) - 1
		a.kept, a.steps = a.steps[last].Exchange, a.steps[:last]
	}
}

// record takes over what a recorder has written down.
func (a *Attempt) record(r *Recorder, page *fetch.Page) {
	a.steps, a.request, a.known = r.Steps, r.Request(), r.Known()
	a.tainted = a.request.Origin == "null" && !page.Origin().IsOpaque()
	for x := range a.exchanges() {
		if to, err := weburl.Parse(x.URL); err == nil && !to.Origin().SameOrigin(page.Origin()) {
			a.CrossOrigin = true
		}
		a.Preflighted = a.Preflighted || x.Preflight
	}
}

// exchanges returns the exchanges among the steps, in order.
func (a *Attempt) exchanges() iter.Seq[*Exchange] {
	return func(yield func(*Exchange) bool) {
		for i := range a.steps {
			if x := a.steps[i].Exchange; x != nil && !yield(x) {
				return
			}
		}
	}
}

// asked reports whether a request was sent.
func (a *Attempt) asked() bool {
	for range a.exchanges() {
		return true
	}
	return false
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
		a.Fix = fix("response", 0, []explain.HeaderLine{{Name: "Access-Control-Expose-Headers", Value: strings.Join(append(members, missing...), ", ")}}, list)
	}
}

// received returns the last exchange with a response to a request that is no preflight,
// whether or not script may read it, and nil where there is none.
func (a *Attempt) received() (last *Exchange) {
	for x := range a.exchanges() {
		if !x.Preflight && x.Answered {
			last = x
		}
	}
	return last
}

// Sent returns the headers of the last request that is no preflight; nil where
// there is none.
func (a *Attempt) Sent() headers.List {
	if x := a.last(); x != nil {
		return x.Headers
	}
	return nil
}

// Preflight returns the status and headers of the answer to the last preflight, and whether there
// is one.
func (a *Attempt) Preflight() (status int, list headers.List, ok bool) {
	for x := range a.exchanges() {
		if x.Preflight {
			status, list, ok = x.Status, x.ResponseHeaders, x.Answered
		}
	}
	return status, list, ok
}

// last returns the last exchange that is no preflight; nil where there is none.
func (a *Attempt) last() (last *Exchange) {
	for x := range a.exchanges() {
		if !x.Preflight {
			last = x
		}
	}
	return last
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
