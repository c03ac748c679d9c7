package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/scenario"
)

// A harFile is what a recorder that leaves nothing out writes of a scenario that the engine has run.
type harFile struct {
	Log harLog `json:"log"`
}

type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Pages   []harPage  `json:"pages"`
	Entries []harEntry `json:"entries"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harPage struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Started string         `json:"startedDateTime"`
	Timings map[string]int `json:"pageTimings"`
}

type harEntry struct {
	Page     string      `json:"pageref"`
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Type     string      `json:"_resourceType,omitempty"`
	Error    string      `json:"_error,omitempty"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
}

type harRequest struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Version string      `json:"httpVersion"`
	Headers []harHeader `json:"headers"`
	Cookies []harHeader `json:"cookies"`
}

type harResponse struct {
	Status  int         `json:"status"`
	Version string      `json:"httpVersion"`
	Headers []harHeader `json:"headers"`
}

type harHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func harHeaders(list headers.List) []harHeader {
	all := make([]harHeader, 0, len(list)+1)
	for _, h := range list {
		all = append(all, harHeader{h.Name, headers.IsomorphicDecode(h.Value)})
	}
	return all
}

// A recordedStep is the requests of a step that the engine has run, by their places among the
// entries, and how it ended.
type recordedStep struct {
	first, end int
	step       *scenario.Step
	outcome    *scenario.StepOutcome
}

// recordScenario runs a scenario and writes its exchanges as a HAR. What was refused by its
// preflight has an entry without a response, as browsers write it.
func recordScenario(t testing.TB, s *scenario.Scenario, engine *browser.Engine) (file []byte, steps []recordedStep, preflights int) {
	outcome := scenario.Run(context.Background(), s, engine)
	if outcome.Error != "" {
		return nil, nil, 0
	}
	log := harLog{Version: "1.2", Creator: harCreator{"recorder", "1"}, Entries: []harEntry{}}
	log.Pages = []harPage{{ID: "page", Title: s.Client.URL, Started: "2026-01-01T00:00:00.000Z", Timings: map[string]int{}}}
	servers := scenario.NewServers(s)
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i := range outcome.Steps {
		step, o := &s.Steps[i], &outcome.Steps[i]
		now = now.Add(step.Wait)
		recorded := recordedStep{first: len(log.Entries), step: step, outcome: o}
		entry := func(method, url string, list headers.List) *harEntry {
			log.Entries = append(log.Entries, harEntry{
				Page: "page", Started: now.Format("2006-01-02T15:04:05.000Z"), Time: 0, Type: "fetch",
				Request: harRequest{Method: method, URL: url, Version: "HTTP/1.1", Headers: harHeaders(list)},
			})
			return &log.Entries[len(log.Entries)-1]
		}
		fragment := ""
		if i := strings.IndexByte(step.URL, '#'); i >= 0 {
			fragment = step.URL[i:] // which recorders keep, and servers do not see
		}
		var unanswered *scenario.Request // a preflight
		for j := range o.Requests {
			r := &o.Requests[j]
			e := entry(r.Method, r.URL+fragment, r.Headers)
			e.Request.Headers = append(e.Request.Headers, harHeader{"host", "recorded"})
			e.Response = harResponse{Version: "HTTP/1.1", Headers: []harHeader{}}
			isPreflight := r.Method == "OPTIONS" && r.Headers.Contains("access-control-request-method")
			if answer, ok := servers.Answer(r.Method, r.URL); !ok || answer.Reset != "" {
				e.Error = "net::ERR_CONNECTION_CLOSED"
			} else {
				e.Response.Status, e.Response.Headers = answer.Status, append(harHeaders(answer.Headers), harHeader{"date", "Thu, 01 Jan 2026 00:00:00 GMT"})
			}
			unanswered = nil
			if !isPreflight {
				e.Request.Headers = append(e.Request.Headers, cacheModeHeaders(step.Cache.Value)...)
			}
			if !isPreflight && (step.Credentials.Value == "include" || step.WithCredentials) {
				e.Request.Cookies = []harHeader{{"session", "1"}}
			}
			if isPreflight {
				preflights++
				unanswered = r
			}
		}
		if unanswered != nil {
			method, _ := unanswered.Headers.Get("access-control-request-method")
			list := slices.DeleteFunc(step.Headers.Clone(), func(h headers.Header) bool { return headers.IsForbiddenRequestHeader(h.Name, h.Value) })
			if origin, ok := unanswered.Headers.Get("origin"); ok {
				list.Append("origin", origin)
			}
			e := entry(method, unanswered.URL, list)
			e.Error = "net::ERR_FAILED"
			if step.Credentials.Value == "include" || step.WithCredentials {
				e.Request.Cookies = []harHeader{{"session", "1"}}
			}
			e.Response.Headers = []harHeader{}
		}
		recorded.end = len(log.Entries)
		steps = append(steps, recorded)
	}
	file, err := json.Marshal(harFile{log})
	if err != nil {
		t.Fatal(err)
	}
	return file, steps, preflights
}

