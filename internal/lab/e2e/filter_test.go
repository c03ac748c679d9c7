//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// TestFilterOfAnySplit has eight processes judge a file of JSON lines that was cut
// at random line ends, as Spark and Beam would, and compares what they write with
// what one process does.
func TestFilterOfAnySplit(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "simulate")
	if out, err := exec.Command("go", "build", "-o", binary, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	filter := func(input []byte) []byte {
		cmd := exec.Command(binary, "replay", "--format", "jsonl", "-", "--json", "--browser", "all", "--exit-zero")
		cmd.Stdin = bytes.NewReader(input)
		var out, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &stderr
		if err := cmd.Run(); err != nil {
			t.Errorf("%v\n%s", err, stderr.Bytes())
		}
		return out.Bytes()
	}
	lines := sampleLines(t)
	whole := filter(bytes.Join(lines, nil))
	if got := bytes.Count(whole, []byte{'\n'}); got != len(lines) {
		t.Fatalf("%d lines for %d", got, len(lines))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		cuts := []int{0, len(lines)}
		for range 7 {
			cuts = append(cuts, random.IntN(len(lines)+1))
		}
		slices.Sort(cuts)
		var parts [8][]byte
		var all sync.WaitGroup
		for i := range parts {
			if cuts[i] == cuts[i+1] {
				continue // Spark starts no process for an empty partition
			}
			all.Go(func() { parts[i] = filter(bytes.Join(lines[cuts[i]:cuts[i+1]], nil)) })
		}
		all.Wait()
		if got := bytes.Join(parts[:], nil); !bytes.Equal(got, whole) {
			t.Errorf("cut at %v: %d bytes differ from the %d of one process", cuts, len(got), len(whole))
		}
	}
}

// sampleLines are the entries of the recordings, many times.
func sampleLines(t *testing.T) [][]byte {
	t.Helper()
	var lines [][]byte
	recordings, err := filepath.Glob("../../../testdata/recordings/*.har")
	if err != nil || len(recordings) == 0 {
		t.Fatal(recordings, err)
	}
	for _, recording := range recordings {
		data, err := os.ReadFile(recording)
		if err != nil {
			t.Fatal(err)
		}
		var har struct {
			Log struct{ Entries []json.RawMessage }
		}
		if err := json.Unmarshal(data, &har); err != nil {
			t.Fatal(err)
		}
		for i, entry := range har.Log.Entries {
			var line bytes.Buffer
			if err := json.Compact(&line, entry); err != nil {
				t.Fatal(fmt.Errorf("%s: entry %d: %w", recording, i+1, err))
			}
			line.WriteByte('\n')
			lines = append(lines, line.Bytes())
		}
	}
	return slices.Repeat(lines, 20)
}
