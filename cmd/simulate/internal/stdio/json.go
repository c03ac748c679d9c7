package stdio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// read reads the fields of a request.
func (m *message) read(to any) error { return unmarshal(m.text, to) }

// unmarshal reads a JSON object; its error says which field is wrong.
func unmarshal(text []byte, to any) error {
	err := json.Unmarshal(text, to)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("must be an object, not %s", article(wrong.Value))
		}
		return fmt.Errorf("%s: must be %s, not %s", wrong.Field, wanted(wrong.Type.Kind()), article(wrong.Value))
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("is not JSON: %v, at byte %d", wrong, wrong.Offset)
	}
	return err
}

func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int64, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "an object"
}

// article names a kind of JSON value as package json does.
func article(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// within adds to the error of a part in which field it is.
func within(field string, err error) error {
	if wrong, ok := errors.AsType[*scenario.LineError](err); ok {
		if wrong.Field != "" {
			field += "." + wrong.Field
		}
		return fmt.Errorf("%s: %s", field, wrong.Problem)
	}
	return fmt.Errorf("%s: %w", field, err)
}

// answer writes an answer: the fields of result, which is a struct, behind the id.
func (v *serving) answer(id json.RawMessage, result any) {
	v.encoding.Lock()
	defer v.encoding.Unlock()
	var b bytes.Buffer
	b.WriteString(`{"id":`)
	if id == nil {
		id = json.RawMessage("null")
	}
	b.Write(id)
	start := b.Len()
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(result); err != nil {
		v.fail(err) // no result is such that this can be
		return
	}
	text := b.Bytes()
	if bytes.Equal(text[start:], []byte("{}\n")) {
		text = append(text[:start], "}\n"...)
	} else {
		text[start] = ','
	}
	select {
	case v.answers <- text:
	case <-v.gone:
	}
}

func (v *serving) answerError(id json.RawMessage, err error) {
	v.answer(id, struct {
		Error string `json:"error"`
	}{err.Error()})
}

// nothing is the answer that says that something is done.
type nothing struct{}

// thrown is what script gets thrown.
type thrown struct {
	Throws  string `json:"throws"`
	Message string `json:"message"`
}

// pairs are names and values as JSON has them: strings of code points, one a byte.
func pairs(list headers.List) [][2]string {
	out := make([][2]string, 0, len(list))
	for _, h := range list {
		out = append(out, [2]string{headers.IsomorphicDecode(h.Name), headers.IsomorphicDecode(h.Value)})
	}
	return out
}
