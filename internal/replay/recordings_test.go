package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/record"
)

// outcome is what the page saw of one step of a recording.
type outcome struct {
	Step, URL, ResponseURL, Method, Mode, Credentials, Result, CORSError, ErrorText string
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

// Every recording that browsers, a proxy and curl made, against what their page
// saw: no verdict is contradicted or wrong, and so many are decided. Some steps
// are not recorded: WebKit leaves out what failed, a proxy what got no answer and
// what came from the browser's cache. Where the recorder leaves preflights out, some
// more are decided in the browser that was recorded.
func TestRecordings(t *testing.T) {
	type count struct{ right, undecidable, unrecorded int }
	tests := map[string]count{
		"chromium-devtools":           {38, 3, 0},
		"chromium-devtools-sensitive": {38, 3, 0},
		"chromium-playwright":         {22, 19, 0},
		"chromium-playwright-minimal": {22, 19, 0},
		"chromium-netlog":             {37, 4, 0},
		"chromium-events":             {38, 3, 0},
		"firefox":                     {30, 11, 0},
		"webkit":                      {22, 0, 19},
		"mitmproxy-chromium":          {28, 9, 4},
		"mitmproxy-firefox":           {28, 9, 4},
		"curl-get":                    {1, 0, 0},
		"curl-get-blocked":            {1, 0, 0},
		"curl-preflight":              {1, 0, 0},
		"curl-preflight-blocked":      {1, 0, 0},
		"curl-redirect":               {0, 1, 0},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			engines := []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
			results := judgeFile(t, recording(t, name), Options{Engines: engines})
			for _, r := range results {
				if r.Contradicted() {
					t.Errorf("%s: contradicted: %+v", r.Exchange.Entry, r.Verdicts)
				}
			}
			var expected struct{ Outcomes []outcome }
			data := expectedOf(t, name)
			if err := json.Unmarshal(data, &expected); err != nil {
				t.Fatal(err)
			}
			chains := chainsOf(results)
			for engine := range engines {
				seen := make(map[string]int)
				var got count
				for _, o := range expected.Outcomes {
					key := o.Method + " " + o.URL
					if len(chains[key]) == 0 { // WebKit records the last of the redirects only
						key = o.Method + " " + o.ResponseURL
					}
					if seen[key] == len(chains[key]) {
						got.unrecorded++
						continue
					}
					c := chains[key][seen[key]]
					v := c.verdict(engine)
					seen[key]++
					switch problem := wrong(o, v, c[0].Exchange.Fidelity.Has(record.RepeatsJoined)); {
					case problem != "":
						t.Errorf("%s: %s: %s", engines[engine].Name(), o.Step, problem)
					case v.Outcome == Undecidable:
						got.undecidable++
					default:
						got.right++
					}
				}
				if got != want {
					t.Errorf("%s: %+v, want %+v", engines[engine].Name(), got, want)
				}
			}
		})
	}
}

// expectedOf returns what was truly seen while a recording was made. It is the same for all of Chromium.
func expectedOf(t *testing.T, name string) []byte {
	if strings.HasPrefix(name, "chromium-") {
		name = "chromium"
	}
	data, err := os.ReadFile("../../testdata/recordings/" + name + ".expected.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What Chromium says of its reason is held against the verdict.
func TestCORSErrorIsCompared(t *testing.T) {
	data, err := os.ReadFile(recording(t, "chromium-events"))
	if err != nil {
		t.Fatal(err)
	}
	for code := range corsErrors {
		text := strings.ReplaceAll(string(data), `"corsError":"MissingAllowOriginHeader"`, `"corsError":"`+code+`"`)
		in, err := record.NewReader(strings.NewReader(text), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		contradicted := 0
		for _, r := range judgeAll(t, in, Options{Engines: []*browser.Engine{browser.Chromium()}}) {
			if r.Contradicted() {
				contradicted++
			}
		}
		// Where the credentials are included, more than one requirement may not be met.
		if real := code == "MissingAllowOriginHeader"; real != (contradicted == 0) {
			t.Errorf("%s: %d contradicted", code, contradicted)
		}
	}
}

// recording returns the file of a recording.
func recording(t *testing.T, name string) string {
	files, err := filepath.Glob("../../testdata/recordings/" + name + ".*")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, ".expected.json") })
	if len(files) != 1 {
		t.Fatalf("the recordings of that name are %q", files)
	}
	return files[0]
}

// wrong says what is wrong with a verdict, given what the page saw. joined says
// that the recorder joined repeated headers.
func wrong(o outcome, v *Verdict, joined bool) string {
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
		got := reason(v.Err)
		if joined && got == "allow-origin-mismatch" && o.CORSError == "MultipleAllowOriginValues" {
			return "" // Firefox tells the two apart by the lines
		}
		if got != chromiumReasons[o.CORSError] {
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
