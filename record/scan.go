package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// windowSize is how much of the input is held at a time.
const windowSize = 256 << 10

// scanner runs over JSON in a window that it refills once all of it is
// consumed, so that a string of any length costs no memory: what is wanted is
// copied out by its callers, everything else is passed over at the speed at
// which [bytes.IndexByte] finds the next quote.
//
// It is lenient where leniency cannot change what an entry says: commas too
// many or too few, any scalar where one is not wanted, control characters in
// strings. Its methods return false once s.err is set.
type scanner struct {
	src      io.Reader
	buf      []byte
	pos, end int   // the window is buf[pos:end]
	base     int64 // offset of buf[0] in the input
	newlines int64 // before buf[counted]
	counted  int
	srcErr   error // what src returned last
	oneLine  bool  // a line feed may not stand inside of a value (JSON lines)
	err      error
	key      [maxKey]byte // a member name that had to be copied
}

// maxKey bounds a member name; no longer one means anything here.
const maxKey = 64

func newScanner(src io.Reader, base int64) *scanner {
	return &scanner{src: src, buf: make([]byte, windowSize), base: base}
}

// fill reads on once the window is consumed. It returns false at the end of
// the input, with s.err set only if that was no orderly end.
func (s *scanner) fill() bool {
	if s.pos < s.end {
		return true
	}
	if s.err != nil {
		return false
	}
	if s.srcErr == nil {
		s.newlines += int64(bytes.Count(s.buf[s.counted:s.end], newline))
		s.base += int64(s.end)
		s.pos, s.end, s.counted = 0, 0, 0
	}
	if s.read() {
		return true
	}
	// A compressed file that was cut off is a file that was cut off.
	if s.srcErr != io.EOF && !errors.Is(s.srcErr, io.ErrUnexpectedEOF) {
		s.err = fmt.Errorf("reading the recording at byte %d: %w", s.offset(), s.srcErr)
	}
	return false
}

// more widens the window without consuming any of it. It returns false where
// there is no more, or no room.
func (s *scanner) more() bool {
	if s.pos == s.end {
		return s.fill()
	}
	if s.srcErr != nil {
		return false
	}
	if s.end == len(s.buf) {
		if s.pos == 0 {
			return false
		}
		s.line()
		s.base += int64(s.pos)
		s.end = copy(s.buf, s.buf[s.pos:])
		s.pos, s.counted = 0, 0
	}
	return s.read()
}

// read appends to the window, and returns false if there was nothing left.
func (s *scanner) read() bool {
	for empty := 0; s.srcErr == nil; empty++ {
		n, err := s.src.Read(s.buf[s.end:])
		s.end, s.srcErr = s.end+n, err
		if n > 0 {
			return true
		}
		if empty == 100 {
			s.srcErr = io.ErrNoProgress
		}
	}
	return false
}

// atEnd reports the end of an input that is not in the middle of anything:
// io.EOF, or what ended it otherwise.
func (s *scanner) atEnd() error {
	if s.err == nil && errors.Is(s.srcErr, io.ErrUnexpectedEOF) {
		s.cutOff()
	}
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

var newline = []byte{'\n'}

func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// line returns the number of the line at pos, from 1.
func (s *scanner) line() int64 {
	if s.pos > s.counted {
		s.newlines += int64(bytes.Count(s.buf[s.counted:s.pos], newline))
		s.counted = s.pos
	}
	return s.newlines + 1
}

func (s *scanner) fail(problem string) bool {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.offset(), Line: s.line(), Problem: problem}
	}
	return false
}

func (s *scanner) cutOff() bool {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.offset(), Line: s.line(), Problem: "the input ends in the middle: it was cut off", CutOff: true}
	}
	return false
}

// next skips white space and returns the byte after it, which it leaves in the
// window; false at the end of the input.
func (s *scanner) next() (byte, bool) {
	for {
		w := s.buf[s.pos:s.end]
		for i := 0; i < len(w); i++ {
			c := w[i]
			if c > ' ' {
				s.pos += i
				return c, true
			}
			if s.oneLine && c == '\n' {
				s.pos += i
				return 0, s.fail("the line ends in the middle of its JSON")
			}
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				s.pos += i
				return 0, s.fail("a control character stands where JSON is expected")
			}
			for c == '\n' && i+9 <= len(w) && string(w[i+1:i+9]) == "        " {
				i += 8 // indentation
			}
		}
		s.pos = s.end
		if !s.fill() {
			return 0, false
		}
	}
}

