package fetch

import (
	"strings"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A referrer is a request's referrer: a URL, or "client", or "no-referrer".
//
// https://fetch.spec.whatwg.org/#concept-request-referrer
type referrer struct {
	url    *weburl.URL
	client bool
	// originOnly cuts the URL to its origin; value is then what is sent.
	originOnly bool
}

var (
	noReferrer     = referrer{}
	clientReferrer = referrer{client: true}
)

// String returns the referrer as script sees it.
func (f referrer) String() string {
	switch {
	case f.client:
		return "about:client"
	case f.url == nil:
		return ""
	}
	return f.url.String()
}

// value returns what the Referer header says; "" for no header.
func (f referrer) value() string {
	switch {
	case f.url == nil:
		return ""
	case f.originOnly:
		return f.url.Origin().String() + "/"
	}
	return f.url.WithoutCredentials().StringExcludingFragment()
}

// refererValue returns what the request's Referer header says; "" for no header.
func (r *request) refererValue() string {
	if r.mode == ModeWebSocket {
		return "" // the handshake has an Origin, and no more
	}
	if r.referrer.originOnly && r.referrer.url == r.page.url {
		return r.page.originReferrer
	}
	return r.referrer.value()
}

// maxReferrer is how long a referrer may be before it is cut to its origin.
//
// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
const maxReferrer = 4096

// determineReferrer determines a request's referrer.
//
// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
func (r *request) determineReferrer(rules *quirks.Engine) referrer {
	source := r.referrer
	if rules.Elements.SyncReferrerKept && r.sync && len(r.urlList) > 1 {
		return source
	}
	if rules.Headers.ReferrerRecomputed && r.relaxedReferrer != nil {
		source = *r.relaxedReferrer
	}
	r.relaxedReferrer = nil
	if isRelaxed(r.referrerPolicy) && !r.origin.SchemelesslySameSite(r.currentURL().Origin()) {
		relaxed := source
		r.relaxedReferrer = &relaxed
	}
	if rules.Elements.ModulePreloadsWithoutReferrer && r.initiator == InitiatorModulePreload {
		return noReferrer
	}
	if source.client {
		if r.page.hasNoReferrer(rules, r.xhr) && !(r.initiator != "" && (rules.Elements.OpaqueHasReferrer || r.initiator == InitiatorImport && rules.Elements.OpaqueImportsHaveReferrer) && r.page.kind == KindDocument) {
			return noReferrer
		}
		source = referrer{url: r.page.url, originOnly: r.page.kind == KindBlob && !rules.Headers.WholeReferrerOfBlobs || r.page.kind == KindBlobWorker}
	}
	// Strip url for use as a referrer: a local URL is none.
	if source.url == nil || !isNetworkScheme(source.url.Scheme()) {
		return noReferrer
	}
	originOnly := referrer{url: source.url, originOnly: true}
	whole := source
	if len(source.url.String()) > maxReferrer && len(whole.value()) > maxReferrer {
		whole = originOnly
	}
	current := r.currentURL()
	downgrade := source.url.PotentiallyTrustworthy() && !current.PotentiallyTrustworthy()
	if rules.Headers.DowngradeFromHTTPSOnly && source.url.Scheme() != "https" {
		downgrade = false
	}
	if rules.Headers.DowngradeByScheme {
		downgrade = source.url.Scheme() == "https" && current.Scheme() != "https"
	}
	return r.applyReferrerPolicy(rules, whole, originOnly, downgrade)
}

// hasNoReferrer reports whether what a page asks for has no referrer, as its own URL is not one
// that may be sent: it is local, or its origin is opaque.
func (p *Page) hasNoReferrer(rules *quirks.Engine, xhr bool) bool {
	switch p.kind {
	case KindData, KindDataWorker:
		return true
	case KindSrcdoc:
		if rules.Headers.NoReferrerOfSrcdoc {
			return !xhr
		}
		return p.origin.IsOpaque()
	case KindAboutBlank, KindBlob, KindBlobWorker:
		return !rules.Headers.ReferrerOfLocalURLs || p.origin.IsOpaque()
	}
	return p.origin.IsOpaque() && !rules.Headers.ReferrerOfOpaqueOrigin
}

// referrerPolicyFor returns the page's own referrer policy, "" for the default.
func (p *Page) referrerPolicyFor(rules *quirks.Engine) ReferrerPolicy {
	switch p.kind {
	case KindAboutBlank, KindBlob:
		if rules.Headers.ReferrerOfLocalURLs {
			return ""
		}
	}
	return p.referrerPolicy
}

// applyReferrerPolicy is the last step of determining a request's referrer.
func (r *request) applyReferrerPolicy(rules *quirks.Engine, whole, originOnly referrer, downgrade bool) referrer {
	sameOrigin := whole.url.Origin().SameOrigin(r.currentURL().Origin())
	if r.initiator != "" && rules.Elements.OpaqueHasReferrer && r.origin.IsOpaque() {
		sameOrigin = false
	}
	policy := r.referrerPolicy
	if rules.Privacy.StrictReferrerCrossSite && !r.origin.SchemelesslySameSite(r.currentURL().Origin()) {
		if isRelaxed(policy) {
			policy = ReferrerPolicyStrictOriginWhenCrossOrigin
		}
	}
	switch policy {
	case ReferrerPolicyNoReferrer:
		return noReferrer
	case ReferrerPolicyOrigin:
		return originOnly
	case ReferrerPolicyUnsafeURL:
		return whole
	case ReferrerPolicyStrictOrigin:
		if downgrade {
			return noReferrer
		}
		return originOnly
	case ReferrerPolicySameOrigin:
		if sameOrigin {
			return whole
		}
		return noReferrer
	case ReferrerPolicyOriginWhenCrossOrigin:
		if sameOrigin {
			return whole
		}
		return originOnly
	case ReferrerPolicyNoReferrerWhenDowngrade:
		if downgrade {
			return noReferrer
		}
		return whole
	}
	// strict-origin-when-cross-origin, which is the default as well.
	switch {
	case sameOrigin:
		return whole
	case downgrade:
		return noReferrer
	}
	return originOnly
}

// isRelaxed reports whether a referrer policy tells another site more than the
// default does.
func isRelaxed(policy ReferrerPolicy) bool {
	switch policy {
	case ReferrerPolicyUnsafeURL, ReferrerPolicyNoReferrerWhenDowngrade, ReferrerPolicyOriginWhenCrossOrigin:
		return true
	}
	return false
}

// setReferrerPolicyOnRedirect sets request's referrer policy on redirect.
//
// https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect
func (r *request) setReferrerPolicyOnRedirect(response headers.List) {
	if policy := parseReferrerPolicy(response); policy != "" {
		r.referrerPolicy, r.relaxedReferrer = policy, nil
	}
}

// parseReferrerPolicy parses a referrer policy from a Referrer-Policy header:
// the last that is known.
//
// https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header
func parseReferrerPolicy(response headers.List) (policy ReferrerPolicy) {
	tokens, _, ok := headers.ExtractTokenList(response.Lines("referrer-policy"))
	if !ok {
		return ""
	}
	for token := range tokens.All() {
		if p := ReferrerPolicy(strings.ToLower(token)); p.isKnown() {
			policy = p
		}
	}
	return policy
}

func isNetworkScheme(scheme string) bool {
	switch scheme {
	case "about", "blob", "data", "file":
		return false
	}
	return !isAppScheme(scheme)
}
