package cookies

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/fetch"
)

// A Decision says of a cookie in the jar whether a request gets it.
type Decision = fetch.CookieDecision

// Explain returns a decision for each cookie of the site of the request's URL:
// those that [Jar.Cookies] would return first, in that order, then the others.
// It counts as no use of the cookies.
func (j *Jar) Explain(c *fetch.CookieContext) []Decision {
	j.mu.Lock()
	defer j.mu.Unlock()
	r, err := j.resolve(c, true)
	if err != nil || j.sites[r.site] == nil {
		return nil
	}
	var sent, others []*cookie
	for _, p := range j.sites[r.site].partitions {
		for _, c := range p.cookies {
			if j.notSent(c, &r) == "" {
				sent = append(sent, c)
			} else {
				others = append(others, c)
			}
		}
	}
	slices.SortFunc(sent, j.options.Policy.inOrder)
	slices.SortFunc(others, j.options.Policy.inOrder)
	decisions := make([]Decision, 0, len(sent)+len(others))
	somethingSent := slices.ContainsFunc(sent, func(c *cookie) bool { return !c.isEmpty() })
	for _, c := range append(sent, others...) {
		why := j.notSent(c, &r)
		if why == "" && c.isEmpty() && somethingSent {
			why = "it has neither a name nor a value, and other cookies are sent"
		}
		d := Decision{Name: c.name, Domain: c.host, Path: c.path, Sent: why == "", Why: why}
		if !c.hostOnly {
			d.Domain = "." + c.host
		}
		decisions = append(decisions, d)
	}
	return decisions
}

// notSent returns why a request does not get a cookie of its URL's site, and ""
// if it does.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-retrieve-cookies
func (j *Jar) notSent(c *cookie, r *request) string {
	policy := &j.options.Policy
	switch {
	case c.expired(r.now):
		return "it has expired"
	case c.hostOnly && c.host != r.host:
		return "it has no Domain attribute and was set by another host"
	case !domainMatches(r.host, c.host):
		return "the URL's host is not in its Domain"
	case !pathMatches(r.path, c.path):
		return "the URL's path is not in its Path"
	case c.secure && !r.secure:
		return "it is Secure and the URL is http"
	case c.httpOnly && !r.httpOnlyAllowed:
		return "it is HttpOnly"
	case c.of.key != "" && c.of.key != r.partitionKey:
		return "it is kept apart for another top-level site, " + strings.TrimSuffix(c.of.key, " cross-site")
	case c.of.key == "" && r.thirdParty && policy.BlockThirdParty:
		return "third-party cookies are blocked unless they are Partitioned"
	case c.of.key == "" && r.thirdParty && policy.PartitionThirdParty:
		return "third-party cookies are kept apart for each top-level site, and it was set under its own"
	}
	return j.notSentCrossSite(c, r)
}

// notSentCrossSite returns why a cookie's SameSite keeps it from a request.
func (j *Jar) notSentCrossSite(c *cookie, r *request) string {
	policy := &j.options.Policy
	switch {
	case c.sameSite == none, r.mode == strictOrLess:
		return ""
	case c.sameSite == strict:
		return "it is SameSite=Strict and the request is cross-site"
	case c.sameSite == unset && !policy.DefaultLax, r.mode == laxOrLess:
		return ""
	case c.sameSite == unset && r.mode == unsafeNavigation && r.now.Sub(c.created) < policy.LaxAllowingUnsafe:
		return ""
	case c.sameSite == unset:
		return "it has no SameSite attribute, which is as SameSite=Lax, and the request is cross-site"
	}
	return "it is SameSite=Lax and the request is cross-site"
}
