package origin

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// RegistrableDomain returns the registrable domain of o's host by the public
// suffix list of golang.org/x/net/publicsuffix, its private section included,
// as browsers have it: "example.co.uk" for "https://a.b.example.co.uk". A
// trailing dot of the host stays. It returns "" where there is none: for an
// opaque origin, an IP address, a public suffix itself ("com", "github.io"),
// and a scheme whose hosts are not domains.
//
// https://url.spec.whatwg.org/#host-registrable-domain
func (o Origin) RegistrableDomain() string {
	switch o.scheme {
	case "http", "https", "ws", "wss", "ftp", "file":
	default:
		return ""
	}
	domain := strings.TrimSuffix(o.host, ".")
	if _, isAddress := HostAddress(domain); isAddress || domain == "" {
		return ""
	}
	suffix, _ := publicsuffix.PublicSuffix(domain)
	dot := len(domain) - len(suffix) - 1
	if dot <= 0 || domain[dot-1] == '.' {
		return "" // the host is its public suffix, or an empty label precedes that
	}
	return o.host[strings.LastIndexByte(domain[:dot], '.')+1:]
}

// siteHost returns the host of o's site: the registrable domain, or the host
// where there is none.
func (o Origin) siteHost() string {
	if domain := o.RegistrableDomain(); domain != "" {
		return domain
	}
	return o.host
}

// SchemelesslySameSite reports whether o and p are schemelessly same site.
//
// https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site
func (o Origin) SchemelesslySameSite(p Origin) bool {
	if o.IsOpaque() || p.IsOpaque() {
		return o == p
	}
	if o.host == p.host {
		return true
	}
	if !shareTwoLabels(o.host, p.host) {
		return false
	}
	domain := o.RegistrableDomain()
	return domain != "" && domain == p.RegistrableDomain()
}

// shareTwoLabels reports whether the last two labels of two hosts are the same. A registrable
// domain has at least two, so that the list of public suffixes is asked for such hosts only.
func shareTwoLabels(a, b string) bool {
	dots := 0
	for i, j := len(a)-1, len(b)-1; ; i, j = i-1, j-1 {
		switch {
		case i < 0 || j < 0:
			return dots > 0 && (i >= 0 && a[i] == '.' || j >= 0 && b[j] == '.' || i < 0 && j < 0)
		case a[i] != b[j]:
			return dots > 1
		case a[i] == '.':
			dots++
		}
	}
}

// SameSite reports whether o and p are same site, which their schemes count for.
//
// https://html.spec.whatwg.org/multipage/browsers.html#same-site
func (o Origin) SameSite(p Origin) bool {
	return o.scheme == p.scheme && o.SchemelesslySameSite(p)
}

// Site returns the serialization of the site that o belongs to: the scheme and
// the registrable domain, or the host where there is none, without the port. An
// opaque origin's is "null".
//
// https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site
func (o Origin) Site() string {
	if o.IsOpaque() {
		return "null"
	}
	return o.scheme + "://" + o.siteHost()
}
