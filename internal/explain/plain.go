package explain

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainConsole makes pasted text plain: what programs and pages have escaped is as the
// browser wrote it, quotes and punctuation have their ASCII forms, links of Markdown are
// their text, and blanks are single spaces, the ends of lines included.
func plainConsole(text string) string { return plainBlanks(unescaped(text)) }

// maxEscapes is how often text may be escaped: a log line in JSON, in JSON, in HTML.
const maxEscapes = 3

// unescaped undoes the escapes of JSON and HTML, colours of terminals and links of
// Markdown, as often as there are signs of them.
func unescaped(text string) string {
	for range maxEscapes {
		before := text
		if strings.Contains(text, `\/`) || strings.Contains(text, `\"`) || strings.Contains(text, `\u`) || strings.Contains(text, `\n`) {
			text = unescapedJSON(text)
		}
		if strings.Contains(text, "&") {
			text = html.UnescapeString(text)
		}
		if text == before {
			break
		}
	}
	if strings.Contains(text, "\x1b[") {
		text = terminalCodes.ReplaceAllString(text, "")
	}
	if strings.Contains(text, "](") {
		text = markdownLinks.ReplaceAllString(text, "$1")
	}
	return text
}

var (
	terminalCodes = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)
	markdownLinks = regexp.MustCompile(`\[([^\[\]\n]{1,900})\]\((?:https?|file|chrome-extension):[^()\s]{0,900}\)`)
)

// unescapedJSON undoes the escapes of a string in JSON. Paths of Windows keep their
// backslashes where those escape nothing.
func unescapedJSON(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		switch c := text[i+1]; {
		case c == '/' || c == '"' || c == '\'':
			b.WriteByte(c)
			i++
		case c == 'n' && endsWord(text, i+2):
			b.WriteByte('\n')
			i++
		case c == 'u' && i+6 <= len(text):
			r, ok := codeUnit(text[i+2 : i+6])
			if !ok {
				b.WriteByte('\\')
				continue
			}
			b.WriteRune(r)
			i += 5
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}

// endsWord reports whether what is at i cannot belong to the name of a file, so
// that \n before it is the end of a line.
func endsWord(text string, i int) bool {
	return i >= len(text) || !('a' <= text[i] && text[i] <= 'z')
}

func codeUnit(digits string) (rune, bool) {
	var r rune
	for i := range 4 {
		d := strings.IndexByte("0123456789abcdef", digits[i]|0x20)
		if d < 0 || digits[i] < '0' {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, utf8.ValidRune(r)
}

// ascii are the forms that quotes and punctuation of other scripts get.
var ascii = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '＇': "'", '‹': "'", '›': "'",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '＂': `"`, '「': `"`, '」': `"`, '『': `"`, '』': `"`,
	'（': " (", '）': ")", '：': ": ", '，': ", ", '、': ", ", '。': ". ", '；': "; ", '…': "...", '＝': "=",
}

// plainBlanks gives quotes, punctuation and blanks their ASCII forms.
func plainBlanks(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	last := byte('\n')
	write := func(c byte) {
		if c == ' ' && (last == ' ' || last == '\n') {
			return
		}
		b.WriteByte(c)
		last = c
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		plain, replaced := ascii[r]
		switch {
		case r == '\n' || r == '\r':
			if last != '\n' {
				b.WriteByte('\n')
				last = '\n'
			}
		case unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b':
			write(' ')
		case r == '>' && last == '\n': // as in a quotation
		case replaced:
			for j := range len(plain) {
				write(plain[j])
			}
		case r < utf8.RuneSelf:
			write(byte(r))
		default:
			b.WriteString(text[i-n : i])
			last = 0
		}
	}
	return b.String()
}
