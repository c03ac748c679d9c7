package fetch

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// An Initiator is an element or API, other than fetch() and XMLHttpRequest, that asks for a resource.
type Initiator string

// The initiators.
const (
	InitiatorImage         Initiator = "img"
	InitiatorScript        Initiator = "script"
	InitiatorModule        Initiator = "module"
	InitiatorImport        Initiator = "import"
	InitiatorStyle         Initiator = "style"
	InitiatorFont          Initiator = "font"
	InitiatorVideo         Initiator = "video"
	InitiatorAudio         Initiator = "audio"
	InitiatorTrack         Initiator = "track"
	InitiatorCSSImage      Initiator = "css-image"
	InitiatorCSSMask       Initiator = "css-mask"
	InitiatorShapeOutside  Initiator = "shape-outside"
	InitiatorSVGUse        Initiator = "svg-use"
	InitiatorPreload       Initiator = "preload"
	InitiatorModulePreload Initiator = "modulepreload"
	InitiatorEventSource   Initiator = "eventsource"
	InitiatorBeacon        Initiator = "beacon"
	InitiatorWorker        Initiator = "worker"
	InitiatorSharedWorker  Initiator = "sharedworker"
	InitiatorForm          Initiator = "form-post"
	InitiatorFrame         Initiator = "iframe"
	InitiatorWebSocket     Initiator = "websocket"
	InitiatorManifest      Initiator = "manifest"
)

// initiation is what an initiator's request is before its attributes count.
type initiation struct {
	destination Destination
	mode        Mode
	credentials Credentials
	// attribute: crossorigin makes its mode "cors"; of what is in that mode anyway it says the credentials.
	attribute bool
}

// hasReferrerPolicy reports whether an initiator's element has a referrerpolicy attribute.
func (i Initiator) hasReferrerPolicy() bool {
	switch i {
	case InitiatorImage, InitiatorScript, InitiatorModule, InitiatorStyle, InitiatorPreload, InitiatorModulePreload, InitiatorFrame:
		return true
	}
	return false
}

// isOfCSS reports whether it is a style rule that asks.
func (i Initiator) isOfCSS() bool {
	return i == InitiatorCSSImage || i == InitiatorCSSMask || i == InitiatorShapeOutside
}

// initiations are what HTML, CSS and the others say, each where its fetch is described.
var initiations = map[Initiator]initiation{
	InitiatorImage:         {"image", ModeNoCORS, CredentialsInclude, true},
	InitiatorScript:        {"script", ModeNoCORS, CredentialsInclude, true},
	InitiatorModule:        {"script", ModeCORS, CredentialsSameOrigin, true},
	InitiatorImport:        {"script", ModeCORS, CredentialsSameOrigin, false},
	InitiatorStyle:         {"style", ModeNoCORS, CredentialsInclude, true},
	InitiatorFont:          {"font", ModeCORS, CredentialsSameOrigin, false},
	InitiatorVideo:         {"video", ModeNoCORS, CredentialsInclude, true},
	InitiatorAudio:         {"audio", ModeNoCORS, CredentialsInclude, true},
	InitiatorTrack:         {"track", ModeSameOrigin, CredentialsInclude, true},
	InitiatorCSSImage:      {"image", ModeNoCORS, CredentialsInclude, false},
	InitiatorCSSMask:       {"image", ModeCORS, CredentialsSameOrigin, false},
	InitiatorShapeOutside:  {"image", ModeCORS, CredentialsSameOrigin, false},
	InitiatorSVGUse:        {"image", ModeSameOrigin, CredentialsSameOrigin, false},
	InitiatorPreload:       {"", ModeNoCORS, CredentialsInclude, true},
	InitiatorModulePreload: {"script", ModeCORS, CredentialsSameOrigin, true},
	InitiatorEventSource:   {"", ModeCORS, CredentialsSameOrigin, false},
	InitiatorBeacon:        {"", ModeNoCORS, CredentialsInclude, false},
	InitiatorWorker:        {"worker", ModeSameOrigin, CredentialsSameOrigin, false},
	InitiatorSharedWorker:  {"sharedworker", ModeSameOrigin, CredentialsSameOrigin, false},
	InitiatorForm:          {"iframe", ModeNavigate, CredentialsInclude, false},
	InitiatorFrame:         {"iframe", ModeNavigate, CredentialsInclude, false},
	InitiatorWebSocket:     {"websocket", ModeWebSocket, CredentialsInclude, false},
	InitiatorManifest:      {"manifest", ModeCORS, CredentialsSameOrigin, true},
}

