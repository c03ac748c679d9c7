package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cmd/simulate/internal/devtools"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/contract"
)

// do does something, and decodes the answer.
func do(t *testing.T, name string, input any, answer any) {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Do(context.Background(), &Call{Name: name, Input: text})
	if err != nil {
		t.Fatalf("%s %s: %v", name, text, err)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		t.Fatalf("%s %s gives %s: %v", name, text, got, err)
	}
}

var requests = []description{
	{Page: "https://app.example", URL: "https://api.example/things"},
	{Page: "https://app.example/where?x=1", URL: "https://api.example/things?page=2", Headers: "X-Requested-With: fetch\nAuthorization: Bearer a'b\"c\n"},
	{Page: "null", URL: "https://api.example/", Method: "delete", Credentials: "include"},
	{Page: "https://app.example/", URL: "https://api.example/x", Method: "PUT", Headers: "Content-Type: application/json", Body: "{\"a\": \"`b`\"}\n", Credentials: "include"},
	{Page: "https://app.example/", URL: "https://api.example/x", Method: "PUT", Headers: "Content-Type: application/json", Body: `{"a": "b\\"}`},
	{Page: "http://localhost:3000", URL: "http://localhost:8080/", Method: "POST", Body: "x=1&y=it's"},
	{Page: "https://app.example", URL: "https://api.example/", Method: "patch", Body: "x", Headers: "Content-Type: text/csv\nX-Empty;", Redirect: "error"},
	{Page: "https://app.example", URL: "https://api.example/i.png", As: "image", CrossOrigin: "anonymous"},
	{Page: "https://app.example", URL: "https://api.example/x.woff2", As: "font"},
	{Page: "https://app.example", URL: "https://api.example/", Mode: "no-cors", Answers: "HTTP/1.1 200 OK\n\n"},
	{Page: "https://app.example", URL: "https://api.example/", Method: "PUT", Answers: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Methods: PUT\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n"},
}

// What is copied says what the form says, to who reads it there.
func TestCopies(t *testing.T) {
	for _, d := range requests {
		var got copies
		do(t, "copy", d, &got)
		o, err := d.options()
		if err != nil {
			t.Fatal(err)
		}
		method := strings.ToUpper(d.Method)
		if method == "PATCH" {
			method = d.Method // which fetch() leaves as it is
		}
		if method == "" {
			method = "GET"
		}

		c, err := contract.Parse("copied", got.Contract)
		if d.As != "" {
			if err != nil || !c.Pages[0].Promises[0].Loads || c.Pages[0].Promises[0].Method != d.As {
				t.Errorf("%+v: %v: the contract is\n%s", d, err, got.Contract)
			}
			if !strings.Contains(got.Corstest, ".Loads()") {
				t.Errorf("%+v: %s", d, got.Corstest)
			}
			continue
		}
		if strings.Contains(d.Body, "\n") { // a promise is a line
			if !strings.HasPrefix(got.Contract, "# a contract has no words") {
				t.Errorf("%+v: the contract is\n%s", d, got.Contract)
			}
		} else if err != nil {
			t.Errorf("%+v: the contract\n%s\nis none: %v", d, got.Contract, err)
		} else if p := c.Pages[0].Promises[0]; p.Method != method || c.Base+p.Path != d.URL || p.Credentials != (d.Credentials == "include") || p.JSON != strings.Contains(d.Headers, "application/json") || p.Body != d.Body {
			t.Errorf("%+v: the contract says something else:\n%s", d, got.Contract)
		}

		commands := lines(strings.ReplaceAll(got.Curl, "\\\n", ""))
		if o.Body != nil && strings.Contains(*o.Body, "\n") { // a body of several lines is one command
			commands = []string{got.Curl[strings.LastIndex(got.Curl, "curl -i"):]}
		}
		r, err := devtools.Parse(commands[len(commands)-1])
		if err != nil {
			t.Fatalf("%+v: %q: %v", d, commands, err)
		}
		if r.URL != d.URL || r.Method != method || (r.Body == nil) != (o.Body == nil) || r.Body != nil && *r.Body != *o.Body {
			t.Errorf("%+v: curl says something else:\n%s", d, got.Curl)
		}
		for _, h := range o.Headers {
			if value, ok := r.Headers.Get(h.Name); d.Mode != "no-cors" && (!ok || value != h.Value) {
				t.Errorf("%+v: curl has %s: %q", d, h.Name, value)
			}
		}

		if _, err := parser.ParseFile(token.NewFileSet(), "copied_test.go", "package p\nfunc f() {\n"+got.Corstest+"}\n", 0); err != nil {
			t.Errorf("%+v: %v:\n%s", d, err, got.Corstest)
		}
		if strings.Contains(got.Markdown, "Bearer a") {
			t.Errorf("what is meant for an issue has a secret:\n%s", got.Markdown)
		}
	}
}

func TestProblemsNameTheirField(t *testing.T) {
	for _, test := range []struct {
		d     description
		field string
	}{
		{description{Page: "https://app.example"}, "url"},
		{description{Page: "https://app.example", URL: "api.example"}, "url"},
		{description{URL: "https://api.example/"}, "page"},
		{description{Page: "app.example", URL: "https://api.example/"}, "page"},
		{description{Page: "https://app.example", URL: "https://api.example/", Headers: "x"}, "headers"},
		{description{Page: "https://app.example", URL: "https://api.example/", Answers: "HTTP"}, "answers"},
		{description{Page: "https://app.example", URL: "https://api.example/", Cookies: "x"}, "cookies"},
		{description{Page: "https://app.example", URL: "https://api.example/", Method: "a b"}, ""},
		{description{Page: "https://app.example", URL: "https://api.example/", ThirdPartyCookies: "x"}, "thirdPartyCookies"},
	} {
		var got checked
		do(t, "check", test.d, &got)
		if got.Problem == nil || got.Problem.Field != test.field || got.Problem.Text == "" || len(got.Reports) > 0 {
			t.Errorf("%+v: the problem is %+v, want one of %q", test.d, got.Problem, test.field)
		}
	}
}

func TestMarks(t *testing.T) {
	d := description{Page: "https://app.example", URL: "https://api.example/", Method: "PUT", Answers: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: *\n"}
	var got checked
	do(t, "check", d, &got)
	if len(got.Marks[0]) != 1 || got.Marks[0][0].Why == "" {
		t.Fatalf("marked is %+v", got.Marks[0])
	}
	got.Marks[0][0].Why = ""
	if want := []mark{{Preflight: true, Header: "Access-Control-Allow-Methods", Reason: "method-not-allowed"}}; !cmp.Equal(got.Marks[0], want) {
		t.Error(cmp.Diff(want, got.Marks[0]))
	}
	d.Answers = "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nVary: Origin\n"
	got = checked{}
	do(t, "check", d, &got)
	var names []string
	for _, m := range got.Marks[0] {
		if !m.Good {
			t.Errorf("%+v is wrong, in what is allowed", m)
		}
		names = append(names, m.Header)
	}
	if want := []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin"}; !cmp.Equal(names, want) {
		t.Errorf("marked are %s, want %s", names, want)
	}
}

func TestServerIsGuessedAndChosen(t *testing.T) {
	d := description{Page: "https://app.example", URL: "https://api.example/", Answers: "HTTP/1.1 200 OK\nServer: nginx\n"}
	var got checked
	do(t, "check", d, &got)
	if got.Guess != "nginx" || got.Config == nil || got.Config.Server != "nginx" {
		t.Errorf("guess %q, configuration %+v", got.Guess, got.Config)
	}
	d.Server = "caddy"
	if do(t, "check", d, &got); got.Config.Server != "caddy" {
		t.Errorf("the configuration is of %s", got.Config.Server)
	}
}

func TestPaste(t *testing.T) {
	var got description
	do(t, "paste", copied{Text: `curl 'https://api.example/things' -X PUT -H 'Origin: https://app.example' -H 'Content-Type: application/json' -b 'a=1' --data-raw '{}'`}, &got)
	want := description{Page: "https://app.example", URL: "https://api.example/things", Method: "PUT", Headers: "Content-Type: application/json\n", Body: "{}", Cookies: "a=1", Credentials: "include"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsSent(t *testing.T) {
	for _, name := range []string{"check", "probe"} {
		input := `{"page":"https://app.example","url":"https://api.example/","live":true}`
		if got, err := Do(context.Background(), &Call{Name: name, Input: []byte(input)}); err != errNotLive {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestExplain(t *testing.T) {
	var got explained
	do(t, "explain", pasted{Text: "No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin 'https://app.example' is therefore not allowed access.", Server: "nginx"}, &got)
	if len(got.Messages) != 1 || got.Messages[0].Verdict != "BLOCKED by CORS" || got.Config == nil || !strings.Contains(got.Text, got.Config.Parts[0].Where) {
		t.Errorf("%+v", got)
	}
	got = explained{}
	if do(t, "explain", pasted{Text: "why does it work in Postman and not in my page"}, &got); got.Answer == nil || len(got.Messages) > 0 {
		t.Errorf("%+v", got)
	}
	got = explained{}
	if do(t, "explain", pasted{Text: "hello"}, &got); got.Answer != nil || len(got.Messages) > 0 {
		t.Errorf("%+v", got)
	}
	got = explained{}
	if do(t, "explain", pasted{Text: "POST https://api.example/ net::ERR_BLOCKED_BY_CLIENT", Server: "nginx"}, &got); len(got.Messages) != 1 || got.NoConfig == "" {
		t.Errorf("%+v", got)
	}
}

// openFile is a file of the disk, as the page has it.
func openFile(name string) *File {
	return &File{Name: filepath.Base(name), Open: func() (io.ReadCloser, error) { return os.Open(name) }}
}

func TestRecordings(t *testing.T) {
	var report, copied, again bytes.Buffer
	file := openFile("../../../../testdata/recordings/firefox.har")
	read := int64(0)
	file.Progress = func(n int64) { read = n }
	answer, err := Do(context.Background(), &Call{Name: "replay", File: file, Out: &report})
	if err != nil || !bytes.Contains(report.Bytes(), []byte(`<details class="row`)) || read == 0 {
		t.Fatalf("%v, %d bytes read, %s", err, read, answer)
	}
	if _, err := Do(context.Background(), &Call{Name: "redact", File: file, Out: &copied}); err != nil {
		t.Fatal(err)
	}
	shared := &File{Name: "copy.har", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(copied.Bytes())), nil }}
	of, err := Do(context.Background(), &Call{Name: "replay", File: shared, Out: &again})
	if err != nil || !bytes.Equal(of, answer) {
		t.Errorf("of the copy: %s, %v; want %s", of, err, answer)
	}
	for _, input := range []string{`{"origin":"x"}`, `{"credentials":"x"}`, `{"format":"x"}`, `{"headers":"x"}`, `{"url":"x"}`, `{"browsers":["x"]}`, `{`} {
		if got, err := Do(context.Background(), &Call{Name: "replay", File: file, Out: io.Discard, Input: []byte(input)}); err == nil {
			t.Errorf("%s gives %s", input, got)
		}
	}
	if _, err := Do(context.Background(), &Call{Name: "replay"}); err != errNoFile {
		t.Errorf("without a file: %v", err)
	}
}

func TestQuirks(t *testing.T) {
	var list []quirk
	do(t, "quirks", struct{}{}, &list)
	if len(list) < 100 {
		t.Fatalf("%d quirks", len(list))
	}
	differing := 0
	for _, q := range list[:20] {
		var outcomes []ran
		do(t, "scenario", scripted{Scenario: q.Scenarios[0]}, &outcomes)
		for _, o := range outcomes[1:] {
			if !bytes.Equal(o.Outcome, outcomes[0].Outcome) {
				differing++
				break
			}
		}
	}
	if differing < 15 {
		t.Errorf("of 20 quirks %d show in their first scenario", differing)
	}
}

func TestUnknownCall(t *testing.T) {
	if _, err := Do(context.Background(), &Call{Name: "nothing"}); err == nil {
		t.Error("what there is not is done")
	}
}

func TestHeaderLines(t *testing.T) {
	got, err := headerLines("A: b\r\n\n  C;\n")
	if want := (headers.List{{Name: "A", Value: "b"}, {Name: "C"}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// What is copied for corstest compiles, as part of a test.
func TestCopiedTestsCompile(t *testing.T) {
	var source strings.Builder
	source.WriteString("package page_test\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n\n\t\"github.com/corsim/corsim/corstest\"\n)\n\nfunc newServer() http.Handler { return http.NotFoundHandler() }\n")
	for i, d := range requests {
		var got copies
		do(t, "copy", d, &got)
		fmt.Fprintf(&source, "\nfunc TestCopied%d(t *testing.T) {\n%s}\n", i, got.Corstest)
	}
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	file, overlay := filepath.Join(temporary, "copied_test.go"), filepath.Join(temporary, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(dir, "copied_test.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{file: source.String(), overlay: string(text)} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "vet", "-overlay", overlay, ".").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, source.String())
	}
}
