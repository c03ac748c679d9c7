package explain

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
)

// role is what a template stands for in a message.
type role uint8

const (
	reasonRole   role = iota // says why
	contextRole              // comes before a reason
	wholeRole                // comes before a reason, and says by itself that it is about CORS
	suffixRole               // comes after a reason
	locationRole             // a second line, with the URL
	requestRole              // a line about a request, with its method, URL and status
)

// template is a wording. In its text {name} stands for what a message fills in, and a
// space for any blanks, the end of a line included. Upper and lower case, quotes and the
// final full stop make no difference: people type messages, and editors change them.
type template struct {
	engine      string
	role        role
	text        string
	reason      cors.Reason
	topic       Topic
	or          []cors.Reason
	preflight   bool
	credentials bool
	whole       bool // must not be cut off: a shorter text means something else
	name        bool // names a failure, without saying which

	pieces   []piece
	literals int // bytes of text that are not fields
}

// piece is a literal, or the name of a field.
type piece struct{ literal, field string }

// compile cuts a template's text into pieces.
func (t *template) compile() {
	for rest := strings.TrimSuffix(t.text, "."); rest != ""; {
		literal, field, found := strings.Cut(rest, "{")
		t.pieces = append(t.pieces, piece{literal: literal})
		t.literals += len(literal)
		rest = ""
		if found {
			field, rest, _ = strings.Cut(field, "}")
			t.pieces = append(t.pieces, piece{field: field})
		}
	}
}

// index has templates by the byte with which they begin, in lower case. Of two that fit,
// the longer one says more.
type index [256][]*template

func newIndex(templates []*template) *index {
	x := new(index)
	for _, t := range templates {
		t.compile()
		first := lower(t.text[0])
		x[first] = append(x[first], t)
	}
	for i := range x {
		slices.SortStableFunc(x[i], func(a, b *template) int { return len(b.text) - len(a.text) })
	}
	return x
}

// The most that what fills in a field may have.
const (
	maxURL   = 4096
	maxField = 1024
	maxWord  = 60
	// maxQuoted is how many quotes it may have, whatever its length: each may be its end, which is
	// looked at.
	maxQuoted = 32
)

// minCut is how much of the literal text of a message must be there if its end is not.
const minCut = 24

// match matches the template with text from i on, fills in the fields and returns the
// end, 0 where it does not match. cut says that the text ends, or is abridged, before
// the template does.
func (t *template) match(text string, i int, fields map[string]string) (end int, cut bool) {
	seen := 0
	for n := range t.pieces {
		p := t.pieces[n]
		if p.field == "" {
			next, missing := skip(text, i, p.literal)
			if next < 0 {
				return 0, false
			}
			seen += len(p.literal) - missing
			i = next
			if missing > 0 {
				if t.whole || seen < minCut {
					return 0, false
				}
				return i, true
			}
			continue
		}
		next := ""
		if n+1 < len(t.pieces) {
			next = t.pieces[n+1].literal
		}
		value, end := p.fill(text, i, next)
		if end < 0 {
			return 0, false
		}
		fields[p.field] = value
		i = end
	}
	if i < len(text) && text[i] == '.' && strings.HasSuffix(t.text, ".") {
		i++
	}
	return i, false
}

// fill returns what fills in the field from start on, before the next literal, and the
// end of it, -1 where nothing can. What is in quotes ends at the quote that closes it, if
// there is one.
func (p piece) fill(text string, start int, next string) (value string, end int) {
	if start > 0 && isQuote(text[start-1]) && next != "" && isQuote(next[0]) {
		if end := p.end(text, start, next, text[start-1]); end >= 0 && !p.isURL() {
			return text[start:end], end
		} else if end >= 0 {
			return p.value(text, start, end, next)
		}
	}
	return p.value(text, start, p.end(text, start, next, 0), next)
}

// end returns where what fills in the field ends, -1 for nowhere; quote is the byte that
// must be there, 0 for any.
func (p piece) end(text string, start int, next string, quote byte) int {
	quotes := 0
	for i := start; ; i++ {
		if i < len(text) && isQuote(text[i]) {
			quotes++
		}
		atEnd := i == len(text) || i-start > p.most() || quotes > maxQuoted || !p.takes(text[i])
		switch {
		case next == "" && atEnd:
			if i > start {
				return i
			}
			return -1
		case next != "" && (i > start || p.mayBeEmpty()) && (quote == 0 || i < len(text) && text[i] == quote) && begins(text, i, next):
			return i
		case atEnd:
			return -1
		}
	}
}

func (p piece) mayBeEmpty() bool { return p.field == "value" || p.field == "_" }

