package cors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Reason is a requirement that was not met, so that a fetch ended in a network
// error or threw. It is an error itself: errors.Is(err, cors.MissingAllowOrigin)
// holds for every error of that reason.
type Reason uint8

// The reasons of the CORS protocol. Whether it was a preflight that failed is a
// field of [Error], not a reason of its own.
const (
	_ Reason = iota

	// MissingAllowOrigin: the response has no Access-Control-Allow-Origin.
	MissingAllowOrigin
	// WildcardAllowOriginWithCredentials: it is "*", but the credentials mode is "include".
	WildcardAllowOriginWithCredentials
	// MultipleAllowOrigin: it names more than one origin, or stands more than once.
	MultipleAllowOrigin
	// InvalidAllowOrigin: it is neither "*", nor "null", nor a serialized origin.
	InvalidAllowOrigin
	// AllowOriginMismatch: it names another origin.
	AllowOriginMismatch
	// AllowCredentialsNotTrue: the credentials mode is "include", and
	// Access-Control-Allow-Credentials is absent or not "true".
	AllowCredentialsNotTrue

	// PreflightStatus: the preflight's response has no ok status (200 to 299).
	PreflightStatus
	// PreflightRedirect: the preflight's response is a redirect.
	PreflightRedirect
	// InvalidAllowMethods: Access-Control-Allow-Methods is no list of methods.
	InvalidAllowMethods
	// InvalidAllowHeaders: Access-Control-Allow-Headers is no list of header names.
	InvalidAllowHeaders
	// MethodNotAllowed: Access-Control-Allow-Methods does not list the method.
	MethodNotAllowed
	// NonWildcardHeaderNotAllowed: Access-Control-Allow-Headers does not list
	// Authorization by its name; "*" does not cover it.
	NonWildcardHeaderNotAllowed
	// HeaderNotAllowed: Access-Control-Allow-Headers does not list a header.
	HeaderNotAllowed

	// RedirectMode: the response is a redirect, and the redirect mode is "error".
	RedirectMode
	// RedirectLocation: the Location of a redirect is no URL, or stands more than once.
	RedirectLocation
	// RedirectScheme: a redirect leads to a URL whose scheme is not HTTP(S).
	RedirectScheme
	// RedirectCount: there were more than 20 redirects.
	RedirectCount
	// RedirectCredentials: a redirect leads to a URL with a username or password.
	RedirectCredentials
	// RedirectBody: a redirect needs the body again, which was a stream.
	RedirectBody

	// SameOriginMode: the URL is cross-origin, and the mode is "same-origin".
	SameOriginMode
	// NoCORSRedirectMode: the mode is "no-cors", and the redirect mode is not "follow".
	NoCORSRedirectMode
	// SchemeNotHTTP: the URL's scheme cannot be fetched.
	SchemeNotHTTP
	// InvalidDataURL: a data: URL has no comma or no valid base64.
	InvalidDataURL
	// BadPort: the URL's port is one that browsers refuse to connect to.
	BadPort
	// MixedContent: a page that came over https asks for something over http.
	MixedContent
	// ContentSecurityPolicy: the page's Content Security Policy does not allow the URL.
	ContentSecurityPolicy
	// LocalNetworkPrompt: the browser asks the user whether the page may reach a local network,
	// who decides.
	LocalNetworkPrompt
	// LocalNetworkDenied: the user, or a permissions policy, has denied it.
	LocalNetworkDenied
	// LocalNetworkInsecure: the page is not a secure context, and may not reach a local network.
	LocalNetworkInsecure
	// TargetAddressSpace: the server is not in the address space that the request names.
	TargetAddressSpace
	// CrossOriginResourcePolicy: the response's Cross-Origin-Resource-Policy, or
	// the page's embedder policy, keeps it from being used in "no-cors" mode.
	CrossOriginResourcePolicy
	// NoSniff: X-Content-Type-Options is nosniff, and the MIME type does not fit
	// the destination.
	NoSniff
	// MIMEType: the MIME type, or the bytes, are not those of what asks: of a script, an image.
	MIMEType
	// UnrequestedRange: a partial response answers a request for the whole.
	UnrequestedRange
	// KeepaliveLimit: the bodies of keepalive requests under way exceed 64 KiB.
	KeepaliveLimit
	// OnlyIfCached: the cache mode is "only-if-cached", and nothing is cached.
	OnlyIfCached
	// ProxyAuthentication: a proxy wants credentials (407).
	ProxyAuthentication
	// Integrity: the body does not match the request's integrity metadata.
	Integrity

	// ContentCoding: the body is in no content coding that the response may have.
	ContentCoding
	// RequestBody: the request's own body could not be read.
	RequestBody

	// Transport: no response came: connection, TLS or malformed HTTP.
	Transport
	// ResponseTooLarge: the response's headers exceed what browsers take.
	ResponseTooLarge
	// Timeout: the deadline passed.
	Timeout
	// Aborted: the caller ended the fetch.
	Aborted

	// InvalidArgument: the API refused its arguments before anything was sent.
	InvalidArgument

	reasonCount
)

