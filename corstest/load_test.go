package corstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/corstest"
)

// cdn serves what pages load, and permits https://app.example what begins with /open.
var cdn = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if strings.HasPrefix(r.URL.Path, "/open") {
		h.Set("Access-Control-Allow-Origin", "https://app.example")
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Allow-Headers", "content-type")
		h.Set("Vary", "Origin")
	}
	if r.Method == "OPTIONS" {
		w.WriteHeader(204)
		return
	}
	types := map[string][2]string{
		"png": {"image/png", "\x89PNG\r\n\x1a\n"}, "js": {"text/javascript", "f()"}, "css": {"text/css", "a{}"},
		"woff2": {"font/woff2", "wOF2"}, "webm": {"video/webm", "\x1aE\xdf\xa3"}, "events": {"text/event-stream", "data: x\n\n"},
	}
	is := types[r.URL.Path[strings.LastIndexByte(r.URL.Path, '.')+1:]]
	h.Set("Content-Type", is[0])
	w.Write([]byte(is[1]))
})

func TestLoads(t *testing.T) {
	page := corstest.Page(t, "https://app.example", cdn, corstest.Base("https://cdn.example"))
	anonymous := corstest.CrossOrigin("anonymous")

	page.Image("/x.png").Loads().Opaque()
	page.Image("/x.png", anonymous).Fails(cors.MissingAllowOrigin)
	page.Image("/open/x.png", anonymous).Untainted().Sends("Origin", "https://app.example")
	page.Image("/open/x.png").Opaque() // a canvas is tainted whatever the server permits

	page.Script("/x.js").Opaque()
	page.Script("/open/x.js", corstest.CrossOrigin("use-credentials")).Readable()
	page.Script("/x.js", corstest.Integrity("sha256-AAAA")).Fails()
	page.Module("/x.js").Fails(cors.MissingAllowOrigin)
	page.Module("/open/x.js").Loads()
	page.Module("/open/x.css").Fails(cors.MIMEType)
	page.Style("/open/x.css", anonymous).Readable()
	page.Media("/x.webm").Opaque()
	page.EventSource("/open/x.events", corstest.WithCredentials()).Loads()
	page.EventSource("/x.events").Fails(cors.MissingAllowOrigin)
	page.Beacon("/open/log", "application/json", "{}").Loads().Preflighted()
	page.Beacon("/log", "application/json", "{}").Fails(cors.MissingAllowOrigin)
	page.Beacon("/log", "text/plain", "x").Loads()
}

func TestLoadsFail(t *testing.T) {
	for _, test := range []struct {
		name string
		ask  func(*corstest.Tab)
		want string
	}{
		{"a font without CORS", func(p *corstest.Tab) { p.Font("/x.woff2").Loads() }, "want loads\n  got  blocked: missing-allow-origin\n  in   standard, chromium, firefox; not in webkit\n"},
		{"a canvas that is tainted", func(p *corstest.Tab) { p.Image("/x.png").Untainted() }, "want untainted\n  got  it loads, and the page may not read it: without the attribute crossorigin nothing is asked of the server\n"},
		{"a worker of another origin", func(p *corstest.Tab) { p.Worker("/x.js").Loads() }, "got  blocked: same-origin-mode\n"},
		{"nothing asserted", func(p *corstest.Tab) { p.Module("/x.js") }, "nothing is asserted"},
	} {
		r := &recorder{T: t}
		test.ask(corstest.Page(r, "https://app.example", cdn, corstest.Base("https://cdn.example")))
		if got := r.end(); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s\nis not %s", test.name, got, test.want)
		}
	}
}

// newCDN permits https://app.example all that it serves.
func newCDN() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/open" + r.URL.Path
		cdn(w, r)
	})
}

func TestCDN(t *testing.T) {
	page := corstest.Page(t, "https://app.example", newCDN(), corstest.Base("https://cdn.example"))
	page.Font("/a.woff2").Loads()
	page.Image("/a.png", corstest.CrossOrigin("anonymous")).Untainted() // a canvas can be read
	page.Module("/a.js").Loads()
	page.EventSource("/a.events", corstest.WithCredentials()).Loads()
	page.Beacon("/log", "application/json", "{}").Loads().Preflighted()
}

// TestForm holds that a form arrives whatever CORS says, with its Origin, and that Status is about the answer.
func TestForm(t *testing.T) {
	bank := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "https://bank.example" || r.FormValue("to") != "me" {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	own := corstest.Page(t, "https://bank.example", bank)
	own.Form("https://bank.example/transfer", "to=me&sum=1").Status(200)
	foreign := corstest.Page(t, "https://evil.example", bank)
	foreign.Form("https://bank.example/transfer", "to=me&sum=1").Status(403).Sends("Origin", "https://evil.example")

	failing := &recorder{T: t}
	corstest.Page(failing, "https://evil.example", bank).Form("https://bank.example/transfer", "to=me").Status(200)
	if text := failing.end(); !strings.Contains(text, "got  status 403") {
		t.Errorf("a form that was refused: %q", text)
	}
}
