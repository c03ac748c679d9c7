// Package page is behind the page to try corsim on: what each of its forms asks, and what it shows, as
// JSON. The page calls it compiled to WebAssembly, in a worker; with simulate serve it runs in the command. Each
// answer is made by the functions that make the command's.
package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/corsim/corsim/fetch"
)

// A File is a recording that the page has, or that is on the disk.
type File struct {
	// Name is what the reports call it.
	Name string
	// Open opens it, anew each time.
	Open func() (io.ReadCloser, error)
	// Progress is told how many bytes are read; nil for nobody.
	Progress func(bytes int64)
}

// A Call is something that the page wants.
type Call struct {
	// Name is that of a [Names], Input what the form says, as JSON.
	Name  string
	Input []byte
	// File is the recording that it is about, nil for none.
	File *File
	// Out takes what is longer than an answer: a report, a copy of a recording.
	Out io.Writer
	// Network is where live requests go; nil where nothing is sent, as in a page.
	Network fetch.Network
}

// handlers are what a page can want, by name.
var handlers = map[string]func(context.Context, *Call) (any, error){
	"explain": read(explainText), "check": read(checkRequest), "copy": read(copyRequest), "paste": read(pasteRequest), "probe": read(probeServer),
	"replay": read(replayFile), "redact": read(redactFile), "quirks": read(listQuirks), "scenario": read(runScenario), "servers": read(listServers), "initiators": read(listInitiators),
}

// Do does what the page wants, and returns its answer as JSON. An error is for the reader.
func Do(ctx context.Context, c *Call) ([]byte, error) {
	handler := handlers[c.Name]
	if handler == nil {
		return nil, fmt.Errorf("the page asks for %q, which this version does not know: load it again", c.Name)
	}
	answer, err := handler(ctx, c)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// errNotLive is why a page cannot ask a server.
var errNotLive = errors.New("a page cannot ask a server as another page would: run simulate serve, whose page can")

// read makes a handler of a function of what a form says.
func read[T any](f func(context.Context, *Call, *T) (any, error)) func(context.Context, *Call) (any, error) {
	return func(ctx context.Context, c *Call) (any, error) {
		input := new(T)
		if len(c.Input) > 0 {
			if err := json.Unmarshal(c.Input, input); err != nil {
				return nil, fmt.Errorf("what the page sends for %q cannot be read: %w", c.Name, err)
			}
		}
		return f(ctx, c, input)
	}
}
