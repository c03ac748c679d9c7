package devtools

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A word is an argument as the command sees it, and where it began.
type word struct {
	text string
	pos  int
}

// A command is one simple command of a shell.
type command struct {
	words []word
	// end is where the command ended, after what ended it: "" for the end of the
	// text, or an operator.
	end      int
	operator string
	// redirected says that there are redirections, which are not among words.
	redirected bool
	// problem is the first part that has no meaning without the shell that it was
	// written for. It is fatal only to the command that matters.
	problem *problem
}

// A posix reads commands as a POSIX shell does, with bash's $'…'.
//
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
type posix struct {
	src string
	pos int
	cmd *command
}

// posixCommand reads the command at pos. An error is a quotation without an end.
func posixCommand(src string, pos int) (command, *problem) {
	cmd := command{}
	p := &posix{src: src, pos: pos, cmd: &cmd}
	for {
		p.skipBlanks()
		if p.pos == len(src) {
			cmd.end = p.pos
			return cmd, nil
		}
		switch c := src[p.pos]; {
		case strings.IndexByte("<>", c) >= 0, strings.HasPrefix(src[p.pos:], "&>"):
			if err := p.redirection(); err != nil {
				return cmd, err
			}
		case strings.IndexByte("\n;&|()", c) >= 0:
			start := p.pos
			p.pos++
			if strings.IndexByte("&|;", c) >= 0 && p.pos < len(src) && src[p.pos] == c {
				p.pos++
			}
			cmd.end, cmd.operator = p.pos, src[start:p.pos]
			return cmd, nil
		default:
			w, err := p.word()
			if err != nil {
				return cmd, err
			}
			cmd.words = append(cmd.words, w)
		}
	}
}

// skipBlanks skips blanks, continued lines and comments.
func (p *posix) skipBlanks() {
	for p.pos < len(p.src) {
		switch rest := p.src[p.pos:]; {
		case rest[0] == ' ', rest[0] == '\t', rest[0] == '\r':
			p.pos++
		case strings.HasPrefix(rest, "\\\n"):
			p.pos += 2
		case rest[0] == '#':
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				p.pos += i
			} else {
				p.pos = len(p.src)
			}
		default:
			return
		}
	}
}

// redirection skips a redirection. A number before it that is a word of its own
// to us (2>) is a part of it.
func (p *posix) redirection() *problem {
	p.cmd.redirected = true
	if n := len(p.cmd.words); n > 0 && strings.IndexByte("0123456789", p.src[p.pos-1]) >= 0 {
		if w := p.cmd.words[n-1]; strings.Trim(w.text, "0123456789") == "" && w.pos+len(w.text) == p.pos {
			p.cmd.words = p.cmd.words[:n-1]
		}
	}
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte("<>&|", p.src[p.pos]) >= 0 {
		p.pos++
	}
	if operator := p.src[start:p.pos]; strings.HasPrefix(operator, "<<") {
		p.complain(start, "a here-document or here-string (%s) is not read; put the text into -d '…'", operator)
	}
	p.skipBlanks()
	if p.pos < len(p.src) && strings.IndexByte("\n;&|()<>", p.src[p.pos]) < 0 {
		_, err := p.word()
		return err
	}
	return nil
}

func (p *posix) complain(pos int, format string, args ...any) {
	if p.cmd.problem == nil {
		p.cmd.problem = problemf(pos, format, args...)
	}
}

// word reads a word and removes its quotes.
func (p *posix) word() (word, *problem) {
	start := p.pos
	var b strings.Builder
	brace, comma := -1, false
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; c {
		case ' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')':
			return word{b.String(), start}, nil
		case '\\':
			if strings.HasPrefix(p.src[p.pos:], "\\\n") {
				p.pos += 2
				continue
			}
			if p.pos++; p.pos == len(p.src) {
				b.WriteByte('\\')
				continue
			}
			if blanks := strings.TrimLeft(p.src[p.pos:], " \t"); len(blanks) < len(p.src[p.pos:]) && strings.HasPrefix(blanks, "\n") {
				p.complain(p.pos-1, "a backslash continues a line only where it is the line's last character; remove the blank after it")
			}
			// A character of several bytes needs no care: the others are ordinary.
			b.WriteByte(p.src[p.pos])
			p.pos++
		case '\'':
			i := strings.IndexByte(p.src[p.pos+1:], '\'')
			if i < 0 {
				return word{}, problemf(p.pos, "the single quote (') that begins here has no end")
			}
			b.WriteString(p.src[p.pos+1 : p.pos+1+i])
			p.pos += i + 2
		case '"':
			if err := p.doubleQuotes(&b); err != nil {
				return word{}, err
			}
		case '`':
			p.substitution()
			b.WriteByte(c)
			p.pos++
		case '$':
			if next := p.src[p.pos+1:]; strings.HasPrefix(next, "'") {
				if err := p.ansiC(&b); err != nil {
					return word{}, err
				}
				continue
			} else if strings.HasPrefix(next, `"`) {
				p.pos++
				continue
			}
			p.substitution()
			b.WriteByte(c)
			if p.pos++; p.pos < len(p.src) && p.src[p.pos] == '(' {
				// What stands between parentheses is no end of this command; the
				// complaint says all that there is to say.
				p.pos++
			}
		default:
			switch {
			case c == '{' && brace < 0:
				brace, comma = p.pos, false
			case c == ',', c == '.' && strings.HasPrefix(p.src[p.pos:], ".."):
				comma = true
			case c == '}' && brace >= 0 && comma:
				p.complain(brace, "a shell expands {…,…} outside quotes to several words; put the argument into single quotes")
			}
			b.WriteByte(c)
			p.pos++
		}
	}
	return word{b.String(), start}, nil
}

