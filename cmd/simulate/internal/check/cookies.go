package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/explain"
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
		return fetch.RelationSameSite
	case a.SchemelesslySameSite(b):
		return fetch.RelationSchemelesslySameSite
	}
	return fetch.RelationCrossSite
}

// answerCookies says which of the cookies that the answers set are not kept, by engine, and
// what becomes of those that are.
func (r *Report) answerCookies(page *fetch.Page, credentials fetch.Credentials) {
	for _, step := range r.Steps {
		x := step.Exchange
		if x == nil || x.Preflight || !x.Answered || !x.ResponseHeaders.Contains("Set-Cookie") {
			continue
		}
		url, err := weburl.Parse(x.URL)
		if err != nil {
			continue
		}
		values := slices.DeleteFunc(x.ResponseHeaders.Values("Set-Cookie"), isIntermediarys)
		if len(values) == 0 {
			continue
		}
		if credentials == fetch.CredentialsOmit || credentials == fetch.CredentialsSameOrigin && !url.Origin().SameOrigin(page.Origin()) {
			r.Besides = append(r.Besides, explain.CookieWithoutCredentials(cookieNames(values)))
			continue
		}
		r.kept(page, url, x.Method, values)
	}
}

// isIntermediarys reports whether a cookie is one that a CDN or load balancer sets for itself:
// nobody misses it.
func isIntermediarys(setCookie string) bool {
	for _, prefix := range []string{"__cf", "cf_", "_cfuvid", "AWSALB", "incap_", "visid_", "nlbi_", "_abck", "ak_", "bm_", "datadome", "ARRAffinity", "GCLB", "BIGip", "__nf", "_px"} {
		if strings.HasPrefix(setCookie, prefix) {
			return true
		}
	}
	return false
}

// kept asks each engine's jar whether it stores the cookies of an answer.
func (r *Report) kept(page *fetch.Page, url *weburl.URL, method string, values []string) {
	where := &fetch.CookieContext{
		URL: url.StringExcludingFragment(), Method: method, TopLevelSite: page.Origin().Site(), Page: relation(page.Origin(), url.Origin()),
	}
	type refusal struct{ cookie, why string }
	var order []refusal
	engines := map[refusal][]string{}
	for _, engine := range []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()} {
		jar := cookies.New(cookies.Options{Policy: cookies.PolicyFor(engine)})
		jar.StoreCookies(where, values, func(setCookie, why string) {
			of := refusal{cookieNames([]string{setCookie}), why}
			if engines[of] == nil {
				order = append(order, of)
			}
			engines[of] = append(engines[of], engine.Label())
		})
	}
	refused := map[string]bool{}
	for _, of := range order {
		refused[of.cookie] = true
		r.Besides = append(r.Besides, explain.CookieNotKept(of.cookie, of.why, strings.Join(engines[of], ", ")))
	}
	if where.Page == fetch.RelationSameSite || where.Page == fetch.RelationSchemelesslySameSite {
		return
	}
	for _, value := range values {
		if name := cookieNames([]string{value}); !refused[name] {
			r.Notes = append(r.Notes, fmt.Sprintf("The cookie %s is one of another site than the page's. Chrome keeps it unless the user blocks such cookies, "+
				"Firefox keeps it apart for each site that embeds it, and Safari does not keep it at all: log in where page and API are of one site, or add Partitioned.", name))
		}
	}
}

// cookieNames returns the names of Set-Cookie values.
func cookieNames(values []string) string {
	var names []string
	for _, value := range values {
		pair, _, _ := strings.Cut(value, ";")
		name, _, named := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); !named || name == "" {
			name = "without a name"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
