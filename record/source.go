package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// open undoes gzip (.har.gz), zstd (.har.zst), zlib (mitmproxy's .zhar) and zip
// (Playwright's .har.zip), drops a byte-order
// mark, and turns UTF-16, which PowerShell's > writes, into UTF-8. It returns
// how many bytes it dropped.
func open(r io.Reader) (io.Reader, int64, error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(4); bytes.HasPrefix(magic, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, 0, unpacked("gzip", err)
		}
		b = bufio.NewReader(z)
	} else if len(magic) >= 2 && magic[0] == 0x78 && binary.BigEndian.Uint16(magic)%31 == 0 {
		z, err := zlib.NewReader(b)
		if err != nil {
			return nil, 0, unpacked("zlib", err)
		}
		b = bufio.NewReader(z)
	} else if bytes.HasPrefix(magic, []byte("PK\x03\x04")) || bytes.HasPrefix(magic, []byte("PK\x05\x06")) {
		z, err := newZipReader(b)
		if err == io.ErrUnexpectedEOF {
			err = &FormatError{"the zip archive is cut off before a .har file"}
		}
		if err != nil {
			return nil, 0, err
		}
		b = bufio.NewReader(z)
	} else if bytes.HasPrefix(magic, []byte("\x28\xb5\x2f\xfd")) {
		z, err := newZstdReader(b)
		if err != nil {
			return nil, 0, unpacked("zstd", err)
		}
		b = bufio.NewReader(z)
	}
	switch magic, _ := b.Peek(3); {
	case bytes.HasPrefix(magic, mark):
		b.Discard(len(mark))
		return b, int64(len(mark)), nil
	case bytes.HasPrefix(magic, []byte("\xFF\xFE")):
		b.Discard(2)
		return &utf16Reader{r: b, order: binary.LittleEndian}, 0, nil
	case bytes.HasPrefix(magic, []byte("\xFE\xFF")):
		b.Discard(2)
		return &utf16Reader{r: b, order: binary.BigEndian}, 0, nil
	}
	return b, 0, nil
}

// unpacked is the error of an input that cannot be unpacked from its beginning on.
func unpacked(as string, err error) error {
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return &FormatError{"the input is cut off where its compression, " + as + ", begins"}
	case gzip.ErrHeader, zlib.ErrHeader, zlib.ErrDictionary:
		return &FormatError{"the input begins as " + as + " does, and then is not: " + err.Error()}
	}
	return err
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
