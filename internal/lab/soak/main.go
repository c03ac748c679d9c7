//go:build linux

// Command soak drives one simulate stdio for a long time, against a server that injects faults at random, and checks that each
// request is answered once, that what no fault concerns comes out right, and that memory, goroutines' sockets and files do not grow.
//
//	go build -o /tmp/simulate ./cmd/simulate && go run ./internal/lab/soak -simulate /tmp/simulate -for 1h
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	simulate := flag.String("simulate", "simulate", "the command")
	length := flag.Duration("for", time.Minute, "how long")
	seed := flag.Uint64("seed", 1, "what the faults are chosen by")
	flag.Parse()
	if err := soak(*simulate, *length, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// faults are what the server does instead of answering, by path.
var faults = map[string]func(c net.Conn, r *rand.Rand){
	"reset":   func(c net.Conn, _ *rand.Rand) { c.(*net.TCPConn).SetLinger(0) },
	"silent":  func(c net.Conn, r *rand.Rand) { time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond) },
	"close":   func(net.Conn, *rand.Rand) {},
	"cut":     func(c net.Conn, r *rand.Rand) { write(c, good[:r.IntN(len(good))]) },
	"garbage": func(c net.Conn, r *rand.Rand) { write(c, noise(r, 1+r.IntN(5000))) },
	"slow": func(c net.Conn, r *rand.Rand) {
		for i := range len(good) {
			if write(c, good[i:i+1]) != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	},
	"changed": func(c net.Conn, r *rand.Rand) {
		b := []byte(good)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		write(c, string(b))
	},
	"interim": func(c net.Conn, r *rand.Rand) {
		write(c, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", r.IntN(40))+good)
	},
	"headers": func(c net.Conn, r *rand.Rand) {
		write(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-A: "+strings.Repeat("x", r.IntN(100))+"\r\n", r.IntN(20000))+"\r\n")
	},
	"long": func(c net.Conn, r *rand.Rand) {
		write(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n"+strings.Repeat("x", r.IntN(4<<20)))
	},
}

const good = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\nhello"

func write(c net.Conn, s string) error {
	_, err := c.Write([]byte(s))
	return err
}

func noise(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return string(b)
}

func serve(l net.Listener, seed uint64) {
	for n := uint64(0); ; n++ {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			r := rand.New(rand.NewPCG(seed, n))
			in := bufio.NewReader(c)
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				for rest := line; rest != "\r\n"; {
					if rest, err = in.ReadString('\n'); err != nil {
						return
					}
				}
				_, path, _ := strings.Cut(line, " /")
				path, _, _ = strings.Cut(path, "?")
				if fault, ok := faults[path]; ok {
					fault(c, r)
					return
				}
				if write(c, good) != nil {
					return
				}
			}
		}()
	}
}

// soak runs requests, 64 at a time.
func soak(simulate string, length time.Duration, seed uint64) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	go serve(l, seed)
	cmd := exec.Command(simulate, "stdio", "--browser", "chromium")
	cmd.Env = append(os.Environ(), "NO_PROXY=*")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := &watch{asked: make(map[string]string), places: make(chan struct{}, 64), counts: make(map[string]int)}
	ended := make(chan error, 1)
	go func() { ended <- w.read(bufio.NewReaderSize(out, 1<<20)) }()
	kinds := []string{"good", "good"}
	for kind := range faults {
		kinds = append(kinds, kind)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	begun, next := time.Now(), time.Now()
	mostMemory, mostFiles := 0, 0
	for n := 0; time.Since(begun) < length && w.failed.Load() == nil; n++ {
		w.places <- struct{}{}
		time.Sleep(time.Millisecond) // it is about time, not speed
		kind, id := kinds[r.IntN(len(kinds))], strconv.Itoa(n)
		w.ask(id, kind)
		fmt.Fprintf(in, `{"id":%s,"op":"fetch","session":"%d","timeoutMs":%d,"client":{"url":"http://127.0.0.1:1/"},"step":{"url":"http://%s/%s?%[1]s"}}`+"\n", id, n%7, 1000+r.IntN(2000), l.Addr(), kind)
		if r.IntN(20) == 0 {
			w.ask(`"abort`+id+`"`, "abort")
			fmt.Fprintf(in, `{"id":"abort%s","op":"abort","target":%[1]s}`+"\n", id)
		}
		if r.IntN(500) == 0 {
			fmt.Fprintf(in, "%s\n", strings.ReplaceAll(noise(r, 200), "\n", "")) // is answered with an error
		}
		if time.Now().After(next) {
			next = time.Now().Add(time.Second)
			memory, files := use(cmd.Process.Pid)
			mostMemory, mostFiles = max(mostMemory, memory), max(mostFiles, files)
		}
	}
	in.Close()
	if err := errors.Join(<-ended, cmd.Wait()); err != nil {
		return err
	}
	if err := w.failed.Load(); err != nil {
		return *err
	}
	if len(w.asked) > 0 {
		return fmt.Errorf("%d requests are not answered, such as %v", len(w.asked), w.asked)
	}
	fmt.Printf("%s: %d answers; at most %d MB and %d files and sockets\n", time.Since(begun).Round(time.Second), w.answers, mostMemory, mostFiles)
	for kind, n := range w.counts {
		fmt.Printf("%8d %s\n", n, kind)
	}
	if mostMemory > 200 || mostFiles > 1000 {
		return errors.New("that is too much")
	}
	return nil
}

// A watch knows what is not answered yet.
type watch struct {
	mu      sync.Mutex
	asked   map[string]string // the fault, by id
	counts  map[string]int
	answers int
	places  chan struct{}
	failed  atomic.Pointer[error]
}

func (w *watch) ask(id, kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[id] = kind
}

func (w *watch) read(in *bufio.Reader) error {
	for {
		line, err := in.ReadBytes('\n')
		if len(line) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.answer(line); err != nil {
			w.failed.CompareAndSwap(nil, &err)
		}
	}
}

func (w *watch) answer(line []byte) error {
	var a struct {
		ID      json.RawMessage
		Error   string
		Outcome struct{ Result, Body, Reason string }
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers++
	id := string(a.ID)
	if id == "null" && a.Error != "" {
		w.counts["lines of noise"]++
		return nil
	}
	kind, ok := w.asked[id]
	if !ok {
		return fmt.Errorf("%s was not asked, or is answered twice: %.200s", id, line)
	}
	delete(w.asked, id)
	if kind == "abort" {
		return nil
	}
	<-w.places
	step := a.Outcome
	if step.Result == "" {
		return fmt.Errorf("%s has no outcome: %.200s", id, line)
	}
	w.counts[strings.TrimSpace(kind+" "+step.Result+" "+step.Reason)]++
	// It may have waited for one of the six connections in vain, or was aborted.
	inVain := step.Reason == "aborted" || step.Reason == "timeout"
	if kind == "good" && !inVain && (step.Result != "response" || step.Body != "hello") {
		return fmt.Errorf("a good answer comes out as %.200s", line)
	}
	return nil
}

// use returns the megabytes that a process has in memory, and how many files it has open.
func use(pid int) (megabytes, files int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	if fields := strings.Fields(rest); len(fields) > 0 {
		kilobytes, _ := strconv.Atoi(fields[0])
		megabytes = kilobytes >> 10
	}
	open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	return megabytes, len(open)
}
