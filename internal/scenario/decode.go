package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/corsim/corsim/headers"
)

// A decoder reads one object, token by token. Its strings share the memory of
// one copy of the input, and its lists are gathered in buffers that later
// decodings use again, so that an object costs few allocations.
type decoder struct {
	dec  jsontext.Decoder
	buf  bytes.Buffer
	text string
	line int // that text begins on

	anyField bool // ignore unknown fields

	headers  []headers.Header
	servers  []Server
	answers  []Answer
	steps    []Step
	outcomes []StepOutcome
	requests []Request
	strings  []string
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decode has read read the one object that text holds.
func decode(text []byte, line int, anyField bool, read func(*decoder) error) error {
	d := decoders.Get().(*decoder)
	d.buf = *bytes.NewBuffer(text)
	d.dec.Reset(&d.buf)
	d.text, d.line, d.anyField = string(text), line, anyField
	err := read(d)
	if err == nil {
		err = d.end()
	}
	// A buffer may hold on to nothing that the caller has done with.
	d.buf, d.text = bytes.Buffer{}, ""
	decoders.Put(d)
	return err
}

// end checks that only blanks follow the object.
func (d *decoder) end() error {
	offset := d.dec.InputOffset()
	rest := d.text[offset:]
	blanks := len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
	if blanks == len(rest) {
		return nil
	}
	return d.errorAt("", offset+int64(blanks), "more follows the object; each object goes on a line of its own")
}

// object reads an object, and calls field for each name, which reads the value
// or returns errUnknown. It returns the offset of the object, where its missing
// fields are reported.
func (d *decoder) object(known []string, field func(d *decoder, name string) error) (int64, error) {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return 0, d.wrong("an object")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.syntax(err)
	}
	start := d.dec.InputOffset() - 1
	for d.dec.PeekKind() != jsontext.KindEndObject {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return 0, d.syntax(err)
		}
		name := d.unquote(raw)
		if err := field(d, name); err == errUnknown {
			if !d.anyField {
				return 0, d.errorAt(d.dec.StackPointer(), d.dec.InputOffset()-int64(len(raw)), unknownField(name, known))
			}
			if err := d.dec.SkipValue(); err != nil {
				return 0, d.syntax(err)
			}
		} else if err != nil {
			return 0, err
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.syntax(err)
	}
	return start, nil
}

var errUnknown = errors.New("unknown field")

// list reads a list, and calls element to read each of its values.
func (d *decoder) list(element func(*decoder) error) error {
	if d.dec.PeekKind() != jsontext.KindBeginArray {
		return d.wrong("a list")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.syntax(err)
	}
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := element(d); err != nil {
			return err
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// raw reads a value of a kind, which wanted describes.
func (d *decoder) raw(kind jsontext.Kind, wanted string) (jsontext.Value, error) {
	if d.dec.PeekKind() != kind {
		return nil, d.wrong(wanted)
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, d.syntax(err)
	}
	return raw, nil
}

func (d *decoder) string(to *string) error {
	raw, err := d.raw(jsontext.KindString, "a string")
	if err == nil {
		*to = d.unquote(raw)
	}
	return err
}

// nonEmpty reads a string that may not be empty, with advice where it is.
func (d *decoder) nonEmpty(to *string, advice string) error {
	if err := d.string(to); err != nil {
		return err
	}
	if *to == "" {
		return d.problem(2, "must not be empty; "+advice)
	}
	return nil
}

func (d *decoder) optional(to *Optional[string]) error {
	to.Given = true
	return d.string(&to.Value)
}

func (d *decoder) bool(to *bool) error {
	switch d.dec.PeekKind() {
	case jsontext.KindTrue, jsontext.KindFalse:
		token, err := d.dec.ReadToken()
		if err != nil {
			return d.syntax(err)
		}
		*to = token.Bool()
		return nil
	}
	return d.wrong("true or false")
}

// number reads a whole number from low to high, which wanted describes.
func (d *decoder) number(low, high int64, wanted string) (int64, error) {
	raw, err := d.raw(jsontext.KindNumber, wanted)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < low || n > high {
		return 0, d.problem(len(raw), fmt.Sprintf("must be %s, not %s", wanted, abbreviate(raw)))
	}
	return n, nil
}

func abbreviate(raw []byte) []byte {
	if len(raw) > 40 {
		return append(raw[:40:40], "…"...)
	}
	return raw
}

// byteString reads a string whose code points stand for bytes. Where one does
// not, it returns a nil error all the same, and what is wrong as the second result.
func (d *decoder) byteString() (string, *LineError, error) {
	raw, err := d.raw(jsontext.KindString, "a string")
	if err != nil {
		return "", nil, err
	}
	if isPlain(raw) {
		return d.inner(raw), nil, nil
	}
	b, bad := isomorphicEncode(raw)
	if bad < 0 {
		return b, nil, nil
	}
	r, _ := utf8.DecodeRune(raw[bad:])
	if r == '\\' {
		s, _ := jsontext.AppendUnquote(nil, escapeAt(raw, bad))
		r, _ = utf8.DecodeRune(s)
	}
	return "", d.problem(len(raw)-bad, fmt.Sprintf("has %U, but each character stands for one byte, U+0000 to U+00FF", r)), nil
}

// isPlain reports whether a JSON string has no escape and nothing but ASCII.
func isPlain(raw []byte) bool {
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isomorphicEncode returns the bytes that are the code points of a valid JSON
// string, and -1; or the index in raw of the first that is above U+00FF.
func isomorphicEncode(raw []byte) (string, int) {
	b := make([]byte, 0, len(raw))
	for i := 1; i < len(raw)-1; {
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			n, _ := strconv.ParseUint(string(raw[i+2:i+6]), 16, 16)
			if n > 0xFF {
				return "", i
			}
			b = append(b, byte(n))
			i += 6
		case c == '\\':
			if at := strings.IndexByte("bfnrt", raw[i+1]); at >= 0 {
				b = append(b, "\b\f\n\r\t"[at])
			} else {
				b = append(b, raw[i+1])
			}
			i += 2
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		case c == 0xC2 || c == 0xC3: // what UTF-8 begins U+0080 to U+00FF with
			b = append(b, c<<6|raw[i+1]&0x3F)
			i += 2
		default:
			return "", i
		}
	}
	return string(b), -1
}

// escapeAt returns the JSON string that is the escape at index i alone, which
// may be a pair of surrogates.
func escapeAt(raw []byte, i int) []byte {
	escape := raw[i : i+6]
	if i+12 < len(raw) && raw[i+6] == '\\' && raw[i+7] == 'u' {
		if n, _ := strconv.ParseUint(string(raw[i+2:i+6]), 16, 16); 0xD800 <= n && n < 0xDC00 {
			escape = raw[i : i+12]
		}
	}
	return append(append([]byte{'"'}, escape...), '"')
}

// inner returns what stands between the quotes of the string that was just read.
func (d *decoder) inner(raw []byte) string {
	end := d.dec.InputOffset()
	return d.text[end-int64(len(raw))+1 : end-1]
}

// unquote returns the value of the JSON string that was just read.
func (d *decoder) unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return d.inner(raw)
	}
	b, _ := jsontext.AppendUnquote(nil, raw) // reading it has found it valid
	return string(b)
}

