// Package weburl holds URLs as browsers parse them. It is the one place of the
// module that knows how, so that no two places can read the same string as two
// different URLs.
//
// Nearly every URL that a page requests is already in the form in which the URL
// standard serializes it. Those take a path of their own, which reads each byte
// once; a parser of the whole standard reads the rest.
//
// [URL standard]: https://url.spec.whatwg.org/
package weburl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/corsim/corsim/origin"
)

// A URL is a URL record. It never changes, and any number of goroutines may use
// it at once.
//
// https://url.spec.whatwg.org/#concept-url
type URL struct {
	href string // the serialization; what follows are offsets into it

	schemeEnd              int32 // of the ':' after the scheme
	usernameEnd            int32 // the username begins after "//"
	passwordStart          int32 // as large as passwordEnd where there is no password
	passwordEnd            int32
	hostStart, hostEnd     int32
	pathStart, pathEnd     int32
	queryEnd               int32 // pathEnd where the query is null, otherwise a '?' is at pathEnd
	port                   int32 // -1 for null
	opaquePath             bool
	potentiallyTrustworthy bool
	origin                 origin.Origin
}

// An Error says why a string is not a URL.
type Error struct {
	Input   string
	Base    string // the serialization of the base URL, "" without one
	Problem string
}

// Error names the input, and the base if there was one, each cut to maxQuoted.
func (e *Error) Error() string {
	if e.Base != "" {
		return fmt.Sprintf("%s is not a URL relative to %s: %s", quote(e.Input), quote(e.Base), e.Problem)
	}
	return fmt.Sprintf("%s is not a URL: %s", quote(e.Input), e.Problem)
}

// maxQuoted is how many bytes of a string an error's text shows; Error.Input has them all.
const maxQuoted = 256

// maxLength is the longest input that is parsed, in bytes, and bounds what a
// server's Location header can make the parser do. Firefox's limit is the same
// (network.standard-url.max-length), Chromium's is 2 MiB.
const maxLength = 32 << 20

// Parse runs the URL parser without a base URL. Bytes that are not UTF-8 are
// read as U+FFFD. What browsers refuse is an [*Error].
//
// https://url.spec.whatwg.org/#concept-url-parser
func Parse(input string) (*URL, error) { return (*URL)(nil).Parse(input) }

// Parse runs the URL parser on ref with base as the base URL; a nil base is
// none. Bytes that are not UTF-8 are read as U+FFFD. What browsers refuse is an
// [*Error].
//
// https://url.spec.whatwg.org/#concept-url-parser
func (base *URL) Parse(ref string) (*URL, error) {
	if len(ref) <= maxLength {
		if u := parsePlain(ref); u != nil {
			return u, nil
		}
		if base != nil {
			if u := base.parsePlainRelative(ref); u != nil {
				return u, nil
			}
		}
	}
	return base.parseAny(ref)
}

// parseAny is Parse for every input.
func (base *URL) parseAny(ref string) (*URL, error) {
	fail := func(problem string) (*URL, error) {
		e := &Error{Input: ref, Problem: problem}
		if base != nil {
			e.Base = base.href
		}
		return nil, e
	}
	if len(ref) > maxLength {
		return fail("it is longer than " + strconv.Itoa(maxLength) + " bytes")
	}
	r, problem := parseWhole(decodeUTF8(ref), base)
	if problem != "" {
		return fail(problem)
	}
	href := r.serialize()
	if len(href) > maxLength {
		return fail("its serialization is longer than " + strconv.Itoa(maxLength) + " bytes")
	}
	return split(href), nil
}

