package ci

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// maxSpooled is how many bytes a spool holds in memory.
const maxSpooled = 1 << 20

// A spool holds back what is written to it, in a temporary file what is too much for
// memory. The zero value is ready for use.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	err    error
}

// Write takes everything: what goes wrong, drain says.
func (s *spool) Write(p []byte) (int, error) {
	s.memory.Write(p)
	if s.memory.Len() > maxSpooled && s.err == nil {
		s.err = s.move()
	}
	if s.err != nil {
		s.memory.Reset() // it is lost already
	}
	return len(p), nil
}

// move moves what is in memory to the file.
func (s *spool) move() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "corsim-*"); err != nil {
			return err
		}
		os.Remove(s.file.Name()) // where a file can go on without its name, nobody needs to clean up
	}
	_, err = s.memory.WriteTo(s.file)
	return err
}

// drain writes out what is held, and begins anew.
func (s *spool) drain(w io.Writer) error {
	defer func() { *s = spool{} }()
	if s.file == nil {
		_, err := s.memory.WriteTo(w)
		return errors.Join(s.err, err)
	}
	defer os.Remove(s.file.Name())
	defer s.file.Close()
	_, err := s.file.Seek(0, io.SeekStart)
	for _, from := range []io.Reader{s.file, &s.memory} {
		if err == nil && s.err == nil {
			_, err = io.Copy(w, from)
		}
	}
	return errors.Join(s.err, err)
}
