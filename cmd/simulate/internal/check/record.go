package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/weburl"
)

// recorder writes down what a fetch does and decides.
type recorder struct {
	report  *Report
	page    *fetch.Page
	author  headers.List // what script has set
	include bool         // the credentials mode is "include"
	mode    fetch.Mode
	timeout time.Duration
	dry     bool // what is received was never sent

	exchange    *Exchange // the last one
	preflighted string    // the URL that the last decision about a preflight was for
	spared      bool      // it was said that no preflight is needed
	crossOrigin bool      // one URL so far was cross-origin
	checked     error     // the last failure that is among the decisions already
}

func (r *recorder) decide(kind Kind, outcome Outcome, anchor, format string, args ...any) {
	r.report.Steps = append(r.report.Steps, Step{Decision: &Decision{
		Kind: kind, Outcome: outcome, Text: fmt.Sprintf(format, args...), Anchor: anchor,
	}})
}

// last returns the decision that was just made.
func (r *recorder) last() *Decision { return r.report.Steps[len(r.report.Steps)-1].Decision }

const (
	mainFetch      = "https://fetch.spec.whatwg.org/#main-fetch"
	safelisted     = "https://fetch.spec.whatwg.org/#cors-safelisted-request-header"
	corsCheck      = "https://fetch.spec.whatwg.org/#concept-cors-check"
	preflightFetch = "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0"
	preflightCache = "https://fetch.spec.whatwg.org/#concept-cache"
	redirectFetch  = "https://fetch.spec.whatwg.org/#http-redirect-fetch"
)

// begin says whether the request is subject to CORS.
func (r *recorder) begin(request *fetch.Request) {
	r.mode = request.Mode()
	url, err := weburl.Parse(request.URL())
	if err != nil || !url.IsHTTP() {
		return
	}
	switch {
	case url.Origin().SameOrigin(r.page.Origin()):
		r.decide(KindOrigin, Said, mainFetch, "same origin as the page: CORS asks for nothing")
	case r.mode == fetch.ModeNoCORS:
		r.decide(KindOrigin, Said, mainFetch, `mode "no-cors": CORS asks for nothing, and script can read nothing`)
	case r.mode == fetch.ModeCORS:
		r.crossOrigin = true
		r.decide(KindOrigin, Said, mainFetch, "%s is another origin than the page's, %s: the server must agree", url.Origin(), r.page.Origin())
	}
}

func (r *recorder) trace() *fetch.Trace {
	return &fetch.Trace{
		PreflightNeeded: func(url string, causes []cors.Cause) {
			r.preflighted = url
			for _, cause := range causes {
				r.decide(KindPreflight, Said, cause.Anchor(), "%s", cause)
				r.last().asks = true
			}
		},
		PreflightCached: func(url string) {
			r.preflighted = url
			r.decide(KindPreflight, Said, preflightCache, "an earlier preflight permits it")
		},
		RequestSent:      r.sent,
		ResponseReceived: r.received,
		Checked:          r.check,
		Redirected: func(from, to string, status int) {
			r.decide(KindRedirect, Said, redirectFetch, "redirected to %s", to)
			r.crossed(to)
		},
	}
}

// crossed says so when a redirect is the first thing to leave the page's origin.
func (r *recorder) crossed(to string) {
	url, err := weburl.Parse(to)
	if err != nil || r.crossOrigin || r.mode != fetch.ModeCORS || url.Origin().SameOrigin(r.page.Origin()) {
		return
	}
	r.crossOrigin = true
	r.decide(KindOrigin, Said, mainFetch, "%s is another origin than the page's, %s: the server must agree", url.Origin(), r.page.Origin())
}

func (r *recorder) sent(n *fetch.NetworkRequest) {
	if !n.Preflight && r.crossOrigin && r.preflighted != n.URL && r.mode == fetch.ModeCORS && !r.spared {
		r.spared = true // to say so once is enough, however many redirects follow
		r.decide(KindPreflight, Said, safelisted, "no preflight: the method and all headers are CORS-safelisted")
	}
	if !n.Preflight {
		r.preflighted = ""
	}
	r.exchange = &Exchange{
		Preflight: n.Preflight, Method: n.Method, URL: n.URL, Headers: n.Headers.Clone(), AuthorSet: map[string]bool{},
	}
	if !n.Preflight {
		for _, h := range r.author {
			r.exchange.AuthorSet[headers.Lower(h.Name)] = true
		}
	}
	r.report.Steps = append(r.report.Steps, Step{Exchange: r.exchange})
}

func (r *recorder) received(_ *fetch.NetworkRequest, response *fetch.NetworkResponse) {
	if r.dry {
		return
	}
	x := r.exchange
	x.Answered, x.Status, x.StatusText, x.ResponseHeaders = true, response.Status, response.StatusText, response.Headers.Clone()
}

func (r *recorder) check(_ string, preflight bool, err error) {
	if r.dry {
		return
	}
	if e, ok := err.(*cors.Error); ok {
		r.checked = err
		for _, failure := range e.All() {
			// The fetch says only later which status it was.
			if failure.Status == 0 && r.exchange != nil {
				failure.Status = r.exchange.Status
			}
			r.failed(KindCheck, failure)
		}
		return
	}
	if preflight {
		r.decide(KindCheck, Passed, preflightFetch, "the response to the preflight permits the request")
		return
	}
	value, _ := r.exchange.ResponseHeaders.Get("Access-Control-Allow-Origin")
	text := fmt.Sprintf("Access-Control-Allow-Origin is %s", value)
	if r.include {
		text += ", and Access-Control-Allow-Credentials is true"
	}
	r.decide(KindCheck, Passed, corsCheck, "%s", text)
}

