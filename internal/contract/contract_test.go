package contract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

func TestParse(t *testing.T) {
	c, err := Parse("f", "\uFEFFbase https://api.example/v1 # here\r\n\r\n"+
		"page https://app.example\r\n"+
		"\tallow GET /things expose A , b,C\n"+
		"  allow PUT https://other.example/#x json credentials header X-A header X-B=\"a \\\"b\\\" #c\" # why\n"+
		"page null\nblock get / because missing-allow-origin, method-not-allowed\nallow HEAD / hide X\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &Contract{File: "f", Base: "https://api.example/v1", Pages: []Page{
		{URL: "https://app.example", Line: 3, Promises: []Promise{
			{Line: 4, Column: 2, Method: "GET", Path: "/things", Expose: []string{"A", "b", "C"}},
			{Line: 5, Column: 3, Method: "PUT", Path: "https://other.example/#x", JSON: true, Credentials: true,
				Headers: headers.List{{Name: "X-A", Value: "1"}, {Name: "X-B", Value: `a "b" #c`}}},
		}},
		{URL: "null", Line: 6, Promises: []Promise{
			{Line: 7, Column: 1, Block: true, Method: "get", Path: "/", Because: []cors.Reason{cors.MissingAllowOrigin, cors.MethodNotAllowed}},
			{Line: 8, Column: 1, Method: "HEAD", Path: "/", Hide: []string{"X"}},
		}},
	}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	const written = `base https://api.example/v1
page https://app.example
  allow GET  /things                   expose A, b, C
  allow PUT  https://other.example/#x  json credentials header X-A=1 header X-B="a \"b\" #c"
page null
  block get  /                         because missing-allow-origin, method-not-allowed
  allow HEAD /                         hide X
`
	if diff := cmp.Diff(written, c.String()); diff != "" {
		t.Error(diff)
	}
}

// Each clause can be written and read back.
func TestClauses(t *testing.T) {
	const text = `base https://api.example
base auth https://auth.example
page https://app.example
  allow POST  /                      json="{\"a\": \"b\"}" credentials cookie a=b cookie "c=d; Path=/" header X-A=1 preflight status 201 contains "a b" contains "\"c\"" expose A, B hide C
  allow POST  /                      text=a no-preflight
  allow POST  auth:/login            form="a=b&c=d e"
  allow PATCH https://other.example/  json
page null
  block PUT   /                      unsent because method-not-allowed, header-not-allowed
`
	c, err := Parse("f", text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("f", c.String())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.String(), again.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(strings.Fields(text), strings.Fields(c.String())); diff != "" {
		t.Error(diff)
	}
	if got, want := c.Pages[0].Promises[0].Title(), `cookie a=REDACTED cookie "c=REDACTED; Path=/"`; !strings.Contains(got, want) || strings.Contains(got, `b\"}`) {
		t.Errorf("%s has not %s, or has its body", got, want)
	}
}

// signIn signs in at one host, and has things at another.
var signIn = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	h.Set("Access-Control-Allow-Credentials", "true")
	if r.Method == "OPTIONS" {
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "Content-Type")
		return
	}
	body, _ := io.ReadAll(r.Body)
	switch cookie, err := r.Cookie("sid"); {
	case r.Host == "auth.app.example":
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "hello "+string(body))
	case err != nil:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		io.WriteString(w, "you are "+cookie.Value+", with "+string(body))
	}
})

