package fetch_test

import (
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
)

// A jar has a fixed cookie for some URLs, and remembers what it was told to
// store and in what context it was asked.
type jar struct {
	cookies map[string]string

	mu       sync.Mutex
	stored   []string
	contexts []fetch.CookieContext
}

func (j *jar) Cookies(c *fetch.CookieContext) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.contexts = append(j.contexts, *c)
	return j.cookies[c.URL]
}

func (j *jar) SetCookies(c *fetch.CookieContext, setCookies []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stored = append(j.stored, c.URL+" "+strings.Join(setCookies, "|"))
}

// Which requests get cookies, and whose responses' are kept: credentials mode by
// response tainting. A preflight has none of either.
func TestCredentials(t *testing.T) {
	const allow = "acao: https://a.test\nacac: true\nacam: PUT\nset-cookie: s=1\nset-cookie: t=2"
	for _, test := range []struct {
		name        string
		init        fetch.Init
		url         string
		site        site
		want        string
		wantStored  string
		wantContext []fetch.CookieContext
	}{
		{
			name: "own, omit", url: own, init: fetch.Init{Credentials: fetch.CredentialsOmit},
			want: "GET https://a.test/own\n= basic 200",
		},
		{
			name: "own, same-origin", url: own, init: fetch.Init{},
			want: "GET https://a.test/own cookie=own=1\n= basic 200", wantStored: own + " s=1|t=2",
		},
		{
			name: "own, include", url: own, init: fetch.Init{Credentials: fetch.CredentialsInclude},
			want: "GET https://a.test/own cookie=own=1\n= basic 200", wantStored: own + " s=1|t=2",
		},
		{name: "cors, omit", init: fetch.Init{Credentials: fetch.CredentialsOmit}, want: "GET https://b.test/away\n= cors 200"},
		{name: "cors, same-origin", want: "GET https://b.test/away\n= cors 200"},
		{
			name: "cors, include", init: fetch.Init{Credentials: fetch.CredentialsInclude},
			want: "GET https://b.test/away cookie=away=1\n= cors 200", wantStored: away + " s=1|t=2",
		},
		{
			name: "preflight", init: fetch.Init{Credentials: fetch.CredentialsInclude, Method: "PUT"},
			want:       "OPTIONS https://b.test/away\nPUT https://b.test/away cookie=away=1\n= cors 200",
			wantStored: away + " s=1|t=2",
		},
		{
			name: "stored although the CORS check fails", init: fetch.Init{Credentials: fetch.CredentialsInclude},
			site: site{away: {"200\nset-cookie: s=1"}},
			want: "GET https://b.test/away cookie=away=1\n! missing-allow-origin", wantStored: away + " s=1",
		},
		{
			name: "not stored by a preflight that fails", init: fetch.Init{Credentials: fetch.CredentialsInclude, Method: "PUT"},
			site: site{away: {"200\nset-cookie: s=1"}},
			want: "OPTIONS https://b.test/away\n! preflight missing-allow-origin",
		},
		{name: "no-cors, same-origin", init: fetch.Init{Mode: fetch.ModeNoCORS}, want: "GET https://b.test/away\n= opaque 0"},
		{
			name: "no-cors, include", init: fetch.Init{Mode: fetch.ModeNoCORS, Credentials: fetch.CredentialsInclude},
			want: "GET https://b.test/away cookie=away=1\n= opaque 0", wantStored: away + " s=1|t=2",
		},
		{
			name: "a redirect away and back has no cookies of its own origin", url: own,
			site: site{
				own:  {"302\nlocation: " + away + "\nset-cookie: first=1", "200\nacao: null\nset-cookie: last=1"},
				away: {"302\nacao: *\nlocation: " + own + "\nset-cookie: mid=1"},
			},
			want: `GET https://a.test/own cookie=own=1
				GET https://b.test/away
				GET https://a.test/own
				= cors 200 redirected`,
			wantStored: own + " first=1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := &jar{cookies: map[string]string{own: "own=1", away: "away=1"}}
			f := flow{url: test.url, init: test.init, site: test.site, show: "cookie authorization", want: test.want}
			if f.site == nil {
				f.site = site{own: {"200\n" + allow}, away: {"200\n" + allow}}
			}
			f.run(t, &fetch.Client{Jar: j})
			if got := strings.Join(j.stored, "\n"); got != test.wantStored {
				t.Errorf("stored %s, want %s", got, test.wantStored)
			}
		})
	}
}

// What a jar is told of a request.
func TestCookieContext(t *testing.T) {
	const same, topLevel = "https://sub.a.test/", "https://top.test/"
	for _, test := range []struct {
		name, url string
		options   *fetch.PageOptions
		method    string
		site      site
		want      []fetch.CookieContext
	}{
		{
			name: "same site", url: same + "#f", site: site{same: {"200\nacao: https://a.test\nacac: true"}},
			want: []fetch.CookieContext{{URL: same, Method: "GET", TopLevelSite: "https://a.test"}},
		},
		{
			name: "cross-site", url: away, method: "POST", site: site{away: {"200\nacao: https://a.test\nacac: true"}},
			want: []fetch.CookieContext{{URL: away, Method: "POST", TopLevelSite: "https://a.test", Page: fetch.RelationCrossSite}},
		},
		{
			name: "in a frame of another site", url: own, options: &fetch.PageOptions{TopLevel: topLevel}, site: site{own: {"200"}},
			want: []fetch.CookieContext{{URL: own, Method: "GET", TopLevelSite: "https://top.test", Page: fetch.RelationCrossSite}},
		},
		{
			name: "redirected over another site", url: own,
			site: site{
				own:  {"302\nlocation: " + away},
				away: {"302\nacao: https://a.test\nacac: true\nlocation: " + same},
				same: {"200\nacao: null\nacac: true"},
			},
			want: []fetch.CookieContext{
				{URL: own, Method: "GET", TopLevelSite: "https://a.test"},
				{URL: away, Method: "GET", TopLevelSite: "https://a.test", Page: fetch.RelationCrossSite, Redirects: fetch.RelationCrossSite},
				{URL: same, Method: "GET", TopLevelSite: "https://a.test", Redirects: fetch.RelationCrossSite},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := &jar{}
			c := &fetch.Client{Network: &network{site: test.site}, Jar: j}
			init := fetch.Init{Credentials: fetch.CredentialsInclude, Method: test.method}
			if got := result(c.Fetch(t.Context(), newPage(t, "", test.options), test.url, &init)); got[0] != '=' {
				t.Error(got)
			}
			if diff := cmp.Diff(test.want, j.contexts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An http.CookieJar keeps cookies from one fetch to the next.
func TestHTTPJar(t *testing.T) {
	kept, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := &network{site: site{own: {"200\nset-cookie: a=1; path=/\nset-cookie: b=\"2\"; secure", "200\nset-cookie: a=; max-age=0; path=/", "200"}}}
	c := &fetch.Client{Network: n, Jar: fetch.HTTPJar(kept)}
	for range 3 {
		if got := result(c.Fetch(t.Context(), newPage(t, "", nil), own, nil)); got != "= basic 200" {
			t.Error(got)
		}
	}
	want := lines(`GET https://a.test/own
		GET https://a.test/own cookie=a=1; b="2"
		GET https://a.test/own cookie=b="2"`)
	if diff := cmp.Diff(want, n.log("cookie")); diff != "" {
		t.Error(diff)
	}
}
