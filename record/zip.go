package record

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// zipReader reads the .har files of a zip archive, such as Playwright writes with
// the bodies in files of their own, one after another. It reads the archive from
// its beginning, as a pipe can be read; so it does not need the directory at its
// end.
//
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
type zipReader struct {
	in    *bufio.Reader
	file  io.Reader // the file being read, or nil
	sized bool      // its size is known beforehand
	large bool      // its sizes have 64 bits
	flags uint16
	found bool // a .har file
	names []string
	err   error
}

const (
	zipFileHeader = 0x04034b50
	zipDescriptor = 0x08074b50
	zipStored     = 0
	zipDeflated   = 8
	zipEncrypted  = 1 << 0
	zipSizesAfter = 1 << 3 // in a descriptor behind the file
)

func newZipReader(in *bufio.Reader) (*zipReader, error) {
	z := &zipReader{in: in}
	if err := z.nextHAR(); err != nil {
		return nil, err
	}
	return z, nil
}

// Read implements [io.Reader].
func (z *zipReader) Read(p []byte) (int, error) {
	for z.err == nil {
		n, err := z.file.Read(p)
		switch {
		case err == nil || n > 0 && err == io.EOF:
			return n, nil
		case err == io.EOF:
			if z.err = z.end(); z.err == nil {
				z.err = z.nextHAR()
			}
		default:
			// Nothing but a broken archive makes flate fail, or one that was cut off.
			if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
				err = &FormatError{"the zip archive is broken: " + err.Error()}
			}
			z.err = err
			return n, err
		}
	}
	return 0, z.err
}

// nextHAR goes to the next .har file.
func (z *zipReader) nextHAR() error {
	for {
		name, err := z.next()
		if err == io.EOF && !z.found {
			return &FormatError{"the zip archive has no .har file, but " + strings.Join(z.names, ", ")}
		}
		if err != nil {
			return err
		}
		if strings.HasSuffix(strings.ToLower(name), ".har") {
			z.found = true
			return nil
		}
		if len(z.names) < 5 {
			z.names = append(z.names, excerpt(name))
		}
		if _, err := io.Copy(io.Discard, z.file); err != nil {
			return err
		}
		if err := z.end(); err != nil {
			return err
		}
	}
}

// next goes to the next file, whatever it is.
func (z *zipReader) next() (name string, err error) {
	var head [30]byte
	if _, err := io.ReadFull(z.in, head[:4]); err != nil {
		return "", io.ErrUnexpectedEOF // the directory is missing
	}
	if binary.LittleEndian.Uint32(head[:]) != zipFileHeader {
		return "", io.EOF
	}
	if _, err := io.ReadFull(z.in, head[4:]); err != nil {
		return "", io.ErrUnexpectedEOF
	}
	z.flags = binary.LittleEndian.Uint16(head[6:])
	method := binary.LittleEndian.Uint16(head[8:])
	size := uint64(binary.LittleEndian.Uint32(head[18:]))
	rest := make([]byte, int(binary.LittleEndian.Uint16(head[26:]))+int(binary.LittleEndian.Uint16(head[28:])))
	if _, err := io.ReadFull(z.in, rest); err != nil {
		return "", io.ErrUnexpectedEOF
	}
	n := binary.LittleEndian.Uint16(head[26:])
	name = string(rest[:n])
	z.large = false
	for extra := rest[n:]; len(extra) >= 4; {
		kind, length := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; length > len(extra) {
			break
		}
		if kind == 1 { // 64 bits: the size, then the compressed size
			z.large = true
			if length >= 16 && size == 0xFFFFFFFF {
				size = binary.LittleEndian.Uint64(extra[8:])
			}
		}
		extra = extra[length:]
	}
	z.sized = z.flags&zipSizesAfter == 0
	switch {
	case z.flags&zipEncrypted != 0:
		return "", &FormatError{"the file " + excerpt(name) + " of the zip archive is encrypted: unpack it and give the .har file"}
	case method == zipDeflated:
		// Made of an io.ByteReader, flate reads no further than it must.
		z.file = flate.NewReader(z.in)
		if z.sized {
			z.file = flate.NewReader(&byteLimit{z.in, size})
		}
	case method == zipStored && z.sized:
		z.file = io.LimitReader(z.in, int64(min(size, 1<<62)))
	default:
		return "", &FormatError{fmt.Sprintf("the file %s of the zip archive cannot be read as it comes (method %d): unpack it and give the .har file", excerpt(name), method)}
	}
	return name, nil
}

// end passes over the descriptor behind a file.
func (z *zipReader) end() error {
	if z.sized {
		return nil
	}
	n := 12 // the check sum and two sizes
	if z.large {
		n = 20
	}
	if magic, _ := z.in.Peek(4); len(magic) == 4 && binary.LittleEndian.Uint32(magic) == zipDescriptor {
		n += 4
	}
	if _, err := z.in.Discard(n); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// byteLimit reads so many bytes at most.
type byteLimit struct {
	in   *bufio.Reader
	left uint64
}

// Read ends after the limit.
func (l *byteLimit) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n, err := l.in.Read(p[:min(uint64(len(p)), l.left)])
	l.left -= uint64(n)
	return n, err
}

// ReadByte keeps package flate from buffering past the limit.
func (l *byteLimit) ReadByte() (byte, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	l.left--
	return l.in.ReadByte()
}
