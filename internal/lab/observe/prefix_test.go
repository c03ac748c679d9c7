package observe

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

func TestPrefixAdd(t *testing.T) {
	p := &prefix{path: "/P"}
	const page = "http://a.test:18000/dir/page.html"
	for _, test := range []struct{ ref, base, wireBase, want string }{
		// Asked URLs: the page has no prefix.
		{"http://b.test:18001/x?q=1#f", page, page, "http://b.test:18001/P/x?q=1#f"},
		{"http://b.test:18001", page, page, "http://b.test:18001/P/"},
		{"http://b.test:18001?q", page, page, "http://b.test:18001/P/?q"},
		{"HTTP:\\\\B.test:18001\\x", page, page, "HTTP:\\\\B.test:18001/P\\x"},
		{" http://b.test:18001/x\t", page, page, " http://b.test:18001/P/x\t"},
		{"http://b.test/../x", page, page, "http://b.test/P/x"},
		{"http:/x", page, page, "http:/P/x"},
		{"///b.test/x", page, page, "///b.test/P/x"},
		{"http://u:p@b.test/x", page, page, "http://u:p@b.test/P/x"},
		{"/x", page, page, "/P/x"},
		{"x", page, page, "http://a.test:18000/P/dir/x"},
		{"", page, page, "http://a.test:18000/P/dir/page.html"},
		{"/\u00e9", page, page, "/P/\u00e9"},
		{"http://[::1/x", page, page, "http://[::1/x"},
		{"data:,x", page, page, "data:,x"},
		{"mailto:x", page, page, "mailto:x"},
		// Locations: the URL that is redirected has it.
		{"/to", "http://b.test/x", "http://b.test/P/x", "/P/to"},
		{"to", "http://b.test/x", "http://b.test/P/x", "to"},
		{"../to", "http://b.test/d/x", "http://b.test/P/d/x", "../to"},
		{"../to", "http://b.test/x", "http://b.test/P/x", "http://b.test/P/to"},
		{"?q", "http://b.test/x", "http://b.test/P/x", "?q"},
		{"", "http://b.test/x", "http://b.test/P/x", ""},
		{"//c.test/x", "http://b.test/x", "http://b.test/P/x", "//c.test/P/x"},
		{"\\to", "http://b.test/x", "http://b.test/P/x", "/P\\to"},
		{"http:to", "http://b.test/x", "http://b.test/P/x", "http:to"},
	} {
		if got := p.add(test.ref, parse(t, test.base), parse(t, test.wireBase)); got != test.want {
			t.Errorf("%q at %s became %q, not %q", test.ref, test.base, got, test.want)
		}
	}
}

func parse(t testing.TB, url string) *weburl.URL {
	t.Helper()
	u, err := weburl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Whatever the spelling, a browser gets to the same URL with the prefix, and
// what is shown of it is the URL without.
func FuzzPrefix(f *testing.F) {
	for _, ref := range slices.Concat(locations, oddURLs) {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		p := newPrefix()
		for _, base := range []string{"http://b.test:18001/", "https://b.test/d/x?q#f"} {
			plain := parse(t, base)
			for _, wire := range []*weburl.URL{plain, parse(t, p.serialize(plain))} {
				added := p.add(ref, plain, wire)
				want, err := plain.Parse(ref)
				if err != nil || !want.IsHTTP() {
					if added != ref {
						t.Errorf("%q is no URL to ask, and became %q", ref, added)
					}
					continue
				}
				got, err := wire.Parse(added)
				if err != nil || got.String() != p.serialize(want) {
					t.Errorf("%q at %s became %q, which leads to %v (%v), not %s", ref, wire, added, got, err, p.serialize(want))
				} else if stripped := p.strip(got.String()); stripped != want.String() {
					t.Errorf("%q is shown as %q, not %q", ref, stripped, want)
				}
			}
		}
	})
}

func TestPrefixHeaders(t *testing.T) {
	p := &prefix{path: "/P"}
	sent := headers.List{
		{Name: "X-A", Value: "/x"}, {Name: "LOCATION", Value: "http://b.test"}, {Name: "location", Value: "/to"},
		{Name: "Set-Cookie", Value: "a=1; path=/"}, {Name: "set-cookie", Value: "b=/; Path = /d;Secure"}, {Name: "Set-Cookie", Value: "c=1; Path=d"},
	}
	kept := slices.Clone(sent)
	want := headers.List{
		{Name: "X-A", Value: "/x"}, {Name: "LOCATION", Value: "http://b.test/P/"}, {Name: "location", Value: "/P/to"},
		{Name: "Set-Cookie", Value: "a=1; path=/P"}, {Name: "set-cookie", Value: "b=/; Path =/P/d;Secure"}, {Name: "Set-Cookie", Value: "c=1; Path=d"},
	}
	if got := p.headers(sent, "http://a.test/x"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !slices.Equal(sent, kept) {
		t.Error("the scenario's own headers were changed")
	}
	// A page reads what the scenario has, lines combined or not.
	for _, test := range [][2]string{
		{"http://b.test/P/", "http://b.test"}, {"http://b.test/P/, /P/to", "http://b.test, /to"}, {"/x", "/x"}, {"a=1; path=/P", "a=1; path=/"},
	} {
		if got := p.stripValue(test[0]); got != test[1] {
			t.Errorf("%q is shown as %q, not %q", test[0], got, test[1])
		}
	}
}

func TestPrefixCut(t *testing.T) {
	p := &prefix{path: "/P"}
	for _, test := range []struct {
		target, want string
		ok           bool
	}{
		{"/P/x?q", "/x?q", true}, {"/P/", "/", true}, {"/P", "/", true}, {"/P?q", "/?q", true}, {"/x", "", false}, {"/Px", "", false}, {"/", "", false},
	} {
		if got, ok := p.cut(test.target); got != test.want || ok != test.ok {
			t.Errorf("%q is %q, %v, not %q, %v", test.target, got, ok, test.want, test.ok)
		}
	}
}

func TestPrefixesDiffer(t *testing.T) {
	a, b := newPrefix(), newPrefix()
	if a.path == b.path || !strings.HasPrefix(a.path, "/") || len(a.path) != 13 {
		t.Errorf("two prefixes are %q and %q", a.path, b.path)
	}
}
