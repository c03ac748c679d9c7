package cookies

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/fetch"
)

// A clock is what a test's time is told by.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newClock() *clock { return &clock{time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)} }

// own is a request that a page of the URL's site makes.
func own(url string) *fetch.CookieContext { return &fetch.CookieContext{URL: url, Method: "GET"} }

// under is a request that a page of another site makes.
func under(topLevelSite, url string) *fetch.CookieContext {
	return &fetch.CookieContext{URL: url, Method: "GET", TopLevelSite: topLevelSite, Page: fetch.RelationCrossSite}
}

func navigation(method, url string) *fetch.CookieContext {
	return &fetch.CookieContext{
		URL: url, Method: method, TopLevelSite: "https://other.test", Page: fetch.RelationCrossSite, TopLevelNavigation: true,
	}
}

// invariants checks what must hold of a jar at any time.
func (j *Jar) invariants(t *testing.T) {
	t.Helper()
	n := 0
	for name, s := range j.sites {
		if s.name != name || len(s.partitions) == 0 {
			t.Errorf("site %q is named %q and has %d partitions", name, s.name, len(s.partitions))
		}
		for key, p := range s.partitions {
			if p.key != key || p.site != s || len(p.cookies) == 0 || len(p.cookies) > j.options.MaxPerSite {
				t.Errorf("partition %q of %q: key %q, %d cookies", key, name, p.key, len(p.cookies))
			}
			n += len(p.cookies)
			for i, c := range p.cookies {
				if c.of != p || p.find(c) != i {
					t.Errorf("cookie %q of %q is not where it says, or is there twice", c.name, name)
				}
			}
		}
	}
	ring := 0
	for c := j.used.next; c != &j.used; c = c.next {
		if c.next.prev != c || c.next != &j.used && c.accessed <= c.next.accessed {
			t.Errorf("cookie %q is at the wrong place in the ring", c.name)
		}
		ring++
	}
	if n != j.count || ring != j.count || n > j.options.MaxTotal {
		t.Errorf("%d cookies in sites, %d in the ring, %d counted", n, ring, j.count)
	}
}

func TestSameSite(t *testing.T) {
	const page = "https://a.test/"
	redirected := own(page)
	redirected.Redirects = fetch.RelationCrossSite
	schemelessly := &fetch.CookieContext{URL: page, Method: "GET", TopLevelSite: "http://a.test", Page: fetch.RelationSchemelesslySameSite}
	cross := under("https://other.test", page)
	all := []string{"unset", "none", "lax", "strict"}
	for _, test := range []struct {
		name         string
		policy       Policy
		context      *fetch.CookieContext
		stored, sent string
	}{
		{"same site", PolicyFor(browser.Standard()), own(page), "unset none lax strict", "unset none lax strict"},
		{"cross-site", PolicyFor(browser.Standard()), cross, "unset none", "unset none"},
		{"cross-site, Lax by default", Policy{DefaultLax: true}, cross, "none", "none"},
		{"by a redirect", PolicyFor(browser.Standard()), redirected, "unset none", "unset none"},
		{"by a redirect, Lax by default", Policy{DefaultLax: true}, redirected, "none", "none"},
		{"by a redirect that does not count", Policy{DefaultLax: true, IgnoreRedirects: true}, redirected, "unset none lax strict", "unset none lax strict"},
		{"schemelessly", PolicyFor(browser.Standard()), schemelessly, "unset none", "unset none"},
		{"schemelessly where that counts", Policy{Schemeless: true}, schemelessly, "unset none lax strict", "unset none lax strict"},
		{"navigation", PolicyFor(browser.Standard()), navigation("GET", page), "unset none lax strict", "unset none lax"},
		{"navigation by POST", PolicyFor(browser.Standard()), navigation("POST", page), "unset none lax strict", "unset none"},
		{"navigation by POST, Lax by default", Policy{DefaultLax: true}, navigation("POST", page), "unset none lax strict", "none"},
		{"navigation by POST, Lax allowing unsafe", Policy{DefaultLax: true, LaxAllowingUnsafe: time.Minute}, navigation("POST", page), "unset none lax strict", "unset none"},
		{"Chromium", PolicyFor(browser.Chromium()), cross, "none", "none"},
		{"Chromium, which blocks third-party cookies", blocking, cross, "", ""},
		{"Firefox", PolicyFor(browser.Firefox()), cross, "unset none", ""}, // what was set first-party is kept apart
		{"WebKit since 2.52", PolicyFor(newerWebKit), cross, "none", "none"},
		{"WebKit", PolicyFor(browser.WebKit()), cross, "unset none", "unset none"},
	} {
		set := func(j *Jar, c *fetch.CookieContext) {
			for _, name := range all {
				attribute := "; SameSite=" + name
				if name == "unset" {
					attribute = ""
				}
				j.SetCookies(c, []string{name + "=1; Secure" + attribute})
			}
		}
		names := func(cookie string) string { return strings.ReplaceAll(strings.ReplaceAll(cookie, "=1", ""), ";", "") }
		j := New(Options{Policy: test.policy, Now: newClock().Now})
		set(j, own(page))
		if got := names(j.Cookies(own(page))); got != strings.Join(all, " ") {
			t.Fatalf("%s: the cookies are %q", test.name, got)
		}
		if got := names(j.Cookies(test.context)); got != test.sent {
			t.Errorf("%s: sent %q, want %q", test.name, got, test.sent)
		}
		j.invariants(t)
		j = New(Options{Policy: test.policy, Now: newClock().Now})
		set(j, test.context)
		if got := j.Len(); got != len(strings.Fields(test.stored)) {
			t.Errorf("%s: %d stored, want %q", test.name, got, test.stored)
		}
		j.invariants(t)
	}
}

