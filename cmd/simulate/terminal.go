package main

import (
	"io"
	"os"
	"strconv"
)

// colorMode is what --color says: colours where they are of use, always, or never.
type colorMode string

const (
	colorAuto   colorMode = "auto"
	colorAlways colorMode = "always"
	colorNever  colorMode = "never"
)

// defineColor adds --color, for what the command prints to standard output.
func defineColor(f *flagSet, to *colorMode) {
	*to = colorAuto
	d := f.oneOf(0, "color", "WHEN", "colours: auto (on a terminal), always or never; by default as\nNO_COLOR, CLICOLOR_FORCE and TERM say", func(value string) { *to = colorMode(value) },
		string(colorAuto), string(colorAlways), string(colorNever))
	d.common = true
}

// colored reports whether what is written to w has colours. A flag is stronger than the
// environment: there NO_COLOR (https://no-color.org) takes them away, CLICOLOR_FORCE other
// than 0 (https://bixense.com/clicolors) gives them, and if neither is set, it is a terminal
// that is not dumb which has them.
func colored(w io.Writer) bool {
	mode := colorAuto
	if o, ok := w.(*output); ok {
		mode = o.color
	}
	force := os.Getenv("CLICOLOR_FORCE")
	switch {
	case mode == colorAlways, mode == colorNever:
		return mode == colorAlways
	case os.Getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return addressable(w)
}

// addressable reports whether w is a terminal that understands control sequences.
func addressable(w io.Writer) bool { return os.Getenv("TERM") != "dumb" && terminal(w) }

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	file := fileOf(w)
	if file == nil {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// unlimitedColumns is the width of tables in files and pipes.
const unlimitedColumns = 132

// columns returns how wide a table on w may be: as COLUMNS says, or as the terminal is.
func columns(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if file := fileOf(w); file != nil {
		if n := terminalColumns(file); n > 0 {
			return n
		}
	}
	return unlimitedColumns
}
