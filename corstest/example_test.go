package corstest_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
)

// newServer returns a server that lets https://app.example list and change things.
func newServer() http.Handler {
	return server("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "content-type")
}

// server returns a server whose responses have headers, beside those that it could
// not do without.
func server(nameValues ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Vary", "Origin")
		if r.Header.Get("Origin") == "https://app.example" {
			h.Set("Access-Control-Allow-Origin", "https://app.example")
			h.Set("Access-Control-Allow-Credentials", "true")
		}
		for i := 0; i < len(nameValues); i += 2 {
			h.Set(nameValues[i], nameValues[i+1])
		}
		if r.Method == "OPTIONS" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("X-Total-Count", "7")
		h.Set("Access-Control-Expose-Headers", "X-Total-Count")
		io.WriteString(w, "{}")
	})
}

// without returns a server that leaves a header out of every response.
func without(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del(name)
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}

func TestThings(t *testing.T) {
	page := corstest.Page(t, "https://app.example", newServer())
	page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).Allowed().Exposes("X-Total-Count")
	page.Fetch("DELETE https://api.example/things/1").Blocked(cors.MethodNotAllowed)
}

// printer is a TB whose failures are the output of an example.
type printer struct{ cleanups []func() }

func (p *printer) Helper()                        {}
func (p *printer) Errorf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
func (p *printer) Fatalf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
func (p *printer) Cleanup(f func())               { p.cleanups = append(p.cleanups, f) }
func (p *printer) Context() context.Context       { return context.Background() }

func Example() {
	// In a test this is its *testing.T, and a failure fails it.
	t := new(printer)

	page := corstest.Page(t, "https://app.example", newServer())
	page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).Allowed().Exposes("X-Total-Count")
	page.Fetch("DELETE https://api.example/things/1").Blocked(cors.MethodNotAllowed)
	// Output:
}

// What a failure says: here the server has lost a header.
func ExampleResult_Allowed() {
	t := new(printer)
	page := corstest.Page(t, "https://app.example", without("Access-Control-Allow-Headers", newServer()))
	page.Fetch("PUT https://api.example/things/1", corstest.JSON(`{}`), corstest.Credentials()).Allowed().Exposes("X-Total-Count")
	// Output:
	// PUT https://api.example/things/1 in a page of https://app.example
	//   want allowed
	//   got  blocked: header-not-allowed
	//   in   standard, chromium, firefox, webkit
	//
	//     → OPTIONS https://api.example/things/1  (preflight)
	//         Access-Control-Request-Method: PUT
	//         Access-Control-Request-Headers: content-type
	//         Origin: https://app.example
	//         because method PUT is not one of GET, HEAD, POST
	//         because Content-Type "application/json" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain
	//     ← 204 No Content
	//         Access-Control-Allow-Credentials: true
	//         Access-Control-Allow-Methods: PUT
	//         Access-Control-Allow-Origin: https://app.example
	//         Vary: Origin
	//     ✗ preflight: request header content-type is not in Access-Control-Allow-Headers (absent)  (header-not-allowed)
	//       https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
	//     Most likely: The server's CORS configuration lists the request headers that it allows, and content-type is not among them. (Access-Control-Allow-Headers is absent)
	//     What to do, for who runs the server: Add the header to those that are allowed, in addition to those that it allows already.
	//     Also: The header needs a preflight because of its value: Content-Type is safelisted only for form and text types. Allow content-type, or send a form type.
	//     To fix it, the response to the preflight must have:
	//       + Access-Control-Allow-Headers: content-type
}

// Engines do not agree on everything.
func ExampleResult_Blocked() {
	t := new(printer)
	page := corstest.Page(t, "https://app.example", server("Access-Control-Allow-Headers", "*", "Access-Control-Allow-Credentials", ""))
	page.Fetch("https://api.example/things", corstest.Header("Authorization", "Bearer x")).Blocked(cors.NonWildcardHeaderNotAllowed)
	// Output:
	// GET https://api.example/things in a page of https://app.example
	//   want blocked: non-wildcard-header-not-allowed
	//   got  allowed
	//   in   chromium, firefox, webkit; not in standard
	//
	//     → OPTIONS https://api.example/things  (preflight)
	//         Access-Control-Request-Method: GET
	//         Access-Control-Request-Headers: authorization
	//         Origin: https://app.example
	//         because header Authorization is not CORS-safelisted
	//     ← 204 No Content
	//         Access-Control-Allow-Credentials:
	//         Access-Control-Allow-Headers: *
	//         Access-Control-Allow-Origin: https://app.example
	//         Vary: Origin
	//     → GET https://api.example/things
	//         Authorization: Bearer x
	//         Origin: https://app.example
	//     ← 200 OK
	//         Access-Control-Allow-Credentials:
	//         Access-Control-Allow-Headers: *
	//         Access-Control-Allow-Origin: https://app.example
	//         Access-Control-Expose-Headers: X-Total-Count
	//         Vary: Origin
}

