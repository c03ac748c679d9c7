// Package stdio lets another program drive the engine: one JSON object a line in
// each direction. Each request has an id and an op; its answer has the same id,
// and answers may come in another order than requests. Requests that only
// compute, or change a session, are done in the order in which they come; fetch
// and run go on beside them.
//
// The ops, with the fields of their requests; unknown fields are ignored:
//
//	fetch    client, step, session, timeoutMs, stream
//	run      scenario
//	headers  guard, init, calls
//	request  client, init, api
//	mime     value, or headers
//	url      url, base
//	cookies  url or client, session, set
//	abort    target
//	reset    session
package stdio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/wire"
)

// A Server answers requests. Its zero value follows the standard, over the
// network. Its methods may be called at the same time; its fields must not change.
type Server struct {
	// Engine is the user agent; nil stands for the standard.
	Engine *browser.Engine
	// NewNetwork returns the network of a new session; nil stands for that of a
	// [wire.Network] each. One that has a method Close() error is closed after use.
	NewNetwork func() fetch.Network
}

// maxLine is how many bytes a request may have.
const maxLine = scenario.MaxLine

// Serve answers the requests that it reads until in ends, and returns once all are
// answered; the fetches under way are ended when ctx is. The error is one of in or
// of out, or that of ctx.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &serving{
		server: s, ctx: ctx, fail: cancel, out: out,
		sessions: map[string]*session{}, fetches: map[string]context.CancelFunc{},
		running: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	defer v.close()
	lines, readErr := make(chan line), error(nil)
	go func() {
		defer close(lines)
		readErr = read(ctx, in, lines)
	}()
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				v.wait.Wait()
				if err := context.Cause(ctx); err != nil {
					return err
				}
				return readErr
			}
			v.line(l)
		case <-ctx.Done():
			// Whoever reads may be waiting for input that never comes.
			v.wait.Wait()
			return context.Cause(ctx)
		}
	}
}

// A line is a line of input, or what is wrong with it.
type line struct {
	text []byte
	err  error
}

// read sends the lines of in; one that is too long becomes an error.
func read(ctx context.Context, in io.Reader, lines chan<- line) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		var l line
		var err error
		for more := true; more; {
			var piece []byte
			piece, err = r.ReadSlice('\n')
			more = err == bufio.ErrBufferFull
			if l.err == nil {
				l.text = append(l.text, piece...)
			}
			if len(l.text) > maxLine {
				l = line{err: fmt.Errorf("the line is longer than %d bytes", maxLine)}
			}
		}
		l.text = bytes.TrimSpace(l.text)
		if len(l.text) > 0 || l.err != nil {
			select {
			case lines <- l:
			case <-ctx.Done():
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// serving is one call of Serve.
type serving struct {
	server  *Server
	ctx     context.Context
	fail    context.CancelCauseFunc
	wait    sync.WaitGroup
	running chan struct{} // bounds how many scenarios are run at a time

	sessions map[string]*session // used by the reading goroutine alone

	fetchesMu sync.Mutex
	fetches   map[string]context.CancelFunc // those under way, by id

	outMu sync.Mutex
	out   io.Writer
}

func (v *serving) close() {
	for _, s := range v.sessions {
		s.close()
	}
}

// message is what all requests have.
type message struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`

	text []byte // the whole
}

func (v *serving) line(l line) {
	if l.err != nil {
		v.answerError(nil, l.err)
		return
	}
	m := &message{text: l.text}
	err := unmarshal(l.text, m)
	// An id can be told even where op is not a string.
	if !isID(m.ID) {
		m.ID = nil
		if err == nil {
			err = errors.New("id: must be a number or a string")
		}
	}
	if err != nil {
		v.answerError(m.ID, err)
		return
	}
	v.dispatch(m)
}

// isID reports whether the JSON value raw is a number or a string.
func isID(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '"' || raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9')
}

func (v *serving) dispatch(m *message) {
	var result any
	var err error
	switch m.Op {
	case "fetch":
		err = v.fetch(m)
		if err == nil {
			return // it answers for itself
		}
	case "run":
		err = v.run(m)
		if err == nil {
			return
		}
	case "headers":
		result, err = headersOp(m)
	case "request":
		result, err = requestOp(m)
	case "mime":
		result, err = mimeOp(m)
	case "url":
		result, err = urlOp(m)
	case "cookies":
		result, err = v.cookies(m)
	case "abort":
		result, err = v.abort(m)
	case "reset":
		result, err = v.reset(m)
	case "":
		err = errors.New("op: is missing")
	default:
		err = fmt.Errorf("op: there is no %q", m.Op)
	}
	if err != nil {
		v.answerError(m.ID, err)
		return
	}
	v.answer(m.ID, result)
}

// run runs a scenario beside what else goes on.
func (v *serving) run(m *message) error {
	var r struct {
		Scenario json.RawMessage `json:"scenario"`
	}
	if err := m.read(&r); err != nil {
		return err
	}
	if r.Scenario == nil {
		return errors.New("scenario: is missing")
	}
	s, err := scenario.DecodeScenario(r.Scenario)
	if err != nil {
		return within("scenario", err)
	}
	v.wait.Go(func() {
		select {
		case v.running <- struct{}{}:
		case <-v.ctx.Done():
			v.answerError(m.ID, context.Cause(v.ctx))
			return
		}
		outcome := scenario.Run(v.ctx, s, v.server.Engine)
		<-v.running
		v.answer(m.ID, struct {
			Outcome json.RawMessage `json:"outcome"`
		}{outcome.AppendJSON(nil)})
	})
	return nil
}

// newNetwork returns the network of a new session.
func (s *Server) newNetwork() fetch.Network {
	if s.NewNetwork != nil {
		return s.NewNetwork()
	}
	return new(wire.Network)
}
