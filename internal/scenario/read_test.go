package scenario

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/corsim/corsim/headers"
)

func TestDecode(t *testing.T) {
	const text = `{
  "id": "p\u00fct", "source": "s",
  "client": {"url": "http://a.test/p", "origin": "null", "referrerPolicy": "origin", "topLevel": "http://t.test/",
    "kind": "blob-worker", "sandbox": "allow-same-origin Allow-Scripts", "allow": "", "csp": ["a", ""], "cspReportOnly": ["b"], "coep": "c",
    "permissionsPolicy": "d", "addressSpace": "local", "permissions": {"local-network": "prompt", "loopback-network": "denied"},
    "hsts": [{"host": "h.test", "includeSubDomains": true, "maxAge": 0}, {"host": "i.test"}]},
  "servers": [
    {"url": "http://b.test/", "answers": [
      {"method": "OPTIONS", "status": 204, "headers": [["A", "\u00e9ü\t\\"], ["a", ""]], "times": 2},
      {"body": "\u0000ÿ\n\/"}]},
    {"url": "http://c.test/", "answers": []},
    {"url": "http://d.test/", "addressSpace": "loopback", "protocol": "h2", "answers": [
      {"interim": [{"status": 103, "headers": [["A", "b"]]}, {"status": 100}], "trailers": [["T", "v"]], "reset": "CANCEL", "goaway": true}]}
  ],
  "steps": [
    {"url": ""},
    {"api": "xhr", "url": "x☃", "method": "GÉT", "headers": [["N", "v"]], "body": "☃", "contentTypeFromBody": false, "mode": "no such",
     "credentials": "", "redirect": "error", "referrer": "", "referrerPolicy": "", "cache": "reload", "keepalive": true,
     "destination": "image", "withCredentials": true, "uploadListener": true, "waitMs": 1500,
     "targetAddressSpace": "bogus", "user": "", "password": "p"},
    {"url": "u", "bodyBase64": ""},
    {"url": "u", "bodyBase64": "AP8="}
  ]
}`
	got, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		ID: "püt", Source: "s",
		Client: Client{
			URL: "http://a.test/p", Origin: "null", ReferrerPolicy: "origin", TopLevel: "http://t.test/",
			Environment: Environment{
				Kind: "blob-worker", Sandbox: Some("allow-same-origin Allow-Scripts"), Allow: Some(""),
				CSP: []string{"a", ""}, CSPReportOnly: []string{"b"}, COEP: Some("c"), PermissionsPolicy: Some("d"), AddressSpace: "local",
				LocalNetwork: "prompt", LoopbackNetwork: "denied",
				HSTS: []KnownHSTSHost{{Host: "h.test", IncludeSubDomains: true, MaxAge: Some[int64](0)}, {Host: "i.test"}},
			},
		},
		Servers: []Server{
			{URL: "http://b.test/", Answers: []Answer{
				{Method: "OPTIONS", Status: 204, Headers: headers.List{{Name: "A", Value: "\xe9\xfc\t\\"}, {Name: "a"}}, Times: 2},
				{Method: "*", Status: 200, Body: "\x00\xff\n/"},
			}},
			{URL: "http://c.test/"},
			{URL: "http://d.test/", AddressSpace: "loopback", Protocol: "h2", Answers: []Answer{{
				Method: "*", Status: 200, Interim: []Interim{{103, headers.List{{Name: "A", Value: "b"}}}, {Status: 100}},
				Trailers: headers.List{{Name: "T", Value: "v"}}, Reset: "CANCEL", GoAway: true,
			}}},
		},
		Steps: []Step{
			{API: APIFetch},
			{
				API: APIXHR, URL: "x☃", Method: Some("GÉT"), Headers: headers.List{{Name: "N", Value: "v"}}, Body: Some("☃"),
				ContentTypeFromBody: Some(false), Mode: Some("no such"), Credentials: Some(""), Redirect: Some("error"),
				Referrer: Some(""), ReferrerPolicy: Some(""), Cache: Some("reload"), Keepalive: true, Destination: "image",
				WithCredentials: true, UploadListener: true, Wait: 1500 * time.Millisecond,
				TargetAddressSpace: Some("bogus"), User: Some(""), Password: Some("p"),
			},
			{API: APIFetch, URL: "u", BodyBytes: []byte{}},
			{API: APIFetch, URL: "u", BodyBytes: []byte{0, 0xFF}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !got.Steps[0].ContentTypeFromBody.Or(true) || got.Steps[1].ContentTypeFromBody.Or(true) {
		t.Error("Or does not give the default for what is absent, or gives it for what is given")
	}
}

func TestDecodeErrors(t *testing.T) {
	const client, steps = `"client":{"url":"u"}`, `"steps":[]`
	step := func(s string) string { return `{` + client + `,"steps":[{"url":"u"},` + s + `]}` }
	answer := func(s string) string {
		return `{` + client + `,` + steps + `,"servers":[{"url":"u","answers":[{},` + s + `]}]}`
	}
	for _, test := range []struct{ text, want string }{
		{``, `line 1, offset 0: holds no object`},
		{`nul`, `line 1, offset 3: is not JSON: it ends too early`},
		{`null`, `line 1, offset 0: must be an object, not null`},
		{`[]`, `line 1, offset 0: must be an object, not a list`},
		{`{}`, `line 1, offset 0: client: is missing; it says who asks`},
		{`{` + client + `}`, `line 1, offset 0: steps: is missing; it says what is asked`},
		{`{` + client + `,` + steps + `} {}`, `line 1, offset 34: more follows the object; each object goes on a line of its own`},
		{`{` + client + `,` + steps, `line 1, offset 32: is not JSON: it ends too early`},
		{`{"id":"a"` + "\n" + `"x"}`, `line 2, offset 0: is not JSON: invalid character '"' after object value (expecting ',' or '}')`},
		{`{"id":"a","id":"b"}`, `line 1, offset 10: id: is given twice`},
		{`{"id":"a` + "\xff" + `"}`, `line 1, offset 8: id: is not JSON: invalid UTF-8`},
		{`{"id":"\ud800"}`, "line 1, offset 7: id: is not JSON: invalid surrogate pair `\\ud800\"}` in string"},
		{`{"id":7}`, `line 1, offset 6: id: must be a string, not a number`},
		{`{"ID":"a"}`, `line 1, offset 1: ID: there is no such field; did you mean "id"?`},
		{`{"sevrers":[]}`, `line 1, offset 1: sevrers: there is no such field; did you mean "servers"?`},
		{`{"7 up":[]}`, `line 1, offset 1: ["7 up"]: there is no such field; there are id, source, client, servers, steps`},
		{`{"client":[]}`, `line 1, offset 10: client: must be an object, not a list`},
		{`{"client":{}}`, `line 1, offset 10: client.url: is missing; it is the URL of the document that asks`},
		{`{"client":{"url":""}}`, `line 1, offset 17: client.url: must not be empty; it is the URL of the document that asks`},
		{`{"client":{"origin":""}}`, `line 1, offset 20: client.origin: must not be empty; give an origin, give "null" for an opaque one, or leave it out for that of url`},
		{`{"client":{"origin":null}}`, `line 1, offset 20: client.origin: must be a string, not null`},
		{`{"client":{"topLevel":""}}`, `line 1, offset 22: client.topLevel: must not be empty; give a URL, or leave it out for url`},
		{`{"client":{"toplevel":"u"}}`, `line 1, offset 11: client.toplevel: there is no such field; did you mean "topLevel"?`},
		{`{"servers":{}}`, `line 1, offset 11: servers: must be a list, not an object`},
		{`{"servers":["u"]}`, `line 1, offset 12: servers[0]: must be an object, not a string`},
		{`{"servers":[{"answers":[]}]}`, `line 1, offset 12: servers[0].url: is missing; it is the URL that is answered`},
		{`{"servers":[{"url":""}]}`, `line 1, offset 19: servers[0].url: must not be empty; it is the URL that is answered`},
		{answer(`{"method":""}`), `line 1, offset 79: servers[0].answers[1].method: must not be empty; give a method, or "*" for any`},
		{answer(`{"status":99}`), `line 1, offset 79: servers[0].answers[1].status: must be a whole number from 100 to 999, not 99`},
		{answer(`{"status":1000}`), `line 1, offset 79: servers[0].answers[1].status: must be a whole number from 100 to 999, not 1000`},
		{answer(`{"status":200.5}`), `line 1, offset 79: servers[0].answers[1].status: must be a whole number from 100 to 999, not 200.5`},
		{answer(`{"status":"200"}`), `line 1, offset 79: servers[0].answers[1].status: must be a whole number from 100 to 999, not a string`},
		{answer(`{"times":0}`), `line 1, offset 78: servers[0].answers[1].times: must be a whole number from 1 on, not 0`},
		{answer(`{"header":[]}`), `line 1, offset 70: servers[0].answers[1].header: there is no such field; did you mean "headers"?`},
		{answer(`{"headers":{"A":"b"}}`), `line 1, offset 80: servers[0].answers[1].headers: must be a list, not an object`},
		{answer(`{"headers":["A: b"]}`), `line 1, offset 81: servers[0].answers[1].headers[0]: must be a list, not a string`},
		{answer(`{"headers":[["A","b","c"]]}`), `line 1, offset 93: servers[0].answers[1].headers[0]: must be a pair of two strings, name and value, not a list of 3`},
		{answer(`{"headers":[["A",7]]}`), `line 1, offset 86: servers[0].answers[1].headers[0][1]: must be a string, not a number`},
		{step(`{}`), `line 1, offset 43: steps[1].url: is missing; it is what is asked for`},
		{step(`{"api":"XHR"}`), `line 1, offset 50: steps[1].api: must be "fetch", "xhr" or another API that asks, such as "img", not "XHR"`},
		{step(`{"api":"\u0078"}`), `line 1, offset 50: steps[1].api: must be "fetch", "xhr" or another API that asks, such as "img", not "x"`},
		{step(`{"redirect":true}`), `line 1, offset 55: steps[1].redirect: must be a string, not true or false`},
		{step(`{"body":null}`), `line 1, offset 51: steps[1].body: must be a string, not null`},
		{step(`{"keepalive":"true"}`), `line 1, offset 56: steps[1].keepalive: must be true or false, not a string`},
		{step(`{"waitMs":-1}`), `line 1, offset 53: steps[1].waitMs: must be a whole number of milliseconds from 0 on, not -1`},
		{step(`{"waitMs":1e99}`), `line 1, offset 53: steps[1].waitMs: must be a whole number of milliseconds from 0 on, not 1e99`},
		{step(`{"waitMs":9223372036855}`), `line 1, offset 53: steps[1].waitMs: must be a whole number of milliseconds from 0 on, not 9223372036855`},
		{step(`{"bodyBase64":"A"}`), `line 1, offset 57: steps[1].bodyBase64: is not base64: illegal base64 data at input byte 0`},
		{step(`{"body":"","bodyBase64":""}`), `line 1, offset 67: steps[1].bodyBase64: body and bodyBase64 are both given; give one`},
		{step(`{"bodyBase64":"","body":""}`), `line 1, offset 67: steps[1].body: body and bodyBase64 are both given; give one`},
		{`{"client":{"kind":"frame"}}`, `line 1, offset 18: client.kind: must be one of "document", "srcdoc", "about:blank", "blob", "data", "worker", "shared-worker", "blob-worker", "data-worker", not "frame"`},
		{`{"client":{"sandbox":"allow-forms"}}`, `line 1, offset 21: client.sandbox: must have allow-scripts: without it nothing can be asked`},
		{`{"client":{"csp":"connect-src"}}`, `line 1, offset 17: client.csp: must be a list, not a string`},
		{`{"client":{"addressSpace":"private"}}`, `line 1, offset 26: client.addressSpace: must be one of "public", "local", "loopback", not "private"`},
		{`{"client":{"permissions":{"loopback":"granted"}}}`, `line 1, offset 26: client.permissions.loopback: there is no such field; did you mean "loopback-network"?`},
		{`{"client":{"permissions":{"local-network":"yes"}}}`, `line 1, offset 42: client.permissions["local-network"]: must be one of "granted", "denied", "prompt", not "yes"`},
		{`{"client":{"hsts":[{}]}}`, `line 1, offset 19: client.hsts[0].host: is missing; it is the host that was visited`},
		{`{"client":{"hsts":[{"host":"h","maxAge":-1}]}}`, `line 1, offset 40: client.hsts[0].maxAge: must be a whole number of seconds from 0 on, not -1`},
		{`{"servers":[{"url":"u","protocol":"h3"}]}`, `line 1, offset 34: servers[0].protocol: must be one of "h2", not "h3"`},
		{answer(`{"interim":[{"status":200}]}`), `line 1, offset 91: servers[0].answers[1].interim[0].status: must be a whole number from 100 to 199, not 200`},
		{answer(`{"interim":[{}]}`), `line 1, offset 81: servers[0].answers[1].interim[0].status: is missing; it is the status of an informational response, such as 103`},
		{step(`{"withCredential":true}`), `line 1, offset 44: steps[1].withCredential: there is no such field; did you mean "withCredentials"?`},
	} {
		_, err := Decode([]byte(test.text))
		var lineError *LineError
		if !errors.As(err, &lineError) || err.Error() != test.want {
			t.Errorf("%s\n got %v\nwant %s", test.text, err, test.want)
		}
	}
}

// What is not bytes is no error of the scenario but of what it is in.
func TestNotBytes(t *testing.T) {
	for _, test := range []struct{ list, want string }{
		{`["☃","v"]`, "line 1, offset %: headers[1][0]: has U+2603, but each character stands for one byte, U+0000 to U+00FF"},
		{`["n","é\n\u00e9\u0100"]`, "line 1, offset %: headers[1][1]: has U+0100, but each character stands for one byte, U+0000 to U+00FF"},
		{`["n","\ud83d\ude00"]`, "line 1, offset %: headers[1][1]: has U+1F600, but each character stands for one byte, U+0000 to U+00FF"},
	} {
		text := `{"url":"u","headers":[["A","b"],` + test.list + `,["☃","☃"]]}`
		step, err := DecodeStep([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		offset := strings.IndexAny(text, "☃") // of the first
		for _, bad := range []string{`\u0100`, `\ud83d`} {
			if at := strings.Index(text, bad); at >= 0 {
				offset = at
			}
		}
		got := *step.NotByteString
		if want := strings.Replace(test.want, "%", strconv.Itoa(offset), 1); got.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, &got, want)
		}
		if want := (headers.List{{Name: "A", Value: "b"}}); !reflect.DeepEqual(step.Headers, want) {
			t.Errorf("%s: headers %v, want %v", text, step.Headers, want)
		}
	}

	s, err := Decode([]byte(`{"client":{"url":"u"},"steps":[],"servers":[{"url":"u","answers":[{"body":"a☃"},{"body":"ok"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = "line 1, offset 76: servers[0].answers[0].body: has U+2603, but each character stands for one byte, U+0000 to U+00FF"
	if got := s.Servers[0].Answers[0].NotBytes; got == nil || got.Error() != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := s.Servers[0].Answers[1]; got.NotBytes != nil || got.Body != "ok" {
		t.Errorf("the answer beside it: %+v", got)
	}
}

func TestDecodeAlone(t *testing.T) {
	if c, err := DecodeClient([]byte(`{"url":"u","later":{"x":[1]}}`)); err != nil || c.URL != "u" {
		t.Errorf("client: %v, %v", c, err)
	}
	if s, err := DecodeStep([]byte(`{"url":"u","later":1}`)); err != nil || s.URL != "u" {
		t.Errorf("step: %v, %v", s, err)
	}
	if _, err := DecodeStep([]byte(`{"url":"u","later":[}`)); err == nil {
		t.Error("an unknown field may hold what is not JSON")
	}
}

// minimal returns a scenario called id, on one line.
func minimal(id string) string { return `{"id":"` + id + `","client":{"url":"u"},"steps":[]}` }

func TestReader(t *testing.T) {
	indented := "{\n \"id\": \"long\",\r\n\n \"client\": {\"url\": \"u\"},\n \"steps\": [\n {\"url\":\"a\"},\n {\"url\":\"}\"}\n ]\n}"
	for _, test := range []struct {
		name, text string
		want       []string // an id, or an error
	}{
		{"nothing", "", nil},
		{"blanks", "\n \r\n\t\n", nil},
		{"lines", minimal("a") + "\n" + minimal("b") + "\n", []string{"a", "b"}},
		{"mark, carriage returns, blanks, no last line feed", "\uFEFF" + minimal("a") + "\r\n\r\n" + minimal("b"), []string{"a", "b"}},
		{"blank mark", "\uFEFF\n" + minimal("a"), []string{"a"}},
		{"over several lines", indented, []string{"long"}},
		{"several over several lines", indented + "\n\n" + minimal("a") + "\n" + indented + "\n", []string{"long", "a", "long"}},
		{"line of the problem", minimal("a") + "\n{\"id\":\n\n 7}\n" + minimal("b"),
			[]string{"a", "line 4, offset 1: id: must be a string, not a number", "b"}},
		{"cut short", minimal("a") + "\n" + `{"id":"b","client":{"url":"u"},"steps":[` + "\n" + minimal("c") + "\n" + minimal("d") + "\n",
			[]string{"a", "line 2, offset 40: steps: is not JSON: it ends too early", "c", "d"}},
		{"cut short, then the end", `{"id":"b","client":{"url":"u"},"steps":[` + "\n" + minimal("c") + "\n",
			[]string{"line 1, offset 40: steps: is not JSON: it ends too early", "c"}},
		{"cut short after a comma", `{"id":"b",` + "\n" + minimal("c"),
			[]string{"line 1, offset 10: is not JSON: it ends too early", "c"}},
		{"cut short in a string", `{"id":"b\"` + "\n" + minimal("c"),
			[]string{"line 1, offset 10: id: is not JSON: it ends too early", "c"}},
		{"two on a line", minimal("a") + minimal("b") + "\n" + minimal("c"),
			[]string{"line 1, offset 42: more follows the object; each object goes on a line of its own", "c"}},
		{"garbage", "]\n}{\n\"\nx\n" + minimal("c"), []string{
			"line 1, offset 0: is not JSON: invalid character ']' at start of value",
			"line 2, offset 0: is not JSON: invalid character '}' at start of value",
			"line 3, offset 1: is not JSON: it ends too early",
			"line 4, offset 0: is not JSON: invalid character 'x' at start of value", "c",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text))} {
				if got := readAll(t, NewReader(in)); !reflect.DeepEqual(got, test.want) {
					t.Errorf("\n got %q\nwant %q", got, test.want)
				}
			}
		})
	}
}

// readAll returns the ids and the errors that r reads before the end.
func readAll(t *testing.T, r *Reader) (got []string) {
	for {
		s, err := r.Next()
		var lineError *LineError
		switch {
		case err == io.EOF:
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("after the end: %v", err)
			}
			return got
		case err == nil:
			got = append(got, s.ID)
		case errors.As(err, &lineError):
			got = append(got, err.Error())
		default:
			t.Fatal(err)
		}
	}
}

func TestReaderLongLine(t *testing.T) {
	if r := NewReader(strings.NewReader("")); r.max != MaxLine {
		t.Errorf("a line may have %d bytes, not %d", r.max, MaxLine)
	}
	const most = 200_000 // more than what is read at once
	spaces := strings.Repeat(" ", most-len(minimal("longest")))
	text := minimal("a") + "\n" + spaces + minimal("longest") + "\r\n" + spaces + minimal("longer!") + "\n" + spaces + minimal("tooLong") + " \n" + minimal("c") +
		"\n{" + spaces + "\n" + spaces + "\n" + minimal("d") + "\n" + spaces + spaces + minimal("tooLongAtTheEnd")
	want := []string{
		"a", "longest", "longer!", "line 4, offset 200000: is longer than 200000 bytes", "c",
		"line 6, offset 199953: is not JSON: it ends too early", "d", "line 9, offset 200000: is longer than 200000 bytes",
	}
	r := NewReader(strings.NewReader(text))
	r.max = most
	if got := readAll(t, r); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("broken pipe")
	r := NewReader(io.MultiReader(strings.NewReader(minimal("a")+"\n"+minimal("b")), iotest.ErrReader(broken)))
	if s, err := r.Next(); err != nil || s.ID != "a" {
		t.Fatalf("got %v, %v", s, err)
	}
	for range 2 {
		if s, err := r.Next(); !errors.Is(err, broken) || err.Error() != "reading line 2: broken pipe" {
			t.Fatalf("got %v, %v", s, err)
		}
	}
}

func TestDecodeConcurrently(t *testing.T) {
	text := sample(t, "scenarios")
	var want []*Scenario
	for r := NewReader(bytes.NewReader(text)); ; {
		s, err := r.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		want = append(want, s)
	}
	if len(want) != 67 {
		t.Fatalf("read %d scenarios, want 67", len(want))
	}
	got := make([]*Scenario, len(want))
	var wg sync.WaitGroup
	r := NewReader(bytes.NewReader(text))
	for i := range got {
		raw, err := r.NextRaw()
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { got[i], _ = raw.Decode() })
	}
	wg.Wait()
	if !reflect.DeepEqual(got, want) {
		t.Error("scenarios decoded at once differ from those decoded one after another")
	}
}

// sample returns a file of recorded lines.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
