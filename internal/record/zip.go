package record

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
)

// zipReader reads the .har files of a zip archive, such as Playwright writes with
// the bodies in files of their own, one after another. It reads the archive from
// its beginning, as a pipe can be read; so it does not need the directory at its
// end.
//
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
type zipReader struct {
	in     *bufio.Reader
	file   zipFile
	found  bool     // a .har file
	names  []string // of other files, for a message
	broken error    // of a file that does not cost those behind it
	err    error
}

// zipFile is the file that is being read.
type zipFile struct {
	name    string
	method  uint16
	flags   uint16
	check   uint32 // CRC-32, as the header or the descriptor has it
	size    uint64 // likewise
	packed  uint64 // the size in the archive, as the header has it
	large   bool   // the sizes have 64 bits
	content io.Reader
	bounded *byteLimit // what content reads, where the size is in the header

	read  uint64 // of the content
	crc   uint32 // of that
	after int    // the length of the descriptor behind the file, once it was found
}

// Signatures.
const (
	zipFileHeader = 0x04034b50
	zipDirectory  = 0x02014b50
	zipExtraData  = 0x08064b50
	zipDescriptor = 0x08074b50
	zip64End      = 0x06064b50
	zipEnd        = 0x06054b50
)

// Methods and flags.
const (
	zipStored     = 0
	zipDeflated   = 8
	zipEncrypted  = 1 << 0
	zipSizesAfter = 1 << 3 // in a descriptor behind the file
)

// zipLook is how far it is looked ahead for the descriptor behind a stored file.
const zipLook = 64 << 10

func newZipReader(in *bufio.Reader) (*zipReader, error) {
	z := &zipReader{in: bufio.NewReaderSize(in, zipLook)}
	if err := z.nextHAR(); err != nil {
		return nil, err
	}
	return z, nil
}

// Read implements [io.Reader].
func (z *zipReader) Read(p []byte) (int, error) {
	for z.err == nil {
		n, err := z.file.Read(p)
		if err == nil || n > 0 && err == io.EOF {
			return n, nil
		}
		if err == io.EOF {
			if err = z.end(); err == nil {
				err = z.nextHAR()
			}
		}
		if err == io.EOF && z.broken != nil {
			err = z.broken
		}
		if z.err = err; n > 0 {
			return n, nil
		}
	}
	return 0, z.err
}

// nextHAR goes to the next .har file.
func (z *zipReader) nextHAR() error {
	for {
		err := z.next()
		if err == io.EOF && !z.found {
			return z.nothing()
		}
		if err != nil {
			return err
		}
		if isHARName(z.file.name) {
			err := z.open()
			if err == nil {
				z.found = true
				return nil
			}
			if !z.file.sized() { // where it ends cannot be told
				return err
			}
			z.fails(err)
		} else if len(z.names) < 5 {
			z.names = append(z.names, fileName(z.file.name))
		}
		if err := z.pass(); err != nil {
			return err
		}
	}
}