func TestLaxAllowingUnsafeEnds(t *testing.T) {
	clock := newClock()
	j := New(Options{Policy: PolicyFor(browser.Chromium()), Now: clock.Now})
	j.SetCookies(own("https://a.test/"), []string{"default=1", "lax=1; SameSite=Lax"})
	clock.now = clock.now.Add(2*time.Minute - 1)
	if got := j.Cookies(navigation("POST", "https://a.test/")); got != "default=1" {
		t.Errorf("at once: %q", got)
	}
	clock.now = clock.now.Add(1)
	if got := j.Cookies(navigation("POST", "https://a.test/")); got != "" {
		t.Errorf("after two minutes: %q", got)
	}
}

// blocking is the policy of a Chromium whose user blocks third-party cookies.
var blocking = func() Policy {
	p := PolicyFor(browser.Chromium())
	p.BlockThirdParty = true
	return p
}()

func TestPartitions(t *testing.T) {
	const b, siteA, siteC = "https://b.test/", "https://a.test", "https://c.test"
	const plain, partitioned = "c=plain; SameSite=None; Secure", "c=partitioned; SameSite=None; Secure; Partitioned"
	for _, test := range []struct {
		name   string
		policy Policy
		set    string
		// want is what b.test gets in a page of a.test, of c.test, and as a page
		// of its own, after it set the cookie in a page of a.test.
		want [3]string
	}{
		{"standard", PolicyFor(browser.Standard()), plain, [3]string{"c=plain", "c=plain", "c=plain"}},
		{"standard", PolicyFor(browser.Standard()), partitioned, [3]string{"c=partitioned", "c=partitioned", "c=partitioned"}},
		{"Chromium", PolicyFor(browser.Chromium()), plain, [3]string{"c=plain", "c=plain", "c=plain"}},
		{"Chromium, which blocks third-party cookies", blocking, plain, [3]string{}},
		{"Chromium", PolicyFor(browser.Chromium()), partitioned, [3]string{"c=partitioned"}},
		{"Chromium", PolicyFor(browser.Chromium()), partitioned + ";SameSite=Lax", [3]string{}},
		{"Firefox", PolicyFor(browser.Firefox()), plain, [3]string{"c=plain"}},
		{"Firefox", PolicyFor(browser.Firefox()), partitioned, [3]string{"c=partitioned"}},
		{"WebKit since 2.52", PolicyFor(newerWebKit), plain, [3]string{"c=plain", "c=plain", "c=plain"}},
	} {
		j := New(Options{Policy: test.policy})
		j.SetCookies(under(siteA, b), []string{test.set})
		got := [3]string{j.Cookies(under(siteA, b)), j.Cookies(under(siteC, b)), j.Cookies(own(b))}
		if got != test.want {
			t.Errorf("%s, %s: %q, want %q", test.name, test.set, got, test.want)
		}
		j.invariants(t)
	}
}

