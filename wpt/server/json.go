package server

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// The bodies that handlers give as JSON are spelled as Python's json module
// spells them: ASCII alone, and a space after each comma and colon.

// jsonString encodes the bytes of s, taken as code points.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\b':
			b.WriteString(`\b`)
		case c == '\f':
			b.WriteString(`\f`)
		case c < ' ' || c >= 0x80:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// jsonObject encodes an object; the values are JSON already.
func jsonObject(members values) string {
	var pairs []string
	for _, m := range members {
		pairs = append(pairs, jsonString(m.Name)+": "+m.Value)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// jsonStrings encodes an object whose values are strings.
func jsonStrings(members values) string {
	var encoded values
	for _, m := range members {
		m.Value = jsonString(m.Value)
		encoded = append(encoded, m)
	}
	return jsonObject(encoded)
}

func jsonArray(elements []string) string { return "[" + strings.Join(elements, ", ") + "]" }

// jsonText encodes s, which is UTF-8.
func jsonText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			quoted := jsonString(string(r))
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	return `"` + b.String() + `"`
}
