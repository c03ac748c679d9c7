package redact

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/headers"
)

// What people see of a header.
func TestHeader(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"Cookie", "a=1; b=2", "a=REDACTED; b=REDACTED"}, {"Cookie", "a", "REDACTED"}, {"Cookie", "", ""},
		{"Set-Cookie", "a=1; Path=/; HttpOnly", "a=REDACTED; Path=/; HttpOnly"}, {"Set-Cookie", "a", "REDACTED"},
		{"Set-Cookie", "a=1; Domain=a.example; Max-Age=60; SameSite=None; X=secret", "a=REDACTED; Domain=a.example; Max-Age=60; SameSite=None; REDACTED"},
		{"Authorization", "Bearer abc", "Bearer REDACTED"}, {"Authorization", "abc", "REDACTED"}, {"Authorization", "secret scheme", "REDACTED"},
		{"Proxy-Authorization", "Basic abc", "Basic REDACTED"}, {"X-Api-Key", "abc", "REDACTED"}, {"X-Anything", "abc", "REDACTED"},
		{"Access-Control-Allow-Headers", "x-api-key, authorization", "x-api-key, authorization"}, {"Access-Control-Allow-Origin", "https://u:p@a.example", "https://REDACTED@a.example"},
		{"Access-Control-Allow-Origin", "https://a.example/", "https://a.example/"},
		{"Location", "/cb?code=abc&a=1", "/cb?code=REDACTED&a=1"}, {"Vary", "Origin", "Origin"},
		{"Content-Type", "text/plain;charset=utf-8", "text/plain;charset=utf-8"}, {"Content-Type", "multipart/form-data; boundary=abc", "multipart/form-data; boundary=REDACTED"},
		{"Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"},
		{"Accept", "application/signed-exchange;v=b3;q=0.7", "application/signed-exchange;v=b3;q=0.7"}, {"Accept", "secret", "REDACTED"},
		{"Accept-Language", "de-CH, zh-Hant-TW;q=0.8, en;q=0.7, *", "de-CH, zh-Hant-TW;q=0.8, en;q=0.7, *"}, {"Accept-Language", "secret", "REDACTED"},
		{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.1.2 Safari/537.36", "Mozilla/5 AppleWebKit/537 Chrome/120 Safari/537"},
		{"Server", "nginx/1.18.0 (Ubuntu)", "nginx/1"}, {"Server", "Apache", "Apache"},
		{"WWW-Authenticate", `Bearer realm="x", error="invalid_token", token="y"`, `Bearer realm="REDACTED", error="invalid_token", REDACTED="REDACTED"`},
		{"Cache-Control", "private, max-age=60, x=secret", "private, max-age=60, REDACTED=REDACTED"}, {"Age", "12", "12"}, {"X-Cache", "HIT from secret", "HIT from REDACTED"},
		{"Date", "Tue, 01 Dec 2026 07:30:00 GMT", "Tue, 01 Dec 2026 07:30:00 GMT"}, {"Range", "bytes=0-99", "bytes=0-99"},
		{"X-Any", "[redacted]", "REDACTED"},
	} {
		if got := Header(tt.name, tt.value); got != tt.want {
			t.Errorf("%s: %s is shown as %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
}

// What was a secret somewhere is one everywhere, in whichever spelling.
func TestLearned(t *testing.T) {
	r := new(Shown)
	r.Learn(headers.List{
		{Name: "cookie", Value: `sid=CfXX5bKbQVwZ; short=ab12; number=2024; word=true; quoted="a quoted value"; enc=s%3Aabc%2Bdefgh; site=https://app.example`},
		{Name: "Set-Cookie", Value: "next=NextValue9; Path=/somewhere"}, {Name: "Authorization", Value: "Basic dXNlcjpwYXNzd29yZDE="}, {Name: "X-Api-Key", Value: "keykeykey"},
		{Name: "Accept", Value: "notasecret"},
	})
	for in, want := range map[string]string{
		"https://a.example/x/CfXX5bKbQVwZ/y":              "https://a.example/x/REDACTED/y",
		"https://a.example/x/cfxx5bkbqvwz#CFXX5BKBQVWZ":   "https://a.example/x/REDACTED#REDACTED",
		"/xCfXX5bKbQVwZy":                                 "/xREDACTEDy",
		"/ab12/ab123/xab12":                               "/REDACTED/ab123/xab12",
		"/2024/true/somewhere/notasecret":                 "/2024/true/somewhere/notasecret",
		"/a%20quoted%20value/s:abc+defgh/s%3Aabc%2Bdefgh": "/REDACTED/REDACTED/REDACTED",
		"see NextValue9, keykeykey and password1":         "see REDACTED, REDACTED and REDACTED",
		"https://app.example/x":                           "https://app.example/x",
		"https://CfXX5bKbQVwZ.example/":                   "https://CfXX5bKbQVwZ.example/", // hosts are shown
		"":                                                "",
	} {
		if got := r.Text(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := r.Header("X-Cache", "HIT CfXX5bKbQVwZ"); got != "HIT REDACTED" {
		t.Errorf("got %q", got)
	}
	// More of them than are told apart.
	many := new(Shown)
	for i := range 100 {
		many.Learn(headers.List{{Name: "cookie", Value: fmt.Sprintf("a=samestart%d", i)}})
	}
	if got := many.Text("/samestart99/x"); got != "/REDACTED/x" {
		t.Errorf("got %q", got)
	}
}

// Of what a copy has, only the names that stand for secrets differ from one to the next.
func TestCopy(t *testing.T) {
	name := regexp.MustCompile(`REDACTED-[0-9a-f]{16}`)
	hex := regexp.MustCompile(`[0-9a-fA-F]{16}`)
	c := NewCopy()
	c.Learn(headers.List{{Name: "cookie", Value: "sid=CfXX5bKbQVwZ"}})
	is := func(what, got, want string) {
		t.Helper()
		if got = name.ReplaceAllString(got, "*"); got != want && hex.ReplaceAllString(got, "*") != want {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	for _, tt := range []struct{ name, value, want string }{
		{"access-control-allow-origin", "https://app.example", "https://app.example"}, {"access-control-allow-origin", "https://app.example/secret", "https://app.example/------"},
		{"access-control-allow-origin", "*.app.example, null", "*.app.example, null"}, {"access-control-allow-origin", "secret", "------"},
		{"access-control-allow-origin", "https://u:secret@app.example/?a=secret", "https://-:------@app.example/?-=------"},
		{"access-control-allow-origin", "[redacted]", "REDACTED"}, {"origin", "https://[::1]:8080", "https://[::1]:8080"},
		{"access-control-allow-methods", "GET, put,*, X-SECRET , a b", "GET, put,*, METHOD-* , - -"}, {"access-control-allow-methods", "x-secret", "method-*"},
		{"access-control-allow-headers", "x-a, Authorization, CfXX5bKbQVwZ-x, https://x", "x-a, Authorization, x-*, -----://-"},
		{"access-control-max-age", "600", "600"}, {"access-control-max-age", "12secret", "12------"}, {"access-control-allow-credentials", "True", "True"},
		{"content-type", "text/plain; boundary=secret", "text/plain; boundary=------"}, {"accept", "text/html, secret/secret", "text/html, ------/------"},
		{"accept-language", "de, secret", "de, ------"}, {"range", "bytes=0-99999999999999999999999", "bytes=0-99999999999999999999999"},
		{"location", "https://u:secret@a.example/p/CfXX5bKbQVwZ?a=b&CfXX5bKbQVwZ#secret", "https://*@a.example/p/*?a=*&*"}, {"location", "/x#", "/x"},
		{"referer", "https://u:p@a.example/secret", "https://a.example/"}, {"host", "u@a.example:80", "*@a.example:80"}, {"cookie", "a=b", "REDACTED"}, {"etag", `"secret"`, "REDACTED"},
		{"x-any", "secret", "REDACTED"}, {"x-any", "", ""}, {"authorization", "Bearer secret", "Bearer REDACTED"}, {"vary", "Origin, secret-name", "Origin, secret-name"},
	} {
		is(tt.name+": "+tt.value, c.Header(tt.name, tt.value), tt.want)
	}
	for in, want := range map[string]string{
		"net::ERR_FAILED": "net::ERR_FAILED", "NS_ERROR_DOM_BAD_URI": "NS_ERROR_DOM_BAD_URI", "": "",
		"Origin https://app.example is not allowed by Access-Control-Allow-Origin. Status code: 200": "Origin https://app.example is not allowed by Access-Control-Allow-Origin. Status code: 200",
		"Fetch API cannot load https://a.example/x?token=secret due to access control checks.":       "Fetch … cannot load https://a.example/x?token=* due to access control checks.",
		"secret ERR_secret CfXX5bKbQVwZ": "… … *",
	} {
		is("the error "+in, c.Error(in), want)
	}
	for in, want := range map[string]string{"WebInspector": "WebInspector 5", "WebKit Web Inspector": "WebKit Web Inspector 5", "mitmproxy har_dump": "mitmproxy har_dump 5", "a1b2c3d4e5f6g7h8i9j0k1": "REDACTED 5", "https://u:p@x": "REDACTED 5"} {
		product, version := c.Product(in, "5.37.secret")
		is(in, product+" "+version, want)
	}
	is("a kind", c.Kind("XHR"), "XHR")
	is("a kind", c.Kind("secret"), "other")
	is("a version", c.HTTPVersion("HTTP/1.1"), "HTTP/1.1")
	is("a version", c.HTTPVersion("secret"), "")
	is("a status text", c.StatusText(200, "OK"), "OK")
	is("a status text", c.StatusText(200, "secret"), "")
	is("a header's name", c.HeaderName("x-requested-with-0123"), "x-requested-with-0123")
	is("a header's name", c.HeaderName("GET /?a=secret"), "not a token")
	if a, b := c.Name("secret"), c.Name("secret"); a != b || a == NewCopy().Name("secret") || a != c.Name("secre%74") {
		t.Errorf("names are %q and %q", a, b)
	}
	if got := c.URL(c.URL("https://u:p@a.example/0123456789012345678901?a=b")); got != c.URL(got) {
		t.Errorf("a copy of a copy has %q, and its copy %q", got, c.URL(got))
	}
}

// What is masked is as long as it was, and as safe: it is safelisted if it was.
func TestMaskedIsAsSafe(t *testing.T) {
	c := NewCopy()
	for _, name := range []string{"accept", "accept-language", "content-language", "content-type", "range"} {
		for _, value := range []string{
			"secret", "text/plain", "text/plain; x=secret", "text/plain; x=\"secret\"", "de-CH, secret", "a(b)", "bytes=0-", "bytes=0-9", "bytes=a-9", "bytes=-1", "\xe9", "a\tb", "x{y}", "",
			strings.Repeat("a", 128), strings.Repeat("a", 129), "multipart/form-data; boundary=" + strings.Repeat("b", 98), "multipart/form-data; boundary=" + strings.Repeat("b", 99), "image/x",
		} {
			got := c.Header(name, value)
			if len(got) != len(value) || headers.IsCORSSafelistedRequestHeader(name, got) != headers.IsCORSSafelistedRequestHeader(name, value) {
				t.Errorf("%s: %q becomes %q", name, value, got)
			}
		}
	}
}

// The time grows as the text does, whatever is in it.
func TestTimeIsLinear(t *testing.T) {
	learned := new(Shown)
	copied := NewCopy()
	list := headers.List{{Name: "cookie", Value: "a=aaaaaaaaaaaaaaaab; b=eyJaaaaa; c=aaaaaaaaaaaaaaaaaaaaaaaaaaaac; d=http:http:"}}
	learned.Learn(list)
	copied.Learn(list)
	functions := map[string]func(string){
		"Text": func(s string) { Text(s) }, "Text with values": func(s string) { learned.Text(s) }, "Copy.URL": func(s string) { copied.URL(s) }, "Copy.Error": func(s string) { copied.Error(s) },
	}
	for _, name := range []string{"cookie", "set-cookie", "accept", "accept-language", "user-agent", "www-authenticate", "access-control-allow-origin", "access-control-allow-headers", "location", "cache-control", "host", "sec-ch-ua"} {
		functions["Header "+name] = func(s string) { Header(name, s) }
		functions["Copy.Header "+name] = func(s string) { copied.Header(name, s) }
	}
	for function, f := range functions {
		for _, piece := range []string{"http:", "eyJ", "eyJ.", "@/http:", "://", "=", "a=", "&token=", "%25", "%253d", "\"token\":", "\\\"token\\\":1", ": ", "cookie: ", "/", "a/a/", " ", "\"", "(", "a@", "aaaaaaaa", "aaaa-", ";", ",", "\xe9", "https://a:b@c/?"} {
			took := func(n int) time.Duration {
				s := "https://api.example/@/" + strings.Repeat(piece, n/len(piece))
				best := time.Duration(math.MaxInt64)
				for range 3 {
					begun := time.Now()
					f(s)
					best = min(best, time.Since(begun))
				}
				return best
			}
			const n = 16 << 10
			// What is quadratic takes 16 times as long for 4 times as much.
			for try := 0; ; try++ {
				one, four := took(n), took(4*n)
				if four < 9*max(one, 200*time.Microsecond) {
					break
				}
				if try == 4 {
					t.Errorf("%s of %q: %d bytes take %v, %d bytes %v", function, piece, n, one, 4*n, four)
					break
				}
			}
		}
	}
}
