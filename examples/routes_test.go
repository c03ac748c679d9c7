package examples

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corsim/corsim/corstest"
)

// target is a route as corstest.Routes takes it: with values for its parameters.
func target(method, pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, ":") || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "*") {
			segments[i] = "1"
		}
	}
	return method + " " + api + strings.Join(segments, "/")
}

// TestRoutes asserts of every route of a router that https://app.example may use it, and nobody else: the router's
// own walker says which there are. That of net/http has none: keep the patterns that are registered in a list.
func TestRoutes(t *testing.T) {
	t.Run("net/http", func(t *testing.T) {
		patterns := []string{"GET /things/{id}", "PUT /things/{id}"}
		m := http.NewServeMux()
		var targets []string
		for _, p := range patterns {
			m.HandleFunc(p, things)
			method, pattern, _ := strings.Cut(p, " ")
			targets = append(targets, target(method, pattern))
		}
		corstest.Routes(t, withRS(m), targets, origins)
	})
	t.Run("chi", func(t *testing.T) {
		m := chi.NewRouter()
		m.Use(chiCORS())
		m.Get("/things/{id}", things)
		m.Put("/things/{id}", things)
		var targets []string
		err := chi.Walk(m, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			targets = append(targets, target(method, route))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		corstest.Routes(t, m, targets, origins)
	})
	t.Run("gin", func(t *testing.T) {
		g := newGin(ginCORS(names)).(*gin.Engine)
		var targets []string
		for _, route := range g.Routes() {
			targets = append(targets, target(route.Method, route.Path))
		}
		corstest.Routes(t, g, targets, origins)
	})
	t.Run("echo", func(t *testing.T) {
		e := newEcho(echoCORS).(*echo.Echo)
		var targets []string
		for _, route := range e.Routes() {
			if route.Method != echo.RouteNotFound {
				targets = append(targets, target(route.Method, route.Path))
			}
		}
		corstest.Routes(t, e, targets, origins)
	})
	t.Run("gorilla", func(t *testing.T) {
		m := newMux()
		var targets []string
		err := m.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
			methods, err := route.GetMethods()
			if err != nil {
				return err
			}
			path, err := route.GetPathTemplate()
			for _, method := range methods {
				targets = append(targets, target(method, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		corstest.Routes(t, gorillaCORS()(m), targets, origins)
	})
}

// TestRoutesFail has one route that permits an origin which only looks like the page's.
func TestRoutesFail(t *testing.T) {
	m := echo.New()
	m.Use(middleware.CORSWithConfig(echoCORS))
	m.GET("/things/:id", echo.WrapHandler(http.HandlerFunc(things)))
	m.GET("/open", func(c echo.Context) error {
		if o := c.Request().Header.Get("Origin"); strings.HasPrefix(o, app) {
			c.Response().Header().Set("Access-Control-Allow-Origin", o)
		}
		return c.NoContent(http.StatusOK)
	})
	var targets []string
	for _, route := range m.Routes() {
		if route.Method != echo.RouteNotFound {
			targets = append(targets, target(route.Method, route.Path))
		}
	}
	slices.Sort(targets)
	mustFail(t, func(t corstest.TB) { corstest.Routes(t, m, targets, origins) },
		"GET https://api.example/open in a page of https://app.example.another-origin.example\n  want blocked\n  got  allowed\n")
}
