package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// A Loaded is what an element makes of what it got, where that is a success: its load event.
type Loaded struct {
	// Opaque: the response is one that the page may use and not read. An image taints a canvas, the
	// rules of a style sheet cannot be read, and a script's errors are muted.
	Opaque bool
	// Muted: the errors of a script say nothing.
	Muted bool
	// Imported is what a style sheet imports.
	Imported string
	// Applied: what came as a style sheet is taken for one.
	Applied bool
	// Status, URL, Headers and Body are what came, which the page sees where it is not Opaque.
	Status  int
	URL     string
	Headers headers.List
	Body    string
	// Again: it is a module that has run before, and does not a second time.
	Again bool
	ran   bool
	// TimingAllowed is the timing allow passed flag.
	TimingAllowed bool
}

// MaxLoadedBody is how many bytes of a resource are read. A longer one is an error.
const MaxLoadedBody = 64 << 20

// maxMediaRead is how many bytes of audio and video are read.
const maxMediaRead = 64 << 10

// Load fetches what an element asks for, by a request of [NewLoad], and decides what becomes of it.
// The error is an *[cors.Error]: the element's error event, and why.
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request
func (c *Client) Load(ctx context.Context, r *Request) (*Loaded, error) {
	return c.loadOnce(ctx, r, maxImportDepth)
}

// maxImportDepth is how many modules may import one another.
const maxImportDepth = 20

// loadOnce is Load, unless the document has loaded that module.
func (c *Client) loadOnce(ctx context.Context, r *Request, depth int) (*Loaded, error) {
	rules := &c.rules().Elements
	if r.initiator == InitiatorPreload {
		if loaded, err, decided := r.decidePreload(rules); decided {
			return loaded, err
		}
	}
	if r.initiator == InitiatorModulePreload {
		if asked, err := r.decideModulePreload(rules); err != nil {
			return nil, err
		} else if !asked {
			return r.told(rules)(c.load(ctx, r, depth))
		}
	}
	switch {
	case r.isKeptInDocument(rules):
		if loaded := r.page.memory.resource(r); loaded != nil {
			return loaded, nil
		}
		loaded, err := c.load(ctx, r, depth)
		r.page.memory.keepResource(r, loaded)
		return loaded, err
	case !r.initiator.isModule():
		return r.told(rules)(c.load(ctx, r, depth))
	}
	url := r.url.StringExcludingFragment()
	if loaded, err, ok := r.page.memory.module(url); ok {
		return loaded, err
	}
	loaded, err := c.load(ctx, r, depth)
	r.page.memory.keepModule(url, loaded, err, r.initiator, rules)
	return r.told(rules)(loaded, err)
}

// told returns what changes the end of a load to what the page is told of it: nothing may be learned of
// a preload of another origin that failed, where the engine has it so.
func (r *Request) told(rules *quirks.Elements) func(*Loaded, error) (*Loaded, error) {
	return func(loaded *Loaded, err error) (*Loaded, error) {
		preloads := r.initiator == InitiatorPreload || r.initiator == InitiatorModulePreload
		if err == nil || !preloads || !rules.FailedPreloadsLoad || !r.failedElsewhere(err) {
			return loaded, err
		}
		return &Loaded{Opaque: true}, nil
	}
}

// decideModulePreload decides about the preload of a module by its destination: whether it is one of a
// script, which goes into the module map. The error is that of an engine which does not ask for it.
//
// https://html.spec.whatwg.org/multipage/links.html#link-type-modulepreload
func (r *Request) decideModulePreload(rules *quirks.Elements) (script bool, err error) {
	as := headers.Lower(r.as)
	switch {
	case as == "", as == "script", Destination(as).isScriptLike() && !rules.ModulePreloadsOfScripts:
		return true, nil
	case slices.Contains(rules.ModulePreloadKinds, as):
		return false, nil
	case !rules.ModulePreloadsOfScripts && !isPreloadDestination(as):
		return true, nil // as the attribute has it that is not one of its keywords
	}
	return false, &cors.Error{Reason: cors.MIMEType, URL: r.url.StringExcludingFragment(), Subject: as}
}

