package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The files in testdata/answers are what upstream's server answered when it was
// asked: conversations, each under a "# title", of requests and answers, each
// answer ended by a line with a dot. A line that begins with "> " or "< " is one
// of a request or an answer, its CR LF omitted; ">> " and "<< " begin bytes
// that do not end so. Escapes are those of Go strings. Every request goes over
// a connection of its own whose sending side is then closed, and its answer is
// everything until the connection's end.
//
// "*" stands for what upstream puts there and this server need not: the values
// of Server and Date, dates of cookies, messages of exceptions, and contents for
// which it has small equivalents.

type conversation struct {
	title     string
	line      int
	exchanges []exchange
}

type exchange struct{ request, answer string }

func readAnswers(t *testing.T, path string) []conversation {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []conversation
	var now exchange
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		mark, text, _ := strings.Cut(line, " ")
		end := "\r\n"
		if len(mark) == 2 {
			end = ""
		}
		switch mark {
		case "":
		case "#":
			all = append(all, conversation{title: text, line: i + 1})
		case ">", ">>":
			now.request += unescape(t, text) + end
		case "<", "<<":
			now.answer += unescape(t, text) + end
		case ".":
			c := &all[len(all)-1]
			c.exchanges = append(c.exchanges, now)
			now = exchange{}
		default:
			t.Fatalf("%s:%d: unknown mark %q", path, i+1, mark)
		}
	}
	return all
}

var escapes = regexp.MustCompile(`\\(x[0-9a-f]{2}|.)`)

func unescape(t *testing.T, s string) string {
	t.Helper()
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case 't':
			return "\t"
		case '\\':
			return `\`
		case 'x':
			var b byte
			if _, err := fmt.Sscanf(e[2:], "%02x", &b); err != nil {
				t.Fatalf("escape %q: %v", e, err)
			}
			return string([]byte{b})
		}
		t.Fatalf("unknown escape %q", e)
		return ""
	})
}

var (
	anyServer  = regexp.MustCompile(`(?m)^Server: .*?\r$`)
	anyDate    = regexp.MustCompile(`(?m)^Date: .* 2[0-9]{3} .*\r$`)
	anyExpires = regexp.MustCompile(`expires=[^;]*GMT`)
	anyMessage = regexp.MustCompile(`"message": ".*"`)
	anyLength  = regexp.MustCompile(`(?mi)^(content-length: )\d+`)
)

// like makes wildcards of what the answer wanted has wildcards for.
func like(got, want string) string {
	got = anyServer.ReplaceAllString(got, "Server: *\r")
	if strings.Contains(want, "\r\nDate: *\r\n") {
		got = anyDate.ReplaceAllString(got, "Date: *\r")
	}
	got = anyExpires.ReplaceAllString(got, "expires=*")
	if strings.Contains(want, `"message": *`) {
		got = anyMessage.ReplaceAllString(got, `"message": *`)
		got = anyLength.ReplaceAllString(got, "${1}*")
	}
	if strings.HasSuffix(want, "\r\n\r\n*") {
		head, _, _ := strings.Cut(got, "\r\n\r\n")
		got = anyLength.ReplaceAllString(head, "${1}*") + "\r\n\r\n*"
	}
	return got
}

func newServer(t testing.TB) *Server {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask sends one request and returns everything that comes back.
func ask(t testing.TB, s *Server, request string) string {
	t.Helper()
	c, err := s.DialContext(context.Background(), "tcp", "web-platform.test:8000")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%v after %q", err, answer)
	}
	return string(answer)
}

func TestAnswers(t *testing.T) {
	s := newServer(t)
	asked := make(map[string]bool)
	paths, err := filepath.Glob("testdata/answers/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no answers: %v", err)
	}
	t.Run("all", func(t *testing.T) {
		for _, path := range paths {
			for _, c := range readAnswers(t, path) {
				for _, x := range c.exchanges {
					target := strings.Fields(x.request)[1]
					target, _, _ = strings.Cut(target, "?")
					asked[target] = true
				}
				t.Run(fmt.Sprintf("%s:%d/%s", filepath.Base(path), c.line, c.title), func(t *testing.T) {
					t.Parallel()
					for i, x := range c.exchanges {
						got := like(ask(t, s, x.request), x.answer)
						if diff := cmp.Diff(strings.SplitAfter(x.answer, "\n"), strings.SplitAfter(got, "\n")); diff != "" {
							t.Errorf("request %d, %q: (-upstream +got)\n%s", i+1, x.request, diff)
						}
					}
				})
			}
		}
	})
	// Those have tests of their own below, or are images and documents that
	// replace upstream's.
	for path := range handlers {
		if !asked[path] && !bytes.Contains([]byte(ownTests), []byte(path)) {
			t.Errorf("%s: no answer of upstream's is recorded", path)
		}
	}
	for path := range asIs {
		if !asked[path] && path != "/fetch/h1-parsing/resources/blue-with-0x00-in-a-header.asis" {
			t.Errorf("%s: no answer of upstream's is recorded", path)
		}
	}
}

const ownTests = "/fetch/api/resources/infinite-slow-response.py /xhr/resources/gzip.py /xhr/resources/zlib.py"
