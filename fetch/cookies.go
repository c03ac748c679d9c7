package fetch

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// A CookieJar holds cookies and knows which a request gets. Package cookies has
// one as browsers have it; [HTTPJar] makes one of an [net/http.CookieJar]. Its
// methods may be called at the same time.
//
// https://fetch.spec.whatwg.org/#cookie-infrastructure
type CookieJar interface {
	// Cookies returns the value of the Cookie header of a request, "" for none.
	Cookies(*CookieContext) string
	// SetCookies stores the values of the Set-Cookie headers of its response.
	SetCookies(c *CookieContext, setCookies []string)
}

// A CookieExplainer is a [CookieJar] that says why. Package cookies has one; a
// [Trace] is told what it says.
type CookieExplainer interface {
	CookieJar
	// Explain returns a decision for each cookie of the site of the request's URL.
	Explain(*CookieContext) []CookieDecision
	// StoreCookies is SetCookies, and calls refused for each value that is not
	// stored.
	StoreCookies(c *CookieContext, setCookies []string, refused func(setCookie, why string))
}

// A CookieDecision says of a cookie in the jar whether a request gets it.
type CookieDecision struct {
	// Name is the cookie's name.
	Name string
	// Domain is the host that the cookie is for, with a leading "." where it is
	// for those below as well.
	Domain string
	// Path is the path that the cookie is for.
	Path string
	// Sent says whether the request gets the cookie.
	Sent bool
	// Why is a clause that says why not: "it is Secure and the URL is http".
	// Where the cookie is sent it is empty.
	Why string
}

// A CookieContext is what decides which cookies go with a request. Where only
// the URL and the method are given, the request is one that a top-level document
// of the URL's own site makes.
type CookieContext struct {
	// URL is the request's current URL, serialized, without its fragment.
	URL string
	// Method is the request's method.
	Method string
	// TopLevelSite is the site of the top-level document, serialized; empty
	// stands for the site of the URL.
	TopLevelSite string
	// Page says how the URL relates to those who ask: the request's origin and
	// the top-level document, the farther of the two.
	Page SiteRelation
	// Redirects says how the URL relates to the URLs that the request came by,
	// the farthest of them.
	Redirects SiteRelation
	// TopLevelNavigation says that the response becomes a top-level document.
	TopLevelNavigation bool
}

// A SiteRelation says how far one origin is from another.
type SiteRelation uint8

const (
	// RelationSameSite: the schemes are the same, and the registrable domains are.
	//
	// https://html.spec.whatwg.org/multipage/browsers.html#same-site
	RelationSameSite SiteRelation = iota
	// RelationSchemelesslySameSite: only the schemes differ.
	//
	// https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site
	RelationSchemelesslySameSite
	// RelationCrossSite: the registrable domains differ, or an origin is opaque.
	RelationCrossSite
)

func siteRelation(a, b origin.Origin) SiteRelation {
	switch {
	case !a.SchemelesslySameSite(b):
		return RelationCrossSite
	case a.Scheme() != b.Scheme():
		return RelationSchemelesslySameSite
	}
	return RelationSameSite
}

// cookieContext returns what decides which cookies go with r. The algorithm of the standard compares the
// request's URL with neither its origin nor its client, so that by the letter every cookie would go; this does what it
// means, and what all browsers do.
//
// https://fetch.spec.whatwg.org/#determine-the-same-site-mode
func (r *request) cookieContext(rules *quirks.Engine) *CookieContext {
	current := r.currentURL().Origin()
	from := r.origin
	if rules.Cookies.OpaqueIsItsURL && from.IsOpaque() {
		if r.page.url.Scheme() == "file" || r.page.url.Origin().Host() == current.Host() {
			from = current
		}
	}
	top := r.page.topOrigin
	if rules.Cookies.OpaqueIsItsURL && r.page.url == r.page.topLevel {
		top = from
	}
	c := &CookieContext{
		URL: r.currentURL().StringExcludingFragment(), Method: r.method, TopLevelSite: r.page.topLevelSite,
		Page:               max(siteRelation(from, current), siteRelation(top, current)),
		TopLevelNavigation: r.mode == ModeNavigate && r.destination == "document",
	}
	if rules.Cookies.BlobDocumentsAreCrossSite && r.page.kind == KindBlob {
		c.Page = RelationCrossSite
	}
	for _, url := range r.urlList[:len(r.urlList)-1] {
		c.Redirects = max(c.Redirects, siteRelation(url.Origin(), current))
	}
	return c
}

// CookieContext returns what decides which cookies document.cookie is about. It
// is not for a page of an opaque origin, to which document.cookie throws.
//
// https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie
func (p *Page) CookieContext() *CookieContext {
	own := p.url.Origin()
	return &CookieContext{
		URL: p.url.StringExcludingFragment(), Method: "GET", TopLevelSite: p.topLevelSite,
		Page: max(siteRelation(p.origin, own), siteRelation(p.topOrigin, own)),
	}
}

// appendCookies appends a request `Cookie` header.
//
// https://fetch.spec.whatwg.org/#append-a-request-cookie-header
func (f *fetching) appendCookies(r *request, list *headers.List) {
	c := r.cookieContext(f.client.rules())
	cookies := f.client.Jar.Cookies(c)
	f.trace.cookiesSent(r.currentURL(), cookies)
	f.explainCookies(c, "")
	if cookies == "" {
		jar, ok := f.client.Jar.(interface{ SendsEmpty(*CookieContext) bool })
		if !ok || !jar.SendsEmpty(c) {
			return
		}
	}
	list.Append("Cookie", cookies)
}

// explainCookies tells the trace which cookies of the URL's site the request does not
// get, and why: for a reason that holds for all of them, unless it is empty.
func (f *fetching) explainCookies(c *CookieContext, why string) {
	jar, ok := f.client.Jar.(CookieExplainer)
	if !ok || f.trace == nil || f.trace.CookieNotSent == nil {
		return
	}
	for _, d := range jar.Explain(c) {
		if why != "" && d.Sent {
			d.Sent, d.Why = false, why
		}
		if !d.Sent {
			f.trace.CookieNotSent(c.URL, d)
		}
	}
}

// storeCookies parses and stores response `Set-Cookie` headers.
//
// https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers
func (f *fetching) storeCookies(r *request, response headers.List) {
	setCookies := response.Values("set-cookie")
	if setCookies == nil {
		return
	}
	c := r.cookieContext(f.client.rules())
	jar, ok := f.client.Jar.(CookieExplainer)
	if !ok || f.trace == nil || f.trace.CookieRefused == nil {
		f.client.Jar.SetCookies(c, setCookies)
		return
	}
	jar.StoreCookies(c, setCookies, func(setCookie, why string) { f.trace.CookieRefused(c.URL, setCookie, why) })
}
