package scenario

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/internal/status"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
	"github.com/corsim/corsim/wire"
)

// start is when every scenario begins: the clock is the scenario's own, so that
// it comes out the same each time.
var start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Run runs a scenario in a user agent that has seen nothing before, against its
// scripted servers, and returns what came of it. A nil engine is the standard.
// It can be called by many goroutines at once.
func Run(ctx context.Context, s *Scenario, engine *browser.Engine) *Outcome {
	outcome := &Outcome{ID: s.ID}
	run := &run{scenario: s, servers: NewServers(s), now: start}
	run.client = fetch.Client{
		LocalNetworksUnchecked: s.Client.AddressSpace == "", HSTS: new(fetch.HSTS), Authentication: new(fetch.AuthenticationEntries),
		Network: run, Engine: engine, Now: func() time.Time { return run.now },
		Jar:       cookies.New(cookies.Options{Policy: cookies.PolicyFor(engine), Now: func() time.Time { return run.now }}),
		HTTPCache: httpcache.New(httpcache.Options{Rules: httpCacheRules(engine)}),
	}
	for _, h := range s.Client.HSTS {
		header := fmt.Sprintf("max-age=%d", h.MaxAge.Or(365*24*60*60))
		if h.IncludeSubDomains {
			header += "; includeSubDomains"
		}
		run.client.HSTS.Visited(h.Host, header, run.now)
	}
	page, err := NewPage(s.Client.navigated(run.client.HSTS))
	if err != nil {
		outcome.Error = err.Error()
		return outcome
	}
	outcome.Steps = make([]StepOutcome, 0, len(s.Steps))
	for i := range s.Steps {
		run.now = run.now.Add(s.Steps[i].Wait)
		outcome.Steps = append(outcome.Steps, run.step(ctx, page, &s.Steps[i]))
		if run.unmeasurable != nil {
			return &Outcome{ID: s.ID, Error: run.unmeasurable.Error()}
		}
	}
	return outcome
}

// navigated returns the client as it is when its document was loaded: over https if its host is known to want it.
func (c *Client) navigated(known *fetch.HSTS) *Client {
	u, err := weburl.Parse(c.URL)
	if err != nil || u.Scheme() != "http" || !known.Knows(u.Host(), start) {
		return c
	}
	navigated := *c
	navigated.URL = u.WithScheme("https").String()
	if navigated.Origin != "null" {
		navigated.Origin = ""
	}
	return &navigated
}

func httpCacheRules(engine *browser.Engine) httpcache.Rules {
	return engine.HTTPCache()
}

// NewPage returns the page that a client stands for.
func NewPage(c *Client) (*fetch.Page, error) {
	space, _ := origin.ParseAddressSpace(c.AddressSpace)
	permissions := map[fetch.Permission]fetch.PermissionState{
		fetch.PermissionLocalNetwork: fetch.PermissionState(c.LocalNetwork), fetch.PermissionLoopbackNetwork: fetch.PermissionState(c.LoopbackNetwork),
	}
	return fetch.NewPage(c.URL, &fetch.PageOptions{
		Origin: c.Origin, ReferrerPolicy: fetch.ReferrerPolicy(c.ReferrerPolicy), TopLevel: c.TopLevel, Kind: kindOf(c.Kind),
		ContentSecurityPolicy: c.CSP, PermissionsPolicy: c.PermissionsPolicy.Value, Allow: c.Allow.Value, EmbedderPolicy: cors.ParseEmbedderPolicy(c.COEP.Value),
		AddressSpace: space, Permissions: permissions,
	})
}

func kindOf(kind string) fetch.PageKind {
	if kind == "document" {
		return fetch.KindDocument
	}
	return fetch.PageKind(kind)
}

// run is a scenario that is being run, and the network that it runs on.
type run struct {
	scenario *Scenario
	client   fetch.Client
	servers  *Servers
	now      time.Time
	current  *Step
	requests []Request
	// unmeasurable says why the scenario cannot be measured.
	unmeasurable error
}

func (r *run) step(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	r.current, r.requests = s, []Request{}
	if s.API != APIFetch && s.API != APIXHR {
		return r.load(ctx, page, s)
	}
	request, err := s.Request(page)
	if err != nil {
		return StepOutcome{
			Result: ResultThrows, Requests: r.requests, Reason: cors.ReasonOf(err).String(), Console: r.thrown(page, s, err),
		}
	}
	engine := r.client.Engine
	var messages []browser.Message
	if engine.HasMessages() {
		ctx = fetch.WithTrace(ctx, &fetch.Trace{Ended: func(failure *browser.Failure) {
			failure.Headers = s.Headers
			messages = engine.Messages(failure)
		}})
	}
	response, err := r.client.Do(ctx, request)
	outcome := s.Outcome(response, err)
	if s.Timing && len(r.requests) > 0 {
		outcome.Loaded.Timing = Some(err == nil && response.TimingAllowed)
	}
	outcome.Requests = r.requests
	outcome.Console = console(messages)
	return outcome
}

