package cors

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

// What the calls below return is kept here, so that none is optimized away.
var (
	sinkErr     error
	sinkBool    bool
	sinkGranted Permissions
	sinkExposed Exposed
	sinkCauses  []Cause
	sinkList    headers.List
)

// A call is something to be measured. It does not allocate, unless it has to.
type call struct {
	name      string
	do        func()
	allocates bool
}

// calls are those that every exchange makes. What they may cost is
//
//	Check, one header line                           60 ns, no allocation
//	NeedsPreflight, 8 author headers                500 ns, no allocation
//	ValidatePreflight, 10 methods, 20 header names    2 µs, no allocation
func calls() []call {
	get := &Request{Origin: app, Method: "GET"}
	credentialed := &Request{Origin: app, Method: "GET", IncludeCredentials: true}
	oneLine := fields("Access-Control-Allow-Origin: https://app.example")
	oneLineMap := http.Header(oneLine.Map())
	usual := fields("Date: Tue, 01 Sep 2026 00:00:00 GMT", "Content-Type: application/json", "Content-Length: 1024", "Vary: Origin",
		"Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true", "Cache-Control: no-store",
		"Access-Control-Expose-Headers: X-Request-Id, ETag, Link, X-Total-Count", "X-Request-Id: 7", "Timing-Allow-Origin: *")
	usualMap := http.Header(usual.Map())

	author := &Request{Origin: app, Method: "POST", Headers: *fields(
		"Accept: application/json, text/plain, */*", "Accept-Language: en-US,en;q=0.5", "Content-Language: en-US",
		"Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "Range: bytes=0-1023",
		"Accept: application/xml;q=0.9", "Accept-Language: de-CH", "Accept: image/avif,image/webp")}
	asking := &Request{Origin: app, Method: "PATCH", Headers: *fields(
		"Content-Type: application/json", "X-Requested-With: XMLHttpRequest", "X-Csrf-Token: 7", "Authorization: Bearer x",
		"If-Match: *", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Accept: application/json")}
	granting := fields("Vary: Origin", "Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, OPTIONS, PROPFIND, REPORT, QUERY, PATCH",
		"Access-Control-Allow-Headers: Accept, Accept-Language, Cache-Control, Content-Language, Content-Type, DNT, If-Modified-Since, "+
			"If-None-Match, If-Match, Keep-Alive, Origin, Pragma, Range, User-Agent, X-CustomHeader, X-Requested-With, X-Request-Id, "+
			"X-Csrf-Token, Authorization, Traceparent",
		"Access-Control-Max-Age: 7200")
	grantingMap := http.Header(granting.Map())
	taoRequest := &TAORequest{Origin: app}
	resourceRequest := &ResourcePolicyRequest{Origin: mustParse(app), ResponseOrigin: mustParse("https://api.app.example")}
	sameSite := fields("Cross-Origin-Resource-Policy: same-site")

	return []call{
		{"Check/one header line, List", func() { sinkErr = Check(get, oneLine) }, false},
		{"Check/one header line, http.Header", func() { sinkErr = Check(get, oneLineMap) }, false},
		{"Check/credentials, List", func() { sinkErr = Check(credentialed, usual) }, false},
		{"Check/credentials, http.Header", func() { sinkErr = Check(credentialed, usualMap) }, false},
		{"NeedsPreflight/8 author headers, none unsafe", func() { sinkBool = NeedsPreflight(author) }, false},
		{"ValidatePreflight/10 methods, 20 header names, List", func() { sinkGranted, sinkErr = ValidatePreflight(asking, 204, granting) }, false},
		{"ValidatePreflight/10 methods, 20 header names, http.Header", func() { sinkGranted, sinkErr = ValidatePreflight(asking, 204, grantingMap) }, false},
		{"ExposedHeaderNames", func() { sinkExposed = ExposedHeaderNames(get, usual) }, false},
		{"Exposed.Has", func() { sinkBool = ExposedHeaderNames(get, usual).Has("x-total-count") }, false},
		{"Exposed.Filter", func() { sinkList = ExposedHeaderNames(get, usual).Filter(*usual) }, true},
		{"PreflightHeaders", func() { sinkList = PreflightHeaders(asking) }, true},
		{"TAOCheck", func() { sinkBool = TAOCheck(taoRequest, usual) }, true},
		{"CrossOriginResourcePolicyCheck", func() { sinkErr = CrossOriginResourcePolicyCheck(resourceRequest, sameSite) }, true},
	}
}

func TestDecisionsDoNotAllocate(t *testing.T) {
	for _, c := range calls() {
		if n := testing.AllocsPerRun(100, c.do); n > 0 && !c.allocates {
			t.Errorf("%s: %v allocations", c.name, n)
		}
		if sinkErr != nil {
			t.Errorf("%s: %v", c.name, sinkErr)
		}
	}
}

func Benchmark(b *testing.B) {
	for _, c := range calls() {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.do()
			}
		})
	}
}

