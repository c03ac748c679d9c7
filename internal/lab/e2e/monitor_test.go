//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsim/corsim/monitor"
)

// watchedAPI answers some pages, refuses some, and forgets headers on some routes.
func watchedAPI() http.Handler {
	mux := http.NewServeMux()
	allow := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
	}
	mux.HandleFunc("/allowed", func(w http.ResponseWriter, r *http.Request) { allow(w, r); io.WriteString(w, "allowed") })
	mux.HandleFunc("/refused", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "refused") })
	mux.HandleFunc("/error", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	mux.HandleFunc("/put", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
	})
	mux.HandleFunc("/delete", func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
	})
	return mux
}

// serve serves a handler on an address of its own.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// totals counts what a monitor has counted, by route, method is not part of it, and verdict.
func monitorTotals(m *monitor.Monitor) map[string]uint64 {
	counts := map[string]uint64{}
	for _, s := range m.Stats().Series {
		if s.Verdict != "" {
			counts[s.Route+" "+s.Verdict+" "+s.Cause] += s.Count
		}
	}
	return counts
}

// TestMonitorUnderLoad sends a scripted load through nginx, over 64 connections, to a server with a
// monitor and to one without, in turns: the counters are those of the load. CORSIM_LOAD=1m sets how
// long each of the two is under load.
func TestMonitorUnderLoad(t *testing.T) {
	length := 3 * time.Second
	if text := os.Getenv("CORSIM_LOAD"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	m := monitor.Handler(watchedAPI(), monitor.Options{})
	with, without := serve(t, m), serve(t, watchedAPI())
	address := freeAddress(t)
	startNginx(t, address, fmt.Sprintf(`keepalive_requests 1000000;
upstream with { server %s; keepalive 64; } upstream without { server %s; keepalive 64; }
server { listen %s; proxy_http_version 1.1; proxy_set_header Connection ""; location /with/ { proxy_pass http://with/; } location /without/ { proxy_pass http://without/; } }`, with, without, address))
	script := []struct{ method, path, lines, counted string }{
		{"GET", "/allowed", "", ""},
		{"GET", "/allowed", "Origin: https://app.example\nSec-Fetch-Mode: cors", "/allowed allowed "},
		{"GET", "/refused", "Origin: https://app.example\nSec-Fetch-Mode: cors", "/refused blocked not-configured"},
		{"GET", "/error", "Origin: https://app.example\nSec-Fetch-Mode: cors", "/error blocked error-response"},
		{"OPTIONS", "/put", "Origin: https://app.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: content-type", "/put allowed "},
		{"PUT", "/put", "Origin: https://app.example\nContent-Type: application/json", "/put allowed "},
		{"OPTIONS", "/delete", "Origin: https://app.example\nAccess-Control-Request-Method: DELETE", "/delete blocked method-not-listed"},
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}}
	load := func(side string, length time.Duration) (n uint64) {
		var sent atomic.Uint64
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for ctx.Err() == nil { // each goes through the whole script, so that the counts are known
					for _, l := range script {
						r, _ := http.NewRequest(l.method, "http://"+address+"/"+side+l.path, nil)
						for _, h := range headerLines(l.lines) {
							r.Header.Set(h[0], h[1])
						}
						response, err := client.Do(r)
						if err != nil {
							t.Error(err)
							return
						}
						io.Copy(io.Discard, response.Body)
						response.Body.Close()
					}
					sent.Add(1)
				}
			})
		}
		wg.Wait()
		return sent.Load()
	}
	rounds := map[string]uint64{}
	const turns = 3
	for range turns { // in turns, so that what else the machine does meets both
		for _, side := range []string{"without", "with"} {
			rounds[side] += load(side, length/turns)
		}
	}
	want := map[string]uint64{}
	for _, l := range script {
		if l.counted != "" {
			want[l.counted] += rounds["with"]
		}
	}
	if got := monitorTotals(m); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counted %v\nsent    %v", got, want)
	}
	rate := func(side string) float64 { return float64(rounds[side]) * float64(len(script)) / length.Seconds() }
	t.Logf("requests a second: %.0f without, %.0f with a monitor (%.1f %%)", rate("without"), rate("with"), 100*rate("with")/rate("without"))
	if rate("with") < rate("without")/2 {
		t.Errorf("a monitor halves the throughput")
	}
}

// TestMonitorAndChromium lets a page in Chromium ask for what the script says: what the browser
// refused is what the monitor has counted.
func TestMonitorAndChromium(t *testing.T) {
	m := monitor.Handler(watchedAPI(), monitor.Options{})
	api := serve(t, m)
	type asked struct{ Method, Path, Credentials string }
	var script []asked
	for _, credentials := range []string{"omit", "include"} {
		for _, a := range []asked{{"GET", "/allowed", ""}, {"GET", "/refused", ""}, {"GET", "/error", ""}, {"PUT", "/put", ""}, {"DELETE", "/delete", ""}, {"POST", "/allowed", ""}} {
			script = append(script, asked{a.Method, a.Path, credentials})
		}
	}
	orders, err := json.Marshal(script)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan []string, 1)
	page := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/done":
			var outcomes []string
			json.NewDecoder(r.Body).Decode(&outcomes)
			got <- outcomes
		default:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><script>
(async () => {
  const outcomes = [];
  for (const a of %s) {
    const outcome = await fetch("http://%s" + a.Path, {method: a.Method, credentials: a.Credentials, headers: a.Method === "PUT" ? {"content-type": "application/json"} : {}})
      .then(() => "allowed", () => "blocked");
    outcomes.push(a.Path + " " + outcome);
  }
  await fetch("/done", {method: "POST", body: JSON.stringify(outcomes)});
})();
</script>`, orders, api)
		}
	}))
	dir := files(t, nil)
	cmd := exec.Command(program(t, "chromium", "chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
		"--disable-features=LocalNetworkAccessChecks", "--user-data-dir="+dir, "http://"+page+"/")
	cmd.Env = append(os.Environ(), "HOME="+dir)
	p := start(t, cmd)
	defer p.stop()
	var outcomes []string
	select {
	case outcomes = <-got:
	case <-time.After(60 * time.Second):
		t.Fatalf("Chromium has not reported:\n%s", p.output)
	}
	saw := map[string]uint64{}
	for _, outcome := range outcomes {
		saw[outcome]++
	}
	counted := map[string]uint64{}
	for label, n := range monitorTotals(m) {
		route, verdict, _ := strings.Cut(label, " ")
		verdict, _, _ = strings.Cut(verdict, " ")
		counted[route+" "+verdict] += n
	}
	// A PUT is two requests: its preflight and itself.
	saw["/put allowed"] *= 2
	if fmt.Sprint(counted) != fmt.Sprint(saw) {
		t.Errorf("the monitor counted %v\nChromium saw        %v", counted, saw)
	}
	if len(outcomes) != len(script) || saw["/refused blocked"] != 2 || saw["/allowed allowed"] != 4 {
		t.Errorf("Chromium saw %v", outcomes)
	}
}
