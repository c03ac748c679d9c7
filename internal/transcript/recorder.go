package transcript

import (
	"fmt"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A Recorder writes down what a fetch does and decides.
type Recorder struct {
	// Steps are what happened so far, in order.
	Steps []Step
	// Timeout is how long the fetch may take, to be told if it took that long.
	Timeout time.Duration
	// Unanswered says that nothing is sent: requests are recorded with all headers that
	// would be, and what is received is not.
	Unanswered bool

	page   *fetch.Page
	author headers.List  // what script has set
	asked  *cors.Request // the latest that was decided about, or sent
	mode   fetch.Mode

	exchange    *Exchange // the last one
	preflighted string    // the URL that the last decision about a preflight was for
	spared      bool      // it was said that no preflight is needed
	crossOrigin bool      // one URL so far was cross-origin
	checked     error     // the last failure that is among the decisions already
	unsent      []fetch.CookieDecision
}

// NewRecorder returns a recorder of the fetch of a request by a page. Its first step says
// whether CORS is involved.
func NewRecorder(page *fetch.Page, request *fetch.Request) *Recorder {
	r := &Recorder{
		page: page, author: request.Headers(), mode: request.Mode(),
		asked: &cors.Request{
			Origin: page.Origin().String(), IncludeCredentials: request.Credentials() == fetch.CredentialsInclude,
			Method: request.Method(), Headers: request.Headers(),
		},
	}
	url, err := weburl.Parse(request.URL())
	if err != nil || !url.IsHTTP() {
		return r
	}
	switch {
	case url.Origin().SameOrigin(page.Origin()):
		r.decide(KindOrigin, Said, mainFetch, "same origin as the page: CORS asks for nothing")
	case r.mode == fetch.ModeNoCORS:
		r.decide(KindOrigin, Said, mainFetch, `mode "no-cors": CORS asks for nothing, and script can read nothing`)
	case r.mode == fetch.ModeCORS:
		r.leave(url)
	}
	return r
}

func (r *Recorder) decide(kind Kind, outcome Outcome, anchor, format string, args ...any) *Decision {
	d := &Decision{Kind: kind, Outcome: outcome, Text: fmt.Sprintf(format, args...), Anchor: anchor}
	r.Steps = append(r.Steps, Step{Decision: d})
	return d
}

const (
	mainFetch      = "https://fetch.spec.whatwg.org/#main-fetch"
	safelisted     = "https://fetch.spec.whatwg.org/#cors-safelisted-request-header"
	corsCheck      = "https://fetch.spec.whatwg.org/#concept-cors-check"
	preflightFetch = "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0"
	preflightCache = "https://fetch.spec.whatwg.org/#concept-cache"
	httpCache      = "https://fetch.spec.whatwg.org/#http-network-or-cache-fetch"
	redirectFetch  = "https://fetch.spec.whatwg.org/#http-redirect-fetch"
)

// Trace returns the trace that tells the recorder what the fetch does.
func (r *Recorder) Trace() *fetch.Trace {
	return &fetch.Trace{
		PreflightNeeded: func(url string, asked *cors.Request, causes []cors.Cause) {
			r.preflighted, r.asked = url, asked
			for _, cause := range causes {
				r.decide(KindPreflight, Said, cause.Anchor(), "%s", cause).Asks = true
			}
		},
		PreflightCached: func(url string) {
			r.preflighted = url
			r.decide(KindPreflight, Said, preflightCache, "an earlier preflight permits it")
		},
		CookieNotSent:    func(_ string, cookie fetch.CookieDecision) { r.unsent = append(r.unsent, cookie) },
		CookieRefused:    r.refused,
		RequestSent:      r.sent,
		ResponseReceived: r.received,
		Checked:          r.check,
		CacheUsed: func(_ string, validated bool) {
			text := "the response is one that the HTTP cache has"
			if validated {
				text += ", which the server says is still good"
			}
			r.decide(KindCache, Said, httpCache, "%s", text)
		},
		Redirected: func(_, to string, _ int) {
			r.decide(KindRedirect, Said, redirectFetch, "redirected to %s", to)
			if r.exchange != nil {
				r.exchange.RedirectedTo = to
			}
			if url, err := weburl.Parse(to); err == nil && r.mode == fetch.ModeCORS {
				r.leave(url)
			}
		},
	}
}

// leave says so when a URL is the first that is not of the page's origin.
func (r *Recorder) leave(url *weburl.URL) {
	if r.crossOrigin || url.Origin().SameOrigin(r.page.Origin()) {
		return
	}
	r.crossOrigin = true
	r.decide(KindOrigin, Said, mainFetch, "%s is another origin than the page's, %s: the server must agree", url.Origin(), r.page.Origin())
}

func (r *Recorder) sent(n *fetch.NetworkRequest, asked *cors.Request) {
	r.asked = asked
	if !n.Preflight && r.crossOrigin && r.preflighted != n.URL && r.mode == fetch.ModeCORS && !r.spared {
		r.spared = true // to say so once is enough, however many redirects follow
		r.decide(KindPreflight, Said, safelisted, "no preflight: the method and all headers are CORS-safelisted")
	}
	r.exchange = &Exchange{Preflight: n.Preflight, Method: n.Method, URL: n.URL, Headers: n.Headers.Clone(), AuthorSet: map[string]bool{}}
	if r.Unanswered {
		if written, err := n.Written(); err == nil {
			r.exchange.Headers = written
		}
	}
	if !n.Preflight {
		r.preflighted = ""
		for _, h := range r.author {
			r.exchange.AuthorSet[headers.Lower(h.Name)] = true
		}
		r.exchange.Unsent, r.unsent = r.unsent, nil
	}
	r.Steps = append(r.Steps, Step{Exchange: r.exchange})
}

func (r *Recorder) received(_ *fetch.NetworkRequest, response *fetch.NetworkResponse) {
	if r.Unanswered {
		return
	}
	x := r.exchange
	x.Answered, x.Status, x.StatusText, x.ResponseHeaders = true, response.Status, response.StatusText, response.Headers.Clone()
}

func (r *Recorder) refused(_, setCookie, why string) {
	if r.exchange != nil {
		r.exchange.Refused = append(r.exchange.Refused, NotStored(setCookie, why))
	}
}

func (r *Recorder) check(_ string, asked *cors.Request, preflight bool, err error) {
	r.asked = asked
	if r.Unanswered {
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
	value := ""
	if r.exchange != nil {
		value, _ = r.exchange.ResponseHeaders.Get("Access-Control-Allow-Origin")
	}
	text := fmt.Sprintf("Access-Control-Allow-Origin is %s", value)
	if asked.IncludeCredentials {
		text += ", and Access-Control-Allow-Credentials is true"
	}
	r.decide(KindCheck, Passed, corsCheck, "%s", text)
}

func (r *Recorder) failed(kind Kind, e *cors.Error) {
	text := *e
	text.Preflight = false // where it is among the steps says so
	if _, same := e.Err.(cors.Reason); same {
		text.Err = nil
	}
	if e.Reason == cors.Timeout {
		text.Err, text.Subject = nil, "there is no answer after "+r.Timeout.String()
	}
	r.decide(kind, Failed, e.Reason.Anchor(), "%s", text.Detail()).Reason = e.Reason.String()
}

// Fail adds the failure with which the fetch ended, unless a check said so already.
func (r *Recorder) Fail(e *cors.Error) {
	if r.checked != error(e) {
		r.failed(KindFailure, e)
	}
}

// Last returns the last exchange, nil where there was none.
func (r *Recorder) Last() *Exchange { return r.exchange }

// Request returns the request that was decided about last: the one that failed, if one
// did. Of a preflight it is the request that this asks for.
func (r *Recorder) Request() *cors.Request { return r.asked }