func (r *recorder) failed(kind Kind, e *cors.Error) {
	text := *e
	text.Preflight = false // where it stands says so
	if _, same := e.Err.(cors.Reason); same {
		text.Err = nil
	}
	if e.Reason == cors.Timeout {
		text.Err, text.Subject = nil, "there is no answer after "+r.timeout.String()
	}
	r.decide(kind, Failed, e.Reason.Anchor(), "%s", text.Error())
	r.last().Reason = e.Reason.String()
}

// fail ends the report with a failure.
func (r *recorder) fail(e *cors.Error) {
	r.report.Verdict, r.report.Failure = Blocked, e
	if e.Reason == cors.Timeout || e.Reason == cors.Aborted {
		r.report.Verdict = Undecidable
	}
	if r.checked != error(e) {
		r.failed(KindFailure, e)
	}
	known := explain.Exchange{Page: r.page.URL()}
	if r.exchange != nil && r.exchange.Answered {
		known.Response = append(headers.List{}, r.exchange.ResponseHeaders...)
	}
	r.report.Explanation = explain.Explain(e, r.request(), known)
	r.report.Advice = r.report.Explanation.Advice
	r.report.Need = explain.NeedOf(r.request())
	if ids := explain.Guess(known.Response); len(ids) > 0 {
		r.report.Server = ids[0]
	}
	if r.exchange != nil && r.exchange.Answered {
		r.dropVary()
	}
}

// request returns the last request as it failed.
func (r *recorder) request() *cors.Request {
	failed := &cors.Request{
		Origin: r.page.Origin().String(), IncludeCredentials: r.include, Method: r.report.Method, Headers: r.author,
	}
	if r.exchange == nil {
		return failed
	}
	failed.Method = r.exchange.Method
	if from, ok := r.exchange.Headers.Get("Origin"); ok {
		failed.Origin = from
	}
	if !r.exchange.Preflight {
		return failed
	}
	failed.Method, _ = r.exchange.Headers.Get("Access-Control-Request-Method")
	// Redirects may have removed headers.
	names := r.exchange.Headers.GetDecodeAndSplit("Access-Control-Request-Headers")
	failed.Headers = nil
	for _, h := range r.author {
		for _, name := range names {
			if headers.EqualFold(name, h.Name) {
				failed.Headers = append(failed.Headers, h)
			}
		}
	}
	return failed
}

// dropVary removes the advice to add Vary where the response has it.
func (r *recorder) dropVary() {
	vary, ok := r.exchange.ResponseHeaders.Get("Vary")
	if !ok {
		return
	}
	names := headers.TokenListOf(vary)
	if !names.HasFold("origin") && !names.Has("*") {
		return
	}
	for i := range r.report.Advice {
		a := &r.report.Advice[i]
		var kept []explain.HeaderLine
		for _, h := range a.Headers {
			if a.Unseen || h.Name != "Vary" {
				kept = append(kept, h)
			}
		}
		a.Headers = kept
	}
}

// end adds to a report what is to be said about a response that script gets.
func (r *recorder) end(response *Response) {
	report := r.report
	note := func(format string, args ...any) { report.Notes = append(report.Notes, fmt.Sprintf(format, args...)) }
	switch {
	case response.Type == "opaque":
		note(`Mode "no-cors" gives script an opaque response: it can see neither status, nor headers, nor body.`)
	case response.Type == "opaqueredirect":
		note(`Redirect mode "manual" gives script an opaque response: it can see that there was a redirect, and nothing else.`)
	case response.Status >= 400:
		note("The server answered with status %d. CORS lets script see that.", response.Status)
	}
	if response.BodyEnd == BodyFailed {
		note("Reading the body failed after %d bytes: script gets an error when it reads it.", response.BodyBytes)
	}
	if hidden := response.exposable(); len(hidden) > 0 && response.Type == "cors" {
		note("Should script need a hidden header, list it: Access-Control-Expose-Headers: %s", strings.Join(hidden, ", "))
	}
}

// exposable returns the hidden names that a server might want to expose: those
// that are neither for the browser alone nor about the connection.
func (r *Response) exposable() (names []string) {
	for _, name := range r.Hidden {
		switch {
		case headers.IsForbiddenResponseHeaderName(name), strings.HasPrefix(name, "access-control-"),
			strings.HasPrefix(name, "cross-origin-"), strings.HasPrefix(name, "sec-"), len(names) == 5:
			continue
		}
		switch name {
		case "date", "server", "connection", "keep-alive", "transfer-encoding", "vary", "content-encoding", "alt-svc",
			"strict-transport-security", "x-content-type-options", "x-frame-options", "content-security-policy",
			"referrer-policy", "permissions-policy", "timing-allow-origin", "accept-ranges", "via", "x-powered-by":
			continue
		}
		names = append(names, name)
	}
	return names
}