// thrown returns what the engine logs where the API refuses the arguments of a
// step.
func (r *run) thrown(page *fetch.Page, s *Step, err error) []string {
	engine := r.client.Engine
	e, ok := errors.AsType[*cors.Error](err)
	if !ok || !engine.HasMessages() {
		return nil
	}
	return console(engine.Messages(&browser.Failure{
		API: s.API, Err: e, PageURL: page.URL(), Origin: page.Origin().String(), Mode: s.Mode.Or("cors"), Headers: s.Headers,
	}))
}

// console returns messages as an outcome lists them.
func console(messages []browser.Message) (list []string) {
	for _, m := range messages {
		list = append(list, m.String())
	}
	return list
}

// MaxBody is how many bytes of a body, decoded, are kept for an outcome. A longer body
// counts as one that cannot be read.
const MaxBody = 32 << 20

var errBodyTooLong = errors.New("the body is longer than is kept")

// Outcome returns what came of the step, given what the fetch returned. It reads
// and closes the response's body. Requests are for the caller to add.
func (s *Step) Outcome(response *fetch.Response, err error) StepOutcome {
	if reason := cors.ReasonOf(err); reason == cors.Timeout {
		return StepOutcome{Result: ResultTimeout, Reason: reason.String()}
	} else if reason == cors.InvalidArgument {
		return StepOutcome{Result: ResultThrows, Reason: reason.String()}
	} else if err != nil {
		return StepOutcome{Result: ResultNetworkError, Reason: reason.String()}
	}
	defer response.Body.Close()
	outcome := StepOutcome{
		Result: ResultResponse, Status: response.Status, StatusText: response.StatusText, URL: response.URL,
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if err == nil && len(body) > MaxBody {
		err = errBodyTooLong
	}
	if cors.ReasonOf(err) == cors.Timeout {
		return StepOutcome{Result: ResultTimeout, Reason: cors.Timeout.String()}
	}
	if s.API == APIXHR {
		if err != nil {
			// An XMLHttpRequest whose body fails has failed.
			return StepOutcome{Result: ResultNetworkError, Reason: cors.Transport.String()}
		}
		outcome.Headers = response.AllResponseHeaders()
	} else {
		outcome.Type, outcome.Redirected = string(response.Type), response.Redirected
		outcome.Headers = response.Headers.SortAndCombine()
	}
	if err == nil {
		outcome.Body = Some(string(body))
	}
	return outcome
}

// errNotByteString is what a header that is no byte string throws.
var errNotByteString = errors.New("a header has a code point above U+00FF")

// errWholeScenario is what the other APIs come to where a single request is wanted.
var errWholeScenario = errors.New(`must be "fetch" or "xhr" here; the other APIs are for the steps of a scenario`)

// errEmpty is what an argument throws that is given as "" and cannot be empty.
var errEmpty = errors.New(`"" is not one of its values`)

// Request returns the request that the step asks for, called by a page. The error
// is what the API throws, an *[cors.Error].
func (s *Step) Request(page *fetch.Page) (*fetch.Request, error) {
	if s.NotByteString != nil {
		return nil, &cors.Error{Reason: cors.InvalidArgument, Subject: "headers", Err: errNotByteString}
	}
	if s.Method.Given && s.Method.Value == "" {
		return nil, &cors.Error{Reason: cors.InvalidArgument, Subject: "method", Err: errEmpty}
	}
	if s.API != APIXHR && s.API != APIFetch {
		return nil, &cors.Error{Reason: cors.InvalidArgument, Subject: "api", Err: errWholeScenario}
	}
	if s.API == APIXHR {
		return fetch.NewXHR(page, s.URL, &fetch.XHR{
			Method: s.Method.Value, Headers: s.Headers, Body: s.body(),
			WithCredentials: s.WithCredentials, UploadListener: s.UploadListener, Sync: s.sync, User: s.User.pointer(), Password: s.Password.pointer(),
		})
	}
	init, err := s.Init()
	if err != nil {
		return nil, err
	}
	return fetch.NewRequest(page, s.URL, init)
}

// Init returns the init of the fetch() that the step calls.
func (s *Step) Init() (*fetch.Init, error) {
	for name, member := range map[string]*Optional[string]{
		"mode": &s.Mode, "credentials": &s.Credentials, "redirect": &s.Redirect, "cache": &s.Cache,
	} {
		if member.Given && member.Value == "" {
			return nil, &cors.Error{Reason: cors.InvalidArgument, Subject: name, Err: errEmpty}
		}
	}
	return &fetch.Init{
		Method: s.Method.Value, Headers: s.Headers, Body: s.body(), Mode: fetch.Mode(s.Mode.Value),
		Credentials: fetch.Credentials(s.Credentials.Value), Redirect: fetch.Redirect(s.Redirect.Value),
		Cache: fetch.CacheMode(s.Cache.Value), Referrer: s.Referrer.Value,
		NoReferrer:     s.Referrer.Given && s.Referrer.Value == "",
		ReferrerPolicy: fetch.ReferrerPolicy(s.ReferrerPolicy.Value), Keepalive: s.Keepalive,
		Destination: fetch.Destination(s.Destination), Integrity: s.Integrity, TargetAddressSpace: s.TargetAddressSpace.Or("unknown"),
	}, nil
}

func (s *Step) body() *fetch.Body {
	switch {
	case s.BodyBytes != nil:
		return fetch.Bytes(s.BodyBytes)
	case !s.Body.Given:
		return nil
	case s.BodyType.Value == "stream":
		return fetch.Stream(strings.NewReader(s.Body.Value))
	case s.ContentTypeFromBody.Or(true):
		return fetch.Text(s.Body.Value)
	}
	return fetch.Bytes([]byte(s.Body.Value))
}

// AddressSpace implements [fetch.AddressResolver]: a host is where an entry of servers says, or what
// it is; other names are loopback.
func (r *run) AddressSpace(_ context.Context, url string) (origin.AddressSpace, error) {
	u, err := weburl.Parse(url)
	if err != nil {
		return origin.SpaceUnknown, err
	}
	for i := range r.scenario.Servers {
		s := &r.scenario.Servers[i]
		if s.AddressSpace == "" {
			continue
		}
		if server, err := weburl.Parse(s.URL); err == nil && server.Host() == u.Host() {
			space, _ := origin.ParseAddressSpace(s.AddressSpace)
			return space, nil
		}
	}
	if space := origin.HostAddressSpace(u.Host()); space != origin.SpaceUnknown {
		return space, nil
	}
	return origin.SpaceLoopback, nil
}

// errRefused is what a URL gets that no server answers for.
var errRefused = errors.New("connection refused: no server of the scenario answers it")

// RoundTrip implements [fetch.Network].
func (r *run) RoundTrip(_ context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	answer, ok := r.servers.Answer(n.Method, n.URL)
	if !ok {
		return nil, errRefused
	}
	if answer.NotBytes != nil {
		r.unmeasurable = answer.NotBytes
		return nil, answer.NotBytes
	}
	h2 := r.servers.speaksHTTP2(n.URL) && !n.HTTP1
	if n.HTTP2 && !h2 {
		return nil, wire.ErrHTTP2Required
	}
	connected := n
	if !h2 {
		connected = r.onConnection(n)
	}
	r.requests = append(r.requests, r.current.requestSeen(connected, h2 && r.client.Engine.Rules(quirks.Key{}).HTTP2.CookiesApart))
	switch {
	case answer.Reset != "" && h2:
		return nil, &wire.StreamError{Code: answer.Reset}
	case answer.Reset != "":
		return nil, wire.ErrNoResponse
	case h2:
		return r.overHTTP2(answer, n.Method), nil
	}
	if answer.Raw != "" {
		return wire.ReadResponse(bufio.NewReader(&rawAnswer{answer.Raw, answer.Truncated}), n)
	}
	if slices.ContainsFunc(answer.Headers, isOdd) {
		return wire.ReadResponse(bufio.NewReader(bytes.NewReader(onWire(answer))), n)
	}
	if answer.Headers.Contains("content-length") || answer.Headers.Contains("transfer-encoding") {
		return wire.ParseResponse(bufio.NewReader(bytes.NewReader(onWire(answer))), n.Method)
	}
	response := &fetch.NetworkResponse{
		Status: answer.Status, StatusText: status.Text(answer.Status), Headers: trimmed(answer.Headers), Body: fetch.NoBody,
	}
	if n.Method != "HEAD" {
		response.Body = fetch.StringBody(answer.Body)
	}
	return response, nil
}

// overHTTP2 returns an answer as it comes over HTTP/2.
func (r *run) overHTTP2(answer *Answer, method string) *fetch.NetworkResponse {
	list := make(headers.List, len(answer.Headers))
	for i, h := range answer.Headers {
		list[i] = headers.Header{Name: headers.Lower(h.Name), Value: h.Value}
		if !r.client.Engine.Rules(quirks.Key{}).HTTP2.SpacesKept {
			list[i].Value = headers.TrimTabOrSpace(h.Value)
		}
	}
	response := &fetch.NetworkResponse{
		Status: answer.Status, Headers: list, Body: fetch.NoBody, HTTP2: true, HasTrailers: len(answer.Trailers) > 0,
	}
	if method != "HEAD" {
		response.Body = fetch.StringBody(answer.Body)
	}
	return response
}

// A rawAnswer is the bytes of an answer, and the end of its connection.
type rawAnswer struct {
	rest      string
	truncated bool
}

// Read ends with [io.ErrUnexpectedEOF] where the connection ends without a close_notify.
func (a *rawAnswer) Read(p []byte) (int, error) {
	if a.rest == "" && a.truncated {
		return 0, io.ErrUnexpectedEOF
	}
	if a.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// onWire returns an answer as it is on the wire.
func onWire(answer *Answer) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\n", answer.Status, status.Text(answer.Status))
	for _, h := range answer.Headers {
		b = fmt.Appendf(b, "%s: %s\r\n", h.Name, h.Value)
	}
	return append(append(b, "\r\n"...), answer.Body...)
}

// onConnection adds to a request the headers that a browser's connection does,
// where the engine is one.
func (r *run) onConnection(n *fetch.NetworkRequest) *fetch.NetworkRequest {
	connection := r.client.Engine.Rules(quirks.Key{}).Product.Connection
	if connection == "" {
		return n
	}
	_, rest, _ := strings.Cut(n.URL, "://")
	host, _, _ := strings.Cut(rest, "/")
	connected := *n
	connected.Headers = append(slices.Clip(n.Headers), headers.Header{Name: "Host", Value: host},
		headers.Header{Name: "Connection", Value: connection})
	return &connected
}

// isOdd reports whether engines may read a header line differently.
func isOdd(h headers.Header) bool {
	return !headers.IsToken(h.Name) || strings.ContainsAny(h.Value, "\r\n")
}

// trimmed returns headers without the tabs and spaces around values, which are not part of them.
func trimmed(list headers.List) headers.List {
	if !slices.ContainsFunc(list, func(h headers.Header) bool { return headers.TrimTabOrSpace(h.Value) != h.Value }) {
		return list
	}
	list = list.Clone()
	for i := range list {
		list[i].Value = headers.TrimTabOrSpace(list[i].Value)
	}
	return list
}

// RequestSeen returns a request that the step led to in the form in which an
// outcome lists it: without the headers that depend on the product or the
// connection, unless the step set them itself.
func (s *Step) RequestSeen(n *fetch.NetworkRequest) Request { return s.requestSeen(n, false) }

// requestSeen is RequestSeen; splitCookies gives each cookie a line of its own, as over HTTP/2.
func (s *Step) requestSeen(n *fetch.NetworkRequest, splitCookies bool) Request {
	list := make(headers.List, 0, len(n.Headers))
	for _, h := range n.Headers {
		name := headers.Lower(h.Name)
		if dependsOnProduct(name) && (n.Preflight || !s.Headers.Contains(name)) {
			continue
		}
		if name == "cookie" && splitCookies {
			for cookie := range strings.SplitSeq(h.Value, "; ") {
				list = append(list, headers.Header{Name: name, Value: cookie})
			}
			continue
		}
		// A server's parser takes off what combining empty values left at the end.
		list = append(list, headers.Header{Name: name, Value: headers.TrimTabOrSpace(h.Value)})
	}
	slices.SortStableFunc(list, func(a, b headers.Header) int { return strings.Compare(a.Name, b.Name) })
	madeHere := s.API == string(fetch.InitiatorForm) || s.API == string(fetch.InitiatorBeacon)
	if i := slices.IndexFunc(list, func(h headers.Header) bool { return h.Name == "content-type" }); madeHere && i >= 0 && strings.HasPrefix(list[i].Value, multipartPrefix) {
		list[i].Value = multipartPrefix + "B" // which is another one each time
		list.Delete("content-length")
	}
	return Request{Method: n.Method, URL: n.URL, Headers: list}
}

// dependsOnProduct reports whether a lower-case header name is one that outcomes
// leave out.
func dependsOnProduct(name string) bool {
	switch name {
	case "user-agent", "accept-language", "accept-encoding", "connection", "host", "priority", "cache-control",
		"pragma", "upgrade-insecure-requests", "te", "dnt", "sec-gpc":
		return true
	}
	return strings.HasPrefix(name, "sec-ch-ua")
}
