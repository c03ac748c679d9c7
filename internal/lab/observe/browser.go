package observe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A driver starts a browser.
type driver interface {
	// version returns the version of the browser that is installed.
	version() (string, error)
	// start starts the browser with a new profile.
	start(l *launch) (*process, error)
}

// drivers make drivers, by the browser's name.
var drivers = map[string]func(place) driver{
	"chromium": func(p place) driver { return chromium{p} },
	"firefox":  func(p place) driver { return firefox{p} },
	"webkit":   func(p place) driver { return &webkit{place: p} },
}

// A launch is what a browser is started with.
type launch struct {
	dir         string // an empty directory for its profile and all that it writes
	url         string // of the page that it opens
	authority   string // file of the certificate authority, PEM
	fingerprint string // of the servers' key, as Chromium wants it
	log         io.Writer
	permits     permissions // of every page
	// localNetworks says that Local Network Access is as the browser ships it, and not switched off.
	localNetworks bool
}

// A process is a browser that runs.
type process struct {
	// mark is what the runner logs after a step: this and a number. What the
	// browser logs of it ends what it logged for the step.
	mark     string
	messages chan string // what it logged
	exited   chan struct{}
	end      func() // ends it and all that it started
}

// environment returns that of a browser which is to touch nothing outside of dir.
// WebKit says the language to servers, and must say the same on every machine.
func environment(dir string, more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=en_US.UTF-8", "TMPDIR=" + dir,
		"XDG_RUNTIME_DIR=" + dir, "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"), "XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "NO_AT_BRIDGE=1",
	}, more...)
}

// run starts a browser whose console is among what it writes to its standard
// output and error: each line that parse says to be a message.
func run(cmd *exec.Cmd, mark string, log io.Writer, parse func(line string) (string, bool)) (*process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd.Stdout, cmd.Stderr = write, write
	p, err := start(cmd, mark)
	if err != nil {
		read.Close()
		return nil, err
	}
	go p.scan(read, log, parse)
	return p, nil
}

// start starts a browser, in a process group of its own.
func start(cmd *exec.Cmd, mark string) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := newProcess(mark)
	p.end = func() { killGroup(cmd) }
	go func() {
		cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func newProcess(mark string) *process {
	return &process{mark: mark, messages: make(chan string, 1024), exited: make(chan struct{})}
}

// scan reads messages, one a line.
func (p *process) scan(from io.ReadCloser, log io.Writer, parse func(line string) (string, bool)) {
	defer from.Close()
	in := bufio.NewReaderSize(from, 64<<10)
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			if text, ok := parse(line); ok {
				p.messages <- text
			} else {
				fmt.Fprintln(log, line)
			}
		}
		if err != nil {
			return
		}
	}
}

// forget drops what was logged so far, which is about nothing that is still
// running.
func (p *process) forget() {
	for {
		select {
		case <-p.messages:
		default:
			return
		}
	}
}

// collect returns what the browser logged up to a mark, which may not come at
// all where a browser logs lazily.
func (p *process) collect(mark string, patience time.Duration) (console []string, ok bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case text := <-p.messages:
			if strings.Contains(text, mark) {
				return console, true
			}
			if !strings.Contains(text, p.mark) {
				console = append(console, text)
			}
		case <-timer.C:
			return console, false
		}
	}
}

// kill ends the browser, and returns once it has ended.
func (p *process) kill() {
	p.end()
	for {
		select {
		case <-p.messages: // which nobody is to wait with
		case <-p.exited:
			return
		}
	}
}

// find returns the path of the first of some programs that is there; pkg is the
// package that has it.
func find(pkg string, programs ...string) (string, error) {
	for _, program := range programs {
		if matches, _ := filepath.Glob(program); len(matches) > 0 {
			return matches[len(matches)-1], nil
		}
		if path, err := exec.LookPath(program); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: install the package %s", programs[0], pkg)
}

// versionIn returns the part of a program's output that looks like a version.
func versionIn(output []byte) (string, error) {
	for field := range strings.FieldsSeq(string(output)) {
		if field[0] >= '0' && field[0] <= '9' {
			return strings.TrimSuffix(field, "esr"), nil
		}
	}
	return "", fmt.Errorf("no version in %q", output)
}

// errExited says that a browser ended by itself.
var errExited = errors.New("the browser ended")

// A safeWriter lets several goroutines write.
type safeWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes p in one piece.
func (s *safeWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
