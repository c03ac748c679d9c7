package quirks

// Framing holds how an engine reads the bytes of responses of HTTP/1.1 that are not framed as they
// should be. The zero value is what package wire does where engines disagree.
//
// https://httpwg.org/specs/rfc9112.html#message.body.length
type Framing struct {
	// StatusLine is how the first line is found and read.
	StatusLine StatusLine
	// CutHead is what a head is that ends with the connection.
	CutHead CutHead
	// CRBreaksLine lets a CR without LF end a line of the head.
	CRBreaksLine bool
	// CRInvalidates drops a header line that has a CR without LF.
	CRInvalidates bool
	// SpacedNames takes spaces and tabs between a header's name and its colon away, instead of
	// dropping the line.
	SpacedNames bool
	// FoldingKept keeps the spaces and tabs that a folded line begins with.
	FoldingKept bool
	// NULInValueOnly takes a NUL for an error in values of headers alone: a line with one in its
	// name is dropped, and one in the status text is kept.
	NULInValueOnly bool
	// Switching is what a response with status 101 is, where no other protocol was offered.
	Switching Switching
	// Lengths is how Content-Length is read.
	Lengths Lengths
	// ChunkedInHTTP10 undoes the chunked coding in a response of HTTP/1.0 as well.
	ChunkedInHTTP10 bool
	// SpacesSeparateCodings lets spaces separate transfer codings, as commas do.
	SpacesSeparateCodings bool
	// OnlyChunked undoes the chunked coding only where nothing else is listed, if there is a
	// Content-Length, which counts otherwise.
	OnlyChunked bool
	// Chunks is how the sizes of chunks are read, and what is between them.
	Chunks Chunks
	// BrokenBodyIsNoResponse takes a response whose body breaks before its first byte for none,
	// if that is known as soon as its head.
	BrokenBodyIsNoResponse bool
	// BrokenAtOnceIsNoResponse does so where the body breaks later, as long as all of it is there at once.
	BrokenAtOnceIsNoResponse bool
	// ResetContentHasBody reads the body of a response with status 205.
	ResetContentHasBody bool
}

// StatusLine is how the status line of a response is found and read.
type StatusLine uint8

// The ways of finding and reading status lines.
const (
	// StatusLineAsMost: up to 4 bytes before "HTTP/" are skipped, the status has one to three
	// digits, and a version alone means 200.
	StatusLineAsMost StatusLine = iota
	// StatusLineAsChromium: the same with "HTTP". Digits after the first space are the status,
	// any number of them; none mean 200. Over http, what begins with "ICY " is HTTP/0.9.
	StatusLineAsChromium
	// StatusLineAsGecko: what has no status line with a version is HTTP/0.9, all of it a body;
	// "ICY " is a version.
	StatusLineAsGecko
	// StatusLineAsSoup: the version is 1.0 or 1.1, or "ICY"; the status has three digits and is
	// not below 100.
	StatusLineAsSoup
)

// CutHead is what the head of a response is that ends with the connection, before its blank line.
type CutHead uint8

// What a head is that ends with the connection.
const (
	// CutHeadWholeLines: a head, if its last line is whole. Its body ends with the connection too.
	CutHeadWholeLines CutHead = iota
	// CutHeadAsSoup: the same, and its body breaks where TLS ends without a close_notify.
	CutHeadAsSoup
	// CutHeadAny: a head, and its body is empty, whatever it says of it.
	CutHeadAny
	// CutHeadOverHTTP: the same over http; over TLS it is no response.
	CutHeadOverHTTP
)

// Switching is what a response with status 101 is.
type Switching uint8

// What a response with status 101 is.
const (
	// SwitchingRefused: no response.
	SwitchingRefused Switching = iota
	// SwitchingSkipped: an interim response.
	SwitchingSkipped
	// SwitchingDelivered: the response, without a body.
	SwitchingDelivered
)

// Lengths is how Content-Length is read.
type Lengths uint8

// The ways of reading Content-Length.
const (
	// LengthsAsStandard: as the Fetch standard extracts a length.
	LengthsAsStandard Lengths = iota
	// LengthsAsSoup: the last line counts, as the C library reads numbers; what is no number is 0,
	// and so is a negative one.
	LengthsAsSoup
)

// Chunks is how the chunked coding is read.
type Chunks uint8

// The ways of reading the chunked coding.
const (
	// ChunksAsMost: as in RFC 9112; lines may end with LF.
	ChunksAsMost Chunks = iota
	// ChunksAsChromium: the same, except for a tab after a size, which is an error.
	ChunksAsChromium
	// ChunksAsGecko: sizes as the C library reads numbers, up to 31 bits; empty lines are skipped,
	// and the line break after a chunk may be missing.
	ChunksAsGecko
	// ChunksAsSoup: sizes as the C library reads numbers; what is no number ends the body, and so
	// does the end of the connection at the beginning of a line.
	ChunksAsSoup
	// ChunksAsNewerSoup: the same, except that the connection must not end before something comes after the last chunk's size.
	ChunksAsNewerSoup
)
