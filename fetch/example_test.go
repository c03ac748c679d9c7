package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cookies"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/wire"
)

// scripted is a server that permits https://app.example to GET and PUT.
type scripted struct{}

func (scripted) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	response := &fetch.NetworkResponse{Status: 200, StatusText: "OK", Body: fetch.StringBody("stored")}
	response.Headers.Append("Access-Control-Allow-Origin", "https://app.example")
	if r.Preflight {
		response.Headers.Append("Access-Control-Allow-Methods", "GET, PUT")
		response.Headers.Append("Access-Control-Allow-Headers", "content-type")
	}
	return response, nil
}

// A page asks, and gets a response or a reason.
func ExampleClient_Fetch() {
	page, err := fetch.NewPage("https://app.example/editor", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &fetch.Client{Network: scripted{}} // without Network, the real one
	response, err := client.Fetch(context.Background(), page, "https://api.example/things/1", &fetch.Init{
		Method:  "PUT",
		Headers: headers.List{{Name: "Content-Type", Value: "application/json"}},
		Body:    fetch.Text(`{"name":"x"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(response.Type, response.Status, string(body), err)

	_, err = client.Fetch(context.Background(), page, "https://api.example/things/1", &fetch.Init{Method: "DELETE"})
	fmt.Println(err)
	fmt.Println(errors.Is(err, cors.MethodNotAllowed))
	// Output:
	// cors 200 stored <nil>
	// preflight: method DELETE is not in Access-Control-Allow-Methods "GET, PUT" (it was sent first because method DELETE is not one of GET, HEAD, POST)
	// true
}

// A trace tells what happens on the way, and why.
func ExampleWithTrace() {
	page, err := fetch.NewPage("https://app.example/editor", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := fetch.WithTrace(context.Background(), &fetch.Trace{
		PreflightNeeded: func(url string, _ *cors.Request, causes []cors.Cause) {
			for _, cause := range causes {
				fmt.Println("a preflight is needed:", cause)
			}
		},
		RequestSent: func(r *fetch.NetworkRequest, _ *cors.Request) { fmt.Println("→", r.Method, r.URL) },
		Checked: func(url string, _ *cors.Request, preflight bool, err error) {
			fmt.Println("← checked, preflight:", preflight, "error:", err)
		},
	})
	client := &fetch.Client{Network: scripted{}}
	response, err := client.Fetch(ctx, page, "https://api.example/things/1", &fetch.Init{
		Headers: headers.List{{Name: "Content-Type", Value: "application/json"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	// Output:
	// a preflight is needed: Content-Type "application/json" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain
	// → OPTIONS https://api.example/things/1
	// ← checked, preflight: true error: <nil>
	// → GET https://api.example/things/1
	// ← checked, preflight: false error: <nil>
}

// An XMLHttpRequest differs from fetch() in what it throws and sends.
func ExampleNewXHR() {
	page, err := fetch.NewPage("https://app.example/editor", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = fetch.NewXHR(page, "/upload", &fetch.XHR{Method: "TRACE"})
	fmt.Println(fetch.ExceptionName(err))

	request, err := fetch.NewXHR(page, "https://api.example/upload", &fetch.XHR{
		Method: "POST", Body: fetch.Text("…"), WithCredentials: true, UploadListener: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = (&fetch.Client{Network: scripted{}}).Do(context.Background(), request)
	fmt.Println(err)
	// Output:
	// SecurityError
	// preflight: the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included (it was sent first because an upload progress listener is registered, or the body is a stream)
}

// newBrowser returns an http.Client that fetches as a script of a page does.
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

// Code that takes an *http.Client gets what script would.
func ExampleTransport() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "http://localhost:3000")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("X-Request-Id", "7")
		io.WriteString(w, r.Method+" by "+r.Header.Get("Origin"))
	}))
	defer api.Close()
	client, err := newBrowser("http://localhost:3000/editor")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, method := range []string{"PUT", "DELETE"} {
		request, err := http.NewRequest(method, api.URL, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := client.Do(request)
		if failure, ok := errors.AsType[*cors.Error](err); ok {
			fmt.Println(failure)
			continue
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		fmt.Printf("%s, X-Request-Id %q, %v\n", body, response.Header.Get("X-Request-Id"), err)
	}
	// Output:
	// PUT by http://localhost:3000, X-Request-Id "", <nil>
	// preflight: method DELETE is not in Access-Control-Allow-Methods "PUT" (it was sent first because method DELETE is not one of GET, HEAD, POST)
}

// A transport of one's own, here the client's of a test server with TLS, sends what the page asks for.
func ExampleRoundTripper() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		fmt.Fprint(w, "hello")
	}))
	defer server.Close()
	page, err := fetch.NewPage("https://app.example", nil)
	if err != nil {
		panic(err)
	}
	client := &fetch.Client{Network: fetch.RoundTripper(server.Client().Transport)}
	response, err := client.Fetch(context.Background(), page, server.URL, nil)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(string(body), err)
	// Output: hello <nil>
}

// The jar of an http.Client is the user agent's: it knows nothing of SameSite, of which package cookies does.
func ExampleHTTPJar() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err)
	}
	jar.SetCookies(&url.URL{Scheme: "https", Host: "api.example"}, []*http.Cookie{{Name: "sid", Value: "1"}})
	page, err := fetch.NewPage("https://app.example", nil)
	if err != nil {
		panic(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		fmt.Fprint(w, r.Header.Get("Cookie"))
	})
	client := &http.Client{Transport: &fetch.Transport{
		Page: page, Client: &fetch.Client{Network: wire.Handler(handler), Jar: fetch.HTTPJar(jar)}, Init: &fetch.Init{Credentials: fetch.CredentialsInclude},
	}}
	response, err := client.Get("https://api.example/me")
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(string(body), err)
	// Output: sid=1 <nil>
}

// A page loads what an element asks for. Without crossorigin a script of another origin runs, and its errors are hidden
// from the page; with it the server must permit the page.
func ExampleClient_Load() {
	page, err := fetch.NewPage("https://www.example", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &fetch.Client{Network: scripted{}, Engine: browser.Chromium()}
	anonymous := "anonymous"
	for _, attributes := range []*fetch.Attributes{nil, {CrossOrigin: &anonymous}} {
		request, err := fetch.NewLoad(page, fetch.InitiatorScript, "https://api.example/chart.js", attributes)
		if err != nil {
			fmt.Println(err)
			return
		}
		loaded, err := client.Load(context.Background(), request)
		if err != nil {
			fmt.Println("error event:", err)
			continue
		}
		fmt.Println("load event; errors are hidden:", loaded.Muted)
	}
	// Output:
	// load event; errors are hidden: true
	// error event: Access-Control-Allow-Origin is "https://app.example", not https://www.example
}
