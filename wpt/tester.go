package wpt

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/internal/transcript"
)

// A Case is one subtest.
type Case struct {
	File     string // upstream's path
	Subtest  string // upstream's name of it
	Requires string // what it requires
	Anchor   string // where that is written

	client scenario.Client
	run    func(*tester)
}

// A tester runs one case in a user agent of its own.
type tester struct {
	*Case
	ctx    context.Context
	client fetch.Client
	page   *fetch.Page
	// uuids are tokens that no other case has.
	uuids [uuids]string
	// waited is how much further than the real one the case's clock is.
	waited time.Duration
	// ignoreBody says that the next response's body is not to be read.
	ignoreBody bool
	// where begins each problem.
	where    string
	problems []string
	trace    strings.Builder
}

// stopped is what fatalf panics with.
type stopped struct{}

func newTester(ctx context.Context, c *Case, network fetch.Network, engine *browser.Engine) *tester {
	t := &tester{Case: c, ctx: ctx}
	for i := range t.uuids {
		t.uuids[i] = newUUID()
	}
	t.client = fetch.Client{
		Network: network, Engine: engine, HTTPCache: httpcache.New(httpcache.Options{}), UserAgent: "corsim",
		Now: func() time.Time { return time.Now().Add(t.waited) },
	}
	t.client.Jar = cookies.New(cookies.Options{Policy: cookies.PolicyFor(engine), Now: t.client.Now})
	return t
}

// newUUID returns a random UUID, the form in which handlers want their tokens.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// do runs the case.
func (t *tester) do() {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(stopped); !ok {
				t.problems = append(t.problems, fmt.Sprintf("panic: %v", r))
			}
		}
	}()
	client := t.Case.client
	if client.URL == "" {
		client.URL = pageURL(t.File)
	}
	t.page = t.newPage(client)
	t.run(t)
}

func (t *tester) newPage(c scenario.Client) *fetch.Page {
	page, err := scenario.NewPage(&c)
	if err != nil {
		t.fatalf("the page: %v", err)
	}
	return page
}

func (t *tester) errorf(format string, args ...any) {
	t.problems = append(t.problems, t.where+fmt.Sprintf(format, args...))
}

func (t *tester) fatalf(format string, args ...any) {
	t.errorf(format, args...)
	panic(stopped{})
}

// equal compares what is with what should be.
func (t *tester) equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		t.errorf("%s: got %s, want %s", what, show(got), show(want))
	}
}

// show returns a value as a person reads it.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case *string:
		if v == nil {
			return "none"
		}
		return fmt.Sprintf("%q", *v)
	case string, []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// A result is what came of one call.
type result struct {
	scenario.StepOutcome
	// err says why there is no response.
	err      error
	response *fetch.Response
	steps    []transcript.Step
}

// dataStep runs a step of a case that is data.
func (t *tester) dataStep(s *dataStep) *result {
	t.waited += s.Wait
	t.ignoreBody = s.ignoreBody
	defer func() { t.ignoreBody = false }()
	if s.blobType == nil && s.integrity == "" {
		r, err := s.Request(t.page)
		return t.finish(&s.Step, r, err)
	}
	var body *fetch.Body
	switch {
	case s.blobType != nil:
		body = fetch.Blob([]byte(s.Body.Value), *s.blobType)
	case s.Body.Given:
		body = fetch.Text(s.Body.Value)
	}
	if s.API == scenario.APIXHR {
		return t.xhr(s.URL, &fetch.XHR{
			Method: s.Method.Value, Headers: s.Headers, Body: body,
			WithCredentials: s.WithCredentials, UploadListener: s.UploadListener,
		})
	}
	init, err := s.Init()
	if err != nil {
		return t.finish(&s.Step, nil, err)
	}
	init.Body, init.Integrity = body, s.integrity
	return t.fetch(s.URL, init)
}

// fetch calls fetch().
func (t *tester) fetch(url string, init *fetch.Init) *result {
	r, err := fetch.NewRequest(t.page, url, init)
	return t.finish(&scenario.Step{API: scenario.APIFetch}, r, err)
}

// xhr sends an XMLHttpRequest.
func (t *tester) xhr(url string, x *fetch.XHR) *result {
	r, err := fetch.NewXHR(t.page, url, x)
	return t.finish(&scenario.Step{API: scenario.APIXHR}, r, err)
}

