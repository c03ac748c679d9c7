package observe

import (
	"fmt"
	"strings"
)

// The documents that ask, and the origins that are asked: the same one, one that
// differs in its port, one of the same site, and two of other sites.
const (
	plainClient  = "http://a.test:18000"
	secureClient = "https://a.test:18443"
)

var (
	plainTargets  = []string{"http://b.test:18001", "http://b.test:18001", "http://www.a.test:18001", "http://a.test:18002", "http://c.test:18003", "http://a.test:18000"}
	secureTargets = []string{"https://b.test:18444", "https://www.a.test:18444", "https://a.test:18445", "https://c.test:18446", "https://a.test:18443"}
	paths         = []string{"/x", "/x", "/x", "/", "/x?q=1", "/dir/y"}
)

// cross returns a URL of another origin than the plain client's.
func (g *generator) cross() string { return pick(g, plainTargets[:5]...) + pick(g, paths...) }

// target returns any plain URL.
func (g *generator) target() string { return pick(g, plainTargets...) + pick(g, paths...) }

var credentialsModes = []string{"", "omit", "same-origin", "include"}

// allowOrigin returns Access-Control-Allow-Origin lines for an origin: right ones
// mostly, and values that nearly are.
func (g *generator) allowOrigin(origin string, right int) [][2]string {
	const name = "Access-Control-Allow-Origin"
	if g.chance(right) {
		return g.lines(name, pick(g, origin, origin, "*"))
	}
	host := strings.TrimPrefix(strings.TrimPrefix(origin, "https://"), "http://")
	value := pick(g,
		"", " ", "null", "NULL", "Null", "**", "*, *", "* *", "*;", `"*"`, "%2A", "'*'", "*.test", "http://*",
		origin+"/", origin+"/page.html", strings.ToUpper(origin), "HTTP://"+host, "//"+host, host, "https://"+host,
		origin+", "+origin, origin+","+origin, "*, "+origin, origin+", *", origin+" "+origin, `"`+origin+`"`,
		origin+"#", origin+"?", "http://a.test", "http://a.test:80", "http://a.test.:18000", "http://b.test:18001",
		"http://www.a.test:18000", strings.TrimSuffix(origin, "0"), origin+"0", origin+":", "http://u@"+host,
		origin+";", origin+"\u00e9", "\u0001"+origin, origin+"\u0001", origin[:len(origin)-1]+"\u007f",
	)
	return g.lines(name, g.spaced(value), "", "*", origin, "null")
}

// allowCredentials returns Access-Control-Allow-Credentials lines, or none.
func (g *generator) allowCredentials(right int) [][2]string {
	const name = "Access-Control-Allow-Credentials"
	switch {
	case g.chance(right):
		return g.lines(name, "true")
	case g.chance(30):
		return nil
	}
	value := pick(g, "TRUE", "True", "tRuE", "", "false", "1", "yes", "*", `"true"`, "true, true", "true,true", ",true",
		"true,", "true;", "true=1", "truee", "tru", "t rue", "true\u00e9", "?1", "true, false")
	return g.lines(name, g.spaced(value), "true", "", "false")
}

var methods = []string{
	"GET", "HEAD", "POST", "PUT", "PUT", "DELETE", "PATCH", "OPTIONS",
	"get", "head", "post", "put", "delete", "patch", "options", "Patch", "pAtCh", "gET", "Post", "Put",
	"FOO", "foo", "X-Y!", "PUT2", "PROPFIND", "TRACE", "track", "CONNECT", "Connect",
	"", " PUT", "PUT ", "P T", "PÜT", "P,T", `"PUT"`, "GET\n", "*", "PU\tT", "(PUT)", "M-SEARCH", "QUERY",
}

var contentTypes = []string{
	"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json", "text/html", "text/xml",
	"TEXT/PLAIN", "Text/Plain;charset=UTF-8", "text/plain;charset=utf-8", "text/plain; charset=x", "text/plain ", " text/plain",
	"text/plain;", "text/plain;;", "text/plain; ;a=b", "text/plain,", "text/plain, text/plain", "text/plain, application/json",
	"text/plain;a=b,c", "text/plain;a=\"b,c\"", "text/plain;a=\"b", "text /plain", "text/ plain", "text/", "/plain", "text", "", "*/*",
	"text/plainx", "text/plain/x", "text/plain;x=(y)", "text/plain;x=\u00e9", "multipart/form-data; boundary=b",
	"multipart/form-data;boundary=\"a b\"", "application/x-www-form-urlencoded;charset=windows-1252", "application/csp-report",
	"text/plain;q=1 ;b=2", "text/plain\t;a=b", "text/plain;a = b", "text/plain;=b", "text/plain;a", "text/plain:", "text/plain?",
}

// filled returns a value of exactly n bytes that begins with start.
func filled(start string, n int) string {
	if len(start) >= n {
		return start
	}
	return start + strings.Repeat("a", n-len(start))
}

// length returns a length around a limit.
func (g *generator) length(limit int) int { return limit + pick(g, -1, 0, 0, 1, 2) }

