package fetch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// MaxKeepaliveBytes is how many bytes the bodies of the keepalive requests of a
// page that are under way may have together.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
const MaxKeepaliveBytes = 64 << 10

// httpNetworkOrCacheFetch is HTTP-network-or-cache fetch. There is nobody to ask for a
// password.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (f *fetching) httpNetworkOrCacheFetch(isAuthenticationFetch, isNewConnectionFetch bool) (*response, error) {
	// Step 8.2. The request's own header list does not change; nothing else of it is copied.
	r, rules := &f.request, f.client.rules()
	list := r.headersToSend(rules)
	preflight := r.preflightFor != nil
	// Step 8.3. Whether credentials are included.
	includeCredentials := r.includesCredentials(rules)
	// Step 8.5. The length of the body.
	r.appendContentLength(&list, rules)
	// Step 8.10. The keepalive limit is held before the fetch begins; see [Client.Do].
	// Step 8.11. The referrer.
	if value := r.refererValue(); value != "" {
		list.Append("Referer", value)
	}
	// Step 8.12. The origin; step 8.13: the fetch metadata.
	r.appendOrigin(&list, rules)
	r.appendMetadata(&list, rules)
	// Step 8.15. The user agent's own User-Agent.
	if f.client.UserAgent != "" && !list.Contains("user-agent") {
		list.Append("User-Agent", f.client.UserAgent)
	}
	// Step 8.16. The HTTP cache, as script and the cache mode want it, up to step 8.18.
	cacheMode := appendCacheControl(&list, r.cacheMode)
	// Step 8.19. A part of an encoded response could not be decoded.
	if list.Contains("range") {
		list.Append("Accept-Encoding", "identity")
	}
	// Step 8.20. What else the user agent sends.
	r.appendProduct(&list, &rules.Product, f.trustsURL())
	// Step 8.21. Cookies, where credentials are included.
	switch {
	case f.client.Jar == nil || preflight:
	case includeCredentials:
		f.appendCookies(r, &list)
	case f.trace != nil:
		f.explainCookies(r.cookieContext(f.client.rules()), r.withoutCredentials())
	}
	f.appendAuthorization(&list, includeCredentials, isAuthenticationFetch)
	r.appendStorageAccess(&list, rules)
	// Step 8.24. The HTTP cache, and step 11, the network.
	exchange := exchange{f, list, includeCredentials, isNewConnectionFetch, preflight}
	var response *response
	if r.kept != nil {
		response = exchange.fromCache(r.kept, false)
	} else {
		response = f.takePreloaded()
	}
	if response == nil {
		var err error
		if response, err = exchange.cachedOrNetwork(cacheMode); err != nil {
			return nil, err
		}
		if r.initiator == InitiatorPreload {
			f.keepPreloaded(response)
		}
	}
	// Step 12. The URL list; steps 13 and 14: what later steps need to know.
	response.urlList, response.movedTo = r.urlList, r.movedTo
	response.rangeRequested = list.Contains("range")
	response.requestIncludesCredentials = includeCredentials
	// Step 15. A server that asks for the credentials in the URL gets them.
	if !isAuthenticationFetch && f.wantsAuthentication(response, includeCredentials) {
		if r.body != nil && r.body.source == nil {
			return response, nil
		}
		discard(response.body)
		return f.httpNetworkOrCacheFetch(true, false)
	}
	// Step 16. Nobody answers a proxy that asks for credentials.
	if response.status == 407 && !rules.Response.ProxyAuthenticationDelivered {
		discard(response.body)
		e := f.networkError(cors.ProxyAuthentication)
		e.Status, e.Preflight = response.status, preflight
		return nil, e
	}
	// Step 17. A misdirected request is made again, over a connection of its own.
	misdirected := response.status == 421 || response.status == 425 && rules.Response.TooEarlyRetried
	if misdirected && !isNewConnectionFetch && (r.body == nil || r.body.source != nil) {
		discard(response.body)
		return f.retryMisdirected(response)
	}
	// Step 18. What the server has accepted, it will accept again.
	if value, ok := list.Get("authorization"); ok && isAuthenticationFetch {
		if response.status != 401 {
			f.client.Authentication.store(r.currentURL(), f.acceptedAuthorization(value))
		}
		response.authenticated = true
	}
	return response, nil
}

// includesCredentials is steps 8.3 and 8.4 of HTTP-network-or-cache fetch.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (r *request) includesCredentials(rules *quirks.Engine) bool {
	// Step 8.3. By the credentials mode.
	included := r.credentials == CredentialsInclude || r.credentials == CredentialsSameOrigin &&
		(r.tainting == TaintingBasic || rules.Redirect.CredentialsKept && r.staysCredentialed())
	// Step 8.4. Not if the page's embedder policy says so.
	return included && (rules.CORS.CredentialedUnderCredentialless || r.embedderPolicyAllowsCredentials())
}

// appendContentLength is steps 8.5 to 8.9 of HTTP-network-or-cache fetch.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (r *request) appendContentLength(list *headers.List, rules *quirks.Engine) {
	switch {
	// Step 8.7. Servers expect one of these methods, with a body or without.
	case r.body == nil && (r.method == "POST" || r.method == "PUT"):
		list.Append("Content-Length", "0")
	case r.body != nil && r.body.length == 0 && r.uploadListener && rules.Request.NoLengthOfEmptyUpload && r.method != "POST" && r.method != "PUT":
	// Step 8.8. Any body whose length is known.
	case r.body != nil && r.body.length >= 0:
		list.Append("Content-Length", strconv.FormatInt(r.body.length, 10))
	}
}

