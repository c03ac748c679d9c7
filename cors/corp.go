package cors

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/origin"
)

// An EmbedderPolicy is the value of a document's Cross-Origin-Embedder-Policy.
//
// https://html.spec.whatwg.org/multipage/browsers.html#embedder-policy-value
type EmbedderPolicy uint8

// The embedder policy values.
const (
	UnsafeNone EmbedderPolicy = iota
	RequireCORP
	Credentialless
)

// String returns the value as the standard spells it.
func (e EmbedderPolicy) String() string {
	if e > Credentialless {
		return fmt.Sprintf("EmbedderPolicy(%d)", uint8(e))
	}
	return [...]string{"unsafe-none", "require-corp", "credentialless"}[e]
}

// ParseEmbedderPolicy returns the embedder policy of a Cross-Origin-Embedder-Policy header: a
// structured field, whose value is one token, with parameters that do not count. Anything else is
// no policy.
//
// https://html.spec.whatwg.org/multipage/browsers.html#obtain-an-embedder-policy
func ParseEmbedderPolicy(value string) EmbedderPolicy {
	token, _, _ := strings.Cut(strings.Trim(value, " "), ";")
	for _, policy := range [...]EmbedderPolicy{RequireCORP, Credentialless} {
		if strings.TrimRight(token, " ") == policy.String() {
			return policy
		}
	}
	return UnsafeNone
}

// A ResourcePolicyRequest is what the cross-origin resource policy check needs to know.
type ResourcePolicyRequest struct {
	// Origin is the origin that wants to use the response; ResponseOrigin is
	// the origin of the response's URL.
	Origin, ResponseOrigin origin.Origin
	// EmbedderPolicy is that of the document that asks.
	EmbedderPolicy EmbedderPolicy
	// RequestIncludesCredentials says whether the request had credentials.
	RequestIncludesCredentials bool
	// UnknownAllows takes a value that is not known for one that allows everything.
	UnknownAllows bool
	// LocalhostIsOneSite takes localhost and the names below it for one site.
	LocalhostIsOneSite bool
	// ForNavigation says that the response is for a nested navigation.
	ForNavigation bool
}

// CrossOriginResourcePolicyCheck decides whether a response may be used by a
// request in mode "no-cors". The error is an *[Error].
//
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check
func CrossOriginResourcePolicyCheck(r *ResourcePolicyRequest, response Fields) error {
	for _, embedderPolicy := range [...]EmbedderPolicy{UnsafeNone, r.EmbedderPolicy} {
		if !resourcePolicyAllows(r, embedderPolicy, response) {
			value, present := lines(response, resourcePolicy).Get()
			return &Error{
				Reason: CrossOriginResourcePolicy, Header: resourcePolicy,
				Value: value, Present: present, Subject: r.Origin.String(),
			}
		}
	}
	return nil
}

const resourcePolicy = "Cross-Origin-Resource-Policy"

// resourcePolicyAllows is the cross-origin resource policy internal check.
//
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
func resourcePolicyAllows(r *ResourcePolicyRequest, embedderPolicy EmbedderPolicy, response Fields) bool {
	if r.ForNavigation && embedderPolicy == UnsafeNone {
		return true
	}
	policy, present := lines(response, resourcePolicy).Get()
	switch policy {
	case "same-origin", "same-site", "cross-origin":
	default:
		if policy = ""; present && r.UnknownAllows {
			return true
		}
		switch {
		case embedderPolicy == RequireCORP,
			embedderPolicy == Credentialless && (r.RequestIncludesCredentials || r.ForNavigation):
			policy = "same-origin"
		}
	}
	switch policy {
	case "same-origin":
		return r.Origin.SameOrigin(r.ResponseOrigin)
	case "same-site":
		return (r.Origin.SchemelesslySameSite(r.ResponseOrigin) || r.LocalhostIsOneSite && isLocalhost(r.Origin) && isLocalhost(r.ResponseOrigin)) &&
			(r.Origin.Scheme() == "https" || r.ResponseOrigin.Scheme() != "https")
	}
	return true
}

func isLocalhost(o origin.Origin) bool {
	return o.Host() == "localhost" || strings.HasSuffix(o.Host(), ".localhost")
}
