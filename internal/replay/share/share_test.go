package share

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
	"github.com/corsim/corsim/origin"
)

var everyEngine = []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}

// planted are secrets that are in report's testdata/mixed.har.
var planted = []string{
	"COOKIE-SECRET", "BEARER-SECRET", "SETCOOKIE-SECRET", "APIKEY-SECRET", "QUERY-SECRET", "PASSWORD-SECRET", "FRAGMENT-SECRET", "LOCATION-SECRET",
	"REFERER-SECRET", "ERROR-SECRET", "BODY-SECRET",
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func share(t testing.TB, recording string) (har string, bad []error) {
	open := func() (*record.Reader, error) {
		return record.NewReader(strings.NewReader(recording), record.Options{})
	}
	var out bytes.Buffer
	if err := Share(&out, open, func(err error) { bad = append(bad, err) }); err != nil {
		_, cut := errors.AsType[*record.SyntaxError](err)
		_, other := errors.AsType[*record.FormatError](err)
		if !cut && !other {
			t.Fatal(err)
		}
	}
	return out.String(), bad
}

// verdicts are what is said about a recording, except what [Share] takes out of
// the values.
func verdicts(t testing.TB, recording string, judge replay.Options) []string {
	in, err := record.NewReader(strings.NewReader(recording), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	judge.Engines = everyEngine
	all := []string{}
	// What is no origin may hold secrets.
	shown := func(serialized string) string {
		if _, err := origin.Parse(serialized); err != nil && serialized != "" {
			return "no origin"
		}
		return serialized
	}
	// Nor is another method named.
	method := func(name string) string {
		if redact.NewCopy().Method(name) != name {
			return "another"
		}
		return name
	}
	place := func(e *record.Exchange) int {
		if e == nil {
			return -1
		}
		return e.Index
	}
	for s, err := range replay.Judge(context.Background(), in, judge, func(r *replay.Result) string {
		e := r.Exchange
		s := fmt.Sprintf("%d %s %d preflight %d, from %d, page %s %s, origin %s, credentials %s %s, author %s, %s\n", e.Index, method(e.Request.Method), e.Response.Status,
			place(r.Preflight), place(r.RedirectedFrom), shown(r.Page), r.PageFrom, shown(r.Origin), r.Credentials, r.CredentialsFrom, r.AuthorHeaders, r.Happened)
		for i := range r.Verdicts {
			v := &r.Verdicts[i]
			s += fmt.Sprintf("  %s %s %q %s %s %s %s", v.Engine.Name(), v.Outcome, report.Reason(v), v.Missing.Text(), v.Exempt, v.PreflightFrom, v.Agreement)
			if v.Err != nil {
				for _, e := range v.Err.All() {
					s += fmt.Sprintf(" %s %t %s %t %d", e.Reason, e.Preflight, e.Header, e.Present, e.Status)
				}
			}
			for _, a := range v.Alternatives {
				s += fmt.Sprintf(" [%t %s %s]", a.IncludeCredentials, a.Outcome, a.Missing.Text())
			}
			s += "\n"
		}
		return s
	}) {
		if bad, ok := errors.AsType[*record.EntryError](err); ok {
			s = fmt.Sprintf("%d cannot be read\n", bad.Index)
		} else if err != nil {
			break // cut off, and the copy is not
		}
		all = append(all, s)
	}
	return all
}

// What is shared is judged as the recording is, and its shared copy again.
func TestSharedIsJudgedAlike(t *testing.T) {
	recordings, err := filepath.Glob("../../../testdata/recordings/*.[ht][ax][rt]")
	if err != nil || len(recordings) < 8 {
		t.Fatal(recordings, err)
	}
	dialects, err := filepath.Glob("../../../testdata/dialects/*.har")
	if err != nil || len(dialects) == 0 {
		t.Fatal(dialects, err)
	}
	for _, file := range append(slices.Concat(recordings, dialects), "../../../testdata/recordings/mitmproxy-firefox.zhar", "../report/testdata/mixed.har") {
		recording := readFile(t, file)
		shared, _ := share(t, recording)
		if !json.Valid([]byte(shared)) {
			t.Errorf("%s: what is shared is not JSON", file)
		}
		again, _ := share(t, shared)
		for _, judge := range []replay.Options{{}, {Independent: true}, {Origin: "https://other.example"}, {Credentials: replay.CredentialsIncluded}} {
			want := verdicts(t, recording, judge)
			if diff := cmp.Diff(want, verdicts(t, shared, judge)); diff != "" {
				t.Errorf("%s: -recording +shared:\n%s", file, diff)
			}
			if diff := cmp.Diff(want, verdicts(t, again, judge)); diff != "" {
				t.Errorf("%s: -recording +shared twice:\n%s", file, diff)
			}
		}
	}
}

func TestNoSecretIsShared(t *testing.T) {
	shared, bad := share(t, readFile(t, "../report/testdata/mixed.har"))
	for _, secret := range planted {
		if strings.Contains(shared, secret) {
			t.Errorf("%s is shared", secret)
		}
	}
	if len(bad) != 1 {
		t.Errorf("%d entries cannot be read: %v", len(bad), bad)
	}
	const everywhere = "S3CRET-0123456789-S3CRET"
	entry := `{"_initiator":{"type":"script","requestId":"SHORT","stack":{"url":"https://app.example/?SECRET"}},"pageref":"SHORT","_requestId":"SHORT","pageURL":"https://user:SECRET@app.example/SECRET?SECRET#SECRET","startedDateTime":"SECRET","_webSocketMessages":[{"data":"SECRET"}],
		"request":{"method":"POST","url":"https://SECRET:SECRET@api.example/reset/SECRET;x=SECRET/y?SECRET&a=b;SHORT&data%3DSHORT&u=https%3A%2F%2Fx%3Fq%3DSHORT&email=SECRET&q[]=SECRET#SECRET","cookies":[{"value":"SECRET"}],"queryString":[{"value":"SECRET"}],
		"headers":[{"name":"origin","value":"https://SHORT:SHORT@app.example"},{"name":"host","value":"SHORT@api.example"},{"name":":authority","value":"SHORT@api.example"},{"name":"cookie","value":"SECRET"},{"name":"authorization","value":"SECRET"},{"name":"authorization","value":"Bearer SECRET"},{"name":"x-api-key","value":"SECRET"},{"name":"referer","value":"https://app.example/SECRET"},{"name":":path","value":"/?SECRET"}],
		"postData":{"text":"SECRET","params":[{"value":"SECRET"}]}},
		"response":{"status":302,"statusText":"https://x.example/?a=SECRET","headers":[{"name":"Set-Cookie","value":"SECRET"},{"name":"location","value":"/SECRET/?x=SECRET"},{"name":"location","value":"https:\\\\SHORT:SHORT@x.example/"},{"name":"location","value":"https:SHORT@x.example"},{"name":"location","value":"/p/https%3A%2F%2FSHORT%40x"},{"name":"access-control-allow-origin","value":"https://SHORT:SHORT@app.example"},{"name":"www-authenticate","value":"SECRET"},{"name":"link","value":"<https://x.example/?SECRET>"}],
		"content":{"text":"SECRET"},"redirectURL":"https://x.example/?a=SECRET","_error":"see https://x.example/?a=SECRET"},"comment":"SECRET"}`
	// SHORT is one that could be a word.
	shared, _ = share(t, strings.NewReplacer("SECRET", everywhere, "SHORT", "S3CRET").Replace(`{"log":{"comment":"SECRET","pages":[{"id":"p","title":"https://app.example/?SECRET"},{"id":"SHORT","title":"SECRET"}],"entries":[`+entry+`]}}`))
	if strings.Contains(shared, "S3CRET") || !strings.Contains(shared, "api.example") {
		t.Errorf("shared:\n%s", shared)
	}
}

func FuzzShare(f *testing.F) {
	for _, file := range []string{"../report/testdata/mixed.har", "../../../testdata/recordings/curl-redirect.txt"} {
		f.Add(readFile(f, file))
	}
	f.Fuzz(func(t *testing.T, recording string) {
		in, err := record.NewReader(strings.NewReader(recording), record.Options{})
		if err != nil || in.Format() == record.NetLog || !utf8.ValidString(recording) {
			return // bytes that are no text have been guessed
		}
		shared, bad := share(t, recording)
		if !json.Valid([]byte(shared)) && strings.Count(shared, `"creator":`) == 1 {
			t.Errorf("not JSON: %s", shared)
		}
		for _, err := range bad {
			if _, ok := errors.AsType[*record.EntryError](err); !ok {
				return // its request was not recorded
			}
		}
		if diff := cmp.Diff(verdicts(t, recording, replay.Options{}), verdicts(t, shared, replay.Options{})); diff != "" {
			t.Errorf("-recording +shared:\n%s\n%s", diff, shared)
		}
	})
}