func TestWhatIsPromised(t *testing.T) {
	const head = "base https://api.app.example\nbase auth https://auth.app.example\npage https://app.example\n"
	for _, test := range []struct{ promise, want string }{
		{`allow POST auth:/login json="{\"name\":\"eve\"}" status 201 contains "\"eve\"" preflight`, ""},
		{`allow POST auth:/login text=eve contains "hello eve" no-preflight`, ""},
		{`allow POST auth:/login form=name=eve contains "hello name=eve" no-preflight`, ""},
		{`allow GET /me credentials cookie sid=eve contains "you are eve" status 200`, ""},
		{`allow GET /me credentials cookie "sid=eve; SameSite=Lax" status 200`, ""},
		{`allow GET /me credentials cookie "sid=eve; SameSite=Lax; Domain=other.example" status 200`, "status 401, not 200"},
		{`allow GET /me status 200`, "status 401, not 200"},
		{`allow POST auth:/login json contains eve`, `the body, of 8 bytes, does not have "eve" in it`},
		{`allow POST auth:/login json no-preflight`, "a preflight was sent"},
		{`allow POST auth:/login text=eve preflight`, "no preflight was sent"},
		{`block DELETE /me unsent because method-not-allowed`, ""},
		{`block GET https://192.0.2.1:6000/ unsent because bad-port`, ""},
		{`block GET /me unsent`, "allowed"},
	} {
		c, err := Parse("f", head+test.promise)
		if err != nil {
			t.Fatal(err)
		}
		o := Handler(signIn)
		o.Base = ""
		report, err := Run(t.Context(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Results[0].Problem; got != test.want {
			t.Errorf("%s: %q, not %q\n%s", test.promise, got, test.want, report.Results[0].Detail)
		}
	}
	c, _ := Parse("f", head+"block POST /me text=x unsent") // it has no error
	o := Handler(http.NotFoundHandler())
	report, err := Run(t.Context(), c, o)
	if err != nil || report.Results[0].Problem != "the request was sent, and only its response is kept from script" {
		t.Errorf("%v, %+v", err, report.Results)
	}
	c, _ = Parse("f", head+"allow GET auth:/login status 201") // it has no error
	o = Handler(signIn)
	o.Bases = map[string]string{"auth": "https://other.example"}
	if report, err = Run(t.Context(), c, o); err != nil || report.Results[0].Problem != "status 401, not 201" {
		t.Errorf("%v, %+v", err, report.Results)
	}
	o.Bases = map[string]string{"other": "https://other.example"}
	if _, err = Run(t.Context(), c, o); err == nil || err.Error() != "the contract has no base other" {
		t.Errorf("%v", err)
	}
}

func TestParseErrors(t *testing.T) {
	const page = "page https://a.example\n"
	for _, test := range []struct{ text, want string }{
		{"", `f:1:1: nothing is promised: begin with a line like "page https://app.example"`},
		{"# nothing\n", `f:1:1: nothing is promised: begin with a line like "page https://app.example"`},
		{"allow GET /", `f:1:1: allow needs a page before it: begin with a line like "page https://app.example"`},
		{"  permit GET /", `f:1:3: "permit" begins no line: that is one of base, page, allow and block`},
		{"base", `f:1:1: base needs a URL, such as https://api.example`},
		{"base x", `f:1:6: the base "x" is no URL like https://api.example: a scheme, a host and, if any, a path`},
		{"base https://a\nbase https://b", `f:2:1: there is a base already, https://a`},
		{page + "base https://b", `f:2:1: base must be before the first page`},
		{"page", `f:1:1: page needs an origin, such as https://app.example`},
		{"page app", `f:1:6: "app" is no origin, such as https://app.example, and no URL of a page: it has no scheme, and there is no base URL`},
		{"page https://a.example b", `f:1:24: "b" is too much: the line ends before it`},
		{page + "allow GET", `f:2:1: allow needs a method and a path, as in "allow PUT /things/1", or a kind and a path, as in "allow font /fonts/a.woff2"`},
		{page, `f:1:1: nothing is promised to this page: go on with a line like "allow GET /things"`},
		{page + "allow GET /\n" + page, `f:3:1: nothing is promised to this page: go on with a line like "allow GET /things"`},
		{"\xff\xfep\x00", "f:1:1: the file is UTF-16, as Windows PowerShell writes: save it as UTF-8"},
		{page + "allow * /", `f:2:7: a promise is about one method: write a line for each`},
		{page + "allow GET / expose *", `f:2:20: "*" is no header name`},
		{page + "allow POST / text", `f:2:14: text needs a value, as in text="a=b"`},
		{page + "allow POST / text=a form=b", `f:2:21: the request has a body already`},
		{page + "allow POST / json=\"a", `f:2:14: a quote is not closed`},
		{page + "allow GET / cookie", `f:2:13: cookie needs a name and a value, as in "cookie session=1" or "cookie \"session=1; SameSite=Lax\""`},
		{page + "allow GET / cookie =1", `f:2:13: cookie needs a name and a value, as in "cookie session=1" or "cookie \"session=1; SameSite=Lax\""`},
		{page + "allow GET / status 99", `f:2:13: status needs a number from 200 to 599, as in "status 201"`},
		{page + "allow GET / status 200 status 201", `f:2:24: status is there twice`},
		{page + "allow GET / contains", `f:2:13: contains needs a text, as in "contains \"id\""`},
		{page + "allow GET / preflight no-preflight", `f:2:1: preflight and no-preflight exclude each other`},
		{page + "allow GET / unsent", `f:2:13: unsent has no meaning in a promise to allow: what is allowed is sent`},
		{page + "block GET / status 200", `f:2:13: status has no meaning in a promise to block: script gets no response at all`},
		{page + "block GET / credentials=x", `f:2:13: "credentials=x" is not one of json, text, form, crossorigin, credentials, cookie, header, preflight, no-preflight, status, contains, expose, hide, unsent and because`},
		{page + "allow GET auth:/login", `f:2:11: there is no base auth: write a line like "base auth https://auth.example" before the first page`},
		{"base auth https://a\nbase auth https://b", `f:2:1: there is a base already, https://a`},
		{page + "allow G@T /", `f:2:7: "G@T" is no method that script can use`},
		{page + "allow trace /", `f:2:7: "trace" is no method that script can use`},
		{page + "allow GET things", `f:2:11: the path "things" must begin with "/", or be a whole URL`},
		{page + "allow GET http://[::1/", `f:2:11: script cannot ask for this URL: the host "[::1" lacks a ']' at its end`},
		{page + "allow GET https://u:p@b.example/", `f:2:11: script cannot ask for this URL: "https://u:xxxxx@b.example/" includes credentials`},
		{page + "allow GET / json", `f:2:7: GET with a body: browsers refuse a GET request that has one`},
		{page + "allow PUT / json json", `f:2:18: the request has a body already`},
		{page + "allow PUT / credentials credentials", `f:2:25: credentials is there twice`},
		{page + "allow GET / exposes X", `f:2:13: "exposes" is not one of json, text, form, crossorigin, credentials, cookie, header, preflight, no-preflight, status, contains, expose, hide, unsent and because`},
		{page + "allow GET / expose", `f:2:13: expose needs a name`},
		{page + "allow GET / expose ,", `f:2:13: expose needs a name`},
		{page + "allow GET / expose X,", `f:2:13: expose needs another name after the comma`},
		{page + "allow GET / expose X,Y@,Z", `f:2:22: "Y@" is no header name`},
		{page + "allow GET / expose X,#Y", `f:2:22: a comment needs a space before its "#"`},
		{page + "block GET / expose X", `f:2:13: expose has no meaning in a promise to block: script gets no response at all`},
		{page + "allow GET / because bad-port", `f:2:13: because has no meaning in a promise to allow: nothing is refused`},
		{page + "block GET / because method", `f:2:21: "method" is no reason: do you mean method-not-allowed?`},
		{page + "block GET / because xyz", `f:2:21: "xyz" is no reason: it is one like missing-allow-origin, of those in internal/contract/README.md`},
		{page + "allow GET / header", `f:2:13: header needs a name, as in "header X-Requested-With=fetch"`},
		{page + "allow GET / header X: 1", `f:2:20: "X:" is no header name`},
		{page + "allow GET / header Origin=x", `f:2:20: script cannot set the header Origin`},
		{page + "allow GET / header X=\"a", `f:2:20: a quote is not closed`},
		{page + "allow GET / header X=\"a\"b", `f:2:20: the value of X must end with its closing quote`},
		{page + "allow GET /é \x01", `f:2:14: byte 0x01 cannot be in a contract, which is UTF-8 text without control characters`},
		{page + "allow GET /\xff", `f:2:12: byte 0xff cannot be in a contract, which is UTF-8 text without control characters`},
		{page + "block GET / because method_not_allowed", `f:2:21: "method_not_allowed" is no reason: do you mean method-not-allowed?`},
		{page + "block GET / because MissingAllowOrigin", `f:2:21: "MissingAllowOrigin" is no reason: do you mean missing-allow-origin?`},
		{page + "allow GET /\nblock GET / because bad-port", `f:3:1: something is promised of this request already, in line 2`},
		{page + "allow GET /\n" + page + "block GET /", `f:4:1: something is promised of this request already, in line 2`},
		{page + "allow GET /\npage HTTPS://A.example:443/b\nblock GET /", `f:4:1: something is promised of this request already, in line 2`},
		{page + "allow get /\nblock GET /", `f:3:1: something is promised of this request already, in line 2`},
		{page + "allow PUT / header A header B\nblock PUT / header b header a", `f:3:1: something is promised of this request already, in line 2`},
		{page + "allow PUT / json\nblock PUT / header content-type=application/json json", `f:3:1: something is promised of this request already, in line 2`},
		{"page localhost:3000", `f:1:6: "localhost:3000" is a URL of the scheme "localhost:", whose origin is opaque: did you mean http://localhost:3000?`},
		{"page app.example:3000/x", `f:1:6: "app.example:3000/x" is a URL of the scheme "app.example:", whose origin is opaque: did you mean http://app.example:3000/x?`},
		{"page mailto:%", `f:1:6: "mailto:%" is a URL of the scheme "mailto:", whose origin is opaque: an origin is scheme://host[:port], such as https://app.example`},
		{"page https://u:p@a.example", `f:1:6: the page's URL has a username or password, which its origin does not: leave them out`},
		{"base https://u:p@a.example", `f:1:6: the base has a username or password, with which no script can ask for it: leave them out`},
	} {
		_, err := Parse("f", test.text)
		all, ok := errors.AsType[SyntaxErrors](err)
		if !ok || err.Error() != test.want {
			t.Errorf("%q:\n got %v\nwant %s", test.text, err, test.want)
		} else if _, ok := errors.AsType[*SyntaxError](err); !ok || len(all) != 1 {
			t.Errorf("%q: %d errors", test.text, len(all))
		}
	}
}

// TestPagesWithoutHost shows which pages there are beside those of a server.
func TestPagesWithoutHost(t *testing.T) {
	for _, page := range []string{"null", "about:blank", "data:text/html,x", "file:///tmp/x.html", "app://local", "chrome-extension://abc/x", "blob:https://a.example/1"} {
		if _, err := Parse("f", "page "+page+"\nallow GET /"); err != nil {
			t.Errorf("%s: %v", page, err)
		}
	}
	// Methods that are not normalized differ by their case, and so do requests.
	if _, err := Parse("f", "page null\nallow PATCH /\nblock patch /\nallow PUT /\nblock PUT / json\npage file:///x\nblock GET /"); err != nil {
		t.Error(err)
	}
}

// TestParseKeepsTheGood shows that what is wrong costs nothing beside it.
func TestParseKeepsTheGood(t *testing.T) {
	c, err := Parse("f", "page x\nallow GET /lost\npage https://a.example\nallow\nallow GET /a\nblock GET /b because x\nallow GET /c\n")
	if got := len(err.(SyntaxErrors)); got != 3 {
		t.Errorf("%d errors: %v", got, err)
	}
	if got, want := c.String(), "page https://a.example\n  allow GET /a\n  allow GET /c\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzParse states that a contract that was written is read as it was.
func FuzzParse(f *testing.F) {
	f.Add("base https://b.example\npage https://a.example\nallow PUT /a\"b c\" json header X=\"\\\\ \\\"\" expose A,B\nblock GET / because bad-port")
	f.Add("page null\nallow GET / header X= header Y=\" \" hide a ,b # c")
	f.Fuzz(func(t *testing.T, text string) {
		c, _ := Parse("f", text)
		for i := range c.Pages {
			c.Pages[i].Line = 0
			for j := range c.Pages[i].Promises {
				c.Pages[i].Promises[j].Line, c.Pages[i].Promises[j].Column = 0, 0
			}
		}
		if len(c.Pages) == 0 || slices.ContainsFunc(c.Pages, func(p Page) bool { return p.Promises == nil }) {
			return
		}
		again, err := Parse("f", c.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, c)
		}
		if got, want := again.String(), c.String(); got != want {
			t.Errorf("%s\nis read as\n%s", want, got)
		}
	})
}

func mustParse(t testing.TB, text string) *Contract {
	t.Helper()
	c, err := Parse("f.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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

func TestRun(t *testing.T) {
	c := mustParse(t, `page http://app.example
  allow GET / expose X-Total hide X-Inner
  allow GET / header X-A
  allow PUT / json
  allow POST /
  block GET / credentials because allow-credentials-not-true
  block DELETE /
page http://evil.example
  block GET /
  allow PUT /
  block POST /
  block PUT / json because bad-port
  allow GET https://evil.example/
page http://app.example
  block PUT /
page http://app.example
  allow PUT / header X-A expose X-Total
`)
	var want []Verdict
	for _, test := range []struct {
		unsafe   bool
		verdicts string // a letter each
	}{
		{true, "kkkkkk" + "kbkbb" + "bk"},
		{false, "kkkukk" + "kbubb" + "bk"},
	} {
		want = nil
		for _, letter := range test.verdicts {
			want = append(want, map[rune]Verdict{'k': Kept, 'b': Broken, 'u': Unknown}[letter])
		}
		asked := service{}
		server := httptest.NewServer(asked)
		report, err := Run(t.Context(), c, &Options{Base: server.URL, SendUnsafe: test.unsafe, Network: fetch.RoundTripper(server.Client().Transport)})
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got []Verdict
		for _, r := range report.Results {
			got = append(got, r.Verdict)
			if (r.Verdict == Broken) != (r.Problem != "" && r.Detail != "" && len(r.Engines) > 0) {
				t.Errorf("%s: %+v", r.Promise, r)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("unsafe %v: %v, want %v", test.unsafe, got, want)
		}
		if !test.unsafe && (asked["PUT"] != 0 || asked["POST"] != 0 || asked["DELETE"] != 0) {
			t.Errorf("the server was asked %v", asked)
		}
		if test.unsafe && (asked["PUT"] == 0 || asked["POST"] == 0) {
			t.Errorf("the server was asked %v", asked)
		}
	}
}

func TestRunOptions(t *testing.T) {
	c := mustParse(t, "page https://app.example\nallow GET /\n")
	for _, test := range []struct {
		options *Options
		want    string
	}{
		{nil, "the contract has no line like \"base https://api.example\""},
		{&Options{Base: "x"}, `the base "x" is no URL`},
	} {
		if _, err := Run(t.Context(), c, test.options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, c, Handler(service{})); err != context.Canceled {
		t.Error(err)
	}
	o := Handler(service{})
	o.Engines = []*browser.Engine{browser.WebKit()}
	report, err := Run(t.Context(), c, o)
	if err != nil || report.Results[0].Verdict != Kept {
		t.Errorf("%v, %+v", err, report)
	}
}

// TestNothingIsProvenBy what the server was not asked.
func TestNothingIsProvenBy(t *testing.T) {
	for _, test := range []struct {
		text, want string
		reason     cors.Reason // of the failure
	}{
		{"page https://app.example\nblock GET http://api.example/", "blocked: mixed-content, and nothing was sent: the server was not asked", cors.MixedContent},
		{"page https://app.example\nblock GET http://api.example/ because mixed-content", "", 0},
		{"page https://app.example\nblock GET https://api.example:25/", "name the reason: bad-port", cors.BadPort},
		{"page https://api.example\nallow GET /", transcript.OwnOrigin, 0},
		{"page https://api.example\nblock GET /", transcript.OwnOrigin, 0},
		{"page https://api.example\nblock PUT /", transcript.OwnOrigin, 0},
		{"page https://api.example\nblock POST /", transcript.OwnOrigin, 0},
		{"page https://app.example\nblock PUT /", "permitted: only its preflight was sent, and that permits the request", 0},
	} {
		o := Handler(service{})
		o.SendUnsafe = false
		report, err := Run(t.Context(), mustParse(t, test.text), o)
		if err != nil {
			t.Fatal(err)
		}
		got := report.Results[0]
		if (got.Verdict == Kept) != (test.want == "") || !strings.Contains(got.Problem, test.want) || got.Reason != test.reason || got.Verdict == Unknown {
			t.Errorf("%s: %s, %s, %v", test.text, got.Verdict, got.Problem, got.Reason)
		}
		if strings.Contains(got.Detail, "→ P") || strings.Contains(got.Detail, "This is not CORS") {
			t.Errorf("%s: nothing was sent and failed, but\n%s", test.text, got.Detail)
		}
	}
}

// TestTimeout shows that a server which hangs costs the time twice.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		o.Timeout = time.Hour
		report, err := Run(t.Context(), mustParse(t, "page https://app.example\nallow GET /\n"), o)
		if err != nil || report.Results[0].Reason != cors.Timeout || len(report.Results[0].Engines) != 4 || report.Results[0].Duration != 2*time.Hour {
			t.Errorf("%v, %+v", err, report)
		}
	})
}

func TestText(t *testing.T) {
	c := mustParse(t, "page https://evil.example\nallow GET /\nblock PUT /\nallow POST /\npage https://app.example\nallow PUT / expose X-Total\nblock PUT / json\n")
	o := Handler(service{})
	o.SendUnsafe = false
	report, err := Run(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	report.Text(&b)
	const want = `page https://evil.example
  ✗ allow GET /
      f.contract:2
      got  blocked: missing-allow-origin
      in   standard, chromium, firefox, webkit

        → GET https://api.example/
            Origin: https://evil.example
        ← 200 OK
            (no Access-Control header)
        ✗ the response has no Access-Control-Allow-Origin header  (missing-allow-origin)
          https://fetch.spec.whatwg.org/#concept-cors-check
        Most likely: The server has no CORS configuration for this URL. (status 200, and no header is about CORS)
        What to do, for who runs the server: Have the server send the header that names the page's origin.
        It may also be:
          - The server knows CORS, and this origin is not among those that it allows. Add the page's origin to the server's list of allowed origins, exactly as it is written here.
        To fix it, the response must have:
          + Access-Control-Allow-Origin: https://evil.example
          + Vary: Origin
  ✓ block PUT /
  ? allow POST /  (POST needs no preflight, and its method is not safe: only sending it could tell)
page https://app.example
  ✓ allow PUT / expose X-Total  (only its preflight was sent: what comes of the request was not looked at)
  ✗ block PUT / json
      f.contract:7
      got  permitted: only its preflight was sent, and that permits the request
      in   standard, chromium, firefox, webkit

        → OPTIONS https://api.example/  (preflight)
            Access-Control-Request-Method: PUT
            Access-Control-Request-Headers: content-type
            Origin: https://app.example
            because method PUT is not one of GET, HEAD, POST
            because Content-Type "application/json" is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain
        ← 200 OK
            Access-Control-Allow-Headers: content-type, x-a
            Access-Control-Allow-Methods: PUT
            Access-Control-Allow-Origin: https://app.example
            Access-Control-Expose-Headers: X-Total
          permits PUT https://api.example/, which was not sent
2 kept, 2 broken, 1 unknown
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestInit(t *testing.T) {
	server := httptest.NewServer(service{})
	defer server.Close()
	text, err := Init(t.Context(), server.URL+"/things?a=1#f", &InitOptions{Origins: []string{"http://app.example", "null"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "# What " + server.URL + " does today. Change it into what it is to promise.\nbase " + server.URL + `
page http://app.example
  allow GET    /things?a=1  expose X-Total
  allow POST   /things?a=1  json
  allow PUT    /things?a=1  json
  block PATCH  /things?a=1  json because method-not-allowed
  block DELETE /things?a=1  because method-not-allowed
page null
  block GET    /things?a=1  because missing-allow-origin
  block POST   /things?a=1  json because missing-allow-origin, header-not-allowed
  block PUT    /things?a=1  json because missing-allow-origin, method-not-allowed, header-not-allowed
  block PATCH  /things?a=1  json because missing-allow-origin, method-not-allowed, header-not-allowed
  block DELETE /things?a=1  because missing-allow-origin, method-not-allowed
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	// What was written holds.
	report, err := Run(t.Context(), mustParse(t, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if broken, unknown := report.Broken(); broken+unknown != 0 {
		var b strings.Builder
		report.Text(&b)
		t.Error(b.String())
	}
	for bad, want := range map[string]string{
		"":                     "this is no http or https URL: it has no scheme, and there is no base URL",
		"ftp://a/":             `"ftp://a/" is no http or https URL`,
		"http://u:SECRET@a/b":  "the URL has a username or password, with which no script can ask for it: leave them out",
		"ftp://u:SECRET@a/b":   "the URL has a username or password, with which no script can ask for it: leave them out",
		"http://u:SECRET@a:x/": "this is no http or https URL: ",
	} {
		if _, err := Init(t.Context(), bad, nil); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v, want %s", bad, err, want)
		}
	}
	// What is not as URLs are serialized is asked for as browsers do.
	address := strings.Replace(server.URL, "http", "HTTP", 1) + "/a b/../\"é\"?q r"
	text, err = Init(t.Context(), address, &InitOptions{Methods: []string{"GET"}})
	if want := "base " + server.URL + "\npage http://app.example\n  allow GET /%22%C3%A9%22?q%20r  expose X-Total\n"; err != nil || !strings.HasSuffix(text, want) {
		t.Errorf("%q, %v", text, err)
	}
	// The URL's own origin costs the others nothing.
	text, err = Init(t.Context(), server.URL, &InitOptions{Methods: []string{"GET"}, Origins: []string{server.URL, "http://app.example"}})
	if want := "  allow GET /  expose X-Total\n# " + server.URL + ": " + transcript.OwnOrigin + "\n"; err != nil || !strings.HasSuffix(text, want) {
		t.Errorf("%q, %v", text, err)
	}
	text, err = Init(t.Context(), server.URL, &InitOptions{Origins: []string{server.URL}})
	if want := "nothing can be promised of " + server.URL + "/:\n# " + server.URL + ": " + transcript.OwnOrigin; err == nil || err.Error() != want {
		t.Errorf("%q, %v", text, err)
	}
	server.Close()
	text, err = Init(t.Context(), server.URL, &InitOptions{Methods: []string{"GET"}})
	if err == nil || !strings.Contains(err.Error(), "nothing can be promised of "+server.URL+"/:\n# GET / for http://app.example: ") {
		t.Errorf("%q, %v", text, err)
	}
}

// TestInitSaysInWhat browsers do not agree, and promises the rest.
func TestInitSaysInWhat(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	defer server.Close()
	text, err := Init(t.Context(), server.URL, &InitOptions{Origins: []string{"https://app.example", "http://app.example"}, Methods: []string{"GET"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "# What " + server.URL + " does today. Change it into what it is to promise.\nbase " + server.URL + `
page http://app.example
  allow GET /
# GET / for https://app.example: browsers do not agree: allowed in standard, chromium, firefox; blocked: mixed-content in webkit
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	if _, err := Init(t.Context(), server.URL, &InitOptions{Origins: []string{"app.example"}}); err == nil ||
		!strings.HasPrefix(err.Error(), `"app.example" is no origin, such as https://app.example`) {
		t.Error(err)
	}
	if _, err := Init(t.Context(), server.URL, &InitOptions{Origins: []string{"localhost:3000"}}); err == nil || !strings.HasSuffix(err.Error(), "did you mean http://localhost:3000?") {
		t.Error(err)
	}
}
