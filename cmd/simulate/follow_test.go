//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// logLine returns a line of an access log.
func logLine(allow string) string {
	return `{"accessLog":"haproxy","ts":1796122443.651,"request":{"method":"GET","scheme":"https","host":"api.example","uri":"/","headers":[["origin","https://app.example"],["cookie","yes"]]},` +
		`"response":{"status":200,"headers":[["access-control-allow-origin","` + allow + `"],["access-control-allow-credentials","true"]]}}` + "\n"
}

// A growing log is read on, also when it is rotated or cut, until the interrupt, which ends it and
// not the report.
func TestFollow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	good, bad := logLine("https://app.example"), logLine("")
	write := func(text string, flags int) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|flags, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	write(strings.Repeat(good, 3), 0)
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	_, out, errs, exit := run(t, ctx, "replay", "--follow", "--every", "50ms", "--max-refused", "25%", name)
	eventually(t, out, "refused: 0 of 3 cross-origin requests (0%), not more than 25%")
	write(bad+good[:20], os.O_APPEND) // a line is written in two pieces
	eventually(t, out, "refused: 1 of 4 cross-origin requests (25%), not more than 25%")
	write(good[20:], os.O_APPEND)
	eventually(t, out, "refused: 1 of 5 ")
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	write(bad, 0)
	eventually(t, out, "refused: 2 of 6 ")
	write("", os.O_TRUNC)
	time.Sleep(3 * followPause) // what grows again to its old size at once looks as if nothing happened
	write(bad, os.O_APPEND)
	eventually(t, out, "refused: 3 of 7 cross-origin requests (42.9%), more than 25%")
	interrupt()
	if got := <-exit; got != exitBlocked {
		t.Errorf("exit status %d, want %d; %s", got, exitBlocked, content(t, errs))
	}
	report := content(t, out)
	if !strings.Contains(report, "3 × blocked at https://api.example") {
		t.Errorf("the report:\n%s", report)
	}
}

// --max-refused decides about the exit status, and what is undecidable is not refused.
func TestMaxRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	text := strings.Repeat(logLine("https://app.example"), 8) + strings.Repeat(logLine(""), 2)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for share, want := range map[string]int{"0": exitBlocked, "0.1%": exitBlocked, "19.9%": exitBlocked, "20%": exitAllowed, "0.2": exitAllowed, "100%": exitAllowed, "20": exitUsage, "-1%": exitUsage, "x": exitUsage} {
		_, out, errs, exit := run(t, context.Background(), "replay", "--max-refused", share, name)
		if got := <-exit; got != want {
			t.Errorf("%s: exit status %d, want %d\n%s%s", share, got, want, content(t, out), content(t, errs))
		}
	}
}
