package cookies

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/fetch"
)

// twinPathMatches compares paths segment by segment: a cookie's path matches where
// its segments are the first of the request's; an empty last one matches any.
func twinPathMatches(path, cookiePath string) bool {
	request, cookie := strings.Split(path, "/"), strings.Split(cookiePath, "/")
	if last := len(cookie) - 1; cookie[last] == "" && len(request) >= len(cookie) {
		cookie = cookie[:last]
	}
	if len(cookie) > len(request) {
		return false
	}
	for i := range cookie {
		if cookie[i] != request[i] {
			return false
		}
	}
	return true
}

func FuzzPathMatches(f *testing.F) {
	for _, seed := range [][2]string{{"/a/b", "/a"}, {"/ab", "/a"}, {"/a", "/a/"}, {"/a/", "/a/"}, {"//", "/"}, {"/", "//"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, cookiePath string) {
		path, cookiePath = "/"+path, "/"+cookiePath
		if got, want := pathMatches(path, cookiePath), twinPathMatches(path, cookiePath); got != want {
			t.Errorf("pathMatches(%q, %q) = %v", path, cookiePath, got)
		}
	})
}

// FuzzJar holds that storing is what it says it is, whatever is stored: a cookie
// is refused or stored, what is sent can be stored again and comes back the same,
// Cookies and Explain agree, script sees no more than the server does, and the
// jar is in order.
func FuzzJar(f *testing.F) {
	f.Add("a=1", "b=2; Path=/x", "https://a.test/x/y", uint8(0))
	f.Add("c=1; SameSite=None; Secure; Partitioned", "c", "https://b.a.test/", uint8(0xFF))
	f.Add("__Host-c=1; Secure; Path=/", "=v; Domain=a.test; HttpOnly", "http://www.a.test/", uint8(0x52))
	f.Add("a=1; Expires=Thu, 10 Apr 1980 16:33:12 GMT", "a=\xff\t; Max-Age=-9; Domain=.", "http://[::1]:80", uint8(3))
	f.Add("0", " ", "http:0", uint8(0xc3))
	f.Add("a;;;=;==", "a=1; Max-Age=99999999999999999999999", "http://co.uk/%2f/", uint8(4))
	f.Fuzz(func(t *testing.T, first, second, url string, bits uint8) {
		policies := [...]Policy{PolicyFor(browser.Standard()), PolicyFor(browser.Chromium()), PolicyFor(browser.Firefox()), PolicyFor(browser.WebKit())}
		policy := policies[bits&3]
		refused := 0
		j := New(Options{Policy: policy, Now: newClock().Now, OnRefused: func(_, why string) {
			if refused++; why == "" {
				t.Error("refused for no reason")
			}
		}})
		c := &fetch.CookieContext{
			URL: url, Method: "POST", TopLevelSite: "https://a.test", Page: fetch.SiteRelation(bits >> 2 & 3 % 3),
			Redirects: fetch.SiteRelation(bits >> 4 & 3 % 3), TopLevelNavigation: bits&0x40 != 0,
		}
		j.SetCookies(c, []string{first})
		j.SetDocumentCookie(c, second)
		j.invariants(t)
		if j.Len()+refused > 2 {
			t.Errorf("%d stored and %d refused, of 2", j.Len(), refused)
		}
		sent := j.Cookies(c)
		n := 0
		for _, d := range j.Explain(c) {
			if d.Sent != (d.Why == "") {
				t.Errorf("%+v", d)
			}
			if d.Sent {
				n++
				if !strings.Contains(sent, d.Name) {
					t.Errorf("%+v, but sent is %q", d, sent)
				}
			}
		}
		if (n == 0) != (sent == "" && !j.SendsEmpty(c)) {
			t.Errorf("%d are sent, as %q", n, sent)
		}
		if script := j.DocumentCookie(c); len(script) > len(sent) {
			t.Errorf("script sees %q, the server %q", script, sent)
		}
		if n != 1 {
			return
		}
		// One cookie: set again, without attributes, at a top-level page of its own.
		again := New(Options{Policy: policy, Now: newClock().Now})
		page := &fetch.CookieContext{URL: url}
		again.SetCookies(page, []string{sent})
		if got := again.Cookies(page); got != sent && !strings.HasPrefix(strings.ToLower(sent), "__") && sent != "" && sent[0] != '=' {
			t.Errorf("%q came back as %q", sent, got)
		}
	})
}
