package check

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// jar returns a jar with the cookies that the options give, as the host of a URL
// would have set them for the use of other sites' pages. The notes say which of
// them the browser does not store or send, and why.
func (o *Options) jar(page *fetch.Page, r *fetch.Request, engine *browser.Engine) (jar *cookies.Jar, notes []string, err error) {
	jar = cookies.New(cookies.Options{
		Policy: cookies.PolicyFor(engine),
		OnRefused: func(setCookie, why string) {
			name, _, _ := strings.Cut(setCookie, "=")
			notes = append(notes, fmt.Sprintf("The browser has no cookie %s: %s.", name, why))
		},
	})
	url, err := weburl.Parse(r.URL())
	if err != nil || !url.IsHTTP() || o.Cookies == "" {
		return jar, nil, nil
	}
	attributes := "; Path=/"
	if url.Scheme() == "https" {
		attributes += "; Secure; SameSite=None"
	}
	var set []string
	for pair := range strings.SplitSeq(o.Cookies, ";") {
		if pair = strings.Trim(pair, " \t"); pair == "" {
			continue
		}
		if strings.IndexByte(pair, '=') <= 0 {
			return nil, nil, &ArgumentError{"--cookie", "write NAME=VALUE, several with ';' between them"}
		}
		set = append(set, pair+attributes)
	}
	at := url.StringExcludingFragment()
	jar.SetCookies(&fetch.CookieContext{URL: at, Method: "GET", TopLevelNavigation: true}, set)

	asked := &fetch.CookieContext{
		URL: at, Method: r.Method(), TopLevelSite: page.Origin().Site(), Page: relation(page.Origin(), url.Origin()),
	}
	switch {
	case r.Credentials() == fetch.CredentialsOmit,
		r.Credentials() == fetch.CredentialsSameOrigin && !url.Origin().SameOrigin(page.Origin()):
		return jar, append(notes, fmt.Sprintf("The cookies are not sent: the credentials mode is %q.", r.Credentials())), nil
	}
	for _, d := range jar.Explain(asked) {
		if !d.Sent {
			notes = append(notes, fmt.Sprintf("The cookie %s is not sent: %s.", d.Name, d.Why))
		}
	}
	return jar, notes, nil
}

func relation(a, b origin.Origin) fetch.SiteRelation {
	switch {
	case a.SameSite(b):
		return fetch.SameSite
	case a.SchemelesslySameSite(b):
		return fetch.SchemelesslySameSite
	}
	return fetch.CrossSite
}
