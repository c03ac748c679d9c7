package cookies

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
)

// The cases of this file are facts of the platform's own tests, of the directory
// of web-platform-tests/wpt that each test names.

// A platformCase sets cookies at one URL and reads them at another.
type platformCase struct {
	set  string // Set-Cookie values, one a line
	want string
}

func runPlatform(t *testing.T, setAt, readAt string, cases []platformCase) {
	t.Helper()
	for _, test := range cases {
		j := New(Options{Now: newClock().Now})
		j.SetCookies(own(setAt), strings.Split(test.set, "\n"))
		if got := j.Cookies(own(readAt)); got != test.want {
			t.Errorf("%.200q: %.200q, want %.200q", test.set, got, test.want)
		}
		j.invariants(t)
	}
}

func TestPlatformValue(t *testing.T) { // cookies/value
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{"test=1, baz=qux", "test=1, baz=qux"},
		{`test="2, baz=qux"`, `test="2, baz=qux"`},
		{`test="3zz;pp" ; ;`, `test="3zz`},
		{`test="4zz ;`, `test="4zz`},
		{`test="5zzz "   "ppp"  ;`, `test="5zzz "   "ppp"`},
		{`test=6A"B ;`, `test=6A"B`},
		{"test7", "test7"},
		{`"test8\"HHH"`, `"test8\"HHH"`},
		{`test="9`, `test="9`},
		{"=test10", "test10"},
		{`test="14 "   ;`, `test="14 "`},
		{"test=15    ;", "test=15"},
		{"test=  16", "test=16"},
		{`test="  18 "`, `test="  18 "`},
		{`test="20=20"`, `test="20=20"`},
		{"test\t=\t21\t \t;\tttt", "test=21"},
		{"testA=22\ntest22=\ntestB=22", "testA=22; test22=; testB=22"},
		{"test=%32%33", "test=%32%33"},
	})
}

func TestPlatformName(t *testing.T) { // cookies/name
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{"test1=", "test1="},
		{"=test=2", "test=2"},
		{"===test=3", "==test=3"},
		{"test4", "test4"},
		{"test5  =5", "test5=5"},
		{"  test6=6", "test6=6"},
		{"test=a\ntest=b", "test=b"},
		{"test; path=/; lol", "test"},
		{"$Version=1; test", "$Version=1"},
		{"test a=10", "test a=10"},
		{"test11;x", "test11"},
		{"te,st=1", "te,st=1"},
		{"a=1\nA=2", "a=1; A=2"},
		{"=a\n=b", "b"},
		{"a\nb", "b"},
		{"a\n=b; Path=/other", "a"},
	})
}

func TestPlatformControls(t *testing.T) { // cookies/name, value and attributes: …-ctl
	for b := range 256 {
		c := string([]byte{byte(b)})
		for _, line := range []string{"te" + c + "st=1", "test=1" + c + "2", "test=1; x" + c + "y", "test=1; Path=/" + c} {
			j := New(Options{})
			why := ""
			j.options.OnRefused = func(_, w string) { why = w }
			j.SetCookies(own("http://a.test/"), []string{line})
			refused := b < ' ' && b != '\t' || b == 0x7F
			if (why != "") != refused || (j.Len() == 0) != refused {
				t.Errorf("%q: refused because %q, %d stored", line, why, j.Len())
			}
		}
	}
}

func TestPlatformSize(t *testing.T) { // cookies/size
	pair := func(name, value int) string { return strings.Repeat("t", name) + "=" + strings.Repeat("1", value) }
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{pair(2048, 2048), pair(2048, 2048)},
		{pair(4097, 1), ""},
		{pair(4096, 0), pair(4096, 0)},
		{pair(4097, 0), ""},
		{pair(1, 4095), pair(1, 4095)},
		{pair(1, 4096), ""},
		{pair(4096, 1), ""},
		{pair(0, 4096), pair(0, 4096)[1:]},
		{pair(0, 4097), ""},
		{pair(0, 4097)[1:], ""},
	})
	long := strings.Repeat("e", 1024)
	runPlatform(t, "http://www.a.test/cookies/size/x", "http://www.a.test/cookies/size/x", []platformCase{
		{"test=1; path=/cookies/size; path=/cookies/siz" + long, "test=1"},
		{"test=2; path=/cookies/siz" + long + "; path=/cookies/size", "test=2"},
		{"test=3; domain=a.test; domain=" + long + ".com", "test=3"},
		{"test=4; domain=" + long + ".com; domain=a.test", "test=4"},
		{"test=5; path=/" + long[1:], ""},
		{"test=6; path=/" + long, "test=6"},
	})
}

