package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A LineError says what is wrong with one scenario or outcome of an input, and
// where. The rest of the input can still be read.
type LineError struct {
	Line    int    // the line that it is on, counted from 1
	Field   string // such as "steps[2].redirect"; "" for the object as a whole
	Offset  int64  // in bytes, from the beginning of Line
	Problem string // such as "must be a string, not a number"
}

// Error returns the place, outermost first, and the problem.
func (e *LineError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d, offset %d: %s", e.Line, e.Offset, e.Problem)
	}
	return fmt.Sprintf("line %d, offset %d: %s: %s", e.Line, e.Offset, e.Field, e.Problem)
}

// errorAt returns the error that the value at pointer, which begins at offset
// of the decoder's text, has a problem.
func (d *decoder) errorAt(pointer jsontext.Pointer, offset int64, problem string) *LineError {
	before := d.text[:min(offset, int64(len(d.text)))]
	return &LineError{
		Line:    d.line + strings.Count(before, "\n"),
		Field:   d.field(pointer),
		Offset:  int64(len(before) - 1 - strings.LastIndexByte(before, '\n')),
		Problem: problem,
	}
}

// field spells a JSON Pointer as JavaScript would: steps[2].redirect.
func (d *decoder) field(pointer jsontext.Pointer) string {
	var b strings.Builder
	level := 0
	for token := range pointer.Tokens() {
		level++
		inList := false
		if level <= d.dec.StackDepth() {
			kind, _ := d.dec.StackIndex(level)
			inList = kind == jsontext.KindBeginArray
		} else if _, err := strconv.ParseUint(token, 10, 32); err == nil {
			inList = level > 1 // the level has been left, and no field's name is a number
		}
		switch {
		case inList:
			b.WriteString("[" + token + "]")
		case plainName(token):
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(token)
		default:
			b.WriteString("[" + quote(token) + "]")
		}
	}
	return b.String()
}

// plainName reports whether a name can follow a dot without being mistaken.
func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if !('a' <= c && c <= 'z' || s[i] == '_' || '0' <= s[i] && s[i] <= '9' && i > 0) {
			return false
		}
	}
	return s != ""
}

// quote shows at most 40 characters of s, which may be anything.
func quote(s string) string {
	n := 0
	for i := range s {
		if n == 40 {
			return strconv.Quote(s[:i]) + "…"
		}
		n++
	}
	return strconv.Quote(s)
}
