//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/recipe"
)

// proof is what all servers are proven with.
type proof struct {
	one, two, other *page
	backend         string
	engines         []*browser.Engine

	mu   sync.Mutex
	rows map[string]string
}

// TestRecipes starts each server of which package recipe says that it is proven,
// with the configurations of several needs. In every engine, and in Chromium
// itself, exactly the request that is needed must be allowed: not another origin's,
// another method or another header. Without the line that allows the origin the
// same request must be blocked, and what is hostile in a name must stay a name.
func TestRecipes(t *testing.T) {
	p := &proof{
		one: newPage(t), two: newPage(t), other: newPage(t), backend: newBackend(t), rows: map[string]string{},
		engines: []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()},
	}
	for _, page := range []*page{p.one, p.two, p.other} {
		page.openInChromium(t)
	}
	t.Run("servers", func(t *testing.T) {
		for _, r := range recipe.All() {
			if r.Proof == nil {
				continue
			}
			t.Run(r.ID, func(t *testing.T) {
				t.Parallel()
				p.needs(t, r)
				p.withoutLines(t, r)
				p.hostile(t, r)
			})
		}
	})
	var table strings.Builder
	fmt.Fprintf(&table, "%-20s %-34s %9s %9s %9s %9s %9s\n", "server", "need", "standard", "chromium", "firefox", "webkit", "Chromium")
	for _, row := range slices.Sorted(maps.Keys(p.rows)) {
		table.WriteString(p.rows[row])
	}
	t.Logf("requests with the right outcome:\n%s", table.String())
}

// everything is the need by which a line's absence shows.
func (p *proof) everything() recipe.Need {
	return recipe.Need{
		Origins: []string{p.one.URL}, Methods: []string{"GET", "PUT"}, Headers: []string{"content-type", "x-a"}, Credentials: true,
		Expose: []string{"X-Request-Id"}, MaxAge: 600,
	}
}

// reduced returns what of a need a server can have, and whether that is worth
// asking for.
func reduced(r *recipe.Recipe, n recipe.Need) (recipe.Need, bool) {
	if r.Cannot["credentials"] != "" {
		n.Credentials = false
	}
	if r.Cannot["expose"] != "" {
		n.Expose = nil
	}
	return n, len(n.Origins) == 1 || r.Cannot["several"] == ""
}

