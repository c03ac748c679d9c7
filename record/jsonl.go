package record

import (
	"bytes"
	"strconv"
)

// lineReader reads JSON lines. A broken line costs that line.
type lineReader struct {
	c     collector
	begun bool
	lines bool // each object is on a line of its own
}

func newLineReader(s *scanner) *lineReader {
	return &lineReader{c: collector{scanner: s}}
}

func (l *lineReader) next(index int) (Raw, error) {
	c := &l.c
	c.oneLine = false // between lines
	c.passMark()
	b, ok := c.next()
	if ok && b == ',' { // the lines of a list whose brackets were removed
		c.pos++
		b, ok = c.next()
	}
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
	if ok && b != '{' && l.lines {
		return raw, l.skipLine()
	}
	if ok {
		return raw, nil
	}
	syntax, ok := c.err.(*SyntaxError)
	if !ok || syntax.CutOff || !c.oneLine {
		return Raw{}, c.err
	}
	c.err = nil
	raw.field, raw.problem = "", syntax.Problem+" (byte "+strconv.FormatInt(syntax.Offset, 10)+")"
	return raw, l.skipLine()
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

// skipLine goes behind the next line feed.
func (l *lineReader) skipLine() error {
	c := &l.c
	for {
		if i := bytes.IndexByte(c.buf[c.pos:c.end], '\n'); i >= 0 {
			c.pos += i + 1
			return nil
		}
		c.pos = c.end
		if !c.fill() {
			return c.err
		}
	}
}
