package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A progress bar comes after a second, not more often than can be read, and
// leaves nothing behind.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	begun := time.Now()
	p := &progress{out: &out, size: 200e6, begun: begun, wide: 80}
	p.advance(50e6, begun.Add(999*time.Millisecond))
	p.clear()
	if out.Len() > 0 {
		t.Errorf("before a second: %q", &out)
	}
	p.advance(50e6, begun.Add(2*time.Second))
	if got, want := out.String(), "\r[############............]  50% of 200 MB, 50 MB/s\x1b[K"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	p.advance(1, begun.Add(2*time.Second+50*time.Millisecond))
	if n := strings.Count(out.String(), "\r"); n != 1 {
		t.Errorf("shown %d times", n)
	}
	narrow := &progress{size: 200e6, read: 50e6, begun: begun}
	for wide, want := range map[int]string{25: " 25% of 200 MB, 25 MB/s", 40: "[####.........]  25% of 200 MB, 25 MB/s"} {
		if narrow.wide = wide; len(want) >= wide {
			t.Errorf("%q has no room in %d columns", want, wide)
		}
		if got := narrow.line(begun.Add(2 * time.Second)); got != want {
			t.Errorf("in %d columns: %q, want %q", wide, got, want)
		}
	}
	p.stop()
	p.advance(50e6, begun.Add(3*time.Second))
	if !strings.HasSuffix(out.String(), "\r\x1b[K") {
		t.Errorf("left behind: %q", &out)
	}
	if got, want := (&progress{read: 30e6, begun: begun}).line(begun.Add(3*time.Second)), "30 MB read, 10 MB/s"; got != want {
		t.Errorf("of a pipe: %q, want %q", got, want)
	}
}
