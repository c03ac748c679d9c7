package scenario

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// The APIs that are not initiators of package fetch: a request of fetch() or XMLHttpRequest, made
// elsewhere or otherwise.
const (
	apiWorkerFetch = "worker-fetch"
	apiXHRSync     = "xhr-sync"
)

// initiators are the APIs of steps besides these.
var initiators = []fetch.Initiator{
	fetch.InitiatorImage, fetch.InitiatorScript, fetch.InitiatorModule, fetch.InitiatorImport, fetch.InitiatorStyle, fetch.InitiatorFont,
	fetch.InitiatorVideo, fetch.InitiatorAudio, fetch.InitiatorTrack, fetch.InitiatorCSSImage, fetch.InitiatorCSSMask, fetch.InitiatorShapeOutside,
	fetch.InitiatorSVGUse, fetch.InitiatorPreload, fetch.InitiatorModulePreload, fetch.InitiatorEventSource, fetch.InitiatorBeacon,
	fetch.InitiatorWorker, fetch.InitiatorSharedWorker, fetch.InitiatorForm, fetch.InitiatorFrame, fetch.InitiatorWebSocket,
}

func isAPI(api string) bool {
	switch api {
	case APIFetch, APIXHR, apiWorkerFetch, apiXHRSync:
		return true
	}
	return slices.Contains(initiators, fetch.Initiator(api))
}

// load runs a step of an API that is neither fetch() nor XMLHttpRequest of the document.
func (r *run) load(ctx context.Context, page *fetch.Page, s *Step) (o StepOutcome) {
	switch s.API {
	case apiXHRSync:
		sync := *s
		sync.API, sync.sync = APIXHR, true
		o = r.step(ctx, page, &sync)
		if r.client.Engine.Rules(quirks.Key{}).Elements.SyncMixedIsEmpty && o.Result == ResultNetworkError && o.Reason == cors.MixedContent.String() {
			o = StepOutcome{Result: ResultResponse, Body: Some(""), Requests: o.Requests, Console: o.Console, Reason: o.Reason}
		}
		return o
	case apiWorkerFetch:
		return r.workerFetch(ctx, s)
	case string(fetch.InitiatorEventSource):
		o = r.eventSource(ctx, page, s)
	case string(fetch.InitiatorBeacon):
		o = r.beacon(ctx, page, s)
	case string(fetch.InitiatorForm), string(fetch.InitiatorFrame):
		o = r.navigate(ctx, page, s)
	case string(fetch.InitiatorWebSocket):
		o = r.webSocket(ctx, page, s)
	default:
		o = r.element(ctx, page, s)
	}
	o.Requests = r.requests
	return o
}

// element runs a step of an element.
func (r *run) element(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	rules := &r.client.Engine.Rules(quirks.Key{}).Elements
	api := fetch.Initiator(s.API)
	request, err := fetch.NewLoad(page, api, s.URL, s.attributes())
	if worker := api == fetch.InitiatorWorker || api == fetch.InitiatorSharedWorker; worker && err == nil && rules.WorkersThrow && r.isCross(page, s.URL) {
		return StepOutcome{Result: ResultThrows}
	}
	if err != nil {
		return StepOutcome{Result: ResultThrows, Reason: cors.ReasonOf(err).String()}
	}
	loaded, err := r.client.Load(ctx, request)
	if api == fetch.InitiatorCSSImage || api == fetch.InitiatorCSSMask {
		o := StepOutcome{Result: ResultDone}
		if s.Timing && len(r.requests) > 0 {
			o.Loaded.Timing = Some(err == nil && loaded.TimingAllowed)
		}
		return o
	}
	if err != nil {
		o := StepOutcome{Result: ResultError, Reason: cors.ReasonOf(err).String()}
		if cors.ReasonOf(err) == cors.Timeout {
			o.Result = ResultTimeout
		}
		if s.Timing && len(r.requests) > 0 && !rules.FailuresUntimed {
			o.Loaded.Timing = Some(false)
		}
		return o
	}
	o := StepOutcome{Result: ResultLoad}
	if s.Timing && len(r.requests) > 0 {
		o.Loaded.Timing = Some(loaded.TimingAllowed)
	}
	switch api {
	case fetch.InitiatorImage, fetch.InitiatorVideo:
		o.Loaded.Tainted = Some(loaded.Opaque)
	case fetch.InitiatorScript:
		if hasCode(loaded.Body) {
			o.Loaded.Muted = Some(loaded.Muted)
		}
	case fetch.InitiatorModule, fetch.InitiatorImport:
		if hasCode(loaded.Body) && loaded.Again && rules.RepeatedModulesSilent && api == fetch.InitiatorModule {
			return StepOutcome{Result: ResultTimeout}
		}
		if hasCode(loaded.Body) && !(loaded.Again && rules.ModuleErrorsOnce) {
			o.Loaded.Muted = Some(false)
		}
	case fetch.InitiatorStyle:
		o.Loaded.Rules, o.Loaded.Applied = Some(!loaded.Opaque), Some(loaded.Applied && strings.Contains(loaded.Body+loaded.Imported, sheet))
	}
	return o
}

