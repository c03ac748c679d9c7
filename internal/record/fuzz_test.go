package record

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

func fuzzSeeds(f *testing.F) {
	for _, s := range []string{
		har(get), har(get + "," + get)[:300], har(with(`,"headers":{"a":["b","c"],"d":"e\n"}`, `,"status":-1`)), har("null,7"), "[" + get + "]",
		get + "\n" + get + "\n{\"x\":[}\n" + get, "{\n" + get[1:],
		"GET /1 HTTP/1.1\r\nHost: b.test\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nGET http://c.test/ HTTP/1.1\n\n",
		"HTTP/1.1 200 Connection established\n\nHTTP/2 302\nlocation: x\n\nHTTP/2 200\n",
		"*   Trying 192.0.2.1:443...\n> GET / HTTP/1.1\n> Host: b.test\n>\n< HTTP/1.1 100\n<\n< HTTP/1.1 200\n< a: b\n<\n> x\n",
		"* [HTTP/2] [1] [:method: GET]\n> CONNECT b.test HTTP/1.1\n>\n< HTTP/1.1 200\n<\n> GET / HTTP/2\n>\n", "\xEF\xBB\xBF{}", "\xFF\xFE{\x00", "\x1f\x8b", "x\x9c", "PK\x03\x04", "\x28\xb5\x2f\xfd", "<items><item><request base64=\"true\">R0VUIC8gSFRUUC8xLjENCg==</request></item>",
	} {
		f.Add([]byte(s))
	}
}

// fuzzReader reads data as a format. However the input comes in pieces, and whatever
// it is, the same comes out; indices go up by one and offsets go up within the input;
// the final error is the same on repeated calls.
func fuzzReader(t *testing.T, data []byte, format Format) {
	whole := summary(bytes.NewReader(data), Options{Format: format})
	if pieces := summary(iotest.OneByteReader(bytes.NewReader(data)), Options{Format: format}); pieces != whole {
		t.Errorf("as a whole\n%sbyte by byte\n%s", whole, pieces)
	}
	reader, err := NewReader(bytes.NewReader(data), Options{Format: format})
	if err != nil {
		return
	}
	var p Pairer
	index, offset, pairs := 0, int64(-1), 0
	for {
		e, err := reader.Next()
		var gotIndex int
		var gotOffset int64
		switch entry, ok := err.(*EntryError); {
		case err == nil:
			gotIndex, gotOffset = e.Index, e.Offset
			pairs += len(p.Add(e))
		case ok:
			gotIndex, gotOffset = entry.Index, entry.Offset
		default:
			if _, again := reader.Next(); again != err {
				t.Errorf("%v: final error %v, then %v", format, err, again)
			}
			if err == io.EOF && pairs+len(p.Flush()) > index {
				t.Errorf("%v: more pairs than exchanges", format)
			}
			if syntax, ok := err.(*SyntaxError); ok && (syntax.Offset < offset || syntax.Line < 1) {
				t.Errorf("%v: %+v after an entry at %d", format, syntax, offset)
			}
			return
		}
		if gotIndex != index || gotOffset <= offset {
			t.Fatalf("%v: entry %d at %d after %d at %d", format, gotIndex, gotOffset, index-1, offset)
		}
		index, offset = gotIndex+1, gotOffset
	}
}

func FuzzReader(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for format := AnyFormat; format <= Burp; format++ {
			fuzzReader(t, data, format)
		}
	})
}

// fuzzFormat fuzzes the reader of one format.
func fuzzFormat(f *testing.F, format Format) {
	for _, kind := range kinds {
		if kind.format == format {
			f.Add([]byte(kind.write(good(1), good(2))))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzReader(t, data, format) })
}

func FuzzHAR(f *testing.F) {
	f.Add([]byte(har(with(`,"headers":{"a":["b","c"],"d":"e\n"}`, `,"status":-1`)) + "\xEF\xBB\xBF[" + get + "]"))
	f.Add([]byte(`{"log":{"creator":{"name":"WebInspector"},"pages":[{"id":"p","title":"https://a.test/"}],"entries":null}}`))
	fuzzFormat(f, HAR)
}

func FuzzJSONLines(f *testing.F) {
	f.Add([]byte(get + "\n{\"x\":[}\n17\n\n," + get))
	f.Add([]byte("{\n" + get[1:] + "\n{\n" + get[1:]))
	fuzzFormat(f, JSONLines)
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte("-- a --\nG T / HTTP/1.1\nHost: b.test\n\nHTTP/1.1 -1\n a: b\n\n-- b --\nGET http://c.test/ HTTP/1.1\nContent-Length: 3\n\nabcHTTP/1.1 200 OK\n"))
	f.Add([]byte("HTTP/1.1 200 Connection established\n\nHTTP/2 302\nlocation: x\n\nHTTP/1.1 103 x\n\nHTTP/2 200\n"))
	fuzzFormat(f, Messages)
}

func FuzzCurl(f *testing.F) {
	f.Add([]byte("*   Trying 192.0.2.1:443...\n> GET / HTTP/1.1\n> Host: b.test\n>\n< HTTP/1.1 100\n<\n< HTTP/1.1 200\n< a: b\ncurl: (56) x\n> x\n"))
	f.Add([]byte("* [HTTP/2] [1] [:method: GET]\n> CONNECT b.test HTTP/1.1\n>\n< HTTP/1.1 200\n<\n> GET / HTTP/2\n>\n* Issue another request to this URL: 'x'\n"))
	fuzzFormat(f, CurlVerbose)
}

