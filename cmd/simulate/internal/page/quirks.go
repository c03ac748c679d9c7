package page

import (
	"context"
	"encoding/json"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/scenario"
)

// quirk is a point on which browsers differ.
type quirk struct {
	ID        string        `json:"id"`
	Title     string        `json:"title"`
	Stage     browser.Stage `json:"stage"`
	Standard  string        `json:"standard"`
	Browsers  []behaviour   `json:"browsers"`
	Advice    string        `json:"advice"`
	Network   bool          `json:"network"`
	Scenarios []string      `json:"scenarios"`
}

// behaviour is what a browser does; What is "" where that is what the standard has.
type behaviour struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	What    string `json:"what"`
}

func listQuirks(context.Context, *Call, *struct{}) (any, error) {
	list := []quirk{}
	for _, q := range browser.Quirks() {
		out := quirk{q.ID, q.Title, q.Stage, q.Standard, nil, q.Advice, q.Network, q.Scenarios}
		for _, engine := range browser.All() {
			if engine.Name() != browser.Standard().Name() {
				out.Browsers = append(out.Browsers, behaviour{engine.Name(), engine.Version(), q.Of(engine)})
			}
		}
		list = append(list, out)
	}
	return list, nil
}

// scripted is a scenario that is run.
type scripted struct {
	Scenario string `json:"scenario"`
	// Browsers names the engines; none is all of them.
	Browsers []string `json:"browsers"`
}

// ran is what comes of it in an engine: a line as simulate run writes it.
type ran struct {
	Browser string          `json:"browser"`
	Outcome json.RawMessage `json:"outcome"`
}

func runScenario(ctx context.Context, _ *Call, in *scripted) (any, error) {
	engines := browser.All()
	if len(in.Browsers) > 0 {
		engines = nil
	}
	for _, name := range in.Browsers {
		engine, err := browser.Find(name)
		if err != nil {
			return nil, err
		}
		engines = append(engines, engine)
	}
	s, err := scenario.Decode([]byte(in.Scenario))
	if err != nil {
		return nil, err
	}
	list := []ran{}
	for _, engine := range engines {
		list = append(list, ran{engine.Name(), scenario.Run(ctx, s, engine).AppendJSON(nil)})
	}
	return list, nil
}
