package page

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/cmd/simulate/internal/devtools"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/replay/report"
	"github.com/corsim/corsim/origin"
)

// A description is what the form for a request says.
type description struct {
	// Page is who asks: an origin, "null", or the URL of a page.
	Page   string `json:"page"`
	URL    string `json:"url"`
	Method string `json:"method"`
	// Headers are those that script sets, one a line.
	Headers string `json:"headers"`
	// Body is a string, as script gives it to fetch(); "" is none.
	Body        string            `json:"body"`
	Mode        fetch.Mode        `json:"mode"`
	Credentials fetch.Credentials `json:"credentials"`
	Redirect    fetch.Redirect    `json:"redirect"`
	Cookies     string            `json:"cookies"`

	// As is what loads it instead of fetch(), one of [explain.Initiators]; CrossOrigin ("anonymous",
	// "use-credentials") and Integrity are the element's attributes.
	As          string `json:"as"`
	CrossOrigin string `json:"crossorigin"`
	Integrity   string `json:"integrity"`

	// The environment. CSP and HSTS have one a line.
	CSP               string                    `json:"csp"`
	HSTS              string                    `json:"hsts"`
	LocalNetwork      fetch.PermissionState     `json:"localNetwork"`
	LoopbackNetwork   fetch.PermissionState     `json:"loopbackNetwork"`
	AddressSpace      string                    `json:"addressSpace"`
	ThirdPartyCookies browser.ThirdPartyCookies `json:"thirdPartyCookies"`

	// Answers are those of the server, as curl -i prints them; with Live they are asked for, with Why a few
	// requests more.
	Answers string `json:"answers"`
	Live    bool   `json:"live"`
	Why     bool   `json:"why"`

	// Server is the one that the change is written for; "" for the one that its answer points to.
	Server string `json:"server"`
}

// checked is what browsers make of it.
type checked struct {
	// Reports are those of simulate check --json, of the standard and each browser; Marks have the headers
	// that decide, for each of them.
	Reports []json.RawMessage `json:"reports"`
	Marks   [][]mark          `json:"marks"`
	// Guess is the server to which the answers point, Config the change for the one that is chosen or guessed.
	Guess    string  `json:"guess,omitempty"`
	Config   *config `json:"config,omitempty"`
	NoConfig string  `json:"noConfig,omitempty"`
	// Problem is what is wrong with the form; there is no report then.
	Problem *problem `json:"problem,omitempty"`
	// Command are the arguments of simulate by which it says the same.
	Command []string `json:"command"`
}

// A mark is a header on which a verdict rests.
type mark struct {
	Preflight bool   `json:"preflight"`
	Header    string `json:"header"`
	Why       string `json:"why"`
	Reason    string `json:"reason"`
	// Good says that it allows the request.
	Good bool `json:"good,omitempty"`
}

// A problem is what is wrong with a field.
type problem struct {
	Field string `json:"field"` // "" for no field in particular
	Text  string `json:"text"`
}

// A fieldError is an error about a field.
type fieldError struct {
	field string
	err   error
}

// Error says what is wrong.
func (e *fieldError) Error() string { return e.err.Error() }

// fields are the names of the form's fields for the options that an error of package check names.
var fields = map[string]string{"origin": "page", "page": "page", "URL": "url", "--cookie": "cookies"}

// problemOf returns what is wrong with the form, nil where the error is not about it.
func problemOf(err error) *problem {
	if e, ok := errors.AsType[*fieldError](err); ok {
		return &problem{e.field, e.err.Error()}
	}
	if e, ok := errors.AsType[*check.ArgumentError](err); ok {
		if field := fields[e.Option]; field != "" {
			return &problem{field, e.Problem}
		}
		return &problem{"", e.Error()}
	}
	return nil
}

// lines returns the lines of a text that are not empty.
func lines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// textType is the Content-Type of a string that script gives to fetch().
const textType = "text/plain;charset=UTF-8"

// options returns what a check is done with.
func (d *description) options() (o check.Options, err error) {
	o = check.Options{
		URL: strings.TrimSpace(d.URL), Method: strings.TrimSpace(d.Method), Mode: d.Mode, Credentials: d.Credentials, Redirect: d.Redirect, Cookies: d.Cookies,
		ContentSecurityPolicy: lines(d.CSP), HSTS: lines(d.HSTS), Why: d.Why && d.Live, As: d.As, Integrity: d.Integrity,
	}
	if d.CrossOrigin != "" {
		o.CrossOrigin = &d.CrossOrigin
	}
	o.Origin, o.Page = whoAsks(strings.TrimSpace(d.Page))
	if o.URL == "" {
		return o, &fieldError{"url", errors.New("what is asked for? Write the URL, such as https://api.example/things")}
	}
	if o.Headers, err = headerLines(d.Headers); err != nil {
		return o, &fieldError{"headers", err}
	}
	if d.Body != "" {
		o.Body = &d.Body
		if !o.Headers.Contains("Content-Type") {
			o.Headers.Append("Content-Type", textType)
		}
	}
	if d.AddressSpace != "" {
		space, ok := origin.ParseAddressSpace(d.AddressSpace)
		if !ok {
			return o, &fieldError{"addressSpace", errors.New("it is public, local or loopback")}
		}
		o.AddressSpace = space
	}
	for permission, state := range map[fetch.Permission]fetch.PermissionState{fetch.PermissionLocalNetwork: d.LocalNetwork, fetch.PermissionLoopbackNetwork: d.LoopbackNetwork} {
		if state == "" {
			continue
		}
		if o.Permissions == nil {
			o.Permissions = make(map[fetch.Permission]fetch.PermissionState)
		}
		o.Permissions[permission] = state
	}
	if strings.TrimSpace(d.Answers) != "" && !d.Live {
		if o.Answers, err = explain.ParseReplies(d.Answers); err != nil {
			return o, &fieldError{"answers", err}
		}
	}
	o.DryRun = !d.Live && len(o.Answers) == 0
	return o, nil
}

