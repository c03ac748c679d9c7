package httpcache

import (
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// Freshness is what may be done with a stored response for a given request.
type Freshness uint8

const (
	// Fresh may be used as it is: a fresh response, or one whose staleness the
	// request's max-stale allows.
	//
	// https://fetch.spec.whatwg.org/#concept-fresh-response
	Fresh Freshness = iota

	// StaleWhileRevalidate may be used while it is being revalidated.
	//
	// https://fetch.spec.whatwg.org/#concept-stale-while-revalidate-response
	StaleWhileRevalidate

	// Stale needs validation: a stale response, or one that itself or the request
	// does not let be used without.
	//
	// https://fetch.spec.whatwg.org/#concept-stale-response
	Stale

	// Unmatched needs validation in every cache mode: by its Vary it is a response
	// to another request.
	//
	// https://httpwg.org/specs/rfc9111.html#caching.negotiated.responses
	Unmatched
)

// String returns the standard's word for it.
func (f Freshness) String() string {
	switch f {
	case Fresh:
		return "fresh"
	case StaleWhileRevalidate:
		return "stale-while-revalidate"
	case Unmatched:
		return "unmatched"
	}
	return "stale"
}

// terms are what freshness depends on, worked out once, when a response is
// stored or freshened.
type terms struct {
	responseTime         time.Time
	date                 time.Time // from Date, or responseTime
	initialAge           time.Duration
	lifetime             time.Duration
	staleWhileRevalidate time.Duration
	noCache              bool
	mustRevalidate       bool
}

// newTerms works out the terms of a response with the header list h that
// message, a response or a 304 about it, brought. Date and Age are message's:
// those of the stored response would tell of another journey.
func (o *Options) newTerms(status int, h, message headers.List, control responseControl, requestTime, responseTime time.Time) terms {
	t := terms{
		responseTime:   responseTime,
		date:           responseTime,
		noCache:        control.noCache || (o.Rules.ResponsePragma || o.Rules.ResponsePragmaAlone && !h.Contains("cache-control")) && hasPragmaNoCache(h),
		mustRevalidate: control.mustRevalidate,
	}
	if fresh := o.Rules.FreshStatuses; len(fresh) > 0 && !slices.Contains(fresh, status) {
		t.noCache = true
	}
	if date, ok := first(message, "Date"); ok {
		if date, ok := parseDate(date, responseTime); ok {
			t.date = date
		}
	}
	t.initialAge = initialAge(message, t.date, requestTime, responseTime)
	t.lifetime = o.lifetime(status, h, control, t.date, responseTime)
	t.staleWhileRevalidate = control.staleWhileRevalidate.Duration
	return t
}

// initialAge returns the corrected_initial_age.
//
// https://httpwg.org/specs/rfc9111.html#age.calculations
func initialAge(message headers.List, date, requestTime, responseTime time.Time) time.Duration {
	if requestTime.IsZero() {
		requestTime = responseTime
	}
	apparentAge := clamp(responseTime.Sub(date))
	responseDelay := clamp(responseTime.Sub(requestTime))
	return clamp(max(apparentAge, ageValue(message)+responseDelay))
}

// ageValue returns the value of Age: the first member where there are several,
// zero where it is not a number.
//
// https://httpwg.org/specs/rfc9111.html#field.age
func ageValue(message headers.List) time.Duration {
	value, _ := first(message, "Age")
	age, _ := parseDelta(headers.TrimTabOrSpace(value[:indexComma(value)]))
	return age
}

// lifetime returns the freshness lifetime.
//
// https://httpwg.org/specs/rfc9111.html#calculating.freshness.lifetime
func (o *Options) lifetime(status int, h headers.List, control responseControl, date, responseTime time.Time) time.Duration {
	if control.maxAge.present {
		return control.maxAge.Duration
	}
	if value, ok := first(h, "Expires"); ok {
		switch expires, ok := parseDate(value, responseTime); {
		case ok:
			return clamp(expires.Sub(date))
		case !o.Rules.ExplicitLifetime:
			return 0 // as "0" has to: expired already
		}
	}
	if !control.mustRevalidate && slices.Contains(o.Rules.LastingStatuses, status) {
		return maxDelta
	}
	value, ok := first(h, "Last-Modified")
	if !ok || o.Heuristic.Percent < 0 || !o.heuristic(status) && !control.public {
		return 0
	}
	lastModified, ok := parseDate(value, responseTime)
	if !ok {
		return 0
	}
	d := clamp(date.Sub(lastModified)) / 100 * time.Duration(min(o.Heuristic.Percent, 100))
	if o.Heuristic.Max > 0 {
		d = min(d, o.Heuristic.Max)
	}
	return d
}

// heuristic reports whether a response with a status may be heuristically fresh.
func (o *Options) heuristic(status int) bool {
	if some := o.Rules.HeuristicStatuses; len(some) > 0 {
		return slices.Contains(some, status)
	}
	return heuristicallyCacheable(status)
}

// heuristicallyCacheable reports whether status is one that may be stored and
// fresh without saying so. 206 is one too, but only some engines store it.
//
// https://httpwg.org/specs/rfc9110.html#overview.of.status.codes
func heuristicallyCacheable(status int) bool {
	switch status {
	case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return false
}

// age returns the current_age. A clock that was set back adds nothing.
//
// https://httpwg.org/specs/rfc9111.html#age.calculations
func (t *terms) age(now time.Time) time.Duration {
	return t.initialAge + clamp(now.Sub(t.responseTime))
}

// freshness decides what may be done with a response at now, for a request
// that asks for want.
//
// https://httpwg.org/specs/rfc9111.html#constructing.responses.from.caches
func (t *terms) freshness(now time.Time, want requestControl) Freshness {
	if t.noCache || want.noCache {
		return Stale
	}
	age := t.age(now)
	// max-age=0 asks for validation even within the first instant.
	if want.maxAge.present && (want.maxAge.Duration == 0 || age > want.maxAge.Duration) {
		return Stale
	}
	if remaining := t.lifetime - age; remaining > 0 {
		if remaining < want.minFresh.Duration {
			return Stale
		}
		return Fresh
	}
	staleness := age - t.lifetime
	switch {
	case t.mustRevalidate || want.minFresh.present:
		return Stale
	case want.maxStale.present && staleness <= want.maxStale.Duration:
		return Fresh
	case want.maxAge.present: // says that nothing stale is wanted
		return Stale
	case t.staleWhileRevalidate > 0 && staleness <= t.staleWhileRevalidate:
		return StaleWhileRevalidate
	}
	return Stale
}

func clamp(d time.Duration) time.Duration { return min(max(d, 0), maxDelta) }

// first returns the value of the first header called name.
func first(h headers.List, name string) (string, bool) {
	for i := range h {
		if headers.EqualFold(h[i].Name, name) {
			return h[i].Value, true
		}
	}
	return "", false
}

// parseDate parses an HTTP-date in any of its three forms, in any case, and
// with UTC for GMT, as caches should. now tells the century of a year of two
// digits: one that would lie more than 50 years ahead has passed.
//
// https://httpwg.org/specs/rfc9110.html#http.date
func parseDate(s string, now time.Time) (time.Time, bool) {
	s = headers.TrimTabOrSpace(s)
	if cut := len(s) - len(" GMT"); cut > 0 && (headers.EqualFold(s[cut:], " GMT") || headers.EqualFold(s[cut:], " UTC")) {
		s = s[:cut]
		if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05", s); err == nil {
			return t, true
		}
		t, err := time.Parse("Monday, 2-Jan-06 15:04:05", s)
		if err != nil {
			return time.Time{}, false
		}
		year := now.Year()/100*100 + t.Year()%100
		if year > now.Year()+50 {
			year -= 100
		}
		return t.AddDate(year-t.Year(), 0, 0), true
	}
	if !strings.Contains(s, ",") {
		if t, err := time.Parse(time.ANSIC, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
