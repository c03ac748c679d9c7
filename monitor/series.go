package monitor

import (
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// Bounds on what is told apart.
const (
	defaultMaxSeries = 2000
	maxRoutes        = 200
	// maxOrigins is of one cause and route: whoever sends made-up origins fills these, and
	// nobody else's.
	maxOrigins = 32
	maxLabel   = 200 // bytes
)

// other is the label of what is beyond the bounds.
const other = "other"

// A series is one counter.
type series struct {
	labels  Labels
	n       atomic.Uint64
	example atomic.Pointer[Example]
}

// seriesTable has the counters by their labels. Reading takes no lock: the map is replaced, as
// often as there are counters.
type seriesTable struct {
	mu      sync.Mutex
	limit   int
	byLabel atomic.Pointer[map[Labels]*series]
	origins atomic.Pointer[map[string]bool] // among the labels
	of      map[Labels]int                  // how many origins a cause and route have
}

func (t *seriesTable) find(l Labels) *series {
	if m := t.byLabel.Load(); m != nil {
		return (*m)[l]
	}
	return nil
}

// knows reports whether an origin is among the labels.
func (t *seriesTable) knows(origin string) bool {
	m := t.origins.Load()
	return m != nil && (*m)[origin]
}

// get returns the counter with some labels, or with those that stand for it.
func (t *seriesTable) get(l Labels) *series {
	if len(l.Origin) > maxLabel {
		l.Origin = other
	}
	if s := t.find(l); s != nil {
		return s
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.find(l); s != nil {
		return s
	}
	group := l
	group.Origin = ""
	if t.of[group] >= maxOrigins && l.Origin != other {
		l.Origin = other
		if s := t.find(l); s != nil {
			return s
		}
	}
	if t.size() >= t.limit {
		// One for each verdict and cause, of which there are few, may still come.
		l.Route, l.Origin, l.Browsers = other, other, ""
		if s := t.find(l); s != nil {
			return s
		}
	}
	s := &series{labels: l}
	t.add(s, group)
	return s
}

func (t *seriesTable) size() int {
	if m := t.byLabel.Load(); m != nil {
		return len(*m)
	}
	return 0
}

func (t *seriesTable) add(s *series, group Labels) {
	byLabel, origins := map[Labels]*series{}, map[string]bool{}
	if m := t.byLabel.Load(); m != nil {
		byLabel, origins = maps.Clone(*m), maps.Clone(*t.origins.Load())
	}
	byLabel[s.labels], origins[s.labels.Origin] = s, true
	t.byLabel.Store(&byLabel)
	t.origins.Store(&origins)
	if t.of == nil {
		t.of = map[Labels]int{}
	}
	t.of[group]++
}

// A routeState is what is known of a route.
type routeState struct {
	name                         string
	requests, preflights, repeat atomic.Uint64
	maxAge                       atomic.Int64 // in seconds, of the latest preflight's answer
	// generation counts the changes on which conclusions about the route's responses depend.
	generation atomic.Uint64

	mu      sync.Mutex
	allows  string // Access-Control-Allow-Origin of the first response
	seen    bool
	depends bool
}

// count counts a request.
func (r *routeState) count(preflight bool) {
	if preflight {
		r.preflights.Add(1)
		return
	}
	r.requests.Add(1)
}

// saw looks whether the route's responses differ in what origins they allow, so that caches must
// know of it.
func (r *routeState) saw(h http.Header) {
	value, _ := headers.LinesOf(h["Access-Control-Allow-Origin"]).Get()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.seen:
		r.allows, r.seen = value, true
	case !r.depends && value != r.allows:
		r.depends = true
		r.generation.Add(1)
	}
}

func (r *routeState) dependsOnOrigin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.depends
}

// routeTable has the routes by their names, as seriesTable has the counters.
type routeTable struct {
	mu     sync.Mutex
	byName atomic.Pointer[map[string]*routeState]
}

func (t *routeTable) all() map[string]*routeState {
	if m := t.byName.Load(); m != nil {
		return *m
	}
	return nil
}

func (t *routeTable) get(name string) *routeState {
	if r := t.all()[name]; r != nil {
		return r
	}
	if len(name) > maxLabel {
		name = other
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.all()
	if now[name] == nil && len(now) >= maxRoutes {
		name = other
	}
	if r := now[name]; r != nil {
		return r
	}
	next := map[string]*routeState{}
	maps.Copy(next, now)
	r := &routeState{name: name}
	next[name] = r
	t.byName.Store(&next)
	return r
}

// repeats finds preflights that a longer max-age would have saved: the same client, by its address
// and User-Agent, asked the same before, within the time that its browser keeps an answer at most.
// Of clients that share a place in the table the latest is remembered, so that few are missed and
// none is invented.
type repeats struct {
	first [memoSlots]struct{ key, at atomic.Uint64 }
}

func (t *repeats) add(m *Monitor, x *exchange, route *routeState, status int) {
	h := x.inner.Header()
	if seconds, ok := headers.ExtractDeltaSeconds(headers.LinesOf(h["Access-Control-Max-Age"])); ok {
		route.maxAge.Store(seconds)
	} else {
		route.maxAge.Store(cors.DefaultMaxAge)
	}
	key := m.clientAsks(x)
	slot, now := &t.first[key%memoSlots], uint64(time.Now().UnixNano())
	if slot.key.Load() == key && now-slot.at.Load() < uint64(m.longest(first(x.r.Header["User-Agent"]))) {
		route.repeat.Add(1)
		return
	}
	slot.key.Store(key)
	slot.at.Store(now)
}
