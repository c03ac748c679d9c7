package fetch

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"sync/atomic"
)

// A Body is the body of a request, with the Content-Type that it brings.
//
// https://fetch.spec.whatwg.org/#concept-body
type Body struct {
	// source gives the bytes anew each time; it is null (nil) for a stream, so
	// that a redirect which needs them again fails.
	source func() io.Reader
	stream io.Reader
	length int64 // -1 for null
	// contentType is the type that extracting the body gives; empty for none.
	contentType string
	text        bool
	used        atomic.Bool // it is a stream, and was sent
}

// Text returns a string as a body, as fetch(…, {body: "…"}) has it: UTF-8, with
// the Content-Type text/plain;charset=UTF-8 unless the request has another.
func Text(s string) *Body {
	return &Body{
		source: func() io.Reader { return strings.NewReader(s) }, length: int64(len(s)),
		contentType: "text/plain;charset=UTF-8", text: true,
	}
}

// Bytes returns bytes, which it retains, as a body that brings no Content-Type.
func Bytes(b []byte) *Body {
	return &Body{source: func() io.Reader { return bytes.NewReader(b) }, length: int64(len(b))}
}

// Form returns a form as a body, as fetch(…, {body: new URLSearchParams(…)}) has it.
func Form(values url.Values) *Body {
	b := Text(values.Encode())
	b.contentType = "application/x-www-form-urlencoded;charset=UTF-8"
	return b
}

// Blob returns bytes, which it retains, as a body with a Content-Type, which may
// be empty.
func Blob(b []byte, contentType string) *Body {
	body := Bytes(b)
	body.contentType = contentType
	return body
}

// Stream returns a body that can be read once, as fetch(…, {body: stream, duplex:
// "half"}) has it: it sets the use-CORS-preflight flag, and cannot be sent again
// after a redirect.
func Stream(r io.Reader) *Body { return &Body{stream: r, length: -1} }

// Stream returns what is read once where b is of [Stream], and nil otherwise.
func (b *Body) Stream() io.Reader { return b.stream }

// Source returns a body of a length, -1 where it is not known, that open gives
// anew each time it is called.
func Source(length int64, open func() io.Reader) *Body {
	return &Body{source: open, length: length}
}

// use reports whether the body can be sent, a stream once.
func (b *Body) use() bool { return b.source != nil || b.used.CompareAndSwap(false, true) }

// reader returns the bytes to send.
func (b *Body) reader() io.Reader {
	switch {
	case b == nil:
		return nil
	case b.source != nil:
		return b.source()
	}
	return b.stream
}

// discard closes a body that nobody wants. What it may wait for is what the fetch's
// context bounds.
func discard(body io.ReadCloser) {
	if received, ok := body.(interface{ discard() }); ok {
		received.discard()
	}
	body.Close()
}

// A failingReader fails at once.
type failingReader struct{ err error }

// Read fails.
func (r failingReader) Read([]byte) (int, error) { return 0, r.err }
