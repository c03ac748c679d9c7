package record

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/corsim/corsim/headers"
)

// summary is what most tests look at, a line for each exchange or error.
func summary(r io.Reader, opts Options) string {
	var b strings.Builder
	reader, err := NewReader(r, opts)
	if err != nil {
		return fmt.Sprintf("%T %v\n", err, err)
	}
	for e, err := range reader.All() {
		if err != nil {
			fmt.Fprintf(&b, "%T %v\n", err, err)
			continue
		}
		fmt.Fprintf(&b, "%s: %s %s %s -> %d %s: %v\n", e.Entry, e.Request.Method, e.Request.URL, lines(e.Request.Headers), e.Response.Status, lines(e.Response.Headers), e.Fidelity)
	}
	return b.String()
}

func lines(l headers.List) string {
	var s []string
	for _, h := range l {
		s = append(s, h.Name+"="+h.Value)
	}
	return "[" + strings.Join(s, " ") + "]"
}

func har(entries string) string { return `{"log":{"version":"1.2","entries":[` + entries + `]}}` }

const (
	get    = `{"request":{"method":"GET","url":"https://b.test/1","headers":[{"name":"Origin","value":"https://a.test"}]},"response":{"status":200,"headers":[{"name":"Access-Control-Allow-Origin","value":"*"}]}}`
	getSum = "GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: complete\n"
)

// with puts what differs from get into an entry.
func with(request, response string) string {
	return `{"request":{"method":"GET","url":"https://b.test/1","headers":[{"name":"a","value":"b"}]` + request + `},"response":{"status":200,"headers":[{"name":"c","value":"d"}]` + response + `}}`
}

