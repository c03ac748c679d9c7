package fetch

import (
	"fmt"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Request is what a page asks for: a request that the API has accepted. Fetching it does
// not change it, so that it can be fetched again unless its body is a stream. [NewRequest] and
// [NewXHR] make one.
//
// https://fetch.spec.whatwg.org/#concept-request
type Request struct {
	page           *Page
	method         string
	url            *weburl.URL
	headers        headers.List
	guard          headers.Guard
	body           *Body
	origin         origin.Origin
	mode           Mode
	credentials    Credentials
	cacheMode      CacheMode
	redirect       Redirect
	destination    Destination
	referrer       referrer
	referrerPolicy ReferrerPolicy
	integrity      string

	targetAddressSpace origin.AddressSpace // unknown for none
	badTargetSpace     string              // what was given for it that is none

	// initiator is what asks, "" for fetch() and XMLHttpRequest; as is that of a preload.
	initiator Initiator
	as        string

	unsafeRequest    bool // unsafe-request flag
	useCORSPreflight bool // use-CORS-preflight flag
	keepalive        bool
	uploadListener   bool
	xhr, sync        bool // of an XMLHttpRequest, and of a synchronous one
	hasCrossOrigin   bool // its element has a crossorigin attribute
	askedAgain       bool // media that could not be decoded at first
	withoutAccept    bool // the engine's element sends no Accept
	moduleWorker     bool // a worker whose script is a module
	unusedPreload    bool // a preload that no request takes
	// importer is the style sheet that imports what is asked for.
	importer *weburl.URL
}

// An Init is the second argument of fetch(). Empty fields stand for absent ones.
//
// https://fetch.spec.whatwg.org/#requestinit
type Init struct {
	Method         string
	Headers        headers.List
	Body           *Body
	Mode           Mode
	Credentials    Credentials
	Redirect       Redirect
	Cache          CacheMode
	Referrer       string // a URL, relative to the page, or "about:client"
	NoReferrer     bool   // referrer: ""
	ReferrerPolicy ReferrerPolicy
	Integrity      string
	Keepalive      bool
	// TargetAddressSpace is where the server is said to be, "local" or "loopback"; engines that do
	// not know the member ignore it.
	TargetAddressSpace string

	// Destination is what the response is meant for. Script cannot set it:
	// it stands for the element or API that fetches.
	Destination Destination
}

// NewRequest is the Request constructor, called by a page with a URL, which may
// be relative to the page's, and an init, which may be nil. The error is what the
// constructor would throw, an *[cors.Error] with the reason [cors.InvalidArgument].
//
// https://fetch.spec.whatwg.org/#dom-request
func NewRequest(page *Page, url string, init *Init) (*Request, error) {
	r := new(Request)
	if err := r.construct(page, url, init); err != nil {
		return nil, err
	}
	return r, nil
}

// construct makes r what the Request constructor makes of a URL and an init.
func (r *Request) construct(page *Page, url string, init *Init) error {
	if page == nil {
		return invalidArgument("the page", errNil)
	}
	parsed, err := page.url.Parse(url)
	if err != nil {
		return invalidValue("the URL", url, err)
	}
	if parsed.IncludesCredentials() {
		return invalidValue("the URL", parsed.Redacted(), fmt.Errorf("%q includes credentials", parsed.Redacted()))
	}
	*r = Request{
		page: page, origin: page.origin,
		method: "GET", url: parsed, guard: headers.GuardRequest,
		mode: ModeCORS, credentials: CredentialsSameOrigin, cacheMode: CacheDefault, redirect: RedirectFollow,
		referrer: clientReferrer, unsafeRequest: true,
	}
	if init == nil {
		return nil
	}
	return r.apply(init)
}

// NewRequestFrom is the Request constructor, called by a page with another
// request and an init, which may be nil. The request given can still be used,
// unless its body is a stream.
//
// https://fetch.spec.whatwg.org/#dom-request
func NewRequestFrom(page *Page, input *Request, init *Init) (*Request, error) {
	if page == nil {
		return nil, invalidArgument("the page", errNil)
	}
	r := &Request{
		page: page, origin: page.origin,
		method: input.method, url: input.url, headers: input.headers.Clone(),
		guard: headers.GuardRequest, body: input.body, mode: input.mode, credentials: input.credentials,
		cacheMode: input.cacheMode, redirect: input.redirect, referrer: input.referrer,
		referrerPolicy: input.referrerPolicy, integrity: input.integrity, keepalive: input.keepalive,
		unsafeRequest: true,
	}
	if init == nil {
		init = &Init{}
	} else {
		if r.mode == ModeNavigate {
			r.mode = ModeSameOrigin
		}
		r.referrer, r.referrerPolicy = clientReferrer, ""
	}
	copied := *init
	if init.Headers == nil {
		copied.Headers = r.headers
	}
	r.headers = nil
	return r, r.apply(&copied)
}

// apply is the part of the constructor that is about init.
func (r *Request) apply(init *Init) error {
	if err := r.applyReferrer(init); err != nil {
		return err
	}
	switch space, ok := origin.ParseAddressSpace(init.TargetAddressSpace); {
	case init.TargetAddressSpace == "":
	case init.TargetAddressSpace == "private":
		r.targetAddressSpace = origin.SpaceLocal
	case ok:
		r.targetAddressSpace = space
	default:
		r.badTargetSpace = init.TargetAddressSpace
	}
	if !init.ReferrerPolicy.isKnown() {
		return notEnum("referrerPolicy", string(init.ReferrerPolicy))
	}
	if init.ReferrerPolicy != "" {
		r.referrerPolicy = init.ReferrerPolicy
	}
	if init.Mode != "" {
		if !init.Mode.isKnown() {
			return notEnum("mode", string(init.Mode))
		}
		if init.Mode == ModeNavigate {
			return invalidArgument("mode", fmt.Errorf(`"navigate" is for the user agent alone`))
		}
		r.mode = init.Mode
	}
	if init.Credentials != "" {
		if !init.Credentials.isKnown() {
			return notEnum("credentials", string(init.Credentials))
		}
		r.credentials = init.Credentials
	}
	if init.Cache != "" {
		if !init.Cache.isKnown() {
			return notEnum("cache", string(init.Cache))
		}
		r.cacheMode = init.Cache
	}
	if r.cacheMode == CacheOnlyIfCached && r.mode != ModeSameOrigin {
		return invalidArgument("cache", fmt.Errorf(`"only-if-cached" needs mode "same-origin"`))
	}
	if init.Redirect != "" {
		if !init.Redirect.isKnown() {
			return notEnum("redirect", string(init.Redirect))
		}
		r.redirect = init.Redirect
	}
	if !init.Destination.isKnown() {
		return notEnum("destination", string(init.Destination))
	}
	r.destination = init.Destination
	if init.Integrity != "" {
		r.integrity = init.Integrity
	}
	r.keepalive = r.keepalive || init.Keepalive
	if init.Method != "" {
		if err := checkMethod(init.Method); err != nil {
			return err
		}
		r.method = headers.NormalizeMethod(init.Method)
	}
	if r.mode == ModeNoCORS {
		if !headers.IsCORSSafelistedMethod(r.method) {
			return invalidValue("method", r.method, fmt.Errorf(`mode "no-cors" allows GET, HEAD and POST, not %s`, r.method))
		}
		r.guard = headers.GuardRequestNoCORS
	}
	filled, err := headers.NewHeaders(r.guard, init.Headers)
	if err != nil {
		return invalidHeader(err)
	}
	return r.setBody(init.Body, filled)
}

// setBody is the part of the constructor that is about the body, given the
// headers that it may add to.
func (r *Request) setBody(body *Body, filled *headers.Headers) error {
	if (body != nil || r.body != nil) && (r.method == "GET" || r.method == "HEAD") {
		return invalidArgument("body", fmt.Errorf("a request with method %s cannot have one", r.method))
	}
	if body != nil {
		if body.contentType != "" && !filled.List().Contains("content-type") {
			if err := filled.Append("Content-Type", body.contentType); err != nil {
				return invalidArgument("body", err)
			}
		}
		r.body = body
	}
	r.headers = filled.List()
	if r.body != nil && r.body.source == nil {
		if r.keepalive {
			return invalidArgument("body", fmt.Errorf("a stream cannot be sent with keepalive"))
		}
		if r.mode != ModeSameOrigin && r.mode != ModeCORS {
			return invalidArgument("body", fmt.Errorf("a stream cannot be sent in mode %q", r.mode))
		}
		r.useCORSPreflight = true
	}
	return nil
}

func (r *Request) applyReferrer(init *Init) error {
	switch {
	case init.NoReferrer:
		r.referrer = noReferrer
	case init.Referrer != "":
		parsed, err := r.page.url.Parse(init.Referrer)
		if err != nil {
			return invalidValue("referrer", init.Referrer, err)
		}
		r.referrer = referrer{url: parsed}
		if parsed.Scheme() == "about" && parsed.Path() == "client" || !parsed.Origin().SameOrigin(r.origin) {
			r.referrer = clientReferrer
		}
	}
	return nil
}

func checkMethod(method string) error {
	if i := headers.IndexNonToken(method); i >= 0 {
		return invalidValue("method", method, fmt.Errorf("%q: byte %d (%q) cannot be in a method", method, i, method[i]))
	}
	if headers.IsForbiddenMethod(method) {
		return invalidValue("method", method, fmt.Errorf("%s is forbidden", method))
	}
	return nil
}

func notEnum(member, value string) *cors.Error {
	return invalidArgument(member, fmt.Errorf("%q is not one of its values", value))
}

// Method returns the method, normalized.
func (r *Request) Method() string { return r.method }

// URL returns the request's URL, serialized.
func (r *Request) URL() string { return r.url.String() }

// Headers returns the header list as script sees it, before the user agent adds
// its own.
func (r *Request) Headers() headers.List { return r.headers.SortAndCombine() }

// Mode returns the request's mode.
func (r *Request) Mode() Mode { return r.mode }

// Credentials returns the request's credentials mode.
func (r *Request) Credentials() Credentials { return r.credentials }

// Redirect returns the request's redirect mode.
func (r *Request) Redirect() Redirect { return r.redirect }

// Cache returns the request's cache mode.
func (r *Request) Cache() CacheMode { return r.cacheMode }

// Destination returns what the response is meant for.
func (r *Request) Destination() Destination { return r.destination }

// Keepalive reports whether the request may outlive the page.
func (r *Request) Keepalive() bool { return r.keepalive }

// ReferrerPolicy returns the request's own referrer policy.
func (r *Request) ReferrerPolicy() ReferrerPolicy { return r.referrerPolicy }

// Referrer returns the referrer as script sees it: "" for none, "about:client"
// for the page's URL, or a URL.
//
// https://fetch.spec.whatwg.org/#dom-request-referrer
func (r *Request) Referrer() string { return r.referrer.String() }