// safelisted returns a header that the standard may take to be safe.
func (g *generator) safelisted() [2]string {
	unsafe := pick(g, "\"", "(", ")", ":", "<", ">", "?", "@", "[", "\\", "]", "{", "}", "\u007f", "\u0001", "\t", "\u0080", "\u00ff", "")
	switch g.IntN(7) {
	case 0:
		value := pick(g, "*/*", "text/html", "text/html, */*;q=0.5", "", "a"+unsafe+"b", unsafe, filled("*/*,", g.length(128)))
		return [2]string{g.recase("Accept"), g.spaced(value)}
	case 1:
		value := pick(g, "en", "en, de;q=0.5", "*", "", "en"+unsafe+"de", "e_n", "en-US", "e!n", "en.", "a=b", filled("en,", g.length(128)))
		return [2]string{g.recase("Accept-Language"), g.spaced(value)}
	case 2:
		value := pick(g, "en", "de, fr", "", "en"+unsafe, "en/x", "*", filled("en,", g.length(128)))
		return [2]string{g.recase("Content-Language"), g.spaced(value)}
	case 3, 4:
		value := pick(g, contentTypes...)
		if g.chance(10) {
			value = filled("text/plain;x=", g.length(128))
		}
		return [2]string{g.recase("Content-Type"), g.spaced(value)}
	case 5:
		return [2]string{g.recase("Range"), g.spaced(g.rangeValue())}
	}
	return [2]string{g.recase(pick(g, "Accept", "Accept-Language", "Content-Language")), "a" + unsafe}
}

func (g *generator) rangeValue() string {
	return pick(g, "bytes=0-1", "bytes=0-", "bytes=-1", "bytes=1-0", "bytes=00-01", "bytes=0-0", "bytes=", "bytes=-", "bytes",
		"Bytes=0-1", "bytes = 0-1", "bytes= 0-1", "bytes=0 - 1", "bytes=0-1,2-3", "bytes=0-1,", "bytes=+0-1", "bytes=0-+1",
		"bytes=a-b", "bytes=0--1", "bytes=0-9223372036854775807", "bytes=9223372036854775808-", "bytes=18446744073709551616-",
		"items=0-1", "bytes=0-1 ", "bytes:0-1", "bytes=0x1-2", "")
}

var hintNames = []string{
	"DPR", "Width", "Viewport-Width", "Device-Memory", "Downlink", "ECT", "RTT", "Save-Data", "Sec-CH-UA", "Sec-CH-UA-Mobile",
	"Sec-CH-DPR", "Sec-CH-Width", "Sec-CH-Save-Data", "Sec-CH-Prefers-Color-Scheme", "Content-DPR", "Intervention", "User-Agent",
	"Purpose", "X-Requested-With",
}

var hintValues = []string{"1", "on", "On", "", "0", "-1", "1.5", "1e3", "+1", "2.", ".5", "on;x", `"on"`, "4g", "slow-2g", " 1", "1 ", "?1", "a,b", "1\u00e9"}

// customNames are names of request headers that ask for a preflight.
var customNames = []string{"X-A", "X-B", "x-a", "x_c", "X-Ok", "Authorization", "If-None-Match", "Link", "Cache-Control", "Pragma", "DNT", "Upgrade", "X-Longer-Header-Name"}

var oddNames = []string{
	"", " ", "x a", "x:", "x\u00e9", "(x)", "x,y", "\"x\"", "x!#$%&'*+-.^_`|~", "123", "x_a", "-", "X\u0130", "x\n", "x\t", "@x", "x/y", "x;y", "x=y", "*",
	":authority", "__proto__", "constructor",
}

var oddValues = []string{
	"", " ", "v", " v ", "\tv", "v\t", "a b", "a, b", "\u00e9", "\u00ff", "\u0080", "\u0001", "\u007f", "\r", "v\n", "\nv", "\rv", "a\nb",
	"a\u0000b", "\v", "\"", "\u0100", "\U0001F600",
}

var forbiddenNames = []string{
	"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Connection", "Content-Length",
	"Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding",
	"Upgrade", "Via", "Proxy-X", "proxy-", "Proxy", "Sec-X", "sec-", "Sec", "Sec-Fetch-Mode", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override",
	"Access-Control-Request-Private-Network", "Access-Control-Request-X", "Sec-CH-UA", "Clear-Site-Data", "Set-Cookie2", "Sec-Purpose", "Priority",
}

var maxAges = []string{
	"0", "1", "5", "10", "60", "600", "601", "7200", "7201", "86400", "86401", "2147483647", "2147483648", "9223372036854775807",
	"9223372036854775808", "18446744073709551616", "-1", "+10", "-0", "010", "", " ", "1.5", "10s", "0x10", "10 20", "10, 20", "10,", ",10", "a", `"10"`, "1e1",
	"10;", "\u00b2", "-", "+",
}

