package page

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/recipe"
)

// probed is what a server allows, as simulate probe says it.
type probed struct {
	Report json.RawMessage `json:"report"`
	Text   string          `json:"text"`
	Guess  string          `json:"guess,omitempty"`
	Config *config         `json:"config,omitempty"`
}

func probeServer(ctx context.Context, c *Call, d *description) (any, error) {
	if c.Network == nil {
		return nil, errNotLive
	}
	o, err := d.options()
	if err != nil {
		return nil, err
	}
	r, err := probe.Run(ctx, probe.Options{
		URL: o.URL, Origin: cmp.Or(o.Origin, o.Page), Method: o.Method, Headers: o.Headers,
		Credentials: o.Credentials == fetch.CredentialsInclude, Network: c.Network,
	})
	if err != nil {
		return nil, err
	}
	var object bytes.Buffer
	var text strings.Builder
	if err := r.JSON(&object); err != nil {
		return nil, err
	}
	if err := r.Print(&text, probe.View{}); err != nil {
		return nil, err
	}
	out := &probed{Report: object.Bytes(), Text: text.String(), Guess: r.Server()}
	if server := cmp.Or(d.Server, out.Guess); server != "" && r.Failure != nil {
		if config, err := recipe.Configure(server, r.Need()); err == nil {
			out.Config = newConfig(config)
		}
	}
	return out, nil
}
