package record

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"strconv"
	"strings"
	"time"
)

// burpReader reads what Burp Suite's "Save items" writes: XML with a list of items,
// each with the raw request and the raw response, in base64 or not. It takes the
// elements that it wants out of the text, because what browsers and servers send
// is often not allowed in XML, whatever Burp calls it.
type burpReader struct {
	*scanner
	elements [burpElements]burpContent // of an item
	tag      []byte
	cut      bool // more stood there than was kept
	root     bool // <items> was there
	closed   bool // and </items>
}

// burpContent is the content of an element.
type burpContent struct {
	text  []byte
	coded bool // in base64
	cut   bool // there was more
}

// The elements of an item that are wanted.
const (
	burpTime = iota
	burpURL
	burpRequest
	burpResponse
	burpElements
)

func (b *burpReader) next(index int) (Raw, error) {
	for {
		line, offset := b.line(), b.offset()
		name, _, ok := b.element()
		switch {
		case !ok && b.root && !b.closed:
			b.cutOff()
			return Raw{}, b.err
		case !ok:
			err := b.atEnd()
			if err == io.EOF && index == 0 {
				err = &FormatError{`the input has no <item>: what can be read is the XML that Burp's "Save items" writes`}
			}
			return Raw{}, err
		case name == "items":
			b.root = true
		case name == "/items":
			b.closed = true
		case name == "item":
			return b.item(index, line, offset)
		}
	}
}

const burpCDATA = "![CDATA[" // behind a "<"; it goes on to "]]>"

// element goes behind the next start tag or end tag, and returns its name, of an end
// tag with the slash, and whether it says that the content is base64.
func (b *burpReader) element() (name string, coded, ok bool) {
	for {
		if _, ok := b.until("<", nil, 0); !ok {
			return "", false, false
		}
		if b.ahead(len(burpCDATA)) == burpCDATA {
			b.until("]]>", nil, 0)
			continue
		}
		if b.tag, ok = b.until(">", b.tag[:0], 1024); !ok {
			b.cutOff()
			return "", false, false
		}
		tag := string(b.tag)
		if tag == "" || tag[0] == '!' || tag[0] == '?' {
			continue
		}
		attributes := ""
		if i := strings.IndexAny(tag, " \t\r\n"); i >= 0 {
			tag, attributes = tag[:i], tag[i:]
		}
		return tag, strings.Contains(attributes, `base64="true"`) || strings.Contains(attributes, `base64='true'`), true
	}
}

func (b *burpReader) item(index int, line, offset int64) (Raw, error) {
	for i := range b.elements {
		b.elements[i] = burpContent{text: b.elements[i].text[:0]}
	}
	for {
		name, coded, ok := b.element()
		if !ok {
			b.cutOff()
			return Raw{}, b.err
		}
		var e *burpContent
		switch name {
		case "/item":
			return b.exchange(index, line, offset), nil
		case "time":
			e = &b.elements[burpTime]
		case "url":
			e = &b.elements[burpURL]
		case "request":
			e = &b.elements[burpRequest]
		case "response":
			e = &b.elements[burpResponse]
		default:
			continue
		}
		b.cut, e.coded = false, coded
		if e.text, ok = b.content(e.text[:0]); !ok {
			b.cutOff()
			return Raw{}, b.err
		}
		e.cut = b.cut
	}
}

// content returns the text up to the next tag, as much as is wanted of it.
func (b *burpReader) content(dst []byte) ([]byte, bool) {
	text, ok := b.until("<", dst, MaxEntryBytes)
	if !ok {
		return text, false
	}
	if len(bytes.TrimSpace(text)) > 0 {
		return []byte(html.UnescapeString(string(text))), true
	}
	if b.ahead(len(burpCDATA)) != burpCDATA {
		return text[:0], true
	}
	// What holds the end of a section is written in two.
	for text, next := text[:0], burpCDATA; ; next = "<" + burpCDATA {
		if b.ahead(len(next)) != next {
			return text, true
		}
		b.pos += len(next)
		if text, ok = b.until("]]>", text, MaxEntryBytes); !ok {
			return text, false
		}
	}
}

