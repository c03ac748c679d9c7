package corstest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Routes asserts of each target, such as "GET https://api.example/things", that pages of exactly these origins get
// the response: not those of a stranger, of the opaque origin, of an origin that begins or ends as one of
// these, or of the same host over http. With "*" among the origins all of them must. In a [testing.T] each target
// has a subtest, and the options are those of [Page]; [Always] gives the requests their headers. What a router has
// for routes its own walker tells: the module examples shows those of chi, gin, echo and gorilla/mux. Requests are sent,
// whatever their method does.
func Routes(t TB, server http.Handler, targets, origins []string, options ...PageOption) {
	t.Helper()
	if len(targets) == 0 || len(origins) == 0 {
		t.Fatalf("corstest.Routes: without targets and origins nothing is asserted: there are %d and %d", len(targets), len(origins))
		return
	}
	anybody := slices.Contains(origins, "*")
	allowed := slices.DeleteFunc(slices.Clone(origins), func(o string) bool { return o == "*" })
	others := strangers(allowed)
	for _, target := range targets {
		assert := func(t TB) {
			t.Helper()
			for _, origin := range allowed {
				Page(t, origin, server, options...).Fetch(target).Allowed()
			}
			for _, origin := range others {
				if result := Page(t, origin, server, options...).Fetch(target); anybody {
					result.Allowed()
				} else {
					result.Blocked()
				}
			}
		}
		if test, ok := t.(*testing.T); ok {
			test.Run(target, func(t *testing.T) { assert(t) })
		} else {
			assert(t)
		}
	}
}

// strangers returns origins that are not among those, and like them.
func strangers(origins []string) []string {
	list := []string{"https://another-origin.example", "null"}
	for _, origin := range origins {
		scheme, host, ok := strings.Cut(origin, "://")
		if !ok {
			continue
		}
		name, port, hasPort := strings.Cut(host, ":")
		if hasPort {
			port = ":" + port
		}
		list = append(list, scheme+"://"+name+".another-origin.example"+port)
		if !strings.HasPrefix(host, "[") && strings.Contains(name, ".") {
			list = append(list, scheme+"://not-"+name+port)
		}
		if scheme == "https" {
			list = append(list, "http://"+host)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(o string) bool { return slices.Contains(origins, o) })
}
