package check

import (
	"context"
	"errors"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/explain"
)

// errNoAnswer ends a fetch at the first request that no given answer is for.
var errNoAnswer = errors.New("there is no answer to this request")

// answersNetwork answers with what somebody has typed or pasted, and sends nothing.
type answersNetwork struct {
	left []explain.Reply
	// asked is what the last request was that nothing was left for.
	asked *fetch.NetworkRequest
}

// RoundTrip answers a preflight with the first answer to OPTIONS, and any other request with
// the next one that is none. An answer of which the text does not tell the request is taken
// in the order in which a browser asks: the preflight's first.
func (n *answersNetwork) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	at := -1
	for i := range n.left {
		if fitsRequest(&n.left[i], r, len(n.left)-i) {
			at = i
			break
		}
	}
	if at < 0 {
		n.asked = r
		return nil, errNoAnswer
	}
	reply := n.left[at]
	n.left = append(append([]explain.Reply(nil), n.left[:at]...), n.left[at+1:]...)
	list := reply.Headers.Clone()
	// The body is pasted as text: nothing of how it was sent holds for it.
	for _, name := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		list.Delete(name)
	}
	return &fetch.NetworkResponse{Status: reply.Status, StatusText: reply.StatusText, Headers: list, Body: fetch.StringBody(reply.Body)}, nil
}

// fitsRequest reports whether an answer is for a request, where so many are left.
func fitsRequest(a *explain.Reply, r *fetch.NetworkRequest, left int) bool {
	switch {
	case a.Method != "":
		return (a.Method == "OPTIONS") == (r.Method == "OPTIONS")
	case !r.Preflight && left > 1:
		// Two answers to a request that needs no preflight: the first may be one that was asked for by hand.
		return a.Status != 204 && !a.Headers.Contains("Access-Control-Allow-Methods")
	}
	return true
}

// unanswered ends a report where an answer is missing.
func (r *Report) unanswered(n *answersNetwork) {
	r.Verdict = Undecidable
	if n.asked.Preflight {
		r.missing = "the answer to the preflight is missing: ask for it by curl -i -X OPTIONS, with the request headers below, and give it by --answer"
		return
	}
	r.missing = "so far it passes, but the answer to the " + n.asked.Method + " request itself is missing: it must permit the page too; give it by another --answer"
}