// finish sends a request, unless it could not be made.
func (t *tester) finish(s *scenario.Step, r *fetch.Request, err error) *result {
	if err != nil {
		fmt.Fprintf(&t.trace, "threw %s: %v\n", fetch.ExceptionName(err), err)
		return &result{
			StepOutcome: scenario.StepOutcome{Result: scenario.ResultThrows, Reason: cors.ReasonOf(err).String()}, err: err,
		}
	}
	recorder := transcript.NewRecorder(t.page, r)
	response, err := t.client.Do(fetch.WithTrace(t.ctx, recorder.Trace()), r)
	t.trace.WriteString(transcript.Format(recorder.Steps))
	if err != nil {
		fmt.Fprintf(&t.trace, "network error: %v\n", err)
	}
	if err == nil && t.ignoreBody {
		response.Body.Close()
		response.Body = fetch.NoBody
	}
	return &result{StepOutcome: s.Outcome(response, err), err: err, response: response, steps: recorder.Steps}
}

// expect compares the outcome of a step with what must come of it.
func (t *tester) expect(e *expectation, r *result) {
	want := e.Result
	switch {
	case want != "":
	case e.Exception != nil:
		want = scenario.ResultThrows
	default:
		want = scenario.ResultResponse
	}
	if e.Preflights != nil {
		t.equal("preflights", r.preflights(), *e.Preflights)
	}
	if e.Requests != nil {
		methods := []string{}
		for _, step := range r.steps {
			if x := step.Exchange; x != nil {
				methods = append(methods, x.Method)
			}
		}
		t.equal("requests", methods, e.Requests)
	}
	if r.Result != want {
		if r.err != nil {
			t.fatalf("got %s (%v), want %s", r.Result, r.err, want)
		}
		t.fatalf("got a response (status %d), want %s", r.Status, want)
	}
	for name, value := range e.HeadersNot {
		if got, ok := r.Headers.Get(name); ok && headers.IsomorphicDecode(got) == value {
			t.errorf("header %s is %q", name, value)
		}
	}
	if e.Exception != nil {
		t.equal("exception", fetch.ExceptionName(r.err), *e.Exception)
	}
	if want != scenario.ResultResponse {
		return
	}
	compare(t, "type", e.Type, r.Type)
	compare(t, "status", e.Status, r.Status)
	compare(t, "statusText", e.StatusText, r.StatusText)
	compare(t, "url", e.URL, r.URL)
	compare(t, "redirected", e.Redirected, r.Redirected)
	compare(t, "body", e.Body, r.Body.Value)
	for name, value := range e.Headers {
		t.header(r, name, value)
	}
	for _, part := range e.BodyHas {
		if !strings.Contains(r.Body.Value, part) {
			t.errorf("body %q does not contain %q", r.Body.Value, part)
		}
	}
	if e.JSON != nil {
		t.json(r, e.JSON)
	}
}

func compare[T comparable](t *tester, what string, want *T, got T) {
	if want != nil && *want != got {
		t.errorf("%s: got %s, want %s", what, show(got), show(*want))
	}
}

// preflights counts the CORS-preflight requests.
func (r *result) preflights() (n int) {
	for _, step := range r.steps {
		if x := step.Exchange; x != nil && x.Preflight {
			n++
		}
	}
	return n
}

// header compares a header, whose value is bytes, with a string whose code
// points stand for them, nil for none or true for any.
func (t *tester) header(r *result, name string, want any) {
	var got any
	if value, ok := r.Headers.Get(name); ok {
		got = headers.IsomorphicDecode(value)
		if want == true {
			return
		}
	}
	t.equal(name, got, want)
}

// json compares the body with what JSON decodes to.
func (t *tester) json(r *result, want any) {
	var got any
	if err := json.Unmarshal([]byte(r.Body.Value), &got); err != nil {
		t.fatalf("the body %q is not JSON: %v", r.Body.Value, err)
	}
	object, ok := want.(map[string]any)
	if !ok {
		t.equal("JSON", got, want)
		return
	}
	members, ok := got.(map[string]any)
	if !ok {
		t.fatalf("the body %q is no object", r.Body.Value)
	}
	for name, value := range object {
		t.equal("JSON member "+name, members[name], value)
	}
}

// list returns headers of names and values, one after another.
func list(pairs ...string) (l headers.List) {
	for pair := range slices.Chunk(pairs, 2) {
		l.Append(pair[0], pair[1])
	}
	return l
}