// isHARName reports whether a file is a HAR by its name, or may be one because it
// was the standard input of zip. macOS puts beside each file another with its
// attributes, under the same name in a directory of its own.
func isHARName(name string) bool {
	if name == "-" {
		return true
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasSuffix(strings.ToLower(base), ".har") && !strings.HasPrefix(name, "__MACOSX/") && !strings.HasPrefix(base, "._")
}

// nothing is the error of an archive without a .har file that can be read.
func (z *zipReader) nothing() error {
	if z.broken != nil {
		return z.broken
	}
	if len(z.names) == 0 {
		return &FormatError{"the zip archive is empty"}
	}
	return &FormatError{"the zip archive has no .har file, but " + strings.Join(z.names, ", ")}
}

// next reads the header of the next file, whatever it is.
func (z *zipReader) next() error {
	var head [30]byte
	if _, err := io.ReadFull(z.in, head[:4]); err != nil {
		return cutOff(err) // the directory is missing
	}
	switch binary.LittleEndian.Uint32(head[:]) {
	case zipFileHeader:
	case zipDirectory, zipExtraData, zip64End, zipEnd:
		return io.EOF
	default:
		return z.wrong("no file and no directory follows " + z.last())
	}
	if _, err := io.ReadFull(z.in, head[4:]); err != nil {
		return cutOff(err)
	}
	length := binary.LittleEndian.Uint16(head[26:])
	rest := make([]byte, int(length)+int(binary.LittleEndian.Uint16(head[28:])))
	if _, err := io.ReadFull(z.in, rest); err != nil {
		return cutOff(err)
	}
	z.file = zipFile{
		name:   string(rest[:length]),
		flags:  binary.LittleEndian.Uint16(head[6:]),
		method: binary.LittleEndian.Uint16(head[8:]),
		check:  binary.LittleEndian.Uint32(head[14:]),
		packed: uint64(binary.LittleEndian.Uint32(head[18:])),
		size:   uint64(binary.LittleEndian.Uint32(head[22:])),
	}
	z.file.extra(rest[length:])
	return nil
}

// extra takes the sizes of 64 bits, which are in place of those that the header
// has no room for.
func (f *zipFile) extra(fields []byte) {
	const zip64 = 1
	for len(fields) >= 4 {
		kind, length := binary.LittleEndian.Uint16(fields), int(binary.LittleEndian.Uint16(fields[2:]))
		fields = fields[4:]
		if length > len(fields) {
			return
		}
		if kind == zip64 {
			f.large = true
			sizes := fields[:length]
			for _, size := range [...]*uint64{&f.size, &f.packed} {
				if *size == math.MaxUint32 && len(sizes) >= 8 {
					*size, sizes = binary.LittleEndian.Uint64(sizes), sizes[8:]
				}
			}
		}
		fields = fields[length:]
	}
}

// sized reports whether the header has the sizes and the check sum.
func (f *zipFile) sized() bool { return f.flags&zipSizesAfter == 0 }

// open makes the content of the file readable.
func (z *zipReader) open() error {
	f := &z.file
	if f.flags&zipEncrypted != 0 {
		return &FormatError{"the file " + fileName(f.name) + " of the zip archive is encrypted: unpack it and give the .har file"}
	}
	if f.sized() {
		f.bounded = &byteLimit{z.in, f.packed}
	}
	switch {
	case f.method == zipDeflated && f.sized():
		f.content = flate.NewReader(f.bounded)
	case f.method == zipDeflated:
		// Made of an io.ByteReader, flate reads no further than it must.
		f.content = flate.NewReader(z.in)
	case f.method == zipStored && f.sized():
		f.content = f.bounded
	case f.method == zipStored:
		f.content = &storedReader{z.in, f}
	default:
		return &FormatError{fmt.Sprintf("the file %s of the zip archive is compressed in a way that is not known here (method %d): unpack it and give the .har file", fileName(f.name), f.method)}
	}
	return nil
}

// pass goes behind a file that is not wanted.
func (z *zipReader) pass() error {
	if z.file.sized() {
		_, err := io.CopyN(io.Discard, z.in, int64(min(z.file.packed, math.MaxInt64)))
		return cutOff(err)
	}
	if err := z.open(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, &z.file); err != nil {
		return err
	}
	return z.end()
}

// Read reads the content, and keeps count.
func (f *zipFile) Read(p []byte) (int, error) {
	n, err := f.content.Read(p)
	f.read += uint64(n)
	f.crc = crc32.Update(f.crc, crc32.IEEETable, p[:n])
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		// Where the file ends cannot be told.
		err = f.wrong(err.Error())
	}
	return n, err
}

// end goes behind a file whose content was read, and holds it against its check sum.
func (z *zipReader) end() error {
	f := &z.file
	fits := true
	if f.sized() {
		if _, err := io.CopyN(io.Discard, f.bounded, int64(min(f.bounded.left, math.MaxInt64))); err != nil {
			return cutOff(err)
		}
	} else {
		n := f.after
		if n == 0 {
			// As long as the longest, and the signature that follows.
			look, err := z.in.Peek(24 + 4)
			if n, fits = f.descriptor(look); len(look) < n {
				return cutOff(err)
			}
		}
		if _, err := z.in.Discard(n); err != nil {
			return cutOff(err)
		}
	}
	if !fits || f.crc != f.check || f.read != f.size {
		z.fails(f.wrong("its content does not fit its check sum and size, so that some of it was changed or lost"))
	}
	return nil
}

// fails keeps the first error that does not end the reading.
func (z *zipReader) fails(err error) {
	if z.broken == nil {
		z.broken = err
	}
}

