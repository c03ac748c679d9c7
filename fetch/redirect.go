package fetch

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// MaxRedirects is how often a request may be redirected.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
const MaxRedirects = 20

// becomesGET reports whether a redirect with a status turns a request into a GET
// request without a body.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func becomesGET(status int, method string) bool {
	switch status {
	case 301, 302:
		return method == "POST"
	case 303:
		return method != "GET" && method != "HEAD"
	}
	return false
}

// dropBodyHeaders removes the headers that are about the body.
func (r *request) dropBodyHeaders() {
	isAboutBody := func(h headers.Header) bool { return headers.IsRequestBodyHeaderName(h.Name) }
	for _, h := range r.headers {
		if isAboutBody(h) {
			r.dropped = append(r.dropped, h)
		}
	}
	r.headers = slices.DeleteFunc(r.headers.Clone(), isAboutBody)
}

// httpRedirectFetch is HTTP-redirect fetch.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (f *fetching) httpRedirectFetch(response *response) (*response, error) {
	r, rules := &f.request, f.client.rules()
	fragment, hasFragment := r.currentURL().Fragment()
	// Step 3. Where the response leads; step 4: it leads nowhere.
	location, err := response.locationURL(fragment, hasFragment, rules)
	if location == nil && err == nil {
		return response, nil
	}
	broken := f.finishBody(response)
	// Step 5. The Location is not a URL.
	if err != nil {
		return nil, f.located(err, response)
	}
	if broken != nil {
		return nil, broken
	}
	refused := func(reason cors.Reason) error {
		e := f.networkError(reason)
		e.Subject, e.Status = location.Redacted(), response.status
		return e
	}
	// Step 6. Only http: and https: URLs are followed.
	if !location.IsHTTP() && !(location.Scheme() == "data" && r.mayRedirectToData(&rules.Elements)) {
		return nil, refused(cors.RedirectScheme)
	}
	// Step 7. The limit; step 8, the count, is the length of the URL list.
	if len(r.urlList)-1 == MaxRedirects {
		return nil, refused(cors.RedirectCount)
	}
	// Step 9. Credentials in the URL of another origin; step 10: or in any, once tainted.
	if location.IncludesCredentials() &&
		(rules.Redirect.CredentialsRefused || r.mode == ModeCORS && !r.origin.SameOrigin(location.Origin()) || r.tainting == TaintingCORS) {
		if !rules.Redirect.CredentialsRefusedAfterPreflight || r.tainting == TaintingCORS {
			return nil, refused(cors.RedirectCredentials)
		}
		r.refusedRedirect = &refusal{refused(cors.RedirectCredentials), response.headers}
	}
	// Step 11. A stream cannot be sent again.
	if response.status != 303 && r.body != nil && r.body.source == nil {
		return nil, refused(cors.RedirectBody)
	}
	// Step 12. 301, 302 and 303 make a GET of some methods.
	crossOrigin := !r.currentURL().Origin().SameOrigin(location.Origin())
	f.restoreHeaders(response.status, location)
	switch {
	case becomesGET(response.status, r.method):
		r.method, r.body, r.wasPOST = "GET", nil, true
		r.dropBodyHeaders()
	case rules.Redirect.DeleteBecomesGET && r.method == "DELETE" && crossOrigin:
		r.method, r.body = "GET", nil
	}
	// Step 13. Authorization stays with the origin that it was for.
	if crossOrigin {
		r.headers = slices.DeleteFunc(r.headers.Clone(), func(h headers.Header) bool {
			return headers.IsCORSNonWildcardRequestHeaderName(h.Name)
		})
	}
	r.redirectedByNetwork = !response.fromCache
	f.trace.redirected(r.currentURL(), location, response.status)
	// Step 18. Add to the URL list, which is shared with the response.
	if response.status == 301 || response.status == 308 {
		r.movedTo = len(r.urlList)
	}
	r.urlList, r.upgradedFrom = append(slices.Clip(r.urlList), location), nil
	// Step 19. The response may set another referrer policy.
	r.setReferrerPolicyOnRedirect(response.headers)
	// Step 22. Main fetch again, for the response tainting.
	return f.mainFetchRecursive()
}

// mayRedirectToData reports whether the engine follows a redirect of the request to a data: URL.
func (r *request) mayRedirectToData(rules *quirks.Elements) bool {
	if !rules.RedirectsToData || r.mode != ModeNoCORS {
		return false
	}
	return r.initiator == InitiatorImage || r.initiator == InitiatorScript || r.initiator == InitiatorStyle
}

// checkRedirectAsBegun does the CORS check of a redirect again in engines that do
// it as if the request still had the credentials that it began with. They do so
// late: what the check says holds once the next hop's preflight has passed.
func (f *fetching) checkRedirectAsBegun(response *response) {
	r := &f.request
	began := f.client.rules().Redirect.CheckedWithInitialCredentials && r.urlList[0].Origin().SameOrigin(r.origin) ||
		f.client.rules().Elements.ModulePreloadsCheckedWithCredentials && r.initiator == InitiatorModulePreload
	if !began || r.tainting != TaintingCORS || r.credentials != CredentialsSameOrigin {
		return
	}
	c := r.cors()
	c.IncludeCredentials = true
	if err := f.client.policy().Check(&c, &response.headers); err != nil {
		r.refusedRedirect = &refusal{f.located(err, response), response.headers}
	}
}

