package origin

import (
	"net"
	"strings"
	"testing"
)

func parse(t *testing.T, s string) Origin {
	t.Helper()
	o, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSite(t *testing.T) {
	tests := []struct{ origin, domain, site string }{
		{"https://example.com", "example.com", "https://example.com"},
		{"https://a.b.example.com:8443", "example.com", "https://example.com"},
		{"https://a.example.co.uk", "example.co.uk", "https://example.co.uk"},
		{"https://example.com.", "example.com.", "https://example.com."},
		{"https://a.example.com.", "example.com.", "https://example.com."},
		{"https://com", "", "https://com"},
		{"https://com.", "", "https://com."},
		{"https://co.uk", "", "https://co.uk"},
		{"https://github.io", "", "https://github.io"},
		{"https://x.corsim.github.io", "corsim.github.io", "https://corsim.github.io"},
		{"https://x.a.b.kawasaki.jp", "a.b.kawasaki.jp", "https://a.b.kawasaki.jp"}, // *.kawasaki.jp, except city
		{"https://x.city.kawasaki.jp", "city.kawasaki.jp", "https://city.kawasaki.jp"},
		{"https://xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn", "https://xn--85x722f.xn--55qx5d.cn"},
		{"http://localhost:3000", "", "http://localhost"},
		{"http://a.localhost", "a.localhost", "http://a.localhost"}, // no rule: the last label is the suffix
		{"http://127.0.0.1:8080", "", "http://127.0.0.1"},
		{"http://[2001:db8::1]:8080", "", "http://[2001:db8::1]"},
		{"http://a..com", "", "http://a..com"},
		{"http://.com", "", "http://.com"},
		{"ws://a.example.com", "example.com", "ws://example.com"},
		{"chrome-extension://a.b.com", "", "chrome-extension://a.b.com"},
		{"null", "", "null"},
	}
	for _, test := range tests {
		o := parse(t, test.origin)
		if got := o.RegistrableDomain(); got != test.domain {
			t.Errorf("%s: registrable domain %q, want %q", test.origin, got, test.domain)
		}
		if got := o.Site(); got != test.site {
			t.Errorf("%s: site %q, want %q", test.origin, got, test.site)
		}
	}
}

func TestSameSite(t *testing.T) {
	tests := []struct {
		a, b             string
		schemeless, site bool
	}{
		{"https://a.example.com", "https://b.example.com:8443", true, true},
		{"https://a.example.com", "http://example.com", true, false},
		{"https://example.com", "wss://example.com", true, false},
		{"https://example.com", "https://example.org", false, false},
		{"https://example.com", "https://example.com.", false, false},
		{"https://a.github.io", "https://b.github.io", false, false},
		{"https://github.io", "https://github.io:1", true, true},
		{"https://com", "https://example.com", false, false},
		{"http://localhost:3000", "http://localhost:8080", true, true},
		{"http://localhost:3000", "https://localhost:8080", true, false},
		{"http://127.0.0.1:1", "http://127.0.0.1:2", true, true},
		{"http://127.0.0.1", "http://1.0.0.1", false, false},
		{"http://[::1]:1", "http://[::1]:2", true, true},
		{"https://example.com", "null", false, false},
		{"null", "null", false, false}, // each is an opaque origin of its own
	}
	for _, test := range tests {
		a, b := parse(t, test.a), parse(t, test.b)
		for range 2 {
			if got := a.SchemelesslySameSite(b); got != test.schemeless {
				t.Errorf("%s, %s: schemelessly same site %t", test.a, test.b, got)
			}
			if got := a.SameSite(b); got != test.site {
				t.Errorf("%s, %s: same site %t", test.a, test.b, got)
			}
			a, b = b, a
		}
		if !a.SameSite(a) || !a.SchemelesslySameSite(a) {
			t.Errorf("%s is not same site with itself", test.a)
		}
	}
}

func TestPotentiallyTrustworthy(t *testing.T) {
	tests := map[string]bool{
		"https://a.example": true, "wss://a.example": true, "file://host": true,
		"http://a.example": false, "ws://a.example": false, "null": false,
		"http://127.0.0.1": true, "http://127.255.255.254:8080": true, "ws://127.0.0.1": true,
		"http://128.0.0.1": false, "http://127.example": false, "http://127.0.0.1.example": false,
		"http://[::1]": true, "http://[::2]": false, "http://[::ffff:7f00:1]": false,
		"http://localhost": true, "http://localhost.": true, "http://a.b.localhost.": true, "http://a.b.localhost:3000": true,
		"http://localhost.example": false, "http://xlocalhost": false, "http://localhost..": false,
	}
	for s, want := range tests {
		if got := parse(t, s).PotentiallyTrustworthy(); got != want {
			t.Errorf("%s: %t, want %t", s, got, want)
		}
	}
}

// Every loopback address but the IPv4-mapped ones counts, and nothing else does.
func FuzzPotentiallyTrustworthy(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{10, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != net.IPv4len {
			return
		}
		ip := net.IP(b)
		if got := New("http", ip.String(), -1).PotentiallyTrustworthy(); got != ip.IsLoopback() {
			t.Errorf("%v: %t", ip, got)
		}
		if got := New("http", strings.ReplaceAll(ip.String(), ".", "-"), -1).PotentiallyTrustworthy(); got {
			t.Errorf("%v with hyphens is trustworthy", ip)
		}
	})
}

// Two origins are schemelessly same site if their registrable domains are the same, whatever is looked at first.
func TestSameSiteIsThatOfRegistrableDomains(t *testing.T) {
	var all []Origin
	for _, host := range []string{
		"com", "com.", "a.com", "b.com", "ba.com", "x.a.com", "y.a.com", "a.com.", "x.a.com.", "co.uk", "a.co.uk", "b.co.uk", "x.a.co.uk",
		"github.io", "a.github.io", "b.github.io", "localhost", "a.localhost", "x.a.localhost", "127.0.0.1", "1.0.0.1", "a..com", ".com", "a.com..",
	} {
		all = append(all, New("https", host, -1))
	}
	for _, a := range all {
		for _, b := range all {
			domain := a.RegistrableDomain()
			want := a.Host() == b.Host() || domain != "" && domain == b.RegistrableDomain()
			if got := a.SchemelesslySameSite(b); got != want {
				t.Errorf("%s and %s: %t, want %t", a, b, got, want)
			}
		}
	}
}
