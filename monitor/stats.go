package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"hash/maphash"
	"log/slog"
	"math/bits"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/redact"
)

// Stats are what a [Monitor] has counted since it began.
type Stats struct {
	V     int       `json:"v"` // 1
	Since time.Time `json:"since"`
	// Series are the counters, the largest first.
	Series []Series `json:"series"`
	// Routes say what preflights cost, by route.
	Routes []Route `json:"routes"`
}

// A Series is one counter.
type Series struct {
	Labels
	Count   uint64   `json:"count"`
	Example *Example `json:"example,omitempty"`
}

// An Example is one request of a counter, without secrets.
type Example struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	URL    string    `json:"url"`
	Status int       `json:"status,omitempty"`
	Saw    string    `json:"saw,omitempty"` // what the browser saw
	Why    string    `json:"why"`
	Do     string    `json:"do,omitempty"`
}

// A Route is what preflights cost a route.
type Route struct {
	Route string `json:"route"`
	// Requests are those that are subject to CORS, Preflights those that ask before them.
	Requests   uint64 `json:"requests"`
	Preflights uint64 `json:"preflights"`
	// Saved is how many preflights the browsers would not have sent with the longest max-age
	// that they keep: the same client had asked the same before.
	Saved uint64 `json:"saved"`
	// MaxAge is what the latest preflight was answered, in seconds; 5 where it was not.
	MaxAge int64 `json:"maxAge"`
}

// Stats returns what has been counted.
func (m *Monitor) Stats() Stats {
	s := Stats{V: 1, Since: m.began, Series: []Series{}, Routes: []Route{}}
	if all := m.series.byLabel.Load(); all != nil {
		for l, c := range *all {
			s.Series = append(s.Series, Series{Labels: l, Count: c.n.Load(), Example: c.example.Load()})
		}
	}
	slices.SortFunc(s.Series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), compareLabels(a.Labels, b.Labels))
	})
	for name, r := range m.routes.all() {
		if r.requests.Load()+r.preflights.Load() > 0 {
			s.Routes = append(s.Routes, Route{Route: name, Requests: r.requests.Load(), Preflights: r.preflights.Load(), Saved: r.repeat.Load(), MaxAge: r.maxAge.Load()})
		}
	}
	slices.SortFunc(s.Routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(b.Preflights, a.Preflights), cmp.Compare(a.Route, b.Route))
	})
	return s
}

func compareLabels(a, b Labels) int {
	return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Browsers, b.Browsers))
}

// String returns the [Stats] as JSON: a Monitor is an expvar.Var.
func (m *Monitor) String() string {
	b, err := json.Marshal(m.Stats())
	if err != nil {
		return "null"
	}
	return string(b)
}

// count counts a response, and makes an example of it now and then.
func (m *Monitor) count(x *exchange, s *series, status int) {
	n := s.n.Add(1)
	if m.options.Observer != nil {
		m.options.Observer.Observe(x.r.Context(), s.labels)
	}
	if bits.OnesCount64(n) == 1 && s.labels.Verdict != allowed && s.labels.Verdict != notSubject {
		e := m.example(x, s, status)
		s.example.Store(e)
		m.log(x.r.Context(), s, e, n)
	}
}

// example describes a request.
func (m *Monitor) example(x *exchange, s *series, status int) *Example {
	e := &Example{Time: time.Now(), Method: x.r.Method, URL: redact.Text(x.url()), Status: status}
	response := wireHeaders(x.inner.Header())
	c := x.request.cors()
	switch l := &s.labels; {
	case sentences[l.Cause] != "":
		e.Why = sentences[l.Cause]
		if l.Cause == notExposed {
			e.Why = strings.Replace(e.Why, "A header", unexposed(&c, &response), 1)
		}
	case l.Verdict == blocked:
		for _, engine := range m.engines {
			if v := x.verdict(engine, c, status, &response); v.outcome == blocked {
				why := explainFailure(x, v.err, c, response)
				e.Saw, e.Why, e.Do = redact.Text(why.Saw[0]), redact.Text(why.Causes[0].Why()), redact.Text(why.Causes[0].Do())
				break
			}
		}
	}
	return e
}

// sentences say what is counted besides causes that package explain knows by the response.
var sentences = map[string]string{
	credentialsMode: "Without cookies the page gets the response, with credentials: \"include\" it does not. The server cannot see which it asked for: no cookie came.",
	requestMode:     "It may be the form or beacon of another site, which CORS does not concern, or a script that was refused: the request has no Sec-Fetch-Mode.",
	responseHeaders: "The HTTP cache asked whether what it has is still good. What that response allowed, this answer does not say.",
	response:        "The handler has taken over the connection: what it answered is not known.",
	varyMissing:     "The answers of this route depend on Origin, and this one does not say so: a cache may give it to another page, which then is refused. Send Vary: Origin with every response of the route.",
	notExposed:      "A header is in the response and script may not read it. If pages need it, name it in Access-Control-Expose-Headers.",
	connectionLost:  "The handler panicked before it answered: the page gets the error that it gets from CORS.",
}

func (m *Monitor) log(ctx context.Context, s *series, e *Example, n uint64) {
	if m.options.Logger == nil {
		return
	}
	level, message := slog.LevelInfo, "a response has a mistake that pages may stumble over"
	switch s.labels.Verdict {
	case blocked:
		level, message = slog.LevelWarn, "browsers refuse a response to the page that asked"
	case undecidable:
		level, message = slog.LevelDebug, "whether browsers refuse a response is not known"
	}
	m.options.Logger.LogAttrs(ctx, level, message,
		slog.String("cause", s.labels.Cause), slog.String("route", s.labels.Route), slog.String("origin", s.labels.Origin),
		slog.String("browsers", s.labels.Browsers), slog.Uint64("count", n),
		slog.String("method", e.Method), slog.String("url", e.URL), slog.Int("status", e.Status),
		slog.String("saw", e.Saw), slog.String("why", e.Why), slog.String("do", e.Do))
}

// clientAsks returns what tells one client's preflight from others. The same client comes by the
// same address, through the same proxies, with the same User-Agent.
func (m *Monitor) clientAsks(x *exchange) uint64 {
	host, _, err := net.SplitHostPort(x.r.RemoteAddr)
	if err != nil {
		host = x.r.RemoteAddr
	}
	var h maphash.Hash
	h.SetSeed(m.seed)
	for _, s := range [...]string{host, first(x.r.Header["X-Forwarded-For"]), first(x.r.Header["User-Agent"]), x.request.origin, x.r.Host, x.r.URL.Path, x.r.URL.RawQuery, x.request.method, x.request.requested} {
		h.WriteString(s)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// longest returns how long the browser of a User-Agent keeps the answer to a preflight at most.
func (m *Monitor) longest(userAgent string) time.Duration {
	e := browser.WebKit()
	switch {
	case strings.Contains(userAgent, "Chrome/"):
		e = browser.Chromium()
	case strings.Contains(userAgent, "Firefox/"):
		e = browser.Firefox()
	}
	return time.Duration(e.CORS().MaxAgeLimit) * time.Second
}
