package report

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/share"
)

// sinkNames are the reports that [sinks] makes.
var sinkNames = []string{"html", "md", "xml", "sarif", "github"}

func newSink(name string, out io.Writer, o *Options) Sink {
	switch name {
	case "html":
		return &HTML{Out: out, Options: o, All: true}
	case "md":
		return &Markdown{Out: out, Options: o}
	case "xml":
		return &JUnit{Out: out, Options: o}
	case "sarif":
		return &SARIF{Out: out, Options: o}
	}
	return &GitHub{Out: out, Options: o}
}

// reports returns all reports on recordings, by name.
func reports(t testing.TB, judge replay.Options, o Options, recordings map[string]string) map[string]string {
	o.Assumptions = judge.Assumptions()
	out := make(map[string]*bytes.Buffer)
	var sinks []Sink
	for _, name := range sinkNames {
		out[name] = new(bytes.Buffer)
		sinks = append(sinks, newSink(name, out[name], &o))
	}
	for file, recording := range recordings {
		for _, s := range sinks {
			s.Begin(file)
		}
		in, err := record.NewReader(strings.NewReader(recording), record.Options{})
		if err != nil {
			for _, s := range sinks {
				s.Bad(err)
			}
			continue
		}
		for r, err := range replay.Judge(context.Background(), in, judge, func(r *replay.Result) *replay.Result { return r }) {
			for _, s := range sinks {
				if err != nil {
					s.Bad(err)
				} else {
					s.Add(r)
				}
			}
		}
	}
	texts := make(map[string]string)
	for i, s := range sinks {
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		texts[sinkNames[i]] = out[sinkNames[i]].String()
	}
	return texts
}

func TestGoldenReports(t *testing.T) {
	for golden, recording := range map[string]string{"devtools": "../../../testdata/recordings/chromium-devtools.har", "mixed": "testdata/mixed.har"} {
		engines := []*browser.Engine{browser.Chromium()}
		if golden == "mixed" {
			engines = everyEngine
		}
		for name, got := range reports(t, replay.Options{Engines: engines}, Options{}, map[string]string{golden + ".har": readFile(t, recording)}) {
			if name == "html" {
				continue // TestPage looks at it
			}
			file := filepath.Join("testdata", golden+"."+name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(readFile(t, file), got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", file, diff)
			}
			wellFormed(t, name, got)
		}
	}
}

// wellFormed reports what is wrong with the form of a report.
func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	switch name {
	case "xml":
		var suites struct {
			Suites []struct {
				Tests int `xml:"tests,attr"`
				Cases []struct {
					Failure, Error *struct{} // of each at most one
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(text), &suites); err != nil {
			t.Fatal(err)
		}
		for _, s := range suites.Suites {
			if s.Tests != len(s.Cases) {
				t.Errorf("%d test cases, but %d in the attribute", len(s.Cases), s.Tests)
			}
		}
	case "sarif":
		var log struct {
			Runs []struct {
				Tool struct {
					Driver struct{ Rules []struct{ ID string } }
				}
				Results []struct {
					RuleID    string
					RuleIndex int
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &log); err != nil {
			t.Fatal(err)
		}
		for _, r := range log.Runs[0].Results {
			if log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
			}
		}
	case "github":
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "::error file=") && !strings.HasPrefix(line, "::warning file=") {
				t.Errorf("no annotation: %s", line)
			}
		}
	case "html":
		for element := range elements(t, text) {
			if element == "img" || element == "iframe" || element == "object" {
				t.Errorf("the page has %q", element)
			}
		}
	}
}

// elements counts the elements of a page.
func elements(t *testing.T, page string) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return counts
		case html.StartTagToken:
			token := z.Token()
			counts[token.Data]++
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s %s=%q>", token.Data, a.Key, a.Val)
				}
			}
		}
	}
}

