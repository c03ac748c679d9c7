package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// MaxContentCodings is how many content codings are undone, one within the other.
// Browsers have no bound, and memory for what a header can list; curl has 5.
const MaxContentCodings = 16

// handleContentCodings makes a response's body one in which its content codings are
// undone as it is read, and reports whether there are any. A body in a coding that the
// engine does not know stays as it is. The error is that of an engine to which the
// response is none; what is wrong with the body itself comes as it is read.
//
// https://fetch.spec.whatwg.org/#handle-content-codings
func (x *exchange) handleContentCodings(r *response) (decoded bool, err error) {
	lines := r.headers.Lines("content-encoding")
	if lines.Len() == 0 {
		return false, nil
	}
	codings, err := x.contentCodings(r, lines)
	if err != nil || len(codings) == 0 || r.body == NoBody {
		return false, err
	}
	body := r.body
	if len(codings) > MaxContentCodings {
		value, _ := lines.Get()
		err := &codingError{value[:min(len(value), 64)] + "…", fmt.Errorf("of more than %d content codings none is undone", MaxContentCodings)}
		body = &decoder{encoded: body, err: err}
		codings = nil
	}
	rules := x.client.rules().Response.ContentCodings
	for i := len(codings) - 1; i >= 0; i-- {
		body = &decoder{coding: codings[i], rules: rules, encoded: body}
	}
	r.body = body
	return true, nil
}

// contentCodings returns the codings to undo, in the order in which they were applied.
func (x *exchange) contentCodings(r *response, lines headers.Lines) ([]string, error) {
	value, _ := lines.Get()
	switch x.client.rules().Response.ContentCodings {
	case quirks.ContentCodingsAsChromium:
		return x.codingsAsChromium(r, value)
	case quirks.ContentCodingsAsGecko:
		return x.codingsAsGecko(value), nil
	case quirks.ContentCodingsAsWebKit:
		return codingsAsWebKit(value), nil
	}
	list, _, ok := headers.ExtractTokenList(lines)
	if !ok {
		return nil, nil
	}
	var codings []string
	for coding := range list.All() {
		switch coding = headers.Lower(coding); {
		case isContentCoding(coding):
			codings = append(codings, coding)
		case coding != "identity":
			return nil, nil
		}
	}
	return codings, nil
}

func isContentCoding(coding string) bool {
	switch coding {
	case "gzip", "x-gzip", "deflate", "br", "zstd":
		return true
	}
	return false
}

// codingsAsChromium also says where Chromium takes a response for none: its list of
// codings is none, or has one that was not asked for and the response is no redirect.
func (x *exchange) codingsAsChromium(r *response, value string) ([]string, error) {
	refused := func() error {
		e := x.networkError(cors.ContentCoding)
		e.Header, e.Value, e.Present, e.Status, e.Preflight = "Content-Encoding", value, true, r.status, x.preflight
		return e
	}
	if strings.ContainsAny(value, "\"=;*") {
		return nil, refused()
	}
	accepted, _ := x.headers.Get("accept-encoding")
	_, redirects := firstNonEmpty(r.headers.Lines("location"))
	redirects = redirects && headers.IsRedirectStatus(r.status)
	var codings []string
	unknown := false
	for coding := range strings.SplitSeq(value, ",") {
		coding = headers.TrimTabOrSpace(coding)
		if strings.ContainsAny(coding, " \t") {
			return nil, refused()
		}
		coding = headers.Lower(coding)
		if !isContentCoding(coding) {
			unknown = true // "identity" and nothing are as well
			continue
		}
		if !redirects && !accepts(accepted, coding) {
			return nil, refused()
		}
		codings = append(codings, coding)
	}
	if unknown {
		return nil, nil
	}
	return codings, nil
}

func firstNonEmpty(lines headers.Lines) (string, bool) {
	for i := range lines.Len() {
		if line := lines.At(i); line != "" {
			return line, true
		}
	}
	return "", false
}

// accepts reports whether an Accept-Encoding of the user agent's own lists a coding.
func accepts(accepted, coding string) bool {
	return headers.TokenListOf(accepted).HasFold(strings.TrimPrefix(coding, "x-"))
}

// codingsAsGecko passes over those that are not known or were not asked for. Spaces
// separate as commas do.
func (x *exchange) codingsAsGecko(value string) (codings []string) {
	product := &x.client.rules().Product
	accepted, _ := product.HeadersFor(x.trustsURL()).Get("accept-encoding")
	for _, coding := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if coding = headers.Lower(coding); isContentCoding(coding) && accepts(accepted, coding) {
			codings = append(codings, coding)
		}
	}
	return codings
}

// codingsAsWebKit knows codings in lower case alone; zstd is not one of them.
func codingsAsWebKit(value string) (codings []string) {
	for coding := range strings.SplitSeq(value, ",") {
		switch coding = headers.TrimTabOrSpace(coding); {
		case coding == "":
		case coding == "zstd" || !isContentCoding(coding):
			return nil
		default:
			codings = append(codings, coding)
		}
	}
	return codings
}

// A decoder undoes one content coding. It begins with the first read, so that a
// response can be had before its body. A body that is cut off ends where it does, and
// what comes after the end of the coding is left: so have it all browsers.
type decoder struct {
	coding  string
	rules   quirks.ContentCodings
	encoded io.ReadCloser
	decoded io.Reader
	err     error
}

// A codingError says that a body is not in the coding that it is said to be in.
type codingError struct {
	coding string
	err    error
}

