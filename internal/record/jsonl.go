package record

import (
	"bytes"
	"io"
	"strconv"
)

// lineReader reads JSON lines. A broken line costs that line.
type lineReader struct {
	c     collector
	begun bool
	lines bool // each line is an entry, or empty
}

// newLineReader returns a reader of lines. Where the format was recognized, not
// named, objects may also be on several lines each.
func newLineReader(s *scanner, named bool) *lineReader {
	return &lineReader{c: collector{scanner: s}, begun: named, lines: named}
}

func (l *lineReader) next(index int) (Raw, error) {
	c := &l.c
	c.oneLine = false // between lines
	b, ok := l.toEntry()
	if !ok && c.err == nil {
		return Raw{}, c.atEnd()
	}
	if ok && !l.begun {
		l.begun, l.lines = true, l.onOneLine()
	}
	c.oneLine = l.lines
	raw := Raw{index: index, entry: "line " + strconv.FormatInt(c.line(), 10), offset: c.offset()}
	if ok {
		raw, ok = c.entry(b, raw)
	}
	if ok && !l.lines {
		return raw, nil
	}
	if ok {
		if offset, more := l.endLine(); more && raw.problem == "" {
			raw.field, raw.problem = "", "more than an object is on the line (byte "+strconv.FormatInt(offset, 10)+")"
		}
		return raw, nil
	}
	syntax, ok := c.err.(*SyntaxError)
	if !ok || !l.lines || c.brokeOff() {
		return Raw{}, c.err
	}
	c.err = nil
	raw.field, raw.problem = "", syntax.Problem+" (byte "+strconv.FormatInt(syntax.Offset, 10)+")"
	l.endLine()
	return raw, nil
}

// toEntry goes to the first byte of the next entry: past empty lines, byte-order
// marks, and the commas of a list whose brackets were removed.
func (l *lineReader) toEntry() (byte, bool) {
	c := &l.c
	for {
		c.passMark()
		b, ok := c.next()
		if !ok || b != ',' && (b != mark[0] || c.ahead(len(mark)) != string(mark)) {
			return b, ok
		}
		if b == ',' {
			c.pos++
		}
	}
}

// brokeOff reports whether the input was lost at this place.
func (s *scanner) brokeOff() bool {
	return s.pos == s.end && s.srcErr != nil && s.srcErr != io.EOF
}

// onOneLine reports whether the first object goes on on the line on which it
// begins. If not, objects stand one after another, each on several lines, and a
// broken one ends the reading.
func (l *lineReader) onOneLine() bool {
	c := &l.c
	for {
		w := bytes.TrimLeft(c.buf[c.pos:c.end], " \t\r{")
		if len(w) > 0 {
			return w[0] != '\n'
		}
		if !c.more() {
			return true
		}
	}
}

// endLine goes behind the next line feed, and reports whether something stands before
// it, and where.
func (l *lineReader) endLine() (offset int64, more bool) {
	c := &l.c
	for c.fill() {
		w := c.buf[c.pos:c.end]
		i := bytes.IndexByte(w, '\n')
		if i >= 0 {
			w = w[:i]
		}
		if rest := bytes.TrimLeft(w, " \t\r,"); !more && len(rest) > 0 {
			offset, more = c.offset()+int64(len(w)-len(rest)), true
		}
		if c.pos += len(w); i >= 0 {
			c.pos++
			break
		}
	}
	return offset, more
}
