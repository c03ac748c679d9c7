//go:build linux

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const recording = "../../testdata/recordings/chromium-devtools.har"

// simulated returns the command, as a process of its own. [testscript.Main] has put it
// into PATH.
func simulated(args ...string) *exec.Cmd { return exec.Command("simulate", args...) }

// exitOfProcess returns the exit status with which a process ended.
func exitOfProcess(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatal(err)
	}
	return e.ExitCode()
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// silent returns the address of a server that takes connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// A signal leaves nothing of a file behind, whichever command writes it.
func TestSignalsLeaveNoFiles(t *testing.T) {
	contract := writeFile(t, filepath.Join(t.TempDir(), "c"), "base http://"+silent(t)+"\npage http://app.example\n  allow GET /x\n")
	for _, test := range []struct {
		name string
		args []string
	}{
		{"replay, reading", []string{"replay", "--html", "OUT", "--sarif", "OUT2", "-"}},
		{"redact, reading", []string{"replay", "--redact", "OUT", "-"}},
		{"test, waiting", []string{"test", "--junit", "OUT", "--sarif", "OUT2", contract}},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			t.Run(test.name+"/"+sig.String(), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				var args []string
				for _, arg := range test.args {
					if strings.HasPrefix(arg, "OUT") {
						arg = filepath.Join(dir, arg)
					}
					args = append(args, arg)
				}
				cmd := simulated(args...)
				in, err := cmd.StdinPipe() // which stays open
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				var errs bytes.Buffer
				cmd.Stderr = &errs
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				for begun := time.Now(); len(files(t, dir)) == 0; time.Sleep(5 * time.Millisecond) {
					if time.Since(begun) > 20*time.Second {
						cmd.Process.Kill()
						t.Fatal("no file is begun")
					}
				}
				cmd.Process.Signal(sig)
				if exit := exitOfProcess(t, cmd.Wait()); exit != exitInterrupted || !strings.Contains(errs.String(), "interrupted") {
					t.Errorf("exit status %d, %s", exit, errs.String())
				}
				if left := files(t, dir); left != nil {
					t.Errorf("%v are left", left)
				}
			})
		}
	}
}

// stdio ends with a signal, whether it waits for input or for somebody to read its answers.
func TestStdioIsInterrupted(t *testing.T) {
	for _, lines := range []int{0, 20_000} {
		cmd := simulated("stdio")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.StdoutPipe(); err != nil { // which nobody reads
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go io.WriteString(in, strings.Repeat(`{"id":1,"op":"url","url":"http://a.example/"}`+"\n", lines))
		time.Sleep(300 * time.Millisecond)
		begun := time.Now()
		cmd.Process.Signal(syscall.SIGTERM)
		if state, err := cmd.Process.Wait(); err != nil || state.ExitCode() != exitInterrupted {
			t.Errorf("%d lines: %v, %v", lines, state, err)
		}
		if took := time.Since(begun); took > 2*patience {
			t.Errorf("%d lines: it took %v to end", lines, took)
		}
	}
}

// Who closes the pipe that a command writes to has seen enough: it ends, silently, and
// leaves no file.
func TestClosedPipe(t *testing.T) {
	dir := t.TempDir()
	big := writeFile(t, filepath.Join(t.TempDir(), "big.jsonl"), strings.Repeat(allowedLine, 50_000))
	cmd := simulated("replay", "--html", filepath.Join(dir, "page.html"), "--list", big)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(out, 16).ReadString('\n'); err != nil {
		t.Error(err)
	}
	out.Close()
	if exit := exitOfProcess(t, cmd.Wait()); exit != exitClosed || errs.Len() > 0 {
		t.Errorf("exit status %d, %s", exit, errs.String())
	}
	if left := files(t, dir); left != nil {
		t.Errorf("%v are left", left)
	}
}

// What cannot be written fails the command, whichever it is.
func TestLostOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	server := newTestServer()
	defer server.close()
	contract := writeFile(t, filepath.Join(t.TempDir(), "c"), "base http://"+server.web+"\npage http://app.example\n  allow GET /any\n")
	scenario := writeFile(t, filepath.Join(t.TempDir(), "s"), `{"client":{"url":"https://app.example/"},"steps":[{"url":"data:,x"}]}`)
	request := `{"id":1,"op":"reset"}` + "\n"
	for _, args := range [][]string{
		{"check", "http://" + server.web + "/any", "--origin", "https://app.example"}, {"check", "--json", "http://" + server.web + "/any", "--origin", "https://app.example"},
		{"explain", "--reason", "missing-allow-origin"}, {"probe", "http://" + server.web + "/any", "--origin", "https://app.example"},
		{"probe", "--dry-run", "http://" + server.web + "/any", "--origin", "https://app.example"},
		{"replay", recording}, {"replay", "--exit-zero", "--json", recording}, {"replay", "--redact", "-", recording}, {"replay", "--html", "-", recording},
		{"cost", "--requests", "30"}, {"cost", recording}, {"run", scenario}, {"test", contract}, {"test", "--junit", "-", contract},
		{"quirks"}, {"wpt", "cors/origin.htm*"}, {"stdio"}, {"help"}, {"help", "check"}, {"version"}, {"check", "--help"},
	} {
		t.Run(strings.Join(args[:min(2, len(args))], " "), func(t *testing.T) {
			cmd := simulated(args...)
			var errs bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(request), full, &errs
			if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage || !strings.Contains(errs.String(), "no space left") {
				t.Errorf("exit status %d, %s", exit, errs.String())
			}
		})
	}
}

