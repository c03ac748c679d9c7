//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// mostMemory is how much each subcommand may need, whatever it is given.
const mostMemory = 200 << 20

// bombs are half a gigabyte of zeros in each coding.
func bombs(t *testing.T) map[string][]byte {
	coded := make(map[string][]byte)
	for coding, make := range map[string]func(w io.Writer) (io.WriteCloser, error){
		"gzip":    func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"deflate": func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil },
		"br":      func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 2), nil },
		"zstd":    func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) },
	} {
		var b bytes.Buffer
		w, err := make(&b)
		if err != nil {
			t.Fatal(err)
		}
		zeros := bytes.NewReader(nil)
		for range 512 {
			zeros.Reset(oneMegabyte)
			if _, err := io.Copy(w, zeros); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		coded[coding] = b.Bytes()
	}
	return coded
}

var oneMegabyte = make([]byte, 1<<20)

// Each subcommand needs less than 200 MB: of bodies that are bombs, headers without an end, and files of long lines and many.
func TestMemoryIsBounded(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	t.Setenv("NO_PROXY", "*")
	dir := t.TempDir()
	simulate := filepath.Join(dir, "simulate")
	if out, err := exec.Command("go", "build", "-o", simulate, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	coded := bombs(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		kind := strings.Trim(r.URL.Path, "/")
		if body, ok := coded[kind]; ok {
			w.Header().Set("Content-Encoding", kind)
			w.Write(body)
			return
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		piece := "x"
		switch kind {
		case "lines":
			piece = "X-A: " + strings.Repeat("x", 1000) + "\r\n"
		case "body":
			fmt.Fprint(c, "\r\n")
			piece = strings.Repeat("x", 64<<10)
		case "line":
			piece = strings.Repeat("x", 64<<10)
		}
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n")
		if kind == "body" {
			fmt.Fprint(c, "\r\n")
		}
		for range 1 << 30 / len(piece) {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	type run struct {
		args  []string
		input io.Reader
	}
	repeat := func(n int, lines ...string) io.Reader {
		var all []io.Reader
		for range n {
			for _, line := range lines {
				all = append(all, strings.NewReader(line))
			}
		}
		return io.MultiReader(all...)
	}
	runs := []run{}
	page := []string{"--origin", "http://app.example"}
	for _, kind := range []string{"gzip", "deflate", "br", "zstd", "lines", "line", "body"} {
		at := server.URL + "/" + kind
		for _, args := range [][]string{{"check", "-m", "20"}, {"check", "--why", "-m", "20"}, {"check", "--as", "image", "-m", "20"}, {"probe", "-m", "20"}, {"test", "--init", "-m", "5"}} {
			runs = append(runs, run{append(append(args, at), page...), nil})
		}
		var one, many, integrity strings.Builder
		for i := range 40 {
			fetch := `{"id":%d,"op":"fetch","client":{"url":"http://app.example/"},"timeoutMs":5000,"step":{"url":"%s?%[1]d"%s}}` + "\n"
			if i == 0 {
				fmt.Fprintf(&one, fetch, i, at, "")
			}
			if i < 6 {
				fmt.Fprintf(&integrity, fetch, i, at, `,"integrity":"sha256-AAAA"`)
			}
			fmt.Fprintf(&many, fetch, i, at, "")
		}
		for _, lines := range []string{one.String(), many.String(), integrity.String()} {
			runs = append(runs, run{[]string{"stdio"}, strings.NewReader(lines)})
		}
	}
	long := strings.Repeat("x", 15<<20)
	const (
		scenario    = `{"id":"a","client":{"url":"https://app.example/"},"servers":[{"url":"https://api.example/","answers":[{"headers":[["access-control-allow-origin","*"]],"body":"`
		scenarioEnd = `"}]}],"steps":[{"url":"https://api.example/"}]}`
		entry       = `{"request":{"method":"GET","url":"https://api.example/","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["x","`
		entryEnd    = `"]]}}` + "\n"
	)
	runs = append(runs,
		run{[]string{"run", "-"}, repeat(8, scenario, long, scenarioEnd, "\n")}, run{[]string{"run", "--browser", "all", "-"}, repeat(4, scenario, long, scenarioEnd, "\n")},
		run{[]string{"run", "-"}, repeat(20, long)}, run{[]string{"stdio"}, repeat(20, long)},
		run{[]string{"stdio"}, repeat(8, `{"id":1,"op":"run","scenario":`, scenario, long, scenarioEnd, "}\n")},
		run{[]string{"stdio"}, repeat(8, `{"id":1,"op":"url","url":"`, long, `"}`+"\n", `{"id":1,"op":"headers","init":[["a","`, long, `"]]}`+"\n", `{"id":1,"op":"mime","value":"`, long, `"}`+"\n")},
		run{[]string{"explain", "-"}, repeat(20, long)}, run{[]string{"cost", "-"}, repeat(20, entry, long, entryEnd)}, run{[]string{"test", "-"}, repeat(20, long)},
		run{[]string{"replay", "-"}, repeat(1, `{"log":{"entries":`, strings.ReplaceAll(long, "x", "["))},
	)
	for _, flags := range []string{"", "--json", "--list", "--html=-", "--junit=-", "--sarif=-", "--markdown=-", "--redact=-", "--format=har", "--format=curl"} {
		args := append(strings.Fields("replay "+flags), "-")
		runs = append(runs, run{args, repeat(20, entry, long, entryEnd)}, run{args, repeat(20, long)}, run{args, repeat(40000, entry, "y", entryEnd)})
	}
	for _, flag := range []string{"--from", "--answer", "--data", "--cacert"} {
		file := "/dev/zero"
		if flag == "--data" {
			file = "@/dev/zero"
		}
		runs = append(runs, run{append([]string{"check", flag, file, server.URL}, page...), nil})
	}
	// What a process has counts for those that it starts: it must have little itself.
	debug.FreeOSMemory()
	worst, of := 0, ""
	for _, r := range runs {
		cmd := exec.Command(simulate, r.args...)
		cmd.Stdin = r.input
		var errs strings.Builder
		cmd.Stderr = &errs
		cmd.Run() // whatever it says of them
		if cmd.ProcessState == nil || !cmd.ProcessState.Exited() || strings.Contains(errs.String(), "goroutine ") {
			t.Errorf("%v: %v, %.300s", r.args, cmd.ProcessState, &errs)
			continue
		}
		peak := int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10
		if peak > worst {
			worst, of = peak, strings.Join(r.args, " ")
		}
		if peak > mostMemory {
			t.Errorf("%v needs %d MB", r.args, peak>>20)
		}
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d runs; the most is %d MB, of simulate %s; the test itself has %d MB", len(runs), worst>>20, of, own.Maxrss>>10)
	os.Remove(simulate)
}
