//go:build unix

// Command throughput measures how fast simulate replay is beside encoding/json, jq
// and Node's JSON.parse, which only parse, over the same file in the same run, and
// how much memory each needs.
//
//	go run ./internal/lab/throughput          300 MB, and 1,000,000 JSON lines
//	go run ./internal/lab/throughput -large   10 GB through a pipe as well
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/corsim/corsim/internal/lab/sample"
)

func main() {
	large := flag.Bool("large", false, "10 GB through a pipe as well")
	decode := flag.String("decode", "", "decode this file by encoding/json, and no more")
	flag.Parse()
	var err error
	if *decode != "" {
		err = decodeHAR(*decode)
	} else {
		err = measureAll(*large)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "throughput:", err)
		os.Exit(1)
	}
}

func measureAll(large bool) error {
	dir, err := os.MkdirTemp("", "throughput")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	simulate := filepath.Join(dir, "simulate")
	if out, err := exec.Command("go", "build", "-o", simulate, "./cmd/simulate").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	const size = 300 << 20
	fmt.Printf("%-44s %9s %9s %9s\n", "", "seconds", "MB/s", "peak MB")
	for _, body := range []int{40_000, 0} {
		file := filepath.Join(dir, "sample.har")
		in, n := sample.HAR(size, body)
		if err := write(file, in); err != nil {
			return err
		}
		fmt.Printf("HAR of %d MB, bodies of %d bytes\n", n>>20, body)
		for _, c := range []struct {
			name string
			args []string
		}{
			{"simulate replay", []string{simulate, "replay", file}},
			{"simulate replay --json", []string{simulate, "replay", "--json", file}},
			{"simulate replay --json --browser all", []string{simulate, "replay", "--json", "--browser", "all", file}},
			{"simulate replay --html", []string{simulate, "replay", "--html", filepath.Join(dir, "page.html"), file}},
			{"simulate replay --redact", []string{simulate, "replay", "--redact", filepath.Join(dir, "shared.har"), file}},
			{"encoding/json into structs", []string{self, "-decode", file}},
			{"jq '.log.entries | length'", []string{"jq", ".log.entries | length", file}},
			{"node JSON.parse", []string{"node", "-e", `JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))`, file}},
		} {
			if err := measure(c.name, n, nil, c.args...); err != nil {
				return err
			}
		}
	}
	const lines = 1_000_000
	fmt.Printf("JSON lines: %d\n", lines)
	text := func() io.Reader { return io.LimitReader(&repeated{sample.Line, 0}, int64(len(sample.Line)*lines)) }
	if err := measure("simulate replay --format jsonl --json -", int64(len(sample.Line)*lines), text(), simulate, "replay", "--format", "jsonl", "--json", "-"); err != nil {
		return err
	}
	if err := measure("simulate replay -", int64(len(sample.Line)*lines), text(), simulate, "replay", "-"); err != nil {
		return err
	}
	if large {
		in, n := sample.HAR(10<<30, 40_000)
		fmt.Printf("HAR of %d MB through a pipe\n", n>>20)
		return measure("simulate replay -", n, in, simulate, "replay", "-")
	}
	return nil
}

// repeated is a text without end.
type repeated struct {
	text string
	at   int
}

// Read always fills p.
func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n, r.at = n+k, (r.at+k)%len(r.text)
	}
	return n, nil
}

func write(name string, in io.Reader) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, in); err != nil {
		return err
	}
	return file.Close()
}

func measure(name string, size int64, in io.Reader, args ...string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin = in
	var stderr strings.Builder
	cmd.Stderr = &stderr
	begun := time.Now()
	err := cmd.Run()
	took := time.Since(begun).Seconds()
	// 1 and 3 are verdicts of simulate.
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 1 && code != 3 {
		fmt.Printf("  %-42s %v %.200s\n", name, err, stderr.String())
		return nil
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	fmt.Printf("  %-42s %9.2f %9.0f %9.0f\n", name, took, float64(size)/1e6/took, float64(peak)/1e6)
	return nil
}

// decodeHAR decodes what a report needs of a HAR, and its bodies.
func decodeHAR(name string) error {
	type header struct{ Name, Value string }
	var har struct {
		Log struct {
			Entries []struct {
				StartedDateTime string
				Time            float64
				PageRef         string
				ResourceType    string `json:"_resourceType"`
				Request         struct {
					Method, URL string
					Headers     []header
				}
				Response struct {
					Status  int
					Headers []header
					Content struct {
						Size           int64
						MIMEType, Text string
					}
					Error *string `json:"_error"`
				}
			}
		}
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return json.NewDecoder(bufio.NewReaderSize(file, 1<<20)).Decode(&har)
}
