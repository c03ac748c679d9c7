package record

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// An opened input is text, or an archive that has other things in it than text.
type opened struct {
	io.Reader
	dropped int64       // bytes before the text
	archive *zipArchive // nil if the input is text, or an archive of HARs
}

// open undoes gzip (.har.gz), zstd (.har.zst), zlib (mitmproxy's .zhar) and zip
// (Playwright's .har.zip), drops a byte-order
// mark, and turns UTF-16, which PowerShell's > writes, into UTF-8.
func open(r io.Reader) (*opened, error) {
	src := &source{Reader: r}
	b := bufio.NewReader(src)
	magic, _ := b.Peek(4)
	var u unpacker
	var err error
	switch {
	case magicLength(magic) == 0 || textFollows(b, magicLength(magic)):
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		u.format = "gzip"
		u.Reader, err = gzip.NewReader(b)
	case magic[0] == 0x78:
		u.format = "zlib"
		u.Reader, err = zlib.NewReader(b)
	case magic[0] == 'P':
		u.format = "zip"
		var a *zipArchive
		if a, err = openArchive(b); err != nil {
			break
		}
		if len(sazSessions(a)) > 0 {
			return &opened{Reader: strings.NewReader(""), archive: a}, nil
		}
		u.Reader, err = newZipReader(a)
	default:
		u.format = "zstd"
		u.Reader, err = newZstdReader(b)
	}
	if err != nil {
		return nil, u.unopened(src, err)
	}
	if u.Reader != nil {
		u.src = src
		b = bufio.NewReader(&u)
	}
	switch magic, _ := b.Peek(3); {
	case bytes.HasPrefix(magic, mark):
		b.Discard(len(mark))
		return &opened{Reader: b, dropped: int64(len(mark))}, nil
	case bytes.HasPrefix(magic, []byte("\xFF\xFE")):
		b.Discard(2)
		return &opened{Reader: &utf16Reader{r: b, order: binary.LittleEndian}}, nil
	case bytes.HasPrefix(magic, []byte("\xFE\xFF")):
		b.Discard(2)
		return &opened{Reader: &utf16Reader{r: b, order: binary.BigEndian}}, nil
	}
	return &opened{Reader: b}, nil
}

// magicLength returns how many bytes of b are what a compressed input begins with, 0
// if it begins otherwise.
func magicLength(b []byte) int {
	for _, magic := range [...]string{"\x1f\x8b", "PK\x03\x04", "PK\x05\x06", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return len(magic)
		}
	}
	if len(b) >= 2 && b[0] == 0x78 && binary.BigEndian.Uint16(b)%31 == 0 { // zlib
		return 2
	}
	return 0
}

// textFollows reports whether text stands behind the first n bytes of b, as never
// behind those that compressed input begins with. In text any bytes may come first.
// Those of zlib are letters and too few to tell: what follows has to be zlib, too.
func textFollows(b *bufio.Reader, n int) bool {
	const look = 64
	head, _ := b.Peek(look)
	if head[0] == 0x78 {
		_, err := io.Copy(io.Discard, flate.NewReader(bytes.NewReader(head[n:])))
		_, corrupt := errors.AsType[flate.CorruptInputError](err)
		return corrupt || isText(head[n:])
	}
	return len(head) > n && isText(head[n:])
}

// source notes the error of the input, as opposed to those of what unpacks it.
type source struct {
	io.Reader
	err error // but for io.EOF
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// unpacker undoes a compression.
type unpacker struct {
	io.Reader
	format string
	src    *source
}

// Read returns a [*damage] where the input can be read and not be unpacked.
func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && u.src.err == nil {
		err = &damage{u.format, err}
	}
	return n, err
}

// unopened is the error of an input that cannot be unpacked from its beginning on.
func (u *unpacker) unopened(src *source, err error) error {
	if src.err != nil {
		return src.err
	}
	if _, ok := err.(*FormatError); ok {
		return err
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &FormatError{"the input is cut off where its " + u.format + " begins"}
	}
	return &FormatError{"the input begins as " + u.format + " does, and then is not: " + err.Error()}
}

// damage is what is wrong with compressed input.
type damage struct {
	format string
	err    error
}

// Error says what is wrong, and that it is not the recording's own.
func (d *damage) Error() string {
	if _, ok := d.err.(*FormatError); ok {
		return d.err.Error()
	}
	return "the input's " + d.format + " is damaged: " + strings.TrimPrefix(d.err.Error(), d.format+": ")
}

// newZstdReader reads zstd, in this goroutine, with a window as large as that of
// zstd --ultra -22 at most, which is what it then needs.
func newZstdReader(r io.Reader) (io.Reader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, err
	}
	return z, nil
}

// utf16Reader reads UTF-16 as UTF-8, lone surrogates as U+FFFD.
type utf16Reader struct {
	r       *bufio.Reader
	order   binary.ByteOrder
	pending rune // a code unit read ahead, and not the second half that was wanted
	have    bool
	left    []byte // of a code point that did not fit
	err     error  // that ended the reading
	utf     [utf8.UTFMax]byte
}

// Read returns early rather than wait for more once it has something.
func (u *utf16Reader) Read(p []byte) (int, error) {
	n := copy(p, u.left)
	u.left = u.left[n:]
	for n < len(p) {
		if n > 0 && u.r.Buffered() < 4 {
			return n, nil
		}
		c, err := u.unit()
		if err != nil {
			return n, err
		}
		if utf16.IsSurrogate(c) {
			second, err := u.unit()
			if err == nil {
				if whole := utf16.DecodeRune(c, second); whole != utf8.RuneError {
					c = whole
				} else {
					u.pending, u.have = second, true
				}
			}
		}
		u.left = utf8.AppendRune(u.utf[:0], c)
		k := copy(p[n:], u.left)
		n, u.left = n+k, u.left[k:]
	}
	return n, nil
}

func (u *utf16Reader) unit() (rune, error) {
	if u.have {
		u.have = false
		return u.pending, nil
	}
	var b [2]byte
	if u.err == nil {
		_, u.err = io.ReadFull(u.r, b[:])
	}
	return rune(u.order.Uint16(b[:])), u.err
}
