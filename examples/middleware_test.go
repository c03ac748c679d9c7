package examples

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chicors "github.com/go-chi/cors"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	rscors "github.com/rs/cors"

	"github.com/corsim/corsim/corstest"
)

const app = "https://app.example"

// What every server here is to allow, in the terms of its middleware.
var (
	origins = []string{app}
	methods = []string{"GET", "PUT"}
	names   = []string{"Content-Type"}
	exposed = []string{"X-Total-Count"}
)

func things(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Total-Count", "7")
	io.WriteString(w, "{}")
}

func withRS(h http.Handler) http.Handler {
	return rscors.New(rscors.Options{
		AllowedOrigins: origins, AllowedMethods: methods, AllowedHeaders: names, ExposedHeaders: exposed, AllowCredentials: true,
	}).Handler(h)
}

func newRS() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /things/{id}", things)
	m.HandleFunc("PUT /things/{id}", things)
	return withRS(m)
}

// gorilla's middleware goes around the router: within, it is never called for an
// OPTIONS that no route matches.
func gorillaCORS() func(http.Handler) http.Handler {
	return handlers.CORS(handlers.AllowedOrigins(origins), handlers.AllowedMethods(methods), handlers.AllowedHeaders(names),
		handlers.ExposedHeaders(exposed), handlers.AllowCredentials())
}

func newMux() *mux.Router {
	m := mux.NewRouter()
	m.HandleFunc("/things/{id}", things).Methods("GET", "PUT")
	return m
}

func chiCORS() func(http.Handler) http.Handler {
	return chicors.Handler(chicors.Options{
		AllowedOrigins: origins, AllowedMethods: methods, AllowedHeaders: names, ExposedHeaders: exposed, AllowCredentials: true,
	})
}

func newGin(use ...gin.HandlerFunc) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.Use(use...)
	g.GET("/things/:id", gin.WrapF(things))
	g.PUT("/things/:id", gin.WrapF(things))
	return g
}

func ginCORS(headers []string) gin.HandlerFunc {
	return cors.New(cors.Config{
		AllowOrigins: origins, AllowMethods: methods, AllowHeaders: headers, ExposeHeaders: exposed, AllowCredentials: true,
	})
}

func newEcho(c middleware.CORSConfig) http.Handler {
	e := echo.New()
	e.Use(middleware.CORSWithConfig(c))
	e.GET("/things/:id", echo.WrapHandler(http.HandlerFunc(things)))
	e.PUT("/things/:id", echo.WrapHandler(http.HandlerFunc(things)))
	return e
}

var echoCORS = middleware.CORSConfig{
	AllowOrigins: origins, AllowMethods: methods, AllowHeaders: names, ExposeHeaders: exposed, AllowCredentials: true,
}

// TestMiddleware has, for each, a test that passes, and one that is to fail since the
// server is set up as it often is, or does not allow what is asked.
func TestMiddleware(t *testing.T) {
	for _, test := range []struct {
		name  string
		right http.Handler
		wrong http.Handler
		mixed bool     // a shared cache mixes up its pages
		want  []string // in the failure
	}{
		{"rs/cors", newRS(), rscors.New(rscors.Options{
			AllowedOrigins: origins, AllowedMethods: methods, AllowedHeaders: []string{"X-Other"}, AllowCredentials: true,
		}).Handler(http.HandlerFunc(things)),
			false, []string{"missing-allow-origin", "← 204 No Content", "(no Access-Control header)"}},
		{"gorilla/mux", gorillaCORS()(newMux()), func() http.Handler { m := newMux(); m.Use(gorillaCORS()); return m }(), true, []string{"preflight-status", "← 405 Method Not Allowed", "nothing handles OPTIONS"}},
		{"chi", func() http.Handler {
			m := chi.NewRouter()
			m.Use(chiCORS())
			m.Get("/things/{id}", things)
			m.Put("/things/{id}", things)
			return m
		}(), func() http.Handler {
			m := chi.NewRouter()
			m.With(chiCORS()).Put("/things/{id}", things)
			return m
		}(), false, []string{"preflight-status", "← 405 Method Not Allowed", "nothing handles OPTIONS"}},
		{"gin", newGin(ginCORS(names)), newGin(ginCORS([]string{"X-Other"})), true,
			[]string{"blocked: header-not-allowed\n", "+ Access-Control-Allow-Headers: X-Other, content-type"}},
		{"echo", newEcho(echoCORS), newEcho(middleware.CORSConfig{AllowOrigins: origins, AllowMethods: methods, AllowHeaders: names, ExposeHeaders: exposed}),
			false, []string{"blocked: allow-credentials-not-true\n", "+ Access-Control-Allow-Credentials: true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			put := func(t corstest.TB, h http.Handler) {
				corstest.Page(t, app, h).Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).
					Preflighted().Allowed().Exposes("X-Total-Count").Status(200).Body("{}")
			}
			put(t, test.right)
			corstest.Page(t, "https://evil.example", test.right).Fetch("https://api.example/things/1").Blocked()
			cached := func(t corstest.TB) {
				corstest.Page(t, app, test.right).Fetch("https://api.example/things/1", corstest.Credentials()).SafeToCache()
			}
			if test.mixed {
				mustFail(t, cached, "+ Vary: Origin")
			} else {
				cached(t)
			}
			mustFail(t, func(t corstest.TB) { put(t, test.wrong) }, test.want...)
		})
	}
}
