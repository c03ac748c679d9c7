package docs_test

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/lab/demo"
	"github.com/corsim/corsim/monitor"
)

func newBrowser(pageURL string) (*http.Client, error) {
	page, err := fetch.NewPage(pageURL, nil)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: &fetch.Transport{Page: page, Client: &fetch.Client{
		Engine: browser.Firefox(),
		Jar:    cookies.New(cookies.Options{Policy: cookies.PolicyFor(browser.Firefox())}),
	}}}, nil
}

func why(err error) string {
	var refused *cors.Error
	if errors.As(err, &refused) {
		return refused.Reason.String()
	}
	return "not CORS"
}

func explained(ctx context.Context, say func(string)) context.Context {
	return fetch.WithTrace(ctx, &fetch.Trace{
		PreflightNeeded: func(url string, _ *cors.Request, causes []cors.Cause) { say("a preflight is needed: " + url) },
		PreflightCached: func(url string) { say("permitted by an earlier preflight: " + url) },
		CookieRefused:   func(url, setCookie, why string) { say("a cookie is not stored: " + why) },
	})
}

// What the page about embedding says comes out.
func TestEmbed(t *testing.T) {
	server := httptest.NewServer(demo.Handler())
	defer server.Close()
	client, err := newBrowser(demo.Page + "/")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	ctx := explained(context.Background(), func(s string) { said = append(said, s) })
	ask := func(path string) error {
		request, err := http.NewRequestWithContext(ctx, "PUT", server.URL+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := ask("/open"); err != nil {
		t.Error(err)
	}
	if err := ask("/closed"); err == nil || why(err) != "missing-allow-origin" {
		t.Errorf("%v", err)
	}
	if want := fmt.Sprintf("[a preflight is needed: %[1]s/open a preflight is needed: %[1]s/closed]", server.URL); fmt.Sprint(said) != want {
		t.Errorf("it says %v, want %s", said, want)
	}
	if why(errors.New("x")) != "not CORS" {
		t.Error("any error is CORS")
	}
}

// What the page about production says comes out.
func TestWatch(t *testing.T) {
	listen := func(_ string, watched http.Handler) {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "http://api.example/things", nil)
		request.Header.Set("Origin", demo.Page)
		watched.ServeHTTP(answer, request)
	}
	mux := demo.Handler()
	http := struct {
		NewServeMux    func() *http.ServeMux
		ListenAndServe func(string, http.Handler)
	}{http.NewServeMux, listen}
	watched := monitor.Handler(mux, monitor.Options{Logger: slog.Default()}) // outside of what sets CORS headers
	expvar.Publish("cors", watched)
	debug := http.NewServeMux() // on a port that only you reach
	debug.Handle("/debug/cors", watched.Page())
	http.ListenAndServe(":8080", watched)
	if counted := expvar.Get("cors").String(); !strings.Contains(counted, `"cause":"not-configured"`) {
		t.Errorf("it counted %s", counted)
	}
}
