// Package csp is as much of Content Security Policy as decides fetches: parsing policies, and
// whether a URL may be requested for a destination. It is pure: it knows no page and does no I/O.
//
// https://w3c.github.io/webappsec-csp/
package csp

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/weburl"
)

// A Policy is a serialized policy, parsed: its directives by name.
//
// https://w3c.github.io/webappsec-csp/#policy
type Policy struct {
	directives []directive
}

type directive struct {
	name  string // in lower case
	value []string
}

// Parse parses the policies of the values of Content-Security-Policy headers. A comma, even within
// a list of sources, ends a policy. Of directives with one name the first counts.
//
// https://w3c.github.io/webappsec-csp/#parse-response-csp
func Parse(values []string) []Policy {
	var policies []Policy
	for _, value := range values {
		for serialized := range strings.SplitSeq(value, ",") {
			if p := parse(serialized); len(p.directives) > 0 {
				policies = append(policies, p)
			}
		}
	}
	return policies
}

// parse parses a serialized CSP.
//
// https://w3c.github.io/webappsec-csp/#parse-serialized-policy
func parse(serialized string) Policy {
	var p Policy
	for token := range strings.SplitSeq(serialized, ";") {
		fields := strings.FieldsFunc(token, isASCIIWhitespace)
		if len(fields) == 0 {
			continue
		}
		name := headers.Lower(fields[0])
		if p.directive(name) == nil {
			p.directives = append(p.directives, directive{name, fields[1:]})
		}
	}
	return p
}

func isASCIIWhitespace(c rune) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'
}

func (p *Policy) directive(name string) *directive {
	for i := range p.directives {
		if p.directives[i].name == name {
			return &p.directives[i]
		}
	}
	return nil
}

// UpgradesInsecureRequests reports whether a policy has the directive upgrade-insecure-requests.
//
// https://w3c.github.io/webappsec-upgrade-insecure-requests/#delivery
func UpgradesInsecureRequests(policies []Policy) bool {
	return slices.ContainsFunc(policies, func(p Policy) bool { return p.directive("upgrade-insecure-requests") != nil })
}

// Sandboxes reports whether a policy sandboxes its document so that its origin is opaque.
//
// https://w3c.github.io/webappsec-csp/#directive-sandbox
func Sandboxes(policies []Policy) bool {
	return slices.ContainsFunc(policies, func(p Policy) bool {
		d := p.directive("sandbox")
		return d != nil && !slices.ContainsFunc(d.value, func(flag string) bool { return headers.EqualFold(flag, "allow-same-origin") })
	})
}

// A Request is what a policy decides on.
type Request struct {
	// Directive is that which the destination of the request asks for, such as "connect-src".
	Directive string
	URL       *weburl.URL
	// Redirected says that the URL is one to which the request was redirected: then paths do not
	// count.
	Redirected bool
	// Self is the URL from which the policies came.
	Self *weburl.URL
	// OpaqueOrigin says that the page has an opaque origin.
	OpaqueOrigin bool
}

// A Violation is why a request is not allowed.
type Violation struct {
	// Directive is the effective directive, and Used that of the policy which replaces it,
	// such as "default-src".
	Directive, Used string
	// Text is the directive that is violated, as it is in the policy.
	Text string
}

// fallbacks are the directives that replace a fetch directive, in order.
//
// https://w3c.github.io/webappsec-csp/#directive-fallback-list
var fallbacks = map[string][]string{
	"connect-src": {"connect-src", "default-src"}, "font-src": {"font-src", "default-src"}, "img-src": {"img-src", "default-src"},
	"manifest-src": {"manifest-src", "default-src"}, "media-src": {"media-src", "default-src"}, "object-src": {"object-src", "default-src"},
	"style-src-elem":  {"style-src-elem", "style-src", "default-src"},
	"script-src-elem": {"script-src-elem", "script-src", "default-src"},
	"worker-src":      {"worker-src", "child-src", "script-src", "default-src"},
	"frame-src":       {"frame-src", "child-src", "default-src"},
	"prefetch-src":    {"default-src"},
	"form-action":     {"form-action"},
}

// DirectiveFor returns the fetch directive of a request's destination.
//
// https://w3c.github.io/webappsec-csp/#effective-directive-for-a-request
func DirectiveFor(destination string) string {
	switch destination {
	case "image":
		return "img-src"
	case "script", "xslt", "audioworklet", "paintworklet", "json", "text":
		return "script-src-elem"
	case "style":
		return "style-src-elem"
	case "font":
		return "font-src"
	case "audio", "video", "track":
		return "media-src"
	case "worker", "sharedworker", "serviceworker":
		return "worker-src"
	case "manifest":
		return "manifest-src"
	case "object", "embed":
		return "object-src"
	case "iframe", "frame":
		return "frame-src"
	}
	return "connect-src"
}

// Violated returns why policies do not allow a request; nil if all of them do.
//
// https://w3c.github.io/webappsec-csp/#should-block-request
func Violated(policies []Policy, r *Request, rules *quirks.CSP) *Violation {
	for i := range policies {
		for _, name := range fallbacks[r.Directive] {
			d := policies[i].directive(name)
			if d == nil {
				continue
			}
			if !matchesSourceList(r, d.value, rules) {
				return &Violation{r.Directive, name, strings.Join(append([]string{name}, d.value...), " ")}
			}
			break
		}
	}
	return nil
}

// matchesSourceList reports whether a URL matches a source list.
//
// https://w3c.github.io/webappsec-csp/#match-url-to-source-list
func matchesSourceList(r *Request, sources []string, rules *quirks.CSP) bool {
	return slices.ContainsFunc(sources, func(source string) bool { return matchesSource(r, source, rules) })
}
