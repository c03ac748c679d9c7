package record

import (
	"bytes"
	"io"
	"iter"
	"unicode/utf8"
)

// A Format is a kind of recording.
type Format uint8

// The formats.
const (
	// AnyFormat is for [Options]: the format is recognized from the content.
	AnyFormat Format = iota
	// HAR is an HTTP archive, or just the list that its log.entries is.
	// Several one after another are read as one.
	HAR
	// JSONLines is one entry a line, in the terms of HAR: request.method,
	// request.url, request.headers, response.status, response.headers, and
	// whatever else an entry may have, but only the URL is required. Headers
	// may also be [name, value] pairs, or an object. pageURL is the URL of the
	// document that asked. Each line but the empty ones is an entry, or one that
	// cannot be read, whatever is on the others; only where the format is
	// recognized, not named, may objects be on several lines each.
	JSONLines
	// Messages is raw HTTP: requests and responses as on the wire, one after
	// another, with lines ended by CRLF or LF. Lines "-- name --", as in txtar
	// archives, may stand between them. Responses alone are what curl -i
	// prints; their request is that of [Options].
	Messages
	// CurlVerbose is what curl -v prints, with or without the bodies.
	CurlVerbose
	// NetLog is what Chromium's chrome://net-export and --log-net-log write. It has
	// the browser's own decisions; see [Decision].
	NetLog
	// Burp is the XML of Burp Suite's "Save items".
	Burp
)

// String returns the format's name.
func (f Format) String() string {
	switch f {
	case HAR:
		return "HAR"
	case JSONLines:
		return "JSON lines"
	case Messages:
		return "HTTP messages"
	case CurlVerbose:
		return "curl -v"
	case NetLog:
		return "NetLog"
	case Burp:
		return "Burp XML"
	}
	return "unknown"
}

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
	src, dropped, err := open(r)
	if err != nil {
		return nil, err
	}
	s := newScanner(src, dropped)
	format := opts.Format
	if format == AnyFormat {
		format, err = recognize(s)
	} else if format != JSONLines { // of which no line is as good as any number
		err = s.nothing()
	}
	if err != nil {
		return nil, err
	}
	reader := &Reader{format: format, log: new(Log)}
	switch format {
	case HAR:
		reader.entries = &harReader{c: collector{scanner: s}, log: &reader.log, again: opts.Again}
	case JSONLines:
		reader.entries = newLineReader(s, opts.Format == JSONLines)
	case Messages:
		reader.entries = &messageReader{scanner: s, opts: opts}
	case Burp:
		reader.entries = &burpReader{scanner: s}
	case NetLog:
		reader.entries = &netLogReader{c: collector{scanner: s}, log: &reader.log}
	default:
		reader.entries = &curlReader{scanner: s, opts: opts}
	}
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

// recognize tells the format from what the input begins with. It reads no
// further than it must, so that a pipe can be answered line by line.
func recognize(s *scanner) (Format, error) {
	for {
		head := s.buf[s.pos:s.end]
		format, err := recognizeHead(head, false)
		if format == AnyFormat && err == nil {
			if s.more() {
				continue
			}
			format, err = recognizeHead(head, true)
		}
		if format != AnyFormat || err != nil {
			return format, err
		}
		if err := s.nothing(); err != nil {
			return AnyFormat, err
		}
		switch text := bytes.TrimSpace(head); {
		case len(text) > 0 && text[0] == '{':
			// The log may come after anything; if it never does, the reader
			// of HAR will say so.
			return HAR, nil
		default:
			return AnyFormat, &FormatError{"the input begins with " + beginning(text) +
				" and is not one of the recordings that can be read: HAR, JSON lines, HTTP messages, the output of curl -v or curl -i, a NetLog, Burp's saved items"}
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

// recognizeHead returns AnyFormat if head does not suffice. A line tells only if
// it is there as a whole.
func recognizeHead(head []byte, whole bool) (Format, error) {
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 {
		return AnyFormat, nil
	}
	switch text[0] {
	case '{':
		t := &scanner{buf: text, pos: 1, end: len(text), srcErr: io.EOF}
		for {
			name, ok := t.member()
			if !ok {
				return AnyFormat, nil
			}
			switch string(name) {
			case "log":
				return HAR, nil
			case "request", "response", "startedDateTime", "pageURL", "_initiator", "_requestId":
				return JSONLines, nil
			case "constants":
				return NetLog, nil
			case "traceEvents":
				return AnyFormat, &FormatError{"the input is a trace of DevTools' Performance panel, which has no headers: export a HAR from its Network panel"}
			case "servers", "steps", "client":
				return AnyFormat, &FormatError{"the input is a scenario, which must be run, not a recording"}
			}
			if !t.skip() {
				return AnyFormat, nil
			}
		}
	case '[':
		return HAR, nil
	case '<':
		if !bytes.HasPrefix(text, []byte("< ")) && len(text) > 1 {
			root, ok := rootElement(text)
			if !ok && !whole {
				return AnyFormat, nil
			}
			if root == "items" {
				return Burp, nil
			}
			return AnyFormat, &FormatError{"the input is XML or HTML, but not of Burp's \"Save items\": if it is a session of Charles or Fiddler, export it as HAR"}
		}
	}
	for line := range bytes.Lines(text) {
		if !whole && line[len(line)-1] != '\n' {
			break
		}
		line = bytes.TrimRight(line, "\r\n")
		if _, ok := parseStartLine(line); ok {
			return Messages, nil
		}
		if mark, rest := curlLine(line); mark != 0 {
			_, ok := parseStartLine(rest)
			if ok || mark == '*' {
				return CurlVerbose, nil
			}
		}
	}
	return AnyFormat, nil
}

// rootElement returns the name of the first element of XML; ok is false if that
// is not there as a whole.
func rootElement(text []byte) (name string, ok bool) {
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 || i+1 == len(text) {
			return "", false
		}
		text = text[i+1:]
		if text[0] != '!' && text[0] != '?' {
			n := bytes.IndexAny(text, " \t\r\n/>")
			return string(text[:max(n, 0)]), n >= 0
		}
	}
}