// split returns the URL whose serialization is href, which the URL serializer
// has made. It finds the parts by the delimiters alone: a serialization has
// them percent-encoded everywhere else.
func split(href string) *URL {
	u := &URL{href: href, port: -1}
	end := len(href)
	if i := strings.IndexByte(href, '#'); i >= 0 {
		end = i
	}
	u.queryEnd = int32(end)
	if i := strings.IndexByte(href[:end], '?'); i >= 0 {
		end = i
	}
	u.pathEnd = int32(end)
	scheme := strings.IndexByte(href, ':')
	u.schemeEnd = int32(scheme)
	rest := scheme + 1
	if !strings.HasPrefix(href[rest:end], "//") {
		u.usernameEnd, u.passwordStart, u.passwordEnd = int32(rest), int32(rest), int32(rest)
		u.hostStart, u.hostEnd = int32(rest), int32(rest)
		if strings.HasPrefix(href[rest:end], "/.//") {
			rest += len("/.") // keeps the path from being read as a host, and is no part of it
		}
		u.pathStart = int32(rest)
		u.opaquePath = !strings.HasPrefix(href[rest:end], "/")
		return u.finish()
	}
	authority := rest + len("//")
	path := end
	if i := strings.IndexByte(href[authority:end], '/'); i >= 0 {
		path = authority + i
	}
	u.pathStart = int32(path)
	host := authority
	u.usernameEnd, u.passwordStart, u.passwordEnd = int32(host), int32(host), int32(host)
	if i := strings.IndexByte(href[authority:path], '@'); i >= 0 {
		at := authority + i
		u.usernameEnd, u.passwordStart, u.passwordEnd = int32(at), int32(at), int32(at)
		if i := strings.IndexByte(href[authority:at], ':'); i >= 0 {
			u.usernameEnd, u.passwordStart = int32(authority+i), int32(authority+i+1)
		}
		host = at + 1
	}
	hostEnd := path
	if i := strings.LastIndexByte(href[host:path], ':'); i >= 0 && href[path-1] != ']' {
		hostEnd = host + i
		port, _ := strconv.ParseUint(href[hostEnd+1:path], 10, 16)
		u.port = int32(port)
	}
	u.hostStart, u.hostEnd = int32(host), int32(hostEnd)
	return u.finish()
}

// finish sets what follows from the parts.
func (u *URL) finish() *URL {
	scheme := u.Scheme()
	switch scheme {
	case "http", "https", "ws", "wss", "ftp":
		u.origin = origin.New(scheme, u.Host(), int(u.port))
	case "blob":
		u.origin = blobOrigin(u.Path())
	default:
		u.origin = origin.NewOpaque()
	}
	switch scheme {
	case "data", "file":
		u.potentiallyTrustworthy = true
	case "about":
		u.potentiallyTrustworthy = u.opaquePath && (u.Path() == "blank" || u.Path() == "srcdoc" && u.pathEnd == u.queryEnd)
	default:
		u.potentiallyTrustworthy = u.origin.PotentiallyTrustworthy()
	}
	return u
}

// blobOrigin returns the origin of a blob: URL without a blob URL entry.
func blobOrigin(path string) origin.Origin {
	// Nothing but an HTTP(S) URL counts; to parse others too would, with blob: in blob: in blob:, nest as deep as a server likes.
	if scheme, _, ok := cutScheme(strings.TrimLeft(path, " ")); ok && (scheme == "http" || scheme == "https") {
		if u, err := Parse(path); err == nil {
			return u.origin
		}
	}
	return origin.NewOpaque()
}

// String runs the URL serializer.
//
// https://url.spec.whatwg.org/#concept-url-serializer
func (u *URL) String() string { return u.href }

// StringExcludingFragment runs the URL serializer with exclude fragment set.
//
// https://url.spec.whatwg.org/#url-serializer-exclude-fragment
func (u *URL) StringExcludingFragment() string { return u.href[:u.queryEnd] }

// Scheme returns the scheme, in lower case and without the colon.
func (u *URL) Scheme() string { return u.href[:u.schemeEnd] }

// Username returns the username, percent-encoded, "" where there is none.
func (u *URL) Username() string {
	if start := u.schemeEnd + int32(len("://")); start < u.usernameEnd {
		return u.href[start:u.usernameEnd]
	}
	return ""
}

// Password returns the password, percent-encoded, "" where there is none.
func (u *URL) Password() string { return u.href[u.passwordStart:u.passwordEnd] }

// Host returns the serialized host, an IPv6 address in brackets, and "" where
// it is null or empty.
//
// https://url.spec.whatwg.org/#concept-host-serializer
func (u *URL) Host() string { return u.href[u.hostStart:u.hostEnd] }

// hasHost reports whether the host is not null.
func (u *URL) hasHost() bool { return u.hostStart > u.schemeEnd+1 }

// Port returns the port, and -1 where it is null, which it is for the scheme's
// default too.
func (u *URL) Port() int { return int(u.port) }

// EffectivePort returns the port that a connection is made to: the URL's own or
// the scheme's default, and -1 where there is neither.
func (u *URL) EffectivePort() int {
	if u.port >= 0 {
		return int(u.port)
	}
	return origin.DefaultPort(u.Scheme())
}

// Path returns the serialized path.
//
// https://url.spec.whatwg.org/#url-path-serializer
func (u *URL) Path() string { return u.href[u.pathStart:u.pathEnd] }

