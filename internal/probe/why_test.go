package probe

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/wire"
)

// What is asked besides names the cause, is never more than three requests, and never the
// method itself.
func TestWhy(t *testing.T) {
	good := layer{allows: only(app), methods: "PUT", headers: "x-a"}
	tests := []struct {
		name   string
		server http.Handler
		method string
		names  []string // that are asked
		want   string
	}{
		{"OPTIONS is not routed", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "OPTIONS" {
				good.ServeHTTP(w, r)
			}
		}), "PUT", []string{actualAsked, preflightSimple}, "headers-on-response-only"},
		{"the method is refused", silent(layer{allows: only(app), methods: "DELETE"}), "PUT", []string{actualAsked, preflightSimple}, "method-refused-by"},
		{"nothing is there", http.NotFoundHandler(), "PUT", []string{actualAsked, preflightSimple, optionsPlain}, "no-such-path"},
		{"no sign of CORS", always(), "PUT", []string{actualAsked, preflightSimple, optionsPlain}, "not-configured"},
		{"no sign of CORS, simple", always(), "GET", []string{preflightAsked, actualNoOrigin}, "not-configured"},
		{"only OPTIONS knows CORS", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isPreflight(r) {
				good.ServeHTTP(w, r)
			}
		}), "GET", []string{preflightAsked}, "headers-on-preflight-only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var methods []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				methods = append(methods, r.Method)
				tt.server.ServeHTTP(w, r)
			}))
			defer server.Close()
			network := new(wire.Network)
			defer network.Close()
			o := Options{URL: server.URL, Origin: app, Method: tt.method, Network: network}
			asked := &cors.Request{Origin: app, Method: tt.method}
			p, err := newPlan(&o)
			if err != nil {
				t.Fatal(err)
			}
			s := &session{plan: p, ctx: context.Background(), network: network, report: &Report{}}
			s.send(p.first()[0])
			if tt.method == "GET" {
				s.report.Exchanges = nil
				s.send(p.first()[1])
			}
			first := s.report.Exchanges[0]
			failed := cors.Check(asked, &first.Response)
			if tt.method != "GET" {
				_, failed = cors.ValidatePreflight(asked, first.Status, &first.Response)
			}
			failure, ok := errors.AsType[*cors.Error](failed)
			if !ok {
				t.Fatal("it is allowed")
			}
			for _, e := range failure.All() {
				e.URL, e.Status, e.Preflight = server.URL, first.Status, tt.method != "GET"
			}
			methods = nil
			trials, err := Why(context.Background(), o, failure)
			if err != nil {
				t.Fatal(err)
			}
			known := explain.Exchange{Response: append(headers.List{}, first.Response...)}
			var names []string
			for _, x := range trials {
				names = append(names, x.Name)
				known.Others = append(known.Others, x.Seen())
			}
			if !slices.Equal(names, tt.names) || len(methods) > MaxWhy || slices.Contains(methods, "PUT") {
				t.Errorf("%q were asked, by %q; want %q", names, methods, tt.names)
			}
			if got := explain.Explain(failure, asked, known).Causes[0]; got.ID != tt.want {
				t.Errorf("%s by %s, want %s", got.ID, got.Seen(), tt.want)
			}
		})
	}
}
