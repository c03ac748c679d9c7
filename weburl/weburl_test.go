package weburl

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/origin"
)

// parts is all that a URL says of itself, except the identity of an opaque origin.
type parts struct {
	Href, WithoutFragment                      string
	Scheme, Username, Password, Host           string
	Port, EffectivePort                        int
	Path, Query, Fragment                      string
	HasQuery, HasFragment                      bool
	OpaquePath, HTTP, Credentials, Trustworthy bool
	Origin                                     string
}

func partsOf(u *URL) (p parts) {
	p = parts{
		Href: u.String(), WithoutFragment: u.StringExcludingFragment(),
		Scheme: u.Scheme(), Username: u.Username(), Password: u.Password(), Host: u.Host(),
		Port: u.Port(), EffectivePort: u.EffectivePort(),
		Path:       u.Path(),
		OpaquePath: u.HasOpaquePath(), HTTP: u.IsHTTP(), Credentials: u.IncludesCredentials(),
		Trustworthy: u.PotentiallyTrustworthy(),
		Origin:      u.Origin().String(),
	}
	p.Query, p.HasQuery = u.Query()
	p.Fragment, p.HasFragment = u.Fragment()
	return p
}

func mustParse(t testing.TB, base, ref string) *URL {
	t.Helper()
	var b *URL
	if base != "" {
		b = mustParse(t, "", base)
	}
	u, err := b.Parse(ref)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// parsed is what browsers make of a reference; "" stands for a failure.
var parsed = []struct{ base, ref, href string }{
	// Already serialized.
	{"", "https://api.example/v1/items?id=1&x=%20#top", "https://api.example/v1/items?id=1&x=%20#top"},
	{"", "http://localhost:8080", "http://localhost:8080/"},
	{"", "https://a.example?q", "https://a.example/?q"},
	{"", "https://a.example#f", "https://a.example/#f"},
	{"", "https://a.example?", "https://a.example/?"},
	{"", "https://a.example#", "https://a.example/#"},
	{"", "https://a.example//x//", "https://a.example//x//"},
	{"", "https://a.example/.well-known/x", "https://a.example/.well-known/x"},
	{"", "https://a.example/.../..x/%2", "https://a.example/.../..x/%2"},
	{"", "https://a.example/a%2fb%zz", "https://a.example/a%2fb%zz"},
	{"", "http://127.0.0.1:65535/", "http://127.0.0.1:65535/"},
	{"", "http://a.example:0/", "http://a.example:0/"},
	{"", "http://1a.example2/", "http://1a.example2/"},

	// What the parser changes.
	{"", "HTTPS://A.Example:443/", "https://a.example/"},
	{"", "http://a.example:080/", "http://a.example/"},
	{"", "http://a.example:/", "http://a.example/"},
	{"", "http:a.example", "http://a.example/"},
	{"", `https:\\a.example\x\..\y?\`, `https://a.example/y?\`},
	{"", " \thttps://a.exa\nmple/\r\n ", "https://a.example/"},
	{"", "https://a.example/a b\"^`{}<>'?\"<>'^`#\"<>`'^", "https://a.example/a%20b%22%5E%60%7B%7D%3C%3E'?%22%3C%3E%27^`#%22%3C%3E%60'^"},
	{"", "https://a.example/é?é#é", "https://a.example/%C3%A9?%C3%A9#%C3%A9"},
	{"", "https://a.example/\xffx\xe2\x82y\xf0\x9f\x98", "https://a.example/%EF%BF%BDx%EF%BF%BDy%EF%BF%BD"},
	{"", "https://a.example/\x00\x7f", "https://a.example/%00%7F"},
	{"", "https://a.example/a/./b/../c", "https://a.example/a/c"},
	{"", "https://a.example/a/%2e/b/%2E./c", "https://a.example/a/c"},
	{"", "https://a.example/a/..", "https://a.example/"},
	{"", "https://a.example/../../.", "https://a.example/"},
	{"", "https://a.example/a/.?x", "https://a.example/a/?x"},
	{"", "https://user:p@ss:w@a.example/", "https://user:p%40ss%3Aw@a.example/"},
	{"", "https://user@a.example/", "https://user@a.example/"},
	{"", "https://:pass@a.example/", "https://:pass@a.example/"},
	{"", "https://:@a.example/", "https://a.example/"},
	{"", "https://Bücher.example/", "https://xn--bcher-kva.example/"},
	{"", "https://XN--BCHER-KVA.example/", "https://xn--bcher-kva.example/"},
	{"", "https://faß.example/", "https://xn--fa-hia.example/"},
	{"", "https://ex%61mple/", "https://example/"},
	{"", "https://a。example/", "https://a.example/"},
	{"", "https://a_b.*.example./", "https://a_b.*.example./"},
	{"", "https://a..b/", "https://a..b/"},
	{"", "https://../", "https://../"},
	{"", "https://XN--/", "https://xn--/"},
	{"", "https://xn--a.example/", "https://xn--a.example/"},
	{"", "https://xn--a.\u00FC.example/", ""},
	{"", "https://\u1E9E.example/", "https://xn--zca.example/"},
	{"", "https://look\u180Eout.example/", "https://lookout.example/"},
	{"", "https://\u2260.example/", "https://xn--1ch.example/"},
	{"", "https://+1/", "https://+1/"},

	// IPv4 and IPv6 addresses.
	{"", "https://1.2.3/4@x:y", "https://1.2.0.3/4@x:y"},
	{"", "http://0x7f.1/", "http://127.0.0.1/"},
	{"", "http://2130706433/", "http://127.0.0.1/"},
	{"", "http://0177.0.0.1./", "http://127.0.0.1/"},
	{"", "http://１２７.0.0.1/", "http://127.0.0.1/"},
	{"", "http://[0:0::1]:80/", "http://[::1]/"},
	{"", "http://[::127.0.0.1]/", "http://[::7f00:1]/"},
	{"", "http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"},
	{"", "http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"},
	{"", "http://[1:2:3:4:5:6:7::]/", "http://[1:2:3:4:5:6:7:0]/"},

	// Other schemes.
	{"", "data:text/plain,a b?c d#e f", "data:text/plain,a b?c%20d#e%20f"},
	{"", "data:x  #f", "data:x %20#f"},
	{"", "about:blank", "about:blank"},
	{"", "about:", "about:"},
	{"", "x:", "x:"},
	{"", "x:/..", "x:/"},
	{"", "x:/.//p", "x:/.//p"},
	{"", "x:/a/..//p", "x:/.//p"},
	{"", "x://", "x://"},
	{"", "x://U@H:80?q'", "x://U@H:80?q'"},
	{"", `x://h/\a`, `x://h/\a`},
	{"", "ws://a.example:80/", "ws://a.example/"},
	{"", "ftp://a.example:21/", "ftp://a.example/"},
	{"", "file:c|/x", "file:///c:/x"},
	{"", "file://localhost/x", "file:///x"},
	{"", `file:\\host\share`, "file://host/share"},
	{"", "file:///c:/../..", "file:///c:/"},
	{"", "file://c:/x", "file:///c:/x"},

	// Relative references.
	{"https://u:p@a.example:8443/d/e?q#f", "/x?y#z", "https://u:p@a.example:8443/x?y#z"},
	{"https://u:p@a.example:8443/d/e?q#f", "", "https://u:p@a.example:8443/d/e?q"},
	{"https://u:p@a.example:8443/d/e?q#f", "#", "https://u:p@a.example:8443/d/e?q#"},
	{"https://u:p@a.example:8443/d/e?q#f", "#z/?", "https://u:p@a.example:8443/d/e?q#z/?"},
	{"https://u:p@a.example:8443/d/e?q#f", "?z", "https://u:p@a.example:8443/d/e?z"},
	{"https://u:p@a.example:8443/d/e?q#f", "x/y", "https://u:p@a.example:8443/d/x/y"},
	{"https://u:p@a.example:8443/d/e?q#f", "x?a:b", "https://u:p@a.example:8443/d/x?a:b"},
	{"https://a.example/d/e", "x:y", "x:y"},
	{"https://a.example/d/e", "./x:y", "https://a.example/d/x:y"},
	{"https://a.example/d/e", "..", "https://a.example/"},
	{"https://a.example/d/e", ".", "https://a.example/d/"},
	{"https://a.example/d/e", "../../x", "https://a.example/x"},
	{"https://a.example/d/e", "%2e%2E/x", "https://a.example/x"},
	{"https://a.example/d/e", "//b.example", "https://b.example/"},
	{"https://a.example/d/e", `/\b.example`, "https://b.example/"},
	{"https://a.example/d/e", "///b.example", "https://b.example/"},
	{"https://a.example/d/e", "https:x", "https://a.example/d/x"},
	{"https://a.example/d/e", "https:/x", "https://a.example/x"},
	{"https://a.example/d/e", "http:x", "http://x/"},
	{"https://a.example/d/e", "http://b.example/", "http://b.example/"},
	{"data:x?y#z", "#w", "data:x?y#w"},
	{"x://h/a/b", "../c", "x://h/c"},
	{"x:/a", "//h", "x://h"},
	{"x://h", "c", "x://h/c"},
	{"file:///c:/d/e", "/f", "file:///c:/f"},
	{"file:///c:/d/e", "d|/f", "file:///d:/f"},
	{"file://h/d/e?q", "", "file://h/d/e?q"},

	// Refused.
	{"", "", ""},
	{"", "/x", ""},
	{"", "a.example", ""},
	{"", "1http://a.example", ""},
	{"", "https://", ""},
	{"", "https://?x", ""},
	{"", "https://user@/", ""},
	{"", "https://:80/", ""},
	{"", "https://a.example:65536/", ""},
	{"", "https://a.example:8x/", ""},
	{"", "https://a b/", ""},
	{"", "https://a%/", ""},
	{"", "https://a%00b/", ""},
	{"", "https://a|b/", ""},
	{"", "https://a\xff/", ""},
	{"", "https://\u00ad/", ""},
	{"", "https://256.0.0.1/", ""},
	{"", "https://1.2.3.4.5/", ""},
	{"", "https://08/", ""},
	{"", "https://a.1/", ""},
	{"", "https://4294967296/", ""},
	{"", "https://[::1/", ""},
	{"", "https://[[::1]]/", ""},
	{"", "https://[::1%25eth0]/", ""},
	{"", "https://[1.2.3.4]/", ""},
	{"", "https://[1::2::3]/", ""},
	{"", "x://a<b", ""},
	{"data:x", "y", ""},
	{"https://a.example/", "http://[", ""},
}

func TestParse(t *testing.T) {
	for _, test := range parsed {
		var base *URL
		if test.base != "" {
			base = mustParse(t, "", test.base)
		}
		u, err := base.Parse(test.ref)
		if test.href == "" {
			var e *Error
			if !errors.As(err, &e) || e.Input != test.ref || e.Base != test.base || e.Problem == "" {
				t.Errorf("Parse(%q, base %q) = %v, %v, want an *Error", test.ref, test.base, u, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q, base %q): %v, want %q", test.ref, test.base, err, test.href)
		} else if u.String() != test.href {
			t.Errorf("Parse(%q, base %q) = %q, want %q", test.ref, test.base, u, test.href)
		}
	}
}

func TestParts(t *testing.T) {
	tests := []parts{
		{
			Href: "https://u:p@a.example:8443/d/e?q#f", WithoutFragment: "https://u:p@a.example:8443/d/e?q",
			Scheme: "https", Username: "u", Password: "p", Host: "a.example", Port: 8443, EffectivePort: 8443,
			Path: "/d/e", Query: "q", HasQuery: true, Fragment: "f", HasFragment: true,
			HTTP: true, Credentials: true, Trustworthy: true, Origin: "https://a.example:8443",
		},
		{
			Href: "http://[::2]/?#", WithoutFragment: "http://[::2]/?",
			Scheme: "http", Host: "[::2]", Port: -1, EffectivePort: 80, Path: "/", HasQuery: true, HasFragment: true,
			HTTP: true, Origin: "http://[::2]",
		},
		{
			Href: "wss://:p@a.example/", WithoutFragment: "wss://:p@a.example/",
			Scheme: "wss", Password: "p", Host: "a.example", Port: -1, EffectivePort: 443, Path: "/",
			Credentials: true, Trustworthy: true, Origin: "wss://a.example",
		},
		{
			Href: "data:,a:b@c?d", WithoutFragment: "data:,a:b@c?d",
			Scheme: "data", Port: -1, EffectivePort: -1, Path: ",a:b@c", Query: "d", HasQuery: true,
			OpaquePath: true, Trustworthy: true, Origin: "null",
		},
		{
			Href: "x:/.//p", WithoutFragment: "x:/.//p",
			Scheme: "x", Port: -1, EffectivePort: -1, Path: "//p", Origin: "null",
		},
		{
			Href: "x://h:1", WithoutFragment: "x://h:1",
			Scheme: "x", Host: "h", Port: 1, EffectivePort: 1, Origin: "null",
		},
		{
			Href: "file:///x", WithoutFragment: "file:///x",
			Scheme: "file", Port: -1, EffectivePort: -1, Path: "/x", Trustworthy: true, Origin: "null",
		},
	}
	for _, want := range tests {
		if diff := cmp.Diff(want, partsOf(mustParse(t, "", want.Href))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Href, diff)
		}
	}
}

func TestOrigin(t *testing.T) {
	tests := []struct{ url, origin string }{
		{"https://u:p@a.example:443/x", "https://a.example"},
		{"http://a.example:443", "http://a.example:443"},
		{"ftp://a.example", "ftp://a.example"},
		{"blob:https://a.example:8443/uuid", "https://a.example:8443"},
		{"blob: http://a.example/uuid", "http://a.example"},
		{"blob:ftp://a.example/uuid", "null"},
		{"blob:blob:https://a.example/uuid", "null"},
		{"blob:https://", "null"},
		{"blob:", "null"},
		{"data:,", "null"},
		{"about:blank", "null"},
		{"chrome-extension://abc/", "null"},
	}
	for _, test := range tests {
		u := mustParse(t, "", test.url)
		if got := u.Origin().String(); got != test.origin {
			t.Errorf("origin of %q = %q, want %q", test.url, got, test.origin)
		}
		if first := u.Origin(); first != u.Origin() || first != u.WithFragment("f", true).Origin() {
			t.Errorf("%q has two origins", test.url)
		}
		if same := u.Origin() == mustParse(t, "", test.url).Origin(); same != (test.origin != "null") {
			t.Errorf("%q parsed twice: same origin = %t", test.url, same)
		}
	}
	if got, want := mustParse(t, "", "https://a.example:8443/").Origin(), origin.New("https", "a.example", 8443); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPotentiallyTrustworthy(t *testing.T) {
	tests := map[string]bool{
		"https://a.example/": true, "http://a.example/": false, "wss://a.example/": true, "ws://a.example/": false,
		"http://127.9.9.9/": true, "http://[::1]:8080/": true, "http://x.localhost/": true,
		"about:blank": true, "about:blank?x#y": true, "about:srcdoc": true, "about:srcdoc?x": false, "about:config": false,
		"about://blank": false, "data:,": true, "file:///x": true, "blob:https://a.example/x": true,
		"blob:http://a.example/x": false, "ftp://a.example/": false, "x:y": false,
	}
	for url, want := range tests {
		if got := mustParse(t, "", url).PotentiallyTrustworthy(); got != want {
			t.Errorf("%q: %t, want %t", url, got, want)
		}
	}
}

func TestWith(t *testing.T) {
	const full = "http://u:p@a.example:443/d?q#f"
	fragment := func(s string, ok bool) func(*URL) *URL {
		return func(u *URL) *URL { return u.WithFragment(s, ok) }
	}
	scheme := func(s string) func(*URL) *URL { return func(u *URL) *URL { return u.WithScheme(s) } }
	tests := []struct {
		url  string
		with func(*URL) *URL
		want string
	}{
		{full, fragment("g", true), "http://u:p@a.example:443/d?q#g"},
		{full, fragment("", true), "http://u:p@a.example:443/d?q#"},
		{full, fragment("", false), "http://u:p@a.example:443/d?q"},
		{full, fragment("f", true), full},
		{"data:x", fragment("y", true), "data:x#y"},
		{full, scheme("https"), "https://u:p@a.example/d?q#f"},
		{"http://a.example/", scheme("https"), "https://a.example/"},
		{"http://a.example:8080/", scheme("https"), "https://a.example:8080/"},
		{"http://[::1]/", scheme("wss"), "wss://[::1]/"},
		{full, scheme("http"), full},
		{full, (*URL).WithoutCredentials, "http://a.example:443/d?q#f"},
		{"http://u@[::1]/?#", (*URL).WithoutCredentials, "http://[::1]/?#"},
		{"http://:p@a.example", (*URL).WithoutCredentials, "http://a.example/"},
		{"data:x", (*URL).WithoutCredentials, "data:x"},
	}
	for _, test := range tests {
		u := mustParse(t, "", test.url)
		got := test.with(u)
		if diff := cmp.Diff(partsOf(mustParse(t, "", test.want)), partsOf(got)); diff != "" {
			t.Errorf("from %q (-parsed %q, +got):\n%s", test.url, test.want, diff)
		}
		if diff := cmp.Diff(partsOf(mustParse(t, "", test.url)), partsOf(u)); diff != "" {
			t.Errorf("%q has changed:\n%s", test.url, diff)
		}
	}
}

func TestErrorText(t *testing.T) {
	base := mustParse(t, "", "https://a.example/")
	_, err := base.Parse("https://b.example:99999/")
	want := `"https://b.example:99999/" is not a URL relative to "https://a.example/": the port is larger than 65535`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, err = Parse("https://" + strings.Repeat("é", 1000) + ":x/")
	if err == nil || len(err.Error()) > 3*maxQuoted {
		t.Errorf("a long input's error is not cut: %v", err)
	}
}

// A server chooses the Location, so nothing in it may cost more than its length.
func TestLongInputs(t *testing.T) {
	const n = 200_000
	r := strings.Repeat
	base := mustParse(t, "", "https://a.example/"+r("d/", n))
	start := time.Now()
	for _, s := range []string{
		"https://a.example/\"" + r("/a", n), "https://a.example/" + r("a/", n) + r("../", n),
		"https://" + r("@", n) + "a.example/", "https://" + r("u", n) + ":" + r(`"`, n) + "@a.example",
		"https:" + r("/", n) + "a", "x://" + r("é", n), "x:" + r("?", n), "data:" + r(" ", n) + "#",
		r("blob:", n) + "https://a.example/", r("../", n), r("\t", n) + "x", "https://" + r("1.", n), "https://" + r("xn--a.", n/10),
	} {
		base.Parse(s) // whether it is refused is the table's business
	}
	// Quadratic time is minutes here, linear a fraction of a second.
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
	if _, err := Parse("https://a.example/" + r("x", maxLength)); err == nil {
		t.Error("a URL longer than maxLength is not refused")
	}
	if _, err := Parse("https://a.example/" + r(" ", maxLength/2) + "x"); err == nil {
		t.Error("a URL whose serialization is longer than maxLength is not refused")
	}
}

func FuzzPlain(f *testing.F) {
	for _, test := range parsed {
		f.Add(test.base, test.ref)
	}
	f.Fuzz(func(t *testing.T, baseInput, ref string) {
		var base *URL
		if baseInput != "" {
			var err error
			if base, err = Parse(baseInput); err != nil {
				return
			}
		}
		u, err := base.Parse(ref)
		v, errAny := base.parseAny(ref)
		if (err == nil) != (errAny == nil) {
			t.Fatalf("Parse(%q, base %v) = %v, %v, but parseAny: %v, %v", ref, base, u, err, v, errAny)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(partsOf(v), partsOf(u)); diff != "" {
			t.Errorf("Parse(%q, base %v) (-parseAny +Parse):\n%s", ref, base, diff)
		}
	})
}

func FuzzParseString(f *testing.F) {
	for _, test := range parsed {
		f.Add(test.base, test.ref)
	}
	f.Fuzz(func(t *testing.T, baseInput, ref string) {
		base, err := Parse(baseInput)
		if err != nil {
			base = nil
		}
		u, err := base.Parse(ref)
		if err != nil {
			return
		}
		again, err := Parse(u.String())
		if err != nil {
			t.Fatalf("%q gives %q, which is refused: %v", ref, u, err)
		}
		if diff := cmp.Diff(partsOf(u), partsOf(again)); diff != "" {
			t.Errorf("%q (-once +twice):\n%s", ref, diff)
		}
		if diff := cmp.Diff(partsOf(u.WithoutCredentials()), partsOf(mustParse(t, "", u.WithoutCredentials().String()))); diff != "" {
			t.Errorf("%q without credentials:\n%s", u, diff)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	base := mustParse(b, "", "https://api.example.com/v1/")
	for _, bench := range []struct{ name, ref string }{
		{"plain", "https://api.example.com/v1/items/42?fields=name,price&page=2"},
		{"plainPort", "http://localhost:8080/api/items"},
		{"originOnly", "https://www.example.com"},
		{"absolutePath", "/v2/items?page=2"},
		{"relativePath", "items?page=2"},
		{"anyEncoded", "https://api.example.com/v1/items/forty two?q=a b"},
		{"anyDots", "https://api.example.com/v1/../v2/items"},
		{"anyIDN", "https://bücher.example/"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := base.Parse(bench.ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
