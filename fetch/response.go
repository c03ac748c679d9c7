package fetch

import (
	"io"
	"slices"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A Type is the type of a response.
//
// https://fetch.spec.whatwg.org/#concept-response-type
type Type string

// The types of the responses that a fetch returns. A network error is an error
// in Go, not a response.
const (
	TypeBasic          Type = "basic"
	TypeCORS           Type = "cors"
	TypeOpaque         Type = "opaque"
	TypeOpaqueRedirect Type = "opaqueredirect"
)

// A Response is what a page gets: a filtered response. Its body must be closed.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response
type Response struct {
	Type       Type
	Status     int // 0 for an opaque response
	StatusText string
	// URL is the response's URL without its fragment; empty for an opaque response.
	URL        string
	Redirected bool
	// Headers are those that the page can read, in the order in which they came.
	Headers headers.List
	// Body is never nil. It is empty for an opaque response and for a null body.
	Body io.ReadCloser
	// TimingAllowed is the timing allow passed flag: the TAO check succeeded
	// for this response and all redirects before it.
	TimingAllowed bool
	// FromCache says that the HTTP cache had it, validated or not.
	FromCache bool

	internal *response
}

// Unfiltered returns what came from the network, which a page never sees: for
// those that explain, record or debug. The headers are only to be read.
func (r *Response) Unfiltered() (status int, statusText string, list headers.List) {
	return r.internal.status, r.internal.statusText, r.internal.headers
}

// response is a response that is neither filtered nor a network error.
type response struct {
	status                     int
	statusText                 string
	headers                    headers.List
	body                       io.ReadCloser
	urlList                    []*weburl.URL
	exposed                    cors.Exposed
	requestIncludesCredentials bool
	rangeRequested             bool
	checked                    bool // its CORS check was one for a preload
	movedTo                    int  // where in urlList the last 301 or 308 led; 0 for none
	opaqueRedirect             bool
	readableRedirect           bool // an opaque redirect whose body script reads nevertheless
	fromCache                  bool
	authenticated              bool // the server got the credentials in the URL
	decoded                    bool // content codings of the body are undone, so that Content-Length is not its length
	namesKept                  bool // an XMLHttpRequest gives the names as they are spelled
}

// url is the response's URL.
func (r *response) url() *weburl.URL { return r.urlList[len(r.urlList)-1] }

// filter returns the filtered response that a request's tainting asks for.
//
// https://fetch.spec.whatwg.org/#main-fetch
func (r *response) filter(request *request, rules *quirks.Engine) *Response {
	tainting := request.tainting
	url := r.url()
	if rules.Response.ResponseURLWithoutCredentials && (request.xhr && tainting == TaintingCORS || r.authenticated) {
		url = url.WithoutCredentials()
	}
	upgraded := request.upgradedFrom != nil
	if upgraded && rules.CSP.UpgradeKeepsURL && !request.xhr && len(r.urlList) == 1 {
		url = request.upgradedFrom
	}
	filtered := &Response{
		Status: r.status, StatusText: r.statusText, Body: r.body,
		URL: url.StringExcludingFragment(), Redirected: len(r.urlList) > 1 || upgraded && rules.CSP.UpgradeIsRedirect,
		FromCache: r.fromCache, internal: r,
	}
	switch {
	case r.readableRedirect:
		return &Response{
			Type: TypeOpaqueRedirect, Body: r.body, URL: filtered.URL, Redirected: filtered.Redirected, internal: r,
		}
	case r.opaqueRedirect:
		discard(r.body)
		return &Response{
			Type: TypeOpaqueRedirect, Body: NoBody, URL: filtered.URL, Redirected: filtered.Redirected, internal: r,
		}
	case tainting == TaintingOpaque && request.initiator != "":
		return &Response{Type: TypeOpaque, Body: r.body, internal: r}
	case tainting == TaintingOpaque:
		discard(r.body)
		return &Response{Type: TypeOpaque, Body: NoBody, internal: r}
	case tainting == TaintingCORS:
		filtered.Type = TypeCORS
		filtered.Headers = r.exposed.Filter(r.headers)
	default:
		filtered.Type = TypeBasic
		filtered.Headers = slices.DeleteFunc(r.headers.Clone(), func(h headers.Header) bool {
			return headers.IsForbiddenResponseHeaderName(h.Name)
		})
	}
	if rules.Response.Combining == quirks.CombineAsGecko {
		filtered.Headers = combineAsGecko(filtered.Headers)
	}
	return filtered
}

// isNullBodyStatus reports whether a status is a null body status.
//
// https://fetch.spec.whatwg.org/#null-body-status
func isNullBodyStatus(status int) bool {
	switch status {
	case 101, 103, 204, 205, 304:
		return true
	}
	return false
}

// exposed extracts what a response exposes to the page. The engine that lets a
// "*" count before what is no name does so for fetch() alone.
func (f *fetching) exposed(response *response) cors.Exposed {
	c, policy := f.request.cors(), f.client.policy()
	if policy != nil && policy.WildcardBeforeInvalid && f.request.xhr {
		whole := *policy
		whole.WildcardBeforeInvalid = false
		policy = &whole
	}
	return policy.ExposedHeaderNames(&c, &response.headers)
}

// combineAsGecko drops what Firefox drops of headers that stand more than once.
func combineAsGecko(list headers.List) headers.List {
	combined := make(headers.List, 0, len(list))
	for _, h := range list {
		i := slices.IndexFunc(combined, func(earlier headers.Header) bool { return headers.EqualFold(earlier.Name, h.Name) })
		switch {
		case i < 0:
			combined = append(combined, h)
		case headers.EqualFold(h.Name, "proxy-authenticate"):
			combined = slices.Delete(combined, i, i+1)
		case combined[i].Value == "":
			combined[i].Value = h.Value
		case h.Value == "", headers.EqualFold(h.Name, "content-length"),
			headers.EqualFold(h.Name, "content-disposition"), headers.EqualFold(h.Name, "location"):
		case headers.EqualFold(h.Name, "content-type"):
			combined[i].Value += "," + h.Value
		default:
			combined = append(combined, h)
		}
	}
	return combined
}

// isBlank reports whether a header is absent or empty.
func isBlank(lines headers.Lines) bool {
	value, _ := lines.Get()
	return value == ""
}