// isPreloadDestination reports whether a value of the attribute as is one of its keywords.
//
// https://html.spec.whatwg.org/multipage/links.html#attr-link-as
func isPreloadDestination(as string) bool {
	return as == "fetch" || as != "" && Destination(as).isKnown()
}

func (c *Client) load(ctx context.Context, r *Request, depth int) (*Loaded, error) {
	response, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body []byte
	switch r.initiator {
	case InitiatorEventSource: // whose stream may have no end
	case InitiatorVideo, InitiatorAudio: // which are known by their beginning
		body, err = io.ReadAll(io.LimitReader(response.Body, maxMediaRead))
	default:
		body, err = io.ReadAll(io.LimitReader(response.Body, MaxLoadedBody+1))
	}
	if err != nil || len(body) > MaxLoadedBody {
		return nil, &cors.Error{Reason: cors.Transport, URL: r.url.StringExcludingFragment(), Err: err}
	}
	l := &load{request: r, rules: &c.rules().Elements, internal: response.internal, Loaded: Loaded{
		Opaque: response.Type == TypeOpaque, Status: response.internal.status, URL: response.internal.url().StringExcludingFragment(),
		Headers: response.internal.headers, Body: string(body), TimingAllowed: response.TimingAllowed,
	}}
	l.mimeType, l.hasType = l.Headers.ExtractMIMEType()
	reason := l.judge()
	if r.initiator == InitiatorEventSource && !c.isEventStream(response) {
		reason = cors.MIMEType
		if l.Status != 200 {
			reason = cors.Transport
		}
	}
	if reason == cors.MIMEType && l.rules.MediaAskedTwice && (r.initiator == InitiatorVideo || r.initiator == InitiatorAudio) && !r.askedAgain {
		again := *r
		again.askedAgain = true
		if response, err := c.Do(ctx, &again); err == nil {
			response.Body.Close()
		}
	}
	if reason != 0 {
		return nil, l.failure(reason)
	}
	if err := c.loadImports(ctx, r, l, depth); err != nil {
		return nil, err
	}
	return &l.Loaded, nil
}

// failedElsewhere reports whether a request failed at a URL of another origin, so that the page must
// not learn of it: what CORS lets it read may tell that its integrity is wrong.
func (r *Request) failedElsewhere(err error) bool {
	e, ok := errors.AsType[*cors.Error](err)
	if !ok || e.Reason == cors.Integrity && r.mode == ModeCORS || e.Reason == cors.MixedContent && (r.destination == "" || r.destination == "script") {
		return false
	}
	if e.Subject == string(r.initiator) && r.mode == ModeCORS {
		return false // CORS let the page have what the element refuses
	}
	if !r.url.Origin().SameOrigin(r.origin) {
		return true
	}
	last := r.url
	if u, err := weburl.Parse(e.URL); err == nil {
		last = u
	}
	return !last.Origin().SameOrigin(r.origin)
}

// decidePreload decides about a preload whose destination the engine does not ask for.
//
// https://html.spec.whatwg.org/multipage/links.html#translate-a-preload-destination
func (r *Request) decidePreload(rules *quirks.Elements) (*Loaded, error, bool) {
	as := r.as
	if !rules.PreloadCaseCounts {
		as = headers.Lower(as)
	}
	switch {
	case slices.Contains(rules.PreloadsLoadUnasked, as):
		return &Loaded{Opaque: true}, nil, true
	case slices.Contains(rules.PreloadsFailUnasked, as):
		return nil, &cors.Error{Reason: cors.MIMEType, URL: r.url.StringExcludingFragment(), Subject: as}, true
	case slices.Contains(rules.PreloadKinds, as), as == "fetch", as == "font", as == "image", as == "script", as == "style":
		return nil, nil, false
	}
	return nil, &cors.Error{Reason: cors.Timeout, URL: r.url.StringExcludingFragment(), Subject: as}, true // nothing is told
}

