// Package serve serves the page to try corsim on from the command itself, with what a page cannot do: it asks
// servers, and reads recordings of any size from the disk.
//
// Other pages that the reader has open must not use it: it answers only who names its own host, whose origin is its
// own, and who knows the token that is in its URL.
package serve

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/corsim/corsim/cmd/simulate/internal/page"
	"github.com/corsim/corsim/cmd/simulate/web/site"
	"github.com/corsim/corsim/fetch"
)

// A Server serves the page.
type Server struct {
	// Host is where it is reached, as a browser writes it: "127.0.0.1:8080".
	Host string
	// Token is the first part of every path.
	Token string
	// Recordings are the files that it reads from the disk.
	Recordings []string
	// Network is where live requests go.
	Network fetch.Network

	once  sync.Once
	files map[string][]byte
}

// NewToken returns a token that nobody guesses.
func NewToken() string { return strings.ToLower(rand.Text()) }

// URL is the page's.
func (s *Server) URL() string { return s.origin() + "/" + s.Token + "/" }

func (s *Server) origin() string { return "http://" + s.Host }

const (
	// policy permits the page its own files and its own server.
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// askingPolicy is for the one page by which the reader's own browser asks any server.
	askingPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// maxInput is how much a form may say, in bytes.
const maxInput = 8 << 20

// ServeHTTP answers the page, and nobody else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if why := s.refuses(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	token, rest, slash := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) != 1 {
		http.Error(w, "this address has no token, or another one: open the whole address that simulate serve has printed", http.StatusForbidden)
		return
	}
	if !slash {
		http.Redirect(w, r, "/"+s.Token+"/", http.StatusFound)
		return
	}
	if name, ok := strings.CutPrefix(rest, "api/"); ok {
		s.api(w, r, name)
		return
	}
	s.file(w, r, rest)
}

// refuses says why a request is not answered, "" for nothing.
func (s *Server) refuses(r *http.Request) string {
	// Another name that leads here is one that somebody else has made to lead here (DNS rebinding).
	if r.Host != s.Host {
		return "this server is reached by its own address only"
	}
	for _, origin := range r.Header.Values("Origin") {
		if origin != s.origin() {
			return "pages of other origins are not answered"
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin":
		return ""
	case "none": // the reader typed the address, or followed a link outside of pages
		if r.Method == http.MethodGet {
			return ""
		}
	}
	return "pages of other origins are not answered"
}

// file answers with a file of the page.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	s.once.Do(func() {
		s.files = site.Files()
		delete(s.files, site.ServiceWorker) // the command is not there offline
		s.files["index.html"] = bytes.Replace(s.files["index.html"], []byte(`name="corsim" content="worker"`), []byte(`name="corsim" content="serve"`), 1)
	})
	if name == "" {
		name = "index.html"
	}
	content, ok := s.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "files are only read", http.StatusMethodNotAllowed)
		return
	}
	if name == site.AskForReal {
		w.Header().Set("Content-Security-Policy", askingPolicy)
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Write(content)
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".webmanifest":
		return "application/manifest+json"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// api does what the page wants.
func (s *Server) api(w http.ResponseWriter, r *http.Request, name string) {
	if name == "recordings" && r.Method == http.MethodGet {
		names := make([]string, len(s.Recordings))
		for i, file := range s.Recordings {
			names[i] = filepath.Base(file)
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(names)
		return
	}
	if r.Method != http.MethodPost || r.Header.Get("Origin") == "" {
		http.Error(w, "only the page itself asks for this", http.StatusForbidden)
		return
	}
	call := &page.Call{Name: name, Network: s.Network}
	if r.Header.Get("Content-Type") == "application/octet-stream" {
		s.recording(w, r, call)
		return
	}
	input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInput))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	call.Input, call.Out = input, io.Discard
	answer, err := page.Do(r.Context(), call)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(answer)
}

// recording does something with a recording, which is a file of the command line or the request's body. The
// response has pieces, see [stream].
func (s *Server) recording(w http.ResponseWriter, r *http.Request, call *page.Call) {
	query := r.URL.Query()
	call.Input = []byte(query.Get("input"))
	out := &stream{w: w, flush: http.NewResponseController(w).Flush}
	file, done, err := s.open(r.Context(), query.Get("disk"), query.Get("file"), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	defer done()
	told := int64(0)
	file.Progress = func(n int64) {
		if n-told >= 1<<20 || n < told {
			told = n
			out.piece('r', strconv.AppendInt(nil, n, 10))
		}
	}
	call.File, call.Out = file, out
	w.Header().Set("Content-Type", "application/octet-stream")
	answer, err := page.Do(r.Context(), call)
	if err != nil {
		out.piece('e', []byte(err.Error()))
		return
	}
	out.piece('a', answer)
}

// open returns the recording: one of those of the command line by its number, or what is sent, which is kept on the
// disk meanwhile, as it may be read twice.
func (s *Server) open(ctx context.Context, disk, name string, body io.Reader) (*page.File, func(), error) {
	if disk != "" {
		i, err := strconv.Atoi(disk)
		if err != nil || i < 0 || i >= len(s.Recordings) {
			return nil, nil, errors.New("there is no such recording: load the page again")
		}
		at := s.Recordings[i]
		return &page.File{Name: filepath.Base(at), Open: func() (io.ReadCloser, error) { return os.Open(at) }}, func() {}, nil
	}
	kept, err := os.CreateTemp("", "corsim-recording-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { os.Remove(kept.Name()) }
	_, err = io.Copy(kept, body)
	if err = errors.Join(err, kept.Close(), ctx.Err()); err != nil {
		remove()
		return nil, nil, fmt.Errorf("the recording did not arrive: %w", err)
	}
	return &page.File{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(kept.Name()) }}, remove, nil
}

// A stream is a response in pieces: a byte that says what it is, four with its length, and so many bytes. "r" is how
// much is read, "o" is of the output, "a" the answer, "e" why there is none.
type stream struct {
	w     io.Writer
	flush func() error
}

func (s *stream) piece(kind byte, content []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(content)))
	if _, err := s.w.Write(append(head, content...)); err != nil {
		return err
	}
	return s.flush()
}

// maxPiece is how long a piece of the output is at most.
const maxPiece = 1 << 20

// Write writes a piece of the output.
func (s *stream) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		piece := b[:min(len(b), maxPiece)]
		b = b[len(piece):]
		n += len(piece)
		err = s.piece('o', piece)
	}
	return n, err
}