// IsCORSCheck reports whether it is a requirement of the CORS check, which every response
// of a CORS request must meet.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func (r Reason) IsCORSCheck() bool { return MissingAllowOrigin <= r && r <= AllowCredentialsNotTrue }

// IsPreflight reports whether it is a requirement that only the response to a preflight
// must meet, in addition to the CORS check.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (r Reason) IsPreflight() bool { return PreflightStatus <= r && r <= HeaderNotAllowed }

// IsCORS reports whether it is a requirement of the CORS protocol: of the CORS check or of
// a preflight.
func (r Reason) IsCORS() bool { return r.IsCORSCheck() || r.IsPreflight() }

// IsRedirect reports whether it is a requirement that redirects must meet.
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (r Reason) IsRedirect() bool { return RedirectMode <= r && r <= RedirectBody }

// notPermitted reports whether the preflight as such passed, and does not permit this
// request.
func (r Reason) notPermitted() bool {
	return r == MethodNotAllowed || r == NonWildcardHeaderNotAllowed || r == HeaderNotAllowed
}

// fetchStandard is where the anchors of the reasons stand, unless they name
// another document.
const (
	fetchStandard      = "https://fetch.spec.whatwg.org/"
	localNetworkAccess = "https://wicg.github.io/local-network-access/#local-network-access-check"
)

