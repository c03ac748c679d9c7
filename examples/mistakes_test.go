package examples

import (
	"io"
	"net/http"
	"testing"

	rscors "github.com/rs/cors"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
)

// plain answers with headers, and to OPTIONS without a body.
func plain(nameValues ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(nameValues); i += 2 {
			w.Header().Add(nameValues[i], nameValues[i+1])
		}
		if r.Method == "OPTIONS" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		things(w, r)
	})
}

const acao = "Access-Control-Allow-Origin"

// mistakes are the ways in which servers are commonly wrong: each with the test that
// finds it out, and what its failure says.
var mistakes = []struct {
	name   string
	server http.Handler
	test   func(t corstest.TB, server http.Handler)
	reason cors.Reason // 0 where script gets the response
	want   []string
}{
	{
		"Access-Control-Allow-Origin twice, from the application and from what is before it",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			newRS().ServeHTTP(adding{w}, r)
		}),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things/1").Allowed()
		},
		cors.MultipleAllowOrigin,
		[]string{`is "https://app.example, https://app.example"`, "a second layer"},
	},
	{
		"* twice in one line, as some proxies join what two layers have added",
		plain(acao, "*, *"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server, corstest.In(browser.Firefox())).Fetch("https://api.example/things/1").Allowed()
		},
		cors.AllowOriginMismatch,
		[]string{`is "*, *"`, "Most likely: Two layers each add the header", "a second layer"},
	},
	{
		"* with credentials",
		rscors.New(rscors.Options{AllowedOrigins: []string{"*"}}).Handler(http.HandlerFunc(things)),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things", corstest.Credentials()).Allowed()
		},
		cors.WildcardAllowOriginWithCredentials,
		[]string{"- Access-Control-Allow-Origin: *\n", "+ Access-Control-Allow-Origin: https://app.example\n"},
	},
	{
		"error responses without the headers",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/broken" {
				http.Error(w, "oh no", http.StatusInternalServerError)
				return
			}
			newRS().ServeHTTP(w, r)
		}),
		func(t corstest.TB, server http.Handler) {
			page := corstest.Page(t, app, server)
			page.Fetch("https://api.example/things/1").Allowed()
			page.Fetch("https://api.example/broken").Status(500)
		},
		cors.MissingAllowOrigin,
		[]string{"← 500 Internal Server Error", "error responses need the headers too"},
	},
	{
		"OPTIONS behind authentication",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				w.Header().Set("WWW-Authenticate", "Bearer")
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			newRS().ServeHTTP(w, r)
		}),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things/1", corstest.Header("Authorization", "Bearer x")).Allowed()
		},
		cors.PreflightStatus,
		[]string{"← 401 Unauthorized", "a preflight carries no cookies and no Authorization"},
	},
	{
		"a redirected preflight",
		redirectFirst{withRS(http.HandlerFunc(things))},
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("PUT https://api.example/things", corstest.JSON(`{}`)).Allowed()
		},
		cors.PreflightRedirect,
		[]string{"← 308 Permanent Redirect", "Location: /things/"},
	},
	{
		"case in methods",
		plain(acao, app, "Access-Control-Allow-Methods", "get, put, patch"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("PATCH https://api.example/things/1").Allowed()
		},
		cors.MethodNotAllowed,
		[]string{`method PATCH is not in Access-Control-Allow-Methods "get, put, patch"`},
	},
	{
		"whitespace between methods",
		plain(acao, app, "Access-Control-Allow-Methods", "GET PUT PATCH"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("PUT https://api.example/things/1").Allowed()
		},
		cors.InvalidAllowMethods,
		[]string{`in which "GET PUT PATCH" is no token`},
	},
	{
		"a header missing from Access-Control-Allow-Headers",
		plain(acao, app, "Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "X-Requested-With"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`)).Allowed()
		},
		cors.HeaderNotAllowed,
		[]string{"+ Access-Control-Allow-Headers: X-Requested-With, content-type"},
	},
	{
		"Vary missing",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Origin") == app {
				w.Header().Set(acao, app)
			}
			things(w, r)
		}),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things").SafeToCache()
		},
		0,
		[]string{"a cache may give one the other's", "+ Vary: Origin"},
	},
	{
		"exposing nothing",
		rscors.New(rscors.Options{AllowedOrigins: origins}).Handler(http.HandlerFunc(things)),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things").Exposes("X-Total-Count")
		},
		0,
		[]string{"script cannot read it", "+ Access-Control-Expose-Headers: X-Total-Count"},
	},
	{
		"null for all that are not known",
		plain(acao, "null"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/things").Allowed()
		},
		cors.AllowOriginMismatch,
		[]string{`is "null", not https://app.example`},
	},
	{
		"null, which every sandboxed page has",
		plain(acao, "null", "Access-Control-Allow-Credentials", "true"),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, "null", server).Fetch("https://api.example/things", corstest.Credentials()).Blocked()
		},
		0,
		[]string{"want blocked\n  got  allowed\n"},
	},
	{
		"a redirect to another host, for which the origin is null",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "api.example" {
				withRS(http.RedirectHandler("https://files.example/1", http.StatusFound)).ServeHTTP(w, r)
				return
			}
			withRS(http.HandlerFunc(things)).ServeHTTP(w, r)
		}),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).Fetch("https://api.example/files/1").Allowed()
		},
		cors.MissingAllowOrigin,
		[]string{"is followed to https://files.example/1", "Origin: null", "it is better to request the last URL directly"},
	},
}

// adding is what a proxy that adds the header makes of a response.
type adding struct{ http.ResponseWriter }

func (w adding) Write(p []byte) (int, error) {
	w.Header().Add(acao, app)
	return w.ResponseWriter.Write(p)
}

// redirectFirst adds a slash before the CORS layer has its turn, as routers do.
type redirectFirst struct{ next http.Handler }

func (h redirectFirst) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/things" {
		w.Header().Set("Location", "/things/")
		w.WriteHeader(http.StatusPermanentRedirect)
		io.WriteString(w, "moved\n")
		return
	}
	h.next.ServeHTTP(w, r)
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			want := m.want
			if m.reason != 0 {
				want = append(want, m.reason.String(), m.reason.Anchor())
			}
			mustFail(t, func(t corstest.TB) { m.test(t, m.server) }, want...)
		})
	}
}
