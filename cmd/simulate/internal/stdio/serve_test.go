package stdio

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answersOf has a server answer lines, and returns its answers by id, in the
// order in which each id has them.
func answersOf(t *testing.T, lines ...string) map[string][]string {
	t.Helper()
	var out strings.Builder
	if err := new(Server).Serve(context.Background(), strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	answers := map[string][]string{}
	for line := range strings.Lines(out.String()) {
		var a struct{ ID json.RawMessage }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers[string(a.ID)] = append(answers[string(a.ID)], strings.TrimSuffix(line, "\n"))
	}
	return answers
}

func TestOps(t *testing.T) {
	const client = `"client":{"url":"https://a.example/p"}`
	tests := []struct{ name, request, want string }{
		{"url", `"op":"url","url":"../b?q#f","base":"https://u:p@a.example:8443/x/y/"`,
			`"href":"https://u:p@a.example:8443/x/b?q#f","origin":"https://a.example:8443","protocol":"https:","username":"u","password":"p",` +
				`"host":"a.example:8443","hostname":"a.example","port":"8443","pathname":"/x/b","search":"?q","hash":"#f"`},
		{"url with an empty query", `"op":"url","url":"data:x?#"`,
			`"href":"data:x?#","origin":"null","protocol":"data:","username":"","password":"","host":"","hostname":"","port":"","pathname":"x","search":"","hash":""`},
		{"no URL", `"op":"url","url":"http://"`, `"url":null`},
		{"no base", `"op":"url","url":"x","base":"y"`, `"url":null`},

		{"MIME type", `"op":"mime","value":"Text/HTML;Charset=\"x y\""`,
			`"mime":{"essence":"text/html","parameters":[["charset","x y"]],"serialized":"text/html;charset=\"x y\""}`},
		{"bytes in a MIME type", `"op":"mime","value":"a/b;c=\"é\""`,
			`"mime":{"essence":"a/b","parameters":[["c","é"]],"serialized":"a/b;c=\"é\""}`},
		{"no byte in a parameter", `"op":"mime","value":"a/b;c=\"€\";d=e"`,
			`"mime":{"essence":"a/b","parameters":[["d","e"]],"serialized":"a/b;d=e"}`},
		{"no byte in a type", `"op":"mime","value":"a/€"`, `"mime":null`},
		{"MIME type of headers", `"op":"mime","headers":[["Content-Type","text/plain;charset=gbk"],["content-type","text/plain"]]`,
			`"mime":{"essence":"text/plain","parameters":[["charset","gbk"]],"serialized":"text/plain;charset=gbk"}`},

		{"Headers", `"op":"headers","guard":"request","init":[["A","1"],["a","2"],["Cookie","x"]],"calls":[["get","a"],["append","é€","x"],` +
			`["set","b","é"],["has","B"],["getSetCookie"],["entries"],["delete","A"],["get","a"],["append","x"],["append","a b","c"]]`,
			`"results":["1, 2",{"throws":"TypeError","message":"it has a code point above U+00FF"},null,true,[],[["a","1, 2"],["b","é"]],null,null,` +
				`{"throws":"TypeError","message":"append needs 2 arguments, and has 1"},` +
				`{"throws":"TypeError","message":"header name \"a b\": byte 1 (' ') cannot be in a header name"}],"list":[["b","é"]]`},
		{"immutable Headers", `"op":"headers","guard":"immutable","init":[["set-cookie","a"],["set-cookie","b"]],"calls":[["getSetCookie"]]`,
			`"results":[["a","b"]],"list":[["set-cookie","a"],["set-cookie","b"]]`},
		{"init throws", `"op":"headers","guard":"none","init":[["€","1"]]`,
			`"throws":"TypeError","message":"init[0]: it has a code point above U+00FF"`},

		{"Request", `"op":"request",` + client + `,"init":{"url":"/x","method":"put","headers":[["X","y"]],"body":"b","future":1}`,
			`"request":{"url":"https://a.example/x","method":"PUT","headers":[["content-type","text/plain;charset=UTF-8"],["x","y"]],"mode":"cors",` +
				`"credentials":"same-origin","redirect":"follow","referrer":"about:client","referrerPolicy":"","cache":"default","destination":"","keepalive":false}`},
		{"Request throws", `"op":"request",` + client + `,"init":{"url":"http://"}`,
			`"throws":"TypeError","message":"the URL: \"http://\" is not a URL relative to \"https://a.example/p\": the host is missing"`},
		{"Request of a Request", `"op":"request",` + client + `,"init":{"mode":"same-origin","request":{"url":"https://a.example/x","method":"PUT",` +
			`"headers":[["x","y"]],"mode":"cors","credentials":"include","redirect":"error","referrer":"","referrerPolicy":"origin","cache":"reload","keepalive":true}}`,
			`"request":{"url":"https://a.example/x","method":"PUT","headers":[["x","y"]],"mode":"same-origin","credentials":"include","redirect":"error",` +
				`"referrer":"about:client","referrerPolicy":"","cache":"reload","destination":"","keepalive":true}`},
		{"copy of a Request", `"op":"request",` + client + `,"init":{"request":{"url":"https://a.example/x","referrer":"","referrerPolicy":"origin"}}`,
			`"request":{"url":"https://a.example/x","method":"GET","headers":[],"mode":"cors","credentials":"same-origin","redirect":"follow",` +
				`"referrer":"","referrerPolicy":"origin","cache":"default","destination":"","keepalive":false}`},
		{"open throws a SyntaxError", `"op":"request","api":"xhr",` + client + `,"init":{"url":"/","method":"A B"}`,
			`"throws":"SyntaxError","message":"method: \"A B\": byte 1 (' ') cannot be in a method"`},
		{"XHR without a method", `"op":"request",` + client + `,"api":"xhr","init":{"url":"/","method":""}`,
			`"throws":"SyntaxError","message":"method: \"\" is none"`},
		{"open throws a SecurityError", `"op":"request",` + client + `,"init":{"api":"xhr","url":"/","method":"trace"}`,
			`"throws":"SecurityError","message":"method: trace is forbidden"`},

		{"run", `"op":"run","scenario":{"id":"s","future":1,"client":{"url":"http://a.test/"},"servers":[{"url":"http://a.test/x","answers":[{}]}],"steps":[{"url":"x"}]}`,
			`"outcome":{"id":"s","steps":[{"result":"response","type":"basic","status":200,"statusText":"OK","url":"http://a.test/x","redirected":false,"headers":[],` +
				`"body":"","requests":[{"method":"GET","url":"http://a.test/x","headers":[["accept","*/*"],["referer","http://a.test/"]]}]}]}`},
		{"reset", `"op":"reset","session":"x"`, ``},

		{"no op", ``, `"error":"op: is missing"`},
		{"another op", `"op":"x"`, `"error":"op: there is no \"x\""`},
		{"wrong type", `"op":"url","url":5`, `"error":"url: must be a string, not a number"`},
		{"wrong op", `"op":5`, `"error":"op: must be a string, not a number"`},
		{"wrong field of a client", `"op":"fetch","client":{"url":5}`, `"error":"client.url: must be a string, not a number"`},
		{"client without a URL", `"op":"fetch","client":{"url":"x"}`, `"error":"client: the page's URL: \"x\" is not a URL: it has no scheme, and there is no base URL"`},
		{"wrong field of a step", `"op":"fetch",` + client + `,"step":{"url":"/","headers":[["a"]]}`,
			`"error":"step.headers[0]: must be a pair of two strings, name and value, not a list of 1"`},
		{"wrong field of a scenario", `"op":"run","scenario":{"client":{"url":"http://a/"},"steps":5}`, `"error":"scenario.steps: must be a list, not a number"`},
		{"wrong field of an init", `"op":"request",` + client + `,"init":{}`, `"error":"init.url: is missing; it is what is asked for"`},
		{"another guard", `"op":"headers","guard":"x"`, `"error":"guard: there is no \"x\""`},
		{"another method", `"op":"headers","guard":"none","calls":[["has","a"],["x"]]`, `"error":"calls[1][0]: Headers has no method \"x\""`},
		{"no time", `"op":"fetch",` + client + `,"step":{"url":"/"},"timeoutMs":0`, `"error":"timeoutMs: 0 is no time to wait"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request, want := `{"id":"i"`, `{"id":"i"`
			if tt.request != "" {
				request += "," + tt.request
			}
			if tt.want != "" {
				want += "," + tt.want
			}
			got := answersOf(t, request+"}")
			if diff := cmp.Diff([]string{want + "}"}, got[`"i"`]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBadLines(t *testing.T) {
	got := answersOf(t, `{"id":1`, `[1]`, `"x"`, `{"op":"url","url":"a:"}`, `{"id":true,"op":"reset"}`, "\xff", ``, `  `, `{"id":2,"op":"reset"}`)
	want := map[string][]string{
		"2": {`{"id":2}`},
		"null": {
			`{"id":null,"error":"is not JSON: unexpected end of JSON input, at byte 7"}`,
			`{"id":null,"error":"must be an object, not a list"}`,
			`{"id":null,"error":"must be an object, not a string"}`,
			`{"id":null,"error":"id: must be a number or a string"}`,
			`{"id":null,"error":"id: must be a number or a string"}`,
			`{"id":null,"error":"is not JSON: invalid character 'ÿ' looking for beginning of value, at byte 1"}`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// client drives a Server line by line.
type client struct {
	t  *testing.T
	in *io.PipeWriter
	r  *bufio.Reader
}

// start returns a client of a new server, whose end the test awaits.
func start(t *testing.T) *client {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- new(Server).Serve(context.Background(), inR, outW)
		outW.Close()
	}()
	t.Cleanup(func() {
		inW.Close()
		io.Copy(io.Discard, outR)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &client{t, inW, bufio.NewReader(outR)}
}

func (c *client) send(format string, args ...any) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.in, format+"\n", args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) expect(want string) {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	if line = strings.TrimSuffix(line, "\n"); line != want {
		c.t.Errorf("got  %s\nwant %s", line, want)
	}
}

// apiServer is a server of another origin, which counts its preflights.
func apiServer(t *testing.T) (server *httptest.Server, hang chan struct{}) {
	hang = make(chan struct{})
	preflights := 0
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Date"] = nil
		h.Set("Access-Control-Allow-Origin", "http://a.test")
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Allow-Methods", "PUT")
		switch {
		case r.Method == "OPTIONS":
			preflights++
			h.Set("Access-Control-Max-Age", "60")
		case r.URL.Path == "/hang":
			<-hang
		case r.URL.Path == "/half":
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			<-hang
		case r.URL.Path == "/cookie":
			h.Set("Set-Cookie", "k=v")
			io.WriteString(w, r.Header.Get("Cookie"))
		default:
			fmt.Fprint(w, preflights)
		}
	}))
	t.Cleanup(server.Close)
	return server, hang
}

// body returns the body of the outcome of the next answer, and "reason: …" for a
// network error.
func (c *client) body() string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	var a struct {
		Error   string
		Outcome struct{ Result, Body, Reason string }
	}
	if err := json.Unmarshal([]byte(line), &a); err != nil || a.Error != "" {
		c.t.Fatal(err, line)
	}
	if a.Outcome.Result != "response" {
		return a.Outcome.Result + ": " + a.Outcome.Reason
	}
	return a.Outcome.Body
}

func TestSessions(t *testing.T) {
	server, _ := apiServer(t)
	c := start(t)
	put := func(session, want string) {
		t.Helper()
		c.send(`{"id":1,"op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/x","method":"PUT","body":"b"},"session":%q}`, server.URL, session)
		if got := c.body(); got != want {
			t.Errorf("session %q: %s preflights so far, want %s", session, got, want)
		}
	}
	put("", "1")
	put("", "1")
	put("other", "2")
	put("other", "2")
	c.send(`{"id":2,"op":"reset"}`)
	c.expect(`{"id":2}`)
	put("other", "2")
	put("", "3")
}

func TestCookies(t *testing.T) {
	server, _ := apiServer(t)
	c := start(t)
	c.send(`{"id":1,"op":"cookies","url":"%s/","set":"a=1; path=/"}`, server.URL)
	c.expect(`{"id":1}`)
	c.send(`{"id":2,"op":"cookies","url":"%s/","set":"h=1; httponly"}`, server.URL)
	c.expect(`{"id":2}`)
	for _, want := range []string{"a=1", "a=1; k=v"} {
		c.send(`{"id":3,"op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/cookie","credentials":"include"}}`, server.URL)
		if got := c.body(); got != want {
			t.Errorf("the server got %q, want %q", got, want)
		}
	}
	c.send(`{"id":4,"op":"cookies","url":"%s/"}`, server.URL)
	c.expect(`{"id":4,"cookie":"a=1; k=v"}`)
	c.send(`{"id":5,"op":"cookies","url":"%s/","session":"other"}`, server.URL)
	c.expect(`{"id":5,"cookie":""}`)
}

func TestAbortAndTimeout(t *testing.T) {
	server, hang := apiServer(t)
	defer close(hang)
	c := start(t)
	for _, path := range []string{"hang", "half"} {
		c.send(`{"id":"f","op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/%s"}}`, server.URL, path)
		c.send(`{"id":"f","op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"/"}}`)
		c.expect(`{"id":"f","error":"id: a fetch under way has it"}`)
		// Others are answered meanwhile.
		c.send(`{"id":2,"op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/x"}}`, server.URL)
		if got := c.body(); got != "0" {
			t.Errorf("the other fetch got %q", got)
		}
		c.send(`{"id":3,"op":"abort","target":"f"}`)
		answers := []string{}
		for range 2 {
			line, err := c.r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, line)
		}
		all := strings.Join(answers, "")
		if !strings.Contains(all, `{"id":3}`) || !strings.Contains(all, `{"id":"f","outcome":{"result":"network-error",`) ||
			!strings.Contains(all, `"reason":"aborted"}}`) {
			t.Errorf("/%s: got %s", path, all)
		}
		c.send(`{"id":"f","op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/%s"},"timeoutMs":20}`, server.URL, path)
		if got := c.body(); got != "network-error: timeout" {
			t.Errorf("/%s: got %s", path, got)
		}
	}
	c.send(`{"id":4,"op":"abort","target":"nothing"}`)
	c.expect(`{"id":4}`)
}

func TestStream(t *testing.T) {
	server, hang := apiServer(t)
	c := start(t)
	c.send(`{"id":1,"op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/half"},"stream":true}`, server.URL)
	line, err := c.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, `{"id":1,"event":"response","outcome":{"result":"response","type":"cors","status":200,`) || strings.Contains(line, `"body"`) {
		t.Errorf("got %s, %v", line, err)
	}
	c.expect(`{"id":1,"event":"chunk","dataBase64":"aGFsZg=="}`)
	close(hang)
	c.expect(`{"id":1,"event":"end"}`)

	c.send(`{"id":2,"op":"fetch","client":{"url":"https://a.test/"},"step":{"url":"%s/half","mode":"same-origin"},"stream":true}`, server.URL)
	c.expect(`{"id":2,"event":"response","outcome":{"result":"network-error","requests":[],"reason":"same-origin-mode"}}`)
	c.expect(`{"id":2,"event":"error","reason":"same-origin-mode"}`)
}

// Requests carry a User-Agent, and their integrity metadata is checked.
func TestSent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.UserAgent())
	}))
	defer server.Close()
	step := fmt.Sprintf(`"op":"fetch","client":{"url":%q},"step":{"url":"/"`, server.URL)
	got := answersOf(t, `{"id":1,`+step+`}}`, `{"id":2,`+step+`,"integrity":"sha256-AAAA"}}`)
	if len(got["1"]) != 1 || !strings.Contains(got["1"][0], `"body":"`+userAgent+`"`) {
		t.Errorf("got %s, want the User-Agent as the body", got["1"])
	}
	if len(got["2"]) != 1 || !strings.Contains(got["2"][0], `"reason":"integrity"`) {
		t.Errorf("got %s, want the reason integrity", got["2"])
	}
}