// appendCacheControl is steps 8.16 to 8.18 of HTTP-network-or-cache fetch. It returns the cache
// mode that the request has then.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func appendCacheControl(list *headers.List, cacheMode CacheMode) CacheMode {
	// Step 8.16. What script makes conditional goes past the cache.
	if cacheMode == CacheDefault && isConditional(*list) {
		cacheMode = CacheNoStore
	}
	switch {
	// Step 8.17. Caches on the way validate what they have.
	case cacheMode == CacheNoCache && !list.Contains("cache-control"):
		list.Append("Cache-Control", "max-age=0")
	// Step 8.18. Caches on the way are passed by.
	case cacheMode == CacheNoStore, cacheMode == CacheReload:
		if !list.Contains("pragma") {
			list.Append("Pragma", "no-cache")
		}
		if !list.Contains("cache-control") {
			list.Append("Cache-Control", "no-cache")
		}
	}
	return cacheMode
}

// withoutCredentials says why a request does not include credentials.
func (r *request) withoutCredentials() string {
	if r.credentials == CredentialsInclude || r.tainting == TaintingBasic && r.credentials == CredentialsSameOrigin {
		return "the page's Cross-Origin-Embedder-Policy is credentialless"
	}
	return "the credentials mode is " + strconv.Quote(string(r.credentials))
}

// embedderPolicyAllowsCredentials checks if Cross-Origin-Embedder-Policy allows
// credentials: a page's requests to its own origin have credentials, unless a redirect led
// back there. The snapshot of the standard that this module follows says the opposite of the
// redirect-taint, by a mistake that was corrected after it (whatwg/fetch#1958).
//
// https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
func (r *request) embedderPolicyAllowsCredentials() bool {
	return r.mode != ModeNoCORS || r.page.embedderPolicy != cors.Credentialless ||
		r.origin.SameOrigin(r.currentURL().Origin()) && r.redirectTaint() == origin.TaintSameOrigin
}

// isConditional reports whether script asks for a conditional response, which
// keeps the HTTP cache out.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func isConditional(list headers.List) bool {
	return slices.ContainsFunc(list, func(h headers.Header) bool { return headers.IsConditionalRequestHeaderName(h.Name) })
}

// staysCredentialed reports whether a request began with credentials that some
// engines go on to include in mode "no-cors".
func (r *request) staysCredentialed() bool {
	return r.mode == ModeNoCORS && r.urlList[0].Origin().SameOrigin(r.origin)
}

// headersToSend returns the request's headers in the form in which they go over
// the network, with room for those that the user agent adds. Repeated ones are
// combined, as all engines do.
func (r *request) headersToSend(rules *quirks.Engine) headers.List {
	merged := combining{list: make(headers.List, 0, len(r.headers)+8)}
	for _, h := range r.headers {
		switch {
		case r.withholdsBodyHeaders && headers.IsRequestBodyHeaderName(h.Name):
		case rules.Request.EmptyPriorityReplaced && h.Value == "" && headers.EqualFold(h.Name, "priority"):
		case rules.Request.MergeAsGecko && !r.xhr:
			mergeAsGecko(&merged, h, r.body != nil)
		default:
			merged.combine(h)
		}
	}
	list := merged.finished()
	for i := range list {
		h := &list[i]
		if rules.Request.UserAgentReserved && headers.EqualFold(h.Name, "user-agent") {
			h.Value = rules.Product.UserAgent
		}
		if rules.Request.RewriteRange && r.method == "GET" && headers.EqualFold(h.Name, "range") {
			h.Value = rewriteRange(h.Value)
		}
		if rules.Request.ValuesAsUTF8 && r.initiator == "" {
			h.Value = headers.IsomorphicDecode(h.Value)
		}
	}
	return list
}

// trustsURL reports whether the user agent sends what only trusted URLs get: the codings that middleboxes spoil, and hints
// about itself. Loopback hosts are trusted where they are no mixed content.
func (f *fetching) trustsURL() bool {
	url := f.request.currentURL()
	return url.Scheme() == "https" || url.PotentiallyTrustworthy() && !f.client.rules().Request.LoopbackIsMixed
}

// appendProduct appends the headers that tell the product, where the engine is
// one.
func (r *request) appendProduct(list *headers.List, product *quirks.Product, trusted bool) {
	if product.UserAgent != "" && !list.Contains("user-agent") {
		*list = append(*list, headers.Header{Name: "User-Agent", Value: product.UserAgent})
	}
	for _, h := range product.HeadersFor(trusted) {
		if !list.Contains(h.Name) {
			*list = append(*list, h)
		}
	}
}

// mergeAsGecko adds a header to a list that may have it already: an empty value
// replaces what is there and is replaced by what comes, and of those that HTTP
// allows once the last is sent, but the first Content-Type of a body.
func mergeAsGecko(list *combining, h headers.Header, hasBody bool) {
	i := list.find(h.Name)
	switch {
	case i < 0:
		list.append(h)
	case hasBody && headers.EqualFold(h.Name, "content-type"):
	case list.isEmpty(i), h.Value == "", isSingleton(h.Name):
		list.set(i, h.Value)
	default:
		list.combine(h)
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

// retryMisdirected makes a request again, over another connection, that was
// answered by a 421.
func (f *fetching) retryMisdirected(misdirected *response) (*response, error) {
	response, err := f.httpNetworkOrCacheFetch(false, true)
	if err != nil || f.client.rules().Response.MisdirectedRetry != quirks.MisdirectedRetryAsGecko {
		return response, err
	}
	if f.request.method == "HEAD" {
		response.body.Close()
		return nil, f.networkError(cors.Timeout)
	}
	if contentType, ok := misdirected.headers.Get("content-type"); ok {
		response.headers = append(headers.List{{Name: "Content-Type", Value: contentType}}, response.headers...)
	}
	return response, nil
}
