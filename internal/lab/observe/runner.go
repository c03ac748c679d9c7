package observe

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/weburl"
)

//go:embed runner.js
var runnerScript string

// elementsScript is what the runner does for elements and the other APIs.
//
//go:embed elements.js
var elementsScript string

// workerPath is where a worker's script is, on each client's own origin, that calls fetch() for a page.
const workerPath = "/worker.js"

// workerScript is that script: of the runner, what calls fetch().
var workerScript = runnerScript[:strings.Index(runnerScript, "function performXHR")] +
	"onmessage = async event => postMessage(await performFetch(event.data, self));\n"

// stepTimeout is when a step has taken so long that its result is "timeout".
const stepTimeout = 8 * time.Second

// A document is a runner page that is loaded, or will be: the observer's end of
// its long poll.
type document struct {
	id   int
	page []byte // the response that loads it
	// client is the response that loads the client at clientURL, where that is another one.
	client    []byte
	clientURL string
	worker    []byte // the script of its workers

	messages chan message
	commands chan command
	gone     chan struct{}
	once     sync.Once
}

// A message is what the runner posts: at first that it is there, then replies.
type message struct {
	Document int    `json:"document"`
	Reply    *reply `json:"reply"`
}

// A command is what the runner is told.
type command struct {
	Navigate *string `json:"navigate,omitempty"`
	Step     *order  `json:"step,omitempty"`
}

// An order is a step as the runner takes it.
type order struct {
	API             string         `json:"api"`
	Destination     string         `json:"destination,omitempty"`
	URL             string         `json:"url"`
	Init            map[string]any `json:"init"`
	BodyBytes       *string        `json:"bodyBytes,omitempty"` // base64
	Stream          bool           `json:"stream,omitempty"`    // init.body must be a ReadableStream
	WithCredentials bool           `json:"withCredentials"`
	UploadListener  bool           `json:"uploadListener"`
	User            *string        `json:"user,omitempty"`
	Password        *string        `json:"password,omitempty"`
	Timeout         int64          `json:"timeout"` // in milliseconds
	Mark            string         `json:"mark"`    // to be logged after the step

	// These are of elements and the other APIs.
	First      bool              `json:"first,omitempty"` // of a scenario
	Attributes map[string]string `json:"attributes,omitempty"`
	Body       *string           `json:"body,omitempty"`
	Listen     int64             `json:"listen,omitempty"` // in milliseconds
	Timing     bool              `json:"timing,omitempty"`
}

// destinations are those other than that of fetch() that a page can ask for. Of
// what it is given, a page sees only whether it could be used, so that it is the
// requests and the console that are worth observing.
var destinations = []string{"", "script", "style", "image", "font"}

// A reply is what the page saw of a step.
type reply struct {
	Result     string      `json:"result"`
	Type       string      `json:"type"`
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	URL        string      `json:"url"`
	Redirected bool        `json:"redirected"`
	Headers    [][2]string `json:"headers"`
	Body       *string     `json:"body"`
	Exception  string      `json:"exception"`

	Tainted, Muted, Rules, Applied, Queued, Readable, Timing *bool

	Opened, ReadyState *int64
	Messages           []scenario.EventMessage
}

func newDocument(id int) *document {
	return &document{id: id, messages: make(chan message), commands: make(chan command), gone: make(chan struct{})}
}

// newClientDocument returns a document for a client. urls are those at which it
// is loaded: that of the top-level document first, then the client's own, where
// it is in a frame. The error is that the observer has no such client.
func newClientDocument(id int, c *scenario.Client) (d *document, urls []string, err error) {
	config := struct {
		Document int    `json:"document"`
		Control  string `json:"control"`
		Frame    *frame `json:"frame"`
	}{Document: id, Control: controlPath}
	if config.Frame, err = frameOf(c); err != nil {
		return nil, nil, err
	}
	urls = []string{c.URL}
	switch u, parseErr := weburl.Parse(c.URL); {
	case c.TopLevel != "" && c.TopLevel != c.URL:
		urls = []string{c.TopLevel, c.URL}
	case config.Frame != nil && !isPlain(&c.Environment):
		if parseErr != nil {
			return nil, nil, parseErr
		}
		urls = []string{u.Origin().String() + controlPage, c.URL}
	}
	d = newDocument(id)
	settings, _ := json.Marshal(config) // which escapes "<"
	html := fmt.Appendf(nil, "<!DOCTYPE html><meta charset=utf-8><link rel=icon href=data:,><title>runner</title>"+
		"<body><script>const config = %s;</script><script>%s</script><script>%s</script>", settings, elementsScript, runnerScript)
	d.worker = complete("text/javascript", policyHeaders(c), []byte(workerScript))
	if isPlain(&c.Environment) {
		d.page = complete("text/html; charset=utf-8", policyHeaders(c), html)
		return d, urls, nil
	}
	d.page = complete("text/html; charset=utf-8", nil, html)
	if config.Frame.Direct {
		html = []byte("<!DOCTYPE html><meta charset=utf-8><title>client</title><body>")
	}
	d.client, d.clientURL = complete("text/html; charset=utf-8", policyHeaders(c), html), c.URL
	return d, urls, nil
}

// exchange gives a message to whoever waits for one of the document, and returns
// the next command. It returns false where the document is gone.
func (d *document) exchange(m message) (command, bool) {
	select {
	case d.messages <- m:
	case <-d.gone:
		return command{}, false
	}
	select {
	case c := <-d.commands:
		return c, true
	case <-d.gone:
		return command{}, false
	}
}

