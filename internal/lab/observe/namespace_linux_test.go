package observe

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestIsolatedCommand(t *testing.T) {
	cmd := isolated("/bin/observe", []string{"run", "--browser", "chromium"}, "/d")
	if want := []string{"/bin/observe", "run", "--browser", "chromium"}; !slices.Equal(cmd.Args, want) {
		t.Errorf("runs %q, not %q", cmd.Args, want)
	}
	for name, flag := range map[string]uintptr{
		"network": syscall.CLONE_NEWNET, "mount": syscall.CLONE_NEWNS, "process": syscall.CLONE_NEWPID, "IPC": syscall.CLONE_NEWIPC,
	} {
		if cmd.SysProcAttr.Cloneflags&flag == 0 {
			t.Errorf("no %s namespace of its own", name)
		}
	}
	if cmd.SysProcAttr.Pdeathsig != syscall.SIGKILL {
		t.Error("it outlives its parent")
	}
	if !slices.Contains(cmd.Env, isolatedVariable+"=/d") {
		t.Error("it does not know that it is isolated")
	}
}

func TestPrerequisites(t *testing.T) {
	there := func(string) (string, error) { return "/bin/ip", nil }
	gone := func(string) (string, error) { return "", errors.New("not found") }
	if err := prerequisites(0, there); err != nil {
		t.Error(err)
	}
	err := prerequisites(1000, gone)
	if err == nil || !strings.Contains(err.Error(), "sudo") || !strings.Contains(err.Error(), "iproute2") {
		t.Errorf("what is missing is told as %v", err)
	}
}

func TestSettleNeedsNamespaces(t *testing.T) {
	if Isolated() {
		t.Error("a test takes itself to be isolated")
	}
	if _, err := New(nil, nil); err == nil {
		t.Error("the machine's own mounts would have been changed")
	}
}
