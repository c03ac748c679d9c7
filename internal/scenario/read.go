package scenario

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxLine is how many bytes a line may have, and an object that goes over
// several lines. What is longer is an error of that line alone.
const MaxLine = 16 << 20

// A Reader reads scenarios or outcomes, one object a line, or objects that go
// over several lines. Blank lines, carriage returns at the ends of lines and a
// byte order mark are skipped. It is not safe for concurrent use; what
// [Reader.NextRaw] returns is.
type Reader struct {
	in    *bufio.Reader
	max   int   // MaxLine, except tests
	lines int   // how many were read
	err   error // of in, once there is one

	ahead []line // lines that were read ahead
	next  int    // which of them is the next
	keep  bool   // keep in ahead what is read, to go back to it
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64<<10), max: MaxLine}
}

// A Raw is an object that is not decoded yet, and the line that it begins on,
// counted from 1.
type Raw struct {
	Line int
	Text []byte
}

// Next reads the next scenario. It returns a *[LineError] for one that is
// wrong, after which the next can be read; [io.EOF] at the end; and any other
// error, for good, where reading failed.
func (r *Reader) Next() (*Scenario, error) {
	raw, err := r.NextRaw()
	if err != nil {
		return nil, err
	}
	return raw.Decode()
}

// NextOutcome is [Reader.Next] for outcomes.
func (r *Reader) NextOutcome() (*Outcome, error) {
	raw, err := r.NextRaw()
	if err != nil {
		return nil, err
	}
	return raw.DecodeOutcome()
}

// NextRaw reads the next object without decoding it, so that several
// goroutines can decode what one reads. Its errors are those of [Reader.Next],
// but that the only *[LineError] is the one for what is longer than [MaxLine].
func (r *Reader) NextRaw() (Raw, error) {
	for {
		next := r.nextLine()
		switch {
		case next.err != nil:
			return Raw{}, next.err
		case isBlank(next.Text):
			continue
		case isOpen(next.Text):
			return r.gather(next.Raw), nil
		}
		return next.Raw, nil
	}
}

// maxDepth is how deep an object may nest for its lines to be gathered, which is
// more than the format does. It bounds how many lines are looked at in vain
// where line after line is cut short.
const maxDepth = 16

// gather adds to a line the lines that the value which it begins goes on over.
// Where they make no value, the first line is wrong in itself, and the others
// are kept for what they are.
func (r *Reader) gather(first Raw) Raw {
	mark := r.next
	lines := &lineReader{reader: r, ahead: first.Text, size: len(first.Text)}
	dec := jsontext.NewDecoder(lines)
	r.keep = true
	defer func() { r.keep = false }()
	for {
		if _, err := dec.ReadToken(); err != nil || dec.StackDepth() > maxDepth {
			r.next = mark
			return first
		}
		if dec.StackDepth() == 0 {
			break
		}
	}
	text := first.Text
	for _, line := range r.ahead[mark:r.next] {
		text = append(append(text, '\n'), line.Text...)
	}
	return Raw{first.Line, text}
}

// A lineReader gives a decoder no line before it needs it.
type lineReader struct {
	reader *Reader
	ahead  []byte // what the decoder has yet to read of the lines so far
	size   int
}

// Read takes the next line only when all before it is read, and fails with
// io.ErrShortBuffer where the object grows beyond what may be read.
func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.ahead) == 0 {
		next := l.reader.nextLine()
		l.size += 1 + len(next.Text)
		if next.err != nil {
			return 0, next.err
		}
		if l.size > l.reader.max {
			return 0, io.ErrShortBuffer
		}
		l.ahead = append([]byte{'\n'}, next.Text...)
	}
	n := copy(p, l.ahead)
	l.ahead = l.ahead[n:]
	return n, nil
}

// A line is a line without its line feed, or the error that stands for it.
type line struct {
	Raw
	err error
}

// nextLine returns the next line, from those that were read ahead where there
// are any.
func (r *Reader) nextLine() line {
	if r.next == len(r.ahead) && !r.keep {
		r.ahead, r.next = r.ahead[:0], 0
		return r.readLine()
	}
	if r.next == len(r.ahead) {
		r.ahead = append(r.ahead, r.readLine())
	}
	next := r.ahead[r.next]
	if !r.keep {
		r.ahead[r.next] = line{} // its memory is the caller's now
	}
	r.next++
	return next
}

func (r *Reader) readLine() line {
	if r.err != nil {
		return line{err: r.err}
	}
	r.lines++
	var text []byte
	for {
		piece, err := r.in.ReadSlice('\n')
		if len(text)+len(piece) > r.max+len("\r\n") {
			return r.skipLine(err)
		}
		text = append(text, piece...)
		switch {
		case err == nil:
			text = bytes.TrimSuffix(text[:len(text)-1], []byte("\r"))
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(text) > 0: // the last line may end without a line feed
			r.err = io.EOF
		case err == io.EOF:
			r.err = io.EOF
			return line{err: io.EOF}
		default: // what was read of the line is not to be trusted
			r.err = fmt.Errorf("reading line %d: %w", r.lines, err)
			return line{err: r.err}
		}
		if len(text) > r.max {
			return r.skipLine(nil)
		}
		if r.lines == 1 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF"))
		}
		return line{Raw: Raw{r.lines, text}}
	}
}

// skipLine reads the rest of a line that is too long, after a call of ReadSlice
// that returned err, and returns the error that the line is.
func (r *Reader) skipLine(err error) line {
	for err == bufio.ErrBufferFull {
		_, err = r.in.ReadSlice('\n')
	}
	if err != nil {
		r.err = err // for the next line to say
	}
	return line{err: &LineError{r.lines, "", int64(r.max), fmt.Sprintf("is longer than %d bytes", r.max)}}
}

func isBlank(text []byte) bool {
	return len(bytes.TrimLeft(text, " \t\r")) == 0
}

// isOpen reports whether text begins objects or lists that it does not end, so
// that they may go on on the next line. A string may not.
func isOpen(text []byte) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			for {
				n := bytes.IndexByte(text[i+1:], '"')
				if n < 0 {
					return false
				}
				i += 1 + n
				escapes := 0
				for text[i-1-escapes] == '\\' {
					escapes++
				}
				if escapes%2 == 0 {
					break
				}
			}
		}
	}
	return depth > 0
}
