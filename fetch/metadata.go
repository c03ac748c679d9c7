package fetch

import (
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// appendMetadata appends the Fetch metadata headers for a request, which only
// potentially trustworthy URLs get.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-append-the-fetch-metadata-headers-for-a-request
func (r *request) appendMetadata(list *headers.List, rules *quirks.Engine) {
	if rules.Headers.NoMetadata {
		return
	}
	if !r.currentURL().PotentiallyTrustworthy() {
		if rules.Preflight.SecFetchModeAlways && r.preflightFor != nil {
			list.Append("Sec-Fetch-Mode", string(r.mode))
		}
		return
	}
	if rules.Headers.NoMetadataAfterRedirect && r.preflightFor == nil && r.mode == ModeCORS && r.cameFromElsewhere() ||
		rules.Preflight.MetadataOfFirstHop && r.preflightFor != nil && !r.urlList[0].PotentiallyTrustworthy() {
		return
	}
	if r.mode == ModeWebSocket && !rules.Elements.SocketMetadata || rules.Elements.SyncWithoutMetadata && (r.sync || r.preflightFor != nil && r.preflightFor.sync) {
		return
	}
	dest := string(r.destination)
	if dest == "" {
		dest = "empty"
	}
	list.Append("Sec-Fetch-Dest", dest)
	list.Append("Sec-Fetch-Mode", string(r.mode))
	site := r.metadataSite(rules)
	if rules.Preflight.SiteOfCurrentURL && r.preflightFor != nil || rules.Preflight.SiteOfCurrentURLAfterwards && r.askedFirst {
		site = r.siteOf(r.urlList[len(r.urlList)-1:], rules)
	}
	if rules.Preflight.SiteOfTaint && r.preflightFor != nil && r.redirectTaint() != origin.TaintSameOrigin {
		site = "cross-site"
	}
	list.Append("Sec-Fetch-Site", site)
}

// metadataSite is the value of Sec-Fetch-Site.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func (r *request) metadataSite(rules *quirks.Engine) string { return r.siteOf(r.urlList, rules) }

func (r *request) siteOf(urls []*weburl.URL, rules *quirks.Engine) string {
	from := r.origin
	if r.page.kind == KindDataWorker && r.preflightFor == nil && rules.Headers.DataWorkersOfCreator {
		from = r.page.url.Origin()
	}
	if r.importer != nil && rules.Elements.ImportsOfSheet {
		from = r.importer.Origin()
	}
	site := "same-origin"
	for _, url := range urls {
		var o origin.Origin = url.Origin()
		if o.SameOrigin(from) {
			continue
		}
		loopback := rules.Headers.SchemelessLoopbackSite && from.PotentiallyTrustworthy() && o.PotentiallyTrustworthy() && from.SchemelesslySameSite(o)
		noSite := rules.Headers.IPv6HostsHaveNoSite && strings.HasPrefix(o.Host(), "[")
		if !from.SameSite(o) && !loopback || noSite {
			return "cross-site"
		}
		site = "same-site"
	}
	return site
}

// appendStorageAccess appends Sec-Fetch-Storage-Access where the engine knows it.
func (r *request) appendStorageAccess(list *headers.List, rules *quirks.Engine) {
	if r.mode == ModeWebSocket && !rules.Elements.SocketMetadata {
		return
	}
	if access := r.storageAccess(rules); access != "" {
		list.Append("Sec-Fetch-Storage-Access", access)
	}
}

// includesForStorageAccess reports whether the request counts as one that includes credentials.
func (r *request) includesForStorageAccess(rules *quirks.Engine) bool {
	if r.credentials == CredentialsInclude || !rules.Headers.StorageAccessOfOwn || r.credentials == CredentialsOmit {
		return r.credentials == CredentialsInclude
	}
	decisive := r.currentURL()
	if r.mode == ModeNoCORS {
		decisive = r.urlList[0]
	}
	return decisive.Origin().SameOrigin(r.origin)
}

// storageAccess is the value of Sec-Fetch-Storage-Access of a cross-site request
// that includes credentials: "inactive" to the site of the top-level document,
// "none" elsewhere, and "" for no such request.
func (r *request) storageAccess(rules *quirks.Engine) string {
	of := r
	if r.preflightFor != nil {
		of = r.preflightFor
	}
	if rules.Headers.NoStorageAccessInWorkers && r.page.kind.isWorker() {
		return ""
	}
	if rules.Headers.StorageAccess == quirks.StorageAccessNever || !of.includesForStorageAccess(rules) || !r.currentURL().PotentiallyTrustworthy() {
		return ""
	}
	current := r.currentURL().Origin()
	top := siteRelation(r.page.topOrigin, current)
	from := r.origin
	if r.page.kind == KindDataWorker && rules.Headers.StorageAccessOfDataWorkers {
		from = r.page.url.Origin()
	}
	farthest, same := max(siteRelation(from, current), top), RelationSameSite
	if rules.Headers.StorageAccess == quirks.StorageAccessUntainted {
		same = RelationSchemelesslySameSite
		if of.keepalive && of.initiator == "" || of == r && r.redirectTaint() != origin.TaintSameOrigin {
			return ""
		}
	} else if of != r {
		return ""
	}
	switch {
	case farthest <= same:
		return ""
	case rules.Headers.StorageAccessActive:
		return "active"
	case top <= same:
		return "inactive"
	}
	return "none"
}
