package stdio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/scenario"
)

// fetching is a fetch under way.
type fetching struct {
	*serving
	id      json.RawMessage
	session *session
	page    *fetch.Page
	step    *scenario.Step
	timeout time.Duration // 0 for none
	stream  bool
	seen    []scenario.Request
}

// fetch begins a fetch. It answers for itself unless it returns an error.
func (v *serving) fetch(m *message) error {
	var r struct {
		Client    json.RawMessage `json:"client"`
		Step      json.RawMessage `json:"step"`
		Session   string          `json:"session"`
		TimeoutMs *float64        `json:"timeoutMs"`
		Stream    bool            `json:"stream"`
	}
	if err := m.read(&r); err != nil {
		return err
	}
	f := &fetching{serving: v, id: m.ID, session: v.session(r.Session), stream: r.Stream}
	var err error
	if f.page, err = f.session.page(r.Client); err != nil {
		return err
	}
	if r.Step == nil {
		return errors.New("step: is missing; it says what is asked")
	}
	if f.step, err = scenario.DecodeStep(r.Step); err != nil {
		return within("step", err)
	}
	if r.TimeoutMs != nil {
		if *r.TimeoutMs <= 0 || *r.TimeoutMs > float64(math.MaxInt64/int64(time.Millisecond)) {
			return fmt.Errorf("timeoutMs: %v is no time to wait", *r.TimeoutMs)
		}
		f.timeout = time.Duration(*r.TimeoutMs * float64(time.Millisecond))
	}
	ctx, cancel := context.WithCancel(v.ctx)
	key := string(m.ID)
	v.fetchesMu.Lock()
	defer v.fetchesMu.Unlock()
	if v.fetches[key] != nil {
		cancel()
		return errors.New("id: a fetch under way has it")
	}
	v.fetches[key] = cancel
	v.wait.Go(func() {
		defer cancel()
		f.do(ctx)
	})
	return nil
}

// abort ends a fetch, if it is still under way.
func (v *serving) abort(m *message) (any, error) {
	var r struct {
		Target json.RawMessage `json:"target"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	if !isID(r.Target) {
		return nil, errors.New("target: must be the id of a fetch, a number or a string")
	}
	v.fetchesMu.Lock()
	defer v.fetchesMu.Unlock()
	if cancel := v.fetches[string(r.Target)]; cancel != nil {
		cancel()
	}
	return nothing{}, nil
}

// maxBody is how many bytes of a body are kept for an outcome. A longer body
// counts as one that cannot be read; "stream" has no bound.
const maxBody = 64 << 20

var errTooLong = errors.New("the body is longer than is kept")

func (f *fetching) do(ctx context.Context) {
	if f.step.Wait > 0 {
		timer := time.NewTimer(f.step.Wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	request, err := f.step.Request(f.page)
	if err != nil {
		f.respond(scenario.StepOutcome{Result: scenario.ResultThrows, Reason: cors.ReasonOf(err).String()})
		return
	}
	response, err := f.session.client.Do(fetch.WithTrace(ctx, &fetch.Trace{
		ResponseReceived: func(n *fetch.NetworkRequest, _ *fetch.NetworkResponse) {
			f.seen = append(f.seen, f.step.RequestSeen(n))
		},
	}), request)
	if err == nil && f.stream {
		f.streamBody(ctx, response)
		return
	}
	if err == nil {
		response.Body = &limited{response.Body, maxBody}
	}
	outcome := f.step.Outcome(response, err)
	if reason := ended(ctx); reason != 0 && interrupted(&outcome) {
		outcome = scenario.StepOutcome{Result: scenario.ResultNetworkError, Reason: reason.String()}
	}
	f.respond(outcome)
}

// interrupted reports whether the end of its context can be why an outcome is
// what it is: no response came, or its body could not be read.
func interrupted(o *scenario.StepOutcome) bool {
	switch o.Reason {
	case cors.Transport.String(), cors.Timeout.String(), cors.Aborted.String():
		return true
	}
	return o.Result == scenario.ResultResponse && !o.Body.Given
}

// ended returns the reason why a context has ended, 0 where it has not.
func ended(ctx context.Context) cors.Reason {
	switch ctx.Err() {
	case nil:
		return 0
	case context.DeadlineExceeded:
		return cors.Timeout
	}
	return cors.Aborted
}

type fetchAnswer struct {
	Event      string          `json:"event,omitempty"`
	Outcome    json.RawMessage `json:"outcome,omitempty"`
	DataBase64 string          `json:"dataBase64,omitempty"`
	Reason     string          `json:"reason,omitempty"`
}

// respond answers with an outcome. A stream that never came about ends with it.
func (f *fetching) respond(outcome scenario.StepOutcome) {
	outcome.Requests = f.seen
	answer := fetchAnswer{Outcome: outcome.AppendJSON(nil)}
	if !f.stream {
		f.last(answer)
		return
	}
	answer.Event = "response"
	f.answer(f.id, answer)
	if outcome.Result != scenario.ResultResponse {
		f.last(fetchAnswer{Event: "error", Reason: outcome.Reason})
	}
}

// last answers for the last time. From then on the id may be used again.
func (f *fetching) last(answer fetchAnswer) {
	f.fetchesMu.Lock()
	delete(f.fetches, string(f.id))
	f.fetchesMu.Unlock()
	f.answer(f.id, answer)
}

// streamBody answers with the response, then with its body as it comes.
func (f *fetching) streamBody(ctx context.Context, response *fetch.Response) {
	defer response.Body.Close()
	head := *response
	head.Body = fetch.NoBody
	outcome := f.step.Outcome(&head, nil)
	outcome.Body = scenario.Optional[string]{}
	f.respond(outcome)
	buffer := make([]byte, 32<<10)
	for {
		n, err := response.Body.Read(buffer)
		if n > 0 {
			f.answer(f.id, fetchAnswer{Event: "chunk", DataBase64: base64.StdEncoding.EncodeToString(buffer[:n])})
		}
		if err == io.EOF {
			f.last(fetchAnswer{Event: "end"})
			return
		}
		if err != nil {
			reason := ended(ctx)
			if reason == 0 {
				reason = cors.Transport
			}
			f.last(fetchAnswer{Event: "error", Reason: reason.String()})
			return
		}
	}
}

// limited is a body that fails when it turns out to be too long.
type limited struct {
	io.ReadCloser
	left int64
}

// Read fails with errTooLong where more comes than may.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLong
	}
	return n, err
}