// What encoding/json finds in an entry, the reader finds.
func FuzzEntry(f *testing.F) {
	for _, s := range []string{get, with(``, ``), with(`,"headers":[{"name":"A","value":"é\u00e9\ud83d\ude00\ud800\"\\"}]`, `,"status":1e2`), `{"request":{},"request":{"url":"x","method":"y"}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		var want struct {
			method, url string
			status      int
			request     headers.List
			response    headers.List
		}
		var m map[string]any
		if !utf8.ValidString(entry) || json.Unmarshal([]byte(entry), &m) != nil || m == nil {
			return
		}
		request, _ := m["request"].(map[string]any)
		response, ok := m["response"].(map[string]any)
		status, number := response["status"].(float64)
		want.method, _ = request["method"].(string)
		want.url, _ = request["url"].(string)
		want.status = int(status)
		if !ok || !number || want.method == "" || want.url == "" || status != math.Trunc(status) || math.Abs(status) > 99999 {
			return
		}
		if want.request, ok = plainHeaders(request["headers"]); !ok {
			return
		}
		if want.response, ok = plainHeaders(response["headers"]); !ok {
			return
		}
		reader, err := NewReader(strings.NewReader(har(entry)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := reader.Next()
		if err != nil {
			t.Fatalf("%v of %s", err, entry)
		}
		if e.Request.Method != want.method || e.Request.URL != want.url || e.Response.Status != want.status ||
			lines(e.Request.Headers) != lines(want.request) || lines(e.Response.Headers) != lines(want.response) {
			t.Errorf("%s\ngot  %+v\nwant %+v", entry, e, want)
		}
		if e, err := reader.Next(); err != io.EOF {
			t.Errorf("then %v, %v", e, err)
		}
	})
}

// plainHeaders is the slow way to read a list of headers, as far as nothing is
// unusual in it.
func plainHeaders(v any) (l headers.List, ok bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	for _, v := range list {
		m, _ := v.(map[string]any)
		name, _ := m["name"].(string)
		value, ok := m["value"].(string)
		if !ok || name == "" || strings.HasPrefix(name, ":") {
			return nil, false
		}
		pieces := strings.Split(value, "\n")
		if n := len(pieces); n > 1 && pieces[n-1] == "" {
			pieces = pieces[:n-1]
		}
		for _, piece := range pieces {
			if encoded, ok := headers.IsomorphicEncode(name); ok {
				name = encoded
			}
			// The value is encoded as a whole.
			if _, ok := headers.IsomorphicEncode(value); ok {
				piece, _ = headers.IsomorphicEncode(piece)
			}
			l = append(l, headers.Header{Name: headers.Lower(name), Value: headers.Normalize(piece)})
			name, _ = m["name"].(string)
		}
	}
	return l, true
}

// The scanner passes over exactly one value of JSON, and strings read as
// encoding/json reads them.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":[1,"\\\"",{}],"b":null}`, `"\\"`, `"\u00e9\n\ud83d\ude00"`, `-1.5e3`, `[[[]]]`, `""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !json.Valid([]byte(value)) {
			return
		}
		value = strings.TrimSpace(value)
		for _, r := range []io.Reader{strings.NewReader(value + ",x"), iotest.HalfReader(strings.NewReader(value + ",x")), iotest.OneByteReader(strings.NewReader(value + ",x"))} {
			s := newScanner(r, 0)
			if !s.skip() || s.offset() != int64(len(value)) {
				t.Fatalf("stopped at %d of %s: %v", s.offset(), value, s.err)
			}
			if value[0] != '"' || !utf8.ValidString(value) {
				continue
			}
			var want string
			if err := json.Unmarshal([]byte(value), &want); err != nil {
				t.Fatal(err)
			}
			c := collector{scanner: newScanner(strings.NewReader(value), 0)}
			c.fill()
			if !c.one(fURL, '"') {
				t.Fatal(c.err)
			}
			it, rest := nextItem(string(c.items))
			if got, _ := it.text(); got != want || rest != "" {
				t.Errorf("%s read as %q, want %q", value, got, want)
			}
		}
	})
}

// The fast search for the end of a string finds what the slow one finds, from
// wherever it begins.
func FuzzClosingQuote(f *testing.F) {
	f.Add([]byte(`abc\\\"defgh"`), false)
	f.Add([]byte(strings.Repeat("x", 130)+`\"`+strings.Repeat(`\`, 31)+`"`), true)
	f.Add([]byte(strings.Repeat("x", 140)+strings.Repeat(`\`, 9)), false)
	f.Fuzz(func(t *testing.T, w []byte, escaped bool) {
		for _, w := range [][]byte{w, bytes.Repeat([]byte{'x'}, 200), append(bytes.Repeat([]byte{'x'}, 131), w...)} {
			for i := range min(len(w)+1, 20) {
				index, next := closingQuote(w[i:], escaped)
				wantIndex, wantNext := closingQuoteSlow(w[i:], escaped)
				if index != wantIndex || next != wantNext {
					t.Fatalf("%q, escaped %t: got %d, %t, want %d, %t", w[i:], escaped, index, next, wantIndex, wantNext)
				}
			}
		}
	})
}
