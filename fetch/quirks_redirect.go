package fetch

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

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
