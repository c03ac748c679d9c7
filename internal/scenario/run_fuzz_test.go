package scenario

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
)

// Any scenario comes to an end, the same one each time, and whatever the servers
// answer, what the CORS protocol is there for holds.
func FuzzRun(f *testing.F) {
	f.Add([]byte{})
	for i := range 64 {
		f.Add(randomBytes(uint64(i)))
	}
	f.Fuzz(func(t *testing.T, choices []byte) { checkRandomScenario(t, choices) })
}

// The same for a good number of scenarios at every run of the tests.
func TestRunRandom(t *testing.T) {
	for i := range 1000 {
		if checkRandomScenario(t, randomBytes(uint64(i)+1000)); t.Failed() {
			return // one is enough to read
		}
	}
}

func randomBytes(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, 40+r.IntN(200))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func checkRandomScenario(t *testing.T, choices []byte) {
	s := (&choice{rest: choices}).scenario()
	for _, engine := range browser.All() {
		name := engine.Name()
		w := &witness{t: t, name: name, engine: engine, scenario: s}
		once, again := runWitnessed(s, engine, w), runWitnessed(s, engine, w)
		if string(once.AppendJSON(nil)) != string(again.AppendJSON(nil)) {
			t.Errorf("%s: %s\nand then %s", name, once.AppendJSON(nil), again.AppendJSON(nil))
		}
		once, again = Run(context.Background(), s, engine), Run(context.Background(), s, engine)
		if string(once.AppendJSON(nil)) != string(again.AppendJSON(nil)) {
			t.Errorf("%s: %s\nand then %s", name, once.AppendJSON(nil), again.AppendJSON(nil))
		}
		for i := range once.Steps {
			w.checkStep(i, &once.Steps[i])
		}
		if t.Failed() {
			t.Logf("%s: %+v", name, s)
			return
		}
	}
}

// runWitnessed is Run with a jar that has a cookie for all, and a witness.
func runWitnessed(s *Scenario, engine *browser.Engine, w *witness) *Outcome {
	outcome := &Outcome{ID: s.ID}
	page, err := NewPage(&s.Client)
	if err != nil {
		return &Outcome{ID: s.ID, Error: err.Error()}
	}
	run := &run{scenario: s, servers: NewServers(s), now: start}
	run.client = fetch.Client{
		Network: run, Engine: engine, Now: func() time.Time { return run.now }, Jar: oneCookie{},
		HTTPCache: httpcache.New(httpcache.Options{Rules: httpCacheRules(engine)}),
	}
	w.page = page
	outcome.Steps = []StepOutcome{}
	for i := range s.Steps {
		run.now = run.now.Add(s.Steps[i].Wait)
		w.begin(&s.Steps[i])
		outcome.Steps = append(outcome.Steps, run.step(fetch.WithTrace(context.Background(), w.trace()), page, &s.Steps[i]))
	}
	return outcome
}

// oneCookie is a jar.
type oneCookie struct{}

func (oneCookie) Cookies(*fetch.CookieContext) string       { return "c=1" }
func (oneCookie) SetCookies(*fetch.CookieContext, []string) {}

// A witness watches the fetches of a scenario, and knows the rules.
type witness struct {
	t        *testing.T
	name     string
	engine   *browser.Engine
	scenario *Scenario
	page     *fetch.Page

	step      *Step
	include   bool
	sent      int
	last      *fetch.NetworkRequest
	received  headers.List
	fromCache bool
	permitted map[string]bool // URLs, fragment apart, that a preflight or the cache has permitted
}

func (w *witness) errorf(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("%s, %s: %s", w.name, w.step.URL, fmt.Sprintf(format, args...))
}

func (w *witness) begin(s *Step) {
	w.step, w.sent, w.last, w.received, w.fromCache = s, 0, nil, nil, false
	w.permitted = make(map[string]bool)
	w.include = s.Credentials.Value == "include"
	if s.API == APIXHR {
		w.include = s.WithCredentials
	}
}

func (w *witness) trace() *fetch.Trace {
	return &fetch.Trace{
		RequestSent: w.requestSent,
		ResponseReceived: func(_ *fetch.NetworkRequest, r *fetch.NetworkResponse) {
			w.received, w.fromCache = r.Headers, false
		},
		CacheUsed:       func(string, bool) { w.fromCache = true },
		PreflightCached: func(url string) { w.permitted[url] = true },
		Checked:         w.checked,
	}
}

func (w *witness) requestSent(r *fetch.NetworkRequest, _ *cors.Request) {
	w.last = r
	if !r.NewConnection {
		w.sent++
	}
	if w.sent > 2*(1+cors.MaxRedirects) {
		w.errorf("%d requests", w.sent)
	}
	if r.Preflight {
		w.preflightSent(r)
		return
	}
	if w.step.Credentials.Value == "omit" && w.step.API != APIXHR && r.Headers.Contains("cookie") {
		w.errorf("cookies with credentials mode omit: %+v", r)
	}
	crossOrigin := !strings.HasPrefix(r.URL, w.page.Origin().String()+"/")
	safelisted := r.Method == "GET" || r.Method == "HEAD" || r.Method == "POST"
	if w.engine == browser.Standard() && crossOrigin && !safelisted && !w.permitted[r.URL] {
		w.errorf("%s %s without a preflight", r.Method, r.URL)
	}
	if crossOrigin && !safelisted && !r.Headers.Contains("origin") {
		w.errorf("%s %s without Origin", r.Method, r.URL)
	}
}