// hasCode reports whether a script is more than spaces and a comment like those of HTML, so that an error
// may come up in it.
func hasCode(body string) bool {
	body = strings.TrimSpace(body)
	return body != "" && !(strings.HasPrefix(body, "<!--") && !strings.ContainsAny(body, "\r\n"))
}

// sheet is the style sheet of scenarios.
const sheet = "#corsim{color:red}"

// isCross reports whether a URL is of another origin than the page's.
func (r *run) isCross(page *fetch.Page, raw string) bool {
	base, err := weburl.Parse(page.URL())
	if err != nil {
		return true
	}
	u, err := base.Parse(raw)
	return err != nil || u.Scheme() != "data" && u.Scheme() != "blob" && !page.Origin().SameOrigin(u.Origin())
}

// attributes are the content attributes of a step's element.
func (s *Step) attributes() *fetch.Attributes {
	a := &fetch.Attributes{
		CrossOrigin: s.CrossOrigin.pointer(), Integrity: s.Integrity, ReferrerPolicy: fetch.ReferrerPolicy(s.ReferrerPolicy.Value),
		As: s.As.Value, WithCredentials: s.WithCredentials,
	}
	if s.WorkerType.Value == "module" {
		a.Module, a.Credentials = true, fetch.Credentials(s.Credentials.Value)
	}
	return a
}

// workerFetch runs fetch() in a worker of the page's origin.
func (r *run) workerFetch(ctx context.Context, s *Step) StepOutcome {
	client := r.scenario.Client
	u, err := weburl.Parse(client.URL)
	if err != nil {
		return StepOutcome{Result: ResultThrows}
	}
	client.Kind = "worker"
	if client.Origin == "null" {
		client.Kind = "blob-worker"
	} else if script, err := u.Parse("/worker.js"); err == nil {
		client.URL = script.String()
	}
	worker, err := NewPage(&client)
	if err != nil {
		return StepOutcome{Result: ResultThrows, Reason: err.Error()}
	}
	inWorker := *s
	inWorker.API = APIFetch
	return r.step(ctx, worker, &inWorker)
}

// eventSource runs a step of an EventSource.
func (r *run) eventSource(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	listen := time.Duration(s.Listen.Or(1500)) * time.Millisecond
	es, err := r.client.Listen(ctx, page, s.URL, s.attributes(), listen, func(d time.Duration) { r.now = r.now.Add(d) })
	if err != nil {
		return StepOutcome{Result: ResultThrows, Reason: cors.ReasonOf(err).String()}
	}
	o := StepOutcome{Result: ResultError}
	if es.Opened > 0 {
		o.Result = ResultLoad
	}
	o.Loaded.Opened, o.Loaded.ReadyState = Some(int64(es.Opened)), Some(int64(es.ReadyState))
	o.Loaded.Messages = []EventMessage{}
	for _, e := range es.Events {
		if e.Type == "message" || e.Type == "x" {
			o.Loaded.Messages = append(o.Loaded.Messages, EventMessage{e.Type, e.Data, e.LastEventID, e.Origin})
		}
	}
	return o
}

// maxBeacon is how many bytes a beacon may have, where there is a bound.
const maxBeacon = 64 << 10

// beacon runs a step of sendBeacon.
func (r *run) beacon(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	rules := &r.client.Engine.Rules(quirks.Key{}).Elements
	a := s.attributes()
	a.Body = s.beaconBody(rules)
	request, err := fetch.NewLoad(page, fetch.InitiatorBeacon, s.URL, a)
	if err != nil {
		return StepOutcome{Result: ResultThrows, Reason: cors.ReasonOf(err).String()}
	}
	if u, err := weburl.Parse(request.URL()); err == nil && !u.IsHTTP() {
		return StepOutcome{Result: ResultThrows}
	}
	o := StepOutcome{Result: ResultDone}
	o.Loaded.Queued = Some(true)
	if len(s.Body.Value) > maxBeacon && !rules.BeaconsUnlimited {
		o.Loaded.Queued = Some(false)
		return o
	}
	response, err := r.client.Do(ctx, request)
	switch reason := cors.ReasonOf(err); {
	case err == nil:
		response.Body.Close()
	case len(r.requests) == 0 && (reason == cors.BadPort && rules.BadPortBeaconsRefused || reason == cors.MixedContent && rules.MixedBeaconsRefused):
		o.Loaded.Queued = Some(false)
	}
	return o
}

