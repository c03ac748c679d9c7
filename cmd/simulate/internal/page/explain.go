package page

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/corsim/corsim/cmd/simulate/internal/console"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/origin"
)

// pasted is what the form for messages says.
type pasted struct {
	Text   string `json:"text"`
	Origin string `json:"origin"`
	Server string `json:"server"`
}

// explained is what it means. Messages are as simulate explain --json has them, each with its
// verdict in words.
type explained struct {
	Messages []message       `json:"messages"`
	Answer   json.RawMessage `json:"answer,omitempty"`
	Config   *config         `json:"config,omitempty"`
	// NoConfig is why there is no configuration for the server that is named.
	NoConfig string `json:"noConfig,omitempty"`
	// Text is all of it as the command prints it.
	Text string `json:"text"`
}

type message struct {
	Verdict string          `json:"verdict"`
	Told    json.RawMessage `json:"told"`
}

func explainText(_ context.Context, _ *Call, in *pasted) (any, error) {
	text := in.Text
	if len(text) > explain.MaxConsole {
		text = text[:explain.MaxConsole]
	}
	if in.Origin != "" {
		if _, err := origin.Parse(in.Origin); err != nil {
			return nil, err
		}
	}
	out := &explained{Messages: []message{}}
	messages := explain.Recognize(text)
	if len(messages) == 0 {
		return out, out.ask(text)
	}
	o := &console.Options{Origin: in.Origin}
	var printed strings.Builder
	if err := o.Print(&printed, messages); err != nil {
		return nil, err
	}
	for i := range messages {
		var told bytes.Buffer
		if err := o.JSON(&told, &messages[i]); err != nil {
			return nil, err
		}
		out.Messages = append(out.Messages, message{messages[i].Explain(in.Origin).Verdict(), told.Bytes()})
	}
	if in.Server != "" {
		o.Server = in.Server
		switch c, err := o.Configure(messages); {
		case errors.Is(err, console.ErrNoConfiguration):
			out.NoConfig = "No configuration of CORS fixes this: see above what does."
		case err != nil:
			out.NoConfig = err.Error()
		default:
			out.Config = newConfig(c)
			printed.WriteString("\n" + c.String())
		}
	}
	out.Text = printed.String()
	return out, nil
}

// ask answers a question, if it is one that is known.
func (out *explained) ask(text string) error {
	answer, ok := explain.Ask(text)
	if !ok {
		return nil
	}
	var object bytes.Buffer
	var printed strings.Builder
	err := errors.Join(console.AnswerJSON(&object, answer), console.PrintAnswer(&printed, answer))
	out.Answer, out.Text = object.Bytes(), printed.String()
	return err
}

// config is a server's configuration.
type config struct {
	Server string        `json:"server"`
	Name   string        `json:"name"`
	Parts  []recipe.Part `json:"parts"`
	Notes  []string      `json:"notes"`
	Proven bool          `json:"proven"`
}

func newConfig(c *recipe.Config) *config {
	return &config{c.Server, c.Name, append([]recipe.Part{}, c.Parts...), append([]string{}, c.Notes...), c.Proven}
}

// server is one that a configuration is written for.
type server struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Layer   string   `json:"layer"`
	Aliases []string `json:"aliases"`
}

// initiator is what a page can load something with, besides fetch().
type initiator struct {
	As        string `json:"as"`
	Markup    string `json:"markup"`
	Attribute bool   `json:"attribute"`
}

func listInitiators(context.Context, *Call, *struct{}) (any, error) {
	list := []initiator{}
	for _, i := range explain.Initiators {
		list = append(list, initiator{i.As, i.Markup, i.Attribute})
	}
	return list, nil
}

func listServers(context.Context, *Call, *struct{}) (any, error) {
	list := []server{}
	for _, r := range recipe.All() {
		list = append(list, server{r.ID, r.Name, r.Layer.String(), append([]string{}, r.Aliases...)})
	}
	return list, nil
}
