package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// columns returns how many columns of a terminal a text takes: characters of East Asia
// and emoji take two each, marks that combine with what is before them none.
//
// https://www.unicode.org/reports/tr11/
func columns(s string) int {
	n := 0
	for _, c := range s {
		n += columnsOf(c)
	}
	return n
}

func columnsOf(c rune) int {
	switch {
	case c < 0x300:
		return 1
	case unicode.In(c, unicode.Mn, unicode.Me):
		return 0
	}
	if kind := width.LookupRune(c).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// head returns as much of the beginning of s as fits into so many columns, and tail of
// its end.
func head(s string, width int) string {
	for i, c := range s {
		if width -= columnsOf(c); width < 0 {
			return s[:i]
		}
	}
	return s
}

func tail(s string, width int) string {
	i := len(s)
	for i > 0 {
		c, size := utf8.DecodeLastRuneInString(s[:i])
		if width -= columnsOf(c); width < 0 {
			break
		}
		i -= size
	}
	return s[i:]
}

// cut drops the end of what is too long.
func cut(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	return head(s, width-1) + "…"
}

// cutMiddle drops the middle of what is too long.
func cutMiddle(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	first := width * 2 / 5
	return head(s, first) + "…" + tail(s, width-first-1)
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// wrap breaks a text at its spaces. A longer word has a line of its own; of one that is
// longer than longest the middle is dropped.
func wrap(text string, indent, width, longest int) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		word = cutMiddle(word, longest)
		switch {
		case b.Len() > 0 && column+1+columns(word) > width:
			b.WriteByte('\n')
			fallthrough
		case b.Len() == 0:
			b.WriteString(strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += columns(word)
	}
	return b.String()
}