// reasons has, for each reason, its machine-readable name, the anchor of the
// requirement in the standard, and the requirement in words.
var reasons = [reasonCount]struct{ name, anchor, requirement string }{
	MissingAllowOrigin:                 {"missing-allow-origin", "#concept-cors-check", "the response must carry Access-Control-Allow-Origin"},
	WildcardAllowOriginWithCredentials: {"wildcard-allow-origin-with-credentials", "#concept-cors-check", `Access-Control-Allow-Origin must name the origin, not be "*", when credentials are included`},
	MultipleAllowOrigin:                {"multiple-allow-origin", "#concept-cors-check", "Access-Control-Allow-Origin must stand once and name one origin"},
	InvalidAllowOrigin:                 {"invalid-allow-origin", "#concept-cors-check", `Access-Control-Allow-Origin must be "*", "null" or a serialized origin`},
	AllowOriginMismatch:                {"allow-origin-mismatch", "#concept-cors-check", "Access-Control-Allow-Origin must be the request's origin, byte for byte"},
	AllowCredentialsNotTrue:            {"allow-credentials-not-true", "#concept-cors-check", `Access-Control-Allow-Credentials must be "true", in lower case, when credentials are included`},
	PreflightStatus:                    {"preflight-status", "#cors-preflight-fetch-0", "the response to a preflight must have a status from 200 to 299"},
	PreflightRedirect:                  {"preflight-redirect", "#cors-preflight-fetch-0", "the response to a preflight must not be a redirect"},
	InvalidAllowMethods:                {"invalid-allow-methods", "#http-access-control-allow-methods", "Access-Control-Allow-Methods must be a comma-separated list of methods"},
	InvalidAllowHeaders:                {"invalid-allow-headers", "#http-access-control-allow-headers", "Access-Control-Allow-Headers must be a comma-separated list of header names"},
	MethodNotAllowed:                   {"method-not-allowed", "#cors-preflight-fetch-0", `Access-Control-Allow-Methods must list the method, in the same case, or be "*" without credentials`},
	NonWildcardHeaderNotAllowed:        {"non-wildcard-header-not-allowed", "#cors-non-wildcard-request-header-name", `Access-Control-Allow-Headers must list Authorization by its name; "*" does not cover it`},
	HeaderNotAllowed:                   {"header-not-allowed", "#cors-preflight-fetch-0", `Access-Control-Allow-Headers must list the header, or be "*" without credentials`},
	RedirectMode:                       {"redirect-mode", "#http-fetch", `with redirect mode "error" the response must not be a redirect`},
	RedirectLocation:                   {"redirect-location", "#concept-response-location-url", "a redirect must have one Location, and it must be a URL"},
	RedirectScheme:                     {"redirect-scheme", "#http-redirect-fetch", "a redirect must lead to an http or https URL"},
	RedirectCount:                      {"redirect-count", "#http-redirect-fetch", "a request may be redirected 20 times"},
	RedirectCredentials:                {"redirect-credentials", "#http-redirect-fetch", "a cross-origin redirect must not lead to a URL with a username or password"},
	RedirectBody:                       {"redirect-body", "#http-redirect-fetch", "a request whose body is a stream can be redirected only by 303"},
	SameOriginMode:                     {"same-origin-mode", "#main-fetch", `with mode "same-origin" the URL must be same origin`},
	NoCORSRedirectMode:                 {"no-cors-redirect-mode", "#main-fetch", `with mode "no-cors" the redirect mode must be "follow"`},
	SchemeNotHTTP:                      {"scheme-not-http", "#main-fetch", "a cross-origin URL must be http or https"},
	InvalidDataURL:                     {"invalid-data-url", "#data-url-processor", "a data: URL must have a comma, and valid base64 where it says base64"},
	BadPort:                            {"bad-port", "#port-blocking", "the URL must not use a port that browsers refuse"},
	MixedContent:                       {"mixed-content", "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch", "a secure page must not fetch over http"},
	ContentSecurityPolicy:              {"content-security-policy", "https://w3c.github.io/webappsec-csp/#should-block-request", "the page's Content Security Policy must allow the URL"},
	LocalNetworkPrompt:                 {"local-network-prompt", localNetworkAccess, "the user must allow the page to reach a local network"},
	LocalNetworkDenied:                 {"local-network-denied", localNetworkAccess, "the page must be permitted to reach a local network"},
	LocalNetworkInsecure:               {"local-network-insecure-page", localNetworkAccess, "a page that reaches a local network must be a secure context"},
	TargetAddressSpace:                 {"local-network-wrong-space", localNetworkAccess, "the server must be in the address space that targetAddressSpace names"},
	CrossOriginResourcePolicy:          {"cross-origin-resource-policy", "#cross-origin-resource-policy-check", `Cross-Origin-Resource-Policy must let the origin use the response in mode "no-cors"`},
	NoSniff:                            {"nosniff", "#should-response-to-request-be-blocked-due-to-nosniff?", "with nosniff the MIME type must fit the destination"},
	MIMEType:                           {"mime-type", "#should-response-to-request-be-blocked-due-to-mime-type?", "the response must be of the type that is asked for: a script must not be audio, image, video or CSV"},
	UnrequestedRange:                   {"unrequested-range", "#main-fetch", "a partial response must answer a request with Range"},
	KeepaliveLimit:                     {"keepalive-limit", "#http-network-or-cache-fetch", "the bodies of keepalive requests under way may have 64 KiB together"},
	OnlyIfCached:                       {"only-if-cached", "#http-network-or-cache-fetch", `with cache mode "only-if-cached" the response must be in the HTTP cache`},
	ProxyAuthentication:                {"proxy-authentication", "#http-network-or-cache-fetch", "nobody is there to be asked for a proxy's credentials"},
	Integrity:                          {"integrity", "#main-fetch", "the body must match the integrity metadata"},
	ContentCoding:                      {"content-coding", "#handle-content-codings", "the body must be in the content codings that Content-Encoding lists, and in none that was not asked for"},
	RequestBody:                        {"request-body", "#http-network-fetch", "the request's body must be there to be sent"},
	Transport:                          {"transport", "#http-network-fetch", "the server must answer with a valid HTTP response"},
	ResponseTooLarge:                   {"response-too-large", "#http-network-fetch", "the headers of a response must not exceed the limit"},
	Timeout:                            {"timeout", "#http-network-fetch", "the response must come in time"},
	Aborted:                            {"aborted", "#concept-aborted-network-error", "the fetch must not be aborted"},
	InvalidArgument:                    {"invalid-argument", "#dom-request", "the arguments must be ones that the API takes"},
}

