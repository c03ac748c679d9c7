package replay

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/preflightcache"
	"github.com/corsim/corsim/weburl"
)

// Costs says what preflights cost: how many each browser would send for the
// requests of a recording with the Access-Control-Max-Age that the servers answer,
// and how many with a better one. The preflight cache of each is simulated over
// the recording's clock, whatever browser was recorded.
//
// Where no answer to a preflight is recorded, it is taken to permit what is asked,
// for as long as the latest recorded answer of that server did, and otherwise for
// the standard's five seconds.
type Costs struct {
	engines []*costEngine
	maxAge  time.Duration
	// Unclocked counts the requests that need a preflight and have no time, about
	// which nothing can be said.
	Unclocked int
}

// Cost is what preflights cost in one browser.
type Cost struct {
	Engine *browser.Engine
	// MaxAge is the better max-age as the browser takes it. A server that answers a
	// longer one keeps it, as that of a load does, whose this then is.
	MaxAge time.Duration
	// Requests need a preflight, unless an earlier one serves; Sent preflights are
	// sent, and Better with the better max-age. The rest of them are the first for
	// their URL, or refused.
	Requests, Sent, Better int
	// Time is how long requests wait for the preflights, and BetterTime with the
	// better max-age, by the mean of those that were recorded; Timed is false where
	// none was, so that neither is known.
	Time, BetterTime time.Duration
	Timed            bool
	// Servers are those with preflights to be saved, the most first.
	Servers []ServerCost
}

// ServerCost is what preflights to one server cost.
type ServerCost struct {
	Origin       string
	Sent, Better int
}

type costEngine struct {
	engine   *browser.Engine
	limit    time.Duration
	caches   [2]*preflightcache.Cache // as answered, and better
	maxAges  map[string]int64         // by server: the latest answered, as the browser takes it
	requests int
	sent     [2]int
	servers  map[string]*ServerCost
	measured int
	total    time.Duration // of the measured
}

// maxServers bounds the servers that are told apart.
const maxServers = 1000

// NewCosts returns the costs for some engines. maxAge is the better max-age; 0 is
// as long as each browser keeps one, which in the standard is a day.
func NewCosts(engines []*browser.Engine, maxAge time.Duration) *Costs {
	c := &Costs{maxAge: maxAge}
	for _, e := range engines {
		engine := &costEngine{engine: e, limit: LongestMaxAge(e), maxAges: make(map[string]int64), servers: make(map[string]*ServerCost)}
		if maxAge > 0 {
			engine.limit = min(engine.limit, maxAge)
		}
		for i := range engine.caches {
			engine.caches[i] = preflightcache.New(preflightcache.Options{Rules: e.PreflightCache()})
		}
		c.engines = append(c.engines, engine)
	}
	return c
}

// LongestMaxAge returns how long a browser keeps the answer to a preflight at
// most; for the standard, which imposes no limit, a day.
func LongestMaxAge(e *browser.Engine) time.Duration {
	if limit := policyOf(e).MaxAgeLimit; limit > 0 {
		return time.Duration(limit) * time.Second
	}
	return 24 * time.Hour
}

// Add takes the next result of a recording.
func (c *Costs) Add(r *Result) {
	request := r.Request()
	e := r.Exchange
	if request.Origin == "" || e.IsPreflight() {
		return
	}
	url, err := weburl.Parse(e.Request.URL)
	if err != nil {
		return
	}
	for _, engine := range c.engines {
		if !r.asked.getsPreflight(engine.engine, &request) {
			continue
		}
		if e.Started.IsZero() {
			c.Unclocked++
			return
		}
		c.add(engine, url.Origin().String(), r, &request)
	}
}

