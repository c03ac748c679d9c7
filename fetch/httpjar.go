//go:build !nonetwork

package fetch

import (
	"net/http"
	"net/url"
)

// HTTPJar returns a CookieJar that keeps its cookies in an [net/http.CookieJar],
// which knows nothing of SameSite or of third parties.
func HTTPJar(jar http.CookieJar) CookieJar { return httpJar{jar} }

type httpJar struct{ jar http.CookieJar }

// Cookies returns what the jar has for the URL alone, whatever else is in c.
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
		if cookie.Quoted { // net/http takes the quotes off; to a browser they are part of the value
			cookie.Value = `"` + cookie.Value + `"`
		}
		value += cookie.Name + "=" + cookie.Value
	}
	return value
}

// SetCookies gives the jar the lines that net/http takes for cookies.
func (j httpJar) SetCookies(c *CookieContext, setCookies []string) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return
	}
	response := http.Response{Header: http.Header{"Set-Cookie": setCookies}}
	j.jar.SetCookies(u, response.Cookies())
}
