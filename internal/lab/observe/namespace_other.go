//go:build !linux

package observe

import (
	"errors"
	"os/exec"
)

var errLinux = errors.New("observing browsers needs the namespaces of Linux")

// Isolated reports whether this process is in namespaces of its own.
func Isolated() bool { return false }

// Isolate needs Linux.
func Isolate() (exitCode int, err error) { return 0, errLinux }

func settle(string, []string) (string, error) { return "", errLinux }

func group(*exec.Cmd) {}

func changeRoot(*exec.Cmd, string) {}

func enter(string, string) error { return errLinux }

func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }

func makePipe(string) error { return errLinux }
