package fetch

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/weburl"
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

// clearOfHop clears the cache entries of the URL, the hop-th, that led to a bad
// port, in engines that refuse the redirect rather than the request.
func (f *fetching) clearOfHop(hop int, err error) {
	r := f.request
	if f.client.quirks().Clear != browser.ClearButOnRedirectMode || cors.ReasonOf(err) != cors.BadPort || len(r.urlList) == hop {
		return
	}
	redirecting := *r
	redirecting.urlList = r.urlList[:hop]
	f.client.preflights().Clear(redirecting.preflightKey())
}

// preflightRemembered reports whether the cache knows, of a request that needs no
// preflight but would get one, that what the preflight would ask for is permitted.
func (f *fetching) preflightRemembered() bool {
	c := f.preflightRequest()
	cache, now, key := f.client.preflights(), f.client.now(), f.request.preflightKey()
	if !cache.Remembers(now, key, c.IncludeCredentials) {
		return false
	}
	for _, name := range f.client.policy().CORSUnsafeRequestHeaderNames(c.Headers) {
		if !cache.MatchHeaderName(now, key, c.IncludeCredentials, name) {
			return false
		}
	}
	return true
}

// forgetsPreflight reports whether preflights for the request's origin are not
// remembered, as it is opaque.
func (f *fetching) forgetsPreflight() bool {
	r := f.request
	switch f.client.quirks().Forgotten {
	case browser.ForgottenTainted:
		return !r.origin.IsOpaque() && r.redirectTaint() != "same-origin"
	case browser.ForgottenOpaque:
		return r.origin.IsOpaque() || r.redirectTaint() != "same-origin"
	}
	return false
}

// remembersPreflight reports whether a preflight for the request is stored.
func (f *fetching) remembersPreflight() bool {
	return !(f.client.quirks().NoStoreForgets && f.request.cacheMode == CacheNoStore) && !f.forgetsPreflight()
}

// invalidates reports whether a response with a status makes the HTTP cache forget
// what it has of the request's URL.
//
// https://httpwg.org/specs/rfc9111.html#invalidation
func (f *fetching) invalidates(status int) bool {
	method := f.request.method
	succeeded := 200 <= status && status <= 399
	switch f.client.quirks().Invalidates {
	case browser.InvalidatesButPUT:
		return !isSafe(method) && succeeded && method != "PUT" && !headers.EqualFold(method, "PATCH")
	case browser.InvalidatesAnyStatus:
		return !isSafe(method) && status != 304
	case browser.InvalidatesAnyMethod:
		return method != "GET" && f.request.preflightFor == nil && (status < 300 || 399 < status)
	}
	return !isSafe(method) && succeeded
}

// preflightRequest returns what the decisions about a preflight are made on: the
// request, or what some engines take for it after a redirect.
func (f *fetching) preflightRequest() cors.Request {
	r, quirks := f.request, f.client.quirks()
	c := r.cors()
	if quirks.PreflightOrigin {
		c.Origin = r.origin.String()
	}
	if quirks.PreflightHeadersAsGiven && len(r.urlList) > 1 {
		c.Headers = r.given
	}
	return c
}

// preflightsEveryHop reports whether a request that needs no preflight gets one,
// as an earlier hop did or as it would have needed one before it was redirected.
func (f *fetching) preflightsEveryHop() bool {
	return f.request.preflighted && f.client.quirks().PreflightHops != browser.PreflightHopsAsNeeded
}

// checkRedirectAsBegun does the CORS check of a redirect again in engines that do
// it as if the request still had the credentials that it began with. They do so
// late: what the check says holds once the next hop's preflight has passed.
func (f *fetching) checkRedirectAsBegun(response *response) {
	r := f.request
	if !f.client.quirks().RedirectCheckedAsBegun || r.tainting != TaintingCORS ||
		r.credentials != CredentialsSameOrigin || !r.urlList[0].Origin().SameOrigin(r.origin) {
		return
	}
	c := r.cors()
	c.IncludeCredentials = true
	if err := f.client.policy().Check(&c, &response.headers); err != nil {
		r.redirectRefused = &refusedRedirect{f.located(err, response), response.headers}
	}
}

// refusedRedirect is why the redirect that led to the current URL was refused, by
// engines that say so late, and the headers of its response.
type refusedRedirect struct {
	err      error
	response headers.List
}

