package serve

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

const at = "http://127.0.0.1:8080"

func newServer(recordings ...string) *Server {
	return &Server{Host: "127.0.0.1:8080", Token: "secret", Recordings: recordings, Network: answering{}}
}

// answering permits every page everything.
type answering struct{}

func (answering) RoundTrip(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	return &fetch.NetworkResponse{Status: 200, Headers: headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}}, Body: fetch.NoBody}, nil
}

// ask sends a request with headers, "Name: value" each.
func ask(s *Server, method, target, body string, lines ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestOnlyThePageIsAnswered(t *testing.T) {
	const check = `{"page":"https://app.example","url":"https://api.example/"}`
	own := "Origin: " + at
	for _, test := range []struct {
		name, method, path string
		lines              []string
		want               int
	}{
		{"the page", "GET", "/secret/", nil, 200},
		{"the page, typed", "GET", "/secret/", []string{"Sec-Fetch-Site: none"}, 200},
		{"a file", "GET", "/secret/main.js", []string{"Sec-Fetch-Site: same-origin"}, 200},
		{"without the slash", "GET", "/secret", nil, 302},
		{"the page itself asks", "POST", "/secret/api/check", []string{own, "Sec-Fetch-Site: same-origin"}, 200},
		{"no token", "GET", "/", nil, 403},
		{"another token", "GET", "/secrets/", nil, 403},
		{"a part of the token", "GET", "/secre/", nil, 403},
		{"no token for an answer", "POST", "/api/check", []string{own}, 403},
		{"another name that leads here", "GET", "/secret/", []string{"Host: evil.example:8080"}, 403},
		{"localhost", "GET", "/secret/", []string{"Host: localhost:8080"}, 403},
		{"another port", "GET", "/secret/", []string{"Host: 127.0.0.1:80"}, 403},
		{"another origin", "POST", "/secret/api/check", []string{"Origin: https://evil.example"}, 403},
		{"an opaque origin", "POST", "/secret/api/check", []string{"Origin: null"}, 403},
		{"the origin of another port", "POST", "/secret/api/check", []string{"Origin: http://127.0.0.1:9090"}, 403},
		{"another origin asks for a file", "GET", "/secret/main.js", []string{"Origin: https://evil.example"}, 403},
		{"a script element of another site", "GET", "/secret/main.js", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"a page of another port", "GET", "/secret/main.js", []string{"Sec-Fetch-Site: same-site"}, 403},
		{"a form of another site", "POST", "/secret/api/check", []string{"Sec-Fetch-Site: cross-site", own}, 403},
		{"no origin", "POST", "/secret/api/check", nil, 403},
		{"a link", "GET", "/secret/api/check", []string{"Sec-Fetch-Site: same-origin"}, 403},
		{"no such file", "GET", "/secret/nothing.js", nil, 404},
		{"the service worker", "GET", "/secret/sw.js", nil, 404},
		{"outside of the files", "GET", "/secret/../../etc/passwd", nil, 404},
	} {
		w := ask(newServer(), test.method, at+test.path, check, test.lines...)
		if w.Code != test.want {
			t.Errorf("%s: status %d, want %d: %s", test.name, w.Code, test.want, w.Body)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Private-Network"} {
			if value := w.Header().Get(name); value != "" {
				t.Errorf("%s: %s: %s", test.name, name, value)
			}
		}
		if test.want == 403 && strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the answer has the token: %s", test.name, w.Body)
		}
	}
}

func TestPolicies(t *testing.T) {
	s := newServer()
	page := ask(s, "GET", at+"/secret/", "")
	if got := page.Header().Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self';") || strings.Contains(got, "unsafe") || !strings.Contains(got, "frame-ancestors 'none'") {
		t.Errorf("the page's policy is %s", got)
	}
	if !strings.Contains(page.Body.String(), `name="corsim" content="serve"`) {
		t.Error("the page does not know that the command answers")
	}
	if got := ask(s, "GET", at+"/secret/ask.html", "").Header().Get("Content-Security-Policy"); !strings.Contains(got, "connect-src *;") {
		t.Errorf("the policy of the page that asks is %s", got)
	}
}

func TestLiveCheck(t *testing.T) {
	w := ask(newServer(), "POST", at+"/secret/api/check", `{"page":"https://app.example","url":"https://api.example/","live":true}`, "Origin: "+at)
	var answer struct{ Reports []struct{ Verdict string } }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Reports) != 4 || answer.Reports[0].Verdict != "allowed" {
		t.Errorf("%v: %s", err, w.Body)
	}
	if w := ask(newServer(), "POST", at+"/secret/api/nothing", `{}`, "Origin: "+at); w.Code != 422 {
		t.Errorf("what there is not: status %d: %s", w.Code, w.Body)
	}
}

// pieces splits a streamed response.
func pieces(t *testing.T, b []byte) map[byte]string {
	t.Helper()
	got := map[byte]string{}
	for len(b) > 0 {
		if len(b) < 5 || len(b)-5 < int(binary.BigEndian.Uint32(b[1:])) {
			t.Fatalf("a piece is cut: %q", b)
		}
		n := 5 + int(binary.BigEndian.Uint32(b[1:]))
		got[b[0]] += string(b[5:n])
		b = b[n:]
	}
	return got
}

func TestRecordings(t *testing.T) {
	const har = "../../../../testdata/recordings/firefox.har"
	content, err := os.ReadFile(har)
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	s := newServer(har)
	if w := ask(s, "GET", at+"/secret/api/recordings", ""); strings.TrimSpace(w.Body.String()) != `["firefox.har"]` {
		t.Errorf("the recordings are %s", w.Body)
	}
	post := func(name, query, body string) map[byte]string {
		w := ask(s, "POST", at+"/secret/api/"+name+"?"+query, body, "Origin: "+at, "Content-Type: application/octet-stream")
		if w.Code != 200 {
			t.Fatalf("%s?%s: status %d: %s", name, query, w.Code, w.Body)
		}
		return pieces(t, w.Body.Bytes())
	}
	input := "&input=" + url.QueryEscape(`{"json":true}`)
	sent, read := post("replay", "file=firefox.har"+input, string(content)), post("replay", "disk=0"+input, "")
	if sent['a'] == "" || sent['o'] == "" || sent['a'] != read['a'] || sent['o'] != read['o'] {
		t.Errorf("sent:\n%s\nread from the disk:\n%s", sent['a'], read['a'])
	}
	if copied := post("redact", "file=firefox.har", string(content)); !json.Valid([]byte(copied['o'])) || copied['e'] != "" {
		t.Errorf("the copy is no JSON: %s", copied['e'])
	}
	if wrong := post("replay", "file=x", "nothing of the kind"); wrong['e'] == "" {
		t.Error("what is no recording is judged")
	}
	if w := ask(s, "POST", at+"/secret/api/replay?disk=1", "", "Origin: "+at, "Content-Type: application/octet-stream"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another file of the disk: status %d", w.Code)
	}
	if left, _ := filepath.Glob(temporary + "/*"); left != nil {
		t.Errorf("left behind: %s", left)
	}
}
