package record

import "strings"

// Fidelity says what is missing from an exchange, or not to be relied on. The
// zero value is a recording of everything that was on the wire.
type Fidelity uint32

// What may be wrong with an exchange.
const (
	// RepeatsMerged: the recorder kept one value a name, so that whether a header of
	// the response was sent once or several times is not known (any file whose headers
	// are an object, except values that are lists, as of Go's http.Header).
	RepeatsMerged Fidelity = 1 << iota
	// OrderLost: headers are not in the order of the wire but sorted by name
	// (Chromium's DevTools, Playwright), or in that of an object (Safari).
	OrderLost
	// CookiesRemoved: Cookie, Authorization and Set-Cookie may have been
	// removed. Chrome's export does so unless asked not to and leaves no mark;
	// this is set for its entries without any of the three, until one of them
	// has been seen in the file.
	CookiesRemoved
	// ValuesRedacted: a header's value has been replaced by a word such as
	// "redacted".
	ValuesRedacted
	// RequestHeadersMissing: the recording has no request headers, which no
	// browser sends.
	RequestHeadersMissing
	// ResponseHeadersMissing: there was a response, and the recording has none
	// of its headers.
	ResponseHeadersMissing
	// PreflightsHidden: this recorder leaves preflights out (Playwright), or
	// the failed ones (Safari), so that a missing one means nothing.
	PreflightsHidden
	// NoResponse: no response was recorded (status 0, -1 or -999).
	NoResponse
	// BodyCut: the response's body is not, or not wholly, in the recording. No
	// decision about CORS needs it.
	BodyCut
	// BytesUnsure: a header's value has characters above U+00FF or broken
	// UTF-8, so that its bytes on the wire had to be guessed.
	BytesUnsure
	// PseudoMismatch: the pseudo-headers contradict the method or the URL.
	PseudoMismatch
	// URLGuessed: the recording has no URL. Its scheme was guessed from the
	// port and the host, or the whole taken from the redirect before.
	URLGuessed
	// RequestMissing: only the response was recorded (curl -i); the request is
	// that of [Options].
	RequestMissing
	// PageUnknown: the entry names a page that the file had not described by
	// then; see [Reader.Log].
	PageUnknown
	// RepeatsJoined: repeated headers were joined to one, with ", " between their
	// values (Safari, mitmproxy before 10.1). That is what the CORS protocol
	// looks at anyway; only how many lines they stood on is lost.
	RepeatsJoined

	fidelityEnd
)

var fidelityNames = [...]string{
	"repeated headers merged",
	"header order lost",
	"cookies and authorization perhaps removed",
	"header values redacted",
	"request headers missing",
	"response headers missing",
	"preflights hidden by this recorder",
	"no response recorded",
	"body cut or left out",
	"bytes of a header value unsure",
	"pseudo-headers contradict the request",
	"URL guessed",
	"request not recorded",
	"page not described",
	"repeated headers joined",
}

// Has reports whether all of the bits of g are set in f.
func (f Fidelity) Has(g Fidelity) bool { return f&g == g }

// String lists what is set, in words, and is "complete" where nothing is.
func (f Fidelity) String() string {
	if f == 0 {
		return "complete"
	}
	var b strings.Builder
	for i, name := range fidelityNames {
		if f&(1<<i) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	return b.String()
}
