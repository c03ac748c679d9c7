package redact

import (
	"encoding/hex"
	"strings"
)

// A decoded is a text with nothing percent-encoded left in it.
type decoded struct {
	raw, text string
	// Of each byte of text, and nil where nothing was encoded: from is where it begins
	// in raw, with the end of raw behind the last; depth is how often it was encoded.
	from  []int
	depth []uint8
	// url says that raw is a URL as a whole, in which blanks and quotes end nothing.
	url bool
	at  bool // there is an @ in the text

	// What was looked at already.
	tokens      tokenRun
	authorities [maxEncodings + 1]authority // by how often the text was encoded
}

// maxEncodings is how often what is looked at may be percent-encoded.
const maxEncodings = 8

func decode(s string) *decoded {
	d := &decoded{raw: s, text: s, url: isURL(s)}
	if encodes(s) {
		d.decode()
	}
	d.at = strings.IndexByte(d.text, '@') >= 0
	return d
}

// encodes reports whether more is percent-encoded in s than blanks and what is not ASCII.
func encodes(s string) bool {
	for {
		_, rest, ok := strings.Cut(s, "%")
		if !ok {
			return false
		}
		if len(rest) >= 2 && rest[0] < '8' && rest[:2] != "20" {
			return true
		}
		s = rest
	}
}

func (d *decoded) decode() {
	text := []byte(d.raw)
	from, depth := make([]int, len(text)+1), make([]uint8, len(text))
	for i := range from {
		from[i] = i
	}
	for range maxEncodings {
		n := 0
		for i := 0; i < len(text); n++ {
			c, often, length := text[i], depth[i], 1
			if c == '%' && i+2 < len(text) {
				var b [1]byte
				if _, err := hex.Decode(b[:], text[i+1:i+3]); err == nil {
					c, often, length = b[0], 1+max(often, depth[i+1], depth[i+2]), 3
				}
			}
			text[n], depth[n], from[n] = c, often, from[i]
			i += length
		}
		if n == len(text) {
			break
		}
		text, depth, from = text[:n], depth[:n], from[:n+1]
		from[n] = len(d.raw)
	}
	d.text, d.depth, d.from = string(text), depth, from
}

// isURL reports whether s looks like a URL, absolute or relative, and like no text.
func isURL(s string) bool {
	if s != "" && strings.IndexByte("/?#", s[0]) >= 0 {
		return true
	}
	scheme, rest, ok := strings.Cut(s, ":")
	return ok && isScheme(scheme) && rest != "" && rest[0] != ' '
}

func (d *decoded) depthAt(i int) uint8 {
	if d.depth == nil {
		return 0
	}
	return d.depth[i]
}

// rawAt returns where in raw what is at i begins.
func (d *decoded) rawAt(i int) int {
	if d.from == nil {
		return i
	}
	return d.from[i]
}

// quote reports whether the quotation mark at i is one of the text.
func (d *decoded) quote(i int) bool {
	return !d.url && d.text[i] == '"' && d.depthAt(i) == 0 && (i == 0 || d.text[i-1] != '\\')
}

// end returns where what begins at i ends: before one of the delimiters, unless it is
// encoded deeper than what it would end, or with the URL in a text: at a quotation mark
// or, outside of quotation marks, a blank.
func (d *decoded) end(i int, delimiters string, depth uint8, quoted bool) int {
	for ; i < len(d.text); i++ {
		c := d.text[i]
		if strings.IndexByte(delimiters, c) >= 0 && d.depthAt(i) <= depth || d.quote(i) {
			break
		}
		if !d.url && !quoted && d.depthAt(i) == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			break
		}
	}
	return i
}

// endsName are the bytes that are in no name of a parameter.
var endsName = func() (is [256]bool) {
	for _, c := range []byte("?&;#=/,:|(){}<>\\\"' \t\r\n") {
		is[c] = true
	}
	return is
}()

// nameBefore returns the name that ends before i.
func (d *decoded) nameBefore(i int) string {
	from := i
	for from > 0 && !endsName[d.text[from-1]] {
		from--
	}
	return d.text[from:i]
}
