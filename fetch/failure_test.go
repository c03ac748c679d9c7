package fetch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// TestFailure holds that the messages of a fetch have its own URLs, origin and
// spelling in them.
func TestFailure(t *testing.T) {
	servers := site{
		"https://old.example/start":        {"302\nacao: *\nLocation: https://api.example/thing"},
		"https://api.example/thing":        {"200\nacao: https://other.example"},
		"OPTIONS https://api.example/else": {"204\nacao: https://app.example"},
	}
	page, err := fetch.NewPage("https://app.example/page.html", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		engine *browser.Engine
		url    string
		init   fetch.Init
		xhr    bool
		want   string
	}{
		{browser.Chromium(), "https://old.example/start#a", fetch.Init{}, false,
			"Access to fetch at 'https://api.example/thing#a' (redirected from 'https://old.example/start#a') from origin 'https://app.example' has been blocked by CORS policy: " +
				"The 'Access-Control-Allow-Origin' header has a value 'https://other.example' that is not equal to the supplied origin. Have the server send the header with a valid value.\n" +
				"[exception] TypeError: Failed to fetch"},
		{browser.Chromium(), "https://api.example/thing", fetch.Init{Destination: "font"}, false,
			"Access to font at 'https://api.example/thing' from origin 'https://app.example' has been blocked by CORS policy: " +
				"The 'Access-Control-Allow-Origin' header has a value 'https://other.example' that is not equal to the supplied origin."},
		{browser.WebKit(), "https://api.example/else", fetch.Init{Headers: headers.List{{Name: "X-TOKEN", Value: "1"}}}, false,
			"SECURITY ERROR Request header field X-TOKEN is not allowed by Access-Control-Allow-Headers.\n" +
				"JS ERROR Fetch API cannot load https://api.example/else due to access control checks.\n[exception] TypeError: Load failed"},
		{browser.Firefox(), "https://refused.example/", fetch.Init{}, true,
			"[CORSDidNotSucceed2] Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://refused.example/. (Reason: CORS request did not succeed). Status code: (null)."},
		{browser.Standard(), "https://refused.example/", fetch.Init{}, false, ""},
	} {
		client := &fetch.Client{Network: &network{site: servers}, Engine: test.engine}
		var request *fetch.Request
		if test.xhr {
			request, err = fetch.NewXHR(page, test.url, &fetch.XHR{})
		} else {
			request, err = fetch.NewRequest(page, test.url, &test.init)
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		ctx := fetch.WithTrace(context.Background(), &fetch.Trace{Ended: func(failure *browser.Failure) {
			for _, m := range test.engine.Messages(failure) {
				got = append(got, m.String())
			}
		}})
		if _, err := client.Do(ctx, request); err == nil {
			t.Fatalf("%s: nothing failed", test.url)
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s, %s:\n%s\nwant\n%s", test.engine.Name(), test.url, strings.Join(got, "\n"), test.want)
		}
	}
}

// TestInvalidArgumentHasItsValue holds that the errors of the APIs carry what was
// refused.
func TestInvalidArgumentHasItsValue(t *testing.T) {
	page, err := fetch.NewPage("https://app.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		url                      string
		init                     fetch.Init
		subject, header, refused string
	}{
		{"/", fetch.Init{Method: "G T"}, "method", "", "G T"},
		{"/", fetch.Init{Method: "CONNECT"}, "method", "", "CONNECT"},
		{"/", fetch.Init{Method: "PUT", Mode: fetch.ModeNoCORS}, "method", "", "PUT"},
		{"/", fetch.Init{Headers: headers.List{{Name: "X A", Value: "1"}}}, "headers", "X A", ""},
		{"/", fetch.Init{Headers: headers.List{{Name: "X-A", Value: "a\x00"}}}, "headers", "X-A", "a\x00"},
		{"http://[", fetch.Init{}, "the URL", "", "http://["},
		{"https://u@app.example/", fetch.Init{}, "the URL", "", "https://u@app.example/"},
		{"/", fetch.Init{Referrer: "http://["}, "referrer", "", "http://["},
	} {
		_, err := fetch.NewRequest(page, test.url, &test.init)
		e, ok := err.(*cors.Error)
		if !ok || e.Subject != test.subject || e.Header != test.header || e.Value != test.refused || !e.Present {
			t.Errorf("%s %+v: %#v", test.url, test.init, err)
		}
	}
}
