package cookies_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// A network answers each URL with the headers it has for it.
type network map[string][][2]string

func (n network) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	response := &fetch.NetworkResponse{Status: 200, Body: fetch.NoBody}
	for _, h := range n[r.URL] {
		response.Headers.Append(h[0], h[1])
		if headers.EqualFold(h[0], "Location") {
			response.Status = 302
		}
	}
	return response, nil
}

// A recorder is a jar that keeps the contexts that it is asked for.
type recorder struct {
	fetch.CookieJar
	contexts []fetch.CookieContext
}

func (r *recorder) Cookies(c *fetch.CookieContext) string {
	r.contexts = append(r.contexts, *c)
	return r.CookieJar.Cookies(c)
}

func TestContextsOfAFetch(t *testing.T) {
	type hop struct{ url, allowOrigin string }
	for _, test := range []struct {
		page, topLevel string
		hops           []hop
		want           []fetch.CookieContext
	}{
		{"https://a.test/", "", []hop{{"https://a.test/1", ""}, {"https://b.test/2", "https://a.test"}, {"https://www.a.test/3", "null"}}, []fetch.CookieContext{
			{URL: "https://a.test/1", TopLevelSite: "https://a.test"},
			{URL: "https://b.test/2", TopLevelSite: "https://a.test", Page: fetch.RelationCrossSite, Redirects: fetch.RelationCrossSite},
			{URL: "https://www.a.test/3", TopLevelSite: "https://a.test", Redirects: fetch.RelationCrossSite},
		}},
		{"http://a.test/", "", []hop{{"http://a.test/1", ""}, {"https://a.test/2", "http://a.test"}}, []fetch.CookieContext{
			{URL: "http://a.test/1", TopLevelSite: "http://a.test"},
			{URL: "https://a.test/2", TopLevelSite: "http://a.test", Page: fetch.RelationSchemelesslySameSite, Redirects: fetch.RelationSchemelesslySameSite},
		}},
		{"https://a.test/", "https://b.test/", []hop{{"https://a.test/1", ""}, {"https://b.test/2", "https://a.test"}}, []fetch.CookieContext{
			{URL: "https://a.test/1", TopLevelSite: "https://b.test", Page: fetch.RelationCrossSite},
			{URL: "https://b.test/2", TopLevelSite: "https://b.test", Page: fetch.RelationCrossSite, Redirects: fetch.RelationCrossSite},
		}},
	} {
		n := network{}
		for i, hop := range test.hops {
			n[hop.url] = [][2]string{{"Access-Control-Allow-Origin", hop.allowOrigin}, {"Access-Control-Allow-Credentials", "true"}}
			if i+1 < len(test.hops) {
				n[hop.url] = append(n[hop.url], [2]string{"Location", test.hops[i+1].url})
			}
		}
		page, err := fetch.NewPage(test.page, &fetch.PageOptions{TopLevel: test.topLevel})
		if err != nil {
			t.Fatal(err)
		}
		jar := &recorder{CookieJar: cookies.New(cookies.Options{})}
		client := &fetch.Client{Network: n, Jar: jar}
		response, err := client.Fetch(t.Context(), page, test.hops[0].url, &fetch.Init{Credentials: fetch.CredentialsInclude})
		if err != nil {
			t.Errorf("%v: %v", test.hops, err)
			continue
		}
		response.Body.Close()
		for i := range test.want {
			test.want[i].Method = "GET"
		}
		if diff := cmp.Diff(test.want, jar.contexts); diff != "" {
			t.Errorf("%v: (-want +got)\n%s", test.hops, diff)
		}
	}
}

func Example() {
	jar := cookies.New(cookies.Options{
		Policy:    cookies.PolicyFor(browser.Chromium()),
		OnRefused: func(setCookie, why string) { fmt.Printf("%q is refused: %s\n", setCookie, why) },
	})
	shop, err := fetch.NewPage("https://shop.example/", nil)
	if err != nil {
		panic(err)
	}
	jar.SetCookies(shop.CookieContext(), []string{"session=1; Secure; HttpOnly", "cart=2; SameSite=None"})
	blog := &fetch.CookieContext{
		URL: "https://shop.example/api", Method: "GET", TopLevelSite: "https://blog.example", Page: fetch.RelationCrossSite,
	}
	for _, d := range jar.Explain(blog) {
		fmt.Printf("%s is not sent: %s\n", d.Name, d.Why)
	}
	// Output:
	// "cart=2; SameSite=None" is refused: it is SameSite=None without Secure
	// session is not sent: it has no SameSite attribute, which is as SameSite=Lax, and the request is cross-site
}

// A trace is told which cookies a request does not get, and which are not stored.
func TestTraceSaysWhy(t *testing.T) {
	served := network{"https://api.test/": {
		{"Access-Control-Allow-Origin", "https://app.example"}, {"Access-Control-Allow-Methods", "PUT"},
		{"Access-Control-Allow-Credentials", "true"},
		{"Set-Cookie", "ok=1; Secure; SameSite=None"}, {"Set-Cookie", "bad=1; Secure; Domain=other.example"},
	}}
	jar := cookies.New(cookies.Options{})
	jar.SetCookies(&fetch.CookieContext{URL: "https://api.test/", Method: "GET"}, []string{"strict=1; Secure; SameSite=Strict", "none=1; Secure; SameSite=None"})
	page, err := fetch.NewPage("https://app.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		init fetch.Init
		want []string
	}{
		{fetch.Init{Credentials: fetch.CredentialsInclude, Method: "PUT"}, []string{
			"strict: it is SameSite=Strict and the request is cross-site",
			"refused bad=1; Secure; Domain=other.example: the host is not in its Domain",
		}},
		{fetch.Init{Credentials: fetch.CredentialsOmit}, []string{
			`ok: the credentials mode is "omit"`, `none: the credentials mode is "omit"`,
			"strict: it is SameSite=Strict and the request is cross-site",
		}},
	} {
		var got []string
		ctx := fetch.WithTrace(t.Context(), &fetch.Trace{
			CookieNotSent: func(_ string, d fetch.CookieDecision) { got = append(got, d.Name+": "+d.Why) },
			CookieRefused: func(_, setCookie, why string) { got = append(got, "refused "+setCookie+": "+why) },
		})
		client := &fetch.Client{Network: served, Jar: jar}
		response, err := client.Fetch(ctx, page, "https://api.test/", &test.init)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
