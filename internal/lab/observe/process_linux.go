package observe

import (
	"os/exec"
	"syscall"
)

// group has a command start in a process group of its own.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends the process group of a command.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// makePipe makes a pipe that has a name.
func makePipe(path string) error { return syscall.Mkfifo(path, 0o600) }

// changeRoot has a command start with another root directory.
func changeRoot(cmd *exec.Cmd, root string) {
	cmd.SysProcAttr.Chroot = root
	cmd.Dir = "/"
}
