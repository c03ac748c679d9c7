package fetch

import (
	"errors"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
)

// ended tells the trace that the fetch is over, with an error or with nil.
func (f *fetching) ended(err error) {
	if f.trace == nil || f.trace.Ended == nil {
		return
	}
	failure := f.request.Request.Failure(err)
	r := &f.request
	failure.CORS, failure.Response, failure.AuthorizationByWildcard = r.tainting == TaintingCORS, r.lastResponse, r.authorizedByWildcard
	failure.URLs = make([]string, len(r.urlList))
	for i, url := range r.urlList {
		failure.URLs[i] = url.String()
	}
	f.trace.Ended(failure)
}

// Failure returns what an engine's console messages about a request are made from that was
// never fetched. [Trace.Ended] gets that of one that was.
func (r *Request) Failure(err error) *browser.Failure {
	f := &browser.Failure{
		API: string(r.destination), PageURL: r.page.url.String(), Origin: r.page.origin.String(),
		Mode: string(r.mode), Redirect: string(r.redirect), Credentials: string(r.credentials),
		Headers: r.headers, URLs: []string{r.url.String()},
	}
	switch {
	case r.xhr:
		f.API = browser.APIXHR
	case f.API == "":
		f.API = browser.APIFetch
	}
	f.Err, _ = errors.AsType[*cors.Error](err)
	return f
}
