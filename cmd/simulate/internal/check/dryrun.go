package check

import (
	"context"
	"errors"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// errDryRun ends a fetch at the first request that is not a preflight.
var errDryRun = errors.New("nothing is sent in a dry run")

// dryNetwork sends nothing, and permits in a preflight what it asks for.
type dryNetwork struct{}

// RoundTrip answers a preflight as the most permissive server would, and refuses
// all else with errDryRun.
func (dryNetwork) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	if !r.Preflight {
		return nil, errDryRun
	}
	var list headers.List
	for asked, granted := range map[string]string{
		"Origin": "Access-Control-Allow-Origin", "Access-Control-Request-Method": "Access-Control-Allow-Methods",
		"Access-Control-Request-Headers": "Access-Control-Allow-Headers",
	} {
		if value, ok := r.Headers.Get(asked); ok {
			list.Append(granted, value)
		}
	}
	list.Append("Access-Control-Allow-Credentials", "true")
	return &fetch.NetworkResponse{Status: 204, Headers: list, Body: fetch.NoBody}, nil
}