func TestStreamAborted(t *testing.T) {
	server, hang := apiServer(t)
	defer close(hang)
	c := start(t)
	c.send(`{"id":1,"op":"fetch","client":{"url":"http://a.test/"},"step":{"url":"%s/half"},"stream":true}`, server.URL)
	c.r.ReadString('\n')
	c.expect(`{"id":1,"event":"chunk","dataBase64":"aGFsZg=="}`)
	c.send(`{"id":2,"op":"abort","target":1}`)
	one, _ := c.r.ReadString('\n')
	two, _ := c.r.ReadString('\n')
	if !strings.Contains(one+two, `{"id":1,"event":"error","reason":"aborted"}`) {
		t.Errorf("got %s%s", one, two)
	}
}

// TestCancel checks that a server ends when its context does, with its input open.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, w := io.Pipe()
	defer w.Close()
	ended := make(chan error)
	go func() { ended <- new(Server).Serve(ctx, in, io.Discard) }()
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// FuzzServe checks that every line is answered once, or by a stream that ends,
// with JSON, and that nothing panics. No line leads to the network.
func FuzzServe(f *testing.F) {
	for _, line := range []string{
		`{"id":1,"op":"url","url":"a:"}`, `{"id":1,"op":"mime","value":"a/b"}`, `{"id":1,"op":"reset"}`, `{"id":1`,
		`{"id":1,"op":"headers","guard":"none","init":[["a","b"]],"calls":[["get","a"]]}`,
		`{"id":1,"op":"request","client":{"url":"http://a/"},"init":{"url":"/"}}`,
		`{"id":1,"op":"request","client":{"url":"http://a/"},"init":{"request":{"url":"http://a/"}}}`,
		`{"id":1,"op":"cookies","url":"http://a/","set":"a=b"}`, `{"id":1,"op":"abort","target":1}`,
		`{"id":1,"op":"run","scenario":{"client":{"url":"http://a/"},"steps":[{"url":"/"}]}}`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n") || strings.Contains(line, "fetch") || strings.Contains(line, `\u`) {
			return
		}
		var out strings.Builder
		if err := new(Server).Serve(context.Background(), strings.NewReader(line), &out); err != nil {
			t.Fatal(err)
		}
		want := 1
		if strings.TrimSpace(line) == "" {
			want = 0
		}
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("%d answers", got)
		}
		for answer := range strings.Lines(out.String()) {
			if !json.Valid([]byte(answer)) {
				t.Errorf("%s is not JSON", answer)
			}
		}
	})
}