func (p *proof) needs(t *testing.T, r *recipe.Recipe) {
	pages := []*page{p.one, p.two, p.other}
	for i, n := range []struct {
		name string
		need recipe.Need
	}{
		{"one origin, simple", recipe.Need{Origins: []string{p.one.URL}}},
		{"one origin, everything", p.everything()},
		{"two origins", recipe.Need{Origins: []string{p.one.URL, p.two.URL}, Methods: []string{"GET", "PUT"}, Headers: []string{"x-a"}}},
		{"two origins, simple, credentials", recipe.Need{Origins: []string{p.one.URL, p.two.URL}, Credentials: true}},
	} {
		need, possible := reduced(r, n.need)
		if !possible {
			continue
		}
		config := configure(t, r, need)
		address := freeAddress(t)
		server := p.start(t, r, address, texts(config))
		what, url := r.ID+", "+n.name, "http://"+address+r.Proof.Base+"/thing"
		probes(t, r, what, url, need, p.one.URL, p.other.URL)
		for _, lookalike := range []string{p.one.URL[:len(p.one.URL)-1], p.one.URL + "1", "https" + strings.TrimPrefix(p.one.URL, "http"), "null"} {
			refuses(t, what, url, lookalike)
		}
		right, total := make([]int, len(p.engines)+1), 0
		for _, page := range pages {
			asks := asksOf(r, "http://"+address, need, slices.Contains(need.Origins, page.URL))
			total += len(asks)
			real := page.inChromium(t, asks)
			for k := range asks {
				x := &asks[k]
				for j, engine := range p.engines {
					if got := page.inEngine(t, engine, x); x.right(got) {
						right[j]++
					} else {
						t.Errorf("%s, %s by %s, %s: %v, want allowed %v", what, x.name, page.URL, engine.Name(), got, x.want)
					}
				}
				if got := real[k]; x.right(got) {
					right[len(p.engines)]++
				} else {
					t.Errorf("%s, %s by %s, the real Chromium: %v, want allowed %v", what, x.name, page.URL, got, x.want)
				}
			}
		}
		server.stop()
		if t.Failed() {
			t.Logf("%s\n%s", config, tail(server.output.String()))
		}
		row := fmt.Sprintf("%-20s %-34s", r.ID, n.name)
		for _, k := range right {
			row += fmt.Sprintf(" %9s", fmt.Sprintf("%d/%d", k, total))
		}
		p.mu.Lock()
		p.rows[fmt.Sprint(r.ID, i)] = row + "\n"
		p.mu.Unlock()
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

func configure(t *testing.T, r *recipe.Recipe, n recipe.Need) *recipe.Config {
	t.Helper()
	config, err := recipe.Configure(r.ID, n)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// texts returns the texts of the parts by their places in the recipe.
func texts(c *recipe.Config) []string {
	var list []string
	for _, part := range c.Parts {
		for len(list) <= part.Index {
			list = append(list, "")
		}
		list[part.Index] = part.Text
	}
	return list
}

// withoutLines starts the server without one line, and expects that the request is
// blocked: what the line says is what allows it.
func (p *proof) withoutLines(t *testing.T, r *recipe.Recipe) {
	need, _ := reduced(r, p.everything())
	config := configure(t, r, need)
	removals := r.Proof.Remove
	if removals == nil {
		removals = []string{p.one.URL}
	}
	for _, removal := range removals {
		list, line := withoutLine(texts(config), removal)
		if line == "" {
			t.Fatalf("%s: no line has %q in it:\n%s", r.ID, removal, config)
		}
		address := freeAddress(t)
		server := p.start(t, r, address, list)
		asks := asksOf(r, "http://"+address, need, true)[:1]
		asks[0].want = false
		for _, engine := range p.engines {
			if got := p.one.inEngine(t, engine, &asks[0]); got.Allowed {
				t.Errorf("%s without %q: %s says %v", r.ID, line, engine.Name(), got)
			}
		}
		if got := p.one.inChromium(t, asks)[0]; got.Allowed {
			t.Errorf("%s without %q: the real Chromium says %v", r.ID, line, got)
		}
		server.stop()
	}
}

// withoutLine removes the first line that has a text in it.
func withoutLine(list []string, text string) (without []string, removed string) {
	without = slices.Clone(list)
	for i, part := range without {
		for line := range strings.Lines(part) {
			if strings.Contains(line, text) {
				without[i] = strings.Replace(part, line, "", 1)
				return without, strings.TrimSpace(line)
			}
		}
	}
	return nil, ""
}

// hostileTokens are legal methods and header names that mean something else in one
// language or another. Where a server's recipe refuses one, it is not tried there.
var hostileTokens = []string{
	"x-exit", "version-control", "2fa", "-x", "x'a", "'x'", "x`canary`", "`canary`", "x$canary", "x$path", "x%41", "x%s", "x#a", "x|canary", "x&canary",
	"x&amp", "~x", "x~", "!x", "x!", "x^a", "x+a", "x.a", "__proto__", "constructor", "default", "null", "true", "nil",
}

func (p *proof) hostile(t *testing.T, r *recipe.Recipe) {
	need := recipe.Need{Origins: []string{p.one.URL}, Methods: []string{"PUT"}, Headers: []string{"x-a"}}
	for _, token := range hostileTokens {
		if _, err := recipe.Configure(r.ID, recipe.Need{Origins: need.Origins, Headers: []string{token}}); err == nil {
			need.Headers = append(need.Headers, token)
		}
		if _, err := recipe.Configure(r.ID, recipe.Need{Origins: need.Origins, Methods: []string{strings.ToUpper(token)}}); err == nil {
			need.Methods = append(need.Methods, strings.ToUpper(token))
		}
	}
	config := configure(t, r, need)
	address := freeAddress(t)
	server := p.start(t, r, address, texts(config))
	defer server.stop()
	for _, h := range need.Headers {
		if r.Proof.Tolerates["hostile header"] == "" && !preflightLists(t, "http://"+address+r.Proof.Base+"/thing", p.one.URL, "PUT", h, "Access-Control-Allow-Headers", h) {
			t.Errorf("%s: the header %s is not listed:\n%s", r.ID, h, config)
		}
	}
	for _, m := range need.Methods {
		if r.Proof.Tolerates["hostile method"] == "" && !preflightLists(t, "http://"+address+r.Proof.Base+"/thing", p.one.URL, m, "x-a", "Access-Control-Allow-Methods", m) {
			t.Errorf("%s: the method %s is not listed:\n%s", r.ID, m, config)
		}
	}
	if preflightLists(t, "http://"+address+r.Proof.Base+"/thing", p.one.URL, "PUT", "x-other", "Access-Control-Allow-Headers", "x-other") {
		t.Errorf("%s: with hostile names, another header is allowed:\n%s", r.ID, config)
	}
	if _, err := os.Stat(filepath.Join(server.cmd.Dir, "canary.ran")); err == nil {
		t.Errorf("%s: a name was run as a program:\n%s", r.ID, config)
	}
}

// preflightLists reports whether the answer to a preflight lists a name.
func preflightLists(t *testing.T, url, from, method, header, listing, name string) bool {
	t.Helper()
	r, err := http.NewRequest("OPTIONS", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", from)
	r.Header.Set("Access-Control-Request-Method", method)
	r.Header.Set("Access-Control-Request-Headers", header)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return false
	}
	response.Body.Close()
	if response.StatusCode > 299 || response.Header.Get("Access-Control-Allow-Origin") == "" {
		return false
	}
	list := headers.TokenListOf(strings.Join(response.Header.Values(listing), ","))
	return list.HasFold(name) || list.Has("*")
}

// start writes the files of a recipe's proof, with the configuration in them, runs
// it, and waits until it answers.
func (p *proof) start(t *testing.T, r *recipe.Recipe, address string, config []string) *process {
	t.Helper()
	goModule, err := filepath.Abs("testdata/go")
	if err != nil {
		t.Fatal(err)
	}
	npm, err := filepath.Abs("testdata/npm/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, map[string]string{"bin/canary": "#!/bin/sh\ntouch \"$CANARY\"\n"})
	_, port, _ := strings.Cut(address, ":")
	values := []string{
		"@DIR@", dir, "@ADDRESS@", address, "@PORT@", port, "@BACKEND@", p.backend, "@BACKENDHOST@", strings.Split(p.backend, ":")[0],
		"@BACKENDPORT@", strings.Split(p.backend, ":")[1], "@GO@", goModule, "@CONFIG@", strings.Join(config, "\n"),
	}
	for i := range 4 {
		text := ""
		if i < len(config) {
			text = config[i]
		}
		values = append(values, fmt.Sprintf("@CONFIG%d@", i), text)
	}
	for name, content := range r.Proof.Files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(fill(content, values...)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(npm, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "bin/canary"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-ec", fill(r.Proof.Run, values...))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+"/bin:"+os.Getenv("PATH"), "CANARY="+dir+"/canary.ran")
	server := start(t, cmd)
	t.Cleanup(server.stop)
	waitFor(t, r, server, address)
	return server
}

// waitFor waits until a server answers, and not for something that it waits for
// itself.
func waitFor(t *testing.T, r *recipe.Recipe, server *process, address string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-server.ended:
			t.Fatalf("%s ends:\n%s", r.ID, tail(server.output.String()))
		default:
		}
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			continue
		}
		c.Close()
		response, err := http.Get("http://" + address + r.Proof.Base + "/thing")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadGateway && response.StatusCode != http.StatusServiceUnavailable {
			return
		}
	}
	t.Fatalf("%s does not answer at %s:\n%s", r.ID, address, tail(server.output.String()))
}

// newBackend starts an application that knows no CORS except at /layered, where it
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

// probes checks what package probe makes of a server: that it allows what is
// needed and nothing dangerous, and what else it refuses.
func probes(t *testing.T, recipe *recipe.Recipe, what, url string, need recipe.Need, allowed, other string) {
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
	if recipe.Proof.Tolerates["no Vary"] != "" {
		r.Findings = slices.DeleteFunc(r.Findings, func(f probe.Finding) bool { return f.Name == "vary-missing" })
	}
	if r.Conclusion != probe.Allowed || r.Dangerous() {
		t.Errorf("%s: the probe says %s by %q, dangers %+v", what, r.Conclusion, r.Evidence, r.Findings)
	}
	o.Method, o.Headers = recipe.Proof.OtherMethod, nil
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

// asksOf returns the requests of a page to a server, given whether its origin is
// one of those that are allowed.
func asksOf(r *recipe.Recipe, base string, n recipe.Need, allowed bool) (list []asking) {
	add := func(name, method, path, credentials string, names []string, want bool, change func(*asking)) {
		if r.Proof.Tolerates[name] != "" {
			return
		}
		p := asking{name: name, URL: base + r.Proof.Base + path, Method: method, Headers: [][2]string{}, Credentials: credentials, want: want && allowed}
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
	add("another method", r.Proof.OtherMethod, "/thing", credentials, nil, false, nil)
	add("another header", "GET", "/thing", credentials, []string{"x-other"}, false, nil)
	if !n.Credentials {
		add("credentials", "GET", "/thing", "include", nil, false, nil)
	}
	if r.Proof.Layered {
		add("an application with headers of its own", "GET", "/layered", credentials, nil, true, func(p *asking) { p.status = 200 })
	}
	return list
}