func TestPlatformInvalidAttributes(t *testing.T) { // cookies/attributes/invalid
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{"test=1; lol; Path=/", "test=1"},
		{`test=4; Path=/; "lol"`, "test=4"},
		{"test=5; Path=/; lol=", "test=5"},
		{`test=6; lol="aaa;bbb"; Path=/`, "test=6"},
		{`test=8; "Secure"`, "test=8"},
		{"test=9; Secure qux", "test=9"},
		{"test=10; b,az=qux", "test=10"},
		{"  test  = 12  ;foo;;;   bar", "test=12"},
		{"  test=== 13  ;foo;;;   bar", "test=== 13"},
		{"test=14; version=1;", "test=14"},
		{"test=19;max-age=3600, c=d;path=/", "test=19"},
		{"testA=20\n=\ntestb=20", "testA=20; testb=20"},
		{"test=21\n", "test=21"},
		{"test22\n=", "test22"},
		{"testA23\n; testB23", "testA23"},
		{"test24\n   ", "test24"},
		{"test25\n\t", "test25"},
		{"test=26; domain=.parser.test; ;; ;=; ,,, ===,abc,=; abracadabra! max-age=20;=;;", ""},
		{"test=27; \u017fecure", "test=27"}, // U+017F folds to "s", but not among ASCII
	})
}

func TestPlatformMaxAge(t *testing.T) { // cookies/attributes/max-age
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{"test=1; Max-Age=50,399", "test=1"},
		{"test=2; max-age=10000", "test=2"},
		{"test=3; max-age=0", ""},
		{"test=4; max-age=-1", ""},
		{"test=5; max-age=-20", ""},
		{"testA=7; max-age=60\ntestB=7; max-age=60\ntestA=differentvalue; max-age=0", "testB=7"},
		{"test=\"9! = foo;bar\";\" parser; max-age=6\ntest9; max-age=2.63,", "test=\"9! = foo; test9"},
		{"test=10; max-age=0\ntest10; max-age=0", ""},
		{"test=11; max-age=", "test=11"},
		{"test=12; max-age=-", "test=12"},
		{"test=13; max-age=+0", "test=13"},
		{"test=14; max-age=--1", "test=14"},
		{"test=15; max-age=0; max-age=5", "test=15"},
	})
}

func TestPlatformExpires(t *testing.T) { // cookies/attributes/expires
	runPlatform(t, "http://a.test/x", "http://a.test/x", []platformCase{
		{"test=1; Expires=Fri, 01 Jan 2038 00:00:00 GMT", "test=1"},
		{"test=2; Expires=Fri 01 Jan 2038 00:00:00 GMT, baz=qux", "test=2"},
		{"test=expired; Expires=Fri, 07 Aug 2007 08:04:19 GMT\ntest=4; Expires=Fri, 07 Aug 2027 08:04:19 GMT", "test=4"},
		{"test=5; expires=Thu, 10 Apr 1980 16:33:12 GMT", ""},
		{"test=6\ntest=6; expires=Thu, 10 Apr 1980 16:33:12 GMT", ""},
		{"test=7; expires=nonsense", "test=7"},
	})
}

