package record

import (
	"fmt"
	"strconv"
	"strings"
)

// An EntryError is one entry that cannot be read. The entries after it can.
type EntryError struct {
	Index   int    // as in [Exchange]
	Entry   string // as in [Exchange]
	Offset  int64  // the byte at which the entry begins, after decompression
	Line    int64  // the line at which it begins, from 1, likewise
	Field   string // "request.url"; empty where the entry as a whole is meant
	Problem string // "is missing", "is a string of 2 bytes, not a number", …; never a piece of the input
}

// Error says which entry, which field and what is wrong with it.
func (e *EntryError) Error() string {
	field := e.Field
	if field != "" {
		field += " "
	}
	return fmt.Sprintf("%s (byte %d): %s%s", e.Entry, e.Offset, field, e.Problem)
}

// A SyntaxError ends the reading of an input: it is cut off, its compression is
// damaged, or it is so broken that where the next entry begins cannot be told.
// Everything before it has been delivered.
type SyntaxError struct {
	Offset  int64  // the byte at which it was noticed, after decompression
	Line    int64  // the line of that byte, from 1
	Problem string //
	CutOff  bool   // the input ended too early; what it holds is well-formed
	Entries int    // how many entries were read before
}

// Error says where, what, and how much could be read.
func (e *SyntaxError) Error() string {
	read := "no entry was read"
	switch {
	case e.Entries == 1:
		read = "the entry before it was read"
	case e.Entries > 1:
		read = fmt.Sprintf("the %d entries before it were read", e.Entries)
	}
	return fmt.Sprintf("line %d, byte %d: %s; %s", e.Line, e.Offset, e.Problem, read)
}

// A FormatError is an input that is no recording that this package reads.
type FormatError struct {
	Problem string // what it is or seems to be, and what to do
}

// Error returns the problem.
func (e *FormatError) Error() string { return e.Problem }

// What is in a recording is often secret, and errors are shown and logged where
// recordings are not. So no error of this package quotes its input, except a byte
// of punctuation: it says where to look, what kind of thing is there, and how long.
// The names of the files in an archive are the exception.

// fileName quotes a name in an archive.
func fileName(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(s, "\uFFFD"))
}

// length says how long something is.
func length(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
}

// kindOf says what begins with b, of what should have been JSON.
func kindOf(b byte) string {
	switch {
	case b == '{':
		return "an object"
	case b == '[':
		return "a list"
	case b == '"':
		return "a string"
	case b == '-', '0' <= b && b <= '9':
		return "a number"
	}
	return "something else"
}