func TestPartitionedNextToPlain(t *testing.T) {
	j := New(Options{Policy: PolicyFor(browser.Chromium())})
	page := own("https://a.test/")
	j.SetCookies(page, []string{"c=1; Secure", "c=2; Secure; Partitioned"})
	if got := j.Cookies(page); got != "c=1; c=2" {
		t.Errorf("both: %q", got)
	}
	inFrame := under("https://a.test", "https://a.test/") // in a frame of another site
	if got := j.Cookies(inFrame); got != "" {
		t.Errorf("below a frame of another site: %q", got)
	}
	j.SetCookies(page, []string{"c=; Max-Age=0"})
	if got := j.Cookies(page); got != "c=2" {
		t.Errorf("the plain one removed: %q", got)
	}
	j.invariants(t)
}

func TestExpiry(t *testing.T) {
	clock := newClock()
	j := New(Options{Now: clock.Now})
	page := own("https://a.test/")
	j.SetCookies(page, []string{
		"session=1", "short=1; Max-Age=10", "long=1; Max-Age=99999999999999999999", "far=1; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
		"both=1; Max-Age=20; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "early=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=20",
	})
	for _, step := range []struct {
		after time.Duration
		want  string
	}{
		{0, "session=1; short=1; long=1; far=1; both=1; early=1"},
		{10*time.Second - 1, "session=1; short=1; long=1; far=1; both=1; early=1"},
		{1, "session=1; long=1; far=1; both=1; early=1"},
		{10 * time.Second, "session=1; long=1; far=1"},
		{MaxAge - 20*time.Second - 1, "session=1; long=1; far=1"},
		{1, "session=1"},
	} {
		clock.now = clock.now.Add(step.after)
		if got := j.Cookies(page); got != step.want {
			t.Errorf("at %v: %q, want %q", clock.now, got, step.want)
		}
	}
	j.invariants(t)
	if j.Len() != 1 {
		t.Errorf("%d cookies are left", j.Len())
	}
}

func TestCreationTime(t *testing.T) {
	for _, test := range []struct {
		policy Policy
		second string
		want   string
	}{
		{PolicyFor(browser.Standard()), "a=2", "a=2; b=1"},
		{PolicyFor(browser.Chromium()), "a=2", "b=1; a=2"},
		{PolicyFor(browser.Chromium()), "a=1; HttpOnly", "a=1; b=1"},
	} {
		j := New(Options{Policy: test.policy, Now: newClock().Now})
		page := own("http://a.test/")
		j.SetCookies(page, []string{"a=1", "b=1", test.second})
		if got := j.Cookies(page); got != test.want {
			t.Errorf("%s: %q, want %q", test.second, got, test.want)
		}
	}
}

func TestEvictionPerSite(t *testing.T) {
	j := New(Options{MaxPerSite: 3, Now: newClock().Now})
	a, b := own("https://a.test/"), own("https://b.test/")
	j.SetCookies(a, []string{"secure=1; Secure", "x=1; Path=/x", "y=1"})
	j.SetCookies(b, []string{"b=1"})
	j.Cookies(own("https://a.test/x")) // uses all three, y last
	j.Cookies(own("https://a.test/"))  // not x
	j.SetCookies(own("https://www.a.test/"), []string{"z=1"})
	if got := j.Cookies(own("https://a.test/x")); got != "secure=1; y=1" {
		t.Errorf("x was not used for longest and should go: %q", got)
	}
	j.SetCookies(a, []string{"s=2; Secure", "t=3; Secure"})
	if got := j.Cookies(own("https://a.test/x")); got != "secure=1; s=2; t=3" {
		t.Errorf("what is not Secure should go first: %q", got)
	}
	j.SetCookies(a, []string{"u=4"})
	if got := j.Cookies(own("https://a.test/x")); got != "secure=1; s=2; t=3" {
		t.Errorf("what is not Secure should go, new as it is: %q", got)
	}
	if got := j.Cookies(b); got != "b=1" {
		t.Errorf("another site: %q", got)
	}
	j.invariants(t)
}