// staysCredentialed reports whether a request began with credentials that some
// engines go on to include in mode "no-cors".
func (r *Request) staysCredentialed() bool {
	return r.mode == ModeNoCORS && r.urlList[0].Origin().SameOrigin(r.origin)
}

// restoreHeaders gives a request headers again that earlier redirects took, before
// one with a status to a location takes some.
func (f *fetching) restoreHeaders(status int, location *weburl.URL) {
	r, quirks := f.request, f.client.quirks()
	switch {
	case r.mode == ModeNoCORS:
	case quirks.HeadersReapplied:
		r.restore(r.given)
		r.withholdsBodyHeaders = becomesGET(status, r.givenMethod)
	case quirks.BodyHeadersReturn && (r.tainting == TaintingCORS || !location.Origin().SameOrigin(r.origin)):
		r.restore(r.dropped)
	case quirks.BodyHeadersReturn && (status == 307 || status == 308):
		for _, h := range r.dropped {
			if headers.EqualFold(h.Name, "content-type") {
				r.restore(headers.List{h})
			}
		}
	}
}

// restore appends the headers of a list whose names the request's lacks.
func (r *Request) restore(list headers.List) {
	restored := r.headers.Clone()
	for _, h := range list {
		if !restored.Contains(h.Name) {
			restored = append(restored, h)
		}
	}
	r.headers = restored
}

// isRedirect reports whether a response is a redirect, as the engine has it.
func (r *response) isRedirect(quirks *browser.Fetch) bool {
	return isRedirectStatus(r.status) ||
		quirks.OddRedirects && 309 <= r.status && r.status <= 399 && !isBlank(r.headers.Lines("location"))
}

// decodeLocation decodes the value of Location, which the standard leaves open:
// as UTF-8 where it is that, and otherwise so that its bytes come to stand in the
// URL percent-encoded.
func decodeLocation(value string, quirks *browser.Fetch) string {
	switch {
	case quirks.LocationIsLatin1:
		return headers.IsomorphicDecode(value)
	case !utf8.ValidString(value):
		value = percentEncode(value, func(c byte) bool { return c >= utf8.RuneSelf })
	}
	if quirks.LocationKeepsControls {
		value = percentEncode(value, func(c byte) bool { return c < 0x20 && c != '\t' })
	}
	if quirks.LocationEncodesBar {
		path, rest := value, ""
		if i := strings.IndexAny(value, "?#"); i >= 0 {
			path, rest = value[:i], value[i:]
		}
		value = percentEncode(path, func(c byte) bool { return c == '|' }) + rest
	}
	return value
}

