package scenario

import (
	"strconv"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// AppendJSON appends o to dst as one JSON object, without a line feed. Fields
// that are absent are left out, and so are those that have no meaning with the
// step's result; see [StepOutcome.AppendJSON].
func (o *Outcome) AppendJSON(dst []byte) []byte {
	dst = appendText(append(dst, `{"id":`...), o.ID)
	if o.Error != "" {
		dst = appendText(append(dst, `,"error":`...), o.Error)
	}
	dst = append(dst, `,"steps":[`...)
	for i := range o.Steps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = o.Steps[i].AppendJSON(dst)
	}
	return append(dst, "]}"...)
}

// AppendJSON appends o to dst as one JSON object. Its requests are always
// there, as a list. Its status, statusText, url and headers are there with
// [ResultResponse] and where they are not the zero value; so is redirected, with
// a type.
func (o *StepOutcome) AppendJSON(dst []byte) []byte {
	response := o.Result == ResultResponse
	dst = appendText(append(dst, `{"result":`...), o.Result)
	if o.Type != "" {
		dst = appendText(append(dst, `,"type":`...), o.Type)
	}
	if response || o.Status != 0 {
		dst = strconv.AppendInt(append(dst, `,"status":`...), int64(o.Status), 10)
	}
	if response || o.StatusText != "" {
		dst = appendBytes(append(dst, `,"statusText":`...), o.StatusText)
	}
	if response || o.URL != "" {
		dst = appendText(append(dst, `,"url":`...), o.URL)
	}
	if response && o.Type != "" || o.Redirected {
		dst = strconv.AppendBool(append(dst, `,"redirected":`...), o.Redirected)
	}
	if response || len(o.Headers) > 0 {
		dst = appendHeaders(append(dst, `,"headers":`...), o.Headers)
	}
	if o.Body.Given {
		dst = appendBytes(append(dst, `,"body":`...), o.Body.Value)
	}
	dst = o.Loaded.appendJSON(dst)
	dst = append(dst, `,"requests":[`...)
	for i := range o.Requests {
		if i > 0 {
			dst = append(dst, ',')
		}
		r := &o.Requests[i]
		dst = appendText(append(dst, `{"method":`...), r.Method)
		dst = appendText(append(dst, `,"url":`...), r.URL)
		dst = appendHeaders(append(dst, `,"headers":`...), r.Headers)
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if len(o.Console) > 0 {
		dst = append(dst, `,"console":`...)
		for i, message := range o.Console {
			dst = appendText(append(dst, "[,"[min(i, 1)]), message)
		}
		dst = append(dst, ']')
	}
	if o.Reason != "" {
		dst = appendText(append(dst, `,"reason":`...), o.Reason)
	}
	return append(dst, '}')
}

func appendHeaders(dst []byte, list headers.List) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendBytes(append(dst, '['), list[i].Name)
		dst = appendBytes(append(dst, ','), list[i].Value)
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

// appendText appends s, which is UTF-8, as a JSON string, with U+FFFD for what
// is not UTF-8.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // where what is not appended yet begins
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if escaped[c] {
				dst = appendEscape(append(dst, s[plain:i]...), c)
				plain = i + 1
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(append(dst, s[plain:i]...), "\uFFFD"...)
			plain = i + 1
		}
		i += n
	}
	return append(append(dst, s[plain:]...), '"')
}

// appendBytes appends s, which is bytes, as the JSON string of its isomorphic
// decoding.
func appendBytes(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < utf8.RuneSelf && !escaped[c] {
			continue
		}
		dst = append(dst, s[plain:i]...)
		plain = i + 1
		if c >= utf8.RuneSelf {
			dst = utf8.AppendRune(dst, rune(c))
		} else {
			dst = appendEscape(dst, c)
		}
	}
	return append(append(dst, s[plain:]...), '"')
}

// escaped has what JSON requires to be escaped.
var escaped = func() (escaped [utf8.RuneSelf]bool) {
	for c := range 0x20 {
		escaped[c] = true
	}
	escaped['"'], escaped['\\'] = true, true
	return escaped
}()

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
}
