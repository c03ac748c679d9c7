package wire

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/corsim/corsim/cors"
)

// ErrNoResponse is the cause where a server closed the connection before the
// first byte of a response.
var ErrNoResponse error = noResponse{}

// noResponse is an end of file that was not expected.
type noResponse struct{}

// Error says what happened.
func (noResponse) Error() string { return "the server closed the connection without a response" }

// Unwrap returns what net/http has in this case.
func (noResponse) Unwrap() error { return io.ErrUnexpectedEOF }

// ErrClosed is the cause where [Network.Close] was called before.
var ErrClosed = errors.New("the network is closed")

// ErrHTTP2Required is the cause where a request asks for HTTP/2 and the server does not speak it: nothing was sent.
var ErrHTTP2Required = errors.New("the request may go over HTTP/2 alone, which the server does not speak")

// An Error says at which point an exchange with a server failed.
type Error struct {
	// Op is what was being done: "connect to", "TLS handshake with", "send the
	// request to", "read the response headers of" or "read the response body of".
	Op string
	// Addr is the server's host and port.
	Addr string
	// Err is the cause: among others a [*MalformedError], a [*TruncatedError],
	// [ErrNoResponse], the error of the context, or one of package net.
	Err error
}

// Error says what was being done, with whom, and what went wrong.
func (e *Error) Error() string { return e.Op + " " + e.Addr + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether a deadline passed.
func (e *Error) Timeout() bool { return isTimeout(e.Err) }

// A MalformedError says why bytes are no response that a browser makes sense of.
type MalformedError struct {
	// Problem says what is wrong and what ought to be there.
	Problem string
	// Line is the number of the line in the response, from 1 on, and 0 where
	// the problem is in no single line.
	Line int
	// Text is the beginning of what is wrong, at most 64 bytes.
	Text string
	// Err is the cause, where it is another error.
	Err error
}

// Malformed returns true. It tells the error from others to those who do not know
// this package.
func (e *MalformedError) Malformed() bool { return true }

// Error says what is wrong, and where.
func (e *MalformedError) Error() string {
	s := e.Problem
	if e.Line > 0 {
		s = fmt.Sprintf("line %d: %s", e.Line, s)
	}
	if e.Text != "" {
		s += fmt.Sprintf(": %q", e.Text)
	}
	return s
}

// Unwrap returns the cause.
func (e *MalformedError) Unwrap() error { return e.Err }

// A TruncatedError says that the connection ended before a body did. It unwraps
// to [io.ErrUnexpectedEOF].
type TruncatedError struct {
	// Received is how many bytes of the body came.
	Received int64
	// Expected is how many bytes the body was to have, -1 where it was chunked.
	Expected int64
}

// Error says how much is missing, as far as that is known.
func (e *TruncatedError) Error() string {
	if e.Expected < 0 {
		return fmt.Sprintf("the connection ended after %d bytes of a chunked body, before its last chunk", e.Received)
	}
	return fmt.Sprintf("the connection ended after %d of the %d bytes that Content-Length promised", e.Received, e.Expected)
}

// Unwrap returns [io.ErrUnexpectedEOF].
func (e *TruncatedError) Unwrap() error { return io.ErrUnexpectedEOF }

const excerptBytes = 64

func malformed(line int, text, problem string, args ...any) *MalformedError {
	if len(text) > excerptBytes {
		text = text[:excerptBytes]
	}
	return &MalformedError{Problem: fmt.Sprintf(problem, args...), Line: line, Text: text}
}

// A TooLargeError says that a response has more headers than the network reads. It
// unwraps to [cors.ResponseTooLarge].
type TooLargeError struct {
	// Limit is how many bytes its status line and headers may have.
	Limit int
}

// Error says what the limit is.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the header block has more than %d bytes", e.Limit)
}

// Unwrap returns [cors.ResponseTooLarge].
func (e *TooLargeError) Unwrap() error { return cors.ResponseTooLarge }

func invalid(url, problem string, args ...any) error {
	return &cors.Error{Reason: cors.InvalidArgument, URL: url, Subject: fmt.Sprintf(problem, args...)}
}

// failed wraps an error of a connection. A context that is over is why its
// deadlines passed, and so the cause.
func failed(ctx context.Context, op, addr string, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &Error{Op: op, Addr: addr, Err: err}
}

// A StreamError says that a server has reset the stream of a request over HTTP/2.
type StreamError struct {
	// Code is the name of the error code, such as "REFUSED_STREAM".
	//
	// https://httpwg.org/specs/rfc9113.html#ErrorCodes
	Code string
}

// Error names the code.
func (e *StreamError) Error() string { return "the server has reset the stream: " + e.Code }

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
