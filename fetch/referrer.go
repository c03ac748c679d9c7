package fetch

import (
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
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
func (r *Request) refererValue() string {
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
func (r *Request) determineReferrer(engine *browser.Engine) referrer {
	source := r.referrer
	if engine.Fetch.ReferrerAnew && r.relaxedReferrer != nil {
		source = *r.relaxedReferrer
	}
	r.relaxedReferrer = nil
	if isRelaxed(r.referrerPolicy) && !r.origin.SchemelesslySameSite(r.currentURL().Origin()) {
		relaxed := source
		r.relaxedReferrer = &relaxed
	}
	if source.client {
		if r.page.origin.IsOpaque() && !engine.Fetch.OpaqueReferrer {
			return noReferrer
		}
		source = referrer{url: r.page.url}
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
	if engine.Fetch.DowngradeByScheme {
		downgrade = source.url.Scheme() == "https" && current.Scheme() != "https"
	}
	return r.applyReferrerPolicy(engine, whole, originOnly, downgrade)
}

// applyReferrerPolicy is the last step of determining a request's referrer.
func (r *Request) applyReferrerPolicy(engine *browser.Engine, whole, originOnly referrer, downgrade bool) referrer {
	sameOrigin := whole.url.Origin().SameOrigin(r.currentURL().Origin())
	policy := r.referrerPolicy
	if engine.Privacy.StrictReferrerCrossSite && !r.origin.SchemelesslySameSite(r.currentURL().Origin()) {
		if isRelaxed(policy) {
			policy = StrictOriginWhenCrossOrigin
		}
	}
	switch policy {
	case NoReferrer:
		return noReferrer
	case Origin:
		return originOnly
	case UnsafeURL:
		return whole
	case StrictOrigin:
		if downgrade {
			return noReferrer
		}
		return originOnly
	case SameOrigin:
		if sameOrigin {
			return whole
		}
		return noReferrer
	case OriginWhenCrossOrigin:
		if sameOrigin {
			return whole
		}
		return originOnly
	case NoReferrerWhenDowngrade:
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
	case UnsafeURL, NoReferrerWhenDowngrade, OriginWhenCrossOrigin:
		return true
	}
	return false
}

// setReferrerPolicyOnRedirect sets request's referrer policy on redirect.
//
// https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect
func (r *Request) setReferrerPolicyOnRedirect(response headers.List) {
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
	case "about", "blob", "data":
		return false
	}
	return true
}

// appendOrigin appends a request `Origin` header.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (r *Request) appendOrigin(list *headers.List, quirks *browser.Fetch) {
	serialized := r.byteSerializeOrigin()
	if r.tainting == TaintingCORS {
		list.Append("Origin", serialized)
		return
	}
	if (r.method == "GET" || r.method == "HEAD") && !(quirks.OriginStays && r.wasPOST && !r.changedOrigin()) &&
		!r.hasOriginOfInactive(quirks) {
		return
	}
	if quirks.TaintedOrigin && r.mode == ModeNoCORS && r.changedOrigin() {
		serialized = "null"
	}
	if quirks.OriginNeedsReferrer && r.mode != ModeCORS && r.referrer == noReferrer {
		serialized = "null"
	}
	if r.mode != ModeCORS && !quirks.OriginIgnoresReferrerPolicy {
		switch r.referrerPolicy {
		case NoReferrer:
			serialized = "null"
		case NoReferrerWhenDowngrade, StrictOrigin, StrictOriginWhenCrossOrigin:
			if r.origin.Scheme() == "https" && r.currentURL().Scheme() != "https" {
				serialized = "null"
			}
		case SameOrigin:
			if !r.origin.SameOrigin(r.currentURL().Origin()) {
				serialized = "null"
			}
		}
	}
	list.Append("Origin", serialized)
}

// appendMetadata appends the Fetch metadata headers for a request, which only
// potentially trustworthy URLs get.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-append-the-fetch-metadata-headers-for-a-request
func (r *Request) appendMetadata(list *headers.List, quirks *browser.Fetch) {
	if !r.currentURL().PotentiallyTrustworthy() {
		if quirks.PreflightSecFetchMode && r.preflightFor != nil {
			list.Append("Sec-Fetch-Mode", string(r.mode))
		}
		return
	}
	if quirks.NoMetadataAfterRedirect && r.preflightFor == nil && r.mode == ModeCORS && r.cameFromElsewhere() ||
		quirks.PreflightMetadataOfFirstHop && r.preflightFor != nil && !r.urlList[0].PotentiallyTrustworthy() {
		return
	}
	dest := string(r.destination)
	if dest == "" {
		dest = "empty"
	}
	list.Append("Sec-Fetch-Dest", dest)
	list.Append("Sec-Fetch-Mode", string(r.mode))
	site := r.metadataSite()
	if quirks.PreflightSiteOfHop && r.preflightFor != nil {
		site = r.siteOf(r.urlList[len(r.urlList)-1:])
	}
	if quirks.PreflightSiteOfTaint && r.preflightFor != nil && r.redirectTaint() != "same-origin" {
		site = "cross-site"
	}
	list.Append("Sec-Fetch-Site", site)
}

// metadataSite is the value of Sec-Fetch-Site.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func (r *Request) metadataSite() string { return r.siteOf(r.urlList) }

func (r *Request) siteOf(urls []*weburl.URL) string {
	site := "same-origin"
	for _, url := range urls {
		var o origin.Origin = url.Origin()
		if o.SameOrigin(r.origin) {
			continue
		}
		if !r.origin.SameSite(o) {
			return "cross-site"
		}
		site = "same-site"
	}
	return site
}
