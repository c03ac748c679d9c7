package transcript

import (
	"context"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/peek"
)

// Network returns a network that goes over another and keeps the beginning of each
// response's body: what a server says there of a refusal is evidence. The fetch that is
// recorded must go over it.
func (r *Recorder) Network(n fetch.Network) fetch.Network { return &keepingNetwork{n, r} }

type keepingNetwork struct {
	fetch.Network
	recorder *Recorder
}

// RoundTrip goes over the network.
func (k *keepingNetwork) RoundTrip(ctx context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	response, err := k.Network.RoundTrip(ctx, n)
	if x := k.recorder.exchange; err == nil && x != nil && response.Body != fetch.NoBody {
		x.body = peek.New(response.Body)
		response.Body = x.body
	}
	return response, err
}

// Beginning returns the beginning of the response's body without its content codings, as
// far as it was kept.
func (x *Exchange) Beginning() string {
	if x.body == nil {
		return ""
	}
	return x.body.Beginning(x.ResponseHeaders)
}

// Seen returns the exchange as what causes are concluded from.
func (x *Exchange) Seen() explain.Seen {
	return explain.Seen{
		Method: x.Method, URL: x.URL, Request: x.Headers, Status: x.Status, Response: x.ResponseHeaders, Body: x.Beginning(),
	}
}

// Known returns what the recorder knows of the exchange that failed, which is the last, and
// of those before it.
func (r *Recorder) Known() explain.Exchange {
	known := explain.Exchange{Page: r.page.URL()}
	if r.exchange != nil && r.exchange.Answered {
		known.Response = append(headers.List{}, r.exchange.ResponseHeaders...)
		known.Body = r.exchange.Beginning()
	}
	for _, step := range r.Steps {
		if x := step.Exchange; x != nil && x != r.exchange && x.Answered {
			known.Others = append(known.Others, x.Seen())
		}
	}
	return known
}