func TestPlatformDomain(t *testing.T) { // cookies/attributes/domain, cookies/domain
	const www, sibling, below, parent = "http://home.example.org/c/x", "http://sibling.example.org/c/x",
		"http://sub.home.example.org/c/x", "http://example.org/c/x"
	for _, test := range []struct {
		readAt string
		cases  []platformCase
	}{
		{www, []platformCase{
			{"test=1; domain=home.example.org", "test=1"},
			{"test=3; domain=.home.example.org", "test=3"},
			{"test=8; domain=.example.org", "test=8"},
			{"test=10; domain=..home.example.org", ""},
			{"test=11; domain=www..example.org", ""},
			{"test=12; domain=  .home.example.org", "test=12"},
			{"test=13; domain=  .  home.example.org", ""},
			{"test=14; domain=home.example.org.", ""},
			{"test=16; domain=home.example.org .", ""},
			{"test=17; domain=org", ""},
			{"test=17; domain=.org", ""},
			{"test=18; domain=..org.", ""},
			{"test=19; domain=.", ""},
			{"testB=20; domain=.home.example.org\ntestA=20; domain=home.example.org", "testB=20; testA=20"},
			{`test=21; domain="home.example.org"`, ""},
			{"testB=23; domain=.example.org\ntestA=23; domain=home.example.org", "testB=23; testA=23"},
			{"test=26; domain=home.eXaMpLe.org", "test=26"},
			{"test=27; domain=home.example.org:80", ""},
			{"test=30; domain=", "test=30"},
			{"test=32; domain=home.example.org; domain=home.example.orgzzz", ""},
			{"test=33; domain=home.example.orgzzz; domain=home.example.org", "test=33"},
			{"test=41; domain=example.org; domain=", "test=41"},
			{"test=42; domain=sibling.example.org; domain=", ""},
			{"test=not44; domain=home.example.org\ntest=44; domain=.home.example.org", "test=44"},
			{"test=46\ntest=46b; domain=home.example.org", "test=46; test=46b"}, // host-only is part of the key
			{"test=47; domain=xample.org", ""},
			{"test=48; domain=ho\xc3\xb6me.example.org", ""},
		}},
		{sibling, []platformCase{
			{"test=2; domain=home.example.org", ""},
			{"test=7; domain=sibling.example.org", ""},
			{"test=24; domain=.example.org; domain=home.example.org", ""},
			{"test=25; domain=home.example.org; domain=.example.org", "test=25"},
		}},
		{below, []platformCase{
			{"test=4; domain=home.example.org", "test=4"},
			{"test=28; domain=sub.home.example.org", ""},
			{"test=29", ""},
		}},
		{parent, []platformCase{{"test=1", ""}, {"test=2; domain=example.org", "test=2"}}},
		{"http://HOME.eXaMpLe.org/c/x", []platformCase{{"test=31; domain=home.example.org", "test=31"}}},
	} {
		runPlatform(t, www, test.readAt, test.cases)
	}
	for _, test := range []struct{ setAt, readAt, line, want string }{
		{"http://127.0.0.1/", "http://127.0.0.1:8080/", "a=1; Domain=127.0.0.1", "a=1"},
		{"http://127.0.0.1/", "http://127.0.0.1/", "a=1; Domain=0.0.1", ""},
		{"http://[::1]/", "http://[::1]:1/", "a=1; Domain=[::1]", "a=1"},
		{"http://localhost/", "http://x.localhost/", "a=1; Domain=localhost", ""},
		{"http://localhost/", "http://localhost/", "a=1; Domain=localhost", "a=1"},
		{"http://github.io/", "http://github.io/", "a=1; Domain=github.io", "a=1"},
		{"http://github.io/", "http://me.github.io/", "a=1; Domain=github.io", ""},
		{"http://me.github.io/", "http://me.github.io/", "a=1; Domain=github.io", ""},
		{"http://a.test./", "http://a.test/", "a=1", ""},
		{"http://b\u00fccher.test/", "http://www.xn--bcher-kva.test/", "a=1; Domain=xn--bcher-kva.test", "a=1"},
	} {
		runPlatform(t, test.setAt, test.readAt, []platformCase{{test.line, test.want}})
	}
}

