package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/weburl"
)

// How many explanations are kept, and printed unless all are asked for.
const (
	maxExplanations   = 100
	shortExplanations = 5
)

// Explanations gather what the failures of a recording mean, each kind once: by
// the server, the first requirement that is not met, and the likeliest cause.
type Explanations struct {
	list []explained
	more int // kinds that were not kept
	// failed are what failed for a reason that CORS has no part in.
	failed []failure
}

// A failure is a kind of requests that failed otherwise, by the server and what the recorder says.
type failure struct {
	server, code string
	cause        explain.Cause
	count        int
	first        string // entry
}

// explained is a kind of failures.
type explained struct {
	server    string // origin of the URL
	reason    cors.Reason
	preflight bool
	cause     string
	count     int
	first     string // entry
	*explain.Explanation
}

// Add adds a result: what the first engine that blocks it stumbles over.
func (e *Explanations) Add(r *replay.Result) {
	if r.Happened == replay.FailedOtherwise {
		e.addFailure(r)
	}
	at := slices.IndexFunc(r.Verdicts, func(v replay.Verdict) bool { return v.Outcome == replay.Blocked && v.Err != nil })
	if at < 0 {
		return
	}
	v := &r.Verdicts[at]
	one := explained{reason: v.Err.Reason, preflight: v.Err.Preflight, count: 1, first: r.Exchange.Entry}
	if u, err := weburl.Parse(r.Exchange.Request.URL); err == nil {
		one.server = u.Origin().String()
	}
	one.Explanation = explainResult(r, v)
	one.cause = one.Causes[0].ID
	for i := range e.list {
		if k := &e.list[i]; k.server == one.server && k.reason == one.reason && k.preflight == one.preflight && k.cause == one.cause {
			k.count++
			return
		}
	}
	if len(e.list) == maxExplanations {
		e.more++
		return
	}
	e.list = append(e.list, one)
}

// addFailure adds what failed for another reason, where the recorder's word for it is known.
func (e *Explanations) addFailure(r *replay.Result) {
	x := r.Exchange
	cause, ok := explain.NetError(x.Error, x.Request.URL, r.Page)
	if !ok {
		return
	}
	one := failure{code: x.Error, cause: cause, count: 1, first: x.Entry}
	if u, err := weburl.Parse(x.Request.URL); err == nil {
		one.server = u.Origin().String()
	}
	for i := range e.failed {
		if k := &e.failed[i]; k.server == one.server && k.code == one.code {
			k.count++
			return
		}
	}
	if len(e.failed) < maxExplanations {
		e.failed = append(e.failed, one)
	}
}

// printFailed writes what failed for another reason.
func (e *Explanations) printFailed(w io.Writer, o *Options, width int, all bool) {
	if len(e.failed) == 0 {
		return
	}
	slices.SortStableFunc(e.failed, func(a, b failure) int { return b.count - a.count })
	fmt.Fprintln(w, "what failed for another reason than CORS")
	for i := range e.failed {
		k := &e.failed[i]
		if i == shortExplanations && !all {
			fmt.Fprintln(w, wrap("… "+plural(len(e.failed)-i, "kind more, which -v shows", "kinds more, which -v shows"), 2, width, maxWord))
			return
		}
		fmt.Fprintln(w, wrap(fmt.Sprintf("%s: %s (%s)", o.clean(k.server), o.clean(k.code), countFrom(k.first, k.count)), 2, width, maxWord))
		for _, line := range []string{k.cause.Why(), k.cause.Do()} {
			fmt.Fprintln(w, wrap(cutMiddle(o.clean(line), maxExplained), 6, width, maxWord))
		}
	}
}

// countFrom names the first of a number of entries.
func countFrom(first string, count int) string {
	if count > 1 {
		return fmt.Sprintf("%s and %d more", first, count-1)
	}
	return first
}

// explainResult explains a verdict by the exchange that it is about.
func explainResult(r *replay.Result, v *replay.Verdict) *explain.Explanation {
	x := r.Exchange
	if v.Err.Preflight && r.Preflight != nil {
		x = r.Preflight
	}
	asked := &cors.Request{
		Origin: r.Origin, Method: r.Exchange.Request.Method, IncludeCredentials: r.Credentials == replay.CredentialsIncluded,
	}
	if r.Exchange.IsPreflight() {
		asked.Method, _ = r.Exchange.Request.Headers.Get("access-control-request-method")
	}
	for _, name := range r.AuthorHeaders {
		value, _ := r.Exchange.Request.Headers.Get(name)
		asked.Headers = append(asked.Headers, headers.Header{Name: name, Value: value})
	}
	known := explain.Exchange{Page: x.Page.URL}
	if x.Response.HasResponse && !x.Fidelity.Has(record.ResponseHeadersMissing) {
		known.Response = append(headers.List{}, x.Response.Headers...)
	}
	return explain.Explain(v.Err, asked, known)
}

// maxExplained bounds a line of an explanation, in columns, and maxWord a word in it: a
// header may have any length.
const (
	maxExplained = 600
	maxWord      = 120
)

// Print writes the explanations, in lines of width columns (0 means 72): of the commonest kinds the likeliest cause, or,
// where all is asked for, of every kind all that there is to say.
func (e *Explanations) Print(w io.Writer, o *Options, width int, all bool) {
	width = atLeast(width)
	defer e.printFailed(w, o, width, all)
	if len(e.list) == 0 {
		return
	}
	slices.SortStableFunc(e.list, func(a, b explained) int { return b.count - a.count })
	fmt.Fprintln(w, "what it most likely means")
	for i := range e.list {
		k := &e.list[i]
		if i == shortExplanations && !all {
			e.more += len(e.list) - i
			break
		}
		where := "response"
		if k.preflight {
			where = "preflight"
		}
		heading := fmt.Sprintf("%s, %s: %s (%s)", o.clean(k.server), where, k.reason.String(), countFrom(k.first, k.count))
		fmt.Fprintln(w, wrap(heading, 2, width, maxWord))
		lines := k.Short()
		if all {
			lines = k.Long()
			for j := range k.Advice {
				lines = append(lines, k.Advice[j].Lines()...)
			}
		}
		for _, line := range lines {
			text := cutMiddle(o.clean(line), maxExplained)
			indent := len(text) - len(strings.TrimLeft(text, " "))
			fmt.Fprintln(w, wrap(text, 6+indent, width, maxWord))
		}
	}
	if e.more > 0 {
		fmt.Fprintln(w, wrap("… "+plural(e.more, "kind more, which -v shows", "kinds more, which -v shows"), 2, width, maxWord))
	}
}
