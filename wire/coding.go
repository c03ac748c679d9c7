package wire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"

	"github.com/corsim/corsim/headers"
)

// MaxContentCodings is how many content codings are undone, one within the other.
// Browsers have no bound, and memory for what a header can list; curl has 5.
const MaxContentCodings = 16

// DecodeContent undoes the content codings that a response's Content-Encoding
// lists, as its body is read. A body in a coding that it does not know (it knows
// gzip and deflate) is returned as it is, as browsers do; one in more than
// [MaxContentCodings] cannot be read.
//
// https://fetch.spec.whatwg.org/#handle-content-codings
func DecodeContent(list headers.List, body io.ReadCloser) io.ReadCloser {
	codings := contentCodings(list)
	if len(codings) > MaxContentCodings {
		value, _ := list.Get("content-encoding")
		return &decoder{encoded: body, err: malformed(0, value, "a body must not be in more than %d content codings", MaxContentCodings)}
	}
	for i := len(codings) - 1; i >= 0; i-- {
		body = &decoder{coding: codings[i], encoded: body}
	}
	return body
}

// IsContentDecoded reports whether [DecodeContent] makes something else of a body
// with these headers, so that their Content-Length does not tell its length.
func IsContentDecoded(list headers.List) bool { return len(contentCodings(list)) > 0 }

// contentCodings returns the codings to undo, the last one first to be undone: none
// where one is not known.
func contentCodings(list headers.List) (known []string) {
	codings, _, ok := headers.ExtractTokenList(list.Lines("content-encoding"))
	if !ok || codings.IsNull() {
		return nil
	}
	for coding := range codings.All() {
		switch c := headers.Lower(coding); c {
		case "gzip", "x-gzip", "deflate":
			known = append(known, c)
		case "identity":
		default:
			return nil
		}
	}
	return known
}

// decoder undoes one content coding. It begins with the first read, so that a
// response can be had before its body.
type decoder struct {
	coding  string
	encoded io.ReadCloser
	decoded io.Reader
	err     error
}

// Read reads what is decoded. An error of the coding stays.
func (d *decoder) Read(p []byte) (int, error) {
	if d.decoded == nil && d.err == nil {
		d.decoded, d.err = d.open()
	}
	if d.err != nil {
		return 0, d.err
	}
	return d.decoded.Read(p)
}

func (d *decoder) open() (io.Reader, error) {
	encoded := bufio.NewReader(d.encoded)
	start, err := encoded.Peek(2)
	if len(start) == 0 && err == io.EOF {
		return encoded, nil
	}
	if d.coding != "deflate" {
		return gzip.NewReader(encoded)
	}
	// Deflate ought to be in zlib's format; many servers leave that out.
	if bytes.HasPrefix(start, []byte{0x78}) {
		return zlib.NewReader(encoded)
	}
	return flate.NewReader(encoded), nil
}

// Close closes the encoded body; the decoders have nothing to release.
func (d *decoder) Close() error { return d.encoded.Close() }