func TestReader(t *testing.T) {
	const cut = "line 1, byte %d: the input ends in the middle: it was cut off; %s\n"
	tests := []struct{ name, input, want string }{
		{"one", har(get), "entry 1: " + getSum},
		{"two with commas astray", har(get + ",\n" + get + ","), "entry 1: " + getSum + "entry 2: " + getSum},
		{"byte-order mark", "\xEF\xBB\xBF" + har(get), "entry 1: " + getSum},
		{"list without log", "[" + get + "]", "entry 1: " + getSum},
		{"two files", har(get) + "\n" + har(get), "entry 1: " + getSum + "entry 2: " + getSum},
		{"no entries", har(""), ""},
		{"entries null", `{"log":{"entries":null}}`, ""},
		{"entries missing", `{"log":{}}`, ""},
		{"entries an object", `{"log":{"entries":{}}}`, "*record.FormatError not a HAR: its log.entries should be a list and is an object (byte 18)\n"},
		{"pages that are none", `{"log":{"pages":[:]}}`, "*record.SyntaxError line 1, byte 17: want a value, have \":\"; no entry was read\n"},
		{"constants that are none", `{"constants":{"a"::}}`, "*record.SyntaxError line 1, byte 18: want a value, have \":\"; no entry was read\n"},
		{"log a list", `{"log":[]}`, "*record.FormatError not a HAR: its log should be an object and is a list (byte 7)\n"},
		{"unknown members before the log", `{"comment":{"a":[1,"]}"]},"log":{"entries":[` + get + `]}}`, "entry 1: " + getSum},
		{"no log", `{"a":1}`, "*record.FormatError the input is JSON without the member \"log\": not a HAR\n"},
		{"a number", `17`, "*record.FormatError the input begins with a line of 2 bytes and is not one of the recordings that can be read: HAR, JSON lines, HTTP messages, curl -v, NetLog, Burp XML, JSON access logs, Fiddler's SAZ, Charles's JSON, Chrome's Network events\n"},
		{"HTML", "<!DOCTYPE html><title>Not found</title>", "*record.FormatError the input is XML or HTML, but not of Burp's \"Save items\": if it is a session of Charles or Fiddler, export it as HAR\n"},
		{"empty", "", "*record.FormatError the input is empty\n"},
		{"only white space", " \n\n", "*record.FormatError the input is empty\n"},
		{"zip", "PK\x03\x04\x14\x00...", "*record.FormatError the zip archive is cut off, or was changed: it has no directory at its end (byte 9)\n"},
		{"NetLog", `{"constants":{}}`, "*record.FormatError the input is JSON without the constants and events of a NetLog\n"},
		{"as an argument", "onInputData(" + har(get) + ");\n", "entry 1: " + getSum},
		{"as arguments", "a.b$1( " + har(get) + " )\n\nonInputData(" + har(get) + ")", "entry 1: " + getSum + "entry 2: " + getSum},
		{"as an argument, cut off", "onInputData(" + har(get), "entry 1: " + getSum},
		{"a parenthesis behind", har(get) + ");", "entry 1: " + getSum + "*record.SyntaxError line 1, byte 235: want the end of the file, or another HAR; the entry before it was read\n"},
		{"a name behind", "f(" + har(get) + ");g", "entry 1: " + getSum + "*record.SyntaxError line 1, byte 240: want the end of the file, or another HAR; the entry before it was read\n"},
		{"rubbish behind", har(get) + "}", "entry 1: " + getSum + "*record.SyntaxError line 1, byte 235: want the end of the file, or another HAR; the entry before it was read\n"},

		{"cut off in an entry", har(get)[:300-80], "*record.SyntaxError " + fmt.Sprintf(cut, 220, "no entry was read")},
		{"cut off in the second", har(get + "," + get)[:400], "entry 1: " + getSum + "*record.SyntaxError " + fmt.Sprintf(cut, 400, "the entry before it was read")},
		{"cut off behind a backslash", har(`{"request":{"url":"a\`), ""},
		{"wrong bracket", har(get + `,{"x":[}]}`), "entry 1: " + getSum + "*record.SyntaxError line 1, byte 239: \"}\" closes what another bracket opened; the entry before it was read\n"},
		{"no colon", har(`{"request" 1}`), "*record.SyntaxError line 1, byte 46: want a colon after the member name; no entry was read\n"},
		{"no value", har(`{"request":}`), "*record.SyntaxError line 1, byte 46: want a value, have \"}\"; no entry was read\n"},
		{"no name", "{\"log\":{\n\"entries\":[\n{7:1}]}}", "*record.SyntaxError line 3, byte 22: want a member name in quotes, or the end of the object; no entry was read\n"},

		{"entries that are none", har(`null,17,"x",[],` + get), "*record.EntryError entry 1 (byte 35): is null, not an object\n" +
			"*record.EntryError entry 2 (byte 40): is a number, not an object\n" +
			"*record.EntryError entry 3 (byte 43): is a string of 1 byte, not an object\n" +
			"*record.EntryError entry 4 (byte 47): is a list, not an object\nentry 5: " + getSum},
		{"target in place of a URL", har(with(`,"url":"/1?a","headers":[["Host","b.test:8443"]]`, ``) + "," + with(`,"url":"/1","headers":[["Host","127.0.0.1:8080"]]`, ``) + "," + with(`,"url":"/1","headers":[[":authority","b.test"],[":scheme","http"]]`, ``) + "," + with(`,"url":"/1"`, ``)),
			"entry 1: GET https://b.test:8443/1?a [host=b.test:8443] -> 200 [c=d]: URL guessed\n" +
				"entry 2: GET http://127.0.0.1:8080/1 [host=127.0.0.1:8080] -> 200 [c=d]: URL guessed\n" +
				"entry 3: GET http://b.test/1 [] -> 200 [c=d]: request headers missing\n" +
				"entry 4: GET /1 [a=b] -> 200 [c=d]: complete\n"},

		{"Safari", `{"log":{"creator":{"name":"WebKit Web Inspector","version":"1.0"},"entries":[` + get + `]}}`, "entry 1: GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: header order lost, preflights hidden by this recorder, repeated headers joined\n"},
		{"Playwright", `{"log":{"creator":{"name":"Playwright"},"entries":[` + get + `]}}`, "entry 1: GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: header order lost, preflights hidden by this recorder\n"},
		{"Chromium until a cookie is seen", `{"log":{"creator":{"name":"WebInspector"},"entries":[` + get + `,` + with(``, `,"headers":[["Set-Cookie","a=b"]]`) + `,` + get + `]}}`,
			"entry 1: GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: header order lost, cookies and authorization perhaps removed\n" +
				"entry 2: GET https://b.test/1 [a=b] -> 200 [set-cookie=a=b]: header order lost\n" +
				"entry 3: GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: header order lost\n"},
		{"creator null", `{"log":{"creator":null,"pages":null,"version":1.2,"entries":[` + get + `]}}`, "entry 1: " + getSum},

		{"lines", get + "\r\n\n" + get + "\n", "line 1: " + getSum + "line 3: " + getSum},
		{"line, pretty", strings.ReplaceAll(get, ",", ",\n"), "line 1: GET https://b.test/1 [origin=https://a.test] -> 200 [access-control-allow-origin=*]: complete\n"},
		{"objects, each on several lines", "{\n" + get[1:] + "\n{\n" + get[1:], "line 1: " + getSum + "line 3: " + getSum},
		{"broken lines", get + "\n" + `{"request":{"url":"x` + "\n" + `{"request" 7}` + "\n" + `{"x":[}` + "\n" + `17` + "\n" + `{"x":{"y":1` + "\n" + get, "line 1: " + getSum +
			"*record.EntryError line 2 (byte 198): the line ends in the middle of a string (byte 218)\n" +
			"*record.EntryError line 3 (byte 219): want a colon after the member name (byte 230)\n" +
			"*record.EntryError line 4 (byte 233): \"}\" closes what another bracket opened (byte 239)\n" +
			"*record.EntryError line 5 (byte 241): is a number, not an object\n" +
			"*record.EntryError line 6 (byte 244): the line ends in the middle of its JSON (byte 255)\n" +
			"line 7: " + getSum},
		{"last line cut off", get + "\n" + get[:50], "line 1: " + getSum + "*record.EntryError line 2 (byte 198): the input ends in the middle: it was cut off (byte 248)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if test.name == "cut off behind a backslash" {
				test.input = test.input[:strings.Index(test.input, `\`)+1]
				want = "*record.SyntaxError " + fmt.Sprintf(cut, len(test.input), "no entry was read")
			}
			if test.name == "line, pretty" {
				test.input = "{\n" + test.input[1:]
			}
			if got := summary(strings.NewReader(test.input), Options{}); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if got := summary(iotest.OneByteReader(strings.NewReader(test.input)), Options{}); got != want {
				t.Errorf("byte by byte, got\n%swant\n%s", got, want)
			}
		})
	}
}

// Everything that an entry can say is kept.
func TestEntryFields(t *testing.T) {
	const input = `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"browser":{"name":"Chrome","version":"140"},
"pages":[{"id":"p0","title":"A title","_url":"http://a.test/0"},{"startedDateTime":"2026-01-02T03:04:05.678Z","id":"p1","title":"https://a.test/","pageTimings":{"onLoad":null}}],
"entries":[{"_initiator":{"type":"preflight","requestId":"7.2","stack":{"callFrames":[]}},"_resourceType":"preflight","_requestId":"7.3","pageref":"p1","_fromCache":"disk","_apiRequest":true,"_wasFulfilled":true,"_wasAborted":true,
"startedDateTime":"2026-01-02T03:04:05.678+01:00","time":12.5,
"request":{"method":"OPTIONS","url":"https://b.test/","httpVersion":"h2","bodySize":3,"cookies":[{"name":"a","value":"b"}],"postData":{"mimeType":"text/plain","text":"abc","params":[]},
"headers":[{"name":":authority","value":"b.test"},{"name":"Origin","value":"https://a.test"},{"name":"Access-Control-Request-Method","value":"PUT"},{"name":"Cookie","value":"a=b"}]},
"response":{"status":302,"statusText":"Found","httpVersion":"h3","redirectURL":"https://c.test/","bodySize":-1,"content":{"size":4,"mimeType":"text/html","text":"PGI+","encoding":"base64"},"_error":"net::ERR_FAILED","_fetchedViaServiceWorker":true,
"headers":[{"name":"Location","value":"/x"}]}}]}}`
	reader, err := NewReader(strings.NewReader(input), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	want := &Exchange{
		Index: 0, Entry: "entry 1", Line: 3, Offset: int64(strings.Index(input, `{"_initiator"`)),
		Page:    Page{ID: "p1", Title: "https://a.test/", URL: "https://a.test/"},
		Started: got.Started, Duration: 12500 * time.Microsecond,
		Request: Request{
			Method: "OPTIONS", URL: "https://b.test/", HTTPVersion: "h2", BodySize: 3, HasBody: true, BodyKnown: true, PostMIMEType: "text/plain", HasCookies: true,
			Pseudo:  Pseudo{Authority: "b.test"},
			Headers: headers.List{{Name: "origin", Value: "https://a.test"}, {Name: "access-control-request-method", Value: "PUT"}, {Name: "cookie", Value: "a=b"}},
		},
		Response: Response{HasResponse: true, Status: 302, StatusText: "Found", HTTPVersion: "h3", RedirectURL: "https://c.test/", BodySize: -1, MIMEType: "text/html",
			Headers: headers.List{{Name: "location", Value: "/x"}}},
		ID: "7.3", Initiator: "preflight", InitiatorID: "7.2", ResourceType: "preflight", Error: "net::ERR_FAILED", ErrorKnown: true, RequestFirst: true,
		Aborted: true, FromCache: true, FromServiceWorker: true, APIRequest: true, Fulfilled: true,
		Fidelity: OrderLost,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if s := got.Started.UTC().Format(time.RFC3339Nano); s != "2026-01-02T02:04:05.678Z" {
		t.Errorf("started %s", s)
	}
	if !got.IsPreflight() {
		t.Error("not taken for a preflight")
	}
	log := reader.Log()
	if log.Version != "1.2" || log.Creator != "WebInspector" || log.CreatorVersion != "537.36" || log.Browser != "Chrome" || log.BrowserVersion != "140" ||
		!reflect.DeepEqual(log.Pages, []Page{{"p0", "A title", "http://a.test/0"}, {"p1", "https://a.test/", "https://a.test/"}}) {
		t.Errorf("log %+v", log)
	}
}

func TestBodyOfRequest(t *testing.T) {
	tests := []struct {
		request    string
		has, known bool
	}{
		{``, false, false},
		{`,"bodySize":0`, false, true},
		{`,"bodySize":7`, true, true},
		{`,"bodySize":-1`, false, false},
		{`,"postData":null`, false, false},
		{`,"postData":{"mimeType":"text/plain"}`, true, true},
		{`,"bodySize":0,"headers":[["Content-Length","7"]]`, true, true},
		{`,"headers":[["Content-Length","0"]]`, false, true},
		{`,"headers":[["Transfer-Encoding","chunked"]]`, true, true},
	}
	for _, test := range tests {
		reader, _ := NewReader(strings.NewReader(har(with(test.request, ``))), Options{})
		e, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Request.HasBody != test.has || e.Request.BodyKnown != test.known {
			t.Errorf("%s: has a body %t, known %t", test.request, e.Request.HasBody, e.Request.BodyKnown)
		}
	}
}

// Pages after the entries are known at the end only.
func TestPagesAfterEntries(t *testing.T) {
	entry := `{"pageref":"p1",` + get[1:]
	input := `{"log":{"entries":[` + entry + `],"pages":[{"id":"p1","title":"https://a.test/"}]}}`
	reader, _ := NewReader(strings.NewReader(input), Options{})
	e, err := reader.Next()
	if err != nil || e.Page != (Page{ID: "p1"}) || e.Fidelity != PageUnknown {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := reader.Next(); err != io.EOF {
		t.Error(err)
	}
	if pages := reader.Log().Pages; len(pages) != 1 || pages[0].URL != "https://a.test/" {
		t.Errorf("pages %v", pages)
	}
}

func TestEncodings(t *testing.T) {
	const input = `{"log":{"entries":[{"request":{"method":"GET","url":"https://b.test/é😀","headers":[["a","b"]]}}]}}`
	want := "entry 1: GET https://b.test/é😀 [a=b] -> 0 []: no response recorded\n"
	var gz, z bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte("\xEF\xBB\xBF" + input))
	w.Close()
	v := zlib.NewWriter(&z)
	v.Write([]byte(input))
	v.Close()
	little, big := []byte{0xFF, 0xFE}, []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(input)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for name, data := range map[string][]byte{"gzip": gz.Bytes(), "zlib": z.Bytes(), "UTF-16LE": little, "UTF-16BE": big} {
		for _, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
			if got := summary(r, Options{}); got != want {
				t.Errorf("%s: got\n%swant\n%s", name, got, want)
			}
		}
	}
	if got := summary(bytes.NewReader(gz.Bytes()[:40]), Options{}); !strings.Contains(got, "cut off") {
		t.Errorf("gzip cut off: %s", got)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken disk")
	r := io.MultiReader(strings.NewReader(har(get + "," + get)[:300]), iotest.ErrReader(broken))
	got := summary(r, Options{})
	want := "entry 1: " + getSum + "*fmt.wrapError reading the recording at byte 300: broken disk\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := NewReader(iotest.ErrReader(broken), Options{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// After its final error a reader gives the same one.
func TestFinalError(t *testing.T) {
	reader, _ := NewReader(strings.NewReader(har(get)[:100]), Options{})
	_, first := reader.Next()
	_, second := reader.Next()
	if syntax, ok := first.(*SyntaxError); !ok || !syntax.CutOff || first != second {
		t.Errorf("%v, then %v", first, second)
	}
}

func TestEntryTooBig(t *testing.T) {
	for name, request := range map[string]string{
		"request.url":     `,"url":"` + strings.Repeat("x", MaxEntryBytes) + `"`,
		"request.headers": `,"headers":[` + strings.Repeat(`{"name":"a","value":"b"},`, MaxEntryBytes/10) + `{}]`,
	} {
		got := summary(strings.NewReader(har(with(request, ``)+","+get)), Options{})
		want := "*record.EntryError entry 1 (byte 35): " + name + " makes the entry larger than 4 MiB without its bodies\nentry 2: " + getSum
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

// bigBody gives an entry whose body is n bytes long, in one string, then the
// rest.
type bigBody struct {
	*repeated
	left int
	peak *uint64
	read int
}

func (b *bigBody) Read(p []byte) (int, error) {
	if b.read++; b.read%100 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		*b.peak = max(*b.peak, m.HeapAlloc)
	}
	if len(b.head) > 0 || b.left == 0 {
		return b.repeated.Read(p)
	}
	n := min(len(p), b.left)
	for i := range p[:n] {
		p[i] = 'x'
	}
	if b.left -= n; b.left == 0 {
		b.head = []byte(`"}}},`)
	}
	return n, nil
}

// A body of 500 MB in one string, and 100 MB of entries: memory stays small.
func TestMemory(t *testing.T) {
	input := newRepeated(1<<20, 100<<20, 20_000)
	input.head = append(input.head, `{"request":{"method":"GET","url":"https://b.test/"},"response":{"status":200,"content":{"text":"`...)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	n := readAll(t, &bigBody{repeated: input, left: 500 << 20, peak: &peak})
	if grown := int64(peak) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("memory grew by %d MB over %d entries", grown>>20, n)
	}
	if n < 1000 {
		t.Errorf("%d entries", n)
	}
}

// Decoding on all cores gives what decoding one by one gives, in order.
func TestParallel(t *testing.T) {
	input := newRepeated(1<<20, 3<<20, 100)
	again := *input
	if one, all := readAll(t, input), inParallel(t, &again); one != all || one < 300 {
		t.Errorf("%d entries one by one, %d in parallel", one, all)
	}
}

func TestFidelityString(t *testing.T) {
	if 1<<len(fidelityNames) != fidelityEnd {
		t.Errorf("%d names for the bits below %#x", len(fidelityNames), fidelityEnd)
	}
	if got := (RepeatsMerged | NoResponse).String(); got != "repeated headers merged, no response recorded" {
		t.Error(got)
	}
	if got := Fidelity(0).String(); got != "complete" {
		t.Error(got)
	}
}

// Pages that stand behind the entries are found where the recording can be read twice.
func TestPagesBehindEntries(t *testing.T) {
	const har = `{"log":{"entries":[` +
		`{"pageref":"p1","request":{"method":"GET","url":"https://b.test/"},"response":{"status":200}},` +
		`{"pageref":"p2","request":{"method":"GET","url":"https://b.test/"},"response":{"status":200}}],` +
		`"pages":[{"id":"p1","title":"https://a.test/"}]}}`
	for _, test := range []struct {
		again    func() (io.ReadCloser, error)
		want     []string
		fidelity Fidelity
	}{
		{nil, []string{"", ""}, PageUnknown},
		{func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(har)), nil }, []string{"https://a.test/", ""}, 0},
		{func() (io.ReadCloser, error) { return nil, errors.New("gone") }, []string{"", ""}, PageUnknown},
		{func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(`{"log":`)), nil }, []string{"", ""}, PageUnknown},
	} {
		reader, err := NewReader(strings.NewReader(har), Options{Again: test.again})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range test.want {
			e, err := reader.Next()
			if err != nil || e.Page.URL != want || i == 0 && e.Fidelity&PageUnknown != test.fidelity {
				t.Errorf("entry %d: %+v, %v, %v, want %q", i+1, e.Page, e.Fidelity, err, want)
			}
		}
	}
}
