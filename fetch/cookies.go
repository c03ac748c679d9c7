package fetch

import (
	"net/http"
	"net/url"

	"github.com/corsim/corsim/headers"
)

// A CookieJar holds cookies and knows which a request gets. [HTTPJar] makes one
// of an [net/http.CookieJar]. Its methods may be called at the same time.
//
// https://fetch.spec.whatwg.org/#cookie-infrastructure
type CookieJar interface {
	// Cookies returns the value of the Cookie header of a request, "" for none.
	Cookies(*CookieContext) string
	// SetCookies stores the values of the Set-Cookie headers of its response.
	SetCookies(c *CookieContext, setCookies []string)
}

// A CookieContext is what decides which cookies go with a request.
type CookieContext struct {
	// URL is the request's current URL, serialized, without its fragment.
	URL string
	// Method is the request's method.
	Method string
	// TopLevelSite is the site of the top-level document.
	TopLevelSite string
	// SameSite says that the page, and every URL that the request came by, is
	// same site with the URL.
	SameSite bool
	// TopLevelNavigation says that the response becomes a top-level document.
	TopLevelNavigation bool
}

// cookieContext returns what decides which cookies go with r.
//
// https://fetch.spec.whatwg.org/#determine-the-same-site-mode
func (r *Request) cookieContext() *CookieContext {
	c := &CookieContext{
		URL: r.currentURL().StringExcludingFragment(), Method: r.method, TopLevelSite: r.page.topLevelSite, SameSite: true,
		TopLevelNavigation: r.mode == ModeNavigate && r.destination == "document",
	}
	current := r.currentURL().Origin()
	if !r.origin.SameSite(current) || r.page.topLevel.Origin().Site() != current.Site() {
		c.SameSite = false
	}
	for _, url := range r.urlList {
		if !url.Origin().SameSite(current) {
			c.SameSite = false
		}
	}
	return c
}

// appendCookies appends a request `Cookie` header.
//
// https://fetch.spec.whatwg.org/#append-a-request-cookie-header
func (f *fetching) appendCookies(r *Request, list *headers.List) {
	cookies := f.client.Jar.Cookies(r.cookieContext())
	f.trace.cookiesSent(r.currentURL(), cookies)
	if cookies != "" {
		list.Append("Cookie", cookies)
	}
}

// storeCookies parses and stores response `Set-Cookie` headers.
//
// https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers
func (f *fetching) storeCookies(r *Request, response headers.List) {
	if setCookies := response.Values("set-cookie"); setCookies != nil {
		f.client.Jar.SetCookies(r.cookieContext(), setCookies)
	}
}

// HTTPJar returns a CookieJar that keeps its cookies in an [net/http.CookieJar],
// which knows nothing of SameSite or of third parties.
func HTTPJar(jar http.CookieJar) CookieJar { return httpJar{jar} }

type httpJar struct{ jar http.CookieJar }

func (j httpJar) Cookies(c *CookieContext) string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return ""
	}
	value := ""
	for _, cookie := range j.jar.Cookies(u) {
		if value != "" {
			value += "; "
		}
		value += cookie.Name + "=" + cookie.Value
	}
	return value
}

func (j httpJar) SetCookies(c *CookieContext, setCookies []string) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return
	}
	response := http.Response{Header: http.Header{"Set-Cookie": setCookies}}
	j.jar.SetCookies(u, response.Cookies())
}
