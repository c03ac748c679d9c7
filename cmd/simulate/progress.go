package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"
)

// A progress passes an input on and shows on standard error how far the reading
// is, once that takes long.
type progress struct {
	in   io.Reader
	out  io.Writer // nil shows nothing
	size int64     // of the input; 0 where that is not known
	wide int       // how many columns there are

	mu     sync.Mutex
	begun  time.Time
	latest time.Time // when it was last shown
	read   int64
	shown  bool
}

const (
	progressAfter = time.Second // shorter work shows nothing
	progressEvery = 100 * time.Millisecond
)

// progress returns in with a progress bar, if standard error is a terminal and
// nothing else is written to it meanwhile.
func (r *replayRun) progress(std *streams, in io.Reader) *progress {
	p := &progress{in: in, begun: time.Now(), wide: columns(std.err)}
	if addressable(std.err) && (!terminal(std.out) || r.table() && !r.list) {
		p.out = std.err
	}
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			p.size = info.Size()
		}
	}
	return p
}

// Read implements [io.Reader].
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	p.advance(n, time.Now())
	return n, err
}

func (p *progress) advance(n int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read += int64(n)
	if now.Sub(p.begun) < progressAfter || now.Sub(p.latest) < progressEvery || p.out == nil {
		return
	}
	p.latest, p.shown = now, true
	io.WriteString(p.out, "\r"+p.line(now)+"\x1b[K")
}

// line says how far the reading is, in less than 60 columns, or in 36 with no bar.
func (p *progress) line(now time.Time) string {
	mega := float64(p.read) / 1e6
	speed := mega / max(now.Sub(p.begun).Seconds(), 0.001)
	if p.size <= 0 {
		return fmt.Sprintf("%.0f MB read, %.0f MB/s", mega, speed)
	}
	part := min(float64(p.read)/float64(p.size), 1)
	text := fmt.Sprintf("%3.0f%% of %.0f MB, %.0f MB/s", 100*part, float64(p.size)/1e6, speed)
	width := min(24, p.wide-len(text)-4)
	if width < 4 {
		return text
	}
	full := int(math.Ceil(part * float64(width)))
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] " + text
}

// clear makes room for another line on the terminal.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		io.WriteString(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// stop shows nothing from now on.
func (p *progress) stop() {
	p.clear()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = nil
}