// headerList reads a list of [name, value] pairs. Where one is not of bytes, it
// returns the pairs before it, and what is wrong with it as the second result.
func (d *decoder) headerList() (headers.List, *LineError, error) {
	d.headers = d.headers[:0]
	var notBytes *LineError
	err := d.list(func(d *decoder) error {
		var pair [2]string
		n := 0
		err := d.list(func(d *decoder) error {
			s, bad, err := d.byteString()
			if notBytes == nil {
				notBytes = bad
			}
			if n < len(pair) {
				pair[n] = s
			}
			n++
			return err
		})
		if err != nil {
			return err
		}
		if n != len(pair) {
			return d.problem(1, fmt.Sprintf("must be a pair of two strings, name and value, not a list of %d", n))
		}
		if notBytes == nil {
			d.headers = append(d.headers, headers.Header{Name: pair[0], Value: pair[1]})
		}
		return nil
	})
	return take(&d.headers), notBytes, err
}

// take returns a copy of a buffer, nil for none, and empties the buffer.
func take[T any](buffer *[]T) []T {
	elements := append([]T(nil), *buffer...)
	clear(*buffer)
	*buffer = (*buffer)[:0]
	return elements
}

// wrong reads the value that comes next, and returns the error that it is not
// what is wanted.
func (d *decoder) wrong(wanted string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return d.syntax(err)
	}
	return d.problem(len(raw), fmt.Sprintf("must be %s, not %s", wanted, kindName(raw.Kind())))
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "true or false"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	}
	return "a list"
}

// problem returns the error that the value which was just read is wrong, at n
// bytes before its end.
func (d *decoder) problem(n int, problem string) *LineError {
	return d.errorAt(d.dec.StackPointer(), d.dec.InputOffset()-int64(n), problem)
}

// missing returns the error that the object which was just read, and which
// begins at start, lacks a field.
func (d *decoder) missing(start int64, name, what string) error {
	return d.errorAt(d.dec.StackPointer().AppendToken(name), start, "is missing; "+what)
}

// syntax returns the error for what is not JSON.
func (d *decoder) syntax(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case err == io.EOF:
		return d.errorAt("", int64(len(d.text)), "holds no object")
	case !errors.As(err, &syntactic):
		return d.errorAt(d.dec.StackPointer(), d.dec.InputOffset(), err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return d.errorAt(syntactic.JSONPointer, int64(len(d.text)), "is not JSON: it ends too early")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return d.errorAt(syntactic.JSONPointer, syntactic.ByteOffset, "is given twice")
	}
	return d.errorAt(syntactic.JSONPointer, syntactic.ByteOffset, "is not JSON: "+syntactic.Err.Error())
}
