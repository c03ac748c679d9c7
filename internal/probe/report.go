package probe

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/redact"
)

// A Report is what was found out.
type Report struct {
	URL, Origin, Method string
	Credentials         bool
	// Exchanges are the requests that were sent, in order.
	Exchanges []*Trial
	// Conclusion says how the server stands to the request, Text in a sentence,
	// Evidence by what.
	Conclusion Conclusion
	Text       string
	Evidence   []string
	// Failure is what a browser would fail on first; nil where it would not, or
	// where nothing was answered.
	Failure *cors.Error
	// Findings are what is dangerous, the worst first.
	Findings []Finding

	request     *cors.Request
	explanation *explain.Explanation
}

// A Conclusion is how a server stands to a request.
type Conclusion string

// The conclusions.
const (
	// Allowed: nothing keeps script from the response.
	Allowed Conclusion = "allowed"
	// PreflightAllowed: the preflight permits the request; whether its response can
	// be read shows only when it is sent, which this package does not do.
	PreflightAllowed Conclusion = "preflight-allowed"
	// NoCORS: there is no sign that the server knows CORS.
	NoCORS Conclusion = "no-sign-of-cors"
	// OriginRefused: it knows CORS, and refuses this origin.
	OriginRefused Conclusion = "origin-refused"
	// CredentialsRefused: it allows the origin, but not with credentials.
	CredentialsRefused Conclusion = "credentials-refused"
	// MethodOrHeaderRefused: it allows the origin, but not this method or header.
	MethodOrHeaderRefused Conclusion = "method-or-header-refused"
	// OptionsNotRouted: it allows the origin where no preflight is needed, and
	// nothing answers preflights.
	OptionsNotRouted Conclusion = "options-not-routed"
	// ResponseRefused: the preflight permits the request, and the response to it
	// lacks the headers.
	ResponseRefused Conclusion = "response-refused"
	// Misconfigured: it knows CORS, and sends headers that no browser takes.
	Misconfigured Conclusion = "misconfigured"
	// RedirectBeforeCORS: a redirect comes before CORS.
	RedirectBeforeCORS Conclusion = "redirect-before-cors"
	// AuthenticationBeforeCORS: authentication comes before CORS.
	AuthenticationBeforeCORS Conclusion = "authentication-before-cors"
	// ProxyAnswers: something in front of the application answers.
	ProxyAnswers Conclusion = "proxy-answers"
	// Unreachable: no answer came.
	Unreachable Conclusion = "unreachable"
)

// Passes reports whether the server does not stop the request.
func (c Conclusion) Passes() bool { return c == Allowed || c == PreflightAllowed }

// Severity is how bad a finding is.
type Severity int

// The severities.
const (
	Info Severity = iota
	Low
	Medium
	High
)

// String returns the severity in a word.
func (s Severity) String() string { return [...]string{"info", "low", "medium", "high"}[s] }

// A Finding is something dangerous.
type Finding struct {
	// Name is machine-readable.
	Name     string
	Severity Severity
	Text     string
	Evidence string
	// Reference is the address of a page about it.
	Reference string
}

// Dangerous reports whether a finding is of medium severity or worse.
func (r *Report) Dangerous() bool {
	for _, f := range r.Findings {
		if f.Severity >= Medium {
			return true
		}
	}
	return false
}

// Explanation returns what the failure means; nil where there is none. Its first cause and
// Conclusion say the same.
func (r *Report) Explanation() *explain.Explanation { return r.explanation }

// Need returns what the server would have to permit.
func (r *Report) Need() recipe.Need { return explain.NeedOf(r.URL, r.request) }