// Attributes are an element's content attributes, or what an API is given in their place.
type Attributes struct {
	// CrossOrigin is the crossorigin attribute, nil for none.
	//
	// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes
	CrossOrigin    *string
	Integrity      string
	ReferrerPolicy ReferrerPolicy
	// As is that of a preload.
	As string
	// WithCredentials is of an EventSource.
	WithCredentials bool
	// Credentials is of a module worker; "" for none.
	Credentials Credentials
	// Module says that a worker's script is a module.
	Module bool
	// Method and Body are of forms and beacons.
	Method string
	Body   *Body
	// LastEventID is of an EventSource that reconnects.
	LastEventID string
}

// NewLoad returns the request that an element or API of a page makes for a URL: it creates a
// potential-CORS request, with the page's policies. The error is what the API throws, an *[cors.Error].
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request
func NewLoad(page *Page, initiator Initiator, url string, a *Attributes) (*Request, error) {
	if page == nil {
		return nil, invalidArgument("the page", errNil)
	}
	how, ok := initiations[initiator]
	if !ok {
		return nil, notEnum("initiator", string(initiator))
	}
	if a == nil {
		a = new(Attributes)
	}
	parsed, err := page.url.Parse(url)
	if err != nil {
		return nil, invalidValue("the URL", url, err)
	}
	policy := a.ReferrerPolicy
	if !policy.isKnown() || !initiator.hasReferrerPolicy() {
		policy = "" // as content attributes have it
	}
	r := &Request{
		page: page, origin: page.origin, method: "GET", url: parsed, guard: headers.GuardRequest,
		mode: how.mode, credentials: how.credentials, cacheMode: CacheDefault, redirect: RedirectFollow,
		destination: how.destination, referrer: clientReferrer, referrerPolicy: policy, initiator: initiator,
	}
	switch initiator {
	case InitiatorScript, InitiatorModule, InitiatorStyle, InitiatorPreload, InitiatorModulePreload:
		if strings.TrimSpace(a.Integrity) != "" {
			r.integrity = a.Integrity
		}
	}
	if how.attribute && a.CrossOrigin != nil {
		r.hasCrossOrigin = true
		r.mode, r.credentials = ModeCORS, CredentialsSameOrigin
		if headers.EqualFold(*a.CrossOrigin, "use-credentials") {
			r.credentials = CredentialsInclude
		}
	}
	if a.Method != "" {
		r.method = headers.NormalizeMethod(a.Method)
	}
	switch initiator {
	case InitiatorModulePreload:
		r.as = a.As
	case InitiatorPreload:
		r.destination, r.as = preloadDestination(a.As), a.As
	case InitiatorEventSource:
		r.cacheMode = CacheNoStore
		r.headers = headers.List{{Name: "Accept", Value: "text/event-stream"}}
		if a.WithCredentials {
			r.credentials = CredentialsInclude
		}
		if a.LastEventID != "" {
			r.headers.Append("Last-Event-ID", a.LastEventID)
		}
	case InitiatorWorker, InitiatorSharedWorker:
		if a.Credentials != "" {
			r.credentials = a.Credentials
		}
		r.moduleWorker = a.Module
	case InitiatorBeacon:
		r.method, r.keepalive = "POST", true
	}
	r.setLoadBody(a.Body)
	return r, nil
}

// setLoadBody sets the body of a form or beacon. A beacon whose Content-Type is not safelisted is
// in mode "cors".
//
// https://w3c.github.io/beacon/#sendbeacon-method
func (r *Request) setLoadBody(body *Body) {
	if body == nil {
		return
	}
	r.body = body
	if body.contentType == "" {
		return
	}
	r.headers.Append("Content-Type", body.contentType)
	if r.initiator == InitiatorBeacon && !headers.IsCORSSafelistedRequestHeader("Content-Type", body.contentType) {
		r.mode, r.unsafeRequest = ModeCORS, true
	}
}

// preloadDestination translates a preload destination.
//
// https://html.spec.whatwg.org/multipage/links.html#translate-a-preload-destination
func preloadDestination(as string) Destination {
	switch as = headers.Lower(as); as {
	case "font", "image", "script", "style", "track", "video", "audio":
		return Destination(as)
	}
	return ""
}

// maxSafelistedValue is how long the value of a CORS-safelisted request-header may be.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
const maxSafelistedValue = 128

