package check

import (
	"errors"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/transcript"
)

// A Verdict is what came of a check.
type Verdict string

// The verdicts.
const (
	// Allowed: script gets the response.
	Allowed Verdict = "allowed"
	// Blocked: script gets an error.
	Blocked Verdict = "blocked"
	// Asks: the user is asked for a permission first, and decides.
	Asks Verdict = "asks"
	// Undecidable: there is nothing to judge, since no complete answer came in time.
	Undecidable Verdict = "undecidable"
	// NotSubject: CORS does not judge what was asked.
	NotSubject Verdict = "not-subject"
	// NotSent: it was a dry run.
	NotSent Verdict = "not sent"
)

// A Report is what came of a check. Nothing in it is redacted: [Report.Text] and
// [Report.JSON] do that.
type Report struct {
	// Browser is the name of the engine, Origin that of the page, as serialized.
	Browser, Origin string
	// Initiator is what asks, nil for fetch(); Opaque says that the page may use and not read what it loads,
	// and Learns what comes of it, and what else is to be known, a sentence each.
	Initiator *explain.Initiator
	Opaque    bool
	Learns    []string
	name      string // by which it was asked for, among several

	// Method and URL are those of the request, normalized.
	Method, URL       string
	Mode, Credentials string

	Verdict Verdict
	// Permission is the name of what the user is asked for; "" where nobody is asked.
	Permission string

	missing string // which answer there is not one of, and what to do

	// Failure is why script gets no response; nil where it does.
	Failure *cors.Error
	// Steps are what happened, in order.
	Steps []transcript.Step
	// Response is what script gets; nil where it gets none.
	Response *Response
	// Advice is what to change; empty where it is allowed.
	Advice []explain.Advice
	// Explanation is what the failure means; nil where it is allowed.
	Explanation *explain.Explanation
	// Need is what the server would have to permit, and Server the id of the one
	// to which its answer points, "" for none; see [recipe.Configure].
	Need   recipe.Need
	Server string
	// Asked are the requests that were sent besides, to tell causes apart.
	Asked []*probe.Trial
	hint  bool // asking more can help

	// Besides is what goes wrong though script gets the response, such as a cookie that no
	// browser keeps.
	Besides []explain.Cause
	// Notes are what else to mind, a sentence each.
	Notes []string

	// secrets are headers with what was given as a secret, sent or not.
	secrets headers.List
}

// A Response is what script gets.
type Response struct {
	Type       string
	Status     int
	StatusText string
	URL        string
	Redirected bool
	// Headers are those that script can read; Hidden are the names of the others
	// that the server sent, in lower case.
	Headers headers.List
	Hidden  []string
	// BodyBytes is how many bytes of the body were read, and BodyEnd how that ended.
	BodyBytes int64
	BodyEnd   BodyEnd
}

// A BodyEnd says how reading a body ended.
type BodyEnd string

// How reading a body ends.
const (
	BodyComplete BodyEnd = "complete"
	BodyUnread   BodyEnd = "unread"  // it goes on; enough was read
	BodyFailed   BodyEnd = "failed"  // script gets an error when it reads it
	BodyNone     BodyEnd = "nothing" // script cannot read it
)

// argumentError turns what an API throws into what is wrong with an option.
func argumentError(err error) error {
	if e, ok := errors.AsType[*cors.Error](err); ok && e.Err != nil {
		return &ArgumentError{e.Subject, e.Err.Error()}
	}
	return err
}
