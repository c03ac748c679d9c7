// Package wire is an HTTP/1.1 client that keeps the bytes, as the network of a user
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
// As browsers do it. Where they differ, as the Fetch standard's tests
// (web-platform-tests, fetch/h1-parsing and fetch/content-length) want it if two
// engines do so too, else as two of the three do. The choices:
//
//   - Up to 4 bytes before "HTTP/" are skipped (Chromium, Firefox). What has no
//     status line is refused, never taken for HTTP/0.9.
//   - The status has one to three digits; anything else is refused (Firefox,
//     WebKit, the tests). The reason may be missing. A line of the version alone
//     means 200 OK (Chromium, Firefox).
//   - Lines end with LF or CR LF. Any other CR counts as a space: that is what
//     RFC 9112 asks for, and WebKit and Firefox do; to Chromium it ends the line.
//   - A line that has no colon, or whose name is not a token, is skipped with the
//     lines that continue it: so is one with whitespace before the colon (Firefox,
//     WebKit; Chromium removes the whitespace).
//   - A line that begins with a space or tab continues the one before it: the line
//     break and the whitespace around it become one space (WebKit and RFC 9112;
//     Chromium and Firefox differ in how many spaces they leave).
//   - Spaces and tabs around a value go. A NUL is an error (all).
//   - A header block that the connection ends is one if its last line is whole (all,
//     as the tests want it), and an error if it is not.
//   - Content-Length is extracted as the Fetch standard says: different values are
//     an error, a value that is no number counts as none (all).
//   - Transfer-Encoding: chunked wins over Content-Length, and is ignored in a
//     response of HTTP/1.0 (Chromium).
//   - HEAD, 204, 205 and 304 have no body. Interim (1xx) responses are skipped; 101
//     is refused, as no protocol to switch to was offered.
//
// What a server controls is bounded: see [MaxHeaderBytes], [MaxInterimResponses]
// and [MaxChunkLineBytes].
//
// HTTP/2 is not supported: over TLS, only http/1.1 is offered.
package wire
