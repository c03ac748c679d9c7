package fetch

import (
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/csp"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// blockedResponse decides whether a response must be blocked for its MIME type
// or for nosniff. That a response is mixed content cannot be: its URL is that of
// a request which was not.
func (f *fetching) blockedResponse(internal *response) error {
	destination := f.request.destination
	if f.request.initiator == InitiatorModulePreload && f.client.rules().Elements.PreloadsUnchecked {
		return nil
	}
	if !destination.isScriptLike() && destination != "style" {
		return nil
	}
	mimeType, ok := internal.headers.ExtractMIMEType()
	value, present := internal.headers.Get("content-type")
	blocked := func(reason cors.Reason) error {
		e := f.networkError(reason)
		e.Header, e.Value, e.Present, e.Status = "Content-Type", value, present, internal.status
		e.Subject = string(destination)
		return e
	}
	// Should response to request be blocked due to its MIME type?
	if ok && destination.isScriptLike() && (mimeType.Type == "audio" || mimeType.Type == "image" ||
		mimeType.Type == "video" || mimeType.Essence() == "text/csv") {
		return blocked(cors.MIMEType)
	}
	// Should response to request be blocked due to nosniff?
	if DetermineNosniff(internal.headers) {
		if destination.isScriptLike() && !(ok && mimeType.IsJavaScript()) ||
			destination == "style" && !(ok && mimeType.Essence() == "text/css") {
			return blocked(cors.NoSniff)
		}
	}
	return nil
}

// DetermineNosniff determines nosniff from a response's X-Content-Type-Options.
//
// https://fetch.spec.whatwg.org/#determine-nosniff
func DetermineNosniff(list headers.List) bool {
	values := list.GetDecodeAndSplit("x-content-type-options")
	return len(values) > 0 && headers.EqualFold(values[0], "nosniff")
}

// isMixedContent reports whether fetching request should be blocked as mixed
// content.
//
// https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
func (f *fetching) isMixedContent() bool {
	url := f.request.currentURL()
	trustworthy := url.PotentiallyTrustworthy()
	if f.client.rules().Request.LoopbackIsMixed {
		trustworthy = url.Scheme() == "https"
	}
	if f.client.rules().LocalNetwork.RelaxesMixedContent && !f.client.LocalNetworksUnchecked && f.request.isLocalByURL() {
		return false
	}
	return !trustworthy && f.request.page.prohibitsMixedContent(&f.client.rules().Request) && !f.request.isLetMixed(&f.client.rules().Elements)
}

// isLetMixed reports whether the engine does not block the request as mixed content.
func (r *request) isLetMixed(rules *quirks.Elements) bool {
	return rules.MixedTracks && r.initiator == InitiatorTrack && r.hasCrossOrigin || rules.SyncMixedFollowed && r.sync && len(r.urlList) > 1
}

// upgradeInsecureRequest upgrades a request to a potentially trustworthy URL, if the page's policy
// says so. The error is that of an engine which looks at the policy before the upgrade as well.
//
// https://w3c.github.io/webappsec-upgrade-insecure-requests/#upgrade-request
func (f *fetching) upgradeInsecureRequest() error {
	r, rules := &f.request, &f.client.rules().CSP
	url := r.currentURL()
	if url.Scheme() != "http" || !csp.UpgradesInsecureRequests(r.page.policies) {
		return nil
	}
	if first := r.urlList[0]; rules.UpgradeDecidedByFirstURL && r.page.kind.isWorker() && first.Scheme() == "http" && first.PotentiallyTrustworthy() {
		return nil
	}
	if url.PotentiallyTrustworthy() {
		switch rules.UpgradesLoopback {
		case quirks.LoopbackNotUpgraded:
			return nil
		case quirks.LoopbackUpgradedByRedirect:
			if len(r.urlList) == 1 {
				return nil
			}
		}
	}
	if rules.CheckedBeforeUpgrade && !r.xhr {
		if err := f.contentSecurityPolicyCheck(); err != nil {
			return err
		}
	}
	r.replaceCurrentURL(url.WithScheme("https"))
	r.upgradedFrom = url
	return nil
}

// contentSecurityPolicyCheck decides whether the page's policies allow the request's current URL.
//
// https://w3c.github.io/webappsec-csp/#should-block-request
func (f *fetching) contentSecurityPolicyCheck() error {
	return f.violatedPolicy(len(f.request.urlList) > 1)
}

func (f *fetching) violatedPolicy(redirected bool) error {
	r := &f.request
	if len(r.page.policies) == 0 {
		return nil
	}
	rules, url := &f.client.rules().CSP, r.currentURL()
	if rules.UpgradeCountsBefore && url.Scheme() == "http" && csp.UpgradesInsecureRequests(r.page.policies) {
		url = url.WithScheme("https")
	}
	violation := csp.Violated(r.page.policies, &csp.Request{
		Directive: csp.DirectiveFor(string(r.destination)), URL: url, Redirected: redirected,
		Self: r.page.url, OpaqueOrigin: r.page.origin.IsOpaque(),
	}, rules)
	if violation == nil {
		return nil
	}
	e := f.networkError(cors.ContentSecurityPolicy)
	e.Subject, e.Header, e.Value = violation.Text, violation.Directive, violation.Used
	return e
}

// upgradeMixedContent upgrades what the page's elements ask for, of which a
// secure page gets no insecure version: images, audio and video in mode "no-cors".
//
// https://w3c.github.io/webappsec-mixed-content/#upgrade-algorithm
func (f *fetching) upgradeMixedContent() {
	r := &f.request
	url := r.currentURL()
	_, isAddress := origin.HostAddress(url.Host())
	if url.Scheme() != "http" || url.PotentiallyTrustworthy() || isAddress ||
		!r.page.prohibitsMixedContent(&f.client.rules().Request) {
		return
	}
	switch r.destination {
	case "image", "audio", "video":
		if r.mode == ModeNoCORS {
			r.replaceCurrentURL(url.WithScheme("https"))
		}
	}
}