// need is next where the input may not end.
func (s *scanner) need() (byte, bool) {
	c, ok := s.next()
	if !ok {
		return 0, s.cutOff()
	}
	return c, true
}

// member goes to the value of the next member of an object whose '{' is
// consumed. It returns the member's name, valid until the window moves, or ok
// false at the object's end, whose '}' it consumes, and on error.
func (s *scanner) member() (name []byte, ok bool) {
	c, ok := s.need()
	if ok && c == ',' {
		s.pos++
		c, ok = s.need()
	}
	switch {
	case !ok:
		return nil, false
	case c == '}':
		s.pos++
		return nil, false
	case c != '"':
		return nil, s.fail("want a member name in quotes, or the end of the object")
	}
	s.pos++
	w := s.buf[s.pos:s.end]
	if i := bytes.IndexByte(w, '"'); i >= 0 && i+1 < len(w) && w[i+1] == ':' && bytes.IndexByte(w[:i], '\\') < 0 && !(s.oneLine && bytes.IndexByte(w[:i], '\n') >= 0) {
		s.pos += i + 2
		return w[:i], true
	}
	name, escaped, ok := s.copyString(s.key[:0], maxKey)
	if !ok {
		return nil, false
	}
	if escaped {
		name = []byte(unescape(string(name)))
	}
	if c, ok = s.need(); !ok {
		return nil, false
	}
	if c != ':' {
		return nil, s.fail("want a colon after the member name " + excerpt(string(name)))
	}
	s.pos++
	return name, true
}

// element goes to the next element of a list whose '[' is consumed, and returns
// its first byte; ok is false at the list's end, whose ']' it consumes, and on
// error.
func (s *scanner) element() (c byte, ok bool) {
	c, ok = s.need()
	if ok && c == ',' {
		s.pos++
		c, ok = s.need()
	}
	if ok && c == ']' {
		s.pos++
		return 0, false
	}
	return c, ok
}

// skip passes over a value.
func (s *scanner) skip() bool {
	c, ok := s.need()
	if !ok {
		return false
	}
	switch c {
	case '"':
		s.pos++
		_, ok := s.skipString()
		return ok
	case '{', '[':
		return s.skipContainer()
	}
	_, ok = s.scalar(nil)
	return ok
}

// skipString passes over a string whose opening quote is consumed.
func (s *scanner) skipString() (empty, ok bool) {
	empty = true
	escaped := false // the byte at pos is escaped by a backslash before it
	for {
		w := s.buf[s.pos:s.end]
		from := 0
		if escaped && len(w) > 0 {
			from, escaped = 1, false
		}
		for {
			i := indexQuote(w, from)
			if i < 0 {
				break
			}
			b := i // where the backslashes right before the quote begin
			for b > from && w[b-1] == '\\' {
				b--
			}
			if (i-b)%2 == 0 {
				if s.oneLine && s.lineFeed(w[:i]) {
					return false, false
				}
				s.pos += i + 1
				return empty && i == 0, true
			}
			from = i + 1
		}
		if s.oneLine && s.lineFeed(w) {
			return false, false
		}
		b := len(w)
		for b > from && w[b-1] == '\\' {
			b--
		}
		escaped = escaped || (len(w)-b)%2 != 0
		empty = empty && len(w) == 0
		s.pos = s.end
		if !s.fill() {
			return false, s.cutOff()
		}
	}
}

// indexQuote returns the index of the first quote of w at or behind from. JSON
// and HTML in a string have an escaped quote every few bytes, for which calling
// [bytes.IndexByte] each time is too much: the next 32 bytes are tried first,
// eight at a time.
func indexQuote(w []byte, from int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	near := min(from+32, len(w)-8)
	for ; from <= near; from += 8 {
		x := binary.LittleEndian.Uint64(w[from:]) ^ ones*'"'
		// The lowest zero byte of x is the lowest of these bits.
		if zero := (x - ones) &^ x & highs; zero != 0 {
			return from + bits.TrailingZeros64(zero)/8
		}
	}
	if i := bytes.IndexByte(w[from:], '"'); i >= 0 {
		return from + i
	}
	return -1
}

