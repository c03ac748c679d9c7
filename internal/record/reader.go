package record

import (
	"bytes"
	"io"
	"iter"
	"unicode/utf8"
)

// Options are for [NewReader]. The zero value is ready for use.
type Options struct {
	// Format is what the input is; AnyFormat looks.
	Format Format
	// Request is the request of responses that were recorded without one.
	Request *Request
	// Again opens the recording once more, where that can be done. With it, the pages of a HAR are
	// found that has them behind its entries.
	Again func() (io.ReadCloser, error)
}

// A Reader reads the exchanges of a recording. It is not safe for concurrent
// use; what [Reader.NextRaw] returns may be decoded anywhere.
type Reader struct {
	format  Format
	entries entryReader
	log     *Log
	read    int
	err     error // that ended the reading
}

// An entryReader reads one format. Its error is final.
type entryReader interface {
	next(index int) (Raw, error)
}

// Log is what a HAR says about itself.
type Log struct {
	Version                 string // of HAR
	Creator, CreatorVersion string // the program that wrote the file
	Browser, BrowserVersion string // the one that was recorded, if it is another
	Pages                   []Page

	pageIndex map[string]int // by id, into Pages
	dialect   dialect
}

// MaxPages bounds how many pages of a HAR are kept. Entries of the others have
// the fidelity [PageUnknown].
const MaxPages = 10_000

// NewReader returns a reader of the recording that r gives, from which it reads
// a little to recognize the format. The input may be compressed with gzip, zstd or
// zlib, be a zip archive with a .har file in it, begin with a byte-order mark, and
// be UTF-16. The error is a [*FormatError], a [*SyntaxError] where the input is cut
// off before anything of it can be read, or what r returned.
func NewReader(r io.Reader, opts Options) (*Reader, error) {
	src, err := open(r)
	if err != nil {
		return nil, err
	}
	s := newScanner(src, src.dropped)
	format := opts.Format
	if src.archive != nil {
		format = SAZ
	} else if format == SAZ {
		err = &FormatError{"the input is not a zip archive with Fiddler's sessions (raw/1_c.txt, raw/1_s.txt)"}
	} else if format == AnyFormat {
		format, err = recognize(s)
	} else if format != JSONLines && format != AccessLog { // of which no line is as good as any number
		err = s.nothing()
	}
	if err != nil {
		return nil, err
	}
	reader := &Reader{format: format, log: new(Log)}
	reader.entries = rowOf(format).read(&input{s, opts, src.archive, &reader.log})
	return reader, nil
}

// Format returns the format of the input.
func (r *Reader) Format() Format { return r.format }

// Log returns what is known by now of a HAR's creator and pages. Files usually
// have them before the entries; where pages come after, and the recording cannot be
// opened again, entries have been delivered without their page and with [PageUnknown],
// and its Page.ID must be looked up here at the end.
func (r *Reader) Log() Log { return *r.log }

// Next returns the next exchange. Its error is io.EOF at the end; an
// [*EntryError] for an entry that cannot be read, after which the next call goes
// on with the entry behind it; and otherwise final, as from [Reader.NextRaw].
func (r *Reader) Next() (*Exchange, error) {
	raw, err := r.NextRaw()
	if err != nil {
		return nil, err
	}
	return raw.Decode()
}

// NextRaw returns the next entry before most of the work on it is done, for
// callers that spread [Raw.Decode] over several goroutines. Its error is final
// and the same for all further calls: io.EOF at the end, a [*SyntaxError] where
// the input is cut off or broken, a [*FormatError] where it turns out not to be
// a recording, or what the underlying reader returned.
func (r *Reader) NextRaw() (Raw, error) {
	if r.err != nil {
		return Raw{}, r.err
	}
	raw, err := r.entries.next(r.read)
	if err != nil {
		if syntax, ok := err.(*SyntaxError); ok {
			syntax.Entries = r.read
		}
		r.err = err
		return Raw{}, err
	}
	r.read++
	return raw, nil
}

// All returns the remaining exchanges. An [*EntryError] comes in place of its
// exchange; any other error but io.EOF comes last.
func (r *Reader) All() iter.Seq2[*Exchange, error] {
	return func(yield func(*Exchange, error) bool) {
		for {
			raw, err := r.NextRaw()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(raw.Decode()) {
				return
			}
		}
	}
}

// beginning says what the input begins with.
func beginning(text []byte) string {
	line, _, _ := bytes.Cut(text, newline)
	if !isText(line) {
		return "binary data"
	}
	return "a line of " + length(len(bytes.TrimRight(line, "\r")))
}

// isText reports whether b is text, perhaps cut off in the middle of a character.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(b)
		}
		if r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7F {
			return false
		}
		b = b[n:]
	}
	return true
}

// nothing returns the error of an input that holds nothing but white space, as far as
// the window reaches. It reads on only for that.
func (s *scanner) nothing() error {
	for {
		if len(bytes.TrimLeft(s.buf[s.pos:s.end], " \t\r\n")) > 0 {
			return nil
		}
		if s.more() {
			continue
		}
		if err := s.atEnd(); err != io.EOF {
			return err
		}
		if s.end-s.pos == len(s.buf) {
			return nil
		}
		return &FormatError{"the input is empty"}
	}
}
