package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

var update = flag.Bool("update", false, "write the golden files")

var everyEngine = []*browser.Engine{browser.Standard, browser.Chromium, browser.Firefox, browser.WebKit}

// write writes what options ask for about a recording, and returns what could not
// be read.
func write(t testing.TB, recording string, width int, judge replay.Options, o Options) (table, lines string, totals *Totals) {
	table, _, lines, totals = writeBoth(t, recording, width, judge, o)
	return table, lines, totals
}

// writeBoth also returns the groups.
func writeBoth(t testing.TB, recording string, width int, judge replay.Options, o Options) (table, grouped, lines string, totals *Totals) {
	in, err := record.NewReader(strings.NewReader(recording), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Assumptions, o.Independent = judge.Assumptions(), judge.Independent
	var out bytes.Buffer
	tab := &Table{Out: &out, Width: width, All: true}
	totals = new(Totals)
	var groups Groups
	var all []byte
	type written struct {
		result     *replay.Result
		rows, line []byte
	}
	for w, err := range replay.Judge(context.Background(), in, judge, func(r *replay.Result) written {
		return written{r, tab.Rows(r, &o), append(Line(nil, r, &o), '\n')}
	}) {
		if bad, ok := errors.AsType[*record.EntryError](err); ok {
			all = append(BadLine(all, bad, &o), '\n')
			totals.Unreadable++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		totals.Add(w.result)
		groups.Add(o.File, w.result, &o, false)
		all = append(all, w.line...)
		if err := tab.Add(w.rows, w.result); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.Finish(); err != nil {
		t.Fatal(err)
	}
	totals.Print(&out, width)
	var byGroup bytes.Buffer
	if err := groups.Print(&Table{Out: &byGroup, Width: width}); err != nil {
		t.Fatal(err)
	}
	return out.String(), byGroup.String(), string(all), totals
}

func readFile(t testing.TB, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The golden files are what is written about the recordings in testdata.
func TestGolden(t *testing.T) {
	tests := []struct {
		golden, recording string
		width             int
		judge             replay.Options
		options           Options
	}{
		{"devtools", "../../../testdata/recordings/chromium-devtools.har", 100, replay.Options{}, Options{}},
		{"firefox-every-browser", "../../../testdata/recordings/firefox.har", 120, replay.Options{Engines: everyEngine}, Options{}},
		{"playwright-narrow", "../../../testdata/recordings/chromium-playwright.har", 0, replay.Options{}, Options{File: "chromium-playwright.har"}},
		{"playwright-phone", "../../../testdata/recordings/chromium-playwright.har", 44, replay.Options{Engines: everyEngine}, Options{}},
		{"what-if", "../../../testdata/recordings/chromium-devtools.har", 132, replay.Options{Origin: "https://staging.example", Credentials: replay.CredentialsIncluded}, Options{}},
		{"mixed", "testdata/mixed.har", 120, replay.Options{Engines: everyEngine}, Options{}},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			table, grouped, lines, _ := writeBoth(t, readFile(t, test.recording), test.width, test.judge, test.options)
			for line := range strings.Lines(table + grouped) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > atLeast(test.width) {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
			for name, got := range map[string]string{".txt": table, "-groups.txt": grouped, ".jsonl": lines} {
				golden := filepath.Join("testdata", test.golden+name)
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(readFile(t, golden), got); diff != "" {
					t.Errorf("%s: -want +got:\n%s", golden, diff)
				}
			}
		})
	}
}

// Each line is a JSON object with no member twice, whatever a recording holds.
func TestLinesAreJSON(t *testing.T) {
	recordings, err := filepath.Glob("../../../testdata/recordings/*.har")
	if err != nil || len(recordings) == 0 {
		t.Fatal(recordings, err)
	}
	for _, recording := range append(recordings, "testdata/mixed.har") {
		_, lines, _ := write(t, readFile(t, recording), 0, replay.Options{Engines: everyEngine}, Options{})
		for line := range strings.Lines(lines) {
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if object["v"] != 1.0 || (object["verdicts"] == nil) == (object["unreadable"] == nil) {
				t.Errorf("%s", line)
			}
		}
	}
}

// planted are secrets that stand in testdata/mixed.har.
var planted = []string{
	"COOKIE-SECRET", "BEARER-SECRET", "SETCOOKIE-SECRET", "APIKEY-SECRET", "QUERY-SECRET", "PASSWORD-SECRET", "FRAGMENT-SECRET", "LOCATION-SECRET",
	"REFERER-SECRET", "ERROR-SECRET", "BODY-SECRET",
}

func TestNoSecretIsWritten(t *testing.T) {
	recording := readFile(t, "testdata/mixed.har")
	for _, secret := range planted {
		if !strings.Contains(recording, secret) {
			t.Errorf("%s is not in the recording", secret)
		}
	}
	for _, judge := range []replay.Options{{Engines: everyEngine}, {Independent: true}, {Origin: "https://other.example"}} {
		for _, width := range []int{0, 400} {
			table, grouped, lines, _ := writeBoth(t, recording, width, judge, Options{})
			for _, secret := range planted {
				if strings.Contains(table+grouped+lines, secret) {
					t.Errorf("%s is written", secret)
				}
			}
		}
	}
	_, lines, _ := write(t, recording, 0, replay.Options{}, Options{ShowSecrets: true})
	for _, secret := range []string{"QUERY-SECRET", "PASSWORD-SECRET", "LOCATION-SECRET"} {
		if !strings.Contains(lines, secret) {
			t.Errorf("%s is not written, though secrets are asked for", secret)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/?a=1&access_token=x&b=2":   "https://a.example/?a=1&access_token=REDACTED&b=2",
		"https://a.example/#id_token=x":               "https://a.example/#id_token=REDACTED",
		"https://a.example/?X-Amz-Signature=x":        "https://a.example/?X-Amz-Signature=REDACTED",
		"https://a.example/?access%5Ftoken=x":         "https://a.example/?access%5Ftoken=REDACTED",
		"https://a.example/?KEY=x;code=y&a=b":         "https://a.example/?KEY=REDACTED&a=b",
		"https://a.example/?monkey=1&zipcode=2&a=b":   "https://a.example/?monkey=1&zipcode=2&a=b",
		"https://u:p@a.example/x":                     "https://REDACTED@a.example/x",
		"https://u:p@q@a.example/?sig=x":              "https://REDACTED@a.example/?sig=REDACTED",
		"https://u@a.example/x":                       "https://REDACTED@a.example/x",
		"https://:@a.example/x":                       "https://:@a.example/x",
		"https://a.example/x@y:z":                     "https://a.example/x@y:z",
		"see https://a.example/?token=x y and z":      "see https://a.example/?token=REDACTED y and z",
		`"https://a.example/?password=x" is no token`: `"https://a.example/?password=REDACTED" is no token`,
		"https://a.example/reset/eyJhbGc.eyJz.c-_/x":  "https://a.example/reset/REDACTED/x",
		"https://a.example/?t=%22eyJhbGc.eyJz.c%22":   "https://a.example/?t=%22REDACTED%22",
		"https://a.example/heyJude.html":              "https://a.example/heyJude.html",
		"https://a.example/?token":                    "https://a.example/?token",
		"https://a.example/?token=":                   "https://a.example/?token=REDACTED",
		"":                                            "",

		// In a parameter of a parameter.
		"https://a.example/?redirect=https%3A%2F%2Fx%3Ftoken%3DS%26a%3Db&c":  "https://a.example/?redirect=https%3A%2F%2Fx%3Ftoken%3DREDACTED%26a%3Db&c",
		"https://a.example/?r=https%253A%252F%252Fx%253Ftoken%253DS%2526a":   "https://a.example/?r=https%253A%252F%252Fx%253Ftoken%253DREDACTED%2526a",
		"https://a.example/?data=token%3DS":                                  "https://a.example/?data=token%3DREDACTED",
		"https://a.example/?data=token=S":                                    "https://a.example/?data=token=REDACTED",
		"https://a.example/?r=https%3A//x%3Ftoken%3DS/S?S&a=b":               "https://a.example/?r=https%3A//x%3Ftoken%3DREDACTED&a=b",
		"https://a.example/?r=https%3A%2F%2Fu%3Ap%40h%2Fx":                   "https://a.example/?r=https%3A%2F%2FREDACTED%40h%2Fx",
		"https://a.example/p/https%3a%2f%2fx%3fsig%3dS/y":                    "https://a.example/p/https%3a%2f%2fx%3fsig%3dREDACTED",
		"https://a.example/?d=%7B%22token%22%3A%22S%20S%22%2C%22a%22%3A1%7D": "https://a.example/?d=%7B%22token%22%3A%22REDACTED%22%2C%22a%22%3A1%7D",
		"https://a.example/?token=a%26b%23c&d=%zz%":                          "https://a.example/?token=REDACTED&d=%zz%",
		"https://a.example/?t=eyJhbGc%2EeyJz%2Ec-_&a=b":                      "https://a.example/?t=REDACTED&a=b",
		"https://a.example/?t=eyJhbGc.eyJzdWIi":                              "https://a.example/?t=REDACTED",

		// A value ends where that of its URL does.
		"https://a.example/?token=a b\"c\nd'e;f/g?h&i=j#k": "https://a.example/?token=REDACTED&i=j#k",
		"/x?token=a b":     "/x?token=REDACTED",
		"GET /x?token=a b": "GET /x?token=REDACTED b",
		`Location is "https://x/?token=a \"b c", which`:    `Location is "https://x/?token=REDACTED", which`,
		"https://us er:p\"w@a.example/":                    "https://REDACTED@a.example/",
		"line 1: \"{\\\"token\\\":\\\"a b\\\",\\\"x\\\"\"": "line 1: \"{\\\"token\\\":\\\"REDACTED\\\",\\\"x\\\"\"",
		`{"pin":1234,"a":1}`:                               `{"pin":REDACTED,"a":1}`,
		"the line \"Cookie: a=b; c=d\" is no request line": "the line \"Cookie: REDACTED\" is no request line",

		// Browsers take these for https://user:pw@h.
		"https:/user:pw@h/x":      "https:/REDACTED@h/x",
		"https:user:pw@h":         "https:REDACTED@h",
		`HTTPS:\\user:pw@h\x@y`:   `HTTPS:\\REDACTED@h\x@y`,
		`https:\/\user:pw@h`:      `https:\/\REDACTED@h`,
		"//user:pw@h":             "//REDACTED@h",
		"mailto:someone@h":        "mailto:someone@h",
		"foo:user@h":              "foo:user@h",
		"access-control: a@b.org": "access-control: a@b.org",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// What is a secret is told by words in a name, and what only sounds like one as well.
func TestSecretNames(t *testing.T) {
	const secret = `token access_token accessToken access%5Ftoken X-Amz-Signature x-amz-security-token apiKey api_key APIKEY key[] KEY sig code auth pass pwd pin
		jwt sid otp session sessionid JSESSIONID PHPSESSID ASPSESSIONIDABCD ASP.NET_SessionId connect.sid sessid authorization SAMLResponse SAMLart RelayState_saml cookie
		ticket login_ticket nonce state code_verifier oauth_verifier subscription-key Ocp-Apim-Subscription-Key secret_key secretkey private_key app_key client_key
		client_secret clientsecret client_assertion id_token_hint authorization_code device_code otp_code passcode bearer access_token_v2 token_id tokenid user_pass
		userpass hmac csrf csrfmiddlewaretoken XSRF-TOKEN __RequestVerificationToken signed_request AWSAccessKeyId credentials user[password] passwords
		sessions client_secrets nextPageToken`
	const ordinary = `page_key pageKey sort-key keyword keywords monkey zipcode zip_code postalCode country_code statusCode max_tokens maxTokens num_tokens
		token_type expires code_challenge_method tokenLimit tokenizer secretary bypass compass passenger encoding decode barcode design signal assign
		signup session_length state_id us_state author authors cat client_id id user page q utm_source author_name`
	for _, list := range []struct {
		names string
		want  bool
	}{{secret, true}, {ordinary, false}} {
		for name := range strings.FieldsSeq(list.names) {
			redacted := strings.HasSuffix(Redact("https://a.example/?"+name+"=x"), "=REDACTED")
			if redacted != list.want {
				t.Errorf("%s is redacted: %t", name, redacted)
			}
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("https://u:p@a.example/?token=x#code=y", "SECRET")
	f.Add("//:@//:@", "&;")
	f.Add("/eyJ.eyJ./eyJ", "eyJ")
	f.Fuzz(func(t *testing.T, s, secret string) {
		once := Redact(s)
		if again := Redact(once); again != once {
			t.Errorf("Redact(%q) = %q, and of that %q", s, once, again)
		}
		secret = "SECRET" + secret
		if strings.ContainsAny(secret, "&#") || strings.Contains(s, "SECRET") {
			return
		}
		if url := "https://a.example/" + s + "?token=" + secret; strings.Contains(Redact(url), "SECRET") {
			t.Errorf("Redact(%q) has the secret: %q", url, Redact(url))
		}
	})
}

// A filter over JSON lines writes a line for each, the same however the lines are
// split among processes.
func TestIndependentOfSplits(t *testing.T) {
	var lines []string
	for _, recording := range []string{"../../../testdata/recordings/chromium-devtools.har", "testdata/mixed.har"} {
		var har struct {
			Log struct{ Entries []json.RawMessage }
		}
		if err := json.Unmarshal([]byte(readFile(t, recording)), &har); err != nil {
			t.Fatal(err)
		}
		for _, entry := range har.Log.Entries {
			var line bytes.Buffer
			if err := json.Compact(&line, entry); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line.String()+"\n")
		}
	}
	lines = append(lines, "{\"request\":\n", "1\n", lines[0])
	filter := func(lines []string) string {
		in, err := record.NewReader(strings.NewReader(strings.Join(lines, "")), record.Options{Format: record.JSONLines})
		if err != nil {
			t.Fatal(err)
		}
		o := &Options{Independent: true}
		var out []byte
		for line, err := range replay.Judge(context.Background(), in, replay.Options{Independent: true}, func(r *replay.Result) []byte { return Line(nil, r, o) }) {
			if err != nil {
				line = BadLine(nil, err, o)
			}
			out = append(append(out, line...), '\n')
		}
		return string(out)
	}
	whole := filter(lines)
	if n := strings.Count(whole, "\n"); n != len(lines) {
		t.Fatalf("%d lines for %d", n, len(lines))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		cuts := []int{0, len(lines)}
		for range 7 {
			cuts = append(cuts, random.IntN(len(lines)))
		}
		slices.Sort(cuts)
		var got string
		for i := range cuts[1:] {
			if cuts[i] < cuts[i+1] {
				got += filter(lines[cuts[i]:cuts[i+1]])
			}
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Fatalf("split at %v:\n%s", cuts, diff)
		}
	}
}

// A table that is too long to be held back is written as it grows, with what is
// contradicted behind it.
func TestLongTable(t *testing.T) {
	const n = 70_000
	entry := `{"request":{"method":"GET","url":"https://api.example/","headers":[{"name":"origin","value":"https://app.example"}]},"response":{"status":200,"headers":[{"name":"x","value":"y"}],"_error":null}}`
	recording := `{"log":{"creator":{"name":"WebInspector"},"entries":[` + strings.Repeat(entry+",", n-1) + entry + `]}}`
	table, _, totals := write(t, recording, 80, replay.Options{}, Options{})
	want := fmt.Sprintf("CONTRADICTED by the recording (%d)", n)
	if i := strings.Index(table, want); i < maxHeld || strings.Count(table, "\n") < n || strings.Count(table[i:], "missing-allow-origin") != maxContradicted+1 {
		t.Errorf("%q stands at %d of %d lines", want, i, strings.Count(table, "\n"))
	}
	if totals.Outcome() != replay.Blocked {
		t.Error(totals.Outcome())
	}
}

// Colours change nothing else.
func TestColors(t *testing.T) {
	r := &replay.Result{
		Exchange: &record.Exchange{Entry: "entry 1", Request: record.Request{Method: "GET", URL: "https://a.example/"}},
		Verdicts: []replay.Verdict{{Engine: browser.Standard}},
	}
	plain, colored := &Table{Width: 100}, &Table{Width: 100, Color: true}
	want := string(plain.Rows(r, &Options{}))
	got := string(colored.Rows(r, &Options{}))
	if !strings.Contains(got, "\x1b[32mallowed    \x1b[0m") {
		t.Errorf("no colour: %q", got)
	}
	got = strings.NewReplacer("\x1b[32m", "", "\x1b[0m", "").Replace(got)
	if strings.TrimRight(got, " \n") != strings.TrimRight(want, " \n") {
		t.Errorf("got %q, want %q", got, want)
	}
}