// Query returns the query without its '?'; ok is false where it is null.
func (u *URL) Query() (query string, ok bool) {
	if u.pathEnd == u.queryEnd {
		return "", false
	}
	return u.href[u.pathEnd+1 : u.queryEnd], true
}

// Fragment returns the fragment without its '#'; ok is false where it is null.
func (u *URL) Fragment() (fragment string, ok bool) {
	if int(u.queryEnd) == len(u.href) {
		return "", false
	}
	return u.href[u.queryEnd+1:], true
}

// IncludesCredentials reports whether the username or the password is not empty.
//
// https://url.spec.whatwg.org/#include-credentials
func (u *URL) IncludesCredentials() bool { return u.Username() != "" || u.Password() != "" }

// IsHTTP reports whether the scheme is an HTTP(S) scheme.
//
// https://fetch.spec.whatwg.org/#http-scheme
func (u *URL) IsHTTP() bool { s := u.Scheme(); return s == "http" || s == "https" }

// HasOpaquePath reports whether the path is opaque, as that of a data: URL is.
//
// https://url.spec.whatwg.org/#url-opaque-path
func (u *URL) HasOpaquePath() bool { return u.opaquePath }

// Origin returns the origin. Where that is opaque, u has one opaque origin and
// always returns the same. A file: URL's origin, which the standard leaves
// open, is opaque, as it is in a request's Origin header in every browser.
//
// https://url.spec.whatwg.org/#concept-url-origin
func (u *URL) Origin() origin.Origin { return u.origin }

// PotentiallyTrustworthy reports whether u is a potentially trustworthy URL. A
// file: URL is, opaque as its origin is here.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy
func (u *URL) PotentiallyTrustworthy() bool { return u.potentiallyTrustworthy }

// WithFragment returns u with another fragment, which is given as serialized,
// without the '#'; ok false is a null fragment. The origin stays the same, an
// opaque one too.
func (u *URL) WithFragment(fragment string, ok bool) *URL {
	if old, had := u.Fragment(); had == ok && old == fragment {
		return u
	}
	v := *u
	v.href = u.StringExcludingFragment()
	if ok {
		v.href += "#" + fragment
	}
	return &v
}

// WithScheme returns u, which has a special scheme other than file, with
// another such scheme, in lower case. A port that is the new scheme's default
// becomes null.
//
// https://fetch.spec.whatwg.org/#upgrade-a-mixed-content-request-to-a-potentially-trustworthy-url-if-appropriate
func (u *URL) WithScheme(scheme string) *URL {
	if scheme == u.Scheme() {
		return u
	}
	hostEnd := u.pathStart
	if int(u.port) == origin.DefaultPort(scheme) {
		hostEnd = u.hostEnd
	}
	return split(scheme + u.href[u.schemeEnd:hostEnd] + u.href[u.pathStart:])
}

// Redacted returns the URL, serialized without its fragment, for people to read: a
// password in it is xxxxx.
func (u *URL) Redacted() string {
	if u.Password() == "" {
		return u.StringExcludingFragment()
	}
	return u.href[:u.passwordStart] + "xxxxx" + u.href[u.passwordEnd:u.queryEnd]
}

// WithCredentials returns u, which has a host, with a username and a password, which are given
// unencoded: those of nil stay.
//
// https://url.spec.whatwg.org/#set-the-username
func (u *URL) WithCredentials(username, password *string) *URL {
	name, secret := u.Username(), u.Password()
	if username != nil {
		name = percentEncode(*username, userinfoSet)
	}
	if password != nil {
		secret = percentEncode(*password, userinfoSet)
	}
	credentials := name
	if secret != "" {
		credentials += ":" + secret
	}
	if credentials != "" {
		credentials += "@"
	}
	plain := u.WithoutCredentials()
	start := plain.schemeEnd + int32(len("://"))
	return split(plain.href[:start] + credentials + plain.href[start:])
}

// WithoutCredentials returns u with an empty username and password.
func (u *URL) WithoutCredentials() *URL {
	if !u.IncludesCredentials() {
		return u
	}
	v := *u
	start := u.schemeEnd + int32(len("://"))
	v.href = u.href[:start] + u.href[u.hostStart:]
	gone := u.hostStart - start
	v.usernameEnd, v.passwordStart, v.passwordEnd = start, start, start
	v.hostStart -= gone
	v.hostEnd -= gone
	v.pathStart -= gone
	v.pathEnd -= gone
	v.queryEnd -= gone
	return &v
}