// whoAsks tells the origin of a page from its URL.
func whoAsks(page string) (originOf, url string) {
	if page == "null" || page == "" {
		return page, ""
	}
	if _, rest, ok := strings.Cut(page, "://"); ok && strings.ContainsAny(rest, "/?#") {
		if strings.IndexByte(rest, '/') == len(rest)-1 {
			return strings.TrimSuffix(page, "/"), ""
		}
		return "", page
	}
	return page, ""
}

// engines are the standard and the three browsers, with the user's setting of third-party cookies.
func (d *description) engines() ([]*browser.Engine, error) {
	engines := browser.All()
	for i, e := range engines {
		with, err := e.WithThirdPartyCookies(d.ThirdPartyCookies)
		if err != nil {
			return nil, &fieldError{"thirdPartyCookies", err}
		}
		engines[i] = with
	}
	return engines, nil
}

// run does the checks.
func (d *description) run(ctx context.Context, c *Call) ([]*check.Report, error) {
	options, err := d.options()
	if err != nil {
		return nil, err
	}
	engines, err := d.engines()
	if err != nil {
		return nil, err
	}
	if d.Live {
		if c.Network == nil {
			return nil, errNotLive
		}
		options.Network = c.Network
	}
	return check.RunAll(ctx, options, engines)
}

func checkRequest(ctx context.Context, c *Call, d *description) (any, error) {
	out := &checked{Reports: []json.RawMessage{}, Marks: [][]mark{}}
	reports, err := d.run(ctx, c)
	if err != nil {
		if out.Problem = problemOf(err); out.Problem == nil {
			return nil, err
		}
		return out, nil
	}
	for _, r := range reports {
		var object bytes.Buffer
		if err := r.JSON(&object, check.View{}); err != nil {
			return nil, err
		}
		out.Reports = append(out.Reports, bytes.TrimSpace(object.Bytes()))
		out.Marks = append(out.Marks, marks(r))
		out.Guess = cmp.Or(out.Guess, r.Server)
	}
	out.Command = d.command()
	out.configure(reports, d.Server)
	return out, nil
}

// marks returns the headers by which a request is allowed or for which it is blocked.
func marks(r *check.Report) []mark {
	list := []mark{}
	for _, step := range r.Steps {
		x := step.Exchange
		if x == nil || !x.Answered || r.Verdict != check.Allowed {
			continue
		}
		for _, h := range x.ResponseHeaders {
			if report.Deciding(headers.Lower(h.Name), x.Preflight) {
				list = append(list, mark{Preflight: x.Preflight, Header: h.Name, Good: true})
			}
		}
	}
	if r.Failure == nil {
		return list
	}
	for _, e := range r.Failure.All() {
		list = append(list, mark{Preflight: e.Preflight, Header: e.Header, Why: e.Detail(), Reason: e.Reason.String()})
	}
	return list
}

// configure writes the change for a server, by the first report of which the server can do something about.
func (out *checked) configure(reports []*check.Report, server string) {
	server = cmp.Or(server, out.Guess)
	if server == "" {
		return
	}
	i := slices.IndexFunc(reports, func(r *check.Report) bool { return r.Failure != nil && r.Failure.Reason.IsCORS() })
	if i < 0 {
		return
	}
	c, err := recipe.Configure(server, reports[i].Need)
	if err != nil {
		out.NoConfig = err.Error()
		return
	}
	out.Config = newConfig(c)
}

// copied is a request as somebody has copied it from the developer tools, or a curl command.
type copied struct {
	Text string `json:"text"`
}

// described is the form that it makes.
type described struct {
	*description
	Notes []string `json:"notes"`
}

func pasteRequest(_ context.Context, _ *Call, in *copied) (any, error) {
	r, err := devtools.Parse(in.Text)
	if err != nil {
		return nil, err
	}
	d := &description{URL: r.URL, Method: r.Method, Page: cmp.Or(r.Origin, r.Referer), Cookies: r.Cookie}
	if r.Body != nil {
		d.Body = *r.Body
	}
	for _, h := range r.Headers {
		d.Headers += h.Name + ": " + h.Value + "\n"
	}
	value := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	d.Mode, d.Credentials, d.Redirect = fetch.Mode(value(r.Mode)), fetch.Credentials(value(r.Credentials)), fetch.Redirect(value(r.Redirect))
	if d.Page == "" && strings.Contains(value(r.Referrer), "://") {
		d.Page, _ = whoAsks(value(r.Referrer))
		d.Page = cmp.Or(d.Page, value(r.Referrer))
	}
	if d.Credentials == "" && d.Cookies != "" {
		d.Credentials = fetch.CredentialsInclude
	}
	return &described{d, append([]string{}, r.Notes...)}, nil
}
