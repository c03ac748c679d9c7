// Package scenario implements the scenario format, version 1.1: one JSON object
// that says who asks, what the servers would answer and what is asked, in
// order, so that a browser and the engine can run the same experiment; and the
// outcome format, which says what came of it.
//
// [Reader] and [Decode] read scenarios, [Servers] answers their requests,
// [Outcome.AppendJSON] and [DecodeOutcome] write and read outcomes, and [Diff]
// compares two of them.
package scenario

import (
	"time"

	"github.com/corsim/corsim/headers"
)

// An Optional is a field that may be absent, which is not the same as being
// given its zero value: the referrer "" asks for no referrer, for instance, and
// the body "" is a body. The zero value is absent.
type Optional[T any] struct {
	Value T
	Given bool
}

// Some returns an Optional that is given v.
func Some[T any](v T) Optional[T] { return Optional[T]{v, true} }

// Or returns the value of o, and v where it is absent.
func (o Optional[T]) Or(v T) T {
	if o.Given {
		return o.Value
	}
	return v
}

// pointer returns where the value of o is, nil where it is absent.
func (o *Optional[T]) pointer() *T {
	if o.Given {
		return &o.Value
	}
	return nil
}

// A Scenario is one experiment.
type Scenario struct {
	ID      string // names it in outcomes
	Source  string // where it comes from, for people
	Client  Client
	Servers []Server
	Steps   []Step
}

// A Client is the document that asks.
type Client struct {
	URL            string // of the document, and where its referrer comes from
	Origin         string // serialized; "null" for an opaque one; "" for the origin of URL
	ReferrerPolicy string // of the document; "" for the platform's default
	TopLevel       string // URL of the top-level document; "" for URL

	Environment // what decides besides CORS
}

// A Server is what one URL answers.
type Server struct {
	URL     string
	Answers []Answer

	// AddressSpace is where the address is to which the URL's host resolves, one of
	// [AddressSpaces]; "" for what the host says.
	AddressSpace string
	// Protocol is "h2" for HTTP/2, and "" for HTTP/1.1.
	Protocol string
}

// An Answer is a response of a scripted server, sent as it stands.
type Answer struct {
	Method  string // of the requests that it answers, byte for byte; "*" or "" for any
	Status  int    // 100 to 999; [Decode] gives 200 where it is absent
	Headers headers.List
	Body    string // bytes
	Times   int    // how many requests it answers; 0 for no limit

	Interim  []Interim    // informational responses, sent before it
	Trailers headers.List // over HTTP/2: header fields after the body
	Reset    string       // over HTTP/2: the name of the error code with which the stream is reset instead; "" for none
	GoAway   bool         // over HTTP/2: the connection is shut down after it

	// Raw, unless empty, are the bytes of the whole response, instead of what is made of Status,
	// Headers and Body. The connection ends after them. Over https, Truncated ends it without a
	// close_notify.
	Raw       string
	Truncated bool

	// NotBytes is not nil where a header or the body has a code point above
	// U+00FF, for which there is no byte. Such an answer cannot be sent. It is no
	// error of the whole scenario, since no request may ever reach the answer;
	// where one does, the scenario cannot be measured, and this says why.
	NotBytes *LineError
}

// The values of [Step.API].
const (
	APIFetch = "fetch"
	APIXHR   = "xhr"
)

// A Step is one call of an API, with its arguments as a page would give them:
// neither normalized nor validated. What the API itself would refuse, such as
// a mode that there is not, is for the engine to refuse.
type Step struct {
	API    string // [APIFetch] or [APIXHR]; [Decode] gives [APIFetch] where it is absent
	URL    string // may be relative to the client's
	Method Optional[string]

	// Headers has the bytes to which the strings of the scenario convert.
	Headers headers.List

	// NotByteString is not nil where a header has a code point above U+00FF. No
	// byte stands for it, and converting it throws a TypeError in fetch() and in
	// setRequestHeader() alike: the step throws. Headers has those before it.
	//
	// https://webidl.spec.whatwg.org/#js-ByteString
	NotByteString *LineError

	// Body is text, to be sent as UTF-8; with [APIFetch] and the BodyType "stream" as a ReadableStream. BodyBytes are bytes, to be sent as they
	// are, nil where absent. At most one of them is given.
	Body      Optional[string]
	BodyBytes []byte

	// ContentTypeFromBody is true where it is absent; false sends Body as bytes,
	// so that no Content-Type is set for it.
	ContentTypeFromBody Optional[bool]

	Mode, Credentials, Redirect, Referrer, ReferrerPolicy, Cache Optional[string]

	Integrity   string // the integrity metadata; "" for none
	Keepalive   bool
	Destination string // of the request; "" for that of fetch()

	WithCredentials bool // with [APIXHR]
	UploadListener  bool // with [APIXHR]: a listener on upload, registered before send()

	TargetAddressSpace Optional[string] // with [APIFetch]: the member of its init
	User, Password     Optional[string] // with [APIXHR]: the last arguments of open()

	sync bool // with [APIXHR]: the request is a synchronous one

	// These are of the other APIs: content attributes, and what the constructors are given.
	CrossOrigin, FetchPriority, As, Type, BodyType, WorkerType, Enctype Optional[string]
	Listen                                                              Optional[int64] // milliseconds
	Timing                                                              bool            // say whether the timing entry is detailed

	Wait time.Duration // how long to wait, or to move the clock, before the step
}

// An Outcome is what came of a scenario.
type Outcome struct {
	ID    string // of the scenario
	Error string // why it could not be measured; "" where it could
	Steps []StepOutcome
}

// The values of [StepOutcome.Result].
const (
	ResultLoad         = "load"
	ResultError        = "error"
	ResultDone         = "done" // of APIs that tell nothing
	ResultResponse     = "response"
	ResultNetworkError = "network-error" // a rejected promise, or XMLHttpRequest's error
	ResultThrows       = "throws"        // the arguments were refused before anything was sent
	ResultTimeout      = "timeout"       // of a browser: no end within 8 s
)

// A StepOutcome is what came of a step, as far as the page and the servers
// could tell.
type StepOutcome struct {
	Result string

	// These are the zero values but with [ResultResponse]. Type is "" and
	// Redirected false with [APIXHR], which does not tell them.
	Type       string
	Status     int
	StatusText string // bytes
	URL        string
	Redirected bool
	Headers    headers.List     // what the page could read, in the order in which it could
	Body       Optional[string] // bytes; absent where reading it failed

	Loaded Loaded // with the APIs other than fetch() and XMLHttpRequest

	Requests []Request // that reached a server, in order
	Console  []string  // messages that were logged, and the exception's text
	Reason   string    // the engine's own, machine-readable
}

// Loaded is what an element or API tells, each member where it tells it.
type Loaded struct {
	Tainted, Muted, Rules, Applied, Queued, Readable, Timing Optional[bool]

	Opened, ReadyState Optional[int64]
	Messages           []EventMessage
}

// An EventMessage is an event of an EventSource: type, data, last event ID and origin.
type EventMessage [4]string

// A Request is a request as a server saw it.
type Request struct {
	Method  string
	URL     string
	Headers headers.List // lower-case names, sorted by name
}
