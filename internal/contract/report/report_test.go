package report_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/internal/contract/report"
)

func mustParse(t *testing.T, text string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("f.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func text(w io.Writer, r *contract.Report) error { return r.Text(w) }

// service permits app.example to GET, POST and PUT, and counts what it was asked.
type service map[string]int

func (s service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s[r.Method]++
	h := w.Header()
	if strings.HasSuffix(r.Header.Get("Origin"), "://app.example") {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "content-type, x-a")
		h.Set("Access-Control-Expose-Headers", "X-Total")
		h.Set("X-Total", "1")
		h.Set("X-Inner", "1")
	}
}

// TestSecrets shows that no report has values that CORS does not depend on.
func TestSecrets(t *testing.T) {
	c := mustParse(t, `page https://app.example
  allow GET / header Authorization="Bearer SECRET-1" header X-Key=SECRET-2 header Content-Type=text/html credentials expose X-Token
  allow GET /other header X-Key=SECRET-2
  allow PUT / header X-Key=SECRET-2
`)
	o := contract.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != "" && r.Header.Get("X-Key") != "SECRET-2" {
			t.Errorf("X-Key: %s is sent", r.Header.Get("X-Key"))
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "https://app.example")
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Allow-Headers", "authorization, x-key, content-type")
		h.Set("Set-Cookie", "sid=SECRET-3; Path=/; SameSite=None")
		h.Add("Set-Cookie", "SECRET-4")
		h.Set("X-Token", "SECRET-5")
	}))
	found, err := contract.Run(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer, *contract.Report) error{"text": text, "JUnit": report.JUnit, "SARIF": report.SARIF, "GitHub": report.GitHub, "Markdown": report.Markdown} {
		var b strings.Builder
		if err := write(&b, found); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "SECRET") {
			t.Errorf("%s has a secret:\n%s", name, &b)
		}
		for _, want := range []string{" header X-Key=REDACTED header Content-Type=text/html", "Authorization: Bearer REDACTED\n", "Set-Cookie: sid=REDACTED; Path=/; SameSite=None\n", "X-Token: REDACTED\n"} {
			if name == "GitHub" {
				want = strings.ReplaceAll(want, "\n", "%0A")
			}
			if name == "SARIF" {
				want = strings.ReplaceAll(want, "\n", `\n`)
			}
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s has no %s:\n%s", name, want, &b)
			}
		}
	}
}

// An annotation for each broken promise, and a row for each that is not kept.
func TestGitHubAndMarkdown(t *testing.T) {
	c := mustParse(t, "page https://evil.example\n  allow GET /\n  block PUT /\n  allow POST /\npage https://app.example\n  block GET /\n")
	o := contract.Handler(service{})
	o.SendUnsafe = false
	found, err := contract.Run(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	var annotations, summary strings.Builder
	if err := report.GitHub(&annotations, found); err != nil {
		t.Fatal(err)
	}
	if err := report.Markdown(&summary, found); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(annotations.String(), "\n"), "\n")
	const want = "::error file=f.contract,line=2,col=3,title=CORS%3A missing-allow-origin::page https://evil.example: allow GET /: blocked: missing-allow-origin in standard, chromium, firefox, webkit%0A"
	if len(lines) != 2 || !strings.HasPrefix(lines[0], want) || !strings.Contains(lines[1], "line=6,") {
		t.Errorf("%s", &annotations)
	}
	for _, want := range []string{
		"### CORS contract: broken\n\nPromises: 4. Broken: 2. Cannot be told: 1. The contract is `f.contract`, the server https://api.example.\n",
		"| broken | 2 | https://evil.example | `allow GET /` | blocked: missing-allow-origin in standard, chromium, firefox, webkit |\n",
		"| unknown | 4 | https://evil.example | `allow POST /` | POST needs no preflight", "<details><summary>line 6: why</summary>",
	} {
		if !strings.Contains(summary.String(), want) {
			t.Errorf("no %q in\n%s", want, &summary)
		}
	}
}

func TestReports(t *testing.T) {
	c := mustParse(t, "page https://evil.example\n  allow GET /\n  block PUT /\n  allow POST /\npage https://app.example\n  block GET /\n")
	o := contract.Handler(service{})
	o.SendUnsafe = false
	found, err := contract.Run(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := report.JUnit(&b, found); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`tests="4" failures="2" errors="0" skipped="1"`, `<property name="contract" value="f.contract"/>`, `<property name="base" value="https://api.example"/>`,
		`<testcase name="allow GET /" classname="page https://evil.example"`,
		`<failure type="missing-allow-origin" message="blocked: missing-allow-origin in standard, chromium, firefox, webkit">f.contract:2:3: blocked: `,
		`<failure type="contract" message="allowed in standard, chromium, firefox, webkit">f.contract:6:3: allowed`,
		`<skipped>POST needs no preflight, and its method is not safe: only sending it could tell</skipped>`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %s in\n%s", want, &b)
		}
	}
	b.Reset()
	if err := report.SARIF(&b, found); err != nil {
		t.Fatal(err)
	}
	for want, n := range map[string]int{
		`"ruleId": "`: 2, `"ruleId": "missing-allow-origin"`: 1, `"ruleId": "contract"`: 1, `"uri": "f.contract"`: 2, `"startLine": 6`: 1, `"startColumn": 3`: 2,
		`"text": "page https://evil.example: allow GET /: blocked: missing-allow-origin in standard, chromium, firefox, webkit\n\ngot `: 1,
	} {
		if got := strings.Count(b.String(), want); got != n {
			t.Errorf("%s is there %d times, not %d\n%s", want, got, n, &b)
		}
	}
}