// lineFeed fails if there is a line feed in w, which begins at pos.
func (s *scanner) lineFeed(w []byte) bool {
	i := bytes.IndexByte(w, '\n')
	if i < 0 {
		return false
	}
	s.pos += i
	s.fail("the line ends in the middle of a string")
	return true
}

// copyString appends to dst the raw bytes of a string whose opening quote is
// consumed, as far as dst may grow to most bytes, and reports whether there is
// an escape among them.
func (s *scanner) copyString(dst []byte, most int) (_ []byte, escaped, ok bool) {
	for {
		w := s.buf[s.pos:s.end]
		i := bytes.IndexByte(w, '"')
		plain := w
		if i >= 0 {
			plain = w[:i]
		}
		b := bytes.IndexByte(plain, '\\')
		if b >= 0 {
			plain = w[:b]
		}
		if s.oneLine && s.lineFeed(plain) {
			return dst, escaped, false
		}
		if room := most - len(dst); len(plain) > room {
			s.pos += max(room, 0)
			dst = append(dst, plain[:max(room, 0)]...)
			_, ok := s.skipString()
			return dst, escaped, ok
		}
		dst = append(dst, plain...)
		s.pos += len(plain)
		switch {
		case b >= 0:
			escaped = true
			s.pos++
			if !s.fill() {
				return dst, escaped, s.cutOff()
			}
			dst = append(dst, '\\', s.buf[s.pos])
			s.pos++
		case i >= 0:
			s.pos++
			return dst, escaped, true
		}
		if !s.fill() {
			return dst, escaped, s.cutOff()
		}
	}
}

// maxScalar bounds what is kept of a number or another word.
const maxScalar = 64

// scalar appends to dst what stands up to the next delimiter.
func (s *scanner) scalar(dst []byte) (_ []byte, ok bool) {
	start := s.offset()
	n := 0
	for {
		w := s.buf[s.pos:s.end]
		i := 0
		for i < len(w) && !delimiter[w[i]] {
			i++
		}
		if n < maxScalar {
			dst = append(dst, w[:min(i, maxScalar-n)]...)
			n += min(i, maxScalar-n)
		}
		s.pos += i
		if i < len(w) {
			break
		}
		if !s.fill() {
			return dst, s.err == nil
		}
	}
	if s.offset() == start {
		return dst, s.fail("want a value, have " + excerpt(string(s.buf[s.pos:s.pos+1])))
	}
	return dst, true
}

// skipContainer passes over an object or a list. It holds brackets against each
// other as far as maxChecked levels deep; deeper ones are only counted, so that
// no depth costs memory.
func (s *scanner) skipContainer() bool {
	const maxChecked = 512
	var lists [maxChecked / 64]uint64
	table := &structural
	if s.oneLine {
		table = &structuralOneLine
	}
	depth := 0
	for {
		w := s.buf[s.pos:s.end]
		for i := 0; i < len(w); i++ {
			c := w[i]
			if !table[c] {
				continue
			}
			switch c {
			case '"':
				s.pos += i + 1
				if _, ok := s.skipString(); !ok {
					return false
				}
				w, i = s.buf[s.pos:s.end], -1
			case '{', '[':
				if depth < maxChecked {
					bit := uint64(1) << (depth % 64)
					lists[depth/64] &^= bit
					if c == '[' {
						lists[depth/64] |= bit
					}
				}
				depth++
			case '}', ']':
				depth--
				if depth < maxChecked && (lists[depth/64]>>(depth%64)&1 == 1) != (c == ']') {
					s.pos += i
					return s.fail(excerpt(string(c)) + " closes what another bracket opened")
				}
				if depth == 0 {
					s.pos += i + 1
					return true
				}
			case '\n':
				s.pos += i
				return s.fail("the line ends in the middle of its JSON")
			}
		}
		s.pos = s.end
		if !s.fill() {
			return s.cutOff()
		}
	}
}

// structural bytes end a run that skipContainer passes over; delimiter bytes
// end a scalar.
var structural, structuralOneLine, delimiter = func() (a, b, d [256]bool) {
	for _, c := range []byte("\"{}[]") {
		a[c], b[c], d[c] = true, true, true
	}
	b['\n'] = true
	for _, c := range []byte(",: \t\r\n") {
		d[c] = true
	}
	return a, b, d
}()
