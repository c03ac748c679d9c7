package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

func TestDialContext(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		addr    string
		refused error // errors.Is, nil where it is to connect
		unknown bool
	}{
		{addr: "web-platform.test:8000"},
		{addr: "web-platform.test:8001"},
		{addr: "web-platform.test:8443"},
		{addr: "web-platform.test:8444"},
		{addr: "WWW1.web-platform.test:8000"},
		{addr: "www2.not-web-platform.test:8000"},
		{addr: "xn--n8j6ds53lwwkrqhv28a.web-platform.test:8000"},
		{addr: "xn--lve-6lad.not-web-platform.test:8000"},
		{addr: "www.www1.web-platform.test:8000"},
		{addr: "web-platform.test.:8000"},
		{addr: "nonexistent.web-platform.test:8000", unknown: true},
		{addr: "nonexistent.not-web-platform.test:8000", unknown: true},
		{addr: "www.www.www.web-platform.test:8000", unknown: true},
		{addr: "xweb-platform.test:8000", unknown: true},
		{addr: ".web-platform.test:8000", unknown: true},
		{addr: "localhost:8000", unknown: true},
		{addr: "[::1]:8000", unknown: true},
		{addr: "web-platform.test:80", refused: syscall.ECONNREFUSED},
	} {
		conn, err := s.DialContext(context.Background(), "tcp", c.addr)
		if err == nil {
			conn.Close()
		}
		var dns *net.DNSError
		if unknown := errors.As(err, &dns) && dns.IsNotFound; unknown != c.unknown || !errors.Is(err, c.refused) && !c.unknown {
			t.Errorf("%s: %v", c.addr, err)
		}
	}
	for _, addr := range []string{"web-platform.test", "web-platform.test:http"} {
		if _, err := s.DialContext(context.Background(), "tcp", addr); err == nil {
			t.Errorf("%s: no error", addr)
		}
	}
}

func client(s *Server) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:     s.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: s.RootCAs()},
	}}
}

func get(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return string(body)
}

func TestHTTPClient(t *testing.T) {
	s := newServer(t)
	c := client(s)
	defer c.CloseIdleConnections()
	for _, origin := range []string{
		"http://web-platform.test:8000", "http://www1.web-platform.test:8001",
		"https://web-platform.test:8443", "https://www2.not-web-platform.test:8444",
		"https://www.www1.web-platform.test:8443", "https://xn--lve-6lad.web-platform.test:8443",
	} {
		url := origin + "/xhr/resources/requri.py?full"
		if got := get(t, c, url); got != url {
			t.Errorf("%s came as %s", url, got)
		}
		// This one ends with the connection, over TLS with its own notice too.
		if got := get(t, c, origin+"/fetch/api/resources/top.txt"); got != "top" {
			t.Errorf("%s: top.txt is %q", origin, got)
		}
	}
}

// The rules lead where DialContext does.
func TestResolve(t *testing.T) {
	s := newServer(t)
	rules := s.Resolve()
	if want := 4 * 2 * (1 + 5 + 25); len(rules) != want {
		t.Errorf("%d rules, want %d", len(rules), want)
	}
	for _, rule := range rules {
		part := strings.SplitN(rule, ":", 3)
		conn, err := s.DialContext(t.Context(), "tcp", part[0]+":"+part[1])
		if err != nil {
			t.Fatal(err)
		}
		if conn.Close(); conn.RemoteAddr().String() != part[2] {
			t.Fatalf("%s is at %v", rule, conn.RemoteAddr())
		}
	}
}