func TestPlatformPath(t *testing.T) { // cookies/attributes/path, cookies/path
	for _, test := range []struct {
		setAt, path, readAt string
		sent                bool
	}{
		{"/cookies/path/echo.html", "/", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "match.html", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "cookies", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "/cookies", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "/cookies/", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "/cookies/path/echo.html", "/cookies/path/echo.html", true},
		{"/cookies/path/echo.html", "/cook", "/cookies/path/echo.html", false},
		{"/cookies/path/echo.html", "/w/", "/cookies/path/echo.html", false},
		{"/cookies/path/echo.html", "/cookies/path/echo.html/", "/cookies/path/echo.html", false},
		{"/cookies/path/echo.html", "/cookies/path/echo", "/cookies/path/echo.html", false},
		{"/cookies/path/echo.html", "/cookies/path/echo.html/sub", "/cookies/path/echo.html", false},
		{"/a/b/c", "", "/a/b", true},
		{"/a/b/c", "", "/a/bc", false},
		{"/a/b/c", "", "/a/b/d?q=/x", true},
		{"/a/b/", "", "/a/b", true},
		{"/a", "", "/b", true},
		{"/", "", "/x/y", true},
		{"/a", "/A", "/a", false},
		{"/a", "/foo bar", "/foo%20bar", false},
		{"/a", "/foo%20bar", "/foo%20bar", true},
		{"/a", "/\xe4\xb8\xad", "/%E4%B8%AD", false},
		{"/a", "/%E4%B8%AD", "/\u4e2d", true},
		{"/a", `"/a"`, "/a", true},
		{"/a", "/b;Path=", "/c", false}, // what is no path leaves the one before
	} {
		line, want := "test=1; Path="+test.path, ""
		if test.sent {
			want = "test=1"
		}
		runPlatform(t, "http://a.test"+test.setAt, "http://a.test"+test.readAt, []platformCase{{line, want}})
	}
}

func TestPlatformOrdering(t *testing.T) { // cookies/ordering
	runPlatform(t, "http://www.a.test/cookies/ordering/x", "http://www.a.test/cookies/ordering/x", []platformCase{
		{"testA=1\ntestB=1; path=/cookies\ntestC=1; path=/\ntestD=1; path=/cookies\ntestE=1", "testA=1; testE=1; testB=1; testD=1; testC=1"},
		{"testA=2; path=/\ntestB=2; path=/cookies/ordering; domain=.a.test\ntestC=2; domain=.a.test; path=/", "testB=2; testA=2; testC=2"},
	})
}

func TestPlatformPrefix(t *testing.T) { // cookies/prefix
	const secure, plain = "https://a.test/x", "http://a.test/x"
	for _, test := range []struct {
		line           string
		secure, plain  bool
		withoutHTTPOne bool // with IgnoreHTTPPrefixes, over https
	}{
		{"__Secure-c=1", false, false, false},
		{"__Secure-c=1; Secure", true, false, true},
		{"__SeCuRe-c=1", false, false, false},
		{"__Secure-c=1; Secure; Domain=a.test; Path=/x", true, false, true},
		{"__Secur-c=1", true, true, true},
		{"__Host-c=1; Secure", false, false, false}, // its path is "/" by default only
		{"__Host-c=1; Secure; Path=/", true, false, true},
		{"__hOsT-c=1; Path=/", false, false, false},
		{"__Host-c=1; Path=/", false, false, false},
		{"__Host-c=1; Secure; Path=/; Domain=a.test", false, false, false},
		{"__Host-c=1; Secure; Path=/; Domain=", true, false, true},
		{"__Host-c=1; Secure; Path=/x", false, false, false},
		{"__Http-c=1; Secure; HttpOnly", true, false, true},
		{"__Http-c=1; Secure", false, false, true},
		{"__HTTP-c=1; HttpOnly", false, false, true},
		{"__Host-Http-c=1; Secure; HttpOnly; Path=/", true, false, true},
		{"__Host-Http-c=1; Secure; Path=/", false, false, true},
		{"__Host-Http-c=1; Secure; HttpOnly", false, false, false},
		{"=__Secure-c", false, false, false},
		{"__Host-", false, false, false},
		{"__Host-=1", false, false, false},
		{"=__Http-x=1; Secure; HttpOnly", false, false, true},
		{"=__host-http-x=1; Secure; HttpOnly; Path=/", false, false, false},
	} {
		stored := func(url string, policy Policy) bool {
			j := New(Options{Policy: policy})
			j.SetCookies(own(url), []string{test.line})
			return j.Len() == 1
		}
		if got := stored(secure, PolicyFor(browser.Standard())); got != test.secure {
			t.Errorf("https, %s: stored %v", test.line, got)
		}
		if got := stored(plain, PolicyFor(browser.Standard())); got != test.plain {
			t.Errorf("http, %s: stored %v", test.line, got)
		}
		ignoring := Policy{IgnoreHTTPPrefixes: true}
		if got := stored(secure, ignoring); got != (test.withoutHTTPOne) {
			t.Errorf("https, %s, ignoring the newer prefixes: stored %v", test.line, got)
		}
	}
}

