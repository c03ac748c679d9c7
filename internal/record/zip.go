package record

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A zipArchive is a zip archive. Its directory is at its end, so that it is read as a whole before anything of
// it: of a pipe nothing is said before the pipe ends, and of one that is cut off, which has no directory,
// nothing is read.
//
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
type zipArchive struct {
	*zip.Reader
	spooled *spool
}

// maxHeld is how much of an archive is held in memory, and maxSpooled of one in a temporary file.
const (
	maxHeld    = 16 << 20
	maxSpooled = 8 << 30
)

// openArchive reads an archive to its end.
func openArchive(r io.Reader) (*zipArchive, error) {
	s, err := spoolAll(r)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(s, s.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // no file is written under its name
		s.close()
		return nil, &FormatError{fmt.Sprintf("the zip archive is cut off, or was changed: it has no directory at its end (byte %d)", s.size)}
	}
	return &zipArchive{z, s}, nil
}

// names lists the first files of an archive.
func (a *zipArchive) names() string {
	const most = 5
	var names []string
	for _, f := range a.File[:min(len(a.File), most)] {
		names = append(names, fileName(f.Name))
	}
	return strings.Join(names, ", ")
}

// A spool is an input that was read to its end, of which any part can be read again.
type spool struct {
	io.ReaderAt
	size int64
	file *os.File // nil if all of it is held
}

func spoolAll(r io.Reader) (*spool, error) {
	head, err := io.ReadAll(io.LimitReader(r, maxHeld+1))
	if err != nil {
		return nil, err
	}
	if len(head) <= maxHeld {
		return &spool{ReaderAt: bytes.NewReader(head), size: int64(len(head))}, nil
	}
	file, err := os.CreateTemp("", "corsim-*.zip")
	if err != nil {
		return nil, &FormatError{"the zip archive is larger than 16 MiB, and no temporary file can be written for it: unpack it and give the file that is in it"}
	}
	os.Remove(file.Name()) // it goes with the process; where that cannot be done, close does it
	s := &spool{ReaderAt: file, file: file}
	s.size, err = io.Copy(file, io.MultiReader(bytes.NewReader(head), io.LimitReader(r, maxSpooled)))
	if err == nil && s.size > maxSpooled {
		err = &FormatError{"the zip archive is larger than 8 GiB: unpack it and give the file that is in it"}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close removes what was spooled.
func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
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

// zipReader reads the .har files of an archive, such as Playwright writes with the bodies in
// files of their own, one after another.
type zipReader struct {
	archive *zipArchive
	files   []*zip.File   // that are still to come
	file    io.ReadCloser // that is read
	name    string        // of that
	broken  error         // of a file that does not cost those behind it
	err     error
}

// newZipReader returns a reader of the .har files of an archive.
func newZipReader(a *zipArchive) (*zipReader, error) {
	z := &zipReader{archive: a}
	for _, f := range a.File {
		if isHARName(f.Name) {
			z.files = append(z.files, f)
		}
	}
	switch {
	case len(a.File) == 0:
		return nil, &FormatError{"the zip archive is empty"}
	case len(z.files) == 0:
		return nil, &FormatError{"the zip archive has no .har file, but " + a.names()}
	}
	if z.next(); z.file == nil {
		return nil, z.err
	}
	return z, nil
}

// next opens the next file that can be opened. At the end it sets the error.
func (z *zipReader) next() {
	for len(z.files) > 0 {
		f := z.files[0]
		z.files = z.files[1:]
		file, err := openFile(f)
		if err == nil {
			z.file, z.name = file, f.Name
			return
		}
		z.fails(err)
	}
	z.archive.spooled.close()
	if z.err = io.EOF; z.broken != nil {
		z.err = z.broken
	}
}

// fails keeps the first error that does not end the reading.
func (z *zipReader) fails(err error) {
	if z.broken == nil {
		z.broken = err
	}
}

// Read implements [io.Reader].
func (z *zipReader) Read(p []byte) (int, error) {
	for z.err == nil {
		n, err := z.file.Read(p)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, zip.ErrChecksum):
			z.fails(brokenFile(z.name, "its content does not fit its check sum and size, so that some of it was changed or lost"))
		case err != io.EOF:
			z.err = brokenFile(z.name, err.Error()) // where the HAR ends cannot be told
			z.archive.spooled.close()
			return n, z.err
		}
		z.file.Close()
		z.file = nil
		if z.next(); n > 0 {
			return n, nil
		}
	}
	return 0, z.err
}

// openFile opens a file of an archive.
func openFile(f *zip.File) (io.ReadCloser, error) {
	const encrypted = 1 << 0
	if f.Flags&encrypted != 0 {
		return nil, &FormatError{"the file " + fileName(f.Name) + " of the zip archive is encrypted: unpack it and give the file that is in it"}
	}
	file, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, &FormatError{"the file " + fileName(f.Name) + " of the zip archive is compressed in a way that is not known here: unpack it and give the file that is in it"}
	}
	if err != nil {
		return nil, brokenFile(f.Name, err.Error())
	}
	return file, nil
}

func brokenFile(name, problem string) error {
	return &FormatError{"the zip archive is broken: the file " + fileName(name) + ": " + problem}
}

// readHead reads a file up to the empty line that ends the head of a message, and a little further.
func readHead(f *zip.File) ([]byte, error) {
	file, err := openFile(f)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReader(io.LimitReader(file, MaxEntryBytes))
	var head []byte
	for {
		line, err := in.ReadSlice('\n')
		head = append(head, line...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil || len(trimCR(bytes.TrimSuffix(line, newline))) == 0 && len(head) > len(line) {
			if b, more := in.ReadByte(); err == nil && more == nil {
				head = append(head, b) // a body follows
			}
			return head, nil
		}
	}
}
