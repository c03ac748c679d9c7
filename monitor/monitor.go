// Package monitor tells a server what browsers make of its answers: which cross-origin requests
// they refuse to give to the page that asked, and why.
//
//	mux := http.NewServeMux()
//	cors := monitor.Handler(mux, monitor.Options{Logger: slog.Default()})
//	expvar.Publish("cors", cors)
//	http.Handle("/debug/cors", cors.Page())
//	http.ListenAndServe(":8080", cors)
//
// The monitor must be outside of what sets CORS headers, so that it sees what goes out. It looks
// at requests that have an Origin header and are not of the server's own origin, and judges each
// response, when its status is written, as Chromium, Firefox and WebKit do, by package cors. It changes no
// response, reads no body, and hands on whatever the inner [http.ResponseWriter] can do.
//
// A server does not see everything. Whether a page asked with credentials it only knows where
// cookies came; where the two modes come to different ends, and nothing tells, the verdict is
// "undecidable" for the cause "credentials-mode". A POST without Sec-Fetch-Mode may be a form's:
// "request-mode". What a proxy before the server adds or removes, it does not see: there, the
// proxy's access log tells more ("simulate replay").
//
// Everything that is kept is bounded: see [Options]. Neither counters nor examples hold a cookie,
// a token, a query value or a body.
package monitor

import (
	"context"
	"hash/maphash"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
)

// Options are for [Handler]. The zero value is ready for use.
type Options struct {
	// Origins are the server's own origins as browsers see them, such as "https://app.example".
	// Requests from them are not cross-origin. It is needed only where a proxy gives the server
	// another Host: without it, an Origin of the request's own host is the server's own.
	Origins []string

	// Route names the route of a request, once it has been handled. The default is the pattern of
	// [http.ServeMux]; without one, the first segment of the path.
	Route func(*http.Request) string

	// Logger gets examples of what is refused (level Warn) and of other mistakes (Info):
	// the first of each counter, the second, the fourth, the eighth and so on. nil logs nothing.
	Logger *slog.Logger

	// Observer is told of everything that is counted, beside the counters: for OpenTelemetry,
	// Prometheus and the like.
	Observer Observer

	// MaxSeries bounds the number of counters; 0 is 2,000. Of one cause and route at most 32
	// origins are told apart, and at most 200 routes. What is beyond is counted as "other".
	MaxSeries int
}

// An Observer is told of each thing that is counted. It is called while a response is on its way,
// by many goroutines at a time.
type Observer interface {
	Observe(ctx context.Context, l Labels)
}

// Labels say what is counted.
type Labels struct {
	// Verdict is "allowed", "blocked", "undecidable" or "not-subject"; each cross-origin request
	// has one. It is "" for a mistake beside the verdict, as that Vary is missing.
	Verdict string `json:"verdict,omitempty"`
	// Cause is why, by its id: of what is blocked the likeliest cause, as "simulate explain" has
	// it; of what is undecidable what is missing; of what is not subject to CORS what it is.
	Cause string `json:"cause,omitempty"`
	// Route and Origin are of the request: Origin is the page's.
	Route  string `json:"route"`
	Origin string `json:"origin"`
	// Browsers are those that come to the verdict, "all" or such as "firefox webkit".
	// What one of them refuses is "blocked".
	Browsers string `json:"browsers,omitempty"`
}

// A Monitor is a handler that watches another. [Handler] makes one.
type Monitor struct {
	next    http.Handler
	options Options
	own     map[string]bool
	began   time.Time
	seed    maphash.Seed
	engines []*browser.Engine
	series  seriesTable
	routes  routeTable
	memo    memo
	repeats repeats
}

// Handler returns a handler that lets next handle everything, and watches.
func Handler(next http.Handler, o Options) *Monitor {
	m := &Monitor{next: next, options: o, own: map[string]bool{}, began: time.Now(), seed: maphash.MakeSeed(), engines: []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}}
	for _, origin := range o.Origins {
		m.own[strings.TrimSuffix(headers.Lower(origin), "/")] = true
	}
	m.series.limit = o.MaxSeries
	if m.series.limit <= 0 {
		m.series.limit = defaultMaxSeries
	}
	return m
}

// ServeHTTP implements [http.Handler].
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origins := r.Header["Origin"]
	if len(origins) == 0 || m.sameOrigin(r, origins[0]) {
		m.next.ServeHTTP(w, r)
		return
	}
	x := &exchange{m: m, inner: w, r: r}
	x.read(origins)
	defer x.end()
	m.next.ServeHTTP(x.writer(), r)
	x.returned = true
}

// sameOrigin reports whether a request with an Origin header is of a page of the server's own
// origin. Browsers say so in Sec-Fetch-Site, if the server is one that they trust.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func (m *Monitor) sameOrigin(r *http.Request, origin string) bool {
	if len(m.own) > 0 && m.own[origin] {
		return true
	}
	switch site := first(r.Header["Sec-Fetch-Site"]); site {
	case "same-origin":
		return true
	case "same-site", "cross-site":
		return false
	}
	scheme, authority, ok := strings.Cut(origin, "://")
	if !ok || r.TLS != nil && scheme == "http" {
		return false
	}
	// Where a proxy ends TLS, the server does not know its own scheme.
	return headers.EqualFold(authority, withoutDefaultPort(scheme, r.Host))
}

// withoutDefaultPort returns a Host header as it is in an origin of a scheme.
func withoutDefaultPort(scheme, host string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
