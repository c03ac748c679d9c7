package observe

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// webkit drives WebKitGTK's MiniBrowser, under Xvfb, which it has to itself.
type webkit struct {
	place
	once    sync.Once
	display string
	err     error
}

func (w *webkit) path() (string, error) {
	return w.find("libwebkit2gtk-4.1-0", "/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/lib*/webkit2gtk-4.1/MiniBrowser")
}

func (w *webkit) version() (string, error) {
	if w.built != "" {
		return w.built, nil
	}
	path, err := w.path()
	if err != nil {
		return "", err
	}
	if err := w.startDisplay(); err != nil {
		return "", err
	}
	cmd := exec.Command(path, "--version")
	cmd.Env = environment(os.TempDir(), "DISPLAY="+w.display)
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
	return versionIn(out)
}

func (w *webkit) start(l *launch) (*process, error) {
	path, err := w.path()
	if err != nil {
		return nil, err
	}
	if err := w.startDisplay(); err != nil {
		return nil, err
	}
	cmd := w.command(path, "--ignore-tls-errors", "--cookies-policy=always",
		"--enable-write-console-messages-to-stdout=true", l.url)
	cmd.Env = environment(l.dir, "DISPLAY="+w.display, "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1")
	return run(cmd, "observed", l.log, parseWebKit)
}

// startDisplay starts Xvfb, once; the kernel ends it with the namespace.
func (w *webkit) startDisplay() error {
	w.once.Do(func() {
		path, err := find("xvfb", "Xvfb")
		if err != nil {
			w.err = err
			return
		}
		read, write, err := os.Pipe()
		if err != nil {
			w.err = err
			return
		}
		defer read.Close()
		cmd := exec.Command(path, "-displayfd", "3", "-nolock", "-nolisten", "tcp", "-nolisten", "unix", "-screen", "0", "800x600x24")
		cmd.ExtraFiles = []*os.File{write}
		cmd.Env = environment(os.TempDir())
		w.err = cmd.Start()
		write.Close()
		if w.err != nil {
			return
		}
		go cmd.Wait()
		number, err := bufio.NewReader(read).ReadString('\n')
		if err != nil {
			w.err = fmt.Errorf("waiting for Xvfb to name its display: %w", err)
			return
		}
		w.display = ":" + strings.TrimSpace(number)
	})
	return w.err
}

// parseWebKit reads a line such as "CONSOLE SECURITY ERROR message" or, where the
// message has a source, "http://a.test/:1:2: CONSOLE JS ERROR message".
func parseWebKit(line string) (string, bool) {
	if text, ok := strings.CutPrefix(line, "CONSOLE "); ok {
		return text, true
	}
	_, text, ok := strings.Cut(line, ": CONSOLE ")
	return text, ok
}