// happened says what happened where a requirement was not met that has no sentence of its own.
var happened = map[Reason]string{
	RedirectMode:        `the response is a redirect, and the redirect mode is "error"`,
	RedirectLocation:    "the redirect has no Location that is one URL",
	RedirectScheme:      "the redirect leads to a URL that is neither http nor https",
	RedirectCount:       "it was redirected more than 20 times",
	RedirectCredentials: "the cross-origin redirect leads to a URL with a username or password",
	RedirectBody:        "it was redirected, and a body that is a stream cannot be sent again",
	SameOriginMode:      `the URL is of another origin, and the mode is "same-origin"`,
	NoCORSRedirectMode:  `the mode is "no-cors", and the redirect mode is not "follow"`,
	SchemeNotHTTP:       "the URL is of another origin, and neither http nor https",
	InvalidDataURL:      "the data: URL has no comma, or its base64 is not valid",
	BadPort:             "the URL uses a port that browsers refuse",
	MixedContent:        "a secure page asked for something over http",
	NoSniff:             "the MIME type does not fit the destination, and the response has nosniff",
	MIMEType:            "the response is of another type than is asked for",
	UnrequestedRange:    "the response is partial, and the request had no Range",
	KeepaliveLimit:      "the bodies of keepalive requests under way have more than 64 KiB together",
	OnlyIfCached:        `the HTTP cache has no response, and the cache mode is "only-if-cached"`,
	ProxyAuthentication: "the proxy wants credentials, and nobody is there to be asked",
	Integrity:           "the body does not match the integrity metadata",
	ContentCoding:       "the body is not in the content codings that Content-Encoding lists, or in one that was not asked for",
	RequestBody:         "the request's body could not be read",
	Transport:           "no valid HTTP response came",
	ResponseTooLarge:    "the headers of the response exceed the limit",
	Timeout:             "the response did not come in time",
	Aborted:             "the fetch was aborted",
	InvalidArgument:     "the API does not take the arguments",
}

// Reasons returns every reason.
func Reasons() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := Reason(1); r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}

// ParseReason returns the reason whose machine-readable name is s.
func ParseReason(s string) (Reason, bool) {
	for r := Reason(1); r < reasonCount; r++ {
		if reasons[r].name == s {
			return r, true
		}
	}
	return 0, false
}

// String returns the reason's machine-readable name, such as "missing-allow-origin".
func (r Reason) String() string {
	if r == 0 || r >= reasonCount {
		return "reason(" + strconv.Itoa(int(r)) + ")"
	}
	return reasons[r].name
}

