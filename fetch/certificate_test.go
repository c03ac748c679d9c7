package fetch_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

// A TLS client certificate goes with requests that include credentials, over connections of their own: not with
// preflights, nor with requests that include none.
func TestClientCertificates(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " without"
		if len(r.TLS.PeerCertificates) > 0 {
			what = r.Method + " with"
		}
		mu.Lock()
		seen = append(seen, what)
		mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "https://a.test")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Max-Age", "0")
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	defer server.Close()
	network := &wire.Network{TLS: &tls.Config{InsecureSkipVerify: true, Certificates: server.TLS.Certificates}}
	defer network.CloseIdleConnections()
	client := &fetch.Client{Network: network, LocalNetworksUnchecked: true}
	page := newPage(t, "https://a.test/", nil)
	for range 2 { // the second time over connections that were kept
		for _, credentials := range []fetch.Credentials{fetch.CredentialsInclude, fetch.CredentialsOmit} {
			response, err := client.Fetch(t.Context(), page, server.URL, &fetch.Init{Method: "PUT", Credentials: credentials})
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
	}
	once := []string{"OPTIONS without", "PUT with", "OPTIONS without", "PUT without"}
	if want := slices.Concat(once, once); !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}
