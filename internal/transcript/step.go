package transcript

import (
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/peek"
)

// A Step is an exchange or a decision; the other is nil.
type Step struct {
	Exchange *Exchange
	Decision *Decision
}

// An Exchange is a request that went over the network, and its response.
type Exchange struct {
	Preflight   bool
	Method, URL string
	// Headers are those of the request, except what the connection needs. Script
	// has set those that AuthorSet names.
	Headers   headers.List
	AuthorSet map[string]bool // lower-case names
	// Unsent are the cookies that the request did not get, each with the reason.
	Unsent []fetch.CookieDecision
	// Answered says that a response came.
	Answered        bool
	Status          int
	StatusText      string
	ResponseHeaders headers.List
	// Refused say which cookies of the response are not stored, as [NotStored] does.
	Refused []string
	// RedirectedTo is the URL that the response led to; "" for none.
	RedirectedTo string

	body *peek.Body // nil where nothing of it was kept
}

// A Decision is what a browser decides on the way.
type Decision struct {
	Kind    Kind
	Outcome Outcome
	// Text says what was decided and by what, in a sentence without a full stop.
	Text string
	// Reason is the machine-readable reason of a failure.
	Reason string
	// Anchor is the address of the rule in the standard.
	Anchor string
	// Asks says that it is a reason why a preflight is sent first.
	Asks bool
}

// A Kind is what a decision is about.
type Kind string

// The kinds of decisions.
const (
	KindOrigin    Kind = "origin"    // is it subject to CORS?
	KindPreflight Kind = "preflight" // is a preflight needed? One decision a cause
	KindCheck     Kind = "check"     // does a response pass?
	KindRedirect  Kind = "redirect"  // where does it go on?
	KindCache     Kind = "cache"     // was it answered without the server?
	KindFailure   Kind = "failure"   // what else ended the fetch?
)

// An Outcome says whether something passed.
type Outcome string

// The outcomes of decisions.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	Said   Outcome = "said" // there was nothing to pass
)
