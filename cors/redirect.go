package cors

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// MaxRedirects is how often a request may be redirected.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
const MaxRedirects = 20

// A RedirectPolicy is what an engine does differently with redirects. The zero value, and a
// nil *RedirectPolicy, is the standard. Package browser has those of real engines.
type RedirectPolicy quirks.Redirect

// standardRedirects is what a nil *RedirectPolicy stands for.
var standardRedirects RedirectPolicy

func (p *RedirectPolicy) orStandard() *RedirectPolicy {
	if p == nil {
		return &standardRedirects
	}
	return p
}

// IsRedirect reports whether a response is a redirect: it has a redirect status, or what the
// engine takes for one.
func (p *RedirectPolicy) IsRedirect(status int, response Fields) bool {
	p = p.orStandard()
	return headers.IsRedirectStatus(status) || p.StatusFrom309 && 309 <= status && status <= 399 && !isBlank(lines(response, location))
}

// LocationURL is the location URL of a redirect that came from a URL: nil for null. The error, an
// *[Error] without its URL, is a failure: the Location is not a URL.
//
// https://fetch.spec.whatwg.org/#concept-response-location-url
func (p *RedirectPolicy) LocationURL(url *weburl.URL, status int, response Fields) (*weburl.URL, error) {
	p = p.orStandard()
	lines := lines(response, location)
	value, _ := lines.Get()
	failure := func(subject string, err error) error {
		return &Error{Reason: RedirectLocation, Header: location, Value: value, Present: true, Status: status, Subject: subject, Err: err}
	}
	switch {
	case lines.Len() == 0:
		return nil, nil
	case lines.Len() == 1, p.RepeatedLocation == quirks.RepeatedLocationCombined:
	case p.RepeatedLocation == quirks.RepeatedLocationEqual && allEqual(lines):
		value = lines.At(0)
	default:
		return nil, failure("Location stands more than once: "+value, nil)
	}
	if value == "" {
		switch p.EmptyLocation {
		case quirks.EmptyLocationNone:
			return nil, nil
		case quirks.EmptyLocationError:
			return nil, failure("Location is empty", nil)
		}
	}
	to, err := url.Parse(p.decodeLocation(value))
	if err != nil {
		return nil, failure("", err)
	}
	if _, has := to.Fragment(); !has {
		if fragment, had := url.Fragment(); had {
			to = to.WithFragment(fragment, true)
		}
	}
	return to, nil
}

// decodeLocation decodes the value of Location, which the standard leaves open: as UTF-8 where it is that, and
// else so that its bytes are in the URL percent-encoded. By the letter what is not a URI-reference, such as a
// space, is a failure; all browsers parse it.
func (p *RedirectPolicy) decodeLocation(value string) string {
	switch {
	case p.LocationIsLatin1:
		return headers.IsomorphicDecode(value)
	case !utf8.ValidString(value):
		value = percentEncode(value, func(c byte) bool { return c >= utf8.RuneSelf })
	}
	if p.LocationKeepsControls {
		value = percentEncode(value, func(c byte) bool { return c < 0x20 && c != '\t' })
	}
	if p.LocationEncodesBar {
		path, rest := value, ""
		if i := strings.IndexAny(value, "?#"); i >= 0 {
			path, rest = value[:i], value[i:]
		}
		value = percentEncode(path, func(c byte) bool { return c == '|' }) + rest
	}
	return value
}

// A Redirect is what decides whether a redirect is followed.
type Redirect struct {
	Status   int         // of the response
	Location *weburl.URL // where it leads
	Count    int         // the redirects before it
	// Origin is the request's, and CORSMode says that its mode is "cors".
	Origin   origin.Origin
	CORSMode bool
	// CORSTainting: the request's response tainting is "cors".
	CORSTainting bool
	// StreamBody: the request has a body that cannot be sent again.
	StreamBody bool
	// DataFollowed: the engine follows redirects of such a request to data: URLs too.
	DataFollowed bool
}

// Check decides whether a redirect may be followed: steps 6 to 11 of HTTP-redirect fetch. The
// error is an *[Error] without its URL. Where afterPreflight is true, the engine refuses only
// when the preflight for the Location, if it needs one, has passed.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (p *RedirectPolicy) Check(r *Redirect) (afterPreflight bool, err error) {
	p = p.orStandard()
	refused := func(reason Reason) error {
		return &Error{Reason: reason, Subject: r.Location.Redacted(), Status: r.Status}
	}
	switch {
	// Step 6. Only http: and https: URLs are followed.
	case !r.Location.IsHTTP() && !(r.DataFollowed && r.Location.Scheme() == "data"):
		return false, refused(RedirectScheme)
	// Step 7. The limit; step 8 counts.
	case r.Count >= MaxRedirects:
		return false, refused(RedirectCount)
	// Step 9. Credentials in the URL of another origin; step 10: or in any, once tainted.
	case r.Location.IncludesCredentials() &&
		(p.CredentialsRefused || r.CORSMode && !r.Origin.SameOrigin(r.Location.Origin()) || r.CORSTainting):
		return p.CredentialsRefusedAfterPreflight && !r.CORSTainting, refused(RedirectCredentials)
	// Step 11. A stream cannot be sent again.
	case r.Status != 303 && r.StreamBody:
		return false, refused(RedirectBody)
	}
	return false, nil
}

func allEqual(lines headers.Lines) bool {
	for i := 1; i < lines.Len(); i++ {
		if lines.At(i) != lines.At(0) {
			return false
		}
	}
	return true
}

// isBlank reports whether a header is absent or empty.
func isBlank(lines headers.Lines) bool {
	value, _ := lines.Get()
	return value == ""
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
