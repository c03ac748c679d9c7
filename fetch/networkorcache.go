package fetch

import (
	"strconv"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// MaxKeepaliveBytes is how many bytes the bodies of the keepalive requests of a
// page that are under way may have together.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
const MaxKeepaliveBytes = 64 << 10

// httpNetworkOrCacheFetch is HTTP-network-or-cache fetch. There is nobody to ask
// for a password, and there are no authentication entries.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (f *fetching) httpNetworkOrCacheFetch(isNewConnectionFetch bool) (*response, error) {
	// Steps 8.1 and 8.2. The request's own header list is not to be changed;
	// nothing else of it is.
	r, engine := f.request, f.client.engine()
	quirks := &engine.Fetch
	list := r.headersToSend(engine)
	preflight := r.preflightFor != nil
	// Step 8.3 and 8.4.
	includeCredentials := (r.credentials == CredentialsInclude ||
		r.credentials == CredentialsSameOrigin && (r.tainting == TaintingBasic || quirks.CredentialsStay && r.staysCredentialed())) && r.embedderPolicyAllowsCredentials()
	// Steps 8.5 to 8.8.
	switch {
	case r.body == nil && (r.method == "POST" || r.method == "PUT"):
		list.Append("Content-Length", "0")
	case r.body != nil && r.body.length == 0 && r.uploadListener && quirks.NoLengthOfEmptyUpload && r.method != "POST" && r.method != "PUT":
	case r.body != nil && r.body.length >= 0:
		list.Append("Content-Length", strconv.FormatInt(r.body.length, 10))
	}
	// Step 8.9 is done before the fetch begins; see [Client.Do].
	// Step 8.10.
	if value := r.refererValue(); value != "" {
		list.Append("Referer", value)
	}
	// Steps 8.11 and 8.12.
	r.appendOrigin(&list, quirks)
	r.appendMetadata(&list, quirks)
	// Step 8.14.
	if f.client.UserAgent != "" && !list.Contains("user-agent") {
		list.Append("User-Agent", f.client.UserAgent)
	}
	// Steps 8.15 to 8.17.
	cacheMode := r.cacheMode
	if cacheMode == CacheDefault && isConditional(list) {
		cacheMode = CacheNoStore
	}
	switch {
	case cacheMode == CacheNoCache && !r.preventNoCache && !list.Contains("cache-control"):
		list.Append("Cache-Control", "max-age=0")
	case cacheMode == CacheNoStore, cacheMode == CacheReload:
		if !list.Contains("pragma") {
			list.Append("Pragma", "no-cache")
		}
		if !list.Contains("cache-control") {
			list.Append("Cache-Control", "no-cache")
		}
	}
	// Step 8.18.
	if list.Contains("range") {
		list.Append("Accept-Encoding", "identity")
	}
	// Step 8.19.
	r.appendProduct(&list, &engine.Product)
	// Step 8.20.
	switch {
	case f.client.Jar == nil || preflight:
	case includeCredentials:
		f.appendCookies(r, &list)
	case f.trace != nil:
		f.explainCookies(r.cookieContext(), r.withoutCredentials())
	}
	r.appendStorageAccess(&list, quirks)
	// Steps 8.22 to 10.
	exchange := exchange{f, list, includeCredentials, isNewConnectionFetch, preflight}
	response, err := exchange.cachedOrNetwork(cacheMode)
	if err != nil {
		return nil, err
	}
	// Steps 11 to 13.
	response.urlList = r.urlList
	response.rangeRequested = list.Contains("range")
	response.requestIncludesCredentials = includeCredentials
	// Step 15.
	if response.status == 407 && !quirks.DeliverProxyAuthentication {
		discard(response.body)
		e := f.networkError(cors.ProxyAuthentication)
		e.Status, e.Preflight = response.status, preflight
		return nil, e
	}
	// Step 16.
	if response.status == 421 && !isNewConnectionFetch && (r.body == nil || r.body.source != nil) {
		discard(response.body)
		return f.retryMisdirected(response)
	}
	return response, nil
}

// withoutCredentials says why a request does not include credentials.
func (r *Request) withoutCredentials() string {
	if r.credentials == CredentialsInclude || r.tainting == TaintingBasic && r.credentials == CredentialsSameOrigin {
		return "the page's Cross-Origin-Embedder-Policy is credentialless"
	}
	return "the credentials mode is " + strconv.Quote(string(r.credentials))
}

// embedderPolicyAllowsCredentials checks if Cross-Origin-Embedder-Policy allows
// credentials. Where the standard's text says that the redirect-taint must not be
// "same-origin" it means the opposite: a page's requests to its own origin have
// credentials, unless a redirect led back there.
//
// https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
func (r *Request) embedderPolicyAllowsCredentials() bool {
	return r.mode != ModeNoCORS || r.page.embedderPolicy != cors.Credentialless ||
		r.origin.SameOrigin(r.currentURL().Origin()) && r.redirectTaint() == "same-origin"
}

// isConditional reports whether script asks for a conditional response, which
// keeps the HTTP cache out.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func isConditional(list headers.List) bool {
	return list.Contains("if-modified-since") || list.Contains("if-none-match") ||
		list.Contains("if-unmodified-since") || list.Contains("if-match") || list.Contains("if-range")
}