// What is in a recording is text in a report, whatever it is.
func TestReportsEscape(t *testing.T) {
	known := elements(t, reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{"mixed.har": readFile(t, "testdata/mixed.har")})["html"])
	for _, hostile := range []string{
		`<script>alert(1)</script><img src=x onerror=alert(1)>`, "'><svg onload=alert(1)>", "`x` | y | <b>z</b>", "]]>\x00\x1b[31m", "::error::x\r\n::error::y", "</style></script><script>",
		"{{.Rows}}", "\u202Eevil", strings.Repeat("<", 5000),
	} {
		quoted, err := json.Marshal(hostile)
		if err != nil {
			t.Fatal(err)
		}
		h := string(quoted)
		entry := `{"request":{"method":` + h + `,"url":"https://api.example/` + h[1:] + `,"headers":[{"name":"origin","value":` + h + `},{"name":"x-a","value":` + h +
			`}]},"response":{"status":200,"statusText":` + h + `,"headers":[{"name":"access-control-allow-origin","value":` + h + `},{"name":"vary","value":` + h + `}]},"_error":` + h + `}`
		texts := reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{
			hostile: `{"log":{"creator":{"name":"WebInspector"},"entries":[` + entry + `,{"request":{"url":` + h + `,"method":[]}}]}}`, "empty": "",
		})
		for element, n := range elements(t, texts["html"]) {
			if known[element] == 0 || element == "script" && n != 1 {
				t.Errorf("%q makes %d elements %s", hostile, n, element)
			}
		}
		for name, text := range texts {
			wellFormed(t, name, text)
			if strings.ContainsAny(text, "\x00\x1b\u202E") {
				t.Errorf("%s has a control character of %q", name, hostile)
			}
		}
	}
}

func TestNoSecretIsInReports(t *testing.T) {
	recordings := map[string]string{"mixed.har": readFile(t, "testdata/mixed.har")}
	for _, judge := range []replay.Options{{Engines: everyEngine}, {Independent: true}, {Origin: "https://other.example"}} {
		for name, text := range reports(t, judge, Options{}, recordings) {
			for _, secret := range planted {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %s is written", name, secret)
				}
			}
		}
	}
	for name, text := range reports(t, replay.Options{}, Options{ShowSecrets: true}, recordings) {
		if want := name == "html" || name == "xml"; strings.Contains(text, "QUERY-SECRET") != want {
			t.Errorf("%s: the token is written: %t, though secrets are asked for", name, !want)
		}
		if strings.Contains(text, "COOKIE-SECRET") {
			t.Errorf("%s: a cookie is written", name)
		}
	}
}

// A page has no more requests than a browser can show, the worst.
func TestLongPage(t *testing.T) {
	entry := func(allow string) string {
		return `{"request":{"method":"GET","url":"https://api.example/","headers":[{"name":"origin","value":"https://app.example"},{"name":"cookie","value":"a=1"}]},"response":{"status":200,"headers":[{"name":"access-control-allow-credentials","value":"true"},{"name":"access-control-allow-origin","value":"` + allow + `"}]}}`
	}
	har := `{"log":{"entries":[` + strings.Repeat(entry("https://app.example")+",", maxHTMLRows+50) + strings.Repeat(entry("https://other.example")+",", 100) + `]}}`
	page := reports(t, replay.Options{}, Options{}, map[string]string{"long.har": har})["html"]
	if n := strings.Count(page, `data-class="blocked"`); n != 100 {
		t.Errorf("%d blocked requests are shown, want 100", n)
	}
	if n := strings.Count(page, "<details class=\"row"); n != maxHTMLRows {
		t.Errorf("%d requests are shown, want %d", n, maxHTMLRows)
	}
	if !strings.Contains(page, "150 further requests are not shown") {
		t.Error("what is not shown is not said")
	}
}

// However many requests are worse, each row that is shown leads to a request.
func TestRowsLeadToRequests(t *testing.T) {
	entry := func(method, path, allow string) string {
		return `{"startedDateTime":"2026-11-22T08:00:00Z","request":{"method":"` + method + `","url":"https://api.example/` + path + `","headers":[["origin","https://app.example"],["cookie","a=1"]]},"response":{"status":200,"headers":[["access-control-allow-credentials","true"],["access-control-allow-origin","` + allow + `"]]}}` + "\n"
	}
	one := strings.Repeat(entry("GET", "blocked", "https://other.example"), maxHTMLRows+50)
	many := one
	for i := range maxCauses + 50 {
		many += strings.ReplaceAll(entry("GET", "x", "https://other.example"), "api.example", "api"+itoa(i)+".example")
	}
	for _, blocked := range []string{one, many} {
		page := reports(t, replay.Options{}, Options{}, map[string]string{"long.jsonl": blocked + entry("GET", "allowed", "https://app.example") + entry("PUT", "undecidable", "https://app.example")})["html"]
		if rows, links := strings.Count(page, `<td class="n">`), strings.Count(page, `<td class="where"><a href="#r`); links != rows || rows < 3 {
			t.Errorf("%d rows have %d links", rows, links)
		}
		if n := strings.Count(page, "<details class=\"row"); n != maxHTMLRows {
			t.Errorf("%d requests are shown, want %d", n, maxHTMLRows)
		}
	}
}