func TestEvictionInAll(t *testing.T) {
	clock := newClock()
	j := New(Options{MaxTotal: 3, Now: clock.Now})
	for i, line := range []string{"a=1", "b=1; Max-Age=1", "c=1"} {
		j.SetCookies(own(fmt.Sprintf("https://%d.test/", i)), []string{line})
	}
	j.Cookies(own("https://0.test/"))
	clock.now = clock.now.Add(time.Minute)
	j.SetCookies(own("https://3.test/"), []string{"d=1"}) // b has expired
	j.SetCookies(own("https://4.test/"), []string{"e=1"}) // c was not used for longest
	got := ""
	for i := range 5 {
		got += j.Cookies(own(fmt.Sprintf("https://%d.test/", i))) + " "
	}
	if want := "a=1   d=1 e=1 "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	j.invariants(t)
}

func TestMaxPartitionedBytes(t *testing.T) {
	j := New(Options{Policy: PolicyFor(browser.Chromium())})
	page := own("https://a.test/")
	value := strings.Repeat("v", 3999)
	for _, name := range []string{"a", "b", "c"} {
		j.SetCookies(page, []string{name + "=" + value + "; Secure; Partitioned"})
	}
	if got, want := j.Cookies(page), "b="+value+"; c="+value; got != want {
		t.Errorf("%d bytes, want those of b and c, %d", len(got), len(want))
	}
	j.invariants(t)
}

// newerWebKit is one whose library for HTTP has no rules of its own for cookies.
var newerWebKit = func() *browser.Engine {
	e, err := browser.Find("webkit@2.54")
	if err != nil {
		panic(err)
	}
	return e
}()

func TestSendsEmpty(t *testing.T) {
	for _, test := range []struct {
		policy Policy
		lines  []string
		want   bool
	}{
		{PolicyFor(browser.Standard()), []string{""}, false}, {PolicyFor(browser.WebKit()), nil, false}, {PolicyFor(browser.WebKit()), []string{""}, true},
		{PolicyFor(browser.WebKit()), []string{"; Path=/"}, true}, {PolicyFor(browser.WebKit()), []string{"", "c=1"}, false}, {PolicyFor(browser.WebKit()), []string{"; Max-Age=0"}, false},
		{PolicyFor(newerWebKit), []string{""}, false},
	} {
		j := New(Options{Policy: test.policy})
		j.SetCookies(own("http://a.test/"), test.lines)
		if got := j.SendsEmpty(own("http://a.test/")); got != test.want {
			t.Errorf("%q: %v, want %v", test.lines, got, test.want)
		}
	}
}

func TestDocumentCookie(t *testing.T) {
	var refused []string
	j := New(Options{OnRefused: func(setCookie, why string) { refused = append(refused, setCookie) }})
	page, err := fetch.NewPage("https://a.test/page", nil)
	if err != nil {
		t.Fatal(err)
	}
	document := page.CookieContext()
	j.SetCookies(own("https://a.test/"), []string{"http=1; HttpOnly", "both=1"})
	j.SetDocumentCookie(document, "script=1; SameSite=Strict")
	j.SetDocumentCookie(document, "h=1; HttpOnly")
	j.SetDocumentCookie(document, "http=2")
	if got, want := strings.Join(refused, ", "), "h=1; HttpOnly, http=2"; got != want {
		t.Errorf("refused %q, want %q", got, want)
	}
	if got := j.DocumentCookie(document); got != "both=1; script=1" {
		t.Errorf("document.cookie is %q", got)
	}
	if got := j.Cookies(document); got != "http=1; both=1; script=1" {
		t.Errorf("Cookie is %q", got)
	}
	frame, err := fetch.NewPage("https://a.test/frame", &fetch.PageOptions{TopLevel: "https://other.test/"})
	if err != nil {
		t.Fatal(err)
	}
	if got := j.DocumentCookie(frame.CookieContext()); got != "both=1" {
		t.Errorf("document.cookie of a frame is %q", got)
	}
}