// failure is why the element fires its error event, after the response had come.
func (l *load) failure(reason cors.Reason) *cors.Error {
	value, present := l.Headers.Get("content-type")
	e := &cors.Error{Reason: reason, URL: l.URL, Subject: string(l.request.initiator), Status: l.Status}
	switch reason {
	case cors.Transport:
		e.Err = fmt.Errorf("the status %d is not one with which %s loads", l.Status, l.request.initiator)
	case cors.MIMEType:
		e.Header, e.Value, e.Present = "Content-Type", value, present
	}
	return e
}

// A load is a response that an element looks at.
type load struct {
	Loaded
	request  *Request
	rules    *quirks.Elements
	internal *response
	mimeType headers.MIMEType
	hasType  bool
}

// judge returns why the element fires its error event, 0 where it does not.
func (l *load) judge() cors.Reason {
	if l.Opaque && l.rules.OpaqueBlocking && l.isOpaquelyBlocked() {
		return cors.MIMEType
	}
	if judge := judges[l.request.initiator]; judge != nil {
		return judge(l)
	}
	return 0
}

// judges decide about what came for each kind of element; a kind that is not there takes whatever comes.
var judges = map[Initiator]func(*load) cors.Reason{
	InitiatorImage: (*load).judgeImage, InitiatorShapeOutside: (*load).judgeImage, InitiatorCSSImage: (*load).judgeImage, InitiatorCSSMask: (*load).judgeImage,
	InitiatorScript: (*load).judgeScript,
	InitiatorModule: (*load).judgeModule, InitiatorImport: (*load).judgeModule, InitiatorModulePreload: (*load).judgeModule,
	InitiatorWorker: (*load).judgeWorker, InitiatorSharedWorker: (*load).judgeWorker,
	InitiatorStyle: (*load).judgeStyle,
	InitiatorFont:  (*load).judgeFont,
	InitiatorVideo: (*load).judgeMedia, InitiatorAudio: (*load).judgeMedia,
	InitiatorTrack:    (*load).judgeTrack,
	InitiatorManifest: func(l *load) cors.Reason { return l.unless(l.statusLoads("manifest"), true) },
	InitiatorSVGUse:   func(l *load) cors.Reason { return l.unless(l.statusLoads("svg-use"), strings.Contains(l.Body, "<svg")) },
	InitiatorPreload:  (*load).judgePreload,
}

// unless returns why something does not load whose status, or else whose type or content, is not right.
func (l *load) unless(statusLoads, contentLoads bool) cors.Reason {
	switch {
	case !statusLoads:
		return cors.Transport
	case !contentLoads:
		return cors.MIMEType
	}
	return 0
}

// judgeImage decides about an image, of which the status does not count.
//
// https://html.spec.whatwg.org/multipage/images.html#update-the-image-data
func (l *load) judgeImage() cors.Reason {
	return l.unless(true, l.isShown() && !l.isRefusedPart() && !l.isCalledOtherMedia())
}

// judgeScript decides about a classic script, and whether its errors are muted.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script
func (l *load) judgeScript() cors.Reason {
	if !l.statusLoads("script") {
		return cors.Transport
	}
	l.Muted = l.Opaque && l.internal.url().Scheme() != "data"
	if l.rules.MutedByLastURL {
		l.Muted = l.Opaque && !l.internal.url().Origin().SameOrigin(l.request.origin)
	}
	if l.rules.OwnErrorsTold && strings.Contains(l.Body, "throw new ") {
		l.Muted = false
	}
	return 0
}

// judgeModule decides about a module, which must be called a script, or its preload.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script
func (l *load) judgeModule() cors.Reason {
	preload := l.request.initiator == InitiatorModulePreload
	if as := headers.Lower(l.request.as); preload && as != "" && slices.Contains(l.rules.ModulePreloadKinds, as) {
		ofKind := as == "style" && l.mimeType.Essence() == "text/css" || as == "json" && isJSON(l.mimeType)
		return l.unless(l.statusLoads("module"), ofKind)
	}
	return l.unless(l.statusLoads("module"), l.isCalledScript() || preload && l.rules.PreloadsUnchecked)
}

