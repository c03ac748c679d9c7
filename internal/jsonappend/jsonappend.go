// Package jsonappend appends JSON to bytes: for lines of which millions are written, and
// whose members come in the order in which they are found.
package jsonappend

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/internal/redact"
	"github.com/go-json-experiment/json/jsontext"
)

// A Writer appends JSON to Bytes. The names of members are in the source, so that they
// need no quoting.
type Writer struct {
	Bytes []byte
	// Clean, if it is not nil, is what becomes of each text before it is written.
	Clean func(string) string
}

// Name begins a member, or without a name an element.
func (w *Writer) Name(name string) {
	if n := len(w.Bytes); n > 0 && w.Bytes[n-1] != '{' && w.Bytes[n-1] != '[' && w.Bytes[n-1] != '\n' {
		w.Bytes = append(w.Bytes, ',')
	}
	if name != "" {
		w.Bytes = append(w.Bytes, '"')
		w.Bytes = append(w.Bytes, name...)
		w.Bytes = append(w.Bytes, `":`...)
	}
}

// Open begins a member that is an object or a list.
func (w *Writer) Open(name string, bracket byte) {
	w.Name(name)
	w.Bytes = append(w.Bytes, bracket)
}

// Close ends an object or a list.
func (w *Writer) Close(bracket byte) { w.Bytes = append(w.Bytes, bracket) }

// Raw writes a member that is JSON already.
func (w *Writer) Raw(name, json string) {
	w.Name(name)
	w.Bytes = append(w.Bytes, json...)
}

// Number writes a member that is a whole number.
func (w *Writer) Number(name string, n int64) {
	w.Name(name)
	w.Bytes = strconv.AppendInt(w.Bytes, n, 10)
}

// Text writes a member that is a string, unless it is empty.
func (w *Writer) Text(name, s string) {
	if s != "" {
		w.Must(name, s)
	}
}

// Word writes a member that is a word or sentence of ours, unless it is empty: it is in JSON as it is, and
// has nothing in it to clean.
func (w *Writer) Word(name, s string) {
	if s == "" {
		return
	}
	w.Name(name)
	w.Bytes = append(w.Bytes, '"')
	w.Bytes = append(w.Bytes, s...)
	w.Bytes = append(w.Bytes, '"')
}

// Must writes a member that is a string, even if it is empty.
func (w *Writer) Must(name, s string) {
	w.Name(name)
	w.Quote(s)
}

// Texts writes a list of strings, unless it is empty.
func (w *Writer) Texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.Open(name, '[')
	for _, s := range list {
		w.Must("", s)
	}
	w.Close(']')
}

// Quote writes a string.
func (w *Writer) Quote(s string) {
	if w.Clean != nil {
		s = w.Clean(s)
	}
	if plain(s) {
		w.Bytes = append(w.Bytes, '"')
		w.Bytes = append(w.Bytes, s...)
		w.Bytes = append(w.Bytes, '"')
		return
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	quoted, _ := jsontext.AppendQuote(nil, s) // fails only on invalid UTF-8
	w.Bytes = redact.AppendEscaped(w.Bytes, quoted)
}

// plain reports whether s is in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7F || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