// Server returns the id of the server to whose answers point, "" where none is
// known.
func (r *Report) Server() string {
	for i := len(r.Exchanges) - 1; i >= 0; i-- {
		if ids := recipe.Guess(explain.HostOf(r.URL), r.Exchanges[i].Response); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// find returns the exchange of a name, nil if it was not sent.
func (r *Report) find(name string) *Trial {
	for _, x := range r.Exchanges {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// accepted reports whether the response of an exchange allows the origin that
// asked.
func (r *Report) accepted(name string) bool {
	x := r.find(name)
	if x == nil || x.Err != nil || x.origin == "" {
		return false
	}
	values := x.Response.Values("Access-Control-Allow-Origin")
	return len(values) == 1 && (values[0] == x.origin || values[0] == "*")
}

// View says how a report is shown.
type View struct {
	// Verbose shows all headers.
	Verbose bool
}

// Print writes what must be sent, for people: all headers, as they are sent.
func Print(w io.Writer, requests []Request) error {
	p := &printer{secrets: secretsOf(requests)}
	for i, r := range requests {
		p.linef("%d. %s: %s", i+1, r.Name, r.Why)
		if r.When != "" {
			p.linef("   (%s)", r.When)
		}
		if written, err := r.network().Written(); err == nil {
			r.Headers = written
		}
		p.request(&r)
	}
	p.linef("\nAt most %d of them are sent, and nothing else.", MaxRequests)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// secretsOf returns what is secret in requests.
func secretsOf(requests []Request) *redact.Shown {
	secrets := new(redact.Shown)
	for i := range requests {
		secrets.Learn(requests[i].Headers)
	}
	return secrets
}

// secrets returns what is secret in a report.
func (r *Report) secrets() *redact.Shown {
	secrets := new(redact.Shown)
	for _, x := range r.Exchanges {
		secrets.Learn(x.Headers)
		secrets.Learn(x.Response)
	}
	return secrets
}

// A printer writes for people, without secrets.
type printer struct {
	b       strings.Builder
	secrets *redact.Shown
}

func (p *printer) linef(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// text returns a text without secrets, and with what could upset a terminal replaced:
// servers choose it.
func (p *printer) text(s string) string { return shown(p.secrets.Text(s)) }

func (p *printer) request(r *Request) {
	p.linef("  > %s %s", r.Method, p.text(r.URL))
	for _, h := range r.Headers {
		p.linef("  > %s: %s", p.text(h.Name), shown(r.shownValue(p.secrets, h)))
	}
}

// shownValue returns the value of a header as it is shown: script's may be a secret.
func (r *Request) shownValue(secrets *redact.Shown, h headers.Header) string {
	if r.authorSet[headers.Lower(h.Name)] {
		return secrets.Header(h.Name, h.Value)
	}
	return secrets.OwnHeader(h.Name, h.Value)
}

// Print writes the report for people: the conclusion, why and what to do, what is dangerous,
// by which evidence, and what was asked and answered.
func (r *Report) Print(w io.Writer, view View) error {
	p := &printer{secrets: r.secrets()}
	p.linef("%s  %s", strings.ToUpper(string(r.Conclusion)), r.Text)
	if r.explanation != nil {
		for _, line := range r.explanation.Told(new(explain.Glossary), view.Verbose) {
			p.linef("  %s", p.text(line))
		}
	}
	p.findings(r.Findings)
	p.linef("\nEvidence")
	for _, line := range r.Evidence {
		p.linef("  - %s", p.text(line))
	}
	p.linef("\nWhat was asked, in %d requests", len(r.Exchanges))
	for i, x := range r.Exchanges {
		p.trial(i+1, x, view)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *printer) findings(findings []Finding) {
	if len(findings) == 0 {
		p.linef("\nNothing dangerous was found.")
		return
	}
	p.linef("\nDangers")
	for _, f := range findings {
		p.linef("  %-6s %s: %s\n         %s\n         %s", f.Severity, f.Name, f.Text, p.text(f.Evidence), f.Reference)
	}
}

func (p *printer) trial(n int, x *Trial, view View) {
	p.linef("%d. %s: %s", n, x.Name, x.Why)
	p.request(&x.Request)
	if x.Err != nil {
		p.linef("  ! %s", p.text(x.Err.Error()))
		return
	}
	p.linef("  < %d", x.Status)
	for _, h := range x.Response {
		if view.Verbose && !headers.EqualFold(h.Name, "Set-Cookie") || isTelling(h.Name) {
			p.linef("  < %s: %s", p.text(h.Name), shown(p.secrets.Header(h.Name, h.Value)))
		}
	}
}

func isTelling(name string) bool {
	switch lower := headers.Lower(name); lower {
	case "vary", "location", "www-authenticate", "allow", "server", "via", "x-powered-by", "cache-control", "age":
		return true
	default:
		return strings.HasPrefix(lower, "access-control-")
	}
}

// shown escapes what could upset a terminal: servers choose it.
func shown(s string) string {
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '\ufffd'
	}, s)
}

// version is that of the report: adding a member keeps it, changing one raises it.
const version = 1

// JSON writes the report for programs, as one object on a line.
func (r *Report) JSON(w io.Writer) error {
	secrets := r.secrets()
	type exchange struct {
		Name     string      `json:"name"`
		Method   string      `json:"method"`
		Origin   string      `json:"origin,omitempty"`
		Status   int         `json:"status,omitempty"`
		Response [][2]string `json:"headers"`
		Error    string      `json:"error,omitempty"`
	}
	type finding struct {
		Name      string `json:"name"`
		Severity  string `json:"severity"`
		Text      string `json:"text"`
		Evidence  string `json:"evidence"`
		Reference string `json:"reference"`
	}
	out := struct {
		V          int             `json:"v"`
		URL        string          `json:"url"`
		Origin     string          `json:"origin"`
		Method     string          `json:"method"`
		Conclusion Conclusion      `json:"conclusion"`
		Text       string          `json:"text"`
		Evidence   []string        `json:"evidence"`
		Reasons    []string        `json:"reasons"`
		Causes     []explain.Cause `json:"causes"`
		Findings   []finding       `json:"findings"`
		Exchanges  []exchange      `json:"exchanges"`
	}{
		V: version, URL: secrets.Text(r.URL), Origin: r.Origin, Method: r.Method, Conclusion: r.Conclusion, Text: r.Text, Evidence: []string{},
		Reasons: []string{}, Causes: []explain.Cause{}, Findings: []finding{}, Exchanges: []exchange{},
	}
	for _, line := range r.Evidence {
		out.Evidence = append(out.Evidence, secrets.Text(line))
	}
	if r.Failure != nil {
		for _, e := range r.Failure.All() {
			out.Reasons = append(out.Reasons, e.Reason.String())
		}
	}
	if r.explanation != nil {
		for _, c := range r.explanation.Causes {
			out.Causes = append(out.Causes, c.Map(secrets.Text))
		}
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, finding{f.Name, f.Severity.String(), f.Text, secrets.Text(f.Evidence), f.Reference})
	}
	for _, x := range r.Exchanges {
		e := exchange{Name: x.Name, Method: x.Method, Origin: x.origin, Status: x.Status, Response: [][2]string{}}
		if x.Err != nil {
			e.Error = secrets.Text(x.Err.Error())
		}
		for _, h := range x.Response {
			if !headers.EqualFold(h.Name, "Set-Cookie") {
				e.Response = append(e.Response, [2]string{headers.IsomorphicDecode(secrets.Text(h.Name)), headers.IsomorphicDecode(secrets.Header(h.Name, h.Value))})
			}
		}
		out.Exchanges = append(out.Exchanges, e)
	}
	encoder := json.NewEncoder(redact.Escaped(w))
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}
