package check

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
)

// fail ends the report with a failure, given the request that failed and what is known of
// the exchanges.
func (r *Report) fail(e *cors.Error, request *cors.Request, known explain.Exchange) {
	r.Verdict, r.Failure = Blocked, e
	if e.Reason == cors.Timeout || e.Reason == cors.Aborted {
		r.Verdict = Undecidable
	}
	if e.Reason == cors.LocalNetworkPrompt {
		r.Verdict, r.Permission = Asks, e.Subject
	}
	r.Explanation = explain.Explain(e, request, known)
	r.Advice = r.Explanation.Advice
	r.Need = explain.NeedOf(e.URL, request)
	if ids := recipe.Guess(explain.HostOf(e.URL), known.Response); len(ids) > 0 {
		r.Server = ids[0]
	}
	r.dropVary(known.Response)
}

// dropVary removes the advice to add Vary where the response has it.
func (r *Report) dropVary(response headers.List) {
	vary, ok := response.Get("Vary")
	if !ok {
		return
	}
	names := headers.TokenListOf(vary)
	if !names.HasFold("origin") && !names.Has("*") {
		return
	}
	for i := range r.Advice {
		a := &r.Advice[i]
		var kept []explain.HeaderLine
		for _, h := range a.Headers {
			if a.Unseen || h.Name != "Vary" {
				kept = append(kept, h)
			}
		}
		a.Headers = kept
	}
}

// end adds to a report what must be said about a response that script gets.
func (r *Report) end(response *Response) {
	note := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
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