// A file that does not fit is not there, and the one that it was to replace is as it was.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	old := writeFile(t, filepath.Join(dir, "old.html"), "as it was")
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, `{"request":{"method":"GET","url":"https://api%d.example/%d","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[]}}`+"\n", i, i)
	}
	big := writeFile(t, filepath.Join(t.TempDir(), "big.jsonl"), lines.String())
	for _, flag := range []string{"--html " + old, "--sarif " + filepath.Join(dir, "new.sarif"), "--redact " + filepath.Join(dir, "copy.har")} {
		cmd := exec.Command("sh", "-c", "ulimit -f 8; exec simulate replay "+flag+" "+big)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage || !strings.Contains(errs.String(), "too large") {
			t.Errorf("%s: exit status %d, %s", flag, exit, errs.String())
		}
		if left := files(t, dir); len(left) != 1 {
			t.Errorf("%s leaves %v", flag, left)
		}
	}
	if got, err := os.ReadFile(old); err != nil || string(got) != "as it was" {
		t.Errorf("%.20q, %v", got, err)
	}
}

// A new file is as private as the user has files, and one that is replaced stays as it was.
func TestPermissions(t *testing.T) {
	for _, test := range []struct {
		umask   string
		old     os.FileMode // 0 for none
		want    os.FileMode
		through string // a symbolic link
	}{
		{umask: "077", want: 0o600}, {umask: "022", want: 0o644}, {umask: "002", want: 0o664},
		{umask: "022", old: 0o600, want: 0o600}, {umask: "077", old: 0o664, want: 0o664}, {umask: "000", old: 0o400, want: 0o400},
		{umask: "022", old: 0o600, want: 0o600, through: "link"}, {umask: "077", want: 0o600, through: "link"},
	} {
		for _, flag := range []string{"--html", "--redact"} {
			dir := t.TempDir()
			name := filepath.Join(dir, "out")
			asked := name
			if test.old != 0 {
				writeFile(t, name, "x")
				if err := os.Chmod(name, test.old); err != nil {
					t.Fatal(err)
				}
			}
			if test.through != "" {
				asked = filepath.Join(dir, test.through)
				if err := os.Symlink("out", asked); err != nil {
					t.Fatal(err)
				}
			}
			out, err := exec.Command("sh", "-c", "umask "+test.umask+"; exec simulate replay "+flag+" "+asked+" "+recording).CombinedOutput()
			if exit := exitOfProcess(t, err); exit == exitUsage {
				t.Fatalf("%s", out)
			}
			info, err := os.Lstat(name)
			if err != nil || info.Mode() != test.want || info.Size() < 10 {
				t.Errorf("%+v: %s writes %v, %v", test, flag, info, err)
			}
			if link, err := os.Lstat(asked); err != nil || test.through != "" && link.Mode()&os.ModeSymlink == 0 {
				t.Errorf("%+v: the link is %v, %v", test, link, err)
			}
		}
	}
}

