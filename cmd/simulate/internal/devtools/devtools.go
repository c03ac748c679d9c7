// Package devtools reads a request as people have it on their clipboard: as the
// developer tools of browsers copy it, or as a curl command line that somebody
// wrote. It reads text and nothing else: it opens no file, expands no variable
// and runs no code.
//
// What is read:
//
//   - "Copy as cURL (bash)" of Chromium, "Copy as cURL" of Firefox and Safari,
//     and curl command lines for a POSIX shell ([CurlBash]);
//   - "Copy as cURL (cmd)" of Chromium and "Copy as cURL (Windows)" of Firefox,
//     and curl command lines for cmd.exe ([CurlCmd]);
//   - "Copy as fetch" and "Copy as fetch (Node.js)" of Chromium, "Copy as Fetch"
//     of Firefox and Safari, and calls of fetch whose arguments are literals
//     ([Fetch]).
//
// A copied request holds what the page's script asked for together with what the
// browser added to it. Only the former may be given to a user agent again;
// [Request] therefore keeps the two apart.
package devtools

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// MaxBytes is the length of the longest text that [Parse] reads, in bytes. The
// limit is ours: browsers copy bodies of any length.
const MaxBytes = 1 << 20

// A Kind is a form in which a request was written.
type Kind uint8

// The forms that [Parse] recognizes.
const (
	CurlBash Kind = 1 + iota // a curl command line, quoted for a POSIX shell
	CurlCmd                  // a curl command line, quoted for cmd.exe of Windows
	Fetch                    // a call of fetch in JavaScript
)

