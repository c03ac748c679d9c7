package fetch

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// settle does to the request what depends on the engine before it is fetched.
func (f *fetching) settle() {
	r, quirks := f.request, f.client.quirks()
	if r.guard == headers.GuardRequestNoCORS {
		r.guardNoCORS(f.client.policy())
	}
	r.givenMethod = r.method
	if r.xhr {
		r.given = r.headers
	}
	if quirks.UploadListenerNeedsBody && r.uploadListener && r.body == nil {
		r.useCORSPreflight = false
	}
	if r.xhr && r.body != nil {
		r.setContentType(quirks.CharsetInPlace)
	}
	if !r.xhr {
		r.given = r.headers
	}
	if r.mode != ModeCORS {
		return
	}
	if quirks.PreflightHops == browser.PreflightHopsOnceNeeded {
		r.preflighted = f.client.policy().CORSUnsafeRequestHeaderNames(r.given) != nil
	}
}

// guardNoCORS does what the guard "request-no-cors" did again as the policy has it:
// it drops what an engine would not have let in.
func (r *Request) guardNoCORS(policy *cors.Policy) {
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

// headersToSend returns the request's headers in the form in which they go over
// the network, with room for those that the user agent adds. Repeated ones are
// combined, as all engines do.
func (r *Request) headersToSend(engine *browser.Engine) headers.List {
	quirks := &engine.Fetch
	list := make(headers.List, 0, len(r.headers)+8)
	for i, h := range r.headers {
		switch earlier := r.headers[:i]; {
		case r.withholdsBodyHeaders && headers.IsRequestBodyHeaderName(h.Name):
		case !earlier.Contains(h.Name):
			list = append(list, h)
		case quirks.MergeAsGecko && !r.xhr:
			mergeAsGecko(&list, h, r.body != nil)
		default:
			list.Combine(h.Name, h.Value)
		}
	}
	for i := range list {
		h := &list[i]
		if quirks.UserAgentReserved && headers.EqualFold(h.Name, "user-agent") {
			h.Value = engine.Product.UserAgent
		}
		if quirks.RewriteRange && r.method == "GET" && headers.EqualFold(h.Name, "range") {
			h.Value = rewriteRange(h.Value)
		}
		if quirks.ValuesAsUTF8 {
			h.Value = headers.IsomorphicDecode(h.Value)
		}
	}
	return list
}

// appendProduct appends the headers that tell the product, where the engine is
// one.
func (r *Request) appendProduct(list *headers.List, product *browser.Product) {
	if product.UserAgent != "" && !list.Contains("user-agent") {
		*list = append(*list, headers.Header{Name: "User-Agent", Value: product.UserAgent})
	}
	for _, h := range product.HeadersFor(r.currentURL().Scheme()) {
		if !list.Contains(h.Name) {
			*list = append(*list, h)
		}
	}
}

// mergeAsGecko adds to a list a header that it has already: an empty value
// replaces what is there and is replaced by what comes, and of those that HTTP
// allows once the last is sent, but the first Content-Type of a body.
func mergeAsGecko(list *headers.List, h headers.Header, hasBody bool) {
	earlier, _ := list.Get(h.Name)
	switch {
	case hasBody && headers.EqualFold(h.Name, "content-type"):
	case earlier == "", h.Value == "", isSingleton(h.Name):
		list.Set(h.Name, h.Value)
	default:
		list.Combine(h.Name, h.Value)
	}
}

// isSingleton reports whether HTTP allows a request header once only, in the
// view of Firefox.
func isSingleton(name string) bool {
	switch headers.Lower(name) {
	case "authorization", "content-type", "from", "if-modified-since", "user-agent":
		return true
	}
	return false
}

// rewriteRange writes a Range header of one range in its normal form; any other
// is returned as it is.
func rewriteRange(value string) string {
	unit, ranges, ok := strings.Cut(value, "=")
	if !ok || !headers.EqualFold(headers.TrimTabOrSpace(unit), "bytes") {
		return value
	}
	ranges = strings.Trim(ranges, ", \t")
	start, end, ok := strings.Cut(ranges, "-")
	if !ok {
		return value
	}
	number := func(s string) (string, bool) {
		s = headers.TrimTabOrSpace(s)
		if s == "" {
			return "", true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	}
	if strings.HasPrefix(end, "-") {
		end = ""
	}
	start, startOK := number(start)
	end, endOK := number(end)
	if !startOK || !endOK {
		return value
	}
	return "bytes=" + start + "-" + end
}

// appendStorageAccess appends Sec-Fetch-Storage-Access where the engine knows it.
func (r *Request) appendStorageAccess(list *headers.List, quirks *browser.Fetch) {
	if access := r.storageAccess(quirks); access != "" {
		list.Append("Sec-Fetch-Storage-Access", access)
	}
}

// storageAccess is the value of Sec-Fetch-Storage-Access of a cross-site request
// that includes credentials: "inactive" to the site of the top-level document,
// "none" elsewhere, and "" for no such request.
func (r *Request) storageAccess(quirks *browser.Fetch) string {
	of := r
	if r.preflightFor != nil {
		of = r.preflightFor
	}
	if quirks.StorageAccess == browser.StorageAccessNever || of.credentials != CredentialsInclude || !r.currentURL().PotentiallyTrustworthy() {
		return ""
	}
	current := r.currentURL().Origin()
	top := siteRelation(r.page.topLevel.Origin(), current)
	farthest, same := max(siteRelation(r.origin, current), top), SameSite
	if quirks.StorageAccess == browser.StorageAccessUntainted {
		same = SchemelesslySameSite
		if of.keepalive || of == r && r.redirectTaint() != "same-origin" {
			return ""
		}
	} else if of != r {
		return ""
	}
	switch {
	case farthest <= same:
		return ""
	case top <= same:
		return "inactive"
	}
	return "none"
}

// hasOriginOfInactive reports whether a request has an Origin for its storage
// access.
func (r *Request) hasOriginOfInactive(quirks *browser.Fetch) bool {
	switch quirks.OriginOfInactive {
	case browser.OriginOfInactiveFirst:
		first := r.urlList[0].Origin()
		return r.credentials == CredentialsInclude && !r.wasPOST && first.SameSite(r.page.topLevel.Origin()) && !r.origin.SameSite(first)
	case browser.OriginOfInactiveSaid:
		return r.storageAccess(quirks) == "inactive"
	}
	return false
}
