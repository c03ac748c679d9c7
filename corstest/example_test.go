package corstest_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

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
