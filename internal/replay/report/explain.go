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
	if len(e.list) == 0 {
		return
	}
	slices.SortStableFunc(e.list, func(a, b explained) int { return b.count - a.count })
	width = atLeast(width)
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
		heading := fmt.Sprintf("%s, %s: %s (%s", o.clean(k.server), where, k.reason.String(), k.first)
		if k.count > 1 {
			heading += fmt.Sprintf(" and %d more", k.count-1)
		}
		fmt.Fprintln(w, wrap(heading+")", 2, width, maxWord))
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
