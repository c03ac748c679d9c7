package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/corsim/corsim/headers"
)

// Decode accepts nothing that encoding/json refuses, and its errors point into
// the input.
func FuzzDecode(f *testing.F) {
	for line := range bytes.Lines(sample(f, "scenarios")) {
		f.Add(line)
	}
	f.Add([]byte("{\n\"id\":\"\\ud83d\\u0100\"}"))
	f.Add([]byte(`{"client":{"0":1},"steps":{"0":[]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Decode(text)
		if err != nil {
			checkLineError(t, err, text)
			return
		}
		if !json.Valid(text) {
			t.Errorf("%q is not JSON, but is %+v", text, s)
		}
		if again, err := Decode(text); err != nil || !reflect.DeepEqual(s, again) {
			t.Errorf("%q is %+v, and then %+v, %v", text, s, again, err)
		}
	})
}

func checkLineError(t *testing.T, err error, text []byte) {
	var lineError *LineError
	if !errors.As(err, &lineError) {
		t.Fatalf("%q: %T %v", text, err, err)
	}
	lines := bytes.Split(text, []byte("\n"))
	if lineError.Line < 1 || lineError.Line > len(lines) || lineError.Offset < 0 || int(lineError.Offset) > len(lines[lineError.Line-1]) {
		t.Errorf("%q: %v is outside", text, err)
	}
}

// What an outcome is written as is read as the same outcome, and written the
// same again.
func FuzzOutcome(f *testing.F) {
	for _, browser := range browsers {
		for line := range bytes.Lines(sample(f, browser)) {
			f.Add(line)
		}
	}
	f.Add([]byte(`{"steps":[{"result":"throws","status":0,"type":"","redirected":true,"headers":[],"requests":[{}],"body":"\u00ff"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := DecodeOutcome(text)
		if err != nil {
			checkLineError(t, err, text)
			return
		}
		written := o.AppendJSON(nil)
		again, err := DecodeOutcome(written)
		if err != nil || !reflect.DeepEqual(o, again) {
			t.Fatalf("%q is %+v, written %q, read %+v, %v", text, o, written, again, err)
		}
		if !Agree(o, again) || Diff(o, again) != nil {
			t.Errorf("%+v does not agree with itself", o)
		}
	})
}

// A string is written as encoding/json reads it, and bytes as their isomorphic
// decoding is.
func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\x00\x1f\x7f\u0080ÿ☃😀\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var text, decoded string
		if err := json.Unmarshal(appendText(nil, s), &text); err != nil || text != string([]rune(s)) {
			t.Errorf("%q as text is read as %q, %v", s, text, err)
		}
		if err := json.Unmarshal(appendBytes(nil, s), &decoded); err != nil || decoded != headers.IsomorphicDecode(s) {
			t.Errorf("%q as bytes is read as %q, %v", s, decoded, err)
		}
		if encoded, bad := isomorphicEncode(appendBytes(nil, s)); bad >= 0 || encoded != s {
			t.Errorf("%q as bytes becomes %q", s, encoded)
		}
	})
}

// However an input is cut into lines, reading it ends, and each of its complete
// lines is read.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{\n}\n{\"a\":[\n{}\n{}\n"))
	f.Add([]byte("\uFEFF\r\n[[[\n\"\\\"\n]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader(io.MultiReader(bytes.NewReader(text), bytes.NewReader([]byte("\n\n"+minimal("last")))))
		line := 0
		for {
			raw, err := r.NextRaw()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if raw.Line <= line {
				t.Errorf("%q: line %d after line %d", text, raw.Line, line)
			}
			line = raw.Line
			raw.Decode()
			raw.DecodeOutcome()
		}
		if line == 0 {
			t.Errorf("%q: nothing was read", text)
		}
	})
}