// beaconBody is the body of a beacon, by its type.
func (s *Step) beaconBody(rules *quirks.Elements) *fetch.Body {
	if !s.Body.Given && s.BodyType.Value == "" {
		return nil
	}
	body := s.Body.Value
	switch kind := s.BodyType.Or("string"); {
	case kind == "urlsearchparams":
		return fetch.Blob([]byte(formEncoded(body)), "application/x-www-form-urlencoded;charset=UTF-8")
	case kind == "formdata":
		return fetch.Blob([]byte(body), multipartPrefix+"B")
	case kind == "buffer":
		return fetch.Bytes(bytesOf(body))
	case strings.HasPrefix(kind, "blob:"):
		mimeType := headers.Lower(strings.TrimPrefix(kind, "blob:"))
		if _, ok := headers.ParseMIMEType(mimeType); !ok && rules.BeaconDropsUnparsable {
			mimeType = ""
		}
		return fetch.Blob(bytesOf(body), mimeType)
	}
	return fetch.Text(body)
}

// bytesOf returns the bytes that the code points of a string stand for.
func bytesOf(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// multipartPrefix is how the Content-Type of a form with files begins.
const multipartPrefix = "multipart/form-data; boundary="

// formEncoded serializes pairs again, as URLSearchParams does.
func formEncoded(body string) string {
	var b strings.Builder
	if body == "" {
		return ""
	}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		n, _ := url.QueryUnescape(name)
		v, _ := url.QueryUnescape(value)
		b.WriteString(url.QueryEscape(n) + "=" + url.QueryEscape(v))
	}
	return b.String()
}

// navigate runs a step of a form or frame, which CORS has no part in.
func (r *run) navigate(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	a, target := s.attributes(), s.URL
	form := s.API == string(fetch.InitiatorForm)
	if form {
		a.ReferrerPolicy = ""
		body := formEncoded(s.Body.Or("a=1"))
		a.Method = strings.ToUpper(s.Method.Or("POST"))
		switch {
		case a.Method == "GET":
			target, _, _ = strings.Cut(target, "?")
			target += "?" + body
		case strings.EqualFold(s.Enctype.Value, "multipart/form-data"):
			a.Body = fetch.Blob([]byte(body), multipartPrefix+"B")
		case strings.EqualFold(s.Enctype.Value, "text/plain"):
			plain, err := url.QueryUnescape(strings.ReplaceAll(s.Body.Or("a=1"), "&", "%0D%0A"))
			if err != nil {
				plain = s.Body.Value
			}
			a.Body = fetch.Blob([]byte(plain+"\r\n"), "text/plain")
		default:
			a.Body = fetch.Blob([]byte(body), "application/x-www-form-urlencoded")
		}
	}
	o := StepOutcome{Result: ResultDone}
	request, err := fetch.NewLoad(page, fetch.Initiator(s.API), target, a)
	if err != nil {
		return StepOutcome{Result: ResultThrows, Reason: cors.ReasonOf(err).String()}
	}
	loaded, err := r.client.Load(ctx, request)
	rules := &r.client.Engine.Rules(quirks.Key{}).Elements
	reason := cors.ReasonOf(err)
	if !form && (rules.RefusedFramesHang && reason == cors.Transport && len(r.requests) == 0 || rules.MixedRedirectsHangFrames && reason == cors.MixedContent && len(r.requests) > 0) {
		return StepOutcome{Result: ResultTimeout, Reason: reason.String()}
	}
	if !form {
		readable := err == nil && !r.isCross(page, loaded.URL) && loaded.Status != 204 && loaded.Status != 205 && !framesDenied(loaded.Headers)
		o.Loaded.Readable = Some(readable)
	}
	return o
}

// framesDenied reports whether an X-Frame-Options lets no page have the document in a frame.
//
// https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header
func framesDenied(list headers.List) bool {
	return slices.ContainsFunc(list.GetDecodeAndSplit("x-frame-options"), func(value string) bool { return headers.EqualFold(value, "deny") })
}

// webSocket runs a step of a WebSocket.
func (r *run) webSocket(ctx context.Context, page *fetch.Page, s *Step) StepOutcome {
	u, err := weburl.Parse(s.URL)
	if err != nil {
		return StepOutcome{Result: ResultThrows}
	}
	target := s.URL
	switch u.Scheme() {
	case "ws", "wss":
		target = "http" + strings.TrimPrefix(u.String(), "ws")
	case "http", "https":
	default:
		return StepOutcome{Result: ResultThrows}
	}
	request, err := fetch.NewLoad(page, fetch.InitiatorWebSocket, target, s.attributes())
	if err != nil {
		return StepOutcome{Result: ResultThrows}
	}
	loaded, err := r.client.Load(ctx, request)
	if e := (*cors.Error)(nil); err != nil && errors.As(err, &e) && e.Reason == cors.MixedContent {
		o := StepOutcome{Result: ResultThrows, Reason: e.Reason.String()}
		if r.client.Engine.Rules(quirks.Key{}).Elements.MixedSocketsFail {
			o.Result = ResultError
		}
		return o
	}
	if err != nil || loaded.Status != 101 {
		return StepOutcome{Result: ResultError, Reason: cors.ReasonOf(err).String()}
	}
	return StepOutcome{Result: ResultLoad}
}