// hostile are calls with what a server, or a page, may make of its side: what a
// browser still takes for a response's headers is 256 KiB.
func hostile() []call {
	const size = 256 << 10
	var requested, names headers.List
	for i := range 1000 {
		requested = append(requested, headers.Header{Name: fmt.Sprintf("X-Header-%04d", i), Value: "1"})
	}
	for i := range size / 2 / len("ab:c\r\n") {
		names = append(names, headers.Header{Name: fmt.Sprintf("%04x", i), Value: "1"})
	}
	asking := &Request{Origin: app, Method: "PUT", Headers: requested}
	one := &Request{Origin: app, Method: "PUT", Headers: requested[:1]}
	get := &Request{Origin: app, Method: "GET"}
	allow := func(member string) *headers.List {
		list := strings.Repeat(member, size/len(member))
		return fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *",
			"Access-Control-Allow-Headers: "+list[:size/2], "Access-Control-Allow-Headers: "+list[size/2:])
	}
	commas, short, alike := allow(","), allow("x,"), allow("x-header-000x,")
	var all strings.Builder
	for i := range size / 14 {
		fmt.Fprintf(&all, "x-header-%04d,", (i+size-1000)%10000)
	}
	allows := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: "+all.String())
	exposing := append(names.Clone(), headers.Header{Name: "Access-Control-Expose-Headers", Value: strings.Repeat("x,", size/4)})
	validate := func(r *Request, response *headers.List) func() {
		return func() { sinkGranted, sinkErr = ValidatePreflight(r, 204, response) }
	}
	return []call{
		{"CORS check of as many lines", func() {
			sinkErr = Check(get, &headers.List{{Name: "Access-Control-Allow-Origin", Value: strings.Repeat(",", size)}})
		}, true},
		{"ValidatePreflight of commas, 1 unsafe name", validate(one, commas), true},
		{"ValidatePreflight of commas, 1000 unsafe names", validate(asking, commas), true},
		{"ValidatePreflight of x, 1000 unsafe names", validate(asking, short), true},
		{"ValidatePreflight of near misses, 1000 unsafe names", validate(asking, alike), true},
		{"ValidatePreflight that grants 1000 unsafe names", validate(asking, allows), true},
		{"NeedsPreflight, PreflightCauses of 1000 unsafe names", func() { sinkBool, sinkCauses = NeedsPreflight(asking), PreflightCauses(asking) }, true},
		{"PreflightHeaders of 1000 unsafe names", func() { sinkList = PreflightHeaders(asking) }, true},
		{"PreflightHeaders of 1000 unsafe names, combined first", func() {
			sinkList = (&Policy{CombineBeforeSafelisting: true}).PreflightHeaders(asking)
		}, true},
		{"Exposed.Filter of half names, half headers", func() { sinkList = ExposedHeaderNames(get, &exposing).Filter(exposing) }, true},
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, c := range hostile() {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.do()
			}
		})
	}
}
