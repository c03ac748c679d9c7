//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// page is a server for a page of one origin, whose script makes the requests that
// it is given, and reports what came of them, until the test ends.
type page struct {
	*httptest.Server
	batches chan batch
	done    chan struct{}
}

// batch is what a page is told to ask, and where it reports.
type batch struct {
	asks   []asking
	report chan []outcome
}

// asking is a request of script to a server, and what must come of it.
type asking struct {
	name string

	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Headers     [][2]string `json:"headers"`
	Credentials string      `json:"credentials"`

	want   bool
	status int // that script must see, 0 for any
	expose bool
}

// outcome is what script saw.
type outcome struct {
	Allowed bool   `json:"allowed"`
	Status  int    `json:"status"`
	Exposed string `json:"exposed"`
}

func (o outcome) String() string {
	if !o.Allowed {
		return "blocked"
	}
	return fmt.Sprintf("allowed, status %d, X-Request-Id %q", o.Status, o.Exposed)
}

// right reports whether an outcome is the one that a request must have.
func (p *asking) right(o outcome) bool {
	if !p.want || !o.Allowed {
		return p.want == o.Allowed
	}
	return (p.status == 0 || o.Status == p.status) && (!p.expose || o.Exposed == "7")
}

const pageScript = `<!doctype html><script>
(async () => {
  for (;;) {
    const next = await fetch("/next");
    if (next.status !== 200) continue;
    const out = [];
    for (const p of await next.json()) {
      try {
        const r = await fetch(p.url, { method: p.method, headers: p.headers, credentials: p.credentials, cache: "no-store" });
        out.push({ allowed: true, status: r.status, exposed: r.headers.get("X-Request-Id") || "" });
      } catch (e) {
        out.push({ allowed: false });
      }
    }
    await fetch("/report", { method: "POST", body: JSON.stringify(out) });
  }
})();
</script>`

func newPage(t *testing.T) *page {
	t.Helper()
	p := &page{batches: make(chan batch), done: make(chan struct{})}
	var current batch // the page has one at a time
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, pageScript)
		case "/next":
			select {
			case current = <-p.batches:
				json.NewEncoder(w).Encode(current.asks)
			case <-p.done:
				w.WriteHeader(http.StatusGone)
			case <-time.After(20 * time.Second):
				w.WriteHeader(http.StatusNoContent)
			case <-r.Context().Done():
			}
		case "/report":
			var report []outcome
			if err := json.NewDecoder(r.Body).Decode(&report); err != nil {
				t.Error(err)
			}
			current.report <- report
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(func() {
		close(p.done)
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

// openInChromium has a real browser open the page, until the test ends. A headless
// Chromium opens one.
func (p *page) openInChromium(t *testing.T) {
	t.Helper()
	program(t, "chromium", "chromium")
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	chromium := start(t, exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-features=HttpsUpgrades,LocalNetworkAccessChecks", "--user-data-dir="+dir, p.URL+"/"))
	t.Cleanup(func() {
		chromium.stop()
		os.RemoveAll(dir)
	})
}

// inChromium has the real browser make requests.
func (p *page) inChromium(t *testing.T, asks []asking) []outcome {
	t.Helper()
	b := batch{asks, make(chan []outcome, 1)}
	timeout := time.After(2 * time.Minute)
	select {
	case p.batches <- b:
	case <-timeout:
		t.Fatal("Chromium takes no requests")
	}
	select {
	case report := <-b.report:
		if len(report) != len(asks) {
			t.Fatalf("Chromium reports on %d of %d requests", len(report), len(asks))
		}
		return report
	case <-timeout:
		t.Fatal("Chromium reports nothing")
		return nil
	}
}

// inEngine has the simulation make one of the page's requests.
func (p *page) inEngine(t *testing.T, engine *browser.Engine, x *asking) outcome {
	t.Helper()
	var list headers.List
	for _, h := range x.Headers {
		list.Append(h[0], h[1])
	}
	asks, err := fetch.NewPage(p.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &fetch.Client{Engine: engine}
	response, err := client.Fetch(context.Background(), asks, x.URL, &fetch.Init{Method: x.Method, Headers: list, Credentials: fetch.Credentials(x.Credentials)})
	if _, refused := errors.AsType[*cors.Error](err); refused {
		return outcome{}
	} else if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	exposed, _ := response.Headers.Get("X-Request-Id")
	return outcome{true, response.Status, exposed}
}
