package wire

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// MaxChunkLineBytes is how many bytes a line of a chunked body that has the size
// of a chunk, and extensions, may have; Chromium's bound (kMaxLineBufLen).
const MaxChunkLineBytes = 16 << 10

// lengthReader reads a body whose length is known.
type lengthReader struct {
	br                *bufio.Reader
	length, remaining int64
}

// Read returns a *TruncatedError where the connection ends before the body.
func (r *lengthReader) Read(p []byte) (int, error) {
	if r.remaining == 0 {
		return 0, io.EOF
	}
	n, err := r.br.Read(p[:min(int64(len(p)), r.remaining)])
	r.remaining -= int64(n)
	switch {
	case r.remaining == 0:
		err = io.EOF
	case isEnd(err):
		err = &TruncatedError{Received: r.length - r.remaining, Expected: r.length}
	}
	return n, err
}

// chunkedReader undoes the chunked transfer coding. Extensions and trailers are
// skipped.
//
// https://httpwg.org/specs/rfc9112.html#chunked.encoding
type chunkedReader struct {
	br *bufio.Reader
	// remaining is how much of a chunk is left, and of its line break if inChunk.
	remaining    int64
	inChunk      bool
	received     int64
	trailerBytes int
	chunks       quirks.Chunks
	// atLineStart says that nothing came of the line that was read last.
	atLineStart bool
	err         error
}

// lastChunk is how most chunked bodies end, after the data of a chunk.
const lastChunk = "\r\n0\r\n\r\n"

// Read returns the data of chunks alone. An error stays.
func (r *chunkedReader) Read(p []byte) (int, error) {
	for r.err == nil && len(p) > 0 {
		if r.remaining == 0 {
			r.err = r.next()
			continue
		}
		n, err := r.br.Read(p[:min(int64(len(p)), r.remaining)])
		r.remaining -= int64(n)
		r.received += int64(n)
		if n > 0 {
			// The end is told with the last bytes where that needs no waiting, so
			// that the connection is free for who reads no further.
			if r.remaining == 0 && r.br.Buffered() >= len(lastChunk) {
				if end, _ := r.br.Peek(len(lastChunk)); string(end) == lastChunk {
					r.err = r.next()
				}
			}
			return n, r.err
		}
		r.err = r.ended(err)
	}
	return 0, r.err
}

// next reads up to the data of the next chunk; after the last one, io.EOF.
func (r *chunkedReader) next() error {
	if r.inChunk && r.chunks != quirks.ChunksAsGecko {
		line, err := r.line(MaxChunkLineBytes)
		switch {
		case err != nil:
			return r.endsAsSoup(err)
		case line != "" && r.chunks != quirks.ChunksAsSoup && r.chunks != quirks.ChunksAsNewerSoup:
			return malformed(0, line, "a chunk must end with a line break after as many bytes as it promised")
		}
	}
	r.inChunk = false
	line, err := r.line(MaxChunkLineBytes)
	for err == nil && line == "" && r.chunks == quirks.ChunksAsGecko {
		line, err = r.line(MaxChunkLineBytes)
	}
	if err != nil {
		return r.endsAsSoup(err)
	}
	if r.remaining, err = r.size(line); err != nil {
		return err
	}
	if r.remaining > 0 {
		r.inChunk = true
		return nil
	}
	for first := true; ; first = false {
		line, err := r.line(r.trailerBytes)
		switch {
		case err != nil && r.chunks == quirks.ChunksAsSoup && isTruncated(err):
			return io.EOF
		case err != nil && r.chunks == quirks.ChunksAsNewerSoup && isTruncated(err) && !(first && r.atLineStart):
			return io.EOF
		case err != nil:
			return err
		case line == "":
			return io.EOF
		}
		r.trailerBytes -= len(line) + 1
	}
}

func isTruncated(err error) bool {
	_, ok := errors.AsType[*TruncatedError](err)
	return ok
}

// endsAsSoup returns the end of the body for the end of the connection at the beginning of a
// line, in libsoup, and any other error as it is.
func (r *chunkedReader) endsAsSoup(err error) error {
	if r.chunks == quirks.ChunksAsSoup && r.atLineStart && isTruncated(err) {
		return io.EOF
	}
	return err
}

// line reads a line of at most limit bytes, of which it returns what may matter.
func (r *chunkedReader) line(limit int) (string, error) {
	var start string
	for n := 0; ; {
		more, err := r.br.ReadSlice('\n')
		r.atLineStart = n+len(more) == 0
		if n += len(more); n > limit {
			if len(more) > excerptBytes {
				more = more[:excerptBytes]
			}
			return "", malformed(0, start+string(more), "a line of a chunked body must not have more than %d bytes", limit)
		}
		if start == "" {
			start, _ = cutLine(string(more))
		}
		switch {
		case err == nil:
			return start, nil
		case err != bufio.ErrBufferFull:
			return "", r.ended(err)
		}
	}
}

func (r *chunkedReader) ended(err error) error {
	if isEnd(err) {
		return &TruncatedError{Received: r.received, Expected: -1}
	}
	return err
}

// A closeReader reads a body that ends with the connection.
type closeReader struct{ br *bufio.Reader }

// Read ends where the connection does, with a close_notify or without.
func (r closeReader) Read(p []byte) (int, error) {
	n, err := r.br.Read(p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

// size reads the size of a chunk as the engine does.
func (r *chunkedReader) size(line string) (int64, error) {
	switch r.chunks {
	case quirks.ChunksAsChromium:
		size, _, _ := strings.Cut(line, ";")
		if strings.HasSuffix(size, "\t") {
			return 0, malformed(0, line, "the size of a chunk must end before a tab")
		}
	case quirks.ChunksAsGecko:
		size, _, _ := strings.Cut(line, ";")
		n, negative, ok := cNumber(size)
		if !ok || negative && n > 0 || n > 1<<31-1 {
			return 0, malformed(0, line, "a chunk must begin with its size in hexadecimal digits, less than 2^31")
		}
		return int64(n), nil
	case quirks.ChunksAsSoup, quirks.ChunksAsNewerSoup:
		n, negative, _ := cNumber(line)
		if negative || n > 1<<63-1 {
			n = 0
		}
		return int64(n), nil
	}
	return chunkSize(line)
}

// cNumber reads a hexadecimal number as the C library does: after white space, a sign and "0x",
// up to what is no digit. One that does not fit is the largest that does.
func cNumber(s string) (n uint64, negative, ok bool) {
	s = strings.TrimLeft(s, " \t\v\f\r")
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		s, negative = rest, true
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if hasPrefixFold(s, "0x") && len(s) > 2 && isHexDigit(s[2]) {
		s = s[2:]
	}
	end := 0
	for end < len(s) && isHexDigit(s[end]) {
		end++
	}
	n, err := strconv.ParseUint(s[:end], 16, 64)
	return n, negative, end > 0 || err == nil
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// chunkSize parses hexadecimal digits, up to spaces or tabs before a semicolon or
// the end of the line.
func chunkSize(line string) (n int64, err error) {
	i := 0
	for ; i < len(line); i++ {
		c := line[i]
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			c = 0xff
		}
		if c == 0xff {
			break
		}
		if n >= 1<<59 {
			return 0, malformed(0, line, "the size of a chunk must be less than 2^63")
		}
		n = n<<4 | int64(c)
	}
	digits := i
	for i < len(line) && headers.IsTabOrSpace(line[i]) {
		i++
	}
	if digits == 0 || i < len(line) && line[i] != ';' {
		return 0, malformed(0, line, "a chunk must begin with its size in hexadecimal digits")
	}
	return n, nil
}
