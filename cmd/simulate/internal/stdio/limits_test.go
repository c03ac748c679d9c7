package stdio

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/scenario"
)

// serving a client that writes lines to in, and reads answers from out.
func serveLines(t *testing.T, ctx context.Context) (in io.Writer, out *bufio.Reader, ended <-chan error) {
	t.Helper()
	read, in2 := io.Pipe()
	answers, write := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- new(Server).Serve(ctx, read, write) }()
	t.Cleanup(func() { in2.Close(); answers.Close() })
	return in2, bufio.NewReader(answers), done
}

// readAnswers reads n answers, by their ids.
func readAnswers(t *testing.T, out *bufio.Reader, n int) map[string]string {
	t.Helper()
	answers := map[string]string{}
	for range n {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var a struct{ ID json.RawMessage }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers[string(a.ID)] = line
	}
	return answers
}

// A client that does not read the answers cannot go on asking, and is ended with the rest.
func TestNobodyReads(t *testing.T) {
	for name, line := range map[string]string{
		"fetch": `{"id":%d,"op":"fetch","client":{"url":"http://a/"},"step":{"url":"data:,x"}}`,
		"run":   `{"id":%d,"op":"run","scenario":{"client":{"url":"http://a/"},"steps":[{"url":"data:,x"}]}}`,
		"url":   `{"id":%d,"op":"url","url":"http://a/"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			in, _, ended := serveLines(t, ctx)
			var taken atomic.Int64
			go func() {
				for i := range 10 * maxInProgress {
					if _, err := fmt.Fprintf(in, line+"\n", i); err != nil {
						return
					}
					taken.Add(1)
				}
			}()
			for last, begun := int64(-1), time.Now(); taken.Load() != last; time.Sleep(200 * time.Millisecond) {
				if last = taken.Load(); time.Since(begun) > 20*time.Second {
					t.Fatal("it takes more and more")
				}
			}
			const buffered = 4096 // lines in the buffers of whoever reads
			if n := taken.Load(); n > maxInProgress+maxWaiting+buffered {
				t.Errorf("%d requests were taken", n)
			}
			cancel()
			select {
			case err := <-ended:
				if err != context.Canceled {
					t.Error(err)
				}
			case <-time.After(10 * lastAnswers):
				t.Error("it goes on")
			}
		})
	}
}

// Where as much is under way as may be, requests wait in their order, and abort does not.
func TestWaiting(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(hang)
	in, out, ended := serveLines(t, context.Background())
	fetch := `{"id":%d,"op":"fetch","client":{"url":"` + server.URL + `"},"step":{"url":"/"}}` + "\n"
	for id := range maxInProgress {
		fmt.Fprintf(in, fetch, id)
	}
	// These wait, and what is behind them.
	fmt.Fprintf(in, `{"id":"first","op":"fetch","client":{"url":"http://a/"},"step":{"url":"data:,x"}}`+"\n")
	fmt.Fprintf(in, `{"id":"second","op":"run","scenario":{"client":{"url":"http://a/"},"steps":[{"url":"data:,x"}]}}`+"\n")
	fmt.Fprintf(in, `{"id":"third","op":"url","url":"http://a/"}`+"\n")
	fmt.Fprintf(in, `{"id":"one","op":"abort","target":"\u0066irst"}`+"\n")
	if got := readAnswers(t, out, 1); got[`"one"`] == "" {
		t.Errorf("got %v", got)
	}
	fmt.Fprintf(in, `{"id":"two","op":"abort","target":7.0}`+"\n")
	got := readAnswers(t, out, 5)
	for id, part := range map[string]string{
		`"two"`: `{"id":"two"}`, "7": `"reason":"aborted"`, `"first"`: `"reason":"aborted"`, `"second"`: `"body":"x"`, `"third"`: `"href":"http://a/"`,
	} {
		if !strings.Contains(got[id], part) {
			t.Errorf("%s is answered with %s, want %s", id, got[id], part)
		}
	}
	for id := range maxInProgress {
		fmt.Fprintf(in, `{"id":"abort %d","op":"abort","target":%d}`+"\n", id, id)
		if id != 7 {
			readAnswers(t, out, 2)
		} else {
			readAnswers(t, out, 1)
		}
	}
	in.(io.Closer).Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestIDs(t *testing.T) {
	for _, id := range []string{`"a"`, `"\u0061\ud83d\ude00"`, `"é"`, `""`, `0`, `-1`, `1.50`, `1e400`, `123456789012345678901234567890`, `"<&>"`} {
		if got := answersOf(t, `{"op":"reset","id":`+id+`}`)[id]; len(got) != 1 || got[0] != `{"id":`+id+`}` {
			t.Errorf("%s is answered with %q", id, got)
		}
	}
	got := answersOf(t, "{\"id\":\"\xff\",\"op\":\"reset\"}")["null"]
	if len(got) != 1 || got[0] != `{"id":null,"error":"id: is not UTF-8, and so no JSON"}` {
		t.Errorf("got %q", got)
	}
	for id, same := range map[string]string{`"a"`: `"\u0061"`, "1": "1.0", "100": "1e2", "-0": "0"} {
		if keyOf(json.RawMessage(id)) != keyOf(json.RawMessage(same)) {
			t.Errorf("%s and %s are not the same", id, same)
		}
	}
	for id, other := range map[string]string{`"1"`: "1", "1": "2", "9007199254740993": "9007199254740992", "1e400": "1e401"} {
		if keyOf(json.RawMessage(id)) == keyOf(json.RawMessage(other)) {
			t.Errorf("%s and %s are the same", id, other)
		}
	}
}

// The limits that PROTOCOL.md names.
func TestLimits(t *testing.T) {
	var size atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		zeros := []byte(strings.Repeat("a", 1<<20))
		for n := size.Load(); n > 0; n -= int64(len(zeros)) {
			z.Write(zeros[:min(n, int64(len(zeros)))])
		}
		z.Close()
	}))
	defer server.Close()
	step := `"op":"fetch","client":{"url":"` + server.URL + `"},"step":{"url":"/"`
	for _, test := range []struct {
		size int64
		step string
		want string
	}{
		{scenario.MaxBody, "}", `"body":"aaaa`}, {scenario.MaxBody + 1, "}", `"result":"response"`},
		{scenario.MaxBody + 1, `,"integrity":"sha256-AAAA"}`, `"reason":"integrity"`},
	} {
		size.Store(test.size)
		got := answersOf(t, `{"id":1,`+step+test.step+`}`)["1"]
		if len(got) != 1 || !strings.Contains(got[0], test.want) || test.size > scenario.MaxBody && strings.Contains(got[0], `"body"`) {
			t.Errorf("%d bytes, %s: got %.200q", test.size, test.step, got)
		}
	}
	if got := answersOf(t, `{"id":1,"op":"url","url":"`+strings.Repeat("a", maxLine)+`"}`, `{"id":2,"op":"reset"}`); len(got["null"]) != 1 || len(got["2"]) != 1 {
		t.Errorf("a line that is too long is answered with %.200q", got)
	}
}
