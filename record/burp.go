package record

import (
	"bytes"
	"encoding/base64"
	"html"
	"strings"
	"time"
)

// burpReader reads what Burp Suite's "Save items" writes: XML with a list of items,
// each with the raw request and the raw response, in base64 or not. It takes the
// elements that it wants out of the text, because what browsers and servers send
// is often not allowed in XML, whatever Burp calls it.
type burpReader struct {
	*scanner
	keep [burpElements][]byte // the contents of the elements of an item
	tag  []byte
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
		case !ok && index == 0 && b.err == nil:
			return Raw{}, &FormatError{`the XML has no <item>: what can be read is what Burp's "Save items" writes`}
		case !ok:
			return Raw{}, b.atEnd()
		case name == "item":
			return b.item(index, line, offset)
		}
	}
}

// element goes behind the next start tag, and returns its name and whether it
// says that the content is base64.
func (b *burpReader) element() (name string, coded, ok bool) {
	for {
		if _, ok := b.until("<", nil, 0); !ok {
			return "", false, false
		}
		tag, ok := b.until(">", b.tag[:0], 1024)
		if b.tag = tag; !ok {
			b.cutOff()
			return "", false, false
		}
		switch {
		case bytes.HasPrefix(tag, []byte("![CDATA[")):
			if !bytes.HasSuffix(tag, []byte("]]")) {
				b.until("]]>", nil, 0)
			}
		case len(tag) > 0 && (tag[0] == '!' || tag[0] == '?'):
		default:
			name, attributes, _ := strings.Cut(string(tag), " ")
			return name, strings.Contains(attributes, `base64="true"`), true
		}
	}
}

func (b *burpReader) item(index int, line, offset int64) (Raw, error) {
	var coded [burpElements]bool
	for i := range b.keep {
		b.keep[i] = b.keep[i][:0]
	}
	for {
		name, base64, ok := b.element()
		if !ok {
			b.cutOff()
			return Raw{}, b.err
		}
		i := -1
		switch name {
		case "/item":
			return b.exchange(index, line, offset, &coded)
		case "time":
			i = burpTime
		case "url":
			i = burpURL
		case "request":
			i = burpRequest
		case "response":
			i = burpResponse
		}
		if i >= 0 {
			coded[i] = base64
			if b.keep[i], ok = b.content(b.keep[i][:0]); !ok {
				b.cutOff()
				return Raw{}, b.err
			}
		}
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
	for b.end-b.pos < len("![CDATA[") && b.more() {
	}
	if !bytes.HasPrefix(b.buf[b.pos:b.end], []byte("![CDATA[")) {
		return text[:0], true
	}
	b.pos += len("![CDATA[")
	return b.until("]]>", dst, MaxEntryBytes)
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
		dst = append(dst, w[:max(0, min(n, most-len(dst)))]...)
		if b.pos += n; found {
			b.pos += len(delimiter)
			return dst, true
		}
	}
}

// exchange makes an exchange of what an item holds.
func (b *burpReader) exchange(index int, line, offset int64, coded *[burpElements]bool) (Raw, error) {
	a := assembler{}
	a.begin(line, offset)
	body := false
	for _, i := range [...]int{burpRequest, burpResponse} {
		raw, response := b.keep[i], i == burpResponse
		if coded[i] {
			raw = decodeBase64(raw)
		}
		if len(raw) == 0 {
			continue
		}
		if problem, more := a.message(raw, response); problem != "" && a.bad == "" {
			a.bad = problem
		} else if !response {
			body = more
		}
	}
	if a.ex.Request.Method == "" && a.bad == "" {
		a.bad = "the item has no request"
	}
	if url := strings.TrimSpace(string(b.keep[burpURL])); url != "" {
		a.ex.Request.URL = url
	}
	// Java's Date.toString.
	if at, err := time.Parse("Mon Jan 02 15:04:05 MST 2006", strings.TrimSpace(string(b.keep[burpTime]))); err == nil {
		a.ex.Started = at
	}
	return a.finish(index, body), nil
}

// decodeBase64 returns what coded stands for, up to where it is none.
func decodeBase64(coded []byte) []byte {
	coded = bytes.Join(bytes.Fields(coded), nil)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(coded)))
	n, _ := base64.StdEncoding.Decode(out, coded)
	return out[:n]
}

// message takes the head of a message, and reports whether a body follows.
func (a *assembler) message(raw []byte, response bool) (problem string, body bool) {
	line, rest, _ := bytes.Cut(raw, newline)
	l, ok := parseStartLine(bytes.TrimSuffix(line, []byte{'\r'}))
	if !ok || l.response != response {
		return "begins with " + excerpt(string(line)) + ", no line that a message begins with", false
	}
	if response {
		a.response(l)
	} else {
		a.request(l)
	}
	var h head
	for number := int64(2); len(rest) > 0; number++ {
		line, rest, _ = bytes.Cut(rest, newline)
		if line = bytes.TrimSuffix(line, []byte{'\r'}); len(line) == 0 {
			break
		}
		h.add(line, false, number)
	}
	a.setHead(response, &h)
	return "", len(rest) > 0
}