func TestPlatformSecure(t *testing.T) { // cookies/secure: leave Secure cookies alone
	for _, test := range []struct {
		existing, line string
		setAt          string
		refused        bool
	}{
		{"c=1; Secure; Path=/", "c=2; Path=/", "http://a.test/x", true},
		{"c=1; Secure; Path=/", "c=2; Path=/", "https://a.test/x", false},
		{"c=1; Path=/", "c=2; Path=/", "http://a.test/x", false},
		{"c=1; Secure; Path=/login", "c=2; Path=/", "http://a.test/x", false},
		{"c=1; Secure; Path=/login", "c=2; Path=/login/en", "http://a.test/x", true},
		{"c=1; Secure; Path=/login", "c=2; Path=/logins", "http://a.test/x", false},
		{"c=1; Secure; Domain=a.test; Path=/", "c=2; Path=/", "http://www.a.test/x", true},
		{"c=1; Secure; Path=/", "c=2; Path=/; Domain=a.test", "http://www.a.test/x", true},
		{"c=1; Secure; Path=/", "c=2; Path=/", "http://www.a.test/x", true}, // though neither host gets both
		{"c=1; Secure; Path=/", "d=2; Path=/", "http://a.test/x", false},
		{"c=1; Secure; Path=/", "c=; Path=/; Max-Age=0", "http://a.test/x", true},
		{"", "c=1; Secure", "http://a.test/x", true},
	} {
		why := ""
		j := New(Options{OnRefused: func(_, w string) { why += w }})
		if test.existing != "" {
			j.SetCookies(own("https://a.test/"), []string{test.existing})
		}
		if why != "" {
			t.Fatalf("%s: %s", test.existing, why)
		}
		j.SetCookies(own(test.setAt), []string{test.line})
		if (why != "") != test.refused {
			t.Errorf("%s, then %s at %s: refused %q", test.existing, test.line, test.setAt, why)
		}
	}
	runPlatform(t, "https://a.test/", "http://a.test/", []platformCase{{"c=1; Secure", ""}})
	runPlatform(t, "https://a.test/", "wss://a.test/", []platformCase{{"c=1; Secure", "c=1"}})
}

func TestPlatformHTTPOnlyOverwrite(t *testing.T) { // cookies/attributes/httponly-overwrite
	page := own("https://a.test/")
	for _, test := range []struct {
		lines    string
		httpOnly bool
	}{
		{"test=1", false},
		{"test=1; HttpOnly", true},
		{"test=1\ntest=1; HttpOnly", true},
		{"test=1; HttpOnly\ntest=1", false},
	} {
		j := New(Options{})
		j.SetCookies(page, strings.Split(test.lines, "\n"))
		if got := j.DocumentCookie(page) == ""; got != test.httpOnly {
			t.Errorf("%q: hidden from script is %v", test.lines, got)
		}
		j.SetDocumentCookie(page, "test=overwritten")
		if got := j.Cookies(page) == "test=1"; got != test.httpOnly {
			t.Errorf("%q: kept from being overwritten is %v", test.lines, got)
		}
	}
}
