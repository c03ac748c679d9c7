package corstest_test

import (
	"net/http"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
)

// resource is a server that has one thing, and answers with headers besides.
func resource(contentType, body string, besides ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(besides); i += 2 {
			w.Header().Set(besides[i], besides[i+1])
		}
		if r.Method != "OPTIONS" {
			w.Write([]byte(body))
		}
	})
}

// A font on a CDN: it never comes without Access-Control-Allow-Origin.
func ExampleTab_Font() {
	t := new(printer) // in a test this is its *testing.T
	fonts := resource("font/woff2", "wOF2", "Access-Control-Allow-Origin", "*")
	page := corstest.Page(t, "https://app.example", fonts, corstest.Base("https://cdn.example"))
	page.Font("/inter.woff2").Loads()
	closed := corstest.Page(t, "https://app.example", resource("font/woff2", "wOF2"), corstest.Base("https://cdn.example"), corstest.In(browser.Standard(), browser.Chromium(), browser.Firefox()))
	closed.Font("/inter.woff2").Fails(cors.MissingAllowOrigin) // WebKitGTK takes it all the same
	// Output:
}

// An image that is drawn on a canvas: without crossorigin it is shown, and taints it.
func ExampleTab_Image() {
	t := new(printer) // in a test this is its *testing.T
	photos := resource("image/png", "\x89PNG\r\n\x1a\n", "Access-Control-Allow-Origin", "https://app.example", "Vary", "Origin")
	page := corstest.Page(t, "https://app.example", photos, corstest.Base("https://cdn.example"))
	page.Image("/photo.png", corstest.CrossOrigin("anonymous")).Untainted()
	page.Image("/photo.png").Opaque()
	// Output:
}

// A module script: its server must permit the page, and call it JavaScript.
func ExampleTab_Module() {
	t := new(printer) // in a test this is its *testing.T
	page := corstest.Page(t, "https://app.example", resource("text/javascript", "f()", "Access-Control-Allow-Origin", "*"), corstest.Base("https://cdn.example"))
	page.Module("/app.js").Loads()
	closed := corstest.Page(t, "https://app.example", resource("text/javascript", "f()"), corstest.Base("https://cdn.example"))
	closed.Module("/app.js").Fails(cors.MissingAllowOrigin)
	// Output:
}

// An EventSource with cookies: the server must name the origin, and allow credentials.
func ExampleTab_EventSource() {
	t := new(printer) // in a test this is its *testing.T
	events := resource("text/event-stream", "data: x\n\n", "Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Credentials", "true")
	page := corstest.Page(t, "https://app.example", events, corstest.Base("https://api.example"))
	page.EventSource("/events", corstest.WithCredentials()).Loads()
	// Output:
}

// A beacon of JSON has a preflight, which must allow credentials and the header by name.
func ExampleTab_Beacon() {
	t := new(printer) // in a test this is its *testing.T
	log := resource("text/plain", "", "Access-Control-Allow-Origin", "https://app.example", "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Headers", "content-type")
	page := corstest.Page(t, "https://app.example", log, corstest.Base("https://log.example"))
	page.Beacon("/visit", "application/json", `{"page":"/"}`).Preflighted().Loads()
	// Output:
}

// A form is sent from whichever page: the server must refuse a foreign one itself.
func ExampleTab_Form() {
	t := new(printer) // in a test this is its *testing.T
	bank := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "https://bank.example" {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	page := corstest.Page(t, "https://evil.example", bank)
	page.Form("https://bank.example/transfer", "to=me&sum=1").Status(403)
	// Output:
}
