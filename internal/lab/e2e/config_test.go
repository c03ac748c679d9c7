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
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/probe"
)

// page is a server for pages of one origin, whose script makes the requests that
// it is told to, and reports what came of them.
type page struct {
	*httptest.Server
	probes  []asking
	reports chan []outcome
}

// asking is a request of script to a server, and what must come of it.
type asking struct {
	server, need, name string

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

// right reports whether an outcome is the one that a probe is to have.
func (p *asking) right(o outcome) bool {
	if !p.want || !o.Allowed {
		return p.want == o.Allowed
	}
	return (p.status == 0 || o.Status == p.status) && (!p.expose || o.Exposed == "7")
}

const pageScript = `<!doctype html><script>
(async () => {
  const out = [];
  for (const p of await (await fetch("/probes")).json()) {
    try {
      const r = await fetch(p.url, { method: p.method, headers: p.headers, credentials: p.credentials, cache: "no-store" });
      out.push({ allowed: true, status: r.status, exposed: r.headers.get("X-Request-Id") || "" });
    } catch (e) {
      out.push({ allowed: false });
    }
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(out) });
})();
</script>`

func newPage(t *testing.T) *page {
	t.Helper()
	p := &page{reports: make(chan []outcome, 1)}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, pageScript)
		case "/probes":
			json.NewEncoder(w).Encode(p.probes)
		case "/report":
			var report []outcome
			if err := json.NewDecoder(r.Body).Decode(&report); err != nil {
				t.Error(err)
			}
			p.reports <- report
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// inChromium has a real browser make the page's requests.
func (p *page) inChromium(t *testing.T) []outcome {
	t.Helper()
	program(t, "chromium", "chromium")
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-features=HttpsUpgrades,LocalNetworkAccessChecks", "--user-data-dir="+dir, p.URL+"/")
	stop := start(t, cmd)
	defer stop()
	select {
	case report := <-p.reports:
		if len(report) != len(p.probes) {
			t.Fatalf("Chromium reports on %d of %d requests", len(report), len(p.probes))
		}
		return report
	case <-time.After(2 * time.Minute):
		t.Fatalf("Chromium reports nothing:\n%s", cmd.Stderr)
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

// newBackend starts an application that knows no CORS but at /layered, where it
// answers with a header of its own.
func newBackend(t *testing.T) string {
	t.Helper()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "7")
		switch {
		case r.Method == "OPTIONS":
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/layered":
			w.Header().Set("Access-Control-Allow-Origin", "https://stale.example")
			fallthrough
		case r.URL.Path == "/thing":
			io.WriteString(w, "hi")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(backend.Close)
	return strings.TrimPrefix(backend.URL, "http://")
}

// TestConfigurations starts each server for which package explain writes a
// configuration that it calls tested, with the configurations of several needs.
// In every engine, and in Chromium itself, exactly the request that is needed must
// be allowed: not another origin's, another method or another header.
func TestConfigurations(t *testing.T) {
	one, two, other := newPage(t), newPage(t), newPage(t)
	pages := []*page{one, two, other}
	backend := newBackend(t)
	needs := []struct {
		name string
		need explain.Need
	}{
		{"one origin, simple", explain.Need{Origins: []string{one.URL}}},
		{"one origin, everything", explain.Need{
			Origins: []string{one.URL}, Methods: []string{"GET", "PUT"}, Headers: []string{"content-type", "x-a"}, Credentials: true,
			Expose: []string{"X-Request-Id"}, MaxAge: 600,
		}},
		{"two origins", explain.Need{Origins: []string{one.URL, two.URL}, Methods: []string{"GET", "PUT"}, Headers: []string{"x-a"}}},
		{"two origins, simple, credentials", explain.Need{Origins: []string{one.URL, two.URL}, Credentials: true}},
	}
	var rows []string // server and need, in order
	for _, s := range explain.Servers() {
		if !s.Tested {
			continue
		}
		begin := starters[s.ID]
		if begin == nil {
			t.Errorf("%s is called tested, and is not", s.ID)
			continue
		}
		for _, n := range needs {
			config, err := explain.Configure(s.ID, n.need)
			if err != nil {
				t.Fatal(err)
			}
			address := freeAddress(t)
			begin(t, address, backend, config)
			probes(t, s.ID+", "+n.name, "http://"+address+"/thing", n.need, one.URL, other.URL)
			for _, lookalike := range []string{one.URL[:len(one.URL)-1], one.URL + "1", "https" + strings.TrimPrefix(one.URL, "http"), "null"} {
				refuses(t, s.ID+", "+n.name, "http://"+address+"/thing", lookalike)
			}
			rows = append(rows, s.ID+"\t"+n.name)
			for _, p := range pages {
				p.probes = append(p.probes, probesOf(s.ID, n.name, "http://"+address, n.need, slices.Contains(n.need.Origins, p.URL))...)
			}
		}
	}
	engines := []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
	right := map[string][]int{} // by row: for each engine, and Chromium, how many were
	total := map[string]int{}
	for _, p := range pages {
		real := p.inChromium(t)
		for i := range p.probes {
			x := &p.probes[i]
			row := x.server + "\t" + x.need
			total[row]++
			if right[row] == nil {
				right[row] = make([]int, len(engines)+1)
			}
			for j, engine := range engines {
				if got := p.inEngine(t, engine, x); x.right(got) {
					right[row][j]++
				} else {
					t.Errorf("%s, %s, %s by %s, %s: %v, want allowed %v", x.server, x.need, x.name, p.URL, engine.Name(), got, x.want)
				}
			}
			if got := real[i]; x.right(got) {
				right[row][len(engines)]++
			} else {
				t.Errorf("%s, %s, %s by %s, the real Chromium: %v, want allowed %v", x.server, x.need, x.name, p.URL, got, x.want)
			}
		}
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-12s %-34s %9s %9s %9s %9s %9s\n", "server", "need", "standard", "chromium", "firefox", "webkit", "Chromium")
	for _, row := range rows {
		server, need, _ := strings.Cut(row, "\t")
		fmt.Fprintf(&table, "%-12s %-34s", server, need)
		for _, n := range right[row] {
			fmt.Fprintf(&table, " %9s", fmt.Sprintf("%d/%d", n, total[row]))
		}
		table.WriteByte('\n')
	}
	t.Logf("requests with the right outcome:\n%s", table.String())
}

// probes checks what package probe makes of a server: that it allows what is
// needed and nothing dangerous, and what it refuses otherwise.
func probes(t *testing.T, what, url string, need explain.Need, allowed, other string) {
	t.Helper()
	o := probe.Options{URL: url, Origin: allowed, Credentials: need.Credentials}
	if len(need.Methods) > 0 {
		o.Method = need.Methods[len(need.Methods)-1]
	}
	for _, name := range need.Headers {
		o.Headers.Append(name, "application/json")
	}
	run := func(o probe.Options) *probe.Report {
		report, err := probe.Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	r := run(o)
	if r.Conclusion != probe.Allowed || r.Dangerous() {
		t.Errorf("%s: the probe says %s by %q, dangers %+v", what, r.Conclusion, r.Evidence, r.Findings)
	}
	o.Method, o.Headers = "DELETE", nil
	if len(need.Methods) > 0 { // else the server answers no preflight
		if r := run(o); r.Conclusion != probe.MethodOrHeaderRefused {
			t.Errorf("%s: of another method the probe says %s by %q", what, r.Conclusion, r.Evidence)
		}
	}
	o.Origin, o.Method = other, ""
	if r := run(o); r.Conclusion != probe.OriginRefused {
		t.Errorf("%s: of another origin the probe says %s by %q", what, r.Conclusion, r.Evidence)
	}
}

// refuses checks that a server answers a page of an origin that is much like an
// allowed one without allowing it.
func refuses(t *testing.T, what, url, origin string) {
	t.Helper()
	if len(origin) > len("http://127.0.0.1:65535") || strings.HasSuffix(origin, ":") {
		return // no port has six digits
	}
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if allowed := response.Header.Values("Access-Control-Allow-Origin"); slices.Contains(allowed, origin) || slices.Contains(allowed, "*") {
		t.Errorf("%s: the page of %s is allowed: %q", what, origin, allowed)
	}
}

// layered are the servers behind which an application may send headers of its
// own without their standing twice.
var layered = []string{"apache", "nginx", "haproxy", "cloudflare"}

// probesOf returns the requests of a page to a server, given whether its origin is
// one of those that are allowed.
func probesOf(server, needName, base string, n explain.Need, allowed bool) (list []asking) {
	add := func(name, method, path, credentials string, names []string, want bool, change func(*asking)) {
		p := asking{
			server: server, need: needName, name: name, URL: base + path, Method: method, Headers: [][2]string{},
			Credentials: credentials, want: want && allowed,
		}
		for _, name := range names {
			value := "1"
			if name == "content-type" {
				value = "application/json"
			}
			p.Headers = append(p.Headers, [2]string{name, value})
		}
		if change != nil {
			change(&p)
		}
		list = append(list, p)
	}
	credentials := "same-origin"
	if n.Credentials {
		credentials = "include"
	}
	method := "GET"
	if len(n.Methods) > 0 {
		method = n.Methods[len(n.Methods)-1]
	}
	add("what is asked", method, "/thing", credentials, n.Headers, true, func(p *asking) { p.expose = len(n.Expose) > 0 })
	add("a plain GET", "GET", "/thing", credentials, nil, true, func(p *asking) { p.status = 200 })
	add("an error", "GET", "/missing", credentials, nil, true, func(p *asking) { p.status = 404 })
	add("another method", "DELETE", "/thing", credentials, nil, false, nil)
	add("another header", "GET", "/thing", credentials, []string{"x-other"}, false, nil)
	if !n.Credentials {
		add("credentials", "GET", "/thing", "include", nil, false, nil)
	}
	if slices.Contains(layered, server) {
		add("an application with headers of its own", "GET", "/layered", credentials, nil, true, func(p *asking) { p.status = 200 })
	}
	return list
}
