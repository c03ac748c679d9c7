package check

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/transcript"
)

// JSON writes the report for programs, as one object on a line. Header values
// are strings of code points U+0000 to U+00FF, one a byte. Of the view only
// ShowSecrets counts.
func (r *Report) JSON(w io.Writer, view View) error {
	j := &encoder{redactorOf(view, r)}
	encoder := json.NewEncoder(redact.Escaped(w))
	encoder.SetEscapeHTML(false)
	return encoder.Encode(j.report(r))
}

type encoder struct{ redact redactor }

// version is that of the report: adding a member keeps it, changing one raises it.
const version = 1

type jsonReport struct {
	V           int             `json:"v"`
	Verdict     Verdict         `json:"verdict"`
	Permission  string          `json:"permission,omitempty"`
	Summary     string          `json:"summary"`
	Reasons     []string        `json:"reasons"`
	Browser     string          `json:"browser"`
	Origin      string          `json:"origin"`
	Method      string          `json:"method"`
	URL         string          `json:"url"`
	Mode        string          `json:"mode"`
	Credentials string          `json:"credentials"`
	As          string          `json:"as,omitempty"`
	Opaque      *bool           `json:"opaque,omitempty"`
	Learns      []string        `json:"learns,omitempty"`
	Steps       []jsonStep      `json:"steps"`
	Asked       []jsonExchange  `json:"asked,omitempty"`
	Response    *jsonResponse   `json:"response,omitempty"`
	Causes      []explain.Cause `json:"causes"`
	Besides     []explain.Cause `json:"besides,omitempty"`
	Advice      []jsonAdvice    `json:"advice"`
	Notes       []string        `json:"notes"`
}

type jsonStep struct {
	Exchange *jsonExchange `json:"exchange,omitempty"`
	Decision *jsonDecision `json:"decision,omitempty"`
}

type jsonExchange struct {
	Preflight bool         `json:"preflight"`
	Request   jsonMessage  `json:"request"`
	Response  *jsonMessage `json:"response,omitempty"`
}

type jsonMessage struct {
	Method     string      `json:"method,omitempty"`
	URL        string      `json:"url,omitempty"`
	Status     int         `json:"status,omitempty"`
	StatusText string      `json:"statusText,omitempty"`
	Headers    [][2]string `json:"headers"`
}

type jsonDecision struct {
	Kind    transcript.Kind    `json:"kind"`
	Outcome transcript.Outcome `json:"outcome"`
	Text    string             `json:"text"`
	Reason  string             `json:"reason,omitempty"`
	Anchor  string             `json:"anchor,omitempty"`
}

type jsonResponse struct {
	Type       string      `json:"type"`
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	URL        string      `json:"url"`
	Redirected bool        `json:"redirected"`
	Headers    [][2]string `json:"headers"`
	Hidden     []string    `json:"hiddenHeaders"`
	BodyBytes  int64       `json:"bodyBytes"`
	BodyEnd    BodyEnd     `json:"bodyEnd"`
}

type jsonAdvice struct {
	Preflight bool         `json:"preflight"`
	URL       string       `json:"url"`
	Unseen    bool         `json:"unseen"`
	Status    int          `json:"status,omitempty"`
	Headers   []jsonHeader `json:"headers"`
	Text      []string     `json:"text"`
}

type jsonHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Add   bool   `json:"add,omitempty"`
}

