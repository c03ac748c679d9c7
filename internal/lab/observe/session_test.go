package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// A fakeBrowser does as the runner page does, with Go's HTTP client instead of
// fetch(), so that all but the browsers themselves can be tested.
type fakeBrowser struct {
	starts  atomic.Int32
	visited []string              // the pages' configurations
	dies    func(url string) bool // whether a step for the URL ends the browser
}

func (f *fakeBrowser) version() (string, error) { return "1.2.3", nil }

func (f *fakeBrowser) start(l *launch) (*process, error) {
	f.starts.Add(1)
	p := newProcess("observed")
	alive, end := context.WithCancel(context.Background())
	p.end = end
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	go func() {
		defer close(p.exited)
		f.browse(alive, client, l.url, p)
	}()
	return p, nil
}

var configuration = regexp.MustCompile(`const config = (.*?);</script>`)

// browse loads the page and does what it is told until it is ended.
func (f *fakeBrowser) browse(alive context.Context, client *http.Client, url string, p *process) {
	for url != "" {
		page, err := client.Get(url)
		if err != nil {
			return
		}
		html, _ := io.ReadAll(page.Body)
		page.Body.Close()
		settings := configuration.FindSubmatch(html)[1]
		f.visited = append(f.visited, string(settings))
		var config struct {
			Document int
			Control  string
		}
		json.Unmarshal(settings, &config)
		control, _ := page.Request.URL.Parse(config.Control)
		m := message{Document: config.Document}
		for url = ""; url == ""; {
			body, _ := json.Marshal(m)
			request, _ := http.NewRequestWithContext(alive, "POST", control.String(), bytes.NewReader(body))
			response, err := client.Do(request)
			if err != nil {
				return
			}
			var c command
			json.NewDecoder(response.Body).Decode(&c)
			response.Body.Close()
			if c.Navigate != nil {
				url = *c.Navigate
				break
			}
			if f.dies != nil && f.dies(c.Step.URL) {
				return
			}
			m.Reply = perform(client, c.Step)
			p.messages <- "about " + c.Step.URL
			p.messages <- "LOG " + c.Step.Mark
		}
	}
}

