package transcript

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// A script answers requests, by their method and URL, with a status and header lines.
type script map[string]string

func (s script) RoundTrip(_ context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	lines := strings.Split(s[n.Method+" "+n.URL], "\n")
	if lines[0] == "" {
		return nil, cors.Transport
	}
	r := &fetch.NetworkResponse{Status: 200, Body: fetch.NoBody}
	if lines[0] == "307" {
		r.Status = 307
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Headers.Append(name, value)
	}
	return r, nil
}

const allow = "\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: x-a"

// The request that failed is the one that was decided about: of a preflight, what it asks
// for; after a redirect, with the origin and the method that the request then has.
func TestRequestThatFailed(t *testing.T) {
	page, err := fetch.NewPage("https://app.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	set := headers.List{{Name: "x-a", Value: "1"}}
	for _, test := range []struct {
		name    string
		url     string
		network script
		want    cors.Request
		steps   []string
	}{
		{"nothing is sent", "ftp://api.example/", nil, cors.Request{Origin: "https://app.example", Method: "PUT", Headers: set}, nil},
		{"the preflight", "https://api.example/", script{"OPTIONS https://api.example/": "200"},
			cors.Request{Origin: "https://app.example", Method: "PUT", Headers: set}, []string{"OPTIONS"}},
		{"no answer to the preflight", "https://api.example/", nil, cors.Request{Origin: "https://app.example", Method: "PUT", Headers: set}, []string{"OPTIONS"}},
		{"the response", "https://api.example/", script{"OPTIONS https://api.example/": "200" + allow, "PUT https://api.example/": "200"},
			cors.Request{Origin: "https://app.example", Method: "PUT", Headers: set}, []string{"OPTIONS", "PUT"}},
		{"the preflight behind a redirect to another origin", "https://api.example/", script{
			"OPTIONS https://api.example/": "200" + allow, "PUT https://api.example/": "307" + allow + "\nLocation: https://other.example/", "OPTIONS https://other.example/": "200" + allow,
		}, cors.Request{Origin: "null", Method: "PUT", Headers: set}, []string{"OPTIONS", "PUT", "OPTIONS"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := fetch.NewRequest(page, test.url, &fetch.Init{Method: "PUT", Headers: headers.List{{Name: "X-A", Value: "1"}}})
			if err != nil {
				t.Fatal(err)
			}
			r := NewRecorder(page, request)
			if _, err := (&fetch.Client{Network: test.network}).Do(fetch.WithTrace(t.Context(), r.Trace()), request); err == nil {
				t.Fatal("it is allowed")
			}
			got := *r.Request()
			got.Headers = got.Headers.SortAndCombine()
			got.Headers.Delete("accept") // which the browser sets
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			var sent []string
			for _, s := range r.Steps {
				if s.Exchange != nil {
					sent = append(sent, s.Exchange.Method)
				}
			}
			if diff := cmp.Diff(test.steps, sent); diff != "" {
				t.Error(diff)
			}
		})
	}
}