// judgeWorker decides about the script of a worker.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-worker-script
func (l *load) judgeWorker() cors.Reason {
	anyType := l.rules.WorkersOfAnyType
	if l.request.moduleWorker {
		anyType = l.rules.ModuleWorkersOfAnyType
	}
	return l.unless(l.statusLoads("worker"), l.isCalledScript() || anyType)
}

// isCalledScript reports whether the type is a JavaScript MIME type.
func (l *load) isCalledScript() bool { return l.hasType && l.mimeType.IsJavaScript() }

// judgeFont decides about a font, by how it begins.
//
// https://drafts.csswg.org/css-fonts-4/#font-fetching-requirements
func (l *load) judgeFont() cors.Reason {
	isFont := slices.ContainsFunc([]string{"wOF2", "wOFF", "\x00\x01\x00\x00", "OTTO"}, func(sign string) bool { return strings.HasPrefix(l.Body, sign) })
	return l.unless(l.statusLoads("font"), isFont)
}

// judgeMedia decides about a video or audio.
//
// https://html.spec.whatwg.org/multipage/media.html#concept-media-load-resource
func (l *load) judgeMedia() cors.Reason {
	whole := l.Status == 200 || l.Status == 206 && l.Headers.Contains("content-range")
	refused := l.rules.MediaNeedsOK && !whole || l.Opaque && l.Status != 200 && l.rules.OpaquePartialRefused
	return l.unless(l.statusLoads("media") && !refused, isMedia(l.Body) || l.rules.MediaAskedTwice && isImage(l.Body, l.mimeType))
}

// judgeTrack decides about a text track.
//
// https://w3c.github.io/webvtt/#file-structure
func (l *load) judgeTrack() cors.Reason {
	return l.unless(l.statusLoads("track") || l.rules.AnyTrackStatus, strings.HasPrefix(strings.TrimPrefix(l.Body, "\xEF\xBB\xBF"), "WEBVTT"))
}

// statusLoads reports whether what a kind of resource came with is a status with which it loads.
func (l *load) statusLoads(kind string) bool {
	return 200 <= l.Status && l.Status <= 299 || 300 <= l.Status && l.Status <= 399 && slices.Contains(l.rules.UnfollowedRedirectsLoad, kind)
}

// isJSON reports whether a MIME type is a JSON MIME type.
//
// https://mimesniff.spec.whatwg.org/#json-mime-type
func isJSON(m headers.MIMEType) bool {
	return m.Essence() == "application/json" || m.Essence() == "text/json" || strings.HasSuffix(m.Subtype, "+json")
}

// isShown reports whether the body is an image, of the type that it is taken for.
//
// https://mimesniff.spec.whatwg.org/#sniffing-in-an-image-context
func (l *load) isShown() bool {
	if l.mimeType.Essence() == "image/svg+xml" && !l.rules.SVGSniffed {
		return strings.Contains(l.Body, "<svg")
	}
	return isImage(l.Body, l.mimeType)
}

// isRefusedPart reports whether the engine refuses a part of an image or media of another origin.
func (l *load) isRefusedPart() bool {
	return l.Opaque && l.Status == 206 && l.rules.OpaquePartialRefused
}

// isCalledOtherMedia reports whether the engine refuses an image for what it is called.
func (l *load) isCalledOtherMedia() bool {
	return l.rules.ImagesOfOtherTypesRefused && l.hasType && (l.mimeType.Type == "video" || l.mimeType.Essence() == "application/pdf")
}

// judgeStyle decides about a style sheet, by its type.
//
// https://html.spec.whatwg.org/multipage/links.html#link-type-stylesheet
func (l *load) judgeStyle() cors.Reason {
	if !l.statusLoads("style") {
		return cors.Transport
	}
	value, present := l.Headers.Get("content-type")
	css := !present || !l.hasType || l.mimeType.Essence() == "text/css"
	if headers.TrimTabOrSpace(value) == "*/*" {
		css = l.rules.AnyTypeIsCSS
	}
	if !css && !l.rules.SheetOfWrongTypeLoads {
		return cors.MIMEType
	}
	l.Applied = css
	return 0
}