// Error returns the requirement that was not met.
func (r Reason) Error() string { return r.Requirement() }

// Requirement says in a sentence what the standard demands.
func (r Reason) Requirement() string {
	if r == 0 || r >= reasonCount {
		return r.String()
	}
	return reasons[r].requirement
}

// Anchor returns the address of the requirement in the standard.
func (r Reason) Anchor() string {
	if r == 0 || r >= reasonCount {
		return ""
	}
	if a := reasons[r].anchor; a[0] != '#' {
		return a
	}
	return fetchStandard + reasons[r].anchor
}

// An Error says which requirement was not met, by what.
type Error struct {
	Reason Reason

	// Preflight says that it was the response to a preflight that failed.
	Preflight bool

	// URL is the URL of the request or response that failed, where known.
	URL string

	// Header is the header of the response that failed the requirement, spelled
	// as the standard does; Value is what it holds, all lines combined, and
	// Present whether it was there at all. With [InvalidArgument] Value is the
	// argument, where it is at hand, and Header the name of the request header
	// that it is of.
	Header, Value string
	Present       bool

	// Subject is what was not allowed: the origin, method, header name, URL,
	// token or argument that the requirement is about.
	Subject string

	// Status is the status of the response, where there was one.
	Status int

	// Err is the cause, where it is another error.
	Err error

	// Causes are why the request needed the preflight that failed, where that is known: often a
	// header that a library has added.
	Causes []Cause

	// Also holds the other requirements that the same response does not meet,
	// in the order in which the standard comes to them.
	Also []*Error
}

// Unwrap returns the reason, and the cause where there is one.
func (e *Error) Unwrap() []error {
	if e.Err != nil {
		return []error{e.Reason, e.Err}
	}
	return []error{e.Reason}
}

// Timeout reports whether the deadline passed, as package net's errors do: an
// *[net/url.Error] around e asks for it.
func (e *Error) Timeout() bool { return e.Reason == Timeout }

// ReasonOf returns the reason of err, and 0 where it has none.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return 0
}

// All returns e and what it has in Also.
func (e *Error) All() []*Error { return append([]*Error{e}, e.Also...) }

// Error says what was wrong, with the values at hand: each requirement that is not met, and why a
// preflight was sent if that failed.
func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Detail())
	for _, other := range e.Also[:min(len(e.Also), maxListed)] {
		s.WriteString("; " + other.detail())
	}
	if more := len(e.Also) - maxListed; more > 0 {
		fmt.Fprintf(&s, "; and %d more requirements are not met", more)
	}
	for i, cause := range e.Causes[:min(len(e.Causes), maxListed)] {
		s.WriteString([...]string{" (it was sent first because ", ", and because "}[min(i, 1)] + cause.String())
	}
	if more := len(e.Causes) - maxListed; more > 0 {
		fmt.Fprintf(&s, ", and because of %d more", more)
	}
	if len(e.Causes) > 0 {
		s.WriteByte(')')
	}
	return s.String()
}

// What a message cites and lists is bounded, since servers choose it: of a value so many bytes, of what is not met,
// and of why a preflight was sent, so many beside the first. The fields have all of it.
const (
	maxCited  = 1000
	maxListed = 100
)

// cited returns a value in quotes; of a long one, its beginning.
func cited(value string) string {
	if len(value) <= maxCited {
		return strconv.Quote(value)
	}
	end := maxCited
	for end > maxCited-utf8.UTFMax && !utf8.RuneStart(value[end]) {
		end--
	}
	return fmt.Sprintf("%q… (%d bytes)", value[:end], len(value))
}

// Detail is Error of this requirement alone.
func (e *Error) Detail() string {
	if e.Preflight {
		return "preflight: " + e.detail()
	}
	return e.detail()
}

