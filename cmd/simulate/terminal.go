package main

import (
	"io"
	"os"
)

// colored reports whether what is written to w may have colours: w is a terminal,
// and NO_COLOR does not say otherwise (https://no-color.org).
func colored(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminal(w)
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	file := fileOf(w)
	if file == nil {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
