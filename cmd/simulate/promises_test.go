package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A headServer keeps the heads of the requests that it reads, as they are on the wire.
type headServer struct {
	listener net.Listener
	// answers is how many requests of a connection it answers, 0 for all: it reads one
	// more, and closes.
	answers int

	mu    sync.Mutex
	heads []string
}

func newHeadServer(t *testing.T, answers int) *headServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &headServer{listener: l, answers: answers}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *headServer) url() string { return "http://" + s.listener.Addr().String() + "/things?a=b" }

func (s *headServer) serve(c net.Conn) {
	defer c.Close()
	var raw bytes.Buffer
	in := bufio.NewReader(io.TeeReader(c, &raw))
	for n := 1; ; n++ {
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, request.Body)
		head, _, _ := strings.Cut(raw.String(), "\r\n\r\n")
		raw.Reset()
		s.mu.Lock()
		s.heads = append(s.heads, head)
		s.mu.Unlock()
		if s.answers > 0 && n > s.answers {
			return
		}
		vary := "Vary: Origin\r\n"
		if request.Header.Get("Origin") == "http://app.example" {
			vary += "Access-Control-Allow-Origin: http://app.example\r\nAccess-Control-Allow-Methods: PUT\r\nAccess-Control-Allow-Headers: authorization,x-a\r\n"
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n%sContent-Length: 0\r\n\r\n", vary)
	}
}

// headers returns the header lines of all requests.
func (s *headServer) read() (heads [][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, head := range s.heads {
		heads = append(heads, strings.Split(head, "\r\n")[1:])
	}
	return heads
}

// output runs the command and returns what it writes.
func simulateOutput(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if exit := simulate(context.Background(), &streams{strings.NewReader(""), &out, &errs}, args); exit == exitUsage {
		t.Fatalf("%v: %s", args, errs.String())
	}
	return out.String()
}

// shownRequests returns the header lines of the requests in a text, which begin with ">".
func shownRequests(text string) (heads [][]string) {
	for line := range strings.Lines(text) {
		shown, ok := strings.CutPrefix(strings.TrimSpace(line), "> ")
		switch {
		case !ok:
		case !strings.Contains(shown, ": "):
			heads = append(heads, nil) // the method and the URL
		default:
			heads[len(heads)-1] = append(heads[len(heads)-1], shown)
		}
	}
	return heads
}

// A dry run shows what is sent, byte for byte.
func TestDryRunsShowWhatIsSent(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	for _, browser := range []string{"standard", "chromium", "firefox", "webkit"} {
		for _, request := range [][]string{
			{"-X", "PUT", "-H", "X-A: 1", "-H", "Authorization: Bearer x", "-d", "body"},
			{"-H", "Accept: text/plain", "--credentials", "include", "--cookie", "a=b"},
			{"-X", "POST", "-d", "a=b"},
		} {
			server := newHeadServer(t, 0)
			args := append([]string{"check", server.url(), "--origin", "http://app.example", "--browser", browser}, request...)
			shown := shownRequests(simulateOutput(t, append(args, "--dry-run", "--show-secrets")...))
			simulateOutput(t, args...)
			if diff := cmp.Diff(shown, server.read()); diff != "" {
				t.Errorf("%v: -shown +sent:\n%s", args, diff)
			}
		}
	}
	server := newHeadServer(t, 0)
	args := []string{"probe", server.url(), "--origin", "http://app.example", "-X", "PUT", "-H", "X-A: */*"}
	planned := shownRequests(simulateOutput(t, append(args, "--dry-run")...))
	simulateOutput(t, args...)
	sent := server.read()
	if len(sent) < 5 {
		t.Errorf("%d requests are sent", len(sent))
	}
	for _, head := range sent {
		for i, line := range head {
			if strings.HasPrefix(line, "x-a: ") {
				head[i] = "x-a: REDACTED" // which may be a secret
			}
		}
		found := false
		for _, other := range planned {
			found = found || cmp.Equal(head, other)
		}
		if !found {
			t.Errorf("%q is sent and not planned: %q", head, planned)
		}
	}
}

// A server that closes a kept connection without an answer gets no request of probe again.
func TestProbeIsCountedByServers(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	for _, answers := range []int{0, 1, 2} {
		server := newHeadServer(t, answers)
		out := simulateOutput(t, "probe", server.url(), "--origin", "http://app.example", "-X", "PUT", "-H", "X-A: 1")
		if n, shown := len(server.read()), len(shownRequests(out)); n > 8 || n != shown {
			t.Errorf("the server read %d requests, and %d are reported", n, shown)
		}
	}
}

// What explain leaves out, it says.
func TestExplainSaysWhatItLeavesOut(t *testing.T) {
	var console strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&console, "Access to fetch at 'https://api.example/%d' from origin 'https://app.example' has been blocked by CORS policy: Request header field x-%d is not allowed by Access-Control-Allow-Headers in preflight response.\n", i, i)
	}
	for _, long := range []bool{false, true} {
		text := console.String()
		if !long {
			text = text[:1<<20-1]
		}
		var out, errs bytes.Buffer
		exit := simulate(context.Background(), &streams{strings.NewReader(text), &out, &errs}, []string{"explain", "--json", "-"})
		if explained := strings.Count(out.String(), "\n"); exit != exitAllowed || explained < 4900 || explained == 6000 {
			t.Errorf("exit status %d, %d are explained", exit, explained)
		}
		if said := strings.Contains(errs.String(), "only the first 10"); said != long {
			t.Errorf("%t: it says %q", long, errs.String())
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		last := lines[len(lines)-1]
		if n := fmt.Sprint(len(lines) - 1); long && (!strings.Contains(last, "https://api.example/"+n+`"`) || !strings.Contains(last, "x-"+n+".")) {
			t.Errorf("the last is %s", last)
		}
	}
}
