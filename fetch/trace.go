package fetch

import (
	"context"
	"reflect"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/weburl"
)

// A Trace is told what a fetch does and decides, as it happens. Any of its
// functions may be nil. They are called by the goroutine that fetches, and what
// they are given is only to be read.
type Trace struct {
	// PreflightNeeded: a request to a URL needs a preflight that the cache
	// cannot spare it, for these causes; asked is what the preflight asks for.
	PreflightNeeded func(url string, asked *cors.Request, causes []cors.Cause)
	// PreflightCached: a request needs a preflight, but the cache knows that it
	// is permitted.
	PreflightCached func(url string)
	// RequestSent: a request goes to the network. asked is the request as the CORS
	// protocol sees it: of a preflight, the one that it asks for.
	RequestSent func(sent *NetworkRequest, asked *cors.Request)
	// ResponseReceived: the headers of its response have come.
	ResponseReceived func(*NetworkRequest, *NetworkResponse)
	// Checked: the response of a URL was put to the CORS check, or that of a
	// preflight to all that it must meet; asked is the request that this was decided
	// for, and err is nil where it passed.
	Checked func(url string, asked *cors.Request, preflight bool, err error)
	// Redirected: a response leads to another URL, which will be fetched.
	Redirected func(from, to string, status int)
	// CookiesSent: a request gets a Cookie header, or would have got one, "".
	CookiesSent func(url, cookies string)
	// CookieNotSent: a request does not get a cookie that the jar has for its site,
	// and why. Preflights, which get none ever, are left out. It needs a Jar that is
	// a [CookieExplainer].
	CookieNotSent func(url string, cookie CookieDecision)
	// CookieRefused: the value of a Set-Cookie header is not stored, and why. It
	// needs a Jar that is a [CookieExplainer].
	CookieRefused func(url, setCookie, why string)
	// CacheUsed: a response comes from the HTTP cache; validated says that the
	// server was asked and said that it is still good.
	CacheUsed func(url string, validated bool)
	// Responded: the fetch has a response for the page.
	Responded func(*Response)
	// Ended: the fetch has ended, with a response or an error; what an engine tells the
	// developer about it is made from this. Its Headers are those that the request took.
	Ended func(*browser.Failure)
}

type traceKey struct{}

// WithTrace returns a context in which fetches tell t what they do, after whom they tell
// already in ctx.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	if outer := traceFrom(ctx); outer != nil {
		t = both(outer, t)
	}
	return context.WithValue(ctx, traceKey{}, t)
}

// both returns a trace that tells a and then b.
func both(a, b *Trace) *Trace {
	told := *b
	first, second := reflect.ValueOf(a).Elem(), reflect.ValueOf(&told).Elem()
	for i := range second.NumField() {
		f, g := first.Field(i), second.Field(i)
		if f.IsNil() {
			continue
		}
		if g.IsNil() {
			g.Set(f)
			continue
		}
		g2 := reflect.ValueOf(g.Interface())
		g.Set(reflect.MakeFunc(g.Type(), func(args []reflect.Value) []reflect.Value {
			f.Call(args)
			return g2.Call(args)
		}))
	}
	return &told
}

func traceFrom(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

func (t *Trace) preflightCached(r *request) {
	if t != nil && t.PreflightCached != nil {
		t.PreflightCached(r.currentURL().StringExcludingFragment())
	}
}

func (t *Trace) preflightNeeded(r *request, asked cors.Request, policy *cors.Policy) {
	if t != nil && t.PreflightNeeded != nil {
		kept := asked // which without a trace needs no memory of its own
		t.PreflightNeeded(r.currentURL().StringExcludingFragment(), &kept, policy.PreflightCauses(&kept))
	}
}

func (t *Trace) requestSent(n *NetworkRequest, r *request) {
	if t != nil && t.RequestSent != nil {
		asked := r.asked()
		t.RequestSent(n, &asked)
	}
}

func (t *Trace) responseReceived(n *NetworkRequest, r *NetworkResponse) {
	if t != nil && t.ResponseReceived != nil {
		t.ResponseReceived(n, r)
	}
}

func (t *Trace) checked(url *weburl.URL, asked cors.Request, preflight bool, err error) {
	if t != nil && t.Checked != nil {
		kept := asked
		t.Checked(url.StringExcludingFragment(), &kept, preflight, err)
	}
}

func (t *Trace) redirected(from, to *weburl.URL, status int) {
	if t != nil && t.Redirected != nil {
		t.Redirected(from.StringExcludingFragment(), to.StringExcludingFragment(), status)
	}
}

func (t *Trace) cookiesSent(url *weburl.URL, cookies string) {
	if t != nil && t.CookiesSent != nil {
		t.CookiesSent(url.StringExcludingFragment(), cookies)
	}
}

func (t *Trace) cacheUsed(url *weburl.URL, validated bool) {
	if t != nil && t.CacheUsed != nil {
		t.CacheUsed(url.StringExcludingFragment(), validated)
	}
}

func (t *Trace) responded(r *Response) {
	if t != nil && t.Responded != nil {
		t.Responded(r)
	}
}
