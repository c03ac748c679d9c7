package corstest_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/corsim/corsim/corstest"
)

// granting permits with credentials the origins that it is asked about.
func granting(permits func(origin string) bool, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Vary", "Origin")
		if origin := r.Header.Get("Origin"); permits(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Methods", "GET, PUT")
			h.Set("Access-Control-Allow-Credentials", "true")
		}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
	})
}

func only(origin string) bool { return origin == app }

func TestAudit(t *testing.T) {
	corstest.Page(t, app, granting(only)).Fetch("PUT "+api+"/", corstest.Credentials()).Allowed().Audit()
	for name, h := range map[string]http.Handler{
		"reflected-with-credentials": granting(func(string) bool { return true }),
		"null-accepted":              granting(func(o string) bool { return o == app || o == "null" }),
		"lookalike-accepted":         granting(func(o string) bool { return strings.HasPrefix(o, app) }),
		"http-accepted":              granting(func(o string) bool { return strings.HasSuffix(o, "//app.example") }),
		"vary-missing":               granting(only, "Vary", "Accept-Encoding"),
	} {
		text := failure(t, func(t corstest.TB) { corstest.Page(t, app, h).Fetch("PUT "+api+"/", corstest.Credentials()).Audit() })
		mustSay(t, text, "PUT https://api.example/ in a page of https://app.example\n  want nothing permitted that should not be\n", "("+name+", ", "https://")
		if name == "reflected-with-credentials" {
			continue // which is more than one finding
		}
		corstest.Page(t, app, h).Fetch("PUT "+api+"/", corstest.Credentials()).Audit(name)
	}
	mustSay(t, failure(t, func(t corstest.TB) {
		corstest.Page(t, app, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })).Fetch(api + "/").Audit()
	}), "No answer came")
	mustSay(t, failure(t, func(t corstest.TB) { corstest.Page(t, app, echo).Fetch(app + "/").Audit() }), "the URL is of the page's own origin")
}

func TestRoutes(t *testing.T) {
	targets := []string{"GET https://api.example/a", "PUT https://api.example/b"}
	corstest.Routes(t, granting(only), targets, []string{app})
	corstest.Routes(t, granting(func(string) bool { return true }), targets, []string{app, "*"})
	for want, permits := range map[string]func(string) bool{
		"in a page of https://not-app.example\n  want blocked\n":                    func(o string) bool { return strings.HasSuffix(o, "app.example") && strings.HasPrefix(o, "https") },
		"in a page of http://app.example\n  want blocked\n":                         func(o string) bool { return strings.HasSuffix(o, "//app.example") },
		"in a page of https://app.example.another-origin.example\n  want blocked\n": func(o string) bool { return strings.HasPrefix(o, app) },
		"in a page of null\n  want blocked\n":                                       func(o string) bool { return o == app || o == "null" },
		"in a page of https://app.example\n  want allowed\n":                        func(o string) bool { return false },
	} {
		mustSay(t, failure(t, func(t corstest.TB) { corstest.Routes(t, granting(permits), targets[1:], []string{app}) }), want)
	}
	mustSay(t, failure(t, func(t corstest.TB) { corstest.Routes(t, echo, nil, []string{app}) }), "there are 0 and 1")
}

// mostPackages is how many packages of modules a test links that imports corstest, beyond those of
// net/http/httptest: who tests a server pays for them.
const mostPackages = 47

func TestIsLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/corsim/corsim/corstest").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for path := range strings.FieldsSeq(string(out)) {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			list = append(list, path)
		}
	}
	if len(list) > mostPackages {
		t.Errorf("%d packages of modules, more than %d:\n%s", len(list), mostPackages, strings.Join(list, "\n"))
	}
}