func ExampleResult_Exposes() {
	t := new(printer)
	page := corstest.Page(t, "https://app.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("X-Total-Count", "7")
	}))
	page.Fetch("https://api.example/things").Exposes("X-Total-Count")
	// Output:
	// GET https://api.example/things in a page of https://app.example
	//   want exposes X-Total-Count
	//   got  the server sent X-Total-Count, but script cannot read it
	//   in   standard, chromium, firefox, webkit
	//
	//     → GET https://api.example/things
	//         Origin: https://app.example
	//     ← 200 OK
	//         Access-Control-Allow-Origin: *
	//         X-Total-Count: 7
	//     To fix it, the response must have:
	//       + Access-Control-Expose-Headers: X-Total-Count
}

// A server that is running, such as one of httptest, is asked over its socket.
func ExampleLivePage() {
	t := new(printer)
	server := httptest.NewServer(newServer())
	defer server.Close()
	page := corstest.LivePage(t, "http://app.example", server.URL)
	page.Fetch("/things").Blocked(cors.MissingAllowOrigin) // it permits https://app.example alone
	// Output:
}

// That the response is kept from script does not protect a handler: that nothing was sent does.
func ExampleResult_NotSent() {
	t := new(printer)
	page := corstest.Page(t, "https://evil.example", newServer(), corstest.Base("https://api.example"))
	page.Fetch("DELETE /things/1").Blocked().NotSent()
	page.Fetch("POST /things", corstest.Text("x")).Blocked().NotSent()
	// Output:
	// POST https://api.example/things in a page of https://evil.example
	//   want not sent
	//   got  the request was sent, and the handler ran; only its response is kept from script (blocked: missing-allow-origin): it needs no preflight. Let the handler refuse it by its Origin or Sec-Fetch-Site, as http.CrossOriginProtection does, or take only what needs one, such as application/json
	//   in   standard, chromium, firefox, webkit
	//
	//     → POST https://api.example/things
	//         Content-Type: text/plain;charset=UTF-8
	//         Origin: https://evil.example
	//     ← 200 OK
	//         Access-Control-Allow-Headers: content-type
	//         Access-Control-Allow-Methods: PUT
	//         Access-Control-Expose-Headers: X-Total-Count
	//         Vary: Origin
	//     ✗ the response has no Access-Control-Allow-Origin header  (missing-allow-origin)
	//       https://fetch.spec.whatwg.org/#concept-cors-check
}

// A session whose cookie is for the site of the page alone.
func ExampleCookie() {
	t := new(printer)
	session := corstest.Cookie("https://api.app.example/", "sid=1; Secure; SameSite=Lax")
	request := func(page string) *corstest.Result {
		return corstest.Page(t, page, newServer(), session).Fetch("https://api.app.example/me", corstest.Credentials())
	}
	request("https://app.example").SendsCookie("sid", "1")
	request("https://evil.example").SendsNoCookie("sid")
	// Output:
}

// Each browser has a server of its own, where what it answers depends on what it was asked before.
func ExampleFresh() {
	t := new(printer)
	page := corstest.Page(t, "https://app.example", nil, corstest.Fresh(newServer), corstest.Base("https://api.example"))
	page.Fetch("PUT /things/1", corstest.JSON(map[string]string{"name": "x"})).Allowed().Status(200)
	// Output:
}

// Nobody else may use these, whatever their origin looks like.
func ExampleRoutes() {
	t := new(printer)
	corstest.Routes(t, newServer(), []string{"GET https://api.example/things", "PUT https://api.example/things/1"}, []string{"https://app.example"})
	// Output:
}

// What simulate probe finds on a live server.
func ExampleResult_Audit() {
	t := new(printer)
	everybody := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
	})
	corstest.Page(t, "https://app.example", everybody).Fetch("https://api.example/me", corstest.Credentials()).Audit("null-accepted")
	// Output:
	// GET https://api.example/me in a page of https://app.example
	//   want nothing permitted that should not be
	//
	//   ✗ Every page on the web can act as the user who is logged in, and read the answers: the origin is repeated whatever it is, with credentials.  (reflected-with-credentials, high)
	//     Origin: https://cors-probe.invalid is answered with Access-Control-Allow-Origin: https://cors-probe.invalid and Access-Control-Allow-Credentials: true
	//     https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
}

// A file that people review, in which the promises are.
func ExampleContract() {
	t := new(printer)
	corstest.Contract(t, newServer(), "testdata/things.contract")
	// Output:
}

func ExampleResult_SafeToCache() {
	t := new(printer)
	corstest.Page(t, "https://app.example", newServer()).Fetch("https://api.example/things").SafeToCache()
	// Output:
}

// The preflight's answer is good for ten minutes.
func ExampleResult_MaxAge() {
	t := new(printer)
	h := server("Access-Control-Allow-Methods", "PUT", "Access-Control-Max-Age", "600")
	corstest.Page(t, "https://app.example", h).Fetch("PUT https://api.example/things/1").MaxAge(10 * time.Minute)
	// Output:
}