// cacheModeHeaders are the headers that a cache mode adds, which outcomes leave out.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func cacheModeHeaders(mode string) []harHeader {
	switch mode {
	case "no-store", "reload":
		return []harHeader{{"pragma", "no-cache"}, {"cache-control", "no-cache"}}
	case "no-cache":
		return []harHeader{{"cache-control", "max-age=0"}}
	}
	return nil
}

// eachObservedScenario gives the scenarios of testdata/observations that are about CORS alone, and those of the quirks.
func eachObservedScenario(t testing.TB, do func(s *scenario.Scenario, ofQuirk bool)) {
	each := func(r *scenario.Reader, ofQuirk bool) {
		for {
			s, err := r.Next()
			if err == io.EOF {
				return
			} else if err != nil {
				t.Fatal(err)
			}
			do(s, ofQuirk)
		}
	}
	file, err := os.Open(filepath.Join("..", "..", "testdata", "observations", "scenarios.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	each(scenario.NewReader(unzipped), false)
	quirks, err := filepath.Glob(filepath.Join("..", "..", "browser", "quirks", "*.jsonl"))
	if err != nil || len(quirks) == 0 {
		t.Fatal("no scenarios of quirks: ", err)
	}
	for _, name := range quirks {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		each(scenario.NewReader(bytes.NewReader(text)), true)
	}
}

// untold are the kinds of scenarios in which a recording does not say what the engine decided by, and
// how many differences each leads to in Chromium, Firefox and WebKit, those in scenarios of quirks apart.
var untold = []struct {
	what string
	is   func(*scenario.Scenario, *scenario.Step) bool
	want [3]int
}{
	{"the mode, of a POST that has an Origin header in each", func(_ *scenario.Scenario, step *scenario.Step) bool { return step.Mode.Value == "no-cors" }, [3]int{39, 39, 39}},
	{"the redirect mode", func(_ *scenario.Scenario, step *scenario.Step) bool { return step.Redirect.Or("follow") != "follow" }, [3]int{16, 20, 19}},
	{"the lines of a header that were combined into one", repeatsHeaders, [3]int{0, 35, 0}},
	{"that a preflight was sent twice, for its status 421", answers421, [3]int{2, 2, 2}},
	{"how the server spells Access-Control-Allow-Origin, of which Firefox counts the lines in one spelling", respellsAllowOrigin, [3]int{0, 7, 0}},
	{"what the HTTP cache answered, or which cache mode kept it out", fromHTTPCache, [3]int{0, 0, 0}},
	{"that a beacon asked", func(_ *scenario.Scenario, step *scenario.Step) bool { return step.API == "beacon" }, [3]int{0, 0, 0}},
	{"that it was not a redirect that made the Origin of a request to the page's own \"null\"", func(_ *scenario.Scenario, step *scenario.Step) bool {
		return step.ReferrerPolicy.Value == "no-referrer"
	}, [3]int{0, 1, 1}},
	{"the credentials mode \"same-origin\", which WebKit takes for \"include\" where a request began at home", beginsAtHome, [3]int{0, 0, 3}},
}

// respellsAllowOrigin reports whether a server has the header in an unusual spelling.
func respellsAllowOrigin(s *scenario.Scenario, _ *scenario.Step) bool {
	for i := range s.Servers {
		for j := range s.Servers[i].Answers {
			for _, h := range s.Servers[i].Answers[j].Headers {
				if h.Name != respelled && headers.EqualFold(h.Name, respelled) {
					return true
				}
			}
		}
	}
	return false
}

// fromHTTPCache reports whether an earlier step has asked for the same URL.
func fromHTTPCache(s *scenario.Scenario, step *scenario.Step) bool {
	for i := range s.Steps {
		if &s.Steps[i] == step {
			return false
		} else if s.Steps[i].URL == step.URL {
			return true
		}
	}
	return false
}

// beginsAtHome reports whether the step asks for a URL of its page's own origin.
func beginsAtHome(s *scenario.Scenario, step *scenario.Step) bool {
	return strings.HasPrefix(step.URL, s.Client.Origin+"/")
}

// repeatsHeaders reports whether script gives a header more than once.
func repeatsHeaders(_ *scenario.Scenario, step *scenario.Step) bool {
	return len(step.Headers.SortAndCombine()) < len(step.Headers)
}

func answers421(s *scenario.Scenario, _ *scenario.Step) bool {
	for i := range s.Servers {
		for j := range s.Servers[i].Answers {
			if s.Servers[i].Answers[j].Status == 421 {
				return true
			}
		}
	}
	return false
}

// TestReplayDoesWhatTheEngineDoes runs every observed scenario through each engine, writes the
// exchanges as a HAR, and demands of replay the verdicts of the engine, and of the costs the number
// of preflights that the engine sent, except where a recording does not tell them.
func TestReplayDoesWhatTheEngineDoes(t *testing.T) {
	engines := [...]*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}
	var verdicts, undecidable [3]int
	counts := make([][3]int, len(untold))
	t.Run("engines", func(t *testing.T) {
		for i, engine := range engines {
			t.Run(engine.Name(), func(t *testing.T) {
				t.Parallel()
				eachObservedScenario(t, func(s *scenario.Scenario, ofQuirk bool) {
					file, steps, preflights := recordScenario(t, s, engine)
					if len(steps) == 0 {
						return
					}
					results, sent := judgedAndCounted(t, file, engine)
					differs := func(step *scenario.Step, format string, args ...any) {
						for k := range untold {
							if untold[k].is(s, step) {
								if !ofQuirk {
									counts[k][i]++
								}
								return
							}
						}
						t.Errorf("%s %s: "+format, append([]any{engine, s.ID}, args...)...)
					}
					if sent != preflights {
						differs(steps[len(steps)-1].step, "%d preflights, the engine sends %d", sent, preflights)
					}
					for _, step := range steps {
						verdict, unsure := step.verdict(results)
						verdicts[i]++
						if unsure {
							undecidable[i]++
						}
						switch o := step.outcome; {
						case unsure:
						case o.Result == scenario.ResultResponse && verdict != "", o.Result == scenario.ResultNetworkError && verdict != o.Reason && isCORS(o.Reason):
							differs(step.step, "replay says %q, the engine %s %s", verdict, o.Result, o.Reason)
						}
					}
				})
			})
		}
	})
	t.Logf("%d verdicts, of which undecidable: %d", verdicts, undecidable)
	for k := range untold {
		t.Logf("%d not told: %s", counts[k], untold[k].what)
		if counts[k] != untold[k].want {
			t.Errorf("%d differences where a recording does not tell %s, want %d", counts[k], untold[k].what, untold[k].want)
		}
	}
}

// isCORS reports whether a reason is one that replay judges by.
func isCORS(reason string) bool {
	switch reason {
	case "missing-allow-origin", "wildcard-allow-origin-with-credentials", "multiple-allow-origin", "invalid-allow-origin", "allow-origin-mismatch",
		"allow-credentials-not-true", "preflight-status", "preflight-redirect", "invalid-allow-methods", "invalid-allow-headers",
		"method-not-allowed", "header-not-allowed", "non-wildcard-header-not-allowed":
		return true
	}
	return false
}

// judgedAndCounted returns what replay makes of a HAR, and how many preflights the costs count.
func judgedAndCounted(t *testing.T, file []byte, engine *browser.Engine) (results []*Result, sent int) {
	in, err := record.NewReader(bytes.NewReader(file), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	costs := NewCosts([]*browser.Engine{engine}, 0)
	for _, r := range judgeAll(t, in, Options{Engines: []*browser.Engine{engine}}) {
		costs.Add(r)
		results = append(results, r)
	}
	return results, costs.Costs()[0].Sent
}

// verdict returns the reason for which the first of the step's requests that fails does, and "" where none
// does. What depends on the credentials mode alone is taken to be in the step's.
func (s *recordedStep) verdict(results []*Result) (reason string, undecidable bool) {
	for _, r := range results {
		if r.Exchange.Index < s.first || r.Exchange.Index >= s.end {
			continue
		}
		outcome, err := r.Verdicts[0].Outcome, r.Verdicts[0].Err
		for _, a := range r.Verdicts[0].Alternatives {
			if a.IncludeCredentials == s.credentials() {
				outcome, err = a.Outcome, a.Err
			}
		}
		switch outcome {
		case Blocked:
			return err.Reason.String(), false
		case Undecidable:
			undecidable = true
		}
	}
	return "", undecidable
}

// credentials reports whether the step's credentials mode is "include".
func (s *recordedStep) credentials() bool {
	return s.step.Credentials.Value == "include" || s.step.WithCredentials
}