func TestNewWithFiles(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	s, err := NewWithFiles(fstest.MapFS{
		"own/a.json": file("[]"), "own/a.json.headers": file("X-A:  1 \nno header\nContent-Type: text/x\n"),
		"own/b.sub.txt": file("{{host}}"), "own/run.py": file("code"), "common/dummy.json": file("other"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := client(s)
	defer c.CloseIdleConnections()
	const base = "http://web-platform.test:8000"
	for path, want := range map[string]string{
		"/own/a.json": "[]", "/own/b.sub.txt": Host, "/common/dummy.json": "{}\n",
	} {
		if got := get(t, c, base+path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	resp, err := c.Get(base + "/own/a.json")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if h := resp.Header; h.Get("X-A") != "1" || h.Get("Content-Type") != "text/x" {
		t.Errorf("headers %v", h)
	}
	for _, path := range []string{"/own/run.py", "/own", "/own/../own/c", "/none.txt"} {
		resp, err := c.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}

func TestStashIsSharedByPorts(t *testing.T) {
	s := newServer(t)
	c := client(s)
	defer c.CloseIdleConnections()
	const key = "00000000-0000-4000-8000-000000000001"
	get(t, c, "http://web-platform.test:8000/fetch/api/resources/stash-put.py?value=v&key="+key)
	if got := get(t, c, "https://web-platform.test:8443/fetch/api/resources/stash-take.py?key="+key); got != `"v"` {
		t.Errorf("took %s", got)
	}
}

// What upstream's handler tells of requests has the time in it, so that no
// recorded answer could be compared.
func TestHTTPCacheState(t *testing.T) {
	s := newServer(t)
	c := client(s)
	defer c.CloseIdleConnections()
	const url = "http://web-platform.test:8000/fetch/http-cache/resources/http-cache.py?uuid=00000000-0000-4000-8000-000000000002"
	asked, err := http.NewRequest("GET", url+"&dispatch=test", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Test-Requests", base64.StdEncoding.EncodeToString([]byte(`[{"response_headers": [["ETag", "x"], ["Expires", 5]]}]`)))
	resp, err := c.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if expires, err := http.ParseTime(resp.Header.Get("Expires")); err != nil || time.Until(expires) > 5*time.Second {
		t.Errorf("Expires: %s, %v", expires, err)
	}
	var state []struct {
		Now             float64           `json:"now"`
		Method          string            `json:"request_method"`
		RequestHeaders  map[string]string `json:"request_headers"`
		ResponseHeaders map[string]string `json:"response_headers"`
	}
	text := get(t, c, url+"&dispatch=state")
	if err := json.Unmarshal([]byte(text), &state); err != nil || len(state) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	got := state[0]
	if age := time.Since(time.UnixMicro(int64(got.Now * 1e6))); age < 0 || age > time.Minute {
		t.Errorf("it was %v ago", age)
	}
	if got.Method != "GET" || got.RequestHeaders["host"] != "web-platform.test:8000" || len(got.ResponseHeaders) != 1 || got.ResponseHeaders["etag"] != "x" {
		t.Errorf("state %s", text)
	}
}

// Of many that take a value, one gets it.
func TestStashTakesOnce(t *testing.T) {
	s := stash{values: make(map[stashKey]any)}
	const key = "00000000000040008000000000000002"
	s.put("/", key, "v")
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 20 {
		wg.Go(func() {
			if s.take("/", "{urn:uuid:00000000-0000-4000-8000-000000000002}") != nil {
				mu.Lock()
				got++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got != 1 {
		t.Errorf("%d took the value", got)
	}
}

func TestExpand(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"http://{{host}}:{{ports[http][1]}}/":  "http://web-platform.test:8001/",
		"{{domains[www1]}} {{domains[]}}":      "www1.web-platform.test web-platform.test",
		"{{hosts[alt][]}}:{{ports[https][0]}}": "not-web-platform.test:8443",
		"{{hosts[][天気の良い日]}}":                  "xn--n8j6ds53lwwkrqhv28a.web-platform.test",
		"{{domains[nonexistent]}}":             "nonexistent.web-platform.test",
		"{a} {{{host}}} }}":                    "", // {host is no name
		"{{ports[http][2]}}":                   "",
		"{{ports[ftp][0]}}":                    "",
		"{{domains[www9]}}":                    "",
		"{{GET[x]}}":                           "",
		"{{}}":                                 "",
	} {
		got, err := Expand(in)
		if got != want || (err == nil) != (want != "" || in == "") {
			t.Errorf("Expand(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"{{", "{{host}", "}}{{", "{{a{{b}"} {
		if got, err := Expand(in); got != in || err != nil {
			t.Errorf("Expand(%q) = %q, %v; want it as it is", in, got, err)
		}
	}
}

func TestUUIDs(t *testing.T) {
	a, err := Expand("{{$id:uuid()}} {{$id}} {{uuid()}}")
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(a)
	if len(ids) != 3 || ids[0] != ids[1] || ids[0] == ids[2] || len(ids[0]) != 36 || ids[0][14] != '4' {
		t.Errorf("got %s", a)
	}
}

// The compressed bytes are any compressor's own; what they hold is not.
func TestCompressed(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		target, coding string
		open           func(io.Reader) (io.ReadCloser, error)
	}{
		{"/xhr/resources/gzip.py?content=hello", "gzip", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
		{"/xhr/resources/zlib.py?content=hello", "deflate", zlib.NewReader},
		{"/common/echo.py?content=hello&pipe=gzip", "gzip", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	} {
		answer := ask(t, s, "GET "+c.target+" HTTP/1.1\r\nHost: web-platform.test:8000\r\n\r\n")
		head, body, _ := strings.Cut(answer, "\r\n\r\n")
		for _, want := range []string{"\r\nContent-Encoding: " + c.coding, fmt.Sprintf("\r\nContent-Length: %d", len(body))} {
			if !strings.Contains(head+"\r\n", want+"\r\n") {
				t.Errorf("%s: no %q in %q", c.target, want, head)
			}
		}
		r, err := c.open(strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", c.target, err)
		}
		if got, err := io.ReadAll(r); string(got) != "hello" || err != nil {
			t.Errorf("%s: %q, %v", c.target, got, err)
		}
	}
}

func TestInfiniteSlowResponse(t *testing.T) {
	s := newServer(t)
	const state, abort = "00000000-0000-4000-8000-000000000003", "00000000-0000-4000-8000-000000000004"
	c, err := s.DialContext(context.Background(), "tcp", "web-platform.test:8000")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /fetch/api/resources/infinite-slow-response.py?stateKey=%s&abortKey=%s HTTP/1.1\r\nHost: a\r\n\r\n", state, abort)
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 2048)); err != nil {
		t.Fatal(err)
	}
	at := "/fetch/api/resources/"
	if got := s.stash.take(at, state); got != "open" {
		t.Errorf("while it sends, the state is %v", got)
	}
	s.stash.put(at, abort, "true")
	if rest, err := io.ReadAll(resp.Body); err != nil || strings.Trim(string(rest), ".") != "" {
		t.Errorf("after the abort: %q, %v", rest, err)
	}
	if got := s.stash.take(at, state); got != "closed" {
		t.Errorf("after the end, the state is %v", got)
	}
}

// Close does not wait for handlers that pause.
func TestCloseEndsPauses(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.DialContext(context.Background(), "tcp", "web-platform.test:8000")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /fetch/range/resources/long-wav.py HTTP/1.1\r\nHost: a\r\n\r\n")
	if _, err := io.ReadFull(c, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(before); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if err := s.Close(); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if _, err := s.DialContext(context.Background(), "tcp", "web-platform.test:8000"); err == nil {
		t.Error("a closed server was connected to")
	}
}

func TestNoRequest(t *testing.T) {
	s := newServer(t)
	for _, request := range []string{
		"GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
		"GET / HTTP/1.1\r\n: x\r\n\r\n", "GET / HTTP/1.1\r\na b: x\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
		"GET /" + strings.Repeat("a", maxHeadBytes) + " HTTP/1.1\r\n\r\n",
	} {
		if got := ask(t, s, request); !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
			t.Errorf("%.60q: %q", request, got)
		}
	}
	for _, request := range []string{"", "GET / HT", "GET / HTTP/1.1\r\nA: b", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"} {
		if got := ask(t, s, request); got != "" {
			t.Errorf("%q: %q", request, got)
		}
	}
}

// A body of unknown length is not read; what is left of it is not taken for
// another request, and does not cost the answer.
func TestChunkedRequest(t *testing.T) {
	s := newServer(t)
	got := ask(t, s, "POST /xhr/resources/content.py HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"5\r\nhello\r\n0\r\n\r\nGET /common/blank.html HTTP/1.1\r\n\r\n")
	if strings.Count(got, "HTTP/1.1") != 1 || !strings.Contains(got, "\r\nX-Request-Method: POST\r\n") {
		t.Errorf("got %q", got)
	}
}

func TestHandlersAreSorted(t *testing.T) {
	paths := Handlers()
	if len(paths) != len(handlers)+len(asIs)+len(files) {
		t.Errorf("%d paths", len(paths))
	}
	for i, path := range paths {
		if i > 0 && paths[i-1] >= path || !strings.HasPrefix(path, "/") {
			t.Errorf("%s is at %d", path, i)
		}
	}
}

// Whatever a request says, no handler makes a mistake of its own, and what it
// describes is written as one response head.
func FuzzServe(f *testing.F) {
	paths := Handlers()
	for i := range paths {
		f.Add(i, "GET", "", "", "")
		f.Add(i, "OPTIONS", "token="+strings.Repeat("0", 32)+"&origin=a&location=b", "Origin: a\r\nAccess-Control-Request-Method: PUT\r\nAccept: */*", "")
		f.Add(i, "POST", "content=a&value=b&pipe=slice(1)|trickle(1:r2)", "Origin: null\r\nContent-Type: multipart/form-data; boundary=b", "--b\r\n\r\n--b--")
	}
	f.Add(0, "GET", "pipe=sub(none)|header(a,b,true)", "Range: bytes=0-", "")
	stopped := make(chan struct{})
	close(stopped)
	s := &stash{values: make(map[stashKey]any)}
	f.Fuzz(func(t *testing.T, which int, method, query, head, body string) {
		path := paths[(which%len(paths)+len(paths))%len(paths)]
		request := fmt.Sprintf("%s %s?%s HTTP/1.1\r\n%s\r\nContent-Length: %d\r\n\r\n%s", method, path, query, head, len(body), body)
		q, err := readRequest(bufio.NewReader(strings.NewReader(request)), io.Discard)
		if err != nil {
			return
		}
		q.place(site{scheme: "http", port: HTTPPort})
		q.stash = s
		var out bytes.Buffer
		p := &response{code: 200, head: q.method == "HEAD", w: bufio.NewWriter(&out), stop: stopped}
		serve(q, p)
		if strings.Contains(p.body.String(), "internal error: ") && !strings.Contains(request, "internal") {
			t.Fatalf("%q: %s", request, p.body)
		}
		if p.written {
			return
		}
		p.writeAll()
		p.flush()
		if !strings.HasPrefix(out.String(), "HTTP/1.1 ") || !strings.Contains(out.String(), "\r\n\r\n") {
			t.Errorf("%q: %q", request, out.String())
		}
	})
}