func (c *Costs) add(engine *costEngine, server string, r *Result, request *cors.Request) {
	policy, now := policyOf(engine.engine), r.Exchange.Started
	key, query := r.asked.preflightKey(engine.engine), r.asked.preflightQuery(engine.engine, request)
	methods, names := slices.Values([]string{request.Method}), slices.Values(query.UnsafeNames)
	maxAge, known := engine.maxAges[server]
	if !known {
		maxAge = cors.DefaultMaxAge
	}
	refused := false
	if p := r.Preflight; p != nil && p.Response.HasResponse {
		granted, missing, err := r.asked.validatePreflight(engine.engine, *request, p)
		refused = err != nil
		if missing == 0 {
			methods, names, maxAge = granted.Methods(), granted.HeaderNames(), granted.MaxAge
			if !refused && (known || len(engine.maxAges) < maxServers) {
				engine.maxAges[server] = maxAge
			}
		}
		if p.Duration > 0 {
			engine.measured++
			engine.total += p.Duration
		}
	}
	if limit := policy.MaxAgeLimit; limit > 0 {
		maxAge = min(maxAge, limit)
	}
	engine.requests++
	s := engine.servers[server]
	if s == nil {
		if len(engine.servers) == maxServers {
			server = "other servers"
			s = engine.servers[server]
		}
		if s == nil {
			s = &ServerCost{Origin: server}
			engine.servers[server] = s
		}
	}
	for i, age := range [...]int64{maxAge, max(maxAge, int64(engine.limit/time.Second))} {
		cache := engine.caches[i]
		permitted := cache.Permits(now, key, &query)
		if !permitted {
			engine.sent[i]++
			if i == 0 {
				s.Sent++
			} else {
				s.Better++
			}
			cache.Remember(now, key, &query, refused, age, methods, names)
		}
		if failure, failed := r.asked.failure(engine.engine, refused && !permitted, request); failed {
			cache.Failed(key, failure)
		}
	}
}

// Costs returns the cost in each browser.
func (c *Costs) Costs() []Cost {
	var all []Cost
	for _, e := range c.engines {
		cost := Cost{Engine: e.engine, MaxAge: e.limit, Requests: e.requests, Sent: e.sent[0], Better: e.sent[1],
			Timed: e.measured > 0 || e.sent[0] == 0}
		if e.measured > 0 {
			mean := e.total / time.Duration(e.measured)
			cost.Time, cost.BetterTime = mean*time.Duration(cost.Sent), mean*time.Duration(cost.Better)
		}
		for _, s := range e.servers {
			if s.Sent > s.Better {
				cost.Servers = append(cost.Servers, *s)
			}
		}
		slices.SortFunc(cost.Servers, func(a, b ServerCost) int {
			return cmp.Or(cmp.Compare(b.Sent-b.Better, a.Sent-a.Better), cmp.Compare(a.Origin, b.Origin))
		})
		all = append(all, cost)
	}
	return all
}

// MaxAges returns the latest max-age in seconds that each server answered, as the
// browser takes it that keeps it for longest.
func (c *Costs) MaxAges() map[string]int64 {
	longest := make(map[string]int64)
	for _, e := range c.engines {
		for server, maxAge := range e.maxAges {
			longest[server] = max(longest[server], maxAge)
		}
	}
	return longest
}

// A Load describes what one user's page does, all of which needs a preflight.
type Load struct {
	Requests  float64       // a minute, spread evenly
	URLs      int           // that they are for, in turn
	Session   time.Duration // how long the page stays open
	Users     int           //
	MaxAge    time.Duration // that the server answers; negative for no answer
	RoundTrip time.Duration // how long a preflight takes
}

// Cost returns what preflights cost with a load, and what they would cost with a
// better max-age; 0 is as long as the browser keeps one.
func (l *Load) Cost(engine *browser.Engine, better time.Duration) Cost {
	limit := LongestMaxAge(engine)
	if better > 0 {
		limit = min(limit, better)
	}
	maxAge := l.MaxAge
	if maxAge < 0 {
		maxAge = cors.DefaultMaxAge * time.Second
	}
	maxAge = min(maxAge, LongestMaxAge(engine))
	urls := max(l.URLs, 1)
	requests := int(l.Requests * l.Session.Minutes())
	perURL, rest := requests/urls, requests%urls
	interval := float64(urls) / l.Requests * float64(time.Minute)
	sent := func(age time.Duration) int {
		// So many requests for a URL are made while the answer is kept.
		served := max(1, int(math.Ceil(min(float64(age)/interval, 1<<40))))
		times := func(n int) int { return (n + served - 1) / served }
		return (times(perURL)*(urls-rest) + times(perURL+1)*rest) * l.Users
	}
	limit = max(maxAge, limit)
	c := Cost{Engine: engine, MaxAge: limit, Requests: requests * l.Users, Sent: sent(maxAge), Better: sent(limit), Timed: true}
	c.Time, c.BetterTime = time.Duration(c.Sent)*l.RoundTrip, time.Duration(c.Better)*l.RoundTrip
	return c
}
