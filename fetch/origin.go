package fetch

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// redirectTaint returns the request's redirect-taint.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (r *request) redirectTaint() (taint origin.RedirectTaint) {
	for i := 1; i < len(r.urlList); i++ {
		taint = taint.Redirected(r.origin, r.urlList[i-1].Origin(), r.urlList[i].Origin())
	}
	return taint
}

// byteSerializeOrigin byte-serializes a request origin.
//
// https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin
func (r *request) byteSerializeOrigin() string {
	if r.serializedOriginOf != len(r.urlList) {
		r.serializedOriginOf = len(r.urlList)
		r.serializedOrigin = "null"
		if r.redirectTaint() == origin.TaintSameOrigin {
			r.serializedOrigin = r.origin.String()
		}
	}
	return r.serializedOrigin
}

// appendOrigin appends a request `Origin` header.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (r *request) appendOrigin(list *headers.List, rules *quirks.Engine) {
	serialized := r.byteSerializeOrigin()
	if r.tainting == TaintingCORS {
		list.Append("Origin", serialized)
		return
	}
	if r.page.kind == KindDataWorker && rules.Headers.DataWorkersOfCreator {
		serialized = r.page.url.Origin().String()
	}
	if (r.method == "GET" || r.method == "HEAD") && !r.sendsOriginHome(&rules.Elements) && r.mode != ModeWebSocket && !(rules.Redirect.OriginKeptAfterPOST && r.wasPOST && !r.changedOrigin() && !(r.mode == ModeNavigate && rules.Elements.NavigationOriginLost)) &&
		!r.hasOriginOfInactive(rules) {
		return
	}
	if (rules.Redirect.NullOriginInNoCORS && r.mode == ModeNoCORS || rules.Elements.NavigationOriginNulled && r.mode == ModeNavigate) && r.changedOrigin() {
		serialized = "null"
	}
	if rules.Elements.OpaqueBeaconsHaveOrigin && r.initiator == InitiatorBeacon && r.mode == ModeNoCORS && r.origin.IsOpaque() {
		serialized = r.page.url.Origin().String()
	}
	if rules.Headers.OriginNeedsReferrer && r.mode != ModeCORS && r.referrer == noReferrer && !r.page.hasNoReferrer(rules, r.xhr) {
		serialized = "null"
	}
	if r.mode != ModeCORS && (!rules.Headers.OriginIgnoresReferrerPolicy || r.mode == ModeNavigate) {
		switch r.referrerPolicy {
		case ReferrerPolicyNoReferrer:
			serialized = "null"
		case ReferrerPolicyNoReferrerWhenDowngrade, ReferrerPolicyStrictOrigin, ReferrerPolicyStrictOriginWhenCrossOrigin:
			if r.origin.Scheme() == "https" && r.currentURL().Scheme() != "https" {
				serialized = "null"
			}
		case ReferrerPolicySameOrigin:
			if !r.origin.SameOrigin(r.currentURL().Origin()) {
				serialized = "null"
			}
		}
	}
	list.Append("Origin", serialized)
}

// cameFromElsewhere reports whether the redirect that led to the current URL is
// another origin's.
func (r *request) cameFromElsewhere() bool {
	n := len(r.urlList)
	return n > 1 && !r.urlList[n-1].Origin().SameOrigin(r.urlList[n-2].Origin())
}

// changedOrigin reports whether a redirect led from one origin to another.
func (r *request) changedOrigin() bool {
	for i := 1; i < len(r.urlList); i++ {
		if !r.urlList[i].Origin().SameOrigin(r.urlList[i-1].Origin()) {
			return true
		}
	}
	return false
}

// hasOriginOfInactive reports whether a request has an Origin for its storage
// access.
func (r *request) hasOriginOfInactive(rules *quirks.Engine) bool {
	switch rules.Headers.OriginOfInactiveStorage {
	case quirks.OriginOfInactiveFirst:
		first := r.urlList[0].Origin()
		if r.initiator != "" && r.storageAccess(rules) == "active" {
			return false
		}
		return r.credentials == CredentialsInclude && !r.wasPOST && first.SameSite(r.page.topOrigin) && !r.origin.SameSite(first)
	case quirks.OriginOfInactiveSaid:
		return r.storageAccess(rules) == "inactive"
	}
	return false
}