// String returns a name for people: "curl (bash)", "curl (cmd)" or "fetch".
func (k Kind) String() string {
	switch k {
	case CurlBash:
		return "curl (bash)"
	case CurlCmd:
		return "curl (cmd)"
	case Fetch:
		return "fetch"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Request is a request as it was written, with nothing resolved, opened or
// looked up. Text fields hold bytes, except where JavaScript had them as strings:
// those are UTF-8, except header values, which are the bytes that they stand for.
type Request struct {
	// URL is the URL as written. It may be relative where Source is Fetch. With
	// curl it has a scheme; "http://" is put before one that has none, as curl
	// does.
	URL string

	// Method is the request's method, spelled as given (normalizing it is up to
	// fetch), and the one that follows from the body and the flags otherwise.
	Method string
	// MethodGiven reports whether the text names the method: curl's -X, or the
	// member method of fetch's options.
	MethodGiven bool

	// Headers are the headers that the page's script set, in order, or that
	// whoever wrote the command wanted. A body's own Content-Type is among them:
	// curl adds application/x-www-form-urlencoded to -d, fetch adds
	// text/plain;charset=UTF-8 to a string.
	Headers headers.List
	// Automatic are the headers that a browser sets by itself, in order. They
	// must not be given to a user agent as a script's headers: most are forbidden
	// to scripts, and the others would make it ask for permission that the copied
	// request did not need. See the package's function separate for which these
	// are, and why.
	Automatic headers.List
	// Origin, Referer and Cookie are the values of the headers of these names,
	// and "" where there is none. Origin tells the origin of the page that made
	// the request. Cookie has the values of curl's -b as well.
	Origin, Referer, Cookie string

	// Body is the request's body, and nil where there is none.
	Body *string
	// BodyFile names the file that holds the body (curl's -d @file), "-" for
	// standard input, and is "" where Body has it. With BodyFileText, curl removes
	// each CR, LF and NUL from the file's content.
	BodyFile     string
	BodyFileText bool

	// Mode, Credentials, Redirect, Referrer, ReferrerPolicy, Cache and Integrity
	// are the members of fetch's options with these names, and nil where there is
	// none. Mode is also known from a Sec-Fetch-Mode header, and may then be
	// "navigate" or "websocket", which no script can ask for.
	Mode, Credentials, Redirect, Referrer, ReferrerPolicy, Cache, Integrity *string
	// Keepalive is the member keepalive of fetch's options.
	Keepalive bool

	// Insecure is curl's -k: a certificate that cannot be verified is accepted.
	Insecure bool
	// CACert is curl's --cacert, the name of a file of certificates.
	CACert string
	// Resolve are the values of curl's --resolve, each host:port:address.
	Resolve []string
	// FollowRedirects is curl's -L.
	FollowRedirects bool
	// MaxTime is curl's --max-time, and 0 where there is none.
	MaxTime time.Duration
	// Compressed is curl's --compressed. A browser always asks for compression.
	Compressed bool
	// User is curl's -u, name:password. It is not among Headers. It is "" where an
	// Authorization header was given, which curl prefers.
	User string

	// Source is the form in which the request was written.
	Source Kind
	// FromBrowser reports whether a browser's developer tools wrote the text, as
	// far as one can tell: it has headers that browsers set and people do not.
	FromBrowser bool
	// Notes say what was given and ignored, or taken otherwise than one might
	// think, one sentence each, in the order of the text.
	Notes []string
}

// A SyntaxError tells what in a text cannot be read, and where.
type SyntaxError struct {
	// Line counts from 1. Column counts characters from 1.
	Line, Column int
	// Problem says what is wrong and what to do.
	Problem string
}

// Error returns the place and the problem: "line 2, column 5: …".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Parse reads a request from text, of which it finds out the [Kind] itself: what
// stands first, the word curl or a call of fetch, decides. It reads the first
// request; what follows is noted. An error is a [*SyntaxError].
func Parse(text string) (*Request, error) {
	if len(text) > MaxBytes {
		return nil, &SyntaxError{1, 1, fmt.Sprintf("the text has %d bytes; at most %d are read", len(text), MaxBytes)}
	}
	// A clipboard of Windows turns each line feed into CR LF. Where a CR belongs
	// to the request, every one of the dialects writes it as an escape.
	src := strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")

	curl, call := indexCurl(src), indexFetch(src, 0)
	var r *Request
	var err *problem
	switch {
	case curl < 0 && call < 0:
		err = unrecognized(src)
	case curl < 0 || call >= 0 && call < curl:
		r, err = parseFetch(src, call)
	case isCmd(src[curl:]):
		r, err = parseCurl(src, CurlCmd)
	default:
		r, err = parseCurl(src, CurlBash)
	}
	if err != nil {
		return nil, err.at(src)
	}
	return r, nil
}

// A problem is a SyntaxError whose place is still an offset.
type problem struct {
	pos  int
	text string
}

func problemf(pos int, format string, args ...any) *problem {
	return &problem{pos, fmt.Sprintf(format, args...)}
}

func (p *problem) at(src string) *SyntaxError {
	line, column := place(src, p.pos)
	return &SyntaxError{line, column, p.text}
}

// place returns the line and column of the offset pos in src.
func place(src string, pos int) (line, column int) {
	before := src[:min(pos, len(src))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

// unrecognized says what a text is that is no request for us.
func unrecognized(src string) *problem {
	pos := len(src) - len(strings.TrimLeft(src, " \t\n"))
	switch {
	case pos == len(src):
		return problemf(0, "there is no text; copy the request as cURL or as fetch")
	case strings.Contains(src, "Invoke-WebRequest"), strings.Contains(src, "Invoke-RestMethod"):
		return problemf(pos, "PowerShell is not read; copy the request as cURL or as fetch instead")
	}
	return problemf(pos, "there is neither a curl command nor a call of fetch; copy the request as cURL or as fetch")
}

// indexCurl returns where the first word curl is that may be a command's name,
// and -1 where there is none.
func indexCurl(src string) int {
	for i := 0; ; i++ {
		j := strings.Index(src[i:], "curl")
		if j < 0 {
			return -1
		}
		i += j
		after := strings.TrimPrefix(src[i+len("curl"):], ".exe")
		if (i == 0 || strings.IndexByte(" \t\n;&|(/\\", src[i-1]) >= 0) &&
			(after == "" || strings.IndexByte(" \t\n^\\", after[0]) >= 0) {
			return i
		}
	}
}

// isCmd reports whether command, which begins with the word curl, is quoted for
// cmd.exe. There are three signs that no POSIX shell's command line shows:
// its first line ends with a caret outside quotes; a caret and a double quote begin an argument
// before any other quotation; or double quotes are doubled inside double quotes
// in a text without single quotes and backslashes at the ends of lines.
func isCmd(command string) bool {
	line, _, more := strings.Cut(command, "\n")
	line = strings.TrimRight(line, " \t")
	if line, caret := strings.CutSuffix(line, "^"); more && caret {
		// A caret inside a POSIX quotation says nothing.
		if _, err := posixCommand(line, 0); err == nil {
			return true
		}
	}
	if i := strings.Index(command, ` ^"`); i >= 0 && !strings.ContainsAny(command[:i], `'"`) {
		return true
	}
	if strings.Contains(command, "'") || strings.Contains(command, "\\\n") {
		return false
	}
	i := strings.Index(command, `{""`)
	return i >= 0 && strings.Contains(command[i+3:], `"":`)
}

// quote returns s in double quotes for a message, shortened to what one can read.
func quote(s string) string {
	return fmt.Sprintf("%q", shorten(s))
}

func (r *Request) notef(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}
