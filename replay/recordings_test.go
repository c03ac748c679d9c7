package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/record"
)

// outcome is what the page saw of one step of a recording.
type outcome struct {
	Step, URL, Method, Mode, Credentials, Result, CORSError, ErrorText string
}

// chain is the requests of one fetch.
type chain []*Result

// verdict is the worst of the chain's: a fetch fails where one of its requests
// does.
func (c chain) verdict(engine int) *Verdict {
	worst := &c[0].Verdicts[engine]
	for _, r := range c[1:] {
		v := &r.Verdicts[engine]
		rank := map[Outcome]int{NotSubject: 0, Allowed: 1, Undecidable: 2, Blocked: 3}
		if rank[v.Outcome] > rank[worst.Outcome] {
			worst = v
		}
	}
	return worst
}

// What Chromium calls the reasons.
var chromiumReasons = map[string]string{
	"MissingAllowOriginHeader":            "missing-allow-origin",
	"AllowOriginMismatch":                 "allow-origin-mismatch",
	"WildcardOriginNotAllowed":            "wildcard-allow-origin-with-credentials",
	"InvalidAllowCredentials":             "allow-credentials-not-true",
	"MultipleAllowOriginValues":           "multiple-allow-origin",
	"MethodDisallowedByPreflightResponse": "preflight: method-not-allowed",
	"HeaderDisallowedByPreflightResponse": "preflight: header-not-allowed",
	"PreflightInvalidStatus":              "preflight: preflight-status",
	"PreflightMissingAllowOriginHeader":   "preflight: missing-allow-origin",
	"PreflightDisallowedRedirect":         "preflight: preflight-redirect",
}

func reason(e *cors.Error) string {
	if e.Preflight {
		return "preflight: " + e.Reason.String()
	}
	return e.Reason.String()
}

// Every recording that browsers and curl made, against what their page saw: no
// verdict is contradicted or wrong, and so many are decided.
func TestRecordings(t *testing.T) {
	tests := map[string]struct{ right, undecidable int }{
		"chromium-devtools":           {38, 3},
		"chromium-devtools-sensitive": {38, 3},
		"chromium-playwright":         {19, 22},
		"chromium-playwright-minimal": {19, 22},
		"chromium-netlog":             {37, 4},
		"firefox":                     {30, 11},
		"curl-get":                    {1, 0},
		"curl-get-blocked":            {1, 0},
		"curl-preflight":              {1, 0},
		"curl-preflight-blocked":      {1, 0},
		"curl-redirect":               {0, 1},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			recordings, err := filepath.Glob("../testdata/recordings/" + name + ".[htj][axs][rto]*")
			if err != nil || len(recordings) != 1 {
				t.Fatalf("%d recordings, %v", len(recordings), err)
			}
			engines := []*browser.Engine{browser.Standard, browser.Chromium, browser.Firefox, browser.WebKit}
			results := judgeFile(t, recordings[0], Options{Engines: engines})
			for _, r := range results {
				if r.Contradicted() {
					t.Errorf("%s: contradicted: %+v", r.Exchange.Entry, r.Verdicts)
				}
			}
			var expected struct{ Outcomes []outcome }
			data, err := os.ReadFile("../testdata/recordings/" + name + ".expected.json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &expected); err != nil {
				t.Fatal(err)
			}
			chains := chainsOf(results)
			for engine := range engines {
				seen := make(map[string]int)
				right, undecidable := 0, 0
				for _, o := range expected.Outcomes {
					key := o.Method + " " + o.URL
					if seen[key] == len(chains[key]) {
						t.Fatalf("%s: nothing is recorded", o.Step)
					}
					v := chains[key][seen[key]].verdict(engine)
					seen[key]++
					switch problem := wrong(o, v); {
					case problem != "":
						t.Errorf("%s: %s: %s", engines[engine].Name, o.Step, problem)
					case v.Outcome == Undecidable:
						undecidable++
					default:
						right++
					}
				}
				if right != want.right || undecidable != want.undecidable {
					t.Errorf("%s: %d right, %d undecidable, want %d, %d", engines[engine].Name, right, undecidable, want.right, want.undecidable)
				}
			}
		})
	}
}

// wrong says what is wrong with a verdict, given what the page saw.
func wrong(o outcome, v *Verdict) string {
	failed := o.Result == "network-error"
	switch v.Outcome {
	case Allowed:
		if failed {
			return "allowed, but it failed: " + o.CORSError + o.ErrorText
		}
	case NotSubject:
		if failed {
			return "not subject to CORS, but it failed"
		}
	case Blocked:
		if !failed {
			return "blocked, but the page got it: " + v.Err.Error()
		}
		if o.ErrorText == "" {
			return "" // Firefox does not say why
		}
		if got := reason(v.Err); got != chromiumReasons[o.CORSError] {
			return fmt.Sprintf("blocked for %s, want %s", got, o.CORSError)
		}
	}
	return ""
}

func judgeFile(t testing.TB, file string, options Options) []*Result {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := record.NewReader(f, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return judgeAll(t, in, options)
}

func judgeAll(t testing.TB, in *record.Reader, options Options) (results []*Result) {
	for r, err := range Judge(context.Background(), in, options, func(r *Result) *Result { return r }) {
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	return results
}

// chainsOf returns the fetches by the method and URL that they began with.
func chainsOf(results []*Result) map[string][]chain {
	heads := make(map[*record.Exchange]*chain)
	all := make(map[string][]*chain)
	for _, r := range results {
		if c := heads[r.RedirectedFrom]; r.RedirectedFrom != nil && c != nil {
			*c = append(*c, r)
			heads[r.Exchange] = c
			continue
		}
		method := r.Exchange.Request.Method
		if r.Exchange.IsPreflight() {
			method, _ = r.Exchange.Request.Headers.Get("access-control-request-method")
		}
		c := &chain{r}
		heads[r.Exchange] = c
		key := method + " " + strings.TrimSuffix(r.Exchange.Request.URL, "#")
		all[key] = append(all[key], c)
	}
	chains := make(map[string][]chain)
	for key, list := range all {
		for _, c := range list {
			chains[key] = append(chains[key], *c)
		}
	}
	return chains
}