// Temporary reports whether the same request may succeed at another time, as package net's errors do. What
// a server refuses to a page it refuses again: whoever tries again asks this first.
func (e *Error) Temporary() bool {
	switch e.Reason {
	case Transport, Timeout, KeepaliveLimit, OnlyIfCached, LocalNetworkPrompt:
		return true
	}
	return false
}

func (e *Error) detail() string {
	switch e.Reason {
	case MissingAllowOrigin:
		return "the response has no Access-Control-Allow-Origin header" + e.statusNote()
	case WildcardAllowOriginWithCredentials:
		return `Access-Control-Allow-Origin is "*", but credentials are included: it must name the origin ` + e.Subject
	case MultipleAllowOrigin:
		return fmt.Sprintf("Access-Control-Allow-Origin is %s: it must stand once and name one origin, %s", cited(e.Value), e.Subject)
	case InvalidAllowOrigin:
		return fmt.Sprintf("Access-Control-Allow-Origin is %s, which is no serialized origin: it must be %s", cited(e.Value), e.Subject)
	case AllowOriginMismatch:
		return fmt.Sprintf("Access-Control-Allow-Origin is %s, not %s", cited(e.Value), e.Subject)
	case AllowCredentialsNotTrue:
		if !e.Present {
			return `the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included`
		}
		return fmt.Sprintf(`Access-Control-Allow-Credentials is %s: it must be "true", as credentials are included`, cited(e.Value))
	case PreflightStatus:
		return fmt.Sprintf("the response has status %d: it must be from 200 to 299", e.Status)
	case PreflightRedirect:
		return fmt.Sprintf("the response is a redirect (status %d), which a preflight must not meet", e.Status)
	case InvalidAllowMethods, InvalidAllowHeaders:
		return fmt.Sprintf("%s is %s, in which %s is no token", e.Header, cited(e.Value), cited(e.Subject))
	case ContentSecurityPolicy:
		return fmt.Sprintf("the page's Content Security Policy does not allow %s: %s", e.URL, e.Subject)
	case LocalNetworkPrompt:
		return fmt.Sprintf("the server is in the %s address space: the browser asks the user for the permission %s", e.Value, e.Subject)
	case LocalNetworkDenied:
		return fmt.Sprintf("the server is in the %s address space, and the permission %s is denied", e.Value, e.Subject)
	case LocalNetworkInsecure:
		return fmt.Sprintf("the server is in the %s address space, which a page that is not a secure context cannot reach", e.Value)
	case TargetAddressSpace:
		return fmt.Sprintf("the server is in the %s address space, not %s, which targetAddressSpace names", e.Value, e.Subject)
	case MethodNotAllowed:
		return fmt.Sprintf("method %s is not in %s", e.Subject, e.headerNote())
	case HeaderNotAllowed:
		return fmt.Sprintf("request header %s is not in %s", e.Subject, e.headerNote())
	case NonWildcardHeaderNotAllowed:
		return fmt.Sprintf(`request header %s is not in %s; "*" does not cover it`, e.Subject, e.headerNote())
	case CrossOriginResourcePolicy:
		return fmt.Sprintf("%s, which keeps %s from using the response", e.headerNote(), e.Subject)
	}
	s := happened[e.Reason]
	if s == "" {
		s = e.Reason.Requirement()
	}
	if e.Subject != "" {
		s += ": " + e.Subject
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) statusNote() string {
	if e.Status == 0 || 200 <= e.Status && e.Status <= 299 {
		return ""
	}
	return fmt.Sprintf(" (status %d)", e.Status)
}

func (e *Error) headerNote() string {
	if !e.Present {
		return e.Header + " (absent)"
	}
	return e.Header + " " + cited(e.Value)
}

// join makes the first of errs carry the others; it returns nil for none.
func join(errs []*Error) error {
	if len(errs) == 0 {
		return nil
	}
	errs[0].Also = errs[1:]
	return errs[0]
}