// preflightSent checks what each preflight is.
func (w *witness) preflightSent(r *fetch.NetworkRequest) {
	if r.Method != "OPTIONS" || r.Body != nil {
		w.errorf("preflight %+v", r)
	}
	for _, name := range []string{"cookie", "authorization"} {
		if r.Headers.Contains(name) {
			w.errorf("a preflight has %s: %v", name, r.Headers)
		}
	}
	for _, name := range []string{"origin", "access-control-request-method"} {
		if len(r.Headers.Values(name)) != 1 {
			w.errorf("a preflight needs one %s: %v", name, r.Headers)
		}
	}
	if names, ok := r.Headers.Get("access-control-request-headers"); ok {
		list := strings.Split(names, ",")
		if names == "" || !slices.IsSorted(list) || strings.ToLower(names) != names {
			w.errorf("Access-Control-Request-Headers %q", names)
		}
		if unique := slices.Compact(slices.Clone(list)); len(unique) != len(list) && !w.engine.CORS().RepeatRequestHeaders {
			w.errorf("Access-Control-Request-Headers %q", names)
		}
	}
}

// checked compares a CORS check with its twin, where what was checked came from
// the network.
func (w *witness) checked(url string, _ *cors.Request, preflight bool, err error) {
	if preflight && err == nil {
		w.permitted[url] = true
	}
	if w.fromCache || !w.comparable() {
		return
	}
	passes := corsCheck(w.last, w.received, w.include)
	if err == nil && !passes || err != nil && passes && !preflight { // a preflight has more to pass
		w.errorf("origin %q, include %t, response %v: %v", w.last.Headers.Values("origin"), w.include, w.received, err)
	}
}

// comparable reports whether the engine has to do the CORS check as the standard
// does: engines differ in what they make of repeated lines, and only in that.
func (w *witness) comparable() bool {
	return w.engine == browser.Standard() ||
		len(w.received.Values("access-control-allow-origin")) < 2 && len(w.received.Values("access-control-allow-credentials")) < 2
}

// corsCheck is the CORS check, written down from the standard step by step.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func corsCheck(request *fetch.NetworkRequest, response headers.List, include bool) bool {
	get := func(name string) (value string, ok bool) {
		var values []string
		for _, h := range response {
			if strings.EqualFold(h.Name, name) {
				values = append(values, h.Value)
			}
		}
		return strings.Join(values, ", "), len(values) > 0
	}
	// 1. Let origin be the result of getting `Access-Control-Allow-Origin`.
	origin, ok := get("Access-Control-Allow-Origin")
	// 2. If origin is null, then return failure.
	if !ok {
		return false
	}
	// 3. If credentials mode is not "include" and origin is `*`, then return success.
	if !include && origin == "*" {
		return true
	}
	// 4. If the result of byte-serializing a request origin is not origin, then return failure.
	if sent, _ := request.Headers.Get("Origin"); sent != origin {
		return false
	}
	// 5. If credentials mode is not "include", then return success.
	if !include {
		return true
	}
	// 6 to 8.
	credentials, _ := get("Access-Control-Allow-Credentials")
	return credentials == "true"
}

// checkStep checks what a page could tell of a step.
func (w *witness) checkStep(i int, o *StepOutcome) {
	w.step = &w.scenario.Steps[i]
	readable := o.Headers
	for _, h := range readable {
		if h.Name == "set-cookie" || h.Name == "set-cookie2" {
			w.errorf("%s can be read", h.Name)
		}
		if h.Name != strings.ToLower(h.Name) {
			w.errorf("%s is no lower case", h.Name)
		}
	}
	switch {
	case o.Result == ResultThrows && len(o.Requests) > 0:
		w.errorf("throws after %d requests", len(o.Requests))
	case o.Result != ResultResponse && (o.Status != 0 || o.Headers != nil || o.Body.Given || o.Reason == ""):
		w.errorf("%+v", o)
	case o.Result == ResultResponse && o.Reason != "":
		w.errorf("%+v", o)
	case o.Type == "opaque" && (o.Status != 0 || len(readable) > 0 || o.Body.Value != "" || o.URL != ""),
		o.Type == "opaqueredirect" && (o.Status != 0 || len(readable) > 0 || o.URL == ""):
		w.errorf("an opaque response tells %+v", o)
	}
	if o.Type == "cors" {
		for _, h := range readable {
			if h.Name == "x-secret" {
				w.errorf("x-secret, which is exposed by nobody, can be read")
			}
		}
	}
}

// A choice makes a scenario of bytes: each chooses one of a list, and where they
// are at an end it is the first.
type choice struct{ rest []byte }

func (c *choice) number(n int) int {
	if len(c.rest) == 0 {
		return 0
	}
	b := int(c.rest[0])
	c.rest = c.rest[1:]
	return b % n
}