// percentEncode percent-encodes the bytes of s for which which holds.
func percentEncode(s string, which func(byte) bool) string {
	var b strings.Builder
	for i := range len(s) {
		if which(s[i]) {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
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

// forgetUnfollowed keeps a redirect that is not to be followed out of the HTTP
// cache, in engines that store only permanent ones of those.
func (f *fetching) forgetUnfollowed(response *response) {
	if body, ok := response.body.(*storingBody); ok && f.client.quirks().UnfollowedForgotten {
		body.done = body.done || response.status != 301 && response.status != 308
	}
}

// retryMisdirected makes a request again, over another connection, that was
// answered by a 421.
func (f *fetching) retryMisdirected(misdirected *response) (*response, error) {
	response, err := f.httpNetworkOrCacheFetch(true)
	if err != nil || f.client.quirks().MisdirectedRetry != browser.MisdirectedRetryAsGecko {
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

// shortBody is a body that ends well even where it is shorter than was said.
type shortBody struct{ io.ReadCloser }

// Read takes an early end for the end.
func (b shortBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
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

// refuse closes a response that the page may not read, for the CORS check or its
// resource policy, and keeps it out of the HTTP cache in engines that do not
// store it.
func (f *fetching) refuse(response *response, byCORS bool) {
	redirect := response.isRedirect(f.client.quirks())
	if body, ok := response.body.(*storingBody); ok {
		switch f.client.quirks().Refused {
		case browser.RefusedRedirectsKept:
			body.done = body.done || !redirect
		case browser.RefusedAsChromium:
			if !redirect && !(f.request.xhr && body.sniffedWhole()) {
				body.done = true
				body.cache.Remove(body.key)
			}
		case browser.RefusedByCORSKept:
			body.done = body.done || redirect || !byCORS
		}
	}
	discard(response.body)
}

// maxBytesToSniff is how much of a body Chromium has to see to sniff its MIME type.
const maxBytesToSniff = 1024

// sniffedWhole reports whether Chromium, to sniff the MIME type of what an
// XMLHttpRequest asked for, reads a body to its end before it refuses the response.
func (b *storingBody) sniffedWhole() bool {
	list := b.response.Headers
	if b.left() >= maxBytesToSniff || DetermineNosniff(list) {
		return false
	}
	mimeType, ok := list.ExtractMIMEType()
	return !ok || mimeType.Essence() == "text/plain"
}

// cameFromElsewhere reports whether the redirect that led to the current URL is
// another origin's.
func (r *Request) cameFromElsewhere() bool {
	n := len(r.urlList)
	return n > 1 && !r.urlList[n-1].Origin().SameOrigin(r.urlList[n-2].Origin())
}

// changedOrigin reports whether a redirect led from one origin to another.
func (r *Request) changedOrigin() bool {
	for i := 1; i < len(r.urlList); i++ {
		if !r.urlList[i].Origin().SameOrigin(r.urlList[i-1].Origin()) {
			return true
		}
	}
	return false
}

var (
	errNUL              = errors.New("a header of the response has a NUL byte")
	errTransferEncoding = errors.New("the response's Transfer-Encoding is not chunked, or its Content-Length no number")
	errRepeatedLocation = errors.New("the response has more than one Location, which differ")
)

// readHeaders returns the headers of a response as the engine has them.
func readHeaders(list headers.List, method string, quirks *browser.Fetch) (headers.List, error) {
	if quirks.NULIsError && slices.ContainsFunc(list, func(h headers.Header) bool { return strings.Contains(h.Value, "\x00") }) {
		return nil, errNUL
	}
	if quirks.OnlyChunked && method != "HEAD" && !isFramed(list) {
		return nil, errTransferEncoding
	}
	if quirks.RepeatedLocation == browser.RepeatedLocationEqual {
		locations := list.Lines("location")
		for i := 1; i < locations.Len(); i++ {
			if locations.At(i) != locations.At(0) {
				return nil, errRepeatedLocation
			}
		}
	}
	if quirks.ReplaceInvalidUTF8 {
		list = replaceInvalidUTF8(list)
	}
	return list, nil
}

// isFramed reports whether the last header that says where a body ends is one that
// libsoup knows.
func isFramed(list headers.List) bool {
	framed := true
	for _, h := range list {
		switch {
		case headers.EqualFold(h.Name, "transfer-encoding"):
			framed = headers.EqualFold(h.Value, "chunked") || headers.EqualFold(h.Value, "identity")
		case headers.EqualFold(h.Name, "content-length"):
			framed = strings.Trim(strings.TrimLeft(h.Value, "+-"), "0123456789") == ""
		}
	}
	return framed
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

// replaceInvalidUTF8 writes U+FFFD for each byte from 0x80 of a value that is not
// UTF-8.
func replaceInvalidUTF8(list headers.List) headers.List {
	var replaced headers.List
	for i, h := range list {
		if utf8.ValidString(h.Value) {
			continue
		}
		if replaced == nil {
			replaced = list.Clone()
		}
		replaced[i].Value = string([]rune(h.Value))
	}
	if replaced == nil {
		return list
	}
	return replaced
}

// checkManualLocation fails a redirect that nobody follows, in engines that look
// at its Location nevertheless.
func (f *fetching) checkManualLocation(r *response) error {
	quirks := f.client.quirks()
	if !quirks.ManualLocationParsed && !quirks.ManualLocationFTP {
		return nil
	}
	location, err := r.locationURL("", false, quirks)
	switch {
	case err != nil && quirks.ManualLocationParsed:
	case location != nil && location.Scheme() == "ftp" && quirks.ManualLocationFTP:
		err = f.networkError(cors.RedirectScheme)
	default:
		return nil
	}
	discard(r.body)
	return f.located(err, r)
}

// bypassesByHeader reports whether the headers of a request ask for a response
// that does not come from a cache.
func bypassesByHeader(list headers.List) bool {
	for _, name := range [...]string{"cache-control", "pragma"} {
		if directives, _, ok := headers.ExtractTokenList(list.Lines(name)); ok && directives.HasFold("no-cache") {
			return true
		}
	}
	return false
}

// isBlank reports whether a header is absent or empty.
func isBlank(lines headers.Lines) bool {
	value, _ := lines.Get()
	return value == ""
}
