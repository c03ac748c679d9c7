package redact

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Escaped returns a writer of JSON to w in which characters are escaped that do not print, such as those
// that turn the direction of a text or that a terminal acts on: encoding/json escapes those of ASCII alone. Each call of
// Write must be with whole characters, as a [json.Encoder] does.
func Escaped(w io.Writer) io.Writer { return escaped{w} }

type escaped struct{ w io.Writer }

// Write implements [io.Writer].
func (e escaped) Write(b []byte) (int, error) {
	if _, err := e.w.Write(AppendEscaped(make([]byte, 0, len(b)), b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// AppendEscaped appends JSON to out, with escapes for what does not print.
func AppendEscaped(out, json []byte) []byte {
	for len(json) > 0 {
		r, n := utf8.DecodeRune(json)
		switch {
		case r < utf8.RuneSelf && r != 0x7f, unicode.IsPrint(r):
			out = append(out, json[:n]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		json = json[n:]
	}
	return out
}