func (d *document) close() { d.once.Do(func() { close(d.gone) }) }

// newOrder returns the order that a step is, without its mark.
func newOrder(s *scenario.Step, url string) *order {
	o := &order{
		API: s.API, Destination: s.Destination, URL: url, Init: map[string]any{}, WithCredentials: s.WithCredentials,
		UploadListener: s.UploadListener, Timeout: stepTimeout.Milliseconds(),
	}
	o.Timing, o.Stream = s.Timing, s.API == scenario.APIFetch && s.BodyType.Value == "stream"
	if isOfElement(s) {
		o.Attributes, o.Listen, o.Body = attributesOf(s), s.Listen.Or(1500), optional(s.Body)
	}
	for name, member := range map[string]scenario.Optional[string]{
		"method": s.Method, "body": s.Body, "mode": s.Mode, "credentials": s.Credentials, "redirect": s.Redirect,
		"referrer": s.Referrer, "referrerPolicy": s.ReferrerPolicy, "cache": s.Cache,
	} {
		if member.Given {
			o.Init[name] = member.Value
		}
	}
	if s.TargetAddressSpace.Given {
		o.Init["targetAddressSpace"] = s.TargetAddressSpace.Value
	}
	o.User, o.Password = optional(s.User), optional(s.Password)
	if s.Keepalive {
		o.Init["keepalive"] = true
	}
	if s.Integrity != "" {
		o.Init["integrity"] = s.Integrity
	}
	var list [][2]string
	for _, h := range s.Headers {
		list = append(list, [2]string{isomorphicDecode(h.Name), isomorphicDecode(h.Value)})
	}
	if s.NotByteString != nil {
		list = append(list, [2]string{"x", "\u0100"}) // which throws as what the scenario has does
	}
	if list != nil {
		o.Init["headers"] = list
	}
	body := s.BodyBytes
	if s.Body.Given && !s.ContentTypeFromBody.Or(true) {
		delete(o.Init, "body")
		body = []byte(s.Body.Value)
	}
	if body != nil {
		encoded := base64.StdEncoding.EncodeToString(body)
		o.BodyBytes = &encoded
	}
	return o
}

// attributesOf returns the content attributes of a step's element, and what is in the place of them.
func attributesOf(s *scenario.Step) map[string]string {
	list := map[string]string{"api": s.API} // so that there is one
	for name, value := range map[string]scenario.Optional[string]{
		"crossorigin": s.CrossOrigin, "referrerpolicy": s.ReferrerPolicy, "fetchpriority": s.FetchPriority, "as": s.As, "type": s.Type,
		"bodyType": s.BodyType, "workerType": s.WorkerType, "enctype": s.Enctype,
	} {
		if value.Given {
			list[name] = value.Value
		}
	}
	if s.Integrity != "" {
		list["integrity"] = s.Integrity
	}
	return list
}

// loaded returns what a step of an element told.
func (r *reply) loaded(p *prefix) scenario.Loaded {
	l := scenario.Loaded{
		Tainted: given(r.Tainted), Muted: given(r.Muted), Rules: given(r.Rules), Applied: given(r.Applied), Queued: given(r.Queued),
		Readable: given(r.Readable), Timing: given(r.Timing), Opened: given(r.Opened), ReadyState: given(r.ReadyState), Messages: r.Messages,
	}
	for i := range l.Messages {
		l.Messages[i][3] = p.strip(l.Messages[i][3])
	}
	return l
}

func given[T any](v *T) scenario.Optional[T] {
	if v == nil {
		return scenario.Optional[T]{}
	}
	return scenario.Some(*v)
}

// outcome returns what came of a step, from what the page saw, what reached the
// servers and what the browser logged, without the prefix.
func (r *reply) outcome(p *prefix, requests []scenario.Request, console []string) scenario.StepOutcome {
	o := scenario.StepOutcome{Result: r.Result, Requests: requests, Loaded: r.loaded(p)}
	if r.Result == scenario.ResultResponse {
		o.Type, o.Status, o.Redirected = r.Type, r.Status, r.Redirected
		o.StatusText = isomorphicEncode(r.StatusText)
		o.URL = p.strip(r.URL)
		o.Headers = headers.List{}
		for _, h := range r.Headers {
			o.Headers = append(o.Headers, headers.Header{
				Name: isomorphicEncode(h[0]), Value: p.stripValue(isomorphicEncode(h[1])),
			})
		}
		if r.Body != nil {
			o.Body = scenario.Some(isomorphicEncode(*r.Body))
		}
	}
	for _, text := range console {
		o.Console = append(o.Console, p.strip(text))
	}
	if r.Exception != "" {
		o.Console = append(o.Console, "[exception] "+p.strip(r.Exception))
	}
	return o
}

// isomorphicDecode returns bytes as text with one code point for each.
//
// https://infra.spec.whatwg.org/#isomorphic-decode
func isomorphicDecode(bytes string) string {
	text := make([]rune, len(bytes))
	for i := range len(bytes) {
		text[i] = rune(bytes[i])
	}
	return string(text)
}

// isomorphicEncode is the reverse. A code point above U+00FF, which no byte string of
// a browser has, is left as its UTF-8 encoding.
//
// https://infra.spec.whatwg.org/#isomorphic-encode
func isomorphicEncode(text string) string {
	bytes := make([]byte, 0, len(text))
	for _, r := range text {
		if r <= 0xFF {
			bytes = append(bytes, byte(r))
		} else {
			bytes = utf8.AppendRune(bytes, r)
		}
	}
	return string(bytes)
}