// adaptLoad changes what an element asks for to what the engine's element does.
func (r *request) adaptLoad(rules *quirks.Elements, policy *cors.Policy) {
	switch {
	case r.initiator == InitiatorFont && rules.FontsWithoutCORS:
		r.mode, r.credentials = ModeNoCORS, CredentialsInclude
	case r.initiator == InitiatorTrack && rules.TracksWithoutCORS && !r.hasCrossOrigin:
		r.mode = ModeNoCORS
	case r.initiator == InitiatorShapeOutside && rules.ShapesWithoutCredentials:
		r.credentials = CredentialsOmit
	}
	if r.initiator == InitiatorBeacon {
		r.adaptBeacon(rules, policy)
	}
	if r.initiator.isOfCSS() && rules.SheetsOfDefaultPolicy {
		r.referrerPolicy = ReferrerPolicyStrictOriginWhenCrossOrigin
	}
	if r.initiator == InitiatorModulePreload && slices.Contains(rules.ModulePreloadKinds, headers.Lower(r.as)) {
		r.destination = Destination(headers.Lower(r.as))
	}
	if r.initiator == InitiatorPreload && r.destination == "font" && rules.FontPreloadsUseCORS {
		r.unusedPreload = !r.hasCrossOrigin || r.credentials == CredentialsInclude
		r.mode, r.credentials = ModeCORS, CredentialsSameOrigin
	}
	if r.initiator == InitiatorTrack && rules.TracksWithoutReferrer {
		r.referrer = noReferrer
	}
	if rules.PreloadsUnchecked && (r.initiator == InitiatorPreload || r.initiator == InitiatorModulePreload) {
		r.integrity = ""
	}
	if r.initiator == InitiatorWebSocket {
		r.headers.Append("Upgrade", "websocket")
		r.headers.Append("Sec-WebSocket-Version", "13")
		if rules.SocketDestinationEmpty {
			r.destination = ""
		}
		if !rules.SocketFollows {
			r.redirect = RedirectManual
		}
	}
	if r.initiator == InitiatorVideo || r.initiator == InitiatorAudio {
		switch {
		case r.askedAgain:
			r.headers.Append("Range", "bytes=0-1445")
		case rules.MediaRange:
			r.headers.Append("Range", "bytes=0-")
		case rules.IcyMetadata:
			r.headers.Append("Icy-MetaData", "1")
		}
	}
	if r.headers.Contains("accept") {
		return
	}
	destination := string(r.destination)
	if r.initiator == InitiatorSVGUse && rules.Accept["svg-use"] != "" {
		destination = "svg-use"
	}
	if accept, ok := rules.Accept[destination]; ok {
		if accept != "" {
			r.headers.Append("Accept", accept)
		}
		r.withoutAccept = accept == ""
	}
}

// adaptBeacon changes the mode of a beacon to what the engine makes of its Content-Type.
func (r *request) adaptBeacon(rules *quirks.Elements, policy *cors.Policy) {
	value, ok := r.headers.Get("content-type")
	if !ok {
		return
	}
	strict := cors.Policy{StrictContentType: true}
	switch {
	case r.mode == ModeNoCORS && rules.BeaconDropsUnparsable && !strict.IsCORSSafelistedRequestHeader("content-type", value):
		r.dropBeaconType()
	case r.mode == ModeNoCORS && !policy.IsCORSSafelistedRequestHeader("content-type", value):
		r.mode, r.unsafeRequest = ModeCORS, true
	case rules.BeaconTypesUnbounded && len(value) > maxSafelistedValue:
		m, ok := headers.ParseMIMEType(value)
		if !ok || !headers.IsCORSSafelistedRequestHeader("content-type", m.Essence()) {
			return
		}
		r.unsafeRequest = false
		if rules.BeaconDropsUnparsable {
			r.mode = ModeNoCORS
			r.dropBeaconType()
		}
	}
}

// hopsAsSent reports whether the redirects of the request, a beacon, have preflights only if it had one.
func (r *request) hopsAsSent(rules *quirks.Elements) bool {
	return rules.BeaconHopsAsSent && r.initiator == InitiatorBeacon
}

func (r *request) dropBeaconType() {
	r.headers = slices.Clone(r.headers)
	r.headers.Delete("content-type")
}

// sendsOriginHome reports whether a same-origin request of an element has an Origin header all the same.
func (r *request) sendsOriginHome(rules *quirks.Elements) bool {
	return r.initiator != "" && r.initiator != InitiatorEventSource && r.mode == ModeCORS && r.tainting == TaintingBasic &&
		(slices.Contains(rules.OriginOfSame, string(r.destination)) || r.destination == "" && r.initiator == InitiatorPreload && len(rules.OriginOfSame) > 0)
}