func TestNamesOfEngines(t *testing.T) {
	for _, test := range []struct {
		engine string
		policy Policy
		line   string
		want   string
	}{
		{"standard", PolicyFor(browser.Standard()), "c", "c"},
		{"standard", PolicyFor(browser.Standard()), "=v", "v"},
		{"chromium", PolicyFor(browser.Chromium()), "c", "c"},
		{"chromium", PolicyFor(browser.Chromium()), "=v", "v"},
		{"firefox", PolicyFor(browser.Firefox()), "c", "c="},
		{"firefox", PolicyFor(browser.Firefox()), "=v", ""},
		{"webkit since 2.52", PolicyFor(newerWebKit), "c", "c"},
		{"webkit since 2.52", PolicyFor(newerWebKit), "=v", "v"},
		{"webkit since 2.52", PolicyFor(newerWebKit), "c=1; SameSite=None", ""},
		{"webkit", PolicyFor(browser.WebKit()), "c=1; SameSite=None", "c=1"},
		{"firefox", PolicyFor(browser.Firefox()), "c=1; SameSite=None", ""},
		{"chromium", PolicyFor(browser.Chromium()), "c=1; SameSite=None", ""},
		{"standard", PolicyFor(browser.Standard()), "c=a\xE9b; Path=/", "c=a\xE9b"},
		{"firefox", PolicyFor(browser.Firefox()), "c=a\xE9b; Path=/", "c=a\uFFFDb"},
		{"firefox", PolicyFor(browser.Firefox()), "c=a\u00E9b; Path=/", "c=a\u00E9b"},
		{"webkit since 2.52", PolicyFor(newerWebKit), "c=a\xE9b; Path=/", "c=a\uFFFDb"},
		{"webkit", PolicyFor(browser.WebKit()), "c=a\xE9b; Path=/x", "c=a"},
		{"standard", PolicyFor(browser.Standard()), "__Secure-c=1", ""},
		{"webkit since 2.52", PolicyFor(newerWebKit), "__Secure-c=1", ""},
		{"webkit", PolicyFor(browser.WebKit()), "__Secure-c=1", "__Secure-c=1"},
	} {
		j := New(Options{Policy: test.policy})
		j.SetCookies(own("http://a.test/"), []string{test.line})
		if got := j.Cookies(own("http://a.test/")); got != test.want {
			t.Errorf("%s, %s: %q, want %q", test.engine, test.line, got, test.want)
		}
	}
	j := New(Options{Policy: PolicyFor(newerWebKit)})
	j.SetCookies(own("http://a.test/"), []string{"c=2", "c=1; Domain=a.test"})
	if got := j.Cookies(own("http://a.test/")); got != "c=1; c=2" {
		t.Errorf("webkit: the cookie with a Domain is not first: %q", got)
	}
	if PolicyFor(nil) != (Policy{}) {
		t.Error("no engine does not have the standard's policy")
	}
}

func TestLocalhost(t *testing.T) {
	for _, test := range []struct {
		policy Policy
		want   string
	}{{PolicyFor(browser.Standard()), ""}, {PolicyFor(browser.Chromium()), "c=1"}, {PolicyFor(browser.Firefox()), "c=1"}, {PolicyFor(newerWebKit), ""}} {
		j := New(Options{Policy: test.policy})
		j.SetCookies(own("http://localhost:8080/"), []string{"c=1; Secure"})
		if got := j.Cookies(own("http://localhost:3000/")); got != test.want {
			t.Errorf("%+v: %q, want %q", test.policy, got, test.want)
		}
	}
}