// judgePreload decides about a preload, of which only the status counts.
//
// https://html.spec.whatwg.org/multipage/links.html#link-type-preload
func (l *load) judgePreload() cors.Reason {
	ok := false
	switch kind := l.request.destination; kind {
	case "image":
		ok = l.Body != ""
	case "":
		ok = l.statusLoads("fetch") || l.rules.PreloadsOfAnyStatus
	default:
		ok = l.statusLoads(string(kind)) || kind == "track" && l.rules.AnyTrackStatus
	}
	return l.unless(ok, true)
}

// isImage reports whether bytes begin as an image does that browsers decode.
//
// https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
func isImage(body string, mimeType headers.MIMEType) bool {
	for _, magic := range []string{"\x89PNG", "GIF87a", "GIF89a", "\xFF\xD8\xFF", "BM", "\x00\x00\x01\x00"} {
		if strings.HasPrefix(body, magic) {
			return true
		}
	}
	return strings.HasPrefix(body, "RIFF") && len(body) > 12 && body[8:12] == "WEBP" || mimeType.Essence() == "image/svg+xml" && strings.Contains(body, "<svg")
}

// isMedia reports whether bytes begin as audio or video does.
//
// https://mimesniff.spec.whatwg.org/#matching-an-audio-or-video-type-pattern
func isMedia(body string) bool {
	for _, magic := range []string{"\x1aE\xdf\xa3", "RIFF", "OggS", "ID3", "fLaC"} {
		if strings.HasPrefix(body, magic) {
			return true
		}
	}
	return len(body) > 8 && body[4:8] == "ftyp"
}

// isOpaquelyBlocked is opaque response blocking: whether a response of another origin is of a kind
// that no element can use.
//
// https://whatpr.org/fetch/1442.html#orb-algorithm
func (l *load) isOpaquelyBlocked() bool {
	essence, sub := l.mimeType.Essence(), l.mimeType.Subtype
	nosniff := DetermineNosniff(l.Headers)
	switch {
	case !l.hasType:
		return false
	case essence == "text/css", essence == "image/svg+xml":
		return false
	case l.mimeType.IsJavaScript():
		return l.rules.OpaqueBlockingOfScripts && looksLikeData(l.Body)
	case essence == "text/event-stream", l.mimeType.Type == "multipart", essence == "application/zip", essence == "application/pdf",
		essence == "application/gzip", essence == "application/x-gzip", essence == "application/x-protobuf", essence == "text/csv":
		return true
	}
	protected := essence == "text/html" || isJSON(l.mimeType) || essence == "text/xml" || essence == "application/xml" || strings.HasSuffix(sub, "+xml")
	if nosniff && (protected || essence == "text/plain" && l.rules.PlainImagesNosniff) {
		return true
	}
	if isImage(l.Body, headers.MIMEType{}) || isMedia(l.Body) {
		return false
	}
	return looksLikeData(l.Body)
}

// looksLikeData reports whether a body is HTML, XML or JSON, or begins as what is to break scripts.
func looksLikeData(body string) bool {
	body = strings.TrimLeft(body, " \t\r\n\f")
	lower := strings.ToLower(body[:min(len(body), 64)])
	if strings.HasPrefix(lower, ")]}'") || strings.HasPrefix(lower, "{}&&") || strings.HasPrefix(lower, "for(;;);") || strings.HasPrefix(lower, "while(1);") {
		return true
	}
	for _, tag := range []string{"<!doctype", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b", "<body", "<br", "<p", "<!--", "<?xml"} {
		if strings.HasPrefix(lower, tag) {
			return true
		}
	}
	if strings.HasPrefix(body, "{") {
		rest := strings.TrimLeft(body[1:], " \t\r\n")
		if strings.HasPrefix(rest, `"`) {
			if _, after, ok := strings.Cut(rest[1:], `"`); ok {
				return strings.HasPrefix(strings.TrimLeft(after, " \t\r\n"), ":")
			}
		}
	}
	return false
}
