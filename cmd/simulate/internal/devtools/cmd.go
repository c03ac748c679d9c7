package devtools

import "strings"

// A cmdLine reads commands as cmd.exe and the C library's argument parser do one
// after the other, which is what a hand-written argument gets.
//
// An argument that a browser's developer tools wrote is read for what they meant
// instead. They write it as ^"…^", with each backslash doubled, a quote as \" (to
// which Firefox adds \$ and \`), a caret before each character that might be
// special, and a line break as a caret and two line breaks. On Windows not all
// of that is undone: the C library halves only the backslashes before a
// quote. So the copied request had one backslash, and running the command sends two.
//
// Chromium once began such an argument with a plain quote, inside which carets are
// literal to cmd.exe. legacy says that the text shows signs of that.
//
// https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments
type cmdLine struct {
	src    string
	pos    int
	quoted bool // in cmd.exe's own view, which knows no backslashes
	legacy bool
	cmd    *command
}

// cmdCommand reads the command at pos. An error is a quotation without an end.
func cmdCommand(src string, pos int) (command, *problem) {
	cmd := command{}
	p := &cmdLine{src: src, pos: pos, cmd: &cmd}
	if plain, caret := strings.Index(src, ` "`), strings.Index(src, ` ^"`); plain >= 0 && (caret < 0 || plain < caret) {
		p.legacy = strings.Contains(src, `^\^"`) || strings.Contains(src, "^%^")
	}
	for {
		p.skipBlanks()
		if p.pos == len(src) {
			cmd.end = p.pos
			return cmd, nil
		}
		switch c := src[p.pos]; {
		case c == '<', c == '>':
			cmd.redirected = true
			if n := len(cmd.words); n > 0 && src[p.pos-1] == '2' && cmd.words[n-1].text == "2" && cmd.words[n-1].pos == p.pos-1 {
				cmd.words = cmd.words[:n-1]
			}
			for p.pos < len(src) && strings.IndexByte("<>&", src[p.pos]) >= 0 {
				p.pos++
			}
			p.skipBlanks()
			if p.pos < len(src) && strings.IndexByte("\n&|<>", src[p.pos]) < 0 {
				if _, err := p.word(); err != nil {
					return cmd, err
				}
			}
		case strings.IndexByte("\n&|", c) >= 0:
			start := p.pos
			p.pos++
			if c != '\n' && p.pos < len(src) && src[p.pos] == c {
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

// skipBlanks skips blanks, escaped ones too, and continued lines.
func (p *cmdLine) skipBlanks() {
	for {
		c, n, _ := p.next()
		if n == 0 || c != ' ' && c != '\t' && c != continued {
			return
		}
		p.pos += n
	}
}

// continued is what next returns for a caret at the end of a line, which leaves
// nothing behind. A NUL cannot be in a command line of Windows.
const continued = 0

// next returns the character at the current place after cmd.exe has removed its
// carets, its length in the text (0 at the end of it), and whether it had a caret.
func (p *cmdLine) next() (c byte, n int, escaped bool) {
	rest := p.src[p.pos:]
	switch {
	case rest == "":
		return 0, 0, false
	case rest[0] != '^' || p.quoted:
		return rest[0], 1, false
	case len(rest) == 1:
		return continued, 1, true
	case rest[1] == ' ' || rest[1] == '\t':
		// Blanks between the caret and the line's end spoil the continuation on
		// Windows. They got there after the text was copied.
		if i := len(rest) - len(strings.TrimLeft(rest[1:], " \t")); i < len(rest) && rest[i] == '\n' {
			return continued, i + 1, true
		}
	case rest[1] == '\n' && len(rest) > 2 && rest[2] == '\n':
		return '\n', 3, true
	case rest[1] == '\n':
		return continued, 2, true
	}
	return rest[1], 2, true
}

// word reads an argument. Two programs look at it, and keep their own account of what is
// quoted: cmd.exe, for which each double quote that has no caret begins or ends a quotation, in
// which its operators mean nothing (p.quoted); and then the C library of the program, for which
// backslashes before a quote count, and in whose quotations blanks do not end the argument
// (argument.inside).
func (p *cmdLine) word() (word, *problem) {
	a := argument{opened: p.pos}
	start := p.pos
	for {
		c, n, escaped := p.next()
		lineEnds := n == 0 || c == '\n' && !escaped
		operator := !escaped && !p.quoted && strings.IndexByte("&|<>", c) >= 0
		if lineEnds || operator || !a.inside && (c == ' ' || c == '\t') {
			a.flush(a.backslashes)
			switch {
			case a.inside && operator && !lineEnds:
				return word{}, problemf(p.pos, `cmd.exe ends the command at this %c, because to it each double quote before it (\" too) begins or ends a quotation; write ^%c`, c, c)
			case a.inside:
				return word{}, problemf(a.opened, `the double quote (") that begins here has no end on its line`)
			}
			p.quoted = false
			return word{a.text.String(), start}, nil
		}
		if c == '"' && a.backslashes == 0 && !a.inside && (escaped || p.legacy) {
			if err := p.copied(&a.text, n); err != nil {
				return word{}, err
			}
			continue
		}
		if c == '%' && !escaped {
			p.variable()
		}
		at := p.pos
		p.pos += n
		if c == '"' && !escaped {
			p.quoted = !p.quoted
		}
		switch {
		case c == '\\':
			a.backslashes++
		case c == '"':
			p.quote(&a, at)
		case c == continued && escaped:
		default:
			a.flush(a.backslashes)
			a.text.WriteByte(c)
		}
	}
}

// An argument is what the C library has made of an argument so far.
type argument struct {
	text        strings.Builder
	inside      bool // of a quotation
	opened      int  // where it began
	backslashes int  // those just before, which mean something else before a quote
}

// flush writes n backslashes, in place of those just before.
func (a *argument) flush(n int) {
	a.text.WriteString(strings.Repeat(`\`, n))
	a.backslashes = 0
}

// quote reads a double quote, which begins at a place, as the C library does: after an odd number
// of backslashes it is a character, two of them inside of a quotation are one, and any other
// begins or ends a quotation.
func (p *cmdLine) quote(a *argument, at int) {
	character := a.backslashes%2 == 1
	a.flush(a.backslashes / 2)
	if !character && a.inside {
		if d, n, escaped := p.next(); n > 0 && d == '"' {
			p.pos += n
			if !escaped {
				p.quoted = !p.quoted
			}
			character = true
		}
	}
	if character {
		a.text.WriteByte('"')
		return
	}
	if a.inside = !a.inside; a.inside {
		a.opened = at
	}
}

// copied reads an argument that developer tools wrote, from its opening quote, which
// has n bytes, to its closing one.
func (p *cmdLine) copied(b *strings.Builder, n int) *problem {
	start := p.pos
	for p.pos += n; ; {
		c, n, escaped := p.next()
		if n == 0 || c == '\n' && !escaped {
			return problemf(start, `the quotation that begins here has no end; a line break in it is written as a caret and two line breaks`)
		}
		p.pos += n
		switch {
		case c == '"':
			return nil
		case c == '\\':
			if d, m, _ := p.next(); m > 0 && strings.IndexByte("\\\"$`", d) >= 0 {
				b.WriteByte(d)
				p.pos += m
				continue
			}
			b.WriteByte(c)
		case c == continued && escaped:
		default:
			b.WriteByte(c)
		}
	}
}

// variable complains where the percent sign at the current place begins a
// variable of the environment. A name that begins as a percent-encoded byte does
// is taken for one, as no such variable is likely to be set.
func (p *cmdLine) variable() {
	name := p.src[p.pos+1:]
	i := 0
	for i < len(name) && isIdentifier(name[i]) && name[i] < 0x80 {
		i++
	}
	if i < 2 || i == len(name) || name[i] != '%' || '0' <= name[0] && name[0] <= '9' ||
		digit(name[0]) < 16 && digit(name[1]) < 16 || p.cmd.problem != nil {
		return
	}
	p.cmd.problem = problemf(p.pos, "%%%s%% is a variable of cmd.exe, whose value is not known; write the value", shorten(name[:i]))
}