func TestExplain(t *testing.T) {
	clock := newClock()
	j := New(Options{Policy: blocking, Now: clock.Now})
	j.SetCookies(own("https://www.a.test/dir/x"), []string{
		"host=1", "domain=1; Domain=a.test; Path=/", "secure=1; Secure; Domain=a.test; Path=/", "short=1; Max-Age=1; Domain=a.test; Path=/",
		"strict=1; SameSite=Strict; Domain=a.test; Path=/", "part=1; Secure; Partitioned; Domain=a.test; Path=/",
	})
	j.SetCookies(own("https://b.test/"), []string{"unrelated=1"})
	clock.now = clock.now.Add(time.Second)
	c := navigation("GET", "http://a.test/")
	got := j.Explain(c)
	want := []Decision{
		{Name: "domain", Domain: ".a.test", Path: "/", Sent: true, Why: ""},
		{Name: "host", Domain: "www.a.test", Path: "/dir", Sent: false, Why: "it has no Domain attribute and was set by another host"},
		{Name: "secure", Domain: ".a.test", Path: "/", Sent: false, Why: "it is Secure and the URL is http"},
		{Name: "short", Domain: ".a.test", Path: "/", Sent: false, Why: "it has expired"},
		{Name: "strict", Domain: ".a.test", Path: "/", Sent: false, Why: "it is SameSite=Strict and the request is cross-site"},
		{Name: "part", Domain: ".a.test", Path: "/", Sent: false, Why: "it is Secure and the URL is http"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	for _, test := range []struct {
		context *fetch.CookieContext
		name    string
		why     string
	}{
		{under("https://b.test", "https://www.a.test/dir/"), "host", "third-party cookies are blocked unless they are Partitioned"},
		{under("https://b.test", "https://www.a.test/dir/"), "part", "it is kept apart for another top-level site, https://a.test"},
		{own("https://www.a.test/dirt"), "host", "the URL's path is not in its Path"},
		{own("https://www.a.test/dir"), "host", ""},
	} {
		for _, d := range j.Explain(test.context) {
			if d.Name == test.name && (d.Why != test.why || d.Sent != (test.why == "")) {
				t.Errorf("%s for %s: %+v, want %q", d.Name, test.context.URL, d, test.why)
			}
		}
	}
	if got := j.Explain(own("https://c.test/")); got != nil {
		t.Errorf("of a site without cookies: %v", got)
	}
}

func TestNoCookiesFor(t *testing.T) {
	for _, url := range []string{"", "a.test", "file:///x", "data:,x", "about:blank", "ftp://a.test/", "https://"} {
		why := ""
		j := New(Options{OnRefused: func(_, w string) { why = w }})
		j.SetCookies(own("https://a.test/"), []string{"c=1"})
		j.SetCookies(own(url), []string{"c=1"})
		if why == "" || j.Cookies(own(url)) != "" || j.Explain(own(url)) != nil || j.Len() != 1 {
			t.Errorf("%q: refused because %q, sent %q", url, why, j.Cookies(own(url)))
		}
	}
}

func TestOnRefusedMayUseTheJar(t *testing.T) {
	var j *Jar
	seen := ""
	j = New(Options{OnRefused: func(string, string) { seen = j.Cookies(own("https://a.test/")) }})
	j.SetCookies(own("https://a.test/"), []string{"a=1", "b=1; Domain=b.test"})
	if seen != "a=1" {
		t.Errorf("seen %q", seen)
	}
}

func TestConcurrentUse(t *testing.T) {
	j := New(Options{Policy: PolicyFor(browser.Firefox()), MaxPerSite: 5, MaxTotal: 20})
	done := make(chan bool)
	for g := range 4 {
		go func() {
			for i := range 200 {
				url := fmt.Sprintf("https://%d.test/", i%10)
				j.SetCookies(own(url), []string{fmt.Sprintf("n%d=%d", i%7, g), "x=1; Max-Age=0"})
				j.SetDocumentCookie(under("https://a.test", url), "d=1")
				j.Cookies(own(url))
				j.DocumentCookie(own(url))
				j.Explain(own(url))
				j.Len()
				if i == 100 {
					j.Clear()
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
	j.invariants(t)
}