// descriptor finds the descriptor that b begins with: its length, and whether it is
// that of a file as long as what was read. It may have no signature, and nothing says
// for sure whether its sizes have 32 or 64 bits. One without a signature must have
// the check sum as well.
func (f *zipFile) descriptor(b []byte) (length int, found bool) {
	signature := 0
	if len(b) >= 4 && binary.LittleEndian.Uint32(b) == zipDescriptor {
		signature = 4
	}
	for _, before := range [...]int{signature, 0} {
		for _, wide := range [...]bool{f.large, !f.large} {
			length = before + 12
			if wide {
				length = before + 20
			}
			if len(b) < length || !zipSignature(b[length:]) || !f.describedBy(b[before:length]) {
				continue
			}
			if f.check = binary.LittleEndian.Uint32(b[before:]); f.check == f.crc || before > 0 {
				f.size = f.read
				return length, true
			}
		}
	}
	length = signature + 12
	if f.large {
		length = signature + 20
	}
	return length, false
}

// describedBy reports whether b, a descriptor behind its signature, has the size of
// what was read.
func (f *zipFile) describedBy(b []byte) bool {
	packed, size := uint64(binary.LittleEndian.Uint32(b[4:])), uint64(binary.LittleEndian.Uint32(b[8:]))
	if len(b) == 20 {
		packed, size = binary.LittleEndian.Uint64(b[4:]), binary.LittleEndian.Uint64(b[12:])
	}
	return size == f.read && (packed == size || f.method != zipStored)
}

// zipSignature reports whether b begins with what follows a file, as far as it is
// there.
func zipSignature(b []byte) bool {
	if len(b) < 4 {
		return len(b) == 0
	}
	switch binary.LittleEndian.Uint32(b) {
	case zipFileHeader, zipDirectory, zipExtraData:
		return true
	}
	return false
}

// last names the file that was read last.
func (z *zipReader) last() string {
	if z.file.name == "" {
		return "the beginning"
	}
	return "the file " + fileName(z.file.name)
}

func (z *zipReader) wrong(problem string) error {
	return &FormatError{"the zip archive is broken: " + problem}
}

func (f *zipFile) wrong(problem string) error {
	return &FormatError{"the zip archive is broken: the file " + fileName(f.name) + ": " + problem}
}

// cutOff is the error of an archive that ends too early.
func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// storedReader reads a file that is stored as it is and whose size comes after it.
// The file ends where a descriptor stands that has its size, with another file or the
// directory behind it.
type storedReader struct {
	in   *bufio.Reader
	file *zipFile // which counts what is read
}

// Read implements [io.Reader].
func (s *storedReader) Read(p []byte) (int, error) {
	w, err := s.in.Peek(zipLook)
	if n, ok := s.file.descriptor(w); ok {
		s.file.after = n
		return 0, io.EOF
	}
	n := s.next(w, err != nil)
	if n == 0 {
		return 0, cutOff(err)
	}
	n = copy(p, w[:n])
	_, err = s.in.Discard(n)
	return n, err
}

// next returns how many bytes of w come before the next place where a descriptor
// may stand: one where the size is how much has been read by then. It is in
// one of two places, and of one of 64 bits the lower half comes first.
func (s *storedReader) next(w []byte, last bool) int {
	const longest, shortest = 24 + 4, 12
	look := longest
	if last {
		look = shortest
	}
	end := len(w) - look
	size := uint32(s.file.read)
	for n := 1; n <= end; n++ {
		places := binary.LittleEndian.Uint64(w[n+4 : n+12])
		if uint32(places) == size+uint32(n) || uint32(places>>32) == size+uint32(n) {
			return n
		}
	}
	return max(0, end)
}

// byteLimit reads so many bytes at most.
type byteLimit struct {
	in   *bufio.Reader
	left uint64
}

// Read ends after the limit, and fails if the input ends before.
func (l *byteLimit) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n, err := l.in.Read(p[:min(uint64(len(p)), l.left)])
	l.left -= uint64(n)
	return n, cutOff(err)
}

// ReadByte keeps package flate from buffering past the limit.
func (l *byteLimit) ReadByte() (byte, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	b, err := l.in.ReadByte()
	if err == nil {
		l.left--
	}
	return b, cutOff(err)
}
