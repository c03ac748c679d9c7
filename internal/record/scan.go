package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
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
	openLine bool  // the last line of text had no line feed
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
	if damage, ok := errors.AsType[*damage](s.srcErr); ok {
		return s.fail(damage.Error())
	}
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
	if s.lost() {
		s.cutOff()
	}
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

// lost reports whether the input is known to have had more.
func (s *scanner) lost() bool { return s.err != nil || errors.Is(s.srcErr, io.ErrUnexpectedEOF) }

var (
	newline = []byte{'\n'}
	mark    = []byte("\xEF\xBB\xBF") // the byte-order mark
)

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

func (s *scanner) cutOff() bool { return s.endsIn("the middle: it was cut off") }

// endsIn fails because the input ends in the middle of something.
func (s *scanner) endsIn(what string) bool {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.offset(), Line: s.line(), Problem: "the input ends in " + what, CutOff: true}
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

// passMark passes over a byte-order mark: files that are put together have one in the
// middle.
func (s *scanner) passMark() {
	if b, ok := s.next(); !ok || b != mark[0] {
		return
	}
	if s.ahead(len(mark)) == string(mark) {
		s.pos += len(mark)
	}
}

// ahead returns the next n bytes, as far as they are there, and leaves them.
func (s *scanner) ahead(n int) string {
	for s.end-s.pos < n && s.more() {
	}
	return string(s.buf[s.pos:min(s.pos+n, s.end)])
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
		return nil, s.fail("want a colon after the member name")
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
	escaped := false
	for {
		w := s.buf[s.pos:s.end]
		i := 0
		if i, escaped = closingQuote(w, escaped); i >= 0 {
			w = w[:i]
		}
		if s.oneLine && s.lineFeed(w) {
			return false, false
		}
		empty = empty && len(w) == 0
		s.pos += len(w)
		if i >= 0 {
			s.pos++
			return empty, true
		}
		if !s.fill() {
			return false, s.cutOff()
		}
	}
}

// closingQuote returns the index of the first quote of w that no backslash
// escapes; escaped says whether the first byte of w is escaped. Where there is
// none it returns -1, and whether the byte behind w is escaped.
//
// JSON and HTML in a string have an escaped quote every few bytes, for which
// calling [bytes.IndexByte] each time is too much: eight bytes are looked at
// together, until a stretch without escapes promises more of its kind.
func closingQuote(w []byte, escaped bool) (index int, escapedNext bool) {
	const stretch = 16
	carry := uint64(0) // 0x80 if the byte at i is escaped
	if escaped {
		carry = 0x80
	}
	i, plain := 0, 0
	for i+8 <= len(w) {
		x := binary.LittleEndian.Uint64(w[i:])
		b := equal(x, '\\') &^ carry
		if b&(b<<8) != 0 { // backslashes that escape backslashes
			j, e := closingQuoteSlow(w[i:i+8], carry != 0)
			if j >= 0 {
				return i + j, false
			}
			if carry = 0; e {
				carry = 0x80
			}
			i += 8
			plain = 0
			continue
		}
		if q := equal(x, '"') &^ (b<<8 | carry); q != 0 {
			return i + bits.TrailingZeros64(q)/8, false
		}
		carry = b >> 56
		i += 8
		if plain++; b != 0 {
			plain = 0
		}
		if plain == stretch {
			plain = 0
			j := bytes.IndexByte(w[i:], '"')
			end := i + j
			if j < 0 {
				end = len(w)
			}
			k := end // where the backslashes right before end begin
			for k > i && w[k-1] == '\\' {
				k--
			}
			odd := (end-k)%2 != 0
			switch {
			case j < 0:
				return -1, odd
			case !odd:
				return end, false
			}
			i = end + 1
		}
	}
	j, e := closingQuoteSlow(w[i:], carry != 0)
	if j >= 0 {
		j += i
	}
	return j, e
}

// closingQuoteSlow is closingQuote byte by byte.
func closingQuoteSlow(w []byte, escaped bool) (index int, escapedNext bool) {
	for i, c := range w {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return i, false
		}
	}
	return -1, escaped
}

// equal returns 0x80 in each byte of x that is c, and 0 in the others.
func equal(x uint64, c byte) uint64 {
	const ones, low7 = 0x0101010101010101, 0x7F7F7F7F7F7F7F7F
	x ^= ones * uint64(c)
	return ^((x & low7) + low7 | x | low7)
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
		return dst, s.fail("want a value, have " + strconv.Quote(string(s.buf[s.pos:s.pos+1])))
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
					return s.fail(strconv.Quote(string(c)) + " closes what another bracket opened")
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
