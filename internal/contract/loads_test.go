package contract

import (
	"net/http"
	"strings"
	"testing"
)

// media is a service that permits its fonts to everybody, its images to one page and its events with cookies.
var media = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h, page := w.Header(), "https://app.example"
	switch r.URL.Path {
	case "/x.woff2":
		h.Set("Content-Type", "font/woff2")
		h.Set("Access-Control-Allow-Origin", "*")
		w.Write([]byte("wOF2"))
	case "/i.png", "/own.png":
		h.Set("Content-Type", "image/png")
		if r.URL.Path == "/i.png" {
			h.Set("Access-Control-Allow-Origin", page)
		} else {
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		w.Write([]byte("\x89PNG\r\n\x1a\n"))
	case "/events":
		h.Set("Content-Type", "text/event-stream")
		h.Set("Access-Control-Allow-Origin", page)
		h.Set("Access-Control-Allow-Credentials", "true")
	case "/log":
		h.Set("Access-Control-Allow-Origin", page)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Allow-Headers", "content-type")
	case "/m.js":
		h.Set("Content-Type", "text/javascript")
		w.Write([]byte("f()"))
	}
})

func TestLoads(t *testing.T) {
	const text = `page https://app.example
  allow font        /x.woff2
  allow image       /i.png
  allow image       /i.png    crossorigin
  block image       /i.png    credentials because allow-credentials-not-true
  block image       /own.png  because cross-origin-resource-policy
  allow eventsource /events   credentials
  allow beacon      /log      json
  block module      /m.js     because missing-allow-origin
  allow script      /m.js
  block script      /m.js     crossorigin
  block worker      /m.js     because same-origin-mode
`
	c, err := Parse("cors.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse("again", c.String()); err != nil || again.String() != c.String() {
		t.Errorf("written and read back: %v\n%s", err, c)
	}
	report, err := Run(t.Context(), c, Handler(media))
	if err != nil {
		t.Fatal(err)
	}
	if broken, unknown := report.Broken(); broken+unknown > 0 {
		var b strings.Builder
		report.Text(&b)
		t.Error(b.String())
	}
}

func TestLoadsBroken(t *testing.T) {
	const text = `page https://app.example
  allow font   /m.js
  allow image  /own.png crossorigin
  block script /m.js
  allow module /m.js
`
	c, err := Parse("cors.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), c, Handler(media))
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		if result.Verdict != Broken || result.Problem == "" || result.Detail == "" {
			t.Errorf("%s: %s, %q", result.Promise.Title(), result.Verdict, result.Problem)
		}
	}
}

func TestLoadsNotSent(t *testing.T) {
	c, err := Parse("cors.contract", "page https://app.example\n  allow beacon /log json\n  allow font /x.woff2\n")
	if err != nil {
		t.Fatal(err)
	}
	options := Handler(media)
	options.SendUnsafe = false
	report, err := Run(t.Context(), c, options)
	if err != nil {
		t.Fatal(err)
	}
	if r := report.Results[0]; r.Verdict != Kept || !strings.Contains(r.Note, "only its preflight was sent") {
		t.Errorf("%s %q %q", r.Verdict, r.Note, r.Problem)
	}
}

func TestLoadsSyntax(t *testing.T) {
	for line, want := range map[string]string{
		"allow form /f":                          "The server must look at Origin itself",
		"allow frame /f":                         "The server must look at Origin itself",
		"allow preload /f":                       "promise what is preloaded",
		"allow font /f crossorigin":              "crossorigin has no meaning for font",
		"allow font /f credentials":              "credentials has no meaning for font",
		"allow image /f json":                    "json has no meaning for image",
		"allow image /f header X-A":              "header has no meaning",
		"allow image /f expose X-A":              "expose has no meaning",
		"allow GET /f crossorigin":               "crossorigin is for what an element loads",
		"allow image /f crossorigin crossorigin": "crossorigin is for what an element loads",
	} {
		_, err := Parse("c", "page https://app.example\n"+line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