var responseHeaders = [][2]string{
	{"X-A", "1"}, {"x-b", "2"}, {"X-C", ""}, {"X-D", " v "}, {"X-E", "\u00e9"}, {"X-F", "\u0001"}, {"X-G", "a, b"}, {"x-a", "3"},
	{"Cache-Control", "no-cache"}, {"Content-Language", "en"}, {"Content-Type", "text/plain"}, {"Expires", "0"},
	{"Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Pragma", "no-cache"}, {"Server", "s"}, {"Vary", "Origin"}, {"ETag", `"e"`},
	{"Set-Cookie", "a=1"}, {"Set-Cookie2", "b=2"}, {"Link", "<x>"}, {"Age", "1"}, {"Warning", "w"}, {"Content-Disposition", "inline"},
	{"Content-Range", "bytes 0-1/2"}, {"Accept-Ranges", "bytes"}, {"Proxy-Authenticate", "x"}, {"Timing-Allow-Origin", "*"}, {"X-Frame-Options", "DENY"},
	{"Location", "/elsewhere"}, {"Content-Length", "4"}, {"Date", "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Transfer-Encoding", ""}, {"X_H", "u"},
}

var locations = []string{
	"/to", "to", "./to", "../to", "?q", "#f", "", " ", " /to", "/to ", "\t/to", "//b.test:18001/to", "///to", "\\to", "/x\\to",
	"http://b.test:18001/to", "HTTP://B.TEST:18001/to", "http:\\\\b.test:18001\\to", "http:/to", "http:to", "http://b.test:18001/to#f",
	"http://b.test:18001", "http://b.test:18001?q", "http://b.test:18001/%zz", "/to x", "/t\u00c3\u00b6", "/t\u00e9", "/to\u0001", "/to|",
	"http://", "http://[::1/to", "http://b.test:99999/", "http://b.test:18009/", "http://b.test:0/", "http://b.test:6000/",
	"data:text/plain,hi", "about:blank", "blob:x", "mailto:x", "x:y", "ftp://b.test/", "file:///etc/hosts", "ws://b.test:18001/to",
	"http://u:p@b.test:18001/to", "http://u@b.test:18001/to", "http://@b.test:18001/to", "http://:@a.test:18000/to", "http://u:p@a.test:18000/to",
	"https://b.test:18001/to", "http://b%41.test:18001/to", "javascript:1",
}

var referrerPolicies = []string{
	"no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin", "origin-when-cross-origin",
	"strict-origin-when-cross-origin", "unsafe-url",
}

var redirectStatuses = []int{301, 302, 302, 303, 307, 308}

var cookies = []string{
	"c=1", "c=1; Path=/", "c=1; Path=/other", "c=1; SameSite=None", "c=1; SameSite=None; Secure", "c=1; Secure", "c=1; SameSite=Lax",
	"c=1; SameSite=Strict", "c=1; HttpOnly", "c=1; Max-Age=100", "c=1; Max-Age=0", "c=1; Domain=a.test", "c=1; Domain=test", "c=", "c", "=v", "",
}

var oddURLs = []string{
	"", "x", "/x", "http://", "http://b.test:99999/", "http://b.test:18009/", "http://b.test:0/", "http://b.test:6000/", "http://b.test:6667/", "http://b.test:10080/",
	"data:text/plain,hi", "data:text/plain;base64,aGk=", "data:x", "about:blank", "about:x", "blob:http://a.test/x", "mailto:a", "ftp://b.test/x", "ws://b.test:18001/",
	"file:///etc/hosts", "http://u:p@b.test:18001/x", "http://u@b.test:18001/x", "http://@b.test:18001/x", "HTTP://B.TEST:18001/x", "http:\\\\b.test:18001\\x",
	" http://b.test:18001/x ", "http://b.test:18001/x y", "http://b.test:18001/\u00e9", "http://b.test:18001/%zz", "http://b.test:18001/x#f", "http://b.test:18001/x?",
	"http://b.test:18001/./x", "http://b.test:18001/d/../x", "http://b.test:18001", "//b.test:18001/x", "http://127.0.0.1:18001/x", "javascript:1",
}

// bodies are those of requests.
func (g *generator) body(s *stepSpec) {
	body := pick(g, "data", "{}", "a=1&b=2", "", "\u00e9")
	s.Body = &body
	if g.chance(30) {
		s.ContentTypeFromBody = new(bool)
	}
}

func (g *generator) method(s *stepSpec, of ...string) {
	method := pick(g, of...)
	s.Method = &method
}

// allows returns the headers with which a server allows a client everything that
// it may without a wildcard.
func allows(origin string, credentials bool, methods, names string) [][2]string {
	list := [][2]string{{"Access-Control-Allow-Origin", origin}}
	if credentials {
		list = append(list, [2]string{"Access-Control-Allow-Credentials", "true"})
	}
	if methods != "" {
		list = append(list, [2]string{"Access-Control-Allow-Methods", methods})
	}
	if names != "" {
		list = append(list, [2]string{"Access-Control-Allow-Headers", names})
	}
	return list
}

// fillers returns n names, for lists that are long.
func fillers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x-filler-%d", i)
	}
	return names
}