// perform is what performFetch is in the runner page.
func perform(client *http.Client, o *order) *reply {
	method, _ := o.Init["method"].(string)
	request, err := http.NewRequest(method, o.URL, nil)
	if err != nil {
		return &reply{Result: "throws", Exception: "TypeError: " + o.URL}
	}
	response, err := client.Do(request)
	if err != nil {
		return &reply{Result: "network-error", Exception: "TypeError: cannot load " + o.URL}
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	text := isomorphicDecode(string(body))
	r := &reply{Result: "response", Type: "cors", Status: response.StatusCode, StatusText: "OK", URL: o.URL, Body: &text}
	for name, values := range response.Header {
		r.Headers = append(r.Headers, [2]string{strings.ToLower(name), strings.Join(values, ", ")})
	}
	slices.SortFunc(r.Headers, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return r
}

// newSession returns a session with a fake browser, and the scenarios that the
// lines are, in which PORT stands for one.
func newSession(t *testing.T, f *fakeBrowser, lines ...string) (*session, []*scenario.Scenario, int) {
	t.Helper()
	s, authority, port := serve(t)
	o := &Observer{dir: t.TempDir(), log: t.Output(), authority: authority, server: s}
	var scenarios []*scenario.Scenario
	for _, line := range lines {
		sc, err := scenario.Decode([]byte(strings.ReplaceAll(line, "PORT", fmt.Sprint(port))))
		if err != nil {
			t.Fatal(err)
		}
		scenarios = append(scenarios, sc)
	}
	session := &session{Observer: o, driver: f}
	t.Cleanup(session.stop)
	return session, scenarios, port
}

const simple = `{"id":"simple","client":{"url":"http://127.0.0.1:PORT/page.html"},"servers":[
	{"url":"http://127.0.0.1:PORT/x","answers":[{"headers":[["Location","/y"],["X-A","1"]],"body":"\u00ff","times":1}]}],
	"steps":[{"url":"http://127.0.0.1:PORT/x","method":"PUT"},{"url":"/x"},{"url":"http://"}]}`

func TestScenario(t *testing.T) {
	f := new(fakeBrowser)
	s, scenarios, port := newSession(t, f, simple)
	got, err := s.observe(scenarios[0])
	if err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("http://127.0.0.1:%d/x", port)
	want := &scenario.Outcome{ID: "simple", Steps: []scenario.StepOutcome{
		{
			Result: "response", Type: "cors", Status: 200, StatusText: "OK", URL: url,
			Headers: headers.List{{Name: "location", Value: "/y"}, {Name: "x-a", Value: "1"}}, Body: scenario.Some("\xff"),
			Requests: []scenario.Request{{Method: "PUT", URL: url, Headers: headers.List{{Name: "content-length", Value: "0"}}}},
			Console:  []string{"about " + url},
		},
		// Go's client resolves nothing against a page.
		{Result: "network-error", Requests: []scenario.Request{}, Console: []string{"about /x", "[exception] TypeError: cannot load /x"}},
		{Result: "network-error", Requests: []scenario.Request{}, Console: []string{"about http://", "[exception] TypeError: cannot load http://"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDocuments(t *testing.T) {
	client := func(id, fields string) string {
		return fmt.Sprintf(`{"id":%q,"client":{"url":"http://127.0.0.1:PORT/%[1]s",%[2]s},"steps":[]}`, id, fields)
	}
	f := new(fakeBrowser)
	s, scenarios, port := newSession(t, f,
		client("a", `"origin":"http://127.0.0.1:PORT"`), client("a", `"origin":"http://127.0.0.1:PORT"`), client("b", `"origin":"null"`),
		client("c", `"topLevel":"http://127.0.0.1:PORT/top"`), client("c", `"referrerPolicy":"origin"`))
	for _, sc := range scenarios {
		if o, err := s.observe(sc); err != nil || o.Error != "" {
			t.Fatal(o, err)
		}
	}
	base := fmt.Sprintf("http://127.0.0.1:%d/", port)
	s.stop()
	want := []string{
		`{"document":1,"control":"/observe-next","frame":null}`,
		`{"document":2,"control":"/observe-next","frame":{"url":"` + base + `b","sandbox":"allow-scripts"}}`,
		`{"document":3,"control":"/observe-next","frame":{"url":"` + base + `c"}}`,
		`{"document":4,"control":"/observe-next","frame":null}`,
	}
	if diff := cmp.Diff(want, f.visited); diff != "" {
		t.Error(diff)
	}
	if n := f.starts.Load(); n != 1 {
		t.Errorf("the browser was started %d times", n)
	}
}

func TestBrowserEnds(t *testing.T) {
	count := 0
	f := &fakeBrowser{dies: func(url string) bool {
		count++
		return strings.HasSuffix(url, "/x") && count == 1
	}}
	s, scenarios, _ := newSession(t, f, simple)
	o, err := s.observe(scenarios[0])
	if err != nil || o.Error != "" || len(o.Steps) != 3 {
		t.Errorf("a browser that ended once gave %v, %v", o, err)
	}
	if n := f.starts.Load(); n != 2 {
		t.Errorf("the browser was started %d times", n)
	}
	f.dies = func(string) bool { return true }
	if o, err := s.observe(scenarios[0]); err != nil || o.Error == "" {
		t.Errorf("a browser that always ends gave %v, %v", o, err)
	}
	f.dies = nil
	if o, err := s.observe(scenarios[0]); err != nil || o.Error != "" {
		t.Errorf("the scenario after it gave %v, %v", o, err)
	}
}

func TestFreshProfile(t *testing.T) {
	f := new(fakeBrowser)
	s, scenarios, _ := newSession(t, f, simple)
	for _, count := range []int{0, profileLimit - 1, profileLimit} {
		s.count = max(s.count, count)
		if o, err := s.observe(scenarios[0]); err != nil || o.Error != "" {
			t.Fatal(o, err)
		}
	}
	if n := f.starts.Load(); n != 2 {
		t.Errorf("the browser was started %d times", n)
	}
}

type broken struct{ fakeBrowser }

func (*broken) start(*launch) (*process, error) { return nil, errors.New("no such program") }

func TestBrowserCannotStart(t *testing.T) {
	s, scenarios, _ := newSession(t, nil, simple)
	s.driver = &broken{}
	if _, err := s.observe(scenarios[0]); err == nil || !strings.Contains(err.Error(), "no such program") {
		t.Errorf("got %v", err)
	}
}

func TestUnobservable(t *testing.T) {
	f := new(fakeBrowser)
	s, scenarios, _ := newSession(t, f,
		`{"id":"destination","client":{"url":"http://127.0.0.1:PORT/"},"steps":[{"url":"/","destination":"video"}]}`,
		`{"id":"origin","client":{"url":"http://127.0.0.1:PORT/","origin":"http://b.test"},"steps":[]}`,
		`{"id":"client","client":{"url":"about:blank"},"steps":[]}`,
		`{"id":"server","client":{"url":"http://127.0.0.1:PORT/"},"servers":[{"url":"ftp://b.test/","answers":[]}],"steps":[]}`)
	for _, sc := range scenarios {
		if o, err := s.observe(sc); err != nil || o.Error == "" {
			t.Errorf("%s gave %v, %v", sc.ID, o, err)
		}
	}
}

func TestHostsFile(t *testing.T) {
	sc, err := scenario.Decode([]byte(`{"id":"s","client":{"url":"http://A.test/","topLevel":"http://top.test/"},"servers":[
		{"url":"http://b.test/","answers":[{"headers":[["location","//c.test/"],["Location","http://d.test/"]]}]}],
		"steps":[{"url":"http://b\u00fccher.test/"},{"url":"http://127.0.0.1/"},{"url":"http://[::1]/"},{"url":"x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = "127.0.0.1 a.test\n127.0.0.1 b.test\n127.0.0.1 c.test\n127.0.0.1 d.test\n127.0.0.1 localhost\n127.0.0.1 top.test\n127.0.0.1 xn--bcher-kva.test\n"
	if got := hostsFile([]*scenario.Scenario{sc}, nil); got != want {
		t.Errorf("got\n%s", got)
	}
}
