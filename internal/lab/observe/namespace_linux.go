package observe

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// isolatedVariable is set in the environment of a process that was started in
// namespaces of its own, to the directory that it may use.
const isolatedVariable = "CORSIM_OBSERVE_ISOLATED"

// Isolated reports whether this process is in namespaces of its own.
func Isolated() bool { return os.Getenv(isolatedVariable) != "" && os.Getpid() == 1 }

// Isolate runs this program once more, with the same arguments, in network,
// mount, process and IPC namespaces of its own, and returns its exit code. There
// the kernel gives it no network but a loopback interface, any port, and ends
// every process with it.
func Isolate() (exitCode int, err error) {
	if err := prerequisites(os.Geteuid(), exec.LookPath); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "corsim-observe-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := isolated(program, os.Args[1:], dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("starting in namespaces of its own (does the kernel, or the container, allow them?): %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case <-signals:
			cmd.Process.Kill() // and the kernel all others there
			continue
		case err = <-done:
		}
		break
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// prerequisites returns what is missing for namespaces.
func prerequisites(uid int, look func(string) (string, error)) error {
	var missing []string
	if uid != 0 {
		missing = append(missing, "root's rights, for namespaces and ports of its own: run it with sudo")
	}
	if _, err := look("ip"); err != nil {
		missing = append(missing, "the command ip, for the loopback interface: install the package iproute2")
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("observing browsers needs\n  %s", strings.Join(missing, "\n  "))
}

// isolated returns the command that runs program in namespaces of its own.
func isolated(program string, args []string, dir string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), isolatedVariable+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	return cmd
}

// settle makes the namespaces a place to observe in, where hosts is the text of
// /etc/hosts. It returns the directory for what is to go with them.
func settle(hosts string, addresses []string) (dir string, err error) {
	if !Isolated() {
		return "", errors.New("not in namespaces of its own: call Isolate first")
	}
	dir = os.Getenv(isolatedVariable)
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return "", fmt.Errorf("making mounts private: %w", err)
	}
	// What is written there is in memory, and is gone with the namespace.
	for _, tmpfs := range []string{dir, "/dev/shm"} {
		err := syscall.Mount("tmpfs", tmpfs, "tmpfs", 0, "mode=1777")
		if err != nil && !errors.Is(err, syscall.ENOENT) {
			return "", fmt.Errorf("mounting memory at %s: %w", tmpfs, err)
		}
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return "", fmt.Errorf("mounting /proc: %w", err)
	}
	for path, content := range map[string]string{"/etc/hosts": hosts, "/etc/resolv.conf": ""} {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return "", err
		}
		if err := syscall.Mount(file, path, "", syscall.MS_BIND, ""); err != nil {
			return "", fmt.Errorf("replacing %s: %w", path, err)
		}
	}
	for _, args := range loopback {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	for _, address := range addresses {
		bits := "/32"
		if strings.Contains(address, ":") {
			bits = "/128"
		}
		args := []string{"address", "add", address + bits, "dev", "lo"}
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	return dir, nil
}

// enter makes a root directory a place for a browser: with the devices, the processes and the names of the namespaces, and
// the directory that the observer has.
func enter(root, dir string) error {
	for _, path := range []string{"/etc/hosts", "/etc/resolv.conf"} {
		// What a bare system has there may be a link to nothing. A file stays: removing it would undo the mounts of
		// other observers that run now.
		path = filepath.Join(root, path)
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			continue
		}
		os.Remove(path)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return err
		}
	}
	for _, path := range []string{"/proc", "/sys", "/dev", dir, "/etc/hosts", "/etc/resolv.conf"} {
		to := filepath.Join(root, path)
		if path == dir {
			if err := os.MkdirAll(to, 0o755); err != nil {
				return err
			}
		}
		if err := syscall.Mount(path, to, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			return fmt.Errorf("mounting %s in %s: %w", path, root, err)
		}
	}
	return nil
}

// loopback is what sets up the only interface. Without a second address
// getaddrinfo with AI_ADDRCONFIG, as GLib calls it, takes the machine to have no
// IPv4.
var loopback = [][]string{
	{"link", "set", "lo", "up"},
	{"address", "add", "127.0.0.2/32", "dev", "lo"},
}