// A refusal is why the redirect that led to the current URL was refused, by
// engines that say so late, and the headers of its response.
type refusal struct {
	err      error
	response headers.List
}

// restoreHeaders gives a request headers again that earlier redirects took, before
// one with a status to a location takes some.
func (f *fetching) restoreHeaders(status int, location *weburl.URL) {
	r, rules := &f.request, f.client.rules()
	switch {
	case r.mode == ModeNoCORS, r.hopsAsSent(&rules.Elements):
	case rules.Redirect.HeadersRestored:
		r.restore(r.given)
		r.withholdsBodyHeaders = becomesGET(status, r.givenMethod)
	case rules.Redirect.BodyHeadersRestored && (r.tainting == TaintingCORS || !location.Origin().SameOrigin(r.origin)):
		r.restore(r.dropped)
	case rules.Redirect.BodyHeadersRestored && (status == 307 || status == 308):
		for _, h := range r.dropped {
			if headers.EqualFold(h.Name, "content-type") {
				r.restore(headers.List{h})
			}
		}
	}
}

// restore appends the headers of a list whose names the request's lacks.
func (r *request) restore(list headers.List) {
	restored := r.headers.Clone()
	for _, h := range list {
		if !restored.Contains(h.Name) {
			restored = append(restored, h)
		}
	}
	r.headers = restored
}

// isRedirect reports whether a response is a redirect, as the engine has it.
func (r *response) isRedirect(rules *quirks.Engine) bool {
	return isRedirectStatus(r.status) ||
		rules.Redirect.StatusFrom309 && 309 <= r.status && r.status <= 399 && !isBlank(r.headers.Lines("location"))
}

// decodeLocation decodes the value of Location, which the standard leaves open:
// as UTF-8 where it is that, and otherwise so that its bytes are in the
// URL percent-encoded.
func decodeLocation(value string, rules *quirks.Engine) string {
	switch {
	case rules.Redirect.LocationIsLatin1:
		return headers.IsomorphicDecode(value)
	case !utf8.ValidString(value):
		value = percentEncode(value, func(c byte) bool { return c >= utf8.RuneSelf })
	}
	if rules.Redirect.LocationKeepsControls {
		value = percentEncode(value, func(c byte) bool { return c < 0x20 && c != '\t' })
	}
	if rules.Redirect.LocationEncodesBar {
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

// checkManualLocation fails a redirect that nobody follows, in engines that look
// at its Location nevertheless.
func (f *fetching) checkManualLocation(r *response) error {
	rules := f.client.rules()
	if !rules.Redirect.ManualLocationParsed && !rules.Redirect.ManualLocationFTP {
		return nil
	}
	location, err := r.locationURL("", false, rules)
	switch {
	case err != nil && rules.Redirect.ManualLocationParsed:
	case location != nil && location.Scheme() == "ftp" && rules.Redirect.ManualLocationFTP:
		err = f.networkError(cors.RedirectScheme)
	default:
		return nil
	}
	discard(r.body)
	return f.located(err, r)
}

// locationURL is the location URL of a response: nil for null. The error is a
// failure.
//
// https://fetch.spec.whatwg.org/#concept-response-location-url
func (r *response) locationURL(requestFragment string, hasFragment bool, rules *quirks.Engine) (*weburl.URL, error) {
	if !r.isRedirect(rules) {
		return nil, nil
	}
	lines := r.headers.Lines("location")
	value, _ := lines.Get()
	switch {
	case lines.Len() == 0:
		return nil, nil
	case lines.Len() == 1, rules.Redirect.RepeatedLocation == quirks.RepeatedLocationCombined:
	case rules.Redirect.RepeatedLocation == quirks.RepeatedLocationEqual:
		value = lines.At(0) // they are equal, or the response would have been refused
	default:
		return nil, &cors.Error{
			Reason: cors.RedirectLocation, Header: "Location", Value: value, Present: true, Status: r.status,
			Subject: "Location stands more than once: " + value,
		}
	}
	if value == "" {
		switch rules.Redirect.EmptyLocation {
		case quirks.EmptyLocationNone:
			return nil, nil
		case quirks.EmptyLocationError:
			return nil, &cors.Error{Reason: cors.RedirectLocation, Header: "Location", Present: true, Status: r.status, Subject: "Location is empty"}
		}
	}
	location, err := r.url().Parse(decodeLocation(value, rules))
	if err != nil {
		return nil, &cors.Error{
			Reason: cors.RedirectLocation, Header: "Location", Value: value, Present: true, Status: r.status, Err: err,
		}
	}
	if _, has := location.Fragment(); !has && hasFragment {
		location = location.WithFragment(requestFragment, true)
	}
	return location, nil
}

// isRedirectStatus reports whether a status is a redirect status.
//
// https://fetch.spec.whatwg.org/#redirect-status
func isRedirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