// doubleQuotes reads from a double quote to the next one.
func (p *posix) doubleQuotes(b *strings.Builder) *problem {
	start := p.pos
	for p.pos++; p.pos < len(p.src); p.pos++ {
		switch c := p.src[p.pos]; c {
		case '"':
			p.pos++
			return nil
		case '\\':
			if p.pos+1 < len(p.src) && strings.IndexByte("$`\"\\\n", p.src[p.pos+1]) >= 0 {
				if p.pos++; p.src[p.pos] != '\n' {
					b.WriteByte(p.src[p.pos])
				}
				continue
			}
			b.WriteByte(c)
		case '$', '`':
			p.substitution()
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return problemf(start, `the double quote (") that begins here has no end`)
}

// substitution complains where the $ or ` at the current place stands for
// something that only the shell knows. Otherwise the $ is an ordinary character.
func (p *posix) substitution() {
	if p.cmd.problem != nil {
		return // and only the first is told
	}
	rest := p.src[p.pos:]
	if rest[0] == '`' || strings.HasPrefix(rest, "$(") {
		p.complain(p.pos, "a command's output is put in here, which is not known; write the text itself, or put it into single quotes if it is meant literally")
		return
	}
	n := 1
	if strings.HasPrefix(rest, "${") {
		if i := strings.IndexByte(rest, '}'); i > 0 {
			n = i + 1
		} else {
			n = 2
		}
	} else {
		for n < len(rest) && (isIdentifier(rest[n])) && rest[n] != '$' {
			n++
		}
		if n == 1 && len(rest) > 1 && strings.IndexByte("@*#?!$-", rest[1]) >= 0 {
			n = 2
		}
	}
	if n > 1 {
		p.complain(p.pos, "%s is a variable of the shell, whose value is not known; write the value, or put it into single quotes if it is meant literally", shorten(rest[:n]))
	}
}

func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// isIdentifier reports whether c can be in a name of JavaScript or, except the
// dollar sign, of a shell. Of the names beyond ASCII it takes every byte.
func isIdentifier(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// ansiC reads $'…' of bash, with which Chromium, Firefox and Safari write texts that
// hold a quote, an exclamation mark or a control character.
//
// \xHH is a byte, as in bash. \uHHHH is a code point; two of them that are a
// surrogate pair are one, which is what the browsers mean and bash does not do. A
// NUL stands for itself, where bash would end the text.
//
// https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
func (p *posix) ansiC(b *strings.Builder) *problem {
	start := p.pos
	for p.pos += 2; p.pos < len(p.src); {
		c := p.src[p.pos]
		p.pos++
		if c == '\'' {
			return nil
		}
		if c != '\\' || p.pos == len(p.src) {
			b.WriteByte(c)
			continue
		}
		c = p.src[p.pos]
		p.pos++
		switch c {
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'e', 'E':
			b.WriteByte(0x1b)
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case '\\', '\'', '"', '?':
			b.WriteByte(c)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			p.pos--
			n, _ := p.digits(3, 8)
			b.WriteByte(byte(n))
		case 'x':
			if n, ok := p.digits(2, 16); ok {
				b.WriteByte(byte(n))
			} else {
				b.WriteString(`\x`)
			}
		case 'u':
			n, ok := p.digits(4, 16)
			if !ok {
				b.WriteString(`\u`)
				continue
			}
			r := rune(n)
			if utf16.IsSurrogate(r) && strings.HasPrefix(p.src[p.pos:], `\u`) {
				back := p.pos
				p.pos += 2
				low, _ := p.digits(4, 16)
				if pair := utf16.DecodeRune(r, rune(low)); pair != utf8.RuneError {
					r = pair
				} else {
					p.pos = back
				}
			}
			b.WriteRune(r)
		case 'U':
			n, ok := p.digits(8, 16)
			switch {
			case !ok:
				b.WriteString(`\U`)
			case n > utf8.MaxRune:
				b.WriteRune(utf8.RuneError)
			default:
				b.WriteRune(rune(n))
			}
		case 'c':
			if p.pos < len(p.src) {
				b.WriteByte(p.src[p.pos] & 0x1f)
				p.pos++
			}
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return problemf(start, "the quotation $' that begins here has no end")
}

// digits reads at most most digits of the base, and reports whether there was one.
func (p *posix) digits(most int, base uint32) (n uint32, ok bool) {
	for ; most > 0 && p.pos < len(p.src); most-- {
		d := digit(p.src[p.pos])
		if d >= base {
			break
		}
		n, ok = n*base+d, true
		p.pos++
	}
	return n, ok
}

// digit returns the value of a hexadecimal digit, and 16 for any other byte.
func digit(c byte) uint32 {
	switch {
	case '0' <= c && c <= '9':
		return uint32(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return uint32(c|0x20-'a') + 10
	}
	return 16
}