// What one exchange makes a page larger by is bounded.
func TestLongExchange(t *testing.T) {
	lines := strings.Repeat(`,["access-control-allow-origin","https://`+strings.Repeat("x", 2000)+`.example"]`, 300)
	entry := `{"request":{"method":"GET","url":"https://api.example/","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["vary","Origin"]` + lines + `]}}`
	page := reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{"long.jsonl": entry})["html"]
	if len(page) > 80_000 || !strings.Contains(page, "281 more, not shown") {
		t.Errorf("the page has %d bytes", len(page))
	}
}

func TestTicks(t *testing.T) {
	for whole, want := range map[time.Duration]string{
		time.Millisecond: "0", 90 * time.Millisecond: "0, 30 ms, 60 ms", 1234 * time.Millisecond: "0, 500 ms, 1 s", 100 * time.Second: "0, 30 s, 1 min",
		3 * time.Hour: "0, 1 h, 2 h", 100 * time.Hour: "0, 30 h, 60 h", 50 * 24 * time.Hour: "0, 13 d, 26 d, 39 d",
	} {
		at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
		s := htmlSection{Rows: []*htmlRow{{times: []span{{from: at, to: at.Add(whole)}}}}}
		s.draw(span{from: at, to: at.Add(whole)})
		var got []string
		for _, tick := range s.Ticks {
			if tick.Text != "" {
				got = append(got, tick.Text)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", whole, diff)
		}
	}
}

// Directories are shown where names alone would not tell recordings apart.
func TestShownNames(t *testing.T) {
	for _, test := range [][2][]string{
		{{"a/b/x.har", "c/y.har", "standard input"}, {"x.har", "y.har", "standard input"}},
		{{"a/x.har", "b/x.har"}, {"a/x.har", "b/x.har"}},
		{{"a/x.har", "a/x.har"}, {"x.har", "x.har"}},
	} {
		if diff := cmp.Diff(test[1], shownNames(test[0])); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for url, want := range map[string]string{
		"https://api.example/v1/things/1234?x=y#z":                         "https://api.example/v1/things/*",
		"https://api.example/v2/9f3a1c9e-0000-4000-8000-123456789abc/name": "https://api.example/v2/*/name",
		"https://user:secret@api.example":                                  "https://api.example/",
		"https://api.example/assets/app.4f2a9c.js":                         "https://api.example/assets/app.4f2a9c.js",
		"https://api.example/deadbeef/facade":                              "https://api.example/deadbeef/facade",
		"https://api.example/t/eyJhbGciOiJIUzI1NiJ9abc123":                 "https://api.example/t/*",
		"data:,x?y": "data:,x",
		"":          "",
	} {
		if got := Endpoint(url); got != want {
			t.Errorf("Endpoint(%q) = %q, want %q", url, got, want)
		}
	}
}

// Groups are bounded, and lose no request.
func TestGroupsAreBounded(t *testing.T) {
	var groups Groups
	for i := range maxGroups + 500 {
		r := &replay.Result{
			Exchange: &record.Exchange{Entry: "entry 1", Request: record.Request{Method: "GET", URL: "https://a.example/x" + itoa(i) + "y"}},
			Verdicts: []replay.Verdict{{Engine: browser.Standard()}},
		}
		groups.Add("", r, &Options{}, false)
	}
	all := groups.Worst()
	count := 0
	for _, g := range all {
		count += g.Count
	}
	if len(all) != maxGroups+1 || count != maxGroups+500 || all[0].Endpoint != "other endpoints" {
		t.Errorf("%d groups of %d requests, the largest %+v", len(all), count, all[0])
	}
}

// Whatever a secret is in, no report and no copy has it.
func TestNoFormOfSecretIsInReports(t *testing.T) {
	const secret = "S3CRET"
	for _, form := range []string{
		"https://api.example/?redirect=https%3A%2F%2Fx%3Ftoken%3DS3CRET", "https://api.example/?data=token%3DS3CRET", "https://api.example/?PHPSESSID=S3CRET",
		"https://api.example/?token=a S3CRET", `https://api.example/?token=a"S3CRET`, "https://api.example/?token=a\nS3CRET", "https://api.example/?token=a;S3CRET",
		"https:/user:S3CRET@api.example/", "https:user:S3CRET@api.example", `https:\\user:S3CRET@api.example`, "https://S3CRET:x@api.example/",
		"https://api.example/eyJS3CRET%2EeyJS3CRET%2ES3CRET", "https://api.example/p?SAMLart=S3CRET#access_token_v2=S3CRET",
	} {
		quoted := func(s string) string {
			b, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		// A line feed in a header's value parts two values.
		url, value := quoted(form), quoted(strings.ReplaceAll(form, "\n", " "))
		entry := `{"request":{"method":"GET","url":` + url + `,"headers":[["origin",` + value + `],["referer",` + value + `],["cookie","S3CRET"]]},"response":{"status":302,"statusText":` + url + `,"headers":[["access-control-allow-origin",` + value +
			`],["location",` + value + `],["vary","Origin"]]},"_error":` + url + `}`
		recording := `{"log":{"creator":{"name":"WebInspector"},"entries":[` + entry + `,{"request":{"url":` + url + `,"method":[]}}]}}`
		texts := reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{"a.har": recording})
		texts["table"], texts["groups"], texts["lines"], _ = writeBoth(t, recording, 400, replay.Options{}, Options{})
		texts["narrow"], texts["narrow groups"], _, _ = writeBoth(t, recording, 40, replay.Options{}, Options{})
		open := func() (*record.Reader, error) {
			return record.NewReader(strings.NewReader(recording), record.Options{})
		}
		var copied strings.Builder
		if err := share.Share(&copied, open, func(error) {}); err != nil {
			t.Fatal(err)
		}
		texts["copy"] = copied.String()
		for name, text := range texts {
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				t.Errorf("%s: %q is written as %q", name, form, text[max(0, at-60):at+10])
			}
		}
	}
}

// However long one thing in a request is, the page and the table in Markdown have a part of it.
func TestOneRequestIsShort(t *testing.T) {
	long := strings.Repeat("x", 1_000_000)
	for place, values := range map[string]map[string]string{
		"method": {"METHOD": long}, "path": {"PATH": long}, "page": {"PAGE": "https://app.example/" + long}, "origin": {"ORIGIN": "https://" + long + ".example"},
		"request header": {"SENT": long}, "response header": {"RECEIVED": "access-control-" + long}, "allowed origin": {"ALLOWED": "https://" + long + ".example"},
		"vary": {"VARY": "origin, " + long}, "status text": {"STATUS": long}, "error": {"ERROR": "net::ERR_" + long},
	} {
		entry := `{"request":{"method":"METHOD","url":"https://api.example/PATH","headers":[{"name":"origin","value":"ORIGIN"},{"name":"referer","value":"PAGE"},{"name":"SENT","value":"1"}]},
			"response":{"status":200,"statusText":"STATUS","headers":[{"name":"access-control-allow-origin","value":"ALLOWED"},{"name":"RECEIVED","value":"1"},{"name":"vary","value":"VARY"}]},"_error":"ERROR"}`
		for name, usual := range map[string]string{
			"METHOD": "PUT", "PATH": "things", "PAGE": "https://app.example/", "ORIGIN": "https://app.example", "SENT": "x-a", "RECEIVED": "x-b", "ALLOWED": "https://other.example", "VARY": "accept", "STATUS": "OK", "ERROR": "",
		} {
			entry = strings.ReplaceAll(entry, name, stdcmp.Or(values[name], usual))
		}
		texts := reports(t, replay.Options{Engines: everyEngine}, Options{}, map[string]string{"long.har": `{"log":{"creator":{"name":"WebInspector"},"entries":[` + entry + `]}}`})
		for _, name := range []string{"html", "md"} {
			if text, ok := texts[name]; !ok || len(text) > 100_000 {
				t.Errorf("a long %s makes %d bytes of %s", place, len(text), name)
			}
		}
	}
}
