//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const allowedLine = `{"request":{"method":"GET","url":"https://api.example/","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","https://app.example"],["access-control-allow-credentials","true"]]}}` + "\n"

// run begins the command with a standard input that stays open, and returns what it writes
// and, once it has ended, its exit status.
func run(t *testing.T, ctx context.Context, args ...string) (in io.Writer, out, errs *os.File, exit <-chan int) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { writer.Close(); reader.Close() })
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	out, errs = file("out"), file("err")
	ended := make(chan int, 1)
	go func() { ended <- simulate(ctx, &streams{reader, out, errs}, args) }()
	return writer, out, errs, ended
}

func content(t *testing.T, file *os.File) string {
	t.Helper()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// eventually waits until a file holds what it should.
func eventually(t *testing.T, file *os.File, want string) {
	t.Helper()
	for begun := time.Now(); !strings.Contains(content(t, file), want); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%q has no %q", content(t, file), want)
		}
	}
}

// A first interrupt ends the waiting for input, at its beginning and in the middle of it,
// and what was done is said.
func TestReplayIsInterrupted(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.html")
	for _, test := range []struct {
		name, input string
		args        []string
		out, errs   string
	}{
		{"before anything", "", []string{"-"}, "", "simulate replay: interrupted; requests judged until then: 0\n"},
		{"a report", "", []string{"--html", page, "-"}, "", "simulate replay: interrupted; requests judged until then: 0; no report is written\n"},
		{"a copy", "", []string{"--redact", page, "-"}, "", "simulate replay: interrupted; no copy is written\n"},
		{"a copy, begun", `{"log":{"entries":[` + allowedLine, []string{"--redact", page, "-"}, "", "simulate replay: interrupted; no copy is written\n"},
		{"a filter", allowedLine, []string{"--format", "jsonl", "--json", "-"}, `"verdict":"allowed"`, "simulate replay: interrupted; requests judged until then: 1\n"},
		{"a table", strings.Repeat(allowedLine, 64*20), []string{"--list", "-"}, "; what is said is about these alone\n", "simulate replay: interrupted; requests judged until then: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			in, out, errs, ended := run(t, ctx, append([]string{"replay"}, test.args...)...)
			io.WriteString(in, test.input)
			if test.name == "a filter" {
				eventually(t, out, test.out) // while the input is open
			} else {
				time.Sleep(300 * time.Millisecond)
			}
			cancel()
			select {
			case exit := <-ended:
				if exit != exitInterrupted {
					t.Errorf("exit status %d", exit)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on")
			}
			if got := content(t, errs); !strings.HasPrefix(got, test.errs) {
				t.Errorf("%q is said, want %q", got, test.errs)
			}
			if got := content(t, out); !strings.Contains(got, test.out) {
				t.Errorf("%q is written, want %q", got, test.out)
			}
			if left, err := os.ReadDir(filepath.Dir(page)); err != nil || len(left) > 0 {
				t.Errorf("%v are left, %v", left, err)
			}
		})
	}
}

// What is read through an interruptible reader is what was there.
func TestInterruptibleReader(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	got, err := io.ReadAll(interruptible(context.Background(), bytes.NewReader(want)))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
}