// value returns what is between start and end, without quotes.
func (p piece) value(text string, start, end int, next string) (string, int) {
	if end < 0 {
		return "", -1
	}
	value := strings.Trim(text[start:end], "'\"`")
	if !p.isURL() {
		return value, end
	}
	value = strings.TrimRight(value, ".,;)]>'\"`")
	if next == "" {
		end = start + len(strings.TrimRight(text[start:end], ".,;)]>'\"`"))
	}
	if !strings.Contains(value, ":") {
		return "", -1
	}
	return value, end
}

func (p piece) isURL() bool { return p.field == "url" || p.field == "from" }

// most is how long the field may be.
func (p piece) most() int {
	switch p.field {
	case "url", "from", "page", "value":
		return maxURL
	case "api", "method":
		return maxWord
	}
	return maxField
}

// takes reports whether a byte can be part of what fills in the field.
func (p piece) takes(c byte) bool {
	switch p.field {
	case "status":
		return '0' <= c && c <= '9'
	case "url", "from", "origin", "page", "method":
		return c > ' '
	}
	return c != '\n'
}

// begins reports whether a literal, or all that is left of it before the text is cut
// off, is at i.
func begins(text string, i int, literal string) bool {
	if !isQuote(literal[0]) && i < len(text) && !sameByte(text[i], literal[0]) && !isQuote(text[i]) {
		return false
	}
	end, missing := skip(text, i, literal)
	if end < 0 || missing > 0 && len(literal)-missing < 6 {
		return false
	}
	// A quote alone must be there, unless a URL is.
	return strings.Trim(literal, " '\"`") != "" || !strings.ContainsFunc(literal, func(c rune) bool { return isQuote(byte(c)) }) ||
		end > 0 && isQuote(text[end-1]) || startsURL(text[min(end, len(text)):])
}

// startsURL reports whether a text begins with a URL.
func startsURL(text string) bool {
	colon := strings.Index(text[:min(len(text), 40)], "://")
	return colon > 0 && !strings.ContainsAny(text[:colon], " \n")
}

// skip returns the end of a literal that text has at i, -1 where it has not, and how much
// of the literal is missing where text ends before it, or is abridged by "...".
func skip(text string, i int, literal string) (end, missing int) {
	for j := 0; j < len(literal); j++ {
		if isQuote(literal[j]) {
			continue
		}
		i = skipQuotes(text, i)
		rest := strings.TrimRight(literal[j:], " ")
		if i >= len(text) || strings.HasPrefix(text[i:], "...") {
			return i, len(rest)
		}
		c := text[i]
		if literal[j] == ' ' {
			if c != ' ' && c != '\n' {
				return -1, 0
			}
			for i < len(text) && (text[i] == ' ' || text[i] == '\n') {
				i++
			}
			continue
		}
		if !sameByte(c, literal[j]) {
			return -1, 0
		}
		i++
	}
	if i < len(text) && isQuote(text[i]) && isQuote(literal[len(literal)-1]) {
		i++ // one: where there are two, nothing is between them
	}
	return i, 0
}

// maxQuotes is how many quotes may stand together: more are no quotes.
const maxQuotes = 4

func skipQuotes(text string, i int) int {
	for end := i + maxQuotes; i < len(text) && i < end && isQuote(text[i]); {
		i++
	}
	return i
}

func isQuote(c byte) bool { return c == '\'' || c == '"' || c == '`' }

func sameByte(a, b byte) bool { return lower(a) == lower(b) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// event is a template that was found, with what its fields hold.
type event struct {
	*template
	fields map[string]string
	at     int // in the text
}

// matchAt returns the template that text has at i, and its end there, 0 for none. Text
// that is cut off counts where it can be the beginning of one meaning only.
func (x *index) matchAt(text string, i int) (event, int) {
	if i > 0 && isWord(text[i-1]) && isWord(text[i]) && !italic(text, i) {
		return event{}, 0
	}
	var abridged event
	end := 0
	for _, t := range x[lower(text[i])] {
		if n, _ := skip(text, i, t.pieces[0].literal); n < 0 {
			continue
		}
		fields := map[string]string{}
		n, cut := t.match(text, i, fields)
		switch {
		case n > 0 && !cut:
			return event{t, fields, i}, n
		case n == 0:
		case end == 0:
			abridged, end = event{t, fields, i}, n
		case abridged.reason != t.reason || abridged.topic != t.topic:
			abridged = event{&template{engine: t.engine, role: reasonRole, topic: TopicUnknown}, fields, i}
			end = max(end, n)
		}
	}
	return abridged, end
}

// italic reports whether the _ before i is not a part of a word, but Markdown's mark of
// emphasis.
func italic(text string, i int) bool { return text[i-1] == '_' && (i < 2 || !isWord(text[i-2])) }

func isWord(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}
