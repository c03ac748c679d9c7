package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/monitor"
)

// pick returns one of some values.
func pick(r *rand.Rand, values ...string) string { return values[r.IntN(len(values))] }

// randomExchange makes up a request that a browser may send, and an answer.
func randomExchange(r *rand.Rand) watched {
	origin := pick(r, "https://app.example", "https://app.example", "http://other.example:8080", "null")
	request := "Host: api.example\nAccept-Encoding: gzip\nOrigin: " + origin + "\n"
	add := func(lines ...string) {
		if line := pick(r, lines...); line != "" {
			request += line + "\n"
		}
	}
	c := watched{method: "OPTIONS"}
	if r.IntN(2) == 0 {
		add("Access-Control-Request-Method: PUT", "Access-Control-Request-Method: GET", "Access-Control-Request-Method: patch")
		add("", "Access-Control-Request-Headers: authorization", "Access-Control-Request-Headers: x-a,x-b", "Access-Control-Request-Headers: content-type, x-a")
		add("", "Sec-Fetch-Mode: cors")
	} else {
		c.method = pick(r, "GET", "HEAD", "POST")
		add("", "", "Sec-Fetch-Mode: cors", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Mode: websocket")
		add("", "", "Cookie: a=b")
		add("Accept: */*", "Accept: */*", "Accept: application/json", "Accept: text/html,application/xhtml+xml,*/*")
		if c.method == "GET" {
			add("", "Sec-Fetch-Dest: font", "Sec-Fetch-Dest: empty")
		}
		if c.method == "POST" {
			add("", "Content-Type: text/plain")
		}
	}
	c.request = request
	c.status = []int{200, 200, 204, 301, 302, 401, 404, 500}[r.IntN(8)]
	answer := "Content-Type: text/plain\n"
	for _, lines := range [][]string{
		{"", "Access-Control-Allow-Origin: " + origin, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Origin: ", "Access-Control-Allow-Origin: app.example", "Access-Control-Allow-Origin: \nAccess-Control-Allow-Origin: " + origin},
		{"", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: True", "Access-Control-Allow-Credentials: \nAccess-Control-Allow-Credentials: true"},
		{"", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Methods: GET, PUT, PATCH", "Access-Control-Allow-Methods: PUT;GET", "Access-Control-Allow-Methods: patch"},
		{"", "Access-Control-Allow-Headers: *", "Access-Control-Allow-Headers: X-A, X-B, content-type", "Access-Control-Allow-Headers: authorization,*"},
	} {
		if lines := pick(r, lines...); lines != "" {
			answer += lines + "\n"
		}
	}
	if c.status == 301 || c.status == 302 {
		answer += "Location: " + pick(r, "/elsewhere", "https://u:p@x.example/", "mailto:a@b.example", "http://[") + "\n"
	}
	c.answer = answer
	return c
}

// recorded returns the exchange as a line of JSON.
func (c *watched) recorded() []byte {
	pairs := func(lines string) (list [][2]string) {
		for line := range strings.Lines(lines) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			list = append(list, [2]string{name, value})
		}
		return list
	}
	b, _ := json.Marshal(map[string]any{
		"request":  map[string]any{"method": c.method, "url": "http://api.example/things/1?token=hidden", "headers": pairs(c.request)},
		"response": map[string]any{"status": c.status, "headers": pairs(c.answer)},
	})
	return b
}

// A monitor comes to what replay says of the same exchange: it is the server's half of it.
func TestAgreesWithReplay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n = 8_000
	var lines bytes.Buffer
	exchanges := make([]watched, n)
	for i := range exchanges {
		exchanges[i] = randomExchange(random)
		lines.Write(append(exchanges[i].recorded(), '\n'))
	}
	in, err := record.NewReader(&lines, record.Options{Format: record.JSONLines})
	if err != nil {
		t.Fatal(err)
	}
	engines := []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}
	rank := map[replay.Outcome]int{replay.NotSubject: 0, replay.Allowed: 1, replay.Undecidable: 2, replay.Blocked: 3}
	seen := map[string]int{}
	i, failed := 0, 0
	for want, err := range replay.Judge(context.Background(), in, replay.Options{Engines: engines, Independent: true}, func(r *replay.Result) string {
		worst := r.Verdicts[0].Outcome
		for _, v := range r.Verdicts {
			if rank[v.Outcome] > rank[worst] {
				worst = v.Outcome
			}
		}
		var names []string
		for j, v := range r.Verdicts {
			if v.Outcome == worst {
				names = append(names, engines[j].Name())
			}
		}
		if len(names) == len(engines) {
			return worst.String() + " all"
		}
		return worst.String() + " " + strings.Join(names, " ")
	}) {
		if err != nil {
			t.Fatal(err)
		}
		c := &exchanges[i]
		i++
		m := monitor.Handler(c.handler(), monitor.Options{})
		r := httptest.NewRequest(c.method, "http://api.example/things/1?token=hidden", nil)
		for name, values := range parseLines(c.request) {
			if name != "Host" {
				r.Header[http.CanonicalHeaderKey(name)] = values
			}
		}
		m.ServeHTTP(httptest.NewRecorder(), r)
		got := ""
		for _, s := range m.Stats().Series {
			if s.Verdict != "" {
				got = s.Verdict + " " + s.Browsers
			}
		}
		seen[want]++
		if got != want {
			if failed++; failed < 5 {
				t.Errorf("a monitor: %s; replay: %s\n%s", got, want, c.recorded())
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d differ", failed, n)
	}
	t.Log(seen)
	for _, outcome := range []string{"allowed all", "blocked all", "undecidable all", "not-subject all", "blocked chromium webkit"} {
		if seen[outcome] < 10 {
			t.Errorf("%s: %d times only: the test shows too little; %v", outcome, seen[outcome], seen)
		}
	}
}

// What is remembered is what would be concluded.
func TestRemembersRightly(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var c watched
	m := monitor.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.handler().ServeHTTP(w, r) }), monitor.Options{})
	before := map[string]uint64{}
	for range 1500 {
		c = randomExchange(random)
		m.ServeHTTP(httptest.NewRecorder(), c.newRequest())
		fresh := monitor.Handler(c.handler(), monitor.Options{})
		fresh.ServeHTTP(httptest.NewRecorder(), c.newRequest())
		got := ""
		for _, s := range m.Stats().Series {
			if s.Verdict == "" {
				continue
			}
			key := fmt.Sprint(s.Labels)
			if s.Count != before[key] {
				before[key] = s.Count
				got += key
			}
		}
		want := ""
		for _, s := range fresh.Stats().Series {
			if s.Verdict != "" {
				want += fmt.Sprint(s.Labels)
			}
		}
		if got != want {
			t.Fatalf("%s, alone %s\n%s", got, want, c.recorded())
		}
	}
}
