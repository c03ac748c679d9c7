package monitor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/monitor"
)

// nothing is a writer that does nothing, so that what is measured is the monitor.
type nothing struct{ header http.Header }

func (n *nothing) Header() http.Header         { return n.header }
func (n *nothing) Write(p []byte) (int, error) { return len(p), nil }
func (n *nothing) WriteHeader(int)             {}

const app = "https://app.example"

// usual are the headers of a browser's request.
func usual(method, site string) *http.Request {
	r, _ := http.NewRequest(method, "http://api.example/orders/17?page=2", nil)
	r.RemoteAddr, r.RequestURI, r.Pattern = "192.0.2.1:50000", "/orders/17?page=2", "GET /orders/{id}"
	for name, value := range map[string]string{
		"Accept": "*/*", "Accept-Language": "en-US,en;q=0.9", "Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": site,
		"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Referer": app + "/", "Cookie": "session=1234567890",
		"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
	} {
		r.Header.Set(name, value)
	}
	return r
}

func names(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("x-header-%02d", i)
	}
	return strings.Join(list, ",")
}

// calls are the requests whose cost is promised, as a request and what the handler answers.
func calls() map[string]struct {
	r      *http.Request
	answer map[string]string
	status int
} {
	type call = struct {
		r      *http.Request
		answer map[string]string
		status int
	}
	same := usual("GET", "same-origin")
	sameOrigin := usual("POST", "same-origin")
	sameOrigin.Header.Set("Origin", "http://api.example")
	cross := usual("GET", "cross-site")
	cross.Header.Set("Origin", app)
	preflight := usual("OPTIONS", "cross-site")
	preflight.Header.Set("Origin", app)
	preflight.Header.Del("Cookie")
	preflight.Header.Set("Access-Control-Request-Method", "PATCH")
	preflight.Header.Set("Access-Control-Request-Headers", names(20))
	body := map[string]string{"Content-Type": "application/json", "Content-Length": "1234", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Vary": "Origin"}
	with := func(more ...string) map[string]string {
		all := map[string]string{}
		for name, value := range body {
			all[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	return map[string]call{
		"same-origin GET":  {same, body, 200},
		"same-origin POST": {sameOrigin, body, 200},
		"cross-origin GET": {cross, with("Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true", "Access-Control-Expose-Headers", "X-Total-Count, Link", "X-Total-Count", "17"), 200},
		"refused GET":      {cross, with(), 403},
		"preflight": {preflight, with("Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true", "Access-Control-Max-Age", "600",
			"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PROPFIND, REPORT, MOVE", "Access-Control-Allow-Headers", names(20)), 204},
		"refused preflight": {preflight, with("Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true",
			"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PROPFIND, REPORT, MOVE", "Access-Control-Allow-Headers", names(19)), 204},
	}
}

// Benchmark measures what a monitor adds to a request, and "handler alone" what is there anyway.
func Benchmark(b *testing.B) {
	for name, c := range calls() {
		header := http.Header{}
		for name, value := range c.answer {
			header.Set(name, value)
		}
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(c.status) })
		w := &nothing{header}
		b.Run(name, func(b *testing.B) {
			m := monitor.Handler(handler, monitor.Options{})
			b.ReportAllocs()
			for b.Loop() {
				m.ServeHTTP(w, c.r)
			}
		})
	}
	b.Run("a page never seen before", func(b *testing.B) {
		c := calls()["cross-origin GET"]
		header := http.Header{}
		for name, value := range c.answer {
			header.Set(name, value)
		}
		m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(c.status) }), monitor.Options{})
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			origin := fmt.Sprintf("https://app-%d.example", i)
			c.r.Header["Origin"], header["Access-Control-Allow-Origin"] = []string{origin}, []string{origin}
			m.ServeHTTP(&nothing{header}, c.r)
		}
	})
}
