package stdio

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/corsim/corsim/headers"
)

// errNotByteString is what converting a string with another code point to a
// ByteString throws.
//
// https://webidl.spec.whatwg.org/#js-ByteString
var errNotByteString = errors.New("it has a code point above U+00FF")

// headersOp calls methods of a Headers object.
func headersOp(m *message) (any, error) {
	var r struct {
		Guard string     `json:"guard"`
		Init  [][]string `json:"init"`
		Calls [][]string `json:"calls"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	guard, ok := headers.ParseGuard(r.Guard)
	if !ok {
		return nil, fmt.Errorf("guard: there is no %q", r.Guard)
	}
	init, err := headerList("init", r.Init)
	if err == nil {
		var h *headers.Headers
		if h, err = headers.NewHeaders(guard, init); err == nil {
			return callAll(h, r.Calls)
		}
	}
	if wrong, ok := errors.AsType[*fieldError](err); ok && !errors.Is(wrong, errNotByteString) {
		return nil, err
	}
	return thrown{"TypeError", err.Error()}, nil
}

func callAll(h *headers.Headers, calls [][]string) (any, error) {
	results := make([]any, 0, len(calls))
	for i, call := range calls {
		result, err := callOne(h, call)
		if wrong, ok := errors.AsType[*fieldError](err); ok {
			return nil, fmt.Errorf("calls[%d]%w", i, wrong)
		}
		if err != nil {
			result = thrown{"TypeError", err.Error()}
		}
		results = append(results, result)
	}
	return struct {
		Results []any       `json:"results"`
		List    [][2]string `json:"list"`
	}{results, pairs(h.List())}, nil
}

// methods has how many arguments the methods of Headers need.
var methods = map[string]int{
	"append": 2, "set": 2, "delete": 1, "get": 1, "has": 1, "getSetCookie": 0, "entries": 0,
}

// callOne calls a method. Its error is what the method throws, or a *fieldError.
func callOne(h *headers.Headers, call []string) (any, error) {
	if len(call) == 0 {
		return nil, &fieldError{": names no method", nil}
	}
	wanted, known := methods[call[0]]
	if !known {
		return nil, &fieldError{fmt.Sprintf("[0]: Headers has no method %q", call[0]), nil}
	}
	arguments := call[1:]
	if len(arguments) < wanted {
		return nil, fmt.Errorf("%s needs %d arguments, and has %d", call[0], wanted, len(arguments))
	}
	var a [2]string
	for i := range wanted {
		bytes, ok := headers.IsomorphicEncode(arguments[i])
		if !ok {
			return nil, errNotByteString
		}
		a[i] = bytes
	}
	switch call[0] {
	case "append":
		return nil, h.Append(a[0], a[1])
	case "set":
		return nil, h.Set(a[0], a[1])
	case "delete":
		return nil, h.Delete(a[0])
	case "get":
		value, ok, err := h.Get(a[0])
		if err != nil || !ok {
			return nil, err
		}
		return headers.IsomorphicDecode(value), nil
	case "has":
		return h.Has(a[0])
	case "getSetCookie":
		values := []string{}
		for _, value := range h.GetSetCookie() {
			values = append(values, headers.IsomorphicDecode(value))
		}
		return values, nil
	}
	return pairs(h.Entries()), nil
}

// A fieldError says which field of a request is wrong.
type fieldError struct {
	text string
	err  error
}

// Error returns the field and what is wrong with it.
func (e *fieldError) Error() string { return e.text }

// Unwrap returns the cause, nil if there is none.
func (e *fieldError) Unwrap() error { return e.err }

// headerList converts pairs of strings to headers. Its error is a *fieldError.
func headerList(field string, list [][]string) (headers.List, error) {
	converted := make(headers.List, 0, len(list))
	for i, pair := range list {
		if len(pair) != 2 {
			return nil, &fieldError{fmt.Sprintf("%s[%d]: must be a pair of two strings, not a list of %d", field, i, len(pair)), nil}
		}
		name, nameOK := headers.IsomorphicEncode(pair[0])
		value, valueOK := headers.IsomorphicEncode(pair[1])
		if !nameOK || !valueOK {
			return nil, &fieldError{fmt.Sprintf("%s[%d]: %v", field, i, errNotByteString), errNotByteString}
		}
		converted = append(converted, headers.Header{Name: name, Value: value})
	}
	return converted, nil
}

// mimeOp parses a MIME type, or extracts one from headers.
func mimeOp(m *message) (any, error) {
	var r struct {
		Value   *string         `json:"value"`
		Headers json.RawMessage `json:"headers"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	var parsed headers.MIMEType
	var ok bool
	switch {
	case r.Value != nil:
		parsed, ok = headers.ParseMIMEType(mimeBytes(*r.Value))
	case r.Headers != nil:
		var list [][]string
		if err := unmarshal(r.Headers, &list); err != nil {
			return nil, errors.New("headers: must be a list of pairs of strings")
		}
		converted, err := headerList("headers", list)
		if err != nil {
			return nil, err
		}
		parsed, ok = converted.ExtractMIMEType()
	default:
		return nil, errors.New("value: is missing, and so are headers")
	}
	if !ok {
		return struct {
			MIME any `json:"mime"`
		}{}, nil
	}
	type mime struct {
		Essence    string      `json:"essence"`
		Parameters [][2]string `json:"parameters"`
		Serialized string      `json:"serialized"`
	}
	parameters := [][2]string{}
	for _, p := range parsed.Parameters {
		parameters = append(parameters, [2]string{headers.IsomorphicDecode(p.Name), headers.IsomorphicDecode(p.Value)})
	}
	return struct {
		MIME mime `json:"mime"`
	}{mime{parsed.Essence(), parameters, headers.IsomorphicDecode(parsed.String())}}, nil
}

// mimeBytes converts a string to bytes for the parser. A code point above U+00FF
// can be in no token and no quoted string; neither can the byte 0x01, which
// therefore fares alike wherever it stands.
func mimeBytes(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			r = 0x01
		}
		b = append(b, byte(r))
	}
	return string(b)
}
