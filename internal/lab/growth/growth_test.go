//go:build unix

package main

import (
	"runtime"
	"testing"
)

// What the functions allocate grows with their inputs, and no faster. The other work, .ci/growth counts.
func TestMemoryGrowsWithInputs(t *testing.T) {
	for _, f := range functions() {
		const noise = 512 << 10 // of lists, and of maps, which grow by steps
		bytes, err := f.measure(allocated, noise)
		if err != nil {
			t.Fatal(err)
		}
		if bytes[2] > noise && ratio(bytes[2], bytes[1]) > mostGrowth && ratio(bytes[2], bytes[0]) > mostGrowth*mostGrowth {
			t.Errorf("%s: %d, %d and %d bytes are allocated for n, 2n and 4n", f.name, bytes[0], bytes[1], bytes[2])
		}
	}
}

// allocated returns how many bytes f allocates, once what it makes for all calls is there.
func allocated(f func()) (least uint64, _ error) {
	for i := range 2 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if bytes := after.TotalAlloc - before.TotalAlloc; i == 0 || bytes < least {
			least = bytes
		}
	}
	return least, nil
}

// The counters of coverage are read as this version of Go writes them: sum fails for what is not.
func TestSum(t *testing.T) {
	if _, err := sum(make([]byte, 200)); err == nil {
		t.Error("a file of zeros is taken for counters")
	}
}
