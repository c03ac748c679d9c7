package transcript

import (
	"context"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

// Load is [Run] for what an element of a page loads.
func Load(ctx context.Context, client *fetch.Client, page *fetch.Page, initiator fetch.Initiator, url string, attributes *fetch.Attributes) *Attempt {
	a := &Attempt{Engine: "standard", request: new(cors.Request)}
	if client.Engine != nil {
		a.Engine = client.Engine.Label()
	}
	request, err := fetch.NewLoad(page, initiator, url, attributes)
	if err != nil {
		a.Err = err
		return a
	}
	recorder := NewRecorder(page, request)
	client.Network = recorder.Network(client.Network)
	a.Loaded, a.Err = client.Load(fetch.WithTrace(ctx, recorder.Trace()), request)
	a.record(recorder, page)
	a.keepBack()
	return a
}

// Loads says what is wrong where an element does not load.
func Loads(a *Attempt) string {
	if a.Err != nil {
		return a.Outcome()
	}
	return ""
}

// Opaque says what is wrong where an element did not load, or what it loaded is opaque, or not, to
// the page.
func Opaque(want bool) func(*Attempt) string {
	return func(a *Attempt) string {
		switch {
		case a.Err != nil:
			return a.Outcome()
		case a.Loaded.Opaque == want:
			return ""
		case want:
			return "the page may read it"
		}
		return "it loads, and the page may not read it: without the attribute crossorigin nothing is asked of the server"
	}
}
