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
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

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
// answered; what is under way is ended when ctx is, even if nobody reads out any more. The
// error is one of in or of out, or that of ctx.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &serving{
		server: s, ctx: ctx, fail: cancel, memory: newMemory(),
		sessions: map[string]*session{}, underWay: map[string]work{},
		running: make(chan struct{}, runtime.GOMAXPROCS(0)), ended: make(chan int, maxInProgress),
		answers: make(chan []byte), gone: make(chan struct{}),
	}
	defer v.close()
	// Whoever reads may be waiting for input that never comes, and whoever writes for
	// somebody to read.
	context.AfterFunc(ctx, func() { time.AfterFunc(lastAnswers, func() { close(v.gone) }) })
	lines, readErr := make(chan line), error(nil)
	go func() {
		defer close(lines)
		readErr = read(ctx, in, lines)
	}()
	written := make(chan struct{})
	go func() {
		defer close(written)
		v.write(out)
	}()
	v.serve(lines)
	finished := make(chan struct{})
	go func() {
		v.wait.Wait()
		close(v.answers)
		<-written
		close(finished)
	}()
	select {
	case <-finished:
	case <-v.gone:
	}
	v.wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return readErr
}

// lastAnswers is how long what a context has ended has to say so.
const lastAnswers = time.Second

// serve does what the lines ask for, in their order, and returns when there are no more or
// the context has ended.
func (v *serving) serve(lines <-chan line) {
	for {
		v.goOn()
		next := lines
		if v.mustWait() {
			next = nil // not before something has ended
		}
		if lines == nil && len(v.waiting) == 0 {
			return
		}
		select {
		case l, ok := <-next:
			if !ok {
				lines = nil
				continue
			}
			v.line(l)
		case size := <-v.ended:
			v.inProgress--
			v.inProgressBytes -= size
		case <-v.ctx.Done():
			return
		}
	}
}

// goOn does what was waiting, as far as there is room now.
func (v *serving) goOn() {
	for len(v.waiting) > 0 && v.ctx.Err() == nil && v.hasRoom(v.waiting[0]) {
		m := v.waiting[0]
		v.waiting[0] = nil
		v.waiting = v.waiting[1:]
		v.waitingBytes -= len(m.text)
		v.dispatch(m)
	}
}

// hasRoom reports whether a request can be done now.
func (v *serving) hasRoom(m *message) bool {
	return m.Op != "fetch" && m.Op != "run" || v.inProgress == 0 ||
		v.inProgress < maxInProgress && v.inProgressBytes+len(m.text) <= maxInProgressBytes
}

// mustWait reports whether so much waits that nothing more is read.
func (v *serving) mustWait() bool {
	return len(v.waiting) >= maxWaiting || v.waitingBytes >= maxWaitingBytes
}

// begin lets f go on beside what else is done. cancel ends it, as abort does.
func (v *serving) begin(m *message, f func(ctx context.Context)) error {
	key := keyOf(m.ID)
	v.underWayMu.Lock()
	defer v.underWayMu.Unlock()
	if other, has := v.underWay[key]; has {
		return fmt.Errorf("id: a %s under way has it", other.op)
	}
	ctx, cancel := context.WithCancel(v.ctx)
	v.underWay[key] = work{m.Op, cancel}
	if m.aborted {
		cancel()
	}
	v.inProgress++
	v.inProgressBytes += len(m.text)
	size := len(m.text)
	v.wait.Go(func() {
		defer func() {
			cancel()
			select {
			case v.ended <- size:
			case <-v.ctx.Done():
			}
		}()
		f(ctx)
	})
	return nil
}

// over forgets what was under way: from then on the id may be used again.
func (v *serving) over(id json.RawMessage) {
	v.underWayMu.Lock()
	defer v.underWayMu.Unlock()
	delete(v.underWay, keyOf(id))
}

// write writes the answers, one after the other.
func (v *serving) write(out io.Writer) {
	broken := false
	for text := range v.answers {
		if broken {
			continue // nobody reads them
		}
		if _, err := out.Write(text); err != nil {
			broken = true
			v.fail(err)
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
	memory  *memory

	// What the goroutine alone uses that does what the lines ask for.
	sessions                    map[string]*session
	waiting                     []*message // in order
	waitingBytes                int
	inProgress, inProgressBytes int

	ended chan int // gets the size of the request of each fetch and run that has ended

	underWayMu sync.Mutex
	underWay   map[string]work // by id

	encoding sync.Mutex // of one answer at a time, which takes a multiple of its memory
	answers  chan []byte
	gone     chan struct{} // closed when no answer is waited for any more
}

func (v *serving) close() {
	for _, s := range v.sessions {
		s.close()
	}
}

// work is a fetch or a run under way.
type work struct {
	op     string
	cancel context.CancelFunc
}

// message is what all requests have.
type message struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`

	text []byte // the whole
	// aborted says of one that waits that it is to end as soon as it begins.
	aborted bool
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
	} else if !utf8.Valid(m.ID) {
		m.ID, err = nil, errors.New("id: is not UTF-8, and so no JSON")
	}
	if err != nil {
		v.answerError(m.ID, err)
		return
	}
	if m.Op == "abort" || len(v.waiting) == 0 && v.hasRoom(m) {
		v.dispatch(m)
		return
	}
	v.waiting = append(v.waiting, m)
	v.waitingBytes += len(m.text)
}

// keyOf returns what is the same for all ways to write an id.
func keyOf(id json.RawMessage) string {
	if id[0] == '"' {
		var s string
		if json.Unmarshal(id, &s) == nil {
			return "\"" + s
		}
	}
	const exact = 1 << 53 // up to here a number is what it was written as
	if n, err := strconv.ParseFloat(string(id), 64); err == nil && math.Abs(n) < exact {
		return strconv.FormatFloat(n+0, 'g', -1, 64)
	}
	return string(id)
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
	return v.begin(m, func(ctx context.Context) {
		if acquire(ctx, v.running) != nil {
			v.over(m.ID)
			v.answerError(m.ID, errAborted)
			return
		}
		outcome := scenario.Run(ctx, s, v.server.Engine)
		<-v.running
		v.over(m.ID)
		if ctx.Err() != nil {
			v.answerError(m.ID, errAborted)
			return
		}
		v.answer(m.ID, struct {
			Outcome json.RawMessage `json:"outcome"`
		}{outcome.AppendJSON(nil)})
	})
}

// errAborted is why a run has no outcome.
var errAborted = errors.New("the run was aborted")

// newNetwork returns the network of a new session.
func (s *Server) newNetwork() fetch.Network {
	if s.NewNetwork != nil {
		return s.NewNetwork()
	}
	return new(wire.Network)
}