// No output takes the place of an input or of another output.
func TestNoOutputReplacesAnInput(t *testing.T) {
	server := newTestServer()
	defer server.close()
	contract := "base http://" + server.web + "\npage http://app.example\n  allow GET /any\n"
	dir := t.TempDir()
	in := writeFile(t, filepath.Join(dir, "in"), contract)
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Symlink("in", at("link")), os.Link(in, at("hard")), os.Symlink(".", at("dir")), os.Symlink("nowhere", at("dangling"))); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--junit", in}, {"--sarif", in}, {"--junit", at("link")}, {"--junit", at("hard")}, {"--junit", at("dir/in")},
		{"--junit", at("x"), "--sarif", at("x")}, {"--junit", at("x"), "--sarif", at("dir/x")}, {"--junit", at("dangling"), "--sarif", at("nowhere")},
		{"--junit", at("ca"), "--cacert", at("ca")},
	} {
		writeFile(t, at("ca"), string(server.ca))
		out, err := simulated(append([]string{"test", in}, args...)...).CombinedOutput()
		if exit := exitOfProcess(t, err); exit != exitUsage || !strings.Contains(string(out), "would overwrite") && !strings.Contains(string(out), "name two files") {
			t.Errorf("%v: exit status %d, %s", args, exit, out)
		}
		if got, err := os.ReadFile(in); err != nil || string(got) != contract {
			t.Fatalf("%v: %q, %v", args, got, err)
		}
		if left := files(t, dir); len(left) != 6 {
			t.Errorf("%v leaves %v", args, left)
		}
	}
	// Nor of standard input and standard output.
	stdin, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	cmd := simulated("test", "-", "--junit", in)
	cmd.Stdin = stdin
	if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage {
		t.Errorf("standard input is replaced: exit status %d", exit)
	}
	stdout, err := os.Create(at("out"))
	if err != nil {
		t.Fatal(err)
	}
	defer stdout.Close()
	cmd = simulated("test", in, "--junit", at("out"))
	cmd.Stdout = stdout
	if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage {
		t.Errorf("standard output is replaced: exit status %d", exit)
	}
	if got, err := io.ReadAll(stdout); err != nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
}

// What is said of a file is not written to its end, where it would be read again.
func TestNoInputIsStandardOutput(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		content string
		args    []string
	}{
		"replay": {goodLine + "\n", []string{"--json"}}, "follow": {goodLine + "\n", []string{"--follow"}}, "redact": {goodLine + "\n", []string{"--redact", "-"}},
		"cost": {goodLine + "\n", []string{"--json"}}, "run": {"{}\n", nil}, "test": {"base http://a.example\n", nil}, "explain": {"x", nil}, "stdio": {`{"id":1,"op":"reset"}`, nil},
	} {
		in := writeFile(t, filepath.Join(dir, name), test.content)
		for _, arg := range []string{in, "-"} {
			if name == "stdio" && arg == in {
				continue // it reads standard input alone
			}
			out, err := os.OpenFile(in, os.O_RDWR|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			command := map[string]string{"follow": "replay", "redact": "replay"}[name]
			args := append([]string{cmp.Or(command, name)}, test.args...)
			if name != "stdio" {
				args = append(args, arg)
			}
			cmd := simulated(args...)
			cmd.Stdout = out
			if arg == "-" || name == "stdio" {
				if cmd.Stdin, err = os.Open(in); err != nil {
					t.Fatal(err)
				}
			}
			var errs strings.Builder
			cmd.Stderr = &errs
			if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage || !strings.Contains(errs.String(), "is standard output as well") {
				t.Errorf("%v: exit status %d, %s", args, exit, &errs)
			}
			if got, err := os.ReadFile(in); err != nil || string(got) != test.content {
				t.Errorf("%v: the file has %q, %v", args, got, err)
			}
		}
	}
}

// A link that leads to itself is no place for an output.
func TestOutputThroughCircularLink(t *testing.T) {
	dir := t.TempDir()
	in, link := writeFile(t, filepath.Join(dir, "in"), goodLine), filepath.Join(dir, "link")
	if err := os.Symlink("link", link); err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd := simulated("replay", "--html", link, in)
	cmd.Stderr = &errs
	if exit := exitOfProcess(t, cmd.Run()); exit != exitUsage || !strings.Contains(errs.String(), "--html") || len(files(t, dir)) != 2 {
		t.Errorf("exit status %d, %s, leaves %v", exit, &errs, files(t, dir))
	}
}

// What is read as a whole is bounded: an endless file is an error, not all of the memory.
func TestEndlessFiles(t *testing.T) {
	for _, args := range [][]string{
		{"check", "--origin", "http://a.example", "--from", "/dev/zero"}, {"check", "http://b.example/", "--origin", "http://a.example", "--answer", "/dev/zero"},
		{"check", "http://b.example/", "--origin", "http://a.example", "-d", "@/dev/zero"}, {"check", "https://b.example/", "--origin", "http://a.example", "--cacert", "/dev/zero"},
	} {
		out, err := simulated(args...).CombinedOutput()
		if exit := exitOfProcess(t, err); exit != exitUsage || !strings.Contains(string(out), "/dev/zero has more than") {
			t.Errorf("%v: exit status %d, %s", args, exit, out)
		}
	}
}
