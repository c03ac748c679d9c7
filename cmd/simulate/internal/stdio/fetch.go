package stdio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/corsim/corsim/cmd/simulate/internal/duration"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
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
		var ok bool
		if f.timeout, ok = duration.Of(*r.TimeoutMs, time.Millisecond); !ok {
			return fmt.Errorf("timeoutMs: %v is no time to wait", *r.TimeoutMs)
		}
	}
	return v.begin(m, f.do)
}

// abort ends a fetch or a run, if it is still under way, or waits to be.
func (v *serving) abort(m *message) (any, error) {
	var r struct {
		Target json.RawMessage `json:"target"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	if !isID(r.Target) {
		return nil, errors.New("target: must be the id of a fetch or a run, a number or a string")
	}
	key := keyOf(r.Target)
	v.underWayMu.Lock()
	defer v.underWayMu.Unlock()
	if w, has := v.underWay[key]; has {
		w.cancel()
		return nothing{}, nil
	}
	for _, m := range v.waiting {
		if (m.Op == "fetch" || m.Op == "run") && keyOf(m.ID) == key {
			m.aborted = true
			break
		}
	}
	return nothing{}, nil
}

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
	body := &boundedBody{ctx: ctx, memory: f.memory}
	defer body.release() // once the answer was taken
	if ctx.Err() != nil || f.step.Integrity != "" && body.hold(f.memory.kept) != nil {
		f.respond(scenario.StepOutcome{Result: scenario.ResultNetworkError, Reason: ended(ctx).String()})
		return
	}
	request, err := f.step.Request(f.page)
	if err != nil {
		f.respond(scenario.StepOutcome{Result: scenario.ResultThrows, Reason: cors.ReasonOf(err).String()})
		return
	}
	looksBack := false
	response, err := f.session.client.Do(fetch.WithTrace(ctx, &fetch.Trace{
		ResponseReceived: func(n *fetch.NetworkRequest, received *fetch.NetworkResponse) {
			codings := headers.TokenListOf(strings.Join(received.Headers.Values("content-encoding"), ","))
			looksBack = codings.HasFold("br") || codings.HasFold("zstd")
			f.seen = append(f.seen, f.step.RequestSeen(n))
		},
	}), request)
	if err == nil && f.stream {
		f.streamBody(ctx, response)
		return
	}
	if err == nil {
		body.ReadCloser = response.Body
		response.Body = body
		if looksBack {
			body.first = f.memory.window
		}
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
	f.over(f.id)
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
