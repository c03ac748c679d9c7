package fetch

import (
	"errors"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Failure returns what an engine's console messages about the request are made
// from, given the error with which [Client.Do] returned, nil for none. Headers
// are those that script wrote; nil stands for those that the request took.
func (r *Request) Failure(err error, written headers.List) *browser.Failure {
	f := &browser.Failure{
		API: string(r.destination), PageURL: r.page.url.String(), Origin: r.page.origin.String(),
		Mode: string(r.mode), Redirect: string(r.redirect), Credentials: string(r.credentials),
		CORS: r.tainting == TaintingCORS, Headers: written, Response: r.lastResponse,
		AuthorizationByWildcard: r.wildcarded,
	}
	switch {
	case r.xhr:
		f.API = browser.APIXHR
	case f.API == "":
		f.API = browser.APIFetch
	}
	f.Err, _ = errors.AsType[*cors.Error](err)
	if f.Headers == nil {
		f.Headers = r.headers
	}
	f.URLs = make([]string, len(r.urlList))
	for i, url := range r.urlList {
		f.URLs[i] = url.String()
	}
	return f
}
