package examples

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"
	connectcors "connectrpc.com/cors"
	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chicors "github.com/go-chi/cors"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4/middleware"
	rscors "github.com/rs/cors"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/corsim/corsim/corstest"
)

var update = flag.Bool("update", false, "write the golden files")

const api = "https://api.example"

// servers are of twelve kinds. Each has a test that the right one passes, and one that is wrong in one way, whose
// failure testdata/servers has.
var servers = []struct {
	name         string
	right, wrong http.Handler
	test         func(t corstest.TB, server http.Handler)
}{
	{"net-http", withRS(newThings()), corsWithin(newThings()), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch("PUT "+api+"/things/1", corstest.JSON(map[string]int{"n": 1}), corstest.Credentials()).Allowed().Status(200)
	}},
	{"chi", newChi("GET", "PUT", "DELETE"), newChi("GET", "PUT"), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch("DELETE " + api + "/things/1").Allowed()
	}},
	{"gin", newVaryingGin(true), newVaryingGin(false), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch(api + "/things/1").SafeToCache()
	}},
	{"echo", newEcho(echoCORS), newEcho(middleware.CORSConfig{AllowOrigins: origins, AllowMethods: methods, AllowHeaders: names, ExposeHeaders: exposed}),
		func(t corstest.TB, server http.Handler) {
			corstest.Page(t, app, server).XHR(api+"/things/1", corstest.Credentials()).Allowed()
		}},
	{"gorilla", gorillaCORS()(newMux()), func() http.Handler { m := newMux(); m.Use(gorillaCORS()); return m }(), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch("PUT " + api + "/things/1").Preflighted().PreflightStatus(200).Allowed()
	}},
	{"rs-cors", newRSWith("Content-Type", "X-Requested-With"), newRSWith("Content-Type"), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch(api+"/things/1", corstest.Header("X-Requested-With", "XMLHttpRequest")).Allowed()
	}},
	{"fiber", newFiber("X-Total-Count"), newFiber(""), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch(api + "/things/1").Exposes("X-Total-Count")
	}},
	{"connect", newConnect(connectcors.AllowedHeaders()), newConnect([]string{"Content-Type"}), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch("POST "+api+"/ping.v1.Ping/Ping", corstest.JSON("{}"), corstest.Header("Connect-Protocol-Version", "1")).Allowed().Body("{}")
	}},
	{"event-stream", events(app), events("*"), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).EventSource(api+"/events", corstest.WithCredentials()).Loads()
	}},
	{"upload", rscors.New(rscors.Options{AllowedOrigins: origins, AllowedMethods: []string{"POST"}}).Handler(upload), corsWithin(postOnly(upload)), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).XHRUpload("POST "+api+"/photos", corstest.Multipart(nil, corstest.File{Field: "photo", Name: "a.png", Content: []byte("PNG")})).Status(200).Body("3 bytes")
	}},
	{"reverse-proxy", proxy(newThings(), true), proxy(newRS(), true), func(t corstest.TB, server http.Handler) {
		corstest.Page(t, app, server).Fetch(api + "/things/1").Allowed()
	}},
	{"session", session(http.SameSiteNoneMode), session(http.SameSiteDefaultMode), func(t corstest.TB, server http.Handler) {
		page := corstest.Page(t, app, server, corstest.Always(corstest.Credentials()), corstest.Base(api))
		page.Fetch("POST /login", corstest.Form(url.Values{"name": {"eve"}})).Status(204)
		page.Fetch("/me").SendsCookie("sid", "eve").Status(200)
	}},
}

func newThings() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /things/{id}", things)
	m.HandleFunc("PUT /things/{id}", things)
	return m
}

// corsWithin sets the headers on what the handler answers, and leaves OPTIONS to it.
func corsWithin(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == app {
			w.Header().Set("Access-Control-Allow-Origin", app)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		}
		w.Header().Add("Vary", "Origin")
		h.ServeHTTP(w, r)
	})
}

func newChi(methods ...string) http.Handler {
	m := chi.NewRouter()
	m.Use(chicors.Handler(chicors.Options{AllowedOrigins: origins, AllowedMethods: methods}))
	m.Get("/things/{id}", things)
	m.Delete("/things/{id}", things)
	return m
}

// newVaryingGin returns a server of gin, whose middleware does not say to whom has no Origin that its answers
// depend on it, unless the application does.
func newVaryingGin(says bool) http.Handler {
	return newGin(func(c *gin.Context) {
		if says && c.GetHeader("Origin") == "" {
			c.Header("Vary", "Origin")
		}
	}, gincors.New(gincors.Config{AllowOrigins: origins, AllowMethods: methods}))
}

func newRSWith(headers ...string) http.Handler {
	return rscors.New(rscors.Options{AllowedOrigins: origins, AllowedHeaders: headers}).Handler(newThings())
}

// newFiber returns an app of fiber as a handler: that is one way to test it; another is to have it listen, with
// corstest.LivePage.
func newFiber(exposed string) http.Handler {
	a := fiber.New()
	a.Use(fibercors.New(fibercors.Config{AllowOrigins: app, ExposeHeaders: exposed}))
	a.Get("/things/:id", func(c *fiber.Ctx) error {
		c.Set("X-Total-Count", "7")
		return c.SendString("{}")
	})
	return adaptor.FiberApp(a)
}

func newConnect(headers []string) http.Handler {
	const procedure = "/ping.v1.Ping/Ping"
	m := http.NewServeMux()
	m.Handle(procedure, connect.NewUnaryHandler(procedure, func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
		return connect.NewResponse(new(emptypb.Empty)), nil
	}))
	return rscors.New(rscors.Options{AllowedOrigins: origins, AllowedMethods: connectcors.AllowedMethods(), AllowedHeaders: headers, ExposedHeaders: connectcors.ExposedHeaders()}).Handler(m)
}

// events never ends, as long as somebody reads.
func events(allowed string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", allowed)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
}

var upload = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("photo")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer file.Close()
	n, _ := io.Copy(io.Discard, file)
	fmt.Fprintf(w, "%d bytes", n)
})

func postOnly(h http.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("POST /photos", h)
	return m
}

// inProcess is a transport to a handler.
type inProcess struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// proxy adds the header to what an application answers.
func proxy(application http.Handler, adds bool) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "application.internal"}) },
		Transport: inProcess{application},
		ModifyResponse: func(r *http.Response) error {
			if adds {
				r.Header.Add("Access-Control-Allow-Origin", app)
			}
			return nil
		},
	}
}

// session signs people in by a cookie.
func session(sameSite http.SameSite) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: r.FormValue("name"), Path: "/", HttpOnly: true, Secure: true, SameSite: sameSite})
		w.WriteHeader(http.StatusNoContent)
	})
	m.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("sid"); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	return rscors.New(rscors.Options{AllowedOrigins: origins, AllowCredentials: true}).Handler(m)
}

// TestServers has each server that is right pass, and each that is wrong fail with the text that testdata/servers has.
func TestServers(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			s.test(t, s.right)
			e := &expect{T: t}
			s.test(e, s.wrong)
			for _, f := range e.cleanups {
				f()
			}
			if len(e.failures) != 1 {
				t.Fatalf("%d failures, not one:\n%s", len(e.failures), strings.Join(e.failures, "\n"))
			}
			file := filepath.Join("testdata", "servers", s.name+".txt")
			got := e.failures[0] + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-%s +got:\n%s", file, diff)
			}
		})
	}
}