func (c *choice) of(list ...string) string { return list[c.number(len(list))] }
func (c *choice) bool() bool               { return c.number(2) == 1 }

var urls = []string{
	"https://a.test/x", "https://b.test/x", "https://s.a.test/x", "https://c.test/x", "http://localhost/x", "https://a.test/y",
}

func (c *choice) url() string { return c.of(urls...) + c.of("", "#f", "?q", "") }

func (c *choice) scenario() *Scenario {
	s := &Scenario{ID: "random", Client: Client{
		URL: c.of("https://a.test/page", "https://a.test/page?q#f", "https://b.test/page"), Origin: c.of("", "", "", "null", "https://c.test"),
		ReferrerPolicy: c.of("", "unsafe-url", "no-referrer", "origin", "same-origin"), TopLevel: c.of("", "", "https://t.test/"),
	}}
	for _, url := range urls {
		server := Server{URL: url}
		for range c.number(4) + 1 {
			server.Answers = append(server.Answers, c.answer())
		}
		s.Servers = append(s.Servers, server)
	}
	for range c.number(4) + 1 {
		s.Steps = append(s.Steps, c.step())
	}
	return s
}

func (c *choice) answer() Answer {
	a := Answer{
		Method: c.of("*", "OPTIONS", "GET", "PUT"), Body: c.of("", "body"), Times: c.number(3),
		Status: []int{200, 200, 204, 301, 302, 303, 307, 308, 304, 401, 404, 407, 421, 500}[c.number(14)],
	}
	add := func(name string, values ...string) {
		if v := c.of(append(values, "-")...); v != "-" {
			a.Headers.Append(name, v)
		}
	}
	add("Access-Control-Allow-Origin", "*", "https://a.test", "null", "https://c.test", "https://a.test", "*", "")
	add("access-control-allow-origin", "-", "-", "-", "-", "-", "-", "", "*")
	add("Access-Control-Allow-Credentials", "true", "true", "TRUE", "-", "")
	add("Access-Control-Allow-Methods", "*", "PUT, DELETE", "PUT", "", "a b", "patch")
	add("Access-Control-Allow-Headers", "*", "*, authorization", "x-a, x-b, authorization, content-type", "", "a b")
	add("Access-Control-Max-Age", "60", "0", "-1", "x")
	add("Access-Control-Expose-Headers", "-", "x-a", "x-a, set-cookie", "x a")
	a.Headers.Append("Set-Cookie", "c=2")
	a.Headers.Append("X-A", "1")
	a.Headers.Append("X-Secret", "1")
	add("Cache-Control", "-", "max-age=60", "no-store", "max-age=10, stale-while-revalidate=60")
	add("ETag", "-", `"e"`)
	add("Vary", "-", "-", "Origin", "*")
	add("Referrer-Policy", "-", "-", "-", "unsafe-url", "no-referrer")
	add("Cross-Origin-Resource-Policy", "-", "-", "same-origin", "same-site")
	add("Content-Type", "text/plain", "image/png", "text/javascript")
	if a.Status/100 == 3 && a.Status != 304 {
		switch c.number(8) {
		case 0:
		case 1:
			a.Headers.Append("Location", c.of("", "data:,x", "https://u@b.test/x", "https://[", "y", "ftp://a.test/"))
		default:
			a.Headers.Append("Location", c.url())
		}
	}
	// No header exposes "x-secret" but "*", which is not among the choices.
	return a
}

func (c *choice) step() Step {
	s := Step{
		API: c.of(APIFetch, APIFetch, APIXHR), URL: c.url(), Wait: time.Duration(c.number(4)) * 5 * time.Second,
		WithCredentials: c.bool(), UploadListener: c.bool(), Keepalive: c.number(8) == 1,
	}
	optional := func(values ...string) Optional[string] {
		if v := c.of(append([]string{"-", "-"}, values...)...); v != "-" {
			return Some(v)
		}
		return Optional[string]{}
	}
	s.Method = optional("GET", "PUT", "post", "DELETE", "HEAD", "patch", "OPTIONS", "TRACE", "")
	s.Mode = optional("cors", "no-cors", "same-origin", "navigate")
	s.Credentials = optional("include", "include", "omit", "same-origin")
	s.Redirect = optional("follow", "follow", "manual", "error")
	s.Cache = optional("no-store", "reload", "no-cache", "force-cache", "only-if-cached", "default")
	s.Referrer = optional("", "/other", "about:client", "https://b.test/")
	s.ReferrerPolicy = optional("unsafe-url", "no-referrer", "strict-origin", "")
	s.Destination = c.of("", "", "", "script", "style", "image")
	for range c.number(4) {
		s.Headers.Append(
			c.of("X-A", "x-b", "Authorization", "Content-Type", "Accept", "Cookie", "Range", "If-None-Match", "Cache-Control", "X-a", "a b"),
			c.of("1", "application/json", "text/plain", "bytes=0-1", "no-cache", "", "\"", strings.Repeat("a", 129)))
	}
	if c.number(3) == 1 {
		s.Body = Some(c.of("", "body"))
		s.ContentTypeFromBody = Some(c.bool())
	}
	return s
}