// Error names the coding.
func (e *codingError) Error() string { return "the body is no " + e.coding + ": " + e.err.Error() }

// Unwrap returns the error of the decoder, and [cors.ContentCoding].
func (e *codingError) Unwrap() []error { return []error{e.err, cors.ContentCoding} }

// Read reads what is decoded. An error of the coding stays.
func (d *decoder) Read(p []byte) (int, error) {
	if d.decoded == nil && d.err == nil {
		d.begin()
	}
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.decoded.Read(p)
	if err != nil {
		d.err = d.ended(err)
	}
	return n, d.err
}

// Close closes the encoded body; the decoders have nothing to release but memory.
func (d *decoder) Close() error { return d.encoded.Close() }

// ended returns what the end of the decoded body is: io.EOF, or an error of the
// network or of the coding.
func (d *decoder) ended(err error) error {
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF, err == errTrailing:
		return io.EOF
	case err == gzip.ErrChecksum && d.rules != quirks.ContentCodingsAsStandard && d.rules != quirks.ContentCodingsAsWebKit:
		return io.EOF
	}
	if source, ok := errors.AsType[*sourceError](err); ok {
		return source.err
	}
	return &codingError{d.coding, err}
}

// errTrailing is what decoders that notice return where something follows.
var errTrailing = errors.New("trailing data")

// maxFallback is how much is decoded before it is known that the coding is right.
const maxFallback = 32 << 10

// maxKept is how much of an encoded body is kept until then: blocks that are empty can make
// nothing of any number of bytes.
const maxKept = 1 << 20

func (d *decoder) begin() {
	src := &source{r: d.encoded, keeps: d.rules == quirks.ContentCodingsAsWebKit && d.coding != "br"}
	decoded, err := d.open(bufio.NewReader(src))
	if err != nil {
		decoded = failingReader{err}
	}
	d.decoded = decoded
	if !src.keeps {
		return
	}
	// To WebKit, a body with which decoding cannot begin is in no coding at all.
	first := make([]byte, maxFallback)
	n, err := decoded.Read(first)
	if _, wrong := errors.AsType[*codingError](d.ended(err)); err != nil && wrong && !src.lost {
		src.keeps = false
		d.decoded = io.MultiReader(bytes.NewReader(src.kept), src)
		return
	}
	src.keeps, src.kept = false, nil
	if err != nil {
		decoded = failingReader{err}
	}
	d.decoded = io.MultiReader(bytes.NewReader(first[:n]), decoded)
}

// open returns the decoder of the coding. Its error is that of decoders.
func (d *decoder) open(encoded *bufio.Reader) (io.Reader, error) {
	switch d.coding {
	case "br":
		return brotliReader{brotli.NewReader(encoded)}, nil
	case "zstd":
		z, err := zstd.NewReader(encoded, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		return &zstdReader{Decoder: z}, err
	case "deflate":
		// It ought to be in zlib's format; many servers leave that out.
		start, err := encoded.Peek(2)
		switch {
		case len(start) < 2:
			return nil, err
		case start[0]&0x0f == 8 && binary.BigEndian.Uint16(start)%31 == 0:
			return zlib.NewReader(encoded)
		}
		return flate.NewReader(encoded), nil
	}
	if err := d.checkGzip(encoded); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(encoded)
	if err == nil {
		z.Multistream(false)
	}
	return z, err
}

// checkGzip looks at what a gzip file begins with, as far as it is there: one that is
// cut off within is empty, not wrong.
func (d *decoder) checkGzip(encoded *bufio.Reader) error {
	const magic = "\x1f\x8b\x08"
	start, err := encoded.Peek(len(magic))
	if len(start) < 2 && d.rules == quirks.ContentCodingsAsWebKit && err == io.EOF {
		return err // which looks at two bytes at a time
	}
	if !strings.HasPrefix(magic, string(start)) {
		return gzip.ErrHeader
	}
	return nil
}

// maxZstdWindow is what a decoder must have, and browsers have no more.
//
// https://www.rfc-editor.org/rfc/rfc9659
const maxZstdWindow = 8 << 20

// brotliReader gives the errors that other readers give.
type brotliReader struct{ *brotli.Reader }

// Read knows what follows the end by the text of the error, which has no name.
func (r brotliReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && strings.HasSuffix(err.Error(), "excessive input") {
		err = errTrailing
	}
	return n, err
}

// zstdReader gives the errors that other readers give.
type zstdReader struct {
	*zstd.Decoder
	any bool // something was decoded
}

// Read takes what is no frame, behind one that was, for something else.
func (r *zstdReader) Read(p []byte) (int, error) {
	n, err := r.Decoder.Read(p)
	r.any = r.any || n > 0
	if r.any && err == zstd.ErrMagicMismatch {
		err = errTrailing
	}
	return n, err
}

// A source is the encoded body. Its errors can be told from those of decoders.
type source struct {
	r     io.Reader
	keeps bool // in kept, what was read
	kept  []byte
	lost  bool // it was too much to be kept
}

// A sourceError is an error of the network.
type sourceError struct{ err error }

// Error is that of the network.
func (e *sourceError) Error() string { return e.err.Error() }

// Read returns each error but io.EOF as a *sourceError.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.keeps {
		s.kept = append(s.kept, p[:n]...)
		if len(s.kept) > maxKept {
			s.keeps, s.kept, s.lost = false, nil, true
		}
	}
	if err != nil && err != io.EOF {
		err = &sourceError{err}
	}
	return n, err
}