// until goes behind the next delimiter, and appends to dst what stands before it,
// as far as dst may grow to most bytes.
func (b *burpReader) until(delimiter string, dst []byte, most int) ([]byte, bool) {
	for {
		if !b.fill() {
			return dst, false
		}
		w := b.buf[b.pos:b.end]
		n := bytes.Index(w, []byte(delimiter))
		found := n >= 0
		if !found {
			if n = len(w) - len(delimiter) + 1; n <= 0 {
				if !b.more() {
					b.pos = b.end
				}
				continue
			}
		}
		room := max(0, min(n, most-len(dst)))
		dst = append(dst, w[:room]...)
		b.cut = b.cut || room < n && most > 0
		if b.pos += n; found {
			b.pos += len(delimiter)
			return dst, true
		}
	}
}

// exchange makes an exchange of what an item holds.
func (b *burpReader) exchange(index int, line, offset int64) Raw {
	a := assembler{}
	a.begin(line, offset)
	body := a.message(&b.elements[burpRequest], false)
	a.message(&b.elements[burpResponse], true)
	if a.ex.Request.Method == "" {
		a.wrong("the item has no request")
	}
	url := &b.elements[burpURL]
	if s := strings.TrimSpace(string(url.text)); s != "" {
		a.ex.Request.URL = s
	}
	if url.cut {
		a.wrong("the URL is " + burpTooLarge)
	}
	a.ex.Started = javaDate(string(b.elements[burpTime].text))
	return a.finish(index, body)
}

var burpTooLarge = "larger than " + strconv.Itoa(MaxEntryBytes>>20) + " MiB"

// javaDate reads what Java's Date.toString writes, "Mon Jan 01 10:00:01 CET 2024",
// with the name of a time zone or, where that has none, "GMT+02:00". What a name
// other than GMT and UTC stands for depends on where it was written; it is taken for
// UTC, as all of a file are mostly of one zone. What cannot be read is the zero time.
func javaDate(s string) time.Time {
	words := strings.Fields(s)
	if len(words) != 6 {
		return time.Time{}
	}
	zone := words[4]
	at, err := time.Parse("Jan 2 15:04:05 2006", strings.Join([]string{words[1], words[2], words[3], words[5]}, " "))
	if err != nil {
		return time.Time{}
	}
	if offset, ok := strings.CutPrefix(zone, "GMT"); ok && offset != "" {
		ahead, err := time.Parse("-07:00", offset)
		if err != nil {
			return time.Time{}
		}
		_, seconds := ahead.Zone()
		at = at.Add(-time.Duration(seconds) * time.Second)
	}
	return at
}

// decodeBase64 returns what coded stands for, up to where it is none.
func decodeBase64(coded []byte) ([]byte, error) {
	coded = bytes.Join(bytes.Fields(coded), nil)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(coded)))
	n, err := base64.StdEncoding.Decode(out, coded)
	return out[:n], err
}

// message takes the head of a message, and reports whether a body follows.
func (a *assembler) message(content *burpContent, response bool) (body bool) {
	raw, err := content.text, error(nil)
	if content.coded {
		raw, err = decodeBase64(raw)
	}
	what := "the request "
	if response {
		what = "the response "
	}
	problem, ended, body := a.messageHead(raw, response)
	switch {
	case ended: // what is wrong with the body does not matter
	case content.cut:
		problem = "without its body is " + burpTooLarge
	case err != nil:
		problem = "is not the base64 that it should be"
	}
	if problem != "" {
		a.wrong(what + problem)
	}
	return body
}

// messageHead takes the head of a message. It returns what is wrong with it, whether
// the empty line at its end is there, and whether a body follows.
func (a *assembler) messageHead(raw []byte, response bool) (problem string, ended, body bool) {
	if len(raw) == 0 {
		return "", false, false
	}
	line, rest, _ := bytes.Cut(raw, newline)
	line = trimCR(line)
	l, ok := parseStartLine(line)
	switch ok = ok && l.response == response; {
	case !ok && response:
		return "begins with a line of " + length(len(line)) + " that is no status line", false, false
	case !ok:
		return "begins with a line of " + length(len(line)) + " that is no request line", false, false
	case response:
		a.response(l)
	default:
		a.request(l)
	}
	var h head
	for number := int64(2); len(rest) > 0 && !ended; number++ {
		line, rest, _ = bytes.Cut(rest, newline)
		if line = trimCR(line); len(line) == 0 {
			ended = true
		} else {
			h.add(line, false, number)
		}
	}
	if problem, h.problem = h.problem, ""; problem != "" {
		problem = "is wrong: " + problem
	}
	a.setHead(response, &h)
	return problem, ended, len(rest) > 0
}