func (j *encoder) report(r *Report) *jsonReport {
	out := &jsonReport{
		V:       version,
		Verdict: r.Verdict, Permission: r.Permission, Summary: j.redact.text(r.Summary()), Reasons: []string{}, Browser: r.Browser, Origin: r.Origin,
		Method: r.Method, URL: j.redact.text(r.URL), Mode: r.Mode, Credentials: r.Credentials,
		Steps: []jsonStep{}, Causes: []explain.Cause{}, Advice: []jsonAdvice{}, Notes: j.texts(r.Notes),
	}
	if r.Initiator != nil {
		out.As, out.Learns = r.Initiator.As, j.texts(r.Learns)
		if r.Verdict == Allowed {
			out.Opaque = &r.Opaque
		}
	}
	if r.Failure != nil {
		for _, e := range r.Failure.All() {
			out.Reasons = append(out.Reasons, e.Reason.String())
		}
	}
	for _, step := range r.Steps {
		out.Steps = append(out.Steps, j.step(step))
	}
	for _, x := range r.Asked {
		out.Asked = append(out.Asked, j.asked(x))
	}
	if got := r.Response; got != nil {
		out.Response = &jsonResponse{
			got.Type, got.Status, headers.IsomorphicDecode(j.redact.statusText(got.Status, got.StatusText)), j.redact.text(got.URL), got.Redirected,
			j.headers(got.Headers, j.redact.received), j.texts(got.Hidden), got.BodyBytes, got.BodyEnd,
		}
	}
	if r.Explanation != nil {
		for _, c := range r.Explanation.Causes {
			out.Causes = append(out.Causes, c.Map(j.redact.text))
		}
	}
	for _, c := range r.Besides {
		out.Besides = append(out.Besides, c.Map(j.redact.text))
	}
	for i := range r.Advice {
		out.Advice = append(out.Advice, j.advice(&r.Advice[i]))
	}
	return out
}

func (j *encoder) step(s transcript.Step) (out jsonStep) {
	if d := s.Decision; d != nil {
		out.Decision = &jsonDecision{d.Kind, d.Outcome, j.redact.text(d.Text), d.Reason, d.Anchor}
	}
	if x := s.Exchange; x != nil {
		out.Exchange = &jsonExchange{
			Preflight: x.Preflight,
			Request:   jsonMessage{Method: x.Method, URL: j.redact.text(x.URL), Headers: j.headers(x.Headers, func(h headers.Header) string { return j.redact.sent(x, h) })},
		}
		if x.Answered {
			out.Exchange.Response = &jsonMessage{
				Status: x.Status, StatusText: headers.IsomorphicDecode(j.redact.statusText(x.Status, x.StatusText)), Headers: j.headers(x.ResponseHeaders, j.redact.received),
			}
		}
	}
	return out
}

// asked writes a request that was sent besides. Of its headers it has those of CORS: the
// others are those of the request that failed.
func (j *encoder) asked(x *probe.Trial) jsonExchange {
	seen := x.Seen()
	out := jsonExchange{Preflight: seen.IsPreflight(), Request: jsonMessage{Method: x.Method, URL: j.redact.text(x.URL), Headers: [][2]string{}}}
	for _, h := range x.Headers {
		if strings.HasPrefix(headers.Lower(h.Name), "access-control-") || headers.EqualFold(h.Name, "Origin") {
			out.Request.Headers = append(out.Request.Headers, [2]string{h.Name, headers.IsomorphicDecode(h.Value)})
		}
	}
	if x.Err == nil {
		out.Response = &jsonMessage{Status: x.Status, Headers: [][2]string{}}
		for _, h := range x.Response {
			out.Response.Headers = append(out.Response.Headers, [2]string{headers.IsomorphicDecode(h.Name), headers.IsomorphicDecode(j.redact.received(h))})
		}
	}
	return out
}

func (j *encoder) advice(a *explain.Advice) jsonAdvice {
	out := jsonAdvice{
		Preflight: a.Preflight, URL: j.redact.text(a.URL), Unseen: a.Unseen, Status: a.Status, Headers: []jsonHeader{}, Text: j.texts(a.Text),
	}
	for _, h := range a.Headers {
		out.Headers = append(out.Headers, jsonHeader{h.Name, j.redact.text(h.Value), h.Add})
	}
	return out
}

func (j *encoder) headers(list headers.List, shown func(headers.Header) string) [][2]string {
	out := make([][2]string, 0, len(list))
	for _, h := range list {
		out = append(out, [2]string{headers.IsomorphicDecode(j.redact.text(h.Name)), headers.IsomorphicDecode(shown(h))})
	}
	return out
}

func (j *encoder) texts(texts []string) []string {
	out := make([]string, 0, len(texts))
	for _, text := range texts {
		out = append(out, j.redact.text(text))
	}
	return out
}
