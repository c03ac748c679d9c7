package fetch

import (
	"context"
	"slices"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// fetching is what the standard calls fetch params: one fetch under way.
//
// https://fetch.spec.whatwg.org/#fetch-params
type fetching struct {
	ctx    context.Context
	client *Client
	trace  *Trace
	// request is the request as the fetch and its redirects change it.
	request request
}

// request is a request that is being fetched: what the page asked for, and what the fetch
// makes of it.
//
// https://fetch.spec.whatwg.org/#concept-request
type request struct {
	Request
	urlList  []*weburl.URL
	firstURL [1]*weburl.URL // what urlList is made of at first

	upgradedFrom *weburl.URL // what the current URL was before the page's policy had it upgraded

	firstReferrer referrer // that of the first hop
	// relaxedReferrer is the referrer before a relaxed policy was applied to it, for engines
	// that use it again.
	relaxedReferrer *referrer

	tainting          Tainting
	timingAllowFailed bool          // timing allow failed flag
	preflightFor      *request      // the request that this is the preflight of
	asksFor           *cors.Request // likewise, as it is asked for
	preflighted       bool          // some hop needed a preflight
	askedFirst        bool          // and it was not only that its headers, as script made them, would have

	kept *httpcache.Stored // what the page has kept of an XMLHttpRequest, which is the response

	movedTo             int          // where in urlList the last 301 or 308 led; 0 for none
	wasPOST             bool         // a redirect turned it into GET
	redirectedByNetwork bool         // the response that led to the current URL was not of the cache
	refusedRedirect     *refusal     // set where an engine refuses a redirect late
	given               headers.List // the headers that script set, for engines that use them again
	givenMethod         string
	dropped             headers.List // the headers that redirects took away
	// withholdsBodyHeaders: its headers about the body are asked for in preflights, but not sent.
	withholdsBodyHeaders bool

	lastResponse headers.List // the headers of the latest response, for [Trace.Ended]
	// authorizedByWildcard are the URLs whose preflight permitted Authorization by "*" alone.
	authorizedByWildcard []string

	// serializedOrigin is the request's origin as it is when urlList has serializedOriginOf URLs.
	serializedOrigin   string
	serializedOriginOf int
}

// begin returns the fetch of a request by a client.
func begin(ctx context.Context, c *Client, r *Request) *fetching {
	f := &fetching{ctx: ctx, client: c, trace: traceFrom(ctx), request: request{Request: *r, tainting: TaintingBasic}}
	f.request.firstURL[0] = r.url
	f.request.urlList = f.request.firstURL[:]
	f.request.headers = slices.Clip(r.headers)
	if r.initiator != "" {
		f.request.adaptLoad(&c.rules().Elements, c.policy())
	}
	f.request.adaptToEngine(c.policy(), c.rules())
	return f
}

// streamAsText makes of a body that is a stream what an engine sends that does not know such bodies: the object as a
// string.
func (r *request) streamAsText() {
	r.body, r.useCORSPreflight = Text("[object ReadableStream]"), false
	if !r.headers.Contains("content-type") {
		r.headers.Append("Content-Type", r.body.contentType)
	}
}

// adaptToEngine changes what the API made of a request to what the engine's makes of it.
func (r *request) adaptToEngine(policy *cors.Policy, rules *quirks.Engine) {
	if r.guard == headers.GuardRequestNoCORS {
		r.guardNoCORS(policy)
	}
	r.givenMethod = r.method
	if rules.Request.PrivateNetworkHeaderForbidden && r.headers.Contains("access-control-request-private-network") {
		r.headers = slices.DeleteFunc(r.headers.Clone(), func(h headers.Header) bool {
			return headers.EqualFold(h.Name, "access-control-request-private-network")
		})
	}
	if r.xhr {
		r.given = r.headers
	}
	if rules.Request.StreamsAreText && r.body != nil && r.body.stream != nil {
		r.streamAsText()
	}
	if rules.Elements.SyncWithoutUploadListener && r.sync {
		r.useCORSPreflight = false
	}
	if rules.Request.UploadListenerNeedsBody && r.uploadListener && r.body == nil {
		r.useCORSPreflight = false
	}
	if r.xhr && r.body != nil {
		r.setContentType(rules.Request.CharsetInPlace)
	}
	if !r.xhr {
		r.given = r.headers
	}
	if r.mode == ModeCORS && r.unsafeRequest && !r.hopsAsSent(&rules.Elements) && rules.Preflight.Hops == quirks.HopsOnceNeeded {
		r.preflighted = policy.CORSUnsafeRequestHeaderNames(r.given) != nil
	}
}

// guardNoCORS does what the guard "request-no-cors" did again with the policy's deviations:
// it drops what an engine would not have let in.
func (r *request) guardNoCORS(policy *cors.Policy) {
	kept := make(headers.List, 0, len(r.headers)+1)
	for _, h := range r.headers {
		value := h.Value
		if earlier, ok := kept.Get(h.Name); ok {
			value = earlier + ", " + value
		}
		if policy.IsCORSSafelistedRequestHeader(h.Name, value) {
			kept = append(kept, h)
		}
	}
	r.headers = kept
	if r.body != nil && !r.headers.Contains("content-type") &&
		headers.IsNoCORSSafelistedRequestHeader("Content-Type", r.body.contentType) {
		r.headers.Append("Content-Type", r.body.contentType)
	}
}

func (r *request) currentURL() *weburl.URL { return r.urlList[len(r.urlList)-1] }

// replaceCurrentURL replaces the current URL, before anything is asked of it. The URL list may be
// shared with a response.
func (r *request) replaceCurrentURL(url *weburl.URL) {
	r.urlList = slices.Clone(r.urlList)
	r.urlList[len(r.urlList)-1] = url
}

// cors returns what package cors needs to know of r.
func (r *request) cors() cors.Request {
	return cors.Request{
		Origin: r.byteSerializeOrigin(), IncludeCredentials: r.credentials == CredentialsInclude,
		Method: r.method, Headers: r.headers, UseCORSPreflight: r.useCORSPreflight,
	}
}

// asked returns the request that a response decides about: of a preflight, the one that it
// asks for.
func (r *request) asked() cors.Request {
	if r.asksFor != nil {
		return *r.asksFor
	}
	return r.cors()
}
