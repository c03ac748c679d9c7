package transcript

import (
	"context"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/peek"
)

// MayAskAgain reports whether one more preflight can tell why the first was refused: middleware that
// leaves out every header where a part of the request does not match looks as if it refused
// the origin.
func (a *Attempt) MayAskAgain() bool {
	e := a.CORSError()
	if e == nil || !e.Preflight || e.Status == 0 {
		return false
	}
	switch e.Reason {
	case cors.MissingAllowOrigin, cors.PreflightStatus:
		return a.request.Method != "GET" || len(cors.PreflightHeaders(a.request)) > len(cors.PreflightHeaders(a.plain()))
	}
	return false
}

// plain is the request with as little to permit as can be.
func (a *Attempt) plain() *cors.Request {
	return &cors.Request{Origin: a.request.Origin, Method: "GET", IncludeCredentials: a.request.IncludeCredentials}
}

// askAgainWithin is how long the answer to one more preflight is waited for.
const askAgainWithin = 5 * time.Second

// AskAgain asks the server by a preflight whether it permits a GET without headers, and lets the
// attempts, which are of the same request, conclude from its answer.
func AskAgain(ctx context.Context, network fetch.Network, attempts ...*Attempt) {
	a := attempts[0]
	ctx, cancel := context.WithTimeout(ctx, askAgainWithin)
	defer cancel()
	list := append(headers.List{{Name: "Accept", Value: "*/*"}}, cors.PreflightHeaders(a.plain())...)
	list.Set("Origin", a.request.Origin)
	n := &fetch.NetworkRequest{Method: "OPTIONS", URL: a.CORSError().URL, Headers: list, Preflight: true}
	response, err := network.RoundTrip(ctx, n)
	if err != nil {
		return // then the first answer is all that there is to conclude from
	}
	body := peek.New(response.Body)
	body.Close()
	seen := explain.Seen{Method: n.Method, URL: n.URL, Request: n.Headers, Status: response.Status, Response: response.Headers, Body: body.Beginning(response.Headers)}
	for _, a := range attempts {
		a.known.Others = append(a.known.Others, seen)
	}
}
