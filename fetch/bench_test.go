package fetch_test

import (
	"context"
	"testing"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// preflighted is a network with two answers, one for preflights, which costs
// as little as one can.
type preflighted struct{ preflight, actual fetch.NetworkResponse }

func (p *preflighted) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	answer := p.actual
	if r.Preflight {
		answer = p.preflight
	}
	return &answer, nil
}

func newPreflighted(maxAge string) *preflighted {
	return &preflighted{
		preflight: fetch.NetworkResponse{Status: 204, Body: fetch.NoBody, Headers: headers.List{
			{Name: "Access-Control-Allow-Origin", Value: "https://a.test"},
			{Name: "Access-Control-Allow-Credentials", Value: "true"},
			{Name: "Access-Control-Allow-Methods", Value: "GET, PUT, DELETE"},
			{Name: "Access-Control-Allow-Headers", Value: "content-type, x-requested-with"},
			{Name: "Access-Control-Max-Age", Value: maxAge},
		}},
		actual: fetch.NetworkResponse{Status: 200, StatusText: "OK", Body: fetch.NoBody, Headers: headers.List{
			{Name: "Access-Control-Allow-Origin", Value: "https://a.test"},
			{Name: "Access-Control-Allow-Credentials", Value: "true"},
			{Name: "Access-Control-Expose-Headers", Value: "x-request-id"},
			{Name: "Content-Type", Value: "application/json"},
			{Name: "X-Request-Id", Value: "1"},
		}},
	}
}

var put = fetch.Init{
	Method: "PUT", Credentials: fetch.CredentialsInclude, Body: fetch.Text(`{"a":1}`),
	Headers: headers.List{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Requested-With", Value: "x"}},
}

func fetchOnce(t testing.TB, c *fetch.Client, page *fetch.Page, init *fetch.Init) {
	r, err := c.Fetch(context.Background(), page, "https://b.test/things", init)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
}

// BenchmarkPreflightAndActual is a whole fetch of two requests over a network
// that answers at once.
func BenchmarkPreflightAndActual(b *testing.B) {
	c := &fetch.Client{Network: newPreflighted("0")}
	page := newPage(b, home, nil)
	b.ReportAllocs()
	for b.Loop() {
		fetchOnce(b, c, page, &put)
	}
}

// BenchmarkCachedPreflight is the same where the preflight cache spares the
// preflight.
func BenchmarkCachedPreflight(b *testing.B) {
	c := &fetch.Client{Network: newPreflighted("86400")}
	page := newPage(b, home, nil)
	fetchOnce(b, c, page, &put)
	b.ReportAllocs()
	for b.Loop() {
		fetchOnce(b, c, page, &put)
	}
}

// BenchmarkSimple is a cross-origin GET, which needs no preflight: what a whole
// fetch is measured against.
func BenchmarkSimple(b *testing.B) {
	c := &fetch.Client{Network: newPreflighted("0")}
	page := newPage(b, home, nil)
	b.ReportAllocs()
	for b.Loop() {
		fetchOnce(b, c, page, nil)
	}
}
