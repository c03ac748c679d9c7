// Package wire is an HTTP client that speaks HTTP/1.1 and HTTP/2. In HTTP/1.1 it is one that keeps the bytes, as the network of a user
// agent: header names as they are spelled, lines in their order, values byte for
// byte, in both directions. [net/http] folds names to one spelling, loses
// the order between them, refuses request values that browsers send, and refuses
// whole responses for a line that browsers merely skip.
//
// [Network] speaks over sockets; [ParseResponse] and [ParseHeaderBlock] are its
// parser, for responses that are at hand as bytes.
//
// # How responses are read
//
// As browsers do it, each in its own way if the request has its [Rules]; testdata/observations has
// what three of them did with 1,375 responses that are not framed as they should be. Without rules,
// where browsers differ, as the Fetch standard's tests (web-platform-tests, fetch/h1-parsing and
// fetch/content-length) want it if two engines do so too, else as two of the three do:
//
//   - Up to 4 bytes before "HTTP/" are skipped. What has no status line is refused, never taken
//     for HTTP/0.9.
//   - The status has one to three digits; anything else is refused. The reason may be missing. A
//     line of the version alone means 200 OK.
//   - Lines end with LF or CR LF. Any other CR counts as a space: that is what RFC 9112 asks for.
//   - A line that has no colon, or whose name is not a token, is skipped with the lines that
//     continue it: so is one with whitespace before the colon.
//   - A line that begins with a space or tab continues the one before it: the line break and the
//     whitespace around it become one space.
//   - Spaces and tabs around a value are removed. A NUL is an error.
//   - A header block that the connection ends is one if its last line is whole, and an error if
//     it is not.
//   - Content-Length is extracted as the Fetch standard says: different values are an error, a
//     value that is not a number does not count.
//   - Transfer-Encoding: chunked counts more than Content-Length, and is ignored in a response of
//     HTTP/1.0.
//   - HEAD, 204, 205 and 304 have no body. Interim (1xx) responses are skipped; 101 is refused,
//     as no protocol to switch to was offered.
//
// What a server controls is bounded: see [MaxHeaderBytes], [MaxInterimResponses]
// and [MaxChunkLineBytes].
//
// Over TLS, HTTP/2 is offered as well, and spoken by golang.org/x/net/http2: names are in lower case then, in both directions,
// and the order between headers of different names is lost. [Request.HTTP1] keeps to HTTP/1.1.
package wire
