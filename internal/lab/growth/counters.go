//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime/coverage"
)

// count returns how often blocks of code are entered while f runs.
func count(f func()) (uint64, error) {
	if err := coverage.ClearCounters(); err != nil {
		return 0, errors.New("this was not built with -cover -covermode=atomic: " + err.Error())
	}
	f()
	var b bytes.Buffer
	if err := coverage.WriteCounters(&b); err != nil {
		return 0, err
	}
	return sum(b.Bytes())
}

// errCounters says that a file of counters is not as those of Go 1.26 are.
var errCounters = errors.New("cannot read the counters")

// sum adds the counters of a file that a program built with -cover has written: see
// internal/coverage/defs.go of Go. No package of Go's library reads it for others.
func sum(b []byte) (total uint64, err error) {
	const fileHeader, segmentHeader, footer, flavorULEB128 = 32, 16, 16, 2
	if len(b) < fileHeader+segmentHeader+footer || string(b[:4]) != "\x00cwm" {
		return 0, errCounters
	}
	le := binary.LittleEndian
	uleb := b[24] == flavorULEB128
	functions := le.Uint64(b[fileHeader:])
	at := fileHeader + segmentHeader + int(le.Uint32(b[fileHeader+8:])) + int(le.Uint32(b[fileHeader+12:]))
	at += (4 - at%4) % 4
	next := func() (v uint64) {
		if uleb {
			v, n := binary.Uvarint(b[min(at, len(b)):])
			if n <= 0 {
				err = errCounters
			}
			at += max(n, 0)
			return v
		}
		if at+4 > len(b) {
			err = errCounters
			return 0
		}
		at += 4
		return uint64(le.Uint32(b[at-4:]))
	}
	for range functions {
		counters := next()
		next() // the package
		next() // the function
		for range counters {
			if err != nil {
				return 0, err
			}
			total += next()
		}
	}
	return total, err
}
